/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "stand-in-systemd.h"

#include <glib/gstdio.h>

#include "test-bed.h"

#define NAME "org.freedesktop.systemd1"

struct _LiveStandInSystemd
{
  GDBusConnection *connection;
  char *root;
  guint registration;
  guint name_id;
  GString *calls;
  char *refusal;
  char *reload_refusal;
};

static const char introspection[] = "<node><interface name='org.freedesktop.systemd1.Manager'>"
                                    "<method name='DisableUnitFiles'>"
                                    "<arg name='files' type='as' direction='in'/>"
                                    "<arg name='runtime' type='b' direction='in'/>"
                                    "<arg name='changes' type='a(sss)' direction='out'/>"
                                    "</method>"
                                    "<method name='Reload'/>"
                                    "</interface></node>";

/* Removes the links to @unit; each is a change. */
static void
remove_links (LiveStandInSystemd *systemd, const char *unit, GVariantBuilder *changes)
{
  g_autofree char *units = g_build_filename (systemd->root, "etc/systemd/system", NULL);
  g_autoptr (GDir) directory = g_dir_open (units, 0, NULL);
  const char *name = NULL;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *link = g_build_filename (units, name, unit, NULL);

      if (!g_str_has_suffix (name, ".wants") && !g_str_has_suffix (name, ".requires"))
        continue;
      if (g_unlink (link) == 0)
        g_variant_builder_add (changes, "(sss)", "unlink", link, "");
    }
}

static void
on_call (GDBusConnection *connection,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *arguments,
         GDBusMethodInvocation *invocation,
         gpointer data)
{
  LiveStandInSystemd *systemd = data;
  gboolean is_reload = g_str_equal (method, "Reload");
  const char *refusal = is_reload ? systemd->reload_refusal : systemd->refusal;
  g_autofree char *text = g_variant_print (arguments, FALSE);
  g_autofree const char **files = NULL;
  GVariantBuilder changes;

  g_string_append_printf (systemd->calls, "%s%s ", method, text);
  if (refusal != NULL)
    {
      g_dbus_method_invocation_return_dbus_error (invocation, refusal, "refused by the test");
      return;
    }
  if (is_reload)
    {
      g_dbus_method_invocation_return_value (invocation, NULL);
      return;
    }
  g_variant_builder_init (&changes, G_VARIANT_TYPE ("a(sss)"));
  g_variant_get (arguments, "(^a&sb)", &files, NULL);
  for (guint i = 0; files[i] != NULL; i++)
    remove_links (systemd, files[i], &changes);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(a(sss))", &changes));
}

LiveStandInSystemd *
live_stand_in_systemd_new (GDBusConnection *connection, const char *root)
{
  static const GDBusInterfaceVTable table = { .method_call = on_call };
  LiveStandInSystemd *systemd = g_new0 (LiveStandInSystemd, 1);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (introspection, &error);

  g_assert_no_error (error);
  systemd->connection = g_object_ref (connection);
  systemd->root = g_strdup (root);
  systemd->calls = g_string_new (NULL);
  systemd->registration = g_dbus_connection_register_object (connection, "/org/freedesktop/systemd1",
                                                             node->interfaces[0], &table, systemd, NULL, &error);
  g_assert_no_error (error);
  systemd->name_id
      = g_bus_own_name_on_connection (connection, NAME, G_BUS_NAME_OWNER_FLAGS_NONE, NULL, NULL, NULL, NULL);
  live_test_wait_for_name (connection, NAME, NULL, 20);
  return systemd;
}

void
live_stand_in_systemd_free (LiveStandInSystemd *systemd)
{
  g_bus_unown_name (systemd->name_id);
  live_test_wait_for_no_name (systemd->connection, NAME);
  g_dbus_connection_unregister_object (systemd->connection, systemd->registration);
  g_object_unref (systemd->connection);
  g_free (systemd->root);
  g_string_free (systemd->calls, TRUE);
  g_free (systemd->refusal);
  g_free (systemd->reload_refusal);
  g_free (systemd);
}

void
live_stand_in_systemd_refuse (LiveStandInSystemd *systemd, const char *error_name)
{
  g_free (systemd->refusal);
  systemd->refusal = g_strdup (error_name);
}

void
live_stand_in_systemd_refuse_reload (LiveStandInSystemd *systemd, const char *error_name)
{
  g_free (systemd->reload_refusal);
  systemd->reload_refusal = g_strdup (error_name);
}

const char *
live_stand_in_systemd_get_calls (LiveStandInSystemd *systemd)
{
  return systemd->calls->str;
}
