/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Sector size of loop devices and mappings: that of the pages and blocks above them. */
#define LIVE_SECTOR_SIZE 4096

/**
 * live_loop_attach:
 * @file: file descriptor of a regular file
 * @path: (out) (transfer full): path of the device's node
 *
 * Makes the file a block device. The kernel takes the device away as soon as nothing uses it any more: no crash can
 * leave one behind.
 *
 * Returns: file descriptor that keeps the device until it is closed, or -1
 */
int live_loop_attach (int file, char **path, GError **error);

/* (transfer full) (nullable): path of the device over the file that is @inode on @device. */
char *live_loop_find (guint64 device, guint64 inode);

/* To be called when the file has grown. */
gboolean live_loop_update_size (const char *path, GError **error);

/* Waits, for some seconds, until no device is over the file. */
gboolean live_loop_wait_gone (guint64 device, guint64 inode);

G_END_DECLS
