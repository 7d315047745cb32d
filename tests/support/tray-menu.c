/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "tray-menu.h"

#include <string.h>

#define WATCHER_NAME "org.kde.StatusNotifierWatcher"
#define WATCHER_PATH "/StatusNotifierWatcher"
#define ITEM_INTERFACE "org.kde.StatusNotifierItem"
#define MENU_INTERFACE "com.canonical.dbusmenu"
#define CALL_TIMEOUT_MILLISECONDS 5000
/* Deeper than any menu of ours; a program that sends more is broken. */
#define MAXIMUM_DEPTH 8

static void
row_free (gpointer data)
{
  LiveTestMenuRow *row = data;

  g_free (row->label);
  g_free (row->toggle_type);
  g_free (row);
}

static GVariant *
get_property (GDBusConnection *bus,
              const char *name,
              const char *path,
              const char *interface,
              const char *property,
              GError **error)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, name, path, "org.freedesktop.DBus.Properties", "Get", g_variant_new ("(ss)", interface, property),
      G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NONE, CALL_TIMEOUT_MILLISECONDS, NULL, error);
  GVariant *value = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(v)", &value);
  return value;
}

gboolean
live_test_tray_find_item (GDBusConnection *bus, const char *id, char **bus_name, char **menu_path, GError **error)
{
  g_autoptr (GVariant) items
      = get_property (bus, WATCHER_NAME, WATCHER_PATH, WATCHER_NAME, "RegisteredStatusNotifierItems", error);
  GVariantIter iter;
  const char *item;

  if (items == NULL)
    return FALSE;
  g_variant_iter_init (&iter, items);
  while (g_variant_iter_next (&iter, "&s", &item))
    {
      /* ":1.7/org/ayatana/…" or ":1.7@/org/ayatana/…", as the panel likes. */
      const char *path = strchr (item, '/');
      g_autofree char *name = NULL;
      g_autoptr (GVariant) item_id = NULL;
      g_autoptr (GVariant) menu = NULL;

      if (path == NULL)
        continue;
      name = g_strndup (item, (gsize)(path - item));
      g_strdelimit (name, "@", '\0');
      /* An item whose program has just ended is not an error of this search. */
      item_id = get_property (bus, name, path, ITEM_INTERFACE, "Id", NULL);
      if (item_id == NULL || g_strcmp0 (g_variant_get_string (item_id, NULL), id) != 0)
        continue;
      menu = get_property (bus, name, path, ITEM_INTERFACE, "Menu", error);
      if (menu == NULL)
        return FALSE;
      *bus_name = g_steal_pointer (&name);
      *menu_path = g_variant_dup_string (menu, NULL);
      return TRUE;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "No tray icon is registered as %s", id);
  return FALSE;
}

/* On the wire `_x` underlines x and `__` is an underscore. */
static char *
strip_underscores (const char *label)
{
  GString *plain = g_string_new (NULL);

  for (const char *c = label; *c != '\0'; c++)
    {
      if (*c == '_' && c[1] != '\0')
        c++;
      g_string_append_c (plain, *c);
    }
  return g_string_free (plain, FALSE);
}

static void
add_rows (GPtrArray *rows, GVariant *node, guint depth)
{
  g_autoptr (GVariant) children = g_variant_get_child_value (node, 2);
  GVariantIter iter;
  GVariant *boxed;

  if (depth > MAXIMUM_DEPTH)
    return;
  g_variant_iter_init (&iter, children);
  while (g_variant_iter_next (&iter, "v", &boxed))
    {
      g_autoptr (GVariant) owned = boxed;
      g_autoptr (GVariant) properties = NULL;
      const char *text = "";
      LiveTestMenuRow *row;

      if (!g_variant_is_of_type (boxed, G_VARIANT_TYPE ("(ia{sv}av)")))
        continue;
      row = g_new0 (LiveTestMenuRow, 1);
      properties = g_variant_get_child_value (boxed, 1);
      /* Properties with their default value are not sent. */
      row->enabled = TRUE;
      row->visible = TRUE;
      row->toggle_state = -1;
      row->depth = depth;
      g_variant_get_child (boxed, 0, "i", &row->id);
      g_variant_lookup (properties, "label", "&s", &text);
      row->label = strip_underscores (text);
      text = "";
      g_variant_lookup (properties, "type", "&s", &text);
      row->separator = g_str_equal (text, "separator");
      text = "";
      g_variant_lookup (properties, "toggle-type", "&s", &text);
      row->toggle_type = g_strdup (text);
      text = "";
      g_variant_lookup (properties, "children-display", "&s", &text);
      row->submenu = g_str_equal (text, "submenu");
      g_variant_lookup (properties, "enabled", "b", &row->enabled);
      g_variant_lookup (properties, "visible", "b", &row->visible);
      g_variant_lookup (properties, "toggle-state", "i", &row->toggle_state);
      g_ptr_array_add (rows, row);
      add_rows (rows, boxed, depth + 1);
    }
}

GPtrArray *
live_test_tray_get_rows (GDBusConnection *bus, const char *bus_name, const char *menu_path, GError **error)
{
  const char *const no_properties[] = { NULL };
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      bus, bus_name, menu_path, MENU_INTERFACE, "GetLayout", g_variant_new ("(ii^as)", 0, -1, no_properties),
      G_VARIANT_TYPE ("(u(ia{sv}av))"), G_DBUS_CALL_FLAGS_NONE, CALL_TIMEOUT_MILLISECONDS, NULL, error);
  g_autoptr (GVariant) top = NULL;
  GPtrArray *rows;

  if (reply == NULL)
    return NULL;
  top = g_variant_get_child_value (reply, 1);
  rows = g_ptr_array_new_with_free_func (row_free);
  add_rows (rows, top, 0);
  return rows;
}

gboolean
live_test_tray_activate_row (GDBusConnection *bus, const char *bus_name, const char *menu_path, int id, GError **error)
{
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_sync (bus, bus_name, menu_path, MENU_INTERFACE, "Event",
                                     g_variant_new ("(isvu)", id, "clicked", g_variant_new_int32 (0), 0), NULL,
                                     G_DBUS_CALL_FLAGS_NONE, CALL_TIMEOUT_MILLISECONDS, NULL, error);

  return reply != NULL;
}

static gboolean
label_fits (const char *label, const char *pattern)
{
  gsize length = strlen (pattern);

  if (length > 0 && pattern[length - 1] == '*')
    return strncmp (label, pattern, length - 1) == 0;
  return g_str_equal (label, pattern);
}

const LiveTestMenuRow *
live_test_menu_rows_find (GPtrArray *rows, const char *const *path)
{
  guint level = 0;

  for (guint i = 0; i < rows->len; i++)
    {
      const LiveTestMenuRow *row = rows->pdata[i];

      /* Back out of the submenu that fitted so far: what was looked for is not in it. */
      level = MIN (level, row->depth);
      if (row->depth != level || !row->visible || !label_fits (row->label, path[level]))
        continue;
      if (path[level + 1] == NULL)
        return row;
      level++;
    }
  return NULL;
}

const LiveTestMenuRow *
live_test_menu_rows_find_prefix (GPtrArray *rows, const char *prefix)
{
  for (guint i = 0; i < rows->len; i++)
    {
      const LiveTestMenuRow *row = rows->pdata[i];

      if (row->visible && g_str_has_prefix (row->label, prefix))
        return row;
    }
  return NULL;
}

char **
live_test_menu_rows_get_path (GPtrArray *rows, const LiveTestMenuRow *row)
{
  char **path = g_new0 (char *, row->depth + 2);
  guint index = 0;

  path[row->depth] = g_strdup (row->label);
  g_ptr_array_find (rows, row, &index);
  for (guint depth = row->depth; index > 0 && depth > 0; index--)
    {
      const LiveTestMenuRow *before = rows->pdata[index - 1];

      if (before->depth == depth - 1)
        path[--depth] = g_strdup (before->label);
    }
  return path;
}

char *
live_test_menu_rows_print (GPtrArray *rows)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < rows->len; i++)
    {
      const LiveTestMenuRow *row = rows->pdata[i];

      if (!row->visible)
        continue;
      g_string_append_printf (text, "%*s", (int)(4 * row->depth), "");
      if (row->separator)
        g_string_append (text, "----");
      else if (row->toggle_type[0] != '\0')
        g_string_append_printf (text, "%s ", row->toggle_state == 1 ? "[x]" : "[ ]");
      g_string_append_printf (text, "%s%s%s\n", row->label, row->submenu ? " >" : "",
                              row->enabled ? "" : " (insensitive)");
    }
  return g_string_free (text, FALSE);
}
