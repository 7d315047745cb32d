/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "helper-fixture.h"

G_BEGIN_DECLS

/* How long a window lasts here. */
#define LIVE_CRASH_SECONDS 600

/* Who ends. */
typedef enum
{
  LIVE_CRASH_HELPER,
  LIVE_CRASH_QUBESD,
  LIVE_CRASH_BOTH
} LiveCrash;

/**
 * LiveCrashCase:
 * @dom0: arguments of the simulated dom0, %NULL-terminated
 * @qube: whose windows these are
 * @preloads: whether disposables of it are kept ready
 * @crash: who ends
 */
typedef struct
{
  const char *dom0[5];
  const char *qube;
  gboolean preloads;
  LiveCrash crash;
} LiveCrashCase;

/**
 * LiveCrashFixture:
 * @fixture: the helper in its test bed
 * @situation: what is tried
 * @before: the qube, outside of any window
 * @calls: what a whole window asks of qubesd for it, in order, as a fault names it
 * @n_opening: how many of them open it
 * @answered: whether the last live_crash_begin() was answered
 *
 * A qube of policy full that has had one window, so that it is known what a window changes.
 */
typedef struct
{
  LiveHelperFixture fixture;
  const LiveCrashCase *situation;
  char *before;
  GPtrArray *calls;
  guint n_opening;
  gboolean answered;
} LiveCrashFixture;

/* For g_test_add(); @data is the #LiveCrashCase. */
void live_crash_fixture_open (LiveCrashFixture *self, gconstpointer data);
void live_crash_fixture_close (LiveCrashFixture *self, gconstpointer data);

/* A command of the simulated dom0 whose answer does not matter. */
void live_crash_control (LiveCrashFixture *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* Whether that call of a window begins with @method. */
gboolean live_crash_is_call (LiveCrashFixture *self, guint index, const char *method);
/* How many of the same come before it in its half of the window. */
guint live_crash_count_before (LiveCrashFixture *self, guint index);

/* Begins to call a method of the qube. */
void live_crash_begin (LiveCrashFixture *self, const char *method, GVariant *arguments);
/* Waits until it is answered, whatever the answer is. */
void live_crash_wait_answered (LiveCrashFixture *self);
void live_crash_open_window (LiveCrashFixture *self);

/* The private volume is not writable, and the qube is not told of a window, without one that is written down. Only
 * while nothing is under way: these are three questions. */
void live_crash_assert_safe_now (LiveCrashFixture *self);
/* That never was so, since `reset-changes`; when that was said there was no window. */
void live_crash_assert_safe_always (LiveCrashFixture *self);
/* Waits until it is open, and it ends when that was promised. */
void live_crash_assert_open (LiveCrashFixture *self);
/* Waits until everything is as if there had never been a window. */
void live_crash_assert_closed (LiveCrashFixture *self, const char *outcome);

G_END_DECLS
