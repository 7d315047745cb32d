/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/clock.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define FAR 1000000

typedef struct
{
  char *directory;
  char *file;
  LiveClock *clock;
  GString *log; /* what was called, in order: letters of alarms, ! for changed */
} LiveFixture;

typedef struct
{
  LiveFixture *fixture;
  char letter;
  gint64 due;
  guint remove; /* another alarm that is removed */
} LiveCall;

static void
write_offsets (LiveFixture *fixture, const char *text)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (fixture->file, text, -1, &error);
  g_assert_no_error (error);
}

static void
on_changed (LiveClock *clock, LiveFixture *fixture)
{
  g_string_append_c (fixture->log, '!');
}

static void
set_up (LiveFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->directory = g_dir_make_tmp ("qubes-live-test-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->file = g_build_filename (fixture->directory, "offset", NULL);
  fixture->clock = live_clock_new (fixture->file);
  g_signal_connect (fixture->clock, "changed", G_CALLBACK (on_changed), fixture);
  fixture->log = g_string_new (NULL);
}

static void
tear_down (LiveFixture *fixture, gconstpointer data)
{
  g_object_add_weak_pointer (G_OBJECT (fixture->clock), (gpointer *) &fixture->clock);
  g_object_unref (fixture->clock);
  g_assert_null (fixture->clock);
  unlink (fixture->file);
  g_assert_cmpint (rmdir (fixture->directory), ==, 0);
  g_free (fixture->file);
  g_free (fixture->directory);
  g_string_free (fixture->log, TRUE);
}

static gint64
seconds (clockid_t id)
{
  struct timespec now = { 0 };

  g_assert_cmpint (clock_gettime (id, &now), ==, 0);
  return now.tv_sec;
}

static void
on_alarm (gpointer data)
{
  const LiveCall *call = data;
  LiveFixture *fixture = call->fixture;

  g_assert_cmpint (live_clock_get_wall (fixture->clock), >=, call->due);
  g_string_append_c (fixture->log, call->letter);
  if (call->remove != 0)
    live_clock_remove_alarm (fixture->clock, call->remove);
}

static guint
add (LiveFixture *fixture, LiveCall *call, char letter, gint64 due)
{
  call->fixture = fixture;
  call->letter = letter;
  call->due = due;
  return live_clock_add_alarm (fixture->clock, due, on_alarm, call);
}

static gboolean
on_too_long (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_CONTINUE;
}

/* Until the log reads @expected, and nothing is left to do. */
static void
assert_log (LiveFixture *fixture, const char *expected)
{
  gboolean too_long = FALSE;
  guint timeout = g_timeout_add_seconds (10, on_too_long, &too_long);

  while (!too_long && strlen (fixture->log->str) < strlen (expected))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timeout);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpstr (fixture->log->str, ==, expected);
}

static void
test_offsets (LiveFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *text; /* NULL: no file */
    gint64 elapsed;
    gint64 set;
  } rows[] = {
    { NULL, 0, 0 },
    { "0 0\n", 0, 0 },
    { "3600 0\n", 3600, 0 },
    { "0 -3600\n", 0, -3600 },
    { "5 7", 5, 7 },
    { "-5 7\n", -5, 7 },
    { "", 0, 0 },
    { "5\n", 0, 0 },
    { "5 7 9\n", 0, 0 },
    { "5 seven\n", 0, 0 },
    { "5.5 7\n", 0, 0 },
    { "5  7\n", 0, 0 },
    { "9223372036854775807 1\n", 0, 0 },
    { "1 -9223372036854775808\n", 0, 0 },
    { "12\n34\n", 0, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gint64 wall = 0, boot = 0, before = 0;

      if (rows[i].text != NULL)
        write_offsets (fixture, rows[i].text);
      before = seconds (CLOCK_REALTIME);
      wall = live_clock_get_wall (fixture->clock) - rows[i].elapsed - rows[i].set;
      g_assert_cmpint (wall, >=, before);
      g_assert_cmpint (wall, <=, seconds (CLOCK_REALTIME));
      before = seconds (CLOCK_BOOTTIME);
      boot = live_clock_get_boot (fixture->clock) - rows[i].elapsed;
      g_assert_cmpint (boot, >=, before);
      g_assert_cmpint (boot, <=, seconds (CLOCK_BOOTTIME));
    }
}

static void
test_past (LiveFixture *fixture, gconstpointer data)
{
  LiveCall calls[3] = { 0 };
  gint64 now = live_clock_get_wall (fixture->clock);

  add (fixture, &calls[0], 'b', now - 5);
  add (fixture, &calls[1], 'a', 0);
  add (fixture, &calls[2], 'c', now);
  g_assert_cmpstr (fixture->log->str, ==, "");
  assert_log (fixture, "abc");
}

/* In real time, which no file moves. */
static void
test_not_early (LiveFixture *fixture, gconstpointer data)
{
  LiveCall call = { 0 };

  add (fixture, &call, 'a', live_clock_get_wall (fixture->clock) + 1);
  assert_log (fixture, "a");
}

static void
test_moved (LiveFixture *fixture, gconstpointer data)
{
  LiveCall calls[3] = { 0 };
  gint64 now = live_clock_get_wall (fixture->clock);

  add (fixture, &calls[0], 'c', now + 2 * FAR);
  add (fixture, &calls[1], 'a', now + FAR);
  add (fixture, &calls[2], 'b', now + FAR);
  write_offsets (fixture, "0 -3600\n");
  assert_log (fixture, "!");
  write_offsets (fixture, "1000000 0\n");
  assert_log (fixture, "!!ab");
  write_offsets (fixture, "1000000 1000000\n");
  assert_log (fixture, "!!ab!c");
  /* The same again is no news. */
  write_offsets (fixture, "1000000 1000000\n");
  write_offsets (fixture, "1000000 1000001\n");
  assert_log (fixture, "!!ab!c!");
}

/* A time that was asked for and the alarms agree, even before the file's monitor has told of it. */
static void
test_asked (LiveFixture *fixture, gconstpointer data)
{
  LiveCall call = { 0 };
  gint64 now = live_clock_get_wall (fixture->clock);

  write_offsets (fixture, "1000000 0\n");
  g_assert_cmpint (live_clock_get_wall (fixture->clock), >=, now + FAR);
  add (fixture, &call, 'a', now + FAR);
  assert_log (fixture, "!a");
}

static void
test_removed (LiveFixture *fixture, gconstpointer data)
{
  LiveCall calls[4] = { 0 };
  guint id = add (fixture, &calls[0], 'x', 0);

  live_clock_remove_alarm (fixture->clock, id);
  add (fixture, &calls[1], 'a', 1);
  calls[1].remove = add (fixture, &calls[2], 'x', 2);
  add (fixture, &calls[3], 'b', 3);
  assert_log (fixture, "ab");

  g_test_expect_message (NULL, G_LOG_LEVEL_CRITICAL, "*no alarm*");
  live_clock_remove_alarm (fixture->clock, id);
  g_test_assert_expected_messages ();
}

static void
on_again (gpointer data)
{
  LiveCall *call = data;

  g_string_append_c (call->fixture->log, call->letter);
  call->remove = live_clock_add_alarm (call->fixture->clock, 0, on_again, call);
}

static gboolean
on_idle (gpointer data)
{
  g_string_append_c (data, '-');
  return G_SOURCE_REMOVE;
}

/* An alarm that sets itself again, for a time that is past, leaves the main loop to others. */
static void
test_added_meanwhile (LiveFixture *fixture, gconstpointer data)
{
  LiveCall call = { .fixture = fixture, .letter = 'a' };

  g_idle_add_full (G_PRIORITY_DEFAULT, on_idle, fixture->log, NULL);
  call.remove = live_clock_add_alarm (fixture->clock, 0, on_again, &call);
  while (strlen (fixture->log->str) < 5)
    g_main_context_iteration (NULL, TRUE);
  live_clock_remove_alarm (fixture->clock, call.remove);
  g_assert_nonnull (strchr (fixture->log->str, '-'));
  g_assert_nonnull (strstr (fixture->log->str, "aa"));
}

/* Who hears of a moved clock can put the alarms off that it would have set off. */
static void
on_changed_put_off (LiveClock *clock, LiveCall *call)
{
  live_clock_remove_alarm (clock, call->remove);
  call->remove = add (call->fixture, call, call->letter, call->due + 3600);
}

static void
test_put_off (LiveFixture *fixture, gconstpointer data)
{
  LiveCall call = { 0 };
  gint64 due = live_clock_get_wall (fixture->clock) + 600;

  call.remove = add (fixture, &call, 'a', due);
  g_signal_connect (fixture->clock, "changed", G_CALLBACK (on_changed_put_off), &call);
  write_offsets (fixture, "0 3600\n");
  assert_log (fixture, "!");
  g_assert_cmpint (call.due, ==, due + 3600);
  g_signal_handlers_disconnect_by_data (fixture->clock, &call);
  call.remove = 0;
  write_offsets (fixture, "600 3600\n");
  assert_log (fixture, "!!a");
}

/* What the kernel says of our timer. */
static char *
find_timer (void)
{
  g_autoptr (GDir) fds = g_dir_open ("/proc/self/fd", 0, NULL);
  const char *name = NULL;

  g_assert_nonnull (fds);
  while ((name = g_dir_read_name (fds)) != NULL)
    {
      g_autofree char *link = g_build_filename ("/proc/self/fd", name, NULL);
      g_autofree char *target = g_file_read_link (link, NULL);

      if (g_strcmp0 (target, "anon_inode:[timerfd]") == 0)
        {
          g_autofree char *info = g_build_filename ("/proc/self/fdinfo", name, NULL);
          char *text = NULL;

          g_assert_true (g_file_get_contents (info, &text, NULL, NULL));
          return text;
        }
    }
  return NULL;
}

static void
test_timer (LiveFixture *fixture, gconstpointer data)
{
  LiveCall call = { 0 };
  guint id = 0;

  /* Nothing that could wake the process before the first alarm, and after the last. */
  g_assert_null (find_timer ());
  for (int i = 0; i < 2; i++)
    {
      g_autofree char *armed = NULL, *idle = NULL;
      g_autofree char *clock = g_strdup_printf ("clockid: %d\n", CLOCK_REALTIME);
      g_autofree char *flags = g_strdup_printf ("settime flags: %02o\n", TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET);

      id = add (fixture, &call, 'x', live_clock_get_wall (fixture->clock) + FAR);
      armed = find_timer ();
      g_assert_nonnull (armed);
      g_assert_nonnull (strstr (armed, clock));
      g_assert_nonnull (strstr (armed, flags));
      g_assert_null (strstr (armed, "it_value: (0, 0)"));
      live_clock_remove_alarm (fixture->clock, id);
      idle = find_timer ();
      g_assert_nonnull (strstr (idle, "it_value: (0, 0)"));
      g_assert_null (strstr (idle, flags));
    }
}

static void
on_drop (gpointer data)
{
  LiveFixture *fixture = data;

  g_string_append_c (fixture->log, 'a');
  g_clear_object (&fixture->clock);
}

static void
test_dropped (LiveFixture *fixture, gconstpointer data)
{
  LiveCall call = { 0 };

  live_clock_add_alarm (fixture->clock, 0, on_drop, fixture);
  add (fixture, &call, 'b', live_clock_get_wall (fixture->clock) + FAR);
  assert_log (fixture, "a");
  fixture->clock = live_clock_new (NULL);
}

#define ADD(path, function) g_test_add (path, LiveFixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("/clock/offsets", test_offsets);
  ADD ("/clock/past", test_past);
  ADD ("/clock/not-early", test_not_early);
  ADD ("/clock/moved", test_moved);
  ADD ("/clock/asked", test_asked);
  ADD ("/clock/removed", test_removed);
  ADD ("/clock/added-meanwhile", test_added_meanwhile);
  ADD ("/clock/put-off", test_put_off);
  ADD ("/clock/timer", test_timer);
  ADD ("/clock/dropped", test_dropped);
  return g_test_run ();
}
