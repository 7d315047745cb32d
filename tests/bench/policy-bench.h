/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "bench/figures.h"

G_BEGIN_DECLS

/**
 * live_policy_bench_run:
 * @figures: what was measured is added here
 * @quick: few qubes and one round
 *
 * Sets the policy full on a hundred halted qubes over the bus, one after the other and all at once, beside the calls
 * that change something which it takes, sent bare.
 */
void live_policy_bench_run (LiveFigures *figures, gboolean quick);

G_END_DECLS
