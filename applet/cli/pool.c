/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/pool.h"
#include "client/pool-words.h"

typedef struct
{
  gboolean done;
  gboolean success;
  GError *error;
} LiveChange;

void
live_pools_print (LiveClient *client, LivePrint *out, guint indent)
{
  g_autoptr (GPtrArray) pools = live_client_get_pools (client);
  g_autoptr (LiveTable) table = live_table_new (6);

  for (guint i = 0; i < pools->len; i++)
    {
      LiveClientPool *pool = g_ptr_array_index (pools, i);
      g_autofree char *usage
          = live_pool_words_usage (live_client_pool_get_used (pool), live_client_pool_get_size (pool),
                                   live_client_pool_get_memory_used (pool));
      g_autofree char *notes = live_pool_words_notes (pool);

      live_table_add (table, LIVE_PRINT_PLAIN, live_client_pool_get_name (pool));
      live_table_add (table, LIVE_PRINT_PLAIN, live_pool_words_kind (live_client_pool_get_kind (pool)));
      live_table_add (table, LIVE_PRINT_PLAIN, live_client_pool_get_driver (pool));
      live_table_add (table, LIVE_PRINT_PLAIN, usage);
      live_table_add (table, LIVE_PRINT_PLAIN, live_pool_words_ephemeral_volatile (pool));
      live_table_add (table, LIVE_PRINT_PLAIN, notes);
    }
  live_table_print (table, out, indent);
}

static LiveExitCode
list (LiveCommand *command)
{
  g_autoptr (GError) error = NULL;
  LiveExitCode code = LIVE_EXIT_DONE;

  /* What is known goes to standard output also when it is nothing, or not all. */
  if (!live_command_connect (command, &error))
    code = live_command_finish_error (command, error, NULL);
  else if (!live_command_synchronize (command, NULL))
    code = live_command_finish_not_synchronized (command);

  if (command->json)
    {
      g_autoptr (JsonNode) document = live_document_from_pools (command->client);

      live_document_print (document, TRUE, command->out);
    }
  else
    live_pools_print (command->client, command->out, 0);
  return code;
}

static void
on_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LiveChange *change = user_data;

  change->success = live_client_set_pool_ephemeral_volatile_finish (LIVE_CLIENT (source), result, &change->error);
  change->done = TRUE;
}

static LiveExitCode
finish_not_found (LiveCommand *command, const char *name)
{
  g_autoptr (GPtrArray) pools = live_client_get_pools (command->client);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *sentence = g_strdup_printf (_ ("There is no pool “%s”."), name);

  for (guint i = 0; i < pools->len; i++)
    g_ptr_array_add (names, g_strdup (live_client_pool_get_name (g_ptr_array_index (pools, i))));
  return live_command_finish_not_found (command, sentence, name, names);
}

LiveClientPool *
live_pool_find (LiveCommand *command, const char *name, LiveExitCode *code)
{
  g_autoptr (GError) error = NULL;
  LiveClientPool *pool = NULL;

  if (!live_command_connect (command, &error))
    {
      *code = live_command_finish_error (command, error, NULL);
      return NULL;
    }
  if (!live_command_synchronize (command, NULL) && live_client_find_pool (command->client, name) == NULL)
    {
      *code = live_command_finish_not_synchronized (command);
      return NULL;
    }
  pool = live_client_find_pool (command->client, name);
  if (pool != NULL)
    return g_object_ref (pool);
  *code = finish_not_found (command, name);
  return NULL;
}

static LiveExitCode
set (LiveCommand *command, const char *name, const char *setting, const char *value)
{
  LiveChange change = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (LiveClientPool) pool = NULL;
  LiveExitCode code = LIVE_EXIT_FAILED;
  gboolean on = g_str_equal (value, "on");

  if (!g_str_equal (setting, "ephemeral-volatile"))
    return live_command_finish_usage (command, _ ("A pool has no setting “%s”, but “ephemeral-volatile”."), setting);
  if (!on && !g_str_equal (value, "off"))
    return live_command_finish_usage (command, _ ("“ephemeral-volatile” is “on” or “off”, not “%s”."), value);

  pool = live_pool_find (command, name, &code);
  if (pool == NULL)
    return code;

  live_client_set_pool_ephemeral_volatile_async (command->client, pool, on, NULL, on_set, &change);
  while (!change.done)
    g_main_context_iteration (NULL, TRUE);
  error = change.error;
  if (!change.success)
    return live_command_finish_error (command, error, name);

  /* The volumes of a running qube were made when it started. */
  if (on)
    live_print_line (command->out, LIVE_PRINT_PLAIN,
                     _ ("Volatile volumes in %s get a throw-away key at the next start of each qube, unless a volume "
                        "is set otherwise."),
                     name);
  else
    live_print_line (command->out, LIVE_PRINT_PLAIN,
                     _ ("Volatile volumes in %s get no throw-away key from the next start of each qube on, unless a "
                        "volume is set otherwise."),
                     name);
  return LIVE_EXIT_DONE;
}

static LiveExitCode
list_form (LiveCommand *command, char **words)
{
  return list (command);
}

static LiveExitCode
set_form (LiveCommand *command, char **words)
{
  return set (command, words[0], words[1], words[2]);
}

static const struct
{
  const char *word;
  guint n_words; /* that follow it */
  LiveOptionFlags takes;
  LiveExitCode (*run) (LiveCommand *command, char **words);
} forms[] = {
  { "list", 0, LIVE_OPTION_JSON, list_form },
  { "set", 3, 0, set_form },
  { "create-ram", 1,
    LIVE_OPTION_SIZE | LIVE_OPTION_LIMIT | LIVE_OPTION_ALGORITHM | LIVE_OPTION_TMPFS | LIVE_OPTION_DEFAULT,
    live_pool_create_ram },
  { "create-encrypted", 1, LIVE_OPTION_SIZE | LIVE_OPTION_BACKING | LIVE_OPTION_DEFAULT, live_pool_create_encrypted },
  { "resize", 1, LIVE_OPTION_SIZE, live_pool_resize },
  { "default", 2, 0, live_pool_default },
  { "destroy", 1, LIVE_OPTION_KILL | LIVE_OPTION_DRY_RUN | LIVE_OPTION_YES, live_pool_destroy },
};

LiveExitCode
live_command_pool (LiveCommand *command)
{
  char **words = command->words;
  LiveExitCode code = LIVE_EXIT_USAGE;

  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      if (command->n_words != forms[i].n_words + 1 || !g_str_equal (words[0], forms[i].word))
        continue;
      if (command->json && (forms[i].takes & LIVE_OPTION_JSON) == 0)
        return live_command_finish_usage (command, _ ("“pool %s” has no answer in JSON."), words[0]);
      if (!live_command_takes_options (command, forms[i].takes, &code))
        return code;
      return forms[i].run (command, words + 1);
    }
  return live_command_finish_usage (command, "%s",
                                    _ ("Write “pool list”, or “pool” and one of “set”, “create-ram”, "
                                       "“create-encrypted”, “resize”, “default” and “destroy”."));
}
