/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* The policy full and its disposables, from the bus to the simulated qubesd and back. */

#include <string.h>

#include "helper-fixture.h"
#include "model/error.h"
#include "model/reason.h"

static const char *const reflink_42[] = { "--version", "4.2", NULL };
static const char *const reflink_43[] = { "--version", "4.3", NULL };
static const char *const reflink_44[] = { "--version", "4.4", NULL };
static const char *const lvm_42[] = { "--version", "4.2", "--lvm-thin", NULL };
static const char *const lvm_43[] = { "--version", "4.3", "--lvm-thin", NULL };
static const char *const lvm_44[] = { "--version", "4.4", "--lvm-thin", NULL };
static const char *const forgets[] = { "--version", "4.3", "--forget-rw", NULL };
static const char *const lvm_forgets[] = { "--version", "4.3", "--lvm-thin", "--forget-rw", NULL };

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

static void control (LiveHelperFixture *fixture, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
control (LiveHelperFixture *fixture, const char *format, ...)
{
  va_list arguments;
  g_autofree char *command = NULL;

  va_start (arguments, format);
  command = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_free (live_test_bed_control (fixture->bed, "%s", command));
}

static void
assert_refused (LiveHelperFixture *fixture,
                const char *qube,
                const char *method,
                GVariant *arguments,
                int code,
                const char *message_part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) values = live_helper_fixture_call (fixture, qube, method, arguments, &error);

  g_assert_error (error, LIVE_ERROR, code);
  if (strstr (error->message, message_part) == NULL)
    g_error ("\"%s\" is not in \"%s\"", message_part, error->message);
}

static void
set_policy_refused (LiveHelperFixture *fixture, const char *qube, const char *policy, int code, const char *message)
{
  assert_refused (fixture, qube, "SetPolicy", g_variant_new ("(s)", policy), code, message);
}

static void
refresh (LiveHelperFixture *fixture, const char *qube)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) values = live_helper_fixture_call (fixture, qube, "Refresh", NULL, &error);

  g_assert_no_error (error);
}

/* Volumes, and the features that a policy touches, as qubesd has them. */
static char *
describe (LiveHelperFixture *fixture, const char *qube)
{
  static const char *const features[] = { "live.saved", "live.kernel-options", "service.ephemeral-rw" };
  static const char *const volumes[] = { "root", "private" };
  g_autofree char *ephemeral = live_test_bed_control (fixture->bed, "ephemeral %s", qube);
  GString *text = g_string_new (ephemeral);

  for (guint i = 0; i < G_N_ELEMENTS (volumes); i++)
    {
      g_autofree char *rw = live_test_bed_control (fixture->bed, "rw %s %s", qube, volumes[i]);
      g_autofree char *revisions = live_test_bed_control (fixture->bed, "revisions %s %s", qube, volumes[i]);

      g_string_append_printf (text, " %s:%s,%s", volumes[i], rw, revisions);
    }
  for (guint i = 0; i < G_N_ELEMENTS (features); i++)
    {
      g_autofree char *is = live_test_bed_control (fixture->bed, "has-feature %s %s", qube, features[i]);

      if (g_str_equal (is, "True"))
        {
          g_autofree char *value = live_test_bed_control (fixture->bed, "get-feature %s %s", qube, features[i]);

          g_string_append_printf (text, " %s=%s", features[i], value);
        }
    }
  return g_string_free (text, FALSE);
}

static gboolean
is_lvm (gconstpointer dom0)
{
  return g_strv_contains (dom0, "--lvm-thin");
}

static void
assert_full (LiveHelperFixture *fixture, const char *qube)
{
  live_assert_control (fixture, "False", "rw %s root", qube);
  live_assert_control (fixture, "False", "rw %s private", qube);
  live_assert_control (fixture, "True", "ephemeral %s", qube);
  live_assert_control (fixture, "1", "get-feature %s service.ephemeral-rw", qube);
}

/* A start and a stop, after which qubesd has nothing to complain about. */
static void
use (LiveHelperFixture *fixture, const char *qube)
{
  control (fixture, "start %s", qube);
  live_helper_fixture_wait (fixture, qube, "State", "running");
  control (fixture, "shutdown %s", qube);
  live_helper_fixture_wait (fixture, qube, "State", "halted");
  live_assert_control (fixture, "", "notes");
}

/* In how many ways a call fails: with an error, with nothing, and with nothing although it happened. */
static const char *const ways[] = { "error QubesException no room", "empty", "unsaved" };

static int
code_of (guint way)
{
  return way == 0 ? LIVE_ERROR_QUBESD_ERROR : LIVE_ERROR_PROTOCOL;
}

/* ---- Each kind of qube, there and back. ---- */

static void
check_class (LiveHelperFixture *fixture, const char *qube)
{
  g_autofree char *before = describe (fixture, qube);
  g_autofree char *after = NULL;

  live_assert_qube (fixture, qube, "Policies", "['persistent', 'root', 'full']");
  g_assert_true (live_helper_fixture_set_policy (fixture, qube, "full"));
  assert_full (fixture, qube);
  live_assert_qube (fixture, qube, "Policy", "full");
  live_assert_qube (fixture, qube, "Persistence", "ephemeral");
  live_assert_qube (fixture, qube, "PrivateWritable", "false");
  live_assert_qube (fixture, qube, "Pending", "[]");
  use (fixture, qube);
  assert_full (fixture, qube);
  g_assert_true (live_helper_fixture_set_policy (fixture, qube, "root"));
  live_assert_control (fixture, "True", "rw %s private", qube);
  use (fixture, qube);
  g_assert_true (live_helper_fixture_set_policy (fixture, qube, "full"));
  g_assert_true (live_helper_fixture_set_policy (fixture, qube, "persistent"));
  after = describe (fixture, qube);
  g_assert_cmpstr (after, ==, before);
  use (fixture, qube);
}

static void
test_classes (LiveHelperFixture *fixture, gconstpointer dom0)
{
  gboolean cannot = is_lvm (dom0) && g_strv_contains (dom0, "4.2");

  if (cannot)
    {
      set_policy_refused (fixture, "app1", "full", LIVE_ERROR_NOT_SUPPORTED, "4.3");
      set_policy_refused (fixture, "debian-12-dvm", "full", LIVE_ERROR_NOT_SUPPORTED, "another pool");
      set_policy_refused (fixture, "standalone1", "full", LIVE_ERROR_NOT_SUPPORTED, "4.3");
      set_policy_refused (fixture, "standalone1", "root", LIVE_ERROR_NOT_SUPPORTED, "4.3");
      live_assert_qube (fixture, "app1", "Policies", "['persistent', 'root']");
      live_assert_qube (fixture, "standalone1", "Policies", "['persistent']");
      live_assert_control (fixture, "False", "has-feature app1 live.policy");
      live_assert_control (fixture, "True", "rw app1 private");
    }
  else
    {
      check_class (fixture, "app1");
      check_class (fixture, "debian-12-dvm");
      check_class (fixture, "standalone1");
    }
  check_class (fixture, "disp-named");
  set_policy_refused (fixture, "debian-12", "full", LIVE_ERROR_NOT_SUPPORTED, "template");
}

/* Set by hand before: that is what comes back. */
static void
test_by_hand (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  control (fixture, "set-rw app1 private False");
  control (fixture, "feature app1 service.ephemeral-rw ");
  before = describe (fixture, "app1");
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "full"));
  assert_full (fixture, "app1");
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "persistent"));
  after = describe (fixture, "app1");
  g_assert_cmpstr (after, ==, before);
}

/* A private volume that somebody made read-only for once keeps what it was over the policy. */
static void
test_toggled (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autofree char *before = describe (fixture, "app1");
  g_autofree char *after = NULL;
  g_autoptr (GError) error = NULL;

  g_variant_unref (live_helper_fixture_call (fixture, "app1", "SetVolumeWritable",
                                             g_variant_new ("(sb)", "private", FALSE), &error));
  g_assert_no_error (error);
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "full"));
  assert_refused (fixture, "app1", "SetVolumeWritable", g_variant_new ("(sb)", "private", TRUE), LIVE_ERROR_CONFLICT,
                  "window");
  use (fixture, "app1");
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "persistent"));
  live_assert_control (fixture, "False", "rw app1 private");
  use (fixture, "app1");
  g_variant_unref (
      live_helper_fixture_call (fixture, "app1", "SetVolumeWritable", g_variant_new ("(sb)", "private", TRUE), &error));
  g_assert_no_error (error);
  after = describe (fixture, "app1");
  g_assert_cmpstr (after, ==, before);
}

static void
test_forgotten (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const char *const qubes[] = { "app1", "standalone1", "debian-12-dvm", "disp-named" };

  for (guint i = 0; i < G_N_ELEMENTS (qubes); i++)
    g_assert_true (live_helper_fixture_set_policy (fixture, qubes[i], "full"));
  control (fixture, "restart 200");
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "false");
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "true");
  live_helper_fixture_wait_synchronized (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (qubes); i++)
    {
      live_helper_fixture_wait (fixture, qubes[i], "Persistence", "ephemeral");
      live_helper_fixture_wait (fixture, qubes[i], "Pending", "[]");
      assert_full (fixture, qubes[i]);
      g_assert_true (live_helper_fixture_has_reason (fixture, qubes[i], LIVE_REASON_REPAIRED));
    }
}

static void
test_template_set (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_assert_true (live_helper_fixture_set_policy (fixture, "debian-12-dvm", "full"));
  g_assert_true (live_helper_fixture_set_policy (fixture, "disp-named", "full"));
  control (fixture, "set-template debian-12-dvm debian-12");
  live_helper_fixture_wait_control (fixture, "rw debian-12-dvm root", "False");
  live_helper_fixture_wait_control (fixture, "rw disp-named root", "False");
  live_helper_fixture_wait (fixture, "debian-12-dvm", "Persistence", "ephemeral");
  live_helper_fixture_wait (fixture, "disp-named", "Persistence", "ephemeral");
  g_assert_true (live_helper_fixture_has_reason (fixture, "disp-named", LIVE_REASON_REPAIRED));
}

/* ---- What waits, and what fails. ---- */

static void
test_waits_for_disposables (LiveHelperFixture *fixture, gconstpointer dom0)
{
  control (fixture, "start disp-named");
  live_helper_fixture_wait (fixture, "disp-named", "State", "running");
  g_assert_false (live_helper_fixture_set_policy (fixture, "debian-12-dvm", "full"));
  live_assert_qube (fixture, "debian-12-dvm", "Policy", "full");
  live_assert_qube (fixture, "debian-12-dvm", "Pending",
                    "['volatile-ephemeral', 'root-read-only', 'private-read-only']");
  g_assert_true (live_helper_fixture_has_reason (fixture, "debian-12-dvm", LIVE_REASON_WAITS_FOR_DISPOSABLES));
  live_assert_control (fixture, "True", "rw debian-12-dvm root");
  control (fixture, "shutdown disp-named");
  live_helper_fixture_wait (fixture, "debian-12-dvm", "Pending", "[]");
  assert_full (fixture, "debian-12-dvm");
  g_assert_false (live_helper_fixture_has_reason (fixture, "debian-12-dvm", LIVE_REASON_WAITS_FOR_DISPOSABLES));

  /* And back, over an unnamed one that goes for good. */
  {
    g_autofree char *name = live_test_bed_control (fixture->bed, "create-disposable debian-12-dvm");

    live_helper_fixture_wait (fixture, name, "State", "halted");
    control (fixture, "start %s", name);
    live_helper_fixture_wait (fixture, name, "State", "running");
    g_assert_false (live_helper_fixture_set_policy (fixture, "debian-12-dvm", "persistent"));
    live_assert_control (fixture, "False", "rw debian-12-dvm private");
    control (fixture, "kill %s", name);
    live_helper_fixture_wait (fixture, "debian-12-dvm", "Pending", "[]");
    live_assert_control (fixture, "True", "rw debian-12-dvm private");
    live_assert_control (fixture, "1", "revisions debian-12-dvm private");
  }
}

/* Something that nobody told of keeps qubesd from it: it waits, and says why. */
static void
test_not_halted (LiveHelperFixture *fixture, gconstpointer dom0)
{
  for (guint by_feature = 0; by_feature < 2; by_feature++)
    {
      g_autofree char *reasons = NULL;

      control (fixture,
               "fault admin.vm.volume.Set.revisions_to_keep+private@app1 error QubesVMNotHaltedError Domain is "
               "not powered off: 'disp7' x1000");
      if (by_feature)
        control (fixture, "feature app1 live.policy full");
      else
        g_assert_false (live_helper_fixture_set_policy (fixture, "app1", "full"));
      while (!live_helper_fixture_has_reason (fixture, "app1", LIVE_REASON_APPLY_FAILED))
        live_assert_control (fixture, "full", "get-feature app1 live.policy");
      reasons = live_helper_fixture_text (fixture, "app1", "Reasons");
      g_assert_nonnull (strstr (reasons, "disp7"));
      live_assert_qube (fixture, "app1", "Policy", "full");
      live_assert_control (fixture, "True", "rw app1 root");
      live_assert_control (fixture, "False", "has-feature app1 live.saved");
      /* Not again and again. */
      control (fixture, "reset-counts");
      for (guint i = 0; i < 3; i++)
        refresh (fixture, "app2");
      live_assert_control (fixture, "0", "count admin.vm.volume.Set.revisions_to_keep");
      control (fixture, "clear-faults");
      control (fixture, "start app1");
      control (fixture, "shutdown app1");
      live_helper_fixture_wait (fixture, "app1", "Pending", "[]");
      assert_full (fixture, "app1");
      g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "persistent"));
    }
}

/* Each change fails, with an error, with nothing, and with nothing although it happened: as if nothing had been. */
static void
test_failing_steps (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const char *const calls[] = {
    "admin.vm.feature.Set+live.policy",
    "admin.vm.feature.Set+live.saved",
    "admin.vm.volume.Set.ephemeral+volatile",
    "admin.vm.volume.Set.rw+root",
    "admin.vm.volume.Set.rw+private",
    "admin.vm.volume.Set.revisions_to_keep+private",
    "admin.vm.feature.Set+service.ephemeral-rw",
  };

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    for (guint way = 0; way < G_N_ELEMENTS (ways); way++)
      {
        g_autofree char *before = describe (fixture, "app1");
        g_autofree char *after = NULL;
        g_autoptr (GError) error = NULL;
        g_autoptr (GVariant) values = NULL;

        if (strstr (calls[i], "revisions") != NULL && (!is_lvm (dom0) || g_str_equal (ways[way], "empty")))
          continue;
        g_test_message ("%s %s", calls[i], ways[way]);
        control (fixture, "fault %s@app1 %s", calls[i], ways[way]);
        values = live_helper_fixture_call (fixture, "app1", "SetPolicy", g_variant_new ("(s)", "full"), &error);
        g_assert_error (error, LIVE_ERROR, code_of (way));
        after = describe (fixture, "app1");
        g_assert_cmpstr (after, ==, before);
        live_assert_control (fixture, "False", "has-feature app1 live.policy");
        live_assert_qube (fixture, "app1", "Policy", "persistent");
        live_assert_qube (fixture, "app1", "Pending", "[]");
        control (fixture, "clear-faults");
      }
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "full"));
  assert_full (fixture, "app1");
}

/* A version that lists qubes as the newer ones do, and does not know -1: found out, and not offered any more. */
static void
test_no_revisions (LiveHelperFixture *fixture, gconstpointer dom0)
{
  control (fixture, "fault admin.vm.volume.Set.revisions_to_keep+private empty x1000");
  live_assert_qube (fixture, "app1", "Policies", "['persistent', 'root', 'full']");
  set_policy_refused (fixture, "app1", "full", LIVE_ERROR_NOT_SUPPORTED, "4.3");
  live_assert_control (fixture, "False", "has-feature app1 live.policy");
  live_assert_control (fixture, "True", "rw app1 private");
  live_assert_qube (fixture, "app1", "Policies", "['persistent', 'root']");
  live_assert_qube (fixture, "app2", "Policies", "['persistent', 'root']");
  refresh (fixture, "app2");
  live_assert_qube (fixture, "app2", "Policies", "['persistent', 'root']");
  control (fixture, "feature app2 live.policy full");
  live_helper_fixture_wait (fixture, "app2", "Policy", "full");
  g_assert_true (live_helper_fixture_has_reason (fixture, "app2", LIVE_REASON_POLICY_UNSUPPORTED));
  live_assert_control (fixture, "True", "rw app2 root");
  /* Another qubesd may know it. */
  control (fixture, "clear-faults");
  control (fixture, "restart 100");
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "false");
  live_helper_fixture_wait_synchronized (fixture);
  live_helper_fixture_wait (fixture, "app1", "Policies", "['persistent', 'root', 'full']");
}

/* By itself, without end in sight: once. */
static void
test_failing_repair (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autofree char *before = NULL;

  control (fixture, "fault admin.vm.volume.Set.rw+private@app1 error QubesException no room x100000");
  control (fixture, "feature app1 live.policy full");
  live_helper_fixture_wait (fixture, "app1", "Policy", "full");
  while (!live_helper_fixture_has_reason (fixture, "app1", LIVE_REASON_APPLY_FAILED))
    live_assert_qube (fixture, "app1", "Policy", "full");
  live_assert_control (fixture, "True", "rw app1 root");
  before = live_test_bed_control (fixture->bed, "count admin.vm.volume.Set.rw");
  for (guint i = 0; i < 10; i++)
    refresh (fixture, "app2");
  live_assert_control (fixture, before, "count admin.vm.volume.Set.rw");
  control (fixture, "clear-faults");
  control (fixture, "start app1");
  control (fixture, "shutdown app1");
  live_helper_fixture_wait (fixture, "app1", "Pending", "[]");
  assert_full (fixture, "app1");
}

/* The helper is killed at each change: the next one ends it. */
static void
test_crash (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const char *const calls[] = {
    "admin.vm.feature.Set+live.saved",    "admin.vm.volume.Set.ephemeral+volatile",
    "admin.vm.volume.Set.rw+root",        "admin.vm.volume.Set.revisions_to_keep+private",
    "admin.vm.volume.Set.rw+private",     "admin.vm.feature.Set+service.ephemeral-rw",
    "admin.vm.feature.Remove+live.saved",
  };

  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    {
      gboolean is_back = g_str_has_suffix (calls[i], "Remove+live.saved");
      g_autofree char *before = describe (fixture, "app1");
      g_autofree char *after = NULL;
      g_autofree char *wished = g_strdup_printf ("%s@app1", calls[i]);

      g_test_message ("%s", calls[i]);
      if (is_back)
        g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "full"));
      control (fixture, "reset-changes");
      control (fixture, "reset-counts");
      control (fixture, "fault %s hang", wished);
      control (fixture, "feature app1 live.policy %s", is_back ? "persistent" : "full");
      {
        g_autofree char *count = g_strdup_printf ("count %.*s", (int) strcspn (calls[i], "+"), calls[i]);
        /* Others of the kind come before. */
        gboolean is_second
            = is_back || g_str_has_suffix (calls[i], "rw+private") || g_str_has_suffix (calls[i], "ephemeral-rw");

        live_helper_fixture_wait_control (fixture, count, is_second ? "2" : "1");
      }
      live_test_bed_kill_helper (fixture->bed);
      control (fixture, "clear-faults");
      live_test_bed_start_helper (fixture->bed);
      live_helper_fixture_wait_synchronized (fixture);
      live_helper_fixture_wait (fixture, "app1", "Pending", "[]");
      live_helper_fixture_wait (fixture, "app1", "Persistence", is_back ? "persistent" : "ephemeral");
      if (!is_back)
        assert_full (fixture, "app1");
      g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "persistent"));
      after = describe (fixture, "app1");
      g_assert_cmpstr (after, ==, before);
    }
}

/* What cannot be restored is not written down as a policy either. */
static void
test_rubbish (LiveHelperFixture *fixture, gconstpointer dom0)
{
  control (fixture, "feature app1 live.saved rubbish");
  live_helper_fixture_wait (fixture, "app1", "Policy", "persistent");
  set_policy_refused (fixture, "app1", "full", LIVE_ERROR_FAILED, "live.saved");
  set_policy_refused (fixture, "app1", "persistent", LIVE_ERROR_FAILED, "live.saved");
  live_assert_control (fixture, "False", "has-feature app1 live.policy");
  live_assert_control (fixture, "True", "rw app1 root");
  control (fixture, "unset-feature app1 live.saved");
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "full"));
}

/* ---- Disposables. ---- */

/* What a disposable has of its template's window and saved state is taken away before anything comes of it. */
static void
test_inherited (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const char *const features[]
      = { "live.window", "service.live-window", "live.saved", "live.preload-held", "live.kernel-options" };

  /* As a template looks in a window; running, so that nobody ends it. */
  control (fixture, "start debian-12-dvm");
  live_helper_fixture_wait (fixture, "debian-12-dvm", "State", "running");
  control (fixture, "feature debian-12-dvm live.window until-closed");
  control (fixture, "feature debian-12-dvm service.live-window 1");
  control (fixture, "feature debian-12-dvm live.saved root=rw volatile=plain private=rw guest=unset");
  control (fixture, "feature debian-12-dvm live.preload-held 2");
  control (fixture, "feature debian-12-dvm live.kernel-options default");
  for (guint is_running = 0; is_running < 2; is_running++)
    {
      g_autofree char *name = live_test_bed_control (fixture->bed, "create-disposable debian-12-dvm");

      if (is_running && !is_lvm (dom0))
        control (fixture, "start %s", name);
      for (guint i = 0; i < G_N_ELEMENTS (features); i++)
        {
          g_autofree char *question = g_strdup_printf ("has-feature %s %s", name, features[i]);

          live_helper_fixture_wait_control (fixture, question, "False");
        }
      live_assert_qube (fixture, name, "WindowState", "closed");
      live_assert_qube (fixture, name, "WindowDeadline", "0");
      live_assert_qube (fixture, name, "Pending", "[]");
      g_assert_false (live_helper_fixture_has_reason (fixture, name, LIVE_REASON_SAVED_INVALID));
    }
  /* The template's own stay. */
  live_assert_control (fixture, "until-closed", "get-feature debian-12-dvm live.window");
  live_assert_control (fixture, "2", "get-feature debian-12-dvm live.preload-held");
}

/* A clone has the features of its source and none of the settings of its volumes. */
static void
test_clone (LiveHelperFixture *fixture, gconstpointer dom0)
{
  control (fixture, "create clone1 red");
  live_helper_fixture_wait (fixture, "clone1", "State", "halted");
  /* In the order in which they were set. */
  control (fixture, "feature clone1 live.policy full");
  control (fixture, "feature clone1 live.saved root=rw volatile=plain private=rw%s guest=unset",
           is_lvm (dom0) ? " private-revisions=1" : "");
  control (fixture, "feature clone1 service.ephemeral-rw 1");
  control (fixture, "feature clone1 live.window 1700000000");
  control (fixture, "feature clone1 service.live-window 1");
  if (is_lvm (dom0))
    {
      /* Its data comes after its features, and could not be put into a read-only volume there. */
      live_helper_fixture_wait (fixture, "clone1", "Pending",
                                "['volatile-ephemeral', 'root-read-only', 'private-read-only']");
      live_assert_control (fixture, "True", "rw clone1 private");
      g_assert_true (live_helper_fixture_set_policy (fixture, "clone1", "full"));
    }
  live_helper_fixture_wait_control (fixture, "has-feature clone1 live.window", "False");
  live_helper_fixture_wait_control (fixture, "has-feature clone1 service.live-window", "False");
  live_helper_fixture_wait (fixture, "clone1", "Persistence", "ephemeral");
  live_helper_fixture_wait (fixture, "clone1", "Pending", "[]");
  assert_full (fixture, "clone1");
  use (fixture, "clone1");
  g_assert_true (live_helper_fixture_set_policy (fixture, "clone1", "persistent"));
  live_assert_control (fixture, "True", "rw clone1 private");
  live_assert_control (fixture, "False", "has-feature clone1 service.ephemeral-rw");
}

static char **
renew (LiveHelperFixture *fixture, const char *qube)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) values = live_helper_fixture_call (fixture, qube, "RenewDisposables", NULL, &error);
  char **waiting = NULL;

  g_assert_no_error (error);
  g_variant_get (values, "(^as)", &waiting);
  return waiting;
}

static void
assert_renewed (LiveHelperFixture *fixture, const char *expected)
{
  g_auto (GStrv) waiting = renew (fixture, "debian-12-dvm");
  g_autofree char *text = g_strjoinv (" ", waiting);

  g_assert_cmpstr (text, ==, expected);
}

static void
test_renew (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autofree char *unnamed = live_test_bed_control (fixture->bed, "create-disposable debian-12-dvm");
  g_autofree char *both = g_strdup_printf ("disp-named %s", unnamed);
  g_autofree char *old = g_strdup_printf ("['disp-named', '%s']", unnamed);

  live_helper_fixture_wait (fixture, unnamed, "State", "halted");
  live_assert_qube (fixture, "debian-12-dvm", "OldDisposables", "[]");
  g_assert_true (live_helper_fixture_set_policy (fixture, "debian-12-dvm", "full"));
  live_helper_fixture_wait (fixture, "debian-12-dvm", "OldDisposables", old);
  live_assert_control (fixture, "True", "rw disp-named root");

  /* Running ones wait, each for what it waits for. */
  control (fixture, "start disp-named");
  control (fixture, "start %s", unnamed);
  live_helper_fixture_wait (fixture, unnamed, "State", "running");
  live_helper_fixture_wait (fixture, "disp-named", "State", "running");
  assert_renewed (fixture, both);
  live_assert_control (fixture, "full", "get-feature disp-named live.policy");
  live_assert_control (fixture, "True", "rw disp-named root");
  live_assert_control (fixture, "False", "has-feature %s live.policy", unnamed);
  control (fixture, "shutdown disp-named");
  live_helper_fixture_wait (fixture, "disp-named", "Persistence", "ephemeral");
  assert_full (fixture, "disp-named");
  control (fixture, "kill %s", unnamed);
  live_helper_fixture_wait (fixture, "debian-12-dvm", "OldDisposables", "[]");
  assert_renewed (fixture, "");

  /* Halted ones at once, and back. */
  g_assert_true (live_helper_fixture_set_policy (fixture, "debian-12-dvm", "persistent"));
  live_helper_fixture_wait (fixture, "debian-12-dvm", "OldDisposables", "['disp-named']");
  assert_renewed (fixture, "");
  live_assert_control (fixture, "True", "rw disp-named root");
  live_assert_control (fixture, "True", "rw disp-named private");
  live_helper_fixture_wait (fixture, "debian-12-dvm", "OldDisposables", "[]");

  assert_refused (fixture, "app1", "RenewDisposables", NULL, LIVE_ERROR_NOT_SUPPORTED, "no disposable template");
  control (fixture, "fault admin.vm.feature.Set+live.policy@disp-named error QubesException no room");
  g_assert_true (live_helper_fixture_set_policy (fixture, "debian-12-dvm", "root"));
  assert_refused (fixture, "debian-12-dvm", "RenewDisposables", NULL, LIVE_ERROR_QUBESD_ERROR, "no room");
  live_assert_qube (fixture, "debian-12-dvm", "OldDisposables", "['disp-named']");
}

static void
wait_for_preloaded (LiveHelperFixture *fixture, guint count)
{
  gint64 end = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;
  guint n = 0;

  do
    {
      g_autofree char *names = NULL;
      g_auto (GStrv) list = NULL;

      names = live_test_bed_control (fixture->bed, "get-feature debian-12-dvm preload-dispvm");
      list = g_strsplit (names, " ", -1);
      n = 0;
      for (guint i = 0; list[i] != NULL; i++)
        {
          g_autofree char *state = *list[i] != '\0' ? live_test_bed_control (fixture->bed, "state %s", list[i]) : NULL;

          n += g_strcmp0 (state, "Paused") == 0;
        }
      g_assert_cmpint (g_get_monotonic_time (), <, end);
    }
  while (n != count);
}

/* Preloaded ones are made anew with the policy, on request too, and are no reason to wait. */
static void
test_preloaded (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autofree char *first = NULL, *second = NULL, *third = NULL;
  g_auto (GStrv) names = NULL;

  control (fixture, "feature debian-12-dvm preload-dispvm-max 2");
  wait_for_preloaded (fixture, 2);
  first = live_test_bed_control (fixture->bed, "get-feature debian-12-dvm preload-dispvm");
  names = g_strsplit (first, " ", -1);
  live_helper_fixture_wait (fixture, names[0], "State", "paused");
  live_helper_fixture_wait (fixture, names[1], "State", "paused");

  g_assert_true (live_helper_fixture_set_policy (fixture, "debian-12-dvm", "full"));
  assert_full (fixture, "debian-12-dvm");
  live_assert_control (fixture, "2", "get-feature debian-12-dvm preload-dispvm-max");
  live_assert_control (fixture, "False", "has-feature debian-12-dvm live.preload-held");
  wait_for_preloaded (fixture, 2);
  second = live_test_bed_control (fixture->bed, "get-feature debian-12-dvm preload-dispvm");
  g_strfreev (names);
  names = g_strsplit (second, " ", -1);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_assert_null (strstr (first, names[i]));
      live_assert_control (fixture, "False", "rw %s private", names[i]);
      live_assert_control (fixture, "True", "ephemeral %s", names[i]);
      live_helper_fixture_wait (fixture, names[i], "State", "paused");
    }
  live_helper_fixture_wait (fixture, "debian-12-dvm", "OldDisposables", "['disp-named']");
  /* What they inherited is gone. */
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *saved = g_strdup_printf ("has-feature %s live.saved", names[i]);
      g_autofree char *held = g_strdup_printf ("has-feature %s live.preload-held", names[i]);

      live_helper_fixture_wait_control (fixture, saved, "False");
      live_helper_fixture_wait_control (fixture, held, "False");
    }

  assert_renewed (fixture, "");
  wait_for_preloaded (fixture, 2);
  third = live_test_bed_control (fixture->bed, "get-feature debian-12-dvm preload-dispvm");
  for (guint i = 0; names[i] != NULL; i++)
    g_assert_null (strstr (third, names[i]));
  live_assert_control (fixture, "2", "get-feature debian-12-dvm preload-dispvm-max");
  live_helper_fixture_wait (fixture, "debian-12-dvm", "OldDisposables", "[]");

  /* Back again. */
  g_assert_true (live_helper_fixture_set_policy (fixture, "debian-12-dvm", "persistent"));
  live_assert_control (fixture, "True", "rw debian-12-dvm private");
  live_assert_control (fixture, "2", "get-feature debian-12-dvm preload-dispvm-max");
  wait_for_preloaded (fixture, 2);

  /* What is set for dom0 counts for the default template: then it is said. */
  control (fixture, "feature dom0 preload-dispvm-max 2");
  assert_refused (fixture, "debian-12-dvm", "RenewDisposables", NULL, LIVE_ERROR_CONFLICT, "dom0");
}

/* ---- Memory hygiene and the upper layer. ---- */

static void
set_hygiene (LiveHelperFixture *fixture, const char *qube, gboolean on)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) values
      = live_helper_fixture_call (fixture, qube, "SetMemoryHygiene", g_variant_new ("(b)", on), &error);

  g_assert_no_error (error);
  live_assert_qube (fixture, qube, "MemoryHygiene", on ? "on" : "off");
}

#define HYGIENE "init_on_alloc=1 init_on_free=1"

static void
assert_options (LiveHelperFixture *fixture, const char *qube, const char *expected)
{
  live_assert_control (fixture, expected, "get-property %s kernelopts", qube);
}

static void
test_hygiene (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autofree char *long_options = g_strnfill (500, 'x');
  g_autofree char *fits = g_strnfill (512 - strlen (" " HYGIENE), 'x');

  /* Nobody asked yet. */
  live_assert_qube (fixture, "app1", "MemoryHygiene", "unknown");
  refresh (fixture, "app1");
  live_assert_qube (fixture, "app1", "MemoryHygiene", "off");
  set_hygiene (fixture, "app1", TRUE);
  assert_options (fixture, "app1", "swiotlb=2048 " HYGIENE);
  live_assert_control (fixture, "default", "get-feature app1 live.kernel-options");
  control (fixture, "reset-changes");
  set_hygiene (fixture, "app1", TRUE);
  live_assert_control (fixture, "", "changes");
  set_hygiene (fixture, "app1", FALSE);
  assert_options (fixture, "app1", "swiotlb=2048");
  live_assert_control (fixture, "False", "has-feature app1 live.kernel-options");
  control (fixture, "reset-changes");
  set_hygiene (fixture, "app1", FALSE);
  live_assert_control (fixture, "", "changes");

  /* A value of its own, also while it runs. */
  control (fixture, "property app1 kernelopts quiet init_on_free=0");
  control (fixture, "start app1");
  set_hygiene (fixture, "app1", TRUE);
  assert_options (fixture, "app1", "quiet init_on_free=0 " HYGIENE);
  set_hygiene (fixture, "app1", FALSE);
  assert_options (fixture, "app1", "quiet init_on_free=0");
  control (fixture, "kill app1");

  /* No room, and by somebody else. */
  control (fixture, "property app2 kernelopts %s", long_options);
  assert_refused (fixture, "app2", "SetMemoryHygiene", g_variant_new ("(b)", TRUE), LIVE_ERROR_CONFLICT, "512");
  assert_options (fixture, "app2", long_options);
  live_assert_control (fixture, "False", "has-feature app2 live.kernel-options");
  control (fixture, "property app2 kernelopts %s", fits);
  set_hygiene (fixture, "app2", TRUE);
  set_hygiene (fixture, "app2", FALSE);
  assert_options (fixture, "app2", fits);
  control (fixture, "property app2 kernelopts " HYGIENE);
  live_helper_fixture_wait (fixture, "app2", "MemoryHygiene", "on");
  assert_refused (fixture, "app2", "SetMemoryHygiene", g_variant_new ("(b)", FALSE), LIVE_ERROR_CONFLICT, "by hand");
  assert_options (fixture, "app2", HYGIENE);

  /* Undone with the policy. */
  g_assert_true (live_helper_fixture_set_policy (fixture, "app3", "full"));
  live_helper_fixture_wait (fixture, "app3", "MemoryHygiene", "off");
  set_hygiene (fixture, "app3", TRUE);
  live_assert_qube (fixture, "app3", "Pending", "[]");
  g_assert_true (live_helper_fixture_set_policy (fixture, "app3", "root"));
  live_assert_qube (fixture, "app3", "MemoryHygiene", "on");
  g_assert_true (live_helper_fixture_set_policy (fixture, "app3", "persistent"));
  assert_options (fixture, "app3", "swiotlb=2048");
  live_assert_control (fixture, "False", "has-feature app3 live.kernel-options");
  live_assert_qube (fixture, "app3", "MemoryHygiene", "off");

  /* Its own kernel. */
  control (fixture, "property standalone1 kernel ");
  refresh (fixture, "standalone1");
  live_assert_qube (fixture, "standalone1", "MemoryHygiene", "not-applicable");
  assert_refused (fixture, "standalone1", "SetMemoryHygiene", g_variant_new ("(b)", TRUE), LIVE_ERROR_NOT_SUPPORTED,
                  "own kernel");
}

static void
test_hygiene_fails (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const char *const on[] = { "admin.vm.feature.Set+live.kernel-options", "admin.vm.property.Set+kernelopts" };
  static const char *const off[]
      = { "admin.vm.property.Reset+kernelopts", "admin.vm.feature.Remove+live.kernel-options" };

  for (guint i = 0; i < G_N_ELEMENTS (on) * 2; i++)
    for (guint way = 0; way < G_N_ELEMENTS (ways); way++)
      {
        gboolean wish = i < G_N_ELEMENTS (on);
        const char *call = wish ? on[i] : off[i - G_N_ELEMENTS (on)];
        g_autoptr (GError) error = NULL;
        g_autoptr (GVariant) values = NULL;

        g_test_message ("%s %s", call, ways[way]);
        set_hygiene (fixture, "app1", !wish);
        control (fixture, "fault %s@app1 %s", call, ways[way]);
        values = live_helper_fixture_call (fixture, "app1", "SetMemoryHygiene", g_variant_new ("(b)", wish), &error);
        g_assert_error (error, LIVE_ERROR, code_of (way));
        control (fixture, "clear-faults");
        assert_options (fixture, "app1", wish ? "swiotlb=2048" : "swiotlb=2048 " HYGIENE);
        live_assert_control (fixture, wish ? "False" : "True", "has-feature app1 live.kernel-options");
        live_assert_qube (fixture, "app1", "MemoryHygiene", wish ? "off" : "on");
      }
  /* A crash between the two. */
  set_hygiene (fixture, "app1", FALSE);
  control (fixture, "fault admin.vm.property.Set+kernelopts@app1 hang");
  control (fixture, "reset-counts");
  g_dbus_connection_call (fixture->bus, "org.qubes.Live1", "/org/qubes/Live1/qube/app1", "org.qubes.Live1.Qube",
                          "SetMemoryHygiene", g_variant_new ("(b)", TRUE), NULL, G_DBUS_CALL_FLAGS_NONE, 60000, NULL,
                          NULL, NULL);
  live_helper_fixture_wait_control (fixture, "count admin.vm.property.Set", "1");
  live_test_bed_kill_helper (fixture->bed);
  control (fixture, "clear-faults");
  live_test_bed_start_helper (fixture->bed);
  live_helper_fixture_wait_synchronized (fixture);
  live_assert_control (fixture, "default", "get-feature app1 live.kernel-options");
  live_helper_fixture_wait (fixture, "app1", "MemoryHygiene", "off");
  set_hygiene (fixture, "app1", TRUE);
  set_hygiene (fixture, "app1", FALSE);
  assert_options (fixture, "app1", "swiotlb=2048");
  live_assert_control (fixture, "False", "has-feature app1 live.kernel-options");
}

static void
set_upper_layer (LiveHelperFixture *fixture, const char *layer, const char *size, const char *shown)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) values
      = live_helper_fixture_call (fixture, "app1", "SetUpperLayer", g_variant_new ("(ss)", layer, size), &error);

  g_assert_no_error (error);
  live_assert_qube (fixture, "app1", "UpperLayer", layer);
  live_assert_qube (fixture, "app1", "UpperLayerSize", shown);
}

static void
test_upper_layer (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const char *const calls[]
      = { "admin.vm.feature.Set+vm-config.live-upper", "admin.vm.feature.Set+vm-config.live-upper-size" };

  live_assert_qube (fixture, "app1", "UpperLayer", "volatile");
  set_upper_layer (fixture, "ram", "1G", "1G");
  live_assert_control (fixture, "tmpfs", "get-feature app1 vm-config.live-upper");
  live_assert_control (fixture, "1G", "get-feature app1 vm-config.live-upper-size");
  control (fixture, "reset-changes");
  set_upper_layer (fixture, "ram", "1G", "1G");
  live_assert_control (fixture, "", "changes");
  set_upper_layer (fixture, "ram", "50%", "50%");
  set_upper_layer (fixture, "ram", "", "");
  live_assert_control (fixture, "False", "has-feature app1 vm-config.live-upper-size");
  set_upper_layer (fixture, "volatile", "nonsense", "");
  live_assert_control (fixture, "False", "has-feature app1 vm-config.live-upper");

  assert_refused (fixture, "app1", "SetUpperLayer", g_variant_new ("(ss)", "ram", "1T"), LIVE_ERROR_INVALID_ARGUMENT,
                  "1T");
  assert_refused (fixture, "app1", "SetUpperLayer", g_variant_new ("(ss)", "ram", "100%"), LIVE_ERROR_INVALID_ARGUMENT,
                  "90%");
  assert_refused (fixture, "app1", "SetUpperLayer", g_variant_new ("(ss)", "tmpfs", ""), LIVE_ERROR_INVALID_ARGUMENT,
                  "ram");
  assert_refused (fixture, "debian-12", "SetUpperLayer", g_variant_new ("(ss)", "ram", ""), LIVE_ERROR_NOT_SUPPORTED,
                  "debian-12");
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    for (guint way = 0; way < G_N_ELEMENTS (ways); way++)
      {
        g_autoptr (GError) error = NULL;
        g_autoptr (GVariant) values = NULL;

        control (fixture, "fault %s@app1 %s", calls[i], ways[way]);
        values
            = live_helper_fixture_call (fixture, "app1", "SetUpperLayer", g_variant_new ("(ss)", "ram", "2G"), &error);
        g_assert_error (error, LIVE_ERROR, code_of (way));
        control (fixture, "clear-faults");
        live_assert_control (fixture, "False", "has-feature app1 vm-config.live-upper");
        live_assert_control (fixture, "False", "has-feature app1 vm-config.live-upper-size");
        live_assert_qube (fixture, "app1", "UpperLayer", "volatile");
      }
}

/* Who may not set a policy may do none of this. */
static void
test_not_authorized (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autoptr (GDBusConnection) user = live_test_bed_connect (fixture->bed, LIVE_TEST_USER_UID);
  GDBusConnection *root = fixture->bus;

  live_test_bed_set_polkit_rules (fixture->bed, "polkit.addRule (function (action, subject) {"
                                                "  if (action.id == 'org.qubes.Live1.set-policy')"
                                                "    return polkit.Result.NO; });");
  fixture->bus = user;
  control (fixture, "reset-changes");
  assert_refused (fixture, "debian-12-dvm", "RenewDisposables", NULL, LIVE_ERROR_NOT_AUTHORIZED, "");
  assert_refused (fixture, "app1", "SetMemoryHygiene", g_variant_new ("(b)", TRUE), LIVE_ERROR_NOT_AUTHORIZED, "");
  assert_refused (fixture, "app1", "SetUpperLayer", g_variant_new ("(ss)", "ram", ""), LIVE_ERROR_NOT_AUTHORIZED, "");
  set_policy_refused (fixture, "app1", "full", LIVE_ERROR_NOT_AUTHORIZED, "");
  live_assert_control (fixture, "", "changes");
  fixture->bus = root;
}

#define ADD(path, dom0, function)                                                                                      \
  g_test_add ("/policy-full/" path, LiveHelperFixture, dom0, open_fixture, function, close_fixture)

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
  ADD ("classes/4.2", reflink_42, test_classes);
  ADD ("classes/4.3", reflink_43, test_classes);
  ADD ("classes/4.4", reflink_44, test_classes);
  ADD ("classes/4.2-lvm", lvm_42, test_classes);
  ADD ("classes/4.3-lvm", lvm_43, test_classes);
  ADD ("classes/4.4-lvm", lvm_44, test_classes);
  ADD ("by-hand/4.2", reflink_42, test_by_hand);
  ADD ("by-hand/4.3-lvm", lvm_43, test_by_hand);
  ADD ("toggled/4.3", reflink_43, test_toggled);
  ADD ("toggled/4.3-lvm", lvm_43, test_toggled);
  ADD ("forgotten/4.2", reflink_42, test_forgotten);
  ADD ("forgotten/4.3", forgets, test_forgotten);
  ADD ("forgotten/4.3-lvm", lvm_forgets, test_forgotten);
  ADD ("template-set/4.2", reflink_42, test_template_set);
  ADD ("template-set/4.3-lvm", lvm_43, test_template_set);
  ADD ("template-set/4.4", reflink_44, test_template_set);
  ADD ("waits-for-disposables/4.3-lvm", lvm_43, test_waits_for_disposables);
  ADD ("waits-for-disposables/4.4-lvm", lvm_44, test_waits_for_disposables);
  ADD ("not-halted", lvm_43, test_not_halted);
  ADD ("failing-steps/4.2", reflink_42, test_failing_steps);
  ADD ("failing-steps/4.3-lvm", lvm_43, test_failing_steps);
  ADD ("failing-steps/4.4-lvm", lvm_44, test_failing_steps);
  ADD ("no-revisions", lvm_43, test_no_revisions);
  ADD ("failing-repair", lvm_43, test_failing_repair);
  ADD ("crash", lvm_43, test_crash);
  ADD ("rubbish", reflink_43, test_rubbish);
  ADD ("inherited/4.2", reflink_42, test_inherited);
  ADD ("inherited/4.3", reflink_43, test_inherited);
  ADD ("inherited/4.3-lvm", lvm_43, test_inherited);
  ADD ("inherited/4.4", reflink_44, test_inherited);
  ADD ("clone/4.3", reflink_43, test_clone);
  ADD ("clone/4.3-lvm", lvm_43, test_clone);
  ADD ("renew/4.2", reflink_42, test_renew);
  ADD ("renew/4.3", reflink_43, test_renew);
  ADD ("renew/4.4-lvm", lvm_44, test_renew);
  ADD ("preloaded/4.3", reflink_43, test_preloaded);
  ADD ("preloaded/4.3-lvm", lvm_43, test_preloaded);
  ADD ("preloaded/4.4-lvm", lvm_44, test_preloaded);
  ADD ("hygiene/4.2", reflink_42, test_hygiene);
  ADD ("hygiene/4.3", reflink_43, test_hygiene);
  ADD ("hygiene/4.4", reflink_44, test_hygiene);
  ADD ("hygiene/fails", reflink_43, test_hygiene_fails);
  ADD ("upper-layer/4.2", reflink_42, test_upper_layer);
  ADD ("upper-layer/4.3", reflink_43, test_upper_layer);
  ADD ("not-authorized", reflink_43, test_not_authorized);
  return g_test_run ();
}
