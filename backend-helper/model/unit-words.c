/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/unit-words.h"

#include <string.h>

static const char white_space[] = " \t\n\r";

static GPtrArray *
new_list (GDestroyNotify free_item)
{
  return g_ptr_array_new_with_free_func (free_item);
}

static void
free_words (gpointer words)
{
  g_ptr_array_unref (words);
}

/* Ends the command that @words is, if there is anything in it. */
static void
end_command (GPtrArray *commands, GPtrArray **words)
{
  if ((*words)->len == 0)
    return;
  g_ptr_array_add (commands, *words);
  *words = new_list (g_free);
}

/* ---- systemd's line. ---- */

/* Reads up to @max digits of @base; the number, or -1 when there are fewer than @max. */
static gint64
read_digits (const char *text, guint base, guint max)
{
  gint64 value = 0;

  for (guint i = 0; i < max; i++)
    {
      int digit = g_ascii_xdigit_value (text[i]);

      if (digit < 0 || (guint) digit >= base)
        return -1;
      value = value * base + digit;
    }
  return value;
}

/* A byte or a character by its number; %FALSE when that is none that a word can hold. */
static gboolean
append_number (GString *word, gint64 value, gboolean is_character)
{
  if (value <= 0 || (!is_character && value > 0xff) || (is_character && !g_unichar_validate ((gunichar) value)))
    return FALSE;
  if (is_character)
    g_string_append_unichar (word, (gunichar) value);
  else
    g_string_append_c (word, (char) value);
  return TRUE;
}

/*
 * Undoes the escape whose backslash is before @text; returns how many bytes of @text it takes. What is no escape keeps
 * its backslash, as with systemd.
 */
static gsize
append_escaped (GString *word, const char *text)
{
  static const char letters[] = "abfnrtvs\\\"'";
  static const char meanings[] = "\a\b\f\n\r\t\v \\\"'";
  const char *letter = *text != '\0' ? strchr (letters, *text) : NULL;

  if (letter != NULL)
    {
      g_string_append_c (word, meanings[letter - letters]);
      return 1;
    }
  if (*text == 'x' && append_number (word, read_digits (text + 1, 16, 2), FALSE))
    return 3;
  if (*text == 'u' && append_number (word, read_digits (text + 1, 16, 4), TRUE))
    return 5;
  if (*text == 'U' && append_number (word, read_digits (text + 1, 16, 8), TRUE))
    return 9;
  if (append_number (word, read_digits (text, 8, 3), FALSE))
    return 3;
  g_string_append_c (word, '\\');
  return 0;
}

/* The word at *@text, which is moved behind it; %NULL when a quote is not closed. */
static char *
take_word (const char **text)
{
  g_autoptr (GString) word = g_string_new (NULL);
  const char *byte = *text;
  char quote = '\0';

  for (; *byte != '\0' && (quote != '\0' || strchr (white_space, *byte) == NULL); byte++)
    {
      if (*byte == '\\')
        byte += append_escaped (word, byte + 1);
      else if (quote != '\0' ? *byte == quote : (*byte == '"' || *byte == '\''))
        quote = quote != '\0' ? '\0' : *byte;
      else
        g_string_append_c (word, *byte);
    }
  *text = byte;
  return quote == '\0' ? g_string_free (g_steal_pointer (&word), FALSE) : NULL;
}

/* Whether the text begins with @mark as a word of its own. */
static gboolean
is_lone (const char *text, const char *mark)
{
  gsize length = strlen (mark);

  return strncmp (text, mark, length) == 0 && (text[length] == '\0' || strchr (white_space, text[length]) != NULL);
}

GPtrArray *
live_unit_words_split_line (const char *value)
{
  g_autoptr (GPtrArray) commands = new_list (free_words);
  g_autoptr (GPtrArray) words = new_list (g_free);

  for (;;)
    {
      char *word = NULL;

      value += strspn (value, white_space);
      if (*value == '\0')
        break;
      if (is_lone (value, ";"))
        {
          end_command (commands, &words);
          value++;
          continue;
        }
      if (is_lone (value, "\\;"))
        {
          g_ptr_array_add (words, g_strdup (";"));
          value += 2;
          continue;
        }
      word = take_word (&value);
      if (word == NULL)
        return NULL;
      g_ptr_array_add (words, word);
    }
  end_command (commands, &words);
  return g_steal_pointer (&commands);
}

/* ---- A shell's script. ---- */

static gboolean
is_literal (char byte)
{
  return g_ascii_isalnum (byte) || (byte != '\0' && strchr ("-_./:,+@", byte) != NULL);
}

/* The word at *@text, which is moved behind it; %NULL when a shell would not take it literally. */
static char *
take_literal (const char **text)
{
  g_autoptr (GString) word = g_string_new (NULL);
  const char *byte = *text;
  char quote = '\0';

  for (; is_literal (*byte) || *byte == '"' || *byte == '\''; byte++)
    {
      if (*byte == quote)
        quote = '\0';
      else if (is_literal (*byte))
        g_string_append_c (word, *byte);
      else if (quote == '\0')
        quote = *byte;
      else
        return NULL;
    }
  /* The word ends here, or something stands in it that is not plain. */
  if (byte == *text || quote != '\0' || (*byte != '\0' && strchr (" \t\n;&", *byte) == NULL))
    return NULL;
  *text = byte;
  return g_string_free (g_steal_pointer (&word), FALSE);
}

GPtrArray *
live_unit_words_split_script (const char *script)
{
  g_autoptr (GPtrArray) commands = new_list (free_words);
  g_autoptr (GPtrArray) words = new_list (g_free);
  gboolean needs_command = FALSE; /* after a `&&` */

  for (;;)
    {
      char *word = NULL;
      gboolean is_and = FALSE;

      script += strspn (script, " \t");
      is_and = g_str_has_prefix (script, "&&");
      if (*script == '\0')
        break;
      if (*script == '\n')
        {
          end_command (commands, &words);
          script++;
          continue;
        }
      if (is_and || *script == ';')
        {
          /* Nothing to go on from: an error to a shell, which then runs nothing at all. */
          if (words->len == 0)
            return NULL;
          end_command (commands, &words);
          needs_command = is_and;
          script += is_and ? 2 : 1;
          continue;
        }
      word = take_literal (&script);
      if (word == NULL)
        return NULL;
      g_ptr_array_add (words, word);
      needs_command = FALSE;
    }
  end_command (commands, &words);
  return needs_command ? NULL : g_steal_pointer (&commands);
}
