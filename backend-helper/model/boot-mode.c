/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/boot-mode.h"

static gboolean
is_disk_file_system (const char *type)
{
  static const char *const types[] = { "ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", NULL };

  return g_strv_contains (types, type);
}

static gboolean
is_made_of_ram (const char *source)
{
  /* A loop device can be backed by a file in RAM, so it is no proof of a disk either. */
  return g_str_has_prefix (source, "/dev/zram") || g_str_has_prefix (source, "/dev/ram")
         || g_str_has_prefix (source, "/dev/loop");
}

static LiveBootMode
judge_line (char **fields)
{
  guint length = g_strv_length (fields);

  /* Six fields, any number of optional ones, a lone hyphen, then type, source and options. */
  for (guint i = 6; i + 2 < length; i++)
    if (g_str_equal (fields[i], "-"))
      {
        if (is_disk_file_system (fields[i + 1]) && g_str_has_prefix (fields[i + 2], "/dev/")
            && !is_made_of_ram (fields[i + 2]))
          return LIVE_BOOT_MODE_PERSISTENT;
        break;
      }
  return LIVE_BOOT_MODE_UNKNOWN;
}

LiveBootMode
live_boot_mode_from_mountinfo (const char *text)
{
  LiveBootMode mode = LIVE_BOOT_MODE_UNKNOWN;
  g_auto (GStrv) lines = NULL;

  if (text == NULL)
    return mode;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], " ", -1);

      if (g_strv_length (fields) >= 6 && g_str_equal (fields[4], "/"))
        mode = judge_line (fields);
    }
  return mode;
}

const char *
live_boot_mode_to_string (LiveBootMode mode)
{
  return mode == LIVE_BOOT_MODE_PERSISTENT ? "persistent" : "unknown";
}
