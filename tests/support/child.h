/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * live_test_child_spawn:
 * @argv: (array zero-terminated=1): program (an absolute path) and its arguments
 * @environment: (array zero-terminated=1): the whole environment of the program
 * @flags: as for g_subprocess_launcher_new()
 * @log_file: (nullable) (type filename): file to which standard error is appended, and standard output unless @flags
 *   pipe it; %NULL to inherit both
 * @error: return location for a #GError
 *
 * Starts a program that is sent SIGTERM when the calling process ends in whatever way, so that an aborted test leaves
 * nothing running. The kernel ties this to the calling thread (prctl(2), PR_SET_PDEATHSIG): call it from the main one.
 * A program that changes its user loses the tie at that moment; give `--pdeathsig` to setpriv(1) there.
 *
 * Returns: (transfer full): the running program, %NULL with @error set if it could not be started
 */
GSubprocess *live_test_child_spawn (const char *const *argv,
                                    const char *const *environment,
                                    GSubprocessFlags flags,
                                    const char *log_file,
                                    GError **error);

/**
 * live_test_child_end:
 * @child: (transfer full) (nullable): a program from live_test_child_spawn()
 *
 * Sends SIGTERM, after three seconds SIGKILL, and returns when the program is gone.
 */
void live_test_child_end (GSubprocess *child);

/**
 * live_test_child_run:
 * @argv: (array zero-terminated=1): program (an absolute path) and its arguments
 * @environment: (array zero-terminated=1): the whole environment of the program
 * @output: (out) (optional) (transfer full): its standard output, of any bytes
 * @error: return location for a #GError
 *
 * Runs a short program to its end. Blocks; the longest that anything in the tests takes is a screenshot, some tenths
 * of a second.
 *
 * Returns: %TRUE if it exited with 0; otherwise @error is set: of %G_SPAWN_EXIT_ERROR, with the exit status as its code
 *   and what the program wrote to its standard error in its message, if it exited with another status
 */
gboolean live_test_child_run (const char *const *argv, const char *const *environment, GBytes **output, GError **error);

G_END_DECLS
