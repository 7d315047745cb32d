/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define LIVE_TYPE_CLIENT_QUBE (live_client_qube_get_type ())
G_DECLARE_FINAL_TYPE (LiveClientQube, live_client_qube, LIVE, CLIENT_QUBE, GObject)

/**
 * LiveClientQube:
 *
 * What the helper last said about one qube. It never changes by itself: LiveClient writes it and then emits
 * `qube-changed`. Codes are those of data/dbus/org.qubes.Live1.xml; strings are (transfer none), never %NULL, valid
 * UTF-8, and valid until the next change.
 */
const char *live_client_qube_get_name (LiveClientQube *self);
const char *live_client_qube_get_object_path (LiveClientQube *self);
const char *live_client_qube_get_class (LiveClientQube *self); /* "" when not known */
const char *live_client_qube_get_label (LiveClientQube *self); /* "" when not known */
const char *live_client_qube_get_state (LiveClientQube *self); /* "unknown" when not known */
gboolean live_client_qube_get_template_for_dispvms (LiveClientQube *self);
const char *live_client_qube_get_policy (LiveClientQube *self);      /* "" when not known */
const char *live_client_qube_get_persistence (LiveClientQube *self); /* "unknown" when not known */
const char *live_client_qube_get_evidence (LiveClientQube *self);    /* "unknown" when not known */
/* (transfer none): always of type a(sa{sv}), maybe empty. */
GVariant *live_client_qube_get_reasons (LiveClientQube *self);
gboolean live_client_qube_get_root_writable (LiveClientQube *self);      /* TRUE when not known */
gboolean live_client_qube_get_private_writable (LiveClientQube *self);   /* TRUE when not known */
gboolean live_client_qube_get_volatile_ephemeral (LiveClientQube *self); /* FALSE when not known */
/* %NULL-terminated arrays, never %NULL. */
const char *const *live_client_qube_get_pools (LiveClientQube *self);
const char *const *live_client_qube_get_pending (LiveClientQube *self);
/* The policies that the helper would accept for it. */
const char *const *live_client_qube_get_policies (LiveClientQube *self);
/* Whether a volume of it can ever be set writable or read-only; FALSE when not known. */
gboolean live_client_qube_get_manageable (LiveClientQube *self);
const char *live_client_qube_get_window_state (LiveClientQube *self); /* "closed" when not known */
/* Seconds since 1970, 0 when there is no open window, -1 when it lasts until somebody closes it. */
gint64 live_client_qube_get_window_deadline (LiveClientQube *self);
const char *live_client_qube_get_window_step (LiveClientQube *self);    /* "" when nothing is being done */
const char *live_client_qube_get_window_outcome (LiveClientQube *self); /* "" when there was no window */
const char *live_client_qube_get_window_refusal (LiveClientQube *self); /* "" when one can be opened; "unknown" */
/* Seconds since 1970, 0 when the qube is not said to keep its own time. */
gint64 live_client_qube_get_guest_window_deadline (LiveClientQube *self);
/* Disposables made from it that have an older policy. */
const char *const *live_client_qube_get_old_disposables (LiveClientQube *self);
const char *live_client_qube_get_memory_hygiene (LiveClientQube *self);   /* "unknown" when not known */
const char *live_client_qube_get_upper_layer (LiveClientQube *self);      /* "volatile" when not known */
const char *live_client_qube_get_upper_layer_size (LiveClientQube *self); /* "" when not set */

/* Whether @policy is among the policies that the helper would accept. */
gboolean live_client_qube_accepts_policy (LiveClientQube *self, const char *policy);

/**
 * live_client_qube_is_halted:
 *
 * Returns: %TRUE only when the qube is known to be halted
 */
gboolean live_client_qube_is_halted (LiveClientQube *self);

/**
 * live_client_qube_is_running:
 *
 * Returns: %TRUE when the qube has memory and devices, or may have: every state but `halted`, `crashed` and `unknown`
 */
gboolean live_client_qube_is_running (LiveClientQube *self);

/**
 * live_client_qube_new:
 * @object_path: its path on the bus
 *
 * For LiveClient and for tests: a qube of which nothing is known but its path.
 *
 * Returns: (transfer full): the qube
 */
LiveClientQube *live_client_qube_new (const char *object_path);

/**
 * live_client_qube_update:
 * @properties: a{sv}, from the bus
 *
 * For LiveClient and for tests: takes what @properties holds; what has a wrong type becomes "not known", what is
 * missing stays.
 *
 * Returns: %TRUE when anything changed
 */
gboolean live_client_qube_update (LiveClientQube *self, GVariant *properties);

G_END_DECLS
