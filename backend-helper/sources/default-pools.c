/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/default-pools.h"

const char *const live_default_pool_properties[LIVE_N_DEFAULT_POOLS]
    = { "default_pool_private", "default_pool_volatile" };

typedef struct
{
  LiveQubesdClient *client;
  LiveDefaultPools *pools;
  guint next;
} Reading;

void
live_default_pools_free (LiveDefaultPools *pools)
{
  for (guint i = 0; i < LIVE_N_DEFAULT_POOLS; i++)
    g_clear_pointer (&pools->values[i], live_property_value_free);
  g_free (pools);
}

static void
reading_free (gpointer data)
{
  Reading *reading = data;

  g_object_unref (reading->client);
  g_clear_pointer (&reading->pools, live_default_pools_free);
  g_free (reading);
}

static void read_next (GTask *task);

static void
on_value (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Reading *reading = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  if (answer != NULL)
    reading->pools->values[reading->next] = live_qubesd_reply_parse_property (answer, &error);
  if (error != NULL)
    {
      g_prefix_error (&error, "%s: ", live_default_pool_properties[reading->next]);
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  reading->next++;
  read_next (task);
}

static void
read_next (GTask *task)
{
  Reading *reading = g_task_get_task_data (task);

  if (reading->next < LIVE_N_DEFAULT_POOLS)
    {
      live_qubesd_client_call_async (reading->client, "admin.property.Get", live_default_pool_properties[reading->next],
                                     "dom0", NULL, 0, g_task_get_cancellable (task), on_value, task);
      return;
    }
  live_system_set_default_pools (g_task_get_source_object (task),
                                 reading->pools->values[LIVE_DEFAULT_POOL_PRIVATE]->value,
                                 reading->pools->values[LIVE_DEFAULT_POOL_VOLATILE]->value);
  g_task_return_pointer (task, g_steal_pointer (&reading->pools), (GDestroyNotify) live_default_pools_free);
  g_object_unref (task);
}

void
live_default_pools_read_async (LiveQubesdClient *client,
                               LiveSystem *system,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer data)
{
  GTask *task = g_task_new (system, cancellable, callback, data);
  Reading *reading = g_new0 (Reading, 1);

  reading->client = g_object_ref (client);
  reading->pools = g_new0 (LiveDefaultPools, 1);
  g_task_set_task_data (task, reading, reading_free);
  g_task_set_check_cancellable (task, FALSE); /* the client says it, in our own error domain */
  read_next (task);
}

LiveDefaultPools *
live_default_pools_read_finish (LiveSystem *system, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, system), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
