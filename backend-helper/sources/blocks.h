/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "sources/crypt.h"

G_BEGIN_DECLS

/**
 * live_blocks_read:
 * @root: prefix of /sys, empty for the real one
 * @major: of the device
 * @minor: of the device
 * @blocks: (element-type LiveBlock): the device and everything that it is made of is added to it, unless it is there
 *
 * Reads what sysfs tells of a block device (/sys/dev/block/MAJOR:MINOR). Keys of dm-crypt mappings stay unknown. A
 * part that is gone is just not added, and the whole has it among its slaves all the same; a part without numbers is
 * 0:0 there, which no device has.
 *
 * sysfs is in memory and nothing here waits for a device; yet for more than a few devices it belongs into a thread.
 *
 * Returns: %FALSE when the device itself is not there. Errors: %LIVE_ERROR_NOT_FOUND, %LIVE_ERROR_FAILED.
 */
gboolean live_blocks_read (const char *root, guint major, guint minor, GPtrArray *blocks, GError **error);

/**
 * live_blocks_read_all:
 * @root: prefix of /sys, empty for the real one
 *
 * Reads every block device there is.
 *
 * Returns: (transfer full) (element-type LiveBlock): the devices. Errors: %LIVE_ERROR_FAILED.
 */
GPtrArray *live_blocks_read_all (const char *root, GError **error);

/**
 * live_blocks_resolve_async:
 * @crypt: whom to ask for keys; its root is the one that is read
 * @major: of the device
 * @minor: of the device
 * @cancellable: (nullable): takes the request back
 *
 * As live_blocks_read(), in a thread and complete with the keys of dm-crypt mappings.
 */
void live_blocks_resolve_async (
    LiveCrypt *crypt, guint major, guint minor, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);

/* As live_blocks_read_all(), in a thread and complete with the keys of dm-crypt mappings. */
void live_blocks_resolve_all_async (LiveCrypt *crypt,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer data);

/* For both: (transfer full) (element-type LiveBlock): the devices. Errors: as above, and %G_IO_ERROR_CANCELLED. */
GPtrArray *live_blocks_resolve_finish (GAsyncResult *result, GError **error);

G_END_DECLS
