/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/reconcile.h"

G_BEGIN_DECLS

/*
 * Customization windows: a bounded time in which a qube of policy `full` may keep what it writes to its private volume.
 *
 * That a window is there is kept in the qube's feature `live.window`, from before the private volume becomes writable
 * until after it is read-only again: so whoever finds the feature, after whatever crash, knows what is left to do.
 */

/* Bounds of a window and of an extension, in seconds. */
#define LIVE_WINDOW_SECONDS_MIN 60
#define LIVE_WINDOW_SECONDS_MAX 86400
/* In place of seconds, and of a deadline: until somebody closes it. */
#define LIVE_WINDOW_UNTIL_CLOSED -1

/* WindowState. */
#define LIVE_WINDOW_CLOSED "closed"
#define LIVE_WINDOW_OPENING "opening"
#define LIVE_WINDOW_OPEN "open"
#define LIVE_WINDOW_CLOSING "closing"

/* WindowStep. */
#define LIVE_WINDOW_STEP_RECORD "record"                       /* writing down that there is a window */
#define LIVE_WINDOW_STEP_HOLD_PRELOADED "hold-preloaded"       /* preloaded disposables of it are sent away */
#define LIVE_WINDOW_STEP_PRIVATE_WRITABLE "private-writable"
#define LIVE_WINDOW_STEP_START "start"
#define LIVE_WINDOW_STEP_SHUTDOWN "shutdown"                   /* it was asked to shut down, and has time to */
#define LIVE_WINDOW_STEP_NOT_SHUTTING_DOWN "not-shutting-down" /* its time is over; somebody has to decide */
#define LIVE_WINDOW_STEP_PRIVATE_READ_ONLY "private-read-only"
#define LIVE_WINDOW_STEP_TIDY "tidy"                           /* preloading goes on, and what was written down is removed */

/* WindowOutcome. */
#define LIVE_WINDOW_OUTCOME_KEPT "kept"           /* the qube shut down; what it wrote is kept */
#define LIVE_WINDOW_OUTCOME_KILLED "killed"       /* the qube was ended; what it had not written yet is lost */
#define LIVE_WINDOW_OUTCOME_FAILED "failed"       /* it could not be opened, and everything is as before */
#define LIVE_WINDOW_OUTCOME_RECOVERED "recovered" /* it was found as left behind by a crash or a copy, with the qube halted */

/* WindowRefusal. */
#define LIVE_WINDOW_REFUSAL_POLICY "policy"         /* its policy is not full */
#define LIVE_WINDOW_REFUSAL_PENDING "pending"       /* its policy is not applied yet, or cannot be */
#define LIVE_WINDOW_REFUSAL_RUNNING "running"       /* it has to be halted */
#define LIVE_WINDOW_REFUSAL_DISPOSABLES_RUNNING "disposables-running" /* disposables of it run, which its pool forbids */
#define LIVE_WINDOW_REFUSAL_DISPOSABLE "disposable" /* keeps nothing: customise its disposable template */
#define LIVE_WINDOW_REFUSAL_NO_PRIVATE "no-private" /* it has no private volume that keeps anything */
#define LIVE_WINDOW_REFUSAL_OPEN "open"             /* there is one already */
#define LIVE_WINDOW_REFUSAL_UNKNOWN "unknown"       /* qubesd did not tell enough */

/**
 * live_window_refusal:
 * @facts: what is known of the qube
 * @plan: what live_reconcile() says of it
 *
 * Returns: why no customization window can be opened now, as a code; empty: one can
 */
const char *live_window_refusal (const LiveQubeFacts *facts, const LivePlan *plan);

/* What stands in `live.window` in place of a deadline. */
#define LIVE_WINDOW_TEXT_UNTIL_CLOSED "until-closed"

/* How long a qube has to shut down before somebody is asked what to do about it. */
#define LIVE_WINDOW_GRACE_SECONDS 60

/**
 * LiveWindowEnd:
 * @LIVE_WINDOW_END_OVER: it has ended, or nobody can say when it should: that counts as ended
 * @LIVE_WINDOW_END_AT: at a time
 * @LIVE_WINDOW_END_WHEN_CLOSED: when somebody closes it
 *
 * When a window ends.
 */
typedef enum
{
  LIVE_WINDOW_END_OVER,
  LIVE_WINDOW_END_AT,
  LIVE_WINDOW_END_WHEN_CLOSED
} LiveWindowEnd;

/**
 * live_window_parse:
 * @text: what stands in the feature `live.window`
 * @now: seconds since 1970
 * @left: (out): with %LIVE_WINDOW_END_AT the seconds from @now, 1 to %LIVE_WINDOW_SECONDS_MAX
 *
 * Text that means nothing, a time that is past, and one that is further away than any window lasts (the clock was set
 * while nobody watched, or somebody wrote it by hand) are a window that is over.
 */
LiveWindowEnd live_window_parse (const char *text, gint64 now, gint64 *left);

/* The text for the feature `live.window`; @deadline in seconds since 1970, or %LIVE_WINDOW_UNTIL_CLOSED. */
char *live_window_format (gint64 deadline);

/**
 * LiveWindowNow:
 * @opening: somebody is opening it: from before it is written down until the qube's start was answered
 * @end: when it ends
 * @deadline: with %LIVE_WINDOW_END_AT, on the clock that counts the seconds since boot: nobody can set that one, so a
 *   window lasts as long as was promised
 * @close_asked: somebody wants it closed
 * @kill_asked: somebody wants the qube ended for that, and it was not ended yet
 * @shutdown_asked: the qube was asked to shut down, and has not halted since
 * @shutdown_at: when, on the clock since boot
 * @boot: now, on the clock since boot
 * @wall: now, in seconds since 1970
 *
 * What is known of a window besides the facts about its qube, by one who has watched it.
 */
typedef struct
{
  gboolean opening;
  LiveWindowEnd end;
  gint64 deadline;
  gboolean close_asked;
  gboolean kill_asked;
  gboolean shutdown_asked;
  gint64 shutdown_at;
  gint64 boot;
  gint64 wall;
} LiveWindowNow;

/**
 * LiveWindowDeed:
 * @LIVE_WINDOW_DEED_NONE: nothing; when its qube is halted the ordinary reconciliation closes it
 * @LIVE_WINDOW_DEED_SHUTDOWN: ask the qube to shut down
 * @LIVE_WINDOW_DEED_KILL: end the qube
 *
 * What has to be done for a window now.
 */
typedef enum
{
  LIVE_WINDOW_DEED_NONE,
  LIVE_WINDOW_DEED_SHUTDOWN,
  LIVE_WINDOW_DEED_KILL
} LiveWindowDeed;

/**
 * LiveWindowVerdict:
 * @state: as the property WindowState
 * @deadline: as WindowDeadline
 * @step: as WindowStep; %NULL while it is being opened: whoever opens it knows
 * @deed: what has to be done now
 * @again_at: when to judge again even if nothing happens, on the clock since boot; 0: never
 */
typedef struct
{
  const char *state;
  gint64 deadline;
  const char *step;
  LiveWindowDeed deed;
  gint64 again_at;
} LiveWindowVerdict;

/* What the window of a qube is, and what has to be done for it. Nothing is done here. */
LiveWindowVerdict live_window_judge (const LiveQubeFacts *facts, const LiveWindowNow *now);

/**
 * live_window_guest_seconds:
 * @text: (nullable): what stands in the feature `live.guest-window`
 *
 * Returns: for how long after its start the qube keeps its private volume writable by itself; 0: it does not, or the
 * text is no number from 1 to %LIVE_WINDOW_SECONDS_MAX
 */
gint64 live_window_guest_seconds (const char *text);

G_END_DECLS
