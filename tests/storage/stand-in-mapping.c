/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* In the place of a mapping, where the kernel has no device mapper: nothing is encrypted, and the device above is the
 * one below. It is linked into a program for tests, never into the one that is installed. */

#define _GNU_SOURCE

#include "model/error.h"
#include "model/job.h"
#include "storage/mapping.h"
#include "storage/record.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static char *
get_link (const char *pool)
{
  return g_strconcat ("/run/", pool, ".stand-in", NULL);
}

char *
live_mapping_get_name (const char *pool)
{
  return g_strconcat ("qubes-live-", pool, "@crypt", NULL);
}

gboolean
live_mapping_is_available (void)
{
  return TRUE;
}

gboolean
live_mapping_open (const char *pool, const char *device, guint64 size, char **path, GError **error)
{
  g_autofree char *link = get_link (pool);

  if (symlink (device, link) < 0)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_FAILED, "%s: %s", link, g_strerror (errno));
      return FALSE;
    }
  *path = g_strdup (device);
  return TRUE;
}

/* The link is what the mapping is: it stays until it is closed, also when a crash took the device below away. */
char *
live_mapping_find (const char *pool)
{
  g_autofree char *link = get_link (pool);

  return g_file_read_link (link, NULL);
}

gboolean
live_mapping_resize (const char *pool, guint64 size, GError **error)
{
  return TRUE;
}

gboolean
live_mapping_close (LiveTask *task, const char *pool, GError **error)
{
  g_autofree char *link = get_link (pool);

  live_task_step (task, LIVE_JOB_STEP_CLOSE, -1);
  unlink (link);
  return live_task_point (task, error);
}
