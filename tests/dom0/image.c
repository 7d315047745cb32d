/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define POOLS "/run/qubes-live/pools/"

static gboolean
fail (GError **error, const char *path)
{
  g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_INTERNAL, "%s: %s", path, g_strerror (errno));
  return FALSE;
}

gboolean
live_dom0_image_can_share (const char *directory)
{
  int from = open (directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  int to = open (directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  char block[4096] = { 1 };
  gboolean can
      = from >= 0 && to >= 0 && write (from, block, sizeof block) == sizeof block && ioctl (to, FICLONE, from) == 0;

  if (from >= 0)
    close (from);
  if (to >= 0)
    close (to);
  return can;
}

/* (nullable): %NULL when it has no real one. */
static char *
get_path (LiveDom0Volume *volume)
{
  const char *directory = g_tree_lookup (volume->pool->options, "dir_path");

  if (directory == NULL || !g_str_has_prefix (directory, POOLS) || volume->snap_on_start || !volume->save_on_stop)
    return NULL;
  return g_strdup_printf ("%s/%s.img", directory, volume->vid);
}

static int
open_new (const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);

  if (g_mkdir_with_parents (directory, 0770) < 0)
    return -1;
  return open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0660);
}

gboolean
live_dom0_image_create (LiveDom0Volume *volume, GError **error)
{
  g_autofree char *path = get_path (volume);
  int fd = -1;
  gboolean made = FALSE;

  if (path == NULL)
    return TRUE;
  fd = open_new (path);
  made = fd >= 0 && ftruncate (fd, (off_t) volume->size) == 0;
  if (!made)
    fail (error, path);
  if (fd >= 0)
    close (fd);
  return made;
}

gboolean
live_dom0_image_clone (LiveDom0Volume *volume, LiveDom0Volume *source, GError **error)
{
  g_autofree char *from_path = get_path (source);
  g_autofree char *path = get_path (volume);
  int from = -1;
  int to = -1;
  gboolean made = FALSE;

  /* What has no image has nothing in it. */
  if (path == NULL || from_path == NULL)
    return live_dom0_image_create (volume, error);
  from = open (from_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  to = from >= 0 ? open_new (path) : -1;
  made = to >= 0 && ioctl (to, FICLONE, from) == 0;
  for (ssize_t count = 1; !made && to >= 0 && count > 0;)
    {
      count = copy_file_range (from, NULL, to, NULL, G_MAXINT32, 0);
      made = count == 0;
    }
  if (!made)
    fail (error, path);
  if (from >= 0)
    close (from);
  if (to >= 0)
    close (to);
  return made;
}

void
live_dom0_image_remove (LiveDom0Volume *volume)
{
  g_autofree char *path = get_path (volume);
  g_autofree char *directory = path != NULL ? g_path_get_dirname (path) : NULL;

  if (path == NULL)
    return;
  g_unlink (path);
  g_rmdir (directory);
}
