/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/system.h"
#include "sources/clock.h"
#include "sources/qubesd-call.h"

G_BEGIN_DECLS

/**
 * LiveGuestWindows:
 *
 * The time after a qube's start in which it keeps its private volume writable by itself, as the feature
 * `live.guest-window` says: it is reckoned from the property `start_time` and shown, and nothing is done about it. dom0
 * does not see what happens inside the qube, so this is what the qube is meant to do, not what was verified.
 */
#define LIVE_TYPE_GUEST_WINDOWS (live_guest_windows_get_type ())
G_DECLARE_FINAL_TYPE (LiveGuestWindows, live_guest_windows, LIVE, GUEST_WINDOWS, GObject)

/* Starts at once; before the first reading of the qubes, so that it sees each of them. */
LiveGuestWindows *live_guest_windows_new (LiveSystem *system, LiveQubesdClient *client, LiveClock *clock);

G_END_DECLS
