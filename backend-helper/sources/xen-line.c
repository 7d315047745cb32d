/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/hardening-facts.h"

#include <string.h>

/* Xen prints at most 1,024 characters at a time: a longer line may be cut. */
#define LONGEST_XEN_LINE 960

/* "[2026-01-31 12:34:56] ", the length of what xenconsoled puts before a line. */
#define STAMP_LENGTH 22

/* Seconds since 1970; -1 for what is no time. xenconsoled writes local time. */
static gint64
parse_stamp (const char *text, GTimeZone *zone)
{
  g_autofree char *stamp = g_strndup (text, STAMP_LENGTH);
  g_autoptr (GDateTime) time = NULL;

  if (strlen (stamp) != STAMP_LENGTH || stamp[0] != '[' || stamp[11] != ' ' || stamp[20] != ']' || stamp[21] != ' ')
    return -1;
  stamp[11] = 'T';
  stamp[20] = '\0';
  time = g_date_time_new_from_iso8601 (stamp + 1, zone);
  return time != NULL ? g_date_time_to_unix (time) : -1;
}

char *
live_xen_line_from_log (const char *text, gint64 boot_time)
{
  static const char mark[] = "(XEN) Command line: ";
  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  const char *found = NULL;
  g_autofree char *line = NULL;

  for (const char *at = text; (at = strstr (at, mark)) != NULL; at += strlen (mark))
    {
      const char *start = at - STAMP_LENGTH;

      /* At the start of a line only: what a guest prints stands behind its own mark. */
      if (at - text < STAMP_LENGTH || (start != text && start[-1] != '\n') || parse_stamp (start, zone) < boot_time)
        continue;
      found = at + strlen (mark);
    }
  /* The last line may not be written to its end yet. */
  if (found == NULL || strchr (found, '\n') == NULL)
    return NULL;
  line = g_strndup (found, strcspn (found, "\r\n"));
  return strlen (line) < LONGEST_XEN_LINE ? g_steal_pointer (&line) : NULL;
}

/* The words of a line without white space; GRUB's own variables (which only adapt to the firmware) are left out. */
static GPtrArray *
split_words (const char *text)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \t\r\n", -1);
  GPtrArray *result = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0' && *words[i] != '$')
      g_ptr_array_add (result, g_strdup (words[i]));
  return result;
}

/* The words from @first on, in one line. */
static char *
join_words (GPtrArray *words, guint first)
{
  GString *line = g_string_new (NULL);

  for (guint i = first; i < words->len; i++)
    g_string_append_printf (line, "%s%s", i > first ? " " : "", (const char *)g_ptr_array_index (words, i));
  return g_string_free (line, FALSE);
}

/* What stands behind the command, its options and the name of its file; NULL without a file. */
static char *
get_file_arguments (GPtrArray *words, const char **file)
{
  guint first = 1;

  while (first < words->len && g_str_has_prefix (g_ptr_array_index (words, first), "--"))
    first++;
  if (first >= words->len)
    return NULL;
  *file = g_ptr_array_index (words, first);
  return join_words (words, first + 1);
}

char *
live_xen_line_from_grub (const char *text, const char *linux_line)
{
  static const char *const hypervisors[] = { "multiboot2", "multiboot", "xen_hypervisor", NULL };
  static const char *const kernels[] = { "module2", "module", "xen_module", NULL };
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  g_autoptr (GPtrArray) running = split_words (linux_line);
  g_autofree char *wanted = join_words (running, 0);
  g_autofree char *xen = NULL; /* of the entry at hand, until its kernel was seen */
  g_autofree char *found = NULL;

  if (*wanted == '\0')
    return NULL;
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autoptr (GPtrArray) words = split_words (lines[i]);
      const char *command = words->len > 0 ? g_ptr_array_index (words, 0) : "";
      const char *file = "";

      if (g_str_equal (command, "menuentry") || g_str_equal (command, "submenu"))
        g_clear_pointer (&xen, g_free);
      else if (g_strv_contains (hypervisors, command))
        {
          g_free (xen);
          xen = get_file_arguments (words, &file);
        }
      else if (xen != NULL && g_strv_contains (kernels, command))
        {
          g_autofree char *arguments = get_file_arguments (words, &file);

          /* The first module is the kernel; those behind it are its initial RAM disk and microcode. */
          if (g_strcmp0 (arguments, wanted) == 0)
            {
              if (found != NULL && !g_str_equal (found, xen))
                return NULL;
              g_free (found);
              found = g_steal_pointer (&xen);
            }
          g_clear_pointer (&xen, g_free);
        }
    }
  return g_steal_pointer (&found);
}
