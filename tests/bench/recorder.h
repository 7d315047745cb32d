/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * LiveRecorder:
 *
 * Stands between a program and qubesd's socket and writes down what the program asks, to be asked again by
 * live_bare_loop_run(). It costs time: nothing is measured through it.
 */
typedef struct _LiveRecorder LiveRecorder;

/**
 * live_recorder_new:
 * @path: socket to listen at
 * @qubesd_socket: where to pass requests on to
 * @error: return location for an error
 *
 * Returns: (transfer full): a recorder that listens, or %NULL with @error set
 */
LiveRecorder *live_recorder_new (const char *path, const char *qubesd_socket, GError **error);
void live_recorder_free (LiveRecorder *recorder);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveRecorder, live_recorder_free)

/**
 * live_recorder_take:
 * @recorder: a recorder
 *
 * Returns: (transfer full) (element-type LiveBareRequest): the requests since the last call, in the order in which
 *   they came; without `admin.Events`, which has no end
 */
GPtrArray *live_recorder_take (LiveRecorder *recorder);

G_END_DECLS
