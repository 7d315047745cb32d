/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * LiveLazyMenu:
 *
 * A menu of a fixed order whose items are made when they are shown for the first time, and then stay. (An item costs
 * some 11 kilobytes, a hidden one too; of what a qube's submenu may hold, a third is there at any time.)
 */
typedef struct _LiveLazyMenu LiveLazyMenu;

/**
 * LiveLazyItemKind:
 * @LIVE_LAZY_LINE: says something
 * @LIVE_LAZY_SEPARATOR: a line between groups
 * @LIVE_LAZY_ACTION: can be chosen
 * @LIVE_LAZY_CHECK: with a check mark
 * @LIVE_LAZY_RADIO: with the mark of one choice among several
 */
typedef enum
{
  LIVE_LAZY_LINE,
  LIVE_LAZY_SEPARATOR,
  LIVE_LAZY_ACTION,
  LIVE_LAZY_CHECK,
  LIVE_LAZY_RADIO
} LiveLazyItemKind;

/**
 * LiveLazyItem:
 * @kind: what it is
 * @chosen: (nullable): called when a person chose it while it was shown and sensitive. (The panel may send a click for
 *   an item that no longer is; that one is dropped.)
 */
typedef struct
{
  LiveLazyItemKind kind;
  void (*chosen) (gpointer data);
} LiveLazyItem;

/**
 * live_lazy_menu_new:
 * @items: (array length=n_items): what it can hold, in this order; must stay
 * @data: for the callbacks
 *
 * Returns: (transfer full): a menu that shows nothing
 */
LiveLazyMenu *live_lazy_menu_new (const LiveLazyItem *items, guint n_items, gpointer data);
/* The menu itself belongs to the item that it is the submenu of, and no callback comes any more. */
void live_lazy_menu_free (LiveLazyMenu *self);

/* (transfer none) */
GtkWidget *live_lazy_menu_get_menu (LiveLazyMenu *self);

/* Shows an item; a label is shown as it is, and not needed for a separator. */
void live_lazy_menu_show (LiveLazyMenu *self, guint item, const char *label, gboolean sensitive);
/* The same for a check or radio item; @marked: whether the mark is set. */
void
live_lazy_menu_show_marked (LiveLazyMenu *self, guint item, const char *label, gboolean sensitive, gboolean marked);
void live_lazy_menu_hide (LiveLazyMenu *self, guint item);

G_END_DECLS
