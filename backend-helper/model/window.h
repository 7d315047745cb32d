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

G_END_DECLS
