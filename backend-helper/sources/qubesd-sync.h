/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/system.h"
#include "sources/qube-reader.h"
#include "sources/qubesd-call.h"

G_BEGIN_DECLS

/**
 * LiveQubesdSync:
 *
 * Keeps a #LiveSystem as qubesd has it: reads everything at each connection (running qubes first, a few qubes at a
 * time), and after each event what that event may have changed. Nothing is guessed from an event: it only says what to
 * read again. No event exists for changes of a volume or a pool (`admin.vm.volume.Set.*`, `admin.pool.Set.*`): a
 * qube's volumes are read again on its lifecycle events, and whoever changes them, or shows them, asks with
 * live_qubesd_sync_refresh_qube_async().
 *
 * Signal: `unreachable (void)`: there is no connection to qubesd, at the start or any more; it goes on trying.
 */
#define LIVE_TYPE_QUBESD_SYNC (live_qubesd_sync_get_type ())
G_DECLARE_FINAL_TYPE (LiveQubesdSync, live_qubesd_sync, LIVE, QUBESD_SYNC, GObject)

/**
 * live_qubesd_sync_new:
 * @system: the model to fill
 * @client: for the calls
 * @socket_path: qubesd's socket, for the stream of events
 *
 * Nothing happens before live_qubesd_sync_start().
 *
 * Returns: (transfer full): the object
 */
LiveQubesdSync *live_qubesd_sync_new (LiveSystem *system, LiveQubesdClient *client, const char *socket_path);

void live_qubesd_sync_start (LiveQubesdSync *self);

/**
 * live_qubesd_sync_refresh_async:
 *
 * Reads the list of qubes and pools, and all of them, again. When qubesd was not reachable it is tried at once.
 *
 * Errors: %LIVE_ERROR_QUBESD_UNREACHABLE, also when the connection is lost on the way.
 */
void live_qubesd_sync_refresh_async (LiveQubesdSync *self,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer data);
gboolean live_qubesd_sync_refresh_finish (LiveQubesdSync *self, GAsyncResult *result, GError **error);

/* What is about to be changed and read again: see live_qube_mirror_hold(). Ends with the next refresh of the qube. */
void live_qubesd_sync_hold_qube (LiveQubesdSync *self, const char *name);

/**
 * live_qubesd_sync_refresh_qube_async:
 * @name: name of the qube
 * @what: what to read of it
 *
 * Done when a reading that began after this call is in the model.
 *
 * Errors: %LIVE_ERROR_NOT_FOUND, %LIVE_ERROR_QUBESD_UNREACHABLE and what a call can answer.
 */
void live_qubesd_sync_refresh_qube_async (LiveQubesdSync *self,
                                          const char *name,
                                          LiveRead what,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer data);
gboolean live_qubesd_sync_refresh_qube_finish (LiveQubesdSync *self, GAsyncResult *result, GError **error);

/* The same for one pool. */
void live_qubesd_sync_refresh_pool_async (
    LiveQubesdSync *self, const char *name, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data);
gboolean live_qubesd_sync_refresh_pool_finish (LiveQubesdSync *self, GAsyncResult *result, GError **error);

/* Marks the volumes of every qube with one in this pool as to be read: its defaults changed. */
void live_qubesd_sync_mark_pool (LiveQubesdSync *self, const char *name);

G_END_DECLS
