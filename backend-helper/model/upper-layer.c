/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/upper-layer.h"

#include <string.h>

#define MAX_DIGITS 6

const char *
live_upper_layer_get (const LiveQubeFacts *facts)
{
  return g_strcmp0 (facts->features[LIVE_FEATURE_UPPER], LIVE_UPPER_LAYER_TMPFS) == 0 ? LIVE_UPPER_LAYER_RAM
                                                                                      : LIVE_UPPER_LAYER_VOLATILE;
}

const char *
live_upper_layer_get_size (const LiveQubeFacts *facts)
{
  const char *size = facts->features[LIVE_FEATURE_UPPER_SIZE];

  if (size == NULL || !g_str_equal (live_upper_layer_get (facts), LIVE_UPPER_LAYER_RAM))
    return "";
  return live_upper_layer_is_size (size) ? size : "";
}

gboolean
live_upper_layer_is_size (const char *text)
{
  gsize n_digits = strspn (text, "0123456789");
  g_autofree char *digits = NULL;
  guint64 number = 0;

  if (n_digits == 0 || n_digits > MAX_DIGITS || *text == '0' || strlen (text) != n_digits + 1)
    return FALSE;
  digits = g_strndup (text, n_digits);
  number = g_ascii_strtoull (digits, NULL, 10);
  switch (text[n_digits])
    {
    case '%':
      return number <= LIVE_UPPER_LAYER_PERCENT_MAX;
    case 'K':
      return number >= LIVE_UPPER_LAYER_MEGABYTES_MIN * 1024;
    case 'M':
      return number >= LIVE_UPPER_LAYER_MEGABYTES_MIN;
    case 'G':
      return TRUE;
    default:
      return FALSE;
    }
}
