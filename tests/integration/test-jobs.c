/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* Jobs on the bus: a small helper whose jobs the test drives, with the real gate and the real polkitd before them. */

#include "bus/jobs.h"

#include "bus/view-filter.h"
#include "live-bus.h"
#include "model/error.h"
#include "model/object-path.h"

#include "test-bed.h"

#include <string.h>

#define PROPERTIES "org.freedesktop.DBus.Properties"
#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"
#define JOB LIVE_BUS_NAME ".Job"
#define FIRST LIVE_OBJECT_ROOT "/job/1"

/* The user may look, and manage the pool ram1 and the qube work, nothing else. */
static const char rules[] = "polkit.addRule(function(action, subject) {\n"
                            "  if (subject.user != 'live-test-user')\n"
                            "    return polkit.Result.NO;\n"
                            "  if (action.id == 'org.qubes.Live1.view')\n"
                            "    return polkit.Result.YES;\n"
                            "  if (action.id == 'org.qubes.Live1.manage-pool' && action.lookup('pool') == 'ram1')\n"
                            "    return polkit.Result.YES;\n"
                            "  if (action.id == 'org.qubes.Live1.manage-qube' && action.lookup('qube') == 'work')\n"
                            "    return polkit.Result.YES;\n"
                            "  return polkit.Result.NO;\n"
                            "});\n";

typedef struct
{
  LiveTestBed *bed;
  GDBusConnection *service;
  GDBusConnection *user;
  LiveSystem *system;
  GDBusObjectManagerServer *objects;
  LiveAuthority *authority;
  LiveViewFilter *filter;
  LiveJobs *jobs;
  GString *heard; /* the signals and answers that the user gets, in their order */
} Fixture;

static void
on_signal (GDBusConnection *connection,
           const char *sender,
           const char *path,
           const char *interface,
           const char *signal,
           GVariant *parameters,
           gpointer data)
{
  Fixture *fixture = data;
  g_autofree char *text = g_variant_print (parameters, FALSE);

  if (g_str_equal (signal, "InterfacesAdded"))
    g_string_append (fixture->heard, "added ");
  else if (g_str_equal (signal, "InterfacesRemoved"))
    g_string_append (fixture->heard, "removed ");
  else if (g_str_equal (signal, "Completed"))
    g_string_append_printf (fixture->heard, "completed%s ", text);
  else if (strstr (text, "'Finished': <true>") != NULL)
    g_string_append (fixture->heard, "finished ");
  else if (strstr (text, "'Cancellable': <false>") != NULL)
    g_string_append (fixture->heard, "not-cancellable ");
}

static void
set_up (Fixture *fixture, const char *polkit_rules, guint keep_seconds)
{
  const LiveTestBedOptions options = { .without_dom0 = TRUE, .without_helper = TRUE, .polkit_rules = polkit_rules };
  g_autoptr (GVariant) owned = NULL;
  g_autoptr (GError) error = NULL;

  fixture->bed = live_test_bed_new (&options);
  fixture->service = live_test_bed_connect (fixture->bed, 0);
  fixture->user = live_test_bed_connect (fixture->bed, LIVE_TEST_USER_UID);
  fixture->system = live_system_new ();
  fixture->authority = live_authority_new (fixture->service);
  fixture->objects = g_dbus_object_manager_server_new (LIVE_OBJECT_ROOT);
  fixture->filter = live_view_filter_new (fixture->service, fixture->objects, fixture->authority);
  fixture->jobs = live_jobs_new (fixture->system, fixture->authority, fixture->objects, keep_seconds);
  fixture->heard = g_string_new (NULL);
  g_dbus_object_manager_server_set_connection (fixture->objects, fixture->service);
  owned = g_dbus_connection_call_sync (fixture->service, "org.freedesktop.DBus", "/", "org.freedesktop.DBus",
                                       "RequestName", g_variant_new ("(su)", LIVE_BUS_NAME, 0), NULL, 0, -1, NULL,
                                       &error);
  g_assert_no_error (error);
}

static gboolean
is_null (gpointer data)
{
  return *(gpointer *) data == NULL;
}

static void
tear_down (Fixture *fixture)
{
  gpointer jobs = fixture->jobs;
  gpointer filter = fixture->filter;
  gpointer authority = fixture->authority;

  g_dbus_object_manager_server_set_connection (fixture->objects, NULL);
  g_object_add_weak_pointer (jobs, &jobs);
  g_object_add_weak_pointer (filter, &filter);
  g_object_add_weak_pointer (authority, &authority);
  g_object_unref (fixture->jobs);
  g_object_unref (fixture->filter);
  g_object_unref (fixture->authority);
  g_assert_true (live_test_wait (is_null, &jobs, 5));
  g_assert_true (live_test_wait (is_null, &filter, 5));
  g_assert_true (live_test_wait (is_null, &authority, 5));
  g_object_unref (fixture->objects);
  g_object_unref (fixture->system);
  g_dbus_connection_close_sync (fixture->user, NULL, NULL);
  g_object_unref (fixture->user);
  g_dbus_connection_close_sync (fixture->service, NULL, NULL);
  g_object_unref (fixture->service);
  g_string_free (fixture->heard, TRUE);
  live_test_bed_free (fixture->bed);
}

typedef struct
{
  Fixture *fixture;
  gboolean done;
  char *error; /* its name on the bus */
  GVariant *value;
} Answer;

static void
answer_clear (Answer *answer)
{
  g_clear_pointer (&answer->error, g_free);
  g_clear_pointer (&answer->value, g_variant_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Answer, answer_clear)

static void
on_reply (GObject *source, GAsyncResult *result, gpointer data)
{
  Answer *answer = data;
  g_autoptr (GError) error = NULL;

  answer->value = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  if (error != NULL)
    answer->error = g_dbus_error_get_remote_error (error);
  answer->done = TRUE;
  g_string_append (answer->fixture->heard, "answer ");
}

static gboolean
is_answered (gpointer data)
{
  return ((Answer *) data)->done;
}

static void
call (Fixture *fixture,
      GDBusConnection *caller,
      const char *path,
      const char *interface,
      const char *method,
      GVariant *arguments,
      Answer *answer)
{
  answer->fixture = fixture;
  g_dbus_connection_call (caller, LIVE_BUS_NAME, path, interface, method, arguments, NULL, G_DBUS_CALL_FLAGS_NONE,
                          30000, NULL, on_reply, answer);
  g_assert_true (live_test_wait (is_answered, answer, 30));
}

static guint
listen (Fixture *fixture)
{
  guint subscription = g_dbus_connection_signal_subscribe (fixture->user, LIVE_BUS_NAME, NULL, NULL, NULL, NULL,
                                                           G_DBUS_SIGNAL_FLAGS_NONE, on_signal, fixture, NULL);
  /* A round trip: from here on the bus passes signals on. */
  g_autoptr (GVariant) id = g_dbus_connection_call_sync (
      fixture->user, "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "GetId", NULL, NULL, 0, -1, NULL, NULL);

  g_assert_nonnull (id);
  return subscription;
}

static gboolean
heard_end (gpointer data)
{
  return strstr (((Fixture *) data)->heard->str, "completed") != NULL;
}

static gboolean
heard_removal (gpointer data)
{
  return strstr (((Fixture *) data)->heard->str, "removed") != NULL;
}

/* Everything about a job is there when it appears; it ends in the right order, stays, and goes. */
static void
test_life (void)
{
  Fixture fixture;
  g_autoptr (GError) error = g_error_new_literal (LIVE_ERROR, LIVE_ERROR_NO_MEMORY, "512 MiB are missing");
  g_autoptr (LiveJob) job = NULL;
  g_autofree char *path = NULL;
  g_autofree char *objects = NULL;
  g_autoptr (GPtrArray) rest = NULL;
  g_auto (Answer) before = { 0 };
  g_auto (Answer) after = { 0 };
  g_auto (Answer) gone = { 0 };
  guint subscription = 0;

  set_up (&fixture, rules, 1);
  subscription = listen (&fixture);
  job = live_job_new (LIVE_JOB_CREATE_RAM_POOL, "ram1");
  live_job_set_step (job, LIVE_JOB_STEP_FORMAT);
  live_job_set_cancellable (job, TRUE);
  live_system_add_job (fixture.system, job);
  path = live_jobs_dup_path (job);
  g_assert_cmpstr (path, ==, FIRST);

  call (&fixture, fixture.user, LIVE_OBJECT_ROOT, OBJECT_MANAGER, "GetManagedObjects", NULL, &before);
  g_assert_cmpstr (before.error, ==, NULL);
  objects = g_variant_print (before.value, FALSE);
  g_assert_nonnull (strstr (objects, "'" FIRST "': {'" JOB "': {'Kind': <'create-ram-pool'>, 'Subject': <'ram1'>, "
                                     "'Step': <'format'>, 'Progress': <-1.0>, 'Cancellable': <true>, "
                                     "'Finished': <false>, 'ErrorName': <''>, 'ErrorMessage': <''>}}"));

  g_string_truncate (fixture.heard, 0);
  live_job_finish (job, error);
  g_assert_true (live_test_wait (heard_end, &fixture, 10));
  g_assert_cmpstr (fixture.heard->str, ==,
                   "finished completed(false, 'org.qubes.Live1.Error.NoMemory', '512 MiB are missing') ");
  call (&fixture, fixture.user, FIRST, PROPERTIES, "Get", g_variant_new ("(ss)", JOB, "ErrorName"), &after);
  g_assert_cmpstr (after.error, ==, NULL);
  g_assert_true (live_test_wait (heard_removal, &fixture, 10));
  rest = live_system_list_jobs (fixture.system);
  g_assert_cmpuint (rest->len, ==, 0);
  call (&fixture, fixture.user, FIRST, PROPERTIES, "Get", g_variant_new ("(ss)", JOB, "ErrorName"), &gone);
  g_assert_nonnull (gone.error);

  g_dbus_connection_signal_unsubscribe (fixture.user, subscription);
  tear_down (&fixture);
}

/* What there was before the helper came onto the bus. */
static void
test_earlier (void)
{
  Fixture fixture;
  g_autoptr (LiveJob) running = live_job_new (LIVE_JOB_DESTROY_POOL, "ram1");
  g_autoptr (LiveJob) ended = live_job_new (LIVE_JOB_DESTROY_POOL, "ram2");
  g_auto (Answer) answer = { 0 };
  g_autofree char *text = NULL;

  set_up (&fixture, rules, 60);
  g_object_unref (fixture.jobs);
  live_system_add_job (fixture.system, running);
  live_system_add_job (fixture.system, ended);
  live_job_finish (ended, NULL);
  fixture.jobs = live_jobs_new (fixture.system, fixture.authority, fixture.objects, 60);
  call (&fixture, fixture.user, LIVE_OBJECT_ROOT "/job/2", PROPERTIES, "Get", g_variant_new ("(ss)", JOB, "Finished"),
        &answer);
  g_assert_cmpstr (answer.error, ==, NULL);
  text = g_variant_print (answer.value, FALSE);
  g_assert_cmpstr (text, ==, "(<true>,)");
  tear_down (&fixture);
}

/* Who may begin a job may cancel it, and nobody else. */
static void
test_cancel (void)
{
  static const struct
  {
    const char *kind;
    const char *subject;
    const char *action; /* NULL: that of the kind */
    const char *detail;
    gboolean cancellable;
    const char *error;
  } rows[] = {
    { LIVE_JOB_CREATE_RAM_POOL, "ram1", NULL, NULL, TRUE, NULL },
    { LIVE_JOB_CREATE_RAM_POOL, "ram1", NULL, NULL, FALSE, "org.qubes.Live1.Error.NotSupported" },
    { LIVE_JOB_CREATE_RAM_POOL, "ram2", NULL, NULL, TRUE, "org.qubes.Live1.Error.NotAuthorized" },
    /* Not even whether it could be. */
    { LIVE_JOB_CREATE_RAM_POOL, "ram2", NULL, NULL, FALSE, "org.qubes.Live1.Error.NotAuthorized" },
    { LIVE_JOB_RUN_RAM_QUBE, "work", NULL, NULL, TRUE, NULL },
    { LIVE_JOB_RUN_RAM_QUBE, "ram1", NULL, NULL, TRUE, "org.qubes.Live1.Error.NotAuthorized" },
    { LIVE_JOB_RUN_RAM_QUBE, "ram1", "manage-pool", "pool", TRUE, NULL },
    { LIVE_JOB_CREATE_RAM_POOL, "ram1", "wipe-now", "pool", TRUE, "org.qubes.Live1.Error.NotAuthorized" },
  };
  Fixture fixture;

  set_up (&fixture, rules, 60);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (LiveJob) job = live_job_new (rows[i].kind, rows[i].subject);
      g_autofree char *path = NULL;
      g_auto (Answer) answer = { 0 };

      g_test_message ("%u: %s %s", (guint) i, rows[i].kind, rows[i].subject);
      if (rows[i].action != NULL)
        live_job_set_action (job, rows[i].action, rows[i].detail);
      live_job_set_cancellable (job, rows[i].cancellable);
      live_system_add_job (fixture.system, job);
      path = live_jobs_dup_path (job);
      call (&fixture, fixture.user, path, JOB, "Cancel", NULL, &answer);
      g_assert_cmpstr (answer.error, ==, rows[i].error);
      g_assert_cmpint (g_cancellable_is_cancelled (live_job_get_cancel (job)), ==, rows[i].error == NULL);
    }
  tear_down (&fixture);
}

/* The news is there before the answer. */
static void
test_cancel_order (void)
{
  Fixture fixture;
  g_autoptr (LiveJob) job = live_job_new (LIVE_JOB_CREATE_RAM_POOL, "ram1");
  g_auto (Answer) answer = { 0 };
  guint subscription = 0;

  set_up (&fixture, rules, 60);
  live_job_set_cancellable (job, TRUE);
  live_system_add_job (fixture.system, job);
  subscription = listen (&fixture);
  call (&fixture, fixture.user, FIRST, JOB, "Cancel", NULL, &answer);
  g_assert_cmpstr (answer.error, ==, NULL);
  g_assert_cmpstr (fixture.heard->str, ==, "not-cancellable answer ");
  g_dbus_connection_signal_unsubscribe (fixture.user, subscription);
  tear_down (&fixture);
}

/* Reading a job is looking, as with everything else. */
static void
test_view (void)
{
  static const struct
  {
    const char *path;
    const char *interface;
    const char *method;
    const char *arguments;
  } reads[] = {
    { FIRST, PROPERTIES, "Get", "('org.qubes.Live1.Job', 'Subject')" },
    { FIRST, PROPERTIES, "GetAll", "('org.qubes.Live1.Job',)" },
    { FIRST, "org.freedesktop.DBus.Introspectable", "Introspect", NULL },
    { LIVE_OBJECT_ROOT "/job", "org.freedesktop.DBus.Introspectable", "Introspect", NULL },
    { LIVE_OBJECT_ROOT, OBJECT_MANAGER, "GetManagedObjects", NULL },
  };
  const char *const both_rules[] = { rules, "polkit.addRule(function() { return polkit.Result.NO; });\n" };

  for (guint refused = 0; refused < G_N_ELEMENTS (both_rules); refused++)
    {
      g_autoptr (LiveJob) job = live_job_new (LIVE_JOB_RUN_RAM_QUBE, "work");
      Fixture fixture;

      set_up (&fixture, both_rules[refused], 60);
      live_system_add_job (fixture.system, job);
      for (gsize i = 0; i < G_N_ELEMENTS (reads); i++)
        {
          const char *arguments = reads[i].arguments;

          /* The first is answered by the filter, the second by GDBus. */
          for (guint turn = 0; turn < 2; turn++)
            {
              g_auto (Answer) answer = { 0 };

              call (&fixture, fixture.user, reads[i].path, reads[i].interface, reads[i].method,
                    arguments != NULL ? g_variant_new_parsed (arguments) : NULL, &answer);
              g_assert_cmpstr (answer.error, ==, refused ? "org.qubes.Live1.Error.NotAuthorized" : NULL);
            }
        }
      tear_down (&fixture);
    }
}

static void
test_skipped (void)
{
  g_test_skip ("needs root, and namespaces");
}

int
main (int argc, char **argv)
{
  gboolean able = live_test_bed_init ();

  g_test_init (&argc, &argv, NULL);
  if (!able)
    {
      g_test_add_func ("/jobs", test_skipped);
      return g_test_run ();
    }
  g_test_add_func ("/jobs/life", test_life);
  g_test_add_func ("/jobs/earlier", test_earlier);
  g_test_add_func ("/jobs/cancel", test_cancel);
  g_test_add_func ("/jobs/cancel-order", test_cancel_order);
  g_test_add_func ("/jobs/view", test_view);
  return g_test_run ();
}
