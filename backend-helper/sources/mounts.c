/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/mounts.h"

LiveBootMode
live_mounts_read_boot_mode (const char *root)
{
  g_autofree char *path = g_strconcat (root, "/proc/self/mountinfo", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_file_get_contents (path, &text, NULL, &error))
    g_warning ("how dom0 was booted is not known: %s", error->message);
  return live_boot_mode_from_mountinfo (text);
}
