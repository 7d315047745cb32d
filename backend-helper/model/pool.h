/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

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
