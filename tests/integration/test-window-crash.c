/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* The helper, qubesd, or both end at every change that a customization window makes, from its opening to its end: just
 * before qubesd does what was asked, and just after. Whatever was left, the private volume was never writable without
 * a window written down, and whoever comes back brings everything to where it belongs. */

#include "crash-fixture.h"

static const char *const crashes[] = { "helper", "qubesd", "helper and qubesd" };

static void
crash (LiveCrashFixture *self, gboolean done)
{
  LiveCrash which = self->situation->crash;
  LiveTestBed *bed = self->fixture.bed;

  if (which != LIVE_CRASH_QUBESD)
    {
      live_test_bed_kill_helper (bed);
      live_crash_assert_safe_now (self);
    }
  live_crash_control (self, "clear-faults");
  if (which != LIVE_CRASH_HELPER)
    /* Back before anybody noticed, and after an attempt to reach it. */
    live_crash_control (self, "restart %u", done ? 50 : 0);
  if (which != LIVE_CRASH_QUBESD)
    live_test_bed_start_helper (bed);
}

/* Whether the qube runs in its window when the crash is over, and nobody remembers that it was to end. */
static gboolean
stays_open (LiveCrashFixture *self, guint index, gboolean done, gboolean asked)
{
  gboolean forgotten = self->situation->crash != LIVE_CRASH_QUBESD;

  if (index < self->n_opening)
    {
      for (guint i = 0; i < index; i++)
        if (live_crash_is_call (self, i, "admin.vm.Start@"))
          return TRUE;
      return done && live_crash_is_call (self, index, "admin.vm.Start@");
    }
  return live_crash_is_call (self, index, "admin.vm.Shutdown@") && !done && asked && forgotten;
}

static const char *
get_outcome (LiveCrashFixture *self, guint index, gboolean done, gboolean stayed_open)
{
  if (stayed_open)
    return "kept";
  if (self->situation->crash == LIVE_CRASH_QUBESD)
    return index < self->n_opening ? "failed" : "kept";
  /* A helper that has not seen it running; or has, because it had to ask for its end. */
  if (live_crash_is_call (self, index, "admin.vm.Shutdown@") && !done)
    return "kept";
  /* A helper that finds nothing has nothing to say. */
  if ((index == 0 && !done) || (done && live_crash_is_call (self, index, "admin.vm.feature.Remove+live.window@")))
    return "";
  return "recovered";
}

static void
check_crash (LiveCrashFixture *self, guint index, gboolean done)
{
  LiveHelperFixture *fixture = &self->fixture;
  gboolean opening = index < self->n_opening;
  gboolean asked = !opening && (index + (guint) done) % 2 == 0;
  gboolean open = stays_open (self, index, done, asked);

  g_test_message ("%s %s, %s of the %s", done ? "after" : "before", (char *) g_ptr_array_index (self->calls, index),
                  crashes[self->situation->crash], opening ? "opening" : "end");
  self->answered = TRUE;
  if (!opening)
    live_crash_open_window (self);
  live_crash_control (self, "fault %s %s after%u", (char *) g_ptr_array_index (self->calls, index),
                      done ? "mute" : "hang", live_crash_count_before (self, index));
  /* That the qube has halted is told by an event, too: the helper would go on without the answer. */
  if (done && live_crash_is_call (self, index, "admin.vm.Shutdown@"))
    live_crash_control (self, "fault %s hang", (char *) g_ptr_array_index (self->calls, index + 1));
  if (opening)
    live_crash_begin (self, "OpenWindow", g_variant_new ("(x)", (gint64) LIVE_CRASH_SECONDS));
  else if (asked)
    live_crash_begin (self, "CloseWindow", g_variant_new ("(b)", FALSE));
  else
    live_test_bed_advance (fixture->bed, LIVE_CRASH_SECONDS + 1, 0);
  live_helper_fixture_wait_control (fixture, "met",
                                    done && live_crash_is_call (self, index, "admin.vm.Shutdown@") ? "2" : "1");
  crash (self, done);
  if (open)
    {
      live_crash_assert_open (self);
      live_crash_assert_safe_always (self);
      live_test_bed_advance (fixture->bed, LIVE_CRASH_SECONDS - 60, 0);
      live_assert_control (fixture, "Running", "state %s", self->situation->qube);
      live_test_bed_advance (fixture->bed, 61, 0);
    }
  live_crash_assert_closed (self, get_outcome (self, index, done, open));
  live_crash_wait_answered (self);
  live_crash_control (self, "reset-changes");
}

static void
test_crash (LiveCrashFixture *self, gconstpointer data)
{
  for (guint i = 0; i < self->calls->len; i++)
    for (guint done = 0; done < 2; done++)
      check_crash (self, i, (gboolean) done);
}

static const struct
{
  const char *name;
  LiveCrashCase situation;
} cases[] = {
  { "4.2/app/helper", { { "--version", "4.2" }, "app1", FALSE, LIVE_CRASH_HELPER } },
  { "4.2/app/qubesd", { { "--version", "4.2" }, "app1", FALSE, LIVE_CRASH_QUBESD } },
  { "4.2/app/both", { { "--version", "4.2" }, "app1", FALSE, LIVE_CRASH_BOTH } },
  { "4.2/template/helper", { { "--version", "4.2" }, "debian-12-dvm", FALSE, LIVE_CRASH_HELPER } },
  { "4.3/app/helper", { { "--version", "4.3" }, "app1", FALSE, LIVE_CRASH_HELPER } },
  { "4.3/app/qubesd", { { "--version", "4.3" }, "app1", FALSE, LIVE_CRASH_QUBESD } },
  { "4.3/app/both", { { "--version", "4.3" }, "app1", FALSE, LIVE_CRASH_BOTH } },
  { "4.3/template/helper", { { "--version", "4.3" }, "debian-12-dvm", TRUE, LIVE_CRASH_HELPER } },
  { "4.3/template/qubesd", { { "--version", "4.3" }, "debian-12-dvm", TRUE, LIVE_CRASH_QUBESD } },
  { "4.3-lvm/app/helper", { { "--version", "4.3", "--lvm-thin" }, "app1", FALSE, LIVE_CRASH_HELPER } },
  { "4.3-lvm/template/helper", { { "--version", "4.3", "--lvm-thin" }, "debian-12-dvm", TRUE, LIVE_CRASH_HELPER } },
  { "4.3-lvm/template/both", { { "--version", "4.3", "--lvm-thin" }, "debian-12-dvm", TRUE, LIVE_CRASH_BOTH } },
  { "4.4/app/helper", { { "--version", "4.4" }, "app1", FALSE, LIVE_CRASH_HELPER } },
  { "4.4/template/helper", { { "--version", "4.4" }, "debian-12-dvm", TRUE, LIVE_CRASH_HELPER } },
  { "4.4-lvm/app/helper", { { "--version", "4.4", "--lvm-thin" }, "app1", FALSE, LIVE_CRASH_HELPER } },
  { "4.4-lvm/app/qubesd", { { "--version", "4.4", "--lvm-thin" }, "app1", FALSE, LIVE_CRASH_QUBESD } },
  { "4.4-lvm/template/helper", { { "--version", "4.4", "--lvm-thin" }, "debian-12-dvm", TRUE, LIVE_CRASH_HELPER } },
  { "4.4-lvm/template/qubesd", { { "--version", "4.4", "--lvm-thin" }, "debian-12-dvm", TRUE, LIVE_CRASH_QUBESD } },
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
    {
      g_autofree char *path = g_strdup_printf ("/window-crash/%s", cases[i].name);

      g_test_add (path, LiveCrashFixture, &cases[i].situation, live_crash_fixture_open, test_crash,
                  live_crash_fixture_close);
    }
  return g_test_run ();
}
