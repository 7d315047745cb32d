/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/facts.h"

G_BEGIN_DECLS

/* Where what a qube writes to its read-only private volume goes, as on the bus. */
#define LIVE_UPPER_LAYER_VOLATILE "volatile"
#define LIVE_UPPER_LAYER_RAM "ram"

/* What stands in the feature `vm-config.live-upper` for the second. */
#define LIVE_UPPER_LAYER_TMPFS "tmpfs"

/* Of the RAM that the qube starts with; more would leave it nothing to run in. */
#define LIVE_UPPER_LAYER_PERCENT_MAX 90
/* Less than this does not hold what a desktop writes when somebody logs in. */
#define LIVE_UPPER_LAYER_MEGABYTES_MIN 16

/* Returns: one of the two, by what the qube's features say */
const char *live_upper_layer_get (const LiveQubeFacts *facts);

/* Returns: (transfer none): its size as the qube will take it; empty when it takes its own, or is not in RAM */
const char *live_upper_layer_get_size (const LiveQubeFacts *facts);

/**
 * live_upper_layer_is_size:
 * @text: a size such as `1G`, `500M`, `65536K` or `50%`
 *
 * No more than what the part inside the qube reads (data/qube): up to six digits without a zero in front, and one of
 * these four letters.
 *
 * Returns: whether it is a size, and neither too small nor too large
 */
gboolean live_upper_layer_is_size (const char *text);

G_END_DECLS
