/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#define PATIENCE_MICROSECONDS (3 * G_USEC_PER_SEC)

/* Runs between fork and exec: async-signal-safe functions only. */
static void
die_with_parent (gpointer user_data)
{
  pid_t parent = GPOINTER_TO_INT (user_data);

  prctl (PR_SET_PDEATHSIG, SIGTERM);
  /* It may have ended before the line above, and then nobody sends the signal. */
  if (getppid () != parent)
    _exit (127);
}

static GSubprocessLauncher *
new_launcher (GSubprocessFlags flags, const char *const *environment)
{
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (flags);

  g_subprocess_launcher_set_environ (launcher, (char **)environment);
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, GINT_TO_POINTER (getpid ()), NULL);
  return launcher;
}

GSubprocess *
live_test_child_spawn (const char *const *argv,
                       const char *const *environment,
                       GSubprocessFlags flags,
                       const char *log_file,
                       GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher = new_launcher (flags, environment);

  if (log_file != NULL)
    {
      int log_fd = open (log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

      if (log_fd < 0)
        {
          g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Cannot write %s: %s", log_file,
                       g_strerror (errno));
          return NULL;
        }
      if ((flags & G_SUBPROCESS_FLAGS_STDOUT_PIPE) == 0)
        g_subprocess_launcher_take_stdout_fd (launcher, fcntl (log_fd, F_DUPFD_CLOEXEC, 3));
      g_subprocess_launcher_take_stderr_fd (launcher, log_fd);
    }
  return g_subprocess_launcher_spawnv (launcher, argv, error);
}

static void
on_waited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  gboolean *gone = user_data;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  *gone = TRUE;
}

static gboolean
on_patience_lost (gpointer user_data)
{
  g_subprocess_force_exit (G_SUBPROCESS (user_data));
  return G_SOURCE_REMOVE;
}

void
live_test_child_end (GSubprocess *child)
{
  /* A context of its own, so that ending one program does not run the callbacks of others half-way through. */
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GSource) timeout = NULL;
  gboolean gone = FALSE;

  if (child == NULL)
    return;
  g_main_context_push_thread_default (context);
  timeout = g_timeout_source_new (PATIENCE_MICROSECONDS / 1000);
  g_source_set_callback (timeout, on_patience_lost, child, NULL);
  g_source_attach (timeout, context);
  g_subprocess_send_signal (child, SIGTERM);
  g_subprocess_wait_async (child, NULL, on_waited, &gone);
  while (!gone)
    g_main_context_iteration (context, TRUE);
  g_source_destroy (timeout);
  g_main_context_pop_thread_default (context);
  g_object_unref (child);
}

gboolean
live_test_child_run (const char *const *argv, const char *const *environment, GBytes **output, GError **error)
{
  g_autoptr (GSubprocessLauncher) launcher
      = new_launcher (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, environment);
  g_autoptr (GSubprocess) child = NULL;
  g_autoptr (GBytes) out = NULL;
  g_autoptr (GBytes) complaint = NULL;

  child = g_subprocess_launcher_spawnv (launcher, argv, error);
  if (child == NULL || !g_subprocess_communicate (child, NULL, NULL, &out, &complaint, error))
    return FALSE;
  if (!g_subprocess_get_successful (child))
    {
      gsize length;
      const char *text = g_bytes_get_data (complaint, &length);
      g_autofree char *command = g_strjoinv (" ", (char **)argv);

      if (!g_subprocess_get_if_exited (child))
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s was ended by a signal", command);
      else
        g_set_error (error, G_SPAWN_EXIT_ERROR, g_subprocess_get_exit_status (child), "%s exited with %d%s%.*s",
                     command, g_subprocess_get_exit_status (child), length > 0 ? ": " : "", (int)length,
                     text != NULL ? text : "");
      return FALSE;
    }
  if (output != NULL)
    *output = g_steal_pointer (&out);
  return TRUE;
}
