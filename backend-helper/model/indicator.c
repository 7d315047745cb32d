/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/indicator.h"

#include "model/reason.h"

static gboolean
keeps (const LiveRunningQube *qube)
{
  return qube->persistence == LIVE_PERSISTENCE_PERSISTENT || qube->persistence == LIVE_PERSISTENCE_ROOT_EPHEMERAL;
}

static gboolean
is_verified_ephemeral (const LiveRunningQube *qube)
{
  return qube->evidence == LIVE_EVIDENCE_VERIFIED
         && (qube->persistence == LIVE_PERSISTENCE_EPHEMERAL || qube->persistence == LIVE_PERSISTENCE_RAM);
}

/* What the running qubes are, counted; the reasons tell of each. */
typedef struct
{
  guint n_keeps;
  guint n_contradicted;
  guint n_unverified;
} Count;

static Count
count_running (const LiveIndicatorFacts *facts, GVariantBuilder *reasons)
{
  Count count = { 0 };

  for (gsize i = 0; i < facts->n_running; i++)
    {
      const LiveRunningQube *qube = &facts->running[i];

      if (qube->evidence == LIVE_EVIDENCE_CONTRADICTED)
        {
          live_reason_add (reasons, LIVE_REASON_QUBE_CONTRADICTED, "qube", qube->name, NULL);
          count.n_contradicted++;
        }
      else if (keeps (qube))
        {
          live_reason_add (reasons, LIVE_REASON_QUBE_KEEPS, "qube", qube->name, "persistence",
                           live_persistence_to_string (qube->persistence), "class", qube->klass, NULL);
          count.n_keeps++;
        }
      else if (!is_verified_ephemeral (qube))
        {
          live_reason_add (reasons, LIVE_REASON_QUBE_NOT_VERIFIED, "qube", qube->name, NULL);
          count.n_unverified++;
        }
    }
  if (facts->n_running == 0)
    live_reason_add (reasons, LIVE_REASON_NO_QUBE_RUNNING, NULL);
  return count;
}

static LiveIndicator
judge_running (const LiveIndicatorFacts *facts, GVariantBuilder *reasons)
{
  const Count count = count_running (facts, reasons);

  if (count.n_contradicted > 0)
    return LIVE_INDICATOR_ALARM;
  if (live_boot_mode_is_live (facts->boot_mode))
    {
      if (!facts->leaks_known)
        return LIVE_INDICATOR_UNKNOWN;
      return facts->n_leaks + count.n_keeps + count.n_unverified > 0 ? LIVE_INDICATOR_LIVE_LEAKY : LIVE_INDICATOR_LIVE;
    }
  if (facts->boot_mode != LIVE_BOOT_MODE_PERSISTENT)
    return LIVE_INDICATOR_UNKNOWN;
  if (count.n_keeps > 0)
    return LIVE_INDICATOR_PERSISTENT;
  return count.n_unverified > 0 ? LIVE_INDICATOR_UNKNOWN : LIVE_INDICATOR_EPHEMERAL;
}

static void
add_leaks (const LiveIndicatorFacts *facts, GVariantBuilder *reasons)
{
  g_autofree char *count = g_strdup_printf ("%u", facts->n_leaks);

  if (live_boot_mode_is_live (facts->boot_mode) && facts->leaks_known && facts->n_leaks > 0)
    live_reason_add (reasons, LIVE_REASON_LEAKS, "count", count, NULL);
}

LiveIndicator
live_indicator_judge (const LiveIndicatorFacts *facts, GVariantBuilder *reasons)
{
  LiveIndicator indicator = LIVE_INDICATOR_UNKNOWN;
  const gboolean on_disk = facts->boot_mode == LIVE_BOOT_MODE_PERSISTENT;
  const gboolean in_ram = live_boot_mode_is_live (facts->boot_mode);
  const gboolean readable = facts->connected && facts->running_known;

  /* The first reason is the one that decided: faces show it beside the state. */
  if (facts->boot_contradicted != NULL)
    live_reason_add (reasons, LIVE_REASON_BOOT_CONTRADICTED, "argument", facts->boot_contradicted, NULL);
  if (!facts->connected)
    live_reason_add (reasons, LIVE_REASON_QUBESD_UNREACHABLE, NULL);
  else if (!facts->running_known || (in_ram && !facts->leaks_known))
    live_reason_add (reasons, LIVE_REASON_STARTING, NULL);
  if (!on_disk && !in_ram)
    live_reason_add (reasons, LIVE_REASON_BOOT_MODE_UNKNOWN, NULL);
  add_leaks (facts, reasons);
  if (readable)
    indicator = judge_running (facts, reasons);
  if (on_disk)
    live_reason_add (reasons, LIVE_REASON_DOM0_ON_DISK, NULL);
  if (in_ram)
    live_reason_add (reasons, LIVE_REASON_DOM0_IN_RAM, "mode", live_boot_mode_to_string (facts->boot_mode), NULL);
  return facts->boot_contradicted != NULL ? LIVE_INDICATOR_ALARM : indicator;
}

const char *
live_indicator_to_string (LiveIndicator indicator)
{
  switch (indicator)
    {
    case LIVE_INDICATOR_PERSISTENT:
      return "persistent";
    case LIVE_INDICATOR_EPHEMERAL:
      return "ephemeral";
    case LIVE_INDICATOR_LIVE:
      return "live";
    case LIVE_INDICATOR_LIVE_LEAKY:
      return "live-leaky";
    case LIVE_INDICATOR_ALARM:
      return "alarm";
    case LIVE_INDICATOR_UNKNOWN:
    default:
      return "unknown";
    }
}
