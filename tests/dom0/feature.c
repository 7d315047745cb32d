/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "feature.h"

#include "events.h"

void
live_dom0_feature_announce (LiveDom0 *dom0, LiveDom0Qube *qube, const char *name, const char *value)
{
  const char *old_value = live_dom0_qube_feature (qube, name);
  g_autofree char *event = g_strconcat ("domain-feature-pre-set:", name, NULL);

  /* A NULL key ends the list, so a feature that is new has no old value in its events. */
  live_dom0_event (dom0, qube->name, event, "feature", name, "value", value, old_value ? "oldvalue" : NULL, old_value,
                   NULL);
}

void
live_dom0_feature_set (LiveDom0 *dom0, LiveDom0Qube *qube, const char *name, const char *value)
{
  g_autofree char *old_value = g_strdup (live_dom0_qube_feature (qube, name));
  g_autofree char *after = g_strconcat ("domain-feature-set:", name, NULL);

  live_dom0_feature_announce (dom0, qube, name, value);
  live_dom0_qube_store_feature (qube, name, value);
  live_dom0_event (dom0, qube->name, after, "feature", name, "value", value, old_value ? "oldvalue" : NULL, old_value,
                   NULL);
}

gboolean
live_dom0_feature_remove (LiveDom0 *dom0, LiveDom0Qube *qube, const char *name, GError **error)
{
  g_autofree char *before = g_strconcat ("domain-feature-pre-delete:", name, NULL);
  g_autofree char *after = g_strconcat ("domain-feature-delete:", name, NULL);

  live_dom0_event (dom0, qube->name, before, "feature", name, NULL);
  if (!live_dom0_qube_drop_feature (qube, name))
    {
      g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_FEATURE_NOT_FOUND, "Feature not set for domain %s: %s",
                   qube->name, name);
      return FALSE;
    }
  live_dom0_event (dom0, qube->name, after, "feature", name, NULL);
  return TRUE;
}
