/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What the tray shows for every state of the indicator, and how it tells of an alarm. Some states cannot be reached by
 * the simulated dom0, so the helper is played by the test itself; the applet and the panel are real.
 */

#include "desktop-stage.h"

#include "support/desktop-config.h"
#include "support/pointer.h"

#include "live-bus.h"
#include "model/object-path.h"

#include <locale.h>

#define WAIT_SECONDS 15.0

typedef struct
{
  LiveTestStage stage;
  GDBusObjectManagerServer *objects;
  LiveBusManager *manager;
} Fixture;

/* The dot in the corner of a live dom0 that leaks; it is brighter than the orange of a whole shield. */
#define LEAK_COLOUR 0xe8871e
#define LEAK (1u << 8)

/* The tray is at the right end of the panel. */
#define TRAY_WIDTH 60
#define ENOUGH_PIXELS 6

static const struct
{
  const char *state;
  guint32 colour;
  /* What is to be seen: the bit of the colour, and maybe the mark. */
  guint colours;
} states[] = { { "unknown", LIVE_TEST_GREY, 1u << 0 },
               { "persistent", LIVE_TEST_ORANGE, 1u << 1 },
               { "ephemeral", LIVE_TEST_VIOLET, 1u << 2 },
               { "live", LIVE_TEST_GREEN, 1u << 3 },
               { "live-leaky", LIVE_TEST_GREEN, 1u << 3 | LEAK },
               { "alarm", LIVE_TEST_RED, 1u << 4 },
               { "live", LIVE_TEST_GREEN, 1u << 3 } };

static void
export_object (Fixture *fixture, const char *path, GDBusInterfaceSkeleton *interface)
{
  g_autoptr (GDBusObjectSkeleton) object = g_dbus_object_skeleton_new (path);

  g_dbus_object_skeleton_add_interface (object, interface);
  g_dbus_object_manager_server_export (fixture->objects, object);
}

static void
play_helper (Fixture *fixture)
{
  GDBusConnection *bus = live_test_bed_get_bus (fixture->stage.bed);
  g_autoptr (LiveBusDom0) dom0 = live_bus_dom0_skeleton_new ();
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;
  guint32 outcome = 0;

  fixture->objects = g_dbus_object_manager_server_new (LIVE_OBJECT_ROOT);
  fixture->manager = live_bus_manager_skeleton_new ();
  live_bus_manager_set_version (fixture->manager, "0");
  live_bus_manager_set_indicator (fixture->manager, states[0].state);
  live_bus_manager_set_indicator_reasons (fixture->manager, g_variant_new ("a(sa{sv})", NULL));
  live_bus_manager_set_qubesd_connected (fixture->manager, TRUE);
  live_bus_manager_set_synchronized (fixture->manager, TRUE);
  live_bus_dom0_set_boot_mode (dom0, "unknown");
  /* At the root itself, where the object manager's own export does not reach. */
  g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (fixture->manager), bus, LIVE_OBJECT_ROOT, &error);
  g_assert_no_error (error);
  export_object (fixture, LIVE_OBJECT_ROOT "/dom0", G_DBUS_INTERFACE_SKELETON (dom0));
  g_dbus_object_manager_server_set_connection (fixture->objects, bus);
  reply = g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                       "RequestName", g_variant_new ("(su)", LIVE_BUS_NAME, 4), G_VARIANT_TYPE ("(u)"),
                                       G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  g_variant_get (reply, "(u)", &outcome);
  g_assert_cmpuint (outcome, ==, 1);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  const LiveTestBedOptions options = { .without_dom0 = TRUE, .without_helper = TRUE, .without_polkitd = TRUE };

  live_test_stage_set_up (&fixture->stage, &options, GPOINTER_TO_INT (data));
  play_helper (fixture);
  live_test_stage_start_applet (&fixture->stage);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  live_test_stage_stop_applet (&fixture->stage);
  g_clear_object (&fixture->objects);
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (fixture->manager));
  g_clear_object (&fixture->manager);
  live_test_stage_tear_down (&fixture->stage);
}

/* Which of the colours of all states are in the tray, as bits: 1 << index, and the mark of a leak. */
static guint
see_colours (LiveTestDesktop *desktop)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (LiveTestImage) image = live_test_display_capture (live_test_desktop_get_display (desktop), &error);
  LiveTestArea tray;
  guint seen = 0;

  g_assert_no_error (error);
  tray = (LiveTestArea){ image->width - TRAY_WIDTH, 0, TRAY_WIDTH, LIVE_TEST_PANEL_HEIGHT };
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (live_test_image_find_colour (image, tray, states[i].colour, NULL) >= ENOUGH_PIXELS)
      seen |= states[i].colours & ~LEAK;
  if (live_test_image_find_colour (image, tray, LEAK_COLOUR, NULL) >= ENOUGH_PIXELS)
    seen |= LEAK;
  return seen;
}

typedef struct
{
  LiveTestDesktop *desktop;
  guint wanted;
  guint seen;
} ColourWait;

/* The main context runs between two looks: the helper that answers the applet is in here. */
static gboolean
colours_are_right (gpointer data)
{
  ColourWait *wait = data;

  wait->seen = see_colours (wait->desktop);
  return wait->seen == wait->wanted;
}

/* Every state shows its own colours and nothing of any other's, whatever it was before. */
static void
test_states (Fixture *fixture, gconstpointer data)
{
  const char *theme = GPOINTER_TO_INT (data) == LIVE_TEST_THEME_DARK ? "dark" : "light";

  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    {
      ColourWait wait = { .desktop = fixture->stage.desktop, .wanted = states[i].colours };
      g_autofree char *name = g_strdup_printf ("indicator-%s-%s", states[i].state, theme);

      g_test_message ("%s", states[i].state);
      live_bus_manager_set_indicator (fixture->manager, states[i].state);
      live_test_wait (colours_are_right, &wait, WAIT_SECONDS);
      live_test_save_screenshot (fixture->stage.desktop, name);
      g_assert_cmphex (wait.seen, ==, wait.wanted);
    }
}

/* A running qube that can write where its policy says that it cannot. */
static void
add_contradicted_qube (Fixture *fixture)
{
  static const char *const policies[] = { "persistent", "root", NULL };
  static const char *const pools[] = { "vm-pool", NULL };
  static const char *const nothing[] = { NULL };
  g_autoptr (LiveBusQube) qube = live_bus_qube_skeleton_new ();

  live_bus_qube_set_name (qube, "work");
  live_bus_qube_set_class (qube, "AppVM");
  live_bus_qube_set_label (qube, "blue");
  live_bus_qube_set_state (qube, "running");
  live_bus_qube_set_policy (qube, "root");
  live_bus_qube_set_policies (qube, policies);
  live_bus_qube_set_persistence (qube, "persistent");
  live_bus_qube_set_evidence (qube, "contradicted");
  live_bus_qube_set_reasons (
      qube, g_variant_new_parsed ("[('device-on-disk', {'volume': <'root'>}),"
                                  " ('contradicted', {'claimed': <'root-ephemeral'>, 'seen': <'persistent'>})]"));
  live_bus_qube_set_pools (qube, pools);
  live_bus_qube_set_pending (qube, nothing);
  live_bus_qube_set_manageable (qube, TRUE);
  live_bus_qube_set_window_state (qube, "closed");
  export_object (fixture, LIVE_OBJECT_ROOT "/qube/work", G_DBUS_INTERFACE_SKELETON (qube));
}

/* Told by a notification that stays; its button shows why, in a window that the keyboard closes. */
static void
test_contradicted (Fixture *fixture, gconstpointer data)
{
  LiveTestDesktop *desktop = fixture->stage.desktop;
  const char *theme = GPOINTER_TO_INT (data) == LIVE_TEST_THEME_DARK ? "dark" : "light";
  g_autofree char *told = g_strdup_printf ("alarm-told-%s", theme);
  g_autofree char *why = g_strdup_printf ("alarm-why-%s", theme);
  const LiveTestNotification *notification = NULL;
  g_autoptr (GError) error = NULL;

  live_test_assert_icon (desktop, LIVE_TEST_GREY);
  live_bus_manager_set_indicator_reasons (fixture->manager,
                                          g_variant_new_parsed ("[('qube-contradicted', {'qube': <'work'>})]"));
  live_bus_manager_set_indicator (fixture->manager, "alarm");
  add_contradicted_qube (fixture);
  live_test_stage_assert_windows (&fixture->stage, LIVE_TEST_NOTIFICATION_CLASS, 1, NULL);
  live_test_assert_icon (desktop, LIVE_TEST_RED);
  live_test_save_screenshot (desktop, told);
  g_assert_cmpuint (live_test_desktop_get_notifications (desktop)->len, ==, 1);
  notification = live_test_desktop_get_notifications (desktop)->pdata[0];
  g_assert_cmpstr (notification->summary, ==, "work is not as it claims");
  g_assert_cmpint (notification->urgency, ==, 2);

  live_test_stage_press_last_button (&fixture->stage);
  live_test_stage_assert_windows (&fixture->stage, LIVE_TEST_APPLET_CLASS, 1, NULL);
  live_test_save_screenshot (desktop, why);
  live_test_desktop_key (desktop, "Escape", &error);
  g_assert_no_error (error);
  live_test_stage_assert_windows (&fixture->stage, LIVE_TEST_APPLET_CLASS, 0, NULL);
  live_test_stage_assert_windows (&fixture->stage, LIVE_TEST_NOTIFICATION_CLASS, 0, NULL);
}

static void
test_skipped (void)
{
  g_test_skip ("only root can make a mount namespace");
}

#define ADD(name, theme, function)                                                                                     \
  g_test_add ("/desktop/indicator/" name, Fixture, GINT_TO_POINTER (theme), set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  gboolean able = live_test_bed_init ();

  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  if (!able)
    {
      g_test_add_func ("/desktop/indicator", test_skipped);
      return g_test_run ();
    }
  ADD ("light", LIVE_TEST_THEME_LIGHT, test_states);
  ADD ("dark", LIVE_TEST_THEME_DARK, test_states);
  ADD ("contradicted/light", LIVE_TEST_THEME_LIGHT, test_contradicted);
  ADD ("contradicted/dark", LIVE_TEST_THEME_DARK, test_contradicted);
  return g_test_run ();
}
