/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The part of Qubes Live that runs inside a qube: which files it consists of, where they go, and the commands that put
 * them there.
 *
 * qrexec hands a command to a shell in the qube. So each command here is a constant of the program: nothing that was
 * typed, read from a file or said by a qube is ever in one. The files themselves go through standard input.
 */

/**
 * LiveGuestFile:
 * @source: its name in the directory of guest files in dom0
 * @path: where it goes in the qube
 * @receive: writes standard input beside @path, with the mode that the file is to have
 * @sum_received: prints the SHA-256 of that, as sha256sum does
 * @received_path: where that is
 * @take: moves it to @path
 * @drop: removes it
 * @sum: prints the SHA-256 of what is at @path, or `absent`
 * @remove: removes what is at @path, and the directory if it is ours and empty then
 */
typedef struct
{
  const char *source;
  const char *path;
  const char *receive;
  const char *sum_received;
  const char *received_path;
  const char *take;
  const char *drop;
  const char *sum;
  const char *remove;
} LiveGuestFile;

/**
 * LiveGuestPart:
 * @files: what it consists of
 * @n_files: their number
 * @is_enabled: (nullable): prints `enabled` when the unit is
 * @enable: (nullable): enables it
 * @disable: (nullable): disables it
 *
 * One form of the part.
 */
typedef struct
{
  const LiveGuestFile *files;
  guint n_files;
  const char *is_enabled;
  const char *enable;
  const char *disable;
} LiveGuestPart;

/* For what has a root volume that is kept: a unit, and what it runs. */
extern const LiveGuestPart live_guest_part_unit;
/* For the private volume of a qube that has not: run by rc.local, in Debian and Fedora, and in Whonix and Kicksecure.
 */
extern const LiveGuestPart live_guest_part_rc_local;
extern const LiveGuestPart live_guest_part_rc_local_whonix;

/* Prints `whonix` in Whonix and in Kicksecure, `plain` in everything else. */
extern const char live_guest_part_probe[];

/**
 * LiveGuestSum:
 * @LIVE_GUEST_SUM_ABSENT: there is no such file
 * @LIVE_GUEST_SUM_SAME: it is the same
 * @LIVE_GUEST_SUM_OTHER: it is another one
 * @LIVE_GUEST_SUM_INVALID: that is no answer
 */
typedef enum
{
  LIVE_GUEST_SUM_ABSENT,
  LIVE_GUEST_SUM_SAME,
  LIVE_GUEST_SUM_OTHER,
  LIVE_GUEST_SUM_INVALID
} LiveGuestSum;

/**
 * live_guest_sum_parse:
 * @answer: what a qube answered to a command that prints a sum
 * @path: the path that it was asked about
 * @sum: the sum that is wanted: 64 lower-case hexadecimal digits
 *
 * Takes nothing but exactly what sha256sum prints for @path, or `absent`.
 */
LiveGuestSum live_guest_sum_parse (const char *answer, const char *path, const char *sum);

G_END_DECLS
