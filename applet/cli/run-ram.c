/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "cli/command.h"
#include "cli/follow-job.h"
#include "cli/qube.h"
#include "model/job.h"
#include "model/object-path.h"

/* (transfer floating) */
static GVariant *
make_options (const LiveOptions *options)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  if (options->name != NULL)
    g_variant_builder_add (&builder, "{sv}", "name", g_variant_new_string (options->name));
  if (options->pool != NULL)
    g_variant_builder_add (&builder, "{sv}", "pool", g_variant_new_string (options->pool));
  if ((options->given & LIVE_OPTION_WITH_FILES) != 0)
    g_variant_builder_add (&builder, "{sv}", "with-files", g_variant_new_boolean (TRUE));
  return g_variant_builder_end (&builder);
}

LiveExitCode
live_command_run_ram (LiveCommand *command)
{
  const char *name = command->options.name;
  const char *pool = command->options.pool;
  g_autoptr (LiveClientQube) qube = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  LiveExitCode code = LIVE_EXIT_USAGE;
  char *object_path = NULL;

  if (command->n_words != 1)
    return live_command_finish_usage (command, "%s", _ ("Write “run-ram” and the name of one qube."));
  if (name != NULL && !live_name_is_valid (name))
    return live_command_finish_usage (command, _ ("“%s” is no name for a qube."), name);
  if (pool != NULL && !live_name_is_valid (pool))
    return live_command_finish_usage (command, _ ("There is no pool “%s”."), pool);
  qube = live_qube_find (command, command->words[0], &code);
  if (qube == NULL)
    return code;

  live_client_run_ram_qube_async (command->client, qube, make_options (&command->options), NULL, live_command_on_called,
                                  &result);
  live_command_wait_for_call (&result);
  object_path = live_client_run_ram_qube_finish (command->client, result, &error);
  code = live_job_follow (command, LIVE_JOB_RUN_RAM_QUBE, command->words[0], object_path, error);
  if (code == LIVE_EXIT_DONE)
    live_print_line (command->out, LIVE_PRINT_PLAIN, "%s",
                     _ ("When it shuts down it is removed, with everything that was written in it."));
  return code;
}
