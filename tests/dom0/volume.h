/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "store.h"

/**
 * live_dom0_volumes_create:
 * @pools: LIVE_DOM0_N_VOLUMES pools, borrowed; %NULL for the default one
 *
 * Gives @qube the volumes of its class. A disposable takes `rw` and an explicit `ephemeral` over from its template as
 * they are now; later changes to the template do not reach it.
 *
 * Returns: %FALSE if a snapshot was asked to live in another pool than its origin; the qube then has no volumes
 */
gboolean live_dom0_volumes_create (LiveDom0 *dom0, LiveDom0Qube *qube, LiveDom0Pool *const *pools, GError **error);

void live_dom0_volume_free (LiveDom0Volume *volume);

LiveDom0Volume *live_dom0_volume_find (LiveDom0Qube *qube, const char *name);

/**
 * live_dom0_volume_source:
 *
 * Returns: (transfer none) (nullable): the volume that @volume is a snapshot of
 */
LiveDom0Volume *live_dom0_volume_source (LiveDom0 *dom0, LiveDom0Volume *volume);

/**
 * live_dom0_volume_ephemeral:
 *
 * Returns: the value in effect: the explicit one, else the pool's where a default can apply
 */
gboolean live_dom0_volume_ephemeral (LiveDom0Volume *volume);

char *live_dom0_volume_path (LiveDom0Volume *volume);
guint64 live_dom0_volume_size (LiveDom0 *dom0, LiveDom0Volume *volume);

gboolean live_dom0_volume_set_rw (LiveDom0Volume *volume, gboolean rw, GError **error);
gboolean live_dom0_volume_set_ephemeral (LiveDom0 *dom0, LiveDom0Volume *volume, gboolean ephemeral, GError **error);
gboolean live_dom0_volume_set_revisions (LiveDom0 *dom0, LiveDom0Volume *volume, gint64 revisions, GError **error);

/**
 * live_dom0_volumes_reset_snapshots:
 *
 * What setting `template` does, even to the same value: the qube's snapshot volumes start anew, writable.
 */
void live_dom0_volumes_reset_snapshots (LiveDom0 *dom0, LiveDom0Qube *qube);

/**
 * live_dom0_volume_is_plain:
 *
 * Whether the volume itself is attached instead of a snapshot of it, and there is nothing to commit at a stop.
 */
gboolean live_dom0_volume_is_plain (LiveDom0Volume *volume);

/**
 * live_dom0_volumes_verify:
 *
 * What qubesd checks before a start: that no volume, nor what it is a snapshot of, is missing.
 */
gboolean live_dom0_volumes_verify (LiveDom0 *dom0, LiveDom0Qube *qube, GError **error);

/**
 * live_dom0_volumes_forget_rw:
 *
 * What a restart does to rw=False in qubesd before 4.3.47.
 */
void live_dom0_volumes_forget_rw (LiveDom0 *dom0);
