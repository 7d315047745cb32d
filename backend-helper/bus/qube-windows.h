/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "actions/window.h"
#include "bus/authority.h"
#include "live-bus.h"

G_BEGIN_DECLS

/**
 * LiveQubeWindows:
 *
 * The methods of a qube's object that are about its customization window: OpenWindow, ExtendWindow and CloseWindow.
 */
#define LIVE_TYPE_QUBE_WINDOWS (live_qube_windows_get_type ())
G_DECLARE_FINAL_TYPE (LiveQubeWindows, live_qube_windows, LIVE, QUBE_WINDOWS, GObject)

LiveQubeWindows *live_qube_windows_new (LiveAuthority *authority, LiveWindows *windows);

/* Answers these methods of @qube as long as both are there. */
void live_qube_windows_serve (LiveQubeWindows *self, LiveBusQube *qube);

G_END_DECLS
