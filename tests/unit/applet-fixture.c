/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "applet-fixture.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#define APPLET_NAME "org.qubes.Live1.Applet"
#define MENU_PATH "/org/ayatana/NotificationItem/qubes_live/Menu"

static void
die_with_parent (gpointer unused)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

GSubprocess *
live_applet_start_x_server (void)
{
  GSubprocess *x_server = NULL;
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) number = g_string_new (":");
  int ends[2] = { -1, -1 };
  char digit = 0;

  g_assert_no_errno (pipe (ends));
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  g_subprocess_launcher_take_fd (launcher, ends[1], 3);
  /* No reset: between two applets the server has no client. */
  x_server = g_subprocess_launcher_spawn (launcher, &error, "/usr/bin/Xvfb", "-displayfd", "3", "-noreset", "-nolisten",
                                          "tcp", "-screen", "0", "1024x768x24", NULL);
  g_assert_no_error (error);
  g_clear_object (&launcher); /* closes our copy of the writing end */
  while (read (ends[0], &digit, 1) == 1 && digit != '\n')
    g_string_append_c (number, digit);
  close (ends[0]);
  g_assert_cmpuint (number->len, >, 1);
  g_setenv ("DISPLAY", number->str, TRUE);
  return x_server;
}

void
live_applet_stop_x_server (GSubprocess *x_server)
{
  g_subprocess_force_exit (x_server);
  g_subprocess_wait (x_server, NULL, NULL);
  g_object_unref (x_server);
}

/* The notification service. */

static void
notification_method (GDBusConnection *connection,
                     const char *sender,
                     const char *object_path,
                     const char *interface,
                     const char *method,
                     GVariant *parameters,
                     GDBusMethodInvocation *invocation,
                     gpointer user_data)
{
  LiveAppletFixture *fixture = user_data;
  const char *title = NULL;
  const char *body = NULL;
  guint32 replaces = 0;
  guchar urgency = 255;
  g_autoptr (GVariant) hints = NULL;
  g_autofree const char **actions = NULL;
  const char *icon = NULL;
  g_autoptr (GString) text = NULL;

  if (g_str_equal (method, "GetCapabilities"))
    {
      g_dbus_method_invocation_return_value (invocation,
                                             g_variant_new_parsed ("(['body', 'body-markup', 'actions'],)"));
      return;
    }
  if (g_str_equal (method, "CloseNotification"))
    {
      guint32 id = 0;

      g_variant_get (parameters, "(u)", &id);
      g_array_append_val (fixture->closed, id);
      g_dbus_method_invocation_return_value (invocation, NULL);
      return;
    }
  g_variant_get (parameters, "(&su&s&s&s^a&s@a{sv}i)", NULL, &replaces, &icon, &title, &body, &actions, &hints, NULL);
  g_variant_lookup (hints, "urgency", "y", &urgency);
  text = g_string_new (NULL);
  g_string_printf (text, "%u|%s|%s|%u", replaces, title, body, (guint) urgency);
  for (guint i = 0; actions[i] != NULL && actions[i + 1] != NULL; i += 2)
    g_string_append_printf (text, "|%s", actions[i + 1]);
  g_ptr_array_add (fixture->notifications, g_string_free (g_steal_pointer (&text), FALSE));
  g_ptr_array_add (fixture->icons, g_strdup (icon));
  g_dbus_method_invocation_return_value (invocation,
                                         g_variant_new ("(u)", replaces != 0 ? replaces : ++fixture->n_ids));
}

static void
start_notification_service (LiveAppletFixture *fixture)
{
  static const GDBusInterfaceVTable table = { notification_method, NULL, NULL, { 0 } };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (
      "<node><interface name='org.freedesktop.Notifications'>"
      "<method name='GetCapabilities'><arg type='as' direction='out'/></method>"
      "<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/>"
      "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>"
      "<arg type='as' direction='in'/><arg type='a{sv}' direction='in'/><arg type='i' direction='in'/>"
      "<arg type='u' direction='out'/></method>"
      "<method name='CloseNotification'><arg type='u' direction='in'/></method></interface></node>",
      NULL);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  g_dbus_connection_register_object (fixture->session, "/org/freedesktop/Notifications", node->interfaces[0], &table,
                                     fixture, NULL, &error);
  g_assert_no_error (error);
  reply = g_dbus_connection_call_sync (
      fixture->session, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
      g_variant_new ("(su)", "org.freedesktop.Notifications", 4), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
}

/* The menu, as a panel sees it. */

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

/* Calls the applet while our own services go on answering it. NULL when it is not there. */
GVariant *
live_applet_call (
    LiveAppletFixture *fixture, const char *path, const char *interface, const char *method, GVariant *parameters)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_dbus_connection_call (fixture->session, APPLET_NAME, path, interface, method, parameters, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, keep_result, &result);
  live_mock_wait (result != NULL);
  return g_dbus_connection_call_finish (fixture->session, result, NULL);
}

static GVariant *
call_menu (LiveAppletFixture *fixture, const char *method, GVariant *parameters)
{
  return live_applet_call (fixture, MENU_PATH, "com.canonical.dbusmenu", method, parameters);
}

/* (transfer full) (nullable): the root item, (ia{sv}av). */
static GVariant *
get_layout (LiveAppletFixture *fixture)
{
  g_autoptr (GVariant) reply = call_menu (fixture, "GetLayout", g_variant_new ("(iias)", 0, -1, NULL));

  return reply != NULL ? g_variant_get_child_value (reply, 1) : NULL;
}

static gboolean
is_visible (GVariant *item)
{
  g_autoptr (GVariant) properties = g_variant_get_child_value (item, 1);
  gboolean visible = TRUE;

  g_variant_lookup (properties, "visible", "b", &visible);
  return visible;
}

/* (transfer full): the label, with (x) or ( ) for a mark and ! for an insensitive item; "-" for a separator. */
static char *
describe (GVariant *item)
{
  g_autoptr (GVariant) properties = g_variant_get_child_value (item, 1);
  const char *label = "";
  const char *type = "";
  const char *toggle = "";
  gboolean enabled = TRUE;
  int state = 0;

  g_variant_lookup (properties, "label", "&s", &label);
  g_variant_lookup (properties, "type", "&s", &type);
  g_variant_lookup (properties, "toggle-type", "&s", &toggle);
  g_variant_lookup (properties, "toggle-state", "i", &state);
  g_variant_lookup (properties, "enabled", "b", &enabled);
  if (g_str_equal (type, "separator"))
    return g_strdup ("-");
  return g_strdup_printf ("%s%s%s",
                          *toggle == '\0'                 ? ""
                          : g_str_equal (toggle, "radio") ? (state ? "(x) " : "( ) ")
                                                          : (state ? "[x] " : "[ ] "),
                          enabled ? "" : "!", label);
}

static void
append_tree (GString *text, GVariant *item)
{
  g_autoptr (GVariant) children = g_variant_get_child_value (item, 2);
  gboolean first = TRUE;

  for (gsize i = 0; i < g_variant_n_children (children); i++)
    {
      g_autoptr (GVariant) boxed = g_variant_get_child_value (children, i);
      g_autoptr (GVariant) child = g_variant_get_variant (boxed);
      g_autofree char *words = NULL;

      if (!is_visible (child))
        continue;
      words = describe (child);
      g_string_append_printf (text, "%s%s", first ? "{" : "; ", words);
      first = FALSE;
      append_tree (text, child);
    }
  if (!first)
    g_string_append_c (text, '}');
}

/* (transfer full): all that is visible, children in braces. */
char *
live_applet_get_tree (LiveAppletFixture *fixture)
{
  g_autoptr (GVariant) root = get_layout (fixture);
  g_autoptr (GString) text = g_string_new (NULL);

  if (root != NULL)
    append_tree (text, root);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
live_applet_tree_has (LiveAppletFixture *fixture, const char *part)
{
  g_autofree char *tree = live_applet_get_tree (fixture);

  return strstr (tree, part) != NULL;
}

/* The visible child of @item whose label begins with @prefix. (transfer full) (nullable) */
static GVariant *
find_child (GVariant *item, const char *prefix)
{
  g_autoptr (GVariant) children = g_variant_get_child_value (item, 2);

  for (gsize i = 0; i < g_variant_n_children (children); i++)
    {
      g_autoptr (GVariant) boxed = g_variant_get_child_value (children, i);
      g_autoptr (GVariant) child = g_variant_get_variant (boxed);
      g_autoptr (GVariant) properties = g_variant_get_child_value (child, 1);
      const char *label = "";

      g_variant_lookup (properties, "label", "&s", &label);
      if (is_visible (child) && g_str_has_prefix (label, prefix))
        return g_steal_pointer (&child);
    }
  return NULL;
}

/* The item at the end of the first @depth parts of a path. (transfer full) (nullable) */
static GVariant *
find_item (LiveAppletFixture *fixture, char **parts, gsize depth)
{
  GVariant *item = get_layout (fixture);

  for (gsize i = 0; i < depth && item != NULL; i++)
    {
      GVariant *child = find_child (item, parts[i]);

      g_variant_unref (item);
      item = child;
    }
  return item;
}

/* Opens the submenus of @path ("Other qubes/Red qubes/work") one by one, each as soon as it is there; the number of the
 * last item. */
int
live_applet_open_path (LiveAppletFixture *fixture, const char *path)
{
  g_auto (GStrv) parts = g_strsplit (path, "/", -1);
  int id = -1;

  for (gsize depth = 1; parts[depth - 1] != NULL; depth++)
    {
      g_autoptr (GVariant) item = NULL;
      g_autoptr (GVariant) properties = NULL;

      live_mock_wait (item != NULL || (item = find_item (fixture, parts, depth)) != NULL);
      g_variant_get_child (item, 0, "i", &id);
      properties = g_variant_get_child_value (item, 1);
      if (g_variant_lookup (properties, "children-display", "&s", NULL))
        {
          g_autoptr (GVariant) reply = call_menu (fixture, "AboutToShow", g_variant_new ("(i)", id));

          g_assert_nonnull (reply);
        }
    }
  return id;
}

void
live_applet_click (LiveAppletFixture *fixture, int id)
{
  g_autoptr (GVariant) reply
      = call_menu (fixture, "Event", g_variant_new ("(isvu)", id, "clicked", g_variant_new_int32 (0), 0));

  g_assert_cmpint (id, >=, 0);
  g_assert_nonnull (reply);
}

/* After this the applet has handled everything that was sent before. */
void
live_applet_settle (LiveAppletFixture *fixture)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *tree = live_applet_get_tree (fixture);

      g_assert_nonnull (tree);
    }
}

GSubprocess *
live_applet_spawn (LiveAppletFixture *fixture, GSubprocessFlags flags, const char *argument)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);
  g_autoptr (GError) error = NULL;
  GSubprocess *applet = NULL;

  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  g_subprocess_launcher_setenv (launcher, "GDK_BACKEND", "x11", TRUE);
  g_subprocess_launcher_setenv (launcher, "HOME", fixture->home, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_CONFIG_HOME", fixture->home, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_CACHE_HOME", fixture->home, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_DATA_HOME", fixture->home, TRUE);
  g_subprocess_launcher_setenv (launcher, "XDG_RUNTIME_DIR", fixture->home, TRUE);
  g_subprocess_launcher_setenv (launcher, "NO_AT_BRIDGE", "1", TRUE);
  g_subprocess_launcher_setenv (launcher, "GIO_USE_VFS", "local", TRUE);
  g_subprocess_launcher_setenv (launcher, "GSETTINGS_BACKEND", "memory", TRUE);
  g_subprocess_launcher_setenv (launcher, "G_DEBUG", "fatal-warnings", TRUE);
  g_subprocess_launcher_setenv (launcher, "LC_ALL", "C.UTF-8", TRUE);
  g_subprocess_launcher_setenv (launcher, "DBUS_SESSION_BUS_ADDRESS", live_mock_bus_get_address (fixture->session_bus),
                                TRUE);
  g_subprocess_launcher_setenv (launcher, "DBUS_SYSTEM_BUS_ADDRESS", live_mock_bus_get_address (fixture->system_bus),
                                TRUE);
  applet = g_subprocess_launcher_spawn (launcher, &error, g_getenv ("QUBES_LIVE_APPLET"), "--clock",
                                        fixture->clock_file, argument, NULL);
  g_assert_no_error (error);
  return applet;
}

void
live_applet_wait_exit (GSubprocess *process)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_wait_async (process, NULL, keep_result, &result);
  live_mock_wait (result != NULL);
  g_subprocess_wait_finish (process, result, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_get_if_exited (process));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
}

void
live_applet_set_up (LiveAppletFixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  fixture->home = g_dir_make_tmp ("qubes-live-home-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->clock_file = g_build_filename (fixture->home, "clock", NULL);
  fixture->system_bus = live_mock_bus_new ();
  fixture->session_bus = live_mock_bus_new ();
  fixture->service = live_mock_service_new (fixture->system_bus);
  fixture->session = live_mock_bus_connect (fixture->session_bus);
  fixture->notifications = g_ptr_array_new_with_free_func (g_free);
  fixture->icons = g_ptr_array_new_with_free_func (g_free);
  fixture->closed = g_array_new (FALSE, FALSE, sizeof (guint32));
  start_notification_service (fixture);
}

void
live_applet_start (LiveAppletFixture *fixture)
{
  fixture->applet = live_applet_spawn (fixture, G_SUBPROCESS_FLAGS_NONE, NULL);
  live_mock_wait (live_applet_tree_has (fixture, "Quit"));
}

void
live_applet_tear_down (LiveAppletFixture *fixture, gconstpointer unused)
{
  if (fixture->applet != NULL)
    {
      /* The ordinary end, so that a leak checker has its say. */
      live_applet_click (fixture, live_applet_open_path (fixture, "Quit"));
      live_applet_wait_exit (fixture->applet);
      g_clear_object (&fixture->applet);
    }
  live_mock_service_free (fixture->service);
  g_dbus_connection_close_sync (fixture->session, NULL, NULL);
  g_object_unref (fixture->session);
  live_mock_bus_free (fixture->session_bus);
  live_mock_bus_free (fixture->system_bus);
  g_ptr_array_unref (fixture->notifications);
  g_ptr_array_unref (fixture->icons);
  g_array_unref (fixture->closed);
  g_unlink (fixture->clock_file);
  g_free (fixture->clock_file);
  g_rmdir (fixture->home);
  g_free (fixture->home);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

void
live_applet_press_button (LiveAppletFixture *fixture, guint32 id, guint button)
{
  g_autofree char *action = g_strdup_printf ("button%u", button);
  g_autoptr (GError) error = NULL;

  g_dbus_connection_emit_signal (fixture->session, NULL, "/org/freedesktop/Notifications",
                                 "org.freedesktop.Notifications", "ActionInvoked", g_variant_new ("(us)", id, action),
                                 &error);
  g_assert_no_error (error);
}

void
live_applet_move_clock (LiveAppletFixture *fixture, gint64 elapsed, gint64 set)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  fixture->elapsed += elapsed;
  fixture->set += set;
  text = g_strdup_printf ("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", fixture->elapsed, fixture->set);
  g_file_set_contents (fixture->clock_file, text, -1, &error);
  g_assert_no_error (error);
}

gint64
live_applet_get_now (LiveAppletFixture *fixture)
{
  return g_get_real_time () / G_USEC_PER_SEC + fixture->elapsed + fixture->set;
}
