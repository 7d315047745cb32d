/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* The guide's unit: seen while it comes, changes and goes, and turned into policies. */

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper-fixture.h"
#include "model/error.h"
#include "model/object-path.h"
#include "stand-in-systemd.h"

#define WAIT_SECONDS 20
#define UNITS "/etc/systemd/system"
#define RW UNITS "/rw.service"
#define SET "ExecStart=/usr/bin/qvm-volume config "
#define NONE "('', false, [], 0)"
#define NOT_AUTHORIZED "org.qubes.Live1.Error.NotAuthorized"
#define NOT_FOUND "org.qubes.Live1.Error.NotFound"
#define NOT_SUPPORTED "org.qubes.Live1.Error.NotSupported"

static const char *const version_43[] = { "--version", "4.3", NULL };
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

/* ---- Files below the root. ---- */

static char *
get_path (LiveHelperFixture *fixture, const char *name)
{
  return g_strconcat (live_test_bed_get_root (fixture->bed), name, NULL);
}

static void
make_directory_of (const char *path)
{
  g_autofree char *directory = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
}

static void
write_unit (LiveHelperFixture *fixture, const char *name, const char *commands)
{
  g_autofree char *path = get_path (fixture, name);
  g_autofree char *text = g_strconcat ("[Service]\nType=oneshot\n", commands, NULL);
  g_autoptr (GError) error = NULL;

  make_directory_of (path);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
link_unit (LiveHelperFixture *fixture, const char *name, const char *target)
{
  g_autofree char *path = get_path (fixture, name);

  make_directory_of (path);
  g_assert_cmpint (symlink (target, path), ==, 0);
}

static void
remove_unit (LiveHelperFixture *fixture, const char *name)
{
  g_autofree char *path = get_path (fixture, name);

  g_assert_cmpint (g_remove (path), ==, 0);
}

static char *
read_unit (LiveHelperFixture *fixture, const char *name)
{
  g_autofree char *path = get_path (fixture, name);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

/* ---- The property and the method. ---- */

static char *
get_guide_unit (LiveHelperFixture *fixture)
{
  g_autoptr (GVariant) unit
      = live_helper_fixture_get (fixture, LIVE_OBJECT_ROOT "/dom0", LIVE_BUS_NAME ".Dom0", "GuideUnit");

  return unit != NULL ? g_variant_print (unit, FALSE) : g_strdup ("(no answer)");
}

static void
wait_unit (LiveHelperFixture *fixture, const char *expected)
{
  gint64 end = g_get_monotonic_time () + WAIT_SECONDS * G_TIME_SPAN_SECOND;
  g_autofree char *is = NULL;

  do
    {
      g_free (is);
      is = get_guide_unit (fixture);
      if (g_str_equal (is, expected))
        return;
      g_main_context_iteration (NULL, FALSE);
      g_usleep (2000);
    }
  while (g_get_monotonic_time () < end);
  g_error ("the unit is %s, and not %s within %d seconds", is, expected, WAIT_SECONDS);
}

typedef struct
{
  GVariant *values;
  GError *error;
  gboolean done;
} Answer;

static void
on_answer (GObject *bus, GAsyncResult *result, gpointer data)
{
  Answer *answer = data;

  answer->values = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &answer->error);
  answer->done = TRUE;
}

static gboolean
is_done (gpointer data)
{
  return ((Answer *) data)->done;
}

static void
begin_take_over (GDBusConnection *caller, Answer *answer)
{
  g_dbus_connection_call (caller, LIVE_BUS_NAME, LIVE_OBJECT_ROOT, LIVE_BUS_NAME ".Manager", "TakeOver", NULL,
                          G_VARIANT_TYPE ("(a(sss)b)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, 60000, NULL, on_answer,
                          answer);
}

/* The answer as text; that of an error is its name. */
static char *
finish_take_over (Answer *answer)
{
  char *text = NULL;

  g_assert_true (live_test_wait (is_done, answer, 70));
  text = answer->values != NULL ? g_variant_print (answer->values, FALSE) : g_dbus_error_encode_gerror (answer->error);
  g_clear_pointer (&answer->values, g_variant_unref);
  g_clear_error (&answer->error);
  return text;
}

static char *
take_over (GDBusConnection *caller)
{
  Answer answer = { 0 };

  begin_take_over (caller, &answer);
  return finish_take_over (&answer);
}

static void
assert_take_over (LiveHelperFixture *fixture, const char *expected)
{
  g_autofree char *is = take_over (fixture->bus);

  g_assert_cmpstr (is, ==, expected);
}

static LiveStandInSystemd *
start_systemd (LiveHelperFixture *fixture)
{
  return live_stand_in_systemd_new (fixture->bus, live_test_bed_get_root (fixture->bed));
}

/* A unit that is enabled and seen. */
static void
install (LiveHelperFixture *fixture, const char *commands, const char *expected)
{
  write_unit (fixture, RW, commands);
  link_unit (fixture, UNITS "/multi-user.target.wants/rw.service", "../rw.service");
  wait_unit (fixture, expected);
}

/* ---- Seeing it. ---- */

static void
test_comes_and_goes (LiveHelperFixture *fixture, gconstpointer dom0)
{
  /* Not even its directory is there at first. */
  wait_unit (fixture, NONE);
  write_unit (fixture, RW, SET "app1:root rw False\n");
  wait_unit (fixture, "('" RW "', false, [('app1', 'root', false)], 0)");
  link_unit (fixture, UNITS "/multi-user.target.wants/rw.service", UNITS "/rw.service");
  wait_unit (fixture, "('" RW "', true, [('app1', 'root', false)], 0)");

  write_unit (fixture, RW, SET "app1:root rw False\n" SET "app1:private rw no\nExecStart=/usr/bin/true\n");
  wait_unit (fixture, "('" RW "', true, [('app1', 'root', false), ('app1', 'private', false)], 1)");
  write_unit (fixture, RW ".d/more.conf", SET "app2:root rw 0\n");
  wait_unit (fixture, "('" RW "', true, [('app1', 'root', false), ('app1', 'private', false), "
                      "('app2', 'root', false)], 1)");
  write_unit (fixture, RW ".d/more.conf", "ExecStart=\n" SET "app3:root rw 0\n");
  wait_unit (fixture, "('" RW "', true, [('app3', 'root', false)], 0)");
  remove_unit (fixture, RW ".d/more.conf");
  wait_unit (fixture, "('" RW "', true, [('app1', 'root', false), ('app1', 'private', false)], 1)");

  remove_unit (fixture, UNITS "/multi-user.target.wants/rw.service");
  wait_unit (fixture, "('" RW "', false, [('app1', 'root', false), ('app1', 'private', false)], 1)");
  link_unit (fixture, UNITS "/qubes-core.service.requires/rw.service", "../rw.service");
  wait_unit (fixture, "('" RW "', true, [('app1', 'root', false), ('app1', 'private', false)], 1)");
  remove_unit (fixture, RW);
  wait_unit (fixture, NONE);
}

static void
test_other_units (LiveHelperFixture *fixture, gconstpointer dom0)
{
  /* By another name, and what is enabled comes first. */
  write_unit (fixture, UNITS "/b-live.service", SET "app2:root rw False\n");
  wait_unit (fixture, "('" UNITS "/b-live.service', false, [('app2', 'root', false)], 0)");
  write_unit (fixture, RW, SET "app1:root rw False\n");
  wait_unit (fixture, "('" RW "', false, [('app1', 'root', false)], 0)");
  link_unit (fixture, UNITS "/multi-user.target.wants/b-live.service", "../b-live.service");
  wait_unit (fixture, "('" UNITS "/b-live.service', true, [('app2', 'root', false)], 0)");
  link_unit (fixture, UNITS "/multi-user.target.wants/rw.service", "../rw.service");
  wait_unit (fixture, "('" RW "', true, [('app1', 'root', false)], 0)");

  /* What makes nothing read-only is none. */
  write_unit (fixture, RW, SET "app1:root rw True\n");
  wait_unit (fixture, "('" UNITS "/b-live.service', true, [('app2', 'root', false)], 0)");
}

/* Files that are not what they should be are no units, and one after them is found all the same. */
static void
test_hostile_files (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autofree char *outside = g_build_filename (live_test_bed_get_directory (fixture->bed), "outside.service", NULL);
  g_autofree char *pipe = get_path (fixture, UNITS "/pipe.service");
  g_autofree char *binary = get_path (fixture, UNITS "/binary.service");
  g_autofree char *huge = g_strnfill (70000, '\n');
  g_autofree char *huge_commands = g_strconcat (SET "app1:root rw False", huge, NULL);
  static const char nul[] = "[Service]\n" SET "app1:root rw False\n\0";

  g_assert_true (g_file_set_contents (outside, "[Service]\n" SET "app1:root rw False\n", -1, NULL));
  write_unit (fixture, UNITS "/huge.service", huge_commands);
  g_assert_true (g_file_set_contents (binary, nul, sizeof nul, NULL));
  link_unit (fixture, RW, outside);
  link_unit (fixture, UNITS "/link.service", "zz.service");
  link_unit (fixture, UNITS "/loop.service", "loop.service");
  link_unit (fixture, UNITS "/multi-user.target.wants/rw.service", "../rw.service");
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  write_unit (fixture, UNITS "/directory.service/x", "");
  write_unit (fixture, UNITS "/zz.service", SET "app2:root rw False\n");
  wait_unit (fixture, "('" UNITS "/zz.service', false, [('app2', 'root', false)], 0)");

  /* A file in the place of a link enables nothing. */
  write_unit (fixture, UNITS "/multi-user.target.wants/zz.service", "");
  write_unit (fixture, UNITS "/zz.service", SET "app3:root rw False\n");
  wait_unit (fixture, "('" UNITS "/zz.service', false, [('app3', 'root', false)], 0)");
  remove_unit (fixture, UNITS "/zz.service");
  wait_unit (fixture, NONE);
}

static void
test_at_start (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_test_bed_stop_helper (fixture->bed);
  write_unit (fixture, RW, SET "app1:root rw False\n");
  live_test_bed_start_helper (fixture->bed);
  wait_unit (fixture, "('" RW "', false, [('app1', 'root', false)], 0)");
  /* The directory itself goes and comes. */
  remove_unit (fixture, RW);
  remove_unit (fixture, UNITS);
  remove_unit (fixture, "/etc/systemd");
  wait_unit (fixture, NONE);
  write_unit (fixture, RW, SET "app2:root rw False\n");
  wait_unit (fixture, "('" RW "', false, [('app2', 'root', false)], 0)");
}

/* ---- Taking over. ---- */

static void
test_success (LiveHelperFixture *fixture, gconstpointer dom0)
{
  LiveStandInSystemd *systemd = start_systemd (fixture);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *unit = NULL;

  install (fixture,
           SET "app1:root rw False\nExecStart=/bin/sh -c 'qvm-volume config app2:root rw 0; "
               "qvm-volume config app3:root rw 0'\n",
           "('" RW "', true, [('app1', 'root', false), ('app2', 'root', false), ('app3', 'root', false)], 0)");
  before = read_unit (fixture, RW);
  g_free (live_test_bed_control (fixture->bed, "start app2"));
  live_helper_fixture_wait (fixture, "app2", "State", "running");
  assert_take_over (fixture, "([('app1', 'root', 'applied'), ('app2', 'root', 'waiting'), ('app3', 'root', "
                             "'applied')], true)");

  /* When the method returns, everything says so already. */
  unit = get_guide_unit (fixture);
  g_assert_true (g_str_has_prefix (unit, "('" RW "', false, "));
  live_assert_qube (fixture, "app1", "Policy", "root");
  live_assert_control (fixture, "root", "get-feature app1 live.policy");
  live_assert_control (fixture, "False", "rw app1 root");
  live_assert_control (fixture, "True", "rw app1 private");
  live_assert_control (fixture, "False", "rw app3 root");
  live_assert_control (fixture, "True", "rw app2 root");
  live_assert_control (fixture, "root", "get-feature app2 live.policy");
  live_assert_control (fixture, "False", "has-feature app4 live.policy");
  g_assert_cmpstr (live_stand_in_systemd_get_calls (systemd), ==, "DisableUnitFiles(['rw.service'], false) Reload() ");
  after = read_unit (fixture, RW);
  g_assert_cmpstr (after, ==, before);
  live_stand_in_systemd_free (systemd);
}

/* By its own name, also where that is not the guide's. */
static void
test_other_name (LiveHelperFixture *fixture, gconstpointer dom0)
{
  LiveStandInSystemd *systemd = start_systemd (fixture);

  write_unit (fixture, UNITS "/my live.service", SET "app1:root rw False\n");
  link_unit (fixture, UNITS "/multi-user.target.wants/my live.service", "../my live.service");
  wait_unit (fixture, "('" UNITS "/my live.service', true, [('app1', 'root', false)], 0)");
  assert_take_over (fixture, "([('app1', 'root', 'applied')], true)");
  g_assert_cmpstr (live_stand_in_systemd_get_calls (systemd), ==,
                   "DisableUnitFiles(['my live.service'], false) Reload() ");
  live_stand_in_systemd_free (systemd);
}

typedef struct
{
  const char *name;
  const char *commands;
  const char *seen;
  const char *expected;
} LeftCase;

/* The rest becomes a policy, and the unit stays enabled for what cannot. */
static const LeftCase left_cases[] = {
  { "unknown-qube", SET "gone:root rw False\n" SET "app1:root rw False\n",
    "('" RW "', true, [('gone', 'root', false), ('app1', 'root', false)], 0)",
    "([('gone', '', '" NOT_FOUND "'), ('app1', 'root', 'applied')], false)" },
  { "dom0", SET "app1:root rw False\n" SET "dom0:root rw False\n",
    "('" RW "', true, [('app1', 'root', false), ('dom0', 'root', false)], 0)",
    "([('app1', 'root', 'applied'), ('dom0', '', '" NOT_FOUND "')], false)" },
  { "template", SET "debian-12:root rw False\n" SET "app1:root rw False\n",
    "('" RW "', true, [('debian-12', 'root', false), ('app1', 'root', false)], 0)",
    "([('debian-12', 'persistent', '" NOT_SUPPORTED "'), ('app1', 'root', 'applied')], false)" },
  { "private-alone", SET "app2:private rw False\n" SET "app1:root rw False\n",
    "('" RW "', true, [('app2', 'private', false), ('app1', 'root', false)], 0)",
    "([('app2', 'persistent', '" NOT_SUPPORTED "'), ('app1', 'root', 'applied')], false)" },
  { "taken-back", SET "app2:root rw False\n" SET "app2:root rw True\n" SET "app1:root rw False\n",
    "('" RW "', true, [('app2', 'root', false), ('app2', 'root', true), ('app1', 'root', false)], 0)",
    "([('app2', 'persistent', '" NOT_SUPPORTED "'), ('app1', 'root', 'applied')], false)" },
  { "other-command", SET "app1:root rw False\nExecStart=/usr/bin/true\n",
    "('" RW "', true, [('app1', 'root', false)], 1)", "([('app1', 'root', 'applied')], false)" },
  { "other-script", SET "app1:root rw False\nExecStart=/bin/sh -c 'for q in a b; do true; done'\n",
    "('" RW "', true, [('app1', 'root', false)], 1)", "([('app1', 'root', 'applied')], false)" },
};

static void
test_left (LiveHelperFixture *fixture, gconstpointer dom0)
{
  LiveStandInSystemd *systemd = start_systemd (fixture);

  link_unit (fixture, UNITS "/multi-user.target.wants/rw.service", "../rw.service");
  for (guint i = 0; i < G_N_ELEMENTS (left_cases); i++)
    {
      const LeftCase *row = &left_cases[i];

      g_test_message ("%s", row->name);
      live_helper_fixture_set_policy (fixture, "app1", "persistent");
      write_unit (fixture, RW, row->commands);
      wait_unit (fixture, row->seen);
      assert_take_over (fixture, row->expected);
      live_assert_control (fixture, "False", "rw app1 root");
      live_assert_control (fixture, "True", "rw app2 root");
      live_assert_control (fixture, "True", "rw debian-12 root");
      wait_unit (fixture, row->seen);
    }
  g_assert_cmpstr (live_stand_in_systemd_get_calls (systemd), ==, "");
  live_stand_in_systemd_free (systemd);
}

/* Root and private are the policy full, wherever this qube can have it. */
static void
test_full (LiveHelperFixture *fixture, gconstpointer dom0)
{
  LiveStandInSystemd *systemd = start_systemd (fixture);
  g_autoptr (GVariant) policies = live_helper_fixture_get_qube (fixture, "app1", "Policies");
  g_autofree const char **names = g_variant_get_strv (policies, NULL);

  install (fixture, SET "app1:root rw False\n" SET "app1:private rw False\n",
           "('" RW "', true, [('app1', 'root', false), ('app1', 'private', false)], 0)");
  if (g_strv_contains (names, "full"))
    {
      assert_take_over (fixture, "([('app1', 'full', 'applied')], true)");
      live_assert_control (fixture, "False", "rw app1 root");
      live_assert_control (fixture, "False", "rw app1 private");
    }
  else
    {
      assert_take_over (fixture, "([('app1', 'persistent', '" NOT_SUPPORTED "')], false)");
      live_assert_control (fixture, "True", "rw app1 root");
      g_assert_cmpstr (live_stand_in_systemd_get_calls (systemd), ==, "");
    }
  live_stand_in_systemd_free (systemd);
}

/* Where it cannot, nothing weaker takes its place. */
static void
test_full_refused (LiveHelperFixture *fixture, gconstpointer dom0)
{
  LiveStandInSystemd *systemd = start_systemd (fixture);

  install (fixture, SET "app1:root rw False\n" SET "app1:private rw False\n",
           "('" RW "', true, [('app1', 'root', false), ('app1', 'private', false)], 0)");
  assert_take_over (fixture, "([('app1', 'persistent', '" NOT_SUPPORTED "')], false)");
  live_assert_control (fixture, "True", "rw app1 root");
  live_assert_control (fixture, "True", "rw app1 private");
  live_assert_control (fixture, "False", "has-feature app1 live.policy");
  g_assert_cmpstr (live_stand_in_systemd_get_calls (systemd), ==, "");
  live_stand_in_systemd_free (systemd);
}

static void
test_systemd (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const char seen[] = "('" RW "', true, [('app1', 'root', false)], 0)";
  LiveStandInSystemd *systemd = NULL;

  install (fixture, SET "app1:root rw False\n", seen);
  /* Absent. */
  assert_take_over (fixture, "([('app1', 'root', 'applied')], false)");
  live_assert_control (fixture, "False", "rw app1 root");
  wait_unit (fixture, seen);

  systemd = start_systemd (fixture);
  live_stand_in_systemd_refuse (systemd, "org.freedesktop.DBus.Error.AccessDenied");
  assert_take_over (fixture, "([('app1', 'root', 'applied')], false)");
  g_assert_cmpstr (live_stand_in_systemd_get_calls (systemd), ==, "DisableUnitFiles(['rw.service'], false) ");
  live_assert_qube (fixture, "app1", "Policy", "root");
  wait_unit (fixture, seen);

  /* The links are gone, whatever it thinks of reading its files again. */
  live_stand_in_systemd_refuse (systemd, NULL);
  live_stand_in_systemd_refuse_reload (systemd, "org.freedesktop.DBus.Error.AccessDenied");
  assert_take_over (fixture, "([('app1', 'root', 'applied')], true)");
  wait_unit (fixture, "('" RW "', false, [('app1', 'root', false)], 0)");
  live_stand_in_systemd_free (systemd);
}

static void
test_none (LiveHelperFixture *fixture, gconstpointer dom0)
{
  LiveStandInSystemd *systemd = start_systemd (fixture);

  assert_take_over (fixture, NOT_FOUND);
  write_unit (fixture, RW, "ExecStart=/usr/bin/true\n");
  assert_take_over (fixture, NOT_FOUND);
  /* Read when it is asked for, whatever was seen before. */
  write_unit (fixture, RW, SET "app1:root rw False\n");
  assert_take_over (fixture, "([('app1', 'root', 'applied')], true)");
  live_stand_in_systemd_free (systemd);
}

/* What was added while the policies were set has nobody's policy. */
static void
test_changed_meanwhile (LiveHelperFixture *fixture, gconstpointer dom0)
{
  LiveStandInSystemd *systemd = start_systemd (fixture);
  g_autofree char *is = NULL;
  Answer answer = { 0 };

  install (fixture, SET "app1:root rw False\n", "('" RW "', true, [('app1', 'root', false)], 0)");
  g_free (live_test_bed_control (fixture->bed, "reset-counts"));
  g_free (live_test_bed_control (fixture->bed, "delay admin.vm.feature.Set 1500"));
  begin_take_over (fixture->bus, &answer);
  live_helper_fixture_wait_control (fixture, "count admin.vm.feature.Set", "1");
  g_assert_false (answer.done);
  write_unit (fixture, RW, SET "app1:root rw False\n" SET "app2:root rw False\n");
  is = finish_take_over (&answer);
  g_assert_cmpstr (is, ==, "([('app1', 'root', 'applied')], false)");
  g_assert_cmpstr (live_stand_in_systemd_get_calls (systemd), ==, "");
  live_assert_control (fixture, "True", "rw app2 root");
  live_stand_in_systemd_free (systemd);
}

static void
assert_refused (LiveHelperFixture *fixture, GDBusConnection *caller, const char *refusal, LiveStandInSystemd *systemd)
{
  g_autofree char *is = take_over (caller);

  g_assert_cmpstr (is, ==, refusal);
  live_assert_control (fixture, "True", "rw app1 root");
  live_assert_control (fixture, "False", "has-feature app1 live.policy");
  g_assert_cmpstr (live_stand_in_systemd_get_calls (systemd), ==, "");
  wait_unit (fixture, "('" RW "', true, [('app1', 'root', false)], 0)");
}

static void
test_not_authorized (LiveHelperFixture *fixture, gconstpointer dom0)
{
  LiveStandInSystemd *systemd = start_systemd (fixture);
  g_autoptr (GDBusConnection) user = live_test_bed_connect (fixture->bed, LIVE_TEST_USER_UID);
  g_autoptr (GDBusConnection) stranger = live_test_bed_connect (fixture->bed, LIVE_TEST_STRANGER_UID);
  g_autofree char *allowed = NULL;

  install (fixture, SET "app1:root rw False\n", "('" RW "', true, [('app1', 'root', false)], 0)");
  assert_refused (fixture, user, NOT_AUTHORIZED, systemd);
  /* The bus itself lets nobody but root and the group qubes call. */
  assert_refused (fixture, stranger, "org.freedesktop.DBus.Error.AccessDenied", systemd);
  /* To set policies is not enough. */
  live_test_bed_set_polkit_rules (fixture->bed, "polkit.addRule(function(action, subject) {\n"
                                                "  return action.id == \"org.qubes.Live1.manage-boot\" ?\n"
                                                "    polkit.Result.NO : polkit.Result.YES;\n"
                                                "});\n");
  assert_refused (fixture, user, NOT_AUTHORIZED, systemd);
  live_test_bed_set_polkit_rules (fixture->bed, "polkit.addRule(function(action, subject) {\n"
                                                "  return action.id == \"org.qubes.Live1.manage-boot\" &&\n"
                                                "    subject.user == \"live-test-user\" ?\n"
                                                "    polkit.Result.YES : polkit.Result.NOT_HANDLED;\n"
                                                "});\n");
  allowed = take_over (user);
  g_assert_cmpstr (allowed, ==, "([('app1', 'root', 'applied')], true)");
  live_stand_in_systemd_free (systemd);
}

static void
test_without_polkit (LiveHelperFixture *fixture, gconstpointer dom0)
{
  LiveStandInSystemd *systemd = start_systemd (fixture);
  g_autofree char *is = NULL;

  install (fixture, SET "app1:root rw False\n", "('" RW "', true, [('app1', 'root', false)], 0)");
  live_test_bed_stop_polkitd (fixture->bed);
  is = take_over (fixture->bus);
  g_assert_cmpstr (is, ==, NOT_AUTHORIZED);
  live_assert_control (fixture, "True", "rw app1 root");
  g_assert_cmpstr (live_stand_in_systemd_get_calls (systemd), ==, "");
  live_stand_in_systemd_free (systemd);
}

#define ADD(path, dom0, function) g_test_add (path, LiveHelperFixture, dom0, open_fixture, function, close_fixture)

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
  ADD ("/take-over/comes-and-goes", version_43, test_comes_and_goes);
  ADD ("/take-over/other-units", version_43, test_other_units);
  ADD ("/take-over/hostile-files", version_43, test_hostile_files);
  ADD ("/take-over/at-start", version_43, test_at_start);
  ADD ("/take-over/success", version_43, test_success);
  ADD ("/take-over/other-name", version_43, test_other_name);
  ADD ("/take-over/left", version_43, test_left);
  ADD ("/take-over/full", version_43, test_full);
  ADD ("/take-over/full-refused", lvm_42, test_full_refused);
  ADD ("/take-over/systemd", version_43, test_systemd);
  ADD ("/take-over/none", version_43, test_none);
  ADD ("/take-over/changed-meanwhile", version_43, test_changed_meanwhile);
  ADD ("/take-over/not-authorized", version_43, test_not_authorized);
  ADD ("/take-over/without-polkit", version_43, test_without_polkit);
  return g_test_run ();
}
