/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/crypt-key.h"

#include <string.h>

void
live_crypt_facts_free (LiveCryptFacts *facts)
{
  g_free (facts->type);
  g_free (facts->cipher);
  g_free (facts);
}

gboolean
live_crypt_uuid_is_crypt (const char *uuid)
{
  return uuid != NULL && g_str_has_prefix (uuid, "CRYPT-") && !g_str_has_prefix (uuid, "CRYPT-VERITY-")
         && !g_str_has_prefix (uuid, "CRYPT-INTEGRITY-") && !g_str_has_prefix (uuid, "CRYPT-SUBDEV-");
}

/* The kinds that keep their key, under a passphrase or not, in a header or in a file. */
static gboolean
keeps_key_on_disk (const char *type)
{
  static const char *const types[] = { "LUKS1", "LUKS2", "TCRYPT", "BITLK", "FVAULT2", "LOOPAES", NULL };

  return g_strv_contains (types, type);
}

static gboolean
names_kind_with_key_on_disk (const char *uuid)
{
  g_auto (GStrv) parts = NULL;

  if (uuid == NULL || !g_str_has_prefix (uuid, "CRYPT-"))
    return FALSE;
  parts = g_strsplit (uuid, "-", 3);
  return keeps_key_on_disk (parts[1]);
}

/* What a field means: quotes and C-like escapes undone. */
static char *
read_field (const char *field)
{
  GString *plain = g_string_new (NULL);
  g_autofree char *escaped = NULL;

  for (const char *at = field; *at != '\0'; at++)
    if (*at != '"' && *at != '\'')
      g_string_append_c (plain, *at);
  escaped = g_string_free (plain, FALSE);
  return g_strcompress (escaped);
}

static gboolean
is_random (const char *key_file)
{
  static const char *const sources[] = { "/dev/urandom", "/dev/random", "/dev/hwrng", NULL };

  return g_strv_contains (sources, key_file);
}

/* Whether crypttab has a line for @name with anything but a random key. */
static gboolean
has_lasting_key (const char *crypttab, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (crypttab, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit_set (g_strchomp (lines[i]), " \t", -1);
      const char *fields[3] = { NULL };
      guint count = 0;
      g_autofree char *plain = NULL;

      for (guint j = 0; words[j] != NULL && count < G_N_ELEMENTS (fields); j++)
        if (words[j][0] != '\0')
          fields[count++] = words[j];
      if (count == 0 || fields[0][0] == '#')
        continue;
      plain = read_field (fields[0]);
      /* A name with an escape in it may be meant as it stands. */
      if (!g_str_equal (plain, name) && !g_str_equal (fields[0], name))
        continue;
      if (count < 3 || !is_random (fields[2]))
        return TRUE;
    }
  return FALSE;
}

LiveBlockKey
live_crypt_key_judge (const LiveCryptFacts *facts, const char *name, const char *uuid, const char *crypttab)
{
  /* The uuid is only a name, but one that says less than it could is no danger. */
  if (names_kind_with_key_on_disk (uuid))
    return LIVE_BLOCK_KEY_DISK;
  if (facts == NULL || facts->type == NULL)
    return LIVE_BLOCK_KEY_UNKNOWN;
  if (keeps_key_on_disk (facts->type))
    return LIVE_BLOCK_KEY_DISK;
  if (!g_str_equal (facts->type, "PLAIN") || facts->cipher == NULL || facts->cipher[0] == '\0')
    return LIVE_BLOCK_KEY_UNKNOWN;
  /* Also as "null", and inside the kernel's own notation such as "capi:ecb(cipher_null)". */
  if (strstr (facts->cipher, "null") != NULL)
    return LIVE_BLOCK_KEY_NONE;
  if (crypttab != NULL && has_lasting_key (crypttab, name))
    return LIVE_BLOCK_KEY_DISK;
  if (facts->key_size == 0 || facts->offset != 0)
    return LIVE_BLOCK_KEY_UNKNOWN;
  return LIVE_BLOCK_KEY_MEMORY;
}
