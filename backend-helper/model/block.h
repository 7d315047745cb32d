/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/mount.h"

G_BEGIN_DECLS

/**
 * LiveBlockKind:
 * @LIVE_BLOCK_UNKNOWN: not there, or of a kind that is not told apart
 * @LIVE_BLOCK_DISK: a disk or a partition of one, or anything else that keeps its content without power
 * @LIVE_BLOCK_ZRAM: compressed memory
 * @LIVE_BLOCK_RAM: a brd device (`/dev/ram0`)
 * @LIVE_BLOCK_LOOP: a file as a device
 * @LIVE_BLOCK_CRYPT: a dm-crypt mapping
 * @LIVE_BLOCK_MAPPED: another device-mapper device, or an md array: it is where its parts are
 */
typedef enum
{
  LIVE_BLOCK_UNKNOWN,
  LIVE_BLOCK_DISK,
  LIVE_BLOCK_ZRAM,
  LIVE_BLOCK_RAM,
  LIVE_BLOCK_LOOP,
  LIVE_BLOCK_CRYPT,
  LIVE_BLOCK_MAPPED
} LiveBlockKind;

/**
 * LiveBlockKey:
 * @LIVE_BLOCK_KEY_UNKNOWN: not looked at, or not to be told
 * @LIVE_BLOCK_KEY_MEMORY: the mapping is plain dm-crypt with a real cipher, and no table of keys names a file for it:
 *   the key exists in the kernel's memory only
 * @LIVE_BLOCK_KEY_DISK: the key can be had again from a disk: a LUKS header, or a key file
 * @LIVE_BLOCK_KEY_NONE: the cipher is the null cipher: what is written is readable
 *
 * Where the key of a dm-crypt mapping is.
 */
typedef enum
{
  LIVE_BLOCK_KEY_UNKNOWN,
  LIVE_BLOCK_KEY_MEMORY,
  LIVE_BLOCK_KEY_DISK,
  LIVE_BLOCK_KEY_NONE
} LiveBlockKey;

/**
 * LiveBlock:
 * @major: of the device
 * @minor: of the device
 * @name: the kernel's name, such as `dm-0`
 * @kind: what it is
 * @read_only: /sys/dev/block/MAJ:MIN/ro
 * @has_backing_device: zram only: it writes cold pages to a disk (/sys/block/zramN/backing_dev is not `none`)
 * @disk_size: zram only: bytes, 0 while it is not set up
 * @backing_file: (nullable): loop only: the file, as the kernel names it; may end in ` (deleted)`
 * @mapping_name: (nullable): device mapper only: the name of the mapping
 * @mapping_uuid: (nullable): device mapper only: the uuid of the mapping, which is another name and proves nothing
 * @key: crypt only
 * @cipher: (nullable): crypt only: such as `aes-xts-plain64`, when the kernel's table was seen
 * @key_size: crypt only: bits of the key, 0 when the kernel's table was not seen
 * @slaves: (nullable): majors and minors of its parts, in pairs (of #guint): for partitions the whole disk, for a
 *   loop device over another device that device
 * @siblings: (nullable): majors and minors of the other devices of the btrfs file system that this one is part of
 *
 * What a source found about one block device. Only facts: what they mean is decided by live_block_judge().
 */
typedef struct
{
  guint major;
  guint minor;
  char *name;
  LiveBlockKind kind;
  gboolean read_only;
  gboolean has_backing_device;
  guint64 disk_size;
  char *backing_file;
  char *mapping_name;
  char *mapping_uuid;
  LiveBlockKey key;
  char *cipher;
  guint key_size;
  GArray *slaves;
  GArray *siblings;
} LiveBlock;

void live_block_free (LiveBlock *block);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveBlock, live_block_free)

/**
 * LiveRest:
 * @LIVE_REST_UNKNOWN: cannot be told
 * @LIVE_REST_DISK: on a disk, readable or under a key that can be had again
 * @LIVE_REST_THROW_AWAY: on a disk, under a key that only memory has
 * @LIVE_REST_RAM: in memory
 *
 * Where something that is written comes to rest. In the order of what it promises: from %LIVE_REST_THROW_AWAY on,
 * nothing can be read once the power is off. The worst part of a whole decides; with one part on a disk and another
 * unknown the whole is on a disk, since that much is certain.
 */
typedef enum
{
  LIVE_REST_UNKNOWN,
  LIVE_REST_DISK,
  LIVE_REST_THROW_AWAY,
  LIVE_REST_RAM
} LiveRest;

/**
 * live_block_judge:
 * @blocks: (element-type LiveBlock): every device that matters, with all its parts, and those that @mounts are on; of
 *   two with the same numbers the later counts
 * @mounts: (nullable) (element-type LiveMount): the mount table, for files behind loop devices; it has to be the one of
 *   the namespace in which they were set up, because the kernel tells their names only
 * @major: of the device
 * @minor: of the device
 *
 * Walks down from a device to what it is made of. A throw-away key anywhere on the way covers everything below it, and
 * a key of which nothing is known makes what is on a disk unknown. Missing parts are unknown. Facts that contradict
 * themselves, such as loops in the chain and chains without end, promise nothing: unknown, or disk if one was met.
 * A loop device over a deleted file is unknown, unless its name was on a disk.
 *
 * Returns: where writes to it come to rest
 */
LiveRest live_block_judge (GPtrArray *blocks, GPtrArray *mounts, guint major, guint minor);

/**
 * live_mount_judge:
 * @blocks: (element-type LiveBlock): every device that matters
 * @mounts: (element-type LiveMount): the mount table
 * @mount: one of them
 *
 * Where writes to a file system come to rest: tmpfs, ramfs and devtmpfs in RAM, an overlay where its upper directory
 * is, btrfs (which has no device of its own) where its source and its other devices are, everything else on its
 * device. Unlike live_mounts_find_path(), the search for an upper directory, or for the file behind a loop device,
 * goes by the parents of mounts, so that a mount that another one has covered does not count; a table without the
 * root mount tells nothing.
 *
 * Returns: where
 */
LiveRest live_mount_judge (GPtrArray *blocks, GPtrArray *mounts, const LiveMount *mount);

const char *live_rest_to_string (LiveRest rest);

G_END_DECLS
