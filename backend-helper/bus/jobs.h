/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "bus/authority.h"
#include "model/system.h"

G_BEGIN_DECLS

/* So long a face has to see how a job ended. */
#define LIVE_JOBS_KEEP_SECONDS 60

/**
 * LiveJobs:
 *
 * Shows the system's jobs on the bus at /org/qubes/Live1/job/N, from live_system_add_job() on until some time after
 * their end, when it also removes them from the system. A job is on the bus with all its properties before
 * live_system_add_job() returns, so that the answer of the method that began it cannot overtake it.
 */
#define LIVE_TYPE_JOBS (live_jobs_get_type ())
G_DECLARE_FINAL_TYPE (LiveJobs, live_jobs, LIVE, JOBS, GObject)

/**
 * live_jobs_new:
 * @system: whose jobs
 * @authority: who is asked before one is cancelled
 * @objects: where they are exported, and with that subject to the view filter
 * @keep_seconds: how long a job stays after its end; %LIVE_JOBS_KEEP_SECONDS but for tests
 *
 * Returns: (transfer full): with the jobs that there are exported already
 */
LiveJobs *
live_jobs_new (LiveSystem *system, LiveAuthority *authority, GDBusObjectManagerServer *objects, guint keep_seconds);

/**
 * live_jobs_dup_path:
 *
 * Returns: (transfer full): the object path of @job, for the answer of the method that began it
 */
char *live_jobs_dup_path (LiveJob *job);

G_END_DECLS
