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

LiveWindowEnd
live_window_parse (const char *text, gint64 now, gint64 *left)
{
  gint64 deadline = 0;

  *left = 0;
  if (g_str_equal (text, LIVE_WINDOW_TEXT_UNTIL_CLOSED))
    return LIVE_WINDOW_END_WHEN_CLOSED;
  /* Seconds since 1970 are not negative, and no window lasts longer than it may. */
  if (!g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, &deadline, NULL) || deadline <= now
      || deadline > now + LIVE_WINDOW_SECONDS_MAX)
    return LIVE_WINDOW_END_OVER;
  *left = deadline - now;
  return LIVE_WINDOW_END_AT;
}

char *
live_window_format (gint64 deadline)
{
  if (deadline == LIVE_WINDOW_UNTIL_CLOSED)
    return g_strdup (LIVE_WINDOW_TEXT_UNTIL_CLOSED);
  return g_strdup_printf ("%" G_GINT64_FORMAT, deadline);
}

/* A qube that is on its way down by itself, or fell. */
static gboolean
is_ending (LiveQubeState state)
{
  return state == LIVE_QUBE_STATE_HALTING || state == LIVE_QUBE_STATE_DYING;
}

/* The qube has to come down. */
static void
judge_closing (const LiveWindowNow *now, LiveWindowVerdict *verdict)
{
  gint64 patience_ends = now->shutdown_at + LIVE_WINDOW_GRACE_SECONDS;

  verdict->state = LIVE_WINDOW_CLOSING;
  verdict->step = LIVE_WINDOW_STEP_SHUTDOWN;
  if (now->kill_asked)
    verdict->deed = LIVE_WINDOW_DEED_KILL;
  else if (!now->shutdown_asked)
    verdict->deed = LIVE_WINDOW_DEED_SHUTDOWN;
  else if (now->boot >= patience_ends)
    verdict->step = LIVE_WINDOW_STEP_NOT_SHUTTING_DOWN;
  else
    verdict->again_at = patience_ends;
}

LiveWindowVerdict
live_window_judge (const LiveQubeFacts *facts, const LiveWindowNow *now)
{
  LiveWindowVerdict verdict = { .state = LIVE_WINDOW_CLOSED, .step = "" };
  /* What a disposable has is its template's. */
  gboolean recorded = facts->features[LIVE_FEATURE_WINDOW] != NULL && facts->klass != LIVE_QUBE_KLASS_DISPOSABLE;

  if (!recorded && !now->opening)
    return verdict;
  if (recorded && now->end == LIVE_WINDOW_END_WHEN_CLOSED)
    verdict.deadline = LIVE_WINDOW_UNTIL_CLOSED;
  else if (recorded && now->end == LIVE_WINDOW_END_AT)
    verdict.deadline = now->wall + (now->deadline - now->boot);

  if (now->opening)
    {
      verdict.state = LIVE_WINDOW_OPENING;
      verdict.step = NULL;
    }
  else if (facts->state == LIVE_QUBE_STATE_HALTED)
    {
      const LiveVolume *private = &facts->volumes[LIVE_VOLUME_PRIVATE];

      verdict.state = LIVE_WINDOW_CLOSING;
      verdict.step = private->known && !private->rw ? LIVE_WINDOW_STEP_TIDY : LIVE_WINDOW_STEP_PRIVATE_READ_ONLY;
    }
  else if (now->close_asked || now->end == LIVE_WINDOW_END_OVER
           || (now->end == LIVE_WINDOW_END_AT && now->boot >= now->deadline))
    judge_closing (now, &verdict);
  else
    {
      verdict.state = is_ending (facts->state) ? LIVE_WINDOW_CLOSING : LIVE_WINDOW_OPEN;
      verdict.step = is_ending (facts->state) ? LIVE_WINDOW_STEP_SHUTDOWN : "";
      verdict.again_at = now->end == LIVE_WINDOW_END_AT ? now->deadline : 0;
    }
  return verdict;
}

gint64
live_window_guest_seconds (const char *text)
{
  gint64 seconds = 0;

  if (text == NULL || !g_ascii_string_to_signed (text, 10, 1, LIVE_WINDOW_SECONDS_MAX, &seconds, NULL))
    return 0;
  return seconds;
}
