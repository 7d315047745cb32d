/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "tray/qube-menu.h"

G_BEGIN_DECLS

/**
 * LiveQubeGroup:
 *
 * Rows of qubes, sorted by name, in a part of a menu. The rows stay their owner's.
 */
typedef struct _LiveQubeGroup LiveQubeGroup;

/* @menu: the menu that the rows go into, after the first @offset items of it. */
LiveQubeGroup *live_qube_group_new (GtkMenuShell *menu, guint offset);
void live_qube_group_free (LiveQubeGroup *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveQubeGroup, live_qube_group_free)

void live_qube_group_add (LiveQubeGroup *self, LiveQubeMenu *qube);
/* @qube must be in the group. */
void live_qube_group_remove (LiveQubeGroup *self, LiveQubeMenu *qube);
/* Gives every row, now and later, its submenu: to be called before the group is shown. */
void live_qube_group_prepare (LiveQubeGroup *self);
guint live_qube_group_get_size (LiveQubeGroup *self);

G_END_DECLS
