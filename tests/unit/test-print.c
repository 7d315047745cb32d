/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <gio/gio.h>

#include "cli/exit-code.h"
#include "cli/print.h"
#include "client/client.h"
#include "model/error.h"

typedef struct
{
  FILE *stream;
  char *text;
  size_t length;
} LiveMemory;

static LivePrint *
open_memory (LiveMemory *memory, gboolean colours)
{
  memory->stream = open_memstream (&memory->text, &memory->length);
  g_assert_nonnull (memory->stream);
  return live_print_new (memory->stream, colours);
}

static void
assert_memory (LiveMemory *memory, const char *expected)
{
  g_assert_cmpint (fclose (memory->stream), ==, 0);
  g_assert_cmpstr (memory->text, ==, expected);
  free (memory->text);
}

static void
test_width (void)
{
  static const struct
  {
    const char *text;
    guint width;
  } rows[] = {
    { "", 0 },
    { "work", 4 },
    { "über", 4 },
    { "ube\xcc\x88r", 4 }, /* the dots as a combining character */
    { "日本", 4 },
    { "a\xe2\x80\x8d"
      "b",
      2 }, /* a joiner takes no room */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpuint (live_text_width (rows[i].text), ==, rows[i].width);
}

static void
test_printable (void)
{
  static const struct
  {
    const char *text;
    const char *printable;
  } rows[] = {
    { NULL, "" },
    { "sys-net_1.x", "sys-net_1.x" },
    { "a\033[2Jb", "a\\u{1b}[2Jb" },
    { "a\nb\tc", "a\\u{a}b\\u{9}c" },
    { "a\xff", "a\xef\xbf\xbd" },
    { "a\xe2\x80\xae"
      "b",
      "a\\u{202e}b" }, /* right-to-left override */
    { "a\xc2\x9b"
      "b",
      "a\\u{9b}b" }, /* the eight-bit form of ESC [ */
    { "Größe 日本", "Größe 日本" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *printable = live_text_make_printable (rows[i].text);

      g_assert_cmpstr (printable, ==, rows[i].printable);
    }
}

static void
fill_table (LiveTable *table)
{
  live_table_add (table, LIVE_PRINT_PLAIN, "a");
  live_table_add (table, LIVE_PRINT_ALARM, "keeps");
  live_table_add (table, LIVE_PRINT_PLAIN, "");
  live_table_add (table, LIVE_PRINT_PLAIN, "日本");
  live_table_add (table, LIVE_PRINT_PLAIN, "x");
  live_table_add (table, LIVE_PRINT_PLAIN, "end");
}

static void
test_table (void)
{
  LiveMemory memory = { 0 };
  g_autoptr (LivePrint) print = open_memory (&memory, FALSE);
  g_autoptr (LiveTable) table = live_table_new (3);

  fill_table (table);
  live_table_print (table, print, 1);
  g_assert_cmpint (live_print_flush (print), ==, 0);
  assert_memory (&memory, " a     keeps\n 日本  x      end\n");
}

static void
test_colours (void)
{
  LiveMemory memory = { 0 };
  g_autoptr (LivePrint) print = open_memory (&memory, TRUE);
  g_autoptr (LiveTable) table = live_table_new (3);

  /* The escape codes must not count as width. */
  fill_table (table);
  live_table_print (table, print, 0);
  live_print_line (print, LIVE_PRINT_PLAIN, "%s", "plain");
  assert_memory (&memory, "a     \033[1;31mkeeps\033[0m\n日本  x      end\nplain\n");
}

static void
test_no_terminal_no_colours (void)
{
  g_setenv ("TERM", "xterm", TRUE);
  g_unsetenv ("NO_COLOR");
  {
    int terminal = open ("/dev/ptmx", O_RDWR | O_NOCTTY);
    FILE *stream = NULL;

    g_assert_cmpint (terminal, >=, 0);
    stream = fdopen (terminal, "r+");
    g_assert_true (live_print_wants_colours (stream));
    g_setenv ("NO_COLOR", "", TRUE);
    g_assert_true (live_print_wants_colours (stream));
    g_setenv ("NO_COLOR", "1", TRUE);
    g_assert_false (live_print_wants_colours (stream));
    g_unsetenv ("NO_COLOR");
    g_setenv ("TERM", "dumb", TRUE);
    g_assert_false (live_print_wants_colours (stream));
    g_setenv ("TERM", "xterm", TRUE);
    fclose (stream);
  }
  {
    FILE *file = tmpfile ();

    g_assert_nonnull (file);
    g_assert_false (live_print_wants_colours (file));
    fclose (file);
  }
}

static void
test_failed_write (void)
{
  static const struct
  {
    const char *path;
    int expected;
  } rows[] = { { "/dev/full", ENOSPC }, { "/dev/null", 0 } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      FILE *stream = fopen (rows[i].path, "w");
      g_autoptr (LivePrint) print = live_print_new (stream, FALSE);

      g_assert_nonnull (stream);
      live_print_line (print, LIVE_PRINT_PLAIN, "%s", "text");
      g_assert_cmpint (live_print_flush (print), ==, rows[i].expected);
      /* Once failed, always failed, whatever comes next. */
      live_print_line (print, LIVE_PRINT_PLAIN, "%s", "more");
      g_assert_cmpint (live_print_flush (print), ==, rows[i].expected);
      fclose (stream);
    }
}

static void
test_reader_left (void)
{
  int ends[2];
  FILE *stream = NULL;
  g_autoptr (LivePrint) print = NULL;

  g_assert_cmpint (pipe (ends), ==, 0);
  close (ends[0]);
  stream = fdopen (ends[1], "w");
  print = live_print_new (stream, FALSE);
  live_print_line (print, LIVE_PRINT_PLAIN, "%s", "text");
  g_assert_cmpint (live_print_flush (print), ==, EPIPE);
  fclose (stream);
}

static void
test_exit_codes (void)
{
  const struct
  {
    GQuark domain;
    int code;
    LiveExitCode expected;
  } rows[] = {
    { LIVE_ERROR, LIVE_ERROR_FAILED, LIVE_EXIT_FAILED },
    { LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED, LIVE_EXIT_NOT_AUTHORIZED },
    { LIVE_ERROR, LIVE_ERROR_NOT_HALTED, LIVE_EXIT_FAILED },
    { LIVE_ERROR, LIVE_ERROR_NOT_FOUND, LIVE_EXIT_FAILED },
    { LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED, LIVE_EXIT_FAILED },
    { LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE, LIVE_EXIT_UNREACHABLE },
    { LIVE_ERROR, LIVE_ERROR_QUBESD_ERROR, LIVE_EXIT_FAILED },
    { LIVE_ERROR, LIVE_ERROR_PROTOCOL, LIVE_EXIT_FAILED },
    { LIVE_ERROR, LIVE_ERROR_BUSY, LIVE_EXIT_FAILED },
    { LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT, LIVE_EXIT_FAILED },
    { LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE, LIVE_EXIT_UNREACHABLE },
    /* The same number in another domain is another thing. */
    { G_FILE_ERROR, LIVE_ERROR_NOT_AUTHORIZED, LIVE_EXIT_FAILED },
  };

  g_assert_cmpint (live_exit_code_from_error (NULL), ==, LIVE_EXIT_DONE);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (rows[i].domain, rows[i].code, "text");

      g_assert_cmpint (live_exit_code_from_error (error), ==, rows[i].expected);
    }
}

int
main (int argc, char **argv)
{
  /* As in every program that opens a GSocket. */
  signal (SIGPIPE, SIG_IGN);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/print/width", test_width);
  g_test_add_func ("/cli/print/printable", test_printable);
  g_test_add_func ("/cli/print/table", test_table);
  g_test_add_func ("/cli/print/colours", test_colours);
  g_test_add_func ("/cli/print/no-terminal-no-colours", test_no_terminal_no_colours);
  g_test_add_func ("/cli/print/failed-write", test_failed_write);
  g_test_add_func ("/cli/print/reader-left", test_reader_left);
  g_test_add_func ("/cli/exit-codes", test_exit_codes);
  return g_test_run ();
}
