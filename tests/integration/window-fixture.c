/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "window-fixture.h"

#include <string.h>

#include "model/error.h"
#include "model/object-path.h"

/* A loaded machine is slow between two readings of the clock. */
#define SLACK_SECONDS 25

struct _LiveWindowCall
{
  GVariant *values;
  GError *error;
  gboolean done;
};

void
live_window_control (LiveHelperFixture *fixture, const char *format, ...)
{
  va_list arguments;
  g_autofree char *command = NULL;

  va_start (arguments, format);
  command = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_free (live_test_bed_control (fixture->bed, "%s", command));
}

void
live_window_do (LiveHelperFixture *fixture, const char *qube, const char *method, GVariant *arguments)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) values = live_helper_fixture_call (fixture, qube, method, arguments, &error);

  g_assert_no_error (error);
}

void
live_window_open (LiveHelperFixture *fixture, const char *qube, gint64 seconds)
{
  live_window_do (fixture, qube, "OpenWindow", g_variant_new ("(x)", seconds));
}

void
live_window_refused (
    LiveHelperFixture *fixture, const char *qube, const char *method, GVariant *arguments, int code, const char *part)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) values = live_helper_fixture_call (fixture, qube, method, arguments, &error);

  g_assert_error (error, LIVE_ERROR, code);
  if (strstr (error->message, part) == NULL)
    g_error ("\"%s\" is not in \"%s\"", part, error->message);
}

static void
on_answer (GObject *bus, GAsyncResult *result, gpointer data)
{
  LiveWindowCall *call = data;

  call->values = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &call->error);
  call->done = TRUE;
}

LiveWindowCall *
live_window_begin (LiveHelperFixture *fixture, const char *qube, const char *method, GVariant *arguments)
{
  LiveWindowCall *call = g_new0 (LiveWindowCall, 1);
  g_autofree char *path = live_object_path ("qube", qube);

  g_dbus_connection_call (fixture->bus, LIVE_BUS_NAME, path, LIVE_BUS_NAME ".Qube", method, arguments, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, 60000, NULL, on_answer, call);
  return call;
}

gboolean
live_window_is_answered (LiveWindowCall *call)
{
  return call->done;
}

static gboolean
is_done (gpointer data)
{
  return ((LiveWindowCall *) data)->done;
}

GError *
live_window_end (LiveWindowCall *call)
{
  GError *error = NULL;

  g_assert_true (live_test_wait (is_done, call, 70));
  error = g_steal_pointer (&call->error);
  g_clear_pointer (&call->values, g_variant_unref);
  g_free (call);
  return error;
}

void
live_window_assert_closed (LiveHelperFixture *fixture, const char *qube, const char *outcome)
{
  live_helper_fixture_wait (fixture, qube, "WindowState", "closed");
  live_assert_qube (fixture, qube, "WindowOutcome", outcome);
  live_assert_qube (fixture, qube, "WindowDeadline", "0");
  live_assert_qube (fixture, qube, "WindowStep", "");
  live_assert_control (fixture, "False", "rw %s private", qube);
  live_assert_control (fixture, "False", "has-feature %s live.window", qube);
  live_assert_control (fixture, "False", "has-feature %s service.live-window", qube);
  live_assert_control (fixture, "False", "has-feature %s live.preload-held", qube);
}

void
live_window_assert_open (LiveHelperFixture *fixture, const char *qube)
{
  g_autofree char *deadline = live_helper_fixture_text (fixture, qube, "WindowDeadline");

  live_assert_qube (fixture, qube, "WindowState", "open");
  live_assert_qube (fixture, qube, "WindowStep", "");
  /* What else follows from a new state is told when the volumes have been read, too. */
  live_helper_fixture_wait (fixture, qube, "WindowRefusal", "open");
  live_assert_qube (fixture, qube, "Pending", "[]");
  live_assert_qube (fixture, qube, "PrivateWritable", "true");
  live_assert_control (fixture, "True", "rw %s private", qube);
  live_assert_control (fixture, "1", "get-feature %s service.live-window", qube);
  live_assert_control (fixture, "Running", "state %s", qube);
  live_assert_control (fixture, g_str_equal (deadline, "-1") ? "until-closed" : deadline, "get-feature %s live.window",
                       qube);
}

void
live_window_assert_left (LiveHelperFixture *fixture, const char *qube, gint64 seconds)
{
  g_autoptr (GVariant) deadline = live_helper_fixture_get_qube (fixture, qube, "WindowDeadline");
  gint64 left = 0;

  g_assert_nonnull (deadline);
  left = g_variant_get_int64 (deadline) - live_test_bed_get_wall (fixture->bed);
  g_assert_cmpint (left, <=, seconds + 1);
  g_assert_cmpint (left, >=, seconds - SLACK_SECONDS);
}
