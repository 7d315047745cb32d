/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/boot-mode.h"
#include "model/persistence.h"

G_BEGIN_DECLS

/**
 * LiveIndicator:
 *
 * The one answer that stands in the tray. %LIVE_INDICATOR_UNKNOWN is zero, so that whatever is forgotten is unknown.
 */
typedef enum
{
  LIVE_INDICATOR_UNKNOWN,
  LIVE_INDICATOR_PERSISTENT,
  LIVE_INDICATOR_EPHEMERAL,
  LIVE_INDICATOR_LIVE,
  LIVE_INDICATOR_LIVE_LEAKY,
  LIVE_INDICATOR_ALARM
} LiveIndicator;

/**
 * LiveRunningQube:
 * @name: its name
 * @klass: (nullable): its class, as qubesd names it
 * @persistence: what it leaves behind
 * @evidence: what that rests on
 */
typedef struct
{
  const char *name;
  const char *klass;
  LivePersistence persistence;
  LiveEvidence evidence;
} LiveRunningQube;

/**
 * LiveIndicatorFacts:
 * @connected: whether qubesd can be asked
 * @running_known: whether every running qube has been read since the connection
 * @boot_mode: how dom0 was booted
 * @boot_contradicted: (nullable): the kernel argument that claims that dom0 is in RAM, when it is on a disk
 * @leaks_known: whether it was looked for leaks
 * @n_leaks: how many leaks reach a disk or may (model/leaks.h)
 * @running: the running qubes
 * @n_running: how many they are
 */
typedef struct
{
  gboolean connected;
  gboolean running_known;
  LiveBootMode boot_mode;
  const char *boot_contradicted;
  gboolean leaks_known;
  guint n_leaks;
  const LiveRunningQube *running;
  gsize n_running;
} LiveIndicatorFacts;

/**
 * live_indicator_judge:
 * @facts: what is known
 * @reasons: (nullable): a builder of type a(sa{sv}) that gets the reasons (model/reason.h)
 *
 * Ephemeral needs every running qube to be verified; persistent needs only one that keeps what it writes, verified or
 * not, because that claim promises nothing. Live needs dom0 in RAM, no leak, and every running qube to be verified,
 * too; live-leaky says what is missing from that. In persistent mode leaks of dom0 do not matter: it is on a disk.
 *
 * Returns: the state of the indicator
 */
LiveIndicator live_indicator_judge (const LiveIndicatorFacts *facts, GVariantBuilder *reasons);

const char *live_indicator_to_string (LiveIndicator indicator);

G_END_DECLS
