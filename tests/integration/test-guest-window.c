/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* The time in which a qube keeps its private volume writable by itself, and what watching time costs: nothing while
 * nothing is to be waited for. */

#include "window-fixture.h"

#include <string.h>

#include "model/error.h"

static const char *const version_42[] = { "--version", "4.2", NULL };
static const char *const version_43[] = { "--version", "4.3", NULL };
static const char *const version_44[] = { "--version", "4.4", NULL };

/* How long a helper is watched that has nothing to do. */
#define IDLE_MILLISECONDS 3000
/* What may happen in that time that has nothing to do with windows. */
#define MAX_IDLE_WAKEUPS 2

static void
open_fixture (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_helper_fixture_open (fixture, dom0);
}

static void
close_fixture (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_helper_fixture_close (fixture);
}

static void
start (LiveHelperFixture *fixture, const char *qube, gint64 start_time)
{
  live_window_control (fixture, "start %s", qube);
  live_window_control (fixture, "start-time %s %" G_GINT64_FORMAT, qube, start_time);
}

static void
assert_deadline (LiveHelperFixture *fixture, const char *qube, gint64 deadline)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, deadline);

  live_helper_fixture_wait (fixture, qube, "GuestWindowDeadline", text);
}

/* The same, give or take a second: a clock that was set is read in whole ones. */
static void
wait_for_deadline (LiveHelperFixture *fixture, const char *qube, gint64 deadline)
{
  gint64 end = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND, is = 0;

  do
    {
      g_autoptr (GVariant) value = live_helper_fixture_get_qube (fixture, qube, "GuestWindowDeadline");

      is = g_variant_get_int64 (value);
      if (g_get_monotonic_time () > end)
        g_assert_cmpint (is, ==, deadline);
    }
  while (ABS (is - deadline) > 3);
}

static void
test_guest (LiveHelperFixture *fixture, gconstpointer dom0)
{
  gint64 now = live_test_bed_get_wall (fixture->bed);

  live_window_control (fixture, "feature app1 live.guest-window 60");
  live_assert_qube (fixture, "app1", "GuestWindowDeadline", "0");
  start (fixture, "app1", now);
  assert_deadline (fixture, "app1", now + 60);
  /* That is no window of ours. */
  live_assert_qube (fixture, "app1", "WindowState", "closed");
  live_assert_qube (fixture, "app1", "WindowDeadline", "0");
  live_window_refused (fixture, "app1", "CloseWindow", g_variant_new ("(b)", TRUE), LIVE_ERROR_NOT_FOUND, "");
  live_window_control (fixture, "reset-changes");
  live_test_bed_advance (fixture->bed, 40, 0);
  assert_deadline (fixture, "app1", now + 60);
  live_test_bed_advance (fixture->bed, 21, 0);
  live_helper_fixture_wait (fixture, "app1", "GuestWindowDeadline", "0");
  live_assert_control (fixture, "Running", "state app1");
  live_assert_control (fixture, "", "changes");
  /* It stays over whatever happens to the qube. */
  live_window_control (fixture, "feature app1 some-feature 1");
  live_assert_qube (fixture, "app1", "GuestWindowDeadline", "0");
  /* Every start has its own. */
  live_window_control (fixture, "shutdown app1");
  live_helper_fixture_wait (fixture, "app1", "State", "halted");
  now = live_test_bed_get_wall (fixture->bed);
  start (fixture, "app1", now - 10);
  live_helper_fixture_wait (fixture, "app1", "State", "running");
  live_test_bed_stop_helper (fixture->bed);
  live_test_bed_start_helper (fixture->bed);
  live_helper_fixture_wait_synchronized (fixture);
  assert_deadline (fixture, "app1", now + 50);
  /* It halts before. */
  live_window_control (fixture, "kill app1");
  live_helper_fixture_wait (fixture, "app1", "GuestWindowDeadline", "0");
}

/* The helper is started while the qube runs. */
static void
test_started_later (LiveHelperFixture *fixture, gconstpointer dom0)
{
  gint64 now = live_test_bed_get_wall (fixture->bed);

  live_test_bed_stop_helper (fixture->bed);
  live_window_control (fixture, "feature app1 live.guest-window 60");
  live_window_control (fixture, "feature app2 live.guest-window 60");
  start (fixture, "app1", now - 30);
  start (fixture, "app2", now - 61);
  live_test_bed_start_helper (fixture->bed);
  live_helper_fixture_wait_synchronized (fixture);
  assert_deadline (fixture, "app1", now + 30);
  live_assert_qube (fixture, "app2", "GuestWindowDeadline", "0");
  live_test_bed_advance (fixture->bed, 31, 0);
  live_helper_fixture_wait (fixture, "app1", "GuestWindowDeadline", "0");
}

static void
test_values (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const char *const texts[] = { "0", "-1", "garbage", "", "1000000000", "60s", "60 s", "86401", "6e1" };
  gint64 now = live_test_bed_get_wall (fixture->bed);

  live_window_control (fixture, "feature app1 live.guest-window 86400");
  start (fixture, "app1", now);
  assert_deadline (fixture, "app1", now + 86400);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_test_message ("\"%s\"", texts[i]);
      live_window_control (fixture, "feature app1 live.guest-window 3600");
      assert_deadline (fixture, "app1", now + 3600);
      live_window_control (fixture, "feature app1 live.guest-window %s", texts[i]);
      live_helper_fixture_wait (fixture, "app1", "GuestWindowDeadline", "0");
    }
  live_window_control (fixture, "feature app1 live.guest-window 3600");
  assert_deadline (fixture, "app1", now + 3600);
  live_window_control (fixture, "unset-feature app1 live.guest-window");
  live_helper_fixture_wait (fixture, "app1", "GuestWindowDeadline", "0");
}

/* A window that dom0 opened has its own end. */
static void
test_beside_window (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "full"));
  live_window_control (fixture, "feature app1 live.guest-window 3600");
  live_window_open (fixture, "app1", 600);
  live_window_assert_open (fixture, "app1");
  live_helper_fixture_wait (fixture, "app1", "GuestWindowDeadline", "0");
  live_test_bed_advance (fixture->bed, 601, 0);
  live_window_assert_closed (fixture, "app1", "kept");
  live_assert_qube (fixture, "app1", "GuestWindowDeadline", "0");
}

/* The qube does not ask dom0 for the time. */
static void
test_clock_set (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const gint64 steps[] = { -3600, 7200, -10000000 };
  gint64 now = live_test_bed_get_wall (fixture->bed);

  live_window_control (fixture, "feature app1 live.guest-window 1000");
  start (fixture, "app1", now);
  assert_deadline (fixture, "app1", now + 1000);
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      live_test_bed_advance (fixture->bed, 0, steps[i]);
      now += steps[i];
      wait_for_deadline (fixture, "app1", now + 1000);
    }
  live_test_bed_advance (fixture->bed, 900, 0);
  wait_for_deadline (fixture, "app1", now + 1000);
  live_test_bed_advance (fixture->bed, 101, 0);
  live_helper_fixture_wait (fixture, "app1", "GuestWindowDeadline", "0");

  /* A start that is yet to come: the clock was set back since. */
  live_window_control (fixture, "kill app1");
  live_helper_fixture_wait (fixture, "app1", "State", "halted");
  now = live_test_bed_get_wall (fixture->bed);
  start (fixture, "app1", now + 100000);
  live_helper_fixture_wait (fixture, "app1", "State", "running");
  wait_for_deadline (fixture, "app1", now + 1000);
}

/* qubesd does not tell when it started. */
static void
test_not_told (LiveHelperFixture *fixture, gconstpointer dom0)
{
  gint64 now = live_test_bed_get_wall (fixture->bed);

  live_window_control (fixture, "feature app1 live.guest-window 3600");
  live_window_control (fixture, "fault admin.vm.property.Get+start_time@app1 empty x1000");
  start (fixture, "app1", now);
  live_helper_fixture_wait (fixture, "app1", "State", "running");
  live_window_do (fixture, "app1", "Refresh", NULL);
  live_assert_qube (fixture, "app1", "GuestWindowDeadline", "0");
  live_window_control (fixture, "clear-faults");
  live_test_bed_advance (fixture->bed, 11, 0);
  assert_deadline (fixture, "app1", now + 3600);
}

/* It never tells: it is not asked for ever. */
static void
test_never_told (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autofree char *before = NULL;

  live_window_control (fixture, "feature app1 live.guest-window 3600");
  live_window_control (fixture, "fault admin.vm.property.Get+start_time@app1 empty x1000");
  live_window_control (fixture, "start app1");
  live_helper_fixture_wait (fixture, "app1", "State", "running");
  /* Nobody asks any more in all that time. */
  for (guint i = 0, quiet = 0; quiet < 30; i++)
    {
      g_autofree char *count = NULL;

      live_test_bed_advance (fixture->bed, 60, 0);
      g_usleep (20 * G_TIME_SPAN_MILLISECOND); /* that nothing happens can only be watched */
      live_assert_qube (fixture, "app1", "GuestWindowDeadline", "0");
      count = live_test_bed_control (fixture->bed, "count admin.vm.property.Get");
      quiet = g_strcmp0 (count, before) == 0 ? quiet + 1 : 0;
      g_free (before);
      before = g_steal_pointer (&count);
      g_assert_cmpuint (i, <, 300);
    }
}

/* ---- What it costs. ---- */

/* How often each thread of the helper has slept and woken up, by its number. (transfer full) */
static GHashTable *
get_wakeups (LiveHelperFixture *fixture)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/task", live_test_bed_get_helper_pid (fixture->bed));
  g_autoptr (GDir) tasks = g_dir_open (path, 0, NULL);
  GHashTable *counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  const char *task = NULL;

  g_assert_nonnull (tasks);
  while ((task = g_dir_read_name (tasks)) != NULL)
    {
      g_autofree char *file = g_build_filename (path, task, "status", NULL);
      g_autofree char *text = NULL;
      const char *line = NULL;

      if (!g_file_get_contents (file, &text, NULL, NULL))
        continue; /* it has ended since */
      line = g_strstr_len (text, -1, "\nvoluntary_ctxt_switches:");
      g_assert_nonnull (line);
      g_hash_table_insert (
          counts, g_strdup (task),
          GUINT_TO_POINTER (g_ascii_strtoull (line + strlen ("\nvoluntary_ctxt_switches:") + 1, NULL, 10)));
    }
  g_assert_cmpuint (g_hash_table_size (counts), >, 0);
  return counts;
}

/* A thread that has ended woke up for that. */
static guint
count_since (GHashTable *before, GHashTable *after)
{
  GHashTableIter iter;
  gpointer task = NULL, count = NULL;
  guint sum = 0;

  g_hash_table_iter_init (&iter, after);
  while (g_hash_table_iter_next (&iter, &task, &count))
    sum += GPOINTER_TO_UINT (count) - GPOINTER_TO_UINT (g_hash_table_lookup (before, task));
  g_hash_table_iter_init (&iter, before);
  while (g_hash_table_iter_next (&iter, &task, NULL))
    sum += !g_hash_table_contains (after, task);
  return sum;
}

/* Wake-ups while nothing happens; the first moments, in which it may still be busy with what the test did, are not
 * counted. */
static guint
measure (LiveHelperFixture *fixture)
{
  g_autoptr (GHashTable) before = get_wakeups (fixture);
  g_autoptr (GHashTable) after = NULL;
  gboolean is_quiet = FALSE;
  guint count = 0;

  while (!is_quiet)
    {
      g_autoptr (GHashTable) now = NULL;

      g_usleep (200 * G_TIME_SPAN_MILLISECOND);
      now = get_wakeups (fixture);
      is_quiet = count_since (before, now) == 0;
      g_hash_table_unref (before);
      before = g_steal_pointer (&now);
    }
  g_usleep (IDLE_MILLISECONDS * G_TIME_SPAN_MILLISECOND);
  after = get_wakeups (fixture);
  count = count_since (before, after);
  g_test_message ("%u wake-ups in %d milliseconds", count, IDLE_MILLISECONDS);
  return count;
}

/* Hours pass, with a window open and without: nothing is asked of qubesd for that. */
static void
test_idle (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "full"));
  g_assert_true (live_helper_fixture_set_policy (fixture, "app2", "full"));
  g_assert_cmpuint (measure (fixture), <=, MAX_IDLE_WAKEUPS);
  live_window_open (fixture, "app1", 86400);
  live_window_open (fixture, "app2", -1);
  live_window_control (fixture, "feature app3 live.guest-window 3600");
  live_window_control (fixture, "start app3");
  live_helper_fixture_wait (fixture, "app3", "State", "running");
  g_assert_cmpuint (measure (fixture), <=, MAX_IDLE_WAKEUPS);
  live_window_control (fixture, "reset-counts");
  for (guint i = 0; i < 20; i++)
    {
      live_test_bed_advance (fixture->bed, 3600, 0);
      live_assert_qube (fixture, "app1", "WindowState", "open");
    }
  measure (fixture); /* whatever came of that has come */
  live_assert_control (fixture, "0", "log");
  /* One that does not shut down is waited for in silence, too. */
  live_window_control (fixture, "hang-shutdown app1");
  live_test_bed_advance (fixture->bed, 5 * 3600, 0);
  live_helper_fixture_wait (fixture, "app1", "WindowStep", "shutdown");
  g_assert_cmpuint (measure (fixture), <=, MAX_IDLE_WAKEUPS);
  live_test_bed_advance (fixture->bed, 61, 0);
  live_helper_fixture_wait (fixture, "app1", "WindowStep", "not-shutting-down");
  g_assert_cmpuint (measure (fixture), <=, MAX_IDLE_WAKEUPS);
}

#define ADD(path, dom0, function)                                                                                      \
  g_test_add ("/guest-window/" path, LiveHelperFixture, dom0, open_fixture, function, close_fixture)

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
  ADD ("life/4.2", version_42, test_guest);
  ADD ("life/4.3", version_43, test_guest);
  ADD ("life/4.4", version_44, test_guest);
  ADD ("started-later", version_43, test_started_later);
  ADD ("values", version_43, test_values);
  ADD ("beside-window", version_43, test_beside_window);
  ADD ("clock-set", version_43, test_clock_set);
  ADD ("not-told", version_43, test_not_told);
  ADD ("never-told", version_43, test_never_told);
  ADD ("idle", version_43, test_idle);
  return g_test_run ();
}
