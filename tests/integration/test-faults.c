/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* What goes wrong: qubesd that fails, lies, cuts or vanishes, and a helper that dies in the middle. */

#include <string.h>

#include "helper-fixture.h"
#include "model/error.h"
#include "model/reason.h"

static const char *const version_42[] = { "--version", "4.2", NULL };
static const char *const version_43[] = { "--version", "4.3", NULL };
static const char *const many[] = { "--qubes", "1000", "--running", "20", NULL };

static void
open_fixture (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_helper_fixture_open (fixture, dom0);
}

static void
close_fixture (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_helper_fixture_close (fixture);
}

static void
control (LiveHelperFixture *fixture, const char *command)
{
  g_free (live_test_bed_control (fixture->bed, "%s", command));
}

/* Each step of a policy fails once: nothing of it stays, and the caller hears why. */
static void
test_failing_step (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const struct
  {
    const char *fault;
    int code;
  } table[] = {
    { "fault admin.vm.feature.Set+live.policy error QubesException no room", LIVE_ERROR_QUBESD_ERROR },
    { "fault admin.vm.feature.Set+live.saved error QubesException no room", LIVE_ERROR_QUBESD_ERROR },
    { "fault admin.vm.volume.Set.ephemeral+volatile error QubesException no room", LIVE_ERROR_QUBESD_ERROR },
    { "fault admin.vm.volume.Set.rw+root error QubesException no room", LIVE_ERROR_QUBESD_ERROR },
    { "fault admin.vm.volume.Set.rw+root empty", LIVE_ERROR_PROTOCOL },
    { "fault admin.vm.volume.Set.rw+root error QubesPoolInUseError busy", LIVE_ERROR_IN_USE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) values = NULL;

      g_test_message ("%s", table[i].fault);
      control (fixture, table[i].fault);
      values = live_helper_fixture_call (fixture, "app1", "SetPolicy", g_variant_new ("(s)", "root"), &error);
      g_assert_error (error, LIVE_ERROR, table[i].code);
      g_assert_nonnull (strstr (error->message, "app1"));
      live_assert_control (fixture, "True", "rw app1 root");
      live_assert_control (fixture, "False", "ephemeral app1");
      live_assert_control (fixture, "False", "has-feature app1 live.policy");
      live_assert_control (fixture, "False", "has-feature app1 live.saved");
      live_assert_qube (fixture, "app1", "Policy", "persistent");
      live_assert_qube (fixture, "app1", "Pending", "[]");
      control (fixture, "clear-faults");
    }
  /* And after all that it works. */
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "root"));
  live_assert_control (fixture, "False", "rw app1 root");
}

/* The same on the way back: the policy that stood stands again. */
static void
test_failing_way_back (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const char *const faults[] = {
    "fault admin.vm.feature.Set+live.policy error QubesException no room",
    "fault admin.vm.volume.Set.rw+root error QubesException no room",
    "fault admin.vm.volume.Set.ephemeral+volatile error QubesException no room",
    "fault admin.vm.feature.Remove+live.saved error QubesException no room",
  };

  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "root"));
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) values = NULL;

      g_test_message ("%s", faults[i]);
      control (fixture, faults[i]);
      values = live_helper_fixture_call (fixture, "app1", "SetPolicy", g_variant_new ("(s)", "persistent"), &error);
      g_assert_error (error, LIVE_ERROR, LIVE_ERROR_QUBESD_ERROR);
      live_assert_control (fixture, "False", "rw app1 root");
      live_assert_control (fixture, "True", "ephemeral app1");
      live_assert_control (fixture, "root", "get-feature app1 live.policy");
      live_assert_control (fixture, "root=rw volatile=plain", "get-feature app1 live.saved");
      control (fixture, "clear-faults");
    }
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "persistent"));
  live_assert_control (fixture, "True", "rw app1 root");
}

/* By itself, without anybody who could be told: it is said in the reasons, and tried again at the next occasion. */
static void
test_failing_repair (LiveHelperFixture *fixture, gconstpointer dom0)
{
  control (fixture, "fault admin.vm.volume.Set.rw+root@app1 error QubesException no room x1000");
  control (fixture, "feature app1 live.policy root");
  live_helper_fixture_wait (fixture, "app1", "Policy", "root");
  live_helper_fixture_wait (fixture, "app1", "Pending", "['volatile-ephemeral', 'root-read-only']");
  while (!live_helper_fixture_has_reason (fixture, "app1", LIVE_REASON_APPLY_FAILED))
    live_assert_qube (fixture, "app1", "Policy", "root");
  live_assert_control (fixture, "False", "ephemeral app1");
  /* Not again and again. */
  control (fixture, "reset-counts");
  g_variant_unref (live_helper_fixture_call (fixture, "app2", "Refresh", NULL, NULL));
  live_assert_control (fixture, "0", "count admin.vm.volume.Set.rw");

  control (fixture, "clear-faults");
  control (fixture, "start app1");
  control (fixture, "shutdown app1");
  live_helper_fixture_wait_control (fixture, "rw app1 root", "False");
  live_helper_fixture_wait (fixture, "app1", "Pending", "[]");
  g_assert_false (live_helper_fixture_has_reason (fixture, "app1", LIVE_REASON_APPLY_FAILED));
}

static void
on_lost (GObject *bus, GAsyncResult *result, gpointer data)
{
  g_autoptr (GVariant) values = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, NULL);

  *(gboolean *) data = TRUE;
}

static gboolean
is_lost (gpointer data)
{
  return *(gboolean *) data;
}

/* The helper is killed at each step: the next one finishes what the policy says. */
static void
test_crash (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const char *const steps[] = {
    "admin.vm.feature.Set+live.saved",
    "admin.vm.volume.Set.ephemeral+volatile",
    "admin.vm.volume.Set.rw+root",
  };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autofree char *fault = g_strdup_printf ("fault %s hang", steps[i]);
      g_autofree char *count = g_strdup_printf ("count %.*s", (int) strcspn (steps[i], "+"), steps[i]);
      gboolean lost = FALSE;

      control (fixture, fault);
      control (fixture, "reset-counts");
      g_dbus_connection_call (fixture->bus, "org.qubes.Live1", "/org/qubes/Live1/qube/app1", "org.qubes.Live1.Qube",
                              "SetPolicy", g_variant_new ("(s)", "root"), NULL, G_DBUS_CALL_FLAGS_NONE, 60000, NULL,
                              on_lost, &lost);
      live_helper_fixture_wait_control (
          fixture, count, g_str_has_prefix (steps[i], "admin.vm.feature") ? "2" /* the policy first */ : "1");
      live_test_bed_kill_helper (fixture->bed);
      g_assert_true (live_test_wait (is_lost, &lost, 20));
      live_assert_control (fixture, "root", "get-feature app1 live.policy");
      live_assert_control (fixture, "True", "rw app1 root");
      control (fixture, "clear-faults");

      live_test_bed_start_helper (fixture->bed);
      live_helper_fixture_wait_control (fixture, "rw app1 root", "False");
      live_helper_fixture_wait_control (fixture, "ephemeral app1", "True");
      live_helper_fixture_wait (fixture, "app1", "Pending", "[]");
      g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "persistent"));
      live_assert_control (fixture, "True", "rw app1 root");
      live_assert_control (fixture, "False", "ephemeral app1");
    }
}

/* A qubesd that goes away in the middle of a change, and comes back. */
static void
test_lost_in_the_middle (LiveHelperFixture *fixture, gconstpointer dom0)
{
  gboolean lost = FALSE;

  control (fixture, "fault admin.vm.volume.Set.rw+root hang");
  g_dbus_connection_call (fixture->bus, "org.qubes.Live1", "/org/qubes/Live1/qube/app1", "org.qubes.Live1.Qube",
                          "SetPolicy", g_variant_new ("(s)", "root"), NULL, G_DBUS_CALL_FLAGS_NONE, 60000, NULL,
                          on_lost, &lost);
  live_helper_fixture_wait_control (fixture, "count admin.vm.volume.Set.rw", "1");
  control (fixture, "clear-faults");
  control (fixture, "restart 100");
  g_assert_true (live_test_wait (is_lost, &lost, 40));
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "true");
  live_helper_fixture_wait_synchronized (fixture);
  /* Either all of it or nothing of it, as the policy in qubes.xml says. */
  {
    g_autofree char *policy = live_helper_fixture_text (fixture, "app1", "Policy");
    gboolean root = g_str_equal (policy, "root");

    live_helper_fixture_wait_control (fixture, "rw app1 root", root ? "False" : "True");
    live_helper_fixture_wait_control (fixture, "ephemeral app1", root ? "True" : "False");
    live_helper_fixture_wait (fixture, "app1", "Pending", "[]");
  }
}

/* While qubesd is away for long the pauses between attempts grow; its socket is watched all the same, because a qube
 * may be started as soon as it is back. */
static void
test_back_at_once (LiveHelperFixture *fixture, gconstpointer dom0)
{
  gint64 begin;

  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "root"));
  live_test_bed_stop_dom0 (fixture->bed);
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "false");
  /* Longer than the first few pauses. */
  g_usleep (2 * G_USEC_PER_SEC);
  live_test_bed_start_dom0 (fixture->bed);
  begin = g_get_monotonic_time ();
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "true");
  /* The next attempt by itself would have come after more than 1.6 seconds. */
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 1500 * G_TIME_SPAN_MILLISECOND);
  live_helper_fixture_wait_synchronized (fixture);
}

static void
test_qubesd_away (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autoptr (GError) error = NULL;

  control (fixture, "stop");
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "false");
  live_helper_fixture_wait_manager (fixture, "Indicator", "unknown");
  g_assert_null (live_helper_fixture_call (fixture, "app1", "SetPolicy", g_variant_new ("(s)", "root"), &error));
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE);
  /* What happens while nobody listens is seen afterwards. */
  control (fixture, "create newcomer red");
  control (fixture, "remove app5");
  control (fixture, "label app2 orange");
  control (fixture, "listen");
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "true");
  live_helper_fixture_wait_synchronized (fixture);
  live_assert_qube (fixture, "newcomer", "Label", "red");
  live_assert_qube (fixture, "app5", "Name", "(none)");
  live_assert_qube (fixture, "app2", "Label", "orange");
}

/* A list, a volume, a feature that cannot be read: said, never guessed, and read again. */
static void
test_unreadable (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autoptr (GVariant) values = NULL;

  control (fixture, "fault admin.vm.volume.Info+root@app1 empty");
  values = live_helper_fixture_call (fixture, "app1", "Refresh", NULL, NULL);
  live_assert_qube (fixture, "app1", "Persistence", "unknown");
  live_assert_qube (fixture, "app1", "RootWritable", "true");
  g_assert_true (live_helper_fixture_has_reason (fixture, "app1", LIVE_REASON_UNREADABLE));
  control (fixture, "clear-faults");
  g_clear_pointer (&values, g_variant_unref);
  values = live_helper_fixture_call (fixture, "app1", "Refresh", NULL, NULL);
  live_assert_qube (fixture, "app1", "Persistence", "persistent");

  control (fixture, "fault admin.vm.List empty x3");
  control (fixture, "restart");
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "true");
  live_helper_fixture_wait_synchronized (fixture);
  live_assert_qube (fixture, "app1", "Persistence", "persistent");
}

/* Replies cut at every length: never a wrong fact, and at last the right one. */
static void
test_cut (LiveHelperFixture *fixture, gconstpointer dom0)
{
  for (guint length = 1; length < 260; length += 7)
    {
      g_autofree char *fault = g_strdup_printf ("fault admin.vm.volume.Info+root@app1 cut %u", length);
      g_autofree char *persistence = NULL;
      g_autoptr (GVariant) values = NULL;

      control (fixture, fault);
      values = live_helper_fixture_call (fixture, "app1", "Refresh", NULL, NULL);
      persistence = live_helper_fixture_text (fixture, "app1", "Persistence");
      /* Cut behind the last byte it is whole. */
      g_assert_true (g_str_equal (persistence, "unknown") || g_str_equal (persistence, "persistent"));
      control (fixture, "clear-faults");
    }
  g_variant_unref (live_helper_fixture_call (fixture, "app1", "Refresh", NULL, NULL));
  live_assert_qube (fixture, "app1", "Persistence", "persistent");
}

static void
test_events_in_pieces (LiveHelperFixture *fixture, gconstpointer dom0)
{
  control (fixture, "events-chunk 1");
  control (fixture, "start app1");
  live_helper_fixture_wait (fixture, "app1", "State", "running");
  live_helper_fixture_wait (fixture, "sys-net", "State", "running");
  control (fixture, "label app1 purple");
  live_helper_fixture_wait (fixture, "app1", "Label", "purple");
  control (fixture, "shutdown app1");
  live_helper_fixture_wait (fixture, "app1", "State", "halted");
}

static void
test_come_and_go (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autofree char *name = NULL;

  control (fixture, "create a.b-c_d green");
  live_helper_fixture_wait (fixture, "a.b-c_d", "Label", "green");
  live_helper_fixture_wait (fixture, "a.b-c_d", "Persistence", "persistent");
  control (fixture, "remove a.b-c_d");
  live_helper_fixture_wait (fixture, "a.b-c_d", "Name", "(none)");

  /* A disposable is what its template is: of a template with a policy it is born so, and goes by itself. */
  g_assert_true (live_helper_fixture_set_policy (fixture, "debian-12-dvm", "root"));
  name = live_test_bed_control (fixture->bed, "create-disposable debian-12-dvm");
  live_helper_fixture_wait (fixture, name, "Policy", "root");
  live_helper_fixture_wait (fixture, name, "Persistence", "root-ephemeral");
  g_free (live_test_bed_control (fixture->bed, "start %s", name));
  live_helper_fixture_wait (fixture, name, "State", "running");
  g_free (live_test_bed_control (fixture->bed, "shutdown %s", name));
  live_helper_fixture_wait (fixture, name, "Name", "(none)");
}

/* Deleted while somebody is about to change it. */
static void
test_deleted_before (LiveHelperFixture *fixture, gconstpointer dom0)
{
  gboolean answered = FALSE;

  control (fixture, "delay admin.vm.feature.Set+live.policy 300");
  g_dbus_connection_call (fixture->bus, "org.qubes.Live1", "/org/qubes/Live1/qube/app5", "org.qubes.Live1.Qube",
                          "SetPolicy", g_variant_new ("(s)", "root"), NULL, G_DBUS_CALL_FLAGS_NONE, 60000, NULL,
                          on_lost, &answered);
  live_helper_fixture_wait_control (fixture, "count admin.vm.feature.Set", "1");
  control (fixture, "remove app5");
  g_assert_true (live_test_wait (is_lost, &answered, 30));
  live_helper_fixture_wait (fixture, "app5", "Name", "(none)");
  control (fixture, "clear-faults");
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "root"));
}

static void
test_thousand (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autoptr (GVariant) objects = NULL;
  g_autoptr (GVariant) tree = NULL;

  objects = g_dbus_connection_call_sync (fixture->bus, "org.qubes.Live1", "/org/qubes/Live1",
                                         "org.freedesktop.DBus.ObjectManager", "GetManagedObjects", NULL, NULL,
                                         G_DBUS_CALL_FLAGS_NONE, 20000, NULL, NULL);
  g_assert_nonnull (objects);
  tree = g_variant_get_child_value (objects, 0);
  g_assert_cmpuint (g_variant_n_children (tree), ==, 1000 + 3 + 1 /* pools, dom0 */);
  live_helper_fixture_wait_manager (fixture, "Indicator", "persistent");
  control (fixture, "reset-counts");
  control (fixture, "restart 50");
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "false");
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "true");
  live_helper_fixture_wait_synchronized (fixture);
  live_assert_qube (fixture, "work", "Persistence", "persistent");
}

#define ADD(path, dom0, function)                                                                                      \
  g_test_add (path, LiveHelperFixture, dom0, open_fixture, function, close_fixture)

int
main (int argc, char **argv)
{
  gboolean root = live_test_bed_init ();

  g_test_init (&argc, &argv, NULL);
  if (!root)
    {
      g_print ("1..0 # SKIP the test bed needs root\n");
      return 0;
    }
  ADD ("/faults/failing-step", version_43, test_failing_step);
  ADD ("/faults/failing-way-back", version_43, test_failing_way_back);
  ADD ("/faults/failing-repair", version_43, test_failing_repair);
  ADD ("/faults/crash/4.2", version_42, test_crash);
  ADD ("/faults/crash/4.3", version_43, test_crash);
  ADD ("/faults/lost-in-the-middle", version_43, test_lost_in_the_middle);
  ADD ("/faults/back-at-once", version_43, test_back_at_once);
  ADD ("/faults/qubesd-away", version_43, test_qubesd_away);
  ADD ("/faults/unreadable", version_43, test_unreadable);
  ADD ("/faults/cut", version_43, test_cut);
  ADD ("/faults/events-in-pieces", version_43, test_events_in_pieces);
  ADD ("/faults/come-and-go/4.2", version_42, test_come_and_go);
  ADD ("/faults/come-and-go/4.3", version_43, test_come_and_go);
  ADD ("/faults/deleted-before", version_43, test_deleted_before);
  ADD ("/faults/thousand", many, test_thousand);
  return g_test_run ();
}
