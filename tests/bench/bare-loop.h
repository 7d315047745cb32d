/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LiveBareRequest:
 * @method: `admin.…`
 * @argument: what stands after the `+`, may be empty
 * @destination: name of the qube, or `dom0`
 * @payload: what follows the header, may be empty
 *
 * One request to qubesd.
 */
typedef struct
{
  char *method;
  char *argument;
  char *destination;
  char *payload;
} LiveBareRequest;

LiveBareRequest *
live_bare_request_new (const char *method, const char *argument, const char *destination, const char *payload);
void live_bare_request_free (LiveBareRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveBareRequest, live_bare_request_free)

/**
 * live_bare_loop_run:
 * @socket_path: qubesd's socket
 * @requests: (element-type LiveBareRequest): what to send, in this order
 * @under_way: how many connections at most are open at a time
 * @elapsed_ms: (out): milliseconds from the first connect() to the last end of file
 * @error: return location for an error
 *
 * The floor under everything: the requests sent and the replies read by nothing but sockets and poll(), parsed by no
 * one. What a program needs beyond this time is its own.
 *
 * Returns: %FALSE with @error set when a request could not be sent or was closed without a reply. A reply that is an
 * error counts as one: the program that is compared got it too
 */
gboolean
live_bare_loop_run (const char *socket_path, GPtrArray *requests, guint under_way, double *elapsed_ms, GError **error);

G_END_DECLS
