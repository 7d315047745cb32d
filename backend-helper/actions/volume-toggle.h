/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "actions/turns.h"
#include "model/system.h"
#include "sources/qubesd-sync.h"

G_BEGIN_DECLS

/* Of a qube whose private volume is read-only on an LVM thin pool: its `revisions_to_keep` before that. */
#define LIVE_FEATURE_PRIVATE_REVISIONS "live.private-revisions"

/**
 * LiveVolumeToggle:
 *
 * Makes one volume of a halted qube read-only or writable. It is done once and not kept as a wish: a qubesd before
 * 4.3.47 forgets a read-only volume when it restarts, and every qubesd makes root writable again when the template is
 * set. A wish that lasts is a policy.
 */
#define LIVE_TYPE_VOLUME_TOGGLE (live_volume_toggle_get_type ())
G_DECLARE_FINAL_TYPE (LiveVolumeToggle, live_volume_toggle, LIVE, VOLUME_TOGGLE, GObject)

LiveVolumeToggle *live_volume_toggle_new (LiveSystem *system, LiveQubesdClient *client, LiveQubesdSync *sync,
                                          LiveTurns *turns);

/**
 * live_volume_toggle_set_async:
 * @name: name of a qube
 * @volume: `root` or `private`
 * @writable: whether the qube may write to it
 *
 * A private volume of an AppVM in an LVM thin pool gets `revisions_to_keep` -1 while it is read-only: otherwise qubesd
 * would try to commit it at every stop, fail, and leave its clean-up undone. A qubesd that does not know -1 (4.2) gets
 * no such volume.
 */
void live_volume_toggle_set_async (LiveVolumeToggle *self, const char *name, const char *volume, gboolean writable,
                                   GAsyncReadyCallback callback, gpointer data);

/* Errors: %LIVE_ERROR_INVALID_ARGUMENT, %LIVE_ERROR_CONFLICT, %LIVE_ERROR_NOT_HALTED, %LIVE_ERROR_NOT_SUPPORTED, %LIVE_ERROR_NOT_FOUND. */
gboolean live_volume_toggle_set_finish (LiveVolumeToggle *self, GAsyncResult *result, GError **error);

G_END_DECLS
