/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LiveMount:
 * @id: mount id, unique among the mounts there are
 * @parent_id: id of the mount it stands on
 * @major: of the device, 0 for file systems without one (overlay, tmpfs, btrfs)
 * @minor: of the device
 * @root: what of the file system is mounted, such as `/` or `/@home`
 * @target: mount point, escapes undone
 * @type: type of the file system
 * @source: device or whatever name it was given, escapes undone; may be empty
 * @read_only: whether the mount or the file system under it is read-only
 * @options: options of the file system (the last field), escapes undone, comma-separated
 *
 * One line of /proc/PID/mountinfo (proc(5)).
 */
typedef struct
{
  int id;
  int parent_id;
  guint major;
  guint minor;
  char *root;
  char *target;
  char *type;
  char *source;
  gboolean read_only;
  char *options;
} LiveMount;

void live_mount_free (LiveMount *mount);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveMount, live_mount_free)

/**
 * live_mounts_find_target:
 * @mounts: (element-type LiveMount): the table, in the kernel's order
 * @target: a mount point
 *
 * Returns: (transfer none) (nullable): the mount that is seen at @target: the last one there
 */
const LiveMount *live_mounts_find_target (GPtrArray *mounts, const char *target);

/**
 * live_mounts_find_path:
 * @mounts: (element-type LiveMount): the table, in the kernel's order
 * @path: an absolute path without `.` and `..`
 *
 * Goes from the root downwards as the kernel does: the longest mount point that is a prefix of @path may have been
 * covered by a later mount above it. Symbolic links are not known here.
 *
 * Returns: (transfer none) (nullable): the mount that @path lies on; %NULL also for a table without one clear root
 */
const LiveMount *live_mounts_find_path (GPtrArray *mounts, const char *path);

G_END_DECLS
