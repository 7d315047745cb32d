/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "cli/command.h"
#include "cli/question.h"
#include "client/words.h"
#include "model/error.h"

/* Of Dom0.GuideUnit. */
typedef struct
{
  char *path; /* clean; empty: there is none */
  gboolean enabled;
  GVariant *lines; /* a(ssb): qube, volume, whether it is made writable */
  guint n_others;
} LiveGuideUnit;

static void
clear_unit (LiveGuideUnit *unit)
{
  g_clear_pointer (&unit->path, g_free);
  g_clear_pointer (&unit->lines, g_variant_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LiveGuideUnit, clear_unit)

static LiveGuideUnit
get_unit (LiveClient *client)
{
  LiveGuideUnit unit = { 0 };
  const char *path = NULL;

  g_variant_get (live_client_get_guide_unit (client), "(&sb@a(ssb)u)", &path, &unit.enabled, &unit.lines,
                 &unit.n_others);
  unit.path = live_words_clean (path);
  return unit;
}

static const char *
describe_line (const char *volume, gboolean writable)
{
  const gboolean private = g_str_equal (volume, "private");

  if (writable)
    return private ? _ ("private volume writable") : _ ("root volume writable");
  return private ? _ ("private volume read-only") : _ ("root volume read-only");
}

static void
print_unit (LiveCommand *command, const LiveGuideUnit *unit)
{
  g_autoptr (LiveTable) table = live_table_new (2);
  GVariantIter iter;
  const char *qube = NULL, *volume = NULL;
  gboolean writable = FALSE;

  live_print_line (command->out, LIVE_PRINT_HEADING,
                   unit->enabled ? _ ("%s sets at every boot:") : _ ("%s is not enabled; it would set at every boot:"),
                   unit->path);
  g_variant_iter_init (&iter, unit->lines);
  while (g_variant_iter_next (&iter, "(&s&sb)", &qube, &volume, &writable))
    {
      live_table_add (table, LIVE_PRINT_PLAIN, qube);
      live_table_add (table, LIVE_PRINT_PLAIN, describe_line (volume, writable));
    }
  live_table_print (table, command->out, 2);
  if (unit->n_others > 0)
    live_print_line (command->out, LIVE_PRINT_PERSISTENT,
                     g_dngettext (GETTEXT_PACKAGE, "  %u other command stays with the unit.",
                                  "  %u other commands stay with the unit.", unit->n_others),
                     unit->n_others);
}

/* Also somebody's wish, and one that needs no taking over: the pool keeps it. */
static void
print_pools (LiveCommand *command)
{
  g_autoptr (GPtrArray) pools = live_client_get_pools (command->client);

  for (guint i = 0; i < pools->len; i++)
    {
      LiveClientPool *pool = g_ptr_array_index (pools, i);

      if (live_client_pool_get_ephemeral_volatile (pool))
        live_print_line (command->out, LIVE_PRINT_PLAIN,
                         _ ("The pool %s gives volatile volumes a throw-away key. That stays as it is."),
                         live_client_pool_get_name (pool));
    }
}

/* (transfer full): why a policy was not set, from the name of an error on the bus. */
static char *
describe_failure (const char *qube, const char *name)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *title = NULL;
  g_autofree char *body = NULL;
  GQuark domain = LIVE_ERROR; /* its first use makes the names known */

  if (!g_dbus_is_interface_name (name))
    return g_strdup_printf (_ ("not done: %s"), name);
  error = g_dbus_error_new_for_dbus_error (name, "");
  if (error->domain != domain)
    return g_strdup_printf (_ ("not done: %s"), name);
  live_words_error (error, qube, &title, &body);
  return g_strdup_printf (_ ("not done: %s"), title);
}

/* A row for each qube; which exit code they add up to. */
static LiveExitCode
print_results (LiveCommand *command, GVariant *policies)
{
  g_autoptr (LiveTable) table = live_table_new (3);
  LiveExitCode code = LIVE_EXIT_DONE;
  GVariantIter iter;
  const char *qube = NULL, *policy = NULL, *how = NULL;

  g_variant_iter_init (&iter, policies);
  while (g_variant_iter_next (&iter, "(&s&s&s)", &qube, &policy, &how))
    {
      const gboolean applied = g_str_equal (how, "applied");
      const gboolean waits = g_str_equal (how, "waiting");
      g_autofree char *failure = describe_failure (qube, how);

      live_table_add (table, LIVE_PRINT_PLAIN, qube);
      live_table_add (table, LIVE_PRINT_PLAIN, policy);
      live_table_add (table, applied || waits ? LIVE_PRINT_PLAIN : LIVE_PRINT_ALARM,
                      applied ? _ ("applied")
                      : waits ? _ ("runs: applied when it shuts down")
                              : failure);
      if (!applied && !waits)
        code = LIVE_EXIT_FAILED;
      else if (waits && code == LIVE_EXIT_DONE)
        code = LIVE_EXIT_PENDING;
    }
  live_print_line (command->out, LIVE_PRINT_HEADING, "%s", _ ("Policies now:"));
  live_table_print (table, command->out, 2);
  return code;
}

static LiveExitCode
take_over (LiveCommand *command, const LiveGuideUnit *unit)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GVariant) policies = NULL;
  g_autoptr (GError) error = NULL;
  gboolean disabled = FALSE;
  LiveExitCode code = LIVE_EXIT_FAILED;

  live_client_take_over_async (command->client, NULL, live_command_on_called, &result);
  live_command_wait_for_call (&result);
  if (!live_client_take_over_finish (command->client, result, &policies, &disabled, &error))
    return live_command_finish_error (command, error, NULL);

  code = print_results (command, policies);
  if (disabled)
    live_print_line (command->out, LIVE_PRINT_PLAIN, _ ("The unit is disabled; its file is as it was: %s."),
                     unit->path);
  else
    live_print_line (command->out, LIVE_PRINT_PERSISTENT,
                     _ ("The unit goes on as it was, because not all it does could be taken over: %s."), unit->path);
  return disabled ? code : LIVE_EXIT_FAILED;
}

LiveExitCode
live_command_take_over (LiveCommand *command)
{
  g_auto (LiveGuideUnit) unit = { 0 };
  g_autoptr (GError) error = NULL;
  LiveExitCode code = LIVE_EXIT_USAGE;

  if (command->n_words > 0)
    return live_command_finish_usage (command, "%s", _ ("“take-over” takes no words."));
  if (!live_question_can_be_asked (command, &code))
    return code;
  if (!live_command_connect (command, &error))
    return live_command_finish_error (command, error, NULL);
  if (!live_command_synchronize (command, NULL))
    return live_command_finish_not_synchronized (command);

  unit = get_unit (command->client);
  if (*unit.path == '\0')
    {
      live_print_line (command->out, LIVE_PRINT_PLAIN, "%s",
                       _ ("There is no unit that makes volumes read-only at boot: nothing to take over."));
      print_pools (command);
      return LIVE_EXIT_DONE;
    }
  print_unit (command, &unit);
  print_pools (command);
  live_print_line (command->out, LIVE_PRINT_PLAIN, "%s",
                   _ ("Each of these qubes would get a policy: root where only its root volume is made read-only, full "
                      "where its private volume is too."));
  /* Somebody still needs what else it does. */
  if (unit.n_others > 0)
    live_print_line (command->out, LIVE_PRINT_PLAIN, "%s",
                     _ ("The unit would not be disabled, because of its other commands."));
  else
    live_print_line (command->out, LIVE_PRINT_PLAIN, "%s",
                     _ ("If all of them do, the unit is disabled; its file is not touched."));
  if ((command->options.given & LIVE_OPTION_DRY_RUN) != 0)
    return LIVE_EXIT_DONE;
  if (!live_question_is_agreed (command, _ ("Take over from the unit?")))
    {
      live_print_line (command->out, LIVE_PRINT_PLAIN, "%s", _ ("Nothing was changed."));
      return LIVE_EXIT_FAILED;
    }
  return take_over (command, &unit);
}
