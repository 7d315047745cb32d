/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define LIVE_TYPE_AUTHORITY (live_authority_get_type ())
G_DECLARE_FINAL_TYPE (LiveAuthority, live_authority, LIVE, AUTHORITY, GObject)

/* The action that every read asks for. */
#define LIVE_ACTION_VIEW "view"

/**
 * LiveAuthority:
 *
 * The one gate: asks polkit whether a caller may do something. Default deny: only an explicit yes of polkitd is a yes;
 * that it is absent, does not answer in time, fails or says something else is a no. Nothing is remembered here, so that
 * a change of polkit's rules takes effect with the next question.
 *
 * Who remembers a yes nevertheless must let go of it at a message for which live_authority_is_change() holds; while
 * a gate exists, these messages come in on its connection.
 */

/**
 * live_authority_new:
 * @connection: the bus on which both polkitd and the callers are
 *
 * Returns: (transfer full): a new gate
 */
LiveAuthority *live_authority_new (GDBusConnection *connection);

/**
 * live_authority_is_change:
 * @message: a message that came in on the connection of a gate; only looked at, from any thread
 *
 * Whether an earlier answer may no longer hold: polkit says so (rules, sessions, expired authorisations), or polkitd
 * appeared or vanished. A caller can send such a message, too, to no other effect than being asked about again.
 *
 * Returns: %TRUE if it is so
 */
gboolean live_authority_is_change (GDBusMessage *message);

/**
 * live_authority_check_async:
 * @self: a gate
 * @sender: unique bus name of the caller
 * @action: a polkit action without the prefix `org.qubes.Live1.`, such as `set-policy`
 * @details: (nullable): a{ss} of what a rule may decide by and what the action's message names: `qube`, `pool`,
 *   `volume`; sunk if it is floating. An action whose message names a detail needs it, or the person sees `$(qube)`
 * @interactive: whether a person may be asked for a password; only when the caller said so in its message
 *   (%G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION)
 * @cancellable: (nullable): to give up; a dialog that polkit shows for this question goes away, too
 *
 * Takes as long as a person takes to answer when @interactive, but ends when the caller leaves the bus; otherwise at
 * most ten seconds.
 */
void live_authority_check_async (LiveAuthority *self,
                                 const char *sender,
                                 const char *action,
                                 GVariant *details,
                                 gboolean interactive,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);

/**
 * live_authority_check_finish:
 * @self: a gate
 * @result: what the callback got
 * @error: %LIVE_ERROR_NOT_AUTHORIZED when the answer is not yes, whatever the reason; %LIVE_ERROR_CANCELLED when
 *   @cancellable was used
 *
 * Returns: %TRUE if and only if polkit authorises the caller
 */
gboolean live_authority_check_finish (LiveAuthority *self, GAsyncResult *result, GError **error);

G_END_DECLS
