/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "store.h"

/**
 * LiveDom0Done:
 * @error: (nullable): why it failed, or %NULL
 *
 * Called once, when a start or a shutdown has come to its end; at once unless a delay is set.
 */
typedef void (*LiveDom0Done) (gpointer data, const GError *error);

/**
 * live_dom0_qube_start:
 *
 * Starts a qube, its netvm first. A qube that is not halted is left as it is, and that is a success.
 * @qube may be gone when @done is called: a disposable that fails to start removes itself.
 */
void live_dom0_qube_start (LiveDom0 *dom0, LiveDom0Qube *qube, LiveDom0Done done, gpointer data);

/**
 * live_dom0_qube_shutdown:
 * @wait: call @done when the qube has stopped, not when it was asked to
 *
 * A disposable with auto_cleanup removes itself when it has stopped.
 */
void live_dom0_qube_shutdown (
    LiveDom0 *dom0, LiveDom0Qube *qube, gboolean force, gboolean wait, LiveDom0Done done, gpointer data);

gboolean live_dom0_qube_kill (LiveDom0 *dom0, LiveDom0Qube *qube, GError **error);
gboolean live_dom0_qube_pause (LiveDom0 *dom0, LiveDom0Qube *qube, GError **error);
gboolean live_dom0_qube_unpause (LiveDom0 *dom0, LiveDom0Qube *qube, GError **error);
