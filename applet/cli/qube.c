/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "cli/qube.h"

#include <glib/gi18n.h>

static GPtrArray *
get_names (LiveClient *client)
{
  g_autoptr (GPtrArray) qubes = live_client_get_qubes (client);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < qubes->len; i++)
    g_ptr_array_add (names, g_strdup (live_client_qube_get_name (g_ptr_array_index (qubes, i))));
  return names;
}

LiveClientQube *
live_qube_find (LiveCommand *command, const char *name, LiveExitCode *code)
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

/* What applies now, which is not yet what is verified. */
static void
print_policy (LiveCommand *command, LiveClientQube *qube, const char *name, const char *policy)
{
  const gboolean halted = live_client_qube_is_halted (qube);

  if (g_str_equal (policy, "persistent"))
    live_print_line (command->out, LIVE_PRINT_PLAIN, _ ("%s keeps what it writes."), name);
  else if (g_str_equal (policy, "root") && halted)
    live_print_line (command->out, LIVE_PRINT_PLAIN,
                     _ ("%s is configured to throw away what it writes to its root volume. This is checked when it "
                        "starts."),
                     name);
  else if (g_str_equal (policy, "root"))
    live_print_line (command->out, LIVE_PRINT_PLAIN,
                     _ ("%s is configured to throw away what it writes to its root volume. “qubes-live status” says "
                        "whether that is verified."),
                     name);
  else if (halted)
    live_print_line (command->out, LIVE_PRINT_PLAIN,
                     _ ("%s is configured to throw away everything it writes, its files too. This is checked when it "
                        "starts."),
                     name);
  else
    live_print_line (command->out, LIVE_PRINT_PLAIN,
                     _ ("%s is configured to throw away everything it writes, its files too. “qubes-live status” says "
                        "whether that is verified."),
                     name);
}

static LiveExitCode
set_policy (LiveCommand *command, const char *name, char **words)
{
  const char *policy = words[0];
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  LiveExitCode code = LIVE_EXIT_FAILED;
  g_autoptr (LiveClientQube) qube = NULL;
  gboolean applied = FALSE;

  if (!g_str_equal (policy, "persistent") && !g_str_equal (policy, "root") && !g_str_equal (policy, "full"))
    return live_command_finish_usage (command, _ ("A policy is “persistent”, “root” or “full”, not “%s”."), policy);

  qube = live_qube_find (command, name, &code);
  if (qube == NULL)
    return code;
  live_client_set_policy_async (command->client, qube, policy, NULL, live_command_on_called, &result);
  live_command_wait_for_call (&result);
  if (!live_client_set_policy_finish (command->client, result, &applied, &error))
    return live_command_finish_error (command, error, name);

  if (applied)
    print_policy (command, qube, name, policy);
  else
    live_print_line (command->out, LIVE_PRINT_PLAIN, _ ("%s is running. The change takes effect when it shuts down."),
                     name);
  if (g_str_equal (policy, "full") && live_client_qube_get_template_for_dispvms (qube))
    live_print_line (command->out, LIVE_PRINT_PLAIN,
                     _ ("Disposables that are made from it from then on are so too; for those that are there already: "
                        "“qubes-live qube %s renew”."),
                     name);
  if (g_str_equal (policy, "full") && !g_str_equal (live_client_qube_get_class (qube), "DispVM"))
    live_print_line (command->out, LIVE_PRINT_PLAIN,
                     _ ("To keep changes to its files for a while: “qubes-live qube %s window open”."), name);
  return applied ? LIVE_EXIT_DONE : LIVE_EXIT_PENDING;
}

static LiveExitCode
set_volume_writable (LiveCommand *command, const char *name, char **words)
{
  const char *volume = words[0], *mode = words[1];
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  LiveExitCode code = LIVE_EXIT_FAILED;
  g_autoptr (LiveClientQube) qube = NULL;
  gboolean writable = g_str_equal (mode, "rw");
  gboolean root = g_str_equal (volume, "root");

  if (!root && !g_str_equal (volume, "private"))
    return live_command_finish_usage (command, _ ("A volume is “root” or “private”, not “%s”."), volume);
  if (!writable && !g_str_equal (mode, "ro"))
    return live_command_finish_usage (command, _ ("A volume is made “rw” or “ro”, not “%s”."), mode);

  qube = live_qube_find (command, name, &code);
  if (qube == NULL)
    return code;
  live_client_set_volume_writable_async (command->client, qube, volume, writable, NULL, live_command_on_called,
                                         &result);
  live_command_wait_for_call (&result);
  if (!live_client_set_volume_writable_finish (command->client, result, &error))
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

/* What may follow the name, with the number of words behind it and the options that go with it. */
static const struct
{
  const char *name;
  guint fewest, most;
  LiveOptionFlags takes;
  LiveExitCode (*run) (LiveCommand *command, const char *name, char **words);
  const char *usage;
} forms[] = {
  { "policy", 1, 1, 0, set_policy, N_ ("Write “qube NAME policy persistent|root|full”.") },
  { "volume", 2, 2, 0, set_volume_writable, N_ ("Write “qube NAME volume root|private rw|ro”.") },
  { "window", 1, 1, LIVE_OPTION_SECONDS | LIVE_OPTION_UNTIL_CLOSED | LIVE_OPTION_KILL, live_qube_window,
    N_ ("Write “qube NAME window open [--seconds N | --until-closed]”, “qube NAME window extend --seconds N” or “qube "
        "NAME window close [--kill]”.") },
  { "hygiene", 1, 1, 0, live_qube_hygiene, N_ ("Write “qube NAME hygiene on|off”.") },
  { "upper", 1, 1, LIVE_OPTION_SIZE, live_qube_upper, N_ ("Write “qube NAME upper volatile|ram [--size SIZE]”.") },
  { "renew", 0, 0, 0, live_qube_renew, N_ ("Write “qube NAME renew”.") },
  { "install-guest", 0, 0,
    LIVE_OPTION_INTO_TEMPLATE | LIVE_OPTION_QREXEC_CLIENT | LIVE_OPTION_QVM_PREFS | LIVE_OPTION_GUEST_FILES,
    live_qube_install_guest, N_ ("Write “qube NAME install-guest [--into-template]”.") },
  { "remove-guest", 0, 0,
    LIVE_OPTION_INTO_TEMPLATE | LIVE_OPTION_QREXEC_CLIENT | LIVE_OPTION_QVM_PREFS | LIVE_OPTION_GUEST_FILES,
    live_qube_remove_guest, N_ ("Write “qube NAME remove-guest [--into-template]”.") },
};

LiveExitCode
live_command_qube (LiveCommand *command)
{
  char **words = command->words;
  LiveExitCode code = LIVE_EXIT_USAGE;

  if (command->n_words < 2)
    return live_command_finish_usage (command, "%s", _ ("Write “qube NAME” and what to do with it."));
  for (gsize i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      if (!g_str_equal (words[1], forms[i].name))
        continue;
      if (command->n_words - 2 < forms[i].fewest || command->n_words - 2 > forms[i].most)
        return live_command_finish_usage (command, "%s", _ (forms[i].usage));
      if (!live_command_takes_options (command, forms[i].takes, &code))
        return code;
      return forms[i].run (command, words[0], words + 2);
    }
  return live_command_finish_usage (command, _ ("Nothing that can be done with a qube is called “%s”."), words[1]);
}
