/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/qube-mirror.h"

#include "model/error.h"

/* With five calls a qube this keeps the client's sixteen places filled, and holds little in memory. */
#define READINGS_AT_ONCE 8

struct _LiveQubeMirror
{
  GObject parent;

  LiveSystem *system;
  LiveQubesdClient *client;
  GHashTable *entries; /* name → LiveEntry */
  GQueue *queue;       /* LiveEntry that wait to be read, each with a reference */
  guint n_reading;
  GCancellable *connection; /* NULL while there is none */
};

/* A qube that qubesd has, with what is to be read of it. */
typedef struct
{
  int references;
  gboolean gone;
  LiveQubeMirror *mirror;
  LiveQube *qube;
  LiveRead dirty;
  gboolean held;  /* somebody changes it, and reads it then */
  LiveRead asked; /* what the next tasks wait for */
  gboolean queued;
  gboolean reading;
  gboolean read;      /* at least once since the connection */
  gboolean exported;  /* it is in the system */
  GPtrArray *waiters; /* GTask that wait for the reading under way */
  GPtrArray *next;    /* GTask that wait for the one after it */
} LiveEntry;

static guint progress_signal;

G_DEFINE_FINAL_TYPE (LiveQubeMirror, live_qube_mirror, G_TYPE_OBJECT)

static void
entry_unref (LiveEntry *entry)
{
  if (--entry->references > 0)
    return;
  g_object_unref (entry->qube);
  g_ptr_array_unref (entry->waiters);
  g_ptr_array_unref (entry->next);
  g_free (entry);
}

static LiveEntry *
entry_new (LiveQubeMirror *self, const char *name, const char *klass)
{
  LiveEntry *entry = g_new0 (LiveEntry, 1);

  entry->references = 1;
  entry->mirror = self;
  entry->qube = live_qube_new (name, klass);
  entry->waiters = g_ptr_array_new_with_free_func (g_object_unref);
  entry->next = g_ptr_array_new_with_free_func (g_object_unref);
  g_hash_table_insert (self->entries, (gpointer) live_qube_get_name (entry->qube), entry);
  return entry;
}

void
live_tasks_answer (GPtrArray **tasks, const GError *error)
{
  g_autoptr (GPtrArray) answered = *tasks;

  *tasks = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < answered->len; i++)
    {
      GTask *task = g_ptr_array_index (answered, i);

      if (error != NULL)
        g_task_return_error (task, g_error_copy (error));
      else
        g_task_return_boolean (task, TRUE);
    }
}

static void
dequeue (LiveQubeMirror *self, LiveEntry *entry)
{
  if (!entry->queued)
    return;
  g_queue_remove (self->queue, entry);
  entry->queued = FALSE;
  entry_unref (entry);
}

static void
enqueue (LiveEntry *entry, LiveRead what, gboolean first)
{
  entry->dirty |= what;
  if (entry->held || entry->queued || entry->reading || entry->dirty == LIVE_READ_NOTHING)
    return;
  entry->queued = TRUE;
  entry->references++;
  if (first)
    g_queue_push_head (entry->mirror->queue, entry);
  else
    g_queue_push_tail (entry->mirror->queue, entry);
}

static void
forget (LiveQubeMirror *self, const char *name)
{
  LiveEntry *entry = g_hash_table_lookup (self->entries, name);
  g_autoptr (GError) error = NULL;

  if (entry == NULL)
    return;
  error = g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "the qube %s does not exist any more", name);
  dequeue (self, entry);
  entry->gone = TRUE;
  g_hash_table_remove (self->entries, name);
  if (entry->exported)
    live_system_remove_qube (self->system, live_qube_get_name (entry->qube));
  live_tasks_answer (&entry->waiters, error);
  live_tasks_answer (&entry->next, error);
  entry_unref (entry);
}

/* What has been read so far is in the facts: show it, and when nothing is left to read, let it be acted on. */
static void
publish (LiveQubeMirror *self, LiveEntry *entry)
{
  entry->read = TRUE;
  if (!entry->exported)
    {
      /* Only now, so that nobody ever sees a qube of which nothing is known yet. */
      entry->exported = TRUE;
      live_system_inform_qube (self->system, entry->qube);
      live_qube_judge (entry->qube);
      live_system_add_qube (self->system, entry->qube);
    }
  if (entry->dirty == LIVE_READ_NOTHING)
    live_system_settle_qube (self->system, entry->qube);
  else
    live_system_judge_qube (self->system, entry->qube);
}

static void
take_reading (LiveQubeMirror *self, LiveEntry *entry, const GError *error)
{
  if (error == NULL)
    publish (self, entry);
  else if (!g_error_matches (error, LIVE_ERROR, LIVE_ERROR_CANCELLED)
           && !g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_FOUND))
    {
      /* Not gone and not told: say so, rather than show what was true before. */
      g_warning ("%s cannot be read: %s", live_qube_get_name (entry->qube), error->message);
      live_qube_set_unreadable (entry->qube, error->message);
      publish (self, entry);
    }
  live_tasks_answer (&entry->waiters, error);
  if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_FOUND))
    forget (self, live_qube_get_name (entry->qube));
  else if (self->connection != NULL)
    enqueue (entry, LIVE_READ_NOTHING, entry->dirty != LIVE_READ_KERNEL);
}

static void read_next (LiveQubeMirror *self);

static void
on_read (GObject *object, GAsyncResult *result, gpointer data)
{
  LiveEntry *entry = data;
  g_autoptr (LiveQubeMirror) self = entry->mirror; /* the reading held a reference */
  g_autoptr (GError) error = NULL;

  live_qube_read_finish (LIVE_QUBE (object), result, &error);
  entry->reading = FALSE;
  self->n_reading--;
  if (!entry->gone)
    take_reading (self, entry, error);
  read_next (self);
  g_signal_emit (self, progress_signal, 0);
  entry_unref (entry);
}

static void
read_next (LiveQubeMirror *self)
{
  while (self->connection != NULL && self->n_reading < READINGS_AT_ONCE && !g_queue_is_empty (self->queue))
    {
      LiveEntry *entry = g_queue_pop_head (self->queue); /* its reference goes to the reading */
      LiveRead later = entry->next->len > 0 ? entry->dirty & LIVE_READ_KERNEL & ~entry->asked : LIVE_READ_NOTHING;
      LiveRead what = entry->dirty & ~later;
      GPtrArray *answered = entry->waiters;

      entry->queued = FALSE;
      entry->reading = TRUE;
      entry->dirty = later;
      entry->asked = LIVE_READ_NOTHING;
      entry->waiters = entry->next;
      entry->next = answered; /* empty: a reading answers them when it ends */
      self->n_reading++;
      g_object_ref (self);
      live_qube_read_async (self->client, entry->qube, what, self->connection, on_read, entry);
    }
}

void
live_qube_mirror_connect (LiveQubeMirror *self, GCancellable *connection)
{
  g_set_object (&self->connection, connection);
}

void
live_qube_mirror_disconnect (LiveQubeMirror *self, const GError *reason)
{
  g_autoptr (GCancellable) connection = g_steal_pointer (&self->connection);
  GHashTableIter iter;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      LiveEntry *entry = value;

      dequeue (self, entry);
      entry->held = FALSE;
      entry->dirty = entry->asked = LIVE_READ_NOTHING;
      entry->read = FALSE;
      live_tasks_answer (&entry->waiters, reason);
      live_tasks_answer (&entry->next, reason);
    }
  g_cancellable_cancel (connection);
}

static LiveEntry *
adopt (LiveQubeMirror *self, const LiveQubeListing *listing)
{
  LiveEntry *entry = g_hash_table_lookup (self->entries, listing->name);

  /* dom0 is not a qube here: it has no volumes, and it has an object of its own. */
  if (g_str_equal (listing->klass, "AdminVM"))
    return NULL;
  if (entry != NULL && !g_str_equal (live_qube_get_class_name (entry->qube), listing->klass))
    {
      /* Removed and made anew as something else while nobody listened. */
      forget (self, listing->name);
      entry = NULL;
    }
  if (entry == NULL)
    entry = entry_new (self, listing->name, listing->klass);
  /* The same version brought both (Qubes 4.3). */
  live_qube_set_revisions_off_known (entry->qube, listing->uuid != NULL);
  return entry;
}

static void
forget_missing (LiveQubeMirror *self, GPtrArray *listings)
{
  g_autoptr (GHashTable) listed = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) missing = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer name = NULL;

  for (guint i = 0; i < listings->len; i++)
    g_hash_table_add (listed, ((LiveQubeListing *) g_ptr_array_index (listings, i))->name);
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (!g_hash_table_contains (listed, name))
      g_ptr_array_add (missing, g_strdup (name));
  for (guint i = 0; i < missing->len; i++)
    forget (self, g_ptr_array_index (missing, i));
}

void
live_qube_mirror_take_list (LiveQubeMirror *self, GPtrArray *listings)
{
  forget_missing (self, listings);
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; i < listings->len; i++)
      {
        const LiveQubeListing *listing = g_ptr_array_index (listings, i);
        LiveQubeState state = live_qube_state_from_qubesd (listing->state);
        LiveEntry *entry = NULL;

        if (live_qube_state_is_running (state) != (pass == 0))
          continue;
        entry = adopt (self, listing);
        if (entry == NULL)
          continue;
        live_qube_set_stopping (entry->qube, FALSE);
        live_qube_set_being_made (entry->qube, FALSE);
        live_qube_set_state (entry->qube, state);
        live_qube_set_apply_error (entry->qube, NULL, NULL);
        entry->read = FALSE;
        entry->held = FALSE;
        /* The list has just told the state. */
        enqueue (entry, LIVE_READ_FIRST & ~LIVE_READ_STATE, FALSE);
      }
  read_next (self);
}

void
live_qube_mirror_adopt (LiveQubeMirror *self, const LiveQubeListing *listing)
{
  LiveEntry *entry = adopt (self, listing);

  if (entry == NULL)
    return;
  live_qube_set_state (entry->qube, live_qube_state_from_qubesd (listing->state));
  enqueue (entry, LIVE_READ_FIRST, TRUE);
  read_next (self);
}

void
live_qube_mirror_forget (LiveQubeMirror *self, const char *name)
{
  forget (self, name);
  g_signal_emit (self, progress_signal, 0);
}

void
live_qube_mirror_mark (LiveQubeMirror *self, const char *name, LiveRead what)
{
  LiveEntry *entry = g_hash_table_lookup (self->entries, name);

  if (entry == NULL || self->connection == NULL)
    return;
  enqueue (entry, what, TRUE);
  read_next (self);
}

void
live_qube_mirror_mark_class (LiveQubeMirror *self, LiveQubeKlass klass, LiveRead what)
{
  GHashTableIter iter;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, self->entries);
  while (self->connection != NULL && g_hash_table_iter_next (&iter, NULL, &value))
    {
      LiveEntry *entry = value;

      if (live_qube_get_facts (entry->qube)->klass == klass)
        enqueue (entry, what, TRUE);
    }
  read_next (self);
}

LiveQube *
live_qube_mirror_find (LiveQubeMirror *self, const char *name)
{
  LiveEntry *entry = g_hash_table_lookup (self->entries, name);

  return entry != NULL ? entry->qube : NULL;
}

void
live_qube_mirror_hold (LiveQubeMirror *self, const char *name)
{
  LiveEntry *entry = g_hash_table_lookup (self->entries, name);

  if (entry == NULL || self->connection == NULL)
    return;
  entry->held = TRUE;
  dequeue (self, entry);
}

void
live_qube_mirror_wait (LiveQubeMirror *self, const char *name, LiveRead what, GTask *task)
{
  LiveEntry *entry = g_hash_table_lookup (self->entries, name);

  if (entry == NULL)
    {
      g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "there is no qube %s", name);
      g_object_unref (task);
      return;
    }
  g_ptr_array_add (entry->next, task);
  entry->held = FALSE;
  entry->asked |= what;
  live_qube_mirror_mark (self, name, what);
}

gboolean
live_qube_mirror_is_running_known (LiveQubeMirror *self)
{
  GHashTableIter iter;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      LiveEntry *entry = value;

      if (!entry->read && live_qube_state_is_running (live_qube_get_facts (entry->qube)->state))
        return FALSE;
    }
  return TRUE;
}

gboolean
live_qube_mirror_is_idle (LiveQubeMirror *self)
{
  return self->n_reading == 0 && g_queue_is_empty (self->queue);
}

static void
live_qube_mirror_finalize (GObject *object)
{
  LiveQubeMirror *self = LIVE_QUBE_MIRROR (object);
  GHashTableIter iter;
  gpointer value = NULL;

  g_queue_free_full (self->queue, (GDestroyNotify) entry_unref);
  g_hash_table_iter_init (&iter, self->entries);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      g_hash_table_iter_steal (&iter);
      entry_unref (value);
    }
  g_hash_table_unref (self->entries);
  g_clear_object (&self->connection);
  g_object_unref (self->client);
  g_object_unref (self->system);
  G_OBJECT_CLASS (live_qube_mirror_parent_class)->finalize (object);
}

static void
live_qube_mirror_class_init (LiveQubeMirrorClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = live_qube_mirror_finalize;

  progress_signal
      = g_signal_new ("progress", LIVE_TYPE_QUBE_MIRROR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
live_qube_mirror_init (LiveQubeMirror *self)
{
  self->entries = g_hash_table_new (g_str_hash, g_str_equal);
  self->queue = g_queue_new ();
}

LiveQubeMirror *
live_qube_mirror_new (LiveSystem *system, LiveQubesdClient *client)
{
  LiveQubeMirror *self = g_object_new (LIVE_TYPE_QUBE_MIRROR, NULL);

  self->system = g_object_ref (system);
  self->client = g_object_ref (client);
  return self;
}
