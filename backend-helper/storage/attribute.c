/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "storage/attribute.h"

#include "model/error.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

char *
live_attribute_read (const char *path)
{
  char buffer[4096];
  ssize_t count = -1;
  int fd = open (path, O_RDONLY | O_CLOEXEC);

  if (fd < 0)
    return NULL;
  /* One read: some files do something each time. */
  count = read (fd, buffer, sizeof buffer);
  close (fd);
  return count >= 0 ? g_strstrip (g_strndup (buffer, (gsize) count)) : NULL;
}

gboolean
live_attribute_write (const char *path, const char *value, GError **error)
{
  gsize length = strlen (value);
  ssize_t count = -1;
  int code = 0;
  int fd = open (path, O_WRONLY | O_CLOEXEC);

  if (fd >= 0)
    count = write (fd, value, length);
  code = count < 0 ? errno : EIO;
  if (fd >= 0)
    close (fd);
  if (count >= 0 && (gsize) count == length)
    return TRUE;
  g_set_error (error, LIVE_ERROR,
               code == EBUSY    ? LIVE_ERROR_IN_USE
               : code == ENOMEM ? LIVE_ERROR_NO_MEMORY
                                : LIVE_ERROR_FAILED,
               "cannot write “%s” to %s: %s", value, path, g_strerror (code));
  return FALSE;
}
