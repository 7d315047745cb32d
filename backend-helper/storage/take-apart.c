/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "storage/take-apart.h"

#include "model/error.h"
#include "storage/backing.h"
#include "storage/filesystem.h"
#include "storage/holders.h"
#include "storage/loop.h"
#include "storage/mapping.h"
#include "storage/zram.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
is_kind (const LiveRecord *record, const char *kind)
{
  return g_str_equal (record->kind, kind);
}

char *
live_take_apart_get_source (const char *name)
{
  return g_strconcat ("qubes-live-", name, NULL);
}

char *
live_take_apart_get_device (const LiveRecord *record)
{
  gint number = -1;

  if (is_kind (record, LIVE_POOL_KIND_ENCRYPTED))
    return live_mapping_find (record->name);
  number = is_kind (record, LIVE_POOL_KIND_ZRAM) && record->zram >= 0 ? live_zram_find (record) : -1;
  return number >= 0 ? live_zram_get_path (number) : NULL;
}

gboolean
live_take_apart_is_mounted (const LiveRecord *record)
{
  g_autofree char *path = live_record_get_path (record->name);
  g_autofree char *device = live_take_apart_get_device (record);
  g_autofree char *expected = live_take_apart_get_source (record->name);
  g_autofree char *type = NULL;
  g_autofree char *source = NULL;
  dev_t mounted = 0;
  struct stat status;

  if (!live_filesystem_get_mounted (path, &type, &source, &mounted))
    return FALSE;
  if (is_kind (record, LIVE_POOL_KIND_TMPFS))
    return g_strcmp0 (type, "tmpfs") == 0 && g_strcmp0 (source, expected) == 0;
  return device != NULL && stat (device, &status) == 0 && S_ISBLK (status.st_mode) && status.st_rdev == mounted;
}

static gboolean
unmount (LiveTask *task, const LiveRecord *record, GError **error)
{
  g_autofree char *path = live_record_get_path (record->name);

  if (!live_filesystem_get_mounted (path, NULL, NULL, NULL))
    return TRUE;
  if (!live_take_apart_is_mounted (record))
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_FAILED,
                   "what is mounted at %s is not the storage of the pool; unmount it by hand", path);
      return FALSE;
    }
  return live_filesystem_unmount (task, path, error);
}

static gboolean
detach (LiveTask *task, const LiveRecord *record, GError **error)
{
  g_autofree char *loop = NULL;
  g_autofree char *holders = NULL;

  if (record->backing == NULL || record->backing_is_device || record->backing_inode == 0
      || live_loop_wait_gone (record->backing_device, record->backing_inode))
    return TRUE;
  loop = live_loop_find (record->backing_device, record->backing_inode);
  if (loop == NULL)
    return TRUE;
  live_holders_find_device (task, loop);
  holders = live_task_describe_holders (task);
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_IN_USE, "%s is still in use by: %s", loop, holders);
  return FALSE;
}

static gboolean
remove_directory (const LiveRecord *record, GError **error)
{
  g_autofree char *path = live_record_get_path (record->name);

  /* What somebody has put there since stays. */
  if (rmdir (path) == 0 || errno == ENOENT || errno == ENOTEMPTY || errno == ENOTDIR)
    return TRUE;
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_FAILED, "cannot remove %s: %s", path, g_strerror (errno));
  return FALSE;
}

gboolean
live_take_apart (LiveTask *task, LiveRecord *record, GError **error)
{
  if (!unmount (task, record, error))
    return FALSE;
  /* From here on there is no way back. */
  live_task_protect (task);
  if (record->state == LIVE_RECORD_READY)
    {
      record->state = LIVE_RECORD_DESTROYING;
      if (!live_record_save (record, error))
        return FALSE;
      live_task_point (task, NULL);
    }
  if (is_kind (record, LIVE_POOL_KIND_ENCRYPTED)
      && (!live_mapping_close (task, record->name, error) || !detach (task, record, error)
          || !live_backing_remove (task, record, error)))
    return FALSE;
  if (is_kind (record, LIVE_POOL_KIND_ZRAM) && !live_zram_remove (task, record, error))
    return FALSE;
  return remove_directory (record, error) && live_task_point (task, error) && live_record_remove (record->name, error);
}

JsonObject *
live_destroy_pool (LiveTask *task, const char *name, gboolean only_unfinished, GError **error)
{
  g_autoptr (LiveRecord) record = NULL;
  gboolean done = FALSE;
  int lock = live_record_lock (name, FALSE, error);

  if (lock < 0)
    return NULL;
  record = live_record_load (name, error);
  if (record != NULL && only_unfinished && record->state == LIVE_RECORD_READY)
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                 "the pool “%s” is in order: it can be destroyed, not discarded", name);
  else if (record != NULL)
    done = live_task_point (task, error) && live_take_apart (task, record, error);
  close (lock);
  return done ? json_object_new () : NULL;
}
