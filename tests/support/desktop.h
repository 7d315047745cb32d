/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "display.h"
#include "notification-log.h"

G_BEGIN_DECLS

/* The panel runs its tray in a process whose windows have this class; so have the menus that the tray shows. */
#define LIVE_TEST_TRAY_CLASS "^wrapper-2\\.0$"

/**
 * LiveTestTheme:
 * @LIVE_TEST_THEME_LIGHT: Adwaita
 * @LIVE_TEST_THEME_DARK: Adwaita-dark
 *
 * Colours of the panel, the menus and the windows.
 */
typedef enum
{
  LIVE_TEST_THEME_LIGHT,
  LIVE_TEST_THEME_DARK
} LiveTestTheme;

/**
 * LiveTestDesktop:
 *
 * A real XFCE desktop on a display without a screen: Xvfb, a session bus of its own, xfconfd, xfsettingsd, xfwm4,
 * xfce4-notifyd and xfce4-panel with a tray at the top right. HOME and every XDG directory lie in the directory it is
 * given, so neither does it see the settings of the person who runs the tests nor do they see it. What it starts is
 * ended by process id, by the kernel when the test dies.
 *
 * Every function that waits takes a deadline in seconds and fails with %G_IO_ERROR_TIMED_OUT after it; none sleeps for
 * a fixed time and hopes.
 */
typedef struct _LiveTestDesktop LiveTestDesktop;

/**
 * live_test_desktop_new:
 * @directory: (type filename): an existing directory of the test's own; whoever owns it removes it
 * @environment: (array zero-terminated=1): the environment to build on, as of live_test_bed_get_environment(); of
 *   importance is DBUS_SYSTEM_BUS_ADDRESS, through which the programs reach the test's system bus
 * @theme: colours to start with
 * @error: return location for a #GError
 *
 * Returns: (transfer full): a desktop whose tray and notification daemon answer, or %NULL with @error set
 */
LiveTestDesktop *
live_test_desktop_new (const char *directory, const char *const *environment, LiveTestTheme theme, GError **error);
void live_test_desktop_free (LiveTestDesktop *desktop);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveTestDesktop, live_test_desktop_free)

/**
 * live_test_desktop_get_environment:
 * @desktop: a desktop
 *
 * Returns: (transfer none) (array zero-terminated=1): what a program needs to show itself there: DISPLAY, XAUTHORITY,
 *   DBUS_SESSION_BUS_ADDRESS, …
 */
const char *const *live_test_desktop_get_environment (LiveTestDesktop *desktop);

/* The session bus, and the display. (transfer none) */
GDBusConnection *live_test_desktop_get_bus (LiveTestDesktop *desktop);
LiveTestDisplay *live_test_desktop_get_display (LiveTestDesktop *desktop);

/* What was sent to the notification daemon so far. (transfer none) */
GPtrArray *live_test_desktop_get_notifications (LiveTestDesktop *desktop);

/**
 * live_test_desktop_set_theme:
 * @desktop: a desktop
 * @theme: the new colours
 * @error: return location for a #GError
 *
 * Changes the colours of everything that is on the screen, as the settings dialog of XFCE does.
 *
 * Returns: %TRUE if the setting was made; the programs follow soon after
 */
gboolean live_test_desktop_set_theme (LiveTestDesktop *desktop, LiveTestTheme theme, GError **error);

/**
 * live_test_desktop_stop_panel:
 * @desktop: a desktop
 *
 * Ends the panel, as after a crash of it: no tray is there until live_test_desktop_start_panel().
 */
void live_test_desktop_stop_panel (LiveTestDesktop *desktop);

/**
 * live_test_desktop_start_panel:
 * @desktop: a desktop without a panel
 * @error: return location for a #GError
 *
 * Returns: %TRUE once the tray takes icons
 */
gboolean live_test_desktop_start_panel (LiveTestDesktop *desktop, GError **error);

/**
 * live_test_desktop_click:
 * @desktop: a desktop
 * @x: column in pixels
 * @y: row in pixels
 * @button: 1 left, 2 middle, 3 right
 * @error: return location for a #GError
 *
 * Returns: %TRUE if the pointer went there and the button was pressed and released
 */
gboolean live_test_desktop_click (LiveTestDesktop *desktop, int x, int y, int button, GError **error);

/**
 * live_test_desktop_key:
 * @desktop: a desktop
 * @key: name of the key symbol: `Down`, `Right`, `Return`, `Escape`, …
 * @error: return location for a #GError
 *
 * Returns: %TRUE if the key was pressed and released
 */
gboolean live_test_desktop_key (LiveTestDesktop *desktop, const char *key, GError **error);

/**
 * live_test_desktop_screenshot:
 * @desktop: a desktop
 * @path: (type filename): where the PNG goes
 * @error: return location for a #GError
 *
 * Waits until the screen is at rest, and saves it.
 *
 * Returns: %TRUE if the file is there
 */
gboolean live_test_desktop_screenshot (LiveTestDesktop *desktop, const char *path, GError **error);

/**
 * live_test_desktop_pixel:
 * @desktop: a desktop
 * @x: column in pixels
 * @y: row in pixels
 * @colour: (out): the colour as 0xRRGGBB
 * @error: return location for a #GError
 *
 * Returns: %TRUE if the screen could be read
 */
gboolean live_test_desktop_pixel (LiveTestDesktop *desktop, int x, int y, guint32 *colour, GError **error);

/**
 * live_test_desktop_find_icon:
 * @desktop: a desktop
 * @colour: the icon's flat colour as 0xRRGGBB
 * @seconds: after so long it fails
 * @icon: (out): the rectangle of that colour in the panel's tray
 * @error: return location for a #GError
 *
 * Waits until an icon of that colour is drawn in the tray, and no longer changes.
 *
 * Returns: %TRUE if it is there
 */
gboolean live_test_desktop_find_icon (
    LiveTestDesktop *desktop, guint32 colour, double seconds, LiveTestArea *icon, GError **error);

G_END_DECLS
