/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "storage/request.h"

#include "model/error.h"

#include <json-glib/json-glib.h>
#include <string.h>

typedef enum
{
  NAME = 1 << 0,
  SIZE = 1 << 1,
  LIMIT = 1 << 2,
  ALGORITHM = 1 << 3,
  BACKING = 1 << 4
} Member;

static const struct
{
  const char *name;
  guint needed;
  guint optional;
  guint64 min_size;
} operations[] = {
  [LIVE_REQUEST_CREATE_ZRAM] = { "create-zram", NAME | SIZE, LIMIT | ALGORITHM, LIVE_STORAGE_MIN_XFS },
  [LIVE_REQUEST_CREATE_TMPFS] = { "create-tmpfs", NAME | SIZE, 0, LIVE_STORAGE_MIN_TMPFS },
  [LIVE_REQUEST_CREATE_ENCRYPTED] = { "create-encrypted", NAME | SIZE | BACKING, 0, LIVE_STORAGE_MIN_XFS },
  [LIVE_REQUEST_DESTROY] = { "destroy", NAME, 0, 0 },
  [LIVE_REQUEST_DISCARD] = { "discard", NAME, 0, 0 },
  [LIVE_REQUEST_RESIZE] = { "resize", NAME | SIZE, LIMIT, LIVE_STORAGE_MIN_TMPFS },
  [LIVE_REQUEST_LIST] = { "list", 0, 0, 0 },
  [LIVE_REQUEST_BUDGET] = { "budget", 0, 0, 0 },
};

gboolean
live_request_is_pool_name (const char *name)
{
  gsize length = strlen (name);

  if (length < 1 || length > 31 || !g_ascii_isalpha (name[0]))
    return FALSE;
  for (gsize i = 1; i < length; i++)
    if (!g_ascii_isalnum (name[i]) && name[i] != '-' && name[i] != '_')
      return FALSE;
  return TRUE;
}

static gboolean
read_text (JsonNode *node, const char *member, gsize limit, char **text, GError **error)
{
  const char *value = NULL;

  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    value = json_node_get_string (node);
  if (value == NULL || *value == '\0' || strlen (value) > limit)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                   "“%s” must be a string of 1 to %" G_GSIZE_FORMAT " bytes", member, limit);
      return FALSE;
    }
  *text = g_strdup (value);
  return TRUE;
}

static gboolean
read_size (JsonNode *node, const char *member, guint64 *size, GError **error)
{
  gint64 value = -1;

  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64)
    value = json_node_get_int (node);
  if (value < 0 || (guint64) value > LIVE_STORAGE_MAX)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                   "“%s” must be a number of bytes between 0 and %" G_GUINT64_FORMAT, member, LIVE_STORAGE_MAX);
      return FALSE;
    }
  *size = ((guint64) value + LIVE_STORAGE_UNIT - 1) / LIVE_STORAGE_UNIT * LIVE_STORAGE_UNIT;
  return TRUE;
}

static gboolean
read_member (LiveRequest *request, const char *name, JsonNode *node, Member *member, GError **error)
{
  if (g_str_equal (name, "name"))
    {
      *member = NAME;
      return read_text (node, name, 4096, &request->name, error);
    }
  if (g_str_equal (name, "size"))
    {
      *member = SIZE;
      return read_size (node, name, &request->size, error);
    }
  if (g_str_equal (name, "limit"))
    {
      *member = LIMIT;
      return read_size (node, name, &request->limit, error);
    }
  if (g_str_equal (name, "algorithm"))
    {
      *member = ALGORITHM;
      return read_text (node, name, 32, &request->algorithm, error);
    }
  if (g_str_equal (name, "backing"))
    {
      *member = BACKING;
      return read_text (node, name, 4095, &request->backing, error);
    }
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT, "there is no member “%s”", name);
  return FALSE;
}

static gboolean
read_kind (LiveRequest *request, JsonNode *node, GError **error)
{
  g_autofree char *name = NULL;

  if (node == NULL || !read_text (node, "do", 32, &name, NULL))
    {
      g_set_error_literal (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL, "a request has a member “do”");
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (operations); i++)
    if (g_str_equal (name, operations[i].name))
      {
        request->kind = (LiveRequestKind) i;
        return TRUE;
      }
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT, "there is no operation “%s”", name);
  return FALSE;
}

/* What holds whichever operation it is was checked as it was read; this is about the one. */
static gboolean
check (const LiveRequest *request, guint members, GError **error)
{
  guint needed = operations[request->kind].needed;
  guint64 least = operations[request->kind].min_size;

  if ((members & needed) != needed || (members & ~(needed | operations[request->kind].optional)) != 0)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT, "“%s” has other members than these",
                   operations[request->kind].name);
      return FALSE;
    }
  if (request->name != NULL && !live_request_is_pool_name (request->name))
    {
      g_set_error_literal (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                           "the name of a pool is a letter and at most 30 letters, digits, “-” and “_” after it");
      return FALSE;
    }
  /* 0 is all of a block device; that a file is none is seen when the backing is looked at. */
  if ((needed & SIZE) != 0 && request->size < least
      && !(request->kind == LIVE_REQUEST_CREATE_ENCRYPTED && request->size == 0))
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                   "%" G_GUINT64_FORMAT " bytes are too few: the least for this kind of pool are %" G_GUINT64_FORMAT
                   " bytes (%" G_GUINT64_FORMAT " MiB)",
                   request->size, least, least / LIVE_STORAGE_UNIT);
      return FALSE;
    }
  if (request->limit > 0 && request->limit < LIVE_STORAGE_MIN_TMPFS)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                   "a limit of %" G_GUINT64_FORMAT " bytes is too low: the lowest is 64 MiB", request->limit);
      return FALSE;
    }
  return TRUE;
}

LiveRequest *
live_request_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (LiveRequest) request = g_new0 (LiveRequest, 1);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) own_error = NULL;
  JsonNode *root = NULL;
  JsonObject *object = NULL;
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *node = NULL;
  guint members = 0;

  if (length > G_MAXINT || memchr (text, '\0', length) != NULL || !g_utf8_validate (text, (gssize) length, NULL))
    {
      g_set_error_literal (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL, "a request is text in UTF-8");
      return NULL;
    }
  /* json-glib would take what is before such a NUL for all of the string. */
  if (g_strstr_len (text, (gssize) length, "\\u0000") != NULL)
    {
      g_set_error_literal (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT, "there is a NUL in the request");
      return NULL;
    }
  if (json_parser_load_from_data (parser, text, (gssize) length, &own_error))
    root = json_parser_get_root (parser);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL, "a request is one object in JSON%s%s",
                   own_error != NULL ? ": " : "", own_error != NULL ? own_error->message : "");
      return NULL;
    }
  object = json_node_get_object (root);
  if (!read_kind (request, json_object_get_member (object, "do"), error))
    return NULL;
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, &node))
    {
      Member member = 0;

      if (g_str_equal (name, "do"))
        continue;
      if (!read_member (request, name, node, &member, error))
        return NULL;
      members |= member;
    }
  if (!check (request, members, error))
    return NULL;
  return g_steal_pointer (&request);
}

void
live_request_free (LiveRequest *request)
{
  g_free (request->name);
  g_free (request->algorithm);
  g_free (request->backing);
  g_free (request);
}
