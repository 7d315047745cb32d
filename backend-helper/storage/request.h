/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A filesystem below this size mkfs.xfs 6 refuses to make. */
#define LIVE_STORAGE_MIN_XFS (300 * G_GUINT64_CONSTANT (1048576))
#define LIVE_STORAGE_MIN_TMPFS (64 * G_GUINT64_CONSTANT (1048576))
#define LIVE_STORAGE_MAX (G_GUINT64_CONSTANT (1) << 60)
/* Sizes are whole mebibytes. */
#define LIVE_STORAGE_UNIT G_GUINT64_CONSTANT (1048576)

typedef enum
{
  LIVE_REQUEST_CREATE_ZRAM,
  LIVE_REQUEST_CREATE_TMPFS,
  LIVE_REQUEST_CREATE_ENCRYPTED,
  LIVE_REQUEST_DESTROY,
  LIVE_REQUEST_DISCARD,
  LIVE_REQUEST_RESIZE,
  LIVE_REQUEST_LIST,
  LIVE_REQUEST_BUDGET
} LiveRequestKind;

/**
 * LiveRequest:
 * @name: (nullable): of the pool; checked
 * @size: bytes, whole mebibytes; 0: not given
 * @limit: bytes, whole mebibytes; 0: not given
 * @algorithm: (nullable): of the compression
 * @backing: (nullable): absolute path of a file or a block device
 *
 * What one connection asks for.
 */
typedef struct
{
  LiveRequestKind kind;
  char *name;
  guint64 size;
  guint64 limit;
  char *algorithm;
  char *backing;
} LiveRequest;

/**
 * live_request_parse:
 * @text: one line of JSON, of @length bytes
 *
 * Whatever is not expected is refused, so that nothing is done with half of a wish: unknown members, members that the
 * operation does not have, numbers that are no integers.
 *
 * Returns: (transfer full): the request; %NULL with %LIVE_ERROR_PROTOCOL or %LIVE_ERROR_INVALID_ARGUMENT
 */
LiveRequest *live_request_parse (const char *text, gsize length, GError **error);
void live_request_free (LiveRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveRequest, live_request_free)

/* Whether it is a letter followed by at most 30 letters, digits, `-` and `_`, as Qubes wants a pool to be named. */
gboolean live_request_is_pool_name (const char *name);

G_END_DECLS
