/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bus/view-filter.h"

#include "live-bus.h"
#include "model/object-path.h"

#include "test-agent.h"
#include "test-bed.h"

#include <signal.h>
#include <string.h>

#define PROPERTIES "org.freedesktop.DBus.Properties"
#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"
#define INTROSPECTABLE "org.freedesktop.DBus.Introspectable"
#define WORK LIVE_OBJECT_ROOT "/qube/work"
#define NOT_AUTHORIZED "org.qubes.Live1.Error.NotAuthorized"

static const char rule_for_user[] = "polkit.addRule(function(action, subject) {\n"
                                    "  if (action.id == 'org.qubes.Live1.view' && subject.user == 'live-test-user')\n"
                                    "    return polkit.Result.YES;\n"
                                    "});\n";

/* A small helper: some objects on the bus, behind the filter. */
typedef struct
{
  LiveTestBed *bed;
  GDBusConnection *service;
  LiveBusManager *root;
  GDBusObjectManagerServer *manager;
  LiveAuthority *authority;
  LiveViewFilter *filter;
  guint counter;
  gint n_questions; /* atomic: counted in GDBus' thread */
} Fixture;

/* A call, and what came back. */
typedef struct
{
  gboolean done;
  char *error; /* its name on the bus */
  GVariant *value;
} Answer;

/* Counts what is asked of polkit. */
static GDBusMessage *
count_questions (GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer data)
{
  if (!incoming && g_strcmp0 (g_dbus_message_get_member (message), "CheckAuthorization") == 0)
    g_atomic_int_inc ((gint *)data);
  return message;
}

static gboolean
was_asked (gpointer data)
{
  return g_atomic_int_get (&((Fixture *)data)->n_questions) > 0;
}

static gboolean
on_refresh (LiveBusManager *manager, GDBusMethodInvocation *invocation, gpointer data)
{
  live_bus_manager_complete_refresh (manager, invocation);
  return TRUE;
}

static void
export_qube (Fixture *fixture, const char *name)
{
  g_autofree char *path = live_object_path ("qube", name);
  g_autoptr (LiveBusObjectSkeleton) object = live_bus_object_skeleton_new (path);
  g_autoptr (LiveBusQube) qube = live_bus_qube_skeleton_new ();
  const char *const pools[] = { "vm-pool", "ram1", NULL };
  const char *const none[] = { NULL };

  live_bus_qube_set_name (qube, name);
  live_bus_qube_set_class (qube, "AppVM");
  live_bus_qube_set_label (qube, "red");
  live_bus_qube_set_state (qube, "running");
  live_bus_qube_set_policy (qube, "root");
  live_bus_qube_set_persistence (qube, "root-ephemeral");
  live_bus_qube_set_evidence (qube, "verified");
  live_bus_qube_set_reasons (qube, g_variant_new_parsed ("[('repaired', {'step': <'root-read-only'>})]"));
  live_bus_qube_set_private_writable (qube, TRUE);
  live_bus_qube_set_pools (qube, pools);
  live_bus_qube_set_pending (qube, none);
  live_bus_qube_set_window_state (qube, "closed");
  live_bus_qube_set_window_deadline (qube, 1234567890123);
  live_bus_object_skeleton_set_qube (object, qube);
  g_dbus_object_manager_server_export (fixture->manager, G_DBUS_OBJECT_SKELETON (object));
}

static void
set_up (Fixture *fixture, const char *rules, gboolean without_polkitd)
{
  const LiveTestBedOptions options
      = { .without_dom0 = TRUE, .without_helper = TRUE, .without_polkitd = without_polkitd, .polkit_rules = rules };
  g_autoptr (GVariant) owned = NULL;
  g_autoptr (GError) error = NULL;

  fixture->bed = live_test_bed_new (&options);
  fixture->service = live_test_bed_connect (fixture->bed, 0);
  fixture->n_questions = 0;
  fixture->counter = g_dbus_connection_add_filter (fixture->service, count_questions, &fixture->n_questions, NULL);
  fixture->authority = live_authority_new (fixture->service);
  fixture->manager = g_dbus_object_manager_server_new (LIVE_OBJECT_ROOT);
  fixture->filter = live_view_filter_new (fixture->service, fixture->manager, fixture->authority);

  fixture->root = live_bus_manager_skeleton_new ();
  live_bus_manager_set_version (fixture->root, "1.2.3");
  live_bus_manager_set_indicator (fixture->root, "unknown");
  live_bus_manager_set_indicator_reasons (fixture->root, g_variant_new ("a(sa{sv})", NULL));
  g_signal_connect (fixture->root, "handle-refresh", G_CALLBACK (on_refresh), NULL);
  live_view_filter_add_root_interface (fixture->filter, G_DBUS_INTERFACE_SKELETON (fixture->root));
  g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (fixture->root), fixture->service, LIVE_OBJECT_ROOT,
                                    &error);
  g_assert_no_error (error);
  export_qube (fixture, "work");
  export_qube (fixture, "sys-net");
  g_dbus_object_manager_server_set_connection (fixture->manager, fixture->service);

  owned = g_dbus_connection_call_sync (fixture->service, "org.freedesktop.DBus", "/", "org.freedesktop.DBus",
                                       "RequestName", g_variant_new ("(su)", LIVE_BUS_NAME, 0), NULL, 0, -1, NULL,
                                       &error);
  g_assert_no_error (error);
}

static gboolean
is_null (gpointer data)
{
  return *(gpointer *)data == NULL;
}

static void
tear_down (Fixture *fixture)
{
  gpointer filter = fixture->filter;
  gpointer authority = fixture->authority;

  g_dbus_object_manager_server_set_connection (fixture->manager, NULL);
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (fixture->root));
  g_dbus_connection_remove_filter (fixture->service, fixture->counter);
  g_object_add_weak_pointer (filter, &filter);
  g_object_add_weak_pointer (authority, &authority);
  g_object_unref (fixture->filter);
  g_object_unref (fixture->authority);
  g_assert_true (live_test_wait (is_null, &filter, 5));
  g_assert_true (live_test_wait (is_null, &authority, 5));
  g_object_unref (fixture->manager);
  g_object_unref (fixture->root);
  g_dbus_connection_close_sync (fixture->service, NULL, NULL);
  g_object_unref (fixture->service);
  live_test_bed_free (fixture->bed);
}

static void
on_reply (GObject *source, GAsyncResult *result, gpointer data)
{
  Answer *answer = data;
  g_autoptr (GError) error = NULL;

  answer->value = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (answer->value == NULL)
    answer->error = g_dbus_error_get_remote_error (error);
  /* One that did not come from the other side: the connection was closed, or nothing came at all. */
  if (error != NULL && answer->error == NULL)
    answer->error = g_strdup (error->message);
  answer->done = TRUE;
}

static gboolean
is_answered (gpointer data)
{
  return ((Answer *)data)->done;
}

static void
answer_clear (Answer *answer)
{
  g_clear_pointer (&answer->error, g_free);
  g_clear_pointer (&answer->value, g_variant_unref);
  answer->done = FALSE;
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

static void
send (GDBusConnection *caller,
      const char *path,
      const char *interface,
      const char *method,
      GVariant *arguments,
      GDBusCallFlags flags,
      Answer *answer)
{
  g_dbus_connection_call (caller, LIVE_BUS_NAME, path, interface, method, arguments, NULL, flags, 30000, NULL, on_reply,
                          answer);
}

static void
call (GDBusConnection *caller,
      const char *path,
      const char *interface,
      const char *method,
      GVariant *arguments,
      Answer *answer)
{
  send (caller, path, interface, method, arguments, G_DBUS_CALL_FLAGS_NONE, answer);
  g_assert_true (live_test_wait (is_answered, answer, 30));
}

/* The shortest read. */
static void
expect_version (GDBusConnection *caller, const char *error)
{
  g_auto (Answer) answer = { 0 };

  call (caller, LIVE_OBJECT_ROOT, PROPERTIES, "Get", g_variant_new ("(ss)", LIVE_BUS_NAME ".Manager", "Version"),
        &answer);
  g_assert_cmpstr (answer.error, ==, error);
  if (error == NULL)
    {
      g_autofree char *text = g_variant_print (answer.value, FALSE);

      g_assert_cmpstr (text, ==, "(<'1.2.3'>,)");
    }
}

static void
leave (GDBusConnection *caller)
{
  g_dbus_connection_close_sync (caller, NULL, NULL);
  g_object_unref (caller);
}

/* Reads, right and wrong ones, as GVariant text: NULL for no arguments. */
static const struct
{
  const char *path;
  const char *interface;
  const char *method;
  const char *arguments;
  gboolean fails;
} reads[] = {
  { LIVE_OBJECT_ROOT, PROPERTIES, "Get", "('org.qubes.Live1.Manager', 'Version')", FALSE },
  { LIVE_OBJECT_ROOT, PROPERTIES, "GetAll", "('org.qubes.Live1.Manager',)", FALSE },
  { LIVE_OBJECT_ROOT, PROPERTIES, "GetAll", "('org.freedesktop.DBus.ObjectManager',)", FALSE },
  { LIVE_OBJECT_ROOT, OBJECT_MANAGER, "GetManagedObjects", NULL, FALSE },
  { LIVE_OBJECT_ROOT, INTROSPECTABLE, "Introspect", NULL, FALSE },
  { WORK, PROPERTIES, "Get", "('org.qubes.Live1.Qube', 'Name')", FALSE },
  { WORK, PROPERTIES, "Get", "('org.qubes.Live1.Qube', 'Reasons')", FALSE },
  { WORK, PROPERTIES, "Get", "('org.qubes.Live1.Qube', 'WindowDeadline')", FALSE },
  { WORK, PROPERTIES, "GetAll", "('org.qubes.Live1.Qube',)", FALSE },
  { WORK, INTROSPECTABLE, "Introspect", NULL, FALSE },
  { LIVE_OBJECT_ROOT "/qube/sys_2dnet", PROPERTIES, "Get", "('org.qubes.Live1.Qube', 'Name')", FALSE },
  { LIVE_OBJECT_ROOT "/qube", INTROSPECTABLE, "Introspect", NULL, FALSE },
  { LIVE_OBJECT_ROOT "/nothing", INTROSPECTABLE, "Introspect", NULL, FALSE },
  /* No such property, interface, object; wrong arguments; the right method on the wrong object. */
  { WORK, PROPERTIES, "Get", "('org.qubes.Live1.Qube', 'Colour')", TRUE },
  { WORK, PROPERTIES, "Get", "('org.qubes.Live1.Qube', '')", TRUE },
  { WORK, PROPERTIES, "Get", "('org.qubes.Live1.Pool', 'Name')", TRUE },
  { WORK, PROPERTIES, "Get", "('', 'Name')", TRUE },
  { WORK, PROPERTIES, "Get", "('org.qubes.Live1.Qube',)", TRUE },
  { WORK, PROPERTIES, "Get", "(1, 2)", TRUE },
  { WORK, PROPERTIES, "Get", NULL, TRUE },
  { WORK, PROPERTIES, "GetAll", "('org.qubes.Live1.Pool',)", TRUE },
  { WORK, PROPERTIES, "GetAll", "('',)", TRUE },
  { WORK, PROPERTIES, "GetAll", "(uint32 7,)", TRUE },
  { WORK, PROPERTIES, "GetAll", NULL, TRUE },
  { WORK, OBJECT_MANAGER, "GetManagedObjects", NULL, TRUE },
  { WORK, INTROSPECTABLE, "Introspect", "('x',)", TRUE },
  { LIVE_OBJECT_ROOT, PROPERTIES, "Get", "('org.freedesktop.DBus.ObjectManager', 'Version')", TRUE },
  { LIVE_OBJECT_ROOT, PROPERTIES, "Get", "('org.qubes.Live1.Qube', 'Name')", TRUE },
  { LIVE_OBJECT_ROOT, OBJECT_MANAGER, "GetManagedObjects", "('x',)", TRUE },
  { LIVE_OBJECT_ROOT "/qube/nobody", PROPERTIES, "Get", "('org.qubes.Live1.Qube', 'Name')", TRUE },
  { LIVE_OBJECT_ROOT "/qube/nobody", PROPERTIES, "GetAll", "('org.qubes.Live1.Qube',)", TRUE },
  { LIVE_OBJECT_ROOT "/qube", PROPERTIES, "GetAll", "('org.qubes.Live1.Qube',)", TRUE },
  { LIVE_OBJECT_ROOT "/qube", OBJECT_MANAGER, "GetManagedObjects", NULL, TRUE },
};

static GVariant *
parse_arguments (const char *text)
{
  return text != NULL ? g_variant_new_parsed (text) : NULL;
}

static void
test_denied (void)
{
  Fixture fixture;
  GDBusConnection *user = NULL;

  set_up (&fixture, NULL, FALSE);
  user = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
  for (guint i = 0; i < G_N_ELEMENTS (reads); i++)
    {
      g_auto (Answer) answer = { 0 };

      g_test_message ("%u: %s.%s on %s", i, reads[i].interface, reads[i].method, reads[i].path);
      call (user, reads[i].path, reads[i].interface, reads[i].method, parse_arguments (reads[i].arguments), &answer);
      g_assert_null (answer.value);
      g_assert_cmpstr (answer.error, ==, NOT_AUTHORIZED);
    }
  leave (user);
  tear_down (&fixture);
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

static char *
join_sorted (GPtrArray *lines)
{
  g_ptr_array_sort (lines, compare_lines);
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (char **)lines->pdata);
}

static void
list_objects (GVariant *value, GPtrArray *lines)
{
  g_autoptr (GVariant) objects = g_variant_get_child_value (value, 0);

  for (gsize i = 0; i < g_variant_n_children (objects); i++)
    {
      g_autoptr (GVariant) object = g_variant_get_child_value (objects, i);

      g_ptr_array_add (lines, g_variant_print (object, TRUE));
    }
}

static void
list_nodes (GVariant *value, GPtrArray *lines)
{
  g_autoptr (GDBusNodeInfo) node = NULL;
  g_autoptr (GError) error = NULL;
  const char *xml = NULL;

  g_variant_get (value, "(&s)", &xml);
  node = g_dbus_node_info_new_for_xml (xml, &error);
  g_assert_no_error (error);
  for (guint i = 0; node->interfaces != NULL && node->interfaces[i] != NULL; i++)
    {
      GString *interface = g_string_new (NULL);

      g_dbus_interface_info_generate_xml (node->interfaces[i], 0, interface);
      g_ptr_array_add (lines, g_string_free (interface, FALSE));
    }
  for (guint i = 0; node->nodes != NULL && node->nodes[i] != NULL; i++)
    g_ptr_array_add (lines, g_strdup_printf ("node %s", node->nodes[i]->path));
}

/* The answer in a fixed form, where the order of a dictionary and the layout of XML are free. */
static char *
normalize (GVariant *value)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);

  if (g_variant_is_of_type (value, G_VARIANT_TYPE ("(a{oa{sa{sv}}})")))
    list_objects (value, lines);
  else if (g_variant_is_of_type (value, G_VARIANT_TYPE ("(s)")))
    list_nodes (value, lines);
  else
    return g_variant_print (value, TRUE);
  return join_sorted (lines);
}

/* What a held call gets must be what GDBus answers to the same call that goes the direct way. */
static void
test_as_gdbus (void)
{
  Fixture fixture;

  set_up (&fixture, rule_for_user, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (reads); i++)
    {
      GDBusConnection *user = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
      g_auto (Answer) held = { 0 };
      g_auto (Answer) direct = { 0 };
      gint before = g_atomic_int_get (&fixture.n_questions);

      g_test_message ("%u: %s.%s on %s %s", i, reads[i].interface, reads[i].method, reads[i].path, reads[i].arguments);
      call (user, reads[i].path, reads[i].interface, reads[i].method, parse_arguments (reads[i].arguments), &held);
      g_assert_cmpint (g_atomic_int_get (&fixture.n_questions), ==, before + 1);
      call (user, reads[i].path, reads[i].interface, reads[i].method, parse_arguments (reads[i].arguments), &direct);
      g_assert_cmpint (g_atomic_int_get (&fixture.n_questions), ==, before + 1);
      g_assert_cmpint (reads[i].fails, ==, direct.error != NULL);
      g_assert_cmpstr (held.error, ==, direct.error);
      if (held.value != NULL)
        {
          g_autofree char *held_text = normalize (held.value);
          g_autofree char *direct_text = normalize (direct.value);

          g_assert_cmpstr (held_text, ==, direct_text);
        }
      leave (user);
    }
  tear_down (&fixture);
}

static void
test_callers (void)
{
  Fixture fixture;
  GDBusConnection *root = NULL;
  GDBusConnection *user = NULL;
  GDBusConnection *stranger = NULL;

  set_up (&fixture, NULL, FALSE);
  root = live_test_bed_connect (fixture.bed, 0);
  user = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
  stranger = live_test_bed_connect (fixture.bed, LIVE_TEST_STRANGER_UID);
  expect_version (root, NULL);
  expect_version (user, NOT_AUTHORIZED);
  /* One's yes is not another's. */
  expect_version (root, NULL);
  expect_version (user, NOT_AUTHORIZED);
  /* Does not get as far as the filter. */
  expect_version (stranger, "org.freedesktop.DBus.Error.AccessDenied");
  leave (root);
  leave (user);
  leave (stranger);
  tear_down (&fixture);
}

static void
test_polkit_absent (void)
{
  Fixture fixture;
  GDBusConnection *root = NULL;

  set_up (&fixture, NULL, TRUE);
  root = live_test_bed_connect (fixture.bed, 0);
  expect_version (root, NOT_AUTHORIZED);
  live_test_bed_start_polkitd (fixture.bed);
  expect_version (root, NULL);
  leave (root);
  tear_down (&fixture);
}

static void
test_polkit_dies (void)
{
  Fixture fixture;
  GDBusConnection *user = NULL;
  GDBusConnection *late = NULL;
  g_auto (Answer) held = { 0 };

  set_up (&fixture, rule_for_user, FALSE);
  user = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
  late = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
  expect_version (user, NULL);
  g_assert_cmpint (kill (live_test_bed_get_polkitd_pid (fixture.bed), SIGSTOP), ==, 0);
  /* The known one needs no polkitd; the other waits for it. */
  expect_version (user, NULL);
  send (late, LIVE_OBJECT_ROOT, OBJECT_MANAGER, "GetManagedObjects", NULL, 0, &held);
  expect_version (user, NULL);
  g_assert_false (held.done);
  live_test_bed_kill_polkitd (fixture.bed);
  g_assert_true (live_test_wait (is_answered, &held, 10));
  g_assert_cmpstr (held.error, ==, NOT_AUTHORIZED);
  expect_version (user, NOT_AUTHORIZED);
  live_test_bed_start_polkitd (fixture.bed);
  expect_version (user, NULL);
  leave (user);
  leave (late);
  tear_down (&fixture);
}

static void
test_changed (void)
{
  Fixture fixture;
  GDBusConnection *user = NULL;

  set_up (&fixture, rule_for_user, FALSE);
  user = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
  expect_version (user, NULL);
  live_test_bed_set_polkit_rules (fixture.bed, "// none\n");
  expect_version (user, NOT_AUTHORIZED);
  live_test_bed_set_polkit_rules (fixture.bed, rule_for_user);
  expect_version (user, NULL);
  leave (user);
  tear_down (&fixture);
}

/* A yes that polkit gave before its answers became void serves the call that waited for it, and is not remembered. */
static void
test_changed_while_asked (void)
{
  Fixture fixture;
  GDBusConnection *user = NULL;
  GDBusConnection *root = NULL;
  g_auto (Answer) held = { 0 };
  g_auto (Answer) ping = { 0 };
  GPid polkitd = 0;

  set_up (&fixture, rule_for_user, FALSE);
  user = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
  root = live_test_bed_connect (fixture.bed, 0);
  polkitd = live_test_bed_get_polkitd_pid (fixture.bed);
  g_assert_cmpint (kill (polkitd, SIGSTOP), ==, 0);
  send (user, LIVE_OBJECT_ROOT, OBJECT_MANAGER, "GetManagedObjects", NULL, 0, &held);
  call (user, LIVE_OBJECT_ROOT, "org.freedesktop.DBus.Peer", "Ping", NULL, &ping);
  g_assert_true (live_test_wait (was_asked, &fixture, 10));
  /* In polkitd's place, which cannot speak now. */
  g_assert_true (g_dbus_connection_emit_signal (root, g_dbus_connection_get_unique_name (fixture.service),
                                                "/org/freedesktop/PolicyKit1/Authority",
                                                "org.freedesktop.PolicyKit1.Authority", "Changed", NULL, NULL));
  answer_clear (&ping);
  call (root, LIVE_OBJECT_ROOT, "org.freedesktop.DBus.Peer", "Ping", NULL, &ping);
  g_assert_cmpint (kill (polkitd, SIGCONT), ==, 0);
  g_assert_true (live_test_wait (is_answered, &held, 10));
  g_assert_cmpstr (held.error, ==, NULL);
  expect_version (user, NULL);
  g_assert_cmpint (g_atomic_int_get (&fixture.n_questions), ==, 2);
  expect_version (user, NULL);
  g_assert_cmpint (g_atomic_int_get (&fixture.n_questions), ==, 2);
  leave (user);
  leave (root);
  tear_down (&fixture);
}

/* The caller leaves while polkit is asked; others are served as before. */
static void
test_sender_leaves (void)
{
  Fixture fixture;
  GDBusConnection *gone = NULL;
  GDBusConnection *user = NULL;
  g_auto (Answer) held = { 0 };
  GPid polkitd = 0;

  set_up (&fixture, rule_for_user, FALSE);
  gone = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
  user = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
  polkitd = live_test_bed_get_polkitd_pid (fixture.bed);
  g_assert_cmpint (kill (polkitd, SIGSTOP), ==, 0);
  send (gone, LIVE_OBJECT_ROOT, OBJECT_MANAGER, "GetManagedObjects", NULL, 0, &held);
  g_assert_true (g_dbus_connection_flush_sync (gone, NULL, NULL));
  leave (gone);
  g_assert_true (live_test_wait (is_answered, &held, 10));
  g_assert_nonnull (held.error);
  g_assert_cmpint (kill (polkitd, SIGCONT), ==, 0);
  expect_version (user, NULL);
  leave (user);
  tear_down (&fixture);
}

/* A flood of one caller is one question, and every call gets its answer. */
static void
test_flood (void)
{
  Fixture fixture;
  GDBusConnection *user = NULL;
  Answer answers[100] = { 0 };
  GPid polkitd = 0;

  set_up (&fixture, rule_for_user, FALSE);
  user = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
  polkitd = live_test_bed_get_polkitd_pid (fixture.bed);
  g_assert_cmpint (kill (polkitd, SIGSTOP), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    send (user, WORK, PROPERTIES, "GetAll", g_variant_new ("(s)", "org.qubes.Live1.Qube"), 0, &answers[i]);
  /* Not held, so answered after the filter has seen all that came before. */
  {
    g_auto (Answer) ping = { 0 };

    call (user, LIVE_OBJECT_ROOT, "org.freedesktop.DBus.Peer", "Ping", NULL, &ping);
    g_assert_null (ping.error);
  }
  g_assert_cmpint (kill (polkitd, SIGCONT), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_assert_true (live_test_wait (is_answered, &answers[i], 10));
      g_assert_cmpstr (answers[i].error, ==, NULL);
      answer_clear (&answers[i]);
    }
  g_assert_cmpint (g_atomic_int_get (&fixture.n_questions), ==, 1);
  leave (user);
  tear_down (&fixture);
}

/* What the filter does not hold: changes are asked about elsewhere, and reads of others' paths are not ours. */
static void
test_passes (void)
{
  static const struct
  {
    const char *path;
    const char *interface;
    const char *method;
    const char *arguments;
    const char *error;
  } cases[] = {
    { LIVE_OBJECT_ROOT, "org.qubes.Live1.Manager", "Refresh", NULL, NULL },
    { LIVE_OBJECT_ROOT, "org.freedesktop.DBus.Peer", "Ping", NULL, NULL },
    { LIVE_OBJECT_ROOT, PROPERTIES, "Set", "('org.qubes.Live1.Manager', 'Version', <'9'>)",
      "org.freedesktop.DBus.Error.InvalidArgs" },
    { "/org/qubes", INTROSPECTABLE, "Introspect", NULL, NULL },
    { "/org/qubes/Live1x", PROPERTIES, "GetAll", "('org.qubes.Live1.Manager',)",
      "org.freedesktop.DBus.Error.UnknownMethod" },
    { LIVE_OBJECT_ROOT, PROPERTIES, "GetSome", "('org.qubes.Live1.Manager',)",
      "org.freedesktop.DBus.Error.UnknownMethod" },
  };
  Fixture fixture;
  GDBusConnection *user = NULL;

  set_up (&fixture, NULL, FALSE);
  user = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Answer) answer = { 0 };

      g_test_message ("%u: %s.%s on %s", i, cases[i].interface, cases[i].method, cases[i].path);
      call (user, cases[i].path, cases[i].interface, cases[i].method, parse_arguments (cases[i].arguments), &answer);
      g_assert_cmpstr (answer.error, ==, cases[i].error);
    }
  g_assert_cmpint (g_atomic_int_get (&fixture.n_questions), ==, 0);
  g_assert_cmpstr (live_bus_manager_get_version (fixture.root), ==, "1.2.3");
  leave (user);
  tear_down (&fixture);
}

static void
on_message_reply (GObject *source, GAsyncResult *result, gpointer data)
{
  *(GDBusMessage **)data = g_dbus_connection_send_message_with_reply_finish (G_DBUS_CONNECTION (source), result, NULL);
}

static gboolean
is_set (gpointer data)
{
  return *(gpointer *)data != NULL;
}

/* The interface may be left out of a call: no way around the filter. */
static void
test_without_interface (void)
{
  static const char *const methods[] = { "Get", "GetAll", "GetManagedObjects", "Introspect" };
  Fixture fixture;
  GDBusConnection *user = NULL;

  set_up (&fixture, NULL, FALSE);
  user = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr (GDBusMessage) message
          = g_dbus_message_new_method_call (LIVE_BUS_NAME, LIVE_OBJECT_ROOT, NULL, methods[i]);
      g_autoptr (GDBusMessage) reply = NULL;

      if (g_str_equal (methods[i], "Get"))
        g_dbus_message_set_body (message, g_variant_new ("(ss)", "org.qubes.Live1.Manager", "Version"));
      if (g_str_equal (methods[i], "GetAll"))
        g_dbus_message_set_body (message, g_variant_new ("(s)", "org.qubes.Live1.Manager"));
      g_dbus_connection_send_message_with_reply (user, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE, 10000, NULL, NULL,
                                                 on_message_reply, &reply);
      g_assert_true (live_test_wait (is_set, &reply, 10));
      g_assert_cmpint (g_dbus_message_get_message_type (reply), ==, G_DBUS_MESSAGE_TYPE_ERROR);
    }
  leave (user);
  tear_down (&fixture);
}

/* Who wants no reply gets none, and the next call is served. */
static void
test_no_reply_expected (void)
{
  Fixture fixture;
  GDBusConnection *user = NULL;
  g_autoptr (GDBusMessage) message
      = g_dbus_message_new_method_call (LIVE_BUS_NAME, LIVE_OBJECT_ROOT, OBJECT_MANAGER, "GetManagedObjects");

  g_dbus_message_set_flags (message, G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED);
  set_up (&fixture, rule_for_user, FALSE);
  user = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
  g_assert_true (g_dbus_connection_send_message (user, message, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL));
  expect_version (user, NULL);
  leave (user);
  tear_down (&fixture);
}

/* A person is asked only for a caller that says so. */
static void
test_dialog (void)
{
  static const char ask_rule[] = "polkit.addRule(function(action, subject) {\n"
                                 "  if (action.id == 'org.qubes.Live1.view')\n"
                                 "    return polkit.Result.AUTH_ADMIN;\n"
                                 "});\n";
  Fixture fixture;
  GDBusConnection *user = NULL;
  LiveTestAgent *agent = NULL;
  g_auto (Answer) answer = { 0 };

  set_up (&fixture, ask_rule, FALSE);
  user = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
  agent = live_test_agent_new (fixture.bed, LIVE_TEST_USER_UID);
  expect_version (user, NOT_AUTHORIZED);
  g_assert_cmpuint (live_test_agent_get_n_begun (agent), ==, 0);
  send (user, LIVE_OBJECT_ROOT, OBJECT_MANAGER, "GetManagedObjects", NULL,
        G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION, &answer);
  g_assert_true (live_test_agent_wait_begun (agent, 1));
  /* A read that may not wait for a person does not. */
  expect_version (user, NOT_AUTHORIZED);
  g_assert_false (answer.done);
  live_test_agent_answer (agent, TRUE);
  g_assert_true (live_test_wait (is_answered, &answer, 10));
  g_assert_cmpstr (answer.error, ==, NULL);
  expect_version (user, NULL);
  live_test_agent_free (agent);
  leave (user);
  tear_down (&fixture);
}

/* Of many callers that came and went, none is kept. */
static void
test_forgets (void)
{
  Fixture fixture;

  set_up (&fixture, rule_for_user, FALSE);
  for (guint i = 0; i < 50; i++)
    {
      GDBusConnection *user = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);

      expect_version (user, NULL);
      leave (user);
    }
  {
    GDBusConnection *last = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);

    expect_version (last, NULL);
    g_assert_cmpuint (live_view_filter_get_n_viewers (fixture.filter), <=, 2);
    leave (last);
  }
  tear_down (&fixture);
}

static void
test_skipped (void)
{
  g_test_skip ("only root can make a mount namespace");
}

int
main (int argc, char **argv)
{
  gboolean able = live_test_bed_init ();

  g_test_init (&argc, &argv, NULL);
  if (!able)
    {
      g_test_add_func ("/view-filter", test_skipped);
      return g_test_run ();
    }
  g_test_add_func ("/view-filter/denied", test_denied);
  g_test_add_func ("/view-filter/as-gdbus", test_as_gdbus);
  g_test_add_func ("/view-filter/callers", test_callers);
  g_test_add_func ("/view-filter/polkit-absent", test_polkit_absent);
  g_test_add_func ("/view-filter/polkit-dies", test_polkit_dies);
  g_test_add_func ("/view-filter/changed", test_changed);
  g_test_add_func ("/view-filter/changed-while-asked", test_changed_while_asked);
  g_test_add_func ("/view-filter/sender-leaves", test_sender_leaves);
  g_test_add_func ("/view-filter/flood", test_flood);
  g_test_add_func ("/view-filter/passes", test_passes);
  g_test_add_func ("/view-filter/without-interface", test_without_interface);
  g_test_add_func ("/view-filter/no-reply-expected", test_no_reply_expected);
  g_test_add_func ("/view-filter/dialog", test_dialog);
  g_test_add_func ("/view-filter/forgets", test_forgets);
  return g_test_run ();
}
