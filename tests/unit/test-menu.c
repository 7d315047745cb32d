/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "mock-service.h"
#include "model/error.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/*
 * The applet itself, in an X server and on a session bus of its own, beside a mocked helper. What is looked at and
 * clicked is what a panel would get: com.canonical.dbusmenu.
 */

#define APPLET_NAME "org.qubes.Live1.Applet"
#define MENU_PATH "/org/ayatana/NotificationItem/qubes_live/Menu"
#define ITEM_PATH "/org/ayatana/NotificationItem/qubes_live"

static GSubprocess *x_server;
static char *display;

typedef struct
{
  LiveMockBus *system_bus;
  LiveMockBus *session_bus;
  LiveMockService *service;
  GDBusConnection *session;
  GSubprocess *applet;
  char *home;
  GPtrArray *notifications; /* of char *: "REPLACES|TITLE|BODY|URGENCY", then "|LABEL" of a button */
  GPtrArray *icons;         /* of char *: the icon of each */
  GArray *closed;           /* of guint32: what the applet took away */
  guint n_ids;
} Fixture;

static void
die_with_parent (gpointer unused)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static void
start_x_server (void)
{
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
  display = g_string_free (g_steal_pointer (&number), FALSE);
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
  Fixture *fixture = user_data;
  const char *title = NULL;
  const char *body = NULL;
  guint32 replaces = 0;
  guchar urgency = 255;
  g_autoptr (GVariant) hints = NULL;
  g_autofree const char **actions = NULL;
  const char *icon = NULL;
  gboolean has_button = FALSE;

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
  has_button = actions[0] != NULL;
  g_ptr_array_add (fixture->notifications, g_strdup_printf ("%u|%s|%s|%u%s%s", replaces, title, body, (guint) urgency,
                                                            has_button ? "|" : "", has_button ? actions[1] : ""));
  g_ptr_array_add (fixture->icons, g_strdup (icon));
  g_dbus_method_invocation_return_value (invocation,
                                         g_variant_new ("(u)", replaces != 0 ? replaces : ++fixture->n_ids));
}

static void
start_notification_service (Fixture *fixture)
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
static GVariant *
call_applet (Fixture *fixture, const char *path, const char *interface, const char *method, GVariant *parameters)
{
  g_autoptr (GAsyncResult) result = NULL;

  g_dbus_connection_call (fixture->session, APPLET_NAME, path, interface, method, parameters, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, keep_result, &result);
  live_mock_wait (result != NULL);
  return g_dbus_connection_call_finish (fixture->session, result, NULL);
}

static GVariant *
call_menu (Fixture *fixture, const char *method, GVariant *parameters)
{
  return call_applet (fixture, MENU_PATH, "com.canonical.dbusmenu", method, parameters);
}

/* (transfer full) (nullable): the root item, (ia{sv}av). */
static GVariant *
get_layout (Fixture *fixture)
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
static char *
get_tree (Fixture *fixture)
{
  g_autoptr (GVariant) root = get_layout (fixture);
  g_autoptr (GString) text = g_string_new (NULL);

  if (root != NULL)
    append_tree (text, root);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static gboolean
tree_has (Fixture *fixture, const char *part)
{
  g_autofree char *tree = get_tree (fixture);

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
find_item (Fixture *fixture, char **parts, gsize depth)
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
static int
open_path (Fixture *fixture, const char *path)
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

static void
click (Fixture *fixture, int id)
{
  g_autoptr (GVariant) reply
      = call_menu (fixture, "Event", g_variant_new ("(isvu)", id, "clicked", g_variant_new_int32 (0), 0));

  g_assert_cmpint (id, >=, 0);
  g_assert_nonnull (reply);
}

/* After this the applet has handled everything that was sent before. */
static void
settle (Fixture *fixture)
{
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *tree = get_tree (fixture);

      g_assert_nonnull (tree);
    }
}

static GSubprocess *
spawn_applet (Fixture *fixture, GSubprocessFlags flags, const char *argument)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (flags);
  g_autoptr (GError) error = NULL;
  GSubprocess *applet = NULL;

  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  g_subprocess_launcher_setenv (launcher, "DISPLAY", display, TRUE);
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
  applet = g_subprocess_launcher_spawn (launcher, &error, g_getenv ("QUBES_LIVE_APPLET"), argument, NULL);
  g_assert_no_error (error);
  return applet;
}

static void
wait_exit (GSubprocess *process)
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

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  fixture->home = g_dir_make_tmp ("qubes-live-home-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->system_bus = live_mock_bus_new ();
  fixture->session_bus = live_mock_bus_new ();
  fixture->service = live_mock_service_new (fixture->system_bus);
  fixture->session = live_mock_bus_connect (fixture->session_bus);
  fixture->notifications = g_ptr_array_new_with_free_func (g_free);
  fixture->icons = g_ptr_array_new_with_free_func (g_free);
  fixture->closed = g_array_new (FALSE, FALSE, sizeof (guint32));
  start_notification_service (fixture);
}

static void
start_applet (Fixture *fixture)
{
  fixture->applet = spawn_applet (fixture, G_SUBPROCESS_FLAGS_NONE, NULL);
  live_mock_wait (tree_has (fixture, "Quit"));
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  if (fixture->applet != NULL)
    {
      /* The ordinary end, so that a leak checker has its say. */
      click (fixture, open_path (fixture, "Quit"));
      wait_exit (fixture->applet);
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
  g_rmdir (fixture->home);
  g_free (fixture->home);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
test_shape (Fixture *fixture, gconstpointer unused)
{
  const char *const only_persistent[] = { "persistent", NULL };
  const char *const nothing[] = { NULL };
  LiveBusQube *qube = NULL;
  g_autofree char *closed = NULL;
  g_autofree char *running = NULL;

  qube = live_mock_service_add_qube (fixture->service, "work_1");
  live_bus_qube_set_state (qube, "running");
  live_bus_qube_set_evidence (qube, "unknown");
  qube = live_mock_service_add_qube (fixture->service, "anon");
  live_bus_qube_set_state (qube, "running");
  live_bus_qube_set_persistence (qube, "ephemeral");
  live_bus_qube_set_evidence (qube, "verified");
  qube = live_mock_service_add_qube (fixture->service, "debian-12");
  live_bus_qube_set_class (qube, "TemplateVM");
  live_bus_qube_set_policies (qube, only_persistent);
  qube = live_mock_service_add_qube (fixture->service, "default-dvm");
  live_bus_qube_set_template_for_dispvms (qube, TRUE);
  qube = live_mock_service_add_qube (fixture->service, "vault");
  live_bus_qube_set_label (qube, "black");
  qube = live_mock_service_add_qube (fixture->service, "odd");
  live_bus_qube_set_label (qube, "<b>pink</b>");
  qube = live_mock_service_add_qube (fixture->service, "far");
  live_bus_qube_set_class (qube, "RemoteVM");
  live_bus_qube_set_manageable (qube, FALSE);
  live_bus_qube_set_policies (qube, nothing);
  qube = live_mock_service_add_qube (fixture->service, "dom0");
  live_bus_qube_set_class (qube, "AdminVM");
  live_mock_service_add_pool (fixture->service, "vm-pool");
  live_bus_pool_set_ephemeral_volatile_supported (live_mock_service_add_pool (fixture->service, "a-pool"), FALSE);
  live_bus_manager_set_indicator (live_mock_service_get_manager (fixture->service), "persistent");
  live_bus_manager_set_indicator_reasons (
      live_mock_service_get_manager (fixture->service),
      g_variant_new_parsed ("[('qube-keeps', {'qube': <'work_1'>}), ('dom0-on-disk', @a{sv} {})]"));
  start_applet (fixture);
  live_mock_wait (tree_has (fixture, "Persistent"));
  settle (fixture);

  /* dbusmenu writes an underscore that is no mnemonic twice. */
  closed = get_tree (fixture);
  g_assert_cmpstr (closed, ==,
                   "{!Persistent: 1 running qube keeps what it writes; "
                   "Why?{!work__1 keeps what it writes; "
                   "!dom0 is on a disk: it records that a qube ran, whatever the qube keeps}; -; "
                   "anon: leaves nothing, verified{!Running; verified from Xen; !What it leaves behind; "
                   "( ) Nothing: root and private are thrown away; ( ) Its files: root is thrown away; "
                   "(x) Everything; -; !Customise (only with the policy “full”); -; "
                   "[ ] !Root volume read-only (shut the qube down first); "
                   "[ ] !Private volume read-only (shut the qube down first); [ ] Erase memory when it is freed; "
                   "Shut down}; "
                   "work__1: keeps files{!Running; not verified; !What it leaves behind; "
                   "( ) Nothing: root and private are thrown away; ( ) Its files: root is thrown away; "
                   "(x) Everything; -; !Customise (only with the policy “full”); -; "
                   "[ ] !Root volume read-only (shut the qube down first); "
                   "[ ] !Private volume read-only (shut the qube down first); [ ] Erase memory when it is freed; "
                   "Shut down}; -; "
                   "Other qubes{Disposable templates{default-dvm: keeps files}; Templates{debian-12: keeps files}; "
                   "Red qubes{far: keeps files}; Black qubes{vault: keeps files}; "
                   "Qubes labelled <b>pink</b>{odd: keeps files}}; "
                   "Pools{a-pool{!On a disk (driver file-reflink); !40.0\302\240GiB of 100.0\302\240GiB used; "
                   "[ ] !Volatile volumes under a throw-away key (its driver cannot)}; "
                   "vm-pool{!On a disk (driver file-reflink); !40.0\302\240GiB of 100.0\302\240GiB used; "
                   "[ ] Volatile volumes under a throw-away key}}; -; Refresh; Quit}");

  /* To open a group is enough: a submenu is whole before its row can be pressed. */
  g_assert_cmpint (open_path (fixture, "Other qubes/Black qubes"), >, 0);
  g_assert_cmpint (open_path (fixture, "Other qubes/Templates"), >, 0);
  g_assert_cmpint (open_path (fixture, "Other qubes/Red qubes"), >, 0);
  live_mock_wait (tree_has (fixture, "Start}"));
  settle (fixture);
  running = get_tree (fixture);
  g_assert_nonnull (strstr (running, "odd: keeps files}"));
  g_assert_nonnull (strstr (running, "vault: keeps files{!Halted; configured (checked when it starts); "
                                     "!What it leaves behind; ( ) Nothing: root and private are thrown away; "
                                     "( ) Its files: root is thrown away; (x) Everything; -; "
                                     "!Customise (only with the policy “full”); -; [ ] Root volume read-only; "
                                     "[ ] Private volume read-only; [ ] Erase memory when it is freed; Start}"));
  g_assert_nonnull (strstr (running,
                            "( ) !Nothing: root and private are thrown away (not for a template); "
                            "( ) !Its files: root is thrown away (not for a template); (x) Everything; -; [ ]"));
  g_assert_nonnull (strstr (running, "far: keeps files{!Halted; configured (checked when it starts); "
                                     "!Nothing to set: its volumes are on another machine; -; Start}"));
}

static void
test_in_place (Fixture *fixture, gconstpointer unused)
{
  const char *const pending[] = { "root-read-only", NULL };
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");
  int row = 0;
  int root = 0;

  live_bus_qube_set_state (work, "running");
  start_applet (fixture);
  live_mock_wait (tree_has (fixture, "work: "));
  row = open_path (fixture, "work");
  root = open_path (fixture, "work/Its files");

  live_bus_qube_set_policy (work, "root");
  live_bus_qube_set_pending (work, pending);
  live_mock_wait (tree_has (fixture, "work: keeps files, change pending{"));
  g_assert_true (tree_has (
      fixture, "!Waits until it is shut down: root volume read-only; !What it leaves behind; "
               "( ) Nothing: root and private are thrown away; (x) Its files: root is thrown away; ( ) Everything"));
  g_assert_cmpint (open_path (fixture, "work"), ==, row);
  g_assert_cmpint (open_path (fixture, "work/Its files"), ==, root);

  /* A policy that is neither: set behind our back. */
  live_bus_qube_set_policy (work, "nonsense");
  live_mock_wait (tree_has (fixture, "( ) Its files: root is thrown away; ( ) Everything"));
}

static void
test_policy (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *calls = NULL;

  live_mock_service_add_qube (fixture->service, "work");
  start_applet (fixture);
  live_mock_wait (tree_has (fixture, "work: "));
  live_mock_service_hold (fixture->service);
  click (fixture, open_path (fixture, "Other qubes/Red qubes/work/Its files"));
  live_mock_wait (live_mock_service_get_n_held (fixture->service) == 1);

  /* Not before it is true. A second click has to wait. */
  live_mock_wait (tree_has (fixture, "!A change is under way…"));
  g_assert_true (tree_has (fixture, "( ) !Nothing: root and private are thrown away; "
                                    "( ) !Its files: root is thrown away; (x) !Everything"));
  click (fixture, open_path (fixture, "Other qubes/Red qubes/work/Its files"));
  click (fixture, open_path (fixture, "Other qubes/Red qubes/work/Start"));
  settle (fixture);
  g_assert_cmpuint (live_mock_service_get_n_held (fixture->service), ==, 1);
  live_mock_service_release (fixture->service);
  live_mock_wait (tree_has (fixture, "(x) Its files: root is thrown away; ( ) Everything"));
  live_mock_wait (tree_has (fixture, "[x] Root volume read-only"));
  calls = live_mock_service_take_calls (fixture->service);
  g_assert_cmpstr (calls, ==, "work SetPolicy 'root'");
  g_assert_cmpuint (fixture->notifications->len, ==, 0);
}

static void
test_refused (Fixture *fixture, gconstpointer unused)
{
  live_mock_service_add_qube (fixture->service, "work");
  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED, "No");
  start_applet (fixture);
  live_mock_wait (tree_has (fixture, "work: "));
  click (fixture, open_path (fixture, "Other qubes/Red qubes/work/Its files"));
  live_mock_wait (fixture->notifications->len == 1);
  g_assert_cmpstr (fixture->notifications->pdata[0], ==,
                   "0|work was not changed: not allowed|The system did not authorise it. Try again and confirm with a "
                   "password, or ask whoever administers this computer.|1");
  live_mock_wait (tree_has (fixture, "( ) Its files: root is thrown away; (x) Everything"));
  g_assert_true (tree_has (
      fixture, "[ ] Root volume read-only; [ ] Private volume read-only; [ ] Erase memory when it is freed; Start"));

  /* The next one about the same qube takes its place; text from outside is no markup. */
  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_QUBESD_ERROR, "<b>bold</b> & more");
  click (fixture, open_path (fixture, "Other qubes/Red qubes/work/Root volume"));
  live_mock_wait (fixture->notifications->len == 2);
  g_assert_cmpstr (fixture->notifications->pdata[1], ==,
                   "1|work was not changed: qubesd refused|Its log says more: journalctl -u qubesd. "
                   "(&lt;b&gt;bold&lt;/b&gt; &amp; more)|1");
}

static void
test_volumes (Fixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");
  g_autofree char *calls = NULL;
  g_autofree char *no_calls = NULL;
  int root = -1;

  live_mock_service_add_pool (fixture->service, "vm-pool");
  start_applet (fixture);
  live_mock_wait (tree_has (fixture, "work: "));
  root = open_path (fixture, "Other qubes/Red qubes/work/Root volume");
  click (fixture, root);
  live_mock_wait (tree_has (
      fixture, "[x] Root volume read-only; [ ] Private volume read-only; [ ] Erase memory when it is freed; Start"));
  click (fixture, open_path (fixture, "Other qubes/Red qubes/work/Private volume"));
  live_mock_wait (tree_has (
      fixture, "[x] Root volume read-only; [x] Private volume read-only; [ ] Erase memory when it is freed; Start"));
  click (fixture, root);
  live_mock_wait (tree_has (
      fixture, "[ ] Root volume read-only; [x] Private volume read-only; [ ] Erase memory when it is freed; Start"));
  click (fixture, open_path (fixture, "Pools/vm-pool/Volatile"));
  live_mock_wait (tree_has (fixture, "[x] Volatile volumes under a throw-away key"));
  calls = live_mock_service_take_calls (fixture->service);
  g_assert_cmpstr (calls, ==,
                   "work SetVolumeWritable 'root' false; work SetVolumeWritable 'private' false; "
                   "work SetVolumeWritable 'root' true; vm-pool SetEphemeralVolatile true");

  /* A panel may send the click of an item that has become insensitive meanwhile. */
  live_bus_qube_set_state (work, "running");
  live_mock_wait (tree_has (fixture, "[ ] !Root volume read-only (shut the qube down first)"));
  click (fixture, open_path (fixture, "work/Root volume"));
  settle (fixture);
  no_calls = live_mock_service_take_calls (fixture->service);
  g_assert_cmpstr (no_calls, ==, "");
}

static void
test_running_and_not (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *calls = NULL;

  live_mock_service_add_qube (fixture->service, "b");
  live_bus_qube_set_state (live_mock_service_add_qube (fixture->service, "a"), "running");
  live_bus_qube_set_state (live_mock_service_add_qube (fixture->service, "c"), "running");
  start_applet (fixture);
  live_mock_wait (tree_has (fixture, "Other qubes{Red qubes{b: keeps files}}"));
  click (fixture, open_path (fixture, "Other qubes/Red qubes/b/Start"));
  live_mock_wait (!tree_has (fixture, "Other qubes"));
  /* In its place among the others. */
  g_assert_cmpint (open_path (fixture, "a"), >, 0);
  {
    g_autofree char *tree = get_tree (fixture);
    const char *a = strstr (tree, "a: keeps");
    const char *b = strstr (tree, "b: keeps");
    const char *c = strstr (tree, "c: keeps");

    g_assert_true (a != NULL && a < b && b < c);
  }
  click (fixture, open_path (fixture, "b/Shut down"));
  live_mock_wait (tree_has (fixture, "Other qubes{Red qubes{b: keeps files"));
  calls = live_mock_service_take_calls (fixture->service);
  g_assert_cmpstr (calls, ==, "b Start; b Shutdown");

  /* It goes while its submenu is open. */
  live_mock_service_remove_qube (fixture->service, "b");
  live_mock_wait (!tree_has (fixture, "Other qubes"));
}

static void
test_pending_applied (Fixture *fixture, gconstpointer unused)
{
  const char *const nothing[] = { NULL };
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");

  live_bus_qube_set_state (work, "running");
  start_applet (fixture);
  live_mock_wait (tree_has (fixture, "work: "));
  click (fixture, open_path (fixture, "work/Its files"));
  live_mock_wait (fixture->notifications->len == 1);
  g_assert_cmpstr (fixture->notifications->pdata[0], ==,
                   "0|work is running|The change takes effect when it shuts down.|0");
  live_mock_wait (tree_has (fixture, "work: keeps files, change pending{"));

  live_bus_qube_set_state (work, "halted");
  live_bus_qube_set_persistence (work, "root-ephemeral");
  live_bus_qube_set_pending (work, nothing);
  live_mock_wait (fixture->notifications->len == 2);
  g_assert_cmpstr (fixture->notifications->pdata[1], ==,
                   "1|work: the change is applied|work now: keeps its files; root is set to be thrown away|0");
}

static void
test_pending_failed (Fixture *fixture, gconstpointer unused)
{
  const char *const pending[] = { "root-read-only", NULL };
  const char *const nothing[] = { NULL };
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");

  live_bus_qube_set_state (work, "running");
  live_bus_qube_set_pending (work, pending);
  start_applet (fixture);
  live_mock_wait (tree_has (fixture, "change pending"));
  live_bus_qube_set_state (work, "halted");
  live_bus_qube_set_pending (work, nothing);
  live_bus_qube_set_reasons (
      work, g_variant_new_parsed ("[('apply-failed', {'step': <'root-read-only'>, 'error': <'disk full'>})]"));
  live_mock_wait (fixture->notifications->len == 1);
  settle (fixture);
  g_assert_cmpuint (fixture->notifications->len, ==, 1);
  g_assert_cmpstr (fixture->notifications->pdata[0], ==,
                   "0|work: the change could not be applied|Could not be set (root volume read-only): disk full|1");
}

static void
make_contradicted (LiveBusQube *qube)
{
  live_bus_qube_set_state (qube, "running");
  live_bus_qube_set_evidence (qube, "contradicted");
  live_bus_qube_set_reasons (
      qube, g_variant_new_parsed ("[('contradicted', {'claimed': <'root-ephemeral'>, 'seen': <'persistent'>})]"));
}

static void
press_button (Fixture *fixture, guint32 id)
{
  g_autoptr (GError) error = NULL;

  g_dbus_connection_emit_signal (fixture->session, NULL, "/org/freedesktop/Notifications",
                                 "org.freedesktop.Notifications", "ActionInvoked",
                                 g_variant_new ("(us)", id, "button0"), &error);
  g_assert_no_error (error);
}

/* Told once, however often it is said; gone when it is over; told again when it comes again. */
static void
test_contradicted (Fixture *fixture, gconstpointer unused)
{
  static const char told[] = "0|work is not as it claims|work can write where it is not supposed to. Restart the qube: "
                             "it gets its devices when it starts.|2|Show why";
  LiveBusManager *manager = live_mock_service_get_manager (fixture->service);
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");

  live_bus_qube_set_state (work, "running");
  live_bus_qube_set_evidence (work, "verified");
  start_applet (fixture);
  live_mock_wait (tree_has (fixture, "work: "));
  make_contradicted (work);
  live_bus_manager_set_indicator (manager, "alarm");
  live_bus_manager_set_indicator_reasons (manager,
                                          g_variant_new_parsed ("[('qube-contradicted', {'qube': <'work'>})]"));
  live_mock_wait (fixture->notifications->len == 1);
  g_assert_cmpstr (fixture->notifications->pdata[0], ==, told);
  g_assert_cmpstr (fixture->icons->pdata[0], ==, "qubes-live-alarm");

  /* Not known is not over, and other news of the qube are no news of this. */
  live_bus_qube_set_evidence (work, "unknown");
  live_mock_wait (tree_has (fixture, "Running; not verified"));
  live_bus_qube_set_evidence (work, "contradicted");
  live_mock_wait (tree_has (fixture, "work: not as it claims"));
  live_bus_qube_set_policy (work, "root");
  live_mock_wait (tree_has (fixture, "(x) Its files"));
  settle (fixture);
  g_assert_cmpuint (fixture->notifications->len, ==, 1);
  g_assert_cmpuint (fixture->closed->len, ==, 0);

  /* The window follows what it tells of, to its end and beyond. */
  press_button (fixture, 1);
  press_button (fixture, 99);
  settle (fixture);
  live_bus_qube_set_evidence (work, "configured");
  live_bus_qube_set_state (work, "halted");
  live_mock_wait (fixture->closed->len == 1);
  g_assert_cmpuint (g_array_index (fixture->closed, guint32, 0), ==, 1);
  make_contradicted (work);
  live_mock_wait (fixture->notifications->len == 2);
  g_assert_cmpstr (fixture->notifications->pdata[1], ==, told);
  press_button (fixture, 2);
  live_mock_service_remove_qube (fixture->service, "work");
  live_mock_wait (fixture->closed->len == 2);
}

/* A helper that was started anew says the same again: that is not told again. One that says it is over is believed. */
static void
test_contradicted_restart (Fixture *fixture, gconstpointer unused)
{
  make_contradicted (live_mock_service_add_qube (fixture->service, "play"));
  make_contradicted (live_mock_service_add_qube (fixture->service, "work"));
  live_bus_manager_set_synchronized (live_mock_service_get_manager (fixture->service), TRUE);
  start_applet (fixture);
  live_mock_wait (fixture->notifications->len == 2);
  live_mock_service_free (fixture->service);
  fixture->service = NULL;
  live_mock_wait (tree_has (fixture, "does not run"));
  fixture->service = live_mock_service_new (fixture->system_bus);
  live_bus_manager_set_synchronized (live_mock_service_get_manager (fixture->service), FALSE);
  make_contradicted (live_mock_service_add_qube (fixture->service, "work"));
  live_mock_wait (tree_has (fixture, "work: not as it claims"));
  settle (fixture);
  g_assert_cmpuint (fixture->closed->len, ==, 0);
  live_bus_manager_set_synchronized (live_mock_service_get_manager (fixture->service), TRUE);
  live_mock_wait (fixture->closed->len == 1);
  settle (fixture);
  g_assert_cmpuint (fixture->closed->len, ==, 1);
  g_assert_cmpuint (fixture->notifications->len, ==, 2);
}

static void
test_dom0_contradicted (Fixture *fixture, gconstpointer unused)
{
  LiveBusManager *manager = live_mock_service_get_manager (fixture->service);

  start_applet (fixture);
  live_bus_manager_set_indicator (manager, "alarm");
  live_bus_manager_set_indicator_reasons (
      manager, g_variant_new_parsed ("[('boot-contradicted', {'argument': <'<b>rootovl'>})]"));
  live_mock_wait (fixture->notifications->len == 1);
  press_button (fixture, 1);
  g_assert_cmpstr (
      fixture->notifications->pdata[0], ==,
      "0|Something is not as it claims: dom0 was started with <b>rootovl, but it runs from a disk|Do not "
      "count on anything being thrown away. Restart the computer to get a dom0 that is what its boot entry "
      "says.|2|Show why");
  live_bus_manager_set_indicator (manager, "unknown");
  live_mock_wait (tree_has (fixture, "Not known"));
  g_assert_cmpuint (fixture->closed->len, ==, 0);
  live_bus_manager_set_indicator (manager, "persistent");
  live_mock_wait (fixture->closed->len == 1);
}

/* (transfer full): a property of the item in the panel. */
static char *
get_item_string (Fixture *fixture, const char *property)
{
  g_autoptr (GVariant) reply = call_applet (fixture, ITEM_PATH, "org.freedesktop.DBus.Properties", "Get",
                                            g_variant_new ("(ss)", "org.kde.StatusNotifierItem", property));
  g_autoptr (GVariant) value = NULL;

  g_assert_nonnull (reply);
  g_variant_get (reply, "(v)", &value);
  return g_variant_dup_string (value, NULL);
}

static gboolean
item_has (Fixture *fixture, const char *property, const char *expected)
{
  g_autofree char *value = get_item_string (fixture, property);

  return g_str_equal (value, expected);
}

static void
test_indicator (Fixture *fixture, gconstpointer unused)
{
  static const char *const cases[][4] = {
    { "live", "qubes-live-live", "Qubes Live: live", "Live: dom0 runs from RAM" },
    { "live-leaky", "qubes-live-live-leaky", "Qubes Live: live, with leaks",
      "Live, but some things still reach the disk" },
    { "ephemeral", "qubes-live-ephemeral", "Qubes Live: ephemeral",
      "dom0 is on disk; the running qubes leave nothing in it but metadata" },
    { "persistent", "qubes-live-persistent", "Qubes Live: persistent",
      "Persistent: running qubes keep what they write" },
    { "alarm", "qubes-live-alarm", "Qubes Live: alarm", "Something is not as it claims: no reason was given" },
    { "never-heard", "qubes-live-unknown", "Qubes Live: not known", "Not known: never-heard" },
  };

  start_applet (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      live_bus_manager_set_indicator (live_mock_service_get_manager (fixture->service), cases[i][0]);
      live_mock_wait (item_has (fixture, "IconName", cases[i][1]));
      live_mock_wait (item_has (fixture, "Title", cases[i][2]));
      live_mock_wait (item_has (fixture, "IconAccessibleDesc", cases[i][3]));
      live_mock_wait (tree_has (fixture, cases[i][3]));
    }
}

static void
test_helper_restart (Fixture *fixture, gconstpointer unused)
{
  live_mock_service_add_qube (fixture->service, "work");
  live_mock_service_add_pool (fixture->service, "vm-pool");
  live_bus_manager_set_indicator (live_mock_service_get_manager (fixture->service), "live");
  start_applet (fixture);
  live_mock_wait (tree_has (fixture, "work: "));
  live_mock_service_free (fixture->service);
  fixture->service = NULL;
  live_mock_wait (tree_has (fixture, "{!Not known: the helper of Qubes Live does not run; -; -; Refresh; Quit}"));
  live_mock_wait (item_has (fixture, "IconName", "qubes-live-unknown"));
  click (fixture, open_path (fixture, "Refresh"));
  live_mock_wait (fixture->notifications->len == 1);
  g_assert_true (g_str_has_prefix (fixture->notifications->pdata[0], "0|The helper of Qubes Live does not answer|"));

  fixture->service = live_mock_service_new (fixture->system_bus);
  live_mock_service_add_qube (fixture->service, "play");
  live_mock_wait (tree_has (fixture, "Other qubes{Red qubes{play: keeps files"));
}

static void
test_middle_click (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GVariant) reply = NULL;
  g_autofree char *calls = NULL;

  live_mock_service_add_qube (fixture->service, "work");
  live_mock_service_hold (fixture->service);
  start_applet (fixture);
  live_mock_wait (tree_has (fixture, "work: "));
  reply = call_applet (fixture, ITEM_PATH, "org.kde.StatusNotifierItem", "SecondaryActivate",
                       g_variant_new ("(ii)", 0, 0));
  g_assert_nonnull (reply);
  live_mock_wait (live_mock_service_get_n_held (fixture->service) == 1);
  live_mock_service_release (fixture->service);
  calls = live_mock_service_take_calls (fixture->service);
  g_assert_cmpstr (calls, ==, "manager Refresh");
}

static void
test_no_helper_at_start (Fixture *fixture, gconstpointer unused)
{
  live_mock_service_free (fixture->service);
  fixture->service = NULL;
  start_applet (fixture);
  live_mock_wait (tree_has (fixture, "!Not known: the helper of Qubes Live does not run"));
  fixture->service = live_mock_service_new (fixture->system_bus);
  live_mock_wait (!tree_has (fixture, "does not run"));
}

static void
test_second_instance (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GSubprocess) second = NULL;

  start_applet (fixture);
  second = spawn_applet (fixture, G_SUBPROCESS_FLAGS_NONE, NULL);
  wait_exit (second);
  g_assert_true (tree_has (fixture, "Quit"));
}

static void
test_version (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GSubprocess) process = spawn_applet (fixture, G_SUBPROCESS_FLAGS_STDOUT_PIPE, "--version");
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (output, "qubes-live-applet "));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
}

static void
test_many_rounds (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  live_mock_service_add_qube (fixture->service, "stays");
  start_applet (fixture);
  live_mock_wait (tree_has (fixture, "stays: "));
  before = get_tree (fixture);
  for (guint round = 0; round < 50; round++)
    {
      LiveBusQube *qube = live_mock_service_add_qube (fixture->service, "comes-and-goes");

      if (round % 2 == 1)
        live_bus_qube_set_state (qube, "running");
      live_mock_wait (tree_has (fixture, "comes-and-goes"));
      g_assert_cmpint (open_path (fixture, round % 2 == 1 ? "comes-and-goes" : "Other qubes/Red qubes/comes-and-goes"),
                       >, 0);
      live_mock_service_remove_qube (fixture->service, "comes-and-goes");
      live_mock_wait (!tree_has (fixture, "comes-and-goes"));
    }
  after = get_tree (fixture);
  /* The group was opened in between, so that the row has its submenu now. */
  g_assert_true (g_str_has_prefix (after, "{!Not known: no reason was given; -; Other qubes{Red qubes{stays: "));
  g_assert_null (strstr (before, "comes-and-goes"));
  g_assert_null (strstr (after, "comes-and-goes"));
}

int
main (int argc, char **argv)
{
  int status = 0;

  g_test_init (&argc, &argv, NULL);
  g_assert_nonnull (g_getenv ("QUBES_LIVE_APPLET"));
  start_x_server ();

#define ADD(name, function) g_test_add ("/menu/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("shape", test_shape);
  ADD ("in-place", test_in_place);
  ADD ("policy", test_policy);
  ADD ("refused", test_refused);
  ADD ("volumes", test_volumes);
  ADD ("running-and-not", test_running_and_not);
  ADD ("pending-applied", test_pending_applied);
  ADD ("pending-failed", test_pending_failed);
  ADD ("contradicted", test_contradicted);
  ADD ("contradicted-restart", test_contradicted_restart);
  ADD ("dom0-contradicted", test_dom0_contradicted);
  ADD ("indicator", test_indicator);
  ADD ("helper-restart", test_helper_restart);
  ADD ("middle-click", test_middle_click);
  ADD ("no-helper-at-start", test_no_helper_at_start);
  ADD ("second-instance", test_second_instance);
  ADD ("version", test_version);
  ADD ("many-rounds", test_many_rounds);
#undef ADD
  status = g_test_run ();

  g_subprocess_force_exit (x_server);
  g_subprocess_wait (x_server, NULL, NULL);
  g_object_unref (x_server);
  g_free (display);
  return status;
}
