/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/block.h"

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
 * LiveQubeFacts:
 * @klass: class of the qube
 * @state: power state
 * @volumes: by #LiveVolumeName
 * @devices_known: whether the devices of the running qube were all seen, and are set up
 * @devices: by #LiveVolumeName; only with @devices_known
 * @others: every other device that it may write to, together: attached if there is one, at rest where the worst is
 * @policy: (nullable): what stands in the feature `live.policy`; %NULL when it is not set
 * @saved: (nullable): what stands in the feature `live.saved`; %NULL when it is not set
 *
 * All that the decisions about one qube are made from.
 */
typedef struct
{
  LiveQubeKlass klass;
  LiveQubeState state;
  LiveVolume volumes[LIVE_N_VOLUMES];
  gboolean devices_known;
  LiveDevice devices[LIVE_N_VOLUMES];
  LiveDevice others;
  const char *policy;
  const char *saved;
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

G_END_DECLS
