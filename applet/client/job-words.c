/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "client/job-words.h"

#include "client/client.h"
#include "client/words.h"
#include "model/error.h"
#include "model/job.h"

#include <string.h>

#include <glib/gi18n-lib.h>

/* Each with one %s for the pool or qube. */
typedef struct
{
  const char *kind;
  const char *doing;
  const char *done;
  const char *failed;
  const char *cancelled;
} KindWords;

static const KindWords kinds[] = {
  { LIVE_JOB_CREATE_RAM_POOL, N_ ("Making the pool %s in RAM"), N_ ("The pool %s is ready."),
    N_ ("The pool %s was not made"), N_ ("The pool %s was not made: taken back") },
  { LIVE_JOB_CREATE_ENCRYPTED_POOL, N_ ("Making the encrypted pool %s"), N_ ("The pool %s is ready."),
    N_ ("The pool %s was not made"), N_ ("The pool %s was not made: taken back") },
  { LIVE_JOB_RESIZE_POOL, N_ ("Changing the size of the pool %s"), N_ ("The pool %s has its new size."),
    N_ ("The size of the pool %s was not changed"), N_ ("The size of the pool %s was not changed: taken back") },
  { LIVE_JOB_DESTROY_POOL, N_ ("Destroying the pool %s"), N_ ("The pool %s is destroyed."),
    N_ ("The pool %s was not destroyed, or not all of it"), N_ ("The pool %s was not destroyed: taken back") },
  { LIVE_JOB_RUN_RAM_QUBE, N_ ("Starting a copy of %s that lives in RAM"), N_ ("A copy of %s runs in RAM."),
    N_ ("No copy of %s runs in RAM"), N_ ("No copy of %s runs in RAM: taken back") },
};

/* A kind that is newer than we are. */
static const KindWords other_kind
    = { NULL, N_ ("Changing %s"), N_ ("%s is changed."), N_ ("%s was not changed"), N_ ("%s: taken back") };

static const struct
{
  const char *step;
  const char *words;
} steps[] = {
  { LIVE_JOB_STEP_CHECK, N_ ("checking names, sizes and memory") },
  { LIVE_JOB_STEP_DEVICE, N_ ("setting up the device") },
  { LIVE_JOB_STEP_ALLOCATE, N_ ("reserving space") },
  { LIVE_JOB_STEP_FORMAT, N_ ("making the file system") },
  { LIVE_JOB_STEP_MOUNT, N_ ("mounting it") },
  { LIVE_JOB_STEP_ADD_POOL, N_ ("telling qubesd about the pool") },
  { LIVE_JOB_STEP_SET_DEFAULT, N_ ("making it the default of new qubes") },
  { LIVE_JOB_STEP_SHUT_DOWN_QUBES, N_ ("shutting its qubes down") },
  { LIVE_JOB_STEP_REMOVE_QUBES, N_ ("removing its qubes") },
  { LIVE_JOB_STEP_RESTORE_DEFAULT, N_ ("putting the default of new qubes back") },
  { LIVE_JOB_STEP_REMOVE_POOL, N_ ("telling qubesd that the pool is gone") },
  { LIVE_JOB_STEP_UNMOUNT, N_ ("unmounting it") },
  { LIVE_JOB_STEP_CLOSE, N_ ("forgetting the key") },
  { LIVE_JOB_STEP_RESET, N_ ("giving the RAM back") },
  { LIVE_JOB_STEP_RESIZE, N_ ("changing its size") },
  { LIVE_JOB_STEP_CREATE_QUBE, N_ ("creating the qube") },
  { LIVE_JOB_STEP_COPY_SETTINGS, N_ ("copying the settings") },
  { LIVE_JOB_STEP_COPY_FILES, N_ ("copying the files") },
  { LIVE_JOB_STEP_START_QUBE, N_ ("starting the qube") },
  { LIVE_JOB_STEP_UNDO, N_ ("undoing what was done") },
};

static const KindWords *
find_kind (const char *kind)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      if (g_str_equal (kinds[i].kind, kind))
        return &kinds[i];
    }
  return &other_kind;
}

static char *
fill_in (const char *words, const char *subject)
{
  g_autofree char *name = live_words_clean (subject);

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  return g_strdup_printf (_ (words), name);
#pragma GCC diagnostic pop
}

char *
live_job_words_kind (const char *kind, const char *subject)
{
  return fill_in (find_kind (kind)->doing, subject);
}

char *
live_job_words_step (const char *step)
{
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      if (g_str_equal (steps[i].step, step))
        return g_strdup (_ (steps[i].words));
    }
  return live_words_clean (step);
}

char *
live_job_words_progress (LiveClientJob *job)
{
  g_autofree char *kind = live_job_words_kind (live_client_job_get_kind (job), live_client_job_get_subject (job));
  g_autofree char *step = live_job_words_step (live_client_job_get_step (job));
  double progress = live_client_job_get_progress (job);

  if (*step == '\0')
    return g_steal_pointer (&kind);
  if (progress < 0)
    /* Translators: what is being done, and the step of it */
    return g_strdup_printf (_ ("%s: %s"), kind, step);
  /* Cut, not rounded: 100 % is said of what is complete. Translators: what is done, the step of it, per cent */
  return g_strdup_printf (_ ("%s: %s, %u %%"), kind, step, (guint) (progress * 100));
}

char *
live_job_words_done (const char *kind, const char *subject)
{
  return fill_in (find_kind (kind)->done, subject);
}

void
live_job_words_failed (const char *kind, const char *subject, const GError *error, char **title, char **body)
{
  const KindWords *words = find_kind (kind);
  g_autofree char *general_title = NULL;
  g_autofree char *general_body = NULL;
  g_autofree char *message = NULL;

  g_return_if_fail (error != NULL && title != NULL && body != NULL);

  live_words_error (error, subject, &general_title, &general_body);
  /* Then it is not known how it ended. */
  if (error->domain == LIVE_CLIENT_ERROR)
    {
      *title = g_steal_pointer (&general_title);
      *body = g_steal_pointer (&general_body);
      return;
    }
  if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_CANCELLED))
    {
      *title = fill_in (words->cancelled, subject);
      *body = g_strdup (_ ("What had been done was undone."));
      return;
    }
  *title = fill_in (words->failed, subject);
  /* The numbers, and who holds what, are in the message only: it is worth showing, English as it is. */
  message = live_words_clean (error->message);
  if (*message == '\0' || strstr (general_body, message) != NULL)
    *body = g_steal_pointer (&general_body);
  else
    /* Translators: what to do, then the technical message */
    *body = g_strdup_printf (_ ("%s (%s)"), general_body, message);
}
