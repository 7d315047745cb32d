/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/blocks.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/loop.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "model/error.h"

/* qubesd's own name for the volatile volume of "my-qube" and of "my_qube". */
#define VOLATILE "vm-volatile-my_dqube-crypt@volatile"
#define UNDERSCORE "vm-volatile-my_uqube-crypt@volatile"

typedef struct
{
  char *root;
} Tree;

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) directory = NULL;
  const char *name = NULL;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK) && (directory = g_dir_open (path, 0, NULL)) != NULL)
    while ((name = g_dir_read_name (directory)) != NULL)
      {
        g_autofree char *child = g_build_filename (path, name, NULL);

        remove_tree (child);
      }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
tree_set_up (Tree *tree, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  tree->root = g_dir_make_tmp ("qubes-live-blocks-XXXXXX", &error);
  g_assert_no_error (error);
}

static void
tree_tear_down (Tree *tree, gconstpointer data)
{
  remove_tree (tree->root);
  g_free (tree->root);
}

static char *
make_parent (Tree *tree, const char *path)
{
  g_autofree char *full = g_build_filename (tree->root, path, NULL);
  g_autofree char *parent = g_path_get_dirname (full);

  g_assert_cmpint (g_mkdir_with_parents (parent, 0700), ==, 0);
  return g_steal_pointer (&full);
}

static void
put_bytes (Tree *tree, const char *path, const char *bytes, gssize length)
{
  g_autofree char *full = make_parent (tree, path);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (full, bytes, length, &error);
  g_assert_no_error (error);
}

static void
put_link (Tree *tree, const char *path, const char *target)
{
  g_autofree char *full = make_parent (tree, path);

  g_assert_cmpint (symlink (target, full), ==, 0);
}

static void G_GNUC_PRINTF (3, 4) put (Tree *tree, const char *path, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  put_bytes (tree, path, text, -1);
}

/* A device as sysfs has it: a directory somewhere below /sys/devices, and a link by its numbers and by its name. */
static void
put_device (Tree *tree, const char *where, guint major, guint minor)
{
  g_autofree char *name = g_path_get_basename (where);
  g_autofree char *base = g_strconcat ("sys/devices/", where, NULL);
  g_autofree char *dev = g_strconcat (base, "/dev", NULL);
  g_autofree char *uevent = g_strconcat (base, "/uevent", NULL);
  g_autofree char *by_number = g_strdup_printf ("sys/dev/block/%u:%u", major, minor);
  g_autofree char *by_name = g_strconcat ("sys/class/block/", name, NULL);
  g_autofree char *target = g_strconcat ("../../devices/", where, NULL);

  put (tree, dev, "%u:%u\n", major, minor);
  put (tree, uevent, "MAJOR=%u\nMINOR=%u\nDEVNAME=%s\nDEVTYPE=disk\n", major, minor, name);
  put_link (tree, by_number, target);
  put_link (tree, by_name, target);
}

static void G_GNUC_PRINTF (4, 5)
    put_attribute (Tree *tree, const char *where, const char *attribute, const char *format, ...)
{
  g_autofree char *path = g_strconcat ("sys/devices/", where, "/", attribute, NULL);
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  put_bytes (tree, path, text, -1);
}

/* @part is the name of another device in /sys/devices/virtual/block, or a path from there. */
static void
put_part (Tree *tree, const char *where, const char *part)
{
  g_autofree char *name = g_path_get_basename (part);
  g_autofree char *path = g_strconcat ("sys/devices/", where, "/slaves/", name, NULL);
  g_autofree char *target = g_strconcat ("../../", part, NULL);

  put_link (tree, path, target);
}

static void
put_mapping (Tree *tree, guint minor, const char *name, const char *uuid, const char *part)
{
  g_autofree char *where = g_strdup_printf ("virtual/block/dm-%u", minor);

  put_device (tree, where, 253, minor);
  put_attribute (tree, where, "dm/name", "%s\n", name);
  put_attribute (tree, where, "dm/uuid", "%s\n", uuid);
  if (part != NULL)
    put_part (tree, where, part);
}

static void
put_disk (Tree *tree)
{
  put_device (tree, "pci0/block/sda", 8, 0);
  put_attribute (tree, "pci0/block/sda", "ro", "0\n");
  put_device (tree, "pci0/block/sda/sda1", 8, 1);
  put_attribute (tree, "pci0/block/sda/sda1", "partition", "1\n");
}

static GPtrArray *
new_blocks (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) live_block_free);
}

static const LiveBlock *
find (GPtrArray *blocks, guint major, guint minor)
{
  const LiveBlock *found = NULL;

  for (guint i = 0; i < blocks->len; i++)
    {
      const LiveBlock *block = g_ptr_array_index (blocks, i);

      if (block->major == major && block->minor == minor)
        {
          g_assert_null (found);
          found = block;
        }
    }
  return found;
}

static GPtrArray *
read_device (Tree *tree, guint major, guint minor)
{
  g_autoptr (GPtrArray) blocks = new_blocks ();
  g_autoptr (GError) error = NULL;

  g_assert_true (live_blocks_read (tree->root, major, minor, blocks, &error));
  g_assert_no_error (error);
  g_assert_nonnull (find (blocks, major, minor));
  return g_steal_pointer (&blocks);
}

/* "8:1 253:0": the parts of a device. */
static void
assert_numbers (GArray *numbers, const char *expected)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; numbers != NULL && i < numbers->len; i += 2)
    g_string_append_printf (text, "%s%u:%u", i > 0 ? " " : "", g_array_index (numbers, guint, i),
                            g_array_index (numbers, guint, i + 1));
  g_assert_cmpstr (text->str, ==, expected);
}

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static GAsyncResult *
wait_for (GAsyncResult **result)
{
  while (*result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return *result;
}

static GPtrArray *
resolve (LiveCrypt *crypt, guint major, guint minor)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  GPtrArray *blocks = NULL;

  live_blocks_resolve_async (crypt, major, minor, NULL, on_done, &result);
  blocks = live_blocks_resolve_finish (wait_for (&result), &error);
  g_assert_no_error (error);
  return blocks;
}

static void
assert_key (LiveCrypt *crypt, guint minor, LiveBlockKey key, const char *cipher, guint key_size)
{
  g_autoptr (GPtrArray) blocks = resolve (crypt, 253, minor);
  const LiveBlock *block = find (blocks, 253, minor);

  g_assert_cmpint (block->kind, ==, LIVE_BLOCK_CRYPT);
  g_assert_cmpint (block->key, ==, key);
  g_assert_cmpstr (block->cipher, ==, cipher);
  g_assert_cmpuint (block->key_size, ==, key_size);
}

static void
test_chain (Tree *tree, gconstpointer data)
{
  g_autoptr (GPtrArray) blocks = NULL;
  g_autoptr (GError) error = NULL;

  put_disk (tree);
  put_mapping (tree, 0, "luks-1", "CRYPT-LUKS2-1-luks-1", "../../pci0/block/sda/sda1");
  put_mapping (tree, 1, "vg-pool_tdata", "LVM-1-tdata", "dm-0");
  put_mapping (tree, 2, "vg-pool_tmeta", "LVM-1-tmeta", "dm-0");
  put_mapping (tree, 3, "vg-pool-tpool", "LVM-1-tpool", "dm-1");
  put_part (tree, "virtual/block/dm-3", "dm-2");
  put_mapping (tree, 4, VOLATILE, "CRYPT-PLAIN-" VOLATILE, "dm-3");
  put_attribute (tree, "virtual/block/dm-4", "ro", "1\n");
  put_device (tree, "pci0/block/sdb", 8, 16);

  blocks = read_device (tree, 253, 4);
  g_assert_cmpuint (blocks->len, ==, 7);
  g_assert_cmpint (find (blocks, 253, 4)->kind, ==, LIVE_BLOCK_CRYPT);
  g_assert_cmpstr (find (blocks, 253, 4)->name, ==, "dm-4");
  g_assert_cmpstr (find (blocks, 253, 4)->mapping_name, ==, VOLATILE);
  g_assert_cmpstr (find (blocks, 253, 4)->mapping_uuid, ==, "CRYPT-PLAIN-" VOLATILE);
  g_assert_cmpint (find (blocks, 253, 4)->key, ==, LIVE_BLOCK_KEY_UNKNOWN);
  g_assert_true (find (blocks, 253, 4)->read_only);
  g_assert_false (find (blocks, 8, 0)->read_only);
  g_assert_cmpint (find (blocks, 253, 3)->kind, ==, LIVE_BLOCK_MAPPED);
  assert_numbers (find (blocks, 253, 3)->slaves, "253:1 253:2");
  g_assert_cmpint (find (blocks, 253, 0)->kind, ==, LIVE_BLOCK_CRYPT);
  assert_numbers (find (blocks, 253, 0)->slaves, "8:1");
  g_assert_cmpint (find (blocks, 8, 1)->kind, ==, LIVE_BLOCK_DISK);
  assert_numbers (find (blocks, 8, 1)->slaves, "8:0");
  g_assert_cmpint (find (blocks, 8, 0)->kind, ==, LIVE_BLOCK_DISK);
  assert_numbers (find (blocks, 8, 0)->slaves, "");

  /* Once more, and another: nothing is there twice. */
  g_assert_true (live_blocks_read (tree->root, 253, 4, blocks, &error));
  g_assert_cmpuint (blocks->len, ==, 7);
  g_assert_true (live_blocks_read (tree->root, 8, 16, blocks, &error));
  g_assert_cmpuint (blocks->len, ==, 8);

  g_assert_false (live_blocks_read (tree->root, 8, 99, blocks, &error));
  g_assert_error (error, LIVE_ERROR, (int) LIVE_ERROR_NOT_FOUND);
  g_assert_cmpuint (blocks->len, ==, 8);
}

static void
test_all (Tree *tree, gconstpointer data)
{
  g_autoptr (GPtrArray) blocks = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (live_blocks_read_all (tree->root, &error));
  g_assert_error (error, LIVE_ERROR, (int) LIVE_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_null (live_blocks_read_all ("/nonexistent/root", &error));
  g_assert_error (error, LIVE_ERROR, (int) LIVE_ERROR_FAILED);
  g_clear_error (&error);

  put_disk (tree);
  put_mapping (tree, 0, "a", "LVM-a", "../../pci0/block/sda/sda1");
  put_link (tree, "sys/dev/block/not:numbers", "../../devices");
  put_link (tree, "sys/dev/block/1:2:3", "../../devices");
  put_link (tree, "sys/dev/block/-1:0", "../../devices");
  put_link (tree, "sys/dev/block/0:0", "../../devices/pci0/block/sda");
  put_link (tree, "sys/dev/block/99999999999:1", "../../devices/pci0/block/sda");
  blocks = live_blocks_read_all (tree->root, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (blocks->len, ==, 3);
  g_assert_nonnull (find (blocks, 8, 0));
  g_assert_nonnull (find (blocks, 8, 1));
  g_assert_nonnull (find (blocks, 253, 0));
}

static const struct
{
  const char *name; /* of the device */
  guint major;
  const char *attributes; /* NAME=VALUE, separated by "; " */
  LiveBlockKind kind;
} kind_rows[] = {
  { "sdb", 8, "", LIVE_BLOCK_DISK },
  { "nvme0n1", 259, "", LIVE_BLOCK_DISK },
  { "xvdi", 202, "", LIVE_BLOCK_DISK },
  { "new0", 250, "device/model=New", LIVE_BLOCK_DISK },
  { "new0", 250, "", LIVE_BLOCK_UNKNOWN },
  { "nullb0", 250, "", LIVE_BLOCK_UNKNOWN },
  { "sdb1", 8, "partition=1", LIVE_BLOCK_DISK },
  { "new0p1", 259, "partition=1", LIVE_BLOCK_UNKNOWN },
  { "ram0", 1, "", LIVE_BLOCK_RAM },
  { "ram0", 250, "", LIVE_BLOCK_UNKNOWN },
  { "rama", 1, "", LIVE_BLOCK_UNKNOWN },
  { "ram", 1, "", LIVE_BLOCK_UNKNOWN },
  { "zram0", 252, "disksize=1073741824", LIVE_BLOCK_ZRAM },
  { "zram0", 252, "disksize=1073741824; backing_dev=none", LIVE_BLOCK_ZRAM },
  { "zram0", 252, "disksize=0", LIVE_BLOCK_ZRAM },
  { "zram0", 252, "", LIVE_BLOCK_UNKNOWN },
  { "zram0", 252, "disksize=many", LIVE_BLOCK_UNKNOWN },
  { "zram0", 252, "disksize=-1", LIVE_BLOCK_UNKNOWN },
  { "zram0", 252, "disksize=1073741824; backing_dev/x=a directory", LIVE_BLOCK_UNKNOWN },
  { "zramx", 252, "disksize=1073741824", LIVE_BLOCK_UNKNOWN },
  { "md0", 9, "md/level=raid1", LIVE_BLOCK_MAPPED },
  { "md127", 9, "", LIVE_BLOCK_MAPPED },
  { "bcache0", 250, "", LIVE_BLOCK_MAPPED },
  { "loop0", 7, "", LIVE_BLOCK_LOOP },
  { "loop0", 250, "loop/backing_file=/a", LIVE_BLOCK_UNKNOWN },
  { "dm-0", 253, "dm/name=a; dm/uuid=LVM-a", LIVE_BLOCK_MAPPED },
  { "dm-0", 253, "dm/name=a; dm/uuid=", LIVE_BLOCK_MAPPED },
  { "dm-0", 253, "dm/name=a", LIVE_BLOCK_MAPPED },
  { "dm-0", 253, "dm/name=a; dm/uuid=CRYPT-PLAIN-a", LIVE_BLOCK_CRYPT },
  { "dm-0", 253, "dm/name=a; dm/uuid=CRYPT-VERITY-a", LIVE_BLOCK_MAPPED },
  { "sdb", 8, "dm/name=a; dm/uuid=CRYPT-PLAIN-a", LIVE_BLOCK_CRYPT },
  /* Contradictions. */
  { "sdb", 8, "dev=8:1", LIVE_BLOCK_UNKNOWN },
  { "sdb", 8, "dev=garbage", LIVE_BLOCK_UNKNOWN },
  { "zram0", 252, "dev=252:1; disksize=1073741824", LIVE_BLOCK_UNKNOWN },
  { "zram0", 252, "uevent=; disksize=1073741824", LIVE_BLOCK_UNKNOWN },
  { "zram0", 252, "uevent=XDEVNAME=zram0; disksize=1073741824", LIVE_BLOCK_UNKNOWN },
};

static void
test_kinds (Tree *tree, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (kind_rows); i++)
    {
      Tree own = { .root = g_strdup_printf ("%s/%u", tree->root, i) };
      g_autofree char *where = g_strconcat ("virtual/block/", kind_rows[i].name, NULL);
      g_auto (GStrv) attributes = g_strsplit (kind_rows[i].attributes, "; ", -1);
      g_autoptr (GPtrArray) blocks = NULL;

      put_device (&own, where, kind_rows[i].major, 0);
      for (guint j = 0; attributes[j] != NULL && attributes[j][0] != '\0'; j++)
        {
          char *value = strchr (attributes[j], '=');

          *value++ = '\0';
          put_attribute (&own, where, attributes[j], "%s\n", value);
        }
      g_test_message ("row %u: %s", i, kind_rows[i].name);
      blocks = read_device (&own, kind_rows[i].major, 0);
      g_assert_cmpint (find (blocks, kind_rows[i].major, 0)->kind, ==, kind_rows[i].kind);
      g_free (own.root);
    }
}

static void
test_zram (Tree *tree, gconstpointer data)
{
  g_autoptr (GPtrArray) blocks = NULL;

  put_device (tree, "virtual/block/zram0", 252, 0);
  put_attribute (tree, "virtual/block/zram0", "disksize", "4096\n");
  put_attribute (tree, "virtual/block/zram0", "backing_dev", "none\n");
  put_device (tree, "virtual/block/zram1", 252, 1);
  put_attribute (tree, "virtual/block/zram1", "disksize", "0\n");
  put_attribute (tree, "virtual/block/zram1", "backing_dev", "/dev/sda1\n");
  blocks = live_blocks_read_all (tree->root, NULL);
  g_assert_cmpuint (blocks->len, ==, 2);
  g_assert_cmpuint (find (blocks, 252, 0)->disk_size, ==, 4096);
  g_assert_false (find (blocks, 252, 0)->has_backing_device);
  g_assert_cmpuint (find (blocks, 252, 1)->disk_size, ==, 0);
  g_assert_true (find (blocks, 252, 1)->has_backing_device);
}

static void
test_loop (Tree *tree, gconstpointer data)
{
  g_autoptr (GPtrArray) blocks = NULL;

  put_disk (tree);
  put_device (tree, "virtual/block/loop0", 7, 0);
  put_attribute (tree, "virtual/block/loop0", "loop/backing_file", "/run/a\\x2f b.img (deleted)\n");
  put_device (tree, "virtual/block/loop0/loop0p1", 259, 0);
  put_attribute (tree, "virtual/block/loop0/loop0p1", "partition", "1\n");
  put_device (tree, "virtual/block/loop1", 7, 1);
  put_attribute (tree, "virtual/block/loop1", "loop/backing_file", "/dev/sda1\n");
  put_device (tree, "virtual/block/loop2", 7, 2);
  put_attribute (tree, "virtual/block/loop2", "loop/backing_file", "/run/ends in a line\n\n");
  put_device (tree, "virtual/block/loop3", 7, 3);
  put_attribute (tree, "virtual/block/loop3", "loop/backing_file", "/run/\xff\xfe\n");
  put_device (tree, "virtual/block/loop4", 7, 4);
  put_attribute (tree, "virtual/block/loop4", "loop/backing_file", "/dev/../../../../dev/sda\n");

  blocks = live_blocks_read_all (tree->root, NULL);
  g_assert_cmpstr (find (blocks, 7, 0)->backing_file, ==, "/run/a\\x2f b.img (deleted)");
  g_assert_null (find (blocks, 7, 0)->slaves);
  g_assert_cmpint (find (blocks, 259, 0)->kind, ==, LIVE_BLOCK_MAPPED);
  assert_numbers (find (blocks, 259, 0)->slaves, "7:0");
  assert_numbers (find (blocks, 7, 1)->slaves, "8:1");
  g_assert_cmpstr (find (blocks, 7, 2)->backing_file, ==, "/run/ends in a line\n");
  g_assert_cmpint (find (blocks, 7, 3)->kind, ==, LIVE_BLOCK_LOOP);
  g_assert_null (find (blocks, 7, 3)->backing_file);
  g_assert_null (find (blocks, 7, 4)->slaves);
}

static void
test_btrfs (Tree *tree, gconstpointer data)
{
  g_autoptr (GPtrArray) blocks = NULL;

  put_disk (tree);
  put_device (tree, "virtual/block/zram0", 252, 0);
  put_attribute (tree, "virtual/block/zram0", "disksize", "4096\n");
  put_device (tree, "virtual/block/zram1", 252, 1);
  put_attribute (tree, "virtual/block/zram1", "disksize", "4096\n");
  put_link (tree, "sys/fs/btrfs/uuid-1/devices/zram0", "../../../../devices/virtual/block/zram0");
  put_link (tree, "sys/fs/btrfs/uuid-1/devices/sda1", "../../../../devices/pci0/block/sda/sda1");
  put_link (tree, "sys/fs/btrfs/uuid-2/devices/zram1", "../../../../devices/virtual/block/zram1");
  put (tree, "sys/fs/btrfs/features/mixed_groups", "0\n");

  blocks = read_device (tree, 252, 0);
  g_assert_cmpuint (blocks->len, ==, 3);
  assert_numbers (find (blocks, 252, 0)->siblings, "8:1 252:0");
  g_ptr_array_unref (blocks);
  blocks = read_device (tree, 252, 1);
  g_assert_cmpuint (blocks->len, ==, 1);
  g_assert_null (find (blocks, 252, 1)->siblings);
}

static void
test_plain_directories (Tree *tree, gconstpointer data)
{
  g_autoptr (GPtrArray) blocks = NULL;

  put (tree, "sys/dev/block/8:1/uevent", "DEVNAME=sda1\n");
  put (tree, "sys/dev/block/8:1/partition", "1\n");
  put (tree, "sys/dev/block/8:1/slaves/sda/dev", "8:0\n");
  put (tree, "sys/dev/block/8:0/uevent", "DEVNAME=sda\n");
  put (tree, "sys/dev/block/253:0/uevent", "DEVNAME=dm-0\n");
  put (tree, "sys/dev/block/253:0/dm/name", "a\n");
  put (tree, "sys/dev/block/253:0/slaves/sda1", "%s", "");
  put (tree, "sys/class/block/sda1/dev", "8:1\n");
  blocks = read_device (tree, 253, 0);
  g_assert_cmpuint (blocks->len, ==, 3);
  assert_numbers (find (blocks, 253, 0)->slaves, "8:1");
  g_assert_cmpint (find (blocks, 8, 1)->kind, ==, LIVE_BLOCK_DISK);
  assert_numbers (find (blocks, 8, 1)->slaves, "8:0");
}

static void
test_hostile (Tree *tree, gconstpointer data)
{
  g_autofree char *garbage = g_malloc (8192);
  g_autofree char *fifo = g_build_filename (tree->root, "sys/devices/virtual/block/dm-4/dm/name", NULL);
  g_autofree char *inside = g_build_filename (tree->root, "sys/class/block/sdz", NULL);
  g_autoptr (GPtrArray) blocks = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 8192; i++)
    garbage[i] = (char) (i * 31 % 255 + 1);

  /* Garbage of a page, and of more than one, in every file. */
  put_mapping (tree, 0, "a", "CRYPT-PLAIN-a", NULL);
  put_bytes (tree, "sys/devices/virtual/block/dm-0/dm/name", garbage, 4096);
  put_bytes (tree, "sys/devices/virtual/block/dm-0/dm/uuid", garbage, 8192);
  put_bytes (tree, "sys/devices/virtual/block/dm-0/ro", garbage, 4096);
  put_bytes (tree, "sys/devices/virtual/block/dm-0/slaves/garbage/dev", garbage, 4096);
  /* Text, but of no end; and a NUL in it. */
  put_mapping (tree, 1, "a", "CRYPT-PLAIN-a", NULL);
  memset (garbage, 'a', 8192);
  put_bytes (tree, "sys/devices/virtual/block/dm-1/dm/name", garbage, 8192);
  put_mapping (tree, 2, "a", "CRYPT-PLAIN-a", NULL);
  put_bytes (tree, "sys/devices/virtual/block/dm-2/dm/name", "a\0b\n", 4);
  /* Links in a ring, to nowhere, and out of the tree. */
  put_mapping (tree, 3, "a", "LVM-a", "dm-3");
  put_link (tree, "sys/devices/virtual/block/dm-3/slaves/ring", "ring");
  put_link (tree, "sys/devices/virtual/block/dm-3/slaves/nowhere", "nowhere-else");
  put_link (tree, "sys/devices/virtual/block/dm-3/slaves/out", "../../../../../../../../../../../../etc");
  put_link (tree, "sys/dev/block/9:9", "9:9");
  put_link (tree, "sys/dev/block/9:8", "/proc/self/fd");
  /* A pipe must not be waited for. */
  put_mapping (tree, 4, "a", "CRYPT-PLAIN-a", NULL);
  g_assert_cmpint (g_remove (fifo), ==, 0);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  /* An empty directory. */
  g_assert_cmpint (g_mkdir_with_parents (inside, 0700), ==, 0);
  put_link (tree, "sys/dev/block/65:144", "../../class/block/sdz");

  blocks = live_blocks_read_all (tree->root, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (blocks->len, ==, 6);
  g_assert_null (find (blocks, 253, 0)->mapping_name);
  g_assert_null (find (blocks, 253, 0)->mapping_uuid);
  g_assert_cmpint (find (blocks, 253, 0)->kind, ==, LIVE_BLOCK_MAPPED);
  assert_numbers (find (blocks, 253, 0)->slaves, "0:0");
  g_assert_null (find (blocks, 253, 1)->mapping_name);
  g_assert_null (find (blocks, 253, 2)->mapping_name);
  assert_numbers (find (blocks, 253, 3)->slaves, "253:3 0:0 0:0 0:0");
  g_assert_null (find (blocks, 253, 4)->mapping_name);
  g_assert_cmpint (find (blocks, 65, 144)->kind, ==, LIVE_BLOCK_UNKNOWN);
  for (guint i = 0; i < blocks->len; i++)
    {
      const LiveBlock *block = g_ptr_array_index (blocks, i);

      g_assert_cmpint (live_block_judge (blocks, NULL, block->major, block->minor), ==, LIVE_REST_UNKNOWN);
    }
}

static void
test_links_stay_inside (Tree *tree, gconstpointer data)
{
  g_autoptr (GPtrArray) blocks = NULL;
  Tree inner = { .root = g_build_filename (tree->root, "inner", NULL) };

  /* As an absolute path, and by climbing: both mean the root that was given. */
  put (tree, "outside/uevent", "DEVNAME=zram0\n");
  put (tree, "outside/disksize", "4096\n");
  put (&inner, "outside/uevent", "DEVNAME=sda\n");
  put_link (&inner, "sys/dev/block/8:0", "/outside");
  put_link (&inner, "sys/dev/block/8:16", "../../../../outside");
  blocks = live_blocks_read_all (inner.root, NULL);
  g_assert_cmpint (find (blocks, 8, 0)->kind, ==, LIVE_BLOCK_DISK);
  g_assert_cmpint (find (blocks, 8, 16)->kind, ==, LIVE_BLOCK_DISK);
  g_free (inner.root);
}

static void
test_many (Tree *tree, gconstpointer data)
{
  g_autoptr (LiveCrypt) crypt = live_crypt_new (tree->root);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) blocks = NULL;
  g_autoptr (GError) error = NULL;

  put_disk (tree);
  for (guint i = 0; i < 300; i++)
    {
      g_autofree char *name = g_strdup_printf ("vm-volatile-work%u-crypt@volatile", i);
      g_autofree char *uuid = g_strconcat ("CRYPT-PLAIN-", name, NULL);
      g_autofree char *facts = g_strconcat ("run/qubes-live-test/dm/", name, NULL);

      put_mapping (tree, i, name, uuid, "../../pci0/block/sda/sda1");
      put (tree, facts, "type=PLAIN\ncipher=aes-xts-plain64\nkey_size=256\n");
    }
  live_blocks_resolve_all_async (crypt, NULL, on_done, &result);
  blocks = live_blocks_resolve_finish (wait_for (&result), &error);
  g_assert_no_error (error);
  g_assert_cmpuint (blocks->len, ==, 302);
  for (guint i = 0; i < 300; i++)
    g_assert_cmpint (live_block_judge (blocks, NULL, 253, i), ==, LIVE_REST_THROW_AWAY);
}

/* More parts than are read: the rest must not be forgotten. */
static void
test_too_many_parts (Tree *tree, gconstpointer data)
{
  g_autoptr (GPtrArray) blocks = NULL;

  put_device (tree, "virtual/block/zram0", 252, 0);
  put_attribute (tree, "virtual/block/zram0", "disksize", "4096\n");
  put_mapping (tree, 0, "a", "LVM-a", "zram0");
  for (guint i = 0; i < 1100; i++)
    {
      g_autofree char *path = g_strdup_printf ("sys/devices/virtual/block/dm-0/slaves/part%04u", i);

      put_link (tree, path, "../../zram0");
    }
  blocks = read_device (tree, 253, 0);
  g_assert_cmpuint (blocks->len, ==, 2);
  g_assert_cmpint (live_block_judge (blocks, NULL, 252, 0), ==, LIVE_REST_RAM);
  g_assert_cmpint (live_block_judge (blocks, NULL, 253, 0), ==, LIVE_REST_UNKNOWN);
}

static void
test_keys (Tree *tree, gconstpointer data)
{
  g_autoptr (LiveCrypt) crypt = live_crypt_new (tree->root);
  g_autoptr (GPtrArray) blocks = NULL;

  put_disk (tree);
  put_mapping (tree, 0, VOLATILE, "CRYPT-PLAIN-" VOLATILE, "../../pci0/block/sda/sda1");
  put_mapping (tree, 1, UNDERSCORE, "CRYPT-PLAIN-" UNDERSCORE, "../../pci0/block/sda/sda1");
  put_mapping (tree, 2, "luks-1", "CRYPT-LUKS2-1-luks-1", "../../pci0/block/sda/sda1");
  put_mapping (tree, 3, "a\\x2fb", "CRYPT-PLAIN-a\\x2fb", "../../pci0/block/sda/sda1");
  put_mapping (tree, 4, "..", "CRYPT-PLAIN-..", "../../pci0/block/sda/sda1");
  put_mapping (tree, 5, "../secret", "CRYPT-PLAIN-../secret", "../../pci0/block/sda/sda1");

  /* A name proves nothing. */
  assert_key (crypt, 0, LIVE_BLOCK_KEY_UNKNOWN, NULL, 0);
  assert_key (crypt, 2, LIVE_BLOCK_KEY_DISK, NULL, 0);

  put (tree, "run/qubes-live-test/dm/" VOLATILE, "type=PLAIN\ncipher=aes-xts-plain64\nkey_size=256\n");
  put (tree, "run/qubes-live-test/dm/" UNDERSCORE, "type=PLAIN\ncipher=cipher_null-ecb\nkey_size=0\n");
  put (tree, "run/qubes-live-test/dm/a\\x2fb", "type=PLAIN\ncipher=aes-cbc-essiv:sha256\nkey_size=128\noffset=8\n");
  put (tree, "run/qubes-live-test/secret", "type=PLAIN\ncipher=aes-xts-plain64\nkey_size=256\n");
  assert_key (crypt, 0, LIVE_BLOCK_KEY_MEMORY, "aes-xts-plain64", 256);
  assert_key (crypt, 1, LIVE_BLOCK_KEY_NONE, "cipher_null-ecb", 0);
  assert_key (crypt, 3, LIVE_BLOCK_KEY_UNKNOWN, "aes-cbc-essiv:sha256", 128);
  assert_key (crypt, 4, LIVE_BLOCK_KEY_UNKNOWN, NULL, 0);
  assert_key (crypt, 5, LIVE_BLOCK_KEY_UNKNOWN, NULL, 0);
  put (tree, "run/qubes-live-test/dm/a\\x2fb", "type=PLAIN\ncipher=aes-xts-plain64\nkey_size=512\noffset=0\n");
  assert_key (crypt, 3, LIVE_BLOCK_KEY_MEMORY, "aes-xts-plain64", 512);

  blocks = resolve (crypt, 253, 0);
  g_assert_cmpuint (blocks->len, ==, 3);
  g_assert_cmpint (live_block_judge (blocks, NULL, 253, 0), ==, LIVE_REST_THROW_AWAY);

  /* crypttab may be changed at any time, and what is said of it may be garbage. */
  put (tree, "etc/crypttab", VOLATILE " /dev/sda1 /etc/key plain\n");
  assert_key (crypt, 0, LIVE_BLOCK_KEY_DISK, "aes-xts-plain64", 256);
  put (tree, "etc/crypttab", VOLATILE " /dev/sda1 /dev/urandom plain\n");
  assert_key (crypt, 0, LIVE_BLOCK_KEY_MEMORY, "aes-xts-plain64", 256);
  put_bytes (tree, "etc/crypttab", "\xff\xff\n", 3);
  assert_key (crypt, 0, LIVE_BLOCK_KEY_UNKNOWN, NULL, 0);
  put (tree, "etc/crypttab", "%s", "");
  put (tree, "run/qubes-live-test/dm/" VOLATILE, "type=PLAIN\ncipher=aes-xts-plain64\nkey_size=many\n");
  assert_key (crypt, 0, LIVE_BLOCK_KEY_UNKNOWN, NULL, 0);
  put_bytes (tree, "run/qubes-live-test/dm/" VOLATILE, "type=PLAIN\0", 11);
  assert_key (crypt, 0, LIVE_BLOCK_KEY_UNKNOWN, NULL, 0);
}

/* The device that was read is not the one that is there when its key is looked for. */
static void
test_renamed (Tree *tree, gconstpointer data)
{
  g_autoptr (LiveCrypt) crypt = live_crypt_new (tree->root);
  g_autoptr (LiveBlock) block = g_new0 (LiveBlock, 1);

  put_mapping (tree, 0, VOLATILE, "CRYPT-PLAIN-" VOLATILE, NULL);
  put (tree, "run/qubes-live-test/dm/" VOLATILE, "type=PLAIN\ncipher=aes-xts-plain64\nkey_size=256\n");
  block->major = 253;
  block->kind = LIVE_BLOCK_CRYPT;
  block->mapping_name = g_strdup (VOLATILE);
  block->mapping_uuid = g_strdup ("CRYPT-PLAIN-" VOLATILE);
  live_crypt_examine (crypt, block);
  g_assert_cmpint (block->key, ==, LIVE_BLOCK_KEY_MEMORY);
  put_attribute (tree, "virtual/block/dm-0", "dm/name", "%s\n", UNDERSCORE);
  live_crypt_examine (crypt, block);
  g_assert_cmpint (block->key, ==, LIVE_BLOCK_KEY_UNKNOWN);
  g_assert_null (block->cipher);
}

static void
test_errors (Tree *tree, gconstpointer data)
{
  g_autoptr (LiveCrypt) crypt = live_crypt_new (tree->root);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  live_blocks_resolve_async (crypt, 8, 0, NULL, on_done, &result);
  g_assert_null (live_blocks_resolve_finish (wait_for (&result), &error));
  g_assert_error (error, LIVE_ERROR, (int) LIVE_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_clear_object (&result);

  put_disk (tree);
  live_blocks_resolve_async (crypt, 8, 0, cancellable, on_done, &result);
  g_cancellable_cancel (cancellable);
  g_assert_null (live_blocks_resolve_finish (wait_for (&result), &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* Whatever a root is called: with the machine's own, the facts of tests do not count. */
static void
test_real_root (Tree *tree, gconstpointer data)
{
  g_autoptr (LiveRootDirectory) empty = live_root_directory_open ("", NULL);
  g_autoptr (LiveRootDirectory) slash = live_root_directory_open ("/", NULL);
  g_autoptr (LiveRootDirectory) dots = live_root_directory_open ("/usr/../.", NULL);
  g_autoptr (LiveRootDirectory) link = live_root_directory_open ("/proc/self/root", NULL);
  g_autoptr (LiveRootDirectory) other = live_root_directory_open (tree->root, NULL);

  g_assert_true (live_root_directory_is_real (empty));
  g_assert_true (live_root_directory_is_real (slash));
  g_assert_true (live_root_directory_is_real (dots));
  g_assert_true (live_root_directory_is_real (link));
  g_assert_false (live_root_directory_is_real (other));
}

static void
test_this_machine (void)
{
  g_autoptr (GPtrArray) blocks = NULL;
  g_autoptr (GError) error = NULL;
  struct stat status;

  if (!g_file_test ("/sys/dev/block", G_FILE_TEST_IS_DIR))
    {
      g_test_skip ("there is no sysfs");
      return;
    }
  blocks = live_blocks_read_all ("", &error);
  g_assert_no_error (error);
  for (guint i = 0; i < blocks->len; i++)
    {
      const LiveBlock *block = g_ptr_array_index (blocks, i);
      g_autofree char *path = g_strdup_printf ("/sys/dev/block/%u:%u", block->major, block->minor);
      g_autofree char *target = g_file_read_link (path, NULL);
      g_autofree char *name = target != NULL ? g_path_get_basename (target) : NULL;

      /* One that has gone meanwhile has no link. */
      if (name != NULL)
        g_assert_cmpstr (block->name, ==, name);
    }
  g_assert_cmpint (stat ("/", &status), ==, 0);
  if (major (status.st_dev) == 0)
    g_test_message ("the root has no device of its own");
  else
    {
      const LiveBlock *block = find (blocks, major (status.st_dev), minor (status.st_dev));

      g_assert_nonnull (block);
      g_assert_cmpint (block->kind, !=, LIVE_BLOCK_UNKNOWN);
      g_assert_false (block->read_only);
    }
}

/* In a process of its own: what the library prints would be seen. */
static void
test_no_mapping (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (LiveCrypt) crypt = live_crypt_new ("");
      g_autoptr (LiveBlock) block = g_new0 (LiveBlock, 1);
      static const char *const names[] = { "qubes-live-no-such-mapping", "", "..", "a/b", "a b\n", "\x01", NULL };

      for (guint i = 0; names[i] != NULL; i++)
        g_assert_null (live_crypt_ask (names[i]));
      block->major = 253;
      block->minor = 1048575;
      block->kind = LIVE_BLOCK_CRYPT;
      block->mapping_name = g_strdup (names[0]);
      block->mapping_uuid = g_strdup ("CRYPT-PLAIN-qubes-live-no-such-mapping");
      live_crypt_examine (crypt, block);
      g_assert_cmpint (block->key, ==, LIVE_BLOCK_KEY_UNKNOWN);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_passed ();
  g_test_trap_assert_stderr ("");
  g_test_trap_assert_stdout_unmatched ("*evice*");
}

static int
attach_loop (const char *file, guint *minor)
{
  int control = open ("/dev/loop-control", O_RDWR | O_CLOEXEC);
  int backing = open (file, O_RDWR | O_CLOEXEC);
  int device = -1;

  /* Another process may take the free one first. */
  for (guint tries = 0; control >= 0 && backing >= 0 && device < 0 && tries < 10; tries++)
    {
      int number = ioctl (control, LOOP_CTL_GET_FREE);
      g_autofree char *path = g_strdup_printf ("/dev/loop%d", number);
      struct loop_config config = { .fd = (guint32) backing, .info.lo_flags = LO_FLAGS_AUTOCLEAR };

      device = number >= 0 ? open (path, O_RDWR | O_CLOEXEC) : -1;
      if (device >= 0 && ioctl (device, LOOP_CONFIGURE, &config) < 0)
        {
          close (device);
          device = -1;
        }
      *minor = (guint) number;
    }
  if (control >= 0)
    close (control);
  if (backing >= 0)
    close (backing);
  return device;
}

/* The device is gone with the last descriptor, also when the test fails. */
static void
test_real_loop (Tree *tree, gconstpointer data)
{
  g_autofree char *file = g_build_filename (tree->root, "a b.img", NULL);
  g_autofree char *gone = g_strconcat (file, " (deleted)", NULL);
  g_autoptr (GPtrArray) blocks = new_blocks ();
  g_autoptr (GPtrArray) again = new_blocks ();
  g_autoptr (GError) error = NULL;
  guint minor = 0;
  int device = -1;

  put_bytes (tree, "a b.img", "", 0);
  g_assert_cmpint (truncate (file, 1 << 20), ==, 0);
  device = attach_loop (file, &minor);
  if (device < 0)
    {
      g_test_skip ("no loop device to be had");
      return;
    }
  g_assert_true (live_blocks_read ("", 7, minor, blocks, &error));
  g_assert_no_error (error);
  g_assert_cmpint (find (blocks, 7, minor)->kind, ==, LIVE_BLOCK_LOOP);
  g_assert_cmpstr (find (blocks, 7, minor)->backing_file, ==, file);
  g_assert_null (find (blocks, 7, minor)->slaves);
  g_assert_cmpint (g_remove (file), ==, 0);
  g_assert_true (live_blocks_read ("", 7, minor, again, &error));
  g_assert_cmpstr (find (again, 7, minor)->backing_file, ==, gone);
  close (device);
}

static gboolean
write_text (const char *path, const char *text)
{
  int fd = open (path, O_WRONLY | O_CLOEXEC);
  gboolean written = fd >= 0 && write (fd, text, strlen (text)) == (gssize) strlen (text);

  if (fd >= 0)
    close (fd);
  return written;
}

/* Nothing is asserted before the device is taken away again. */
static void
test_real_zram (void)
{
  g_autofree char *number = NULL;
  g_autofree char *disk_size = NULL;
  g_autofree char *dev = NULL;
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) before = new_blocks ();
  g_autoptr (GPtrArray) after = new_blocks ();
  guint numbers[2] = { 0 };
  gboolean removed = FALSE;
  gboolean set = FALSE;

  if (!g_file_get_contents ("/sys/class/zram-control/hot_add", &number, NULL, NULL))
    {
      g_test_skip ("no zram device to be had");
      return;
    }
  g_strchomp (number);
  dev = g_strdup_printf ("/sys/block/zram%s/dev", number);
  disk_size = g_strdup_printf ("/sys/block/zram%s/disksize", number);
  if (g_file_get_contents (dev, &text, NULL, NULL))
    {
      numbers[0] = (guint) strtoul (text, NULL, 10);
      numbers[1] = (guint) strtoul (strchr (text, ':') + 1, NULL, 10);
    }
  live_blocks_read ("", numbers[0], numbers[1], before, NULL);
  set = write_text (disk_size, "1048576");
  live_blocks_read ("", numbers[0], numbers[1], after, NULL);
  removed = write_text ("/sys/class/zram-control/hot_remove", number);

  g_assert_true (removed);
  g_assert_true (set);
  g_assert_cmpint (find (before, numbers[0], numbers[1])->kind, ==, LIVE_BLOCK_ZRAM);
  g_assert_cmpuint (find (before, numbers[0], numbers[1])->disk_size, ==, 0);
  g_assert_cmpint (live_block_judge (before, NULL, numbers[0], numbers[1]), ==, LIVE_REST_UNKNOWN);
  g_assert_cmpuint (find (after, numbers[0], numbers[1])->disk_size, ==, 1048576);
  g_assert_cmpint (live_block_judge (after, NULL, numbers[0], numbers[1]), ==, LIVE_REST_RAM);
}

static void
add (const char *path, void (*function) (Tree *, gconstpointer))
{
  g_test_add (path, Tree, NULL, tree_set_up, function, tree_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/blocks/chain", test_chain);
  add ("/blocks/all", test_all);
  add ("/blocks/kinds", test_kinds);
  add ("/blocks/zram", test_zram);
  add ("/blocks/loop", test_loop);
  add ("/blocks/btrfs", test_btrfs);
  add ("/blocks/plain-directories", test_plain_directories);
  add ("/blocks/hostile", test_hostile);
  add ("/blocks/links-stay-inside", test_links_stay_inside);
  add ("/blocks/many", test_many);
  add ("/blocks/too-many-parts", test_too_many_parts);
  add ("/blocks/keys", test_keys);
  add ("/blocks/renamed", test_renamed);
  add ("/blocks/errors", test_errors);
  add ("/blocks/real-root", test_real_root);
  g_test_add_func ("/blocks/this-machine", test_this_machine);
  g_test_add_func ("/blocks/no-mapping", test_no_mapping);
  add ("/blocks/real-loop", test_real_loop);
  g_test_add_func ("/blocks/real-zram", test_real_zram);
  return g_test_run ();
}
