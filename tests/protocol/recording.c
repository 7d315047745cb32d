/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "recording.h"

#include <string.h>

static void
exchange_free (LiveExchange *exchange)
{
  g_byte_array_unref (exchange->request);
  if (exchange->reply)
    g_byte_array_unref (exchange->reply);
  g_free (exchange);
}

static void
section_free (LiveSection *section)
{
  g_free (section->title);
  g_byte_array_unref (section->frames);
  g_free (section);
}

static void
append_byte (GByteArray *bytes, guint8 byte)
{
  g_byte_array_append (bytes, &byte, 1);
}

/* One escape after its backslash; returns what follows it, or NULL. */
static const char *
parse_escape (const char *c, GByteArray *bytes)
{
  static const char names[] = "nrt\\'\"";
  static const char values[] = "\n\r\t\\'\"";
  const char *found;

  if (*c == 'x' && g_ascii_isxdigit (c[1]) && g_ascii_isxdigit (c[2]))
    {
      append_byte (bytes, (guint8)(g_ascii_xdigit_value (c[1]) * 16 + g_ascii_xdigit_value (c[2])));
      return c + 3;
    }
  found = *c ? strchr (names, *c) : NULL;
  if (!found)
    return NULL;
  append_byte (bytes, (guint8)values[found - names]);
  return c + 1;
}

/* b'…' or b"…" appended to @bytes; returns what follows it, or NULL. */
static const char *
parse_simple (const char *text, GByteArray *bytes)
{
  const char *c = text;
  char quote;

  if (c[0] != 'b' || (c[1] != '\'' && c[1] != '"'))
    return NULL;
  quote = c[1];
  for (c += 2; c && *c != quote;)
    {
      if (*c == '\0')
        return NULL;
      if (*c == '\\')
        c = parse_escape (c + 1, bytes);
      else
        append_byte (bytes, (guint8)*c++);
    }
  return c ? c + 1 : NULL;
}

/* A number, then @after; returns what follows, or NULL. */
static const char *
parse_number (const char *text, const char *after, guint64 *number)
{
  char *end = NULL;

  if (!g_ascii_isdigit (*text))
    return NULL;
  *number = g_ascii_strtoull (text, &end, 10);
  if (!g_str_has_prefix (end, after) || *number > 1024 * 1024)
    return NULL;
  return end + strlen (after);
}

GByteArray *
live_literal_parse (const char *text, const char **end)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  const char *c = parse_simple (text, bytes);
  guint64 number;

  if (c && g_str_has_prefix (c, "...("))
    {
      c = parse_number (c + strlen ("...("), " bytes)", &number);
      if (!c || number < bytes->len || bytes->len == 0)
        return NULL;
      while (bytes->len < number)
        append_byte (bytes, bytes->data[bytes->len - 1]);
    }
  while (c && g_str_has_prefix (c, " + "))
    {
      g_autoptr (GByteArray) part = g_byte_array_new ();
      const char *factor;

      c += strlen (" + ");
      factor = parse_number (c, " * ", &number);
      c = parse_simple (factor ? factor : c, part);
      for (guint64 i = 0; c && i < (factor ? number : 1); i++)
        g_byte_array_append (bytes, part->data, part->len);
    }
  if (!c)
    return NULL;
  *end = c;
  return g_steal_pointer (&bytes);
}

static char **
read_lines (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return g_strsplit (text, "\n", -1);
}

static GByteArray *
parse_line (const char *path, const char *literal, const char *line)
{
  const char *end;
  GByteArray *bytes = live_literal_parse (literal, &end);

  /* What may follow is a note in parentheses. */
  if (!bytes || (*end && !g_str_has_prefix (g_strchug ((char *)end), "(")))
    g_error ("%s: not understood: %s", path, line);
  return bytes;
}

GPtrArray *
live_recording_read_exchanges (const char *path)
{
  g_auto (GStrv) lines = read_lines (path);
  GPtrArray *exchanges = g_ptr_array_new_with_free_func ((GDestroyNotify)exchange_free);
  LiveExchange *open = NULL;

  for (guint i = 0; lines[i]; i++)
    {
      if (g_str_has_prefix (lines[i], "> ") && !open)
        {
          open = g_new0 (LiveExchange, 1);
          open->request = parse_line (path, lines[i] + 2, lines[i]);
          g_ptr_array_add (exchanges, open);
        }
      else if (g_str_has_prefix (lines[i], "< ") && open)
        {
          open->reply = parse_line (path, lines[i] + 2, lines[i]);
          open = NULL;
        }
      else if (*lines[i] && !g_str_has_prefix (lines[i], "#") && !g_str_has_prefix (lines[i], "  ("))
        g_error ("%s: not understood: %s", path, lines[i]);
    }
  g_assert_null (open);
  return exchanges;
}

static LiveSection *
add_section (GPtrArray *sections, const char *title)
{
  LiveSection *section = g_new0 (LiveSection, 1);

  section->title = g_strdup (title);
  section->frames = g_byte_array_new ();
  g_ptr_array_add (sections, section);
  return section;
}

GPtrArray *
live_recording_read_sections (const char *path)
{
  g_auto (GStrv) lines = read_lines (path);
  GPtrArray *sections = g_ptr_array_new_with_free_func ((GDestroyNotify)section_free);
  LiveSection *section = add_section (sections, NULL);

  for (guint i = 0; lines[i]; i++)
    {
      if (g_str_equal (lines[i], "## end"))
        break;
      if (g_str_has_prefix (lines[i], "## "))
        {
          g_autofree char *title = g_strdup (lines[i] + strlen ("## "));
          char *payload = g_strrstr (title, " b'");

          if (!payload)
            payload = g_strrstr (title, " b\"");
          g_assert_nonnull (payload);
          *payload = '\0';
          section = add_section (sections, title);
        }
      else if (g_str_has_prefix (lines[i], "b'") || g_str_has_prefix (lines[i], "b\""))
        {
          g_autoptr (GByteArray) frame = parse_line (path, lines[i], lines[i]);
          g_byte_array_append (section->frames, frame->data, frame->len);
        }
      else if (*lines[i] && !g_str_has_prefix (lines[i], "> "))
        g_error ("%s: not understood: %s", path, lines[i]);
    }
  return sections;
}

GByteArray *
live_recording_read_comment (const char *path, const char *prefix)
{
  g_auto (GStrv) lines = read_lines (path);
  g_autofree char *start = g_strconcat ("# ", prefix, NULL);

  for (guint i = 0; lines[i]; i++)
    if (g_str_has_prefix (lines[i], start))
      return parse_line (path, lines[i] + strlen (start), lines[i]);
  g_error ("%s: no comment %s", path, prefix);
}
