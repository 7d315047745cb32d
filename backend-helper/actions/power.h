/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "sources/qubesd-call.h"

G_BEGIN_DECLS

/**
 * live_power_start_async:
 * @client: where to send it
 * @name: name of a qube
 *
 * Starts a qube and waits until qubesd says that it runs, which can take minutes. A qube that runs already is started.
 */
void live_power_start_async (LiveQubesdClient *client, const char *name, GAsyncReadyCallback callback, gpointer data);

/**
 * live_power_shutdown_async:
 * @client: where to send it
 * @name: name of a qube
 *
 * Asks a qube to shut down and returns when qubesd has passed that on; the qube may take its time, or refuse. Never
 * kills. A qube that is halted already is shut down.
 */
void live_power_shutdown_async (LiveQubesdClient *client, const char *name, GAsyncReadyCallback callback,
                                gpointer data);

/**
 * live_power_kill_async:
 * @client: where to send it
 * @name: name of a qube
 *
 * Ends a qube without asking it; what it has not written yet is lost. A qube that is halted already is ended.
 */
void live_power_kill_async (LiveQubesdClient *client, const char *name, GAsyncReadyCallback callback, gpointer data);

/* For all of them. */
gboolean live_power_finish (LiveQubesdClient *client, GAsyncResult *result, GError **error);

G_END_DECLS
