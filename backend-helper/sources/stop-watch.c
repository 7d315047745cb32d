/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/stop-watch.h"

struct _LiveStopWatch
{
  GHashTable *stopping; /* name → LiveStop */
  guint seconds;
  LiveStopOverdue overdue;
  gpointer data;
};

typedef struct
{
  LiveStopWatch *watch;
  char *name;
  guint source;
} LiveStop;

static void
stop_free (gpointer data)
{
  LiveStop *stop = data;

  g_clear_handle_id (&stop->source, g_source_remove);
  g_free (stop->name);
  g_free (stop);
}

LiveStopWatch *
live_stop_watch_new (guint seconds, LiveStopOverdue overdue, gpointer data)
{
  LiveStopWatch *watch = g_new (LiveStopWatch, 1);

  watch->stopping = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, stop_free);
  watch->seconds = seconds;
  watch->overdue = overdue;
  watch->data = data;
  return watch;
}

void
live_stop_watch_free (LiveStopWatch *watch)
{
  g_hash_table_unref (watch->stopping);
  g_free (watch);
}

static gboolean
on_overdue (gpointer data)
{
  LiveStop *stop = data;
  LiveStopWatch *watch = stop->watch;

  stop->source = 0;
  g_hash_table_steal (watch->stopping, stop->name);
  watch->overdue (stop->name, watch->data);
  stop_free (stop);
  return G_SOURCE_REMOVE;
}

void
live_stop_watch_begin (LiveStopWatch *watch, const char *name)
{
  LiveStop *stop = g_new (LiveStop, 1);

  stop->watch = watch;
  stop->name = g_strdup (name);
  stop->source = g_timeout_add_seconds (watch->seconds, on_overdue, stop);
  g_hash_table_replace (watch->stopping, stop->name, stop);
}

void
live_stop_watch_end (LiveStopWatch *watch, const char *name)
{
  g_hash_table_remove (watch->stopping, name);
}

void
live_stop_watch_clear (LiveStopWatch *watch)
{
  g_hash_table_remove_all (watch->stopping);
}
