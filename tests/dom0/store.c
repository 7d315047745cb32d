/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "store.h"

#include <string.h>

#include "changes.h"
#include "events.h"
#include "fault.h"
#include "image.h"
#include "property.h"
#include "volume.h"

G_DEFINE_QUARK (live - dom0 - error - quark, live_dom0_error)

static const char *const error_names[] = {
  [LIVE_DOM0_ERROR_INTERNAL] = "Exception",
  [LIVE_DOM0_ERROR_PROTOCOL] = "ProtocolError",
  [LIVE_DOM0_ERROR_PERMISSION] = "PermissionDenied",
  [LIVE_DOM0_ERROR_GENERAL] = "QubesException",
  [LIVE_DOM0_ERROR_VALUE] = "QubesValueError",
  [LIVE_DOM0_ERROR_PROPERTY_VALUE] = "QubesPropertyValueError",
  [LIVE_DOM0_ERROR_NO_SUCH_PROPERTY] = "QubesNoSuchPropertyError",
  [LIVE_DOM0_ERROR_NOT_FOUND] = "QubesVMNotFoundError",
  [LIVE_DOM0_ERROR_INVALID_UUID] = "QubesVMInvalidUUIDError",
  [LIVE_DOM0_ERROR_VM] = "QubesVMError",
  [LIVE_DOM0_ERROR_IN_USE] = "QubesVMInUseError",
  [LIVE_DOM0_ERROR_ALREADY_EXISTS] = "QubesVMAlreadyExistsError",
  [LIVE_DOM0_ERROR_NOT_STARTED] = "QubesVMNotStartedError",
  [LIVE_DOM0_ERROR_NOT_RUNNING] = "QubesVMNotRunningError",
  [LIVE_DOM0_ERROR_NOT_PAUSED] = "QubesVMNotPausedError",
  [LIVE_DOM0_ERROR_NOT_HALTED] = "QubesVMNotHaltedError",
  [LIVE_DOM0_ERROR_SHUTDOWN_TIMEOUT] = "QubesVMShutdownTimeoutError",
  [LIVE_DOM0_ERROR_POOL_IN_USE] = "QubesPoolInUseError",
  [LIVE_DOM0_ERROR_STORAGE_POOL] = "StoragePoolException",
  [LIVE_DOM0_ERROR_FEATURE_NOT_FOUND] = "QubesFeatureNotFoundError",
  [LIVE_DOM0_ERROR_TAG_NOT_FOUND] = "QubesTagNotFoundError",
  [LIVE_DOM0_ERROR_INVALID_TAG] = "QubesInvalidTagError",
  [LIVE_DOM0_ERROR_LABEL_NOT_FOUND] = "QubesLabelNotFoundError",
};

const char *
live_dom0_error_name (int code)
{
  g_assert (code >= 0 && (gsize) code < G_N_ELEMENTS (error_names));
  return error_names[code];
}

static void
pool_free (LiveDom0Pool *pool)
{
  g_free (pool->name);
  g_free (pool->driver);
  g_tree_unref (pool->options);
  g_ptr_array_unref (pool->volumes);
  g_free (pool);
}

static void
qube_free (LiveDom0Qube *qube)
{
  for (guint i = 0; i < LIVE_DOM0_N_VOLUMES; i++)
    live_dom0_volume_free (qube->volumes[i]);
  g_free (qube->firewall);
  g_clear_handle_id (&qube->timer, g_source_remove);
  g_free (qube->name);
  g_free (qube->uuid);
  g_hash_table_unref (qube->properties);
  g_hash_table_unref (qube->features);
  g_ptr_array_unref (qube->feature_names);
  g_tree_unref (qube->tags);
  g_free (qube);
}

static int
compare_text (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

LiveDom0 *
live_dom0_new (LiveDom0Version version, gboolean lvm_thin)
{
  LiveDom0 *dom0 = g_new0 (LiveDom0, 1);

  dom0->version = version;
  dom0->lvm_thin = lvm_thin;
  dom0->forget_rw = version < LIVE_DOM0_VERSION_4_3;
  dom0->qubes = g_ptr_array_new_with_free_func ((GDestroyNotify) qube_free);
  dom0->by_name = g_hash_table_new (g_str_hash, g_str_equal);
  dom0->pools = g_ptr_array_new_with_free_func ((GDestroyNotify) pool_free);
  dom0->properties = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  /* Seeded with a constant: a test that fails should fail again. */
  dom0->random = g_rand_new_with_seed (4242);
  dom0->pending_clones = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  dom0->notes = g_string_new (NULL);
  dom0->events = live_dom0_events_new ();
  dom0->faults = live_dom0_faults_new ();
  dom0->changes = live_dom0_changes_new ();
  return dom0;
}

void
live_dom0_free (LiveDom0 *dom0)
{
  /* The volumes are also in their pools' lists, but the qubes own them. */
  g_ptr_array_unref (dom0->qubes);
  g_ptr_array_unref (dom0->pools);
  g_hash_table_unref (dom0->by_name);
  g_hash_table_unref (dom0->properties);
  g_rand_free (dom0->random);
  g_hash_table_unref (dom0->pending_clones);
  g_string_free (dom0->notes, TRUE);
  live_dom0_events_free (dom0->events);
  live_dom0_faults_free (dom0->faults);
  live_dom0_changes_free (dom0->changes);
  g_free (dom0);
}

void
live_dom0_note (LiveDom0 *dom0, const char *format, ...)
{
  va_list arguments;

  if (dom0->notes->len > 0)
    g_string_append (dom0->notes, "; ");
  va_start (arguments, format);
  g_string_append_vprintf (dom0->notes, format, arguments);
  va_end (arguments);
}

LiveDom0Pool *
live_dom0_pool_find (LiveDom0 *dom0, const char *name)
{
  for (guint i = 0; i < dom0->pools->len; i++)
    {
      LiveDom0Pool *pool = g_ptr_array_index (dom0->pools, i);
      if (g_str_equal (pool->name, name))
        return pool;
    }
  return NULL;
}

LiveDom0Pool *
live_dom0_pool_add (LiveDom0 *dom0, const char *name, const char *driver)
{
  LiveDom0Pool *pool = g_new0 (LiveDom0Pool, 1);

  pool->name = g_strdup (name);
  pool->driver = g_strdup (driver);
  pool->options = g_tree_new_full (compare_text, NULL, g_free, g_free);
  pool->revisions_to_keep = 1;
  pool->volumes = g_ptr_array_new ();
  g_ptr_array_add (dom0->pools, pool);
  return pool;
}

void
live_dom0_pool_remove (LiveDom0 *dom0, LiveDom0Pool *pool)
{
  g_ptr_array_remove (dom0->pools, pool);
}

LiveDom0Pool *
live_dom0_default_pool (LiveDom0 *dom0, const char *volume)
{
  g_autofree char *property = g_strconcat ("default_pool_", volume, NULL);
  g_autofree char *name = live_dom0_property_get (dom0, NULL, property);
  LiveDom0Pool *pool = live_dom0_pool_find (dom0, name);

  g_assert (pool);
  return pool;
}

LiveDom0Qube *
live_dom0_qube_find (LiveDom0 *dom0, const char *name)
{
  return g_hash_table_lookup (dom0->by_name, name);
}

/* The same name always gets the same uuid, so that two runs can be compared. */
static char *
make_uuid (const char *name, guint qid)
{
  g_autofree char *seed = g_strdup_printf ("%s#%u", name, qid);
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_MD5, seed, -1);

  return g_strdup_printf ("%.8s-%.4s-4%.3s-a%.3s-%.12s", digest, digest + 8, digest + 13, digest + 17, digest + 20);
}

LiveDom0Qube *
live_dom0_qube_add (LiveDom0 *dom0, const char *name, LiveDom0Class class, const char *label, const char *template)
{
  LiveDom0Qube *qube = g_new0 (LiveDom0Qube, 1);
  guint first = 0, last = dom0->qubes->len;

  g_assert (!live_dom0_qube_find (dom0, name));
  qube->name = g_strdup (name);
  qube->class = class;
  qube->properties = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  qube->features = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  qube->feature_names = g_ptr_array_new_with_free_func (g_free);
  qube->tags = g_tree_new_full (compare_text, NULL, g_free, NULL);
  if (class == LIVE_DOM0_CLASS_ADMIN)
    {
      qube->uuid = g_strdup ("00000000-0000-0000-0000-000000000000");
      qube->state = LIVE_DOM0_STATE_RUNNING;
    }
  else
    {
      qube->qid = ++dom0->last_qid;
      qube->uuid = make_uuid (name, qube->qid);
      g_hash_table_insert (qube->properties, g_strdup ("label"), g_strdup (label));
      g_tree_insert (qube->tags, g_strdup ("audiovm-dom0"), NULL);
      g_tree_insert (qube->tags, g_strdup ("guivm-dom0"), NULL);
      /* dom0 stays the first. */
      first = MIN (1, last);
    }
  if (template)
    g_hash_table_insert (qube->properties, g_strdup ("template"), g_strdup (template));

  while (first < last)
    {
      guint middle = (first + last) / 2;
      LiveDom0Qube *other = g_ptr_array_index (dom0->qubes, middle);
      if (strcmp (other->name, name) < 0)
        first = middle + 1;
      else
        last = middle;
    }
  g_ptr_array_insert (dom0->qubes, (int) first, qube);
  g_hash_table_insert (dom0->by_name, qube->name, qube);
  return qube;
}

void
live_dom0_qube_drop (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  for (guint i = 0; i < LIVE_DOM0_N_VOLUMES; i++)
    if (qube->volumes[i])
      {
        live_dom0_image_remove (qube->volumes[i]);
        g_ptr_array_remove (qube->volumes[i]->pool->volumes, qube->volumes[i]);
      }
  g_hash_table_remove (dom0->by_name, qube->name);
  g_ptr_array_remove (dom0->qubes, qube);
}

LiveDom0Qube *
live_dom0_qube_template (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  const char *name = g_hash_table_lookup (qube->properties, "template");
  return name ? live_dom0_qube_find (dom0, name) : NULL;
}

const char *
live_dom0_class_name (LiveDom0Class class)
{
  static const char *const names[] = { "AdminVM", "AppVM", "DispVM", "StandaloneVM", "TemplateVM" };
  return names[class];
}

const char *
live_dom0_state_name (LiveDom0State state)
{
  static const char *const names[] = { "Halted", "Transient", "Running", "Paused" };
  return names[state];
}

const char *
live_dom0_qube_feature (LiveDom0Qube *qube, const char *name)
{
  return g_hash_table_lookup (qube->features, name);
}

void
live_dom0_qube_store_feature (LiveDom0Qube *qube, const char *name, const char *value)
{
  if (!g_hash_table_contains (qube->features, name))
    g_ptr_array_add (qube->feature_names, g_strdup (name));
  g_hash_table_insert (qube->features, g_strdup (name), g_strdup (value));
}

gboolean
live_dom0_qube_drop_feature (LiveDom0Qube *qube, const char *name)
{
  guint index;

  if (!g_ptr_array_find_with_equal_func (qube->feature_names, name, g_str_equal, &index))
    return FALSE;
  g_hash_table_remove (qube->features, name);
  g_ptr_array_remove_index (qube->feature_names, index);
  return TRUE;
}

char *
live_dom0_repr (const char *text)
{
  char quote = strchr (text, '\'') && !strchr (text, '"') ? '"' : '\'';
  GString *result = g_string_new (NULL);

  g_string_append_c (result, quote);
  for (const char *c = text; *c; c++)
    {
      if (*c == quote || *c == '\\')
        g_string_append_printf (result, "\\%c", *c);
      else if (*c == '\n')
        g_string_append (result, "\\n");
      else if (*c == '\t')
        g_string_append (result, "\\t");
      else if (*c == '\r')
        g_string_append (result, "\\r");
      else if (g_ascii_iscntrl (*c))
        g_string_append_printf (result, "\\x%02x", (guchar) *c);
      else
        g_string_append_c (result, *c);
    }
  g_string_append_c (result, quote);
  return g_string_free (result, FALSE);
}

gboolean
live_dom0_boolean_parse (const char *text, gboolean *value)
{
  static const char *const yes[] = { "1", "yes", "true", "on", NULL };
  static const char *const no[] = { "0", "no", "false", "off", NULL };
  g_autofree char *lower = g_ascii_strdown (text, -1);

  *value = g_strv_contains (yes, lower);
  return *value || g_strv_contains (no, lower);
}

const char *
live_dom0_boolean_text (gboolean value)
{
  return value ? "True" : "False";
}
