/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * live_mirror:
 * @source: (type GObject): an object of the model
 * @target: (type GObject): the skeleton of its interface
 *
 * Gives @target every property of @source that it has too, now and whenever one changes, for as long as both exist.
 */
void live_mirror (gpointer source, gpointer target);

G_END_DECLS
