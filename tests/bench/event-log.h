/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LiveEventLog:
 *
 * A second listener to qubesd's events beside the helper, in a thread of its own, which does nothing but note when
 * each event arrived: the moment from which on the helper could know.
 */
typedef struct _LiveEventLog LiveEventLog;

/* Connected when it returns, and the stream has begun; a qubesd that cannot be reached ends the program. */
LiveEventLog *live_event_log_new (const char *qubesd_socket);
void live_event_log_free (LiveEventLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveEventLog, live_event_log_free)

/* Forgets the events seen so far. */
void live_event_log_forget (LiveEventLog *log);

/**
 * live_event_log_wait:
 * @log: a log
 * @event: name of an event
 * @seconds: how long at most
 * @when: (out): monotonic time in microseconds of its arrival
 *
 * Waits for the first event of that name since live_event_log_forget().
 *
 * Returns: %FALSE when none came
 */
gboolean live_event_log_wait (LiveEventLog *log, const char *event, double seconds, gint64 *when);

G_END_DECLS
