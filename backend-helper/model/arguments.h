/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LiveArgument:
 * @name: its name; of Linux with every `-` made a `_`, of Xen without a leading `no-`
 * @value: (nullable): what follows the first `=`, without the quotes around it; %NULL without a `=`
 * @negated: Xen only: the name had a leading `no-`
 * @text: as it stands in the line
 *
 * One argument of a boot command line.
 */
typedef struct
{
  char *name;
  char *value;
  gboolean negated;
  char *text;
} LiveArgument;

/**
 * live_arguments_parse_linux:
 * @line: (nullable): contents of /proc/cmdline, of any length
 *
 * Splits as the kernel does (kernel docs, admin-guide/kernel-parameters): at white space outside of double quotes,
 * which may stand around a whole argument or its value; in names `-` and `_` are the same. What follows a lone `--`
 * is for init and left out.
 *
 * Returns: (transfer full) (element-type LiveArgument): in the order of the line
 */
GPtrArray *live_arguments_parse_linux (const char *line);

/**
 * live_arguments_parse_xen:
 * @line: (nullable): Xen's own command line, of any length
 *
 * Splits as Xen does (docs/misc/xen-command-line): at spaces, with no quotes, names exactly as they are, and `no-`
 * before a name meaning the opposite. What follows a lone `--` is for dom0's kernel and left out.
 *
 * Returns: (transfer full) (element-type LiveArgument): in the order of the line
 */
GPtrArray *live_arguments_parse_xen (const char *line);

/**
 * live_arguments_find_last:
 * @arguments: (element-type LiveArgument): of a line
 * @name: a name as in #LiveArgument, the whole of it
 *
 * Returns: (transfer none) (nullable): the last argument of that name
 */
const LiveArgument *live_arguments_find_last (GPtrArray *arguments, const char *name);

/**
 * LiveSwitch:
 *
 * What a text says that is meant as yes or no.
 */
typedef enum
{
  LIVE_SWITCH_INVALID,
  LIVE_SWITCH_OFF,
  LIVE_SWITCH_ON
} LiveSwitch;

/* As the three readers of such texts understand it. %NULL is %LIVE_SWITCH_INVALID. */
LiveSwitch live_switch_from_linux (const char *text);   /* kstrtobool(): the first letter decides */
LiveSwitch live_switch_from_xen (const char *text);     /* no, off, false, disable, 0 and their opposites */
LiveSwitch live_switch_from_systemd (const char *text); /* systemd's parse_boolean() */

G_END_DECLS
