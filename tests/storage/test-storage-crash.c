/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* What a crash, a caller who leaves and a signal leave behind: nothing that cannot be taken away. */

#define _GNU_SOURCE

#include "storage-fixture.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define SIZE "314572800"
#define MKFS "/usr/sbin/mkfs.xfs"
/* More points than any operation has. */
#define MOST_POINTS 60

typedef enum
{
  KIND_ZRAM,
  KIND_TMPFS,
  KIND_ENCRYPTED
} Kind;

static char *
get_request (Kind kind, const char *name)
{
  switch (kind)
    {
    case KIND_ZRAM:
      return g_strdup_printf ("{\"do\":\"create-zram\",\"name\":\"%s\",\"size\":" SIZE "}", name);
    case KIND_TMPFS:
      return g_strdup_printf ("{\"do\":\"create-tmpfs\",\"name\":\"%s\",\"size\":" SIZE "}", name);
    default:
      return g_strdup_printf ("{\"do\":\"create-encrypted\",\"name\":\"%s\",\"size\":" SIZE ",\"backing\":\"%s/%s\"}",
                              name, live_storage_fixture_get_directory (), name);
    }
}

static void
discard (const char *name)
{
  g_autoptr (JsonObject) done
      = live_storage_ask (LIVE_STORAGE_UNENCRYPTED, "{\"do\":\"discard\",\"name\":\"%s\"}", name);
}

static void
destroy (const char *name)
{
  g_autoptr (JsonObject) done
      = live_storage_ask (LIVE_STORAGE_UNENCRYPTED, "{\"do\":\"destroy\",\"name\":\"%s\"}", name);
}

/* Whether it was ended there; else it has come to its end. */
static gboolean
run_and_kill (const char *request, guint point)
{
  g_autofree char *number = g_strdup_printf ("%u", point);
  const char *const options[] = { "--kill-at", number, NULL };
  g_autoptr (LiveStorageRun) run = live_storage_run_start (LIVE_STORAGE_UNENCRYPTED, options, request);
  JsonObject *answer = live_storage_run_finish (run);

  if (live_storage_run_get_signal (run) == SIGKILL)
    {
      g_assert_null (answer);
      return TRUE;
    }
  g_assert_cmpint (live_storage_run_get_signal (run), ==, 0);
  g_assert_true (json_object_has_member (answer, "ok"));
  return FALSE;
}

static void
test_kill_create (gconstpointer data)
{
  g_autofree char *request = get_request ((Kind) GPOINTER_TO_INT (data), "pool");
  guint killed = 0;
  guint found = 0;

  for (guint point = 1; point < MOST_POINTS && run_and_kill (request, point); point++)
    {
      g_autoptr (JsonObject) pool = live_storage_find ("pool");

      killed++;
      if (pool != NULL)
        {
          found++;
          g_assert_cmpstr (json_object_get_string_member (pool, "state"), ==, "unfinished");
          discard ("pool");
        }
      live_storage_assert_nothing_left ();
    }
  destroy ("pool");
  live_storage_assert_nothing_left ();
  g_test_message ("%u points, of which %u left something", killed, found);
  g_assert_cmpuint (killed, <, MOST_POINTS - 1);
  g_assert_cmpuint (found, >=, 3);
}

static void
test_kill_destroy (gconstpointer data)
{
  g_autofree char *create = get_request ((Kind) GPOINTER_TO_INT (data), "pool");
  guint killed = 0;
  gboolean again = TRUE;

  while (again)
    {
      g_autoptr (LiveStorageRun) run = live_storage_run_start (LIVE_STORAGE_UNENCRYPTED, NULL, create);

      g_assert_true (json_object_has_member (live_storage_run_finish (run), "ok"));
      again = run_and_kill ("{\"do\":\"destroy\",\"name\":\"pool\"}", killed + 1);
      if (again)
        {
          killed++;
          destroy ("pool");
        }
      live_storage_assert_nothing_left ();
    }
  g_test_message ("%u points", killed);
  g_assert_cmpuint (killed, >=, 3);
}

/* And a crash of what finishes it, at each of its points. */
static void
test_kill_discard (gconstpointer data)
{
  g_autofree char *create = get_request ((Kind) GPOINTER_TO_INT (data), "pool");
  guint last = 0;
  guint killed = 0;

  while (run_and_kill (create, last + 1))
    {
      g_autoptr (JsonObject) pool = live_storage_find ("pool");

      last++;
      if (pool != NULL)
        discard ("pool");
    }
  destroy ("pool");
  for (guint point = 1; point < MOST_POINTS; point++)
    {
      gboolean again = FALSE;

      g_assert_true (run_and_kill (create, last));
      again = run_and_kill ("{\"do\":\"discard\",\"name\":\"pool\"}", point);
      if (again)
        {
          killed++;
          discard ("pool");
        }
      live_storage_assert_nothing_left ();
      if (!again)
        break;
    }
  g_assert_cmpuint (killed, >=, 2);
  g_assert_cmpuint (killed, <, MOST_POINTS - 1);
}

static void
test_cancel_create (gconstpointer data)
{
  g_autofree char *request = get_request ((Kind) GPOINTER_TO_INT (data), "pool");
  guint cancelled = 0;

  for (guint point = 1; point < MOST_POINTS; point++)
    {
      g_autofree char *number = g_strdup_printf ("%u", point);
      const char *const options[] = { "--cancel-at", number, NULL };
      g_autoptr (LiveStorageRun) run = live_storage_run_start (LIVE_STORAGE_UNENCRYPTED, options, request);
      JsonObject *answer = live_storage_run_finish (run);

      g_assert_nonnull (answer);
      if (json_object_has_member (answer, "ok"))
        break;
      g_assert_cmpstr (json_object_get_string_member (answer, "error"), ==, "Cancelled");
      cancelled++;
      live_storage_assert_nothing_left ();
    }
  g_assert_cmpuint (cancelled, >=, 3);
  g_assert_cmpuint (cancelled, <, MOST_POINTS - 2);
  destroy ("pool");
  live_storage_assert_nothing_left ();
}

/* A point of a resize; the pool is in order after each, and another resize makes it what it was to be. */
static void
test_kill_resize (gconstpointer data)
{
  g_autofree char *create = get_request ((Kind) GPOINTER_TO_INT (data), "pool");
  const char *resize = "{\"do\":\"resize\",\"name\":\"pool\",\"size\":629145600}";
  guint killed = 0;
  gboolean again = TRUE;

  while (again)
    {
      g_autoptr (LiveStorageRun) run = live_storage_run_start (LIVE_STORAGE_UNENCRYPTED, NULL, create);
      g_autoptr (JsonObject) pool = NULL;

      g_assert_true (json_object_has_member (live_storage_run_finish (run), "ok"));
      again = run_and_kill (resize, killed + 1);
      if (again)
        {
          g_autoptr (JsonObject) resized = NULL;

          killed++;
          pool = live_storage_find ("pool");
          g_assert_cmpstr (json_object_get_string_member (pool, "state"), ==, "ready");
          resized = live_storage_ask (LIVE_STORAGE_UNENCRYPTED, "%s", resize);
          g_assert_cmpint (json_object_get_int_member (resized, "capacity"), >, 500 * 1048576);
        }
      destroy ("pool");
      live_storage_assert_nothing_left ();
    }
  g_assert_cmpuint (killed, >=, 2);
}

/* A device that a crash left without an owner is not confused with one that was added since. */
static void
test_orphan (void)
{
  g_autofree char *first = get_request (KIND_ZRAM, "first");
  g_autofree char *second = get_request (KIND_ZRAM, "second");
  gboolean seen = FALSE;

  for (guint point = 1; point < MOST_POINTS && run_and_kill (first, point); point++)
    {
      g_autoptr (JsonObject) orphan = live_storage_find ("first");
      g_autoptr (JsonObject) made = NULL;
      g_autoptr (JsonObject) pool = NULL;

      made = live_storage_ask (LIVE_STORAGE_UNENCRYPTED, "%s", second);
      if (orphan != NULL)
        {
          seen = TRUE;
          discard ("first");
        }
      pool = live_storage_find ("second");
      g_assert_cmpstr (json_object_get_string_member (pool, "state"), ==, "ready");
      destroy ("second");
      live_storage_assert_nothing_left ();
    }
  g_assert_true (seen);
  destroy ("first");
  live_storage_assert_nothing_left ();
}

typedef enum
{
  LEAVE_HANG_UP,
  LEAVE_TERMINATE,
  LEAVE_KILL
} Leave;

/* In the middle of a step that takes long. */
static void
test_leave (gconstpointer data)
{
  Leave leave = (Leave) GPOINTER_TO_INT (data);
  g_autofree char *request = get_request (KIND_ENCRYPTED, "pool");
  g_autoptr (LiveStorageRun) run = NULL;
  g_autoptr (JsonObject) pool = NULL;
  g_autoptr (JsonObject) busy = NULL;
  JsonObject *answer = NULL;

  live_storage_cover (MKFS, "#!/bin/sh\nexec /bin/sleep 1000\n");
  run = live_storage_run_start (LIVE_STORAGE_UNENCRYPTED, NULL, request);
  live_storage_run_wait_step (run, "format");
  pool = live_storage_find ("pool");
  g_assert_cmpstr (json_object_get_string_member (pool, "state"), ==, "busy");
  busy = live_storage_ask_error (LIVE_STORAGE_UNENCRYPTED, "Busy", "{\"do\":\"discard\",\"name\":\"pool\"}");
  if (leave == LEAVE_HANG_UP)
    live_storage_run_hang_up (run);
  else
    g_assert_cmpint (kill (live_storage_run_get_pid (run), leave == LEAVE_KILL ? SIGKILL : SIGTERM), ==, 0);
  answer = live_storage_run_finish (run);
  g_assert_cmpint (live_storage_run_get_signal (run), ==, leave == LEAVE_KILL ? SIGKILL : 0);
  if (leave == LEAVE_TERMINATE)
    g_assert_cmpstr (json_object_get_string_member (answer, "error"), ==, "Cancelled");
  if (leave == LEAVE_KILL)
    discard ("pool");
  live_storage_uncover (MKFS);
  live_storage_assert_nothing_left ();
}

/* Nobody who has asked for a pool to be destroyed gets half of one by going away. */
static void
test_leave_destroy (void)
{
  g_autofree char *request = get_request (KIND_ZRAM, "pool");
  g_autoptr (LiveStorageRun) create = live_storage_run_start (LIVE_STORAGE_REAL, NULL, request);
  g_autoptr (LiveStorageRun) run = NULL;

  g_assert_true (json_object_has_member (live_storage_run_finish (create), "ok"));
  run = live_storage_run_start (LIVE_STORAGE_REAL, NULL, "{\"do\":\"destroy\",\"name\":\"pool\"}");
  live_storage_run_wait_step (run, "reset");
  live_storage_run_hang_up (run);
  live_storage_run_finish (run);
  g_assert_cmpint (live_storage_run_get_signal (run), ==, 0);
  live_storage_assert_nothing_left ();
}

/* What a program that is started gets, and what a crash could write. */
static void
test_surroundings (void)
{
  g_autofree char *request = get_request (KIND_ZRAM, "pool");
  g_autofree char *limits_path = NULL;
  g_autofree char *limits = NULL;
  g_autofree char *environment = NULL;
  g_autofree char *files = NULL;
  g_autoptr (LiveStorageRun) run = NULL;

  g_setenv ("LIVE_TEST_SECRET", "x", TRUE);
  live_storage_cover (MKFS, "#!/bin/sh\n/bin/cat /proc/self/environ | /usr/bin/tr '\\0' '\\n' >/run/environment\n"
                            "/bin/ls /proc/self/fd | /usr/bin/tr '\\n' ' ' >/run/files\n: >/run/done\n"
                            "exec /bin/sleep 1000\n");
  run = live_storage_run_start (LIVE_STORAGE_REAL, NULL, request);
  live_storage_run_wait_step (run, "format");
  for (guint tries = 0; tries < 3000 && !g_file_test ("/run/done", G_FILE_TEST_EXISTS); tries++)
    g_usleep (10000);
  limits_path = g_strdup_printf ("/proc/%d/limits", live_storage_run_get_pid (run));
  g_assert_true (g_file_get_contents (limits_path, &limits, NULL, NULL));
  g_assert_true (g_regex_match_simple ("Max core file size +0 +0 ", limits, 0, 0));
  g_assert_true (g_file_get_contents ("/run/environment", &environment, NULL, NULL));
  g_assert_nonnull (strstr (environment, "LC_ALL=C\n"));
  g_assert_nonnull (strstr (environment, "PATH=/usr/sbin:/usr/bin:/sbin:/bin\n"));
  g_assert_null (strstr (environment, "LIVE_TEST_SECRET"));
  g_assert_true (g_file_get_contents ("/run/files", &files, NULL, NULL));
  /* Those of the streams, and the directory that ls reads. */
  g_assert_cmpstr (files, ==, "0 1 2 3 ");
  live_storage_run_hang_up (run);
  live_storage_run_finish (run);
  unlink ("/run/done");
  g_unsetenv ("LIVE_TEST_SECRET");
  live_storage_uncover (MKFS);
  live_storage_assert_nothing_left ();
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    Kind kind;
  } kinds[] = { { "zram", KIND_ZRAM }, { "tmpfs", KIND_TMPFS }, { "encrypted", KIND_ENCRYPTED } };
  static const struct
  {
    const char *name;
    GTestDataFunc test;
  } tests[] = {
    { "kill-create", test_kill_create },   { "kill-destroy", test_kill_destroy },
    { "kill-discard", test_kill_discard }, { "cancel-create", test_cancel_create },
    { "kill-resize", test_kill_resize },
  };
  gboolean root = live_storage_fixture_begin ();
  int result = 0;

  g_test_init (&argc, &argv, NULL);
  if (!root)
    {
      g_print ("1..0 # SKIP only root can mount\n");
      return 0;
    }
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    for (guint j = 0; j < G_N_ELEMENTS (kinds); j++)
      {
        g_autofree char *path = g_strdup_printf ("/storage/%s/%s", tests[i].name, kinds[j].name);

        g_test_add_data_func (path, GINT_TO_POINTER (kinds[j].kind), tests[i].test);
      }
  g_test_add_func ("/storage/orphan", test_orphan);
  g_test_add_data_func ("/storage/leave/hang-up", GINT_TO_POINTER (LEAVE_HANG_UP), test_leave);
  g_test_add_data_func ("/storage/leave/terminate", GINT_TO_POINTER (LEAVE_TERMINATE), test_leave);
  g_test_add_data_func ("/storage/leave/kill", GINT_TO_POINTER (LEAVE_KILL), test_leave);
  g_test_add_func ("/storage/leave/destroy", test_leave_destroy);
  g_test_add_func ("/storage/surroundings", test_surroundings);
  result = g_test_run ();
  live_storage_fixture_end ();
  return result;
}
