/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LiveFeature:
 * @LIVE_FEATURE_POLICY: the policy that a person wants
 * @LIVE_FEATURE_SAVED: what was there before the policy was applied (model/saved.h)
 * @LIVE_FEATURE_WINDOW: there is a customization window: its end in seconds since 1970, or `until-closed`
 * @LIVE_FEATURE_GUEST_WINDOW: how many seconds after its start the qube itself keeps its private volume writable
 * @LIVE_FEATURE_PRELOAD_HELD: what `preload-dispvm-max` was before preloading was held back
 * @LIVE_FEATURE_KERNEL_OPTIONS: what the property `kernelopts` was before memory hygiene: `default`, or `=` and the value
 * @LIVE_FEATURE_WINDOW_FLAG: tells the part inside the qube that this is a customization window
 * @LIVE_FEATURE_GUEST_FLAG: tells it to lay an upper layer over a private volume that is read-only
 * @LIVE_FEATURE_UPPER: `tmpfs`: that upper layer is in the qube's RAM
 * @LIVE_FEATURE_UPPER_SIZE: how large it may become there
 * @LIVE_FEATURE_PRELOAD_MAX: Qubes' own: how many disposables are kept ready (4.3)
 * @LIVE_FEATURE_PRELOADED: Qubes' own: the names of those
 *
 * The features of a qube, in qubes.xml, that are read. A disposable gets all but the last two of its template when it
 * is made, and a clone all of its source: what stands there is not always about the qube that it stands at.
 *
 * `service.NAME` becomes a file in /run/qubes-service of the qube, `vm-config.NAME` an entry /vm-config/NAME in its
 * QubesDB (qvm-features(1), qvm-service(1)).
 */
typedef enum
{
  LIVE_FEATURE_POLICY,
  LIVE_FEATURE_SAVED,
  LIVE_FEATURE_WINDOW,
  LIVE_FEATURE_GUEST_WINDOW,
  LIVE_FEATURE_PRELOAD_HELD,
  LIVE_FEATURE_KERNEL_OPTIONS,
  LIVE_FEATURE_WINDOW_FLAG,
  LIVE_FEATURE_GUEST_FLAG,
  LIVE_FEATURE_UPPER,
  LIVE_FEATURE_UPPER_SIZE,
  LIVE_FEATURE_PRELOAD_MAX,
  LIVE_FEATURE_PRELOADED,
  LIVE_N_FEATURES
} LiveFeature;

/* Its name in qubes.xml. */
const char *live_feature_to_string (LiveFeature feature);
gboolean live_feature_from_string (const char *name, LiveFeature *feature);

G_END_DECLS
