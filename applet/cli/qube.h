/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "cli/command.h"

G_BEGIN_DECLS

/**
 * live_qube_find:
 * @command: a run that is not connected yet
 * @name: what was typed
 * @code: (out): the exit code, on failure
 *
 * Connects and finds the qube. On failure says why.
 *
 * Returns: (transfer full) (nullable): the qube, which may be removed while the caller still has it
 */
LiveClientQube *live_qube_find (LiveCommand *command, const char *name, LiveExitCode *code);

/* The forms of the verb `qube` that have a file of their own; @words is what follows the name. */
LiveExitCode live_qube_window (LiveCommand *command, const char *name, char **words);
LiveExitCode live_qube_hygiene (LiveCommand *command, const char *name, char **words);
LiveExitCode live_qube_upper (LiveCommand *command, const char *name, char **words);
LiveExitCode live_qube_renew (LiveCommand *command, const char *name, char **words);
LiveExitCode live_qube_install_guest (LiveCommand *command, const char *name, char **words);
LiveExitCode live_qube_remove_guest (LiveCommand *command, const char *name, char **words);

G_END_DECLS
