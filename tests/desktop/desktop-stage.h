/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "desktop-fixture.h"
#include "support/test-bed.h"

G_BEGIN_DECLS

/* Identifier of the applet's tray icon. */
#define LIVE_TEST_APPLET_ID "qubes-live"

/* The indicator's colours, as they were chosen for people, not as some icon file happens to be. */
#define LIVE_TEST_GREEN 0x2e9e44
#define LIVE_TEST_VIOLET 0x7b4fc9
#define LIVE_TEST_ORANGE 0xd9822b
#define LIVE_TEST_GREY 0x8a8a8a
#define LIVE_TEST_RED 0xcc2222

/**
 * LiveTestStage:
 * @bed: system bus, polkitd, simulated dom0, helper
 * @desktop: the XFCE desktop
 * @applet: (nullable): the applet, run by an ordinary user
 *
 * All of the real thing but Xen and qubesd.
 */
typedef struct
{
  LiveTestBed *bed;
  LiveTestDesktop *desktop;
  GSubprocess *applet;
} LiveTestStage;

/* A rules file that allows everything of this project to the ordinary user of the tests. */
extern const char live_test_stage_permissive_rules[];

/**
 * live_test_stage_set_up:
 * @stage: an empty stage
 * @options: for the bed
 * @theme: for the desktop
 *
 * Starts everything but the applet.
 */
void live_test_stage_set_up (LiveTestStage *stage, const LiveTestBedOptions *options, LiveTestTheme theme);

/* Starts the applet as LIVE_TEST_USER_UID, with the clock of the bed. */
void live_test_stage_start_applet (LiveTestStage *stage);
void live_test_stage_stop_applet (LiveTestStage *stage);
void live_test_stage_tear_down (LiveTestStage *stage);

/* The labels from the menu down to @row in the submenu of @qube, or to the qube's own row when @row is %NULL. Waits for
 * the qube. (transfer full) */
char **live_test_stage_get_path (LiveTestStage *stage, const char *qube, const char *row);
/* Waits until the qube is in the menu, or is not. */
void live_test_stage_assert_qube (LiveTestStage *stage, const char *name, gboolean there);
/* Waits until there is a row whose label begins so. */
void live_test_stage_assert_row (LiveTestStage *stage, const char *prefix);

/* Window class of the applet's own windows, and of notifications. */
#define LIVE_TEST_APPLET_CLASS "qubes-live-applet"
#define LIVE_TEST_NOTIFICATION_CLASS "notifyd"

/* Waits until a program has so many windows. @area: (out) (optional): where the last one is */
void live_test_stage_assert_windows (LiveTestStage *stage, const char *class_pattern, guint count, LiveTestArea *area);

/* Presses the last button of the one notification that is shown. */
void live_test_stage_press_last_button (LiveTestStage *stage);

G_END_DECLS
