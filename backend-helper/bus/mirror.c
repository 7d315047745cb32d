/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bus/mirror.h"

static void
copy_property (GObject *source, GParamSpec *property, GObject *target)
{
  g_auto (GValue) value = G_VALUE_INIT;

  if (g_object_class_find_property (G_OBJECT_GET_CLASS (target), property->name) == NULL)
    return;
  g_value_init (&value, property->value_type);
  g_object_get_property (source, property->name, &value);
  g_object_set_property (target, property->name, &value);
}

/* One handler for an object: a GBinding for each of its twenty properties would cost more than the object. */
void
live_mirror (gpointer source, gpointer target)
{
  guint n_properties = 0;
  g_autofree GParamSpec **properties = g_object_class_list_properties (G_OBJECT_GET_CLASS (source), &n_properties);

  for (guint i = 0; i < n_properties; i++)
    copy_property (source, properties[i], target);
  g_signal_connect_object (source, "notify", G_CALLBACK (copy_property), target, 0);
}
