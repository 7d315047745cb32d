/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/guest-window.h"

#include "model/window.h"
#include "sources/qubesd-reply.h"

/* qubesd does not tell for a moment when a qube has just started: it is asked again after so long, so many times. */
#define RETRY_SECONDS 10
#define MAX_QUESTIONS 5

struct _LiveGuestWindows
{
  GObject parent;

  LiveSystem *system;
  LiveQubesdClient *client;
  LiveClock *clock;
  GHashTable *windows; /* LiveQube → LiveGuestWindow: of running qubes that have the feature */
};

typedef struct
{
  LiveGuestWindows *owner;
  LiveQube *qube;
  gint64 started;    /* seconds since 1970; 0: not known */
  gint64 wall_ahead; /* how far the wall clock was ahead of the time since boot when @started was right */
  gboolean asking;
  guint n_questions; /* that were not answered */
  guint alarm;
} LiveGuestWindow;

typedef struct
{
  LiveGuestWindows *owner;
  LiveQube *qube;
} LiveGuestQuestion;

G_DEFINE_FINAL_TYPE (LiveGuestWindows, live_guest_windows, G_TYPE_OBJECT)

static void
window_free (LiveGuestWindow *window)
{
  if (window->alarm != 0)
    live_clock_remove_alarm (window->owner->clock, window->alarm);
  live_qube_set_guest_window_deadline (window->qube, 0);
  g_object_unref (window->qube);
  g_free (window);
}

static void update (LiveGuestWindow *window);

static void on_alarm (gpointer data);

/* @wall: seconds since 1970; 0: none */
static void
set_alarm (LiveGuestWindow *window, gint64 wall)
{
  LiveClock *clock = window->owner->clock;

  if (window->alarm != 0)
    live_clock_remove_alarm (clock, window->alarm);
  window->alarm = wall != 0 ? live_clock_add_alarm (clock, wall, on_alarm, window) : 0;
}

static void
on_alarm (gpointer data)
{
  LiveGuestWindow *window = data;

  window->alarm = 0;
  update (window);
}

static gint64
get_wall_ahead (LiveClock *clock)
{
  return live_clock_get_wall (clock) - live_clock_get_boot (clock);
}

static void
on_started_read (GObject *client, GAsyncResult *result, gpointer data)
{
  LiveGuestQuestion *question = data;
  LiveGuestWindow *window = g_hash_table_lookup (question->owner->windows, question->qube);
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, NULL);
  g_autoptr (LivePropertyValue) value = answer != NULL ? live_qubesd_reply_parse_property (answer, NULL) : NULL;
  double started = value != NULL ? g_ascii_strtod (value->value, NULL) : 0;

  if (window != NULL)
    {
      window->asking = FALSE;
      if (started > 0 && started < (double) G_MAXINT32 * 1000)
        {
          /* A start that is yet to come is one by a clock that was set back since. */
          window->started = MIN ((gint64) started, live_clock_get_wall (window->owner->clock));
          window->wall_ahead = get_wall_ahead (window->owner->clock);
          update (window);
        }
      else if (++window->n_questions < MAX_QUESTIONS)
        set_alarm (window, live_clock_get_wall (window->owner->clock) + RETRY_SECONDS);
    }
  g_object_unref (question->owner);
  g_object_unref (question->qube);
  g_free (question);
}

static void
ask (LiveGuestWindow *window)
{
  LiveGuestQuestion *question = NULL;

  if (window->asking)
    return;
  window->asking = TRUE;
  question = g_new (LiveGuestQuestion, 1);
  question->owner = g_object_ref (window->owner);
  question->qube = g_object_ref (window->qube);
  live_qubesd_client_call_async (window->owner->client, "admin.vm.property.Get", "start_time",
                                 live_qube_get_name (window->qube), NULL, 0, NULL, on_started_read, question);
}

static void
update (LiveGuestWindow *window)
{
  const char *text = live_qube_get_facts (window->qube)->features[LIVE_FEATURE_GUEST_WINDOW];
  LiveClock *clock = window->owner->clock;
  gint64 end = window->started + live_window_guest_seconds (text);
  gboolean over = live_clock_get_wall (clock) >= end;

  if (window->started == 0)
    {
      ask (window);
      return;
    }
  set_alarm (window, over ? 0 : end);
  live_qube_set_guest_window_deadline (window->qube, over ? 0 : end);
}

static void
look_at (LiveGuestWindows *self, LiveQube *qube)
{
  const LiveQubeFacts *facts = live_qube_get_facts (qube);
  LiveGuestWindow *window = g_hash_table_lookup (self->windows, qube);
  gboolean wanted = facts->state == LIVE_QUBE_STATE_RUNNING
                    && live_window_guest_seconds (facts->features[LIVE_FEATURE_GUEST_WINDOW]) > 0
                    /* A window that dom0 opened has an end of its own. */
                    && facts->features[LIVE_FEATURE_WINDOW] == NULL;

  if (!wanted)
    {
      g_hash_table_remove (self->windows, qube);
      return;
    }
  if (window == NULL)
    {
      window = g_new0 (LiveGuestWindow, 1);
      window->owner = self;
      window->qube = g_object_ref (qube);
      g_hash_table_insert (self->windows, qube, window);
    }
  update (window);
}

static void
on_state (LiveQube *qube, GParamSpec *property, LiveGuestWindows *self)
{
  look_at (self, qube);
}

static void
on_qube_added (LiveSystem *system, LiveQube *qube, LiveGuestWindows *self)
{
  g_signal_connect_object (qube, "notify::state", G_CALLBACK (on_state), self, 0);
}

static void
on_qube_settled (LiveSystem *system, LiveQube *qube, LiveGuestWindows *self)
{
  look_at (self, qube);
}

static void
on_qube_removed (LiveSystem *system, LiveQube *qube, LiveGuestWindows *self)
{
  g_hash_table_remove (self->windows, qube);
}

/* The qube counts its seconds whatever the wall clock of dom0 is set to. */
static void
on_clock_changed (LiveClock *clock, LiveGuestWindows *self)
{
  gint64 wall_ahead = get_wall_ahead (clock);
  GHashTableIter iter;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, self->windows);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      LiveGuestWindow *window = value;
      gint64 set = wall_ahead - window->wall_ahead;

      /* Both clocks are read in whole seconds. */
      if (window->started == 0 || ABS (set) <= 1)
        continue;
      window->started += set;
      window->wall_ahead = wall_ahead;
      update (window);
    }
}

static void
live_guest_windows_dispose (GObject *object)
{
  LiveGuestWindows *self = LIVE_GUEST_WINDOWS (object);

  if (self->system != NULL)
    g_signal_handlers_disconnect_by_data (self->system, self);
  if (self->clock != NULL)
    g_signal_handlers_disconnect_by_data (self->clock, self);
  g_hash_table_remove_all (self->windows);
  g_clear_object (&self->system);
  g_clear_object (&self->client);
  g_clear_object (&self->clock);
  G_OBJECT_CLASS (live_guest_windows_parent_class)->dispose (object);
}

static void
live_guest_windows_finalize (GObject *object)
{
  g_hash_table_unref (LIVE_GUEST_WINDOWS (object)->windows);
  G_OBJECT_CLASS (live_guest_windows_parent_class)->finalize (object);
}

static void
live_guest_windows_class_init (LiveGuestWindowsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = live_guest_windows_dispose;
  G_OBJECT_CLASS (klass)->finalize = live_guest_windows_finalize;
}

static void
live_guest_windows_init (LiveGuestWindows *self)
{
  self->windows = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) window_free);
}

LiveGuestWindows *
live_guest_windows_new (LiveSystem *system, LiveQubesdClient *client, LiveClock *clock)
{
  LiveGuestWindows *self = g_object_new (LIVE_TYPE_GUEST_WINDOWS, NULL);

  self->system = g_object_ref (system);
  self->client = g_object_ref (client);
  self->clock = g_object_ref (clock);
  g_signal_connect (system, "qube-added", G_CALLBACK (on_qube_added), self);
  g_signal_connect (system, "qube-settled", G_CALLBACK (on_qube_settled), self);
  g_signal_connect (system, "qube-removed", G_CALLBACK (on_qube_removed), self);
  g_signal_connect (clock, "changed", G_CALLBACK (on_clock_changed), self);
  return self;
}
