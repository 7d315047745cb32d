/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "request.h"

#include "image.h"
#include "volume.h"

static LiveDom0Volume *
get_volume (LiveDom0Request *request, GError **error)
{
  LiveDom0Volume *volume = live_dom0_volume_find (request->dest, request->argument);

  if (!volume)
    live_dom0_fail (error, LIVE_DOM0_ERROR_PERMISSION, "Argument not in '%s volumes'", request->dest->name);
  return volume;
}

static gboolean
check_halted (LiveDom0Request *request, GError **error)
{
  if (request->dest->state == LIVE_DOM0_STATE_HALTED)
    return TRUE;
  live_dom0_fail (error, LIVE_DOM0_ERROR_NOT_HALTED, "Domain is not powered off: '%s'", request->dest->name);
  return FALSE;
}

static LiveDom0Outcome
volume_list (LiveDom0Request *request, GString *reply, GError **error)
{
  for (guint i = 0; i < LIVE_DOM0_N_VOLUMES; i++)
    if (request->dest->volumes[i])
      g_string_append_printf (reply, "%s\n", request->dest->volumes[i]->name);
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
volume_info (LiveDom0Request *request, GString *reply, GError **error)
{
  LiveDom0Volume *volume = get_volume (request, error);
  LiveDom0Volume *source;
  g_autofree char *path = NULL;

  if (!volume)
    return LIVE_DOM0_FAILED;
  source = live_dom0_volume_source (request->dom0, volume);
  path = live_dom0_volume_path (volume);
  g_string_append_printf (reply, "pool=%s\nvid=%s\n", volume->pool->name, volume->vid);
  g_string_append_printf (reply, "size=%" G_GUINT64_FORMAT "\nusage=0\n",
                          live_dom0_volume_size (request->dom0, volume));
  g_string_append_printf (reply, "rw=%s\nsource=%s\npath=%s\n", live_dom0_boolean_text (volume->rw),
                          source ? source->vid : "", path);
  g_string_append_printf (reply, "save_on_stop=%s\nsnap_on_start=%s\n", live_dom0_boolean_text (volume->save_on_stop),
                          live_dom0_boolean_text (volume->snap_on_start));
  g_string_append_printf (reply, "revisions_to_keep=%" G_GINT64_FORMAT "\nephemeral=%s\nis_outdated=False\n",
                          volume->revisions_to_keep, live_dom0_boolean_text (live_dom0_volume_ephemeral (volume)));
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
volume_list_snapshots (LiveDom0Request *request, GString *reply, GError **error)
{
  return get_volume (request, error) ? LIVE_DOM0_DONE : LIVE_DOM0_FAILED;
}

static LiveDom0Outcome
volume_clone_from (LiveDom0Request *request, GString *reply, GError **error)
{
  static const char letters[] = G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS;
  LiveDom0Volume *volume = get_volume (request, error);

  if (!volume)
    return LIVE_DOM0_FAILED;
  for (guint i = 0; i < 32; i++)
    g_string_append_c (reply, letters[g_rand_int_range (request->dom0->random, 0, (gint32)sizeof letters - 1)]);
  g_hash_table_insert (request->dom0->pending_clones, g_strdup (reply->str),
                       g_strdup_printf ("%s/%s", volume->qube->name, volume->name));
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
volume_clone_to (LiveDom0Request *request, GString *reply, GError **error)
{
  LiveDom0Volume *volume = get_volume (request, error);
  g_autofree char *token = g_strstrip (g_strndup (request->payload, request->length));
  g_autofree char *where = NULL;
  g_auto (GStrv) names = NULL;
  LiveDom0Qube *qube = NULL;
  LiveDom0Volume *source = NULL;

  if (!volume)
    return LIVE_DOM0_FAILED;
  where = g_strdup (g_hash_table_lookup (request->dom0->pending_clones, token));
  if (!where)
    return live_dom0_fail (error, LIVE_DOM0_ERROR_PERMISSION, "Payload is not a pending clone");
  /* A token is good for once. */
  g_hash_table_remove (request->dom0->pending_clones, token);
  names = g_strsplit (where, "/", 2);
  qube = live_dom0_qube_find (request->dom0, names[0]);
  source = qube ? live_dom0_volume_find (qube, names[1]) : NULL;
  if (!source)
    return live_dom0_fail (error, LIVE_DOM0_ERROR_PERMISSION, "The volume is gone");
  if (!live_dom0_image_clone (volume, source, error))
    return LIVE_DOM0_FAILED;
  volume->size = MAX (volume->size, source->size);
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
volume_set_rw (LiveDom0Request *request, GString *reply, GError **error)
{
  LiveDom0Volume *volume = get_volume (request, error);
  gboolean value;

  if (!volume || !live_dom0_request_boolean (request, &value, error) || !check_halted (request, error)
      || !live_dom0_volume_set_rw (volume, value, error))
    return LIVE_DOM0_FAILED;
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
volume_set_ephemeral (LiveDom0Request *request, GString *reply, GError **error)
{
  LiveDom0Volume *volume = get_volume (request, error);
  gboolean value;

  if (!volume || !live_dom0_request_boolean (request, &value, error))
    return LIVE_DOM0_FAILED;
  if (request->dom0->version < LIVE_DOM0_VERSION_4_3 && !check_halted (request, error))
    return LIVE_DOM0_FAILED;
  if (!live_dom0_volume_set_ephemeral (request->dom0, volume, value, error))
    return LIVE_DOM0_FAILED;
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
volume_set_revisions (LiveDom0Request *request, GString *reply, GError **error)
{
  LiveDom0Volume *volume = get_volume (request, error);
  gint64 value;

  if (!volume || !live_dom0_request_number (request, "Revisions to keep", TRUE, &value, error)
      || !live_dom0_volume_set_revisions (request->dom0, volume, value, error))
    return LIVE_DOM0_FAILED;
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
volume_resize (LiveDom0Request *request, GString *reply, GError **error)
{
  LiveDom0Volume *volume = get_volume (request, error);
  gint64 value;

  if (!volume || !live_dom0_request_number (request, "Volume size", FALSE, &value, error))
    return LIVE_DOM0_FAILED;
  if ((guint64)value < volume->size)
    return live_dom0_fail (error, LIVE_DOM0_ERROR_STORAGE_POOL, "For your own safety, shrinking of %s is disabled",
                           volume->name);
  volume->size = (guint64)value;
  return LIVE_DOM0_DONE;
}

#define NO LIVE_DOM0_NO
#define YES LIVE_DOM0_YES
#define ANY LIVE_DOM0_ANY
#define READ LIVE_DOM0_COST_READ
#define WRITE LIVE_DOM0_COST_WRITE

const LiveDom0Method live_dom0_volume_methods[] = {
  { "admin.vm.volume.List", volume_list, NO, NO, ANY, READ },
  { "admin.vm.volume.Info", volume_info, YES, NO, ANY, 290 },
  { "admin.vm.volume.ListSnapshots", volume_list_snapshots, YES, NO, ANY, READ },
  { "admin.vm.volume.CloneFrom", volume_clone_from, YES, NO, ANY, READ },
  { "admin.vm.volume.CloneTo", volume_clone_to, YES, YES, ANY, WRITE },
  { "admin.vm.volume.Set.rw", volume_set_rw, YES, YES, ANY, WRITE },
  { "admin.vm.volume.Set.ephemeral", volume_set_ephemeral, YES, YES, ANY, WRITE },
  { "admin.vm.volume.Set.revisions_to_keep", volume_set_revisions, YES, YES, ANY, WRITE },
  { "admin.vm.volume.Resize", volume_resize, YES, YES, ANY, WRITE },
  { NULL, NULL, ANY, ANY, ANY, 0 },
};
