/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/pools-private.h"

#include "model/error.h"
#include "sources/qubesd-reply.h"

/* A request that was taken back is still being undone for a while. */
#define BUSY_TRIES 600
#define BUSY_MILLISECONDS 100

typedef struct
{
  LivePoolWork *work;
  char *driver; /* of the pool that was removed from qubesd */
  guint tries;
  guint timer;
  GError *error;
} LiveTakeDown;

static void
take_down_free (gpointer data)
{
  LiveTakeDown *down = data;

  g_clear_handle_id (&down->timer, g_source_remove);
  g_free (down->driver);
  g_clear_error (&down->error);
  g_free (down);
}

/* @error: (transfer full) */
static void
fail (GTask *task, GError *error)
{
  g_task_return_error (task, error);
  g_object_unref (task);
}

/* ---- Last, the storage. ---- */

static void destroy_storage (GTask *task);

static gboolean
on_try_again (gpointer data)
{
  GTask *task = data;
  LiveTakeDown *down = g_task_get_task_data (task);

  down->timer = 0;
  destroy_storage (task);
  return G_SOURCE_REMOVE;
}

static void
on_added_again (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveTakeDown *down = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  if (answer == NULL)
    g_warning ("pool %s is still there and could not be given back to qubesd: %s", down->work->name, error->message);
  fail (task, g_steal_pointer (&down->error));
}

static void
on_storage_destroyed (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveTakeDown *down = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (JsonObject) answer = live_storage_client_call_finish (LIVE_STORAGE_CLIENT (client), result, &error);

  live_pools_point (LIVE_POOLS (g_task_get_source_object (task)));
  if (answer != NULL || g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_FOUND))
    {
      g_clear_error (&error);
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
    }
  else if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_BUSY) && ++down->tries < BUSY_TRIES)
    {
      g_clear_error (&error);
      down->timer = g_timeout_add (BUSY_MILLISECONDS, on_try_again, task);
    }
  else if (down->driver != NULL)
    {
      /* What nobody sees any more nobody can destroy later. */
      down->error = error;
      live_pools_add (LIVE_POOLS (g_task_get_source_object (task)), down->work->name, down->driver, on_added_again,
                      task);
    }
  else
    fail (task, error);
}

static void
destroy_storage (GTask *task)
{
  LivePools *self = g_task_get_source_object (task);
  LiveTakeDown *down = g_task_get_task_data (task);
  g_autoptr (JsonObject) request = json_object_new ();

  json_object_set_string_member (request, "do", "destroy");
  json_object_set_string_member (request, "name", down->work->name);
  live_storage_client_call_async (self->storage, request, down->work->error == NULL ? live_pool_work_progress : NULL,
                                  down->work, NULL, on_storage_destroyed, task);
}

/* ---- Before it, the pool. ---- */

static void
on_removed (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  live_pools_point (LIVE_POOLS (g_task_get_source_object (task)));
  if (answer != NULL)
    destroy_storage (task);
  else
    fail (task, error);
}

static void
on_info (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LivePools *self = g_task_get_source_object (task);
  LiveTakeDown *down = g_task_get_task_data (task);
  g_autofree char *path = g_build_filename (LIVE_POOL_DIRECTORY, down->work->name, NULL);
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  g_autoptr (LivePoolInfo) info = answer != NULL ? live_qubesd_reply_parse_pool_info (answer, &error) : NULL;

  if (info == NULL)
    fail (task, error);
  else if (g_strcmp0 (info->dir_path, path) != 0)
    destroy_storage (task); /* somebody else's, of the same name */
  else
    {
      down->driver = g_strdup (info->driver);
      if (down->work->error == NULL)
        live_pool_work_set_step (down->work, LIVE_JOB_STEP_REMOVE_POOL);
      live_pools_call (self, "admin.pool.Remove", down->work->name, NULL, on_removed, task);
    }
}

static void
on_list (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LivePools *self = g_task_get_source_object (task);
  LiveTakeDown *down = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  g_auto (GStrv) names = answer != NULL ? live_qubesd_reply_parse_pool_list (answer, NULL, &error) : NULL;

  if (names == NULL)
    fail (task, error);
  else if (g_strv_contains ((const char *const *) names, down->work->name))
    live_pools_call (self, "admin.pool.Info", down->work->name, NULL, on_info, task);
  else
    destroy_storage (task);
}

/* ---- First, the defaults. ---- */

static void
on_default_restored (GObject *pools, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  GError *error = NULL;

  if (live_pool_default_set_finish (LIVE_POOLS (pools), result, &error))
    live_pools_call (LIVE_POOLS (pools), "admin.pool.List", NULL, NULL, on_list, task);
  else
    fail (task, error);
}

void
live_pools_take_down_async (LivePoolWork *work, GAsyncReadyCallback callback)
{
  GTask *task = g_task_new (work->owner, NULL, callback, work);
  LiveTakeDown *down = g_new0 (LiveTakeDown, 1);

  down->work = work;
  g_task_set_task_data (task, down, take_down_free);
  live_pool_work_set_step (work, work->error == NULL ? LIVE_JOB_STEP_RESTORE_DEFAULT : LIVE_JOB_STEP_UNDO);
  live_pool_default_set_async (work->owner, work->name, FALSE, on_default_restored, task);
}

gboolean
live_pools_take_down_finish (LivePools *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
