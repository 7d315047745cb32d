/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "bench/watcher.h"
#include "mock-service.h"
#include "test-bed.h"

G_BEGIN_DECLS

/**
 * LiveDesk:
 * @bed: directories and the end of everything that is started
 * @system_bus: the bus of the mocked helper
 * @helper: the mocked helper, which a measurement fills with qubes
 * @session: a connection to the session bus, which has a tray
 * @watcher: notes the signals on the session bus
 * @applet: (nullable): the running applet
 * @item_name: (nullable): the applet's name on the session bus, once it has registered
 * @item_path: (nullable): its item
 * @registered: monotonic time in microseconds of the registration, 0 before
 *
 * As much of a desktop as the applet needs: an X server without a screen, a session bus, and a tray that takes
 * registrations.
 */
typedef struct
{
  LiveTestBed *bed;
  LiveMockBus *system_bus;
  LiveMockService *helper;
  GDBusConnection *session;
  LiveWatcher *watcher;
  char *session_address;
  char *display;
  GSubprocess *applet;
  char *item_name;
  char *item_path;
  gint64 registered;
  guint tray;
  guint tray_name;
  gboolean tray_is_owned;
} LiveDesk;

/* A desk with @qubes qubes, a third of them (8 at most) running. (transfer full) */
LiveDesk *live_desk_new (guint qubes);
void live_desk_free (LiveDesk *desk);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveDesk, live_desk_free)

/* Starts the window manager of XFCE, so that GTK's libraries are shared as they are in every session of it. */
void live_desk_start_window_manager (LiveDesk *desk);

/* Starts the applet and waits until it has registered; milliseconds from exec on, negative when it never did. */
double live_desk_start_applet (LiveDesk *desk);
void live_desk_stop_applet (LiveDesk *desk);

/* Waits until the menu has every qube, and stays as it is. */
gboolean live_desk_wait_menu (LiveDesk *desk, guint qubes);

/**
 * live_desk_wait_name:
 * @desk: a desk with a running applet
 * @name: name of a qube
 * @present: whether the menu is to have it, or not to have it
 *
 * Reads the whole menu, as a panel does, until it is so.
 *
 * Returns: %FALSE when the applet does not answer, or the menu did not become so
 */
gboolean live_desk_wait_name (LiveDesk *desk, const char *name, gboolean present);

/* Runs the main context until a signal that matches has been seen, or the time is over. */
gboolean live_desk_wait_signal (LiveDesk *desk, const LiveWatcherMatch *match, double seconds, gint64 *when);

G_END_DECLS
