/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/leaks.h"

G_BEGIN_DECLS

/**
 * live_kernel_read_leak_facts:
 * @root: prefix of /proc, /sys, /etc and /var, empty for the real ones
 *
 * Reads what the kernel and systemd's settings say about where dom0 writes. Everything that can be read is bounded.
 * Blocks for some small files: not for the main loop.
 *
 * Returns: (transfer full): the facts, without mounts and blocks
 */
LiveLeakFacts *live_kernel_read_leak_facts (const char *root);

G_END_DECLS
