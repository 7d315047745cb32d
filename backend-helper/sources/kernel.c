/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/kernel.h"

#include "sources/proc-file.h"
#include "sources/systemd-setting.h"

#define LARGEST_FILE (256 * 1024)

static char *
read_text (const char *root, const char *path)
{
  g_autofree char *full = g_strconcat (root, path, NULL);

  return live_proc_file_read (full, LARGEST_FILE, NULL, NULL);
}

/* As above, but a file that is not there is an empty one. */
static char *
read_optional (const char *root, const char *path)
{
  g_autofree char *full = g_strconcat (root, path, NULL);
  g_autoptr (GError) error = NULL;
  char *text = live_proc_file_read (full, LARGEST_FILE, NULL, &error);

  return g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT) ? g_strdup ("") : text;
}

LiveLeakFacts *
live_kernel_read_leak_facts (const char *root)
{
  LiveLeakFacts *facts = live_leak_facts_new ();
  g_autofree char *swaps = read_text (root, "/proc/swaps");
  g_autofree char *uses_pid = read_optional (root, "/proc/sys/kernel/core_uses_pid");
  g_autofree char *journal = g_strconcat (root, "/var/log/journal", NULL);

  facts->swaps = swaps != NULL ? live_swaps_parse (swaps) : NULL;
  facts->journal_storage = live_systemd_setting_read (root, "journald.conf", "Journal", "Storage");
  facts->journal_directory = g_file_test (journal, G_FILE_TEST_EXISTS);
  facts->core_pattern = read_text (root, "/proc/sys/kernel/core_pattern");
  facts->core_uses_pid = uses_pid == NULL || *uses_pid != '0';
  facts->core_storage = live_systemd_setting_read (root, "coredump.conf", "Coredump", "Storage");
  facts->core_external_size = live_systemd_setting_read (root, "coredump.conf", "Coredump", "ExternalSizeMax");
  facts->power_states = read_optional (root, "/sys/power/state");
  facts->power_disk = read_optional (root, "/sys/power/disk");
  facts->kernel_command_line = read_text (root, "/proc/cmdline");
  return facts;
}
