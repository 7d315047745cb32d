/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * live_proc_file_read:
 * @path: of a small file in /proc, /sys or /etc
 * @limit: bytes; a larger file is an error, never cut
 * @length: (out) (optional): bytes read
 *
 * Reads all of it, whatever size its directory entry claims. Only regular files are opened, and never one that would
 * make the caller wait.
 *
 * Returns: (transfer full): the contents with a NUL behind them; %NULL with an error of #G_FILE_ERROR
 */
char *live_proc_file_read (const char *path, gsize limit, gsize *length, GError **error);

/* Called whenever the kernel says that the file has changed. */
typedef void (*LiveProcFileChanged) (gpointer data);

/**
 * live_proc_file_watch:
 * @path: a file of /proc that poll(2) reports changes of, such as a mountinfo or /proc/swaps
 * @changed: called from the default main context
 * @data: for @changed
 *
 * Returns: an id for g_source_remove(), 0 with an error of #G_FILE_ERROR
 */
guint live_proc_file_watch (const char *path, LiveProcFileChanged changed, gpointer data, GError **error);

G_END_DECLS
