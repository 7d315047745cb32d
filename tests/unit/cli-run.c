/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "cli-run.h"

#include <errno.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

void
live_run_clear (LiveRun *run)
{
  g_clear_pointer (&run->out, g_free);
  g_clear_pointer (&run->err, g_free);
}

void
live_fixture_set_up (LiveFixture *fixture, gconstpointer data)
{
  fixture->bus = live_mock_bus_new ();
  fixture->service = live_mock_service_new (fixture->bus);
}

void
live_fixture_tear_down (LiveFixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->service, live_mock_service_free);
  live_mock_bus_free (fixture->bus);
}

/* A failed test leaves no monitor behind. */
static void
die_with_parent (gpointer unused)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static GSubprocess *
spawn_with (GSubprocessLauncher *launcher, const char *address, const char *command_line)
{
  g_autofree char *whole = g_strdup_printf ("%s %s", g_getenv ("LIVE_CLI"), command_line);
  g_auto (GStrv) argv = NULL;
  g_autoptr (GError) error = NULL;
  GSubprocess *process = NULL;

  g_assert_nonnull (g_getenv ("LIVE_CLI"));
  g_assert_true (g_shell_parse_argv (whole, NULL, &argv, &error));
  g_subprocess_launcher_setenv (launcher, "DBUS_SYSTEM_BUS_ADDRESS", address, TRUE);
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);
  g_subprocess_launcher_setenv (launcher, "TERM", "xterm", TRUE);
  g_subprocess_launcher_unsetenv (launcher, "LANGUAGE");
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv, &error);
  g_assert_no_error (error);
  return process;
}

GSubprocess *
live_run_spawn (const char *address, const char *command_line)
{
  g_autoptr (GSubprocessLauncher) launcher
      = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE);

  return spawn_with (launcher, address, command_line);
}

void
live_run_on_finished (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **finished = user_data;

  *finished = g_object_ref (result);
}

LiveRun
live_run_finish (GSubprocess *process)
{
  LiveRun run = { 0 };
  g_autoptr (GAsyncResult) finished = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_communicate_utf8_async (process, NULL, NULL, live_run_on_finished, &finished);
  live_mock_wait (finished != NULL);
  g_subprocess_communicate_utf8_finish (process, finished, &run.out, &run.err, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  run.code = g_subprocess_get_exit_status (process);
  return run;
}

LiveRun
live_run_at (const char *address, const char *command_line)
{
  g_autoptr (GSubprocess) process = live_run_spawn (address, command_line);

  return live_run_finish (process);
}

LiveRun
live_run_cli (LiveFixture *fixture, const char *command_line)
{
  return live_run_at (live_mock_bus_get_address (fixture->bus), command_line);
}

void
live_assert_contains (const char *text, const char *part)
{
  if (strstr (text, part) == NULL)
    g_error ("“%s” does not hold “%s”", text, part);
}

void
live_assert_lacks (const char *text, const char *part)
{
  if (strstr (text, part) != NULL)
    g_error ("“%s” holds “%s”", text, part);
}

void
live_assert_no_calls (LiveFixture *fixture)
{
  g_autofree char *calls = live_mock_service_take_calls (fixture->service);

  g_assert_cmpstr (calls, ==, "");
}

void
live_assert_calls (LiveFixture *fixture, const char *expected)
{
  g_autofree char *calls = live_mock_service_take_calls (fixture->service);

  g_assert_cmpstr (calls, ==, expected);
}

LiveRun
live_run_on_terminal (LiveFixture *fixture, const char *command_line, const char *answer)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_PIPE);
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GString) seen = g_string_new (NULL);
  LiveRun run = { 0 };
  char buffer[4096];
  gssize count = 0;
  int terminal = -1, end = -1;

  g_assert_cmpint (openpty (&terminal, &end, NULL, NULL, NULL), ==, 0);
  g_subprocess_launcher_setenv (launcher, "NO_COLOR", "1", TRUE);
  g_subprocess_launcher_take_stdin_fd (launcher, dup (end));
  g_subprocess_launcher_take_stdout_fd (launcher, end);
  process = spawn_with (launcher, live_mock_bus_get_address (fixture->bus), command_line);
  /* The launcher's copies of the end have to go, or the terminal never ends. */
  g_clear_object (&launcher);
  g_assert_cmpint (write (terminal, answer, strlen (answer)), ==, (gssize) strlen (answer));
  run = live_run_finish (process);
  while ((count = read (terminal, buffer, sizeof buffer)) > 0)
    g_string_append_len (seen, buffer, count);
  g_assert_cmpint (errno, ==, EIO);
  close (terminal);
  g_free (run.out);
  run.out = g_string_free (g_steal_pointer (&seen), FALSE);
  return run;
}
