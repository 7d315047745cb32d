/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "cli/guest-part.h"

#include <string.h>

/* What is only half there is never where something would run it. */
#define NEW(path) path ".qubes-live-new"

/* @then: what else is to be done after it was removed. */
#define FILE_ENTRY(source, directory, name, mode, then)                                                                \
  {                                                                                                                    \
    source, directory "/" name,                                                                                        \
        "umask 022 && mkdir -p " directory                                                                             \
        " && rm -f " NEW (directory "/" name) " && cat >" NEW (directory "/" name) " && chmod " mode                   \
                                                                                   " " NEW (directory "/" name),       \
        "sha256sum " NEW (directory "/" name), NEW (directory "/" name),                                               \
        "mv -f " NEW (directory "/" name) " " directory "/" name, "rm -f " NEW (directory "/" name),                   \
        "if test -e " directory "/" name "; then sha256sum " directory "/" name "; else echo absent; fi",              \
        "rm -f " directory "/" name " " NEW (directory "/" name) then                                                  \
  }

#define REMOVE_DIRECTORY(directory) "; if test -d " directory "; then rmdir " directory " || true; fi"

#define UNIT "qubes-ephemeral-rw.service"
#define LIBRARY "/usr/lib/qubes-live"
#define CONFIG "/rw/config/qubes-live"
#define RC_LOCAL "/rw/config/rc.local.d"

/* Not below /usr/local, which is on the private volume. */
static const LiveGuestFile unit_files[] = {
  FILE_ENTRY ("ephemeral-rw", LIBRARY, "ephemeral-rw", "0755", REMOVE_DIRECTORY (LIBRARY)),
  FILE_ENTRY (UNIT, "/usr/lib/systemd/system", UNIT, "0644", ""),
};

static const LiveGuestFile rc_local_files[] = {
  FILE_ENTRY ("ephemeral-rw", CONFIG, "ephemeral-rw", "0755", REMOVE_DIRECTORY (CONFIG)),
  FILE_ENTRY ("rc.local.ephemeral-rw", RC_LOCAL, "50-qubes-live.rc", "0755", ""),
};

static const LiveGuestFile rc_local_whonix_files[] = {
  FILE_ENTRY ("ephemeral-rw", CONFIG, "ephemeral-rw", "0755", REMOVE_DIRECTORY (CONFIG)),
  FILE_ENTRY ("rc.local.ephemeral-rw-whonix", RC_LOCAL, "50-qubes-live.rc", "0755", ""),
};

const LiveGuestPart live_guest_part_unit = {
  unit_files,
  G_N_ELEMENTS (unit_files),
  "systemctl is-enabled " UNIT,
  "systemctl enable " UNIT,
  "systemctl disable " UNIT,
};

const LiveGuestPart live_guest_part_rc_local = { rc_local_files, G_N_ELEMENTS (rc_local_files), NULL, NULL, NULL };

const LiveGuestPart live_guest_part_rc_local_whonix
    = { rc_local_whonix_files, G_N_ELEMENTS (rc_local_whonix_files), NULL, NULL, NULL };

const char live_guest_part_probe[]
    = "if test -e /usr/share/whonix/marker || test -e /usr/share/kicksecure/marker || test -e /etc/whonix_version"
      " || test -e /etc/kicksecure_version; then echo whonix; else echo plain; fi";

LiveGuestSum
live_guest_sum_parse (const char *answer, const char *path, const char *sum)
{
  const gsize digits = 64;
  const char *rest = NULL;

  if (g_str_equal (answer, "absent\n"))
    return LIVE_GUEST_SUM_ABSENT;
  if (strspn (answer, "0123456789abcdef") != digits)
    return LIVE_GUEST_SUM_INVALID;
  rest = answer + digits;
  if (!g_str_has_prefix (rest, "  ") || !g_str_has_prefix (rest + 2, path)
      || !g_str_equal (rest + 2 + strlen (path), "\n"))
    return LIVE_GUEST_SUM_INVALID;
  return strlen (sum) == digits && strncmp (answer, sum, digits) == 0 ? LIVE_GUEST_SUM_SAME : LIVE_GUEST_SUM_OTHER;
}
