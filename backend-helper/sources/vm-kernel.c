/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/vm-kernel.h"

#include <string.h>

#include "model/object-path.h"
#include "sources/root-directory.h"

#define KERNELS "/var/lib/qubes/vm-kernels"
#define BOOT "/boot"
#define CONFIG "config-"

/* As much as a command line has room for, and then some. */
#define LARGEST_OPTIONS 4096
/* That of Linux 6.12 has 290 kB. */
#define LARGEST_CONFIG (1024 * 1024)
#define MOST_FILES 1000

struct _LiveVmKernels
{
  GObject parent;

  LiveSystem *system;
  char *root;
  GHashTable *kernels; /* name → LiveKernelEntry, of which some are being read */
};

typedef struct
{
  char *text;
  LiveKernelFacts facts;
  gboolean known;
} LiveKernelEntry;

G_DEFINE_FINAL_TYPE (LiveVmKernels, live_vm_kernels, G_TYPE_OBJECT)

static void
entry_free (gpointer data)
{
  LiveKernelEntry *entry = data;

  g_free (entry->text);
  g_free (entry);
}

/* Version and release, `6.12.11-1` of `6.12.11-1.fc41`; 0 when it is not made like that. */
static gsize
get_version_length (const char *name)
{
  gsize version = strspn (name, "0123456789.");
  gsize release = 0;

  if (version == 0 || name[version] != '-')
    return 0;
  release = strspn (name + version + 1, "0123456789");
  return release > 0 ? version + 1 + release : 0;
}

static gboolean
has_line (const char *text, const char *line)
{
  gsize length = strlen (line);

  for (const char *at = strstr (text, line); at != NULL; at = strstr (at + 1, line))
    if ((at == text || at[-1] == '\n') && (at[length] == '\n' || at[length] == '\0'))
      return TRUE;
  return FALSE;
}

/* When several fit, what only some of them have does not count. */
static void
read_config (LiveRootDirectory *root, const char *name, LiveKernelFacts *facts)
{
  gsize length = get_version_length (name);
  g_autoptr (GPtrArray) files = length > 0 ? live_root_directory_list (root, BOOT, MOST_FILES) : NULL;
  guint n_read = 0, n_alloc = 0, n_free = 0;

  for (guint i = 0; files != NULL && i < files->len; i++)
    {
      const char *file = g_ptr_array_index (files, i);
      g_autofree char *path = NULL;
      g_autofree char *text = NULL;

      if (!g_str_has_prefix (file, CONFIG) || get_version_length (file + strlen (CONFIG)) != length
          || strncmp (file + strlen (CONFIG), name, length) != 0)
        continue;
      path = g_build_filename (BOOT, file, NULL);
      text = live_root_directory_read (root, path, LARGEST_CONFIG);
      n_read++;
      n_alloc += text != NULL && has_line (text, "CONFIG_INIT_ON_ALLOC_DEFAULT_ON=y");
      n_free += text != NULL && has_line (text, "CONFIG_INIT_ON_FREE_DEFAULT_ON=y");
    }
  facts->init_on_alloc = n_read > 0 && n_alloc == n_read;
  facts->init_on_free = n_read > 0 && n_free == n_read;
}

char *
live_vm_kernel_read (const char *root, const char *name, LiveKernelFacts *facts)
{
  g_autoptr (LiveRootDirectory) directory = NULL;
  g_autofree char *path = NULL;
  char *text = NULL;

  *facts = (LiveKernelFacts){ 0 };
  if (!live_name_is_valid (name))
    return NULL;
  directory = live_root_directory_open (root, NULL);
  if (directory == NULL)
    return NULL;
  path = g_build_filename (KERNELS, name, "default-kernelopts-common.txt", NULL);
  text = live_root_directory_read (directory, path, LARGEST_OPTIONS);
  if (text != NULL)
    g_strstrip (text);
  facts->common_options = text;
  read_config (directory, name, facts);
  return text;
}

static void
tell (const LiveKernelEntry *entry, LiveQube *qube)
{
  const LiveKernelFacts *known = &live_qube_get_facts (qube)->kernel;

  if (known->init_on_alloc == entry->facts.init_on_alloc && known->init_on_free == entry->facts.init_on_free
      && g_strcmp0 (known->common_options, entry->facts.common_options) == 0)
    return;
  live_qube_set_kernel_facts (qube, &entry->facts);
  live_qube_judge (qube);
}

static void
read_in_thread (GTask *task, gpointer object, gpointer name, GCancellable *cancellable)
{
  LiveVmKernels *self = object;
  LiveKernelEntry *entry = g_new0 (LiveKernelEntry, 1);

  entry->text = live_vm_kernel_read (self->root, name, &entry->facts);
  entry->known = TRUE;
  g_task_return_pointer (task, entry, entry_free);
}

static void
on_read (GObject *object, GAsyncResult *result, gpointer data)
{
  LiveVmKernels *self = LIVE_VM_KERNELS (object);
  LiveKernelEntry *entry = g_task_propagate_pointer (G_TASK (result), NULL);
  g_autofree char *name = g_strdup (g_task_get_task_data (G_TASK (result)));
  g_autoptr (GPtrArray) qubes = live_system_list_qubes (self->system);

  for (guint i = 0; i < qubes->len; i++)
    if (g_strcmp0 (live_qube_get_facts (g_ptr_array_index (qubes, i))->kernel_name, name) == 0)
      tell (entry, g_ptr_array_index (qubes, i));
  g_hash_table_insert (self->kernels, g_steal_pointer (&name), entry);
}

static void
on_settled (LiveSystem *system, LiveQube *qube, LiveVmKernels *self)
{
  const char *name = live_qube_get_facts (qube)->kernel_name;
  const LiveKernelEntry *entry = NULL;
  g_autoptr (GTask) task = NULL;

  if (name == NULL || *name == '\0')
    return;
  entry = g_hash_table_lookup (self->kernels, name);
  if (entry != NULL)
    {
      if (entry->known)
        tell (entry, qube);
      return;
    }
  g_hash_table_insert (self->kernels, g_strdup (name), g_new0 (LiveKernelEntry, 1));
  task = g_task_new (self, NULL, on_read, NULL);
  g_task_set_task_data (task, g_strdup (name), g_free);
  g_task_run_in_thread (task, read_in_thread);
}

static void
live_vm_kernels_finalize (GObject *object)
{
  LiveVmKernels *self = LIVE_VM_KERNELS (object);

  g_signal_handlers_disconnect_by_data (self->system, self);
  g_object_unref (self->system);
  g_free (self->root);
  g_hash_table_unref (self->kernels);
  G_OBJECT_CLASS (live_vm_kernels_parent_class)->finalize (object);
}

static void
live_vm_kernels_class_init (LiveVmKernelsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = live_vm_kernels_finalize;
}

static void
live_vm_kernels_init (LiveVmKernels *self)
{
  self->kernels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
}

LiveVmKernels *
live_vm_kernels_new (LiveSystem *system, const char *root)
{
  LiveVmKernels *self = g_object_new (LIVE_TYPE_VM_KERNELS, NULL);

  self->system = g_object_ref (system);
  self->root = g_strdup (root);
  g_signal_connect (system, "qube-settled", G_CALLBACK (on_settled), self);
  return self;
}
