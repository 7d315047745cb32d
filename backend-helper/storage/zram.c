/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "storage/zram.h"

#include "model/error.h"
#include "model/job.h"
#include "storage/attribute.h"
#include "storage/holders.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define CONTROL "/sys/class/zram-control"
/* udev looks at a device for a moment after each change. */
#define BUSY_SECONDS 5

/* What a person gets who does not choose: the one that makes the most of the RAM, then those that cost the least. */
static const char *const preferred[] = { "zstd", "lz4", "lzo-rle", "lzo", "lz4hc", "deflate", "842" };

static char *
get_attribute_path (gint number, const char *attribute)
{
  return g_strdup_printf ("/sys/block/zram%d/%s", number, attribute);
}

static char *
read_attribute (gint number, const char *attribute)
{
  g_autofree char *path = get_attribute_path (number, attribute);

  return live_attribute_read (path);
}

static gboolean
write_attribute (gint number, const char *attribute, const char *value, GError **error)
{
  g_autofree char *path = get_attribute_path (number, attribute);

  return live_attribute_write (path, value, error);
}

gboolean
live_zram_is_available (void)
{
  return g_file_test (CONTROL "/hot_add", G_FILE_TEST_EXISTS);
}

char *
live_zram_choose_algorithm (const char *wanted, const char *offered)
{
  g_autofree char *plain = g_strdelimit (g_strdup (offered), "[]", ' ');
  g_auto (GStrv) names = g_strsplit_set (plain, " \n", -1);

  if (wanted != NULL)
    return g_strv_contains ((const char *const *) names, wanted) ? g_strdup (wanted) : NULL;
  for (guint i = 0; i < G_N_ELEMENTS (preferred); i++)
    if (g_strv_contains ((const char *const *) names, preferred[i]))
      return g_strdup (preferred[i]);
  return NULL;
}

static GArray *
list_devices (void)
{
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (gint));
  g_autoptr (GDir) directory = g_dir_open ("/sys/block", 0, NULL);
  const char *name = NULL;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      guint64 value = 0;
      gint number = 0;

      if (!g_str_has_prefix (name, "zram")
          || !g_ascii_string_to_unsigned (name + strlen ("zram"), 10, 0, G_MAXINT, &value, NULL))
        continue;
      number = (gint) value;
      g_array_append_val (numbers, number);
    }
  return numbers;
}

static gboolean
contains (const GArray *numbers, gint number)
{
  for (guint i = 0; i < numbers->len; i++)
    if (g_array_index (numbers, gint, i) == number)
      return TRUE;
  return FALSE;
}

char *
live_zram_read_algorithms (void)
{
  g_autoptr (GArray) devices = list_devices ();

  return devices->len > 0 ? read_attribute (g_array_index (devices, gint, 0), "comp_algorithm") : NULL;
}

gboolean
live_zram_add (LiveTask *task, LiveRecord *record, GError **error)
{
  g_autofree char *answer = NULL;
  g_autofree char *sequence = NULL;
  guint64 number = 0;

  record->zrams_before = list_devices ();
  if (!live_record_save (record, error) || !live_task_point (task, error))
    return FALSE;
  /* To read this file is to add a device. */
  answer = live_attribute_read (CONTROL "/hot_add");
  if (answer == NULL || !g_ascii_string_to_unsigned (answer, 10, 0, G_MAXINT, &number, NULL))
    {
      g_set_error_literal (error, LIVE_ERROR, LIVE_ERROR_FAILED, "the kernel does not add a zram device");
      return FALSE;
    }
  if (!live_task_point (task, error))
    return FALSE;
  record->zram = (gint) number;
  sequence = read_attribute (record->zram, "diskseq");
  record->zram_sequence = sequence != NULL ? g_ascii_strtoull (sequence, NULL, 10) : 0;
  g_clear_pointer (&record->zrams_before, g_array_unref);
  return live_record_save (record, error) && live_task_point (task, error);
}

gboolean
live_zram_set_limit (const LiveRecord *record, guint64 limit, GError **error)
{
  g_autofree char *text = g_strdup_printf ("%" G_GUINT64_FORMAT, limit);

  return write_attribute (record->zram, "mem_limit", text, error);
}

gboolean
live_zram_set_up (LiveTask *task, LiveRecord *record, guint64 disk_size, GError **error)
{
  g_autofree char *backing = read_attribute (record->zram, "backing_dev");
  g_autofree char *offered = read_attribute (record->zram, "comp_algorithm");
  g_autofree char *algorithm = live_zram_choose_algorithm (record->algorithm, offered != NULL ? offered : "");
  g_autofree char *size = g_strdup_printf ("%" G_GUINT64_FORMAT, disk_size);

  /* Without support for it in the kernel there is no such file. */
  if (backing != NULL && !g_str_equal (backing, "none"))
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED,
                   "the new zram device writes to “%s”: what is in RAM would reach a disk", backing);
      return FALSE;
    }
  if (algorithm == NULL)
    {
      g_set_error (
          error, LIVE_ERROR, record->algorithm != NULL ? LIVE_ERROR_INVALID_ARGUMENT : LIVE_ERROR_NOT_SUPPORTED,
          "the kernel does not compress with “%s”; it offers: %s",
          record->algorithm != NULL ? record->algorithm : "any known algorithm", offered != NULL ? offered : "nothing");
      return FALSE;
    }
  g_free (record->algorithm);
  record->algorithm = g_steal_pointer (&algorithm);
  return write_attribute (record->zram, "comp_algorithm", record->algorithm, error) && live_task_point (task, error)
         && write_attribute (record->zram, "disksize", size, error) && live_task_point (task, error)
         && live_zram_set_limit (record, record->limit, error) && live_task_point (task, error);
}

/* Whether it belongs to another pool that is being made. When in doubt, it does. */
static gboolean
is_recorded (gint number)
{
  g_autoptr (GPtrArray) names = live_record_list (NULL);

  for (guint i = 0; names != NULL && i < names->len; i++)
    {
      g_autoptr (LiveRecord) record = live_record_load (names->pdata[i], NULL);

      if (record == NULL || record->zram == number)
        return TRUE;
    }
  return names == NULL;
}

/*
 * A device that was added by a process that did not live to write down its number. The kernel gives the lowest number
 * that is free, and a device that nobody has set up yet is of no use to anybody.
 */
static gint
find_unrecorded (const GArray *before)
{
  gint lowest = 0;
  g_autofree char *state = NULL;

  while (contains (before, lowest))
    lowest++;
  state = read_attribute (lowest, "initstate");
  return g_strcmp0 (state, "0") == 0 && !is_recorded (lowest) ? lowest : -1;
}

gint
live_zram_find (const LiveRecord *record)
{
  g_autofree char *device = NULL;
  g_autofree char *sequence = NULL;

  if (record->zram < 0)
    return record->zrams_before != NULL ? find_unrecorded (record->zrams_before) : -1;
  device = g_strdup_printf ("/sys/block/zram%d", record->zram);
  if (!g_file_test (device, G_FILE_TEST_EXISTS))
    return -1;
  /* Kernels before 5.15 have no such numbers. */
  sequence = read_attribute (record->zram, "diskseq");
  return g_ascii_strtoull (sequence != NULL ? sequence : "0", NULL, 10) == record->zram_sequence ? record->zram : -1;
}

char *
live_zram_get_path (gint number)
{
  return g_strdup_printf ("/dev/zram%d", number);
}

guint64
live_zram_get_disk_size (gint number)
{
  g_autofree char *text = read_attribute (number, "disksize");

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : 0;
}

guint64
live_zram_get_memory (gint number)
{
  g_autofree char *text = read_attribute (number, "mm_stat");
  guint64 memory = 0;
  char *rest = text;

  /* orig_data_size compr_data_size mem_used_total … */
  for (guint i = 0; rest != NULL && i < 3; i++)
    memory = g_ascii_strtoull (rest, &rest, 10);
  return memory;
}

static gboolean
remove_device (LiveTask *task, gint number, GError **error)
{
  gint64 deadline = g_get_monotonic_time () + BUSY_SECONDS * G_USEC_PER_SEC;
  g_autofree char *text = g_strdup_printf ("%d", number);
  g_autoptr (GError) own_error = NULL;

  live_task_step (task, LIVE_JOB_STEP_RESET, -1);
  /* Reset is not needed for the removal, but is refused without harm when something has the device open. */
  while (!write_attribute (number, "reset", "1", &own_error)
         || !live_attribute_write (CONTROL "/hot_remove", text, &own_error))
    {
      g_autofree char *device = live_zram_get_path (number);
      g_autofree char *holders = NULL;

      if (!g_error_matches (own_error, LIVE_ERROR, LIVE_ERROR_IN_USE))
        {
          g_propagate_error (error, g_steal_pointer (&own_error));
          return FALSE;
        }
      if (g_get_monotonic_time () > deadline)
        {
          live_holders_find_device (task, device);
          holders = live_task_describe_holders (task);
          g_set_error (error, LIVE_ERROR, LIVE_ERROR_IN_USE, "%s is still in use by: %s", device, holders);
          return FALSE;
        }
      g_clear_error (&own_error);
      g_usleep (20000);
    }
  return live_task_point (task, error);
}

gboolean
live_zram_remove (LiveTask *task, const LiveRecord *record, GError **error)
{
  int lock = -1;
  gint number = -1;
  gboolean removed = TRUE;

  /* While another process adds one, a device without an owner may be its. */
  if (record->zram < 0 && record->zrams_before != NULL && (lock = live_record_lock (NULL, TRUE, error)) < 0)
    return FALSE;
  number = live_zram_find (record);
  if (number >= 0)
    removed = remove_device (task, number, error);
  if (lock >= 0)
    close (lock);
  return removed;
}
