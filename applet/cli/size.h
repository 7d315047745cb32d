/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * live_size_parse:
 * @text: (nullable): what was typed: a number, with a fraction if it has a unit, and K, M, G or T behind it for units
 * of 1024, also as KiB or Ki, in any case
 * @bytes: (out): the size, cut to whole bytes
 *
 * What has two meanings (KB) is no size, and neither is 0.
 *
 * Returns: %FALSE when @text is no size, or one of 16 EiB or more
 */
gboolean live_size_parse (const char *text, guint64 *bytes);

G_END_DECLS
