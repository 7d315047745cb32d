/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * The calls by which what is on the bus is read, and their answers. GDBus answers them by itself and asks nobody; a
 * call that was held back until polkit said yes cannot be given back to GDBus, and is answered from here instead, as
 * GDBus would have done it.
 */

/**
 * live_view_is_read:
 * @message: a message that came in; only looked at, from any thread
 * @root: path of the object manager
 *
 * Whether @message is a call of Get or GetAll of the properties, of GetManagedObjects or of Introspect (it tells the
 * names of objects) on @root or below it. Set is no read, and refused by GDBus: every property is read-only.
 *
 * Returns: %TRUE if it is
 */
gboolean live_view_is_read (GDBusMessage *message, const char *root);

/**
 * live_view_answer:
 * @call: a call for which live_view_is_read() holds
 * @manager: what is exported
 * @root_interfaces: (element-type GDBusInterfaceSkeleton): the interfaces exported at the object manager's own path,
 *   which #GDBusObjectManagerServer leaves to others
 *
 * Reads the properties from the skeletons: call it in the thread that they belong to.
 *
 * Returns: (transfer full): the reply, with the value or with the error that GDBus would send
 */
GDBusMessage *live_view_answer (GDBusMessage *call, GDBusObjectManagerServer *manager, GPtrArray *root_interfaces);

G_END_DECLS
