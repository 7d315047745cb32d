/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Everything that the program remembers, and where pools are. */
#define LIVE_STORAGE_DIRECTORY "/run/qubes-live/storage"
#define LIVE_POOLS_DIRECTORY "/run/qubes-live/pools"

#define LIVE_POOL_KIND_ZRAM "zram"
#define LIVE_POOL_KIND_TMPFS "tmpfs"
#define LIVE_POOL_KIND_ENCRYPTED "encrypted"

typedef enum
{
  LIVE_RECORD_CREATING,
  LIVE_RECORD_READY,
  LIVE_RECORD_DESTROYING,
  LIVE_RECORD_N_STATES
} LiveRecordState;

/**
 * LiveRecord:
 * @kind: one of the kinds above
 * @size: bytes that the filesystem was made for
 * @limit: bytes of RAM that it may hold; 0 for an encrypted pool
 * @algorithm: (nullable): of a zram pool
 * @swappable: a tmpfs that the kernel may write to a swap device
 * @zram: number of the device, -1 when there is none (yet)
 * @zram_sequence: number that the kernel never gives to another disk before the next boot
 * @zrams_before: (nullable) (element-type gint): the devices there were when one was about to be added
 * @backing: (nullable): path of the file or device below an encrypted pool
 * @backing_is_device: whether that is a block device
 * @backing_device: of a file: the device that holds it; of a block device: its own number
 * @backing_inode: of a file; 0 as long as there is none
 *
 * What is remembered of a pool. It is written before each change of the world, and says what may be there then: after
 * a crash the pool is taken apart by what the record says and the kernel has.
 */
typedef struct
{
  char *name;
  char *kind;
  LiveRecordState state;
  guint64 size;
  guint64 limit;
  char *algorithm;
  gboolean swappable;
  gint zram;
  guint64 zram_sequence;
  GArray *zrams_before;
  char *backing;
  gboolean backing_is_device;
  guint64 backing_device;
  guint64 backing_inode;
} LiveRecord;

LiveRecord *live_record_new (const char *name, const char *kind);
void live_record_free (LiveRecord *record);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveRecord, live_record_free)

/* (transfer full): where the pool is mounted. */
char *live_record_get_path (const char *name);

/**
 * live_record_prepare:
 *
 * Makes the directories above, and checks that they are what they are taken for: root's own, and no links.
 */
gboolean live_record_prepare (GError **error);

/* Replaces what was remembered, in one step. */
gboolean live_record_save (const LiveRecord *record, GError **error);

/* (transfer full): %NULL with %LIVE_ERROR_NOT_FOUND when there is none. */
LiveRecord *live_record_load (const char *name, GError **error);

gboolean live_record_remove (const char *name, GError **error);

/* (transfer full) (element-type utf8): the names of all records, sorted. */
GPtrArray *live_record_list (GError **error);

/**
 * live_record_lock:
 * @name: (nullable): of a pool; %NULL: what all pools share, which is the RAM and the numbers of zram devices
 * @wait: whether to wait for the other who has it
 *
 * The lock ends with the process, in whatever way.
 *
 * Returns: a file descriptor to close when done; -1 with %LIVE_ERROR_BUSY
 */
int live_record_lock (const char *name, gboolean wait, GError **error);

G_END_DECLS
