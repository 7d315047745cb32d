/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * Reasons: why the indicator or a qube is what it is said to be. On the bus a(sa{sv}): code and parameters. The
 * helper sends codes; faces make sentences from them (applet/client/words.c). A code that a face does not know is
 * shown as it is.
 */

/* Of the indicator. */
#define LIVE_REASON_QUBESD_UNREACHABLE "qubesd-unreachable"
#define LIVE_REASON_STARTING "starting"               /* the first reading is not done yet */
/* why: s, maybe: mounts-unreadable, no-root, upper-unknown, device-unknown */
#define LIVE_REASON_BOOT_MODE_UNKNOWN "boot-mode-unknown"
#define LIVE_REASON_BOOT_CONTRADICTED "boot-contradicted" /* argument: s, claims that dom0 is in RAM, and it is not */
#define LIVE_REASON_DOM0_ON_DISK "dom0-on-disk"
#define LIVE_REASON_DOM0_IN_RAM "dom0-in-ram"         /* mode: s, as BootMode */
#define LIVE_REASON_LEAKS "leaks"                     /* count: s, of what reaches a disk although dom0 is in RAM */
#define LIVE_REASON_QUBE_KEEPS "qube-keeps"           /* qube: s; persistence: s; class: s, as qubesd names it, or empty */
#define LIVE_REASON_QUBE_NOT_VERIFIED "qube-not-verified" /* qube: s */
#define LIVE_REASON_QUBE_CONTRADICTED "qube-contradicted" /* qube: s */
#define LIVE_REASON_QUBES_VERIFIED "qubes-verified"   /* count: u */
#define LIVE_REASON_NO_QUBE_RUNNING "no-qube-running"

/* Of a qube. */
#define LIVE_REASON_ROOT_WRITABLE "root-writable"     /* pool: s */
#define LIVE_REASON_PRIVATE_WRITABLE "private-writable" /* pool: s */
#define LIVE_REASON_VOLATILE_NOT_EPHEMERAL "volatile-not-ephemeral" /* pool: s */
#define LIVE_REASON_DEVICE_ON_DISK "device-on-disk"   /* volume: s, or "other": seen to write to the disk */
#define LIVE_REASON_DEVICE_UNKNOWN "device-unknown"   /* volume: s, or "other": where it writes to cannot be told */
#define LIVE_REASON_CONTRADICTED "contradicted"       /* claimed: s, seen: s, both as Persistence */
#define LIVE_REASON_NOT_VERIFIED "not-verified"       /* it runs, and nobody looked at its devices */
#define LIVE_REASON_UNREADABLE "unreadable"           /* error: s, English: qubesd did not tell about its volumes */
#define LIVE_REASON_POLICY_INVALID "policy-invalid"   /* value: s, what stands in the feature live.policy */
#define LIVE_REASON_SAVED_INVALID "saved-invalid"     /* value: s, what stands in the feature live.saved */
#define LIVE_REASON_POLICY_UNSUPPORTED "policy-unsupported" /* policy: s, why: s, a code */
#define LIVE_REASON_APPLY_FAILED "apply-failed"       /* step: s, as in Pending; error: s, English */
#define LIVE_REASON_REPAIRED "repaired"               /* step: s, as in Pending: it was not as the policy wants, and was set again */
#define LIVE_REASON_WAITS_FOR_DISPOSABLES "waits-for-disposables" /* what is pending waits until no disposable of it runs */

G_END_DECLS
