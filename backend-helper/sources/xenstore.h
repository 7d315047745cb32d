/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/vbd.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Where dom0's own backends of block devices are described. A qube can read there, and write nowhere. */
#define LIVE_XENSTORE_ROOT "/local/domain/0/backend/vbd"

#define LIVE_TYPE_XENSTORE (live_xenstore_get_type ())
/**
 * LiveXenstore:
 *
 * The block devices of all running domains, as dom0's backends have them, followed through a watch in xenstore.
 * Nothing is read from the directories of the domains themselves (/local/domain/ID): those are theirs to write.
 * A domain is read again, in one transaction, each time something below its directory has changed; while nothing
 * changes nothing is done.
 *
 * libxenstore blocks, so all of it is in threads; the main loop only takes what they found. When the connection
 * breaks, everything known is forgotten, and a new one is tried after 0.1 seconds, then after twice that and so on up
 * to 5 minutes, each with a little jitter: a machine without Xen is left in peace.
 *
 * Signals (emitted from the main context of the thread that made the object; a handler may call any function here and
 * drop its reference):
 *
 * - `connected (void)`: the watch is set. A `domain-changed` follows for each domain that has block devices.
 * - `disconnected (const GError *reason)`: the connection broke, the store did not answer for ten seconds, or the first
 *   attempt after live_xenstore_start() failed: now nothing is known of any domain. @reason is %LIVE_ERROR_NOT_FOUND
 *   when there is no store to connect to, %LIVE_ERROR_FAILED otherwise. Further failed attempts are silent; not emitted
 * by live_xenstore_stop(). No `domain-changed` comes with it.
 * - `domain-changed (guint domid)`: live_xenstore_get_vbds() says something else than before.
 */
G_DECLARE_FINAL_TYPE (LiveXenstore, live_xenstore, LIVE, XENSTORE, GObject)

/**
 * live_xenstore_prepare_process:
 * @socket_path: (nullable): path of xenstored's socket, %NULL for the library's own
 *
 * libxenstore takes the path of its socket from the environment, and meddles with the handling of SIGPIPE around each
 * request. Sets the environment to @socket_path, whatever was there, and lets the process ignore SIGPIPE for good. Call
 * it at the start of main(), before there are threads.
 */
void live_xenstore_prepare_process (const char *socket_path);

/**
 * live_xenstore_new:
 * @socket_path: (nullable): the one given to live_xenstore_prepare_process(), for messages
 * @root: (nullable): directory in the store, %NULL for %LIVE_XENSTORE_ROOT
 *
 * Returns: (transfer full): an object that is not started
 */
LiveXenstore *live_xenstore_new (const char *socket_path, const char *root);

/* Connects, from a thread (nothing is emitted before this returns), and stays at it. Does nothing when started. */
void live_xenstore_start (LiveXenstore *self);

/* Closes the connection without a signal; refreshes under way are cancelled. It may be started again. */
void live_xenstore_stop (LiveXenstore *self);

/* When waiting for the next attempt, makes it at once and starts again with short pauses. */
void live_xenstore_retry_now (LiveXenstore *self);

/* Whether the watch is set. */
gboolean live_xenstore_get_connected (LiveXenstore *self);

/**
 * live_xenstore_get_vbds:
 * @domid: a domain
 *
 * Returns: (transfer full) (nullable) (element-type LiveVbd): its block devices, in no order; never empty. %NULL when
 *   nothing is known: no connection, not read yet, it has none, or its directory could not be read. The list does not
 *   change any more; free it with g_ptr_array_unref().
 */
GPtrArray *live_xenstore_get_vbds (LiveXenstore *self, guint domid);

/**
 * live_xenstore_refresh_async:
 * @domid: a domain
 * @cancellable: (nullable): when it is cancelled the result is an error, at the time when the reading is done
 * @callback: called after a reading that began after this call, and after the `domain-changed` it may have led to
 *
 * Reads a domain again. Without a connection it fails at once, and the next attempt at one is made without more
 * waiting.
 */
void live_xenstore_refresh_async (
    LiveXenstore *self, guint domid, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);

/**
 * live_xenstore_refresh_finish:
 *
 * Errors: %LIVE_ERROR_NOT_FOUND without a connection, %LIVE_ERROR_FAILED when it broke meanwhile or the domain could
 * not be read, %G_IO_ERROR_CANCELLED.
 *
 * Returns: %TRUE when the domain was read (that it has no block devices is a result, too)
 */
gboolean live_xenstore_refresh_finish (LiveXenstore *self, GAsyncResult *result, GError **error);

G_END_DECLS
