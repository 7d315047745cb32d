/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* accept4() */
#define _GNU_SOURCE
#include "fake-qubesd.h"

#include <errno.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct _FakeConnection
{
  FakeQubesd *server;
  int descriptor;
  guint watch;
  guint writer;
  GByteArray *request;
  GByteArray *output;
  gsize written;
  gboolean and_close;
};

static void
connection_free (FakeConnection *connection)
{
  if (connection->watch != 0)
    g_source_remove (connection->watch);
  if (connection->writer != 0)
    g_source_remove (connection->writer);
  close (connection->descriptor);
  g_byte_array_unref (connection->request);
  g_byte_array_unref (connection->output);
  g_free (connection);
}

static void
connection_close (FakeConnection *connection)
{
  g_assert_true (g_ptr_array_remove (connection->server->open, connection));
}

static gboolean
on_hang_up (int descriptor, GIOCondition condition, gpointer data)
{
  FakeConnection *connection = data;

  connection->watch = 0;
  connection_close (connection);
  return G_SOURCE_REMOVE;
}

static gboolean
on_readable (int descriptor, GIOCondition condition, gpointer data)
{
  FakeConnection *connection = data;
  FakeQubesd *server = connection->server;
  g_autoptr (GBytes) request = NULL;
  guint8 chunk[4096];
  gssize n = recv (descriptor, chunk, sizeof (chunk), 0);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n < 0)
    return on_hang_up (descriptor, condition, data);
  if (n > 0)
    {
      g_byte_array_append (connection->request, chunk, (guint)n);
      return G_SOURCE_CONTINUE;
    }

  /* The half-close: from here on only a full one is of interest. */
  connection->watch = g_unix_fd_add (descriptor, G_IO_HUP, on_hang_up, connection);
  request = g_bytes_new (connection->request->data, connection->request->len);
  g_ptr_array_add (server->requests,
                   g_strndup (connection->request->len > 0 ? (const char *)connection->request->data : "",
                              connection->request->len));
  server->handler (server, connection, request, server->handler_data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_connection (int descriptor, GIOCondition condition, gpointer data)
{
  FakeQubesd *server = data;
  FakeConnection *connection = NULL;
  int accepted = accept4 (descriptor, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

  if (accepted < 0)
    return G_SOURCE_CONTINUE;
  connection = g_new0 (FakeConnection, 1);
  connection->server = server;
  connection->descriptor = accepted;
  connection->request = g_byte_array_new ();
  connection->output = g_byte_array_new ();
  connection->watch = g_unix_fd_add (accepted, G_IO_IN, on_readable, connection);
  g_ptr_array_add (server->open, connection);
  server->n_accepted++;
  server->max_open = MAX (server->max_open, server->open->len);
  return G_SOURCE_CONTINUE;
}

static gboolean
on_writable (int descriptor, GIOCondition condition, gpointer data)
{
  FakeConnection *connection = data;
  gsize left = connection->output->len - connection->written;
  gsize length = connection->server->chunk > 0 ? MIN (left, connection->server->chunk) : left;
  gssize n = length > 0 ? send (descriptor, connection->output->data + connection->written, length, MSG_NOSIGNAL) : 0;

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (n > 0)
    connection->written += (gsize)n;
  if (n >= 0 && connection->written < connection->output->len)
    return G_SOURCE_CONTINUE;
  connection->writer = 0;
  if (n < 0 || connection->and_close)
    connection_close (connection);
  return G_SOURCE_REMOVE;
}

void
fake_connection_send (FakeConnection *connection, const void *data, gsize length, gboolean and_close)
{
  if (length > 0)
    g_byte_array_append (connection->output, data, (guint)length);
  connection->and_close = connection->and_close || and_close;
  /* A low priority: the client reads each chunk before the next one is written. */
  if (connection->writer == 0)
    connection->writer
        = g_unix_fd_add_full (G_PRIORITY_LOW, connection->descriptor, G_IO_OUT, on_writable, connection, NULL);
}

void
fake_qubesd_set_accepting (FakeQubesd *server, gboolean accepting)
{
  if (server->listener_watch != 0)
    {
      g_source_remove (server->listener_watch);
      server->listener_watch = 0;
    }
  if (accepting)
    server->listener_watch = g_unix_fd_add (server->listener, G_IO_IN, on_connection, server);
}

void
fake_qubesd_start (FakeQubesd *server, int backlog)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  g_assert_cmpuint (g_strlcpy (address.sun_path, server->path, sizeof (address.sun_path)), <,
                    sizeof (address.sun_path));
  server->listener = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  g_assert_cmpint (server->listener, >=, 0);
  g_assert_cmpint (bind (server->listener, (struct sockaddr *)&address, sizeof (address)), ==, 0);
  g_assert_cmpint (listen (server->listener, backlog), ==, 0);
  fake_qubesd_set_accepting (server, TRUE);
}

void
fake_qubesd_stop (FakeQubesd *server)
{
  fake_qubesd_set_accepting (server, FALSE);
  if (server->listener >= 0)
    {
      close (server->listener);
      server->listener = -1;
      g_unlink (server->path);
    }
  g_ptr_array_set_size (server->open, 0);
}

FakeQubesd *
fake_qubesd_new (FakeQubesdHandler handler, gpointer data)
{
  g_autoptr (GError) error = NULL;
  FakeQubesd *server = g_new0 (FakeQubesd, 1);

  server->directory = g_dir_make_tmp ("fake-qubesd-XXXXXX", &error);
  g_assert_no_error (error);
  server->path = g_build_filename (server->directory, "qubesd.sock", NULL);
  server->listener = -1;
  server->handler = handler;
  server->handler_data = data;
  server->open = g_ptr_array_new_with_free_func ((GDestroyNotify)connection_free);
  server->requests = g_ptr_array_new_with_free_func (g_free);
  fake_qubesd_start (server, 100);
  return server;
}

void
fake_qubesd_free (FakeQubesd *server)
{
  fake_qubesd_stop (server);
  g_ptr_array_unref (server->open);
  g_ptr_array_unref (server->requests);
  g_rmdir (server->directory);
  g_free (server->directory);
  g_free (server->path);
  g_free (server);
}

static gboolean
on_time (gpointer data)
{
  *(gboolean *)data = TRUE;
  return G_SOURCE_CONTINUE;
}

gboolean
fake_wait (gboolean (*condition) (gpointer data), gpointer data)
{
  gboolean is_over = FALSE;
  guint timer = g_timeout_add_seconds (10, on_time, &is_over);

  while (!condition (data) && !is_over)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
  return condition (data);
}

void
fake_settle (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}
