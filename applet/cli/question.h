/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "cli/command.h"

G_BEGIN_DECLS

/**
 * live_question_can_be_asked:
 * @command: the run
 * @code: (out): the exit code, when not
 *
 * Whether it can be known what the person wants: there is a terminal to ask on, or `--yes` or `--dry-run` was given.
 * Otherwise complains; call it before anything else is done.
 */
gboolean live_question_can_be_asked (LiveCommand *command, LiveExitCode *code);

/**
 * live_question_is_agreed:
 * @command: the run
 * @question: translated
 *
 * Asks, with No as the answer of whoever answers nothing, unless `--yes` was given. With `--dry-run` nothing is asked
 * and nothing agreed.
 *
 * Returns: whether to go on
 */
gboolean live_question_is_agreed (LiveCommand *command, const char *question);

G_END_DECLS
