/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/arguments.h"

#include <string.h>

static void
argument_free (gpointer data)
{
  LiveArgument *argument = data;

  g_free (argument->name);
  g_free (argument->value);
  g_free (argument->text);
  g_free (argument);
}

/* The kernel's table of characters is Latin-1: a no-break space separates, too. */
static gboolean
is_linux_space (char character)
{
  return g_ascii_isspace (character) || character == '\v' || (guchar) character == 0xa0;
}

/* The end of the argument that starts at @start. */
static const char *
find_linux_end (const char *start)
{
  gboolean quoted = FALSE;
  const char *at = start;

  for (; *at != '\0'; at++)
    {
      if (*at == '"')
        quoted = !quoted;
      else if (!quoted && is_linux_space (*at))
        break;
    }
  return at;
}

/* A quote that opens at the start is dropped, and with it one at the very end. */
static void
strip_quotes (char *text)
{
  gsize length = strlen (text);

  if (text[0] != '"')
    return;
  if (length > 1 && text[length - 1] == '"')
    text[--length] = '\0';
  memmove (text, text + 1, length);
}

GPtrArray *
live_arguments_parse_linux (const char *line)
{
  GPtrArray *arguments = g_ptr_array_new_with_free_func (argument_free);

  for (const char *at = line != NULL ? line : ""; *at != '\0';)
    {
      const char *end = NULL;
      LiveArgument *argument = NULL;
      char *equals = NULL;

      if (is_linux_space (*at))
        {
          at++;
          continue;
        }
      end = find_linux_end (at);
      argument = g_new0 (LiveArgument, 1);
      argument->text = g_strndup (at, (gsize) (end - at));
      argument->name = g_strdup (argument->text);
      strip_quotes (argument->name);
      /* A name has at least one character, even if that is the `=`. */
      equals = argument->name[0] != '\0' ? strchr (argument->name + 1, '=') : NULL;
      if (equals != NULL)
        {
          argument->value = g_strdup (equals + 1);
          *equals = '\0';
          strip_quotes (argument->value);
        }
      at = end;
      if (argument->value == NULL && g_str_equal (argument->name, "--"))
        {
          argument_free (argument);
          break;
        }
      g_strdelimit (argument->name, "-", '_');
      g_ptr_array_add (arguments, argument);
    }
  return arguments;
}

GPtrArray *
live_arguments_parse_xen (const char *line)
{
  GPtrArray *arguments = g_ptr_array_new_with_free_func (argument_free);

  for (const char *at = line != NULL ? line : ""; *at != '\0';)
    {
      /* The newline is not Xen's, but of the file that the line comes from. */
      gsize length = strcspn (at, " \n");
      LiveArgument *argument = NULL;
      char *equals = NULL;

      if (length == 0)
        {
          at++;
          continue;
        }
      argument = g_new0 (LiveArgument, 1);
      argument->text = g_strndup (at, length);
      at += length;
      if (g_str_equal (argument->text, "--"))
        {
          argument_free (argument);
          break;
        }
      argument->negated = g_str_has_prefix (argument->text, "no-");
      argument->name = g_strdup (argument->text + (argument->negated ? strlen ("no-") : 0));
      equals = strchr (argument->name, '=');
      if (equals != NULL)
        {
          argument->value = g_strdup (equals + 1);
          *equals = '\0';
        }
      g_ptr_array_add (arguments, argument);
    }
  return arguments;
}

const LiveArgument *
live_arguments_find_last (GPtrArray *arguments, const char *name)
{
  for (guint i = arguments->len; i > 0; i--)
    {
      const LiveArgument *argument = g_ptr_array_index (arguments, i - 1);

      if (g_str_equal (argument->name, name))
        return argument;
    }
  return NULL;
}

LiveSwitch
live_switch_from_linux (const char *text)
{
  if (text == NULL)
    return LIVE_SWITCH_INVALID;
  switch (g_ascii_tolower (text[0]))
    {
    case 'y':
    case 't':
    case '1':
      return LIVE_SWITCH_ON;
    case 'n':
    case 'f':
    case '0':
      return LIVE_SWITCH_OFF;
    case 'o':
      if (g_ascii_tolower (text[1]) == 'n')
        return LIVE_SWITCH_ON;
      return g_ascii_tolower (text[1]) == 'f' ? LIVE_SWITCH_OFF : LIVE_SWITCH_INVALID;
    default:
      return LIVE_SWITCH_INVALID;
    }
}

LiveSwitch
live_switch_from_xen (const char *text)
{
  static const char *const on[] = { "yes", "on", "true", "enable", "1", NULL };
  static const char *const off[] = { "no", "off", "false", "disable", "0", NULL };

  if (text == NULL)
    return LIVE_SWITCH_INVALID;
  if (g_strv_contains (on, text))
    return LIVE_SWITCH_ON;
  return g_strv_contains (off, text) ? LIVE_SWITCH_OFF : LIVE_SWITCH_INVALID;
}

LiveSwitch
live_switch_from_systemd (const char *text)
{
  static const char *const on[] = { "1", "yes", "y", "true", "t", "on", NULL };
  static const char *const off[] = { "0", "no", "n", "false", "f", "off", NULL };
  g_autofree char *lower = text != NULL ? g_ascii_strdown (text, -1) : NULL;

  if (lower == NULL)
    return LIVE_SWITCH_INVALID;
  if (g_strv_contains (on, lower))
    return LIVE_SWITCH_ON;
  return g_strv_contains (off, lower) ? LIVE_SWITCH_OFF : LIVE_SWITCH_INVALID;
}
