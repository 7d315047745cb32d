/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * LiveTestPolkit:
 *
 * The machine's real polkitd on the system bus of a test. It knows the project's actions and nothing else, follows the
 * rules it is given and none of the machine's, and believes that nobody has a session: so what an action allows to
 * anyone (allow_any) applies to every caller but root.
 */
typedef struct _LiveTestPolkit LiveTestPolkit;

/**
 * live_test_polkit_new:
 * @directory: an existing directory of the test's own
 * @rules: (nullable): text of the one rules file
 *
 * Mounts the actions and rules in the places where polkitd looks for them; does not start it.
 */
LiveTestPolkit *live_test_polkit_new (const char *directory, const char *rules);
void live_test_polkit_free (LiveTestPolkit *polkit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveTestPolkit, live_test_polkit_free)

/* Changes the rules; a running polkitd notices by itself and emits Changed, which is waited for. */
void live_test_polkit_set_rules (LiveTestPolkit *polkit, GDBusConnection *bus, const char *rules);

/**
 * live_test_polkit_start:
 * @bus: a connection to the bus that it shall serve
 * @environment: the whole environment of polkitd
 *
 * Returns when it answers.
 */
void live_test_polkit_start (LiveTestPolkit *polkit, GDBusConnection *bus, const char *const *environment);

/* Ends polkitd by @signal_number; returns when it is gone and the bus has noticed. */
void live_test_polkit_stop (LiveTestPolkit *polkit, GDBusConnection *bus, int signal_number);

/* 0 when it does not run. */
GPid live_test_polkit_get_pid (LiveTestPolkit *polkit);

G_END_DECLS
