/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>
#include <xenstore.h>

G_BEGIN_DECLS

/**
 * live_xenstore_read_domain:
 * @handle: a connection to the store; waits for each answer
 * @root: directory of all backends
 * @domid: a domain
 * @vbds: (element-type LiveVbd): gets its devices, by their numbers
 *
 * Reads all of a domain at one moment, in a transaction: mode and device of one disk never come together with those of
 * the next. A domain that is not there has no devices.
 *
 * Returns: 0, or an errno; then what is in @vbds is good for nothing
 */
int live_xenstore_read_domain (struct xs_handle *handle, const char *root, guint domid, GPtrArray *vbds);

/* Whether an errno is what the store says about a node, not about the state of the connection. In doubt it is the
 * connection: a new one is no harm. */
gboolean live_xenstore_is_answer (int code);

/* The errno of what just failed, never 0; the library does not always set one. */
int live_xenstore_get_failure (void);

G_END_DECLS
