/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "client/client.h"
#include "tray/menu.h"

G_BEGIN_DECLS

/**
 * LiveTrayIndicator:
 *
 * The icon in the panel. Its shape and colour, its title and its description say what the client knows; when that is
 * nothing, they say so.
 */
typedef struct _LiveTrayIndicator LiveTrayIndicator;

/**
 * live_tray_indicator_new:
 * @menu: must live longer than the indicator
 * @icon_directory: (nullable): where the icons are when they are not installed
 *
 * Returns: (transfer full): the indicator, on its way into the panel
 */
LiveTrayIndicator *live_tray_indicator_new (LiveClient *client, LiveTrayMenu *menu, const char *icon_directory);
void live_tray_indicator_free (LiveTrayIndicator *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveTrayIndicator, live_tray_indicator_free)

G_END_DECLS
