/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "storage/record.h"

#include "model/error.h"
#include "storage/request.h"

#include <errno.h>
#include <fcntl.h>
#include <json-glib/json-glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SUFFIX ".json"
#define NEW_SUFFIX ".new"
#define LOCK_FILE LIVE_STORAGE_DIRECTORY "/lock"

static const char *const state_names[LIVE_RECORD_N_STATES] = {
  [LIVE_RECORD_CREATING] = "creating",
  [LIVE_RECORD_READY] = "ready",
  [LIVE_RECORD_DESTROYING] = "destroying",
};

LiveRecord *
live_record_new (const char *name, const char *kind)
{
  LiveRecord *record = g_new0 (LiveRecord, 1);

  record->name = g_strdup (name);
  record->kind = g_strdup (kind);
  record->zram = -1;
  return record;
}

void
live_record_free (LiveRecord *record)
{
  g_free (record->name);
  g_free (record->kind);
  g_free (record->algorithm);
  g_clear_pointer (&record->zrams_before, g_array_unref);
  g_free (record->backing);
  g_free (record);
}

char *
live_record_get_path (const char *name)
{
  return g_build_filename (LIVE_POOLS_DIRECTORY, name, NULL);
}

static char *
get_file (const char *name)
{
  return g_strconcat (LIVE_STORAGE_DIRECTORY "/", name, SUFFIX, NULL);
}

static gboolean
set_errno (GError **error, int code, const char *what, const char *path)
{
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_FAILED, "%s %s: %s", what, path, g_strerror (code));
  return FALSE;
}

static gboolean
prepare_directory (const char *path, mode_t mode, GError **error)
{
  struct stat status;

  if (mkdir (path, mode) < 0 && errno != EEXIST)
    return set_errno (error, errno, "cannot make", path);
  if (lstat (path, &status) < 0)
    return set_errno (error, errno, "cannot look at", path);
  if (!S_ISDIR (status.st_mode) || status.st_uid != 0 || (status.st_mode & 022) != 0)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_FAILED, "%s must be a directory that nobody but root can change",
                   path);
      return FALSE;
    }
  return TRUE;
}

gboolean
live_record_prepare (GError **error)
{
  return prepare_directory ("/run/qubes-live", 0755, error) && prepare_directory (LIVE_STORAGE_DIRECTORY, 0700, error)
         && prepare_directory (LIVE_POOLS_DIRECTORY, 0700, error);
}

static JsonObject *
to_json (const LiveRecord *record)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "kind", record->kind);
  json_object_set_string_member (object, "state", state_names[record->state]);
  json_object_set_int_member (object, "size", (gint64) record->size);
  json_object_set_int_member (object, "limit", (gint64) record->limit);
  json_object_set_boolean_member (object, "swappable", record->swappable);
  json_object_set_int_member (object, "zram", record->zram);
  json_object_set_int_member (object, "zram-sequence", (gint64) record->zram_sequence);
  if (record->algorithm != NULL)
    json_object_set_string_member (object, "algorithm", record->algorithm);
  if (record->zrams_before != NULL)
    {
      JsonArray *before = json_array_new ();

      for (guint i = 0; i < record->zrams_before->len; i++)
        json_array_add_int_element (before, g_array_index (record->zrams_before, gint, i));
      json_object_set_array_member (object, "zrams-before", before);
    }
  if (record->backing != NULL)
    {
      /* A path may be any bytes. */
      g_autofree char *escaped = g_strescape (record->backing, NULL);

      json_object_set_string_member (object, "backing", escaped);
      json_object_set_boolean_member (object, "backing-is-device", record->backing_is_device);
      json_object_set_int_member (object, "backing-device", (gint64) record->backing_device);
      json_object_set_int_member (object, "backing-inode", (gint64) record->backing_inode);
    }
  return object;
}

gboolean
live_record_save (const LiveRecord *record, GError **error)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) node = json_node_alloc ();
  g_autofree char *path = get_file (record->name);
  g_autofree char *new_path = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;
  ssize_t count = 0;
  int fd = -1;

  json_node_take_object (json_node_init (node, JSON_NODE_OBJECT), to_json (record));
  json_generator_set_root (generator, node);
  text = json_generator_to_data (generator, &length);
  /* Always the same name, under the lock of the pool: what a crash leaves is overwritten or removed later. */
  new_path = g_strconcat (path, NEW_SUFFIX, NULL);
  fd = open (new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0)
    return set_errno (error, errno, "cannot make", new_path);
  count = write (fd, text, length);
  close (fd);
  if (count < 0 || (gsize) count != length)
    return set_errno (error, count < 0 ? errno : ENOSPC, "cannot write", new_path);
  if (rename (new_path, path) < 0)
    return set_errno (error, errno, "cannot replace", path);
  return TRUE;
}

static LiveRecord *
from_json (const char *name, JsonObject *object)
{
  const char *kind = json_object_get_string_member_with_default (object, "kind", "");
  const char *state = json_object_get_string_member_with_default (object, "state", "");
  const char *backing = json_object_get_string_member_with_default (object, "backing", NULL);
  g_autoptr (LiveRecord) record = live_record_new (name, kind);

  if (!g_str_equal (kind, LIVE_POOL_KIND_ZRAM) && !g_str_equal (kind, LIVE_POOL_KIND_TMPFS)
      && !g_str_equal (kind, LIVE_POOL_KIND_ENCRYPTED))
    return NULL;
  while (record->state < LIVE_RECORD_N_STATES && !g_str_equal (state_names[record->state], state))
    record->state++;
  if (record->state == LIVE_RECORD_N_STATES)
    return NULL;
  record->size = (guint64) json_object_get_int_member_with_default (object, "size", 0);
  record->limit = (guint64) json_object_get_int_member_with_default (object, "limit", 0);
  record->swappable = json_object_get_boolean_member_with_default (object, "swappable", TRUE);
  record->zram = (gint) json_object_get_int_member_with_default (object, "zram", -1);
  record->zram_sequence = (guint64) json_object_get_int_member_with_default (object, "zram-sequence", 0);
  record->algorithm = g_strdup (json_object_get_string_member_with_default (object, "algorithm", NULL));
  if (json_object_has_member (object, "zrams-before"))
    {
      JsonArray *before = json_object_get_array_member (object, "zrams-before");

      record->zrams_before = g_array_new (FALSE, FALSE, sizeof (gint));
      for (guint i = 0; before != NULL && i < json_array_get_length (before); i++)
        {
          gint number = (gint) json_array_get_int_element (before, i);

          g_array_append_val (record->zrams_before, number);
        }
    }
  record->backing = backing != NULL ? g_strcompress (backing) : NULL;
  record->backing_is_device = json_object_get_boolean_member_with_default (object, "backing-is-device", FALSE);
  record->backing_device = (guint64) json_object_get_int_member_with_default (object, "backing-device", 0);
  record->backing_inode = (guint64) json_object_get_int_member_with_default (object, "backing-inode", 0);
  return g_steal_pointer (&record);
}

LiveRecord *
live_record_load (const char *name, GError **error)
{
  g_autofree char *path = get_file (name);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) own_error = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;
  LiveRecord *record = NULL;

  if (!g_file_get_contents (path, &text, &length, &own_error))
    {
      gboolean missing = g_error_matches (own_error, G_FILE_ERROR, G_FILE_ERROR_NOENT);

      g_set_error (error, LIVE_ERROR, missing ? LIVE_ERROR_NOT_FOUND : LIVE_ERROR_FAILED,
                   missing ? "there is no storage for a pool “%s”" : "the record of the pool “%s” cannot be read",
                   name);
      return NULL;
    }
  if (json_parser_load_from_data (parser, text, (gssize) length, NULL) && json_parser_get_root (parser) != NULL
      && JSON_NODE_HOLDS_OBJECT (json_parser_get_root (parser)))
    record = from_json (name, json_node_get_object (json_parser_get_root (parser)));
  if (record == NULL)
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_FAILED, "%s is not a record of this program", path);
  return record;
}

gboolean
live_record_remove (const char *name, GError **error)
{
  g_autofree char *path = get_file (name);

  g_autofree char *new_path = g_strconcat (path, NEW_SUFFIX, NULL);

  if (unlink (new_path) < 0 && errno != ENOENT)
    return set_errno (error, errno, "cannot remove", new_path);
  if (unlink (path) < 0 && errno != ENOENT)
    return set_errno (error, errno, "cannot remove", path);
  return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *
live_record_list (GError **error)
{
  g_autoptr (GDir) directory = g_dir_open (LIVE_STORAGE_DIRECTORY, 0, error);
  GPtrArray *names = NULL;
  const char *entry = NULL;

  if (directory == NULL)
    return NULL;
  names = g_ptr_array_new_with_free_func (g_free);
  while ((entry = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *name = NULL;

      if (!g_str_has_suffix (entry, SUFFIX))
        continue;
      name = g_strndup (entry, strlen (entry) - strlen (SUFFIX));
      if (live_request_is_pool_name (name))
        g_ptr_array_add (names, g_steal_pointer (&name));
    }
  g_ptr_array_sort (names, compare_names);
  return names;
}

/* Locks of byte ranges need no file for each name, and none to be taken away afterwards. */
static off_t
get_offset (const char *name)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  guint8 digest[32];
  gsize length = sizeof digest;
  guint64 offset = 0;

  g_checksum_update (checksum, (const guchar *) name, (gssize) strlen (name));
  g_checksum_get_digest (checksum, digest, &length);
  memcpy (&offset, digest, sizeof offset);
  return (off_t) (1 + (offset >> 2));
}

int
live_record_lock (const char *name, gboolean wait, GError **error)
{
  struct flock range = {
    .l_type = F_WRLCK,
    .l_whence = SEEK_SET,
    .l_start = name != NULL ? get_offset (name) : 0,
    .l_len = 1,
  };
  int fd = open (LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  int code = 0;

  if (fd < 0)
    {
      set_errno (error, errno, "cannot open", LOCK_FILE);
      return -1;
    }
  while (fcntl (fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &range) < 0)
    {
      code = errno;
      if (code == EINTR)
        continue;
      close (fd);
      if (code == EAGAIN || code == EACCES)
        g_set_error (error, LIVE_ERROR, LIVE_ERROR_BUSY, "another change of the storage of “%s” is under way",
                     name != NULL ? name : "all pools");
      else
        set_errno (error, code, "cannot lock", LOCK_FILE);
      return -1;
    }
  return fd;
}
