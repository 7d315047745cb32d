/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "pictures.h"

#include "support/desktop-menu.h"

#define TRAY_ID "qubes-live"
#define WAIT_SECONDS 20.0
#define POLL_MICROSECONDS 20000
/* In the simulated dom0 as the demo starts it. */
#define RUNNING_QUBE "work"
#define HALTED_QUBE "app3"
#define TOGGLE "Root volume read-only"

/* Which state the simulated dom0 is in is not the demo's business; that an icon shows one is. */
static const guint32 indicator_colours[] = { 0xd9822b, 0x7b4fc9, 0x2e9e44, 0xcc2222 };

static gboolean
find_icon (LiveTestDesktop *desktop, LiveTestArea *icon, GError **error)
{
  const gint64 deadline = g_get_monotonic_time () + (gint64)(WAIT_SECONDS * G_USEC_PER_SEC);

  do
    for (guint i = 0; i < G_N_ELEMENTS (indicator_colours); i++)
      if (live_test_desktop_find_icon (desktop, indicator_colours[i], 0.3, icon, NULL))
        return TRUE;
  while (g_get_monotonic_time () < deadline);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "No indicator with a known state is in the tray after %g s",
               WAIT_SECONDS);
  return FALSE;
}

static gboolean
take (LiveTestDesktop *desktop, const char *directory, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);

  return live_test_desktop_screenshot (desktop, path, error);
}

/* The labels from the menu down to a qube's row, which begins with its name, wherever it is. (transfer full) */
static char **
find_qube (LiveTestDesktop *desktop, const char *name, GError **error)
{
  const gint64 deadline = g_get_monotonic_time () + (gint64)(WAIT_SECONDS * G_USEC_PER_SEC);
  g_autofree char *prefix = g_strconcat (name, ": ", NULL);

  do
    {
      g_autoptr (GPtrArray) rows = live_test_desktop_menu_rows (desktop, TRAY_ID, error);
      const LiveTestMenuRow *row;

      if (rows == NULL)
        return NULL;
      row = live_test_menu_rows_find_prefix (rows, prefix);
      if (row != NULL)
        return live_test_menu_rows_get_path (rows, row);
      g_usleep (POLL_MICROSECONDS);
    }
  while (g_get_monotonic_time () < deadline);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "The qube %s is not in the menu after %g s", name,
               WAIT_SECONDS);
  return NULL;
}

/* The path to the volume's toggle in the submenu of a qube. (transfer full) */
static char **
find_toggle (LiveTestDesktop *desktop, const char *qube, GError **error)
{
  g_auto (GStrv) path = find_qube (desktop, qube, error);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (path == NULL)
    return NULL;
  g_strv_builder_addv (builder, (const char **)path);
  g_strv_builder_add (builder, TOGGLE);
  return g_strv_builder_end (builder);
}

static gboolean
show_submenu (LiveTestDesktop *desktop, const LiveTestArea *icon, const char *qube, GError **error)
{
  g_auto (GStrv) path = find_qube (desktop, qube, error);

  return path != NULL && live_test_desktop_open_menu (desktop, icon, 3, error)
         && live_test_desktop_select_row (desktop, TRAY_ID, (const char *const *)path, error)
         && live_test_desktop_open_submenu (desktop, g_strv_length (path) + 1, error);
}

/* Opens the menu and selects the toggle of the halted qube, which is set or not as @set says. */
static gboolean
show_toggle (LiveTestDesktop *desktop, const LiveTestArea *icon, gboolean set, GError **error)
{
  g_auto (GStrv) path = find_toggle (desktop, HALTED_QUBE, error);
  g_autoptr (GPtrArray) rows = NULL;
  const LiveTestMenuRow *row;

  if (path == NULL || !live_test_desktop_open_menu (desktop, icon, 3, error)
      || !live_test_desktop_select_row (desktop, TRAY_ID, (const char *const *)path, error))
    return FALSE;
  rows = live_test_desktop_menu_rows (desktop, TRAY_ID, error);
  if (rows == NULL)
    return FALSE;
  row = live_test_menu_rows_find (rows, (const char *const *)path);
  if (row == NULL || row->toggle_state != (set ? 1 : 0))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "“%s” of %s is not as it should be in the menu", TOGGLE,
                   HALTED_QUBE);
      return FALSE;
    }
  return TRUE;
}

/* The helper has done it when the applet says so: the mark moves only then. */
static gboolean
wait_for_change (LiveTestDesktop *desktop, GError **error)
{
  const gint64 deadline = g_get_monotonic_time () + (gint64)(WAIT_SECONDS * G_USEC_PER_SEC);

  do
    {
      g_auto (GStrv) path = find_toggle (desktop, HALTED_QUBE, error);
      g_autoptr (GPtrArray) rows = path != NULL ? live_test_desktop_menu_rows (desktop, TRAY_ID, error) : NULL;
      const LiveTestMenuRow *row;

      if (rows == NULL)
        return FALSE;
      row = live_test_menu_rows_find (rows, (const char *const *)path);
      if (row != NULL && row->toggle_state == 1)
        return TRUE;
      g_usleep (POLL_MICROSECONDS);
    }
  while (g_get_monotonic_time () < deadline);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "“%s” was chosen, and is not set after %g s", TOGGLE,
               WAIT_SECONDS);
  return FALSE;
}

gboolean
live_demo_pictures_take (LiveTestDesktop *desktop, const char *directory, GError **error)
{
  LiveTestArea icon;

  return find_icon (desktop, &icon, error) && take (desktop, directory, "panel.png", error)
         && live_test_desktop_open_menu (desktop, &icon, 3, error) && take (desktop, directory, "menu.png", error)
         && live_test_desktop_close_menus (desktop, error) && show_submenu (desktop, &icon, RUNNING_QUBE, error)
         && take (desktop, directory, "submenu.png", error) && live_test_desktop_close_menus (desktop, error)
         && show_toggle (desktop, &icon, FALSE, error) && take (desktop, directory, "before-toggle.png", error)
         && live_test_desktop_key (desktop, "Return", error) && wait_for_change (desktop, error)
         && live_test_desktop_wait_menus (desktop, 0, WAIT_SECONDS, error) && show_toggle (desktop, &icon, TRUE, error)
         && take (desktop, directory, "after-toggle.png", error) && live_test_desktop_close_menus (desktop, error);
}
