/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/storage-list.h"

#include "model/error.h"
#include "model/object-path.h"

static void
entry_free (gpointer data)
{
  LiveStorageEntry *entry = data;

  g_free (entry->name);
  g_free (entry->state);
  g_free (entry);
}

static const char *
get_text (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
}

static guint64
get_number (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);
  gint64 number = node != NULL && json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : 0;

  return number > 0 ? (guint64) number : 0;
}

static const char *
get_kind (const char *storage)
{
  return g_strcmp0 (storage, "encrypted") == 0 ? LIVE_POOL_KIND_ENCRYPTED : LIVE_POOL_KIND_RAM;
}

static LiveStorageEntry *
parse_entry (JsonNode *node)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  const char *name = object != NULL ? get_text (object, "name") : NULL;
  const char *state = object != NULL ? get_text (object, "state") : NULL;
  LiveStorageEntry *entry = NULL;

  if (name == NULL || state == NULL || !live_name_is_valid (name))
    return NULL;
  entry = g_new0 (LiveStorageEntry, 1);
  entry->name = g_strdup (name);
  entry->state = g_strdup (state);
  entry->facts.kind = get_kind (get_text (object, "kind"));
  entry->facts.size = get_number (object, "capacity");
  entry->facts.used = get_number (object, "used");
  entry->facts.memory = get_number (object, "memory");
  return entry;
}

static void
on_answer (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  g_autoptr (JsonObject) answer = live_storage_client_call_finish (LIVE_STORAGE_CLIENT (client), result, &error);
  JsonNode *pools = answer != NULL ? json_object_get_member (answer, "pools") : NULL;
  g_autoptr (GHashTable) entries = NULL;

  if (error != NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (pools == NULL || !JSON_NODE_HOLDS_ARRAY (pools))
    {
      g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_PROTOCOL, "The storage program's list is none");
      return;
    }
  entries = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, entry_free);
  for (guint i = 0; i < json_array_get_length (json_node_get_array (pools)); i++)
    {
      LiveStorageEntry *entry = parse_entry (json_array_get_element (json_node_get_array (pools), i));

      if (entry != NULL)
        g_hash_table_replace (entries, entry->name, entry);
    }
  g_task_return_pointer (task, g_steal_pointer (&entries), (GDestroyNotify) g_hash_table_unref);
}

void
live_storage_list_async (LiveStorageClient *client, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (client, NULL, callback, data);
  g_autoptr (JsonObject) request = json_object_new ();

  json_object_set_string_member (request, "do", "list");
  live_storage_client_call_async (client, request, NULL, NULL, NULL, on_answer, task);
}

GHashTable *
live_storage_list_finish (LiveStorageClient *client, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, client), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
