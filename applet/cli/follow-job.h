/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "cli/command.h"

G_BEGIN_DECLS

/**
 * live_job_follow:
 * @command: a connected run
 * @kind: of the job (backend-helper/model/job.h)
 * @subject: name of the pool or qube
 * @object_path: (transfer full) (nullable): of the job; %NULL when it did not begin
 * @error: (nullable): why it did not
 *
 * Waits until the job has ended, and shows what it does: in one line that changes on a terminal, in a line for each
 * step elsewhere. The first SIGINT or SIGTERM cancels the job if that is possible, and says so if it is not; the second
 * ends the waiting. At the end says how it went.
 *
 * Returns: the exit code
 */
LiveExitCode
live_job_follow (LiveCommand *command, const char *kind, const char *subject, char *object_path, const GError *error);

G_END_DECLS
