/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "storage/record.h"
#include "storage/task.h"

G_BEGIN_DECLS

/* (transfer full): what a tmpfs of ours says that it is mounted from. */
char *live_take_apart_get_source (const char *name);

/* (transfer full) (nullable): path of the block device that the filesystem of a pool is on, if it is there. */
char *live_take_apart_get_device (const LiveRecord *record);

/* Whether the filesystem of the pool, and no other, is mounted where it belongs. */
gboolean live_take_apart_is_mounted (const LiveRecord *record);

/**
 * live_take_apart:
 * @record: what is remembered of a pool, however far it was made or taken apart
 *
 * Takes away everything of a pool that is there, from the top: mount, mapping with its key, loop device, backing file,
 * zram device, mount point, record. May be called again after it failed, or after it was interrupted.
 *
 * Errors: %LIVE_ERROR_IN_USE, with the holders in the task
 */
gboolean live_take_apart (LiveTask *task, LiveRecord *record, GError **error);

/**
 * live_destroy_pool:
 * @only_unfinished: refuse a pool that is in order
 *
 * Returns: (transfer full): the answer, an empty one
 */
JsonObject *live_destroy_pool (LiveTask *task, const char *name, gboolean only_unfinished, GError **error);

G_END_DECLS
