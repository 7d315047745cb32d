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
void live_qube_set_policy (LiveQube *self, const char *feature);
void live_qube_set_saved (LiveQube *self, const char *feature);

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
