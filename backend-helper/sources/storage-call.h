/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Where systemd listens for the storage program. */
#define LIVE_STORAGE_SOCKET "/run/qubes-live/storage.sock"

/**
 * LiveStorageProgress:
 * @step: one of the steps in model/job.h
 * @progress: 0 to 1, or -1: not known
 */
typedef void (*LiveStorageProgress) (const char *step, double progress, gpointer data);

/**
 * LiveStorageClient:
 *
 * Asks the storage program (storage/README.md has the protocol) for what the helper itself may not do. Every call is a
 * connection of its own. What it answers is checked as if it were a stranger's.
 */
#define LIVE_TYPE_STORAGE_CLIENT (live_storage_client_get_type ())
G_DECLARE_FINAL_TYPE (LiveStorageClient, live_storage_client, LIVE, STORAGE_CLIENT, GObject)

/* @socket_path: usually %LIVE_STORAGE_SOCKET. Nothing is opened before the first call. */
LiveStorageClient *live_storage_client_new (const char *socket_path);

/**
 * live_storage_client_call_async:
 * @request: what to ask, with the member `do`; not changed and not kept
 * @progress: (nullable): is told how far it is, from the main context, until the end of the call
 * @cancellable: (nullable): closes the connection, which takes the request back: what was begun is undone by the
 *   program, and may still be under way when the call ends. There is no time limit but this
 */
void live_storage_client_call_async (LiveStorageClient *self,
                                     JsonObject *request,
                                     LiveStorageProgress progress,
                                     gpointer progress_data,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer data);

/**
 * live_storage_client_call_finish:
 *
 * Errors, all in %LIVE_ERROR: what the program answered; %LIVE_ERROR_CANCELLED; %LIVE_ERROR_NOT_SUPPORTED: nobody
 * listens; %LIVE_ERROR_PROTOCOL: the answer is none of the protocol, or was cut.
 *
 * Returns: (transfer full): what is in `ok`
 */
JsonObject *live_storage_client_call_finish (LiveStorageClient *self, GAsyncResult *result, GError **error);

G_END_DECLS
