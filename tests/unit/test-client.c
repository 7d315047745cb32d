/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "client/client.h"
#include "mock-service.h"
#include "model/error.h"
#include "model/object-path.h"

#include <stdlib.h>

/* What every test has: a bus, usually a service, a client, and a note of every signal of it. */
typedef struct
{
  LiveMockBus *bus;
  LiveMockService *service;
  LiveClient *client;
  GString *notes;
} Fixture;

static void
note_state (LiveClient *client, GParamSpec *pspec, Fixture *fixture)
{
  const char *const names[] = { "connecting", "ready", "gone", "refused" };
  int state = -1;

  g_object_get (client, "state", &state, NULL);
  g_assert_cmpint (state, ==, (int)live_client_get_state (client));
  g_string_append_printf (fixture->notes, "state:%s ", names[state]);
}

#define NOTE(function, word, type, name)                                                                               \
  static void function (LiveClient *client, type *object, Fixture *fixture)                                            \
  {                                                                                                                    \
    g_string_append_printf (fixture->notes, word ":%s ", name (object));                                               \
  }
NOTE (note_qube_added, "+qube", LiveClientQube, live_client_qube_get_name)
NOTE (note_qube_removed, "-qube", LiveClientQube, live_client_qube_get_name)
NOTE (note_qube_changed, "qube", LiveClientQube, live_client_qube_get_name)
NOTE (note_pool_added, "+pool", LiveClientPool, live_client_pool_get_name)
NOTE (note_pool_removed, "-pool", LiveClientPool, live_client_pool_get_name)
NOTE (note_pool_changed, "pool", LiveClientPool, live_client_pool_get_name)

static void
note_manager (LiveClient *client, Fixture *fixture)
{
  g_string_append (fixture->notes, "manager ");
}

static void
start_client (Fixture *fixture)
{
  fixture->client = live_client_new ();
  g_signal_connect (fixture->client, "notify::state", G_CALLBACK (note_state), fixture);
  g_signal_connect (fixture->client, "qube-added", G_CALLBACK (note_qube_added), fixture);
  g_signal_connect (fixture->client, "qube-removed", G_CALLBACK (note_qube_removed), fixture);
  g_signal_connect (fixture->client, "qube-changed", G_CALLBACK (note_qube_changed), fixture);
  g_signal_connect (fixture->client, "pool-added", G_CALLBACK (note_pool_added), fixture);
  g_signal_connect (fixture->client, "pool-removed", G_CALLBACK (note_pool_removed), fixture);
  g_signal_connect (fixture->client, "pool-changed", G_CALLBACK (note_pool_changed), fixture);
  g_signal_connect (fixture->client, "manager-changed", G_CALLBACK (note_manager), fixture);
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->bus = live_mock_bus_new ();
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", live_mock_bus_get_address (fixture->bus), TRUE);
  fixture->service = live_mock_service_new (fixture->bus);
  fixture->notes = g_string_new (NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  if (fixture->client != NULL)
    g_signal_handlers_disconnect_by_data (fixture->client, fixture);
  g_clear_object (&fixture->client);
  g_clear_pointer (&fixture->service, live_mock_service_free);
  live_mock_bus_free (fixture->bus);
  g_string_free (fixture->notes, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

static gboolean
wait_ready (Fixture *fixture, GError **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  live_client_wait_ready_async (fixture->client, NULL, keep_result, &result);
  live_mock_wait (result != NULL);
  return live_client_wait_ready_finish (fixture->client, result, error);
}

static void
start_ready_client (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  start_client (fixture);
  wait_ready (fixture, &error);
  g_assert_no_error (error);
  g_string_truncate (fixture->notes, 0);
}

static gboolean
noted (Fixture *fixture, const char *what)
{
  return strstr (fixture->notes->str, what) != NULL;
}

static void
test_first_state (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) qubes = NULL;
  g_autoptr (GPtrArray) pools = NULL;
  LiveClientQube *qube = NULL;
  LiveClientPool *pool = NULL;
  LiveBusQube *exported = live_mock_service_add_qube (fixture->service, "work");
  const char *const pending[] = { "root-read-only", NULL };

  live_bus_qube_set_pending (exported, pending);
  live_bus_qube_set_window_deadline (exported, 1234567890123);
  live_bus_qube_set_template_for_dispvms (exported, TRUE);
  live_bus_qube_set_reasons (exported, g_variant_new_parsed ("[('root-writable', {'pool': <'vm-pool'>})]"));
  live_mock_service_add_qube (fixture->service, "a-b_c.d");
  live_mock_service_add_qube (fixture->service, "Zoo");
  live_mock_service_add_pool (fixture->service, "vm-pool");
  start_client (fixture);
  g_assert_cmpint (live_client_get_state (fixture->client), ==, LIVE_CLIENT_CONNECTING);
  g_assert_cmpstr (live_client_get_indicator (fixture->client), ==, "unknown");
  g_assert_true (wait_ready (fixture, &error));
  g_assert_no_error (error);

  /* Every object is announced before the client says that it is ready. */
  g_assert_true (noted (fixture, "+qube:work "));
  g_assert_true (noted (fixture, "+pool:vm-pool "));
  g_assert_true (strstr (fixture->notes->str, "+pool:vm-pool ") < strstr (fixture->notes->str, "state:ready"));
  qubes = live_client_get_qubes (fixture->client);
  g_assert_cmpuint (qubes->len, ==, 3);
  g_assert_cmpstr (live_client_qube_get_name (qubes->pdata[0]), ==, "Zoo");
  g_assert_cmpstr (live_client_qube_get_name (qubes->pdata[1]), ==, "a-b_c.d");
  g_assert_cmpstr (live_client_qube_get_name (qubes->pdata[2]), ==, "work");

  qube = live_client_find_qube (fixture->client, "work");
  g_assert_true (qube == qubes->pdata[2]);
  g_assert_cmpstr (live_client_qube_get_class (qube), ==, "AppVM");
  g_assert_cmpstr (live_client_qube_get_label (qube), ==, "red");
  g_assert_cmpstr (live_client_qube_get_state (qube), ==, "halted");
  g_assert_true (live_client_qube_get_template_for_dispvms (qube));
  g_assert_cmpstr (live_client_qube_get_policy (qube), ==, "persistent");
  g_assert_cmpstr (live_client_qube_get_persistence (qube), ==, "persistent");
  g_assert_cmpstr (live_client_qube_get_evidence (qube), ==, "configured");
  g_assert_true (live_client_qube_get_root_writable (qube));
  g_assert_true (live_client_qube_get_private_writable (qube));
  g_assert_false (live_client_qube_get_volatile_ephemeral (qube));
  g_assert_true (live_client_qube_get_manageable (qube));
  g_assert_true (live_client_qube_accepts_policy (qube, "root"));
  g_assert_true (live_client_qube_accepts_policy (qube, "full"));
  g_assert_false (live_client_qube_accepts_policy (qube, "half"));
  g_assert_cmpstr (live_client_qube_get_pools (qube)[0], ==, "varlibqubes");
  g_assert_cmpstr (live_client_qube_get_pending (qube)[0], ==, "root-read-only");
  g_assert_null (live_client_qube_get_pending (qube)[1]);
  g_assert_cmpstr (live_client_qube_get_window_state (qube), ==, "closed");
  g_assert_cmpint (live_client_qube_get_window_deadline (qube), ==, 1234567890123);
  g_assert_cmpuint (g_variant_n_children (live_client_qube_get_reasons (qube)), ==, 1);
  g_assert_true (live_client_qube_is_halted (qube));
  g_assert_false (live_client_qube_is_running (qube));

  pools = live_client_get_pools (fixture->client);
  g_assert_cmpuint (pools->len, ==, 1);
  pool = live_client_find_pool (fixture->client, "vm-pool");
  g_assert_true (pool == pools->pdata[0]);
  g_assert_cmpstr (live_client_pool_get_driver (pool), ==, "file-reflink");
  g_assert_cmpstr (live_client_pool_get_kind (pool), ==, "disk");
  g_assert_cmpuint (live_client_pool_get_size (pool), ==, (guint64)100 << 30);
  g_assert_cmpuint (live_client_pool_get_used (pool), ==, (guint64)40 << 30);
  g_assert_false (live_client_pool_get_ephemeral_volatile (pool));
  g_assert_true (live_client_pool_get_ephemeral_volatile_supported (pool));

  g_assert_cmpstr (live_client_get_helper_version (fixture->client), ==, "0.1.0");
  g_assert_true (live_client_get_qubesd_connected (fixture->client));
  g_assert_true (live_client_get_synchronized (fixture->client));
  g_assert_cmpstr (live_client_get_boot_mode (fixture->client), ==, "persistent");
  g_assert_null (live_client_find_qube (fixture->client, "nobody"));
  g_assert_null (live_client_find_qube (fixture->client, ""));
  g_assert_null (live_client_find_qube (fixture->client, "../dom0"));
  g_assert_null (live_client_find_pool (fixture->client, "work"));
}

static void
test_changes (Fixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");
  LiveBusPool *pool = live_mock_service_add_pool (fixture->service, "vm-pool");
  LiveClientQube *before = NULL;

  start_ready_client (fixture);
  before = live_client_find_qube (fixture->client, "work");

  live_bus_qube_set_state (work, "running");
  live_bus_qube_set_evidence (work, "verified");
  live_mock_wait (noted (fixture, "qube:work"));
  g_assert_cmpstr (fixture->notes->str, ==, "qube:work ");
  g_assert_true (live_client_find_qube (fixture->client, "work") == before);
  g_assert_true (live_client_qube_is_running (before));
  g_assert_cmpstr (live_client_qube_get_evidence (before), ==, "verified");

  g_string_truncate (fixture->notes, 0);
  live_bus_pool_set_used (pool, 7);
  live_mock_wait (noted (fixture, "pool:vm-pool"));
  g_assert_cmpuint (live_client_pool_get_used (live_client_find_pool (fixture->client, "vm-pool")), ==, 7);

  g_string_truncate (fixture->notes, 0);
  live_bus_manager_set_indicator (live_mock_service_get_manager (fixture->service), "alarm");
  live_mock_wait (noted (fixture, "manager"));
  g_assert_cmpstr (live_client_get_indicator (fixture->client), ==, "alarm");

  g_string_truncate (fixture->notes, 0);
  live_mock_service_add_qube (fixture->service, "new");
  live_mock_service_remove_qube (fixture->service, "work");
  live_mock_service_remove_pool (fixture->service, "vm-pool");
  live_mock_wait (noted (fixture, "-pool:vm-pool"));
  g_assert_cmpstr (fixture->notes->str, ==, "+qube:new -qube:work -pool:vm-pool ");
  g_assert_null (live_client_find_qube (fixture->client, "work"));
}

static void
test_helper_restart (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  live_mock_service_add_qube (fixture->service, "work");
  live_mock_service_add_pool (fixture->service, "vm-pool");
  live_bus_manager_set_indicator (live_mock_service_get_manager (fixture->service), "persistent");
  start_ready_client (fixture);
  g_assert_cmpstr (live_client_get_indicator (fixture->client), ==, "persistent");

  g_clear_pointer (&fixture->service, live_mock_service_free);
  live_mock_wait (live_client_get_state (fixture->client) == LIVE_CLIENT_HELPER_GONE);
  live_mock_wait (noted (fixture, "-pool:vm-pool"));
  g_assert_true (noted (fixture, "state:gone "));
  g_assert_true (noted (fixture, "-qube:work "));
  g_assert_cmpstr (live_client_get_indicator (fixture->client), ==, "unknown");
  g_assert_cmpstr (live_client_get_boot_mode (fixture->client), ==, "unknown");
  g_assert_false (live_client_get_qubesd_connected (fixture->client));
  g_assert_false (wait_ready (fixture, &error));
  g_assert_error (error, LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE);

  g_string_truncate (fixture->notes, 0);
  fixture->service = live_mock_service_new (fixture->bus);
  live_mock_service_add_qube (fixture->service, "work");
  live_mock_wait (live_client_get_state (fixture->client) == LIVE_CLIENT_READY);
  live_mock_wait (noted (fixture, "+qube:work "));
}

static void
test_bus_restart (Fixture *fixture, gconstpointer unused)
{
  start_ready_client (fixture);
  g_clear_pointer (&fixture->service, live_mock_service_free);
  live_mock_bus_stop (fixture->bus);
  live_mock_wait (live_client_get_state (fixture->client) == LIVE_CLIENT_HELPER_GONE);
  live_mock_bus_start (fixture->bus);
  fixture->service = live_mock_service_new (fixture->bus);
  live_mock_wait (live_client_get_state (fixture->client) == LIVE_CLIENT_READY);
}

static void
test_no_bus (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  g_clear_pointer (&fixture->service, live_mock_service_free);
  live_mock_bus_stop (fixture->bus);
  start_client (fixture);
  g_assert_false (wait_ready (fixture, &error));
  g_assert_error (error, LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE);
  g_clear_error (&error);
  live_client_refresh_async (fixture->client, NULL, keep_result, &result);
  live_mock_wait (result != NULL);
  g_assert_false (live_client_refresh_finish (fixture->client, result, &error));
  g_assert_error (error, LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE);

  live_mock_bus_start (fixture->bus);
  fixture->service = live_mock_service_new (fixture->bus);
  live_mock_wait (live_client_get_state (fixture->client) == LIVE_CLIENT_READY);
}

static void
test_no_helper (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&fixture->service, live_mock_service_free);
  start_client (fixture);
  g_assert_false (wait_ready (fixture, &error));
  g_assert_error (error, LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE);
}

static void
test_not_authorized (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  live_mock_service_add_qube (fixture->service, "work");
  live_mock_service_refuse_view (fixture->service, TRUE);
  start_client (fixture);
  g_assert_false (wait_ready (fixture, &error));
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED);
  g_assert_cmpint (live_client_get_state (fixture->client), ==, LIVE_CLIENT_NOT_AUTHORIZED);
  g_assert_null (live_client_find_qube (fixture->client, "work"));
  /* What it cannot have looked at is not claimed, even though the properties of the manager did arrive. */
  g_assert_cmpstr (live_client_get_boot_mode (fixture->client), ==, "unknown");

  live_mock_service_refuse_view (fixture->service, FALSE);
  live_client_refresh_async (fixture->client, NULL, keep_result, &result);
  live_mock_wait (live_client_get_state (fixture->client) == LIVE_CLIENT_READY);
  g_assert_nonnull (live_client_find_qube (fixture->client, "work"));
  live_mock_wait (result != NULL);
}

static void
test_wait_cancelled (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  start_client (fixture);
  live_client_wait_ready_async (fixture->client, cancellable, keep_result, &result);
  g_cancellable_cancel (cancellable);
  live_mock_wait (result != NULL);
  g_assert_false (live_client_wait_ready_finish (fixture->client, result, &error));
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_CANCELLED);
}

/* The client goes at every moment of its start; nothing may come back to it. */
static void
test_freed_early (Fixture *fixture, gconstpointer unused)
{
  live_mock_service_add_qube (fixture->service, "work");
  for (guint iterations = 0; iterations < 40; iterations++)
    {
      g_autoptr (LiveClient) client = live_client_new ();

      for (guint i = 0; i < iterations; i++)
        g_main_context_iteration (NULL, FALSE);
      g_object_add_weak_pointer (G_OBJECT (client), (gpointer *)&client);
      g_object_unref (client);
      g_assert_null (client);
    }
}

static void
test_actions (Fixture *fixture, gconstpointer unused)
{
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");
  LiveClientQube *qube = NULL;
  LiveClientPool *pool = NULL;
  gboolean applied = FALSE;
  g_autofree char *calls = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  live_mock_service_add_pool (fixture->service, "vm-pool");
  start_ready_client (fixture);
  qube = live_client_find_qube (fixture->client, "work");
  pool = live_client_find_pool (fixture->client, "vm-pool");

#define FINISH(name, ...)                                                                                              \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    gboolean done = FALSE;                                                                                             \
    live_mock_wait (result != NULL);                                                                                   \
    done = live_client_##name##_finish (fixture->client, result, __VA_ARGS__);                                         \
    g_assert_no_error (error);                                                                                         \
    g_assert_true (done);                                                                                              \
    g_clear_object (&result);                                                                                          \
  }                                                                                                                    \
  G_STMT_END
  live_client_set_policy_async (fixture->client, qube, "root", NULL, keep_result, &result);
  FINISH (set_policy, &applied, &error);
  g_assert_true (applied);
  live_client_set_volume_writable_async (fixture->client, qube, "private", FALSE, NULL, keep_result, &result);
  FINISH (set_volume_writable, &error);
  live_client_start_qube_async (fixture->client, qube, NULL, keep_result, &result);
  FINISH (start_qube, &error);
  live_client_set_policy_async (fixture->client, qube, "persistent", NULL, keep_result, &result);
  FINISH (set_policy, &applied, &error);
  g_assert_false (applied);
  live_client_shutdown_qube_async (fixture->client, qube, NULL, keep_result, &result);
  FINISH (shutdown_qube, &error);
  live_client_refresh_qube_async (fixture->client, qube, NULL, keep_result, &result);
  FINISH (refresh_qube, &error);
  live_client_refresh_async (fixture->client, NULL, keep_result, &result);
  FINISH (refresh, &error);
  live_client_set_pool_ephemeral_volatile_async (fixture->client, pool, TRUE, NULL, keep_result, &result);
  FINISH (set_pool_ephemeral_volatile, &error);
#undef FINISH
  live_mock_wait (live_client_pool_get_ephemeral_volatile (pool));
  g_assert_false (live_client_qube_get_private_writable (qube));
  g_assert_false (live_bus_qube_get_private_writable (work));

  calls = live_mock_service_take_calls (fixture->service);
  g_assert_cmpstr (calls, ==,
                   "work SetPolicy 'root'; work SetVolumeWritable 'private' false; work Start; "
                   "work SetPolicy 'persistent'; work Shutdown; work Refresh; manager Refresh; "
                   "vm-pool SetEphemeralVolatile true");
}

static void
assert_start_fails (Fixture *fixture, LiveClientQube *qube, GQuark domain, int code, const char *message)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  live_client_start_qube_async (fixture->client, qube, NULL, keep_result, &result);
  live_mock_wait (result != NULL);
  g_assert_false (live_client_start_qube_finish (fixture->client, result, &error));
  g_assert_error (error, domain, code);
  if (message != NULL)
    g_assert_cmpstr (error->message, ==, message);
}

static void
test_action_errors (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (LiveClientQube) qube = NULL;

  live_mock_service_add_qube (fixture->service, "work");
  start_ready_client (fixture);
  qube = g_object_ref (live_client_find_qube (fixture->client, "work"));

  for (int code = 0; code < LIVE_ERROR_N_CODES; code++)
    {
      live_mock_service_fail (fixture->service, LIVE_ERROR, code, "work: so it is");
      assert_start_fails (fixture, qube, LIVE_ERROR, code, "work: so it is");
    }
  live_mock_service_fail (fixture->service, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED, "bus policy");
  assert_start_fails (fixture, qube, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED, "bus policy");
  live_mock_service_fail (fixture->service, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD, "old helper");
  assert_start_fails (fixture, qube, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED, "old helper");
  live_mock_service_fail (fixture->service, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY, "too slow");
  assert_start_fails (fixture, qube, LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE, "too slow");
  live_mock_service_fail (fixture->service, 0, 0, NULL);

  /* The qube is deleted while somebody still holds it. */
  live_mock_service_remove_qube (fixture->service, "work");
  assert_start_fails (fixture, qube, LIVE_ERROR, LIVE_ERROR_NOT_FOUND, NULL);
}

static void
test_action_cancelled (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  live_mock_service_add_qube (fixture->service, "work");
  start_ready_client (fixture);
  live_mock_service_hold (fixture->service);
  live_client_start_qube_async (fixture->client, live_client_find_qube (fixture->client, "work"), cancellable,
                                keep_result, &result);
  live_mock_wait (live_mock_service_get_n_held (fixture->service) == 1);
  g_cancellable_cancel (cancellable);
  live_mock_wait (result != NULL);
  g_assert_false (live_client_start_qube_finish (fixture->client, result, &error));
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_CANCELLED);
  live_mock_service_release (fixture->service);
}

static void
test_helper_dies_in_action (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  live_mock_service_add_qube (fixture->service, "work");
  start_ready_client (fixture);
  live_mock_service_hold (fixture->service);
  live_client_start_qube_async (fixture->client, live_client_find_qube (fixture->client, "work"), NULL, keep_result,
                                &result);
  live_mock_wait (live_mock_service_get_n_held (fixture->service) == 1);
  g_clear_pointer (&fixture->service, live_mock_service_free);
  live_mock_wait (result != NULL);
  g_assert_false (live_client_start_qube_finish (fixture->client, result, &error));
  g_assert_error (error, LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE);
}

static void
emit_properties (GDBusConnection *connection, const char *interface, const char *changes)
{
  g_autofree char *object_path = live_object_path ("qube", "work");
  g_autofree char *text = g_strdup_printf ("('%s', %s)", interface, changes);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) parameters = g_variant_parse (G_VARIANT_TYPE ("(sa{sv}as)"), text, NULL, NULL, &error);

  g_assert_no_error (error);
  g_dbus_connection_emit_signal (connection, NULL, object_path, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                                 parameters, &error);
  g_assert_no_error (error);
}

static void
test_hostile_objects (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GPtrArray) qubes = NULL;
  LiveClientQube *qube = NULL;
  GDBusConnection *connection = live_mock_service_get_connection (fixture->service);

  live_mock_service_add_qube (fixture->service, "work");
  live_mock_service_add_qube_at (fixture->service, LIVE_OBJECT_ROOT "/qube/other", "work");
  live_mock_service_add_qube_at (fixture->service, LIVE_OBJECT_ROOT "/qube/empty", "");
  live_mock_service_add_qube_at (fixture->service, LIVE_OBJECT_ROOT "/qube/markup", "<b>markup</b>");
  start_ready_client (fixture);
  qubes = live_client_get_qubes (fixture->client);
  g_assert_cmpuint (qubes->len, ==, 1);
  qube = qubes->pdata[0];

  /* A wrong type makes the value one that promises nothing. */
  emit_properties (connection, "org.qubes.Live1.Qube",
                   "{'State': <@u 7>, 'Persistence': <true>, 'Evidence': <@as []>, 'RootWritable': <'no'>, "
                   "'PrivateWritable': <@y 0>, 'VolatileEphemeral': <'yes'>, 'Pools': <'x'>, 'Manageable': <@i 1>, "
                   "'Policies': <@a(ss) []>, 'Reasons': <'because'>, 'WindowDeadline': <@u 3>, 'Unheard': <@u 1>}, "
                   "@as []");
  live_mock_wait (noted (fixture, "qube:work"));
  g_assert_cmpstr (live_client_qube_get_state (qube), ==, "unknown");
  g_assert_cmpstr (live_client_qube_get_persistence (qube), ==, "unknown");
  g_assert_cmpstr (live_client_qube_get_evidence (qube), ==, "unknown");
  g_assert_true (live_client_qube_get_root_writable (qube));
  g_assert_true (live_client_qube_get_private_writable (qube));
  g_assert_false (live_client_qube_get_volatile_ephemeral (qube));
  g_assert_null (live_client_qube_get_pools (qube)[0]);
  g_assert_false (live_client_qube_get_manageable (qube));
  g_assert_false (live_client_qube_accepts_policy (qube, "root"));
  g_assert_cmpuint (g_variant_n_children (live_client_qube_get_reasons (qube)), ==, 0);
  g_assert_cmpint (live_client_qube_get_window_deadline (qube), ==, 0);
  g_assert_false (live_client_qube_is_halted (qube));

  /* A value that is said to have changed but not sent is read again. */
  g_string_truncate (fixture->notes, 0);
  emit_properties (connection, "org.qubes.Live1.Qube", "@a{sv} {}, ['State']");
  live_mock_wait (noted (fixture, "qube:work"));
  g_assert_cmpstr (live_client_qube_get_state (qube), ==, "halted");
  g_assert_cmpstr (live_client_qube_get_persistence (qube), ==, "persistent");

  /* An interface that is not ours, then a new name on the old path. */
  g_string_truncate (fixture->notes, 0);
  emit_properties (connection, "org.qubes.Live1.Unheard", "{'State': <'running'>}, @as []");
  emit_properties (connection, "org.qubes.Live1.Qube", "{'Name': <'play'>}, @as []");
  live_mock_wait (noted (fixture, "-qube:"));
  g_assert_null (live_client_find_qube (fixture->client, "work"));
}

static void
test_other_sender (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GDBusConnection) stranger = live_mock_bus_connect (fixture->bus);
  LiveBusQube *work = live_mock_service_add_qube (fixture->service, "work");

  start_ready_client (fixture);
  emit_properties (stranger, "org.qubes.Live1.Qube",
                   "{'Persistence': <'ephemeral'>, 'Evidence': <'verified'>}, @as []");
  g_dbus_connection_flush_sync (stranger, NULL, NULL);
  live_bus_qube_set_state (work, "running");
  live_mock_wait (live_client_qube_is_running (live_client_find_qube (fixture->client, "work")));
  g_assert_cmpstr (fixture->notes->str, ==, "qube:work ");
  g_assert_cmpstr (live_client_qube_get_evidence (live_client_find_qube (fixture->client, "work")), ==, "configured");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, function) g_test_add ("/client/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("first-state", test_first_state);
  ADD ("changes", test_changes);
  ADD ("helper-restart", test_helper_restart);
  ADD ("bus-restart", test_bus_restart);
  ADD ("no-bus", test_no_bus);
  ADD ("no-helper", test_no_helper);
  ADD ("not-authorized", test_not_authorized);
  ADD ("wait-cancelled", test_wait_cancelled);
  ADD ("freed-early", test_freed_early);
  ADD ("actions", test_actions);
  ADD ("action-errors", test_action_errors);
  ADD ("action-cancelled", test_action_cancelled);
  ADD ("helper-dies-in-action", test_helper_dies_in_action);
  ADD ("hostile-objects", test_hostile_objects);
  ADD ("other-sender", test_other_sender);
#undef ADD
  return g_test_run ();
}
