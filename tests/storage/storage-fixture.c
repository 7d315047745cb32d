/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "storage-fixture.h"

#include "namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define POOLS "/run/qubes-live/pools"
#define RECORDS "/run/qubes-live/storage"
/* With sanitizers, on a busy machine. */
#define ANSWER_MILLISECONDS 60000

struct _LiveStorageRun
{
  pid_t pid;
  int socket;
  GString *received;
  gboolean ended;
  int status;
  JsonNode *last;
};

static struct
{
  pid_t keeper;
  int alive;
  char *directory;
  GStrv devices;
} fixture;

static const char *
get_program (LiveStorageProgram program)
{
  const char *name = program == LIVE_STORAGE_REAL ? "QUBES_LIVE_TEST_STORAGE" : "QUBES_LIVE_TEST_STORAGE_UNENCRYPTED";
  const char *path = g_getenv (name);

  if (path == NULL)
    g_error ("%s is not set", name);
  return path;
}

static GStrv
list_directory (const char *path, const char *prefix)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    if (g_str_has_prefix (name, prefix))
      g_strv_builder_add (builder, name);
  return g_strv_builder_end (builder);
}

static gboolean
is_settled (JsonObject *answer)
{
  return answer != NULL && json_object_has_member (answer, "ok");
}

/* What a test that was ended in the middle has left: its mounts go with this process, its zram devices do not. */
static void
take_apart_all (void)
{
  g_auto (GStrv) records = list_directory (RECORDS, "");

  for (guint i = 0; records[i] != NULL; i++)
    {
      g_autofree char *request = NULL;
      gboolean settled = FALSE;

      if (!g_str_has_suffix (records[i], ".json"))
        continue;
      records[i][strlen (records[i]) - strlen (".json")] = '\0';
      request = g_strdup_printf ("{\"do\":\"destroy\",\"name\":\"%s\"}", records[i]);
      for (guint tries = 0; tries < 10 && !settled; tries++)
        {
          g_autoptr (LiveStorageRun) run = live_storage_run_start (LIVE_STORAGE_UNENCRYPTED, NULL, request);

          settled = is_settled (live_storage_run_finish (run));
          if (!settled)
            g_usleep (G_USEC_PER_SEC);
        }
    }
}

static void
remove_directory (void)
{
  g_auto (GStrv) files = list_directory (fixture.directory, "");

  for (guint i = 0; files[i] != NULL; i++)
    {
      g_autofree char *path = g_build_filename (fixture.directory, files[i], NULL);

      if (unlink (path) < 0)
        rmdir (path);
    }
  rmdir (fixture.directory);
}

static void G_GNUC_NORETURN
keep (int ended)
{
  char byte = 0;
  int null = open ("/dev/null", O_RDWR);

  /* Whoever ends the test by its process group, or waits for the end of its output, does not mean this one. */
  setsid ();
  dup2 (null, 0);
  dup2 (null, 1);
  dup2 (null, 2);
  while (read (ended, &byte, 1) < 0 && errno == EINTR)
    ;
  take_apart_all ();
  remove_directory ();
  _exit (0);
}

gboolean
live_storage_fixture_begin (void)
{
  int alive[2] = { -1, -1 };
  int lock = -1;

  if (!live_test_namespace_enter ())
    return FALSE;
  if (mount ("tmpfs", "/run", "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") < 0)
    g_error ("cannot mount /run: %s", g_strerror (errno));
  /* Held by the second process, too, until it is done. Devices are compared with those of the beginning. */
  lock = open ("/sys/block", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock < 0 || flock (lock, LOCK_EX) < 0 || pipe2 (alive, O_CLOEXEC) < 0)
    g_error ("cannot have zram devices for this test alone: %s", g_strerror (errno));
  fixture.directory = g_strdup ("/var/tmp/qubes-live-storage-XXXXXX");
  if (g_mkdtemp (fixture.directory) == NULL)
    g_error ("cannot make %s: %s", fixture.directory, g_strerror (errno));
  fixture.devices = list_directory ("/sys/block", "zram");
  fixture.keeper = fork ();
  if (fixture.keeper == 0)
    {
      close (alive[1]);
      keep (alive[0]);
    }
  close (alive[0]);
  fixture.alive = alive[1];
  return TRUE;
}

void
live_storage_fixture_end (void)
{
  close (fixture.alive);
  while (waitpid (fixture.keeper, NULL, 0) < 0 && errno == EINTR)
    ;
  g_free (fixture.directory);
  g_strfreev (fixture.devices);
}

const char *
live_storage_fixture_get_directory (void)
{
  return fixture.directory;
}

/* The rights that the unit leaves to the program, which are all that it may need. */
static gboolean
give_up_rights (void)
{
  for (unsigned long capability = 0; prctl (PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; capability++)
    if (capability != CAP_SYS_ADMIN && capability != CAP_SYS_PTRACE && capability != CAP_DAC_READ_SEARCH
        && prctl (PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
      return FALSE;
  return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static LiveStorageRun *
start (LiveStorageProgram program, const char *const *options)
{
  LiveStorageRun *run = g_new0 (LiveStorageRun, 1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) argv = NULL;
  pid_t parent = getpid ();
  int ends[2] = { -1, -1 };

  g_strv_builder_add (builder, get_program (program));
  for (guint i = 0; options != NULL && options[i] != NULL; i++)
    g_strv_builder_add (builder, options[i]);
  argv = g_strv_builder_end (builder);
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
    g_error ("socketpair: %s", g_strerror (errno));
  run->pid = fork ();
  if (run->pid == 0)
    {
      /* As the unit does it; and a test that ends does not leave it running. */
      prctl (PR_SET_PDEATHSIG, SIGTERM);
      if (getppid () == parent && give_up_rights () && dup2 (ends[1], 0) >= 0 && dup2 (ends[1], 1) >= 0)
        execv (argv[0], argv);
      _exit (127);
    }
  close (ends[1]);
  run->socket = ends[0];
  run->received = g_string_new (NULL);
  return run;
}

static void
send_all (LiveStorageRun *run, const char *bytes, gsize length)
{
  while (length > 0)
    {
      ssize_t count = send (run->socket, bytes, length, MSG_NOSIGNAL);

      /* It may refuse before it has read everything. */
      if (count <= 0)
        return;
      bytes += count;
      length -= (gsize) count;
    }
}

LiveStorageRun *
live_storage_run_start_raw (LiveStorageProgram program, const char *bytes, gsize length)
{
  LiveStorageRun *run = start (program, NULL);

  send_all (run, bytes, length);
  shutdown (run->socket, SHUT_WR);
  return run;
}

LiveStorageRun *
live_storage_run_start (LiveStorageProgram program, const char *const *options, const char *request)
{
  g_autofree char *line = g_strconcat (request, "\n", NULL);
  LiveStorageRun *run = start (program, options);

  send_all (run, line, strlen (line));
  return run;
}

GPid
live_storage_run_get_pid (LiveStorageRun *run)
{
  return run->pid;
}

/* FALSE at the end. */
static gboolean
receive (LiveStorageRun *run)
{
  struct pollfd fd = { .fd = run->socket, .events = POLLIN };
  char buffer[4096];
  ssize_t count = 0;

  if (poll (&fd, 1, ANSWER_MILLISECONDS) <= 0)
    g_error ("no answer in time; so far: %s", run->received->str);
  count = recv (run->socket, buffer, sizeof buffer, 0);
  if (count <= 0)
    return FALSE;
  g_string_append_len (run->received, buffer, count);
  return TRUE;
}

void
live_storage_run_wait_step (LiveStorageRun *run, const char *step)
{
  g_autofree char *text = g_strdup_printf ("{\"step\":\"%s\"", step);

  while (strstr (run->received->str, text) == NULL)
    if (!receive (run))
      g_error ("ended without the step %s: %s", step, run->received->str);
}

void
live_storage_run_hang_up (LiveStorageRun *run)
{
  if (run->socket >= 0)
    close (run->socket);
  run->socket = -1;
}

JsonObject *
live_storage_run_finish (LiveStorageRun *run)
{
  g_auto (GStrv) lines = NULL;
  guint n_lines = 0;

  if (run->ended)
    return run->last != NULL ? json_node_get_object (run->last) : NULL;
  while (run->socket >= 0 && receive (run))
    ;
  while (waitpid (run->pid, &run->status, 0) < 0 && errno == EINTR)
    ;
  run->ended = TRUE;
  lines = g_strsplit (run->received->str, "\n", -1);
  n_lines = g_strv_length (lines);
  /* After the last end of line there is nothing. */
  if (n_lines < 2 || *lines[n_lines - 1] != '\0')
    return NULL;
  run->last = json_from_string (lines[n_lines - 2], NULL);
  if (run->last == NULL || !JSON_NODE_HOLDS_OBJECT (run->last))
    g_error ("not an answer: %s", lines[n_lines - 2]);
  if (json_object_has_member (json_node_get_object (run->last), "step"))
    g_clear_pointer (&run->last, json_node_unref);
  return run->last != NULL ? json_node_get_object (run->last) : NULL;
}

int
live_storage_run_get_signal (LiveStorageRun *run)
{
  g_assert_true (run->ended);
  return WIFSIGNALED (run->status) ? WTERMSIG (run->status) : 0;
}

void
live_storage_run_free (LiveStorageRun *run)
{
  if (!run->ended)
    {
      kill (run->pid, SIGTERM);
      live_storage_run_finish (run);
    }
  live_storage_run_hang_up (run);
  g_clear_pointer (&run->last, json_node_unref);
  g_string_free (run->received, TRUE);
  g_free (run);
}

static JsonObject *
ask (LiveStorageProgram program, const char *request)
{
  g_autoptr (LiveStorageRun) run = live_storage_run_start (program, NULL, request);
  JsonObject *answer = live_storage_run_finish (run);
  g_autofree char *printable = NULL;

  printable = g_strescape (request, NULL);
  g_test_message ("%s: %s", printable, run->received->str);
  g_assert_cmpint (live_storage_run_get_signal (run), ==, 0);
  g_assert_nonnull (answer);
  return json_object_ref (answer);
}

JsonObject *
live_storage_ask (LiveStorageProgram program, const char *format, ...)
{
  va_list arguments;
  g_autofree char *request = NULL;
  g_autoptr (JsonObject) answer = NULL;

  va_start (arguments, format);
  request = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  answer = ask (program, request);
  if (json_object_has_member (answer, "error"))
    g_error ("%s: %s: %s", request, json_object_get_string_member (answer, "error"),
             json_object_get_string_member (answer, "message"));
  return json_object_ref (json_object_get_object_member (answer, "ok"));
}

JsonObject *
live_storage_ask_error (LiveStorageProgram program, const char *error, const char *format, ...)
{
  va_list arguments;
  g_autofree char *request = NULL;
  g_autoptr (JsonObject) answer = NULL;

  va_start (arguments, format);
  request = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  answer = ask (program, request);
  if (!json_object_has_member (answer, "error"))
    g_error ("%s was not refused", request);
  g_assert_cmpstr (json_object_get_string_member (answer, "error"), ==, error);
  g_assert_cmpuint (strlen (json_object_get_string_member (answer, "message")), >, 10);
  return g_steal_pointer (&answer);
}

JsonObject *
live_storage_find (const char *name)
{
  g_autoptr (JsonObject) answer = live_storage_ask (LIVE_STORAGE_UNENCRYPTED, "{\"do\":\"list\"}");
  JsonArray *pools = json_object_get_array_member (answer, "pools");

  for (guint i = 0; i < json_array_get_length (pools); i++)
    {
      JsonObject *pool = json_array_get_object_element (pools, i);

      if (g_str_equal (json_object_get_string_member (pool, "name"), name))
        return json_object_ref (pool);
    }
  return NULL;
}

static void
assert_no_loops (void)
{
  g_auto (GStrv) loops = list_directory ("/sys/block", "loop");

  for (guint i = 0; loops[i] != NULL; i++)
    {
      g_autofree char *path = g_strdup_printf ("/sys/block/%s/loop/backing_file", loops[i]);
      g_autofree char *backing = NULL;

      if (g_file_get_contents (path, &backing, NULL, NULL) && strstr (backing, fixture.directory) != NULL)
        g_error ("%s is over %s", loops[i], backing);
    }
}

static void
assert_empty (const char *path, const char *except)
{
  g_auto (GStrv) names = list_directory (path, "");

  for (guint i = 0; names[i] != NULL; i++)
    if (g_strcmp0 (names[i], except) != 0)
      g_error ("%s is left in %s", names[i], path);
}

void
live_storage_assert_nothing_left (void)
{
  g_auto (GStrv) devices = list_directory ("/sys/block", "zram");
  g_autofree char *mounts = NULL;

  for (guint i = 0; devices[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *) fixture.devices, devices[i]))
      g_error ("%s is left", devices[i]);
  g_assert_true (g_file_get_contents ("/proc/self/mountinfo", &mounts, NULL, NULL));
  g_assert_null (strstr (mounts, POOLS));
  assert_empty (POOLS, NULL);
  assert_empty (RECORDS, "lock");
  assert_empty (fixture.directory, NULL);
  assert_no_loops ();
}

void
live_storage_cover (const char *path, const char *text)
{
  g_autofree char *name = g_path_get_basename (path);
  g_autofree char *copy = g_strconcat ("/run/covered-", name, NULL);

  g_assert_true (g_file_set_contents (copy, text, -1, NULL));
  g_assert_cmpint (chmod (copy, 0755), ==, 0);
  live_test_namespace_bind (copy, path);
}

void
live_storage_uncover (const char *path)
{
  live_test_namespace_unbind (path);
}
