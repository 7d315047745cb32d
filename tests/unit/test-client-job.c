/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* Jobs as the faces see them: the mirror, the methods that begin them, and waiting for their end. */

#include <math.h>
#include <string.h>

#include "client/client.h"
#include "client/job-words.h"
#include "client/pool-words.h"
#include "mock-service.h"
#include "model/error.h"
#include "model/job.h"
#include "model/object-path.h"

/* The space that keeps a number and its unit on one line. */
#define NB "\302\240"
#define FIRST_JOB LIVE_OBJECT_ROOT "/job/1"

typedef struct
{
  LiveMockBus *bus;
  LiveMockService *service;
  LiveClient *client;
  GString *notes;
} Fixture;

#define NOTE(function, word)                                                                                           \
  static void function (LiveClient *client, LiveClientJob *job, Fixture *fixture)                                      \
  {                                                                                                                    \
    g_string_append_printf (fixture->notes, word ":%u ", live_client_job_get_id (job));                                \
  }
NOTE (note_added, "+job")
NOTE (note_removed, "-job")
NOTE (note_changed, "job")

static void
keep_result (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  fixture->bus = live_mock_bus_new ();
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", live_mock_bus_get_address (fixture->bus), TRUE);
  fixture->service = live_mock_service_new (fixture->bus);
  fixture->notes = g_string_new (NULL);
  fixture->client = live_client_new ();
  g_signal_connect (fixture->client, "job-added", G_CALLBACK (note_added), fixture);
  g_signal_connect (fixture->client, "job-removed", G_CALLBACK (note_removed), fixture);
  g_signal_connect (fixture->client, "job-changed", G_CALLBACK (note_changed), fixture);
  live_client_wait_ready_async (fixture->client, NULL, keep_result, &result);
  live_mock_wait (result != NULL);
  live_client_wait_ready_finish (fixture->client, result, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  g_signal_handlers_disconnect_by_data (fixture->client, fixture);
  /* Nothing that waited keeps it. */
  g_object_add_weak_pointer (G_OBJECT (fixture->client), (gpointer *) &fixture->client);
  g_object_unref (fixture->client);
  live_mock_wait (fixture->client == NULL);
  g_clear_pointer (&fixture->service, live_mock_service_free);
  live_mock_bus_free (fixture->bus);
  g_string_free (fixture->notes, TRUE);
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

static LiveClientJob *
wait_for_job (Fixture *fixture)
{
  live_mock_wait (live_client_find_job (fixture->client, FIRST_JOB) != NULL);
  return live_client_find_job (fixture->client, FIRST_JOB);
}

static void
test_mirror (Fixture *fixture, gconstpointer unused)
{
  LiveBusJob *job = live_mock_service_add_job (fixture->service, LIVE_JOB_CREATE_RAM_POOL, "ram1");
  g_autoptr (GPtrArray) jobs = NULL;
  g_autoptr (GPtrArray) rest = NULL;
  LiveClientJob *seen = wait_for_job (fixture);

  g_assert_cmpstr (fixture->notes->str, ==, "+job:1 ");
  g_assert_cmpuint (live_client_job_get_id (seen), ==, 1);
  g_assert_cmpstr (live_client_job_get_object_path (seen), ==, FIRST_JOB);
  g_assert_cmpstr (live_client_job_get_kind (seen), ==, LIVE_JOB_CREATE_RAM_POOL);
  g_assert_cmpstr (live_client_job_get_subject (seen), ==, "ram1");
  g_assert_cmpstr (live_client_job_get_step (seen), ==, LIVE_JOB_STEP_CHECK);
  g_assert_cmpfloat (live_client_job_get_progress (seen), ==, -1);
  g_assert_true (live_client_job_get_cancellable (seen));
  g_assert_false (live_client_job_get_finished (seen));
  g_assert_null (live_client_job_dup_error (seen));

  live_bus_job_set_step (job, LIVE_JOB_STEP_FORMAT);
  live_bus_job_set_progress (job, 0.25);
  live_mock_wait (live_client_job_get_progress (seen) >= 0);
  g_assert_cmpfloat (live_client_job_get_progress (seen), ==, 0.25);
  g_assert_cmpstr (live_client_job_get_step (seen), ==, LIVE_JOB_STEP_FORMAT);
  g_assert_cmpstr (fixture->notes->str, ==, "+job:1 job:1 ");

  /* By number, not by the letters of the path. */
  for (guint i = 0; i < 10; i++)
    live_mock_service_add_job (fixture->service, LIVE_JOB_RESIZE_POOL, "ram1");
  live_mock_wait (live_client_find_job (fixture->client, LIVE_OBJECT_ROOT "/job/11") != NULL);
  jobs = live_client_get_jobs (fixture->client);
  g_assert_cmpuint (jobs->len, ==, 11);
  for (guint i = 0; i < jobs->len; i++)
    g_assert_cmpuint (live_client_job_get_id (jobs->pdata[i]), ==, i + 1);

  live_mock_service_remove_job (fixture->service);
  live_mock_wait (strstr (fixture->notes->str, "-job:11 ") != NULL);
  rest = live_client_get_jobs (fixture->client);
  g_assert_cmpuint (rest->len, ==, 10);
}

static void
test_paths (void)
{
  static const struct
  {
    const char *object_path;
    guint id;
  } rows[] = {
    { LIVE_OBJECT_ROOT "/job/1", 1 },
    { LIVE_OBJECT_ROOT "/job/4294967295", G_MAXUINT },
    { LIVE_OBJECT_ROOT "/job/4294967296", 0 },
    { LIVE_OBJECT_ROOT "/job/0", 0 },
    { LIVE_OBJECT_ROOT "/job/01", 0 },
    { LIVE_OBJECT_ROOT "/job/+1", 0 },
    { LIVE_OBJECT_ROOT "/job/-1", 0 },
    { LIVE_OBJECT_ROOT "/job/1/2", 0 },
    { LIVE_OBJECT_ROOT "/job/1a", 0 },
    { LIVE_OBJECT_ROOT "/job/", 0 },
    { LIVE_OBJECT_ROOT "/job", 0 },
    { LIVE_OBJECT_ROOT "/pool/1", 0 },
    { "", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_test_message ("%s", rows[i].object_path);
      g_assert_cmpuint (live_client_job_parse_path (rows[i].object_path), ==, rows[i].id);
    }
}

static void
test_hostile_values (void)
{
  static const struct
  {
    const char *values;
    double progress;
    gboolean finished;
  } rows[] = {
    { "{'Progress': <0.0>}", 0, FALSE },     { "{'Progress': <1.0>}", 1, FALSE },
    { "{'Progress': <1.5>}", -1, FALSE },    { "{'Progress': <-0.5>}", -1, FALSE },
    { "{'Progress': <'half'>}", -1, FALSE }, { "{'Progress': <@u 1>}", -1, FALSE },
    { "{'Finished': <1>}", -1, FALSE },      { "{'Finished': <true>, 'Kind': <7>, 'Step': <@as []>}", -1, TRUE },
  };
  g_autoptr (LiveClientJob) nan_job = live_client_job_new (FIRST_JOB);
  GVariantDict dict;
  g_autoptr (GVariant) nan_values = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (LiveClientJob) job = live_client_job_new (FIRST_JOB);
      g_autoptr (GVariant) values = g_variant_parse (G_VARIANT_TYPE_VARDICT, rows[i].values, NULL, NULL, NULL);

      g_test_message ("%s", rows[i].values);
      g_assert_nonnull (values);
      live_client_job_update (job, values);
      g_assert_cmpfloat (live_client_job_get_progress (job), ==, rows[i].progress);
      g_assert_cmpint (live_client_job_get_finished (job), ==, rows[i].finished);
      g_assert_cmpstr (live_client_job_get_kind (job), ==, "");
      g_assert_cmpstr (live_client_job_get_step (job), ==, "");
      g_assert_null (live_client_job_dup_error (job));
    }
  /* It must not count as a change each time it is said again. */
  g_variant_dict_init (&dict, NULL);
  g_variant_dict_insert (&dict, "Progress", "d", (double) NAN);
  nan_values = g_variant_ref_sink (g_variant_dict_end (&dict));
  g_assert_false (live_client_job_update (nan_job, nan_values));
  g_assert_cmpfloat (live_client_job_get_progress (nan_job), ==, -1);
}

/* What the six methods send, and that each answers with the path of its job. */
static void
test_begin (Fixture *fixture, gconstpointer unused)
{
  static const char *const qubes[] = { "app1", "app2", NULL };
  LiveBusPool *exported = NULL;
  LiveClientPool *pool = NULL;
  LiveClientQube *qube = NULL;
  g_autofree char *calls = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  exported = live_mock_service_add_pool (fixture->service, "ram1");
  live_mock_service_add_qube (fixture->service, "work");
  live_mock_wait (live_client_find_qube (fixture->client, "work") != NULL);
  pool = live_client_find_pool (fixture->client, "ram1");
  qube = live_client_find_qube (fixture->client, "work");

#define FINISH(name, number)                                                                                           \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autofree char *object_path = NULL;                                                                               \
    live_mock_wait (result != NULL);                                                                                   \
    object_path = live_client_##name##_finish (fixture->client, result, &error);                                       \
    g_assert_no_error (error);                                                                                         \
    g_assert_cmpstr (object_path, ==, LIVE_OBJECT_ROOT "/job/" number);                                                \
    g_clear_object (&result);                                                                                          \
  }                                                                                                                    \
  G_STMT_END
  live_client_create_ram_pool_async (fixture->client, "ram2", (guint64) 5 << 32,
                                     g_variant_new_parsed ("{'kind': <'tmpfs'>}"), NULL, keep_result, &result);
  FINISH (create_ram_pool, "1");
  live_client_create_encrypted_pool_async (fixture->client, "safe", 7, "/srv/safe.img",
                                           g_variant_new_parsed ("@a{sv} {}"), NULL, keep_result, &result);
  FINISH (create_encrypted_pool, "2");
  live_client_run_ram_qube_async (fixture->client, qube, g_variant_new_parsed ("{'with-files': <true>}"), NULL,
                                  keep_result, &result);
  FINISH (run_ram_qube, "3");
  live_client_resize_pool_async (fixture->client, pool, 9, NULL, keep_result, &result);
  FINISH (resize_pool, "4");
  live_client_destroy_pool_async (fixture->client, pool, qubes, TRUE, NULL, keep_result, &result);
  FINISH (destroy_pool, "5");
#undef FINISH
  live_client_set_pool_default_async (fixture->client, pool, TRUE, NULL, keep_result, &result);
  live_mock_wait (result != NULL);
  g_assert_true (live_client_set_pool_default_finish (fixture->client, result, &error));
  g_assert_no_error (error);
  g_assert_true (live_bus_pool_get_default (exported));
  live_mock_wait (live_client_pool_get_is_default (pool));

  calls = live_mock_service_take_calls (fixture->service);
  g_assert_cmpstr (calls, ==,
                   "manager CreateRamPool 'ram2' 21474836480 {'kind': <'tmpfs'>}; "
                   "manager CreateEncryptedPool 'safe' 7 '/srv/safe.img' {}; "
                   "manager RunRamQube 'work' {'with-files': <true>}; ram1 Resize 9; "
                   "ram1 Destroy ['app1', 'app2'] true; ram1 SetDefault true");
}

static void
test_begin_refused (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_NO_MEMORY, "512 MiB are missing");
  live_client_create_ram_pool_async (fixture->client, "ram2", 1, g_variant_new_parsed ("@a{sv} {}"), NULL, keep_result,
                                     &result);
  live_mock_wait (result != NULL);
  g_assert_null (live_client_create_ram_pool_finish (fixture->client, result, &error));
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_NO_MEMORY);
}

static void
assert_ends (Fixture *fixture, GAsyncResult **result, GQuark domain, int code)
{
  g_autoptr (GError) error = NULL;
  gboolean success = FALSE;

  live_mock_wait (*result != NULL);
  success = live_client_wait_job_finish (fixture->client, *result, &error);
  g_assert_cmpint (success, ==, domain == 0);
  if (domain == 0)
    g_assert_no_error (error);
  else
    g_assert_error (error, domain, code);
  g_clear_object (result);
}

static void
test_wait (Fixture *fixture, gconstpointer unused)
{
  LiveBusJob *job = live_mock_service_add_job (fixture->service, LIVE_JOB_CREATE_RAM_POOL, "ram1");
  g_autoptr (GAsyncResult) first = NULL;
  g_autoptr (GAsyncResult) second = NULL;
  g_autoptr (GAsyncResult) late = NULL;

  /* One before the mirror knows of it, one afterwards. */
  g_assert_null (live_client_find_job (fixture->client, FIRST_JOB));
  live_client_wait_job_async (fixture->client, FIRST_JOB, NULL, keep_result, &first);
  wait_for_job (fixture);
  live_client_wait_job_async (fixture->client, FIRST_JOB, NULL, keep_result, &second);
  live_bus_job_set_step (job, LIVE_JOB_STEP_MOUNT);
  live_mock_wait (strstr (fixture->notes->str, " job:1") != NULL);
  g_assert_null (first);
  g_assert_null (second);

  live_mock_service_finish_job (fixture->service, job, "", "");
  assert_ends (fixture, &first, 0, 0);
  assert_ends (fixture, &second, 0, 0);
  /* It has ended, and is still there. */
  live_client_wait_job_async (fixture->client, FIRST_JOB, NULL, keep_result, &late);
  assert_ends (fixture, &late, 0, 0);
}

static void
test_wait_fails (Fixture *fixture, gconstpointer unused)
{
  LiveBusJob *job = live_mock_service_add_job (fixture->service, LIVE_JOB_CREATE_RAM_POOL, "ram1");
  LiveBusJob *other = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;

  live_client_wait_job_async (fixture->client, FIRST_JOB, NULL, keep_result, &result);
  live_mock_service_finish_job (fixture->service, job, "org.qubes.Live1.Error.NoMemory", "512 MiB are missing");
  live_mock_wait (result != NULL);
  g_assert_false (live_client_wait_job_finish (fixture->client, result, &error));
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_NO_MEMORY);
  g_assert_cmpstr (error->message, ==, "512 MiB are missing");
  g_clear_object (&result);

  /* An error of a newer helper is still an error. */
  other = live_mock_service_add_job (fixture->service, LIVE_JOB_DESTROY_POOL, "ram1");
  live_client_wait_job_async (fixture->client, LIVE_OBJECT_ROOT "/job/2", NULL, keep_result, &result);
  live_mock_service_finish_job (fixture->service, other, "org.qubes.Live1.Error.Unheard", "So it is");
  assert_ends (fixture, &result, LIVE_ERROR, LIVE_ERROR_FAILED);
}

static void
test_wait_unknown (Fixture *fixture, gconstpointer unused)
{
  static const char *const paths[] = { LIVE_OBJECT_ROOT "/job/77", LIVE_OBJECT_ROOT "/pool/ram1", "/", "nonsense" };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GAsyncResult) result = NULL;

      g_test_message ("%s", paths[i]);
      live_client_wait_job_async (fixture->client, paths[i], NULL, keep_result, &result);
      assert_ends (fixture, &result, LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE);
    }
}

static void
test_wait_removed (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GAsyncResult) result = NULL;

  live_mock_service_add_job (fixture->service, LIVE_JOB_CREATE_RAM_POOL, "ram1");
  wait_for_job (fixture);
  live_client_wait_job_async (fixture->client, FIRST_JOB, NULL, keep_result, &result);
  live_mock_service_remove_job (fixture->service);
  assert_ends (fixture, &result, LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE);
}

/* The next helper has a job of the same number, which is another one. */
static void
test_wait_helper_restarts (Fixture *fixture, gconstpointer unused)
{
  LiveBusJob *other = NULL;
  g_autoptr (GAsyncResult) result = NULL;

  live_mock_service_add_job (fixture->service, LIVE_JOB_CREATE_RAM_POOL, "ram1");
  wait_for_job (fixture);
  live_client_wait_job_async (fixture->client, FIRST_JOB, NULL, keep_result, &result);
  live_mock_service_free (fixture->service);
  fixture->service = live_mock_service_new (fixture->bus);
  other = live_mock_service_add_job (fixture->service, LIVE_JOB_DESTROY_POOL, "ram2");
  live_mock_service_finish_job (fixture->service, other, "", "");
  assert_ends (fixture, &result, LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE);
}

static void
test_wait_bus_goes (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) late = NULL;

  live_mock_service_add_job (fixture->service, LIVE_JOB_CREATE_RAM_POOL, "ram1");
  wait_for_job (fixture);
  live_client_wait_job_async (fixture->client, FIRST_JOB, NULL, keep_result, &result);
  live_mock_bus_stop (fixture->bus);
  assert_ends (fixture, &result, LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE);
  live_client_wait_job_async (fixture->client, FIRST_JOB, NULL, keep_result, &late);
  assert_ends (fixture, &late, LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE);
  live_mock_bus_start (fixture->bus);
}

static void
test_wait_cancelled (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) result = NULL;

  live_mock_service_add_job (fixture->service, LIVE_JOB_CREATE_RAM_POOL, "ram1");
  live_client_wait_job_async (fixture->client, FIRST_JOB, cancellable, keep_result, &result);
  g_cancellable_cancel (cancellable);
  assert_ends (fixture, &result, LIVE_ERROR, LIVE_ERROR_CANCELLED);
  g_assert_false (live_bus_job_get_finished (live_mock_service_get_job (fixture->service)));
}

static void
test_cancel_job (Fixture *fixture, gconstpointer unused)
{
  LiveBusJob *job = live_mock_service_add_job (fixture->service, LIVE_JOB_CREATE_RAM_POOL, "ram1");
  LiveClientJob *seen = wait_for_job (fixture);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GAsyncResult) again = NULL;
  g_autoptr (GAsyncResult) ended = NULL;
  g_autoptr (GError) error = NULL;

  live_client_wait_job_async (fixture->client, FIRST_JOB, NULL, keep_result, &ended);
  live_client_cancel_job_async (fixture->client, seen, NULL, keep_result, &result);
  live_mock_wait (result != NULL);
  g_assert_true (live_client_cancel_job_finish (fixture->client, result, &error));
  g_assert_no_error (error);
  g_assert_null (ended);

  live_client_cancel_job_async (fixture->client, seen, NULL, keep_result, &again);
  live_mock_wait (again != NULL);
  g_assert_false (live_client_cancel_job_finish (fixture->client, again, &error));
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED);

  live_mock_service_finish_job (fixture->service, job, "org.qubes.Live1.Error.Cancelled", "Taken back");
  assert_ends (fixture, &ended, LIVE_ERROR, LIVE_ERROR_CANCELLED);
}

static void
test_pool_and_dom0 (Fixture *fixture, gconstpointer unused)
{
  static const char *const qubes[] = { "app1", "app2", NULL };
  LiveBusPool *exported = live_mock_service_add_pool (fixture->service, "ram1");
  LiveClientPool *pool = NULL;

  live_mock_wait (live_client_find_pool (fixture->client, "ram1") != NULL);
  pool = live_client_find_pool (fixture->client, "ram1");
  g_assert_cmpuint (live_client_pool_get_memory_used (pool), ==, 0);
  g_assert_cmpstr (live_client_pool_get_state (pool), ==, "ready");
  g_assert_false (live_client_pool_get_managed (pool));
  g_assert_false (live_client_pool_get_is_default (pool));
  g_assert_null (live_client_pool_get_qubes (pool)[0]);
  live_bus_pool_set_qubes (exported, qubes);
  live_bus_pool_set_managed (exported, TRUE);
  live_bus_pool_set_state (exported, "gone");
  live_bus_pool_set_memory_used (exported, 700);
  live_mock_wait (live_client_pool_get_managed (pool));
  g_assert_cmpstr (live_client_pool_get_qubes (pool)[1], ==, "app2");
  g_assert_cmpstr (live_client_pool_get_state (pool), ==, "gone");
  g_assert_cmpuint (live_client_pool_get_memory_used (pool), ==, 700);

  g_assert_cmpuint (live_client_get_memory_total (fixture->client), ==, (guint64) 4 << 30);
  g_assert_cmpuint (live_client_get_memory_free (fixture->client), ==, (guint64) 3 << 30);
  g_clear_pointer (&fixture->service, live_mock_service_free);
  live_mock_wait (live_client_get_state (fixture->client) == LIVE_CLIENT_HELPER_GONE);
  g_assert_cmpuint (live_client_get_memory_total (fixture->client), ==, 0);
}

static void
test_words (void)
{
  static const struct
  {
    const char *values;
    const char *words;
  } rows[] = {
    { "{'Kind': <'create-ram-pool'>, 'Subject': <'ram1'>, 'Step': <'format'>}",
      "Making the pool ram1 in RAM: making the file system" },
    { "{'Kind': <'create-encrypted-pool'>, 'Subject': <'safe'>, 'Step': <'allocate'>, 'Progress': <0.999>}",
      "Making the encrypted pool safe: reserving space, 99 %" },
    { "{'Kind': <'destroy-pool'>, 'Subject': <'ram1'>, 'Step': <''>}", "Destroying the pool ram1" },
    { "{'Kind': <'run-ram-qube'>, 'Subject': <'work'>, 'Step': <'start-qube'>}",
      "Starting a copy of work that lives in RAM: starting the qube" },
    { "{'Kind': <'resize-pool'>, 'Subject': <'a\\u001bb'>, 'Step': <'unheard'>}",
      "Changing the size of the pool a\xef\xbf\xbd"
      "b: unheard" },
    { "{'Kind': <'unheard'>, 'Subject': <'x'>, 'Step': <'undo'>}", "Changing x: undoing what was done" },
  };
  static const struct
  {
    int code;
    const char *message;
    const char *title;
    const char *in_body;
  } failures[] = {
    { LIVE_ERROR_NO_MEMORY, "512 MiB are missing", "The pool ram1 was not made", "(512 MiB are missing)" },
    { LIVE_ERROR_IN_USE, "bash (123) holds it", "The pool ram1 was not made", "(bash (123) holds it)" },
    { LIVE_ERROR_CANCELLED, "x", "The pool ram1 was not made: taken back", "undone" },
    { LIVE_ERROR_QUBESD_UNREACHABLE, "", "The pool ram1 was not made", "systemctl status qubesd" },
  };
  g_autoptr (GError) gone = g_error_new_literal (LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE, "x");
  g_autofree char *gone_title = NULL;
  g_autofree char *gone_body = NULL;
  g_autofree char *usage = live_pool_words_usage (((guint64) 6 << 30) / 5, (guint64) 2 << 30, (guint64) 700 << 20);
  g_autofree char *disk_usage = live_pool_words_usage (1 << 30, 2u << 30, 0);

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (LiveClientJob) job = live_client_job_new (FIRST_JOB);
      g_autoptr (GVariant) values = g_variant_parse (G_VARIANT_TYPE_VARDICT, rows[i].values, NULL, NULL, NULL);
      g_autofree char *words = NULL;

      live_client_job_update (job, values);
      words = live_job_words_progress (job);
      g_assert_cmpstr (words, ==, rows[i].words);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autoptr (GError) error = g_error_new_literal (LIVE_ERROR, failures[i].code, failures[i].message);
      g_autofree char *title = NULL;
      g_autofree char *body = NULL;
      const char *found = NULL;

      live_job_words_failed (LIVE_JOB_CREATE_RAM_POOL, "ram1", error, &title, &body);
      g_assert_cmpstr (title, ==, failures[i].title);
      found = strstr (body, failures[i].in_body);
      if (found == NULL)
        g_error ("“%s” does not hold “%s”", body, failures[i].in_body);
      /* Said once. */
      g_assert_null (strstr (found + 1, failures[i].in_body));
    }
  /* Nothing is claimed about what was not seen. */
  live_job_words_failed (LIVE_JOB_CREATE_RAM_POOL, "ram1", gone, &gone_title, &gone_body);
  g_assert_null (strstr (gone_title, "not made"));
  g_assert_nonnull (strstr (gone_body, "may or may not"));
  g_assert_cmpstr (usage, ==, "1.2" NB "GiB of 2.0" NB "GiB used, 700.0" NB "MiB of RAM held");
  g_assert_cmpstr (disk_usage, ==, "1.0" NB "GiB of 2.0" NB "GiB used");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/client-job/paths", test_paths);
  g_test_add_func ("/client-job/hostile-values", test_hostile_values);
  g_test_add_func ("/client-job/words", test_words);
#define ADD(name, function) g_test_add ("/client-job/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("mirror", test_mirror);
  ADD ("begin", test_begin);
  ADD ("begin-refused", test_begin_refused);
  ADD ("wait", test_wait);
  ADD ("wait-fails", test_wait_fails);
  ADD ("wait-unknown", test_wait_unknown);
  ADD ("wait-removed", test_wait_removed);
  ADD ("wait-helper-restarts", test_wait_helper_restarts);
  ADD ("wait-bus-goes", test_wait_bus_goes);
  ADD ("wait-cancelled", test_wait_cancelled);
  ADD ("cancel-job", test_cancel_job);
  ADD ("pool-and-dom0", test_pool_and_dom0);
#undef ADD
  return g_test_run ();
}
