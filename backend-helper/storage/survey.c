/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "storage/survey.h"

#include "storage/command.h"
#include "storage/filesystem.h"
#include "storage/mapping.h"
#include "storage/memory.h"
#include "storage/record.h"
#include "storage/take-apart.h"
#include "storage/zram.h"

#include <unistd.h>

static const char *
get_state (const LiveRecord *record, gboolean mounted, gboolean locked)
{
  if (locked)
    return "busy";
  if (record->state != LIVE_RECORD_READY)
    return "unfinished";
  return mounted ? "ready" : "broken";
}

static JsonObject *
describe (const LiveRecord *record, gboolean locked)
{
  JsonObject *object = json_object_new ();
  g_autofree char *path = live_record_get_path (record->name);
  g_autofree char *device = live_take_apart_get_device (record);
  g_autofree char *backing = record->backing != NULL ? g_utf8_make_valid (record->backing, -1) : NULL;
  gboolean mounted = live_take_apart_is_mounted (record);
  LiveUsage usage = { 0 };

  if (mounted)
    live_filesystem_get_usage (path, &usage);
  json_object_set_string_member (object, "name", record->name);
  json_object_set_string_member (object, "kind", record->kind);
  json_object_set_string_member (object, "state", get_state (record, mounted, locked));
  json_object_set_string_member (object, "path", path);
  if (device != NULL)
    json_object_set_string_member (object, "device", device);
  if (backing != NULL)
    json_object_set_string_member (object, "backing", backing);
  json_object_set_int_member (object, "size", (gint64) record->size);
  json_object_set_int_member (object, "capacity", (gint64) usage.capacity);
  json_object_set_int_member (object, "used", (gint64) usage.used);
  json_object_set_int_member (object, "memory", (gint64) live_memory_get_held (record));
  json_object_set_int_member (object, "limit", (gint64) record->limit);
  if (record->algorithm != NULL)
    json_object_set_string_member (object, "algorithm", record->algorithm);
  if (g_str_equal (record->kind, LIVE_POOL_KIND_TMPFS))
    json_object_set_boolean_member (object, "noswap", !record->swappable);
  return object;
}

JsonObject *
live_survey_list (GError **error)
{
  g_autoptr (GPtrArray) names = live_record_list (error);
  JsonArray *pools = NULL;
  JsonObject *answer = NULL;

  if (names == NULL)
    return NULL;
  pools = json_array_new ();
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = names->pdata[i];
      int lock = live_record_lock (name, FALSE, NULL);
      g_autoptr (LiveRecord) record = live_record_load (name, NULL);

      /* It may be gone by now. */
      if (record != NULL)
        json_array_add_object_element (pools, describe (record, lock < 0));
      if (lock >= 0)
        close (lock);
    }
  answer = json_object_new ();
  json_object_set_array_member (answer, "pools", pools);
  return answer;
}

static JsonObject *
describe_zram (void)
{
  JsonObject *zram = json_object_new ();
  JsonArray *algorithms = json_array_new ();
  g_autofree char *offered = live_zram_read_algorithms ();
  g_autofree char *best = offered != NULL ? live_zram_choose_algorithm (NULL, offered) : NULL;
  g_auto (GStrv) names = g_strsplit_set (offered != NULL ? offered : "", "[] \n", -1);

  for (guint i = 0; names[i] != NULL; i++)
    if (*names[i] != '\0')
      json_array_add_string_element (algorithms, names[i]);
  json_object_set_boolean_member (zram, "available", live_zram_is_available ());
  json_object_set_array_member (zram, "algorithms", algorithms);
  if (best != NULL)
    json_object_set_string_member (zram, "best", best);
  return zram;
}

JsonObject *
live_survey_budget (GError **error)
{
  LiveMemory memory;
  JsonObject *answer = NULL;

  if (!live_memory_read (&memory, NULL, error))
    return NULL;
  answer = json_object_new ();
  json_object_set_int_member (answer, "memory-total", (gint64) memory.total);
  json_object_set_int_member (answer, "memory-available", (gint64) memory.available);
  json_object_set_int_member (answer, "memory-promised", (gint64) memory.promised);
  json_object_set_int_member (answer, "memory-floor", (gint64) LIVE_MEMORY_FLOOR);
  json_object_set_object_member (answer, "zram", describe_zram ());
  json_object_set_boolean_member (
      answer, "xfs", live_filesystem_is_available ("xfs") && g_file_test (LIVE_MKFS_XFS, G_FILE_TEST_IS_EXECUTABLE));
  json_object_set_boolean_member (answer, "noswap", live_filesystem_has_noswap ());
  json_object_set_boolean_member (answer, "dm-crypt", live_mapping_is_available ());
  return answer;
}
