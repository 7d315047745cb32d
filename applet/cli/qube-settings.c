/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "cli/qube.h"

#include <glib/gi18n.h>

#include "client/window-words.h"
#include "client/words.h"

LiveExitCode
live_qube_hygiene (LiveCommand *command, const char *name, char **words)
{
  const gboolean on = g_str_equal (words[0], "on");
  g_autoptr (LiveClientQube) qube = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  LiveExitCode code = LIVE_EXIT_FAILED;

  if (!on && !g_str_equal (words[0], "off"))
    return live_command_finish_usage (command, _ ("“hygiene” is “on” or “off”, not “%s”."), words[0]);
  qube = live_qube_find (command, name, &code);
  if (qube == NULL)
    return code;
  live_client_set_memory_hygiene_async (command->client, qube, on, NULL, live_command_on_called, &result);
  live_command_wait_for_call (&result);
  if (!live_client_set_memory_hygiene_finish (command->client, result, &error))
    return live_command_finish_error (command, error, name);

  if (on)
    live_print_line (command->out, LIVE_PRINT_PLAIN,
                     _ ("The kernel of %s erases memory that is freed from its next start on."), name);
  else
    live_print_line (command->out, LIVE_PRINT_PLAIN,
                     _ ("The kernel of %s is not told to erase memory that is freed from its next start on."), name);
  return LIVE_EXIT_DONE;
}

/* What the part inside the qube understands (data/qube/ephemeral-rw): 1% to 90% of the memory, or 16M and more, in up
 * to six digits and K, M or G. */
static gboolean
is_size (const char *size)
{
  static const struct
  {
    char unit;
    guint64 least, most;
  } units[] = { { '%', 1, 90 }, { 'K', 16384, 999999 }, { 'M', 16, 999999 }, { 'G', 1, 999999 } };
  char *end = NULL;
  guint64 amount = 0;

  if (!g_ascii_isdigit (size[0]) || size[0] == '0')
    return FALSE;
  amount = g_ascii_strtoull (size, &end, 10);
  for (gsize i = 0; i < G_N_ELEMENTS (units); i++)
    {
      if (end[0] == units[i].unit && end[1] == '\0')
        return amount >= units[i].least && amount <= units[i].most;
    }
  return FALSE;
}

LiveExitCode
live_qube_upper (LiveCommand *command, const char *name, char **words)
{
  const gboolean in_ram = g_str_equal (words[0], "ram");
  const char *size = command->options.size != NULL ? command->options.size : "";
  g_autoptr (LiveClientQube) qube = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *layer = NULL;
  LiveExitCode code = LIVE_EXIT_FAILED;

  if (!in_ram && !g_str_equal (words[0], "volatile"))
    return live_command_finish_usage (command, _ ("“upper” is “volatile” or “ram”, not “%s”."), words[0]);
  if (!in_ram && *size != '\0')
    return live_command_finish_usage (command, "%s", _ ("“--size” goes with “upper ram”."));
  if (command->options.size != NULL && !is_size (size))
    return live_command_finish_usage (command,
                                      _ ("A size is 16M or more, such as 500M or 1G, or 1%% to 90%% of its memory, not "
                                         "“%s”."),
                                      size);
  qube = live_qube_find (command, name, &code);
  if (qube == NULL)
    return code;
  live_client_set_upper_layer_async (command->client, qube, words[0], size, NULL, live_command_on_called, &result);
  live_command_wait_for_call (&result);
  if (!live_client_set_upper_layer_finish (command->client, result, &error))
    return live_command_finish_error (command, error, name);

  layer = live_words_upper_layer (words[0], size);
  live_print_line (command->out, LIVE_PRINT_PLAIN, _ ("%s, from its next start on: %s."), name, layer);
  if (in_ram)
    live_print_line (command->out, LIVE_PRINT_PLAIN,
                     _ ("It takes the part inside the qube to have it so: “qubes-live qube %s install-guest”."), name);
  return LIVE_EXIT_DONE;
}

LiveExitCode
live_qube_renew (LiveCommand *command, const char *name, char **words)
{
  g_autoptr (LiveClientQube) qube = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) waiting = NULL;
  LiveExitCode code = LIVE_EXIT_FAILED;

  qube = live_qube_find (command, name, &code);
  if (qube == NULL)
    return code;
  live_client_renew_disposables_async (command->client, qube, NULL, live_command_on_called, &result);
  live_command_wait_for_call (&result);
  if (!live_client_renew_disposables_finish (command->client, result, &waiting, &error))
    return live_command_finish_error (command, error, name);

  if (waiting[0] == NULL)
    {
      live_print_line (command->out, LIVE_PRINT_PLAIN, _ ("No disposable of %s has an older policy any more."), name);
      return LIVE_EXIT_DONE;
    }
  for (gsize i = 0; waiting[i] != NULL; i++)
    {
      g_autofree char *clean = live_words_clean (waiting[i]);

      live_print_line (command->out, LIVE_PRINT_PLAIN,
                       _ ("%s is running. It gets the policy of %s when it shuts down, or ends."), clean, name);
    }
  return LIVE_EXIT_PENDING;
}
