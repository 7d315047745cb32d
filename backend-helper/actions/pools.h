/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "actions/journal.h"
#include "model/system.h"
#include "sources/qubesd-sync.h"
#include "sources/storage-call.h"

G_BEGIN_DECLS

/* A qube that was asked to shut down gets so long before its pool is not destroyed after all. */
#define LIVE_POOLS_SHUTDOWN_SECONDS 60

/* Below the storage, storage/README.md. */
#define LIVE_POOL_STORAGE_ZRAM "zram"
#define LIVE_POOL_STORAGE_TMPFS "tmpfs"
#define LIVE_POOL_STORAGE_ENCRYPTED "encrypted"

/**
 * LivePoolWish:
 * @name: of the pool
 * @storage: one of the above
 * @size: bytes; 0: all of a block device, with encrypted storage
 * @limit: bytes of RAM, with zram; 0: what suits @size
 * @algorithm: (nullable): of the compression, with zram; %NULL: the best that the kernel has
 * @backing: (nullable): with encrypted storage: absolute path of a new file or of a block device
 * @make_default: whether new qubes go to it
 *
 * A pool to be made.
 */
typedef struct
{
  const char *name;
  const char *storage;
  guint64 size;
  guint64 limit;
  const char *algorithm;
  const char *backing;
  gboolean make_default;
} LivePoolWish;

/**
 * LivePools:
 *
 * Makes, changes and destroys pools whose storage is in RAM, or under a key that only RAM knows. The storage is made
 * by a program of its own, the pool by qubesd. What is half done stands in the journal: after a crash the next helper
 * finishes it, or undoes it, as soon as it knows what qubesd has.
 *
 * A pool is ours when its directory is the one in %LIVE_POOL_DIRECTORY that has its name. No other is touched.
 */
#define LIVE_TYPE_POOLS (live_pools_get_type ())
G_DECLARE_FINAL_TYPE (LivePools, live_pools, LIVE, POOLS, GObject)

/* Reads the journal, and does nothing before live_pools_start(). */
LivePools *live_pools_new (LiveSystem *system,
                           LiveQubesdClient *client,
                           LiveQubesdSync *sync,
                           LiveStorageClient *storage,
                           LiveJournal *journal);
void live_pools_start (LivePools *self);

/* For tests: ends the helper by SIGKILL at the @nth place between two steps; 0: never. */
void live_pools_set_kill_at (LivePools *self, guint nth);

/**
 * live_pools_create:
 *
 * Begins to make a pool. The job is in the system already; what fails from now on is its error.
 *
 * Errors: %LIVE_ERROR_INVALID_ARGUMENT: a name that Qubes does not allow, a size of 0, a kind that does not exist, a
 * backing that is no absolute path; %LIVE_ERROR_IN_USE: there is a pool of that name; %LIVE_ERROR_BUSY: it is being
 * made or destroyed.
 *
 * Returns: (transfer none): the job; it can be cancelled until the pool is qubesd's
 */
LiveJob *live_pools_create (LivePools *self, const LivePoolWish *wish, GError **error);

/**
 * live_pools_destroy:
 * @qubes: the qubes that have a volume in it, no more and no fewer
 * @kill: end those that run, rather than to ask them
 *
 * Begins to destroy a pool with its qubes. Until the first of them is removed it can be cancelled, and fails with
 * %LIVE_ERROR_CONFLICT: @qubes are not those, or %LIVE_ERROR_IN_USE: one does not shut down, or one was started.
 *
 * Errors: %LIVE_ERROR_NOT_FOUND; %LIVE_ERROR_NOT_SUPPORTED: it is not ours; %LIVE_ERROR_BUSY.
 */
LiveJob *
live_pools_destroy (LivePools *self, const char *name, const char *const *qubes, gboolean kill, GError **error);

/**
 * live_pools_resize:
 * @size: bytes
 *
 * Errors: as of live_pools_destroy(), and %LIVE_ERROR_INVALID_ARGUMENT for a size of 0.
 */
LiveJob *live_pools_resize (LivePools *self, const char *name, guint64 size, GError **error);

/**
 * live_pools_set_default_async:
 *
 * Makes private and volatile volumes of new qubes go to a pool of ours; or, with @on %FALSE, where they went before.
 *
 * Errors: as of live_pools_destroy(), and what qubesd answers; then it is as before.
 */
void live_pools_set_default_async (
    LivePools *self, const char *name, gboolean on, GAsyncReadyCallback callback, gpointer data);
gboolean live_pools_set_default_finish (LivePools *self, GAsyncResult *result, GError **error);

/* Asks the storage program what there is, and how much of it is in use. Without one nothing is ours. */
void live_pools_refresh_async (LivePools *self, GAsyncReadyCallback callback, gpointer data);
void live_pools_refresh_finish (LivePools *self, GAsyncResult *result);

G_END_DECLS
