/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "applet-fixture.h"

#include <string.h>

/*
 * What the menu says of customization windows and of what goes with the policy full, and what its items do.
 */

#define OTHERS "Other qubes/Red qubes/"
#define POLICIES "(x) Nothing: root and private are thrown away; ( ) Its files: root is thrown away; ( ) Everything; "
#define LENGTHS "Customise for 10 minutes; Customise for 30 minutes; Customise for 1 hour; Customise until I close it; "

/* A halted qube for which a window can be opened. */
static LiveBusQube *
add_full (LiveAppletFixture *fixture, const char *name)
{
  LiveBusQube *qube = live_mock_service_add_qube (fixture->service, name);

  live_bus_qube_set_policy (qube, "full");
  live_bus_qube_set_persistence (qube, "ephemeral");
  live_bus_qube_set_root_writable (qube, FALSE);
  live_bus_qube_set_private_writable (qube, FALSE);
  live_bus_qube_set_window_refusal (qube, "");
  return qube;
}

static void
set_open (LiveAppletFixture *fixture, LiveBusQube *qube, gint64 deadline)
{
  live_bus_qube_set_state (qube, "running");
  live_bus_qube_set_evidence (qube, "verified");
  live_bus_qube_set_window_refusal (qube, "open");
  live_bus_qube_set_window_deadline (qube, deadline);
  live_bus_qube_set_window_state (qube, "open");
}

static void
set_closed (LiveBusQube *qube)
{
  live_bus_qube_set_state (qube, "halted");
  live_bus_qube_set_evidence (qube, "configured");
  live_bus_qube_set_window_refusal (qube, "");
  live_bus_qube_set_window_deadline (qube, 0);
  live_bus_qube_set_window_step (qube, "");
  live_bus_qube_set_window_outcome (qube, "kept");
  live_bus_qube_set_window_state (qube, "closed");
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

/* A window's lengths are offered, each opens one of that length, and nothing else is shown. */
static void
test_lengths (LiveAppletFixture *fixture, gconstpointer unused)
{
  static const struct
  {
    const char *item;
    const char *calls;
  } cases[] = {
    { "Customise for 10", "work OpenWindow 600" },
    { "Customise for 30", "work OpenWindow 1800" },
    { "Customise for 1 hour", "work OpenWindow 3600" },
    { "Customise until", "work OpenWindow -1" },
  };
  LiveBusQube *work = add_full (fixture, "work");

  live_applet_start (fixture);
  live_applet_open_path (fixture, "Other qubes/Red qubes");
  live_mock_wait (live_applet_tree_has (fixture, "Start}"));
  g_assert_true (live_applet_tree_has (
      fixture, "work: set to leave nothing (checked when it starts){!Halted; configured (checked when it starts); "
               "!What it leaves behind; " POLICIES "-; " LENGTHS
               "-; [x] Root volume read-only; [x] Private volume read-only; [ ] Erase memory when it is freed; "
               "[ ] Keep changes in the qube's RAM; Run in RAM; Start}"));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strconcat (OTHERS "work/", cases[i].item, NULL);

      choose (fixture, path);
      live_mock_wait (live_applet_tree_has (fixture, "work: customising"));
      assert_calls (fixture, cases[i].calls);
      g_assert_false (live_applet_tree_has (fixture, "Customise"));
      set_closed (work);
      live_mock_wait (live_applet_tree_has (fixture, "-; " LENGTHS "-; "));
    }
}

/* One thing at a time, also between the window and the rest. */
static void
test_busy (LiveAppletFixture *fixture, gconstpointer unused)
{
  add_full (fixture, "work");
  live_applet_start (fixture);
  live_applet_open_path (fixture, OTHERS "work/Customise for 10");
  live_mock_service_hold (fixture->service);
  choose (fixture, OTHERS "work/Customise for 10");
  live_mock_wait (live_mock_service_get_n_held (fixture->service) == 1);
  live_mock_wait (live_applet_tree_has (fixture, "!A change is under way…"));
  g_assert_true (live_applet_tree_has (fixture, "!Customise for 10 minutes; !Customise for 30 minutes"));
  choose (fixture, OTHERS "work/Customise for 30");
  choose (fixture, OTHERS "work/Start");
  choose (fixture, OTHERS "work/Everything");
  live_applet_settle (fixture);
  g_assert_cmpuint (live_mock_service_get_n_held (fixture->service), ==, 1);
  live_mock_service_release (fixture->service);
  live_mock_wait (live_applet_tree_has (fixture, "work: customising, 10 minutes left{"));
  assert_calls (fixture, "work OpenWindow 600");
}

static void
test_refused (LiveAppletFixture *fixture, gconstpointer unused)
{
  static const struct
  {
    const char *refusal;
    const char *part;
  } cases[] = {
    { "policy", "-; !Customise (only with the policy “full”); -; " },
    { "pending", "-; !Customise (its policy is not applied yet); -; " },
    { "running", "-; !Customise (shut the qube down first); -; " },
    { "no-private", "-; !Customise (it has nothing that is kept); -; " },
    { "unknown", "-; !Customise (qubesd did not tell enough); -; " },
    { "of-tomorrow", "-; !Customise (not now: of-tomorrow); -; " },
    { "", "-; " LENGTHS "-; " },
  };
  LiveBusQube *work = add_full (fixture, "work");
  int item = -1;

  live_applet_start (fixture);
  item = live_applet_open_path (fixture, OTHERS "work/Customise for 10");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      live_bus_qube_set_window_refusal (work, cases[i].refusal);
      live_mock_wait (live_applet_tree_has (fixture, cases[i].part));
    }
  /* The click of an item that is not shown any more. */
  live_bus_qube_set_window_refusal (work, "running");
  live_mock_wait (live_applet_tree_has (fixture, "!Customise (shut"));
  live_applet_click (fixture, item);
  live_applet_settle (fixture);
  assert_calls (fixture, "");
}

/* Where there can never be a window, none is spoken of. */
static void
test_never (LiveAppletFixture *fixture, gconstpointer unused)
{
  static const char *const root[] = { "persistent", "root", NULL };
  LiveBusQube *disposable = add_full (fixture, "disp1");
  LiveBusQube *old = live_mock_service_add_qube (fixture->service, "old");

  live_bus_qube_set_class (disposable, "DispVM");
  live_bus_qube_set_window_refusal (disposable, "disposable");
  live_bus_qube_set_policies (old, root);
  live_applet_start (fixture);
  live_applet_open_path (fixture, OTHERS "disp1/Start");
  live_applet_open_path (fixture, OTHERS "old/Start");
  g_assert_false (live_applet_tree_has (fixture, "Customise"));
  g_assert_true (live_applet_tree_has (
      fixture, "( ) !Nothing: root and private are thrown away (its pool or Qubes version cannot); "
               "( ) Its files: root is thrown away; (x) Everything; -; [ ] Root"));
  /* Unless there is one all the same. */
  set_open (fixture, old, live_applet_get_now (fixture) + 300);
  live_mock_wait (live_applet_tree_has (fixture, "old: customising, 5 minutes left{"));
  live_mock_wait (live_applet_tree_has (fixture, "Extend by 10 minutes; Close now; -"));
}

/* How many timers of the applet are set to go off. */
static guint
count_armed_timers (LiveAppletFixture *fixture)
{
  const char *pid = g_subprocess_get_identifier (fixture->applet);
  g_autofree char *directory = g_strdup_printf ("/proc/%s/fdinfo", pid);
  g_autoptr (GDir) files = g_dir_open (directory, 0, NULL);
  const char *name = NULL;
  guint count = 0;

  g_assert_nonnull (files);
  while ((name = g_dir_read_name (files)) != NULL)
    {
      g_autofree char *path = g_build_filename (directory, name, NULL);
      g_autofree char *text = NULL;

      if (g_file_get_contents (path, &text, NULL, NULL) && strstr (text, "it_value: ") != NULL
          && strstr (text, "it_value: (0, 0)") == NULL)
        count++;
    }
  return count;
}

static void
test_countdown (LiveAppletFixture *fixture, gconstpointer unused)
{
  static const struct
  {
    gint64 left;
    const char *words;
  } cases[] = {
    { 3 * 3600 + 5, "customising, more than 3 hours left" },
    { 3 * 3600 - 5, "customising, more than 2 hours left" },
    { 2 * 3600 - 5, "customising, 120 minutes left" },
    { 545, "customising, 10 minutes left" },
    { 535, "customising, 9 minutes left" },
    { 75, "customising, 2 minutes left" },
    { 50, "customising, less than a minute left" },
    { -5, "customising, time is over" },
  };
  LiveBusQube *work = add_full (fixture, "work");
  gint64 deadline = live_applet_get_now (fixture) + 4 * 3600 - 5;

  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "work: "));
  live_applet_settle (fixture);
  g_assert_cmpuint (count_armed_timers (fixture), ==, 0);
  set_open (fixture, work, deadline);
  live_mock_wait (live_applet_tree_has (fixture, "work: customising, more than 3 hours left{"));
  g_assert_cmpuint (count_armed_timers (fixture), ==, 1);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *row = g_strconcat ("work: ", cases[i].words, "{", NULL);
      g_autofree char *line = g_strconcat ("!", cases[i].words, "; Extend by 10 minutes; Close now; -", NULL);

      live_applet_move_clock (fixture, deadline - cases[i].left - live_applet_get_now (fixture), 0);
      live_mock_wait (live_applet_tree_has (fixture, row));
      g_assert_true (live_applet_tree_has (fixture, line));
    }
  set_closed (work);
  live_mock_wait (live_applet_tree_has (fixture, "work: set to leave nothing"));
  live_applet_settle (fixture);
  g_assert_cmpuint (count_armed_timers (fixture), ==, 0);
}

/* The words change when it is time, with nobody saying so, and again after that: real seconds. */
static void
test_alarm (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = add_full (fixture, "work");

  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "work: "));
  set_open (fixture, work, live_applet_get_now (fixture) + 62);
  live_mock_wait (live_applet_tree_has (fixture, "work: customising"));
  live_mock_wait (live_applet_tree_has (fixture, "work: customising, less than a minute left{"));
}

static void
test_until_closed (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = add_full (fixture, "work");

  set_open (fixture, work, -1);
  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "work: customising until you close it{"));
  g_assert_true (live_applet_tree_has (fixture, "-; !customising until you close it; Close now; -"));
  g_assert_cmpuint (count_armed_timers (fixture), ==, 0);
  /* "not as it claims" is more important than any window. */
  live_bus_qube_set_evidence (work, "contradicted");
  live_mock_wait (live_applet_tree_has (fixture, "work: not as it claims{"));
}

static void
test_open (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = add_full (fixture, "work");
  int extend = -1;

  set_open (fixture, work, live_applet_get_now (fixture) + 300);
  live_applet_start (fixture);
  extend = live_applet_open_path (fixture, "work/Extend");
  live_applet_click (fixture, extend);
  live_mock_wait (live_applet_tree_has (fixture, "work: customising, 15 minutes left{"));
  choose (fixture, "work/Close now");
  live_mock_wait (live_applet_tree_has (fixture, "work: leaves nothing"));
  assert_calls (fixture, "work ExtendWindow 600; work CloseWindow false");
  live_applet_click (fixture, extend);
  live_applet_settle (fixture);
  assert_calls (fixture, "");
}

static void
test_steps (LiveAppletFixture *fixture, gconstpointer unused)
{
  static const struct
  {
    const char *state;
    const char *step;
    const char *words;
    const char *rest;
  } cases[] = {
    { "opening", "", "opening…", "; -" },
    { "opening", "start", "opening…: starting the qube", "; -" },
    { "closing", "shutdown", "closing…: shutting the qube down", "; -" },
    { "closing", "not-shutting-down", "closing…: the qube does not shut down",
      "; End it now, what it has not written is lost…; Keep waiting; -" },
    { "closing", "private-read-only", "closing…: making its private volume read-only", "; -" },
  };
  LiveBusQube *work = add_full (fixture, "work");
  int end = -1;

  set_open (fixture, work, live_applet_get_now (fixture) + 300);
  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "work: "));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *row = g_strconcat ("work: ", cases[i].words, "{", NULL);
      g_autofree char *lines = g_strconcat ("-; !", cases[i].words, cases[i].rest, NULL);

      live_bus_qube_set_window_step (work, cases[i].step);
      live_bus_qube_set_window_state (work, cases[i].state);
      live_mock_wait (live_applet_tree_has (fixture, row));
      g_assert_true (live_applet_tree_has (fixture, lines));
      if (g_str_equal (cases[i].step, "not-shutting-down"))
        end = live_applet_open_path (fixture, "work/End it now");
    }
  /* To choose it asks, and when it is not so any more, not even that; what was asked about is not done by itself. */
  live_applet_click (fixture, end);
  live_applet_settle (fixture);
  assert_calls (fixture, "");
}

static void
test_guest (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = add_full (fixture, "work");

  live_bus_qube_set_state (work, "running");
  live_bus_qube_set_window_refusal (work, "running");
  live_bus_qube_set_guest_window_deadline (work, live_applet_get_now (fixture) + 115);
  live_applet_start (fixture);
  live_mock_wait (
      live_applet_tree_has (fixture, "work: keeps its files by its own clock, 2 minutes left (not verified){"));
  live_applet_move_clock (fixture, 70, 0);
  live_mock_wait (live_applet_tree_has (fixture, "own clock, less than a minute left (not verified){"));
  live_applet_move_clock (fixture, 60, 0);
  live_mock_wait (live_applet_tree_has (fixture, "work: set to leave nothing"));
  live_applet_settle (fixture);
  g_assert_cmpuint (count_armed_timers (fixture), ==, 0);
}

static void
test_policy (LiveAppletFixture *fixture, gconstpointer unused)
{
  live_mock_service_add_qube (fixture->service, "work");
  live_applet_start (fixture);
  choose (fixture, OTHERS "work/Nothing");
  live_mock_wait (live_applet_tree_has (fixture, POLICIES "-; " LENGTHS));
  assert_calls (fixture, "work SetPolicy 'full'");
}

static void
test_memory_hygiene (LiveAppletFixture *fixture, gconstpointer unused)
{
  static const struct
  {
    const char *hygiene;
    const char *item;
    const char *then;
    const char *calls;
  } cases[] = {
    { "off", "[ ] Erase memory when it is freed; ", "[x] Erase memory when it is freed; ",
      "work SetMemoryHygiene true" },
    { "on", "[x] Erase memory when it is freed; ", "[ ] Erase memory when it is freed; ",
      "work SetMemoryHygiene false" },
    { "built-in", "[x] !Erase memory when it is freed (built into its kernel); ",
      "it is freed (built into its kernel); ", "" },
    { "not-applicable", "[ ] !Erase memory when it is freed (it brings its own kernel); ",
      "it is freed (it brings its own kernel); ", "" },
    { "unknown", "[ ] !Erase memory when it is freed (not known); ", "it is freed (not known); ", "" },
  };
  LiveBusQube *work = add_full (fixture, "work");

  live_applet_start (fixture);
  live_applet_open_path (fixture, OTHERS "work/Erase");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      live_bus_qube_set_memory_hygiene (work, cases[i].hygiene);
      live_mock_wait (live_applet_tree_has (fixture, cases[i].item));
      choose (fixture, OTHERS "work/Erase");
      live_mock_wait (live_applet_tree_has (fixture, cases[i].then));
      live_applet_settle (fixture);
      assert_calls (fixture, cases[i].calls);
    }
  g_assert_cmpuint (fixture->notifications->len, ==, 0);
  /* On a running qube that is nothing to see: it is said. */
  live_bus_qube_set_memory_hygiene (work, "off");
  live_bus_qube_set_state (work, "running");
  live_mock_wait (live_applet_tree_has (fixture, "[ ] Erase memory when it is freed; "));
  choose (fixture, "work/Erase");
  live_mock_wait (fixture->notifications->len == 1);
  g_assert_cmpstr (fixture->notifications->pdata[0], ==,
                   "0|work is running|The change takes effect when it starts again.|0");
}

static void
test_upper_layer (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = add_full (fixture, "work");

  live_bus_qube_set_upper_layer_size (work, "2G");
  live_applet_start (fixture);
  choose (fixture, OTHERS "work/Keep changes");
  live_mock_wait (live_applet_tree_has (fixture, "[x] Keep changes in the qube's RAM; Run in RAM; Start}"));
  choose (fixture, OTHERS "work/Keep changes");
  live_mock_wait (live_applet_tree_has (fixture, "[ ] Keep changes in the qube's RAM; Run in RAM; Start}"));
  assert_calls (fixture, "work SetUpperLayer 'ram' '2G'; work SetUpperLayer 'volatile' '2G'");
  /* It can be taken back where it means nothing any more, and is not offered there. */
  live_bus_qube_set_upper_layer (work, "ram");
  live_bus_qube_set_policy (work, "persistent");
  live_mock_wait (live_applet_tree_has (fixture, "[x] Keep changes in the qube's RAM; Run in RAM; Start}"));
  choose (fixture, OTHERS "work/Keep changes");
  live_mock_wait (live_applet_tree_has (fixture, "it is freed; Run in RAM; Start}"));
}

static void
test_renew (LiveAppletFixture *fixture, gconstpointer unused)
{
  static const char *const old[] = { "disp1", "disp2", NULL };
  LiveBusQube *dvm = add_full (fixture, "dvm");

  live_bus_qube_set_old_disposables (dvm, old);
  live_applet_start (fixture);
  choose (fixture, OTHERS "dvm/Give 2 old disposables this policy");
  live_mock_wait (fixture->notifications->len == 1);
  assert_calls (fixture, "dvm RenewDisposables");
  g_assert_cmpstr (fixture->notifications->pdata[0], ==,
                   "0|dvm: its disposables are renewed|These run, and change when they end: disp1, disp2|0");
  live_mock_wait (!live_applet_tree_has (fixture, "old disposable"));
}

/* Of what is about all qubes, and what of it can be chosen. */
static void
test_bulk_item (LiveAppletFixture *fixture, gconstpointer unused)
{
  static const char *const root[] = { "persistent", "root", NULL };
  LiveBusQube *dvm = live_mock_service_add_qube (fixture->service, "dvm");

  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "dvm: "));
  g_assert_false (live_applet_tree_has (fixture, "Make every"));
  live_bus_qube_set_template_for_dispvms (dvm, TRUE);
  live_mock_wait (live_applet_tree_has (fixture, "-; Make every disposable template fully ephemeral…}"));
  /* It stays reachable with every qube running. */
  live_bus_qube_set_state (dvm, "running");
  live_mock_wait (live_applet_tree_has (fixture, "Other qubes{Make every disposable template fully ephemeral…}"));
  live_bus_qube_set_policy (dvm, "full");
  live_mock_wait (live_applet_tree_has (fixture, "{!Make every disposable template fully ephemeral (they all are)}"));
  live_bus_qube_set_policy (dvm, "root");
  live_bus_qube_set_policies (dvm, root);
  live_mock_wait (
      live_applet_tree_has (fixture, "{!Make every disposable template fully ephemeral (the others cannot be)}"));
  live_mock_service_remove_qube (fixture->service, "dvm");
  live_mock_wait (!live_applet_tree_has (fixture, "Other qubes"));
}

static void
test_take_over_item (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusDom0 *dom0 = live_mock_service_get_dom0 (fixture->service);

  live_applet_start (fixture);
  g_assert_false (live_applet_tree_has (fixture, "Take over"));
  live_bus_dom0_set_guide_unit (
      dom0, g_variant_new_parsed ("('/etc/systemd/system/rw.service', true, [('work', 'root', false)], uint32 0)"));
  live_mock_wait (live_applet_tree_has (fixture, "Take over from the guide's rw.service…; -; Refresh"));
  live_bus_dom0_set_guide_unit (
      dom0, g_variant_new_parsed ("('/etc/systemd/system/rw.service', false, [('work', 'root', false)], uint32 0)"));
  live_mock_wait (!live_applet_tree_has (fixture, "Take over"));
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
  g_test_add ("/window-menu/" name, LiveAppletFixture, NULL, live_applet_set_up, function, live_applet_tear_down)
  ADD ("lengths", test_lengths);
  ADD ("busy", test_busy);
  ADD ("refused", test_refused);
  ADD ("never", test_never);
  ADD ("countdown", test_countdown);
  ADD ("alarm", test_alarm);
  ADD ("until-closed", test_until_closed);
  ADD ("open", test_open);
  ADD ("steps", test_steps);
  ADD ("guest", test_guest);
  ADD ("policy", test_policy);
  ADD ("memory-hygiene", test_memory_hygiene);
  ADD ("upper-layer", test_upper_layer);
  ADD ("renew", test_renew);
  ADD ("bulk-item", test_bulk_item);
  ADD ("take-over-item", test_take_over_item);
#undef ADD
  status = g_test_run ();

  live_applet_stop_x_server (x_server);
  return status;
}
