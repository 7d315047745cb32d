/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * From the codes of customization windows (backend-helper/model/window.h), and of what goes with the policy full, to
 * sentences, as client/words.h does it for the rest. Names of qubes and codes that are not known here come out clean;
 * escape what goes where markup is understood. @now and deadlines are in seconds since 1970: nothing in here looks at
 * a clock.
 */

/**
 * live_words_window_state:
 * @state: WindowState
 * @step: WindowStep
 * @deadline: WindowDeadline
 * @now: the time
 *
 * The line of a qube that has a window: "customising, 8 minutes left", "opening…: starting the qube".
 *
 * Returns: (transfer full) (nullable): %NULL when there is no window
 */
char *live_words_window_state (const char *state, const char *step, gint64 deadline, gint64 now);

/**
 * live_words_window_time_left:
 * @deadline: WindowDeadline
 * @now: the time
 *
 * "8 minutes left" (rounded up), "less than a minute left", "until you close it", "time is over".
 *
 * Returns: (transfer full)
 */
char *live_words_window_time_left (gint64 deadline, gint64 now);

/* What is being done while a window opens or closes: "starting the qube". (transfer full) */
char *live_words_window_step (const char *step);

/* Why none can be opened for @qube, and what to do about it, in whole sentences. (transfer full) (nullable): %NULL for
 * an empty @refusal. */
char *live_words_window_refusal (const char *refusal, const char *qube);

/* The same as the label of a menu item that cannot act: "Customise (shut the qube down first)"; "Customise" for an
 * empty @refusal. (transfer full) */
char *live_words_window_refusal_label (const char *refusal);

/**
 * live_words_window_outcome:
 * @outcome: WindowOutcome, not empty
 * @qube: name of the qube
 * @title: (out) (transfer full): what closed
 * @body: (out) (transfer full): whether the changes are kept, and what to do
 */
void live_words_window_outcome (const char *outcome, const char *qube, char **title, char **body);

/* The warning one minute before the end. (out) (transfer full): @title, @body */
void live_words_window_last_minute (const char *qube, char **title, char **body);

/* The question whether to end a qube that does not shut down. (out) (transfer full): @title, @body */
void live_words_window_not_shutting_down (const char *qube, char **title, char **body);

/**
 * live_words_guest_window:
 * @deadline: GuestWindowDeadline
 * @now: the time
 *
 * The line of a qube that keeps the time itself, which nobody in dom0 verifies.
 *
 * Returns: (transfer full) (nullable): %NULL when that is not so, or the time is over
 */
char *live_words_guest_window (gint64 deadline, gint64 now);

/* When that time is over. (out) (transfer full): @title, @body */
void live_words_guest_window_over (const char *qube, char **title, char **body);

/* MemoryHygiene as a line of a qube: "Memory is erased when it is freed". (transfer full) */
char *live_words_memory_hygiene (const char *hygiene);

/* UpperLayer and UpperLayerSize as a line of a qube. (transfer full) */
char *live_words_upper_layer (const char *layer, const char *size);

/* "2 disposables still have an older policy: disp1, disp2". (transfer full) (nullable): %NULL when there are none. */
char *live_words_old_disposables (const char *const *names);

G_END_DECLS
