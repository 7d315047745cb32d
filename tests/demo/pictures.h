/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "support/desktop.h"

G_BEGIN_DECLS

/**
 * live_demo_pictures_take:
 * @desktop: a desktop in whose tray the applet is
 * @directory: (type filename): where the pictures go
 * @error: return location for a #GError
 *
 * Walks through the applet as a person does, and takes the pictures `panel`, `menu`, `submenu`, `before-toggle` and
 * `after-toggle` (.png): the last two around a real change, which has to show in the menu.
 *
 * Returns: %TRUE if every picture was taken, and the change took place
 */
gboolean live_demo_pictures_take (LiveTestDesktop *desktop, const char *directory, GError **error);

G_END_DECLS
