/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

#include "model/system.h"

G_BEGIN_DECLS

/**
 * LiveHardening:
 *
 * Reads what the posture of dom0 is judged by, when asked to, and puts the judgement into the model. A change of the
 * boot mode is judged at once, by the facts at hand.
 */
#define LIVE_TYPE_HARDENING (live_hardening_get_type ())
G_DECLARE_FINAL_TYPE (LiveHardening, live_hardening, LIVE, HARDENING, GObject)

/* @root as in live_hardening_facts_read(). Nothing is read yet. */
LiveHardening *live_hardening_new (LiveSystem *system, const char *root);

/**
 * live_hardening_refresh_async:
 *
 * Reads everything again, in a thread of its own that ends with the reading. Requests that come meanwhile share the
 * next reading. It cannot fail: what cannot be read is not known.
 */
void live_hardening_refresh_async (LiveHardening *self, GAsyncReadyCallback callback, gpointer user_data);
void live_hardening_refresh_finish (LiveHardening *self, GAsyncResult *result);

G_END_DECLS
