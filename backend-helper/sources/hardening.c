/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/hardening.h"

#include "sources/hardening-facts.h"

struct _LiveHardening
{
  GObject parent;

  LiveSystem *system;
  char *root;
  LivePostureFacts *facts; /* NULL before the first reading */
  GPtrArray *served;       /* (element-type GTask): those whom the reading under way answers; NULL when there is none */
  GPtrArray *waiting;      /* (element-type GTask): those for the one after it */
};

G_DEFINE_FINAL_TYPE (LiveHardening, live_hardening, G_TYPE_OBJECT)

static void start_reading (LiveHardening *self);

static void
judge (LiveHardening *self)
{
  g_autofree char *boot_mode = NULL;
  g_autoptr (GVariant) posture = NULL;

  if (self->facts == NULL)
    return;
  g_object_get (self->system, "boot-mode", &boot_mode, NULL);
  self->facts->live = live_posture_is_live (boot_mode);
  posture = live_posture_judge (self->facts);
  live_system_set_posture (self->system, posture);
}

static void
on_read (GObject *unused, GAsyncResult *result, gpointer data)
{
  g_autoptr (LiveHardening) self = data;
  g_autoptr (GPtrArray) served = g_steal_pointer (&self->served);

  live_posture_facts_free (self->facts);
  self->facts = g_task_propagate_pointer (G_TASK (result), NULL);
  judge (self);
  if (self->waiting->len > 0)
    start_reading (self);
  for (guint i = 0; i < served->len; i++)
    g_task_return_boolean (g_ptr_array_index (served, i), TRUE);
}

static void
free_facts (gpointer facts)
{
  live_posture_facts_free (facts);
}

static gpointer
read_in_thread (gpointer data)
{
  /* Without a source object: the last reference may end here, and no object of the main loop with it. */
  g_autoptr (GTask) task = data;

  g_task_return_pointer (task, live_hardening_facts_read (g_task_get_task_data (task)), free_facts);
  return NULL;
}

static void
start_reading (LiveHardening *self)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, on_read, g_object_ref (self));

  g_task_set_task_data (task, g_strdup (self->root), g_free);
  self->served = g_steal_pointer (&self->waiting);
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  /* Not from a pool: its threads stay for a while, and wake up only to end. */
  g_thread_unref (g_thread_new ("hardening", read_in_thread, g_steal_pointer (&task)));
}

void
live_hardening_refresh_async (LiveHardening *self, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (LIVE_IS_HARDENING (self));

  g_ptr_array_add (self->waiting, g_task_new (self, NULL, callback, user_data));
  if (self->served == NULL)
    start_reading (self);
}

void
live_hardening_refresh_finish (LiveHardening *self, GAsyncResult *result)
{
  g_return_if_fail (g_task_is_valid (result, self));

  g_task_propagate_boolean (G_TASK (result), NULL);
}

static void
live_hardening_finalize (GObject *object)
{
  LiveHardening *self = LIVE_HARDENING (object);

  g_clear_object (&self->system);
  g_free (self->root);
  live_posture_facts_free (self->facts);
  g_ptr_array_unref (self->waiting);
  G_OBJECT_CLASS (live_hardening_parent_class)->finalize (object);
}

static void
live_hardening_class_init (LiveHardeningClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = live_hardening_finalize;
}

static void
live_hardening_init (LiveHardening *self)
{
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
}

LiveHardening *
live_hardening_new (LiveSystem *system, const char *root)
{
  LiveHardening *self = g_object_new (LIVE_TYPE_HARDENING, NULL);

  self->system = g_object_ref (system);
  self->root = g_strdup (root);
  g_signal_connect_object (system, "notify::boot-mode", G_CALLBACK (judge), self, G_CONNECT_SWAPPED);
  return self;
}
