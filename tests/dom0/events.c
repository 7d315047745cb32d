/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "events.h"

#include <string.h>

#include "connection.h"

typedef struct
{
  LiveDom0Connection *connection;
  /* The only subject this stream sees, or NULL for all. */
  char *subject;
} Subscriber;

struct _LiveDom0Events
{
  GPtrArray *subscribers;
};

static void
subscriber_free (Subscriber *subscriber)
{
  g_free (subscriber->subject);
  g_free (subscriber);
}

LiveDom0Events *
live_dom0_events_new (void)
{
  LiveDom0Events *events = g_new0 (LiveDom0Events, 1);
  events->subscribers = g_ptr_array_new_with_free_func ((GDestroyNotify)subscriber_free);
  return events;
}

void
live_dom0_events_free (LiveDom0Events *events)
{
  g_ptr_array_unref (events->subscribers);
  g_free (events);
}

static void
append_text (GByteArray *frame, const char *text)
{
  g_byte_array_append (frame, (const guint8 *)text, strlen (text) + 1);
}

void
live_dom0_events_subscribe (LiveDom0 *dom0, LiveDom0Connection *connection, LiveDom0Qube *dest)
{
  static const guint8 greeting[] = "1\0\0connection-established\0";
  Subscriber *subscriber = g_new0 (Subscriber, 1);

  subscriber->connection = connection;
  if (dest->class != LIVE_DOM0_CLASS_ADMIN)
    subscriber->subject = g_strdup (dest->name);
  g_ptr_array_add (dom0->events->subscribers, subscriber);
  live_dom0_connection_set_streaming (connection);
  /* The literal's own NUL is the one that ends the frame. */
  live_dom0_connection_write (connection, greeting, sizeof greeting);
}

void
live_dom0_events_unsubscribe (LiveDom0 *dom0, LiveDom0Connection *connection)
{
  GPtrArray *subscribers = dom0->events->subscribers;

  for (guint i = subscribers->len; i > 0; i--)
    {
      Subscriber *subscriber = g_ptr_array_index (subscribers, i - 1);
      if (subscriber->connection == connection)
        g_ptr_array_remove_index (subscribers, i - 1);
    }
}

void
live_dom0_event (LiveDom0 *dom0, const char *subject, const char *event, ...)
{
  GPtrArray *subscribers = dom0->events->subscribers;
  g_autoptr (GByteArray) frame = NULL;
  va_list arguments;
  const char *text;

  if (subscribers->len == 0)
    return;
  frame = g_byte_array_new ();
  append_text (frame, "1");
  append_text (frame, subject ? subject : "");
  append_text (frame, event);
  va_start (arguments, event);
  while ((text = va_arg (arguments, const char *)))
    {
      append_text (frame, text);
      append_text (frame, va_arg (arguments, const char *));
    }
  va_end (arguments);
  append_text (frame, "");

  /* Backwards: a stream whose peer is gone takes itself out of the list while it is written to. */
  for (guint i = subscribers->len; i > 0; i--)
    {
      Subscriber *subscriber = g_ptr_array_index (subscribers, i - 1);
      if (!subscriber->subject || g_strcmp0 (subscriber->subject, subject) == 0)
        live_dom0_connection_write (subscriber->connection, frame->data, frame->len);
    }
}
