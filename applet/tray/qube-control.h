/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "client/client.h"
#include "tray/windows.h"

G_BEGIN_DECLS

/**
 * LiveQubeControl:
 *
 * What the tray does to one qube: one thing at a time, and what goes wrong, or takes effect only later, is told by a
 * notification. Whether something may be done is asked again before it is: a click can be older than what it was
 * aimed at. (What is done to its window is LiveWindows' part.)
 */
typedef struct _LiveQubeControl LiveQubeControl;

/**
 * live_qube_control_new:
 * @changed: called when live_qube_control_is_busy() says something else
 *
 * Returns: (transfer full): the control
 */
LiveQubeControl *live_qube_control_new (LiveClient *client,
                                        LiveClientQube *qube,
                                        LiveNotifier *notifier,
                                        LiveWindows *windows,
                                        void (*changed) (gpointer data),
                                        gpointer data);
/* An action under way goes on, and its end is still told, but @changed is not called any more. */
void live_qube_control_free (LiveQubeControl *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveQubeControl, live_qube_control_free)

/* Whether something is under way, an action on its window included. */
gboolean live_qube_control_is_busy (LiveQubeControl *self);

gboolean live_qube_control_may_set_policy (LiveQubeControl *self, const char *policy);
void live_qube_control_set_policy (LiveQubeControl *self, const char *policy);

gboolean live_qube_control_may_set_volume (LiveQubeControl *self);
/* @volume: `root` or `private`: to read-only if it is writable, and the other way round. */
void live_qube_control_toggle_volume (LiveQubeControl *self, const char *volume);

gboolean live_qube_control_may_start (LiveQubeControl *self);
void live_qube_control_start (LiveQubeControl *self);
gboolean live_qube_control_may_shut_down (LiveQubeControl *self);
void live_qube_control_shut_down (LiveQubeControl *self);

gboolean live_qube_control_may_renew_disposables (LiveQubeControl *self);
void live_qube_control_renew_disposables (LiveQubeControl *self);

gboolean live_qube_control_may_set_memory_hygiene (LiveQubeControl *self);
void live_qube_control_toggle_memory_hygiene (LiveQubeControl *self);

/* Whether changes can be kept in its RAM instead of on its volatile volume, or the other way round. */
gboolean live_qube_control_may_set_upper_layer (LiveQubeControl *self);
void live_qube_control_toggle_upper_layer (LiveQubeControl *self);

/* Whether a copy of it that lives in RAM can be started, whether it runs itself or not. */
gboolean live_qube_control_may_run_in_ram (LiveQubeControl *self);
void live_qube_control_run_in_ram (LiveQubeControl *self);

G_END_DECLS
