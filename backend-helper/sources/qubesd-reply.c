/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/qubesd-reply.h"

#include "model/error.h"
#include "model/object-path.h"

#include <errno.h>
#include <string.h>

void
live_qube_listing_free (LiveQubeListing *listing)
{
  g_free (listing->name);
  g_free (listing->klass);
  g_free (listing->state);
  g_free (listing->uuid);
  g_free (listing);
}

void
live_volume_info_free (LiveVolumeInfo *info)
{
  g_free (info->pool);
  g_free (info->vid);
  g_free (info->source);
  g_free (info->path);
  g_free (info);
}

void
live_pool_info_free (LivePoolInfo *info)
{
  g_free (info->driver);
  g_free (info->dir_path);
  g_free (info->volume_group);
  g_free (info->thin_pool);
  g_free (info->included_in);
  g_free (info);
}

void
live_property_value_free (LivePropertyValue *value)
{
  g_free (value->type);
  g_free (value->value);
  g_free (value);
}

static void
set_error (GError **error, const char *what, const char *why)
{
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL, "qubesd's answer (%s) cannot be understood: %s", what, why);
}

/* g_utf8_validate() with a length also refuses NUL. */
static char *
take_text (GBytes *reply, const char *what, GError **error)
{
  gsize length = 0;
  const char *data = g_bytes_get_data (reply, &length);

  if (length > 0 && !g_utf8_validate_len (data, length, NULL))
    {
      set_error (error, what, "not text in UTF-8");
      return NULL;
    }
  return g_strndup (length > 0 ? data : "", length);
}

static char *
take_lines (GBytes *reply, const char *what, GError **error)
{
  g_autofree char *text = take_text (reply, what, error);
  gsize length = 0;

  if (text == NULL)
    return NULL;
  length = strlen (text);
  if (length > 0 && text[length - 1] != '\n')
    {
      set_error (error, what, "it was cut off");
      return NULL;
    }
  return g_steal_pointer (&text);
}

/* Ends the line in place; NULL after the last one. */
static char *
next_line (char **cursor)
{
  char *line = *cursor;
  char *end = NULL;

  if (*line == '\0')
    return NULL;
  end = strchr (line, '\n');
  *end = '\0';
  *cursor = end + 1;
  return line;
}

/* What follows `key=`, or NULL. */
static const char *
value_after (const char *text, const char *key)
{
  gsize length = strlen (key);

  return strncmp (text, key, length) == 0 && text[length] == '=' ? text + length + 1 : NULL;
}

static gboolean
parse_boolean (const char *text, gboolean *value)
{
  if (g_str_equal (text, "True"))
    *value = TRUE;
  else if (g_str_equal (text, "False"))
    *value = FALSE;
  else
    return FALSE;
  return TRUE;
}

/*
 * Tables for the `key=value` answers: where a value goes and what it has to look like.
 */

typedef enum
{
  FIELD_TEXT,
  FIELD_BOOLEAN,
  FIELD_UINT64,
  FIELD_INT,
} FieldKind;

typedef struct
{
  const char *key;
  FieldKind kind;
  gsize offset;
  gsize has_offset; /* of a gboolean that says whether it was there; 0 for none */
  gboolean is_essential;
} Field;

#define VOLUME_FIELD(member, kind, is_essential)                                                                       \
  {                                                                                                                    \
#member, kind, G_STRUCT_OFFSET(LiveVolumeInfo, member), 0, is_essential                                            \
  }

static const Field volume_fields[] = {
  VOLUME_FIELD (pool, FIELD_TEXT, TRUE),
  VOLUME_FIELD (vid, FIELD_TEXT, FALSE),
  VOLUME_FIELD (source, FIELD_TEXT, FALSE),
  VOLUME_FIELD (path, FIELD_TEXT, FALSE),
  VOLUME_FIELD (size, FIELD_UINT64, FALSE),
  VOLUME_FIELD (usage, FIELD_UINT64, FALSE),
  VOLUME_FIELD (rw, FIELD_BOOLEAN, TRUE),
  VOLUME_FIELD (save_on_stop, FIELD_BOOLEAN, TRUE),
  VOLUME_FIELD (snap_on_start, FIELD_BOOLEAN, TRUE),
  VOLUME_FIELD (ephemeral, FIELD_BOOLEAN, FALSE),
  VOLUME_FIELD (revisions_to_keep, FIELD_INT, FALSE),
};

#define POOL_FIELD(member, kind, has_offset, is_essential)                                                             \
  {                                                                                                                    \
#member, kind, G_STRUCT_OFFSET(LivePoolInfo, member), has_offset, is_essential                                     \
  }

static const Field pool_fields[] = {
  POOL_FIELD (driver, FIELD_TEXT, 0, TRUE),
  POOL_FIELD (dir_path, FIELD_TEXT, 0, FALSE),
  POOL_FIELD (volume_group, FIELD_TEXT, 0, FALSE),
  POOL_FIELD (thin_pool, FIELD_TEXT, 0, FALSE),
  POOL_FIELD (included_in, FIELD_TEXT, 0, FALSE),
  POOL_FIELD (size, FIELD_UINT64, G_STRUCT_OFFSET (LivePoolInfo, has_size), FALSE),
  POOL_FIELD (usage, FIELD_UINT64, 0, FALSE),
  POOL_FIELD (ephemeral_volatile, FIELD_BOOLEAN, G_STRUCT_OFFSET (LivePoolInfo, has_ephemeral_volatile), FALSE),
  POOL_FIELD (revisions_to_keep, FIELD_INT, G_STRUCT_OFFSET (LivePoolInfo, has_revisions_to_keep), FALSE),
};

/* qubesd writes None as an empty value: as if the line were not there. */
static gboolean
field_parse (const Field *field, const char *text, gpointer record)
{
  gpointer member = G_STRUCT_MEMBER_P (record, field->offset);

  if (*text == '\0')
    return TRUE;
  switch (field->kind)
    {
    case FIELD_TEXT:
      *(char **)member = g_strdup (text);
      break;
    case FIELD_BOOLEAN:
      if (!parse_boolean (text, member))
        return FALSE;
      break;
    case FIELD_UINT64:
      if (!g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT64, member, NULL))
        return FALSE;
      break;
    case FIELD_INT:
      {
        gint64 number = 0;

        if (!g_ascii_string_to_signed (text, 10, G_MININT, G_MAXINT, &number, NULL))
          return FALSE;
        *(gint *)member = (gint)number;
      }
      break;
    default:
      g_assert_not_reached ();
    }
  if (field->has_offset != 0)
    G_STRUCT_MEMBER (gboolean, record, field->has_offset) = TRUE;
  return TRUE;
}

static gboolean
fields_parse (GBytes *reply, const char *what, const Field *fields, guint n_fields, gpointer record, GError **error)
{
  g_autofree char *text = take_lines (reply, what, error);
  char *cursor = text;
  char *line = NULL;
  guint seen = 0;

  if (text == NULL)
    return FALSE;
  while ((line = next_line (&cursor)) != NULL)
    {
      for (guint i = 0; i < n_fields; i++)
        {
          const char *value = value_after (line, fields[i].key);

          if (value == NULL)
            continue;
          /* Twice could mean that a newline was smuggled into a value; whichever is true, we do not know. */
          if ((seen & (1u << i)) != 0 || !field_parse (&fields[i], value, record))
            {
              set_error (error, what, fields[i].key);
              return FALSE;
            }
          if (*value != '\0' || !fields[i].is_essential)
            seen |= 1u << i;
        }
    }
  for (guint i = 0; i < n_fields; i++)
    {
      if (fields[i].is_essential && (seen & (1u << i)) == 0)
        {
          g_autofree char *why = g_strdup_printf ("%s is missing", fields[i].key);

          set_error (error, what, why);
          return FALSE;
        }
    }
  return TRUE;
}

LiveVolumeInfo *
live_qubesd_reply_parse_volume_info (GBytes *reply, GError **error)
{
  g_autoptr (LiveVolumeInfo) info = g_new0 (LiveVolumeInfo, 1);

  if (!fields_parse (reply, "volume.Info", volume_fields, G_N_ELEMENTS (volume_fields), info, error))
    return NULL;
  return g_steal_pointer (&info);
}

LivePoolInfo *
live_qubesd_reply_parse_pool_info (GBytes *reply, GError **error)
{
  g_autoptr (LivePoolInfo) info = g_new0 (LivePoolInfo, 1);

  if (!fields_parse (reply, "pool.Info", pool_fields, G_N_ELEMENTS (pool_fields), info, error))
    return NULL;
  return g_steal_pointer (&info);
}

GPtrArray *
live_qubesd_reply_parse_vm_list (GBytes *reply, guint *n_skipped, GError **error)
{
  g_autofree char *text = take_lines (reply, "vm.List", error);
  g_autoptr (GPtrArray) listings = NULL;
  g_autoptr (GHashTable) names = NULL;
  char *cursor = text;
  char *line = NULL;
  guint skipped = 0;

  if (text == NULL)
    return NULL;
  listings = g_ptr_array_new_with_free_func ((GDestroyNotify)live_qube_listing_free);
  names = g_hash_table_new (g_str_hash, g_str_equal);
  while ((line = next_line (&cursor)) != NULL)
    {
      char *rest = strchr (line, ' ');
      LiveQubeListing *listing = NULL;

      if (rest != NULL)
        *rest++ = '\0';
      if (!live_name_is_valid (line))
        {
          skipped++;
          continue;
        }
      listing = g_new0 (LiveQubeListing, 1);
      listing->name = g_strdup (line);
      g_ptr_array_add (listings, listing);
      while (rest != NULL)
        {
          char *word = rest;
          const char *value = NULL;
          char **member = NULL;

          rest = strchr (word, ' ');
          if (rest != NULL)
            *rest++ = '\0';
          if ((value = value_after (word, "class")) != NULL)
            member = &listing->klass;
          else if ((value = value_after (word, "state")) != NULL)
            member = &listing->state;
          else if ((value = value_after (word, "uuid")) != NULL)
            member = &listing->uuid;
          if (member != NULL && *member == NULL && *value != '\0')
            *member = g_strdup (value);
        }
      if (listing->klass == NULL || listing->state == NULL)
        {
          set_error (error, "vm.List", "a qube without class or state");
          return NULL;
        }
      if (!g_hash_table_add (names, listing->name))
        {
          set_error (error, "vm.List", "a qube is there twice");
          return NULL;
        }
    }
  if (n_skipped != NULL)
    *n_skipped = skipped;
  return g_steal_pointer (&listings);
}

static gboolean
feature_name_is_valid (const char *name)
{
  if (*name == '\0')
    return FALSE;
  for (const char *byte = name; *byte != '\0'; byte++)
    {
      if (!g_ascii_isgraph (*byte))
        return FALSE;
    }
  return TRUE;
}

static char **
parse_names (GBytes *reply, const char *what, gboolean (*is_valid) (const char *), guint *n_skipped, GError **error)
{
  g_autofree char *text = take_lines (reply, what, error);
  GPtrArray *names = NULL;
  char *cursor = text;
  char *line = NULL;
  guint skipped = 0;

  if (text == NULL)
    return NULL;
  names = g_ptr_array_new ();
  while ((line = next_line (&cursor)) != NULL)
    {
      if (is_valid (line))
        g_ptr_array_add (names, g_strdup (line));
      else
        skipped++;
    }
  g_ptr_array_add (names, NULL);
  if (n_skipped != NULL)
    *n_skipped = skipped;
  return (char **)g_ptr_array_free (names, FALSE);
}

char **
live_qubesd_reply_parse_pool_list (GBytes *reply, guint *n_skipped, GError **error)
{
  return parse_names (reply, "list of names", live_name_is_valid, n_skipped, error);
}

char **
live_qubesd_reply_parse_feature_list (GBytes *reply, guint *n_skipped, GError **error)
{
  return parse_names (reply, "feature.List", feature_name_is_valid, n_skipped, error);
}

/* `default=True type=T VALUE`; VALUE is everything to the end and may be empty. */
static LivePropertyValue *
parse_property_text (char *text, const char *what, GError **error)
{
  g_autoptr (LivePropertyValue) property = g_new0 (LivePropertyValue, 1);
  char *type = strchr (text, ' ');
  char *value = type != NULL ? strchr (type + 1, ' ') : NULL;
  const char *is_default = NULL;

  if (value == NULL)
    {
      set_error (error, what, "too short for a property");
      return NULL;
    }
  *type++ = '\0';
  *value++ = '\0';
  is_default = value_after (text, "default");
  type = (char *)value_after (type, "type");
  if (is_default == NULL || !parse_boolean (is_default, &property->is_default) || type == NULL || *type == '\0')
    {
      set_error (error, what, "no default and type of a property");
      return NULL;
    }
  property->type = g_strdup (type);
  property->value = g_strdup (value);
  return g_steal_pointer (&property);
}

LivePropertyValue *
live_qubesd_reply_parse_property (GBytes *reply, GError **error)
{
  g_autofree char *text = take_text (reply, "property.Get", error);

  return text != NULL ? parse_property_text (text, "property.Get", error) : NULL;
}

/* In place. FALSE for a backslash before anything that qubesd does not write after one. */
static gboolean
undo_escapes (char *text)
{
  char *to = text;

  for (const char *from = text; *from != '\0'; from++)
    {
      if (*from != '\\')
        {
          *to++ = *from;
          continue;
        }
      from++;
      if (*from == '\\')
        *to++ = '\\';
      else if (*from == 'n')
        *to++ = '\n';
      else
        return FALSE;
    }
  *to = '\0';
  return TRUE;
}

GHashTable *
live_qubesd_reply_parse_property_all (GBytes *reply, GError **error)
{
  g_autofree char *text = take_lines (reply, "property.GetAll", error);
  g_autoptr (GHashTable) properties = NULL;
  char *cursor = text;
  char *line = NULL;

  if (text == NULL)
    return NULL;
  properties = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)live_property_value_free);
  while ((line = next_line (&cursor)) != NULL)
    {
      char *rest = strchr (line, ' ');
      LivePropertyValue *property = NULL;

      if (rest == NULL || rest == line || !undo_escapes (rest))
        {
          set_error (error, "property.GetAll", "a line that is no property");
          return NULL;
        }
      *rest++ = '\0';
      property = parse_property_text (rest, "property.GetAll", error);
      if (property == NULL)
        return NULL;
      if (!g_hash_table_insert (properties, g_strdup (line), property))
        {
          set_error (error, "property.GetAll", "a property is there twice");
          return NULL;
        }
    }
  return g_steal_pointer (&properties);
}

char *
live_qubesd_reply_parse_text (GBytes *reply, GError **error)
{
  return take_text (reply, "text", error);
}
