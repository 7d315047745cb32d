/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/qube-control.h"

#include "client/words.h"
#include "model/job.h"
#include "tray/job-watch.h"

#include <glib/gi18n.h>

struct _LiveQubeControl
{
  grefcount references; /* one is the owner's, one each action's that is under way */
  LiveClient *client;
  LiveClientQube *qube;
  LiveNotifier *notifier;
  LiveWindows *windows;
  gboolean busy;
  void (*changed) (gpointer data); /* NULL once the owner is gone */
  gpointer data;
};

static void
live_qube_control_unref (LiveQubeControl *self)
{
  if (!g_ref_count_dec (&self->references))
    return;
  g_object_unref (self->client);
  g_object_unref (self->qube);
  g_object_unref (self->notifier);
  g_object_unref (self->windows);
  g_free (self);
}

static void
set_busy (LiveQubeControl *self, gboolean busy)
{
  self->busy = busy;
  if (self->changed != NULL)
    self->changed (self->data);
}

static void
action_begins (LiveQubeControl *self)
{
  g_ref_count_inc (&self->references);
  set_busy (self, TRUE);
}

/* @error: (nullable) (transfer full) */
static void
action_ended (LiveQubeControl *self, GError *error)
{
  if (error != NULL)
    live_notifier_send_error (self->notifier, live_client_qube_get_name (self->qube), error);
  g_clear_error (&error);
  set_busy (self, FALSE);
  live_qube_control_unref (self);
}

static void
tell (LiveQubeControl *self, const char *title, const char *body)
{
  live_notifier_send (self->notifier, live_client_qube_get_name (self->qube), title, body, LIVE_NOTIFIER_LOW);
}

static void
tell_running (LiveQubeControl *self, const char *body)
{
  g_autofree char *title = g_strdup_printf (_ ("%s is running"), live_client_qube_get_name (self->qube));

  tell (self, title, body);
}

gboolean
live_qube_control_is_busy (LiveQubeControl *self)
{
  return self->busy || live_windows_is_busy (self->windows, self->qube);
}

/* Policy. */

static void
policy_set (GObject *client, GAsyncResult *result, gpointer user_data)
{
  LiveQubeControl *self = user_data;
  gboolean applied = FALSE;
  GError *error = NULL;

  if (live_client_set_policy_finish (LIVE_CLIENT (client), result, &applied, &error) && !applied)
    tell_running (self, _ ("The change takes effect when it shuts down."));
  action_ended (self, error);
}

gboolean
live_qube_control_may_set_policy (LiveQubeControl *self, const char *policy)
{
  return !live_qube_control_is_busy (self) && live_client_qube_accepts_policy (self->qube, policy);
}

void
live_qube_control_set_policy (LiveQubeControl *self, const char *policy)
{
  if (!live_qube_control_may_set_policy (self, policy)
      || g_str_equal (live_client_qube_get_policy (self->qube), policy))
    return;
  action_begins (self);
  live_client_set_policy_async (self->client, self->qube, policy, NULL, policy_set, self);
}

static void
renewed (GObject *client, GAsyncResult *result, gpointer user_data)
{
  LiveQubeControl *self = user_data;
  const char *name = live_client_qube_get_name (self->qube);
  g_auto (GStrv) waiting = NULL;
  GError *error = NULL;

  if (live_client_renew_disposables_finish (LIVE_CLIENT (client), result, &waiting, &error))
    {
      g_autofree char *title = g_strdup_printf (_ ("%s: its disposables are renewed"), name);
      g_autofree char *names = g_strjoinv (C_ ("enumeration", ", "), waiting);
      g_autofree char *clean = live_words_clean (names);
      g_autofree char *body = waiting[0] == NULL
                                  ? g_strdup (_ ("All of them have its policy now."))
                                  : g_strdup_printf (_ ("These run, and change when they end: %s"), clean);

      tell (self, title, body);
    }
  action_ended (self, error);
}

gboolean
live_qube_control_may_renew_disposables (LiveQubeControl *self)
{
  return !live_qube_control_is_busy (self) && live_client_qube_get_old_disposables (self->qube)[0] != NULL;
}

void
live_qube_control_renew_disposables (LiveQubeControl *self)
{
  if (!live_qube_control_may_renew_disposables (self))
    return;
  action_begins (self);
  live_client_renew_disposables_async (self->client, self->qube, NULL, renewed, self);
}

/* Volumes. */

static void
volume_set (GObject *client, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  live_client_set_volume_writable_finish (LIVE_CLIENT (client), result, &error);
  action_ended (user_data, error);
}

gboolean
live_qube_control_may_set_volume (LiveQubeControl *self)
{
  return !live_qube_control_is_busy (self) && live_client_qube_get_manageable (self->qube)
         && live_client_qube_is_halted (self->qube);
}

void
live_qube_control_toggle_volume (LiveQubeControl *self, const char *volume)
{
  gboolean writable = g_str_equal (volume, "root") ? live_client_qube_get_root_writable (self->qube)
                                                   : live_client_qube_get_private_writable (self->qube);

  if (!live_qube_control_may_set_volume (self))
    return;
  action_begins (self);
  live_client_set_volume_writable_async (self->client, self->qube, volume, !writable, NULL, volume_set, self);
}

/* What its next start is like. */

/* Nothing is pending: the helper wrote it down, and the qube reads it when it starts. */
static void
tell_if_running (LiveQubeControl *self)
{
  if (live_client_qube_is_running (self->qube))
    tell_running (self, _ ("The change takes effect when it starts again."));
}

static void
memory_hygiene_set (GObject *client, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  if (live_client_set_memory_hygiene_finish (LIVE_CLIENT (client), result, &error))
    tell_if_running (user_data);
  action_ended (user_data, error);
}

gboolean
live_qube_control_may_set_memory_hygiene (LiveQubeControl *self)
{
  const char *hygiene = live_client_qube_get_memory_hygiene (self->qube);

  return !live_qube_control_is_busy (self) && (g_str_equal (hygiene, "on") || g_str_equal (hygiene, "off"));
}

void
live_qube_control_toggle_memory_hygiene (LiveQubeControl *self)
{
  if (!live_qube_control_may_set_memory_hygiene (self))
    return;
  action_begins (self);
  live_client_set_memory_hygiene_async (self->client, self->qube,
                                        g_str_equal (live_client_qube_get_memory_hygiene (self->qube), "off"), NULL,
                                        memory_hygiene_set, self);
}

static void
upper_layer_set (GObject *client, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  if (live_client_set_upper_layer_finish (LIVE_CLIENT (client), result, &error))
    tell_if_running (user_data);
  action_ended (user_data, error);
}

gboolean
live_qube_control_may_set_upper_layer (LiveQubeControl *self)
{
  return !live_qube_control_is_busy (self)
         && (g_str_equal (live_client_qube_get_policy (self->qube), "full")
             || g_str_equal (live_client_qube_get_upper_layer (self->qube), "ram"));
}

void
live_qube_control_toggle_upper_layer (LiveQubeControl *self)
{
  gboolean in_ram = g_str_equal (live_client_qube_get_upper_layer (self->qube), "ram");

  if (!live_qube_control_may_set_upper_layer (self))
    return;
  action_begins (self);
  /* The size is chosen elsewhere; what it is now stays. */
  live_client_set_upper_layer_async (self->client, self->qube, in_ram ? "volatile" : "ram",
                                     live_client_qube_get_upper_layer_size (self->qube), NULL, upper_layer_set, self);
}

/* Power. */

static void
started (GObject *client, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  live_client_start_qube_finish (LIVE_CLIENT (client), result, &error);
  action_ended (user_data, error);
}

gboolean
live_qube_control_may_start (LiveQubeControl *self)
{
  return !live_qube_control_is_busy (self) && live_client_qube_is_halted (self->qube);
}

void
live_qube_control_start (LiveQubeControl *self)
{
  if (!live_qube_control_may_start (self))
    return;
  action_begins (self);
  live_client_start_qube_async (self->client, self->qube, NULL, started, self);
}

static void
shut_down (GObject *client, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  live_client_shutdown_qube_finish (LIVE_CLIENT (client), result, &error);
  action_ended (user_data, error);
}

gboolean
live_qube_control_may_shut_down (LiveQubeControl *self)
{
  return !live_qube_control_is_busy (self) && g_str_equal (live_client_qube_get_state (self->qube), "running");
}

void
live_qube_control_shut_down (LiveQubeControl *self)
{
  if (!live_qube_control_may_shut_down (self))
    return;
  action_begins (self);
  live_client_shutdown_qube_async (self->client, self->qube, NULL, shut_down, self);
}

/* A copy in RAM. */

static void
ram_qube_begun (GObject *client, GAsyncResult *result, gpointer user_data)
{
  LiveQubeControl *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *job = live_client_run_ram_qube_finish (LIVE_CLIENT (client), result, &error);

  /* How a job ends is told by whoever watches jobs. */
  if (job == NULL)
    live_job_watch_tell_failed (self->notifier, LIVE_JOB_RUN_RAM_QUBE, live_client_qube_get_name (self->qube), error);
  action_ended (self, NULL);
}

gboolean
live_qube_control_may_run_in_ram (LiveQubeControl *self)
{
  return !live_qube_control_is_busy (self) && g_str_equal (live_client_qube_get_class (self->qube), "AppVM")
         && !g_str_equal (live_client_qube_get_persistence (self->qube), "ram");
}

void
live_qube_control_run_in_ram (LiveQubeControl *self)
{
  if (!live_qube_control_may_run_in_ram (self))
    return;
  action_begins (self);
  live_client_run_ram_qube_async (self->client, self->qube, g_variant_new_array (G_VARIANT_TYPE ("{sv}"), NULL, 0),
                                  NULL, ram_qube_begun, self);
}

LiveQubeControl *
live_qube_control_new (LiveClient *client,
                       LiveClientQube *qube,
                       LiveNotifier *notifier,
                       LiveWindows *windows,
                       void (*changed) (gpointer data),
                       gpointer data)
{
  LiveQubeControl *self = g_new0 (LiveQubeControl, 1);

  g_ref_count_init (&self->references);
  self->client = g_object_ref (client);
  self->qube = g_object_ref (qube);
  self->notifier = g_object_ref (notifier);
  self->windows = g_object_ref (windows);
  self->changed = changed;
  self->data = data;
  return self;
}

void
live_qube_control_free (LiveQubeControl *self)
{
  self->changed = NULL;
  live_qube_control_unref (self);
}
