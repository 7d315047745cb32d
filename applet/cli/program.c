/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "cli/program.h"

#include <string.h>

#define MOST_BYTES 4096

/* What is read from one of its ends. */
typedef struct
{
  GString *text;
  char buffer[1024];
  gboolean ended;
} LivePipe;

typedef struct
{
  GSubprocess *process;
  GBytes *input;
  LivePipe out, err;
  gboolean sent, waited;
  GError *error;      /* the first thing that went wrong */
  GCancellable *stop; /* for what still goes on then */
  guint timer;
  GCancellable *cancellable;
  gulong cancelled_handler;
} LiveProgram;

static void
program_free (gpointer data)
{
  LiveProgram *program = data;

  g_clear_object (&program->process);
  g_clear_pointer (&program->input, g_bytes_unref);
  g_string_free (program->out.text, TRUE);
  g_string_free (program->err.text, TRUE);
  g_clear_error (&program->error);
  g_clear_object (&program->stop);
  g_clear_object (&program->cancellable);
  g_free (program);
}

void
live_program_reply_clear (LiveProgramReply *reply)
{
  g_clear_pointer (&reply->out, g_free);
  g_clear_pointer (&reply->says, g_free);
}

static void
reply_free (gpointer data)
{
  live_program_reply_clear (data);
  g_free (data);
}

static LiveProgramReply *
make_reply (LiveProgram *program)
{
  LiveProgramReply *reply = g_new0 (LiveProgramReply, 1);
  gsize length = strcspn (program->err.text->str, "\n");

  reply->status = g_subprocess_get_if_exited (program->process) ? g_subprocess_get_exit_status (program->process)
                                                                : 128 + g_subprocess_get_term_sig (program->process);
  reply->out = g_strdup (program->out.text->str);
  reply->says = g_strndup (program->err.text->str, length);
  return reply;
}

/* Ends the task once nothing goes on any more. */
static void
finish_if_done (GTask *task)
{
  LiveProgram *program = g_task_get_task_data (task);

  if (!program->sent || !program->out.ended || !program->err.ended || !program->waited)
    return;
  g_clear_handle_id (&program->timer, g_source_remove);
  g_cancellable_disconnect (program->cancellable, program->cancelled_handler);
  program->cancelled_handler = 0;
  if (program->error == NULL && strlen (program->out.text->str) != program->out.text->len)
    program->error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the answer is no text");
  if (program->error != NULL)
    g_task_return_error (task, g_steal_pointer (&program->error));
  else
    g_task_return_pointer (task, make_reply (program), reply_free);
}

static void
fail (LiveProgram *program, GError *error)
{
  if (program->error != NULL)
    {
      g_error_free (error);
      return;
    }
  program->error = error;
  g_subprocess_force_exit (program->process);
  /* A child of its own may keep the pipes open. */
  g_cancellable_cancel (program->stop);
}

static gboolean
on_timeout (gpointer user_data)
{
  LiveProgram *program = g_task_get_task_data (user_data);

  program->timer = 0;
  fail (program, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "no answer in time"));
  return G_SOURCE_REMOVE;
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  fail (g_task_get_task_data (user_data), g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "interrupted"));
}

static void on_read (GObject *source, GAsyncResult *result, gpointer user_data);

static void
read_on (GTask *task, GInputStream *stream, LivePipe *pipe)
{
  LiveProgram *program = g_task_get_task_data (task);

  g_input_stream_read_async (stream, pipe->buffer, sizeof pipe->buffer, G_PRIORITY_DEFAULT, program->stop, on_read,
                             g_object_ref (task));
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LiveProgram *program = g_task_get_task_data (task);
  GInputStream *stream = G_INPUT_STREAM (source);
  LivePipe *pipe = stream == g_subprocess_get_stdout_pipe (program->process) ? &program->out : &program->err;
  gssize count = g_input_stream_read_finish (stream, result, NULL);

  if (count > 0)
    g_string_append_len (pipe->text, pipe->buffer, count);
  if (pipe->text->len > MOST_BYTES)
    fail (program, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "the answer is too long"));
  if (count > 0 && program->error == NULL)
    {
      read_on (task, stream, pipe);
      return;
    }
  pipe->ended = TRUE;
  finish_if_done (task);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LiveProgram *program = g_task_get_task_data (task);

  /* Whether all arrived is for who knows what arrived: a program may end without reading. */
  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  /* A pipe: this does not wait for anything. */
  g_output_stream_close (G_OUTPUT_STREAM (source), NULL, NULL);
  program->sent = TRUE;
  finish_if_done (task);
}

static void
on_waited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LiveProgram *program = g_task_get_task_data (task);

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  program->waited = TRUE;
  finish_if_done (task);
}

void
live_program_run_async (const char *const *argv,
                        GBytes *input,
                        double timeout_seconds,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  static const char *const empty[] = { NULL };
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, user_data);
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE
                                   | (input != NULL ? G_SUBPROCESS_FLAGS_STDIN_PIPE : G_SUBPROCESS_FLAGS_NONE));
  LiveProgram *program = g_new0 (LiveProgram, 1);
  GError *error = NULL;

  program->out.text = g_string_new (NULL);
  program->err.text = g_string_new (NULL);
  program->stop = g_cancellable_new ();
  g_task_set_task_data (task, program, program_free);
  g_subprocess_launcher_set_environ (launcher, (char **) empty);
  if (g_cancellable_set_error_if_cancelled (cancellable, &error))
    {
      g_task_return_error (task, error);
      return;
    }
  program->process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  if (program->process == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  program->timer = g_timeout_add ((guint) (timeout_seconds * 1000), on_timeout, task);
  g_subprocess_wait_async (program->process, NULL, on_waited, g_object_ref (task));
  read_on (task, g_subprocess_get_stdout_pipe (program->process), &program->out);
  read_on (task, g_subprocess_get_stderr_pipe (program->process), &program->err);
  program->sent = input == NULL;
  if (input != NULL)
    {
      program->input = g_bytes_ref (input);
      g_output_stream_write_all_async (g_subprocess_get_stdin_pipe (program->process), g_bytes_get_data (input, NULL),
                                       g_bytes_get_size (input), G_PRIORITY_DEFAULT, program->stop, on_written,
                                       g_object_ref (task));
    }
  if (cancellable != NULL)
    {
      program->cancellable = g_object_ref (cancellable);
      program->cancelled_handler = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), task, NULL);
    }
}

gboolean
live_program_run_finish (GAsyncResult *result, LiveProgramReply *reply, GError **error)
{
  LiveProgramReply *answer = g_task_propagate_pointer (G_TASK (result), error);

  if (answer == NULL)
    return FALSE;
  *reply = *answer;
  g_free (answer);
  return TRUE;
}
