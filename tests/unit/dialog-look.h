/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What a person, a keyboard and a screen reader find in a dialog of this process. */

/* (transfer none) (nullable): the one of this type that is open. */
GtkDialog *live_dialog_find (GType type);

/* (transfer full): what its labels say, from top to bottom, joined by "|"; not its buttons. */
char *live_dialog_get_text (GtkDialog *dialog);

/* Its button for @response has this label, with a mnemonic, can be reached and is named for a screen reader. */
void live_dialog_assert_button (GtkDialog *dialog, int response, const char *label);

/* What every one that asks is like: named, described, and the answer that changes nothing is the default. */
void live_dialog_assert_question (GtkDialog *dialog, const char *question, const char *accept, const char *refuse);

G_END_DECLS
