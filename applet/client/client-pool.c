/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "client/client-pool.h"

#include "client/fields.h"

struct _LiveClientPool
{
  GObject parent_instance;

  char *object_path;
  GRefString *name;
  GRefString *driver;
  GRefString *kind;
  guint64 size;
  guint64 used;
  gboolean ephemeral_volatile;
  gboolean ephemeral_volatile_supported;
  guint64 memory_used;
  GRefString *state;
  gboolean managed;
  gboolean is_default;
  char **qubes;
};

G_DEFINE_FINAL_TYPE (LiveClientPool, live_client_pool, G_TYPE_OBJECT)

#define FIELD(member) G_STRUCT_OFFSET (LiveClientPool, member)
static const LiveField fields[] = {
  { "Name", LIVE_FIELD_STRING, FIELD (name), "", FALSE },
  { "Driver", LIVE_FIELD_STRING, FIELD (driver), "", FALSE },
  { "Kind", LIVE_FIELD_STRING, FIELD (kind), "unknown", FALSE },
  { "Size", LIVE_FIELD_UINT64, FIELD (size), NULL, FALSE },
  { "Used", LIVE_FIELD_UINT64, FIELD (used), NULL, FALSE },
  { "EphemeralVolatile", LIVE_FIELD_BOOLEAN, FIELD (ephemeral_volatile), NULL, FALSE },
  { "EphemeralVolatileSupported", LIVE_FIELD_BOOLEAN, FIELD (ephemeral_volatile_supported), NULL, FALSE },
  { "MemoryUsed", LIVE_FIELD_UINT64, FIELD (memory_used), NULL, FALSE },
  { "State", LIVE_FIELD_STRING, FIELD (state), "unknown", FALSE },
  { "Managed", LIVE_FIELD_BOOLEAN, FIELD (managed), NULL, FALSE },
  { "Default", LIVE_FIELD_BOOLEAN, FIELD (is_default), NULL, FALSE },
  { "Qubes", LIVE_FIELD_STRINGS, FIELD (qubes), NULL, FALSE },
};

static void
live_client_pool_finalize (GObject *object)
{
  LiveClientPool *self = LIVE_CLIENT_POOL (object);

  live_fields_clear (self, fields, G_N_ELEMENTS (fields));
  g_free (self->object_path);
  G_OBJECT_CLASS (live_client_pool_parent_class)->finalize (object);
}

static void
live_client_pool_class_init (LiveClientPoolClass *class)
{
  G_OBJECT_CLASS (class)->finalize = live_client_pool_finalize;
}

static void
live_client_pool_init (LiveClientPool *self)
{
  live_fields_reset (self, fields, G_N_ELEMENTS (fields));
}

LiveClientPool *
live_client_pool_new (const char *object_path)
{
  LiveClientPool *self = g_object_new (LIVE_TYPE_CLIENT_POOL, NULL);

  self->object_path = g_strdup (object_path);
  return self;
}

gboolean
live_client_pool_update (LiveClientPool *self, GVariant *properties)
{
  return live_fields_update (self, fields, G_N_ELEMENTS (fields), properties);
}

#define GETTER(type, member)                                                                                           \
  type live_client_pool_get_##member (LiveClientPool *self)                                                            \
  {                                                                                                                    \
    g_return_val_if_fail (LIVE_IS_CLIENT_POOL (self), (type)0);                                                        \
    return (type)self->member;                                                                                         \
  }
typedef const char *String;
typedef const char *const *Strings;
GETTER (String, name)
GETTER (String, object_path)
GETTER (String, driver)
GETTER (String, kind)
GETTER (guint64, size)
GETTER (guint64, used)
GETTER (gboolean, ephemeral_volatile)
GETTER (gboolean, ephemeral_volatile_supported)
GETTER (guint64, memory_used)
GETTER (String, state)
GETTER (gboolean, managed)
GETTER (gboolean, is_default)
GETTER (Strings, qubes)
