/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "test-bus.h"

#include "namespace.h"
#include "process.h"

#define START_SECONDS 20

static const char bus_daemon_program[] = "/usr/bin/dbus-daemon";

/*
 * As strict as the machine's own system bus towards everyone but root: a test runs as root, and plays any service.
 * What is allowed about the project's name comes from the project's own policy file alone.
 */
static const char bus_configuration[]
    = "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
      " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
      "<busconfig>\n"
      "  <type>system</type>\n"
      "  <listen>unix:path=%s</listen>\n"
      "  <auth>EXTERNAL</auth>\n"
      "  <policy context=\"default\">\n"
      "    <allow user=\"*\"/>\n"
      "    <deny own=\"*\"/>\n"
      "    <deny send_type=\"method_call\"/>\n"
      "    <allow send_type=\"signal\"/>\n"
      "    <allow send_requested_reply=\"true\" send_type=\"method_return\"/>\n"
      "    <allow send_requested_reply=\"true\" send_type=\"error\"/>\n"
      "    <allow receive_type=\"method_call\"/>\n"
      "    <allow receive_type=\"method_return\"/>\n"
      "    <allow receive_type=\"error\"/>\n"
      "    <allow receive_type=\"signal\"/>\n"
      "    <allow send_destination=\"org.freedesktop.DBus\"/>\n"
      "    <allow send_destination=\"org.freedesktop.PolicyKit1\"/>\n"
      "  </policy>\n"
      "  <policy user=\"root\">\n"
      "    <allow own=\"*\"/>\n"
      "    <allow send_type=\"method_call\"/>\n"
      "  </policy>\n"
      "  <policy user=\"polkitd\">\n"
      "    <allow own=\"org.freedesktop.PolicyKit1\"/>\n"
      "    <allow send_interface=\"org.freedesktop.PolicyKit1.AuthenticationAgent\"/>\n"
      "  </policy>\n"
      "  <include>%s</include>\n"
      "</busconfig>\n";

GSubprocess *
live_test_bus_start (const char *directory, const char *const *environment, char **address)
{
  g_autofree char *socket = g_build_filename (directory, "system-bus", NULL);
  g_autofree char *configuration = g_strdup_printf (bus_configuration, socket, QUBES_LIVE_TEST_BUS_POLICY);
  g_autofree char *file = g_build_filename (directory, "system-bus.conf", NULL);
  g_autofree char *option = g_strconcat ("--config-file=", file, NULL);
  const char *const argv[]
      = { bus_daemon_program, option, "--nofork", "--nopidfile", "--nosyslog", "--print-address=1", NULL };
  g_autoptr (GError) error = NULL;
  GSubprocess *daemon = NULL;

  if (!g_file_set_contents (file, configuration, -1, &error))
    g_error ("%s", error->message);
  daemon = live_test_process_spawn (argv, environment, G_SUBPROCESS_FLAGS_STDOUT_PIPE, 0, FALSE);
  *address = live_test_process_read_line (daemon, START_SECONDS);
  return daemon;
}

GDBusConnection *
live_test_bus_connect (const char *address, guint uid)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = NULL;
  LiveTestUser user;

  if (uid != 0)
    {
      live_test_namespace_look_up (uid, &user);
      live_test_namespace_become (&user);
    }
  connection = g_dbus_connection_new_for_address_sync (
      address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL,
      NULL, &error);
  if (uid != 0)
    live_test_namespace_become_root ();

  if (connection == NULL)
    g_error ("cannot connect to the bus: %s", error->message);
  return connection;
}
