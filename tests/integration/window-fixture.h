/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "helper-fixture.h"

G_BEGIN_DECLS

/* What the tests of customization windows share, besides the fixture of the helper. */

/* A command of the simulated dom0 whose answer does not matter. */
void live_window_control (LiveHelperFixture *fixture, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Opens a window as the fixture's caller; an error fails the test. */
void live_window_open (LiveHelperFixture *fixture, const char *qube, gint64 seconds);
/* Any method of a qube; an error fails the test. */
void live_window_do (LiveHelperFixture *fixture, const char *qube, const char *method, GVariant *arguments);
/* The method fails with the error @code of #LiveError, and its message holds @part. */
void live_window_refused (
    LiveHelperFixture *fixture, const char *qube, const char *method, GVariant *arguments, int code, const char *part);

/**
 * LiveWindowCall:
 *
 * A call under way, during which the test goes on: it may move the clock.
 */
typedef struct _LiveWindowCall LiveWindowCall;
LiveWindowCall *
live_window_begin (LiveHelperFixture *fixture, const char *qube, const char *method, GVariant *arguments);
gboolean live_window_is_answered (LiveWindowCall *call);
/* Waits for the answer and frees @call. (transfer full) (nullable): the error */
GError *live_window_end (LiveWindowCall *call);

/* The private volume is read-only, nothing is left of a window, and it ended as @outcome says. Waits for that. */
void live_window_assert_closed (LiveHelperFixture *fixture, const char *qube, const char *outcome);
/* The window is open, the qube runs and is told, and what is written down is what is shown. */
void live_window_assert_open (LiveHelperFixture *fixture, const char *qube);
/* The window ends in @seconds from now, give or take what reading two clocks in whole seconds can make of it. */
void live_window_assert_left (LiveHelperFixture *fixture, const char *qube, gint64 seconds);

G_END_DECLS
