/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * LiveClock:
 *
 * The one clock that is asked for the time, so that a test can move it without anybody waiting. Uses nothing else of
 * this project: the helper and the faces share it.
 *
 * Signal `changed`: the wall clock was set, by a person or a time service, so that whoever reckons with it has to do so
 * again; or the machine slept. It comes from the main loop, and before any alarm that became due by it. It is sent only
 * while there is an alarm: without one nothing listens, and nothing wakes up.
 */
#define LIVE_TYPE_CLOCK (live_clock_get_type ())
G_DECLARE_FINAL_TYPE (LiveClock, live_clock, LIVE, CLOCK, GObject)

/**
 * live_clock_new:
 * @offset_file: (nullable): for tests, a file with one line of two whole numbers, `ELAPSED SET`: the seconds that have
 * passed besides the real ones, and the seconds by which the wall clock was set besides. A file that is missing or
 * holds anything else counts as `0 0`. It has to be replaced as a whole (g_file_set_contents() does), because whoever
 * asks for the time reads it. %NULL: the machine's clock as it is
 */
LiveClock *live_clock_new (const char *offset_file);

/* Seconds since 1970. May go forward or back by any amount at any time. */
gint64 live_clock_get_wall (LiveClock *self);

/* Seconds since the machine was booted, sleep included (CLOCK_BOOTTIME). Never goes back, whoever sets the clock. */
gint64 live_clock_get_boot (LiveClock *self);

typedef void (*LiveAlarmFunc) (gpointer data);

/**
 * live_clock_add_alarm:
 * @self: a clock
 * @wall_seconds: when; a time that is past means at once, but not before the caller has returned to the main loop
 * @callback: called once, from the main loop, when live_clock_get_wall() has reached @wall_seconds; also after a sleep
 * @data: for @callback, and the caller's to keep until then
 *
 * The time is the wall clock's also when that is set meanwhile: a caller that means a duration listens to `changed`.
 *
 * Returns: a number for live_clock_remove_alarm(), never 0
 */
guint live_clock_add_alarm (LiveClock *self, gint64 wall_seconds, LiveAlarmFunc callback, gpointer data);

/* @id: of an alarm that was not called yet. */
void live_clock_remove_alarm (LiveClock *self, guint id);

G_END_DECLS
