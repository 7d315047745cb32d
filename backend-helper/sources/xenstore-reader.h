/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * LiveXenstoreReader:
 *
 * The threads that talk to xenstored for a #LiveXenstore. One waits for the watch, another one reads what changed and
 * puts it on the way to the main context. While nothing changes both sleep.
 *
 * Why threads: libxenstore waits for each answer.
 */
typedef struct _LiveXenstoreReader LiveXenstoreReader;

/**
 * LiveXenstoreNewsKind:
 * @LIVE_XENSTORE_NEWS_CONNECTED: the watch is set
 * @LIVE_XENSTORE_NEWS_LOST: there is no connection (any more), and none is tried until it is asked for
 * @LIVE_XENSTORE_NEWS_SILENT: the store has not answered for ten seconds. The reader goes on waiting; it can do nothing
 *   else before the store answers or goes away
 * @LIVE_XENSTORE_NEWS_DOMAIN: a domain was read
 */
typedef enum
{
  LIVE_XENSTORE_NEWS_CONNECTED,
  LIVE_XENSTORE_NEWS_LOST,
  LIVE_XENSTORE_NEWS_SILENT,
  LIVE_XENSTORE_NEWS_DOMAIN
} LiveXenstoreNewsKind;

/**
 * LiveXenstoreNews:
 * @kind: what happened
 * @error: (nullable): why there is no connection, or why the domain could not be read
 * @domid: the domain
 * @vbds: (nullable) (element-type LiveVbd): its devices by number; %NULL for none, or when it could not be read
 * @ticket: the largest that live_xenstore_reader_request() gave for @domid before this reading began, 0 for none
 */
typedef struct
{
  LiveXenstoreNewsKind kind;
  GError *error;
  guint domid;
  GPtrArray *vbds;
  guint64 ticket;
} LiveXenstoreNews;

/* Called in the main context. It may call any function here, also live_xenstore_reader_free(). */
typedef void (*LiveXenstoreNewsFunc) (const LiveXenstoreNews *news, gpointer data);

/**
 * live_xenstore_reader_new:
 * @socket_path: (nullable): what has to be a socket before a connection is tried; %NULL to leave that to libxenstore
 * @root: the directory to watch
 * @callback: for news, in the thread's default main context
 * @data: for @callback
 *
 * Starts the thread; nothing is connected yet.
 *
 * Returns: (transfer full): a reader
 */
LiveXenstoreReader *
live_xenstore_reader_new (const char *socket_path, const char *root, LiveXenstoreNewsFunc callback, gpointer data);

/* No callback comes after this. The threads end on their own, at once unless the store is silent. */
void live_xenstore_reader_free (LiveXenstoreReader *reader);

/* Closes what is open, and tries a new connection. Exactly one of CONNECTED and LOST follows, unless it is closed or
 * opened again before. */
void live_xenstore_reader_open (LiveXenstoreReader *reader);

/* No news come after this, not even what is on its way. */
void live_xenstore_reader_close (LiveXenstoreReader *reader);

/* Has a domain read (again), and returns the ticket of that reading. */
guint64 live_xenstore_reader_request (LiveXenstoreReader *reader, guint domid);

G_END_DECLS
