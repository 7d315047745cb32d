/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/pool-reader.h"

#include "sources/qubesd-reply.h"

static void
apply (LiveSystem *system, const char *name, const LivePoolInfo *info)
{
  LivePool *pool = live_system_find_pool (system, name);
  g_autoptr (LivePool) new_pool = NULL;
  const LivePoolFacts facts = {
    .driver = info->driver,
    .dir_path = info->dir_path,
    .size = info->size,
    .used = info->usage,
    .ephemeral_volatile = info->ephemeral_volatile,
    .ephemeral_volatile_supported = info->has_ephemeral_volatile,
  };

  if (pool == NULL)
    pool = new_pool = live_pool_new (name);
  live_pool_set_facts (pool, &facts);
  if (new_pool != NULL)
    live_system_add_pool (system, new_pool);
}

static void
on_info (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  g_autoptr (LivePoolInfo) info = answer != NULL ? live_qubesd_reply_parse_pool_info (answer, &error) : NULL;

  if (info == NULL)
    {
      g_prefix_error (&error, "pool %s: ", (const char *) g_task_get_task_data (task));
      g_task_return_error (task, error);
      return;
    }
  apply (g_task_get_source_object (task), g_task_get_task_data (task), info);
  g_task_return_boolean (task, TRUE);
}

void
live_pool_read_async (LiveQubesdClient *client, LiveSystem *system, const char *name, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (system, cancellable, callback, data);

  g_task_set_task_data (task, g_strdup (name), g_free);
  g_task_set_check_cancellable (task, FALSE); /* the client says it, in our own error domain */
  live_qubesd_client_call_async (client, "admin.pool.Info", name, "dom0", NULL, 0, cancellable, on_info, task);
}

gboolean
live_pool_read_finish (LiveSystem *system, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, system), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
