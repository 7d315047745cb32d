/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/pools-private.h"

#include "model/error.h"
#include "sources/default-pools.h"

/* In an entry of the journal: whether all properties are set. */
#define COMPLETE "complete"

typedef struct
{
  char *name;
  gboolean on;
  LiveDefaultPools *now;
  guint next; /* the property that is being set */
  GError *error;
} LiveChange;

static void
change_free (gpointer data)
{
  LiveChange *change = data;

  g_free (change->name);
  g_clear_pointer (&change->now, live_default_pools_free);
  g_clear_error (&change->error);
  g_free (change);
}

static char *
make_id (const char *name)
{
  return g_strconcat (LIVE_POOLS_DEFAULT_ENTRY, name, NULL);
}

/* (nullable): where a volume went before, if that is known and was not the default of the default. */
static const char *
find_before (LivePools *self, const char *name, const char *property)
{
  JsonObject *before = g_hash_table_lookup (self->defaults, name);
  JsonNode *node = before != NULL ? json_object_get_member (before, property) : NULL;

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
}

static gboolean
is_set (LiveChange *change, guint property)
{
  return g_str_equal (change->now->values[property]->value, change->name);
}

/* Remembers in the journal what the properties are now, unless they are the pool itself already. */
static gboolean
remember (LivePools *self, LiveChange *change, GError **error)
{
  g_autofree char *id = make_id (change->name);
  JsonObject *before = json_object_new ();

  json_object_set_string_member (before, "action", "default-pool");
  for (guint i = 0; i < LIVE_N_DEFAULT_POOLS; i++)
    {
      const LivePropertyValue *now = change->now->values[i];
      const char *value = is_set (change, i) ? find_before (self, change->name, live_default_pool_properties[i])
                                             : (now->is_default ? NULL : now->value);

      if (value != NULL)
        json_object_set_string_member (before, live_default_pool_properties[i], value);
    }
  json_object_set_boolean_member (before, COMPLETE, FALSE);
  g_hash_table_replace (self->defaults, g_strdup (change->name), before);
  if (!live_journal_write (self->journal, id, before, error))
    return FALSE;
  live_pools_point (self);
  return TRUE;
}

/* What was half done is undone by the next helper, and what is whole is not. */
static void
note_complete (LivePools *self, const char *name)
{
  g_autofree char *id = make_id (name);
  JsonObject *before = g_hash_table_lookup (self->defaults, name);
  g_autoptr (GError) error = NULL;

  json_object_set_boolean_member (before, COMPLETE, TRUE);
  if (!live_journal_write (self->journal, id, before, &error))
    g_warning ("%s", error->message);
  live_pools_point (self);
}

static void
forget (LivePools *self, const char *name)
{
  g_autofree char *id = make_id (name);
  g_autoptr (GError) error = NULL;

  g_hash_table_remove (self->defaults, name);
  if (!live_journal_remove (self->journal, id, &error))
    g_warning ("%s", error->message);
}

static void
on_read_back (GObject *system, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  LiveChange *change = g_task_get_task_data (task);
  g_autoptr (LiveDefaultPools) now = live_default_pools_read_finish (LIVE_SYSTEM (system), result, NULL);

  if (change->error != NULL)
    g_task_return_error (task, g_steal_pointer (&change->error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
read_back (GTask *task)
{
  LivePools *self = g_task_get_source_object (task);

  live_default_pools_read_async (self->client, self->system, NULL, on_read_back, task);
}

static void set_next (GTask *task);
static void read_before (GTask *task);

static void
on_set (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveChange *change = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  live_pools_point (LIVE_POOLS (g_task_get_source_object (task)));
  if (answer != NULL)
    {
      change->next++;
      set_next (task);
      return;
    }
  g_prefix_error (&error, "%s: ", live_default_pool_properties[change->next]);
  if (change->error == NULL)
    change->error = error;
  else
    g_error_free (error);
  if (!change->on)
    {
      read_back (task);
      return;
    }
  /* All or nothing; and whether the one that failed was set nobody knows. */
  change->on = FALSE;
  read_before (task);
}

static void
set_next (GTask *task)
{
  LivePools *self = g_task_get_source_object (task);
  LiveChange *change = g_task_get_task_data (task);
  const char *property = NULL;
  const char *value = change->name;

  while (change->next < LIVE_N_DEFAULT_POOLS && is_set (change, change->next) == change->on)
    change->next++;
  if (change->next == LIVE_N_DEFAULT_POOLS)
    {
      if (change->on)
        note_complete (self, change->name);
      else
        forget (self, change->name);
      read_back (task);
      return;
    }
  property = live_default_pool_properties[change->next];
  if (!change->on)
    value = find_before (self, change->name, property);
  if (value != NULL && live_system_find_pool (self->system, value) != NULL)
    live_pools_call (self, "admin.property.Set", property, value, on_set, task);
  else
    live_pools_call (self, "admin.property.Reset", property, NULL, on_set, task);
}

static void
on_read_before (GObject *system, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveChange *change = g_task_get_task_data (task);
  GError *error = NULL;

  g_clear_pointer (&change->now, live_default_pools_free);
  change->now = live_default_pools_read_finish (LIVE_SYSTEM (system), result, &error);
  if (change->now != NULL && (!change->on || remember (g_task_get_source_object (task), change, &error)))
    {
      change->next = 0;
      set_next (task);
      return;
    }
  if (change->error == NULL)
    change->error = g_steal_pointer (&error);
  g_clear_error (&error);
  g_task_return_error (task, g_steal_pointer (&change->error));
  g_object_unref (task);
}

static void
read_before (GTask *task)
{
  LivePools *self = g_task_get_source_object (task);

  live_default_pools_read_async (self->client, self->system, NULL, on_read_before, task);
}

void
live_pool_default_set_async (
    LivePools *self, const char *name, gboolean on, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (self, NULL, callback, data);
  LiveChange *change = g_new0 (LiveChange, 1);

  change->name = g_strdup (name);
  change->on = on;
  g_task_set_task_data (task, change, change_free);
  read_before (task);
}

gboolean
live_pool_default_set_finish (LivePools *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ---- After a crash. ---- */

static void
on_undone (GObject *pools, GAsyncResult *result, gpointer data)
{
  g_autofree char *name = data;
  g_autoptr (GError) error = NULL;

  if (!live_pool_default_set_finish (LIVE_POOLS (pools), result, &error))
    g_warning ("new qubes may still go to pool %s: %s", name, error->message);
}

void
live_pool_default_resume (LivePools *self)
{
  g_autofree gpointer *names = g_hash_table_get_keys_as_array (self->defaults, NULL);

  for (guint i = 0; names[i] != NULL; i++)
    {
      JsonObject *before = g_hash_table_lookup (self->defaults, names[i]);

      if (g_hash_table_contains (self->busy, names[i])
          || (live_system_find_pool (self->system, names[i]) != NULL
              && json_object_get_boolean_member_with_default (before, COMPLETE, FALSE)))
        continue;
      g_message ("new qubes were being made to go to pool %s when the helper ended: that is undone",
                 (const char *) names[i]);
      live_pool_default_set_async (self, names[i], FALSE, on_undone, g_strdup (names[i]));
    }
}
