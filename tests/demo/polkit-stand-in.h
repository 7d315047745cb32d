/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * LiveDemoPolkit:
 *
 * What answers in polkit's place in a demo that is not run by root, who alone can start the real one. It allows
 * everything to the person who runs the demo, and nothing to anybody else. For the demo only: the tests use polkitd.
 */
typedef struct _LiveDemoPolkit LiveDemoPolkit;

/**
 * live_demo_polkit_new:
 * @bus_address: address of a bus on which polkit's name is free
 * @error: return location for a #GError
 *
 * It answers in a thread of its own.
 *
 * Returns: (transfer full): the owner of polkit's name on that bus, or %NULL with @error set
 */
LiveDemoPolkit *live_demo_polkit_new (const char *bus_address, GError **error);
void live_demo_polkit_free (LiveDemoPolkit *polkit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveDemoPolkit, live_demo_polkit_free)

G_END_DECLS
