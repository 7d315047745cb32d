/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "store.h"

/**
 * live_dom0_fixture_fill:
 * @qubes: how many qubes to have, dom0 not counted; smaller numbers than the fixed part has are ignored
 * @running: how many of them are already running
 *
 * Puts the pools and qubes into a new store: the fixed part is the store that the recordings were made with.
 */
void live_dom0_fixture_fill (LiveDom0 *dom0, guint qubes, guint running);
