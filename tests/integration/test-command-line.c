/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* The command line as people type it, with everything behind it real but dom0. */

#include <json-glib/json-glib.h>
#include <string.h>

#include "helper-fixture.h"

#define EXIT_DONE 0
#define EXIT_FAILED 1
#define EXIT_USAGE 2
#define EXIT_NOT_AUTHORIZED 3
#define EXIT_UNREACHABLE 4
#define EXIT_PENDING 5

static const char *const version_42[] = { "--version", "4.2", NULL };
static const char *const version_43[] = { "--version", "4.3", NULL };

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

/* Runs `qubes-live WORDS` as the user @uid. */
static int
run (LiveHelperFixture *fixture, guint uid, const char *words, char **output, char **errors)
{
  g_autofree char *line = g_strconcat (g_getenv ("LIVE_CLI"), " ", words, NULL);
  g_auto (GStrv) argv = g_strsplit (line, " ", -1);
  g_autofree char *unused_output = NULL, *unused_errors = NULL;

  return live_test_bed_run (fixture->bed, uid, (const char *const *) argv, output != NULL ? output : &unused_output,
                            errors != NULL ? errors : &unused_errors);
}

static void
test_policy (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_assert_cmpint (run (fixture, 0, "qube app1 policy root", NULL, NULL), ==, EXIT_DONE);
  live_assert_control (fixture, "False", "rw app1 root");

  /* It survives a qubesd that forgets it, and a template that is set. */
  g_free (live_test_bed_control (fixture->bed, "restart"));
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "true");
  live_helper_fixture_wait_control (fixture, "rw app1 root", "False");
  g_free (live_test_bed_control (fixture->bed, "set-template app1 debian-12"));
  live_helper_fixture_wait_control (fixture, "rw app1 root", "False");

  g_assert_cmpint (run (fixture, 0, "qube app1 policy persistent", NULL, NULL), ==, EXIT_DONE);
  live_assert_control (fixture, "True", "rw app1 root");
}

static void
test_pending (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autofree char *output = NULL;

  g_free (live_test_bed_control (fixture->bed, "start app1"));
  live_helper_fixture_wait (fixture, "app1", "State", "running");
  g_assert_cmpint (run (fixture, 0, "qube app1 policy root", &output, NULL), ==, EXIT_PENDING);
  g_assert_nonnull (strstr (output, "app1"));
  live_assert_control (fixture, "True", "rw app1 root");
  g_free (live_test_bed_control (fixture->bed, "shutdown app1"));
  live_helper_fixture_wait_control (fixture, "rw app1 root", "False");
}

/* Nothing changes for who may not, and says so. */
static void
test_not_authorized (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const char *const commands[] = {
    "qube app1 policy root",
    "qube app1 volume root ro",
    "qube app1 volume private ro",
    "pool set bench ephemeral-volatile on",
  };
  static const guint uids[] = { LIVE_TEST_USER_UID, LIVE_TEST_STRANGER_UID };

  for (guint u = 0; u < G_N_ELEMENTS (uids); u++)
    for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
      {
        g_autofree char *errors = NULL;

        g_assert_cmpint (run (fixture, uids[u], commands[i], NULL, &errors), ==, EXIT_NOT_AUTHORIZED);
        g_assert_cmpstr (errors, !=, "");
      }
  live_assert_control (fixture, "True", "rw app1 root");
  live_assert_control (fixture, "True", "rw app1 private");
  live_assert_control (fixture, "False", "ephemeral app1");
  live_assert_control (fixture, "False", "has-feature app1 live.policy");
  live_assert_control (fixture, "False", "has-feature app1 live.saved");
}

/* A rule can allow one qube to one person, and no other. */
static void
test_rule (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_test_bed_set_polkit_rules (
      fixture->bed, "polkit.addRule(function(action, subject) {\n"
                    "  if (subject.user != \"live-test-user\") return polkit.Result.NOT_HANDLED;\n"
                    "  if (action.id == \"org.qubes.Live1.view\") return polkit.Result.YES;\n"
                    "  if (action.id == \"org.qubes.Live1.set-policy\" && action.lookup(\"qube\") == \"app1\")\n"
                    "    return polkit.Result.YES;\n"
                    "});\n");
  g_assert_cmpint (run (fixture, LIVE_TEST_USER_UID, "qube app1 policy root", NULL, NULL), ==, EXIT_DONE);
  live_assert_control (fixture, "False", "rw app1 root");
  g_assert_cmpint (run (fixture, LIVE_TEST_USER_UID, "qube app2 policy root", NULL, NULL), ==, EXIT_NOT_AUTHORIZED);
  live_assert_control (fixture, "True", "rw app2 root");
  g_assert_cmpint (run (fixture, LIVE_TEST_USER_UID, "qube app2 volume root ro", NULL, NULL), ==,
                   EXIT_NOT_AUTHORIZED);
  live_assert_control (fixture, "True", "rw app2 root");
}

/* Nobody who could be asked: nobody may, not even root. */
static void
test_without_polkit (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_test_bed_stop_polkitd (fixture->bed);
  g_assert_cmpint (run (fixture, LIVE_TEST_USER_UID, "qube app1 policy root", NULL, NULL), ==, EXIT_NOT_AUTHORIZED);
  g_assert_cmpint (run (fixture, 0, "qube app1 policy root", NULL, NULL), ==, EXIT_NOT_AUTHORIZED);
  live_assert_control (fixture, "True", "rw app1 root");
  live_assert_control (fixture, "False", "has-feature app1 live.policy");

  live_test_bed_start_polkitd (fixture->bed);
  g_assert_cmpint (run (fixture, 0, "qube app1 policy root", NULL, NULL), ==, EXIT_DONE);
}

static void
test_failures (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autofree char *errors = NULL;

  g_assert_cmpint (run (fixture, 0, "qube nosuch policy root", NULL, &errors), ==, EXIT_FAILED);
  g_assert_nonnull (strstr (errors, "nosuch"));
  g_assert_cmpint (run (fixture, 0, "qube debian-12 policy root", NULL, NULL), ==, EXIT_FAILED);
  g_assert_cmpint (run (fixture, 0, "pool set nosuch ephemeral-volatile on", NULL, NULL), ==, EXIT_FAILED);
  g_assert_cmpint (run (fixture, 0, "qube app1 policy none", NULL, NULL), ==, EXIT_USAGE);
  g_assert_cmpint (run (fixture, 0, "qube app1", NULL, NULL), ==, EXIT_USAGE);
  g_free (live_test_bed_control (fixture->bed, "start app1"));
  g_assert_cmpint (run (fixture, 0, "qube app1 volume private ro", NULL, NULL), ==, EXIT_FAILED);
  live_assert_control (fixture, "True", "rw app1 private");
}

static JsonObject *
get_qube (JsonObject *status, const char *name)
{
  JsonArray *qubes = json_object_get_array_member (status, "qubes");

  for (guint i = 0; i < json_array_get_length (qubes); i++)
    {
      JsonObject *qube = json_array_get_object_element (qubes, i);

      if (g_str_equal (json_object_get_string_member (qube, "name"), name))
        return qube;
    }
  g_error ("no qube %s in the status", name);
}

static JsonNode *
parse (const char *output)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (output, &error);

  g_assert_no_error (error);
  g_assert_true (JSON_NODE_HOLDS_OBJECT (node));
  return node;
}

static void
test_status (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autofree char *output = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *status = NULL, *qube = NULL, *window = NULL;

  g_free (live_test_bed_control (fixture->bed, "start app2"));
  live_helper_fixture_wait_manager (fixture, "Indicator", "persistent");
  g_assert_cmpint (run (fixture, 0, "qube app1 policy root", NULL, NULL), ==, EXIT_DONE);
  g_assert_cmpint (run (fixture, 0, "status --json", &output, NULL), ==, EXIT_DONE);
  node = parse (output);
  status = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (status, "indicator"), "state"), ==,
                   "persistent");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (status, "reasons")), >, 0);
  g_assert_true (json_object_has_member (status, "dom0"));
  /* dom0 is not one of them. */
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (status, "qubes")), ==, 11);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (status, "pools")), ==, 3);

  qube = get_qube (status, "app1");
  g_assert_cmpstr (json_object_get_string_member (qube, "class"), ==, "AppVM");
  g_assert_cmpstr (json_object_get_string_member (qube, "state"), ==, "halted");
  g_assert_cmpstr (json_object_get_string_member (qube, "label"), ==, "blue");
  g_assert_cmpstr (json_object_get_string_member (qube, "policy"), ==, "root");
  g_assert_cmpstr (json_object_get_string_member (qube, "persistence"), ==, "root-ephemeral");
  g_assert_cmpstr (json_object_get_string_member (qube, "evidence"), ==, "configured");
  g_assert_false (json_object_get_boolean_member (qube, "root_writable"));
  g_assert_true (json_object_get_boolean_member (qube, "private_writable"));
  g_assert_true (json_object_get_boolean_member (qube, "volatile_ephemeral"));
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (qube, "pending")), ==, 0);
  window = json_object_get_object_member (qube, "window");
  g_assert_cmpstr (json_object_get_string_member (window, "state"), ==, "closed");
  /* It runs, and nobody has looked at its devices. */
  g_assert_cmpstr (json_object_get_string_member (get_qube (status, "app2"), "evidence"), ==, "unknown");
}

static void
test_unreachable (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autofree char *output = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *status = NULL;

  /* qubesd away: what is known is printed all the same. */
  g_free (live_test_bed_control (fixture->bed, "stop"));
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "false");
  g_assert_cmpint (run (fixture, 0, "status --json", &output, NULL), ==, EXIT_UNREACHABLE);
  node = parse (output);
  status = json_node_get_object (node);
  g_assert_cmpstr (json_object_get_string_member (json_object_get_object_member (status, "indicator"), "state"), ==,
                   "unknown");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (status, "qubes")), ==, 11);
  g_assert_cmpint (run (fixture, 0, "qube app1 policy root", NULL, NULL), ==, EXIT_UNREACHABLE);
  g_free (live_test_bed_control (fixture->bed, "listen"));
  live_helper_fixture_wait_synchronized (fixture);
  live_assert_control (fixture, "True", "rw app1 root");

  /* The helper away. */
  live_test_bed_stop_helper (fixture->bed);
  g_assert_cmpint (run (fixture, 0, "status", NULL, NULL), ==, EXIT_UNREACHABLE);
  g_assert_cmpint (run (fixture, 0, "qube app1 policy root", NULL, NULL), ==, EXIT_UNREACHABLE);
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
  ADD ("/command-line/policy/4.2", version_42, test_policy);
  ADD ("/command-line/policy/4.3", version_43, test_policy);
  ADD ("/command-line/pending", version_43, test_pending);
  ADD ("/command-line/not-authorized", version_43, test_not_authorized);
  ADD ("/command-line/rule", version_43, test_rule);
  ADD ("/command-line/without-polkit", version_43, test_without_polkit);
  ADD ("/command-line/failures", version_43, test_failures);
  ADD ("/command-line/status", version_43, test_status);
  ADD ("/command-line/unreachable", version_43, test_unreachable);
  return g_test_run ();
}
