/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/reconcile.h"

#include "model/memory-hygiene.h"

static void
add_step (LivePlan *plan, LiveStep step)
{
  g_assert (plan->n_steps < LIVE_N_STEPS);
  plan->steps[plan->n_steps++] = step;
}

static gboolean
is_policy (const char *policy, const char *which)
{
  return g_strcmp0 (policy, which) == 0;
}

/* Whether making this volume read-only takes a qubesd that can switch its revisions off. */
static LiveAnswer
cannot_be_read_only (const LiveQubeFacts *facts, LiveVolumeName name)
{
  if (!facts->volumes[name].known || facts->revisions_off_known)
    return LIVE_ANSWER_NO;
  return live_volume_commits (facts, name);
}

static gboolean
lacks_thin_support (const LiveQubeFacts *facts, const char *policy)
{
  return cannot_be_read_only (facts, LIVE_VOLUME_ROOT) == LIVE_ANSWER_YES
         || (is_policy (policy, LIVE_POLICY_FULL)
             && cannot_be_read_only (facts, LIVE_VOLUME_PRIVATE) == LIVE_ANSWER_YES);
}

LivePlanKind
live_policy_check (const LiveQubeFacts *facts, const char *policy, const char **why)
{
  const char *reason = NULL;

  if (is_policy (policy, LIVE_POLICY_PERSISTENT))
    return LIVE_PLAN_NOTHING;
  if (!is_policy (policy, LIVE_POLICY_ROOT) && !is_policy (policy, LIVE_POLICY_FULL))
    return LIVE_PLAN_INVALID;
  if (facts->klass == LIVE_QUBE_KLASS_OTHER)
    reason = "no-volumes";
  else if (facts->klass == LIVE_QUBE_KLASS_TEMPLATE)
    /* It would throw its updates away at every shutdown while the updater reports that they were installed. */
    reason = "template";
  else if (facts->volumes[LIVE_VOLUME_VOLATILE].known && !facts->volumes[LIVE_VOLUME_VOLATILE].rw)
    /* qubesd refuses a throw-away key for a volume that is not writable, and root has nowhere else to write. */
    reason = "volatile-read-only";
  else if (lacks_thin_support (facts, policy))
    reason = "thin-pool";
  if (reason == NULL)
    return LIVE_PLAN_NOTHING;
  if (why != NULL)
    *why = reason;
  return LIVE_PLAN_UNSUPPORTED;
}

/* The steps of one volume, by its name. */
static const struct
{
  LiveStep revisions_off;
  LiveStep read_only;
  LiveStep writable;
  LiveStep revisions_restore;
} volume_steps[] = {
  [LIVE_VOLUME_ROOT] = { LIVE_STEP_ROOT_REVISIONS_OFF, LIVE_STEP_ROOT_READ_ONLY, LIVE_STEP_ROOT_WRITABLE,
                         LIVE_STEP_ROOT_REVISIONS_RESTORE },
  [LIVE_VOLUME_PRIVATE] = { LIVE_STEP_PRIVATE_REVISIONS_OFF, LIVE_STEP_PRIVATE_READ_ONLY, LIVE_STEP_PRIVATE_WRITABLE,
                            LIVE_STEP_PRIVATE_REVISIONS_RESTORE },
};

static void
add_read_only (const LiveQubeFacts *facts, LiveVolumeName name, LivePlan *plan)
{
  const LiveVolume *volume = &facts->volumes[name];

  if (live_volume_commits (facts, name) == LIVE_ANSWER_YES && volume->revisions_to_keep >= 0)
    add_step (plan, volume_steps[name].revisions_off);
  if (volume->rw)
    add_step (plan, volume_steps[name].read_only);
}

static void
add_restored (const LiveQubeFacts *facts, LiveVolumeName name, gboolean rw, int revisions, LivePlan *plan)
{
  const LiveVolume *volume = &facts->volumes[name];

  if (volume->rw != rw)
    add_step (plan, rw ? volume_steps[name].writable : volume_steps[name].read_only);
  if (revisions != LIVE_SAVED_NO_REVISIONS && volume->revisions_to_keep != revisions)
    add_step (plan, volume_steps[name].revisions_restore);
}

static void
add_private_restored (const LiveQubeFacts *facts, LivePlan *plan)
{
  const char *flag = facts->features[LIVE_FEATURE_GUEST_FLAG];

  add_restored (facts, LIVE_VOLUME_PRIVATE, plan->saved.private_rw, plan->saved.private_revisions, plan);
  if (plan->saved.guest_flag != LIVE_SAVED_FLAG_ON && flag != NULL && *flag != '\0')
    add_step (plan, LIVE_STEP_GUEST_FLAG_RESTORE);
}

static void
plan_policy (const LiveQubeFacts *facts, gboolean full, LivePlan *plan)
{
  const char *flag = facts->features[LIVE_FEATURE_GUEST_FLAG];
  /* Rubbish that somebody put there matters only when something has to be restored from it. */
  gboolean is_rubbish = !live_saved_parse (facts, &plan->saved) && facts->features[LIVE_FEATURE_SAVED] != NULL;
  gboolean is_saved = facts->features[LIVE_FEATURE_SAVED] != NULL;
  gboolean is_extended = full && is_saved && !plan->saved.has_private;
  gboolean is_reduced = !full && is_saved && plan->saved.has_private;
  guint n_steps = 0;

  if (full && is_rubbish)
    {
      plan->kind = LIVE_PLAN_INVALID;
      return;
    }
  if (!is_saved || is_extended)
    add_step (plan, LIVE_STEP_SAVE);
  n_steps = plan->n_steps;
  if (!facts->volumes[LIVE_VOLUME_VOLATILE].ephemeral)
    add_step (plan, LIVE_STEP_VOLATILE_EPHEMERAL);
  add_read_only (facts, LIVE_VOLUME_ROOT, plan);
  if (full && !live_window_is_in_use (facts))
    add_read_only (facts, LIVE_VOLUME_PRIVATE, plan);
  if (full && (flag == NULL || *flag == '\0'))
    add_step (plan, LIVE_STEP_GUEST_FLAG_ON);
  plan->repair = is_saved && !is_extended && plan->n_steps > n_steps;
  if (is_reduced)
    {
      add_private_restored (facts, plan);
      add_step (plan, LIVE_STEP_SAVE);
    }
  /* A disposable was made as its template is, and has nothing of its own to go back to. */
  if (facts->klass == LIVE_QUBE_KLASS_DISPOSABLE && !is_saved && plan->n_steps == n_steps)
    plan->n_steps = 0;
  live_saved_take (facts, full, &plan->saved, !is_saved);
}

/* Options that somebody has set by hand since are left alone. */
static void
add_kernel_options_restored (const LiveQubeFacts *facts, LivePlan *plan)
{
  const char *before = NULL;

  if (facts->features[LIVE_FEATURE_KERNEL_OPTIONS] == NULL)
    return;
  if (live_kernel_options_before (facts, &before)
      && (facts->kernel_options == NULL
          || (!facts->kernel_options_default && live_memory_hygiene_is_in (facts->kernel_options))))
    add_step (plan, LIVE_STEP_KERNEL_OPTIONS_RESTORE);
  add_step (plan, LIVE_STEP_FORGET_KERNEL_OPTIONS);
}

static void
plan_persistent (const LiveQubeFacts *facts, LivePlan *plan)
{
  if (facts->features[LIVE_FEATURE_SAVED] == NULL)
    return;
  if (!live_saved_parse (facts, &plan->saved))
    {
      plan->kind = LIVE_PLAN_INVALID;
      return;
    }
  add_restored (facts, LIVE_VOLUME_ROOT, plan->saved.root_rw, plan->saved.root_revisions, plan);
  if (plan->saved.has_private)
    add_private_restored (facts, plan);
  if (facts->volumes[LIVE_VOLUME_VOLATILE].ephemeral != plan->saved.volatile_ephemeral)
    add_step (plan, plan->saved.volatile_ephemeral ? LIVE_STEP_VOLATILE_EPHEMERAL : LIVE_STEP_VOLATILE_NOT_EPHEMERAL);
  add_kernel_options_restored (facts, plan);
  add_step (plan, LIVE_STEP_FORGET_SAVED);
}

/* How many disposables are kept ready, as text; NULL: none. */
static const char *
get_preload (const LiveQubeFacts *facts)
{
  const char *text = facts->klass == LIVE_QUBE_KLASS_APP ? facts->features[LIVE_FEATURE_PRELOAD_MAX] : NULL;
  guint64 number = 0;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT, &number, NULL) ? text : NULL;
}

/* Those that are kept ready have the volumes of before: they are made anew (qubes/vm/mix/dvmtemplate.py replaces them
 * when the number goes to 0 and back). */
static void
renew_preloaded (const LiveQubeFacts *facts, LivePlan *plan)
{
  LivePlan inner = *plan;

  if (plan->n_steps == 0 || get_preload (facts) == NULL)
    return;
  plan->n_steps = 0;
  if (facts->features[LIVE_FEATURE_PRELOAD_HELD] == NULL)
    add_step (plan, LIVE_STEP_RECORD_PRELOAD);
  add_step (plan, LIVE_STEP_PRELOAD_OFF);
  for (guint i = 0; i < inner.n_steps; i++)
    add_step (plan, inner.steps[i]);
  /* Left behind by somebody who got no further: what follows switches them on again. */
  if (facts->features[LIVE_FEATURE_PRELOAD_HELD] != NULL)
    return;
  add_step (plan, LIVE_STEP_PRELOAD_ON);
  add_step (plan, LIVE_STEP_FORGET_PRELOAD);
}

static gboolean
has_window_remains (const LiveQubeFacts *facts)
{
  return facts->features[LIVE_FEATURE_WINDOW] != NULL || facts->features[LIVE_FEATURE_WINDOW_FLAG] != NULL
         || facts->features[LIVE_FEATURE_PRELOAD_HELD] != NULL;
}

/* What is left of a window that nobody has open. */
static void
add_window_remains (const LiveQubeFacts *facts, LivePlan *plan)
{
  if (!has_window_remains (facts) || live_window_is_in_use (facts))
    return;
  plan->forward_only = TRUE;
  /* The private volume was writable by intention. */
  plan->repair = plan->repair && facts->features[LIVE_FEATURE_WINDOW] == NULL;
  if (facts->features[LIVE_FEATURE_WINDOW_FLAG] != NULL)
    add_step (plan, LIVE_STEP_WINDOW_FLAG_OFF);
  if (facts->features[LIVE_FEATURE_PRELOAD_HELD] != NULL)
    {
      add_step (plan, LIVE_STEP_PRELOAD_ON);
      add_step (plan, LIVE_STEP_FORGET_PRELOAD);
    }
  if (facts->features[LIVE_FEATURE_WINDOW] != NULL)
    add_step (plan, LIVE_STEP_FORGET_WINDOW);
}

/* What a disposable has of its template and must not have. */
static void
add_inherited (const LiveQubeFacts *facts, LivePlan *plan)
{
  if (facts->klass != LIVE_QUBE_KLASS_DISPOSABLE)
    return;
  plan->forward_only = TRUE;
  if (facts->features[LIVE_FEATURE_WINDOW_FLAG] != NULL)
    add_step (plan, LIVE_STEP_WINDOW_FLAG_OFF);
  if (facts->features[LIVE_FEATURE_PRELOAD_HELD] != NULL)
    add_step (plan, LIVE_STEP_FORGET_PRELOAD);
  if (facts->features[LIVE_FEATURE_KERNEL_OPTIONS] != NULL)
    add_step (plan, LIVE_STEP_FORGET_KERNEL_OPTIONS);
  if (live_saved_is_inherited (facts))
    add_step (plan, LIVE_STEP_FORGET_SAVED);
  if (facts->features[LIVE_FEATURE_WINDOW] != NULL)
    add_step (plan, LIVE_STEP_FORGET_WINDOW);
}

/* Whether what a plan needs to know of the volumes is known. */
static gboolean
is_known (const LiveQubeFacts *facts, const char *policy)
{
  LiveSaved saved;

  if (!facts->volumes[LIVE_VOLUME_ROOT].known || !facts->volumes[LIVE_VOLUME_VOLATILE].known)
    return FALSE;
  if (!is_policy (policy, LIVE_POLICY_PERSISTENT)
      && live_volume_commits (facts, LIVE_VOLUME_ROOT) == LIVE_ANSWER_UNKNOWN)
    return FALSE;
  if (!is_policy (policy, LIVE_POLICY_FULL) && live_saved_parse (facts, &saved) && saved.has_private
      && !facts->volumes[LIVE_VOLUME_PRIVATE].known)
    return FALSE;
  if (!is_policy (policy, LIVE_POLICY_FULL) && facts->features[LIVE_FEATURE_WINDOW] == NULL)
    return TRUE;
  return facts->volumes[LIVE_VOLUME_PRIVATE].known
         && live_volume_commits (facts, LIVE_VOLUME_PRIVATE) != LIVE_ANSWER_UNKNOWN;
}

/* In an LVM thin pool qubesd cannot put the data of a clone or a backup into a volume that is read-only, and would fail
 * at the end of it (qubes/storage/lvm.py, _commit); a clone has its features before its data. */
static gboolean
waits_for_data (const LiveQubeFacts *facts, const LivePlan *plan)
{
  if (!facts->being_made)
    return FALSE;
  for (guint i = 0; i < plan->n_steps; i++)
    for (guint name = LIVE_VOLUME_ROOT; name <= LIVE_VOLUME_PRIVATE; name++)
      if (plan->steps[i] == volume_steps[name].read_only
          && live_volume_commits (facts, (LiveVolumeName) name) == LIVE_ANSWER_YES)
        return TRUE;
  return FALSE;
}

LivePlan
live_reconcile (const LiveQubeFacts *facts)
{
  const char *feature = facts->features[LIVE_FEATURE_POLICY];
  const char *policy = feature != NULL ? feature : LIVE_POLICY_PERSISTENT;
  LivePlan plan = { .kind = LIVE_PLAN_NOTHING };

  add_inherited (facts, &plan);
  if (plan.n_steps > 0)
    {
      /* Features can be set whatever the qube is doing; what its policy wants follows. */
      plan.kind = LIVE_PLAN_STEPS;
      return plan;
    }
  plan.forward_only = FALSE;
  plan.kind = live_policy_check (facts, policy, &plan.why);
  if (plan.kind != LIVE_PLAN_NOTHING)
    return plan;
  if (!is_known (facts, policy))
    {
      /* Without a wish there is nothing that could wait to be known. */
      if (feature != NULL || facts->features[LIVE_FEATURE_SAVED] != NULL || has_window_remains (facts))
        plan.kind = LIVE_PLAN_UNKNOWN;
      return plan;
    }

  if (is_policy (policy, LIVE_POLICY_PERSISTENT))
    plan_persistent (facts, &plan);
  else
    plan_policy (facts, is_policy (policy, LIVE_POLICY_FULL), &plan);
  if (plan.kind == LIVE_PLAN_NOTHING)
    {
      renew_preloaded (facts, &plan);
      add_window_remains (facts, &plan);
    }
  if (plan.kind == LIVE_PLAN_NOTHING && plan.n_steps > 0)
    {
      plan.waits_for_disposables = live_plan_waits_for_disposables (facts, &plan);
      plan.kind
          = facts->state == LIVE_QUBE_STATE_HALTED && !plan.waits_for_disposables && !waits_for_data (facts, &plan)
                ? LIVE_PLAN_STEPS
                : LIVE_PLAN_PENDING;
    }
  return plan;
}

LivePlan
live_plan_renewal (const LiveQubeFacts *facts)
{
  LivePlan plan = { .kind = LIVE_PLAN_NOTHING };

  if (get_preload (facts) == NULL || facts->features[LIVE_FEATURE_PRELOAD_HELD] != NULL)
    return plan;
  plan.kind = LIVE_PLAN_STEPS;
  add_step (&plan, LIVE_STEP_RECORD_PRELOAD);
  add_step (&plan, LIVE_STEP_PRELOAD_OFF);
  add_step (&plan, LIVE_STEP_PRELOAD_ON);
  add_step (&plan, LIVE_STEP_FORGET_PRELOAD);
  return plan;
}

gboolean
live_plan_waits_for_disposables (const LiveQubeFacts *facts, const LivePlan *plan)
{
  gboolean has_revisions = FALSE;

  for (guint i = 0; i < plan->n_steps; i++)
    if (plan->steps[i] == LIVE_STEP_ROOT_REVISIONS_OFF || plan->steps[i] == LIVE_STEP_ROOT_REVISIONS_RESTORE
        || plan->steps[i] == LIVE_STEP_PRIVATE_REVISIONS_OFF || plan->steps[i] == LIVE_STEP_PRIVATE_REVISIONS_RESTORE)
      has_revisions = TRUE;
  return has_revisions && facts->disposables_running;
}

LivePlan
live_plan_window (const LiveQubeFacts *facts)
{
  LivePlan plan = { .kind = LIVE_PLAN_STEPS };

  live_saved_parse (facts, &plan.saved);
  add_step (&plan, LIVE_STEP_RECORD_WINDOW);
  if (get_preload (facts) != NULL)
    {
      add_step (&plan, LIVE_STEP_RECORD_PRELOAD);
      add_step (&plan, LIVE_STEP_PRELOAD_OFF);
    }
  add_step (&plan, LIVE_STEP_PRIVATE_WRITABLE);
  if (plan.saved.private_revisions != LIVE_SAVED_NO_REVISIONS
      && plan.saved.private_revisions != facts->volumes[LIVE_VOLUME_PRIVATE].revisions_to_keep)
    add_step (&plan, LIVE_STEP_PRIVATE_REVISIONS_RESTORE);
  add_step (&plan, LIVE_STEP_WINDOW_FLAG_ON);
  return plan;
}

const char *
live_step_to_string (LiveStep step)
{
  switch (step)
    {
    case LIVE_STEP_VOLATILE_EPHEMERAL:
      return "volatile-ephemeral";
    case LIVE_STEP_VOLATILE_NOT_EPHEMERAL:
      return "volatile-not-ephemeral";
    case LIVE_STEP_ROOT_READ_ONLY:
      return "root-read-only";
    case LIVE_STEP_ROOT_WRITABLE:
      return "root-writable";
    case LIVE_STEP_PRIVATE_READ_ONLY:
      return "private-read-only";
    case LIVE_STEP_PRIVATE_WRITABLE:
      return "private-writable";
    case LIVE_STEP_KERNEL_OPTIONS_RESTORE:
      return "kernel-options";
    case LIVE_STEP_RECORD_WINDOW:
    case LIVE_STEP_RECORD_PRELOAD:
    case LIVE_STEP_PRELOAD_OFF:
    case LIVE_STEP_PRELOAD_ON:
    case LIVE_STEP_FORGET_PRELOAD:
    case LIVE_STEP_SAVE:
    case LIVE_STEP_ROOT_REVISIONS_OFF:
    case LIVE_STEP_ROOT_REVISIONS_RESTORE:
    case LIVE_STEP_PRIVATE_REVISIONS_OFF:
    case LIVE_STEP_PRIVATE_REVISIONS_RESTORE:
    case LIVE_STEP_GUEST_FLAG_ON:
    case LIVE_STEP_GUEST_FLAG_RESTORE:
    case LIVE_STEP_WINDOW_FLAG_ON:
    case LIVE_STEP_WINDOW_FLAG_OFF:
    case LIVE_STEP_FORGET_KERNEL_OPTIONS:
    case LIVE_STEP_FORGET_SAVED:
    case LIVE_STEP_FORGET_WINDOW:
    case LIVE_N_STEPS:
    default:
      return NULL;
    }
}
