/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "client/client.h"
#include "tray/notifier.h"

G_BEGIN_DECLS

/**
 * LivePoolMenu:
 *
 * One pool's row in the menu with the submenu behind it, updated in place. As with #LiveQubeMenu the row is there for
 * life, and what is behind it is made when somebody comes near it.
 */
typedef struct _LivePoolMenu LivePoolMenu;

LivePoolMenu *live_pool_menu_new (LiveClient *client, LiveClientPool *pool, LiveNotifier *notifier);
/* Also removes the row from the menu that it is in. An action under way goes on; its end is still told. */
void live_pool_menu_free (LivePoolMenu *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LivePoolMenu, live_pool_menu_free)

LiveClientPool *live_pool_menu_get_pool (LivePoolMenu *self);
/* (transfer none) */
GtkWidget *live_pool_menu_get_row (LivePoolMenu *self);
/* Gives the row its submenu, if it has none yet: to be called before the row can be seen. */
void live_pool_menu_prepare (LivePoolMenu *self);
/* Shows the pool as it is now. */
void live_pool_menu_update (LivePoolMenu *self);

G_END_DECLS
