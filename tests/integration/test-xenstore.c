/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* Against the real oxenstored. */

#include "test-bed.h"
#include "xenstore-fixture.h"
#include "xenstored.h"

#include "model/error.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define ROOT "/local/domain/0/backend/vbd"
#define N_DOMAINS 300

static void
close_all (LiveXenstoreWorld *world, LiveTestXenstored *xenstored)
{
  live_xenstore_world_close (world);
  live_xenstore_world_check_threads ();
  live_test_xenstored_free (xenstored);
}

static void
test_recorded (void)
{
  LiveTestXenstored *xenstored = live_test_xenstored_new ();
  LiveXenstoreWorld world;

  live_test_xenstored_attach (xenstored, 1, "xvda", "r", "7:0");
  live_test_xenstored_attach (xenstored, 1, "xvdc", "w", "fe:0");
  live_xenstore_world_open (&world, live_test_xenstored_get_socket (xenstored));
  live_xenstore_start (world.store);
  g_assert_false (live_xenstore_get_connected (world.store));
  live_xenstore_world_wait_connected (&world, 1);
  live_xenstore_world_wait_count (&world, 1, 2);
  live_xenstore_world_assert_device (&world, 1, "xvda", TRUE, 7, 0);
  live_xenstore_world_assert_device (&world, 1, "xvdc", FALSE, 254, 0);
  live_xenstore_world_assert_unknown (&world, 0);
  live_xenstore_world_assert_unknown (&world, 2);
  g_assert_cmpuint (world.n_disconnected, ==, 0);
  close_all (&world, xenstored);
}

/* As a qube starts, has a disk exchanged, and halts. */
static void
test_life (void)
{
  LiveTestXenstored *xenstored = live_test_xenstored_new ();
  LiveXenstoreWorld world;

  live_xenstore_world_open (&world, live_test_xenstored_get_socket (xenstored));
  live_xenstore_world_wait_connected (&world, 1);
  g_assert_true (live_xenstore_world_refresh (&world, 5));
  live_xenstore_world_assert_unknown (&world, 5);
  g_assert_cmpuint (world.n_changed, ==, 0);

  live_test_xenstored_attach (xenstored, 5, "xvda", "r", NULL);
  live_xenstore_world_wait_count (&world, 5, 1);
  {
    g_autoptr (GPtrArray) vbds = live_xenstore_get_vbds (world.store, 5);
    const LiveVbd *vbd = live_vbd_find (vbds, "xvda");

    g_assert_nonnull (vbd);
    g_assert_false (vbd->connected);
    g_assert_false (vbd->has_device);
    g_assert_true (vbd->read_only);
  }
  live_test_xenstored_plug (xenstored, 5, "xvda", "fd:a");
  live_xenstore_world_wait_device (&world, 5, "xvda", TRUE, 253, 10);
  live_test_xenstored_attach (xenstored, 5, "xvdb", "w", "fd:b");
  live_xenstore_world_wait_device (&world, 5, "xvdb", FALSE, 253, 11);
  live_xenstore_world_assert_device (&world, 5, "xvda", TRUE, 253, 10);

  live_test_xenstored_detach (xenstored, 5, "xvda");
  live_xenstore_world_wait_count (&world, 5, 1);
  live_test_xenstored_attach (xenstored, 5, "xvda", "w", "fd:a");
  live_xenstore_world_wait_device (&world, 5, "xvda", FALSE, 253, 10);

  live_test_xenstored_forget_domain (xenstored, 5);
  live_xenstore_world_wait_count (&world, 5, 0);
  g_assert_cmpuint (world.last_changed, ==, 5);
  g_assert_cmpuint (world.n_connected, ==, 1);
  close_all (&world, xenstored);
}

/* The same number, another domain: nothing of the first one is left, whatever was missed between. */
static void
test_reused (void)
{
  LiveTestXenstored *xenstored = live_test_xenstored_new ();
  LiveXenstoreWorld world;

  live_xenstore_world_open (&world, live_test_xenstored_get_socket (xenstored));
  live_xenstore_world_wait_connected (&world, 1);
  for (guint round = 0; round < 20; round++)
    {
      gboolean is_first = round % 2 == 0;
      g_autofree char *device = g_strdup_printf ("fe:%x", round);

      live_test_xenstored_attach (xenstored, 9, is_first ? "xvda" : "xvdb", is_first ? "r" : "w", device);
      live_xenstore_world_wait_device (&world, 9, is_first ? "xvda" : "xvdb", is_first, 254, round);
      live_xenstore_world_wait_count (&world, 9, 1);
      live_test_xenstored_forget_domain (xenstored, 9);
    }
  close_all (&world, xenstored);
}

/* Gone between the event and the reading, again and again. */
static void
test_vanishing (void)
{
  LiveTestXenstored *xenstored = live_test_xenstored_new ();
  LiveXenstoreWorld world;

  live_xenstore_world_open (&world, live_test_xenstored_get_socket (xenstored));
  live_xenstore_world_wait_connected (&world, 1);
  for (guint round = 0; round < 100; round++)
    {
      live_test_xenstored_attach (xenstored, 20 + round % 3, "xvda", "r", "7:1");
      live_test_xenstored_forget_domain (xenstored, 20 + round % 3);
      g_main_context_iteration (NULL, FALSE);
    }
  /* The last readings come after the last changes. */
  for (guint domid = 20; domid < 23; domid++)
    {
      g_assert_true (live_xenstore_world_refresh (&world, domid));
      live_xenstore_world_assert_unknown (&world, domid);
    }
  /* All at once, and the directory with them. */
  live_test_xenstored_attach (xenstored, 30, "xvda", "r", "7:1");
  live_test_xenstored_attach (xenstored, 31, "xvda", "r", "7:2");
  live_xenstore_world_wait_device (&world, 30, "xvda", TRUE, 7, 1);
  live_xenstore_world_wait_device (&world, 31, "xvda", TRUE, 7, 2);
  live_test_xenstored_remove (xenstored, "/local/domain/0/backend");
  live_xenstore_world_wait_count (&world, 30, 0);
  live_xenstore_world_wait_count (&world, 31, 0);
  live_test_xenstored_attach (xenstored, 32, "xvda", "r", "7:3");
  live_xenstore_world_wait_device (&world, 32, "xvda", TRUE, 7, 3);
  g_assert_cmpuint (world.n_connected, ==, 1);
  g_assert_cmpuint (world.n_disconnected, ==, 0);
  close_all (&world, xenstored);
}

static void
test_garbage (void)
{
  static const char *const keys[] = { "dev", "mode", "physical-device", "hotplug-status", "state", "params" };
  LiveTestXenstored *xenstored = live_test_xenstored_new ();
  LiveXenstoreWorld world;
  char large[3900];

  /* 0xff is never in UTF-8, and 0 is at the end of C's texts. */
  memset (large, 0xff, sizeof (large));
  for (gsize i = 0; i < sizeof (large); i += 100)
    large[i] = '\0';
  live_xenstore_world_open (&world, live_test_xenstored_get_socket (xenstored));
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *path = live_test_xenstored_path (3, "xvda", keys[i]);
      g_autofree char *other = live_test_xenstored_path (3, "xvdb", keys[i]);

      live_test_xenstored_write (xenstored, path, large, sizeof (large));
      live_test_xenstored_write (xenstored, other, "", 0);
    }
  live_test_xenstored_write (xenstored, ROOT "/3/something/mode", "r", -1);
  live_test_xenstored_write (xenstored, ROOT "/3/051712/mode", "r", -1);
  live_test_xenstored_write (xenstored, ROOT "/3/99999999999/mode", "r", -1);
  live_test_xenstored_write (xenstored, ROOT "/something/51712/mode", "r", -1);
  live_test_xenstored_write (xenstored, ROOT "/003/51712/mode", "r", -1);
  live_test_xenstored_write (xenstored, ROOT "/99999999999/51712/mode", "r", -1);
  live_test_xenstored_write (xenstored, ROOT "/32752/51712/mode", "r", -1);
  /* A value in the place of a directory. */
  live_test_xenstored_write (xenstored, ROOT "/4", "value", -1);
  live_test_xenstored_attach (xenstored, 3, "xvdc", "w", "fe:0");
  live_xenstore_world_wait_device (&world, 3, "xvdc", FALSE, 254, 0);
  g_assert_true (live_xenstore_world_refresh (&world, 3));
  live_xenstore_world_wait_count (&world, 3, 6);
  {
    g_autoptr (GPtrArray) vbds = live_xenstore_get_vbds (world.store, 3);
    guint n_unnumbered = 0;

    for (guint i = 0; i < vbds->len; i++)
      {
        const LiveVbd *vbd = g_ptr_array_index (vbds, i);

        if (vbd->devid == 51744)
          continue;
        n_unnumbered += vbd->devid == 0;
        g_assert_false (vbd->connected);
        g_assert_false (vbd->read_only);
        g_assert_false (vbd->has_device);
        g_assert_null (vbd->dev);
      }
    g_assert_cmpuint (n_unnumbered, ==, 3);
  }
  g_assert_true (live_xenstore_world_refresh (&world, 4));
  live_xenstore_world_assert_unknown (&world, 4);
  live_xenstore_world_assert_unknown (&world, 32752);
  g_assert_cmpuint (world.n_connected, ==, 1);
  close_all (&world, xenstored);
}

/* How long the main loop was at work between two sleeps, in processor time: neighbours do not count. */
static gint64 turn_start;
static gint64 longest_turn;

static gint64
get_own_time (void)
{
  struct timespec now;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

static gint
poll_and_measure (GPollFD *descriptors, guint n_descriptors, gint timeout)
{
  gint result = 0;

  if (turn_start != 0)
    longest_turn = MAX (longest_turn, get_own_time () - turn_start);
  result = g_poll (descriptors, n_descriptors, timeout);
  turn_start = get_own_time ();
  return result;
}

static gboolean
has_all (gpointer data)
{
  LiveXenstoreWorld *world = data;

  for (guint domid = 1; domid <= N_DOMAINS; domid++)
    {
      g_autoptr (GPtrArray) vbds = live_xenstore_get_vbds (world->store, domid);

      if (vbds == NULL || vbds->len != 3)
        return FALSE;
      for (guint i = 0; i < vbds->len; i++)
        if (!((const LiveVbd *)g_ptr_array_index (vbds, i))->connected)
          return FALSE;
    }
  return TRUE;
}

static void
attach_all (LiveTestXenstored *xenstored)
{
  for (guint domid = 1; domid <= N_DOMAINS; domid++)
    {
      g_autofree char *device = g_strdup_printf ("fd:%x", domid);

      live_test_xenstored_attach (xenstored, domid, "xvda", "r", device);
      live_test_xenstored_attach (xenstored, domid, "xvdb", "w", device);
      live_test_xenstored_attach (xenstored, domid, "xvdc", "w", device);
    }
}

static void
assert_all (LiveXenstoreWorld *world)
{
  for (guint domid = 1; domid <= N_DOMAINS; domid++)
    {
      live_xenstore_world_assert_device (world, domid, "xvda", TRUE, 253, domid);
      live_xenstore_world_assert_device (world, domid, "xvdb", FALSE, 253, domid);
      live_xenstore_world_assert_device (world, domid, "xvdc", FALSE, 253, domid);
    }
}

static void
test_many (void)
{
  LiveTestXenstored *xenstored = live_test_xenstored_new ();
  LiveXenstoreWorld world;
  gint64 start = 0;

  longest_turn = turn_start = 0;
  live_xenstore_world_open (&world, live_test_xenstored_get_socket (xenstored));
  live_xenstore_world_wait_connected (&world, 1);
  start = g_get_monotonic_time ();
  attach_all (xenstored);
  g_test_message ("%d domains written in %.0f ms", N_DOMAINS, (double)(g_get_monotonic_time () - start) / 1000);
  start = g_get_monotonic_time ();
  g_assert_true (live_test_wait (has_all, &world, 60));
  g_test_message ("all known %.0f ms later, %u changes", (double)(g_get_monotonic_time () - start) / 1000,
                  world.n_changed);
  assert_all (&world);
  live_xenstore_world_close (&world);

  /* All there from the beginning: now only the main loop's own work is measured. */
  live_xenstore_world_open (&world, live_test_xenstored_get_socket (xenstored));
  g_main_context_set_poll_func (NULL, poll_and_measure);
  start = g_get_monotonic_time ();
  while (world.n_changed < N_DOMAINS)
    g_main_context_iteration (NULL, TRUE);
  g_main_context_set_poll_func (NULL, g_poll);
  g_test_message ("first reading of all took %.0f ms; the longest turn of the main loop %.2f ms",
                  (double)(g_get_monotonic_time () - start) / 1000, (double)longest_turn / 1000);
  g_assert_cmpint (longest_turn, <=, 5000);
  assert_all (&world);
  g_assert_cmpuint (world.n_changed, ==, N_DOMAINS);
  close_all (&world, xenstored);
}

static void
test_restart (void)
{
  LiveTestXenstored *xenstored = live_test_xenstored_new ();
  LiveXenstoreWorld world;

  live_test_xenstored_attach (xenstored, 1, "xvda", "r", "7:0");
  live_test_xenstored_attach (xenstored, 2, "xvda", "r", "7:1");
  live_xenstore_world_open (&world, live_test_xenstored_get_socket (xenstored));
  live_xenstore_world_wait_device (&world, 1, "xvda", TRUE, 7, 0);
  live_xenstore_world_wait_device (&world, 2, "xvda", TRUE, 7, 1);

  live_test_xenstored_stop (xenstored);
  live_xenstore_world_wait_disconnected (&world, 1);
  g_assert_error (world.reason, LIVE_ERROR, (int)LIVE_ERROR_FAILED);
  live_xenstore_world_assert_unknown (&world, 1);
  live_xenstore_world_assert_unknown (&world, 2);
  g_assert_false (live_xenstore_world_refresh (&world, 1));
  g_assert_error (world.error, LIVE_ERROR, (int)LIVE_ERROR_NOT_FOUND);

  live_test_xenstored_start (xenstored);
  live_test_xenstored_attach (xenstored, 2, "xvda", "w", "7:2");
  live_xenstore_world_wait_device (&world, 2, "xvda", FALSE, 7, 2);
  live_xenstore_world_wait_connected (&world, 2);
  g_assert_true (live_xenstore_world_refresh (&world, 1));
  live_xenstore_world_assert_unknown (&world, 1);
  g_assert_cmpuint (world.n_disconnected, ==, 1);
  close_all (&world, xenstored);
}

static void
test_stop (void)
{
  LiveTestXenstored *xenstored = live_test_xenstored_new ();
  LiveXenstoreWorld world;

  live_test_xenstored_attach (xenstored, 1, "xvda", "r", "7:0");
  live_xenstore_world_open (&world, live_test_xenstored_get_socket (xenstored));
  live_xenstore_world_wait_device (&world, 1, "xvda", TRUE, 7, 0);
  for (guint round = 1; round <= 20; round++)
    {
      guint n_changed = 0;

      live_xenstore_stop (world.store);
      live_xenstore_world_assert_unknown (&world, 1);
      g_assert_false (live_xenstore_get_connected (world.store));
      n_changed = world.n_changed;
      live_xenstore_start (world.store);
      /* Half of them are stopped while they connect. */
      if (round % 2 == 0)
        {
          live_xenstore_world_wait_device (&world, 1, "xvda", TRUE, 7, 0);
          g_assert_cmpuint (world.n_changed, ==, n_changed + 1);
        }
    }
  live_xenstore_world_wait_connected (&world, 11);
  g_assert_cmpuint (world.n_disconnected, ==, 0);
  close_all (&world, xenstored);
}

/* What a guest may do with the rights of a guest. */
static void
test_guest (void)
{
  static const char *const own[]
      = { "/local/domain/7/device/vbd/51712/backend", "/local/domain/7/device/vbd/51712/mode",
          "/local/domain/7/backend/vbd/7/51712/mode", "/local/domain/7/data/mode" };
  LiveTestXenstored *xenstored = live_test_xenstored_new ();
  LiveXenstoreWorld world;
  g_autofree char *garbage = g_strnfill (900, '\xff');
  guint n_changed = 0;

  live_test_xenstored_introduce (xenstored, 7);
  live_test_xenstored_attach (xenstored, 7, "xvda", "w", "fe:7");
  live_xenstore_world_open (&world, live_test_xenstored_get_socket (xenstored));
  live_xenstore_world_wait_device (&world, 7, "xvda", FALSE, 254, 7);
  n_changed = world.n_changed;

  for (gsize i = 0; i < G_N_ELEMENTS (own); i++)
    {
      g_assert_cmpint (live_test_xenstored_guest_write (xenstored, 7, own[i], "r"), ==, 0);
      g_assert_cmpint (live_test_xenstored_guest_write (xenstored, 7, own[i], garbage), ==, 0);
    }
  g_assert_cmpint (live_test_xenstored_guest_write (xenstored, 7, ROOT "/7/51712/mode", "r"), ==, EACCES);
  g_assert_cmpint (live_test_xenstored_guest_write (xenstored, 7, ROOT "/7/51728/mode", "r"), ==, EACCES);
  g_assert_cmpint (live_test_xenstored_guest_write (xenstored, 7, ROOT "/8/51712/mode", "r"), ==, EACCES);
  g_assert_cmpint (live_test_xenstored_guest_remove (xenstored, 7, ROOT "/7/51712"), ==, EACCES);
  g_assert_true (live_xenstore_world_refresh (&world, 7));
  live_xenstore_world_wait_count (&world, 7, 1);
  live_xenstore_world_assert_device (&world, 7, "xvda", FALSE, 254, 7);
  g_assert_true (live_xenstore_world_refresh (&world, 8));
  live_xenstore_world_assert_unknown (&world, 8);
  g_assert_cmpint (live_test_xenstored_guest_remove (xenstored, 7, "/local/domain/7/device"), ==, 0);
  g_assert_true (live_xenstore_world_refresh (&world, 7));
  live_xenstore_world_assert_device (&world, 7, "xvda", FALSE, 254, 7);
  g_assert_cmpuint (world.n_changed, ==, n_changed);
  close_all (&world, xenstored);
}

static void
test_refresh (void)
{
  LiveTestXenstored *xenstored = live_test_xenstored_new ();
  LiveXenstoreWorld world;

  live_xenstore_world_open (&world, live_test_xenstored_get_socket (xenstored));
  g_assert_false (live_xenstore_world_refresh (&world, 1));
  g_assert_error (world.error, LIVE_ERROR, (int)LIVE_ERROR_NOT_FOUND);
  live_xenstore_world_wait_connected (&world, 1);
  /* What was written before the call is known after it, event or not. */
  for (guint round = 0; round < 100; round++)
    {
      g_autofree char *device = g_strdup_printf ("fe:%x", round);

      live_test_xenstored_attach (xenstored, 1, "xvda", round % 2 == 0 ? "r" : "w", device);
      g_assert_true (live_xenstore_world_refresh (&world, 1));
      live_xenstore_world_assert_device (&world, 1, "xvda", round % 2 == 0, 254, round);
    }
  g_assert_false (live_xenstore_world_refresh (&world, 0x7ff0));
  g_assert_error (world.error, LIVE_ERROR, (int)LIVE_ERROR_NOT_FOUND);
  g_assert_cmpuint (world.n_connected, ==, 1);
  close_all (&world, xenstored);
}

/* A store that is there and does not answer: the main loop goes on, what was known is given up after ten seconds, and
 * it is all there again when the store is. */
static void
test_frozen (void)
{
  LiveTestXenstored *xenstored = live_test_xenstored_new ();
  LiveXenstoreWorld world;

  live_test_xenstored_attach (xenstored, 1, "xvda", "r", "7:0");
  live_xenstore_world_open (&world, live_test_xenstored_get_socket (xenstored));
  live_xenstore_world_wait_device (&world, 1, "xvda", TRUE, 7, 0);
  longest_turn = turn_start = 0;
  g_main_context_set_poll_func (NULL, poll_and_measure);
  live_test_xenstored_freeze (xenstored);
  g_assert_false (live_xenstore_world_refresh (&world, 1));
  g_assert_error (world.error, LIVE_ERROR, (int)LIVE_ERROR_FAILED);
  g_assert_cmpuint (world.n_disconnected, ==, 1);
  live_xenstore_world_assert_unknown (&world, 1);
  g_main_context_set_poll_func (NULL, g_poll);
  g_assert_cmpint (longest_turn, <=, 5000);
  live_test_xenstored_thaw (xenstored);
  live_xenstore_world_wait_device (&world, 1, "xvda", TRUE, 7, 0);
  live_xenstore_world_wait_connected (&world, 2);
  close_all (&world, xenstored);
}

static gint64
get_timeout (void)
{
  GMainContext *context = g_main_context_default ();
  gint priority = 0;
  gint timeout = 0;

  g_assert_true (g_main_context_acquire (context));
  g_main_context_prepare (context, &priority);
  g_main_context_query (context, priority, &timeout, NULL, 0);
  g_main_context_check (context, priority, NULL, 0);
  g_main_context_release (context);
  return timeout;
}

static gboolean
has_no_timer (gpointer data)
{
  return get_timeout () < 0;
}

/* Connected and with nothing to do, there is not even a timer; and what does not change anything is not told. */
static void
test_quiet (void)
{
  LiveTestXenstored *xenstored = live_test_xenstored_new ();
  g_autofree char *params = live_test_xenstored_path (1, "xvda", "params");
  LiveXenstoreWorld world;
  gint64 deadline = 0;
  guint n_changed = 0;

  live_test_xenstored_attach (xenstored, 1, "xvda", "r", "7:0");
  live_xenstore_world_open (&world, live_test_xenstored_get_socket (xenstored));
  live_xenstore_world_wait_device (&world, 1, "xvda", TRUE, 7, 0);
  g_assert_true (live_xenstore_world_refresh (&world, 1));
  n_changed = world.n_changed;
  for (guint i = 0; i < 50; i++)
    live_test_xenstored_write (xenstored, params, i % 2 == 0 ? "/dev/one" : "/dev/other", -1);
  g_assert_true (live_xenstore_world_refresh (&world, 1));
  g_assert_cmpuint (world.n_changed, ==, n_changed);

  /* Without live_test_wait(), which has a timer. */
  deadline = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;
  while (!has_no_timer (NULL) && g_get_monotonic_time () < deadline)
    g_main_context_iteration (NULL, FALSE);
  g_assert_cmpint (get_timeout (), ==, -1);
  close_all (&world, xenstored);
}

static int
compare_times (gconstpointer one, gconstpointer other)
{
  gint64 a = *(const gint64 *)one;
  gint64 b = *(const gint64 *)other;

  return a < b ? -1 : a > b;
}

/* From the end of the write, as its writer sees it, to the signal. */
static void
test_latency (void)
{
  enum
  {
    N_ROUNDS = 500
  };
  LiveTestXenstored *xenstored = live_test_xenstored_new ();
  g_autofree char *mode = live_test_xenstored_path (1, "xvda", "mode");
  gint64 times[N_ROUNDS];
  LiveXenstoreWorld world;

  for (guint domid = 1; domid <= 20; domid++)
    {
      live_test_xenstored_attach (xenstored, domid, "xvda", "r", "7:0");
      live_test_xenstored_attach (xenstored, domid, "xvdb", "w", "7:1");
      live_test_xenstored_attach (xenstored, domid, "xvdc", "w", "7:2");
    }
  live_xenstore_world_open (&world, live_test_xenstored_get_socket (xenstored));
  live_xenstore_world_wait_count (&world, 20, 3);
  g_assert_true (live_xenstore_world_refresh (&world, 1));
  for (guint round = 0; round < N_ROUNDS; round++)
    {
      guint n_changed = world.n_changed;
      gint64 start = 0;

      live_test_xenstored_write (xenstored, mode, round % 2 == 0 ? "w" : "r", -1);
      start = g_get_monotonic_time ();
      while (world.n_changed == n_changed)
        g_main_context_iteration (NULL, TRUE);
      times[round] = g_get_monotonic_time () - start;
      live_xenstore_world_assert_device (&world, 1, "xvda", round % 2 != 0, 7, 0);
    }
  qsort (times, N_ROUNDS, sizeof (times[0]), compare_times);
  g_test_message ("from the write to the signal: median %.2f ms, p99 %.2f ms, most %.2f ms",
                  (double)times[N_ROUNDS / 2] / 1000, (double)times[N_ROUNDS * 99 / 100] / 1000,
                  (double)times[N_ROUNDS - 1] / 1000);
  g_assert_cmpint (times[N_ROUNDS / 2], <, 1000 * 1000);
  close_all (&world, xenstored);
}

static void
check_pair (LiveXenstore *store, guint domid, guint *n_seen)
{
  g_autoptr (GPtrArray) vbds = live_xenstore_get_vbds (store, domid);
  const LiveVbd *vbd = live_vbd_find (vbds, "xvda");

  g_assert_nonnull (vbd);
  g_assert_cmpint (vbd->read_only, ==, vbd->minor == 1);
  ++*n_seen;
}

/* Mode and device are never those of two moments. */
static void
test_one_moment (void)
{
  LiveTestXenstored *xenstored = live_test_xenstored_new ();
  LiveXenstoreWorld world;
  guint n_seen = 0;

  live_test_xenstored_attach (xenstored, 1, "xvda", "r", "fe:1");
  live_xenstore_world_open (&world, live_test_xenstored_get_socket (xenstored));
  live_xenstore_world_wait_device (&world, 1, "xvda", TRUE, 254, 1);
  g_signal_connect (world.store, "domain-changed", G_CALLBACK (check_pair), &n_seen);
  for (guint round = 0; round < 4000; round++)
    {
      gboolean is_read_only = round % 2 != 0;

      live_test_xenstored_exchange (xenstored, 1, "xvda", is_read_only ? "r" : "w", is_read_only ? "fe:1" : "fe:2");
      while (g_main_context_iteration (NULL, FALSE))
        ;
    }
  live_xenstore_world_wait_device (&world, 1, "xvda", TRUE, 254, 1);
  g_test_message ("%u of 4000 seen", n_seen);
  g_assert_cmpuint (n_seen, >, 0);
  close_all (&world, xenstored);
}

static const struct
{
  const char *path;
  GTestFunc function;
} tests[] = {
  { "/xenstore/one-moment", test_one_moment },
  { "/xenstore/recorded", test_recorded },
  { "/xenstore/life", test_life },
  { "/xenstore/reused", test_reused },
  { "/xenstore/vanishing", test_vanishing },
  { "/xenstore/garbage", test_garbage },
  { "/xenstore/many", test_many },
  { "/xenstore/restart", test_restart },
  { "/xenstore/stop", test_stop },
  { "/xenstore/guest", test_guest },
  { "/xenstore/refresh", test_refresh },
  { "/xenstore/frozen", test_frozen },
  { "/xenstore/quiet", test_quiet },
  { "/xenstore/latency", test_latency },
};

static void
skip (void)
{
  g_test_skip ("oxenstored is not installed");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_func (tests[i].path, live_test_xenstored_is_installed () ? tests[i].function : skip);
  return g_test_run ();
}
