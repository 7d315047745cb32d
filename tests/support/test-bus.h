/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * live_test_bus_start:
 * @directory: an existing directory of the test's own that everyone may enter
 * @environment: the whole environment of the daemon
 * @address: (out) (transfer full): the address of the bus
 *
 * Starts a private system bus, the real dbus-daemon with the project's own bus policy, and nothing that it could
 * activate.
 *
 * Returns: (transfer full): the daemon, ready for connections
 */
GSubprocess *live_test_bus_start (const char *directory, const char *const *environment, char **address);

/**
 * live_test_bus_connect:
 * @address: of a bus
 * @uid: the user to connect as
 *
 * The kernel notes who a peer is when it connects, so that the test program can be several callers at once.
 *
 * Returns: (transfer full): a connection of its own to the bus
 */
GDBusConnection *live_test_bus_connect (const char *address, guint uid);

G_END_DECLS
