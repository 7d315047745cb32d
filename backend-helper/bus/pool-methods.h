/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "actions/ram-qube.h"
#include "bus/authority.h"
#include "live-bus.h"

G_BEGIN_DECLS

/**
 * LivePoolMethods:
 *
 * The methods that make, change and destroy pools, and run qubes in them: polkit first, then the action.
 */
#define LIVE_TYPE_POOL_METHODS (live_pool_methods_get_type ())
G_DECLARE_FINAL_TYPE (LivePoolMethods, live_pool_methods, LIVE, POOL_METHODS, GObject)

LivePoolMethods *live_pool_methods_new (LiveAuthority *authority, LivePools *pools, LiveRamQubes *ram_qubes);

void live_pool_methods_serve_manager (LivePoolMethods *self, LiveBusManager *manager);
void live_pool_methods_serve_pool (LivePoolMethods *self, LiveBusPool *pool);

G_END_DECLS
