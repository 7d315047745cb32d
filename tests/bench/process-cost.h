/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <sys/types.h>

#include <glib.h>

G_BEGIN_DECLS

/**
 * LiveMemory:
 * @pss: proportional set size: what it alone uses, and its share of what it shares. It falls when another program of
 *   the same libraries starts, and rises when that ends
 * @private_dirty: what it wrote and shares with no one, whatever else runs: what a leak adds to
 *
 * What a process costs, in MB (1,000,000 bytes).
 */
typedef struct
{
  double pss;
  double private_dirty;
} LiveMemory;

/**
 * live_process_get_memory:
 * @pid: a running process
 * @memory: (out): what it costs, from /proc/PID/smaps_rollup
 * @error: return location for an error
 *
 * Returns: %FALSE with @error set when the kernel does not tell
 */
gboolean live_process_get_memory (pid_t pid, LiveMemory *memory, GError **error);

/**
 * live_process_get_wakeups:
 * @pid: a running process
 * @count: (out): voluntary context switches of all its threads since it started, from /proc/PID/task/TID/status: a
 *   process that sleeps and is woken makes one each time
 * @error: return location for an error
 *
 * Returns: %FALSE with @error set when the kernel does not tell
 */
gboolean live_process_get_wakeups (pid_t pid, guint64 *count, GError **error);

G_END_DECLS
