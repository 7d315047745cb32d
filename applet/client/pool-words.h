/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

#include "client/client-pool.h"

G_BEGIN_DECLS

/* What there is to say about pools, as client/words.h does it for the rest. */

/* "1.2 GiB": bytes in units of 1024. (transfer full) */
char *live_pool_words_size (guint64 bytes);

/**
 * live_pool_words_usage:
 * @used: bytes
 * @size: bytes, 0 when not known
 * @memory_used: bytes of RAM that it holds; 0 for a pool on a disk
 *
 * Returns: (transfer full): "1.2 GiB of 2.0 GiB used, 700.0 MiB of RAM held", or what is known of it
 */
char *live_pool_words_usage (guint64 used, guint64 size, guint64 memory_used);

/* Where it is: "on disk", "in RAM", … (transfer none) */
const char *live_pool_words_kind (const char *kind);

/* "throw-away keys for volatile volumes", … (transfer none) */
const char *live_pool_words_ephemeral_volatile (LiveClientPool *pool);

/* What else there is to know: "new qubes go to it", "its storage is gone". (transfer full): maybe empty */
char *live_pool_words_notes (LiveClientPool *pool);

/**
 * live_pool_words_loss:
 *
 * Returns: (transfer full): what is lost when @pool is destroyed, one sentence without the names of its qubes
 */
char *live_pool_words_loss (LiveClientPool *pool);

G_END_DECLS
