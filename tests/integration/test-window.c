/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* Customization windows: the helper opens, watches and closes them, in every version of qubesd. Nobody waits for time:
 * the clock is moved. */

#include "helper-fixture.h"
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

static void
open_window (LiveHelperFixture *fixture, const char *qube, gint64 seconds)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) values
      = live_helper_fixture_call (fixture, qube, "OpenWindow", g_variant_new ("(x)", seconds), &error);

  g_assert_no_error (error);
}

static void
assert_closed (LiveHelperFixture *fixture, const char *qube, const char *outcome)
{
  live_helper_fixture_wait (fixture, qube, "WindowState", "closed");
  live_assert_qube (fixture, qube, "WindowOutcome", outcome);
  live_assert_control (fixture, "False", "rw %s private", qube);
  live_assert_control (fixture, "False", "has-feature %s live.window", qube);
  live_assert_control (fixture, "False", "has-feature %s service.live-window", qube);
  live_assert_qube (fixture, qube, "WindowDeadline", "0");
}

static void
test_life (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_assert_qube (fixture, "app1", "WindowRefusal", "");
  open_window (fixture, "app1", 600);
  live_assert_control (fixture, "True", "rw app1 private");
  live_assert_control (fixture, "1", "get-feature app1 service.live-window");
  live_assert_control (fixture, "Running", "state app1");
  live_assert_qube (fixture, "app1", "WindowState", "open");
  live_assert_qube (fixture, "app1", "WindowStep", "");
  live_assert_qube (fixture, "app1", "WindowRefusal", "open");
  live_assert_qube (fixture, "app1", "Pending", "[]");
  /* The end comes, and the qube goes. */
  live_test_bed_advance (fixture->bed, 590, 0);
  live_assert_control (fixture, "Running", "state app1");
  live_test_bed_advance (fixture->bed, 11, 0);
  live_helper_fixture_wait_control (fixture, "state app1", "Halted");
  assert_closed (fixture, "app1", "kept");
  live_assert_qube (fixture, "app1", "WindowRefusal", "");
}

#define ADD(path, dom0, function)                                                                                      \
  g_test_add (path, LiveHelperFixture, dom0, open_fixture, function, close_fixture)

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
  ADD ("/window/life/4.2", version_42, test_life);
  ADD ("/window/life/4.3", version_43, test_life);
  ADD ("/window/life/4.4", version_44, test_life);
  ADD ("/window/life/lvm/4.3", lvm_43, test_life);
  ADD ("/window/life/lvm/4.4", lvm_44, test_life);
  return g_test_run ();
}
