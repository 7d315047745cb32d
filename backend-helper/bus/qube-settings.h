/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "actions/qube-setting.h"
#include "actions/renewal.h"
#include "bus/authority.h"
#include "live-bus.h"

G_BEGIN_DECLS

/**
 * LiveQubeSettings:
 *
 * The methods of a qube's object that change what goes with its policy: RenewDisposables, SetMemoryHygiene and
 * SetUpperLayer.
 */
#define LIVE_TYPE_QUBE_SETTINGS (live_qube_settings_get_type ())
G_DECLARE_FINAL_TYPE (LiveQubeSettings, live_qube_settings, LIVE, QUBE_SETTINGS, GObject)

LiveQubeSettings *live_qube_settings_new (LiveAuthority *authority, LiveQubeSetting *setting, LiveRenewal *renewal);

/* Answers these methods of @qube as long as both are there. */
void live_qube_settings_serve (LiveQubeSettings *self, LiveBusQube *qube);

G_END_DECLS
