/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "pools-fixture.h"

#include "model/error.h"
#include "model/object-path.h"

#include <string.h>
#include <unistd.h>

#define SOCKET "/run/storage.sock"
#define MANAGER "org.qubes.Live1.Manager"
#define POOL "org.qubes.Live1.Pool"
#define JOB "org.qubes.Live1.Job"
#define WAIT_SECONDS 60

/* The bed reads them anew at each start of the helper. */
static const char *helper_arguments[] = { "--storage-socket", SOCKET, NULL, NULL, NULL };
static char kill_at[16];

void
live_pools_fixture_open (LivePoolsFixture *fixture, const char *const *dom0)
{
  LiveTestBedOptions options = { .dom0_arguments = dom0, .helper_arguments = helper_arguments };

  helper_arguments[2] = NULL;
  g_assert_cmpuint (LIVE_ERROR, !=, 0); /* errors of the bus become ours */
  fixture->socket = live_storage_socket_new (SOCKET, g_getenv ("QUBES_LIVE_TEST_STORAGE_UNENCRYPTED"));
  fixture->helper.bed = live_test_bed_new (&options);
  fixture->helper.bus = live_test_bed_get_bus (fixture->helper.bed);
  live_helper_fixture_wait_synchronized (&fixture->helper);
}

void
live_pools_fixture_restart (LivePoolsFixture *fixture, guint nth)
{
  if (live_pools_fixture_is_alive (fixture))
    live_test_bed_stop_helper (fixture->helper.bed);
  else
    live_test_bed_kill_helper (fixture->helper.bed);
  g_snprintf (kill_at, sizeof kill_at, "%u", nth);
  helper_arguments[2] = nth > 0 ? "--kill-at" : NULL;
  helper_arguments[3] = nth > 0 ? kill_at : NULL;
  live_test_bed_start_helper (fixture->helper.bed);
}

gboolean
live_pools_fixture_is_alive (LivePoolsFixture *fixture)
{
  g_autoptr (GVariant) answer = g_dbus_connection_call_sync (
      fixture->helper.bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
      g_variant_new ("(s)", LIVE_BUS_NAME), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL);
  gboolean alive = FALSE;

  g_assert_nonnull (answer);
  g_variant_get (answer, "(b)", &alive);
  return alive;
}

gboolean
live_pools_fixture_wait_crash (LivePoolsFixture *fixture, char *job, GError *error)
{
  g_autofree char *owned = job;
  g_autoptr (GError) failure = error;
  gint64 end = g_get_monotonic_time () + WAIT_SECONDS * G_TIME_SPAN_SECOND;

  while (live_pools_fixture_is_alive (fixture))
    {
      g_autoptr (GVariant) value
          = job != NULL ? live_helper_fixture_get (&fixture->helper, job, JOB, "Finished") : NULL;

      if (value != NULL && g_variant_get_boolean (value))
        {
          g_autoptr (GError) outcome = live_pools_fixture_wait (fixture, job);

          g_assert_no_error (outcome);
          return FALSE;
        }
      if (g_get_monotonic_time () > end)
        g_error ("neither the helper nor its job ends");
      g_usleep (2000);
    }
  return TRUE;
}

void
live_pools_fixture_close (LivePoolsFixture *fixture)
{
  g_autofree char *jobs = g_build_filename (live_test_bed_get_root (fixture->helper.bed), "run/qubes-live/jobs", NULL);
  g_autoptr (GDir) directory = g_dir_open (jobs, 0, NULL);
  const char *name = directory != NULL ? g_dir_read_name (directory) : NULL;

  if (name != NULL)
    g_error ("%s is left in the journal", name);
  live_test_bed_free (fixture->helper.bed);
  g_clear_pointer (&fixture->socket, live_storage_socket_free);
  live_storage_assert_nothing_left ();
}

typedef struct
{
  GVariant *values;
  GError *error;
  gboolean done;
} LiveAnswer;

static void
on_answer (GObject *bus, GAsyncResult *result, gpointer data)
{
  LiveAnswer *answer = data;

  answer->values = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &answer->error);
  answer->done = TRUE;
}

static gboolean
is_done (gpointer data)
{
  return ((LiveAnswer *) data)->done;
}

char *
live_pools_fixture_call (
    LivePoolsFixture *fixture, const char *pool, const char *method, GVariant *arguments, GError **error)
{
  g_autofree char *path = pool != NULL ? live_object_path ("pool", pool) : g_strdup (LIVE_OBJECT_ROOT);
  g_autoptr (GVariant) values = NULL;
  LiveAnswer answer = { 0 };
  char *job = NULL;

  g_dbus_connection_call (fixture->helper.bus, LIVE_BUS_NAME, path, pool != NULL ? POOL : MANAGER, method, arguments,
                          NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, 60000, NULL, on_answer, &answer);
  g_assert_true (live_test_wait (is_done, &answer, 70));
  values = answer.values;
  if (values == NULL)
    {
      g_propagate_error (error, answer.error);
      return NULL;
    }
  if (!g_variant_is_of_type (values, G_VARIANT_TYPE ("(o)")))
    return g_strdup ("");
  g_variant_get (values, "(o)", &job);
  return job;
}

char *
live_pools_fixture_create (LivePoolsFixture *fixture, const char *name, guint64 mib, const char *kind, GError **error)
{
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  if (kind != NULL)
    g_variant_builder_add (&options, "{sv}", "kind", g_variant_new_string (kind));
  return live_pools_fixture_call (fixture, NULL, "CreateRamPool",
                                  g_variant_new ("(sta{sv})", name, mib * MIB, &options), error);
}

char *
live_pools_fixture_destroy (
    LivePoolsFixture *fixture, const char *name, const char *qubes, gboolean kill, GError **error)
{
  g_auto (GStrv) names = g_strsplit (qubes, " ", -1);

  return live_pools_fixture_call (fixture, name, "Destroy", g_variant_new ("(^asb)", names, kill), error);
}

GError *
live_pools_fixture_wait (LivePoolsFixture *fixture, const char *job)
{
  gint64 end = g_get_monotonic_time () + WAIT_SECONDS * G_TIME_SPAN_SECOND;
  g_autoptr (GVariant) name = NULL;
  g_autoptr (GVariant) message = NULL;
  GError *error = NULL;

  for (gboolean finished = FALSE; !finished;)
    {
      g_autoptr (GVariant) value = live_helper_fixture_get (&fixture->helper, job, JOB, "Finished");

      if (value == NULL || g_get_monotonic_time () > end)
        g_error ("%s does not end, or is gone", job);
      finished = g_variant_get_boolean (value);
      if (!finished)
        g_usleep (2000);
    }
  name = live_helper_fixture_get (&fixture->helper, job, JOB, "ErrorName");
  message = live_helper_fixture_get (&fixture->helper, job, JOB, "ErrorMessage");
  if (*g_variant_get_string (name, NULL) == '\0')
    return NULL;
  error = g_dbus_error_new_for_dbus_error (g_variant_get_string (name, NULL), g_variant_get_string (message, NULL));
  g_dbus_error_strip_remote_error (error);
  return error;
}

void
live_pools_fixture_expect_success (LivePoolsFixture *fixture, char *job, GError *error)
{
  g_autofree char *owned = job;
  g_autoptr (GError) failure = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (job, !=, "");
  failure = live_pools_fixture_wait (fixture, job);
  g_assert_no_error (failure);
}

void
live_pools_fixture_expect_error (LivePoolsFixture *fixture, char *job, GError *error, int code, const char *message)
{
  g_autofree char *owned = job;
  g_autoptr (GError) failure = error;

  if (failure == NULL)
    failure = live_pools_fixture_wait (fixture, job);
  g_assert_error (failure, LIVE_ERROR, code);
  if (strstr (failure->message, message) == NULL)
    g_error ("“%s” does not say “%s”", failure->message, message);
}

static GVariant *
get (LivePoolsFixture *fixture, const char *pool, const char *property)
{
  g_autofree char *path = live_object_path ("pool", pool);

  return live_helper_fixture_get (&fixture->helper, path, POOL, property);
}

char *
live_pools_fixture_text (LivePoolsFixture *fixture, const char *pool, const char *property)
{
  g_autoptr (GVariant) value = get (fixture, pool, property);

  if (value == NULL)
    return g_strdup ("(none)");
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_variant_dup_string (value, NULL);
  return g_variant_print (value, FALSE);
}

guint64
live_pools_fixture_number (LivePoolsFixture *fixture, const char *pool, const char *property)
{
  g_autoptr (GVariant) value = get (fixture, pool, property);

  g_assert_nonnull (value);
  return g_variant_get_uint64 (value);
}

void
live_pools_fixture_wait_text (LivePoolsFixture *fixture, const char *pool, const char *property, const char *expected)
{
  gint64 end = g_get_monotonic_time () + WAIT_SECONDS * G_TIME_SPAN_SECOND;
  g_autofree char *is = NULL;

  do
    {
      g_free (is);
      is = live_pools_fixture_text (fixture, pool, property);
      if (g_str_equal (is, expected))
        return;
      g_usleep (2000);
    }
  while (g_get_monotonic_time () < end);
  g_error ("%s of %s is %s, and not %s", property, pool, is, expected);
}

gboolean
live_pools_fixture_has_pool (LivePoolsFixture *fixture, const char *pool)
{
  g_autofree char *text = live_test_bed_control (fixture->helper.bed, "pools");
  g_auto (GStrv) names = g_strsplit (text, " ", -1);

  return g_strv_contains ((const char *const *) names, pool);
}

gboolean
live_pools_fixture_has_entry (LivePoolsFixture *fixture, const char *id)
{
  g_autofree char *path
      = g_strdup_printf ("%s/run/qubes-live/jobs/%s.json", live_test_bed_get_root (fixture->helper.bed), id);

  return access (path, F_OK) == 0;
}
