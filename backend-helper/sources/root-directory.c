/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* For O_PATH. */
#define _GNU_SOURCE

#include "sources/root-directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct _LiveRootDirectory
{
  int fd;
  gboolean real;
};

LiveRootDirectory *
live_root_directory_open (const char *path, GError **error)
{
  LiveRootDirectory *root = NULL;
  struct stat own;
  struct stat real;
  int fd = open (path[0] != '\0' ? path : "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0 || fstat (fd, &own) < 0 || stat ("/", &real) < 0)
    {
      int code = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (code), "the directory “%s” cannot be opened: %s", path,
                   g_strerror (code));
      if (fd >= 0)
        close (fd);
      return NULL;
    }
  root = g_new0 (LiveRootDirectory, 1);
  root->fd = fd;
  root->real = own.st_dev == real.st_dev && own.st_ino == real.st_ino;
  return root;
}

void
live_root_directory_close (LiveRootDirectory *root)
{
  close (root->fd);
  g_free (root);
}

gboolean
live_root_directory_is_real (LiveRootDirectory *root)
{
  return root->real;
}

/* The file descriptor of @path, or -1 and errno. */
static int
open_inside (LiveRootDirectory *root, const char *path, int flags)
{
  struct open_how how = {
    .flags = (guint64) (flags | O_CLOEXEC),
    .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
  };
  long fd = -1;

  /* The kernel gives up with EAGAIN when something was renamed meanwhile. */
  for (guint tries = 0; tries < 8; tries++)
    {
      fd = syscall (SYS_openat2, root->fd, path, &how, sizeof how);
      if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
        break;
    }
  return (int) fd;
}

gboolean
live_root_directory_stat (LiveRootDirectory *root, const char *path, struct stat *status)
{
  int fd = open_inside (root, path, O_PATH);
  struct stat own;
  int code = 0;

  if (fd < 0)
    return FALSE;
  if (fstat (fd, status != NULL ? status : &own) < 0)
    code = errno;
  close (fd);
  errno = code;
  return code == 0;
}

gboolean
live_root_directory_is_link (LiveRootDirectory *root, const char *path)
{
  int fd = open_inside (root, path, O_PATH | O_NOFOLLOW);
  struct stat status;
  gboolean is_link = FALSE;

  if (fd < 0)
    return FALSE;
  is_link = fstat (fd, &status) == 0 && S_ISLNK (status.st_mode);
  close (fd);
  return is_link;
}

gboolean
live_root_directory_watch (LiveRootDirectory *root, int inotify, const char *path, guint32 mask)
{
  int fd = open_inside (root, path, O_PATH | O_DIRECTORY);
  g_autofree char *name = NULL;
  int code = 0;

  if (fd < 0)
    return FALSE;
  /* inotify takes names only; this one leads to what was found, whatever the path means by now. */
  name = g_strdup_printf ("/proc/self/fd/%d", fd);
  if (inotify_add_watch (inotify, name, mask) < 0)
    code = errno;
  close (fd);
  errno = code;
  return code == 0;
}

char *
live_root_directory_read (LiveRootDirectory *root, const char *path, gsize limit)
{
  g_autofree char *text = NULL;
  gsize length = 0;
  struct stat status;
  int code = 0;
  /* Not blocking: the name may be that of a pipe. */
  int fd = open_inside (root, path, O_RDONLY | O_NOCTTY | O_NONBLOCK);

  if (fd < 0)
    return NULL;
  if (fstat (fd, &status) < 0)
    code = errno;
  else if (!S_ISREG (status.st_mode))
    code = EINVAL;
  else
    text = g_malloc (limit + 1);
  while (code == 0)
    {
      gssize got = read (fd, text + length, limit + 1 - length);

      if (got < 0 && errno == EINTR)
        continue;
      if (got < 0)
        code = errno;
      if (got <= 0)
        break;
      length += (gsize) got;
      if (length > limit)
        code = EFBIG;
    }
  close (fd);
  if (code == 0)
    {
      text[length] = '\0';
      if (!g_utf8_validate (text, (gssize) length, NULL))
        code = EILSEQ;
    }
  errno = code;
  return code == 0 ? g_steal_pointer (&text) : NULL;
}

static int
compare_names (gconstpointer one, gconstpointer other)
{
  return strcmp (*(const char *const *) one, *(const char *const *) other);
}

GPtrArray *
live_root_directory_list (LiveRootDirectory *root, const char *path, guint limit)
{
  int fd = open_inside (root, path, O_RDONLY | O_DIRECTORY);
  DIR *directory = fd >= 0 ? fdopendir (fd) : NULL;
  GPtrArray *names = NULL;
  struct dirent *entry = NULL;

  if (directory == NULL)
    {
      int code = errno;

      if (fd >= 0)
        close (fd);
      errno = code;
      return NULL;
    }
  names = g_ptr_array_new_with_free_func (g_free);
  while (names->len < limit && (entry = readdir (directory)) != NULL)
    if (entry->d_name[0] != '.')
      g_ptr_array_add (names, g_strdup (entry->d_name));
  closedir (directory);
  g_ptr_array_sort (names, compare_names);
  return names;
}
