/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* Against a store that is not there, or that says what no store should say. */

#include "fake-xenstore.h"
#include "test-bed.h"
#include "xenstore-fixture.h"

#include "model/error.h"

#include <glib/gstdio.h>
#include <stdint.h>
#include <string.h>
#include <xen/io/xs_wire.h>

#define ROOT LIVE_XENSTORE_ROOT
#define WAIT_SECONDS 30

static void
set_disk (LiveFakeXenstore *fake, guint domid, guint devid, const char *dev, const char *mode, const char *device)
{
  const char *const nodes[][2] = {
    { "dev", dev }, { "mode", mode }, { "physical-device", device }, { "hotplug-status", "connected" }, { "state", "4" }
  };

  for (gsize i = 0; i < G_N_ELEMENTS (nodes); i++)
    {
      g_autofree char *path = g_strdup_printf (ROOT "/%u/%u/%s", domid, devid, nodes[i][0]);

      live_fake_xenstore_set (fake, path, nodes[i][1], -1);
    }
}

static LiveFakeXenstore *
open_all (LiveXenstoreWorld *world)
{
  LiveFakeXenstore *fake = live_fake_xenstore_new ();

  set_disk (fake, 1, 51712, "xvda", "r", "7:0");
  set_disk (fake, 1, 51744, "xvdc", "w", "fe:0");
  live_xenstore_world_open (world, live_fake_xenstore_get_socket (fake));
  return fake;
}

static void
close_all (LiveXenstoreWorld *world, LiveFakeXenstore *fake)
{
  /* Above all nothing of any guest's own. */
  g_assert_cmpuint (live_fake_xenstore_count_outside (fake, ROOT), ==, 0);
  live_xenstore_world_close (world);
  /* What still waits for an answer goes with the store. */
  live_fake_xenstore_stop (fake);
  live_xenstore_world_check_threads ();
  live_fake_xenstore_free (fake);
}

static void
test_good (void)
{
  LiveXenstoreWorld world;
  LiveFakeXenstore *fake = open_all (&world);

  live_xenstore_world_wait_count (&world, 1, 2);
  live_xenstore_world_assert_device (&world, 1, "xvda", TRUE, 7, 0);
  live_xenstore_world_assert_device (&world, 1, "xvdc", FALSE, 254, 0);
  set_disk (fake, 2, 51712, "xvda", "r", "7:1");
  live_fake_xenstore_fire (fake, ROOT "/2/51712/state", NULL, 1);
  live_xenstore_world_wait_device (&world, 2, "xvda", TRUE, 7, 1);
  g_assert_cmpuint (live_fake_xenstore_get_n_open (fake), ==, 2);
  close_all (&world, fake);
}

typedef enum
{
  LOST,       /* a new connection, again and again while it is so */
  UNREADABLE, /* the connection stays, of that domain nothing is known */
  CHANGED,    /* the domain is read, and the fault seen in it */
  SAME,       /* no harm */
  LIST_LOST,  /* like LOST, when the directory of all domains is read */
  LISTED      /* no harm, when the directory of all domains is read */
} Outcome;

static const struct
{
  const char *name;
  LiveFakeFault fault;
  guint32 type;
  const char *key;
  const char *text;
  Outcome outcome;
} rows[] = {
  { "read/error", LIVE_FAKE_FAULT_ERROR, XS_READ, "/mode", "EACCES", UNREADABLE },
  { "read/error-name", LIVE_FAKE_FAULT_ERROR, XS_READ, "/mode", "ENONSENSE", UNREADABLE },
  { "read/error-empty", LIVE_FAKE_FAULT_ERROR, XS_READ, "/mode", "", UNREADABLE },
  { "read/error-io", LIVE_FAKE_FAULT_ERROR, XS_READ, "/mode", "EIO", LOST },
  { "read/gone", LIVE_FAKE_FAULT_ERROR, XS_READ, "/mode", "ENOENT", CHANGED },
  { "read/other", LIVE_FAKE_FAULT_TEXT, XS_READ, "/mode", "r\nw", CHANGED },
  { "read/wrong-type", LIVE_FAKE_FAULT_WRONG_TYPE, XS_READ, "/mode", NULL, LOST },
  { "read/wrong-id", LIVE_FAKE_FAULT_WRONG_ID, XS_READ, "/mode", NULL, SAME },
  { "read/huge", LIVE_FAKE_FAULT_HUGE, XS_READ, "/mode", NULL, LOST },
  { "read/long", LIVE_FAKE_FAULT_LONG, XS_READ, "/mode", NULL, LOST },
  { "read/short-header", LIVE_FAKE_FAULT_SHORT_HEADER, XS_READ, "/mode", NULL, LOST },
  { "read/short-body", LIVE_FAKE_FAULT_SHORT_BODY, XS_READ, "/mode", NULL, LOST },
  { "read/close", LIVE_FAKE_FAULT_CLOSE, XS_READ, "/mode", NULL, LOST },
  { "directory/error", LIVE_FAKE_FAULT_ERROR, XS_DIRECTORY, "/1", "EACCES", UNREADABLE },
  { "directory/gone", LIVE_FAKE_FAULT_ERROR, XS_DIRECTORY, "/1", "ENOENT", UNREADABLE },
  { "directory/too-large", LIVE_FAKE_FAULT_ERROR, XS_DIRECTORY, "/1", "E2BIG", LOST },
  { "directory/other", LIVE_FAKE_FAULT_TEXT, XS_DIRECTORY, "/1", "no number", CHANGED },
  { "directory/wrong-type", LIVE_FAKE_FAULT_WRONG_TYPE, XS_DIRECTORY, "/1", NULL, LOST },
  { "directory/huge", LIVE_FAKE_FAULT_HUGE, XS_DIRECTORY, "/1", NULL, LOST },
  { "directory/long", LIVE_FAKE_FAULT_LONG, XS_DIRECTORY, "/1", NULL, LOST },
  { "directory/short-header", LIVE_FAKE_FAULT_SHORT_HEADER, XS_DIRECTORY, "/1", NULL, LOST },
  { "directory/short-body", LIVE_FAKE_FAULT_SHORT_BODY, XS_DIRECTORY, "/1", NULL, LOST },
  { "directory/close", LIVE_FAKE_FAULT_CLOSE, XS_DIRECTORY, "/1", NULL, LOST },
  { "list/error", LIVE_FAKE_FAULT_ERROR, XS_DIRECTORY, "/vbd", "EACCES", LISTED },
  { "list/error-io", LIVE_FAKE_FAULT_ERROR, XS_DIRECTORY, "/vbd", "EIO", LIST_LOST },
  { "list/wrong-type", LIVE_FAKE_FAULT_WRONG_TYPE, XS_DIRECTORY, "/vbd", NULL, LIST_LOST },
  { "list/short-body", LIVE_FAKE_FAULT_SHORT_BODY, XS_DIRECTORY, "/vbd", NULL, LIST_LOST },
  { "start/error", LIVE_FAKE_FAULT_ERROR, XS_TRANSACTION_START, NULL, "EAGAIN", UNREADABLE },
  { "start/no-number", LIVE_FAKE_FAULT_TEXT, XS_TRANSACTION_START, NULL, "seven", LOST },
  { "start/zero", LIVE_FAKE_FAULT_TEXT, XS_TRANSACTION_START, NULL, "0", LOST },
  { "start/close", LIVE_FAKE_FAULT_CLOSE, XS_TRANSACTION_START, NULL, NULL, LOST },
  { "end/error", LIVE_FAKE_FAULT_ERROR, XS_TRANSACTION_END, NULL, "ENOENT", UNREADABLE },
  { "end/wrong-type", LIVE_FAKE_FAULT_WRONG_TYPE, XS_TRANSACTION_END, NULL, NULL, LOST },
  { "end/short-body", LIVE_FAKE_FAULT_SHORT_BODY, XS_TRANSACTION_END, NULL, NULL, LOST },
};

static gboolean
has_met_fault (gpointer data)
{
  return live_fake_xenstore_get_n_faults (data) > 0;
}

/* It was known and good, then the store goes wrong, then right again. */
static void
test_fault (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  LiveXenstoreWorld world;
  LiveFakeXenstore *fake = open_all (&world);
  guint n_connected = 1;

  live_xenstore_world_wait_count (&world, 1, 2);
  live_fake_xenstore_set_fault (fake, rows[row].fault, rows[row].type, rows[row].key, rows[row].text);
  switch (rows[row].outcome)
    {
    case LOST:
      g_assert_false (live_xenstore_world_refresh (&world, 1));
      g_assert_error (world.error, LIVE_ERROR, (int)LIVE_ERROR_FAILED);
      live_xenstore_world_wait_disconnected (&world, 1);
      g_assert_error (world.reason, LIVE_ERROR, (int)LIVE_ERROR_FAILED);
      live_xenstore_world_assert_unknown (&world, 1);
      n_connected = 2;
      break;
    case UNREADABLE:
      live_xenstore_world_refresh (&world, 1);
      if (g_strcmp0 (rows[row].text, "ENOENT") != 0)
        g_assert_error (world.error, LIVE_ERROR, (int)LIVE_ERROR_FAILED);
      live_xenstore_world_assert_unknown (&world, 1);
      break;
    case CHANGED:
      g_assert_true (live_xenstore_world_refresh (&world, 1));
      {
        g_autoptr (GPtrArray) vbds = live_xenstore_get_vbds (world.store, 1);
        const LiveVbd *vbd = g_ptr_array_index (vbds, 0);

        g_assert_false (vbd->read_only);
        g_assert_cmpuint (vbd->domid, ==, 1);
      }
      break;
    case LIST_LOST:
      live_fake_xenstore_fire (fake, ROOT, NULL, 1);
      live_xenstore_world_wait_disconnected (&world, 1);
      g_assert_error (world.reason, LIVE_ERROR, (int)LIVE_ERROR_FAILED);
      live_xenstore_world_assert_unknown (&world, 1);
      n_connected = 2;
      break;
    case LISTED:
      live_fake_xenstore_fire (fake, ROOT, NULL, 1);
      g_assert_true (live_test_wait (has_met_fault, fake, WAIT_SECONDS));
      live_xenstore_world_assert_device (&world, 1, "xvda", TRUE, 7, 0);
      break;
    case SAME:
    default:
      g_assert_true (live_xenstore_world_refresh (&world, 1));
      live_xenstore_world_assert_device (&world, 1, "xvda", TRUE, 7, 0);
      g_assert_cmpuint (world.n_changed, ==, 1);
      break;
    }
  g_assert_cmpuint (live_fake_xenstore_get_n_faults (fake), >, 0);

  live_fake_xenstore_set_fault (fake, LIVE_FAKE_FAULT_NONE, 0, NULL, NULL);
  live_xenstore_retry_now (world.store);
  live_fake_xenstore_fire (fake, ROOT "/1/51712/state", NULL, 1);
  live_xenstore_world_wait_device (&world, 1, "xvda", TRUE, 7, 0);
  live_xenstore_world_wait_device (&world, 1, "xvdc", FALSE, 254, 0);
  if (rows[row].outcome != LOST && rows[row].outcome != LIST_LOST)
    g_assert_cmpuint (world.n_disconnected, ==, 0);
  g_assert_cmpuint (world.n_connected, >=, n_connected);
  close_all (&world, fake);
}

static const struct
{
  const char *name;
  LiveFakeFault fault;
  const char *text;
} watch_rows[] = {
  { "error", LIVE_FAKE_FAULT_ERROR, "EACCES" },
  { "wrong-type", LIVE_FAKE_FAULT_WRONG_TYPE, NULL },
  { "huge", LIVE_FAKE_FAULT_HUGE, NULL },
  { "long", LIVE_FAKE_FAULT_LONG, NULL },
  { "short-header", LIVE_FAKE_FAULT_SHORT_HEADER, NULL },
  { "short-body", LIVE_FAKE_FAULT_SHORT_BODY, NULL },
  { "close", LIVE_FAKE_FAULT_CLOSE, NULL },
};

static void
test_watch_fault (gconstpointer data)
{
  gsize row = GPOINTER_TO_SIZE (data);
  LiveXenstoreWorld world;
  LiveFakeXenstore *fake = open_all (&world);

  live_fake_xenstore_set_fault (fake, watch_rows[row].fault, XS_WATCH, NULL, watch_rows[row].text);
  live_xenstore_world_wait_disconnected (&world, 1);
  g_assert_error (world.reason, LIVE_ERROR, (int)LIVE_ERROR_FAILED);
  g_assert_cmpuint (world.n_connected, ==, 0);
  live_fake_xenstore_set_fault (fake, LIVE_FAKE_FAULT_NONE, 0, NULL, NULL);
  live_xenstore_retry_now (world.store);
  live_xenstore_world_wait_count (&world, 1, 2);
  live_xenstore_world_wait_connected (&world, 1);
  g_assert_cmpuint (world.n_disconnected, ==, 1);
  close_all (&world, fake);
}

/* The store says nothing at all: nothing is known after ten seconds, no new connection is made meanwhile, and its
 * threads do not outlive the store. */
static void
test_silence (void)
{
  LiveXenstoreWorld world;
  LiveFakeXenstore *fake = open_all (&world);
  guint n_accepted = 0;

  live_xenstore_world_wait_count (&world, 1, 2);
  n_accepted = live_fake_xenstore_get_n_accepted (fake);
  live_fake_xenstore_set_fault (fake, LIVE_FAKE_FAULT_SILENCE, XS_READ, NULL, NULL);
  /* Nobody waits for this reading. */
  live_fake_xenstore_fire (fake, ROOT "/1/51712/mode", NULL, 1);
  live_xenstore_world_wait_disconnected (&world, 1);
  g_assert_error (world.reason, LIVE_ERROR, (int)LIVE_ERROR_FAILED);
  live_xenstore_world_assert_unknown (&world, 1);
  live_xenstore_retry_now (world.store);
  g_assert_false (live_xenstore_world_refresh (&world, 1));
  g_assert_cmpuint (live_fake_xenstore_get_n_accepted (fake), ==, n_accepted);

  /* It comes to life again. */
  live_fake_xenstore_stop (fake);
  live_fake_xenstore_set_fault (fake, LIVE_FAKE_FAULT_NONE, 0, NULL, NULL);
  live_fake_xenstore_start (fake);
  live_xenstore_world_wait_count (&world, 1, 2);

  /* And is given up in the middle of an answer. */
  live_fake_xenstore_set_fault (fake, LIVE_FAKE_FAULT_SILENCE, XS_READ, NULL, NULL);
  live_fake_xenstore_fire (fake, ROOT "/1/51712/mode", NULL, 1);
  g_assert_true (live_test_wait (has_met_fault, fake, WAIT_SECONDS));
  close_all (&world, fake);
}

static const char *const strange_paths[] = { "",
                                             "/",
                                             "nonsense",
                                             "/local/domain/1/device/vbd/51712/mode",
                                             ROOT,
                                             ROOT "/",
                                             ROOT "//51712",
                                             ROOT "/-1/51712",
                                             ROOT "/01/51712",
                                             ROOT "/32752/51712/mode",
                                             ROOT "/99999999999999999999",
                                             ROOT "x/1/51712",
                                             ROOT "/1",
                                             ROOT "/1/",
                                             ROOT "/1/51712/\xff\xfe",
                                             "@releaseDomain" };

static void
test_strange_events (void)
{
  LiveXenstoreWorld world;
  LiveFakeXenstore *fake = open_all (&world);

  live_xenstore_world_wait_count (&world, 1, 2);
  for (gsize i = 0; i < G_N_ELEMENTS (strange_paths); i++)
    {
      live_fake_xenstore_fire (fake, strange_paths[i], NULL, 3);
      live_fake_xenstore_fire (fake, strange_paths[i], "", 1);
      live_fake_xenstore_fire (fake, strange_paths[i], "another token", 1);
    }
  set_disk (fake, 1, 51712, "xvda", "w", "7:0");
  live_fake_xenstore_fire (fake, ROOT "/1/51712/mode", NULL, 1);
  live_xenstore_world_wait_device (&world, 1, "xvda", FALSE, 7, 0);
  g_assert_cmpuint (world.n_changed, ==, 2);
  g_assert_cmpuint (world.n_connected, ==, 1);
  g_assert_cmpuint (world.n_disconnected, ==, 0);
  close_all (&world, fake);
}

/* A flood about one domain does not make a flood of readings. */
static void
test_flood (void)
{
  LiveXenstoreWorld world;
  LiveFakeXenstore *fake = open_all (&world);
  guint n_requests = 0;

  live_xenstore_world_wait_count (&world, 1, 2);
  g_assert_true (live_xenstore_world_refresh (&world, 1));
  n_requests = live_fake_xenstore_get_n_requests (fake);
  live_fake_xenstore_fire (fake, ROOT "/1/51712/state", NULL, 50000);
  set_disk (fake, 2, 51712, "xvda", "r", "7:2");
  live_fake_xenstore_fire (fake, ROOT "/2/51712/state", NULL, 1);
  live_xenstore_world_wait_device (&world, 2, "xvda", TRUE, 7, 2);
  g_test_message ("50000 events, %u requests", live_fake_xenstore_get_n_requests (fake) - n_requests);
  g_assert_cmpuint (live_fake_xenstore_get_n_requests (fake) - n_requests, <, 50000);
  g_assert_cmpuint (world.n_changed, ==, 2);
  close_all (&world, fake);
}

/* The connection with the watch ends while nothing is asked. */
static void
test_closed_while_quiet (void)
{
  LiveXenstoreWorld world;
  LiveFakeXenstore *fake = open_all (&world);

  live_xenstore_world_wait_count (&world, 1, 2);
  g_assert_true (live_xenstore_world_refresh (&world, 1));
  live_fake_xenstore_stop (fake);
  live_xenstore_world_wait_disconnected (&world, 1);
  live_xenstore_world_assert_unknown (&world, 1);
  live_fake_xenstore_start (fake);
  live_xenstore_world_wait_count (&world, 1, 2);
  live_xenstore_world_wait_connected (&world, 2);
  close_all (&world, fake);
}

static void
test_nobody (void)
{
  g_autofree char *directory = g_dir_make_tmp ("qubes-live-nobody-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "socket", NULL);
  g_autofree char *text = NULL;
  LiveXenstoreWorld world;

  live_xenstore_world_open (&world, path);
  live_xenstore_world_wait_disconnected (&world, 1);
  g_assert_error (world.reason, LIVE_ERROR, (int)LIVE_ERROR_NOT_FOUND);
  g_assert_nonnull (strstr (world.reason->message, path));
  for (guint i = 0; i < 20; i++)
    {
      live_xenstore_retry_now (world.store);
      g_assert_false (live_xenstore_world_refresh (&world, 1));
      g_assert_error (world.error, LIVE_ERROR, (int)LIVE_ERROR_NOT_FOUND);
    }
  live_xenstore_world_close (&world);

  /* What is no socket is not written to. */
  g_assert_true (g_file_set_contents (path, "precious", -1, NULL));
  live_xenstore_world_open (&world, path);
  live_xenstore_world_wait_disconnected (&world, 1);
  g_assert_error (world.reason, LIVE_ERROR, (int)LIVE_ERROR_NOT_FOUND);
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_cmpstr (text, ==, "precious");
  g_assert_cmpuint (world.n_disconnected, ==, 1);
  live_xenstore_world_close (&world);
  live_xenstore_world_check_threads ();
  g_unlink (path);
  g_rmdir (directory);
}

/* Pauses grow while nobody is there, so that nothing spins. */
static void
test_pauses (void)
{
  LiveXenstoreWorld world;
  LiveFakeXenstore *fake = open_all (&world);
  gint64 start = 0;

  live_fake_xenstore_set_fault (fake, LIVE_FAKE_FAULT_CLOSE, XS_WATCH, NULL, NULL);
  start = g_get_monotonic_time ();
  while (live_fake_xenstore_get_n_faults (fake) < 5)
    g_main_context_iteration (NULL, TRUE);
  /* 0.1, 0.2, 0.4 and 0.8 seconds. */
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 1500 * 1000);
  g_assert_cmpuint (world.n_disconnected, ==, 1);
  close_all (&world, fake);
}

static void
on_changed_stop (LiveXenstore *store, guint domid, gpointer data)
{
  live_xenstore_stop (store);
  live_xenstore_stop (store);
}

static void
on_changed_unref (LiveXenstore *store, guint domid, LiveXenstoreWorld *world)
{
  g_clear_object (&world->store);
}

static gboolean
is_gone (gpointer data)
{
  return ((LiveXenstoreWorld *)data)->store == NULL;
}

static gboolean
has_changed (gpointer data)
{
  return ((LiveXenstoreWorld *)data)->n_changed > 0;
}

static void
test_handlers (void)
{
  LiveXenstoreWorld world;
  LiveFakeXenstore *fake = open_all (&world);

  set_disk (fake, 2, 51712, "xvda", "r", "7:2");
  g_signal_connect (world.store, "domain-changed", G_CALLBACK (on_changed_stop), NULL);
  g_assert_true (live_test_wait (has_changed, &world, WAIT_SECONDS));
  g_assert_cmpuint (world.n_changed, ==, 1);
  live_xenstore_world_assert_unknown (&world, 1);
  close_all (&world, fake);

  fake = open_all (&world);
  set_disk (fake, 2, 51712, "xvda", "r", "7:2");
  g_signal_connect (world.store, "domain-changed", G_CALLBACK (on_changed_unref), &world);
  g_assert_true (live_test_wait (is_gone, &world, WAIT_SECONDS));
  g_assert_cmpuint (world.n_changed, ==, 1);
  close_all (&world, fake);
}

static void
on_cancelled (GObject *object, GAsyncResult *result, gpointer data)
{
  LiveXenstoreWorld *world = data;

  g_clear_error (&world->error);
  world->result = live_xenstore_refresh_finish (LIVE_XENSTORE (object), result, &world->error);
  world->is_refreshed = TRUE;
}

static gboolean
is_refreshed (gpointer data)
{
  return ((LiveXenstoreWorld *)data)->is_refreshed;
}

static void
test_cancelled (void)
{
  LiveXenstoreWorld world;
  LiveFakeXenstore *fake = open_all (&world);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  live_xenstore_world_wait_count (&world, 1, 2);
  live_xenstore_refresh_async (world.store, 1, cancellable, on_cancelled, &world);
  g_cancellable_cancel (cancellable);
  g_assert_true (live_test_wait (is_refreshed, &world, WAIT_SECONDS));
  g_assert_error (world.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);

  world.is_refreshed = FALSE;
  live_xenstore_refresh_async (world.store, 1, NULL, on_cancelled, &world);
  live_xenstore_stop (world.store);
  g_assert_true (live_test_wait (is_refreshed, &world, WAIT_SECONDS));
  g_assert_error (world.error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  close_all (&world, fake);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/xenstore-faults/good", test_good);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strconcat ("/xenstore-faults/", rows[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_fault);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (watch_rows); i++)
    {
      g_autofree char *path = g_strconcat ("/xenstore-faults/watch/", watch_rows[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_watch_fault);
    }
  g_test_add_func ("/xenstore-faults/silence", test_silence);
  g_test_add_func ("/xenstore-faults/strange-events", test_strange_events);
  g_test_add_func ("/xenstore-faults/flood", test_flood);
  g_test_add_func ("/xenstore-faults/closed-while-quiet", test_closed_while_quiet);
  g_test_add_func ("/xenstore-faults/nobody", test_nobody);
  g_test_add_func ("/xenstore-faults/pauses", test_pauses);
  g_test_add_func ("/xenstore-faults/handlers", test_handlers);
  g_test_add_func ("/xenstore-faults/cancelled", test_cancelled);
  return g_test_run ();
}
