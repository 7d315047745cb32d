/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "bench/figures.h"

G_BEGIN_DECLS

/**
 * live_verification_bench_run:
 * @figures: where to put the figures
 * @quick: fewer samples and qubes, to see that it works
 *
 * Measures how soon the indicator follows the devices of a running qube, and what the helper costs at rest with a
 * store to follow: against the simulated dom0 and the real oxenstored.
 */
void live_verification_bench_run (LiveFigures *figures, gboolean quick);

G_END_DECLS
