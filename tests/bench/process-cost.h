/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <sys/types.h>

#include <glib.h>

G_BEGIN_DECLS

/**
 * live_process_get_pss:
 * @pid: a running process
 * @megabytes: (out): its proportional set size in MB (1,000,000 bytes), from /proc/PID/smaps_rollup
 * @error: return location for an error
 *
 * What a process really costs: memory it alone uses, and its share of what it shares.
 *
 * Returns: %FALSE with @error set when the kernel does not tell
 */
gboolean live_process_get_pss (pid_t pid, double *megabytes, GError **error);

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
