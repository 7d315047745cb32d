/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "client/client.h"

G_BEGIN_DECLS

/**
 * LiveCreatePoolDialog:
 *
 * Asks for what a pool in RAM is to be like. What cannot be is said below as it is typed, and cannot be accepted; what
 * is left to find out the helper finds out.
 *
 * Signal `accepted` (): a person wants it so; the dialog closes by itself afterwards, as it does when it is refused.
 */
#define LIVE_TYPE_CREATE_POOL_DIALOG (live_create_pool_dialog_get_type ())
G_DECLARE_FINAL_TYPE (LiveCreatePoolDialog, live_create_pool_dialog, LIVE, CREATE_POOL_DIALOG, GtkDialog)

/* (transfer none): GTK holds it until it is closed; not shown yet. Follows @client: which names are taken, and how much
 * RAM is free. */
LiveCreatePoolDialog *live_create_pool_dialog_new (LiveClient *client);

const char *live_create_pool_dialog_get_name (LiveCreatePoolDialog *self);
/* Bytes. */
guint64 live_create_pool_dialog_get_size (LiveCreatePoolDialog *self);
/* Whether new qubes are to go to it. */
gboolean live_create_pool_dialog_get_is_default (LiveCreatePoolDialog *self);

G_END_DECLS
