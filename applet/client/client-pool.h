/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define LIVE_TYPE_CLIENT_POOL (live_client_pool_get_type ())
G_DECLARE_FINAL_TYPE (LiveClientPool, live_client_pool, LIVE, CLIENT_POOL, GObject)

/**
 * LiveClientPool:
 *
 * What the helper last said about one storage pool; the rules of #LiveClientQube hold here too.
 */
const char *live_client_pool_get_name (LiveClientPool *self);
const char *live_client_pool_get_object_path (LiveClientPool *self);
const char *live_client_pool_get_driver (LiveClientPool *self); /* "" when not known */
const char *live_client_pool_get_kind (LiveClientPool *self);   /* "unknown" when not known */
/* Bytes; 0 when qubesd does not say. */
guint64 live_client_pool_get_size (LiveClientPool *self);
guint64 live_client_pool_get_used (LiveClientPool *self);
gboolean live_client_pool_get_ephemeral_volatile (LiveClientPool *self);
gboolean live_client_pool_get_ephemeral_volatile_supported (LiveClientPool *self);
/* Bytes of RAM that it holds now; 0 for a pool on a disk. */
guint64 live_client_pool_get_memory_used (LiveClientPool *self);
/* `ready` or `gone`; "unknown" when not known. */
const char *live_client_pool_get_state (LiveClientPool *self);
/* Whether it can be resized and destroyed; FALSE when not known. */
gboolean live_client_pool_get_managed (LiveClientPool *self);
/* Whether private and volatile volumes of new qubes go to it; FALSE when not known. */
gboolean live_client_pool_get_is_default (LiveClientPool *self);
/* The qubes that have a volume in it: %NULL-terminated, never %NULL. */
const char *const *live_client_pool_get_qubes (LiveClientPool *self);

/* As live_client_qube_new() and live_client_qube_update(). */
LiveClientPool *live_client_pool_new (const char *object_path);
gboolean live_client_pool_update (LiveClientPool *self, GVariant *properties);

G_END_DECLS
