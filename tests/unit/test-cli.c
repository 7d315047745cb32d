/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* Runs the real qubes-live against a helper that is only a mock: what it prints, and what it exits with. */

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <json-glib/json-glib.h>

#include "cli-run.h"
#include "model/error.h"

static JsonNode *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = json_from_string (text, &error);

  g_assert_no_error (error);
  g_assert_nonnull (node);
  return node;
}

static const char *
get_indicator_state (JsonObject *root)
{
  return json_object_get_string_member (json_object_get_object_member (root, "indicator"), "state");
}

static JsonObject *
find_named (JsonArray *array, const char *name)
{
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = json_array_get_object_element (array, i);

      if (g_strcmp0 (json_object_get_string_member (object, "name"), name) == 0)
        return object;
    }
  g_error ("There is no “%s”", name);
}

static void
assert_string (JsonObject *object, const char *member, const char *expected)
{
  g_assert_cmpstr (json_object_get_string_member (object, member), ==, expected);
}

static void
assert_boolean (JsonObject *object, const char *member, gboolean expected)
{
  g_assert_true (json_object_has_member (object, member));
  g_assert_cmpint (json_object_get_boolean_member (object, member), ==, expected);
}

static void
test_usage (void)
{
  static const char *const rows[] = {
    "",
    "dance",
    "--colour",
    "status --colour",
    "status more",
    "qube",
    "qube app1",
    "qube app1 policy",
    "qube app1 policy none",
    "qube app1 policy root more",
    "qube app1 policy root --kill",
    "qube app1 volume root",
    "qube app1 volume volatile rw",
    "qube app1 volume root maybe",
    "qube app1 colour red",
    "qube --json app1 policy root",
    "pool",
    "pool show",
    "pool list more",
    "pool set p ephemeral-volatile",
    "pool set p ephemeral-volatile yes",
    "pool set p colour on",
    "pool set p ephemeral-volatile on --json",
    "posture more",
    "posture --json more",
    "monitor more",
    "status --wait",
    "status --wait soon",
    "status --wait -1",
    "status --wait 1e9",
    "status --wait nan",
    "-- --help",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      /* There is no such bus: a verb that asks the helper before it checks its words would exit with 4. */
      g_auto (LiveRun) run = live_run_at ("unix:path=/nowhere", rows[i]);

      g_test_message ("%s", rows[i]);
      g_assert_cmpint (run.code, ==, 2);
      g_assert_cmpstr (run.out, ==, "");
      live_assert_contains (run.err, "--help");
    }
}

static void
test_help (void)
{
  g_auto (LiveRun) help = live_run_at ("unix:path=/nowhere", "--help");
  g_auto (LiveRun) verb_help = live_run_at ("unix:path=/nowhere", "status --help");
  g_auto (LiveRun) version = live_run_at ("unix:path=/nowhere", "--version");

  g_assert_cmpint (help.code, ==, 0);
  g_assert_cmpstr (help.err, ==, "");
  live_assert_contains (help.out, "qube NAME policy persistent|root|full");
  live_assert_contains (help.out, "pool set NAME ephemeral-volatile on|off");
  g_assert_cmpint (verb_help.code, ==, 0);
  g_assert_cmpint (version.code, ==, 0);
  g_assert_true (g_str_has_prefix (version.out, "qubes-live "));
}

static void
assert_unreachable (const char *address)
{
  static const char *const verbs[] = { "status",
                                       "posture",
                                       "pool list",
                                       "qube app1 policy root",
                                       "qube app1 volume root ro",
                                       "pool set p ephemeral-volatile on" };
  g_auto (LiveRun) json = live_run_at (address, "status --json");
  g_autoptr (JsonNode) root = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      g_auto (LiveRun) run = live_run_at (address, verbs[i]);

      g_assert_cmpint (run.code, ==, 4);
      g_assert_cmpstr (run.out, ==, "");
      live_assert_contains (run.err, "systemctl");
    }
  g_assert_cmpint (json.code, ==, 4);
  g_assert_cmpstr (json.err, !=, "");
  root = parse (json.out);
  g_assert_cmpstr (get_indicator_state (json_node_get_object (root)), ==, "unknown");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (json_node_get_object (root), "qubes")), ==, 0);
}

static void
test_no_bus (void)
{
  assert_unreachable ("unix:path=/nowhere");
}

static void
test_no_helper (LiveFixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->service, live_mock_service_free);
  assert_unreachable (live_mock_bus_get_address (fixture->bus));
}

static void
test_view_refused (LiveFixture *fixture, gconstpointer data)
{
  static const char *const verbs[]
      = { "status", "status --json", "posture", "posture --json", "pool list", "monitor", "qube app1 policy root" };

  live_mock_service_refuse_view (fixture->service, TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      g_auto (LiveRun) run = live_run_cli (fixture, verbs[i]);

      g_assert_cmpint (run.code, ==, 3);
      live_assert_contains (run.err, getuid () == 0 ? "polkit" : "sudo");
    }
}

static void
test_policy (LiveFixture *fixture, gconstpointer data)
{
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");
  g_auto (LiveRun) root = { 0 };
  g_auto (LiveRun) persistent = { 0 };
  g_auto (LiveRun) pending = { 0 };

  root = live_run_cli (fixture, "qube work policy root");
  g_assert_cmpint (root.code, ==, 0);
  live_assert_contains (root.out, "work");
  g_assert_cmpstr (root.err, ==, "");
  live_assert_calls (fixture, "work SetPolicy 'root'");

  persistent = live_run_cli (fixture, "qube work policy persistent");
  g_assert_cmpint (persistent.code, ==, 0);
  live_assert_calls (fixture, "work SetPolicy 'persistent'");

  live_bus_qube_set_state (work, "running");
  pending = live_run_cli (fixture, "qube work policy root");
  g_assert_cmpint (pending.code, ==, 5);
  g_assert_cmpstr (pending.out, ==, "work is running. The change takes effect when it shuts down.\n");
  live_assert_calls (fixture, "work SetPolicy 'root'");
}

static void
test_volume (LiveFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *words;
    const char *calls;
    const char *out;
  } rows[] = {
    { "root ro", "work SetVolumeWritable 'root' false", "read-only" },
    { "root rw", "work SetVolumeWritable 'root' true", "writable" },
    { "private ro", "work SetVolumeWritable 'private' false", "read-only" },
    { "private rw", "work SetVolumeWritable 'private' true", "writable" },
  };

  live_mock_service_add_qube (fixture->service, "work");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *command_line = g_strdup_printf ("qube work volume %s", rows[i].words);
      g_auto (LiveRun) run = live_run_cli (fixture, command_line);

      g_assert_cmpint (run.code, ==, 0);
      live_assert_contains (run.out, rows[i].out);
      live_assert_calls (fixture, rows[i].calls);
    }
}

static void
test_errors (LiveFixture *fixture, gconstpointer data)
{
  static const struct
  {
    int error;
    int code;
  } rows[] = {
    { LIVE_ERROR_FAILED, 1 },       { LIVE_ERROR_NOT_AUTHORIZED, 3 }, { LIVE_ERROR_NOT_HALTED, 1 },
    { LIVE_ERROR_NOT_FOUND, 1 },    { LIVE_ERROR_NOT_SUPPORTED, 1 },  { LIVE_ERROR_QUBESD_UNREACHABLE, 4 },
    { LIVE_ERROR_QUBESD_ERROR, 1 }, { LIVE_ERROR_PROTOCOL, 1 },       { LIVE_ERROR_BUSY, 1 },
  };
  static const char *const verbs[]
      = { "qube work policy root", "qube work volume private ro", "pool set vm-pool ephemeral-volatile on" };

  live_mock_service_add_qube (fixture->service, "work");
  live_mock_service_add_pool (fixture->service, "vm-pool");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    for (gsize verb = 0; verb < G_N_ELEMENTS (verbs); verb++)
      {
        g_auto (LiveRun) run = { 0 };

        live_mock_service_fail (fixture->service, LIVE_ERROR, rows[i].error, "what the helper says");
        run = live_run_cli (fixture, verbs[verb]);
        g_assert_cmpint (run.code, ==, rows[i].code);
        g_assert_cmpstr (run.out, ==, "");
        g_assert_cmpstr (run.err, !=, "");
        live_assert_lacks (run.err, "GDBus");
      }
}

static void
test_unknown_qube (LiveFixture *fixture, gconstpointer data)
{
  g_auto (LiveRun) close = { 0 };
  g_auto (LiveRun) far = { 0 };
  g_auto (LiveRun) odd = { 0 };

  live_mock_service_add_qube (fixture->service, "sys-net");
  live_mock_service_add_qube (fixture->service, "personal");
  close = live_run_cli (fixture, "qube sys-nte policy root");
  g_assert_cmpint (close.code, ==, 1);
  live_assert_contains (close.err, "“sys-nte”");
  live_assert_contains (close.err, "sys-net?");
  live_assert_lacks (close.err, "personal");

  far = live_run_cli (fixture, "qube zzzzzz volume root ro");
  g_assert_cmpint (far.code, ==, 1);
  live_assert_contains (far.err, "qubes-live status");

  /* What no qube can be called is not sent anywhere, and not painted on the terminal either. */
  odd = live_run_cli (fixture, "qube '../\033[2Jx' policy root");
  g_assert_cmpint (odd.code, ==, 1);
  live_assert_lacks (odd.err, "\033");
  live_assert_no_calls (fixture);
}

static void
test_pool_set (LiveFixture *fixture, gconstpointer data)
{
  LiveBusPool *pool = live_mock_service_add_pool (fixture->service, "vm-pool");
  g_auto (LiveRun) on = live_run_cli (fixture, "pool set vm-pool ephemeral-volatile on");
  g_auto (LiveRun) off = { 0 };
  g_auto (LiveRun) unknown = { 0 };

  g_assert_cmpint (on.code, ==, 0);
  g_assert_true (live_bus_pool_get_ephemeral_volatile (pool));
  off = live_run_cli (fixture, "pool set vm-pool ephemeral-volatile off");
  g_assert_cmpint (off.code, ==, 0);
  g_assert_false (live_bus_pool_get_ephemeral_volatile (pool));

  g_free (live_mock_service_take_calls (fixture->service));
  unknown = live_run_cli (fixture, "pool set vm-pol ephemeral-volatile on");
  g_assert_cmpint (unknown.code, ==, 1);
  live_assert_contains (unknown.err, "vm-pool?");
  live_assert_no_calls (fixture);
}

static void
test_pool_list (LiveFixture *fixture, gconstpointer data)
{
  LiveBusPool *ram = live_mock_service_add_pool (fixture->service, "ram1");
  g_auto (LiveRun) text = { 0 };
  g_auto (LiveRun) json = { 0 };
  g_autoptr (JsonNode) root = NULL;
  JsonObject *object = NULL;

  live_mock_service_add_pool (fixture->service, "vm-pool");
  live_bus_pool_set_kind (ram, "ram");
  live_bus_pool_set_size (ram, G_MAXUINT64);
  live_bus_pool_set_ephemeral_volatile (ram, TRUE);

  text = live_run_cli (fixture, "pool list");
  g_assert_cmpint (text.code, ==, 0);
  live_assert_contains (text.out, "ram1");
  live_assert_contains (text.out, "vm-pool");

  json = live_run_cli (fixture, "pool list --json");
  g_assert_cmpint (json.code, ==, 0);
  root = parse (json.out);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (root)), ==, 2);
  object = find_named (json_node_get_array (root), "ram1");
  assert_string (object, "kind", "ram");
  assert_boolean (object, "ephemeral_volatile", TRUE);
  g_assert_cmpint (json_object_get_int_member (object, "size"), ==, G_MAXINT64);
  object = find_named (json_node_get_array (root), "vm-pool");
  assert_string (object, "driver", "file-reflink");
  g_assert_cmpint (json_object_get_int_member (object, "used"), ==, (gint64) 40 << 30);
}

/* One running qube with everything set away from its default, one halted. */
static void
fill (LiveFixture *fixture)
{
  LiveBusManager *manager = live_mock_service_get_manager (fixture->service);
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");
  const char *const pending[] = { "root-read-only", NULL };

  live_mock_service_add_qube (fixture->service, "app1");
  live_mock_service_add_pool (fixture->service, "vm-pool");
  live_bus_qube_set_state (work, "running");
  live_bus_qube_set_policy (work, "root");
  live_bus_qube_set_persistence (work, "root-ephemeral");
  live_bus_qube_set_evidence (work, "verified");
  live_bus_qube_set_root_writable (work, FALSE);
  live_bus_qube_set_volatile_ephemeral (work, TRUE);
  live_bus_qube_set_pending (work, pending);
  live_bus_qube_set_window_state (work, "open");
  live_bus_qube_set_window_deadline (work, 4102444800);
  live_bus_qube_set_reasons (work, g_variant_new_parsed ("[('private-writable', {'pool': <'vm-pool'>})]"));
  live_bus_manager_set_indicator (manager, "persistent");
  live_bus_manager_set_indicator_reasons (
      manager, g_variant_new_parsed ("[('qube-keeps', {'qube': <'work'>, 'persistence': <'persistent'>})]"));
}

static void
test_status_json (LiveFixture *fixture, gconstpointer data)
{
  g_auto (LiveRun) run = { 0 };
  g_autoptr (JsonNode) node = NULL;
  JsonObject *root = NULL, *object = NULL;

  fill (fixture);
  run = live_run_cli (fixture, "status --json");
  g_assert_cmpint (run.code, ==, 0);
  g_assert_cmpstr (run.err, ==, "");
  node = parse (run.out);
  root = json_node_get_object (node);
  g_assert_cmpstr (get_indicator_state (root), ==, "persistent");
  object = json_array_get_object_element (json_object_get_array_member (root, "reasons"), 0);
  assert_string (object, "code", "qube-keeps");
  assert_string (json_object_get_object_member (object, "parameters"), "qube", "work");
  g_assert_cmpstr (json_object_get_string_member (object, "text"), !=, "");
  assert_string (json_object_get_object_member (root, "dom0"), "boot_mode", "persistent");

  object = find_named (json_object_get_array_member (root, "qubes"), "work");
  assert_string (object, "class", "AppVM");
  assert_string (object, "state", "running");
  assert_string (object, "label", "red");
  assert_string (object, "policy", "root");
  assert_string (object, "persistence", "root-ephemeral");
  assert_string (object, "evidence", "verified");
  assert_boolean (object, "root_writable", FALSE);
  assert_boolean (object, "private_writable", TRUE);
  assert_boolean (object, "volatile_ephemeral", TRUE);
  g_assert_cmpstr (json_array_get_string_element (json_object_get_array_member (object, "pending"), 0), ==,
                   "root-read-only");
  assert_string (json_object_get_object_member (object, "window"), "state", "open");
  g_assert_cmpint (json_object_get_int_member (json_object_get_object_member (object, "window"), "deadline"), ==,
                   4102444800);
  assert_string (json_array_get_object_element (json_object_get_array_member (object, "reasons"), 0), "code",
                 "private-writable");
  g_assert_cmpstr (json_array_get_string_element (json_object_get_array_member (object, "pools"), 0), ==,
                   "varlibqubes");
  object = find_named (json_object_get_array_member (root, "pools"), "vm-pool");
  assert_string (object, "kind", "disk");
}

static void
test_status_text (LiveFixture *fixture, gconstpointer data)
{
  g_auto (LiveRun) run = { 0 };
  const char *work = NULL, *app1 = NULL;

  fill (fixture);
  run = live_run_cli (fixture, "status");
  g_assert_cmpint (run.code, ==, 0);
  g_assert_cmpstr (run.err, ==, "");
  /* No terminal, so no colours whatever TERM says. */
  live_assert_lacks (run.out, "\033");
  work = strstr (run.out, "\n  work ");
  app1 = strstr (run.out, "\n  app1 ");
  g_assert_nonnull (work);
  g_assert_nonnull (app1);
  /* What runs comes first, though its name sorts last. */
  g_assert_true (work < app1);
  live_assert_contains (run.out, "change pending");
  live_assert_contains (run.out, "root volume read-only");
  live_assert_contains (run.out, "vm-pool");
}

/* What is not as it claims is said with its reasons and what to do. */
static void
test_status_contradicted (LiveFixture *fixture, gconstpointer data)
{
  LiveBusQube *play = NULL;
  g_auto (LiveRun) run = { 0 };

  fill (fixture);
  play = live_mock_service_add_qube (fixture->service, "play");
  live_bus_qube_set_state (play, "running");
  live_bus_qube_set_evidence (play, "contradicted");
  live_bus_qube_set_reasons (
      play, g_variant_new_parsed ("[('device-on-disk', {'volume': <'root'>}),"
                                  " ('contradicted', {'claimed': <'root-ephemeral'>, 'seen': <'persistent'>})]"));
  run = live_run_cli (fixture, "status");
  g_assert_cmpint (run.code, ==, 0);
  live_assert_contains (run.out, "play is not what it is configured to be:\n"
                                 "  What it writes to its root volume reaches the disk, as seen in its devices\n"
                                 "  It is set to throw its root away. Its devices show that what it writes reaches the "
                                 "disk.\n"
                                 "  Restart it: a qube gets its devices when it starts.\n");
  live_assert_lacks (run.out, "work is not what");
}

static void
test_hostile_words (LiveFixture *fixture, gconstpointer data)
{
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "w.o_r-K9");
  g_auto (LiveRun) text = { 0 };
  g_auto (LiveRun) json = { 0 };
  g_autoptr (JsonNode) node = NULL;
  JsonObject *object = NULL;

  live_bus_qube_set_state (work, "\033[2Jrunning\n\342\200\256");
  live_bus_qube_set_label (work, "no\"such\\label\033[31m");
  live_bus_qube_set_policy (work, "\n\033]0;x\007");
  live_bus_manager_set_indicator (live_mock_service_get_manager (fixture->service), "\033[31mlive");
  text = live_run_cli (fixture, "status");
  g_assert_cmpint (text.code, ==, 0);
  live_assert_contains (text.out, "w.o_r-K9");
  live_assert_lacks (text.out, "\033");
  live_assert_lacks (text.out, "\342\200\256");

  json = live_run_cli (fixture, "status --json");
  node = parse (json.out);
  object = find_named (json_object_get_array_member (json_node_get_object (node), "qubes"), "w.o_r-K9");
  assert_string (object, "label", "no\"such\\label\033[31m");
}

static void
test_qubesd_unreachable (LiveFixture *fixture, gconstpointer data)
{
  g_auto (LiveRun) text = { 0 };
  g_auto (LiveRun) json = { 0 };
  g_auto (LiveRun) unknown = { 0 };
  g_autoptr (JsonNode) node = NULL;

  fill (fixture);
  live_bus_manager_set_qubesd_connected (live_mock_service_get_manager (fixture->service), FALSE);
  text = live_run_cli (fixture, "status");
  g_assert_cmpint (text.code, ==, 4);
  live_assert_contains (text.out, "work");
  live_assert_contains (text.err, "qubesd");
  json = live_run_cli (fixture, "status --json");
  g_assert_cmpint (json.code, ==, 4);
  node = parse (json.out);
  find_named (json_object_get_array_member (json_node_get_object (node), "qubes"), "work");
  /* It may exist: without qubesd nobody knows. */
  unknown = live_run_cli (fixture, "qube app2 policy root");
  g_assert_cmpint (unknown.code, ==, 4);
}

static gboolean
synchronize (gpointer data)
{
  LiveFixture *fixture = data;

  live_mock_service_add_qube (fixture->service, "late");
  live_bus_manager_set_synchronized (live_mock_service_get_manager (fixture->service), TRUE);
  return G_SOURCE_REMOVE;
}

static void
test_not_synchronized (LiveFixture *fixture, gconstpointer data)
{
  g_auto (LiveRun) never = { 0 };
  g_auto (LiveRun) later = { 0 };
  g_auto (LiveRun) known = { 0 };

  live_mock_service_add_qube (fixture->service, "early");
  live_bus_manager_set_synchronized (live_mock_service_get_manager (fixture->service), FALSE);
  never = live_run_cli (fixture, "status --wait 0.3");
  g_assert_cmpint (never.code, ==, 4);
  live_assert_contains (never.out, "early");
  live_assert_contains (never.err, "Not everything");

  /* A qube that is known already need not wait for the others. */
  known = live_run_cli (fixture, "qube early policy root --wait 0");
  g_assert_cmpint (known.code, ==, 0);

  g_timeout_add (200, synchronize, fixture);
  later = live_run_cli (fixture, "status");
  g_assert_cmpint (later.code, ==, 0);
  live_assert_contains (later.out, "late");
}

static void
test_returns_with_effect (LiveFixture *fixture, gconstpointer data)
{
  g_autoptr (GSubprocess) process = NULL;
  g_auto (LiveRun) run = { 0 };

  live_mock_service_add_qube (fixture->service, "work");
  live_mock_service_hold (fixture->service);
  process = live_run_spawn (live_mock_bus_get_address (fixture->bus), "qube work policy root");
  live_mock_wait (live_mock_service_get_n_held (fixture->service) == 1);
  g_assert_nonnull (g_subprocess_get_identifier (process));
  live_mock_service_release (fixture->service);
  run = live_run_finish (process);
  g_assert_cmpint (run.code, ==, 0);
}

static void
test_helper_dies (LiveFixture *fixture, gconstpointer data)
{
  g_autoptr (GSubprocess) process = NULL;
  g_auto (LiveRun) run = { 0 };

  live_mock_service_add_qube (fixture->service, "work");
  live_mock_service_hold (fixture->service);
  process = live_run_spawn (live_mock_bus_get_address (fixture->bus), "qube work volume root ro");
  live_mock_wait (live_mock_service_get_n_held (fixture->service) == 1);
  g_clear_pointer (&fixture->service, live_mock_service_free);
  run = live_run_finish (process);
  g_assert_cmpint (run.code, ==, 4);
  g_assert_cmpstr (run.out, ==, "");
}

static void
add_many (LiveFixture *fixture, guint count)
{
  for (guint i = 0; i < count; i++)
    {
      g_autofree char *name = g_strdup_printf ("a-rather-long-name-of-a-qube-%04u", i);

      live_mock_service_add_qube (fixture->service, name);
    }
}

static void
test_many (LiveFixture *fixture, gconstpointer data)
{
  g_auto (LiveRun) text = { 0 };
  g_auto (LiveRun) json = { 0 };
  g_autoptr (JsonNode) node = NULL;

  add_many (fixture, 1000);
  text = live_run_cli (fixture, "status");
  g_assert_cmpint (text.code, ==, 0);
  live_assert_contains (text.out, "-0999");
  json = live_run_cli (fixture, "status --json");
  g_assert_cmpint (json.code, ==, 0);
  node = parse (json.out);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (json_node_get_object (node), "qubes")), ==,
                    1000);
}

static void
wait_for_exit (GSubprocess *process)
{
  g_autoptr (GAsyncResult) finished = NULL;

  g_subprocess_wait_async (process, NULL, live_run_on_finished, &finished);
  live_mock_wait (finished != NULL);
  g_assert_true (g_subprocess_wait_finish (process, finished, NULL));
}

static void
test_reader_leaves (LiveFixture *fixture, gconstpointer data)
{
  static const char *const verbs[] = { "status", "status --json", "monitor" };

  /* More than a pipe holds, so that the program is still writing. */
  add_many (fixture, 1000);
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    {
      g_autoptr (GSubprocess) process = live_run_spawn (live_mock_bus_get_address (fixture->bus), verbs[i]);
      g_autoptr (GAsyncResult) read = NULL;
      char buffer[1];

      g_input_stream_read_async (g_subprocess_get_stdout_pipe (process), buffer, sizeof buffer, G_PRIORITY_DEFAULT,
                                 NULL, live_run_on_finished, &read);
      live_mock_wait (read != NULL);
      g_assert_cmpint (g_input_stream_read_finish (g_subprocess_get_stdout_pipe (process), read, NULL), ==, 1);
      g_input_stream_close (g_subprocess_get_stdout_pipe (process), NULL, NULL);
      wait_for_exit (process);
      g_assert_true (g_subprocess_get_if_exited (process));
      g_assert_cmpint (g_subprocess_get_exit_status (process), ==, 0);
    }
}

typedef struct
{
  GSubprocess *process;
  GDataInputStream *lines;
} LiveMonitored;

static LiveMonitored
start_monitor (LiveFixture *fixture, const char *command_line)
{
  LiveMonitored monitored = { .process = live_run_spawn (live_mock_bus_get_address (fixture->bus), command_line) };

  monitored.lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (monitored.process));
  return monitored;
}

static char *
read_line (LiveMonitored *monitored)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  char *line = NULL;

  g_data_input_stream_read_line_async (monitored->lines, G_PRIORITY_DEFAULT, NULL, live_run_on_finished, &result);
  live_mock_wait (result != NULL);
  line = g_data_input_stream_read_line_finish_utf8 (monitored->lines, result, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (line);
  g_test_message ("%s", line);
  return line;
}

/* The next line in JSON; it must be about @object, @name and @change. */
static JsonNode *
expect (LiveMonitored *monitored, const char *object, const char *name, const char *change)
{
  g_autofree char *line = read_line (monitored);
  JsonNode *node = parse (line);

  assert_string (json_node_get_object (node), "object", object);
  assert_string (json_node_get_object (node), "name", name);
  assert_string (json_node_get_object (node), "change", change);
  return node;
}

static void
expect_boolean (LiveMonitored *monitored, const char *object, const char *change, gboolean to)
{
  g_autoptr (JsonNode) node = expect (monitored, object, "", change);

  assert_boolean (json_node_get_object (node), "to", to);
}

static void
expect_string (LiveMonitored *monitored, const char *object, const char *name, const char *change, const char *to)
{
  g_autoptr (JsonNode) node = expect (monitored, object, name, change);

  assert_string (json_node_get_object (node), "to", to);
}

static void
expect_start (LiveMonitored *monitored)
{
  expect_boolean (monitored, "helper", "reachable", TRUE);
  expect_boolean (monitored, "helper", "qubesd_connected", TRUE);
  expect_boolean (monitored, "helper", "synchronized", TRUE);
  expect_string (monitored, "dom0", "", "boot_mode", "persistent");
  expect_string (monitored, "indicator", "", "state", "unknown");
  json_node_unref (expect (monitored, "indicator", "", "reasons"));
}

static void
stop_monitor (LiveMonitored *monitored, int number)
{
  g_subprocess_send_signal (monitored->process, number);
  wait_for_exit (monitored->process);
  g_assert_true (g_subprocess_get_if_exited (monitored->process));
  g_assert_cmpint (g_subprocess_get_exit_status (monitored->process), ==, 0);
  g_clear_object (&monitored->lines);
  g_clear_object (&monitored->process);
}

static void
test_monitor_json (LiveFixture *fixture, gconstpointer data)
{
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");
  LiveMonitored monitored = start_monitor (fixture, "monitor --json");

  expect_start (&monitored);
  live_bus_qube_set_state (work, "running");
  {
    g_autoptr (JsonNode) node = expect (&monitored, "qube", "work", "state");

    assert_string (json_node_get_object (node), "from", "halted");
    assert_string (json_node_get_object (node), "to", "running");
    g_assert_cmpstr (json_object_get_string_member (json_node_get_object (node), "time"), !=, "");
  }
  live_mock_service_add_qube (fixture->service, "fresh");
  json_node_unref (expect (&monitored, "qube", "fresh", "added"));
  live_mock_service_remove_qube (fixture->service, "fresh");
  json_node_unref (expect (&monitored, "qube", "fresh", "removed"));
  live_mock_service_add_pool (fixture->service, "ram1");
  json_node_unref (expect (&monitored, "pool", "ram1", "added"));
  live_bus_manager_set_indicator (live_mock_service_get_manager (fixture->service), "persistent");
  expect_string (&monitored, "indicator", "", "state", "persistent");
  stop_monitor (&monitored, SIGINT);
}

/* The helper goes and comes back with one qube changed, one gone and one new: three lines, not one for each qube. */
static void
test_monitor_helper_restart (LiveFixture *fixture, gconstpointer data)
{
  LiveMonitored monitored = { 0 };

  live_mock_service_add_qube (fixture->service, "gone");
  live_mock_service_add_qube (fixture->service, "same");
  live_mock_service_add_qube (fixture->service, "work");
  monitored = start_monitor (fixture, "monitor --json");
  expect_start (&monitored);

  g_clear_pointer (&fixture->service, live_mock_service_free);
  expect_boolean (&monitored, "helper", "reachable", FALSE);
  expect_boolean (&monitored, "helper", "qubesd_connected", FALSE);
  expect_boolean (&monitored, "helper", "synchronized", FALSE);
  expect_string (&monitored, "dom0", "", "boot_mode", "unknown");

  fixture->service = live_mock_service_new (fixture->bus);
  live_bus_manager_set_synchronized (live_mock_service_get_manager (fixture->service), FALSE);
  live_mock_service_add_qube (fixture->service, "same");
  live_bus_qube_set_state (live_mock_service_add_qube (fixture->service, "work"), "running");
  live_mock_service_add_qube (fixture->service, "new");
  live_bus_manager_set_synchronized (live_mock_service_get_manager (fixture->service), TRUE);

  {
    g_autoptr (GString) seen = g_string_new (NULL);

    /* How many lines about the helper itself there are depends on when the monitor looked. */
    while (strstr (seen->str, "removed") == NULL)
      {
        g_autofree char *line = read_line (&monitored);
        g_autoptr (JsonNode) node = parse (line);
        JsonObject *object = json_node_get_object (node);

        if (g_str_equal (json_object_get_string_member (object, "object"), "qube"))
          g_string_append_printf (seen, "%s %s; ", json_object_get_string_member (object, "name"),
                                  json_object_get_string_member (object, "change"));
      }
    g_assert_cmpstr (seen->str, ==, "new added; work state; gone removed; ");
  }
  stop_monitor (&monitored, SIGTERM);
}

static void
test_monitor_text (LiveFixture *fixture, gconstpointer data)
{
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");
  LiveMonitored monitored = start_monitor (fixture, "monitor");
  g_autofree char *line = NULL;

  for (guint i = 0; i < 6; i++)
    g_free (read_line (&monitored));
  live_bus_qube_set_state (work, "running");
  line = read_line (&monitored);
  g_assert_true (g_str_has_suffix (line, "  qube work: state: halted → running"));
  stop_monitor (&monitored, SIGINT);
}

static void
test_monitor_waits_for_helper (LiveFixture *fixture, gconstpointer data)
{
  LiveMonitored monitored = { 0 };

  g_clear_pointer (&fixture->service, live_mock_service_free);
  monitored = start_monitor (fixture, "monitor --json");
  expect_boolean (&monitored, "helper", "reachable", FALSE);
  fixture->service = live_mock_service_new (fixture->bus);
  for (;;)
    {
      g_autofree char *line = read_line (&monitored);
      g_autoptr (JsonNode) node = parse (line);
      JsonObject *object = json_node_get_object (node);

      if (g_str_equal (json_object_get_string_member (object, "change"), "reachable"))
        {
          assert_boolean (object, "to", TRUE);
          break;
        }
    }
  stop_monitor (&monitored, SIGINT);
}

static void
set_posture (LiveFixture *fixture, const char *text)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) posture = g_variant_parse (G_VARIANT_TYPE ("a(sssa{sv})"), text, NULL, NULL, &error);

  g_assert_no_error (error);
  live_bus_dom0_set_posture (live_mock_service_get_dom0 (fixture->service), posture);
}

#define DEBUGFS_GOOD "('debugfs', 'good', '', {'found': <'debugfs=off'>, 'expected': <'debugfs=off'>})"
#define DEBUGFS_WEAK "('debugfs', 'weak', 'add-linux-argument', {'found': <''>, 'expected': <'debugfs=off'>})"
#define SYSRQ_BAD "('sysrq', 'bad', 'set-sysctl', {'found': <'1'>, 'expected': <'kernel.sysrq = 0'>})"
#define SMT_UNKNOWN "('smt', 'unknown', '', {'found': <'smt=off'>, 'expected': <'smt=off'>, 'source': <'grub'>})"
#define ERST_NOT_APPLICABLE "('erst', 'not-applicable', '', {'found': <''>, 'expected': <'erst_disable'>})"

static void
test_posture_text (LiveFixture *fixture, gconstpointer data)
{
  static const char *const in_order[] = { "Bad (1)",
                                          "more than to sync and restart. Found: 1",
                                          "locked screen",
                                          "kernel.sysrq = 0",
                                          "Weak (1)",
                                          "debugging file system",
                                          "debugfs=off",
                                          "Not known (1)",
                                          "not confirmed by Xen: hyper-threading",
                                          "Good (1)",
                                          "Not applicable (1)",
                                          "no error store" };
  g_auto (LiveRun) run = { 0 };
  const char *at = NULL;

  set_posture (fixture, "[" DEBUGFS_WEAK ", " ERST_NOT_APPLICABLE ", " SYSRQ_BAD ", " SMT_UNKNOWN
                        ", ('hibernation', 'good', '', {'found': <'nohibernate'>, 'expected': <'nohibernate'>})]");
  run = live_run_cli (fixture, "posture");
  g_assert_cmpint (run.code, ==, 1);
  g_assert_cmpstr (run.err, ==, "");
  at = run.out;
  for (gsize i = 0; i < G_N_ELEMENTS (in_order); i++)
    {
      at = strstr (at, in_order[i]);
      if (at == NULL)
        g_error ("“%s” is not where it belongs in: %s", in_order[i], run.out);
    }
  live_assert_calls (fixture, "dom0 RefreshPosture");
}

static void
test_posture_json (LiveFixture *fixture, gconstpointer data)
{
  g_auto (LiveRun) run = { 0 };
  g_autoptr (JsonNode) root = NULL;
  JsonArray *items = NULL;
  JsonObject *item = NULL, *counts = NULL;

  set_posture (fixture, "[" DEBUGFS_WEAK ", " SYSRQ_BAD ", " SMT_UNKNOWN "]");
  run = live_run_cli (fixture, "posture --json");
  g_assert_cmpint (run.code, ==, 1);
  root = parse (run.out);
  items = json_object_get_array_member (json_node_get_object (root), "items");
  g_assert_cmpuint (json_array_get_length (items), ==, 3);
  item = json_array_get_object_element (items, 1);
  assert_string (item, "code", "sysrq");
  assert_string (item, "verdict", "bad");
  assert_string (item, "remedy_code", "set-sysctl");
  live_assert_contains (json_object_get_string_member (item, "text"), "SysRq");
  live_assert_contains (json_object_get_string_member (item, "why"), "locked");
  live_assert_contains (json_object_get_string_member (item, "remedy"), "kernel.sysrq = 0");
  assert_string (json_object_get_object_member (item, "parameters"), "found", "1");
  assert_string (json_array_get_object_element (items, 2), "remedy", "");
  counts = json_object_get_object_member (json_node_get_object (root), "counts");
  g_assert_cmpint (json_object_get_int_member (counts, "bad"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (counts, "weak"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (counts, "unknown"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (counts, "good"), ==, 0);
  g_assert_cmpint (json_object_get_int_member (counts, "not-applicable"), ==, 0);
}

static void
test_posture_codes (LiveFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *posture;
    int code;
  } rows[] = {
    { "[" DEBUGFS_GOOD "]", 0 },
    { "[" DEBUGFS_WEAK "]", 0 },
    { "[" SMT_UNKNOWN "]", 0 },
    { "[" ERST_NOT_APPLICABLE "]", 0 },
    { "[" SYSRQ_BAD "]", 1 },
    { "[" DEBUGFS_GOOD ", " SYSRQ_BAD "]", 1 },
    /* Nothing told is nothing known. */
    { "[]", 1 },
    /* A newer helper. */
    { "[('new', 'awful', 'dance', {'found': <uint32 5>})]", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (LiveRun) text = { 0 };
      g_auto (LiveRun) json = { 0 };

      set_posture (fixture, rows[i].posture);
      text = live_run_cli (fixture, "posture");
      json = live_run_cli (fixture, "posture --json");
      g_assert_cmpint (text.code, ==, rows[i].code);
      g_assert_cmpint (json.code, ==, rows[i].code);
      json_node_unref (parse (json.out));
    }
}

static void
test_posture_fails (LiveFixture *fixture, gconstpointer data)
{
  g_auto (LiveRun) refused = { 0 };
  g_auto (LiveRun) hostile = { 0 };

  set_posture (fixture, "[('x\\u001b[2J', 'good', 'y\\u001b', {'found': <'z\\u001b'>}), ('smt', 'weak', "
                        "'add-xen-argument', {'found': <'\\u001b[2J\\u202e'>, 'expected': <'\\u001b'>})]");
  hostile = live_run_cli (fixture, "posture");
  g_assert_cmpint (hostile.code, ==, 0);
  live_assert_lacks (hostile.out, "");
  live_assert_lacks (hostile.out, "â®");

  /* What was known before is not passed off as what was asked for. */
  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED, "No");
  refused = live_run_cli (fixture, "posture");
  g_assert_cmpint (refused.code, ==, 3);
  g_assert_cmpstr (refused.out, ==, "");
}

static void
add_test (const char *path, void (*test) (LiveFixture *fixture, gconstpointer data))
{
  g_test_add (path, LiveFixture, NULL, live_fixture_set_up, test, live_fixture_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli/usage", test_usage);
  g_test_add_func ("/cli/help", test_help);
  g_test_add_func ("/cli/no-bus", test_no_bus);
  add_test ("/cli/no-helper", test_no_helper);
  add_test ("/cli/view-refused", test_view_refused);
  add_test ("/cli/policy", test_policy);
  add_test ("/cli/volume", test_volume);
  add_test ("/cli/errors", test_errors);
  add_test ("/cli/unknown-qube", test_unknown_qube);
  add_test ("/cli/pool-set", test_pool_set);
  add_test ("/cli/pool-list", test_pool_list);
  add_test ("/cli/status-json", test_status_json);
  add_test ("/cli/status-text", test_status_text);
  add_test ("/cli/status-contradicted", test_status_contradicted);
  add_test ("/cli/posture/text", test_posture_text);
  add_test ("/cli/posture/json", test_posture_json);
  add_test ("/cli/posture/codes", test_posture_codes);
  add_test ("/cli/posture/fails", test_posture_fails);
  add_test ("/cli/hostile-words", test_hostile_words);
  add_test ("/cli/qubesd-unreachable", test_qubesd_unreachable);
  add_test ("/cli/not-synchronized", test_not_synchronized);
  add_test ("/cli/returns-with-effect", test_returns_with_effect);
  add_test ("/cli/helper-dies", test_helper_dies);
  add_test ("/cli/many", test_many);
  add_test ("/cli/reader-leaves", test_reader_leaves);
  add_test ("/cli/monitor/json", test_monitor_json);
  add_test ("/cli/monitor/helper-restart", test_monitor_helper_restart);
  add_test ("/cli/monitor/text", test_monitor_text);
  add_test ("/cli/monitor/waits-for-helper", test_monitor_waits_for_helper);
  return g_test_run ();
}
