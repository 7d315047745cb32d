/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/boot-mode.h"

G_BEGIN_DECLS

/**
 * live_mounts_read_boot_mode:
 * @root: prefix of /proc, empty for the real one
 *
 * Reads the mount table of this process (proc(5), /proc/PID/mountinfo) and judges how dom0 was booted. A table that
 * cannot be read is said on standard error and gives %LIVE_BOOT_MODE_UNKNOWN.
 *
 * Returns: the mode
 */
LiveBootMode live_mounts_read_boot_mode (const char *root);

G_END_DECLS
