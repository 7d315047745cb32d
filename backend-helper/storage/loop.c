/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "storage/loop.h"

#include "model/error.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/loop.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define TRIES 64
#define GONE_SECONDS 5

static gboolean
set_errno (GError **error, int code, const char *what)
{
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_FAILED, "%s: %s", what, g_strerror (code));
  return FALSE;
}

/* -1 and errno */
static int
configure (int file, int number, char **path)
{
  struct loop_config config = {
    .fd = (guint32) file,
    .block_size = LIVE_SECTOR_SIZE,
    /* Without direct I/O dom0 would keep everything in its page cache a second time. Where the file system cannot do
     * it, the kernel goes on without. */
    .info = { .lo_flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_DIRECT_IO },
  };
  g_autofree char *name = g_strdup_printf ("/dev/loop%d", number);
  int fd = open (name, O_RDWR | O_CLOEXEC);
  int code = 0;

  if (fd >= 0 && ioctl (fd, LOOP_CONFIGURE, &config) < 0)
    {
      code = errno;
      close (fd);
      fd = -1;
      errno = code;
    }
  if (fd >= 0)
    *path = g_steal_pointer (&name);
  return fd;
}

int
live_loop_attach (int file, char **path, GError **error)
{
  int control = open ("/dev/loop-control", O_RDWR | O_CLOEXEC);
  int fd = -1;

  if (control < 0)
    {
      set_errno (error, errno, "there are no loop devices");
      return -1;
    }
  /* Another program may take the free device first. */
  for (guint tries = 0; fd < 0 && tries < TRIES; tries++)
    {
      int number = ioctl (control, LOOP_CTL_GET_FREE);

      if (number < 0)
        break;
      fd = configure (file, number, path);
      if (fd < 0 && errno != EBUSY && errno != ENXIO)
        break;
    }
  if (fd < 0)
    set_errno (error, errno, "no loop device can be had");
  close (control);
  return fd;
}

static gboolean
is_over (const char *node, guint64 device, guint64 inode)
{
  struct loop_info64 info;
  int fd = open (node, O_RDONLY | O_CLOEXEC);
  gboolean over = FALSE;

  if (fd < 0)
    return FALSE;
  over = ioctl (fd, LOOP_GET_STATUS64, &info) == 0 && info.lo_device == device && info.lo_inode == inode;
  close (fd);
  return over;
}

char *
live_loop_find (guint64 device, guint64 inode)
{
  g_autoptr (GDir) directory = g_dir_open ("/sys/block", 0, NULL);
  const char *name = NULL;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *attribute = g_strconcat ("/sys/block/", name, "/loop/backing_file", NULL);
      g_autofree char *node = g_strconcat ("/dev/", name, NULL);

      if (g_str_has_prefix (name, "loop") && g_file_test (attribute, G_FILE_TEST_EXISTS)
          && is_over (node, device, inode))
        return g_steal_pointer (&node);
    }
  return NULL;
}

gboolean
live_loop_update_size (const char *path, GError **error)
{
  int fd = open (path, O_RDWR | O_CLOEXEC);
  gboolean updated = fd >= 0 && ioctl (fd, LOOP_SET_CAPACITY) == 0;

  if (!updated)
    set_errno (error, errno, "the loop device cannot be made bigger");
  if (fd >= 0)
    close (fd);
  return updated;
}

gboolean
live_loop_wait_gone (guint64 device, guint64 inode)
{
  gint64 deadline = g_get_monotonic_time () + GONE_SECONDS * G_USEC_PER_SEC;

  for (;;)
    {
      g_autofree char *path = live_loop_find (device, inode);

      if (path == NULL)
        return TRUE;
      if (g_get_monotonic_time () > deadline)
        return FALSE;
      g_usleep (20000);
    }
}
