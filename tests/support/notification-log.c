/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "notification-log.h"

struct _LiveTestNotificationLog
{
  GDBusConnection *bus;
  guint filter;
  /* Of GDBusMessage; the filter runs in GDBus's own thread. */
  GAsyncQueue *arrived;
  GPtrArray *notifications;
};

static void
notification_free (gpointer data)
{
  LiveTestNotification *notification = data;

  g_free (notification->summary);
  g_free (notification->body);
  g_free (notification);
}

static GDBusMessage *
on_message (GDBusConnection *bus, GDBusMessage *message, gboolean incoming, gpointer user_data)
{
  GAsyncQueue *arrived = user_data;

  if (!incoming || g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL)
    return message;
  g_async_queue_push (arrived, message);
  /* Swallowed: it is for somebody else, and the bus throws out a monitor that answers. */
  return NULL;
}

LiveTestNotificationLog *
live_test_notification_log_new (const char *bus_address, GError **error)
{
  const char *const rules[] = { "type='method_call',interface='org.freedesktop.Notifications',member='Notify'", NULL };
  g_autoptr (LiveTestNotificationLog) log = g_new0 (LiveTestNotificationLog, 1);
  g_autoptr (GVariant) reply = NULL;

  log->arrived = g_async_queue_new_full (g_object_unref);
  log->notifications = g_ptr_array_new_with_free_func (notification_free);
  log->bus = g_dbus_connection_new_for_address_sync (
      bus_address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL,
      NULL, error);
  if (log->bus == NULL)
    return NULL;
  /* Before it is a monitor: the first message may come at once. */
  log->filter = g_dbus_connection_add_filter (log->bus, on_message, g_async_queue_ref (log->arrived),
                                              (GDestroyNotify)g_async_queue_unref);
  reply = g_dbus_connection_call_sync (
      log->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus.Monitoring", "BecomeMonitor",
      g_variant_new ("(^asu)", rules, 0), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, error);
  if (reply == NULL)
    return NULL;
  return g_steal_pointer (&log);
}

void
live_test_notification_log_free (LiveTestNotificationLog *log)
{
  if (log->bus != NULL)
    {
      if (log->filter != 0)
        g_dbus_connection_remove_filter (log->bus, log->filter);
      g_dbus_connection_close_sync (log->bus, NULL, NULL);
      g_object_unref (log->bus);
    }
  g_async_queue_unref (log->arrived);
  g_ptr_array_unref (log->notifications);
  g_free (log);
}

GPtrArray *
live_test_notification_log_get (LiveTestNotificationLog *log)
{
  GDBusMessage *next;

  while ((next = g_async_queue_try_pop (log->arrived)) != NULL)
    {
      g_autoptr (GDBusMessage) message = next;
      GVariant *arguments = g_dbus_message_get_body (message);
      g_autoptr (GVariant) hints = NULL;
      LiveTestNotification *notification;
      guint8 urgency;

      /* application, replaced id, icon, summary, body, actions, hints, expiry */
      if (arguments == NULL || !g_variant_is_of_type (arguments, G_VARIANT_TYPE ("(susssasa{sv}i)")))
        continue;
      notification = g_new0 (LiveTestNotification, 1);
      g_variant_get_child (arguments, 3, "s", &notification->summary);
      g_variant_get_child (arguments, 4, "s", &notification->body);
      hints = g_variant_get_child_value (arguments, 6);
      notification->urgency = g_variant_lookup (hints, "urgency", "y", &urgency) ? urgency : -1;
      g_ptr_array_add (log->notifications, notification);
    }
  return log->notifications;
}
