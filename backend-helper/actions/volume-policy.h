/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "actions/turns.h"
#include "model/system.h"
#include "sources/qubesd-sync.h"

G_BEGIN_DECLS

/**
 * LiveVolumePolicy:
 *
 * Makes the volumes of qubes what their policies want: whenever a reading of a qube is complete and its plan has steps
 * that can be done, it does them. So a policy is applied when a qube halts, repaired after its template was set, and
 * applied again after a qubesd that forgot it, without anybody asking.
 */
#define LIVE_TYPE_VOLUME_POLICY (live_volume_policy_get_type ())
G_DECLARE_FINAL_TYPE (LiveVolumePolicy, live_volume_policy, LIVE, VOLUME_POLICY, GObject)

/* Starts at once. @turns is shared with every other action that changes a qube. */
LiveVolumePolicy *
live_volume_policy_new (LiveSystem *system, LiveQubesdClient *client, LiveQubesdSync *sync, LiveTurns *turns);

/**
 * live_volume_policy_retry_async:
 * @qube: a qube whose plan was tried, and failed
 *
 * Tries it again although nothing about the qube has changed. Whether it went well is to be seen at the qube.
 */
void
live_volume_policy_retry_async (LiveVolumePolicy *self, LiveQube *qube, GAsyncReadyCallback callback, gpointer data);
/* (transfer none): the qube it was about */
LiveQube *live_volume_policy_retry_finish (LiveVolumePolicy *self, GAsyncResult *result);

/**
 * live_volume_policy_set_async:
 * @name: name of a qube
 * @policy: `persistent`, `root` or `full`
 *
 * Writes the policy down and applies it if the qube is halted. When it cannot be applied, what was written is taken
 * back, so that a policy that stands is one that holds or waits.
 */
void live_volume_policy_set_async (
    LiveVolumePolicy *self, const char *name, const char *policy, GAsyncReadyCallback callback, gpointer data);

/**
 * live_volume_policy_set_finish:
 * @applied: (out): %FALSE when it waits for the qube to halt
 *
 * Errors: %LIVE_ERROR_INVALID_ARGUMENT, %LIVE_ERROR_NOT_SUPPORTED, %LIVE_ERROR_NOT_FOUND and those of a call.
 */
gboolean
live_volume_policy_set_finish (LiveVolumePolicy *self, GAsyncResult *result, gboolean *applied, GError **error);

G_END_DECLS
