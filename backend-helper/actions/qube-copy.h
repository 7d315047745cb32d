/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "sources/qubesd-call.h"

G_BEGIN_DECLS

/**
 * LiveQubeCopy:
 * @template: name of its template
 * @label: name of its label
 * @private_size: bytes of its private volume
 * @private_used: bytes that are in use of it
 * @calls: what is to be called to give another qube the rest; not for others
 *
 * What a qube is like, read in order to make another one like it: properties that are not their defaults, features,
 * tags and firewall; without what is about the qube itself (addresses, autostart, Qubes Live's own features).
 */
typedef struct
{
  char *template;
  char *label;
  guint64 private_size;
  guint64 private_used;
  GPtrArray *calls;
} LiveQubeCopy;

void live_qube_copy_free (LiveQubeCopy *copy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveQubeCopy, live_qube_copy_free)

/* Reads them. */
void live_qube_copy_read_async (LiveQubesdClient *client,
                                const char *source,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer data);
/* (transfer full). Errors: those of a call; %LIVE_ERROR_PROTOCOL when something has no template. */
LiveQubeCopy *live_qube_copy_read_finish (LiveQubesdClient *client, GAsyncResult *result, GError **error);

/**
 * live_qube_copy_write_async:
 * @copy: stays the caller's until the end
 * @target: a new qube
 *
 * Gives them to @target. What its class or this qubesd does not have is left out.
 */
void live_qube_copy_write_async (LiveQubesdClient *client,
                                 const LiveQubeCopy *copy,
                                 const char *target,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer data);
gboolean live_qube_copy_write_finish (LiveQubesdClient *client, GAsyncResult *result, GError **error);

G_END_DECLS
