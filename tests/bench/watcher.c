/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bench/watcher.h"

#include <string.h>

typedef struct
{
  gint64 when;
  char *interface;
  char *member;
  char *path;
  GVariant *parameters;
} LiveSeen;

struct _LiveWatcher
{
  char *bus_address;
  GThread *thread;
  GMainContext *context;
  GMainLoop *loop;
  GMutex mutex;
  GCond changed;
  gboolean ready;  /* under the mutex */
  GPtrArray *seen; /* of LiveSeen; under the mutex */
};

static void
free_seen (gpointer data)
{
  LiveSeen *seen = data;

  g_free (seen->interface);
  g_free (seen->member);
  g_free (seen->path);
  g_variant_unref (seen->parameters);
  g_free (seen);
}

static void
on_signal (GDBusConnection *connection,
           const char *sender,
           const char *path,
           const char *interface,
           const char *member,
           GVariant *parameters,
           gpointer user_data)
{
  LiveWatcher *watcher = user_data;
  LiveSeen *seen = g_new0 (LiveSeen, 1);

  seen->when = g_get_monotonic_time ();
  seen->interface = g_strdup (interface);
  seen->member = g_strdup (member);
  seen->path = g_strdup (path);
  seen->parameters = g_variant_ref (parameters);
  g_mutex_lock (&watcher->mutex);
  g_ptr_array_add (watcher->seen, seen);
  g_cond_broadcast (&watcher->changed);
  g_mutex_unlock (&watcher->mutex);
}

static gpointer
run (gpointer data)
{
  LiveWatcher *watcher = data;
  g_autoptr (GDBusConnection) connection = NULL;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;
  guint subscription = 0;

  g_main_context_push_thread_default (watcher->context);
  connection = g_dbus_connection_new_for_address_sync (watcher->bus_address,
                                                       G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                                           | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                                       NULL, NULL, &error);
  if (connection == NULL)
    g_error ("The bus cannot be reached: %s", error->message);
  subscription = g_dbus_connection_signal_subscribe (connection, NULL, NULL, NULL, NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                                     on_signal, watcher, NULL);
  /* A round trip: the bus knows of the subscription when it answers. */
  reply = g_dbus_connection_call_sync (connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "GetId", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                                       &error);
  if (reply == NULL)
    g_error ("The bus does not answer: %s", error->message);
  g_mutex_lock (&watcher->mutex);
  watcher->ready = TRUE;
  g_cond_broadcast (&watcher->changed);
  g_mutex_unlock (&watcher->mutex);

  g_main_loop_run (watcher->loop);
  g_dbus_connection_signal_unsubscribe (connection, subscription);
  g_dbus_connection_close_sync (connection, NULL, NULL);
  g_main_context_pop_thread_default (watcher->context);
  return NULL;
}

LiveWatcher *
live_watcher_new (const char *bus_address)
{
  LiveWatcher *watcher = g_new0 (LiveWatcher, 1);

  watcher->bus_address = g_strdup (bus_address);
  watcher->context = g_main_context_new ();
  watcher->loop = g_main_loop_new (watcher->context, FALSE);
  watcher->seen = g_ptr_array_new_with_free_func (free_seen);
  g_mutex_init (&watcher->mutex);
  g_cond_init (&watcher->changed);
  watcher->thread = g_thread_new ("watcher", run, watcher);
  g_mutex_lock (&watcher->mutex);
  while (!watcher->ready)
    g_cond_wait (&watcher->changed, &watcher->mutex);
  g_mutex_unlock (&watcher->mutex);
  return watcher;
}

static gboolean
quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

void
live_watcher_free (LiveWatcher *watcher)
{
  if (watcher == NULL)
    return;
  g_main_context_invoke (watcher->context, quit, watcher->loop);
  g_thread_join (watcher->thread);
  g_main_loop_unref (watcher->loop);
  g_main_context_unref (watcher->context);
  g_ptr_array_unref (watcher->seen);
  g_mutex_clear (&watcher->mutex);
  g_cond_clear (&watcher->changed);
  g_free (watcher->bus_address);
  g_free (watcher);
}

void
live_watcher_forget (LiveWatcher *watcher)
{
  g_mutex_lock (&watcher->mutex);
  g_ptr_array_set_size (watcher->seen, 0);
  g_mutex_unlock (&watcher->mutex);
}

static gboolean
property_matches (const LiveWatcherMatch *match, GVariant *parameters)
{
  g_autoptr (GVariant) changed = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autofree char *text = NULL;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return FALSE;
  changed = g_variant_get_child_value (parameters, 1);
  value = g_variant_lookup_value (changed, match->property, NULL);
  if (value == NULL)
    return FALSE;
  text = g_variant_print (value, FALSE);
  return match->value == NULL || g_str_equal (text, match->value);
}

static gboolean
name_matches (const LiveWatcherMatch *match, GVariant *parameters)
{
  const char *name = NULL, *new_owner = NULL;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sss)")))
    return FALSE;
  g_variant_get (parameters, "(&s&s&s)", &name, NULL, &new_owner);
  return g_str_equal (name, match->name) && *new_owner != '\0';
}

static gboolean
matches (const LiveWatcherMatch *match, const LiveSeen *seen)
{
  return g_str_equal (seen->interface, match->interface) && g_str_equal (seen->member, match->member)
         && (match->path == NULL || g_str_equal (seen->path, match->path))
         && (match->property == NULL || property_matches (match, seen->parameters))
         && (match->name == NULL || name_matches (match, seen->parameters));
}

gboolean
live_watcher_wait (LiveWatcher *watcher, const LiveWatcherMatch *match, double seconds, gint64 *when)
{
  gint64 end = g_get_monotonic_time () + (gint64)(seconds * G_USEC_PER_SEC);
  gboolean found = FALSE, expired = FALSE;
  guint next = 0;

  g_mutex_lock (&watcher->mutex);
  while (!found && !expired)
    {
      for (; next < watcher->seen->len && !found; next++)
        {
          const LiveSeen *seen = g_ptr_array_index (watcher->seen, next);

          found = matches (match, seen);
          if (found && when != NULL)
            *when = seen->when;
        }
      if (!found)
        expired = !g_cond_wait_until (&watcher->changed, &watcher->mutex, end);
    }
  g_mutex_unlock (&watcher->mutex);
  return found;
}
