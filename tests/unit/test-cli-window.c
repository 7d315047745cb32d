/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* What goes with the policy full, on the command line: windows, disposables, memory, taking over from a unit. */

#include <signal.h>
#include <string.h>

#include <json-glib/json-glib.h>

#include "cli-run.h"
#include "model/error.h"

static void
test_usage (void)
{
  static const char *const rows[] = {
    "qube work window",
    "qube work window open more",
    "qube work window open --seconds",
    "qube work window open --seconds soon",
    "qube work window open --seconds 600s",
    "qube work window open --seconds 0",
    "qube work window open --seconds 59",
    "qube work window open --seconds 86401",
    "qube work window open --seconds -1",
    "qube work window open --seconds 99999999999999999999",
    "qube work window open --seconds 60 --until-closed",
    "qube work window open --kill",
    "qube work window extend",
    "qube work window extend --seconds 59",
    "qube work window extend --seconds 600 --until-closed",
    "qube work window close --seconds 60",
    "qube work window ajar",
    "qube work window open --size 1G",
    "qube work hygiene",
    "qube work hygiene maybe",
    "qube work upper",
    "qube work upper disk",
    "qube work upper volatile --size 1G",
    "qube work upper ram --size",
    "qube work upper ram --size ''",
    "qube work upper ram --size 0G",
    "qube work upper ram --size 1T",
    "qube work upper ram --size 91%",
    "qube work upper ram --size 0%",
    "qube work upper ram --size 15M",
    "qube work upper ram --size 16383K",
    "qube work upper ram --size 99999999999999999999G",
    "qube work upper ram --size 1g",
    "qube work upper ram --size ' 1G'",
    "qube work upper ram --size +1G",
    "qube work upper ram --size 1000000G",
    "qube work upper ram --size 1G,nodev",
    "qube work renew more",
    "qube work renew --yes",
    "disposable-templates",
    "disposable-templates policy root --yes",
    "disposable-templates policy full more --yes",
    "disposable-templates policy full --kill",
    "disposable-templates policy full",
    "take-over",
    "take-over more --yes",
    "take-over --yes --json",
    "status --yes",
    "pool list --seconds 60",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      /* There is no such bus: a verb that asks the helper before it checks its words would exit with 4. */
      g_auto (LiveRun) run = live_run_at ("unix:path=/nowhere", rows[i]);

      g_test_message ("%s", rows[i]);
      g_assert_cmpint (run.code, ==, 2);
      g_assert_cmpstr (run.out, ==, "");
      live_assert_contains (run.err, "--help");
    }
}

static void
test_policy (LiveFixture *fixture, gconstpointer data)
{
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");
  g_auto (LiveRun) halted = { 0 };
  g_auto (LiveRun) running = { 0 };
  g_auto (LiveRun) template = { 0 };

  halted = live_run_cli (fixture, "qube work policy full");
  g_assert_cmpint (halted.code, ==, 0);
  live_assert_contains (halted.out, "throw away everything it writes, its files too");
  live_assert_contains (halted.out, "checked when it starts");
  live_assert_contains (halted.out, "qube work window open");
  live_assert_lacks (halted.out, "renew");
  live_assert_calls (fixture, "work SetPolicy 'full'");

  live_bus_qube_set_state (work, "running");
  running = live_run_cli (fixture, "qube work policy full");
  g_assert_cmpint (running.code, ==, 5);
  live_assert_contains (running.out, "takes effect when it shuts down");

  live_bus_qube_set_state (work, "halted");
  live_bus_qube_set_template_for_dispvms (work, TRUE);
  template = live_run_cli (fixture, "qube work policy full");
  g_assert_cmpint (template.code, ==, 0);
  live_assert_contains (template.out, "qube work renew");
}

static void
test_open (LiveFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *words, *calls, *out;
  } rows[] = {
    { "", "work OpenWindow 600", "10 minutes left" },
    { "--seconds 60", "work OpenWindow 60", "1 minute left" },
    { "--seconds=86400", "work OpenWindow 86400", "more than 23 hours left" },
    { "--until-closed", "work OpenWindow -1", "until you close it" },
  };
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *command_line = g_strdup_printf ("qube work window open %s", rows[i].words);
      g_auto (LiveRun) run = { 0 };

      live_bus_qube_set_state (work, "halted");
      live_bus_qube_set_window_state (work, "closed");
      run = live_run_cli (fixture, command_line);
      g_assert_cmpint (run.code, ==, 0);
      g_assert_cmpstr (run.err, ==, "");
      live_assert_contains (run.out, rows[i].out);
      live_assert_contains (run.out, "qube work window close");
      live_assert_calls (fixture, rows[i].calls);
    }
}

/* Waits for a line on the standard output of @process. */
static char *
read_line (GDataInputStream *stream)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char *line = NULL;

  g_data_input_stream_read_line_async (stream, G_PRIORITY_DEFAULT, NULL, live_run_on_finished, &result);
  live_mock_wait (result != NULL);
  line = g_data_input_stream_read_line_finish (stream, result, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (line);
  return line;
}

static void
test_steps (LiveFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *step, *line;
  } rows[] = {
    { "record", "work: writing down that there is a window…" },
    { "private-writable", "work: making its private volume writable…" },
    { "start", "work: starting the qube…" },
  };
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GDataInputStream) out = NULL;
  g_autoptr (GAsyncResult) waited = NULL;

  live_mock_service_hold (fixture->service);
  process = live_run_spawn (live_mock_bus_get_address (fixture->bus), "qube work window open");
  out = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
  live_mock_wait (live_mock_service_get_n_held (fixture->service) == 1);
  live_bus_qube_set_window_state (work, "opening");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *line = NULL;

      live_bus_qube_set_window_step (work, rows[i].step);
      line = read_line (out);
      g_assert_cmpstr (line, ==, rows[i].line);
    }
  /* It does not return before the helper does. */
  g_assert_nonnull (g_subprocess_get_identifier (process));
  live_bus_qube_set_window_step (work, "");
  live_mock_service_release (fixture->service);
  g_subprocess_wait_async (process, NULL, live_run_on_finished, &waited);
  live_mock_wait (waited != NULL);
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
}

static void
test_refused (LiveFixture *fixture, gconstpointer data)
{
  static const struct
  {
    int error;
    const char *refusal;
    int code;
    const char *err;
  } rows[] = {
    { LIVE_ERROR_NOT_HALTED, "running", 1, "Shut it down and try again" },
    { LIVE_ERROR_CONFLICT, "policy", 1, "set that first" },
    { LIVE_ERROR_NOT_SUPPORTED, "disposable", 1, "disposable template" },
    { LIVE_ERROR_BUSY, "open", 1, "has a customization window already" },
    /* What is not about the window is told as it is. */
    { LIVE_ERROR_NOT_AUTHORIZED, "running", 3, "not allowed" },
    { LIVE_ERROR_QUBESD_UNREACHABLE, "running", 4, "qubesd" },
    { LIVE_ERROR_NO_SPACE, "", 1, "room" },
    { LIVE_ERROR_IN_USE, "disposables-running", 1, "Shut them down" },
    /* The window that failed to open is no reason for it. */
    { LIVE_ERROR_QUBESD_ERROR, "open", 1, "what the helper says" },
    { LIVE_ERROR_NOT_SUPPORTED, "open", 1, "what the helper says" },
    { LIVE_ERROR_FAILED, "", 1, "what the helper says" },
  };
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (LiveRun) run = { 0 };

      live_bus_qube_set_window_refusal (work, rows[i].refusal);
      live_mock_service_fail (fixture->service, LIVE_ERROR, rows[i].error, "what the helper says");
      run = live_run_cli (fixture, "qube work window open");
      g_assert_cmpint (run.code, ==, rows[i].code);
      g_assert_cmpstr (run.out, ==, "");
      live_assert_contains (run.err, "work");
      live_assert_contains (run.err, rows[i].err);
    }
}

static void
test_interrupted (LiveFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *words, *err;
  } rows[] = {
    { "open", "qube work window close" },
    { "extend --seconds 60", "qubes-live status" },
    { "close", "the helper goes on" },
  };

  live_mock_service_add_qube (fixture->service, "work");
  live_mock_service_hold (fixture->service);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *command_line = g_strdup_printf ("qube work window %s", rows[i].words);
      g_autoptr (GSubprocess) process = live_run_spawn (live_mock_bus_get_address (fixture->bus), command_line);
      g_auto (LiveRun) run = { 0 };

      live_mock_wait (live_mock_service_get_n_held (fixture->service) == i + 1);
      g_subprocess_send_signal (process, SIGINT);
      run = live_run_finish (process);
      g_assert_cmpint (run.code, ==, 1);
      live_assert_contains (run.err, rows[i].err);
    }
}

static void
test_extend (LiveFixture *fixture, gconstpointer data)
{
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");
  g_auto (LiveRun) open = { 0 };
  g_auto (LiveRun) run = { 0 };
  g_auto (LiveRun) refused = { 0 };

  open = live_run_cli (fixture, "qube work window open --seconds 600");
  g_free (live_mock_service_take_calls (fixture->service));
  run = live_run_cli (fixture, "qube work window extend --seconds 1200");
  g_assert_cmpint (run.code, ==, 0);
  live_assert_contains (run.out, "work: customising, 30 minutes left");
  live_assert_calls (fixture, "work ExtendWindow 1200");
  g_assert_cmpstr (live_bus_qube_get_window_state (work), ==, "open");

  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT, "no window is open");
  refused = live_run_cli (fixture, "qube work window extend --seconds 60");
  g_assert_cmpint (refused.code, ==, 1);
  live_assert_contains (refused.err, "no window is open");
}

static void
test_close (LiveFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *words, *calls, *out;
  } rows[] = {
    { "", "work CloseWindow false", "changes are kept" },
    { "--kill", "work CloseWindow true", "another window repairs it" },
  };

  live_mock_service_add_qube (fixture->service, "work");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *command_line = g_strdup_printf ("qube work window close %s", rows[i].words);
      g_auto (LiveRun) open = live_run_cli (fixture, "qube work window open");
      g_auto (LiveRun) run = { 0 };

      g_free (live_mock_service_take_calls (fixture->service));
      run = live_run_cli (fixture, command_line);
      g_assert_cmpint (run.code, ==, 0);
      live_assert_contains (run.out, rows[i].out);
      live_assert_contains (run.out, "read-only again");
      live_assert_calls (fixture, rows[i].calls);
    }
}

static void
test_not_shutting_down (LiveFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *step;
    int code;
    const char *err;
  } rows[] = {
    { "not-shutting-down", 5, "qube work window close --kill" },
    { "shutdown", 1, "being changed already" },
  };
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");

  live_bus_qube_set_window_state (work, "closing");
  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_BUSY, "it does not shut down");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (LiveRun) run = { 0 };

      live_bus_qube_set_window_step (work, rows[i].step);
      run = live_run_cli (fixture, "qube work window close");
      g_assert_cmpint (run.code, ==, rows[i].code);
      live_assert_contains (run.err, rows[i].err);
      live_assert_lacks (run.out, "read-only");
    }
}

/* It has halted, and what is made from it has not: accepted, and pending. */
static void
test_disposables_running (LiveFixture *fixture, gconstpointer data)
{
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");
  g_auto (LiveRun) run = { 0 };

  live_bus_qube_set_window_state (work, "closing");
  live_bus_qube_set_private_writable (work, TRUE);
  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_IN_USE, "disposables of it are running");
  run = live_run_cli (fixture, "qube work window close");
  g_assert_cmpint (run.code, ==, 5);
  live_assert_contains (run.err, "work has halted, and its window is not closed yet.");
  live_assert_contains (run.err, "when they have ended");
  live_assert_lacks (run.out, "read-only");
}

static void
test_no_window (LiveFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *words;
    gboolean writable;
    int code;
    const char *text;
  } rows[] = {
    { "close", FALSE, 0, "work has no window; its private volume is read-only" },
    { "close", TRUE, 1, "work has no customization window that could be closed" },
    { "extend --seconds 60", FALSE, 1, "qube work window open" },
  };
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");

  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "there is no window");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *command_line = g_strdup_printf ("qube work window %s", rows[i].words);
      g_auto (LiveRun) run = { 0 };

      live_bus_qube_set_private_writable (work, rows[i].writable);
      run = live_run_cli (fixture, command_line);
      g_assert_cmpint (run.code, ==, rows[i].code);
      live_assert_contains (rows[i].code == 0 ? run.out : run.err, rows[i].text);
      live_assert_lacks (run.err, "does not exist any more");
    }
}

static gboolean
pretend_to_close (LiveBusQube *qube, GDBusMethodInvocation *invocation, gboolean kill, gpointer unused)
{
  live_bus_qube_set_window_outcome (qube, "kept");
  live_bus_qube_set_window_state (qube, "closed");
  live_bus_qube_complete_close_window (qube, invocation);
  return TRUE;
}

static gboolean
pretend_to_open (LiveBusQube *qube, GDBusMethodInvocation *invocation, gint64 seconds, gpointer unused)
{
  live_bus_qube_complete_open_window (qube, invocation);
  return TRUE;
}

static void
test_not_open (LiveFixture *fixture, gconstpointer data)
{
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");
  g_auto (LiveRun) run = { 0 };

  g_signal_handlers_disconnect_matched (work, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, fixture->service);
  g_signal_connect (work, "handle-open-window", G_CALLBACK (pretend_to_open), NULL);
  run = live_run_cli (fixture, "qube work window open");
  g_assert_cmpint (run.code, ==, 1);
  g_assert_cmpstr (run.out, ==, "");
  live_assert_contains (run.err, "is not open now");
}

/* A promise that is not seen to be kept is no success. */
static void
test_not_closed (LiveFixture *fixture, gconstpointer data)
{
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");
  g_auto (LiveRun) run = { 0 };

  g_signal_handlers_disconnect_matched (work, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, fixture->service);
  g_signal_connect (work, "handle-close-window", G_CALLBACK (pretend_to_close), NULL);
  live_bus_qube_set_window_state (work, "open");
  run = live_run_cli (fixture, "qube work window close");
  g_assert_cmpint (run.code, ==, 1);
  g_assert_cmpstr (run.out, ==, "");
  live_assert_contains (run.err, "still writable");
}

static void
test_gone (LiveFixture *fixture, gconstpointer data)
{
  g_autoptr (GSubprocess) process = NULL;
  g_auto (LiveRun) run = { 0 };

  live_mock_service_add_qube (fixture->service, "work");
  live_mock_service_hold (fixture->service);
  process = live_run_spawn (live_mock_bus_get_address (fixture->bus), "qube work window open");
  live_mock_wait (live_mock_service_get_n_held (fixture->service) == 1);
  live_mock_service_remove_qube (fixture->service, "work");
  g_clear_pointer (&fixture->service, live_mock_service_free);
  run = live_run_finish (process);
  g_assert_cmpint (run.code, ==, 4);
  g_assert_cmpstr (run.out, ==, "");
}

static void
test_settings (LiveFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *words, *calls, *out;
  } rows[] = {
    { "hygiene on", "work SetMemoryHygiene true", "erases memory that is freed from its next start on" },
    { "hygiene off", "work SetMemoryHygiene false", "is not told to erase" },
    { "upper ram", "work SetUpperLayer 'ram' ''", "install-guest" },
    { "upper ram --size 1G", "work SetUpperLayer 'ram' '1G'", "up to 1G" },
    { "upper ram --size=90%", "work SetUpperLayer 'ram' '90%'", "up to 90%" },
    { "upper ram --size 16M", "work SetUpperLayer 'ram' '16M'", "up to 16M" },
    { "upper volatile", "work SetUpperLayer 'volatile' ''", "volatile volume" },
  };

  live_mock_service_add_qube (fixture->service, "work");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *command_line = g_strdup_printf ("qube work %s", rows[i].words);
      g_auto (LiveRun) run = { 0 };
      g_auto (LiveRun) failed = { 0 };

      run = live_run_cli (fixture, command_line);
      g_assert_cmpint (run.code, ==, 0);
      g_assert_cmpstr (run.err, ==, "");
      live_assert_contains (run.out, rows[i].out);
      live_assert_calls (fixture, rows[i].calls);

      live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED, "No");
      failed = live_run_cli (fixture, command_line);
      g_assert_cmpint (failed.code, ==, 3);
      g_assert_cmpstr (failed.out, ==, "");
      live_mock_service_fail (fixture->service, 0, 0, NULL);
      g_free (live_mock_service_take_calls (fixture->service));
    }
}

static void
test_renew (LiveFixture *fixture, gconstpointer data)
{
  const char *const old[] = { "disp1", "disp2\033", NULL };
  LiveBusQube *dvm = live_mock_service_add_qube (fixture->service, "dvm");
  g_auto (LiveRun) none = live_run_cli (fixture, "qube dvm renew");
  g_auto (LiveRun) some = { 0 };
  g_auto (LiveRun) failed = { 0 };

  g_assert_cmpint (none.code, ==, 0);
  live_assert_contains (none.out, "No disposable of dvm");
  live_assert_calls (fixture, "dvm RenewDisposables");

  live_bus_qube_set_old_disposables (dvm, old);
  some = live_run_cli (fixture, "qube dvm renew");
  g_assert_cmpint (some.code, ==, 5);
  live_assert_contains (some.out, "disp1 is running");
  live_assert_contains (some.out, "disp2");
  live_assert_lacks (some.out, "\033");

  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_CONFLICT, "a customization window of dvm is open");
  failed = live_run_cli (fixture, "qube dvm renew");
  g_assert_cmpint (failed.code, ==, 1);
  /* Policies are not the only settings that can be in the way: which it is stands in the message alone. */
  live_assert_contains (failed.err, "a customization window of dvm is open");
  live_assert_lacks (failed.err, "policy");
}

static LiveBusQube *
add_disposable_template (LiveFixture *fixture, const char *name)
{
  LiveBusQube *qube = live_mock_service_add_qube (fixture->service, name);

  live_bus_qube_set_template_for_dispvms (qube, TRUE);
  return qube;
}

static void
test_bulk (LiveFixture *fixture, gconstpointer data)
{
  const char *const no_policy[] = { "persistent", "root", NULL };
  const char *const old[] = { "disp7", NULL };
  g_auto (LiveRun) dry = { 0 };
  g_auto (LiveRun) one = { 0 };
  g_auto (LiveRun) all = { 0 };
  LiveBusQube *running = NULL;

  live_mock_service_add_qube (fixture->service, "work");
  live_bus_qube_set_old_disposables (add_disposable_template (fixture, "dvm-a"), old);
  one = live_run_cli (fixture, "disposable-templates policy full --yes");
  g_assert_cmpint (one.code, ==, 0);
  live_assert_contains (one.out, "changes now");
  live_assert_contains (one.out, "disp7");
  live_assert_contains (one.out, "1 done, 0 wait until they shut down, 0 not done.");
  live_assert_contains (one.out, "qube NAME renew");
  live_assert_calls (fixture, "dvm-a SetPolicy 'full'");

  running = add_disposable_template (fixture, "dvm-b");
  live_bus_qube_set_state (running, "running");
  live_bus_qube_set_policies (add_disposable_template (fixture, "dvm-c"), no_policy);
  dry = live_run_cli (fixture, "disposable-templates policy full --dry-run");
  g_assert_cmpint (dry.code, ==, 0);
  live_assert_contains (dry.out, "dvm-a  is fully ephemeral already");
  live_assert_contains (dry.out, "dvm-b  runs: changes when it shuts down");
  live_assert_contains (dry.out, "dvm-c  cannot be");
  live_assert_lacks (dry.out, "work");
  live_assert_no_calls (fixture);

  all = live_run_cli (fixture, "disposable-templates policy full --yes");
  g_assert_cmpint (all.code, ==, 1);
  live_assert_contains (all.out, "1 done, 1 wait until they shut down, 1 not done.");
  live_assert_calls (fixture, "dvm-b SetPolicy 'full'");
}

static void
test_bulk_codes (LiveFixture *fixture, gconstpointer data)
{
  static const struct
  {
    int error;
    int code;
    const char *calls;
  } rows[] = {
    { LIVE_ERROR_QUBESD_ERROR, 1, "dvm-a SetPolicy 'full'; dvm-b SetPolicy 'full'" },
    /* What the second would not fare better with is not tried on it. */
    { LIVE_ERROR_NOT_AUTHORIZED, 3, "dvm-a SetPolicy 'full'" },
    { LIVE_ERROR_QUBESD_UNREACHABLE, 4, "dvm-a SetPolicy 'full'" },
  };
  LiveBusQube *first = NULL, *second = NULL;
  g_auto (LiveRun) none = live_run_cli (fixture, "disposable-templates policy full --yes");
  g_auto (LiveRun) waiting = { 0 };

  g_assert_cmpint (none.code, ==, 0);
  live_assert_contains (none.out, "no disposable template");
  first = add_disposable_template (fixture, "dvm-a");
  second = add_disposable_template (fixture, "dvm-b");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (LiveRun) run = { 0 };

      live_mock_service_fail (fixture->service, LIVE_ERROR, rows[i].error, "No");
      run = live_run_cli (fixture, "disposable-templates policy full --yes");
      g_assert_cmpint (run.code, ==, rows[i].code);
      live_assert_calls (fixture, rows[i].calls);
    }
  live_mock_service_fail (fixture->service, 0, 0, NULL);
  live_bus_qube_set_state (first, "running");
  live_bus_qube_set_state (second, "running");
  waiting = live_run_cli (fixture, "disposable-templates policy full --yes");
  g_assert_cmpint (waiting.code, ==, 5);
}

static void
test_question (LiveFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *answer;
    gboolean agreed;
  } rows[] = {
    { "n\n", FALSE }, { "\n", FALSE }, { "maybe\n", FALSE }, { "\004", FALSE }, { "y\n", TRUE }, { " YES \n", TRUE },
  };
  LiveBusQube *dvm = add_disposable_template (fixture, "dvm");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (LiveRun) run = { 0 };

      live_bus_qube_set_policy (dvm, "persistent");
      run = live_run_on_terminal (fixture, "disposable-templates policy full", rows[i].answer);
      live_assert_contains (run.out, "dvm  changes now");
      live_assert_contains (run.out, "[y/N]");
      g_assert_cmpint (run.code, ==, rows[i].agreed ? 0 : 1);
      if (!rows[i].agreed)
        live_assert_contains (run.out, "Nothing was changed.");
      live_assert_calls (fixture, rows[i].agreed ? "dvm SetPolicy 'full'" : "");
    }
}

static void
set_unit (LiveFixture *fixture, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) unit = g_variant_parse (G_VARIANT_TYPE ("(sba(ssb)u)"), text, NULL, NULL, &error);

  g_assert_no_error (error);
  live_bus_dom0_set_guide_unit (live_mock_service_get_dom0 (fixture->service), unit);
}

#define UNIT "('/etc/systemd/system/rw.service', true, [('work', 'root', false), ('work', 'private', false)], 2)"

static void
test_take_over (LiveFixture *fixture, gconstpointer data)
{
  g_auto (LiveRun) none = { 0 };
  g_auto (LiveRun) dry = { 0 };
  g_auto (LiveRun) no = { 0 };
  g_auto (LiveRun) done = { 0 };

  live_bus_pool_set_ephemeral_volatile (live_mock_service_add_pool (fixture->service, "vm-pool"), TRUE);
  none = live_run_cli (fixture, "take-over --yes");
  g_assert_cmpint (none.code, ==, 0);
  live_assert_contains (none.out, "nothing to take over");
  live_assert_contains (none.out, "vm-pool");
  live_assert_no_calls (fixture);

  set_unit (fixture, UNIT);
  dry = live_run_cli (fixture, "take-over --dry-run");
  g_assert_cmpint (dry.code, ==, 0);
  live_assert_contains (dry.out, "/etc/systemd/system/rw.service sets at every boot");
  live_assert_contains (dry.out, "work  root volume read-only");
  live_assert_contains (dry.out, "work  private volume read-only");
  live_assert_contains (dry.out, "2 other commands stay with the unit");
  live_assert_contains (dry.out, "would not be disabled");
  live_assert_contains (dry.out, "vm-pool");
  live_assert_no_calls (fixture);

  no = live_run_on_terminal (fixture, "take-over", "n\n");
  g_assert_cmpint (no.code, ==, 1);
  live_assert_no_calls (fixture);

  done = live_run_cli (fixture, "take-over --yes");
  g_assert_cmpint (done.code, ==, 0);
  live_assert_contains (done.out, "work  root  applied");
  live_assert_contains (done.out, "The unit is disabled");
  live_assert_calls (fixture, "manager TakeOver");
}

typedef struct
{
  const char *policies;
  gboolean disabled;
  int code;
  const char *out;
} TakeOverRow;

static gboolean
answer_take_over (LiveBusManager *manager, GDBusMethodInvocation *invocation, gpointer user_data)
{
  const TakeOverRow *row = user_data;
  GVariant *policies = g_variant_new_parsed (row->policies);

  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(@a(sss)b)", policies, row->disabled));
  return TRUE;
}

static void
test_take_over_codes (LiveFixture *fixture, gconstpointer data)
{
  static const TakeOverRow rows[] = {
    { "[('work', 'full', 'applied')]", TRUE, 0, "work  full  applied" },
    { "[('work', 'full', 'waiting'), ('x', 'root', 'applied')]", TRUE, 5, "runs: applied when it shuts down" },
    { "[('work', 'full', 'waiting'), ('x', 'root', 'org.qubes.Live1.Error.NotSupported')]", FALSE, 1,
      "not done: x cannot do this" },
    { "[('x', 'root', 'org.example.Error.New')]", FALSE, 1, "not done: org.example.Error.New" },
    { "[('work', 'full', 'No\\u001b[2J')]", FALSE, 1, "goes on as it was" },
    { "[('work', 'full', 'applied')]", FALSE, 1, "goes on as it was" },
    { "@a(sss) []", FALSE, 1, "goes on as it was" },
  };
  LiveBusManager *manager = live_mock_service_get_manager (fixture->service);
  g_auto (LiveRun) refused = { 0 };

  set_unit (fixture, UNIT);
  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED, "No");
  refused = live_run_cli (fixture, "take-over --yes");
  g_assert_cmpint (refused.code, ==, 3);
  g_signal_handlers_disconnect_matched (manager, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, fixture->service);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gulong handler
          = g_signal_connect (manager, "handle-take-over", G_CALLBACK (answer_take_over), (gpointer) &rows[i]);
      g_auto (LiveRun) run = live_run_cli (fixture, "take-over --yes");

      g_assert_cmpint (run.code, ==, rows[i].code);
      live_assert_contains (run.out, rows[i].out);
      live_assert_lacks (run.out, "\033");
      g_signal_handler_disconnect (manager, handler);
    }
}

static void
test_status (LiveFixture *fixture, gconstpointer data)
{
  static const char *const expected[] = {
    "open-qube    customising, 8 minutes left",
    "guest-qube   keeps its files by its own clock, 1 minute left (not verified)",
    "killed-qube  killed-qube did not shut down by itself.",
    "killed-qube  1 disposable still has an older policy: disp1",
    "open-qube  Its kernel does not erase memory that is freed  What it writes to its files stays in its memory, up to "
    "1G",
  };
  const gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  const char *const old[] = { "disp1", NULL };
  LiveBusQube *open = live_mock_service_add_qube (fixture->service, "open-qube");
  LiveBusQube *guest = live_mock_service_add_qube (fixture->service, "guest-qube");
  LiveBusQube *killed = live_mock_service_add_qube (fixture->service, "killed-qube");
  g_auto (LiveRun) plain = { 0 };
  g_auto (LiveRun) text = { 0 };

  /* As little as before for whoever uses nothing of it. */
  plain = live_run_cli (fixture, "status");
  live_assert_lacks (plain.out, "Customization windows");
  live_assert_lacks (plain.out, "Memory");
  live_assert_lacks (plain.out, "Old disposables");

  live_bus_qube_set_state (open, "running");
  live_bus_qube_set_policy (open, "full");
  live_bus_qube_set_window_state (open, "open");
  live_bus_qube_set_window_deadline (open, now + 470);
  live_bus_qube_set_upper_layer (open, "ram");
  live_bus_qube_set_upper_layer_size (open, "1G");
  live_bus_qube_set_guest_window_deadline (guest, now + 60);
  live_bus_qube_set_window_outcome (killed, "killed");
  live_bus_qube_set_old_disposables (killed, old);
  text = live_run_cli (fixture, "status");
  g_assert_cmpint (text.code, ==, 0);
  live_assert_contains (text.out, "open-qube  Running  customising, 8 minutes left");
  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      /* A minute may be over meanwhile. */
      if (strstr (expected[i], "1 minute left") != NULL && strstr (text.out, "less than a minute left") != NULL)
        continue;
      live_assert_contains (text.out, expected[i]);
    }
}

static void
test_status_json (LiveFixture *fixture, gconstpointer data)
{
  const char *const old[] = { "disp1", NULL };
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");
  g_auto (LiveRun) run = { 0 };
  g_autoptr (JsonNode) root = NULL;
  JsonObject *qube = NULL, *window = NULL;

  live_bus_qube_set_window_state (work, "closing");
  live_bus_qube_set_window_deadline (work, -1);
  live_bus_qube_set_window_step (work, "not-shutting-down");
  live_bus_qube_set_window_outcome (work, "kept");
  live_bus_qube_set_window_refusal (work, "open");
  live_bus_qube_set_guest_window_deadline (work, 1234567890123);
  live_bus_qube_set_old_disposables (work, old);
  live_bus_qube_set_memory_hygiene (work, "built-in");
  live_bus_qube_set_upper_layer (work, "ram");
  live_bus_qube_set_upper_layer_size (work, "50%");
  run = live_run_cli (fixture, "status --json");
  g_assert_cmpint (run.code, ==, 0);
  root = json_from_string (run.out, NULL);
  g_assert_nonnull (root);
  qube = json_array_get_object_element (json_object_get_array_member (json_node_get_object (root), "qubes"), 0);
  window = json_object_get_object_member (qube, "window");
  g_assert_cmpstr (json_object_get_string_member (window, "state"), ==, "closing");
  g_assert_cmpint (json_object_get_int_member (window, "deadline"), ==, -1);
  g_assert_cmpstr (json_object_get_string_member (window, "step"), ==, "not-shutting-down");
  g_assert_cmpstr (json_object_get_string_member (window, "outcome"), ==, "kept");
  g_assert_cmpstr (json_object_get_string_member (window, "refusal"), ==, "open");
  g_assert_cmpint (json_object_get_int_member (window, "guest_deadline"), ==, 1234567890123);
  g_assert_cmpstr (json_array_get_string_element (json_object_get_array_member (qube, "old_disposables"), 0), ==,
                   "disp1");
  g_assert_cmpstr (json_object_get_string_member (qube, "memory_hygiene"), ==, "built-in");
  g_assert_cmpstr (json_object_get_string_member (qube, "upper_layer"), ==, "ram");
  g_assert_cmpstr (json_object_get_string_member (qube, "upper_layer_size"), ==, "50%");
}

static void
add_test (const char *path, void (*test) (LiveFixture *fixture, gconstpointer data))
{
  g_test_add (path, LiveFixture, NULL, live_fixture_set_up, test, live_fixture_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-window/usage", test_usage);
  add_test ("/cli-window/policy", test_policy);
  add_test ("/cli-window/open", test_open);
  add_test ("/cli-window/steps", test_steps);
  add_test ("/cli-window/refused", test_refused);
  add_test ("/cli-window/interrupted", test_interrupted);
  add_test ("/cli-window/extend", test_extend);
  add_test ("/cli-window/close", test_close);
  add_test ("/cli-window/not-shutting-down", test_not_shutting_down);
  add_test ("/cli-window/disposables-running", test_disposables_running);
  add_test ("/cli-window/no-window", test_no_window);
  add_test ("/cli-window/not-closed", test_not_closed);
  add_test ("/cli-window/not-open", test_not_open);
  add_test ("/cli-window/gone", test_gone);
  add_test ("/cli-window/settings", test_settings);
  add_test ("/cli-window/renew", test_renew);
  add_test ("/cli-window/bulk", test_bulk);
  add_test ("/cli-window/bulk-codes", test_bulk_codes);
  add_test ("/cli-window/question", test_question);
  add_test ("/cli-window/take-over", test_take_over);
  add_test ("/cli-window/take-over-codes", test_take_over_codes);
  add_test ("/cli-window/status", test_status);
  add_test ("/cli-window/status-json", test_status_json);
  return g_test_run ();
}
