/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/boot-mode.h"
#include "model/finding.h"
#include "model/guide-unit.h"
#include "model/indicator.h"
#include "model/job.h"
#include "model/pool.h"
#include "model/qube.h"

G_BEGIN_DECLS

/**
 * LiveSystem:
 *
 * All that is known: the qubes (without dom0), the pools, how dom0 was booted, and the indicator drawn from them.
 *
 * Signals: `qube-added` and `qube-removed` (#LiveQube), `pool-added` and `pool-removed` (#LivePool), `job-added` and
 * `job-removed` (#LiveJob), and `qube-settled` (#LiveQube): a reading of that qube is complete, so that its plan may be acted on.
 *
 * Properties, as on the bus: `qubesd-connected`, `synchronized`, `indicator`, `indicator-reasons`, `boot-mode`,
 * `leaks` and `posture` (%LIVE_FINDINGS_TYPE), `guide-unit` (%LIVE_GUIDE_UNIT_TYPE), `memory-total`, `memory-free`.
 */
#define LIVE_TYPE_SYSTEM (live_system_get_type ())
G_DECLARE_FINAL_TYPE (LiveSystem, live_system, LIVE, SYSTEM, GObject)

LiveSystem *live_system_new (void);

/* (transfer none) (nullable) */
LiveQube *live_system_find_qube (LiveSystem *self, const char *name);
LivePool *live_system_find_pool (LiveSystem *self, const char *name);
/* (transfer container): the objects themselves belong to the system */
GPtrArray *live_system_list_qubes (LiveSystem *self);
GPtrArray *live_system_list_pools (LiveSystem *self);
GPtrArray *live_system_list_jobs (LiveSystem *self);

gboolean live_system_get_connected (LiveSystem *self);
gboolean live_system_get_synchronized (LiveSystem *self);

/**
 * live_system_is_settled:
 *
 * Returns: whether everything has been read and every policy that can be applied now is applied, or has failed
 */
gboolean live_system_is_settled (LiveSystem *self);

void live_system_add_qube (LiveSystem *self, LiveQube *qube);
void live_system_remove_qube (LiveSystem *self, const char *name);
void live_system_add_pool (LiveSystem *self, LivePool *pool);
void live_system_remove_pool (LiveSystem *self, const char *name);
/* Gives @job its number. It stays, also when it has ended, until it is removed. */
void live_system_add_job (LiveSystem *self, LiveJob *job);
void live_system_remove_job (LiveSystem *self, LiveJob *job);

/* Facts about the whole; the indicator follows at once. */

/**
 * live_system_set_dom0:
 * @mode: how dom0 was booted
 * @contradicted: (nullable): the kernel argument that claims that it is in RAM, when it is not
 * @leaks: of type %LIVE_FINDINGS_TYPE; a floating reference is consumed
 * @n_leaks: how many of them reach a disk or may
 *
 * All at once, so that no claim is made in between.
 */
void
live_system_set_dom0 (LiveSystem *self, LiveBootMode mode, const char *contradicted, GVariant *leaks, guint n_leaks);
/* The mode alone, nothing contradicted: leaks are not known then, which keeps dom0 from being called live. */
void live_system_set_boot_mode (LiveSystem *self, LiveBootMode mode);
/* Of type %LIVE_FINDINGS_TYPE; empty before anything was read. (transfer none) */
void live_system_set_posture (LiveSystem *self, GVariant *posture);
/* Of type %LIVE_GUIDE_UNIT_TYPE; a floating reference is consumed. */
void live_system_set_guide_unit (LiveSystem *self, GVariant *unit);
/* (transfer none) */
GVariant *live_system_get_guide_unit (LiveSystem *self);

/* dom0's memory in bytes; both 0: not known. */
void live_system_set_memory (LiveSystem *self, guint64 total, guint64 free);

/**
 * live_system_set_default_pools:
 * @private_pool: (nullable): where private volumes of new qubes go; %NULL: not known
 * @volatile_pool: (nullable): the same of volatile ones
 */
void live_system_set_default_pools (LiveSystem *self, const char *private_pool, const char *volatile_pool);

void live_system_set_connected (LiveSystem *self, gboolean connected);
void live_system_set_synchronized (LiveSystem *self, gboolean synchronized);
/* Whether every running qube has been read since the connection. */
void live_system_set_running_known (LiveSystem *self, gboolean known);

/**
 * live_system_refuse_revisions_off:
 *
 * qubesd was seen not to know `revisions_to_keep` -1, whatever its version led to expect: what needs it cannot be had, of
 * no qube, until there is another connection. Draws every verdict anew.
 */
void live_system_refuse_revisions_off (LiveSystem *self);

/* Tells a qube what the system knows about it: the drivers of its pools. */
void live_system_inform_qube (LiveSystem *self, LiveQube *qube);
/* Draws the qube's verdict and plan and the indicator anew. Without settling nothing is acted on. */
void live_system_judge_qube (LiveSystem *self, LiveQube *qube);
/* The same, and tells that the reading is complete. */
void live_system_settle_qube (LiveSystem *self, LiveQube *qube);

G_END_DECLS
