/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "client/client.h"
#include "tray/windows.h"

G_BEGIN_DECLS

/**
 * LiveTrayMenu:
 *
 * The menu of the indicator. One GtkMenu for life, changed in place: a panel closes an open menu when it is given
 * another one, and an item that stays the same one costs the panel nothing.
 */
typedef struct _LiveTrayMenu LiveTrayMenu;

/* @quit: called when "Quit" is chosen. */
LiveTrayMenu *live_tray_menu_new (LiveClient *client,
                                  LiveNotifier *notifier,
                                  LiveClock *clock,
                                  LiveWindows *windows,
                                  void (*quit) (gpointer),
                                  gpointer data);
void live_tray_menu_free (LiveTrayMenu *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveTrayMenu, live_tray_menu_free)

/* (transfer none) */
GtkMenu *live_tray_menu_get_menu (LiveTrayMenu *self);
/* (transfer none): the item "Refresh", which a middle click on the icon activates. */
GtkWidget *live_tray_menu_get_refresh_item (LiveTrayMenu *self);

G_END_DECLS
