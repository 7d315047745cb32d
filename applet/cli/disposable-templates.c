/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "cli/command.h"
#include "cli/question.h"
#include "client/window-words.h"
#include "client/words.h"

/* What the policy full would do to a disposable template now. */
typedef enum
{
  LIVE_CHANGE_NONE,
  LIVE_CHANGE_NOW,
  LIVE_CHANGE_LATER,
  LIVE_CHANGE_IMPOSSIBLE
} LiveChange;

/* How often each happened, or will. */
typedef struct
{
  guint done, waiting, failed, old;
} LiveCounts;

/* (transfer full) (element-type LiveClientQube): kept for as long as the program looks at them. */
static GPtrArray *
get_disposable_templates (LiveClient *client)
{
  g_autoptr (GPtrArray) qubes = live_client_get_qubes (client);
  GPtrArray *templates = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < qubes->len; i++)
    {
      LiveClientQube *qube = g_ptr_array_index (qubes, i);

      if (live_client_qube_get_template_for_dispvms (qube))
        g_ptr_array_add (templates, g_object_ref (qube));
    }
  return templates;
}

static LiveChange
get_change (LiveClientQube *qube)
{
  const gboolean full = g_str_equal (live_client_qube_get_policy (qube), "full");

  if (full && live_client_qube_get_pending (qube)[0] == NULL)
    return LIVE_CHANGE_NONE;
  if (full)
    return LIVE_CHANGE_LATER;
  if (!live_client_qube_accepts_policy (qube, "full"))
    return LIVE_CHANGE_IMPOSSIBLE;
  return live_client_qube_is_halted (qube) ? LIVE_CHANGE_NOW : LIVE_CHANGE_LATER;
}

static const char *
describe_change (LiveChange change)
{
  switch (change)
    {
    case LIVE_CHANGE_NONE:
      return _ ("is fully ephemeral already");
    case LIVE_CHANGE_NOW:
      return _ ("changes now");
    case LIVE_CHANGE_LATER:
      return _ ("runs: changes when it shuts down");
    case LIVE_CHANGE_IMPOSSIBLE:
    default:
      return _ ("cannot be: this qube, its pool or this version of Qubes does not support it");
    }
}

static void
print_preview (LiveCommand *command, GPtrArray *templates)
{
  g_autoptr (LiveTable) table = live_table_new (3);

  for (guint i = 0; i < templates->len; i++)
    {
      LiveClientQube *qube = g_ptr_array_index (templates, i);
      LiveChange change = get_change (qube);
      g_autofree char *old = live_words_old_disposables (live_client_qube_get_old_disposables (qube));

      live_table_add (table, LIVE_PRINT_PLAIN, live_client_qube_get_name (qube));
      live_table_add (table, change == LIVE_CHANGE_IMPOSSIBLE ? LIVE_PRINT_PERSISTENT : LIVE_PRINT_PLAIN,
                      describe_change (change));
      live_table_add (table, LIVE_PRINT_PLAIN, old != NULL ? old : "");
    }
  live_print_line (command->out, LIVE_PRINT_HEADING, "%s", _ ("The policy full for every disposable template:"));
  live_table_print (table, command->out, 2);
  live_print_flush (command->out);
}

/* What no further qube would fare better with: it ends the run. */
static gboolean
is_final (LiveExitCode code)
{
  return code == LIVE_EXIT_NOT_AUTHORIZED || code == LIVE_EXIT_UNREACHABLE;
}

/* Returns the exit code of this one. */
static LiveExitCode
apply (LiveCommand *command, LiveClientQube *qube)
{
  const char *name = live_client_qube_get_name (qube);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  gboolean applied = FALSE;

  live_client_set_policy_async (command->client, qube, "full", NULL, live_command_on_called, &result);
  live_command_wait_for_call (&result);
  if (!live_client_set_policy_finish (command->client, result, &applied, &error))
    return live_command_finish_error (command, error, name);
  if (applied)
    live_print_line (command->out, LIVE_PRINT_PLAIN,
                     _ ("%s is configured to throw away everything it writes, its files too. This is checked when it "
                        "starts."),
                     name);
  else
    live_print_line (command->out, LIVE_PRINT_PLAIN, _ ("%s is running. The change takes effect when it shuts down."),
                     name);
  live_print_flush (command->out);
  return applied ? LIVE_EXIT_DONE : LIVE_EXIT_PENDING;
}

static LiveExitCode
apply_all (LiveCommand *command, GPtrArray *templates)
{
  LiveCounts counts = { 0 };

  for (guint i = 0; i < templates->len; i++)
    {
      LiveClientQube *qube = g_ptr_array_index (templates, i);
      LiveChange change = get_change (qube);
      /* What has the policy already, and waits, is asked for nothing. */
      const gboolean wanted = g_str_equal (live_client_qube_get_policy (qube), "full");
      LiveExitCode code = LIVE_EXIT_DONE;

      if (change == LIVE_CHANGE_IMPOSSIBLE)
        code = LIVE_EXIT_FAILED;
      else if (wanted)
        code = change == LIVE_CHANGE_LATER ? LIVE_EXIT_PENDING : LIVE_EXIT_DONE;
      else
        code = apply (command, qube);
      if (is_final (code))
        return code;
      counts.done += code == LIVE_EXIT_DONE;
      counts.waiting += code == LIVE_EXIT_PENDING;
      counts.failed += code != LIVE_EXIT_DONE && code != LIVE_EXIT_PENDING;
      counts.old += live_client_qube_get_old_disposables (qube)[0] != NULL;
    }
  live_print_line (command->out, LIVE_PRINT_HEADING,
                   /* Translators: numbers of disposable templates */
                   _ ("%u done, %u wait until they shut down, %u not done."), counts.done, counts.waiting,
                   counts.failed);
  if (counts.old > 0)
    live_print_line (command->out, LIVE_PRINT_PLAIN, "%s",
                     _ ("Disposables that were made before keep what they had: “qubes-live qube NAME renew”, with the "
                        "name of the disposable template, changes them."));
  if (counts.failed > 0)
    return LIVE_EXIT_FAILED;
  return counts.waiting > 0 ? LIVE_EXIT_PENDING : LIVE_EXIT_DONE;
}

LiveExitCode
live_command_disposable_templates (LiveCommand *command)
{
  char **words = command->words;
  g_autoptr (GPtrArray) templates = NULL;
  g_autoptr (GError) error = NULL;
  LiveExitCode code = LIVE_EXIT_USAGE;
  gboolean anything = FALSE;

  if (command->n_words != 2 || !g_str_equal (words[0], "policy") || !g_str_equal (words[1], "full"))
    return live_command_finish_usage (command, "%s",
                                      _ ("Write “disposable-templates policy full [--dry-run] [--yes]”."));
  if (!live_question_can_be_asked (command, &code))
    return code;
  if (!live_command_connect (command, &error))
    return live_command_finish_error (command, error, NULL);
  /* "Every" is a promise: it takes knowing all of them. */
  if (!live_command_synchronize (command, NULL))
    return live_command_finish_not_synchronized (command);

  templates = get_disposable_templates (command->client);
  if (templates->len == 0)
    {
      live_print_line (command->out, LIVE_PRINT_PLAIN, "%s", _ ("There is no disposable template."));
      return LIVE_EXIT_DONE;
    }
  print_preview (command, templates);
  if ((command->options.given & LIVE_OPTION_DRY_RUN) != 0)
    return LIVE_EXIT_DONE;
  for (guint i = 0; i < templates->len && !anything; i++)
    {
      LiveClientQube *qube = g_ptr_array_index (templates, i);

      anything
          = !g_str_equal (live_client_qube_get_policy (qube), "full") && get_change (qube) != LIVE_CHANGE_IMPOSSIBLE;
    }
  if (anything && !live_question_is_agreed (command, _ ("Make them so?")))
    {
      live_print_line (command->out, LIVE_PRINT_PLAIN, "%s", _ ("Nothing was changed."));
      return LIVE_EXIT_FAILED;
    }
  return apply_all (command, templates);
}
