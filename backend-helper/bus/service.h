/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "actions/pools.h"
#include "actions/qube-setting.h"
#include "actions/ram-qube.h"
#include "actions/renewal.h"
#include "actions/turns.h"
#include "actions/volume-policy.h"
#include "actions/volume-toggle.h"
#include "actions/window.h"
#include "model/system.h"
#include "sources/dom0-sync.h"
#include "sources/guide-units.h"
#include "sources/hardening.h"
#include "sources/qubesd-sync.h"

G_BEGIN_DECLS

/**
 * LiveServiceParts:
 *
 * What the bus puts its hands on: the model to show, and the actions that its methods start. All (transfer none).
 */
typedef struct
{
  LiveSystem *system;
  LiveQubesdClient *client;
  LiveQubesdSync *sync;
  LiveDom0Sync *dom0;
  LiveVolumePolicy *policy;
  LiveVolumeToggle *toggle;
  LiveQubeSetting *setting;
  LiveRenewal *renewal;
  LiveWindows *windows;
  LiveHardening *hardening;
  LiveGuideUnits *guide_units;
  LivePools *pools;
  LiveRamQubes *ram_qubes;
} LiveServiceParts;

/**
 * LiveService:
 *
 * Shows the model on a bus connection at /org/qubes/Live1 (data/dbus/org.qubes.Live1.xml) and turns method calls into
 * actions. Nothing is done and nothing shown before polkit has said yes.
 */
#define LIVE_TYPE_SERVICE (live_service_get_type ())
G_DECLARE_FINAL_TYPE (LiveService, live_service, LIVE, SERVICE, GObject)

/* Exports at once what the model holds, and follows it. The caller owns the bus name, afterwards. */
LiveService *live_service_new (GDBusConnection *connection, const LiveServiceParts *parts);

G_END_DECLS
