/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bench/verification-bench.h"

#include <stdlib.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "bench/process-cost.h"
#include "bench/world.h"
#include "model/object-path.h"
#include "xenstored.h"

#define QUBE "app1"
#define DOMID 7
#define IDLE_SECONDS 5

static void
put (LiveWorld *world, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (live_test_bed_get_root (world->bed), name, NULL);
  g_autofree char *directory = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  if (g_mkdir_with_parents (directory, 0755) != 0
      || !g_file_set_contents_full (path, text, -1, G_FILE_SET_CONTENTS_NONE, 0644, &error))
    g_error ("%s cannot be written: %s", path, error != NULL ? error->message : "no directory");
}

/* Root and private images in files on dom0's disk, and the volatile one under a throw-away key. */
static void
put_devices (LiveWorld *world)
{
  static const char *const files[][2] = {
    { "sys/dev/block/253:0/dev", "253:0\n" },
    { "sys/dev/block/253:0/uevent", "DEVNAME=sda\n" },
    { "sys/dev/block/7:0/dev", "7:0\n" },
    { "sys/dev/block/7:0/uevent", "DEVNAME=loop0\n" },
    { "sys/dev/block/7:0/loop/backing_file", "/var/lib/qubes/root.img\n" },
    { "sys/dev/block/254:5/dev", "254:5\n" },
    { "sys/dev/block/254:5/uevent", "DEVNAME=dm-5\n" },
    { "sys/dev/block/254:5/dm/name", "volatile\n" },
    { "sys/dev/block/254:5/dm/uuid", "CRYPT-PLAIN-volatile\n" },
    { "sys/dev/block/254:5/slaves/loop0/dev", "7:0\n" },
    { "run/qubes-live-test/dm/volatile", "type=PLAIN\ncipher=aes-xts-plain64\nkey_size=512\noffset=0\n" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    put (world, files[i][0], files[i][1]);
}

/* One qube runs, ephemeral and without a netvm, which would run too. */
static void
run_qube (LiveWorld *world, LiveTestXenstored *store)
{
  static const char *const commands[] = { "property " QUBE " netvm",
                                          "set-rw " QUBE " root False",
                                          "set-rw " QUBE " private False",
                                          "set-ephemeral " QUBE " True",
                                          "xid " QUBE " 7",
                                          "start " QUBE };

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_free (live_test_bed_control (world->bed, "%s", commands[i]));
  live_test_xenstored_attach (store, DOMID, "xvda", "r", "7:0");
  live_test_xenstored_attach (store, DOMID, "xvdb", "r", "7:0");
  live_test_xenstored_attach (store, DOMID, "xvdc", "w", "fe:5");
}

/* xvda becomes writable, and read-only again, each by one write to the store. */
static void
measure_event (LiveFigures *figures, LiveWorld *world, LiveTestXenstored *store, guint qubes, guint rounds)
{
  static const char *const modes[] = { "w", "r" };
  static const char *const values[] = { "'alarm'", "'ephemeral'" };
  LiveFigure figure = { .group = "helper",
                        .name = "vbd event to changed indicator",
                        .qubes = qubes,
                        .unit = "ms",
                        .has_goal = TRUE,
                        .goal = 10,
                        .statistic = LIVE_STATISTIC_P99,
                        .note = "from before the write to the real oxenstored on" };
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (double));
  g_autofree char *path = live_test_xenstored_path (DOMID, "xvda", "mode");

  for (guint round = 0; round < rounds; round++)
    {
      LiveWatcherMatch match = LIVE_WATCHER_PROPERTY (LIVE_OBJECT_ROOT, "Indicator", values[round % 2]);
      gint64 begin = 0, end = 0;
      double milliseconds = 0;

      live_watcher_forget (world->watcher);
      begin = g_get_monotonic_time ();
      live_test_xenstored_write (store, path, modes[round % 2], 1);
      if (!live_watcher_wait (world->watcher, &match, 5, &end))
        {
          live_figures_skip (figures, &figure, "the indicator did not become %s within 5 seconds", values[round % 2]);
          return;
        }
      milliseconds = (double)(end - begin) / 1000;
      g_array_append_val (samples, milliseconds);
      g_usleep (5000);
    }
  live_figures_add (figures, &figure, samples);
}

static void
measure_rest (LiveFigures *figures, LiveWorld *world, guint qubes)
{
  LiveFigure figure = { .group = "helper",
                        .name = "wake-ups in 5 idle seconds, with a store",
                        .qubes = qubes,
                        .unit = "",
                        .has_goal = TRUE,
                        .goal = 0,
                        .statistic = LIVE_STATISTIC_MEDIAN,
                        .note = "the same to see: strace -f -p PID of the helper" };
  pid_t pid = atoi (g_subprocess_get_identifier (world->helper));
  g_autoptr (GError) error = NULL;
  guint64 before = 0, after = 0;

  /* The threads of GLib's pool end some time after their last task (15 seconds, then by turns). */
  g_usleep (20 * G_USEC_PER_SEC);
  if (live_process_get_wakeups (pid, &before, &error) && (g_usleep (IDLE_SECONDS * G_USEC_PER_SEC), TRUE)
      && live_process_get_wakeups (pid, &after, &error))
    live_figures_add_value (figures, &figure, (double)after - (double)before);
  else
    live_figures_skip (figures, &figure, "%s", error->message);
}

void
live_verification_bench_run (LiveFigures *figures, gboolean quick)
{
  const guint qubes = quick ? 100 : 300;
  LiveFigure figure = { .group = "helper", .name = "vbd event to changed indicator", .qubes = qubes, .unit = "ms" };
  g_autoptr (LiveTestXenstored) store = NULL;
  g_autoptr (LiveWorld) world = NULL;

  if (!live_test_xenstored_is_installed ())
    {
      live_figures_skip (figures, &figure, "oxenstored is not installed");
      return;
    }
  store = live_test_xenstored_new ();
  world = live_world_new (qubes, 0);
  world->xenstore_socket = live_test_xenstored_get_socket (store);
  put_devices (world);
  run_qube (world, store);
  live_world_start_helper (world, NULL);
  if (live_world_wait_property (world, "Indicator", "'ephemeral'") != 0)
    {
      measure_event (figures, world, store, qubes, quick ? 20 : 300);
      measure_rest (figures, world, qubes);
    }
  else
    live_figures_skip (figures, &figure, "the qube was not verified within a minute");
  live_world_stop_helper (world);
}
