/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "cli/options.h"

#include <math.h>
#include <string.h>

#include <glib/gi18n.h>

#define DEFAULT_WAIT_SECONDS 10.0
#define LONGEST_WAIT_SECONDS 3600.0

typedef struct
{
  const char *name;
  LiveOptionFlags flag;
  gboolean takes_value;
} LiveOption;

static const LiveOption table[] = {
  { "--json", LIVE_OPTION_JSON, FALSE },
  { "--wait", LIVE_OPTION_WAIT, TRUE },
  { "--seconds", LIVE_OPTION_SECONDS, TRUE },
  { "--until-closed", LIVE_OPTION_UNTIL_CLOSED, FALSE },
  { "--kill", LIVE_OPTION_KILL, FALSE },
  { "--size", LIVE_OPTION_SIZE, TRUE },
  { "--dry-run", LIVE_OPTION_DRY_RUN, FALSE },
  { "--yes", LIVE_OPTION_YES, FALSE },
  { "--into-template", LIVE_OPTION_INTO_TEMPLATE, FALSE },
  { "--qrexec-client", LIVE_OPTION_QREXEC_CLIENT, TRUE },
  { "--qvm-prefs", LIVE_OPTION_QVM_PREFS, TRUE },
  { "--guest-files", LIVE_OPTION_GUEST_FILES, TRUE },
  { "--limit", LIVE_OPTION_LIMIT, TRUE },
  { "--algorithm", LIVE_OPTION_ALGORITHM, TRUE },
  { "--backing", LIVE_OPTION_BACKING, TRUE },
  { "--tmpfs", LIVE_OPTION_TMPFS, FALSE },
  { "--default", LIVE_OPTION_DEFAULT, FALSE },
  { "--name", LIVE_OPTION_NAME, TRUE },
  { "--pool", LIVE_OPTION_POOL, TRUE },
  { "--with-files", LIVE_OPTION_WITH_FILES, FALSE },
  { "--help", LIVE_OPTION_HELP, FALSE },
  { "-h", LIVE_OPTION_HELP, FALSE },
  { "--version", LIVE_OPTION_VERSION, FALSE },
};

static gboolean
parse_wait (const char *text, double *seconds)
{
  char *end = NULL;

  if (text == NULL || *text == '\0')
    return FALSE;
  *seconds = g_ascii_strtod (text, &end);
  return *end == '\0' && isfinite (*seconds) && *seconds >= 0 && *seconds <= LONGEST_WAIT_SECONDS;
}

/* A program that is run, or a directory whose files are sent away, is never looked for beside the caller. */
static char *
take_path (const char *name, const char *value, const char **path)
{
  if (value == NULL || !g_path_is_absolute (value))
    return g_strdup_printf (_ ("%s needs an absolute path."), name);
  *path = value;
  return NULL;
}

/* The verb knows what it may be. */
static char *
take_text (const char *name, const char *value, const char **text)
{
  if (value == NULL || *value == '\0')
    return g_strdup_printf (_ ("%s needs a value."), name);
  *text = value;
  return NULL;
}

/* (nullable): a complaint. */
static char *
take_value (LiveOptions *options, const LiveOption *option, const char *value)
{
  switch (option->flag)
    {
    case LIVE_OPTION_WAIT:
      if (!parse_wait (value, &options->wait_seconds))
        return g_strdup_printf (_ ("--wait needs a number of seconds from 0 to %g."), LONGEST_WAIT_SECONDS);
      return NULL;
    case LIVE_OPTION_SECONDS:
      if (value == NULL || !g_ascii_string_to_signed (value, 10, G_MININT64, G_MAXINT64, &options->seconds, NULL))
        return g_strdup (_ ("--seconds needs a whole number."));
      return NULL;
    case LIVE_OPTION_SIZE:
      if (value == NULL)
        return g_strdup (_ ("--size needs a size, for example 1G or 50%."));
      options->size = value;
      return NULL;
    case LIVE_OPTION_LIMIT:
      return take_text (option->name, value, &options->limit);
    case LIVE_OPTION_ALGORITHM:
      return take_text (option->name, value, &options->algorithm);
    case LIVE_OPTION_NAME:
      return take_text (option->name, value, &options->name);
    case LIVE_OPTION_POOL:
      return take_text (option->name, value, &options->pool);
    case LIVE_OPTION_BACKING:
      return take_path (option->name, value, &options->backing);
    case LIVE_OPTION_QREXEC_CLIENT:
      return take_path (option->name, value, &options->qrexec_client);
    case LIVE_OPTION_QVM_PREFS:
      return take_path (option->name, value, &options->qvm_prefs);
    case LIVE_OPTION_GUEST_FILES:
      return take_path (option->name, value, &options->guest_files);
    default:
      g_return_val_if_reached (NULL);
    }
}

/* (nullable): the option that @argument is; @value is what stands behind "=". */
static const LiveOption *
find (const char *argument, const char **value)
{
  *value = NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      gsize length = strlen (table[i].name);

      if (!g_str_has_prefix (argument, table[i].name))
        continue;
      if (argument[length] == '\0')
        return &table[i];
      if (argument[length] == '=' && table[i].takes_value)
        {
          *value = argument + length + 1;
          return &table[i];
        }
    }
  return NULL;
}

char *
live_options_parse (LiveOptions *options, GPtrArray *words, int argc, char **argv)
{
  gboolean only_words = FALSE;

  *options = (LiveOptions){ .wait_seconds = DEFAULT_WAIT_SECONDS };
  for (int i = 1; i < argc; i++)
    {
      const LiveOption *option = NULL;
      const char *value = NULL;
      char *complaint = NULL;

      if (only_words || argv[i][0] != '-')
        {
          g_ptr_array_add (words, argv[i]);
          continue;
        }
      if (g_str_equal (argv[i], "--"))
        {
          only_words = TRUE;
          continue;
        }
      option = find (argv[i], &value);
      if (option == NULL)
        return g_strdup_printf (_ ("There is no option “%s”."), argv[i]);
      if (option->takes_value)
        {
          if (value == NULL && i + 1 < argc)
            value = argv[++i];
          complaint = take_value (options, option, value);
          if (complaint != NULL)
            return complaint;
        }
      options->given |= option->flag;
    }
  return NULL;
}

const char *
live_options_find_other (const LiveOptions *options, LiveOptionFlags taken)
{
  LiveOptionFlags other = options->given & ~(taken | LIVE_OPTION_WAIT);

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    {
      if ((table[i].flag & other) != 0)
        return table[i].name;
    }
  return NULL;
}
