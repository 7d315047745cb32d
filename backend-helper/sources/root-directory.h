/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>
#include <sys/stat.h>

G_BEGIN_DECLS

/**
 * LiveRootDirectory:
 *
 * A directory that is taken for `/`. Names are looked up in it as the kernel would after chroot(2): no link, and no
 * `..`, leads out of it. May be used by several threads.
 */
typedef struct _LiveRootDirectory LiveRootDirectory;

/* @path: the directory; empty for the real `/`. Errors: those of #GIOErrorEnum. */
LiveRootDirectory *live_root_directory_open (const char *path, GError **error);
void live_root_directory_close (LiveRootDirectory *root);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveRootDirectory, live_root_directory_close)

/* Whether it is the machine's own `/`, by whatever name it was opened. */
gboolean live_root_directory_is_real (LiveRootDirectory *root);

/* What @path is, links followed; %FALSE and errno when it cannot be told. @status may be %NULL. */
gboolean live_root_directory_stat (LiveRootDirectory *root, const char *path, struct stat *status);

/* Whether @path itself is a symbolic link, wherever that leads. Links on the way to it are followed. */
gboolean live_root_directory_is_link (LiveRootDirectory *root, const char *path);

/**
 * live_root_directory_watch:
 * @inotify: file descriptor of inotify_init1(2)
 * @path: a directory, links followed
 * @mask: as for inotify_add_watch(2)
 *
 * Returns: %FALSE and errno when it cannot be watched
 */
gboolean live_root_directory_watch (LiveRootDirectory *root, int inotify, const char *path, guint32 mask);

/**
 * live_root_directory_read:
 * @path: a regular file
 * @limit: bytes
 *
 * Returns: (transfer full) (nullable): its content; %NULL and errno when it cannot be read (ENOENT: it is not there),
 * is no regular file, is longer than @limit (EFBIG), or has a NUL or is not UTF-8 (EILSEQ)
 */
char *live_root_directory_read (LiveRootDirectory *root, const char *path, gsize limit);

/**
 * live_root_directory_list:
 * @path: a directory
 * @limit: names that are returned at most
 *
 * Returns: (transfer full) (nullable): the names in it, without those that begin with a dot, sorted; %NULL and errno
 * when it cannot be read
 */
GPtrArray *live_root_directory_list (LiveRootDirectory *root, const char *path, guint limit);

G_END_DECLS
