/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/finding.h"

#include <stdarg.h>

const char *
live_verdict_to_string (LiveVerdict verdict)
{
  switch (verdict)
    {
    case LIVE_VERDICT_GOOD:
      return "good";
    case LIVE_VERDICT_WEAK:
      return "weak";
    case LIVE_VERDICT_BAD:
      return "bad";
    case LIVE_VERDICT_NOT_APPLICABLE:
      return "not-applicable";
    case LIVE_VERDICT_UNKNOWN:
    default:
      return "unknown";
    }
}

void
live_finding_add (GVariantBuilder *findings, const char *code, LiveVerdict verdict, const char *remedy, ...)
{
  va_list pairs;
  const char *key = NULL;

  g_return_if_fail (code != NULL && remedy != NULL);

  if (findings == NULL)
    return;
  g_variant_builder_open (findings, G_VARIANT_TYPE ("(sssa{sv})"));
  g_variant_builder_add (findings, "s", code);
  g_variant_builder_add (findings, "s", live_verdict_to_string (verdict));
  g_variant_builder_add (findings, "s", remedy);
  g_variant_builder_open (findings, G_VARIANT_TYPE_VARDICT);
  va_start (pairs, remedy);
  while ((key = va_arg (pairs, const char *)) != NULL)
    {
      const char *value = va_arg (pairs, const char *);

      g_variant_builder_add (findings, "{sv}", key, g_variant_new_string (value != NULL ? value : ""));
    }
  va_end (pairs);
  g_variant_builder_close (findings);
  g_variant_builder_close (findings);
}
