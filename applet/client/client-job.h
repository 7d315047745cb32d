/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define LIVE_TYPE_CLIENT_JOB (live_client_job_get_type ())
G_DECLARE_FINAL_TYPE (LiveClientJob, live_client_job, LIVE, CLIENT_JOB, GObject)

/**
 * LiveClientJob:
 *
 * What the helper last said about one thing that takes time; the rules of #LiveClientQube hold here too. The helper
 * removes it a minute after its end.
 */
/* At least 1; unique for as long as the helper runs. */
guint live_client_job_get_id (LiveClientJob *self);
const char *live_client_job_get_object_path (LiveClientJob *self);
const char *live_client_job_get_kind (LiveClientJob *self);    /* "" when not known */
const char *live_client_job_get_subject (LiveClientJob *self); /* name of a pool or qube; "" when not known */
const char *live_client_job_get_step (LiveClientJob *self);    /* "" when not known */
/* 0 to 1; -1 when not known. */
double live_client_job_get_progress (LiveClientJob *self);
/* Whether it can be cancelled now; FALSE when not known. */
gboolean live_client_job_get_cancellable (LiveClientJob *self);
gboolean live_client_job_get_finished (LiveClientJob *self);

/**
 * live_client_job_dup_error:
 *
 * Returns: (transfer full) (nullable): why it failed, of the domain LIVE_ERROR (model/error.h); an error that is not
 *   known here is #LIVE_ERROR_FAILED. %NULL when it succeeded or has not ended
 */
GError *live_client_job_dup_error (LiveClientJob *self);

/* The same from the properties ErrorName and ErrorMessage. (transfer full) (nullable): %NULL for an empty name. */
GError *live_client_job_make_error (const char *error_name, const char *message);

/**
 * live_client_job_parse_path:
 * @object_path: any object path
 *
 * Returns: the id of the job that belongs there, 0 when it is no path of a job
 */
guint live_client_job_parse_path (const char *object_path);

/* As live_client_qube_new() and live_client_qube_update(). @object_path must be one of a job. */
LiveClientJob *live_client_job_new (const char *object_path);
gboolean live_client_job_update (LiveClientJob *self, GVariant *properties);

G_END_DECLS
