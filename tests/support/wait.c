/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "test-bed.h"

#include "process.h"

static gboolean
look_again (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

gboolean
live_test_wait (gboolean (*condition) (gpointer data), gpointer data, double seconds)
{
  gint64 deadline = g_get_monotonic_time () + (gint64)(seconds * G_USEC_PER_SEC);
  guint timer = g_timeout_add (20, look_again, NULL);
  gboolean holds = FALSE;

  while (!(holds = condition (data)) && g_get_monotonic_time () < deadline)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (timer);
  if (!holds)
    g_test_fail_printf ("waited %.1f seconds in vain", seconds);
  return holds;
}

typedef struct
{
  GSubprocess *process;
  gboolean known;
  gboolean owned;
  gboolean wanted;
} NameWait;

static void
on_name_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer data)
{
  NameWait *wait = data;

  wait->known = TRUE;
  wait->owned = TRUE;
}

static void
on_name_vanished (GDBusConnection *bus, const char *name, gpointer data)
{
  NameWait *wait = data;

  wait->known = TRUE;
  wait->owned = FALSE;
}

static gboolean
is_as_wanted (gpointer data)
{
  NameWait *wait = data;

  return (wait->known && wait->owned == wait->wanted)
         || (wait->process != NULL && live_test_process_has_ended (wait->process));
}

static void
wait_for_owner (GDBusConnection *bus, const char *name, GSubprocess *process, gboolean wanted, double seconds)
{
  NameWait wait = { .process = process, .wanted = wanted };
  guint watch = g_bus_watch_name_on_connection (bus, name, G_BUS_NAME_WATCHER_FLAGS_NONE, on_name_appeared,
                                                on_name_vanished, &wait, NULL);

  live_test_wait (is_as_wanted, &wait, seconds);
  g_bus_unwatch_name (watch);
  if (!wait.known || wait.owned != wanted)
    g_error ("%s %s on the bus%s", name, wanted ? "does not appear" : "stays",
             process != NULL && live_test_process_has_ended (process) ? ": its program has ended" : "");
}

void
live_test_wait_for_name (GDBusConnection *bus, const char *name, GSubprocess *process, double seconds)
{
  wait_for_owner (bus, name, process, TRUE, seconds);
}

void
live_test_wait_for_no_name (GDBusConnection *bus, const char *name)
{
  wait_for_owner (bus, name, NULL, FALSE, 10);
}
