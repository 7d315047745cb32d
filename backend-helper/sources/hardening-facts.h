/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/posture.h"

G_BEGIN_DECLS

/**
 * live_hardening_facts_read:
 * @root: prefix of /proc, /sys, /etc, /run, /usr/lib, /boot and /var/log, empty for the real ones
 *
 * Reads all facts but `live`, each file up to a limit. What cannot be read, is too long or holds a NUL is not known.
 * Nothing here needs a capability, only to be root. Files on a disk are among it, so it can take a while: not for the
 * main loop.
 *
 * Xen tells its command line only through a hypercall, and whoever may do that one may do every one; the helper does
 * not ask. So the line is taken from what Xen printed since this boot, if xenconsoled keeps a log with times
 * (`--log=hv --timestamp=hv`); else from GRUB's configuration, if that is older than this boot and every entry with
 * the line that Linux has says the same of Xen; else it is not known.
 *
 * Returns: (transfer full): the facts
 */
LivePostureFacts *live_hardening_facts_read (const char *root);

/**
 * live_xen_line_from_log:
 * @text: the end of xenconsoled's log of the hypervisor
 * @boot_time: seconds since 1970 at which the machine was started
 *
 * Returns: (transfer full) (nullable): the line that Xen printed since then
 */
char *live_xen_line_from_log (const char *text, gint64 boot_time);

/**
 * live_xen_line_from_grub:
 * @text: contents of grub.cfg
 * @linux_line: contents of /proc/cmdline
 *
 * Returns: (transfer full) (nullable): Xen's arguments in every entry that starts Linux with @linux_line; %NULL when
 *   there is none, or when they differ
 */
char *live_xen_line_from_grub (const char *text, const char *linux_line);

/**
 * live_systemd_setting:
 * @texts: (element-type utf8): contents of the configuration files, in the order in which systemd reads them
 * @section: a section
 * @key: a key in it
 *
 * Returns: (transfer full): the last value in lower case, empty when there is none
 */
char *live_systemd_setting (GPtrArray *texts, const char *section, const char *key);

G_END_DECLS
