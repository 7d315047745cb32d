/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "test-bed.h"

#include "process.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SET_POLICY "org.qubes.Live1.set-policy"

static const LiveTestBedOptions bare = { .without_dom0 = TRUE, .without_helper = TRUE };

static const char rule_for_work[]
    = "polkit.addRule(function(action, subject) {\n"
      "  if (action.id == 'org.qubes.Live1.set-policy' && action.lookup('qube') == 'work')\n"
      "    return polkit.Result.YES;\n"
      "});\n";

/* Whether polkitd authorises the owner of the bus name @subject. */
static gboolean
ask_polkit (LiveTestBed *bed, GDBusConnection *subject, const char *action, const char *qube)
{
  GVariantBuilder details;
  GVariantBuilder who;
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;
  gboolean authorized = FALSE;

  g_variant_builder_init (&who, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&who, "{sv}", "name", g_variant_new_string (g_dbus_connection_get_unique_name (subject)));
  g_variant_builder_init (&details, G_VARIANT_TYPE ("a{ss}"));
  if (qube != NULL)
    g_variant_builder_add (&details, "{ss}", "qube", qube);
  reply = g_dbus_connection_call_sync (
      live_test_bed_get_bus (bed), "org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
      "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization",
      g_variant_new ("((sa{sv})sa{ss}us)", "system-bus-name", &who, action, &details, 0, ""),
      G_VARIANT_TYPE ("((bba{ss}))"), G_DBUS_CALL_FLAGS_NO_AUTO_START, 10000, NULL, &error);
  g_assert_no_error (error);
  g_variant_get (reply, "((bba{ss}))", &authorized, NULL, NULL);
  return authorized;
}

static void
test_bus (void)
{
  g_autoptr (LiveTestBed) bed = live_test_bed_new (&bare);
  static const struct
  {
    guint uid;
    const char *argv[8];
    const char *output;
  } cases[] = {
    { 0, { "/usr/bin/id", "-u" }, "0\n" },
    { LIVE_TEST_USER_UID, { "/usr/bin/id", "-u" }, "4242\n" },
    { LIVE_TEST_USER_UID, { "/usr/bin/id", "-nG" }, "qubes\n" },
    { LIVE_TEST_STRANGER_UID, { "/usr/bin/id", "-nG" }, "live-test-stranger\n" },
    { LIVE_TEST_USER_UID,
      { "/usr/bin/dbus-send", "--system", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/",
        "org.freedesktop.DBus.GetConnectionUnixUser", "string:org.freedesktop.PolicyKit1" },
      NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *output = NULL;

      g_assert_cmpint (live_test_bed_run (bed, cases[i].uid, cases[i].argv, &output, NULL), ==, 0);
      if (cases[i].output != NULL)
        g_assert_cmpstr (output, ==, cases[i].output);
    }
}

/* The exit code and both streams of a program. */
static void
test_run (void)
{
  g_autoptr (LiveTestBed) bed
      = live_test_bed_new (&(LiveTestBedOptions){ .without_dom0 = 1, .without_helper = 1, .without_polkitd = 1 });
  const char *const talk[] = { "/bin/sh", "-c", "echo out; echo err >&2; exit 7", NULL };
  const char *const die[] = { "/bin/sh", "-c", "kill -9 $$", NULL };
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;

  g_assert_cmpint (live_test_bed_run (bed, LIVE_TEST_USER_UID, talk, &output, &errors), ==, 7);
  g_assert_cmpstr (output, ==, "out\n");
  g_assert_cmpstr (errors, ==, "err\n");
  g_assert_cmpint (live_test_bed_run (bed, 0, die, NULL, NULL), ==, 128 + SIGKILL);
}

/* As the helper is run: by root, without root's capabilities. */
static void
test_confined (void)
{
  static const struct
  {
    gboolean confined;
    const char *pattern;
  } cases[] = { { TRUE, "^CapEff:[\t 0]*$" },
                { TRUE, "^CapBnd:[\t 0]*$" },
                { TRUE, "^Uid:\t0\t0\t0\t0$" },
                { TRUE, "^NoNewPrivs:\t1$" },
                { FALSE, "^CapEff:.*[1-9a-f]" } };
  const char *const environment[] = { "LC_ALL=C", NULL };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *const argv[] = { "/bin/grep", "-q", cases[i].pattern, "/proc/self/status", NULL };
      g_autoptr (GSubprocess) grep
          = live_test_process_spawn (argv, environment, G_SUBPROCESS_FLAGS_NONE, 0, cases[i].confined);

      g_test_message ("%s", cases[i].pattern);
      g_assert_true (live_test_process_end (grep, 0, 10));
    }
}

static void
test_bus_policy (void)
{
  g_autoptr (LiveTestBed) bed = live_test_bed_new (&bare);
  static const struct
  {
    guint uid;
    gboolean may_call;
    gboolean may_own;
  } cases[] = { { 0, TRUE, TRUE }, { LIVE_TEST_USER_UID, TRUE, FALSE }, { LIVE_TEST_STRANGER_UID, FALSE, FALSE } };
  g_autoptr (GDBusConnection) service = live_test_bed_connect (bed, 0);
  g_autoptr (GVariant) owned = NULL;

  owned = g_dbus_connection_call_sync (service, "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "RequestName",
                                       g_variant_new ("(su)", "org.qubes.Live1", 1 /* may be replaced */), NULL, 0, -1,
                                       NULL, NULL);
  g_assert_nonnull (owned);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GDBusConnection) caller = live_test_bed_connect (bed, cases[i].uid);
      g_autoptr (GVariant) answer = NULL;
      g_autoptr (GVariant) name = NULL;
      g_autoptr (GError) error = NULL;

      answer = g_dbus_connection_call_sync (caller, "org.qubes.Live1", "/", "org.freedesktop.DBus.Peer", "Ping", NULL,
                                            NULL, 0, -1, NULL, &error);
      if (cases[i].may_call)
        g_assert_no_error (error);
      else
        g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED);
      g_clear_error (&error);
      name = g_dbus_connection_call_sync (caller, "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "RequestName",
                                          g_variant_new ("(su)", "org.qubes.Live1", 4 /* do not queue */), NULL, 0, -1,
                                          NULL, &error);
      if (cases[i].may_own)
        g_assert_no_error (error);
      else
        g_assert_error (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED);
      g_dbus_connection_close_sync (caller, NULL, NULL);
    }
  g_dbus_connection_close_sync (service, NULL, NULL);
}

typedef struct
{
  const char *name;
  guint count;
} Heard;

static void
on_signal (GDBusConnection *bus,
           const char *sender,
           const char *path,
           const char *interface,
           const char *name,
           GVariant *parameters,
           gpointer data)
{
  Heard *heard = data;

  if (g_str_equal (name, heard->name))
    heard->count++;
}

static gboolean
was_heard (gpointer data)
{
  return ((Heard *)data)->count > 0;
}

/* Signals tell names of qubes: only root and the group qubes get them. */
static void
test_bus_policy_signals (void)
{
  g_autoptr (LiveTestBed) bed = live_test_bed_new (&bare);
  g_autoptr (GDBusConnection) service = live_test_bed_connect (bed, 0);
  const guint uids[] = { LIVE_TEST_STRANGER_UID, LIVE_TEST_USER_UID };
  GDBusConnection *callers[G_N_ELEMENTS (uids)] = { NULL };
  Heard secret[G_N_ELEMENTS (uids)];
  Heard open[G_N_ELEMENTS (uids)];
  g_autoptr (GVariant) owned = NULL;

  owned = g_dbus_connection_call_sync (service, "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "RequestName",
                                       g_variant_new ("(su)", "org.qubes.Live1", 0), NULL, 0, -1, NULL, NULL);
  g_assert_nonnull (owned);
  for (guint i = 0; i < G_N_ELEMENTS (uids); i++)
    {
      g_autoptr (GVariant) done = NULL;

      callers[i] = live_test_bed_connect (bed, uids[i]);
      secret[i] = (Heard){ "Secret", 0 };
      open[i] = (Heard){ "Open", 0 };
      g_dbus_connection_signal_subscribe (callers[i], NULL, "org.qubes.Live1.Test", NULL, NULL, NULL, 0, on_signal,
                                          &secret[i], NULL);
      g_dbus_connection_signal_subscribe (callers[i], NULL, "org.qubes.Live1.Test", NULL, NULL, NULL, 0, on_signal,
                                          &open[i], NULL);
      /* The bus has taken up the subscription when it answers what was asked after it. */
      done = g_dbus_connection_call_sync (callers[i], "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetId",
                                          NULL, NULL, 0, -1, NULL, NULL);
      g_assert_nonnull (done);
    }
  g_assert_true (g_dbus_connection_emit_signal (service, NULL, "/", "org.qubes.Live1.Test", "Secret", NULL, NULL));
  g_assert_true (g_dbus_connection_flush_sync (service, NULL, NULL));
  /* One that comes from elsewhere, and after it: who has it would have had the other. */
  g_assert_true (g_dbus_connection_emit_signal (live_test_bed_get_bus (bed), NULL, "/", "org.qubes.Live1.Test", "Open",
                                                NULL, NULL));
  for (guint i = 0; i < G_N_ELEMENTS (uids); i++)
    {
      g_assert_true (live_test_wait (was_heard, &open[i], 10));
      g_assert_cmpuint (secret[i].count, ==, uids[i] == LIVE_TEST_USER_UID ? 1 : 0);
      g_dbus_connection_close_sync (callers[i], NULL, NULL);
      g_object_unref (callers[i]);
    }
  g_dbus_connection_close_sync (service, NULL, NULL);
}

static void
test_polkit (void)
{
  LiveTestBedOptions options = bare;
  g_autoptr (LiveTestBed) bed = NULL;
  g_autoptr (GDBusConnection) user = NULL;

  options.polkit_rules = rule_for_work;
  bed = live_test_bed_new (&options);
  user = live_test_bed_connect (bed, LIVE_TEST_USER_UID);

  g_assert_true (ask_polkit (bed, live_test_bed_get_bus (bed), SET_POLICY, "vault"));
  g_assert_true (ask_polkit (bed, live_test_bed_get_bus (bed), "org.qubes.Live1.view", NULL));
  g_assert_false (ask_polkit (bed, user, "org.qubes.Live1.view", NULL));
  g_assert_false (ask_polkit (bed, user, SET_POLICY, NULL));
  g_assert_false (ask_polkit (bed, user, SET_POLICY, "vault"));
  g_assert_true (ask_polkit (bed, user, SET_POLICY, "work"));

  live_test_bed_set_polkit_rules (bed, "// none\n");
  g_assert_false (ask_polkit (bed, user, SET_POLICY, "work"));

  live_test_bed_stop_polkitd (bed);
  g_assert_cmpint (live_test_bed_get_polkitd_pid (bed), ==, 0);
  live_test_bed_start_polkitd (bed);
  live_test_bed_set_polkit_rules (bed, rule_for_work);
  g_assert_true (ask_polkit (bed, user, SET_POLICY, "work"));
  g_dbus_connection_close_sync (user, NULL, NULL);
}

static char *
read_mounts (void)
{
  char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents ("/proc/self/mountinfo", &text, NULL, &error);
  g_assert_no_error (error);
  return text;
}

static gboolean
is_gone (gpointer data)
{
  return kill ((GPid)GPOINTER_TO_INT (data), 0) < 0 && errno == ESRCH;
}

static void
test_nothing_left (void)
{
  g_autofree char *before = read_mounts ();
  g_autofree char *users_before = NULL;
  g_autofree char *during = NULL;
  g_autofree char *after = NULL;
  g_autofree char *users_after = NULL;
  g_autofree char *directory = NULL;
  const char *const sleep[] = { "/bin/sleep", "600", NULL };
  LiveTestBed *bed = NULL;
  GPid polkitd = 0;
  GPid sleeper = 0;

  g_assert_true (g_file_get_contents ("/etc/passwd", &users_before, NULL, NULL));
  bed = live_test_bed_new (&bare);
  directory = g_strdup (live_test_bed_get_directory (bed));
  polkitd = live_test_bed_get_polkitd_pid (bed);
  sleeper = (GPid)g_ascii_strtoll (g_subprocess_get_identifier (live_test_bed_spawn (bed, sleep, NULL)), NULL, 10);
  g_assert_cmpint (kill (polkitd, 0), ==, 0);
  g_assert_cmpint (kill (sleeper, 0), ==, 0);
  g_assert_true (g_file_test (directory, G_FILE_TEST_IS_DIR));
  during = read_mounts ();
  g_assert_cmpstr (during, !=, before);
  live_test_bed_free (bed);

  g_assert_true (is_gone (GINT_TO_POINTER (polkitd)));
  g_assert_true (is_gone (GINT_TO_POINTER (sleeper)));
  g_assert_false (g_file_test (directory, G_FILE_TEST_EXISTS));
  after = read_mounts ();
  g_assert_cmpstr (after, ==, before);
  g_assert_true (g_file_get_contents ("/etc/passwd", &users_after, NULL, NULL));
  g_assert_cmpstr (users_after, ==, users_before);
}

/* The process ids of the bed's programs, written by a test program that then dies without tidying up. */
static int
crash (const char *file)
{
  LiveTestBed *bed = live_test_bed_new (&bare);
  const char *const sleep[] = { "/bin/sleep", "600", NULL };
  GSubprocess *sleeper = live_test_bed_spawn (bed, sleep, NULL);
  g_autofree char *text = g_strdup_printf ("%d %s %s", live_test_bed_get_polkitd_pid (bed),
                                           g_subprocess_get_identifier (sleeper), live_test_bed_get_directory (bed));

  g_assert_true (g_file_set_contents (file, text, -1, NULL));
  kill (getpid (), SIGKILL);
  return 1;
}

static void
test_crash (void)
{
  g_autofree char *file = g_build_filename (g_get_tmp_dir (), "qubes-live-test-crash-XXXXXX", NULL);
  /* Not where the link leads: that is no path in a changed root. */
  const char *const argv[] = { "/proc/self/exe", "--crash", file, NULL };
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;
  g_autoptr (GError) error = NULL;
  int descriptor = g_mkstemp (file);
  g_autoptr (GSubprocess) child = NULL;

  g_assert_cmpint (descriptor, >=, 0);
  close (descriptor);
  child = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_STDOUT_SILENCE, &error);
  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait (child, NULL, NULL));
  g_assert_true (g_subprocess_get_if_signaled (child));
  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  words = g_strsplit (text, " ", 3);
  g_assert_cmpuint (g_strv_length (words), ==, 3);
  for (guint i = 0; i < 2; i++)
    g_assert_true (live_test_wait (is_gone, GINT_TO_POINTER ((int)g_ascii_strtoll (words[i], NULL, 10)), 10));
  /* The directory of a crashed test stays, for whoever looks into the crash; here that is nobody. */
  {
    const char *const clear[] = { "/bin/rm", "-r", words[2], NULL };
    g_autoptr (GSubprocess) remove = g_subprocess_newv (clear, G_SUBPROCESS_FLAGS_NONE, NULL);

    g_assert_true (g_str_has_prefix (words[2], g_get_tmp_dir ()));
    g_assert_true (g_subprocess_wait_check (remove, NULL, NULL));
  }
  g_assert_cmpint (unlink (file), ==, 0);
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

  if (argc == 3 && g_str_equal (argv[1], "--crash"))
    return crash (argv[2]);
  g_test_init (&argc, &argv, NULL);
  if (!able)
    {
      g_test_add_func ("/test-bed", test_skipped);
      return g_test_run ();
    }
  g_test_add_func ("/test-bed/bus", test_bus);
  g_test_add_func ("/test-bed/run", test_run);
  g_test_add_func ("/test-bed/confined", test_confined);
  g_test_add_func ("/test-bed/bus-policy", test_bus_policy);
  g_test_add_func ("/test-bed/bus-policy/signals", test_bus_policy_signals);
  g_test_add_func ("/test-bed/polkit", test_polkit);
  g_test_add_func ("/test-bed/nothing-left", test_nothing_left);
  g_test_add_func ("/test-bed/crash", test_crash);
  return g_test_run ();
}
