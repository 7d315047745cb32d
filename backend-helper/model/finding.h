/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* D-Bus type of a list of findings: code, verdict, remedy, parameters. */
#define LIVE_FINDINGS_TYPE "a(sssa{sv})"

/**
 * LiveVerdict:
 *
 * What a finding says. On the bus `unknown`, `good`, `weak`, `bad` and `not-applicable`.
 */
typedef enum
{
  LIVE_VERDICT_UNKNOWN,
  LIVE_VERDICT_GOOD,
  LIVE_VERDICT_WEAK,
  LIVE_VERDICT_BAD,
  LIVE_VERDICT_NOT_APPLICABLE
} LiveVerdict;

const char *live_verdict_to_string (LiveVerdict verdict);

/**
 * live_finding_add:
 * @findings: a builder of type %LIVE_FINDINGS_TYPE
 * @code: what was looked at or found; faces make the sentence from it
 * @verdict: what it says
 * @remedy: code of what to do, empty when there is nothing to do
 * @...: parameters, pairs of key and text, then %NULL
 */
void live_finding_add (GVariantBuilder *findings, const char *code, LiveVerdict verdict, const char *remedy, ...)
    G_GNUC_NULL_TERMINATED;

G_END_DECLS
