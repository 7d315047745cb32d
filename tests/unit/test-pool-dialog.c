/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "applet-fixture.h"
#include "dialog-look.h"
#include "model/error.h"

#include "client/client.h"
#include "tray/create-pool-dialog.h"
#include "tray/pool-control.h"
#include "tray/pools-menu.h"
#include "tray/preview-dialog.h"

#include <string.h>

/*
 * The dialogs that make and destroy pools: what they say, what a keyboard and a screen reader find, what they refuse,
 * and what they ask the helper for.
 */

#define GIB ((guint64) 1 << 30)
#define NBSP "\302\240"

typedef struct
{
  LiveAppletFixture applet; /* without the applet: its parts are in this process */
  LiveClient *client;
  LiveNotifier *notifier;
  LivePoolsMenu *pools;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  live_applet_set_up (&fixture->applet, NULL);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", live_mock_bus_get_address (fixture->applet.system_bus), TRUE);
  fixture->client = live_client_new ();
  fixture->notifier = live_notifier_new (fixture->applet.session, fixture->client, NULL);
  fixture->pools = live_pools_menu_new (fixture->client, fixture->notifier);
  live_mock_wait (live_client_get_state (fixture->client) == LIVE_CLIENT_READY);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  live_pools_menu_free (fixture->pools);
  g_assert_null (live_dialog_find (GTK_TYPE_DIALOG));
  /* A call under way keeps it, and tells by it how that ended: not to a bus that is gone. */
  g_object_add_weak_pointer (G_OBJECT (fixture->notifier), (gpointer *) &fixture->notifier);
  g_object_unref (fixture->notifier);
  live_mock_wait (fixture->notifier == NULL);
  g_object_unref (fixture->client);
  live_applet_tear_down (&fixture->applet, NULL);
}

static void
assert_calls (Fixture *fixture, const char *expected)
{
  g_autofree char *calls = live_mock_service_take_calls (fixture->applet.service);

  g_assert_cmpstr (calls, ==, expected);
}

/* Whether so much was called, with what was before in @calls. */
static gboolean
has_calls (Fixture *fixture, GString *calls, const char *expected)
{
  g_autofree char *more = live_mock_service_take_calls (fixture->applet.service);

  g_string_append (calls, more);
  return calls->len >= strlen (expected);
}

static void
wait_for_calls (Fixture *fixture, const char *expected)
{
  g_autoptr (GString) calls = g_string_new (NULL);

  live_mock_wait (has_calls (fixture, calls, expected));
  g_assert_cmpstr (calls->str, ==, expected);
}

/* Destroying. */

static LiveBusPool *
add_pool (Fixture *fixture, const char *const *qubes)
{
  LiveBusPool *pool = live_mock_service_add_pool (fixture->applet.service, "ram1");

  live_bus_pool_set_kind (pool, "ram");
  live_bus_pool_set_used (pool, GIB);
  live_bus_pool_set_managed (pool, TRUE);
  live_bus_pool_set_qubes (pool, qubes);
  live_mock_wait (live_client_find_pool (fixture->client, "ram1") != NULL);
  live_mock_wait (live_client_pool_get_managed (live_client_find_pool (fixture->client, "ram1")));
  live_mock_wait (live_client_pool_get_qubes (live_client_find_pool (fixture->client, "ram1"))[0] != NULL);
  return pool;
}

static void
count (gpointer data)
{
  ++*(guint *) data;
}

static void
test_destroy (Fixture *fixture, gconstpointer unused)
{
  static const char *const qubes[] = { "app1", "app2", "ghost", NULL };
  static const char *const more[] = { "app1", "app2", "app3", "ghost", NULL };
  LiveBusPool *pool = NULL;
  GtkDialog *dialog = NULL;
  LivePoolControl *control = NULL;
  guint n_changes = 0;
  g_autofree char *text = NULL;

  live_mock_service_add_qube (fixture->applet.service, "app1");
  live_bus_qube_set_state (live_mock_service_add_qube (fixture->applet.service, "app2"), "running");
  live_mock_wait (live_client_find_qube (fixture->client, "app2") != NULL);
  live_mock_wait (live_client_qube_is_running (live_client_find_qube (fixture->client, "app2")));
  pool = add_pool (fixture, qubes);
  control = live_pool_control_new (fixture->client, live_client_find_pool (fixture->client, "ram1"), fixture->notifier,
                                   count, &n_changes);
  live_pool_control_ask_to_destroy (control);
  dialog = live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG);
  live_dialog_assert_question (dialog, "Destroy the pool ram1?", "_Destroy", "_Keep");
  text = live_dialog_get_text (dialog);
  g_assert_cmpstr (text, ==,
                   "Destroy the pool ram1?|What is in it (1.0" NBSP "GiB) is lost, and with it 3 qubes:|"
                   "Qubes that are shut down and removed|app2|ghost|Qubes that are removed|app1");
  /* One window, however often it is asked for; and no is no. */
  live_pool_control_ask_to_destroy (control);
  g_assert_true (live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG) == dialog);
  gtk_dialog_response (dialog, GTK_RESPONSE_CANCEL);
  g_assert_null (live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG));
  g_assert_cmpuint (n_changes, ==, 0);
  assert_calls (fixture, "");

  /* What is shown is what is destroyed. */
  live_pool_control_ask_to_destroy (control);
  live_bus_pool_set_qubes (pool, more);
  live_mock_wait (g_strv_length ((char **) live_client_pool_get_qubes (live_client_find_pool (fixture->client, "ram1")))
                  == 4);
  gtk_dialog_response (live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG), GTK_RESPONSE_ACCEPT);
  g_assert_true (live_pool_control_is_busy (control));
  wait_for_calls (fixture, "ram1 Destroy ['app1', 'app2', 'ghost'] false");
  live_mock_wait (n_changes == 2);
  /* The job is under way. */
  live_mock_wait (live_pool_control_is_busy (control));
  live_pool_control_ask_to_destroy (control);
  g_assert_null (live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG));
  g_assert_cmpuint (fixture->applet.notifications->len, ==, 0);
  live_pool_control_free (control);
}

/* What is left of one after a restart. */
static void
test_remove (Fixture *fixture, gconstpointer unused)
{
  static const char *const qubes[] = { "app1", NULL };
  LiveBusPool *pool = NULL;
  GtkDialog *dialog = NULL;
  g_autofree char *text = NULL;
  guint n_changes = 0;
  g_autoptr (LivePoolControl) control = NULL;

  live_mock_service_add_qube (fixture->applet.service, "app1");
  live_mock_wait (live_client_find_qube (fixture->client, "app1") != NULL);
  pool = add_pool (fixture, qubes);
  live_bus_pool_set_state (pool, "gone");
  live_mock_wait (g_str_equal (live_client_pool_get_state (live_client_find_pool (fixture->client, "ram1")), "gone"));
  control = live_pool_control_new (fixture->client, live_client_find_pool (fixture->client, "ram1"), fixture->notifier,
                                   count, &n_changes);
  g_assert_false (live_pool_control_may_set_default (control));
  live_pool_control_ask_to_destroy (control);
  dialog = live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG);
  live_dialog_assert_question (dialog, "Remove the pool ram1?", "_Remove", "_Keep");
  text = live_dialog_get_text (dialog);
  g_assert_cmpstr (text, ==,
                   "Remove the pool ram1?|What was in it is lost already; qubesd is made to forget it.|"
                   "Qubes that are removed|app1");
  live_mock_service_fail (fixture->applet.service, LIVE_ERROR, LIVE_ERROR_IN_USE, "app2 was not named");
  gtk_dialog_response (dialog, GTK_RESPONSE_ACCEPT);
  live_mock_wait (fixture->applet.notifications->len == 1);
  g_assert_true (g_str_has_prefix (fixture->applet.notifications->pdata[0],
                                   "0|The pool ram1 was not destroyed, or not all of it|"));
  g_assert_nonnull (strstr (fixture->applet.notifications->pdata[0], "app2 was not named"));
  wait_for_calls (fixture, "ram1 Destroy ['app1'] false");
  g_assert_false (live_pool_control_is_busy (control));
  /* With the pool, or the menu, goes the question. */
  live_pool_control_ask_to_destroy (control);
  g_assert_nonnull (live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG));
  g_clear_pointer (&control, live_pool_control_free);
  g_assert_null (live_dialog_find (LIVE_TYPE_PREVIEW_DIALOG));
}

/* Creating. */

static void
find_create_item (GtkWidget *widget, gpointer data)
{
  const char *label = GTK_IS_MENU_ITEM (widget) ? gtk_menu_item_get_label (GTK_MENU_ITEM (widget)) : NULL;

  if (label != NULL && g_str_has_prefix (label, "Create"))
    *(GtkWidget **) data = widget;
}

static GtkDialog *
create (Fixture *fixture)
{
  GtkWidget *menu = gtk_menu_item_get_submenu (GTK_MENU_ITEM (live_pools_menu_get_item (fixture->pools)));
  GtkWidget *item = NULL;
  GtkDialog *dialog = NULL;

  gtk_container_foreach (GTK_CONTAINER (menu), find_create_item, &item);
  g_assert_nonnull (item);
  gtk_menu_item_activate (GTK_MENU_ITEM (item));
  dialog = live_dialog_find (LIVE_TYPE_CREATE_POOL_DIALOG);
  g_assert_nonnull (dialog);
  return dialog;
}

/* A widget of the dialog by what a screen reader calls it. */
typedef struct
{
  const char *name;
  GtkWidget *widget;
} Search;

static void
search (GtkWidget *widget, gpointer data)
{
  Search *wanted = data;

  if ((GTK_IS_ENTRY (widget) || GTK_IS_TOGGLE_BUTTON (widget))
      && g_strcmp0 (atk_object_get_name (gtk_widget_get_accessible (widget)), wanted->name) == 0)
    wanted->widget = widget;
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), search, data);
}

static GtkWidget *
get_field (GtkDialog *dialog, const char *name)
{
  Search wanted = { name, NULL };

  search (GTK_WIDGET (dialog), &wanted);
  g_assert_nonnull (wanted.widget);
  return wanted.widget;
}

static gboolean
may_create (GtkDialog *dialog)
{
  return gtk_widget_get_sensitive (gtk_dialog_get_widget_for_response (dialog, GTK_RESPONSE_ACCEPT));
}

/* The last line of the dialog. */
static void
assert_problem (GtkDialog *dialog, const char *expected)
{
  g_autofree char *text = live_dialog_get_text (dialog);

  g_assert_cmpstr (strrchr (text, '|') + 1, ==, expected);
  g_assert_cmpint (may_create (dialog), ==, *expected == '\0');
}

static void
test_create (Fixture *fixture, gconstpointer unused)
{
  GtkDialog *dialog = NULL;
  GtkWidget *name = NULL;
  g_autofree char *text = NULL;

  live_mock_service_add_pool (fixture->applet.service, "ram1");
  live_mock_wait (live_client_find_pool (fixture->client, "ram1") != NULL);
  dialog = create (fixture);
  text = live_dialog_get_text (dialog);
  g_assert_true (g_str_has_prefix (text, "Create a pool in RAM|Whatever qubes keep in it is in dom0's RAM, and lost "));
  g_assert_nonnull (strstr (text, "|3.0" NBSP "GiB of dom0's 4.0" NBSP "GiB of RAM are free.|"));
  assert_problem (dialog, "");
  g_assert_cmpstr (atk_object_get_name (gtk_widget_get_accessible (GTK_WIDGET (dialog))), ==, "Create a pool in RAM");
  live_dialog_assert_button (dialog, GTK_RESPONSE_ACCEPT, "C_reate");
  live_dialog_assert_button (dialog, GTK_RESPONSE_CANCEL, "_Cancel");
  name = get_field (dialog, "Name");
  g_assert_true (gtk_window_get_focus (GTK_WINDOW (dialog)) == name);
  g_assert_cmpstr (gtk_entry_get_text (GTK_ENTRY (name)), ==, "ram2");
  /* Half of what is left of 3 GiB without dom0's part. */
  g_assert_cmpstr (gtk_entry_get_text (GTK_ENTRY (get_field (dialog, "Size"))), ==, "1.1");
  g_assert_false (gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (get_field (dialog, "New qubes go to this pool"))));
  g_assert_true (create (fixture) == dialog);
  gtk_dialog_response (dialog, GTK_RESPONSE_CANCEL);
  g_assert_null (live_dialog_find (LIVE_TYPE_CREATE_POOL_DIALOG));
  assert_calls (fixture, "");

  /* Enter in a field is enough; 1.5 GiB that were only typed count. */
  dialog = create (fixture);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (get_field (dialog, "New qubes go to this pool")), TRUE);
  gtk_entry_set_text (GTK_ENTRY (get_field (dialog, "Size")), "1.5");
  g_assert_true (gtk_widget_activate (get_field (dialog, "Name")));
  live_mock_wait (live_dialog_find (LIVE_TYPE_CREATE_POOL_DIALOG) == NULL);
  wait_for_calls (fixture, "manager CreateRamPool 'ram2' 1610612736 {'default': <true>}");
  g_assert_cmpuint (fixture->applet.notifications->len, ==, 0);

  dialog = create (fixture);
  gtk_entry_set_text (GTK_ENTRY (get_field (dialog, "Name")), "my_pool-1");
  gtk_entry_set_text (GTK_ENTRY (get_field (dialog, "Size")), "0.3");
  gtk_dialog_response (dialog, GTK_RESPONSE_ACCEPT);
  /* In whole MiB. */
  wait_for_calls (fixture, "manager CreateRamPool 'my_pool-1' 321912832 {}");
}

static void
test_create_refused (Fixture *fixture, gconstpointer unused)
{
  live_mock_service_fail (fixture->applet.service, LIVE_ERROR, LIVE_ERROR_NO_MEMORY, "4096 bytes are missing");
  gtk_dialog_response (create (fixture), GTK_RESPONSE_ACCEPT);
  live_mock_wait (fixture->applet.notifications->len == 1);
  g_assert_true (g_str_has_prefix (fixture->applet.notifications->pdata[0], "0|The pool ram1 was not made|"));
  g_assert_nonnull (strstr (fixture->applet.notifications->pdata[0], "4096 bytes are missing"));
}

static void
test_names (Fixture *fixture, gconstpointer unused)
{
#define SHAPE "A name begins with a letter and has up to 31 letters, digits, - and _."
  static const struct
  {
    const char *name;
    const char *problem;
  } cases[] = {
    { "", "The pool needs a name." },
    { "a", "" },
    { "A-b_9", "" },
    { "1ram", SHAPE },
    { "-ram", SHAPE },
    { "_ram", SHAPE },
    { "ram.1", SHAPE },
    { "ram 1", SHAPE },
    { "../ram", SHAPE },
    { "r\303\244m", SHAPE },
    { "vm-pool", "There is a pool vm-pool already." },
    /* No more can be typed. */
    { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "" },
  };
  GtkDialog *dialog = NULL;
  GtkWidget *name = NULL;

  live_mock_service_add_pool (fixture->applet.service, "vm-pool");
  live_mock_wait (live_client_find_pool (fixture->client, "vm-pool") != NULL);
  dialog = create (fixture);
  name = get_field (dialog, "Name");
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_test_message ("%s", cases[i].name);
      gtk_entry_set_text (GTK_ENTRY (name), cases[i].name);
      assert_problem (dialog, cases[i].problem);
      g_assert_cmpstr (atk_object_get_description (gtk_widget_get_accessible (name)), ==, cases[i].problem);
      g_assert_cmpuint (strlen (live_create_pool_dialog_get_name (LIVE_CREATE_POOL_DIALOG (dialog))), <=, 31);
    }
  /* Somebody else makes it, and takes it away, while this one is open. */
  gtk_entry_set_text (GTK_ENTRY (name), "late");
  assert_problem (dialog, "");
  live_mock_service_add_pool (fixture->applet.service, "late");
  live_mock_wait (!may_create (dialog));
  assert_problem (dialog, "There is a pool late already.");
  /* Whatever makes it answer all the same. */
  gtk_dialog_response (dialog, GTK_RESPONSE_ACCEPT);
  g_assert_true (live_dialog_find (LIVE_TYPE_CREATE_POOL_DIALOG) == dialog);
  live_mock_service_remove_pool (fixture->applet.service, "late");
  live_mock_wait (may_create (dialog));
  assert_calls (fixture, "");
#undef SHAPE
}

static void
set_memory (Fixture *fixture, guint64 total, guint64 free_now)
{
  LiveBusDom0 *dom0 = live_mock_service_get_dom0 (fixture->applet.service);

  live_bus_dom0_set_memory_total (dom0, total);
  live_bus_dom0_set_memory_free (dom0, free_now);
  live_mock_wait (live_client_get_memory_total (fixture->client) == total
                  && live_client_get_memory_free (fixture->client) == free_now);
}

static void
test_sizes (Fixture *fixture, gconstpointer unused)
{
  static const struct
  {
    double wanted;
    const char *text;
    const char *problem;
  } cases[] = {
    { 1, "1.0", "" },
    { 2.3, "2.3", "" },
    { 2.4, "2.4", "There is RAM for 2.3" NBSP "GiB at most: dom0 keeps some for itself." },
    { 99, "4.0", "There is RAM for 2.3" NBSP "GiB at most: dom0 keeps some for itself." },
    { -1, "0.3", "" },
    { 0, "0.3", "" },
  };
  static const char too_little[] = "There is too little RAM free for a pool. Shut qubes down, or give dom0 more with "
                                   "dom0_mem=max: on Xen's command line.";
  GtkDialog *dialog = create (fixture);
  GtkWidget *size = get_field (dialog, "Size");
  g_autofree char *text = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gtk_spin_button_set_value (GTK_SPIN_BUTTON (size), cases[i].wanted);
      g_assert_cmpstr (gtk_entry_get_text (GTK_ENTRY (size)), ==, cases[i].text);
      assert_problem (dialog, cases[i].problem);
      g_assert_cmpstr (atk_object_get_description (gtk_widget_get_accessible (size)), ==, cases[i].problem);
    }
  /* It follows what is free. */
  set_memory (fixture, 4 * GIB, 700 << 20);
  assert_problem (dialog, too_little);
  set_memory (fixture, 4 * GIB, 0);
  assert_problem (dialog, too_little);
  set_memory (fixture, 4 * GIB, 3 * GIB);
  assert_problem (dialog, "");
  /* What was typed and is too much does not go through with Enter either. */
  gtk_entry_set_text (GTK_ENTRY (size), "3.9");
  gtk_dialog_response (dialog, GTK_RESPONSE_ACCEPT);
  g_assert_true (live_dialog_find (LIVE_TYPE_CREATE_POOL_DIALOG) == dialog);
  assert_problem (dialog, cases[2].problem);
  gtk_dialog_response (dialog, GTK_RESPONSE_CANCEL);

  set_memory (fixture, 4 * GIB, 600 << 20);
  dialog = create (fixture);
  g_assert_cmpstr (gtk_entry_get_text (GTK_ENTRY (get_field (dialog, "Size"))), ==, "0.3");
  assert_problem (dialog, too_little);
  gtk_dialog_response (dialog, GTK_RESPONSE_CANCEL);
  /* A helper that does not know leaves it to the person. */
  set_memory (fixture, 0, 0);
  dialog = create (fixture);
  text = live_dialog_get_text (dialog);
  g_assert_nonnull (strstr (text, "|It is not known how much RAM is free in dom0.|"));
  g_assert_cmpstr (gtk_entry_get_text (GTK_ENTRY (get_field (dialog, "Size"))), ==, "1.0");
  assert_problem (dialog, "");
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

#define ADD(name, function) g_test_add ("/pool-dialog/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("destroy", test_destroy);
  ADD ("remove", test_remove);
  ADD ("create", test_create);
  ADD ("create-refused", test_create_refused);
  ADD ("names", test_names);
  ADD ("sizes", test_sizes);
#undef ADD
  status = g_test_run ();

  live_applet_stop_x_server (x_server);
  return status;
}
