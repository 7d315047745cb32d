/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/stop-watch.h"

static void
on_overdue (const char *name, gpointer names)
{
  g_ptr_array_add (names, g_strdup (name));
}

/* The one source that the watch has in the main context, made due at once: nobody waits for a minute. */
static gboolean
make_due (void)
{
  GSource *source = NULL;

  for (guint id = 1; id < 1000 && source == NULL; id++)
    source = g_main_context_find_source_by_id (NULL, id);
  if (source == NULL)
    return FALSE;
  g_source_set_ready_time (source, 0);
  return TRUE;
}

static void
test_overdue (void)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  LiveStopWatch *watch = live_stop_watch_new (60, on_overdue, names);

  /* One that finished in time, one that was watched twice, and one that does not. */
  live_stop_watch_begin (watch, "work");
  live_stop_watch_end (watch, "work");
  g_assert_false (make_due ());
  live_stop_watch_end (watch, "work");
  live_stop_watch_begin (watch, "work");
  live_stop_watch_begin (watch, "work");
  g_assert_true (make_due ());
  while (names->len == 0)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpstr (g_ptr_array_index (names, 0), ==, "work");
  g_assert_false (make_due ());
  g_assert_cmpuint (names->len, ==, 1);
  /* Nothing is left behind. */
  live_stop_watch_begin (watch, "work");
  live_stop_watch_clear (watch);
  g_assert_false (make_due ());
  live_stop_watch_begin (watch, "work");
  live_stop_watch_free (watch);
  g_assert_false (make_due ());
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stop-watch", test_overdue);
  return g_test_run ();
}
