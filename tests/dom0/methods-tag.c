/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "request.h"

#include <string.h>

#include "creation.h"

static gboolean
check_tag (LiveDom0Request *request, GError **error)
{
  if (request->argument[strspn (request->argument, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_")] == '\0')
    return TRUE;
  /* A plain ValueError, about which the client hears nothing, became a real error in 4.4. */
  live_dom0_fail (
      error, request->dom0->version >= LIVE_DOM0_VERSION_4_4 ? LIVE_DOM0_ERROR_INVALID_TAG : LIVE_DOM0_ERROR_INTERNAL,
      "disallowed characters");
  return FALSE;
}

static LiveDom0Outcome
tag_list (LiveDom0Request *request, GString *reply, GError **error)
{
  for (GTreeNode *node = g_tree_node_first (request->dest->tags); node; node = g_tree_node_next (node))
    g_string_append_printf (reply, "%s\n", (const char *)g_tree_node_key (node));
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
tag_get (LiveDom0Request *request, GString *reply, GError **error)
{
  if (!check_tag (request, error))
    return LIVE_DOM0_FAILED;
  g_string_append (reply, g_tree_lookup_extended (request->dest->tags, request->argument, NULL, NULL) ? "1" : "0");
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
tag_set (LiveDom0Request *request, GString *reply, GError **error)
{
  if (!check_tag (request, error))
    return LIVE_DOM0_FAILED;
  live_dom0_tag_add (request->dom0, request->dest, request->argument);
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
tag_remove (LiveDom0Request *request, GString *reply, GError **error)
{
  g_autofree char *event = g_strconcat ("domain-tag-delete:", request->argument, NULL);

  if (!check_tag (request, error))
    return LIVE_DOM0_FAILED;
  if (!g_tree_remove (request->dest->tags, request->argument))
    return live_dom0_fail (error, LIVE_DOM0_ERROR_TAG_NOT_FOUND, "Tag not set for domain %s: %s", request->dest->name,
                           request->argument);
  live_dom0_event (request->dom0, request->dest->name, event, "tag", request->argument, NULL);
  return LIVE_DOM0_DONE;
}

#define NO LIVE_DOM0_NO
#define YES LIVE_DOM0_YES
#define ANY LIVE_DOM0_ANY

const LiveDom0Method live_dom0_tag_methods[] = {
  { "admin.vm.tag.List", tag_list, NO, NO, ANY, LIVE_DOM0_COST_READ },
  { "admin.vm.tag.Get", tag_get, YES, NO, ANY, LIVE_DOM0_COST_READ },
  { "admin.vm.tag.Set", tag_set, YES, NO, ANY, LIVE_DOM0_COST_WRITE },
  { "admin.vm.tag.Remove", tag_remove, YES, NO, ANY, LIVE_DOM0_COST_WRITE },
  { NULL, NULL, ANY, ANY, ANY, 0 },
};
