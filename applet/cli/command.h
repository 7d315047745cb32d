/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

#include "cli/exit-code.h"
#include "cli/options.h"
#include "cli/print.h"
#include "client/client.h"

G_BEGIN_DECLS

/**
 * LiveCommand:
 * @out: where answers go
 * @err: where complaints go
 * @json: whether `--json` was given
 * @options: all options; `wait_seconds` in it is how long to wait for the helper and for qubesd at most
 * @words: (element-type utf8): the words after the verb
 * @n_words: their number
 * @client: (nullable): the mirror of the helper, after live_command_connect()
 *
 * One run of the program: what was asked, and what a verb needs to answer.
 */
typedef struct
{
  LivePrint *out;
  LivePrint *err;
  gboolean json;
  LiveOptions options;
  char **words;
  guint n_words;
  LiveClient *client;
} LiveCommand;

/**
 * live_command_connect:
 * @command: the run
 * @error: return location for an error
 *
 * Connects to the helper and waits until it is known whether it can be seen. Runs the default main context.
 *
 * Returns: %TRUE when @command->client is filled; otherwise @error is #LIVE_CLIENT_ERROR_HELPER_GONE or
 *   #LIVE_ERROR_NOT_AUTHORIZED
 */
gboolean live_command_connect (LiveCommand *command, GError **error);

/**
 * live_command_synchronize:
 * @command: a connected run
 * @qube: (nullable): the only qube that matters, %NULL for all qubes and pools
 *
 * Waits until the helper has read everything from qubesd (or knows @qube), but not for ever, and only a moment when
 * qubesd cannot be reached.
 *
 * Returns: %FALSE when what the mirror holds may not be all there is
 */
gboolean live_command_synchronize (LiveCommand *command, const char *qube);

/**
 * live_command_finish_error:
 * @command: the run
 * @error: what it ended with
 * @subject: (nullable): name of the qube or pool that was to be changed; %NULL when nothing was asked for yet
 *
 * Says what went wrong and what to do about it, on standard error.
 *
 * Returns: the exit code for @error
 */
LiveExitCode live_command_finish_error (LiveCommand *command, const GError *error, const char *subject);

/**
 * live_command_finish_not_synchronized:
 * @command: the run
 *
 * Says why not everything is known, on standard error.
 *
 * Returns: %LIVE_EXIT_UNREACHABLE
 */
LiveExitCode live_command_finish_not_synchronized (LiveCommand *command);

/**
 * live_command_finish_not_found:
 * @command: the run
 * @what: translated: the sentence that says what does not exist
 * @name: what was typed
 * @names: (element-type utf8): what exists
 *
 * Says that there is no such thing, and which ones the person may have meant.
 *
 * Returns: %LIVE_EXIT_FAILED
 */
LiveExitCode live_command_finish_not_found (LiveCommand *command, const char *what, const char *name, GPtrArray *names);

/**
 * live_command_finish_usage:
 * @command: the run
 * @format: translated: what was not understood, as printf()
 *
 * Returns: %LIVE_EXIT_USAGE
 */
LiveExitCode live_command_finish_usage (LiveCommand *command, const char *format, ...) G_GNUC_PRINTF (2, 3);

/**
 * live_command_takes_options:
 * @command: the run
 * @taken: the options that go with what was asked for
 * @code: (out): the exit code, on failure
 *
 * Returns: %FALSE, after a complaint, when another option was given
 */
gboolean live_command_takes_options (LiveCommand *command, LiveOptionFlags taken, LiveExitCode *code);

/**
 * live_command_wait_for_call:
 * @result: (inout) (nullable): where live_command_on_called() puts the result
 *
 * Runs the default main context until a call has ended.
 *
 * Returns: (transfer none): *@result
 */
GAsyncResult *live_command_wait_for_call (GAsyncResult **result);

/* A GAsyncReadyCallback whose user_data is a GAsyncResult**, which gets a reference. */
void live_command_on_called (GObject *source, GAsyncResult *result, gpointer user_data);

/* The verbs, each in a file of its own. Each checks its words before it connects. */
LiveExitCode live_command_status (LiveCommand *command);
LiveExitCode live_command_qube (LiveCommand *command);
LiveExitCode live_command_pool (LiveCommand *command);
LiveExitCode live_command_run_ram (LiveCommand *command);
LiveExitCode live_command_posture (LiveCommand *command);
LiveExitCode live_command_monitor (LiveCommand *command);
LiveExitCode live_command_disposable_templates (LiveCommand *command);
LiveExitCode live_command_take_over (LiveCommand *command);

G_END_DECLS
