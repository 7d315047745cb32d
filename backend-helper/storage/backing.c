/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "storage/backing.h"

#include "model/error.h"
#include "model/job.h"
#include "storage/loop.h"
#include "storage/request.h"

#include <blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Between two of these the caller may give up. */
#define CHUNK (256 * G_GUINT64_CONSTANT (1048576))

static gboolean
fail (GError **error, int code, const char *what, const char *path)
{
  g_set_error (error, LIVE_ERROR, code == ENOSPC ? LIVE_ERROR_NO_SPACE : LIVE_ERROR_FAILED, "%s “%s”: %s", what, path,
               g_strerror (code));
  return FALSE;
}

static gboolean
refuse (GError **error, LiveError code, const char *path, const char *why)
{
  g_set_error (error, LIVE_ERROR, code, "“%s” cannot hold an encrypted pool: %s", path, why);
  return FALSE;
}

/* -1 and errno; ELOOP for a symbolic link anywhere on the way. */
static int
open_without_links (const char *path, int flags)
{
  struct open_how how = {
    .flags = (guint64) (flags | O_CLOEXEC),
    .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
  };

  return (int) syscall (SYS_openat2, AT_FDCWD, path, &how, sizeof how);
}

/* Whether a device is a RAM disk, or lies on one. */
static gboolean
is_in_ram (guint device_major, guint device_minor, guint depth)
{
  g_autofree char *path = g_strdup_printf ("/sys/dev/block/%u:%u", device_major, device_minor);
  g_autofree char *slaves = g_strconcat (path, "/slaves", NULL);
  g_autofree char *real = realpath (path, NULL);
  g_autofree char *name = real != NULL ? g_path_get_basename (real) : NULL;
  g_autoptr (GDir) directory = NULL;
  const char *entry = NULL;

  if (name != NULL && (g_str_has_prefix (name, "zram") || g_str_has_prefix (name, "ram")))
    return TRUE;
  directory = depth < 8 ? g_dir_open (slaves, 0, NULL) : NULL;
  while (directory != NULL && (entry = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *number_path = g_build_filename (slaves, entry, "dev", NULL);
      g_autofree char *number = NULL;
      g_auto (GStrv) parts = NULL;

      if (!g_file_get_contents (number_path, &number, NULL, NULL))
        continue;
      parts = g_strsplit (g_strstrip (number), ":", 2);
      if (g_strv_length (parts) == 2
          && is_in_ram ((guint) strtoul (parts[0], NULL, 10), (guint) strtoul (parts[1], NULL, 10), depth + 1))
        return TRUE;
    }
  return FALSE;
}

static gboolean
check_room (const char *path, const struct statfs *system, guint64 size, GError **error)
{
  guint64 available = (guint64) system->f_bavail * (guint64) system->f_bsize;

  if (available >= size)
    return TRUE;
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_NO_SPACE,
               "“%s” needs %" G_GUINT64_FORMAT " bytes, and %" G_GUINT64_FORMAT " bytes are free there", path, size,
               available);
  return FALSE;
}

static gboolean
check_directory (int directory, const char *path, guint64 size, GError **error)
{
  struct statfs system;
  struct stat status;

  if (fstatfs (directory, &system) < 0 || fstat (directory, &status) < 0)
    return fail (error, errno, "cannot look at the directory of", path);
  switch (system.f_type)
    {
    case TMPFS_MAGIC:
    case RAMFS_MAGIC:
      return refuse (error, LIVE_ERROR_INVALID_ARGUMENT, path, "its directory is in RAM");
    case OVERLAYFS_SUPER_MAGIC:
      return refuse (error, LIVE_ERROR_INVALID_ARGUMENT, path,
                     "its directory is on an overlay, as dom0 has it in live mode; give a path on the disk below");
    default:
      break;
    }
  if (is_in_ram (major (status.st_dev), minor (status.st_dev), 0))
    return refuse (error, LIVE_ERROR_INVALID_ARGUMENT, path, "its directory is on a RAM disk");
  return check_room (path, &system, size, error);
}

static int
open_directory (const char *path, GError **error)
{
  g_autofree char *parent = g_path_get_dirname (path);
  int fd = open_without_links (parent, O_RDONLY | O_DIRECTORY);

  if (fd >= 0)
    return fd;
  if (errno == ELOOP)
    refuse (error, LIVE_ERROR_INVALID_ARGUMENT, path, "there is a symbolic link in it");
  else if (errno == ENOENT || errno == ENOTDIR)
    refuse (error, LIVE_ERROR_INVALID_ARGUMENT, path, "its directory does not exist");
  else
    fail (error, errno, "cannot open the directory of", path);
  return -1;
}

static gboolean
check_file (LiveRecord *record, GError **error)
{
  int directory = -1;
  gboolean right = FALSE;

  if (record->size == 0)
    return refuse (error, LIVE_ERROR_INVALID_ARGUMENT, record->backing, "a new file needs a size");
  directory = open_directory (record->backing, error);
  if (directory < 0)
    return FALSE;
  right = check_directory (directory, record->backing, record->size, error);
  close (directory);
  return right;
}

/* What was on it would be lost. An old encrypted pool looks like nothing at all. */
static gboolean
check_empty (int fd, const char *path, GError **error)
{
  blkid_probe probe = blkid_new_probe ();
  const char *type = NULL;
  int result = -1;

  if (probe != NULL && blkid_probe_set_device (probe, fd, 0, 0) == 0)
    {
      blkid_probe_enable_superblocks (probe, 1);
      blkid_probe_enable_partitions (probe, 1);
      result = blkid_do_safeprobe (probe);
    }
  if (result == 0 && blkid_probe_lookup_value (probe, "TYPE", &type, NULL) < 0)
    blkid_probe_lookup_value (probe, "PTTYPE", &type, NULL);
  if (result == 0 || result == -2)
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_IN_USE,
                 "there is something on “%s” (%s), which would be lost; erase it first, as wipefs does", path,
                 type != NULL ? type : "of several kinds");
  else if (result != 1)
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_FAILED, "whether something is on “%s” cannot be told", path);
  blkid_free_probe (probe);
  return result == 1;
}

static gboolean
check_size (int fd, LiveRecord *record, GError **error)
{
  guint64 size = 0;

  if (ioctl (fd, BLKGETSIZE64, &size) < 0)
    return fail (error, errno, "cannot tell the size of", record->backing);
  size -= size % LIVE_STORAGE_UNIT;
  if (record->size == 0)
    record->size = size;
  if (record->size > size || size < LIVE_STORAGE_MIN_XFS)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_NO_SPACE,
                   "“%s” has %" G_GUINT64_FORMAT " bytes; %" G_GUINT64_FORMAT " are needed", record->backing, size,
                   MAX (record->size, LIVE_STORAGE_MIN_XFS));
      return FALSE;
    }
  return TRUE;
}

static gboolean
check_device (LiveRecord *record, const struct stat *status, GError **error)
{
  /* Fails when it is mounted, swapped to, or below another device. It cannot be kept: the mapping wants the same. */
  int fd = open (record->backing, O_RDWR | O_EXCL | O_CLOEXEC);
  struct stat opened;
  gboolean right = FALSE;

  if (fd < 0 && errno == EBUSY)
    return refuse (error, LIVE_ERROR_IN_USE, record->backing, "it is in use");
  if (fd < 0)
    return fail (error, errno, "cannot open", record->backing);
  record->backing_is_device = TRUE;
  record->backing_device = status->st_rdev;
  if (fstat (fd, &opened) < 0 || opened.st_rdev != status->st_rdev)
    refuse (error, LIVE_ERROR_FAILED, record->backing, "it was replaced while it was looked at");
  else if (is_in_ram (major (status->st_rdev), minor (status->st_rdev), 0))
    refuse (error, LIVE_ERROR_INVALID_ARGUMENT, record->backing, "it is a RAM disk");
  else
    right = check_size (fd, record, error) && check_empty (fd, record->backing, error);
  close (fd);
  return right;
}

/* Devices have names that are links, made by udev. */
static gboolean
find_device (LiveRecord *record, struct stat *status)
{
  g_autofree char *real = NULL;

  if (!g_str_has_prefix (record->backing, "/dev/"))
    return FALSE;
  real = realpath (record->backing, NULL);
  if (real == NULL || !g_str_has_prefix (real, "/dev/") || stat (real, status) < 0 || !S_ISBLK (status->st_mode))
    return FALSE;
  g_free (record->backing);
  record->backing = g_strdup (real);
  return TRUE;
}

gboolean
live_backing_check (LiveRecord *record, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (record->backing, "/", -1);
  struct stat status;

  for (guint i = 1; parts[0] != NULL && parts[i] != NULL; i++)
    if (*parts[i] == '\0' || g_str_equal (parts[i], ".") || g_str_equal (parts[i], ".."))
      return refuse (error, LIVE_ERROR_INVALID_ARGUMENT, record->backing, "it is not a plain path");
  if (record->backing[0] != '/')
    return refuse (error, LIVE_ERROR_INVALID_ARGUMENT, record->backing, "it is not an absolute path");
  if (find_device (record, &status))
    return check_device (record, &status, error);
  if (lstat (record->backing, &status) < 0)
    return check_file (record, error);
  if (S_ISLNK (status.st_mode))
    return refuse (error, LIVE_ERROR_INVALID_ARGUMENT, record->backing, "it is a symbolic link");
  return refuse (error, LIVE_ERROR_IN_USE, record->backing, "it exists already");
}

/* Space that is written on demand could be missing when a qube needs it. */
static gboolean
allocate (LiveTask *task, int fd, const char *path, guint64 from, guint64 size, GError **error)
{
  for (guint64 at = from; at < size; at += CHUNK)
    {
      guint64 count = MIN (CHUNK, size - at);

      live_task_step (task, LIVE_JOB_STEP_ALLOCATE, (double) (at - from) / (double) (size - from));
      if (!live_task_point (task, error))
        return FALSE;
      while (fallocate (fd, 0, (off_t) at, (off_t) count) < 0)
        if (errno == EOPNOTSUPP)
          return refuse (error, LIVE_ERROR_NOT_SUPPORTED, path, "its file system cannot set space aside");
        else if (errno == ENOSPC)
          {
            g_set_error (error, LIVE_ERROR, LIVE_ERROR_NO_SPACE,
                         "“%s” needs %" G_GUINT64_FORMAT " bytes; the disk was full after %" G_GUINT64_FORMAT, path,
                         size, at);
            return FALSE;
          }
        else if (errno != EINTR)
          return fail (error, errno, "cannot set space aside for", path);
    }
  return TRUE;
}

/* A file that is written in place, below a file system that copies on write, would need its space twice. */
static void
write_in_place (int fd)
{
  struct statfs system;
  int flags = 0;

  if (fstatfs (fd, &system) == 0 && system.f_type == BTRFS_SUPER_MAGIC && ioctl (fd, FS_IOC_GETFLAGS, &flags) == 0)
    {
      flags |= FS_NOCOW_FL;
      ioctl (fd, FS_IOC_SETFLAGS, &flags);
    }
}

static gboolean
give_name (LiveTask *task, int fd, int directory, LiveRecord *record, GError **error)
{
  g_autofree char *unnamed = g_strdup_printf ("/proc/self/fd/%d", fd);
  g_autofree char *name = g_path_get_basename (record->backing);
  struct stat status;

  if (fstat (fd, &status) < 0)
    return fail (error, errno, "cannot look at", record->backing);
  record->backing_device = status.st_dev;
  record->backing_inode = status.st_ino;
  if (!live_record_save (record, error) || !live_task_point (task, error))
    return FALSE;
  if (linkat (AT_FDCWD, unnamed, directory, name, AT_SYMLINK_FOLLOW) < 0)
    return errno == EEXIST ? refuse (error, LIVE_ERROR_IN_USE, record->backing, "it exists already")
                           : fail (error, errno, "cannot make", record->backing);
  return live_task_point (task, error);
}

int
live_backing_make (LiveTask *task, LiveRecord *record, GError **error)
{
  int directory = open_directory (record->backing, error);
  int fd = -1;
  gboolean made = FALSE;

  if (directory < 0)
    return -1;
  /* A file without a name is gone when this process is. */
  fd = openat (directory, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
    refuse (error, LIVE_ERROR_NOT_SUPPORTED, record->backing, "its file system knows no files without a name");
  else if (fd < 0)
    fail (error, errno, "cannot make", record->backing);
  if (fd >= 0)
    {
      write_in_place (fd);
      made = check_directory (directory, record->backing, record->size, error)
             && allocate (task, fd, record->backing, 0, record->size, error)
             && give_name (task, fd, directory, record, error);
    }
  close (directory);
  if (fd >= 0 && !made)
    {
      close (fd);
      fd = -1;
    }
  return fd;
}

/* The file that was made, or -1: ENOENT when there is none, ESTALE when another has its place. */
static int
open_again (const LiveRecord *record, int flags)
{
  int fd = open_without_links (record->backing, flags);
  struct stat status;

  if (fd >= 0
      && (fstat (fd, &status) < 0 || status.st_dev != record->backing_device || status.st_ino != record->backing_inode))
    {
      close (fd);
      errno = ESTALE;
      fd = -1;
    }
  return fd;
}

static gboolean
grow_file (LiveTask *task, const LiveRecord *record, int fd, guint64 size, GError **error)
{
  struct stat status;
  struct statfs system;
  guint64 before = 0;

  if (fstat (fd, &status) < 0 || fstatfs (fd, &system) < 0)
    return fail (error, errno, "cannot look at", record->backing);
  before = (guint64) status.st_size;
  if (size <= before)
    return TRUE;
  if (!check_room (record->backing, &system, size - before, error))
    return FALSE;
  if (allocate (task, fd, record->backing, before, size, error) && live_task_point (task, error))
    return TRUE;
  if (ftruncate (fd, (off_t) before) < 0)
    g_warning ("“%s” keeps more space than it needs: %s", record->backing, g_strerror (errno));
  return FALSE;
}

gboolean
live_backing_grow (LiveTask *task, const LiveRecord *record, guint64 size, GError **error)
{
  int fd = -1;
  gboolean grown = FALSE;
  guint64 device_size = 0;

  fd = record->backing_is_device ? open (record->backing, O_RDONLY | O_CLOEXEC) : open_again (record, O_RDWR);
  if (fd < 0)
    return fail (error, errno, "cannot open", record->backing);
  if (!record->backing_is_device)
    grown = grow_file (task, record, fd, size, error);
  else if (ioctl (fd, BLKGETSIZE64, &device_size) < 0)
    fail (error, errno, "cannot tell the size of", record->backing);
  else if (device_size < size)
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_NO_SPACE, "“%s” has %" G_GUINT64_FORMAT " bytes; make it bigger first",
                 record->backing, device_size);
  else
    grown = TRUE;
  close (fd);
  return grown;
}

gboolean
live_backing_remove (LiveTask *task, const LiveRecord *record, GError **error)
{
  int fd = -1;

  if (record->backing_is_device || record->backing_inode == 0)
    return TRUE;
  fd = open_again (record, O_PATH | O_NOFOLLOW);
  if (fd < 0)
    /* Somebody has removed it, or put something else in its place: there is nothing of ours to remove. */
    return TRUE;
  close (fd);
  if (unlink (record->backing) < 0 && errno != ENOENT)
    return fail (error, errno, "cannot remove", record->backing);
  return live_task_point (task, error);
}
