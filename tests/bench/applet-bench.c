/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bench/applet-bench.h"

#include <stdlib.h>

#include "bench/desk.h"
#include "bench/process-cost.h"

#define MENU_INTERFACE "com.canonical.dbusmenu"

/* Rounds before the first look at the memory: buffers and caches have then their size. */
#define WARM_UP_ROUNDS 3000
#define ROUNDS_AT_A_TIME 25
/* Names come back after a while, as those of disposables do. */
#define DIFFERENT_NAMES 1000

/* Noise of the measurement of memory: a page here or there is no leak. */
#define NOISE_MEGABYTES 0.1

static pid_t
get_pid (LiveDesk *desk)
{
  return atoi (g_subprocess_get_identifier (desk->applet));
}

static void
measure_start (LiveFigures *figures, guint qubes, guint rounds)
{
  LiveFigure start = { .group = "applet",
                       .name = "exec to item registered",
                       .qubes = qubes,
                       .unit = "ms",
                       .has_goal = qubes == 100,
                       .goal = 90,
                       .statistic = LIVE_STATISTIC_MEDIAN };
  LiveFigure memory = { .group = "applet",
                        .name = "PSS, menu filled",
                        .qubes = qubes,
                        .unit = "MB",
                        .has_goal = qubes == 100,
                        .goal = 15,
                        .statistic = LIVE_STATISTIC_MEDIAN,
                        .note = "beside the window manager of XFCE, which shares GTK with it" };
  LiveFigure private_memory = { .group = "applet",
                                .name = "of it private and written to",
                                .qubes = qubes,
                                .unit = "MB",
                                .statistic = LIVE_STATISTIC_MEDIAN };
  g_autoptr (LiveDesk) desk = live_desk_new (qubes);
  g_autoptr (GArray) starts = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GError) error = NULL;
  LiveMemory cost = { 0 };

  live_desk_start_window_manager (desk);
  for (guint round = 0; round < rounds; round++)
    {
      double milliseconds = live_desk_start_applet (desk);

      if (milliseconds < 0)
        {
          live_figures_skip (figures, &start, "the applet did not register within 20 seconds");
          return;
        }
      g_array_append_val (starts, milliseconds);
      if (round + 1 < rounds)
        live_desk_stop_applet (desk);
    }
  live_figures_add (figures, &start, starts);
  if (!live_desk_wait_menu (desk, qubes))
    live_figures_skip (figures, &memory, "the menu did not come to hold every qube");
  else if (!live_process_get_memory (get_pid (desk), &cost, &error))
    live_figures_skip (figures, &memory, "%s", error->message);
  else
    {
      live_figures_add_value (figures, &memory, cost.pss);
      live_figures_add_value (figures, &private_memory, cost.private_dirty);
    }
}

/* The mirrored change of a qube's wish, as the panel gets it. */
static void
measure_change (LiveFigures *figures, guint qubes, guint rounds)
{
  LiveFigure figure = { .group = "applet",
                        .name = "change of one qube to the menu's signal",
                        .qubes = qubes,
                        .unit = "ms",
                        .statistic = LIVE_STATISTIC_P99 };
  g_autoptr (LiveDesk) desk = live_desk_new (qubes);
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (double));
  LiveBusQube *qube = live_mock_service_add_qube (desk->helper, "changing");
  LiveWatcherMatch match = { .interface = MENU_INTERFACE, .member = "ItemsPropertiesUpdated" };

  live_bus_qube_set_state (qube, "running");
  if (live_desk_start_applet (desk) < 0 || !live_desk_wait_menu (desk, qubes))
    {
      live_figures_skip (figures, &figure, "the menu did not come to hold every qube");
      return;
    }
  for (guint round = 0; round < rounds; round++)
    {
      gint64 begin = 0, end = 0;

      live_watcher_forget (desk->watcher);
      begin = g_get_monotonic_time ();
      live_bus_qube_set_persistence (qube, round % 2 == 0 ? "root-ephemeral" : "persistent");
      g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (qube));
      if (!live_desk_wait_signal (desk, &match, 5, &end))
        {
          live_figures_skip (figures, &figure, "no signal within 5 seconds after the change");
          return;
        }
      {
        double milliseconds = (double)(end - begin) / 1000;

        g_array_append_val (samples, milliseconds);
      }
    }
  live_figures_add (figures, &figure, samples);
}

/* Some at a time, and a look at the menu after each step: every qube really gets its row and loses it. */
static gboolean
add_and_remove (LiveDesk *desk, guint rounds)
{
  for (guint round = 0; round < rounds; round += ROUNDS_AT_A_TIME)
    {
      g_autofree char *last = g_strdup_printf ("disposable-%u", (round + ROUNDS_AT_A_TIME - 1) % DIFFERENT_NAMES);

      for (guint i = round; i < round + ROUNDS_AT_A_TIME; i++)
        {
          g_autofree char *name = g_strdup_printf ("disposable-%u", i % DIFFERENT_NAMES);

          live_bus_qube_set_state (live_mock_service_add_qube (desk->helper, name), "running");
        }
      if (!live_desk_wait_name (desk, last, TRUE))
        return FALSE;
      for (guint i = round; i < round + ROUNDS_AT_A_TIME; i++)
        {
          g_autofree char *name = g_strdup_printf ("disposable-%u", i % DIFFERENT_NAMES);

          live_mock_service_remove_qube (desk->helper, name);
        }
      if (!live_desk_wait_name (desk, "disposable-", FALSE))
        return FALSE;
    }
  return TRUE;
}

static void
measure_growth (LiveFigures *figures, guint qubes, guint rounds)
{
  g_autofree char *name = g_strdup_printf ("growth over %u adds and removes", rounds);
  g_autofree char *pss_name = g_strdup ("growth of PSS over the same");
  LiveFigure growth = { .group = "applet",
                        .name = name,
                        .qubes = qubes,
                        .unit = "MB",
                        .statistic = LIVE_STATISTIC_MEDIAN,
                        .note = "of private written memory" };
  LiveFigure pss_growth = { .group = "applet",
                            .name = pss_name,
                            .qubes = qubes,
                            .unit = "MB",
                            .has_goal = TRUE,
                            .goal = NOISE_MEGABYTES,
                            .statistic = LIVE_STATISTIC_MEDIAN,
                            .note = "the goal is none, 0.1 MB is the noise; moves also when another program of the same "
                                    "libraries starts or ends" };
  g_autoptr (LiveDesk) desk = live_desk_new (qubes);
  g_autoptr (GError) error = NULL;
  LiveMemory before = { 0 }, after = { 0 };

  if (live_desk_start_applet (desk) < 0 || !live_desk_wait_menu (desk, qubes) || !add_and_remove (desk, WARM_UP_ROUNDS))
    {
      live_figures_skip (figures, &growth, "the menu did not become what the qubes are");
      return;
    }
  if (!live_process_get_memory (get_pid (desk), &before, &error) || !add_and_remove (desk, rounds)
      || !live_process_get_memory (get_pid (desk), &after, &error))
    {
      live_figures_skip (figures, &growth, "%s",
                         error != NULL ? error->message : "the menu did not become what the qubes are");
      return;
    }
  live_figures_add_value (figures, &growth, after.private_dirty - before.private_dirty);
  live_figures_add_value (figures, &pss_growth, after.pss - before.pss);
}

void
live_applet_bench_run (LiveFigures *figures, gboolean quick)
{
  static const guint sizes[] = { 12, 100, 300 };

  if (!g_file_test (LIVE_BENCH_APPLET, G_FILE_TEST_IS_EXECUTABLE))
    {
      live_figures_skip (figures, &(LiveFigure){ .group = "applet", .name = "everything", .unit = "" },
                         "%s was not built", LIVE_BENCH_APPLET);
      return;
    }
  for (gsize i = 0; i < (quick ? 2 : G_N_ELEMENTS (sizes)); i++)
    measure_start (figures, sizes[i], quick ? 3 : 11);
  measure_change (figures, 100, quick ? 20 : 200);
  measure_growth (figures, 30, quick ? 500 : 10000);
}
