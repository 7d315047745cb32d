/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/qube.h"
#include "sources/qube-reader.h"

G_BEGIN_DECLS

/* The name of the steps that change `revisions_to_keep`, when one of them fails: with %LIVE_ERROR_NOT_SUPPORTED when
 * this qubesd does not know -1. */
#define LIVE_STEPS_REVISIONS "revisions_to_keep"

/**
 * LiveStepProgress:
 * @qube: the qube
 * @step: the step that is begun
 * @undo: whether it is being undone
 *
 * Called before each step.
 */
typedef void (*LiveStepProgress) (LiveQube *qube, LiveStep step, gboolean undo, gpointer data);

/**
 * live_steps_run_async:
 * @client: where to send them
 * @qube: a qube whose turn the caller has; halted, unless the steps are about its features only
 * @plan: what to do, of kind %LIVE_PLAN_STEPS
 * @window: (nullable): what %LIVE_STEP_RECORD_WINDOW writes, if it is among them
 * @progress: (nullable): told about each step; gets @data too
 *
 * Does the steps of a plan one after the other. When one fails, those that were done are undone in the opposite order,
 * so that nothing stays half set, unless the plan is `forward_only`. There is no cancellable: a change that has begun
 * is finished or undone.
 */
void live_steps_run_async (LiveQubesdClient *client,
                           LiveQube *qube,
                           const LivePlan *plan,
                           const char *window,
                           LiveStepProgress progress,
                           GAsyncReadyCallback callback,
                           gpointer data);

/* Returns: the features that the steps of @plan change */
LiveRead live_steps_list_features (const LivePlan *plan);

/**
 * live_steps_run_finish:
 * @failed: (out) (optional): the step that failed, as in the property Pending, or the name of a feature or setting
 *
 * The error is that of the step; when undoing failed too, its message says which step stays.
 */
gboolean live_steps_run_finish (LiveQube *qube, GAsyncResult *result, const char **failed, GError **error);

G_END_DECLS
