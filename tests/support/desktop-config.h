/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Height of the panel at the top of the screen, in pixels. */
#define LIVE_TEST_PANEL_HEIGHT 28

/**
 * live_test_desktop_config_write:
 * @directory: (type filename): an existing directory, which becomes the home directory of the desktop
 * @gtk_theme: name of a GTK theme
 * @dark: whether the theme is a dark one
 * @error: return location for a #GError
 *
 * Writes the settings of a small XFCE desktop (a panel with a tray at the top, no animations, no compositor) and of its
 * session bus.
 *
 * Returns: %TRUE if everything was written
 */
gboolean live_test_desktop_config_write (const char *directory, const char *gtk_theme, gboolean dark, GError **error);

/**
 * live_test_desktop_config_get_bus_file:
 * @directory: (type filename): as above
 *
 * Returns: (transfer full) (type filename): the configuration file for dbus-daemon
 */
char *live_test_desktop_config_get_bus_file (const char *directory);

/**
 * live_test_desktop_config_set_environment:
 * @directory: (type filename): as above
 * @environment: (transfer full): an environment
 *
 * Returns: (transfer full): the same with HOME and the XDG directories inside @directory
 */
char **live_test_desktop_config_set_environment (const char *directory, char **environment);

G_END_DECLS
