/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/arguments.h"
#include "model/posture.h"

G_BEGIN_DECLS

/* Parts of live_posture_judge(). */

/* Adds a finding; @found may be any bytes or %NULL, and the remedy is left out where there is nothing to do. */
void live_posture_add (GVariantBuilder *findings,
                       const char *code,
                       LiveVerdict verdict,
                       const char *remedy,
                       const char *found,
                       const char *expected);
/* The same for what is judged by Xen's line: nothing is good unless Xen itself said so. */
void live_posture_add_by_xen_line (GVariantBuilder *findings,
                                   const LivePostureFacts *facts,
                                   const char *code,
                                   LiveVerdict verdict,
                                   const char *remedy,
                                   const char *found,
                                   const char *expected);

void live_posture_judge_linux_line (const LivePostureFacts *facts, GPtrArray *linux_line, GVariantBuilder *findings);
void live_posture_judge_xen_line (const LivePostureFacts *facts, GPtrArray *xen_line, GVariantBuilder *findings);
/* Arguments of Xen on Linux' line, and the other way round: they do nothing there. */
void live_posture_find_misplaced (GPtrArray *linux_line, GPtrArray *xen_line, GVariantBuilder *findings);

G_END_DECLS
