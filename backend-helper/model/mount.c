/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/mount.h"

#include <string.h>

void
live_mount_free (LiveMount *mount)
{
  g_free (mount->root);
  g_free (mount->target);
  g_free (mount->type);
  g_free (mount->source);
  g_free (mount->options);
  g_free (mount);
}

const LiveMount *
live_mounts_find_target (GPtrArray *mounts, const char *target)
{
  for (guint i = mounts->len; i > 0; i--)
    {
      const LiveMount *mount = g_ptr_array_index (mounts, i - 1);

      if (g_strcmp0 (mount->target, target) == 0)
        return mount;
    }
  return NULL;
}

/* Whether @path is @target or below it; "/run" is not above "/running". */
static gboolean
lies_on (const char *path, const char *target)
{
  gsize length = target != NULL ? strlen (target) : 0;

  if (length == 0 || strncmp (path, target, length) != 0)
    return FALSE;
  return target[length - 1] == '/' || path[length] == '\0' || path[length] == '/';
}

/* The root mount is the one whose parent is not in the table. */
static const LiveMount *
find_bottom (GPtrArray *mounts)
{
  g_autoptr (GHashTable) ids = g_hash_table_new (NULL, NULL);
  const LiveMount *bottom = NULL;

  for (guint i = 0; i < mounts->len; i++)
    {
      const LiveMount *mount = g_ptr_array_index (mounts, i);

      g_hash_table_add (ids, GINT_TO_POINTER (mount->id));
    }
  for (guint i = 0; i < mounts->len; i++)
    {
      const LiveMount *mount = g_ptr_array_index (mounts, i);

      if (g_strcmp0 (mount->target, "/") != 0
          || (mount->parent_id != mount->id && g_hash_table_contains (ids, GINT_TO_POINTER (mount->parent_id))))
        continue;
      if (bottom != NULL)
        return NULL;
      bottom = mount;
    }
  return bottom;
}

/* What stands on @mount on the way to @path: the one that is met first, and of those at one place the last. */
static const LiveMount *
find_next (GPtrArray *mounts, const LiveMount *mount, const char *path)
{
  const LiveMount *next = NULL;

  for (guint i = 0; i < mounts->len; i++)
    {
      const LiveMount *child = g_ptr_array_index (mounts, i);

      if (child->parent_id == mount->id && child != mount && lies_on (path, child->target)
          && (next == NULL || strlen (child->target) <= strlen (next->target)))
        next = child;
    }
  return next;
}

const LiveMount *
live_mounts_find_path (GPtrArray *mounts, const char *path)
{
  const LiveMount *mount = find_bottom (mounts), *next = NULL;
  guint steps = 0;

  while (mount != NULL && (next = find_next (mounts, mount, path)) != NULL)
    {
      /* Parents that go round in a circle are no table. */
      if (steps++ > mounts->len)
        return NULL;
      mount = next;
    }
  return mount;
}
