/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define LIVE_BUS_NAME "org.qubes.Live1"
#define LIVE_OBJECT_ROOT "/org/qubes/Live1"

/**
 * live_object_path:
 * @kind: the second to last element: `qube` or `pool`
 * @name: name of the qube or pool
 *
 * Names of qubes and pools hold `-` and `.`, which D-Bus does not allow in a path (D-Bus specification, "Valid Object
 * Paths"); every byte outside A-Z, a-z and 0-9 is written as `_` and two hexadecimal digits, so that two names never
 * share a path.
 *
 * Returns: (transfer full): the object path
 */
char *live_object_path (const char *kind, const char *name);

/**
 * live_name_is_valid:
 * @name: a supposed name of a qube or a pool
 *
 * Whether @name is one that Qubes itself would accept: 1 to 63 ASCII letters, digits, `-`, `_` and `.`, the first of
 * them a letter or digit. (Qubes holds names of qubes to 31 bytes and to a letter at the start, qubes/vm/__init__.py;
 * pool names only to the set of characters.)
 *
 * Returns: %TRUE if it is
 */
gboolean live_name_is_valid (const char *name);

G_END_DECLS
