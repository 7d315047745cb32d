/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/proc-file.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct
{
  int fd;
  LiveProcFileChanged changed;
  gpointer data;
} Watch;

static void
set_error (GError **error, const char *path, int number)
{
  g_set_error (error, G_FILE_ERROR, (int)g_file_error_from_errno (number), "%s: %s", path, g_strerror (number));
}

static int
open_file (const char *path, GError **error)
{
  struct stat status;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0)
    {
      set_error (error, path, errno);
      return -1;
    }
  if (fstat (fd, &status) < 0 || !S_ISREG (status.st_mode))
    {
      set_error (error, path, EINVAL);
      close (fd);
      return -1;
    }
  return fd;
}

/* %FALSE with errno. */
static gboolean
read_all (int fd, gsize limit, GByteArray *bytes)
{
  for (;;)
    {
      guint8 buffer[16384];
      gssize n_read = read (fd, buffer, sizeof buffer);

      if (n_read == 0)
        return TRUE;
      if (n_read < 0 && errno == EINTR)
        continue;
      if (n_read < 0)
        return FALSE;
      if (bytes->len + (gsize)n_read > limit)
        {
          errno = EFBIG;
          return FALSE;
        }
      g_byte_array_append (bytes, buffer, (guint)n_read);
    }
}

char *
live_proc_file_read (const char *path, gsize limit, gsize *length, GError **error)
{
  g_autoptr (GByteArray) bytes = NULL;
  int fd = open_file (path, error);
  gboolean done = FALSE;

  if (fd < 0)
    return NULL;
  bytes = g_byte_array_new ();
  done = read_all (fd, limit, bytes);
  if (!done)
    set_error (error, path, errno);
  close (fd);
  if (!done)
    return NULL;
  if (length != NULL)
    *length = bytes->len;
  g_byte_array_append (bytes, (const guint8 *)"", 1);
  return (char *)g_byte_array_free (g_steal_pointer (&bytes), FALSE);
}

static gboolean
on_event (int fd, GIOCondition condition, gpointer data)
{
  Watch *watch = data;

  watch->changed (watch->data);
  return G_SOURCE_CONTINUE;
}

static void
free_watch (gpointer data)
{
  Watch *watch = data;

  close (watch->fd);
  g_free (watch);
}

guint
live_proc_file_watch (const char *path, LiveProcFileChanged changed, gpointer data, GError **error)
{
  Watch *watch = NULL;
  int fd = open_file (path, error);

  if (fd < 0)
    return 0;
  watch = g_new0 (Watch, 1);
  *watch = (Watch){ .fd = fd, .changed = changed, .data = data };
  /* The kernel tells poll(2) of a change once only: before all other sources, so that none of them can make the main
   * loop forget it. */
  return g_unix_fd_add_full (G_PRIORITY_HIGH, fd, G_IO_PRI | G_IO_ERR, on_event, watch, free_watch);
}
