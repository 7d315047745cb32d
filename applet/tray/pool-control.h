/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "client/client.h"
#include "tray/notifier.h"

G_BEGIN_DECLS

/**
 * LivePoolControl:
 *
 * What the tray does to one pool: one thing at a time, and what goes wrong is told by a notification. Whether something
 * may be done is asked again before it is: a click can be older than what it was aimed at.
 */
typedef struct _LivePoolControl LivePoolControl;

/**
 * live_pool_control_new:
 * @changed: called when a call of ours begins or ends, so that live_pool_control_is_busy() may say something else. (It
 *   also does when a job begins or ends: that is the client's to tell.)
 *
 * Returns: (transfer full): the control
 */
LivePoolControl *live_pool_control_new (
    LiveClient *client, LiveClientPool *pool, LiveNotifier *notifier, void (*changed) (gpointer data), gpointer data);
/* Also closes its dialog. An action under way goes on, and its end is still told, but @changed is not called any more.
 */
void live_pool_control_free (LivePoolControl *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LivePoolControl, live_pool_control_free)

/* Whether something is under way, a job of anybody's included. */
gboolean live_pool_control_is_busy (LivePoolControl *self);

/* Whether new qubes can be made to go to it, or not to. */
gboolean live_pool_control_may_set_default (LivePoolControl *self);
void live_pool_control_toggle_default (LivePoolControl *self);

gboolean live_pool_control_may_set_ephemeral_volatile (LivePoolControl *self);
void live_pool_control_toggle_ephemeral_volatile (LivePoolControl *self);

gboolean live_pool_control_may_destroy (LivePoolControl *self);
/* Asks in a dialog that lists what goes, and then destroys the pool with the qubes that were listed, and no others. */
void live_pool_control_ask_to_destroy (LivePoolControl *self);

G_END_DECLS
