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
send_reset (LiveDom0 *dom0, const char *name)
{
  if (live_dom0_qube_find (dom0, name))
    live_dom0_event (dom0, name, "property-reset:is_preload", "name", "is_preload", NULL);
}

/* Everybody who comes into the queue or leaves it is announced before the queue itself. */
static void
set_queue (LiveDom0 *dom0, LiveDom0Qube *template, GPtrArray *queue)
{
  g_autoptr (GPtrArray) before = get_queue (template);
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *old_value = g_strdup (live_dom0_qube_feature (template, "preload-dispvm"));

  for (guint i = 0; i < queue->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", (const char *) g_ptr_array_index (queue, i));
  live_dom0_feature_announce (dom0, template, "preload-dispvm", text->str);
  live_dom0_qube_store_feature (template, "preload-dispvm", text->str);
  for (guint i = 0; i < before->len; i++)
    if (!g_ptr_array_find_with_equal_func (queue, g_ptr_array_index (before, i), g_str_equal, NULL))
      send_reset (dom0, g_ptr_array_index (before, i));
  for (guint i = 0; i < queue->len; i++)
    if (!g_ptr_array_find_with_equal_func (before, g_ptr_array_index (queue, i), g_str_equal, NULL))
      send_reset (dom0, g_ptr_array_index (queue, i));
  live_dom0_event (dom0, template->name, "domain-feature-set:preload-dispvm", "feature", "preload-dispvm", "value",
                   text->str, old_value ? "oldvalue" : NULL, old_value, NULL);
}

static guint
get_maximum (LiveDom0Qube *template)
{
  const char *text = live_dom0_qube_feature (template, "preload-dispvm-max");
  return text ? (guint) MIN (g_ascii_strtoull (text, NULL, 10), 100) : 0;
}

/* Something about a qube that goes on later, when the qube may be no more. */
typedef struct
{
  LiveDom0 *dom0;
  char *name;
} Later;

static Later *
later_new (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  Later *later = g_new0 (Later, 1);

  later->dom0 = dom0;
  later->name = g_strdup (qube->name);
  return later;
}

static void
later_free (gpointer data)
{
  Later *later = data;

  g_free (later->name);
  g_free (later);
}

static void
on_started (gpointer data, const GError *error)
{
  Later *later = data;
  LiveDom0Qube *qube = live_dom0_qube_find (later->dom0, later->name);

  /* One that could not start has removed itself, also from the queue; one that was killed meanwhile is not running. */
  if (qube && !error && qube->state == LIVE_DOM0_STATE_RUNNING)
    {
      if (later->dom0->version >= LIVE_DOM0_VERSION_4_3)
        live_dom0_event (later->dom0, qube->name, "domain-pre-paused", NULL);
      live_dom0_feature_set (later->dom0, qube, "preload-dispvm-completed", "1");
      live_dom0_feature_set (later->dom0, qube, "preload-dispvm-in-progress", "");
      qube->state = LIVE_DOM0_STATE_PAUSED;
      live_dom0_event (later->dom0, qube->name, "domain-paused", NULL);
    }
  later_free (later);
}

static void
on_introduced (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  LiveDom0Qube *template = live_dom0_qube_template (dom0, qube);
  g_autoptr (GPtrArray) queue = get_queue (template);

  live_dom0_feature_set (dom0, qube, "preload-dispvm-in-progress", "1");
  g_ptr_array_add (queue, g_strdup (qube->name));
  set_queue (dom0, template, queue);
  live_dom0_feature_set (dom0, qube, "internal", "1");
}

static gboolean
add_one (LiveDom0 *dom0, LiveDom0Qube *template)
{
  LiveDom0Qube *qube = live_dom0_disposable_create (dom0, template, on_introduced, NULL);
  g_autofree char *name = NULL;

  if (!qube)
    return FALSE;
  name = g_strdup (qube->name);
  live_dom0_qube_start (dom0, qube, on_started, later_new (dom0, qube));
  return live_dom0_qube_find (dom0, name) != NULL;
}

static void
fill (LiveDom0 *dom0, LiveDom0Qube *template)
{
  g_autoptr (GPtrArray) queue = get_queue (template);
  g_autoptr (GPtrArray) excess = g_ptr_array_new_with_free_func (g_free);
  guint maximum = get_maximum (template);

  if (!live_dom0_property_is_true (dom0, template, "template_for_dispvms"))
    return;
  while (queue->len > maximum)
    g_ptr_array_insert (excess, 0, g_ptr_array_steal_index (queue, queue->len - 1));
  /* All leave the queue before the first of them is killed. */
  if (excess->len > 0)
    set_queue (dom0, template, queue);
  for (guint i = 0; i < excess->len; i++)
    {
      LiveDom0Qube *qube = live_dom0_qube_find (dom0, g_ptr_array_index (excess, i));
      if (qube)
        live_dom0_qube_kill (dom0, qube, NULL);
    }
  /* After a failure qubesd does not try again by itself. */
  for (guint wanted = maximum - queue->len; wanted > 0; wanted--)
    add_one (dom0, template);
}

static gboolean
on_fill (gpointer data)
{
  Later *later = data;
  LiveDom0Qube *template = live_dom0_qube_find (later->dom0, later->name);

  if (template)
    fill (later->dom0, template);
  return G_SOURCE_REMOVE;
}

void
live_dom0_preload_fill (LiveDom0 *dom0, LiveDom0Qube *template)
{
  if (dom0->version < LIVE_DOM0_VERSION_4_3 || template->class != LIVE_DOM0_CLASS_APP)
    return;
  /* Whoever caused it is answered first; what he asks next finds it done. */
  g_idle_add_full (G_PRIORITY_HIGH, on_fill, later_new (dom0, template), later_free);
}

LiveDom0Qube *
live_dom0_preload_take (LiveDom0 *dom0, LiveDom0Qube *template)
{
  g_autoptr (GPtrArray) queue = get_queue (template);
  g_autofree char *name = NULL;
  LiveDom0Qube *qube;

  if (dom0->version < LIVE_DOM0_VERSION_4_3 || queue->len == 0)
    return NULL;
  name = g_ptr_array_steal_index (queue, 0);
  qube = live_dom0_qube_find (dom0, name);
  if (qube)
    live_dom0_feature_set (dom0, qube, "preload-dispvm-in-progress", "1");
  set_queue (dom0, template, queue);
  if (!qube)
    return NULL;
  send_reset (dom0, name);
  live_dom0_qube_unpause (dom0, qube, NULL);
  live_dom0_feature_remove (dom0, qube, "internal", NULL);
  send_reset (dom0, name);
  live_dom0_feature_remove (dom0, qube, "preload-dispvm-in-progress", NULL);
  live_dom0_event (dom0, template->name, "domain-preload-dispvm-used", "dispvm", name, NULL);
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
