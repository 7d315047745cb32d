/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "client/client-facts.h"

#include "client/fields.h"
#include "model/object-path.h"

static const LiveField manager_fields[] = {
  { "Version", LIVE_FIELD_STRING, G_STRUCT_OFFSET (LiveClientFacts, version), "", FALSE },
  { "Indicator", LIVE_FIELD_STRING, G_STRUCT_OFFSET (LiveClientFacts, indicator), "unknown", FALSE },
  { "IndicatorReasons", LIVE_FIELD_REASONS, G_STRUCT_OFFSET (LiveClientFacts, indicator_reasons), NULL, FALSE },
  { "QubesdConnected", LIVE_FIELD_BOOLEAN, G_STRUCT_OFFSET (LiveClientFacts, qubesd_connected), NULL, FALSE },
  { "Synchronized", LIVE_FIELD_BOOLEAN, G_STRUCT_OFFSET (LiveClientFacts, synchronized), NULL, FALSE },
};

static const LiveField dom0_fields[] = {
  { "BootMode", LIVE_FIELD_STRING, G_STRUCT_OFFSET (LiveClientFacts, boot_mode), "unknown", FALSE },
  { "Leaks", LIVE_FIELD_FINDINGS, G_STRUCT_OFFSET (LiveClientFacts, leaks), NULL, FALSE },
  { "Posture", LIVE_FIELD_FINDINGS, G_STRUCT_OFFSET (LiveClientFacts, posture), NULL, FALSE },
  { "GuideUnit", LIVE_FIELD_UNIT, G_STRUCT_OFFSET (LiveClientFacts, guide_unit), NULL, FALSE },
  { "MemoryTotal", LIVE_FIELD_UINT64, G_STRUCT_OFFSET (LiveClientFacts, memory_total), NULL, FALSE },
  { "MemoryFree", LIVE_FIELD_UINT64, G_STRUCT_OFFSET (LiveClientFacts, memory_free), NULL, FALSE },
};

static const struct
{
  const char *object_path;
  const char *interface;
  const LiveField *fields;
  gsize n_fields;
} places[] = {
  { LIVE_OBJECT_ROOT, LIVE_BUS_NAME ".Manager", manager_fields, G_N_ELEMENTS (manager_fields) },
  { LIVE_OBJECT_ROOT "/dom0", LIVE_BUS_NAME ".Dom0", dom0_fields, G_N_ELEMENTS (dom0_fields) },
};

void
live_client_facts_reset (LiveClientFacts *facts)
{
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    live_fields_reset (facts, places[i].fields, places[i].n_fields);
}

gboolean
live_client_facts_update (LiveClientFacts *facts, const char *object_path, const char *interface, GVariant *values)
{
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      if (g_str_equal (object_path, places[i].object_path) && g_str_equal (interface, places[i].interface))
        return live_fields_update (facts, places[i].fields, places[i].n_fields, values);
    }
  return FALSE;
}

void
live_client_facts_clear (LiveClientFacts *facts)
{
  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    live_fields_clear (facts, places[i].fields, places[i].n_fields);
}
