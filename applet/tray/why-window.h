/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * LiveWhyWindow:
 *
 * A small window with a heading and lines of text that can be selected: why something is said. Escape and its button
 * close it.
 */
#define LIVE_TYPE_WHY_WINDOW (live_why_window_get_type ())
G_DECLARE_FINAL_TYPE (LiveWhyWindow, live_why_window, LIVE, WHY_WINDOW, GtkWindow)

/* (transfer none): GTK holds it until it is closed. Empty, and not shown yet. */
LiveWhyWindow *live_why_window_new (void);

/**
 * live_why_window_set_text:
 * @heading: plain text, one line
 * @lines: (element-type utf8): plain text, a paragraph each
 *
 * Replaces what it says.
 */
void live_why_window_set_text (LiveWhyWindow *self, const char *heading, GPtrArray *lines);

G_END_DECLS
