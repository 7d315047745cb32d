/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LiveXenstoreChanges:
 *
 * The domains that have to be read (again), each once however often it changed, in the order in which they came. Has no
 * lock of its own.
 */
typedef struct _LiveXenstoreChanges LiveXenstoreChanges;

LiveXenstoreChanges *live_xenstore_changes_new (void);
void live_xenstore_changes_free (LiveXenstoreChanges *changes);

/* Of the same domain the larger ticket stays. */
void live_xenstore_changes_add (LiveXenstoreChanges *changes, guint domid, guint64 ticket);

/* FALSE when there is none. */
gboolean live_xenstore_changes_take (LiveXenstoreChanges *changes, guint *domid, guint64 *ticket);

void live_xenstore_changes_clear (LiveXenstoreChanges *changes);

G_END_DECLS
