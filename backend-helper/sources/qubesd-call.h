/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Where qubesd listens on a real dom0 (qubes/api/admin.py, SOCKNAME). */
#define LIVE_QUBESD_SOCKET "/run/qubesd.sock"

/* A call without a timeout of its own; qubesd answers reads in milliseconds, changes of qubes.xml in tens of them. */
#define LIVE_QUBESD_DEFAULT_TIMEOUT_SECONDS 30

/* qubesd is one Python thread: with more connections than this nothing gets faster (103 ms for 280 reads). */
#define LIVE_QUBESD_CALLS_AT_ONCE 16

#define LIVE_TYPE_QUBESD_CLIENT (live_qubesd_client_get_type ())
/**
 * LiveQubesdClient:
 *
 * Sends calls of the Admin API to qubesd and hands back what it answers. Every call is a connection of its own, as the
 * protocol wants it. At most %LIVE_QUBESD_CALLS_AT_ONCE are under way; the others wait in order of arrival, and calls
 * that change something go before calls that read (see live_qubesd_client_call_async()).
 *
 * One client belongs to one thread: the one that made it, whose thread-default main context it uses. Cancellables
 * have to be cancelled in that thread too. It lives at least until its last call has come back.
 */
G_DECLARE_FINAL_TYPE (LiveQubesdClient, live_qubesd_client, LIVE, QUBESD_CLIENT, GObject)

/**
 * live_qubesd_client_new:
 * @socket_path: path of qubesd's socket, usually %LIVE_QUBESD_SOCKET
 *
 * Nothing is opened before the first call.
 *
 * Returns: (transfer full): the client
 */
LiveQubesdClient *live_qubesd_client_new (const char *socket_path);

/**
 * live_qubesd_client_call_async:
 * @method: name of the method without argument, `admin.vm.volume.Info`
 * @argument: (nullable): what follows the `+`; %NULL and the empty string are the same
 * @destination: name of a qube; `dom0` for what concerns the whole system
 * @payload: (nullable): body of the request, any bytes
 * @timeout_seconds: how long the answer may take, 0 for %LIVE_QUBESD_DEFAULT_TIMEOUT_SECONDS; counted from the moment
 *   the request is sent, not while it waits for its turn
 * @cancellable: (nullable): taken back at once, and if the request was sent, its connection is closed. qubesd does not
 *   undo what it has begun: whether a cancelled change happened has to be read again
 * @callback: called from the main context, never from inside this function
 *
 * A method whose last part is a read (`List`, `Info`, `Get`, `GetAll` …) lets every other method pass it in the
 * queue: what a person asked for does not wait behind a refresh of a thousand qubes.
 */
void live_qubesd_client_call_async (LiveQubesdClient *self,
                                    const char *method,
                                    const char *argument,
                                    const char *destination,
                                    GBytes *payload,
                                    guint timeout_seconds,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer data);

/**
 * live_qubesd_client_call_finish:
 *
 * Errors, all in %LIVE_ERROR:
 * - %LIVE_ERROR_INVALID_ARGUMENT: not sent: a name that would break the framing, or a request above 65,536 bytes
 * - %LIVE_ERROR_QUBESD_UNREACHABLE: no socket, nobody listens, not allowed, or no answer in time
 * - %LIVE_ERROR_PROTOCOL: the connection was closed without an answer (so 4.2 and 4.3 refuse unknown methods, volumes
 *   and pools, and every version its own failures), the answer is no frame, or qubesd says `ProtocolError` or
 *   `PermissionDenied` (4.4 on the same occasions)
 * - %LIVE_ERROR_CANCELLED: whenever the cancellable is cancelled, also if the answer was there already
 * - what qubesd answered, see live_qubesd_error_new()
 *
 * Returns: (transfer full): the data of the answer, without the frame; may be empty
 */
GBytes *live_qubesd_client_call_finish (LiveQubesdClient *self, GAsyncResult *result, GError **error);

/**
 * live_qubesd_client_get_requests_sent:
 *
 * Returns: how many requests were put on a connection so far
 */
guint live_qubesd_client_get_requests_sent (LiveQubesdClient *self);

/**
 * live_qubesd_payload_new:
 * @text: (nullable): text of a payload, without a newline at its end: qubesd refuses `True` followed by one
 *
 * Returns: (transfer full) (nullable): the payload for live_qubesd_client_call_async(); %NULL for %NULL
 */
GBytes *live_qubesd_payload_new (const char *text);

G_END_DECLS
