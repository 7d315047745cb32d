/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* (transfer full) (nullable): one of the kernel's small files, without the white space around it. */
char *live_attribute_read (const char *path);

/* Errors: %LIVE_ERROR_IN_USE for EBUSY, %LIVE_ERROR_NO_MEMORY, %LIVE_ERROR_FAILED. */
gboolean live_attribute_write (const char *path, const char *value, GError **error);

G_END_DECLS
