/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "storage/request.h"
#include "storage/task.h"

G_BEGIN_DECLS

/**
 * live_resize_pool:
 * @request: a resize
 *
 * Of a zram pool, the RAM that it may hold changes, and its filesystem grows when it is smaller; tmpfs can become
 * smaller too; an encrypted pool only bigger.
 *
 * Returns: (transfer full): the answer
 */
JsonObject *live_resize_pool (LiveTask *task, const LiveRequest *request, GError **error);

G_END_DECLS
