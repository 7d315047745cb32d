/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/power.h"

#include "sources/qubesd-wire.h"

/* qubesd commits the volumes before it answers. */
#define KILL_TIMEOUT_SECONDS 300

/* qubesd waits for qrexec up to the qube's qrexec_timeout, 60 seconds unless set, and starts its net qubes first. */
#define START_TIMEOUT_SECONDS 600

static void
on_answered (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  if (answer != NULL || live_qubesd_error_is (error, "QubesVMNotStartedError"))
    {
      g_clear_error (&error);
      g_task_return_boolean (task, TRUE);
      return;
    }
  g_prefix_error (&error, "%s: ", (const char *) g_task_get_task_data (task));
  g_task_return_error (task, error);
}

static void
send (LiveQubesdClient *client, const char *method, const char *name, guint timeout_seconds,
      GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (client, NULL, callback, data);

  g_task_set_task_data (task, g_strdup (name), g_free);
  live_qubesd_client_call_async (client, method, NULL, name, NULL, timeout_seconds, NULL, on_answered, task);
}

void
live_power_start_async (LiveQubesdClient *client, const char *name, GAsyncReadyCallback callback, gpointer data)
{
  send (client, "admin.vm.Start", name, START_TIMEOUT_SECONDS, callback, data);
}

void
live_power_shutdown_async (LiveQubesdClient *client, const char *name, GAsyncReadyCallback callback, gpointer data)
{
  send (client, "admin.vm.Shutdown", name, 0, callback, data);
}

void
live_power_kill_async (LiveQubesdClient *client, const char *name, GAsyncReadyCallback callback, gpointer data)
{
  send (client, "admin.vm.Kill", name, KILL_TIMEOUT_SECONDS, callback, data);
}

gboolean
live_power_finish (LiveQubesdClient *client, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, client), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
