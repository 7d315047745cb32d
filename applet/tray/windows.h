/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "client/client.h"
#include "sources/clock.h"
#include "tray/notifier.h"

G_BEGIN_DECLS

/**
 * LiveWindows:
 *
 * What the tray does to customization windows, for the menu and for the buttons of notifications alike: one thing at a
 * time for each qube, and what goes wrong is told by a notification.
 *
 * Signal `changed` (#LiveClientQube *): live_windows_is_busy() says something else for it now.
 */
#define LIVE_TYPE_WINDOWS (live_windows_get_type ())
G_DECLARE_FINAL_TYPE (LiveWindows, live_windows, LIVE, WINDOWS, GObject)

/* Seconds that are added to a window at a time, and that "Open again" opens one for when it is not known better. */
#define LIVE_WINDOWS_EXTENSION 600

LiveWindows *live_windows_new (LiveClient *client, LiveNotifier *notifier, LiveClock *clock);

/* Seconds since 1970. */
gint64 live_windows_get_now (LiveWindows *self);

/* Whether something was asked for that is not answered yet. */
gboolean live_windows_is_busy (LiveWindows *self, LiveClientQube *qube);

/* Each does nothing when the qube is not in a state for it: what was clicked may be older than that. */
void live_windows_open (LiveWindows *self, LiveClientQube *qube, gint64 seconds);
/* For as long as the last one of this qube, if this applet opened it, else for LIVE_WINDOWS_EXTENSION. */
void live_windows_open_again (LiveWindows *self, LiveClientQube *qube);
void live_windows_extend (LiveWindows *self, LiveClientQube *qube);
void live_windows_close (LiveWindows *self, LiveClientQube *qube);
/* Asks in a dialog whether to end a qube that does not shut down, and does so then. */
void live_windows_ask_to_end (LiveWindows *self, LiveClientQube *qube);
/* Takes the notification away that asks. */
void live_windows_keep_waiting (LiveWindows *self, LiveClientQube *qube);

/* What may be done now. */
gboolean live_windows_may_open (LiveWindows *self, LiveClientQube *qube);
gboolean live_windows_may_extend (LiveWindows *self, LiveClientQube *qube);
gboolean live_windows_may_close (LiveWindows *self, LiveClientQube *qube);
gboolean live_windows_may_end (LiveWindows *self, LiveClientQube *qube);

/* (transfer full): subject of the notifications about the window of the qube @name. */
char *live_windows_get_subject (const char *name);

/**
 * live_windows_tells_failure:
 *
 * To be asked when a window could not be opened: the answer to our own call says more than the outcome does.
 *
 * Returns: %TRUE when this applet had asked for that window, so that it is told, or will be
 */
gboolean live_windows_tells_failure (LiveWindows *self, const char *name);

G_END_DECLS
