/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * A customization window as a person has it: chosen in the menu of a real panel, told by the real notification service,
 * opened again by the button of that. Time passes by the clock of the bed. Once with the real helper over the simulated
 * dom0, and once with a mocked helper for what cannot be brought about at will.
 */

#include "desktop-stage.h"

#include "mock-service.h"

#include <locale.h>
#include <string.h>

#define WAIT_SECONDS 20.0
#define ID LIVE_TEST_APPLET_ID
/* Halted in the simulated dom0 at its start. */
#define QUBE "app3"
#define NOTHING "Nothing: root and private are thrown away"
#define CUSTOMISE "Customise for 10 minutes"

typedef struct
{
  LiveTestStage stage;
  LiveMockService *service; /* NULL: the real helper */
  LiveBusQube *qube;
} Fixture;

static const char *
get_theme (gconstpointer data)
{
  return GPOINTER_TO_INT (data) == LIVE_TEST_THEME_DARK ? "dark" : "light";
}

static void
save (Fixture *fixture, gconstpointer data, const char *what)
{
  g_autofree char *name
      = g_strdup_printf ("window-%s%s-%s", fixture->service != NULL ? "mocked-" : "", what, get_theme (data));

  live_test_save_screenshot (fixture->stage.desktop, name);
}

static void
set_up_real (Fixture *fixture, gconstpointer data)
{
  static const char *const dom0_arguments[] = { "--qubes", "16", "--running", "5", NULL };
  const LiveTestBedOptions options
      = { .dom0_arguments = dom0_arguments, .polkit_rules = live_test_stage_permissive_rules };

  live_test_stage_set_up (&fixture->stage, &options, GPOINTER_TO_INT (data));
  live_test_stage_start_applet (&fixture->stage);
}

static void
add_others (Fixture *fixture)
{
  static const char *const root[] = { "persistent", "root", NULL };
  LiveBusQube *qube = live_mock_service_add_qube (fixture->service, "default-dvm");

  live_bus_qube_set_template_for_dispvms (qube, TRUE);
  qube = live_mock_service_add_qube (fixture->service, "whonix-dvm");
  live_bus_qube_set_template_for_dispvms (qube, TRUE);
  live_bus_qube_set_state (qube, "running");
  qube = live_mock_service_add_qube (fixture->service, "old-dvm");
  live_bus_qube_set_template_for_dispvms (qube, TRUE);
  live_bus_qube_set_policies (qube, root);
  live_bus_qube_set_state (live_mock_service_add_qube (fixture->service, "work"), "running");
  /* A menu of one row would be all selected, or not at all: that cannot be told from a picture. */
  live_mock_service_add_qube (fixture->service, "app4");
}

static void
set_up_mocked (Fixture *fixture, gconstpointer data)
{
  const LiveTestBedOptions options = { .without_dom0 = TRUE, .without_helper = TRUE, .without_polkitd = TRUE };

  live_test_stage_set_up (&fixture->stage, &options, GPOINTER_TO_INT (data));
  fixture->service = live_mock_service_new_for_connection (live_test_bed_connect (fixture->stage.bed, 0));
  live_bus_manager_set_indicator (live_mock_service_get_manager (fixture->service), "persistent");
  live_bus_manager_set_indicator_reasons (live_mock_service_get_manager (fixture->service),
                                          g_variant_new_parsed ("[('qube-keeps', {'qube': <'work'>})]"));
  add_others (fixture);
  fixture->qube = live_mock_service_add_qube (fixture->service, QUBE);
  live_test_stage_start_applet (&fixture->stage);
  /* Its first questions are answered here, which looking at the screen does not do. */
  live_test_stage_assert_qube (&fixture->stage, QUBE, TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  live_test_stage_stop_applet (&fixture->stage);
  g_clear_pointer (&fixture->service, live_mock_service_free);
  live_test_stage_tear_down (&fixture->stage);
}

/* By keyboard, from the icon to the row; @picture: (nullable): name of a picture of the menu before it is chosen. */
static void
choose (Fixture *fixture, gconstpointer data, const char *qube, const char *row, const char *picture)
{
  LiveTestArea icon = live_test_assert_icon (fixture->stage.desktop, LIVE_TEST_ORANGE);
  g_auto (GStrv) path = live_test_stage_get_path (&fixture->stage, qube, row);
  g_autoptr (GError) error = NULL;

  live_test_assert_open_menu (fixture->stage.desktop, &icon, 1);
  live_test_desktop_select_row (fixture->stage.desktop, ID, (const char *const *) path, &error);
  live_test_assert_no_error (fixture->stage.desktop, error);
  if (picture != NULL)
    save (fixture, data, picture);
  live_test_desktop_key (fixture->stage.desktop, "Return", &error);
  live_test_assert_no_error (fixture->stage.desktop, error);
  live_test_assert_menus (fixture->stage.desktop, 0);
}

/* Opens the submenu of a qube, takes its picture, and closes it. */
static void
look (Fixture *fixture, gconstpointer data, const char *picture)
{
  LiveTestArea icon = live_test_assert_icon (fixture->stage.desktop, LIVE_TEST_ORANGE);
  g_auto (GStrv) path = live_test_stage_get_path (&fixture->stage, QUBE, NULL);
  g_autoptr (GError) error = NULL;

  live_test_assert_open_menu (fixture->stage.desktop, &icon, 3);
  live_test_desktop_open_row (fixture->stage.desktop, ID, (const char *const *) path, &error);
  live_test_assert_no_error (fixture->stage.desktop, error);
  save (fixture, data, picture);
  live_test_assert_close_menus (fixture->stage.desktop);
}

/* For live_test_wait(): a notification with this title was sent. */
typedef struct
{
  LiveTestDesktop *desktop;
  const char *title;
  guint count;
} NotificationWait;

static gboolean
was_told (gpointer data)
{
  NotificationWait *wait = data;
  GPtrArray *all = live_test_desktop_get_notifications (wait->desktop);
  guint count = 0;

  for (guint i = 0; i < all->len; i++)
    count += g_str_equal (((LiveTestNotification *) all->pdata[i])->summary, wait->title);
  return count >= wait->count;
}

static void
assert_told (Fixture *fixture, const char *title, guint count)
{
  NotificationWait wait = { fixture->stage.desktop, title, count };

  if (!live_test_wait (was_told, &wait, WAIT_SECONDS))
    {
      live_test_save_screenshot (fixture->stage.desktop, "failure");
      g_error ("“%s” was not told %u times", title, count);
    }
  live_test_stage_assert_windows (&fixture->stage, LIVE_TEST_NOTIFICATION_CLASS, 1, NULL);
}

/* What the simulated dom0 says, where there is one. */
typedef struct
{
  LiveTestBed *bed;
  const char *writable;
} Effect;

static gboolean
private_is (gpointer data)
{
  Effect *effect = data;
  g_autofree char *answer = live_test_bed_control (effect->bed, "rw " QUBE " private");

  return g_str_equal (answer, effect->writable);
}

static void
assert_private_writable (Fixture *fixture, gboolean writable)
{
  Effect effect = { fixture->stage.bed, writable ? "True" : "False" };

  if (fixture->service == NULL)
    g_assert_true (live_test_wait (private_is, &effect, WAIT_SECONDS));
}

/* The mocked helper has no clock. */
static void
close_mocked (Fixture *fixture)
{
  if (fixture->service == NULL)
    return;
  live_bus_qube_set_state (fixture->qube, "halted");
  live_bus_qube_set_private_writable (fixture->qube, FALSE);
  live_bus_qube_set_window_deadline (fixture->qube, 0);
  live_bus_qube_set_window_refusal (fixture->qube, "");
  live_bus_qube_set_window_outcome (fixture->qube, "kept");
  live_bus_qube_set_window_state (fixture->qube, "closed");
}

static void
test_life (Fixture *fixture, gconstpointer data)
{
  assert_private_writable (fixture, TRUE);
  choose (fixture, data, QUBE, NOTHING, NULL);
  live_test_stage_assert_row (&fixture->stage, QUBE ": set to leave nothing");
  assert_private_writable (fixture, FALSE);
  choose (fixture, data, QUBE, CUSTOMISE, "offered");
  live_test_stage_assert_row (&fixture->stage, QUBE ": customising, 10 minutes left");
  assert_private_writable (fixture, TRUE);
  look (fixture, data, "open");

  live_test_bed_advance (fixture->stage.bed, 541, 0);
  assert_told (fixture, "One minute left to customise " QUBE, 1);
  save (fixture, data, "last-minute");
  live_test_bed_advance (fixture->stage.bed, 65, 0);
  close_mocked (fixture);
  assert_told (fixture, "Customization window of " QUBE " closed", 1);
  live_test_stage_assert_row (&fixture->stage, QUBE ": set to leave nothing");
  assert_private_writable (fixture, FALSE);
  save (fixture, data, "closed");

  live_test_stage_press_last_button (&fixture->stage);
  live_test_stage_assert_row (&fixture->stage, QUBE ": customising");
  assert_private_writable (fixture, TRUE);
  live_test_stage_assert_windows (&fixture->stage, LIVE_TEST_NOTIFICATION_CLASS, 0, NULL);
  save (fixture, data, "opened-again");
}

static void
press (Fixture *fixture, const char *key)
{
  g_autoptr (GError) error = NULL;

  live_test_desktop_key (fixture->stage.desktop, key, &error);
  live_test_assert_no_error (fixture->stage.desktop, error);
}

static void
assert_calls (Fixture *fixture, const char *expected)
{
  g_autofree char *calls = live_mock_service_take_calls (fixture->service);

  g_assert_cmpstr (calls, ==, expected);
}

/* Handled by the applet, or by us for it. */
static gboolean
was_called (gpointer data)
{
  Fixture *fixture = data;

  return g_strcmp0 (live_bus_qube_get_window_outcome (fixture->qube), "killed") == 0;
}

/* From the notification over the question to the end; the keyboard has the safe answer first. */
static void
test_not_shutting_down (Fixture *fixture, gconstpointer data)
{
  live_test_assert_icon (fixture->stage.desktop, LIVE_TEST_ORANGE);
  live_bus_qube_set_policy (fixture->qube, "full");
  live_bus_qube_set_persistence (fixture->qube, "ephemeral");
  live_bus_qube_set_state (fixture->qube, "running");
  live_bus_qube_set_window_refusal (fixture->qube, "open");
  live_bus_qube_set_window_step (fixture->qube, "not-shutting-down");
  live_bus_qube_set_window_state (fixture->qube, "closing");
  assert_told (fixture, QUBE " does not shut down. End it?", 1);
  live_test_stage_assert_row (&fixture->stage, QUBE ": closing…: the qube does not shut down");
  save (fixture, data, "stuck");
  look (fixture, data, "stuck-menu");
  live_test_stage_press_last_button (&fixture->stage);
  live_test_stage_assert_windows (&fixture->stage, LIVE_TEST_APPLET_CLASS, 1, NULL);
  save (fixture, data, "end-question");
  press (fixture, "Return");
  live_test_stage_assert_windows (&fixture->stage, LIVE_TEST_APPLET_CLASS, 0, NULL);
  assert_calls (fixture, "");
  choose (fixture, data, QUBE, "End it now, what it has not written is lost…", NULL);
  live_test_stage_assert_windows (&fixture->stage, LIVE_TEST_APPLET_CLASS, 1, NULL);
  press (fixture, "alt+e");
  g_assert_true (live_test_wait (was_called, fixture, WAIT_SECONDS));
  assert_calls (fixture, QUBE " CloseWindow true");
  assert_told (fixture, "Customization window of " QUBE " closed: the qube was ended", 1);
  save (fixture, data, "killed");
}

static void
choose_path (Fixture *fixture, const char *const *path)
{
  LiveTestArea icon = live_test_assert_icon (fixture->stage.desktop, LIVE_TEST_ORANGE);

  live_test_assert_open_menu (fixture->stage.desktop, &icon, 1);
  live_test_assert_choose_row (fixture->stage.desktop, ID, path);
  live_test_stage_assert_windows (&fixture->stage, LIVE_TEST_APPLET_CLASS, 1, NULL);
}

static void
test_bulk (Fixture *fixture, gconstpointer data)
{
  const char *const *path = LIVE_TEST_PATH ("Other qubes", "Make every disposable template fully ephemeral…");

  live_test_stage_assert_row (&fixture->stage, "Make every disposable template");
  choose_path (fixture, path);
  save (fixture, data, "bulk");
  press (fixture, "Escape");
  live_test_stage_assert_windows (&fixture->stage, LIVE_TEST_APPLET_CLASS, 0, NULL);
  assert_calls (fixture, "");
  choose_path (fixture, path);
  press (fixture, "alt+m");
  assert_told (fixture, "Disposable templates set to ephemeral", 1);
  assert_calls (fixture, "default-dvm SetPolicy 'full'; whonix-dvm SetPolicy 'full'");
  live_test_stage_assert_windows (&fixture->stage, LIVE_TEST_APPLET_CLASS, 0, NULL);
  save (fixture, data, "bulk-done");
}

static void
test_take_over (Fixture *fixture, gconstpointer data)
{
  const char *const *path = LIVE_TEST_PATH ("Take over from the guide's rw.service…");

  live_bus_pool_set_ephemeral_volatile (live_mock_service_add_pool (fixture->service, "vm-pool"), TRUE);
  live_bus_dom0_set_guide_unit (
      live_mock_service_get_dom0 (fixture->service),
      g_variant_new_parsed (
          "('/etc/systemd/system/rw.service', true, [('work', 'root', false), ('default-dvm', 'root', "
          "false), ('default-dvm', 'private', false), ('gone', 'root', false)], uint32 2)"));
  live_test_stage_assert_row (&fixture->stage, path[0]);
  choose_path (fixture, path);
  save (fixture, data, "take-over");
  press (fixture, "alt+l");
  live_test_stage_assert_windows (&fixture->stage, LIVE_TEST_APPLET_CLASS, 0, NULL);
  assert_calls (fixture, "");
  choose_path (fixture, path);
  press (fixture, "alt+t");
  assert_told (fixture, "The guide's unit was taken over", 1);
  assert_calls (fixture, "manager TakeOver");
  save (fixture, data, "taken-over");
}

static void
test_skipped (void)
{
  g_test_skip ("only root can make a mount namespace");
}

#define ADD(name, theme, set_up_function, function)                                                                    \
  g_test_add ("/desktop/window/" name, Fixture, GINT_TO_POINTER (theme), set_up_function, function, tear_down)

int
main (int argc, char *argv[])
{
  gboolean able = live_test_bed_init ();

  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  if (!able)
    {
      g_test_add_func ("/desktop/window", test_skipped);
      return g_test_run ();
    }
  ADD ("mocked/light", LIVE_TEST_THEME_LIGHT, set_up_mocked, test_life);
  ADD ("mocked/dark", LIVE_TEST_THEME_DARK, set_up_mocked, test_life);
  ADD ("not-shutting-down/light", LIVE_TEST_THEME_LIGHT, set_up_mocked, test_not_shutting_down);
  ADD ("not-shutting-down/dark", LIVE_TEST_THEME_DARK, set_up_mocked, test_not_shutting_down);
  ADD ("bulk/light", LIVE_TEST_THEME_LIGHT, set_up_mocked, test_bulk);
  ADD ("bulk/dark", LIVE_TEST_THEME_DARK, set_up_mocked, test_bulk);
  ADD ("take-over/light", LIVE_TEST_THEME_LIGHT, set_up_mocked, test_take_over);
  ADD ("take-over/dark", LIVE_TEST_THEME_DARK, set_up_mocked, test_take_over);
  ADD ("real/light", LIVE_TEST_THEME_LIGHT, set_up_real, test_life);
  ADD ("real/dark", LIVE_TEST_THEME_DARK, set_up_real, test_life);
  return g_test_run ();
}
