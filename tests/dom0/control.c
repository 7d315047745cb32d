/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "control.h"

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>
#include <string.h>

#include "changes.h"
#include "connection.h"
#include "fault.h"
#include "volume.h"

struct _LiveDom0Control
{
  LiveDom0 *dom0;
  GSocketService *service;
  char *path;
  guint restart_timer;
};

static void
fail (GError **error, const char *message)
{
  g_set_error_literal (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_GENERAL, message);
}

static gboolean
get_number (const char *text, guint64 maximum, guint64 *number, GError **error)
{
  return g_ascii_string_to_unsigned (text, 10, 0, maximum, number, error);
}

/* The part of @line after its first @skip words. */
static const char *
skip_words (const char *line, guint skip)
{
  for (; skip > 0; skip--)
    {
      line += strcspn (line, " ");
      line += strspn (line, " ");
    }
  return line;
}

static gboolean
delay (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  guint64 milliseconds;

  if (!get_number (words[2], G_MAXINT, &milliseconds, error))
    return FALSE;
  live_dom0_delay_set (dom0, words[1], (guint) milliseconds);
  return TRUE;
}

/* Takes the last of @words away if it is a number after @prefix. */
static gboolean
take_number (char **words, const char *prefix, guint64 *number)
{
  char **last = words + g_strv_length (words) - 1;

  if (!g_str_has_prefix (*last, prefix) || !get_number (*last + strlen (prefix), G_MAXINT, number, NULL))
    return FALSE;
  g_clear_pointer (last, g_free);
  return TRUE;
}

/* fault METHOD empty|unsaved|cut N|hang|mute|error TYPE MESSAGE… [afterCOUNT] [xCOUNT] */
static gboolean
fault (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  g_autoptr (LiveDom0Fault) result = g_new0 (LiveDom0Fault, 1);
  guint64 skip = 0, count = 1, bytes;
  guint length;

  if (take_number (words, "x", &count) && count == 0)
    {
      fail (error, "x0 is no fault");
      return FALSE;
    }
  take_number (words, "after", &skip);
  length = g_strv_length (words);
  if (length < 3)
    {
      fail (error, "fault METHOD what?");
      return FALSE;
    }
  if (g_str_equal (words[2], "empty"))
    result->kind = LIVE_DOM0_FAULT_EMPTY;
  else if (g_str_equal (words[2], "unsaved"))
    result->kind = LIVE_DOM0_FAULT_UNSAVED;
  else if (g_str_equal (words[2], "hang"))
    result->kind = LIVE_DOM0_FAULT_HANG;
  else if (g_str_equal (words[2], "mute"))
    result->kind = LIVE_DOM0_FAULT_MUTE;
  else if (g_str_equal (words[2], "cut") && length > 3)
    {
      if (!get_number (words[3], G_MAXINT, &bytes, error))
        return FALSE;
      /* Nothing at all is not a cut: that is `empty`. */
      if (bytes == 0)
        {
          fail (error, "a cut leaves at least one byte");
          return FALSE;
        }
      result->kind = LIVE_DOM0_FAULT_CUT;
      result->bytes = bytes;
    }
  else if (g_str_equal (words[2], "error") && length > 4)
    {
      result->kind = LIVE_DOM0_FAULT_ERROR;
      result->type = g_strdup (words[3]);
      result->message = g_strjoinv (" ", words + 4);
    }
  else
    {
      fail (error, "fault METHOD empty|unsaved|cut N|hang|mute|error TYPE MESSAGE [afterCOUNT] [xCOUNT]");
      return FALSE;
    }
  live_dom0_fault_add (dom0, words[1], g_steal_pointer (&result), (guint) skip, (guint) count);
  return TRUE;
}

static gboolean
clear_faults (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  live_dom0_faults_clear (dom0);
  return TRUE;
}

static gboolean
met (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  g_string_append_printf (reply, "%u", live_dom0_faults_get_met (dom0));
  return TRUE;
}

static gboolean
stop (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  live_dom0_listener_stop (dom0->listener);
  return TRUE;
}

static gboolean
listen_again (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  return live_dom0_listener_start (dom0->listener, error);
}

static gboolean
events_chunk (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  guint64 bytes;

  if (!get_number (words[1], G_MAXINT, &bytes, error))
    return FALSE;
  live_dom0_listener_set_event_chunk (dom0->listener, bytes);
  return TRUE;
}

static gboolean
mode (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  guint64 milliseconds;

  if (!get_number (words[2], G_MAXINT, &milliseconds, error))
    return FALSE;
  if (g_str_equal (words[1], "shutdown-delay"))
    dom0->shutdown_delay = (guint) milliseconds;
  else if (g_str_equal (words[1], "start-delay"))
    dom0->start_delay = (guint) milliseconds;
  else
    {
      fail (error, "mode shutdown-delay|start-delay MS");
      return FALSE;
    }
  return TRUE;
}

static gboolean
request_log (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  g_autofree char *text = live_dom0_counts_describe (dom0);
  g_string_append_printf (reply, "%u%s%s", live_dom0_count_get (dom0, NULL), *text ? " " : "", text);
  return TRUE;
}

static gboolean
count (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  g_string_append_printf (reply, "%u", live_dom0_count_get (dom0, words[1]));
  return TRUE;
}

static gboolean
reset_counts (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  live_dom0_counts_reset (dom0);
  return TRUE;
}

static gboolean
changes (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  g_autofree char *text = live_dom0_changes_describe (dom0);
  g_string_append (reply, text);
  return TRUE;
}

static gboolean
reset_changes (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  live_dom0_changes_reset (dom0);
  return TRUE;
}

static gboolean
notes (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  g_string_append (reply, dom0->notes->str);
  g_string_truncate (dom0->notes, 0);
  return TRUE;
}

static const LiveDom0CommandEntry server_commands[] = {
  { "delay", 2, delay },
  { "fault", 2, fault },
  { "clear-faults", 0, clear_faults },
  { "met", 0, met },
  { "stop", 0, stop },
  { "listen", 0, listen_again },
  { "events-chunk", 1, events_chunk },
  { "mode", 2, mode },
  { "log", 0, request_log },
  { "count", 1, count },
  { "reset-counts", 0, reset_counts },
  { "changes", 0, changes },
  { "reset-changes", 0, reset_changes },
  { "notes", 0, notes },
  { NULL, 0, NULL },
};

static const LiveDom0CommandEntry *
find_command (char **words)
{
  static const LiveDom0CommandEntry *const tables[]
      = { server_commands, live_dom0_world_commands, live_dom0_trouble_commands };

  /* `start` without a qube is about the socket. */
  if (g_str_equal (words[0], "start") && !words[1])
    return find_command ((char *[]){ (char *) "listen", NULL });
  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    for (const LiveDom0CommandEntry *entry = tables[t]; entry->name; entry++)
      if (g_str_equal (entry->name, words[0]))
        return entry;
  return NULL;
}

static gboolean
come_back (LiveDom0Control *control, GError **error)
{
  if (control->dom0->forget_rw)
    live_dom0_volumes_forget_rw (control->dom0);
  return live_dom0_listener_start (control->dom0->listener, error);
}

static gboolean
on_restart (gpointer data)
{
  LiveDom0Control *control = data;
  g_autoptr (GError) error = NULL;

  control->restart_timer = 0;
  if (!come_back (control, &error))
    g_printerr ("restart: %s\n", error->message);
  return G_SOURCE_REMOVE;
}

static gboolean
restart (LiveDom0Control *control, char **words, GError **error)
{
  guint64 milliseconds = 0;

  if (words[1] && !get_number (words[1], G_MAXINT, &milliseconds, error))
    return FALSE;
  g_clear_handle_id (&control->restart_timer, g_source_remove);
  live_dom0_listener_stop (control->dom0->listener);
  if (milliseconds == 0)
    return come_back (control, error);
  control->restart_timer = g_timeout_add ((guint) milliseconds, on_restart, control);
  return TRUE;
}

/* Returns the answer to one line. */
static char *
run_line (LiveDom0Control *control, const char *line)
{
  g_auto (GStrv) words = g_strsplit_set (line, " ", -1);
  g_autoptr (GPtrArray) packed = g_ptr_array_new ();
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GString) reply = g_string_new ("ok ");
  g_autoptr (GError) error = NULL;
  const LiveDom0CommandEntry *entry;
  gboolean done;

  for (guint i = 0; words[i]; i++)
    if (*words[i])
      g_ptr_array_add (packed, g_strdup (words[i]));
  g_ptr_array_add (packed, NULL);
  arguments = (char **) g_ptr_array_steal (packed, NULL);
  if (!arguments[0])
    return g_strdup ("error empty command\n");
  if (g_str_equal (arguments[0], "restart"))
    done = restart (control, arguments, &error);
  else
    {
      entry = find_command (arguments);
      if (!entry)
        return g_strdup_printf ("error unknown command: %s\n", arguments[0]);
      if (g_strv_length (arguments) <= entry->arguments)
        return g_strdup_printf ("error %s takes %u arguments\n", entry->name, entry->arguments);
      done = entry->run (control->dom0, arguments, skip_words (line, entry->arguments + 1), reply, &error);
    }
  if (!done)
    return g_strdup_printf ("error %s\n", error->message);
  g_strchomp (reply->str);
  return g_strdup_printf ("%s\n", reply->str);
}

typedef struct
{
  LiveDom0Control *control;
  GSocketConnection *connection;
  GDataInputStream *input;
} Session;

static void
session_free (Session *session)
{
  g_object_unref (session->input);
  g_object_unref (session->connection);
  g_free (session);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Session, session_free)

static void on_line (GObject *source, GAsyncResult *result, gpointer data);

static void
read_next (Session *session)
{
  g_data_input_stream_read_line_async (session->input, G_PRIORITY_DEFAULT, NULL, on_line, session);
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (Session) session = data;
  g_autofree char *line = g_data_input_stream_read_line_finish_utf8 (session->input, result, NULL, NULL);
  g_autofree char *reply = NULL;

  if (!line)
    return;
  reply = run_line (session->control, line);
  /* Answers are short and go to a test that waits for them. */
  if (g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (session->connection)), reply,
                                 strlen (reply), NULL, NULL, NULL))
    read_next (g_steal_pointer (&session));
}

static gboolean
on_incoming (GSocketService *service, GSocketConnection *connection, GObject *source, gpointer data)
{
  Session *session = g_new0 (Session, 1);

  session->control = data;
  session->connection = g_object_ref (connection);
  session->input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  read_next (session);
  return TRUE;
}

LiveDom0Control *
live_dom0_control_new (LiveDom0 *dom0, const char *path, GError **error)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  LiveDom0Control *control = g_new0 (LiveDom0Control, 1);

  control->dom0 = dom0;
  control->path = g_strdup (path);
  control->service = g_socket_service_new ();
  g_unlink (path);
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (control->service), address, G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, error))
    {
      live_dom0_control_free (control);
      return NULL;
    }
  g_signal_connect (control->service, "incoming", G_CALLBACK (on_incoming), control);
  g_socket_service_start (control->service);
  return control;
}

void
live_dom0_control_free (LiveDom0Control *control)
{
  g_clear_handle_id (&control->restart_timer, g_source_remove);
  g_socket_service_stop (control->service);
  g_socket_listener_close (G_SOCKET_LISTENER (control->service));
  g_unlink (control->path);
  g_object_unref (control->service);
  g_free (control->path);
  g_free (control);
}

int
live_dom0_control_call (const char *path, char **words)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (path);
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GDataInputStream) input = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *command = g_strjoinv (" ", words);
  g_autofree char *line = g_strconcat (command, "\n", NULL);
  g_autofree char *reply = NULL;

  connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, &error);
  if (connection)
    {
      input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
      if (g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), line, strlen (line),
                                     NULL, NULL, &error))
        reply = g_data_input_stream_read_line_utf8 (input, NULL, NULL, &error);
    }
  if (!reply)
    {
      g_printerr ("%s: %s\n", path, error ? error->message : "no answer");
      return 2;
    }
  g_print ("%s\n", reply);
  return g_str_has_prefix (reply, "ok") ? 0 : 1;
}
