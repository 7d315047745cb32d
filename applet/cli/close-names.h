/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * live_close_names_find:
 * @name: what was typed
 * @names: (element-type utf8): what exists
 * @n_most: how many to return at most
 *
 * Which of @names a person may have meant: those that start with @name, contain it, or differ from it by few letters
 * whatever their case.
 *
 * Returns: (transfer full): %NULL-terminated, closest first, maybe empty
 */
char **live_close_names_find (const char *name, GPtrArray *names, guint n_most);

G_END_DECLS
