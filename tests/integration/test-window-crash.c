/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* The helper, qubesd, or both end at every change that a customization window makes, from its opening to its end: just
 * before qubesd does what was asked, and just after. Whatever was left, the private volume was never writable without
 * a window written down, and whoever comes back brings everything to where it belongs. */

#include <string.h>

#include "helper-fixture.h"
#include "model/object-path.h"

#define SECONDS 600
#define PRELOADED "2"

typedef enum
{
  LIVE_CRASH_HELPER,
  LIVE_CRASH_QUBESD,
  LIVE_CRASH_BOTH
} LiveCrash;

static const char *const crashes[] = { "helper", "qubesd", "helper and qubesd" };

typedef struct
{
  const char *dom0[5];
  const char *qube;
  gboolean preloads;
  LiveCrash crash;
} LiveCase;

typedef struct
{
  LiveHelperFixture fixture;
  const LiveCase *situation;
  char *before;     /* the qube, outside of any window */
  GPtrArray *calls; /* what a whole window asks of qubesd, in order, as a fault names it */
  guint n_opening;  /* how many of them open it */
  gboolean answered;
} LiveCrashFixture;

static void control (LiveCrashFixture *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

static void
control (LiveCrashFixture *self, const char *format, ...)
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
static void
assert_safe_now (LiveCrashFixture *self)
{
  const char *qube = self->situation->qube;

  if (ask (self, "has-feature", qube, "live.window"))
    return;
  g_assert_false (ask (self, "rw", qube, "private"));
  g_assert_false (ask (self, "has-feature", qube, "service.live-window"));
}

/* Goes through every change since the qube was last without a window, in qubesd's order. */
static void
assert_safe_always (LiveCrashFixture *self)
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
static void
begin (LiveCrashFixture *self, const char *method, GVariant *arguments)
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

static void
open_window (LiveCrashFixture *self)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) values = live_helper_fixture_call (&self->fixture, self->situation->qube, "OpenWindow",
                                                          g_variant_new ("(x)", (gint64) SECONDS), &error);

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
static void
assert_closed (LiveCrashFixture *self, const char *outcome)
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
  assert_safe_always (self);
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
static void
assert_open (LiveCrashFixture *self)
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
  g_assert_cmpint (left, <=, SECONDS);
  g_assert_cmpint (left, >, SECONDS - 60);
  if (self->situation->preloads)
    live_assert_control (fixture, "0", "get-feature %s preload-dispvm-max", qube);
}

/* ---- What a whole window asks for. ---- */

static void
take_calls (LiveCrashFixture *self)
{
  g_autofree char *text = live_test_bed_control (self->fixture.bed, "changes");
  g_autofree char *at = g_strdup_printf ("@%s", self->situation->qube);
  g_auto (GStrv) words = g_strsplit (text, " ", -1);

  for (guint i = 0; words[i] != NULL; i++)
    {
      char *payload = strchr (words[i], '=');

      g_assert_false (g_str_has_suffix (words[i], "!"));
      if (payload != NULL)
        *payload = '\0';
      if (g_str_has_suffix (words[i], at))
        g_ptr_array_add (self->calls, g_strdup (words[i]));
    }
  control (self, "reset-changes");
}

static void
open_fixture (LiveCrashFixture *self, gconstpointer data)
{
  LiveHelperFixture *fixture = &self->fixture;
  const char *qube = NULL;

  self->situation = data;
  qube = self->situation->qube;
  self->calls = g_ptr_array_new_with_free_func (g_free);
  live_helper_fixture_open (fixture, self->situation->dom0);
  if (self->situation->preloads)
    {
      control (self, "feature %s preload-dispvm-max " PRELOADED, qube);
      live_helper_fixture_wait (fixture, qube, "State", "halted");
    }
  g_assert_true (live_helper_fixture_set_policy (fixture, qube, "full"));
  live_helper_fixture_wait (fixture, qube, "Pending", "[]");
  self->before = describe (self);
  assert_preloaded (self);
  live_helper_fixture_wait (fixture, qube, "WindowRefusal", "");
  control (self, "reset-changes");

  open_window (self);
  assert_open (self);
  assert_safe_always (self);
  take_calls (self);
  self->n_opening = self->calls->len;
  live_test_bed_advance (fixture->bed, SECONDS + 1, 0);
  live_helper_fixture_wait (fixture, qube, "WindowState", "closed");
  take_calls (self);
  assert_closed (self, "kept");
  /* The record, the volume, the flag, the start and the end of it; then the way back. */
  g_assert_cmpuint (self->n_opening, >=, 5);
  g_assert_cmpuint (self->calls->len - self->n_opening, >=, 4);
  g_assert_true (g_str_has_prefix (g_ptr_array_index (self->calls, self->n_opening), "admin.vm.Shutdown"));
}

static void
close_fixture (LiveCrashFixture *self, gconstpointer data)
{
  live_helper_fixture_close (&self->fixture);
  g_free (self->before);
  g_ptr_array_unref (self->calls);
}

/* ---- The crashes. ---- */

static gboolean
is_call (LiveCrashFixture *self, guint index, const char *method)
{
  return g_str_has_prefix (g_ptr_array_index (self->calls, index), method);
}

/* How many of the same come before it in its half of the window. */
static guint
count_before (LiveCrashFixture *self, guint index)
{
  const char *call = g_ptr_array_index (self->calls, index);
  guint n = 0;

  for (guint i = index < self->n_opening ? 0 : self->n_opening; i < index; i++)
    n += g_str_equal (call, g_ptr_array_index (self->calls, i));
  return n;
}

static void
crash (LiveCrashFixture *self, gboolean done)
{
  LiveCrash which = self->situation->crash;
  LiveTestBed *bed = self->fixture.bed;

  if (which != LIVE_CRASH_QUBESD)
    {
      live_test_bed_kill_helper (bed);
      assert_safe_now (self);
    }
  control (self, "clear-faults");
  if (which != LIVE_CRASH_HELPER)
    /* Back before anybody noticed, and after an attempt to reach it. */
    control (self, "restart %u", done ? 50 : 0);
  if (which != LIVE_CRASH_QUBESD)
    live_test_bed_start_helper (bed);
}

/* Whether the qube runs in its window when the crash is over, and nobody remembers that it was to end. */
static gboolean
stays_open (LiveCrashFixture *self, guint index, gboolean done, gboolean asked)
{
  gboolean forgotten = self->situation->crash != LIVE_CRASH_QUBESD;

  if (index < self->n_opening)
    {
      for (guint i = 0; i < index; i++)
        if (is_call (self, i, "admin.vm.Start@"))
          return TRUE;
      return done && is_call (self, index, "admin.vm.Start@");
    }
  return is_call (self, index, "admin.vm.Shutdown@") && !done && asked && forgotten;
}

static const char *
get_outcome (LiveCrashFixture *self, guint index, gboolean done, gboolean stayed_open)
{
  if (stayed_open)
    return "kept";
  if (self->situation->crash == LIVE_CRASH_QUBESD)
    return index < self->n_opening ? "failed" : "kept";
  /* A helper that has not seen it running; or has, because it had to ask for its end. */
  if (is_call (self, index, "admin.vm.Shutdown@") && !done)
    return "kept";
  /* A helper that finds nothing has nothing to say. */
  if ((index == 0 && !done) || (done && is_call (self, index, "admin.vm.feature.Remove+live.window@")))
    return "";
  return "recovered";
}

static void
check_crash (LiveCrashFixture *self, guint index, gboolean done)
{
  LiveHelperFixture *fixture = &self->fixture;
  gboolean opening = index < self->n_opening;
  gboolean asked = !opening && (index + (guint) done) % 2 == 0;
  gboolean open = stays_open (self, index, done, asked);

  g_test_message ("%s %s, %s of the %s", done ? "after" : "before", (char *) g_ptr_array_index (self->calls, index),
                  crashes[self->situation->crash], opening ? "opening" : "end");
  self->answered = TRUE;
  if (!opening)
    open_window (self);
  control (self, "fault %s %s after%u", (char *) g_ptr_array_index (self->calls, index), done ? "mute" : "hang",
           count_before (self, index));
  /* That the qube has halted is told by an event, too: the helper would go on without the answer. */
  if (done && is_call (self, index, "admin.vm.Shutdown@"))
    control (self, "fault %s hang", (char *) g_ptr_array_index (self->calls, index + 1));
  if (opening)
    begin (self, "OpenWindow", g_variant_new ("(x)", (gint64) SECONDS));
  else if (asked)
    begin (self, "CloseWindow", g_variant_new ("(b)", FALSE));
  else
    live_test_bed_advance (fixture->bed, SECONDS + 1, 0);
  live_helper_fixture_wait_control (fixture, "met", done && is_call (self, index, "admin.vm.Shutdown@") ? "2" : "1");
  crash (self, done);
  if (open)
    {
      assert_open (self);
      assert_safe_always (self);
      live_test_bed_advance (fixture->bed, SECONDS - 60, 0);
      live_assert_control (fixture, "Running", "state %s", self->situation->qube);
      live_test_bed_advance (fixture->bed, 61, 0);
    }
  assert_closed (self, get_outcome (self, index, done, open));
  g_assert_true (live_test_wait (is_answered, self, 20));
  control (self, "reset-changes");
}

static void
test_crash (LiveCrashFixture *self, gconstpointer data)
{
  for (guint i = 0; i < self->calls->len; i++)
    for (guint done = 0; done < 2; done++)
      check_crash (self, i, (gboolean) done);
}

static const struct
{
  const char *name;
  LiveCase situation;
} cases[] = {
  { "4.2/app/helper", { { "--version", "4.2" }, "app1", FALSE, LIVE_CRASH_HELPER } },
  { "4.2/app/qubesd", { { "--version", "4.2" }, "app1", FALSE, LIVE_CRASH_QUBESD } },
  { "4.2/app/both", { { "--version", "4.2" }, "app1", FALSE, LIVE_CRASH_BOTH } },
  { "4.2/template/helper", { { "--version", "4.2" }, "debian-12-dvm", FALSE, LIVE_CRASH_HELPER } },
  { "4.3/app/helper", { { "--version", "4.3" }, "app1", FALSE, LIVE_CRASH_HELPER } },
  { "4.3/app/qubesd", { { "--version", "4.3" }, "app1", FALSE, LIVE_CRASH_QUBESD } },
  { "4.3/app/both", { { "--version", "4.3" }, "app1", FALSE, LIVE_CRASH_BOTH } },
  { "4.3/template/helper", { { "--version", "4.3" }, "debian-12-dvm", TRUE, LIVE_CRASH_HELPER } },
  { "4.3/template/qubesd", { { "--version", "4.3" }, "debian-12-dvm", TRUE, LIVE_CRASH_QUBESD } },
  { "4.3-lvm/app/helper", { { "--version", "4.3", "--lvm-thin" }, "app1", FALSE, LIVE_CRASH_HELPER } },
  { "4.3-lvm/template/helper", { { "--version", "4.3", "--lvm-thin" }, "debian-12-dvm", TRUE, LIVE_CRASH_HELPER } },
  { "4.3-lvm/template/both", { { "--version", "4.3", "--lvm-thin" }, "debian-12-dvm", TRUE, LIVE_CRASH_BOTH } },
  { "4.4/app/helper", { { "--version", "4.4" }, "app1", FALSE, LIVE_CRASH_HELPER } },
  { "4.4/template/helper", { { "--version", "4.4" }, "debian-12-dvm", TRUE, LIVE_CRASH_HELPER } },
  { "4.4-lvm/app/helper", { { "--version", "4.4", "--lvm-thin" }, "app1", FALSE, LIVE_CRASH_HELPER } },
  { "4.4-lvm/app/qubesd", { { "--version", "4.4", "--lvm-thin" }, "app1", FALSE, LIVE_CRASH_QUBESD } },
  { "4.4-lvm/template/helper", { { "--version", "4.4", "--lvm-thin" }, "debian-12-dvm", TRUE, LIVE_CRASH_HELPER } },
  { "4.4-lvm/template/qubesd", { { "--version", "4.4", "--lvm-thin" }, "debian-12-dvm", TRUE, LIVE_CRASH_QUBESD } },
};

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
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *path = g_strdup_printf ("/window-crash/%s", cases[i].name);

      g_test_add (path, LiveCrashFixture, &cases[i].situation, open_fixture, test_crash, close_fixture);
    }
  return g_test_run ();
}
