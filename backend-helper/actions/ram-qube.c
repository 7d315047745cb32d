/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/ram-qube-private.h"

#include "actions/pools-private.h"

#include <string.h>

#include "model/error.h"
#include "model/object-path.h"
#include "sources/qubesd-reply.h"

/* qubes/vm/__init__.py, validate_name() */
#define LONGEST_NAME 31

G_DEFINE_FINAL_TYPE (LiveRamQubes, live_ram_qubes, G_TYPE_OBJECT)

/* ---- One of them. ---- */

static void
ram_qube_free (gpointer data)
{
  LiveRamQube *self = data;

  if (self->pool_job != NULL)
    g_signal_handlers_disconnect_by_data (self->pool_job, self);
  if (self->job != NULL && self->cancelled != 0)
    g_signal_handler_disconnect (live_job_get_cancel (self->job), self->cancelled);
  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_object (&self->pool_job);
  g_clear_object (&self->job);
  g_clear_pointer (&self->entry, json_object_unref);
  g_clear_pointer (&self->copy, live_qube_copy_free);
  g_clear_error (&self->error);
  g_free (self->name);
  g_free (self->source);
  g_free (self->pool);
  g_free (self);
}

LiveRamQube *
live_ram_qube_new (LiveRamQubes *owner, const char *name, const char *pool, gboolean own_pool)
{
  LiveRamQube *self = g_new0 (LiveRamQube, 1);

  self->owner = owner;
  self->name = g_strdup (name);
  self->pool = g_strdup (pool);
  self->own_pool = own_pool;
  g_hash_table_replace (owner->qubes, self->name, self);
  return self;
}

void
live_ram_qube_end (LiveRamQube *self)
{
  if (self->job != NULL)
    live_job_finish (self->job, self->error);
  if (self->error != NULL)
    g_message ("%s: %s", self->name, self->error->message);
  g_hash_table_remove (self->owner->qubes, self->name);
}

gboolean
live_ram_qube_note (LiveRamQube *self, const char *step, GError **error)
{
  g_autofree char *id = g_strconcat (LIVE_RAM_QUBE_ENTRY, self->name, NULL);

  if (self->entry == NULL)
    {
      self->entry = json_object_new ();
      json_object_set_string_member (self->entry, "action", LIVE_RAM_QUBE_ACTION);
      json_object_set_string_member (self->entry, "pool", self->pool);
      json_object_set_boolean_member (self->entry, "own-pool", self->own_pool);
    }
  json_object_set_string_member (self->entry, "step", step);
  live_pools_point (self->owner->pools);
  if (!live_journal_write (self->owner->journal, id, self->entry, error))
    return FALSE;
  live_pools_point (self->owner->pools);
  return TRUE;
}

void
live_ram_qube_call (LiveRamQube *self,
                    const char *method,
                    const char *argument,
                    const char *destination,
                    const char *payload,
                    GAsyncReadyCallback callback)
{
  g_autoptr (GBytes) bytes = live_qubesd_payload_new (payload);

  live_qubesd_client_call_async (self->owner->client, method, argument, destination, bytes, 0, NULL, callback, self);
}

/* ---- Jobs of the pool. ---- */

static void
on_pool_step (LiveJob *job, GParamSpec *property, LiveRamQube *self)
{
  g_autofree char *step = NULL;
  double progress = -1;

  if (self->job == NULL || self->removing)
    return;
  g_object_get (job, "step", &step, "progress", &progress, NULL);
  live_job_set_step (self->job, step);
  live_job_set_progress (self->job, progress);
}

static void
on_cancelled (GCancellable *cancel, LiveRamQube *self)
{
  if (self->pool_job != NULL)
    live_job_cancel (self->pool_job, NULL);
}

static void
on_pool_job (LiveJob *job, LiveRamQube *self)
{
  g_autofree char *name = NULL;
  g_autofree char *message = NULL;
  GError *error = NULL;

  g_object_get (job, "error-name", &name, "error-message", &message, NULL);
  if (*name != '\0')
    {
      error = g_dbus_error_new_for_dbus_error (name, message);
      g_dbus_error_strip_remote_error (error);
    }
  g_signal_handlers_disconnect_by_data (job, self);
  g_clear_object (&self->pool_job);
  self->followed (self, error);
}

void
live_ram_qube_follow (LiveRamQube *self, LiveJob *job, LiveRamQubeFollowed callback)
{
  self->pool_job = g_object_ref (job);
  self->followed = callback;
  g_signal_connect (job, "notify::step", G_CALLBACK (on_pool_step), self);
  g_signal_connect (job, "notify::progress", G_CALLBACK (on_pool_step), self);
  g_signal_connect (job, "completed", G_CALLBACK (on_pool_job), self);
}

/* ---- All of them. ---- */

static void
on_refreshed (GObject *sync, GAsyncResult *result, gpointer data)
{
  LiveRamQube *self = data;
  LiveQube *qube = NULL;
  g_autoptr (GError) error = NULL;

  live_qubesd_sync_refresh_qube_finish (LIVE_QUBESD_SYNC (sync), result, &error);
  qube = live_system_find_qube (self->owner->system, self->name);
  if (self->job != NULL)
    {
      live_job_finish (self->job, NULL);
      g_signal_handler_disconnect (live_job_get_cancel (self->job), self->cancelled);
      self->cancelled = 0;
      g_clear_object (&self->job);
    }
  self->watched = TRUE;
  if (qube == NULL || live_qube_get_facts (qube)->state == LIVE_QUBE_STATE_HALTED)
    live_ram_qube_remove (self, FALSE, NULL);
}

void
live_ram_qube_watch (LiveRamQube *self)
{
  live_qubesd_sync_refresh_qube_async (self->owner->sync, self->name, LIVE_READ_ALL, NULL, on_refreshed, self);
}

static void
on_settled (LiveSystem *system, LiveQube *qube, LiveRamQubes *self)
{
  LiveRamQube *ram_qube = g_hash_table_lookup (self->qubes, live_qube_get_name (qube));

  if (ram_qube != NULL && ram_qube->watched && live_qube_get_facts (qube)->state == LIVE_QUBE_STATE_HALTED)
    live_ram_qube_remove (ram_qube, FALSE, NULL);
}

static void
on_qube_removed (LiveSystem *system, LiveQube *qube, LiveRamQubes *self)
{
  LiveRamQube *ram_qube = g_hash_table_lookup (self->qubes, live_qube_get_name (qube));

  if (ram_qube != NULL && ram_qube->watched)
    live_ram_qube_remove (ram_qube, FALSE, NULL);
}

static char *
choose_name (LiveRamQubes *self, const char *source)
{
  for (guint i = 1;; i++)
    {
      g_autofree char *end = i == 1 ? g_strdup ("-ram") : g_strdup_printf ("-ram%u", i);
      g_autofree char *start = g_strndup (source, LONGEST_NAME - strlen (end));
      g_autofree char *name = g_strconcat (start, end, NULL);

      if (live_system_find_qube (self->system, name) == NULL && g_hash_table_lookup (self->qubes, name) == NULL)
        return g_steal_pointer (&name);
    }
}

static gboolean
check (LiveRamQubes *self, const LiveRamQubeWish *wish, GError **error)
{
  LiveQube *source = live_system_find_qube (self->system, wish->source);
  LivePool *pool = NULL;

  if (source == NULL)
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "there is no qube %s", wish->source);
  else if (live_qube_get_facts (source)->klass != LIVE_QUBE_KLASS_APP)
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED, "%s is not an app qube", wish->source);
  else if (wish->name != NULL
           && (!live_name_is_valid (wish->name) || strlen (wish->name) > LONGEST_NAME
               || !g_ascii_isalpha (*wish->name)))
    g_set_error_literal (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                         "The name of a qube is 1 to 31 letters, digits, - _ or ., the first a letter");
  else if (wish->name != NULL
           && (live_system_find_qube (self->system, wish->name) != NULL
               || g_hash_table_lookup (self->qubes, wish->name) != NULL))
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_IN_USE, "there is a qube %s already", wish->name);
  else if (wish->pool == NULL)
    return TRUE;
  else
    {
      pool = live_system_find_pool (self->system, wish->pool);
      if (pool == NULL)
        g_set_error (error, LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "there is no pool %s", wish->pool);
      else if (!live_pool_get_managed (pool) || !g_str_equal (live_pool_get_state (pool), LIVE_POOL_STATE_READY))
        g_set_error (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED,
                     "pool %s is none of Qubes Live's, or its storage is gone", wish->pool);
      else
        return TRUE;
    }
  return FALSE;
}

LiveJob *
live_ram_qubes_run (LiveRamQubes *self, const LiveRamQubeWish *wish, GError **error)
{
  g_autofree char *name = NULL;
  g_autofree char *pool = NULL;
  LiveRamQube *qube = NULL;

  if (!check (self, wish, error))
    return NULL;
  name = wish->name != NULL ? g_strdup (wish->name) : choose_name (self, wish->source);
  pool = wish->pool != NULL ? g_strdup (wish->pool) : g_strconcat ("ram-", name, NULL);
  qube = live_ram_qube_new (self, name, pool, wish->pool == NULL);
  qube->source = g_strdup (wish->source);
  qube->with_files = wish->with_files;
  qube->job = live_job_new (LIVE_JOB_RUN_RAM_QUBE, wish->source);
  live_system_add_job (self->system, qube->job);
  /* Not g_cancellable_connect(): nobody else's thread cancels, and the handler may go from inside another. */
  qube->cancelled = g_signal_connect (live_job_get_cancel (qube->job), "cancelled", G_CALLBACK (on_cancelled), qube);
  live_ram_qube_make (qube);
  return qube->job;
}

/* ---- After a crash, and after a restart of dom0. ---- */

static void
resume (LiveRamQubes *self, const LiveJournalEntry *entry)
{
  const char *name = entry->id + strlen (LIVE_RAM_QUBE_ENTRY);
  const char *pool = json_object_get_string_member_with_default (entry->content, "pool", "");
  const char *step = json_object_get_string_member_with_default (entry->content, "step", "");
  LiveQube *qube = live_system_find_qube (self->system, name);
  LiveRamQube *ram_qube = NULL;

  if (!live_name_is_valid (name) || !live_name_is_valid (pool))
    {
      g_warning ("%s in the journal is not understood and left as it is", entry->id);
      return;
    }
  ram_qube = live_ram_qube_new (self, name, pool,
                                json_object_get_boolean_member_with_default (entry->content, "own-pool", FALSE));
  ram_qube->entry = json_object_ref (entry->content);
  if (qube != NULL && live_qube_state_is_running (live_qube_get_facts (qube)->state)
      && (g_str_equal (step, "running") || g_str_equal (step, LIVE_JOB_STEP_START_QUBE)))
    {
      g_message ("%s runs in RAM and is removed when it halts", name);
      ram_qube->watched = TRUE;
      return;
    }
  g_message ("%s was to run in RAM, and does not: it is removed", name);
  live_ram_qube_remove (ram_qube, TRUE, NULL);
}

static void
on_feature (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  LiveRamQubes *self = g_task_get_source_object (task);
  g_auto (GStrv) names = g_strsplit (g_task_get_task_data (task), "/", 2);
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, NULL);
  g_autofree char *text = answer != NULL ? live_qubesd_reply_parse_text (answer, NULL) : NULL;
  LiveRamQube *qube = NULL;

  if (text == NULL || g_hash_table_contains (self->qubes, names[0]))
    return;
  g_message ("%s ran in RAM, which is gone: it is removed", names[0]);
  qube = live_ram_qube_new (self, names[0], names[1], g_str_equal (text, LIVE_RAM_QUBE_OWN_POOL));
  if (live_ram_qube_note (qube, "running", NULL))
    live_ram_qube_remove (qube, FALSE, NULL);
  else
    live_ram_qube_end (qube);
}

static void
on_state (LivePool *pool, GParamSpec *property, LiveRamQubes *self)
{
  const char *const *qubes = live_pool_get_qubes (pool);

  if (!g_str_equal (live_pool_get_state (pool), LIVE_POOL_STATE_GONE))
    return;
  for (guint i = 0; qubes[i] != NULL; i++)
    {
      GTask *task = NULL;

      if (g_hash_table_contains (self->qubes, qubes[i]))
        continue;
      task = g_task_new (self, NULL, NULL, NULL);
      g_task_set_task_data (task, g_strdup_printf ("%s/%s", qubes[i], live_pool_get_name (pool)), g_free);
      live_qubesd_client_call_async (self->client, "admin.vm.feature.Get", LIVE_RAM_QUBE_FEATURE, qubes[i], NULL, 0,
                                     NULL, on_feature, task);
    }
}

static void
on_pool_added (LiveSystem *system, LivePool *pool, LiveRamQubes *self)
{
  if (!live_pool_is_ours (pool))
    return;
  g_signal_connect_object (pool, "notify::state", G_CALLBACK (on_state), self, 0);
  g_signal_connect_object (pool, "notify::qubes", G_CALLBACK (on_state), self, 0);
}

static void
on_synchronized (LiveSystem *system, GParamSpec *property, LiveRamQubes *self)
{
  g_autoptr (GPtrArray) left_over = NULL;

  if (!live_system_get_synchronized (system))
    return;
  left_over = g_steal_pointer (&self->left_over);
  for (guint i = 0; left_over != NULL && i < left_over->len; i++)
    if (g_str_has_prefix (((LiveJournalEntry *) left_over->pdata[i])->id, LIVE_RAM_QUBE_ENTRY))
      resume (self, left_over->pdata[i]);
}

void
live_ram_qubes_start (LiveRamQubes *self)
{
  g_signal_connect_object (self->system, "notify::synchronized", G_CALLBACK (on_synchronized), self, 0);
  g_signal_connect_object (self->system, "qube-settled", G_CALLBACK (on_settled), self, 0);
  g_signal_connect_object (self->system, "qube-removed", G_CALLBACK (on_qube_removed), self, 0);
  g_signal_connect_object (self->system, "pool-added", G_CALLBACK (on_pool_added), self, 0);
}

static void
live_ram_qubes_finalize (GObject *object)
{
  LiveRamQubes *self = LIVE_RAM_QUBES (object);

  g_hash_table_unref (self->qubes);
  g_clear_pointer (&self->left_over, g_ptr_array_unref);
  g_object_unref (self->system);
  g_object_unref (self->client);
  g_object_unref (self->sync);
  g_object_unref (self->pools);
  G_OBJECT_CLASS (live_ram_qubes_parent_class)->finalize (object);
}

static void
live_ram_qubes_class_init (LiveRamQubesClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = live_ram_qubes_finalize;
}

static void
live_ram_qubes_init (LiveRamQubes *self)
{
  self->qubes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, ram_qube_free);
}

LiveRamQubes *
live_ram_qubes_new (
    LiveSystem *system, LiveQubesdClient *client, LiveQubesdSync *sync, LivePools *pools, LiveJournal *journal)
{
  LiveRamQubes *self = g_object_new (LIVE_TYPE_RAM_QUBES, NULL);

  self->system = g_object_ref (system);
  self->client = g_object_ref (client);
  self->sync = g_object_ref (sync);
  self->pools = g_object_ref (pools);
  self->journal = journal;
  self->left_over = live_journal_list (journal);
  return self;
}
