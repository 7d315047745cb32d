/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "mock-service.h"

G_BEGIN_DECLS

/*
 * The applet itself, in an X server and on a session bus of its own, beside a mocked helper. What is looked at and
 * clicked is what a panel would get: com.canonical.dbusmenu. QUBES_LIVE_APPLET is where the program is.
 */

#define LIVE_APPLET_ITEM_PATH "/org/ayatana/NotificationItem/qubes_live"

typedef struct
{
  LiveMockBus *system_bus;
  LiveMockBus *session_bus;
  LiveMockService *service;
  GDBusConnection *session;
  GSubprocess *applet;
  char *home;
  char *clock_file;
  gint64 elapsed; /* what stands in it */
  gint64 set;
  GPtrArray *notifications; /* of char *: "REPLACES|TITLE|BODY|URGENCY", then "|LABEL" for each button */
  GPtrArray *icons;         /* of char *: the icon of each */
  GArray *closed;           /* of guint32: what the applet took away */
  guint n_ids;
} LiveAppletFixture;

/* An X server that ends with the test program; sets DISPLAY, so before any thread exists. (transfer full) */
GSubprocess *live_applet_start_x_server (void);
void live_applet_stop_x_server (GSubprocess *x_server);

/* For g_test_add(). Everything but the applet; an applet that runs is asked to quit, and has to, in good order. */
void live_applet_set_up (LiveAppletFixture *fixture, gconstpointer unused);
void live_applet_tear_down (LiveAppletFixture *fixture, gconstpointer unused);

/* Returns when its menu is there. */
void live_applet_start (LiveAppletFixture *fixture);
/* A further one. (transfer full) */
GSubprocess *live_applet_spawn (LiveAppletFixture *fixture, GSubprocessFlags flags, const char *argument);
/* Fails unless it ends with 0. */
void live_applet_wait_exit (GSubprocess *process);

/* Calls the applet while our own services go on answering it. (transfer full) (nullable): %NULL when it is not there */
GVariant *live_applet_call (
    LiveAppletFixture *fixture, const char *path, const char *interface, const char *method, GVariant *parameters);

/* (transfer full): all of the menu that is visible, children in braces: a label with (x) or ( ) for a mark and ! for an
 * insensitive item; "-" for a separator. */
char *live_applet_get_tree (LiveAppletFixture *fixture);
gboolean live_applet_tree_has (LiveAppletFixture *fixture, const char *part);

/* Opens the submenus of @path ("Other qubes/Red qubes/work") one by one, each as soon as it is there; the number of the
 * last item. */
int live_applet_open_path (LiveAppletFixture *fixture, const char *path);
void live_applet_click (LiveAppletFixture *fixture, int id);
/* After this the applet has handled everything that was sent before. */
void live_applet_settle (LiveAppletFixture *fixture);

/* Presses a button of the notification @id, the first one being 0. */
void live_applet_press_button (LiveAppletFixture *fixture, guint32 id, guint button);

/* As live_test_bed_advance(): seconds that pass, and seconds by which somebody sets the clock. */
void live_applet_move_clock (LiveAppletFixture *fixture, gint64 elapsed, gint64 set);
/* The applet's time, in seconds since 1970. */
gint64 live_applet_get_now (LiveAppletFixture *fixture);

G_END_DECLS
