/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "helper-fixture.h"

#include "model/error.h"
#include "model/object-path.h"

#define WAIT_SECONDS 20

#define QUBE_INTERFACE LIVE_BUS_NAME ".Qube"
#define MANAGER_INTERFACE LIVE_BUS_NAME ".Manager"

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

/* With the main loop running: the test bed has things to do meanwhile. */
static GVariant *
call (GDBusConnection *bus, const char *path, const char *interface, const char *method, GVariant *arguments,
      GError **error)
{
  LiveAnswer answer = { 0 };

  g_dbus_connection_call (bus, LIVE_BUS_NAME, path, interface, method, arguments, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, 60000, NULL, on_answer, &answer);
  g_assert_true (live_test_wait (is_done, &answer, 70));
  if (answer.error != NULL)
    g_propagate_error (error, answer.error);
  return answer.values;
}

GVariant *
live_helper_fixture_get (LiveHelperFixture *fixture, const char *path, const char *interface, const char *property)
{
  /* As root: what is there, not what the caller may see. */
  g_autoptr (GVariant) values
      = call (live_test_bed_get_bus (fixture->bed), path, "org.freedesktop.DBus.Properties", "Get",
              g_variant_new ("(ss)", interface, property), NULL);
  GVariant *value = NULL;

  if (values != NULL)
    g_variant_get (values, "(v)", &value);
  return value;
}

GVariant *
live_helper_fixture_get_qube (LiveHelperFixture *fixture, const char *qube, const char *property)
{
  g_autofree char *path = live_object_path ("qube", qube);

  return live_helper_fixture_get (fixture, path, QUBE_INTERFACE, property);
}

static char *
print (GVariant *value)
{
  if (value == NULL)
    return g_strdup ("(none)");
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_STRING))
    return g_variant_dup_string (value, NULL);
  return g_variant_print (value, FALSE);
}

char *
live_helper_fixture_text (LiveHelperFixture *fixture, const char *qube, const char *property)
{
  g_autoptr (GVariant) value = live_helper_fixture_get_qube (fixture, qube, property);

  return print (value);
}

char *
live_helper_fixture_manager (LiveHelperFixture *fixture, const char *property)
{
  g_autoptr (GVariant) value = live_helper_fixture_get (fixture, LIVE_OBJECT_ROOT, MANAGER_INTERFACE, property);

  return print (value);
}

/* Reading over the bus takes the main loop itself, so this is no condition for live_test_wait(). */
static void
wait_for_text (LiveHelperFixture *fixture, const char *what, const char *expected,
               char *(*read) (LiveHelperFixture *fixture, const char *qube, const char *property), const char *qube,
               const char *property)
{
  gint64 end = g_get_monotonic_time () + WAIT_SECONDS * G_TIME_SPAN_SECOND;
  g_autofree char *is = NULL;

  do
    {
      g_free (is);
      is = read (fixture, qube, property);
      if (g_strcmp0 (is, expected) == 0)
        return;
      g_main_context_iteration (NULL, FALSE);
      g_usleep (2000);
    }
  while (g_get_monotonic_time () < end);
  g_error ("%s is %s, and not %s within %d seconds", what, is, expected, WAIT_SECONDS);
}

void
live_helper_fixture_wait (LiveHelperFixture *fixture, const char *qube, const char *property, const char *expected)
{
  g_autofree char *what = g_strdup_printf ("%s of %s", property, qube);

  wait_for_text (fixture, what, expected, live_helper_fixture_text, qube, property);
}

static char *
read_manager (LiveHelperFixture *fixture, const char *qube, const char *property)
{
  return live_helper_fixture_manager (fixture, property);
}

void
live_helper_fixture_wait_manager (LiveHelperFixture *fixture, const char *property, const char *expected)
{
  wait_for_text (fixture, property, expected, read_manager, NULL, property);
}

static char *
read_control (LiveHelperFixture *fixture, const char *qube, const char *command)
{
  return live_test_bed_control (fixture->bed, "%s", command);
}

void
live_helper_fixture_wait_control (LiveHelperFixture *fixture, const char *command, const char *expected)
{
  wait_for_text (fixture, command, expected, read_control, NULL, command);
}

void
live_helper_fixture_wait_synchronized (LiveHelperFixture *fixture)
{
  live_helper_fixture_wait_manager (fixture, "Synchronized", "true");
}

gboolean
live_helper_fixture_has_reason (LiveHelperFixture *fixture, const char *qube, const char *code)
{
  g_autoptr (GVariant) reasons = live_helper_fixture_get_qube (fixture, qube, "Reasons");
  GVariantIter iter;
  const char *found = NULL;

  g_assert_nonnull (reasons);
  g_variant_iter_init (&iter, reasons);
  while (g_variant_iter_next (&iter, "(&s@a{sv})", &found, NULL))
    if (g_str_equal (found, code))
      return TRUE;
  return FALSE;
}

GVariant *
live_helper_fixture_call (LiveHelperFixture *fixture, const char *qube, const char *method, GVariant *arguments,
                          GError **error)
{
  g_autofree char *path = live_object_path ("qube", qube);

  return call (fixture->bus, path, QUBE_INTERFACE, method, arguments, error);
}

gboolean
live_helper_fixture_set_policy (LiveHelperFixture *fixture, const char *qube, const char *policy)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) values
      = live_helper_fixture_call (fixture, qube, "SetPolicy", g_variant_new ("(s)", policy), &error);
  gboolean applied = FALSE;

  g_assert_no_error (error);
  g_variant_get (values, "(b)", &applied);
  return applied;
}

void
live_helper_fixture_open (LiveHelperFixture *fixture, const char *const *dom0)
{
  LiveTestBedOptions options = { .dom0_arguments = dom0 };

  g_assert_cmpuint (LIVE_ERROR, !=, 0); /* errors of the bus become ours */
  fixture->bed = live_test_bed_new (&options);
  fixture->bus = live_test_bed_get_bus (fixture->bed);
  live_helper_fixture_wait_synchronized (fixture);
}

void
live_helper_fixture_close (LiveHelperFixture *fixture)
{
  live_test_bed_free (fixture->bed);
}
