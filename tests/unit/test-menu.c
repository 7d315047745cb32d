/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "applet-fixture.h"
#include "model/error.h"

#include <string.h>

/*
 * The menu, the icon and the notifications of the applet, as a panel gets them.
 */

static void
test_shape (LiveAppletFixture *fixture, gconstpointer unused)
{
  const char *const only_persistent[] = { "persistent", NULL };
  const char *const nothing[] = { NULL };
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work_1");
  LiveBusQube *qube = NULL;
  g_autofree char *closed = NULL;
  g_autofree char *running = NULL;

  live_bus_qube_set_state (work, "running");
  live_bus_qube_set_evidence (work, "unknown");
  qube = live_mock_service_add_qube (fixture->service, "anon");
  live_bus_qube_set_state (qube, "running");
  live_bus_qube_set_persistence (qube, "ephemeral");
  live_bus_qube_set_evidence (qube, "verified");
  qube = live_mock_service_add_qube (fixture->service, "debian-12");
  live_bus_qube_set_class (qube, "TemplateVM");
  live_bus_qube_set_policies (qube, only_persistent);
  qube = live_mock_service_add_qube (fixture->service, "default-dvm");
  live_bus_qube_set_template_for_dispvms (qube, TRUE);
  qube = live_mock_service_add_qube (fixture->service, "vault");
  live_bus_qube_set_label (qube, "black");
  qube = live_mock_service_add_qube (fixture->service, "odd");
  live_bus_qube_set_label (qube, "<b>pink</b>");
  qube = live_mock_service_add_qube (fixture->service, "far");
  live_bus_qube_set_class (qube, "RemoteVM");
  live_bus_qube_set_manageable (qube, FALSE);
  live_bus_qube_set_policies (qube, nothing);
  qube = live_mock_service_add_qube (fixture->service, "dom0");
  live_bus_qube_set_class (qube, "AdminVM");
  live_mock_service_add_pool (fixture->service, "vm-pool");
  live_bus_pool_set_ephemeral_volatile_supported (live_mock_service_add_pool (fixture->service, "a-pool"), FALSE);
  live_bus_manager_set_indicator (live_mock_service_get_manager (fixture->service), "persistent");
  live_bus_manager_set_indicator_reasons (
      live_mock_service_get_manager (fixture->service),
      g_variant_new_parsed ("[('qube-keeps', {'qube': <'work_1'>}), ('dom0-on-disk', @a{sv} {})]"));
  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "Persistent"));
  live_applet_settle (fixture);

  /* dbusmenu writes an underscore that is no mnemonic twice. */
  closed = live_applet_get_tree (fixture);
  g_assert_cmpstr (closed, ==,
                   "{!Persistent: 1 running qube keeps what it writes; "
                   "Why?{!work__1 keeps what it writes; "
                   "!dom0 is on a disk: it records that a qube ran, whatever the qube keeps}; -; "
                   "anon: leaves nothing, verified{!Running; verified from Xen; !What it leaves behind; "
                   "( ) Nothing: root and private are thrown away; ( ) Its files: root is thrown away; "
                   "(x) Everything; -; !Customise (only with the policy “full”); -; "
                   "[ ] !Root volume read-only (shut the qube down first); "
                   "[ ] !Private volume read-only (shut the qube down first); [ ] Erase memory when it is freed; "
                   "Run in RAM; Shut down}; "
                   "work__1: keeps files{!Running; not verified; !What it leaves behind; "
                   "( ) Nothing: root and private are thrown away; ( ) Its files: root is thrown away; "
                   "(x) Everything; -; !Customise (only with the policy “full”); -; "
                   "[ ] !Root volume read-only (shut the qube down first); "
                   "[ ] !Private volume read-only (shut the qube down first); [ ] Erase memory when it is freed; "
                   "Run in RAM; Shut down}; -; "
                   "Other qubes{Disposable templates{default-dvm: keeps files}; Templates{debian-12: keeps files}; "
                   "Red qubes{far: keeps files}; Black qubes{vault: keeps files}; "
                   "Qubes labelled <b>pink</b>{odd: keeps files}; -; "
                   "Make every disposable template fully ephemeral…}; "
                   "Pools{a-pool; vm-pool; -; Create a pool in RAM…}; -; Refresh; Quit}");

  /* Nor is one when the label changes. */
  live_bus_qube_set_evidence (work, "verified");
  live_bus_qube_set_persistence (work, "ephemeral");
  live_mock_wait (live_applet_tree_has (fixture, "work__1: leaves nothing, verified{"));

  /* To open a group is enough: a submenu is whole before its row can be pressed. */
  g_assert_cmpint (live_applet_open_path (fixture, "Other qubes/Black qubes"), >, 0);
  g_assert_cmpint (live_applet_open_path (fixture, "Other qubes/Templates"), >, 0);
  g_assert_cmpint (live_applet_open_path (fixture, "Other qubes/Red qubes"), >, 0);
  live_mock_wait (live_applet_tree_has (fixture, "Start}"));
  live_applet_settle (fixture);
  running = live_applet_get_tree (fixture);
  g_assert_nonnull (strstr (running, "odd: keeps files}"));
  g_assert_nonnull (strstr (running, "vault: keeps files{!Halted; configured (checked when it starts); "
                                     "!What it leaves behind; ( ) Nothing: root and private are thrown away; "
                                     "( ) Its files: root is thrown away; (x) Everything; -; "
                                     "!Customise (only with the policy “full”); -; [ ] Root volume read-only; "
                                     "[ ] Private volume read-only; [ ] Erase memory when it is freed; Run in RAM; Start}"));
  g_assert_nonnull (strstr (running,
                            "( ) !Nothing: root and private are thrown away (not for a template); "
                            "( ) !Its files: root is thrown away (not for a template); (x) Everything; -; [ ]"));
  g_assert_nonnull (strstr (running, "far: keeps files{!Halted; configured (checked when it starts); "
                                     "!Nothing to set: its volumes are on another machine; -; Start}"));
}

static void
test_in_place (LiveAppletFixture *fixture, gconstpointer unused)
{
  const char *const pending[] = { "root-read-only", NULL };
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");
  int row = 0;
  int root = 0;

  live_bus_qube_set_state (work, "running");
  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "work: "));
  row = live_applet_open_path (fixture, "work");
  root = live_applet_open_path (fixture, "work/Its files");

  live_bus_qube_set_policy (work, "root");
  live_bus_qube_set_pending (work, pending);
  live_mock_wait (live_applet_tree_has (fixture, "work: keeps files, change pending{"));
  g_assert_true (live_applet_tree_has (
      fixture, "!Waits until it is shut down: root volume read-only; !What it leaves behind; "
               "( ) Nothing: root and private are thrown away; (x) Its files: root is thrown away; ( ) Everything"));
  g_assert_cmpint (live_applet_open_path (fixture, "work"), ==, row);
  g_assert_cmpint (live_applet_open_path (fixture, "work/Its files"), ==, root);

  /* A policy that is neither: set behind our back. */
  live_bus_qube_set_policy (work, "nonsense");
  live_mock_wait (live_applet_tree_has (fixture, "( ) Its files: root is thrown away; ( ) Everything"));
}

static void
test_policy (LiveAppletFixture *fixture, gconstpointer unused)
{
  g_autofree char *calls = NULL;

  live_mock_service_add_qube (fixture->service, "work");
  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "work: "));
  live_mock_service_hold (fixture->service);
  live_applet_click (fixture, live_applet_open_path (fixture, "Other qubes/Red qubes/work/Its files"));
  live_mock_wait (live_mock_service_get_n_held (fixture->service) == 1);

  /* Not before it is true. A second click has to wait. */
  live_mock_wait (live_applet_tree_has (fixture, "!A change is under way…"));
  g_assert_true (live_applet_tree_has (fixture, "( ) !Nothing: root and private are thrown away; "
                                                "( ) !Its files: root is thrown away; (x) !Everything"));
  live_applet_click (fixture, live_applet_open_path (fixture, "Other qubes/Red qubes/work/Its files"));
  live_applet_click (fixture, live_applet_open_path (fixture, "Other qubes/Red qubes/work/Start"));
  live_applet_settle (fixture);
  g_assert_cmpuint (live_mock_service_get_n_held (fixture->service), ==, 1);
  live_mock_service_release (fixture->service);
  live_mock_wait (live_applet_tree_has (fixture, "(x) Its files: root is thrown away; ( ) Everything"));
  live_mock_wait (live_applet_tree_has (fixture, "[x] Root volume read-only"));
  calls = live_mock_service_take_calls (fixture->service);
  g_assert_cmpstr (calls, ==, "work SetPolicy 'root'");
  g_assert_cmpuint (fixture->notifications->len, ==, 0);
}

static void
test_refused (LiveAppletFixture *fixture, gconstpointer unused)
{
  live_mock_service_add_qube (fixture->service, "work");
  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED, "No");
  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "work: "));
  live_applet_click (fixture, live_applet_open_path (fixture, "Other qubes/Red qubes/work/Its files"));
  live_mock_wait (fixture->notifications->len == 1);
  g_assert_cmpstr (fixture->notifications->pdata[0], ==,
                   "0|work was not changed: not allowed|The system did not authorise it. Try again and confirm with a "
                   "password, or ask whoever administers this computer.|1");
  live_mock_wait (live_applet_tree_has (fixture, "( ) Its files: root is thrown away; (x) Everything"));
  g_assert_true (live_applet_tree_has (
      fixture, "[ ] Root volume read-only; [ ] Private volume read-only; [ ] Erase memory when it is freed; Run in RAM; Start"));

  /* The next one about the same qube takes its place; text from outside is no markup. */
  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_QUBESD_ERROR, "<b>bold</b> & more");
  live_applet_click (fixture, live_applet_open_path (fixture, "Other qubes/Red qubes/work/Root volume"));
  live_mock_wait (fixture->notifications->len == 2);
  g_assert_cmpstr (fixture->notifications->pdata[1], ==,
                   "1|work was not changed: qubesd refused|Its log says more: journalctl -u qubesd. "
                   "(&lt;b&gt;bold&lt;/b&gt; &amp; more)|1");
}

static void
test_volumes (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");
  g_autofree char *calls = NULL;
  g_autofree char *no_calls = NULL;
  int root = -1;

  live_mock_service_add_pool (fixture->service, "vm-pool");
  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "work: "));
  root = live_applet_open_path (fixture, "Other qubes/Red qubes/work/Root volume");
  live_applet_click (fixture, root);
  live_mock_wait (live_applet_tree_has (
      fixture, "[x] Root volume read-only; [ ] Private volume read-only; [ ] Erase memory when it is freed; Run in RAM; Start"));
  live_applet_click (fixture, live_applet_open_path (fixture, "Other qubes/Red qubes/work/Private volume"));
  live_mock_wait (live_applet_tree_has (
      fixture, "[x] Root volume read-only; [x] Private volume read-only; [ ] Erase memory when it is freed; Run in RAM; Start"));
  live_applet_click (fixture, root);
  live_mock_wait (live_applet_tree_has (
      fixture, "[ ] Root volume read-only; [x] Private volume read-only; [ ] Erase memory when it is freed; Run in RAM; Start"));
  live_applet_click (fixture, live_applet_open_path (fixture, "Pools/vm-pool/Volatile"));
  live_mock_wait (live_applet_tree_has (fixture, "[x] Volatile volumes under a throw-away key"));
  calls = live_mock_service_take_calls (fixture->service);
  g_assert_cmpstr (calls, ==,
                   "work SetVolumeWritable 'root' false; work SetVolumeWritable 'private' false; "
                   "work SetVolumeWritable 'root' true; vm-pool SetEphemeralVolatile true");

  /* A panel may send the click of an item that has become insensitive meanwhile. */
  live_bus_qube_set_state (work, "running");
  live_mock_wait (live_applet_tree_has (fixture, "[ ] !Root volume read-only (shut the qube down first)"));
  live_applet_click (fixture, live_applet_open_path (fixture, "work/Root volume"));
  live_applet_settle (fixture);
  no_calls = live_mock_service_take_calls (fixture->service);
  g_assert_cmpstr (no_calls, ==, "");
}

static void
test_running_and_not (LiveAppletFixture *fixture, gconstpointer unused)
{
  g_autofree char *calls = NULL;

  live_mock_service_add_qube (fixture->service, "b");
  live_bus_qube_set_state (live_mock_service_add_qube (fixture->service, "a"), "running");
  live_bus_qube_set_state (live_mock_service_add_qube (fixture->service, "c"), "running");
  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "Other qubes{Red qubes{b: keeps files}}"));
  live_applet_click (fixture, live_applet_open_path (fixture, "Other qubes/Red qubes/b/Start"));
  live_mock_wait (!live_applet_tree_has (fixture, "Other qubes"));
  /* In its place among the others. */
  g_assert_cmpint (live_applet_open_path (fixture, "a"), >, 0);
  {
    g_autofree char *tree = live_applet_get_tree (fixture);
    const char *a = strstr (tree, "a: keeps");
    const char *b = strstr (tree, "b: keeps");
    const char *c = strstr (tree, "c: keeps");

    g_assert_true (a != NULL && a < b && b < c);
  }
  live_applet_click (fixture, live_applet_open_path (fixture, "b/Shut down"));
  live_mock_wait (live_applet_tree_has (fixture, "Other qubes{Red qubes{b: keeps files"));
  calls = live_mock_service_take_calls (fixture->service);
  g_assert_cmpstr (calls, ==, "b Start; b Shutdown");

  /* It goes while its submenu is open. */
  live_mock_service_remove_qube (fixture->service, "b");
  live_mock_wait (!live_applet_tree_has (fixture, "Other qubes"));
}

static void
test_pending_applied (LiveAppletFixture *fixture, gconstpointer unused)
{
  const char *const nothing[] = { NULL };
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");

  live_bus_qube_set_state (work, "running");
  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "work: "));
  live_applet_click (fixture, live_applet_open_path (fixture, "work/Its files"));
  live_mock_wait (fixture->notifications->len == 1);
  g_assert_cmpstr (fixture->notifications->pdata[0], ==,
                   "0|work is running|The change takes effect when it shuts down.|0");
  live_mock_wait (live_applet_tree_has (fixture, "work: keeps files, change pending{"));

  live_bus_qube_set_state (work, "halted");
  live_bus_qube_set_persistence (work, "root-ephemeral");
  live_bus_qube_set_pending (work, nothing);
  live_mock_wait (fixture->notifications->len == 2);
  g_assert_cmpstr (fixture->notifications->pdata[1], ==,
                   "1|work: the change is applied|work now: keeps its files; root is set to be thrown away|0");
}

static void
test_pending_failed (LiveAppletFixture *fixture, gconstpointer unused)
{
  const char *const pending[] = { "root-read-only", NULL };
  const char *const nothing[] = { NULL };
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");

  live_bus_qube_set_state (work, "running");
  live_bus_qube_set_pending (work, pending);
  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "change pending"));
  live_bus_qube_set_state (work, "halted");
  live_bus_qube_set_pending (work, nothing);
  live_bus_qube_set_reasons (
      work, g_variant_new_parsed ("[('apply-failed', {'step': <'root-read-only'>, 'error': <'disk full'>})]"));
  live_mock_wait (fixture->notifications->len == 1);
  live_applet_settle (fixture);
  g_assert_cmpuint (fixture->notifications->len, ==, 1);
  g_assert_cmpstr (fixture->notifications->pdata[0], ==,
                   "0|work: the change could not be applied|Could not be set (root volume read-only): disk full|1");
}

static void
make_contradicted (LiveBusQube *qube)
{
  live_bus_qube_set_state (qube, "running");
  live_bus_qube_set_evidence (qube, "contradicted");
  live_bus_qube_set_reasons (
      qube, g_variant_new_parsed ("[('contradicted', {'claimed': <'root-ephemeral'>, 'seen': <'persistent'>})]"));
}

/* Told once, however often it is said; gone when it is over; told again when it comes again. */
static void
test_contradicted (LiveAppletFixture *fixture, gconstpointer unused)
{
  static const char told[] = "0|work is not as it claims|work can write where it is not supposed to. Restart the qube: "
                             "it gets its devices when it starts.|2|Show why";
  LiveBusManager *manager = live_mock_service_get_manager (fixture->service);
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");

  live_bus_qube_set_state (work, "running");
  live_bus_qube_set_evidence (work, "verified");
  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "work: "));
  make_contradicted (work);
  live_bus_manager_set_indicator (manager, "alarm");
  live_bus_manager_set_indicator_reasons (manager,
                                          g_variant_new_parsed ("[('qube-contradicted', {'qube': <'work'>})]"));
  live_mock_wait (fixture->notifications->len == 1);
  g_assert_cmpstr (fixture->notifications->pdata[0], ==, told);
  g_assert_cmpstr (fixture->icons->pdata[0], ==, "qubes-live-alarm");

  /* Not known is not over, and other news of the qube are no news of this. */
  live_bus_qube_set_evidence (work, "unknown");
  live_mock_wait (live_applet_tree_has (fixture, "Running; not verified"));
  live_bus_qube_set_evidence (work, "contradicted");
  live_mock_wait (live_applet_tree_has (fixture, "work: not as it claims"));
  live_bus_qube_set_policy (work, "root");
  live_mock_wait (live_applet_tree_has (fixture, "(x) Its files"));
  live_applet_settle (fixture);
  g_assert_cmpuint (fixture->notifications->len, ==, 1);
  g_assert_cmpuint (fixture->closed->len, ==, 0);

  /* The window follows what it tells of, to its end and beyond. */
  live_applet_press_button (fixture, 1, 0);
  live_applet_press_button (fixture, 99, 0);
  live_applet_settle (fixture);
  live_bus_qube_set_evidence (work, "configured");
  live_bus_qube_set_state (work, "halted");
  live_mock_wait (fixture->closed->len == 1);
  g_assert_cmpuint (g_array_index (fixture->closed, guint32, 0), ==, 1);
  make_contradicted (work);
  live_mock_wait (fixture->notifications->len == 2);
  g_assert_cmpstr (fixture->notifications->pdata[1], ==, told);
  live_applet_press_button (fixture, 2, 0);
  live_mock_service_remove_qube (fixture->service, "work");
  live_mock_wait (fixture->closed->len == 2);
}

/* A helper that was started anew says the same again: that is not told again. One that says it is over is believed. */
static void
test_contradicted_restart (LiveAppletFixture *fixture, gconstpointer unused)
{
  make_contradicted (live_mock_service_add_qube (fixture->service, "play"));
  make_contradicted (live_mock_service_add_qube (fixture->service, "work"));
  live_bus_manager_set_synchronized (live_mock_service_get_manager (fixture->service), TRUE);
  live_applet_start (fixture);
  live_mock_wait (fixture->notifications->len == 2);
  live_mock_service_free (fixture->service);
  fixture->service = NULL;
  live_mock_wait (live_applet_tree_has (fixture, "does not run"));
  fixture->service = live_mock_service_new (fixture->system_bus);
  live_bus_manager_set_synchronized (live_mock_service_get_manager (fixture->service), FALSE);
  make_contradicted (live_mock_service_add_qube (fixture->service, "work"));
  live_mock_wait (live_applet_tree_has (fixture, "work: not as it claims"));
  live_applet_settle (fixture);
  g_assert_cmpuint (fixture->closed->len, ==, 0);
  live_bus_manager_set_synchronized (live_mock_service_get_manager (fixture->service), TRUE);
  live_mock_wait (fixture->closed->len == 1);
  live_applet_settle (fixture);
  g_assert_cmpuint (fixture->closed->len, ==, 1);
  g_assert_cmpuint (fixture->notifications->len, ==, 2);
}

static void
test_dom0_contradicted (LiveAppletFixture *fixture, gconstpointer unused)
{
  LiveBusManager *manager = live_mock_service_get_manager (fixture->service);

  live_applet_start (fixture);
  live_bus_manager_set_indicator (manager, "alarm");
  live_bus_manager_set_indicator_reasons (
      manager, g_variant_new_parsed ("[('boot-contradicted', {'argument': <'<b>rootovl'>})]"));
  live_mock_wait (fixture->notifications->len == 1);
  live_applet_press_button (fixture, 1, 0);
  g_assert_cmpstr (
      fixture->notifications->pdata[0], ==,
      "0|Something is not as it claims: dom0 was started with <b>rootovl, but it runs from a disk|Do not "
      "count on anything being thrown away. Restart the computer to get a dom0 that is what its boot entry "
      "says.|2|Show why");
  live_bus_manager_set_indicator (manager, "unknown");
  live_mock_wait (live_applet_tree_has (fixture, "Not known"));
  g_assert_cmpuint (fixture->closed->len, ==, 0);
  live_bus_manager_set_indicator (manager, "persistent");
  live_mock_wait (fixture->closed->len == 1);
}

/* (transfer full): a property of the item in the panel. */
static char *
get_item_string (LiveAppletFixture *fixture, const char *property)
{
  g_autoptr (GVariant) reply = live_applet_call (fixture, LIVE_APPLET_ITEM_PATH, "org.freedesktop.DBus.Properties",
                                                 "Get", g_variant_new ("(ss)", "org.kde.StatusNotifierItem", property));
  g_autoptr (GVariant) value = NULL;

  g_assert_nonnull (reply);
  g_variant_get (reply, "(v)", &value);
  return g_variant_dup_string (value, NULL);
}

static gboolean
item_has (LiveAppletFixture *fixture, const char *property, const char *expected)
{
  g_autofree char *value = get_item_string (fixture, property);

  return g_str_equal (value, expected);
}

static void
test_indicator (LiveAppletFixture *fixture, gconstpointer unused)
{
  static const char *const cases[][4] = {
    { "live", "qubes-live-live", "Qubes Live: live", "Live: dom0 runs from RAM" },
    { "live-leaky", "qubes-live-live-leaky", "Qubes Live: live, with leaks",
      "Live, but some things still reach the disk" },
    { "ephemeral", "qubes-live-ephemeral", "Qubes Live: ephemeral",
      "dom0 is on disk; the running qubes leave nothing in it but metadata" },
    { "persistent", "qubes-live-persistent", "Qubes Live: persistent",
      "Persistent: running qubes keep what they write" },
    { "alarm", "qubes-live-alarm", "Qubes Live: alarm", "Something is not as it claims: no reason was given" },
    { "never-heard", "qubes-live-unknown", "Qubes Live: not known", "Not known: never-heard" },
  };

  live_applet_start (fixture);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      live_bus_manager_set_indicator (live_mock_service_get_manager (fixture->service), cases[i][0]);
      live_mock_wait (item_has (fixture, "IconName", cases[i][1]));
      live_mock_wait (item_has (fixture, "Title", cases[i][2]));
      live_mock_wait (item_has (fixture, "IconAccessibleDesc", cases[i][3]));
      live_mock_wait (live_applet_tree_has (fixture, cases[i][3]));
    }
}

static void
test_helper_restart (LiveAppletFixture *fixture, gconstpointer unused)
{
  live_mock_service_add_qube (fixture->service, "work");
  live_mock_service_add_pool (fixture->service, "vm-pool");
  live_bus_manager_set_indicator (live_mock_service_get_manager (fixture->service), "live");
  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "work: "));
  live_mock_service_free (fixture->service);
  fixture->service = NULL;
  live_mock_wait (
      live_applet_tree_has (fixture, "{!Not known: the helper of Qubes Live does not run; -; -; Refresh; Quit}"));
  live_mock_wait (item_has (fixture, "IconName", "qubes-live-unknown"));
  live_applet_click (fixture, live_applet_open_path (fixture, "Refresh"));
  live_mock_wait (fixture->notifications->len == 1);
  g_assert_true (g_str_has_prefix (fixture->notifications->pdata[0], "0|The helper of Qubes Live does not answer|"));

  fixture->service = live_mock_service_new (fixture->system_bus);
  live_mock_service_add_qube (fixture->service, "play");
  live_mock_wait (live_applet_tree_has (fixture, "Other qubes{Red qubes{play: keeps files"));
}

static void
test_middle_click (LiveAppletFixture *fixture, gconstpointer unused)
{
  g_autoptr (GVariant) reply = NULL;
  g_autofree char *calls = NULL;

  live_mock_service_add_qube (fixture->service, "work");
  live_mock_service_hold (fixture->service);
  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "work: "));
  reply = live_applet_call (fixture, LIVE_APPLET_ITEM_PATH, "org.kde.StatusNotifierItem", "SecondaryActivate",
                            g_variant_new ("(ii)", 0, 0));
  g_assert_nonnull (reply);
  live_mock_wait (live_mock_service_get_n_held (fixture->service) == 1);
  live_mock_service_release (fixture->service);
  calls = live_mock_service_take_calls (fixture->service);
  g_assert_cmpstr (calls, ==, "manager Refresh");
}

static void
test_no_helper_at_start (LiveAppletFixture *fixture, gconstpointer unused)
{
  live_mock_service_free (fixture->service);
  fixture->service = NULL;
  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "!Not known: the helper of Qubes Live does not run"));
  fixture->service = live_mock_service_new (fixture->system_bus);
  live_mock_wait (!live_applet_tree_has (fixture, "does not run"));
}

static void
test_second_instance (LiveAppletFixture *fixture, gconstpointer unused)
{
  g_autoptr (GSubprocess) second = NULL;

  live_applet_start (fixture);
  second = live_applet_spawn (fixture, G_SUBPROCESS_FLAGS_NONE, NULL);
  live_applet_wait_exit (second);
  g_assert_true (live_applet_tree_has (fixture, "Quit"));
}

static void
test_version (LiveAppletFixture *fixture, gconstpointer unused)
{
  g_autoptr (GSubprocess) process = live_applet_spawn (fixture, G_SUBPROCESS_FLAGS_STDOUT_PIPE, "--version");
  g_autofree char *output = NULL;
  g_autoptr (GError) error = NULL;

  g_subprocess_communicate_utf8 (process, NULL, NULL, &output, NULL, &error);
  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (output, "qubes-live-applet "));
  g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
}

static void
test_many_rounds (LiveAppletFixture *fixture, gconstpointer unused)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  live_mock_service_add_qube (fixture->service, "stays");
  live_applet_start (fixture);
  live_mock_wait (live_applet_tree_has (fixture, "stays: "));
  before = live_applet_get_tree (fixture);
  for (guint round = 0; round < 50; round++)
    {
      LiveBusQube *qube = live_mock_service_add_qube (fixture->service, "comes-and-goes");

      if (round % 2 == 1)
        live_bus_qube_set_state (qube, "running");
      live_mock_wait (live_applet_tree_has (fixture, "comes-and-goes"));
      g_assert_cmpint (
          live_applet_open_path (fixture, round % 2 == 1 ? "comes-and-goes" : "Other qubes/Red qubes/comes-and-goes"),
          >, 0);
      live_mock_service_remove_qube (fixture->service, "comes-and-goes");
      live_mock_wait (!live_applet_tree_has (fixture, "comes-and-goes"));
    }
  after = live_applet_get_tree (fixture);
  /* The group was opened in between, so that the row has its submenu now. */
  g_assert_true (g_str_has_prefix (after, "{!Not known: no reason was given; -; Other qubes{Red qubes{stays: "));
  g_assert_null (strstr (before, "comes-and-goes"));
  g_assert_null (strstr (after, "comes-and-goes"));
}

int
main (int argc, char **argv)
{
  GSubprocess *x_server = NULL;
  int status = 0;

  g_test_init (&argc, &argv, NULL);
  g_assert_nonnull (g_getenv ("QUBES_LIVE_APPLET"));
  x_server = live_applet_start_x_server ();

#define ADD(name, function)                                                                                            \
  g_test_add ("/menu/" name, LiveAppletFixture, NULL, live_applet_set_up, function, live_applet_tear_down)
  ADD ("shape", test_shape);
  ADD ("in-place", test_in_place);
  ADD ("policy", test_policy);
  ADD ("refused", test_refused);
  ADD ("volumes", test_volumes);
  ADD ("running-and-not", test_running_and_not);
  ADD ("pending-applied", test_pending_applied);
  ADD ("pending-failed", test_pending_failed);
  ADD ("contradicted", test_contradicted);
  ADD ("contradicted-restart", test_contradicted_restart);
  ADD ("dom0-contradicted", test_dom0_contradicted);
  ADD ("indicator", test_indicator);
  ADD ("helper-restart", test_helper_restart);
  ADD ("middle-click", test_middle_click);
  ADD ("no-helper-at-start", test_no_helper_at_start);
  ADD ("second-instance", test_second_instance);
  ADD ("version", test_version);
  ADD ("many-rounds", test_many_rounds);
#undef ADD
  status = g_test_run ();

  live_applet_stop_x_server (x_server);
  return status;
}
