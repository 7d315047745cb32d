/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/system.h"
#include "sources/qubesd-call.h"
#include "sources/qubesd-reply.h"

G_BEGIN_DECLS

/* The properties of dom0 that say in which pool a volume of a new qube is made. */
enum
{
  LIVE_DEFAULT_POOL_PRIVATE,
  LIVE_DEFAULT_POOL_VOLATILE,
  LIVE_N_DEFAULT_POOLS
};
extern const char *const live_default_pool_properties[LIVE_N_DEFAULT_POOLS];

/**
 * LiveDefaultPools:
 * @values: by property
 */
typedef struct
{
  LivePropertyValue *values[LIVE_N_DEFAULT_POOLS];
} LiveDefaultPools;

void live_default_pools_free (LiveDefaultPools *pools);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveDefaultPools, live_default_pools_free)

/* Reads them, and tells the model. */
void live_default_pools_read_async (LiveQubesdClient *client,
                                    LiveSystem *system,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer data);
/* (transfer full). Errors: as live_qubesd_client_call_finish(). */
LiveDefaultPools *live_default_pools_read_finish (LiveSystem *system, GAsyncResult *result, GError **error);

G_END_DECLS
