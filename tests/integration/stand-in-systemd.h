/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * LiveStandInSystemd:
 *
 * Of systemd's manager what disables units: DisableUnitFiles, which removes the links to a unit below a root as
 * systemctl(1) says, and Reload. Notes what it was asked.
 */
typedef struct _LiveStandInSystemd LiveStandInSystemd;

/* On @connection, whose own thread must run the main context; returns when the name is owned. */
LiveStandInSystemd *live_stand_in_systemd_new (GDBusConnection *connection, const char *root);
void live_stand_in_systemd_free (LiveStandInSystemd *systemd);

/* With a name of an error as on the bus: refuses DisableUnitFiles with it; %NULL: does not. */
void live_stand_in_systemd_refuse (LiveStandInSystemd *systemd, const char *error_name);
/* The same for Reload. */
void live_stand_in_systemd_refuse_reload (LiveStandInSystemd *systemd, const char *error_name);

/* What it was asked so far, such as "DisableUnitFiles(['rw.service'], false) Reload() ". (transfer none) */
const char *live_stand_in_systemd_get_calls (LiveStandInSystemd *systemd);

G_END_DECLS
