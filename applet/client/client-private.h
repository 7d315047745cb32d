/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "client/client-facts.h"
#include "client/client-objects.h"
#include "client/client.h"

G_BEGIN_DECLS

/* (transfer none) (nullable): the connection to the system bus, when there is one. */
GDBusConnection *live_client_get_bus (LiveClient *self);

/* (transfer none) (nullable): the unique bus name of the helper, while it runs. */
const char *live_client_get_owner (LiveClient *self);

/* (transfer none): what the getters are about. */
const LiveClientFacts *live_client_get_facts (LiveClient *self);
LiveClientObjects *live_client_get_objects (LiveClient *self);

/* Does now what would be tried later: connect, or read the objects again. */
void live_client_retry_now (LiveClient *self);

/* Whether the mirror still holds something at @object_path; of objects that are no qube, pool or job always %TRUE. */
gboolean live_client_has_object (LiveClient *self, const char *object_path);

/**
 * live_client_call:
 * @object_path: whose method
 * @interface: of the method, with its prefix
 * @method: its name; live_client_call_finish() is given the same
 * @parameters: (nullable): its arguments; a floating reference is consumed
 * @reply_type: of what it returns
 *
 * Calls a method of the helper as the comment on actions in client.h says.
 */
void live_client_call (LiveClient *self,
                       const char *object_path,
                       const char *interface,
                       const char *method,
                       GVariant *parameters,
                       const GVariantType *reply_type,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
/* (transfer full) (nullable): what @method returned, of the reply type that was asked for. */
GVariant *live_client_call_finish (LiveClient *self, const char *method, GAsyncResult *result, GError **error);

G_END_DECLS
