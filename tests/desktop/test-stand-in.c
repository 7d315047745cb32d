/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* The test desktop itself, with a tray program that does nothing but have a menu. */

#include "desktop-fixture.h"
#include "support/child.h"
#include "support/pointer.h"

#include <locale.h>
#include <string.h>

#include <glib/gstdio.h>

#define ID "stand-in-tray"
#define ICON_COLOUR 0x7b4fc9

typedef struct
{
  char *directory;
  LiveTestDesktop *desktop;
  GSubprocess *tray;
} Fixture;

static void
remove_tree (const char *path)
{
  const char *const argv[] = { "/bin/rm", "-rf", "--", path, NULL };
  g_autoptr (GError) error = NULL;

  live_test_child_run (argv, NULL, NULL, &error);
  g_assert_no_error (error);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const char *icons = g_test_get_dir (G_TEST_DIST);
  const char *const environment[]
      = { "PATH=/usr/bin:/bin", "LANG=C.UTF-8", "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nonexistent", NULL };
  g_autofree char *log_file = NULL;
  g_autoptr (GError) error = NULL;

  fixture->directory = g_dir_make_tmp ("qubes-live-test-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->desktop = live_test_desktop_new (fixture->directory, environment, GPOINTER_TO_INT (data), &error);
  g_assert_no_error (error);
  log_file = g_build_filename (fixture->directory, "stand-in-tray.log", NULL);
  const char *const argv[] = { STAND_IN_TRAY, "stand-in", icons, NULL };
  fixture->tray = live_test_child_spawn (argv, live_test_desktop_get_environment (fixture->desktop),
                                         G_SUBPROCESS_FLAGS_NONE, log_file, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  live_test_child_end (fixture->tray);
  live_test_desktop_free (fixture->desktop);
  remove_tree (fixture->directory);
  g_free (fixture->directory);
}

static void
test_icon (Fixture *fixture, gconstpointer data)
{
  LiveTestArea icon = live_test_assert_icon (fixture->desktop, ICON_COLOUR);
  g_autoptr (GError) error = NULL;
  guint32 colour = 0;

  g_assert_cmpint (icon.width, >=, 12);
  g_assert_cmpint (icon.height, >=, 12);
  live_test_desktop_pixel (fixture->desktop, icon.x + icon.width / 2, icon.y + icon.height / 2, &colour, &error);
  g_assert_no_error (error);
  g_assert_true (live_test_colour_is_near (colour, ICON_COLOUR));
  /* A colour that is not there is not found. */
  g_assert_false (live_test_desktop_find_icon (fixture->desktop, 0x00ff00, 0.2, &icon, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
}

static void
test_buttons (Fixture *fixture, gconstpointer data)
{
  LiveTestArea icon = live_test_assert_icon (fixture->desktop, ICON_COLOUR);

  for (int button = 1; button <= 3; button += 2)
    {
      live_test_assert_open_menu (fixture->desktop, &icon, button);
      if (button == 1)
        live_test_save_screenshot (fixture->desktop, GPOINTER_TO_INT (data) ? "stand-in-dark" : "stand-in-light");
      live_test_assert_close_menus (fixture->desktop);
    }
}

static void
test_mouse (Fixture *fixture, gconstpointer data)
{
  LiveTestArea icon = live_test_assert_icon (fixture->desktop, ICON_COLOUR);
  const char *const *path = LIVE_TEST_PATH ("app1", "Private volume read-only");

  g_assert_cmpint (live_test_assert_toggle (fixture->desktop, ID, path), ==, 0);
  live_test_assert_open_menu (fixture->desktop, &icon, 3);
  live_test_assert_click_row (fixture->desktop, ID, path);
  live_test_assert_toggle_becomes (fixture->desktop, ID, path, 1);
  g_assert_cmpint (live_test_assert_toggle (fixture->desktop, ID, LIVE_TEST_PATH ("app1", "Root volume read-only")), ==,
                   0);
  live_test_assert_menus (fixture->desktop, 0);
}

static void
test_keyboard (Fixture *fixture, gconstpointer data)
{
  LiveTestArea icon = live_test_assert_icon (fixture->desktop, ICON_COLOUR);
  const char *const *check = LIVE_TEST_PATH ("app1", "Root volume read-only");
  const char *const *radio = LIVE_TEST_PATH ("app1", "Its files");

  live_test_assert_open_menu (fixture->desktop, &icon, 1);
  live_test_assert_choose_row (fixture->desktop, ID, check);
  live_test_assert_toggle_becomes (fixture->desktop, ID, check, 1);
  live_test_assert_open_menu (fixture->desktop, &icon, 1);
  live_test_assert_choose_row (fixture->desktop, ID, radio);
  live_test_assert_toggle_becomes (fixture->desktop, ID, radio, 1);
  g_assert_cmpint (live_test_assert_toggle (fixture->desktop, ID, LIVE_TEST_PATH ("app1", "Everything")), ==, 0);
}

static void
test_submenu_screenshot (Fixture *fixture, gconstpointer data)
{
  LiveTestArea icon = live_test_assert_icon (fixture->desktop, ICON_COLOUR);
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) menus = NULL;

  live_test_assert_open_menu (fixture->desktop, &icon, 1);
  live_test_desktop_select_row (fixture->desktop, ID, LIVE_TEST_PATH ("app1", "Its files"), &error);
  g_assert_no_error (error);
  menus = live_test_desktop_get_menus (fixture->desktop, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (menus->len, ==, 2);
  live_test_save_screenshot (fixture->desktop, "stand-in-submenu");
  live_test_assert_close_menus (fixture->desktop);
}

static void
test_panel_restart (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  LiveTestArea icon;

  live_test_assert_icon (fixture->desktop, ICON_COLOUR);
  live_test_desktop_stop_panel (fixture->desktop);
  g_assert_false (live_test_desktop_find_icon (fixture->desktop, ICON_COLOUR, 0.2, &icon, &error));
  g_clear_error (&error);
  live_test_desktop_start_panel (fixture->desktop, &error);
  g_assert_no_error (error);
  live_test_assert_icon (fixture->desktop, ICON_COLOUR);
}

static gboolean
is_plain (LiveTestDesktop *desktop)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GArray) popups = live_test_windows_find (live_test_desktop_get_display (desktop), "notifyd", 1, &error);

  g_assert_no_error (error);
  return popups->len == 0;
}

static void
test_notification (Fixture *fixture, gconstpointer data)
{
  const char *const argv[]
      = { "/usr/bin/notify-send", "--urgency=critical", "work was not changed", "You are not allowed to.", NULL };
  const gint64 deadline = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
  const LiveTestNotification *notification;
  g_autoptr (GError) error = NULL;
  GPtrArray *notifications;

  g_assert_true (is_plain (fixture->desktop));
  live_test_child_run (argv, live_test_desktop_get_environment (fixture->desktop), NULL, &error);
  g_assert_no_error (error);
  while (is_plain (fixture->desktop) && g_get_monotonic_time () < deadline)
    ;
  g_assert_false (is_plain (fixture->desktop));
  notifications = live_test_desktop_get_notifications (fixture->desktop);
  g_assert_cmpuint (notifications->len, ==, 1);
  notification = notifications->pdata[0];
  g_assert_cmpstr (notification->summary, ==, "work was not changed");
  g_assert_cmpstr (notification->body, ==, "You are not allowed to.");
  g_assert_cmpint (notification->urgency, ==, 2);
}

#define ADD(name, theme, function)                                                                                     \
  g_test_add ("/desktop/stand-in/" name, Fixture, GINT_TO_POINTER (theme), set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  ADD ("icon", LIVE_TEST_THEME_LIGHT, test_icon);
  ADD ("buttons/light", LIVE_TEST_THEME_LIGHT, test_buttons);
  ADD ("buttons/dark", LIVE_TEST_THEME_DARK, test_buttons);
  ADD ("mouse/light", LIVE_TEST_THEME_LIGHT, test_mouse);
  ADD ("mouse/dark", LIVE_TEST_THEME_DARK, test_mouse);
  ADD ("keyboard", LIVE_TEST_THEME_LIGHT, test_keyboard);
  ADD ("submenu", LIVE_TEST_THEME_LIGHT, test_submenu_screenshot);
  ADD ("panel-restart", LIVE_TEST_THEME_LIGHT, test_panel_restart);
  ADD ("notification", LIVE_TEST_THEME_LIGHT, test_notification);
  return g_test_run ();
}
