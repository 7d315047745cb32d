/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* What goes wrong with customization windows: qubesd that fails or goes away, and qubes that vanish. */

#include "window-fixture.h"

#include <string.h>

#include "model/error.h"
#include "model/reason.h"

static const char *const version_42[] = { "--version", "4.2", NULL };
static const char *const version_43[] = { "--version", "4.3", NULL };
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

/* Volumes and features of a qube, as qubesd has them. */
static char *
describe (LiveHelperFixture *fixture, const char *qube)
{
  static const char *const features[]
      = { "live.policy",         "live.saved",           "live.window",       "live.preload-held",
          "service.live-window", "service.ephemeral-rw", "preload-dispvm-max" };
  static const char *const volumes[] = { "root", "private" };
  g_autofree char *ephemeral = live_test_bed_control (fixture->bed, "ephemeral %s", qube);
  GString *text = g_string_new (ephemeral);

  for (guint i = 0; i < G_N_ELEMENTS (volumes); i++)
    {
      g_autofree char *rw = live_test_bed_control (fixture->bed, "rw %s %s", qube, volumes[i]);
      g_autofree char *revisions = live_test_bed_control (fixture->bed, "revisions %s %s", qube, volumes[i]);

      g_string_append_printf (text, " %s:%s,%s", volumes[i], rw, revisions);
    }
  for (guint i = 0; i < G_N_ELEMENTS (features); i++)
    {
      g_autofree char *is = live_test_bed_control (fixture->bed, "has-feature %s %s", qube, features[i]);

      if (g_str_equal (is, "True"))
        {
          g_autofree char *value = live_test_bed_control (fixture->bed, "get-feature %s %s", qube, features[i]);

          g_string_append_printf (text, " %s=%s", features[i], value);
        }
    }
  return g_string_free (text, FALSE);
}

static void
assert_same (LiveHelperFixture *fixture, const char *qube, const char *before)
{
  g_autofree char *after = describe (fixture, qube);

  g_assert_cmpstr (after, ==, before);
}

/* Runs and halts once more: qubesd has nothing to complain about. */
static void
use (LiveHelperFixture *fixture, const char *qube)
{
  live_window_control (fixture, "start %s", qube);
  live_helper_fixture_wait (fixture, qube, "State", "running");
  live_window_control (fixture, "shutdown %s", qube);
  live_helper_fixture_wait (fixture, qube, "State", "halted");
  live_assert_control (fixture, "", "notes");
}

/* ---- It cannot be opened. ---- */

static void
test_cannot_open (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const struct
  {
    const char *trouble;
    const char *cure;
    int code;
    const char *part; /* of the message */
  } table[] = {
    { "missing-volume app1 private True", "missing-volume app1 private False", LIVE_ERROR_QUBESD_ERROR, "app1" },
    { "fail-start app1", "clear-faults", LIVE_ERROR_QUBESD_ERROR, "app1" },
    { "fault admin.vm.Start@app1 empty x100", "clear-faults", LIVE_ERROR_PROTOCOL, "app1" },
    { "fault admin.vm.Start@app1 error QubesMemoryError not enough memory x100", "clear-faults", LIVE_ERROR_NO_MEMORY,
      "not enough memory" },
    { "fault admin.vm.volume.Set.rw+private error QubesException no room x100", "clear-faults", LIVE_ERROR_QUBESD_ERROR,
      "private-writable: QubesException: no room" },
    { "fault admin.vm.volume.Set.rw+private empty x1", "clear-faults", LIVE_ERROR_PROTOCOL, "private-writable" },
    { "fault admin.vm.volume.Set.rw+private unsaved x1", "clear-faults", LIVE_ERROR_PROTOCOL, "private-writable" },
    { "fault admin.vm.feature.Set+live.window error QubesException no room x100", "clear-faults",
      LIVE_ERROR_QUBESD_ERROR, "live.window: QubesException: no room" },
    { "fault admin.vm.feature.Set+live.window empty x100", "clear-faults", LIVE_ERROR_PROTOCOL, "live.window" },
    { "fault admin.vm.feature.Set+live.window unsaved x100", "clear-faults", LIVE_ERROR_PROTOCOL, "live.window" },
    { "fault admin.vm.feature.Set+service.live-window error QubesException no room x100", "clear-faults",
      LIVE_ERROR_QUBESD_ERROR, "service.live-window: QubesException: no room" },
    { "fault admin.vm.feature.Set+service.live-window unsaved x100", "clear-faults", LIVE_ERROR_PROTOCOL,
      "service.live-window" },
  };
  g_autofree char *before = describe (fixture, "app1");

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_test_message ("%s", table[i].trouble);
      live_window_control (fixture, "%s", table[i].trouble);
      live_window_refused (fixture, "app1", "OpenWindow", seconds (600), table[i].code, table[i].part);
      live_window_assert_closed (fixture, "app1", "failed");
      assert_same (fixture, "app1", before);
      live_assert_qube (fixture, "app1", "Pending", "[]");
      live_assert_control (fixture, "Halted", "state app1");
      live_window_control (fixture, "%s", table[i].cure);
      live_assert_qube (fixture, "app1", "WindowRefusal", "");
    }
  /* And after all that it works. */
  live_window_open (fixture, "app1", 600);
  live_window_assert_open (fixture, "app1");
  live_window_do (fixture, "app1", "CloseWindow", kill_it (FALSE));
  live_window_assert_closed (fixture, "app1", "kept");
  assert_same (fixture, "app1", before);
  use (fixture, "app1");
}

/* Nobody knows whether it was started: it was. The caller hears of the trouble, and the window is what it is. */
static void
test_start_not_answered (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_window_control (fixture, "fault admin.vm.Start@app1 cut 1");
  live_window_refused (fixture, "app1", "OpenWindow", seconds (600), LIVE_ERROR_PROTOCOL, "app1");
  live_window_assert_open (fixture, "app1");
  live_window_control (fixture, "clear-faults");
  live_window_do (fixture, "app1", "ExtendWindow", seconds (60));
  live_window_do (fixture, "app1", "CloseWindow", kill_it (FALSE));
  live_window_assert_closed (fixture, "app1", "kept");
}

/* Neither the start nor what became of it is answered: qubesd has gone, and whoever asked does not have to wait for it
 * to come back. */
static void
test_gone_while_opening (LiveHelperFixture *fixture, gconstpointer dom0)
{
  LiveWindowCall *call = NULL;
  g_autoptr (GError) error = NULL;

  live_window_control (fixture, "delay admin.vm.Start 5000");
  call = live_window_begin (fixture, "app1", "OpenWindow", seconds (600));
  live_helper_fixture_wait_control (fixture, "state app1", "Running");
  live_window_control (fixture, "stop");
  error = live_window_end (call);
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL);
  live_window_control (fixture, "clear-faults");
  live_window_control (fixture, "listen");
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "true");
  live_helper_fixture_wait (fixture, "app1", "WindowState", "open");
  live_window_assert_open (fixture, "app1");
  live_window_do (fixture, "app1", "CloseWindow", kill_it (FALSE));
  live_window_assert_closed (fixture, "app1", "kept");

  /* And if it was halted by then. */
  live_window_control (fixture, "delay admin.vm.Start 5000");
  call = live_window_begin (fixture, "app1", "OpenWindow", seconds (600));
  live_helper_fixture_wait_control (fixture, "state app1", "Running");
  live_window_control (fixture, "stop");
  g_clear_error (&error);
  error = live_window_end (call);
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL);
  live_window_control (fixture, "kill app1");
  live_window_control (fixture, "clear-faults");
  live_window_control (fixture, "listen");
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "true");
  live_helper_fixture_wait (fixture, "app1", "WindowState", "closed");
  live_assert_control (fixture, "False", "rw app1 private");
}

/* It halts while it starts. */
static void
test_halts_while_opening (LiveHelperFixture *fixture, gconstpointer dom0)
{
  LiveWindowCall *call = NULL;
  g_autoptr (GError) error = NULL;

  live_window_control (fixture, "mode start-delay 20000");
  call = live_window_begin (fixture, "app1", "OpenWindow", seconds (600));
  live_helper_fixture_wait_control (fixture, "state app1", "Transient");
  live_window_control (fixture, "kill app1");
  error = live_window_end (call);
  g_assert_nonnull (error);
  live_window_assert_closed (fixture, "app1", "failed");
}

/* ---- It cannot be closed, or extended. ---- */

static void
wait_for_reason (LiveHelperFixture *fixture, const char *qube, const char *code)
{
  gint64 end = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;

  while (!live_helper_fixture_has_reason (fixture, qube, code))
    g_assert_cmpint (g_get_monotonic_time (), <, end);
}

static void
test_cannot_close (LiveHelperFixture *fixture, gconstpointer dom0)
{
  LiveWindowCall *call = NULL;
  g_autoptr (GError) error = NULL;

  live_window_open (fixture, "app1", 600);
  live_window_control (fixture, "fault admin.vm.volume.Set.rw+private error QubesException no room x100");
  call = live_window_begin (fixture, "app1", "CloseWindow", kill_it (FALSE));
  error = live_window_end (call);
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_QUBESD_ERROR);
  g_assert_nonnull (strstr (error->message, "no room"));
  live_assert_qube (fixture, "app1", "WindowState", "closing");
  live_assert_qube (fixture, "app1", "WindowStep", "private-read-only");
  live_assert_qube (fixture, "app1", "Pending", "['private-read-only']");
  live_assert_control (fixture, "True", "has-feature app1 live.window");
  live_window_refused (fixture, "app1", "OpenWindow", seconds (600), LIVE_ERROR_CONFLICT, "");
  live_window_refused (fixture, "app1", "ExtendWindow", seconds (600), LIVE_ERROR_BUSY, "closing");
  /* It is tried again, not all the time and not never. */
  live_window_control (fixture, "reset-counts");
  live_test_bed_advance (fixture->bed, 20, 0);
  live_assert_qube (fixture, "app1", "WindowState", "closing");
  live_assert_control (fixture, "0", "count admin.vm.volume.Set.rw");
  for (guint i = 1; i < 4; i++)
    {
      g_autofree char *count = g_strdup_printf ("%u", i);

      live_test_bed_advance (fixture->bed, 31, 0);
      live_helper_fixture_wait_control (fixture, "count admin.vm.volume.Set.rw", count);
      wait_for_reason (fixture, "app1", LIVE_REASON_APPLY_FAILED);
    }
  live_window_control (fixture, "clear-faults");
  live_test_bed_advance (fixture->bed, 31, 0);
  live_window_assert_closed (fixture, "app1", "kept");
}

/* Who asks while it cannot be closed is told, too, and it is tried at once. */
static void
test_close_again (LiveHelperFixture *fixture, gconstpointer dom0)
{
  gint64 begun = 0;

  live_window_open (fixture, "app1", 600);
  live_window_control (fixture, "fault admin.vm.volume.Set.rw+private error QubesException no room x100");
  live_window_control (fixture, "shutdown app1");
  live_helper_fixture_wait (fixture, "app1", "WindowStep", "private-read-only");
  live_window_refused (fixture, "app1", "CloseWindow", kill_it (FALSE), LIVE_ERROR_QUBESD_ERROR, "no room");
  live_window_refused (fixture, "app1", "CloseWindow", kill_it (TRUE), LIVE_ERROR_QUBESD_ERROR, "no room");
  live_window_control (fixture, "clear-faults");
  begun = g_get_monotonic_time ();
  live_window_do (fixture, "app1", "CloseWindow", kill_it (FALSE));
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 15 * G_TIME_SPAN_SECOND); /* not when it is tried anyway */
  live_window_assert_closed (fixture, "app1", "kept");
}

/* Removing what was written down fails: the private volume is read-only already. */
static void
test_cannot_tidy (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const char *const faults[] = {
    "fault admin.vm.feature.Remove+live.window error QubesException no room x100",
    "fault admin.vm.feature.Remove+service.live-window error QubesException no room x100",
  };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      live_window_open (fixture, "app1", 600);
      live_window_control (fixture, "%s", faults[i]);
      live_window_refused (fixture, "app1", "CloseWindow", kill_it (FALSE), LIVE_ERROR_QUBESD_ERROR, "no room");
      live_assert_control (fixture, "False", "rw app1 private");
      live_assert_control (fixture, "True", "has-feature app1 live.window");
      live_assert_qube (fixture, "app1", "WindowStep", "tidy");
      live_window_control (fixture, "clear-faults");
      live_test_bed_advance (fixture->bed, 31, 0);
      live_window_assert_closed (fixture, "app1", "kept");
    }
}

static void
test_cannot_extend (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_window_open (fixture, "app1", 600);
  live_window_control (fixture, "fault admin.vm.feature.Set+live.window error QubesException no room x100");
  live_window_refused (fixture, "app1", "ExtendWindow", seconds (3600), LIVE_ERROR_QUBESD_ERROR, "no room");
  live_window_assert_left (fixture, "app1", 600);
  live_window_assert_open (fixture, "app1");
  live_window_control (fixture, "clear-faults");
  live_window_control (fixture, "fault admin.vm.feature.Set+live.window unsaved x1");
  live_window_refused (fixture, "app1", "ExtendWindow", seconds (100), LIVE_ERROR_PROTOCOL, "");
  /* That is what qubesd has, whatever is on its disk. */
  live_window_assert_left (fixture, "app1", 700);
  live_window_assert_open (fixture, "app1");
  live_test_bed_advance (fixture->bed, 701, 0);
  live_window_assert_closed (fixture, "app1", "kept");
}

/* Kill is refused. */
static void
test_cannot_kill (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_window_open (fixture, "app1", 600);
  live_window_control (fixture, "fault admin.vm.Kill error QubesException no such domain x1");
  live_window_refused (fixture, "app1", "CloseWindow", kill_it (TRUE), LIVE_ERROR_QUBESD_ERROR, "no such domain");
  live_assert_control (fixture, "Running", "state app1");
  live_window_do (fixture, "app1", "CloseWindow", kill_it (TRUE));
  live_window_assert_closed (fixture, "app1", "killed");
}

/* qubesd goes away in the middle and comes back. */
static void
test_restart (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_window_open (fixture, "app1", 600);
  live_window_control (fixture, "restart 300");
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "false");
  live_window_refused (fixture, "app1", "ExtendWindow", seconds (60), LIVE_ERROR_QUBESD_UNREACHABLE, "");
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "true");
  live_helper_fixture_wait_synchronized (fixture);
  live_window_assert_left (fixture, "app1", 600);
  live_assert_qube (fixture, "app1", "WindowState", "open");
  live_assert_control (fixture, "True", "rw app1 private");
  live_assert_control (fixture, "Running", "state app1");
  /* Its time is over while nobody can be asked to shut it down. */
  live_window_control (fixture, "restart 1000");
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "false");
  live_test_bed_advance (fixture->bed, 601, 0);
  live_window_assert_closed (fixture, "app1", "kept");
}

/* ---- The qube vanishes. ---- */

static void
make_qube (LiveHelperFixture *fixture)
{
  live_window_control (fixture, "create short-lived red");
  live_helper_fixture_wait (fixture, "short-lived", "State", "halted");
  g_assert_true (live_helper_fixture_set_policy (fixture, "short-lived", "full"));
}

/* While the helper waits for each of its answers. */
static void
test_removed_while_opening (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const struct
  {
    const char *method;
    const char *step;
  } table[] = {
    { "admin.vm.feature.Set+live.window", "record" },
    { "admin.vm.volume.Set.rw+private", "private-writable" },
    { "admin.vm.feature.Set+service.live-window", "private-writable" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    for (guint again = 0; again < 2; again++)
      {
        LiveWindowCall *call = NULL;
        g_autoptr (GError) error = NULL;

        g_test_message ("%s", table[i].method);
        make_qube (fixture);
        live_window_control (fixture, "delay %s 700", table[i].method);
        live_window_control (fixture, "reset-counts");
        call = live_window_begin (fixture, "short-lived", "OpenWindow", seconds (600));
        live_helper_fixture_wait (fixture, "short-lived", "WindowStep", table[i].step);
        live_window_control (fixture, "remove short-lived");
        /* Another one by that name is none of its business. */
        if (again)
          live_window_control (fixture, "create short-lived red");
        error = live_window_end (call);
        g_assert_error (error, LIVE_ERROR, LIVE_ERROR_NOT_FOUND);
        live_assert_control (fixture, "0", "count admin.vm.Start");
        live_window_control (fixture, "clear-faults");
        if (again)
          {
            live_assert_control (fixture, "Halted", "state short-lived");
            live_helper_fixture_wait (fixture, "short-lived", "WindowState", "closed");
            live_helper_fixture_wait_control (fixture, "has-feature short-lived live.window", "False");
            live_window_control (fixture, "remove short-lived");
          }
        live_helper_fixture_wait (fixture, "short-lived", "WindowState", "(none)");
      }
}

static void
test_removed_while_open (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const char *const methods[] = { "OpenWindow", "ExtendWindow", "CloseWindow" };
  LiveWindowCall *call = NULL;
  g_autoptr (GError) error = NULL;

  make_qube (fixture);
  live_window_open (fixture, "short-lived", 600);
  live_window_control (fixture, "fault admin.vm.volume.Set.rw+private@short-lived error QubesException no room x100");
  live_window_control (fixture, "hang-shutdown short-lived");
  call = live_window_begin (fixture, "short-lived", "CloseWindow", kill_it (FALSE));
  live_helper_fixture_wait (fixture, "short-lived", "WindowStep", "shutdown");
  live_window_control (fixture, "delay admin.vm.feature.Remove 500");
  live_window_control (fixture, "delay admin.vm.volume.Set.rw 500");
  live_window_control (fixture, "kill short-lived");
  live_window_control (fixture, "remove short-lived");
  error = live_window_end (call);
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_NOT_FOUND);
  live_helper_fixture_wait (fixture, "short-lived", "WindowState", "(none)");
  /* Its end comes, and its retry, and nothing happens. */
  live_window_control (fixture, "clear-faults");
  live_window_control (fixture, "reset-changes");
  live_test_bed_advance (fixture->bed, 1000, 0);
  live_assert_qube (fixture, "app1", "WindowState", "closed");
  live_assert_control (fixture, "", "changes");

  /* There is nobody any more to ask. */
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr (GError) gone = NULL;

      g_assert_null (live_helper_fixture_call (fixture, "short-lived", methods[i],
                                               i == 2 ? kill_it (TRUE) : seconds (600), &gone));
      g_assert_error (gone, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD);
    }
  live_assert_control (fixture, "", "changes");
  live_window_open (fixture, "app1", 60);
  live_window_assert_open (fixture, "app1");
}

#define ADD(path, dom0, function)                                                                                      \
  g_test_add ("/window-trouble/" path, LiveHelperFixture, dom0, open_fixture, function, close_fixture)

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
  ADD ("cannot-open/4.2", version_42, test_cannot_open);
  ADD ("cannot-open/4.3", version_43, test_cannot_open);
  ADD ("cannot-open/lvm/4.4", lvm_44, test_cannot_open);
  ADD ("start-not-answered", version_43, test_start_not_answered);
  ADD ("gone-while-opening", version_43, test_gone_while_opening);
  ADD ("halts-while-opening", version_43, test_halts_while_opening);
  ADD ("cannot-close/4.2", version_42, test_cannot_close);
  ADD ("cannot-close/lvm/4.3", lvm_43, test_cannot_close);
  ADD ("close-again", version_43, test_close_again);
  ADD ("cannot-tidy", version_43, test_cannot_tidy);
  ADD ("cannot-extend", version_43, test_cannot_extend);
  ADD ("cannot-kill", version_43, test_cannot_kill);
  ADD ("restart/4.3", version_43, test_restart);
  ADD ("restart/4.2", version_42, test_restart);
  ADD ("removed-while-opening", version_43, test_removed_while_opening);
  ADD ("removed-while-open", version_43, test_removed_while_open);
  return g_test_run ();
}
