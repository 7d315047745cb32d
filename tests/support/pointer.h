/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "display.h"

G_BEGIN_DECLS

/**
 * live_test_pointer_move:
 * @display: a display
 * @x: column in pixels
 * @y: row in pixels
 * @error: return location for a #GError
 *
 * Returns: %TRUE if the pointer is there
 */
gboolean live_test_pointer_move (LiveTestDisplay *display, int x, int y, GError **error);

/**
 * live_test_pointer_click:
 * @display: a display
 * @x: column in pixels
 * @y: row in pixels
 * @button: 1 left, 2 middle, 3 right, 4 and 5 the wheel
 * @error: return location for a #GError
 *
 * Moves the pointer there, presses and releases the button.
 *
 * Returns: %TRUE if the events were sent
 */
gboolean live_test_pointer_click (LiveTestDisplay *display, int x, int y, int button, GError **error);

/**
 * live_test_keyboard_press:
 * @display: a display
 * @key: name of the key symbol: `Down`, `Return`, `Escape`, …
 * @error: return location for a #GError
 *
 * Returns: %TRUE if the events were sent
 */
gboolean live_test_keyboard_press (LiveTestDisplay *display, const char *key, GError **error);

/**
 * live_test_windows_find:
 * @display: a display
 * @class_pattern: extended regular expression for the window class, case-insensitive
 * @maximum_depth: 1 for what is directly on the screen (menus, pop-ups, frames), 0 for every window
 * @error: return location for a #GError
 *
 * Returns: (transfer full) (element-type LiveTestArea): where the visible windows of that class are; empty if there is
 *   none; %NULL with @error set if the server could not be asked
 */
GArray *live_test_windows_find (LiveTestDisplay *display, const char *class_pattern, int maximum_depth, GError **error);

G_END_DECLS
