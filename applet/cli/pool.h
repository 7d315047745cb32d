/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "cli/command.h"

G_BEGIN_DECLS

/**
 * live_pools_print:
 * @client: the mirror of the helper
 * @out: where to
 * @indent: spaces before every row
 *
 * Prints a row per pool: its name, where it is, its driver, how full it is and how much RAM it
 * holds, what it does to volatile volumes, and what else there is to know.
 */
void live_pools_print (LiveClient *client, LivePrint *out, guint indent);

/**
 * live_pool_find:
 * @command: a run that is not connected yet
 * @name: what was typed
 * @code: (out): the exit code, on failure
 *
 * Connects and finds the pool. On failure says why.
 *
 * Returns: (transfer full) (nullable): the pool, which may be removed while the caller still has it
 */
LiveClientPool *live_pool_find (LiveCommand *command, const char *name, LiveExitCode *code);

/* The forms of the verb `pool` that have a file of their own; @words is what follows the form. */
LiveExitCode live_pool_create_ram (LiveCommand *command, char **words);
LiveExitCode live_pool_create_encrypted (LiveCommand *command, char **words);
LiveExitCode live_pool_resize (LiveCommand *command, char **words);
LiveExitCode live_pool_default (LiveCommand *command, char **words);
LiveExitCode live_pool_destroy (LiveCommand *command, char **words);

G_END_DECLS
