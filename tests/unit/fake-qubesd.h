/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * The other end of the socket for the tests of the client: it lives in the same main context, takes requests like
 * qubesd (read to the half-close), and does with them what the test says, however wrong.
 */

typedef struct _FakeQubesd FakeQubesd;
typedef struct _FakeConnection FakeConnection;

/* Called with each complete request. Without an answer the connection stays open until somebody closes it. */
typedef void (*FakeQubesdHandler) (FakeQubesd *server, FakeConnection *connection, GBytes *request, gpointer data);

struct _FakeQubesd
{
  char *directory;
  char *path;
  int listener;
  guint listener_watch;
  FakeQubesdHandler handler;
  gpointer handler_data;
  gsize chunk;     /* bytes per write, each in its own turn of the main loop; 0 for all at once */
  GPtrArray *open; /* FakeConnection, in order of arrival */
  guint n_accepted;
  guint max_open;
  GPtrArray *requests; /* char *: header of each request, in order */
};

FakeQubesd *fake_qubesd_new (FakeQubesdHandler handler, gpointer data);
void fake_qubesd_free (FakeQubesd *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FakeQubesd, fake_qubesd_free)

/* Closes the socket and every connection, as when qubesd stops; and opens it again. @backlog as of listen(2). */
void fake_qubesd_stop (FakeQubesd *server);
void fake_qubesd_start (FakeQubesd *server, int backlog);
/* Whether connections are accepted, or pile up in the backlog. */
void fake_qubesd_set_accepting (FakeQubesd *server, gboolean accepting);

/* Queues bytes; with @and_close the connection is closed behind the last of them. */
void fake_connection_send (FakeConnection *connection, const void *data, gsize length, gboolean and_close);

/* Runs the main context until @condition holds; FALSE, when it does not within ten seconds. */
gboolean fake_wait (gboolean (*condition) (gpointer data), gpointer data);
/* Runs the main context until it has nothing to do that does not need time to pass. */
void fake_settle (void);

G_END_DECLS
