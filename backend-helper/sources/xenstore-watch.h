/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>
#include <xenstore.h>

G_BEGIN_DECLS

/**
 * LiveXenstoreWatch:
 *
 * A watch in the store, and the thread that sleeps until it fires. The main loop could poll xs_fileno() instead, but
 * that never becomes readable when the connection ends: only who sleeps in xs_read_watch() is told.
 */
typedef struct _LiveXenstoreWatch LiveXenstoreWatch;

/**
 * LiveXenstoreWatchFunc:
 * @generation: as given to live_xenstore_watch_new()
 * @path: (nullable): what changed, unchecked; %NULL when the watch has ended, which is the last call
 * @data: as given
 *
 * Called in the thread of the watch.
 */
typedef void (*LiveXenstoreWatchFunc) (guint64 generation, const char *path, gpointer data);

/**
 * live_xenstore_watch_new:
 * @handle: (transfer full): a connection of its own
 * @root: directory to watch
 * @generation: for @callback
 * @callback: what to call
 * @data: for @callback
 * @destroy: frees @data, also when there is no watch
 *
 * Sets the watch, and waits for the store to say that it is set.
 *
 * Returns: (transfer full) (nullable): the watch; %NULL with errno
 */
LiveXenstoreWatch *live_xenstore_watch_new (struct xs_handle *handle,
                                            const char *root,
                                            guint64 generation,
                                            LiveXenstoreWatchFunc callback,
                                            gpointer data,
                                            GDestroyNotify destroy);

/* Has the thread end, and close the connection, soon. Waits for the store. (transfer full) */
void live_xenstore_watch_end (LiveXenstoreWatch *watch);

G_END_DECLS
