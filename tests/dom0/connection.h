/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "events.h"

/* Header and payload together; one byte more and qubesd hangs up. */
#define LIVE_DOM0_REQUEST_MAX 65536

/**
 * live_dom0_listener_new:
 *
 * Listens at @path, which is not reachable before it is ready.
 *
 * Returns: (nullable): the listener, to be freed with live_dom0_listener_free()
 */
LiveDom0Listener *live_dom0_listener_new (LiveDom0 *dom0, const char *path, GError **error);
void live_dom0_listener_free (LiveDom0Listener *listener);

/**
 * live_dom0_listener_stop:
 *
 * Drops all connections and stops listening.
 */
void live_dom0_listener_stop (LiveDom0Listener *listener);
gboolean live_dom0_listener_start (LiveDom0Listener *listener, GError **error);

/**
 * live_dom0_listener_set_event_chunk:
 * @bytes: how many bytes of an event stream are written at a time; 0 for as many as there are
 */
void live_dom0_listener_set_event_chunk (LiveDom0Listener *listener, gsize bytes);

LiveDom0Connection *live_dom0_connection_ref (LiveDom0Connection *connection);
void live_dom0_connection_unref (LiveDom0Connection *connection);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveDom0Connection, live_dom0_connection_unref)

/**
 * live_dom0_connection_write:
 *
 * Queues bytes. What the peer does not read is kept, however much it becomes, as qubesd does.
 */
void live_dom0_connection_write (LiveDom0Connection *connection, const guint8 *bytes, gsize length);

/**
 * live_dom0_connection_finish:
 *
 * Closes the connection when all that was queued is written.
 */
void live_dom0_connection_finish (LiveDom0Connection *connection);

/**
 * live_dom0_connection_set_limit:
 *
 * Only @bytes bytes more will be written; then the connection is closed.
 */
void live_dom0_connection_set_limit (LiveDom0Connection *connection, gsize bytes);

/**
 * live_dom0_connection_set_streaming:
 *
 * The connection is a stream of events: the chunk size of the listener applies to it.
 */
void live_dom0_connection_set_streaming (LiveDom0Connection *connection);

gboolean live_dom0_connection_is_open (LiveDom0Connection *connection);
