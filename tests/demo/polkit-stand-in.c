/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "polkit-stand-in.h"

#include <unistd.h>

#define NAME "org.freedesktop.PolicyKit1"
#define PATH "/org/freedesktop/PolicyKit1/Authority"
#define BUS_NAME "org.freedesktop.DBus"

/* The part of polkit's interface that a mechanism uses (polkit's reference manual, "D-Bus API"). */
static const char interface_text[] = "<node>"
                                     "  <interface name='org.freedesktop.PolicyKit1.Authority'>"
                                     "    <method name='CheckAuthorization'>"
                                     "      <arg type='(sa{sv})' direction='in'/>"
                                     "      <arg type='s' direction='in'/>"
                                     "      <arg type='a{ss}' direction='in'/>"
                                     "      <arg type='u' direction='in'/>"
                                     "      <arg type='s' direction='in'/>"
                                     "      <arg type='(bba{ss})' direction='out'/>"
                                     "    </method>"
                                     "    <method name='CancelCheckAuthorization'>"
                                     "      <arg type='s' direction='in'/>"
                                     "    </method>"
                                     "    <signal name='Changed'/>"
                                     "    <property name='BackendName' type='s' access='read'/>"
                                     "    <property name='BackendVersion' type='s' access='read'/>"
                                     "    <property name='BackendFeatures' type='u' access='read'/>"
                                     "  </interface>"
                                     "</node>";

struct _LiveDemoPolkit
{
  GDBusConnection *bus;
  GDBusNodeInfo *interface;
  guint registration;
  /* It answers in a thread of its own: whoever takes pictures has no time for it. */
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
};

static void
on_user_known (GObject *source, GAsyncResult *result, gpointer data)
{
  GDBusMethodInvocation *invocation = data;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);
  guint32 uid = G_MAXUINT32;
  gboolean allowed;

  /* The caller that is asked about may be gone: then nobody is allowed anything. */
  if (reply != NULL)
    g_variant_get (reply, "(u)", &uid);
  allowed = reply != NULL && uid == getuid ();
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("((bba{ss}))", allowed, FALSE, NULL));
}

static void
on_call (GDBusConnection *bus,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer data)
{
  const char *kind, *name = NULL;
  g_autoptr (GVariant) details = NULL;

  if (!g_str_equal (method, "CheckAuthorization"))
    {
      g_dbus_method_invocation_return_value (invocation, NULL);
      return;
    }
  g_variant_get_child (parameters, 0, "(&s@a{sv})", &kind, &details);
  if (!g_str_equal (kind, "system-bus-name") || !g_variant_lookup (details, "name", "&s", &name))
    {
      g_dbus_method_invocation_return_dbus_error (invocation, NAME ".Error.NotSupported",
                                                  "The stand-in knows callers by their bus name only");
      return;
    }
  g_dbus_connection_call (bus, BUS_NAME, "/org/freedesktop/DBus", BUS_NAME, "GetConnectionUnixUser",
                          g_variant_new ("(s)", name), G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                          on_user_known, invocation);
}

static GVariant *
on_get_property (GDBusConnection *bus,
                 const char *sender,
                 const char *path,
                 const char *interface,
                 const char *property,
                 GError **error,
                 gpointer data)
{
  if (g_str_equal (property, "BackendFeatures"))
    return g_variant_new_uint32 (0);
  return g_variant_new_string (g_str_equal (property, "BackendName") ? "qubes-live-demo" : PACKAGE_VERSION);
}

static gboolean
set_up (LiveDemoPolkit *polkit, const char *bus_address, GError **error)
{
  static const GDBusInterfaceVTable functions = { .method_call = on_call, .get_property = on_get_property };
  g_autoptr (GVariant) reply = NULL;
  guint32 outcome;

  polkit->bus = g_dbus_connection_new_for_address_sync (
      bus_address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL,
      NULL, error);
  if (polkit->bus == NULL)
    return FALSE;
  polkit->interface = g_dbus_node_info_new_for_xml (interface_text, error);
  if (polkit->interface == NULL)
    return FALSE;
  polkit->registration = g_dbus_connection_register_object (polkit->bus, PATH, polkit->interface->interfaces[0],
                                                            &functions, NULL, NULL, error);
  if (polkit->registration == 0)
    return FALSE;
  reply = g_dbus_connection_call_sync (polkit->bus, BUS_NAME, "/org/freedesktop/DBus", BUS_NAME, "RequestName",
                                       g_variant_new ("(su)", NAME, 4), G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE,
                                       -1, NULL, error);
  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(u)", &outcome);
  if (outcome != 1)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_EXISTS, "Somebody else is %s on the demo's bus", NAME);
  return outcome == 1;
}

static gpointer
run (gpointer data)
{
  LiveDemoPolkit *polkit = data;

  g_main_context_push_thread_default (polkit->context);
  g_main_loop_run (polkit->loop);
  g_main_context_pop_thread_default (polkit->context);
  return NULL;
}

LiveDemoPolkit *
live_demo_polkit_new (const char *bus_address, GError **error)
{
  g_autoptr (LiveDemoPolkit) polkit = g_new0 (LiveDemoPolkit, 1);
  gboolean done;

  polkit->context = g_main_context_new ();
  polkit->loop = g_main_loop_new (polkit->context, FALSE);
  /* Where the object is registered decides where its methods are called. */
  g_main_context_push_thread_default (polkit->context);
  done = set_up (polkit, bus_address, error);
  g_main_context_pop_thread_default (polkit->context);
  if (!done)
    return NULL;
  polkit->thread = g_thread_new ("polkit", run, polkit);
  return g_steal_pointer (&polkit);
}

static gboolean
on_quit (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

void
live_demo_polkit_free (LiveDemoPolkit *polkit)
{
  if (polkit->thread != NULL)
    {
      /* From inside the loop: one that has not begun yet would not heed it. */
      g_autoptr (GSource) quit = g_idle_source_new ();

      g_source_set_callback (quit, on_quit, polkit->loop, NULL);
      g_source_attach (quit, polkit->context);
      g_thread_join (polkit->thread);
    }
  if (polkit->registration != 0)
    g_dbus_connection_unregister_object (polkit->bus, polkit->registration);
  if (polkit->bus != NULL)
    g_dbus_connection_close_sync (polkit->bus, NULL, NULL);
  g_clear_object (&polkit->bus);
  g_clear_pointer (&polkit->interface, g_dbus_node_info_unref);
  g_main_loop_unref (polkit->loop);
  g_main_context_unref (polkit->context);
  g_free (polkit);
}
