/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

#include "model/system.h"

G_BEGIN_DECLS

/**
 * LiveGuideUnits:
 *
 * Finds the unit that makes volumes read-only at every boot (#LiveGuideUnit) in /etc/systemd/system, puts it into the
 * model, and looks again when anything changes there. Of several an enabled one comes before the others, then
 * `rw.service`, as the forum's guide calls it, then the order of names.
 *
 * A symbolic link is no unit here, even to a file at its side: disabling it would remove the link itself
 * (systemctl(1), disable), and that may be all that somebody has.
 */
#define LIVE_TYPE_GUIDE_UNITS (live_guide_units_get_type ())
G_DECLARE_FINAL_TYPE (LiveGuideUnits, live_guide_units, LIVE, GUIDE_UNITS, GObject)

/* @root: prefix of /etc, empty for the real one. Nothing is read, and nothing watched, before the first refresh. */
LiveGuideUnits *live_guide_units_new (LiveSystem *system, const char *root);

/**
 * live_guide_units_refresh_async:
 *
 * Reads again, in a thread of its own that ends with the reading. Requests that come meanwhile share the next reading.
 * It cannot fail: a file that cannot be read is no such unit.
 */
void live_guide_units_refresh_async (LiveGuideUnits *self, GAsyncReadyCallback callback, gpointer user_data);
void live_guide_units_refresh_finish (LiveGuideUnits *self, GAsyncResult *result);

G_END_DECLS
