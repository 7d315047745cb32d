/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "actions/pools.h"

G_BEGIN_DECLS

/**
 * LiveRamQubeWish:
 * @source: name of an app qube
 * @name: (nullable): of the new one; %NULL: one is chosen
 * @pool: (nullable): a pool of ours; %NULL: one is made, and goes with the qube
 * @with_files: whether it has a copy of the private volume
 */
typedef struct
{
  const char *source;
  const char *name;
  const char *pool;
  gboolean with_files;
} LiveRamQubeWish;

/**
 * LiveRamQubes:
 *
 * Runs qubes that are like others and of which nothing stays: private and volatile volume are in a pool of ours, and
 * what is written to root goes to the volatile volume. When such a qube halts, it is removed; so is the pool that was
 * made for it. While there is one it stands in the journal, so that the next helper goes on.
 */
#define LIVE_TYPE_RAM_QUBES (live_ram_qubes_get_type ())
G_DECLARE_FINAL_TYPE (LiveRamQubes, live_ram_qubes, LIVE, RAM_QUBES, GObject)

/* Reads the journal; @journal stays the caller's. */
LiveRamQubes *live_ram_qubes_new (
    LiveSystem *system, LiveQubesdClient *client, LiveQubesdSync *sync, LivePools *pools, LiveJournal *journal);
void live_ram_qubes_start (LiveRamQubes *self);

/**
 * live_ram_qubes_run:
 *
 * The job has ended well when the qube runs.
 *
 * Errors: %LIVE_ERROR_NOT_FOUND; %LIVE_ERROR_NOT_SUPPORTED: not an app qube, or the pool is not ours;
 * %LIVE_ERROR_INVALID_ARGUMENT: no name for a qube; %LIVE_ERROR_IN_USE: there is a qube of that name.
 *
 * Returns: (transfer none): the job; it can be cancelled until the qube is started
 */
LiveJob *live_ram_qubes_run (LiveRamQubes *self, const LiveRamQubeWish *wish, GError **error);

G_END_DECLS
