/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE
#include "process.h"

#include "namespace.h"
#include "test-bed.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#define RUN_SECONDS 60

/* Everything the child needs between fork and exec, where only async-signal-safe calls are allowed. */
typedef struct
{
  const char *const *argv;
  const char *const *environment;
  pid_t parent;
  LiveTestUser user;
  gboolean confined;
  int program;
} ChildSetup;

static void
set_up_child (gpointer data)
{
  ChildSetup *setup = data;

  const LiveTestUser *user = &setup->user;

  if (user->uid != 0
      && (setgroups (user->n_groups, user->groups) < 0 || setresgid (user->gid, user->gid, user->gid) < 0
          || setresuid (user->uid, user->uid, user->uid) < 0))
    _exit (126);
  if (setup->confined)
    {
      /* Up to the last that this kernel knows. */
      for (int capability = 0; prctl (PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; capability++)
        ;
      if (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl (PR_CAPBSET_READ, 0, 0, 0, 0) != 0)
        _exit (126);
    }
  /* After the change of user, which would undo it. */
  if (prctl (PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid () != setup->parent)
    _exit (126);
  if (setup->program >= 0)
    {
      fexecve (setup->program, (char *const *)setup->argv, (char *const *)setup->environment);
      /* A script: its interpreter cannot read it through a descriptor that is closed by then. Go on by path. */
      if (errno != ENOENT)
        _exit (127);
    }
}

GSubprocess *
live_test_process_spawn (
    const char *const *argv, const char *const *environment, GSubprocessFlags flags, guint uid, gboolean confined)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);
  g_autoptr (GError) error = NULL;
  ChildSetup setup
      = { .argv = argv, .environment = environment, .parent = getpid (), .confined = confined, .program = -1 };
  GSubprocess *process = NULL;

  if (uid != 0)
    live_test_namespace_look_up (uid, &setup.user);
  if (uid != 0 || confined)
    {
      setup.program = open (argv[0], O_RDONLY | O_CLOEXEC);
      if (setup.program < 0)
        g_error ("cannot open %s: %s", argv[0], g_strerror (errno));
    }
  g_subprocess_launcher_set_environ (launcher, (char **)environment);
  g_subprocess_launcher_set_child_setup (launcher, set_up_child, &setup, NULL);
  process = g_subprocess_launcher_spawnv (launcher, argv, &error);
  if (process == NULL)
    g_error ("cannot start %s: %s", argv[0], error->message);
  if (setup.program >= 0)
    close (setup.program);
  return process;
}

GPid
live_test_process_get_pid (GSubprocess *process)
{
  const char *identifier = g_subprocess_get_identifier (process);

  if (identifier == NULL)
    g_error ("the program has ended already");
  return (GPid)g_ascii_strtoll (identifier, NULL, 10);
}

gboolean
live_test_process_has_ended (GSubprocess *process)
{
  return g_subprocess_get_identifier (process) == NULL;
}

static gboolean
has_ended (gpointer data)
{
  return live_test_process_has_ended (data);
}

gboolean
live_test_process_end (GSubprocess *process, int signal_number, double seconds)
{
  if (signal_number != 0)
    g_subprocess_send_signal (process, signal_number);
  if (!live_test_wait (has_ended, process, seconds))
    {
      g_subprocess_force_exit (process);
      g_subprocess_wait (process, NULL, NULL);
      return FALSE;
    }
  /* Reaped already: this only makes the status readable. */
  g_subprocess_wait (process, NULL, NULL);
  if (g_subprocess_get_if_exited (process))
    return g_subprocess_get_exit_status (process) == 0;
  return g_subprocess_get_term_sig (process) == signal_number;
}

typedef struct
{
  gboolean done;
  GBytes *output;
  GBytes *errors;
} Run;

static void
on_communicated (GObject *source, GAsyncResult *result, gpointer data)
{
  Run *run = data;

  g_subprocess_communicate_finish (G_SUBPROCESS (source), result, &run->output, &run->errors, NULL);
  run->done = TRUE;
}

static gboolean
run_is_done (gpointer data)
{
  return ((Run *)data)->done;
}

static void
take_text (GBytes *bytes, char **text)
{
  if (text == NULL)
    return;
  *text = bytes != NULL ? g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes)) : g_strdup ("");
}

int
live_test_process_run (
    const char *const *argv, const char *const *environment, guint uid, char **standard_output, char **standard_error)
{
  GSubprocessFlags flags
      = G_SUBPROCESS_FLAGS_STDOUT_PIPE | (standard_error != NULL ? G_SUBPROCESS_FLAGS_STDERR_PIPE : 0);
  g_autoptr (GSubprocess) process = live_test_process_spawn (argv, environment, flags, uid, FALSE);
  Run run = { 0 };

  g_subprocess_communicate_async (process, NULL, NULL, on_communicated, &run);
  if (!live_test_wait (run_is_done, &run, RUN_SECONDS))
    {
      g_subprocess_force_exit (process);
      live_test_wait (run_is_done, &run, RUN_SECONDS);
    }
  take_text (run.output, standard_output);
  take_text (run.errors, standard_error);
  g_clear_pointer (&run.output, g_bytes_unref);
  g_clear_pointer (&run.errors, g_bytes_unref);
  return g_subprocess_get_if_exited (process) ? g_subprocess_get_exit_status (process)
                                              : 128 + g_subprocess_get_term_sig (process);
}

typedef struct
{
  gboolean done;
  char *line;
} LineRead;

static void
on_line_read (GObject *source, GAsyncResult *result, gpointer data)
{
  LineRead *line_read = data;

  line_read->line = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, NULL);
  line_read->done = TRUE;
}

static gboolean
line_is_read (gpointer data)
{
  return ((LineRead *)data)->done;
}

char *
live_test_process_read_line (GSubprocess *process, double seconds)
{
  g_autoptr (GDataInputStream) stream = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  LineRead line_read = { FALSE, NULL };

  g_data_input_stream_read_line_async (stream, G_PRIORITY_DEFAULT, NULL, on_line_read, &line_read);
  if (!live_test_wait (line_is_read, &line_read, seconds) || line_read.line == NULL)
    g_error ("a program does not say that it has started");
  /* The stream must not close the pipe: who writes to it later would be ended by SIGPIPE. */
  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (stream), FALSE);
  return line_read.line;
}
