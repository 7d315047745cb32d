/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "storage/mapping.h"

#include "model/error.h"
#include "model/job.h"
#include "storage/attribute.h"
#include "storage/holders.h"
#include "storage/loop.h"

#include <errno.h>
#include <libcryptsetup.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

/* XTS takes two keys of 256 bits. */
#define KEY_BYTES 64
/* Of libcryptsetup's `size`, whatever the sector size is. */
#define SECTOR 512
#define BUSY_SECONDS 5

static void
log_message (int level, const char *message, void *data)
{
  if (level == CRYPT_LOG_ERROR)
    g_message ("libcryptsetup: %s", message);
}

static void
prepare_library (void)
{
  crypt_set_debug_level (CRYPT_DEBUG_NONE);
  crypt_set_log_callback (NULL, log_message, NULL);
}

static gboolean
set_result (GError **error, int result, const char *what)
{
  g_set_error (error, LIVE_ERROR,
               result == -EBUSY                          ? LIVE_ERROR_IN_USE
               : result == -ENOTSUP || result == -ENODEV ? LIVE_ERROR_NOT_SUPPORTED
                                                         : LIVE_ERROR_FAILED,
               "%s: %s", what, g_strerror (-result));
  return FALSE;
}

char *
live_mapping_get_name (const char *pool)
{
  return g_strconcat ("qubes-live-", pool, "@crypt", NULL);
}

gboolean
live_mapping_is_available (void)
{
  /* Built in, there is no such directory; then the device mapper itself has to do as a sign. */
  return g_file_test ("/sys/module/dm_crypt", G_FILE_TEST_EXISTS)
         || g_file_test ("/sys/class/misc/device-mapper", G_FILE_TEST_EXISTS);
}

/* A page of its own, which is neither swapped nor dumped nor inherited. */
static char *
allocate_key (GError **error)
{
  gsize page = (gsize) sysconf (_SC_PAGESIZE);
  char *key = mmap (NULL, page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

  if (key == MAP_FAILED)
    {
      set_result (error, -errno, "there is no memory for a key");
      return NULL;
    }
  if (mlock (key, page) < 0 || madvise (key, page, MADV_DONTDUMP) < 0 || madvise (key, page, MADV_WIPEONFORK) < 0)
    {
      set_result (error, -errno, "the memory of a key cannot be locked");
      munmap (key, page);
      return NULL;
    }
  return key;
}

static void
free_key (char *key)
{
  gsize page = (gsize) sysconf (_SC_PAGESIZE);

  explicit_bzero (key, page);
  munmap (key, page);
}

static gboolean
fill_key (char *key, GError **error)
{
  gsize filled = 0;

  while (filled < KEY_BYTES)
    {
      ssize_t count = getrandom (key + filled, KEY_BYTES - filled, 0);

      if (count < 0 && errno != EINTR)
        return set_result (error, -errno, "there are no random numbers");
      if (count > 0)
        filled += (gsize) count;
    }
  return TRUE;
}

static gboolean
activate (struct crypt_device *device, const char *name, guint64 size, char *key, GError **error)
{
  struct crypt_params_plain parameters = { .size = size / SECTOR, .sector_size = LIVE_SECTOR_SIZE };
  int result = crypt_format (device, CRYPT_PLAIN, "aes", "xts-plain64", NULL, NULL, KEY_BYTES, &parameters);

  if (result < 0)
    return set_result (error, result, "a plain mapping cannot be set up");
  result = crypt_activate_by_volume_key (device, name, key, KEY_BYTES, 0);
  if (result < 0)
    return set_result (error, result, "the kernel does not make an encrypted mapping");
  return TRUE;
}

gboolean
live_mapping_open (const char *pool, const char *device, guint64 size, char **path, GError **error)
{
  g_autofree char *name = live_mapping_get_name (pool);
  struct crypt_device *crypt = NULL;
  char *key = NULL;
  int result = 0;
  gboolean opened = FALSE;

  prepare_library ();
  result = crypt_init (&crypt, device);
  if (result < 0)
    return set_result (error, result, "libcryptsetup does not take the device");
  key = allocate_key (error);
  opened = key != NULL && fill_key (key, error) && activate (crypt, name, size, key, error);
  if (key != NULL)
    free_key (key);
  /* It wipes the copy that it made. */
  crypt_free (crypt);
  if (opened)
    *path = g_strconcat ("/dev/mapper/", name, NULL);
  return opened;
}

char *
live_mapping_find (const char *pool)
{
  g_autofree char *name = live_mapping_get_name (pool);
  g_autoptr (GDir) directory = g_dir_open ("/sys/block", 0, NULL);
  const char *entry = NULL;

  while (directory != NULL && (entry = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_strconcat ("/sys/block/", entry, "/dm/name", NULL);
      g_autofree char *found = g_str_has_prefix (entry, "dm-") ? live_attribute_read (path) : NULL;

      if (g_strcmp0 (found, name) == 0)
        return g_strconcat ("/dev/mapper/", name, NULL);
    }
  return NULL;
}

gboolean
live_mapping_resize (const char *pool, guint64 size, GError **error)
{
  g_autofree char *name = live_mapping_get_name (pool);
  struct crypt_device *crypt = NULL;
  int result = 0;

  prepare_library ();
  result = crypt_init_by_name (&crypt, name);
  if (result >= 0)
    result = crypt_resize (crypt, name, size / SECTOR);
  crypt_free (crypt);
  return result >= 0 || set_result (error, result, "the encrypted mapping cannot be made bigger");
}

gboolean
live_mapping_close (LiveTask *task, const char *pool, GError **error)
{
  g_autofree char *name = live_mapping_get_name (pool);
  g_autofree char *path = live_mapping_find (pool);
  gint64 deadline = g_get_monotonic_time () + BUSY_SECONDS * G_USEC_PER_SEC;
  int result = 0;

  if (path == NULL)
    return TRUE;
  live_task_step (task, LIVE_JOB_STEP_CLOSE, -1);
  prepare_library ();
  /* Not deferred: the key is forgotten when this returns, or the caller is told that it is not. udev looks at a device
   * for a moment after each change. */
  while ((result = crypt_deactivate (NULL, name)) == -EBUSY && g_get_monotonic_time () < deadline)
    g_usleep (20000);
  if (result == -EBUSY)
    {
      g_autofree char *holders = NULL;

      live_holders_find_device (task, path);
      holders = live_task_describe_holders (task);
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_IN_USE, "%s is still in use by: %s", path, holders);
      return FALSE;
    }
  if (result < 0)
    return set_result (error, result, "the encrypted mapping cannot be closed");
  return live_task_point (task, error);
}
