/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/block.h"
#include "model/feature.h"

G_BEGIN_DECLS

/**
 * LiveVolumeName:
 *
 * The volumes of a qube that it can write to. (The fourth, `kernel`, is read-only by its driver.)
 */
typedef enum
{
  LIVE_VOLUME_ROOT,
  LIVE_VOLUME_PRIVATE,
  LIVE_VOLUME_VOLATILE,
  LIVE_N_VOLUMES
} LiveVolumeName;

/**
 * LiveVolume:
 * @known: whether qubesd told; if not, nothing else here means anything
 * @rw: whether the qube may write to it
 * @ephemeral: whether qubesd encrypts it under a key that only RAM knows
 * @snap_on_start: it starts as a snapshot of another volume
 * @save_on_stop: what is written is kept when the qube stops
 * @revisions_to_keep: how many old states are kept, -1: none, and no commit at stop
 * @pool: (nullable): the pool it is in, an interned string
 * @driver: (nullable): the driver of that pool, an interned string; %NULL: not known yet
 *
 * What `admin.vm.volume.Info` says of one volume. It is configuration: it proves nothing about a qube that runs,
 * because some of it can be changed without any effect until the next start.
 */
typedef struct
{
  gboolean known;
  gboolean rw;
  gboolean ephemeral;
  gboolean snap_on_start;
  gboolean save_on_stop;
  int revisions_to_keep;
  const char *pool;
  const char *driver;
} LiveVolume;

/**
 * LiveQubeState:
 *
 * The power states that qubesd reports (qubes/vm/qubesvm.py, get_power_state). Only #LIVE_QUBE_STATE_HALTED allows a
 * change of `rw`.
 */
typedef enum
{
  LIVE_QUBE_STATE_UNKNOWN,
  LIVE_QUBE_STATE_HALTED,
  LIVE_QUBE_STATE_TRANSIENT,
  LIVE_QUBE_STATE_RUNNING,
  LIVE_QUBE_STATE_PAUSED,
  LIVE_QUBE_STATE_SUSPENDED,
  LIVE_QUBE_STATE_HALTING,
  LIVE_QUBE_STATE_DYING,
  LIVE_QUBE_STATE_CRASHED
} LiveQubeState;

/**
 * LiveQubeKlass:
 *
 * The classes of qubes (`admin.vmclass.List`), as far as it matters which one it is.
 */
typedef enum
{
  LIVE_QUBE_KLASS_OTHER, /* RemoteVM, and what a later Qubes may bring: no volumes of its own that we know of */
  LIVE_QUBE_KLASS_APP,
  LIVE_QUBE_KLASS_TEMPLATE,
  LIVE_QUBE_KLASS_STANDALONE,
  LIVE_QUBE_KLASS_DISPOSABLE
} LiveQubeKlass;

/**
 * LiveDevice:
 * @attached: whether the running qube has this device
 * @read_only: whether its backend takes no writes
 * @rest: where writes to it come to rest
 *
 * A block device of a running qube, as dom0's backend has it.
 */
typedef struct
{
  gboolean attached;
  gboolean read_only;
  LiveRest rest;
} LiveDevice;

/**
 * LiveAnswer:
 *
 * An answer that may not be known yet.
 */
typedef enum
{
  LIVE_ANSWER_UNKNOWN,
  LIVE_ANSWER_NO,
  LIVE_ANSWER_YES
} LiveAnswer;

/**
 * LiveKernelFacts:
 * @common_options: (nullable): what is on the command line of every qube with this kernel, before its own options
 * @init_on_alloc: whether it was built to overwrite memory when it is handed out
 * @init_on_free: whether it was built to overwrite memory when it is given back
 *
 * A kernel that dom0 provides for qubes. What is not known is as if it were not so.
 */
typedef struct
{
  const char *common_options;
  gboolean init_on_alloc;
  gboolean init_on_free;
} LiveKernelFacts;

/**
 * LiveQubeFacts:
 * @name: name of the qube
 * @klass: class of the qube
 * @state: power state
 * @volumes: by #LiveVolumeName
 * @devices_known: whether the devices of the running qube were all seen, and are set up
 * @devices: by #LiveVolumeName; only with @devices_known
 * @others: every other device that it may write to, together: attached if there is one, at rest where the worst is
 * @template_name: (nullable): of a disposable, its disposable template
 * @disposables_running: of a disposable template: whether a disposable of it is not halted
 * @being_made: whether it appeared a moment ago, so that its volumes may still be filled, by a clone or a backup
 * @features: (array fixed-size=LIVE_N_FEATURES): what stands in each feature, %NULL when it is not set. Of
 *   %LIVE_FEATURE_POLICY an empty one counts as not set
 * @window_opening: whether a customization window is being opened by us now
 * @revisions_off_known: whether this qubesd knows `revisions_to_keep` -1 (Qubes 4.3)
 * @kernel_options: (nullable): the property `kernelopts`; %NULL: not read
 * @kernel_options_default: whether that is its default
 * @kernel_name: (nullable): the property `kernel`; %NULL: not read, empty: the qube brings its own
 * @kernel: that kernel
 *
 * All that the decisions about one qube are made from.
 */
typedef struct
{
  const char *name;
  LiveQubeKlass klass;
  LiveQubeState state;
  LiveVolume volumes[LIVE_N_VOLUMES];
  gboolean devices_known;
  LiveDevice devices[LIVE_N_VOLUMES];
  LiveDevice others;
  const char *template_name;
  gboolean disposables_running;
  gboolean being_made;
  const char *features[LIVE_N_FEATURES];
  gboolean window_opening;
  gboolean revisions_off_known;
  const char *kernel_options;
  gboolean kernel_options_default;
  const char *kernel_name;
  LiveKernelFacts kernel;
} LiveQubeFacts;

/* Names as on the bus; the functions that take one accept anything and answer UNKNOWN / OTHER / FALSE. */
const char *live_volume_name_to_string (LiveVolumeName name);
gboolean live_volume_name_from_string (const char *text, LiveVolumeName *name);
const char *live_qube_state_to_string (LiveQubeState state);
/* From qubesd's spelling (`Halted`, `Running`, …). */
LiveQubeState live_qube_state_from_qubesd (const char *text);
/* From qubesd's spelling (`AppVM`, …). */
LiveQubeKlass live_qube_klass_from_qubesd (const char *text);

/**
 * live_qube_state_is_running:
 *
 * Whether the qube may be writing now or have devices attached: every state but halted. A crashed or dying qube still
 * has its devices; an unknown state is counted as running, because the opposite could make a false promise.
 */
gboolean live_qube_state_is_running (LiveQubeState state);

/**
 * live_volume_commits:
 * @facts: facts with that volume known
 * @name: a volume
 *
 * Whether qubesd commits this volume when the qube stops even though it is read-only, which fails an assertion and
 * leaves the clean-up undone: so it is with a volume that is kept (`save_on_stop`) in an LVM thin pool, unless its
 * `revisions_to_keep` is -1 (qubes/storage/lvm.py, ThinVolume).
 *
 * Returns: unknown while the driver of its pool is not known
 */
LiveAnswer live_volume_commits (const LiveQubeFacts *facts, LiveVolumeName name);

/**
 * live_window_is_in_use:
 *
 * Returns: whether a customization window is being opened, or there is one and its qube is not halted: the private
 *   volume is writable by intention. Never so for a disposable: it has the feature from its template
 */
gboolean live_window_is_in_use (const LiveQubeFacts *facts);

G_END_DECLS
