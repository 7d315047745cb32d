/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "actions/turns.h"
#include "actions/volume-policy.h"
#include "model/system.h"
#include "sources/clock.h"
#include "sources/qubesd-sync.h"

G_BEGIN_DECLS

/**
 * LiveWindows:
 *
 * The customization windows of all qubes: opens them when asked, watches their ends, and has their qubes shut down.
 * That a window exists is written at its qube, and ending one on a halted qube is the business of the ordinary
 * reconciliation (#LiveVolumePolicy); so a helper that is started anew finds every window as it is, and goes on.
 */
#define LIVE_TYPE_WINDOWS (live_windows_get_type ())
G_DECLARE_FINAL_TYPE (LiveWindows, live_windows, LIVE, WINDOWS, GObject)

/* Starts at once; before the first reading of the qubes, so that it sees each of them. */
LiveWindows *live_windows_new (LiveSystem *system, LiveQubesdClient *client, LiveQubesdSync *sync, LiveTurns *turns,
                               LiveVolumePolicy *policy, LiveClock *clock);

/**
 * live_windows_open_async:
 * @name: name of a qube
 * @seconds: %LIVE_WINDOW_SECONDS_MIN to %LIVE_WINDOW_SECONDS_MAX, from when the qube runs, or
 *   %LIVE_WINDOW_UNTIL_CLOSED
 *
 * Writes down that there is a window, makes the private volume writable and starts the qube. When one of these fails,
 * what was done is undone before the answer comes.
 */
void live_windows_open_async (LiveWindows *self, const char *name, gint64 seconds, GAsyncReadyCallback callback,
                              gpointer data);

/**
 * live_windows_open_finish:
 *
 * Errors: %LIVE_ERROR_INVALID_ARGUMENT, %LIVE_ERROR_NOT_FOUND, %LIVE_ERROR_NOT_HALTED, %LIVE_ERROR_BUSY (there is a
 * window already), %LIVE_ERROR_NOT_SUPPORTED (this qube cannot have one), %LIVE_ERROR_CONFLICT (its policy is not
 * applied), %LIVE_ERROR_IN_USE (disposables of it run) and those of a call.
 */
gboolean live_windows_open_finish (LiveWindows *self, GAsyncResult *result, GError **error);

/**
 * live_windows_extend_async:
 * @seconds: %LIVE_WINDOW_SECONDS_MIN to %LIVE_WINDOW_SECONDS_MAX
 *
 * The end moves by @seconds, to at most %LIVE_WINDOW_SECONDS_MAX from now.
 */
void live_windows_extend_async (LiveWindows *self, const char *name, gint64 seconds, GAsyncReadyCallback callback,
                                gpointer data);

/* Errors: %LIVE_ERROR_INVALID_ARGUMENT, %LIVE_ERROR_NOT_FOUND (no window), %LIVE_ERROR_BUSY (not open) and those of a call. */
gboolean live_windows_extend_finish (LiveWindows *self, GAsyncResult *result, GError **error);

/**
 * live_windows_close_async:
 * @kill: whether the qube is to be ended instead of asked
 *
 * Is answered when the private volume is read-only again and nothing is left of the window, or when the qube has not
 * shut down in %LIVE_WINDOW_GRACE_SECONDS, or has and qubesd keeps its private volume as it is while disposables of it
 * run. To ask again gives it that time again.
 */
void live_windows_close_async (LiveWindows *self, const char *name, gboolean kill, GAsyncReadyCallback callback,
                               gpointer data);

/* Errors: %LIVE_ERROR_NOT_FOUND (no window), %LIVE_ERROR_BUSY (being opened, or it does not shut down),
 * %LIVE_ERROR_IN_USE (disposables of it run) and those of a call. */
gboolean live_windows_close_finish (LiveWindows *self, GAsyncResult *result, GError **error);

G_END_DECLS
