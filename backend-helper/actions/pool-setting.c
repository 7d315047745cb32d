/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/pool-setting.h"

#include "model/error.h"

typedef struct
{
  LiveQubesdClient *client;
  LiveQubesdSync *sync;
  char *name;
  gboolean ephemeral;
} LivePoolSetting;

static void
setting_free (LivePoolSetting *setting)
{
  g_object_unref (setting->client);
  g_object_unref (setting->sync);
  g_free (setting->name);
  g_free (setting);
}

static void
on_read_back (GObject *sync, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  LivePoolSetting *setting = g_task_get_task_data (task);
  LivePool *pool = NULL;
  GError *error = NULL;

  if (!live_qubesd_sync_refresh_pool_finish (setting->sync, result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  live_qubesd_sync_mark_pool (setting->sync, setting->name);
  pool = live_system_find_pool (g_task_get_source_object (task), setting->name);
  if (pool == NULL || live_pool_get_ephemeral_volatile (pool) != setting->ephemeral)
    g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_QUBESD_ERROR,
                             "pool %s: qubesd accepted the change and did not keep it", setting->name);
  else
    g_task_return_boolean (task, TRUE);
}

static void
on_set (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  LivePoolSetting *setting = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  if (answer == NULL)
    {
      g_prefix_error (&error, "pool %s: ", setting->name);
      g_task_return_error (task, error);
      return;
    }
  live_qubesd_sync_refresh_pool_async (setting->sync, setting->name, NULL, on_read_back, g_steal_pointer (&task));
}

static void
on_read_before (GObject *sync, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  LivePoolSetting *setting = g_task_get_task_data (task);
  LivePool *pool = NULL;
  GError *error = NULL;
  g_autoptr (GBytes) payload = NULL;

  if (!live_qubesd_sync_refresh_pool_finish (setting->sync, result, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  pool = live_system_find_pool (g_task_get_source_object (task), setting->name);
  if (pool == NULL)
    {
      g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "there is no pool %s", setting->name);
      return;
    }
  if (!live_pool_get_ephemeral_volatile_supported (pool))
    {
      /* qubesd would accept it for a pool of kernels too, and do nothing. */
      g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED,
                               "the driver %s of pool %s knows no throw-away keys", live_pool_get_driver (pool),
                               setting->name);
      return;
    }
  if (live_pool_get_ephemeral_volatile (pool) == setting->ephemeral)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }
  payload = live_qubesd_payload_new (setting->ephemeral ? "True" : "False");
  live_qubesd_client_call_async (setting->client, "admin.pool.Set.ephemeral_volatile", setting->name, "dom0", payload,
                                 0, NULL, on_set, g_steal_pointer (&task));
}

void
live_pool_setting_set_async (LiveSystem *system, LiveQubesdClient *client, LiveQubesdSync *sync, const char *name,
                             gboolean ephemeral, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (system, NULL, callback, data);
  LivePoolSetting *setting = g_new (LivePoolSetting, 1);

  setting->client = g_object_ref (client);
  setting->sync = g_object_ref (sync);
  setting->name = g_strdup (name);
  setting->ephemeral = ephemeral;
  g_task_set_task_data (task, setting, (GDestroyNotify) setting_free);
  live_qubesd_sync_refresh_pool_async (sync, name, NULL, on_read_before, task);
}

gboolean
live_pool_setting_set_finish (LiveSystem *system, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, system), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
