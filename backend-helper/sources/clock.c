/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/clock.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* Ten thousand years: a sum with it cannot overflow, whatever stands in the file. */
#define OFFSET_MAX (G_GINT64_CONSTANT (10000) * 366 * 86400)

typedef struct
{
  guint id;
  gint64 wall;
  LiveAlarmFunc callback;
  gpointer data;
} LiveAlarm;

struct _LiveClock
{
  GObject parent;

  GSequence *alarms; /* LiveAlarm, the earliest first */
  guint last_id;
  int timer; /* -1 before the first alarm */
  guint timer_source;

  char *offset_file;
  GFileMonitor *monitor;
  gint64 elapsed;
  gint64 set;
  guint moved_source; /* offsets are new, and nobody was told yet */
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LiveClock, live_clock, G_TYPE_OBJECT)

static gboolean on_moved (gpointer data);

static gint64
read_clock (clockid_t id)
{
  struct timespec now = { 0 };

  clock_gettime (id, &now); /* cannot fail: the ids are constants that every supported kernel has */
  return now.tv_sec;
}

static void
parse_offsets (const char *text, gint64 *elapsed, gint64 *set)
{
  g_auto (GStrv) words = g_strsplit (text, " ", 3);

  if (g_strv_length (words) != 2 || !g_ascii_string_to_signed (words[0], 10, -OFFSET_MAX, OFFSET_MAX, elapsed, NULL)
      || !g_ascii_string_to_signed (g_strchomp (words[1]), 10, -OFFSET_MAX, OFFSET_MAX, set, NULL))
    *elapsed = *set = 0;
}

/* Whoever asks gets the time of the file as it is now, whether or not the monitor has told of it. */
static void
read_offsets (LiveClock *self)
{
  g_autofree char *text = NULL;
  gint64 elapsed = 0, set = 0;

  if (self->offset_file == NULL)
    return;
  if (g_file_get_contents (self->offset_file, &text, NULL, NULL))
    parse_offsets (text, &elapsed, &set);
  if (elapsed == self->elapsed && set == self->set)
    return;
  self->elapsed = elapsed;
  self->set = set;
  if (self->moved_source == 0)
    self->moved_source = g_idle_add_full (G_PRIORITY_DEFAULT, on_moved, self, NULL);
}

gint64
live_clock_get_wall (LiveClock *self)
{
  g_return_val_if_fail (LIVE_IS_CLOCK (self), 0);

  read_offsets (self);
  return read_clock (CLOCK_REALTIME) + self->elapsed + self->set;
}

gint64
live_clock_get_boot (LiveClock *self)
{
  g_return_val_if_fail (LIVE_IS_CLOCK (self), 0);

  read_offsets (self);
  return read_clock (CLOCK_BOOTTIME) + self->elapsed;
}

static void
arm (LiveClock *self)
{
  struct itimerspec when = { 0 };
  int flags = 0;

  if (self->timer < 0)
    return;
  if (!g_sequence_is_empty (self->alarms))
    {
      const LiveAlarm *first = g_sequence_get (g_sequence_get_begin_iter (self->alarms));
      gint64 real = first->wall - self->elapsed - self->set;

      /* A time of zero would stop the timer. */
      when.it_value.tv_sec = MAX (real, 1);
      flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
    }
  if (timerfd_settime (self->timer, flags, &when, NULL) < 0)
    g_warning ("the timer cannot be set: %s", g_strerror (errno));
}

/* The first alarm, if it is due. What a callback has just added has its turn in the next round of the main loop. */
static LiveAlarm *
take_due (LiveClock *self, guint last_id)
{
  gint64 now = live_clock_get_wall (self);
  GSequenceIter *first = g_sequence_get_begin_iter (self->alarms);
  const LiveAlarm *alarm = NULL;
  LiveAlarm *due = NULL;

  /* Who has just heard of a moved clock may want another time for its alarm. */
  if (self->moved_source != 0 || g_sequence_iter_is_end (first))
    return NULL;
  alarm = g_sequence_get (first);
  if (alarm->wall > now || alarm->id > last_id)
    return NULL;
  due = g_memdup2 (alarm, sizeof *alarm);
  g_sequence_remove (first);
  return due;
}

/* Callbacks may add and remove alarms, and may drop the clock. */
static void
settle (LiveClock *self, gboolean changed)
{
  g_autoptr (LiveClock) keep = g_object_ref (self);
  LiveAlarm *due = NULL;
  guint last_id = 0;

  if (self->moved_source != 0)
    changed = TRUE;
  g_clear_handle_id (&self->moved_source, g_source_remove);
  if (changed)
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
  last_id = self->last_id;
  while ((due = take_due (self, last_id)) != NULL)
    {
      due->callback (due->data);
      g_free (due);
    }
  arm (self);
}

static gboolean
on_moved (gpointer data)
{
  settle (data, TRUE);
  return G_SOURCE_REMOVE; /* settle() has removed it, which is no harm */
}

static gboolean
on_timer (int timer, GIOCondition condition, gpointer data)
{
  guint64 expirations = 0;
  gssize got = read (timer, &expirations, sizeof expirations);

  if (got < 0 && errno != ECANCELED && errno != EAGAIN && errno != EINTR)
    g_warning ("the timer cannot be read: %s", g_strerror (errno));
  settle (data, got < 0 && errno == ECANCELED);
  return G_SOURCE_CONTINUE;
}

static int
compare (gconstpointer a, gconstpointer b, gpointer data)
{
  const LiveAlarm *one = a, *other = b;

  if (one->wall != other->wall)
    return one->wall < other->wall ? -1 : 1;
  return one->id < other->id ? -1 : one->id > other->id;
}

guint
live_clock_add_alarm (LiveClock *self, gint64 wall_seconds, LiveAlarmFunc callback, gpointer data)
{
  LiveAlarm *alarm = NULL;

  g_return_val_if_fail (LIVE_IS_CLOCK (self) && callback != NULL, 0);

  if (self->timer < 0)
    {
      self->timer = timerfd_create (CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
      if (self->timer < 0)
        g_error ("no timer can be had: %s", g_strerror (errno)); /* nothing would ever close */
      self->timer_source = g_unix_fd_add (self->timer, G_IO_IN, on_timer, self);
    }
  alarm = g_new (LiveAlarm, 1);
  *alarm = (LiveAlarm){ .id = ++self->last_id, .wall = wall_seconds, .callback = callback, .data = data };
  g_sequence_insert_sorted (self->alarms, alarm, compare, NULL);
  arm (self);
  return alarm->id;
}

void
live_clock_remove_alarm (LiveClock *self, guint id)
{
  g_return_if_fail (LIVE_IS_CLOCK (self));

  for (GSequenceIter *i = g_sequence_get_begin_iter (self->alarms); !g_sequence_iter_is_end (i);
       i = g_sequence_iter_next (i))
    if (((LiveAlarm *) g_sequence_get (i))->id == id)
      {
        g_sequence_remove (i);
        arm (self);
        return;
      }
  g_critical ("there is no alarm %u", id);
}

static void
live_clock_finalize (GObject *object)
{
  LiveClock *self = LIVE_CLOCK (object);

  g_clear_handle_id (&self->moved_source, g_source_remove);
  g_clear_handle_id (&self->timer_source, g_source_remove);
  if (self->timer >= 0)
    close (self->timer);
  if (self->monitor != NULL)
    g_signal_handlers_disconnect_by_data (self->monitor, self);
  g_clear_object (&self->monitor);
  g_sequence_free (self->alarms);
  g_free (self->offset_file);
  G_OBJECT_CLASS (live_clock_parent_class)->finalize (object);
}

static void
live_clock_class_init (LiveClockClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = live_clock_finalize;

  signals[SIGNAL_CHANGED]
      = g_signal_new ("changed", LIVE_TYPE_CLOCK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
live_clock_init (LiveClock *self)
{
  self->timer = -1;
  self->alarms = g_sequence_new (g_free);
}

LiveClock *
live_clock_new (const char *offset_file)
{
  LiveClock *self = g_object_new (LIVE_TYPE_CLOCK, NULL);

  if (offset_file != NULL)
    {
      g_autoptr (GFile) file = g_file_new_for_path (offset_file);
      g_autoptr (GError) error = NULL;

      self->offset_file = g_strdup (offset_file);
      self->monitor = g_file_monitor_file (file, G_FILE_MONITOR_WATCH_MOVES, NULL, &error);
      if (self->monitor == NULL)
        g_warning ("%s cannot be watched: %s", offset_file, error->message);
      else
        {
          g_file_monitor_set_rate_limit (self->monitor, 1);
          g_signal_connect_swapped (self->monitor, "changed", G_CALLBACK (read_offsets), self);
        }
      read_offsets (self);
      /* It is the time there has always been: nobody has to be told. */
      g_clear_handle_id (&self->moved_source, g_source_remove);
    }
  return self;
}
