/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "fixture.h"

#include "property.h"
#include "volume.h"

/* The order is that of the qids: addresses in the recordings follow from it. */
static const struct
{
  const char *name;
  LiveDom0Class class;
  const char *label;
  const char *template;
  /* Properties that are set, or NULL. */
  const char *property[2][2];
} fixed[] = {
  { "debian-12", LIVE_DOM0_CLASS_TEMPLATE, "black", NULL, { { NULL } } },
  { "sys-net", LIVE_DOM0_CLASS_APP, "red", "debian-12", { { "provides_network", "True" }, { "netvm", "" } } },
  { "sys-firewall",
    LIVE_DOM0_CLASS_APP,
    "green",
    "debian-12",
    { { "provides_network", "True" }, { "netvm", "sys-net" } } },
  { "app1", LIVE_DOM0_CLASS_APP, "blue", "debian-12", { { NULL } } },
  { "app2", LIVE_DOM0_CLASS_APP, "blue", "debian-12", { { NULL } } },
  { "app3", LIVE_DOM0_CLASS_APP, "blue", "debian-12", { { NULL } } },
  { "app4", LIVE_DOM0_CLASS_APP, "blue", "debian-12", { { NULL } } },
  { "app5", LIVE_DOM0_CLASS_APP, "blue", "debian-12", { { NULL } } },
  { "debian-12-dvm", LIVE_DOM0_CLASS_APP, "red", "debian-12", { { "template_for_dispvms", "True" } } },
  { "disp-named", LIVE_DOM0_CLASS_DISPOSABLE, "red", "debian-12-dvm", { { NULL } } },
  { "standalone1", LIVE_DOM0_CLASS_STANDALONE, "black", NULL, { { NULL } } },
};

static const struct
{
  const char *name;
  const char *label;
} people[] = {
  { "work", "blue" },     { "personal", "yellow" }, { "vault", "black" },     { "untrusted", "red" },
  { "banking", "green" }, { "email", "orange" },    { "social", "yellow" },   { "media", "purple" },
  { "dev", "blue" },      { "research", "orange" }, { "anon-browse", "red" }, { "travel", "yellow" },
  { "medical", "green" }, { "family", "purple" },   { "taxes", "green" },     { "ssh-keys", "black" },
};

static const char *const template_names[]
    = { "fedora-41-xfce", "debian-12-minimal", "whonix-workstation-17", "fedora-41-minimal", "kali-core" };
static const char *const dvm_names[] = { "fedora-41-dvm", "whonix-workstation-17-dvm", "offline-dvm", "media-dvm" };
static const char *const disposable_names[] = { "disp-browser", "disp-pdf", "disp-usb", "disp-printing" };
static const char *const standalone_names[] = { "windows-10", "build-server", "android-x86" };

static void
set (GHashTable *properties, const char *name, const char *value)
{
  g_hash_table_insert (properties, g_strdup (name), g_strdup (value));
}

static LiveDom0Pool *
add_directory_pool (LiveDom0 *dom0, const char *name, const char *driver, const char *path)
{
  LiveDom0Pool *pool = live_dom0_pool_add (dom0, name, driver);
  g_tree_insert (pool->options, g_strdup ("dir_path"), g_strdup (path));
  return pool;
}

static void
add_pools (LiveDom0 *dom0)
{
  add_directory_pool (dom0, "varlibqubes", "file", "/var/lib/qubes");
  add_directory_pool (dom0, "linux-kernel", "linux-kernel", "/var/lib/qubes/vm-kernels");
  if (dom0->lvm_thin)
    {
      LiveDom0Pool *pool = live_dom0_pool_add (dom0, "vm-pool", "lvm_thin");

      g_tree_insert (pool->options, g_strdup ("volume_group"), g_strdup ("qubes_dom0"));
      g_tree_insert (pool->options, g_strdup ("thin_pool"), g_strdup ("vm-pool"));
    }
  else
    add_directory_pool (dom0, "bench", "file-reflink", "/srv/pool-bench");
  set (dom0->properties, "default_pool", dom0->lvm_thin ? "vm-pool" : "bench");
  set (dom0->properties, "default_pool_kernel", "linux-kernel");
  set (dom0->properties, "default_kernel", "6.6.0-1.qubes");
}

static void
add_fixed (LiveDom0 *dom0)
{
  LiveDom0Qube *admin = live_dom0_qube_add (dom0, "dom0", LIVE_DOM0_CLASS_ADMIN, NULL, NULL);

  set (admin->properties, "label", "black");
  for (guint i = 0; i < G_N_ELEMENTS (fixed); i++)
    {
      LiveDom0Qube *qube = live_dom0_qube_add (dom0, fixed[i].name, fixed[i].class, fixed[i].label, fixed[i].template);

      for (guint k = 0; k < G_N_ELEMENTS (fixed[i].property) && fixed[i].property[k][0]; k++)
        set (qube->properties, fixed[i].property[k][0], fixed[i].property[k][1]);
      if (fixed[i].class == LIVE_DOM0_CLASS_DISPOSABLE)
        qube->dispid = 1234;
      if (live_dom0_property_is_true (dom0, qube, "provides_network"))
        live_dom0_qube_store_feature (qube, "servicevm", "1");
    }
  set (dom0->properties, "default_template", "debian-12");
  set (dom0->properties, "default_netvm", "sys-firewall");
  set (dom0->properties, "default_dispvm", "debian-12-dvm");
}

/* A name from the list while it lasts, then numbered ones. */
static char *
pick_name (const char *const *list, guint length, guint *used, const char *prefix)
{
  guint index = (*used)++;
  return index < length ? g_strdup (list[index]) : g_strdup_printf ("%s%u", prefix, index - length + 1);
}

/* Of twenty generated qubes sixteen are app qubes; each of the other kinds has one. */
static void
add_generated (LiveDom0 *dom0, guint count)
{
  guint apps = 0, templates = 0, dvms = 0, disposables = 0, standalones = 0;
  g_autofree char *template = g_strdup ("debian-12");
  g_autofree char *dvm = g_strdup ("debian-12-dvm");

  for (guint i = 0; i < count; i++)
    {
      g_autofree char *name = NULL;
      LiveDom0Qube *qube;

      switch (i % 20)
        {
        case 5:
          g_free (template);
          template = pick_name (template_names, G_N_ELEMENTS (template_names), &templates, "template");
          live_dom0_qube_add (dom0, template, LIVE_DOM0_CLASS_TEMPLATE, "black", NULL);
          break;
        case 9:
          g_free (dvm);
          dvm = pick_name (dvm_names, G_N_ELEMENTS (dvm_names), &dvms, "dvm");
          qube = live_dom0_qube_add (dom0, dvm, LIVE_DOM0_CLASS_APP, "red", template);
          set (qube->properties, "template_for_dispvms", "True");
          break;
        case 13:
          name = pick_name (disposable_names, G_N_ELEMENTS (disposable_names), &disposables, "disp-named");
          qube = live_dom0_qube_add (dom0, name, LIVE_DOM0_CLASS_DISPOSABLE, "orange", dvm);
          qube->dispid = 2000 + i;
          break;
        case 17:
          name = pick_name (standalone_names, G_N_ELEMENTS (standalone_names), &standalones, "standalone-");
          live_dom0_qube_add (dom0, name, LIVE_DOM0_CLASS_STANDALONE, "gray", NULL);
          break;
        default:
          if (apps < G_N_ELEMENTS (people))
            {
              qube = live_dom0_qube_add (dom0, people[apps].name, LIVE_DOM0_CLASS_APP, people[apps].label, template);
              /* The vault has no network, as everybody's. */
              if (g_str_equal (people[apps].name, "vault"))
                set (qube->properties, "netvm", "");
            }
          else
            {
              name = g_strdup_printf ("app%03u", apps - (guint) G_N_ELEMENTS (people) + 6);
              live_dom0_qube_add (dom0, name, LIVE_DOM0_CLASS_APP, live_dom0_label_name (apps % 8), template);
            }
          apps++;
        }
    }
}

/* By name, as when qubes.xml is loaded, but a template before what is based on it. */
static void
create_volumes (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  LiveDom0Qube *template = live_dom0_qube_template (dom0, qube);

  if (qube->class == LIVE_DOM0_CLASS_ADMIN || qube->volumes[0])
    return;
  if (template)
    create_volumes (dom0, template);
  live_dom0_volumes_create (dom0, qube, NULL, NULL);
}

static guint
run (LiveDom0 *dom0, const char *name, guint left)
{
  LiveDom0Qube *qube = live_dom0_qube_find (dom0, name);

  if (left == 0 || !qube || qube->class == LIVE_DOM0_CLASS_TEMPLATE || qube->state == LIVE_DOM0_STATE_RUNNING)
    return left;
  qube->state = LIVE_DOM0_STATE_RUNNING;
  qube->start_time = g_get_real_time () / (G_USEC_PER_SEC / 100);
  qube->static_max = G_GUINT64_CONSTANT (1536) * 1024;
  return left - 1;
}

void
live_dom0_fixture_fill (LiveDom0 *dom0, guint qubes, guint running)
{
  add_pools (dom0);
  add_fixed (dom0);
  if (qubes > G_N_ELEMENTS (fixed))
    add_generated (dom0, qubes - (guint) G_N_ELEMENTS (fixed));
  for (guint i = 0; i < dom0->qubes->len; i++)
    create_volumes (dom0, g_ptr_array_index (dom0->qubes, i));

  running = run (dom0, "sys-net", running);
  running = run (dom0, "sys-firewall", running);
  for (guint i = 0; i < G_N_ELEMENTS (people); i++)
    running = run (dom0, people[i].name, running);
  for (guint i = 0; i < dom0->qubes->len; i++)
    {
      LiveDom0Qube *qube = g_ptr_array_index (dom0->qubes, i);
      if (qube->class != LIVE_DOM0_CLASS_ADMIN)
        running = run (dom0, qube->name, running);
    }
}
