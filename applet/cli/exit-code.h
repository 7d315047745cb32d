/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LiveExitCode:
 * @LIVE_EXIT_DONE: the effect is there
 * @LIVE_EXIT_FAILED: it is not, for a reason that has no code of its own
 * @LIVE_EXIT_USAGE: the command line was not understood; nothing was tried
 * @LIVE_EXIT_NOT_AUTHORIZED: polkit said no
 * @LIVE_EXIT_UNREACHABLE: the helper or qubesd cannot be reached, so nothing is known for certain
 * @LIVE_EXIT_PENDING: accepted, and it takes effect when the qube shuts down
 *
 * Exit codes of `qubes-live`, part of its interface: scripts decide by them.
 */
typedef enum
{
  LIVE_EXIT_DONE = 0,
  LIVE_EXIT_FAILED = 1,
  LIVE_EXIT_USAGE = 2,
  LIVE_EXIT_NOT_AUTHORIZED = 3,
  LIVE_EXIT_UNREACHABLE = 4,
  LIVE_EXIT_PENDING = 5,
} LiveExitCode;

/**
 * live_exit_code_from_error:
 * @error: (nullable): what a call to the helper ended with
 *
 * Which exit code tells a script about @error, of the domain #LIVE_ERROR or #LIVE_CLIENT_ERROR.
 *
 * Returns: %LIVE_EXIT_DONE for %NULL, else the code; %LIVE_EXIT_FAILED for what is not known here
 */
LiveExitCode live_exit_code_from_error (const GError *error);

G_END_DECLS
