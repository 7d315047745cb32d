/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "applet-fixture.h"
#include "dialog-look.h"
#include "model/error.h"

#include "client/client.h"
#include "tray/bulk-window.h"
#include "tray/preview-dialog.h"
#include "tray/take-over-window.h"
#include "tray/windows.h"

#include <string.h>

/*
 * The windows that ask before something is done: what they list, what a keyboard and a screen reader find, and what
 * their buttons do. What is told afterwards goes to the notification service of the fixture.
 */

typedef struct
{
  LiveAppletFixture applet; /* without the applet: its parts are in this process */
  LiveClient *client;
  LiveNotifier *notifier;
  LiveClock *clock;
  LiveWindows *windows;
  LiveBulkWindow *bulk;
  LiveTakeOverWindow *take_over;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  live_applet_set_up (&fixture->applet, NULL);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", live_mock_bus_get_address (fixture->applet.system_bus), TRUE);
  fixture->clock = live_clock_new (NULL);
  fixture->client = live_client_new ();
  fixture->notifier = live_notifier_new (fixture->applet.session, fixture->client, NULL);
  fixture->windows = live_windows_new (fixture->client, fixture->notifier, fixture->clock);
  fixture->bulk = live_bulk_window_new (fixture->client, fixture->notifier);
  fixture->take_over = live_take_over_window_new (fixture->client, fixture->notifier);
  live_mock_wait (live_client_get_state (fixture->client) == LIVE_CLIENT_READY);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  live_take_over_window_free (fixture->take_over);
  live_bulk_window_free (fixture->bulk);
  g_object_unref (fixture->windows);
  g_object_unref (fixture->notifier);
  g_object_unref (fixture->client);
  g_object_unref (fixture->clock);
  live_applet_tear_down (&fixture->applet, NULL);
}

static void
assert_calls (Fixture *fixture, const char *expected)
{
  g_autofree char *calls = live_mock_service_take_calls (fixture->applet.service);

  g_assert_cmpstr (calls, ==, expected);
}

static void
assert_told (Fixture *fixture, guint n, const char *expected)
{
  GPtrArray *told = fixture->applet.notifications;

  live_mock_wait (told->len >= n);
  g_assert_cmpuint (told->len, ==, n);
  g_assert_cmpstr (told->pdata[n - 1], ==, expected);
}

static LiveBusQube *
add_template (Fixture *fixture, const char *name)
{
  LiveBusQube *qube = live_mock_service_add_qube (fixture->applet.service, name);

  live_bus_qube_set_template_for_dispvms (qube, TRUE);
  live_mock_wait (live_client_find_qube (fixture->client, name) != NULL);
  live_mock_wait (live_client_qube_get_template_for_dispvms (live_client_find_qube (fixture->client, name)));
  return qube;
}

static GtkDialog *
choose (GtkWidget *item)
{
  GtkDialog *dialog = NULL;

  gtk_menu_item_activate (GTK_MENU_ITEM (item));
  dialog = live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG);
  g_assert_nonnull (dialog);
  return dialog;
}

/* One of each kind. */
static void
add_templates (Fixture *fixture)
{
  static const char *const root[] = { "persistent", "root", NULL };

  live_bus_qube_set_policies (add_template (fixture, "dvm-old"), root);
  live_bus_qube_set_state (add_template (fixture, "dvm-runs"), "running");
  live_bus_qube_set_policy (add_template (fixture, "dvm-done"), "full");
  add_template (fixture, "dvm-b");
  add_template (fixture, "dvm-a");
  live_mock_service_add_qube (fixture->applet.service, "work");
  live_mock_wait (live_client_find_qube (fixture->client, "work") != NULL);
  live_mock_wait (live_client_qube_is_running (live_client_find_qube (fixture->client, "dvm-runs")));
  live_mock_wait (!live_client_qube_accepts_policy (live_client_find_qube (fixture->client, "dvm-old"), "full"));
  live_mock_wait (
      g_str_equal (live_client_qube_get_policy (live_client_find_qube (fixture->client, "dvm-done")), "full"));
}

static void
test_bulk (Fixture *fixture, gconstpointer unused)
{
  GtkWidget *item = live_bulk_window_get_item (fixture->bulk);
  GtkDialog *dialog = NULL;
  g_autofree char *text = NULL;

  add_templates (fixture);
  dialog = choose (item);
  live_dialog_assert_question (dialog, "Make every disposable template fully ephemeral?", "_Make 3 ephemeral",
                               "_Keep as they are");
  text = live_dialog_get_text (dialog);
  g_assert_cmpstr (
      text, ==,
      "Make every disposable template fully ephemeral?|Then nothing that is written in them is kept, unless "
      "a customization window is open. Disposables that are made from them get the same; those that exist "
      "already are listed in the menu of their template.|Changed now|dvm-a|dvm-b|Running: changed when they "
      "shut down|dvm-runs|Cannot be (their pool, or this version of Qubes)|dvm-old");
  /* One window, however often it is asked for. */
  g_assert_true (choose (item) == dialog);

  gtk_dialog_response (dialog, GTK_RESPONSE_CANCEL);
  g_assert_null (live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG));
  dialog = choose (item);
  gtk_window_close (GTK_WINDOW (dialog));
  live_mock_wait (live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG) == NULL);
  assert_calls (fixture, "");

  gtk_dialog_response (choose (item), GTK_RESPONSE_ACCEPT);
  g_assert_null (live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG));
  g_assert_false (gtk_widget_get_sensitive (item));
  assert_told (fixture, 1,
               "0|Disposable templates set to ephemeral|2 leave nothing now. These run, and change when they "
               "shut down: dvm-runs.|1");
  assert_calls (fixture, "dvm-a SetPolicy 'full'; dvm-b SetPolicy 'full'; dvm-runs SetPolicy 'full'");
  live_mock_wait (strstr (gtk_menu_item_get_label (GTK_MENU_ITEM (item)), "(the others cannot be)") != NULL);
}

/* What is shown is what is changed: not what came later, nor what went or was done meanwhile. */
static void
test_bulk_changes (Fixture *fixture, gconstpointer unused)
{
  GtkWidget *item = live_bulk_window_get_item (fixture->bulk);
  GtkDialog *dialog = NULL;
  LiveBusQube *done = add_template (fixture, "dvm-done");

  add_template (fixture, "dvm-a");
  add_template (fixture, "dvm-gone");
  dialog = choose (item);
  add_template (fixture, "dvm-later");
  live_mock_service_remove_qube (fixture->applet.service, "dvm-gone");
  live_bus_qube_set_policy (done, "full");
  live_mock_wait (live_client_find_qube (fixture->client, "dvm-gone") == NULL);
  live_mock_wait (
      g_str_equal (live_client_qube_get_policy (live_client_find_qube (fixture->client, "dvm-done")), "full"));
  gtk_dialog_response (dialog, GTK_RESPONSE_ACCEPT);
  assert_told (fixture, 1, "0|Disposable templates set to ephemeral|1 leaves nothing now.|1");
  assert_calls (fixture, "dvm-a SetPolicy 'full'");
}

/* Whoever is not allowed to is not asked for a password again and again; what one qube cannot, the next may. */
static void
test_bulk_fails (Fixture *fixture, gconstpointer unused)
{
  GtkWidget *item = live_bulk_window_get_item (fixture->bulk);

  add_template (fixture, "dvm-a");
  add_template (fixture, "dvm-b");
  add_template (fixture, "dvm-c");
  live_mock_service_fail (fixture->applet.service, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED, "No");
  gtk_dialog_response (choose (item), GTK_RESPONSE_ACCEPT);
  assert_told (fixture, 1,
               "0|Some disposable templates not changed|dvm-a was not changed: not allowed. 2 more were not "
               "tried.|1");
  assert_calls (fixture, "dvm-a SetPolicy 'full'");
  g_assert_true (gtk_widget_get_sensitive (item));

  live_mock_service_fail (fixture->applet.service, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED, "No");
  gtk_dialog_response (choose (item), GTK_RESPONSE_ACCEPT);
  assert_told (fixture, 2,
               "1|Some disposable templates not changed|dvm-a cannot do this. dvm-b cannot do this. dvm-c "
               "cannot do this.|1");
}

static void
set_unit (Fixture *fixture, const char *unit)
{
  live_bus_dom0_set_guide_unit (live_mock_service_get_dom0 (fixture->applet.service), g_variant_new_parsed (unit));
  live_mock_wait (gtk_widget_get_visible (live_take_over_window_get_item (fixture->take_over)));
}

static void
test_take_over (Fixture *fixture, gconstpointer unused)
{
  GtkWidget *item = live_take_over_window_get_item (fixture->take_over);
  GtkDialog *dialog = NULL;
  g_autofree char *text = NULL;

  live_mock_service_add_qube (fixture->applet.service, "work");
  live_bus_pool_set_ephemeral_volatile (live_mock_service_add_pool (fixture->applet.service, "vm-pool"), TRUE);
  live_mock_service_add_pool (fixture->applet.service, "other");
  live_mock_wait (live_client_find_pool (fixture->client, "vm-pool") != NULL);
  live_mock_wait (live_client_pool_get_ephemeral_volatile (live_client_find_pool (fixture->client, "vm-pool")));
  set_unit (fixture, "('/etc/systemd/system/rw.service', true, [('work', 'root', false)], uint32 0)");
  dialog = choose (item);
  live_dialog_assert_question (dialog, "Take over from the guide's rw.service?", "_Take over", "_Leave it");
  text = live_dialog_get_text (dialog);
  g_assert_cmpstr (
      text, ==,
      "Take over from the guide's rw.service?|What it does at every boot becomes policies, which hold at "
      "every start of a qube and are seen here. Then the unit is disabled; its file is not touched.|Becomes "
      "a policy|work leaves its files: root is thrown away|Stays as it is|Pool vm-pool: volatile volumes "
      "under a throw-away key");
  g_assert_true (choose (item) == dialog);
  gtk_dialog_response (dialog, GTK_RESPONSE_CANCEL);
  assert_calls (fixture, "");
  gtk_dialog_response (choose (item), GTK_RESPONSE_ACCEPT);
  assert_told (
      fixture, 1,
      "0|The guide's unit was taken over|The unit is disabled; its file is as it was. work is set to leave only "
      "its files.|1");
  assert_calls (fixture, "manager TakeOver");
  live_mock_wait (!gtk_widget_get_visible (item));
}

/* The lines of a unit, and what is said to become of them. */
static void
test_take_over_lines (Fixture *fixture, gconstpointer unused)
{
  static const char *const root[] = { "persistent", "root", NULL };
  static const struct
  {
    const char *settings;
    const char *lines;
  } cases[] = {
    { "[('a', 'root', false), ('a', 'private', false)], uint32 0",
      "|Becomes a policy|a leaves nothing: root and private are thrown away" },
    /* The last line counts. */
    { "[('a', 'root', true), ('a', 'private', false), ('a', 'root', false), ('a', 'private', true)], uint32 0",
      "|Becomes a policy|a leaves its files: root is thrown away" },
    { "[('b', 'root', false), ('a', 'root', false)], uint32 1",
      "|Becomes a policy|b leaves its files: root is thrown away|a leaves its files: root is thrown away|Stays with "
      "the "
      "unit|1 other command" },
    { "[('a', 'private', false)], uint32 0", "|Stays with the unit|a: no policy does what the unit does" },
    { "[('a', 'root', false), ('a', 'root', true)], uint32 0",
      "|Stays with the unit|a: no policy does what the unit does" },
    { "[('gone', 'root', false)], uint32 0", "|Stays with the unit|gone: there is no such qube" },
    { "[('b', 'root', false), ('b', 'private', false)], uint32 12",
      "|Stays with the unit|b: it cannot have that policy|12 other commands" },
  };
  GtkWidget *item = live_take_over_window_get_item (fixture->take_over);

  live_mock_service_add_qube (fixture->applet.service, "a");
  live_bus_qube_set_policies (live_mock_service_add_qube (fixture->applet.service, "b"), root);
  live_mock_wait (live_client_find_qube (fixture->client, "b") != NULL);
  live_mock_wait (!live_client_qube_accepts_policy (live_client_find_qube (fixture->client, "b"), "full"));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/etc/systemd/system/rw-%" G_GSIZE_FORMAT ".service", i);
      g_autofree char *label = g_strdup_printf ("Take over from the guide's rw-%" G_GSIZE_FORMAT ".service…", i);
      g_autofree char *unit = g_strdup_printf ("('%s', true, %s)", path, cases[i].settings);
      g_autofree char *text = NULL;
      GtkDialog *dialog = NULL;

      set_unit (fixture, unit);
      live_mock_wait (g_str_equal (gtk_menu_item_get_label (GTK_MENU_ITEM (item)), label));
      dialog = choose (item);
      text = live_dialog_get_text (dialog);
      g_assert_true (g_str_has_suffix (text, cases[i].lines));
      g_assert_true ((strstr (text, "the unit is not disabled") != NULL)
                     == (strstr (cases[i].lines, "Stays with the unit") != NULL));
      gtk_dialog_response (dialog, GTK_RESPONSE_CANCEL);
    }
  /* It goes while somebody reads: so does the window. */
  choose (item);
  live_bus_dom0_set_guide_unit (live_mock_service_get_dom0 (fixture->applet.service),
                                g_variant_new ("(sba(ssb)u)", "", FALSE, NULL, 0));
  live_mock_wait (live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG) == NULL);
  assert_calls (fixture, "");
}

static void
test_take_over_fails (Fixture *fixture, gconstpointer unused)
{
  set_unit (fixture, "('/etc/systemd/system/rw.service', true, [('work', 'root', false)], uint32 0)");
  live_mock_service_fail (fixture->applet.service, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED, "No");
  gtk_dialog_response (choose (live_take_over_window_get_item (fixture->take_over)), GTK_RESPONSE_ACCEPT);
  live_mock_wait (fixture->applet.notifications->len == 1);
  g_assert_true (g_str_has_prefix (fixture->applet.notifications->pdata[0], "0|Not allowed|"));
}

static LiveBusQube *
add_stuck (Fixture *fixture)
{
  LiveBusQube *qube = live_mock_service_add_qube (fixture->applet.service, "work");

  live_bus_qube_set_state (qube, "running");
  live_bus_qube_set_window_state (qube, "closing");
  live_bus_qube_set_window_step (qube, "not-shutting-down");
  live_mock_wait (live_client_find_qube (fixture->client, "work") != NULL);
  live_mock_wait (live_windows_may_end (fixture->windows, live_client_find_qube (fixture->client, "work")));
  return qube;
}

static void
test_end (Fixture *fixture, gconstpointer unused)
{
  LiveClientQube *work = NULL;
  g_autofree char *text = NULL;

  add_stuck (fixture);
  work = live_client_find_qube (fixture->client, "work");
  live_windows_ask_to_end (fixture->windows, work);
  live_dialog_assert_question (live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG), "work does not shut down. End it?",
                               "_End it", "_Keep waiting");
  text = live_dialog_get_text (live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG));
  g_assert_nonnull (strstr (text, "what it has not written yet is lost"));
  gtk_dialog_response (live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG), GTK_RESPONSE_CANCEL);
  g_assert_null (live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG));
  assert_calls (fixture, "");
  live_windows_ask_to_end (fixture->windows, work);
  gtk_dialog_response (live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG), GTK_RESPONSE_ACCEPT);
  g_assert_true (live_windows_is_busy (fixture->windows, work));
  live_mock_wait (!live_windows_is_busy (fixture->windows, work));
  assert_calls (fixture, "work CloseWindow true");
}

/* It shuts down while somebody thinks about it: there is nothing to decide any more. */
static void
test_end_over (Fixture *fixture, gconstpointer unused)
{
  LiveBusQube *qube = add_stuck (fixture);

  live_windows_ask_to_end (fixture->windows, live_client_find_qube (fixture->client, "work"));
  g_assert_nonnull (live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG));
  live_bus_qube_set_window_step (qube, "private-read-only");
  live_mock_wait (live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG) == NULL);
  live_windows_ask_to_end (fixture->windows, live_client_find_qube (fixture->client, "work"));
  g_assert_null (live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG));
  live_bus_qube_set_window_step (qube, "not-shutting-down");
  live_mock_wait (live_windows_may_end (fixture->windows, live_client_find_qube (fixture->client, "work")));
  live_windows_ask_to_end (fixture->windows, live_client_find_qube (fixture->client, "work"));
  live_mock_service_remove_qube (fixture->applet.service, "work");
  live_mock_wait (live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG) == NULL);
  assert_calls (fixture, "");
}

int
main (int argc, char **argv)
{
  GSubprocess *x_server = NULL;
  int status = 0;

  g_test_init (&argc, &argv, NULL);
  g_setenv ("GDK_BACKEND", "x11", TRUE);
  g_setenv ("GDK_GL", "disable", TRUE);
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  g_setenv ("NO_AT_BRIDGE", "1", TRUE);
  x_server = live_applet_start_x_server ();
  gtk_init (&argc, &argv);

#define ADD(name, function) g_test_add ("/preview/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("bulk", test_bulk);
  ADD ("bulk-changes", test_bulk_changes);
  ADD ("bulk-fails", test_bulk_fails);
  ADD ("take-over", test_take_over);
  ADD ("take-over-lines", test_take_over_lines);
  ADD ("take-over-fails", test_take_over_fails);
  ADD ("end", test_end);
  ADD ("end-over", test_end_over);
#undef ADD
  status = g_test_run ();

  live_applet_stop_x_server (x_server);
  return status;
}
