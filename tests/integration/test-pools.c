/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "pools-fixture.h"

#include "model/error.h"
#include "model/object-path.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define MKFS "/usr/sbin/mkfs.xfs"
#define JOB "org.qubes.Live1.Job"

/* The least for XFS, and a little. */
#define SIZE 320

static void
create (LivePoolsFixture *fixture, const char *name, guint64 mib, const char *kind)
{
  GError *error = NULL;
  char *job = live_pools_fixture_create (fixture, name, mib, kind, &error);

  live_pools_fixture_expect_success (fixture, job, error);
}

static void
destroy (LivePoolsFixture *fixture, const char *name, const char *qubes)
{
  GError *error = NULL;
  char *job = live_pools_fixture_destroy (fixture, name, qubes, FALSE, &error);

  live_pools_fixture_expect_success (fixture, job, error);
}

static void
refuse_create (
    LivePoolsFixture *fixture, const char *name, guint64 mib, const char *kind, int code, const char *message)
{
  GError *error = NULL;
  char *job = live_pools_fixture_create (fixture, name, mib, kind, &error);

  live_pools_fixture_expect_error (fixture, job, error, code, message);
}

static void
refuse_destroy (LivePoolsFixture *fixture, const char *name, const char *qubes, int code, const char *message)
{
  GError *error = NULL;
  char *job = live_pools_fixture_destroy (fixture, name, qubes, FALSE, &error);

  live_pools_fixture_expect_error (fixture, job, error, code, message);
}

static gboolean
is_mounted (const char *name)
{
  g_autofree char *mounts = NULL;
  g_autofree char *path = g_strdup_printf (" /run/qubes-live/pools/%s ", name);

  g_assert_true (g_file_get_contents ("/proc/self/mountinfo", &mounts, NULL, NULL));
  return strstr (mounts, path) != NULL;
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
assert_gone (LivePoolsFixture *fixture, const char *name)
{
  g_assert_false (is_mounted (name));
  g_assert_false (live_pools_fixture_has_pool (fixture, name));
  live_pools_fixture_wait_text (fixture, name, "State", "(none)");
}

static void
test_life (void)
{
  static const struct
  {
    const char *kind;
    const char *driver;
  } rows[] = { { NULL, "file-reflink" }, { "zram", "file-reflink" }, { "tmpfs", "file" } };
  LivePoolsFixture fixture;

  live_pools_fixture_open (&fixture, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      create (&fixture, "ram1", SIZE, rows[i].kind);
      g_assert_true (is_mounted ("ram1"));
      g_assert_true (live_pools_fixture_has_pool (&fixture, "ram1"));
      g_assert_false (live_pools_fixture_has_entry (&fixture, "pool-ram1"));
      live_assert_pool (&fixture, "ram1", "Driver", rows[i].driver);
      live_assert_pool (&fixture, "ram1", "Kind", "ram");
      live_assert_pool (&fixture, "ram1", "State", "ready");
      live_assert_pool (&fixture, "ram1", "Managed", "true");
      live_assert_pool (&fixture, "ram1", "Default", "false");
      live_assert_pool (&fixture, "ram1", "Qubes", "[]");
      g_assert_cmpuint (live_pools_fixture_number (&fixture, "ram1", "Size"), >, 160 * MIB);
      g_assert_cmpuint (live_pools_fixture_number (&fixture, "ram1", "Size"), <=, SIZE * MIB);
      destroy (&fixture, "ram1", "");
      assert_gone (&fixture, "ram1");
    }
  /* One that was there before is none of ours. */
  live_assert_pool (&fixture, "varlibqubes", "Managed", "false");
  refuse_destroy (&fixture, "varlibqubes", "", LIVE_ERROR_NOT_SUPPORTED, "not made by Qubes Live");
  live_pools_fixture_close (&fixture);
}

static void
test_encrypted (void)
{
  LivePoolsFixture fixture;
  g_autofree char *backing = g_build_filename (live_storage_fixture_get_directory (), "backing", NULL);
  GError *error = NULL;
  char *job = NULL;

  live_pools_fixture_open (&fixture, NULL);
  job = live_pools_fixture_call (&fixture, NULL, "CreateEncryptedPool",
                                 g_variant_new ("(stsa{sv})", "crypt1", SIZE * MIB, backing, NULL), &error);
  live_pools_fixture_expect_success (&fixture, job, error);
  live_assert_pool (&fixture, "crypt1", "Kind", "encrypted");
  live_assert_pool (&fixture, "crypt1", "MemoryUsed", "0");
  g_assert_true (g_file_test (backing, G_FILE_TEST_EXISTS));
  destroy (&fixture, "crypt1", "");
  assert_gone (&fixture, "crypt1");
  g_assert_false (g_file_test (backing, G_FILE_TEST_EXISTS));

  error = NULL;
  job = live_pools_fixture_call (&fixture, NULL, "CreateEncryptedPool",
                                 g_variant_new ("(stsa{sv})", "crypt1", SIZE * MIB, "backing", NULL), &error);
  live_pools_fixture_expect_error (&fixture, job, error, LIVE_ERROR_INVALID_ARGUMENT, "absolute path");
  live_pools_fixture_close (&fixture);
}

static void
test_bad_input (void)
{
  static const struct
  {
    const char *name;
    guint64 mib;
    const char *kind;
    int code;
    const char *message;
  } rows[] = {
    { "", SIZE, NULL, LIVE_ERROR_INVALID_ARGUMENT, "1 to 63 letters" },
    { "../x", SIZE, NULL, LIVE_ERROR_INVALID_ARGUMENT, "1 to 63 letters" },
    { "a\nb", SIZE, NULL, LIVE_ERROR_INVALID_ARGUMENT, "1 to 63 letters" },
    { "-a", SIZE, NULL, LIVE_ERROR_INVALID_ARGUMENT, "1 to 63 letters" },
    { "ram1", 0, NULL, LIVE_ERROR_INVALID_ARGUMENT, "0 bytes" },
    { "ram1", 1, NULL, LIVE_ERROR_INVALID_ARGUMENT, "314572800" },
    /* 10 EiB and 10 TiB */
    { "ram1", G_GUINT64_CONSTANT (10) << 40, NULL, LIVE_ERROR_INVALID_ARGUMENT, "bytes" },
    { "ram1", 10 * 1024 * 1024, NULL, LIVE_ERROR_NO_MEMORY, "dom0 has" },
    { "ram1", SIZE, "floppy", LIVE_ERROR_INVALID_ARGUMENT, "floppy" },
    { "ram1", SIZE, "encrypted", LIVE_ERROR_INVALID_ARGUMENT, "encrypted" },
    { "varlibqubes", SIZE, NULL, LIVE_ERROR_IN_USE, "already" },
  };
  g_autofree char *long_name = g_strnfill (200, 'a');
  LivePoolsFixture fixture;
  GVariantBuilder options;
  GError *error = NULL;
  char *job = NULL;

  live_pools_fixture_open (&fixture, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      refuse_create (&fixture, rows[i].name, rows[i].mib, rows[i].kind, rows[i].code, rows[i].message);
      g_assert_false (live_pools_fixture_has_pool (&fixture, "ram1"));
      g_assert_false (live_pools_fixture_has_entry (&fixture, "pool-ram1"));
    }
  refuse_create (&fixture, long_name, SIZE, NULL, LIVE_ERROR_INVALID_ARGUMENT, "1 to 63 letters");

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "colour", g_variant_new_string ("red"));
  job = live_pools_fixture_call (&fixture, NULL, "CreateRamPool",
                                 g_variant_new ("(sta{sv})", "ram1", SIZE * MIB, &options), &error);
  live_pools_fixture_expect_error (&fixture, job, error, LIVE_ERROR_INVALID_ARGUMENT, "colour");

  /* A pool of ours, and its name again; a size for one that has one. */
  create (&fixture, "ram1", SIZE, NULL);
  refuse_create (&fixture, "ram1", SIZE, NULL, LIVE_ERROR_IN_USE, "already");
  error = NULL;
  job = live_pools_fixture_call (&fixture, "ram1", "Resize", g_variant_new ("(t)", G_GUINT64_CONSTANT (0)), &error);
  live_pools_fixture_expect_error (&fixture, job, error, LIVE_ERROR_INVALID_ARGUMENT, "0 bytes");
  destroy (&fixture, "ram1", "");
  live_pools_fixture_close (&fixture);
}

static void
test_not_authorized (void)
{
  LivePoolsFixture fixture;
  g_autoptr (GDBusConnection) stranger = NULL;

  live_pools_fixture_open (&fixture, NULL);
  create (&fixture, "ram1", SIZE, NULL);
  stranger = live_test_bed_connect (fixture.helper.bed, LIVE_TEST_USER_UID);
  fixture.helper.bus = stranger;
  refuse_create (&fixture, "ram2", SIZE, NULL, LIVE_ERROR_NOT_AUTHORIZED, "");
  refuse_destroy (&fixture, "ram1", "", LIVE_ERROR_NOT_AUTHORIZED, "");
  fixture.helper.bus = live_test_bed_get_bus (fixture.helper.bed);
  g_assert_false (live_pools_fixture_has_pool (&fixture, "ram2"));
  g_assert_true (is_mounted ("ram1"));
  destroy (&fixture, "ram1", "");
  g_dbus_connection_close_sync (stranger, NULL, NULL);
  live_pools_fixture_close (&fixture);
}

static void
test_resize (void)
{
  LivePoolsFixture fixture;
  guint64 before = 0;
  GError *error = NULL;
  char *job = NULL;

  live_pools_fixture_open (&fixture, NULL);
  create (&fixture, "ram1", SIZE, NULL);
  before = live_pools_fixture_number (&fixture, "ram1", "Size");
  job = live_pools_fixture_call (&fixture, "ram1", "Resize", g_variant_new ("(t)", (SIZE + 100) * MIB), &error);
  live_pools_fixture_expect_success (&fixture, job, error);
  g_assert_cmpuint (live_pools_fixture_number (&fixture, "ram1", "Size"), >, before + 50 * MIB);
  destroy (&fixture, "ram1", "");
  live_pools_fixture_close (&fixture);
}

static void
set_default (LivePoolsFixture *fixture, const char *name, gboolean on)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *answer = live_pools_fixture_call (fixture, name, "SetDefault", g_variant_new ("(b)", on), &error);

  g_assert_no_error (error);
}

static void
test_default (void)
{
  LivePoolsFixture fixture;
  GVariantBuilder options;
  GError *error = NULL;
  char *job = NULL;

  live_pools_fixture_open (&fixture, NULL);
  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "default", g_variant_new_boolean (TRUE));
  job = live_pools_fixture_call (&fixture, NULL, "CreateRamPool",
                                 g_variant_new ("(sta{sv})", "ram1", SIZE * MIB, &options), &error);
  live_pools_fixture_expect_success (&fixture, job, error);
  live_assert_pool (&fixture, "ram1", "Default", "true");
  assert_control (&fixture, "system-property default_pool_private", "ram1");
  assert_control (&fixture, "system-property default_pool_volatile", "ram1");
  /* Another helper still knows where they went before. */
  live_pools_fixture_restart (&fixture, 0);
  live_pools_fixture_wait_text (&fixture, "ram1", "Default", "true");
  set_default (&fixture, "ram1", FALSE);
  live_assert_pool (&fixture, "ram1", "Default", "false");
  assert_control (&fixture, "system-property default_pool_private", "bench");
  assert_control (&fixture, "system-property default_pool_volatile", "bench");
  g_assert_false (live_pools_fixture_has_entry (&fixture, "default-ram1"));

  /* The second fails: the first is undone. */
  g_free (live_test_bed_control (fixture.helper.bed, "fault admin.property.Set+default_pool_volatile empty"));
  error = NULL;
  job = live_pools_fixture_call (&fixture, "ram1", "SetDefault", g_variant_new ("(b)", TRUE), &error);
  live_pools_fixture_expect_error (&fixture, job, error, LIVE_ERROR_PROTOCOL, "default_pool_volatile");
  assert_control (&fixture, "system-property default_pool_private", "bench");
  live_assert_pool (&fixture, "ram1", "Default", "false");

  /* Destroying restores it. */
  set_default (&fixture, "ram1", TRUE);
  live_assert_pool (&fixture, "ram1", "Default", "true");
  destroy (&fixture, "ram1", "");
  assert_control (&fixture, "system-property default_pool_private", "bench");
  assert_control (&fixture, "system-property default_pool_volatile", "bench");
  live_pools_fixture_close (&fixture);
}

static void
test_qubes (void)
{
  LivePoolsFixture fixture;

  live_pools_fixture_open (&fixture, NULL);
  create (&fixture, "ram1", SIZE, NULL);
  g_free (live_test_bed_control (fixture.helper.bed, "create-in one ram1"));
  g_free (live_test_bed_control (fixture.helper.bed, "create-in two ram1"));
  live_pools_fixture_wait_text (&fixture, "ram1", "Qubes", "['one', 'two']");
  g_assert_true (g_file_test ("/run/qubes-live/pools/ram1/appvms/one/private.img", G_FILE_TEST_EXISTS));

  refuse_destroy (&fixture, "ram1", "", LIVE_ERROR_CONFLICT, "one, two");
  refuse_destroy (&fixture, "ram1", "one", LIVE_ERROR_CONFLICT, "two");
  refuse_destroy (&fixture, "ram1", "one two app1", LIVE_ERROR_CONFLICT, "app1");
  refuse_destroy (&fixture, "ram1", "one two ../x", LIVE_ERROR_INVALID_ARGUMENT, "name");
  g_assert_true (has_qube (&fixture, "one"));

  /* One that runs is shut down. */
  g_free (live_test_bed_control (fixture.helper.bed, "start two"));
  live_helper_fixture_wait (&fixture.helper, "two", "State", "running");
  destroy (&fixture, "ram1", "one two");
  assert_gone (&fixture, "ram1");
  g_assert_false (has_qube (&fixture, "one"));
  g_assert_false (has_qube (&fixture, "two"));
  g_assert_true (has_qube (&fixture, "app1"));
  live_pools_fixture_close (&fixture);
}

static void
wait_job_text (LivePoolsFixture *fixture, const char *job, const char *property, const char *expected)
{
  gint64 end = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;

  for (;;)
    {
      g_autoptr (GVariant) value = live_helper_fixture_get (&fixture->helper, job, JOB, property);
      g_autofree char *text = NULL;

      g_assert_nonnull (value);
      text = g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) ? g_variant_dup_string (value, NULL)
                                                                 : g_variant_print (value, FALSE);
      if (g_str_equal (text, expected))
        return;
      if (g_get_monotonic_time () > end)
        g_error ("%s of %s is %s, and not %s", property, job, text, expected);
      g_usleep (2000);
    }
}

static void
cancel (LivePoolsFixture *fixture, const char *job)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_sync (fixture->helper.bus, LIVE_BUS_NAME, job, JOB, "Cancel",
                                                             NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);

  g_assert_no_error (error);
}

/* A qube that does not shut down: cancelled, nothing is lost; with kill, it goes. */
static void
test_hanging_qube (void)
{
  LivePoolsFixture fixture;
  GError *error = NULL;
  char *job = NULL;

  live_pools_fixture_open (&fixture, NULL);
  create (&fixture, "ram1", SIZE, NULL);
  g_free (live_test_bed_control (fixture.helper.bed, "create-in one ram1"));
  g_free (live_test_bed_control (fixture.helper.bed, "start one"));
  g_free (live_test_bed_control (fixture.helper.bed, "hang-shutdown one"));
  live_pools_fixture_wait_text (&fixture, "ram1", "Qubes", "['one']");
  live_helper_fixture_wait (&fixture.helper, "one", "State", "running");

  job = live_pools_fixture_destroy (&fixture, "ram1", "one", FALSE, &error);
  g_assert_no_error (error);
  wait_job_text (&fixture, job, "Step", "shut-down-qubes");
  live_helper_fixture_wait_control (&fixture.helper, "state one", "Running");
  refuse_destroy (&fixture, "ram1", "one", LIVE_ERROR_BUSY, "already");
  cancel (&fixture, job);
  live_pools_fixture_expect_error (&fixture, job, NULL, LIVE_ERROR_CANCELLED, "taken back");
  g_assert_true (has_qube (&fixture, "one"));
  g_assert_true (is_mounted ("ram1"));
  live_assert_pool (&fixture, "ram1", "State", "ready");

  job = live_pools_fixture_destroy (&fixture, "ram1", "one", TRUE, &error);
  live_pools_fixture_expect_success (&fixture, job, error);
  g_assert_false (has_qube (&fixture, "one"));
  live_pools_fixture_close (&fixture);
}

static void
test_in_use (void)
{
  LivePoolsFixture fixture;
  int fd = -1;

  live_pools_fixture_open (&fixture, NULL);
  create (&fixture, "ram1", SIZE, NULL);

  /* A file is open in it: who has it is said, and it can be destroyed later. */
  fd = open ("/run/qubes-live/pools/ram1/held", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  g_assert_cmpint (fd, >=, 0);
  refuse_destroy (&fixture, "ram1", "", LIVE_ERROR_IN_USE, "test-pools");
  g_assert_true (is_mounted ("ram1"));
  g_assert_true (live_pools_fixture_has_pool (&fixture, "ram1"));
  live_pools_fixture_wait_text (&fixture, "ram1", "State", "ready");
  close (fd);

  /* qubesd finds it in use. */
  g_free (live_test_bed_control (
      fixture.helper.bed, "fault admin.pool.Remove error QubesPoolInUseError Storage pool is in use: set as default"));
  refuse_destroy (&fixture, "ram1", "", LIVE_ERROR_IN_USE, "set as default");
  g_assert_true (is_mounted ("ram1"));

  /* A qube that another one needs. */
  g_free (live_test_bed_control (fixture.helper.bed, "create-in one ram1"));
  g_free (live_test_bed_control (fixture.helper.bed, "property one provides_network True"));
  g_free (live_test_bed_control (fixture.helper.bed, "property app1 netvm one"));
  live_pools_fixture_wait_text (&fixture, "ram1", "Qubes", "['one']");
  refuse_destroy (&fixture, "ram1", "one", LIVE_ERROR_IN_USE, "one");
  g_assert_true (has_qube (&fixture, "one"));
  g_assert_true (is_mounted ("ram1"));
  g_free (live_test_bed_control (fixture.helper.bed, "property app1 netvm sys-firewall"));
  destroy (&fixture, "ram1", "one");
  live_pools_fixture_close (&fixture);
}

static void
test_cancel (void)
{
  LivePoolsFixture fixture;
  GError *error = NULL;
  char *job = NULL;

  live_pools_fixture_open (&fixture, NULL);
  live_storage_cover (MKFS, "#!/bin/sh\nexec /bin/sleep 1000\n");
  job = live_pools_fixture_create (&fixture, "ram1", SIZE, NULL, &error);
  g_assert_no_error (error);
  wait_job_text (&fixture, job, "Step", "format");
  g_assert_true (live_pools_fixture_has_entry (&fixture, "pool-ram1"));
  refuse_create (&fixture, "ram1", SIZE, NULL, LIVE_ERROR_BUSY, "already");
  cancel (&fixture, job);
  live_pools_fixture_expect_error (&fixture, job, NULL, LIVE_ERROR_CANCELLED, "");
  live_storage_uncover (MKFS);
  assert_gone (&fixture, "ram1");
  live_storage_assert_nothing_left ();
  live_pools_fixture_close (&fixture);
}

static void
test_qubesd_refuses (void)
{
  LivePoolsFixture fixture;

  live_pools_fixture_open (&fixture, NULL);
  g_free (live_test_bed_control (fixture.helper.bed, "fault admin.pool.Add error StoragePoolException no such luck"));
  refuse_create (&fixture, "ram1", SIZE, NULL, LIVE_ERROR_QUBESD_ERROR, "no such luck");
  assert_gone (&fixture, "ram1");
  live_storage_assert_nothing_left ();
  live_pools_fixture_close (&fixture);
}

/* Somebody takes it from qubesd by hand: nothing can be in it, and nobody would see what it holds. */
static void
test_removed_by_hand (void)
{
  LivePoolsFixture fixture;

  live_pools_fixture_open (&fixture, NULL);
  create (&fixture, "ram1", SIZE, NULL);
  g_free (live_test_bed_control (fixture.helper.bed, "remove-pool ram1"));
  for (guint tries = 0; tries < 3000 && is_mounted ("ram1"); tries++)
    {
      g_main_context_iteration (NULL, FALSE);
      g_usleep (10000);
    }
  assert_gone (&fixture, "ram1");
  live_pools_fixture_close (&fixture);
}

/* As after a restart of dom0: qubesd has pool and qube, and there is nothing below them. */
static void
test_storage_gone (void)
{
  LivePoolsFixture fixture;
  g_autoptr (JsonObject) answer = NULL;
  GError *error = NULL;
  char *job = NULL;

  live_pools_fixture_open (&fixture, NULL);
  create (&fixture, "ram1", SIZE, NULL);
  g_free (live_test_bed_control (fixture.helper.bed, "create-in one ram1"));
  set_default (&fixture, "ram1", TRUE);
  live_pools_fixture_wait_text (&fixture, "ram1", "Qubes", "['one']");
  live_test_bed_stop_helper (fixture.helper.bed);
  answer = live_storage_ask (LIVE_STORAGE_UNENCRYPTED, "{\"do\":\"destroy\",\"name\":\"ram1\"}");
  live_test_bed_start_helper (fixture.helper.bed);

  live_pools_fixture_wait_text (&fixture, "ram1", "State", "gone");
  live_assert_pool (&fixture, "ram1", "Managed", "true");
  live_helper_fixture_wait_control (&fixture.helper, "has-feature one prohibit-start", "True");
  job = live_pools_fixture_call (&fixture, "ram1", "SetDefault", g_variant_new ("(b)", TRUE), &error);
  live_pools_fixture_expect_error (&fixture, job, error, LIVE_ERROR_NOT_SUPPORTED, "gone");
  destroy (&fixture, "ram1", "one");
  assert_gone (&fixture, "ram1");
  g_assert_false (has_qube (&fixture, "one"));
  assert_control (&fixture, "system-property default_pool_private", "bench");
  live_pools_fixture_close (&fixture);
}

static void
test_no_storage_program (void)
{
  LivePoolsFixture fixture;

  live_pools_fixture_open (&fixture, NULL);
  live_storage_socket_free (fixture.socket);
  refuse_create (&fixture, "ram1", SIZE, NULL, LIVE_ERROR_NOT_SUPPORTED, "storage program");
  g_assert_false (live_pools_fixture_has_entry (&fixture, "pool-ram1"));
  fixture.socket = NULL;
  live_pools_fixture_close (&fixture);
}

/* ---- Crashes between every two steps. ---- */

static char *
create_default (LivePoolsFixture *fixture, GError **error)
{
  GVariantBuilder options;

  g_variant_builder_init (&options, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&options, "{sv}", "default", g_variant_new_boolean (TRUE));
  return live_pools_fixture_call (fixture, NULL, "CreateRamPool",
                                  g_variant_new ("(sta{sv})", "ram1", SIZE * MIB, &options), error);
}

/* The next helper is done with what it found when the journal says nothing of it any more. */
static void
wait_resumed (LivePoolsFixture *fixture)
{
  gint64 end = g_get_monotonic_time () + 60 * G_TIME_SPAN_SECOND;

  live_helper_fixture_wait_synchronized (&fixture->helper);
  while (live_pools_fixture_has_entry (fixture, "pool-ram1"))
    {
      if (g_get_monotonic_time () > end)
        g_error ("what was half done is not finished");
      g_usleep (2000);
    }
}

static void
assert_default (LivePoolsFixture *fixture, const char *expected)
{
  live_helper_fixture_wait_control (&fixture->helper, "system-property default_pool_private", expected);
  live_helper_fixture_wait_control (&fixture->helper, "system-property default_pool_volatile", expected);
}

static void
test_crash_create (void)
{
  LivePoolsFixture fixture;
  gboolean crashed = TRUE;
  guint n_finished = 0;
  guint n_undone = 0;
  guint nth = 0;

  live_pools_fixture_open (&fixture, NULL);
  while (crashed)
    {
      GError *error = NULL;
      char *job = NULL;

      live_pools_fixture_restart (&fixture, ++nth);
      live_helper_fixture_wait_synchronized (&fixture.helper);
      job = create_default (&fixture, &error);
      crashed = live_pools_fixture_wait_crash (&fixture, job, error);
      g_test_message ("crash %u: %s", nth, crashed ? "yes" : "no more");
      live_pools_fixture_restart (&fixture, 0);
      wait_resumed (&fixture);
      if (live_pools_fixture_has_pool (&fixture, "ram1"))
        {
          n_finished++;
          live_pools_fixture_wait_text (&fixture, "ram1", "State", "ready");
          live_pools_fixture_wait_text (&fixture, "ram1", "Default", "true");
          g_assert_true (is_mounted ("ram1"));
          assert_default (&fixture, "ram1");
          destroy (&fixture, "ram1", "");
        }
      else
        n_undone++;
      assert_gone (&fixture, "ram1");
      assert_default (&fixture, "bench");
      live_storage_assert_nothing_left ();
    }
  g_test_message ("%u points; finished %u, undone %u", nth - 1, n_finished, n_undone);
  g_assert_cmpuint (nth, >, 8);
  g_assert_cmpuint (n_finished, >, 2);
  g_assert_cmpuint (n_undone, >, 2);
  live_pools_fixture_close (&fixture);
}

static void
test_crash_destroy (void)
{
  LivePoolsFixture fixture;
  gboolean crashed = TRUE;
  guint n_finished = 0;
  guint n_left = 0;
  guint nth = 0;

  live_pools_fixture_open (&fixture, NULL);
  while (crashed)
    {
      GError *error = NULL;
      char *job = create_default (&fixture, &error);

      live_pools_fixture_expect_success (&fixture, job, error);
      g_free (live_test_bed_control (fixture.helper.bed, "create-in one ram1"));
      g_free (live_test_bed_control (fixture.helper.bed, "create-in two ram1"));
      g_free (live_test_bed_control (fixture.helper.bed, "start two"));
      live_pools_fixture_restart (&fixture, ++nth);
      live_pools_fixture_wait_text (&fixture, "ram1", "Qubes", "['one', 'two']");
      live_pools_fixture_wait_text (&fixture, "ram1", "Default", "true");
      error = NULL;
      job = live_pools_fixture_destroy (&fixture, "ram1", "one two", FALSE, &error);
      crashed = live_pools_fixture_wait_crash (&fixture, job, error);
      g_test_message ("crash %u: %s", nth, crashed ? "yes" : "no more");
      live_pools_fixture_restart (&fixture, 0);
      wait_resumed (&fixture);
      if (live_pools_fixture_has_pool (&fixture, "ram1"))
        {
          /* Nothing was removed. */
          n_left++;
          live_pools_fixture_wait_text (&fixture, "ram1", "Qubes", "['one', 'two']");
          live_pools_fixture_wait_text (&fixture, "ram1", "State", "ready");
          assert_default (&fixture, "ram1");
          destroy (&fixture, "ram1", "one two");
        }
      else
        n_finished++;
      assert_gone (&fixture, "ram1");
      assert_default (&fixture, "bench");
      g_assert_false (has_qube (&fixture, "one"));
      g_assert_false (has_qube (&fixture, "two"));
      live_storage_assert_nothing_left ();
    }
  g_test_message ("%u points; finished %u, left %u", nth - 1, n_finished, n_left);
  g_assert_cmpuint (n_finished, >, 5);
  g_assert_cmpuint (n_left, >, 1);
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
  g_test_add_func ("/pools/life", test_life);
  g_test_add_func ("/pools/encrypted", test_encrypted);
  g_test_add_func ("/pools/bad-input", test_bad_input);
  g_test_add_func ("/pools/not-authorized", test_not_authorized);
  g_test_add_func ("/pools/resize", test_resize);
  g_test_add_func ("/pools/default", test_default);
  g_test_add_func ("/pools/qubes", test_qubes);
  g_test_add_func ("/pools/hanging-qube", test_hanging_qube);
  g_test_add_func ("/pools/in-use", test_in_use);
  g_test_add_func ("/pools/cancel", test_cancel);
  g_test_add_func ("/pools/qubesd-refuses", test_qubesd_refuses);
  g_test_add_func ("/pools/removed-by-hand", test_removed_by_hand);
  g_test_add_func ("/pools/storage-gone", test_storage_gone);
  g_test_add_func ("/pools/no-storage-program", test_no_storage_program);
  g_test_add_func ("/pools/crash/create", test_crash_create);
  g_test_add_func ("/pools/crash/destroy", test_crash_destroy);
  result = g_test_run ();
  live_storage_fixture_end ();
  return result;
}
