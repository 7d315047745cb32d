/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "cli/command.h"

typedef struct
{
  gboolean done;
  gboolean success;
  gboolean applied;
  GError *error;
} LiveChange;

static GPtrArray *
get_names (LiveClient *client)
{
  g_autoptr (GPtrArray) qubes = live_client_get_qubes (client);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < qubes->len; i++)
    g_ptr_array_add (names, g_strdup (live_client_qube_get_name (g_ptr_array_index (qubes, i))));
  return names;
}

/* Connects and finds the qube, which the caller keeps alive: it may be removed during the call. On failure says why,
 * and @code is the exit code. */
static LiveClientQube *
find_qube (LiveCommand *command, const char *name, LiveExitCode *code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) names = NULL;
  g_autofree char *sentence = NULL;
  LiveClientQube *qube = NULL;

  if (!live_command_connect (command, &error))
    {
      *code = live_command_finish_error (command, error, NULL);
      return NULL;
    }
  if (!live_command_synchronize (command, name))
    {
      *code = live_command_finish_not_synchronized (command);
      return NULL;
    }
  qube = live_client_find_qube (command->client, name);
  if (qube != NULL)
    return g_object_ref (qube);

  names = get_names (command->client);
  sentence = g_strdup_printf (_ ("There is no qube “%s”."), name);
  *code = live_command_finish_not_found (command, sentence, name, names);
  return NULL;
}

static void
on_policy_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LiveChange *change = user_data;

  change->success = live_client_set_policy_finish (LIVE_CLIENT (source), result, &change->applied, &change->error);
  change->done = TRUE;
}

static void
on_volume_set (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LiveChange *change = user_data;

  change->success = live_client_set_volume_writable_finish (LIVE_CLIENT (source), result, &change->error);
  change->done = TRUE;
}

static void
wait_for_change (LiveChange *change)
{
  while (!change->done)
    g_main_context_iteration (NULL, TRUE);
}

static LiveExitCode
set_policy (LiveCommand *command, const char *name, const char *policy)
{
  LiveChange change = { 0 };
  g_autoptr (GError) error = NULL;
  LiveExitCode code = LIVE_EXIT_FAILED;
  g_autoptr (LiveClientQube) qube = NULL;

  if (!g_str_equal (policy, "persistent") && !g_str_equal (policy, "root"))
    return live_command_finish_usage (command, _ ("A policy is “persistent” or “root”, not “%s”."), policy);

  qube = find_qube (command, name, &code);
  if (qube == NULL)
    return code;
  live_client_set_policy_async (command->client, qube, policy, NULL, on_policy_set, &change);
  wait_for_change (&change);
  error = change.error;
  if (!change.success)
    return live_command_finish_error (command, error, name);

  if (!change.applied)
    {
      live_print_line (command->out, LIVE_PRINT_PLAIN, _ ("%s is running. The change takes effect when it shuts down."),
                       name);
      return LIVE_EXIT_PENDING;
    }
  if (g_str_equal (policy, "persistent"))
    live_print_line (command->out, LIVE_PRINT_PLAIN, _ ("%s keeps what it writes."), name);
  else if (live_client_qube_is_halted (qube))
    live_print_line (command->out, LIVE_PRINT_PLAIN,
                     _ ("%s is configured to throw away what it writes to its root volume. This is checked when it "
                        "starts."),
                     name);
  else
    live_print_line (command->out, LIVE_PRINT_PLAIN,
                     _ ("%s is configured to throw away what it writes to its root volume. “qubes-live status” says "
                        "whether that is verified."),
                     name);
  return LIVE_EXIT_DONE;
}

static LiveExitCode
set_volume_writable (LiveCommand *command, const char *name, const char *volume, const char *mode)
{
  LiveChange change = { 0 };
  g_autoptr (GError) error = NULL;
  LiveExitCode code = LIVE_EXIT_FAILED;
  g_autoptr (LiveClientQube) qube = NULL;
  gboolean writable = g_str_equal (mode, "rw");
  gboolean root = g_str_equal (volume, "root");

  if (!root && !g_str_equal (volume, "private"))
    return live_command_finish_usage (command, _ ("A volume is “root” or “private”, not “%s”."), volume);
  if (!writable && !g_str_equal (mode, "ro"))
    return live_command_finish_usage (command, _ ("A volume is made “rw” or “ro”, not “%s”."), mode);

  qube = find_qube (command, name, &code);
  if (qube == NULL)
    return code;
  live_client_set_volume_writable_async (command->client, qube, volume, writable, NULL, on_volume_set, &change);
  wait_for_change (&change);
  error = change.error;
  if (!change.success)
    return live_command_finish_error (command, error, name);

  if (root && writable)
    live_print_line (command->out, LIVE_PRINT_PLAIN, _ ("The root volume of %s is writable."), name);
  else if (root)
    live_print_line (command->out, LIVE_PRINT_PLAIN, _ ("The root volume of %s is read-only."), name);
  else if (writable)
    live_print_line (command->out, LIVE_PRINT_PLAIN, _ ("The private volume of %s is writable."), name);
  else
    live_print_line (command->out, LIVE_PRINT_PLAIN, _ ("The private volume of %s is read-only."), name);
  return LIVE_EXIT_DONE;
}

LiveExitCode
live_command_qube (LiveCommand *command)
{
  char **words = command->words;

  if (command->n_words == 3 && g_str_equal (words[1], "policy"))
    return set_policy (command, words[0], words[2]);
  if (command->n_words == 4 && g_str_equal (words[1], "volume"))
    return set_volume_writable (command, words[0], words[2], words[3]);
  return live_command_finish_usage (command, "%s",
                                    _ ("Write “qube NAME policy persistent|root” or “qube NAME volume root|private "
                                       "rw|ro”."));
}
