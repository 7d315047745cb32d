/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

/**
 * LiveSimulator:
 *
 * A running simulated dom0 in a directory of its own, for tests. All functions block, and abort the test when the
 * simulator does not do what it should within ten seconds.
 */
typedef struct _LiveSimulator LiveSimulator;

/**
 * live_simulator_start:
 * @version: 4.2, 4.3 or 4.4
 * @...: more options, then %NULL
 *
 * Starts the program named by the environment variable `LIVE_DOM0` and waits until it is ready.
 */
LiveSimulator *live_simulator_start (const char *version, ...) G_GNUC_NULL_TERMINATED;

/**
 * live_simulator_stop:
 *
 * Ends it, and checks that it went well and left nothing behind.
 */
void live_simulator_stop (LiveSimulator *simulator);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveSimulator, live_simulator_stop)

const char *live_simulator_get_socket (LiveSimulator *simulator);

/**
 * live_simulator_connect:
 *
 * Returns: a connected socket, to be closed by the caller
 */
int live_simulator_connect (LiveSimulator *simulator);

/* Sends bytes; that the peer has hung up is not an error here. */
void live_socket_send (int fd, const void *bytes, gsize length);
/* Sends bytes and closes the sending side. */
void live_socket_request (int fd, const void *bytes, gsize length);
/* Reads to the end. */
GByteArray *live_socket_read_all (int fd);

/**
 * live_simulator_call_bytes:
 *
 * Returns: (transfer full): the whole reply to a request
 */
GByteArray *live_simulator_call_bytes (LiveSimulator *simulator, const void *bytes, gsize length);

/**
 * live_simulator_call:
 * @method: METHOD or METHOD+ARGUMENT
 *
 * Returns: (transfer full): the reply in printable form: NUL is written `|`
 */
char *live_simulator_call (LiveSimulator *simulator, const char *method, const char *dest, const char *payload);

/**
 * live_simulator_control:
 *
 * Returns: (transfer full): the answer to a command, without its newline
 */
char *live_simulator_control (LiveSimulator *simulator, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* As live_simulator_control(), but the answer must be `ok`. */
void live_simulator_command (LiveSimulator *simulator, const char *format, ...) G_GNUC_PRINTF (2, 3);

/**
 * live_simulator_subscribe:
 * @dest: dom0, or the only qube whose events are wanted
 *
 * Returns: a socket that receives events, to be closed by the caller
 */
int live_simulator_subscribe (LiveSimulator *simulator, const char *dest);

/**
 * live_simulator_take_events:
 * @fd: from live_simulator_subscribe()
 * @subject: whose events @fd receives: %NULL for all
 *
 * Returns: (transfer full): all bytes that the stream got so far and that were not taken before
 */
GByteArray *live_simulator_take_events (LiveSimulator *simulator, int fd, const char *subject);

/**
 * live_simulator_take_event_names:
 *
 * As live_simulator_take_events(), but readable, and checked to be whole frames.
 *
 * Returns: (transfer full): one line `SUBJECT EVENT` for each event; the system has an empty name
 */
char *live_simulator_take_event_names (LiveSimulator *simulator, int fd, const char *subject);

/* @expected is the reply as live_simulator_call() gives it. */
#define assert_call(simulator, method, dest, payload, expected)                                                        \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autofree char *reply_ = live_simulator_call (simulator, method, dest, payload);                                  \
    g_assert_cmpstr (reply_, ==, expected);                                                                            \
  }                                                                                                                    \
  G_STMT_END

#define assert_control(simulator, command, expected)                                                                   \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autofree char *answer_ = live_simulator_control (simulator, "%s", command);                                      \
    g_assert_cmpstr (answer_, ==, expected);                                                                           \
  }                                                                                                                    \
  G_STMT_END

#define assert_events(simulator, fd, expected)                                                                         \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autofree char *events_ = live_simulator_take_event_names (simulator, fd, NULL);                                  \
    g_assert_cmpstr (events_, ==, expected);                                                                           \
  }                                                                                                                    \
  G_STMT_END
