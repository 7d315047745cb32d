/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "client/client.h"

G_BEGIN_DECLS

/**
 * LiveNotifierUrgency:
 *
 * The levels of the Desktop Notifications Specification, "Urgency Levels".
 */
typedef enum
{
  LIVE_NOTIFIER_LOW,
  LIVE_NOTIFIER_NORMAL,
  LIVE_NOTIFIER_CRITICAL
} LiveNotifierUrgency;

#define LIVE_TYPE_NOTIFIER (live_notifier_get_type ())
G_DECLARE_FINAL_TYPE (LiveNotifier, live_notifier, LIVE, NOTIFIER, GObject)

/**
 * LiveNotifier:
 *
 * Notifications: few, and one at a time for each subject; a new one takes the place of the old. Watches the client for
 * changes that waited for a qube to halt and are applied now, or failed.
 *
 * It speaks the Desktop Notifications Specification itself because libnotify waits for the notification service inside
 * each call, and a service that has to be started first would stop the menu meanwhile.
 */

/**
 * live_notifier_new:
 * @session: (nullable): the session bus; without one nothing is shown
 * @client: what to watch
 * @icon_directory: (nullable): where the icons are, for a program that is not installed
 *
 * Returns: (transfer full): the notifier
 */
LiveNotifier *live_notifier_new (GDBusConnection *session, LiveClient *client, const char *icon_directory);

/**
 * LiveNotifierButton:
 * @label: what stands on it
 * @pressed: is called when a person presses it
 * @data: for @pressed; has to live as long as the notifier
 *
 * A button of a notification. Not every service shows buttons: say in the text what matters.
 */
typedef struct
{
  const char *label;
  void (*pressed) (const char *subject, gpointer data);
  gpointer data;
} LiveNotifierButton;

/* A notification has no more of them. */
#define LIVE_NOTIFIER_BUTTONS_MAX 2

/**
 * live_notifier_send:
 * @subject: what it is about, such as the name of a qube; not shown
 * @title: plain text
 * @body: plain text; is escaped where the service understands markup
 *
 * Shows a notification, in place of an earlier one with this subject.
 */
void live_notifier_send (
    LiveNotifier *self, const char *subject, const char *title, const char *body, LiveNotifierUrgency urgency);

/* As live_notifier_send(), with buttons, the first one first; @buttons is copied. */
void live_notifier_send_with_buttons (LiveNotifier *self,
                                      const char *subject,
                                      const char *title,
                                      const char *body,
                                      LiveNotifierUrgency urgency,
                                      const LiveNotifierButton *buttons,
                                      gsize n_buttons);

/* Takes away what is shown for this subject, if anything is. */
void live_notifier_withdraw (LiveNotifier *self, const char *subject);

/* Tells that something went wrong and what to do. Being cancelled is not told. @subject: as for live_words_error(). */
void live_notifier_send_error (LiveNotifier *self, const char *subject, const GError *error);

G_END_DECLS
