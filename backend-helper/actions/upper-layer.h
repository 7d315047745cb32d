/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "actions/qube-setting.h"

G_BEGIN_DECLS

/**
 * live_upper_layer_set_async:
 * @setting: where, and which qube
 * @layer: one of the two in model/upper-layer.h
 * @size: how large it may become in RAM, as live_upper_layer_is_size() wants it; empty: as the qube has it. Ignored for
 *   the volatile volume
 *
 * Says in the qube's features, which it reads when it starts, where what it writes to its read-only private volume
 * goes.
 *
 * Ends in live_qube_setting_change_finish(), with the errors %LIVE_ERROR_INVALID_ARGUMENT, %LIVE_ERROR_NOT_FOUND,
 * %LIVE_ERROR_NOT_SUPPORTED (it can have no such volume) and those of a call.
 */
void live_upper_layer_set_async (LiveQubeSetting *setting,
                                 const char *name,
                                 const char *layer,
                                 const char *size,
                                 GAsyncReadyCallback callback,
                                 gpointer data);

G_END_DECLS
