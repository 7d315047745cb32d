/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* How D-Bus properties become fields of a C structure. */

typedef enum
{
  LIVE_FIELD_STRING,  /* GRefString *, interned: hundreds of qubes share a few words */
  LIVE_FIELD_STRINGS, /* char ** */
  LIVE_FIELD_BOOLEAN, /* gboolean */
  LIVE_FIELD_INT64,   /* gint64 */
  LIVE_FIELD_UINT64,  /* guint64 */
  LIVE_FIELD_DOUBLE,  /* double; -1 when not known or not a number */
  LIVE_FIELD_REASONS, /* GVariant *, a(sa{sv}) */
  LIVE_FIELD_FINDINGS, /* GVariant *, a(sssa{sv}) */
  LIVE_FIELD_UNIT      /* GVariant *, (sba(ssb)u) */
} LiveFieldKind;

/**
 * LiveField:
 * @property: name on the bus
 * @kind: type of the field
 * @offset: of the field in the structure
 * @unknown_string: what a string field holds when the helper did not say
 * @unknown_boolean: what a boolean field holds when the helper did not say
 */
typedef struct
{
  const char *property;
  LiveFieldKind kind;
  gsize offset;
  const char *unknown_string;
  gboolean unknown_boolean;
} LiveField;

/* Sets every field to "not known"; the structure must be zeroed or have been initialised before. */
void live_fields_reset (gpointer structure, const LiveField *fields, gsize n_fields);

/**
 * live_fields_update:
 * @properties: a{sv}
 *
 * Sets the fields that @properties mentions; a value of the wrong type sets its field to "not known".
 *
 * Returns: %TRUE when any field changed
 */
gboolean live_fields_update (gpointer structure, const LiveField *fields, gsize n_fields, GVariant *properties);

/* Frees what the fields hold. */
void live_fields_clear (gpointer structure, const LiveField *fields, gsize n_fields);

G_END_DECLS
