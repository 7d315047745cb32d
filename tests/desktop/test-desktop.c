/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The main job, end to end, as a person does it: the icon in the tray of a real panel, the menu, a change by mouse or
 * keyboard, and its effect in the simulated dom0, over the real system bus, polkitd, helper and applet.
 */

#include "desktop-stage.h"

#include "support/child.h"
#include "support/pointer.h"

#include <locale.h>
#include <string.h>

#define WAIT_SECONDS 20.0
#define ID LIVE_TEST_APPLET_ID
#define TOGGLE "Root volume read-only"
#define ROOT_THROWN_AWAY "Its files: root is thrown away"
/* Halted in the simulated dom0 at its start, and with a volume that is written. */
#define QUBE "app3"

typedef struct
{
  LiveTestStage stage;
  /* Shorthands for what is in it. */
  LiveTestBed *bed;
  LiveTestDesktop *desktop;
} Fixture;

/* For live_test_wait(): the answer of the simulated dom0 to a command. */
typedef struct
{
  LiveTestBed *bed;
  const char *command;
  const char *answer;
} Effect;

static gboolean
answer_is (gpointer data)
{
  Effect *effect = data;
  g_autofree char *answer = live_test_bed_control (effect->bed, "%s", effect->command);

  return g_strcmp0 (answer, effect->answer) == 0;
}

static void
assert_effect (Fixture *fixture, const char *command, const char *answer)
{
  Effect effect = { fixture->bed, command, answer };

  if (!live_test_wait (answer_is, &effect, WAIT_SECONDS))
    {
      live_test_save_screenshot (fixture->desktop, "failure");
      g_error ("“%s” does not become “%s” in the simulated dom0", command, answer);
    }
}

static void
set_up_with_rules (Fixture *fixture, LiveTestTheme theme, const char *rules)
{
  static const char *const dom0_arguments[] = { "--qubes", "16", "--running", "5", NULL };
  const LiveTestBedOptions options = { .dom0_arguments = dom0_arguments, .polkit_rules = rules };

  live_test_stage_set_up (&fixture->stage, &options, theme);
  fixture->bed = fixture->stage.bed;
  fixture->desktop = fixture->stage.desktop;
  live_test_stage_start_applet (&fixture->stage);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  set_up_with_rules (fixture, GPOINTER_TO_INT (data), live_test_stage_permissive_rules);
}

static void
set_up_unauthorised (Fixture *fixture, gconstpointer data)
{
  static const char view_only[] = "polkit.addRule (function (action, subject) {\n"
                                  "  return action.id == 'org.qubes.Live1.view' ? polkit.Result.YES\n"
                                  "                                             : polkit.Result.NO;\n"
                                  "});\n";

  set_up_with_rules (fixture, GPOINTER_TO_INT (data), view_only);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  live_test_stage_tear_down (&fixture->stage);
}

/* The icon once the helper has told what the running qubes leave behind. */
static LiveTestArea
get_icon (Fixture *fixture)
{
  return live_test_assert_icon (fixture->desktop, LIVE_TEST_ORANGE);
}

static void
test_open (Fixture *fixture, gconstpointer data)
{
  LiveTestArea icon = get_icon (fixture);
  const char *theme = GPOINTER_TO_INT (data) == LIVE_TEST_THEME_DARK ? "dark" : "light";
  g_autofree char *panel = g_strconcat ("panel-", theme, NULL);
  g_autofree char *menu = g_strconcat ("menu-", theme, NULL);

  live_test_save_screenshot (fixture->desktop, panel);
  for (int button = 1; button <= 3; button += 2)
    {
      live_test_assert_open_menu (fixture->desktop, &icon, button);
      if (button == 3)
        live_test_save_screenshot (fixture->desktop, menu);
      live_test_assert_close_menus (fixture->desktop);
    }
}

static void
test_submenu (Fixture *fixture, gconstpointer data)
{
  LiveTestArea icon = get_icon (fixture);
  const char *theme = GPOINTER_TO_INT (data) == LIVE_TEST_THEME_DARK ? "dark" : "light";
  static const struct
  {
    const char *qube;
    const char *name;
  } cases[] = { { "sys-net", "running" }, { QUBE, "halted" } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (GStrv) path = live_test_stage_get_path (&fixture->stage, cases[i].qube, NULL);
      g_autofree char *name = g_strdup_printf ("submenu-%s-%s", cases[i].name, theme);
      g_autoptr (GError) error = NULL;

      live_test_assert_open_menu (fixture->desktop, &icon, 3);
      live_test_desktop_select_row (fixture->desktop, ID, (const char *const *)path, &error);
      live_test_assert_no_error (fixture->desktop, error);
      live_test_desktop_open_submenu (fixture->desktop, g_strv_length (path) + 1, &error);
      live_test_assert_no_error (fixture->desktop, error);
      live_test_save_screenshot (fixture->desktop, name);
      live_test_assert_close_menus (fixture->desktop);
    }
}

/* Whoever presses on a row as soon as the pointer is there gets the whole submenu, not an arrow to scroll it by. */
static void
test_press_at_once (Fixture *fixture, gconstpointer data)
{
  LiveTestArea icon = get_icon (fixture);
  g_auto (GStrv) qube = live_test_stage_get_path (&fixture->stage, "sys-net", NULL);
  g_auto (GStrv) last = live_test_stage_get_path (&fixture->stage, "sys-net", "Shut down");
  g_autoptr (GError) error = NULL;
  LiveTestArea row = { 0 };
  LiveTestArea place = { 0 };

  live_test_assert_open_menu (fixture->desktop, &icon, 3);
  live_test_desktop_locate_row (fixture->desktop, ID, (const char *const *)qube, &row, &error);
  live_test_assert_no_error (fixture->desktop, error);
  /* Moves and presses in one. */
  live_test_desktop_click (fixture->desktop, row.x + row.width / 2, row.y + row.height / 2, 1, &error);
  live_test_assert_no_error (fixture->desktop, error);
  live_test_assert_menus (fixture->desktop, 2);
  /* That counts the rows that are drawn, too. */
  live_test_desktop_locate_row (fixture->desktop, ID, (const char *const *)last, &place, &error);
  live_test_save_screenshot (fixture->desktop, "pressed-at-once");
  live_test_assert_no_error (fixture->desktop, error);
  live_test_assert_close_menus (fixture->desktop);
}

/* Opens the submenu of a qube and goes to one of its rows; what chooses it is left to do. (transfer full) */
static char **
go_to_row (Fixture *fixture, const char *row, gboolean by_mouse, LiveTestArea *place)
{
  LiveTestArea icon = get_icon (fixture);
  g_auto (GStrv) qube = live_test_stage_get_path (&fixture->stage, QUBE, NULL);
  char **path = live_test_stage_get_path (&fixture->stage, QUBE, row);
  g_autoptr (GError) error = NULL;

  live_test_assert_open_menu (fixture->desktop, &icon, by_mouse ? 3 : 1);
  if (by_mouse)
    {
      live_test_desktop_open_row (fixture->desktop, ID, (const char *const *)qube, &error);
      live_test_assert_no_error (fixture->desktop, error);
      live_test_desktop_locate_row (fixture->desktop, ID, (const char *const *)path, place, &error);
    }
  else
    live_test_desktop_select_row (fixture->desktop, ID, (const char *const *)path, &error);
  live_test_assert_no_error (fixture->desktop, error);
  return path;
}

static void
choose (Fixture *fixture, gboolean by_mouse, const LiveTestArea *place)
{
  g_autoptr (GError) error = NULL;

  if (by_mouse)
    live_test_desktop_click (fixture->desktop, place->x + place->width / 2, place->y + place->height / 2, 1, &error);
  else
    live_test_desktop_key (fixture->desktop, "Return", &error);
  live_test_assert_no_error (fixture->desktop, error);
}

static void
test_toggle (Fixture *fixture, const char *row, gboolean by_mouse)
{
  g_auto (GStrv) path = NULL;
  LiveTestArea place = { 0 };

  assert_effect (fixture, "rw " QUBE " root", "True");
  path = go_to_row (fixture, row, by_mouse, &place);
  g_assert_cmpint (live_test_assert_toggle (fixture->desktop, ID, (const char *const *)path), ==, 0);
  choose (fixture, by_mouse, &place);
  assert_effect (fixture, "rw " QUBE " root", "False");
  live_test_assert_menus (fixture->desktop, 0);
  /* The row of the qube may say something else now. */
  g_clear_pointer (&path, g_strfreev);
  path = live_test_stage_get_path (&fixture->stage, QUBE, row);
  live_test_assert_toggle_becomes (fixture->desktop, ID, (const char *const *)path, 1);
  /* The others are as they were. */
  assert_effect (fixture, "rw app2 root", "True");
}

static void
test_root_by_mouse (Fixture *fixture, gconstpointer data)
{
  test_toggle (fixture, TOGGLE, TRUE);
}

static void
test_root_by_keyboard (Fixture *fixture, gconstpointer data)
{
  g_auto (GStrv) path = NULL;
  LiveTestArea place;

  test_toggle (fixture, TOGGLE, FALSE);
  /* And back. */
  path = go_to_row (fixture, TOGGLE, FALSE, &place);
  g_assert_cmpint (live_test_assert_toggle (fixture->desktop, ID, (const char *const *)path), ==, 1);
  choose (fixture, FALSE, &place);
  assert_effect (fixture, "rw " QUBE " root", "True");
  g_clear_pointer (&path, g_strfreev);
  path = live_test_stage_get_path (&fixture->stage, QUBE, TOGGLE);
  live_test_assert_toggle_becomes (fixture->desktop, ID, (const char *const *)path, 0);
}

static void
test_policy_by_mouse (Fixture *fixture, gconstpointer data)
{
  test_toggle (fixture, ROOT_THROWN_AWAY, TRUE);
  assert_effect (fixture, "ephemeral " QUBE, "True");
  assert_effect (fixture, "get-feature " QUBE " live.policy", "root");
}

static void
test_policy_by_keyboard (Fixture *fixture, gconstpointer data)
{
  test_toggle (fixture, ROOT_THROWN_AWAY, FALSE);
  assert_effect (fixture, "ephemeral " QUBE, "True");
  assert_effect (fixture, "get-feature " QUBE " live.policy", "root");
}

static void
test_unreachable (Fixture *fixture, gconstpointer data)
{
  get_icon (fixture);
  live_test_bed_stop_dom0 (fixture->bed);
  live_test_assert_icon (fixture->desktop, LIVE_TEST_GREY);
  live_test_save_screenshot (fixture->desktop, "qubesd-unreachable");
  live_test_bed_start_dom0 (fixture->bed);
  get_icon (fixture);
}

/* Qubes come and go while somebody reads the menu: it stays open, and what it shows stays right. */
static void
test_open_while_changing (Fixture *fixture, gconstpointer data)
{
  LiveTestArea icon = get_icon (fixture);
  g_autofree char *nothing = NULL;
  g_autofree char *added = NULL;
  g_autofree char *started = NULL;
  g_autofree char *stopped = NULL;
  g_autofree char *removed = NULL;

  live_test_assert_open_menu (fixture->desktop, &icon, 1);
  added = live_test_bed_control (fixture->bed, "create newcomer red");
  live_test_stage_assert_qube (&fixture->stage, "newcomer", TRUE);
  live_test_assert_menus (fixture->desktop, 1);
  started = live_test_bed_control (fixture->bed, "start newcomer");
  assert_effect (fixture, "state newcomer", "Running");
  live_test_stage_assert_qube (&fixture->stage, "newcomer", TRUE);
  live_test_assert_menus (fixture->desktop, 1);
  live_test_save_screenshot (fixture->desktop, "menu-with-newcomer");
  stopped = live_test_bed_control (fixture->bed, "kill newcomer");
  assert_effect (fixture, "state newcomer", "Halted");
  removed = live_test_bed_control (fixture->bed, "remove newcomer");
  live_test_stage_assert_qube (&fixture->stage, "newcomer", FALSE);
  live_test_assert_menus (fixture->desktop, 1);
  live_test_assert_close_menus (fixture->desktop);
}

static void
test_panel_restart (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  LiveTestArea icon;

  get_icon (fixture);
  live_test_desktop_stop_panel (fixture->desktop);
  live_test_desktop_start_panel (fixture->desktop, &error);
  live_test_assert_no_error (fixture->desktop, error);
  icon = get_icon (fixture);
  live_test_assert_open_menu (fixture->desktop, &icon, 1);
  live_test_assert_close_menus (fixture->desktop);
}

static void
test_helper_restart (Fixture *fixture, gconstpointer data)
{
  get_icon (fixture);
  live_test_bed_kill_helper (fixture->bed);
  live_test_assert_icon (fixture->desktop, LIVE_TEST_GREY);
  live_test_bed_start_helper (fixture->bed);
  get_icon (fixture);
  /* It can do again what it could before. */
  test_toggle (fixture, TOGGLE, FALSE);
}

static gboolean
has_notification (gpointer data)
{
  return live_test_desktop_get_notifications (data)->len > 0;
}

static gboolean
popup_is_shown (gpointer data)
{
  g_autoptr (GArray) popups = live_test_windows_find (live_test_desktop_get_display (data), LIVE_TEST_NOTIFICATION_CLASS, 1, NULL);

  return popups != NULL && popups->len > 0;
}

static void
test_denied (Fixture *fixture, gconstpointer data)
{
  g_auto (GStrv) path = NULL;
  const LiveTestNotification *notification;
  LiveTestArea place;

  assert_effect (fixture, "rw " QUBE " root", "True");
  path = go_to_row (fixture, TOGGLE, FALSE, &place);
  choose (fixture, FALSE, &place);
  g_assert_true (live_test_wait (has_notification, fixture->desktop, WAIT_SECONDS));
  g_assert_true (live_test_wait (popup_is_shown, fixture->desktop, WAIT_SECONDS));
  notification = live_test_desktop_get_notifications (fixture->desktop)->pdata[0];
  g_test_message ("%s | %s", notification->summary, notification->body);
  g_assert_nonnull (strstr (notification->summary, QUBE));
  g_assert_cmpstr (notification->body, !=, "");
  live_test_save_screenshot (fixture->desktop, "denied");
  assert_effect (fixture, "rw " QUBE " root", "True");
  g_assert_cmpint (live_test_assert_toggle (fixture->desktop, ID, (const char *const *)path), ==, 0);
}

static void
test_skipped (void)
{
  g_test_skip ("only root can make a mount namespace");
}

#define ADD(name, theme, set_up_function, function)                                                                    \
  g_test_add ("/desktop/" name, Fixture, GINT_TO_POINTER (theme), set_up_function, function, tear_down)

int
main (int argc, char *argv[])
{
  gboolean able = live_test_bed_init ();

  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  if (!able)
    {
      g_test_add_func ("/desktop", test_skipped);
      return g_test_run ();
    }
  ADD ("open/light", LIVE_TEST_THEME_LIGHT, set_up, test_open);
  ADD ("open/dark", LIVE_TEST_THEME_DARK, set_up, test_open);
  ADD ("submenu/light", LIVE_TEST_THEME_LIGHT, set_up, test_submenu);
  ADD ("submenu/dark", LIVE_TEST_THEME_DARK, set_up, test_submenu);
  ADD ("press-at-once", LIVE_TEST_THEME_LIGHT, set_up, test_press_at_once);
  ADD ("root/mouse", LIVE_TEST_THEME_LIGHT, set_up, test_root_by_mouse);
  ADD ("root/keyboard", LIVE_TEST_THEME_LIGHT, set_up, test_root_by_keyboard);
  ADD ("policy/mouse", LIVE_TEST_THEME_DARK, set_up, test_policy_by_mouse);
  ADD ("policy/keyboard", LIVE_TEST_THEME_LIGHT, set_up, test_policy_by_keyboard);
  ADD ("unreachable", LIVE_TEST_THEME_LIGHT, set_up, test_unreachable);
  ADD ("open-while-changing", LIVE_TEST_THEME_LIGHT, set_up, test_open_while_changing);
  ADD ("panel-restart", LIVE_TEST_THEME_LIGHT, set_up, test_panel_restart);
  ADD ("helper-restart", LIVE_TEST_THEME_LIGHT, set_up, test_helper_restart);
  ADD ("denied", LIVE_TEST_THEME_LIGHT, set_up_unauthorised, test_denied);
  return g_test_run ();
}
