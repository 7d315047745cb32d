/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "storage/task.h"

G_BEGIN_DECLS

#define LIVE_MKFS_XFS "/usr/sbin/mkfs.xfs"
#define LIVE_XFS_GROWFS "/usr/sbin/xfs_growfs"

/**
 * live_command_run:
 * @argv: (array zero-terminated=1): program (an absolute path) and its arguments
 *
 * Runs a program to its end, with an environment of nothing but PATH and LC_ALL, nothing to read, and no other open
 * file. It is killed when the task is cancelled, and when this process ends.
 *
 * Returns: %FALSE with %LIVE_ERROR_NOT_SUPPORTED when it is not there, %LIVE_ERROR_CANCELLED, or %LIVE_ERROR_FAILED
 * with the beginning of what it wrote
 */
gboolean live_command_run (LiveTask *task, const char *const *argv, GError **error);

G_END_DECLS
