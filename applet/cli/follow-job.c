/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "cli/follow-job.h"

#include <signal.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "client/job-words.h"
#include "client/words.h"
#include "model/error.h"

typedef struct
{
  LiveCommand *command;
  const char *object_path;
  char *last_step;
  gboolean on_terminal;
  guint n_interrupts;
  gboolean cancelling; /* a call is under way */
  GCancellable *stop;  /* ends all waiting */
  GAsyncResult *result;
} Follower;

static void
show (Follower *follower, LiveClientJob *job)
{
  g_autofree char *words = NULL;

  if (live_client_job_get_finished (job))
    return;
  if (follower->on_terminal)
    {
      words = live_job_words_progress (job);
      live_print_progress (follower->command->out, words);
    }
  else if (g_strcmp0 (follower->last_step, live_client_job_get_step (job)) != 0)
    {
      g_autofree char *kind = live_job_words_kind (live_client_job_get_kind (job), live_client_job_get_subject (job));

      g_free (follower->last_step);
      follower->last_step = g_strdup (live_client_job_get_step (job));
      words = live_job_words_step (follower->last_step);
      live_print_line (follower->command->out, LIVE_PRINT_FAINT, _ ("%s: %s…"), kind, words);
    }
  live_print_flush (follower->command->out);
}

static void
on_job (Follower *follower, LiveClientJob *job)
{
  if (g_str_equal (live_client_job_get_object_path (job), follower->object_path))
    show (follower, job);
}

/* The line that changes has to go before anything else is said on the same terminal. */
static void
say (Follower *follower, const char *sentence)
{
  live_print_progress (follower->command->out, "");
  live_print_flush (follower->command->out);
  live_print_line (follower->command->err, LIVE_PRINT_PLAIN, "%s", sentence);
  live_print_flush (follower->command->err);
}

static void
on_cancelled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Follower *follower = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *title = NULL;
  g_autofree char *body = NULL;

  follower->cancelling = FALSE;
  /* The job's own end says that it was cancelled; and nothing is to be said when nobody waits for the answer. */
  if (live_client_cancel_job_finish (LIVE_CLIENT (source), result, &error)
      || g_cancellable_is_cancelled (follower->stop))
    return;
  if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED))
    {
      say (follower, _ ("It cannot be taken back any more, and goes on. Interrupt once more to stop waiting for it."));
      return;
    }
  live_words_error (error, NULL, &title, &body);
  say (follower, title);
}

static void
cancel (Follower *follower)
{
  LiveClientJob *job = live_client_find_job (follower->command->client, follower->object_path);

  if (job == NULL || !live_client_job_get_cancellable (job))
    {
      say (follower, _ ("It cannot be taken back any more, and goes on. Interrupt once more to stop waiting for it."));
      return;
    }
  say (follower, _ ("Taking it back…"));
  follower->cancelling = TRUE;
  live_client_cancel_job_async (follower->command->client, job, follower->stop, on_cancelled, follower);
}

static gboolean
on_signal (gpointer user_data)
{
  Follower *follower = user_data;

  if (++follower->n_interrupts == 1)
    cancel (follower);
  return G_SOURCE_CONTINUE;
}

static LiveExitCode
finish_failed (LiveCommand *command, const char *kind, const char *subject, const GError *error)
{
  g_autofree char *title = NULL;
  g_autofree char *body = NULL;

  /* With advice of its own. */
  if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED))
    return live_command_finish_error (command, error, subject);
  live_job_words_failed (kind, subject, error, &title, &body);
  live_print_line (command->err, LIVE_PRINT_HEADING, "%s", title);
  live_print_line (command->err, LIVE_PRINT_PLAIN, "%s", body);
  return live_exit_code_from_error (error);
}

/* Runs the main context until the job has ended; %FALSE when somebody does not want to wait any longer. */
static gboolean
wait_for_end (Follower *follower)
{
  LiveClient *client = follower->command->client;
  LiveClientJob *job = live_client_find_job (client, follower->object_path);
  guint interrupt = g_unix_signal_add (SIGINT, on_signal, follower);
  guint terminate = g_unix_signal_add (SIGTERM, on_signal, follower);
  gboolean given_up = FALSE;

  g_signal_connect_swapped (client, "job-added", G_CALLBACK (on_job), follower);
  g_signal_connect_swapped (client, "job-changed", G_CALLBACK (on_job), follower);
  if (job != NULL)
    show (follower, job);
  live_client_wait_job_async (client, follower->object_path, follower->stop, live_command_on_called, &follower->result);
  while (follower->result == NULL && follower->n_interrupts < 2)
    g_main_context_iteration (NULL, TRUE);
  given_up = follower->result == NULL;
  /* Nothing that is under way may come back to what is not there any more. */
  g_cancellable_cancel (follower->stop);
  while (follower->result == NULL || follower->cancelling)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handlers_disconnect_by_data (client, follower);
  g_source_remove (interrupt);
  g_source_remove (terminate);
  live_print_progress (follower->command->out, "");
  return !given_up;
}

LiveExitCode
live_job_follow (LiveCommand *command, const char *kind, const char *subject, char *object_path, const GError *error)
{
  g_autofree char *path = object_path;
  g_autoptr (GCancellable) stop = g_cancellable_new ();
  Follower follower = { .command = command, .object_path = path, .stop = stop };
  g_autoptr (GError) failure = NULL;
  g_autofree char *done = NULL;
  LiveExitCode code = LIVE_EXIT_DONE;

  if (path == NULL)
    return finish_failed (command, kind, subject, error);

  follower.on_terminal = live_print_is_terminal (command->out);
  if (!wait_for_end (&follower))
    {
      live_print_line (command->err, LIVE_PRINT_PLAIN, "%s", _ ("It goes on without being waited for."));
      code = LIVE_EXIT_FAILED;
    }
  else if (live_client_wait_job_finish (command->client, follower.result, &failure))
    {
      done = live_job_words_done (kind, subject);
      live_print_line (command->out, LIVE_PRINT_PLAIN, "%s", done);
    }
  else
    code = finish_failed (command, kind, subject, failure);
  g_clear_object (&follower.result);
  g_free (follower.last_step);
  return code;
}
