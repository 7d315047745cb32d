/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/system.h"
#include "sources/qubesd-call.h"

G_BEGIN_DECLS

/**
 * live_pool_read_async:
 * @client: where to read
 * @system: the model; the pool is added to it when it is new
 * @name: name of the pool
 * @cancellable: (nullable): stops it; nothing is set then
 *
 * Reads one pool with `admin.pool.Info`.
 */
void live_pool_read_async (LiveQubesdClient *client, LiveSystem *system, const char *name, GCancellable *cancellable,
                           GAsyncReadyCallback callback, gpointer data);

/* Errors: as live_qubesd_client_call_finish(); qubesd before 4.4 has no error for a pool that is not there. */
gboolean live_pool_read_finish (LiveSystem *system, GAsyncResult *result, GError **error);

G_END_DECLS
