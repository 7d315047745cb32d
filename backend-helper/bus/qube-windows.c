/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bus/qube-windows.h"

#include "bus/request.h"

struct _LiveQubeWindows
{
  GObject parent;

  LiveAuthority *authority;
  LiveWindows *windows;
};

G_DEFINE_FINAL_TYPE (LiveQubeWindows, live_qube_windows, G_TYPE_OBJECT)

static LiveRequest *
begin (LiveQubeWindows *self, LiveBusQube *qube, GDBusMethodInvocation *invocation, LivePerform perform)
{
  return live_request_begin (self->authority, invocation, "open-window", "qube", live_bus_qube_get_name (qube),
                             G_OBJECT (self), perform);
}

static LiveWindows *
get_windows (LiveRequest *request)
{
  return LIVE_QUBE_WINDOWS (request->owner)->windows;
}

/* @error: (transfer full) (nullable) */
static void
answer (LiveRequest *request, GError *error)
{
  if (error != NULL)
    live_request_fail (request, error);
  else
    live_request_succeed (request, NULL);
}

static void
on_opened (GObject *windows, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  live_windows_open_finish (LIVE_WINDOWS (windows), result, &error);
  answer (data, error);
}

static void
perform_open (LiveRequest *request)
{
  live_windows_open_async (get_windows (request), request->name, request->seconds, on_opened, request);
}

static gboolean
handle_open (LiveBusQube *qube, GDBusMethodInvocation *invocation, gint64 seconds, LiveQubeWindows *self)
{
  begin (self, qube, invocation, perform_open)->seconds = seconds;
  return TRUE;
}

static void
on_extended (GObject *windows, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  live_windows_extend_finish (LIVE_WINDOWS (windows), result, &error);
  answer (data, error);
}

static void
perform_extend (LiveRequest *request)
{
  live_windows_extend_async (get_windows (request), request->name, request->seconds, on_extended, request);
}

static gboolean
handle_extend (LiveBusQube *qube, GDBusMethodInvocation *invocation, gint64 seconds, LiveQubeWindows *self)
{
  begin (self, qube, invocation, perform_extend)->seconds = seconds;
  return TRUE;
}

static void
on_closed (GObject *windows, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  live_windows_close_finish (LIVE_WINDOWS (windows), result, &error);
  answer (data, error);
}

static void
perform_close (LiveRequest *request)
{
  live_windows_close_async (get_windows (request), request->name, request->flag, on_closed, request);
}

static gboolean
handle_close (LiveBusQube *qube, GDBusMethodInvocation *invocation, gboolean kill, LiveQubeWindows *self)
{
  begin (self, qube, invocation, perform_close)->flag = kill;
  return TRUE;
}

void
live_qube_windows_serve (LiveQubeWindows *self, LiveBusQube *qube)
{
  g_signal_connect_object (qube, "handle-open-window", G_CALLBACK (handle_open), self, 0);
  g_signal_connect_object (qube, "handle-extend-window", G_CALLBACK (handle_extend), self, 0);
  g_signal_connect_object (qube, "handle-close-window", G_CALLBACK (handle_close), self, 0);
}

static void
live_qube_windows_finalize (GObject *object)
{
  LiveQubeWindows *self = LIVE_QUBE_WINDOWS (object);

  g_object_unref (self->authority);
  g_object_unref (self->windows);
  G_OBJECT_CLASS (live_qube_windows_parent_class)->finalize (object);
}

static void
live_qube_windows_class_init (LiveQubeWindowsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = live_qube_windows_finalize;
}

static void
live_qube_windows_init (LiveQubeWindows *self)
{
}

LiveQubeWindows *
live_qube_windows_new (LiveAuthority *authority, LiveWindows *windows)
{
  LiveQubeWindows *self = g_object_new (LIVE_TYPE_QUBE_WINDOWS, NULL);

  self->authority = g_object_ref (authority);
  self->windows = g_object_ref (windows);
  return self;
}
