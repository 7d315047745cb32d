/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bus/qube-settings.h"

#include "actions/memory-hygiene.h"
#include "actions/upper-layer.h"
#include "bus/request.h"

struct _LiveQubeSettings
{
  GObject parent;

  LiveAuthority *authority;
  LiveQubeSetting *setting;
  LiveRenewal *renewal;
};

G_DEFINE_FINAL_TYPE (LiveQubeSettings, live_qube_settings, G_TYPE_OBJECT)

static LiveRequest *
begin (LiveQubeSettings *self, LiveBusQube *qube, GDBusMethodInvocation *invocation, LivePerform perform)
{
  return live_request_begin (self->authority, invocation, "set-policy", "qube", live_bus_qube_get_name (qube),
                             G_OBJECT (self), perform);
}

static void
on_renewed (GObject *renewal, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;
  g_auto (GStrv) waiting = live_renewal_run_finish (LIVE_RENEWAL (renewal), result, &error);

  if (waiting != NULL)
    live_request_succeed (data, g_variant_new ("(^as)", waiting));
  else
    live_request_fail (data, error);
}

static void
perform_renew (LiveRequest *request)
{
  live_renewal_run_async (LIVE_QUBE_SETTINGS (request->owner)->renewal, request->name, on_renewed, request);
}

static gboolean
handle_renew_disposables (LiveBusQube *qube, GDBusMethodInvocation *invocation, LiveQubeSettings *self)
{
  begin (self, qube, invocation, perform_renew);
  return TRUE;
}

static void
on_setting_changed (GObject *setting, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  if (live_qube_setting_change_finish (LIVE_QUBE_SETTING (setting), result, &error))
    live_request_succeed (data, NULL);
  else
    live_request_fail (data, error);
}

static void
perform_set_memory_hygiene (LiveRequest *request)
{
  live_memory_hygiene_set_async (LIVE_QUBE_SETTINGS (request->owner)->setting, request->name, request->flag,
                                 on_setting_changed, request);
}

static gboolean
handle_set_memory_hygiene (LiveBusQube *qube, GDBusMethodInvocation *invocation, gboolean on, LiveQubeSettings *self)
{
  begin (self, qube, invocation, perform_set_memory_hygiene)->flag = on;
  return TRUE;
}

static void
perform_set_upper_layer (LiveRequest *request)
{
  live_upper_layer_set_async (LIVE_QUBE_SETTINGS (request->owner)->setting, request->name, request->text, request->size,
                              on_setting_changed, request);
}

static gboolean
handle_set_upper_layer (
    LiveBusQube *qube, GDBusMethodInvocation *invocation, const char *layer, const char *size, LiveQubeSettings *self)
{
  LiveRequest *request = begin (self, qube, invocation, perform_set_upper_layer);

  request->text = g_strdup (layer);
  request->size = g_strdup (size);
  return TRUE;
}

void
live_qube_settings_serve (LiveQubeSettings *self, LiveBusQube *qube)
{
  g_signal_connect_object (qube, "handle-renew-disposables", G_CALLBACK (handle_renew_disposables), self, 0);
  g_signal_connect_object (qube, "handle-set-memory-hygiene", G_CALLBACK (handle_set_memory_hygiene), self, 0);
  g_signal_connect_object (qube, "handle-set-upper-layer", G_CALLBACK (handle_set_upper_layer), self, 0);
}

static void
live_qube_settings_finalize (GObject *object)
{
  LiveQubeSettings *self = LIVE_QUBE_SETTINGS (object);

  g_object_unref (self->authority);
  g_object_unref (self->setting);
  g_object_unref (self->renewal);
  G_OBJECT_CLASS (live_qube_settings_parent_class)->finalize (object);
}

static void
live_qube_settings_class_init (LiveQubeSettingsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = live_qube_settings_finalize;
}

static void
live_qube_settings_init (LiveQubeSettings *self)
{
}

LiveQubeSettings *
live_qube_settings_new (LiveAuthority *authority, LiveQubeSetting *setting, LiveRenewal *renewal)
{
  LiveQubeSettings *self = g_object_new (LIVE_TYPE_QUBE_SETTINGS, NULL);

  self->authority = g_object_ref (authority);
  self->setting = g_object_ref (setting);
  self->renewal = g_object_ref (renewal);
  return self;
}
