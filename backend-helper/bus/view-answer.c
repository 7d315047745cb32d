/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bus/view-answer.h"

#include <string.h>

#define PROPERTIES "org.freedesktop.DBus.Properties"
#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"
#define INTROSPECTABLE "org.freedesktop.DBus.Introspectable"

#define UNKNOWN_METHOD "org.freedesktop.DBus.Error.UnknownMethod"
#define INVALID_ARGUMENTS "org.freedesktop.DBus.Error.InvalidArgs"

/* What every exported object has (D-Bus specification, "Standard Interfaces"), and what the object manager has. */
static const char standard_interfaces[]
    = "<interface name='org.freedesktop.DBus.Properties'>"
      "<method name='Get'><arg name='interface_name' type='s' direction='in'/>"
      "<arg name='property_name' type='s' direction='in'/><arg name='value' type='v' direction='out'/></method>"
      "<method name='GetAll'><arg name='interface_name' type='s' direction='in'/>"
      "<arg name='properties' type='a{sv}' direction='out'/></method>"
      "<method name='Set'><arg name='interface_name' type='s' direction='in'/>"
      "<arg name='property_name' type='s' direction='in'/><arg name='value' type='v' direction='in'/></method>"
      "<signal name='PropertiesChanged'><arg name='interface_name' type='s'/>"
      "<arg name='changed_properties' type='a{sv}'/><arg name='invalidated_properties' type='as'/></signal>"
      "</interface>"
      "<interface name='org.freedesktop.DBus.Introspectable'>"
      "<method name='Introspect'><arg name='xml_data' type='s' direction='out'/></method>"
      "</interface>"
      "<interface name='org.freedesktop.DBus.Peer'>"
      "<method name='Ping'/>"
      "<method name='GetMachineId'><arg name='machine_uuid' type='s' direction='out'/></method>"
      "</interface>";
static const char object_manager_interface[]
    = "<interface name='org.freedesktop.DBus.ObjectManager'>"
      "<method name='GetManagedObjects'>"
      "<arg name='object_paths_interfaces_and_properties' type='a{oa{sa{sv}}}' direction='out'/></method>"
      "<signal name='InterfacesAdded'><arg name='object_path' type='o'/>"
      "<arg name='interfaces_and_properties' type='a{sa{sv}}'/></signal>"
      "<signal name='InterfacesRemoved'><arg name='object_path' type='o'/><arg name='interfaces' type='as'/></signal>"
      "</interface>";

gboolean
live_view_is_read (GDBusMessage *message, const char *root)
{
  static const struct
  {
    const char *interface;
    const char *member;
  } reads[] = { { PROPERTIES, "Get" },
                { PROPERTIES, "GetAll" },
                { OBJECT_MANAGER, "GetManagedObjects" },
                { INTROSPECTABLE, "Introspect" } };
  const char *path = g_dbus_message_get_path (message);
  gsize length = strlen (root);

  if (g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_METHOD_CALL || path == NULL)
    return FALSE;
  if (strncmp (path, root, length) != 0 || (path[length] != '\0' && path[length] != '/'))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (reads); i++)
    if (g_strcmp0 (g_dbus_message_get_interface (message), reads[i].interface) == 0
        && g_strcmp0 (g_dbus_message_get_member (message), reads[i].member) == 0)
      return TRUE;
  return FALSE;
}

/* One call, and where its answer comes from. */
typedef struct
{
  GDBusMessage *call;
  GDBusObjectManager *manager;
  GPtrArray *interfaces; /* the skeletons at the call's path; NULL when nothing is exported there */
  gboolean at_root;
} View;

static GPtrArray *
find_interfaces (GDBusObject *object)
{
  GPtrArray *interfaces = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GList) list = g_dbus_object_get_interfaces (object);

  for (GList *link = list; link != NULL; link = link->next)
    g_ptr_array_add (interfaces, link->data);
  return interfaces;
}

static GDBusInterfaceSkeleton *
find_interface (const View *view, const char *name)
{
  for (guint i = 0; i < view->interfaces->len; i++)
    {
      GDBusInterfaceSkeleton *skeleton = g_ptr_array_index (view->interfaces, i);

      if (g_str_equal (g_dbus_interface_skeleton_get_info (skeleton)->name, name))
        return skeleton;
    }
  return NULL;
}

static GDBusMessage *
new_reply (const View *view, GVariant *body)
{
  GDBusMessage *reply = g_dbus_message_new_method_reply (view->call);

  g_dbus_message_set_body (reply, body);
  return reply;
}

/* Nothing there, or not this method with these arguments: GDBus does not tell one from the other. */
static GDBusMessage *
new_unknown (const View *view)
{
  return g_dbus_message_new_method_error (view->call, UNKNOWN_METHOD, "Object does not exist at path “%s”",
                                          g_dbus_message_get_path (view->call));
}

static GDBusMessage *
new_no_interface (const View *view, const char *interface)
{
  return g_dbus_message_new_method_error (view->call, INVALID_ARGUMENTS, "No such interface “%s”", interface);
}

static GDBusMessage *
answer_get (const View *view)
{
  GVariant *body = g_dbus_message_get_body (view->call);
  GDBusInterfaceSkeleton *skeleton = NULL;
  GDBusPropertyInfo *property = NULL;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GError) error = NULL;
  const char *interface = NULL;
  const char *name = NULL;

  if (view->interfaces == NULL || body == NULL || !g_variant_is_of_type (body, G_VARIANT_TYPE ("(ss)")))
    return new_unknown (view);
  g_variant_get (body, "(&s&s)", &interface, &name);
  skeleton = find_interface (view, interface);
  if (skeleton == NULL && !(view->at_root && g_str_equal (interface, OBJECT_MANAGER)))
    return new_no_interface (view, interface);
  if (skeleton != NULL)
    property = g_dbus_interface_info_lookup_property (g_dbus_interface_skeleton_get_info (skeleton), name);
  if (property == NULL)
    return g_dbus_message_new_method_error (view->call, INVALID_ARGUMENTS, "No such property “%s”", name);
  if (!(property->flags & G_DBUS_PROPERTY_INFO_FLAGS_READABLE))
    return g_dbus_message_new_method_error (view->call, INVALID_ARGUMENTS, "Property “%s” is not readable", name);
  value = g_dbus_interface_skeleton_get_vtable (skeleton)->get_property (
      g_dbus_interface_skeleton_get_connection (skeleton), g_dbus_message_get_sender (view->call),
      g_dbus_message_get_path (view->call), interface, name, &error, skeleton);
  if (value == NULL)
    {
      g_autofree char *error_name = g_dbus_error_encode_gerror (error);

      return g_dbus_message_new_method_error_literal (view->call, error_name, error->message);
    }
  g_variant_take_ref (value);
  return new_reply (view, g_variant_new ("(v)", value));
}

static GDBusMessage *
answer_get_all (const View *view)
{
  GVariant *body = g_dbus_message_get_body (view->call);
  GDBusInterfaceSkeleton *skeleton = NULL;
  g_autoptr (GVariant) properties = NULL;
  const char *interface = NULL;

  if (view->interfaces == NULL || body == NULL || !g_variant_is_of_type (body, G_VARIANT_TYPE ("(s)")))
    return new_unknown (view);
  g_variant_get (body, "(&s)", &interface);
  skeleton = find_interface (view, interface);
  if (skeleton == NULL && view->at_root && g_str_equal (interface, OBJECT_MANAGER))
    return new_reply (view, g_variant_new ("(a{sv})", NULL));
  if (skeleton == NULL)
    return new_no_interface (view, interface);
  properties = g_variant_take_ref (g_dbus_interface_skeleton_get_properties (skeleton));
  return new_reply (view, g_variant_new ("(@a{sv})", properties));
}

static GDBusMessage *
answer_get_managed_objects (const View *view)
{
  GVariantBuilder objects;
  GList *list = NULL;

  if (!view->at_root)
    return new_unknown (view);
  if (g_dbus_message_get_body (view->call) != NULL)
    return g_dbus_message_new_method_error (view->call, INVALID_ARGUMENTS, "GetManagedObjects takes no arguments");
  g_variant_builder_init (&objects, G_VARIANT_TYPE ("a{oa{sa{sv}}}"));
  list = g_dbus_object_manager_get_objects (view->manager);
  for (GList *link = list; link != NULL; link = link->next)
    {
      g_autoptr (GPtrArray) interfaces = find_interfaces (link->data);

      g_variant_builder_open (&objects, G_VARIANT_TYPE ("{oa{sa{sv}}}"));
      g_variant_builder_add (&objects, "o", g_dbus_object_get_object_path (link->data));
      g_variant_builder_open (&objects, G_VARIANT_TYPE ("a{sa{sv}}"));
      for (guint i = 0; i < interfaces->len; i++)
        {
          GDBusInterfaceSkeleton *skeleton = g_ptr_array_index (interfaces, i);
          g_autoptr (GVariant) properties = g_variant_take_ref (g_dbus_interface_skeleton_get_properties (skeleton));

          g_variant_builder_add (&objects, "{s@a{sv}}", g_dbus_interface_skeleton_get_info (skeleton)->name,
                                 properties);
        }
      g_variant_builder_close (&objects);
      g_variant_builder_close (&objects);
    }
  g_list_free_full (list, g_object_unref);
  return new_reply (view, g_variant_new ("(a{oa{sa{sv}}})", &objects));
}

/* The first path element below @path of every exported object, each once. */
static void
append_children (const View *view, const char *path, GString *xml)
{
  g_autoptr (GHashTable) children = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autofree char *start = g_strconcat (path, "/", NULL);
  GList *list = g_dbus_object_manager_get_objects (view->manager);

  for (GList *link = list; link != NULL; link = link->next)
    {
      const char *object_path = g_dbus_object_get_object_path (link->data);

      if (g_str_has_prefix (object_path, start))
        {
          const char *child = object_path + strlen (start);
          g_autofree char *element = g_strndup (child, strcspn (child, "/"));

          if (g_hash_table_add (children, g_strdup (element)))
            g_string_append_printf (xml, "  <node name=\"%s\"/>\n", element);
        }
    }
  g_list_free_full (list, g_object_unref);
}

static GDBusMessage *
answer_introspect (const View *view)
{
  g_autoptr (GString) xml
      = g_string_new ("<!DOCTYPE node PUBLIC \"-//freedesktop//DTD D-BUS Object Introspection 1.0//EN\"\n"
                      " \"http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd\">\n"
                      "<node>\n");

  if (g_dbus_message_get_body (view->call) != NULL)
    return new_unknown (view);
  if (view->interfaces != NULL)
    {
      g_string_append_printf (xml, "%s\n%s", standard_interfaces, view->at_root ? object_manager_interface : "");
      for (guint i = 0; i < view->interfaces->len; i++)
        g_dbus_interface_info_generate_xml (
            g_dbus_interface_skeleton_get_info (g_ptr_array_index (view->interfaces, i)), 2, xml);
    }
  append_children (view, g_dbus_message_get_path (view->call), xml);
  g_string_append (xml, "</node>\n");
  return new_reply (view, g_variant_new ("(s)", xml->str));
}

GDBusMessage *
live_view_answer (GDBusMessage *call, GDBusObjectManagerServer *manager, GPtrArray *root_interfaces)
{
  const char *path = g_dbus_message_get_path (call);
  const char *member = g_dbus_message_get_member (call);
  View view = { .call = call, .manager = G_DBUS_OBJECT_MANAGER (manager) };
  GDBusMessage *reply = NULL;

  view.at_root = g_str_equal (path, g_dbus_object_manager_get_object_path (view.manager));
  if (view.at_root)
    view.interfaces = g_ptr_array_ref (root_interfaces);
  else
    {
      g_autoptr (GDBusObject) object = g_dbus_object_manager_get_object (view.manager, path);

      view.interfaces = object != NULL ? find_interfaces (object) : NULL;
    }

  if (g_str_equal (member, "Get"))
    reply = answer_get (&view);
  else if (g_str_equal (member, "GetAll"))
    reply = answer_get_all (&view);
  else if (g_str_equal (member, "GetManagedObjects"))
    reply = answer_get_managed_objects (&view);
  else
    reply = answer_introspect (&view);
  g_clear_pointer (&view.interfaces, g_ptr_array_unref);
  return reply;
}
