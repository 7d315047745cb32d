/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/job-watch.h"

#include "client/job-words.h"
#include "model/error.h"
#include "model/job.h"

#include <glib/gi18n.h>

/* Whoever waits for longer than this does something else meanwhile. */
#define LONG_SECONDS 10

struct _LiveJobWatch
{
  LiveClient *client;
  LiveNotifier *notifier;
  LiveClock *clock;
  GHashTable *begun; /* LiveClientJob, of those that run → gint64: the time since the machine's start, in seconds */
};

static void
send (LiveNotifier *notifier, const char *name, const char *title, const char *body, LiveNotifierUrgency urgency)
{
  /* No name of a pool or qube has a space in it. */
  g_autofree char *subject = g_strconcat ("job ", name, NULL);

  live_notifier_send (notifier, subject, title, body, urgency);
}

void
live_job_watch_tell_failed (LiveNotifier *notifier, const char *kind, const char *subject, const GError *error)
{
  g_autofree char *title = NULL;
  g_autofree char *body = NULL;

  g_return_if_fail (error != NULL);

  if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_CANCELLED))
    return;
  live_job_words_failed (kind, subject, error, &title, &body);
  send (notifier, subject, title, body, LIVE_NOTIFIER_NORMAL);
}

static void
tell_cancelled (LiveJobWatch *self, LiveClientJob *job, const GError *error)
{
  g_autofree char *title = NULL;
  g_autofree char *body = NULL;

  live_job_words_failed (live_client_job_get_kind (job), live_client_job_get_subject (job), error, &title, &body);
  send (self->notifier, live_client_job_get_subject (job), title, body, LIVE_NOTIFIER_LOW);
}

static void
tell_done (LiveJobWatch *self, LiveClientJob *job)
{
  const char *kind = live_client_job_get_kind (job);
  g_autofree char *title = live_job_words_done (kind, live_client_job_get_subject (job));

  send (self->notifier, live_client_job_get_subject (job), title,
        g_str_equal (kind, LIVE_JOB_RUN_RAM_QUBE)
            ? _ ("When it shuts down it is removed, with everything that was written in it.")
            : "",
        LIVE_NOTIFIER_LOW);
}

/* @was_long: whether it ran so long. */
static void
tell_end (LiveJobWatch *self, LiveClientJob *job, gboolean was_long)
{
  g_autoptr (GError) error = live_client_job_dup_error (job);

  if (error == NULL)
    {
      if (was_long || g_str_equal (live_client_job_get_kind (job), LIVE_JOB_RUN_RAM_QUBE))
        tell_done (self, job);
    }
  else if (!g_error_matches (error, LIVE_ERROR, LIVE_ERROR_CANCELLED))
    live_job_watch_tell_failed (self->notifier, live_client_job_get_kind (job), live_client_job_get_subject (job),
                                error);
  else if (was_long)
    tell_cancelled (self, job, error);
}

static void
job_added (LiveClient *client, LiveClientJob *job, LiveJobWatch *self)
{
  gint64 *now = NULL;

  if (live_client_job_get_finished (job))
    {
      /* So short that it is seen only now. One that ended before we looked for the first time is no news. */
      if (live_client_get_state (client) == LIVE_CLIENT_READY)
        tell_end (self, job, FALSE);
      return;
    }
  now = g_new (gint64, 1);
  *now = live_clock_get_boot (self->clock);
  g_hash_table_insert (self->begun, job, now);
}

static void
job_changed (LiveClient *client, LiveClientJob *job, LiveJobWatch *self)
{
  gint64 *begun = g_hash_table_lookup (self->begun, job);
  gboolean was_long = FALSE;

  if (begun == NULL || !live_client_job_get_finished (job))
    return;
  was_long = live_clock_get_boot (self->clock) - *begun > LONG_SECONDS;
  g_hash_table_remove (self->begun, job);
  tell_end (self, job, was_long);
}

/* One that has not ended goes with its helper. */
static void
job_removed (LiveClient *client, LiveClientJob *job, LiveJobWatch *self)
{
  g_autoptr (GError) error = NULL;

  if (!g_hash_table_remove (self->begun, job))
    return;
  error = g_error_new_literal (LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE, "The job went without an end");
  live_job_watch_tell_failed (self->notifier, live_client_job_get_kind (job), live_client_job_get_subject (job), error);
}

LiveJobWatch *
live_job_watch_new (LiveClient *client, LiveNotifier *notifier, LiveClock *clock)
{
  LiveJobWatch *self = g_new0 (LiveJobWatch, 1);
  g_autoptr (GPtrArray) jobs = live_client_get_jobs (client);

  self->client = g_object_ref (client);
  self->notifier = g_object_ref (notifier);
  self->clock = g_object_ref (clock);
  self->begun = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  for (guint i = 0; i < jobs->len; i++)
    if (!live_client_job_get_finished (jobs->pdata[i]))
      job_added (client, jobs->pdata[i], self);
  g_signal_connect (client, "job-added", G_CALLBACK (job_added), self);
  g_signal_connect (client, "job-changed", G_CALLBACK (job_changed), self);
  g_signal_connect (client, "job-removed", G_CALLBACK (job_removed), self);
  return self;
}

void
live_job_watch_free (LiveJobWatch *self)
{
  g_signal_handlers_disconnect_by_data (self->client, self);
  g_hash_table_unref (self->begun);
  g_object_unref (self->client);
  g_object_unref (self->notifier);
  g_object_unref (self->clock);
  g_free (self);
}
