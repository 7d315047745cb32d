/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bench/event-log.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct
{
  gint64 when;
  char *bytes; /* one read: whole frames but for the last */
  gsize length;
} LiveArrival;

struct _LiveEventLog
{
  int fd;
  GThread *thread;
  GMutex mutex;
  GCond changed;
  gboolean begun;   /* under the mutex */
  GArray *arrivals; /* of LiveArrival; under the mutex */
};

static void
clear_arrival (gpointer data)
{
  LiveArrival *arrival = data;

  g_free (arrival->bytes);
}

static gpointer
run (gpointer data)
{
  LiveEventLog *log = data;
  char buffer[65536];
  gssize length = 0;

  while ((length = read (log->fd, buffer, sizeof buffer)) > 0)
    {
      LiveArrival arrival
          = { .when = g_get_monotonic_time (), .bytes = g_memdup2 (buffer, (gsize)length), .length = (gsize)length };

      g_mutex_lock (&log->mutex);
      log->begun = TRUE;
      g_array_append_val (log->arrivals, arrival);
      g_cond_broadcast (&log->changed);
      g_mutex_unlock (&log->mutex);
    }
  return NULL;
}

LiveEventLog *
live_event_log_new (const char *qubesd_socket)
{
  static const char request[] = "admin.Events dom0 name dom0";
  LiveEventLog *log = g_new0 (LiveEventLog, 1);
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  g_strlcpy (address.sun_path, qubesd_socket, sizeof address.sun_path);
  log->arrivals = g_array_new (FALSE, FALSE, sizeof (LiveArrival));
  g_array_set_clear_func (log->arrivals, clear_arrival);
  g_mutex_init (&log->mutex);
  g_cond_init (&log->changed);
  log->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  /* The NUL that ends the header is that of the C string. */
  if (log->fd < 0 || connect (log->fd, (struct sockaddr *)&address, sizeof address) < 0
      || send (log->fd, request, sizeof request, MSG_NOSIGNAL) != sizeof request || shutdown (log->fd, SHUT_WR) < 0)
    g_error ("%s: %s", qubesd_socket, g_strerror (errno));
  log->thread = g_thread_new ("event-log", run, log);
  /* `connection-established` comes first. */
  g_mutex_lock (&log->mutex);
  while (!log->begun)
    g_cond_wait (&log->changed, &log->mutex);
  g_mutex_unlock (&log->mutex);
  return log;
}

void
live_event_log_free (LiveEventLog *log)
{
  if (log == NULL)
    return;
  shutdown (log->fd, SHUT_RDWR);
  g_thread_join (log->thread);
  close (log->fd);
  g_array_unref (log->arrivals);
  g_mutex_clear (&log->mutex);
  g_cond_clear (&log->changed);
  g_free (log);
}

void
live_event_log_forget (LiveEventLog *log)
{
  g_mutex_lock (&log->mutex);
  g_array_set_size (log->arrivals, 0);
  g_mutex_unlock (&log->mutex);
}

gboolean
live_event_log_wait (LiveEventLog *log, const char *event, double seconds, gint64 *when)
{
  gint64 end = g_get_monotonic_time () + (gint64)(seconds * G_USEC_PER_SEC);
  /* With the NUL before and after it. */
  gsize length = strlen (event) + 2;
  g_autofree char *wanted = g_malloc0 (length);
  gboolean found = FALSE, expired = FALSE;
  guint next = 0;

  memcpy (wanted + 1, event, length - 2);
  g_mutex_lock (&log->mutex);
  while (!found && !expired)
    {
      for (; next < log->arrivals->len && !found; next++)
        {
          const LiveArrival *arrival = &g_array_index (log->arrivals, LiveArrival, next);

          found = memmem (arrival->bytes, arrival->length, wanted, length) != NULL;
          *when = arrival->when;
        }
      if (!found)
        expired = !g_cond_wait_until (&log->changed, &log->mutex, end);
    }
  g_mutex_unlock (&log->mutex);
  return found;
}
