/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "actions/edit.h"
#include "actions/turns.h"
#include "model/system.h"
#include "sources/qubesd-sync.h"

G_BEGIN_DECLS

/**
 * LiveQubeSetting:
 *
 * Changes what a qube's features and properties say, as one change: it takes the qube's turn, reads what is there, asks
 * what is to be changed, changes it and reads it again.
 */
#define LIVE_TYPE_QUBE_SETTING (live_qube_setting_get_type ())
G_DECLARE_FINAL_TYPE (LiveQubeSetting, live_qube_setting, LIVE, QUBE_SETTING, GObject)

LiveQubeSetting *
live_qube_setting_new (LiveSystem *system, LiveQubesdClient *client, LiveQubesdSync *sync, LiveTurns *turns);

/**
 * LiveQubeSettingPlan:
 * @qube: the qube, as it has just been read
 * @edit: takes the changes
 * @data: of the caller
 *
 * Returns: %FALSE with an error when the change cannot be made
 */
typedef gboolean (*LiveQubeSettingPlan) (LiveQube *qube, LiveEdit *edit, gpointer data, GError **error);

/* Returns: %FALSE with an error when the qube, read again, is not as it was to be. */
typedef gboolean (*LiveQubeSettingCheck) (LiveQube *qube, gpointer data, GError **error);

/**
 * live_qube_setting_change_async:
 * @name: name of a qube
 * @what: what @plan and @check look at
 * @plan: decides
 * @check: looks afterwards
 * @wish: (transfer full): for both
 * @wish_free: frees it
 */
void live_qube_setting_change_async (LiveQubeSetting *self,
                                     const char *name,
                                     LiveRead what,
                                     LiveQubeSettingPlan plan,
                                     LiveQubeSettingCheck check,
                                     gpointer wish,
                                     GDestroyNotify wish_free,
                                     GAsyncReadyCallback callback,
                                     gpointer data);
gboolean live_qube_setting_change_finish (LiveQubeSetting *self, GAsyncResult *result, GError **error);

G_END_DECLS
