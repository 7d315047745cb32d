/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* A helper that comes back to a window, and a qubesd that does not do what a window needs, or cannot save it: an app
 * qube, and a disposable template some of whose disposables are kept ready. */

#include "crash-fixture.h"
#include "model/error.h"
#include "model/reason.h"

/* ---- Helpers that come back. ---- */

/* The helper ends while the window is open, by order, and is back in time, or too late. */
static void
test_ended (LiveCrashFixture *self, gconstpointer data)
{
  LiveHelperFixture *fixture = &self->fixture;
  const char *qube = self->situation->qube;

  for (guint late = 0; late < 2; late++)
    {
      g_autofree char *before = NULL;

      live_crash_open_window (self);
      live_crash_assert_open (self);
      before = live_test_bed_control (fixture->bed, "get-feature %s live.window", qube);
      live_test_bed_stop_helper (fixture->bed);
      live_assert_control (fixture, "Running", "state %s", qube);
      live_assert_control (fixture, before, "get-feature %s live.window", qube);
      live_test_bed_advance (fixture->bed, late ? LIVE_CRASH_SECONDS + 1 : 30, 0);
      live_test_bed_start_helper (fixture->bed);
      if (!late)
        {
          live_crash_assert_open (self);
          live_assert_control (fixture, before, "get-feature %s live.window", qube);
          live_test_bed_advance (fixture->bed, LIVE_CRASH_SECONDS - 29, 0);
        }
      live_crash_assert_closed (self, "kept");
      live_crash_control (self, "reset-changes");
    }
}

/* The machine is started anew: the qube is gone, and the window with it. */
static void
test_machine_restarted (LiveCrashFixture *self, gconstpointer data)
{
  LiveHelperFixture *fixture = &self->fixture;

  live_crash_open_window (self);
  live_crash_assert_open (self);
  live_test_bed_kill_helper (fixture->bed);
  live_crash_control (self, "kill %s", self->situation->qube);
  live_crash_control (self, "restart");
  live_crash_assert_safe_now (self);
  live_test_bed_start_helper (fixture->bed);
  live_crash_assert_closed (self, "recovered");
  live_crash_control (self, "reset-changes");
}

/* ---- What qubesd does not do, and what it cannot save. ---- */

static void
test_cannot_open (LiveCrashFixture *self, gconstpointer data)
{
  LiveHelperFixture *fixture = &self->fixture;
  const char *qube = self->situation->qube;

  for (guint i = 0; i < self->n_opening; i++)
    {
      gboolean starts = live_crash_is_call (self, i, "admin.vm.Start@");
      int code = starts ? LIVE_ERROR_QUBESD_ERROR : LIVE_ERROR_PROTOCOL;
      const char *call = g_ptr_array_index (self->calls, i);
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) values = NULL;

      g_test_message ("%s", call);
      if (starts)
        live_crash_control (self, "fail-start %s", qube);
      else
        live_crash_control (self, "fault %s unsaved after%u", call, live_crash_count_before (self, i));
      values = live_helper_fixture_call (fixture, qube, "OpenWindow",
                                         g_variant_new ("(x)", (gint64) LIVE_CRASH_SECONDS), &error);
      live_crash_control (self, "clear-faults");
      if (live_crash_count_before (self, i) > 0)
        {
          /* Only its end could not be written anew. */
          g_assert_no_error (error);
          live_crash_assert_open (self);
          live_test_bed_advance (fixture->bed, LIVE_CRASH_SECONDS + 1, 0);
          live_crash_assert_closed (self, "kept");
        }
      else
        {
          g_assert_error (error, LIVE_ERROR, code);
          live_crash_assert_closed (self, "failed");
        }
      live_crash_control (self, "reset-changes");
    }
}

/* The disk is full when it ends: it stays as it is, and is tried again. */
static void
test_cannot_close (LiveCrashFixture *self, gconstpointer data)
{
  LiveHelperFixture *fixture = &self->fixture;

  for (guint i = self->n_opening + 1; i < self->calls->len; i++)
    {
      const char *call = g_ptr_array_index (self->calls, i);

      g_test_message ("%s", call);
      live_crash_open_window (self);
      live_crash_control (self, "fault %s error QubesException No space left on device x1000", call);
      live_test_bed_advance (fixture->bed, LIVE_CRASH_SECONDS + 1, 0);
      live_helper_fixture_wait_control (fixture, "met", "1");
      live_helper_fixture_wait (fixture, self->situation->qube, "State", "halted");
      live_helper_fixture_wait (fixture, self->situation->qube, "WindowState", "closing");
      live_assert_control (fixture, "True", "has-feature %s live.window", self->situation->qube);
      while (!live_helper_fixture_has_reason (fixture, self->situation->qube, LIVE_REASON_APPLY_FAILED))
        live_assert_control (fixture, "True", "has-feature %s live.window", self->situation->qube);
      live_crash_assert_safe_always (self);
      live_test_bed_advance (fixture->bed, 31, 0);
      live_helper_fixture_wait_control (fixture, "met", "2");
      live_assert_control (fixture, "True", "has-feature %s live.window", self->situation->qube);
      live_crash_control (self, "clear-faults");
      /* The second attempt may still be under way. */
      while (!live_helper_fixture_has_reason (fixture, self->situation->qube, LIVE_REASON_APPLY_FAILED))
        live_assert_control (fixture, "True", "has-feature %s live.window", self->situation->qube);
      live_test_bed_advance (fixture->bed, 31, 0);
      live_crash_assert_closed (self, "kept");
      live_crash_control (self, "reset-changes");
    }
}

static const struct
{
  const char *name;
  LiveCrashCase situation;
} cases[] = {
  { "4.2/app", { { "--version", "4.2" }, "app1", FALSE, LIVE_CRASH_HELPER } },
  { "4.2/template", { { "--version", "4.2" }, "debian-12-dvm", FALSE, LIVE_CRASH_HELPER } },
  { "4.3/app", { { "--version", "4.3" }, "app1", FALSE, LIVE_CRASH_HELPER } },
  { "4.3/template", { { "--version", "4.3" }, "debian-12-dvm", TRUE, LIVE_CRASH_HELPER } },
  { "4.3-lvm/app", { { "--version", "4.3", "--lvm-thin" }, "app1", FALSE, LIVE_CRASH_HELPER } },
  { "4.3-lvm/template", { { "--version", "4.3", "--lvm-thin" }, "debian-12-dvm", TRUE, LIVE_CRASH_HELPER } },
  { "4.4/app", { { "--version", "4.4" }, "app1", FALSE, LIVE_CRASH_HELPER } },
  { "4.4/template", { { "--version", "4.4" }, "debian-12-dvm", TRUE, LIVE_CRASH_HELPER } },
  { "4.4-lvm/app", { { "--version", "4.4", "--lvm-thin" }, "app1", FALSE, LIVE_CRASH_HELPER } },
  { "4.4-lvm/template", { { "--version", "4.4", "--lvm-thin" }, "debian-12-dvm", TRUE, LIVE_CRASH_HELPER } },
};

static const struct
{
  const char *name;
  void (*test) (LiveCrashFixture *self, gconstpointer data);
} tests[] = {
  { "ended", test_ended },
  { "machine-restarted", test_machine_restarted },
  { "cannot-open", test_cannot_open },
  { "cannot-close", test_cannot_close },
};

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
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    for (guint k = 0; k < G_N_ELEMENTS (tests); k++)
      {
        g_autofree char *path = g_strdup_printf ("/window-recovery/%s/%s", cases[i].name, tests[k].name);

        g_test_add (path, LiveCrashFixture, &cases[i].situation, live_crash_fixture_open, tests[k].test,
                    live_crash_fixture_close);
      }
  return g_test_run ();
}
