/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "client/client.h"

G_BEGIN_DECLS

/*
 * From codes to sentences in the person's language. Everything returned is plain text in UTF-8, without control
 * characters: escape it where markup is understood (notification bodies). A code that is not known here is shown as
 * it is. Nothing is promised that was not verified.
 */

/**
 * live_words_clean:
 * @text: text that came from outside
 *
 * Returns: (transfer full): @text on one line, at most 200 characters, with every control, formatting (direction) and
 *   invalid character replaced by U+FFFD
 */
char *live_words_clean (const char *text);

/* The first thing a person reads: tooltip and status line. (transfer full) */
char *live_words_status (LiveClient *client);
/* The same from the parts; @reasons is a(sa{sv}). (transfer full) */
char *live_words_indicator (const char *indicator, GVariant *reasons);
/* Why nothing is known when @state is not LIVE_CLIENT_READY. (transfer none) */
const char *live_words_no_helper (LiveClientState state);
/* One short word or two for the indicator, as a title: "Live", "Persistent", … (transfer none) */
const char *live_words_indicator_title (const char *indicator);

/* One line for one reason of model/reason.h; @parameters is a{sv}, of which anything may be missing. (transfer full) */
char *live_words_reason (const char *code, GVariant *parameters);

/* What the qube leaves behind, for its row: "keeps files", "leaves nothing, verified". (transfer full) */
char *live_words_leaves (const char *persistence, const char *evidence, const char *klass);
/* State and evidence for the qube's own menu: "Running; verified from Xen". (transfer full) */
char *live_words_state_and_evidence (const char *state, const char *evidence);
/* "Running", "Halted", … (transfer full) */
char *live_words_state (const char *state);
/* "verified from Xen", "configured (checked when it starts)", … (transfer full) */
char *live_words_evidence (const char *evidence);
/* "App qube", "Template", … (transfer full) */
char *live_words_class (const char *class);
/* Heading of the qubes with this label: "Red qubes". (transfer full) */
char *live_words_label_group (const char *label);
/* One waiting step: "root volume read-only". (transfer full) */
char *live_words_step (const char *step);
/* All of them: "When it shuts down: root volume read-only, …". %NULL when nothing waits. (transfer full) (nullable) */
char *live_words_pending (const char *const *steps);
/* Why nothing can be set for a qube of this class. (transfer full) */
char *live_words_not_manageable (const char *class);
/* "40.0 GiB of 100.0 GiB used", or what is known of it. (transfer full) */
char *live_words_usage (guint64 used, guint64 size);

/**
 * live_words_error:
 * @error: of the domain LIVE_ERROR or LIVE_CLIENT_ERROR; of others the message is shown
 * @subject: (nullable): name of the qube or pool that was to be changed
 * @title: (out) (transfer full): what happened
 * @body: (out) (transfer full): what to do about it
 */
void live_words_error (const GError *error, const char *subject, char **title, char **body);

G_END_DECLS
