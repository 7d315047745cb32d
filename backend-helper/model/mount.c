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
  gsize length = strlen (target);

  if (length == 0 || strncmp (path, target, length) != 0)
    return FALSE;
  return target[length - 1] == '/' || path[length] == '\0' || path[length] == '/';
}

const LiveMount *
live_mounts_find_path (GPtrArray *mounts, const char *path)
{
  const LiveMount *best = NULL;

  for (guint i = 0; i < mounts->len; i++)
    {
      const LiveMount *mount = g_ptr_array_index (mounts, i);

      if (lies_on (path, mount->target) && (best == NULL || strlen (mount->target) >= strlen (best->target)))
        best = mount;
    }
  return best;
}
