/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "storage/task.h"

G_BEGIN_DECLS

/* (transfer full): of the mapping of a pool. It ends in `@crypt`, which Qubes' udev rules know as nothing for qubes. */
char *live_mapping_get_name (const char *pool);

/* Whether the kernel has what a mapping needs. */
gboolean live_mapping_is_available (void);

/**
 * live_mapping_open:
 * @pool: name of a pool
 * @device: path of the block device below
 * @size: bytes
 * @path: (out) (transfer full): path of the device above
 *
 * Encrypts a device with a key that was made for it and is known to nothing but the kernel once this returns: it is
 * AES in XTS mode with a key of 512 bits, of which there is no header and no copy. Discards are not passed on, because
 * they would show which parts are used.
 */
gboolean live_mapping_open (const char *pool, const char *device, guint64 size, char **path, GError **error);

/* (transfer full) (nullable): path of the device of an open mapping. */
char *live_mapping_find (const char *pool);

/* @size: bytes */
gboolean live_mapping_resize (const char *pool, guint64 size, GError **error);

/**
 * live_mapping_close:
 *
 * Takes the mapping away, and with it the key. Nothing is done when there is none. Errors: %LIVE_ERROR_IN_USE
 */
gboolean live_mapping_close (LiveTask *task, const char *pool, GError **error);

G_END_DECLS
