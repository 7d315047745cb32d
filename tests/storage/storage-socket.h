/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LiveStorageSocket:
 *
 * What systemd does for the storage program: listens, and starts one for each connection. In a thread of its own, so
 * that the test may wait for an answer however it likes.
 */
typedef struct _LiveStorageSocket LiveStorageSocket;

/**
 * live_storage_socket_new:
 * @path: of the socket
 * @program: the storage program
 *
 * Call it when the mount namespace is as it will stay.
 */
LiveStorageSocket *live_storage_socket_new (const char *path, const char *program);

/**
 * live_storage_socket_set_option:
 * @option: (nullable): an argument for the programs that are started from now on
 */
void live_storage_socket_set_option (LiveStorageSocket *self, const char *option);

/* Ends the thread; programs end with their connections. */
void live_storage_socket_free (LiveStorageSocket *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveStorageSocket, live_storage_socket_free)

G_END_DECLS
