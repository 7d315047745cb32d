/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/window-watch.h"

#include "client/window-words.h"
#include "model/window.h"

#include <glib/gi18n.h>
#include <string.h>

/* So long before the end there is a warning. */
#define WARNING_SECONDS 60

/* What is known of a qube by its name: it outlives the helper, whose objects do not. */
typedef struct
{
  gboolean in_window;
  char *outcome;         /* the last one that was seen */
  gint64 warned;         /* the end that was warned of; 0: none */
  gboolean asked;        /* what to do with a qube that does not shut down */
  gboolean end_told;     /* of the last window, and there was no other since */
  gint64 guest_deadline; /* the end of its own time, not passed yet; 0: none */
} Watched;

struct _LiveWindowWatch
{
  LiveClient *client;
  LiveNotifier *notifier;
  LiveClock *clock;
  LiveWindows *windows;
  GHashTable *watched; /* name → Watched */
  guint alarm;         /* 0: none */
};

static void
watched_free (gpointer data)
{
  Watched *watched = data;

  g_free (watched->outcome);
  g_free (watched);
}

/* Buttons. */

/* (nullable): the qube that a notification is about, if it is still there. */
static LiveClientQube *
find_qube (LiveWindowWatch *self, const char *subject)
{
  const char *name = strchr (subject, ' ');

  return name != NULL ? live_client_find_qube (self->client, name + 1) : NULL;
}

static void
extend_pressed (const char *subject, gpointer data)
{
  LiveWindowWatch *self = data;
  LiveClientQube *qube = find_qube (self, subject);

  if (qube != NULL)
    live_windows_extend (self->windows, qube);
}

static void
close_pressed (const char *subject, gpointer data)
{
  LiveWindowWatch *self = data;
  LiveClientQube *qube = find_qube (self, subject);

  if (qube != NULL)
    live_windows_close (self->windows, qube);
}

static void
open_again_pressed (const char *subject, gpointer data)
{
  LiveWindowWatch *self = data;
  LiveClientQube *qube = find_qube (self, subject);

  if (qube != NULL)
    live_windows_open_again (self->windows, qube);
}

static void
wait_pressed (const char *subject, gpointer data)
{
  LiveWindowWatch *self = data;

  live_notifier_withdraw (self->notifier, subject);
}

static void
end_pressed (const char *subject, gpointer data)
{
  LiveWindowWatch *self = data;
  LiveClientQube *qube = find_qube (self, subject);

  if (qube != NULL)
    live_windows_ask_to_end (self->windows, qube);
}

/* What is told. */

static void
withdraw (LiveWindowWatch *self, const char *name)
{
  g_autofree char *subject = live_windows_get_subject (name);

  live_notifier_withdraw (self->notifier, subject);
}

static void
warn (LiveWindowWatch *self, const char *name)
{
  const LiveNotifierButton buttons[]
      = { { _ ("Extend by 10 minutes"), extend_pressed, self }, { _ ("Close now"), close_pressed, self } };
  g_autofree char *subject = live_windows_get_subject (name);
  g_autofree char *title = NULL;
  g_autofree char *body = NULL;

  live_words_window_last_minute (name, &title, &body);
  live_notifier_send_with_buttons (self->notifier, subject, title, body, LIVE_NOTIFIER_NORMAL, buttons,
                                   G_N_ELEMENTS (buttons));
}

/* It stays until somebody has decided, or the qube has: nothing else happens meanwhile. */
static void
ask (LiveWindowWatch *self, const char *name)
{
  const LiveNotifierButton buttons[] = { { _ ("Wait"), wait_pressed, self }, { _ ("End it now…"), end_pressed, self } };
  g_autofree char *subject = live_windows_get_subject (name);
  g_autofree char *title = NULL;
  g_autofree char *body = NULL;

  live_words_window_not_shutting_down (name, &title, &body);
  live_notifier_send_with_buttons (self->notifier, subject, title, body, LIVE_NOTIFIER_CRITICAL, buttons,
                                   G_N_ELEMENTS (buttons));
}

static void
tell_end (LiveWindowWatch *self, LiveClientQube *qube, Watched *watched)
{
  const LiveNotifierButton button = { _ ("Open again"), open_again_pressed, self };
  const char *name = live_client_qube_get_name (qube);
  const char *outcome = live_client_qube_get_window_outcome (qube);
  g_autofree char *subject = live_windows_get_subject (name);
  g_autofree char *title = NULL;
  g_autofree char *body = NULL;

  /* A helper that was started anew does not know, or not yet. */
  if (*outcome == '\0')
    {
      if (watched->asked)
        live_notifier_withdraw (self->notifier, subject);
      return;
    }
  if (g_str_equal (outcome, LIVE_WINDOW_OUTCOME_FAILED) && live_windows_tells_failure (self->windows, name))
    return;
  live_words_window_outcome (outcome, name, &title, &body);
  live_notifier_send_with_buttons (self->notifier, subject, title, body, LIVE_NOTIFIER_NORMAL, &button, 1);
  watched->end_told = TRUE;
}

/* It runs: a window in dom0's sense cannot be opened for it, so there is no button. */
static void
tell_guest_end (LiveWindowWatch *self, const char *name)
{
  g_autofree char *subject = live_windows_get_subject (name);
  g_autofree char *title = NULL;
  g_autofree char *body = NULL;

  live_words_guest_window_over (name, &title, &body);
  live_notifier_send (self->notifier, subject, title, body, LIVE_NOTIFIER_NORMAL);
}

/* What there is to tell. */

/* What was told of an earlier window is over with the next one. */
static void
enter (LiveWindowWatch *self, LiveClientQube *qube, Watched *watched)
{
  if (watched->end_told)
    withdraw (self, live_client_qube_get_name (qube));
  watched->end_told = FALSE;
  watched->in_window = TRUE;
}

static void
judge_open (LiveWindowWatch *self, LiveClientQube *qube, Watched *watched, gint64 now)
{
  const char *name = live_client_qube_get_name (qube);
  gint64 deadline = live_client_qube_get_window_deadline (qube);

  enter (self, qube, watched);
  if (watched->asked || (watched->warned != 0 && watched->warned != deadline))
    {
      watched->asked = FALSE;
      watched->warned = 0;
      withdraw (self, name);
    }
  if (deadline <= now || deadline - now > WARNING_SECONDS || watched->warned == deadline)
    return;
  watched->warned = deadline;
  warn (self, name);
}

static void
judge_change (LiveWindowWatch *self, LiveClientQube *qube, Watched *watched)
{
  const char *name = live_client_qube_get_name (qube);
  gboolean stuck = g_str_equal (live_client_qube_get_window_step (qube), LIVE_WINDOW_STEP_NOT_SHUTTING_DOWN);

  enter (self, qube, watched);
  if (stuck && !watched->asked)
    ask (self, name);
  else if (!stuck)
    withdraw (self, name);
  watched->asked = stuck;
}

static void
judge_closed (LiveWindowWatch *self, LiveClientQube *qube, Watched *watched)
{
  const char *outcome = live_client_qube_get_window_outcome (qube);
  /* A window that was opening for so short a time that it was not seen. */
  gboolean unseen = g_strcmp0 (watched->outcome, outcome) != 0 && *outcome != '\0';

  if (watched->in_window || unseen)
    tell_end (self, qube, watched);
  watched->in_window = FALSE;
  watched->asked = FALSE;
}

static void
judge_guest (LiveWindowWatch *self, LiveClientQube *qube, Watched *watched, gint64 now)
{
  gint64 deadline = live_client_qube_get_guest_window_deadline (qube);
  gint64 passed = watched->guest_deadline;

  watched->guest_deadline = deadline > now ? deadline : 0;
  /* Also when the helper has taken the time back because it is over. */
  if (passed != 0 && passed <= now && live_client_qube_is_running (qube))
    tell_guest_end (self, live_client_qube_get_name (qube));
}

static void
judge (LiveWindowWatch *self, LiveClientQube *qube, Watched *watched)
{
  const char *state = live_client_qube_get_window_state (qube);
  gint64 now = live_clock_get_wall (self->clock);

  if (g_str_equal (state, LIVE_WINDOW_OPEN))
    judge_open (self, qube, watched, now);
  else if (g_str_equal (state, LIVE_WINDOW_CLOSED))
    judge_closed (self, qube, watched);
  else
    judge_change (self, qube, watched);
  g_free (watched->outcome);
  watched->outcome = g_strdup (live_client_qube_get_window_outcome (qube));
  judge_guest (self, qube, watched, now);
}

static void on_alarm (gpointer data);

/* When there is something to tell next of one qube; G_MAXINT64: never, as things are. */
static gint64
get_next (LiveClientQube *qube, Watched *watched)
{
  gint64 deadline = live_client_qube_get_window_deadline (qube);
  gint64 next = watched->guest_deadline != 0 ? watched->guest_deadline : G_MAXINT64;

  if (g_str_equal (live_client_qube_get_window_state (qube), LIVE_WINDOW_OPEN) && deadline > WARNING_SECONDS
      && watched->warned != deadline)
    next = MIN (next, deadline - WARNING_SECONDS);
  return next;
}

static void
arm (LiveWindowWatch *self)
{
  gint64 now = live_clock_get_wall (self->clock);
  gint64 next = G_MAXINT64;
  GHashTableIter iter;
  gpointer name = NULL;
  gpointer value = NULL;

  if (self->alarm != 0)
    live_clock_remove_alarm (self->clock, self->alarm);
  self->alarm = 0;
  g_hash_table_iter_init (&iter, self->watched);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      LiveClientQube *qube = live_client_find_qube (self->client, name);
      gint64 each = qube != NULL ? get_next (qube, value) : G_MAXINT64;

      /* What should have happened already does not wake anybody again and again. */
      if (each > now)
        next = MIN (next, each);
    }
  if (next != G_MAXINT64)
    self->alarm = live_clock_add_alarm (self->clock, next, on_alarm, self);
}

static void
judge_all (LiveWindowWatch *self)
{
  GHashTableIter iter;
  gpointer name = NULL;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, self->watched);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      LiveClientQube *qube = live_client_find_qube (self->client, name);

      if (qube != NULL)
        judge (self, qube, value);
    }
  arm (self);
}

static void
on_alarm (gpointer data)
{
  LiveWindowWatch *self = data;

  self->alarm = 0;
  judge_all (self);
}

/* Whether there is anything to remember of a qube; most have never had a window. */
static gboolean
is_worth_watching (LiveClientQube *qube)
{
  return !g_str_equal (live_client_qube_get_window_state (qube), LIVE_WINDOW_CLOSED)
         || *live_client_qube_get_window_outcome (qube) != '\0'
         || live_client_qube_get_guest_window_deadline (qube) != 0;
}

static void
qube_changed (LiveClient *client, LiveClientQube *qube, LiveWindowWatch *self)
{
  const char *name = live_client_qube_get_name (qube);
  Watched *watched = g_hash_table_lookup (self->watched, name);

  if (watched == NULL && !is_worth_watching (qube))
    return;
  if (watched == NULL)
    {
      watched = g_new0 (Watched, 1);
      g_hash_table_insert (self->watched, g_strdup (name), watched);
    }
  judge (self, qube, watched);
  arm (self);
}

static void
qube_added (LiveClient *client, LiveClientQube *qube, LiveWindowWatch *self)
{
  const char *name = live_client_qube_get_name (qube);
  const char *outcome = live_client_qube_get_window_outcome (qube);

  /* How a window ended before this program started is no news, but that one was left behind by a crash is: there was
   * nobody to tell. */
  if (g_hash_table_lookup (self->watched, name) == NULL && is_worth_watching (qube)
      && !g_str_equal (outcome, LIVE_WINDOW_OUTCOME_RECOVERED))
    {
      Watched *watched = g_new0 (Watched, 1);

      watched->outcome = g_strdup (outcome);
      g_hash_table_insert (self->watched, g_strdup (name), watched);
    }
  qube_changed (client, qube, self);
}

static void
forget (LiveWindowWatch *self, const char *name)
{
  if (g_hash_table_remove (self->watched, name))
    withdraw (self, name);
}

static void
qube_removed (LiveClient *client, LiveClientQube *qube, LiveWindowWatch *self)
{
  /* Otherwise it is the helper that went. */
  if (live_client_get_state (client) == LIVE_CLIENT_READY)
    forget (self, live_client_qube_get_name (qube));
  arm (self);
}

/* Qubes that were removed while the helper was away; until it has read all there are, one that is missing may come. */
static void
forget_gone (LiveWindowWatch *self)
{
  g_autoptr (GPtrArray) gone = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer name = NULL;

  if (live_client_get_state (self->client) != LIVE_CLIENT_READY || !live_client_get_synchronized (self->client))
    return;
  g_hash_table_iter_init (&iter, self->watched);
  while (g_hash_table_iter_next (&iter, &name, NULL))
    if (live_client_find_qube (self->client, name) == NULL)
      g_ptr_array_add (gone, g_strdup (name));
  for (guint i = 0; i < gone->len; i++)
    forget (self, gone->pdata[i]);
}

LiveWindowWatch *
live_window_watch_new (LiveClient *client, LiveNotifier *notifier, LiveClock *clock, LiveWindows *windows)
{
  LiveWindowWatch *self = g_new0 (LiveWindowWatch, 1);
  g_autoptr (GPtrArray) qubes = live_client_get_qubes (client);

  self->client = g_object_ref (client);
  self->notifier = g_object_ref (notifier);
  self->clock = g_object_ref (clock);
  self->windows = g_object_ref (windows);
  self->watched = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, watched_free);
  for (guint i = 0; i < qubes->len; i++)
    qube_added (client, qubes->pdata[i], self);
  g_signal_connect (client, "qube-added", G_CALLBACK (qube_added), self);
  g_signal_connect (client, "qube-changed", G_CALLBACK (qube_changed), self);
  g_signal_connect (client, "qube-removed", G_CALLBACK (qube_removed), self);
  g_signal_connect_swapped (client, "manager-changed", G_CALLBACK (forget_gone), self);
  g_signal_connect_swapped (clock, "changed", G_CALLBACK (judge_all), self);
  return self;
}

void
live_window_watch_free (LiveWindowWatch *self)
{
  g_signal_handlers_disconnect_by_data (self->client, self);
  g_signal_handlers_disconnect_by_data (self->clock, self);
  if (self->alarm != 0)
    live_clock_remove_alarm (self->clock, self->alarm);
  g_hash_table_unref (self->watched);
  g_object_unref (self->client);
  g_object_unref (self->notifier);
  g_object_unref (self->clock);
  g_object_unref (self->windows);
  g_free (self);
}
