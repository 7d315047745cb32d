/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A commit of volumes is a matter of seconds. */
#define LIVE_STOP_WATCH_SECONDS 60

/**
 * LiveStopWatch:
 *
 * The qubes of which `domain-stopped` was seen and `domain-shutdown` not yet. The second never comes when qubesd fails
 * an assertion in between, as it does with a read-only volume that is to be committed in an LVM thin pool
 * (qubes/storage/lvm.py): such a qube is over all the same, and must not be taken for one that is still stopping for
 * ever.
 */
typedef struct _LiveStopWatch LiveStopWatch;

/* Called when a qube has been stopping for too long; it is not watched any more then. */
typedef void (*LiveStopOverdue) (const char *name, gpointer data);

LiveStopWatch *live_stop_watch_new (LiveStopOverdue overdue, gpointer data);
void live_stop_watch_free (LiveStopWatch *watch);

void live_stop_watch_begin (LiveStopWatch *watch, const char *name);
void live_stop_watch_end (LiveStopWatch *watch, const char *name);
void live_stop_watch_clear (LiveStopWatch *watch);

G_END_DECLS
