/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "test-bed.h"

G_BEGIN_DECLS

/**
 * LiveTestAgent:
 *
 * A polkit authentication agent for every caller that the test program is (live_test_bed_connect()): what would be a
 * password dialog on a screen. It answers when it is told to.
 */
typedef struct _LiveTestAgent LiveTestAgent;

/* The agent registers with the polkitd that runs, as the agent of the callers of user @uid. */
LiveTestAgent *live_test_agent_new (LiveTestBed *bed, guint uid);
void live_test_agent_free (LiveTestAgent *agent);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveTestAgent, live_test_agent_free)

/* How many dialogs were ever opened, and how many of them polkitd closed. */
guint live_test_agent_get_n_begun (LiveTestAgent *agent);
guint live_test_agent_get_n_cancelled (LiveTestAgent *agent);

/* What the last dialog said; %NULL before the first. */
const char *live_test_agent_get_message (LiveTestAgent *agent);

/* Waits until @n dialogs were opened, or closed by polkitd. */
gboolean live_test_agent_wait_begun (LiveTestAgent *agent, guint n);
gboolean live_test_agent_wait_cancelled (LiveTestAgent *agent, guint n);

/* Ends the open dialog: with root's right password, or with Cancel. */
void live_test_agent_answer (LiveTestAgent *agent, gboolean right_password);

G_END_DECLS
