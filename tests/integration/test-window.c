/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* Customization windows: the helper opens, watches and closes them, in every version of qubesd. Nobody waits for time:
 * the clock is moved. */

#include "window-fixture.h"

#include <string.h>

#include "model/error.h"

static const char *const version_42[] = { "--version", "4.2", NULL };
static const char *const version_43[] = { "--version", "4.3", NULL };
static const char *const version_44[] = { "--version", "4.4", NULL };
static const char *const lvm_43[] = { "--version", "4.3", "--lvm-thin", NULL };
static const char *const lvm_44[] = { "--version", "4.4", "--lvm-thin", NULL };

static void
open_fixture (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_helper_fixture_open (fixture, dom0);
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "full"));
}

static void
close_fixture (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_helper_fixture_close (fixture);
}

static GVariant *
seconds (gint64 count)
{
  return g_variant_new ("(x)", count);
}

static GVariant *
kill_it (gboolean kill)
{
  return g_variant_new ("(b)", kill);
}

static void
assert_in_changes (LiveHelperFixture *fixture, const char *change, gboolean expected)
{
  g_autofree char *changes = live_test_bed_control (fixture->bed, "changes");

  if ((strstr (changes, change) != NULL) != expected)
    g_error ("%s is %s \"%s\"", change, expected ? "not in" : "in", changes);
}

static void
test_life (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_assert_qube (fixture, "app1", "WindowRefusal", "");
  live_window_open (fixture, "app1", 600);
  live_window_assert_open (fixture, "app1");
  live_window_assert_left (fixture, "app1", 600);
  /* The end comes, and the qube goes. */
  live_test_bed_advance (fixture->bed, 590, 0);
  live_window_assert_open (fixture, "app1");
  live_test_bed_advance (fixture->bed, 11, 0);
  live_helper_fixture_wait_control (fixture, "state app1", "Halted");
  live_window_assert_closed (fixture, "app1", "kept");
  live_assert_qube (fixture, "app1", "WindowRefusal", "");
  live_assert_control (fixture, "", "notes");
  /* And again. */
  live_window_open (fixture, "app1", 60);
  live_assert_qube (fixture, "app1", "WindowOutcome", "");
  live_window_assert_open (fixture, "app1");
  live_window_do (fixture, "app1", "CloseWindow", kill_it (FALSE));
  live_window_assert_closed (fixture, "app1", "kept");
  live_assert_control (fixture, "", "notes");
}

/* ---- How long. ---- */

static void
test_extend (LiveHelperFixture *fixture, gconstpointer dom0)
{
  LiveWindowCall *calls[2] = { NULL };

  live_window_open (fixture, "app1", 60);
  live_test_bed_advance (fixture->bed, 50, 0);
  live_window_do (fixture, "app1", "ExtendWindow", seconds (60));
  live_window_assert_open (fixture, "app1");
  live_window_assert_left (fixture, "app1", 70);
  /* Two at once both count. */
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    calls[i] = live_window_begin (fixture, "app1", "ExtendWindow", seconds (100));
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    g_assert_no_error (live_window_end (calls[i]));
  live_window_assert_open (fixture, "app1");
  live_window_assert_left (fixture, "app1", 270);
  /* It goes on past the first end, to the new one. */
  live_test_bed_advance (fixture->bed, 240, 0);
  live_window_assert_open (fixture, "app1");
  /* No window is longer than a day. */
  live_window_do (fixture, "app1", "ExtendWindow", seconds (86400));
  live_window_assert_left (fixture, "app1", 86400);
  live_window_do (fixture, "app1", "ExtendWindow", seconds (86400));
  live_window_assert_left (fixture, "app1", 86400);
  live_window_assert_open (fixture, "app1");
  live_test_bed_advance (fixture->bed, 86401, 0);
  live_window_assert_closed (fixture, "app1", "kept");
}

/* What is not open cannot be extended. */
static void
test_extend_refused (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_window_control (fixture, "reset-changes");
  live_window_refused (fixture, "app1", "ExtendWindow", seconds (60), LIVE_ERROR_NOT_FOUND, "no customization window");
  live_window_refused (fixture, "app1", "CloseWindow", kill_it (FALSE), LIVE_ERROR_NOT_FOUND,
                       "no customization window");
  live_window_refused (fixture, "app1", "CloseWindow", kill_it (TRUE), LIVE_ERROR_NOT_FOUND, "no customization window");
  live_assert_control (fixture, "", "changes");
  live_window_open (fixture, "app1", -1);
  live_window_control (fixture, "reset-changes");
  live_window_refused (fixture, "app1", "ExtendWindow", seconds (60), LIVE_ERROR_INVALID_ARGUMENT,
                       "until it is closed");
  live_assert_control (fixture, "", "changes");
  live_window_assert_open (fixture, "app1");

  /* It is closing. */
  live_window_control (fixture, "hang-shutdown app1");
  live_window_do (fixture, "app1", "CloseWindow", kill_it (TRUE));
  live_window_assert_closed (fixture, "app1", "killed");
  live_window_open (fixture, "app1", 60);
  live_window_control (fixture, "hang-shutdown app1");
  /* Asked in the same moment in which its time is over, before anything has happened. */
  live_test_bed_advance (fixture->bed, 3600, 0);
  live_window_refused (fixture, "app1", "ExtendWindow", seconds (60), LIVE_ERROR_BUSY, "app1");
  live_helper_fixture_wait (fixture, "app1", "WindowStep", "shutdown");
  live_window_refused (fixture, "app1", "ExtendWindow", seconds (86400), LIVE_ERROR_BUSY, "closing");
}

static void
test_until_closed (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_window_open (fixture, "app1", -1);
  live_window_assert_open (fixture, "app1");
  live_assert_qube (fixture, "app1", "WindowDeadline", "-1");
  live_test_bed_advance (fixture->bed, 10000000, 0);
  live_test_bed_advance (fixture->bed, 0, -5000000);
  live_window_assert_open (fixture, "app1");
  live_window_do (fixture, "app1", "CloseWindow", kill_it (FALSE));
  live_window_assert_closed (fixture, "app1", "kept");
}

static void
test_lengths (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const gint64 lengths[]
      = { 0, 1, 59, 86401, 1000000000, -2, -60, G_MININT64, G_MAXINT64, G_MAXINT64 - 1, (gint64) G_MAXINT32 + 61 };

  live_window_control (fixture, "reset-changes");
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    live_window_refused (fixture, "app1", "OpenWindow", seconds (lengths[i]), LIVE_ERROR_INVALID_ARGUMENT,
                         "60 to 86400");
  live_assert_control (fixture, "", "changes");
  live_assert_qube (fixture, "app1", "WindowState", "closed");

  live_window_open (fixture, "app1", 86400);
  live_window_assert_left (fixture, "app1", 86400);
  live_window_control (fixture, "reset-changes");
  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    live_window_refused (fixture, "app1", "ExtendWindow", seconds (lengths[i]), LIVE_ERROR_INVALID_ARGUMENT,
                         "60 to 86400");
  live_window_refused (fixture, "app1", "ExtendWindow", seconds (-1), LIVE_ERROR_INVALID_ARGUMENT, "60 to 86400");
  live_assert_control (fixture, "", "changes");
  live_window_assert_left (fixture, "app1", 86400);
}

/* Its length counts from when the qube runs. */
static void
test_slow_start (LiveHelperFixture *fixture, gconstpointer dom0)
{
  LiveWindowCall *call = NULL;

  live_window_control (fixture, "mode start-delay 1500");
  call = live_window_begin (fixture, "app1", "OpenWindow", seconds (60));
  live_helper_fixture_wait (fixture, "app1", "WindowStep", "start");
  live_assert_qube (fixture, "app1", "WindowState", "opening");
  live_helper_fixture_wait_control (fixture, "state app1", "Transient");
  /* Longer than the whole window. */
  live_test_bed_advance (fixture->bed, 300, 0);
  live_assert_qube (fixture, "app1", "WindowState", "opening");
  live_window_refused (fixture, "app1", "CloseWindow", kill_it (TRUE), LIVE_ERROR_BUSY, "being opened");
  live_window_refused (fixture, "app1", "ExtendWindow", seconds (60), LIVE_ERROR_BUSY, "opening");
  g_assert_false (live_window_is_answered (call));
  g_assert_no_error (live_window_end (call));
  live_window_assert_open (fixture, "app1");
  live_window_assert_left (fixture, "app1", 60);
  live_test_bed_advance (fixture->bed, 61, 0);
  live_window_assert_closed (fixture, "app1", "kept");
}

/* Two who open it at once: one of them does. */
static void
test_two_openers (LiveHelperFixture *fixture, gconstpointer dom0)
{
  LiveWindowCall *first = live_window_begin (fixture, "app1", "OpenWindow", seconds (600));
  LiveWindowCall *second = live_window_begin (fixture, "app1", "OpenWindow", seconds (60));
  g_autoptr (GError) error = NULL;

  g_assert_no_error (live_window_end (first));
  error = live_window_end (second);
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_BUSY);
  live_window_assert_open (fixture, "app1");
  live_window_assert_left (fixture, "app1", 600);
}

/* ---- How it ends. ---- */

static void
test_close (LiveHelperFixture *fixture, gconstpointer dom0)
{
  /* Asked. */
  live_window_open (fixture, "app1", 600);
  live_window_control (fixture, "reset-changes");
  live_window_do (fixture, "app1", "CloseWindow", kill_it (FALSE));
  live_assert_control (fixture, "Halted", "state app1");
  live_window_assert_closed (fixture, "app1", "kept");
  assert_in_changes (fixture, "admin.vm.Shutdown@app1", TRUE);
  assert_in_changes (fixture, "admin.vm.Kill", FALSE);
  /* Ended. */
  live_window_open (fixture, "app1", 600);
  live_window_control (fixture, "reset-changes");
  live_window_do (fixture, "app1", "CloseWindow", kill_it (TRUE));
  live_assert_control (fixture, "Halted", "state app1");
  live_window_assert_closed (fixture, "app1", "killed");
  assert_in_changes (fixture, "admin.vm.Shutdown", FALSE);
  assert_in_changes (fixture, "admin.vm.Kill@app1", TRUE);
  /* By itself, or by somebody else; long before its end. */
  live_window_open (fixture, "app1", 600);
  live_window_control (fixture, "reset-changes");
  live_window_control (fixture, "shutdown app1");
  live_window_assert_closed (fixture, "app1", "kept");
  live_window_open (fixture, "app1", -1);
  live_window_control (fixture, "kill app1");
  live_window_assert_closed (fixture, "app1", "kept");
  assert_in_changes (fixture, "admin.vm.Shutdown", FALSE);
  assert_in_changes (fixture, "admin.vm.Kill", FALSE);
  /* By the person, through us. */
  live_window_open (fixture, "app1", 600);
  live_window_do (fixture, "app1", "Shutdown", NULL);
  live_window_assert_closed (fixture, "app1", "kept");
}

/* Everybody who asks is answered, and the qube is asked once. */
static void
test_many_closers (LiveHelperFixture *fixture, gconstpointer dom0)
{
  LiveWindowCall *calls[5] = { NULL };

  live_window_control (fixture, "mode shutdown-delay 300");
  live_window_open (fixture, "app1", 600);
  live_window_control (fixture, "reset-counts");
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    calls[i] = live_window_begin (fixture, "app1", "CloseWindow", kill_it (FALSE));
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    g_assert_no_error (live_window_end (calls[i]));
  live_window_assert_closed (fixture, "app1", "kept");
  live_assert_control (fixture, "1", "count admin.vm.Shutdown");
}

/* It does not shut down: nobody ends it who was not told to. */
static void
test_hangs (LiveHelperFixture *fixture, gconstpointer dom0)
{
  LiveWindowCall *call = NULL;
  g_autoptr (GError) error = NULL;

  live_window_open (fixture, "app1", 60);
  live_window_control (fixture, "hang-shutdown app1");
  live_window_control (fixture, "reset-changes");
  live_window_control (fixture, "reset-counts");
  live_test_bed_advance (fixture->bed, 61, 0);
  live_helper_fixture_wait (fixture, "app1", "WindowStep", "shutdown");
  live_assert_qube (fixture, "app1", "WindowState", "closing");
  live_helper_fixture_wait_control (fixture, "count admin.vm.Shutdown", "1");
  /* Who closes it now hears when its time is over, and not sooner. */
  call = live_window_begin (fixture, "app1", "CloseWindow", kill_it (FALSE));
  live_test_bed_advance (fixture->bed, 50, 0);
  live_assert_qube (fixture, "app1", "WindowStep", "shutdown");
  g_assert_false (live_window_is_answered (call));
  live_test_bed_advance (fixture->bed, 11, 0);
  live_helper_fixture_wait (fixture, "app1", "WindowStep", "not-shutting-down");
  error = live_window_end (call);
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_BUSY);
  g_assert_nonnull (strstr (error->message, "does not shut down"));
  live_assert_qube (fixture, "app1", "WindowState", "closing");

  /* And so it stays, however long that is. */
  live_test_bed_advance (fixture->bed, 100000, 0);
  live_assert_qube (fixture, "app1", "WindowStep", "not-shutting-down");
  live_assert_control (fixture, "Running", "state app1");
  assert_in_changes (fixture, "admin.vm.Kill", FALSE);
  live_assert_control (fixture, "True", "rw app1 private");
  live_assert_control (fixture, "True", "has-feature app1 live.window");

  /* Asked again, it has its time again. */
  live_window_control (fixture, "reset-counts");
  call = live_window_begin (fixture, "app1", "CloseWindow", kill_it (FALSE));
  live_helper_fixture_wait (fixture, "app1", "WindowStep", "shutdown");
  live_helper_fixture_wait_control (fixture, "count admin.vm.Shutdown", "1");
  live_test_bed_advance (fixture->bed, 61, 0);
  g_clear_error (&error);
  error = live_window_end (call);
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_BUSY);
  live_assert_qube (fixture, "app1", "WindowStep", "not-shutting-down");

  /* It shuts down after all. */
  live_window_control (fixture, "hang-shutdown app1 False");
  live_window_control (fixture, "shutdown app1");
  live_window_assert_closed (fixture, "app1", "kept");
  assert_in_changes (fixture, "admin.vm.Kill", FALSE);
}

static void
test_hangs_and_is_killed (LiveHelperFixture *fixture, gconstpointer dom0)
{
  LiveWindowCall *call = NULL;

  live_window_open (fixture, "app1", -1);
  live_window_control (fixture, "hang-shutdown app1");
  /* While it has time. */
  call = live_window_begin (fixture, "app1", "CloseWindow", kill_it (FALSE));
  live_helper_fixture_wait (fixture, "app1", "WindowStep", "shutdown");
  live_window_do (fixture, "app1", "CloseWindow", kill_it (TRUE));
  g_assert_no_error (live_window_end (call));
  live_window_assert_closed (fixture, "app1", "killed");
  /* When it has none any more. */
  live_window_open (fixture, "app1", 60);
  live_window_control (fixture, "hang-shutdown app1");
  live_test_bed_advance (fixture->bed, 61, 0);
  live_helper_fixture_wait (fixture, "app1", "WindowStep", "shutdown");
  live_test_bed_advance (fixture->bed, 61, 0);
  live_helper_fixture_wait (fixture, "app1", "WindowStep", "not-shutting-down");
  live_window_do (fixture, "app1", "CloseWindow", kill_it (TRUE));
  live_window_assert_closed (fixture, "app1", "killed");
}

/* ---- The clock. ---- */

/* Waits until a property is not @before any more. */
static void
wait_for_news (LiveHelperFixture *fixture, const char *qube, const char *property, const char *before)
{
  gint64 end = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;
  g_autofree char *is = NULL;

  do
    {
      g_free (is);
      is = live_helper_fixture_text (fixture, qube, property);
      g_assert_cmpint (g_get_monotonic_time (), <, end);
    }
  while (g_str_equal (is, before));
}

static void
test_clock_set (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const gint64 steps[] = { -3600, 3600, 90000, -200000 };
  gint64 left = 1200;

  live_window_open (fixture, "app1", left);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autofree char *before = live_helper_fixture_text (fixture, "app1", "WindowDeadline");
      g_autofree char *deadline = NULL;

      live_test_bed_advance (fixture->bed, 0, steps[i]);
      wait_for_news (fixture, "app1", "WindowDeadline", before);
      /* It lasts as long as was said, and that is what is shown and written. */
      live_window_assert_left (fixture, "app1", left);
      deadline = live_helper_fixture_text (fixture, "app1", "WindowDeadline");
      live_helper_fixture_wait_control (fixture, "get-feature app1 live.window", deadline);
      live_window_assert_open (fixture, "app1");
      live_test_bed_advance (fixture->bed, 200, 0);
      left -= 200;
      live_window_assert_left (fixture, "app1", left);
    }
  live_test_bed_advance (fixture->bed, left - 10, 0);
  live_window_assert_open (fixture, "app1");
  live_test_bed_advance (fixture->bed, 11, 0);
  live_window_assert_closed (fixture, "app1", "kept");
}

/* The machine slept past the end. */
static void
test_sleep (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_window_open (fixture, "app1", 600);
  live_window_control (fixture, "reset-changes");
  live_test_bed_advance (fixture->bed, 30000, 0);
  live_window_assert_closed (fixture, "app1", "kept");
  assert_in_changes (fixture, "admin.vm.Kill", FALSE);
}

/* ---- Which qubes. ---- */

static void
test_classes (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const char *const qubes[] = { "standalone1", "debian-12-dvm" };

  for (guint i = 0; i < G_N_ELEMENTS (qubes); i++)
    {
      g_assert_true (live_helper_fixture_set_policy (fixture, qubes[i], "full"));
      live_window_open (fixture, qubes[i], 60);
      live_window_assert_open (fixture, qubes[i]);
      live_test_bed_advance (fixture->bed, 61, 0);
      live_window_assert_closed (fixture, qubes[i], "kept");
      live_assert_control (fixture, "", "notes");
    }
}

static void
test_refused (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const struct
  {
    const char *qube;
    int code;
    const char *refusal;
    const char *part;
  } table[] = {
    { "debian-12", LIVE_ERROR_CONFLICT, "policy", "policy is not" },
    { "app2", LIVE_ERROR_CONFLICT, "policy", "policy is not" },
    { "app3", LIVE_ERROR_CONFLICT, "policy", "policy is not" },
    { "app4", LIVE_ERROR_NOT_HALTED, "running", "app4 is running" },
    { "app5", LIVE_ERROR_NOT_HALTED, "running", "app5 is running" },
    { "disp-named", LIVE_ERROR_NOT_SUPPORTED, "disposable", "disposable template" },
  };

  g_assert_true (live_helper_fixture_set_policy (fixture, "app3", "root"));
  g_assert_true (live_helper_fixture_set_policy (fixture, "app4", "full"));
  live_window_control (fixture, "start app4");
  live_helper_fixture_wait (fixture, "app4", "State", "running");
  /* Its policy waits, and so does it. */
  live_window_control (fixture, "start app5");
  live_helper_fixture_wait (fixture, "app5", "State", "running");
  g_assert_false (live_helper_fixture_set_policy (fixture, "app5", "full"));
  g_assert_true (live_helper_fixture_set_policy (fixture, "disp-named", "full"));

  live_window_control (fixture, "reset-changes");
  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_test_message ("%s", table[i].qube);
      live_assert_qube (fixture, table[i].qube, "WindowRefusal", table[i].refusal);
      live_window_refused (fixture, table[i].qube, "OpenWindow", seconds (60), table[i].code, table[i].part);
      live_window_refused (fixture, table[i].qube, "CloseWindow", kill_it (TRUE), LIVE_ERROR_NOT_FOUND, "no custom");
      live_assert_qube (fixture, table[i].qube, "WindowState", "closed");
      live_assert_qube (fixture, table[i].qube, "WindowOutcome", "");
    }
  live_assert_control (fixture, "", "changes");
  live_assert_control (fixture, "Running", "state app4");
}

static void
test_two_windows (LiveHelperFixture *fixture, gconstpointer dom0)
{
  LiveWindowCall *calls[2] = { NULL };

  g_assert_true (live_helper_fixture_set_policy (fixture, "app2", "full"));
  calls[0] = live_window_begin (fixture, "app1", "OpenWindow", seconds (600));
  calls[1] = live_window_begin (fixture, "app2", "OpenWindow", seconds (1200));
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    g_assert_no_error (live_window_end (calls[i]));
  live_window_assert_open (fixture, "app1");
  live_window_assert_open (fixture, "app2");
  live_test_bed_advance (fixture->bed, 601, 0);
  live_window_assert_closed (fixture, "app1", "kept");
  live_window_assert_open (fixture, "app2");
  live_window_assert_left (fixture, "app2", 599);
  live_window_open (fixture, "app1", 3600);
  live_window_do (fixture, "app2", "CloseWindow", kill_it (TRUE));
  live_window_assert_closed (fixture, "app2", "killed");
  live_window_assert_open (fixture, "app1");
}

/* ---- Who. ---- */

static void
test_not_authorized (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autoptr (GDBusConnection) user = live_test_bed_connect (fixture->bed, LIVE_TEST_USER_UID);
  GDBusConnection *root = fixture->bus;

  g_assert_true (live_helper_fixture_set_policy (fixture, "app2", "full"));
  live_test_bed_set_polkit_rules (fixture->bed, "polkit.addRule (function (action, subject) {"
                                                "  if (action.id == 'org.qubes.Live1.open-window')"
                                                "    return action.lookup ('qube') == 'app2' ? polkit.Result.YES"
                                                "                                            : polkit.Result.NO; });");
  live_window_open (fixture, "app1", 600);
  live_window_control (fixture, "reset-changes");
  fixture->bus = user;
  live_window_refused (fixture, "app1", "ExtendWindow", seconds (60), LIVE_ERROR_NOT_AUTHORIZED, "");
  live_window_refused (fixture, "app1", "CloseWindow", kill_it (FALSE), LIVE_ERROR_NOT_AUTHORIZED, "");
  live_window_refused (fixture, "app1", "CloseWindow", kill_it (TRUE), LIVE_ERROR_NOT_AUTHORIZED, "");
  live_window_assert_open (fixture, "app1");
  live_assert_control (fixture, "", "changes");
  fixture->bus = root;
  live_window_do (fixture, "app1", "CloseWindow", kill_it (FALSE));
  live_window_control (fixture, "reset-changes");
  fixture->bus = user;
  live_window_refused (fixture, "app1", "OpenWindow", seconds (600), LIVE_ERROR_NOT_AUTHORIZED, "");
  /* Who may not is not told more than that. */
  live_window_refused (fixture, "app1", "OpenWindow", seconds (0), LIVE_ERROR_NOT_AUTHORIZED, "");
  live_assert_control (fixture, "", "changes");
  /* The rule decides by the qube. */
  live_window_open (fixture, "app2", 600);
  live_window_do (fixture, "app2", "ExtendWindow", seconds (60));
  live_window_do (fixture, "app2", "CloseWindow", kill_it (TRUE));
  live_window_assert_closed (fixture, "app2", "killed");
  fixture->bus = root;
}

#define ADD(path, dom0, function)                                                                                      \
  g_test_add ("/window/" path, LiveHelperFixture, dom0, open_fixture, function, close_fixture)

int
main (int argc, char **argv)
{
  gboolean root = live_test_bed_init ();

  g_test_init (&argc, &argv, NULL);
  if (!root)
    {
      g_print ("1..0 # SKIP the test bed needs root\n");
      return 0;
    }
  ADD ("life/4.2", version_42, test_life);
  ADD ("life/4.3", version_43, test_life);
  ADD ("life/4.4", version_44, test_life);
  ADD ("life/lvm/4.3", lvm_43, test_life);
  ADD ("life/lvm/4.4", lvm_44, test_life);
  ADD ("extend", version_43, test_extend);
  ADD ("extend-refused", version_43, test_extend_refused);
  ADD ("until-closed", version_43, test_until_closed);
  ADD ("lengths", version_43, test_lengths);
  ADD ("slow-start/4.2", version_42, test_slow_start);
  ADD ("slow-start/lvm/4.4", lvm_44, test_slow_start);
  ADD ("two-openers", version_43, test_two_openers);
  ADD ("close/4.2", version_42, test_close);
  ADD ("close/lvm/4.3", lvm_43, test_close);
  ADD ("close/4.4", version_44, test_close);
  ADD ("many-closers", version_43, test_many_closers);
  ADD ("hangs/4.2", version_42, test_hangs);
  ADD ("hangs/lvm/4.3", lvm_43, test_hangs);
  ADD ("hangs-and-is-killed/lvm/4.4", lvm_44, test_hangs_and_is_killed);
  ADD ("clock-set", version_43, test_clock_set);
  ADD ("sleep", version_43, test_sleep);
  ADD ("classes/4.2", version_42, test_classes);
  ADD ("classes/lvm/4.3", lvm_43, test_classes);
  ADD ("refused", version_43, test_refused);
  ADD ("two-windows", version_43, test_two_windows);
  ADD ("not-authorized", version_43, test_not_authorized);
  return g_test_run ();
}
