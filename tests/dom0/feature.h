/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "store.h"

/**
 * live_dom0_feature_announce:
 *
 * Sends only the event that comes before a feature is set.
 */
void live_dom0_feature_announce (LiveDom0 *dom0, LiveDom0Qube *qube, const char *name, const char *value);

/* Both send the events of the call of that name. */
void live_dom0_feature_set (LiveDom0 *dom0, LiveDom0Qube *qube, const char *name, const char *value);
gboolean live_dom0_feature_remove (LiveDom0 *dom0, LiveDom0Qube *qube, const char *name, GError **error);
