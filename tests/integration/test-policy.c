/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* Policies and volumes, from the bus to the simulated qubesd and back. */

#include <string.h>

#include "helper-fixture.h"
#include "model/error.h"
#include "model/reason.h"

static const char *const version_42[] = { "--version", "4.2", NULL };
static const char *const version_43[] = { "--version", "4.3", NULL };
static const char *const forgets[] = { "--version", "4.3", "--forget-rw", NULL };
static const char *const version_44[] = { "--version", "4.4", NULL };
static const char *const lvm_43[] = { "--version", "4.3", "--lvm-thin", NULL };
static const char *const lvm_42[] = { "--version", "4.2", "--lvm-thin", NULL };

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
test_set_and_restore (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_assert_qube (fixture, "app1", "Policy", "persistent");
  live_assert_qube (fixture, "app1", "Persistence", "persistent");
  live_assert_qube (fixture, "app1", "Evidence", "configured");
  live_assert_qube (fixture, "app1", "Policies", "['persistent', 'root', 'full']");

  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "root"));
  live_assert_control (fixture, "False", "rw app1 root");
  live_assert_control (fixture, "True", "rw app1 private");
  live_assert_control (fixture, "True", "ephemeral app1");
  live_assert_control (fixture, "root", "get-feature app1 live.policy");
  live_assert_control (fixture, "root=rw volatile=plain", "get-feature app1 live.saved");
  /* When the method returns, the objects say so already. */
  live_assert_qube (fixture, "app1", "Policy", "root");
  live_assert_qube (fixture, "app1", "Persistence", "root-ephemeral");
  live_assert_qube (fixture, "app1", "RootWritable", "false");
  live_assert_qube (fixture, "app1", "VolatileEphemeral", "true");
  live_assert_qube (fixture, "app1", "Pending", "[]");
  /* Nobody else was touched. */
  live_assert_control (fixture, "True", "rw app2 root");

  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "persistent"));
  live_assert_control (fixture, "True", "rw app1 root");
  live_assert_control (fixture, "False", "ephemeral app1");
  live_assert_qube (fixture, "app1", "Policy", "persistent");
  live_assert_qube (fixture, "app1", "Persistence", "persistent");
  live_assert_control (fixture, "False", "has-feature app1 live.saved");
}

/* What is so already is not written again: each write of qubesd's rewrites qubes.xml. */
static void
test_no_needless_writes (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "root"));
  g_free (live_test_bed_control (fixture->bed, "reset-counts"));
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "root"));
  live_assert_control (fixture, "0", "count admin.vm.feature.Set");
  live_assert_control (fixture, "0", "count admin.vm.volume.Set.rw");
  live_assert_control (fixture, "0", "count admin.vm.volume.Set.ephemeral");
}

/* What somebody had set by hand before is what comes back. */
static void
test_restores_what_was_there (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_free (live_test_bed_control (fixture->bed, "set-rw app1 root False"));
  g_free (live_test_bed_control (fixture->bed, "set-ephemeral app1 True"));
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "root"));
  live_assert_control (fixture, "root=ro volatile=ephemeral", "get-feature app1 live.saved");
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "persistent"));
  live_assert_control (fixture, "False", "rw app1 root");
  live_assert_control (fixture, "True", "ephemeral app1");
}

static void
test_running (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_free (live_test_bed_control (fixture->bed, "start app1"));
  live_helper_fixture_wait (fixture, "app1", "State", "running");
  live_helper_fixture_wait (fixture, "app1", "Evidence", "unknown");

  g_assert_false (live_helper_fixture_set_policy (fixture, "app1", "root"));
  live_assert_qube (fixture, "app1", "Policy", "root");
  live_assert_qube (fixture, "app1", "Pending", "['volatile-ephemeral', 'root-read-only']");
  live_assert_control (fixture, "True", "rw app1 root");

  g_free (live_test_bed_control (fixture->bed, "shutdown app1"));
  live_helper_fixture_wait (fixture, "app1", "Pending", "[]");
  live_assert_qube (fixture, "app1", "State", "halted");
  live_assert_control (fixture, "False", "rw app1 root");
  live_assert_control (fixture, "True", "ephemeral app1");
  live_assert_qube (fixture, "app1", "Persistence", "root-ephemeral");

  /* And back, the same way. */
  g_free (live_test_bed_control (fixture->bed, "start app1"));
  live_helper_fixture_wait (fixture, "app1", "State", "running");
  g_assert_false (live_helper_fixture_set_policy (fixture, "app1", "persistent"));
  live_assert_qube (fixture, "app1", "Pending", "['root-writable', 'volatile-not-ephemeral']");
  g_free (live_test_bed_control (fixture->bed, "kill app1"));
  live_helper_fixture_wait (fixture, "app1", "Pending", "[]");
  live_assert_control (fixture, "True", "rw app1 root");
}

/* A person who changes his mind before the qube halts gets nothing changed at all. */
static void
test_pending_taken_back (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_free (live_test_bed_control (fixture->bed, "start app1"));
  live_helper_fixture_wait (fixture, "app1", "State", "running");
  g_assert_false (live_helper_fixture_set_policy (fixture, "app1", "root"));
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "persistent"));
  live_assert_qube (fixture, "app1", "Pending", "[]");
  g_free (live_test_bed_control (fixture->bed, "shutdown app1"));
  live_helper_fixture_wait (fixture, "app1", "State", "halted");
  live_assert_control (fixture, "True", "rw app1 root");
}

static void
test_template_repaired (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "root"));
  g_assert_true (live_helper_fixture_set_policy (fixture, "disp-named", "root"));
  g_assert_false (live_helper_fixture_has_reason (fixture, "app1", LIVE_REASON_REPAIRED));

  /* The same template: qubesd resets root all the same. */
  g_free (live_test_bed_control (fixture->bed, "set-template app1 debian-12"));
  live_helper_fixture_wait_control (fixture, "rw app1 root", "False");
  live_helper_fixture_wait (fixture, "app1", "RootWritable", "false");
  g_assert_true (live_helper_fixture_has_reason (fixture, "app1", LIVE_REASON_REPAIRED));

  /* On a disposable template it resets the disposables made from it too. */
  g_free (live_test_bed_control (fixture->bed, "set-template debian-12-dvm debian-12"));
  live_helper_fixture_wait_control (fixture, "rw disp-named root", "False");
  live_helper_fixture_wait (fixture, "disp-named", "RootWritable", "false");
}

/* A new template in the very moment in which the policy is being applied: by itself, and when somebody asked. */
static void
test_undone_meanwhile (LiveHelperFixture *fixture, gconstpointer dom0)
{
  for (guint round = 0; round < 2; round++)
    {
      /* Done at once, answered late. */
      g_free (live_test_bed_control (fixture->bed, "delay admin.vm.volume.Set.rw+root@app1 150"));
      if (round == 0)
        g_free (live_test_bed_control (fixture->bed, "feature app1 live.policy root"));
      else
        g_dbus_connection_call (fixture->bus, "org.qubes.Live1", "/org/qubes/Live1/qube/app1", "org.qubes.Live1.Qube",
                                "SetPolicy", g_variant_new ("(s)", "root"), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL,
                                NULL, NULL);
      live_helper_fixture_wait_control (fixture, "rw app1 root", "False");
      g_free (live_test_bed_control (fixture->bed, "set-template app1 debian-12"));
      g_free (live_test_bed_control (fixture->bed, "clear-faults"));
      live_helper_fixture_wait_control (fixture, "rw app1 root", "False");
      live_helper_fixture_wait (fixture, "app1", "RootWritable", "false");
      live_helper_fixture_wait (fixture, "app1", "Pending", "[]");
      g_assert_false (live_helper_fixture_has_reason (fixture, "app1", LIVE_REASON_APPLY_FAILED));
      g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "persistent"));
    }
}

/* Nobody tells of a change by qvm-volume; it is seen, and repaired, when somebody asks. */
static void
test_outside_change (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "root"));
  g_free (live_test_bed_control (fixture->bed, "set-rw app1 root True"));
  g_variant_unref (live_helper_fixture_call (fixture, "app1", "Refresh", NULL, &error));
  g_assert_no_error (error);
  live_helper_fixture_wait_control (fixture, "rw app1 root", "False");
  live_helper_fixture_wait (fixture, "app1", "RootWritable", "false");

  /* Without a policy it is shown, and respected. */
  g_free (live_test_bed_control (fixture->bed, "set-rw app2 root False"));
  g_variant_unref (live_helper_fixture_call (fixture, "app2", "Refresh", NULL, &error));
  g_assert_no_error (error);
  live_assert_qube (fixture, "app2", "RootWritable", "false");
  live_assert_control (fixture, "False", "rw app2 root");
}

/* qubesd before 4.3.47 forgets rw=False when it restarts. */
static void
test_forgotten (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "root"));
  g_assert_true (live_helper_fixture_set_policy (fixture, "standalone1", "root"));
  g_free (live_test_bed_control (fixture->bed, "restart 200"));
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "false");
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "true");
  live_helper_fixture_wait_synchronized (fixture);
  live_helper_fixture_wait_control (fixture, "rw app1 root", "False");
  live_helper_fixture_wait_control (fixture, "rw standalone1 root", "False");
  live_helper_fixture_wait (fixture, "app1", "RootWritable", "false");
  /* It had really been forgotten. */
  g_assert_true (live_helper_fixture_has_reason (fixture, "app1", LIVE_REASON_REPAIRED));
  live_assert_control (fixture, "True", "rw app2 root");
}

/* Set by qvm-features, or by Salt, without us. */
static void
test_by_feature (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_free (live_test_bed_control (fixture->bed, "feature app1 live.policy root"));
  live_helper_fixture_wait_control (fixture, "rw app1 root", "False");
  live_helper_fixture_wait (fixture, "app1", "Persistence", "root-ephemeral");
  g_free (live_test_bed_control (fixture->bed, "unset-feature app1 live.policy"));
  live_helper_fixture_wait_control (fixture, "rw app1 root", "True");
  live_helper_fixture_wait (fixture, "app1", "Persistence", "persistent");

  /* An empty feature is one that is off. */
  g_free (live_test_bed_control (fixture->bed, "feature app1 live.policy root"));
  live_helper_fixture_wait_control (fixture, "rw app1 root", "False");
  g_free (live_test_bed_control (fixture->bed, "feature app1 live.policy "));
  live_helper_fixture_wait_control (fixture, "rw app1 root", "True");
  live_helper_fixture_wait (fixture, "app1", "Policy", "persistent");

  g_free (live_test_bed_control (fixture->bed, "feature app2 live.policy nonsense"));
  live_helper_fixture_wait (fixture, "app2", "Policy", "nonsense");
  g_assert_true (live_helper_fixture_has_reason (fixture, "app2", LIVE_REASON_POLICY_INVALID));
  live_assert_control (fixture, "True", "rw app2 root");

  g_free (live_test_bed_control (fixture->bed, "feature debian-12 live.policy root"));
  live_helper_fixture_wait (fixture, "debian-12", "Policy", "root");
  g_assert_true (live_helper_fixture_has_reason (fixture, "debian-12", LIVE_REASON_POLICY_UNSUPPORTED));
  live_assert_control (fixture, "True", "rw debian-12 root");
}

static void
assert_refused (LiveHelperFixture *fixture, const char *qube, const char *method, GVariant *arguments, int code,
                const char *message_part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) values = live_helper_fixture_call (fixture, qube, method, arguments, &error);

  g_assert_error (error, LIVE_ERROR, code);
  g_assert_nonnull (strstr (error->message, message_part));
}

/* Once there and back. */
static void
test_full (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "full"));
  live_assert_control (fixture, "False", "rw app1 root");
  live_assert_control (fixture, "False", "rw app1 private");
  live_assert_control (fixture, "True", "ephemeral app1");
  live_assert_control (fixture, "1", "get-feature app1 service.ephemeral-rw");
  live_assert_qube (fixture, "app1", "Persistence", "ephemeral");
  live_assert_qube (fixture, "app1", "Pending", "[]");
  assert_refused (fixture, "app1", "SetVolumeWritable", g_variant_new ("(sb)", "private", TRUE), LIVE_ERROR_CONFLICT,
                  "customization window");
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "root"));
  live_assert_control (fixture, "False", "rw app1 root");
  live_assert_control (fixture, "True", "rw app1 private");
  live_assert_control (fixture, "False", "has-feature app1 service.ephemeral-rw");
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "full"));
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "persistent"));
  live_assert_control (fixture, "True", "rw app1 root");
  live_assert_control (fixture, "True", "rw app1 private");
  live_assert_control (fixture, "False", "ephemeral app1");
  live_assert_control (fixture, "False", "has-feature app1 service.ephemeral-rw");
  live_assert_control (fixture, "False", "has-feature app1 live.saved");
}

static void
test_refused (LiveHelperFixture *fixture, gconstpointer dom0)
{
  assert_refused (fixture, "app1", "SetPolicy", g_variant_new ("(s)", "none"), LIVE_ERROR_INVALID_ARGUMENT, "none");
  assert_refused (fixture, "app1", "SetPolicy", g_variant_new ("(s)", ""), LIVE_ERROR_INVALID_ARGUMENT, "persistent");
  assert_refused (fixture, "app1", "SetPolicy", g_variant_new ("(s)", "fuller"), LIVE_ERROR_INVALID_ARGUMENT, "full");
  assert_refused (fixture, "debian-12", "SetPolicy", g_variant_new ("(s)", "full"), LIVE_ERROR_NOT_SUPPORTED,
                  "template");
  assert_refused (fixture, "debian-12", "SetPolicy", g_variant_new ("(s)", "root"), LIVE_ERROR_NOT_SUPPORTED,
                  "template");
  assert_refused (fixture, "app1", "SetVolumeWritable", g_variant_new ("(sb)", "volatile", FALSE),
                  LIVE_ERROR_INVALID_ARGUMENT, "volatile");
  assert_refused (fixture, "app1", "SetVolumeWritable", g_variant_new ("(sb)", "kernel", TRUE),
                  LIVE_ERROR_INVALID_ARGUMENT, "kernel");
  live_assert_control (fixture, "False", "has-feature app1 live.policy");

  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "root"));
  assert_refused (fixture, "app1", "SetVolumeWritable", g_variant_new ("(sb)", "root", TRUE), LIVE_ERROR_CONFLICT,
                  "policy");
  live_assert_control (fixture, "False", "rw app1 root");

  g_free (live_test_bed_control (fixture->bed, "start app2"));
  assert_refused (fixture, "app2", "SetVolumeWritable", g_variant_new ("(sb)", "root", FALSE), LIVE_ERROR_NOT_HALTED,
                  "shut it down");
  live_assert_control (fixture, "True", "rw app2 root");
}

static void
set_writable (LiveHelperFixture *fixture, const char *qube, const char *volume, gboolean writable)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) values = live_helper_fixture_call (fixture, qube, "SetVolumeWritable",
                                                          g_variant_new ("(sb)", volume, writable), &error);

  g_assert_no_error (error);
}

static void
test_volume (LiveHelperFixture *fixture, gconstpointer dom0)
{
  set_writable (fixture, "app1", "private", FALSE);
  live_assert_control (fixture, "False", "rw app1 private");
  live_assert_qube (fixture, "app1", "PrivateWritable", "false");
  live_assert_control (fixture, "True", "rw app1 root");
  set_writable (fixture, "app1", "root", FALSE);
  live_assert_control (fixture, "False", "rw app1 root");
  live_assert_qube (fixture, "app1", "RootWritable", "false");
  set_writable (fixture, "app1", "private", TRUE);
  set_writable (fixture, "app1", "root", TRUE);
  live_assert_control (fixture, "True", "rw app1 private");
  live_assert_control (fixture, "True", "rw app1 root");
  /* A template may have a read-only volume, if somebody wants that. */
  set_writable (fixture, "debian-12", "root", FALSE);
  live_assert_control (fixture, "False", "rw debian-12 root");
}

/* On LVM thin pools a read-only private volume breaks the stop of the qube unless no revisions are kept. */
static void
test_private_on_lvm (LiveHelperFixture *fixture, gconstpointer dom0)
{
  set_writable (fixture, "app1", "private", FALSE);
  live_assert_control (fixture, "False", "rw app1 private");
  live_assert_control (fixture, "-1", "revisions app1 private");
  g_free (live_test_bed_control (fixture->bed, "start app1"));
  g_free (live_test_bed_control (fixture->bed, "shutdown app1"));
  live_helper_fixture_wait (fixture, "app1", "State", "halted");
  live_assert_control (fixture, "", "notes");

  set_writable (fixture, "app1", "private", TRUE);
  live_assert_control (fixture, "1", "revisions app1 private");
  live_assert_control (fixture, "False", "has-feature app1 live.private-revisions");
}

static void
test_private_on_lvm_42 (LiveHelperFixture *fixture, gconstpointer dom0)
{
  assert_refused (fixture, "app1", "SetVolumeWritable", g_variant_new ("(sb)", "private", FALSE),
                  LIVE_ERROR_NOT_SUPPORTED, "4.3");
  live_assert_control (fixture, "True", "rw app1 private");
  /* Nothing of the attempt stays. */
  live_assert_control (fixture, "False", "has-feature app1 live.private-revisions");
  /* root needs nothing of that kind. */
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "root"));
  live_assert_control (fixture, "False", "rw app1 root");
}

static void
on_call (GObject *bus, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) values = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);

  g_assert_no_error (error);
  *(guint *) data += 1;
}

static gboolean
are_all_answered (gpointer data)
{
  return *(guint *) data == 20;
}

/* Two people at once: each call is answered, and what the last of them wanted is what is. */
static void
test_two_people (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autoptr (GDBusConnection) other = live_test_bed_connect (fixture->bed, 0);
  guint n_answered = 0;

  for (guint i = 0; i < 20; i++)
    g_dbus_connection_call (i % 2 == 0 ? fixture->bus : other, "org.qubes.Live1", "/org/qubes/Live1/qube/app1",
                            "org.qubes.Live1.Qube", "SetPolicy",
                            g_variant_new ("(s)", i % 2 == 0 ? "root" : "persistent"), NULL,
                            G_DBUS_CALL_FLAGS_NONE, 60000, NULL, on_call, &n_answered);
  g_assert_true (live_test_wait (are_all_answered, &n_answered, 60));
  for (guint settled = 0; settled < 2; settled++)
    {
      g_autofree char *policy = live_helper_fixture_text (fixture, "app1", "Policy");
      gboolean root = g_str_equal (policy, "root");

      live_assert_control (fixture, root ? "False" : "True", "rw app1 root");
      live_assert_control (fixture, root ? "True" : "False", "ephemeral app1");
      live_assert_qube (fixture, "app1", "RootWritable", root ? "false" : "true");
      live_assert_qube (fixture, "app1", "Pending", "[]");
      /* Once more after it had every occasion to change its mind. */
      g_variant_unref (live_helper_fixture_call (fixture, "app1", "Refresh", NULL, NULL));
    }
}

static void
test_pool (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) values = NULL;
  g_autoptr (GVariant) after = NULL;

  values = g_dbus_connection_call_sync (fixture->bus, "org.qubes.Live1", "/org/qubes/Live1/pool/bench",
                                        "org.qubes.Live1.Pool", "SetEphemeralVolatile", g_variant_new ("(b)", TRUE),
                                        NULL, G_DBUS_CALL_FLAGS_NONE, 20000, NULL, &error);
  g_assert_no_error (error);
  after = live_helper_fixture_get (fixture, "/org/qubes/Live1/pool/bench", "org.qubes.Live1.Pool",
                                   "EphemeralVolatile");
  g_assert_true (g_variant_get_boolean (after));
  /* The default reaches the volumes, and the objects of the qubes that have one there. */
  live_assert_control (fixture, "True", "ephemeral app1");
  live_helper_fixture_wait (fixture, "app1", "VolatileEphemeral", "true");

  g_clear_pointer (&values, g_variant_unref);
  values = g_dbus_connection_call_sync (fixture->bus, "org.qubes.Live1", "/org/qubes/Live1/pool/linux_2dkernel",
                                        "org.qubes.Live1.Pool", "SetEphemeralVolatile", g_variant_new ("(b)", TRUE),
                                        NULL, G_DBUS_CALL_FLAGS_NONE, 20000, NULL, &error);
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED);
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
  ADD ("/policy/set-and-restore/4.2", version_42, test_set_and_restore);
  ADD ("/policy/set-and-restore/4.3", version_43, test_set_and_restore);
  ADD ("/policy/set-and-restore/4.4", version_44, test_set_and_restore);
  ADD ("/policy/no-needless-writes", version_43, test_no_needless_writes);
  ADD ("/policy/restores-what-was-there", version_43, test_restores_what_was_there);
  ADD ("/policy/running", version_43, test_running);
  ADD ("/policy/pending-taken-back", version_43, test_pending_taken_back);
  ADD ("/policy/template-repaired/4.2", version_42, test_template_repaired);
  ADD ("/policy/template-repaired/4.3", version_43, test_template_repaired);
  ADD ("/policy/template-repaired/4.4", version_44, test_template_repaired);
  ADD ("/policy/undone-meanwhile", version_43, test_undone_meanwhile);
  ADD ("/policy/outside-change", version_43, test_outside_change);
  ADD ("/policy/forgotten/4.2", version_42, test_forgotten);
  ADD ("/policy/forgotten/4.3", forgets, test_forgotten);
  ADD ("/policy/by-feature", version_43, test_by_feature);
  ADD ("/policy/refused", version_43, test_refused);
  ADD ("/policy/full/4.2", version_42, test_full);
  ADD ("/policy/full/4.3", version_43, test_full);
  ADD ("/policy/full/4.4", version_44, test_full);
  ADD ("/policy/full/lvm", lvm_43, test_full);
  ADD ("/policy/two-people", version_43, test_two_people);
  ADD ("/volume/toggle/4.2", version_42, test_volume);
  ADD ("/volume/toggle/4.3", version_43, test_volume);
  ADD ("/volume/toggle/4.4", version_44, test_volume);
  ADD ("/volume/private-on-lvm/4.3", lvm_43, test_private_on_lvm);
  ADD ("/volume/private-on-lvm/4.2", lvm_42, test_private_on_lvm_42);
  ADD ("/pool/ephemeral-volatile", version_43, test_pool);
  return g_test_run ();
}
