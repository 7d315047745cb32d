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

static LiveIndicator
judge_running (const LiveIndicatorFacts *facts, GVariantBuilder *reasons)
{
  gsize n_keeps = 0, n_contradicted = 0, n_unverified = 0;

  for (gsize i = 0; i < facts->n_running; i++)
    {
      const LiveRunningQube *qube = &facts->running[i];

      if (qube->evidence == LIVE_EVIDENCE_CONTRADICTED)
        {
          live_reason_add (reasons, LIVE_REASON_QUBE_CONTRADICTED, "qube", qube->name, NULL);
          n_contradicted++;
        }
      else if (keeps (qube))
        {
          live_reason_add (reasons, LIVE_REASON_QUBE_KEEPS, "qube", qube->name, "persistence",
                           live_persistence_to_string (qube->persistence), NULL);
          n_keeps++;
        }
      else if (!is_verified_ephemeral (qube))
        {
          live_reason_add (reasons, LIVE_REASON_QUBE_NOT_VERIFIED, "qube", qube->name, NULL);
          n_unverified++;
        }
    }
  if (facts->n_running == 0)
    live_reason_add (reasons, LIVE_REASON_NO_QUBE_RUNNING, NULL);

  if (n_contradicted > 0)
    return LIVE_INDICATOR_ALARM;
  if (facts->boot_mode != LIVE_BOOT_MODE_PERSISTENT)
    return LIVE_INDICATOR_UNKNOWN;
  if (n_keeps > 0)
    return LIVE_INDICATOR_PERSISTENT;
  return n_unverified > 0 ? LIVE_INDICATOR_UNKNOWN : LIVE_INDICATOR_EPHEMERAL;
}

LiveIndicator
live_indicator_judge (const LiveIndicatorFacts *facts, GVariantBuilder *reasons)
{
  LiveIndicator indicator = LIVE_INDICATOR_UNKNOWN;
  gboolean on_disk = facts->boot_mode == LIVE_BOOT_MODE_PERSISTENT;

  /* The first reason is the one that decided: faces show it beside the state. */
  if (!facts->connected)
    live_reason_add (reasons, LIVE_REASON_QUBESD_UNREACHABLE, NULL);
  else if (!facts->running_known)
    live_reason_add (reasons, LIVE_REASON_STARTING, NULL);
  else if (!on_disk)
    live_reason_add (reasons, LIVE_REASON_BOOT_MODE_UNKNOWN, NULL);
  if (facts->connected && facts->running_known)
    indicator = judge_running (facts, reasons);
  else if (!on_disk)
    live_reason_add (reasons, LIVE_REASON_BOOT_MODE_UNKNOWN, NULL);
  if (on_disk)
    live_reason_add (reasons, LIVE_REASON_DOM0_ON_DISK, NULL);
  return indicator;
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
    case LIVE_INDICATOR_ALARM:
      return "alarm";
    case LIVE_INDICATOR_UNKNOWN:
    default:
      return "unknown";
    }
}
