/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "storage/create.h"

#include "model/error.h"
#include "model/job.h"
#include "storage/backing.h"
#include "storage/filesystem.h"
#include "storage/loop.h"
#include "storage/mapping.h"
#include "storage/memory.h"
#include "storage/take-apart.h"
#include "storage/zram.h"

#include <errno.h>
#include <unistd.h>

/* How much bigger than at first a zram pool can become. The table of an unused device costs 1/256 of its size. */
#define ZRAM_GROWTH 4

static guint64
choose_disk_size (guint64 size, guint64 total)
{
  return MAX (size, MIN (size * ZRAM_GROWTH, total / LIVE_STORAGE_UNIT * LIVE_STORAGE_UNIT));
}

/* RAM that data which cannot be compressed takes, and what the allocator loses. A device that meets its limit fails
 * writes, and that is worse for a filesystem than to be full. */
static guint64
choose_limit (const LiveRequest *request)
{
  return request->limit > 0 ? request->limit : request->size + request->size / 16;
}

static gboolean
check_name (const LiveRequest *request, GError **error)
{
  g_autofree char *path = live_record_get_path (request->name);
  g_autofree char *mapping = live_mapping_find (request->name);
  g_autoptr (GError) own_error = NULL;
  g_autoptr (LiveRecord) old = live_record_load (request->name, &own_error);

  if (old != NULL || !g_error_matches (own_error, LIVE_ERROR, LIVE_ERROR_NOT_FOUND) || mapping != NULL)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_IN_USE, "there is storage for a pool “%s” already", request->name);
      return FALSE;
    }
  return live_filesystem_check_free (path, error);
}

static gboolean
make_zram (LiveTask *task, LiveRecord *record, GError **error)
{
  g_autofree char *path = live_record_get_path (record->name);
  g_autofree char *device = NULL;
  LiveMemory memory;
  guint64 disk_size = 0;
  gboolean added = FALSE;
  int lock = live_record_lock (NULL, TRUE, error);

  if (lock < 0)
    return FALSE;
  /* The lock is kept until the record says what was promised, and which device was added. */
  if (live_memory_read (&memory, NULL, error))
    {
      disk_size = choose_disk_size (record->size, memory.total);
      added = live_memory_check (&memory, record->limit + disk_size / 256, error);
    }
  if (added)
    {
      live_task_step (task, LIVE_JOB_STEP_DEVICE, -1);
      added = live_zram_add (task, record, error);
    }
  close (lock);
  if (!added || !live_zram_set_up (task, record, disk_size, error))
    return FALSE;
  device = live_zram_get_path (record->zram);
  return live_filesystem_format (task, device, record->size, error)
         && live_filesystem_mount (task, "xfs", device, path, "discard", error);
}

static gboolean
make_tmpfs (LiveTask *task, LiveRecord *record, GError **error)
{
  g_autofree char *path = live_record_get_path (record->name);
  g_autofree char *source = live_take_apart_get_source (record->name);
  g_autofree char *options = NULL;
  LiveMemory memory;
  gboolean saved = FALSE;
  int lock = live_record_lock (NULL, TRUE, error);

  if (lock < 0)
    return FALSE;
  record->swappable = !live_filesystem_has_noswap ();
  saved = live_memory_read (&memory, NULL, error) && live_memory_check (&memory, record->limit, error)
          && live_record_save (record, error);
  close (lock);
  options
      = g_strdup_printf ("size=%" G_GUINT64_FORMAT ",mode=0700%s", record->size, record->swappable ? "" : ",noswap");
  return saved && live_task_point (task, error) && live_filesystem_mount (task, "tmpfs", source, path, options, error);
}

/* The device that is to be encrypted. @keep: file descriptor that keeps it until something else does */
static char *
make_lower_device (LiveTask *task, LiveRecord *record, int *keep, GError **error)
{
  char *device = NULL;
  int file = -1;

  if (record->backing_is_device)
    return g_strdup (record->backing);
  file = live_backing_make (task, record, error);
  if (file < 0)
    return NULL;
  *keep = live_loop_attach (file, &device, error);
  close (file);
  return device;
}

static gboolean
make_encrypted (LiveTask *task, LiveRecord *record, GError **error)
{
  g_autofree char *path = live_record_get_path (record->name);
  g_autofree char *lower = NULL;
  g_autofree char *device = NULL;
  int keep = -1;
  gboolean made = FALSE;

  if (!live_record_save (record, error) || !live_task_point (task, error))
    return FALSE;
  lower = make_lower_device (task, record, &keep, error);
  if (lower != NULL && live_task_point (task, error))
    {
      live_task_step (task, LIVE_JOB_STEP_DEVICE, -1);
      made = live_mapping_open (record->name, lower, record->size, &device, error) && live_task_point (task, error)
             && live_filesystem_format (task, device, record->size, error)
             && live_filesystem_mount (task, "xfs", device, path, "", error);
    }
  if (keep >= 0)
    close (keep);
  return made;
}

static gboolean
make (LiveTask *task, const LiveRequest *request, LiveRecord *record, GError **error)
{
  gboolean made = FALSE;

  switch (request->kind)
    {
    case LIVE_REQUEST_CREATE_ZRAM:
      made = make_zram (task, record, error);
      break;
    case LIVE_REQUEST_CREATE_TMPFS:
      made = make_tmpfs (task, record, error);
      break;
    default:
      made = make_encrypted (task, record, error);
      break;
    }
  if (!made)
    return FALSE;
  record->state = LIVE_RECORD_READY;
  return live_record_save (record, error);
}

/* What can be told before anything is changed. */
static LiveRecord *
plan (const LiveRequest *request, GError **error)
{
  g_autoptr (LiveRecord) record = NULL;

  if (request->kind == LIVE_REQUEST_CREATE_ZRAM)
    record = live_record_new (request->name, LIVE_POOL_KIND_ZRAM);
  else if (request->kind == LIVE_REQUEST_CREATE_TMPFS)
    record = live_record_new (request->name, LIVE_POOL_KIND_TMPFS);
  else
    record = live_record_new (request->name, LIVE_POOL_KIND_ENCRYPTED);
  record->size = request->size;
  record->algorithm = g_strdup (request->algorithm);
  record->backing = g_strdup (request->backing);
  if (request->kind == LIVE_REQUEST_CREATE_TMPFS)
    record->limit = request->size;
  if (request->kind == LIVE_REQUEST_CREATE_ZRAM)
    record->limit = choose_limit (request);
  if (request->kind == LIVE_REQUEST_CREATE_ZRAM && !live_zram_is_available ())
    {
      g_set_error_literal (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED,
                           "the kernel has no zram, or the module zram is not loaded");
      return NULL;
    }
  if (request->kind == LIVE_REQUEST_CREATE_ENCRYPTED && !live_mapping_is_available ())
    {
      g_set_error_literal (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED,
                           "the kernel has no dm-crypt, or the module dm_crypt is not loaded");
      return NULL;
    }
  if (!check_name (request, error)
      || (request->kind == LIVE_REQUEST_CREATE_ENCRYPTED && !live_backing_check (record, error)))
    return NULL;
  return g_steal_pointer (&record);
}

static JsonObject *
describe (const LiveRecord *record)
{
  JsonObject *object = json_object_new ();
  g_autofree char *path = live_record_get_path (record->name);
  g_autofree char *device = live_take_apart_get_device (record);
  LiveUsage usage = { 0 };

  live_filesystem_get_usage (path, &usage);
  json_object_set_string_member (object, "path", path);
  if (device != NULL)
    json_object_set_string_member (object, "device", device);
  json_object_set_int_member (object, "size", (gint64) record->size);
  json_object_set_int_member (object, "capacity", (gint64) usage.capacity);
  json_object_set_int_member (object, "limit", (gint64) record->limit);
  if (record->algorithm != NULL)
    json_object_set_string_member (object, "algorithm", record->algorithm);
  if (g_str_equal (record->kind, LIVE_POOL_KIND_TMPFS))
    json_object_set_boolean_member (object, "noswap", !record->swappable);
  return object;
}

static void
undo (LiveTask *task, LiveRecord *record, GError **error)
{
  g_autoptr (GError) own_error = NULL;

  live_task_protect (task);
  live_task_step (task, LIVE_JOB_STEP_UNDO, -1);
  if (!live_take_apart (task, record, &own_error))
    g_prefix_error (error, "not all of it could be undone (%s): ", own_error->message);
}

JsonObject *
live_create_pool (LiveTask *task, const LiveRequest *request, GError **error)
{
  g_autoptr (LiveRecord) record = NULL;
  JsonObject *answer = NULL;
  int lock = live_record_lock (request->name, FALSE, error);

  if (lock < 0)
    return NULL;
  live_task_step (task, LIVE_JOB_STEP_CHECK, -1);
  record = plan (request, error);
  if (record != NULL && live_task_point (task, error))
    {
      if (make (task, request, record, error))
        answer = describe (record);
      else
        undo (task, record, error);
    }
  close (lock);
  return answer;
}
