/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "actions/pools.h"

G_BEGIN_DECLS

/* What the files of #LivePools share. */

/* Entries of the journal: `pool-NAME` while the pool is made or destroyed, `default-NAME` while it is the default. */
#define LIVE_POOLS_ENTRY "pool-"
#define LIVE_POOLS_DEFAULT_ENTRY "default-"
#define LIVE_POOLS_ACTION_CREATE "create-pool"
#define LIVE_POOLS_ACTION_DESTROY "destroy-pool"

struct _LivePools
{
  GObject parent;

  LiveSystem *system;
  LiveQubesdClient *client;
  LiveQubesdSync *sync;
  LiveStorageClient *storage;
  LiveJournal *journal;

  GHashTable *busy;     /* names of pools that are being made, changed or destroyed */
  GHashTable *defaults; /* name of pool → JsonObject: the defaults before it became one */
  GHashTable *pending;  /* names of pools of which the journal says what is to be finished when qubesd can be asked */
  GHashTable *guarded;  /* names of pools that are gone, whose qubes were kept from starting */
  gboolean refreshing;
  GPtrArray *refreshed; /* GTask that the reading under way answers */
  GPtrArray *waiting;   /* GTask that want one that begins later */
  gboolean warned;      /* that the storage program cannot be asked */
  guint points;         /* passed so far */
  guint kill_at;
};

/**
 * LivePoolWork:
 * @owner: whose it is
 * @name: of the pool
 * @job: (nullable): %NULL when it finishes what another helper began
 * @entry: (nullable): what stands in the journal
 * @done: whether nothing has to stand there any more
 * @error: (nullable): why it failed
 * @data: what the action has besides
 * @free_data: for @data
 *
 * Something that is being done with one pool, which nobody else may touch meanwhile.
 */
typedef struct
{
  LivePools *owner;
  char *name;
  LiveJob *job;
  JsonObject *entry;
  gboolean done;
  GError *error;
  gpointer data;
  GDestroyNotify free_data;
} LivePoolWork;

/* Takes the pool for itself; the name must not be in `busy`. @kind: (nullable): of the job, %NULL for none. */
LivePoolWork *live_pool_work_new (LivePools *owner, const char *name, const char *kind);
/* Ends the job, if there is one, with the error, if there is one; and frees it. */
void live_pool_work_end (LivePoolWork *work);
void live_pool_work_set_step (LivePoolWork *work, const char *step);
/* Keeps the first. (transfer full) */
void live_pool_work_take_error (LivePoolWork *work, GError *error);
/* Writes @work's entry, with @step in it. */
gboolean live_pool_work_note (LivePoolWork *work, const char *step, GError **error);
/* There is nothing left that a later helper would have to finish: the entry is removed at the end. */
void live_pool_work_forget (LivePoolWork *work);
/* A #LiveStorageProgress for a #LivePoolWork. */
void live_pool_work_progress (const char *step, double progress, gpointer work);
/* Leaves what is in the journal to the time after the next connection to qubesd; for @work that then ends. */
void live_pool_work_postpone (LivePoolWork *work);
/* Brings the model up to date, then ends. */
void live_pool_work_finish (LivePoolWork *work);

/* A place between two steps, where the helper may crash. */
void live_pools_point (LivePools *self);

/* A call to dom0. @payload: (nullable): its text */
void live_pools_call (LivePools *self,
                      const char *method,
                      const char *argument,
                      const char *payload,
                      GAsyncReadyCallback callback,
                      gpointer data);

/* Adds the pool to qubesd, over storage of that kind that is mounted. */
void
live_pools_add (LivePools *self, const char *name, const char *driver, GAsyncReadyCallback callback, gpointer data);

/**
 * live_pools_take_down_async:
 * @work: shows its steps
 *
 * Takes away what there is of a pool without qubes: as default, at qubesd, its storage. What is not there is not
 * missed. The pool has to be ours by its directory.
 *
 * Errors: %LIVE_ERROR_IN_USE: qubesd has a volume in it, or somebody has a file of it open; in the latter case it is
 * qubesd's again.
 */
void live_pools_take_down_async (LivePoolWork *work, GAsyncReadyCallback callback);
gboolean live_pools_take_down_finish (LivePools *self, GAsyncResult *result, GError **error);

/* Without a look at whether the pool is ours, or busy. */
void live_pool_default_set_async (
    LivePools *self, const char *name, gboolean on, GAsyncReadyCallback callback, gpointer data);
gboolean live_pool_default_set_finish (LivePools *self, GAsyncResult *result, GError **error);

/* Finishes or undoes what the journal says of an earlier helper. */
void live_pool_create_resume (LivePools *self, const LiveJournalEntry *entry, const char *name);
void live_pool_destroy_resume (LivePools *self, const LiveJournalEntry *entry, const char *name);

/* Undoes what was half done to the defaults, and forgets those of pools that are no more. */
void live_pool_default_resume (LivePools *self);
/* Storage that is no pool of qubesd's is taken away, once qubesd says so. */
void live_pools_clear (LivePools *self, const char *name);
/* Keeps halted qubes from being started into a directory where nothing is mounted any more, and lets them go when it is
 * there. */
void live_pool_guard (LivePools *self, LivePool *pool);

/* (nullable): a pool that is ours and free to be changed. */
LivePool *live_pools_find (LivePools *self, const char *name, GError **error);

G_END_DECLS
