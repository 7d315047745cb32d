/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "cli/exit-code.h"

#include <gio/gio.h>

#include "model/error.h"

static const struct
{
  int code;
  LiveExitCode exit_code;
} live_codes[] = {
  { LIVE_ERROR_NOT_AUTHORIZED, LIVE_EXIT_NOT_AUTHORIZED },
  { LIVE_ERROR_QUBESD_UNREACHABLE, LIVE_EXIT_UNREACHABLE },
  { LIVE_ERROR_INVALID_ARGUMENT, LIVE_EXIT_FAILED },
}, bus_codes[] = {
  /* The bus policy of the system bus refuses callers outside the group before polkit is ever asked. */
  { G_DBUS_ERROR_ACCESS_DENIED, LIVE_EXIT_NOT_AUTHORIZED },
  { G_DBUS_ERROR_AUTH_FAILED, LIVE_EXIT_NOT_AUTHORIZED },
  { G_DBUS_ERROR_SERVICE_UNKNOWN, LIVE_EXIT_UNREACHABLE },
  { G_DBUS_ERROR_NAME_HAS_NO_OWNER, LIVE_EXIT_UNREACHABLE },
  { G_DBUS_ERROR_NO_REPLY, LIVE_EXIT_UNREACHABLE },
  { G_DBUS_ERROR_NO_SERVER, LIVE_EXIT_UNREACHABLE },
  { G_DBUS_ERROR_DISCONNECTED, LIVE_EXIT_UNREACHABLE },
  { G_DBUS_ERROR_TIMEOUT, LIVE_EXIT_UNREACHABLE },
  { G_DBUS_ERROR_TIMED_OUT, LIVE_EXIT_UNREACHABLE },
  { G_DBUS_ERROR_SPAWN_CHILD_EXITED, LIVE_EXIT_UNREACHABLE },
  { G_DBUS_ERROR_SPAWN_CHILD_SIGNALED, LIVE_EXIT_UNREACHABLE },
  { G_DBUS_ERROR_SPAWN_EXEC_FAILED, LIVE_EXIT_UNREACHABLE },
  { G_DBUS_ERROR_SPAWN_FAILED, LIVE_EXIT_UNREACHABLE },
  { G_DBUS_ERROR_SPAWN_SERVICE_NOT_FOUND, LIVE_EXIT_UNREACHABLE },
}, io_codes[] = {
  /* What GDBus makes of a bus that went away under a call, or was not there. */
  { G_IO_ERROR_CLOSED, LIVE_EXIT_UNREACHABLE },
  { G_IO_ERROR_BROKEN_PIPE, LIVE_EXIT_UNREACHABLE },
  { G_IO_ERROR_CONNECTION_REFUSED, LIVE_EXIT_UNREACHABLE },
  { G_IO_ERROR_NOT_FOUND, LIVE_EXIT_UNREACHABLE },
  { G_IO_ERROR_TIMED_OUT, LIVE_EXIT_UNREACHABLE },
  { G_IO_ERROR_NOT_CONNECTED, LIVE_EXIT_UNREACHABLE },
};

LiveExitCode
live_exit_code_from_error (const GError *error)
{
  if (error == NULL)
    return LIVE_EXIT_DONE;

  if (error->domain == LIVE_ERROR)
    for (gsize i = 0; i < G_N_ELEMENTS (live_codes); i++)
      if (live_codes[i].code == error->code)
        return live_codes[i].exit_code;
  if (error->domain == G_DBUS_ERROR)
    for (gsize i = 0; i < G_N_ELEMENTS (bus_codes); i++)
      if (bus_codes[i].code == error->code)
        return bus_codes[i].exit_code;
  if (error->domain == G_IO_ERROR)
    for (gsize i = 0; i < G_N_ELEMENTS (io_codes); i++)
      if (io_codes[i].code == error->code)
        return io_codes[i].exit_code;
  return LIVE_EXIT_FAILED;
}
