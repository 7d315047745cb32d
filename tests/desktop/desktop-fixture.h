/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "support/desktop-menu.h"

G_BEGIN_DECLS

/* A path of labels, for live_test_menu_rows_find() and its like. */
#define LIVE_TEST_PATH(...) ((const char *const[]){ __VA_ARGS__, NULL })

/*
 * The functions of the desktop as assertions: each fails the test with the error's own words.
 */

/* As g_assert_no_error(), with a screenshot, failure.png: the picture says more than the sentence. */
void live_test_assert_no_error (LiveTestDesktop *desktop, const GError *error);

LiveTestArea live_test_assert_icon (LiveTestDesktop *desktop, guint32 colour);
void live_test_assert_open_menu (LiveTestDesktop *desktop, const LiveTestArea *icon, int button);
void live_test_assert_close_menus (LiveTestDesktop *desktop);
void live_test_assert_menus (LiveTestDesktop *desktop, guint count);
void live_test_assert_click_row (LiveTestDesktop *desktop, const char *id, const char *const *path);
/* Goes there with the arrow keys and presses Return. */
void live_test_assert_choose_row (LiveTestDesktop *desktop, const char *id, const char *const *path);

/* The state of a toggle: 1 or 0; fails if there is no such row. */
int live_test_assert_toggle (LiveTestDesktop *desktop, const char *id, const char *const *path);

/* Whether such a row is there and visible now. */
gboolean live_test_has_row (LiveTestDesktop *desktop, const char *id, const char *const *path);

/* Waits until the toggle has that state, or fails. */
void live_test_assert_toggle_becomes (LiveTestDesktop *desktop, const char *id, const char *const *path, int state);

/* Saves the screen as NAME.png in the directory that QUBES_LIVE_SCREENSHOTS names, or nowhere when it names none. */
void live_test_save_screenshot (LiveTestDesktop *desktop, const char *name);

G_END_DECLS
