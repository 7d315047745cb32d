/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/pool.h"
#include "client/words.h"

typedef struct
{
  gboolean done;
  gboolean success;
  GError *error;
} LiveChange;

static const char *
describe_kind (const char *kind)
{
  if (g_str_equal (kind, "disk"))
    return _ ("on disk");
  if (g_str_equal (kind, "ram"))
    return _ ("in RAM");
  if (g_str_equal (kind, "encrypted"))
    return _ ("encrypted");
  return _ ("not known where");
}

static const char *
describe_ephemeral_volatile (LiveClientPool *pool)
{
  if (!live_client_pool_get_ephemeral_volatile_supported (pool))
    return _ ("throw-away keys not supported");
  if (live_client_pool_get_ephemeral_volatile (pool))
    return _ ("throw-away keys for volatile volumes");
  return _ ("no throw-away keys");
}

void
live_pools_print (LiveClient *client, LivePrint *out, guint indent)
{
  g_autoptr (GPtrArray) pools = live_client_get_pools (client);
  g_autoptr (LiveTable) table = live_table_new (5);

  for (guint i = 0; i < pools->len; i++)
    {
      LiveClientPool *pool = g_ptr_array_index (pools, i);
      g_autofree char *usage = live_words_usage (live_client_pool_get_used (pool), live_client_pool_get_size (pool));

      live_table_add (table, LIVE_PRINT_PLAIN, live_client_pool_get_name (pool));
      live_table_add (table, LIVE_PRINT_PLAIN, describe_kind (live_client_pool_get_kind (pool)));
      live_table_add (table, LIVE_PRINT_PLAIN, live_client_pool_get_driver (pool));
      live_table_add (table, LIVE_PRINT_PLAIN, usage);
      live_table_add (table, LIVE_PRINT_PLAIN, describe_ephemeral_volatile (pool));
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

static LiveExitCode
set (LiveCommand *command, const char *name, const char *setting, const char *value)
{
  LiveChange change = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (LiveClientPool) pool = NULL;
  gboolean on = g_str_equal (value, "on");

  if (!g_str_equal (setting, "ephemeral-volatile"))
    return live_command_finish_usage (command, _ ("A pool has no setting “%s”, but “ephemeral-volatile”."), setting);
  if (!on && !g_str_equal (value, "off"))
    return live_command_finish_usage (command, _ ("“ephemeral-volatile” is “on” or “off”, not “%s”."), value);

  if (!live_command_connect (command, &error))
    return live_command_finish_error (command, error, NULL);
  if (!live_command_synchronize (command, NULL) && live_client_find_pool (command->client, name) == NULL)
    return live_command_finish_not_synchronized (command);
  pool = live_client_find_pool (command->client, name);
  if (pool == NULL)
    return finish_not_found (command, name);

  g_object_ref (pool);
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

LiveExitCode
live_command_pool (LiveCommand *command)
{
  char **words = command->words;

  if (command->n_words == 1 && g_str_equal (words[0], "list"))
    return list (command);
  if (command->n_words == 4 && g_str_equal (words[0], "set"))
    {
      if (command->json)
        return live_command_finish_usage (command, "%s", _ ("“pool set” has no answer in JSON."));
      return set (command, words[1], words[2], words[3]);
    }
  return live_command_finish_usage (command, "%s",
                                    _ ("Write “pool list” or “pool set NAME ephemeral-volatile on|off”."));
}
