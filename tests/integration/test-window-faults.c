/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* Customization windows when qubesd refuses, cannot save, or does not answer as it should. */

#include "helper-fixture.h"
#include "model/error.h"
#include "model/object-path.h"

#include <string.h>

static const char *const version_42[] = { "--version", "4.2", NULL };
static const char *const version_43[] = { "--version", "4.3", NULL };
static const char *const version_44[] = { "--version", "4.4", NULL };
static const char *const lvm_44[] = { "--version", "4.4", "--lvm-thin", NULL };

#define SECONDS 10

static void
set_up (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_helper_fixture_open (fixture, dom0);
  g_assert_true (live_helper_fixture_set_policy (fixture, "app1", "full"));
}

static void
tear_down (LiveHelperFixture *fixture, gconstpointer dom0)
{
  live_helper_fixture_close (fixture);
}

static void
control (LiveHelperFixture *fixture, const char *command)
{
  g_free (live_test_bed_control (fixture->bed, "%s", command));
}

/* A call during which the test goes on. */
typedef struct
{
  GVariant *values;
  GError *error;
  gboolean done;
} LiveCall;

static void
on_answer (GObject *bus, GAsyncResult *result, gpointer data)
{
  LiveCall *call = data;

  call->values = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &call->error);
  call->done = TRUE;
}

static gboolean
is_done (gpointer data)
{
  return ((LiveCall *) data)->done;
}

static void
begin (LiveHelperFixture *fixture, LiveCall *call, const char *method, GVariant *arguments)
{
  g_autofree char *path = live_object_path ("qube", "app1");

  memset (call, 0, sizeof *call);
  g_dbus_connection_call (fixture->bus, LIVE_BUS_NAME, path, LIVE_BUS_NAME ".Qube", method, arguments, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, 60000, NULL, on_answer, call);
}

/* (transfer full) (nullable): the error; the answer has to come soon. */
static GError *
end (LiveCall *call)
{
  g_assert_true (live_test_wait (is_done, call, SECONDS));
  g_clear_pointer (&call->values, g_variant_unref);
  return g_steal_pointer (&call->error);
}

static GError *
do_call (LiveHelperFixture *fixture, const char *method, GVariant *arguments)
{
  LiveCall call;

  begin (fixture, &call, method, arguments);
  return end (&call);
}

static void
open_window (LiveHelperFixture *fixture)
{
  g_autoptr (GError) error = do_call (fixture, "OpenWindow", g_variant_new ("(x)", (gint64) 600));

  g_assert_no_error (error);
  live_assert_qube (fixture, "app1", "WindowState", "open");
}

static void
assert_closed (LiveHelperFixture *fixture, const char *outcome)
{
  live_helper_fixture_wait (fixture, "app1", "WindowState", "closed");
  live_assert_qube (fixture, "app1", "WindowOutcome", outcome);
  live_assert_control (fixture, "False", "rw app1 private");
  live_assert_control (fixture, "False", "has-feature app1 live.window");
  live_assert_control (fixture, "False", "has-feature app1 service.live-window");
}

/* Goes through all that was changed: the private volume is never writable without a window that is written down. */
static void
assert_always_recorded (LiveHelperFixture *fixture)
{
  g_autofree char *changes = live_test_bed_control (fixture->bed, "changes");
  g_auto (GStrv) words = g_strsplit (changes, " ", -1);
  gboolean recorded = FALSE, writable = FALSE;
  guint n_writable = 0;

  for (guint i = 0; words[i] != NULL; i++)
    {
      if (g_str_has_suffix (words[i], "!"))
        continue;
      if (g_str_has_prefix (words[i], "admin.vm.feature.Set+live.window@app1="))
        recorded = TRUE;
      else if (g_str_equal (words[i], "admin.vm.feature.Remove+live.window@app1"))
        recorded = FALSE;
      else if (g_str_equal (words[i], "admin.vm.volume.Set.rw+private@app1=True"))
        writable = TRUE, n_writable++;
      else if (g_str_equal (words[i], "admin.vm.volume.Set.rw+private@app1=False"))
        writable = FALSE;
      if (writable && !recorded)
        g_error ("after %s the private volume is writable, and no window is written down: %s", words[i], changes);
    }
  g_assert_cmpuint (n_writable, >, 0);
  g_assert_false (writable);
}

/* Opening fails, and so does undoing it: what is written down stays until the rest is put right. */
static void
test_undo_fails (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autoptr (GError) error = NULL;
  LiveCall call;

  control (fixture, "reset-changes");
  control (fixture, "delay admin.vm.volume.Set.rw+private@app1 500");
  begin (fixture, &call, "OpenWindow", g_variant_new ("(x)", (gint64) 600));
  /* It is done, and its answer is not there yet. */
  live_helper_fixture_wait_control (fixture, "rw app1 private", "True");
  control (fixture, "delay admin.vm.volume.Set.rw+private@app1 0");
  control (fixture, "fault admin.vm.feature.Set+service.live-window@app1 error QubesException no");
  control (fixture, "fault admin.vm.volume.Set.rw+private@app1 error QubesException neither");
  error = end (&call);
  g_assert_error (error, LIVE_ERROR, (int) LIVE_ERROR_QUBESD_ERROR);
  g_assert_nonnull (strstr (error->message, "neither"));
  assert_closed (fixture, "failed");
  assert_always_recorded (fixture);
  live_assert_control (fixture, "Halted", "state app1");
}

/* Nothing can be saved while it is opened: it is done in qubesd's memory all the same, and has to be undone. */
static void
test_open_unsaved (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const char *const faults[] = {
    "fault admin.vm.feature.Set+live.window@app1 unsaved",
    "fault admin.vm.volume.Set.rw+private@app1 unsaved",
    "fault admin.vm.feature.Set+service.live-window@app1 unsaved",
    "fault admin.vm.feature.Set+live.window@app1 error QubesException no",
    "fault admin.vm.volume.Set.rw+private@app1 error StoragePoolException full",
    "fault admin.vm.feature.Set+service.live-window@app1 error QubesException no",
  };

  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", faults[i]);
      control (fixture, faults[i]);
      error = do_call (fixture, "OpenWindow", g_variant_new ("(x)", (gint64) 600));
      g_assert_nonnull (error);
      assert_closed (fixture, "failed");
      live_assert_control (fixture, "Halted", "state app1");
    }
  /* And it can be had afterwards. */
  open_window (fixture);
  control (fixture, "shutdown app1");
  assert_closed (fixture, "kept");
  assert_always_recorded (fixture);
}

static void
test_start_fails (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autoptr (GError) error = NULL;

  control (fixture, "fail-start app1");
  error = do_call (fixture, "OpenWindow", g_variant_new ("(x)", (gint64) 600));
  g_assert_error (error, LIVE_ERROR, (int) LIVE_ERROR_QUBESD_ERROR);
  /* Everything was as before when the answer came. */
  live_assert_control (fixture, "False", "rw app1 private");
  live_assert_control (fixture, "False", "has-feature app1 live.window");
  assert_closed (fixture, "failed");
  assert_always_recorded (fixture);
}

/* The answer to the start is torn, and the qube runs: that is an open window, and nobody waits for its end.
 */
static void
test_start_unanswered (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autoptr (GError) error = NULL;

  control (fixture, "fault admin.vm.Start@app1 cut 1");
  error = do_call (fixture, "OpenWindow", g_variant_new ("(x)", (gint64) 600));
  g_assert_error (error, LIVE_ERROR, (int) LIVE_ERROR_PROTOCOL);
  live_assert_control (fixture, "Running", "state app1");
  live_helper_fixture_wait (fixture, "app1", "WindowState", "open");
  live_test_bed_advance (fixture->bed, 601, 0);
  assert_closed (fixture, "kept");
  assert_always_recorded (fixture);
}

/* A disk that is full when it closes: it is said, and tried again, by itself and whenever somebody asks. */
static void
test_close_fails (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autoptr (GError) first = NULL, second = NULL;

  open_window (fixture);
  control (fixture, "fault admin.vm.volume.Set.rw+private@app1 error StoragePoolException full x3");
  first = do_call (fixture, "CloseWindow", g_variant_new ("(b)", FALSE));
  g_assert_error (first, LIVE_ERROR, (int) LIVE_ERROR_QUBESD_ERROR);
  g_assert_nonnull (strstr (first->message, "full"));
  live_assert_control (fixture, "Halted", "state app1");
  live_assert_control (fixture, "True", "rw app1 private");
  live_assert_control (fixture, "True", "has-feature app1 live.window");
  live_assert_qube (fixture, "app1", "WindowState", "closing");
  live_assert_qube (fixture, "app1", "WindowStep", "private-read-only");
  g_assert_true (live_helper_fixture_has_reason (fixture, "app1", "apply-failed"));
  /* Who asks is answered. */
  second = do_call (fixture, "CloseWindow", g_variant_new ("(b)", FALSE));
  g_assert_error (second, LIVE_ERROR, (int) LIVE_ERROR_QUBESD_ERROR);
  live_assert_qube (fixture, "app1", "WindowState", "closing");
  /* By itself: once in vain, then there is room again. */
  control (fixture, "reset-counts");
  live_test_bed_advance (fixture->bed, 31, 0);
  live_helper_fixture_wait_control (fixture, "count admin.vm.volume.Set.rw", "1");
  live_assert_control (fixture, "True", "rw app1 private");
  live_test_bed_advance (fixture->bed, 31, 0);
  assert_closed (fixture, "kept");
  g_assert_false (live_helper_fixture_has_reason (fixture, "app1", "apply-failed"));
  assert_always_recorded (fixture);
}

/* The clock is set while its new end cannot be written down: it is, later. */
static void
test_rewrite_fails (LiveHelperFixture *fixture, gconstpointer dom0)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) deadline = NULL;
  g_autofree char *written = NULL;

  open_window (fixture);
  control (fixture, "fault admin.vm.feature.Set+live.window@app1 error QubesException no");
  control (fixture, "reset-counts");
  live_test_bed_advance (fixture->bed, 0, -3600);
  live_helper_fixture_wait_control (fixture, "count admin.vm.feature.Set", "1");
  /* Something else about the qube is looked at. */
  error = do_call (fixture, "Refresh", NULL);
  g_assert_no_error (error);
  live_helper_fixture_wait_control (fixture, "count admin.vm.feature.Set", "2");
  deadline = live_helper_fixture_get_qube (fixture, "app1", "WindowDeadline");
  written = live_test_bed_control (fixture->bed, "get-feature app1 live.window");
  g_assert_cmpint (ABS (g_ascii_strtoll (written, NULL, 10) - g_variant_get_int64 (deadline)), <=, 1);
  g_assert_cmpint (ABS (g_variant_get_int64 (deadline) - live_test_bed_get_wall (fixture->bed) - 600), <=, SECONDS);
}

static void
test_no_qubesd (LiveHelperFixture *fixture, gconstpointer dom0)
{
  static const char *const methods[] = { "OpenWindow", "ExtendWindow", "CloseWindow" };

  open_window (fixture);
  control (fixture, "stop");
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "false");
  for (guint i = 0; i < G_N_ELEMENTS (methods); i++)
    {
      g_autoptr (GError) error
          = do_call (fixture, methods[i], i == 2 ? g_variant_new ("(b)", FALSE) : g_variant_new ("(x)", (gint64) 60));

      g_test_message ("%s", methods[i]);
      if (i == 0)
        g_assert_error (error, LIVE_ERROR, (int) LIVE_ERROR_BUSY);
      else
        g_assert_error (error, LIVE_ERROR, (int) LIVE_ERROR_QUBESD_UNREACHABLE);
    }
  control (fixture, "listen");
  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "true");
  live_helper_fixture_wait_synchronized (fixture);
  live_helper_fixture_wait (fixture, "app1", "WindowState", "open");
  control (fixture, "shutdown app1");
  assert_closed (fixture, "kept");
}

#define ADD(path, dom0, function) g_test_add (path, LiveHelperFixture, dom0, set_up, function, tear_down)

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
  ADD ("/window-faults/undo-fails", version_43, test_undo_fails);
  ADD ("/window-faults/undo-fails/lvm", lvm_44, test_undo_fails);
  ADD ("/window-faults/open-unsaved/4.2", version_42, test_open_unsaved);
  ADD ("/window-faults/open-unsaved/4.3", version_43, test_open_unsaved);
  ADD ("/window-faults/open-unsaved/lvm", lvm_44, test_open_unsaved);
  ADD ("/window-faults/start-fails/4.2", version_42, test_start_fails);
  ADD ("/window-faults/start-fails/lvm", lvm_44, test_start_fails);
  ADD ("/window-faults/start-unanswered", version_43, test_start_unanswered);
  ADD ("/window-faults/close-fails/4.2", version_42, test_close_fails);
  ADD ("/window-faults/close-fails/4.4", version_44, test_close_fails);
  ADD ("/window-faults/close-fails/lvm", lvm_44, test_close_fails);
  ADD ("/window-faults/rewrite-fails", version_44, test_rewrite_fails);
  ADD ("/window-faults/no-qubesd", version_43, test_no_qubesd);
  return g_test_run ();
}
