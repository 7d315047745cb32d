/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "cli/pool.h"

#include <glib/gi18n.h>

#include "cli/follow-job.h"
#include "cli/size.h"
#include "model/job.h"
#include "model/object-path.h"

/* Whether @name can be one of a pool; otherwise complains. */
static gboolean
check_name (LiveCommand *command, const char *name, LiveExitCode *code)
{
  if (live_name_is_valid (name))
    return TRUE;
  *code = live_command_finish_usage (
      command, _ ("“%s” is no name for a pool: up to 63 letters, digits, -, _ and ., and a letter or digit first."),
      name);
  return FALSE;
}

static gboolean
check_size (LiveCommand *command, const char *option, const char *text, guint64 *size, LiveExitCode *code)
{
  if (live_size_parse (text, size))
    return TRUE;
  if (text == NULL)
    *code = live_command_finish_usage (command, _ ("Say how large, for example with “%s 2G”."), option);
  else
    *code = live_command_finish_usage (command, _ ("“%s” is no size: write one such as 512M or 2G."), text);
  return FALSE;
}

static gboolean
is_given (LiveCommand *command, LiveOptionFlags option)
{
  return (command->options.given & option) != 0;
}

LiveExitCode
live_pool_create_ram (LiveCommand *command, char **words)
{
  const LiveOptions *options = &command->options;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  LiveExitCode code = LIVE_EXIT_USAGE;
  guint64 size = 0, limit = 0;
  GVariantBuilder builder;
  char *object_path = NULL;

  if (!check_name (command, words[0], &code) || !check_size (command, "--size", options->size, &size, &code)
      || (options->limit != NULL && !check_size (command, "--limit", options->limit, &limit, &code)))
    return code;
  if (is_given (command, LIVE_OPTION_TMPFS) && (options->limit != NULL || options->algorithm != NULL))
    return live_command_finish_usage (command, "%s",
                                      _ ("A tmpfs does not compress: “--tmpfs” goes without “--limit” and "
                                         "“--algorithm”."));
  if (options->algorithm != NULL && !g_utf8_validate (options->algorithm, -1, NULL))
    return live_command_finish_usage (command, _ ("There is no algorithm “%s”."), options->algorithm);
  if (!live_command_connect (command, &error))
    return live_command_finish_error (command, error, NULL);

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  if (is_given (command, LIVE_OPTION_TMPFS))
    g_variant_builder_add (&builder, "{sv}", "kind", g_variant_new_string ("tmpfs"));
  if (limit != 0)
    g_variant_builder_add (&builder, "{sv}", "limit", g_variant_new_uint64 (limit));
  if (options->algorithm != NULL)
    g_variant_builder_add (&builder, "{sv}", "algorithm", g_variant_new_string (options->algorithm));
  if (is_given (command, LIVE_OPTION_DEFAULT))
    g_variant_builder_add (&builder, "{sv}", "default", g_variant_new_boolean (TRUE));
  live_client_create_ram_pool_async (command->client, words[0], size, g_variant_builder_end (&builder), NULL,
                                     live_command_on_called, &result);
  live_command_wait_for_call (&result);
  object_path = live_client_create_ram_pool_finish (command->client, result, &error);
  return live_job_follow (command, LIVE_JOB_CREATE_RAM_POOL, words[0], object_path, error);
}

LiveExitCode
live_pool_create_encrypted (LiveCommand *command, char **words)
{
  const LiveOptions *options = &command->options;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  LiveExitCode code = LIVE_EXIT_USAGE;
  guint64 size = 0; /* all of a block device */
  GVariantBuilder builder;
  char *object_path = NULL;

  if (!check_name (command, words[0], &code)
      || (options->size != NULL && !check_size (command, "--size", options->size, &size, &code)))
    return code;
  if (options->backing == NULL)
    return live_command_finish_usage (command, "%s",
                                      _ ("Say where, with “--backing” and the path of a file to be made or of a block "
                                         "device."));
  if (!g_utf8_validate (options->backing, -1, NULL))
    return live_command_finish_usage (command, _ ("The path “%s” is not in UTF-8."), options->backing);
  if (!live_command_connect (command, &error))
    return live_command_finish_error (command, error, NULL);

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  if (is_given (command, LIVE_OPTION_DEFAULT))
    g_variant_builder_add (&builder, "{sv}", "default", g_variant_new_boolean (TRUE));
  live_client_create_encrypted_pool_async (command->client, words[0], size, options->backing,
                                           g_variant_builder_end (&builder), NULL, live_command_on_called, &result);
  live_command_wait_for_call (&result);
  object_path = live_client_create_encrypted_pool_finish (command->client, result, &error);
  return live_job_follow (command, LIVE_JOB_CREATE_ENCRYPTED_POOL, words[0], object_path, error);
}
