/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "crash-fixture.h"

#include <string.h>

#include "model/object-path.h"

#define PRELOADED "2"

void
live_crash_control (LiveCrashFixture *self, const char *format, ...)
{
  va_list arguments;
  g_autofree char *command = NULL;

  va_start (arguments, format);
  command = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_free (live_test_bed_control (self->fixture.bed, "%s", command));
}

static gboolean
ask (LiveCrashFixture *self, const char *question, const char *qube, const char *rest)
{
  g_autofree char *answer = live_test_bed_control (self->fixture.bed, "%s %s %s", question, qube, rest);

  return g_str_equal (answer, "True");
}

static void
wait_not (LiveCrashFixture *self, const char *qube, const char *feature)
{
  g_autofree char *question = g_strdup_printf ("has-feature %s %s", qube, feature);

  live_helper_fixture_wait_control (&self->fixture, question, "False");
}

/* All that a window touches, and what it must leave alone. */
static char *
describe (LiveCrashFixture *self)
{
  static const char *const questions[] = { "rw %s root",
                                           "rw %s private",
                                           "revisions %s root",
                                           "ephemeral %s",
                                           "revisions %s private",
                                           "has-feature %s live.window",
                                           "get-feature %s live.saved",
                                           "get-feature %s live.policy",
                                           "get-feature %s service.ephemeral-rw",
                                           "has-feature %s service.live-window",
                                           "has-feature %s live.preload-held" };
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (questions); i++)
    {
      g_auto (GStrv) parts = g_strsplit (questions[i], "%s", 2);
      g_autofree char *answer
          = live_test_bed_control (self->fixture.bed, "%s%s%s", parts[0], self->situation->qube, parts[1]);

      g_string_append_printf (text, "%s=%s\n", parts[1], answer);
    }
  return g_string_free (text, FALSE);
}

/* ---- What has to hold at every moment. ---- */

/* Only while nothing is under way: these are three questions. */
void
live_crash_assert_safe_now (LiveCrashFixture *self)
{
  const char *qube = self->situation->qube;

  if (ask (self, "has-feature", qube, "live.window"))
    return;
  g_assert_false (ask (self, "rw", qube, "private"));
  g_assert_false (ask (self, "has-feature", qube, "service.live-window"));
}

/* Goes through every change since the qube was last without a window, in qubesd's order. */
void
live_crash_assert_safe_always (LiveCrashFixture *self)
{
  g_autofree char *text = live_test_bed_control (self->fixture.bed, "changes");
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  g_autofree char *at = g_strdup_printf ("@%s", self->situation->qube);
  gboolean recorded = FALSE, writable = FALSE, flagged = FALSE;

  for (guint i = 0; words[i] != NULL; i++)
    {
      char *target = strstr (words[i], at);

      if (target == NULL || g_str_has_suffix (words[i], "!")
          || (target[strlen (at)] != '\0' && target[strlen (at)] != '='))
        continue;
      if (g_str_has_prefix (words[i], "admin.vm.feature.Set+live.window@"))
        recorded = TRUE;
      else if (g_str_has_prefix (words[i], "admin.vm.feature.Remove+live.window@"))
        recorded = FALSE;
      else if (g_str_has_prefix (words[i], "admin.vm.volume.Set.rw+private@"))
        writable = g_str_has_suffix (words[i], "=True");
      else if (g_str_has_prefix (words[i], "admin.vm.feature.Set+service.live-window@"))
        flagged = TRUE;
      else if (g_str_has_prefix (words[i], "admin.vm.feature.Remove+service.live-window@"))
        flagged = FALSE;
      if ((writable || flagged) && !recorded)
        g_error ("no window is written down after %s, and the qube is %s%s, in: %s", words[i],
                 writable ? "writable" : "", flagged ? " told of one" : "", text);
    }
}

/* ---- A window. ---- */

static void
on_answered (GObject *bus, GAsyncResult *result, gpointer data)
{
  LiveCrashFixture *self = data;
  g_autoptr (GVariant) values = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, NULL);

  self->answered = TRUE;
}

/* Whatever becomes of it, it is answered. */
void
live_crash_begin (LiveCrashFixture *self, const char *method, GVariant *arguments)
{
  g_autofree char *path = live_object_path ("qube", self->situation->qube);

  self->answered = FALSE;
  g_dbus_connection_call (self->fixture.bus, LIVE_BUS_NAME, path, LIVE_BUS_NAME ".Qube", method, arguments, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, 60000, NULL, on_answered, self);
}

static gboolean
is_answered (gpointer data)
{
  return ((LiveCrashFixture *) data)->answered;
}

void
live_crash_wait_answered (LiveCrashFixture *self)
{
  g_assert_true (live_test_wait (is_answered, self, 20));
}

void
live_crash_open_window (LiveCrashFixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) values = live_helper_fixture_call (&self->fixture, self->situation->qube, "OpenWindow",
                                                          g_variant_new ("(x)", (gint64) LIVE_CRASH_SECONDS), &error);

  g_assert_no_error (error);
}

static void
assert_preloaded (LiveCrashFixture *self)
{
  static const char *const features[] = { "live.window", "service.live-window", "live.preload-held", "live.saved" };
  LiveHelperFixture *fixture = &self->fixture;
  g_autofree char *text = NULL;
  g_auto (GStrv) names = NULL;

  if (!self->situation->preloads)
    return;
  live_helper_fixture_wait_control (fixture, "get-feature debian-12-dvm preload-dispvm-max", PRELOADED);
  text = live_test_bed_control (fixture->bed, "get-feature debian-12-dvm preload-dispvm");
  names = g_strsplit (text, " ", -1);
  g_assert_cmpuint (g_strv_length (names), ==, 2);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *state = g_strdup_printf ("state %s", names[i]);

      live_helper_fixture_wait_control (fixture, state, "Paused");
      for (guint k = 0; k < G_N_ELEMENTS (features); k++)
        wait_not (self, names[i], features[k]);
      live_assert_control (fixture, "False", "rw %s private", names[i]);
      live_helper_fixture_wait (fixture, names[i], "WindowState", "closed");
      live_helper_fixture_wait (fixture, names[i], "State", "paused");
    }
}

/* Everything is as if there had never been a window. */
void
live_crash_assert_closed (LiveCrashFixture *self, const char *outcome)
{
  LiveHelperFixture *fixture = &self->fixture;
  const char *qube = self->situation->qube;
  g_autofree char *after = NULL;
  g_autofree char *is = NULL;

  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "true");
  live_helper_fixture_wait_synchronized (fixture);
  wait_not (self, qube, "live.window");
  wait_not (self, qube, "service.live-window");
  wait_not (self, qube, "live.preload-held");
  live_helper_fixture_wait (fixture, qube, "WindowState", "closed");
  live_helper_fixture_wait (fixture, qube, "Pending", "[]");
  live_assert_qube (fixture, qube, "WindowDeadline", "0");
  live_assert_qube (fixture, qube, "WindowStep", "");
  live_assert_qube (fixture, qube, "Policy", "full");
  live_assert_control (fixture, "Halted", "state %s", qube);
  after = describe (self);
  g_assert_cmpstr (after, ==, self->before);
  is = live_helper_fixture_text (fixture, qube, "WindowOutcome");
  g_assert_cmpstr (is, ==, outcome);
  assert_preloaded (self);
  live_helper_fixture_wait (fixture, qube, "WindowRefusal", "");
  live_assert_control (fixture, "", "notes");
  live_crash_assert_safe_always (self);
}

static gint64
get_number (const char *text)
{
  gint64 number = -1;

  if (!g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, &number, NULL))
    g_error ("\"%s\" is no time", text);
  return number;
}

/* It is open, and ends when that was promised: the clocks count whole seconds, so one may be lost. */
void
live_crash_assert_open (LiveCrashFixture *self)
{
  LiveHelperFixture *fixture = &self->fixture;
  const char *qube = self->situation->qube;
  g_autofree char *written = NULL;
  g_autofree char *shown = NULL;
  gint64 left = 0;

  live_helper_fixture_wait_manager (fixture, "QubesdConnected", "true");
  live_helper_fixture_wait_synchronized (fixture);
  live_helper_fixture_wait (fixture, qube, "WindowState", "open");
  live_assert_qube (fixture, qube, "State", "running");
  live_assert_control (fixture, "True", "rw %s private", qube);
  live_assert_control (fixture, "1", "get-feature %s service.live-window", qube);
  written = live_test_bed_control (fixture->bed, "get-feature %s live.window", qube);
  shown = live_helper_fixture_text (fixture, qube, "WindowDeadline");
  g_assert_cmpint (ABS (get_number (written) - get_number (shown)), <=, 1);
  left = get_number (written) - live_test_bed_get_wall (fixture->bed);
  g_assert_cmpint (left, <=, LIVE_CRASH_SECONDS);
  g_assert_cmpint (left, >, LIVE_CRASH_SECONDS - 60);
  if (self->situation->preloads)
    live_assert_control (fixture, "0", "get-feature %s preload-dispvm-max", qube);
}

/* ---- What a whole window asks for. ---- */

/* All so far. */
static void
take_calls (LiveCrashFixture *self)
{
  g_autofree char *text = live_test_bed_control (self->fixture.bed, "changes");
  g_autofree char *at = g_strdup_printf ("@%s", self->situation->qube);
  g_auto (GStrv) words = g_strsplit (text, " ", -1);

  live_crash_assert_safe_always (self);
  g_ptr_array_set_size (self->calls, 0);
  for (guint i = 0; words[i] != NULL; i++)
    {
      gboolean refused = g_str_has_suffix (words[i], "!");

      words[i][strcspn (words[i], "=!")] = '\0';
      if (!g_str_has_suffix (words[i], at))
        continue;
      if (refused)
        g_error ("qubesd refuses %s", words[i]);
      g_ptr_array_add (self->calls, g_strdup (words[i]));
    }
}

void
live_crash_fixture_open (LiveCrashFixture *self, gconstpointer data)
{
  LiveHelperFixture *fixture = &self->fixture;
  const char *qube = NULL;

  self->situation = data;
  qube = self->situation->qube;
  self->calls = g_ptr_array_new_with_free_func (g_free);
  live_helper_fixture_open (fixture, self->situation->dom0);
  if (self->situation->preloads)
    {
      live_crash_control (self, "feature %s preload-dispvm-max " PRELOADED, qube);
      live_helper_fixture_wait (fixture, qube, "State", "halted");
    }
  g_assert_true (live_helper_fixture_set_policy (fixture, qube, "full"));
  live_helper_fixture_wait (fixture, qube, "Pending", "[]");
  self->before = describe (self);
  assert_preloaded (self);
  live_helper_fixture_wait (fixture, qube, "WindowRefusal", "");
  live_crash_control (self, "reset-changes");

  live_crash_open_window (self);
  live_crash_assert_open (self);
  take_calls (self);
  self->n_opening = self->calls->len;
  live_test_bed_advance (fixture->bed, LIVE_CRASH_SECONDS + 1, 0);
  live_helper_fixture_wait (fixture, qube, "WindowState", "closed");
  take_calls (self);
  live_crash_assert_closed (self, "kept");
  live_crash_control (self, "reset-changes");
  /* The record, the volume, the flag, the start and the end of it; then the way back. */
  g_assert_cmpuint (self->n_opening, >=, 5);
  g_assert_cmpuint (self->calls->len - self->n_opening, >=, 4);
  g_assert_true (g_str_has_prefix (g_ptr_array_index (self->calls, self->n_opening), "admin.vm.Shutdown"));
}

void
live_crash_fixture_close (LiveCrashFixture *self, gconstpointer data)
{
  live_helper_fixture_close (&self->fixture);
  g_free (self->before);
  g_ptr_array_unref (self->calls);
}

gboolean
live_crash_is_call (LiveCrashFixture *self, guint index, const char *method)
{
  return g_str_has_prefix (g_ptr_array_index (self->calls, index), method);
}

/* How many of the same come before it in its half of the window. */
guint
live_crash_count_before (LiveCrashFixture *self, guint index)
{
  const char *call = g_ptr_array_index (self->calls, index);
  guint n = 0;

  for (guint i = index < self->n_opening ? 0 : self->n_opening; i < index; i++)
    n += g_str_equal (call, g_ptr_array_index (self->calls, i));
  return n;
}
