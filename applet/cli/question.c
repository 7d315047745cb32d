/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "cli/question.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <glib/gi18n.h>

gboolean
live_question_can_be_asked (LiveCommand *command, LiveExitCode *code)
{
  if ((command->options.given & (LIVE_OPTION_YES | LIVE_OPTION_DRY_RUN)) != 0)
    return TRUE;
  /* What is asked about is on standard output: who does not see it cannot agree. */
  if (isatty (STDIN_FILENO) && isatty (STDOUT_FILENO))
    return TRUE;
  *code = live_command_finish_usage (
      command, "%s",
      _ ("There is no terminal to ask on. Add “--dry-run” to see what would be done, “--yes” to do it."));
  return FALSE;
}

gboolean
live_question_is_agreed (LiveCommand *command, const char *question)
{
  char answer[64] = "";

  if ((command->options.given & LIVE_OPTION_DRY_RUN) != 0)
    return FALSE;
  if ((command->options.given & LIVE_OPTION_YES) != 0)
    return TRUE;
  /* Translators: a question; y and N stay as they are, and so does what is typed */
  live_print_line (command->out, LIVE_PRINT_HEADING, _ ("%s [y/N]"), question);
  live_print_flush (command->out);
  /* Nothing else goes on while a person thinks. */
  if (fgets (answer, sizeof answer, stdin) == NULL)
    return FALSE;
  g_strstrip (answer);
  return g_ascii_strcasecmp (answer, "y") == 0 || g_ascii_strcasecmp (answer, "yes") == 0;
}
