/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "storage/record.h"
#include "storage/task.h"

G_BEGIN_DECLS

/**
 * live_backing_check:
 * @record: of an encrypted pool; what the path leads to is put in. A size of 0 becomes that of the block device.
 *
 * Whether the path can be used: a file that does not exist yet, in a directory on a disk that is reached over no
 * symbolic link, with enough room; or a block device that nothing uses and nothing is on.
 */
gboolean live_backing_check (LiveRecord *record, GError **error);

/**
 * live_backing_make:
 * @record: gets the number of the new file, and is saved
 *
 * Makes the file, with all of its space. It has no name before it is complete and recorded; nothing is made when the
 * backing is a block device.
 *
 * Returns: file descriptor, or -1
 */
int live_backing_make (LiveTask *task, LiveRecord *record, GError **error);

/* Makes the file bigger; nothing is done to a block device but to look whether it is big enough. */
gboolean live_backing_grow (LiveTask *task, const LiveRecord *record, guint64 size, GError **error);

/* Removes the file, if it is there and still the one that was made. */
gboolean live_backing_remove (LiveTask *task, const LiveRecord *record, GError **error);

G_END_DECLS
