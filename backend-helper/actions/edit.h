/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/facts.h"
#include "sources/qubesd-call.h"

G_BEGIN_DECLS

/**
 * LiveEdit:
 *
 * A few features and properties of a qube that change together: all of them or none.
 */
typedef struct _LiveEdit LiveEdit;

LiveEdit *live_edit_new (LiveQubesdClient *client, const char *qube);
void live_edit_free (LiveEdit *edit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveEdit, live_edit_free)

/* Sets or, with %NULL, removes a feature. @before is what it is now. A change that is none is left out. */
void live_edit_add_feature (LiveEdit *edit, LiveFeature feature, const char *value, const char *before);

/* Sets a property or, with %NULL, makes it its default. @before is what it is now, %NULL: its default. */
void live_edit_add_property (LiveEdit *edit, const char *property, const char *value, const char *before);

/**
 * live_edit_run_async:
 * @edit: (transfer full): what to change, in the order in which it was added
 * @owner: source of the callback
 *
 * Ends in a boolean for g_task_propagate_boolean(). When a change fails, those before it are undone; so is itself when
 * nobody knows whether it happened. There is no cancellable: what has begun is finished or undone.
 */
void live_edit_run_async (LiveEdit *edit, GObject *owner, GAsyncReadyCallback callback, gpointer data);
gboolean live_edit_run_finish (GObject *owner, GAsyncResult *result, GError **error);

G_END_DECLS
