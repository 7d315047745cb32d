/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * LiveTestMenuRow:
 * @id: number of the row on the bus
 * @depth: 0 for a row of the menu itself, 1 for one of a submenu, …
 * @label: what is written on it, with the underscores of the wire taken out; empty for a separator
 * @separator: whether it is a line
 * @enabled: whether it can be chosen
 * @visible: whether it is shown at all
 * @toggle_type: `checkmark`, `radio` or empty
 * @toggle_state: 1 on, 0 off, -1 neither or none
 * @submenu: whether it opens a submenu
 *
 * A row of a tray icon's menu as its program exports it on the bus (interface com.canonical.dbusmenu).
 */
typedef struct
{
  int id;
  guint depth;
  char *label;
  gboolean separator;
  gboolean enabled;
  gboolean visible;
  char *toggle_type;
  int toggle_state;
  gboolean submenu;
} LiveTestMenuRow;

/**
 * live_test_tray_find_item:
 * @bus: a connection to the session bus
 * @id: identifier that the program gave its tray icon
 * @bus_name: (out) (transfer full): the unique name of the program
 * @menu_path: (out) (transfer full): the object path of its menu
 * @error: return location for a #GError; %G_IO_ERROR_NOT_FOUND if no such item is registered at the moment
 *
 * Asks the panel (org.kde.StatusNotifierWatcher) which tray icons are registered.
 *
 * Returns: %TRUE if the item is there
 */
gboolean
live_test_tray_find_item (GDBusConnection *bus, const char *id, char **bus_name, char **menu_path, GError **error);

/**
 * live_test_tray_get_rows:
 * @bus: a connection to the session bus
 * @bus_name: from live_test_tray_find_item()
 * @menu_path: from live_test_tray_find_item()
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (element-type LiveTestMenuRow): every row, a submenu's rows right after the row that opens
 * it
 */
GPtrArray *live_test_tray_get_rows (GDBusConnection *bus, const char *bus_name, const char *menu_path, GError **error);

/**
 * live_test_tray_activate_row:
 * @bus: a connection to the session bus
 * @bus_name: from live_test_tray_find_item()
 * @menu_path: from live_test_tray_find_item()
 * @id: number of the row
 * @error: return location for a #GError
 *
 * Does what the panel does on the bus when the row is clicked, without a pointer; also possible on a row that is not
 * enabled, which a program has to withstand.
 *
 * Returns: %TRUE if the program took it
 */
gboolean
live_test_tray_activate_row (GDBusConnection *bus, const char *bus_name, const char *menu_path, int id, GError **error);

/**
 * live_test_menu_rows_find:
 * @rows: (element-type LiveTestMenuRow): from live_test_tray_get_rows()
 * @path: labels from the menu down to the wanted row, each with a trailing `*` matching any rest, %NULL-terminated
 *
 * Returns: (transfer none) (nullable): the first row that fits
 */
const LiveTestMenuRow *live_test_menu_rows_find (GPtrArray *rows, const char *const *path);

/**
 * live_test_menu_rows_find_prefix:
 * @rows: (element-type LiveTestMenuRow): from live_test_tray_get_rows()
 * @prefix: how the label begins
 *
 * Returns: (transfer none) (nullable): the first visible row of such a label, in whatever submenu
 */
const LiveTestMenuRow *live_test_menu_rows_find_prefix (GPtrArray *rows, const char *prefix);

/**
 * live_test_menu_rows_get_path:
 * @rows: (element-type LiveTestMenuRow): from live_test_tray_get_rows()
 * @row: one of them
 *
 * Returns: (transfer full) (array zero-terminated=1): the labels from the menu down to that row
 */
char **live_test_menu_rows_get_path (GPtrArray *rows, const LiveTestMenuRow *row);

/**
 * live_test_menu_rows_print:
 * @rows: (element-type LiveTestMenuRow): from live_test_tray_get_rows()
 *
 * Returns: (transfer full): the menu as text, one line per visible row, for messages
 */
char *live_test_menu_rows_print (GPtrArray *rows);

G_END_DECLS
