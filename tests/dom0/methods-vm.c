/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "request.h"

#include <string.h>

#include "creation.h"
#include "lifecycle.h"
#include "preload.h"
#include "property.h"

static LiveDom0Outcome
vmclass_list (LiveDom0Request *request, GString *reply, GError **error)
{
  g_string_append (reply, request->dom0->version >= LIVE_DOM0_VERSION_4_3
                              ? "AdminVM\nAppVM\nDispVM\nRemoteVM\nStandaloneVM\nTemplateVM\n"
                              : "AdminVM\nAppVM\nDispVM\nStandaloneVM\nTemplateVM\n");
  return LIVE_DOM0_DONE;
}

static void
append_qube (LiveDom0Request *request, LiveDom0Qube *qube, GString *reply)
{
  /* Other qubes than dom0 see only what they created. */
  if (request->source->class != LIVE_DOM0_CLASS_ADMIN)
    {
      g_autofree char *tag = g_strconcat ("created-by-", request->source->name, NULL);
      if (!g_tree_lookup_extended (qube->tags, tag, NULL, NULL))
        return;
    }
  g_string_append_printf (reply, "%s class=%s state=%s", qube->name, live_dom0_class_name (qube->class),
                          live_dom0_state_name (qube->state));
  if (request->dom0->version >= LIVE_DOM0_VERSION_4_3)
    g_string_append_printf (reply, " uuid=%s", qube->uuid);
  g_string_append_c (reply, '\n');
}

static LiveDom0Outcome
vm_list (LiveDom0Request *request, GString *reply, GError **error)
{
  GPtrArray *qubes = request->dom0->qubes;

  if (request->dest->class != LIVE_DOM0_CLASS_ADMIN)
    append_qube (request, request->dest, reply);
  else
    for (guint i = 0; i < qubes->len; i++)
      append_qube (request, g_ptr_array_index (qubes, i), reply);
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
vm_current_state (LiveDom0Request *request, GString *reply, GError **error)
{
  LiveDom0Qube *qube = request->dest;
  gboolean up = qube->state != LIVE_DOM0_STATE_HALTED;
  guint64 memory = 0, maximum = qube->static_max;

  if (qube->class == LIVE_DOM0_CLASS_ADMIN)
    {
      memory = request->dom0->version >= LIVE_DOM0_VERSION_4_4 ? 2097152 : 24684096;
      maximum = request->dom0->version >= LIVE_DOM0_VERSION_4_4 ? 2097152 : 3072;
    }
  else if (up)
    {
      g_autofree char *text = live_dom0_property_get (request->dom0, qube, "memory");
      memory = g_ascii_strtoull (text, NULL, 10) * 1024;
    }
  g_string_append_printf (reply,
                          "mem=%" G_GUINT64_FORMAT " mem_static_max=%" G_GUINT64_FORMAT " cputime=%" G_GINT64_FORMAT
                          " power_state=%s",
                          memory, maximum, up ? g_get_real_time () * 1000 : 0, live_dom0_state_name (qube->state));
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
vm_start (LiveDom0Request *request, GString *reply, GError **error)
{
  live_dom0_qube_start (request->dom0, request->dest, live_dom0_request_complete, live_dom0_request_promise (request));
  return LIVE_DOM0_LATER;
}

static LiveDom0Outcome
vm_shutdown (LiveDom0Request *request, GString *reply, GError **error)
{
  g_auto (GStrv) options = g_strsplit (request->argument, "+", -1);
  gboolean force = FALSE, wait = FALSE;

  for (guint i = 0; options[i]; i++)
    {
      if (g_str_equal (options[i], "force"))
        force = TRUE;
      else if (g_str_equal (options[i], "wait"))
        wait = TRUE;
      else
        return live_dom0_fail (error, LIVE_DOM0_ERROR_PROTOCOL, "Argument must match: force, wait");
    }
  live_dom0_qube_shutdown (request->dom0, request->dest, force, wait, live_dom0_request_complete,
                           live_dom0_request_promise (request));
  return LIVE_DOM0_LATER;
}

static LiveDom0Outcome
vm_kill (LiveDom0Request *request, GString *reply, GError **error)
{
  return live_dom0_qube_kill (request->dom0, request->dest, error) ? LIVE_DOM0_DONE : LIVE_DOM0_FAILED;
}

static LiveDom0Outcome
vm_pause (LiveDom0Request *request, GString *reply, GError **error)
{
  return live_dom0_qube_pause (request->dom0, request->dest, error) ? LIVE_DOM0_DONE : LIVE_DOM0_FAILED;
}

static LiveDom0Outcome
vm_unpause (LiveDom0Request *request, GString *reply, GError **error)
{
  return live_dom0_qube_unpause (request->dom0, request->dest, error) ? LIVE_DOM0_DONE : LIVE_DOM0_FAILED;
}

static LiveDom0Outcome
vm_remove (LiveDom0Request *request, GString *reply, GError **error)
{
  return live_dom0_qube_remove (request->dom0, request->dest, error) ? LIVE_DOM0_DONE : LIVE_DOM0_FAILED;
}

static LiveDom0Outcome
events (LiveDom0Request *request, GString *reply, GError **error)
{
  live_dom0_events_subscribe (request->dom0, request->connection, request->dest);
  return LIVE_DOM0_STREAM;
}

/* What a creation asks for. */
typedef struct
{
  char *name;
  char *label;
  gboolean unknown_label;
  LiveDom0Pool *pools[LIVE_DOM0_N_VOLUMES];
  gboolean one_pool;
  gboolean volume_pools;
  char *unknown_pool;
} Wish;

static void
wish_clear (Wish *wish)
{
  g_free (wish->name);
  g_free (wish->label);
  g_free (wish->unknown_pool);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wish, wish_clear)

static LiveDom0Outcome
read_pool (LiveDom0Request *request, const char *key, const char *value, Wish *wish, GError **error)
{
  static const char *const volumes[LIVE_DOM0_N_VOLUMES] = { "root", "private", "volatile", "kernel" };
  LiveDom0Pool *pool = live_dom0_pool_find (request->dom0, value);
  const char *volume = strchr (key, ':');
  gboolean known = FALSE;

  if (!pool && request->dom0->version < LIVE_DOM0_VERSION_4_4)
    return live_dom0_fail (error, LIVE_DOM0_ERROR_GENERAL, "Unknown storage pool %s", value);
  if (!pool && !wish->unknown_pool)
    wish->unknown_pool = g_strdup (value);
  if (!volume)
    {
      if (wish->one_pool)
        return live_dom0_fail (error, LIVE_DOM0_ERROR_PROTOCOL, "Option 'pool' must be unique");
      wish->one_pool = TRUE;
      /* Only what is not a snapshot can follow, and the kernel has a pool of its own. */
      for (guint i = 0; i < LIVE_DOM0_VOLUME_KERNEL; i++)
        wish->pools[i] = pool;
      return LIVE_DOM0_DONE;
    }
  for (guint i = 0; i < LIVE_DOM0_N_VOLUMES; i++)
    if (g_str_equal (volumes[i], volume + 1))
      {
        if (wish->pools[i])
          return live_dom0_fail (error, LIVE_DOM0_ERROR_PROTOCOL, "Option '%s' must be unique", key);
        wish->pools[i] = pool;
        known = TRUE;
      }
  if (!known)
    return live_dom0_fail (error, LIVE_DOM0_ERROR_PROTOCOL, "Volume must be one of: root, private, volatile, kernel");
  wish->volume_pools = TRUE;
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
read_option (LiveDom0Request *request, const char *key, const char *value, Wish *wish, GError **error)
{
  gboolean in_pool = g_str_has_prefix (request->method, "admin.vm.CreateInPool.");

  if ((wish->name && g_str_equal (key, "name")) || (wish->label && g_str_equal (key, "label")))
    return live_dom0_fail (error, LIVE_DOM0_ERROR_PROTOCOL, "Options must be unique");
  if (g_str_equal (key, "name"))
    {
      if (!live_dom0_name_check (value, error))
        return LIVE_DOM0_FAILED;
      wish->name = g_strdup (value);
      return LIVE_DOM0_DONE;
    }
  if (g_str_equal (key, "label"))
    {
      if (value[strspn (value, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_.")] != '\0')
        return live_dom0_fail (error, LIVE_DOM0_ERROR_PROTOCOL, "Invalid label");
      if (!live_dom0_label_color (value))
        {
          /* 4.4 would tell later, but finds the option missing first. */
          if (request->dom0->version < LIVE_DOM0_VERSION_4_4)
            return live_dom0_fail (error, LIVE_DOM0_ERROR_LABEL_NOT_FOUND, "Label does not exist: %s", value);
          return LIVE_DOM0_DONE;
        }
      wish->label = g_strdup (value);
      return LIVE_DOM0_DONE;
    }
  if (in_pool && (g_str_equal (key, "pool") || g_str_has_prefix (key, "pool:")))
    return read_pool (request, key, value, wish, error);
  return live_dom0_fail (error, LIVE_DOM0_ERROR_PROTOCOL, "Options does not match: name, label, pool, pool:");
}

static LiveDom0Outcome
read_wish (LiveDom0Request *request, Wish *wish, GError **error)
{
  g_auto (GStrv) options = g_strsplit (request->payload, " ", -1);

  if (strlen (request->payload) != request->length || !g_str_is_ascii (request->payload))
    return live_dom0_fail (error, LIVE_DOM0_ERROR_INTERNAL, "not ASCII");
  for (guint i = 0; options[i]; i++)
    {
      char *equals = strchr (options[i], '=');

      if (!equals)
        return live_dom0_fail (error, LIVE_DOM0_ERROR_INTERNAL, "no value");
      *equals = '\0';
      if (read_option (request, options[i], equals + 1, wish, error) == LIVE_DOM0_FAILED)
        return LIVE_DOM0_FAILED;
    }
  if (!wish->name || !wish->label)
    return live_dom0_fail (error, LIVE_DOM0_ERROR_PROTOCOL, "Creation requested without key: %s",
                           wish->name ? "label" : "name");
  if (wish->one_pool && wish->volume_pools)
    return live_dom0_fail (error, LIVE_DOM0_ERROR_PROTOCOL, "Conflicting options specified: 'pool=', 'pool:volume='");
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
vm_create (LiveDom0Request *request, GString *reply, GError **error)
{
  LiveDom0 *dom0 = request->dom0;
  gboolean has_template = request->class == LIVE_DOM0_CLASS_APP || request->class == LIVE_DOM0_CLASS_DISPOSABLE;
  gboolean late = dom0->version >= LIVE_DOM0_VERSION_4_4;
  g_auto (Wish) wish = { 0 };

  if (*request->argument && !has_template)
    return live_dom0_fail (error, late ? LIVE_DOM0_ERROR_PROTOCOL : LIVE_DOM0_ERROR_VALUE,
                           "%s cannot be based on template", live_dom0_class_name (request->class));
  /* 4.4 reads everything before it tells what exists and what does not. */
  if (!late && *request->argument && !live_dom0_qube_find (dom0, request->argument))
    return live_dom0_fail (error, LIVE_DOM0_ERROR_NOT_FOUND, "No such domain: '%s'", request->argument);
  if (read_wish (request, &wish, error) == LIVE_DOM0_FAILED)
    return LIVE_DOM0_FAILED;
  if (live_dom0_qube_find (dom0, wish.name))
    {
      if (late)
        return live_dom0_fail (error, LIVE_DOM0_ERROR_ALREADY_EXISTS, "Qube already exists: %s", wish.name);
      return live_dom0_fail (error, LIVE_DOM0_ERROR_VALUE, "VM %s already exists", wish.name);
    }
  if (*request->argument && !live_dom0_qube_find (dom0, request->argument))
    return live_dom0_fail (error, LIVE_DOM0_ERROR_NOT_FOUND, "No such domain: '%s'", request->argument);
  if (wish.unknown_pool)
    return live_dom0_fail (error, LIVE_DOM0_ERROR_GENERAL, "Unknown storage pool %s", wish.unknown_pool);

  if (wish.one_pool && has_template)
    wish.pools[LIVE_DOM0_VOLUME_ROOT] = NULL;
  if (wish.one_pool && request->class == LIVE_DOM0_CLASS_DISPOSABLE)
    wish.pools[LIVE_DOM0_VOLUME_PRIVATE] = NULL;
  if (!live_dom0_qube_create (dom0, wish.name, request->class, wish.label,
                              *request->argument ? request->argument : NULL, wish.pools, request->source->name, error))
    return LIVE_DOM0_FAILED;
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
vm_create_disposable (LiveDom0Request *request, GString *reply, GError **error)
{
  LiveDom0 *dom0 = request->dom0;
  LiveDom0Qube *template = request->dest;
  gboolean preload = g_str_equal (request->argument, "preload") && dom0->version >= LIVE_DOM0_VERSION_4_3;
  gboolean uuid = request->length == 4 && g_str_equal (request->payload, "uuid");
  g_autofree char *by = g_strconcat ("created-by-", request->source->name, NULL);
  g_autofree char *disposable_by = g_strconcat ("disp-created-by-", request->source->name, NULL);
  LiveDom0Qube *qube;

  if (*request->argument && !preload)
    return live_dom0_fail (error, LIVE_DOM0_ERROR_PERMISSION, "Argument not in \"'', 'preload'\"");
  if (request->length > 0 && !uuid)
    return live_dom0_fail (error,
                           dom0->version >= LIVE_DOM0_VERSION_4_4 ? LIVE_DOM0_ERROR_PROTOCOL : LIVE_DOM0_ERROR_VALUE,
                           "Invalid payload, expected empty string or 'uuid'");
  if (template->class == LIVE_DOM0_CLASS_ADMIN)
    {
      g_autofree char *name = live_dom0_property_get (dom0, request->source, "default_dispvm");
      template = live_dom0_qube_find (dom0, name);
    }
  if (!template)
    return live_dom0_fail (error, LIVE_DOM0_ERROR_INTERNAL, "no default disposable template");
  if (preload)
    {
      live_dom0_preload_fill (dom0, template);
      return LIVE_DOM0_DONE;
    }
  qube = live_dom0_preload_take (dom0, template);
  if (!qube)
    qube = live_dom0_disposable_create (dom0, template, NULL, error);
  if (!qube)
    return LIVE_DOM0_FAILED;
  live_dom0_tag_add (dom0, qube, by);
  live_dom0_tag_add (dom0, qube, disposable_by);
  g_string_append_printf (reply, uuid ? "uuid:%s" : "%s", uuid ? qube->uuid : qube->name);
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
label_list (LiveDom0Request *request, GString *reply, GError **error)
{
  for (guint i = 0; live_dom0_label_name (i); i++)
    g_string_append_printf (reply, "%s\n", live_dom0_label_name (i));
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
label_get (LiveDom0Request *request, GString *reply, GError **error)
{
  const char *color = live_dom0_label_color (request->argument);

  if (!color)
    return live_dom0_fail (error, LIVE_DOM0_ERROR_LABEL_NOT_FOUND, "Label does not exist: %s", request->argument);
  g_string_append (reply, color);
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
label_index (LiveDom0Request *request, GString *reply, GError **error)
{
  for (guint i = 0; live_dom0_label_name (i); i++)
    if (g_str_equal (live_dom0_label_name (i), request->argument))
      {
        g_string_append_printf (reply, "%u", i + 1);
        return LIVE_DOM0_DONE;
      }
  return live_dom0_fail (error, LIVE_DOM0_ERROR_LABEL_NOT_FOUND, "Label does not exist: %s", request->argument);
}

/* ---- Firewall: the rules are kept as they come, and of what qubesd checks only that they are rules. ---- */

static LiveDom0Outcome
firewall_get (LiveDom0Request *request, GString *reply, GError **error)
{
  g_string_append (reply, request->dest->firewall ? request->dest->firewall : "action=accept\n");
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
firewall_set (LiveDom0Request *request, GString *reply, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (request->payload, "\n", -1);

  for (guint i = 0; lines[i]; i++)
    if (*lines[i] && !g_str_has_prefix (lines[i], "action=accept") && !g_str_has_prefix (lines[i], "action=drop"))
      return live_dom0_fail (error, LIVE_DOM0_ERROR_VALUE, "action required");
  g_free (request->dest->firewall);
  request->dest->firewall = g_strdup (request->payload);
  live_dom0_event (request->dom0, request->dest->name, "firewall-changed", NULL);
  return LIVE_DOM0_DONE;
}

#define NO LIVE_DOM0_NO
#define YES LIVE_DOM0_YES
#define ANY LIVE_DOM0_ANY
#define READ LIVE_DOM0_COST_READ
#define WRITE LIVE_DOM0_COST_WRITE

const LiveDom0Method live_dom0_vm_methods[] = {
  { "admin.vmclass.List", vmclass_list, NO, NO, YES, READ },
  { "admin.vm.List", vm_list, NO, NO, ANY, READ },
  { "admin.vm.CurrentState", vm_current_state, NO, NO, ANY, READ },
  { "admin.vm.Start", vm_start, NO, NO, ANY, WRITE },
  { "admin.vm.Shutdown", vm_shutdown, ANY, NO, ANY, WRITE },
  { "admin.vm.Kill", vm_kill, NO, NO, ANY, WRITE },
  { "admin.vm.Pause", vm_pause, NO, NO, ANY, READ },
  { "admin.vm.Unpause", vm_unpause, NO, NO, ANY, READ },
  { "admin.vm.Remove", vm_remove, NO, NO, ANY, WRITE },
  { "admin.vm.Create.", vm_create, ANY, ANY, YES, WRITE },
  { "admin.vm.CreateInPool.", vm_create, ANY, ANY, YES, WRITE },
  { "admin.vm.CreateDisposable", vm_create_disposable, ANY, ANY, ANY, WRITE },
  { "admin.vm.firewall.Get", firewall_get, NO, NO, ANY, READ },
  { "admin.vm.firewall.Set", firewall_set, NO, YES, ANY, WRITE },
  { "admin.label.List", label_list, NO, NO, YES, READ },
  { "admin.label.Get", label_get, YES, NO, YES, READ },
  { "admin.label.Index", label_index, YES, NO, YES, READ },
  { "admin.Events", events, NO, NO, ANY, READ },
  { NULL, NULL, ANY, ANY, ANY, 0 },
};
