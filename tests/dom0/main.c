/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "connection.h"
#include "control.h"
#include "fixture.h"

static gboolean
parse_version (const char *text, LiveDom0Version *version)
{
  static const struct
  {
    const char *name;
    LiveDom0Version version;
  } known[] = {
    { "4.2", LIVE_DOM0_VERSION_4_2 },
    { "4.3", LIVE_DOM0_VERSION_4_3 },
    { "4.4", LIVE_DOM0_VERSION_4_4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (known[i].name, text))
      {
        *version = known[i].version;
        return TRUE;
      }
  return FALSE;
}

static gboolean
on_signal (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_CONTINUE;
}

int
main (int argc, char **argv)
{
  g_autofree char *socket_path = NULL;
  g_autofree char *control_path = NULL;
  g_autofree char *call_path = NULL;
  g_autofree char *version_text = NULL;
  g_auto (GStrv) words = NULL;
  int qubes = 0, running = 0;
  gboolean forget_rw = FALSE, lvm_thin = FALSE, realistic = FALSE;
  const GOptionEntry entries[] = {
    { "socket", 0, 0, G_OPTION_ARG_FILENAME, &socket_path, "Where to listen as qubesd", "PATH" },
    { "control", 0, 0, G_OPTION_ARG_FILENAME, &control_path, "Where to listen for commands", "PATH" },
    { "version", 0, 0, G_OPTION_ARG_STRING, &version_text, "4.2, 4.3 (the default) or 4.4", "VERSION" },
    { "qubes", 0, 0, G_OPTION_ARG_INT, &qubes, "How many qubes to have, without dom0", "N" },
    { "running", 0, 0, G_OPTION_ARG_INT, &running, "How many of them run at the start", "N" },
    { "forget-rw", 0, 0, G_OPTION_ARG_NONE, &forget_rw, "Forget rw=False over a restart, as before 4.3.47", NULL },
    { "lvm-thin", 0, 0, G_OPTION_ARG_NONE, &lvm_thin, "The qubes live in an lvm_thin pool, vm-pool", NULL },
    { "realistic", 0, 0, G_OPTION_ARG_NONE, &realistic, "Take as long for a call as qubesd does", NULL },
    { "ctl", 0, 0, G_OPTION_ARG_FILENAME, &call_path, "Send COMMAND to the control channel of another one", "PATH" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &words, NULL, "[COMMAND…]" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = NULL;
  g_autoptr (LiveDom0) dom0 = NULL;
  LiveDom0Version version = LIVE_DOM0_VERSION_4_3;
  LiveDom0Control *control = NULL;

  g_option_context_set_summary (context, "A simulated dom0 for tests: speaks qubesd's protocol, state in memory.");
  /* So that `--ctl PATH create a --b` leaves the command alone. */
  g_option_context_set_strict_posix (context, TRUE);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  if (call_path && words)
    return live_dom0_control_call (call_path, words);
  if (!socket_path || words || call_path || qubes < 0 || running < 0
      || (version_text && !parse_version (version_text, &version)))
    {
      g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);
      g_printerr ("%s", help);
      return 2;
    }

  signal (SIGPIPE, SIG_IGN);
  loop = g_main_loop_new (NULL, FALSE);
  dom0 = live_dom0_new (version, lvm_thin);
  dom0->realistic = realistic;
  dom0->forget_rw = dom0->forget_rw || forget_rw;
  live_dom0_fixture_fill (dom0, (guint)qubes, (guint)running);

  dom0->listener = live_dom0_listener_new (dom0, socket_path, &error);
  if (dom0->listener && control_path)
    control = live_dom0_control_new (dom0, control_path, &error);
  if (!dom0->listener || (control_path && !control))
    {
      g_printerr ("%s\n", error->message);
      g_clear_pointer (&dom0->listener, live_dom0_listener_free);
      return 1;
    }
  g_unix_signal_add (SIGTERM, on_signal, loop);
  g_unix_signal_add (SIGINT, on_signal, loop);
  puts ("ready");
  fflush (stdout);
  g_main_loop_run (loop);

  g_clear_pointer (&control, live_dom0_control_free);
  g_clear_pointer (&dom0->listener, live_dom0_listener_free);
  return 0;
}
