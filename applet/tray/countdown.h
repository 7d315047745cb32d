/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "client/client.h"
#include "sources/clock.h"

G_BEGIN_DECLS

/**
 * LiveCountdown:
 *
 * Tells when the words about the time that a qube has left (live_words_window_time_left()) change, for every qube that
 * has such words. One alarm, for the next change of any of them; none while there is no such qube.
 */
typedef struct _LiveCountdown LiveCountdown;

/* @passed: called for each qube with a time that runs, now that some of them have changed. */
LiveCountdown *live_countdown_new (LiveClient *client,
                                   LiveClock *clock,
                                   void (*passed) (LiveClientQube *qube, gpointer data),
                                   gpointer data);
void live_countdown_free (LiveCountdown *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveCountdown, live_countdown_free)

/**
 * live_countdown_next_change:
 * @deadline: in seconds since 1970
 * @now: in seconds since 1970
 *
 * Returns: when the words about the time left change next; %G_MAXINT64 when they do not
 */
gint64 live_countdown_next_change (gint64 deadline, gint64 now);

G_END_DECLS
