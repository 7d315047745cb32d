/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "display.h"

G_BEGIN_DECLS

/**
 * live_test_menu_picture_find_rows:
 * @image: a capture of the screen
 * @menu: where the menu's window is
 *
 * Finds what a person sees as the rows of an open menu: bands of text or marks with the plain background between them.
 * Lines (separators) are left out. Nothing on the bus says where a row is drawn.
 *
 * Returns: (transfer full) (element-type LiveTestArea): the rows from top to bottom
 */
GArray *live_test_menu_picture_find_rows (const LiveTestImage *image, LiveTestArea menu);

/**
 * live_test_menu_picture_row_is_selected:
 * @image: a capture of the screen
 * @menu: where the menu's window is
 * @row: one of its rows, from live_test_menu_picture_find_rows()
 *
 * Whether the row is highlighted: its colour reaches to the edge of the menu, where no text or mark does.
 *
 * Returns: %TRUE if it is
 */
gboolean live_test_menu_picture_row_is_selected (const LiveTestImage *image, LiveTestArea menu, LiveTestArea row);

G_END_DECLS
