/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "client/client.h"
#include "tray/windows.h"

G_BEGIN_DECLS

/**
 * LiveQubeMenu:
 *
 * One qube's row in the menu with the submenu behind it, updated in place. The row is there for life; what is behind it
 * is made when somebody comes near it, and then stays: all of it one level before it can be opened, because a panel
 * sizes the window of a submenu for what it holds at that moment. (A menu item costs some 11 kilobytes: a GtkLabel, CSS
 * nodes, an accessible, a twin in libdbusmenu; a GtkMenu costs more, it is a window. Of a hundred qubes a person comes
 * near a few.)
 */
typedef struct _LiveQubeMenu LiveQubeMenu;

LiveQubeMenu *
live_qube_menu_new (LiveClient *client, LiveClientQube *qube, LiveNotifier *notifier, LiveWindows *windows);
/* Also removes the row from the menu that it is in. An action under way goes on; its end is still told. */
void live_qube_menu_free (LiveQubeMenu *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveQubeMenu, live_qube_menu_free)

LiveClientQube *live_qube_menu_get_qube (LiveQubeMenu *self);
/* (transfer none): the row; LiveQubeMenu holds a reference, so that it can be moved between menus. */
GtkWidget *live_qube_menu_get_row (LiveQubeMenu *self);
/* Gives the row its submenu, if it has none yet: to be called before the row can be seen. */
void live_qube_menu_prepare (LiveQubeMenu *self);
/* Shows the qube as it is now. */
void live_qube_menu_update (LiveQubeMenu *self);

G_END_DECLS
