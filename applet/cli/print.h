/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <stdio.h>

#include <glib.h>

G_BEGIN_DECLS

/**
 * LivePrint:
 *
 * Where text for people goes: a stream, with or without colours. It remembers the first write that failed, so that a
 * reader who leaves early (`qubes-live status | head -1`) ends the program quietly, and a full disk does not pass as
 * success.
 */
typedef struct _LivePrint LivePrint;

/**
 * LivePrintStyle:
 * @LIVE_PRINT_PLAIN: no emphasis
 * @LIVE_PRINT_HEADING: bold
 * @LIVE_PRINT_FAINT: what matters least
 * @LIVE_PRINT_LIVE: green, as the indicator
 * @LIVE_PRINT_EPHEMERAL: violet
 * @LIVE_PRINT_PERSISTENT: orange
 * @LIVE_PRINT_UNKNOWN: grey
 * @LIVE_PRINT_ALARM: red and bold
 *
 * Emphasis of words that say the same without it.
 */
typedef enum
{
  LIVE_PRINT_PLAIN,
  LIVE_PRINT_HEADING,
  LIVE_PRINT_FAINT,
  LIVE_PRINT_LIVE,
  LIVE_PRINT_EPHEMERAL,
  LIVE_PRINT_PERSISTENT,
  LIVE_PRINT_UNKNOWN,
  LIVE_PRINT_ALARM,
  LIVE_PRINT_N_STYLES
} LivePrintStyle;

/**
 * live_print_new:
 * @stream: (transfer none): where to; outlives the printer
 * @colours: whether to emphasise with terminal colours
 *
 * Returns: (transfer full): a printer
 */
LivePrint *live_print_new (FILE *stream, gboolean colours);
void live_print_free (LivePrint *print);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LivePrint, live_print_free)

/**
 * live_print_wants_colours:
 * @stream: an open stream
 *
 * Whether @stream is a terminal that knows colours (`TERM` is set and is not `dumb`) and the person did not switch
 * them off by a non-empty `NO_COLOR` (<https://no-color.org>).
 */
gboolean live_print_wants_colours (FILE *stream);

/**
 * live_print_line:
 * @print: a printer
 * @style: emphasis of the whole line
 * @format: as printf(), without the newline
 *
 * Prints one line. Control characters that came in through the arguments are made visible instead of being sent to
 * the terminal.
 */
void live_print_line (LivePrint *print, LivePrintStyle style, const char *format, ...) G_GNUC_PRINTF (3, 4);

/**
 * live_print_raw:
 * @print: a printer
 * @text: text that is already fit for the stream, such as JSON
 *
 * Prints @text and a newline as they are.
 */
void live_print_raw (LivePrint *print, const char *text);

/* Whether it goes to a terminal. */
gboolean live_print_is_terminal (LivePrint *print);

/**
 * live_print_progress:
 * @print: a printer to a terminal
 * @text: what to show, cut to what fits one line; empty: nothing
 *
 * Shows @text in the place of what the last call showed, in a line that is not ended. The next line that is printed
 * takes its place.
 */
void live_print_progress (LivePrint *print, const char *text);

/**
 * live_print_flush:
 * @print: a printer
 *
 * Sends what is still buffered. Call it before the program ends and after every line that someone waits for.
 *
 * Returns: 0, or the errno of the first write that failed (EPIPE: the reader left)
 */
int live_print_flush (LivePrint *print);

/**
 * LiveTable:
 *
 * Rows of cells, printed with aligned columns. Collect first, print once: a column is as wide as its widest cell.
 */
typedef struct _LiveTable LiveTable;

LiveTable *live_table_new (guint n_columns);
void live_table_free (LiveTable *table);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveTable, live_table_free)

/**
 * live_table_add:
 * @table: a table
 * @style: emphasis of this cell
 * @text: its text
 *
 * Adds the next cell; a row is full after as many cells as the table has columns.
 */
void live_table_add (LiveTable *table, LivePrintStyle style, const char *text);

/**
 * live_table_print:
 * @table: a table whose last row is full
 * @print: where to
 * @indent: spaces before every row
 *
 * Prints the rows, two spaces between columns and none at the end of a line.
 */
void live_table_print (LiveTable *table, LivePrint *print, guint indent);

/**
 * live_text_width:
 * @text: UTF-8
 *
 * Returns: how many columns of a terminal @text takes: two for a wide character, none for a combining one
 */
guint live_text_width (const char *text);

/**
 * live_text_make_printable:
 * @text: (nullable): any bytes
 *
 * Makes text safe for a terminal: bytes that are not UTF-8 become U+FFFD, and control characters and those that
 * change the direction of text become visible `\u{HEX}`. A qube must not be able to paint over the line that says
 * what it leaves behind.
 *
 * Returns: (transfer full): the safe text, empty for %NULL
 */
char *live_text_make_printable (const char *text);

G_END_DECLS
