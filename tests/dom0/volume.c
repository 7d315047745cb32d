/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "volume.h"

#include "image.h"
#include "property.h"

#define GIB G_GUINT64_CONSTANT (1073741824)
#define ROOT_SIZE (10 * GIB)
#define PRIVATE_SIZE (2 * GIB)

static const char *const names[LIVE_DOM0_N_VOLUMES] = { "root", "private", "volatile", "kernel" };

static gboolean
is_kernel (LiveDom0Volume *volume)
{
  return volume == volume->qube->volumes[LIVE_DOM0_VOLUME_KERNEL];
}

static gboolean
is_thin (LiveDom0Volume *volume)
{
  return g_str_equal (volume->pool->driver, "lvm_thin");
}

void
live_dom0_volume_free (LiveDom0Volume *volume)
{
  if (!volume)
    return;
  g_free (volume->vid);
  g_free (volume);
}

LiveDom0Volume *
live_dom0_volume_find (LiveDom0Qube *qube, const char *name)
{
  for (guint i = 0; i < LIVE_DOM0_N_VOLUMES; i++)
    if (qube->volumes[i] && g_str_equal (names[i], name))
      return qube->volumes[i];
  return NULL;
}

LiveDom0Volume *
live_dom0_volume_source (LiveDom0 *dom0, LiveDom0Volume *volume)
{
  LiveDom0Qube *qube = volume->qube;
  gboolean root = volume == qube->volumes[LIVE_DOM0_VOLUME_ROOT];

  if (!volume->snap_on_start)
    return NULL;
  /* Root comes from the template at the end of the chain, a disposable's private from the next one. */
  do
    qube = live_dom0_qube_template (dom0, qube);
  while (qube && root && qube->volumes[LIVE_DOM0_VOLUME_ROOT]->snap_on_start);
  if (!qube)
    return NULL;
  return qube->volumes[root ? LIVE_DOM0_VOLUME_ROOT : LIVE_DOM0_VOLUME_PRIVATE];
}

gboolean
live_dom0_volume_is_plain (LiveDom0Volume *volume)
{
  return volume->revisions_to_keep == -1 && volume->save_on_stop && !volume->snap_on_start;
}

gboolean
live_dom0_volumes_verify (LiveDom0 *dom0, LiveDom0Qube *qube, GError **error)
{
  for (guint i = 0; i < LIVE_DOM0_VOLUME_VOLATILE; i++)
    {
      LiveDom0Volume *volume = qube->volumes[i];
      LiveDom0Volume *source = live_dom0_volume_source (dom0, volume);
      LiveDom0Volume *image = source ? source : volume;

      if (!image->missing)
        continue;
      if (is_thin (image))
        g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_STORAGE_POOL, "volume %s missing", image->vid);
      else
        g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_STORAGE_POOL,
                     "Missing image file '%s/%s.img' for volume %s",
                     (const char *) g_tree_lookup (image->pool->options, "dir_path"), image->vid, volume->vid);
      return FALSE;
    }
  return TRUE;
}

gboolean
live_dom0_volume_ephemeral (LiveDom0Volume *volume)
{
  if (is_kernel (volume))
    return FALSE;
  if (volume->ephemeral != LIVE_DOM0_EPHEMERAL_UNSET)
    return volume->ephemeral == LIVE_DOM0_EPHEMERAL_TRUE;
  if (volume->snap_on_start || volume->save_on_stop || !volume->rw)
    return FALSE;
  return volume->pool->ephemeral_volatile;
}

char *
live_dom0_volume_path (LiveDom0Volume *volume)
{
  const char *directory = g_tree_lookup (volume->pool->options, "dir_path");

  if (is_kernel (volume))
    return g_strdup_printf ("%s/%s/modules.img", directory, volume->vid);
  if (is_thin (volume))
    return g_strdup_printf ("/dev/%s%s", volume->vid, volume->snap_on_start || volume->save_on_stop ? "-snap" : "");
  if (g_str_equal (volume->pool->driver, "file"))
    return g_strdup_printf ("%s/%s.img", directory, volume->vid);
  return g_strdup_printf ("%s/%s-dirty.img", directory, volume->vid);
}

guint64
live_dom0_volume_size (LiveDom0 *dom0, LiveDom0Volume *volume)
{
  LiveDom0Volume *source = live_dom0_volume_source (dom0, volume);
  return source ? source->size : volume->size;
}

static char *
make_vid (LiveDom0 *dom0, LiveDom0Volume *volume)
{
  LiveDom0Qube *qube = volume->qube;

  if (g_str_equal (volume->name, "kernel"))
    return live_dom0_property_get (dom0, qube, "kernel");
  if (is_thin (volume))
    return g_strdup_printf ("%s/vm-%s-%s", (const char *) g_tree_lookup (volume->pool->options, "volume_group"),
                            qube->name, volume->name);
  return g_strdup_printf ("%s/%s/%s", qube->class == LIVE_DOM0_CLASS_TEMPLATE ? "vm-templates" : "appvms", qube->name,
                          volume->name);
}

/* Which of a class's volumes are snapshots of their template's. */
static gboolean
class_snapshots (LiveDom0Class class, guint index)
{
  if (index == LIVE_DOM0_VOLUME_ROOT)
    return class == LIVE_DOM0_CLASS_APP || class == LIVE_DOM0_CLASS_DISPOSABLE;
  return index == LIVE_DOM0_VOLUME_PRIVATE && class == LIVE_DOM0_CLASS_DISPOSABLE;
}

static LiveDom0Volume *
volume_new (LiveDom0 *dom0, LiveDom0Qube *qube, guint index, LiveDom0Pool *pool)
{
  LiveDom0Volume *volume = g_new0 (LiveDom0Volume, 1);
  LiveDom0Qube *template = live_dom0_qube_template (dom0, qube);
  LiveDom0Volume *model = NULL;

  if (qube->class == LIVE_DOM0_CLASS_DISPOSABLE)
    model = template->volumes[index];

  volume->qube = qube;
  volume->name = names[index];
  volume->snap_on_start = class_snapshots (qube->class, index);
  volume->save_on_stop = !volume->snap_on_start && index <= LIVE_DOM0_VOLUME_PRIVATE;
  volume->rw = index != LIVE_DOM0_VOLUME_KERNEL;
  volume->ephemeral = LIVE_DOM0_EPHEMERAL_UNSET;
  volume->size = index == LIVE_DOM0_VOLUME_ROOT ? ROOT_SIZE : PRIVATE_SIZE;
  if (index == LIVE_DOM0_VOLUME_VOLATILE)
    volume->size = qube->class == LIVE_DOM0_CLASS_DISPOSABLE ? ROOT_SIZE + PRIVATE_SIZE : ROOT_SIZE;
  if (index == LIVE_DOM0_VOLUME_KERNEL)
    volume->size = 0;
  if (model && index != LIVE_DOM0_VOLUME_KERNEL)
    {
      volume->rw = model->rw;
      if (!volume->snap_on_start)
        volume->ephemeral = model->ephemeral;
    }

  /* A snapshot lives where its origin lives; a disposable's volatile volume goes with its template's. */
  if (volume->snap_on_start)
    pool = live_dom0_volume_source (dom0, volume)->pool;
  else if (!pool && model)
    pool = model->pool;
  else if (!pool)
    pool = live_dom0_default_pool (dom0, volume->name);
  volume->pool = pool;
  volume->revisions_to_keep = index == LIVE_DOM0_VOLUME_KERNEL ? 0 : pool->revisions_to_keep;
  volume->vid = make_vid (dom0, volume);
  return volume;
}

gboolean
live_dom0_volumes_create (LiveDom0 *dom0, LiveDom0Qube *qube, LiveDom0Pool *const *pools, GError **error)
{
  for (guint i = 0; i < LIVE_DOM0_N_VOLUMES; i++)
    {
      LiveDom0Pool *wanted = pools ? pools[i] : NULL;
      LiveDom0Volume *volume = volume_new (dom0, qube, i, wanted);

      /* The list of a pool is not touched before all are known to be good. */
      qube->volumes[i] = volume;
      if (wanted && wanted != volume->pool)
        {
          g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_GENERAL,
                       "Snapshot volume %s must be in the same pool as its origin (%s volume of template),cannot "
                       "move to pool %s ",
                       volume->name, volume->name, wanted->name);
          for (guint k = 0; k <= i; k++)
            g_clear_pointer (&qube->volumes[k], live_dom0_volume_free);
          return FALSE;
        }
    }
  for (guint i = 0; i < LIVE_DOM0_N_VOLUMES; i++)
    if (!live_dom0_image_create (qube->volumes[i], error))
      {
        for (guint k = 0; k < LIVE_DOM0_N_VOLUMES; k++)
          {
            live_dom0_image_remove (qube->volumes[k]);
            g_clear_pointer (&qube->volumes[k], live_dom0_volume_free);
          }
        return FALSE;
      }
  for (guint i = 0; i < LIVE_DOM0_N_VOLUMES; i++)
    g_ptr_array_add (qube->volumes[i]->pool->volumes, qube->volumes[i]);
  return TRUE;
}

gboolean
live_dom0_volume_set_rw (LiveDom0Volume *volume, gboolean rw, GError **error)
{
  if (is_kernel (volume))
    {
      if (!rw)
        return TRUE;
      g_set_error_literal (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_VALUE,
                           "LinuxModules supports only read-only volumes");
      return FALSE;
    }
  volume->rw = rw;
  return TRUE;
}

gboolean
live_dom0_volume_set_ephemeral (LiveDom0 *dom0, LiveDom0Volume *volume, gboolean ephemeral, GError **error)
{
  if (is_kernel (volume))
    {
      /* 4.2 has no way to set it and fails over that. */
      g_set_error_literal (error, LIVE_DOM0_ERROR,
                           dom0->version < LIVE_DOM0_VERSION_4_3 ? LIVE_DOM0_ERROR_INTERNAL : LIVE_DOM0_ERROR_VALUE,
                           "LinuxModules does not support setting ephemeral value");
      return FALSE;
    }
  if (ephemeral && (volume->snap_on_start || volume->save_on_stop || !volume->rw))
    {
      g_set_error_literal (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_VALUE,
                           "Cannot enable ephemeral on snap_on_start or save_on_stop or non-dom0 or not writable "
                           "volume");
      return FALSE;
    }
  volume->ephemeral = ephemeral ? LIVE_DOM0_EPHEMERAL_TRUE : LIVE_DOM0_EPHEMERAL_FALSE;
  return TRUE;
}

gboolean
live_dom0_volume_set_revisions (LiveDom0 *dom0, LiveDom0Volume *volume, gint64 revisions, GError **error)
{
  gboolean toggles = revisions != volume->revisions_to_keep && (revisions == -1 || volume->revisions_to_keep == -1);

  if (revisions < -1)
    {
      g_set_error_literal (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_VALUE, "Invalid value for revisions_to_keep");
      return FALSE;
    }
  /* Snapshots can be switched only while nobody uses the volume; other numbers count from the next stop on. */
  for (guint i = 0; toggles && dom0->version >= LIVE_DOM0_VERSION_4_3 && i < dom0->qubes->len; i++)
    {
      LiveDom0Qube *user = g_ptr_array_index (dom0->qubes, i);
      gboolean uses = user == volume->qube
                      || (volume->qube->class == LIVE_DOM0_CLASS_APP && user->class == LIVE_DOM0_CLASS_DISPOSABLE
                          && live_dom0_qube_template (dom0, user) == volume->qube);

      if (uses && user->state != LIVE_DOM0_STATE_HALTED)
        {
          g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_NOT_HALTED, "Domain is not powered off: '%s'",
                       user->name);
          return FALSE;
        }
    }
  if (is_kernel (volume) && revisions != 0)
    {
      g_set_error_literal (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_VALUE,
                           "LinuxModules supports only revisions_to_keep=0");
      return FALSE;
    }
  volume->revisions_to_keep = revisions;
  return TRUE;
}

void
live_dom0_volumes_reset_snapshots (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  for (guint i = 0; i < LIVE_DOM0_VOLUME_VOLATILE; i++)
    {
      LiveDom0Volume *volume = qube->volumes[i];

      if (!volume->snap_on_start)
        continue;
      g_ptr_array_remove (volume->pool->volumes, volume);
      volume->rw = TRUE;
      volume->pool = live_dom0_volume_source (dom0, volume)->pool;
      volume->revisions_to_keep = volume->pool->revisions_to_keep;
      g_free (volume->vid);
      volume->vid = make_vid (dom0, volume);
      g_ptr_array_add (volume->pool->volumes, volume);
    }
}

void
live_dom0_volumes_forget_rw (LiveDom0 *dom0)
{
  for (guint i = 0; i < dom0->qubes->len; i++)
    {
      LiveDom0Qube *qube = g_ptr_array_index (dom0->qubes, i);
      for (guint k = 0; k < LIVE_DOM0_VOLUME_KERNEL; k++)
        if (qube->volumes[k])
          qube->volumes[k]->rw = TRUE;
    }
}
