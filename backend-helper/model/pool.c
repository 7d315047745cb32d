/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/pool.h"

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
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
live_pool_init (LivePool *self)
{
  self->driver = g_strdup ("");
  self->kind = "unknown";
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
    return "disk";
  /* Where the installer puts pools and templates; a mount of RAM there would be somebody's deliberate work, and
   * "disk" is the answer that promises nothing. */
  if (dir_path != NULL && g_str_has_prefix (dir_path, "/var/lib/qubes"))
    return "disk";
  return "unknown";
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

void
live_pool_set_facts (LivePool *self, const LivePoolFacts *facts)
{
  const char *kind = live_pool_kind (facts->driver, facts->dir_path);

  g_object_freeze_notify (G_OBJECT (self));
  if (g_strcmp0 (self->driver, facts->driver) != 0)
    {
      g_free (self->driver);
      self->driver = g_strdup (facts->driver);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DRIVER]);
    }
  if (g_strcmp0 (self->kind, kind) != 0)
    {
      self->kind = kind;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_KIND]);
    }
  set_number (self, &self->size, facts->size, PROP_SIZE);
  set_number (self, &self->used, facts->used, PROP_USED);
  set_flag (self, &self->ephemeral_volatile, facts->ephemeral_volatile, PROP_EPHEMERAL_VOLATILE);
  set_flag (self, &self->ephemeral_volatile_supported, facts->ephemeral_volatile_supported,
            PROP_EPHEMERAL_VOLATILE_SUPPORTED);
  g_object_thaw_notify (G_OBJECT (self));
}
