/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "client/client.h"
#include "tray/notifier.h"

G_BEGIN_DECLS

/**
 * LivePoolsMenu:
 *
 * The item "Pools" with a submenu for each pool, and a way to make one in RAM; follows the client by itself.
 */
typedef struct _LivePoolsMenu LivePoolsMenu;

LivePoolsMenu *live_pools_menu_new (LiveClient *client, LiveNotifier *notifier);
void live_pools_menu_free (LivePoolsMenu *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LivePoolsMenu, live_pools_menu_free)

/* (transfer none): the item; invisible while there is no pool. */
GtkWidget *live_pools_menu_get_item (LivePoolsMenu *self);

G_END_DECLS
