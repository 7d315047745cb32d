/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "client/client-qube.h"

#include "client/fields.h"

struct _LiveClientQube
{
  GObject parent_instance;

  char *object_path;
  GRefString *name;
  GRefString *class;
  GRefString *label;
  GRefString *state;
  gboolean template_for_dispvms;
  GRefString *policy;
  GRefString *persistence;
  GRefString *evidence;
  GVariant *reasons;
  gboolean root_writable;
  gboolean private_writable;
  gboolean volatile_ephemeral;
  char **pools;
  char **pending;
  char **policies;
  gboolean manageable;
  GRefString *window_state;
  gint64 window_deadline;
  GRefString *window_step;
  GRefString *window_outcome;
  GRefString *window_refusal;
  gint64 guest_window_deadline;
  char **old_disposables;
  GRefString *memory_hygiene;
  GRefString *upper_layer;
  GRefString *upper_layer_size;
};

G_DEFINE_FINAL_TYPE (LiveClientQube, live_client_qube, G_TYPE_OBJECT)

#define FIELD(member) G_STRUCT_OFFSET (LiveClientQube, member)
static const LiveField fields[] = {
  { "Name", LIVE_FIELD_STRING, FIELD (name), "", FALSE },
  { "Class", LIVE_FIELD_STRING, FIELD (class), "", FALSE },
  { "Label", LIVE_FIELD_STRING, FIELD (label), "", FALSE },
  { "State", LIVE_FIELD_STRING, FIELD (state), "unknown", FALSE },
  { "TemplateForDispvms", LIVE_FIELD_BOOLEAN, FIELD (template_for_dispvms), NULL, FALSE },
  { "Policy", LIVE_FIELD_STRING, FIELD (policy), "", FALSE },
  { "Persistence", LIVE_FIELD_STRING, FIELD (persistence), "unknown", FALSE },
  { "Evidence", LIVE_FIELD_STRING, FIELD (evidence), "unknown", FALSE },
  { "Reasons", LIVE_FIELD_REASONS, FIELD (reasons), NULL, FALSE },
  { "RootWritable", LIVE_FIELD_BOOLEAN, FIELD (root_writable), NULL, TRUE },
  { "PrivateWritable", LIVE_FIELD_BOOLEAN, FIELD (private_writable), NULL, TRUE },
  { "VolatileEphemeral", LIVE_FIELD_BOOLEAN, FIELD (volatile_ephemeral), NULL, FALSE },
  { "Pools", LIVE_FIELD_STRINGS, FIELD (pools), NULL, FALSE },
  { "Pending", LIVE_FIELD_STRINGS, FIELD (pending), NULL, FALSE },
  { "Policies", LIVE_FIELD_STRINGS, FIELD (policies), NULL, FALSE },
  { "Manageable", LIVE_FIELD_BOOLEAN, FIELD (manageable), NULL, FALSE },
  { "WindowState", LIVE_FIELD_STRING, FIELD (window_state), "closed", FALSE },
  { "WindowDeadline", LIVE_FIELD_INT64, FIELD (window_deadline), NULL, FALSE },
  { "WindowStep", LIVE_FIELD_STRING, FIELD (window_step), "", FALSE },
  { "WindowOutcome", LIVE_FIELD_STRING, FIELD (window_outcome), "", FALSE },
  { "WindowRefusal", LIVE_FIELD_STRING, FIELD (window_refusal), "unknown", FALSE },
  { "GuestWindowDeadline", LIVE_FIELD_INT64, FIELD (guest_window_deadline), NULL, FALSE },
  { "OldDisposables", LIVE_FIELD_STRINGS, FIELD (old_disposables), NULL, FALSE },
  { "MemoryHygiene", LIVE_FIELD_STRING, FIELD (memory_hygiene), "unknown", FALSE },
  { "UpperLayer", LIVE_FIELD_STRING, FIELD (upper_layer), "volatile", FALSE },
  { "UpperLayerSize", LIVE_FIELD_STRING, FIELD (upper_layer_size), "", FALSE },
};

static void
live_client_qube_finalize (GObject *object)
{
  LiveClientQube *self = LIVE_CLIENT_QUBE (object);

  live_fields_clear (self, fields, G_N_ELEMENTS (fields));
  g_free (self->object_path);
  G_OBJECT_CLASS (live_client_qube_parent_class)->finalize (object);
}

static void
live_client_qube_class_init (LiveClientQubeClass *class)
{
  G_OBJECT_CLASS (class)->finalize = live_client_qube_finalize;
}

static void
live_client_qube_init (LiveClientQube *self)
{
  live_fields_reset (self, fields, G_N_ELEMENTS (fields));
}

LiveClientQube *
live_client_qube_new (const char *object_path)
{
  LiveClientQube *self = g_object_new (LIVE_TYPE_CLIENT_QUBE, NULL);

  self->object_path = g_strdup (object_path);
  return self;
}

gboolean
live_client_qube_update (LiveClientQube *self, GVariant *properties)
{
  return live_fields_update (self, fields, G_N_ELEMENTS (fields), properties);
}

#define GETTER(type, member)                                                                                           \
  type live_client_qube_get_##member (LiveClientQube *self)                                                            \
  {                                                                                                                    \
    g_return_val_if_fail (LIVE_IS_CLIENT_QUBE (self), (type)0);                                                        \
    return (type)self->member;                                                                                         \
  }
typedef const char *String;
typedef const char *const *Strings;
typedef GVariant *Reasons;
GETTER (String, name)
GETTER (String, object_path)
GETTER (String, class)
GETTER (String, label)
GETTER (String, state)
GETTER (gboolean, template_for_dispvms)
GETTER (String, policy)
GETTER (String, persistence)
GETTER (String, evidence)
GETTER (Reasons, reasons)
GETTER (gboolean, root_writable)
GETTER (gboolean, private_writable)
GETTER (gboolean, volatile_ephemeral)
GETTER (Strings, pools)
GETTER (Strings, pending)
GETTER (Strings, policies)
GETTER (gboolean, manageable)
GETTER (String, window_state)
GETTER (gint64, window_deadline)
GETTER (String, window_step)
GETTER (String, window_outcome)
GETTER (String, window_refusal)
GETTER (gint64, guest_window_deadline)
GETTER (Strings, old_disposables)
GETTER (String, memory_hygiene)
GETTER (String, upper_layer)
GETTER (String, upper_layer_size)

gboolean
live_client_qube_accepts_policy (LiveClientQube *self, const char *policy)
{
  return g_strv_contains (live_client_qube_get_policies (self), policy);
}

gboolean
live_client_qube_is_halted (LiveClientQube *self)
{
  return g_str_equal (live_client_qube_get_state (self), "halted");
}

gboolean
live_client_qube_is_running (LiveClientQube *self)
{
  const char *const not_running[] = { "halted", "crashed", "unknown", NULL };

  return !g_strv_contains (not_running, live_client_qube_get_state (self));
}
