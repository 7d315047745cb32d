/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib-object.h>

#include "model/persistence.h"
#include "model/reconcile.h"

G_BEGIN_DECLS

/**
 * LiveQube:
 *
 * One qube: the facts that sources found, and what the pure decisions make of them. Whoever sets a fact calls
 * live_qube_judge() when the facts at hand belong together; only then do verdict, plan and reasons change, so that no
 * face ever sees one drawn from half a reading.
 *
 * The properties have the names and types of the bus interface org.qubes.Live1.Qube, for binding.
 */
#define LIVE_TYPE_QUBE (live_qube_get_type ())
G_DECLARE_FINAL_TYPE (LiveQube, live_qube, LIVE, QUBE, GObject)

LiveQube *live_qube_new (const char *name, const char *klass);

const char *live_qube_get_name (LiveQube *self);
gboolean live_qube_get_template_for_dispvms (LiveQube *self);
/* As qubesd says: AppVM, TemplateVM … */
const char *live_qube_get_class_name (LiveQube *self);
const LiveQubeFacts *live_qube_get_facts (LiveQube *self);
const LivePlan *live_qube_get_plan (LiveQube *self);
LivePersistence live_qube_get_persistence (LiveQube *self);
LiveEvidence live_qube_get_evidence (LiveQube *self);

/* Facts. They take effect at once where they are shown as they are (state, label), else at live_qube_judge(). */
void live_qube_set_state (LiveQube *self, LiveQubeState state);
void live_qube_set_label (LiveQube *self, const char *label);
void live_qube_set_template_for_dispvms (LiveQube *self, gboolean template_for_dispvms);
void live_qube_set_volume (LiveQube *self, LiveVolumeName name, const LiveVolume *volume);
/* @driver: (nullable): of the pool of a volume that was set before, an interned string */
void live_qube_set_volume_driver (LiveQube *self, LiveVolumeName name, const char *driver);
/* @value: (nullable): %NULL when it is not set */
void live_qube_set_feature (LiveQube *self, LiveFeature feature, const char *value);
void live_qube_set_template_name (LiveQube *self, const char *name);
/* @name, @options: (nullable): %NULL when they were not read. Another @name forgets what was known of the kernel. */
void live_qube_set_kernel (LiveQube *self, const char *name, const char *options, gboolean options_default);
/* What is known of the kernel that was set before; copied. */
void live_qube_set_kernel_facts (LiveQube *self, const LiveKernelFacts *kernel);
/**
 * live_qube_set_disposables:
 * @self: a disposable template
 * @running: whether one of its disposables, other than those that qubesd keeps ready, is not halted
 * @old: (array zero-terminated): its disposables that have another policy than it has
 *
 * Returns: whether @running is news
 */
gboolean live_qube_set_disposables (LiveQube *self, gboolean running, const char *const *old);
/* Whether it appeared a moment ago, so that its volumes may still be filled. */
void live_qube_set_being_made (LiveQube *self, gboolean being_made);
/* Whether its qubesd knows `revisions_to_keep` -1. */
void live_qube_set_revisions_off_known (LiveQube *self, gboolean known);
/* Whether we are opening a customization window now, so that nothing is undone that opening it does. */
void live_qube_set_window_opening (LiveQube *self, gboolean opening);

/**
 * live_qube_set_window:
 * @self: a qube
 * @state: one of the states in model/window.h
 * @deadline: seconds since 1970, 0, or %LIVE_WINDOW_UNTIL_CLOSED
 * @step: one of the steps in model/window.h, or empty
 *
 * What is shown of its customization window.
 */
void live_qube_set_window (LiveQube *self, const char *state, gint64 deadline, const char *step);
/* One of the outcomes in model/window.h, or empty. */
void live_qube_set_window_outcome (LiveQube *self, const char *outcome);
/* Seconds since 1970, or 0. */
void live_qube_set_guest_window_deadline (LiveQube *self, gint64 deadline);
const char *live_qube_get_window_state (LiveQube *self);

/**
 * live_qube_set_devices:
 * @self: a qube
 * @devices: (nullable) (array fixed-size=3): by #LiveVolumeName; %NULL: nothing is known of the running qube's devices
 * @others: (nullable): every other device together, with @devices
 *
 * Returns: whether that is news
 */
gboolean live_qube_set_devices (LiveQube *self, const LiveDevice *devices, const LiveDevice *others);

/**
 * live_qube_set_stopping:
 * @self: a qube
 * @stopping: whether `domain-stopped` was seen and `domain-shutdown` not yet
 *
 * Between the two qubesd already reports `Halted`, and commits the volumes (qubes/vm/qubesvm.py, domain-stopped): a
 * change of `rw` there could lose what is being committed. While it is set, halted counts as dying.
 */
void live_qube_set_stopping (LiveQube *self, gboolean stopping);

/**
 * live_qube_set_unreadable:
 * @self: a qube
 * @message: (nullable): why its volumes could not be read, %NULL: they could
 *
 * Forgets the volumes too, when @message is given: what was true before is not a fact any more.
 */
void live_qube_set_unreadable (LiveQube *self, const char *message);

/**
 * live_qube_set_apply_error:
 * @self: a qube
 * @step: (nullable): the step that failed, as in the property Pending; %NULL: none did
 * @message: (nullable): why, in English
 *
 * While it is set the plan is shown as pending and the qube is left alone until something about it changes.
 */
void live_qube_set_apply_error (LiveQube *self, const char *step, const char *message);
gboolean live_qube_has_apply_error (LiveQube *self);
/* (nullable): why, in English */
const char *live_qube_get_apply_error (LiveQube *self);

/**
 * live_qube_set_apply_waits:
 *
 * The same, when the step may be possible as soon as no disposable of the qube runs any more.
 */
void live_qube_set_apply_waits (LiveQube *self, const char *step, const char *message);

/* The last disposable of this template that was known to run has ended. */
void live_qube_note_disposables_ended (LiveQube *self);

/**
 * live_qube_note_event:
 *
 * Something happened to the qube that is not known to be our own doing: what could not be done before may be possible
 * now, and what was done may be undone. Forgets an apply error, and is counted.
 */
void live_qube_note_event (LiveQube *self);
guint live_qube_get_n_events (LiveQube *self);

/* Remembers, for the reasons, that @step had to be done again although the policy had been applied; %NULL forgets. */
void live_qube_set_repaired (LiveQube *self, const char *step);

/* Draws verdict, plan and reasons from the facts. */
void live_qube_judge (LiveQube *self);

G_END_DECLS
