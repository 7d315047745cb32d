/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include <unistd.h>

#include "cli/command.h"

#include <glib/gi18n.h>

#include "cli/close-names.h"
#include "client/words.h"
#include "model/error.h"

/* A helper that was started a moment ago needs so long at most to reach a qubesd that runs. */
#define CONNECTION_GRACE_SECONDS 1.0

#define N_CLOSE_NAMES 5

typedef struct
{
  gboolean done;
  gboolean success;
  GError *error;
} LiveConnecting;

static void
on_ready (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LiveConnecting *connecting = user_data;

  connecting->success = live_client_wait_ready_finish (LIVE_CLIENT (source), result, &connecting->error);
  connecting->done = TRUE;
}

static gboolean
on_timeout (gpointer user_data)
{
  gboolean *expired = user_data;

  *expired = TRUE;
  return G_SOURCE_CONTINUE;
}

static gboolean
on_cancel (gpointer user_data)
{
  g_cancellable_cancel (user_data);
  return G_SOURCE_CONTINUE;
}

gboolean
live_command_connect (LiveCommand *command, GError **error)
{
  LiveConnecting connecting = { 0 };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  /* The shortest wait is still one for the bus, which has to say whether there is a helper at all. */
  double seconds = MAX (command->options.wait_seconds, CONNECTION_GRACE_SECONDS);
  guint timer = g_timeout_add ((guint) (seconds * 1000), on_cancel, cancellable);

  command->client = live_client_new ();
  live_client_wait_ready_async (command->client, cancellable, on_ready, &connecting);
  while (!connecting.done)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);

  if (g_error_matches (connecting.error, LIVE_ERROR, LIVE_ERROR_CANCELLED))
    {
      /* Only the timer cancels: the bus still tries to start the helper. */
      g_clear_error (&connecting.error);
      connecting.error = g_error_new (LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE,
                                      "the helper did not answer within %g seconds", seconds);
    }
  if (!connecting.success)
    g_propagate_error (error, connecting.error);
  return connecting.success;
}

static gboolean
knows_enough (LiveCommand *command, const char *qube)
{
  if (live_client_get_state (command->client) != LIVE_CLIENT_READY
      || !live_client_get_qubesd_connected (command->client))
    return FALSE;
  return live_client_get_synchronized (command->client)
         || (qube != NULL && live_client_find_qube (command->client, qube) != NULL);
}

static gboolean
is_reachable (LiveCommand *command)
{
  return live_client_get_state (command->client) == LIVE_CLIENT_READY
         && live_client_get_qubesd_connected (command->client);
}

gboolean
live_command_synchronize (LiveCommand *command, const char *qube)
{
  gboolean expired = FALSE, grace_expired = FALSE;
  guint timer = g_timeout_add ((guint) (command->options.wait_seconds * 1000), on_timeout, &expired);
  guint grace_timer = g_timeout_add ((guint) (CONNECTION_GRACE_SECONDS * 1000), on_timeout, &grace_expired);

  while (!knows_enough (command, qube) && !expired && !(grace_expired && !is_reachable (command)))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
  g_source_remove (grace_timer);
  return knows_enough (command, qube);
}

LiveExitCode
live_command_finish_not_synchronized (LiveCommand *command)
{
  if (live_client_get_state (command->client) != LIVE_CLIENT_READY)
    live_print_line (command->err, LIVE_PRINT_UNKNOWN, "%s",
                     _ ("The helper went away. Check it with: systemctl status qubes-live-helper."));
  else if (!live_client_get_qubesd_connected (command->client))
    live_print_line (
        command->err, LIVE_PRINT_UNKNOWN, "%s",
        _ ("qubesd does not answer: what is known may be out of date. Check it with: systemctl status qubesd."));
  else
    live_print_line (command->err, LIVE_PRINT_UNKNOWN, "%s",
                     _ ("Not everything has been read from qubesd yet. Try again, or wait longer with “--wait”."));
  return LIVE_EXIT_UNREACHABLE;
}

LiveExitCode
live_command_finish_not_found (LiveCommand *command, const char *what, const char *name, GPtrArray *names)
{
  g_auto (GStrv) close = live_close_names_find (name, names, N_CLOSE_NAMES);

  if (close[0] != NULL)
    {
      g_autofree char *list = g_strjoinv (", ", close);
      /* Translators: a sentence that something does not exist, and a list of names */
      live_print_line (command->err, LIVE_PRINT_PLAIN, _ ("%s Did you mean: %s?"), what, list);
    }
  else
    live_print_line (command->err, LIVE_PRINT_PLAIN, _ ("%s “qubes-live status” lists what there is."), what);
  return LIVE_EXIT_FAILED;
}

LiveExitCode
live_command_finish_usage (LiveCommand *command, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  live_print_line (command->err, LIVE_PRINT_PLAIN, "%s", text);
  live_print_line (command->err, LIVE_PRINT_PLAIN, "%s", _ ("“qubes-live --help” lists what there is."));
  return LIVE_EXIT_USAGE;
}

gboolean
live_command_takes_options (LiveCommand *command, LiveOptionFlags taken, LiveExitCode *code)
{
  const char *other = live_options_find_other (&command->options, taken);

  if (other == NULL)
    return TRUE;
  *code = live_command_finish_usage (command, _ ("The option “%s” does not go with this."), other);
  return FALSE;
}

void
live_command_on_called (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **place = user_data;

  *place = g_object_ref (result);
}

GAsyncResult *
live_command_wait_for_call (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

LiveExitCode
live_command_finish_error (LiveCommand *command, const GError *error, const char *subject)
{
  g_autofree char *title = NULL;
  g_autofree char *body = NULL;

  live_words_error (error, subject, &title, &body);
  live_print_line (command->err, LIVE_PRINT_HEADING, "%s", title);
  /* Without a subject nothing was asked for yet, so there is nothing that may or may not have been done. */
  if (subject == NULL && g_error_matches (error, LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE))
    live_print_line (command->err, LIVE_PRINT_PLAIN, "%s", _ ("Check it with: systemctl status qubes-live-helper."));
  else
    live_print_line (command->err, LIVE_PRINT_PLAIN, "%s", body);
  if (!g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED))
    return live_exit_code_from_error (error);
  /* A polkit that works allows everything to root. */
  if (getuid () == 0)
    live_print_line (command->err, LIVE_PRINT_PLAIN, "%s",
                     _ ("Even root needs polkit for this. Check it with: systemctl status polkit."));
  else
    live_print_line (command->err, LIVE_PRINT_PLAIN, "%s",
                     _ ("Where nothing can ask for a password, as in a text console, use sudo."));
  return live_exit_code_from_error (error);
}
