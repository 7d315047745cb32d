/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/block.h"

#include <stdio.h>
#include <string.h>

static GArray *
parse_numbers (const char *text)
{
  g_auto (GStrv) pairs = g_strsplit (text, ",", -1);
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint));

  for (guint i = 0; pairs[i] != NULL; i++)
    {
      guint pair[2];

      g_assert_cmpint (sscanf (pairs[i], "%u:%u", &pair[0], &pair[1]), ==, 2);
      g_array_append_vals (numbers, pair, 2);
    }
  return numbers;
}

/* "MAJOR:MINOR KIND KEY=VALUE …": parts=, btrfs= (siblings), name=, mapping=, file= (the rest of the line), key=. */
static LiveBlock *
parse_block (const char *text)
{
  static const char *const kinds[] = { "unknown", "disk", "zram", "ram", "loop", "crypt", "mapped", NULL };
  static const char *const keys[] = { "unknown", "memory", "disk", "none", NULL };
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  LiveBlock *block = g_new0 (LiveBlock, 1);

  g_assert_cmpint (sscanf (words[0], "%u:%u", &block->major, &block->minor), ==, 2);
  g_assert_true (g_strv_contains (kinds, words[1]));
  while (!g_str_equal (kinds[block->kind], words[1]))
    block->kind++;
  block->disk_size = block->kind == LIVE_BLOCK_ZRAM ? 1 << 30 : 0;
  for (guint i = 2; words[i] != NULL; i++)
    {
      const char *value = strchr (words[i], '=');

      value = value != NULL ? value + 1 : "";
      if (g_str_has_prefix (words[i], "parts="))
        block->slaves = parse_numbers (value);
      else if (g_str_has_prefix (words[i], "btrfs="))
        block->siblings = parse_numbers (value);
      else if (g_str_has_prefix (words[i], "name="))
        block->name = g_strdup (value);
      else if (g_str_has_prefix (words[i], "mapping="))
        block->mapping_name = g_strdup (value);
      else if (g_str_equal (words[i], "backed"))
        block->has_backing_device = TRUE;
      else if (g_str_equal (words[i], "unset"))
        block->disk_size = 0;
      else if (g_str_has_prefix (words[i], "file="))
        {
          block->backing_file = g_strdup (strstr (text, "file=") + strlen ("file="));
          break;
        }
      else if (g_str_has_prefix (words[i], "key="))
        {
          g_assert_true (g_strv_contains (keys, value));
          while (!g_str_equal (keys[block->key], value))
            block->key++;
        }
      else
        g_error ("not a word of the table: %s", words[i]);
    }
  return block;
}

static GPtrArray *
parse_blocks (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "; ", -1);
  GPtrArray *blocks = g_ptr_array_new_with_free_func ((GDestroyNotify) live_block_free);

  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    g_ptr_array_add (blocks, parse_block (lines[i]));
  return blocks;
}

/* "ID PARENT MAJOR:MINOR TARGET TYPE SOURCE OPTIONS" */
static GPtrArray *
parse_mounts (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "; ", -1);
  GPtrArray *mounts = g_ptr_array_new_with_free_func ((GDestroyNotify) live_mount_free);

  for (guint i = 0; lines[i] != NULL && lines[i][0] != '\0'; i++)
    {
      g_auto (GStrv) words = g_strsplit (lines[i], " ", 7);
      LiveMount *mount = g_new0 (LiveMount, 1);

      g_assert_cmpuint (g_strv_length (words), ==, 7);
      mount->id = (int) g_ascii_strtoll (words[0], NULL, 10);
      mount->parent_id = (int) g_ascii_strtoll (words[1], NULL, 10);
      g_assert_cmpint (sscanf (words[2], "%u:%u", &mount->major, &mount->minor), ==, 2);
      mount->root = g_strdup ("/");
      mount->target = g_strdup (words[3]);
      mount->type = g_strdup (words[4]);
      mount->source = g_strdup (words[5]);
      mount->options = g_strdup (words[6]);
      g_ptr_array_add (mounts, mount);
    }
  return mounts;
}

#define DISK "8:0 disk name=sda; 8:1 disk name=sda1 parts=8:0; "
#define LUKS DISK "253:0 crypt key=disk name=dm-0 mapping=luks-1 parts=8:1; "
#define THIN                                                                                                           \
  LUKS "253:1 mapped mapping=vg-tdata parts=253:0; 253:2 mapped mapping=vg-tmeta parts=253:0; "                        \
       "253:3 mapped mapping=vg-tpool parts=253:1,253:2; "
#define ZRAM "252:0 zram name=zram0; "
#define ROOT_DISK "1 0 8:1 / ext4 /dev/sda1 rw; "
#define TMPFS ROOT_DISK "2 1 0:30 /run tmpfs tmpfs rw; "

static const struct
{
  const char *name;
  const char *blocks;
  const char *mounts;
  const char *device;
  LiveRest rest;
} block_rows[] = {
  { "disk", DISK, "", "8:0", LIVE_REST_DISK },
  { "partition", DISK, "", "8:1", LIVE_REST_DISK },
  { "partition of a disk not seen", "8:1 disk parts=8:0", "", "8:1", LIVE_REST_DISK },
  { "not there", DISK, "", "8:2", LIVE_REST_UNKNOWN },
  { "of no known kind", "8:0 unknown", "", "8:0", LIVE_REST_UNKNOWN },
  { "LUKS", LUKS, "", "253:0", LIVE_REST_DISK },
  { "LVM thin on LUKS", THIN "253:4 mapped parts=253:3; ", "", "253:4", LIVE_REST_DISK },
  { "throw-away over LVM thin", THIN "253:5 crypt key=memory parts=253:3; ", "", "253:5", LIVE_REST_THROW_AWAY },
  { "linear over throw-away", THIN "253:5 crypt key=memory parts=253:3; 253:6 mapped parts=253:5; ", "", "253:6",
    LIVE_REST_THROW_AWAY },
  { "LUKS over throw-away", DISK "253:5 crypt key=memory parts=8:1; 253:6 crypt key=disk parts=253:5; ", "", "253:6",
    LIVE_REST_THROW_AWAY },
  { "throw-away over LUKS", LUKS "253:5 crypt key=memory parts=253:0; ", "", "253:5", LIVE_REST_THROW_AWAY },
  { "throw-away over memory", ZRAM "253:5 crypt key=memory parts=252:0; ", "", "253:5", LIVE_REST_RAM },
  { "throw-away over a part not seen", "253:5 crypt key=memory parts=8:9; ", "", "253:5", LIVE_REST_THROW_AWAY },
  { "throw-away over nothing", "253:5 crypt key=memory; ", "", "253:5", LIVE_REST_THROW_AWAY },
  { "LUKS over memory", ZRAM "253:5 crypt key=disk parts=252:0; ", "", "253:5", LIVE_REST_RAM },
  { "null cipher over a disk", DISK "253:5 crypt key=none parts=8:1; ", "", "253:5", LIVE_REST_DISK },
  { "null cipher over memory", ZRAM "253:5 crypt key=none parts=252:0; ", "", "253:5", LIVE_REST_RAM },
  { "null cipher over throw-away", DISK "253:5 crypt key=memory parts=8:1; 253:6 crypt key=none parts=253:5; ", "",
    "253:6", LIVE_REST_THROW_AWAY },
  { "unknown key over a disk", DISK "253:5 crypt key=unknown parts=8:1; ", "", "253:5", LIVE_REST_UNKNOWN },
  { "unknown key over memory", ZRAM "253:5 crypt key=unknown parts=252:0; ", "", "253:5", LIVE_REST_RAM },
  { "unknown key over throw-away", DISK "253:5 crypt key=memory parts=8:1; 253:6 crypt parts=253:5; ", "", "253:6",
    LIVE_REST_THROW_AWAY },
  { "unknown key over a part not seen", "253:5 crypt parts=8:1; ", "", "253:5", LIVE_REST_UNKNOWN },
  { "zram", ZRAM, "", "252:0", LIVE_REST_RAM },
  { "zram with a backing device", "252:0 zram backed", "", "252:0", LIVE_REST_DISK },
  { "zram not set up", "252:0 zram unset", "", "252:0", LIVE_REST_UNKNOWN },
  { "zram not set up with a backing device", "252:0 zram unset backed", "", "252:0", LIVE_REST_DISK },
  { "brd", "1:0 ram", "", "1:0", LIVE_REST_RAM },
  { "mapping without parts", "253:0 mapped", "", "253:0", LIVE_REST_UNKNOWN },
  { "mapping with a missing part", "253:0 mapped parts=8:9", "", "253:0", LIVE_REST_UNKNOWN },
  { "RAM and disk", DISK ZRAM "9:0 mapped parts=252:0,8:1", "", "9:0", LIVE_REST_DISK },
  { "disk and RAM", DISK ZRAM "9:0 mapped parts=8:1,252:0", "", "9:0", LIVE_REST_DISK },
  { "RAM and RAM", ZRAM "252:1 zram; 9:0 mapped parts=252:0,252:1", "", "9:0", LIVE_REST_RAM },
  { "RAM and throw-away", DISK ZRAM "253:5 crypt key=memory parts=8:1; 9:0 mapped parts=252:0,253:5", "", "9:0",
    LIVE_REST_THROW_AWAY },
  { "RAM and unknown", ZRAM "9:0 mapped parts=252:0,8:9", "", "9:0", LIVE_REST_UNKNOWN },
  { "throw-away and unknown", DISK "253:5 crypt key=memory parts=8:1; 9:0 mapped parts=253:5,8:9", "", "9:0",
    LIVE_REST_UNKNOWN },
  { "disk and unknown", DISK "9:0 mapped parts=8:1,8:9", "", "9:0", LIVE_REST_DISK },
  { "unknown and disk", DISK "9:0 mapped parts=8:9,8:1", "", "9:0", LIVE_REST_DISK },
  { "itself", "253:0 mapped parts=253:0", "", "253:0", LIVE_REST_UNKNOWN },
  { "ring of two", "253:0 mapped parts=253:1; 253:1 mapped parts=253:0", "", "253:0", LIVE_REST_UNKNOWN },
  { "ring with RAM", ZRAM "253:0 mapped parts=252:0,253:1; 253:1 mapped parts=253:0", "", "253:0", LIVE_REST_UNKNOWN },
  { "ring with a disk", DISK "253:0 mapped parts=253:1,8:0; 253:1 mapped parts=253:0", "", "253:0", LIVE_REST_DISK },
  { "ring under a throw-away key", "253:5 crypt key=memory parts=253:0; 253:0 mapped parts=253:5", "", "253:5",
    LIVE_REST_UNKNOWN },
  { "diamond", ZRAM "253:0 mapped parts=252:0; 253:1 mapped parts=252:0; 253:2 mapped parts=253:0,253:1", "", "253:2",
    LIVE_REST_RAM },

  { "loop over tmpfs", DISK "7:0 loop file=/run/a.img", TMPFS, "7:0", LIVE_REST_RAM },
  { "loop over the root", DISK "7:0 loop file=/running/a.img", TMPFS, "7:0", LIVE_REST_DISK },
  { "loop with a space in its name", DISK "7:0 loop file=/run/a b.img", TMPFS, "7:0", LIVE_REST_RAM },
  { "loop over nothing", DISK "7:0 loop", TMPFS, "7:0", LIVE_REST_UNKNOWN },
  { "loop without mounts", DISK "7:0 loop file=/run/a.img", NULL, "7:0", LIVE_REST_UNKNOWN },
  { "loop with a relative name", DISK "7:0 loop file=run/a.img", TMPFS, "7:0", LIVE_REST_UNKNOWN },
  { "loop that climbs", DISK "7:0 loop file=/run/../a.img", TMPFS, "7:0", LIVE_REST_UNKNOWN },
  { "loop over ext4 on zram", DISK ZRAM "7:0 loop file=/pool/a.img", ROOT_DISK "2 1 252:0 /pool ext4 /dev/zram0 rw",
    "7:0", LIVE_REST_RAM },
  { "loop over XFS under a throw-away key", DISK "253:5 crypt key=memory parts=8:1; 7:0 loop file=/pool/a.img",
    ROOT_DISK "2 1 253:5 /pool xfs /dev/mapper/x rw", "7:0", LIVE_REST_THROW_AWAY },
  { "throw-away over loop", DISK "7:0 loop file=/var/a.img; 253:5 crypt key=memory parts=7:0", ROOT_DISK, "253:5",
    LIVE_REST_THROW_AWAY },
  { "loop over an overlay in RAM", DISK "7:0 loop file=/a.img",
    "1 0 0:40 / overlay overlay rw,lowerdir=/live/image,upperdir=/run/cow/rw,workdir=/run/cow/work; "
    "2 1 0:41 /run tmpfs tmpfs rw",
    "7:0", LIVE_REST_RAM },
  { "loop over an overlay on a disk", DISK "7:0 loop file=/a.img",
    "1 0 0:40 / overlay overlay rw,lowerdir=/l,upperdir=/cow/rw,workdir=/cow/work; 2 1 8:1 /cow ext4 /dev/sda1 rw",
    "7:0", LIVE_REST_DISK },
  { "loop over an overlay of nobody knows", DISK "7:0 loop file=/a.img",
    "1 0 0:40 / overlay overlay rw,lowerdir=/l,upperdir=/cow/rw,workdir=/cow/work", "7:0", LIVE_REST_UNKNOWN },
  { "loop over a file deleted in RAM", DISK "7:0 loop file=/run/a.img (deleted)", TMPFS, "7:0", LIVE_REST_UNKNOWN },
  { "loop over a file deleted on a disk", DISK "7:0 loop file=/var/a.img (deleted)", TMPFS, "7:0", LIVE_REST_DISK },
  { "loop over a mount without its device", "7:0 loop file=/a.img", ROOT_DISK, "7:0", LIVE_REST_UNKNOWN },
  { "loop over the network", "7:0 loop file=/a.img", "1 0 0:50 / nfs4 host:/x rw", "7:0", LIVE_REST_UNKNOWN },
  { "loop over a node", DISK "7:0 loop file=/dev/sda", ROOT_DISK "2 1 0:6 /dev devtmpfs devtmpfs rw", "7:0",
    LIVE_REST_UNKNOWN },
  { "loop over a node in a tmpfs", DISK "7:0 loop file=/dev/sda", ROOT_DISK "2 1 0:6 /dev tmpfs tmpfs rw", "7:0",
    LIVE_REST_UNKNOWN },
  { "loop over a node in another place", DISK "7:0 loop file=/mnt/dev/sda",
    ROOT_DISK "2 1 0:6 /mnt/dev devtmpfs devtmpfs rw", "7:0", LIVE_REST_UNKNOWN },
  { "loop over shared memory", DISK "7:0 loop file=/dev/shm/a",
    ROOT_DISK "2 1 0:6 /dev devtmpfs devtmpfs rw; 3 2 0:7 /dev/shm tmpfs tmpfs rw", "7:0", LIVE_REST_RAM },
  { "loop over a device", DISK "7:0 loop parts=8:1 file=/run/node", TMPFS, "7:0", LIVE_REST_DISK },
  { "loop on itself", "7:0 loop file=/a.img", "1 0 7:0 / ext4 /dev/loop0 rw", "7:0", LIVE_REST_UNKNOWN },
  /* A tmpfs at /mnt/x that the disk at /mnt has covered since. */
  { "covered tmpfs", DISK "7:0 loop file=/mnt/x/a.img",
    ROOT_DISK "2 1 0:30 /mnt/x tmpfs tmpfs rw; 3 1 8:0 /mnt ext4 /dev/sda rw", "7:0", LIVE_REST_DISK },
  { "covered disk", DISK "7:0 loop file=/mnt/x/a.img",
    ROOT_DISK "2 1 8:0 /mnt ext4 /dev/sda rw; 3 2 0:30 /mnt tmpfs tmpfs rw", "7:0", LIVE_REST_RAM },
  { "mount on the covered one", DISK "7:0 loop file=/mnt/x/a.img",
    ROOT_DISK "2 1 8:0 /mnt ext4 /dev/sda rw; 3 2 0:30 /mnt/x tmpfs tmpfs rw; 4 2 8:0 /mnt ext4 /dev/sda rw", "7:0",
    LIVE_REST_DISK },
  { "stacked roots", DISK "7:0 loop file=/a.img", ROOT_DISK "2 1 0:30 / tmpfs tmpfs rw", "7:0", LIVE_REST_RAM },
  { "two roots side by side", DISK "7:0 loop file=/a.img", "1 0 0:30 / tmpfs tmpfs rw; 2 0 8:1 / ext4 /dev/sda1 rw",
    "7:0", LIVE_REST_UNKNOWN },
  { "table without a root", DISK "7:0 loop file=/run/a.img", "2 1 0:30 /run tmpfs tmpfs rw", "7:0", LIVE_REST_UNKNOWN },
  { "mounts in a ring", "7:0 loop file=/a", "1 2 0:30 / tmpfs tmpfs rw; 2 1 0:30 / tmpfs tmpfs rw", "7:0",
    LIVE_REST_UNKNOWN },
  { "the children before the root", DISK "7:0 loop file=/run/a.img",
    "2 9 0:30 /run tmpfs tmpfs rw; 9 0 8:1 / ext4 x rw", "7:0", LIVE_REST_RAM },
};

static void
test_blocks (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (block_rows); i++)
    {
      g_autoptr (GPtrArray) blocks = parse_blocks (block_rows[i].blocks);
      g_autoptr (GPtrArray) mounts = block_rows[i].mounts != NULL ? parse_mounts (block_rows[i].mounts) : NULL;
      guint device[2];

      g_test_message ("%s", block_rows[i].name);
      g_assert_cmpint (sscanf (block_rows[i].device, "%u:%u", &device[0], &device[1]), ==, 2);
      g_assert_cmpstr (live_rest_to_string (live_block_judge (blocks, mounts, device[0], device[1])), ==,
                       live_rest_to_string (block_rows[i].rest));
    }
}

static const struct
{
  const char *name;
  const char *blocks;
  const char *mounts; /* the first one is judged */
  LiveRest rest;
} mount_rows[] = {
  { "ext4", DISK, "1 0 8:1 / ext4 /dev/sda1 rw", LIVE_REST_DISK },
  { "ext4 on zram", ZRAM, "1 0 252:0 / ext4 /dev/zram0 rw,discard", LIVE_REST_RAM },
  { "called zram, not zram", DISK, "1 0 8:1 / ext4 /dev/zram0 rw", LIVE_REST_DISK },
  { "tmpfs", "", "1 0 0:30 / tmpfs tmpfs rw", LIVE_REST_RAM },
  { "ramfs", "", "1 0 0:30 / ramfs ramfs rw", LIVE_REST_RAM },
  { "devtmpfs", "", "1 0 0:30 /dev devtmpfs devtmpfs rw", LIVE_REST_RAM },
  { "tmpfs with the name of a disk", DISK, "1 0 0:30 / tmpfs /dev/sda1 rw", LIVE_REST_RAM },
  { "ZFS", DISK, "1 0 0:30 / zfs rpool/root rw", LIVE_REST_UNKNOWN },
  { "9p", DISK, "1 0 0:30 / 9p host rw", LIVE_REST_UNKNOWN },
  { "btrfs on a disk", DISK, "1 0 0:31 / btrfs /dev/sda1 rw,subvol=/root", LIVE_REST_DISK },
  { "btrfs on LUKS", LUKS, "1 0 0:31 / btrfs /dev/mapper/luks-1 rw", LIVE_REST_DISK },
  { "btrfs on LUKS by the kernel's name", LUKS, "1 0 0:31 / btrfs /dev/dm-0 rw", LIVE_REST_DISK },
  { "btrfs on zram", ZRAM, "1 0 0:31 / btrfs /dev/zram0 rw", LIVE_REST_RAM },
  { "btrfs on zram and a disk", DISK "252:0 zram name=zram0 btrfs=252:0,8:1", "1 0 0:31 / btrfs /dev/zram0 rw",
    LIVE_REST_DISK },
  { "btrfs on zram and nobody knows", "252:0 zram name=zram0 btrfs=252:0,0:0", "1 0 0:31 / btrfs /dev/zram0 rw",
    LIVE_REST_UNKNOWN },
  { "btrfs on a volume", DISK "253:7 mapped mapping=my--vg-my--root parts=8:1",
    "1 0 0:31 / btrfs /dev/my-vg/my-root rw", LIVE_REST_DISK },
  { "btrfs on a volume of another name", DISK "253:7 mapped mapping=my-vg-root parts=8:1",
    "1 0 0:31 / btrfs /dev/my-vg/root rw", LIVE_REST_UNKNOWN },
  { "btrfs by a link", DISK, "1 0 0:31 / btrfs /dev/disk/by-uuid/1 rw", LIVE_REST_UNKNOWN },
  { "btrfs without a source", DISK, "1 0 0:31 / btrfs none rw", LIVE_REST_UNKNOWN },
  { "overlay in RAM", DISK,
    "1 0 0:40 / overlay overlay rw,lowerdir=/l,upperdir=/cow/rw,workdir=/cow/work; 2 1 0:41 /cow tmpfs tmpfs rw",
    LIVE_REST_RAM },
  { "overlay on zram", ZRAM,
    "1 0 0:40 / overlay overlay rw,lowerdir=/l,upperdir=/cow/rw,workdir=/cow/w; 2 1 252:0 /cow ext4 /dev/zram0 rw",
    LIVE_REST_RAM },
  { "overlay whose upper mount is gone", DISK, "1 0 0:40 / overlay overlay rw,lowerdir=/l,upperdir=/cow,workdir=/w",
    LIVE_REST_UNKNOWN },
  { "overlay without an upper directory", DISK, "1 0 0:40 / overlay overlay ro,lowerdir=/l", LIVE_REST_UNKNOWN },
  { "overlay with a relative upper directory", DISK,
    "1 0 0:40 / overlay overlay rw,upperdir=cow,workdir=w; 2 1 0:41 /cow tmpfs tmpfs rw", LIVE_REST_UNKNOWN },
  { "overlay with two upper directories", DISK,
    "1 0 0:40 / overlay overlay rw,lowerdir=/l,upperdir=/cow,workdir=/w,upperdir=/cow; 2 1 0:41 /cow tmpfs tmpfs rw",
    LIVE_REST_UNKNOWN },
  { "overlay with a comma in a name", DISK,
    "1 0 8:1 /a overlay overlay rw,lowerdir=/l,upperdir=/cow,disk,workdir=/w; 2 4 0:41 /cow tmpfs tmpfs rw; "
    "3 4 8:1 /cow,disk ext4 x rw; 4 0 8:1 / ext4 x rw",
    LIVE_REST_DISK },
  { "overlay over an overlay", DISK,
    "1 2 0:40 /a overlay overlay rw,lowerdir=/l,upperdir=/b,workdir=/w; "
    "2 0 0:42 / overlay overlay rw,lowerdir=/l,upperdir=/c,workdir=/c/w; 3 2 0:41 /c tmpfs tmpfs rw",
    LIVE_REST_RAM },
  { "two overlays over each other", DISK,
    "1 3 0:40 /a overlay overlay rw,upperdir=/b/x,workdir=/w; 2 3 0:42 /b overlay overlay rw,upperdir=/a/x,workdir=/w; "
    "3 0 8:1 / ext4 x rw",
    LIVE_REST_UNKNOWN },
};

static void
test_mounts (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (mount_rows); i++)
    {
      g_autoptr (GPtrArray) blocks = parse_blocks (mount_rows[i].blocks);
      g_autoptr (GPtrArray) mounts = parse_mounts (mount_rows[i].mounts);

      g_test_message ("%s", mount_rows[i].name);
      g_assert_cmpstr (live_rest_to_string (live_mount_judge (blocks, mounts, g_ptr_array_index (mounts, 0))), ==,
                       live_rest_to_string (mount_rows[i].rest));
    }
}

/* A chain of @length mappings over a zram device. */
static GPtrArray *
make_chain (guint length)
{
  GPtrArray *blocks = parse_blocks ("252:0 zram");

  for (guint i = 0; i < length; i++)
    {
      g_autofree char *text = g_strdup_printf ("253:%u mapped parts=%u:%u", i, i == 0 ? 252 : 253, i == 0 ? 0 : i - 1);

      g_ptr_array_add (blocks, parse_block (text));
    }
  return blocks;
}

static void
test_depth (void)
{
  g_autoptr (GPtrArray) real = make_chain (20);
  g_autoptr (GPtrArray) absurd = make_chain (300);

  g_assert_cmpint (live_block_judge (real, NULL, 253, 19), ==, LIVE_REST_RAM);
  g_assert_cmpint (live_block_judge (absurd, NULL, 253, 19), ==, LIVE_REST_RAM);
  g_assert_cmpint (live_block_judge (absurd, NULL, 253, 299), ==, LIVE_REST_UNKNOWN);
}

/* Twenty layers of fifteen devices, each made of all below it: as a tree it would be walked for ever. */
static void
test_many (void)
{
  g_autoptr (GPtrArray) blocks = parse_blocks ("252:0 zram; 8:0 disk");

  for (guint layer = 0; layer < 20; layer++)
    for (guint i = 0; i < 15; i++)
      {
        g_autoptr (GString) text = g_string_new (NULL);

        g_string_printf (text, "253:%u mapped parts=252:0", layer * 15 + i);
        for (guint j = 0; layer > 0 && j < 15; j++)
          g_string_append_printf (text, ",253:%u", (layer - 1) * 15 + j);
        g_ptr_array_add (blocks, parse_block (text->str));
      }
  g_assert_cmpuint (blocks->len, ==, 302);
  g_assert_cmpint (live_block_judge (blocks, NULL, 253, 299), ==, LIVE_REST_RAM);

  /* One disk at the very bottom is enough. */
  {
    LiveBlock *bottom = g_ptr_array_index (blocks, 2);
    guint disk[2] = { 8, 0 };

    g_array_append_vals (bottom->slaves, disk, 2);
  }
  g_assert_cmpint (live_block_judge (blocks, NULL, 253, 299), ==, LIVE_REST_DISK);
  g_assert_cmpint (live_block_judge (blocks, NULL, 253, 1), ==, LIVE_REST_RAM);
}

static void
test_names (void)
{
  g_assert_cmpstr (live_rest_to_string (LIVE_REST_UNKNOWN), ==, "unknown");
  g_assert_cmpstr (live_rest_to_string (LIVE_REST_DISK), ==, "disk");
  g_assert_cmpstr (live_rest_to_string (LIVE_REST_THROW_AWAY), ==, "throw-away");
  g_assert_cmpstr (live_rest_to_string (LIVE_REST_RAM), ==, "ram");
  g_assert_cmpstr (live_rest_to_string ((LiveRest) 77), ==, "unknown");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/block/devices", test_blocks);
  g_test_add_func ("/block/mounts", test_mounts);
  g_test_add_func ("/block/depth", test_depth);
  g_test_add_func ("/block/many", test_many);
  g_test_add_func ("/block/names", test_names);
  return g_test_run ();
}
