/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Shows the applet without Qubes: over a simulated dom0, in the desktop that is running; or, where there is none, in a
 * desktop without a screen, as pictures.
 */

#include "pictures.h"
#include "stage.h"
#include "support/child.h"

#include <locale.h>
#include <signal.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gstdio.h>

static const char *const pictures[] = { "panel", "menu", "submenu", "before-toggle", "after-toggle" };

static gboolean
is_set (const char *variable)
{
  const char *value = g_getenv (variable);

  return value != NULL && value[0] != '\0';
}

/* Whether there is a screen and a session bus that can be talked to: not so for root in another user's session. */
static gboolean
desktop_is_running (void)
{
  g_autoptr (GDBusConnection) session = NULL;
  g_autoptr (GError) error = NULL;

  if (!is_set ("DISPLAY") && !is_set ("WAYLAND_DISPLAY"))
    {
      g_print ("There is no display here: the demo takes pictures in a desktop without a screen.\n");
      return FALSE;
    }
  session = g_bus_get_sync (G_BUS_TYPE_SESSION, NULL, &error);
  if (session == NULL)
    g_print ("There is a display, but no session bus (%s):\nthe demo takes pictures in a desktop without a screen.\n",
             error->message);
  return session != NULL;
}

static void
on_applet_ended (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GMainLoop) loop = data;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  g_main_loop_quit (loop);
}

static gboolean
on_signal (gpointer data)
{
  g_print ("\n");
  g_main_loop_quit (data);
  return G_SOURCE_CONTINUE;
}

/* In the person's own desktop, language and theme, until Ctrl-C or Quit in its menu. */
static gboolean
show_in_desktop (LiveDemoStage *stage, GError **error)
{
  static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
  const char *const argv[] = { QUBES_LIVE_DEMO_APPLET, "--icon-directory", QUBES_LIVE_DEMO_ICONS, NULL };
  g_auto (GStrv) environment
      = g_environ_setenv (g_get_environ (), "DBUS_SYSTEM_BUS_ADDRESS", live_demo_stage_get_bus_address (stage), TRUE);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  GSubprocess *applet
      = live_test_child_spawn (argv, (const char *const *)environment, G_SUBPROCESS_FLAGS_NONE, NULL, error);
  gboolean applet_ended_well = TRUE;

  if (applet == NULL)
    return FALSE;
  /* Both outlive this function: a second Ctrl-C must not cut short what the first one ends. */
  for (guint i = 0; i < G_N_ELEMENTS (signals); i++)
    g_unix_signal_add_full (G_PRIORITY_DEFAULT, signals[i], on_signal, g_main_loop_ref (loop),
                            (GDestroyNotify)g_main_loop_unref);
  g_subprocess_wait_async (applet, NULL, on_applet_ended, g_main_loop_ref (loop));
  g_print ("The applet is in the tray. Its menu opens with either button; the qubes are simulated.\n"
           "Press Ctrl-C here, or choose Quit in the menu, to end the demo.\n");
  g_main_loop_run (loop);
  if (g_subprocess_get_identifier (applet) == NULL && !g_subprocess_get_successful (applet))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The applet ended with an error");
      applet_ended_well = FALSE;
    }
  live_test_child_end (applet);
  return applet_ended_well;
}

static gboolean
take_pictures (LiveDemoStage *stage, const char *directory, GError **error)
{
  const char *const argv[] = { QUBES_LIVE_DEMO_APPLET, "--icon-directory", QUBES_LIVE_DEMO_ICONS, NULL };
  g_autoptr (LiveTestDesktop) desktop = NULL;
  g_autofree char *log_file = g_build_filename (live_demo_stage_get_directory (stage), "applet.log", NULL);
  GSubprocess *applet;
  gboolean taken;

  /* None of an earlier demo shall pass for one of this. */
  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%s.png", directory, pictures[i]);

      g_unlink (path);
    }
  desktop = live_test_desktop_new (live_demo_stage_get_directory (stage), live_demo_stage_get_environment (stage),
                                   LIVE_TEST_THEME_LIGHT, error);
  if (desktop == NULL)
    return FALSE;
  applet = live_test_child_spawn (argv, live_test_desktop_get_environment (desktop), G_SUBPROCESS_FLAGS_NONE, log_file,
                                  error);
  if (applet == NULL)
    return FALSE;
  taken = live_demo_pictures_take (desktop, directory, error);
  if (!taken)
    {
      g_autofree char *log = NULL;

      if (g_file_get_contents (log_file, &log, NULL, NULL) && log[0] != '\0')
        g_printerr ("The applet says:\n%s", log);
    }
  live_test_child_end (applet);
  return taken;
}

static void
print_pictures (const char *directory)
{
  g_print ("Pictures of the applet over the simulated dom0:\n");
  for (guint i = 0; i < G_N_ELEMENTS (pictures); i++)
    g_print ("  %s/%s.png\n", directory, pictures[i]);
}

int
main (int argc, char *argv[])
{
  /* Before GLib starts its threads. */
  gboolean real_polkit = live_demo_stage_init ();
  g_autofree char *directory = NULL;
  const GOptionEntry entries[] = { { "output", 0, 0, G_OPTION_ARG_FILENAME, &directory,
                                     "Where pictures go, when there is no display [build/demo]", "DIRECTORY" },
                                   G_OPTION_ENTRY_NULL };
  g_autoptr (GOptionContext) options = g_option_context_new ("- show the applet over a simulated dom0");
  g_autoptr (LiveDemoStage) stage = NULL;
  g_autoptr (GError) error = NULL;
  gboolean live, done;

  setlocale (LC_ALL, "");
  g_option_context_add_main_entries (options, entries, NULL);
  if (!g_option_context_parse (options, &argc, &argv, &error))
    {
      g_printerr ("qubes-live-demo: %s\n", error->message);
      return 2;
    }
  if (directory == NULL)
    directory = g_strdup (QUBES_LIVE_DEMO_OUTPUT);
  live = desktop_is_running ();
  stage = live_demo_stage_new (real_polkit, &error);
  if (stage != NULL)
    g_print ("%s\n", real_polkit ? "Authorisation: the real polkitd, with the policy of this project."
                                 : "Authorisation: a stand-in for polkit that allows you everything, "
                                   "because only root can start a polkitd.");
  done = stage != NULL && (live ? show_in_desktop (stage, &error) : take_pictures (stage, directory, &error));
  if (!done)
    {
      g_printerr ("qubes-live-demo: %s\n", error->message);
      return 1;
    }
  if (!live)
    print_pictures (directory);
  return 0;
}
