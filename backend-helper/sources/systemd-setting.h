/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * live_systemd_setting_read:
 * @root: prefix of /etc, /run and /usr, empty for the real ones
 * @file: such as `journald.conf`
 * @section: such as `Journal`
 * @key: such as `Storage`
 *
 * Looks a setting up as systemd does (systemd-system.conf(5)): the main file first, then the drop-ins in the order of
 * their names; a file in /etc hides one of the same name in /run, and that one in /usr. The last one that sets the key
 * counts; an empty value takes earlier ones back. Blocks: not for the main loop.
 *
 * Returns: (transfer full) (nullable): the value; %NULL when it is not set, or only in files that cannot be read
 */
char *live_systemd_setting_read (const char *root, const char *file, const char *section, const char *key);

G_END_DECLS
