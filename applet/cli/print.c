/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "cli/print.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <unistd.h>

struct _LivePrint
{
  FILE *stream;
  gboolean colours;
  int failure; /* errno of the first failed write; nothing is written after it */
  guint progress_width; /* columns that live_print_progress() has filled */
};

typedef struct
{
  LivePrintStyle style;
  guint width;
  char *text;
} LiveCell;

struct _LiveTable
{
  guint n_columns;
  GArray *cells; /* of LiveCell */
};

/* The 16 colours every terminal has, rather than the exact ones of the icons: a person's theme keeps them readable. */
static const char *const style_codes[] = {
  [LIVE_PRINT_PLAIN] = NULL,        [LIVE_PRINT_HEADING] = "\033[1m",    [LIVE_PRINT_FAINT] = "\033[2m",
  [LIVE_PRINT_LIVE] = "\033[32m",   [LIVE_PRINT_EPHEMERAL] = "\033[35m", [LIVE_PRINT_PERSISTENT] = "\033[33m",
  [LIVE_PRINT_UNKNOWN] = "\033[2m", [LIVE_PRINT_ALARM] = "\033[1;31m",
};
G_STATIC_ASSERT (G_N_ELEMENTS (style_codes) == LIVE_PRINT_N_STYLES);

LivePrint *
live_print_new (FILE *stream, gboolean colours)
{
  LivePrint *print = g_new0 (LivePrint, 1);

  print->stream = stream;
  print->colours = colours;
  return print;
}

void
live_print_free (LivePrint *print)
{
  g_free (print);
}

gboolean
live_print_wants_colours (FILE *stream)
{
  const char *no_color = g_getenv ("NO_COLOR");
  const char *terminal = g_getenv ("TERM");

  if (no_color != NULL && *no_color != '\0')
    return FALSE;
  if (terminal == NULL || *terminal == '\0' || g_str_equal (terminal, "dumb"))
    return FALSE;
  return isatty (fileno (stream));
}

static void
put (LivePrint *print, const char *text)
{
  if (print->failure != 0)
    return;
  if (fputs (text, print->stream) == EOF)
    print->failure = errno != 0 ? errno : EIO;
}

static void
put_styled (LivePrint *print, LivePrintStyle style, const char *text)
{
  gboolean styled = print->colours && style_codes[style] != NULL && *text != '\0';

  if (styled)
    put (print, style_codes[style]);
  put (print, text);
  if (styled)
    put (print, "\033[0m");
}

gboolean
live_print_is_terminal (LivePrint *print)
{
  return isatty (fileno (print->stream)) != 0;
}

static guint
get_columns (LivePrint *print)
{
  struct winsize size = { 0 };

  if (ioctl (fileno (print->stream), TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
    return 80;
  return size.ws_col;
}

/* (transfer full): as much of @text as fits @columns. */
static char *
cut (const char *text, guint columns)
{
  const char *end = text;

  while (*end != '\0')
    {
      const char *next = g_utf8_next_char (end);
      g_autofree char *longer = g_strndup (text, (gsize)(next - text));

      if (live_text_width (longer) > columns)
        break;
      end = next;
    }
  return g_strndup (text, (gsize)(end - text));
}

void
live_print_progress (LivePrint *print, const char *text)
{
  /* In the last column some terminals go to the next line, where a carriage return does not come back from. */
  guint columns = get_columns (print) - 1;
  g_autofree char *safe = live_text_make_printable (text);
  g_autofree char *fitting = cut (safe, columns);
  guint width = live_text_width (fitting);
  /* Not with an escape sequence: every terminal knows spaces. It may have become narrower. */
  guint old_width = MIN (print->progress_width, columns);
  g_autofree char *spaces = g_strnfill (old_width > width ? old_width - width : 0, ' ');

  if (print->progress_width == 0 && width == 0)
    return;
  put (print, "\r");
  put (print, fitting);
  put (print, spaces);
  if (width == 0)
    put (print, "\r");
  print->progress_width = width;
}

void
live_print_line (LivePrint *print, LivePrintStyle style, const char *format, ...)
{
  g_autofree char *text = NULL;
  g_autofree char *safe = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  safe = live_text_make_printable (text);
  if (print->progress_width > 0)
    live_print_progress (print, "");
  put_styled (print, style, safe);
  put (print, "\n");
}

void
live_print_raw (LivePrint *print, const char *text)
{
  put (print, text);
  put (print, "\n");
}

int
live_print_flush (LivePrint *print)
{
  if (print->failure == 0 && fflush (print->stream) == EOF)
    print->failure = errno != 0 ? errno : EIO;
  return print->failure;
}

static void
clear_cell (gpointer data)
{
  LiveCell *cell = data;

  g_free (cell->text);
}

LiveTable *
live_table_new (guint n_columns)
{
  LiveTable *table = NULL;

  g_return_val_if_fail (n_columns > 0, NULL);

  table = g_new0 (LiveTable, 1);
  table->n_columns = n_columns;
  table->cells = g_array_new (FALSE, TRUE, sizeof (LiveCell));
  g_array_set_clear_func (table->cells, clear_cell);
  return table;
}

void
live_table_free (LiveTable *table)
{
  if (table == NULL)
    return;
  g_array_unref (table->cells);
  g_free (table);
}

void
live_table_add (LiveTable *table, LivePrintStyle style, const char *text)
{
  LiveCell cell = { .style = style, .text = live_text_make_printable (text) };

  cell.width = live_text_width (cell.text);
  g_array_append_val (table->cells, cell);
}

/* The last cell of @row that has text: what comes after it is not printed, not even as spaces. */
static guint
get_last_column (LiveTable *table, guint row)
{
  guint last = 0;

  for (guint column = 0; column < table->n_columns; column++)
    if (g_array_index (table->cells, LiveCell, row * table->n_columns + column).width > 0)
      last = column;
  return last;
}

void
live_table_print (LiveTable *table, LivePrint *print, guint indent)
{
  g_autofree guint *widths = NULL;
  guint n_rows = 0;

  g_return_if_fail (table->cells->len % table->n_columns == 0);

  n_rows = table->cells->len / table->n_columns;
  widths = g_new0 (guint, table->n_columns);
  for (guint i = 0; i < table->cells->len; i++)
    widths[i % table->n_columns] = MAX (widths[i % table->n_columns], g_array_index (table->cells, LiveCell, i).width);

  for (guint row = 0; row < n_rows; row++)
    {
      g_autoptr (GString) gap = g_string_new (NULL);
      guint last = get_last_column (table, row);

      g_string_append_printf (gap, "%*s", (int)indent, "");
      for (guint column = 0; column <= last; column++)
        {
          const LiveCell *cell = &g_array_index (table->cells, LiveCell, row * table->n_columns + column);

          put (print, gap->str);
          put_styled (print, cell->style, cell->text);
          g_string_printf (gap, "%*s", (int)(widths[column] - cell->width + 2), "");
        }
      put (print, "\n");
    }
}

guint
live_text_width (const char *text)
{
  guint width = 0;

  for (const char *at = text; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar character = g_utf8_get_char (at);

      if (g_unichar_iszerowidth (character))
        continue;
      width += g_unichar_iswide (character) ? 2 : 1;
    }
  return width;
}

static gboolean
changes_the_terminal (gunichar character)
{
  switch (g_unichar_type (character))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT: /* among them the marks that turn the direction of writing */
    case G_UNICODE_LINE_SEPARATOR:
    case G_UNICODE_PARAGRAPH_SEPARATOR:
    case G_UNICODE_SURROGATE:
      return character != 0x200D && character != 0x200C; /* the joiners that some scripts need to be readable */
    default:
      return FALSE;
    }
}

char *
live_text_make_printable (const char *text)
{
  g_autofree char *valid = NULL;
  GString *safe = g_string_new (NULL);

  if (text == NULL)
    return g_string_free (safe, FALSE);

  valid = g_utf8_make_valid (text, -1);
  for (const char *at = valid; *at != '\0'; at = g_utf8_next_char (at))
    {
      gunichar character = g_utf8_get_char (at);

      if (changes_the_terminal (character))
        g_string_append_printf (safe, "\\u{%x}", character);
      else
        g_string_append_unichar (safe, character);
    }
  return g_string_free (safe, FALSE);
}
