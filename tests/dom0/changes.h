/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "store.h"

/**
 * LiveDom0Change:
 *
 * One request that changes something, in the list that the control channel's `changes` tells.
 */
typedef struct _LiveDom0Change LiveDom0Change;

LiveDom0Changes *live_dom0_changes_new (void);
void live_dom0_changes_free (LiveDom0Changes *changes);

/**
 * live_dom0_changes_is_change:
 * @method: a method's name
 *
 * Whether a call of @method is meant to change something; so do all that write qubes.xml, and starts and stops.
 */
gboolean live_dom0_changes_is_change (const char *method);

/**
 * live_dom0_changes_add:
 * @payload: NUL-terminated after @length bytes
 *
 * Notes a request that is about to be done.
 *
 * Returns: (transfer full) (nullable): the entry, or %NULL if the request changes nothing
 */
LiveDom0Change *live_dom0_changes_add (
    LiveDom0 *dom0, const char *method, const char *argument, const char *dest, const char *payload, gsize length);

LiveDom0Change *live_dom0_change_ref (LiveDom0Change *change);
void live_dom0_change_unref (LiveDom0Change *change);

/* The request was refused or failed. */
void live_dom0_change_fail (LiveDom0Change *change);

void live_dom0_changes_reset (LiveDom0 *dom0);

/**
 * live_dom0_changes_describe:
 *
 * Returns: (transfer full): `METHOD[+ARGUMENT]@QUBE[=PAYLOAD]`, with `!` after it if it failed, for each, in the order
 *   in which they came; the payload is escaped as in an URI, so that no word holds a space
 */
char *live_dom0_changes_describe (LiveDom0 *dom0);
