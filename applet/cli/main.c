/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <signal.h>

#include <glib/gi18n.h>

#include "cli/command.h"

#define DEFAULT_WAIT_SECONDS 10.0
#define LONGEST_WAIT_SECONDS 3600.0

static const struct
{
  const char *name;
  LiveExitCode (*run) (LiveCommand *command);
  gboolean takes_json;
} verbs[] = {
  { "status", live_command_status, TRUE },
  { "qube", live_command_qube, FALSE },
  { "pool", live_command_pool, TRUE },
  { "posture", live_command_posture, TRUE },
  { "monitor", live_command_monitor, TRUE },
};

typedef struct
{
  gboolean help;
  gboolean version;
  GPtrArray *words; /* (element-type utf8): not owned; the verb and what follows it */
} LiveArguments;

typedef struct
{
  const char *left;
  const char *right;
} LiveHelpRow;

static const LiveHelpRow verb_rows[] = {
  { "status [--json]", N_ ("what would be left behind, now") },
  { "qube NAME policy persistent|root", N_ ("what a qube is to keep: everything, or all but its root volume") },
  { "qube NAME volume root|private rw|ro", N_ ("whether a halted qube may write a volume of its own") },
  { "pool list [--json]", N_ ("the storage pools") },
  { "pool set NAME ephemeral-volatile on|off", N_ ("throw-away keys for the volatile volumes in a pool") },
  { "posture [--json]", N_ ("how dom0 is hardened, and what to do about it") },
  { "monitor [--json]", N_ ("a line for every change, until it is interrupted") },
};

static const LiveHelpRow option_rows[] = {
  { "--json", N_ ("answer in JSON") },
  { "--wait SECONDS", N_ ("wait so long at most for what is not known yet (10)") },
  { "--help", N_ ("show this text") },
  { "--version", N_ ("show the version") },
  { "--", N_ ("what follows are words, not options") },
};

static const LiveHelpRow code_rows[] = {
  { "0", N_ ("done") },
  { "1", N_ ("failed") },
  { "2", N_ ("not understood") },
  { "3", N_ ("not authorised") },
  { "4", N_ ("the helper or qubesd cannot be reached") },
  { "5", N_ ("accepted, and it takes effect when the qube shuts down") },
};

static void
print_help_rows (LivePrint *out, const char *heading, const LiveHelpRow *rows, gsize n_rows)
{
  g_autoptr (LiveTable) table = live_table_new (2);

  for (gsize i = 0; i < n_rows; i++)
    {
      live_table_add (table, LIVE_PRINT_PLAIN, rows[i].left);
      live_table_add (table, LIVE_PRINT_PLAIN, _ (rows[i].right));
    }
  live_print_line (out, LIVE_PRINT_PLAIN, "%s", "");
  live_print_line (out, LIVE_PRINT_HEADING, "%s", heading);
  live_table_print (table, out, 2);
}

static LiveExitCode
print_help (LivePrint *out)
{
  live_print_line (out, LIVE_PRINT_PLAIN, "%s", _ ("Usage: qubes-live VERB [WORDS] [OPTIONS]"));
  print_help_rows (out, _ ("Verbs"), verb_rows, G_N_ELEMENTS (verb_rows));
  print_help_rows (out, _ ("Options"), option_rows, G_N_ELEMENTS (option_rows));
  print_help_rows (out, _ ("Exit codes"), code_rows, G_N_ELEMENTS (code_rows));
  return LIVE_EXIT_DONE;
}

static gboolean
parse_wait (const char *text, double *seconds)
{
  char *end = NULL;

  if (text == NULL || *text == '\0')
    return FALSE;
  *seconds = g_ascii_strtod (text, &end);
  return *end == '\0' && isfinite (*seconds) && *seconds >= 0 && *seconds <= LONGEST_WAIT_SECONDS;
}

/* Options may stand anywhere before "--"; FALSE after a complaint. */
static gboolean
parse (LiveCommand *command, LiveArguments *arguments, int argc, char **argv)
{
  gboolean only_words = FALSE;

  for (int i = 1; i < argc; i++)
    {
      const char *argument = argv[i];

      if (only_words || argument[0] != '-')
        g_ptr_array_add (arguments->words, argv[i]);
      else if (g_str_equal (argument, "--"))
        only_words = TRUE;
      else if (g_str_equal (argument, "--help") || g_str_equal (argument, "-h"))
        arguments->help = TRUE;
      else if (g_str_equal (argument, "--version"))
        arguments->version = TRUE;
      else if (g_str_equal (argument, "--json"))
        command->json = TRUE;
      else if (g_str_equal (argument, "--wait") || g_str_has_prefix (argument, "--wait="))
        {
          const char *value = argument[6] == '=' ? argument + 7 : argv[++i];

          if (!parse_wait (value, &command->wait_seconds))
            {
              live_command_finish_usage (command, _ ("--wait needs a number of seconds from 0 to %g."),
                                         LONGEST_WAIT_SECONDS);
              return FALSE;
            }
        }
      else
        {
          live_command_finish_usage (command, _ ("There is no option “%s”."), argument);
          return FALSE;
        }
    }
  g_ptr_array_add (arguments->words, NULL);
  return TRUE;
}

static LiveExitCode
dispatch (LiveCommand *command, LiveArguments *arguments)
{
  const char *verb = g_ptr_array_index (arguments->words, 0);

  if (arguments->help)
    return print_help (command->out);
  if (arguments->version)
    {
      live_print_line (command->out, LIVE_PRINT_PLAIN, "qubes-live %s", PACKAGE_VERSION);
      return LIVE_EXIT_DONE;
    }
  if (verb == NULL)
    return live_command_finish_usage (command, "%s", _ ("Say what to do, for example “qubes-live status”."));

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      if (!g_str_equal (verb, verbs[i].name))
        continue;
      if (command->json && !verbs[i].takes_json)
        return live_command_finish_usage (command, _ ("“%s” has no answer in JSON."), verb);
      command->words = (char **)arguments->words->pdata + 1;
      command->n_words = arguments->words->len - 2;
      return verbs[i].run (command);
    }
  return live_command_finish_usage (command, _ ("There is no verb “%s”."), verb);
}

/* A reader that left is no failure of ours; a full disk is. */
static LiveExitCode
finish_output (LiveCommand *command, LiveExitCode code)
{
  int failure = live_print_flush (command->out);

  if (failure != 0 && failure != EPIPE)
    {
      live_print_line (command->err, LIVE_PRINT_PLAIN, _ ("The answer could not be written: %s."),
                       g_strerror (failure));
      if (code == LIVE_EXIT_DONE)
        code = LIVE_EXIT_FAILED;
    }
  live_print_flush (command->err);
  return code;
}

int
main (int argc, char **argv)
{
  g_autoptr (LivePrint) out = live_print_new (stdout, live_print_wants_colours (stdout));
  g_autoptr (LivePrint) err = live_print_new (stderr, live_print_wants_colours (stderr));
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  LiveCommand command = { .out = out, .err = err, .wait_seconds = DEFAULT_WAIT_SECONDS };
  LiveArguments arguments = { .words = words };
  LiveExitCode code = LIVE_EXIT_USAGE;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  /* Sockets of GIO ignore it anyway, from the first one on; a write that fails is seen by LivePrint. */
  signal (SIGPIPE, SIG_IGN);

  if (parse (&command, &arguments, argc, argv))
    code = dispatch (&command, &arguments);
  code = finish_output (&command, code);
  g_clear_object (&command.client);
  return code;
}
