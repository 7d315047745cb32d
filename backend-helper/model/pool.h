/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* Kind. */
#define LIVE_POOL_KIND_DISK "disk"
#define LIVE_POOL_KIND_RAM "ram"
#define LIVE_POOL_KIND_ENCRYPTED "encrypted"
#define LIVE_POOL_KIND_UNKNOWN "unknown"

/* State. */
#define LIVE_POOL_STATE_READY "ready"
#define LIVE_POOL_STATE_GONE "gone"

/* Where the storage of the pools that we make is mounted, each under its name. */
#define LIVE_POOL_DIRECTORY "/run/qubes-live/pools"

/**
 * LivePoolFacts:
 * @driver: driver of the pool (`lvm_thin`, `file-reflink`, …)
 * @dir_path: (nullable): directory of a file pool
 * @size: bytes, 0 when qubesd does not say
 * @used: bytes, 0 when qubesd does not say; of pools in RAM qubesd reports too little
 * @ephemeral_volatile: whether volatile volumes in it get a throw-away key by default
 * @ephemeral_volatile_supported: whether the driver has that setting
 *
 * What `admin.pool.Info` says of a pool.
 */
typedef struct
{
  const char *driver;
  const char *dir_path;
  guint64 size;
  guint64 used;
  gboolean ephemeral_volatile;
  gboolean ephemeral_volatile_supported;
} LivePoolFacts;

/**
 * LivePoolStorage:
 * @kind: %LIVE_POOL_KIND_RAM or %LIVE_POOL_KIND_ENCRYPTED
 * @size: bytes that the filesystem offers
 * @used: bytes of them that are in use
 * @memory: bytes of RAM that are held for it now
 *
 * What is below a pool that we made, and really so: of such a pool qubesd knows less.
 */
typedef struct
{
  const char *kind;
  guint64 size;
  guint64 used;
  guint64 memory;
} LivePoolStorage;

/**
 * LivePool:
 *
 * One storage pool. The properties have the names and types of the bus interface org.qubes.Live1.Pool.
 */
#define LIVE_TYPE_POOL (live_pool_get_type ())
G_DECLARE_FINAL_TYPE (LivePool, live_pool, LIVE, POOL, GObject)

LivePool *live_pool_new (const char *name);
const char *live_pool_get_name (LivePool *self);
const char *live_pool_get_driver (LivePool *self);
gboolean live_pool_get_ephemeral_volatile (LivePool *self);
gboolean live_pool_get_ephemeral_volatile_supported (LivePool *self);
void live_pool_set_facts (LivePool *self, const LivePoolFacts *facts);

/* Whether its directory is the one where we mount what we make under its name. */
gboolean live_pool_is_ours (LivePool *self);
gboolean live_pool_get_managed (LivePool *self);
const char *live_pool_get_state (LivePool *self);
const char *live_pool_get_kind (LivePool *self);
/* Bytes. */
guint64 live_pool_get_size (LivePool *self);

/**
 * live_pool_set_storage:
 * @storage: (nullable): %NULL: there is none
 *
 * What there is below a pool that is ours: none means that it is gone. Does nothing to another pool.
 */
void live_pool_set_storage (LivePool *self, const LivePoolStorage *storage);

/* Whether new qubes go to it. */
void live_pool_set_default (LivePool *self, gboolean is_default);

/* Whether @qube has a volume in it. */
void live_pool_set_holds (LivePool *self, const char *qube, gboolean holds);
/* (transfer none): the names of the qubes that have one, sorted. */
const char *const *live_pool_get_qubes (LivePool *self);

/**
 * live_pool_kind:
 * @driver: driver of a pool
 * @dir_path: (nullable): directory of a file pool
 *
 * Returns: `disk` when the pool can only be on a disk, else `unknown`: a directory may be a mount of RAM, and nobody
 * has looked
 */
const char *live_pool_kind (const char *driver, const char *dir_path);

G_END_DECLS
