/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "client/client.h"
#include "tray/notifier.h"

G_BEGIN_DECLS

/**
 * LiveBulkWindow:
 *
 * The menu item that gives every disposable template the policy full, and the window that first shows which of them
 * change now, which wait because they run, and which cannot. Follows the client by itself.
 */
typedef struct _LiveBulkWindow LiveBulkWindow;

LiveBulkWindow *live_bulk_window_new (LiveClient *client, LiveNotifier *notifier);
/* What is under way goes on; its end is still told. */
void live_bulk_window_free (LiveBulkWindow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveBulkWindow, live_bulk_window_free)

/* (transfer none): the item; invisible while there is no disposable template. */
GtkWidget *live_bulk_window_get_item (LiveBulkWindow *self);

G_END_DECLS
