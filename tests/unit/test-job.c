/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* Jobs in the model, and the journal that a helper leaves to the next. */

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "actions/journal.h"
#include "model/error.h"
#include "model/job.h"
#include "model/system.h"

/* ---- Jobs. ---- */

static void
note_property (GObject *job, GParamSpec *property, GString *notes)
{
  g_string_append_printf (notes, "%s ", property->name);
}

static void
note_completed (LiveJob *job, GString *notes)
{
  g_string_append (notes, "completed ");
}

static char *
get_text (LiveJob *job, const char *property)
{
  char *text = NULL;

  g_object_get (job, property, &text, NULL);
  return text;
}

static void
assert_text (LiveJob *job, const char *property, const char *expected)
{
  g_autofree char *text = get_text (job, property);

  g_assert_cmpstr (text, ==, expected);
}

static double
get_progress (LiveJob *job)
{
  double progress = -2;

  g_object_get (job, "progress", &progress, NULL);
  return progress;
}

static gboolean
get_cancellable (LiveJob *job)
{
  gboolean cancellable = FALSE;

  g_object_get (job, "cancellable", &cancellable, NULL);
  return cancellable;
}

static void
test_success (void)
{
  g_autoptr (LiveJob) job = live_job_new (LIVE_JOB_CREATE_RAM_POOL, "ram1");
  g_autoptr (GString) notes = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_signal_connect (job, "notify", G_CALLBACK (note_property), notes);
  g_signal_connect (job, "completed", G_CALLBACK (note_completed), notes);
  g_assert_cmpstr (live_job_get_kind (job), ==, LIVE_JOB_CREATE_RAM_POOL);
  g_assert_cmpstr (live_job_get_subject (job), ==, "ram1");
  g_assert_cmpfloat (get_progress (job), ==, -1);
  g_assert_false (get_cancellable (job));
  assert_text (job, "step", "");

  live_job_set_step (job, LIVE_JOB_STEP_FORMAT);
  live_job_set_step (job, LIVE_JOB_STEP_FORMAT);
  live_job_set_progress (job, 0.251);
  live_job_set_progress (job, 0.259);
  g_assert_cmpfloat (get_progress (job), ==, 0.25);
  live_job_set_cancellable (job, TRUE);
  g_assert_cmpstr (notes->str, ==, "step progress cancellable ");

  g_string_truncate (notes, 0);
  live_job_finish (job, NULL);
  g_assert_true (live_job_get_finished (job));
  g_assert_cmpfloat (get_progress (job), ==, 1);
  assert_text (job, "error-name", "");
  assert_text (job, "error-message", "");
  g_assert_false (get_cancellable (job));
  /* Everything is as it ends before anybody hears that it has. */
  g_assert_true (g_str_has_suffix (notes->str, " completed "));
  g_assert_nonnull (strstr (notes->str, "finished "));

  g_assert_false (live_job_cancel (job, &error));
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED);
  g_assert_false (g_cancellable_is_cancelled (live_job_get_cancel (job)));
}

static void
test_progress (void)
{
  static const struct
  {
    double given;
    double kept;
  } rows[] = { { 0, 0 },   { 0.999999, 0.99 }, { 1, 1 },     { 1.0001, -1 }, { -0.5, -1 },
               { -1, -1 }, { 1e300, -1 },      { 0.5, 0.5 }, { NAN, -1 },    { INFINITY, -1 } };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (LiveJob) job = live_job_new (LIVE_JOB_RESIZE_POOL, "ram1");

      live_job_set_progress (job, rows[i].given);
      g_assert_cmpfloat (get_progress (job), ==, rows[i].kept);
    }
}

static void
test_failure (void)
{
  static const struct
  {
    int domain; /* 0: LIVE_ERROR, 1: GIO's, 2: of files */
    int code;
    const char *message;
    const char *error_name;
    const char *error_message;
  } rows[] = {
    { 0, LIVE_ERROR_NO_MEMORY, "512 MiB are missing", "org.qubes.Live1.Error.NoMemory", "512 MiB are missing" },
    { 0, LIVE_ERROR_CANCELLED, "", "org.qubes.Live1.Error.Cancelled", "" },
    { 0, 4711, "x", "org.qubes.Live1.Error.Failed", "x" },
    { 1, G_IO_ERROR_CANCELLED, "x", "org.qubes.Live1.Error.Cancelled", "x" },
    { 1, G_IO_ERROR_CLOSED, "x", "org.qubes.Live1.Error.Failed", "x" },
    { 2, G_FILE_ERROR_ACCES, "a\xff", "org.qubes.Live1.Error.Failed", "a\xef\xbf\xbd" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      const GQuark domains[] = { LIVE_ERROR, G_IO_ERROR, G_FILE_ERROR };
      g_autoptr (LiveJob) job = live_job_new (LIVE_JOB_DESTROY_POOL, "ram1");
      g_autoptr (GError) error = g_error_new_literal (domains[rows[i].domain], rows[i].code, rows[i].message);

      live_job_finish (job, error);
      g_assert_true (live_job_get_finished (job));
      assert_text (job, "error-name", rows[i].error_name);
      assert_text (job, "error-message", rows[i].error_message);
      g_assert_cmpfloat (get_progress (job), ==, -1);
    }
}

static void
test_cancel (void)
{
  g_autoptr (LiveJob) job = live_job_new (LIVE_JOB_CREATE_RAM_POOL, "ram1");
  g_autoptr (GError) error = NULL;

  /* Not before the action says that it can be. */
  g_assert_false (live_job_cancel (job, &error));
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED);
  g_clear_error (&error);
  g_assert_false (g_cancellable_is_cancelled (live_job_get_cancel (job)));

  live_job_set_cancellable (job, TRUE);
  g_assert_true (live_job_cancel (job, &error));
  g_assert_true (g_cancellable_is_cancelled (live_job_get_cancel (job)));
  g_assert_false (get_cancellable (job));
  /* An action that passes the next step meanwhile does not offer it again; to ask twice is no mistake. */
  live_job_set_cancellable (job, TRUE);
  g_assert_false (get_cancellable (job));
  g_assert_true (live_job_cancel (job, &error));
  g_assert_no_error (error);
}

static void
test_action (void)
{
  static const struct
  {
    const char *kind;
    const char *action;
    const char *detail;
  } rows[] = {
    { LIVE_JOB_CREATE_RAM_POOL, "manage-pool", "pool" }, { LIVE_JOB_CREATE_ENCRYPTED_POOL, "manage-pool", "pool" },
    { LIVE_JOB_RESIZE_POOL, "manage-pool", "pool" },     { LIVE_JOB_DESTROY_POOL, "manage-pool", "pool" },
    { LIVE_JOB_RUN_RAM_QUBE, "manage-qube", "qube" },
  };
  g_autoptr (LiveJob) other = live_job_new (LIVE_JOB_RESIZE_POOL, "ram1");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (LiveJob) job = live_job_new (rows[i].kind, "x");

      g_assert_cmpstr (live_job_get_action (job), ==, rows[i].action);
      g_assert_cmpstr (live_job_get_action_detail (job), ==, rows[i].detail);
    }
  live_job_set_action (other, "wipe-now", "qube");
  g_assert_cmpstr (live_job_get_action (other), ==, "wipe-now");
  g_assert_cmpstr (live_job_get_action_detail (other), ==, "qube");
}

static void
note_job (LiveSystem *system, LiveJob *job, GString *notes)
{
  g_string_append_printf (notes, "%u ", live_job_get_id (job));
}

static void
test_system (void)
{
  g_autoptr (LiveSystem) system = live_system_new ();
  g_autoptr (LiveJob) first = live_job_new (LIVE_JOB_CREATE_RAM_POOL, "ram1");
  g_autoptr (LiveJob) second = live_job_new (LIVE_JOB_CREATE_RAM_POOL, "ram2");
  g_autoptr (LiveJob) third = live_job_new (LIVE_JOB_CREATE_RAM_POOL, "ram3");
  g_autoptr (GString) added = g_string_new (NULL);
  g_autoptr (GString) removed = g_string_new (NULL);
  g_autoptr (GPtrArray) jobs = NULL;

  g_signal_connect (system, "job-added", G_CALLBACK (note_job), added);
  g_signal_connect (system, "job-removed", G_CALLBACK (note_job), removed);
  g_assert_cmpuint (live_job_get_id (first), ==, 0);
  live_system_add_job (system, first);
  live_system_add_job (system, second);
  live_system_remove_job (system, second);
  live_system_remove_job (system, second);
  /* A number is not used again. */
  live_system_add_job (system, third);
  g_assert_cmpstr (added->str, ==, "1 2 3 ");
  g_assert_cmpstr (removed->str, ==, "2 ");
  jobs = live_system_list_jobs (system);
  g_assert_cmpuint (jobs->len, ==, 2);
  g_assert_true (jobs->pdata[0] == first);
  g_assert_true (jobs->pdata[1] == third);
}

/* ---- The journal. ---- */

typedef struct
{
  char *root;
  char *directory;
  LiveJournal *journal;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  fixture->root = g_dir_make_tmp ("qubes-live-journal-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->directory = g_build_filename (fixture->root, "run/qubes-live/jobs", NULL);
  fixture->journal = live_journal_new (fixture->root);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) directory = NULL;

  if (!g_file_test (path, G_FILE_TEST_IS_SYMLINK))
    directory = g_dir_open (path, 0, NULL);
  if (directory != NULL)
    {
      for (const char *name = g_dir_read_name (directory); name != NULL; name = g_dir_read_name (directory))
        {
          g_autofree char *child = g_build_filename (path, name, NULL);

          remove_tree (child);
        }
    }
  g_remove (path);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  live_journal_free (fixture->journal);
  remove_tree (fixture->root);
  g_assert_false (g_file_test (fixture->root, G_FILE_TEST_EXISTS));
  g_free (fixture->directory);
  g_free (fixture->root);
}

static JsonObject *
make_content (const char *step)
{
  JsonObject *content = json_object_new ();

  json_object_set_string_member (content, "step", step);
  return content;
}

static void
write_entry (Fixture *fixture, const char *id, const char *step)
{
  g_autoptr (JsonObject) content = make_content (step);
  g_autoptr (GError) error = NULL;

  live_journal_write (fixture->journal, id, content, &error);
  g_assert_no_error (error);
}

static void
put (Fixture *fixture, const char *name, const char *text, gssize length)
{
  g_autofree char *path = g_build_filename (fixture->directory, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents_full (path, text, length, G_FILE_SET_CONTENTS_NONE, 0600, &error);
  g_assert_no_error (error);
}

static gboolean
exists (Fixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->directory, name, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS) || g_file_test (path, G_FILE_TEST_IS_SYMLINK);
}

static mode_t
get_mode (const char *path)
{
  struct stat status = { 0 };

  g_assert_cmpint (lstat (path, &status), ==, 0);
  return status.st_mode;
}

static void
test_write (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (fixture->directory, "pool-ram1.json", NULL);
  g_autoptr (GPtrArray) nothing = live_journal_list (fixture->journal);
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GPtrArray) rest = NULL;
  g_autoptr (GError) error = NULL;
  const LiveJournalEntry *entry = NULL;

  /* To look does not make anything. */
  g_assert_cmpuint (nothing->len, ==, 0);
  g_assert_false (g_file_test (fixture->directory, G_FILE_TEST_EXISTS));
  g_assert_true (live_journal_remove (fixture->journal, "pool-ram1", &error));

  write_entry (fixture, "qube-b", "create-qube");
  write_entry (fixture, "pool-ram1", "device");
  write_entry (fixture, "pool-ram1", "format");
  g_assert_cmpuint (get_mode (fixture->directory), ==, S_IFDIR | 0700);
  g_assert_cmpuint (get_mode (path), ==, S_IFREG | 0600);
  g_assert_false (exists (fixture, "pool-ram1.new"));

  entries = live_journal_list (fixture->journal);
  g_assert_cmpuint (entries->len, ==, 2);
  entry = entries->pdata[0];
  g_assert_cmpstr (entry->id, ==, "pool-ram1");
  g_assert_cmpstr (json_object_get_string_member (entry->content, "step"), ==, "format");
  entry = entries->pdata[1];
  g_assert_cmpstr (entry->id, ==, "qube-b");

  g_assert_true (live_journal_remove (fixture->journal, "pool-ram1", &error));
  g_assert_true (live_journal_remove (fixture->journal, "pool-ram1", &error));
  g_assert_no_error (error);
  g_assert_false (exists (fixture, "pool-ram1.json"));
  rest = live_journal_list (fixture->journal);
  g_assert_cmpuint (rest->len, ==, 1);
}

static void
test_ids (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *longest = g_strnfill (128, 'a');
  g_autofree char *too_long = g_strnfill (129, 'a');
  const char *const bad[] = { "", ".", "..", "../x", "a/b", ".hidden", "-x", "a b", "a\nb", "ä", too_long };
  g_autoptr (JsonObject) content = make_content ("x");

  write_entry (fixture, longest, "x");
  write_entry (fixture, "1.a_b-C", "x");
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_test_message ("“%s”", bad[i]);
      g_assert_false (live_journal_write (fixture->journal, bad[i], content, &error));
      g_assert_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT);
      g_clear_error (&error);
      g_assert_false (live_journal_remove (fixture->journal, bad[i], &error));
      g_assert_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT);
    }
}

static void
test_too_long (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *text = g_strnfill (LIVE_JOURNAL_LONGEST_ENTRY, 'a');
  g_autoptr (JsonObject) content = make_content (text);
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GError) error = NULL;

  write_entry (fixture, "pool-ram1", "device");
  g_assert_false (live_journal_write (fixture->journal, "pool-ram1", content, &error));
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT);
  entries = live_journal_list (fixture->journal);
  g_assert_cmpuint (entries->len, ==, 1);
  g_assert_cmpstr (json_object_get_string_member (((LiveJournalEntry *) entries->pdata[0])->content, "step"), ==,
                   "device");
}

/* What is no entry is put aside with a warning, and what is one is found beside it. */
static void
test_broken (Fixture *fixture, gconstpointer unused)
{
  static const struct
  {
    const char *name;
    const char *text;
    gssize length;
  } rows[] = {
    { "half.json", "{\"step\": \"for", -1 },
    { "empty.json", "", 0 },
    { "array.json", "[]", -1 },
    { "number.json", "7", -1 },
    { "nul.json", "{\"a\": \"b\0\"}", 11 },
    { "latin.json", "{\"a\": \"\xe4\"}", -1 },
    { "space is no name.json", "{}", -1 },
    { ".json", "{}", -1 },
  };
  g_autoptr (GString) deep = g_string_new ("{\"a\": ");
  g_autofree char *big = g_strnfill (LIVE_JOURNAL_LONGEST_ENTRY + 1, ' ');
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (GPtrArray) again = NULL;

  write_entry (fixture, "good", "brackets in a string: [[[[[[[[[[[[[[[[[[[[[[[[[[[[ \" {{{{{{{{{{");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      put (fixture, rows[i].name, rows[i].text, rows[i].length);
      g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*is not used*");
    }
  for (guint i = 0; i < 30000; i++)
    g_string_append_c (deep, '[');
  put (fixture, "deep.json", deep->str, -1);
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*is not used*");
  put (fixture, "big.json", big, -1);
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*is not used*");
  put (fixture, "half.new", "{", -1);
  put (fixture, "notes.txt", "x", -1);

  entries = live_journal_list (fixture->journal);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (entries->len, ==, 1);
  g_assert_cmpstr (((LiveJournalEntry *) entries->pdata[0])->id, ==, "good");
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *aside = g_strconcat (rows[i].name, ".broken", NULL);

      g_assert_false (exists (fixture, rows[i].name));
      g_assert_true (exists (fixture, aside));
    }
  g_assert_true (exists (fixture, "deep.json.broken"));
  g_assert_true (exists (fixture, "big.json.broken"));
  g_assert_false (exists (fixture, "half.new"));
  g_assert_true (exists (fixture, "notes.txt"));
  /* The next helper does not complain again. */
  again = live_journal_list (fixture->journal);
  g_assert_cmpuint (again->len, ==, 1);
}

/* Not through a link, whether it is the file, its new one, or the way there. */
static void
test_links (Fixture *fixture, gconstpointer unused)
{
  static const char *const steps[] = { "run/qubes-live/jobs", "run/qubes-live", "run" };
  g_autofree char *target = g_build_filename (fixture->root, "target", NULL);
  g_autofree char *fifo = NULL;
  g_autofree char *link = NULL;
  g_autofree char *new_link = NULL;
  g_autofree char *content_after = NULL;
  g_autoptr (GPtrArray) entries = NULL;
  g_autoptr (JsonObject) content = make_content ("x");

  write_entry (fixture, "good", "x");
  g_assert_true (g_file_set_contents (target, "{\"mine\": true}", -1, NULL));
  link = g_build_filename (fixture->directory, "link.json", NULL);
  new_link = g_build_filename (fixture->directory, "good.new", NULL);
  fifo = g_build_filename (fixture->directory, "fifo.json", NULL);
  g_assert_cmpint (symlink (target, link), ==, 0);
  g_assert_cmpint (symlink (target, new_link), ==, 0);
  g_assert_cmpint (mkfifo (fifo, 0600), ==, 0);
  write_entry (fixture, "good", "y");
  g_assert_true (g_file_get_contents (target, &content_after, NULL, NULL));
  g_assert_cmpstr (content_after, ==, "{\"mine\": true}");
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*is not used*");
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*is not used*");
  entries = live_journal_list (fixture->journal);
  g_test_assert_expected_messages ();
  g_assert_cmpuint (entries->len, ==, 1);
  g_assert_true (exists (fixture, "link.json.broken"));

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autofree char *path = g_build_filename (fixture->root, steps[i], NULL);
      g_autofree char *elsewhere = g_strdup_printf ("%s/elsewhere%u", fixture->root, (guint) i);
      g_autoptr (GPtrArray) nothing = NULL;
      g_autoptr (GError) error = NULL;

      g_assert_cmpint (g_rename (path, elsewhere), ==, 0);
      g_assert_cmpint (symlink (elsewhere, path), ==, 0);
      g_assert_false (live_journal_write (fixture->journal, "good", content, &error));
      g_assert_error (error, LIVE_ERROR, LIVE_ERROR_FAILED);
      g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*cannot be opened*");
      nothing = live_journal_list (fixture->journal);
      g_test_assert_expected_messages ();
      g_assert_cmpuint (nothing->len, ==, 0);
      g_assert_cmpint (unlink (path), ==, 0);
      g_assert_cmpint (g_rename (elsewhere, path), ==, 0);
    }
}

static void
test_permissions (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (JsonObject) content = make_content ("x");
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  /* Made by another program, for everyone. */
  g_assert_cmpint (g_mkdir_with_parents (fixture->directory, 0755), ==, 0);
  write_entry (fixture, "good", "x");
  g_assert_cmpuint (get_mode (fixture->directory), ==, S_IFDIR | 0700);
  if (geteuid () != 0)
    {
      g_test_skip ("needs root, to have a directory of somebody else's");
      return;
    }
  g_assert_cmpint (chown (fixture->directory, 1, 1), ==, 0);
  g_assert_false (live_journal_write (fixture->journal, "good", content, &error));
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_FAILED);
  g_assert_cmpint (chown (fixture->directory, 0, 0), ==, 0);
  path = g_build_filename (fixture->directory, "good.json", NULL);
  g_assert_cmpint (chown (path, 1, 1), ==, 0);
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*helper's own*");
  {
    g_autoptr (GPtrArray) entries = live_journal_list (fixture->journal);

    g_test_assert_expected_messages ();
    g_assert_cmpuint (entries->len, ==, 0);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/job/success", test_success);
  g_test_add_func ("/job/progress", test_progress);
  g_test_add_func ("/job/failure", test_failure);
  g_test_add_func ("/job/cancel", test_cancel);
  g_test_add_func ("/job/action", test_action);
  g_test_add_func ("/job/system", test_system);
#define ADD(name, function) g_test_add ("/journal/" name, Fixture, NULL, set_up, function, tear_down)
  ADD ("write", test_write);
  ADD ("ids", test_ids);
  ADD ("too-long", test_too_long);
  ADD ("broken", test_broken);
  ADD ("links", test_links);
  ADD ("permissions", test_permissions);
#undef ADD
  return g_test_run ();
}
