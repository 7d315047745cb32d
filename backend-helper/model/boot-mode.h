/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LiveBootMode:
 * @LIVE_BOOT_MODE_UNKNOWN: not known, or one of the ways to run from RAM that are not told apart yet
 * @LIVE_BOOT_MODE_PERSISTENT: the root file system of dom0 is on a disk
 */
typedef enum
{
  LIVE_BOOT_MODE_UNKNOWN,
  LIVE_BOOT_MODE_PERSISTENT
} LiveBootMode;

/**
 * live_boot_mode_from_mountinfo:
 * @text: (nullable): contents of /proc/self/mountinfo (proc(5))
 *
 * By the last line whose mount point is `/`: what is mounted later hides what was there. Only a file system that
 * lives on a block device, and one that is not made of RAM, is called persistent; everything else is unknown, so
 * that nothing here can ever claim that dom0 leaves nothing behind.
 *
 * Returns: the mode
 */
LiveBootMode live_boot_mode_from_mountinfo (const char *text);

const char *live_boot_mode_to_string (LiveBootMode mode);

G_END_DECLS
