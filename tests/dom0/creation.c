/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "creation.h"

#include <string.h>

#include "events.h"
#include "preload.h"
#include "property.h"
#include "volume.h"

void
live_dom0_qube_delete (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  g_autofree char *name = g_strdup (qube->name);

  live_dom0_event (dom0, NULL, "domain-pre-delete", "vm", name, NULL);
  live_dom0_qube_drop (dom0, qube);
  live_dom0_event (dom0, NULL, "domain-delete", "vm", name, NULL);
}

/* What a new disposable takes over from its template: properties that were set, features, tags. */
static void
inherit (LiveDom0 *dom0, LiveDom0Qube *qube, LiveDom0Qube *template)
{
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, template->properties);
  while (g_hash_table_iter_next (&iter, &name, &value))
    if (!g_hash_table_contains (qube->properties, name) && live_dom0_property_find (dom0, qube, name))
      g_hash_table_insert (qube->properties, g_strdup (name), g_strdup (value));
  for (guint i = 0; i < template->feature_names->len; i++)
    {
      const char *feature = g_ptr_array_index (template->feature_names, i);
      if (!g_str_has_prefix (feature, "preload-dispvm"))
        live_dom0_qube_store_feature (qube, feature, live_dom0_qube_feature (template, feature));
    }
  for (GTreeNode *node = g_tree_node_first (template->tags); node; node = g_tree_node_next (node))
    g_tree_insert (qube->tags, g_strdup (g_tree_node_key (node)), NULL);
}

void
live_dom0_tag_add (LiveDom0 *dom0, LiveDom0Qube *qube, const char *tag)
{
  g_autofree char *event = g_strconcat ("domain-tag-add:", tag, NULL);

  if (g_tree_lookup_extended (qube->tags, tag, NULL, NULL))
    return;
  g_tree_insert (qube->tags, g_strdup (tag), NULL);
  live_dom0_event (dom0, qube->name, event, "tag", tag, NULL);
}

/* Adds the qube, without its volumes yet, and announces it. */
static LiveDom0Qube *
introduce (LiveDom0 *dom0, const char *name, LiveDom0Class class, const char *label, LiveDom0Qube *template)
{
  const char *template_label = template ? g_hash_table_lookup (template->properties, "label") : NULL;
  LiveDom0Qube *qube
      = live_dom0_qube_add (dom0, name, class, label ? label : template_label, template ? template->name : NULL);

  if (class == LIVE_DOM0_CLASS_DISPOSABLE)
    {
      qube->dispid = (guint) g_rand_int_range (dom0->random, 1, 10000);
      inherit (dom0, qube, template);
    }
  return qube;
}

LiveDom0Qube *
live_dom0_qube_create (LiveDom0 *dom0,
                       const char *name,
                       LiveDom0Class class,
                       const char *label,
                       const char *template,
                       LiveDom0Pool *const *pools,
                       const char *creator,
                       GError **error)
{
  g_autofree char *default_template = NULL;
  LiveDom0Qube *based_on = NULL;
  LiveDom0Qube *qube;
  gboolean created;

  if (class == LIVE_DOM0_CLASS_APP || class == LIVE_DOM0_CLASS_DISPOSABLE)
    {
      if (!template)
        template = default_template
            = live_dom0_property_get (dom0, NULL, class == LIVE_DOM0_CLASS_APP ? "default_template" : "default_dispvm");
      based_on = live_dom0_qube_find (dom0, template);
      if (!based_on)
        {
          g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_NOT_FOUND, "No such domain: '%s'", template);
          return NULL;
        }
      if (class == LIVE_DOM0_CLASS_DISPOSABLE && !live_dom0_property_is_true (dom0, based_on, "template_for_dispvms"))
        {
          g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_VALUE,
                       "template for %s (%s) needs to be an AppVM with template_for_dispvms=True",
                       dom0->version >= LIVE_DOM0_VERSION_4_3 ? "disposable" : "DispVM", template);
          return NULL;
        }
      if (class == LIVE_DOM0_CLASS_APP && based_on->class != LIVE_DOM0_CLASS_TEMPLATE)
        {
          g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_PROPERTY_VALUE,
                       "wrong VM class: domains['%s'] is of type %s and not TemplateVM", template,
                       live_dom0_class_name (based_on->class));
          return NULL;
        }
    }

  qube = introduce (dom0, name, class, label, based_on);
  /* The volumes are made after domain-add is sent, but whether that will work is decided here. */
  created = live_dom0_volumes_create (dom0, qube, pools, error);
  live_dom0_event (dom0, NULL, "domain-add", "vm", name, NULL);
  if (creator)
    {
      g_autofree char *tag = g_strconcat ("created-by-", creator, NULL);
      live_dom0_tag_add (dom0, qube, tag);
    }
  if (!created)
    {
      live_dom0_qube_delete (dom0, qube);
      return NULL;
    }
  live_dom0_event (dom0, qube->name, "domain-create-on-disk", NULL);
  return qube;
}

LiveDom0Qube *
live_dom0_disposable_create (LiveDom0 *dom0, LiveDom0Qube *template, LiveDom0Introduced introduced, GError **error)
{
  g_autofree char *name = NULL;
  LiveDom0Qube *qube;
  guint dispid;

  if (!live_dom0_property_is_true (dom0, template, "template_for_dispvms"))
    {
      g_set_error_literal (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_GENERAL,
                           "Refusing to create disposable out of app qube which has template_for_dispvms=False");
      return NULL;
    }
  do
    {
      g_free (name);
      dispid = (guint) g_rand_int_range (dom0->random, 1, 10000);
      name = g_strdup_printf ("disp%u", dispid);
    }
  while (live_dom0_qube_find (dom0, name));
  qube = introduce (dom0, name, LIVE_DOM0_CLASS_DISPOSABLE, NULL, template);
  qube->dispid = dispid;
  g_hash_table_insert (qube->properties, g_strdup ("auto_cleanup"), g_strdup ("True"));
  live_dom0_volumes_create (dom0, qube, NULL, NULL);
  live_dom0_event (dom0, NULL, "domain-add", "vm", name, NULL);
  if (introduced)
    introduced (dom0, qube);
  live_dom0_event (dom0, qube->name, "domain-create-on-disk", NULL);
  return qube;
}

gboolean
live_dom0_qube_remove (LiveDom0 *dom0, LiveDom0Qube *qube, GError **error)
{
  if (qube->class == LIVE_DOM0_CLASS_ADMIN)
    {
      g_set_error_literal (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_IN_USE, "'dom0' cannot be removed");
      return FALSE;
    }
  if (live_dom0_property_is_true (dom0, qube, "installed_by_rpm"))
    {
      g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_IN_USE, "VM installed by package manager: %s", qube->name);
      return FALSE;
    }
  if (qube->state != LIVE_DOM0_STATE_HALTED)
    {
      g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_NOT_HALTED, "Domain is not powered off: '%s'", qube->name);
      return FALSE;
    }
  if (live_dom0_property_refers (dom0, qube))
    {
      live_dom0_event (dom0, NULL, "domain-pre-delete", "vm", qube->name, NULL);
      g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_IN_USE,
                   "Domain is in use: '%s';%ssee 'journalctl -u qubesd -e' in dom0 for details", qube->name,
                   dom0->version >= LIVE_DOM0_VERSION_4_3 ? "  " : "");
      return FALSE;
    }
  live_dom0_preload_forget (dom0, qube);
  live_dom0_qube_delete (dom0, qube);
  return TRUE;
}

gboolean
live_dom0_name_check (const char *name, GError **error)
{
  const char *problem = NULL;

  if (strlen (name) > 31)
    problem = "VM name must be shorter than 32 characters";
  else if (g_ascii_isdigit (*name) || (*name && strchr ("-_.", *name)))
    problem = "VM name cannot start with hyphen, underscore, dot or numbers";
  else if (!g_ascii_isalpha (*name) || name[strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_.")] != '\0')
    problem = "VM name contains illegal characters";
  else if (g_str_equal (name, "Domain-0"))
    problem = "VM name cannot be 'Domain-0'";
  else if (g_str_equal (name, "none") || g_str_equal (name, "default"))
    problem = "VM name cannot be 'none' nor 'default'";
  else if (g_str_has_suffix (name, "-dm"))
    problem = "VM name cannot end with -dm";
  if (problem)
    g_set_error_literal (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_VALUE, problem);
  return problem == NULL;
}
