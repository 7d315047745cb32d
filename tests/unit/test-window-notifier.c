/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "applet-fixture.h"
#include "model/error.h"

#include <string.h>

/*
 * What is told of customization windows by notifications, when, how often, and what their buttons do.
 */

#define WARNING(id)                                                                                                    \
  id "|One minute left to customise work|Then work is shut down and its private volume becomes read-only again. Save " \
     "what is open in it.|1|Extend by 10 minutes|Close now"
#define KEPT(id)                                                                                                       \
  id "|Customization window of work closed|work was shut down and its changes are kept. Its private volume is "        \
     "read-only again.|1|Open again"
#define QUESTION(id)                                                                                                   \
  id "|work does not shut down. End it?|Until work is halted, it can still write to its private volume. If it is "     \
     "ended, what it has not written yet is lost, and its file system may need a check.|2|Wait|End it now…"

/* A halted qube for which a window can be opened. */
static LiveBusQube *
add_full (LiveAppletFixture *fixture)
{
  LiveBusQube *qube = live_mock_service_add_qube (fixture->service, "work");

  live_bus_qube_set_policy (qube, "full");
  live_bus_qube_set_persistence (qube, "ephemeral");
  live_bus_qube_set_private_writable (qube, FALSE);
  live_bus_qube_set_window_refusal (qube, "");
  return qube;
}

static void
set_open (LiveBusQube *qube, gint64 deadline)
{
  live_bus_qube_set_state (qube, "running");
  live_bus_qube_set_window_refusal (qube, "open");
  live_bus_qube_set_window_deadline (qube, deadline);
  live_bus_qube_set_window_step (qube, "");
  live_bus_qube_set_window_state (qube, "open");
}

static void
set_closed (LiveBusQube *qube, const char *outcome)
{
  live_bus_qube_set_state (qube, "halted");
  live_bus_qube_set_window_refusal (qube, "");
  live_bus_qube_set_window_deadline (qube, 0);
  live_bus_qube_set_window_step (qube, "");
  live_bus_qube_set_window_outcome (qube, outcome);
  live_bus_qube_set_window_state (qube, "closed");
}

static void
start (LiveAppletFixture *fixture)
{
  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "work: "));
}

static void
assert_told (LiveAppletFixture *fixture, guint n, const char *expected)
{
  live_mock_wait (fixture->notifications->len >= n);
  live_applet_settle (fixture);
  g_assert_cmpuint (fixture->notifications->len, ==, n);
  g_assert_cmpstr (fixture->notifications->pdata[n - 1], ==, expected);
}

/* Nothing more than @n, after everything was handled. */
static void
assert_nothing_told (LiveAppletFixture *fixture, guint n)
{
  live_applet_settle (fixture);
  g_assert_cmpuint (fixture->notifications->len, ==, n);
}

static void
assert_calls (LiveAppletFixture *fixture, const char *expected)
{
  g_autofree char *calls = live_mock_service_take_calls (fixture->service);

  g_assert_cmpstr (calls, ==, expected);
}

static gboolean
row_is (LiveAppletFixture *fixture, const char *words)
{
  g_autofree char *row = g_strconcat ("work: ", words, NULL);

  return live_applet_tree_has (fixture, row);
}

/* From the menu to the last button: the life of a window. */
static void
test_life (LiveAppletFixture *fixture, gconstpointer unused)
{
  add_full (fixture);
  start (fixture);
  live_applet_click (fixture, live_applet_open_path (fixture, "Other qubes/Red qubes/work/Customise for 10"));
  live_mock_wait (row_is (fixture, "customising, 10 minutes left"));
  assert_calls (fixture, "work OpenWindow 600");
  live_applet_move_clock (fixture, 530, 0);
  live_mock_wait (row_is (fixture, "customising, 2 minutes left"));
  assert_nothing_told (fixture, 0);
  live_applet_move_clock (fixture, 20, 0);
  assert_told (fixture, 1, WARNING ("0"));

  live_applet_press_button (fixture, 1, 0);
  live_mock_wait (row_is (fixture, "customising, 11 minutes left"));
  live_mock_wait (fixture->closed->len == 1);
  assert_calls (fixture, "work ExtendWindow 600");
  live_applet_move_clock (fixture, 600, 0);
  assert_told (fixture, 2, WARNING ("0"));

  live_applet_press_button (fixture, 2, 1);
  assert_told (fixture, 3, KEPT ("2"));
  assert_calls (fixture, "work CloseWindow false");
  live_applet_press_button (fixture, 2, 0);
  live_mock_wait (live_applet_tree_has (fixture, "Close now"));
  assert_calls (fixture, "work OpenWindow 600");
  /* What it says is over. */
  live_mock_wait (fixture->closed->len == 2);
}

/* With nobody moving the clock: real seconds. */
static void
test_on_time (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = add_full (fixture);
  gint64 deadline = 0;

  start (fixture);
  deadline = live_applet_get_now (fixture) + 63;
  set_open (work, deadline);
  live_mock_wait (row_is (fixture, "customising"));
  live_mock_wait (fixture->notifications->len == 1);
  g_assert_cmpint (live_applet_get_now (fixture), >=, deadline - 60);
  g_assert_cmpstr (fixture->notifications->pdata[0], ==, WARNING ("0"));
}

/* As long as the last one of this qube that was opened here; else ten minutes. */
static void
test_open_again (LiveAppletFixture *fixture, gconstpointer unused)
{
  static const struct
  {
    const char *item; /* NULL: opened elsewhere */
    const char *calls;
  } cases[] = {
    { NULL, "work OpenWindow 600" },
    { "Customise for 30", "work OpenWindow 1800; work OpenWindow 1800" },
    { "Customise until", "work OpenWindow -1; work OpenWindow -1" },
  };
  LiveBusQube *work = add_full (fixture);

  start (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat ("Other qubes/Red qubes/work/", cases[i].item, NULL);

      if (cases[i].item == NULL)
        set_open (work, live_applet_get_now (fixture) + 7200);
      else
        live_applet_click (fixture, live_applet_open_path (fixture, path));
      live_mock_wait (row_is (fixture, "customising"));
      set_closed (work, "kept");
      live_mock_wait (fixture->notifications->len == i + 1);
      live_mock_wait (!row_is (fixture, "customising"));
      live_applet_press_button (fixture, fixture->n_ids, 0);
      live_mock_wait (row_is (fixture, "customising"));
      assert_calls (fixture, cases[i].calls);
      /* Not by a window that is closed for the test only. */
      live_bus_qube_set_window_outcome (work, "");
      live_bus_qube_set_state (work, "halted");
      live_bus_qube_set_window_refusal (work, "");
      live_bus_qube_set_window_state (work, "closed");
      live_mock_wait (!row_is (fixture, "customising"));
    }
}

static void
start_other_helper (LiveAppletFixture *fixture)
{
  live_mock_service_free (fixture->service);
  fixture->service = NULL;
  live_mock_wait (live_applet_tree_has (fixture, "does not run"));
  fixture->service = live_mock_service_new (fixture->system_bus);
}

/* An end is warned of once: whatever else changes, whoever is started anew, however the clock is set. */
static void
test_once (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = add_full (fixture);
  gint64 deadline = live_applet_get_now (fixture) + 40;

  set_open (work, deadline);
  start (fixture);
  /* Also by an applet that was started in that minute. */
  assert_told (fixture, 1, WARNING ("0"));
  live_bus_qube_set_evidence (work, "verified");
  live_mock_wait (live_applet_tree_has (fixture, "Running; verified from Xen"));
  assert_nothing_told (fixture, 1);
  live_applet_move_clock (fixture, 0, -3600);
  live_mock_wait (row_is (fixture, "customising, 61 minutes left"));
  live_applet_move_clock (fixture, 0, 3600);
  live_mock_wait (row_is (fixture, "customising, less than a minute left"));
  assert_nothing_told (fixture, 1);
  start_other_helper (fixture);
  set_open (add_full (fixture), deadline);
  live_mock_wait (row_is (fixture, "customising"));
  assert_nothing_told (fixture, 1);
  g_assert_cmpuint (fixture->closed->len, ==, 0);
}

/* The private volume waits for its end all the time; that is told as the end of the window, and as nothing else. */
static void
test_pending (LiveAppletFixture *fixture, gconstpointer unused)
{
  static const char *const pending[] = { "private-read-only", NULL };
  static const char *const nothing[] = { NULL };
  LiveBusQube *work = add_full (fixture);

  start (fixture);
  /* A policy that is being applied, to a halted qube. */
  live_bus_qube_set_pending (work, pending);
  live_mock_wait (
      live_applet_tree_has (fixture, "work: set to leave nothing (checked when it starts), change pending"));
  live_bus_qube_set_pending (work, nothing);
  live_mock_wait (!live_applet_tree_has (fixture, "change pending"));
  live_bus_qube_set_pending (work, pending);
  set_open (work, live_applet_get_now (fixture) + 600);
  live_mock_wait (live_applet_tree_has (fixture, "work: customising, 10 minutes left{"));
  live_bus_qube_set_state (work, "halted");
  live_bus_qube_set_window_state (work, "closing");
  live_mock_wait (row_is (fixture, "closing"));
  live_bus_qube_set_pending (work, nothing);
  set_closed (work, "kept");
  assert_told (fixture, 1, KEPT ("0"));
}

/* A night in sleep: what ended then is told, that it would end is not. */
static void
test_asleep (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = add_full (fixture);

  set_open (work, live_applet_get_now (fixture) + 600);
  start (fixture);
  live_applet_move_clock (fixture, 8 * 3600, 0);
  live_mock_wait (row_is (fixture, "customising, time is over"));
  assert_nothing_told (fixture, 0);
  set_closed (work, "kept");
  assert_told (fixture, 1, KEPT ("0"));
}

static void
test_outcomes (LiveAppletFixture *fixture, gconstpointer unused)
{
  static const struct
  {
    const char *outcome;
    const char *told;
  } cases[] = {
    { "kept", KEPT ("0") },
    { "killed",
      "0|Customization window of work closed: the qube was ended|work did not shut down by itself. What it had "
      "written is kept, what it had not written yet is lost. Its file system may need a check: another window "
      "repairs it. Its private volume is read-only again.|1|Open again" },
    { "recovered", "0|Customization window of work closed after an interruption|A window of work was found as it was "
                   "left behind, with the qube halted. What it had written is kept. Its private volume is read-only "
                   "again.|1|Open again" },
    { "failed",
      "0|Customization window of work was not opened|Nothing was changed: the private volume of work is as it "
      "was before.|1|Open again" },
  };
  LiveBusQube *work = add_full (fixture);

  /* How one ended before is no news. */
  live_bus_qube_set_window_outcome (work, "kept");
  start (fixture);
  assert_nothing_told (fixture, 0);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      live_bus_qube_set_window_state (work, "opening");
      live_mock_wait (row_is (fixture, "opening"));
      set_closed (work, cases[i].outcome);
      assert_told (fixture, i + 1, cases[i].told);
    }
  /* Other news of the qube are none of this. */
  live_bus_qube_set_policy (work, "root");
  live_mock_wait (live_applet_tree_has (fixture, "work: "));
  assert_nothing_told (fixture, G_N_ELEMENTS (cases));
}

/* One that opened and failed between two looks, asked for elsewhere. */
static void
test_short_failure (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = add_full (fixture);

  start (fixture);
  live_bus_qube_set_window_outcome (work, "failed");
  live_mock_wait (fixture->notifications->len == 1);
  g_assert_nonnull (strstr (fixture->notifications->pdata[0], "work was not opened"));
}

/* The crash was before anybody could be told. */
static void
test_recovered_before (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = add_full (fixture);

  live_bus_qube_set_window_outcome (work, "recovered");
  start (fixture);
  live_applet_open_path (fixture, "Other qubes/Red qubes/work/Start");
  live_mock_wait (fixture->notifications->len == 1);
  g_assert_nonnull (strstr (fixture->notifications->pdata[0], "after an interruption"));
  live_bus_qube_set_policy (work, "root");
  live_mock_wait (live_applet_tree_has (fixture, "(x) Its files"));
  assert_nothing_told (fixture, 1);
}

/* The answer to our own call says why; that it failed is not told again. */
static void
test_own_failure (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = add_full (fixture);

  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_NO_MEMORY, "No");
  start (fixture);
  live_applet_click (fixture, live_applet_open_path (fixture, "Other qubes/Red qubes/work/Customise for 10"));
  live_mock_wait (fixture->notifications->len == 1);
  live_bus_qube_set_window_outcome (work, "failed");
  live_bus_qube_set_policy (work, "root");
  live_mock_wait (live_applet_tree_has (fixture, "(x) Its files"));
  assert_told (fixture, 1, "0|Not enough memory for work|Shut down a qube to free memory and try again.|1");

  /* The other way round. */
  live_bus_qube_set_policy (work, "full");
  live_bus_qube_set_window_outcome (work, "");
  live_mock_service_hold (fixture->service);
  live_applet_click (fixture, live_applet_open_path (fixture, "Other qubes/Red qubes/work/Customise for 10"));
  live_mock_wait (live_mock_service_get_n_held (fixture->service) == 1);
  live_bus_qube_set_window_outcome (work, "failed");
  live_bus_qube_set_policy (work, "root");
  live_mock_wait (live_applet_tree_has (fixture, "(x) !Its files"));
  live_mock_service_release (fixture->service);
  live_mock_wait (fixture->notifications->len == 2);
  assert_nothing_told (fixture, 2);

  /* But somebody else's is. */
  live_bus_qube_set_window_outcome (work, "");
  live_mock_wait (live_applet_tree_has (fixture, "(x) Its files"));
  live_applet_settle (fixture);
  live_bus_qube_set_window_outcome (work, "failed");
  live_mock_wait (fixture->notifications->len == 3);
  g_assert_nonnull (strstr (fixture->notifications->pdata[2], "work was not opened"));
}

static void
test_not_shutting_down (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = add_full (fixture);

  set_open (work, live_applet_get_now (fixture) + 600);
  start (fixture);
  live_bus_qube_set_window_step (work, "shutdown");
  live_bus_qube_set_window_state (work, "closing");
  live_mock_wait (row_is (fixture, "closing…: shutting the qube down"));
  assert_nothing_told (fixture, 0);
  live_bus_qube_set_window_step (work, "not-shutting-down");
  assert_told (fixture, 1, QUESTION ("0"));

  /* To wait does nothing but end the question; the menu can put it again. To end it asks, and does nothing yet. */
  live_applet_press_button (fixture, 1, 0);
  live_mock_wait (fixture->closed->len == 1);
  live_applet_click (fixture, live_applet_open_path (fixture, "work/End it now"));
  live_applet_settle (fixture);
  assert_calls (fixture, "");
  live_bus_qube_set_window_step (work, "private-read-only");
  live_mock_wait (row_is (fixture, "closing…: making its private volume read-only"));
  set_closed (work, "kept");
  assert_told (fixture, 2, KEPT ("0"));
}

/* Asked, and answered by the qube itself: the question goes. */
static void
test_shuts_down_late (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = add_full (fixture);

  set_open (work, live_applet_get_now (fixture) + 600);
  start (fixture);
  live_bus_qube_set_window_step (work, "not-shutting-down");
  live_bus_qube_set_window_state (work, "closing");
  assert_told (fixture, 1, QUESTION ("0"));
  live_applet_press_button (fixture, 1, 1);
  live_applet_settle (fixture);
  assert_calls (fixture, "");
  set_closed (work, "kept");
  assert_told (fixture, 2, KEPT ("1"));
}

static void
test_close_busy (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = add_full (fixture);

  set_open (work, live_applet_get_now (fixture) + 600);
  start (fixture);
  live_mock_service_hold (fixture->service);
  live_applet_click (fixture, live_applet_open_path (fixture, "work/Close now"));
  live_mock_wait (live_mock_service_get_n_held (fixture->service) == 1);
  live_bus_qube_set_window_step (work, "not-shutting-down");
  live_bus_qube_set_window_state (work, "closing");
  assert_told (fixture, 1, QUESTION ("0"));
  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_BUSY, "It does not shut down");
  live_mock_service_release (fixture->service);
  live_mock_wait (!live_applet_tree_has (fixture, "under way"));
  assert_nothing_told (fixture, 1);
  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED, "No");
  set_open (work, live_applet_get_now (fixture) + 600);
  live_mock_wait (fixture->closed->len == 1);
  live_applet_click (fixture, live_applet_open_path (fixture, "work/Close now"));
  live_mock_wait (fixture->notifications->len == 2);
  g_assert_nonnull (strstr (fixture->notifications->pdata[1], "work was not changed: not allowed"));
}

static void
test_guest (LiveAppletFixture *fixture, gconstpointer unused)
{
  static const char over[] = "0|work should keep nothing more|The time that work takes itself is over: it should not "
                             "write to its private volume any more. dom0 did not verify that.|1";
  LiveBusQube *work = add_full (fixture);
  LiveBusQube *other = live_mock_service_add_qube (fixture->service, "other");

  /* Over before anybody looked, and over because the qube is. */
  live_bus_qube_set_state (work, "running");
  live_bus_qube_set_guest_window_deadline (work, live_applet_get_now (fixture) - 1);
  start (fixture);
  live_bus_qube_set_guest_window_deadline (work, live_applet_get_now (fixture) + 30);
  live_mock_wait (row_is (fixture, "keeps its files by its own clock"));
  live_bus_qube_set_state (work, "halted");
  live_bus_qube_set_guest_window_deadline (work, 0);
  live_mock_wait (!row_is (fixture, "keeps its files by its own clock"));
  live_applet_move_clock (fixture, 60, 0);
  assert_nothing_told (fixture, 0);
  /* A helper that leaves the time there while the qube does not run; another one shows when that time has come. */
  live_bus_qube_set_guest_window_deadline (work, live_applet_get_now (fixture) + 30);
  live_bus_qube_set_state (other, "running");
  live_bus_qube_set_guest_window_deadline (other, live_applet_get_now (fixture) + 30);
  live_mock_wait (live_applet_tree_has (fixture, "other: keeps its files by its own clock"));
  live_applet_move_clock (fixture, 60, 0);
  live_mock_wait (fixture->notifications->len == 1);
  assert_nothing_told (fixture, 1);
  g_assert_nonnull (strstr (fixture->notifications->pdata[0], "other should keep nothing more"));

  live_bus_qube_set_state (work, "running");
  live_bus_qube_set_guest_window_deadline (work, live_applet_get_now (fixture) + 30);
  live_mock_wait (row_is (fixture, "keeps its files by its own clock"));
  live_applet_move_clock (fixture, 31, 0);
  assert_told (fixture, 2, over);
  live_bus_qube_set_guest_window_deadline (work, 0);
  live_bus_qube_set_evidence (work, "verified");
  live_mock_wait (row_is (fixture, "leaves nothing, verified"));
  assert_nothing_told (fixture, 2);
}

static void
test_removed (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = add_full (fixture);
  gint64 deadline = live_applet_get_now (fixture) + 40;

  set_open (work, deadline);
  start (fixture);
  assert_told (fixture, 1, WARNING ("0"));
  live_mock_service_remove_qube (fixture->service, "work");
  live_mock_wait (fixture->closed->len == 1);
  /* A button that is pressed all the same. */
  live_applet_press_button (fixture, 1, 0);

  /* And while the helper was away. */
  set_open (add_full (fixture), deadline);
  assert_told (fixture, 2, WARNING ("0"));
  start_other_helper (fixture);
  live_mock_wait (fixture->closed->len == 2);
}

int
main (int argc, char **argv)
{
  GSubprocess *x_server = NULL;
  int status = 0;

  g_test_init (&argc, &argv, NULL);
  g_assert_nonnull (g_getenv ("QUBES_LIVE_APPLET"));
  x_server = live_applet_start_x_server ();

#define ADD(name, function)                                                                                            \
  g_test_add ("/window-notifier/" name, LiveAppletFixture, NULL, live_applet_set_up, function, live_applet_tear_down)
  ADD ("life", test_life);
  ADD ("on-time", test_on_time);
  ADD ("open-again", test_open_again);
  ADD ("once", test_once);
  ADD ("pending", test_pending);
  ADD ("asleep", test_asleep);
  ADD ("outcomes", test_outcomes);
  ADD ("short-failure", test_short_failure);
  ADD ("recovered-before", test_recovered_before);
  ADD ("own-failure", test_own_failure);
  ADD ("not-shutting-down", test_not_shutting_down);
  ADD ("shuts-down-late", test_shuts_down_late);
  ADD ("close-busy", test_close_busy);
  ADD ("guest", test_guest);
  ADD ("removed", test_removed);
#undef ADD
  status = g_test_run ();

  live_applet_stop_x_server (x_server);
  return status;
}
