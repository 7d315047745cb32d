/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/pool-control.h"

#include "client/pool-words.h"
#include "model/job.h"
#include "tray/job-watch.h"
#include "tray/preview-dialog.h"

#include <glib/gi18n.h>

struct _LivePoolControl
{
  grefcount references; /* one is the owner's, one each action's that is under way */
  LiveClient *client;
  LiveClientPool *pool;
  LiveNotifier *notifier;
  gboolean busy;
  LivePreviewDialog *dialog;
  char **shown;                    /* names of the qubes that the dialog lists */
  void (*changed) (gpointer data); /* NULL once the owner is gone */
  gpointer data;
};

static void
live_pool_control_unref (LivePoolControl *self)
{
  if (!g_ref_count_dec (&self->references))
    return;
  g_strfreev (self->shown);
  g_object_unref (self->client);
  g_object_unref (self->pool);
  g_object_unref (self->notifier);
  g_free (self);
}

static void
set_busy (LivePoolControl *self, gboolean busy)
{
  self->busy = busy;
  if (self->changed != NULL)
    self->changed (self->data);
}

static void
action_begins (LivePoolControl *self)
{
  g_ref_count_inc (&self->references);
  set_busy (self, TRUE);
}

static void
action_ended (LivePoolControl *self)
{
  set_busy (self, FALSE);
  live_pool_control_unref (self);
}

static gboolean
has_job (LivePoolControl *self)
{
  g_autoptr (GPtrArray) jobs = live_client_get_jobs (self->client);

  for (guint i = 0; i < jobs->len; i++)
    {
      LiveClientJob *job = jobs->pdata[i];

      /* The subject of that kind is a qube. */
      if (!live_client_job_get_finished (job) && !g_str_equal (live_client_job_get_kind (job), LIVE_JOB_RUN_RAM_QUBE)
          && g_str_equal (live_client_job_get_subject (job), live_client_pool_get_name (self->pool)))
        return TRUE;
    }
  return FALSE;
}

gboolean
live_pool_control_is_busy (LivePoolControl *self)
{
  return self->busy || has_job (self);
}

static gboolean
is_gone (LivePoolControl *self)
{
  return g_str_equal (live_client_pool_get_state (self->pool), "gone");
}

/* Settings. */

static void
default_set (GObject *client, GAsyncResult *result, gpointer user_data)
{
  LivePoolControl *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!live_client_set_pool_default_finish (LIVE_CLIENT (client), result, &error))
    live_notifier_send_error (self->notifier, live_client_pool_get_name (self->pool), error);
  action_ended (self);
}

gboolean
live_pool_control_may_set_default (LivePoolControl *self)
{
  return !live_pool_control_is_busy (self) && live_client_pool_get_managed (self->pool) && !is_gone (self);
}

void
live_pool_control_toggle_default (LivePoolControl *self)
{
  if (!live_pool_control_may_set_default (self))
    return;
  action_begins (self);
  live_client_set_pool_default_async (self->client, self->pool, !live_client_pool_get_is_default (self->pool), NULL,
                                      default_set, self);
}

static void
ephemeral_volatile_set (GObject *client, GAsyncResult *result, gpointer user_data)
{
  LivePoolControl *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!live_client_set_pool_ephemeral_volatile_finish (LIVE_CLIENT (client), result, &error))
    live_notifier_send_error (self->notifier, live_client_pool_get_name (self->pool), error);
  action_ended (self);
}

gboolean
live_pool_control_may_set_ephemeral_volatile (LivePoolControl *self)
{
  return !live_pool_control_is_busy (self) && live_client_pool_get_ephemeral_volatile_supported (self->pool)
         && !is_gone (self);
}

void
live_pool_control_toggle_ephemeral_volatile (LivePoolControl *self)
{
  if (!live_pool_control_may_set_ephemeral_volatile (self))
    return;
  action_begins (self);
  live_client_set_pool_ephemeral_volatile_async (self->client, self->pool,
                                                 !live_client_pool_get_ephemeral_volatile (self->pool), NULL,
                                                 ephemeral_volatile_set, self);
}

/* Destroying it. */

static void
destroy_begun (GObject *client, GAsyncResult *result, gpointer user_data)
{
  LivePoolControl *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *job = live_client_destroy_pool_finish (LIVE_CLIENT (client), result, &error);

  /* How a job ends is told by whoever watches jobs. */
  if (job == NULL)
    live_job_watch_tell_failed (self->notifier, LIVE_JOB_DESTROY_POOL, live_client_pool_get_name (self->pool), error);
  action_ended (self);
}

gboolean
live_pool_control_may_destroy (LivePoolControl *self)
{
  return !live_pool_control_is_busy (self) && live_client_pool_get_managed (self->pool);
}

static void
destroy_accepted (LivePreviewDialog *dialog, LivePoolControl *self)
{
  if (!live_pool_control_may_destroy (self))
    return;
  action_begins (self);
  live_client_destroy_pool_async (self->client, self->pool, (const char *const *) self->shown, FALSE, NULL,
                                  destroy_begun, self);
}

/* Those of its qubes that run, or those that do not; one that is not known here may run. */
static GPtrArray *
list_qubes (LivePoolControl *self, gboolean running)
{
  GPtrArray *names = g_ptr_array_new ();

  for (gsize i = 0; self->shown[i] != NULL; i++)
    {
      LiveClientQube *qube = live_client_find_qube (self->client, self->shown[i]);

      if ((qube == NULL || !live_client_qube_is_halted (qube)) == running)
        g_ptr_array_add (names, self->shown[i]);
    }
  return names;
}

static void
make_dialog (LivePoolControl *self)
{
  gboolean gone = is_gone (self);
  g_autofree char *question = g_strdup_printf (gone ? _ ("Remove the pool %s?") : _ ("Destroy the pool %s?"),
                                               live_client_pool_get_name (self->pool));
  g_autofree char *loss = live_pool_words_loss (self->pool);
  g_autoptr (GPtrArray) running = NULL;
  g_autoptr (GPtrArray) halted = NULL;

  g_strfreev (self->shown);
  self->shown = g_strdupv ((char **) live_client_pool_get_qubes (self->pool));
  running = list_qubes (self, TRUE);
  halted = list_qubes (self, FALSE);
  self->dialog = live_preview_dialog_new (question, loss, gone ? _ ("_Remove") : _ ("_Destroy"), _ ("_Keep"), TRUE);
  live_preview_dialog_add_section (self->dialog, _ ("Qubes that are shut down and removed"), running);
  live_preview_dialog_add_section (self->dialog, _ ("Qubes that are removed"), halted);
  g_signal_connect (self->dialog, "accepted", G_CALLBACK (destroy_accepted), self);
  g_signal_connect (self->dialog, "destroy", G_CALLBACK (gtk_widget_destroyed), &self->dialog);
}

void
live_pool_control_ask_to_destroy (LivePoolControl *self)
{
  if (!live_pool_control_may_destroy (self))
    return;
  if (self->dialog == NULL)
    make_dialog (self);
  gtk_window_present (GTK_WINDOW (self->dialog));
}

LivePoolControl *
live_pool_control_new (
    LiveClient *client, LiveClientPool *pool, LiveNotifier *notifier, void (*changed) (gpointer data), gpointer data)
{
  LivePoolControl *self = g_new0 (LivePoolControl, 1);

  g_ref_count_init (&self->references);
  self->client = g_object_ref (client);
  self->pool = g_object_ref (pool);
  self->notifier = g_object_ref (notifier);
  self->changed = changed;
  self->data = data;
  return self;
}

void
live_pool_control_free (LivePoolControl *self)
{
  self->changed = NULL;
  if (self->dialog != NULL)
    gtk_widget_destroy (GTK_WIDGET (self->dialog));
  live_pool_control_unref (self);
}
