/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "test-agent.h"

#include <string.h>
#include <unistd.h>

#define POLKIT_NAME "org.freedesktop.PolicyKit1"
#define POLKIT_PATH "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"
#define AGENT_PATH "/org/qubes/Live1/TestAgent"

static const char agent_interface[]
    = "<node><interface name='org.freedesktop.PolicyKit1.AuthenticationAgent'>"
      "<method name='BeginAuthentication'><arg type='s' direction='in'/><arg type='s' direction='in'/>"
      "<arg type='s' direction='in'/><arg type='a{ss}' direction='in'/><arg type='s' direction='in'/>"
      "<arg type='a(sa{sv})' direction='in'/></method>"
      "<method name='CancelAuthentication'><arg type='s' direction='in'/></method>"
      "</interface></node>";

struct _LiveTestAgent
{
  GDBusConnection *bus;
  GDBusNodeInfo *node;
  guint registration;
  guint n_begun;
  guint n_cancelled;
  guint wanted;
  char *message;
  char *cookie;
  GDBusMethodInvocation *dialog;
};

static void
dismiss (LiveTestAgent *agent)
{
  if (agent->dialog != NULL)
    g_dbus_method_invocation_return_dbus_error (g_steal_pointer (&agent->dialog),
                                                "org.freedesktop.PolicyKit1.Error.Cancelled", "dismissed");
}

static void
on_method_call (GDBusConnection *bus,
                const char *sender,
                const char *path,
                const char *interface,
                const char *method,
                GVariant *parameters,
                GDBusMethodInvocation *invocation,
                gpointer data)
{
  LiveTestAgent *agent = data;

  if (g_str_equal (method, "BeginAuthentication"))
    {
      dismiss (agent);
      g_clear_pointer (&agent->message, g_free);
      g_clear_pointer (&agent->cookie, g_free);
      g_variant_get (parameters, "(sss@a{ss}s@a(sa{sv}))", NULL, &agent->message, NULL, NULL, &agent->cookie, NULL);
      agent->dialog = invocation;
      agent->n_begun++;
      return;
    }
  agent->n_cancelled++;
  dismiss (agent);
  g_dbus_method_invocation_return_value (invocation, NULL);
}

/* Calls polkitd, while the default main context goes on. */
typedef struct
{
  gboolean done;
  GError *error;
} Call;

static void
on_called (GObject *source, GAsyncResult *result, gpointer data)
{
  Call *call = data;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &call->error);

  call->done = TRUE;
}

static gboolean
call_is_done (gpointer data)
{
  return ((Call *)data)->done;
}

static void
call_polkit (LiveTestAgent *agent, const char *method, GVariant *parameters)
{
  Call call = { 0 };

  g_dbus_connection_call (agent->bus, POLKIT_NAME, POLKIT_PATH, POLKIT_INTERFACE, method, parameters, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, 10000, NULL, on_called, &call);
  if (!live_test_wait (call_is_done, &call, 20) || call.error != NULL)
    g_error ("polkitd's %s: %s", method, call.error != NULL ? call.error->message : "no answer");
}

/* Field 22 of /proc/PID/stat (proc(5)): polkit tells processes apart by it. */
static guint64
get_start_time (void)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) fields = NULL;

  if (!g_file_get_contents ("/proc/self/stat", &text, NULL, NULL))
    g_error ("cannot read /proc/self/stat");
  /* The second field is the program's name in brackets, and may hold anything. */
  fields = g_strsplit (strrchr (text, ')') + 2, " ", -1);
  return g_ascii_strtoull (fields[19], NULL, 10);
}

LiveTestAgent *
live_test_agent_new (LiveTestBed *bed, guint uid)
{
  static const GDBusInterfaceVTable methods = { on_method_call, NULL, NULL, { NULL } };
  LiveTestAgent *agent = g_new0 (LiveTestAgent, 1);
  g_autoptr (GError) error = NULL;
  GVariantBuilder subject;

  agent->bus = live_test_bed_connect (bed, 0);
  agent->node = g_dbus_node_info_new_for_xml (agent_interface, &error);
  if (agent->node == NULL)
    g_error ("%s", error->message);
  agent->registration = g_dbus_connection_register_object (agent->bus, AGENT_PATH, agent->node->interfaces[0], &methods,
                                                           agent, NULL, &error);
  if (agent->registration == 0)
    g_error ("%s", error->message);

  g_variant_builder_init (&subject, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&subject, "{sv}", "pid", g_variant_new_uint32 (getpid ()));
  g_variant_builder_add (&subject, "{sv}", "start-time", g_variant_new_uint64 (get_start_time ()));
  g_variant_builder_add (&subject, "{sv}", "uid", g_variant_new_int32 (uid));
  call_polkit (agent, "RegisterAuthenticationAgent",
               g_variant_new ("((sa{sv})ss)", "unix-process", &subject, "C", AGENT_PATH));
  return agent;
}

void
live_test_agent_free (LiveTestAgent *agent)
{
  dismiss (agent);
  g_dbus_connection_unregister_object (agent->bus, agent->registration);
  g_dbus_connection_close_sync (agent->bus, NULL, NULL);
  g_object_unref (agent->bus);
  g_dbus_node_info_unref (agent->node);
  g_free (agent->message);
  g_free (agent->cookie);
  g_free (agent);
}

guint
live_test_agent_get_n_begun (LiveTestAgent *agent)
{
  return agent->n_begun;
}

guint
live_test_agent_get_n_cancelled (LiveTestAgent *agent)
{
  return agent->n_cancelled;
}

const char *
live_test_agent_get_message (LiveTestAgent *agent)
{
  return agent->message;
}

static gboolean
enough_begun (gpointer data)
{
  LiveTestAgent *agent = data;

  return agent->n_begun >= agent->wanted;
}

static gboolean
enough_cancelled (gpointer data)
{
  LiveTestAgent *agent = data;

  return agent->n_cancelled >= agent->wanted;
}

gboolean
live_test_agent_wait_begun (LiveTestAgent *agent, guint n)
{
  agent->wanted = n;
  return live_test_wait (enough_begun, agent, 10);
}

gboolean
live_test_agent_wait_cancelled (LiveTestAgent *agent, guint n)
{
  agent->wanted = n;
  return live_test_wait (enough_cancelled, agent, 10);
}

void
live_test_agent_answer (LiveTestAgent *agent, gboolean right_password)
{
  g_return_if_fail (agent->dialog != NULL);

  if (!right_password)
    {
      dismiss (agent);
      return;
    }
  /* What polkit's set-user-id helper tells polkitd after PAM was content; polkitd takes it from root. */
  {
    GVariantBuilder identity;

    g_variant_builder_init (&identity, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add (&identity, "{sv}", "uid", g_variant_new_uint32 (0));
    call_polkit (agent, "AuthenticationAgentResponse2",
                 g_variant_new ("(us(sa{sv}))", 0u, agent->cookie, "unix-user", &identity));
  }
  g_dbus_method_invocation_return_value (g_steal_pointer (&agent->dialog), NULL);
}
