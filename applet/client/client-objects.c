/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "client/client-objects.h"

#include "client/client-job.h"
#include "client/client-pool.h"
#include "client/client-qube.h"
#include "model/object-path.h"

struct _LiveClientObjects
{
  LiveClientObjectsNotify notify;
  gpointer owner;
  GHashTable *tables[LIVE_CLIENT_N_OBJECT_KINDS]; /* object path → object; the key belongs to the value */
};

/* The kinds differ in nothing but these. */

static gpointer
new_qube (const char *object_path)
{
  return live_client_qube_new (object_path);
}

static gpointer
new_pool (const char *object_path)
{
  return live_client_pool_new (object_path);
}

static gpointer
new_job (const char *object_path)
{
  return live_client_job_new (object_path);
}

static gboolean
update_qube (gpointer object, GVariant *values)
{
  return live_client_qube_update (object, values);
}

static gboolean
update_pool (gpointer object, GVariant *values)
{
  return live_client_pool_update (object, values);
}

static gboolean
update_job (gpointer object, GVariant *values)
{
  return live_client_job_update (object, values);
}

static const char *
get_qube_path (gpointer object)
{
  return live_client_qube_get_object_path (object);
}

static const char *
get_pool_path (gpointer object)
{
  return live_client_pool_get_object_path (object);
}

static const char *
get_job_path (gpointer object)
{
  return live_client_job_get_object_path (object);
}

/* The one name that belongs to this path. An object that calls itself otherwise is not believed. */
static gboolean
name_fits (const char *kind, const char *name, const char *object_path)
{
  g_autofree char *expected = NULL;

  if (!live_name_is_valid (name))
    return FALSE;
  expected = live_object_path (kind, name);
  return g_str_equal (expected, object_path);
}

static gboolean
qube_fits (gpointer object)
{
  return name_fits ("qube", live_client_qube_get_name (object), live_client_qube_get_object_path (object));
}

static gboolean
pool_fits (gpointer object)
{
  return name_fits ("pool", live_client_pool_get_name (object), live_client_pool_get_object_path (object));
}

/* A job has no name but the number in its path. */
static gboolean
job_fits (gpointer object)
{
  return live_client_job_get_id (object) != 0;
}

static int
compare_qubes (gconstpointer left, gconstpointer right)
{
  return g_strcmp0 (live_client_qube_get_name (*(LiveClientQube *const *) left),
                    live_client_qube_get_name (*(LiveClientQube *const *) right));
}

static int
compare_pools (gconstpointer left, gconstpointer right)
{
  return g_strcmp0 (live_client_pool_get_name (*(LiveClientPool *const *) left),
                    live_client_pool_get_name (*(LiveClientPool *const *) right));
}

static int
compare_jobs (gconstpointer left, gconstpointer right)
{
  guint left_id = live_client_job_get_id (*(LiveClientJob *const *) left);
  guint right_id = live_client_job_get_id (*(LiveClientJob *const *) right);

  return left_id < right_id ? -1 : left_id > right_id;
}

static const struct
{
  const char *interface;
  const char *path_kind; /* the second to last element of its path */
  gpointer (*new) (const char *object_path);
  gboolean (*update) (gpointer object, GVariant *values);
  const char *(*get_object_path) (gpointer object);
  gboolean (*fits) (gpointer object);
  GCompareFunc compare;
} kinds[] = {
  [LIVE_CLIENT_OBJECT_QUBE]
  = { LIVE_BUS_NAME ".Qube", "qube", new_qube, update_qube, get_qube_path, qube_fits, compare_qubes },
  [LIVE_CLIENT_OBJECT_POOL]
  = { LIVE_BUS_NAME ".Pool", "pool", new_pool, update_pool, get_pool_path, pool_fits, compare_pools },
  [LIVE_CLIENT_OBJECT_JOB] = { LIVE_BUS_NAME ".Job", "job", new_job, update_job, get_job_path, job_fits, compare_jobs },
};
G_STATIC_ASSERT (G_N_ELEMENTS (kinds) == LIVE_CLIENT_N_OBJECT_KINDS);

LiveClientObjects *
live_client_objects_new (LiveClientObjectsNotify notify, gpointer owner)
{
  LiveClientObjects *self = g_new0 (LiveClientObjects, 1);

  self->notify = notify;
  self->owner = owner;
  for (guint kind = 0; kind < LIVE_CLIENT_N_OBJECT_KINDS; kind++)
    self->tables[kind] = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);
  return self;
}

void
live_client_objects_free (LiveClientObjects *self)
{
  for (guint kind = 0; kind < LIVE_CLIENT_N_OBJECT_KINDS; kind++)
    g_hash_table_unref (self->tables[kind]);
  g_free (self);
}

gboolean
live_client_objects_find_kind (const char *interface, LiveClientObjectKind *kind)
{
  for (guint i = 0; i < LIVE_CLIENT_N_OBJECT_KINDS; i++)
    {
      if (g_str_equal (interface, kinds[i].interface))
        {
          *kind = (LiveClientObjectKind) i;
          return TRUE;
        }
    }
  return FALSE;
}

void
live_client_objects_remove (LiveClientObjects *self, LiveClientObjectKind kind, const char *object_path)
{
  gpointer object = NULL;

  if (!g_hash_table_steal_extended (self->tables[kind], object_path, NULL, &object))
    return;
  self->notify (self->owner, kind, LIVE_CLIENT_OBJECT_REMOVED, object);
  g_object_unref (object);
}

void
live_client_objects_update (
    LiveClientObjects *self, LiveClientObjectKind kind, const char *object_path, GVariant *values, gboolean may_add)
{
  gpointer object = g_hash_table_lookup (self->tables[kind], object_path);
  gboolean is_new = object == NULL;
  gboolean changed = FALSE;

  if (is_new && !may_add)
    return;
  if (is_new)
    object = kinds[kind].new(object_path);
  changed = kinds[kind].update (object, values);
  if (!kinds[kind].fits (object))
    {
      g_debug ("The object %s does not have a name that fits it", object_path);
      if (is_new)
        g_object_unref (object);
      else
        live_client_objects_remove (self, kind, object_path);
      return;
    }
  if (is_new)
    g_hash_table_insert (self->tables[kind], (gpointer) kinds[kind].get_object_path (object), object);
  if (is_new || changed)
    self->notify (self->owner, kind, is_new ? LIVE_CLIENT_OBJECT_ADDED : LIVE_CLIENT_OBJECT_CHANGED, object);
}

void
live_client_objects_remove_missing (LiveClientObjects *self, GVariant *keep)
{
  g_autoptr (GHashTable) kept = g_hash_table_new (g_str_hash, g_str_equal);

  if (keep != NULL)
    {
      GVariantIter iter;
      const char *object_path = NULL;

      g_variant_iter_init (&iter, keep);
      while (g_variant_iter_next (&iter, "{&o@a{sa{sv}}}", &object_path, NULL))
        g_hash_table_add (kept, (gpointer) object_path);
    }
  for (guint kind = 0; kind < LIVE_CLIENT_N_OBJECT_KINDS; kind++)
    {
      g_autoptr (GPtrArray) objects = live_client_objects_list (self, (LiveClientObjectKind) kind);

      for (guint i = 0; i < objects->len; i++)
        {
          const char *object_path = kinds[kind].get_object_path (objects->pdata[i]);

          if (!g_hash_table_contains (kept, object_path))
            live_client_objects_remove (self, (LiveClientObjectKind) kind, object_path);
        }
    }
}

void
live_client_objects_clear (LiveClientObjects *self)
{
  for (guint kind = 0; kind < LIVE_CLIENT_N_OBJECT_KINDS; kind++)
    g_hash_table_remove_all (self->tables[kind]);
}

gpointer
live_client_objects_find (LiveClientObjects *self, LiveClientObjectKind kind, const char *object_path)
{
  return g_hash_table_lookup (self->tables[kind], object_path);
}

gpointer
live_client_objects_find_named (LiveClientObjects *self, LiveClientObjectKind kind, const char *name)
{
  g_autofree char *object_path = NULL;

  if (!live_name_is_valid (name))
    return NULL;
  object_path = live_object_path (kinds[kind].path_kind, name);
  return g_hash_table_lookup (self->tables[kind], object_path);
}

GPtrArray *
live_client_objects_list (LiveClientObjects *self, LiveClientObjectKind kind)
{
  GPtrArray *objects = g_ptr_array_new_full (g_hash_table_size (self->tables[kind]), g_object_unref);
  GHashTableIter iter;
  gpointer object = NULL;

  g_hash_table_iter_init (&iter, self->tables[kind]);
  while (g_hash_table_iter_next (&iter, NULL, &object))
    g_ptr_array_add (objects, g_object_ref (object));
  g_ptr_array_sort (objects, kinds[kind].compare);
  return objects;
}

gboolean
live_client_objects_may_exist (LiveClientObjects *self, const char *object_path)
{
  for (guint kind = 0; kind < LIVE_CLIENT_N_OBJECT_KINDS; kind++)
    {
      g_autofree char *prefix = g_strconcat (LIVE_OBJECT_ROOT "/", kinds[kind].path_kind, "/", NULL);

      if (g_str_has_prefix (object_path, prefix))
        return g_hash_table_contains (self->tables[kind], object_path);
    }
  return TRUE;
}
