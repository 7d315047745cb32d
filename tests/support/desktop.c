/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "desktop.h"

#include "child.h"
#include "desktop-config.h"
#include "pointer.h"

#include <string.h>

#include <glib/gstdio.h>

#define START_SECONDS 30.0
#define STABLE_SECONDS 10.0
#define POLL_MICROSECONDS 20000
/* Less is a stray pixel of another icon. */
#define MINIMUM_ICON_PIXELS 12

struct _LiveTestDesktop
{
  char *directory;
  char **environment;
  LiveTestDisplay *display;
  GSubprocess *bus_daemon;
  char *bus_address;
  GDBusConnection *bus;
  LiveTestNotificationLog *notifications;
  /* Of GSubprocess, in the order of their start. */
  GPtrArray *programs;
  GSubprocess *panel;
};

static const char *const theme_names[] = { "Adwaita", "Adwaita-dark" };

static GSubprocess *
spawn (LiveTestDesktop *desktop, const char *const *argv, GSubprocessFlags flags, GError **error)
{
  g_autofree char *program = g_path_get_basename (argv[0]);
  g_autofree char *name = g_strconcat (program, ".log", NULL);
  g_autofree char *log_file = g_build_filename (desktop->directory, name, NULL);

  return live_test_child_spawn (argv, (const char *const *)desktop->environment, flags, log_file, error);
}

static gboolean
start_program (LiveTestDesktop *desktop, const char *const *argv, GError **error)
{
  GSubprocess *program = spawn (desktop, argv, G_SUBPROCESS_FLAGS_NONE, error);

  if (program != NULL)
    g_ptr_array_add (desktop->programs, program);
  return program != NULL;
}

/* Where these two are installed differs between distributions; what the bus would start does not. */
static gboolean
start_service (LiveTestDesktop *desktop, const char *service, GError **error)
{
  g_autofree char *file = g_strdup_printf ("/usr/share/dbus-1/services/%s.service", service);
  g_autoptr (GKeyFile) description = g_key_file_new ();
  g_autofree char *command = NULL;
  g_auto (GStrv) argv = NULL;

  if (!g_key_file_load_from_file (description, file, G_KEY_FILE_NONE, error))
    return FALSE;
  command = g_key_file_get_string (description, "D-BUS Service", "Exec", error);
  return command != NULL && g_shell_parse_argv (command, NULL, &argv, error)
         && start_program (desktop, (const char *const *)argv, error);
}

static gboolean
name_is_owned (LiveTestDesktop *desktop, const char *name)
{
  gboolean owned = FALSE;
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      desktop->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
      g_variant_new ("(s)", name), G_VARIANT_TYPE ("(b)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);

  if (reply != NULL)
    g_variant_get (reply, "(b)", &owned);
  return owned;
}

static gboolean
wait_for_name (LiveTestDesktop *desktop, const char *name, GError **error)
{
  const gint64 deadline = g_get_monotonic_time () + (gint64)(START_SECONDS * G_USEC_PER_SEC);

  while (!name_is_owned (desktop, name))
    {
      if (g_get_monotonic_time () > deadline)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT,
                       "Nobody took the name %s within %g s; see the logs in %s", name, START_SECONDS,
                       desktop->directory);
          return FALSE;
        }
      g_usleep (POLL_MICROSECONDS);
    }
  return TRUE;
}

static gboolean
start_bus (LiveTestDesktop *desktop, GError **error)
{
  g_autofree char *file = live_test_desktop_config_get_bus_file (desktop->directory);
  g_autofree char *option = g_strconcat ("--config-file=", file, NULL);
  const char *const argv[] = { "/usr/bin/dbus-daemon", option, "--nofork", "--nopidfile", "--print-address=1", NULL };
  g_autoptr (GDataInputStream) output = NULL;

  desktop->bus_daemon = spawn (desktop, argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE, error);
  if (desktop->bus_daemon == NULL)
    return FALSE;
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (desktop->bus_daemon));
  desktop->bus_address = g_data_input_stream_read_line_utf8 (output, NULL, NULL, error);
  if (desktop->bus_address == NULL)
    {
      if (error != NULL && *error == NULL)
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The session bus did not start; see the logs in %s",
                     desktop->directory);
      return FALSE;
    }
  desktop->environment
      = g_environ_setenv (desktop->environment, "DBUS_SESSION_BUS_ADDRESS", desktop->bus_address, TRUE);
  desktop->bus = g_dbus_connection_new_for_address_sync (desktop->bus_address,
                                                         G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT
                                                             | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                                         NULL, NULL, error);
  if (desktop->bus == NULL)
    return FALSE;
  desktop->notifications = live_test_notification_log_new (desktop->bus_address, error);
  return desktop->notifications != NULL;
}

static gboolean
start_desktop (LiveTestDesktop *desktop, GError **error)
{
  static const char *const settings[] = { "/usr/bin/xfsettingsd", "--disable-wm-check", "--no-daemon", NULL };
  static const char *const window_manager[] = { "/usr/bin/xfwm4", "--compositor=off", NULL };
  static const char *const background[] = { "/usr/bin/xsetroot", "-solid", "#4a6079", NULL };

  return live_test_child_run (background, (const char *const *)desktop->environment, NULL, error)
         && start_service (desktop, "org.xfce.Xfconf", error) && wait_for_name (desktop, "org.xfce.Xfconf", error)
         && start_program (desktop, settings, error) && start_program (desktop, window_manager, error)
         && start_service (desktop, "org.xfce.xfce4-notifyd.Notifications", error)
         && wait_for_name (desktop, "org.freedesktop.Notifications", error)
         && live_test_desktop_start_panel (desktop, error);
}

LiveTestDesktop *
live_test_desktop_new (const char *directory, const char *const *environment, LiveTestTheme theme, GError **error)
{
  g_autoptr (LiveTestDesktop) desktop = g_new0 (LiveTestDesktop, 1);

  desktop->directory = g_build_filename (directory, "desktop", NULL);
  desktop->programs = g_ptr_array_new ();
  if (!live_test_desktop_config_write (desktop->directory, theme_names[theme], theme == LIVE_TEST_THEME_DARK, error))
    return NULL;
  desktop->display = live_test_display_new (desktop->directory, environment, error);
  if (desktop->display == NULL)
    return NULL;
  desktop->environment = live_test_desktop_config_set_environment (
      desktop->directory, g_strdupv ((char **)live_test_display_get_environment (desktop->display)));
  desktop->environment = g_environ_setenv (desktop->environment, "GDK_BACKEND", "x11", TRUE);
  desktop->environment = g_environ_setenv (desktop->environment, "XDG_CURRENT_DESKTOP", "XFCE", TRUE);
  /* No accessibility bus: it would have to be activated, and stays behind. */
  desktop->environment = g_environ_setenv (desktop->environment, "NO_AT_BRIDGE", "1", TRUE);
  if (!start_bus (desktop, error) || !start_desktop (desktop, error))
    return NULL;
  return g_steal_pointer (&desktop);
}

void
live_test_desktop_free (LiveTestDesktop *desktop)
{
  live_test_desktop_stop_panel (desktop);
  for (guint i = desktop->programs->len; i > 0; i--)
    live_test_child_end (desktop->programs->pdata[i - 1]);
  g_ptr_array_unref (desktop->programs);
  g_clear_pointer (&desktop->notifications, live_test_notification_log_free);
  if (desktop->bus != NULL)
    g_dbus_connection_close_sync (desktop->bus, NULL, NULL);
  g_clear_object (&desktop->bus);
  live_test_child_end (desktop->bus_daemon);
  g_clear_pointer (&desktop->display, live_test_display_free);
  g_strfreev (desktop->environment);
  g_free (desktop->bus_address);
  g_free (desktop->directory);
  g_free (desktop);
}

const char *const *
live_test_desktop_get_environment (LiveTestDesktop *desktop)
{
  return (const char *const *)desktop->environment;
}

GDBusConnection *
live_test_desktop_get_bus (LiveTestDesktop *desktop)
{
  return desktop->bus;
}

LiveTestDisplay *
live_test_desktop_get_display (LiveTestDesktop *desktop)
{
  return desktop->display;
}

GPtrArray *
live_test_desktop_get_notifications (LiveTestDesktop *desktop)
{
  return live_test_notification_log_get (desktop->notifications);
}

static gboolean
set_setting (LiveTestDesktop *desktop, const char *channel, const char *property, const char *value, GError **error)
{
  const char *const argv[]
      = { "/usr/bin/xfconf-query", "--channel", channel, "--property", property, "--set", value, NULL };

  return live_test_child_run (argv, (const char *const *)desktop->environment, NULL, error);
}

gboolean
live_test_desktop_set_theme (LiveTestDesktop *desktop, LiveTestTheme theme, GError **error)
{
  return set_setting (desktop, "xsettings", "/Net/ThemeName", theme_names[theme], error)
         && set_setting (desktop, "xfce4-panel", "/panels/dark-mode", theme == LIVE_TEST_THEME_DARK ? "true" : "false",
                         error);
}

void
live_test_desktop_stop_panel (LiveTestDesktop *desktop)
{
  /* SIGTERM makes the panel end the processes of its plugins too. */
  live_test_child_end (g_steal_pointer (&desktop->panel));
}

gboolean
live_test_desktop_start_panel (LiveTestDesktop *desktop, GError **error)
{
  static const char *const argv[] = { "/usr/bin/xfce4-panel", "--disable-wm-check", NULL };

  g_return_val_if_fail (desktop->panel == NULL, FALSE);
  desktop->panel = spawn (desktop, argv, G_SUBPROCESS_FLAGS_NONE, error);
  return desktop->panel != NULL && wait_for_name (desktop, "org.kde.StatusNotifierWatcher", error);
}

gboolean
live_test_desktop_click (LiveTestDesktop *desktop, int x, int y, int button, GError **error)
{
  return live_test_pointer_click (desktop->display, x, y, button, error);
}

gboolean
live_test_desktop_key (LiveTestDesktop *desktop, const char *key, GError **error)
{
  return live_test_keyboard_press (desktop->display, key, error);
}

gboolean
live_test_desktop_screenshot (LiveTestDesktop *desktop, const char *path, GError **error)
{
  g_autoptr (LiveTestImage) image = live_test_display_wait_stable (desktop->display, STABLE_SECONDS, error);

  return image != NULL && live_test_display_save (desktop->display, path, error);
}

gboolean
live_test_desktop_pixel (LiveTestDesktop *desktop, int x, int y, guint32 *colour, GError **error)
{
  g_autoptr (LiveTestImage) image = live_test_display_capture (desktop->display, error);

  if (image == NULL)
    return FALSE;
  *colour = live_test_image_get_pixel (image, x, y);
  return TRUE;
}

/* The tray's own window in the panel; its width is 0 while there is none. */
static gboolean
find_tray (LiveTestDesktop *desktop, LiveTestArea *tray, GError **error)
{
  g_autoptr (GArray) windows = live_test_windows_find (desktop->display, LIVE_TEST_TRAY_CLASS, 0, error);

  *tray = (LiveTestArea){ 0 };
  if (windows == NULL)
    return FALSE;
  for (guint i = 0; i < windows->len; i++)
    {
      const LiveTestArea *window = &g_array_index (windows, LiveTestArea, i);

      if (window->y + window->height <= LIVE_TEST_PANEL_HEIGHT && window->width > tray->width)
        *tray = *window;
    }
  return TRUE;
}

gboolean
live_test_desktop_find_icon (
    LiveTestDesktop *desktop, guint32 colour, double seconds, LiveTestArea *icon, GError **error)
{
  const gint64 deadline = g_get_monotonic_time () + (gint64)(seconds * G_USEC_PER_SEC);
  LiveTestArea before = { 0 };

  for (;;)
    {
      g_autoptr (LiveTestImage) image = NULL;
      LiveTestArea tray;

      if (!find_tray (desktop, &tray, error))
        return FALSE;
      image = live_test_display_capture (desktop->display, error);
      if (image == NULL)
        return FALSE;
      if (live_test_image_find_colour (image, tray, colour, icon) < MINIMUM_ICON_PIXELS)
        before = (LiveTestArea){ 0 };
      else if (memcmp (&before, icon, sizeof before) == 0)
        return TRUE;
      else
        before = *icon;
      if (g_get_monotonic_time () > deadline)
        {
          g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "No icon of the colour #%06x is in the tray after %g s",
                       colour, seconds);
          return FALSE;
        }
      g_usleep (POLL_MICROSECONDS);
    }
}
