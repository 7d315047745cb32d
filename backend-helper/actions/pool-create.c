/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/pools-private.h"

#include "model/error.h"
#include "model/object-path.h"
#include "sources/qubesd-reply.h"
#include "sources/storage-list.h"

typedef struct
{
  char *storage;
  JsonObject *request; /* to the storage program */
  gboolean make_default;
} LiveCreation;

static void
creation_free (gpointer data)
{
  LiveCreation *creation = data;

  g_free (creation->storage);
  g_clear_pointer (&creation->request, json_object_unref);
  g_free (creation);
}

/* file-reflink wants a filesystem that can share blocks, which tmpfs cannot. */
static const char *
get_driver (const LiveCreation *creation)
{
  return g_str_equal (creation->storage, LIVE_POOL_STORAGE_TMPFS) ? "file" : "file-reflink";
}

/* ---- Undone. ---- */

static void
on_taken_down (GObject *pools, GAsyncResult *result, gpointer data)
{
  LivePoolWork *work = data;
  g_autoptr (GError) error = NULL;

  /* What could not be undone now is tried again by the next helper. */
  if (live_pools_take_down_finish (LIVE_POOLS (pools), result, &error))
    live_pool_work_forget (work);
  else
    {
      g_warning ("pool %s is half made, and that cannot be undone now: %s", work->name, error->message);
      live_pool_work_postpone (work);
    }
  live_pool_work_finish (work);
}

/* @error: (transfer full) */
static void
undo (LivePoolWork *work, GError *error)
{
  live_pool_work_take_error (work, error);
  if (work->job != NULL)
    live_job_set_cancellable (work->job, FALSE);
  live_pools_take_down_async (work, on_taken_down);
}

/* ---- Done, step by step. ---- */

static void
on_pool_read (GObject *sync, GAsyncResult *result, gpointer data)
{
  LivePoolWork *work = data;
  g_autoptr (GError) error = NULL;

  /* It is made all the same; it is read when qubesd can be reached. */
  if (!live_qubesd_sync_refresh_pool_finish (LIVE_QUBESD_SYNC (sync), result, &error))
    g_message ("pool %s cannot be read: %s", work->name, error->message);
  live_pool_work_forget (work);
  live_pool_work_finish (work);
}

static void
complete (LivePoolWork *work)
{
  live_qubesd_sync_refresh_pool_async (work->owner->sync, work->name, NULL, on_pool_read, work);
}

static void
on_default_set (GObject *pools, GAsyncResult *result, gpointer data)
{
  LivePoolWork *work = data;
  GError *error = NULL;

  if (live_pool_default_set_finish (LIVE_POOLS (pools), result, &error))
    complete (work);
  else
    undo (work, error);
}

static void
make_default (LivePoolWork *work)
{
  GError *error = NULL;

  if (!((LiveCreation *) work->data)->make_default)
    complete (work);
  else if (live_pool_work_note (work, LIVE_JOB_STEP_SET_DEFAULT, &error))
    {
      live_pool_work_set_step (work, LIVE_JOB_STEP_SET_DEFAULT);
      live_pool_default_set_async (work->owner, work->name, TRUE, on_default_set, work);
    }
  else
    undo (work, error);
}

static void
on_added (GObject *client, GAsyncResult *result, gpointer data)
{
  LivePoolWork *work = data;
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  live_pools_point (work->owner);
  if (answer != NULL)
    make_default (work);
  else
    {
      g_prefix_error (&error, "qubesd does not take pool %s: ", work->name);
      undo (work, error);
    }
}

static void
on_storage_made (GObject *client, GAsyncResult *result, gpointer data)
{
  LivePoolWork *work = data;
  GError *error = NULL;
  g_autoptr (JsonObject) answer = live_storage_client_call_finish (LIVE_STORAGE_CLIENT (client), result, &error);

  live_pools_point (work->owner);
  if (answer != NULL && g_cancellable_is_cancelled (live_job_get_cancel (work->job)))
    error = g_error_new (LIVE_ERROR, LIVE_ERROR_CANCELLED, "the creation of pool %s was taken back", work->name);
  if (error == NULL && live_pool_work_note (work, LIVE_JOB_STEP_ADD_POOL, &error))
    {
      live_job_set_cancellable (work->job, FALSE);
      live_pool_work_set_step (work, LIVE_JOB_STEP_ADD_POOL);
      live_pools_add (work->owner, work->name, get_driver (work->data), on_added, work);
    }
  else if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_CANCELLED)
           || g_error_matches (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL) || answer != NULL)
    undo (work, error);
  else
    {
      /* It undid what it had begun, before it answered; and what it refused to begin may be somebody else's. */
      live_pool_work_take_error (work, error);
      live_pool_work_forget (work);
      live_pool_work_finish (work);
    }
}

static void
make_storage (LivePoolWork *work)
{
  LiveCreation *creation = work->data;
  GError *error = NULL;

  if (!live_pool_work_note (work, LIVE_JOB_STEP_DEVICE, &error))
    {
      live_pool_work_take_error (work, error);
      live_pool_work_finish (work);
      return;
    }
  live_storage_client_call_async (work->owner->storage, creation->request, live_pool_work_progress, work,
                                  live_job_get_cancel (work->job), on_storage_made, work);
}

/* What the journal says of a name has to be about our own storage. */
static void
on_storage_known (GObject *client, GAsyncResult *result, gpointer data)
{
  LivePoolWork *work = data;
  GError *error = NULL;
  g_autoptr (GHashTable) entries = live_storage_list_finish (LIVE_STORAGE_CLIENT (client), result, &error);

  if (entries != NULL && g_hash_table_contains (entries, work->name))
    error = g_error_new (LIVE_ERROR, LIVE_ERROR_IN_USE, "there is storage for a pool %s already", work->name);
  else if (entries != NULL && g_cancellable_is_cancelled (live_job_get_cancel (work->job)))
    error = g_error_new (LIVE_ERROR, LIVE_ERROR_CANCELLED, "the creation of pool %s was taken back", work->name);
  if (error == NULL)
    {
      make_storage (work);
      return;
    }
  live_pool_work_take_error (work, error);
  live_pool_work_finish (work);
}

static void
on_names (GObject *client, GAsyncResult *result, gpointer data)
{
  LivePoolWork *work = data;
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  g_auto (GStrv) names = answer != NULL ? live_qubesd_reply_parse_pool_list (answer, NULL, &error) : NULL;

  if (names != NULL && g_strv_contains ((const char *const *) names, work->name))
    error = g_error_new (LIVE_ERROR, LIVE_ERROR_IN_USE, "there is a pool %s already", work->name);
  if (error == NULL)
    {
      live_storage_list_async (work->owner->storage, on_storage_known, work);
      return;
    }
  live_pool_work_take_error (work, error);
  live_pool_work_finish (work);
}

static gboolean
check (LivePools *self, const LivePoolWish *wish, GError **error)
{
  static const char *const kinds[]
      = { LIVE_POOL_STORAGE_ZRAM, LIVE_POOL_STORAGE_TMPFS, LIVE_POOL_STORAGE_ENCRYPTED, NULL };
  gboolean encrypted = g_str_equal (wish->storage, LIVE_POOL_STORAGE_ENCRYPTED);

  if (!live_name_is_valid (wish->name))
    g_set_error_literal (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                         "The name of a pool is 1 to 63 letters, digits, - _ or ., the first a letter or digit");
  else if (!g_strv_contains (kinds, wish->storage))
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT, "there is no kind of pool called “%s”", wish->storage);
  else if ((wish->size == 0 && !encrypted) || wish->size > G_MAXINT64 || wish->limit > G_MAXINT64)
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT, "pool %s cannot have %" G_GUINT64_FORMAT " bytes",
                 wish->name, wish->size);
  else if (encrypted && (wish->backing == NULL || *wish->backing != '/'))
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                 "what pool %s is on has to be given as an absolute path", wish->name);
  else if (g_hash_table_contains (self->busy, wish->name))
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_BUSY, "something is being done with pool %s already", wish->name);
  else if (live_system_find_pool (self->system, wish->name) != NULL)
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_IN_USE, "there is a pool %s already", wish->name);
  else
    return TRUE;
  return FALSE;
}

static JsonObject *
make_request (const LivePoolWish *wish)
{
  JsonObject *request = json_object_new ();
  g_autofree char *verb = g_strconcat ("create-", wish->storage, NULL);

  json_object_set_string_member (request, "do", verb);
  json_object_set_string_member (request, "name", wish->name);
  json_object_set_int_member (request, "size", (gint64) wish->size);
  if (wish->limit > 0)
    json_object_set_int_member (request, "limit", (gint64) wish->limit);
  if (wish->algorithm != NULL)
    json_object_set_string_member (request, "algorithm", wish->algorithm);
  if (wish->backing != NULL)
    json_object_set_string_member (request, "backing", wish->backing);
  return request;
}

static LivePoolWork *
work_new (LivePools *self, const char *name, const char *kind)
{
  LivePoolWork *work = live_pool_work_new (self, name, kind);

  work->data = g_new0 (LiveCreation, 1);
  work->free_data = creation_free;
  return work;
}

LiveJob *
live_pools_create (LivePools *self, const LivePoolWish *wish, GError **error)
{
  gboolean encrypted = g_strcmp0 (wish->storage, LIVE_POOL_STORAGE_ENCRYPTED) == 0;
  LivePoolWork *work = NULL;
  LiveCreation *creation = NULL;

  if (!check (self, wish, error))
    return NULL;
  work = work_new (self, wish->name, encrypted ? LIVE_JOB_CREATE_ENCRYPTED_POOL : LIVE_JOB_CREATE_RAM_POOL);
  creation = work->data;
  creation->storage = g_strdup (wish->storage);
  creation->request = make_request (wish);
  creation->make_default = wish->make_default;
  work->entry = json_object_new ();
  json_object_set_string_member (work->entry, "action", LIVE_POOLS_ACTION_CREATE);
  json_object_set_boolean_member (work->entry, "default", wish->make_default);
  live_job_set_cancellable (work->job, TRUE);
  live_pool_work_set_step (work, LIVE_JOB_STEP_CHECK);
  live_pools_call (self, "admin.pool.List", NULL, NULL, on_names, work);
  return work->job;
}

/* ---- After a crash. ---- */

static void
on_storage_listed (GObject *client, GAsyncResult *result, gpointer data)
{
  LivePoolWork *work = data;
  LivePool *pool = live_system_find_pool (work->owner->system, work->name);
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) entries = live_storage_list_finish (LIVE_STORAGE_CLIENT (client), result, &error);
  const LiveStorageEntry *entry = entries != NULL ? g_hash_table_lookup (entries, work->name) : NULL;

  if (entry != NULL && g_str_equal (entry->state, LIVE_STORAGE_READY) && pool != NULL && live_pool_is_ours (pool))
    {
      /* Somebody may have made a qube in it meanwhile. */
      g_message ("pool %s was being made when the helper ended: its creation is finished", work->name);
      make_default (work);
      return;
    }
  g_message ("pool %s was being made when the helper ended: its creation is undone", work->name);
  undo (work, g_error_new (LIVE_ERROR, LIVE_ERROR_FAILED, "its creation was interrupted"));
}

void
live_pool_create_resume (LivePools *self, const LiveJournalEntry *entry, const char *name)
{
  LivePoolWork *work = work_new (self, name, NULL);

  work->entry = json_object_ref (entry->content);
  ((LiveCreation *) work->data)->make_default
      = json_object_get_boolean_member_with_default (entry->content, "default", FALSE);
  live_storage_list_async (self->storage, on_storage_listed, work);
}
