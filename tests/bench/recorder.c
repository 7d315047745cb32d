/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bench/recorder.h"

#include <string.h>

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>

#include "bench/bare-loop.h"

struct _LiveRecorder
{
  char *path;
  GSocketAddress *qubesd;
  GSocketService *service;
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  GCancellable *cancellable;
  GMutex mutex;
  GPtrArray *requests; /* of LiveBareRequest; under the mutex */
};

/* METHOD+ARGUMENT SP dom0 SP name SP DESTINATION NUL PAYLOAD */
static void
note (LiveRecorder *recorder, const GByteArray *bytes)
{
  g_autofree char *header = g_strndup ((const char *)bytes->data, bytes->len);
  gsize header_length = strlen (header);
  g_autofree char *payload = NULL;
  g_auto (GStrv) words = g_strsplit (header, " ", 4);
  char *plus = NULL;

  if (g_strv_length (words) != 4 || header_length == bytes->len)
    g_error ("“%s” is no request", header);
  payload = g_strndup ((const char *)bytes->data + header_length + 1, bytes->len - header_length - 1);
  plus = strchr (words[0], '+');
  if (plus != NULL)
    *plus = '\0';
  if (g_str_equal (words[0], "admin.Events"))
    return;
  g_mutex_lock (&recorder->mutex);
  g_ptr_array_add (recorder->requests,
                   live_bare_request_new (words[0], plus != NULL ? plus + 1 : "", words[3], payload));
  g_mutex_unlock (&recorder->mutex);
}

/* FALSE when the other end is gone. */
static gboolean
read_request (LiveRecorder *recorder, GInputStream *input, GByteArray *bytes)
{
  guint8 buffer[4096];
  gssize length = 0;

  while ((length = g_input_stream_read (input, buffer, sizeof buffer, recorder->cancellable, NULL)) > 0)
    g_byte_array_append (bytes, buffer, (guint)length);
  return length == 0 && bytes->len > 0;
}

/* Runs in a thread of its own for each connection. */
static gboolean
on_connection (GThreadedSocketService *service, GSocketConnection *connection, GObject *source, gpointer user_data)
{
  LiveRecorder *recorder = user_data;
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketConnection) qubesd = NULL;
  GInputStream *from_qubesd = NULL;
  guint8 buffer[65536];
  gssize length = 0;

  if (!read_request (recorder, g_io_stream_get_input_stream (G_IO_STREAM (connection)), bytes))
    return TRUE;
  note (recorder, bytes);
  qubesd = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (recorder->qubesd), recorder->cancellable, NULL);
  if (qubesd == NULL
      || !g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (qubesd)), bytes->data, bytes->len,
                                     NULL, recorder->cancellable, NULL)
      || !g_socket_shutdown (g_socket_connection_get_socket (qubesd), FALSE, TRUE, NULL))
    return TRUE;
  from_qubesd = g_io_stream_get_input_stream (G_IO_STREAM (qubesd));
  while ((length = g_input_stream_read (from_qubesd, buffer, sizeof buffer, recorder->cancellable, NULL)) > 0)
    if (!g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), buffer, (gsize)length,
                                    NULL, recorder->cancellable, NULL))
      break;
  return TRUE;
}

static gpointer
run (gpointer data)
{
  LiveRecorder *recorder = data;

  g_main_context_push_thread_default (recorder->context);
  g_main_loop_run (recorder->loop);
  g_main_context_pop_thread_default (recorder->context);
  return NULL;
}

LiveRecorder *
live_recorder_new (const char *path, const char *qubesd_socket, GError **error)
{
  LiveRecorder *recorder = g_new0 (LiveRecorder, 1);
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  gboolean listens = FALSE;

  recorder->path = g_strdup (path);
  recorder->qubesd = g_unix_socket_address_new (qubesd_socket);
  recorder->cancellable = g_cancellable_new ();
  recorder->requests = g_ptr_array_new_with_free_func ((GDestroyNotify)live_bare_request_free);
  recorder->context = g_main_context_new ();
  recorder->loop = g_main_loop_new (recorder->context, FALSE);
  g_mutex_init (&recorder->mutex);

  /* The service accepts in the context that is the default when it is made and started. */
  g_main_context_push_thread_default (recorder->context);
  recorder->service = g_threaded_socket_service_new (-1);
  g_signal_connect (recorder->service, "run", G_CALLBACK (on_connection), recorder);
  listens = g_socket_listener_add_address (G_SOCKET_LISTENER (recorder->service), address, G_SOCKET_TYPE_STREAM,
                                           G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, error);
  g_main_context_pop_thread_default (recorder->context);
  recorder->thread = g_thread_new ("recorder", run, recorder);
  if (!listens)
    g_clear_pointer (&recorder, live_recorder_free);
  return recorder;
}

static gboolean
quit (gpointer data)
{
  LiveRecorder *recorder = data;

  g_socket_service_stop (recorder->service);
  g_socket_listener_close (G_SOCKET_LISTENER (recorder->service));
  g_main_loop_quit (recorder->loop);
  return G_SOURCE_REMOVE;
}

void
live_recorder_free (LiveRecorder *recorder)
{
  if (recorder == NULL)
    return;
  g_cancellable_cancel (recorder->cancellable);
  g_main_context_invoke (recorder->context, quit, recorder);
  g_thread_join (recorder->thread);
  /* Each connection's thread holds a reference until it has noticed. */
  for (guint i = 0; i < 1000 && G_OBJECT (recorder->service)->ref_count > 1; i++)
    g_usleep (1000);
  g_object_unref (recorder->service);
  g_unlink (recorder->path);
  g_main_loop_unref (recorder->loop);
  g_main_context_unref (recorder->context);
  g_object_unref (recorder->cancellable);
  g_object_unref (recorder->qubesd);
  g_ptr_array_unref (recorder->requests);
  g_mutex_clear (&recorder->mutex);
  g_free (recorder->path);
  g_free (recorder);
}

GPtrArray *
live_recorder_take (LiveRecorder *recorder)
{
  GPtrArray *taken = NULL;

  g_mutex_lock (&recorder->mutex);
  taken = recorder->requests;
  recorder->requests = g_ptr_array_new_with_free_func ((GDestroyNotify)live_bare_request_free);
  g_mutex_unlock (&recorder->mutex);
  return taken;
}
