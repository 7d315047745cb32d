/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/persistence.h"

#include "model/reason.h"
#include "model/reconcile.h"

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

/* By what qubesd says. */
static LivePersistence
judge_configuration (const LiveQubeFacts *facts, GVariantBuilder *reasons)
{
  const LiveVolume *root = &facts->volumes[LIVE_VOLUME_ROOT];
  const LiveVolume *private = &facts->volumes[LIVE_VOLUME_PRIVATE];
  const LiveVolume *volatile_volume = &facts->volumes[LIVE_VOLUME_VOLATILE];
  /* A volatile volume that cannot be written to keeps nothing, whatever its key. */
  gboolean volatile_keeps = volatile_volume->rw && !volatile_volume->ephemeral;

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

/* Where writes to a device come to rest; one that takes none is as good as RAM. */
static LiveRest
rest_of (const LiveDevice *device, const char *name, GVariantBuilder *reasons)
{
  if (!device->attached || device->read_only)
    return LIVE_REST_RAM;
  if (device->rest == LIVE_REST_DISK)
    live_reason_add (reasons, LIVE_REASON_DEVICE_ON_DISK, "volume", name, NULL);
  else if (device->rest == LIVE_REST_UNKNOWN)
    live_reason_add (reasons, LIVE_REASON_DEVICE_UNKNOWN, "volume", name, NULL);
  return device->rest;
}

/* By what the running qube was seen to have. */
static LivePersistence
judge_devices (const LiveQubeFacts *facts, GVariantBuilder *reasons)
{
  const LiveDevice *devices = facts->devices;
  LiveRest root = rest_of (&devices[LIVE_VOLUME_ROOT], "root", reasons);
  LiveRest private = rest_of (&devices[LIVE_VOLUME_PRIVATE], "private", reasons);
  LiveRest volatile_rest = rest_of (&devices[LIVE_VOLUME_VOLATILE], "volatile", reasons);
  LiveRest others = rest_of (&facts->others, "other", reasons);

  /* Without its root device it is nothing that we know. */
  if (!devices[LIVE_VOLUME_ROOT].attached)
    {
      live_reason_add (reasons, LIVE_REASON_DEVICE_UNKNOWN, "volume", "root", NULL);
      root = LIVE_REST_UNKNOWN;
    }
  /* What is seen to reach the disk does, whatever else is unknown. */
  if (root == LIVE_REST_DISK || volatile_rest == LIVE_REST_DISK || others == LIVE_REST_DISK)
    return LIVE_PERSISTENCE_PERSISTENT;
  if (root == LIVE_REST_UNKNOWN || volatile_rest == LIVE_REST_UNKNOWN || others == LIVE_REST_UNKNOWN)
    return LIVE_PERSISTENCE_UNKNOWN;
  if (private == LIVE_REST_DISK)
    return LIVE_PERSISTENCE_ROOT_EPHEMERAL;
  if (private == LIVE_REST_UNKNOWN)
    return LIVE_PERSISTENCE_UNKNOWN;
  if (root == LIVE_REST_RAM && private == LIVE_REST_RAM && volatile_rest == LIVE_REST_RAM && others == LIVE_REST_RAM
      && devices[LIVE_VOLUME_VOLATILE].attached && !devices[LIVE_VOLUME_VOLATILE].read_only)
    return LIVE_PERSISTENCE_RAM;
  return LIVE_PERSISTENCE_EPHEMERAL;
}

/* How much a verdict promises. */
static int
get_promise (LivePersistence persistence)
{
  switch (persistence)
    {
    case LIVE_PERSISTENCE_ROOT_EPHEMERAL:
      return 1;
    case LIVE_PERSISTENCE_EPHEMERAL:
    case LIVE_PERSISTENCE_RAM:
      return 2;
    case LIVE_PERSISTENCE_PERSISTENT:
    case LIVE_PERSISTENCE_UNKNOWN:
    default:
      return 0;
    }
}

/* What a policy claims of a running qube once it has been applied. (One that is only waiting for the qube to halt claims
 * nothing yet.) A customization window takes the claim about the private volume back. */
static LivePersistence
get_policy_claim (const LiveQubeFacts *facts)
{
  const char *policy = facts->features[LIVE_FEATURE_POLICY];
  LiveSaved saved;

  if (facts->features[LIVE_FEATURE_SAVED] == NULL)
    return LIVE_PERSISTENCE_PERSISTENT;
  if (g_strcmp0 (policy, LIVE_POLICY_FULL) == 0 && !live_window_is_in_use (facts) && live_saved_parse (facts, &saved)
      && saved.has_private)
    return LIVE_PERSISTENCE_EPHEMERAL;
  if (g_strcmp0 (policy, LIVE_POLICY_ROOT) == 0 || g_strcmp0 (policy, LIVE_POLICY_FULL) == 0)
    return LIVE_PERSISTENCE_ROOT_EPHEMERAL;
  return LIVE_PERSISTENCE_PERSISTENT;
}

/* What is claimed of a running qube: its configuration, or more by a policy. */
static LivePersistence
get_claim (const LiveQubeFacts *facts, LivePersistence configured)
{
  LivePersistence claim = get_policy_claim (facts);

  return get_promise (configured) < get_promise (claim) ? claim : configured;
}

static LivePersistence
judge_running (const LiveQubeFacts *facts, LivePersistence configured, LiveEvidence *evidence,
               GVariantBuilder *reasons)
{
  LivePersistence claim = get_claim (facts, configured);
  LivePersistence seen;

  if (!facts->devices_known)
    {
      live_reason_add (reasons, LIVE_REASON_NOT_VERIFIED, NULL);
      return configured;
    }
  seen = judge_devices (facts, reasons);
  if (seen == LIVE_PERSISTENCE_UNKNOWN)
    {
      const LiveDevice *private = &facts->devices[LIVE_VOLUME_PRIVATE];

      if (!private->attached || private->read_only || private->rest != LIVE_REST_DISK
          || get_promise (claim) <= get_promise (LIVE_PERSISTENCE_ROOT_EPHEMERAL))
        return configured; /* with the evidence unknown */
      /* Whatever the rest is: this much of the claim is seen to be wrong. */
      seen = LIVE_PERSISTENCE_PERSISTENT;
    }
  if (get_promise (seen) >= get_promise (claim))
    {
      *evidence = LIVE_EVIDENCE_VERIFIED;
      return seen;
    }
  *evidence = LIVE_EVIDENCE_CONTRADICTED;
  live_reason_add (reasons, LIVE_REASON_CONTRADICTED, "claimed", live_persistence_to_string (claim), "seen",
                   live_persistence_to_string (seen), NULL);
  return seen;
}

LivePersistence
live_persistence_judge (const LiveQubeFacts *facts, LiveEvidence *evidence, GVariantBuilder *reasons)
{
  gboolean running = live_qube_state_is_running (facts->state);
  LivePersistence configured = LIVE_PERSISTENCE_UNKNOWN;

  *evidence = LIVE_EVIDENCE_UNKNOWN;
  if (all_known (facts))
    {
      configured = judge_configuration (facts, reasons);
      if (!running)
        *evidence = LIVE_EVIDENCE_CONFIGURED;
    }
  if (!running)
    return configured;
  return judge_running (facts, configured, evidence, reasons);
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
