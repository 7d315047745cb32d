/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/storage-call.h"

#include <gio/gunixsocketaddress.h>
#include <string.h>

#include "model/error.h"

#define ERROR_PREFIX "org.qubes.Live1.Error."

/* A list of a few hundred pools is far below this. */
#define LONGEST_ANSWER (1024 * 1024)

/* json-glib recurses, and a stack has an end. The protocol's deepest answer has four levels. */
#define DEEPEST_NESTING 16

struct _LiveStorageClient
{
  GObject parent;

  char *socket_path;
};

G_DEFINE_FINAL_TYPE (LiveStorageClient, live_storage_client, G_TYPE_OBJECT)

typedef struct
{
  char *line;
  GSocketClient *connector;
  GSocketConnection *connection;
  GByteArray *received;
  guint8 buffer[4096];
  LiveStorageProgress progress;
  gpointer progress_data;
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  g_free (call->line);
  g_clear_object (&call->connector);
  /* Closes it: the program takes that for the end of the interest in its work. */
  g_clear_object (&call->connection);
  g_byte_array_unref (call->received);
  g_free (call);
}

static void
fail (GTask *task, GError *error, LiveError code)
{
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_CANCELLED, "The request to the storage was taken back");
  else
    g_task_return_new_error (task, LIVE_ERROR, (int) code, "The storage program cannot be asked: %s", error->message);
  g_error_free (error);
}

static gboolean
is_too_deep (const char *text)
{
  guint depth = 0;
  gboolean in_string = FALSE;

  for (const char *at = text; *at != '\0'; at++)
    {
      if (in_string && *at == '\\' && at[1] != '\0')
        at++;
      else if (*at == '"')
        in_string = !in_string;
      else if (in_string)
        continue;
      else if (*at == '{' || *at == '[')
        depth++;
      else if ((*at == '}' || *at == ']') && depth > 0)
        depth--;
      if (depth > DEEPEST_NESTING)
        return TRUE;
    }
  return FALSE;
}

/* (nullable): the text that a member is, if it is one. */
static const char *
get_text (JsonObject *object, const char *member)
{
  JsonNode *node = json_object_get_member (object, member);

  return node != NULL && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : NULL;
}

static GError *
make_error (const char *name, const char *message)
{
  g_autofree char *full = g_strconcat (ERROR_PREFIX, name, NULL);
  g_autoptr (GError) error = NULL;

  /* The first use registers the names. */
  g_assert (LIVE_ERROR != 0);
  error = g_dbus_error_new_for_dbus_error (full, message);
  return g_error_new_literal (LIVE_ERROR, error->domain == LIVE_ERROR ? error->code : LIVE_ERROR_FAILED, message);
}

static void
report (Call *call, JsonObject *object, const char *step)
{
  JsonNode *node = json_object_get_member (object, "progress");
  double progress = -1;

  if (node != NULL
      && (json_node_get_value_type (node) == G_TYPE_DOUBLE || json_node_get_value_type (node) == G_TYPE_INT64))
    progress = json_node_get_double (node);
  if (call->progress != NULL)
    call->progress (step, progress >= 0 && progress <= 1 ? progress : -1, call->progress_data);
}

/* One line of the answer. Returns whether it was the last, and the task is answered. */
static gboolean
take_line (GTask *task, const char *line)
{
  Call *call = g_task_get_task_data (task);
  g_autoptr (JsonNode) node = !is_too_deep (line) ? json_from_string (line, NULL) : NULL;
  JsonObject *object = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonNode *ok = object != NULL ? json_object_get_member (object, "ok") : NULL;
  const char *step = object != NULL ? get_text (object, "step") : NULL;
  const char *name = object != NULL ? get_text (object, "error") : NULL;
  const char *message = object != NULL ? get_text (object, "message") : NULL;

  if (step != NULL)
    {
      report (call, object, step);
      return FALSE;
    }
  if (ok != NULL && JSON_NODE_HOLDS_OBJECT (ok))
    g_task_return_pointer (task, json_object_ref (json_node_get_object (ok)), (GDestroyNotify) json_object_unref);
  else if (name != NULL)
    g_task_return_error (task, make_error (name, message != NULL ? message : name));
  else
    g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_PROTOCOL,
                             "The answer of the storage program is not of its protocol");
  return TRUE;
}

/* What has come so far, line by line. */
static gboolean
take_lines (GTask *task)
{
  Call *call = g_task_get_task_data (task);
  const guint8 *end = NULL;

  while ((end = call->received->len > 0 ? memchr (call->received->data, '\n', call->received->len) : NULL) != NULL)
    {
      gsize length = (gsize) (end - call->received->data);
      g_autofree char *line = g_strndup ((const char *) call->received->data, length);
      gboolean whole = strlen (line) == length && g_utf8_validate (line, (gssize) length, NULL);

      g_byte_array_remove_range (call->received, 0, (guint) length + 1);
      if (take_line (task, whole ? line : ""))
        return TRUE;
    }
  return FALSE;
}

static void read_more (GTask *task);

static void
on_read (GObject *stream, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  Call *call = g_task_get_task_data (task);
  GError *error = NULL;
  gssize count = g_input_stream_read_finish (G_INPUT_STREAM (stream), result, &error);

  if (count < 0)
    {
      fail (task, error, LIVE_ERROR_PROTOCOL);
      return;
    }
  g_byte_array_append (call->received, call->buffer, (guint) count);
  if (take_lines (task))
    return;
  if (count == 0 || call->received->len > LONGEST_ANSWER)
    g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_PROTOCOL, "The storage program ended without an answer");
  else
    read_more (g_steal_pointer (&task));
}

static void
read_more (GTask *task)
{
  Call *call = g_task_get_task_data (task);

  g_input_stream_read_async (g_io_stream_get_input_stream (G_IO_STREAM (call->connection)), call->buffer,
                             sizeof call->buffer, G_PRIORITY_DEFAULT, g_task_get_cancellable (task), on_read, task);
}

static void
on_written (GObject *stream, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  GError *error = NULL;

  if (g_output_stream_write_all_finish (G_OUTPUT_STREAM (stream), result, NULL, &error))
    {
      read_more (task);
      return;
    }
  fail (task, error, LIVE_ERROR_PROTOCOL);
  g_object_unref (task);
}

static void
on_connected (GObject *connector, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  Call *call = g_task_get_task_data (task);
  GError *error = NULL;

  call->connection = g_socket_client_connect_finish (G_SOCKET_CLIENT (connector), result, &error);
  if (call->connection == NULL)
    {
      fail (task, error, LIVE_ERROR_NOT_SUPPORTED);
      g_object_unref (task);
      return;
    }
  g_output_stream_write_all_async (g_io_stream_get_output_stream (G_IO_STREAM (call->connection)), call->line,
                                   strlen (call->line), G_PRIORITY_DEFAULT, g_task_get_cancellable (task), on_written,
                                   task);
}

static char *
make_line (JsonObject *request)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) node = json_node_alloc ();
  g_autofree char *text = NULL;

  json_node_init_object (node, request);
  json_generator_set_root (generator, node);
  text = json_generator_to_data (generator, NULL);
  return g_strconcat (text, "\n", NULL);
}

void
live_storage_client_call_async (LiveStorageClient *self,
                                JsonObject *request,
                                LiveStorageProgress progress,
                                gpointer progress_data,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer data)
{
  GTask *task = g_task_new (self, cancellable, callback, data);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (self->socket_path);
  Call *call = g_new0 (Call, 1);

  /* Said in our own error domain; and an answer that is there counts, also when somebody cancels now: it was done. */
  g_task_set_check_cancellable (task, FALSE);
  call->line = make_line (request);
  call->received = g_byte_array_new ();
  call->progress = progress;
  call->progress_data = progress_data;
  call->connector = g_socket_client_new ();
  g_socket_client_set_enable_proxy (call->connector, FALSE);
  g_task_set_task_data (task, call, call_free);
  g_socket_client_connect_async (call->connector, G_SOCKET_CONNECTABLE (address), cancellable, on_connected, task);
}

JsonObject *
live_storage_client_call_finish (LiveStorageClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
live_storage_client_finalize (GObject *object)
{
  g_free (LIVE_STORAGE_CLIENT (object)->socket_path);
  G_OBJECT_CLASS (live_storage_client_parent_class)->finalize (object);
}

static void
live_storage_client_class_init (LiveStorageClientClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = live_storage_client_finalize;
}

static void
live_storage_client_init (LiveStorageClient *self)
{
}

LiveStorageClient *
live_storage_client_new (const char *socket_path)
{
  LiveStorageClient *self = g_object_new (LIVE_TYPE_STORAGE_CLIENT, NULL);

  self->socket_path = g_strdup (socket_path);
  return self;
}
