/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * LiveDemoStage:
 *
 * What is behind the applet in a demo, and needs nothing of Qubes: a simulated dom0, a private system bus, something
 * that answers for polkit, and the helper. As root, where the machine permits it, this is the world of the tests with
 * the real polkitd and the project's own policy; otherwise polkit is a stand-in that allows everything to the person
 * who runs the demo.
 */
typedef struct _LiveDemoStage LiveDemoStage;

/**
 * live_demo_stage_init:
 *
 * Call it first in main(), before there are threads.
 *
 * Returns: %TRUE if the real polkitd can be used
 */
gboolean live_demo_stage_init (void);

/**
 * live_demo_stage_new:
 * @real_polkit: what live_demo_stage_init() returned
 * @error: return location for a #GError
 *
 * Returns: (transfer full): a helper that answers, over a dom0 that answers it; %NULL with @error set otherwise
 */
LiveDemoStage *live_demo_stage_new (gboolean real_polkit, GError **error);
void live_demo_stage_free (LiveDemoStage *stage);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveDemoStage, live_demo_stage_free)

/* Address of the private system bus. (transfer none) */
const char *live_demo_stage_get_bus_address (LiveDemoStage *stage);

/* A temporary directory that goes with the stage. (transfer none) (type filename) */
const char *live_demo_stage_get_directory (LiveDemoStage *stage);

/* A small environment for programs, in English, with the address of the bus. (transfer none) */
const char *const *live_demo_stage_get_environment (LiveDemoStage *stage);

G_END_DECLS
