/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/alarm.h"

#include "client/words.h"
#include "model/reason.h"
#include "tray/why-window.h"

#include <glib/gi18n.h>
#include <string.h>

/* Subjects of notifications. No name of a qube has such a sign, so that a message about an ordinary change of the same
 * qube does not take the alarm's place. */
#define QUBE_PREFIX "!"
#define SYSTEM "!"

struct _LiveAlarm
{
  LiveClient *client;
  LiveNotifier *notifier;
  GHashTable *told; /* subjects */
  LiveWhyWindow *window;
  char *window_subject;
};

/* Why. */

static void
add_reasons (GPtrArray *lines, GVariant *reasons)
{
  GVariantIter iter;
  const char *code = NULL;
  GVariant *parameters = NULL;

  g_variant_iter_init (&iter, reasons);
  while (g_variant_iter_loop (&iter, "(&s@a{sv})", &code, &parameters))
    g_ptr_array_add (lines, live_words_reason (code, parameters));
}

static char *
qube_remedy (void)
{
  return g_strdup (_ ("Restart the qube: it gets its devices when it starts."));
}

static char *
system_remedy (void)
{
  return g_strdup (_ ("Do not count on anything being thrown away. Restart the computer to get a dom0 that is what its "
                      "boot entry says."));
}

/* The ordinary icon is green: not beside such a sentence. */
static void
set_alarming (LiveAlarm *self, gboolean alarming)
{
  gtk_window_set_icon_name (GTK_WINDOW (self->window), alarming ? "qubes-live-alarm" : "qubes-live");
}

static void
fill_with_qube (LiveAlarm *self, const char *name)
{
  LiveClientQube *qube = live_client_find_qube (self->client, name);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *leaves = NULL;
  g_autofree char *heading = NULL;

  set_alarming (self, qube != NULL && g_str_equal (live_client_qube_get_evidence (qube), "contradicted"));
  if (qube == NULL)
    {
      heading = g_strdup_printf (_ ("%s does not exist any more"), name);
      live_why_window_set_text (self->window, heading, lines);
      return;
    }
  leaves = live_words_leaves (live_client_qube_get_persistence (qube), live_client_qube_get_evidence (qube),
                              live_client_qube_get_class (qube));
  /* Translators: a qube's row in the menu: its name, then what it leaves behind */
  heading = g_strdup_printf (_ ("%s: %s"), name, leaves);
  g_ptr_array_add (
      lines, live_words_state_and_evidence (live_client_qube_get_state (qube), live_client_qube_get_evidence (qube)));
  add_reasons (lines, live_client_qube_get_reasons (qube));
  if (g_str_equal (live_client_qube_get_evidence (qube), "contradicted"))
    g_ptr_array_add (lines, qube_remedy ());
  live_why_window_set_text (self->window, heading, lines);
}

static void
fill_with_system (LiveAlarm *self)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *heading = live_words_status (self->client);

  set_alarming (self, g_str_equal (live_client_get_indicator (self->client), "alarm"));
  add_reasons (lines, live_client_get_indicator_reasons (self->client));
  if (g_str_equal (live_client_get_indicator (self->client), "alarm"))
    g_ptr_array_add (lines, system_remedy ());
  live_why_window_set_text (self->window, heading, lines);
}

/* What the window says stays true while it is open. */
static void
fill_window (LiveAlarm *self)
{
  if (self->window == NULL)
    return;
  if (live_client_get_state (self->client) != LIVE_CLIENT_READY || g_str_equal (self->window_subject, SYSTEM))
    fill_with_system (self);
  else
    fill_with_qube (self, self->window_subject + strlen (QUBE_PREFIX));
}

static void
show_why (const char *subject, gpointer data)
{
  LiveAlarm *self = data;

  if (self->window == NULL)
    {
      self->window = live_why_window_new ();
      g_signal_connect (self->window, "destroy", G_CALLBACK (gtk_widget_destroyed), &self->window);
    }
  g_free (self->window_subject);
  self->window_subject = g_strdup (subject);
  fill_window (self);
  gtk_window_present (GTK_WINDOW (self->window));
}

/* What is told. */

static void
tell (LiveAlarm *self, const char *subject, const char *title, const char *body)
{
  const LiveNotifierButton button = { _ ("Show why"), show_why, self };

  if (g_hash_table_add (self->told, g_strdup (subject)))
    live_notifier_send_with_buttons (self->notifier, subject, title, body, LIVE_NOTIFIER_CRITICAL, &button, 1);
}

static void
take_back (LiveAlarm *self, const char *subject)
{
  if (g_hash_table_remove (self->told, subject))
    live_notifier_withdraw (self->notifier, subject);
}

static void
judge_qube (LiveAlarm *self, LiveClientQube *qube)
{
  const char *name = live_client_qube_get_name (qube);
  const char *evidence = live_client_qube_get_evidence (qube);
  g_autofree char *subject = g_strconcat (QUBE_PREFIX, name, NULL);

  if (g_str_equal (evidence, "contradicted"))
    {
      g_autofree char *title = g_strdup_printf (_ ("%s is not as it claims"), name);
      g_autofree char *body = g_strdup_printf (
          _ ("%s can write where it is not supposed to. Restart the qube: it gets its devices when it starts."), name);

      tell (self, subject, title, body);
    }
  else if (!live_client_qube_is_running (qube) || g_str_equal (evidence, "verified"))
    take_back (self, subject);
}

/* Whether the indicator's alarm is about more than qubes, which are told one by one. */
static gboolean
is_about_system (LiveAlarm *self)
{
  GVariantIter iter;
  const char *code = NULL;
  gboolean any_qube = FALSE;

  g_variant_iter_init (&iter, live_client_get_indicator_reasons (self->client));
  while (g_variant_iter_next (&iter, "(&s@a{sv})", &code, NULL))
    {
      if (g_str_equal (code, LIVE_REASON_BOOT_CONTRADICTED))
        return TRUE;
      any_qube = any_qube || g_str_equal (code, LIVE_REASON_QUBE_CONTRADICTED);
    }
  return !any_qube;
}

static void
judge_system (LiveAlarm *self)
{
  const char *indicator = live_client_get_indicator (self->client);

  if (g_str_equal (indicator, "alarm") && is_about_system (self))
    {
      g_autofree char *title = live_words_status (self->client);
      g_autofree char *body = system_remedy ();

      tell (self, SYSTEM, title, body);
    }
  else if (!g_str_equal (indicator, "unknown"))
    take_back (self, SYSTEM);
}

static void
qube_changed (LiveClient *client, LiveClientQube *qube, LiveAlarm *self)
{
  /* While everything is read, most of it is not known yet. */
  if (live_client_get_state (client) == LIVE_CLIENT_READY)
    judge_qube (self, qube);
  fill_window (self);
}

static void
qube_removed (LiveClient *client, LiveClientQube *qube, LiveAlarm *self)
{
  g_autofree char *subject = g_strconcat (QUBE_PREFIX, live_client_qube_get_name (qube), NULL);

  /* Otherwise it is the helper that went. */
  if (live_client_get_state (client) == LIVE_CLIENT_READY)
    take_back (self, subject);
  fill_window (self);
}

static gboolean
is_gone (gpointer subject, gpointer unused, gpointer data)
{
  LiveAlarm *self = data;

  if (g_str_equal (subject, SYSTEM)
      || live_client_find_qube (self->client, (const char *) subject + strlen (QUBE_PREFIX)) != NULL)
    return FALSE;
  live_notifier_withdraw (self->notifier, subject);
  return TRUE;
}

/* Qubes that were removed while the helper was away; until it has read all there are, one that is missing may come. */
static void
forget_gone (LiveAlarm *self)
{
  if (live_client_get_synchronized (self->client))
    g_hash_table_foreach_remove (self->told, is_gone, self);
}

static void
manager_changed (LiveAlarm *self)
{
  if (live_client_get_state (self->client) == LIVE_CLIENT_READY)
    {
      judge_system (self);
      forget_gone (self);
    }
  fill_window (self);
}

static void
state_changed (LiveAlarm *self)
{
  g_autoptr (GPtrArray) qubes = NULL;

  if (live_client_get_state (self->client) == LIVE_CLIENT_READY)
    {
      qubes = live_client_get_qubes (self->client);
      for (guint i = 0; i < qubes->len; i++)
        judge_qube (self, qubes->pdata[i]);
      judge_system (self);
      forget_gone (self);
    }
  fill_window (self);
}

LiveAlarm *
live_alarm_new (LiveClient *client, LiveNotifier *notifier)
{
  LiveAlarm *self = g_new0 (LiveAlarm, 1);

  self->client = g_object_ref (client);
  self->notifier = g_object_ref (notifier);
  self->told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_signal_connect (client, "qube-added", G_CALLBACK (qube_changed), self);
  g_signal_connect (client, "qube-changed", G_CALLBACK (qube_changed), self);
  g_signal_connect (client, "qube-removed", G_CALLBACK (qube_removed), self);
  g_signal_connect_swapped (client, "manager-changed", G_CALLBACK (manager_changed), self);
  g_signal_connect_swapped (client, "notify::state", G_CALLBACK (state_changed), self);
  state_changed (self);
  return self;
}

void
live_alarm_free (LiveAlarm *self)
{
  g_signal_handlers_disconnect_by_data (self->client, self);
  if (self->window != NULL)
    gtk_widget_destroy (GTK_WIDGET (self->window));
  g_hash_table_unref (self->told);
  g_free (self->window_subject);
  g_object_unref (self->notifier);
  g_object_unref (self->client);
  g_free (self);
}
