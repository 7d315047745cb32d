/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/pool.h"

#include <string.h>

struct _LivePool
{
  GObject parent;

  char *name;
  char *driver;
  const char *kind;
  guint64 size;
  guint64 used;
  gboolean ephemeral_volatile;
  gboolean ephemeral_volatile_supported;
  char *dir_path;
  guint64 qubesd_size;
  guint64 qubesd_used;
  guint64 memory_used;
  const char *state;
  gboolean managed;
  gboolean is_default;
  GPtrArray *qubes; /* names, sorted, and a NULL */
  gboolean has_storage;
  LivePoolStorage storage; /* with has_storage */
};

typedef enum
{
  PROP_NAME = 1,
  PROP_DRIVER,
  PROP_KIND,
  PROP_SIZE,
  PROP_USED,
  PROP_EPHEMERAL_VOLATILE,
  PROP_EPHEMERAL_VOLATILE_SUPPORTED,
  PROP_MEMORY_USED,
  PROP_STATE,
  PROP_MANAGED,
  PROP_DEFAULT,
  PROP_QUBES,
  N_PROPERTIES
} LivePoolProperty;

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (LivePool, live_pool, G_TYPE_OBJECT)

static void
live_pool_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LivePool *self = LIVE_POOL (object);

  switch ((LivePoolProperty) id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_DRIVER:
      g_value_set_string (value, self->driver);
      break;
    case PROP_KIND:
      g_value_set_string (value, self->kind);
      break;
    case PROP_SIZE:
      g_value_set_uint64 (value, self->size);
      break;
    case PROP_USED:
      g_value_set_uint64 (value, self->used);
      break;
    case PROP_EPHEMERAL_VOLATILE:
      g_value_set_boolean (value, self->ephemeral_volatile);
      break;
    case PROP_EPHEMERAL_VOLATILE_SUPPORTED:
      g_value_set_boolean (value, self->ephemeral_volatile_supported);
      break;
    case PROP_MEMORY_USED:
      g_value_set_uint64 (value, self->memory_used);
      break;
    case PROP_STATE:
      g_value_set_string (value, self->state);
      break;
    case PROP_MANAGED:
      g_value_set_boolean (value, self->managed);
      break;
    case PROP_DEFAULT:
      g_value_set_boolean (value, self->is_default);
      break;
    case PROP_QUBES:
      g_value_set_boxed (value, self->qubes->pdata);
      break;
    case N_PROPERTIES:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
live_pool_finalize (GObject *object)
{
  LivePool *self = LIVE_POOL (object);

  g_free (self->name);
  g_free (self->driver);
  g_free (self->dir_path);
  g_ptr_array_unref (self->qubes);
  G_OBJECT_CLASS (live_pool_parent_class)->finalize (object);
}

static void
live_pool_class_init (LivePoolClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = live_pool_finalize;
  object_class->get_property = live_pool_get_property;

  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_DRIVER] = g_param_spec_string ("driver", NULL, NULL, NULL, flags);
  properties[PROP_KIND] = g_param_spec_string ("kind", NULL, NULL, NULL, flags);
  properties[PROP_SIZE] = g_param_spec_uint64 ("size", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_USED] = g_param_spec_uint64 ("used", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_EPHEMERAL_VOLATILE] = g_param_spec_boolean ("ephemeral-volatile", NULL, NULL, FALSE, flags);
  properties[PROP_EPHEMERAL_VOLATILE_SUPPORTED]
      = g_param_spec_boolean ("ephemeral-volatile-supported", NULL, NULL, FALSE, flags);
  properties[PROP_MEMORY_USED] = g_param_spec_uint64 ("memory-used", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_STATE] = g_param_spec_string ("state", NULL, NULL, NULL, flags);
  properties[PROP_MANAGED] = g_param_spec_boolean ("managed", NULL, NULL, FALSE, flags);
  properties[PROP_DEFAULT] = g_param_spec_boolean ("default", NULL, NULL, FALSE, flags);
  properties[PROP_QUBES] = g_param_spec_boxed ("qubes", NULL, NULL, G_TYPE_STRV, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
live_pool_init (LivePool *self)
{
  self->driver = g_strdup ("");
  self->kind = LIVE_POOL_KIND_UNKNOWN;
  self->state = LIVE_POOL_STATE_READY;
  self->qubes = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->qubes, NULL);
}

LivePool *
live_pool_new (const char *name)
{
  LivePool *self = g_object_new (LIVE_TYPE_POOL, NULL);

  self->name = g_strdup (name);
  return self;
}

const char *
live_pool_get_name (LivePool *self)
{
  return self->name;
}

const char *
live_pool_get_driver (LivePool *self)
{
  return self->driver;
}

gboolean
live_pool_get_ephemeral_volatile (LivePool *self)
{
  return self->ephemeral_volatile;
}

gboolean
live_pool_get_ephemeral_volatile_supported (LivePool *self)
{
  return self->ephemeral_volatile_supported;
}

const char *
live_pool_kind (const char *driver, const char *dir_path)
{
  if (g_strcmp0 (driver, "lvm_thin") == 0 || g_strcmp0 (driver, "zfs") == 0)
    return LIVE_POOL_KIND_DISK;
  /* Where the installer puts pools and templates; a mount of RAM there would be somebody's deliberate work, and
   * "disk" is the answer that promises nothing. */
  if (dir_path != NULL && g_str_has_prefix (dir_path, "/var/lib/qubes"))
    return LIVE_POOL_KIND_DISK;
  return LIVE_POOL_KIND_UNKNOWN;
}

static void
set_number (LivePool *self, guint64 *field, guint64 value, LivePoolProperty property)
{
  if (*field == value)
    return;
  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
set_flag (LivePool *self, gboolean *field, gboolean value, LivePoolProperty property)
{
  if (*field == value)
    return;
  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
set_constant (LivePool *self, const char **field, const char *value, LivePoolProperty property)
{
  if (g_strcmp0 (*field, value) == 0)
    return;
  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/* What is shown is what we know of the storage, or else what qubesd says. */
static void
judge (LivePool *self)
{
  const LivePoolStorage *storage = self->has_storage ? &self->storage : NULL;

  set_constant (self, &self->kind, storage != NULL ? storage->kind : live_pool_kind (self->driver, self->dir_path),
                PROP_KIND);
  set_number (self, &self->size, storage != NULL ? storage->size : self->qubesd_size, PROP_SIZE);
  set_number (self, &self->used, storage != NULL ? storage->used : self->qubesd_used, PROP_USED);
  set_number (self, &self->memory_used, storage != NULL ? storage->memory : 0, PROP_MEMORY_USED);
}

gboolean
live_pool_is_ours (LivePool *self)
{
  g_autofree char *path = g_build_filename (LIVE_POOL_DIRECTORY, self->name, NULL);

  return g_strcmp0 (self->dir_path, path) == 0;
}

gboolean
live_pool_get_managed (LivePool *self)
{
  return self->managed;
}

const char *
live_pool_get_state (LivePool *self)
{
  return self->state;
}

const char *
live_pool_get_kind (LivePool *self)
{
  return self->kind;
}

guint64
live_pool_get_size (LivePool *self)
{
  return self->size;
}

void
live_pool_set_storage (LivePool *self, const LivePoolStorage *storage)
{
  gboolean ours = live_pool_is_ours (self);

  g_object_freeze_notify (G_OBJECT (self));
  self->has_storage = ours && storage != NULL;
  if (self->has_storage)
    self->storage = *storage;
  set_flag (self, &self->managed, ours, PROP_MANAGED);
  set_constant (self, &self->state, ours && storage == NULL ? LIVE_POOL_STATE_GONE : LIVE_POOL_STATE_READY, PROP_STATE);
  judge (self);
  g_object_thaw_notify (G_OBJECT (self));
}

void
live_pool_set_default (LivePool *self, gboolean is_default)
{
  set_flag (self, &self->is_default, is_default, PROP_DEFAULT);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  const char *first = *(const char *const *) a;
  const char *second = *(const char *const *) b;

  /* The end stays at the end. */
  if (first == NULL || second == NULL)
    return first == second ? 0 : first == NULL ? 1 : -1;
  return strcmp (first, second);
}

void
live_pool_set_holds (LivePool *self, const char *qube, gboolean holds)
{
  guint place = 0;

  while (place + 1 < self->qubes->len && !g_str_equal (self->qubes->pdata[place], qube))
    place++;
  if (holds == (place + 1 < self->qubes->len))
    return;
  if (holds)
    {
      g_ptr_array_insert (self->qubes, 0, g_strdup (qube));
      g_ptr_array_sort (self->qubes, compare_names);
    }
  else
    g_ptr_array_remove_index (self->qubes, place);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_QUBES]);
}

const char *const *
live_pool_get_qubes (LivePool *self)
{
  return (const char *const *) self->qubes->pdata;
}

void
live_pool_set_facts (LivePool *self, const LivePoolFacts *facts)
{
  g_object_freeze_notify (G_OBJECT (self));
  if (g_strcmp0 (self->driver, facts->driver) != 0)
    {
      g_free (self->driver);
      self->driver = g_strdup (facts->driver);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DRIVER]);
    }
  g_free (self->dir_path);
  self->dir_path = g_strdup (facts->dir_path);
  self->qubesd_size = facts->size;
  self->qubesd_used = facts->used;
  set_flag (self, &self->ephemeral_volatile, facts->ephemeral_volatile, PROP_EPHEMERAL_VOLATILE);
  set_flag (self, &self->ephemeral_volatile_supported, facts->ephemeral_volatile_supported,
            PROP_EPHEMERAL_VOLATILE_SUPPORTED);
  judge (self);
  g_object_thaw_notify (G_OBJECT (self));
}
