/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/reconcile.h"

#include <string.h>

typedef struct
{
  gboolean has_root;
  gboolean root_rw;
  gboolean has_volatile;
  gboolean volatile_ephemeral;
} LiveSaved;

static void
add_step (LivePlan *plan, LiveStep step)
{
  g_assert (plan->n_steps < LIVE_N_STEPS);
  plan->steps[plan->n_steps++] = step;
}

/* The text is in qubes.xml, where anybody may have put anything: what is not exactly ours is refused whole. */
static gboolean
saved_parse (const char *text, LiveSaved *saved)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 4);

  memset (saved, 0, sizeof *saved);
  for (guint i = 0; words[i] != NULL; i++)
    {
      gboolean *has = NULL, *value = NULL;

      if (g_str_equal (words[i], "root=rw") || g_str_equal (words[i], "root=ro"))
        has = &saved->has_root, value = &saved->root_rw;
      else if (g_str_equal (words[i], "volatile=ephemeral") || g_str_equal (words[i], "volatile=plain"))
        has = &saved->has_volatile, value = &saved->volatile_ephemeral;
      if (has == NULL || *has)
        return FALSE;
      *has = TRUE;
      *value = g_str_equal (words[i], "root=rw") || g_str_equal (words[i], "volatile=ephemeral");
    }
  return saved->has_root && saved->has_volatile;
}

char *
live_saved_format (const LiveQubeFacts *facts)
{
  g_return_val_if_fail (facts->volumes[LIVE_VOLUME_ROOT].known && facts->volumes[LIVE_VOLUME_VOLATILE].known, NULL);

  return g_strdup_printf ("root=%s volatile=%s", facts->volumes[LIVE_VOLUME_ROOT].rw ? "rw" : "ro",
                          facts->volumes[LIVE_VOLUME_VOLATILE].ephemeral ? "ephemeral" : "plain");
}

LivePlanKind
live_policy_check (const LiveQubeFacts *facts, const char *policy, const char **why)
{
  const char *reason = NULL;

  if (g_strcmp0 (policy, LIVE_POLICY_PERSISTENT) == 0)
    return LIVE_PLAN_NOTHING;
  if (g_strcmp0 (policy, LIVE_POLICY_FULL) == 0)
    reason = "version";
  else if (g_strcmp0 (policy, LIVE_POLICY_ROOT) != 0)
    return LIVE_PLAN_INVALID;
  else if (facts->klass == LIVE_QUBE_KLASS_OTHER)
    reason = "no-volumes";
  else if (facts->klass == LIVE_QUBE_KLASS_TEMPLATE)
    /* It would throw its updates away at every shutdown while the updater reports that they were installed. */
    reason = "template";
  else if (facts->volumes[LIVE_VOLUME_VOLATILE].known && !facts->volumes[LIVE_VOLUME_VOLATILE].rw)
    /* qubesd refuses a throw-away key for a volume that is not writable, and root has nowhere else to write. */
    reason = "volatile-read-only";
  if (reason == NULL)
    return LIVE_PLAN_NOTHING;
  if (why != NULL)
    *why = reason;
  return LIVE_PLAN_UNSUPPORTED;
}

static void
plan_root (const LiveQubeFacts *facts, LivePlan *plan)
{
  if (facts->saved == NULL)
    add_step (plan, LIVE_STEP_SAVE);
  if (!facts->volumes[LIVE_VOLUME_VOLATILE].ephemeral)
    add_step (plan, LIVE_STEP_VOLATILE_EPHEMERAL);
  if (facts->volumes[LIVE_VOLUME_ROOT].rw)
    add_step (plan, LIVE_STEP_ROOT_READ_ONLY);
  plan->repair = facts->saved != NULL && plan->n_steps > 0;
}

static void
plan_persistent (const LiveQubeFacts *facts, LivePlan *plan)
{
  const LiveVolume *root = &facts->volumes[LIVE_VOLUME_ROOT];
  const LiveVolume *volatile_volume = &facts->volumes[LIVE_VOLUME_VOLATILE];
  LiveSaved saved;

  if (facts->saved == NULL)
    return;
  if (!saved_parse (facts->saved, &saved))
    {
      plan->kind = LIVE_PLAN_INVALID;
      return;
    }
  if (root->rw != saved.root_rw)
    add_step (plan, saved.root_rw ? LIVE_STEP_ROOT_WRITABLE : LIVE_STEP_ROOT_READ_ONLY);
  if (volatile_volume->ephemeral != saved.volatile_ephemeral)
    add_step (plan, saved.volatile_ephemeral ? LIVE_STEP_VOLATILE_EPHEMERAL : LIVE_STEP_VOLATILE_NOT_EPHEMERAL);
  add_step (plan, LIVE_STEP_FORGET_SAVED);
}

LivePlan
live_reconcile (const LiveQubeFacts *facts)
{
  const char *policy = facts->policy != NULL ? facts->policy : LIVE_POLICY_PERSISTENT;
  LivePlan plan = { .kind = LIVE_PLAN_NOTHING };

  plan.kind = live_policy_check (facts, policy, &plan.why);
  if (plan.kind != LIVE_PLAN_NOTHING)
    return plan;
  if (!facts->volumes[LIVE_VOLUME_ROOT].known || !facts->volumes[LIVE_VOLUME_VOLATILE].known)
    {
      /* Without a wish there is nothing that could wait to be known. */
      if (facts->policy != NULL || facts->saved != NULL)
        plan.kind = LIVE_PLAN_UNKNOWN;
      return plan;
    }

  if (g_str_equal (policy, LIVE_POLICY_ROOT))
    plan_root (facts, &plan);
  else
    plan_persistent (facts, &plan);
  if (plan.kind == LIVE_PLAN_NOTHING && plan.n_steps > 0)
    plan.kind = facts->state == LIVE_QUBE_STATE_HALTED ? LIVE_PLAN_STEPS : LIVE_PLAN_PENDING;
  return plan;
}

const char *
live_step_to_string (LiveStep step)
{
  switch (step)
    {
    case LIVE_STEP_VOLATILE_EPHEMERAL:
      return "volatile-ephemeral";
    case LIVE_STEP_ROOT_READ_ONLY:
      return "root-read-only";
    case LIVE_STEP_ROOT_WRITABLE:
      return "root-writable";
    case LIVE_STEP_VOLATILE_NOT_EPHEMERAL:
      return "volatile-not-ephemeral";
    case LIVE_STEP_SAVE:
    case LIVE_STEP_FORGET_SAVED:
    case LIVE_N_STEPS:
    default:
      return NULL;
    }
}
