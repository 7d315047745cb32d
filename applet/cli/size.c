/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "cli/size.h"

/* Of a fraction; with more, 1024⁴ times it would not fit. */
#define MOST_DIGITS 6

/* The power of two of a unit, -1 when it is none. */
static int
parse_unit (const char *text)
{
  static const char units[] = "kmgt";

  if (*text == '\0')
    return 0;
  for (int i = 0; units[i] != '\0'; i++)
    {
      if (g_ascii_tolower (*text) != units[i])
        continue;
      if (text[1] == '\0' || g_ascii_strcasecmp (text + 1, "i") == 0 || g_ascii_strcasecmp (text + 1, "iB") == 0)
        return 10 * (i + 1);
      return -1;
    }
  return -1;
}

gboolean
live_size_parse (const char *text, guint64 *bytes)
{
  guint64 whole = 0, fraction = 0, scale = 1, size = 0;
  int shift = 0;

  /* By hand: a number may not have a sign or spaces before it, and be no hexadecimal one. */
  if (text == NULL || !g_ascii_isdigit (*text))
    return FALSE;
  for (; g_ascii_isdigit (*text); text++)
    {
      if (!g_uint64_checked_mul (&whole, whole, 10) || !g_uint64_checked_add (&whole, whole, (guint64) (*text - '0')))
        return FALSE;
    }
  if (*text == '.')
    {
      if (!g_ascii_isdigit (*++text))
        return FALSE;
      for (guint digits = 0; g_ascii_isdigit (*text); text++, digits++)
        {
          if (digits >= MOST_DIGITS)
            return FALSE;
          fraction = fraction * 10 + (guint64) (*text - '0');
          scale *= 10;
        }
    }
  shift = parse_unit (text);
  /* There is no part of a byte. */
  if (shift < 0 || (shift == 0 && scale > 1))
    return FALSE;
  if (!g_uint64_checked_mul (&size, whole, (guint64) 1 << shift)
      || !g_uint64_checked_add (&size, size, (fraction << shift) / scale) || size == 0)
    return FALSE;
  *bytes = size;
  return TRUE;
}
