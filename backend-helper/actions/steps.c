/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/steps.h"

#include "model/error.h"

typedef struct
{
  LiveQubesdClient *client;
  LivePlan plan;
  char *saved_before; /* live.saved as it was; NULL when it was not set */
  char *saved_after;  /* what the step that saves writes */
  guint next;         /* the step to do, or while undoing one more than the step to undo */
  GError *error;      /* why the steps are being undone */
  const char *failed;
} LiveStepRun;

static void
run_free (LiveStepRun *run)
{
  g_object_unref (run->client);
  g_free (run->saved_before);
  g_free (run->saved_after);
  g_clear_error (&run->error);
  g_free (run);
}

static const char *
step_name (LiveStep step)
{
  const char *name = live_step_to_string (step);

  return name != NULL ? name : LIVE_FEATURE_SAVED;
}

static void
send_step (GTask *task, LiveStep step, gboolean undo, GAsyncReadyCallback callback)
{
  LiveStepRun *run = g_task_get_task_data (task);
  const char *name = live_qube_get_name (g_task_get_source_object (task));
  const char *method = NULL, *argument = NULL, *text = NULL;
  g_autoptr (GBytes) payload = NULL;

  switch (step)
    {
    case LIVE_STEP_SAVE:
      method = undo ? "admin.vm.feature.Remove" : "admin.vm.feature.Set";
      argument = LIVE_FEATURE_SAVED;
      text = undo ? NULL : run->saved_after;
      break;
    case LIVE_STEP_FORGET_SAVED:
      method = undo ? "admin.vm.feature.Set" : "admin.vm.feature.Remove";
      argument = LIVE_FEATURE_SAVED;
      text = undo ? run->saved_before : NULL;
      break;
    case LIVE_STEP_ROOT_READ_ONLY:
    case LIVE_STEP_ROOT_WRITABLE:
      method = "admin.vm.volume.Set.rw";
      argument = "root";
      text = (step == LIVE_STEP_ROOT_WRITABLE) != undo ? "True" : "False";
      break;
    case LIVE_STEP_VOLATILE_EPHEMERAL:
    case LIVE_STEP_VOLATILE_NOT_EPHEMERAL:
      method = "admin.vm.volume.Set.ephemeral";
      argument = "volatile";
      text = (step == LIVE_STEP_VOLATILE_EPHEMERAL) != undo ? "True" : "False";
      break;
    case LIVE_N_STEPS:
    default:
      g_assert_not_reached ();
    }
  if (text != NULL)
    payload = live_qubesd_payload_new (text);
  live_qubesd_client_call_async (run->client, method, argument, name, payload, 0, NULL, callback,
                                 g_object_ref (task));
}

static void
on_undone (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  LiveStepRun *run = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  run->next--;
  if (answer == NULL)
    {
      g_autofree char *first = g_steal_pointer (&run->error->message);

      run->error->message = g_strdup_printf ("%s; and %s could not be undone: %s", first,
                                             step_name (run->plan.steps[run->next]), error->message);
    }
  if (run->next > 0)
    send_step (task, run->plan.steps[run->next - 1], TRUE, on_undone);
  else
    g_task_return_error (task, g_steal_pointer (&run->error));
}

static void
on_done (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  LiveStepRun *run = g_task_get_task_data (task);
  g_autoptr (GBytes) answer = NULL;

  answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &run->error);
  if (answer != NULL)
    {
      run->next++;
      if (run->next < run->plan.n_steps)
        send_step (task, run->plan.steps[run->next], FALSE, on_done);
      else
        g_task_return_boolean (task, TRUE);
      return;
    }
  run->failed = step_name (run->plan.steps[run->next]);
  /* Whether a step that was not answered happened is not known: undo it too, it does no harm. */
  if (g_error_matches (run->error, LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE))
    run->next++;
  if (run->next > 0)
    send_step (task, run->plan.steps[run->next - 1], TRUE, on_undone);
  else
    g_task_return_error (task, g_steal_pointer (&run->error));
}

void
live_steps_run_async (LiveQubesdClient *client, LiveQube *qube, const LivePlan *plan, GAsyncReadyCallback callback,
                      gpointer data)
{
  g_autoptr (GTask) task = g_task_new (qube, NULL, callback, data);
  LiveStepRun *run = g_new0 (LiveStepRun, 1);

  g_return_if_fail (plan->kind == LIVE_PLAN_STEPS && plan->n_steps > 0);

  run->client = g_object_ref (client);
  run->plan = *plan;
  run->saved_before = g_strdup (live_qube_get_facts (qube)->saved);
  run->saved_after = live_saved_format (live_qube_get_facts (qube));
  g_task_set_task_data (task, run, (GDestroyNotify) run_free);
  send_step (task, run->plan.steps[0], FALSE, on_done);
}

gboolean
live_steps_run_finish (LiveQube *qube, GAsyncResult *result, const char **failed, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, qube), FALSE);

  if (failed != NULL)
    *failed = ((LiveStepRun *) g_task_get_task_data (G_TASK (result)))->failed;
  return g_task_propagate_boolean (G_TASK (result), error);
}
