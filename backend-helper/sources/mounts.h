/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/mount.h"

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * live_mounts_parse:
 * @text: contents of a /proc/PID/mountinfo (proc(5))
 * @length: bytes
 *
 * Reads a mount table with libmount. Half a table is worse than none, because the line that decides can be the one
 * that is missing: a line that libmount cannot read, an unfinished last line, a NUL and an empty table are errors.
 *
 * Returns: (transfer full) (element-type LiveMount): the mounts in the kernel's order; %NULL with #LIVE_ERROR_FAILED
 */
GPtrArray *live_mounts_parse (const char *text, gsize length, GError **error);

/**
 * live_mounts_read:
 * @path: of a mount table
 *
 * Blocks for as long as the kernel needs to write the table: some milliseconds for thousands of mounts.
 *
 * Returns: (transfer full) (element-type LiveMount): as live_mounts_parse()
 */
GPtrArray *live_mounts_read (const char *path, GError **error);

/**
 * LiveMounts:
 *
 * A mount table that is kept up to date.
 *
 * Signal `changed` (): the table was read again and differs, or cannot be read any more.
 */
#define LIVE_TYPE_MOUNTS (live_mounts_get_type ())
G_DECLARE_FINAL_TYPE (LiveMounts, live_mounts, LIVE, MOUNTS, GObject)

/**
 * live_mounts_get_path:
 * @root: prefix of /proc, empty for the real one
 *
 * On the real machine that is the table of process 1 and not the helper's own: systemd gives the helper a view of the
 * mounts in which everything is read-only, so that its own table would hide every mount that can be written to.
 *
 * Returns: (transfer full): the path of the table that says how dom0 is
 */
char *live_mounts_get_path (const char *root);

/**
 * live_mounts_new:
 * @path: of the table
 * @watch: whether to watch it; only the kernel's own files can be
 *
 * Reads the table once, at once. Later readings are made in a thread.
 *
 * Returns: (transfer full): the table
 */
LiveMounts *live_mounts_new (const char *path, gboolean watch);

/* (transfer none) (nullable) (element-type LiveMount): %NULL when it cannot be read. Never changed in place. */
GPtrArray *live_mounts_get_table (LiveMounts *self);

/* Reads it again, as if the kernel had said that it changed. */
void live_mounts_refresh (LiveMounts *self);

G_END_DECLS
