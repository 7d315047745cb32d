/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* accept4() */
#define _GNU_SOURCE

#include "connection.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <glib-unix.h>
#include <glib/gstdio.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "request.h"

struct _LiveDom0Listener
{
  LiveDom0 *dom0;
  char *path;
  int fd;
  guint watch;
  gsize event_chunk;
  GPtrArray *connections;
};

struct _LiveDom0Connection
{
  gatomicrefcount references;
  LiveDom0Listener *listener;
  int fd;
  guint in_watch;
  guint out_watch;
  guint pace_timer;
  guint pace_tries;
  GByteArray *in;
  GByteArray *out;
  gsize written;
  gboolean limited;
  gsize limit;
  gboolean finishing;
  gboolean streaming;
};

LiveDom0Connection *
live_dom0_connection_ref (LiveDom0Connection *connection)
{
  g_atomic_ref_count_inc (&connection->references);
  return connection;
}

void
live_dom0_connection_unref (LiveDom0Connection *connection)
{
  if (!g_atomic_ref_count_dec (&connection->references))
    return;
  g_byte_array_unref (connection->in);
  g_byte_array_unref (connection->out);
  g_free (connection);
}

/* Idempotent. May drop the last reference. */
static void
connection_close (LiveDom0Connection *connection)
{
  if (connection->fd < 0)
    return;
  live_dom0_events_unsubscribe (connection->listener->dom0, connection);
  g_clear_handle_id (&connection->in_watch, g_source_remove);
  g_clear_handle_id (&connection->out_watch, g_source_remove);
  g_clear_handle_id (&connection->pace_timer, g_source_remove);
  close (connection->fd);
  connection->fd = -1;
  g_ptr_array_remove_fast (connection->listener->connections, connection);
}

static void connection_flush (LiveDom0Connection *connection);

static gboolean
on_writable (int fd, GIOCondition condition, gpointer data)
{
  g_autoptr (LiveDom0Connection) connection = live_dom0_connection_ref (data);

  connection->out_watch = 0;
  connection_flush (connection);
  return G_SOURCE_REMOVE;
}

static gboolean
on_pace (gpointer data)
{
  g_autoptr (LiveDom0Connection) connection = live_dom0_connection_ref (data);

  connection->pace_timer = 0;
  connection_flush (connection);
  return G_SOURCE_REMOVE;
}

/* In chunk mode the next piece waits until the peer has taken the last, so that it really sees pieces. */
static gboolean
must_wait_for_reader (LiveDom0Connection *connection)
{
  int unread = 0;

  if (ioctl (connection->fd, SIOCOUTQ, &unread) != 0 || unread == 0 || connection->pace_tries >= 50)
    {
      connection->pace_tries = 0;
      return FALSE;
    }
  connection->pace_tries++;
  return TRUE;
}

static void
connection_flush (LiveDom0Connection *connection)
{
  gsize chunk = connection->streaming ? connection->listener->event_chunk : 0;

  if (connection->pace_timer != 0 || connection->out_watch != 0)
    return;
  while (connection->fd >= 0 && connection->written < connection->out->len)
    {
      gsize length = connection->out->len - connection->written;
      gssize sent;

      if (chunk > 0)
        {
          if (must_wait_for_reader (connection))
            {
              connection->pace_timer = g_timeout_add (1, on_pace, connection);
              return;
            }
          length = MIN (length, chunk);
        }
      sent = send (connection->fd, connection->out->data + connection->written, length, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && (errno == EAGAIN || errno == EINTR))
        {
          connection->out_watch
              = g_unix_fd_add (connection->fd, G_IO_OUT | G_IO_HUP | G_IO_ERR, on_writable, connection);
          return;
        }
      if (sent < 0)
        {
          connection_close (connection);
          return;
        }
      connection->written += (gsize)sent;
    }
  g_byte_array_set_size (connection->out, 0);
  connection->written = 0;
  if (connection->finishing)
    connection_close (connection);
}

void
live_dom0_connection_write (LiveDom0Connection *connection, const guint8 *bytes, gsize length)
{
  g_autoptr (LiveDom0Connection) keep = live_dom0_connection_ref (connection);

  if (connection->fd < 0 || connection->finishing)
    return;
  if (connection->limited)
    {
      length = MIN (length, connection->limit);
      connection->limit -= length;
      connection->finishing = connection->limit == 0;
    }
  g_byte_array_append (connection->out, bytes, (guint)length);
  connection_flush (connection);
}

void
live_dom0_connection_finish (LiveDom0Connection *connection)
{
  g_autoptr (LiveDom0Connection) keep = live_dom0_connection_ref (connection);

  connection->finishing = TRUE;
  connection_flush (connection);
}

void
live_dom0_connection_set_limit (LiveDom0Connection *connection, gsize bytes)
{
  connection->limited = TRUE;
  connection->limit = bytes;
}

void
live_dom0_connection_set_streaming (LiveDom0Connection *connection)
{
  connection->streaming = TRUE;
}

gboolean
live_dom0_connection_is_open (LiveDom0Connection *connection)
{
  return connection->fd >= 0;
}

/* After the half-close there is nothing more to read; only that the peer is gone is still of interest. */
static gboolean
on_hangup (int fd, GIOCondition condition, gpointer data)
{
  LiveDom0Connection *connection = data;

  connection->in_watch = 0;
  connection_close (connection);
  return G_SOURCE_REMOVE;
}

static gboolean
on_readable (int fd, GIOCondition condition, gpointer data)
{
  g_autoptr (LiveDom0Connection) connection = live_dom0_connection_ref (data);
  guint8 buffer[LIVE_DOM0_REQUEST_MAX];
  gssize length = recv (fd, buffer, sizeof buffer, MSG_DONTWAIT);

  if (length < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (length < 0 || connection->in->len + (gsize)length > LIVE_DOM0_REQUEST_MAX)
    {
      connection->in_watch = 0;
      connection_close (connection);
      return G_SOURCE_REMOVE;
    }
  if (length > 0)
    {
      g_byte_array_append (connection->in, buffer, (guint)length);
      return G_SOURCE_CONTINUE;
    }
  connection->in_watch = g_unix_fd_add (fd, G_IO_HUP | G_IO_ERR, on_hangup, connection);
  live_dom0_request_handle (connection->listener->dom0, connection, connection->in->data, connection->in->len);
  return G_SOURCE_REMOVE;
}

static gboolean
on_connection (int fd, GIOCondition condition, gpointer data)
{
  LiveDom0Listener *listener = data;

  for (;;)
    {
      int peer = accept4 (fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
      LiveDom0Connection *connection;

      if (peer < 0)
        return G_SOURCE_CONTINUE;
      connection = g_new0 (LiveDom0Connection, 1);
      g_atomic_ref_count_init (&connection->references);
      connection->listener = listener;
      connection->fd = peer;
      connection->in = g_byte_array_new ();
      connection->out = g_byte_array_new ();
      connection->in_watch = g_unix_fd_add (peer, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, connection);
      g_ptr_array_add (listener->connections, connection);
    }
}

void
live_dom0_listener_stop (LiveDom0Listener *listener)
{
  if (listener->fd < 0)
    return;
  g_unlink (listener->path);
  g_clear_handle_id (&listener->watch, g_source_remove);
  close (listener->fd);
  listener->fd = -1;
  while (listener->connections->len > 0)
    connection_close (g_ptr_array_index (listener->connections, 0));
}

gboolean
live_dom0_listener_start (LiveDom0Listener *listener, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  g_autofree char *temporary = g_strconcat (listener->path, ".new", NULL);
  int fd;

  if (listener->fd >= 0)
    return TRUE;
  if (strlen (temporary) >= sizeof address.sun_path)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG, "Socket path too long: %s", listener->path);
      return FALSE;
    }
  strcpy (address.sun_path, temporary);
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  g_unlink (temporary);
  /* Bound and listening under another name first: whoever sees the name can connect. */
  if (fd < 0 || bind (fd, (struct sockaddr *)&address, sizeof address) != 0 || listen (fd, SOMAXCONN) != 0
      || g_rename (temporary, listener->path) != 0)
    {
      int saved = errno;

      if (fd >= 0)
        close (fd);
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (saved), "Cannot listen at %s: %s", listener->path,
                   g_strerror (saved));
      return FALSE;
    }
  listener->fd = fd;
  listener->watch = g_unix_fd_add (fd, G_IO_IN, on_connection, listener);
  return TRUE;
}

LiveDom0Listener *
live_dom0_listener_new (LiveDom0 *dom0, const char *path, GError **error)
{
  LiveDom0Listener *listener = g_new0 (LiveDom0Listener, 1);

  listener->dom0 = dom0;
  listener->path = g_strdup (path);
  listener->fd = -1;
  listener->connections = g_ptr_array_new_with_free_func ((GDestroyNotify)live_dom0_connection_unref);
  if (!live_dom0_listener_start (listener, error))
    {
      live_dom0_listener_free (listener);
      return NULL;
    }
  return listener;
}

void
live_dom0_listener_free (LiveDom0Listener *listener)
{
  live_dom0_listener_stop (listener);
  g_ptr_array_unref (listener->connections);
  g_free (listener->path);
  g_free (listener);
}

void
live_dom0_listener_set_event_chunk (LiveDom0Listener *listener, gsize bytes)
{
  listener->event_chunk = bytes;
}
