/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One event. qubesd's largest value is a feature, limited by the size of a request, and seen twice in one frame. */
#define LIVE_QUBESD_EVENT_MAX (1024 * 1024)

/**
 * LiveQubesdEvent:
 * @subject: name of a qube, empty for the system
 * @name: of the event
 * @key_values: key, value, key, value …, %NULL-terminated
 *
 * One frame of the stream of events. All text is valid UTF-8; what was not is replaced by U+FFFD.
 */
typedef struct
{
  const char *subject;
  const char *name;
  char **key_values;

  /*< private >*/
  char **fields;
} LiveQubesdEvent;

void live_qubesd_event_free (LiveQubesdEvent *event);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveQubesdEvent, live_qubesd_event_free)

/**
 * LiveQubesdEventParser:
 *
 * Takes the stream of events in pieces of any size and gives whole events:
 * `1 NUL SUBJECT NUL NAME NUL (KEY NUL VALUE NUL)* NUL`. The end of a frame is a key that is empty; a value may be.
 */
typedef struct _LiveQubesdEventParser LiveQubesdEventParser;

LiveQubesdEventParser *live_qubesd_event_parser_new (void);
void live_qubesd_event_parser_free (LiveQubesdEventParser *parser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveQubesdEventParser, live_qubesd_event_parser_free)

/**
 * live_qubesd_event_parser_feed:
 * @data: what was read
 * @length: of it
 *
 * Takes the next piece; then call live_qubesd_event_parser_next() until it gives nothing.
 */
void live_qubesd_event_parser_feed (LiveQubesdEventParser *parser, const guint8 *data, gsize length);

/**
 * live_qubesd_event_parser_next:
 * @error: %LIVE_ERROR_PROTOCOL for what is no frame or is longer than %LIVE_QUBESD_EVENT_MAX; for an error frame, the
 *   error in it. The stream cannot be read on after an error.
 *
 * Returns: (transfer full) (nullable): the next whole event; %NULL without an error when more has to be fed
 */
LiveQubesdEvent *live_qubesd_event_parser_next (LiveQubesdEventParser *parser, GError **error);

G_END_DECLS
