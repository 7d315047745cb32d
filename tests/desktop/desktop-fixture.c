/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "desktop-fixture.h"

#define WAIT_SECONDS 15.0
#define POLL_MICROSECONDS 20000

void
live_test_assert_no_error (LiveTestDesktop *desktop, const GError *error)
{
  if (error != NULL)
    live_test_save_screenshot (desktop, "failure");
  g_assert_no_error (error);
}

LiveTestArea
live_test_assert_icon (LiveTestDesktop *desktop, guint32 colour)
{
  g_autoptr (GError) error = NULL;
  LiveTestArea icon = { 0 };

  live_test_desktop_find_icon (desktop, colour, WAIT_SECONDS, &icon, &error);
  live_test_assert_no_error (desktop, error);
  return icon;
}

void
live_test_assert_open_menu (LiveTestDesktop *desktop, const LiveTestArea *icon, int button)
{
  g_autoptr (GError) error = NULL;

  live_test_desktop_open_menu (desktop, icon, button, &error);
  live_test_assert_no_error (desktop, error);
}

void
live_test_assert_close_menus (LiveTestDesktop *desktop)
{
  g_autoptr (GError) error = NULL;

  live_test_desktop_close_menus (desktop, &error);
  live_test_assert_no_error (desktop, error);
}

void
live_test_assert_menus (LiveTestDesktop *desktop, guint count)
{
  g_autoptr (GError) error = NULL;

  live_test_desktop_wait_menus (desktop, count, WAIT_SECONDS, &error);
  live_test_assert_no_error (desktop, error);
}

void
live_test_assert_click_row (LiveTestDesktop *desktop, const char *id, const char *const *path)
{
  g_autoptr (GError) error = NULL;

  live_test_desktop_click_row (desktop, id, path, &error);
  live_test_assert_no_error (desktop, error);
}

void
live_test_assert_choose_row (LiveTestDesktop *desktop, const char *id, const char *const *path)
{
  g_autoptr (GError) error = NULL;

  live_test_desktop_select_row (desktop, id, path, &error);
  live_test_assert_no_error (desktop, error);
  live_test_desktop_key (desktop, "Return", &error);
  live_test_assert_no_error (desktop, error);
}

int
live_test_assert_toggle (LiveTestDesktop *desktop, const char *id, const char *const *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = live_test_desktop_menu_rows (desktop, id, &error);
  const LiveTestMenuRow *row;

  live_test_assert_no_error (desktop, error);
  row = live_test_menu_rows_find (rows, path);
  if (row == NULL)
    {
      g_autofree char *menu = live_test_menu_rows_print (rows);

      g_error ("The menu has no row %s:\n%s", path[g_strv_length ((char **)path) - 1], menu);
    }
  return row->toggle_state;
}

gboolean
live_test_has_row (LiveTestDesktop *desktop, const char *id, const char *const *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) rows = live_test_desktop_menu_rows (desktop, id, &error);

  live_test_assert_no_error (desktop, error);
  return live_test_menu_rows_find (rows, path) != NULL;
}

void
live_test_assert_toggle_becomes (LiveTestDesktop *desktop, const char *id, const char *const *path, int state)
{
  const gint64 deadline = g_get_monotonic_time () + (gint64)(WAIT_SECONDS * G_USEC_PER_SEC);

  while (live_test_assert_toggle (desktop, id, path) != state && g_get_monotonic_time () < deadline)
    g_usleep (POLL_MICROSECONDS);
  g_assert_cmpint (live_test_assert_toggle (desktop, id, path), ==, state);
}

void
live_test_save_screenshot (LiveTestDesktop *desktop, const char *name)
{
  const char *directory = g_getenv ("QUBES_LIVE_SCREENSHOTS");
  g_autoptr (GError) error = NULL;
  g_autofree char *file = g_strconcat (name, ".png", NULL);
  g_autofree char *path = NULL;

  if (directory == NULL || directory[0] == '\0')
    return;
  path = g_build_filename (directory, file, NULL);
  live_test_desktop_screenshot (desktop, path, &error);
  g_assert_no_error (error);
}
