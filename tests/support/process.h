/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * live_test_process_spawn:
 * @argv: program (an absolute path) and its arguments
 * @environment: the whole environment of the program
 * @flags: what to do with its standard streams
 * @uid: the user to run it as, with the groups that the user file and the group file give it
 * @confined: take from it all that makes root powerful, as the helper's systemd unit does: no capabilities, and no way
 *   to new ones
 *
 * Starts a program that the kernel kills when the calling thread ends, however that comes about (prctl(2),
 * PR_SET_PDEATHSIG): call it from the main thread. A program that changes its user afterwards loses that tie.
 *
 * The program is opened before the change of user and the confinement, so that it may be in a directory closed to
 * others, as a build directory in root's home is. That the program exists is checked; failing to start it ends the test
 * program.
 *
 * Returns: (transfer full): the running program
 */
GSubprocess *live_test_process_spawn (
    const char *const *argv, const char *const *environment, GSubprocessFlags flags, guint uid, gboolean confined);

/**
 * live_test_process_end:
 * @process: a program
 * @signal_number: what to send it, 0 for nothing
 * @seconds: how long it may then take
 *
 * Waits until the program is gone, while the default main context goes on, and kills it when it takes too long.
 *
 * Returns: %TRUE if it exited with 0 or was ended by @signal_number
 */
gboolean live_test_process_end (GSubprocess *process, int signal_number, double seconds);

/**
 * live_test_process_run:
 * @argv: program (an absolute path) and its arguments
 * @environment: the whole environment of the program
 * @uid: the user to run it as
 * @standard_output: (out) (optional) (transfer full): what it wrote
 * @standard_error: (out) (optional) (transfer full): what it wrote there; passed on when %NULL
 *
 * Runs a program to its end, while the default main context goes on. Killed, and the test failed, after a minute.
 *
 * Returns: its exit code, or 128 + the signal that ended it
 */
int live_test_process_run (
    const char *const *argv, const char *const *environment, guint uid, char **standard_output, char **standard_error);

/**
 * live_test_process_read_line:
 * @process: a program whose standard output is a pipe
 * @seconds: after so long without a line the test program ends
 *
 * Returns: (transfer full): the first line of output, without its end
 */
char *live_test_process_read_line (GSubprocess *process, double seconds);

/* Whether the program has ended; its end is known once the default main context has run. */
gboolean live_test_process_has_ended (GSubprocess *process);

/* The process id of a program that has not ended. */
GPid live_test_process_get_pid (GSubprocess *process);

G_END_DECLS
