/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "tray/windows.h"

G_BEGIN_DECLS

/**
 * LiveWindowWatch:
 *
 * Tells of customization windows by notifications, one at a time for each qube: that a minute is left, that the qube
 * does not shut down, how the window ended; and that the time is over which a qube keeps itself. A minute before its
 * end is told once for each end: an extension has a new one, a helper or a clock that was set has not. An end that
 * passed while nobody could be warned, as in a sleep, is not warned of any more.
 */
typedef struct _LiveWindowWatch LiveWindowWatch;

LiveWindowWatch *
live_window_watch_new (LiveClient *client, LiveNotifier *notifier, LiveClock *clock, LiveWindows *windows);
/* Before @notifier goes: its notifications have buttons that lead here. */
void live_window_watch_free (LiveWindowWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveWindowWatch, live_window_watch_free)

G_END_DECLS
