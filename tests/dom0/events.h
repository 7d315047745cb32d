/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "store.h"

typedef struct _LiveDom0Connection LiveDom0Connection;

LiveDom0Events *live_dom0_events_new (void);
void live_dom0_events_free (LiveDom0Events *events);

/**
 * live_dom0_events_subscribe:
 * @dest: dom0 for all events, another qube for its own only
 *
 * Makes @connection a stream of events and greets it. It stays one until live_dom0_events_unsubscribe().
 */
void live_dom0_events_subscribe (LiveDom0 *dom0, LiveDom0Connection *connection, LiveDom0Qube *dest);
void live_dom0_events_unsubscribe (LiveDom0 *dom0, LiveDom0Connection *connection);

/**
 * live_dom0_event:
 * @subject: (nullable): the qube's name, or %NULL for the system
 * @event: event name
 * @...: keys and values, then %NULL
 *
 * Sends an event to all streams that may see it.
 */
void live_dom0_event (LiveDom0 *dom0, const char *subject, const char *event, ...) G_GNUC_NULL_TERMINATED;
