/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "desktop.h"
#include "tray-menu.h"

G_BEGIN_DECLS

/*
 * The menu of a tray icon, as a person meets it: opened by a click, drawn by the panel, walked by mouse or keyboard. A
 * row is named by the labels that lead to it.
 */

/**
 * live_test_desktop_get_menus:
 * @desktop: a desktop
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (element-type LiveTestArea): the open menus of the tray, the first menu before its submenu;
 *   %NULL with @error set if the server could not be asked
 */
GArray *live_test_desktop_get_menus (LiveTestDesktop *desktop, GError **error);

/**
 * live_test_desktop_wait_menus:
 * @desktop: a desktop
 * @count: 1 for an open menu, 2 for one with a submenu, …, 0 for none
 * @seconds: after so long it fails
 * @error: return location for a #GError
 *
 * Waits until exactly so many menus are open and the screen is at rest.
 *
 * Returns: %TRUE if they are
 */
gboolean live_test_desktop_wait_menus (LiveTestDesktop *desktop, guint count, double seconds, GError **error);

/**
 * live_test_desktop_open_menu:
 * @desktop: a desktop
 * @icon: from live_test_desktop_find_icon()
 * @button: 1 or 3
 * @error: return location for a #GError
 *
 * Clicks on the icon and waits for the menu.
 *
 * Returns: %TRUE if one menu is open
 */
gboolean live_test_desktop_open_menu (LiveTestDesktop *desktop, const LiveTestArea *icon, int button, GError **error);

/**
 * live_test_desktop_close_menus:
 * @desktop: a desktop
 * @error: return location for a #GError
 *
 * Presses Escape until no menu is open.
 *
 * Returns: %TRUE if none is
 */
gboolean live_test_desktop_close_menus (LiveTestDesktop *desktop, GError **error);

/**
 * live_test_desktop_menu_rows:
 * @desktop: a desktop
 * @id: identifier of the tray icon
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (element-type LiveTestMenuRow): the rows of its menu and submenus as exported on the bus
 */
GPtrArray *live_test_desktop_menu_rows (LiveTestDesktop *desktop, const char *id, GError **error);

/**
 * live_test_desktop_locate_row:
 * @desktop: a desktop on which the menu of the row is open
 * @id: identifier of the tray icon
 * @path: labels from the menu down to the row, as for live_test_menu_rows_find()
 * @place: (out): where the row's text is drawn
 * @error: return location for a #GError
 *
 * Finds a row on the screen. Fails, too, if the open menu does not show as many rows as the program exports.
 *
 * Returns: %TRUE if it was found
 */
gboolean live_test_desktop_locate_row (
    LiveTestDesktop *desktop, const char *id, const char *const *path, LiveTestArea *place, GError **error);

/**
 * live_test_desktop_open_row:
 * @desktop: a desktop on which the menu is open
 * @id: identifier of the tray icon
 * @path: labels from the menu down to a row with a submenu
 * @error: return location for a #GError
 *
 * Rests the pointer on each of the rows in turn until its submenu opens, as a person does who looks for something.
 *
 * Returns: %TRUE if the submenu of the last row is open
 */
gboolean live_test_desktop_open_row (LiveTestDesktop *desktop, const char *id, const char *const *path, GError **error);

/**
 * live_test_desktop_click_row:
 * @desktop: a desktop on which the menu is open
 * @id: identifier of the tray icon
 * @path: labels from the menu down to the row
 * @error: return location for a #GError
 *
 * Opens the submenus on the way by resting the pointer on them, and clicks on the row with the left button.
 *
 * Returns: %TRUE if the click was made
 */
gboolean
live_test_desktop_click_row (LiveTestDesktop *desktop, const char *id, const char *const *path, GError **error);

/**
 * live_test_desktop_open_submenu:
 * @desktop: a desktop with a row selected that has a submenu
 * @count: how many menus are open then
 * @error: return location for a #GError
 *
 * Opens the submenu of the selected row with the Right key.
 *
 * Returns: %TRUE if it is open
 */
gboolean live_test_desktop_open_submenu (LiveTestDesktop *desktop, guint count, GError **error);

/**
 * live_test_desktop_select_row:
 * @desktop: a desktop on which the menu is open
 * @id: identifier of the tray icon
 * @path: labels from the menu down to the row
 * @error: return location for a #GError
 *
 * Goes to a row with the arrow keys only. The row is then selected; Return chooses it.
 *
 * Returns: %TRUE if the keys were pressed and every submenu on the way opened
 */
gboolean
live_test_desktop_select_row (LiveTestDesktop *desktop, const char *id, const char *const *path, GError **error);

G_END_DECLS
