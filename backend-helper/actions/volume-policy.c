/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/volume-policy.h"

#include "actions/steps.h"
#include "model/error.h"
#include "sources/qubesd-wire.h"

/* All that a plan is made from. */
#define READ_FOR_POLICY (LIVE_READ_STATE | LIVE_READ_VOLUMES | LIVE_READ_FEATURES)

/* All that a policy changes, whatever its steps are, and what could have kept it from it. The rest of the features was
 * read before. */
#define READ_BACK (LIVE_READ_STATE | LIVE_READ_VOLUMES | live_read_feature (LIVE_FEATURE_POLICY))

/* How often a change is made again that something undid at the same time. */
#define MAX_ATTEMPTS 3

struct _LiveVolumePolicy
{
  GObject parent;

  LiveSystem *system;
  LiveQubesdClient *client;
  LiveQubesdSync *sync;
  LiveTurns *turns;
};

G_DEFINE_FINAL_TYPE (LiveVolumePolicy, live_volume_policy, G_TYPE_OBJECT)

/* ---- By itself: a plan that can be carried out is. ---- */

typedef struct
{
  LiveVolumePolicy *policy;
  LiveQube *qube;
  LivePlan plan;  /* that is being carried out */
  guint n_events; /* of the qube, when it was begun */
  gboolean done;  /* qubesd took every step */
  char *failed;   /* the step that qubesd did not do because something was not halted */
  GError *not_halted;
  GTask *retry; /* answered at its end; NULL unless somebody wants what has failed to be tried again */
} LiveRepair;

static LiveRepair *
repair_new (LiveVolumePolicy *self, LiveQube *qube)
{
  LiveRepair *repair = g_new0 (LiveRepair, 1);

  repair->policy = g_object_ref (self);
  repair->qube = g_object_ref (qube);
  return repair;
}

static void
repair_free (LiveRepair *repair)
{
  if (repair->retry != NULL)
    g_task_return_boolean (repair->retry, TRUE);
  g_clear_object (&repair->retry);
  g_object_unref (repair->policy);
  g_object_unref (repair->qube);
  g_free (repair->failed);
  g_clear_error (&repair->not_halted);
  g_free (repair);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveRepair, repair_free)

static gboolean
has_steps (LiveVolumePolicy *self, LiveQube *qube)
{
  return live_system_find_qube (self->system, live_qube_get_name (qube)) == qube
         && live_system_get_connected (self->system) && live_qube_get_plan (qube)->kind == LIVE_PLAN_STEPS;
}

static gboolean
can_act (LiveVolumePolicy *self, LiveQube *qube)
{
  return has_steps (self, qube) && !live_qube_has_apply_error (qube);
}

/* What a person sees named when several steps were needed: the first that is not bookkeeping. */
static const char *
first_step (const LivePlan *plan)
{
  for (guint i = 0; i < plan->n_steps; i++)
    if (live_step_to_string (plan->steps[i]) != NULL)
      return live_step_to_string (plan->steps[i]);
  return NULL;
}

static gboolean
is_same_plan (const LivePlan *a, const LivePlan *b)
{
  if (a->kind != b->kind || a->n_steps != b->n_steps)
    return FALSE;
  for (guint i = 0; i < a->n_steps; i++)
    if (a->steps[i] != b->steps[i])
      return FALSE;
  return TRUE;
}

/* Whether a qubesd that does not know `revisions_to_keep` -1 was met. */
static gboolean
is_refusal (const GError *error, const char *step)
{
  return g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED) && g_str_equal (step, LIVE_STEPS_REVISIONS);
}

static void on_settled (LiveSystem *system, LiveQube *qube, LiveVolumePolicy *self);

/* Whoever had the turn has read the qube again; what came in meanwhile may want something else by now. */
static void
give_back (LiveVolumePolicy *self, const char *name)
{
  LiveQube *qube = live_system_find_qube (self->system, name);

  live_turns_give_back (self->turns, name);
  if (qube != NULL)
    on_settled (self->system, qube, self);
}

static void
on_repair_read_back (GObject *sync, GAsyncResult *result, gpointer data)
{
  g_autoptr (LiveRepair) repair = data;
  g_autoptr (GError) error = NULL;
  const char *name = live_qube_get_name (repair->qube);

  if (!live_qubesd_sync_refresh_qube_finish (LIVE_QUBESD_SYNC (sync), result, &error))
    g_message ("%s could not be read after its policy was applied: %s", name, error->message);
  else if (repair->not_halted != NULL && live_qube_get_plan (repair->qube)->kind == LIVE_PLAN_STEPS)
    {
      /* The qube is halted, so it is something else: qubesd says what. */
      live_qube_set_apply_waits (repair->qube, repair->failed, repair->not_halted->message);
      live_system_settle_qube (repair->policy->system, repair->qube);
    }
  else if (repair->done && is_same_plan (live_qube_get_plan (repair->qube), &repair->plan)
           && live_qube_get_n_events (repair->qube) == repair->n_events && !live_qube_has_apply_error (repair->qube))
    {
      /* qubesd took every step, nothing has happened since, and still it says otherwise: trying again for ever would
       * help nobody. */
      live_qube_set_apply_error (repair->qube, first_step (&repair->plan),
                                 "qubesd accepted the change and did not keep it");
      live_system_settle_qube (repair->policy->system, repair->qube);
    }
  give_back (repair->policy, name);
}

static void
on_repaired (GObject *object, GAsyncResult *result, gpointer data)
{
  LiveRepair *repair = data;
  LiveQube *qube = LIVE_QUBE (object);
  const char *name = live_qube_get_name (qube);
  const LivePlan *plan = &repair->plan;
  const char *failed = NULL;
  g_autoptr (GError) error = NULL;

  if (live_steps_run_finish (qube, result, &failed, &error))
    {
      const char *policy = live_qube_get_facts (qube)->features[LIVE_FEATURE_POLICY];

      repair->done = TRUE;
      g_message ("the policy %s of %s is applied%s", policy != NULL ? policy : LIVE_POLICY_PERSISTENT, name,
                 plan->repair ? " again: it was not as the policy wants it" : "");
      if (plan->repair)
        live_qube_set_repaired (qube, first_step (plan));
      live_qube_set_apply_error (qube, NULL, NULL);
    }
  else
    {
      /* What is tried again and again, and fails in the same way, is said once. */
      if (g_strcmp0 (live_qube_get_apply_error (qube), error->message) != 0)
        g_message ("the policy of %s cannot be applied: %s: %s", name, failed, error->message);
      if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_HALTED))
        {
          /* Started in between, probably: then it waits, that is all. */
          repair->failed = g_strdup (failed);
          repair->not_halted = g_steal_pointer (&error);
        }
      else if (is_refusal (error, failed))
        live_system_refuse_revisions_off (repair->policy->system);
      else
        live_qube_set_apply_error (qube, failed, error->message);
    }
  live_qubesd_sync_refresh_qube_async (repair->policy->sync, name, READ_BACK | live_steps_list_features (plan), NULL,
                                       on_repair_read_back, repair);
}

static void
on_repair_turn (GObject *turns, GAsyncResult *result, gpointer data)
{
  g_autoptr (LiveRepair) repair = data;
  LiveVolumePolicy *self = repair->policy;

  live_turns_take_finish (LIVE_TURNS (turns), result, NULL); /* without a cancellable it cannot fail */
  if (repair->retry != NULL ? !has_steps (self, repair->qube) : !can_act (self, repair->qube))
    {
      /* What it waits for now is something else than what failed: when that has come, it is tried. */
      if (repair->retry != NULL)
        live_qube_set_apply_error (repair->qube, NULL, NULL);
      live_turns_give_back (self->turns, live_qube_get_name (repair->qube));
      return;
    }
  repair->plan = *live_qube_get_plan (repair->qube);
  repair->n_events = live_qube_get_n_events (repair->qube);
  live_qubesd_sync_hold_qube (self->sync, live_qube_get_name (repair->qube));
  live_steps_run_async (self->client, repair->qube, &repair->plan, NULL, NULL, on_repaired, repair);
  g_steal_pointer (&repair);
}

static void
on_settled (LiveSystem *system, LiveQube *qube, LiveVolumePolicy *self)
{
  const char *name = live_qube_get_name (qube);

  /* Whoever has the turn looks again when it is given back. */
  if (can_act (self, qube) && !live_turns_is_taken (self->turns, name))
    live_turns_take_async (self->turns, name, NULL, on_repair_turn, repair_new (self, qube));
}

void
live_volume_policy_retry_async (LiveVolumePolicy *self, LiveQube *qube, GAsyncReadyCallback callback, gpointer data)
{
  LiveRepair *repair = repair_new (self, qube);

  repair->retry = g_task_new (self, NULL, callback, data);
  g_task_set_task_data (repair->retry, g_object_ref (qube), g_object_unref);
  live_turns_take_async (self->turns, live_qube_get_name (qube), NULL, on_repair_turn, repair);
}

LiveQube *
live_volume_policy_retry_finish (LiveVolumePolicy *self, GAsyncResult *result)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_get_task_data (G_TASK (result));
}

/* ---- When somebody asks. ---- */

typedef struct
{
  char *name;
  char *policy;
  char *before;     /* the feature as it was; NULL: not set */
  gboolean written; /* the feature was changed by us */
  guint n_events;   /* of the qube, when the steps were begun */
  LiveRead changed; /* by the steps */
  guint attempts;
  gboolean turn;
  char *failed; /* the step that qubesd did not do because something was not halted */
  GError *not_halted;
  GError *error;
} LivePolicyChange;

static void
change_free (LivePolicyChange *change)
{
  g_free (change->name);
  g_free (change->policy);
  g_free (change->before);
  g_free (change->failed);
  g_clear_error (&change->not_halted);
  g_clear_error (&change->error);
  g_free (change);
}

static void
finish (GTask *task)
{
  LiveVolumePolicy *self = g_task_get_source_object (task);
  LivePolicyChange *change = g_task_get_task_data (task);
  LiveQube *qube = live_system_find_qube (self->system, change->name);

  if (change->error != NULL)
    g_task_return_error (task, g_steal_pointer (&change->error));
  else
    g_task_return_boolean (task, qube != NULL && live_qube_get_plan (qube)->kind == LIVE_PLAN_NOTHING);
  if (change->turn)
    give_back (self, change->name);
  g_object_unref (task);
}

static void
fail (GTask *task, GError *error)
{
  LivePolicyChange *change = g_task_get_task_data (task);

  g_clear_error (&change->error);
  change->error = error;
  finish (task);
}

static void apply (GTask *task);

static void
on_read_back (GObject *sync, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveVolumePolicy *self = g_task_get_source_object (task);
  LivePolicyChange *change = g_task_get_task_data (task);
  GError *error = NULL;
  LiveQube *qube = NULL;

  if (!live_qubesd_sync_refresh_qube_finish (LIVE_QUBESD_SYNC (sync), result, &error))
    {
      if (change->error != NULL)
        g_clear_error (&error);
      else
        change->error = error;
      finish (task);
      return;
    }
  qube = live_system_find_qube (self->system, change->name);
  if (change->error == NULL && qube != NULL && live_qube_get_plan (qube)->kind == LIVE_PLAN_STEPS
      && live_qube_get_n_events (qube) != change->n_events && change->attempts < MAX_ATTEMPTS)
    {
      /* Undone while we did it, as a new template does: once more. */
      apply (task);
      return;
    }
  if (change->error == NULL && change->not_halted != NULL && qube != NULL
      && live_qube_get_plan (qube)->kind == LIVE_PLAN_STEPS)
    {
      /* The qube is halted, so it waits for something else, such as a disposable that has just been made. */
      live_qube_set_apply_waits (qube, change->failed, change->not_halted->message);
      live_system_judge_qube (self->system, qube);
      finish (task);
      return;
    }
  if (change->error == NULL && qube != NULL && live_qube_get_plan (qube)->kind != LIVE_PLAN_NOTHING
      && live_qube_get_plan (qube)->kind != LIVE_PLAN_PENDING)
    change->error = g_error_new (LIVE_ERROR, LIVE_ERROR_QUBESD_ERROR,
                                 "%s: qubesd accepted the policy %s and its volumes are still not so", change->name,
                                 change->policy);
  finish (task);
}

static void
read_back (GTask *task)
{
  LiveVolumePolicy *self = g_task_get_source_object (task);
  LivePolicyChange *change = g_task_get_task_data (task);

  live_qubesd_sync_refresh_qube_async (self->sync, change->name, READ_BACK | change->changed, NULL, on_read_back, task);
}

static void
on_taken_back (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LivePolicyChange *change = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  if (answer == NULL && !live_qubesd_error_is (error, "QubesFeatureNotFoundError"))
    {
      g_autofree char *first = g_steal_pointer (&change->error->message);

      change->error->message
          = g_strdup_printf ("%s; and the policy could not be taken back: %s", first, error->message);
    }
  read_back (task);
}

static void
write_policy (GTask *task, const char *policy, GAsyncReadyCallback callback)
{
  LiveVolumePolicy *self = g_task_get_source_object (task);
  LivePolicyChange *change = g_task_get_task_data (task);
  g_autoptr (GBytes) payload = live_qubesd_payload_new (policy);

  live_qubesd_client_call_async (self->client, policy != NULL ? "admin.vm.feature.Set" : "admin.vm.feature.Remove",
                                 live_feature_to_string (LIVE_FEATURE_POLICY), change->name, payload, 0, NULL, callback,
                                 task);
}

static void
on_steps_run (GObject *object, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveVolumePolicy *self = g_task_get_source_object (task);
  LivePolicyChange *change = g_task_get_task_data (task);
  const char *failed = NULL;

  if (live_steps_run_finish (LIVE_QUBE (object), result, &failed, &change->error))
    read_back (task);
  else if (g_error_matches (change->error, LIVE_ERROR, LIVE_ERROR_NOT_HALTED))
    {
      /* It was started in between: the policy stands, and waits. */
      g_clear_error (&change->not_halted);
      change->not_halted = g_steal_pointer (&change->error);
      g_free (change->failed);
      change->failed = g_strdup (failed);
      read_back (task);
    }
  else
    {
      if (is_refusal (change->error, failed))
        live_system_refuse_revisions_off (self->system);
      g_prefix_error (&change->error, "%s: %s: ", change->name, failed);
      if (change->written)
        write_policy (task, change->before, on_taken_back);
      else
        read_back (task);
    }
}

static void
apply (GTask *task)
{
  LiveVolumePolicy *self = g_task_get_source_object (task);
  LivePolicyChange *change = g_task_get_task_data (task);
  LiveQube *qube = live_system_find_qube (self->system, change->name);

  change->attempts++;
  g_clear_error (&change->not_halted);
  change->n_events = qube != NULL ? live_qube_get_n_events (qube) : 0;
  if (qube != NULL && live_qube_get_plan (qube)->kind == LIVE_PLAN_STEPS)
    {
      change->changed |= live_steps_list_features (live_qube_get_plan (qube));
      live_qubesd_sync_hold_qube (self->sync, change->name);
      live_steps_run_async (self->client, qube, live_qube_get_plan (qube), NULL, NULL, on_steps_run, task);
    }
  else
    read_back (task);
}

static void
on_written (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveVolumePolicy *self = g_task_get_source_object (task);
  LivePolicyChange *change = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  LiveQube *qube = live_system_find_qube (self->system, change->name);

  if (answer == NULL)
    {
      g_prefix_error (&error, "%s: the policy cannot be written down: ", change->name);
      /* What qubesd cannot save on the disk stands in its memory all the same, and nobody must act on it. */
      if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL)
          || g_error_matches (error, LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE))
        {
          change->error = error;
          write_policy (task, change->before, on_taken_back);
        }
      else
        {
          change->error = error;
          read_back (task);
        }
      return;
    }
  change->written = TRUE;
  if (qube != NULL)
    {
      live_qube_set_feature (qube, LIVE_FEATURE_POLICY, change->policy);
      live_system_judge_qube (self->system, qube);
    }
  apply (task);
}

static GError *
refuse (LivePolicyChange *change, LivePlanKind kind, const char *why)
{
  if (kind == LIVE_PLAN_INVALID)
    return g_error_new (LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                        "there is no policy \"%s\": say \"persistent\", \"root\" or \"full\"", change->policy);
  if (g_strcmp0 (why, "template") == 0)
    return g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED,
                        "%s is a template and has to keep its updates: set the policy on the qubes made from it",
                        change->name);
  if (g_strcmp0 (why, "volatile-read-only") == 0)
    return g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED,
                        "the volatile volume of %s is read-only, and root would have nowhere to write: make it "
                        "writable with \"qvm-volume config %s:volatile rw True\"",
                        change->name, change->name);
  if (g_strcmp0 (why, "thin-pool") == 0)
    return g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED,
                        "this version of Qubes cannot keep a volume of %s read-only that is in an LVM thin pool: move "
                        "the qube to another pool, or upgrade to Qubes 4.3",
                        change->name);
  return g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED, "%s has no volumes of its own: it needs no policy",
                      change->name);
}

/* What would have to be done with that policy, before it is written down. */
static GError *
foresee (LivePolicyChange *change, const LiveQubeFacts *facts)
{
  LiveQubeFacts wished = *facts;
  LivePlan plan;

  wished.features[LIVE_FEATURE_POLICY] = change->policy;
  plan = live_reconcile (&wished);
  if (plan.kind == LIVE_PLAN_UNKNOWN || !facts->volumes[LIVE_VOLUME_ROOT].known
      || !facts->volumes[LIVE_VOLUME_VOLATILE].known)
    return g_error_new (LIVE_ERROR, LIVE_ERROR_QUBESD_ERROR, "qubesd does not tell about the volumes of %s",
                        change->name);
  if (plan.kind == LIVE_PLAN_INVALID)
    return g_error_new (LIVE_ERROR, LIVE_ERROR_FAILED,
                        "%s: what its volumes were before is not known, because its feature live.saved holds something "
                        "else: set them as you want them, then remove it with \"qvm-features --unset %s live.saved\"",
                        change->name, change->name);
  return NULL;
}

static void
on_read_before (GObject *sync, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveVolumePolicy *self = g_task_get_source_object (task);
  LivePolicyChange *change = g_task_get_task_data (task);
  GError *error = NULL;
  LiveQube *qube = NULL;
  const LiveQubeFacts *facts = NULL;
  const char *why = NULL;
  LivePlanKind kind;

  if (!live_qubesd_sync_refresh_qube_finish (LIVE_QUBESD_SYNC (sync), result, &error))
    {
      fail (task, error);
      return;
    }
  qube = live_system_find_qube (self->system, change->name);
  if (qube == NULL)
    {
      fail (task, g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "there is no qube %s", change->name));
      return;
    }
  /* Somebody wants it now: then it is as it shall be. */
  live_qube_set_being_made (qube, FALSE);
  live_system_judge_qube (self->system, qube);
  facts = live_qube_get_facts (qube);
  kind = live_policy_check (facts, change->policy, &why);
  if (kind != LIVE_PLAN_NOTHING)
    {
      fail (task, refuse (change, kind, why));
      return;
    }
  error = foresee (change, facts);
  if (error != NULL)
    {
      fail (task, error);
      return;
    }

  change->before = g_strdup (facts->features[LIVE_FEATURE_POLICY]);
  live_qube_set_apply_error (qube, NULL, NULL);
  live_qube_set_repaired (qube, NULL);
  if (g_strcmp0 (facts->features[LIVE_FEATURE_POLICY], change->policy) == 0
      || (facts->features[LIVE_FEATURE_POLICY] == NULL && g_str_equal (change->policy, LIVE_POLICY_PERSISTENT)))
    apply (task);
  else
    {
      live_qubesd_sync_hold_qube (self->sync, change->name);
      write_policy (task, change->policy, on_written);
    }
}

static void
on_turn (GObject *turns, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveVolumePolicy *self = g_task_get_source_object (task);
  LivePolicyChange *change = g_task_get_task_data (task);

  live_turns_take_finish (LIVE_TURNS (turns), result, NULL); /* without a cancellable it cannot fail */
  change->turn = TRUE;
  /* Between the question and now anything may have changed. */
  live_qubesd_sync_refresh_qube_async (self->sync, change->name, READ_FOR_POLICY, NULL, on_read_before, task);
}

void
live_volume_policy_set_async (
    LiveVolumePolicy *self, const char *name, const char *policy, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (self, NULL, callback, data);
  LivePolicyChange *change = g_new0 (LivePolicyChange, 1);

  change->name = g_strdup (name);
  change->policy = g_strdup (policy);
  g_task_set_task_data (task, change, (GDestroyNotify) change_free);
  live_turns_take_async (self->turns, name, NULL, on_turn, task);
}

gboolean
live_volume_policy_set_finish (LiveVolumePolicy *self, GAsyncResult *result, gboolean *applied, GError **error)
{
  GError *local_error = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  *applied = g_task_propagate_boolean (G_TASK (result), &local_error);
  if (local_error == NULL)
    return TRUE;
  g_propagate_error (error, local_error);
  return FALSE;
}

static void
live_volume_policy_dispose (GObject *object)
{
  LiveVolumePolicy *self = LIVE_VOLUME_POLICY (object);

  if (self->system != NULL)
    g_signal_handlers_disconnect_by_data (self->system, self);
  g_clear_object (&self->system);
  g_clear_object (&self->client);
  g_clear_object (&self->sync);
  g_clear_object (&self->turns);
  G_OBJECT_CLASS (live_volume_policy_parent_class)->dispose (object);
}

static void
live_volume_policy_class_init (LiveVolumePolicyClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = live_volume_policy_dispose;
}

static void
live_volume_policy_init (LiveVolumePolicy *self)
{
}

LiveVolumePolicy *
live_volume_policy_new (LiveSystem *system, LiveQubesdClient *client, LiveQubesdSync *sync, LiveTurns *turns)
{
  LiveVolumePolicy *self = g_object_new (LIVE_TYPE_VOLUME_POLICY, NULL);

  self->system = g_object_ref (system);
  self->client = g_object_ref (client);
  self->sync = g_object_ref (sync);
  self->turns = g_object_ref (turns);
  g_signal_connect (system, "qube-settled", G_CALLBACK (on_settled), self);
  return self;
}
