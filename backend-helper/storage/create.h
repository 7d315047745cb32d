/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "storage/record.h"
#include "storage/request.h"
#include "storage/task.h"

G_BEGIN_DECLS

/**
 * live_create_pool:
 * @request: one of the three creations
 *
 * Returns: (transfer full): the answer; %NULL with @error set, and then nothing of the pool is left, unless the message
 * says so
 */
JsonObject *live_create_pool (LiveTask *task, const LiveRequest *request, GError **error);

G_END_DECLS
