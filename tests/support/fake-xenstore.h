/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LiveFakeFault:
 * @LIVE_FAKE_FAULT_NONE: a right answer
 * @LIVE_FAKE_FAULT_ERROR: an error, named by the text of live_fake_xenstore_set_fault()
 * @LIVE_FAKE_FAULT_WRONG_TYPE: an answer to another kind of request
 * @LIVE_FAKE_FAULT_WRONG_ID: a right answer with another request's and another transaction's number
 * @LIVE_FAKE_FAULT_HUGE: an answer that says to be 2 GiB long
 * @LIVE_FAKE_FAULT_LONG: an answer longer than the protocol allows, all of it
 * @LIVE_FAKE_FAULT_SHORT_HEADER: half a header, then the end
 * @LIVE_FAKE_FAULT_SHORT_BODY: half an answer, then the end
 * @LIVE_FAKE_FAULT_CLOSE: the end
 * @LIVE_FAKE_FAULT_SILENCE: nothing
 * @LIVE_FAKE_FAULT_TEXT: an answer whose body is the text of live_fake_xenstore_set_fault()
 */
typedef enum
{
  LIVE_FAKE_FAULT_NONE,
  LIVE_FAKE_FAULT_ERROR,
  LIVE_FAKE_FAULT_WRONG_TYPE,
  LIVE_FAKE_FAULT_WRONG_ID,
  LIVE_FAKE_FAULT_HUGE,
  LIVE_FAKE_FAULT_LONG,
  LIVE_FAKE_FAULT_SHORT_HEADER,
  LIVE_FAKE_FAULT_SHORT_BODY,
  LIVE_FAKE_FAULT_CLOSE,
  LIVE_FAKE_FAULT_SILENCE,
  LIVE_FAKE_FAULT_TEXT
} LiveFakeFault;

/**
 * LiveFakeXenstore:
 *
 * A xenstored that does wrong what the test says, in the test's main context. It has a tree of values, answers READ,
 * DIRECTORY, WATCH and transactions (which it only pretends to have), and writes down what it was asked.
 */
typedef struct _LiveFakeXenstore LiveFakeXenstore;

LiveFakeXenstore *live_fake_xenstore_new (void);
void live_fake_xenstore_free (LiveFakeXenstore *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveFakeXenstore, live_fake_xenstore_free)

const char *live_fake_xenstore_get_socket (LiveFakeXenstore *self);

/* Closes the socket and all connections, and opens it again. */
void live_fake_xenstore_stop (LiveFakeXenstore *self);
void live_fake_xenstore_start (LiveFakeXenstore *self);

/* Sets a value without telling anybody; NULL removes it and all below it. @length in bytes, -1 for text. */
void live_fake_xenstore_set (LiveFakeXenstore *self, const char *path, const char *value, gssize length);

/* Sends an event to all who watch; @n_times at once. @token NULL for the watch's own. */
void live_fake_xenstore_fire (LiveFakeXenstore *self, const char *path, const char *token, guint n_times);

/**
 * live_fake_xenstore_set_fault:
 * @fault: what to do
 * @type: to requests of this kind (xen/io/xs_wire.h)
 * @key: (nullable): only to those whose path ends so
 * @text: (nullable): for some faults
 *
 * From now on, in place of the fault before.
 */
void live_fake_xenstore_set_fault (
    LiveFakeXenstore *self, LiveFakeFault fault, guint32 type, const char *key, const char *text);

/* Requests that met the fault; connections there have been, and that are open; requests that are no requests for what
 * is below @root. */
guint live_fake_xenstore_get_n_faults (LiveFakeXenstore *self);
guint live_fake_xenstore_get_n_accepted (LiveFakeXenstore *self);
guint live_fake_xenstore_get_n_open (LiveFakeXenstore *self);
guint live_fake_xenstore_count_outside (LiveFakeXenstore *self, const char *root);
/* READ, DIRECTORY and the like. */
guint live_fake_xenstore_get_n_requests (LiveFakeXenstore *self);

G_END_DECLS
