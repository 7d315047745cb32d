/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* Pools and qubes in RAM on the command line: what takes time, how it is shown, and how it is taken back. */

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include <json-glib/json-glib.h>

#include "cli-run.h"
#include "cli/print.h"
#include "cli/size.h"
#include "model/error.h"
#include "model/job.h"

#define GIB ((guint64) 1 << 30)

static void
test_sizes (void)
{
  static const struct
  {
    const char *text;
    guint64 bytes; /* 0: no size */
  } rows[] = {
    { "1", 1 },
    { "4096", 4096 },
    { "1K", 1024 },
    { "1k", 1024 },
    { "1Ki", 1024 },
    { "1KiB", 1024 },
    { "1kib", 1024 },
    { "512M", (guint64) 512 << 20 },
    { "2G", 2 * GIB },
    { "02G", 2 * GIB },
    { "20GiB", 20 * GIB },
    { "1T", (guint64) 1 << 40 },
    { "1.5G", 3 * GIB / 2 },
    { "0.5K", 512 },
    { "0.001K", 1 },
    { "1.999999T", 2199022156040 },
    { "18446744073709551615", G_MAXUINT64 },
    { "16777215T", (guint64) 16777215 << 40 },
    { "16777215.999999T", 18446744073708452104u },
    /* 16 EiB and more. */
    { "18446744073709551616", 0 },
    { "16777216T", 0 },
    { "99999999999999999999999999T", 0 },
    { "18446744073709551615K", 0 },
    /* No sizes. */
    { NULL, 0 },
    { "", 0 },
    { "0", 0 },
    { "0G", 0 },
    { "0.0G", 0 },
    { "0.0001K", 0 },
    { "-1", 0 },
    { "-1G", 0 },
    { "+1G", 0 },
    { " 1G", 0 },
    { "1G ", 0 },
    { "1 G", 0 },
    { "G", 0 },
    { ".5G", 0 },
    { "1.G", 0 },
    { "1.5", 0 },
    { "1.5.5G", 0 },
    { "1.1234567G", 0 },
    { "1KB", 0 },
    { "1GB", 0 },
    { "1E", 0 },
    { "1X", 0 },
    { "1Gig", 0 },
    { "0x10", 0 },
    { "1e3", 0 },
    { "1,5G", 0 },
    { "50%", 0 },
    { "nan", 0 },
    { "inf", 0 },
    { "\xd9\xa1G", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint64 bytes = 7;

      g_test_message ("%s", rows[i].text != NULL ? rows[i].text : "(null)");
      g_assert_cmpint (live_size_parse (rows[i].text, &bytes), ==, rows[i].bytes != 0);
      g_assert_cmpuint (bytes, ==, rows[i].bytes != 0 ? rows[i].bytes : 7);
    }
}

static void
test_usage (void)
{
  static const char *const rows[] = {
    "pool create-ram",
    "pool create-ram ram1",
    "pool create-ram ram1 more --size 1G",
    "pool create-ram ram1 --size",
    "pool create-ram ram1 --size 0",
    "pool create-ram ram1 --size -1G",
    "pool create-ram ram1 --size 50%",
    "pool create-ram ram1 --size 1G --limit 0",
    "pool create-ram ram1 --size 1G --limit",
    "pool create-ram ram1 --size 1G --algorithm ''",
    "pool create-ram ram1 --size 1G --tmpfs --limit 1G",
    "pool create-ram ram1 --size 1G --tmpfs --algorithm lz4",
    "pool create-ram ram1 --size 1G --backing /x",
    "pool create-ram ram1 --size 1G --kill",
    "pool create-ram ram1 --size 1G --json",
    "pool create-ram ../x --size 1G",
    "pool create-ram '' --size 1G",
    "pool create-ram -- -x --size 1G",
    "pool create-ram aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa --size 1G",
    "pool create-encrypted safe --size 1G",
    "pool create-encrypted safe --size 1G --backing safe.img",
    "pool create-encrypted safe --size 1G --backing '/a\xff'",
    "pool create-encrypted safe --size 0 --backing /safe.img",
    "pool create-encrypted safe --size 1G --backing /safe.img --tmpfs",
    "pool resize ram1",
    "pool resize ram1 --size 0",
    "pool resize ram1 --size 1G --default",
    "pool default ram1",
    "pool default ram1 maybe",
    "pool default ram1 on --yes",
    "pool destroy",
    "pool destroy ram1 ram2 --yes",
    "pool destroy ram1 --yes --size 1G",
    /* Nobody to ask. */
    "pool destroy ram1",
    "pool list --size 1G",
    "run-ram",
    "run-ram work more",
    "run-ram work --name ../x",
    "run-ram work --pool 'a b'",
    "run-ram work --size 1G",
    "run-ram work --json",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      /* There is no such bus: a verb that asks the helper before it checks its words would exit with 4. */
      g_auto (LiveRun) run = live_run_at ("unix:path=/nowhere", rows[i]);

      g_test_message ("%u", (guint) i);
      g_assert_cmpint (run.code, ==, 2);
      g_assert_cmpstr (run.out, ==, "");
      live_assert_contains (run.err, "--help");
    }
}

/* Starts a command and waits until its job has begun. */
static GSubprocess *
begin (LiveFixture *fixture, const char *command_line)
{
  GSubprocess *process = live_run_spawn (live_mock_bus_get_address (fixture->bus), command_line);

  live_mock_wait (live_mock_service_get_job (fixture->service) != NULL);
  return process;
}

static void
set_step (LiveBusJob *job, const char *step, double progress)
{
  live_bus_job_set_step (job, step);
  live_bus_job_set_progress (job, progress);
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (job));
}

/* What each form asks of the helper, and what it says when the job succeeds. */
static void
test_success (LiveFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *command_line;
    const char *calls;
    const char *said;
  } rows[] = {
    { "pool create-ram ram2 --size 2G", "manager CreateRamPool 'ram2' 2147483648 {}", "The pool ram2 is ready.\n" },
    { "pool create-ram ram2 --size 2G --limit 1G --algorithm zstd --default",
      "manager CreateRamPool 'ram2' 2147483648 {'limit': <uint64 1073741824>, 'algorithm': <'zstd'>, "
      "'default': <true>}",
      "The pool ram2 is ready.\n" },
    { "pool create-ram ram2 --size=512M --tmpfs", "manager CreateRamPool 'ram2' 536870912 {'kind': <'tmpfs'>}",
      "The pool ram2 is ready.\n" },
    { "pool create-encrypted safe --size 20G --backing '/srv/a b.img' --default",
      "manager CreateEncryptedPool 'safe' 21474836480 '/srv/a b.img' {'default': <true>}",
      "The pool safe is ready.\n" },
    { "pool create-encrypted safe --backing /dev/qubes/safe",
      "manager CreateEncryptedPool 'safe' 0 '/dev/qubes/safe' {}", "The pool safe is ready.\n" },
    { "pool resize ram1 --size 3G", "ram1 Resize 3221225472", "The pool ram1 has its new size.\n" },
    { "pool destroy ram1 --yes", "ram1 Destroy ['app1', 'gone'] false", "The pool ram1 is destroyed.\n" },
    { "pool destroy ram1 --yes --kill", "ram1 Destroy ['app1', 'gone'] true", "The pool ram1 is destroyed.\n" },
    { "run-ram work", "manager RunRamQube 'work' {}", "A copy of work runs in RAM.\n" },
    { "run-ram work --name work-ram --pool ram1 --with-files",
      "manager RunRamQube 'work' {'name': <'work-ram'>, 'pool': <'ram1'>, 'with-files': <true>}",
      "it is removed, with everything" },
  };
  const char *const qubes[] = { "app1", "gone", NULL };
  LiveBusPool *pool = live_mock_service_add_pool (fixture->service, "ram1");

  live_bus_pool_set_managed (pool, TRUE);
  live_bus_pool_set_qubes (pool, qubes);
  live_mock_service_add_qube (fixture->service, "work");
  live_mock_service_add_qube (fixture->service, "app1");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GSubprocess) process = begin (fixture, rows[i].command_line);
      g_auto (LiveRun) run = { 0 };

      g_test_message ("%s", rows[i].command_line);
      live_mock_service_finish_job (fixture->service, live_mock_service_get_job (fixture->service), "", "");
      run = live_run_finish (process);
      g_assert_cmpint (run.code, ==, 0);
      g_assert_cmpstr (run.err, ==, "");
      live_assert_contains (run.out, rows[i].said);
      live_assert_calls (fixture, rows[i].calls);
      live_mock_service_remove_job (fixture->service);
    }
}

/* Without a terminal: a line for each step, none twice, and no control characters. */
static void
test_steps (LiveFixture *fixture, gconstpointer data)
{
  g_autoptr (GSubprocess) process = begin (fixture, "pool create-ram ram1 --size 1G");
  LiveBusJob *job = live_mock_service_get_job (fixture->service);
  g_auto (LiveRun) run = { 0 };

  set_step (job, LIVE_JOB_STEP_DEVICE, -1);
  set_step (job, LIVE_JOB_STEP_FORMAT, 0.1);
  set_step (job, LIVE_JOB_STEP_FORMAT, 0.9);
  set_step (job, LIVE_JOB_STEP_ADD_POOL, -1);
  live_mock_service_finish_job (fixture->service, job, "", "");
  run = live_run_finish (process);
  g_assert_cmpint (run.code, ==, 0);
  g_assert_cmpstr (run.out, ==,
                   "Making the pool ram1 in RAM: checking names, sizes and memory…\n"
                   "Making the pool ram1 in RAM: setting up the device…\n"
                   "Making the pool ram1 in RAM: making the file system…\n"
                   "Making the pool ram1 in RAM: telling qubesd about the pool…\n"
                   "The pool ram1 is ready.\n");
}

static void
test_failures (LiveFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *error_name;
    const char *message;
    int code;
    const char *title;
    const char *body;
  } rows[] = {
    { "NoMemory", "2 GiB are wanted, 1 GiB is there", 1, "The pool ram1 was not made\n", "(2 GiB are wanted, 1 GiB" },
    { "InvalidArgument", "Name taken", 1, "The pool ram1 was not made\n", "(Name taken)" },
    { "QubesdUnreachable", "", 4, "The pool ram1 was not made\n", "systemctl status qubesd" },
    { "Cancelled", "", 1, "The pool ram1 was not made: taken back\n", "undone" },
    { "Unheard", "a\033[31m", 1, "The pool ram1 was not made\n", "a\xef\xbf\xbd[31m" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GSubprocess) process = begin (fixture, "pool create-ram ram1 --size 1G");
      g_autofree char *name = g_strconcat ("org.qubes.Live1.Error.", rows[i].error_name, NULL);
      g_auto (LiveRun) run = { 0 };

      live_mock_service_finish_job (fixture->service, live_mock_service_get_job (fixture->service), name,
                                    rows[i].message);
      run = live_run_finish (process);
      g_assert_cmpint (run.code, ==, rows[i].code);
      live_assert_lacks (run.out, "ready");
      live_assert_contains (run.err, rows[i].title);
      live_assert_contains (run.err, rows[i].body);
      live_mock_service_remove_job (fixture->service);
    }
}

/* It never became a job. */
static void
test_refused (LiveFixture *fixture, gconstpointer data)
{
  static const char *const command_lines[]
      = { "pool create-ram ram2 --size 1G", "pool create-encrypted safe --size 1G --backing /x",
          "pool resize ram1 --size 1G",     "pool destroy ram1 --yes",
          "pool default ram1 on",           "run-ram work" };

  live_bus_pool_set_managed (live_mock_service_add_pool (fixture->service, "ram1"), TRUE);
  live_mock_service_add_qube (fixture->service, "work");
  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED, "polkit said no");
  for (gsize i = 0; i < G_N_ELEMENTS (command_lines); i++)
    {
      g_auto (LiveRun) run = live_run_cli (fixture, command_lines[i]);

      g_test_message ("%s", command_lines[i]);
      g_assert_cmpint (run.code, ==, 3);
      live_assert_contains (run.err, getuid () == 0 ? "polkit" : "sudo");
    }
  live_mock_service_fail (fixture->service, LIVE_ERROR, LIVE_ERROR_BUSY, "ram1: another change");
  for (gsize i = 0; i < G_N_ELEMENTS (command_lines); i++)
    {
      g_auto (LiveRun) run = live_run_cli (fixture, command_lines[i]);

      g_assert_cmpint (run.code, ==, 1);
      g_assert_cmpstr (run.err, !=, "");
    }
}

static void
test_helper_dies (LiveFixture *fixture, gconstpointer data)
{
  g_autoptr (GSubprocess) process = begin (fixture, "pool create-ram ram1 --size 1G");
  g_auto (LiveRun) run = { 0 };

  g_clear_pointer (&fixture->service, live_mock_service_free);
  run = live_run_finish (process);
  g_assert_cmpint (run.code, ==, 4);
  live_assert_contains (run.err, "may or may not");
  live_assert_lacks (run.err, "not made");
}

/* Whether the process has a handler for SIGINT by now. */
static gboolean
catches_interrupt (GSubprocess *process)
{
  g_autofree char *path = g_strdup_printf ("/proc/%s/status", g_subprocess_get_identifier (process));
  g_autofree char *status = NULL;
  const char *line = NULL;

  g_assert_true (g_file_get_contents (path, &status, NULL, NULL));
  line = strstr (status, "SigCgt:");
  g_assert_nonnull (line);
  return (g_ascii_strtoull (line + strlen ("SigCgt:\t"), NULL, 16) & (1u << (SIGINT - 1))) != 0;
}

static gboolean
was_cancelled (LiveBusJob *job)
{
  return g_strcmp0 (live_bus_job_get_step (job), LIVE_JOB_STEP_UNDO) == 0;
}

static void
test_interrupt (LiveFixture *fixture, gconstpointer data)
{
  g_autoptr (GSubprocess) process = begin (fixture, "pool create-ram ram1 --size 1G");
  LiveBusJob *job = live_mock_service_get_job (fixture->service);
  g_auto (LiveRun) run = { 0 };

  live_mock_wait (catches_interrupt (process));
  g_subprocess_send_signal (process, SIGINT);
  live_mock_wait (was_cancelled (job));
  /* It waits until what was done is undone. */
  live_mock_service_finish_job (fixture->service, job, "org.qubes.Live1.Error.Cancelled", "");
  run = live_run_finish (process);
  g_assert_cmpint (run.code, ==, 1);
  live_assert_contains (run.err, "Taking it back…\n");
  live_assert_contains (run.err, "The pool ram1 was not made: taken back\n");
  live_assert_calls (fixture, "manager CreateRamPool 'ram1' 1073741824 {}; job Cancel");
}

/* Past the point of no return it says so, and goes on to the end; the second time it leaves. */
static void
test_interrupt_too_late (LiveFixture *fixture, gconstpointer data)
{
  for (guint twice = 0; twice < 2; twice++)
    {
      g_autoptr (GSubprocess) process = NULL;
      g_autoptr (GInputStream) errors = NULL;
      g_autoptr (GDataInputStream) lines = NULL;
      g_autofree char *line = NULL;
      LiveBusJob *job = NULL;
      g_auto (LiveRun) run = { 0 };

      process = begin (fixture, "pool create-ram ram1 --size 1G");
      job = live_mock_service_get_job (fixture->service);
      live_mock_wait (catches_interrupt (process));
      live_bus_job_set_cancellable (job, FALSE);
      set_step (job, LIVE_JOB_STEP_ADD_POOL, -1);
      /* The program has read that once it prints the step: its second line. */
      lines = g_data_input_stream_new (g_subprocess_get_stdout_pipe (process));
      g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (lines), FALSE);
      g_free (g_data_input_stream_read_line (lines, NULL, NULL, NULL));
      line = g_data_input_stream_read_line (lines, NULL, NULL, NULL);
      g_assert_nonnull (line);
      live_assert_contains (line, "telling qubesd");

      g_subprocess_send_signal (process, SIGINT);
      errors = g_object_ref (g_subprocess_get_stderr_pipe (process));
      {
        g_autoptr (GDataInputStream) error_lines = g_data_input_stream_new (errors);
        g_autofree char *said = NULL;

        g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (error_lines), FALSE);
        said = g_data_input_stream_read_line (error_lines, NULL, NULL, NULL);
        g_assert_nonnull (said);
        live_assert_contains (said, "cannot be taken back any more");
      }
      if (twice)
        g_subprocess_send_signal (process, SIGTERM);
      else
        live_mock_service_finish_job (fixture->service, job, "", "");
      run = live_run_finish (process);
      g_assert_cmpint (run.code, ==, twice ? 1 : 0);
      if (twice)
        live_assert_contains (run.err, "goes on without being waited for");
      else
        live_assert_contains (run.out, "The pool ram1 is ready.\n");
      live_assert_calls (fixture, "manager CreateRamPool 'ram1' 1073741824 {}");
      live_mock_service_remove_job (fixture->service);
    }
}

/* Drives the job of a command that is run to its end elsewhere. */
typedef struct
{
  LiveFixture *fixture;
  guint n_ticks;
} Driver;

static gboolean
drive (gpointer user_data)
{
  Driver *driver = user_data;
  LiveBusJob *job = live_mock_service_get_job (driver->fixture->service);

  if (job == NULL)
    return G_SOURCE_CONTINUE;
  if (driver->n_ticks++ == 0)
    set_step (job, LIVE_JOB_STEP_ALLOCATE, 0.5);
  else if (driver->n_ticks < 10)
    return G_SOURCE_CONTINUE;
  else
    {
      live_mock_service_finish_job (driver->fixture->service, job, "", "");
      return G_SOURCE_REMOVE;
    }
  return G_SOURCE_CONTINUE;
}

#define LONGEST_NAME "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

/* On a terminal: one line, which is never wider than the terminal, and is gone at the end. */
static void
test_terminal (LiveFixture *fixture, gconstpointer data)
{
  Driver driver = { .fixture = fixture };
  g_auto (LiveRun) run = { 0 };
  g_auto (GStrv) parts = NULL;
  guint n_parts = 0;

  g_timeout_add (20, drive, &driver);
  run = live_run_on_terminal (fixture, "pool create-encrypted " LONGEST_NAME " --size 1G --backing /x", "");
  g_assert_cmpint (run.code, ==, 0);
  g_assert_cmpstr (run.err, ==, "");
  g_assert_true (g_str_has_suffix (run.out, "\rThe pool " LONGEST_NAME " is ready.\r\n"));
  /* The terminal itself makes of the newline at the end another return. */
  parts = g_strsplit (run.out, "\r", -1);
  n_parts = g_strv_length (parts);
  g_assert_cmpuint (n_parts, >, 3);
  for (guint i = 0; i + 2 < n_parts; i++)
    {
      g_assert_cmpuint (live_text_width (parts[i]), <, 80);
      live_assert_lacks (parts[i], "\n");
      live_assert_lacks (parts[i], "\033");
    }
  live_assert_contains (run.out, "\rMaking the encrypted pool aaa");
}

static void
test_terminal_progress (LiveFixture *fixture, gconstpointer data)
{
  Driver driver = { .fixture = fixture };
  g_auto (LiveRun) run = { 0 };

  g_timeout_add (20, drive, &driver);
  run = live_run_on_terminal (fixture, "pool create-encrypted safe --size 1G --backing /x", "");
  g_assert_cmpint (run.code, ==, 0);
  live_assert_contains (run.out, "\rMaking the encrypted pool safe: reserving space, 50 %");
}

static void
test_destroy_asks (LiveFixture *fixture, gconstpointer data)
{
  static const struct
  {
    const char *options;
    const char *answer;
    gboolean destroyed;
  } rows[] = { { "", "n\n", FALSE },       { "", "\n", FALSE },       { "", "\004", FALSE },
               { "--dry-run", "", FALSE }, { "--kill", "y\n", TRUE }, { "", "yes\n", TRUE } };
  const char *const qubes[] = { "app1", NULL };
  LiveBusPool *pool = live_mock_service_add_pool (fixture->service, "ram1");

  live_bus_pool_set_managed (pool, TRUE);
  live_bus_pool_set_qubes (pool, qubes);
  live_bus_qube_set_state (live_mock_service_add_qube (fixture->service, "app1"), "running");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *command_line = g_strdup_printf ("pool destroy ram1 %s", rows[i].options);
      Driver driver = { .fixture = fixture };
      guint source = 0;
      g_auto (LiveRun) run = { 0 };

      g_test_message ("%s %s", rows[i].options, rows[i].answer);
      if (rows[i].destroyed)
        source = g_timeout_add (20, drive, &driver);
      run = live_run_on_terminal (fixture, command_line, rows[i].answer);
      /* Who says no gets another exit code than who only looks. */
      g_assert_cmpint (run.code, ==, rows[i].destroyed || *rows[i].options != '\0' ? 0 : 1);
      /* What is lost is said before anything is asked. */
      live_assert_contains (run.out, "is lost, and with it 1 qube:");
      live_assert_contains (run.out, "  app1  Running");
      if (rows[i].destroyed)
        {
          live_assert_contains (run.out, "Destroy the pool ram1? [y/N]");
          live_assert_contains (run.out, "The pool ram1 is destroyed.");
          live_assert_calls (fixture, strstr (rows[i].options, "--kill") != NULL ? "ram1 Destroy ['app1'] true"
                                                                                 : "ram1 Destroy ['app1'] false");
          g_assert_cmpuint (driver.n_ticks, >=, 10);
          g_assert_null (g_main_context_find_source_by_id (NULL, source));
          live_mock_service_remove_job (fixture->service);
        }
      else
        {
          if (*rows[i].answer != '\0')
            live_assert_contains (run.out, "Nothing was changed.");
          live_assert_no_calls (fixture);
        }
    }
}

/* What somebody else made is left alone, and what is not there is not made up. */
static void
test_other_pools (LiveFixture *fixture, gconstpointer data)
{
  static const char *const command_lines[] = { "pool destroy vm-pool --yes", "pool resize vm-pool --size 1G" };
  g_auto (LiveRun) unknown = { 0 };

  live_mock_service_add_pool (fixture->service, "vm-pool");
  for (gsize i = 0; i < G_N_ELEMENTS (command_lines); i++)
    {
      g_auto (LiveRun) run = live_run_cli (fixture, command_lines[i]);

      g_assert_cmpint (run.code, ==, 1);
      live_assert_contains (run.err, "was not made by Qubes Live");
      live_assert_no_calls (fixture);
    }
  unknown = live_run_cli (fixture, "pool destroy vm-pol --yes");
  g_assert_cmpint (unknown.code, ==, 1);
  live_assert_contains (unknown.err, "vm-pool?");
}

static void
test_default (LiveFixture *fixture, gconstpointer data)
{
  LiveBusPool *pool = live_mock_service_add_pool (fixture->service, "ram1");
  g_auto (LiveRun) on = live_run_cli (fixture, "pool default ram1 on");
  g_auto (LiveRun) off = { 0 };

  g_assert_cmpint (on.code, ==, 0);
  live_assert_contains (on.out, "go to ram1.");
  g_assert_true (live_bus_pool_get_default (pool));
  off = live_run_cli (fixture, "pool default ram1 off");
  g_assert_cmpint (off.code, ==, 0);
  live_assert_contains (off.out, "do not go to ram1");
  g_assert_false (live_bus_pool_get_default (pool));
  live_assert_calls (fixture, "ram1 SetDefault true; ram1 SetDefault false");
}

static void
test_list (LiveFixture *fixture, gconstpointer data)
{
  const char *const qubes[] = { "app1", NULL };
  LiveBusPool *ram = live_mock_service_add_pool (fixture->service, "ram1");
  LiveBusPool *gone = live_mock_service_add_pool (fixture->service, "ram2");
  g_auto (LiveRun) text = { 0 };
  g_auto (LiveRun) json = { 0 };
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *first = NULL;

  live_bus_pool_set_kind (ram, "ram");
  live_bus_pool_set_size (ram, 2 * GIB);
  live_bus_pool_set_used (ram, GIB);
  live_bus_pool_set_memory_used (ram, 700 << 20);
  live_bus_pool_set_managed (ram, TRUE);
  live_bus_pool_set_default (ram, TRUE);
  live_bus_pool_set_qubes (ram, qubes);
  live_bus_pool_set_state (gone, "gone");
  text = live_run_cli (fixture, "pool list");
  g_assert_cmpint (text.code, ==, 0);
  live_assert_contains (text.out, "in RAM");
  live_assert_contains (text.out, "1.0\302\240GiB of 2.0\302\240GiB used, 700.0\302\240MiB of RAM held");
  live_assert_contains (text.out, "new qubes go to it\n");
  live_assert_contains (text.out, "its storage is gone\n");

  json = live_run_cli (fixture, "pool list --json");
  root = json_from_string (json.out, &error);
  g_assert_no_error (error);
  first = json_array_get_object_element (json_node_get_array (root), 0);
  g_assert_cmpint (json_object_get_int_member (first, "memory_used"), ==, 700 << 20);
  g_assert_cmpstr (json_object_get_string_member (first, "state"), ==, "ready");
  g_assert_true (json_object_get_boolean_member (first, "managed"));
  g_assert_true (json_object_get_boolean_member (first, "default"));
  g_assert_cmpstr (json_array_get_string_element (json_object_get_array_member (first, "qubes"), 0), ==, "app1");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/cli-pool/sizes", test_sizes);
  g_test_add_func ("/cli-pool/usage", test_usage);
#define ADD(name, function)                                                                                            \
  g_test_add ("/cli-pool/" name, LiveFixture, NULL, live_fixture_set_up, function, live_fixture_tear_down)
  ADD ("success", test_success);
  ADD ("steps", test_steps);
  ADD ("failures", test_failures);
  ADD ("refused", test_refused);
  ADD ("helper-dies", test_helper_dies);
  ADD ("interrupt", test_interrupt);
  ADD ("interrupt-too-late", test_interrupt_too_late);
  ADD ("terminal", test_terminal);
  ADD ("terminal-progress", test_terminal_progress);
  ADD ("destroy-asks", test_destroy_asks);
  ADD ("other-pools", test_other_pools);
  ADD ("default", test_default);
  ADD ("list", test_list);
#undef ADD
  return g_test_run ();
}
