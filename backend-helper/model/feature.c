/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/feature.h"

static const char *const names[LIVE_N_FEATURES] = {
  [LIVE_FEATURE_POLICY] = "live.policy",
  [LIVE_FEATURE_SAVED] = "live.saved",
  [LIVE_FEATURE_WINDOW] = "live.window",
  [LIVE_FEATURE_GUEST_WINDOW] = "live.guest-window",
  [LIVE_FEATURE_PRELOAD_HELD] = "live.preload-held",
  [LIVE_FEATURE_KERNEL_OPTIONS] = "live.kernel-options",
  [LIVE_FEATURE_WINDOW_FLAG] = "service.live-window",
  [LIVE_FEATURE_GUEST_FLAG] = "service.ephemeral-rw",
  [LIVE_FEATURE_UPPER] = "vm-config.live-upper",
  [LIVE_FEATURE_UPPER_SIZE] = "vm-config.live-upper-size",
  [LIVE_FEATURE_PRELOAD_MAX] = "preload-dispvm-max",
  [LIVE_FEATURE_PRELOADED] = "preload-dispvm",
};

const char *
live_feature_to_string (LiveFeature feature)
{
  g_return_val_if_fail ((guint) feature < LIVE_N_FEATURES, NULL);

  return names[feature];
}

gboolean
live_feature_from_string (const char *name, LiveFeature *feature)
{
  for (guint i = 0; i < LIVE_N_FEATURES; i++)
    if (g_str_equal (names[i], name))
      {
        *feature = (LiveFeature) i;
        return TRUE;
      }
  return FALSE;
}
