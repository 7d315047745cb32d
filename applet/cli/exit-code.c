/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "cli/exit-code.h"

#include "client/client.h"
#include "model/error.h"

LiveExitCode
live_exit_code_from_error (const GError *error)
{
  if (error == NULL)
    return LIVE_EXIT_DONE;
  if (g_error_matches (error, LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE)
      || g_error_matches (error, LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE))
    return LIVE_EXIT_UNREACHABLE;
  if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED))
    return LIVE_EXIT_NOT_AUTHORIZED;
  return LIVE_EXIT_FAILED;
}
