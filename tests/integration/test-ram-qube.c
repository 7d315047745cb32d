/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "pools-fixture.h"

#include "model/error.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static char *
run_with (LivePoolsFixture *fixture,
          const char *qube,
          const char *name,
          const char *pool,
          gboolean with_files,
          GError **error)
{
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  if (name != NULL)
    g_variant_builder_add (&options, "{sv}", "name", g_variant_new_string (name));
  if (pool != NULL)
    g_variant_builder_add (&options, "{sv}", "pool", g_variant_new_string (pool));
  if (with_files)
    g_variant_builder_add (&options, "{sv}", "with-files", g_variant_new_boolean (TRUE));
  return live_pools_fixture_call (fixture, NULL, "RunRamQube", g_variant_new ("(sa{sv})", qube, &options), error);
}

static void
run (LivePoolsFixture *fixture, const char *qube, const char *name, const char *pool, gboolean with_files)
{
  GError *error = NULL;
  char *job = run_with (fixture, qube, name, pool, with_files, &error);

  live_pools_fixture_expect_success (fixture, job, error);
}

static void
refuse (LivePoolsFixture *fixture, const char *qube, const char *name, const char *pool, int code, const char *message)
{
  GError *error = NULL;
  char *job = run_with (fixture, qube, name, pool, FALSE, &error);

  live_pools_fixture_expect_error (fixture, job, error, code, message);
}

static void
control (LivePoolsFixture *fixture, const char *command)
{
  g_free (live_test_bed_control (fixture->helper.bed, "%s", command));
}

static void
assert_control (LivePoolsFixture *fixture, const char *command, const char *expected)
{
  g_autofree char *is = live_test_bed_control (fixture->helper.bed, "%s", command);

  g_assert_cmpstr (is, ==, expected);
}

static gboolean
has_qube (LivePoolsFixture *fixture, const char *qube)
{
  g_autofree char *text = live_test_bed_control (fixture->helper.bed, "names");
  g_auto (GStrv) names = g_strsplit (text, " ", -1);

  return g_strv_contains ((const char *const *) names, qube);
}

static void
wait_gone (LivePoolsFixture *fixture, const char *qube, const char *pool)
{
  g_autofree char *id = g_strconcat ("qube-", qube, NULL);
  gint64 end = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;

  while (has_qube (fixture, qube) || (pool != NULL && live_pools_fixture_has_pool (fixture, pool))
         || live_pools_fixture_has_entry (fixture, id))
    {
      if (g_get_monotonic_time () > end)
        g_error ("%s, or its pool, is not removed", qube);
      g_usleep (5000);
    }
}

static void
test_life (void)
{
  LivePoolsFixture fixture;

  live_pools_fixture_open (&fixture, NULL);
  control (&fixture, "label app1 green");
  control (&fixture, "property app1 memory 777");
  control (&fixture, "property app1 netvm sys-net");
  control (&fixture, "feature app1 menu-items some thing");
  control (&fixture, "feature app1 live.policy full");
  control (&fixture, "set-firewall app1 action=drop");
  run (&fixture, "app1", NULL, NULL, FALSE);
  live_helper_fixture_wait (&fixture.helper, "app1-ram", "State", "running");
  live_assert_pool (&fixture, "ram-app1-ram", "Qubes", "['app1-ram']");
  live_assert_pool (&fixture, "ram-app1-ram", "Kind", "ram");
  assert_control (&fixture, "get-property app1-ram label", "green");
  assert_control (&fixture, "get-property app1-ram memory", "777");
  assert_control (&fixture, "get-property app1-ram netvm", "sys-net");
  assert_control (&fixture, "get-property app1-ram include_in_backups", "False");
  assert_control (&fixture, "get-feature app1-ram menu-items", "some thing");
  assert_control (&fixture, "has-feature app1-ram live.policy", "False");
  assert_control (&fixture, "firewall app1-ram", "action=drop");
  assert_control (&fixture, "rw app1-ram root", "False");
  live_assert_qube (&fixture.helper, "app1-ram", "Policy", "persistent");
  g_assert_true (live_pools_fixture_has_entry (&fixture, "qube-app1-ram"));

  /* The second has another name. */
  run (&fixture, "app1", NULL, NULL, FALSE);
  g_assert_true (has_qube (&fixture, "app1-ram2"));
  control (&fixture, "shutdown app1-ram2");
  wait_gone (&fixture, "app1-ram2", "ram-app1-ram2");

  control (&fixture, "shutdown app1-ram");
  wait_gone (&fixture, "app1-ram", "ram-app1-ram");
  g_assert_true (has_qube (&fixture, "app1"));
  live_pools_fixture_close (&fixture);
}

/* In a pool that is there, which stays; with the files of one that is in it, too, which share their blocks. */
static void
test_with_files (void)
{
  LivePoolsFixture fixture;
  GError *error = NULL;
  char *job = NULL;
  guint64 used = 0;
  g_autofree char *noise = g_malloc (MIB);
  int fd = -1;

  live_pools_fixture_open (&fixture, NULL);
  job = live_pools_fixture_create (&fixture, "ram1", 600, NULL, &error);
  live_pools_fixture_expect_success (&fixture, job, error);
  control (&fixture, "create-in one ram1");
  live_pools_fixture_wait_text (&fixture, "ram1", "Qubes", "['one']");
  fd = open ("/run/qubes-live/pools/ram1/appvms/one/private.img", O_WRONLY | O_CLOEXEC);
  g_assert_cmpint (fd, >=, 0);
  for (guint i = 0; i < 200; i++)
    {
      for (gsize k = 0; k < MIB; k += sizeof (guint32))
        *(guint32 *) (void *) (noise + k) = g_random_int ();
      g_assert_cmpint (write (fd, noise, MIB), ==, (gssize) MIB);
    }
  g_assert_cmpint (fsync (fd), ==, 0);
  close (fd);
  g_free (live_helper_fixture_manager (&fixture.helper, "Version"));
  job = live_pools_fixture_call (&fixture, NULL, "Refresh", NULL, &error);
  g_assert_no_error (error);
  g_free (job);
  used = live_pools_fixture_number (&fixture, "ram1", "MemoryUsed");
  g_assert_cmpuint (used, >, 200 * MIB);

  run (&fixture, "one", "copy", "ram1", TRUE);
  g_assert_true (g_file_test ("/run/qubes-live/pools/ram1/appvms/copy/private.img", G_FILE_TEST_EXISTS));
  job = live_pools_fixture_call (&fixture, NULL, "Refresh", NULL, &error);
  g_assert_no_error (error);
  g_free (job);
  g_assert_cmpuint (live_pools_fixture_number (&fixture, "ram1", "MemoryUsed"), <, used + 5 * MIB);
  control (&fixture, "shutdown copy");
  wait_gone (&fixture, "copy", NULL);
  g_assert_true (live_pools_fixture_has_pool (&fixture, "ram1"));
  live_pools_fixture_wait_text (&fixture, "ram1", "Qubes", "['one']");
  job = live_pools_fixture_destroy (&fixture, "ram1", "one", FALSE, &error);
  live_pools_fixture_expect_success (&fixture, job, error);
  live_pools_fixture_close (&fixture);
}

static void
test_refused (void)
{
  LivePoolsFixture fixture;
  static const struct
  {
    const char *qube;
    const char *name;
    const char *pool;
    int code;
    const char *message;
  } rows[] = {
    { "nobody", NULL, NULL, LIVE_ERROR_NOT_FOUND, "nobody" },
    { "../x", NULL, NULL, LIVE_ERROR_INVALID_ARGUMENT, "name" },
    { "debian-12", NULL, NULL, LIVE_ERROR_NOT_SUPPORTED, "app qube" },
    { "app1", "app2", NULL, LIVE_ERROR_IN_USE, "app2" },
    { "app1", "a b", NULL, LIVE_ERROR_INVALID_ARGUMENT, "name" },
    { "app1", "a2345678901234567890123456789012", NULL, LIVE_ERROR_INVALID_ARGUMENT, "31" },
    { "app1", NULL, "none", LIVE_ERROR_NOT_FOUND, "none" },
    { "app1", NULL, "varlibqubes", LIVE_ERROR_NOT_SUPPORTED, "varlibqubes" },
  };

  live_pools_fixture_open (&fixture, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    refuse (&fixture, rows[i].qube, rows[i].name, rows[i].pool, rows[i].code, rows[i].message);
  live_pools_fixture_close (&fixture);
}

/* What fails on the way is undone, wherever that is. */
static void
test_undone (void)
{
  LivePoolsFixture fixture;
  static const char *const faults[] = {
    "fault admin.vm.property.GetAll@app1 error QubesException no luck",
    "fault admin.vm.firewall.Get error QubesException no luck",
    "fault admin.pool.Add error QubesException no luck",
    "fault admin.vm.CreateInPool.AppVM error QubesException no luck",
    "fault admin.vm.feature.Set error QubesException no luck",
    "fault admin.vm.property.Set error QubesException no luck",
    "fault admin.vm.volume.Set.rw error QubesException no luck",
    "fault admin.vm.Start error QubesException no luck",
  };

  live_pools_fixture_open (&fixture, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (faults); i++)
    {
      control (&fixture, faults[i]);
      refuse (&fixture, "app1", NULL, NULL, LIVE_ERROR_QUBESD_ERROR, "");
      wait_gone (&fixture, "app1-ram", "ram-app1-ram");
      live_storage_assert_nothing_left ();
      control (&fixture, "clear-faults");
    }
  live_pools_fixture_close (&fixture);
}

/* The helper ends while one runs; it goes on, or finds it halted. */
static void
test_helper_ends (void)
{
  LivePoolsFixture fixture;

  live_pools_fixture_open (&fixture, NULL);
  run (&fixture, "app1", NULL, NULL, FALSE);
  live_test_bed_kill_helper (fixture.helper.bed);
  live_test_bed_start_helper (fixture.helper.bed);
  live_helper_fixture_wait (&fixture.helper, "app1-ram", "State", "running");
  control (&fixture, "shutdown app1-ram");
  wait_gone (&fixture, "app1-ram", "ram-app1-ram");

  run (&fixture, "app1", NULL, NULL, FALSE);
  live_test_bed_kill_helper (fixture.helper.bed);
  control (&fixture, "shutdown app1-ram");
  live_test_bed_start_helper (fixture.helper.bed);
  wait_gone (&fixture, "app1-ram", "ram-app1-ram");
  live_pools_fixture_close (&fixture);
}

/* As after a restart of dom0: no journal, no storage, and qubesd still has it. */
static void
test_storage_gone (void)
{
  LivePoolsFixture fixture;
  g_autofree char *entry = NULL;
  g_autoptr (JsonObject) answer = NULL;

  live_pools_fixture_open (&fixture, NULL);
  run (&fixture, "app1", NULL, NULL, FALSE);
  live_test_bed_kill_helper (fixture.helper.bed);
  control (&fixture, "kill app1-ram");
  entry
      = g_build_filename (live_test_bed_get_root (fixture.helper.bed), "run/qubes-live/jobs/qube-app1-ram.json", NULL);
  g_assert_cmpint (unlink (entry), ==, 0);
  answer = live_storage_ask (LIVE_STORAGE_UNENCRYPTED, "{\"do\":\"destroy\",\"name\":\"ram-app1-ram\"}");
  live_test_bed_start_helper (fixture.helper.bed);
  wait_gone (&fixture, "app1-ram", "ram-app1-ram");
  live_pools_fixture_close (&fixture);
}

/* Between every two steps of its life, from the first to the removal of its pool. */
static void
test_crash (void)
{
  LivePoolsFixture fixture;
  gboolean crashed = TRUE;
  guint n_went_on = 0;
  guint nth = 0;

  live_pools_fixture_open (&fixture, NULL);
  while (crashed)
    {
      gint64 end = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;
      GError *error = NULL;
      char *job = NULL;

      live_pools_fixture_restart (&fixture, ++nth);
      live_helper_fixture_wait_synchronized (&fixture.helper);
      job = run_with (&fixture, "app1", NULL, NULL, FALSE, &error);
      crashed = live_pools_fixture_wait_crash (&fixture, job, error);
      if (!crashed)
        control (&fixture, "shutdown app1-ram");
      while (!crashed && (has_qube (&fixture, "app1-ram") || live_pools_fixture_has_entry (&fixture, "qube-app1-ram")))
        {
          crashed = !live_pools_fixture_is_alive (&fixture);
          g_assert_cmpint (g_get_monotonic_time (), <, end);
          g_usleep (2000);
        }
      g_test_message ("crash %u: %s", nth, crashed ? "yes" : "no more");
      live_pools_fixture_restart (&fixture, 0);
      live_helper_fixture_wait_synchronized (&fixture.helper);
      if (has_qube (&fixture, "app1-ram"))
        {
          g_autofree char *state = live_test_bed_control (fixture.helper.bed, "state app1-ram");

          if (g_str_equal (state, "Running"))
            {
              n_went_on++;
              control (&fixture, "shutdown app1-ram");
            }
        }
      wait_gone (&fixture, "app1-ram", "ram-app1-ram");
      live_pools_fixture_wait_text (&fixture, "ram-app1-ram", "State", "(none)");
      for (guint tries = 0; tries < 2000 && live_pools_fixture_has_entry (&fixture, "pool-ram-app1-ram"); tries++)
        g_usleep (10000);
      g_assert_false (live_pools_fixture_has_entry (&fixture, "pool-ram-app1-ram"));
      live_storage_assert_nothing_left ();
    }
  g_test_message ("%u points; went on %u", nth - 1, n_went_on);
  g_assert_cmpuint (nth, >, 20);
  g_assert_cmpuint (n_went_on, >, 0);
  live_pools_fixture_close (&fixture);
}

static void
command (LivePoolsFixture *fixture, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", -1);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *output = NULL;
  g_autofree char *errors = NULL;
  int code = 0;

  g_ptr_array_add (argv, (gpointer) g_getenv ("LIVE_CLI"));
  for (guint i = 0; words[i] != NULL; i++)
    g_ptr_array_add (argv, words[i]);
  g_ptr_array_add (argv, NULL);
  code = live_test_bed_run (fixture->helper.bed, 0, (const char *const *) argv->pdata, &output, &errors);
  if (code != 0)
    g_error ("%s ended with %d: %s%s", line, code, output, errors);
}

/* What a person types, one after the other. */
static void
test_command_line (void)
{
  LivePoolsFixture fixture;

  live_pools_fixture_open (&fixture, NULL);
  command (&fixture, "pool create-ram r --size 512M");
  g_assert_true (live_pools_fixture_has_pool (&fixture, "r"));
  command (&fixture, "run-ram app1");
  assert_control (&fixture, "state app1-ram", "Running");
  command (&fixture, "pool destroy r --yes");
  g_assert_false (live_pools_fixture_has_pool (&fixture, "r"));
  control (&fixture, "shutdown app1-ram");
  wait_gone (&fixture, "app1-ram", "ram-app1-ram");
  live_pools_fixture_close (&fixture);
}

int
main (int argc, char **argv)
{
  gboolean root = live_storage_fixture_begin ();
  int result = 0;

  g_test_init (&argc, &argv, NULL);
  if (!root)
    {
      g_print ("1..0 # SKIP only root can mount\n");
      return 0;
    }
  g_test_add_func ("/ram-qube/life", test_life);
  g_test_add_func ("/ram-qube/with-files", test_with_files);
  g_test_add_func ("/ram-qube/refused", test_refused);
  g_test_add_func ("/ram-qube/undone", test_undone);
  g_test_add_func ("/ram-qube/helper-ends", test_helper_ends);
  g_test_add_func ("/ram-qube/storage-gone", test_storage_gone);
  g_test_add_func ("/ram-qube/crash", test_crash);
  g_test_add_func ("/ram-qube/command-line", test_command_line);
  result = g_test_run ();
  live_storage_fixture_end ();
  return result;
}
