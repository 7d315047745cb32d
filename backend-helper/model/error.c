/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/error.h"

#include <gio/gio.h>

static const GDBusErrorEntry error_names[] = {
  { LIVE_ERROR_FAILED, "org.qubes.Live1.Error.Failed" },
  { LIVE_ERROR_NOT_AUTHORIZED, "org.qubes.Live1.Error.NotAuthorized" },
  { LIVE_ERROR_NOT_HALTED, "org.qubes.Live1.Error.NotHalted" },
  { LIVE_ERROR_NOT_FOUND, "org.qubes.Live1.Error.NotFound" },
  { LIVE_ERROR_IN_USE, "org.qubes.Live1.Error.InUse" },
  { LIVE_ERROR_NO_SPACE, "org.qubes.Live1.Error.NoSpace" },
  { LIVE_ERROR_NO_MEMORY, "org.qubes.Live1.Error.NoMemory" },
  { LIVE_ERROR_NOT_SUPPORTED, "org.qubes.Live1.Error.NotSupported" },
  { LIVE_ERROR_QUBESD_UNREACHABLE, "org.qubes.Live1.Error.QubesdUnreachable" },
  { LIVE_ERROR_QUBESD_ERROR, "org.qubes.Live1.Error.QubesdError" },
  { LIVE_ERROR_PROTOCOL, "org.qubes.Live1.Error.Protocol" },
  { LIVE_ERROR_BUSY, "org.qubes.Live1.Error.Busy" },
  { LIVE_ERROR_INVALID_ARGUMENT, "org.qubes.Live1.Error.InvalidArgument" },
  { LIVE_ERROR_CONFLICT, "org.qubes.Live1.Error.Conflict" },
  { LIVE_ERROR_CANCELLED, "org.qubes.Live1.Error.Cancelled" },
};
G_STATIC_ASSERT (G_N_ELEMENTS (error_names) == LIVE_ERROR_N_CODES);

GQuark
live_error_quark (void)
{
  static gsize quark = 0;

  g_dbus_error_register_error_domain ("live-error-quark", &quark, error_names, G_N_ELEMENTS (error_names));
  return (GQuark) quark;
}
