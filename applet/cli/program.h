/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * LiveProgramReply:
 * @status: the exit status, or 128 and the signal that ended it
 * @out: what it wrote to standard output, without NULs in between
 * @says: the first line of standard error, cut to what fits a line; neither it nor @out is fit for a terminal
 *
 * What a program answered. Nothing of it is to be trusted when the program passes on what a qube says.
 */
typedef struct
{
  int status;
  char *out;
  char *says;
} LiveProgramReply;

void live_program_reply_clear (LiveProgramReply *reply);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LiveProgramReply, live_program_reply_clear)

/**
 * live_program_run_async:
 * @argv: absolute path and arguments, %NULL-terminated
 * @input: (nullable): its standard input
 * @timeout_seconds: how long it may take
 * @cancellable: (nullable): ends it
 *
 * Runs a program without a shell and without any environment variable, and ends it when it takes too long or writes
 * more than 4096 bytes.
 */
void live_program_run_async (const char *const *argv,
                             GBytes *input,
                             double timeout_seconds,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data);

/**
 * live_program_run_finish:
 * @reply: (out caller-allocates): what it answered
 *
 * Returns: %FALSE when it could not be run or did not end by itself: @error is of #G_SPAWN_ERROR or #G_IO_ERROR
 *   (%G_IO_ERROR_TIMED_OUT, %G_IO_ERROR_CANCELLED, %G_IO_ERROR_INVALID_DATA for too much or for a NUL)
 */
gboolean live_program_run_finish (GAsyncResult *result, LiveProgramReply *reply, GError **error);

G_END_DECLS
