/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bench/bare-loop.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <gio/gio.h>

typedef struct
{
  int fd;
  guint request; /* its place in the list */
  gboolean answered;
} LiveBareConnection;

typedef struct
{
  struct sockaddr_un address;
  GPtrArray *wire; /* of GBytes: requests as they are sent, made before the clock starts */
  LiveBareConnection *connections;
  struct pollfd *polls;
  guint under_way;
  guint next;
} LiveBareLoop;

LiveBareRequest *
live_bare_request_new (const char *method, const char *argument, const char *destination, const char *payload)
{
  LiveBareRequest *request = g_new0 (LiveBareRequest, 1);

  request->method = g_strdup (method);
  request->argument = g_strdup (argument);
  request->destination = g_strdup (destination);
  request->payload = g_strdup (payload);
  return request;
}

void
live_bare_request_free (LiveBareRequest *request)
{
  g_free (request->method);
  g_free (request->argument);
  g_free (request->destination);
  g_free (request->payload);
  g_free (request);
}

static GBytes *
make_wire (const LiveBareRequest *request)
{
  GString *text = g_string_new (request->method);

  g_string_append_printf (text, "+%s dom0 name %s", request->argument, request->destination);
  g_string_append_c (text, '\0');
  g_string_append (text, request->payload);
  return g_string_free_to_bytes (text);
}

static gboolean
fail (GError **error, const char *what)
{
  int code = errno;

  g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "%s: %s", what, g_strerror (code));
  return FALSE;
}

/* A request is far smaller than the socket's buffer and the peer reads: one blocking write is all. */
static gboolean
open_next (LiveBareLoop *loop, guint slot, GError **error)
{
  gsize length = 0;
  const char *bytes = g_bytes_get_data (g_ptr_array_index (loop->wire, loop->next), &length);
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (fd < 0)
    return fail (error, "socket");
  loop->connections[slot] = (LiveBareConnection){ .fd = fd, .request = loop->next++ };
  loop->polls[slot] = (struct pollfd){ .fd = fd, .events = POLLIN };
  if (connect (fd, (struct sockaddr *)&loop->address, sizeof loop->address) < 0)
    return fail (error, "connect");
  if (send (fd, bytes, length, MSG_NOSIGNAL) != (gssize)length)
    return fail (error, "send");
  if (shutdown (fd, SHUT_WR) < 0)
    return fail (error, "shutdown");
  return TRUE;
}

/* Reads what there is; TRUE in @finished after the end of file. */
static gboolean
drain (LiveBareLoop *loop, guint slot, gboolean *finished, GError **error)
{
  char buffer[65536];
  LiveBareConnection *connection = &loop->connections[slot];
  gssize length = recv (connection->fd, buffer, sizeof buffer, 0);

  *finished = FALSE;
  if (length < 0 && errno == EINTR)
    return TRUE;
  if (length < 0)
    return fail (error, "recv");
  if (length > 0)
    {
      connection->answered = TRUE;
      return TRUE;
    }
  *finished = TRUE;
  if (!connection->answered)
    {
      const char *wire = g_bytes_get_data (g_ptr_array_index (loop->wire, connection->request), NULL);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "“%s” was closed without a reply", wire);
      return FALSE;
    }
  return TRUE;
}

static gboolean
run (LiveBareLoop *loop, GError **error)
{
  guint open = 0;

  while (open < loop->under_way && loop->next < loop->wire->len)
    if (!open_next (loop, open++, error))
      return FALSE;

  while (open > 0)
    {
      int ready = poll (loop->polls, loop->under_way, 30000);

      if (ready < 0 && errno == EINTR)
        continue;
      if (ready == 0)
        errno = ETIMEDOUT;
      if (ready <= 0)
        return fail (error, "poll");
      for (guint slot = 0; slot < loop->under_way; slot++)
        {
          gboolean finished = FALSE;

          if (loop->polls[slot].fd < 0 || loop->polls[slot].revents == 0)
            continue;
          if (!drain (loop, slot, &finished, error))
            return FALSE;
          if (!finished)
            continue;
          close (loop->connections[slot].fd);
          loop->connections[slot].fd = -1;
          loop->polls[slot].fd = -1;
          open--;
          if (loop->next < loop->wire->len)
            {
              if (!open_next (loop, slot, error))
                return FALSE;
              open++;
            }
        }
    }
  return TRUE;
}

gboolean
live_bare_loop_run (const char *socket_path, GPtrArray *requests, guint under_way, double *elapsed_ms, GError **error)
{
  g_autoptr (GPtrArray) wire = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  g_autofree LiveBareConnection *connections = g_new0 (LiveBareConnection, under_way);
  g_autofree struct pollfd *polls = g_new0 (struct pollfd, under_way);
  LiveBareLoop loop = { .wire = wire, .connections = connections, .polls = polls, .under_way = under_way };
  gint64 begin = 0;
  gboolean success = FALSE;

  loop.address.sun_family = AF_UNIX;
  if (g_strlcpy (loop.address.sun_path, socket_path, sizeof loop.address.sun_path) >= sizeof loop.address.sun_path)
    {
      errno = ENAMETOOLONG;
      return fail (error, socket_path);
    }
  for (guint i = 0; i < requests->len; i++)
    g_ptr_array_add (wire, make_wire (g_ptr_array_index (requests, i)));
  for (guint slot = 0; slot < under_way; slot++)
    connections[slot].fd = polls[slot].fd = -1;

  begin = g_get_monotonic_time ();
  success = run (&loop, error);
  *elapsed_ms = (double)(g_get_monotonic_time () - begin) / 1000;

  for (guint slot = 0; slot < under_way; slot++)
    if (connections[slot].fd >= 0)
      close (connections[slot].fd);
  return success;
}
