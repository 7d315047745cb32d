/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define LIVE_TYPE_CHECK_ITEM (live_check_item_get_type ())
G_DECLARE_FINAL_TYPE (LiveCheckItem, live_check_item, LIVE, CHECK_ITEM, GtkCheckMenuItem)

/**
 * LiveCheckItem:
 *
 * A check or radio item that shows what is, and not what somebody clicked: a click only emits `chosen`, the mark moves
 * when live_check_item_set_shown() says so. (An ordinary GtkCheckMenuItem changes at once, and would have to be changed
 * back while a password is asked for, or after a refusal.)
 *
 * Signal `chosen` (): a person clicked it while it was sensitive. The panel may send a click for an insensitive item;
 * that one is dropped here.
 */

/* @radio: whether it is drawn as a radio item. */
GtkWidget *live_check_item_new (const char *label, gboolean radio);

/* Whether the mark is set. */
void live_check_item_set_shown (LiveCheckItem *self, gboolean shown);

/* For every kind of menu item: changes only what differs, since each change is a message to the panel. */
void live_menu_item_set_label (GtkWidget *item, const char *label);
void live_menu_item_set_sensitive (GtkWidget *item, gboolean sensitive);
void live_menu_item_set_visible (GtkWidget *item, gboolean visible);

/* A visible item with @label shown as it is, no mnemonic; insensitive unless @sensitive. */
GtkWidget *live_menu_item_new (const char *label, gboolean sensitive);
GtkWidget *live_menu_separator_new (void);

G_END_DECLS
