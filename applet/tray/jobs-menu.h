/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "client/client.h"
#include "tray/notifier.h"

G_BEGIN_DECLS

/**
 * LiveJobsMenu:
 *
 * A line for each job that runs, with what it does and how far it is, and below it "Cancel" for as long as that is
 * possible; follows the client by itself.
 */
typedef struct _LiveJobsMenu LiveJobsMenu;

/* @behind: the item of @menu below which they are; both must outlive the LiveJobsMenu */
LiveJobsMenu *live_jobs_menu_new (LiveClient *client, LiveNotifier *notifier, GtkMenuShell *menu, GtkWidget *behind);
void live_jobs_menu_free (LiveJobsMenu *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveJobsMenu, live_jobs_menu_free)

G_END_DECLS
