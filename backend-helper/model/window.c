/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/window.h"

const char *
live_window_refusal (const LiveQubeFacts *facts, const LivePlan *plan)
{
  const LiveVolume *private = &facts->volumes[LIVE_VOLUME_PRIVATE];
  LivePlan opening;

  if (facts->klass == LIVE_QUBE_KLASS_DISPOSABLE)
    return LIVE_WINDOW_REFUSAL_DISPOSABLE;
  if (live_window_is_in_use (facts))
    return LIVE_WINDOW_REFUSAL_OPEN;
  if (g_strcmp0 (facts->features[LIVE_FEATURE_POLICY], LIVE_POLICY_FULL) != 0)
    return LIVE_WINDOW_REFUSAL_POLICY;
  if (!private->known || plan->kind == LIVE_PLAN_UNKNOWN)
    return LIVE_WINDOW_REFUSAL_UNKNOWN;
  if (!private->save_on_stop)
    return LIVE_WINDOW_REFUSAL_NO_PRIVATE;
  if (facts->state != LIVE_QUBE_STATE_HALTED)
    return LIVE_WINDOW_REFUSAL_RUNNING;
  if (plan->kind != LIVE_PLAN_NOTHING)
    return LIVE_WINDOW_REFUSAL_PENDING;
  opening = live_plan_window (facts);
  if (live_plan_waits_for_disposables (facts, &opening))
    return LIVE_WINDOW_REFUSAL_DISPOSABLES_RUNNING;
  return "";
}
