/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "bus/authority.h"

G_BEGIN_DECLS

#define LIVE_TYPE_VIEW_FILTER (live_view_filter_get_type ())
G_DECLARE_FINAL_TYPE (LiveViewFilter, live_view_filter, LIVE, VIEW_FILTER, GObject)

/**
 * LiveViewFilter:
 *
 * Makes reading ask for the action `view`. GDBus answers reads of properties, of the list of objects and of the
 * introspection data from its own thread and asks nobody; this filter holds them back from whoever polkit has not said
 * yes about, and then answers or refuses them. Once polkit said yes, a caller's further reads go the direct way, until
 * it leaves the bus or polkit's answer may have changed (live_authority_is_change()). A no is not remembered.
 *
 * Signals are broadcast, and no filter sees who gets them: the bus policy limits them to root and the group qubes.
 *
 * Install it before the bus name is requested.
 */

/**
 * live_view_filter_new:
 * @connection: the bus
 * @manager: what is exported; its path and everything below it is guarded
 * @authority: who is asked
 *
 * Must be called and released in the thread that runs the thread-default main context, the one @manager lives in.
 *
 * Returns: (transfer full): the filter. Without it everything can be read: take the objects off the bus before it is
 *   released
 */
LiveViewFilter *
live_view_filter_new (GDBusConnection *connection, GDBusObjectManagerServer *manager, LiveAuthority *authority);

/**
 * live_view_filter_add_root_interface:
 * @self: a filter
 * @skeleton: an interface exported at the manager's own path. (#GDBusObjectManagerServer does not take an object
 *   there; such an interface is exported with g_dbus_interface_skeleton_export().)
 */
void live_view_filter_add_root_interface (LiveViewFilter *self, GDBusInterfaceSkeleton *skeleton);

/* How many callers' ends are waited for: those who may read, and those who might again. */
guint live_view_filter_get_n_viewers (LiveViewFilter *self);

G_END_DECLS
