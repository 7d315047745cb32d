/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/persistence.h"

#include "model/reason.h"

#include <stdarg.h>

void
live_reason_add (GVariantBuilder *reasons, const char *code, ...)
{
  va_list pairs;
  const char *key = NULL;

  g_return_if_fail (code != NULL);

  if (reasons == NULL)
    return;
  g_variant_builder_open (reasons, G_VARIANT_TYPE ("(sa{sv})"));
  g_variant_builder_add (reasons, "s", code);
  g_variant_builder_open (reasons, G_VARIANT_TYPE_VARDICT);
  va_start (pairs, code);
  while ((key = va_arg (pairs, const char *)) != NULL)
    {
      const char *value = va_arg (pairs, const char *);

      g_variant_builder_add (reasons, "{sv}", key, g_variant_new_string (value != NULL ? value : ""));
    }
  va_end (pairs);
  g_variant_builder_close (reasons);
  g_variant_builder_close (reasons);
}

static gboolean
all_known (const LiveQubeFacts *facts)
{
  for (guint i = 0; i < LIVE_N_VOLUMES; i++)
    if (!facts->volumes[i].known)
      return FALSE;
  return TRUE;
}

LivePersistence
live_persistence_judge (const LiveQubeFacts *facts, LiveEvidence *evidence, GVariantBuilder *reasons)
{
  const LiveVolume *root = &facts->volumes[LIVE_VOLUME_ROOT];
  const LiveVolume *private = &facts->volumes[LIVE_VOLUME_PRIVATE];
  const LiveVolume *volatile_volume = &facts->volumes[LIVE_VOLUME_VOLATILE];
  gboolean volatile_keeps = FALSE;

  *evidence = LIVE_EVIDENCE_UNKNOWN;
  if (!all_known (facts))
    return LIVE_PERSISTENCE_UNKNOWN;

  if (live_qube_state_is_running (facts->state))
    live_reason_add (reasons, LIVE_REASON_NOT_VERIFIED, NULL);
  else
    *evidence = LIVE_EVIDENCE_CONFIGURED;

  /* A volatile volume that cannot be written to keeps nothing, whatever its key. */
  volatile_keeps = volatile_volume->rw && !volatile_volume->ephemeral;
  if (root->rw)
    live_reason_add (reasons, LIVE_REASON_ROOT_WRITABLE, "pool", root->pool, NULL);
  if (private->rw)
    live_reason_add (reasons, LIVE_REASON_PRIVATE_WRITABLE, "pool", private->pool, NULL);
  if (volatile_keeps)
    live_reason_add (reasons, LIVE_REASON_VOLATILE_NOT_EPHEMERAL, "pool", volatile_volume->pool, NULL);

  if (root->rw || volatile_keeps)
    return LIVE_PERSISTENCE_PERSISTENT;
  if (private->rw)
    return LIVE_PERSISTENCE_ROOT_EPHEMERAL;
  return LIVE_PERSISTENCE_EPHEMERAL;
}

const char *
live_persistence_to_string (LivePersistence persistence)
{
  switch (persistence)
    {
    case LIVE_PERSISTENCE_PERSISTENT:
      return "persistent";
    case LIVE_PERSISTENCE_ROOT_EPHEMERAL:
      return "root-ephemeral";
    case LIVE_PERSISTENCE_EPHEMERAL:
      return "ephemeral";
    case LIVE_PERSISTENCE_RAM:
      return "ram";
    case LIVE_PERSISTENCE_UNKNOWN:
    default:
      return "unknown";
    }
}

const char *
live_evidence_to_string (LiveEvidence evidence)
{
  switch (evidence)
    {
    case LIVE_EVIDENCE_CONFIGURED:
      return "configured";
    case LIVE_EVIDENCE_VERIFIED:
      return "verified";
    case LIVE_EVIDENCE_CONTRADICTED:
      return "contradicted";
    case LIVE_EVIDENCE_UNKNOWN:
    default:
      return "unknown";
    }
}
