/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/jobs-menu.h"

#include "client/job-words.h"
#include "model/error.h"
#include "tray/check-item.h"

#include <glib/gi18n.h>

struct _LiveJobsMenu
{
  grefcount references; /* one is the owner's, one each call's that is under way */
  LiveClient *client;
  LiveNotifier *notifier;
  GtkMenuShell *menu;
  GtkWidget *behind;
  GPtrArray *rows; /* of Row, oldest first */
};

/* One job that runs. */
typedef struct
{
  LiveJobsMenu *menu; /* not owned */
  LiveClientJob *job;
  gboolean cancelling;
  GtkWidget *line;
  GtkWidget *cancel; /* NULL before it could be cancelled for the first time */
} Row;

/* A call on its way. */
typedef struct
{
  LiveJobsMenu *menu;
  LiveClientJob *job;
} Call;

static void
row_free (gpointer data)
{
  Row *row = data;

  gtk_widget_destroy (row->line);
  if (row->cancel != NULL)
    gtk_widget_destroy (row->cancel);
  g_object_unref (row->job);
  g_free (row);
}

static void
live_jobs_menu_unref (LiveJobsMenu *self)
{
  if (!g_ref_count_dec (&self->references))
    return;
  g_ptr_array_unref (self->rows);
  g_object_unref (self->client);
  g_object_unref (self->notifier);
  g_free (self);
}

static Row *
find_row (LiveJobsMenu *self, LiveClientJob *job)
{
  for (guint i = 0; i < self->rows->len; i++)
    {
      Row *row = self->rows->pdata[i];

      if (row->job == job)
        return row;
    }
  return NULL;
}

static void
insert_behind (LiveJobsMenu *self, GtkWidget *item, GtkWidget *behind)
{
  g_autoptr (GList) items = gtk_container_get_children (GTK_CONTAINER (self->menu));

  gtk_menu_shell_insert (self->menu, item, g_list_index (items, behind) + 1);
}

static void cancel_chosen (GtkMenuItem *item, Row *row);

static void
row_update (Row *row)
{
  gboolean cancellable = live_client_job_get_cancellable (row->job);
  g_autofree char *words = live_job_words_progress (row->job);

  live_menu_item_set_label (row->line, words);
  if (row->cancel == NULL && cancellable)
    {
      row->cancel = live_menu_item_new (_ ("Cancel"), TRUE);
      g_signal_connect (row->cancel, "activate", G_CALLBACK (cancel_chosen), row);
      insert_behind (row->menu, row->cancel, row->line);
    }
  if (row->cancel == NULL)
    return;
  live_menu_item_set_sensitive (row->cancel, !row->cancelling);
  live_menu_item_set_visible (row->cancel, cancellable);
}

/* Cancelling. */

static void
tell_failed (LiveJobsMenu *self, LiveClientJob *job, const GError *error)
{
  const char *subject = live_client_job_get_subject (job);

  if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED))
    {
      g_autofree char *doing = live_job_words_kind (live_client_job_get_kind (job), subject);

      live_notifier_send (self->notifier, subject, doing, _ ("It is too late to cancel: it is going to its end."),
                          LIVE_NOTIFIER_NORMAL);
    }
  /* It ended in the meantime. */
  else if (!g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_FOUND))
    live_notifier_send_error (self->notifier, subject, error);
}

static void
cancelled (GObject *client, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  Row *row = find_row (call->menu, call->job);
  g_autoptr (GError) error = NULL;

  if (!live_client_cancel_job_finish (LIVE_CLIENT (client), result, &error))
    tell_failed (call->menu, call->job, error);
  if (row != NULL)
    {
      row->cancelling = FALSE;
      row_update (row);
    }
  live_jobs_menu_unref (call->menu);
  g_object_unref (call->job);
  g_free (call);
}

static void
cancel_chosen (GtkMenuItem *item, Row *row)
{
  Call *call = NULL;

  /* The panel may send a click for an item that is not there any more. */
  if (row->cancelling || !live_client_job_get_cancellable (row->job))
    return;
  call = g_new0 (Call, 1);
  call->menu = row->menu;
  call->job = g_object_ref (row->job);
  g_ref_count_inc (&row->menu->references);
  row->cancelling = TRUE;
  row_update (row);
  live_client_cancel_job_async (call->menu->client, call->job, NULL, cancelled, call);
}

/* Coming and going. */

static void
job_added (LiveClient *client, LiveClientJob *job, LiveJobsMenu *self)
{
  Row *last = self->rows->len > 0 ? self->rows->pdata[self->rows->len - 1] : NULL;
  Row *row = NULL;

  if (live_client_job_get_finished (job))
    return;
  row = g_new0 (Row, 1);
  row->menu = self;
  row->job = g_object_ref (job);
  row->line = live_menu_item_new ("", FALSE);
  insert_behind (self, row->line, last == NULL ? self->behind : last->cancel != NULL ? last->cancel : last->line);
  g_ptr_array_add (self->rows, row);
  row_update (row);
}

static void
job_removed (LiveClient *client, LiveClientJob *job, LiveJobsMenu *self)
{
  Row *row = find_row (self, job);

  if (row != NULL)
    g_ptr_array_remove (self->rows, row);
}

static void
job_changed (LiveClient *client, LiveClientJob *job, LiveJobsMenu *self)
{
  Row *row = find_row (self, job);

  if (live_client_job_get_finished (job))
    job_removed (client, job, self);
  else if (row != NULL)
    row_update (row);
}

LiveJobsMenu *
live_jobs_menu_new (LiveClient *client, LiveNotifier *notifier, GtkMenuShell *menu, GtkWidget *behind)
{
  LiveJobsMenu *self = g_new0 (LiveJobsMenu, 1);
  g_autoptr (GPtrArray) jobs = live_client_get_jobs (client);

  g_ref_count_init (&self->references);
  self->client = g_object_ref (client);
  self->notifier = g_object_ref (notifier);
  self->menu = menu;
  self->behind = behind;
  self->rows = g_ptr_array_new_with_free_func (row_free);
  for (guint i = 0; i < jobs->len; i++)
    job_added (client, jobs->pdata[i], self);
  g_signal_connect (client, "job-added", G_CALLBACK (job_added), self);
  g_signal_connect (client, "job-changed", G_CALLBACK (job_changed), self);
  g_signal_connect (client, "job-removed", G_CALLBACK (job_removed), self);
  return self;
}

void
live_jobs_menu_free (LiveJobsMenu *self)
{
  g_signal_handlers_disconnect_by_data (self->client, self);
  g_ptr_array_set_size (self->rows, 0);
  live_jobs_menu_unref (self);
}
