/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/qubesd-event-parser.h"

#include "model/error.h"
#include "sources/qubesd-wire.h"

#include <string.h>

struct _LiveQubesdEventParser
{
  GByteArray *buffer;
  gsize frame;        /* where the current frame starts */
  gsize scanned;      /* up to here the current frame is known to hold no further end of a field */
  gsize field;        /* where the current field starts */
  GPtrArray *fields;  /* of the current frame, those that are complete */
  gboolean is_broken; /* gave an error */
};

void
live_qubesd_event_free (LiveQubesdEvent *event)
{
  g_strfreev (event->fields);
  g_free (event);
}

LiveQubesdEventParser *
live_qubesd_event_parser_new (void)
{
  LiveQubesdEventParser *parser = g_new0 (LiveQubesdEventParser, 1);

  parser->buffer = g_byte_array_new ();
  parser->fields = g_ptr_array_new_with_free_func (g_free);
  return parser;
}

void
live_qubesd_event_parser_free (LiveQubesdEventParser *parser)
{
  g_byte_array_unref (parser->buffer);
  g_ptr_array_unref (parser->fields);
  g_free (parser);
}

void
live_qubesd_event_parser_feed (LiveQubesdEventParser *parser, const guint8 *data, gsize length)
{
  g_return_if_fail (length <= G_MAXINT);

  /* Forget what was handed out, here and not after each event: a burst of small frames is moved once. */
  if (parser->frame > 0)
    {
      g_byte_array_remove_range (parser->buffer, 0, (guint)parser->frame);
      parser->scanned -= parser->frame;
      parser->field -= parser->frame;
      parser->frame = 0;
      /* And do not keep the room of the longest burst for ever. */
      if (parser->buffer->len == 0)
        {
          g_byte_array_unref (parser->buffer);
          parser->buffer = g_byte_array_new ();
        }
    }
  g_byte_array_append (parser->buffer, data, (guint)length);
}

static void
set_broken (LiveQubesdEventParser *parser, GError **error, const char *message)
{
  parser->is_broken = TRUE;
  g_set_error_literal (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL, message);
}

/* An error frame ends the stream, so all of it is needed only as far as its three fields. */
static void
look_for_error_frame (LiveQubesdEventParser *parser, const guint8 *data, gsize length, GError **error)
{
  guint n_ends = 0;

  for (gsize i = 0; i < length; i++)
    {
      if (data[i] == '\0' && ++n_ends == 3)
        {
          parser->is_broken = TRUE;
          g_propagate_error (error, live_qubesd_error_new (data, i + 1));
          return;
        }
    }
  if (length > LIVE_QUBESD_REQUEST_MAX)
    set_broken (parser, error, "qubesd sent an endless error in the stream of events");
}

LiveQubesdEvent *
live_qubesd_event_parser_next (LiveQubesdEventParser *parser, GError **error)
{
  const guint8 *data = parser->buffer->data;
  gsize length = parser->buffer->len;

  if (parser->is_broken)
    {
      set_broken (parser, error, "The stream of events of qubesd is broken");
      return NULL;
    }
  if (length - parser->frame >= 1 && data[parser->frame] != '1' && data[parser->frame] != '2')
    {
      set_broken (parser, error, "qubesd sent something else than an event in the stream of events");
      return NULL;
    }
  if (length - parser->frame < 2)
    return NULL;
  if (data[parser->frame + 1] != '\0')
    {
      set_broken (parser, error, "qubesd sent something else than an event in the stream of events");
      return NULL;
    }
  if (data[parser->frame] == '2')
    {
      look_for_error_frame (parser, data + parser->frame + 2, length - parser->frame - 2, error);
      return NULL;
    }

  if (parser->field < parser->frame + 2)
    parser->field = parser->scanned = parser->frame + 2;
  while (parser->scanned < length)
    {
      const guint8 *end = memchr (data + parser->scanned, '\0', length - parser->scanned);
      gsize field_length = 0;
      gboolean is_last = FALSE;

      if (end == NULL)
        {
          parser->scanned = length;
          break;
        }
      field_length = (gsize)(end - data) - parser->field;
      /* Subject, name, then key, value, key, value …: only where a key is due, nothing means the end. */
      is_last = parser->fields->len >= 2 && parser->fields->len % 2 == 0 && field_length == 0;
      if (!is_last)
        g_ptr_array_add (parser->fields, g_utf8_make_valid ((const char *)data + parser->field, (gssize)field_length));
      parser->scanned = parser->field = (gsize)(end - data) + 1;
      if (parser->scanned - parser->frame > LIVE_QUBESD_EVENT_MAX)
        break;
      if (is_last)
        {
          LiveQubesdEvent *event = g_new0 (LiveQubesdEvent, 1);

          g_ptr_array_add (parser->fields, NULL);
          event->fields = (char **)g_ptr_array_free (parser->fields, FALSE);
          event->subject = event->fields[0];
          event->name = event->fields[1];
          event->key_values = event->fields + 2;
          parser->fields = g_ptr_array_new_with_free_func (g_free);
          parser->frame = parser->scanned;
          return event;
        }
    }
  if (length - parser->frame > LIVE_QUBESD_EVENT_MAX)
    set_broken (parser, error, "qubesd sent an event without an end");
  return NULL;
}
