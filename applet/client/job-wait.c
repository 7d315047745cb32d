/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* Waiting until a job has ended. The mirror alone decides, once it holds the job; a job that it does not hold is read
 * from the bus once, because it may have ended and gone, or be on its way. */

#include "client/client-private.h"
#include "client/client.h"
#include "model/error.h"
#include "model/object-path.h"

typedef struct
{
  char *object_path;
  GCancellable *read; /* of the one reading from the bus */
  GSource *cancelled;
} Wait;

static void
wait_free (gpointer data)
{
  Wait *wait = data;

  if (wait->cancelled != NULL)
    {
      g_source_destroy (wait->cancelled);
      g_source_unref (wait->cancelled);
    }
  g_clear_object (&wait->read);
  g_free (wait->object_path);
  g_free (wait);
}

/* Takes @error, or %NULL for success. The task may not be there any more afterwards. */
static void
end (GTask *task, GError *error)
{
  g_autoptr (GTask) kept = g_object_ref (task);
  Wait *wait = g_task_get_task_data (task);

  g_signal_handlers_disconnect_by_data (g_task_get_source_object (task), task);
  g_cancellable_cancel (wait->read);
  if (wait->cancelled != NULL)
    g_source_destroy (wait->cancelled);
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  /* The one that the wait itself was. */
  g_object_unref (task);
}

static GError *
make_gone_error (LiveClient *self, const char *object_path)
{
  if (live_client_get_state (self) == LIVE_CLIENT_NOT_AUTHORIZED)
    return g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED,
                        "This user may not see any more how %s ends: polkit refused", object_path);
  return g_error_new (LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE,
                      "The end of %s was not seen: it, or the helper, is gone", object_path);
}

/* @job: added or changed. */
static void
on_job (LiveClient *client, LiveClientJob *job, GTask *task)
{
  Wait *wait = g_task_get_task_data (task);

  if (!g_str_equal (live_client_job_get_object_path (job), wait->object_path))
    return;
  /* The mirror has it now: what was read beside it would only be older. */
  g_cancellable_cancel (wait->read);
  if (live_client_job_get_finished (job))
    end (task, live_client_job_dup_error (job));
}

static void
on_job_removed (LiveClient *client, LiveClientJob *job, GTask *task)
{
  Wait *wait = g_task_get_task_data (task);

  if (g_str_equal (live_client_job_get_object_path (job), wait->object_path))
    end (task, make_gone_error (client, wait->object_path));
}

/* Whatever comes next is another helper, in which this path may be another job's. */
static void
on_state (LiveClient *client, GParamSpec *pspec, GTask *task)
{
  Wait *wait = g_task_get_task_data (task);

  if (live_client_get_state (client) != LIVE_CLIENT_READY)
    end (task, make_gone_error (client, wait->object_path));
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  end (user_data, g_error_new_literal (LIVE_ERROR, LIVE_ERROR_CANCELLED, "Nobody waits for the job any more"));
  return G_SOURCE_REMOVE;
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  LiveClient *self = g_task_get_source_object (task);
  Wait *wait = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) values = NULL;
  g_autoptr (LiveClientJob) job = NULL;

  /* The wait has ended, or the mirror has got the job in the meantime. */
  if (g_cancellable_is_cancelled (wait->read))
    return;
  if (reply == NULL)
    {
      end (task, make_gone_error (self, wait->object_path));
      return;
    }
  values = g_variant_get_child_value (reply, 0);
  job = live_client_job_new (wait->object_path);
  live_client_job_update (job, values);
  if (live_client_job_get_finished (job))
    end (task, live_client_job_dup_error (job));
}

void
live_client_wait_job_async (LiveClient *self,
                            const char *object_path,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  GTask *task = NULL;
  LiveClientJob *job = NULL;
  Wait *wait = NULL;

  g_return_if_fail (LIVE_IS_CLIENT (self) && object_path != NULL);

  task = g_task_new (self, NULL, callback, user_data);
  wait = g_new0 (Wait, 1);
  wait->object_path = g_strdup (object_path);
  wait->read = g_cancellable_new ();
  g_task_set_task_data (task, wait, wait_free);
  g_task_set_name (task, "live_client_wait_job");

  job = live_client_find_job (self, object_path);
  if (job != NULL && live_client_job_get_finished (job))
    {
      end (task, live_client_job_dup_error (job));
      return;
    }
  if (live_client_get_state (self) != LIVE_CLIENT_READY || live_client_job_parse_path (object_path) == 0)
    {
      end (task, make_gone_error (self, object_path));
      return;
    }
  g_signal_connect (self, "job-added", G_CALLBACK (on_job), task);
  g_signal_connect (self, "job-changed", G_CALLBACK (on_job), task);
  g_signal_connect (self, "job-removed", G_CALLBACK (on_job_removed), task);
  g_signal_connect (self, "notify::state", G_CALLBACK (on_state), task);
  if (cancellable != NULL)
    {
      wait->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (wait->cancelled, G_SOURCE_FUNC (on_cancelled), task, NULL);
      g_source_attach (wait->cancelled, g_main_context_get_thread_default ());
    }
  if (job == NULL)
    g_dbus_connection_call (live_client_get_bus (self), live_client_get_owner (self), object_path,
                            "org.freedesktop.DBus.Properties", "GetAll", g_variant_new ("(s)", LIVE_BUS_NAME ".Job"),
                            G_VARIANT_TYPE ("(a{sv})"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, wait->read, on_read,
                            g_object_ref (task));
}

gboolean
live_client_wait_job_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}
