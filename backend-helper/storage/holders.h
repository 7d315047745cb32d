/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "storage/task.h"

G_BEGIN_DECLS

/**
 * live_holders_find_mount:
 * @path: where a filesystem is mounted
 *
 * Adds to the task whatever keeps it from being unmounted: processes that have a file of it open, mapped, or as their
 * directory or root; loop devices and swap files in it; filesystems mounted below it.
 */
void live_holders_find_mount (LiveTask *task, const char *path);

/**
 * live_holders_find_device:
 * @path: of a block device
 *
 * Adds to the task whatever keeps it from being taken away: processes that have it open, or see its filesystem mounted
 * in a namespace of their own; swapping; devices on top of it.
 */
void live_holders_find_device (LiveTask *task, const char *path);

G_END_DECLS
