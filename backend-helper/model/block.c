/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/block.h"

#include <string.h>

/* Disk, partition, LUKS, volume group, thin pool, volume, loop, throw-away key: a dozen in real life. */
#define MAX_DEPTH 32

typedef enum
{
  NODE_NEW,
  NODE_OPEN, /* being judged: to meet it again is a loop in the chain */
  NODE_DONE
} NodeState;

typedef struct
{
  gint64 number;
  const LiveBlock *block;
  NodeState state;
  LiveRest rest;
} Node;

/* One walk down. @nonsense: the facts contradict themselves, so nothing may be promised from them. */
typedef struct
{
  GPtrArray *mounts;
  GHashTable *nodes;
  guint depth;
  gboolean nonsense;
} Walk;

static LiveRest judge_mount (Walk *walk, const LiveMount *mount);

void
live_block_free (LiveBlock *block)
{
  g_free (block->name);
  g_free (block->backing_file);
  g_free (block->mapping_name);
  g_free (block->mapping_uuid);
  g_free (block->cipher);
  g_clear_pointer (&block->slaves, g_array_unref);
  g_clear_pointer (&block->siblings, g_array_unref);
  g_free (block);
}

static gint64
get_number (guint major, guint minor)
{
  return (gint64) (((guint64) major << 32) | minor);
}

/* Disk before unknown: a whole with one part on a disk is on the disk, whatever is not known of its other parts. */
static LiveRest
get_worse (LiveRest one, LiveRest other)
{
  static const guint promise[] = {
    [LIVE_REST_DISK] = 0,
    [LIVE_REST_UNKNOWN] = 1,
    [LIVE_REST_THROW_AWAY] = 2,
    [LIVE_REST_RAM] = 3,
  };

  return promise[one] <= promise[other] ? one : other;
}

static gboolean
is_plain_path (const char *path)
{
  g_auto (GStrv) parts = NULL;

  if (path == NULL || path[0] != '/')
    return FALSE;
  parts = g_strsplit (path, "/", -1);
  return !g_strv_contains ((const char *const *) parts, "..") && !g_strv_contains ((const char *const *) parts, ".");
}

static LiveRest
judge_path (Walk *walk, const char *path)
{
  const LiveMount *mount
      = walk->mounts != NULL && is_plain_path (path) ? live_mounts_find_path (walk->mounts, path) : NULL;

  /* What lies among the device nodes is one, and its content is elsewhere. */
  if (mount == NULL || g_strcmp0 (mount->target, "/dev") == 0 || g_strcmp0 (mount->type, "devtmpfs") == 0)
    return LIVE_REST_UNKNOWN;
  return judge_mount (walk, mount);
}

static LiveRest judge_number (Walk *walk, guint major, guint minor);

static LiveRest
judge_parts (Walk *walk, GArray *numbers)
{
  LiveRest rest = LIVE_REST_RAM;

  if (numbers == NULL || numbers->len < 2 || numbers->len % 2 != 0)
    return LIVE_REST_UNKNOWN;
  for (guint i = 0; i < numbers->len; i += 2)
    rest = get_worse (rest,
                      judge_number (walk, g_array_index (numbers, guint, i), g_array_index (numbers, guint, i + 1)));
  return rest;
}

static LiveRest
judge_loop (Walk *walk, const LiveBlock *block)
{
  static const char deleted[] = " (deleted)";
  LiveRest rest = LIVE_REST_UNKNOWN;

  if (block->slaves != NULL && block->slaves->len > 0)
    return judge_parts (walk, block->slaves);
  if (block->backing_file == NULL)
    return LIVE_REST_UNKNOWN;
  if (!g_str_has_suffix (block->backing_file, deleted))
    return judge_path (walk, block->backing_file);

  /* The name of a deleted file says little of where it was: something else may be mounted there since. */
  {
    g_autofree char *path = g_strndup (block->backing_file, strlen (block->backing_file) - strlen (deleted));

    rest = judge_path (walk, path);
  }
  return rest == LIVE_REST_DISK ? LIVE_REST_DISK : LIVE_REST_UNKNOWN;
}

static LiveRest
judge_crypt (Walk *walk, const LiveBlock *block)
{
  LiveRest below = judge_parts (walk, block->slaves);

  switch (block->key)
    {
    case LIVE_BLOCK_KEY_MEMORY:
      return below == LIVE_REST_RAM ? LIVE_REST_RAM : LIVE_REST_THROW_AWAY;
    case LIVE_BLOCK_KEY_DISK:
    case LIVE_BLOCK_KEY_NONE:
      return below;
    case LIVE_BLOCK_KEY_UNKNOWN:
    default:
      /* It may be under a throw-away key, and it may not; but a key more does no harm to what is below. */
      return below == LIVE_REST_DISK ? LIVE_REST_UNKNOWN : below;
    }
}

static LiveRest
judge_block (Walk *walk, const LiveBlock *block)
{
  switch (block->kind)
    {
    case LIVE_BLOCK_DISK:
      return LIVE_REST_DISK;
    case LIVE_BLOCK_ZRAM:
      if (block->has_backing_device)
        return LIVE_REST_DISK;
      return block->disk_size > 0 ? LIVE_REST_RAM : LIVE_REST_UNKNOWN;
    case LIVE_BLOCK_RAM:
      return LIVE_REST_RAM;
    case LIVE_BLOCK_LOOP:
      return judge_loop (walk, block);
    case LIVE_BLOCK_CRYPT:
      return judge_crypt (walk, block);
    case LIVE_BLOCK_MAPPED:
      return judge_parts (walk, block->slaves);
    case LIVE_BLOCK_UNKNOWN:
    default:
      return LIVE_REST_UNKNOWN;
    }
}

static LiveRest
judge_number (Walk *walk, guint major, guint minor)
{
  gint64 number = get_number (major, minor);
  Node *node = g_hash_table_lookup (walk->nodes, &number);

  if (node == NULL)
    return LIVE_REST_UNKNOWN;
  if (node->state == NODE_DONE)
    return node->rest;
  if (node->state == NODE_OPEN || walk->depth >= MAX_DEPTH)
    {
      walk->nonsense = TRUE;
      return LIVE_REST_UNKNOWN;
    }
  node->state = NODE_OPEN;
  walk->depth++;
  node->rest = judge_block (walk, node->block);
  walk->depth--;
  node->state = NODE_DONE;
  return node->rest;
}

/* The upper directory among an overlay's options; %NULL when there is none, or more than one way to read it. */
static char *
get_upper_directory (const char *options)
{
  static const char key[] = "upperdir=";
  g_autofree char *list = g_strconcat (",", options, NULL);
  char *start = strstr (list, ",upperdir=");
  char *end = NULL;

  if (start == NULL || strstr (start + 1, ",upperdir=") != NULL)
    return NULL;
  start += 1 + strlen (key);
  /* A comma may be part of a name. The work directory always follows the upper one. */
  end = strstr (start, ",workdir=");
  if (end == NULL)
    end = strchr (start, ',');
  return end != NULL ? g_strndup (start, (gsize) (end - start)) : g_strdup (start);
}

/* Whether "/dev/GROUP/VOLUME" is the volume that device-mapper calls "GROUP-VOLUME", with hyphens doubled in both. */
static gboolean
is_volume_of (const char *mapping_name, const char *volume_path)
{
  g_auto (GStrv) parts = g_strsplit (volume_path, "/", 3);
  GString *name = NULL;
  gboolean equal = FALSE;

  if (g_strv_length (parts) != 2)
    return FALSE;
  name = g_string_new (parts[0]);
  g_string_replace (name, "-", "--", 0);
  {
    g_autoptr (GString) volume = g_string_new (parts[1]);

    g_string_replace (volume, "-", "--", 0);
    g_string_append_printf (name, "-%s", volume->str);
  }
  equal = g_str_equal (name->str, mapping_name);
  g_string_free (name, TRUE);
  return equal;
}

static const LiveBlock *
find_source (Walk *walk, const char *source)
{
  GHashTableIter iter;
  gpointer value = NULL;

  if (source == NULL || !g_str_has_prefix (source, "/dev/"))
    return NULL;
  source += strlen ("/dev/");
  g_hash_table_iter_init (&iter, walk->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const LiveBlock *block = ((Node *) value)->block;

      if (g_strcmp0 (block->name, source) == 0)
        return block;
      if (block->mapping_name == NULL)
        continue;
      if (g_str_has_prefix (source, "mapper/") ? g_str_equal (block->mapping_name, source + strlen ("mapper/"))
                                               : is_volume_of (block->mapping_name, source))
        return block;
    }
  return NULL;
}

/* btrfs may have several devices, and its mounts name one of them. */
static LiveRest
judge_btrfs (Walk *walk, const LiveMount *mount)
{
  const LiveBlock *block = find_source (walk, mount->source);
  LiveRest rest = LIVE_REST_UNKNOWN;

  if (block == NULL)
    return LIVE_REST_UNKNOWN;
  rest = judge_number (walk, block->major, block->minor);
  return block->siblings != NULL ? get_worse (rest, judge_parts (walk, block->siblings)) : rest;
}

static LiveRest
judge_mount_type (Walk *walk, const LiveMount *mount)
{
  static const char *const memory[] = { "tmpfs", "ramfs", "devtmpfs", NULL };

  if (mount->type == NULL)
    return LIVE_REST_UNKNOWN;
  if (g_strv_contains (memory, mount->type))
    return LIVE_REST_RAM;
  if (g_str_equal (mount->type, "overlay"))
    {
      g_autofree char *upper = mount->options != NULL ? get_upper_directory (mount->options) : NULL;

      return judge_path (walk, upper);
    }
  if (g_str_equal (mount->type, "btrfs"))
    return judge_btrfs (walk, mount);
  return mount->major != 0 ? judge_number (walk, mount->major, mount->minor) : LIVE_REST_UNKNOWN;
}

static LiveRest
judge_mount (Walk *walk, const LiveMount *mount)
{
  LiveRest rest = LIVE_REST_UNKNOWN;

  /* An overlay whose upper directory has no visible mount any more would be looked for on itself, without end. */
  if (walk->depth >= MAX_DEPTH)
    {
      walk->nonsense = TRUE;
      return LIVE_REST_UNKNOWN;
    }
  walk->depth++;
  rest = judge_mount_type (walk, mount);
  walk->depth--;
  return rest;
}

static void
walk_init (Walk *walk, GPtrArray *blocks, GPtrArray *mounts)
{
  *walk = (Walk){ .mounts = mounts, .nodes = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free) };
  for (guint i = 0; i < blocks->len; i++)
    {
      Node *node = g_new0 (Node, 1);

      node->block = g_ptr_array_index (blocks, i);
      node->number = get_number (node->block->major, node->block->minor);
      g_hash_table_replace (walk->nodes, &node->number, node);
    }
}

static LiveRest
walk_end (Walk *walk, LiveRest rest)
{
  g_hash_table_unref (walk->nodes);
  return walk->nonsense && rest != LIVE_REST_DISK ? LIVE_REST_UNKNOWN : rest;
}

LiveRest
live_block_judge (GPtrArray *blocks, GPtrArray *mounts, guint major, guint minor)
{
  Walk walk;

  walk_init (&walk, blocks, mounts);
  return walk_end (&walk, judge_number (&walk, major, minor));
}

LiveRest
live_mount_judge (GPtrArray *blocks, GPtrArray *mounts, const LiveMount *mount)
{
  Walk walk;

  walk_init (&walk, blocks, mounts);
  return walk_end (&walk, judge_mount (&walk, mount));
}

const char *
live_rest_to_string (LiveRest rest)
{
  switch (rest)
    {
    case LIVE_REST_DISK:
      return "disk";
    case LIVE_REST_THROW_AWAY:
      return "throw-away";
    case LIVE_REST_RAM:
      return "ram";
    case LIVE_REST_UNKNOWN:
    default:
      return "unknown";
    }
}
