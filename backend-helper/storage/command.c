/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "storage/command.h"

#include "model/error.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_OUTPUT 2000
#define CANNOT_START 127

/* Only what may be called after fork(2). */
static void G_GNUC_NORETURN
become (const char *const *argv, int null, int output, int start_error)
{
  static const char *const environment[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", NULL };
  sigset_t none;
  int code = 0;

  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  signal (SIGPIPE, SIG_DFL);
  /* A half made filesystem is of no use to anybody, and a program that has it open would keep it from being undone. */
  if (prctl (PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid () != 1 && dup2 (null, 0) >= 0 && dup2 (output, 1) >= 0
      && dup2 (output, 2) >= 0)
    execve (argv[0], (char *const *) argv, (char *const *) environment);
  code = errno;
  if (write (start_error, &code, sizeof code) < 0)
    _exit (CANNOT_START);
  _exit (CANNOT_START);
}

static gboolean
collect (LiveTask *task, int fd, GString *output, GError **error)
{
  char buffer[512];
  ssize_t count = 1;

  while (count != 0)
    {
      if (!live_task_wait (task, fd, POLLIN, error))
        return FALSE;
      count = read (fd, buffer, sizeof buffer);
      if (count < 0 && errno != EINTR && errno != EAGAIN)
        break;
      if (count > 0)
        g_string_append_len (output, buffer, MIN (count, (ssize_t) (MAX_OUTPUT - output->len)));
    }
  return TRUE;
}

static gboolean
judge (const char *program, int status, int start_error, const GString *output, GError **error)
{
  g_autofree char *text = g_utf8_make_valid (output->str, (gssize) output->len);

  g_strdelimit (g_strstrip (text), "\n\t", ' ');
  if (start_error != 0)
    g_set_error (error, LIVE_ERROR, start_error == ENOENT ? LIVE_ERROR_NOT_SUPPORTED : LIVE_ERROR_FAILED,
                 "%s cannot be started: %s", program, g_strerror (start_error));
  else if (WIFSIGNALED (status))
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_FAILED, "%s was ended by signal %d: %s", program, WTERMSIG (status),
                 text);
  else if (WEXITSTATUS (status) != 0)
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_FAILED, "%s failed with exit code %d: %s", program, WEXITSTATUS (status),
                 text);
  else
    return TRUE;
  return FALSE;
}

gboolean
live_command_run (LiveTask *task, const char *const *argv, GError **error)
{
  g_autoptr (GString) output = g_string_new (NULL);
  int null = open ("/dev/null", O_RDONLY | O_CLOEXEC);
  int output_pipe[2] = { -1, -1 };
  int start_pipe[2] = { -1, -1 };
  int start_error = 0;
  int status = 0;
  gboolean waited = FALSE;
  pid_t child = -1;

  if (null < 0 || pipe2 (output_pipe, O_CLOEXEC) < 0 || pipe2 (start_pipe, O_CLOEXEC) < 0)
    g_error ("no file descriptors are left: %s", g_strerror (errno));
  child = fork ();
  if (child == 0)
    become (argv, null, output_pipe[1], start_pipe[1]);
  close (null);
  close (output_pipe[1]);
  close (start_pipe[1]);
  if (child > 0)
    {
      waited = collect (task, output_pipe[0], output, error);
      if (!waited)
        kill (child, SIGKILL);
      while (waitpid (child, &status, 0) < 0 && errno == EINTR)
        ;
      if (read (start_pipe[0], &start_error, sizeof start_error) != (ssize_t) sizeof start_error)
        start_error = 0;
    }
  else
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_FAILED, "cannot fork: %s", g_strerror (errno));
  close (output_pipe[0]);
  close (start_pipe[0]);
  return waited && judge (argv[0], status, start_error, output, error);
}
