/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/steps.h"

#include "model/error.h"
#include "sources/qubesd-reply.h"
#include "sources/qubesd-wire.h"

/* How long to wait for preloaded disposables to end: 30 seconds. */
#define RETRY_MILLISECONDS 250
#define MAX_RETRIES 120

typedef struct
{
  LiveQubesdClient *client;
  LivePlan plan;
  char *window;
  LiveStepProgress progress;
  gpointer progress_data;
  char *features[LIVE_N_FEATURES]; /* as they were */
  char *kernel_options;            /* as they were; NULL: the default */
  int revisions[LIVE_N_VOLUMES];   /* as they were */
  char *saved;                     /* what LIVE_STEP_SAVE writes */
  guint next;                      /* the step to do, or while undoing one more than the step to undo */
  guint n_retries;
  GError *error; /* why the steps are being undone */
  const char *failed;
} LiveStepRun;

/* What a step sends. Without @text nothing is sent with it. */
typedef struct
{
  const char *method;
  const char *argument;
  char *text;
} LiveStepCall;

static void
run_free (LiveStepRun *run)
{
  g_object_unref (run->client);
  g_free (run->window);
  for (guint i = 0; i < LIVE_N_FEATURES; i++)
    g_free (run->features[i]);
  g_free (run->kernel_options);
  g_free (run->saved);
  g_clear_error (&run->error);
  g_free (run);
}

/* @text: NULL removes the feature */
static LiveStepCall
set_feature (LiveFeature feature, const char *text)
{
  return (LiveStepCall){ .method = text != NULL ? "admin.vm.feature.Set" : "admin.vm.feature.Remove",
                         .argument = live_feature_to_string (feature),
                         .text = g_strdup (text) };
}

/* Sets a feature, or while undoing puts back what was there. */
static LiveStepCall
change_feature (LiveStepRun *run, LiveFeature feature, const char *text, gboolean undo)
{
  return set_feature (feature, undo ? run->features[feature] : text);
}

static LiveStepCall
set_rw (LiveVolumeName name, gboolean rw)
{
  return (LiveStepCall){ .method = "admin.vm.volume.Set.rw",
                         .argument = live_volume_name_to_string (name),
                         .text = g_strdup (rw ? "True" : "False") };
}

static LiveStepCall
set_revisions (LiveVolumeName name, int revisions)
{
  return (LiveStepCall){ .method = "admin.vm.volume.Set.revisions_to_keep",
                         .argument = live_volume_name_to_string (name),
                         .text = g_strdup_printf ("%d", revisions) };
}

static LiveStepCall
set_ephemeral (gboolean ephemeral)
{
  return (LiveStepCall){ .method = "admin.vm.volume.Set.ephemeral",
                         .argument = "volatile",
                         .text = g_strdup (ephemeral ? "True" : "False") };
}

static LiveStepCall
set_kernel_options (LiveStepRun *run, gboolean undo)
{
  const char *before = run->features[LIVE_FEATURE_KERNEL_OPTIONS];
  LiveStepCall call = { .method = "admin.vm.property.Set", .argument = "kernelopts" };

  if (undo && run->kernel_options != NULL)
    call.text = g_strdup (run->kernel_options);
  else if (!undo && before != NULL && *before == '=')
    call.text = g_strdup (before + 1);
  else
    call.method = "admin.vm.property.Reset";
  return call;
}

static const char *
get_guest_flag (const LiveStepRun *run)
{
  switch (run->plan.saved.guest_flag)
    {
    case LIVE_SAVED_FLAG_ON:
      return "1";
    case LIVE_SAVED_FLAG_OFF:
      return "";
    case LIVE_SAVED_FLAG_UNSET:
    default:
      return NULL;
    }
}

static LiveStepCall
get_call (LiveStepRun *run, LiveStep step, gboolean undo)
{
  switch (step)
    {
    case LIVE_STEP_RECORD_WINDOW:
      return change_feature (run, LIVE_FEATURE_WINDOW, run->window, undo);
    case LIVE_STEP_FORGET_WINDOW:
      return change_feature (run, LIVE_FEATURE_WINDOW, NULL, undo);
    case LIVE_STEP_RECORD_PRELOAD:
      return change_feature (run, LIVE_FEATURE_PRELOAD_HELD, run->features[LIVE_FEATURE_PRELOAD_MAX], undo);
    case LIVE_STEP_FORGET_PRELOAD:
      return change_feature (run, LIVE_FEATURE_PRELOAD_HELD, NULL, undo);
    case LIVE_STEP_PRELOAD_OFF:
      return change_feature (run, LIVE_FEATURE_PRELOAD_MAX, "0", undo);
    case LIVE_STEP_PRELOAD_ON:
      return change_feature (run, LIVE_FEATURE_PRELOAD_MAX,
                             run->features[LIVE_FEATURE_PRELOAD_HELD] != NULL ? run->features[LIVE_FEATURE_PRELOAD_HELD]
                                                                              : run->features[LIVE_FEATURE_PRELOAD_MAX],
                             undo);
    case LIVE_STEP_SAVE:
      return change_feature (run, LIVE_FEATURE_SAVED, run->saved, undo);
    case LIVE_STEP_FORGET_SAVED:
      return change_feature (run, LIVE_FEATURE_SAVED, NULL, undo);
    case LIVE_STEP_VOLATILE_EPHEMERAL:
    case LIVE_STEP_VOLATILE_NOT_EPHEMERAL:
      return set_ephemeral ((step == LIVE_STEP_VOLATILE_EPHEMERAL) != undo);
    case LIVE_STEP_ROOT_READ_ONLY:
    case LIVE_STEP_ROOT_WRITABLE:
      return set_rw (LIVE_VOLUME_ROOT, (step == LIVE_STEP_ROOT_WRITABLE) != undo);
    case LIVE_STEP_PRIVATE_READ_ONLY:
    case LIVE_STEP_PRIVATE_WRITABLE:
      return set_rw (LIVE_VOLUME_PRIVATE, (step == LIVE_STEP_PRIVATE_WRITABLE) != undo);
    case LIVE_STEP_ROOT_REVISIONS_OFF:
      return set_revisions (LIVE_VOLUME_ROOT, undo ? run->revisions[LIVE_VOLUME_ROOT] : -1);
    case LIVE_STEP_ROOT_REVISIONS_RESTORE:
      return set_revisions (LIVE_VOLUME_ROOT, undo ? run->revisions[LIVE_VOLUME_ROOT] : run->plan.saved.root_revisions);
    case LIVE_STEP_PRIVATE_REVISIONS_OFF:
      return set_revisions (LIVE_VOLUME_PRIVATE, undo ? run->revisions[LIVE_VOLUME_PRIVATE] : -1);
    case LIVE_STEP_PRIVATE_REVISIONS_RESTORE:
      return set_revisions (LIVE_VOLUME_PRIVATE,
                            undo ? run->revisions[LIVE_VOLUME_PRIVATE] : run->plan.saved.private_revisions);
    case LIVE_STEP_GUEST_FLAG_ON:
      return change_feature (run, LIVE_FEATURE_GUEST_FLAG, "1", undo);
    case LIVE_STEP_GUEST_FLAG_RESTORE:
      return change_feature (run, LIVE_FEATURE_GUEST_FLAG, get_guest_flag (run), undo);
    case LIVE_STEP_WINDOW_FLAG_ON:
      return change_feature (run, LIVE_FEATURE_WINDOW_FLAG, "1", undo);
    case LIVE_STEP_WINDOW_FLAG_OFF:
      return change_feature (run, LIVE_FEATURE_WINDOW_FLAG, NULL, undo);
    case LIVE_STEP_KERNEL_OPTIONS_RESTORE:
      return set_kernel_options (run, undo);
    case LIVE_STEP_FORGET_KERNEL_OPTIONS:
      return change_feature (run, LIVE_FEATURE_KERNEL_OPTIONS, NULL, undo);
    case LIVE_N_STEPS:
    default:
      g_assert_not_reached ();
    }
}

/* As in the property Pending, or else what it changes. */
static const char *
step_name (LiveStepRun *run, LiveStep step)
{
  LiveStepCall call = { 0 };

  if (live_step_to_string (step) != NULL)
    return live_step_to_string (step);
  call = get_call (run, step, FALSE);
  g_free (call.text);
  return g_str_has_prefix (call.method, "admin.vm.volume") ? LIVE_STEPS_REVISIONS : call.argument;
}

static void
send_step (GTask *task, LiveStep step, gboolean undo, GAsyncReadyCallback callback)
{
  LiveStepRun *run = g_task_get_task_data (task);
  LiveQube *qube = g_task_get_source_object (task);
  LiveStepCall call = get_call (run, step, undo);
  g_autofree char *text = call.text;
  g_autoptr (GBytes) payload = text != NULL ? live_qubesd_payload_new (text) : NULL;

  if (run->progress != NULL)
    run->progress (qube, step, undo, run->progress_data);
  live_qubesd_client_call_async (run->client, call.method, call.argument, live_qube_get_name (qube), payload, 0, NULL,
                                 callback, g_object_ref (task));
}

static void
on_undone (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  LiveStepRun *run = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  gboolean undone = answer != NULL || live_qubesd_error_is (error, "QubesFeatureNotFoundError");

  run->next--;
  if (!undone)
    {
      g_autofree char *first = g_steal_pointer (&run->error->message);

      run->error->message = g_strdup_printf (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL)
                                                 ? "%s; and whether %s was undone is not known: %s"
                                                 : "%s; and %s could not be undone: %s",
                                             first, step_name (run, run->plan.steps[run->next]), error->message);
    }
  /* What is written down of a window stays for as long as anything else of it may: its end is made from that. */
  if (run->next > 0 && (undone || run->plan.steps[0] != LIVE_STEP_RECORD_WINDOW))
    send_step (task, run->plan.steps[run->next - 1], TRUE, on_undone);
  else
    g_task_return_error (task, g_steal_pointer (&run->error));
}

static void on_done (GObject *client, GAsyncResult *result, gpointer data);

static gboolean
on_retry (gpointer data)
{
  GTask *task = data;
  LiveStepRun *run = g_task_get_task_data (task);

  send_step (task, run->plan.steps[run->next], FALSE, on_done);
  return G_SOURCE_REMOVE;
}

/* qubesd answers before the preloaded disposables have ended, and while one of them runs it does not change the
 * revisions of what they are made from. */
static gboolean
waits_for_preloaded (LiveStepRun *run)
{
  LiveStep step = run->plan.steps[run->next];

  if (!g_error_matches (run->error, LIVE_ERROR, LIVE_ERROR_NOT_HALTED) || run->n_retries >= MAX_RETRIES)
    return FALSE;
  if (step != LIVE_STEP_ROOT_REVISIONS_OFF && step != LIVE_STEP_ROOT_REVISIONS_RESTORE
      && step != LIVE_STEP_PRIVATE_REVISIONS_OFF && step != LIVE_STEP_PRIVATE_REVISIONS_RESTORE)
    return FALSE;
  for (guint i = 0; i < run->next; i++)
    if (run->plan.steps[i] == LIVE_STEP_PRELOAD_OFF)
      return TRUE;
  return FALSE;
}

/* The step cannot be done. */
static void
fail_step (GTask *task)
{
  LiveStepRun *run = g_task_get_task_data (task);

  run->failed = step_name (run, run->plan.steps[run->next]);
  if (run->plan.forward_only)
    run->next = 0;
  /* Whether a step happened that was not answered is not known, and one that could not be saved on the disk has
   * happened in qubesd's memory: undo it too, it does no harm. */
  else if (g_error_matches (run->error, LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE)
           || g_error_matches (run->error, LIVE_ERROR, LIVE_ERROR_PROTOCOL))
    run->next++;
  if (run->next > 0)
    send_step (task, run->plan.steps[run->next - 1], TRUE, on_undone);
  else
    g_task_return_error (task, g_steal_pointer (&run->error));
}

/* Whether the step switches the revisions of a volume off. */
static gboolean
get_revisions_off (LiveStepRun *run, LiveVolumeName *volume)
{
  LiveStep step = run->plan.steps[run->next];

  *volume = step == LIVE_STEP_ROOT_REVISIONS_OFF ? LIVE_VOLUME_ROOT : LIVE_VOLUME_PRIVATE;
  return step == LIVE_STEP_ROOT_REVISIONS_OFF || step == LIVE_STEP_PRIVATE_REVISIONS_OFF;
}

/* A qubesd that does not know -1 answers it with nothing at all, and so does one that cannot save it. What became of it
 * tells them apart, whatever the version says: -1 came in the middle of 4.3. */
static void
on_looked (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  LiveStepRun *run = g_task_get_task_data (task);
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, NULL);
  g_autoptr (LiveVolumeInfo) info = answer != NULL ? live_qubesd_reply_parse_volume_info (answer, NULL) : NULL;

  if (info != NULL && info->revisions_to_keep >= 0)
    {
      g_clear_error (&run->error);
      run->error = g_error_new_literal (LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED,
                                        "this version of Qubes cannot keep a volume read-only that is in an LVM thin "
                                        "pool: move the qube to another pool, or upgrade to Qubes 4.3");
    }
  fail_step (task);
}

static void
on_done (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  LiveStepRun *run = g_task_get_task_data (task);
  LiveVolumeName volume;
  g_autoptr (GBytes) answer = NULL;

  answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &run->error);
  /* What is not there need not be removed. */
  if (live_qubesd_error_is (run->error, "QubesFeatureNotFoundError"))
    {
      g_clear_error (&run->error);
      answer = g_bytes_new_static ("", 0);
    }
  if (answer != NULL)
    {
      run->next++;
      if (run->next < run->plan.n_steps)
        send_step (task, run->plan.steps[run->next], FALSE, on_done);
      else
        g_task_return_boolean (task, TRUE);
      return;
    }
  if (waits_for_preloaded (run))
    {
      g_clear_error (&run->error);
      run->n_retries++;
      g_timeout_add_full (G_PRIORITY_DEFAULT, RETRY_MILLISECONDS, on_retry, g_object_ref (task), g_object_unref);
      return;
    }
  if (g_error_matches (run->error, LIVE_ERROR, LIVE_ERROR_PROTOCOL) && get_revisions_off (run, &volume))
    live_qubesd_client_call_async (run->client, "admin.vm.volume.Info", live_volume_name_to_string (volume),
                                   live_qube_get_name (g_task_get_source_object (task)), NULL, 0, NULL, on_looked,
                                   g_object_ref (task));
  else
    fail_step (task);
}

LiveRead
live_steps_list_features (const LivePlan *plan)
{
  static const LiveFeature features[LIVE_N_STEPS] = {
    [LIVE_STEP_RECORD_WINDOW] = LIVE_FEATURE_WINDOW,
    [LIVE_STEP_FORGET_WINDOW] = LIVE_FEATURE_WINDOW,
    [LIVE_STEP_RECORD_PRELOAD] = LIVE_FEATURE_PRELOAD_HELD,
    [LIVE_STEP_FORGET_PRELOAD] = LIVE_FEATURE_PRELOAD_HELD,
    [LIVE_STEP_PRELOAD_OFF] = LIVE_FEATURE_PRELOAD_MAX,
    [LIVE_STEP_PRELOAD_ON] = LIVE_FEATURE_PRELOAD_MAX,
    [LIVE_STEP_SAVE] = LIVE_FEATURE_SAVED,
    [LIVE_STEP_FORGET_SAVED] = LIVE_FEATURE_SAVED,
    [LIVE_STEP_GUEST_FLAG_ON] = LIVE_FEATURE_GUEST_FLAG,
    [LIVE_STEP_GUEST_FLAG_RESTORE] = LIVE_FEATURE_GUEST_FLAG,
    [LIVE_STEP_WINDOW_FLAG_ON] = LIVE_FEATURE_WINDOW_FLAG,
    [LIVE_STEP_WINDOW_FLAG_OFF] = LIVE_FEATURE_WINDOW_FLAG,
    [LIVE_STEP_FORGET_KERNEL_OPTIONS] = LIVE_FEATURE_KERNEL_OPTIONS,
  };
  LiveRead what = LIVE_READ_NOTHING;

  /* The policy is the first of them, and changed by no step. */
  for (guint i = 0; i < plan->n_steps; i++)
    if (features[plan->steps[i]] != LIVE_FEATURE_POLICY)
      what |= live_read_feature (features[plan->steps[i]]);
    else if (plan->steps[i] == LIVE_STEP_KERNEL_OPTIONS_RESTORE)
      what |= LIVE_READ_KERNEL;
  return what;
}

void
live_steps_run_async (LiveQubesdClient *client,
                      LiveQube *qube,
                      const LivePlan *plan,
                      const char *window,
                      LiveStepProgress progress,
                      GAsyncReadyCallback callback,
                      gpointer data)
{
  g_autoptr (GTask) task = g_task_new (qube, NULL, callback, data);
  const LiveQubeFacts *facts = live_qube_get_facts (qube);
  LiveStepRun *run = g_new0 (LiveStepRun, 1);

  g_return_if_fail (plan->kind == LIVE_PLAN_STEPS && plan->n_steps > 0);

  run->client = g_object_ref (client);
  run->plan = *plan;
  run->window = g_strdup (window);
  run->progress = progress;
  run->progress_data = data;
  for (guint i = 0; i < LIVE_N_FEATURES; i++)
    run->features[i] = g_strdup (facts->features[i]);
  run->kernel_options = facts->kernel_options_default ? NULL : g_strdup (facts->kernel_options);
  for (guint i = 0; i < LIVE_N_VOLUMES; i++)
    run->revisions[i] = facts->volumes[i].revisions_to_keep;
  run->saved = live_saved_format (facts, &plan->saved);
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
