/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/blocks.h"

#include <errno.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "model/error.h"

/* One page is what an attribute of sysfs can hold. */
#define MAX_ATTRIBUTE 4096
#define MAX_PARTS 1024
#define MAX_DEVICES 16384
#define MAX_FILE_SYSTEMS 1024

#define MAJOR_RAM 1
#define MAJOR_LOOP 7

static gint64
get_number (guint major, guint minor)
{
  return (gint64) (((guint64) major << 32) | minor);
}

static char *
read_text (LiveRootDirectory *root, const char *directory, const char *attribute)
{
  g_autofree char *path = g_strconcat (directory, "/", attribute, NULL);
  char *text = live_root_directory_read (root, path, MAX_ATTRIBUTE);

  /* Only the kernel's own line end: a file's name may end in others. */
  if (text != NULL && g_str_has_suffix (text, "\n"))
    text[strlen (text) - 1] = '\0';
  return text;
}

static gboolean
exists (LiveRootDirectory *root, const char *directory, const char *name)
{
  g_autofree char *path = g_strconcat (directory, "/", name, NULL);

  return live_root_directory_stat (root, path, NULL);
}

/* "MAJOR:MINOR"; 0:0 is no device. */
static gboolean
parse_numbers (const char *text, guint *major, guint *minor)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 3);
  guint64 numbers[2] = { 0 };

  if (g_strv_length (parts) != 2)
    return FALSE;
  for (guint i = 0; i < 2; i++)
    if (!g_ascii_string_to_unsigned (parts[i], 10, 0, G_MAXUINT32, &numbers[i], NULL))
      return FALSE;
  *major = (guint) numbers[0];
  *minor = (guint) numbers[1];
  return *major != 0 || *minor != 0;
}

static gboolean
read_numbers (LiveRootDirectory *root, const char *directory, guint *major, guint *minor)
{
  g_autofree char *text = read_text (root, directory, "dev");

  return text != NULL && parse_numbers (text, major, minor);
}

static void
append_numbers (GArray **numbers, guint major, guint minor)
{
  if (*numbers == NULL)
    *numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  g_array_append_val (*numbers, major);
  g_array_append_val (*numbers, minor);
}

/* The devices in a directory of links to them. One that cannot be told is 0:0, so that it is missed. */
static void
append_devices (LiveRootDirectory *root, const char *path, GArray **numbers)
{
  g_autoptr (GPtrArray) names = live_root_directory_list (root, path, MAX_PARTS + 1);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *device = g_strconcat (path, "/", name, NULL);
      g_autofree char *by_class = g_strconcat ("/sys/class/block/", name, NULL);
      guint major = 0;
      guint minor = 0;

      if (i == MAX_PARTS
          || (!read_numbers (root, device, &major, &minor) && !read_numbers (root, by_class, &major, &minor)))
        major = minor = 0;
      append_numbers (numbers, major, minor);
    }
}

/* The value of KEY= in an uevent. */
static char *
get_uevent (const char *uevent, const char *key)
{
  g_auto (GStrv) lines = g_strsplit (uevent, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (g_str_has_prefix (lines[i], key) && lines[i][strlen (key)] == '=')
      return g_strdup (lines[i] + strlen (key) + 1);
  return NULL;
}

/* Whether @name is @prefix and a number. */
static gboolean
is_numbered (const char *name, const char *prefix)
{
  const char *digits = name + strlen (prefix);

  return g_str_has_prefix (name, prefix) && digits[0] != '\0' && strspn (digits, "0123456789") == strlen (digits);
}

/* Whether @name is that of a device which keeps what it is given, here or on another machine. */
static gboolean
is_disk_name (const char *name)
{
  static const char *const prefixes[]
      = { "sd", "vd", "xvd", "hd", "nvme", "mmcblk", "sr", "pmem", "nbd", "rbd", "drbd", "dasd", NULL };

  for (guint i = 0; prefixes[i] != NULL; i++)
    if (g_str_has_prefix (name, prefixes[i]))
      return TRUE;
  return FALSE;
}

static void
read_zram (LiveRootDirectory *root, const char *directory, LiveBlock *block)
{
  g_autofree char *size = read_text (root, directory, "disksize");
  g_autofree char *backing = NULL;
  int code = 0;

  if (size == NULL || !g_ascii_string_to_unsigned (size, 10, 0, G_MAXUINT64, &block->disk_size, NULL))
    return;
  backing = read_text (root, directory, "backing_dev");
  code = errno;
  /* Not there: the kernel was built without. There, and not to be read: who knows. */
  if (backing == NULL && code != ENOENT)
    return;
  block->kind = LIVE_BLOCK_ZRAM;
  block->has_backing_device = backing != NULL && !g_str_equal (backing, "none");
}

static void
read_loop (LiveRootDirectory *root, const char *directory, LiveBlock *block)
{
  guint major = 0;
  guint minor = 0;
  struct stat status;

  block->kind = LIVE_BLOCK_LOOP;
  block->backing_file = read_text (root, directory, "loop/backing_file");
  if (block->backing_file == NULL || block->backing_file[0] != '/')
    return;
  /* "/dev/sda" as a file would seem to lie in RAM, as the nodes in /dev do. */
  if (live_root_directory_stat (root, block->backing_file, &status) && S_ISBLK (status.st_mode))
    append_numbers (&block->slaves, major (status.st_rdev), minor (status.st_rdev));
  else if (g_str_has_prefix (block->backing_file, "/dev/"))
    {
      /* The helper may have a /dev of its own, without the node. */
      g_autofree char *name = g_strdelimit (g_strdup (block->backing_file + strlen ("/dev/")), "/", '!');
      g_autofree char *by_class = g_strconcat ("/sys/class/block/", name, NULL);

      if (read_numbers (root, by_class, &major, &minor))
        append_numbers (&block->slaves, major, minor);
    }
}

static void
read_mapping (LiveRootDirectory *root, const char *directory, LiveBlock *block)
{
  g_autofree char *slaves = g_strconcat (directory, "/slaves", NULL);

  block->mapping_name = read_text (root, directory, "dm/name");
  block->mapping_uuid = read_text (root, directory, "dm/uuid");
  block->kind = live_crypt_uuid_is_crypt (block->mapping_uuid) ? LIVE_BLOCK_CRYPT : LIVE_BLOCK_MAPPED;
  append_devices (root, slaves, &block->slaves);
}

static gboolean
is_on_plain_disk (LiveRootDirectory *root, guint major, guint minor)
{
  g_autofree char *directory = g_strdup_printf ("/sys/dev/block/%u:%u", major, minor);
  g_autofree char *uevent = read_text (root, directory, "uevent");
  g_autofree char *name = uevent != NULL ? get_uevent (uevent, "DEVNAME") : NULL;

  return name != NULL && is_disk_name (name);
}

static void
read_partition (LiveRootDirectory *root, const char *directory, LiveBlock *block)
{
  /* A partition's directory is in the one of its disk. */
  g_autofree char *whole = g_strconcat (directory, "/..", NULL);
  g_autofree char *slaves = g_strconcat (directory, "/slaves", NULL);
  guint major = 0;
  guint minor = 0;

  if (read_numbers (root, whole, &major, &minor))
    append_numbers (&block->slaves, major, minor);
  else
    append_devices (root, slaves, &block->slaves);
  if (block->slaves == NULL)
    /* Of a whole that does not show itself. The name has to do. */
    block->kind = is_disk_name (block->name) ? LIVE_BLOCK_DISK : LIVE_BLOCK_UNKNOWN;
  else if (is_on_plain_disk (root, g_array_index (block->slaves, guint, 0), g_array_index (block->slaves, guint, 1)))
    block->kind = LIVE_BLOCK_DISK;
  else
    block->kind = LIVE_BLOCK_MAPPED;
}

static void
read_kind (LiveRootDirectory *root, const char *directory, LiveBlock *block)
{
  if (exists (root, directory, "partition"))
    read_partition (root, directory, block);
  else if (exists (root, directory, "dm"))
    read_mapping (root, directory, block);
  else if (exists (root, directory, "md") || is_numbered (block->name, "md") || is_numbered (block->name, "bcache"))
    {
      g_autofree char *slaves = g_strconcat (directory, "/slaves", NULL);

      block->kind = LIVE_BLOCK_MAPPED;
      append_devices (root, slaves, &block->slaves);
    }
  else if (block->major == MAJOR_LOOP && is_numbered (block->name, "loop"))
    read_loop (root, directory, block);
  else if (block->major == MAJOR_RAM && is_numbered (block->name, "ram"))
    block->kind = LIVE_BLOCK_RAM;
  else if (is_numbered (block->name, "zram"))
    read_zram (root, directory, block);
  else if (is_disk_name (block->name) || exists (root, directory, "device"))
    block->kind = LIVE_BLOCK_DISK;
}

/* %NULL when there is no such device. */
static LiveBlock *
read_block (LiveRootDirectory *root, guint major, guint minor)
{
  g_autofree char *directory = g_strdup_printf ("/sys/dev/block/%u:%u", major, minor);
  g_autofree char *uevent = NULL;
  g_autofree char *read_only = NULL;
  LiveBlock *block = NULL;
  g_autofree char *name = NULL;
  guint own_major = 0;
  guint own_minor = 0;

  if ((major == 0 && minor == 0) || !exists (root, directory, "."))
    return NULL;
  uevent = read_text (root, directory, "uevent");
  name = uevent != NULL ? get_uevent (uevent, "DEVNAME") : NULL;
  block = g_new0 (LiveBlock, 1);
  block->major = major;
  block->minor = minor;
  block->name = g_strdup (name != NULL ? name : "");
  read_only = read_text (root, directory, "ro");
  block->read_only = g_strcmp0 (read_only, "1") == 0;
  /* A link that leads to another device tells nothing of this one. */
  if (name != NULL
      && (!exists (root, directory, "dev")
          || (read_numbers (root, directory, &own_major, &own_minor) && own_major == major && own_minor == minor)))
    read_kind (root, directory, block);
  return block;
}

/* For each device of a btrfs file system of several: the devices of that file system. */
static GHashTable *
read_siblings (LiveRootDirectory *root)
{
  GHashTable *siblings = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify) g_array_unref);
  g_autoptr (GPtrArray) names = live_root_directory_list (root, "/sys/fs/btrfs", MAX_FILE_SYSTEMS);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      g_autofree char *path
          = g_strconcat ("/sys/fs/btrfs/", (const char *) g_ptr_array_index (names, i), "/devices", NULL);
      GArray *numbers = NULL;

      append_devices (root, path, &numbers);
      for (guint j = 0; numbers != NULL && numbers->len > 2 && j < numbers->len; j += 2)
        {
          gint64 number
              = get_number (g_array_index (numbers, guint, j), g_array_index (numbers, guint, j + 1));

          g_hash_table_replace (siblings, g_memdup2 (&number, sizeof number), g_array_ref (numbers));
        }
      g_clear_pointer (&numbers, g_array_unref);
    }
  return siblings;
}

/* What is read and what is still to be read, by numbers: chains that lead back to themselves end here. */
typedef struct
{
  LiveRootDirectory *root;
  GHashTable *seen;
  GHashTable *siblings;
  GQueue waiting;
} Reading;

static void
reading_init (Reading *reading, LiveRootDirectory *root)
{
  *reading = (Reading){
    .root = root,
    .seen = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL),
    .siblings = read_siblings (root),
    .waiting = G_QUEUE_INIT,
  };
}

static void
reading_clear (Reading *reading)
{
  g_queue_clear (&reading->waiting);
  g_hash_table_unref (reading->seen);
  g_hash_table_unref (reading->siblings);
}

static void
reading_add (Reading *reading, guint major, guint minor)
{
  gint64 number = get_number (major, minor);
  gint64 *key = NULL;

  if (g_hash_table_contains (reading->seen, &number) || g_hash_table_size (reading->seen) >= MAX_DEVICES)
    return;
  key = g_memdup2 (&number, sizeof number);
  g_hash_table_add (reading->seen, key);
  g_queue_push_tail (&reading->waiting, key);
}

static void
reading_add_array (Reading *reading, GArray *numbers)
{
  for (guint i = 0; numbers != NULL && i + 1 < numbers->len; i += 2)
    reading_add (reading, g_array_index (numbers, guint, i), g_array_index (numbers, guint, i + 1));
}

static void
reading_run (Reading *reading, GPtrArray *blocks)
{
  g_autoptr (GHashTable) present = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  gint64 *key = NULL;

  for (guint i = 0; i < blocks->len; i++)
    {
      LiveBlock *block = g_ptr_array_index (blocks, i);
      gint64 number = get_number (block->major, block->minor);

      g_hash_table_replace (present, g_memdup2 (&number, sizeof number), block);
    }
  while ((key = g_queue_pop_head (&reading->waiting)) != NULL)
    {
      const LiveBlock *block = g_hash_table_lookup (present, key);

      if (block == NULL)
        {
          LiveBlock *found = read_block (reading->root, (guint) ((guint64) *key >> 32), (guint) (*key & G_MAXUINT32));
          GArray *siblings = g_hash_table_lookup (reading->siblings, key);

          if (found == NULL)
            continue;
          if (siblings != NULL)
            found->siblings = g_array_ref (siblings);
          g_ptr_array_add (blocks, found);
          block = found;
        }
      reading_add_array (reading, block->slaves);
      reading_add_array (reading, block->siblings);
    }
}

static LiveRootDirectory *
open_root (const char *path, GError **error)
{
  g_autoptr (GError) cause = NULL;
  LiveRootDirectory *root = live_root_directory_open (path, &cause);

  if (root == NULL)
    g_set_error_literal (error, LIVE_ERROR, LIVE_ERROR_FAILED, cause->message);
  return root;
}

gboolean
live_blocks_read (const char *root_path, guint major, guint minor, GPtrArray *blocks, GError **error)
{
  g_autoptr (LiveRootDirectory) root = open_root (root_path, error);
  g_autofree char *directory = g_strdup_printf ("/sys/dev/block/%u:%u", major, minor);
  Reading reading;

  if (root == NULL)
    return FALSE;
  if ((major == 0 && minor == 0) || !exists (root, directory, "."))
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "there is no block device %u:%u", major, minor);
      return FALSE;
    }
  reading_init (&reading, root);
  reading_add (&reading, major, minor);
  reading_run (&reading, blocks);
  reading_clear (&reading);
  return TRUE;
}

GPtrArray *
live_blocks_read_all (const char *root_path, GError **error)
{
  g_autoptr (LiveRootDirectory) root = open_root (root_path, error);
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (GPtrArray) blocks = NULL;
  Reading reading;

  if (root == NULL)
    return NULL;
  names = live_root_directory_list (root, "/sys/dev/block", MAX_DEVICES);
  if (names == NULL)
    {
      int code = errno;

      g_set_error (error, LIVE_ERROR, LIVE_ERROR_FAILED, "the block devices cannot be listed: %s", g_strerror (code));
      return NULL;
    }
  blocks = g_ptr_array_new_with_free_func ((GDestroyNotify) live_block_free);
  reading_init (&reading, root);
  for (guint i = 0; i < names->len; i++)
    {
      guint major = 0;
      guint minor = 0;

      if (parse_numbers (g_ptr_array_index (names, i), &major, &minor))
        reading_add (&reading, major, minor);
    }
  reading_run (&reading, blocks);
  reading_clear (&reading);
  return g_steal_pointer (&blocks);
}

typedef struct
{
  LiveCrypt *crypt;
  gboolean all;
  guint major;
  guint minor;
} Request;

static void
request_free (Request *request)
{
  live_crypt_unref (request->crypt);
  g_free (request);
}

static void
resolve (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const Request *request = data;
  const char *root = live_crypt_get_root (request->crypt);
  g_autoptr (GPtrArray) blocks = NULL;
  g_autoptr (GError) error = NULL;

  if (request->all)
    blocks = live_blocks_read_all (root, &error);
  else
    {
      blocks = g_ptr_array_new_with_free_func ((GDestroyNotify) live_block_free);
      if (!live_blocks_read (root, request->major, request->minor, blocks, &error))
        g_clear_pointer (&blocks, g_ptr_array_unref);
    }
  if (blocks == NULL)
    {
      g_task_return_error (task, g_steal_pointer (&error));
      return;
    }
  for (guint i = 0; i < blocks->len && !g_cancellable_is_cancelled (cancellable); i++)
    {
      LiveBlock *block = g_ptr_array_index (blocks, i);

      if (block->kind == LIVE_BLOCK_CRYPT)
        live_crypt_examine (request->crypt, block);
    }
  g_task_return_pointer (task, g_steal_pointer (&blocks), (GDestroyNotify) g_ptr_array_unref);
}

static void
start (LiveCrypt *crypt, const Request *request, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (NULL, cancellable, callback, data);
  Request *own = g_memdup2 (request, sizeof *request);

  own->crypt = live_crypt_ref (crypt);
  g_task_set_task_data (task, own, (GDestroyNotify) request_free);
  g_task_run_in_thread (task, resolve);
}

void
live_blocks_resolve_async (
    LiveCrypt *crypt, guint major, guint minor, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  start (crypt, &(Request){ .major = major, .minor = minor }, cancellable, callback, data);
}

void
live_blocks_resolve_all_async (LiveCrypt *crypt, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  start (crypt, &(Request){ .all = TRUE }, cancellable, callback, data);
}

GPtrArray *
live_blocks_resolve_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
