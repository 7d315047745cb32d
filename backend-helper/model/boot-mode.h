/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/block.h"

G_BEGIN_DECLS

/**
 * LiveBootMode:
 * @LIVE_BOOT_MODE_UNKNOWN: not known, or a way to boot that is not told apart
 * @LIVE_BOOT_MODE_PERSISTENT: what dom0 writes to its root file system is on a disk
 * @LIVE_BOOT_MODE_OVERLAY: the root is an overlay whose upper layer is in RAM
 * @LIVE_BOOT_MODE_ZRAM: the root is on a compressed RAM disk
 * @LIVE_BOOT_MODE_VOLATILE: as systemd makes it, by `systemd.volatile=overlay` or `systemd.volatile=yes`
 * @LIVE_BOOT_MODE_DRACUT_LIVE: as dracut makes it for live images, with the upper layer in RAM
 */
typedef enum
{
  LIVE_BOOT_MODE_UNKNOWN,
  LIVE_BOOT_MODE_PERSISTENT,
  LIVE_BOOT_MODE_OVERLAY,
  LIVE_BOOT_MODE_ZRAM,
  LIVE_BOOT_MODE_VOLATILE,
  LIVE_BOOT_MODE_DRACUT_LIVE
} LiveBootMode;

const char *live_boot_mode_to_string (LiveBootMode mode);

/* Whether what dom0 writes to its root file system stays in RAM. */
gboolean live_boot_mode_is_live (LiveBootMode mode);

/**
 * live_boot_mode_judge:
 * @mounts: (nullable) (element-type LiveMount): the mount table; %NULL when it cannot be read
 * @blocks: (element-type LiveBlock): every device that matters
 * @kernel_command_line: (nullable): /proc/cmdline
 * @contradicted: (out) (optional) (transfer full) (nullable): the argument that claims that the root is in RAM,
 *   although it is on a disk
 * @reasons: (nullable): a builder of type a(sa{sv}) that gets why the mode is not known (model/reason.h)
 *
 * By the last mount at `/`, because what is mounted later hides what was there, and by where its writes come to rest;
 * never by a kernel argument alone. In RAM must be proved. On a disk need not be: that claim promises nothing, so the
 * type of the file system and the name of its device are enough where the device itself cannot be looked at.
 *
 * Returns: the mode
 */
LiveBootMode live_boot_mode_judge (GPtrArray *mounts,
                                   GPtrArray *blocks,
                                   const char *kernel_command_line,
                                   char **contradicted,
                                   GVariantBuilder *reasons);

/**
 * live_boot_mode_find_upper:
 * @mounts: (nullable) (element-type LiveMount): the mount table
 *
 * A symbolic link in this path would lead away from the mount that the name points to, and is not seen in the table:
 * whoever can look at files has to.
 *
 * Returns: (transfer full) (nullable): the upper directory of the root file system when that is an overlay
 */
char *live_boot_mode_find_upper (GPtrArray *mounts);

G_END_DECLS
