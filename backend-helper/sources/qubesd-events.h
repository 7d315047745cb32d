/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define LIVE_TYPE_QUBESD_EVENTS (live_qubesd_events_get_type ())
/**
 * LiveQubesdEvents:
 *
 * The stream of events of qubesd (`admin.Events` of dom0), kept open: when it breaks, it is opened again after 0.1
 * seconds, then after twice that and so on up to 5 seconds, each with a little jitter. Whoever follows it has to read
 * everything again on each #LiveQubesdEvents::connected, because events between two connections are lost.
 * While connected there is no timer: it wakes up only for events.
 *
 * Signals (all emitted from the main context of the thread that made the object; a handler may call any function
 * here and drop its reference):
 *
 * - `connected (void)`: qubesd said `connection-established`; from here on no event is missed. It comes with every
 *   reconnection, and never twice without a `disconnected` between.
 * - `disconnected (const GError *reason)`: the stream ended, or the first attempt after live_qubesd_events_start()
 *   failed. @reason is in %LIVE_ERROR: %LIVE_ERROR_QUBESD_UNREACHABLE when there is nobody or the stream just ended,
 *   %LIVE_ERROR_PROTOCOL for garbage, or the error that qubesd sent. Further failed attempts are silent; not emitted
 *   by live_qubesd_events_stop().
 * - `event (const char *subject, const char *name, GStrv key_values)`: one event. @subject is the name of a qube, or
 *   empty for the system; @name is like `domain-start` or `property-set:label`; @key_values is key, value, key,
 *   value … . All are valid UTF-8, but otherwise unchecked, and belong to the emission.
 */
G_DECLARE_FINAL_TYPE (LiveQubesdEvents, live_qubesd_events, LIVE, QUBESD_EVENTS, GObject)

/**
 * live_qubesd_events_new:
 * @socket_path: path of qubesd's socket
 *
 * Returns: (transfer full): a stream that is not started
 */
LiveQubesdEvents *live_qubesd_events_new (const char *socket_path);

/**
 * live_qubesd_events_start:
 *
 * Connects, from the main context (nothing is emitted before this returns), and stays at it. Does nothing when already
 * started.
 */
void live_qubesd_events_start (LiveQubesdEvents *self);

/**
 * live_qubesd_events_stop:
 *
 * Closes the stream without a signal. It may be started again.
 */
void live_qubesd_events_stop (LiveQubesdEvents *self);

/**
 * live_qubesd_events_retry_now:
 *
 * When started and waiting for the next attempt, makes it at once and starts again with short pauses: for when
 * somebody knows that qubesd is back. Does nothing otherwise.
 */
void live_qubesd_events_retry_now (LiveQubesdEvents *self);

/**
 * live_qubesd_events_get_connected:
 *
 * Returns: whether `connection-established` was seen on the open stream
 */
gboolean live_qubesd_events_get_connected (LiveQubesdEvents *self);

/**
 * live_qubesd_event_get_value:
 * @key_values: as in the signal
 * @key: a key
 *
 * Returns: (transfer none) (nullable): its value, %NULL if there is none
 */
const char *live_qubesd_event_get_value (const char *const *key_values, const char *key);

G_END_DECLS
