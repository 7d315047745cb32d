/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "storage/resize.h"

#include "model/error.h"
#include "model/job.h"
#include "storage/backing.h"
#include "storage/filesystem.h"
#include "storage/loop.h"
#include "storage/mapping.h"
#include "storage/memory.h"
#include "storage/record.h"
#include "storage/take-apart.h"
#include "storage/zram.h"

#include <unistd.h>

/* The new limit is promised under the lock that all pools share, before the pool can make use of it. */
static gboolean
promise (LiveRecord *record, guint64 limit, GError **error)
{
  LiveMemory memory;
  guint64 held = live_memory_get_held (record);
  guint64 before = record->limit;
  gboolean promised = FALSE;
  int lock = live_record_lock (NULL, TRUE, error);

  if (lock < 0)
    return FALSE;
  if (limit < held)
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_IN_USE,
                 "the pool “%s” holds %" G_GUINT64_FORMAT " bytes of RAM: it cannot be limited to %" G_GUINT64_FORMAT,
                 record->name, held, limit);
  else
    promised = live_memory_read (&memory, record->name, error)
               && (limit <= before || live_memory_check (&memory, limit - held, error));
  if (promised)
    {
      record->limit = limit;
      promised = live_record_save (record, error);
    }
  close (lock);
  return promised;
}

static gboolean
resize_zram (LiveTask *task, const LiveRequest *request, LiveRecord *record, GError **error)
{
  g_autofree char *path = live_record_get_path (record->name);
  guint64 limit = request->limit > 0 ? request->limit : request->size + request->size / 16;
  guint64 ceiling = live_zram_get_disk_size (record->zram);

  if (request->size > ceiling)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_NO_SPACE,
                   "the pool “%s” can grow to %" G_GUINT64_FORMAT " bytes and not to %" G_GUINT64_FORMAT
                   "; make another one",
                   record->name, ceiling, request->size);
      return FALSE;
    }
  if (!promise (record, limit, error) || !live_task_point (task, error)
      || !live_zram_set_limit (record, record->limit, error) || !live_task_point (task, error))
    return FALSE;
  if (request->size <= record->size)
    return TRUE;
  if (!live_filesystem_grow (task, path, request->size, error))
    return FALSE;
  record->size = request->size;
  return live_task_point (task, error) && live_record_save (record, error);
}

static gboolean
resize_tmpfs (LiveTask *task, const LiveRequest *request, LiveRecord *record, GError **error)
{
  g_autofree char *path = live_record_get_path (record->name);
  /* What is not named falls back to what it is by default. */
  g_autofree char *options
      = g_strdup_printf ("size=%" G_GUINT64_FORMAT "%s", request->size, record->swappable ? "" : ",noswap");

  if (!promise (record, request->size, error) || !live_task_point (task, error)
      || !live_filesystem_remount (path, options, error) || !live_task_point (task, error))
    return FALSE;
  record->size = request->size;
  return live_record_save (record, error);
}

static gboolean
resize_encrypted (LiveTask *task, const LiveRequest *request, LiveRecord *record, GError **error)
{
  g_autofree char *path = live_record_get_path (record->name);
  g_autofree char *loop = NULL;

  if (request->size < record->size)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED,
                   "the pool “%s” has %" G_GUINT64_FORMAT " bytes: an encrypted pool can only grow", record->name,
                   record->size);
      return FALSE;
    }
  if (!live_backing_grow (task, record, request->size, error))
    return FALSE;
  /* Each of these may be done twice; what is too big by now does no harm. */
  live_task_protect (task);
  if (!record->backing_is_device)
    {
      loop = live_loop_find (record->backing_device, record->backing_inode);
      if (loop == NULL)
        {
          g_set_error (error, LIVE_ERROR, LIVE_ERROR_FAILED, "the loop device of the pool “%s” is gone", record->name);
          return FALSE;
        }
      if (!live_loop_update_size (loop, error) || !live_task_point (task, error))
        return FALSE;
    }
  if (!live_mapping_resize (record->name, request->size, error) || !live_task_point (task, error)
      || !live_filesystem_grow (task, path, request->size, error) || !live_task_point (task, error))
    return FALSE;
  record->size = request->size;
  return live_record_save (record, error);
}

static gboolean
resize (LiveTask *task, const LiveRequest *request, LiveRecord *record, GError **error)
{
  if (record->state != LIVE_RECORD_READY || !live_take_apart_is_mounted (record))
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED,
                   "the storage of the pool “%s” is not in order; it can only be destroyed", record->name);
      return FALSE;
    }
  if (request->limit > 0 && !g_str_equal (record->kind, LIVE_POOL_KIND_ZRAM))
    {
      g_set_error_literal (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT, "only a zram pool has a limit");
      return FALSE;
    }
  live_task_step (task, LIVE_JOB_STEP_RESIZE, -1);
  if (!live_task_point (task, error))
    return FALSE;
  if (g_str_equal (record->kind, LIVE_POOL_KIND_ZRAM))
    return resize_zram (task, request, record, error);
  if (g_str_equal (record->kind, LIVE_POOL_KIND_TMPFS))
    return resize_tmpfs (task, request, record, error);
  return resize_encrypted (task, request, record, error);
}

JsonObject *
live_resize_pool (LiveTask *task, const LiveRequest *request, GError **error)
{
  g_autoptr (LiveRecord) record = NULL;
  g_autofree char *path = live_record_get_path (request->name);
  JsonObject *answer = NULL;
  LiveUsage usage = { 0 };
  int lock = live_record_lock (request->name, FALSE, error);

  if (lock < 0)
    return NULL;
  record = live_record_load (request->name, error);
  if (record != NULL && resize (task, request, record, error))
    {
      live_filesystem_get_usage (path, &usage);
      answer = json_object_new ();
      json_object_set_int_member (answer, "size", (gint64) record->size);
      json_object_set_int_member (answer, "capacity", (gint64) usage.capacity);
      json_object_set_int_member (answer, "limit", (gint64) record->limit);
    }
  close (lock);
  return answer;
}
