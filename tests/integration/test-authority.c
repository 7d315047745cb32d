/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bus/authority.h"
#include "model/error.h"

#include "test-agent.h"
#include "test-bed.h"

#include <signal.h>
#include <string.h>

/* The bed, and the connection that the gate asks over: the helper's, as it were. */
typedef struct
{
  LiveTestBed *bed;
  GDBusConnection *service;
  LiveAuthority *authority;
  guint counter;
  gint n_changes; /* atomic: counted in GDBus' thread */
} Fixture;

typedef struct
{
  gboolean done;
  gboolean authorized;
  GError *error;
} Answer;

static const char rules[] = "polkit.addRule(function(action, subject) {\n"
                            "  if (action.id == 'org.qubes.Live1.set-policy' && action.lookup('qube') == 'work')\n"
                            "    return polkit.Result.YES;\n"
                            "  if (action.id == 'org.qubes.Live1.manage-pool' && action.lookup('pool') == 'ram1'\n"
                            "      && action.lookup('volume') == 'volatile' && subject.user == 'live-test-user')\n"
                            "    return polkit.Result.YES;\n"
                            "  if (action.id == 'org.qubes.Live1.wipe-now')\n"
                            "    return polkit.Result.NO;\n"
                            "});\n";

static GDBusMessage *
count_changes (GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer data)
{
  if (incoming && live_authority_is_change (message))
    g_atomic_int_inc ((gint *)data);
  return message;
}

static void
set_up (Fixture *fixture, gboolean without_polkitd)
{
  const LiveTestBedOptions options
      = { .without_dom0 = TRUE, .without_helper = TRUE, .without_polkitd = without_polkitd, .polkit_rules = rules };

  fixture->bed = live_test_bed_new (&options);
  fixture->service = live_test_bed_connect (fixture->bed, 0);
  fixture->authority = live_authority_new (fixture->service);
  fixture->n_changes = 0;
  fixture->counter = g_dbus_connection_add_filter (fixture->service, count_changes, &fixture->n_changes, NULL);
}

static gboolean
is_null (gpointer data)
{
  return *(gpointer *)data == NULL;
}

static void
tear_down (Fixture *fixture)
{
  gpointer authority = fixture->authority;

  /* GDBus lets go of the last references from the main context. */
  g_object_add_weak_pointer (authority, &authority);
  g_object_unref (fixture->authority);
  g_assert_true (live_test_wait (is_null, &authority, 5));
  g_dbus_connection_remove_filter (fixture->service, fixture->counter);
  g_dbus_connection_close_sync (fixture->service, NULL, NULL);
  g_object_unref (fixture->service);
  live_test_bed_free (fixture->bed);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  Answer *answer = data;

  answer->authorized = live_authority_check_finish (LIVE_AUTHORITY (source), result, &answer->error);
  answer->done = TRUE;
}

static gboolean
is_answered (gpointer data)
{
  return ((Answer *)data)->done;
}

/* The answer must be yes; or no, in the right way. */
static void
expect (Answer *answer, gboolean authorized, int code)
{
  g_assert_true (live_test_wait (is_answered, answer, 15));
  g_assert_cmpint (answer->authorized, ==, authorized);
  if (authorized)
    g_assert_no_error (answer->error);
  else
    g_assert_error (answer->error, LIVE_ERROR, code);
  g_clear_error (&answer->error);
}

static GVariant *
new_details (const char *const *pairs)
{
  GVariantBuilder details;

  if (pairs[0] == NULL)
    return NULL;
  g_variant_builder_init (&details, G_VARIANT_TYPE ("a{ss}"));
  for (guint i = 0; pairs[i] != NULL; i += 2)
    g_variant_builder_add (&details, "{ss}", pairs[i], pairs[i + 1]);
  return g_variant_builder_end (&details);
}

static void
ask (Fixture *fixture,
     GDBusConnection *caller,
     const char *action,
     GVariant *details,
     gboolean interactive,
     GCancellable *cancellable,
     Answer *answer)
{
  live_authority_check_async (fixture->authority, g_dbus_connection_get_unique_name (caller), action, details,
                              interactive, cancellable, on_answer, answer);
}

static void
leave (GDBusConnection *caller)
{
  g_dbus_connection_close_sync (caller, NULL, NULL);
  g_object_unref (caller);
}

static void
test_answers (void)
{
  static const struct
  {
    guint uid;
    const char *action;
    const char *details[5];
    gboolean authorized;
  } cases[] = {
    { 0, "view", { NULL }, TRUE },
    { 0, "wipe-now", { NULL }, TRUE },
    { LIVE_TEST_USER_UID, "view", { NULL }, FALSE },
    { LIVE_TEST_USER_UID, "set-policy", { NULL }, FALSE },
    { LIVE_TEST_USER_UID, "set-policy", { "qube", "work" }, TRUE },
    { LIVE_TEST_USER_UID, "set-policy", { "qube", "work2" }, FALSE },
    { LIVE_TEST_USER_UID, "set-policy", { "pool", "work" }, FALSE },
    { LIVE_TEST_STRANGER_UID, "set-policy", { "qube", "work" }, TRUE },
    { LIVE_TEST_USER_UID, "manage-pool", { "pool", "ram1", "volume", "volatile" }, TRUE },
    { LIVE_TEST_USER_UID, "manage-pool", { "pool", "ram1" }, FALSE },
    { LIVE_TEST_STRANGER_UID, "manage-pool", { "pool", "ram1", "volume", "volatile" }, FALSE },
    { LIVE_TEST_USER_UID, "wipe-now", { NULL }, FALSE },
    { LIVE_TEST_USER_UID, "no-such-action", { NULL }, FALSE },
    /* Not even root: polkitd does not know what it is asked about. */
    { 0, "no-such-action", { NULL }, FALSE },
    /* Every action of the program is known to polkit, so that root gets a yes. */
    { 0, "set-policy", { NULL }, TRUE },
    { 0, "open-window", { NULL }, TRUE },
    { 0, "manage-qube", { NULL }, TRUE },
    { 0, "manage-pool", { NULL }, TRUE },
    { 0, "schedule-wipe", { NULL }, TRUE },
    { 0, "clean-traces", { NULL }, TRUE },
    { 0, "manage-boot", { NULL }, TRUE },
  };
  Fixture fixture;

  set_up (&fixture, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GDBusConnection *caller = live_test_bed_connect (fixture.bed, cases[i].uid);
      Answer answer = { 0 };

      g_test_message ("%u: uid %u, %s", i, cases[i].uid, cases[i].action);
      ask (&fixture, caller, cases[i].action, new_details (cases[i].details), FALSE, NULL, &answer);
      expect (&answer, cases[i].authorized, LIVE_ERROR_NOT_AUTHORIZED);
      leave (caller);
    }
  tear_down (&fixture);
}

static void
test_senders (void)
{
  /* No name, a name that anybody could come to own, a name that no one has, no name at all. */
  static const char *const senders[] = { NULL, "org.freedesktop.DBus", ":1.99999", "" };
  Fixture fixture;

  set_up (&fixture, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (senders); i++)
    for (guint interactive = 0; interactive < 2; interactive++)
      {
        Answer answer = { 0 };

        live_authority_check_async (fixture.authority, senders[i], "view", NULL, interactive, NULL, on_answer, &answer);
        expect (&answer, FALSE, LIVE_ERROR_NOT_AUTHORIZED);
      }
  tear_down (&fixture);
}

static void
test_polkit_absent (void)
{
  Fixture fixture;
  GDBusConnection *root = NULL;

  set_up (&fixture, TRUE);
  root = live_test_bed_connect (fixture.bed, 0);
  for (guint interactive = 0; interactive < 2; interactive++)
    {
      Answer answer = { 0 };

      ask (&fixture, root, "view", NULL, interactive, NULL, &answer);
      expect (&answer, FALSE, LIVE_ERROR_NOT_AUTHORIZED);
    }
  leave (root);
  tear_down (&fixture);
}

/* polkitd is stopped in its tracks, asked, and killed: the bus answers in its place. */
static void
test_polkit_dies (void)
{
  Fixture fixture;
  GDBusConnection *root = NULL;
  Answer plain = { 0 };
  Answer interactive = { 0 };
  Answer later = { 0 };

  set_up (&fixture, FALSE);
  root = live_test_bed_connect (fixture.bed, 0);
  g_assert_cmpint (kill (live_test_bed_get_polkitd_pid (fixture.bed), SIGSTOP), ==, 0);
  ask (&fixture, root, "view", NULL, FALSE, NULL, &plain);
  ask (&fixture, root, "view", NULL, TRUE, NULL, &interactive);
  live_test_bed_kill_polkitd (fixture.bed);
  expect (&plain, FALSE, LIVE_ERROR_NOT_AUTHORIZED);
  expect (&interactive, FALSE, LIVE_ERROR_NOT_AUTHORIZED);
  g_assert_cmpint (g_atomic_int_get (&fixture.n_changes), >, 0);

  live_test_bed_start_polkitd (fixture.bed);
  ask (&fixture, root, "view", NULL, FALSE, NULL, &later);
  expect (&later, TRUE, 0);
  leave (root);
  tear_down (&fixture);
}

static void
test_polkit_hangs (void)
{
  Fixture fixture;
  GDBusConnection *root = NULL;
  Answer answer = { 0 };
  GPid polkitd = 0;
  gint64 start = 0;

  set_up (&fixture, FALSE);
  root = live_test_bed_connect (fixture.bed, 0);
  polkitd = live_test_bed_get_polkitd_pid (fixture.bed);
  g_assert_cmpint (kill (polkitd, SIGSTOP), ==, 0);
  start = g_get_monotonic_time ();
  ask (&fixture, root, "view", NULL, FALSE, NULL, &answer);
  expect (&answer, FALSE, LIVE_ERROR_NOT_AUTHORIZED);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 12 * G_USEC_PER_SEC);
  g_assert_cmpint (kill (polkitd, SIGCONT), ==, 0);
  leave (root);
  tear_down (&fixture);
}

static void
test_dialog (void)
{
  Fixture fixture;
  GDBusConnection *user = NULL;
  LiveTestAgent *agent = NULL;
  const char *const vault[] = { "qube", "vault", NULL };
  Answer unasked = { 0 };
  Answer dismissed = { 0 };
  Answer right = { 0 };
  Answer again = { 0 };

  set_up (&fixture, FALSE);
  user = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
  agent = live_test_agent_new (fixture.bed, LIVE_TEST_USER_UID);

  /* A caller that did not say that a person may be asked: nobody is. */
  ask (&fixture, user, "set-policy", new_details (vault), FALSE, NULL, &unasked);
  expect (&unasked, FALSE, LIVE_ERROR_NOT_AUTHORIZED);
  g_assert_cmpuint (live_test_agent_get_n_begun (agent), ==, 0);

  ask (&fixture, user, "set-policy", new_details (vault), TRUE, NULL, &dismissed);
  g_assert_true (live_test_agent_wait_begun (agent, 1));
  g_assert_false (dismissed.done);
  g_assert_cmpstr (live_test_agent_get_message (agent), ==,
                   "Authentication is required to set what the qube vault leaves behind");
  live_test_agent_answer (agent, FALSE);
  expect (&dismissed, FALSE, LIVE_ERROR_NOT_AUTHORIZED);

  ask (&fixture, user, "set-policy", new_details (vault), TRUE, NULL, &right);
  g_assert_true (live_test_agent_wait_begun (agent, 2));
  live_test_agent_answer (agent, TRUE);
  expect (&right, TRUE, 0);

  /* Outside an active session the answer is not kept. */
  ask (&fixture, user, "set-policy", new_details (vault), FALSE, NULL, &again);
  expect (&again, FALSE, LIVE_ERROR_NOT_AUTHORIZED);

  live_test_agent_free (agent);
  leave (user);
  tear_down (&fixture);
}

static void
test_sender_leaves (void)
{
  Fixture fixture;
  GDBusConnection *user = NULL;
  LiveTestAgent *agent = NULL;
  Answer answer = { 0 };

  set_up (&fixture, FALSE);
  user = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
  agent = live_test_agent_new (fixture.bed, LIVE_TEST_USER_UID);
  ask (&fixture, user, "manage-boot", NULL, TRUE, NULL, &answer);
  g_assert_true (live_test_agent_wait_begun (agent, 1));
  leave (user);
  expect (&answer, FALSE, LIVE_ERROR_NOT_AUTHORIZED);
  g_assert_true (live_test_agent_wait_cancelled (agent, 1));
  live_test_agent_free (agent);
  tear_down (&fixture);
}

/* As before, but polkitd, which hangs, cannot be who notices. */
static void
test_sender_leaves_while_polkit_hangs (void)
{
  Fixture fixture;
  GDBusConnection *user = NULL;
  Answer answer = { 0 };
  GPid polkitd = 0;

  set_up (&fixture, FALSE);
  user = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
  polkitd = live_test_bed_get_polkitd_pid (fixture.bed);
  g_assert_cmpint (kill (polkitd, SIGSTOP), ==, 0);
  ask (&fixture, user, "manage-boot", NULL, TRUE, NULL, &answer);
  leave (user);
  expect (&answer, FALSE, LIVE_ERROR_NOT_AUTHORIZED);
  g_assert_cmpint (kill (polkitd, SIGCONT), ==, 0);
  tear_down (&fixture);
}

static void
test_cancel (void)
{
  Fixture fixture;
  GDBusConnection *user = NULL;
  LiveTestAgent *agent = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Answer shown = { 0 };
  Answer before = { 0 };
  Answer plain = { 0 };

  set_up (&fixture, FALSE);
  user = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
  agent = live_test_agent_new (fixture.bed, LIVE_TEST_USER_UID);
  ask (&fixture, user, "manage-boot", NULL, TRUE, cancellable, &shown);
  g_assert_true (live_test_agent_wait_begun (agent, 1));
  g_cancellable_cancel (cancellable);
  expect (&shown, FALSE, LIVE_ERROR_CANCELLED);
  /* The caller is still there: that the dialog closes is our doing. */
  g_assert_true (live_test_agent_wait_cancelled (agent, 1));

  ask (&fixture, user, "manage-boot", NULL, TRUE, cancellable, &before);
  ask (&fixture, live_test_bed_get_bus (fixture.bed), "view", NULL, FALSE, cancellable, &plain);
  expect (&before, FALSE, LIVE_ERROR_CANCELLED);
  expect (&plain, FALSE, LIVE_ERROR_CANCELLED);
  live_test_agent_free (agent);
  leave (user);
  tear_down (&fixture);
}

/* Many at once, each with an answer of its own. */
static void
test_many (void)
{
  Fixture fixture;
  GDBusConnection *user = NULL;
  Answer answers[60] = { 0 };
  const char *const work[] = { "qube", "work", NULL };
  const char *const vault[] = { "qube", "vault", NULL };

  set_up (&fixture, FALSE);
  user = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    ask (&fixture, user, "set-policy", new_details (i % 2 == 0 ? work : vault), i % 3 == 0, NULL, &answers[i]);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    expect (&answers[i], i % 2 == 0, LIVE_ERROR_NOT_AUTHORIZED);
  leave (user);
  tear_down (&fixture);
}

static gboolean
has_changed (gpointer data)
{
  return g_atomic_int_get (&((Fixture *)data)->n_changes) > 0;
}

static void
test_changed (void)
{
  Fixture fixture;

  set_up (&fixture, FALSE);
  g_atomic_int_set (&fixture.n_changes, 0);
  live_test_bed_set_polkit_rules (fixture.bed, "// none\n");
  g_assert_true (live_test_wait (has_changed, &fixture, 10));
  g_atomic_int_set (&fixture.n_changes, 0);
  live_test_bed_stop_polkitd (fixture.bed);
  g_assert_true (live_test_wait (has_changed, &fixture, 10));
  tear_down (&fixture);
}

/* The example rules, before the one of a stock dom0 that says yes to everything. */
static void
test_example_rules (void)
{
  static const char stock[] = "polkit.addRule(function(action,subject) { return polkit.Result.YES; });\n";
  static const char *const actions[] = { "view", "set-policy", "manage-boot" };
  g_autofree char *example = NULL;
  g_autofree char *both = NULL;
  g_autoptr (GError) error = NULL;
  Fixture fixture;
  GDBusConnection *user = NULL;
  LiveTestAgent *agent = NULL;

  g_file_get_contents (QUBES_LIVE_TEST_RULES, &example, NULL, &error);
  g_assert_no_error (error);
  both = g_strconcat (example, stock, NULL);
  set_up (&fixture, FALSE);
  user = live_test_bed_connect (fixture.bed, LIVE_TEST_USER_UID);
  live_test_bed_set_polkit_rules (fixture.bed, stock);
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      Answer answer = { 0 };

      ask (&fixture, user, actions[i], NULL, FALSE, NULL, &answer);
      expect (&answer, TRUE, 0);
    }

  live_test_bed_set_polkit_rules (fixture.bed, both);
  agent = live_test_agent_new (fixture.bed, LIVE_TEST_USER_UID);
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    {
      Answer answer = { 0 };

      ask (&fixture, user, actions[i], NULL, FALSE, NULL, &answer);
      expect (&answer, FALSE, LIVE_ERROR_NOT_AUTHORIZED);
    }
  {
    Answer answer = { 0 };

    ask (&fixture, user, "set-policy", NULL, TRUE, NULL, &answer);
    g_assert_true (live_test_agent_wait_begun (agent, 1));
    live_test_agent_answer (agent, TRUE);
    expect (&answer, TRUE, 0);
  }
  /* The first file wins, and files come in the order of their names. */
  {
    g_autofree char *name = g_path_get_basename (QUBES_LIVE_TEST_RULES);

    g_assert_cmpint (strcmp (name, "00-qubes-allow-all.rules"), <, 0);
  }
  live_test_agent_free (agent);
  leave (user);
  tear_down (&fixture);
}

/* The object goes away with questions under way; they keep what they need. */
static void
test_release (void)
{
  Fixture fixture;
  GDBusConnection *root = NULL;
  Answer answer = { 0 };

  set_up (&fixture, FALSE);
  root = live_test_bed_connect (fixture.bed, 0);
  ask (&fixture, root, "view", NULL, TRUE, NULL, &answer);
  g_object_unref (fixture.authority);
  expect (&answer, TRUE, 0);
  fixture.authority = live_authority_new (fixture.service);
  leave (root);
  tear_down (&fixture);
}

static void
test_skipped (void)
{
  g_test_skip ("only root can make a mount namespace");
}

int
main (int argc, char **argv)
{
  gboolean able = live_test_bed_init ();

  g_test_init (&argc, &argv, NULL);
  if (!able)
    {
      g_test_add_func ("/authority", test_skipped);
      return g_test_run ();
    }
  g_test_add_func ("/authority/answers", test_answers);
  g_test_add_func ("/authority/senders", test_senders);
  g_test_add_func ("/authority/polkit-absent", test_polkit_absent);
  g_test_add_func ("/authority/polkit-dies", test_polkit_dies);
  g_test_add_func ("/authority/polkit-hangs", test_polkit_hangs);
  g_test_add_func ("/authority/dialog", test_dialog);
  g_test_add_func ("/authority/sender-leaves", test_sender_leaves);
  g_test_add_func ("/authority/sender-leaves-while-polkit-hangs", test_sender_leaves_while_polkit_hangs);
  g_test_add_func ("/authority/cancel", test_cancel);
  g_test_add_func ("/authority/many", test_many);
  g_test_add_func ("/authority/changed", test_changed);
  g_test_add_func ("/authority/example-rules", test_example_rules);
  g_test_add_func ("/authority/release", test_release);
  return g_test_run ();
}
