/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "client/client.h"

G_BEGIN_DECLS

/* (transfer none) (nullable): the connection to the system bus, when there is one. */
GDBusConnection *live_client_get_bus (LiveClient *self);

/* Does now what would be tried later: connect, or read the objects again. */
void live_client_retry_now (LiveClient *self);

/* Whether the mirror still holds something at @object_path; of objects that are no qube and no pool always %TRUE. */
gboolean live_client_has_object (LiveClient *self, const char *object_path);

G_END_DECLS
