/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include <glib/gi18n.h>

#include "cli/command.h"
#include "cli/document.h"
#include "cli/pool.h"
#include "client/leak-words.h"
#include "client/window-words.h"
#include "client/words.h"

static LivePrintStyle
get_indicator_style (const char *indicator)
{
  static const struct
  {
    const char *indicator;
    LivePrintStyle style;
  } rows[] = {
    { "live", LIVE_PRINT_LIVE },           { "live-leaky", LIVE_PRINT_LIVE },
    { "ephemeral", LIVE_PRINT_EPHEMERAL }, { "persistent", LIVE_PRINT_PERSISTENT },
    { "alarm", LIVE_PRINT_ALARM },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_str_equal (indicator, rows[i].indicator))
      return rows[i].style;
  return LIVE_PRINT_UNKNOWN;
}

static LivePrintStyle
get_qube_style (LiveClientQube *qube)
{
  if (g_str_equal (live_client_qube_get_evidence (qube), "contradicted"))
    return LIVE_PRINT_ALARM;
  if (!live_client_qube_is_running (qube))
    return LIVE_PRINT_PLAIN;
  if (g_str_equal (live_client_qube_get_persistence (qube), "persistent"))
    return LIVE_PRINT_PERSISTENT;
  /* A colour is a promise too: only what was verified gets it. */
  if (g_str_equal (live_client_qube_get_evidence (qube), "verified"))
    return LIVE_PRINT_EPHEMERAL;
  return LIVE_PRINT_UNKNOWN;
}

static void
print_reasons (LivePrint *out, GVariant *reasons, guint indent)
{
  GVariantIter iter;
  const char *code = NULL;
  GVariant *parameters = NULL;

  g_variant_iter_init (&iter, reasons);
  while (g_variant_iter_loop (&iter, "(&s@a{sv})", &code, &parameters))
    {
      g_autofree char *text = live_words_reason (code, parameters);

      live_print_line (out, LIVE_PRINT_PLAIN, "%*s%s", (int) indent, "", text);
    }
}

static gint64
get_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

/* Columns: name, state, what it leaves, and whether that is verified, what waits. */
static void
add_qube (LiveTable *table, LiveClientQube *qube)
{
  g_autofree char *state = live_words_state (live_client_qube_get_state (qube));
  g_autofree char *leaves = live_words_leaves (live_client_qube_get_persistence (qube),
                                               live_client_qube_get_evidence (qube), live_client_qube_get_class (qube));
  g_autofree char *window
      = live_words_window_state (live_client_qube_get_window_state (qube), live_client_qube_get_window_step (qube),
                                 live_client_qube_get_window_deadline (qube), get_now ());

  live_table_add (table, LIVE_PRINT_PLAIN, live_client_qube_get_name (qube));
  live_table_add (table, LIVE_PRINT_PLAIN, state);
  /* What it leaves behind in a window is what the person lets it; an alarm is told all the same. */
  if (window != NULL && !g_str_equal (live_client_qube_get_evidence (qube), "contradicted"))
    live_table_add (table, LIVE_PRINT_PERSISTENT, window);
  else
    live_table_add (table, get_qube_style (qube), leaves);
  live_table_add (table, LIVE_PRINT_PLAIN, live_client_qube_get_pending (qube)[0] != NULL ? _ ("change pending") : "");
}

static void
print_group (LiveCommand *command, GPtrArray *qubes, const char *heading, gboolean running)
{
  g_autoptr (LiveTable) table = live_table_new (4);
  guint count = 0;

  for (guint i = 0; i < qubes->len; i++)
    {
      LiveClientQube *qube = g_ptr_array_index (qubes, i);

      if (live_client_qube_is_running (qube) != running)
        continue;
      add_qube (table, qube);
      count++;
    }
  if (count == 0)
    return;
  live_print_line (command->out, LIVE_PRINT_PLAIN, "%s", "");
  live_print_line (command->out, LIVE_PRINT_HEADING, "%s", heading);
  live_table_print (table, command->out, 2);
}

/* A running qube that is not what it claims deserves more than a word in a row. */
static void
print_contradictions (LiveCommand *command, GPtrArray *qubes)
{
  for (guint i = 0; i < qubes->len; i++)
    {
      LiveClientQube *qube = g_ptr_array_index (qubes, i);

      if (!g_str_equal (live_client_qube_get_evidence (qube), "contradicted"))
        continue;
      live_print_line (command->out, LIVE_PRINT_PLAIN, "%s", "");
      live_print_line (command->out, LIVE_PRINT_ALARM, _ ("%s is not what it is configured to be:"),
                       live_client_qube_get_name (qube));
      print_reasons (command->out, live_client_qube_get_reasons (qube), 2);
      live_print_line (command->out, LIVE_PRINT_PLAIN, "  %s",
                       _ ("Restart it: a qube gets its devices when it starts."));
    }
}

/* What waits, and for what: too long for a column of its own. */
static void
print_pending (LiveCommand *command, GPtrArray *qubes)
{
  g_autoptr (LiveTable) table = live_table_new (2);
  guint count = 0;

  for (guint i = 0; i < qubes->len; i++)
    {
      LiveClientQube *qube = g_ptr_array_index (qubes, i);
      g_autofree char *waits = live_words_pending (live_client_qube_get_pending (qube));

      if (waits == NULL)
        continue;
      live_table_add (table, LIVE_PRINT_PLAIN, live_client_qube_get_name (qube));
      live_table_add (table, LIVE_PRINT_PLAIN, waits);
      count++;
    }
  if (count == 0)
    return;
  live_print_line (command->out, LIVE_PRINT_PLAIN, "%s", "");
  live_print_line (command->out, LIVE_PRINT_HEADING, "%s", _ ("Pending changes"));
  live_table_print (table, command->out, 2);
}

/* Windows that are open, kept by a qube itself, or were closed since the helper started. */
static void
print_windows (LiveCommand *command, GPtrArray *qubes)
{
  const gint64 now = get_now ();
  g_autoptr (LiveTable) table = live_table_new (2);
  guint count = 0;

  for (guint i = 0; i < qubes->len; i++)
    {
      LiveClientQube *qube = g_ptr_array_index (qubes, i);
      const char *outcome = live_client_qube_get_window_outcome (qube);
      g_autofree char *window
          = live_words_window_state (live_client_qube_get_window_state (qube), live_client_qube_get_window_step (qube),
                                     live_client_qube_get_window_deadline (qube), now);
      g_autofree char *guest = live_words_guest_window (live_client_qube_get_guest_window_deadline (qube), now);
      g_autofree char *title = NULL;
      g_autofree char *last = NULL;

      if (window == NULL && *outcome != '\0')
        live_words_window_outcome (outcome, live_client_qube_get_name (qube), &title, &last);
      if (window == NULL && guest == NULL && last == NULL)
        continue;
      live_table_add (table, LIVE_PRINT_PLAIN, live_client_qube_get_name (qube));
      live_table_add (table, window != NULL || guest != NULL ? LIVE_PRINT_PERSISTENT : LIVE_PRINT_PLAIN,
                      window != NULL  ? window
                      : guest != NULL ? guest
                                      : last);
      count++;
    }
  if (count == 0)
    return;
  live_print_line (command->out, LIVE_PRINT_PLAIN, "%s", "");
  live_print_line (command->out, LIVE_PRINT_HEADING, "%s", _ ("Customization windows"));
  live_table_print (table, command->out, 2);
}

static void
print_old_disposables (LiveCommand *command, GPtrArray *qubes)
{
  g_autoptr (LiveTable) table = live_table_new (2);
  guint count = 0;

  for (guint i = 0; i < qubes->len; i++)
    {
      LiveClientQube *qube = g_ptr_array_index (qubes, i);
      g_autofree char *old = live_words_old_disposables (live_client_qube_get_old_disposables (qube));

      if (old == NULL)
        continue;
      live_table_add (table, LIVE_PRINT_PLAIN, live_client_qube_get_name (qube));
      live_table_add (table, LIVE_PRINT_PLAIN, old);
      count++;
    }
  if (count == 0)
    return;
  live_print_line (command->out, LIVE_PRINT_PLAIN, "%s", "");
  live_print_line (command->out, LIVE_PRINT_HEADING, "%s", _ ("Old disposables"));
  live_table_print (table, command->out, 2);
}

/* The layer is over a private volume that is read-only. */
static gboolean
is_upper_of_interest (LiveClientQube *qube)
{
  return g_str_equal (live_client_qube_get_policy (qube), "full")
         || g_str_equal (live_client_qube_get_upper_layer (qube), "ram");
}

/* Of the qubes that are to leave nothing, and of those where somebody set it: of others it matters little. */
static gboolean
is_memory_of_interest (LiveClientQube *qube)
{
  return is_upper_of_interest (qube) || g_str_equal (live_client_qube_get_memory_hygiene (qube), "on");
}

static void
print_memory (LiveCommand *command, GPtrArray *qubes)
{
  g_autoptr (LiveTable) table = live_table_new (3);
  guint count = 0;

  for (guint i = 0; i < qubes->len; i++)
    {
      LiveClientQube *qube = g_ptr_array_index (qubes, i);
      g_autofree char *hygiene = live_words_memory_hygiene (live_client_qube_get_memory_hygiene (qube));
      g_autofree char *upper = live_words_upper_layer (live_client_qube_get_upper_layer (qube),
                                                       live_client_qube_get_upper_layer_size (qube));

      if (!is_memory_of_interest (qube))
        continue;
      live_table_add (table, LIVE_PRINT_PLAIN, live_client_qube_get_name (qube));
      live_table_add (table, LIVE_PRINT_PLAIN, hygiene);
      live_table_add (table, LIVE_PRINT_PLAIN, is_upper_of_interest (qube) ? upper : "");
      count++;
    }
  if (count == 0)
    return;
  live_print_line (command->out, LIVE_PRINT_PLAIN, "%s", "");
  live_print_line (command->out, LIVE_PRINT_HEADING, "%s", _ ("Memory"));
  live_table_print (table, command->out, 2);
}

static LivePrintStyle
get_leak_style (const char *verdict)
{
  return g_str_equal (verdict, "bad") ? LIVE_PRINT_PERSISTENT : LIVE_PRINT_UNKNOWN;
}

/* How dom0 runs, and how something of it reaches the disk although it may not look so. */
static void
print_dom0 (LiveCommand *command)
{
  GVariant *leaks = live_client_get_leaks (command->client);
  g_autofree char *mode = live_leak_words_boot_mode (live_client_get_boot_mode (command->client));
  g_autoptr (LiveTable) table = live_table_new (2);
  GVariantIter iter;
  const char *code = NULL, *verdict = NULL, *remedy = NULL;
  GVariant *parameters = NULL;

  live_print_line (command->out, LIVE_PRINT_PLAIN, "%s", "");
  live_print_line (command->out, LIVE_PRINT_HEADING, "%s", _ ("dom0"));
  live_print_line (command->out, LIVE_PRINT_PLAIN, "  %s", mode);
  g_variant_iter_init (&iter, leaks);
  while (g_variant_iter_loop (&iter, "(&s&s&s@a{sv})", &code, &verdict, &remedy, &parameters))
    {
      g_autofree char *text = live_leak_words (code, parameters);
      g_autofree char *advice = live_leak_words_remedy (remedy);

      live_table_add (table, get_leak_style (verdict), text);
      live_table_add (table, LIVE_PRINT_PLAIN, advice != NULL ? advice : "");
    }
  live_table_print (table, command->out, 2);
}

static void
print_for_people (LiveCommand *command)
{
  LiveClient *client = command->client;
  g_autoptr (GPtrArray) qubes = live_client_get_qubes (client);
  g_autoptr (GPtrArray) pools = live_client_get_pools (client);
  g_autofree char *title = live_words_status (client);

  live_print_line (command->out, get_indicator_style (live_client_get_indicator (client)), "%s", title);
  print_reasons (command->out, live_client_get_indicator_reasons (client), 2);
  print_contradictions (command, qubes);
  print_dom0 (command);
  print_group (command, qubes, _ ("Running qubes"), TRUE);
  print_windows (command, qubes);
  print_pending (command, qubes);
  print_old_disposables (command, qubes);
  print_memory (command, qubes);
  print_group (command, qubes, _ ("Other qubes"), FALSE);
  if (pools->len == 0)
    return;
  live_print_line (command->out, LIVE_PRINT_PLAIN, "%s", "");
  live_print_line (command->out, LIVE_PRINT_HEADING, "%s", _ ("Pools"));
  live_pools_print (client, command->out, 2);
}

LiveExitCode
live_command_status (LiveCommand *command)
{
  g_autoptr (GError) error = NULL;
  gboolean connected = FALSE, synchronized = FALSE;

  if (command->n_words > 0)
    return live_command_finish_usage (command, "%s", _ ("“status” takes no words."));

  connected = live_command_connect (command, &error);
  if (connected)
    synchronized = live_command_synchronize (command, NULL);

  /* What is known is printed in any case; scripts get an object in any case, people an empty page never. */
  if (command->json)
    {
      g_autoptr (JsonNode) document = live_document_from_client (command->client, synchronized);

      live_document_print (document, TRUE, command->out);
    }
  else if (connected)
    print_for_people (command);
  live_print_flush (command->out);

  if (!connected)
    return live_command_finish_error (command, error, NULL);
  if (!synchronized)
    return live_command_finish_not_synchronized (command);
  return LIVE_EXIT_DONE;
}
