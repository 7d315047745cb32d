/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/qubesd-events.h"

#include "model/error.h"
#include "sources/qubesd-event-parser.h"
#include "sources/qubesd-wire.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PAUSE_FIRST_MILLISECONDS 100
#define PAUSE_MAX_MILLISECONDS 5000
/* How long qubesd may take to say connection-established: it may be busy starting a qube. */
#define ESTABLISH_SECONDS 30
/* What is read before the main loop gets its turn again. */
#define READ_AT_ONCE (256 * 1024)

enum
{
  SIGNAL_CONNECTED,
  SIGNAL_DISCONNECTED,
  SIGNAL_EVENT,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _LiveQubesdEvents
{
  GObject parent_instance;

  char *socket_path;
  GMainContext *context;
  GBytes *request;
  gboolean is_started;

  /* The open stream. */
  int descriptor;
  GSource *source;
  gpointer descriptor_tag;
  LiveQubesdEventParser *parser;
  gboolean is_connected;
  guint generation; /* grows with each stream, so that a loop over one sees that a handler closed it */

  /* Between two streams. */
  GSource *retry;
  guint pause; /* milliseconds until the attempt after the next one fails */
  GFileMonitor *monitor; /* of the socket, only while there is no stream */
  gboolean is_loss_told;
};

G_DEFINE_TYPE (LiveQubesdEvents, live_qubesd_events, G_TYPE_OBJECT)

typedef struct
{
  GSource source;
  LiveQubesdEvents *events;
} EventsSource;

static void
clear_retry (LiveQubesdEvents *self)
{
  if (self->retry != NULL)
    {
      g_source_destroy (self->retry);
      g_clear_pointer (&self->retry, g_source_unref);
    }
}

static void
stop_watching_socket (LiveQubesdEvents *self)
{
  if (self->monitor == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->monitor, self);
  g_file_monitor_cancel (self->monitor);
  g_clear_object (&self->monitor);
}

static void
close_stream (LiveQubesdEvents *self)
{
  self->generation++;
  self->is_connected = FALSE;
  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_clear_pointer (&self->source, g_source_unref);
      self->descriptor_tag = NULL;
    }
  if (self->descriptor >= 0)
    {
      close (self->descriptor);
      self->descriptor = -1;
    }
  g_clear_pointer (&self->parser, live_qubesd_event_parser_free);
}

static gboolean open_stream (gpointer data);

static void
retry_after (LiveQubesdEvents *self, guint milliseconds)
{
  clear_retry (self);
  self->retry = g_timeout_source_new (milliseconds);
  g_source_set_callback (self->retry, open_stream, self, NULL);
  g_source_set_static_name (self->retry, "qubesd events: next attempt");
  g_source_attach (self->retry, self->context);
}

static void
on_socket_changed (GFileMonitor *monitor, GFile *file, GFile *other, GFileMonitorEvent event, LiveQubesdEvents *self)
{
  if (event == G_FILE_MONITOR_EVENT_CREATED)
    live_qubesd_events_retry_now (self);
}

/* A qubesd that comes back may have forgotten what is read-only, and a qube that is started before we have said it again
 * runs so. The pauses alone would leave it seconds for that. */
static void
watch_socket (LiveQubesdEvents *self)
{
  g_autoptr (GFile) file = g_file_new_for_path (self->socket_path);

  if (self->monitor != NULL)
    return;
  self->monitor = g_file_monitor_file (file, G_FILE_MONITOR_NONE, NULL, NULL);
  if (self->monitor == NULL)
    return; /* the pauses do it, more slowly */
  g_file_monitor_set_rate_limit (self->monitor, 0);
  g_signal_connect (self->monitor, "changed", G_CALLBACK (on_socket_changed), self);
}

/* The stream is gone: arrange the next attempt, then tell, so that the handler may change its mind about it. */
static void
lose_stream (LiveQubesdEvents *self, GError *reason)
{
  guint pause = self->pause;

  close_stream (self);
  watch_socket (self);
  self->pause = MIN (self->pause * 2, PAUSE_MAX_MILLISECONDS);
  /* Jitter, so that everybody who waits for qubesd does not come in the same moment. */
  retry_after (self, pause + (guint)g_random_int_range (0, (gint32)(pause / 10 + 1)));
  if (!self->is_loss_told)
    {
      self->is_loss_told = TRUE;
      g_signal_emit (self, signals[SIGNAL_DISCONNECTED], 0, reason);
    }
  else
    g_debug ("Still no events of qubesd: %s", reason->message);
  g_error_free (reason);
}

static void
establish (LiveQubesdEvents *self)
{
  self->is_connected = TRUE;
  self->is_loss_told = FALSE;
  self->pause = PAUSE_FIRST_MILLISECONDS;
  stop_watching_socket (self);
  /* No timer while connected: qubesd sends nothing for hours when nothing happens. */
  g_source_set_ready_time (self->source, -1);
  g_signal_emit (self, signals[SIGNAL_CONNECTED], 0);
}

/* FALSE: the stream is closed, or another one. */
static gboolean
emit_events (LiveQubesdEvents *self)
{
  guint generation = self->generation;

  while (TRUE)
    {
      GError *error = NULL;
      g_autoptr (LiveQubesdEvent) event = live_qubesd_event_parser_next (self->parser, &error);

      if (error != NULL)
        {
          lose_stream (self, error);
          return FALSE;
        }
      if (event == NULL)
        return TRUE;
      if (*event->subject == '\0' && g_str_equal (event->name, "connection-established"))
        {
          if (!self->is_connected)
            establish (self);
        }
      /* What comes before is covered by the reading that follows connection-established. */
      else if (self->is_connected)
        g_signal_emit (self, signals[SIGNAL_EVENT], 0, event->subject, event->name, event->key_values);
      if (generation != self->generation)
        return FALSE;
    }
}

static gboolean
dispatch_stream (GSource *source, GSourceFunc callback, gpointer data)
{
  g_autoptr (LiveQubesdEvents) self = g_object_ref (((EventsSource *)source)->events);
  gsize read_now = 0;

  if (g_source_query_unix_fd (source, self->descriptor_tag) == 0)
    {
      lose_stream (self, g_error_new (LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE,
                                      "qubesd at %s did not start to send events within %d seconds; see “systemctl "
                                      "status qubesd”",
                                      self->socket_path, ESTABLISH_SECONDS));
      return G_SOURCE_REMOVE;
    }

  while (read_now < READ_AT_ONCE)
    {
      guint8 chunk[16 * 1024];
      gssize n = recv (self->descriptor, chunk, sizeof (chunk), 0);

      if (n > 0)
        {
          read_now += (gsize)n;
          live_qubesd_event_parser_feed (self->parser, chunk, (gsize)n);
          if (!emit_events (self))
            return G_SOURCE_REMOVE;
        }
      else if (n < 0 && errno == EAGAIN)
        return G_SOURCE_CONTINUE;
      else if (n == 0 || errno != EINTR)
        {
          lose_stream (self, g_error_new (LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE,
                                          "qubesd at %s closed the stream of events%s%s; see “systemctl status qubesd”",
                                          self->socket_path, n < 0 ? ": " : "", n < 0 ? g_strerror (errno) : ""));
          return G_SOURCE_REMOVE;
        }
    }
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs stream_source_funcs = { .dispatch = dispatch_stream };

static gboolean
open_stream (gpointer data)
{
  g_autoptr (LiveQubesdEvents) self = g_object_ref (LIVE_QUBESD_EVENTS (data));
  gboolean busy = FALSE;
  GError *error = NULL;
  gsize length = 0;
  const void *request = g_bytes_get_data (self->request, &length);

  clear_retry (self);
  self->descriptor = live_qubesd_socket_open (self->socket_path, &busy, &error);
  if (self->descriptor < 0)
    {
      if (busy)
        error = g_error_new (LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE,
                             "qubesd at %s has too many connections waiting; see “systemctl status qubesd”",
                             self->socket_path);
      lose_stream (self, error);
      return G_SOURCE_REMOVE;
    }
  /* Forty bytes into the empty buffer of a new socket: they go at once, or the other end is gone already. */
  if (send (self->descriptor, request, length, MSG_NOSIGNAL) != (gssize)length
      || shutdown (self->descriptor, SHUT_WR) != 0)
    {
      lose_stream (self, g_error_new (LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE,
                                      "qubesd at %s does not take the request for events; see “systemctl status "
                                      "qubesd”",
                                      self->socket_path));
      return G_SOURCE_REMOVE;
    }

  self->generation++;
  self->parser = live_qubesd_event_parser_new ();
  self->source = g_source_new (&stream_source_funcs, sizeof (EventsSource));
  ((EventsSource *)self->source)->events = self;
  g_source_set_static_name (self->source, "qubesd events");
  self->descriptor_tag = g_source_add_unix_fd (self->source, self->descriptor, G_IO_IN | G_IO_HUP | G_IO_ERR);
  g_source_set_ready_time (self->source, g_get_monotonic_time () + ESTABLISH_SECONDS * G_USEC_PER_SEC);
  g_source_attach (self->source, self->context);
  return G_SOURCE_REMOVE;
}

LiveQubesdEvents *
live_qubesd_events_new (const char *socket_path)
{
  LiveQubesdEvents *self = NULL;

  g_return_val_if_fail (socket_path != NULL, NULL);

  self = g_object_new (LIVE_TYPE_QUBESD_EVENTS, NULL);
  self->socket_path = g_strdup (socket_path);
  return self;
}

void
live_qubesd_events_start (LiveQubesdEvents *self)
{
  g_return_if_fail (LIVE_IS_QUBESD_EVENTS (self));

  if (self->is_started)
    return;
  self->is_started = TRUE;
  self->is_loss_told = FALSE;
  self->pause = PAUSE_FIRST_MILLISECONDS;
  retry_after (self, 0);
}

void
live_qubesd_events_stop (LiveQubesdEvents *self)
{
  g_return_if_fail (LIVE_IS_QUBESD_EVENTS (self));

  self->is_started = FALSE;
  clear_retry (self);
  stop_watching_socket (self);
  close_stream (self);
}

void
live_qubesd_events_retry_now (LiveQubesdEvents *self)
{
  g_return_if_fail (LIVE_IS_QUBESD_EVENTS (self));

  if (self->retry == NULL)
    return;
  self->pause = PAUSE_FIRST_MILLISECONDS;
  retry_after (self, 0);
}

gboolean
live_qubesd_events_get_connected (LiveQubesdEvents *self)
{
  g_return_val_if_fail (LIVE_IS_QUBESD_EVENTS (self), FALSE);

  return self->is_connected;
}

const char *
live_qubesd_event_get_value (const char *const *key_values, const char *key)
{
  for (gsize i = 0; key_values[i] != NULL && key_values[i + 1] != NULL; i += 2)
    {
      if (g_str_equal (key_values[i], key))
        return key_values[i + 1];
    }
  return NULL;
}

static void
live_qubesd_events_finalize (GObject *object)
{
  LiveQubesdEvents *self = LIVE_QUBESD_EVENTS (object);

  clear_retry (self);
  stop_watching_socket (self);
  close_stream (self);
  g_main_context_unref (self->context);
  g_bytes_unref (self->request);
  g_free (self->socket_path);
  G_OBJECT_CLASS (live_qubesd_events_parent_class)->finalize (object);
}

static void
live_qubesd_events_class_init (LiveQubesdEventsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = live_qubesd_events_finalize;

  signals[SIGNAL_CONNECTED]
      = g_signal_new ("connected", LIVE_TYPE_QUBESD_EVENTS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_DISCONNECTED] = g_signal_new ("disconnected", LIVE_TYPE_QUBESD_EVENTS, G_SIGNAL_RUN_LAST, 0, NULL,
                                               NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
  /* Static scope: the emission does not copy what it hands to its handlers. */
  signals[SIGNAL_EVENT]
      = g_signal_new ("event", LIVE_TYPE_QUBESD_EVENTS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 3,
                      G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE,
                      G_TYPE_STRV | G_SIGNAL_TYPE_STATIC_SCOPE);
}

static void
live_qubesd_events_init (LiveQubesdEvents *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->descriptor = -1;
  self->request = live_qubesd_request_new ("admin.Events", NULL, "dom0", NULL, NULL);
}
