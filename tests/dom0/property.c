/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "property.h"

#include <string.h>

#include "events.h"
#include "feature.h"
#include "property-table.h"
#include "volume.h"

static const struct
{
  const char *name;
  const char *color;
} labels[] = {
  { "red", "0xcc0000" },  { "orange", "0xf57900" }, { "yellow", "0xedd400" }, { "green", "0x73d216" },
  { "gray", "0x555555" }, { "blue", "0x3465a4" },   { "purple", "0x75507b" }, { "black", "0x000000" },
};

const char *
live_dom0_label_name (guint index)
{
  return index < G_N_ELEMENTS (labels) ? labels[index].name : NULL;
}

const char *
live_dom0_label_color (const char *label)
{
  for (guint i = 0; i < G_N_ELEMENTS (labels); i++)
    if (g_str_equal (labels[i].name, label))
      return labels[i].color;
  return NULL;
}

static gboolean
has_property (LiveDom0 *dom0, LiveDom0Qube *qube, const LiveDom0Property *property)
{
  guint holder = qube ? 1u << qube->class : (guint) LIVE_DOM0_HOLDER_SYSTEM;
  return (property->holders & holder) != 0 && dom0->version >= property->since;
}

const LiveDom0Property *
live_dom0_property_next (LiveDom0 *dom0, LiveDom0Qube *qube, const LiveDom0Property *previous)
{
  const LiveDom0Property *property = previous ? previous + 1 : live_dom0_property_table;

  for (; property->name; property++)
    if (has_property (dom0, qube, property))
      return property;
  return NULL;
}

const LiveDom0Property *
live_dom0_property_find (LiveDom0 *dom0, LiveDom0Qube *qube, const char *name)
{
  const LiveDom0Property *property = NULL;

  while ((property = live_dom0_property_next (dom0, qube, property)))
    if (g_str_equal (property->name, name))
      return property;
  return NULL;
}

const char *
live_dom0_property_name (const LiveDom0Property *property)
{
  return property->name;
}

static GHashTable *
explicit_values (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  return qube ? qube->properties : dom0->properties;
}

static gboolean
is_vm (const LiveDom0Property *property)
{
  return g_str_equal (property->type, "vm");
}

static const char *
type_name (LiveDom0 *dom0, const LiveDom0Property *property)
{
  /* 4.2 did not yet say that these two are numbers. */
  if (dom0->version < LIVE_DOM0_VERSION_4_3 && g_str_has_suffix (property->name, "xid"))
    return "str";
  return property->type;
}

static char *
get_default (LiveDom0 *dom0, LiveDom0Qube *qube, const LiveDom0Property *property)
{
  LiveDom0Qube *template = qube ? live_dom0_qube_template (dom0, qube) : NULL;

  if (template && (property->flags & LIVE_DOM0_PROPERTY_INHERITED) != 0)
    return live_dom0_property_get (dom0, template, property->name);
  if (property->compute)
    return property->compute (dom0, qube);
  return g_strdup (property->value ? property->value : "");
}

static char *
get_value (LiveDom0 *dom0, LiveDom0Qube *qube, const LiveDom0Property *property, gboolean *is_default)
{
  const char *value = g_hash_table_lookup (explicit_values (dom0, qube), property->name);

  *is_default = !value && (property->flags & LIVE_DOM0_PROPERTY_STORED) == 0;
  return value ? g_strdup (value) : get_default (dom0, qube, property);
}

char *
live_dom0_property_get (LiveDom0 *dom0, LiveDom0Qube *qube, const char *name)
{
  const LiveDom0Property *property = live_dom0_property_find (dom0, qube, name);
  gboolean is_default;

  g_assert (property);
  return get_value (dom0, qube, property, &is_default);
}

gboolean
live_dom0_property_is_true (LiveDom0 *dom0, LiveDom0Qube *qube, const char *name)
{
  g_autofree char *value = NULL;

  if (!live_dom0_property_find (dom0, qube, name))
    return FALSE;
  value = live_dom0_property_get (dom0, qube, name);
  return g_str_equal (value, "True");
}

char *
live_dom0_property_describe (LiveDom0 *dom0, LiveDom0Qube *qube, const LiveDom0Property *property)
{
  gboolean is_default;
  g_autofree char *value = get_value (dom0, qube, property, &is_default);

  return g_strdup_printf ("default=%s type=%s %s", live_dom0_boolean_text (is_default), type_name (dom0, property),
                          value);
}

char *
live_dom0_property_describe_default (LiveDom0 *dom0, LiveDom0Qube *qube, const LiveDom0Property *property)
{
  g_autofree char *value = get_default (dom0, qube, property);
  return g_strdup_printf ("type=%s %s", type_name (dom0, property), value);
}

/* None is written as such in events, and nowhere else. */
static const char *
event_text (const LiveDom0Property *property, const char *value)
{
  return !*value && (property->flags & LIVE_DOM0_PROPERTY_NULLABLE) != 0 ? "None" : value;
}

static void
send_set (LiveDom0 *dom0,
          LiveDom0Qube *qube,
          const char *prefix,
          const LiveDom0Property *property,
          const char *new_value,
          const char *old_value)
{
  g_autofree char *event = g_strconcat (prefix, property->name, NULL);
  live_dom0_event (dom0, qube ? qube->name : NULL, event, "name", property->name, "newvalue",
                   event_text (property, new_value), "oldvalue", event_text (property, old_value), NULL);
}

static void
send_reset (
    LiveDom0 *dom0, LiveDom0Qube *qube, const char *prefix, const LiveDom0Property *property, const char *old_value)
{
  g_autofree char *event = g_strconcat (prefix, property->name, NULL);
  live_dom0_event (dom0, qube ? qube->name : NULL, event, "name", property->name, "oldvalue",
                   event_text (property, old_value), NULL);
}

static gboolean refuse (GError **error, LiveDom0Error code, const char *format, ...) G_GNUC_PRINTF (3, 4);

static gboolean
refuse (GError **error, LiveDom0Error code, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error)
    *error = g_error_new_valist (LIVE_DOM0_ERROR, code, format, arguments);
  va_end (arguments);
  return FALSE;
}

static LiveDom0Qube *
get_netvm (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  g_autofree char *name = NULL;

  if (!live_dom0_property_find (dom0, qube, "netvm"))
    return NULL;
  name = live_dom0_property_get (dom0, qube, "netvm");
  return live_dom0_qube_find (dom0, name);
}

/* Whether the network of @qube comes through @other, or they are the same. */
static gboolean
is_behind (LiveDom0 *dom0, LiveDom0Qube *qube, LiveDom0Qube *other)
{
  /* No chain is longer than there are qubes. */
  for (guint i = 0; qube && i <= dom0->qubes->len; i++)
    {
      if (qube == other)
        return TRUE;
      qube = get_netvm (dom0, qube);
    }
  return FALSE;
}

static gboolean
is_netvm_of_some (LiveDom0 *dom0, LiveDom0Qube *netvm)
{
  for (guint i = 0; i < dom0->qubes->len; i++)
    if (get_netvm (dom0, g_ptr_array_index (dom0->qubes, i)) == netvm)
      return TRUE;
  return FALSE;
}

/* Turns what the client sent into the value's canonical text. */
static gboolean
check_value (LiveDom0 *dom0,
             LiveDom0Qube *qube,
             const LiveDom0Property *property,
             const char *value,
             char **result,
             GError **error)
{
  LiveDom0Qube *referred;
  gboolean boolean;
  gint64 number;

  if (g_str_equal (property->type, "bool"))
    {
      if (!live_dom0_boolean_parse (value, &boolean))
        {
          g_autofree char *quoted = live_dom0_repr (value);
          return refuse (error, LIVE_DOM0_ERROR_VALUE, "Invalid literal for boolean property: %s", quoted);
        }
      if (!boolean && qube && g_str_equal (property->name, "provides_network") && is_netvm_of_some (dom0, qube))
        return refuse (error, LIVE_DOM0_ERROR_VALUE,
                       "The qube is still used by other qubes, change theirs 'netvm' first");
      *result = g_strdup (live_dom0_boolean_text (boolean));
      return TRUE;
    }
  if (g_str_equal (property->type, "int"))
    {
      if (!g_ascii_string_to_signed (value, 10, G_MININT64, G_MAXINT64, &number, NULL))
        return refuse (error, LIVE_DOM0_ERROR_VALUE, "Failed to parse property value as int");
      *result = g_strdup_printf ("%" G_GINT64_FORMAT, number);
      return TRUE;
    }
  if (g_str_equal (property->name, "kernelopts") && strlen (value) > 512)
    return refuse (error, LIVE_DOM0_ERROR_PROPERTY_VALUE, "Kernelopts value too long (512 chars max)");
  if (g_str_equal (property->type, "label") && !live_dom0_label_color (value))
    return refuse (error, LIVE_DOM0_ERROR_LABEL_NOT_FOUND, "Label does not exist: %s", value);
  if (g_str_has_prefix (property->name, "default_pool") && !live_dom0_pool_find (dom0, value))
    return refuse (error, LIVE_DOM0_ERROR_PROPERTY_VALUE, "No such storage pool");
  if (is_vm (property))
    {
      if (!*value && (property->flags & LIVE_DOM0_PROPERTY_NULLABLE) == 0)
        return refuse (error, LIVE_DOM0_ERROR_PROPERTY_VALUE, "Invalid value '' for property '%s' of '%s'",
                       property->name, qube ? qube->name : "");
      referred = live_dom0_qube_find (dom0, value);
      if (*value && !referred)
        return refuse (error, LIVE_DOM0_ERROR_PROPERTY_VALUE, "Can't set %s to non-existing qube %s", property->name,
                       value);
      if (!qube && referred && g_str_equal (property->name, "default_netvm"))
        for (guint i = 0; i < dom0->qubes->len; i++)
          {
            LiveDom0Qube *other = g_ptr_array_index (dom0->qubes, i);

            if (live_dom0_property_find (dom0, other, "netvm") && !g_hash_table_contains (other->properties, "netvm")
                && other->class != LIVE_DOM0_CLASS_TEMPLATE && is_behind (dom0, referred, other))
              return refuse (error, LIVE_DOM0_ERROR_PROPERTY_VALUE, "Network loop on '%s'", other->name);
          }
      if (qube && g_str_equal (property->name, "template"))
        {
          LiveDom0Class wanted = qube->class == LIVE_DOM0_CLASS_APP ? LIVE_DOM0_CLASS_TEMPLATE : LIVE_DOM0_CLASS_APP;

          if (referred->class != wanted)
            return refuse (error, LIVE_DOM0_ERROR_PROPERTY_VALUE,
                           "wrong VM class: domains['%s'] is of type %s and not %s", value,
                           live_dom0_class_name (referred->class), live_dom0_class_name (wanted));
          if (wanted == LIVE_DOM0_CLASS_APP && !live_dom0_property_is_true (dom0, referred, "template_for_dispvms"))
            return refuse (error, LIVE_DOM0_ERROR_PROPERTY_VALUE,
                           "template for DispVM must have template_for_dispvms=True");
        }
      if (qube && referred && g_str_equal (property->name, "netvm")
          && !live_dom0_property_is_true (dom0, referred, "provides_network"))
        return refuse (error, LIVE_DOM0_ERROR_VALUE, "The %s qube does not provide network", value);
      if (qube && referred && g_str_equal (property->name, "netvm") && is_behind (dom0, referred, qube))
        return refuse (error, LIVE_DOM0_ERROR_VALUE, "Loops in network are unsupported");
    }
  *result = g_strdup (value);
  return TRUE;
}

/* Checks that qubesd makes after it has announced the change. */
static gboolean
check_announced (
    LiveDom0 *dom0, LiveDom0Qube *qube, const LiveDom0Property *property, const char *value, GError **error)
{
  LiveDom0Qube *netvm;

  if (!qube)
    return TRUE;
  if (g_str_equal (property->name, "template") && qube->state != LIVE_DOM0_STATE_HALTED)
    return refuse (error, LIVE_DOM0_ERROR_NOT_HALTED, "Cannot change template while qube is running");
  netvm = g_str_equal (property->name, "netvm") ? live_dom0_qube_find (dom0, value) : NULL;
  if (netvm && qube->state == LIVE_DOM0_STATE_RUNNING && netvm->state != LIVE_DOM0_STATE_RUNNING)
    return refuse (error, LIVE_DOM0_ERROR_NOT_STARTED, "Cannot dynamically attach to stopped qube %s", netvm->name);
  return TRUE;
}

static void
reset_snapshots_below (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  live_dom0_volumes_reset_snapshots (dom0, qube);
  /* Disposables made from it follow, without an event of their own. */
  for (guint i = 0; qube->class == LIVE_DOM0_CLASS_APP && i < dom0->qubes->len; i++)
    {
      LiveDom0Qube *other = g_ptr_array_index (dom0->qubes, i);
      if (other->class == LIVE_DOM0_CLASS_DISPOSABLE && live_dom0_qube_template (dom0, other) == qube)
        live_dom0_volumes_reset_snapshots (dom0, other);
    }
}

/* Everybody who follows a default is told that it changed. */
static void
send_default_changed (LiveDom0 *dom0, const char *name, const char *old_value)
{
  for (guint i = 0; i < dom0->qubes->len; i++)
    {
      LiveDom0Qube *qube = g_ptr_array_index (dom0->qubes, i);
      const LiveDom0Property *property = live_dom0_property_find (dom0, qube, name);

      if (property && !g_hash_table_contains (qube->properties, name))
        send_reset (dom0, qube, "property-reset:", property, old_value);
    }
}

/* App qubes that take a value over from their template are told when it is set, though not when it is reset. */
static void
send_inherited_changed (
    LiveDom0 *dom0, LiveDom0Qube *template, const LiveDom0Property *property, const char *value, const char *old_value)
{
  gboolean inherited = (property->flags & LIVE_DOM0_PROPERTY_INHERITED) != 0
                       && !g_str_equal (property->name, "virt_mode");

  for (guint i = 0; inherited && !g_str_equal (value, old_value) && i < dom0->qubes->len; i++)
    {
      LiveDom0Qube *qube = g_ptr_array_index (dom0->qubes, i);
      g_autofree char *event = g_strconcat ("property-reset:", property->name, NULL);

      if (qube->class == LIVE_DOM0_CLASS_APP && live_dom0_qube_template (dom0, qube) == template
          && !g_hash_table_contains (qube->properties, property->name))
        live_dom0_event (dom0, qube->name, event, "name", property->name, NULL);
    }
}

/* What follows from a change, before its own event is sent; @new_value is NULL if the property was reset. */
static void
apply_consequences (LiveDom0 *dom0,
                    LiveDom0Qube *qube,
                    const LiveDom0Property *property,
                    const char *new_value,
                    const char *old_value)
{
  if (!qube)
    {
      if (g_str_equal (property->name, "default_netvm"))
        send_default_changed (dom0, "netvm", old_value);
      else if (g_str_equal (property->name, "default_dispvm"))
        send_default_changed (dom0, "default_dispvm", old_value);
      return;
    }
  if (qube->class == LIVE_DOM0_CLASS_TEMPLATE && new_value)
    send_inherited_changed (dom0, qube, property, new_value, old_value);
  if (g_str_equal (property->name, "template"))
    reset_snapshots_below (dom0, qube);
  else if (g_str_equal (property->name, "label") || g_str_equal (property->name, "template_for_dispvms"))
    live_dom0_event (dom0, qube->name, "property-reset:icon", "name", "icon", NULL);
  else if (g_str_equal (property->name, "provides_network"))
    {
      if (live_dom0_property_is_true (dom0, qube, "provides_network"))
        live_dom0_feature_set (dom0, qube, "servicevm", "1");
      else if (!live_dom0_feature_remove (dom0, qube, "servicevm", NULL))
        return;
      live_dom0_event (dom0, qube->name, "property-reset:icon", "name", "icon", NULL);
    }
}

gboolean
live_dom0_property_set (
    LiveDom0 *dom0, LiveDom0Qube *qube, const LiveDom0Property *property, const char *value, GError **error)
{
  g_autofree char *new_value = NULL;
  g_autofree char *old_value = NULL;
  gboolean is_default;

  if ((property->flags & LIVE_DOM0_PROPERTY_FIXED) != 0
      || (qube && qube->class == LIVE_DOM0_CLASS_ADMIN && !g_str_equal (property->name, "default_dispvm")
          && !g_str_equal (property->name, "keyboard_layout") && !g_str_equal (property->name, "include_in_backups")))
    return refuse (error, LIVE_DOM0_ERROR_PROPERTY_VALUE, "property '%s' on %s instance cannot be set", property->name,
                   qube ? live_dom0_class_name (qube->class) : "Qubes");
  if (!check_value (dom0, qube, property, value, &new_value, error))
    return FALSE;
  old_value = get_value (dom0, qube, property, &is_default);
  send_set (dom0, qube, "property-pre-set:", property, new_value, old_value);
  if (!check_announced (dom0, qube, property, new_value, error))
    return FALSE;
  g_hash_table_insert (explicit_values (dom0, qube), g_strdup (property->name), g_strdup (new_value));
  apply_consequences (dom0, qube, property, new_value, old_value);
  send_set (dom0, qube, "property-set:", property, new_value, old_value);
  return TRUE;
}

gboolean
live_dom0_property_reset (LiveDom0 *dom0, LiveDom0Qube *qube, const LiveDom0Property *property, GError **error)
{
  g_autofree char *old_value = NULL;
  g_autofree char *new_value = NULL;
  gboolean is_default, is_netvm = qube && g_str_equal (property->name, "netvm");

  if ((property->flags & LIVE_DOM0_PROPERTY_FIXED) != 0)
    return refuse (error, LIVE_DOM0_ERROR_PROPERTY_VALUE, "property '%s' on %s instance cannot be set", property->name,
                   qube ? live_dom0_class_name (qube->class) : "Qubes");
  old_value = get_value (dom0, qube, property, &is_default);
  new_value = get_default (dom0, qube, property);
  is_netvm = is_netvm && !g_str_equal (old_value, new_value);

  send_reset (dom0, qube, "property-pre-reset:", property, old_value);
  if ((property->flags & LIVE_DOM0_PROPERTY_STORED) != 0)
    {
      g_autofree char *template = live_dom0_property_get (dom0, NULL, "default_template");

      if (qube && qube->class == LIVE_DOM0_CLASS_APP && *template && g_str_equal (property->name, "template"))
        return refuse (error, LIVE_DOM0_ERROR_VALUE,
                       "Cannot unset template. You can set it to the current default (%s) instead", template);
      return refuse (error, LIVE_DOM0_ERROR_VALUE, "Cannot unset %s", property->name);
    }
  if (is_netvm)
    {
      if (*new_value && is_behind (dom0, live_dom0_qube_find (dom0, new_value), qube))
        return refuse (error, LIVE_DOM0_ERROR_VALUE, "Loops in network are unsupported");
      send_set (dom0, qube, "property-pre-set:", property, new_value, old_value);
      if (!check_announced (dom0, qube, property, new_value, error))
        return FALSE;
    }
  send_reset (dom0, qube, "property-pre-del:", property, old_value);
  g_hash_table_remove (explicit_values (dom0, qube), property->name);
  if (is_netvm)
    send_set (dom0, qube, "property-set:", property, new_value, old_value);
  apply_consequences (dom0, qube, property, NULL, old_value);
  send_reset (dom0, qube, "property-reset:", property, old_value);
  send_reset (dom0, qube, "property-del:", property, old_value);
  return TRUE;
}

gboolean
live_dom0_property_refers (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  const LiveDom0Property *property = NULL;

  while ((property = live_dom0_property_next (dom0, NULL, property)))
    if (is_vm (property))
      {
        g_autofree char *value = live_dom0_property_get (dom0, NULL, property->name);
        if (g_str_equal (value, qube->name))
          return TRUE;
      }
  for (guint i = 0; i < dom0->qubes->len; i++)
    {
      LiveDom0Qube *other = g_ptr_array_index (dom0->qubes, i);

      property = NULL;
      while (other != qube && (property = live_dom0_property_next (dom0, other, property)))
        if (is_vm (property) && g_strcmp0 (g_hash_table_lookup (other->properties, property->name), qube->name) == 0)
          return TRUE;
    }
  return FALSE;
}
