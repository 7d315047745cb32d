/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/pools-private.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "model/error.h"
#include "model/object-path.h"
#include "sources/storage-list.h"

G_DEFINE_FINAL_TYPE (LivePools, live_pools, G_TYPE_OBJECT)

/* ---- What there is. ---- */

static void refresh (LivePools *self);

static void
show_storage (LivePools *self, GHashTable *entries)
{
  g_autoptr (GPtrArray) pools = live_system_list_pools (self->system);

  for (guint i = 0; i < pools->len; i++)
    {
      LivePool *pool = g_ptr_array_index (pools, i);
      const LiveStorageEntry *entry = g_hash_table_lookup (entries, live_pool_get_name (pool));
      gboolean there = entry != NULL && !g_str_equal (entry->state, LIVE_STORAGE_BROKEN)
                       && !g_str_equal (entry->state, LIVE_STORAGE_UNFINISHED);

      live_pool_set_storage (pool, there ? &entry->facts : NULL);
      live_pool_guard (self, pool);
    }
}

/* Storage that is nobody's: qubesd has no such pool, and only a pool without volumes can be taken from it. */
static void
clear_storage (LivePools *self, GHashTable *entries)
{
  GHashTableIter iter;
  gpointer name = NULL;
  gpointer entry = NULL;

  if (!live_system_get_synchronized (self->system))
    return;
  g_hash_table_iter_init (&iter, entries);
  while (g_hash_table_iter_next (&iter, &name, &entry))
    if (live_system_find_pool (self->system, name) == NULL && !g_hash_table_contains (self->busy, name)
        && !g_str_equal (((LiveStorageEntry *) entry)->state, LIVE_STORAGE_BUSY))
      live_pools_clear (self, name);
}

static void
refresh_done (LivePools *self)
{
  g_autoptr (GPtrArray) refreshed = g_steal_pointer (&self->refreshed);

  self->refreshing = FALSE;
  for (guint i = 0; i < refreshed->len; i++)
    g_task_return_boolean (refreshed->pdata[i], TRUE);
  if (self->waiting->len > 0)
    refresh (self);
}

static guint64
get_number (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);
  gint64 number = node != NULL && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : 0;

  return number > 0 ? (guint64) number : 0;
}

static void
on_budget (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (LivePools) self = data;
  g_autoptr (JsonObject) answer = live_storage_client_call_finish (LIVE_STORAGE_CLIENT (client), result, NULL);

  if (answer != NULL)
    live_system_set_memory (self->system, get_number (answer, "memory-total"), get_number (answer, "memory-available"));
  refresh_done (self);
}

static void
on_storage_listed (GObject *client, GAsyncResult *result, gpointer data)
{
  LivePools *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GHashTable) entries = live_storage_list_finish (LIVE_STORAGE_CLIENT (client), result, &error);
  g_autoptr (JsonObject) request = NULL;

  if (entries == NULL)
    {
      /* What was true stays shown: nothing says that it has changed. */
      if (!self->warned)
        g_message ("what is below the pools is not known: %s", error->message);
      self->warned = TRUE;
      refresh_done (self);
      g_object_unref (self);
      return;
    }
  self->warned = FALSE;
  show_storage (self, entries);
  clear_storage (self, entries);
  request = json_object_new ();
  json_object_set_string_member (request, "do", "budget");
  live_storage_client_call_async (self->storage, request, NULL, NULL, NULL, on_budget, self);
}

static void
refresh (LivePools *self)
{
  self->refreshing = TRUE;
  self->refreshed = g_steal_pointer (&self->waiting);
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  live_storage_list_async (self->storage, on_storage_listed, g_object_ref (self));
}

void
live_pools_refresh_async (LivePools *self, GAsyncReadyCallback callback, gpointer data)
{
  g_ptr_array_add (self->waiting, g_task_new (self, NULL, callback, data));
  if (!self->refreshing)
    refresh (self);
}

void
live_pools_refresh_finish (LivePools *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));

  g_task_propagate_boolean (G_TASK (result), NULL);
}

/* ---- Calls that several files need. ---- */

void
live_pools_call (LivePools *self,
                 const char *method,
                 const char *argument,
                 const char *payload,
                 GAsyncReadyCallback callback,
                 gpointer data)
{
  g_autoptr (GBytes) bytes = live_qubesd_payload_new (payload);

  live_qubesd_client_call_async (self->client, method, argument, "dom0", bytes, 0, NULL, callback, data);
}

void
live_pools_add (LivePools *self, const char *name, const char *driver, GAsyncReadyCallback callback, gpointer data)
{
  g_autofree char *payload
      = g_strdup_printf ("name=%s\ndir_path=" LIVE_POOL_DIRECTORY "/%s\nrevisions_to_keep=1\n", name, name);

  live_pools_call (self, "admin.pool.Add", driver, payload, callback, data);
}

void
live_pools_set_kill_at (LivePools *self, guint nth)
{
  self->kill_at = nth;
}

void
live_pools_point (LivePools *self)
{
  if (++self->points == self->kill_at)
    kill (getpid (), SIGKILL);
}

static gboolean
check_free (LivePools *self, const char *name, GError **error)
{
  if (!g_hash_table_contains (self->busy, name))
    return TRUE;
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_BUSY, "something is being done with pool %s already", name);
  return FALSE;
}

LivePool *
live_pools_find (LivePools *self, const char *name, GError **error)
{
  LivePool *pool = live_system_find_pool (self->system, name);

  if (pool == NULL)
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "there is no pool %s", name);
  else if (!live_pool_is_ours (pool))
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED, "pool %s was not made by Qubes Live", name);
  else if (check_free (self, name, error))
    return pool;
  return NULL;
}

/* ---- Small actions. ---- */

static void
on_default_set (GObject *pools, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  g_hash_table_remove (LIVE_POOLS (pools)->busy, g_task_get_task_data (task));
  if (live_pool_default_set_finish (LIVE_POOLS (pools), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
live_pools_set_default_async (
    LivePools *self, const char *name, gboolean on, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, data);
  GError *error = NULL;
  LivePool *pool = live_pools_find (self, name, &error);

  if (pool != NULL && on && g_str_equal (live_pool_get_state (pool), LIVE_POOL_STATE_GONE))
    g_set_error (&error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED, "the storage of pool %s is gone", name);
  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  g_task_set_task_data (task, g_strdup (name), g_free);
  g_hash_table_add (self->busy, g_strdup (name));
  live_pool_default_set_async (self, name, on, on_default_set, g_steal_pointer (&task));
}

gboolean
live_pools_set_default_finish (LivePools *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_resized (GObject *client, GAsyncResult *result, gpointer data)
{
  LivePoolWork *work = data;
  GError *error = NULL;
  g_autoptr (JsonObject) answer = live_storage_client_call_finish (LIVE_STORAGE_CLIENT (client), result, &error);

  if (answer == NULL)
    live_pool_work_take_error (work, error);
  live_pool_work_finish (work);
}

LiveJob *
live_pools_resize (LivePools *self, const char *name, guint64 size, GError **error)
{
  LivePool *pool = live_pools_find (self, name, error);
  g_autoptr (JsonObject) request = NULL;
  LivePoolWork *work = NULL;

  if (pool == NULL)
    return NULL;
  if (size == 0 || size > G_MAXINT64)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT, "pool %s cannot have %" G_GUINT64_FORMAT " bytes",
                   name, size);
      return NULL;
    }
  work = live_pool_work_new (self, name, LIVE_JOB_RESIZE_POOL);
  live_pool_work_set_step (work, LIVE_JOB_STEP_RESIZE);
  request = json_object_new ();
  json_object_set_string_member (request, "do", "resize");
  json_object_set_string_member (request, "name", name);
  json_object_set_int_member (request, "size", (gint64) size);
  live_storage_client_call_async (self->storage, request, live_pool_work_progress, work, NULL, on_resized, work);
  return work->job;
}

/* ---- The start. ---- */

static void
on_refreshed (GObject *pools, GAsyncResult *result, gpointer data)
{
  live_pools_refresh_finish (LIVE_POOLS (pools), result);
}

static void
on_qubes_changed (LivePool *pool, GParamSpec *property, LivePools *self)
{
  live_pools_refresh_async (self, on_refreshed, NULL);
}

static void
on_pool_added (LiveSystem *system, LivePool *pool, LivePools *self)
{
  if (!live_pool_is_ours (pool))
    return;
  /* Volumes come and go with them. */
  g_signal_connect_object (pool, "notify::qubes", G_CALLBACK (on_qubes_changed), self, 0);
  live_pools_refresh_async (self, on_refreshed, NULL);
}

static void
on_pool_removed (LiveSystem *system, LivePool *pool, LivePools *self)
{
  if (!live_pool_is_ours (pool))
    return;
  g_signal_handlers_disconnect_by_data (pool, self);
  /* Somebody else removed it. What is below it shows in the list. */
  live_pools_refresh_async (self, on_refreshed, NULL);
}

static const char *
get_action (const LiveJournalEntry *entry)
{
  return json_object_get_string_member_with_default (entry->content, "action", "");
}

/* (nullable): the pool that it is about, if it is one of ours. */
static const char *
get_pool (const LiveJournalEntry *entry)
{
  const char *name = NULL;

  if (g_str_has_prefix (entry->id, LIVE_POOLS_ENTRY))
    name = entry->id + strlen (LIVE_POOLS_ENTRY);
  return name != NULL && live_name_is_valid (name) ? name : NULL;
}

static void
resume (LivePools *self)
{
  g_autoptr (GPtrArray) entries = NULL;

  if (g_hash_table_size (self->pending) == 0)
    return;
  entries = live_journal_list (self->journal);
  for (guint i = 0; i < entries->len; i++)
    {
      const LiveJournalEntry *entry = entries->pdata[i];
      const char *name = get_pool (entry);

      if (name == NULL || !g_hash_table_remove (self->pending, name))
        continue;
      g_hash_table_remove (self->busy, name);
      if (g_str_equal (get_action (entry), LIVE_POOLS_ACTION_CREATE))
        live_pool_create_resume (self, entry, name);
      else if (g_str_equal (get_action (entry), LIVE_POOLS_ACTION_DESTROY))
        live_pool_destroy_resume (self, entry, name);
      else
        g_warning ("%s in the journal is not understood and left as it is", entry->id);
    }
}

static void
on_synchronized (LiveSystem *system, GParamSpec *property, LivePools *self)
{
  if (!live_system_get_synchronized (system))
    return;
  live_pools_refresh_async (self, on_refreshed, NULL);
  resume (self);
  live_pool_default_resume (self);
}

static void
read_journal (LivePools *self)
{
  g_autoptr (GPtrArray) entries = live_journal_list (self->journal);

  for (guint i = 0; i < entries->len; i++)
    {
      const LiveJournalEntry *entry = entries->pdata[i];
      const char *name = get_pool (entry);

      if (name != NULL)
        {
          g_hash_table_add (self->busy, g_strdup (name));
          g_hash_table_add (self->pending, g_strdup (name));
        }
      else if (g_str_has_prefix (entry->id, LIVE_POOLS_DEFAULT_ENTRY))
        g_hash_table_replace (self->defaults, g_strdup (entry->id + strlen (LIVE_POOLS_DEFAULT_ENTRY)),
                              json_object_ref (entry->content));
    }
}

void
live_pools_start (LivePools *self)
{
  g_signal_connect_object (self->system, "pool-added", G_CALLBACK (on_pool_added), self, 0);
  g_signal_connect_object (self->system, "pool-removed", G_CALLBACK (on_pool_removed), self, 0);
  g_signal_connect_object (self->system, "notify::synchronized", G_CALLBACK (on_synchronized), self, 0);
}

static void
live_pools_finalize (GObject *object)
{
  LivePools *self = LIVE_POOLS (object);

  g_object_unref (self->system);
  g_object_unref (self->client);
  g_object_unref (self->sync);
  g_object_unref (self->storage);
  g_hash_table_unref (self->busy);
  g_hash_table_unref (self->defaults);
  g_hash_table_unref (self->pending);
  g_hash_table_unref (self->guarded);
  g_clear_pointer (&self->refreshed, g_ptr_array_unref);
  g_ptr_array_unref (self->waiting);
  G_OBJECT_CLASS (live_pools_parent_class)->finalize (object);
}

static void
live_pools_class_init (LivePoolsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = live_pools_finalize;
}

static void
live_pools_init (LivePools *self)
{
  self->busy = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->defaults = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_object_unref);
  self->pending = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->guarded = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
}

LivePools *
live_pools_new (LiveSystem *system,
                LiveQubesdClient *client,
                LiveQubesdSync *sync,
                LiveStorageClient *storage,
                LiveJournal *journal)
{
  LivePools *self = g_object_new (LIVE_TYPE_POOLS, NULL);

  self->system = g_object_ref (system);
  self->client = g_object_ref (client);
  self->sync = g_object_ref (sync);
  self->storage = g_object_ref (storage);
  self->journal = journal;
  read_journal (self);
  return self;
}
