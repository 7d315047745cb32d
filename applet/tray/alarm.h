/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "client/client.h"
#include "tray/notifier.h"

G_BEGIN_DECLS

/**
 * LiveAlarm:
 *
 * Tells when something is not as it claims: a running qube whose devices contradict what is configured, or dom0 itself.
 * Each is told once, by a critical notification that stays until a person takes it away or it is over. What is not
 * known any more is not over: the helper may have been started anew.
 */
typedef struct _LiveAlarm LiveAlarm;

LiveAlarm *live_alarm_new (LiveClient *client, LiveNotifier *notifier);
void live_alarm_free (LiveAlarm *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveAlarm, live_alarm_free)

G_END_DECLS
