/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Pools as a person has them: one made in a dialog by keyboard, its job in the menu of a real panel, its submenu, and
 * the question before it is destroyed. The helper is mocked: how far a job is has to stand still for its picture.
 */

#include "desktop-stage.h"

#include "mock-service.h"
#include "model/job.h"

#include <locale.h>
#include <string.h>

#define WAIT_SECONDS 20.0
#define ID LIVE_TEST_APPLET_ID
#define GIB ((guint64) 1 << 30)
#define POOL "ram1"

typedef struct
{
  LiveTestStage stage;
  LiveMockService *service;
  LiveBusPool *pool;
} Fixture;

static void
save (Fixture *fixture, gconstpointer data, const char *what)
{
  g_autofree char *name
      = g_strdup_printf ("pool-%s-%s", what, GPOINTER_TO_INT (data) == LIVE_TEST_THEME_DARK ? "dark" : "light");

  live_test_save_screenshot (fixture->stage.desktop, name);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const LiveTestBedOptions options = { .without_dom0 = TRUE, .without_helper = TRUE, .without_polkitd = TRUE };

  live_test_stage_set_up (&fixture->stage, &options, GPOINTER_TO_INT (data));
  fixture->service = live_mock_service_new_for_connection (live_test_bed_connect (fixture->stage.bed, 0));
  live_bus_manager_set_indicator (live_mock_service_get_manager (fixture->service), "persistent");
  live_mock_service_add_pool (fixture->service, "vm-pool");
  live_bus_qube_set_state (live_mock_service_add_qube (fixture->service, "work"), "running");
  live_mock_service_add_qube (fixture->service, "app4");
  live_test_stage_start_applet (&fixture->stage);
  live_test_stage_assert_qube (&fixture->stage, "work", TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  live_test_stage_stop_applet (&fixture->stage);
  g_clear_pointer (&fixture->service, live_mock_service_free);
  live_test_stage_tear_down (&fixture->stage);
}

/* What the helper has when the job is done. */
static void
add_ram_pool (Fixture *fixture)
{
  static const char *const qubes[] = { "app4", "work", NULL };

  fixture->pool = live_mock_service_add_pool (fixture->service, POOL);
  live_bus_pool_set_kind (fixture->pool, "ram");
  live_bus_pool_set_size (fixture->pool, 2 * GIB);
  live_bus_pool_set_used (fixture->pool, GIB / 2);
  live_bus_pool_set_memory_used (fixture->pool, GIB / 4);
  live_bus_pool_set_managed (fixture->pool, TRUE);
  live_bus_pool_set_default (fixture->pool, TRUE);
  live_bus_pool_set_qubes (fixture->pool, qubes);
}

static void
press (Fixture *fixture, const char *key)
{
  g_autoptr (GError) error = NULL;

  live_test_desktop_key (fixture->stage.desktop, key, &error);
  live_test_assert_no_error (fixture->stage.desktop, error);
}

/* By keyboard, from the icon to the row. */
static void
choose (Fixture *fixture, const char *const *path, guint n_windows)
{
  LiveTestArea icon = live_test_assert_icon (fixture->stage.desktop, LIVE_TEST_ORANGE);

  live_test_assert_open_menu (fixture->stage.desktop, &icon, 1);
  live_test_assert_choose_row (fixture->stage.desktop, ID, path);
  live_test_stage_assert_windows (&fixture->stage, LIVE_TEST_APPLET_CLASS, n_windows, NULL);
}

/* Opens a submenu, or with %NULL only the menu, takes its picture, and closes it. */
static void
look (Fixture *fixture, gconstpointer data, const char *const *path, const char *picture)
{
  LiveTestArea icon = live_test_assert_icon (fixture->stage.desktop, LIVE_TEST_ORANGE);
  g_autoptr (GError) error = NULL;

  live_test_assert_open_menu (fixture->stage.desktop, &icon, 3);
  if (path != NULL)
    live_test_desktop_open_row (fixture->stage.desktop, ID, path, &error);
  live_test_assert_no_error (fixture->stage.desktop, error);
  save (fixture, data, picture);
  live_test_assert_close_menus (fixture->stage.desktop);
}

/* For live_test_wait(). */
typedef struct
{
  Fixture *fixture;
  GString *calls;
  const char *expected;
} CallWait;

static gboolean
was_called (gpointer data)
{
  CallWait *wait = data;
  g_autofree char *more = live_mock_service_take_calls (wait->fixture->service);

  g_string_append (wait->calls, more);
  return wait->calls->len >= strlen (wait->expected);
}

static void
assert_called (Fixture *fixture, const char *expected)
{
  g_autoptr (GString) calls = g_string_new (NULL);
  CallWait wait = { fixture, calls, expected };

  live_test_wait (was_called, &wait, WAIT_SECONDS);
  g_assert_cmpstr (calls->str, ==, expected);
}

static void
test_life (Fixture *fixture, gconstpointer data)
{
  LiveBusJob *job = NULL;

  choose (fixture, LIVE_TEST_PATH ("Pools", "Create a pool in RAM…"), 1);
  save (fixture, data, "create");
  /* A name that is taken cannot be chosen. */
  press (fixture, "alt+n");
  for (const char *each = "vm-pool"; *each != '\0'; each++)
    press (fixture, *each == '-' ? "minus" : (const char[]){ *each, '\0' });
  press (fixture, "Return");
  save (fixture, data, "create-refused");
  live_test_stage_assert_windows (&fixture->stage, LIVE_TEST_APPLET_CLASS, 1, NULL);
  press (fixture, "ctrl+a");
  press (fixture, "r");
  press (fixture, "1");
  press (fixture, "alt+q");
  press (fixture, "alt+r");
  live_test_stage_assert_windows (&fixture->stage, LIVE_TEST_APPLET_CLASS, 0, NULL);
  assert_called (fixture, "manager CreateRamPool 'r1' 1180696576 {'default': <true>}");

  job = live_mock_service_get_job (fixture->service);
  live_bus_job_set_step (job, LIVE_JOB_STEP_FORMAT);
  live_bus_job_set_progress (job, 0.5);
  live_test_stage_assert_row (&fixture->stage, "Making the pool r1 in RAM: making the file system, 50 %");
  look (fixture, data, NULL, "job");
  live_test_bed_advance (fixture->stage.bed, 20, 0);
  live_mock_service_finish_job (fixture->service, job, "", "");
  live_test_stage_assert_windows (&fixture->stage, LIVE_TEST_NOTIFICATION_CLASS, 1, NULL);
  save (fixture, data, "ready");
  add_ram_pool (fixture);
  live_test_stage_assert_row (&fixture->stage, POOL ": new qubes go to it");
  look (fixture, data, LIVE_TEST_PATH ("Pools", POOL ": new qubes go to it"), "menu");

  /* The keyboard has the safe answer first. */
  choose (fixture, LIVE_TEST_PATH ("Pools", POOL ": new qubes go to it", "Destroy…"), 1);
  save (fixture, data, "destroy");
  press (fixture, "Return");
  live_test_stage_assert_windows (&fixture->stage, LIVE_TEST_APPLET_CLASS, 0, NULL);
  assert_called (fixture, "");
  choose (fixture, LIVE_TEST_PATH ("Pools", POOL ": new qubes go to it", "Destroy…"), 1);
  press (fixture, "alt+d");
  assert_called (fixture, "ram1 Destroy ['app4', 'work'] false");
  live_test_stage_assert_row (&fixture->stage, "Destroying the pool " POOL);
}

static void
test_skipped (void)
{
  g_test_skip ("only root can make a mount namespace");
}

int
main (int argc, char *argv[])
{
  gboolean able = live_test_bed_init ();

  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  if (!able)
    {
      g_test_add_func ("/desktop/pool", test_skipped);
      return g_test_run ();
    }
#define ADD(name, theme)                                                                                               \
  g_test_add ("/desktop/pool/" name, Fixture, GINT_TO_POINTER (theme), set_up, test_life, tear_down)
  ADD ("light", LIVE_TEST_THEME_LIGHT);
  ADD ("dark", LIVE_TEST_THEME_DARK);
#undef ADD
  return g_test_run ();
}
