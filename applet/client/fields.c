/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "client/fields.h"

#include <math.h>

static gboolean
set_string (GRefString **field, const char *value)
{
  if (*field != NULL && g_str_equal (*field, value))
    return FALSE;
  g_clear_pointer (field, g_ref_string_release);
  *field = g_ref_string_new_intern (value);
  return TRUE;
}

/* Takes @value. */
static gboolean
set_strings (char ***field, char **value)
{
  if (*field != NULL && g_strv_equal ((const char *const *)*field, (const char *const *)value))
    {
      g_strfreev (value);
      return FALSE;
    }
  g_strfreev (*field);
  *field = value;
  return TRUE;
}

/* @unknown: as text, what stands for a @value that is missing or not of @type */
static gboolean
set_variant (GVariant **field, const char *type, const char *unknown, GVariant *value)
{
  g_autoptr (GVariant) taken = value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE (type))
                                   ? g_variant_ref_sink (value)
                                   : g_variant_parse (G_VARIANT_TYPE (type), unknown, NULL, NULL, NULL);

  /* One block of bytes in place of a tree of small objects; comparing and keeping it are cheaper so. */
  (void)g_variant_get_data (taken);
  if (*field != NULL && g_variant_equal (*field, taken))
    return FALSE;
  g_clear_pointer (field, g_variant_unref);
  *field = g_steal_pointer (&taken);
  return TRUE;
}

static gboolean
set_boolean (gboolean *field, gboolean value)
{
  gboolean differs = *field != value;

  *field = value;
  return differs;
}

static gboolean
set_int64 (gint64 *field, gint64 value)
{
  gboolean differs = *field != value;

  *field = value;
  return differs;
}

static gboolean
set_uint64 (guint64 *field, guint64 value)
{
  gboolean differs = *field != value;

  *field = value;
  return differs;
}

static gboolean
set_double (double *field, double value)
{
  /* No NaN, which would differ from itself for ever. */
  double number = isfinite (value) ? value : -1;
  gboolean differs = *field < number || *field > number;

  *field = number;
  return differs;
}

/* @value: the property's value, or NULL when it is not known. */
static gboolean
set_field (gpointer structure, const LiveField *description, GVariant *value)
{
  gpointer field = G_STRUCT_MEMBER_P (structure, description->offset);

#define HAS_TYPE(type) (value != NULL && g_variant_is_of_type (value, G_VARIANT_TYPE (type)))
  switch (description->kind)
    {
    case LIVE_FIELD_STRING:
      return set_string (field, HAS_TYPE ("s") ? g_variant_get_string (value, NULL) : description->unknown_string);
    case LIVE_FIELD_STRINGS:
      return set_strings (field, HAS_TYPE ("as") ? g_variant_dup_strv (value, NULL) : g_new0 (char *, 1));
    case LIVE_FIELD_BOOLEAN:
      return set_boolean (field, HAS_TYPE ("b") ? g_variant_get_boolean (value) : description->unknown_boolean);
    case LIVE_FIELD_INT64:
      return set_int64 (field, HAS_TYPE ("x") ? g_variant_get_int64 (value) : 0);
    case LIVE_FIELD_UINT64:
      return set_uint64 (field, HAS_TYPE ("t") ? g_variant_get_uint64 (value) : 0);
    case LIVE_FIELD_DOUBLE:
      return set_double (field, HAS_TYPE ("d") ? g_variant_get_double (value) : -1);
    case LIVE_FIELD_REASONS:
      return set_variant (field, "a(sa{sv})", "[]", value);
    case LIVE_FIELD_FINDINGS:
      return set_variant (field, "a(sssa{sv})", "[]", value);
    case LIVE_FIELD_UNIT:
      return set_variant (field, "(sba(ssb)u)", "('', false, [], 0)", value);
    default:
      g_return_val_if_reached (FALSE);
    }
#undef HAS_TYPE
}

void
live_fields_reset (gpointer structure, const LiveField *fields, gsize n_fields)
{
  for (gsize i = 0; i < n_fields; i++)
    set_field (structure, &fields[i], NULL);
}

gboolean
live_fields_update (gpointer structure, const LiveField *fields, gsize n_fields, GVariant *properties)
{
  GVariantIter iter;
  const char *property = NULL;
  GVariant *value = NULL;
  gboolean changed = FALSE;

  g_return_val_if_fail (g_variant_is_of_type (properties, G_VARIANT_TYPE_VARDICT), FALSE);

  g_variant_iter_init (&iter, properties);
  while (g_variant_iter_loop (&iter, "{&sv}", &property, &value))
    {
      for (gsize i = 0; i < n_fields; i++)
        {
          if (!g_str_equal (fields[i].property, property))
            continue;
          changed |= set_field (structure, &fields[i], value);
          break;
        }
    }
  return changed;
}

void
live_fields_clear (gpointer structure, const LiveField *fields, gsize n_fields)
{
  for (gsize i = 0; i < n_fields; i++)
    {
      gpointer field = G_STRUCT_MEMBER_P (structure, fields[i].offset);

      switch (fields[i].kind)
        {
        case LIVE_FIELD_STRING:
          g_clear_pointer ((GRefString **)field, g_ref_string_release);
          break;
        case LIVE_FIELD_STRINGS:
          g_clear_pointer ((char ***)field, g_strfreev);
          break;
        case LIVE_FIELD_REASONS:
        case LIVE_FIELD_FINDINGS:
        case LIVE_FIELD_UNIT:
          g_clear_pointer ((GVariant **)field, g_variant_unref);
          break;
        case LIVE_FIELD_BOOLEAN:
        case LIVE_FIELD_INT64:
        case LIVE_FIELD_UINT64:
        case LIVE_FIELD_DOUBLE:
        default:
          break;
        }
    }
}
