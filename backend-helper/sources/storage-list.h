/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/pool.h"
#include "sources/storage-call.h"

G_BEGIN_DECLS

/* States of storage, storage/README.md. */
#define LIVE_STORAGE_READY "ready"
#define LIVE_STORAGE_BUSY "busy"
#define LIVE_STORAGE_UNFINISHED "unfinished"
#define LIVE_STORAGE_BROKEN "broken"

/**
 * LiveStorageEntry:
 * @name: valid by live_name_is_valid()
 * @state: one of the states above, or one of a later version
 * @facts: what the model is told of it
 *
 * One pool's storage, as `list` has it.
 */
typedef struct
{
  char *name;
  char *state;
  LivePoolStorage facts;
} LiveStorageEntry;

/* Asks for the list. */
void live_storage_list_async (LiveStorageClient *client, GAsyncReadyCallback callback, gpointer data);
/**
 * live_storage_list_finish:
 *
 * Errors: as live_storage_client_call_finish().
 *
 * Returns: (transfer full) (element-type utf8 LiveStorageEntry): by name
 */
GHashTable *live_storage_list_finish (LiveStorageClient *client, GAsyncResult *result, GError **error);

G_END_DECLS
