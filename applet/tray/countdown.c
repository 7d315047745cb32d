/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "tray/countdown.h"

#include "model/window.h"

#define SECONDS_PER_MINUTE 60
#define SECONDS_PER_HOUR 3600
/* As the words have it: beyond this whole hours are counted, and the last minute is not. */
#define MOST_MINUTES 120

struct _LiveCountdown
{
  LiveClient *client;
  LiveClock *clock;
  void (*passed) (LiveClientQube *qube, gpointer data);
  gpointer data;
  GHashTable *running; /* LiveClientQube, those with a time that runs */
  guint alarm;         /* 0: none */
};

gint64
live_countdown_next_change (gint64 deadline, gint64 now)
{
  gint64 left = 0;

  if (deadline <= now || __builtin_sub_overflow (deadline, now, &left))
    return G_MAXINT64;
  if (left < SECONDS_PER_MINUTE)
    return deadline;
  if (left == SECONDS_PER_MINUTE)
    return now + 1;
  if (left <= MOST_MINUTES * SECONDS_PER_MINUTE)
    return deadline - (left - 1) / SECONDS_PER_MINUTE * SECONDS_PER_MINUTE;
  return deadline - (left - 1) / SECONDS_PER_HOUR * SECONDS_PER_HOUR;
}

/* The end that the row of the qube speaks of; 0: none. */
static gint64
get_deadline (LiveClientQube *qube)
{
  if (g_str_equal (live_client_qube_get_window_state (qube), LIVE_WINDOW_OPEN))
    return MAX (live_client_qube_get_window_deadline (qube), 0);
  return live_client_qube_get_guest_window_deadline (qube);
}

static void on_alarm (gpointer data);

static void
arm (LiveCountdown *self)
{
  gint64 now = live_clock_get_wall (self->clock);
  gint64 next = G_MAXINT64;
  GHashTableIter iter;
  gpointer qube = NULL;

  if (self->alarm != 0)
    live_clock_remove_alarm (self->clock, self->alarm);
  self->alarm = 0;
  g_hash_table_iter_init (&iter, self->running);
  while (g_hash_table_iter_next (&iter, &qube, NULL))
    next = MIN (next, live_countdown_next_change (get_deadline (qube), now));
  if (next != G_MAXINT64)
    self->alarm = live_clock_add_alarm (self->clock, next, on_alarm, self);
}

static void
pass (LiveCountdown *self)
{
  GHashTableIter iter;
  gpointer qube = NULL;

  g_hash_table_iter_init (&iter, self->running);
  while (g_hash_table_iter_next (&iter, &qube, NULL))
    self->passed (qube, self->data);
  arm (self);
}

static void
on_alarm (gpointer data)
{
  LiveCountdown *self = data;

  self->alarm = 0;
  pass (self);
}

static void
qube_removed (LiveClient *client, LiveClientQube *qube, LiveCountdown *self)
{
  if (g_hash_table_remove (self->running, qube))
    arm (self);
}

static void
qube_changed (LiveClient *client, LiveClientQube *qube, LiveCountdown *self)
{
  if (get_deadline (qube) <= 0)
    {
      qube_removed (client, qube, self);
      return;
    }
  g_hash_table_add (self->running, qube);
  arm (self);
}

LiveCountdown *
live_countdown_new (LiveClient *client,
                    LiveClock *clock,
                    void (*passed) (LiveClientQube *qube, gpointer data),
                    gpointer data)
{
  LiveCountdown *self = g_new0 (LiveCountdown, 1);
  g_autoptr (GPtrArray) qubes = live_client_get_qubes (client);

  self->client = g_object_ref (client);
  self->clock = g_object_ref (clock);
  self->passed = passed;
  self->data = data;
  self->running = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < qubes->len; i++)
    qube_changed (client, qubes->pdata[i], self);
  g_signal_connect (client, "qube-added", G_CALLBACK (qube_changed), self);
  g_signal_connect (client, "qube-changed", G_CALLBACK (qube_changed), self);
  g_signal_connect (client, "qube-removed", G_CALLBACK (qube_removed), self);
  g_signal_connect_swapped (clock, "changed", G_CALLBACK (pass), self);
  return self;
}

void
live_countdown_free (LiveCountdown *self)
{
  g_signal_handlers_disconnect_by_data (self->client, self);
  g_signal_handlers_disconnect_by_data (self->clock, self);
  if (self->alarm != 0)
    live_clock_remove_alarm (self->clock, self->alarm);
  g_hash_table_unref (self->running);
  g_object_unref (self->client);
  g_object_unref (self->clock);
  g_free (self);
}
