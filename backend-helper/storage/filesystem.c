/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "storage/filesystem.h"

#include "model/error.h"
#include "model/job.h"
#include "storage/command.h"
#include "storage/holders.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libmount.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define XFS_BLOCK 4096
/* Nothing in a pool is a program or a device for dom0. */
#define COMMON_OPTIONS "nosuid,nodev,noexec,noatime"
#define LABEL "qubes-live"

static gboolean
fail (GError **error, int code, const char *what, const char *path)
{
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_FAILED, "%s %s: %s", what, path, g_strerror (code));
  return FALSE;
}

/* A context in which a filesystem could be made, or -1. None is. */
static int
open_context (const char *type)
{
  return fsopen (type, FSOPEN_CLOEXEC);
}

gboolean
live_filesystem_is_available (const char *type)
{
  int fd = open_context (type);

  if (fd >= 0)
    close (fd);
  return fd >= 0;
}

gboolean
live_filesystem_has_noswap (void)
{
  int fd = open_context ("tmpfs");
  gboolean known = fd >= 0 && fsconfig (fd, FSCONFIG_SET_FLAG, "noswap", NULL, 0) == 0;

  if (fd >= 0)
    close (fd);
  return known;
}

gboolean
live_filesystem_format (LiveTask *task, const char *device, guint64 size, GError **error)
{
  g_autofree char *size_option = g_strdup_printf ("size=%" G_GUINT64_FORMAT, size);
  /* -K: there is nothing to discard, and a backing file would lose the space that was set aside for it. */
  const char *const argv[]
      = { LIVE_MKFS_XFS, "-q", "-f", "-K", "-m", "reflink=1", "-L", LABEL, "-d", size_option, device, NULL };

  live_task_step (task, LIVE_JOB_STEP_FORMAT, -1);
  return live_task_point (task, error) && live_command_run (task, argv, error) && live_task_point (task, error);
}

gboolean
live_filesystem_check_free (const char *path, GError **error)
{
  struct stat status;
  DIR *directory = NULL;
  const struct dirent *entry = NULL;
  gboolean empty = TRUE;

  if (lstat (path, &status) < 0)
    return errno == ENOENT || fail (error, errno, "cannot look at", path);
  if (S_ISDIR (status.st_mode) && !live_filesystem_get_mounted (path, NULL, NULL, NULL))
    {
      directory = opendir (path);
      while (directory != NULL && empty && (entry = readdir (directory)) != NULL)
        empty = g_str_equal (entry->d_name, ".") || g_str_equal (entry->d_name, "..");
      if (directory != NULL)
        closedir (directory);
      if (directory != NULL && empty)
        return TRUE;
    }
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_IN_USE,
               "%s is taken: it is a link, a file, a mount point or a directory with something in it", path);
  return FALSE;
}

static gboolean
run_context (struct libmnt_context *context, const char *what, const char *path, GError **error)
{
  char message[256] = "";
  int result = 0;

  mnt_context_disable_helpers (context, TRUE);
  mnt_context_disable_mtab (context, TRUE);
  result = mnt_context_mount (context);
  if (result == 0 && mnt_context_syscall_called (context) && mnt_context_get_status (context) == 1)
    return TRUE;
  mnt_context_get_excode (context, result, message, sizeof message);
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_FAILED, "%s %s: %s", what, path,
               *message != '\0' ? message : g_strerror (result < 0 ? -result : result));
  return FALSE;
}

gboolean
live_filesystem_mount (
    LiveTask *task, const char *type, const char *source, const char *path, const char *options, GError **error)
{
  g_autofree char *all = g_strconcat (COMMON_OPTIONS, *options != '\0' ? "," : "", options, NULL);
  struct libmnt_context *context = NULL;
  gboolean mounted = FALSE;

  live_task_step (task, LIVE_JOB_STEP_MOUNT, -1);
  if (!live_filesystem_check_free (path, error))
    return FALSE;
  if (mkdir (path, 0700) < 0 && errno != EEXIST)
    return fail (error, errno, "cannot make", path);
  if (!live_task_point (task, error))
    return FALSE;
  context = mnt_new_context ();
  mounted = mnt_context_set_fstype (context, type) == 0 && mnt_context_set_source (context, source) == 0
            && mnt_context_set_target (context, path) == 0 && mnt_context_set_options (context, all) == 0
            && run_context (context, "cannot mount", path, error);
  mnt_free_context (context);
  if (!mounted)
    return FALSE;
  if (chmod (path, 0700) < 0)
    return fail (error, errno, "cannot close to others", path);
  return live_task_point (task, error);
}

gboolean
live_filesystem_remount (const char *path, const char *options, GError **error)
{
  g_autofree char *all = g_strconcat ("remount," COMMON_OPTIONS ",", options, NULL);
  struct libmnt_context *context = mnt_new_context ();
  gboolean mounted = mnt_context_set_target (context, path) == 0 && mnt_context_set_options (context, all) == 0
                     && run_context (context, "cannot change the mount of", path, error);

  mnt_free_context (context);
  return mounted;
}

gboolean
live_filesystem_get_mounted (const char *path, char **type, char **source, dev_t *device)
{
  struct libmnt_table *table = mnt_new_table ();
  struct libmnt_fs *found = NULL;

  if (mnt_table_parse_mtab (table, "/proc/self/mountinfo") == 0)
    /* From the end: what was mounted last is what is seen. */
    found = mnt_table_find_target (table, path, MNT_ITER_BACKWARD);
  if (found != NULL && type != NULL)
    *type = g_strdup (mnt_fs_get_fstype (found));
  if (found != NULL && source != NULL)
    *source = g_strdup (mnt_fs_get_source (found));
  if (found != NULL && device != NULL)
    *device = mnt_fs_get_devno (found);
  mnt_unref_table (table);
  return found != NULL;
}

gboolean
live_filesystem_unmount (LiveTask *task, const char *path, GError **error)
{
  g_autofree char *holders = NULL;

  live_task_step (task, LIVE_JOB_STEP_UNMOUNT, -1);
  if (umount2 (path, UMOUNT_NOFOLLOW) == 0)
    return live_task_point (task, error);
  if (errno != EBUSY)
    return fail (error, errno, "cannot unmount", path);
  live_holders_find_mount (task, path);
  holders = live_task_describe_holders (task);
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_IN_USE, "%s is still in use by: %s", path,
               *holders != '\0' ? holders : "something that has let go meanwhile; try again");
  return FALSE;
}

gboolean
live_filesystem_grow (LiveTask *task, const char *path, guint64 size, GError **error)
{
  g_autofree char *blocks = g_strdup_printf ("%" G_GUINT64_FORMAT, size / XFS_BLOCK);
  const char *const argv[] = { LIVE_XFS_GROWFS, "-D", blocks, path, NULL };

  return live_command_run (task, argv, error);
}

gboolean
live_filesystem_get_usage (const char *path, LiveUsage *usage)
{
  struct statvfs system;

  if (statvfs (path, &system) < 0)
    return FALSE;
  usage->capacity = (guint64) system.f_blocks * system.f_frsize;
  usage->used = (guint64) (system.f_blocks - system.f_bfree) * system.f_frsize;
  return TRUE;
}
