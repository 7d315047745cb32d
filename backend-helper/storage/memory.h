/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "storage/record.h"

G_BEGIN_DECLS

/* What dom0 keeps for itself, in bytes. */
#define LIVE_MEMORY_FLOOR (512 * G_GUINT64_CONSTANT (1048576))

/**
 * LiveMemory:
 * @total: bytes of RAM that dom0 has
 * @available: bytes that could be had without swapping, as the kernel estimates
 * @promised: bytes that pools may still come to hold, beyond what they hold now
 */
typedef struct
{
  guint64 total;
  guint64 available;
  guint64 promised;
} LiveMemory;

/* @except: (nullable): name of a pool that does not count */
gboolean live_memory_read (LiveMemory *memory, const char *except, GError **error);

/**
 * live_memory_check:
 * @wanted: bytes that a pool is to be allowed more than it holds
 *
 * Errors: %LIVE_ERROR_NO_MEMORY, with the numbers
 */
gboolean live_memory_check (const LiveMemory *memory, guint64 wanted, GError **error);

/* Bytes of RAM that a pool holds now. */
guint64 live_memory_get_held (const LiveRecord *record);

G_END_DECLS
