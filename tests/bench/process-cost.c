/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bench/process-cost.h"

#include <string.h>

#include <gio/gio.h>

/* The number after "KEY:" at the start of a line of @path. */
static gboolean
read_number (const char *path, const char *key, guint64 *value, GError **error)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  gsize length = strlen (key);

  if (!g_file_get_contents (path, &text, NULL, error))
    return FALSE;
  lines = g_strsplit (text, "\n", -1);
  for (gsize i = 0; lines[i] != NULL; i++)
    if (strncmp (lines[i], key, length) == 0 && lines[i][length] == ':')
      {
        *value = g_ascii_strtoull (g_strchug (lines[i] + length + 1), NULL, 10);
        return TRUE;
      }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s has no line “%s”", path, key);
  return FALSE;
}

gboolean
live_process_get_memory (pid_t pid, LiveMemory *memory, GError **error)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/smaps_rollup", (int)pid);
  guint64 pss = 0, private_dirty = 0; /* KiB */

  if (!read_number (path, "Pss", &pss, error) || !read_number (path, "Private_Dirty", &private_dirty, error))
    return FALSE;
  memory->pss = (double)pss * 1024 / 1e6;
  memory->private_dirty = (double)private_dirty * 1024 / 1e6;
  return TRUE;
}

gboolean
live_process_get_wakeups (pid_t pid, guint64 *count, GError **error)
{
  g_autofree char *tasks = g_strdup_printf ("/proc/%d/task", (int)pid);
  g_autoptr (GDir) directory = g_dir_open (tasks, 0, error);
  const char *task = NULL;

  if (directory == NULL)
    return FALSE;
  *count = 0;
  while ((task = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (tasks, task, "status", NULL);
      guint64 switches = 0;

      if (!read_number (path, "voluntary_ctxt_switches", &switches, error))
        return FALSE;
      *count += switches;
    }
  return TRUE;
}
