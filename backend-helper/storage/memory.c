/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "storage/memory.h"

#include "model/error.h"
#include "storage/filesystem.h"
#include "storage/zram.h"

#include <string.h>

static gboolean
read_line (const char *text, const char *name, guint64 *bytes)
{
  const char *line = strstr (text, name);
  char *end = NULL;

  if (line == NULL)
    return FALSE;
  line += strlen (name);
  *bytes = g_ascii_strtoull (line, &end, 10) * 1024;
  return end != line && g_str_has_prefix (end, " kB");
}

guint64
live_memory_get_held (const LiveRecord *record)
{
  g_autofree char *path = live_record_get_path (record->name);
  LiveUsage usage = { 0 };

  if (g_str_equal (record->kind, LIVE_POOL_KIND_ZRAM))
    {
      gint number = live_zram_find (record);

      return number >= 0 ? live_zram_get_memory (number) : 0;
    }
  if (g_str_equal (record->kind, LIVE_POOL_KIND_TMPFS) && live_filesystem_get_mounted (path, NULL, NULL, NULL)
      && live_filesystem_get_usage (path, &usage))
    return usage.used;
  return 0;
}

gboolean
live_memory_read (LiveMemory *memory, const char *except, GError **error)
{
  g_autofree char *text = NULL;
  g_autoptr (GPtrArray) names = NULL;

  memset (memory, 0, sizeof *memory);
  if (!g_file_get_contents ("/proc/meminfo", &text, NULL, error))
    return FALSE;
  if (!read_line (text, "MemTotal:", &memory->total) || !read_line (text, "MemAvailable:", &memory->available))
    {
      g_set_error_literal (error, LIVE_ERROR, LIVE_ERROR_FAILED, "the kernel does not say how much memory there is");
      return FALSE;
    }
  names = live_record_list (error);
  if (names == NULL)
    return FALSE;
  for (guint i = 0; i < names->len; i++)
    {
      g_autoptr (LiveRecord) record = NULL;
      guint64 held = 0;

      if (g_strcmp0 (names->pdata[i], except) == 0 || (record = live_record_load (names->pdata[i], NULL)) == NULL)
        continue;
      held = live_memory_get_held (record);
      if (record->limit > held)
        memory->promised += record->limit - held;
    }
  return TRUE;
}

gboolean
live_memory_check (const LiveMemory *memory, guint64 wanted, GError **error)
{
  guint64 taken = memory->promised + LIVE_MEMORY_FLOOR;
  guint64 left = memory->available > taken ? memory->available - taken : 0;

  if (wanted <= left)
    return TRUE;
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_NO_MEMORY,
               "%" G_GUINT64_FORMAT " bytes of RAM are wanted and %" G_GUINT64_FORMAT
               " can be given: dom0 has %" G_GUINT64_FORMAT
               " available, of which other pools were promised %" G_GUINT64_FORMAT " and it keeps %" G_GUINT64_FORMAT,
               wanted, left, memory->available, memory->promised, LIVE_MEMORY_FLOOR);
  return FALSE;
}
