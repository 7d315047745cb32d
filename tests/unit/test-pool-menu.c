/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "applet-fixture.h"
#include "model/error.h"
#include "model/job.h"

#include <string.h>

/*
 * What the menu says of pools and of what takes time, what its items do, and what is told when it has ended.
 */

#define GIB ((guint64) 1 << 30)
#define NBSP "\302\240"
#define ERROR_PREFIX "org.qubes.Live1.Error."

/* One that this program made. */
static LiveBusPool *
add_ram_pool (LiveAppletFixture *fixture, const char *name)
{
  LiveBusPool *pool = live_mock_service_add_pool (fixture->service, name);

  live_bus_pool_set_kind (pool, "ram");
  live_bus_pool_set_size (pool, 2 * GIB);
  live_bus_pool_set_used (pool, GIB / 2);
  live_bus_pool_set_memory_used (pool, GIB / 4);
  live_bus_pool_set_managed (pool, TRUE);
  return pool;
}

static void
assert_calls (LiveAppletFixture *fixture, const char *expected)
{
  g_autofree char *calls = live_mock_service_take_calls (fixture->service);

  g_assert_cmpstr (calls, ==, expected);
}

static void
choose (LiveAppletFixture *fixture, const char *path)
{
  live_applet_click (fixture, live_applet_open_path (fixture, path));
}

static void
assert_told (LiveAppletFixture *fixture, guint n, const char *expected)
{
  live_mock_wait (fixture->notifications->len >= n);
  g_assert_cmpuint (fixture->notifications->len, ==, n);
  g_assert_cmpstr (fixture->notifications->pdata[n - 1], ==, expected);
}

/* Nothing is made before somebody comes near it; the lines are those of what the pool is. */
static void
test_lines (LiveAppletFixture *fixture, gconstpointer unused)
{
  static const struct
  {
    const char *kind;
    const char *state;
    guint64 memory;
    gboolean managed;
    gboolean is_default;
    const char *row;
  } cases[] = {
    { "ram", "ready", GIB / 4, TRUE, FALSE,
      "ram1{!In RAM (driver file-reflink); !512.0" NBSP "MiB of 2.0" NBSP "GiB used, 256.0" NBSP "MiB of RAM held; "
      "!Made by Qubes Live; [ ] New qubes go to this pool; [ ] Volatile volumes under a throw-away key; -; Destroy…}" },
    { "encrypted", "ready", 0, TRUE, TRUE,
      "ram1: new qubes go to it{!On a disk, under a key of its own (driver file-reflink); !512.0" NBSP "MiB of 2.0" NBSP
      "GiB used; !Made by Qubes Live; [x] New qubes go to this pool; [ ] Volatile volumes under a throw-away key; -; "
      "Destroy…}" },
    { "ram", "gone", GIB / 4, TRUE, TRUE,
      "ram1: its storage is gone{!Its storage is gone: what was in it is lost; !Made by Qubes Live; !New qubes go to "
      "this pool; -; Remove…}" },
    { "ram", "gone", 0, FALSE, FALSE,
      "ram1: its storage is gone{!Its storage is gone: what was in it is lost; -; !Remove (it was not made by Qubes "
      "Live)}" },
    { "disk", "ready", 0, FALSE, TRUE,
      "ram1: new qubes go to it{!On a disk (driver file-reflink); !512.0" NBSP "MiB of 2.0" NBSP "GiB used; !New qubes "
      "go to this pool; [ ] Volatile volumes under a throw-away key}" },
    { "of-tomorrow", "unknown", 0, FALSE, FALSE,
      "ram1{!Place not known (driver file-reflink); !512.0" NBSP "MiB of 2.0" NBSP "GiB used; [ ] Volatile volumes "
      "under a throw-away key}" },
  };
  LiveBusPool *pool = add_ram_pool (fixture, "ram1");

  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "Pools{ram1; -; Create a pool in RAM…}"));
  live_applet_open_path (fixture, "Pools");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *tree = g_strdup_printf ("Pools{%s; -; Create a pool in RAM…}", cases[i].row);

      g_test_message ("%u", (guint) i);
      live_bus_pool_set_kind (pool, cases[i].kind);
      live_bus_pool_set_state (pool, cases[i].state);
      live_bus_pool_set_memory_used (pool, cases[i].memory);
      live_bus_pool_set_managed (pool, cases[i].managed);
      live_bus_pool_set_default (pool, cases[i].is_default);
      live_mock_wait (live_applet_tree_has (fixture, tree));
    }
  /* One that comes later is whole as well, and in its place. */
  add_ram_pool (fixture, "a-pool");
  live_mock_wait (live_applet_tree_has (fixture, "Pools{a-pool{!In RAM"));
}

static void
test_default (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusPool *pool = add_ram_pool (fixture, "ram1");
  int item = -1;

  live_applet_start (fixture);
  item = live_applet_open_path (fixture, "Pools/ram1/New qubes");
  live_applet_click (fixture, item);
  live_mock_wait (live_applet_tree_has (fixture, "[x] New qubes go to this pool"));
  live_mock_wait (live_applet_tree_has (fixture, "ram1: new qubes go to it{"));
  live_applet_click (fixture, item);
  live_mock_wait (live_applet_tree_has (fixture, "[ ] New qubes go to this pool"));
  assert_calls (fixture, "ram1 SetDefault true; ram1 SetDefault false");
  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED, "No");
  live_applet_click (fixture, item);
  live_mock_wait (fixture->notifications->len == 1);
  g_assert_true (g_str_has_prefix (fixture->notifications->pdata[0], "0|ram1 was not changed: not allowed|"));
  live_mock_wait (live_applet_tree_has (fixture, "[ ] New qubes go to this pool"));
  assert_calls (fixture, "ram1 SetDefault true");
  /* The click of an item that is not there any more. */
  live_bus_pool_set_managed (pool, FALSE);
  live_mock_wait (!live_applet_tree_has (fixture, "Made by Qubes Live"));
  live_applet_click (fixture, item);
  live_applet_settle (fixture);
  assert_calls (fixture, "");
}

/* While a job is about a pool it cannot be changed; a job of a qube of the same name does not matter. */
static void
test_busy (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusJob *job = NULL;
  int destroy = -1;

  add_ram_pool (fixture, "ram1");
  live_applet_start (fixture);
  destroy = live_applet_open_path (fixture, "Pools/ram1/Destroy");
  live_mock_service_add_job (fixture->service, LIVE_JOB_RUN_RAM_QUBE, "ram1");
  live_mock_wait (live_applet_tree_has (fixture, "!Starting a copy of ram1"));
  g_assert_false (live_applet_tree_has (fixture, "A change is under way"));
  job = live_mock_service_add_job (fixture->service, LIVE_JOB_RESIZE_POOL, "ram1");
  live_mock_wait (live_applet_tree_has (
      fixture, "ram1{!A change is under way…; !In RAM (driver file-reflink); !512.0" NBSP "MiB of 2.0" NBSP
               "GiB used, 256.0" NBSP "MiB of RAM held; !Made by Qubes Live; [ ] !New qubes go to this pool; "
               "[ ] !Volatile volumes under a throw-away key; -; !Destroy…}"));
  live_applet_click (fixture, destroy);
  live_applet_settle (fixture);
  assert_calls (fixture, "");
  live_mock_service_finish_job (fixture->service, job, "", "");
  live_mock_wait (live_applet_tree_has (fixture, "ram1{!In RAM"));
  live_mock_wait (live_applet_tree_has (fixture, "; Destroy…}"));
}

/* A job's line, and its way back. */
static void
test_job (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusJob *job = NULL;
  LiveBusJob *other = NULL;
  int cancel = -1;

  live_mock_service_add_pool (fixture->service, "vm-pool");
  live_applet_start (fixture);
  job = live_mock_service_add_job (fixture->service, LIVE_JOB_CREATE_RAM_POOL, "ram_1");
  live_mock_wait (live_applet_tree_has (
      fixture,
      "Create a pool in RAM…}; !Making the pool ram__1 in RAM: checking names, sizes and memory; Cancel; -; Refresh"));
  live_bus_job_set_step (job, LIVE_JOB_STEP_FORMAT);
  live_bus_job_set_progress (job, 0.5);
  live_mock_wait (
      live_applet_tree_has (fixture, "!Making the pool ram__1 in RAM: making the file system, 50 %; Cancel; -"));
  cancel = live_applet_open_path (fixture, "Cancel");

  /* Below it another one, which cannot be cancelled at first. */
  other = live_mock_service_add_job (fixture->service, LIVE_JOB_DESTROY_POOL, "old");
  live_bus_job_set_cancellable (other, FALSE);
  live_mock_wait (live_applet_tree_has (
      fixture, "50 %; Cancel; !Destroying the pool old: checking names, sizes and memory; -; Refresh"));
  live_bus_job_set_cancellable (other, TRUE);
  live_mock_wait (live_applet_tree_has (fixture, "memory; Cancel; -; Refresh"));

  live_mock_service_hold (fixture->service);
  live_applet_click (fixture, cancel);
  live_mock_wait (live_applet_tree_has (fixture, "50 %; !Cancel; !Destroying"));
  live_applet_click (fixture, cancel);
  live_applet_settle (fixture);
  g_assert_cmpuint (live_mock_service_get_n_held (fixture->service), ==, 1);
  live_mock_service_release (fixture->service);
  live_mock_wait (live_applet_tree_has (fixture, "ram__1 in RAM: undoing what was done, 50 %; !Destroying"));
  assert_calls (fixture, "job Cancel");
  live_applet_click (fixture, cancel);
  live_applet_settle (fixture);
  assert_calls (fixture, "");
  live_mock_service_finish_job (fixture->service, job, ERROR_PREFIX "Cancelled", "Taken back");
  live_mock_service_finish_job (fixture->service, other, "", "");
  live_mock_wait (live_applet_tree_has (fixture, "Create a pool in RAM…}; -; Refresh"));
  /* Whoever cancels it, or looks at it for a moment, is not told. */
  live_applet_settle (fixture);
  g_assert_cmpuint (fixture->notifications->len, ==, 0);
}

static void
test_cancel_fails (LiveAppletFixture *fixture, gconstpointer unused)
{
  live_mock_service_add_pool (fixture->service, "vm-pool");
  live_mock_service_add_job (fixture->service, LIVE_JOB_CREATE_RAM_POOL, "ram1");
  live_applet_start (fixture);
  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED, "Too late");
  choose (fixture, "Cancel");
  assert_told (fixture, 1, "0|Making the pool ram1 in RAM|It is too late to cancel: it is going to its end.|1");
  live_mock_wait (live_applet_tree_has (fixture, "memory; Cancel; -"));
  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "It has ended");
  choose (fixture, "Cancel");
  live_mock_wait (live_applet_tree_has (fixture, "memory; Cancel; -"));
  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED, "No");
  choose (fixture, "Cancel");
  live_mock_wait (fixture->notifications->len == 2);
  g_assert_true (g_str_has_prefix (fixture->notifications->pdata[1], "1|ram1 was not changed: not allowed|"));
  assert_calls (fixture, "job Cancel; job Cancel; job Cancel");
}

/* What is told in the end: failures always, a copy in RAM always, the rest when it took long. */
static void
test_ends (LiveAppletFixture *fixture, gconstpointer unused)
{
  static const struct
  {
    const char *kind;
    gint64 seconds;
    const char *error;
    const char *message;
    const char *told; /* NULL: nothing */
  } cases[] = {
    { LIVE_JOB_CREATE_RAM_POOL, 0, "", "", NULL },
    { LIVE_JOB_CREATE_RAM_POOL, 5, "", "", NULL },
    { LIVE_JOB_CREATE_RAM_POOL, 12, "", "", "|The pool x is ready.||0" },
    { LIVE_JOB_DESTROY_POOL, 12, "", "", "|The pool x is destroyed.||0" },
    { LIVE_JOB_RUN_RAM_QUBE, 0, "", "",
      "|A copy of x runs in RAM.|When it shuts down it is removed, with everything that was written in it.|0" },
    { LIVE_JOB_CREATE_RAM_POOL, 0, ERROR_PREFIX "Cancelled", "Taken back", NULL },
    { LIVE_JOB_CREATE_RAM_POOL, 12, ERROR_PREFIX "Cancelled", "",
      "|The pool x was not made: taken back|What had been done was undone.|0" },
    { LIVE_JOB_RUN_RAM_QUBE, 0, ERROR_PREFIX "NoMemory", "5 bytes are missing", "|No copy of x runs in RAM|" },
    { LIVE_JOB_DESTROY_POOL, 12, ERROR_PREFIX "InUse", "held by 42",
      "|The pool x was not destroyed, or not all of it|" },
  };
  guint n_told = 0;

  live_applet_start (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      LiveBusJob *job = live_mock_service_add_job (fixture->service, cases[i].kind, "x");
      const char *told = NULL;

      g_test_message ("%u", (guint) i);
      live_mock_wait (live_applet_tree_has (fixture, "; Cancel; -; Refresh"));
      live_applet_move_clock (fixture, cases[i].seconds, 0);
      live_mock_service_finish_job (fixture->service, job, cases[i].error, cases[i].message);
      live_mock_wait (!live_applet_tree_has (fixture, "Cancel"));
      live_mock_service_remove_job (fixture->service);
      live_applet_settle (fixture);
      if (cases[i].told != NULL)
        live_mock_wait (fixture->notifications->len > n_told);
      g_assert_cmpuint (fixture->notifications->len, ==, n_told + (cases[i].told != NULL));
      if (cases[i].told == NULL)
        continue;
      told = strchr (fixture->notifications->pdata[n_told++], '|');
      g_assert_true (g_str_has_prefix (told, cases[i].told));
      g_assert_nonnull (strstr (told, cases[i].message));
    }
}

/* One that had ended before we looked is no news, one that ends with its helper is. */
static void
test_first_and_last (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusJob *job = live_mock_service_add_job (fixture->service, LIVE_JOB_DESTROY_POOL, "old");

  live_mock_service_finish_job (fixture->service, job, ERROR_PREFIX "InUse", "held");
  live_mock_service_add_job (fixture->service, LIVE_JOB_CREATE_RAM_POOL, "ram1");
  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "!Making the pool ram1 in RAM: checking"));
  live_applet_settle (fixture);
  g_assert_cmpuint (fixture->notifications->len, ==, 0);
  live_mock_service_free (fixture->service);
  fixture->service = NULL;
  live_mock_wait (fixture->notifications->len == 1);
  live_mock_wait (!live_applet_tree_has (fixture, "Making"));
  fixture->service = live_mock_service_new (fixture->system_bus);
}

static void
test_run_in_ram (LiveAppletFixture *fixture, gconstpointer unused)
{
  static const struct
  {
    const char *class;
    const char *persistence;
    gboolean manageable;
    const char *item;
  } cases[] = {
    { "AppVM", "persistent", TRUE, "; Run in RAM; " },
    { "AppVM", "ephemeral", TRUE, "; Run in RAM; " },
    { "AppVM", "ram", TRUE, "; !Run in RAM (it does); " },
    { "TemplateVM", "persistent", TRUE, "; !Run in RAM (not for a template); " },
    { "DispVM", "persistent", TRUE, "; !Run in RAM (not for a disposable); " },
    { "StandaloneVM", "persistent", TRUE, "; !Run in RAM (not for a standalone qube); " },
    { "OfTomorrowVM", "persistent", TRUE, "; !Run in RAM (not this qube); " },
    { "RemoteVM", "persistent", FALSE, "-; Shut down}" },
  };
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");
  int item = -1;

  live_bus_qube_set_state (work, "running");
  live_bus_qube_set_template_for_dispvms (work, TRUE);
  live_applet_start (fixture);
  item = live_applet_open_path (fixture, "work/Run in RAM");
  live_applet_click (fixture, item);
  live_mock_wait (live_applet_tree_has (fixture, "!Starting a copy of work that lives in RAM: "));
  assert_calls (fixture, "manager RunRamQube 'work' {}");
  live_mock_service_finish_job (fixture->service, live_mock_service_get_job (fixture->service), "", "");
  assert_told (fixture, 1,
               "0|A copy of work runs in RAM.|When it shuts down it is removed, with everything that was written in "
               "it.|0");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      live_bus_qube_set_class (work, cases[i].class);
      live_bus_qube_set_persistence (work, cases[i].persistence);
      live_bus_qube_set_manageable (work, cases[i].manageable);
      live_mock_wait (live_applet_tree_has (fixture, cases[i].item));
    }
  live_applet_click (fixture, item);
  live_applet_settle (fixture);
  assert_calls (fixture, "");
}

static void
test_run_in_ram_fails (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");

  live_bus_qube_set_state (work, "running");
  live_applet_start (fixture);
  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_NO_MEMORY, "4096 bytes are missing");
  choose (fixture, "work/Run in RAM");
  live_mock_wait (fixture->notifications->len == 1);
  g_assert_true (g_str_has_prefix (fixture->notifications->pdata[0], "0|No copy of work runs in RAM|"));
  g_assert_nonnull (strstr (fixture->notifications->pdata[0], "4096 bytes are missing"));
  live_mock_wait (live_applet_tree_has (fixture, "; Run in RAM; "));
  /* Whoever takes it back at the password has nothing to learn. */
  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_CANCELLED, "Taken back");
  choose (fixture, "work/Run in RAM");
  live_mock_wait (live_applet_tree_has (fixture, "; Run in RAM; "));
  assert_calls (fixture, "manager RunRamQube 'work' {}; manager RunRamQube 'work' {}");
  g_assert_cmpuint (fixture->notifications->len, ==, 1);
}

int
main (int argc, char **argv)
{
  GSubprocess *x_server = NULL;
  int status = 0;

  g_test_init (&argc, &argv, NULL);
  x_server = live_applet_start_x_server ();

#define ADD(name, function)                                                                                            \
  g_test_add ("/pool-menu/" name, LiveAppletFixture, NULL, live_applet_set_up, function, live_applet_tear_down)
  ADD ("lines", test_lines);
  ADD ("default", test_default);
  ADD ("busy", test_busy);
  ADD ("job", test_job);
  ADD ("cancel-fails", test_cancel_fails);
  ADD ("ends", test_ends);
  ADD ("first-and-last", test_first_and_last);
  ADD ("run-in-ram", test_run_in_ram);
  ADD ("run-in-ram-fails", test_run_in_ram_fails);
#undef ADD
  status = g_test_run ();

  live_applet_stop_x_server (x_server);
  return status;
}
