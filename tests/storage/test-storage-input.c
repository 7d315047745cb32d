/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* Requests that must be refused, and worlds in which they cannot be done: nothing changes, and the answer says why. */

#define _GNU_SOURCE

#include "storage-fixture.h"

#include "namespace.h"
#include "storage/request.h"
#include "storage/zram.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define MKFS "/usr/sbin/mkfs.xfs"
#define MEMINFO "/proc/meminfo"
#define POOLS "/run/qubes-live/pools"
#define CREATE_ZRAM "{\"do\":\"create-zram\",\"name\":\"pool\",\"size\":314572800}"
#define LONG_NAME                                                                                                      \
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"               \
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

typedef struct
{
  const char *text; /* in it, @DIRECTORY@ is the test's own directory */
  const char *error;
  const char *part; /* of the message */
} Case;

/* (transfer full) */
static char *
fill_in (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "@DIRECTORY@", -1);

  return g_strjoinv (live_storage_fixture_get_directory (), parts);
}

static void
check_case (LiveStorageProgram program, const Case *row)
{
  g_autofree char *request = fill_in (row->text);
  g_autoptr (JsonObject) answer = live_storage_ask_error (program, row->error, "%s", request);

  if (row->part != NULL && strstr (json_object_get_string_member (answer, "message"), row->part) == NULL)
    g_error ("%s: “%s” is not in: %s", request, row->part, json_object_get_string_member (answer, "message"));
}

static const Case bad_requests[] = {
  { "", "Protocol", NULL },
  { "null", "Protocol", NULL },
  { "[]", "Protocol", NULL },
  { "{", "Protocol", NULL },
  { "{}", "Protocol", NULL },
  { "{\"do\":7}", "Protocol", NULL },
  { "{\"do\":[\"list\"]}", "Protocol", NULL },
  { "\xff\xfe", "Protocol", "UTF-8" },
  { "{\"do\":\"explode\"}", "InvalidArgument", "explode" },
  { "{\"do\":\"list\",\"name\":\"a\"}", "InvalidArgument", NULL },
  { "{\"do\":\"list\",\"surprise\":1}", "InvalidArgument", "surprise" },
  { "{\"do\":\"destroy\"}", "InvalidArgument", NULL },
  { "{\"do\":\"destroy\",\"name\":\"a\",\"size\":314572800}", "InvalidArgument", NULL },
  { "{\"do\":\"create-tmpfs\",\"name\":\"a\",\"size\":314572800,\"limit\":314572800}", "InvalidArgument", NULL },
  { "{\"do\":\"create-zram\",\"name\":\"a\"}", "InvalidArgument", NULL },
  { "{\"do\":\"create-encrypted\",\"name\":\"a\",\"size\":314572800}", "InvalidArgument", NULL },
  /* names */
  { "{\"do\":\"destroy\",\"name\":\"\"}", "InvalidArgument", "name" },
  { "{\"do\":\"destroy\",\"name\":null}", "InvalidArgument", "name" },
  { "{\"do\":\"destroy\",\"name\":\"1a\"}", "InvalidArgument", "name" },
  { "{\"do\":\"destroy\",\"name\":\"-a\"}", "InvalidArgument", "name" },
  { "{\"do\":\"destroy\",\"name\":\"..\"}", "InvalidArgument", "name" },
  { "{\"do\":\"destroy\",\"name\":\"a/b\"}", "InvalidArgument", "name" },
  { "{\"do\":\"destroy\",\"name\":\"a.json\"}", "InvalidArgument", "name" },
  { "{\"do\":\"destroy\",\"name\":\"a b\"}", "InvalidArgument", "name" },
  { "{\"do\":\"destroy\",\"name\":\"a\\u0000b\"}", "InvalidArgument", NULL },
  { "{\"do\":\"destroy\",\"name\":\"\xc3\xa4\"}", "InvalidArgument", "name" },
  { "{\"do\":\"destroy\",\"name\":\"abcdefghijklmnopqrstuvwxyzabcdef\"}", "InvalidArgument", "name" },
  { "{\"do\":\"create-zram\",\"name\":\"" LONG_NAME "\",\"size\":314572800}", "InvalidArgument", "name" },
  { "{\"do\":\"destroy\",\"name\":\"nobody\"}", "NotFound", "nobody" },
  { "{\"do\":\"discard\",\"name\":\"nobody\"}", "NotFound", "nobody" },
  { "{\"do\":\"resize\",\"name\":\"nobody\",\"size\":314572800}", "NotFound", "nobody" },
  /* sizes */
  { "{\"do\":\"create-zram\",\"name\":\"a\",\"size\":0}", "InvalidArgument", "300 MiB" },
  { "{\"do\":\"create-zram\",\"name\":\"a\",\"size\":-1}", "InvalidArgument", "size" },
  { "{\"do\":\"create-zram\",\"name\":\"a\",\"size\":313524224}", "InvalidArgument", "300 MiB" },
  { "{\"do\":\"create-zram\",\"name\":\"a\",\"size\":\"314572800\"}", "InvalidArgument", "size" },
  { "{\"do\":\"create-zram\",\"name\":\"a\",\"size\":3.5e8}", "InvalidArgument", "size" },
  { "{\"do\":\"create-zram\",\"name\":\"a\",\"size\":true}", "InvalidArgument", "size" },
  { "{\"do\":\"create-zram\",\"name\":\"a\",\"size\":11529215046068469760}", "InvalidArgument", "size" },
  { "{\"do\":\"create-zram\",\"name\":\"a\",\"size\":1152921504606846976}", "NoMemory", "available" },
  { "{\"do\":\"create-zram\",\"name\":\"a\",\"size\":314572800,\"limit\":-5}", "InvalidArgument", "limit" },
  { "{\"do\":\"create-zram\",\"name\":\"a\",\"size\":314572800,\"limit\":1}", "InvalidArgument", "limit" },
  { "{\"do\":\"create-zram\",\"name\":\"a\",\"size\":314572800,\"limit\":1152921504606846976}", "NoMemory", NULL },
  { "{\"do\":\"create-tmpfs\",\"name\":\"a\",\"size\":66060288}", "InvalidArgument", "64 MiB" },
  { "{\"do\":\"create-tmpfs\",\"name\":\"a\",\"size\":1152921504606846976}", "NoMemory", NULL },
  /* algorithms */
  { "{\"do\":\"create-zram\",\"name\":\"a\",\"size\":314572800,\"algorithm\":\"bzip9\"}", "InvalidArgument", "bzip9" },
  { "{\"do\":\"create-zram\",\"name\":\"a\",\"size\":314572800,\"algorithm\":\"\"}", "InvalidArgument", "algorithm" },
  { "{\"do\":\"create-zram\",\"name\":\"a\",\"size\":314572800,\"algorithm\":\"[lzo]\"}", "InvalidArgument", NULL },
};

static void
test_bad_requests (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad_requests); i++)
    check_case (LIVE_STORAGE_REAL, &bad_requests[i]);
  live_storage_assert_nothing_left ();
}

#define ENCRYPTED(backing) "{\"do\":\"create-encrypted\",\"name\":\"a\",\"size\":314572800,\"backing\":\"" backing "\"}"

static const Case bad_backings[] = {
  { ENCRYPTED ("backing"), "InvalidArgument", "absolute" },
  { ENCRYPTED ("/"), "InvalidArgument", NULL },
  { ENCRYPTED ("@DIRECTORY@/"), "InvalidArgument", "plain" },
  { ENCRYPTED ("@DIRECTORY@/../backing"), "InvalidArgument", "plain" },
  { ENCRYPTED ("@DIRECTORY@//backing"), "InvalidArgument", "plain" },
  { ENCRYPTED ("@DIRECTORY@/none/backing"), "InvalidArgument", "does not exist" },
  { ENCRYPTED ("@DIRECTORY@/file/backing"), "InvalidArgument", "does not exist" },
  { ENCRYPTED ("@DIRECTORY@/file"), "InUse", "exists" },
  { ENCRYPTED ("@DIRECTORY@/directory"), "InUse", "exists" },
  { ENCRYPTED ("@DIRECTORY@/link"), "InvalidArgument", "symbolic link" },
  { ENCRYPTED ("@DIRECTORY@/dangling"), "InvalidArgument", "symbolic link" },
  { ENCRYPTED ("@DIRECTORY@/linked/backing"), "InvalidArgument", "symbolic link" },
  { ENCRYPTED ("/run/backing"), "InvalidArgument", "in RAM" },
  { ENCRYPTED ("/run/overlay/backing"), "InvalidArgument", "overlay" },
  { ENCRYPTED ("/run/qubes-live/pools/ram/backing"), "InvalidArgument", "RAM disk" },
  { ENCRYPTED ("/proc/backing"), "NoSpace", NULL },
  { ENCRYPTED ("/dev/null"), "InUse", "exists" },
  { "{\"do\":\"create-encrypted\",\"name\":\"a\",\"size\":0,\"backing\":\"@DIRECTORY@/backing\"}", "InvalidArgument",
    "size" },
  { "{\"do\":\"create-encrypted\",\"name\":\"a\",\"size\":1048576,\"backing\":\"@DIRECTORY@/backing\"}",
    "InvalidArgument", "300 MiB" },
  { "{\"do\":\"create-encrypted\",\"name\":\"a\",\"size\":1152921504606846976,\"backing\":\"@DIRECTORY@/backing\"}",
    "NoSpace", "are free" },
};

static char *
in_directory (const char *name)
{
  return g_build_filename (live_storage_fixture_get_directory (), name, NULL);
}

static void
test_bad_backings (void)
{
  g_autoptr (JsonObject) ram
      = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"create-zram\",\"name\":\"ram\",\"size\":%u}", 314572800);
  g_autofree char *file = in_directory ("file");
  g_autofree char *directory = in_directory ("directory");
  g_autofree char *link = in_directory ("link");
  g_autofree char *dangling = in_directory ("dangling");
  g_autofree char *linked = in_directory ("linked");
  g_autofree char *zram_request = NULL;
  g_autoptr (JsonObject) zram = NULL;
  g_autoptr (JsonObject) destroyed = NULL;

  g_assert_true (g_file_set_contents (file, "mine", -1, NULL));
  g_assert_cmpint (mkdir (directory, 0700), ==, 0);
  g_assert_cmpint (symlink ("file", link), ==, 0);
  g_assert_cmpint (symlink ("none", dangling), ==, 0);
  g_assert_cmpint (symlink (".", linked), ==, 0);
  g_assert_cmpint (mkdir ("/run/overlay", 0700), ==, 0);
  g_assert_cmpint (mkdir ("/run/upper", 0700), ==, 0);
  g_assert_cmpint (mkdir ("/run/work", 0700), ==, 0);
  g_assert_cmpint (
      mount ("overlay", "/run/overlay", "overlay", 0, "lowerdir=/usr/share,upperdir=/run/upper,workdir=/run/work"), ==,
      0);
  for (guint i = 0; i < G_N_ELEMENTS (bad_backings); i++)
    check_case (LIVE_STORAGE_UNENCRYPTED, &bad_backings[i]);
  /* A device that is mounted, which is a RAM disk as well. */
  zram_request = g_strdup_printf ("{\"do\":\"create-encrypted\",\"name\":\"a\",\"size\":314572800,\"backing\":\"%s\"}",
                                  json_object_get_string_member (ram, "device"));
  zram = live_storage_ask_error (LIVE_STORAGE_UNENCRYPTED, "InUse", "%s", zram_request);
  live_test_namespace_unbind ("/run/overlay");
  destroyed = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"destroy\",\"name\":\"ram\"}");
  unlink (file);
  rmdir (directory);
  unlink (link);
  unlink (dangling);
  unlink (linked);
  live_storage_assert_nothing_left ();
}

static void
test_bytes (void)
{
  g_autofree char *long_line = g_strnfill (100000, ' ');
  const struct
  {
    const char *bytes;
    gsize length;
  } rows[] = {
    { "{\"do\":\"list\"}", 13 },
    { "", 0 },
    { "{\"do\":\"list\"}\n{\"do\":\"list\"}\n", 28 },
    { "{\"do\":\"list\"}\0\n", 15 },
    { long_line, 100000 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (LiveStorageRun) run = live_storage_run_start_raw (LIVE_STORAGE_REAL, rows[i].bytes, rows[i].length);
      JsonObject *answer = live_storage_run_finish (run);

      g_assert_nonnull (answer);
      g_assert_cmpstr (json_object_get_string_member (answer, "error"), ==, "Protocol");
    }
}

/* Sizes are rounded up to whole mebibytes, and names at the edge of what is allowed are. */
static void
test_parse (void)
{
  g_autoptr (GError) error = NULL;
  const char *text = "{\"do\":\"create-zram\",\"name\":\"a\",\"size\":314572801,\"limit\":67108865}";
  g_autoptr (LiveRequest) request = live_request_parse (text, strlen (text), &error);

  g_assert_no_error (error);
  g_assert_cmpuint (request->size, ==, 301 * LIVE_STORAGE_UNIT);
  g_assert_cmpuint (request->limit, ==, 65 * LIVE_STORAGE_UNIT);
  g_assert_true (live_request_is_pool_name ("abcdefghijklmnopqrstuvwxyzabcde"));
  g_assert_false (live_request_is_pool_name ("abcdefghijklmnopqrstuvwxyzabcdef"));
  g_assert_true (live_request_is_pool_name ("A-_9"));
}

static void
test_algorithms (void)
{
  static const struct
  {
    const char *wanted;
    const char *offered;
    const char *chosen;
  } rows[] = {
    { NULL, "lzo-rle lzo lz4 [zstd]", "zstd" }, { NULL, "[lzo-rle] lzo lz4", "lz4" },
    { NULL, "lzo [lzo-rle]", "lzo-rle" },       { NULL, "[lzo]", "lzo" },
    { NULL, "[something-new]", NULL },          { NULL, "", NULL },
    { "lzo", "[lzo-rle] lzo lz4", "lzo" },      { "lzo-rle", "[lzo-rle] lzo lz4", "lzo-rle" },
    { "zstd", "[lzo-rle] lzo lz4", NULL },      { "lz", "[lzo-rle] lzo lz4", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *chosen = live_zram_choose_algorithm (rows[i].wanted, rows[i].offered);

      g_assert_cmpstr (chosen, ==, rows[i].chosen);
    }
}

static void
test_name_taken (void)
{
  static const Case rows[] = {
    { CREATE_ZRAM, "InUse", "pool" },
    { "{\"do\":\"create-tmpfs\",\"name\":\"pool\",\"size\":314572800}", "InUse", "pool" },
  };
  g_autoptr (JsonObject) made = live_storage_ask (LIVE_STORAGE_REAL, "%s", CREATE_ZRAM);
  g_autoptr (JsonObject) pool = NULL;
  g_autoptr (JsonObject) discarded = NULL;
  g_autoptr (JsonObject) destroyed = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    check_case (LIVE_STORAGE_REAL, &rows[i]);
  /* What is in order is not taken for something to clean up. */
  discarded = live_storage_ask_error (LIVE_STORAGE_REAL, "InvalidArgument", "{\"do\":\"discard\",\"name\":\"pool\"}");
  pool = live_storage_find ("pool");
  g_assert_cmpstr (json_object_get_string_member (pool, "state"), ==, "ready");
  destroyed = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"destroy\",\"name\":\"pool\"}");
  live_storage_assert_nothing_left ();
}

static void
test_mount_point (void)
{
  static const Case row = { CREATE_ZRAM, "InUse", "taken" };
  g_autoptr (JsonObject) made = NULL;
  g_autoptr (JsonObject) destroyed = NULL;

  g_assert_cmpint (mkdir (POOLS "/pool", 0700), ==, 0);
  g_assert_cmpint (mount ("none", POOLS "/pool", "tmpfs", 0, NULL), ==, 0);
  check_case (LIVE_STORAGE_REAL, &row);
  live_test_namespace_unbind (POOLS "/pool");
  g_assert_true (g_file_set_contents (POOLS "/pool/file", "", -1, NULL));
  check_case (LIVE_STORAGE_REAL, &row);
  g_assert_cmpint (unlink (POOLS "/pool/file"), ==, 0);
  g_assert_cmpint (rmdir (POOLS "/pool"), ==, 0);
  g_assert_cmpint (symlink ("/tmp", POOLS "/pool"), ==, 0);
  check_case (LIVE_STORAGE_REAL, &row);
  g_assert_cmpint (unlink (POOLS "/pool"), ==, 0);
  g_assert_true (g_file_set_contents (POOLS "/pool", "", -1, NULL));
  check_case (LIVE_STORAGE_REAL, &row);
  g_assert_cmpint (unlink (POOLS "/pool"), ==, 0);
  /* An empty directory is nothing to stumble over. */
  g_assert_cmpint (mkdir (POOLS "/pool", 0700), ==, 0);
  made = live_storage_ask (LIVE_STORAGE_REAL, "%s", CREATE_ZRAM);
  destroyed = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"destroy\",\"name\":\"pool\"}");
  live_storage_assert_nothing_left ();
}

/* The directories that the program trusts, in the hands of others. */
static void
test_directories (void)
{
  static const Case row = { "{\"do\":\"list\"}", "Failed", "nobody but root" };

  g_assert_cmpint (chmod (POOLS, 0770), ==, 0);
  check_case (LIVE_STORAGE_REAL, &row);
  g_assert_cmpint (chmod (POOLS, 0700), ==, 0);
  g_assert_cmpint (chown (POOLS, 65534, 0), ==, 0);
  check_case (LIVE_STORAGE_REAL, &row);
  g_assert_cmpint (chown (POOLS, 0, 0), ==, 0);
  g_assert_cmpint (rmdir (POOLS), ==, 0);
  g_assert_cmpint (symlink ("/tmp", POOLS), ==, 0);
  check_case (LIVE_STORAGE_REAL, &row);
  g_assert_cmpint (unlink (POOLS), ==, 0);
  g_assert_cmpint (mkdir (POOLS, 0700), ==, 0);
}

static void
test_mkfs (void)
{
  static const struct
  {
    const char *script;
    Case row;
  } rows[] = {
    { "#!/bin/sh\necho it is broken >&2\nexit 7\n", { CREATE_ZRAM, "Failed", "exit code 7: it is broken" } },
    { "#!/nonexistent\n", { CREATE_ZRAM, "NotSupported", "cannot be started" } },
    { "#!/bin/sh\nkill -9 $$\n", { CREATE_ZRAM, "Failed", "signal 9" } },
    /* It says that it is done, and is not. */
    { "#!/bin/sh\nexit 0\n", { CREATE_ZRAM, "Failed", "mount" } },
    /* More than anybody wants to read, and not text. */
    { "#!/bin/sh\n/usr/bin/head -c 1000000 /dev/urandom\nexit 1\n", { CREATE_ZRAM, "Failed", "exit code 1" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      live_storage_cover (MKFS, rows[i].script);
      check_case (LIVE_STORAGE_REAL, &rows[i].row);
      live_storage_uncover (MKFS);
      live_storage_assert_nothing_left ();
    }
}

static void
test_memory (void)
{
  static const struct
  {
    const char *meminfo;
    const char *error; /* NULL: it is made */
    const char *part;
  } rows[] = {
    { "MemTotal: 4194304 kB\nMemFree: 1 kB\nMemAvailable: 900000 kB\n", NULL, NULL },
    { "MemTotal: 4194304 kB\nMemFree: 1 kB\nMemAvailable: 800000 kB\n", "NoMemory", "819200000 available" },
    { "MemTotal: 4194304 kB\nMemFree: 1 kB\nMemAvailable: 100000 kB\n", "NoMemory", "0 can be given" },
    { "MemTotal: 4194304 kB\n", "Failed", NULL },
    { "", "Failed", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      live_storage_cover (MEMINFO, rows[i].meminfo);
      if (rows[i].error != NULL)
        check_case (LIVE_STORAGE_REAL, &(const Case){ CREATE_ZRAM, rows[i].error, rows[i].part });
      else
        {
          g_autoptr (JsonObject) made = live_storage_ask (LIVE_STORAGE_REAL, "%s", CREATE_ZRAM);
          g_autoptr (JsonObject) destroyed = NULL;

          /* The same again was promised to the first already. */
          check_case (LIVE_STORAGE_REAL,
                      &(const Case){ "{\"do\":\"create-tmpfs\",\"name\":\"other\",\"size\":314572800}", "NoMemory",
                                     "promised" });
          destroyed = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"destroy\",\"name\":\"pool\"}");
        }
      live_storage_uncover (MEMINFO);
      live_storage_assert_nothing_left ();
    }
}

static void
test_no_zram (void)
{
  g_autoptr (JsonObject) budget = NULL;

  g_assert_cmpint (mount ("none", "/sys/class/zram-control", "tmpfs", 0, NULL), ==, 0);
  check_case (LIVE_STORAGE_REAL, &(const Case){ CREATE_ZRAM, "NotSupported", "zram" });
  budget = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"budget\"}");
  g_assert_false (json_object_get_boolean_member (json_object_get_object_member (budget, "zram"), "available"));
  live_test_namespace_unbind ("/sys/class/zram-control");
  live_storage_assert_nothing_left ();
}

/* Where the kernel has no dm-crypt nothing is made, least of all something that is not encrypted. */
static void
test_no_encryption (void)
{
  g_autoptr (JsonObject) budget = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"budget\"}");

  if (json_object_get_boolean_member (budget, "dm-crypt"))
    {
      g_test_skip ("this kernel has dm-crypt");
      return;
    }
  check_case (LIVE_STORAGE_REAL, &(const Case){ ENCRYPTED ("@DIRECTORY@/backing"), "NotSupported", "dm-crypt" });
  live_storage_assert_nothing_left ();
}

int
main (int argc, char **argv)
{
  gboolean root = live_storage_fixture_begin ();
  int result = 0;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/storage/parse", test_parse);
  g_test_add_func ("/storage/algorithms", test_algorithms);
  if (root)
    {
      g_test_add_func ("/storage/bad-requests", test_bad_requests);
      g_test_add_func ("/storage/bytes", test_bytes);
      g_test_add_func ("/storage/bad-backings", test_bad_backings);
      g_test_add_func ("/storage/name-taken", test_name_taken);
      g_test_add_func ("/storage/mount-point", test_mount_point);
      g_test_add_func ("/storage/directories", test_directories);
      g_test_add_func ("/storage/mkfs", test_mkfs);
      g_test_add_func ("/storage/memory", test_memory);
      g_test_add_func ("/storage/no-zram", test_no_zram);
      g_test_add_func ("/storage/no-encryption", test_no_encryption);
    }
  result = g_test_run ();
  if (root)
    live_storage_fixture_end ();
  return result;
}
