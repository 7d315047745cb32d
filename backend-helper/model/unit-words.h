/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * live_unit_words_split_line:
 * @value: the right side of an `ExecStart=`
 *
 * Takes a line apart as systemd does (systemd.service(5), "Command lines"): words at white space, quotes and C escapes
 * undone, a lone `;` between two commands. Nothing is expanded: a `$` or a `%` stays as it stands.
 *
 * Returns: (transfer full) (nullable) (element-type GPtrArray): the commands, each an array of at least one word;
 *   %NULL when a quote is not closed
 */
GPtrArray *live_unit_words_split_line (const char *value);

/**
 * live_unit_words_split_script:
 * @script: what comes after `sh -c`
 *
 * Takes a plain script apart: commands of literal words, one after the other by `;`, `&&` or newlines.
 *
 * Returns: (transfer full) (nullable) (element-type GPtrArray): the commands, each an array of at least one word;
 *   %NULL when anything in it means more to a shell than that
 */
GPtrArray *live_unit_words_split_script (const char *script);

G_END_DECLS
