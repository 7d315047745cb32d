/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "fake-qubesd.h"

#include "model/error.h"
#include "sources/qubesd-event-parser.h"
#include "sources/qubesd-events.h"

#include <string.h>

static const struct
{
  const char *version;
  guint n_events;
} recordings[] = { { "4.2", 51 }, { "4.3", 47 }, { "4.4", 47 } };

static GBytes *
load (const char *version)
{
  g_autofree char *directory = g_strdup_printf ("qubesd-%s", version);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", directory, "events.bin", NULL);
  g_autoptr (GError) error = NULL;
  char *data = NULL;
  gsize length = 0;

  g_file_get_contents (path, &data, &length, &error);
  g_assert_no_error (error);
  return g_bytes_new_take (data, length);
}

/* One event as a frame again: what is parsed and written must be what was read. */
static void
append_frame (GByteArray *bytes, const char *subject, const char *name, const char *const *key_values)
{
  g_byte_array_append (bytes, (const guint8 *)"1", 2);
  g_byte_array_append (bytes, (const guint8 *)subject, (guint)strlen (subject) + 1);
  g_byte_array_append (bytes, (const guint8 *)name, (guint)strlen (name) + 1);
  for (gsize i = 0; key_values[i] != NULL; i++)
    g_byte_array_append (bytes, (const guint8 *)key_values[i], (guint)strlen (key_values[i]) + 1);
  g_byte_array_append (bytes, (const guint8 *)"", 1);
}

static guint
take_all (LiveQubesdEventParser *parser, GByteArray *bytes)
{
  guint n_events = 0;

  while (TRUE)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (LiveQubesdEvent) event = live_qubesd_event_parser_next (parser, &error);

      g_assert_no_error (error);
      if (event == NULL)
        return n_events;
      append_frame (bytes, event->subject, event->name, (const char *const *)event->key_values);
      n_events++;
    }
}

static void
test_split (void)
{
  for (gsize v = 0; v < G_N_ELEMENTS (recordings); v++)
    {
      g_autoptr (GBytes) recording = load (recordings[v].version);
      gsize length = 0;
      const guint8 *data = g_bytes_get_data (recording, &length);

      /* In pieces of every size, from single bytes to everything at once. */
      for (gsize size = 1; size <= length; size = size < 40 ? size + 1 : size * 3 / 2)
        {
          g_autoptr (LiveQubesdEventParser) parser = live_qubesd_event_parser_new ();
          g_autoptr (GByteArray) bytes = g_byte_array_new ();
          guint n_events = 0;

          for (gsize at = 0; at < length; at += size)
            {
              live_qubesd_event_parser_feed (parser, data + at, MIN (size, length - at));
              n_events += take_all (parser, bytes);
            }
          g_assert_cmpuint (n_events, ==, recordings[v].n_events);
          g_assert_cmpmem (bytes->data, bytes->len, data, length);
        }
      /* In two, cut at every position. */
      for (gsize cut = 0; cut <= length; cut++)
        {
          g_autoptr (LiveQubesdEventParser) parser = live_qubesd_event_parser_new ();
          g_autoptr (GByteArray) bytes = g_byte_array_new ();

          live_qubesd_event_parser_feed (parser, data, cut);
          take_all (parser, bytes);
          g_assert_cmpuint (bytes->len, <=, cut);
          live_qubesd_event_parser_feed (parser, data + cut, length - cut);
          take_all (parser, bytes);
          g_assert_cmpmem (bytes->data, bytes->len, data, length);
        }
    }
}

static void
test_values (void)
{
  static const char stream[] = "1\0\0property-set:x\0name\0x\0newvalue\0\0oldvalue\0\0\0"
                               "1\0a\0\0\0"
                               "1\0a\0e\0k\0\xff\xfe\0\0";
  const char *const first[] = { "name", "x", "newvalue", "", "oldvalue", "", NULL };
  const char *const third[] = { "k", "\xef\xbf\xbd\xef\xbf\xbd", NULL };
  g_autoptr (LiveQubesdEventParser) parser = live_qubesd_event_parser_new ();
  g_autoptr (LiveQubesdEvent) empty_values = NULL;
  g_autoptr (LiveQubesdEvent) empty_name = NULL;
  g_autoptr (LiveQubesdEvent) not_utf8 = NULL;

  live_qubesd_event_parser_feed (parser, (const guint8 *)stream, sizeof (stream) - 1);
  empty_values = live_qubesd_event_parser_next (parser, NULL);
  empty_name = live_qubesd_event_parser_next (parser, NULL);
  not_utf8 = live_qubesd_event_parser_next (parser, NULL);
  g_assert_cmpstr (empty_values->subject, ==, "");
  g_assert_cmpstr (empty_values->name, ==, "property-set:x");
  g_assert_cmpstrv (empty_values->key_values, first);
  g_assert_cmpstr (live_qubesd_event_get_value ((const char *const *)empty_values->key_values, "name"), ==, "x");
  g_assert_cmpstr (live_qubesd_event_get_value ((const char *const *)empty_values->key_values, "oldvalue"), ==, "");
  g_assert_null (live_qubesd_event_get_value ((const char *const *)empty_values->key_values, "x"));
  g_assert_cmpstr (empty_name->subject, ==, "a");
  g_assert_cmpstr (empty_name->name, ==, "");
  g_assert_cmpuint (g_strv_length (empty_name->key_values), ==, 0);
  g_assert_cmpstrv (not_utf8->key_values, third);
}

static void
test_malformed (void)
{
  static const struct
  {
    const char *stream;
    gsize length;
    LiveError code;
  } cases[] = {
    { "x", 1, LIVE_ERROR_PROTOCOL },
    { "0\0", 2, LIVE_ERROR_PROTOCOL },
    { "\0", 1, LIVE_ERROR_PROTOCOL },
    { "11", 2, LIVE_ERROR_PROTOCOL },
    { "1\0\0e\0\0\0", 7, LIVE_ERROR_PROTOCOL },
    { "2\0ProtocolError\0\0no\0", 20, LIVE_ERROR_PROTOCOL },
    { "2\0QubesVMNotFoundError\0\0no\0", 27, LIVE_ERROR_NOT_FOUND },
    { "2\0\0\0\0", 5, LIVE_ERROR_PROTOCOL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LiveQubesdEventParser) parser = live_qubesd_event_parser_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (GError) again = NULL;
      LiveQubesdEvent *event = NULL;

      live_qubesd_event_parser_feed (parser, (const guint8 *)cases[i].stream, cases[i].length);
      while ((event = live_qubesd_event_parser_next (parser, &error)) != NULL)
        live_qubesd_event_free (event);
      g_assert_error (error, LIVE_ERROR, (gint)cases[i].code);
      g_assert_null (live_qubesd_event_parser_next (parser, &again));
      g_assert_error (again, LIVE_ERROR, LIVE_ERROR_PROTOCOL);
    }
}

static void
test_limit (void)
{
  g_autofree guint8 *value = g_malloc (LIVE_QUBESD_EVENT_MAX);
  g_autoptr (LiveQubesdEventParser) parser = live_qubesd_event_parser_new ();
  g_autoptr (LiveQubesdEventParser) endless = live_qubesd_event_parser_new ();
  g_autoptr (LiveQubesdEventParser) endless_error = live_qubesd_event_parser_new ();
  g_autoptr (LiveQubesdEvent) event = NULL;
  g_autoptr (GError) error = NULL;

  memset (value, 'a', LIVE_QUBESD_EVENT_MAX);
  live_qubesd_event_parser_feed (parser, (const guint8 *)"1\0a\0e\0k\0", 8);
  live_qubesd_event_parser_feed (parser, value, LIVE_QUBESD_EVENT_MAX - 10);
  g_assert_null (live_qubesd_event_parser_next (parser, &error));
  g_assert_no_error (error);
  live_qubesd_event_parser_feed (parser, (const guint8 *)"\0", 2);
  event = live_qubesd_event_parser_next (parser, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (strlen (event->key_values[1]), ==, LIVE_QUBESD_EVENT_MAX - 10);

  live_qubesd_event_parser_feed (endless, (const guint8 *)"1\0a\0e\0k\0", 8);
  live_qubesd_event_parser_feed (endless, value, LIVE_QUBESD_EVENT_MAX);
  g_assert_null (live_qubesd_event_parser_next (endless, &error));
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL);
  g_clear_error (&error);
  live_qubesd_event_parser_feed (endless_error, (const guint8 *)"2", 2);
  live_qubesd_event_parser_feed (endless_error, value, LIVE_QUBESD_EVENT_MAX);
  g_assert_null (live_qubesd_event_parser_next (endless_error, &error));
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL);
}

static void
test_garbage (void)
{
  GRand *rand = g_rand_new_with_seed (20260103);
  guint n_rounds = g_test_thorough () ? 50000 : 2000;

  for (guint round = 0; round < n_rounds; round++)
    {
      g_autoptr (GBytes) recording = load (recordings[round % G_N_ELEMENTS (recordings)].version);
      g_autoptr (GByteArray) bytes = g_bytes_unref_to_array (g_steal_pointer (&recording));
      g_autoptr (LiveQubesdEventParser) parser = live_qubesd_event_parser_new ();
      gboolean is_broken = FALSE;
      guint at = 0;

      for (gint i = g_rand_int_range (rand, 1, 8); i > 0; i--)
        bytes->data[g_rand_int_range (rand, 0, (gint32)bytes->len)]
            = g_rand_boolean (rand) ? '\0' : (guint8)g_rand_int_range (rand, 0, 256);
      while (at < bytes->len && !is_broken)
        {
          guint wanted = (guint)g_rand_int_range (rand, 1, 500);
          guint length = MIN (bytes->len - at, wanted);
          /* A copy, so that the sanitizer sees one byte too many. */
          g_autofree guint8 *piece = g_memdup2 (bytes->data + at, length);

          live_qubesd_event_parser_feed (parser, piece, length);
          at += length;
          while (TRUE)
            {
              g_autoptr (GError) error = NULL;
              g_autoptr (LiveQubesdEvent) event = live_qubesd_event_parser_next (parser, &error);

              g_assert_false (event != NULL && error != NULL);
              if (error != NULL)
                {
                  g_assert_true (error->domain == LIVE_ERROR);
                  is_broken = TRUE;
                }
              if (event == NULL)
                break;
              g_assert_true (g_utf8_validate (event->subject, -1, NULL));
              g_assert_true (g_utf8_validate (event->name, -1, NULL));
              g_assert_cmpuint (g_strv_length (event->key_values) % 2, ==, 0);
            }
        }
    }
  g_rand_free (rand);
}

/* The stream over a socket. */

#define ESTABLISHED "1\0\0connection-established\0\0"
#define ESTABLISHED_LENGTH 27

typedef struct
{
  FakeQubesd *server;
  LiveQubesdEvents *events;
  guint n_connected;
  guint n_disconnected;
  guint n_events;
  GError *reason;
  GByteArray *bytes;
  guint wanted;

  /* What the handlers do. */
  gboolean stop_in_event;
  gboolean unref_in_event;
} World;

static void
on_connected (LiveQubesdEvents *events, World *world)
{
  g_assert_true (live_qubesd_events_get_connected (events));
  world->n_connected++;
}

static void
on_disconnected (LiveQubesdEvents *events, const GError *reason, World *world)
{
  g_assert_false (live_qubesd_events_get_connected (events));
  world->n_disconnected++;
  g_clear_error (&world->reason);
  world->reason = g_error_copy (reason);
}

static void
on_event (LiveQubesdEvents *events, const char *subject, const char *name, GStrv key_values, World *world)
{
  world->n_events++;
  append_frame (world->bytes, subject, name, (const char *const *)key_values);
  if (world->stop_in_event)
    live_qubesd_events_stop (events);
  if (world->unref_in_event)
    g_clear_object (&world->events);
}

static void
send_established (FakeQubesd *server, FakeConnection *connection, GBytes *request, gpointer data)
{
  fake_connection_send (connection, ESTABLISHED, ESTABLISHED_LENGTH, FALSE);
}

static void
send_nothing (FakeQubesd *server, FakeConnection *connection, GBytes *request, gpointer data)
{
}

static void
send_end (FakeQubesd *server, FakeConnection *connection, GBytes *request, gpointer data)
{
  g_array_append_vals (data, &(gint64){ g_get_monotonic_time () }, 1);
  fake_connection_send (connection, NULL, 0, TRUE);
}

static void
world_open (World *world, FakeQubesdHandler handler, gpointer data)
{
  *world = (World){ .server = fake_qubesd_new (handler, data), .bytes = g_byte_array_new () };
  world->events = live_qubesd_events_new (world->server->path);
  g_signal_connect (world->events, "connected", G_CALLBACK (on_connected), world);
  g_signal_connect (world->events, "disconnected", G_CALLBACK (on_disconnected), world);
  g_signal_connect (world->events, "event", G_CALLBACK (on_event), world);
}

static void
world_close (World *world)
{
  if (world->events != NULL)
    g_assert_finalize_object (world->events);
  fake_qubesd_free (world->server);
  g_byte_array_unref (world->bytes);
  g_clear_error (&world->reason);
}

static gboolean
is_connected_often (gpointer data)
{
  return ((World *)data)->n_connected >= ((World *)data)->wanted;
}

static gboolean
is_disconnected_often (gpointer data)
{
  return ((World *)data)->n_disconnected >= ((World *)data)->wanted;
}

static gboolean
has_events (gpointer data)
{
  return ((World *)data)->n_events >= ((World *)data)->wanted;
}

static gboolean
has_accepted (gpointer data)
{
  return ((World *)data)->server->n_accepted >= ((World *)data)->wanted;
}

static void
wait_connected (World *world, guint times)
{
  world->wanted = times;
  g_assert_true (fake_wait (is_connected_often, world));
  g_assert_cmpuint (world->n_connected, ==, times);
}

static void
test_stream (void)
{
  for (gsize v = 0; v < G_N_ELEMENTS (recordings); v++)
    {
      for (gsize chunk = 0; chunk < 8; chunk++)
        {
          g_autoptr (GBytes) recording = load (recordings[v].version);
          gsize length = 0;
          const char *data = g_bytes_get_data (recording, &length);
          World world;

          world_open (&world, send_nothing, NULL);
          world.server->chunk = chunk;
          live_qubesd_events_start (world.events);
          live_qubesd_events_start (world.events);
          g_assert_false (live_qubesd_events_get_connected (world.events));
          world.wanted = 1;
          g_assert_true (fake_wait (has_accepted, &world));
          while (world.server->requests->len == 0)
            g_main_context_iteration (NULL, TRUE);
          g_assert_cmpstr (world.server->requests->pdata[0], ==, "admin.Events+ dom0 name dom0");
          fake_connection_send (world.server->open->pdata[0], data, length, FALSE);
          world.wanted = recordings[v].n_events - 1;
          g_assert_true (fake_wait (has_events, &world));
          g_assert_cmpuint (world.n_events, ==, recordings[v].n_events - 1);
          g_assert_cmpuint (world.n_connected, ==, 1);
          g_assert_cmpuint (world.n_disconnected, ==, 0);
          /* connection-established comes first, and is no event. */
          g_assert_cmpmem (data + ESTABLISHED_LENGTH, length - ESTABLISHED_LENGTH, world.bytes->data, world.bytes->len);
          g_assert_cmpuint (world.server->n_accepted, ==, 1);
          world_close (&world);
        }
    }
}

static void
test_no_timers (void)
{
  GMainContext *context = g_main_context_default ();
  World world;
  gint priority = 0;
  gint timeout = 0;
  gint n_descriptors = 0;
  GPollFD descriptors[16];

  world_open (&world, send_established, NULL);
  live_qubesd_events_start (world.events);
  wait_connected (&world, 1);
  fake_settle ();
  g_assert_true (g_main_context_acquire (context));
  g_main_context_prepare (context, &priority);
  n_descriptors = g_main_context_query (context, G_MAXINT, &timeout, descriptors, G_N_ELEMENTS (descriptors));
  g_main_context_release (context);
  g_assert_cmpint (n_descriptors, >, 0);
  /* For ever: only a descriptor can wake us. */
  g_assert_cmpint (timeout, ==, -1);
  world_close (&world);
}

static void
test_restart (void)
{
  World world;

  world_open (&world, send_established, NULL);
  live_qubesd_events_start (world.events);
  for (guint round = 1; round <= 3; round++)
    {
      wait_connected (&world, round);
      fake_connection_send (world.server->open->pdata[0], "1\0a\0domain-start\0\0", 18, FALSE);
      world.wanted = round;
      g_assert_true (fake_wait (has_events, &world));
      fake_qubesd_stop (world.server);
      world.wanted = round;
      g_assert_true (fake_wait (is_disconnected_often, &world));
      g_assert_error (world.reason, LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE);
      g_assert_nonnull (strstr (world.reason->message, world.server->path));
      fake_qubesd_start (world.server, 100);
    }
  wait_connected (&world, 4);
  g_assert_cmpuint (world.n_disconnected, ==, 3);
  world_close (&world);
}

static void
test_starts_late (void)
{
  World world;

  world_open (&world, send_established, NULL);
  fake_qubesd_stop (world.server);
  live_qubesd_events_start (world.events);
  world.wanted = 1;
  g_assert_true (fake_wait (is_disconnected_often, &world));
  g_assert_error (world.reason, LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE);
  fake_qubesd_start (world.server, 100);
  wait_connected (&world, 1);
  g_assert_cmpuint (world.n_disconnected, ==, 1);
  world_close (&world);
}

static void
test_back_off (void)
{
  g_autoptr (GArray) attempts = g_array_new (FALSE, FALSE, sizeof (gint64));
  World world;
  gint64 expected = 100;

  world_open (&world, send_end, attempts);
  live_qubesd_events_start (world.events);
  world.wanted = 5;
  g_assert_true (fake_wait (has_accepted, &world));
  while (attempts->len < 5)
    g_main_context_iteration (NULL, TRUE);
  for (guint i = 1; i < 5; i++)
    {
      gint64 pause = (g_array_index (attempts, gint64, i) - g_array_index (attempts, gint64, i - 1)) / 1000;

      g_test_message ("pause %u: %" G_GINT64_FORMAT " ms", i, pause);
      g_assert_cmpint (pause, >=, expected - 5);
      expected *= 2;
    }
  /* One loss is told once. */
  g_assert_cmpuint (world.n_disconnected, ==, 1);

  /* Established: the next loss starts with short pauses again. */
  world.server->handler = send_established;
  wait_connected (&world, 1);
  fake_qubesd_stop (world.server);
  fake_qubesd_start (world.server, 100);
  {
    gint64 start = g_get_monotonic_time ();

    wait_connected (&world, 2);
    g_assert_cmpint (g_get_monotonic_time () - start, <, G_USEC_PER_SEC);
  }
  world_close (&world);
}

static void
test_retry_now (void)
{
  g_autoptr (GArray) attempts = g_array_new (FALSE, FALSE, sizeof (gint64));
  World world;
  gint64 start = 0;

  world_open (&world, send_end, attempts);
  live_qubesd_events_retry_now (world.events);
  live_qubesd_events_start (world.events);
  /* The pause before the sixth attempt is 1.6 seconds. */
  while (attempts->len < 5)
    g_main_context_iteration (NULL, TRUE);
  fake_settle ();
  world.server->handler = send_established;
  start = g_get_monotonic_time ();
  live_qubesd_events_retry_now (world.events);
  wait_connected (&world, 1);
  g_assert_cmpint (g_get_monotonic_time () - start, <, G_USEC_PER_SEC);
  /* Connected: there is nothing to try. */
  live_qubesd_events_retry_now (world.events);
  fake_settle ();
  g_assert_cmpuint (world.server->n_accepted, ==, 6);
  world_close (&world);
}

static void
test_bad_stream (void)
{
  static const struct
  {
    const char *stream;
    gsize length;
    LiveError code;
  } cases[] = {
    { "garbage", 7, LIVE_ERROR_PROTOCOL },
    { "2\0PermissionDenied\0\0no\0", 23, LIVE_ERROR_PROTOCOL },
    { "2\0QubesException\0\0no\0", 21, LIVE_ERROR_QUBESD_ERROR },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      World world;

      world_open (&world, send_established, NULL);
      live_qubesd_events_start (world.events);
      wait_connected (&world, 1);
      fake_connection_send (world.server->open->pdata[0], cases[i].stream, cases[i].length, FALSE);
      world.wanted = 1;
      g_assert_true (fake_wait (is_disconnected_often, &world));
      g_assert_error (world.reason, LIVE_ERROR, (gint)cases[i].code);
      wait_connected (&world, 2);
      world_close (&world);
    }
}

static void
send_early (FakeQubesd *server, FakeConnection *connection, GBytes *request, gpointer data)
{
  static const char stream[] = "1\0a\0early\0\0" ESTABLISHED "1\0a\0late\0\0" ESTABLISHED "1\0a\0later\0\0";

  fake_connection_send (connection, stream, sizeof (stream) - 1, FALSE);
}

static void
test_before_established (void)
{
  static const char expected[] = "1\0a\0late\0\0001\0a\0later\0\0";
  World world;

  world_open (&world, send_early, NULL);
  live_qubesd_events_start (world.events);
  world.wanted = 2;
  g_assert_true (fake_wait (has_events, &world));
  g_assert_cmpmem (world.bytes->data, world.bytes->len, expected, sizeof (expected) - 1);
  g_assert_cmpuint (world.n_connected, ==, 1);
  world_close (&world);
}

static void
send_two_events (FakeQubesd *server, FakeConnection *connection, GBytes *request, gpointer data)
{
  static const char stream[] = ESTABLISHED "1\0a\0first\0\0"
                                           "1\0a\0second\0\0";

  fake_connection_send (connection, stream, sizeof (stream) - 1, FALSE);
}

static void
test_stop_in_handler (void)
{
  World world;

  world_open (&world, send_two_events, NULL);
  world.stop_in_event = TRUE;
  live_qubesd_events_start (world.events);
  world.wanted = 1;
  g_assert_true (fake_wait (has_events, &world));
  fake_settle ();
  g_assert_cmpuint (world.n_events, ==, 1);
  g_assert_cmpuint (world.n_disconnected, ==, 0);
  g_assert_false (live_qubesd_events_get_connected (world.events));
  g_assert_cmpuint (world.server->open->len, ==, 0);

  world.stop_in_event = FALSE;
  live_qubesd_events_start (world.events);
  world.wanted = 3;
  g_assert_true (fake_wait (has_events, &world));
  g_assert_cmpuint (world.n_connected, ==, 2);
  world_close (&world);
}

static void
test_unref_in_handler (void)
{
  World world;

  world_open (&world, send_two_events, NULL);
  world.unref_in_event = TRUE;
  g_object_add_weak_pointer (G_OBJECT (world.events), (gpointer *)&world.events);
  live_qubesd_events_start (world.events);
  world.wanted = 1;
  g_assert_true (fake_wait (has_events, &world));
  g_assert_null (world.events);
  fake_settle ();
  g_assert_cmpuint (world.server->open->len, ==, 0);
  world_close (&world);
}

static void
test_stop_while_waiting (void)
{
  World world;

  world_open (&world, send_established, NULL);
  fake_qubesd_stop (world.server);
  live_qubesd_events_start (world.events);
  world.wanted = 1;
  g_assert_true (fake_wait (is_disconnected_often, &world));
  live_qubesd_events_stop (world.events);
  fake_qubesd_start (world.server, 100);
  live_qubesd_events_retry_now (world.events);
  fake_settle ();
  g_assert_cmpuint (world.server->n_accepted, ==, 0);
  world_close (&world);
}

/* qubesd buffers what is not read without a limit: however much comes, it is taken. */
static void
test_flood (void)
{
  g_autoptr (GByteArray) flood = g_byte_array_new ();
  const char *const key_values[] = { "name", "memory", "newvalue", "500", NULL };
  World world;

  for (guint i = 0; i < 20000; i++)
    append_frame (flood, "some-qube", "property-set:memory", key_values);
  world_open (&world, send_established, NULL);
  live_qubesd_events_start (world.events);
  wait_connected (&world, 1);
  fake_connection_send (world.server->open->pdata[0], flood->data, flood->len, FALSE);
  world.wanted = 20000;
  g_assert_true (fake_wait (has_events, &world));
  g_assert_cmpmem (world.bytes->data, world.bytes->len, flood->data, flood->len);
  world_close (&world);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/qubesd-event-parser/split", test_split);
  g_test_add_func ("/qubesd-event-parser/values", test_values);
  g_test_add_func ("/qubesd-event-parser/malformed", test_malformed);
  g_test_add_func ("/qubesd-event-parser/limit", test_limit);
  g_test_add_func ("/qubesd-event-parser/garbage", test_garbage);
  g_test_add_func ("/qubesd-events/stream", test_stream);
  g_test_add_func ("/qubesd-events/no-timers", test_no_timers);
  g_test_add_func ("/qubesd-events/restart", test_restart);
  g_test_add_func ("/qubesd-events/starts-late", test_starts_late);
  g_test_add_func ("/qubesd-events/back-off", test_back_off);
  g_test_add_func ("/qubesd-events/retry-now", test_retry_now);
  g_test_add_func ("/qubesd-events/bad-stream", test_bad_stream);
  g_test_add_func ("/qubesd-events/before-established", test_before_established);
  g_test_add_func ("/qubesd-events/stop-in-handler", test_stop_in_handler);
  g_test_add_func ("/qubesd-events/unref-in-handler", test_unref_in_handler);
  g_test_add_func ("/qubesd-events/stop-while-waiting", test_stop_while_waiting);
  g_test_add_func ("/qubesd-events/flood", test_flood);
  return g_test_run ();
}
