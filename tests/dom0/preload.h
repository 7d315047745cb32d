/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "store.h"

/**
 * live_dom0_preload_fill:
 *
 * Brings the queue of preloaded disposables of @template to the length that its feature `preload-dispvm-max` asks
 * for, once this call's caller is answered. What is created is started and paused; what is too many is killed, and so
 * removed. Nothing is done before 4.3.
 */
void live_dom0_preload_fill (LiveDom0 *dom0, LiveDom0Qube *template);

/**
 * live_dom0_preload_take:
 *
 * Takes the first preloaded disposable out of the queue, unpauses it and fills the queue up again.
 *
 * Returns: (transfer none) (nullable): the disposable, or %NULL when none is waiting
 */
LiveDom0Qube *live_dom0_preload_take (LiveDom0 *dom0, LiveDom0Qube *template);

/**
 * live_dom0_preload_forget:
 *
 * Takes @qube out of its template's queue, if it is in it: it is about to be removed.
 */
void live_dom0_preload_forget (LiveDom0 *dom0, LiveDom0Qube *qube);
