/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "fake-xenstore.h"

#include <errno.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <xen/io/xs_wire.h>

typedef struct
{
  LiveFakeXenstore *store;
  int fd;
  guint reading;
  guint writing;
  GByteArray *input;
  GByteArray *output;
  gboolean is_ending; /* behind the last of @output */
  char *token;        /* of its watch */
} Connection;

struct _LiveFakeXenstore
{
  char *directory;
  char *socket;
  GSocket *listener;
  GSource *accepting;
  GHashTable *values; /* path to GBytes */
  GPtrArray *connections;
  GPtrArray *paths; /* of all requests that have one */
  LiveFakeFault fault;
  guint32 fault_type;
  char *fault_key;
  char *fault_text;
  guint n_faults;
  guint n_accepted;
  guint n_requests;
};

static void
close_connection (gpointer data)
{
  Connection *connection = data;

  g_clear_handle_id (&connection->reading, g_source_remove);
  g_clear_handle_id (&connection->writing, g_source_remove);
  close (connection->fd);
  g_byte_array_unref (connection->input);
  g_byte_array_unref (connection->output);
  g_free (connection->token);
  g_free (connection);
}

static gboolean
on_writable (int fd, GIOCondition condition, gpointer data)
{
  Connection *connection = data;
  gssize n = send (fd, connection->output->data, connection->output->len, MSG_NOSIGNAL | MSG_DONTWAIT);

  if (n < 0 && errno == EAGAIN)
    return G_SOURCE_CONTINUE;
  if (n > 0)
    g_byte_array_remove_range (connection->output, 0, (guint)n);
  if (n < 0 || (connection->output->len == 0 && connection->is_ending))
    {
      connection->writing = 0;
      g_ptr_array_remove_fast (connection->store->connections, connection);
      return G_SOURCE_REMOVE;
    }
  if (connection->output->len > 0)
    return G_SOURCE_CONTINUE;
  connection->writing = 0;
  return G_SOURCE_REMOVE;
}

static void
put (Connection *connection, gconstpointer data, gsize length)
{
  g_byte_array_append (connection->output, data, (guint)length);
  if (connection->writing == 0)
    connection->writing = g_unix_fd_add (connection->fd, G_IO_OUT, on_writable, connection);
}

static void
put_message (Connection *connection, const struct xsd_sockmsg *request, guint32 type, gconstpointer body, gsize length)
{
  struct xsd_sockmsg header = { .type = type, .len = (guint32)length };

  if (request != NULL)
    {
      header.req_id = request->req_id;
      header.tx_id = request->tx_id;
    }
  put (connection, &header, sizeof (header));
  put (connection, body, length);
}

static void
put_error (Connection *connection, const struct xsd_sockmsg *request, const char *name)
{
  put_message (connection, request, XS_ERROR, name, strlen (name) + 1);
}

static int
compare_texts (gconstpointer one, gconstpointer other)
{
  return strcmp (*(const char *const *)one, *(const char *const *)other);
}

/* FALSE when there is nothing at or below @path. */
static gboolean
list_children (LiveFakeXenstore *self, const char *path, GString *list)
{
  g_autofree char *prefix = g_strconcat (path, "/", NULL);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  gboolean exists = g_hash_table_contains (self->values, path);
  GHashTableIter iter;
  gpointer key = NULL;

  g_hash_table_iter_init (&iter, self->values);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (g_str_has_prefix (key, prefix))
      {
        const char *start = (const char *)key + strlen (prefix);

        exists = TRUE;
        g_ptr_array_add (names, g_strndup (start, strcspn (start, "/")));
      }
  g_ptr_array_sort (names, compare_texts);
  for (guint i = 0; i < names->len; i++)
    if (i == 0 || !g_str_equal (names->pdata[i], names->pdata[i - 1]))
      g_string_append_len (list, names->pdata[i], (gssize)strlen (names->pdata[i]) + 1);
  return exists;
}

/* What a store does. */
static void
answer (Connection *connection, const struct xsd_sockmsg *request, const char *body)
{
  LiveFakeXenstore *self = connection->store;
  g_autoptr (GString) list = g_string_new (NULL);
  GBytes *value = NULL;

  switch (request->type)
    {
    case XS_READ:
      value = g_hash_table_lookup (self->values, body);
      if (value != NULL)
        put_message (connection, request, XS_READ, g_bytes_get_data (value, NULL), g_bytes_get_size (value));
      else
        put_error (connection, request, "ENOENT");
      break;
    case XS_DIRECTORY:
      if (list_children (self, body, list))
        put_message (connection, request, XS_DIRECTORY, list->str, list->len);
      else
        put_error (connection, request, "ENOENT");
      break;
    case XS_TRANSACTION_START:
      put_message (connection, request, XS_TRANSACTION_START, "7", 2);
      break;
    case XS_WATCH:
      g_free (connection->token);
      connection->token = g_strdup (body + strlen (body) + 1);
      put_message (connection, request, XS_WATCH, "OK", 3);
      g_string_append_len (list, body, (gssize)strlen (body) + 1);
      g_string_append_len (list, connection->token, (gssize)strlen (connection->token) + 1);
      put_message (connection, NULL, XS_WATCH_EVENT, list->str, list->len);
      break;
    case XS_TRANSACTION_END:
      put_message (connection, request, XS_TRANSACTION_END, "OK", 3);
      break;
    default:
      put_error (connection, request, "ENOSYS");
      break;
    }
}

static void
misbehave (Connection *connection, const struct xsd_sockmsg *request, const char *body)
{
  LiveFakeXenstore *self = connection->store;
  struct xsd_sockmsg header = *request;
  g_autofree char *filler = g_strnfill (2 * XENSTORE_PAYLOAD_MAX, 'x');

  self->n_faults++;
  switch (self->fault)
    {
    case LIVE_FAKE_FAULT_ERROR:
      put_error (connection, request, self->fault_text);
      break;
    case LIVE_FAKE_FAULT_WRONG_TYPE:
      put_message (connection, request, XS_GET_PERMS, "n0", 3);
      break;
    case LIVE_FAKE_FAULT_WRONG_ID:
      header.req_id += 77;
      header.tx_id += 77;
      answer (connection, &header, body);
      break;
    case LIVE_FAKE_FAULT_HUGE:
      header.len = 0x7fffffff;
      put (connection, &header, sizeof (header));
      put (connection, "some", 4);
      break;
    case LIVE_FAKE_FAULT_LONG:
      put_message (connection, request, request->type, filler, 2 * XENSTORE_PAYLOAD_MAX);
      break;
    case LIVE_FAKE_FAULT_SHORT_HEADER:
      put (connection, &header, sizeof (header) / 2);
      connection->is_ending = TRUE;
      break;
    case LIVE_FAKE_FAULT_SHORT_BODY:
      header.len = 100;
      put (connection, &header, sizeof (header));
      put (connection, filler, 50);
      connection->is_ending = TRUE;
      break;
    case LIVE_FAKE_FAULT_CLOSE:
      connection->is_ending = TRUE;
      put (connection, "", 0);
      break;
    case LIVE_FAKE_FAULT_TEXT:
      put_message (connection, request, request->type, self->fault_text, strlen (self->fault_text) + 1);
      break;
    case LIVE_FAKE_FAULT_SILENCE:
      break;
    case LIVE_FAKE_FAULT_NONE:
    default:
      g_assert_not_reached ();
    }
}

static void
take_request (Connection *connection, const struct xsd_sockmsg *request, const char *body)
{
  LiveFakeXenstore *self = connection->store;

  self->n_requests++;
  if (*body == '/')
    g_ptr_array_add (self->paths, g_strdup (body));
  if (self->fault != LIVE_FAKE_FAULT_NONE && request->type == self->fault_type
      && (self->fault_key == NULL || g_str_has_suffix (body, self->fault_key)))
    misbehave (connection, request, body);
  else
    answer (connection, request, body);
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer data)
{
  Connection *connection = data;
  guint8 chunk[4096];
  gssize n = recv (fd, chunk, sizeof (chunk), MSG_DONTWAIT);

  if (n < 0 && errno == EAGAIN)
    return G_SOURCE_CONTINUE;
  if (n <= 0)
    {
      connection->reading = 0;
      g_ptr_array_remove_fast (connection->store->connections, connection);
      return G_SOURCE_REMOVE;
    }
  g_byte_array_append (connection->input, chunk, (guint)n);
  while (!connection->is_ending && connection->input->len >= sizeof (struct xsd_sockmsg))
    {
      struct xsd_sockmsg header;
      g_autofree char *body = NULL;

      memcpy (&header, connection->input->data, sizeof (header));
      if (connection->input->len < sizeof (header) + header.len)
        break;
      /* Whatever it is, it ends as two texts. */
      body = g_malloc0 (header.len + 2);
      memcpy (body, connection->input->data + sizeof (header), header.len);
      g_byte_array_remove_range (connection->input, 0, (guint)(sizeof (header) + header.len));
      take_request (connection, &header, body);
    }
  return G_SOURCE_CONTINUE;
}

static gboolean
on_accept (GSocket *listener, GIOCondition condition, gpointer data)
{
  LiveFakeXenstore *self = data;
  Connection *connection = g_new0 (Connection, 1);

  connection->store = self;
  connection->fd = accept (g_socket_get_fd (listener), NULL, NULL);
  if (connection->fd < 0)
    g_error ("cannot accept: %s", g_strerror (errno));
  connection->input = g_byte_array_new ();
  connection->output = g_byte_array_new ();
  connection->reading = g_unix_fd_add (connection->fd, G_IO_IN | G_IO_HUP, on_readable, connection);
  g_ptr_array_add (self->connections, connection);
  self->n_accepted++;
  return G_SOURCE_CONTINUE;
}

void
live_fake_xenstore_start (LiveFakeXenstore *self)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (self->socket);
  g_autoptr (GError) error = NULL;

  g_return_if_fail (self->listener == NULL);
  self->listener = g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, &error);
  if (self->listener == NULL || !g_socket_bind (self->listener, address, FALSE, &error)
      || !g_socket_listen (self->listener, &error))
    g_error ("%s", error->message);
  self->accepting = g_socket_create_source (self->listener, G_IO_IN, NULL);
  g_source_set_callback (self->accepting, G_SOURCE_FUNC (on_accept), self, NULL);
  g_source_attach (self->accepting, NULL);
}

void
live_fake_xenstore_stop (LiveFakeXenstore *self)
{
  if (self->listener == NULL)
    return;
  g_source_destroy (self->accepting);
  g_clear_pointer (&self->accepting, g_source_unref);
  g_clear_object (&self->listener);
  g_unlink (self->socket);
  g_ptr_array_set_size (self->connections, 0);
}

LiveFakeXenstore *
live_fake_xenstore_new (void)
{
  g_autoptr (GError) error = NULL;
  LiveFakeXenstore *self = g_new0 (LiveFakeXenstore, 1);

  self->directory = g_dir_make_tmp ("qubes-live-fake-xenstore-XXXXXX", &error);
  if (self->directory == NULL)
    g_error ("%s", error->message);
  self->socket = g_build_filename (self->directory, "socket", NULL);
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_bytes_unref);
  self->connections = g_ptr_array_new_with_free_func (close_connection);
  self->paths = g_ptr_array_new_with_free_func (g_free);
  live_fake_xenstore_start (self);
  return self;
}

void
live_fake_xenstore_free (LiveFakeXenstore *self)
{
  live_fake_xenstore_stop (self);
  g_rmdir (self->directory);
  g_ptr_array_unref (self->paths);
  g_ptr_array_unref (self->connections);
  g_hash_table_unref (self->values);
  g_free (self->fault_text);
  g_free (self->fault_key);
  g_free (self->socket);
  g_free (self->directory);
  g_free (self);
}

const char *
live_fake_xenstore_get_socket (LiveFakeXenstore *self)
{
  return self->socket;
}

static gboolean
is_below (gpointer key, gpointer value, gpointer data)
{
  const char *path = data;

  return g_str_has_prefix (key, path)
         && (((const char *)key)[strlen (path)] == '\0' || ((const char *)key)[strlen (path)] == '/');
}

void
live_fake_xenstore_set (LiveFakeXenstore *self, const char *path, const char *value, gssize length)
{
  if (value == NULL)
    g_hash_table_foreach_remove (self->values, is_below, (gpointer)path);
  else
    g_hash_table_insert (self->values, g_strdup (path),
                         g_bytes_new (value, length < 0 ? strlen (value) : (gsize)length));
}

void
live_fake_xenstore_fire (LiveFakeXenstore *self, const char *path, const char *token, guint n_times)
{
  for (guint i = 0; i < self->connections->len; i++)
    {
      Connection *connection = g_ptr_array_index (self->connections, i);
      const char *sent = token != NULL ? token : connection->token;
      g_autoptr (GString) body = g_string_new (path);

      if (connection->token == NULL)
        continue;
      g_string_append_c (body, '\0');
      g_string_append_len (body, sent, (gssize)strlen (sent) + 1);
      for (guint n = 0; n < n_times; n++)
        put_message (connection, NULL, XS_WATCH_EVENT, body->str, body->len);
    }
}

void
live_fake_xenstore_set_fault (
    LiveFakeXenstore *self, LiveFakeFault fault, guint32 type, const char *key, const char *text)
{
  self->fault = fault;
  self->fault_type = type;
  g_free (self->fault_key);
  self->fault_key = g_strdup (key);
  g_free (self->fault_text);
  self->fault_text = g_strdup (text);
  self->n_faults = 0;
}

guint
live_fake_xenstore_get_n_faults (LiveFakeXenstore *self)
{
  return self->n_faults;
}

guint
live_fake_xenstore_get_n_accepted (LiveFakeXenstore *self)
{
  return self->n_accepted;
}

guint
live_fake_xenstore_get_n_open (LiveFakeXenstore *self)
{
  return self->connections->len;
}

guint
live_fake_xenstore_count_outside (LiveFakeXenstore *self, const char *root)
{
  guint n = 0;

  for (guint i = 0; i < self->paths->len; i++)
    if (!is_below (self->paths->pdata[i], NULL, (gpointer)root))
      n++;
  return n;
}

guint
live_fake_xenstore_get_n_requests (LiveFakeXenstore *self)
{
  return self->n_requests;
}
