/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "actions/qube-copy.h"
#include "actions/ram-qube.h"

G_BEGIN_DECLS

/* What the files of #LiveRamQubes share. */

/* `qube-NAME` in the journal, from before its creation until after its removal. */
#define LIVE_RAM_QUBE_ENTRY "qube-"
#define LIVE_RAM_QUBE_ACTION "run-ram-qube"
/* The feature that tells it from others when the journal is gone with dom0's memory; its value, whose the pool is. */
#define LIVE_RAM_QUBE_FEATURE "live.ram"
#define LIVE_RAM_QUBE_OWN_POOL "own-pool"
#define LIVE_RAM_QUBE_OTHER_POOL "other-pool"

struct _LiveRamQubes
{
  GObject parent;

  LiveSystem *system;
  LiveQubesdClient *client;
  LiveQubesdSync *sync;
  LivePools *pools;
  LiveJournal *journal;
  GHashTable *qubes;    /* name → LiveRamQube */
  GPtrArray *left_over; /* (nullable): LiveJournalEntry of an earlier helper */
};

typedef struct _LiveRamQube LiveRamQube;

/* @error: (transfer full) (nullable) */
typedef void (*LiveRamQubeFollowed) (LiveRamQube *self, GError *error);

/**
 * LiveRamQube:
 * @owner: whose it is
 * @name: of the qube
 * @source: (nullable): whose like it is
 * @pool: (nullable): where it is
 * @own_pool: whether the pool goes with it
 * @with_files: whether it gets a copy of the private volume
 * @job: (nullable): while it is being made
 * @entry: what stands in the journal
 * @copy: (nullable): what its source is like
 * @watched: it runs, and is removed when it halts
 * @removing: that is under way
 * @kill: it is ended first if it runs
 * @error: (nullable): why it is removed
 * @pool_job: (nullable): the job that is waited for
 * @followed: what is called when that has ended
 * @cancelled: the handler that takes that job back, too
 * @retries: how often its pool was busy
 * @timer: to try again
 */
struct _LiveRamQube
{
  LiveRamQubes *owner;
  char *name;
  char *source;
  char *pool;
  gboolean own_pool;
  gboolean with_files;
  LiveJob *job;
  JsonObject *entry;
  LiveQubeCopy *copy;
  gboolean watched;
  gboolean removing;
  gboolean kill;
  GError *error;
  LiveJob *pool_job;
  LiveRamQubeFollowed followed;
  gulong cancelled;
  guint retries;
  guint timer;
};

/* Into the owner's table. @pool: (nullable) */
LiveRamQube *live_ram_qube_new (LiveRamQubes *owner, const char *name, const char *pool, gboolean own_pool);
/* Ends its job, and takes it out of the table, which frees it. */
void live_ram_qube_end (LiveRamQube *self);
/* From now on it is removed when it halts. */
void live_ram_qube_watch (LiveRamQube *self);
/* Writes @self's entry, with @step. */
gboolean live_ram_qube_note (LiveRamQube *self, const char *step, GError **error);
/* Makes it, step by step. */
void live_ram_qube_make (LiveRamQube *self);
/* @error: (transfer full) (nullable): why, if that is not that it halted. @kill: end it if it runs */
void live_ram_qube_remove (LiveRamQube *self, gboolean kill, GError *error);
/* @callback is called with @self when @job has ended, with its error; it shows the steps of @job meanwhile. */
void live_ram_qube_follow (LiveRamQube *self, LiveJob *job, LiveRamQubeFollowed callback);
void live_ram_qube_call (LiveRamQube *self,
                         const char *method,
                         const char *argument,
                         const char *destination,
                         const char *payload,
                         GAsyncReadyCallback callback);

G_END_DECLS
