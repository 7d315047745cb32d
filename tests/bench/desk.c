/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bench/desk.h"

#include <signal.h>
#include <string.h>

#define WATCHER_NAME "org.kde.StatusNotifierWatcher"
#define LONGEST_SECONDS 20.0
#define FIRST_DISPLAY 90
#define LAST_DISPLAY 190

static const char tray_xml[] = "<node><interface name='" WATCHER_NAME "'>"
                               "<method name='RegisterStatusNotifierItem'><arg type='s' direction='in'/></method>"
                               "<method name='RegisterStatusNotifierHost'><arg type='s' direction='in'/></method>"
                               "<property name='RegisteredStatusNotifierItems' type='as' access='read'/>"
                               "<property name='IsStatusNotifierHostRegistered' type='b' access='read'/>"
                               "<property name='ProtocolVersion' type='i' access='read'/>"
                               "<signal name='StatusNotifierItemRegistered'><arg type='s'/></signal>"
                               "<signal name='StatusNotifierHostRegistered'/>"
                               "</interface></node>";

static void
on_call (GDBusConnection *connection,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  LiveDesk *desk = user_data;

  if (g_str_equal (method, "RegisterStatusNotifierItem") && desk->registered == 0)
    {
      const char *item = NULL;

      desk->registered = g_get_monotonic_time ();
      g_variant_get (parameters, "(&s)", &item);
      desk->item_name = g_strdup (sender);
      desk->item_path = g_strdup (item);
    }
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static GVariant *
get_property (GDBusConnection *connection,
              const char *sender,
              const char *path,
              const char *interface,
              const char *property,
              GError **error,
              gpointer user_data)
{
  if (g_str_equal (property, "IsStatusNotifierHostRegistered"))
    return g_variant_new_boolean (TRUE);
  if (g_str_equal (property, "ProtocolVersion"))
    return g_variant_new_int32 (0);
  return g_variant_new_strv (NULL, 0);
}

static void
on_name_acquired (GDBusConnection *connection, const char *name, gpointer user_data)
{
  LiveDesk *desk = user_data;

  desk->tray_is_owned = TRUE;
}

static gboolean
tray_is_owned (gpointer data)
{
  return ((LiveDesk *)data)->tray_is_owned;
}

static void
start_tray (LiveDesk *desk)
{
  static const GDBusInterfaceVTable vtable = { .method_call = on_call, .get_property = get_property };
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (tray_xml, &error);

  g_assert_no_error (error);
  desk->tray = g_dbus_connection_register_object (desk->session, "/StatusNotifierWatcher", node->interfaces[0], &vtable,
                                                  desk, NULL, &error);
  g_assert_no_error (error);
  desk->tray_name = g_bus_own_name_on_connection (desk->session, WATCHER_NAME, G_BUS_NAME_OWNER_FLAGS_NONE,
                                                  on_name_acquired, NULL, desk, NULL);
  if (!live_test_wait (tray_is_owned, desk, LONGEST_SECONDS))
    g_error ("The tray has no name");
}

static gboolean
file_exists (gpointer path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
start_display (LiveDesk *desk)
{
  for (guint number = FIRST_DISPLAY; number <= LAST_DISPLAY; number++)
    {
      g_autofree char *socket = g_strdup_printf ("/tmp/.X11-unix/X%u", number);
      g_autofree char *lock = g_strdup_printf ("/tmp/.X%u-lock", number);
      g_autofree char *display = g_strdup_printf (":%u", number);
      const char *argv[]
          = { "/usr/bin/Xvfb", display, "-screen", "0", "800x600x24", "-nolisten", "tcp", "-noreset", NULL };

      if (file_exists (socket) || file_exists (lock))
        continue;
      live_test_bed_spawn (desk->bed, argv, NULL);
      if (!live_test_wait (file_exists, socket, LONGEST_SECONDS))
        g_error ("Xvfb does not listen");
      desk->display = g_steal_pointer (&display);
      return;
    }
  g_error ("There is no free display number");
}

static gboolean
session_answers (gpointer data)
{
  LiveDesk *desk = data;

  desk->session = g_dbus_connection_new_for_address_sync (
      desk->session_address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL, NULL);
  return desk->session != NULL;
}

static void
start_session_bus (LiveDesk *desk)
{
  g_autofree char *address_option = NULL;
  const char *argv[] = { "/usr/bin/dbus-daemon", "--session", "--nofork", "--nopidfile", NULL, NULL };

  desk->session_address = g_strdup_printf ("unix:path=%s/session-bus", live_test_bed_get_directory (desk->bed));
  argv[4] = address_option = g_strdup_printf ("--address=%s", desk->session_address);
  live_test_bed_spawn (desk->bed, argv, NULL);
  if (!live_test_wait (session_answers, desk, LONGEST_SECONDS))
    g_error ("The session bus does not answer");
}

LiveDesk *
live_desk_new (guint qubes)
{
  LiveTestBedOptions options = { .without_dom0 = TRUE, .without_helper = TRUE, .without_polkitd = TRUE };
  LiveDesk *desk = g_new0 (LiveDesk, 1);

  desk->bed = live_test_bed_new (&options);
  desk->system_bus = live_mock_bus_new ();
  desk->helper = live_mock_service_new (desk->system_bus);
  for (guint i = 0; i < qubes; i++)
    {
      g_autofree char *name = g_strdup_printf ("qube-%04u", i);
      LiveBusQube *qube = live_mock_service_add_qube (desk->helper, name);

      if (i < MIN (8, qubes / 3))
        live_bus_qube_set_state (qube, "running");
    }
  live_mock_service_add_pool (desk->helper, "vm-pool");
  start_display (desk);
  start_session_bus (desk);
  start_tray (desk);
  desk->watcher = live_watcher_new (desk->session_address);
  return desk;
}

void
live_desk_free (LiveDesk *desk)
{
  if (desk == NULL)
    return;
  if (desk->applet != NULL)
    live_desk_stop_applet (desk);
  live_watcher_free (desk->watcher);
  g_bus_unown_name (desk->tray_name);
  g_dbus_connection_unregister_object (desk->session, desk->tray);
  g_dbus_connection_close_sync (desk->session, NULL, NULL);
  g_object_unref (desk->session);
  live_mock_service_free (desk->helper);
  live_mock_bus_free (desk->system_bus);
  live_test_bed_free (desk->bed);
  g_free (desk->session_address);
  g_free (desk->display);
  g_free (desk);
}

static gboolean
is_registered (gpointer data)
{
  return ((LiveDesk *)data)->registered != 0;
}

static char **
get_environment (LiveDesk *desk)
{
  char **environment = live_test_bed_get_environment (desk->bed);

  environment = g_environ_setenv (environment, "DISPLAY", desk->display, TRUE);
  environment = g_environ_setenv (environment, "GDK_BACKEND", "x11", TRUE);
  environment = g_environ_setenv (environment, "DBUS_SESSION_BUS_ADDRESS", desk->session_address, TRUE);
  environment
      = g_environ_setenv (environment, "DBUS_SYSTEM_BUS_ADDRESS", live_mock_bus_get_address (desk->system_bus), TRUE);
  /* The accessibility bus is another program's start, and not there in every session. */
  environment = g_environ_setenv (environment, "NO_AT_BRIDGE", "1", TRUE);
  environment = g_environ_setenv (environment, "GSETTINGS_BACKEND", "memory", TRUE);
  return environment;
}

void
live_desk_start_window_manager (LiveDesk *desk)
{
  const char *argv[] = { "/usr/bin/xfwm4", "--compositor=off", NULL };
  g_auto (GStrv) environment = get_environment (desk);

  live_test_bed_spawn (desk->bed, argv, (const char *const *) environment);
}

double
live_desk_start_applet (LiveDesk *desk)
{
  const char *argv[] = { LIVE_BENCH_APPLET, NULL };
  g_auto (GStrv) environment = get_environment (desk);
  gint64 start = 0;

  live_watcher_forget (desk->watcher);
  start = g_get_monotonic_time ();
  desk->applet = g_object_ref (live_test_bed_spawn (desk->bed, argv, (const char *const *)environment));
  if (!live_test_wait (is_registered, desk, LONGEST_SECONDS))
    return -1;
  return (double)(desk->registered - start) / 1000;
}

static void
on_ended (GObject *source, GAsyncResult *result, gpointer user_data)
{
  gboolean *ended = user_data;

  *ended = TRUE;
}

void
live_desk_stop_applet (LiveDesk *desk)
{
  gboolean ended = FALSE;

  g_subprocess_send_signal (desk->applet, SIGTERM);
  g_subprocess_wait_async (desk->applet, NULL, on_ended, &ended);
  while (!ended)
    g_main_context_iteration (NULL, TRUE);
  g_clear_object (&desk->applet);
  g_clear_pointer (&desk->item_name, g_free);
  g_clear_pointer (&desk->item_path, g_free);
  desk->registered = 0;
}

typedef struct
{
  LiveDesk *desk;
  guint qubes;
  gsize size;      /* of the last answer */
  guint unchanged; /* answers in a row that were like the one before */
  GVariant *layout;
  gboolean answered;
} LiveMenuWait;

static void
on_layout (GObject *source, GAsyncResult *result, gpointer user_data)
{
  LiveMenuWait *wait = user_data;

  g_clear_pointer (&wait->layout, g_variant_unref);
  wait->layout = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  wait->answered = TRUE;
}

static gboolean
layout_is_answered (gpointer data)
{
  return ((LiveMenuWait *)data)->answered;
}

static gboolean
look (LiveMenuWait *wait)
{
  g_autofree char *menu = g_strdup_printf ("%s/Menu", wait->desk->item_path);

  wait->answered = FALSE;
  g_dbus_connection_call (wait->desk->session, wait->desk->item_name, menu, "com.canonical.dbusmenu", "GetLayout",
                          g_variant_new ("(iias)", 0, -1, NULL), G_VARIANT_TYPE ("(u(ia{sv}av))"),
                          G_DBUS_CALL_FLAGS_NONE, 5000, NULL, on_layout, wait);
  return live_test_wait (layout_is_answered, wait, LONGEST_SECONDS) && wait->layout != NULL;
}

gboolean
live_desk_wait_name (LiveDesk *desk, const char *name, gboolean present)
{
  LiveMenuWait wait = { .desk = desk };
  gint64 end = g_get_monotonic_time () + (gint64)(LONGEST_SECONDS * G_USEC_PER_SEC);
  gboolean so = FALSE;

  while (!so && g_get_monotonic_time () < end && look (&wait))
    {
      g_autofree char *text = g_variant_print (wait.layout, FALSE);

      so = (strstr (text, name) != NULL) == present;
    }
  g_clear_pointer (&wait.layout, g_variant_unref);
  return so;
}

/* Whether the menu has the last qube, and was so for a while. */
static gboolean
is_settled (LiveMenuWait *wait)
{
  g_autofree char *text = NULL;
  g_autofree char *last_qube = g_strdup_printf ("qube-%04u", wait->qubes - 1);
  gsize size = 0;

  if (!look (wait))
    return FALSE;
  size = g_variant_get_size (wait->layout);
  text = g_variant_print (wait->layout, FALSE);
  wait->unchanged = size == wait->size && strstr (text, last_qube) != NULL ? wait->unchanged + 1 : 0;
  wait->size = size;
  return wait->unchanged >= 3;
}

static gboolean
wake (gpointer data)
{
  gboolean *awake = data;

  *awake = TRUE;
  return G_SOURCE_REMOVE;
}

gboolean
live_desk_wait_menu (LiveDesk *desk, guint qubes)
{
  LiveMenuWait wait = { .desk = desk, .qubes = qubes };
  gboolean done = FALSE;

  for (guint attempt = 0; attempt < 100 && !done; attempt++)
    {
      gboolean awake = FALSE;

      done = is_settled (&wait);
      g_timeout_add (50, wake, &awake);
      while (!awake)
        g_main_context_iteration (NULL, TRUE);
    }
  g_clear_pointer (&wait.layout, g_variant_unref);
  return done;
}

typedef struct
{
  LiveDesk *desk;
  const LiveWatcherMatch *match;
  gint64 *when;
} LiveSignalWait;

static gboolean
signal_was_seen (gpointer data)
{
  LiveSignalWait *wait = data;

  return live_watcher_wait (wait->desk->watcher, wait->match, 0, wait->when);
}

gboolean
live_desk_wait_signal (LiveDesk *desk, const LiveWatcherMatch *match, double seconds, gint64 *when)
{
  LiveSignalWait wait = { .desk = desk, .match = match, .when = when };

  return live_test_wait (signal_was_seen, &wait, seconds);
}
