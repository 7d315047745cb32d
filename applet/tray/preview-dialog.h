/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * LivePreviewDialog:
 *
 * Asks before something is done, and lists what would be done: a question, a text, sections of lines, and two buttons
 * that say what they do. The one that changes nothing is the default, and what Escape means.
 *
 * Signal `accepted` (): a person pressed the other button. The dialog closes by itself after either.
 */
#define LIVE_TYPE_PREVIEW_DIALOG (live_preview_dialog_get_type ())
G_DECLARE_FINAL_TYPE (LivePreviewDialog, live_preview_dialog, LIVE, PREVIEW_DIALOG, GtkDialog)

/**
 * live_preview_dialog_new:
 * @question: plain text, one line
 * @text: plain text below it
 * @accept: label of the button that does it, a verb with a mnemonic
 * @refuse: label of the button that does not, with a mnemonic
 * @destructive: whether something is lost by it
 *
 * Returns: (transfer none): GTK holds it until it is closed; not shown yet
 */
LivePreviewDialog *live_preview_dialog_new (
    const char *question, const char *text, const char *accept, const char *refuse, gboolean destructive);

/**
 * live_preview_dialog_add_section:
 * @heading: plain text, one line
 * @lines: (element-type utf8): plain text, a line each; with none nothing is added
 */
void live_preview_dialog_add_section (LivePreviewDialog *self, const char *heading, GPtrArray *lines);

G_END_DECLS
