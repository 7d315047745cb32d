/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "client/leak-words.h"

#include "client/words.h"
#include "model/leaks.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  const char *code;
  const char *words;
} Entry;

/* With one %s for the parameter @key. */
typedef struct
{
  const char *code;
  const char *key;
  const char *words;
  const char *words_unknown; /* when it is not known where it comes to rest */
} LeakEntry;

static const LeakEntry leaks[] = {
  { LIVE_LEAK_MOUNT_WRITABLE, "target", N_ ("%s is on a disk and can be written to"),
    N_ ("%s can be written to, and may be on a disk") },
  { LIVE_LEAK_FIRMWARE_WRITABLE, "target", N_ ("The variables of the firmware can be written to: %s"), NULL },
  { LIVE_LEAK_SWAP_ON_DISK, "device", N_ ("Memory is swapped out to a disk: %s"),
    N_ ("Memory is swapped out, maybe to a disk: %s") },
  { LIVE_LEAK_JOURNAL_PERSISTENT, "target", N_ ("The journal is kept on a disk, below %s"),
    N_ ("The journal is kept, maybe on a disk, below %s") },
  { LIVE_LEAK_CORE_DUMPS_TO_DISK, "pattern", N_ ("The memory of programs that crash is written to a disk: %s"),
    N_ ("The memory of programs that crash is written, maybe to a disk: %s") },
  { LIVE_LEAK_HIBERNATION_POSSIBLE, "device", N_ ("Hibernating would write all memory to %s"), NULL },
  { LIVE_LEAK_ZRAM_BACKING_DEVICE, "device", N_ ("The RAM disk %s also writes to a disk"), NULL },
};

static char *
get_text (GVariant *parameters, const char *key)
{
  const char *value = NULL;

  if (!g_variant_lookup (parameters, key, "&s", &value) || *value == '\0')
    return g_strdup ("?");
  return live_words_clean (value);
}

static char *
fill_in (const LeakEntry *entry, GVariant *parameters)
{
  g_autofree char *value = get_text (parameters, entry->key);
  g_autofree char *place = get_text (parameters, "place");
  const char *words = entry->words;

  if (entry->words_unknown != NULL && !g_str_equal (place, "disk"))
    words = entry->words_unknown;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
  return g_strdup_printf (_ (words), value);
#pragma GCC diagnostic pop
}

static char *
words_for_not_read (GVariant *parameters)
{
  static const Entry whats[] = {
    { "mounts", N_ ("The mounts of dom0 could not be read") },
    { "swaps", N_ ("The swaps of dom0 could not be read") },
    { "core-pattern", N_ ("Where the memory of crashing programs goes could not be read") },
    { "power", N_ ("Whether dom0 can hibernate could not be read") },
  };
  g_autofree char *what = get_text (parameters, "what");

  for (gsize i = 0; i < G_N_ELEMENTS (whats); i++)
    if (g_str_equal (whats[i].code, what))
      return g_strdup (_ (whats[i].words));
  return g_strdup_printf (_ ("Something of dom0 could not be read: %s"), what);
}

char *
live_leak_words (const char *code, GVariant *parameters)
{
  for (gsize i = 0; i < G_N_ELEMENTS (leaks); i++)
    if (g_str_equal (leaks[i].code, code))
      return fill_in (&leaks[i], parameters);
  if (g_str_equal (code, LIVE_LEAK_NOT_READ))
    return words_for_not_read (parameters);
  return live_words_clean (code);
}

static char *
look_up (const Entry *entries, gsize n_entries, const char *code)
{
  for (gsize i = 0; i < n_entries; i++)
    if (g_str_equal (entries[i].code, code))
      return g_strdup (_ (entries[i].words));
  return live_words_clean (code);
}

char *
live_leak_words_remedy (const char *remedy)
{
  static const Entry remedies[] = {
    { LIVE_REMEDY_MOUNT_READ_ONLY, N_ ("Mount it read-only, or unmount it") },
    { LIVE_REMEDY_SWAP_OFF, N_ ("Switch it off (swapoff), and start with systemd.swap=0") },
    { LIVE_REMEDY_JOURNAL_VOLATILE, N_ ("Set Storage=volatile in journald.conf and restart systemd-journald") },
    { LIVE_REMEDY_CORE_DUMPS_OFF, N_ ("Set Storage=none in coredump.conf, or kernel.core_pattern=|/bin/false") },
    { LIVE_REMEDY_NO_HIBERNATE, N_ ("Start with nohibernate, or switch the swap off") },
    { LIVE_REMEDY_ZRAM_WITHOUT_BACKING, N_ ("Make it anew without a backing device") },
    { LIVE_REMEDY_CHECK_HELPER, N_ ("The log says why: journalctl -u qubes-live-helper") },
  };

  return *remedy != '\0' ? look_up (remedies, G_N_ELEMENTS (remedies), remedy) : NULL;
}

char *
live_leak_words_boot_mode (const char *boot_mode)
{
  static const Entry modes[] = {
    { "persistent", N_ ("dom0 runs from a disk") },
    { "overlay", N_ ("dom0 runs from RAM, over a root that is only read") },
    { "zram", N_ ("dom0 runs from a compressed RAM disk") },
    { "volatile", N_ ("dom0 runs from RAM, as systemd.volatile= says") },
    { "dracut-live", N_ ("dom0 runs from RAM, as a live image") },
    { "unknown", N_ ("It is not known what dom0 runs from") },
  };

  return look_up (modes, G_N_ELEMENTS (modes), boot_mode);
}
