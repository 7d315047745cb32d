/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/crypt.h"

#include <errno.h>
#include <libcryptsetup.h>
#include <string.h>

#define MAX_ATTRIBUTE 4096
#define MAX_CRYPTTAB (256 * 1024)
#define MAX_REMEMBERED 1024

struct _LiveCrypt
{
  char *root;
  GMutex lock;
  GHashTable *remembered; /* identity: LiveCryptFacts */
};

/* libdevmapper, below libcryptsetup, has one handle and one log for the whole process. */
static GMutex library_lock;

static void
ignore_log (int level, const char *message, void *data)
{
  /* A mapping that has gone while it was looked at is nothing to speak of, and a page of "not active" no help. */
}

LiveCrypt *
live_crypt_new (const char *root)
{
  LiveCrypt *crypt = g_atomic_rc_box_new0 (LiveCrypt);

  crypt->root = g_strdup (root);
  g_mutex_init (&crypt->lock);
  crypt->remembered = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) live_crypt_facts_free);
  return crypt;
}

LiveCrypt *
live_crypt_ref (LiveCrypt *crypt)
{
  return g_atomic_rc_box_acquire (crypt);
}

static void
clear (gpointer data)
{
  LiveCrypt *crypt = data;

  g_free (crypt->root);
  g_hash_table_unref (crypt->remembered);
  g_mutex_clear (&crypt->lock);
}

void
live_crypt_unref (LiveCrypt *crypt)
{
  g_atomic_rc_box_release_full (crypt, clear);
}

const char *
live_crypt_get_root (LiveCrypt *crypt)
{
  return crypt->root;
}

void
live_crypt_forget (LiveCrypt *crypt)
{
  g_mutex_lock (&crypt->lock);
  g_hash_table_remove_all (crypt->remembered);
  g_mutex_unlock (&crypt->lock);
}

static LiveCryptFacts *
copy_facts (const LiveCryptFacts *facts)
{
  LiveCryptFacts *copy = g_memdup2 (facts, sizeof *facts);

  copy->type = g_strdup (facts->type);
  copy->cipher = g_strdup (facts->cipher);
  return copy;
}

static LiveCryptFacts *
get_facts (struct crypt_device *device, const char *name)
{
  const char *type = crypt_get_type (device);
  const char *cipher = crypt_get_cipher (device);
  const char *mode = crypt_get_cipher_mode (device);
  int key_size = crypt_get_volume_key_size (device);
  struct crypt_active_device active = { 0 };
  LiveCryptFacts *facts = NULL;

  if (crypt_get_active_device (device, name, &active) < 0)
    return NULL;
  facts = g_new0 (LiveCryptFacts, 1);
  facts->type = g_strdup (type);
  if (cipher != NULL)
    facts->cipher = mode != NULL && mode[0] != '\0' ? g_strdup_printf ("%s-%s", cipher, mode) : g_strdup (cipher);
  facts->key_size = key_size > 0 && key_size < 4096 ? (guint) key_size * 8 : 0;
  facts->offset = active.offset;
  return facts;
}

LiveCryptFacts *
live_crypt_ask (const char *name)
{
  struct crypt_device *device = NULL;
  LiveCryptFacts *facts = NULL;

  g_mutex_lock (&library_lock);
  crypt_set_debug_level (CRYPT_DEBUG_NONE);
  /* For every device: the ones that cannot be opened have no log of their own. */
  crypt_set_log_callback (NULL, ignore_log, NULL);
  if (crypt_init_by_name (&device, name) >= 0 && device != NULL)
    facts = get_facts (device, name);
  if (device != NULL)
    crypt_free (device);
  g_mutex_unlock (&library_lock);
  return facts;
}

/* %NULL when there is no such file, or when it is not in order. */
static LiveCryptFacts *
read_test_facts (LiveRootDirectory *root, const char *name)
{
  g_autofree char *path = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  g_autoptr (LiveCryptFacts) facts = NULL;

  if (strchr (name, '/') != NULL)
    return NULL;
  path = g_strconcat ("/run/qubes-live-test/dm/", name, NULL);
  text = live_root_directory_read (root, path, MAX_ATTRIBUTE);
  if (text == NULL)
    return NULL;
  facts = g_new0 (LiveCryptFacts, 1);
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *value = strchr (lines[i], '=');
      guint64 number = 0;

      if (value == NULL)
        continue;
      *value++ = '\0';
      if (g_str_equal (lines[i], "type"))
        {
          g_free (facts->type);
          facts->type = g_strdup (value);
        }
      else if (g_str_equal (lines[i], "cipher"))
        {
          g_free (facts->cipher);
          facts->cipher = g_strdup (value);
        }
      else if (!g_ascii_string_to_unsigned (value, 10, 0, G_MAXUINT32, &number, NULL))
        return NULL;
      else if (g_str_equal (lines[i], "key_size"))
        facts->key_size = (guint) number;
      else if (g_str_equal (lines[i], "offset"))
        facts->offset = number;
    }
  return g_steal_pointer (&facts);
}

static char *
read_attribute (LiveRootDirectory *root, const LiveBlock *block, const char *attribute)
{
  g_autofree char *path = g_strdup_printf ("/sys/dev/block/%u:%u/%s", block->major, block->minor, attribute);
  char *text = live_root_directory_read (root, path, MAX_ATTRIBUTE);

  if (text != NULL && g_str_has_suffix (text, "\n"))
    text[strlen (text) - 1] = '\0';
  return text;
}

/*
 * Which device the numbers mean now: %NULL when it is not the one that was read before. libcryptsetup goes by names,
 * and a name can pass on to another mapping between two looks.
 */
static char *
identify (LiveRootDirectory *root, const LiveBlock *block, gboolean *lasting)
{
  g_autofree char *name = read_attribute (root, block, "dm/name");
  g_autofree char *uuid = read_attribute (root, block, "dm/uuid");
  g_autofree char *sequence = read_attribute (root, block, "diskseq");

  if (g_strcmp0 (name, block->mapping_name) != 0 || g_strcmp0 (uuid, block->mapping_uuid) != 0)
    return NULL;
  /* Without a number that is never used again, the same names may mean another device the next time. */
  *lasting = sequence != NULL && sequence[0] != '\0';
  return g_strdup_printf ("%u:%u\n%s\n%s\n%s", block->major, block->minor, sequence, uuid, name);
}

static LiveCryptFacts *
recall (LiveCrypt *crypt, const char *identity)
{
  const LiveCryptFacts *facts = NULL;
  LiveCryptFacts *copy = NULL;

  g_mutex_lock (&crypt->lock);
  facts = g_hash_table_lookup (crypt->remembered, identity);
  copy = facts != NULL ? copy_facts (facts) : NULL;
  g_mutex_unlock (&crypt->lock);
  return copy;
}

static void
remember (LiveCrypt *crypt, const char *identity, const LiveCryptFacts *facts)
{
  g_mutex_lock (&crypt->lock);
  if (g_hash_table_size (crypt->remembered) >= MAX_REMEMBERED)
    g_hash_table_remove_all (crypt->remembered);
  g_hash_table_replace (crypt->remembered, g_strdup (identity), copy_facts (facts));
  g_mutex_unlock (&crypt->lock);
}

static LiveCryptFacts *
look_at (LiveCrypt *crypt, LiveRootDirectory *root, const LiveBlock *block)
{
  gboolean lasting = FALSE;
  g_autofree char *before = identify (root, block, &lasting);
  g_autofree char *after = NULL;
  g_autoptr (LiveCryptFacts) facts = NULL;

  if (before == NULL)
    return NULL;
  if (!live_root_directory_is_real (root))
    return read_test_facts (root, block->mapping_name);
  if (lasting && (facts = recall (crypt, before)) != NULL)
    return g_steal_pointer (&facts);
  facts = live_crypt_ask (block->mapping_name);
  after = identify (root, block, &lasting);
  if (facts == NULL || g_strcmp0 (before, after) != 0)
    return NULL;
  if (lasting)
    remember (crypt, before, facts);
  return g_steal_pointer (&facts);
}

void
live_crypt_examine (LiveCrypt *crypt, LiveBlock *block)
{
  g_autoptr (LiveRootDirectory) root = live_root_directory_open (crypt->root, NULL);
  g_autoptr (LiveCryptFacts) facts = NULL;
  g_autofree char *crypttab = NULL;

  block->key = LIVE_BLOCK_KEY_UNKNOWN;
  block->key_size = 0;
  g_clear_pointer (&block->cipher, g_free);
  if (root == NULL || block->mapping_name == NULL || block->mapping_uuid == NULL)
    return;
  facts = look_at (crypt, root, block);
  crypttab = live_root_directory_read (root, "/etc/crypttab", MAX_CRYPTTAB);
  if (crypttab == NULL && errno != ENOENT)
    /* It is there and may name a key file. */
    g_clear_pointer (&facts, live_crypt_facts_free);
  block->key = live_crypt_key_judge (facts, block->mapping_name, block->mapping_uuid, crypttab);
  if (facts != NULL)
    {
      block->cipher = g_strdup (facts->cipher);
      block->key_size = facts->key_size;
    }
}
