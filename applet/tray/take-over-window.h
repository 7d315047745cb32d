/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "client/client.h"
#include "tray/notifier.h"

G_BEGIN_DECLS

/**
 * LiveTakeOverWindow:
 *
 * The menu item that turns what the guide's unit does at every boot into policies, and the window that first shows what
 * becomes which policy and what stays with the unit. Follows the client by itself.
 */
typedef struct _LiveTakeOverWindow LiveTakeOverWindow;

LiveTakeOverWindow *live_take_over_window_new (LiveClient *client, LiveNotifier *notifier);
/* What is under way goes on; its end is still told. */
void live_take_over_window_free (LiveTakeOverWindow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveTakeOverWindow, live_take_over_window_free)

/* (transfer none): the item; invisible unless there is such a unit, and it is enabled. */
GtkWidget *live_take_over_window_get_item (LiveTakeOverWindow *self);

G_END_DECLS
