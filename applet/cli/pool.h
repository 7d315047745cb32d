/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "cli/print.h"
#include "client/client.h"

G_BEGIN_DECLS

/**
 * live_pools_print:
 * @client: the mirror of the helper
 * @out: where to
 * @indent: spaces before every row
 *
 * Prints a row per pool: its name, where it is, its driver, how full it is, and what it does to volatile volumes.
 */
void live_pools_print (LiveClient *client, LivePrint *out, guint indent);

G_END_DECLS
