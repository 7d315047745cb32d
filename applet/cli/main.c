/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include <errno.h>
#include <locale.h>
#include <signal.h>

#include <glib/gi18n.h>

#include "cli/command.h"

#define ASKING (LIVE_OPTION_DRY_RUN | LIVE_OPTION_YES)
#define GUEST (LIVE_OPTION_INTO_TEMPLATE | LIVE_OPTION_QREXEC_CLIENT | LIVE_OPTION_QVM_PREFS | LIVE_OPTION_GUEST_FILES)
#define POOL                                                                                                           \
  (LIVE_OPTION_SIZE | LIVE_OPTION_LIMIT | LIVE_OPTION_ALGORITHM | LIVE_OPTION_BACKING | LIVE_OPTION_TMPFS              \
   | LIVE_OPTION_DEFAULT | LIVE_OPTION_KILL | ASKING)
#define WINDOW (LIVE_OPTION_SECONDS | LIVE_OPTION_UNTIL_CLOSED | LIVE_OPTION_KILL)

/* With the options that any form of the verb takes; where there are several forms, it looks closer itself. */
static const struct
{
  const char *name;
  LiveExitCode (*run) (LiveCommand *command);
  LiveOptionFlags takes;
} verbs[] = {
  { "status", live_command_status, LIVE_OPTION_JSON },
  { "qube", live_command_qube, WINDOW | LIVE_OPTION_SIZE | GUEST },
  { "pool", live_command_pool, LIVE_OPTION_JSON | POOL },
  { "run-ram", live_command_run_ram, LIVE_OPTION_NAME | LIVE_OPTION_POOL | LIVE_OPTION_WITH_FILES },
  { "posture", live_command_posture, LIVE_OPTION_JSON },
  { "monitor", live_command_monitor, LIVE_OPTION_JSON },
  { "disposable-templates", live_command_disposable_templates, ASKING },
  { "take-over", live_command_take_over, ASKING },
};

typedef struct
{
  const char *left;
  const char *right;
} LiveHelpRow;

static const LiveHelpRow verb_rows[] = {
  { "status [--json]", N_ ("what would be left behind, now") },
  { "qube NAME policy persistent|root|full", N_ ("what a qube is to keep: everything, all but its root, nothing") },
  { "qube NAME volume root|private rw|ro", N_ ("whether a halted qube may write a volume of its own") },
  { "qube NAME window open [--seconds N|--until-closed]", N_ ("start it so that it keeps its files, for a time") },
  { "qube NAME window extend --seconds N", N_ ("give an open window more time") },
  { "qube NAME window close [--kill]", N_ ("shut it down and keep nothing from then on") },
  { "qube NAME hygiene on|off", N_ ("whether its kernel erases memory that is freed") },
  { "qube NAME upper volatile|ram [--size SIZE]", N_ ("where it writes to instead of its private volume") },
  { "qube NAME renew", N_ ("give the disposables made from it its policy") },
  { "qube NAME install-guest [--into-template]", N_ ("put the part that runs inside into a running qube") },
  { "qube NAME remove-guest [--into-template]", N_ ("take that out again") },
  { "disposable-templates policy full [--dry-run] [--yes]", N_ ("the policy full for every disposable template") },
  { "take-over [--dry-run] [--yes]", N_ ("turn a unit that makes volumes read-only into policies") },
  { "pool list [--json]", N_ ("the storage pools") },
  { "pool set NAME ephemeral-volatile on|off", N_ ("throw-away keys for the volatile volumes in a pool") },
  { "pool create-ram NAME --size SIZE [--limit SIZE] [--tmpfs]", N_ ("make a pool in RAM") },
  { "pool create-encrypted NAME --size SIZE --backing PATH", N_ ("make a pool under a key that only RAM knows") },
  { "pool resize NAME --size SIZE", N_ ("change the size of such a pool") },
  { "pool default NAME on|off", N_ ("whether new qubes go to a pool") },
  { "pool destroy NAME [--kill] [--dry-run] [--yes]", N_ ("destroy such a pool with everything in it") },
  { "run-ram QUBE [--name NAME] [--pool POOL] [--with-files]", N_ ("start a copy of a qube that lives in RAM") },
  { "posture [--json]", N_ ("how dom0 is hardened, and what to do about it") },
  { "monitor [--json]", N_ ("a line for every change, until it is interrupted") },
};

static const LiveHelpRow option_rows[] = {
  { "--json", N_ ("answer in JSON") },
  { "--wait SECONDS", N_ ("wait so long at most for what is not known yet (10)") },
  { "--dry-run", N_ ("only show what would be done") },
  { "--yes", N_ ("do not ask") },
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

static LiveExitCode
dispatch (LiveCommand *command, GPtrArray *words)
{
  const char *verb = g_ptr_array_index (words, 0);
  LiveExitCode code = LIVE_EXIT_USAGE;

  if ((command->options.given & LIVE_OPTION_HELP) != 0)
    return print_help (command->out);
  if ((command->options.given & LIVE_OPTION_VERSION) != 0)
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
      if (command->json && (verbs[i].takes & LIVE_OPTION_JSON) == 0)
        return live_command_finish_usage (command, _ ("“%s” has no answer in JSON."), verb);
      if (!live_command_takes_options (command, verbs[i].takes, &code))
        return code;
      command->words = (char **) words->pdata + 1;
      command->n_words = words->len - 2;
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
  LiveCommand command = { .out = out, .err = err };
  LiveExitCode code = LIVE_EXIT_USAGE;
  g_autofree char *complaint = NULL;

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  /* Sockets of GIO ignore it anyway, from the first one on; a write that fails is seen by LivePrint. */
  signal (SIGPIPE, SIG_IGN);

  complaint = live_options_parse (&command.options, words, argc, argv);
  g_ptr_array_add (words, NULL);
  command.json = (command.options.given & LIVE_OPTION_JSON) != 0;
  if (complaint != NULL)
    code = live_command_finish_usage (&command, "%s", complaint);
  else
    code = dispatch (&command, words);
  code = finish_output (&command, code);
  g_clear_object (&command.client);
  return code;
}
