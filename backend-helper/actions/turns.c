/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/turns.h"

#include "model/error.h"

struct _LiveTurns
{
  GObject parent;

  GHashTable *taken; /* name → GQueue of GTask that wait */
};

G_DEFINE_FINAL_TYPE (LiveTurns, live_turns, G_TYPE_OBJECT)

void
live_turns_take_async (LiveTurns *self, const char *name, GCancellable *cancellable, GAsyncReadyCallback callback,
                       gpointer data)
{
  GTask *task = g_task_new (self, cancellable, callback, data);
  GQueue *waiting = g_hash_table_lookup (self->taken, name);

  g_task_set_check_cancellable (task, FALSE);
  if (waiting != NULL)
    {
      g_queue_push_tail (waiting, task);
      return;
    }
  g_hash_table_insert (self->taken, g_strdup (name), g_queue_new ());
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

gboolean
live_turns_take_finish (LiveTurns *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
live_turns_give_back (LiveTurns *self, const char *name)
{
  GQueue *waiting = g_hash_table_lookup (self->taken, name);
  GTask *task = NULL;

  g_return_if_fail (waiting != NULL);

  while ((task = g_queue_pop_head (waiting)) != NULL)
    {
      g_autoptr (GTask) owned = task;

      if (!g_cancellable_is_cancelled (g_task_get_cancellable (owned)))
        {
          g_task_return_boolean (owned, TRUE);
          return; /* it has the turn now */
        }
      g_task_return_new_error (owned, LIVE_ERROR, LIVE_ERROR_CANCELLED, "the change of %s was taken back", name);
    }
  g_hash_table_remove (self->taken, name);
}

gboolean
live_turns_is_taken (LiveTurns *self, const char *name)
{
  return g_hash_table_contains (self->taken, name);
}

static void
free_waiting (gpointer data)
{
  g_queue_free_full (data, g_object_unref);
}

static void
live_turns_finalize (GObject *object)
{
  g_hash_table_unref (LIVE_TURNS (object)->taken);
  G_OBJECT_CLASS (live_turns_parent_class)->finalize (object);
}

static void
live_turns_class_init (LiveTurnsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = live_turns_finalize;
}

static void
live_turns_init (LiveTurns *self)
{
  self->taken = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_waiting);
}

LiveTurns *
live_turns_new (void)
{
  return g_object_new (LIVE_TYPE_TURNS, NULL);
}
