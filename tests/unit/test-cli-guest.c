/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* Carrying the part that runs inside into qubes that are directories, and that may lie. */

#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "cli-run.h"
#include "cli/guest-part.h"
#include "model/error.h"

/* Any bytes: also what a shell, or a terminal, would do something with. */
#define PROGRAM "#!/bin/sh\n# '\"$(touch /tmp/qubes-live-escaped)`\\ \033\377\nEOF\n"
#define UNIT_TEXT "[Unit]\nDescription=Unit\n"
#define RC_TEXT "#!/bin/sh\n# plain\n"
#define RC_WHONIX_TEXT "#!/bin/sh\n# whonix\n"

#define LIBRARY "usr/lib/qubes-live"
#define PROGRAM_PATH LIBRARY "/ephemeral-rw"
#define UNIT_PATH "usr/lib/systemd/system/qubes-ephemeral-rw.service"
#define WANTS_PATH "etc/systemd/system/multi-user.target.wants/qubes-ephemeral-rw.service"
#define CONFIG_PATH "rw/config/qubes-live/ephemeral-rw"
#define RC_PATH "rw/config/rc.local.d/50-qubes-live.rc"

typedef struct
{
  LiveFixture base;
  char *root; /* of the qube */
  char *files;
  char *client;
  char *prefs;
} LiveGuestFixture;

static void
write_file (const char *directory, const char *name, const char *text, int mode)
{
  g_autofree char *path = g_build_filename (directory, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (parent, 0755), ==, 0);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  g_assert_cmpint (g_chmod (path, mode), ==, 0);
}

static void
set_up (LiveGuestFixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  live_fixture_set_up (&fixture->base, data);
  fixture->root = g_dir_make_tmp ("qubes-live-guest-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->files = g_dir_make_tmp ("qubes-live-files-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->client = g_build_filename (fixture->files, "qrexec-client", NULL);
  fixture->prefs = g_build_filename (fixture->files, "qvm-prefs", NULL);
  write_file (fixture->files, "ephemeral-rw", PROGRAM, 0644);
  write_file (fixture->files, "qubes-ephemeral-rw.service", UNIT_TEXT, 0644);
  write_file (fixture->files, "rc.local.ephemeral-rw", RC_TEXT, 0644);
  write_file (fixture->files, "rc.local.ephemeral-rw-whonix", RC_WHONIX_TEXT, 0644);
}

static void
remove_all (const char *path)
{
  const char *const argv[] = { "/bin/rm", "-rf", "--", path, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GSubprocess) process = g_subprocess_newv (argv, G_SUBPROCESS_FLAGS_NONE, &error);

  g_assert_no_error (error);
  g_assert_true (g_subprocess_wait_check (process, NULL, NULL));
}

static void
tear_down (LiveGuestFixture *fixture, gconstpointer data)
{
  remove_all (fixture->root);
  remove_all (fixture->files);
  g_free (fixture->root);
  g_free (fixture->files);
  g_free (fixture->client);
  g_free (fixture->prefs);
  live_fixture_tear_down (&fixture->base, data);
}

static void
set_client (LiveGuestFixture *fixture, const char *how)
{
  g_autofree char *script = g_strdup_printf ("#!/bin/sh\nexec /bin/sh '%s/stand-in-qrexec-client.sh' '%s' %s \"$@\"\n",
                                             g_getenv ("G_TEST_SRCDIR"), fixture->root, how);

  write_file (fixture->files, "qrexec-client", script, 0755);
}

/* @words: the name, the verb and options. */
static char *
make_command_line (LiveGuestFixture *fixture, const char *words)
{
  return g_strdup_printf ("qube %s --qrexec-client %s --qvm-prefs %s --guest-files=%s", words, fixture->client,
                          fixture->prefs, fixture->files);
}

static LiveRun
run (LiveGuestFixture *fixture, const char *how, const char *words)
{
  g_autofree char *command_line = make_command_line (fixture, words);

  set_client (fixture, how);
  return live_run_cli (&fixture->base, command_line);
}

/* (transfer full) (nullable) */
static char *
read_in_qube (LiveGuestFixture *fixture, const char *path)
{
  g_autofree char *whole = g_build_filename (fixture->root, path, NULL);
  char *text = NULL;

  g_file_get_contents (whole, &text, NULL, NULL);
  return text;
}

static void
assert_file (LiveGuestFixture *fixture, const char *path, const char *expected, guint mode)
{
  g_autofree char *whole = g_build_filename (fixture->root, path, NULL);
  g_autofree char *text = read_in_qube (fixture, path);
  GStatBuf status;

  g_assert_cmpstr (text, ==, expected);
  g_assert_cmpint (g_stat (whole, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 07777, ==, mode);
}

static void
assert_absent (LiveGuestFixture *fixture, const char *path)
{
  g_autofree char *whole = g_build_filename (fixture->root, path, NULL);
  GStatBuf status;

  g_assert_cmpint (g_lstat (whole, &status), !=, 0);
}

static void
assert_nothing_there (LiveGuestFixture *fixture)
{
  static const char *const paths[]
      = { PROGRAM_PATH,          UNIT_PATH, WANTS_PATH, CONFIG_PATH, RC_PATH, PROGRAM_PATH ".qubes-live-new", LIBRARY,
          "rw/config/qubes-live" };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    assert_absent (fixture, paths[i]);
}

static LiveBusQube *
add_qube (LiveGuestFixture *fixture, const char *name, const char *class)
{
  LiveBusQube *qube = live_mock_service_add_qube (fixture->base.service, name);

  live_bus_qube_set_class (qube, class);
  live_bus_qube_set_state (qube, "running");
  return qube;
}

/* Whether anything was run that changes something. */
static void
assert_only_looked (LiveGuestFixture *fixture)
{
  g_autofree char *log = read_in_qube (fixture, "log");

  g_assert_nonnull (log);
  live_assert_lacks (log, "cat >");
  live_assert_lacks (log, "mv ");
  live_assert_lacks (log, "rm ");
  live_assert_lacks (log, " enable");
  live_assert_lacks (log, " disable");
}

static void
forget_log (LiveGuestFixture *fixture)
{
  g_autofree char *log = g_build_filename (fixture->root, "log", NULL);

  g_unlink (log);
}

static void
test_usage (void)
{
  static const char *const rows[] = {
    "qube work install-guest more",
    "qube work install-guest --yes",
    "qube work install-guest --seconds 60",
    "qube work install-guest --qrexec-client",
    "qube work install-guest --qrexec-client bin/qrexec-client",
    "qube work install-guest --guest-files .",
    "qube work install-guest --qvm-prefs=",
    "qube work remove-guest --kill",
    "qube work policy root --into-template",
    "status --qrexec-client /bin/true",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (LiveRun) usage = live_run_at ("unix:path=/nowhere", rows[i]);

      g_test_message ("%s", rows[i]);
      g_assert_cmpint (usage.code, ==, 2);
      live_assert_contains (usage.err, "--help");
    }
}

static void
test_sum (void)
{
#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde0"
  static const struct
  {
    const char *answer;
    LiveGuestSum expected;
  } rows[] = {
    { SUM "  /a/b\n", LIVE_GUEST_SUM_SAME },
    { OTHER "  /a/b\n", LIVE_GUEST_SUM_OTHER },
    { "absent\n", LIVE_GUEST_SUM_ABSENT },
    { "absent", LIVE_GUEST_SUM_INVALID },
    { "absent\n\n", LIVE_GUEST_SUM_INVALID },
    { "", LIVE_GUEST_SUM_INVALID },
    { SUM, LIVE_GUEST_SUM_INVALID },
    { SUM "\n", LIVE_GUEST_SUM_INVALID },
    { SUM "  /a/b", LIVE_GUEST_SUM_INVALID },
    { SUM " /a/b\n", LIVE_GUEST_SUM_INVALID },
    { SUM " */a/b\n", LIVE_GUEST_SUM_INVALID },
    { SUM "  /a/bc\n", LIVE_GUEST_SUM_INVALID },
    { SUM "  /a/b\nmore\n", LIVE_GUEST_SUM_INVALID },
    { SUM "0  /a/b\n", LIVE_GUEST_SUM_INVALID },
    { " " SUM "  /a/b\n", LIVE_GUEST_SUM_INVALID },
    { "0123  /a/b\n", LIVE_GUEST_SUM_INVALID },
    { "ABCDEF6789abcdef0123456789abcdef0123456789abcdef0123456789abcdef  /a/b\n", LIVE_GUEST_SUM_INVALID },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    g_assert_cmpint (live_guest_sum_parse (rows[i].answer, "/a/b", SUM), ==, rows[i].expected);
  /* Nothing is the same as a sum that could not be made. */
  g_assert_cmpint (live_guest_sum_parse (SUM "  /a/b\n", "/a/b", ""), ==, LIVE_GUEST_SUM_OTHER);
}

/* The names that the program looks for are those that are installed. */
static void
test_sources (void)
{
  static const LiveGuestPart *const parts[]
      = { &live_guest_part_unit, &live_guest_part_rc_local, &live_guest_part_rc_local_whonix };
  g_autofree char *directory = g_test_build_filename (G_TEST_DIST, "..", "..", "data", "qube", NULL);

  if (!g_file_test (directory, G_FILE_TEST_IS_DIR))
    {
      g_test_skip ("there is no data/qube");
      return;
    }
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    for (guint file = 0; file < parts[i]->n_files; file++)
      {
        g_autofree char *path = g_build_filename (directory, parts[i]->files[file].source, NULL);

        g_test_message ("%s", path);
        g_assert_true (g_file_test (path, G_FILE_TEST_IS_REGULAR));
      }
}

static void
assert_unit_installed (LiveGuestFixture *fixture)
{
  g_autofree char *link = g_build_filename (fixture->root, WANTS_PATH, NULL);

  assert_file (fixture, PROGRAM_PATH, PROGRAM, 0755);
  assert_file (fixture, UNIT_PATH, UNIT_TEXT, 0644);
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  assert_absent (fixture, PROGRAM_PATH ".qubes-live-new");
  assert_absent (fixture, UNIT_PATH ".qubes-live-new");
}

static void
test_template (LiveGuestFixture *fixture, gconstpointer data)
{
  g_auto (LiveRun) install = { 0 };
  g_auto (LiveRun) again = { 0 };
  g_auto (LiveRun) repair = { 0 };
  g_auto (LiveRun) removal = { 0 };
  g_auto (LiveRun) nothing = { 0 };
  g_autofree char *environment = NULL;

  add_qube (fixture, "debian-12", "TemplateVM");
  install = run (fixture, "honest", "debian-12 install-guest");
  g_assert_cmpstr (install.err, ==, "");
  g_assert_cmpint (install.code, ==, 0);
  live_assert_contains (install.out, "as far as it says itself");
  assert_unit_installed (fixture);
  assert_absent (fixture, RC_PATH);
  environment = read_in_qube (fixture, "environment");
  g_assert_cmpstr (environment, ==, "");
  g_assert_false (g_file_test ("/tmp/qubes-live-escaped", G_FILE_TEST_EXISTS));

  forget_log (fixture);
  again = run (fixture, "honest", "debian-12 install-guest");
  g_assert_cmpint (again.code, ==, 0);
  live_assert_contains (again.out, "Nothing was changed");
  assert_only_looked (fixture);

  write_file (fixture->root, UNIT_PATH, "another", 0644);
  repair = run (fixture, "honest", "debian-12 install-guest --into-template");
  g_assert_cmpint (repair.code, ==, 0);
  assert_unit_installed (fixture);

  removal = run (fixture, "honest", "debian-12 remove-guest");
  g_assert_cmpint (removal.code, ==, 0);
  assert_nothing_there (fixture);

  forget_log (fixture);
  nothing = run (fixture, "honest", "debian-12 remove-guest");
  g_assert_cmpint (nothing.code, ==, 0);
  live_assert_contains (nothing.out, "Nothing was changed");
  assert_only_looked (fixture);
}

static void
test_into_template (LiveGuestFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *prefs; /* after the interpreter */
    const char *err;
  } rows[] = {
    { "echo nothing-like-it", "Give the name of the template" }, { "exit 1", "Give the name of the template" },
    { "printf '\\033[2J'", "Give the name of the template" },    { "yes", "Give the name of the template" },
    { "echo alone", "alone is made from no template" },          { "echo work", "work is made from no template" },
  };
  g_auto (LiveRun) install = { 0 };
  g_autofree char *log = NULL;

  add_qube (fixture, "work", "AppVM");
  add_qube (fixture, "dvm", "AppVM");
  add_qube (fixture, "disp1", "DispVM");
  add_qube (fixture, "alone", "StandaloneVM");
  add_qube (fixture, "fedora-41", "TemplateVM");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *script = g_strdup_printf ("#!/bin/sh\n%s\n", rows[i].prefs);
      g_auto (LiveRun) failed = { 0 };

      write_file (fixture->files, "qvm-prefs", script, 0755);
      failed = run (fixture, "honest", "work install-guest --into-template");
      g_assert_cmpint (failed.code, ==, 1);
      g_assert_cmpstr (failed.out, ==, "");
      live_assert_contains (failed.err, rows[i].err);
      live_assert_lacks (failed.err, "\033");
    }
  assert_absent (fixture, "log");

  write_file (fixture->files, "qvm-prefs",
              "#!/bin/sh\n[ \"$1 $3\" = '-- template' ] || exit 1\n"
              "case $2 in disp1) echo dvm ;; dvm) echo fedora-41 ;; *) exit 1 ;; esac\n",
              0755);
  install = run (fixture, "honest", "disp1 install-guest --into-template");
  g_assert_cmpstr (install.err, ==, "");
  g_assert_cmpint (install.code, ==, 0);
  assert_unit_installed (fixture);
  log = read_in_qube (fixture, "log");
  live_assert_contains (log, "fedora-41: ");
  live_assert_lacks (log, "disp1: ");
}

static void
test_rc_local (LiveGuestFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *marker; /* in the qube */
    const char *text;
  } rows[] = {
    { "etc/debian_version", RC_TEXT },
    { "usr/share/whonix/marker", RC_WHONIX_TEXT },
    { "usr/share/kicksecure/marker", RC_WHONIX_TEXT },
  };
  LiveBusQube *work = add_qube (fixture, "work", "AppVM");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (LiveRun) install = { 0 };
      g_auto (LiveRun) removal = { 0 };

      write_file (fixture->root, rows[i].marker, "", 0644);
      live_bus_qube_set_policy (work, i == 0 ? "persistent" : "full");
      live_bus_qube_set_window_state (work, i == 0 ? "closed" : "open");
      install = run (fixture, "honest", "work install-guest");
      g_assert_cmpint (install.code, ==, 0);
      live_assert_contains (install.out, "work:/rw/config/rc.local.d/50-qubes-live.rc");
      assert_file (fixture, RC_PATH, rows[i].text, 0755);
      assert_file (fixture, CONFIG_PATH, PROGRAM, 0755);
      assert_absent (fixture, UNIT_PATH);
      removal = run (fixture, "honest", "work remove-guest");
      g_assert_cmpint (removal.code, ==, 0);
      assert_nothing_there (fixture);
    }
}

/* Nothing is run in a qube where what is installed would not stay. */
static void
test_not_kept (LiveGuestFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *class, *state, *policy, *window;
    gboolean root, private;
    const char *err;
  } rows[] = {
    { "AppVM", "halted", "persistent", "closed", FALSE, TRUE, "is not running" },
    { "AppVM", "paused", "persistent", "closed", FALSE, TRUE, "is not running" },
    { "AppVM", "running", "full", "closed", FALSE, FALSE, "qube work window open" },
    { "AppVM", "running", "full", "closed", FALSE, TRUE, "no open customization window" },
    { "AppVM", "running", "full", "closing", FALSE, TRUE, "no open customization window" },
    { "StandaloneVM", "running", "full", "closed", FALSE, FALSE, "private volume of work is read-only" },
    { "TemplateVM", "running", "persistent", "closed", FALSE, TRUE, "root volume of work is read-only" },
    { "TemplateVM", "halted", "persistent", "closed", TRUE, TRUE, "is not running" },
    { "DispVM", "running", "persistent", "closed", FALSE, TRUE, "is a disposable" },
    { "AdminVM", "running", "persistent", "closed", TRUE, TRUE, "No command can be run in work" },
    { "RemoteVM", "running", "persistent", "closed", TRUE, TRUE, "No command can be run in work" },
  };
  static const char *const verbs[] = { "work install-guest", "work remove-guest" };
  LiveBusQube *work = add_qube (fixture, "work", "AppVM");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    for (gsize verb = 0; verb < G_N_ELEMENTS (verbs); verb++)
      {
        g_auto (LiveRun) refused = { 0 };

        live_bus_qube_set_class (work, rows[i].class);
        live_bus_qube_set_state (work, rows[i].state);
        live_bus_qube_set_policy (work, rows[i].policy);
        live_bus_qube_set_window_state (work, rows[i].window);
        live_bus_qube_set_root_writable (work, rows[i].root);
        live_bus_qube_set_private_writable (work, rows[i].private);
        refused = run (fixture, "honest", verbs[verb]);
        g_assert_cmpint (refused.code, ==, 1);
        g_assert_cmpstr (refused.out, ==, "");
        live_assert_contains (refused.err, rows[i].err);
      }
  assert_absent (fixture, "log");
}

/* What could be taken for an option, or for more than one argument, is not handed to any program. */
static void
test_odd_name (LiveGuestFixture *fixture, gconstpointer data)
{
  static const char *const names[] = { "-e", "a b", "a\033", "a;b", "a/b" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *quoted = g_shell_quote (names[i]);
      g_autofree char *command_line = g_strdup_printf ("qube --qrexec-client %s --guest-files %s -- %s install-guest",
                                                       fixture->client, fixture->files, quoted);
      g_auto (LiveRun) refused = { 0 };

      add_qube (fixture, names[i], "TemplateVM");
      set_client (fixture, "honest");
      refused = live_run_cli (&fixture->base, command_line);
      g_assert_cmpint (refused.code, ==, 1);
      g_assert_cmpstr (refused.out, ==, "");
      live_assert_lacks (refused.err, "\033");
    }
  assert_absent (fixture, "log");
}

static void
test_lies (LiveGuestFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *how, *err;
  } rows[] = {
    { "wrong-sum", "has something else than it was given" },
    { "truncated", "has something else than it was given" },
    { "wrong-path", "gave an answer that no program asked for gives" },
    { "long-sum", "gave an answer that no program asked for gives" },
    { "endless", "gave an answer that no program asked for gives" },
    { "endless-error", "gave an answer that no program asked for gives" },
    { "nul", "gave an answer that no program asked for gives" },
    { "odd", "gave an answer that no program asked for gives" },
    { "escapes", "A command failed in work" },
    { "escapes", "7: " },
    { "dead", "A command failed in work" },
  };

  add_qube (fixture, "work", "TemplateVM");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_auto (LiveRun) lied = run (fixture, rows[i].how, "work install-guest");

      g_test_message ("%s", rows[i].how);
      g_assert_cmpint (lied.code, ==, 1);
      g_assert_cmpstr (lied.out, ==, "");
      live_assert_contains (lied.err, rows[i].err);
      live_assert_lacks (lied.err, "\033");
      live_assert_lacks (lied.err, "\342\200\256");
      g_assert_cmpuint (strlen (lied.err), <, 600);
      /* What did not arrive is nowhere where it would be run. */
      assert_absent (fixture, PROGRAM_PATH);
      assert_absent (fixture, UNIT_PATH);
      assert_absent (fixture, WANTS_PATH);
    }
}

/* What the qube only says it did. */
static void
test_not_done (LiveGuestFixture *fixture, gconstpointer data)
{
  g_auto (LiveRun) install = { 0 };
  g_auto (LiveRun) honest = { 0 };
  g_auto (LiveRun) removal = { 0 };

  add_qube (fixture, "work", "TemplateVM");
  install = run (fixture, "not-enabled", "work install-guest");
  g_assert_cmpint (install.code, ==, 1);
  live_assert_contains (install.err, "not enabled");
  honest = run (fixture, "honest", "work install-guest");
  g_assert_cmpint (honest.code, ==, 0);
  removal = run (fixture, "undeletable", "work remove-guest");
  g_assert_cmpint (removal.code, ==, 1);
  live_assert_contains (removal.err, "/usr/lib/systemd/system/qubes-ephemeral-rw.service");
}

static void
test_no_program (LiveGuestFixture *fixture, gconstpointer data)
{
  g_autofree char *command_line = make_command_line (fixture, "work install-guest");
  g_auto (LiveRun) missing = { 0 };

  add_qube (fixture, "work", "TemplateVM");
  missing = live_run_cli (&fixture->base, command_line);
  g_assert_cmpint (missing.code, ==, 1);
  live_assert_contains (missing.err, "No command can be run in work");
}

static void
test_no_files (LiveGuestFixture *fixture, gconstpointer data)
{
  g_autofree char *file = g_build_filename (fixture->files, "qubes-ephemeral-rw.service", NULL);
  g_autofree char *large = g_strnfill (65537, 'x');
  g_auto (LiveRun) missing = { 0 };
  g_auto (LiveRun) empty = { 0 };
  g_auto (LiveRun) too_large = { 0 };

  add_qube (fixture, "work", "TemplateVM");
  g_unlink (file);
  missing = run (fixture, "honest", "work install-guest");
  g_assert_cmpint (missing.code, ==, 1);
  live_assert_contains (missing.err, "installed completely?");
  write_file (fixture->files, "qubes-ephemeral-rw.service", "", 0644);
  empty = run (fixture, "honest", "work install-guest");
  g_assert_cmpint (empty.code, ==, 1);
  live_assert_contains (empty.err, "empty or too large");
  write_file (fixture->files, "qubes-ephemeral-rw.service", large, 0644);
  too_large = run (fixture, "honest", "work install-guest");
  g_assert_cmpint (too_large.code, ==, 1);
  live_assert_contains (too_large.err, "empty or too large");
  assert_nothing_there (fixture);
}

static void
test_hangs (LiveGuestFixture *fixture, gconstpointer data)
{
  static const char *const hows[] = { "hang", "hang-later" };

  add_qube (fixture, "work", "TemplateVM");
  for (gsize i = 0; i < G_N_ELEMENTS (hows); i++)
    {
      g_auto (LiveRun) hung = run (fixture, hows[i], "work install-guest --wait 1.5");

      g_assert_cmpint (hung.code, ==, 1);
      live_assert_contains (hung.err, "did not answer in time");
      assert_nothing_there (fixture);
    }
}

static gboolean
has_log (LiveGuestFixture *fixture)
{
  g_autofree char *log = read_in_qube (fixture, "log");

  return log != NULL;
}

static void
test_interrupted (LiveGuestFixture *fixture, gconstpointer data)
{
  static const int signals[] = { SIGINT, SIGTERM };

  add_qube (fixture, "work", "TemplateVM");
  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    {
      g_autofree char *command_line = make_command_line (fixture, "work install-guest");
      g_autoptr (GSubprocess) process = NULL;
      g_auto (LiveRun) interrupted = { 0 };

      forget_log (fixture);
      set_client (fixture, "hang");
      process = live_run_spawn (live_mock_bus_get_address (fixture->base.bus), command_line);
      live_mock_wait (has_log (fixture));
      g_subprocess_send_signal (process, signals[i]);
      interrupted = live_run_finish (process);
      g_assert_cmpint (interrupted.code, ==, 1);
      live_assert_contains (interrupted.err, "Interrupted");
    }
}

static void
add_test (const char *path, void (*test) (LiveGuestFixture *fixture, gconstpointer data))
{
  g_test_add (path, LiveGuestFixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/cli-guest/usage", test_usage);
  g_test_add_func ("/cli-guest/sum", test_sum);
  g_test_add_func ("/cli-guest/sources", test_sources);
  add_test ("/cli-guest/template", test_template);
  add_test ("/cli-guest/into-template", test_into_template);
  add_test ("/cli-guest/rc-local", test_rc_local);
  add_test ("/cli-guest/not-kept", test_not_kept);
  add_test ("/cli-guest/odd-name", test_odd_name);
  add_test ("/cli-guest/lies", test_lies);
  add_test ("/cli-guest/not-done", test_not_done);
  add_test ("/cli-guest/no-program", test_no_program);
  add_test ("/cli-guest/no-files", test_no_files);
  add_test ("/cli-guest/hangs", test_hangs);
  add_test ("/cli-guest/interrupted", test_interrupted);
  return g_test_run ();
}
