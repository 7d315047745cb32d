/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "cli/command.h"
#include "cli/document.h"
#include "client/posture-words.h"

static const LivePrintStyle styles[LIVE_POSTURE_N_GROUPS] = {
  [LIVE_POSTURE_GROUP_BAD] = LIVE_PRINT_ALARM,
  [LIVE_POSTURE_GROUP_WEAK] = LIVE_PRINT_PERSISTENT,
  [LIVE_POSTURE_GROUP_UNKNOWN] = LIVE_PRINT_UNKNOWN,
  [LIVE_POSTURE_GROUP_GOOD] = LIVE_PRINT_LIVE,
  [LIVE_POSTURE_GROUP_NOT_APPLICABLE] = LIVE_PRINT_UNKNOWN,
};

typedef struct
{
  gboolean done;
  gboolean success;
  GError *error;
} LiveRefreshing;

static void
on_refreshed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LiveRefreshing *refreshing = user_data;

  refreshing->success = live_client_refresh_posture_finish (LIVE_CLIENT (source), result, &refreshing->error);
  refreshing->done = TRUE;
}

static gboolean
refresh (LiveCommand *command, GError **error)
{
  LiveRefreshing refreshing = { 0 };

  if (!live_command_connect (command, error))
    return FALSE;
  live_client_refresh_posture_async (command->client, NULL, on_refreshed, &refreshing);
  while (!refreshing.done)
    g_main_context_iteration (NULL, TRUE);
  if (refreshing.error != NULL)
    g_propagate_error (error, refreshing.error);
  return refreshing.success;
}

static void
count_groups (GVariant *posture, guint *counts)
{
  GVariantIter iter;
  const char *verdict = NULL;

  g_variant_iter_init (&iter, posture);
  while (g_variant_iter_next (&iter, "(&s&s&s@a{sv})", NULL, &verdict, NULL, NULL))
    counts[live_posture_group_from_verdict (verdict)]++;
}

static void
print_item (LiveCommand *command,
            LivePostureGroup group,
            const char *code,
            const char *verdict,
            const char *remedy,
            GVariant *parameters)
{
  g_autofree char *text = live_words_posture_text (code, verdict, remedy, parameters);
  g_autofree char *what_to_do = live_words_posture_remedy (remedy, parameters);
  const char *why = live_words_posture_why (code);

  live_print_line (command->out, LIVE_PRINT_PLAIN, "  %s", text);
  if (*why != '\0')
    live_print_line (command->out, LIVE_PRINT_FAINT, "    %s", why);
  if (*what_to_do != '\0')
    live_print_line (command->out, LIVE_PRINT_PLAIN, "    → %s", what_to_do);
}

static void
print_for_people (LiveCommand *command, GVariant *posture, const guint *counts)
{
  gboolean first = TRUE;

  for (guint group = 0; group < LIVE_POSTURE_N_GROUPS; group++)
    {
      g_autofree char *heading = live_words_posture_group ((LivePostureGroup) group, counts[group]);
      GVariantIter iter;
      const char *code = NULL, *verdict = NULL, *remedy = NULL;
      GVariant *parameters = NULL;

      if (counts[group] == 0)
        continue;
      if (!first)
        live_print_line (command->out, LIVE_PRINT_PLAIN, "%s", "");
      first = FALSE;
      live_print_line (command->out, styles[group], "%s", heading);
      g_variant_iter_init (&iter, posture);
      while (g_variant_iter_loop (&iter, "(&s&s&s@a{sv})", &code, &verdict, &remedy, &parameters))
        if (live_posture_group_from_verdict (verdict) == (LivePostureGroup) group)
          print_item (command, (LivePostureGroup) group, code, verdict, remedy, parameters);
    }
}

LiveExitCode
live_command_posture (LiveCommand *command)
{
  guint counts[LIVE_POSTURE_N_GROUPS] = { 0 };
  g_autoptr (GError) error = NULL;
  gboolean known = FALSE;
  GVariant *posture = NULL;

  if (command->n_words > 0)
    return live_command_finish_usage (command, "%s", _ ("“posture” takes no words."));

  known = refresh (command, &error);
  posture = live_client_get_posture (command->client);
  count_groups (posture, counts);
  if (command->json)
    {
      g_autoptr (JsonNode) document = live_document_from_posture (posture);

      live_document_print (document, TRUE, command->out);
    }
  else if (known)
    print_for_people (command, posture, counts);
  live_print_flush (command->out);

  if (!known)
    return live_command_finish_error (command, error, NULL);
  /* Nothing bad among nothing is no good news. */
  if (g_variant_n_children (posture) == 0)
    {
      live_print_line (
          command->err, LIVE_PRINT_UNKNOWN, "%s",
          _ ("The helper told nothing about how dom0 is hardened. Is it the same version as this program?"));
      return LIVE_EXIT_FAILED;
    }
  return counts[LIVE_POSTURE_GROUP_BAD] == 0 ? LIVE_EXIT_DONE : LIVE_EXIT_FAILED;
}
