/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/facts.h"

G_BEGIN_DECLS

/* The features of a qube, in qubes.xml, that hold the wish and what was there before it. */
#define LIVE_FEATURE_POLICY "live.policy"
#define LIVE_FEATURE_SAVED "live.saved"

/* The policies, as they stand in that feature. No feature means persistent. */
#define LIVE_POLICY_PERSISTENT "persistent"
#define LIVE_POLICY_ROOT "root"
#define LIVE_POLICY_FULL "full"

/**
 * LiveStep:
 *
 * One change that brings a qube nearer to its policy. The order of the values is the order in which they are done:
 * what was there is remembered first and forgotten last, and a volatile volume gets its throw-away key before root's
 * writes are sent to it.
 */
typedef enum
{
  LIVE_STEP_SAVE,                   /* write live.saved */
  LIVE_STEP_VOLATILE_EPHEMERAL,     /* volatile: ephemeral True */
  LIVE_STEP_ROOT_READ_ONLY,         /* root: rw False */
  LIVE_STEP_ROOT_WRITABLE,          /* root: rw True */
  LIVE_STEP_VOLATILE_NOT_EPHEMERAL, /* volatile: ephemeral False */
  LIVE_STEP_FORGET_SAVED,           /* remove live.saved */
  LIVE_N_STEPS
} LiveStep;

/**
 * LivePlanKind:
 * @LIVE_PLAN_NOTHING: the qube is as its policy wants it
 * @LIVE_PLAN_STEPS: the steps can be done now
 * @LIVE_PLAN_PENDING: the steps have to wait until the qube is halted
 * @LIVE_PLAN_UNKNOWN: qubesd did not tell enough to decide
 * @LIVE_PLAN_INVALID: `live.policy` or `live.saved` holds a value that means nothing
 * @LIVE_PLAN_UNSUPPORTED: this qube cannot have this policy
 */
typedef enum
{
  LIVE_PLAN_NOTHING,
  LIVE_PLAN_STEPS,
  LIVE_PLAN_PENDING,
  LIVE_PLAN_UNKNOWN,
  LIVE_PLAN_INVALID,
  LIVE_PLAN_UNSUPPORTED
} LivePlanKind;

/**
 * LivePlan:
 * @kind: what can be done
 * @steps: the steps, in order
 * @n_steps: how many there are
 * @repair: the policy had been applied before and something undid it
 * @why: for %LIVE_PLAN_UNSUPPORTED the reason as a code: `template`, `no-volumes`, `volatile-read-only`, `version`
 */
typedef struct
{
  LivePlanKind kind;
  LiveStep steps[LIVE_N_STEPS];
  guint n_steps;
  gboolean repair;
  const char *why;
} LivePlan;

/**
 * live_reconcile:
 * @facts: what is known of the qube, its policy and what was saved among them
 *
 * Wish and facts in, steps out; nothing is done here. Going back from `root` to `persistent` restores what
 * `live.saved` remembers and touches nothing that it does not mention: what somebody else set by hand stays.
 *
 * Returns: the plan
 */
LivePlan live_reconcile (const LiveQubeFacts *facts);

/**
 * live_policy_check:
 * @facts: what is known of the qube
 * @policy: a policy that somebody asks for
 * @why: (out) (optional): set when the answer is %LIVE_PLAN_UNSUPPORTED, as in #LivePlan
 *
 * Returns: %LIVE_PLAN_NOTHING when the qube can have it, else %LIVE_PLAN_INVALID or %LIVE_PLAN_UNSUPPORTED
 */
LivePlanKind live_policy_check (const LiveQubeFacts *facts, const char *policy, const char **why);

/**
 * live_saved_format:
 * @facts: the qube as it is before its policy is applied
 *
 * Returns: (transfer full): the text for the feature `live.saved`, such as `root=rw volatile=plain`
 */
char *live_saved_format (const LiveQubeFacts *facts);

/* As in the property Pending; NULL for the two steps that are bookkeeping. */
const char *live_step_to_string (LiveStep step);

G_END_DECLS
