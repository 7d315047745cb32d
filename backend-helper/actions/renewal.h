/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "actions/volume-policy.h"

G_BEGIN_DECLS

/**
 * LiveRenewal:
 *
 * Brings the disposables of a disposable template up to its policy. Each was made from the template as it was then, and
 * nothing that happens to the template later reaches it.
 */
#define LIVE_TYPE_RENEWAL (live_renewal_get_type ())
G_DECLARE_FINAL_TYPE (LiveRenewal, live_renewal, LIVE, RENEWAL, GObject)

LiveRenewal *live_renewal_new (
    LiveSystem *system, LiveQubesdClient *client, LiveQubesdSync *sync, LiveTurns *turns, LiveVolumePolicy *policy);

/**
 * live_renewal_run_async:
 * @name: a disposable template
 *
 * Named disposables with another policy get the template's set; preloaded ones are sent away and made anew.
 */
void live_renewal_run_async (LiveRenewal *self, const char *name, GAsyncReadyCallback callback, gpointer data);

/**
 * live_renewal_run_finish:
 *
 * Errors: %LIVE_ERROR_NOT_FOUND, %LIVE_ERROR_NOT_SUPPORTED (no disposable template), %LIVE_ERROR_CONFLICT (a
 * customization window is open; dom0's own setting keeps the preloaded ones), those of live_volume_policy_set_async()
 * and of a call. What could be renewed has been, all the same.
 *
 * Returns: (transfer full): the names of those that wait: named ones for their halt, unnamed ones for their end
 */
char **live_renewal_run_finish (LiveRenewal *self, GAsyncResult *result, GError **error);

G_END_DECLS
