/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * LiveTurns:
 *
 * One change of a qube at a time: whoever wants to change one takes a turn, and gives it back when the change is done
 * or undone. Two people who toggle the same qube at once wait for each other, in order of arrival.
 */
#define LIVE_TYPE_TURNS (live_turns_get_type ())
G_DECLARE_FINAL_TYPE (LiveTurns, live_turns, LIVE, TURNS, GObject)

LiveTurns *live_turns_new (void);

/**
 * live_turns_take_async:
 * @name: name of a qube
 * @cancellable: (nullable): gives up waiting
 *
 * @callback is called when it is the caller's turn.
 */
void live_turns_take_async (LiveTurns *self, const char *name, GCancellable *cancellable,
                            GAsyncReadyCallback callback, gpointer data);

/* Errors: %LIVE_ERROR_CANCELLED; then there is no turn to give back. */
gboolean live_turns_take_finish (LiveTurns *self, GAsyncResult *result, GError **error);

void live_turns_give_back (LiveTurns *self, const char *name);

/* Whether somebody has the turn of this qube. */
gboolean live_turns_is_taken (LiveTurns *self, const char *name);

G_END_DECLS
