/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "desktop-menu.h"

#include "desktop-config.h"
#include "menu-picture.h"
#include "pointer.h"

#define MENU_SECONDS 10.0
/* How long a submenu may take after the key that opens it, before the key is pressed again. */
#define SUBMENU_SECONDS 1.0
/* More than a menu has rows; the selection goes round at the end. */
#define MAXIMUM_STEPS 60
#define POLL_MICROSECONDS 20000
/* A menu that does not come after the first Escape has to close in a moment. */
#define MAXIMUM_ESCAPES 10

GArray *
live_test_desktop_get_menus (LiveTestDesktop *desktop, GError **error)
{
  GArray *windows = live_test_windows_find (live_test_desktop_get_display (desktop), LIVE_TEST_TRAY_CLASS, 1, error);

  if (windows == NULL)
    return NULL;
  /* Directly on the screen are only the menus: the tray itself sits in the panel's window. */
  for (guint i = windows->len; i > 0; i--)
    if (g_array_index (windows, LiveTestArea, i - 1).height <= LIVE_TEST_PANEL_HEIGHT
        && g_array_index (windows, LiveTestArea, i - 1).y < LIVE_TEST_PANEL_HEIGHT)
      g_array_remove_index (windows, i - 1);
  return windows;
}

gboolean
live_test_desktop_wait_menus (LiveTestDesktop *desktop, guint count, double seconds, GError **error)
{
  const gint64 deadline = g_get_monotonic_time () + (gint64)(seconds * G_USEC_PER_SEC);

  for (;;)
    {
      g_autoptr (GArray) menus = live_test_desktop_get_menus (desktop, error);

      if (menus == NULL)
        return FALSE;
      if (menus->len == count)
        {
          g_autoptr (LiveTestImage) image
              = live_test_display_wait_stable (live_test_desktop_get_display (desktop), seconds, error);

          return image != NULL;
        }
      if (g_get_monotonic_time () > deadline)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "%u menus are open instead of %u after %g s",
                       menus->len, count, seconds);
          return FALSE;
        }
      g_usleep (POLL_MICROSECONDS);
    }
}

gboolean
live_test_desktop_open_menu (LiveTestDesktop *desktop, const LiveTestArea *icon, int button, GError **error)
{
  LiveTestDisplay *display = live_test_desktop_get_display (desktop);

  /* A pointer that rests on the icon brings up its tooltip, over the menu. */
  return live_test_desktop_click (desktop, icon->x + icon->width / 2, icon->y + icon->height / 2, button, error)
         && live_test_pointer_move (display, 1, LIVE_TEST_DISPLAY_HEIGHT - 1, error)
         && live_test_desktop_wait_menus (desktop, 1, MENU_SECONDS, error);
}

gboolean
live_test_desktop_close_menus (LiveTestDesktop *desktop, GError **error)
{
  for (guint i = 0; i < MAXIMUM_ESCAPES; i++)
    {
      g_autoptr (GArray) menus = live_test_desktop_get_menus (desktop, error);

      if (menus == NULL)
        return FALSE;
      if (menus->len == 0)
        return live_test_desktop_wait_menus (desktop, 0, MENU_SECONDS, error);
      if (!live_test_desktop_key (desktop, "Escape", error))
        return FALSE;
    }
  return live_test_desktop_wait_menus (desktop, 0, MENU_SECONDS, error);
}

GPtrArray *
live_test_desktop_menu_rows (LiveTestDesktop *desktop, const char *id, GError **error)
{
  GDBusConnection *bus = live_test_desktop_get_bus (desktop);
  g_autofree char *bus_name = NULL;
  g_autofree char *menu_path = NULL;

  if (!live_test_tray_find_item (bus, id, &bus_name, &menu_path, error))
    return NULL;
  return live_test_tray_get_rows (bus, bus_name, menu_path, error);
}

/* The rows of the one menu in which the row at the end of @path is, as far as they are shown. (container) */
static GPtrArray *
get_siblings (GPtrArray *rows, const char *const *path, const LiveTestMenuRow **row, GError **error)
{
  GPtrArray *siblings = NULL;
  guint index, first;

  *row = live_test_menu_rows_find (rows, path);
  if (*row == NULL)
    {
      g_autofree char *wanted = g_strjoinv (" > ", (char **)path);
      g_autofree char *menu = live_test_menu_rows_print (rows);

      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "The menu has no row “%s”:\n%s", wanted, menu);
      return NULL;
    }
  g_ptr_array_find (rows, *row, &index);
  for (first = index; first > 0; first--)
    if (((LiveTestMenuRow *)rows->pdata[first - 1])->depth < (*row)->depth)
      break;
  siblings = g_ptr_array_new ();
  for (guint i = first; i < rows->len; i++)
    {
      LiveTestMenuRow *other = rows->pdata[i];

      if (other->depth < (*row)->depth)
        break;
      if (other->depth == (*row)->depth && other->visible && !other->separator)
        g_ptr_array_add (siblings, other);
    }
  return siblings;
}

/*
 * A program may fill a submenu only when it is opened, and give a row its submenu only when the menu above is; so a row
 * is waited for. @rows keeps alive what @row and the result point to. (container)
 */
static GPtrArray *
wait_for_row (LiveTestDesktop *desktop,
              const char *id,
              const char *const *path,
              gboolean with_submenu,
              GPtrArray **rows,
              const LiveTestMenuRow **row,
              GError **error)
{
  const gint64 deadline = g_get_monotonic_time () + (gint64)(MENU_SECONDS * G_USEC_PER_SEC);

  for (;;)
    {
      g_autoptr (GPtrArray) siblings = NULL;
      g_autoptr (GError) local_error = NULL;

      *rows = live_test_desktop_menu_rows (desktop, id, error);
      if (*rows == NULL)
        return NULL;
      siblings = get_siblings (*rows, path, row, &local_error);
      if (siblings != NULL && (!with_submenu || (*row)->submenu))
        return g_steal_pointer (&siblings);
      if (g_get_monotonic_time () > deadline)
        {
          if (siblings != NULL)
            g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "The row “%s” has no submenu", (*row)->label);
          else
            g_propagate_error (error, g_steal_pointer (&local_error));
          return NULL;
        }
      g_clear_pointer (rows, g_ptr_array_unref);
      g_usleep (POLL_MICROSECONDS);
    }
}

/* A row as it is drawn. */
typedef struct
{
  LiveTestArea place;
  gboolean selected;
  /* How many rows are drawn in its menu. */
  guint n_drawn;
} SeenRow;

/* %FALSE without an error when the picture is not of the menu as it is on the bus. */
static gboolean
see_row (LiveTestDesktop *desktop, GPtrArray *siblings, const LiveTestMenuRow *row, SeenRow *seen, GError **error)
{
  g_autoptr (GArray) menus = live_test_desktop_get_menus (desktop, error);
  g_autoptr (GArray) drawn = NULL;
  g_autoptr (LiveTestImage) image = NULL;
  LiveTestArea menu;
  guint index;

  seen->n_drawn = 0;
  if (menus == NULL)
    return FALSE;
  if (menus->len <= row->depth)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "The menu of the row “%s” is not open", row->label);
      return FALSE;
    }
  image = live_test_display_wait_stable (live_test_desktop_get_display (desktop), MENU_SECONDS, error);
  if (image == NULL)
    return FALSE;
  menu = g_array_index (menus, LiveTestArea, row->depth);
  drawn = live_test_menu_picture_find_rows (image, menu);
  seen->n_drawn = drawn->len;
  if (drawn->len != siblings->len)
    return FALSE;
  g_ptr_array_find (siblings, row, &index);
  seen->place = g_array_index (drawn, LiveTestArea, index);
  seen->selected = live_test_menu_picture_row_is_selected (image, menu, seen->place);
  return TRUE;
}

static gboolean
locate_row (LiveTestDesktop *desktop,
            const char *id,
            const char *const *path,
            gboolean with_submenu,
            SeenRow *seen,
            GError **error)
{
  const gint64 deadline = g_get_monotonic_time () + (gint64)(MENU_SECONDS * G_USEC_PER_SEC);

  for (;;)
    {
      g_autoptr (GPtrArray) rows = NULL;
      const LiveTestMenuRow *row;
      g_autoptr (GPtrArray) siblings = wait_for_row (desktop, id, path, with_submenu, &rows, &row, error);
      g_autoptr (GError) local_error = NULL;

      if (siblings == NULL)
        return FALSE;
      if (see_row (desktop, siblings, row, seen, &local_error))
        return TRUE;
      if (local_error != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
      if (g_get_monotonic_time () > deadline)
        {
          g_autofree char *menu = live_test_menu_rows_print (rows);

          g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                       "The menu with the row “%s” shows %u rows on the screen, and has %u on the bus:\n%s", row->label,
                       seen->n_drawn, siblings->len, menu);
          return FALSE;
        }
    }
}

gboolean
live_test_desktop_locate_row (
    LiveTestDesktop *desktop, const char *id, const char *const *path, LiveTestArea *place, GError **error)
{
  SeenRow seen;

  if (!locate_row (desktop, id, path, FALSE, &seen, error))
    return FALSE;
  *place = seen.place;
  return TRUE;
}

/* The first @length labels of @path. (container) */
static const char **
cut_path (const char *const *path, guint length)
{
  const char **part = g_new0 (const char *, length + 1);

  for (guint i = 0; i < length; i++)
    part[i] = path[i];
  return part;
}

static int
get_middle (int start, int length)
{
  return start + length / 2;
}

gboolean
live_test_desktop_open_row (LiveTestDesktop *desktop, const char *id, const char *const *path, GError **error)
{
  LiveTestDisplay *display = live_test_desktop_get_display (desktop);

  for (guint level = 1; level <= g_strv_length ((char **)path); level++)
    {
      g_autofree const char **part = cut_path (path, level);
      SeenRow seen;

      if (!locate_row (desktop, id, part, TRUE, &seen, error)
          || !live_test_pointer_move (display, get_middle (seen.place.x, seen.place.width),
                                      get_middle (seen.place.y, seen.place.height), error)
          || !live_test_desktop_wait_menus (desktop, level + 1, MENU_SECONDS, error))
        return FALSE;
    }
  return TRUE;
}

gboolean
live_test_desktop_click_row (LiveTestDesktop *desktop, const char *id, const char *const *path, GError **error)
{
  g_autofree const char **parent = cut_path (path, g_strv_length ((char **)path) - 1);
  SeenRow seen;

  return live_test_desktop_open_row (desktop, id, parent, error) && locate_row (desktop, id, path, FALSE, &seen, error)
         && live_test_desktop_click (desktop, get_middle (seen.place.x, seen.place.width),
                                     get_middle (seen.place.y, seen.place.height), 1, error);
}

/*
 * Presses Down until the row is highlighted. Counting would not do: whether a submenu that opens has its first row
 * selected depends on whether that was there yet, and a row may come or go meanwhile.
 */
static gboolean
go_down_to_row (
    LiveTestDesktop *desktop, const char *id, const char *const *path, gboolean with_submenu, GError **error)
{
  for (guint i = 0; i < MAXIMUM_STEPS; i++)
    {
      SeenRow seen;

      if (!locate_row (desktop, id, path, with_submenu, &seen, error))
        return FALSE;
      if (seen.selected)
        return TRUE;
      if (!live_test_desktop_key (desktop, "Down", error))
        return FALSE;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The row “%s” is not selected after %d steps",
               path[g_strv_length ((char **)path) - 1], MAXIMUM_STEPS);
  return FALSE;
}

gboolean
live_test_desktop_open_submenu (LiveTestDesktop *desktop, guint count, GError **error)
{
  const gint64 deadline = g_get_monotonic_time () + (gint64)(MENU_SECONDS * G_USEC_PER_SEC);

  for (;;)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (GArray) menus = live_test_desktop_get_menus (desktop, error);

      /* On a slow machine each key that seemed lost opens a menu, further and further. */
      if (menus == NULL || !live_test_desktop_key (desktop, menus->len > count ? "Left" : "Right", error))
        return FALSE;
      if (live_test_desktop_wait_menus (desktop, count, SUBMENU_SECONDS, &local_error))
        return TRUE;
      /* The key came before the panel knew of the submenu. */
      if (g_get_monotonic_time () > deadline)
        {
          g_propagate_error (error, g_steal_pointer (&local_error));
          return FALSE;
        }
    }
}

gboolean
live_test_desktop_select_row (LiveTestDesktop *desktop, const char *id, const char *const *path, GError **error)
{
  for (guint level = 1; level <= g_strv_length ((char **)path); level++)
    {
      g_autofree const char **part = cut_path (path, level);

      if (!go_down_to_row (desktop, id, part, path[level] != NULL, error)
          || (path[level] != NULL && !live_test_desktop_open_submenu (desktop, level + 1, error)))
        return FALSE;
    }
  return TRUE;
}
