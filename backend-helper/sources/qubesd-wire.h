/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The bytes between us and qubesd, shared by calls and events: what a request looks like, how the socket is opened,
 * what an answer means.
 */

/* Header and payload together; qubesd drops the connection at one byte more (qubes/api/__init__.py, buffer_size). */
#define LIVE_QUBESD_REQUEST_MAX 65536

/**
 * live_qubesd_request_new:
 *
 * Arguments as of live_qubesd_client_call_async(). Refuses what would change the meaning of the frame: @method has to
 * be letters, digits, `.`, `_` and `-`; @argument printable ASCII without space (a `+` in it is harmless: qubesd takes
 * the first one as the separator, and @method holds none); @destination a valid name.
 *
 * Returns: (transfer full): the whole request, or %NULL with %LIVE_ERROR_INVALID_ARGUMENT
 */
GBytes *live_qubesd_request_new (
    const char *method, const char *argument, const char *destination, GBytes *payload, GError **error);

/**
 * live_qubesd_socket_open:
 * @busy: (out): set to %TRUE when the listener's queue is full: try again a little later
 *
 * Connects without blocking.
 *
 * Returns: a non-blocking file descriptor; -1 with @busy set, or with %LIVE_ERROR_QUBESD_UNREACHABLE
 */
int live_qubesd_socket_open (const char *socket_path, gboolean *busy, GError **error);

/**
 * live_qubesd_answer_open:
 * @answer: everything that came until the end of the connection
 * @method: for the message of an error
 * @destination: for the message of an error
 *
 * Returns: (transfer full): the data of a good answer; otherwise %NULL with an error as described at
 *   live_qubesd_client_call_finish()
 */
GBytes *live_qubesd_answer_open (GBytes *answer, const char *method, const char *destination, GError **error);

/**
 * live_qubesd_error_new:
 * @frame: an error frame without its first two bytes: `TYPE NUL traceback NUL MESSAGE NUL`, and possibly arguments of
 *   the message, each followed by NUL (the Admin API's specification has them; qubesd 4.2 to 4.4 formats the message
 *   itself and sends none, qubes/api/__init__.py, send_exception)
 * @length: of it
 *
 * The code follows from TYPE: `…NotFoundError` and `QubesNoSuchPropertyError` give %LIVE_ERROR_NOT_FOUND,
 * `…InUseError` %LIVE_ERROR_IN_USE, `QubesVMNotHaltedError` %LIVE_ERROR_NOT_HALTED, `QubesNotImplementedError`
 * %LIVE_ERROR_NOT_SUPPORTED, `QubesMemoryError` %LIVE_ERROR_NO_MEMORY, `ProtocolError` and `PermissionDenied`
 * %LIVE_ERROR_PROTOCOL, everything else %LIVE_ERROR_QUBESD_ERROR. The message is `TYPE: MESSAGE` in one line, valid
 * UTF-8, without control characters, limited in length.
 *
 * Returns: (transfer full): the error; %LIVE_ERROR_PROTOCOL if it is no error frame
 */
GError *live_qubesd_error_new (const guint8 *frame, gsize length);

/**
 * live_qubesd_error_is:
 * @error: (nullable): an error of a call
 * @type: name of an exception of qubesd, like `QubesVMNotStartedError`
 *
 * For the few exceptions that matter to somebody without having a code.
 *
 * Returns: whether @error is what qubesd sent for @type
 */
gboolean live_qubesd_error_is (const GError *error, const char *type);

G_END_DECLS
