/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* What else happens to a qube while its customization window is open: people change things behind the helper's back,
 * and clones and disposables are made from it. */

#include "window-fixture.h"

#include <string.h>

#include "model/error.h"

static const char *const version_42[] = { "--version", "4.2", NULL };
static const char *const version_43[] = { "--version", "4.3", NULL };
static const char *const version_44[] = { "--version", "4.4", NULL };
static const char *const lvm_43[] = { "--version", "4.3", "--lvm-thin", NULL };
static const char *const lvm_44[] = { "--version", "4.4", "--lvm-thin", NULL };

#define DVM "debian-12-dvm"

static void
open_fixture (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_helper_fixture_open (fixture, dom0);
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "full"));
}

static void
close_fixture (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_helper_fixture_close (fixture);
}

static GVariant *
seconds (gint64 count)
{
  return g_variant_new ("(x)", count);
}

static GVariant *
kill_it (gboolean kill)
{
  return g_variant_new ("(b)", kill);
}

/* Runs and halts once more: qubesd has nothing to complain about. */
static void
use (LiveHelperFixture *fixture, const char *qube)
{
  live_window_control (fixture, "start %s", qube);
  live_helper_fixture_wait (fixture, qube, "State", "running");
  live_window_control (fixture, "shutdown %s", qube);
  live_helper_fixture_wait (fixture, qube, "State", "halted");
  live_assert_control (fixture, "", "notes");
}

/* ---- Somebody else writes. ---- */

static void
test_tampered (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const char *const texts[]
      = { "garbage",       "",    "-1", "0", "99999999999", "9223372036854775807", "99999999999999999999",
          "until-closed ", "1e10" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_test_message ("\"%s\"", texts[i]);
      live_window_open (fixture, "app1", 600);
      live_window_control (fixture, "feature app1 live.window %s", texts[i]);
      live_helper_fixture_wait_control (fixture, "state app1", "Halted");
      live_window_assert_closed (fixture, "app1", "kept");
    }
  /* What means something is taken: dom0's word counts. */
  live_window_open (fixture, "app1", 600);
  live_window_control (fixture, "feature app1 live.window until-closed");
  live_helper_fixture_wait (fixture, "app1", "WindowDeadline", "-1");
  live_window_control (fixture, "feature app1 live.window %" G_GINT64_FORMAT,
                       live_test_bed_get_wall (fixture->bed) + 1000);
  live_helper_fixture_wait (fixture, "app1", "WindowState", "open");
  live_test_bed_advance (fixture->bed, 990, 0);
  live_window_assert_open (fixture, "app1");
  live_test_bed_advance (fixture->bed, 11, 0);
  live_window_assert_closed (fixture, "app1", "kept");
}

/* The record is removed while the qube runs: it must not be taken for ephemeral, and at halt it becomes so. */
static void
test_record_removed (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_window_open (fixture, "app1", 600);
  live_window_control (fixture, "unset-feature app1 live.window");
  live_helper_fixture_wait (fixture, "app1", "WindowState", "closed");
  live_assert_qube (fixture, "app1", "WindowOutcome", "");
  live_assert_qube (fixture, "app1", "WindowDeadline", "0");
  live_assert_qube (fixture, "app1", "Pending", "['private-read-only']");
  {
    g_autofree char *persistence = live_helper_fixture_text (fixture, "app1", "Persistence");
    g_autofree char *indicator = live_helper_fixture_manager (fixture, "Indicator");

    g_assert_cmpstr (persistence, !=, "ephemeral");
    g_assert_cmpstr (indicator, !=, "ephemeral");
  }
  live_window_refused (fixture, "app1", "CloseWindow", kill_it (TRUE), LIVE_ERROR_NOT_FOUND, "");
  live_assert_control (fixture, "Running", "state app1");
  live_window_control (fixture, "shutdown app1");
  live_helper_fixture_wait (fixture, "app1", "Pending", "[]");
  live_assert_control (fixture, "False", "rw app1 private");
  live_assert_control (fixture, "False", "has-feature app1 service.live-window");
  live_assert_qube (fixture, "app1", "WindowRefusal", "");
}

/* What is needed to close it is spoilt: who asks hears so, and it is not called closed. */
static void
test_spoilt (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const struct
  {
    const char *feature;
    const char *rubbish;
    const char *good;
  } table[] = {
    { "live.saved", "rubbish", NULL },
    { "live.policy", "rubbish", "full" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *before = live_test_bed_control (fixture->bed, "get-feature app1 %s", table[i].feature);

      g_test_message ("%s", table[i].feature);
      live_window_open (fixture, "app1", 600);
      live_window_control (fixture, "feature app1 %s %s", table[i].feature, table[i].rubbish);
      live_window_refused (fixture, "app1", "CloseWindow", kill_it (FALSE), LIVE_ERROR_CONFLICT, "app1");
      live_assert_control (fixture, "Halted", "state app1");
      live_assert_qube (fixture, "app1", "WindowState", "closing");
      live_assert_control (fixture, "True", "has-feature app1 live.window");
      live_window_refused (fixture, "app1", "CloseWindow", kill_it (TRUE), LIVE_ERROR_CONFLICT, "app1");
      live_window_control (fixture, "feature app1 %s %s", table[i].feature, before);
      live_window_assert_closed (fixture, "app1", "kept");
    }
}

/* A clone brings what was written down and a writable private volume. */
static void
test_clone (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autofree char *saved = live_test_bed_control (fixture->bed, "get-feature app1 live.saved");

  live_window_open (fixture, "app1", 600);
  live_window_control (fixture, "create clone1 red");
  live_window_control (fixture, "feature clone1 live.policy full");
  live_window_control (fixture, "feature clone1 live.saved %s", saved);
  live_window_control (fixture, "feature clone1 service.ephemeral-rw 1");
  live_window_control (fixture, "feature clone1 service.live-window 1");
  live_window_control (fixture, "feature clone1 live.window %" G_GINT64_FORMAT,
                       live_test_bed_get_wall (fixture->bed) + 600);
  live_helper_fixture_wait (fixture, "clone1", "Policy", "full");
  /* A new qube may still be filled; who sets its policy says that it is not. */
  g_assert_true (live_helper_fixture_set_policy (fixture, "clone1", "full"));
  live_helper_fixture_wait_control (fixture, "has-feature clone1 live.window", "False");
  live_helper_fixture_wait (fixture, "clone1", "Pending", "[]");
  live_helper_fixture_wait (fixture, "clone1", "Persistence", "ephemeral");
  live_window_assert_closed (fixture, "clone1", "recovered");
  live_assert_control (fixture, "Halted", "state clone1");
  live_assert_control (fixture, "False", "rw clone1 root");
  live_window_assert_open (fixture, "app1");
  use (fixture, "clone1");
  /* It can have one of its own. */
  live_window_open (fixture, "clone1", 60);
  live_window_assert_open (fixture, "clone1");
}

/* The policy changes while the window is open: what it is then counts. */
static void
test_policy_changed (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const struct
  {
    const char *policy;
    const char *private_rw;
    const char *root_rw;
  } table[] = {
    { "root", "True", "False" },
    { "persistent", "True", "True" },
    { "full", "False", "False" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_test_message ("%s", table[i].policy);
      g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "full"));
      live_window_open (fixture, "app1", 600);
      g_free (live_test_bed_control (fixture->bed, "reset-changes"));
      live_helper_fixture_set_policy (fixture, "app1", table[i].policy);
      live_assert_control (fixture, "Running", "state app1");
      live_assert_qube (fixture, "app1", "WindowState", "open");
      live_assert_qube (fixture, "app1", "Policy", table[i].policy);
      live_window_do (fixture, "app1", "ExtendWindow", seconds (60));
      live_window_do (fixture, "app1", "CloseWindow", kill_it (FALSE));
      live_helper_fixture_wait (fixture, "app1", "WindowState", "closed");
      live_assert_qube (fixture, "app1", "WindowOutcome", "kept");
      live_assert_qube (fixture, "app1", "Pending", "[]");
      live_assert_control (fixture, table[i].private_rw, "rw app1 private");
      live_assert_control (fixture, table[i].root_rw, "rw app1 root");
      live_assert_control (fixture, "False", "has-feature app1 live.window");
      live_assert_control (fixture, "False", "has-feature app1 service.live-window");
      use (fixture, "app1");
    }
}

/* ---- What is made from it. ---- */

/* What it was before its policy was applied is no other qube's. */
static void
assert_saved_is_own (LiveHelperFixture *fixture, const char *disposable)
{
  g_autofree char *has = live_test_bed_control (fixture->bed, "has-feature %s live.saved", disposable);
  g_autofree char *saved = g_str_equal (has, "True")
                               ? live_test_bed_control (fixture->bed, "get-feature %s live.saved", disposable)
                               : NULL;
  g_autofree char *own = g_strdup_printf ("of=%s ", disposable);

  if (saved != NULL && !g_str_has_prefix (saved, own))
    g_error ("%s has \"%s\"", disposable, saved);
}

/* A disposable has every feature of its template, and none of its windows. */
static void
test_disposables (LiveHelperFixture *fixture, gconstpointer dom0)
{
  gboolean is_lvm = g_strv_contains (dom0, "--lvm-thin");
  static const char *const features[] = { "live.window", "service.live-window", "live.preload-held" };
  g_autofree char *disposable = NULL;

  g_assert_true (live_helper_fixture_set_policy (fixture, DVM, "full"));
  live_window_open (fixture, DVM, 600);
  disposable = live_test_bed_control (fixture->bed, "create-disposable " DVM);
  for (guint i = 0; i < G_N_ELEMENTS (features); i++)
    {
      g_autofree char *command = g_strdup_printf ("has-feature %s %s", disposable, features[i]);

      live_helper_fixture_wait_control (fixture, command, "False");
    }
  live_helper_fixture_wait (fixture, disposable, "Pending", "[]");
  assert_saved_is_own (fixture, disposable);
  live_helper_fixture_wait (fixture, disposable, "WindowState", "closed");
  live_assert_qube (fixture, disposable, "WindowDeadline", "0");
  live_assert_qube (fixture, disposable, "WindowOutcome", "");
  live_assert_qube (fixture, disposable, "WindowRefusal", "disposable");
  live_window_refused (fixture, disposable, "OpenWindow", seconds (60), LIVE_ERROR_NOT_SUPPORTED, "");
  live_window_refused (fixture, disposable, "CloseWindow", kill_it (TRUE), LIVE_ERROR_NOT_FOUND, "");

  /* One that runs when the helper comes is not left with it either. */
  if (!is_lvm)
    {
      g_autofree char *running = NULL;

      live_test_bed_stop_helper (fixture->bed);
      running = live_test_bed_control (fixture->bed, "create-disposable " DVM);
      live_window_control (fixture, "start %s", running);
      live_assert_control (fixture, "True", "has-feature %s live.window", running);
      live_test_bed_start_helper (fixture->bed);
      live_helper_fixture_wait_synchronized (fixture);
      for (guint i = 0; i < G_N_ELEMENTS (features); i++)
        {
          g_autofree char *command = g_strdup_printf ("has-feature %s %s", running, features[i]);

          live_helper_fixture_wait_control (fixture, command, "False");
        }
      live_assert_qube (fixture, running, "State", "running");
      live_assert_qube (fixture, running, "WindowState", "closed");
      live_window_control (fixture, "kill %s", running);
    }
  /* Its own is not touched by that. */
  live_window_assert_open (fixture, DVM);
  live_test_bed_advance (fixture->bed, 601, 0);
  live_window_assert_closed (fixture, DVM, "kept");
  live_helper_fixture_wait (fixture, disposable, "State", "halted");
  use (fixture, "app1");
}

/* In an LVM thin pool its private volume cannot be changed under a running disposable. */
static void
test_disposable_runs (LiveHelperFixture *fixture, gconstpointer dom0)
{
  gboolean is_lvm = g_strv_contains (dom0, "--lvm-thin");

  g_assert_true (live_helper_fixture_set_policy (fixture, DVM, "full"));
  live_window_control (fixture, "start disp-named");
  live_helper_fixture_wait (fixture, "disp-named", "State", "running");
  if (is_lvm)
    {
      live_assert_qube (fixture, DVM, "WindowRefusal", "disposables-running");
      live_window_control (fixture, "reset-changes");
      live_window_refused (fixture, DVM, "OpenWindow", seconds (600), LIVE_ERROR_IN_USE, "shut them down");
      live_assert_control (fixture, "", "changes");
      live_window_control (fixture, "shutdown disp-named");
      live_helper_fixture_wait (fixture, DVM, "WindowRefusal", "");
    }
  live_window_open (fixture, DVM, 600);
  live_window_assert_open (fixture, DVM);
  live_window_do (fixture, DVM, "CloseWindow", kill_it (FALSE));
  live_window_assert_closed (fixture, DVM, "kept");
  live_assert_control (fixture, "", "notes");
}

/* It cannot be closed under one that was quicker: who asks hears so, and it closes when that has gone. */
static void
test_disposable_keeps_open (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_assert_true (live_helper_fixture_set_policy (fixture, DVM, "full"));
  live_window_open (fixture, DVM, 600);
  live_window_control (fixture, "fault admin.vm.volume.Set.rw+private@" DVM " error QubesException no room x1");
  live_window_control (fixture, "fault admin.vm.volume.Set.revisions_to_keep@" DVM " error QubesException no room x1");
  live_window_refused (fixture, DVM, "CloseWindow", kill_it (FALSE), LIVE_ERROR_QUBESD_ERROR, "no room");
  live_window_control (fixture, "start disp-named");
  live_helper_fixture_wait (fixture, "disp-named", "State", "running");
  live_window_refused (fixture, DVM, "CloseWindow", kill_it (FALSE), LIVE_ERROR_IN_USE, "disposable");
  live_assert_qube (fixture, DVM, "WindowState", "closing");
  live_window_control (fixture, "clear-faults");
  live_window_control (fixture, "shutdown disp-named");
  live_window_assert_closed (fixture, DVM, "kept");
}

static guint
count_preloaded (LiveHelperFixture *fixture)
{
  g_autofree char *names = live_test_bed_control (fixture->bed, "get-feature " DVM " preload-dispvm");
  g_auto (GStrv) list = g_strsplit (names, " ", -1);
  guint n = 0;

  for (guint i = 0; list[i] != NULL; i++)
    {
      g_autofree char *state = *list[i] != '\0' ? live_test_bed_control (fixture->bed, "state %s", list[i]) : NULL;

      n += g_strcmp0 (state, "Paused") == 0;
    }
  return n;
}

static void
wait_for_preloaded (LiveHelperFixture *fixture, guint count)
{
  gint64 end = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;

  while (count_preloaded (fixture) != count)
    g_assert_cmpint (g_get_monotonic_time (), <, end);
}

/* Those that are kept ready are sent away, and come back as the window leaves them. */
static void
test_preloaded (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autofree char *before = NULL, *after = NULL;
  g_auto (GStrv) names = NULL;

  g_assert_true (live_helper_fixture_set_policy (fixture, DVM, "full"));
  live_window_control (fixture, "feature " DVM " preload-dispvm-max 2");
  wait_for_preloaded (fixture, 2);
  before = live_test_bed_control (fixture->bed, "get-feature " DVM " preload-dispvm");
  names = g_strsplit (before, " ", -1);
  for (guint i = 0; names[i] != NULL; i++)
    live_helper_fixture_wait (fixture, names[i], "State", "paused");

  live_window_open (fixture, DVM, 600);
  live_window_assert_open (fixture, DVM);
  g_assert_cmpuint (count_preloaded (fixture), ==, 0);
  live_assert_control (fixture, "2", "get-feature " DVM " live.preload-held");
  live_assert_control (fixture, "0", "get-feature " DVM " preload-dispvm-max");
  live_test_bed_advance (fixture->bed, 601, 0);
  live_window_assert_closed (fixture, DVM, "kept");
  live_assert_control (fixture, "2", "get-feature " DVM " preload-dispvm-max");
  wait_for_preloaded (fixture, 2);
  after = live_test_bed_control (fixture->bed, "get-feature " DVM " preload-dispvm");
  g_assert_cmpstr (after, !=, before);
  g_strfreev (names);
  names = g_strsplit (after, " ", -1);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_assert_null (strstr (before, names[i]));
      live_assert_control (fixture, "False", "rw %s private", names[i]);
    }
  live_assert_control (fixture, "", "notes");

  /* A start that fails brings them back, too. */
  live_window_control (fixture, "fail-start " DVM);
  live_window_refused (fixture, DVM, "OpenWindow", seconds (600), LIVE_ERROR_QUBESD_ERROR, "");
  live_window_assert_closed (fixture, DVM, "failed");
  live_assert_control (fixture, "2", "get-feature " DVM " preload-dispvm-max");
  wait_for_preloaded (fixture, 2);
}

#define ADD(path, dom0, function)                                                                                      \
  g_test_add ("/window-changes/" path, LiveHelperFixture, dom0, open_fixture, function, close_fixture)

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
  ADD ("tampered", version_43, test_tampered);
  ADD ("record-removed/4.3", version_43, test_record_removed);
  ADD ("record-removed/lvm/4.3", lvm_43, test_record_removed);
  ADD ("spoilt", version_43, test_spoilt);
  ADD ("clone/4.3", version_43, test_clone);
  ADD ("clone/lvm/4.3", lvm_43, test_clone);
  ADD ("policy-changed/4.3", version_43, test_policy_changed);
  ADD ("policy-changed/lvm/4.4", lvm_44, test_policy_changed);
  ADD ("disposables/4.2", version_42, test_disposables);
  ADD ("disposables/4.3", version_43, test_disposables);
  ADD ("disposables/lvm/4.4", lvm_44, test_disposables);
  ADD ("disposable-runs/4.2", version_42, test_disposable_runs);
  ADD ("disposable-runs/lvm/4.3", lvm_43, test_disposable_runs);
  ADD ("disposable-runs/lvm/4.4", lvm_44, test_disposable_runs);
  ADD ("disposable-keeps-open/lvm/4.4", lvm_44, test_disposable_keeps_open);
  ADD ("preloaded/4.3", version_43, test_preloaded);
  ADD ("preloaded/lvm/4.3", lvm_43, test_preloaded);
  ADD ("preloaded/lvm/4.4", lvm_44, test_preloaded);
  ADD ("preloaded/4.4", version_44, test_preloaded);
  return g_test_run ();
}
