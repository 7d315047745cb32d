/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * A small client of xenstored that waits for each answer: over the socket it is dom0, over the page of a guest it is
 * that guest. It has nothing in common with what is tested, which uses libxenstore.
 */
typedef struct _LiveTestXenstoreClient LiveTestXenstoreClient;

/* NULL when nobody listens. */
LiveTestXenstoreClient *live_test_xenstore_client_connect (const char *socket_path);

/**
 * live_test_xenstore_client_new_guest:
 * @ring_path: file that is the guest's page; it is made
 * @events_path: FIFO that is the event channel
 * @port: what to write there
 */
LiveTestXenstoreClient *
live_test_xenstore_client_new_guest (const char *ring_path, const char *events_path, guint32 port);

void live_test_xenstore_client_free (LiveTestXenstoreClient *client);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveTestXenstoreClient, live_test_xenstore_client_free)

/**
 * live_test_xenstore_client_ask:
 * @type: kind of request (xen/io/xs_wire.h)
 * @transaction: 0 for none
 * @body: of the request, NULs and all
 * @reply: (out) (optional) (transfer full): body of the answer
 *
 * Returns: 0, or the errno whose name the store answered with
 */
int live_test_xenstore_client_ask (
    LiveTestXenstoreClient *client, guint32 type, guint32 transaction, GString *body, GString **reply);

G_END_DECLS
