/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "actions/qube-setting.h"

G_BEGIN_DECLS

/**
 * live_memory_hygiene_set_async:
 * @setting: where, and which qube
 * @on: whether its kernel is to erase memory
 *
 * On: writes down what the property `kernelopts` was, in the feature `live.kernel-options`, and adds what is missing to
 * it. Off: puts back what was written down. It takes effect at the next start of the qube, and may be done while it
 * runs. What is so already is not written again.
 *
 * Ends in live_qube_setting_change_finish(), with the errors %LIVE_ERROR_NOT_FOUND, %LIVE_ERROR_NOT_SUPPORTED (it
 * brings its own kernel, or its kernel cannot be told not to), %LIVE_ERROR_CONFLICT (the options were set by somebody
 * else, or have no room), and those of a call.
 */
void live_memory_hygiene_set_async (
    LiveQubeSetting *setting, const char *name, gboolean on, GAsyncReadyCallback callback, gpointer data);

G_END_DECLS
