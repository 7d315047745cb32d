/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "store.h"

typedef struct _LiveDom0Control LiveDom0Control;

/**
 * live_dom0_control_new:
 *
 * Listens at @path for commands: one per line, one line of answer each, beginning with `ok` or `error`.
 */
LiveDom0Control *live_dom0_control_new (LiveDom0 *dom0, const char *path, GError **error);
void live_dom0_control_free (LiveDom0Control *control);

/**
 * live_dom0_control_call:
 * @words: the command
 *
 * The client: sends one command to a running simulator and prints the answer.
 *
 * Returns: an exit status: 0 for `ok`, 1 for `error`, 2 when nothing answers
 */
int live_dom0_control_call (const char *path, char **words);

/**
 * LiveDom0Command:
 * @words: the command and its arguments, %NULL-terminated, at least as many as it needs
 * @rest: the line after the arguments it needs
 *
 * Appends what follows `ok` to @reply.
 */
typedef gboolean (*LiveDom0Command) (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error);

typedef struct
{
  const char *name;
  guint arguments;
  LiveDom0Command run;
} LiveDom0CommandEntry;

/* Commands that change the world as if somebody else did it; ends with an entry without a name. */
extern const LiveDom0CommandEntry live_dom0_world_commands[];
/* Commands that prepare what will go wrong with a qube; ends with an entry without a name. */
extern const LiveDom0CommandEntry live_dom0_trouble_commands[];

/**
 * live_dom0_control_qube:
 *
 * Returns: (transfer none) (nullable): the qube that a command is about
 */
LiveDom0Qube *live_dom0_control_qube (LiveDom0 *dom0, const char *name, GError **error);
