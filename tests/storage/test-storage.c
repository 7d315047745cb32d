/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* What each operation makes and takes away, for real: zram, XFS, tmpfs, loop devices, mounts. */

#define _GNU_SOURCE

#include "storage-fixture.h"

#include "namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/loop.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MIB G_GINT64_CONSTANT (1048576)
#define PATH "/run/qubes-live/pools/pool"

static gint64
get_int (JsonObject *object, const char *member)
{
  g_assert_true (json_object_has_member (object, member));
  return json_object_get_int_member (object, member);
}

static const char *
get_text (JsonObject *object, const char *member)
{
  g_assert_true (json_object_has_member (object, member));
  return json_object_get_string_member (object, member);
}

/* (transfer full): a line of the mount table that is about the pool, in two parts: mount options, and the rest. */
static char *
get_mount (void)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents ("/proc/self/mountinfo", &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    if (strstr (lines[i], " " PATH " ") != NULL)
      return g_strdup (lines[i]);
  return NULL;
}

static gint64
get_memory (const char *name)
{
  g_autoptr (JsonObject) pool = live_storage_find (name);

  g_assert_nonnull (pool);
  return get_int (pool, "memory");
}

static void
assert_closed_to_others (void)
{
  struct stat status;

  g_assert_cmpint (stat (PATH, &status), ==, 0);
  g_assert_cmpuint (status.st_mode & 07777, ==, 0700);
  g_assert_cmpuint (status.st_uid, ==, 0);
}

/* Bytes that cannot be compressed. */
static int
write_image (const char *path, guint mebibytes)
{
  g_autofree guint64 *block = g_malloc (MIB);
  guint64 state = 88172645463325252u;
  int fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  for (guint i = 0; i < mebibytes; i++)
    {
      for (gsize j = 0; j < MIB / sizeof *block; j++)
        {
          state ^= state << 13;
          state ^= state >> 7;
          state ^= state << 17;
          block[j] = state;
        }
      g_assert_cmpint (write (fd, block, MIB), ==, MIB);
    }
  g_assert_cmpint (fsync (fd), ==, 0);
  return fd;
}

/* What was deleted is freed by the kernel some time later: discards until that has happened. */
static void
trim_down_to (gint64 memory)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  int fd = open (PATH, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  g_assert_cmpint (fd, >=, 0);
  do
    {
      struct fstrim_range range = { .len = G_MAXUINT64 };

      g_assert_cmpint (g_get_monotonic_time (), <, deadline);
      g_assert_cmpint (syncfs (fd), ==, 0);
      g_assert_cmpint (ioctl (fd, FITRIM, &range), ==, 0);
    }
  while (get_memory ("pool") > memory);
  close (fd);
}

static void
test_budget (void)
{
  g_autoptr (JsonObject) budget = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"budget\"}");
  JsonObject *zram = json_object_get_object_member (budget, "zram");
  g_autofree char *text = NULL;

  g_assert_true (g_file_get_contents ("/proc/meminfo", &text, NULL, NULL));
  g_assert_cmpint (g_ascii_strtoll (text + strlen ("MemTotal:"), NULL, 10), ==,
                   get_int (budget, "memory-total") / 1024);
  g_assert_cmpint (get_int (budget, "memory-available"), >, 0);
  g_assert_cmpint (get_int (budget, "memory-available"), <, get_int (budget, "memory-total"));
  g_assert_cmpint (get_int (budget, "memory-promised"), ==, 0);
  g_assert_cmpint (get_int (budget, "memory-floor"), ==, 512 * MIB);
  g_assert_true (json_object_get_boolean_member (zram, "available"));
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (zram, "algorithms")), >, 0);
  g_assert_true (json_object_get_boolean_member (budget, "xfs"));
}

static void
test_zram (void)
{
  g_autoptr (JsonObject) made = live_storage_ask (
      LIVE_STORAGE_REAL, "{\"do\":\"create-zram\",\"name\":\"pool\",\"size\":%" G_GINT64_FORMAT "}", 2048 * MIB);
  g_autoptr (JsonObject) pool = live_storage_find ("pool");
  g_autoptr (JsonObject) budget = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"budget\"}");
  g_autoptr (JsonObject) destroyed = NULL;
  g_autofree char *mount = get_mount ();
  gint64 empty = get_memory ("pool");
  gint64 full = 0;
  int image = -1;
  int clone = -1;

  g_assert_cmpstr (get_text (made, "path"), ==, PATH);
  g_assert_cmpint (get_int (made, "size"), ==, 2048 * MIB);
  g_assert_cmpint (get_int (made, "capacity"), >, 1900 * MIB);
  g_assert_cmpint (get_int (made, "capacity"), <=, 2048 * MIB);
  g_assert_cmpstr (get_text (pool, "state"), ==, "ready");
  g_assert_cmpstr (get_text (pool, "kind"), ==, "zram");
  g_assert_cmpstr (get_text (pool, "device"), ==, get_text (made, "device"));
  g_assert_nonnull (mount);
  for (guint i = 0; i < 3; i++)
    g_assert_nonnull (strstr (mount, ((const char *[]){ "nosuid", "nodev", "noexec" })[i]));
  g_assert_nonnull (strstr (mount, "discard"));
  g_assert_nonnull (strstr (mount, " xfs "));
  assert_closed_to_others ();
  /* What it may still come to hold is not given away twice. */
  g_assert_cmpint (get_int (budget, "memory-promised"), ==, get_int (made, "limit") - get_int (pool, "memory"));

  image = write_image (PATH "/image", 1024);
  full = get_memory ("pool");
  g_assert_cmpint (full - empty, >, 1000 * MIB);
  clone = open (PATH "/clone", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  g_assert_cmpint (ioctl (clone, FICLONE, image), ==, 0);
  g_assert_cmpint (fsync (clone), ==, 0);
  g_assert_cmpint (get_memory ("pool") - full, <, 5 * MIB);
  close (clone);
  close (image);

  g_assert_cmpint (unlink (PATH "/image"), ==, 0);
  g_assert_cmpint (unlink (PATH "/clone"), ==, 0);
  trim_down_to (empty + 5 * MIB);

  destroyed = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"destroy\",\"name\":\"pool\"}");
  live_storage_assert_nothing_left ();
}

/* Data that cannot be compressed may fill the filesystem: it is full before the device meets its limit. */
static void
test_zram_full (void)
{
  g_autoptr (JsonObject) made = live_storage_ask (
      LIVE_STORAGE_REAL, "{\"do\":\"create-zram\",\"name\":\"pool\",\"size\":%" G_GINT64_FORMAT "}", 300 * MIB);
  g_autoptr (JsonObject) destroyed = NULL;
  g_autofree guint8 *block = g_malloc (MIB);
  int image = write_image (PATH "/image", 200);
  gssize count = 0;

  g_assert_cmpint (pread (image, block, MIB, 0), ==, MIB);
  do
    count = write (image, block, MIB);
  while (count > 0);
  g_assert_cmpint (errno, ==, ENOSPC);
  /* An input or output error would show here. */
  g_assert_cmpint (fsync (image), ==, 0);
  close (image);
  g_assert_cmpint (get_memory ("pool"), <, get_int (made, "limit"));
  destroyed = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"destroy\",\"name\":\"pool\"}");
  live_storage_assert_nothing_left ();
}

static void
test_zram_resize (void)
{
  g_autoptr (JsonObject) made = live_storage_ask (LIVE_STORAGE_REAL,
                                                  "{\"do\":\"create-zram\",\"name\":\"pool\",\"size\":%" G_GINT64_FORMAT
                                                  ",\"limit\":%" G_GINT64_FORMAT ",\"algorithm\":\"lzo\"}",
                                                  300 * MIB, 100 * MIB);
  g_autoptr (JsonObject) grown = NULL;
  g_autoptr (JsonObject) limited = NULL;
  g_autoptr (JsonObject) too_big = NULL;
  g_autoptr (JsonObject) too_small = NULL;
  g_autoptr (JsonObject) pool = NULL;
  g_autoptr (JsonObject) destroyed = NULL;
  int image = -1;

  g_assert_cmpstr (get_text (made, "algorithm"), ==, "lzo");
  g_assert_cmpint (get_int (made, "limit"), ==, 100 * MIB);
  grown = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"resize\",\"name\":\"pool\",\"size\":%" G_GINT64_FORMAT "}",
                            1200 * MIB);
  g_assert_cmpint (get_int (grown, "size"), ==, 1200 * MIB);
  g_assert_cmpint (get_int (grown, "limit"), ==, 1275 * MIB);
  g_assert_cmpint (get_int (grown, "capacity"), >, 1100 * MIB);
  too_big = live_storage_ask_error (LIVE_STORAGE_REAL, "NoSpace",
                                    "{\"do\":\"resize\",\"name\":\"pool\",\"size\":%" G_GINT64_FORMAT "}", 1201 * MIB);
  image = write_image (PATH "/image", 300);
  close (image);
  too_small = live_storage_ask_error (LIVE_STORAGE_REAL, "InUse",
                                      "{\"do\":\"resize\",\"name\":\"pool\",\"size\":%" G_GINT64_FORMAT "}", 128 * MIB);
  limited = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"resize\",\"name\":\"pool\",\"size\":%" G_GINT64_FORMAT "}",
                              512 * MIB);
  g_assert_cmpint (get_int (limited, "size"), ==, 1200 * MIB);
  g_assert_cmpint (get_int (limited, "limit"), ==, 544 * MIB);
  pool = live_storage_find ("pool");
  g_assert_cmpint (get_int (pool, "size"), ==, 1200 * MIB);
  g_assert_cmpint (get_int (pool, "limit"), ==, 544 * MIB);
  destroyed = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"destroy\",\"name\":\"pool\"}");
  live_storage_assert_nothing_left ();
}

static void
test_tmpfs (void)
{
  g_autoptr (JsonObject) budget = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"budget\"}");
  g_autoptr (JsonObject) made = live_storage_ask (
      LIVE_STORAGE_REAL, "{\"do\":\"create-tmpfs\",\"name\":\"pool\",\"size\":%" G_GINT64_FORMAT "}", 128 * MIB);
  g_autoptr (JsonObject) too_small = NULL;
  g_autoptr (JsonObject) resized = NULL;
  g_autoptr (JsonObject) destroyed = NULL;
  g_autofree char *mount = get_mount ();
  g_autofree char *later = NULL;
  gboolean noswap = json_object_get_boolean_member (made, "noswap");

  g_assert_nonnull (mount);
  g_assert_nonnull (strstr (mount, "nosuid,nodev,noexec"));
  g_assert_nonnull (strstr (mount, "size=131072k"));
  g_assert_true (noswap == json_object_get_boolean_member (budget, "noswap"));
  g_assert_true (noswap == (strstr (mount, "noswap") != NULL));
  assert_closed_to_others ();
  close (write_image (PATH "/image", 100));
  g_assert_cmpint (get_memory ("pool"), ==, 100 * MIB);
  too_small = live_storage_ask_error (LIVE_STORAGE_REAL, "InUse",
                                      "{\"do\":\"resize\",\"name\":\"pool\",\"size\":%" G_GINT64_FORMAT "}", 64 * MIB);
  resized = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"resize\",\"name\":\"pool\",\"size\":%" G_GINT64_FORMAT "}",
                              256 * MIB);
  g_assert_cmpint (get_int (resized, "capacity"), ==, 256 * MIB);
  later = get_mount ();
  g_assert_nonnull (strstr (later, "nosuid,nodev,noexec"));
  g_assert_true (noswap == (strstr (later, "noswap") != NULL));
  destroyed = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"destroy\",\"name\":\"pool\"}");
  live_storage_assert_nothing_left ();
}

static gint64
assert_allocated (const char *path, gint64 size)
{
  struct stat status;

  g_assert_cmpint (stat (path, &status), ==, 0);
  g_assert_cmpuint (status.st_mode, ==, S_IFREG | 0600);
  g_assert_cmpint (status.st_size, ==, size);
  g_assert_cmpint (status.st_blocks * 512, >=, size);
  return status.st_size;
}

/* All but the encryption. */
static void
test_backing_file (void)
{
  g_autofree char *backing = g_build_filename (live_storage_fixture_get_directory (), "backing", NULL);
  g_autoptr (JsonObject) made = live_storage_ask (
      LIVE_STORAGE_UNENCRYPTED,
      "{\"do\":\"create-encrypted\",\"name\":\"pool\",\"size\":%" G_GINT64_FORMAT ",\"backing\":\"%s\"}", 300 * MIB,
      backing);
  g_autoptr (JsonObject) pool = live_storage_find ("pool");
  g_autoptr (JsonObject) smaller = NULL;
  g_autoptr (JsonObject) grown = NULL;
  g_autoptr (JsonObject) destroyed = NULL;
  g_autofree char *mount = get_mount ();

  assert_allocated (backing, 300 * MIB);
  g_assert_nonnull (strstr (mount, "nosuid,nodev,noexec"));
  g_assert_null (strstr (mount, "discard"));
  assert_closed_to_others ();
  g_assert_cmpstr (get_text (pool, "kind"), ==, "encrypted");
  g_assert_cmpstr (get_text (pool, "state"), ==, "ready");
  g_assert_cmpstr (get_text (pool, "backing"), ==, backing);
  g_assert_cmpint (get_int (pool, "memory"), ==, 0);
  close (write_image (PATH "/image", 100));
  g_assert_cmpint (get_int (made, "size"), ==, 300 * MIB);
  smaller = live_storage_ask_error (LIVE_STORAGE_UNENCRYPTED, "NotSupported",
                                    "{\"do\":\"resize\",\"name\":\"pool\",\"size\":%" G_GINT64_FORMAT "}", 299 * MIB);
  grown = live_storage_ask (LIVE_STORAGE_UNENCRYPTED,
                            "{\"do\":\"resize\",\"name\":\"pool\",\"size\":%" G_GINT64_FORMAT "}", 600 * MIB);
  assert_allocated (backing, 600 * MIB);
  g_assert_cmpint (get_int (grown, "capacity"), >, 500 * MIB);
  destroyed = live_storage_ask (LIVE_STORAGE_UNENCRYPTED, "{\"do\":\"destroy\",\"name\":\"pool\"}");
  live_storage_assert_nothing_left ();
}

/* A file that somebody has put in the place of the backing file is not ours to remove. */
static void
test_backing_replaced (void)
{
  g_autofree char *backing = g_build_filename (live_storage_fixture_get_directory (), "backing", NULL);
  g_autoptr (JsonObject) made = live_storage_ask (
      LIVE_STORAGE_UNENCRYPTED,
      "{\"do\":\"create-encrypted\",\"name\":\"pool\",\"size\":%" G_GINT64_FORMAT ",\"backing\":\"%s\"}", 300 * MIB,
      backing);
  g_autoptr (JsonObject) destroyed = NULL;

  g_assert_cmpint (unlink (backing), ==, 0);
  g_assert_true (g_file_set_contents (backing, "mine", -1, NULL));
  destroyed = live_storage_ask (LIVE_STORAGE_UNENCRYPTED, "{\"do\":\"destroy\",\"name\":\"pool\"}");
  g_assert_true (g_file_test (backing, G_FILE_TEST_EXISTS));
  g_assert_cmpint (unlink (backing), ==, 0);
  live_storage_assert_nothing_left ();
}

typedef enum
{
  HOLD_FILE,
  HOLD_FILE_OF_USER,
  HOLD_DIRECTORY,
  HOLD_NAMESPACE
} Hold;

/* A process that keeps something of the pool; returns when it does. */
static pid_t
start_holder (Hold hold)
{
  int ready[2] = { -1, -1 };
  char byte = 0;
  pid_t parent = getpid ();
  pid_t pid = -1;

  g_assert_cmpint (pipe2 (ready, O_CLOEXEC), ==, 0);
  pid = fork ();
  if (pid == 0)
    {
      gboolean held = prctl (PR_SET_PDEATHSIG, SIGKILL) == 0 && prctl (PR_SET_NAME, "the-holder") == 0;

      if (hold == HOLD_FILE || hold == HOLD_FILE_OF_USER)
        held = held && open (PATH "/held", O_RDWR | O_CREAT, 0600) >= 0;
      else if (hold == HOLD_DIRECTORY)
        held = held && chdir (PATH) == 0;
      else
        held = held && unshare (CLONE_NEWNS) == 0;
      if (hold == HOLD_FILE_OF_USER)
        held = held && setresuid (65534, 65534, 65534) == 0 && prctl (PR_SET_PDEATHSIG, SIGKILL) == 0;
      if (held && getppid () == parent && write (ready[1], "", 1) == 1)
        pause ();
      _exit (1);
    }
  close (ready[1]);
  g_assert_cmpint (read (ready[0], &byte, 1), ==, 1);
  close (ready[0]);
  return pid;
}

static void
assert_holder (JsonObject *answer, pid_t pid, const char *name)
{
  JsonArray *holders = json_object_get_array_member (answer, "holders");
  const char *message = get_text (answer, "message");
  gboolean found = FALSE;

  g_assert_nonnull (holders);
  for (guint i = 0; i < json_array_get_length (holders); i++)
    {
      JsonObject *holder = json_array_get_object_element (holders, i);

      found = found || (get_int (holder, "pid") == pid && g_str_equal (get_text (holder, "name"), name));
    }
  g_assert_true (found);
  g_assert_nonnull (strstr (message, name));
}

static void
test_holders (gconstpointer data)
{
  Hold hold = (Hold) GPOINTER_TO_INT (data);
  g_autoptr (JsonObject) made = live_storage_ask (
      LIVE_STORAGE_REAL, "{\"do\":\"create-zram\",\"name\":\"pool\",\"size\":%" G_GINT64_FORMAT "}", 300 * MIB);
  pid_t holder = start_holder (hold);
  g_autoptr (JsonObject) refused
      = live_storage_ask_error (LIVE_STORAGE_REAL, "InUse", "{\"do\":\"destroy\",\"name\":\"pool\"}");
  g_autoptr (JsonObject) pool = live_storage_find ("pool");
  g_autoptr (JsonObject) destroyed = NULL;

  assert_holder (refused, holder, "the-holder");
  /* What another namespace holds is out of our sight by then, and has to be finished. */
  g_assert_cmpstr (get_text (pool, "state"), ==, hold == HOLD_NAMESPACE ? "unfinished" : "ready");
  kill (holder, SIGKILL);
  g_assert_cmpint (waitpid (holder, NULL, 0), ==, holder);
  destroyed = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"destroy\",\"name\":\"pool\"}");
  live_storage_assert_nothing_left ();
}

static void
test_loop_holds (void)
{
  g_autoptr (JsonObject) made = live_storage_ask (
      LIVE_STORAGE_REAL, "{\"do\":\"create-tmpfs\",\"name\":\"pool\",\"size\":%" G_GINT64_FORMAT "}", 64 * MIB);
  g_autoptr (JsonObject) refused = NULL;
  g_autoptr (JsonObject) destroyed = NULL;
  g_autofree char *node = NULL;
  struct loop_config config = { .info = { .lo_flags = LO_FLAGS_AUTOCLEAR } };
  int image = write_image (PATH "/image", 1);
  int control = open ("/dev/loop-control", O_RDWR | O_CLOEXEC);
  int loop = -1;

  config.fd = (guint32) image;
  for (guint tries = 0; loop < 0 && tries < 16; tries++)
    {
      g_free (node);
      node = g_strdup_printf ("/dev/loop%d", ioctl (control, LOOP_CTL_GET_FREE));
      loop = open (node, O_RDWR | O_CLOEXEC);
      if (loop >= 0 && ioctl (loop, LOOP_CONFIGURE, &config) < 0)
        {
          close (loop);
          loop = -1;
        }
    }
  g_assert_cmpint (loop, >=, 0);
  close (control);
  close (image);
  refused = live_storage_ask_error (LIVE_STORAGE_REAL, "InUse", "{\"do\":\"destroy\",\"name\":\"pool\"}");
  assert_holder (refused, 0, node);
  close (loop);
  destroyed = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"destroy\",\"name\":\"pool\"}");
  live_storage_assert_nothing_left ();
}

static void
test_mount_below_holds (void)
{
  g_autoptr (JsonObject) made = live_storage_ask (
      LIVE_STORAGE_REAL, "{\"do\":\"create-tmpfs\",\"name\":\"pool\",\"size\":%" G_GINT64_FORMAT "}", 64 * MIB);
  g_autoptr (JsonObject) refused = NULL;
  g_autoptr (JsonObject) destroyed = NULL;

  g_assert_cmpint (mkdir (PATH "/below", 0700), ==, 0);
  g_assert_cmpint (mount ("none", PATH "/below", "tmpfs", 0, NULL), ==, 0);
  refused = live_storage_ask_error (LIVE_STORAGE_REAL, "InUse", "{\"do\":\"destroy\",\"name\":\"pool\"}");
  assert_holder (refused, 0, "mount " PATH "/below");
  live_test_namespace_unbind (PATH "/below");
  destroyed = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"destroy\",\"name\":\"pool\"}");
  live_storage_assert_nothing_left ();
}

/* Somebody has unmounted it by hand. */
static void
test_broken (void)
{
  g_autoptr (JsonObject) made = live_storage_ask (
      LIVE_STORAGE_REAL, "{\"do\":\"create-zram\",\"name\":\"pool\",\"size\":%" G_GINT64_FORMAT "}", 300 * MIB);
  g_autoptr (JsonObject) pool = NULL;
  g_autoptr (JsonObject) refused = NULL;
  g_autoptr (JsonObject) other = NULL;
  g_autoptr (JsonObject) destroyed = NULL;

  live_test_namespace_unbind (PATH);
  pool = live_storage_find ("pool");
  g_assert_cmpstr (get_text (pool, "state"), ==, "broken");
  refused = live_storage_ask_error (LIVE_STORAGE_REAL, "NotSupported",
                                    "{\"do\":\"resize\",\"name\":\"pool\",\"size\":%" G_GINT64_FORMAT "}", 600 * MIB);
  /* What stands in its place is not taken for it, and not unmounted. */
  g_assert_cmpint (mount ("none", PATH, "tmpfs", 0, NULL), ==, 0);
  other = live_storage_ask_error (LIVE_STORAGE_REAL, "Failed", "{\"do\":\"destroy\",\"name\":\"pool\"}");
  live_test_namespace_unbind (PATH);
  destroyed = live_storage_ask (LIVE_STORAGE_REAL, "{\"do\":\"destroy\",\"name\":\"pool\"}");
  live_storage_assert_nothing_left ();
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
  g_test_add_func ("/storage/budget", test_budget);
  g_test_add_func ("/storage/zram", test_zram);
  g_test_add_func ("/storage/zram-full", test_zram_full);
  g_test_add_func ("/storage/zram-resize", test_zram_resize);
  g_test_add_func ("/storage/tmpfs", test_tmpfs);
  g_test_add_func ("/storage/backing-file", test_backing_file);
  g_test_add_func ("/storage/backing-replaced", test_backing_replaced);
  g_test_add_data_func ("/storage/holders/file", GINT_TO_POINTER (HOLD_FILE), test_holders);
  g_test_add_data_func ("/storage/holders/file-of-user", GINT_TO_POINTER (HOLD_FILE_OF_USER), test_holders);
  g_test_add_data_func ("/storage/holders/directory", GINT_TO_POINTER (HOLD_DIRECTORY), test_holders);
  g_test_add_data_func ("/storage/holders/namespace", GINT_TO_POINTER (HOLD_NAMESPACE), test_holders);
  g_test_add_func ("/storage/holders/loop", test_loop_holds);
  g_test_add_func ("/storage/holders/mount", test_mount_below_holds);
  g_test_add_func ("/storage/broken", test_broken);
  result = g_test_run ();
  live_storage_fixture_end ();
  return result;
}
