/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "client/client.h"
#include "tray/alarm.h"
#include "tray/indicator.h"
#include "tray/job-watch.h"
#include "tray/menu.h"
#include "tray/notifier.h"
#include "tray/window-watch.h"

#include <glib/gi18n.h>
#include <gtk/gtk.h>
#include <locale.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

/* What the running applet consists of. */
typedef struct
{
  char *icon_directory;
  char *clock_file;
  LiveClock *clock;
  LiveClient *client;
  LiveNotifier *notifier;
  LiveAlarm *alarm;
  LiveWindows *windows;
  LiveWindowWatch *window_watch;
  LiveJobWatch *job_watch;
  LiveTrayMenu *menu;
  LiveTrayIndicator *indicator;
} Applet;

/* Reading all objects leaves megabytes of freed memory behind that is not needed again until the helper restarts. */
static void
state_changed (LiveClient *client, GParamSpec *pspec, gpointer unused)
{
#ifdef __GLIBC__
  if (live_client_get_state (client) == LIVE_CLIENT_READY)
    malloc_trim (0);
#endif
}

static void
quit (gpointer application)
{
  g_application_quit (application);
}

static void
startup (GApplication *application, Applet *applet)
{
  /* Without a window of its own the application would end at once. */
  g_application_hold (application);
  applet->clock = live_clock_new (applet->clock_file);
  applet->client = live_client_new ();
  g_signal_connect_after (applet->client, "notify::state", G_CALLBACK (state_changed), NULL);
  applet->notifier
      = live_notifier_new (g_application_get_dbus_connection (application), applet->client, applet->icon_directory);
  applet->alarm = live_alarm_new (applet->client, applet->notifier);
  applet->windows = live_windows_new (applet->client, applet->notifier, applet->clock);
  applet->window_watch = live_window_watch_new (applet->client, applet->notifier, applet->clock, applet->windows);
  applet->job_watch = live_job_watch_new (applet->client, applet->notifier, applet->clock);
  applet->menu
      = live_tray_menu_new (applet->client, applet->notifier, applet->clock, applet->windows, quit, application);
  applet->indicator = live_tray_indicator_new (applet->client, applet->menu, applet->icon_directory);
}

/* Also what a second applet asks the first one for before it ends: there is nothing to do. */
static void
activate (GApplication *application, Applet *applet)
{
}

static void
shutdown (GApplication *application, Applet *applet)
{
  g_clear_pointer (&applet->indicator, live_tray_indicator_free);
  g_clear_pointer (&applet->menu, live_tray_menu_free);
  g_clear_pointer (&applet->job_watch, live_job_watch_free);
  g_clear_pointer (&applet->window_watch, live_window_watch_free);
  g_clear_object (&applet->windows);
  g_clear_pointer (&applet->alarm, live_alarm_free);
  g_clear_object (&applet->notifier);
  g_clear_object (&applet->client);
  g_clear_object (&applet->clock);
}

static int
handle_local_options (GApplication *application, GVariantDict *options, Applet *applet)
{
  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("qubes-live-applet %s\n", PACKAGE_VERSION);
      return 0;
    }
  g_variant_dict_lookup (options, "icon-directory", "^ay", &applet->icon_directory);
  g_variant_dict_lookup (options, "clock", "^ay", &applet->clock_file);
  return -1;
}

int
main (int argc, char **argv)
{
  Applet applet = { 0 };
  g_autoptr (GtkApplication) application = NULL;
  int status = 0;

#ifdef __GLIBC__
  /* One heap for the two or three threads of GIO, which are hardly ever busy at once: a heap of its own for each stays
   * as large as the largest message was. */
  mallopt (M_ARENA_MAX, 1);
#endif
  /* Nothing here is drawn by OpenGL; where no other program has done so yet, GDK would load all of it only to ask the
   * X server for its visuals: some 40 megabytes and 50 milliseconds. */
  g_setenv ("GDK_GL", "disable", TRUE);
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  application = gtk_application_new ("org.qubes.Live1.Applet", G_APPLICATION_DEFAULT_FLAGS);
  g_object_set (application, "register-session", TRUE, NULL);
  g_application_add_main_option (G_APPLICATION (application), "version", 0, G_OPTION_FLAG_NONE, G_OPTION_ARG_NONE,
                                 _ ("Print the version and exit"), NULL);
  g_application_add_main_option (G_APPLICATION (application), "icon-directory", 0, G_OPTION_FLAG_NONE,
                                 G_OPTION_ARG_FILENAME, _ ("Look for the icons in DIR first"), _ ("DIR"));
  g_application_add_main_option (G_APPLICATION (application), "clock", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_FILENAME,
                                 "For tests: a file that says by how much the clock differs from the machine's",
                                 "FILE");
  g_signal_connect (application, "handle-local-options", G_CALLBACK (handle_local_options), &applet);
  g_signal_connect (application, "startup", G_CALLBACK (startup), &applet);
  g_signal_connect (application, "activate", G_CALLBACK (activate), &applet);
  g_signal_connect (application, "shutdown", G_CALLBACK (shutdown), &applet);
  status = g_application_run (G_APPLICATION (application), argc, argv);
  g_free (applet.icon_directory);
  g_free (applet.clock_file);
  return status;
}
