/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LiveStopWatch:
 *
 * Qubes that are given some time, each its own. So are those of which `domain-stopped` was seen and `domain-shutdown`
 * not yet: the second never comes when qubesd fails an assertion in between, as it does with a read-only volume that is
 * to be committed in an LVM thin pool (qubes/storage/lvm.py), and such a qube must not be taken for one that is still
 * stopping for ever.
 */
typedef struct _LiveStopWatch LiveStopWatch;

/* Called when the time of a qube is over; it is not watched any more then. */
typedef void (*LiveStopOverdue) (const char *name, gpointer data);

LiveStopWatch *live_stop_watch_new (guint seconds, LiveStopOverdue overdue, gpointer data);
void live_stop_watch_free (LiveStopWatch *watch);

/* From now on, whatever was left of its time. */
void live_stop_watch_begin (LiveStopWatch *watch, const char *name);
void live_stop_watch_end (LiveStopWatch *watch, const char *name);
void live_stop_watch_clear (LiveStopWatch *watch);

G_END_DECLS
