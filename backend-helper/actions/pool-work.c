/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/pools-private.h"

#include "model/error.h"

LivePoolWork *
live_pool_work_new (LivePools *owner, const char *name, const char *kind)
{
  LivePoolWork *work = g_new0 (LivePoolWork, 1);

  work->owner = g_object_ref (owner);
  work->name = g_strdup (name);
  g_hash_table_add (owner->busy, g_strdup (name));
  if (kind != NULL)
    {
      work->job = live_job_new (kind, name);
      live_system_add_job (owner->system, work->job);
    }
  return work;
}

void
live_pool_work_set_step (LivePoolWork *work, const char *step)
{
  if (work->job == NULL)
    return;
  live_job_set_step (work->job, step);
  live_job_set_progress (work->job, -1);
}

void
live_pool_work_take_error (LivePoolWork *work, GError *error)
{
  if (work->error == NULL)
    work->error = error;
  else
    g_error_free (error);
}

gboolean
live_pool_work_note (LivePoolWork *work, const char *step, GError **error)
{
  g_autofree char *id = g_strconcat (LIVE_POOLS_ENTRY, work->name, NULL);

  json_object_set_string_member (work->entry, "step", step);
  live_pools_point (work->owner);
  if (!live_journal_write (work->owner->journal, id, work->entry, error))
    return FALSE;
  live_pools_point (work->owner);
  return TRUE;
}

/* A failure is only logged: what an entry says is looked at before it is believed. */
static void
remove_entry (LivePoolWork *work)
{
  g_autofree char *id = g_strconcat (LIVE_POOLS_ENTRY, work->name, NULL);
  g_autoptr (GError) error = NULL;

  live_pools_point (work->owner);
  if (!live_journal_remove (work->owner->journal, id, &error))
    g_warning ("%s", error->message);
  live_pools_point (work->owner);
}

void
live_pool_work_progress (const char *step, double progress, gpointer data)
{
  LivePoolWork *work = data;

  if (work->job == NULL || live_job_get_finished (work->job))
    return;
  live_job_set_step (work->job, step);
  live_job_set_progress (work->job, progress);
}

void
live_pool_work_end (LivePoolWork *work)
{
  if (work->done && work->entry != NULL)
    remove_entry (work);
  if (!g_hash_table_contains (work->owner->pending, work->name))
    g_hash_table_remove (work->owner->busy, work->name);
  if (work->job != NULL)
    live_job_finish (work->job, work->error);
  if (work->error != NULL)
    g_message ("pool %s: %s", work->name, work->error->message);
  if (work->free_data != NULL)
    work->free_data (work->data);
  g_clear_pointer (&work->entry, json_object_unref);
  g_clear_error (&work->error);
  g_clear_object (&work->job);
  g_object_unref (work->owner);
  g_free (work->name);
  g_free (work);
}

void
live_pool_work_forget (LivePoolWork *work)
{
  work->done = TRUE;
}

void
live_pool_work_postpone (LivePoolWork *work)
{
  if (work->entry != NULL)
    g_hash_table_add (work->owner->pending, g_strdup (work->name));
}

static void
on_refreshed (GObject *pools, GAsyncResult *result, gpointer data)
{
  live_pools_refresh_finish (LIVE_POOLS (pools), result);
  live_pool_work_end (data);
}

void
live_pool_work_finish (LivePoolWork *work)
{
  live_pools_refresh_async (work->owner, on_refreshed, work);
}
