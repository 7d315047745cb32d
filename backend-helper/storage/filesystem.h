/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "storage/task.h"

#include <sys/types.h>

G_BEGIN_DECLS

/**
 * LiveUsage:
 * @capacity: bytes that the filesystem has for files
 * @used: bytes of that which are in use
 */
typedef struct
{
  guint64 capacity;
  guint64 used;
} LiveUsage;

/* Whether the kernel knows a type of filesystem, now or after loading a module. */
gboolean live_filesystem_is_available (const char *type);

/* Whether the kernel can keep a tmpfs out of swap. */
gboolean live_filesystem_has_noswap (void);

/**
 * live_filesystem_format:
 * @device: path of a block device that holds nothing
 * @size: bytes of it that are used at first
 *
 * Makes an XFS whose files can share their blocks.
 */
gboolean live_filesystem_format (LiveTask *task, const char *device, guint64 size, GError **error);

/* Whether @path can become a mount point: it is not there, or an empty directory. Errors: %LIVE_ERROR_IN_USE */
gboolean live_filesystem_check_free (const char *path, GError **error);

/**
 * live_filesystem_mount:
 * @source: device, or name of a tmpfs
 * @path: where; the directory is made
 * @options: of the filesystem
 */
gboolean live_filesystem_mount (
    LiveTask *task, const char *type, const char *source, const char *path, const char *options, GError **error);

/* As above, for a tmpfs that is mounted: with other options. */
gboolean live_filesystem_remount (const char *path, const char *options, GError **error);

/**
 * live_filesystem_get_mounted:
 * @path: a directory
 * @type: (out) (transfer full) (optional): type of the filesystem
 * @source: (out) (transfer full) (optional): what it says it is mounted from
 * @device: (out) (optional): its device
 *
 * Returns: whether something is mounted exactly there; the topmost is told
 */
gboolean live_filesystem_get_mounted (const char *path, char **type, char **source, dev_t *device);

/**
 * live_filesystem_unmount:
 *
 * Unmounts, and not lazily: what is still used stays. Errors: %LIVE_ERROR_IN_USE, with the holders in the task
 */
gboolean live_filesystem_unmount (LiveTask *task, const char *path, GError **error);

/* Makes an XFS bigger; nothing is done when it has that size already. @size: bytes */
gboolean live_filesystem_grow (LiveTask *task, const char *path, guint64 size, GError **error);

gboolean live_filesystem_get_usage (const char *path, LiveUsage *usage);

G_END_DECLS
