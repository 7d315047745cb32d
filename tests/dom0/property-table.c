/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "property-table.h"

#include <string.h>

static char *
global (LiveDom0 *dom0, const char *name)
{
  return live_dom0_property_get (dom0, NULL, name);
}

static gboolean
is_up (LiveDom0Qube *qube)
{
  return qube->state != LIVE_DOM0_STATE_HALTED;
}

static gboolean
is_networked (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  g_autofree char *netvm = live_dom0_property_get (dom0, qube, "netvm");
  return *netvm || live_dom0_property_is_true (dom0, qube, "provides_network");
}

static char *
get_klass (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  return g_strdup (live_dom0_class_name (qube->class));
}

static char *
get_name (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  return g_strdup (qube->name);
}

static char *
get_qid (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  return g_strdup_printf ("%u", qube->qid);
}

static char *
get_dispid (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  return g_strdup_printf ("%u", qube->dispid);
}

static char *
get_uuid (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  return g_strdup (qube->uuid);
}

static char *
get_icon (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  const char *label = g_hash_table_lookup (qube->properties, "label");
  const char *service = live_dom0_qube_feature (qube, "servicevm");
  const char *kind = "appvm";

  if (qube->class == LIVE_DOM0_CLASS_ADMIN)
    return g_strdup ("adminvm-black");
  if (qube->class == LIVE_DOM0_CLASS_TEMPLATE
      || (qube->class == LIVE_DOM0_CLASS_APP && live_dom0_property_is_true (dom0, qube, "template_for_dispvms")))
    kind = "templatevm";
  else if (service && *service)
    kind = "servicevm";
  else if (qube->class == LIVE_DOM0_CLASS_DISPOSABLE)
    kind = "dispvm";
  else if (qube->class == LIVE_DOM0_CLASS_STANDALONE)
    kind = "standalonevm";
  return g_strdup_printf ("%s-%s", kind, label);
}

static char *
get_updateable (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  return g_strdup (
      live_dom0_boolean_text (qube->class != LIVE_DOM0_CLASS_APP && qube->class != LIVE_DOM0_CLASS_DISPOSABLE));
}

static char *
get_include_in_backups (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  return g_strdup (live_dom0_boolean_text (qube->class != LIVE_DOM0_CLASS_DISPOSABLE
                                           || !live_dom0_property_is_true (dom0, qube, "auto_cleanup")));
}

static char *
get_is_preload (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  LiveDom0Qube *template = live_dom0_qube_template (dom0, qube);
  const char *list = template ? live_dom0_qube_feature (template, "preload-dispvm") : NULL;
  g_auto (GStrv) names = g_strsplit (list ? list : "", " ", -1);

  return g_strdup (live_dom0_boolean_text (g_strv_contains ((const char *const *) names, qube->name)));
}

static char *
get_ip (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  if (!is_networked (dom0, qube))
    return g_strdup ("");
  if (qube->class == LIVE_DOM0_CLASS_DISPOSABLE)
    return g_strdup_printf ("10.138.%u.%u", (qube->dispid >> 8) & 255, qube->dispid & 255);
  return g_strdup_printf ("10.137.%u.%u", (qube->qid >> 8) & 255, qube->qid & 255);
}

static char *
get_gateway (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  return live_dom0_property_is_true (dom0, qube, "provides_network") ? get_ip (dom0, qube) : g_strdup ("");
}

static char *
get_visible_gateway (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  g_autofree char *name = live_dom0_property_get (dom0, qube, "netvm");
  LiveDom0Qube *netvm = live_dom0_qube_find (dom0, name);

  return netvm ? get_gateway (dom0, netvm) : g_strdup ("");
}

static char *
get_visible_netmask (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  return g_strdup (is_networked (dom0, qube) ? "255.255.255.255" : "");
}

static char *
get_dns (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  return g_strdup (is_networked (dom0, qube) ? "10.139.1.1 10.139.1.2" : "");
}

static char *
get_mac (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  return g_strdup (is_networked (dom0, qube) ? "00:16:3e:5e:6c:00" : "");
}

static char *
get_xid (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  if (!is_up (qube))
    return g_strdup ("-1");
  return g_strdup_printf ("%u", qube->xid != 0 ? qube->xid : qube->qid + 1);
}

static char *
get_start_time (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  gint64 seconds = qube->start_time / 100, hundredths = qube->start_time % 100;

  if (!is_up (qube))
    return g_strdup ("");
  /* As Python writes a number that is not whole: 5.0, 5.5, 5.25. */
  if (hundredths % 10 == 0)
    return g_strdup_printf ("%" G_GINT64_FORMAT ".%" G_GINT64_FORMAT, seconds, hundredths / 10);
  return g_strdup_printf ("%" G_GINT64_FORMAT ".%02" G_GINT64_FORMAT, seconds, hundredths);
}

static char *
get_maxmem (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  /* The recorded 4.4 found no host memory to compute it from. */
  return g_strdup (dom0->version >= LIVE_DOM0_VERSION_4_4 ? "0" : "1536");
}

static char *
get_kernel (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  return global (dom0, "default_kernel");
}

static char *
get_netvm (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  if (qube->class == LIVE_DOM0_CLASS_TEMPLATE)
    return g_strdup ("");
  return global (dom0, "default_netvm");
}

static char *
get_default_dispvm (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  if (qube->class == LIVE_DOM0_CLASS_DISPOSABLE)
    return g_strdup (g_hash_table_lookup (qube->properties, "template"));
  return global (dom0, "default_dispvm");
}

static char *
get_guivm (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  return global (dom0, "default_guivm");
}

static char *
get_audiovm (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  return global (dom0, "default_audiovm");
}

static char *
get_management_dispvm (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  return global (dom0, "management_dispvm");
}

static char *
get_default_pool (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  return global (dom0, "default_pool");
}

#define ALL LIVE_DOM0_HOLDER_ALL
#define QUBES LIVE_DOM0_HOLDER_QUBES
#define SYSTEM LIVE_DOM0_HOLDER_SYSTEM
#define FIXED LIVE_DOM0_PROPERTY_FIXED
#define NONE LIVE_DOM0_PROPERTY_NULLABLE
#define STORED LIVE_DOM0_PROPERTY_STORED
#define INHERITED LIVE_DOM0_PROPERTY_INHERITED
#define SINCE_4_3 LIVE_DOM0_VERSION_4_3
#define SINCE_4_4 LIVE_DOM0_VERSION_4_4

const LiveDom0Property live_dom0_property_table[] = {
  { "auto_cleanup", "bool", LIVE_DOM0_HOLDER_DISPOSABLE, 0, 0, "False", NULL },
  { "autostart", "bool", QUBES, 0, 0, "False", NULL },
  { "backup_timestamp", "int", QUBES, 0, 0, "", NULL },
  { "debug", "bool", QUBES, 0, 0, "False", NULL },
  { "default_user", "str", QUBES, INHERITED, 0, "user", NULL },
  { "devices_denied", "str", ALL, 0, SINCE_4_3, "", NULL },
  { "dispid", "int", LIVE_DOM0_HOLDER_DISPOSABLE, FIXED | STORED, 0, NULL, get_dispid },
  { "dns", "str", QUBES, FIXED, 0, NULL, get_dns },
  { "gateway", "str", QUBES, FIXED, 0, NULL, get_gateway },
  { "gateway6", "str", QUBES, FIXED, 0, "", NULL },
  { "icon", "str", ALL, FIXED, 0, NULL, get_icon },
  { "include_in_backups", "bool", ALL, 0, 0, NULL, get_include_in_backups },
  { "installed_by_rpm", "bool", QUBES, 0, 0, "False", NULL },
  { "ip", "str", QUBES, 0, 0, NULL, get_ip },
  { "ip6", "str", QUBES, 0, 0, "", NULL },
  { "is_preload", "bool", LIVE_DOM0_HOLDER_DISPOSABLE, FIXED, SINCE_4_3, NULL, get_is_preload },
  { "kernel", "str", QUBES, INHERITED | NONE, 0, NULL, get_kernel },
  { "keyboard_layout", "str", ALL, 0, 0, "us++", NULL },
  { "klass", "str", ALL, FIXED, 0, NULL, get_klass },
  { "label", "label", ALL, STORED, 0, NULL, NULL },
  { "mac", "str", QUBES, 0, 0, NULL, get_mac },
  { "maxmem", "int", QUBES, INHERITED, 0, NULL, get_maxmem },
  { "memory", "int", QUBES, INHERITED, 0, "400", NULL },
  { "name", "str", ALL, FIXED | STORED, 0, NULL, get_name },
  { "provides_network", "bool", QUBES, 0, 0, "False", NULL },
  { "qid", "int", ALL, FIXED | STORED, 0, NULL, get_qid },
  { "qrexec_timeout", "int", QUBES, INHERITED, 0, "60", NULL },
  { "shutdown_timeout", "int", QUBES, INHERITED, 0, "60", NULL },
  { "start_time", "str", QUBES, FIXED, 0, NULL, get_start_time },
  { "stubdom_mem", "int", QUBES, 0, 0, "", NULL },
  { "stubdom_uuid", "str", QUBES, FIXED, SINCE_4_3, "", NULL },
  { "stubdom_xid", "int", QUBES, FIXED, 0, "-1", NULL },
  { "template_for_dispvms", "bool", LIVE_DOM0_HOLDER_APP, 0, 0, "False", NULL },
  { "updateable", "bool", ALL, FIXED, 0, NULL, get_updateable },
  { "uuid", "str", ALL, FIXED | STORED, 0, NULL, get_uuid },
  { "vcpus", "int", QUBES, INHERITED, 0, "2", NULL },
  { "virt_mode", "str", QUBES, INHERITED, 0, "pvh", NULL },
  { "visible_gateway", "str", QUBES, FIXED, 0, NULL, get_visible_gateway },
  { "visible_gateway6", "str", QUBES, FIXED, 0, "", NULL },
  { "visible_ip", "str", QUBES, FIXED, 0, NULL, get_ip },
  { "visible_ip6", "str", QUBES, FIXED, 0, "", NULL },
  { "visible_netmask", "str", QUBES, FIXED, 0, NULL, get_visible_netmask },
  { "xid", "int", QUBES, FIXED, 0, NULL, get_xid },
  /* These refer to other qubes or depend on such a reference, and are loaded after the rest. */
  { "audiovm", "vm", QUBES, NONE, 0, NULL, get_audiovm },
  { "bootmode", "str", QUBES, 0, SINCE_4_3, "default", NULL },
  { "default_dispvm", "vm", ALL, NONE, 0, NULL, get_default_dispvm },
  { "guivm", "vm", QUBES, NONE, 0, NULL, get_guivm },
  { "kernelopts", "str", QUBES, INHERITED, 0, "swiotlb=2048", NULL },
  { "management_dispvm", "vm", QUBES, NONE, 0, NULL, get_management_dispvm },
  { "netvm", "vm", QUBES, NONE, 0, NULL, get_netvm },
  { "template", "vm", LIVE_DOM0_HOLDER_APP | LIVE_DOM0_HOLDER_DISPOSABLE, STORED, 0, NULL, NULL },

  { "check_updates_vm", "bool", SYSTEM, 0, 0, "True", NULL },
  { "clockvm", "vm", SYSTEM, NONE, 0, "", NULL },
  { "default_audiovm", "vm", SYSTEM, NONE, 0, "dom0", NULL },
  { "default_dispvm", "vm", SYSTEM, NONE, 0, "", NULL },
  { "default_guivm", "vm", SYSTEM, NONE, 0, "dom0", NULL },
  { "default_kernel", "str", SYSTEM, 0, 0, "6.6.0-1.qubes", NULL },
  { "default_netvm", "vm", SYSTEM, NONE, 0, "", NULL },
  { "default_pool", "str", SYSTEM, 0, 0, "varlibqubes", NULL },
  { "default_pool_kernel", "str", SYSTEM, 0, 0, NULL, get_default_pool },
  { "default_pool_private", "str", SYSTEM, 0, 0, NULL, get_default_pool },
  { "default_pool_root", "str", SYSTEM, 0, 0, NULL, get_default_pool },
  { "default_pool_volatile", "str", SYSTEM, 0, 0, NULL, get_default_pool },
  { "default_qrexec_timeout", "int", SYSTEM, 0, 0, "60", NULL },
  { "default_shutdown_timeout", "int", SYSTEM, 0, 0, "60", NULL },
  { "default_template", "vm", SYSTEM, NONE, 0, "", NULL },
  { "management_dispvm", "vm", SYSTEM, NONE, 0, "", NULL },
  { "maxmem", "int", SYSTEM, FIXED, SINCE_4_4, "3072", NULL },
  { "no_cpus", "int", SYSTEM, FIXED, SINCE_4_4, "16", NULL },
  { "stats_interval", "int", SYSTEM, 0, 0, "3", NULL },
  { "updatevm", "vm", SYSTEM, NONE, 0, "", NULL },
  { NULL, NULL, 0, 0, 0, NULL, NULL },
};
