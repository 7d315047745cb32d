/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "client/pool-words.h"

#include "client/words.h"

#include <glib/gi18n-lib.h>

char *
live_pool_words_size (guint64 bytes)
{
  return g_format_size_full (bytes, G_FORMAT_SIZE_IEC_UNITS);
}

char *
live_pool_words_usage (guint64 used, guint64 size, guint64 memory_used)
{
  g_autofree char *usage = live_words_usage (used, size);
  g_autofree char *memory = NULL;

  if (memory_used == 0)
    return g_steal_pointer (&usage);
  memory = live_pool_words_size (memory_used);
  /* Translators: how much of a pool is used, and how much RAM it takes */
  return g_strdup_printf (_ ("%s, %s of RAM held"), usage, memory);
}

const char *
live_pool_words_kind (const char *kind)
{
  if (g_str_equal (kind, "disk"))
    return _ ("on disk");
  if (g_str_equal (kind, "ram"))
    return _ ("in RAM");
  if (g_str_equal (kind, "encrypted"))
    return _ ("encrypted");
  return _ ("not known where");
}

const char *
live_pool_words_ephemeral_volatile (LiveClientPool *pool)
{
  if (!live_client_pool_get_ephemeral_volatile_supported (pool))
    return _ ("throw-away keys not supported");
  if (live_client_pool_get_ephemeral_volatile (pool))
    return _ ("throw-away keys for volatile volumes");
  return _ ("no throw-away keys");
}

char *
live_pool_words_notes (LiveClientPool *pool)
{
  if (g_str_equal (live_client_pool_get_state (pool), "gone"))
    return g_strdup (_ ("its storage is gone"));
  if (live_client_pool_get_is_default (pool))
    return g_strdup (_ ("new qubes go to it"));
  return g_strdup ("");
}

char *
live_pool_words_loss (LiveClientPool *pool)
{
  guint n_qubes = g_strv_length ((char **) live_client_pool_get_qubes (pool));
  g_autofree char *size = NULL;

  if (g_str_equal (live_client_pool_get_state (pool), "gone"))
    return g_strdup (_ ("What was in it is lost already; qubesd is made to forget it."));
  size = live_pool_words_size (live_client_pool_get_used (pool));
  if (n_qubes == 0)
    return g_strdup_printf (_ ("No qube has a volume in it. What is in it (%s) is lost."), size);
  return g_strdup_printf (ngettext ("What is in it (%s) is lost, and with it %u qube:",
                                    "What is in it (%s) is lost, and with it %u qubes:", n_qubes),
                          size, n_qubes);
}
