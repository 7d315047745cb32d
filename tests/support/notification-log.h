/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * LiveTestNotification:
 * @summary: title
 * @body: text below it, with the markup that was sent
 * @urgency: 0 low, 1 normal, 2 critical, -1 not said
 *
 * A notification that some program sent.
 */
typedef struct
{
  char *summary;
  char *body;
  int urgency;
} LiveTestNotification;

/**
 * LiveTestNotificationLog:
 *
 * Reads along what is sent to the notification daemon of a session bus, which tells nobody what it shows.
 */
typedef struct _LiveTestNotificationLog LiveTestNotificationLog;

/**
 * live_test_notification_log_new:
 * @bus_address: address of the session bus
 * @error: return location for a #GError
 *
 * Returns: (transfer full): a log that misses nothing from now on, or %NULL with @error set
 */
LiveTestNotificationLog *live_test_notification_log_new (const char *bus_address, GError **error);
void live_test_notification_log_free (LiveTestNotificationLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveTestNotificationLog, live_test_notification_log_free)

/**
 * live_test_notification_log_get:
 * @log: a log
 *
 * Returns: (transfer none) (element-type LiveTestNotification): all so far, the oldest first; grows with the next call
 */
GPtrArray *live_test_notification_log_get (LiveTestNotificationLog *log);

G_END_DECLS
