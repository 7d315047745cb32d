/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "bench/watcher.h"
#include "test-bed.h"

G_BEGIN_DECLS

/**
 * LiveWorld:
 *
 * A simulated dom0 that takes as long for its answers as qubesd does, a bus with the real polkitd on it, someone who
 * watches the bus, and a helper that is started and stopped again. The helper runs without the chatter that tests
 * want.
 */
typedef struct
{
  LiveTestBed *bed;
  LiveWatcher *watcher;
  GSubprocess *helper; /* NULL when it does not run */
  char *qubes_text;
  char *running_text;
  const char *dom0_arguments[6];
  const char *xenstore_socket; /* NULL, or for the helper to follow; not copied */
} LiveWorld;

/* With @qubes qubes besides dom0, @running of them running, and no helper yet. */
LiveWorld *live_world_new (guint qubes, guint running);
void live_world_free (LiveWorld *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveWorld, live_world_free)

/**
 * live_world_start_helper:
 * @world: a world without a helper
 * @qubesd_socket: (nullable): what the helper takes for qubesd's socket, %NULL for the simulated dom0's
 *
 * Starts the helper; nothing is waited for.
 *
 * Returns: monotonic time in microseconds right before the start
 */
gint64 live_world_start_helper (LiveWorld *world, const char *qubesd_socket);
void live_world_stop_helper (LiveWorld *world);

/**
 * live_world_wait_property:
 * @world: a world whose helper was started
 * @property: of the Manager object
 * @value: as g_variant_print() without types writes it
 *
 * Waits until @property of the helper's Manager has the value, as the client of the bus sees it: by the signal of the
 * change or, when the property had the value before it was on the bus, by reading it.
 *
 * Returns: monotonic time in microseconds, 0 after a minute in vain
 */
gint64 live_world_wait_property (LiveWorld *world, const char *property, const char *value);

/**
 * live_world_find_qube:
 * @world: a world whose helper is synchronized
 * @state: the state it has to have
 * @name: (out) (transfer full): its name
 * @path: (out) (transfer full): its object path
 *
 * Finds an app qube whose volumes can be set.
 *
 * Returns: %FALSE when there is none
 */
gboolean live_world_find_qube (LiveWorld *world, const char *state, char **name, char **path);

G_END_DECLS
