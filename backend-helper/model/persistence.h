/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/facts.h"

G_BEGIN_DECLS

/**
 * LivePersistence:
 * @LIVE_PERSISTENCE_UNKNOWN: qubesd did not tell
 * @LIVE_PERSISTENCE_PERSISTENT: what the qube writes reaches the disk
 * @LIVE_PERSISTENCE_ROOT_EPHEMERAL: what it writes to root does not, what it writes to private does
 * @LIVE_PERSISTENCE_EPHEMERAL: neither does; it lives on the volatile volume, under a key that only RAM knows
 * @LIVE_PERSISTENCE_RAM: all its writable volumes are in a pool in RAM
 */
typedef enum
{
  LIVE_PERSISTENCE_UNKNOWN,
  LIVE_PERSISTENCE_PERSISTENT,
  LIVE_PERSISTENCE_ROOT_EPHEMERAL,
  LIVE_PERSISTENCE_EPHEMERAL,
  LIVE_PERSISTENCE_RAM
} LivePersistence;

/**
 * LiveEvidence:
 * @LIVE_EVIDENCE_UNKNOWN: the qube runs, and nobody looked at its devices; or qubesd did not tell
 * @LIVE_EVIDENCE_CONFIGURED: the qube is halted, and qubesd will start it so
 * @LIVE_EVIDENCE_VERIFIED: the running qube's block devices were seen to be so
 * @LIVE_EVIDENCE_CONTRADICTED: they were seen not to be so
 */
typedef enum
{
  LIVE_EVIDENCE_UNKNOWN,
  LIVE_EVIDENCE_CONFIGURED,
  LIVE_EVIDENCE_VERIFIED,
  LIVE_EVIDENCE_CONTRADICTED
} LiveEvidence;

/**
 * live_persistence_judge:
 * @facts: what is known of the qube
 * @evidence: (out): what the verdict rests on
 * @reasons: (nullable): a builder of type a(sa{sv}) that gets the reasons (model/reason.h)
 *
 * What a qube leaves behind: while it is halted by its configuration, while it runs by the devices that it was seen to
 * have, which also tell whether its configuration and its policy are kept. A root volume that is read-only sends what
 * the qube writes to its root to the volatile volume instead (the initramfs of a qube makes a copy-on-write of it
 * there), so root counts as ephemeral only when the volatile volume is too. So it is with the devices: xvda read-only
 * sends root's writes to xvdc, and every qube has its swap there. In doubt the verdict is the one that promises less.
 *
 * Returns: the verdict
 */
LivePersistence live_persistence_judge (const LiveQubeFacts *facts, LiveEvidence *evidence, GVariantBuilder *reasons);

const char *live_persistence_to_string (LivePersistence persistence);
const char *live_evidence_to_string (LiveEvidence evidence);

/* Adds a reason whose parameters are text: pairs of key and value, then %NULL. */
void live_reason_add (GVariantBuilder *reasons, const char *code, ...) G_GNUC_NULL_TERMINATED;

G_END_DECLS
