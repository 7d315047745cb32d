/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

#include "client/client-job.h"

G_BEGIN_DECLS

/* From the codes of jobs (backend-helper/model/job.h) to sentences, as client/words.h does it for the rest. */

/* What the whole job does: "Making the pool ram1 in RAM". (transfer full) */
char *live_job_words_kind (const char *kind, const char *subject);

/* What it does at the moment: "making the file system". (transfer full) */
char *live_job_words_step (const char *step);

/* Both, and how far it is: "Making the pool ram1 in RAM: reserving space, 40 %". (transfer full) */
char *live_job_words_progress (LiveClientJob *job);

/* That it succeeded: "The pool ram1 is ready." (transfer full) */
char *live_job_words_done (const char *kind, const char *subject);

/**
 * live_job_words_failed:
 * @kind: of the job
 * @subject: name of the pool or qube
 * @error: of the domain LIVE_ERROR or LIVE_CLIENT_ERROR
 * @title: (out) (transfer full): what did not happen
 * @body: (out) (transfer full): why, and what to do about it
 */
void live_job_words_failed (const char *kind, const char *subject, const GError *error, char **title, char **body);

G_END_DECLS
