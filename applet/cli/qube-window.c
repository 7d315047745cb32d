/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "cli/qube.h"

#include <signal.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "client/window-words.h"
#include "client/words.h"
#include "model/error.h"
#include "model/window.h"

#define DEFAULT_SECONDS 600

/* The helper answers a call, and says what its properties are now, in two messages: so long for the second. */
#define SETTLE_SECONDS 2

/* A change of the window that is waited for, and printed as it goes on. */
typedef struct
{
  LiveCommand *command;
  LiveClientQube *qube;
  const char *name; /* also when the qube is gone */
  char *last_step;
  GAsyncResult *result;
  gboolean interrupted;
  guint sources[2];
} LiveWindowChange;

static gint64
get_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static void
print_step (LiveWindowChange *change)
{
  const char *step = live_client_qube_get_window_step (change->qube);
  g_autofree char *words = NULL;

  if (g_strcmp0 (step, change->last_step) == 0)
    return;
  g_free (change->last_step);
  change->last_step = g_strdup (step);
  if (*step == '\0')
    return;
  words = live_words_window_step (step);
  live_print_line (change->command->out, LIVE_PRINT_FAINT, _ ("%s: %s…"), change->name, words);
  live_print_flush (change->command->out);
}

static void
on_qube_changed (LiveWindowChange *change, LiveClientQube *qube)
{
  if (qube == change->qube)
    print_step (change);
}

static gboolean
on_signal (gpointer user_data)
{
  LiveWindowChange *change = user_data;

  change->interrupted = TRUE;
  return G_SOURCE_CONTINUE;
}

static gboolean
on_settled (gpointer user_data)
{
  gboolean *expired = user_data;

  *expired = TRUE;
  return G_SOURCE_CONTINUE;
}

/* Until the mirror shows @state or @step, of which one is %NULL; not for ever, as the helper may say otherwise. */
static void
settle (LiveWindowChange *change, const char *state, const char *step)
{
  gboolean expired = FALSE;
  guint timer = g_timeout_add_seconds (SETTLE_SECONDS, on_settled, &expired);

  while (!expired && !change->interrupted
         && !g_str_equal (state != NULL ? live_client_qube_get_window_state (change->qube)
                                        : live_client_qube_get_window_step (change->qube),
                          state != NULL ? state : step))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
}

/* Before the call: from then on somebody may not want to wait any longer. */
static void
watch (LiveWindowChange *change)
{
  change->sources[0] = g_unix_signal_add (SIGINT, on_signal, change);
  change->sources[1] = g_unix_signal_add (SIGTERM, on_signal, change);
  g_signal_connect_swapped (change->command->client, "qube-changed", G_CALLBACK (on_qube_changed), change);
  print_step (change);
}

/* Runs the main context until the call has ended, or somebody does not want to wait any longer. */
static void
wait_for_window (LiveWindowChange *change)
{
  while (change->result == NULL && !change->interrupted)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handlers_disconnect_by_data (change->command->client, change);
}

static void
on_called (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LiveWindowChange *change = user_data;

  change->result = g_object_ref (result);
}

static void
clear_change (LiveWindowChange *change)
{
  for (gsize i = 0; i < G_N_ELEMENTS (change->sources); i++)
    g_clear_handle_id (&change->sources[i], g_source_remove);
  g_clear_pointer (&change->last_step, g_free);
  g_clear_object (&change->result);
  g_clear_object (&change->qube);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LiveWindowChange, clear_change)

/* Whether @error can be what WindowRefusal says. While a window opens, the refusal is that there is one, which is no
 * reason for this one not to open. */
static gboolean
is_refusal (const GError *error, const char *refusal)
{
  if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_BUSY))
    return TRUE;
  if (g_str_equal (refusal, LIVE_WINDOW_REFUSAL_OPEN))
    return FALSE;
  return g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_HALTED)
         || g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED)
         || g_error_matches (error, LIVE_ERROR, LIVE_ERROR_CONFLICT)
         || g_error_matches (error, LIVE_ERROR, LIVE_ERROR_IN_USE);
}

/* The helper says that something is not there: the window, as long as the qube is. */
static gboolean
has_no_window (LiveWindowChange *change, const GError *error)
{
  return g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_FOUND)
         && live_client_find_qube (change->command->client, change->name) == change->qube;
}

static LiveExitCode
finish_open_error (LiveWindowChange *change, const GError *error)
{
  const char *refusal = live_client_qube_get_window_refusal (change->qube);
  g_autofree char *words = live_words_window_refusal (refusal, change->name);

  if (words == NULL || !is_refusal (error, refusal))
    return live_command_finish_error (change->command, error, change->name);
  live_print_line (change->command->err, LIVE_PRINT_PLAIN, "%s", words);
  return live_exit_code_from_error (error);
}

static LiveExitCode
open_window (LiveCommand *command, const char *name)
{
  const gboolean until_closed = (command->options.given & LIVE_OPTION_UNTIL_CLOSED) != 0;
  const gboolean timed = (command->options.given & LIVE_OPTION_SECONDS) != 0;
  gint64 seconds = until_closed ? LIVE_WINDOW_UNTIL_CLOSED : timed ? command->options.seconds : DEFAULT_SECONDS;
  g_auto (LiveWindowChange) change = { .command = command, .name = name };
  g_autoptr (GError) error = NULL;
  g_autofree char *left = NULL;
  LiveExitCode code = LIVE_EXIT_FAILED;
  gint64 deadline = 0;

  if (until_closed && timed)
    return live_command_finish_usage (command, "%s", _ ("Give either “--seconds” or “--until-closed”."));
  change.qube = live_qube_find (command, name, &code);
  if (change.qube == NULL)
    return code;

  watch (&change);
  live_client_open_window_async (command->client, change.qube, seconds, NULL, on_called, &change);
  wait_for_window (&change);
  if (change.interrupted)
    {
      live_print_line (
          command->err, LIVE_PRINT_PLAIN,
          _ ("Not waiting any longer; the window of %s may still open, as the helper goes on. To close it: "
             "“qubes-live qube %s window close”."),
          name, name);
      return LIVE_EXIT_FAILED;
    }
  if (!live_client_open_window_finish (command->client, change.result, &error))
    return finish_open_error (&change, error);

  settle (&change, LIVE_WINDOW_OPEN, NULL);
  if (!g_str_equal (live_client_qube_get_window_state (change.qube), LIVE_WINDOW_OPEN))
    {
      live_print_line (command->err, LIVE_PRINT_ALARM,
                       _ ("The helper says that the window of %s was opened, but it is not open now. Check it with: "
                          "qubes-live status."),
                       name);
      return LIVE_EXIT_FAILED;
    }
  deadline = live_client_qube_get_window_deadline (change.qube);
  left = live_words_window_time_left (deadline, get_now ());
  live_print_line (command->out, LIVE_PRINT_PERSISTENT, _ ("%s is open for customising: %s."), name, left);
  live_print_line (command->out, LIVE_PRINT_PLAIN, "%s",
                   _ ("What it writes to its private volume is kept, also what something harmful in it writes."));
  live_print_line (command->out, LIVE_PRINT_PLAIN, _ ("To close it: “qubes-live qube %s window close”."), name);
  return LIVE_EXIT_DONE;
}

static LiveExitCode
extend_window (LiveCommand *command, const char *name)
{
  g_auto (LiveWindowChange) change = { .command = command, .name = name };
  g_autoptr (GError) error = NULL;
  g_autofree char *words = NULL;
  LiveExitCode code = LIVE_EXIT_FAILED;
  gint64 before = 0;

  if ((command->options.given & LIVE_OPTION_SECONDS) == 0)
    return live_command_finish_usage (command, "%s", _ ("Say by how much, for example “--seconds 600”."));
  change.qube = live_qube_find (command, name, &code);
  if (change.qube == NULL)
    return code;

  before = live_client_qube_get_window_deadline (change.qube);
  watch (&change);
  live_client_extend_window_async (command->client, change.qube, command->options.seconds, NULL, on_called, &change);
  wait_for_window (&change);
  if (change.interrupted)
    {
      live_print_line (command->err, LIVE_PRINT_PLAIN,
                       _ ("Not waiting any longer; “qubes-live status” says how long the window of %s stays open."),
                       name);
      return LIVE_EXIT_FAILED;
    }
  if (!live_client_extend_window_finish (command->client, change.result, &error))
    {
      if (!has_no_window (&change, error))
        return live_command_finish_error (command, error, name);
      live_print_line (command->err, LIVE_PRINT_PLAIN,
                       _ ("%s has no customization window. To open one: “qubes-live qube %s window open”."), name,
                       name);
      return LIVE_EXIT_FAILED;
    }

  /* The new end comes with a message of its own. */
  {
    gboolean expired = FALSE;
    guint timer = g_timeout_add_seconds (SETTLE_SECONDS, on_settled, &expired);

    while (!expired && live_client_qube_get_window_deadline (change.qube) == before)
      g_main_context_iteration (NULL, TRUE);
    g_source_remove (timer);
  }
  words = live_words_window_state (live_client_qube_get_window_state (change.qube),
                                   live_client_qube_get_window_step (change.qube),
                                   live_client_qube_get_window_deadline (change.qube), get_now ());
  live_print_line (command->out, LIVE_PRINT_PERSISTENT, _ ("%s: %s."), name,
                   words != NULL ? words : _ ("its window is closed"));
  return words != NULL ? LIVE_EXIT_DONE : LIVE_EXIT_FAILED;
}

/* The helper goes on by itself when the qube halts: accepted, and pending. */
static LiveExitCode
finish_not_shutting_down (LiveWindowChange *change)
{
  g_autofree char *question = NULL;
  g_autofree char *body = NULL;

  live_words_window_not_shutting_down (change->name, &question, &body);
  live_print_line (change->command->err, LIVE_PRINT_HEADING, _ ("%s does not shut down."), change->name);
  live_print_line (change->command->err, LIVE_PRINT_PLAIN, "%s", body);
  live_print_line (change->command->err, LIVE_PRINT_PLAIN,
                   _ ("Close what is open in it: the window closes by itself when the qube is halted. Or end it: "
                      "“qubes-live qube %s window close --kill”."),
                   change->name);
  return LIVE_EXIT_PENDING;
}

/* Likewise when the disposables of the qube have ended. */
static LiveExitCode
finish_disposables_running (LiveWindowChange *change)
{
  live_print_line (change->command->err, LIVE_PRINT_HEADING, _ ("%s has halted, and its window is not closed yet."),
                   change->name);
  live_print_line (
      change->command->err, LIVE_PRINT_PLAIN,
      _ ("Disposables that are made from it are running, and its pool does not let it be changed meanwhile. "
         "Its private volume becomes read-only, and the window closes by itself, when they have ended."));
  return LIVE_EXIT_PENDING;
}

/* Done, if what a closed window leaves is there. */
static LiveExitCode
finish_no_window (LiveWindowChange *change)
{
  if (live_client_qube_get_private_writable (change->qube))
    {
      live_print_line (change->command->err, LIVE_PRINT_PLAIN,
                       _ ("%s has no customization window that could be closed. Its private volume is writable."),
                       change->name);
      return LIVE_EXIT_FAILED;
    }
  live_print_line (change->command->out, LIVE_PRINT_PLAIN, _ ("%s has no window; its private volume is read-only."),
                   change->name);
  return LIVE_EXIT_DONE;
}

static LiveExitCode
finish_closed (LiveWindowChange *change)
{
  LiveCommand *command = change->command;
  g_autofree char *title = NULL;
  g_autofree char *body = NULL;

  settle (change, LIVE_WINDOW_CLOSED, NULL);
  /* The call promises it, and the qube is asked all the same: nothing is said to be closed that is not seen so. */
  if (!g_str_equal (live_client_qube_get_window_state (change->qube), LIVE_WINDOW_CLOSED)
      || live_client_qube_get_private_writable (change->qube))
    {
      live_print_line (command->err, LIVE_PRINT_ALARM,
                       _ ("The helper says that the window of %s is closed, but its private volume is still writable. "
                          "Check it with: qubes-live status."),
                       change->name);
      return LIVE_EXIT_FAILED;
    }
  if (*live_client_qube_get_window_outcome (change->qube) == '\0')
    return finish_no_window (change);
  live_words_window_outcome (live_client_qube_get_window_outcome (change->qube), change->name, &title, &body);
  live_print_line (command->out, LIVE_PRINT_HEADING, "%s.", title);
  live_print_line (command->out, LIVE_PRINT_PLAIN, "%s", body);
  return LIVE_EXIT_DONE;
}

static LiveExitCode
close_window (LiveCommand *command, const char *name)
{
  const gboolean kill = (command->options.given & LIVE_OPTION_KILL) != 0;
  g_auto (LiveWindowChange) change = { .command = command, .name = name };
  g_autoptr (GError) error = NULL;
  LiveExitCode code = LIVE_EXIT_FAILED;

  change.qube = live_qube_find (command, name, &code);
  if (change.qube == NULL)
    return code;

  watch (&change);
  live_client_close_window_async (command->client, change.qube, kill, NULL, on_called, &change);
  wait_for_window (&change);
  if (change.interrupted)
    {
      live_print_line (command->err, LIVE_PRINT_PLAIN,
                       _ ("Not waiting any longer; the helper goes on with closing the window of %s. “qubes-live "
                          "status” says how far it is."),
                       name);
      return LIVE_EXIT_FAILED;
    }
  if (live_client_close_window_finish (command->client, change.result, &error))
    return finish_closed (&change);
  if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_BUSY))
    {
      settle (&change, NULL, LIVE_WINDOW_STEP_NOT_SHUTTING_DOWN);
      if (g_str_equal (live_client_qube_get_window_step (change.qube), LIVE_WINDOW_STEP_NOT_SHUTTING_DOWN))
        return finish_not_shutting_down (&change);
    }
  if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_IN_USE))
    return finish_disposables_running (&change);
  if (has_no_window (&change, error))
    return finish_no_window (&change);
  return live_command_finish_error (command, error, name);
}

LiveExitCode
live_qube_window (LiveCommand *command, const char *name, char **words)
{
  static const struct
  {
    const char *name;
    LiveOptionFlags takes;
    LiveExitCode (*run) (LiveCommand *command, const char *name);
  } actions[] = {
    { "open", LIVE_OPTION_SECONDS | LIVE_OPTION_UNTIL_CLOSED, open_window },
    { "extend", LIVE_OPTION_SECONDS, extend_window },
    { "close", LIVE_OPTION_KILL, close_window },
  };
  const gint64 seconds = command->options.seconds;
  LiveExitCode code = LIVE_EXIT_USAGE;

  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      if (!g_str_equal (words[0], actions[i].name))
        continue;
      if (!live_command_takes_options (command, actions[i].takes, &code))
        return code;
      if ((command->options.given & LIVE_OPTION_SECONDS) != 0
          && (seconds < LIVE_WINDOW_SECONDS_MIN || seconds > LIVE_WINDOW_SECONDS_MAX))
        return live_command_finish_usage (command, _ ("--seconds is from %d (a minute) to %d (a day)."),
                                          LIVE_WINDOW_SECONDS_MIN, LIVE_WINDOW_SECONDS_MAX);
      return actions[i].run (command, name);
    }
  return live_command_finish_usage (command,
                                    _ ("A window is opened (“open”), extended (“extend”) or closed (“close”); "
                                       "there is no “%s”."),
                                    words[0]);
}
