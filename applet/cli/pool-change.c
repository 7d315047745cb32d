/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "cli/pool.h"

#include <glib/gi18n.h>

#include "cli/follow-job.h"
#include "cli/question.h"
#include "cli/size.h"
#include "client/pool-words.h"
#include "client/words.h"
#include "model/job.h"

/* As live_pool_find(), of a pool that this program made: nothing else may be resized or destroyed. */
static LiveClientPool *
find_managed (LiveCommand *command, const char *name, LiveExitCode *code)
{
  g_autoptr (LiveClientPool) pool = live_pool_find (command, name, code);

  if (pool == NULL)
    return NULL;
  if (live_client_pool_get_managed (pool))
    return g_steal_pointer (&pool);
  live_print_line (command->err, LIVE_PRINT_HEADING, _ ("The pool %s was not made by Qubes Live."), name);
  live_print_line (command->err, LIVE_PRINT_PLAIN, "%s",
                   _ ("It is left alone. What is to be done with it can be done with: qvm-pool."));
  *code = LIVE_EXIT_FAILED;
  return NULL;
}

LiveExitCode
live_pool_resize (LiveCommand *command, char **words)
{
  g_autoptr (LiveClientPool) pool = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  LiveExitCode code = LIVE_EXIT_USAGE;
  guint64 size = 0;
  char *object_path = NULL;

  if (!live_size_parse (command->options.size, &size))
    return live_command_finish_usage (command, "%s", _ ("Say how large, for example with “--size 2G”."));
  pool = find_managed (command, words[0], &code);
  if (pool == NULL)
    return code;

  live_client_resize_pool_async (command->client, pool, size, NULL, live_command_on_called, &result);
  live_command_wait_for_call (&result);
  object_path = live_client_resize_pool_finish (command->client, result, &error);
  return live_job_follow (command, LIVE_JOB_RESIZE_POOL, words[0], object_path, error);
}

LiveExitCode
live_pool_default (LiveCommand *command, char **words)
{
  g_autoptr (LiveClientPool) pool = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  LiveExitCode code = LIVE_EXIT_USAGE;
  gboolean on = g_str_equal (words[1], "on");

  if (!on && !g_str_equal (words[1], "off"))
    return live_command_finish_usage (command, _ ("“default” is “on” or “off”, not “%s”."), words[1]);
  pool = live_pool_find (command, words[0], &code);
  if (pool == NULL)
    return code;

  live_client_set_pool_default_async (command->client, pool, on, NULL, live_command_on_called, &result);
  live_command_wait_for_call (&result);
  if (!live_client_set_pool_default_finish (command->client, result, &error))
    return live_command_finish_error (command, error, words[0]);
  live_print_line (command->out, LIVE_PRINT_PLAIN,
                   on ? _ ("Private and volatile volumes of new qubes go to %s.")
                      : _ ("Private and volatile volumes of new qubes do not go to %s, but where they went before."),
                   words[0]);
  return LIVE_EXIT_DONE;
}

/* The qubes that go with the pool. */
static void
print_qubes (LiveCommand *command, const char *const *names)
{
  g_autoptr (LiveTable) table = live_table_new (2);

  for (gsize i = 0; names[i] != NULL; i++)
    {
      LiveClientQube *qube = live_client_find_qube (command->client, names[i]);
      g_autofree char *state = live_words_state (qube != NULL ? live_client_qube_get_state (qube) : "unknown");

      live_table_add (table, LIVE_PRINT_PLAIN, names[i]);
      live_table_add (table, LIVE_PRINT_PLAIN, state);
    }
  live_table_print (table, command->out, 2);
}

LiveExitCode
live_pool_destroy (LiveCommand *command, char **words)
{
  const gboolean kill = (command->options.given & LIVE_OPTION_KILL) != 0;
  g_autoptr (LiveClientPool) pool = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *loss = NULL;
  g_autofree char *question = NULL;
  g_auto (GStrv) qubes = NULL;
  LiveExitCode code = LIVE_EXIT_USAGE;
  char *object_path = NULL;

  if (!live_question_can_be_asked (command, &code))
    return code;
  pool = find_managed (command, words[0], &code);
  if (pool == NULL)
    return code;

  /* Those that are shown, and no others: the helper refuses when there is one more by then. */
  qubes = g_strdupv ((char **) live_client_pool_get_qubes (pool));
  loss = live_pool_words_loss (pool);
  live_print_line (command->out, LIVE_PRINT_PLAIN, "%s", loss);
  print_qubes (command, (const char *const *) qubes);
  if (kill && qubes[0] != NULL)
    live_print_line (command->out, LIVE_PRINT_PLAIN, "%s",
                     _ ("Those that run are ended without being asked to shut down."));
  if ((command->options.given & LIVE_OPTION_DRY_RUN) != 0)
    return LIVE_EXIT_DONE;
  question = g_strdup_printf (_ ("Destroy the pool %s?"), words[0]);
  if (!live_question_is_agreed (command, question))
    {
      live_print_line (command->out, LIVE_PRINT_PLAIN, "%s", _ ("Nothing was changed."));
      return LIVE_EXIT_FAILED;
    }

  live_client_destroy_pool_async (command->client, pool, (const char *const *) qubes, kill, NULL,
                                  live_command_on_called, &result);
  live_command_wait_for_call (&result);
  object_path = live_client_destroy_pool_finish (command->client, result, &error);
  return live_job_follow (command, LIVE_JOB_DESTROY_POOL, words[0], object_path, error);
}
