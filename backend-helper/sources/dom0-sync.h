/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

#include "model/system.h"
#include "sources/crypt.h"

G_BEGIN_DECLS

/**
 * LiveDom0Sync:
 *
 * Keeps what the system says about dom0 itself true: how it was booted, and its leaks. Watches the mount table and
 * the swaps; looks at devices and settings again whenever one of them changes.
 *
 * Signal: `looked (void)`: it has looked again, and mount table and devices may be others.
 */
#define LIVE_TYPE_DOM0_SYNC (live_dom0_sync_get_type ())
G_DECLARE_FINAL_TYPE (LiveDom0Sync, live_dom0_sync, LIVE, DOM0_SYNC, GObject)

/**
 * live_dom0_sync_new:
 * @system: what to keep true
 * @crypt: whom to ask for keys of dm-crypt mappings. Its root is the one whose /proc, /sys, /etc, /run and /var are
 *   read; any other than the real one is read when asked for, and not watched
 *
 * Reads everything once, at once: meant for the time before the main loop. All later reading is done in threads.
 *
 * Returns: (transfer full)
 */
LiveDom0Sync *live_dom0_sync_new (LiveSystem *system, LiveCrypt *crypt);

/* (transfer none) (nullable) (element-type LiveMount): dom0's mount table, %NULL when it cannot be read. */
GPtrArray *live_dom0_sync_get_mounts (LiveDom0Sync *self);

/* (transfer none) (element-type LiveBlock): all block devices as of the last look; the list does not change any more. */
GPtrArray *live_dom0_sync_get_blocks (LiveDom0Sync *self);

/* Everything is read again, also keys that are remembered. */
void live_dom0_sync_refresh_async (LiveDom0Sync *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean live_dom0_sync_refresh_finish (LiveDom0Sync *self, GAsyncResult *result, GError **error);

G_END_DECLS
