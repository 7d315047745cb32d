/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "actions/volume-policy.h"
#include "sources/guide-units.h"

G_BEGIN_DECLS

/**
 * live_take_over_async:
 * @guide_units: where the unit is found
 * @policy: what sets policies
 * @bus: the bus on which systemd is
 *
 * Reads the unit again, sets the policies that do what it does (live_guide_unit_decide()), one qube after the other,
 * and disables it if nothing is left for it to do: each of its qubes has its policy, applied or waiting, no command of
 * it is anything else, and it is still what was read. A policy that a qube refuses is not replaced by a weaker one.
 *
 * It is systemd that disables the unit; its file stays as it is. When systemd is not there or refuses, the policies
 * stay all the same: with them the unit does nothing that they would not do.
 */
void live_take_over_async (LiveGuideUnits *guide_units,
                           LiveSystem *system,
                           LiveVolumePolicy *policy,
                           GDBusConnection *bus,
                           GAsyncReadyCallback callback,
                           gpointer user_data);

/**
 * live_take_over_finish:
 *
 * Returns: (transfer full): `(a(sss)b)`, the answer of the method TakeOver: for each qube its name, the policy that it
 *   has now and `applied`, `waiting` or the name on the bus of the error that kept it from what it should have, which
 *   is NotSupported where no policy does what the unit does; and whether the unit was disabled. %NULL and
 *   %LIVE_ERROR_NOT_FOUND when there is no unit
 */
GVariant *live_take_over_finish (LiveGuideUnits *guide_units, GAsyncResult *result, GError **error);

G_END_DECLS
