/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "client/client.h"
#include "sources/clock.h"
#include "tray/notifier.h"

G_BEGIN_DECLS

/**
 * LiveJobWatch:
 *
 * Tells by notifications how jobs ended, whoever began them: always that one failed and that a copy of a qube runs in
 * RAM, everything else only when it took so long that nobody is looking any more.
 */
typedef struct _LiveJobWatch LiveJobWatch;

LiveJobWatch *live_job_watch_new (LiveClient *client, LiveNotifier *notifier, LiveClock *clock);
void live_job_watch_free (LiveJobWatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveJobWatch, live_job_watch_free)

/**
 * live_job_watch_tell_failed:
 * @kind: of the job
 * @subject: name of the pool or qube
 * @error: of the domain LIVE_ERROR or LIVE_CLIENT_ERROR
 *
 * Tells that a job failed, or that it did not begin. Being cancelled is not told.
 */
void live_job_watch_tell_failed (LiveNotifier *notifier, const char *kind, const char *subject, const GError *error);

G_END_DECLS
