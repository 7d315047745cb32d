/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "storage/record.h"
#include "storage/task.h"

G_BEGIN_DECLS

/* Whether the kernel can make zram devices now. */
gboolean live_zram_is_available (void);

/**
 * live_zram_choose_algorithm:
 * @wanted: (nullable): name of an algorithm; %NULL for the best
 * @offered: the kernel's list, as `lzo-rle lzo [zstd]`
 *
 * Returns: (transfer full) (nullable): %NULL when it is not offered
 */
char *live_zram_choose_algorithm (const char *wanted, const char *offered);

/* (transfer full) (nullable): the kernel's list, read from any device; %NULL when there is none to ask. */
char *live_zram_read_algorithms (void);

/**
 * live_zram_add:
 * @record: gets number and sequence of the device; saved before, and after
 *
 * Adds a device. To be called with the lock that all pools share.
 */
gboolean live_zram_add (LiveTask *task, LiveRecord *record, GError **error);

/**
 * live_zram_set_up:
 * @record: of a pool whose device was added; the algorithm that was taken is put in
 * @disk_size: bytes that the device seems to have; cannot be changed later
 *
 * Refuses a device that would write to a disk.
 */
gboolean live_zram_set_up (LiveTask *task, LiveRecord *record, guint64 disk_size, GError **error);

gboolean live_zram_set_limit (const LiveRecord *record, guint64 limit, GError **error);

/**
 * live_zram_find:
 * @record: of a zram pool
 *
 * Returns: number of the device if it is there and is still the same, else -1; also one that was added and, because of
 * a crash, not recorded
 */
gint live_zram_find (const LiveRecord *record);

/* (transfer full): path of the device's node. */
char *live_zram_get_path (gint number);
/* Bytes; 0 when it cannot be told. */
guint64 live_zram_get_disk_size (gint number);
/* Bytes of RAM that it holds; 0 when it cannot be told. */
guint64 live_zram_get_memory (gint number);

/**
 * live_zram_remove:
 *
 * Gives the RAM back and takes the device away. Nothing is done when there is no device. Errors: %LIVE_ERROR_IN_USE
 */
gboolean live_zram_remove (LiveTask *task, const LiveRecord *record, GError **error);

G_END_DECLS
