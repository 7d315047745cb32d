/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "preload.h"

#include "creation.h"
#include "events.h"
#include "feature.h"
#include "lifecycle.h"
#include "property.h"

static GPtrArray *
get_queue (LiveDom0Qube *template)
{
  const char *text = live_dom0_qube_feature (template, "preload-dispvm");
  g_auto (GStrv) names = g_strsplit (text ? text : "", " ", -1);
  GPtrArray *queue = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; names[i]; i++)
    if (*names[i])
      g_ptr_array_add (queue, g_strdup (names[i]));
  return queue;
}

static void
set_queue (LiveDom0 *dom0, LiveDom0Qube *template, GPtrArray *queue)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < queue->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", (const char *)g_ptr_array_index (queue, i));
  live_dom0_feature_set (dom0, template, "preload-dispvm", text->str);
}

static guint
get_maximum (LiveDom0Qube *template)
{
  const char *text = live_dom0_qube_feature (template, "preload-dispvm-max");
  return text ? (guint)MIN (g_ascii_strtoull (text, NULL, 10), 100) : 0;
}

static void
ignore (gpointer data, const GError *error)
{
}

static gboolean
add_one (LiveDom0 *dom0, LiveDom0Qube *template, GPtrArray *queue)
{
  LiveDom0Qube *qube = live_dom0_disposable_create (dom0, template, NULL);
  g_autofree char *name = NULL;

  if (!qube)
    return FALSE;
  name = g_strdup (qube->name);
  g_ptr_array_add (queue, g_strdup (name));
  set_queue (dom0, template, queue);
  live_dom0_feature_set (dom0, qube, "internal", "1");
  live_dom0_qube_start (dom0, qube, ignore, NULL);
  /* One that cannot start has removed itself, also from the queue. */
  qube = live_dom0_qube_find (dom0, name);
  if (!qube)
    {
      g_ptr_array_set_size (queue, (int)queue->len - 1);
      set_queue (dom0, template, queue);
      return FALSE;
    }
  live_dom0_feature_set (dom0, qube, "preload-dispvm-completed", "1");
  live_dom0_qube_pause (dom0, qube, NULL);
  return TRUE;
}

void
live_dom0_preload_fill (LiveDom0 *dom0, LiveDom0Qube *template)
{
  g_autoptr (GPtrArray) queue = NULL;
  guint maximum = get_maximum (template);

  if (dom0->version < LIVE_DOM0_VERSION_4_3 || !live_dom0_property_is_true (dom0, template, "template_for_dispvms"))
    return;
  queue = get_queue (template);
  while (queue->len > maximum)
    {
      LiveDom0Qube *qube = live_dom0_qube_find (dom0, g_ptr_array_index (queue, queue->len - 1));

      g_ptr_array_set_size (queue, (int)queue->len - 1);
      set_queue (dom0, template, queue);
      if (qube)
        live_dom0_qube_kill (dom0, qube, NULL);
    }
  while (queue->len < maximum && add_one (dom0, template, queue))
    ;
}

LiveDom0Qube *
live_dom0_preload_take (LiveDom0 *dom0, LiveDom0Qube *template)
{
  g_autoptr (GPtrArray) queue = get_queue (template);
  LiveDom0Qube *qube;

  if (dom0->version < LIVE_DOM0_VERSION_4_3 || queue->len == 0)
    return NULL;
  qube = live_dom0_qube_find (dom0, g_ptr_array_index (queue, 0));
  g_ptr_array_remove_index (queue, 0);
  set_queue (dom0, template, queue);
  if (!qube)
    return NULL;
  live_dom0_event (dom0, qube->name, "property-reset:is_preload", "name", "is_preload", NULL);
  live_dom0_qube_unpause (dom0, qube, NULL);
  live_dom0_feature_remove (dom0, qube, "internal", NULL);
  live_dom0_preload_fill (dom0, template);
  return qube;
}

void
live_dom0_preload_forget (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  LiveDom0Qube *template = live_dom0_qube_template (dom0, qube);
  g_autoptr (GPtrArray) queue = NULL;
  guint index;

  if (!template || qube->class != LIVE_DOM0_CLASS_DISPOSABLE)
    return;
  queue = get_queue (template);
  if (!g_ptr_array_find_with_equal_func (queue, qube->name, g_str_equal, &index))
    return;
  g_ptr_array_remove_index (queue, index);
  set_queue (dom0, template, queue);
}
