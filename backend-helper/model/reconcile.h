/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/facts.h"
#include "model/saved.h"

G_BEGIN_DECLS

/* The policies, as they stand in that feature. No feature means persistent. */
#define LIVE_POLICY_PERSISTENT "persistent"
#define LIVE_POLICY_ROOT "root"
#define LIVE_POLICY_FULL "full"

/**
 * LiveStep:
 *
 * One change that brings a qube nearer to its policy, or opens or ends a customization window. What was there is
 * remembered first and forgotten last, a volatile volume gets its throw-away key before root's writes are sent to it,
 * and no private volume is writable without a window that says so.
 */
typedef enum
{
  LIVE_STEP_RECORD_WINDOW,              /* write live.window */
  LIVE_STEP_RECORD_PRELOAD,             /* write live.preload-held */
  LIVE_STEP_PRELOAD_OFF,                /* preload-dispvm-max 0: the preloaded disposables end */
  LIVE_STEP_PRELOAD_ON,                 /* preload-dispvm-max as it was: new ones are made */
  LIVE_STEP_FORGET_PRELOAD,             /* remove live.preload-held */
  LIVE_STEP_SAVE,                       /* write live.saved */
  LIVE_STEP_VOLATILE_EPHEMERAL,         /* volatile: ephemeral True */
  LIVE_STEP_ROOT_REVISIONS_OFF,         /* root: revisions_to_keep -1 */
  LIVE_STEP_ROOT_READ_ONLY,             /* root: rw False */
  LIVE_STEP_PRIVATE_REVISIONS_OFF,      /* private: revisions_to_keep -1 */
  LIVE_STEP_PRIVATE_READ_ONLY,          /* private: rw False */
  LIVE_STEP_GUEST_FLAG_ON,              /* service.ephemeral-rw 1 */
  LIVE_STEP_ROOT_WRITABLE,              /* root: rw True */
  LIVE_STEP_ROOT_REVISIONS_RESTORE,     /* root: revisions_to_keep as it was */
  LIVE_STEP_PRIVATE_WRITABLE,           /* private: rw True */
  LIVE_STEP_PRIVATE_REVISIONS_RESTORE,  /* private: revisions_to_keep as it was */
  LIVE_STEP_WINDOW_FLAG_ON,             /* service.live-window 1 */
  LIVE_STEP_WINDOW_FLAG_OFF,            /* remove service.live-window */
  LIVE_STEP_GUEST_FLAG_RESTORE,         /* service.ephemeral-rw as it was */
  LIVE_STEP_VOLATILE_NOT_EPHEMERAL,     /* volatile: ephemeral False */
  LIVE_STEP_KERNEL_OPTIONS_RESTORE,     /* the property kernelopts as live.kernel-options has it */
  LIVE_STEP_FORGET_KERNEL_OPTIONS,      /* remove live.kernel-options */
  LIVE_STEP_FORGET_SAVED,               /* remove live.saved */
  LIVE_STEP_FORGET_WINDOW,              /* remove live.window */
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
 * @forward_only: a step that fails does not undo those before it: each is right by itself
 * @waits_for_disposables: the steps have to wait until no disposable of it runs
 * @saved: what %LIVE_STEP_SAVE writes, and the steps that restore something go back to
 * @why: for %LIVE_PLAN_UNSUPPORTED the reason as a code: `template`, `no-volumes`, `volatile-read-only`,
 *   `thin-pool` (a volume would have to be read-only in an LVM thin pool, which this qubesd cannot)
 */
typedef struct
{
  LivePlanKind kind;
  LiveStep steps[LIVE_N_STEPS];
  guint n_steps;
  gboolean repair;
  gboolean forward_only;
  gboolean waits_for_disposables;
  LiveSaved saved;
  const char *why;
} LivePlan;

/**
 * live_reconcile:
 * @facts: what is known of the qube, its policy and what was saved among them
 *
 * Wish and facts in, steps out; nothing is done here. Going back to a policy that asks for less restores what
 * `live.saved` remembers and touches nothing that it does not mention: what somebody else set by hand stays.
 *
 * A customization window that is left on a halted qube is ended by the same plan: the private volume becomes as the
 * policy wants it, and what was written down for the window is removed. What a disposable has inherited of its
 * template's window or saved state is removed at once, also while it runs. A qube whose volumes may still be filled
 * waits, where its pool cannot fill one that is read-only.
 *
 * Returns: the plan
 */
LivePlan live_reconcile (const LiveQubeFacts *facts);

/**
 * live_plan_renewal:
 * @facts: a disposable template
 *
 * Returns: the steps that make its preloaded disposables anew; %LIVE_PLAN_NOTHING when it has none
 */
LivePlan live_plan_renewal (const LiveQubeFacts *facts);

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
 * live_plan_window:
 * @facts: a halted qube that has the policy `full`, applied
 *
 * Returns: the steps that open a customization window, all but the start of the qube. What %LIVE_STEP_RECORD_WINDOW
 *   writes is up to the caller
 */
LivePlan live_plan_window (const LiveQubeFacts *facts);

/**
 * live_plan_waits_for_disposables:
 *
 * `revisions_to_keep` cannot go to or from -1 while a disposable of the qube runs (qubes/storage/lvm.py); preloaded ones
 * end when the plan sends them away, others do when they want.
 *
 * Returns: whether this plan has such a step and such a disposable runs
 */
gboolean live_plan_waits_for_disposables (const LiveQubeFacts *facts, const LivePlan *plan);

/* As in the property Pending; NULL for the two steps that are bookkeeping. */
const char *live_step_to_string (LiveStep step);

G_END_DECLS
