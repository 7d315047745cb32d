/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "request.h"

#include <string.h>

#include "image.h"
#include "property.h"

/* Figures of a disk that is large and not very full. */
#define POOL_SIZE "270553174016"
#define POOL_USAGE "24420802560"

static const struct
{
  const char *name;
  const char *parameters;
  /* Space separated. */
  const char *required;
  /* The class that qubesd 4.4 names when a pool is in use. */
  const char *class;
} drivers[] = {
  { "callback", "conf_id", "conf_id", "callback.CallbackPool" },
  { "file", "revisions_to_keep dir_path ephemeral_volatile", "dir_path", "file.FilePool" },
  { "file-reflink", "revisions_to_keep dir_path setup_check ephemeral_volatile", "dir_path", "reflink.ReflinkPool" },
  { "linux-kernel", "dir_path", "dir_path", "kernels.LinuxKernel" },
  { "lvm_thin", "revisions_to_keep volume_group thin_pool ephemeral_volatile", "volume_group thin_pool",
    "lvm.ThinPool" },
  { "zfs", "revisions_to_keep container ephemeral_volatile snap_on_start_forensics", "container", "zfs.ZFSPool" },
};

static LiveDom0Pool *
get_pool (LiveDom0Request *request, GError **error)
{
  LiveDom0Pool *pool = live_dom0_pool_find (request->dom0, request->argument);

  if (!pool)
    live_dom0_fail (error, LIVE_DOM0_ERROR_PERMISSION, "Argument not in 'pools'");
  return pool;
}

static gboolean
is_kernel_pool (LiveDom0Pool *pool)
{
  return g_str_equal (pool->driver, "linux-kernel");
}

static LiveDom0Outcome
pool_list (LiveDom0Request *request, GString *reply, GError **error)
{
  for (guint i = 0; i < request->dom0->pools->len; i++)
    {
      LiveDom0Pool *pool = g_ptr_array_index (request->dom0->pools, i);
      g_string_append_printf (reply, "%s\n", pool->name);
    }
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
pool_list_drivers (LiveDom0Request *request, GString *reply, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (drivers); i++)
    g_string_append_printf (reply, "%s %s\n", drivers[i].name, drivers[i].parameters);
  return LIVE_DOM0_DONE;
}

static gboolean
append_option (gpointer key, gpointer value, gpointer data)
{
  g_ptr_array_add (data, g_strdup_printf ("%s=%s\n", (const char *)key, (const char *)value));
  return FALSE;
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* A pool whose directory lies in another pool's shares the space with it. */
static const char *
included_in (LiveDom0 *dom0, LiveDom0Pool *pool)
{
  const char *directory = g_tree_lookup (pool->options, "dir_path");

  for (guint i = 0; directory && i < dom0->pools->len; i++)
    {
      LiveDom0Pool *other = g_ptr_array_index (dom0->pools, i);
      const char *parent = g_tree_lookup (other->options, "dir_path");

      if (other != pool && parent && g_str_has_prefix (directory, parent) && directory[strlen (parent)] == '/')
        return other->name;
    }
  return NULL;
}

static LiveDom0Outcome
pool_info (LiveDom0Request *request, GString *reply, GError **error)
{
  LiveDom0Pool *pool = get_pool (request, error);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  const char *outer;

  if (!pool)
    return LIVE_DOM0_FAILED;
  g_tree_foreach (pool->options, append_option, lines);
  g_ptr_array_add (lines, g_strdup_printf ("driver=%s\n", pool->driver));
  g_ptr_array_add (lines, g_strdup_printf ("name=%s\n", pool->name));
  if (!is_kernel_pool (pool))
    {
      g_ptr_array_add (lines,
                       g_strdup_printf ("ephemeral_volatile=%s\n", live_dom0_boolean_text (pool->ephemeral_volatile)));
      g_ptr_array_add (lines, g_strdup_printf ("revisions_to_keep=%" G_GINT64_FORMAT "\n", pool->revisions_to_keep));
    }
  g_ptr_array_sort (lines, compare_lines);
  for (guint i = 0; i < lines->len; i++)
    g_string_append (reply, g_ptr_array_index (lines, i));
  if (!is_kernel_pool (pool))
    g_string_append (reply, "size=" POOL_SIZE "\nusage=" POOL_USAGE "\n");
  outer = included_in (request->dom0, pool);
  if (outer)
    g_string_append_printf (reply, "included_in=%s\n", outer);
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
pool_usage (LiveDom0Request *request, GString *reply, GError **error)
{
  LiveDom0Pool *pool = get_pool (request, error);

  if (!pool)
    return LIVE_DOM0_FAILED;
  if (is_kernel_pool (pool))
    return LIVE_DOM0_DONE;
  g_string_append (reply, "data_size=" POOL_SIZE "\ndata_usage=" POOL_USAGE "\n");
  if (g_str_equal (pool->driver, "lvm_thin"))
    g_string_append (reply, "metadata_size=134217728\nmetadata_usage=13421772\n");
  return LIVE_DOM0_DONE;
}

/* qubesd makes the directory of a pool, but not that directory's parent. */
static gboolean
can_make_directory (const char *path)
{
  static const char *const present[] = { "/srv", "/var/lib/qubes", "/mnt", "/run", "/var/tmp", NULL };
  g_autofree char *parent = g_path_get_dirname (path);

  return g_strv_contains (present, parent) || g_file_test (path, G_FILE_TEST_IS_DIR)
         || g_file_test (parent, G_FILE_TEST_IS_DIR);
}

/* The parameters of a new pool, checked in the order in which qubesd checks them. */
static LiveDom0Outcome
read_parameters (LiveDom0Request *request, guint driver, GHashTable *options, GError **error)
{
  g_auto (GStrv) lines = g_strsplit (request->payload, "\n", -1);
  g_auto (GStrv) parameters = g_strsplit (drivers[driver].parameters, " ", -1);
  g_auto (GStrv) required = g_strsplit (drivers[driver].required, " ", -1);
  gboolean late = request->dom0->version >= LIVE_DOM0_VERSION_4_4;
  g_autoptr (GString) unexpected = g_string_new (NULL);
  g_autoptr (GString) missing = g_string_new (NULL);
  const char *name;

  for (guint i = 0; lines[i]; i++)
    {
      char *equals = strchr (lines[i], '=');

      /* What follows the last newline is not a line. */
      if (!*lines[i] && !lines[i + 1])
        break;
      if (!equals)
        return live_dom0_fail (error, LIVE_DOM0_ERROR_PROTOCOL, "Options must be separated by equal sign");
      *equals = '\0';
      if (!g_hash_table_insert (options, g_strdup (lines[i]), g_strdup (equals + 1)))
        return live_dom0_fail (error, LIVE_DOM0_ERROR_PROTOCOL, "Options must be unique");
      if (!g_str_equal (lines[i], "name") && !g_strv_contains ((const char *const *)parameters, lines[i]))
        g_string_append_printf (unexpected, "%s%s", unexpected->len > 0 ? " " : "", lines[i]);
    }
  name = g_hash_table_lookup (options, "name");
  if (!name)
    return live_dom0_fail (error, LIVE_DOM0_ERROR_PROTOCOL, "Pool configuration must contain key: name");
  if (name[strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "-_.")] != '\0')
    return live_dom0_fail (error, LIVE_DOM0_ERROR_PROTOCOL,
                           "Pool name must be in safe set: " G_CSET_a_2_z G_CSET_A_2_Z G_CSET_DIGITS "-_.");
  if (!late && live_dom0_pool_find (request->dom0, name))
    return live_dom0_fail (error, LIVE_DOM0_ERROR_PERMISSION, "exists");
  if (unexpected->len > 0 && late)
    return live_dom0_fail (error, LIVE_DOM0_ERROR_PROTOCOL, "Unexpected driver options found");
  if (unexpected->len > 0)
    return live_dom0_fail (error, LIVE_DOM0_ERROR_GENERAL, "unexpected driver options: %s", unexpected->str);
  for (guint i = 0; required[i]; i++)
    if (!g_hash_table_contains (options, required[i]))
      g_string_append_printf (missing, "%s%s", missing->len > 0 ? " " : "", required[i]);
  if (missing->len > 0)
    return live_dom0_fail (
        error, request->dom0->version >= LIVE_DOM0_VERSION_4_3 ? LIVE_DOM0_ERROR_GENERAL : LIVE_DOM0_ERROR_INTERNAL,
        "missing required driver options: %s", missing->str);
  if (live_dom0_pool_find (request->dom0, name))
    {
      g_autofree char *quoted = live_dom0_repr (name);
      return live_dom0_fail (error, LIVE_DOM0_ERROR_POOL_IN_USE, "Storage pool is in use: %s", quoted);
    }
  return LIVE_DOM0_DONE;
}

static gboolean
option_is (GHashTable *options, const char *name, gboolean wanted)
{
  const char *text = g_hash_table_lookup (options, name);
  gboolean value;

  return text && live_dom0_boolean_parse (text, &value) && value == wanted;
}

static LiveDom0Outcome
pool_add (LiveDom0Request *request, GString *reply, GError **error)
{
  g_autoptr (GHashTable) options = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  gboolean late = request->dom0->version >= LIVE_DOM0_VERSION_4_4;
  const char *name, *directory, *revisions;
  LiveDom0Pool *pool;
  GHashTableIter iter;
  gpointer key, value;
  guint driver = 0;

  while (driver < G_N_ELEMENTS (drivers) && !g_str_equal (drivers[driver].name, request->argument))
    driver++;
  if (driver == G_N_ELEMENTS (drivers))
    {
      if (late)
        return live_dom0_fail (error, LIVE_DOM0_ERROR_PERMISSION, "Argument not in 'available drivers'");
      return live_dom0_fail (error, LIVE_DOM0_ERROR_GENERAL, "unexpected driver name: %s", request->argument);
    }
  if (strlen (request->payload) != request->length || !g_str_is_ascii (request->payload))
    return live_dom0_fail (error, late ? LIVE_DOM0_ERROR_PROTOCOL : LIVE_DOM0_ERROR_INTERNAL,
                           "Pool parameters contains non-ASCII characters");
  if (read_parameters (request, driver, options, error) == LIVE_DOM0_FAILED)
    return LIVE_DOM0_FAILED;

  name = g_hash_table_lookup (options, "name");
  directory = g_hash_table_lookup (options, "dir_path");
  revisions = g_hash_table_lookup (options, "revisions_to_keep");
  if (directory && !can_make_directory (directory))
    return live_dom0_fail (error, LIVE_DOM0_ERROR_INTERNAL, "No such file or directory: '%s'", directory);
  if (g_str_equal (request->argument, "file-reflink") && !option_is (options, "setup_check", FALSE)
      && !live_dom0_image_can_share (directory))
    {
      if (late)
        return live_dom0_fail (error, LIVE_DOM0_ERROR_STORAGE_POOL,
                               "The filesystem for '%s' does not support reflinks. If you can live with delays on VM "
                               "startup/shutdown/etc. and wasted disk space, pass the 'setup_check=False' option.",
                               directory);
      return live_dom0_fail (error, LIVE_DOM0_ERROR_STORAGE_POOL,
                             "The filesystem for '%s' does not support reflinks. If you can live with VM startup "
                             "delays and wasted disk space, pass the \"setup_check=False\" option.",
                             directory);
    }

  pool = live_dom0_pool_add (request->dom0, name, request->argument);
  pool->ephemeral_volatile = option_is (options, "ephemeral_volatile", TRUE);
  if (revisions)
    pool->revisions_to_keep = g_ascii_strtoll (revisions, NULL, 10);
  g_hash_table_iter_init (&iter, options);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (strstr (drivers[driver].required, key))
      g_tree_insert (pool->options, g_strdup (key), g_strdup (value));
  live_dom0_event (request->dom0, NULL, "pool-add", "pool", name, NULL);
  return LIVE_DOM0_DONE;
}

/* How 4.4 names a pool in that message: as the object it is in qubesd's memory. */
static char *
describe_pool (LiveDom0 *dom0, LiveDom0Pool *pool)
{
  const char *class = "Pool";

  if (dom0->version < LIVE_DOM0_VERSION_4_4)
    return live_dom0_repr (pool->name);
  for (guint i = 0; i < G_N_ELEMENTS (drivers); i++)
    if (g_str_equal (drivers[i].name, pool->driver))
      class = drivers[i].class;
  return g_strdup_printf ("<qubes.storage.%s object at %p>", class, (void *)pool);
}

static LiveDom0Outcome
pool_remove (LiveDom0Request *request, GString *reply, GError **error)
{
  static const char *const defaults[]
      = { "default_pool", "default_pool_kernel", "default_pool_private", "default_pool_root", "default_pool_volatile" };
  LiveDom0Pool *pool = get_pool (request, error);
  g_autofree char *name = NULL;

  if (!pool)
    return LIVE_DOM0_FAILED;
  if (pool->volumes->len > 0)
    {
      g_autofree char *text = describe_pool (request->dom0, pool);
      return live_dom0_fail (error, LIVE_DOM0_ERROR_POOL_IN_USE, "Storage pool is in use: %s", text);
    }
  for (guint i = 0; i < G_N_ELEMENTS (defaults); i++)
    {
      g_autofree char *value = live_dom0_property_get (request->dom0, NULL, defaults[i]);
      if (g_str_equal (value, pool->name))
        return live_dom0_fail (error, LIVE_DOM0_ERROR_POOL_IN_USE, "Storage pool is in use: set as %s", defaults[i]);
    }
  name = g_strdup (pool->name);
  live_dom0_event (request->dom0, NULL, "pool-pre-delete", "pool", name, NULL);
  live_dom0_pool_remove (request->dom0, pool);
  live_dom0_event (request->dom0, NULL, "pool-delete", "pool", name, NULL);
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
pool_volume_list (LiveDom0Request *request, GString *reply, GError **error)
{
  LiveDom0Pool *pool = get_pool (request, error);

  if (!pool)
    return LIVE_DOM0_FAILED;
  for (guint i = 0; i < pool->volumes->len; i++)
    {
      LiveDom0Volume *volume = g_ptr_array_index (pool->volumes, i);

      g_string_append_printf (reply, "%s\n", volume->vid);
      /* All qubes share the volume of a kernel. */
      if (is_kernel_pool (pool))
        break;
    }
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
pool_set_ephemeral (LiveDom0Request *request, GString *reply, GError **error)
{
  LiveDom0Pool *pool = get_pool (request, error);
  gboolean value;

  if (!pool || !live_dom0_request_boolean (request, &value, error))
    return LIVE_DOM0_FAILED;
  pool->ephemeral_volatile = value;
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
pool_set_revisions (LiveDom0Request *request, GString *reply, GError **error)
{
  LiveDom0Pool *pool = get_pool (request, error);
  gint64 value;

  if (!pool || !live_dom0_request_number (request, "Revisions to keep", TRUE, &value, error))
    return LIVE_DOM0_FAILED;
  if (value < -1)
    return live_dom0_fail (error, LIVE_DOM0_ERROR_PROTOCOL, "Value can't be lower than -1");
  pool->revisions_to_keep = value;
  return LIVE_DOM0_DONE;
}

#define NO LIVE_DOM0_NO
#define YES LIVE_DOM0_YES
#define ANY LIVE_DOM0_ANY
#define READ LIVE_DOM0_COST_READ
#define WRITE LIVE_DOM0_COST_WRITE

const LiveDom0Method live_dom0_pool_methods[] = {
  { "admin.pool.List", pool_list, NO, NO, YES, READ },
  { "admin.pool.ListDrivers", pool_list_drivers, NO, NO, YES, READ },
  { "admin.pool.Info", pool_info, YES, NO, YES, 330 },
  { "admin.pool.UsageDetails", pool_usage, YES, NO, YES, READ },
  { "admin.pool.Add", pool_add, YES, YES, YES, WRITE },
  { "admin.pool.Remove", pool_remove, YES, NO, YES, WRITE },
  { "admin.pool.volume.List", pool_volume_list, YES, NO, YES, READ },
  { "admin.pool.Set.ephemeral_volatile", pool_set_ephemeral, YES, YES, YES, WRITE },
  { "admin.pool.Set.revisions_to_keep", pool_set_revisions, YES, YES, YES, WRITE },
  { NULL, NULL, ANY, ANY, ANY, 0 },
};
