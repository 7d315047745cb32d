/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/system.h"
#include "sources/crypt.h"
#include "sources/qubesd-call.h"
#include "sources/xenstore.h"

G_BEGIN_DECLS

/**
 * LiveVerification:
 *
 * Looks at the block devices of running qubes, so that what is said of them is seen and not assumed: qubesd tells which
 * domain a qube is (its property `xid`), dom0's backends which devices that domain has, sysfs and device mapper what
 * those are made of. It trusts nothing that a qube can write.
 *
 * It looks when a qube was read and runs, and when a backend's nodes change; never by the clock.
 */
#define LIVE_TYPE_VERIFICATION (live_verification_get_type ())
G_DECLARE_FINAL_TYPE (LiveVerification, live_verification, LIVE, VERIFICATION, GObject)

/**
 * live_verification_new:
 * @system: the model
 * @client: for the domain ids
 * @xenstore: started or not
 * @crypt: for the devices; its root is the one that is looked at
 *
 * Returns: (transfer full): the object, which works at once
 */
LiveVerification *live_verification_new (LiveSystem *system, LiveQubesdClient *client, LiveXenstore *xenstore,
                                         LiveCrypt *crypt);

/**
 * live_verification_set_dom0:
 * @mounts: (nullable) (element-type LiveMount): the mount table, which says where files behind loop devices are
 * @blocks: (element-type LiveBlock): the devices that those mounts are on, with all their parts; never changed again
 *
 * Looks at all again.
 */
void live_verification_set_dom0 (LiveVerification *self, GPtrArray *mounts, GPtrArray *blocks);

G_END_DECLS
