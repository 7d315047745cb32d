/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "bench/figures.h"

G_BEGIN_DECLS

/**
 * live_applet_bench_run:
 * @figures: where to put the figures
 * @quick: fewer samples and rounds, to see that it works
 *
 * Measures the applet on a display without a screen, beside a tray that only takes registrations and a helper that
 * is a mock: the figures are the applet's own.
 */
void live_applet_bench_run (LiveFigures *figures, gboolean quick);

G_END_DECLS
