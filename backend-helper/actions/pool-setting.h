/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/system.h"
#include "sources/qubesd-sync.h"

G_BEGIN_DECLS

/**
 * live_pool_setting_set_async:
 * @system: the model
 * @client: where to send it
 * @sync: reads the pool again
 * @name: name of a pool
 * @ephemeral: whether volatile volumes in it get a throw-away key by default
 *
 * Takes effect at a qube's next start. A volume for which it was set explicitly keeps its own value.
 */
void live_pool_setting_set_async (LiveSystem *system, LiveQubesdClient *client, LiveQubesdSync *sync,
                                  const char *name, gboolean ephemeral, GAsyncReadyCallback callback, gpointer data);

/* Errors: %LIVE_ERROR_NOT_FOUND, %LIVE_ERROR_NOT_SUPPORTED and those of a call. */
gboolean live_pool_setting_set_finish (LiveSystem *system, GAsyncResult *result, GError **error);

G_END_DECLS
