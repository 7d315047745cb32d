/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "fake-qubesd.h"

#include "model/error.h"
#include "sources/qubesd-call.h"
#include "sources/qubesd-wire.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* What became of one call. */
typedef struct
{
  gboolean is_done;
  GBytes *data;
  GError *error;
  GPtrArray *order; /* when set: every end of a call is noted there */
  const char *name;
} Outcome;

static void
outcome_clear (Outcome *outcome)
{
  g_clear_pointer (&outcome->data, g_bytes_unref);
  g_clear_error (&outcome->error);
  outcome->is_done = FALSE;
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, outcome_clear)

static void
on_done (GObject *source, GAsyncResult *result, gpointer data)
{
  Outcome *outcome = data;

  g_assert_false (outcome->is_done);
  outcome->is_done = TRUE;
  outcome->data = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (source), result, &outcome->error);
  g_assert_true ((outcome->data == NULL) == (outcome->error != NULL));
  if (outcome->order != NULL)
    g_ptr_array_add (outcome->order, (gpointer)outcome->name);
}

static gboolean
outcome_is_done (gpointer data)
{
  return ((Outcome *)data)->is_done;
}

static void
call (LiveQubesdClient *client, const char *method, const char *argument, const char *destination, Outcome *outcome)
{
  live_qubesd_client_call_async (client, method, argument, destination, NULL, 0, NULL, on_done, outcome);
}

static void
assert_data (Outcome *outcome, const void *data, gsize length)
{
  g_assert_true (fake_wait (outcome_is_done, outcome));
  g_assert_no_error (outcome->error);
  g_assert_cmpmem (g_bytes_get_data (outcome->data, NULL), g_bytes_get_size (outcome->data), data, length);
}

static void
assert_fails (Outcome *outcome, LiveError code)
{
  g_assert_true (fake_wait (outcome_is_done, outcome));
  g_assert_error (outcome->error, LIVE_ERROR, (gint)code);
}

/* Handlers of the other end. */

typedef struct
{
  const void *data;
  gsize length;
} Answer;

static void
answer_fixed (FakeQubesd *server, FakeConnection *connection, GBytes *request, gpointer data)
{
  const Answer *answer = data;

  fake_connection_send (connection, answer->data, answer->length, TRUE);
}

static void
answer_echo (FakeQubesd *server, FakeConnection *connection, GBytes *request, gpointer data)
{
  gsize length = 0;
  const void *bytes = g_bytes_get_data (request, &length);

  fake_connection_send (connection, "0", 2, FALSE);
  fake_connection_send (connection, bytes, length, TRUE);
}

static void
answer_nothing (FakeQubesd *server, FakeConnection *connection, GBytes *request, gpointer data)
{
}

/* When nothing is under way, nothing wakes us up. */
static void
assert_no_timers (void)
{
  GMainContext *context = g_main_context_default ();
  gint priority = 0;
  gint timeout = 0;
  GPollFD descriptors[16];

  g_assert_true (g_main_context_acquire (context));
  g_main_context_prepare (context, &priority);
  g_main_context_query (context, G_MAXINT, &timeout, descriptors, G_N_ELEMENTS (descriptors));
  g_main_context_release (context);
  g_assert_cmpint (timeout, ==, -1);
}

static void
wait_inside (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (source), result, NULL);

  g_assert_nonnull (answer);
  g_assert_true (fake_wait (outcome_is_done, data));
}

static void
test_loop_in_callback (void)
{
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_echo, NULL);
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (server->path);
  g_auto (Outcome) second = { 0 };

  live_qubesd_client_call_async (client, "admin.vm.List", NULL, "a", NULL, 0, NULL, wait_inside, &second);
  call (client, "admin.vm.List", NULL, "b", &second);
  g_assert_true (fake_wait (outcome_is_done, &second));
  g_assert_no_error (second.error);
}

static void
test_request (void)
{
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_echo, NULL);
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (server->path);
  g_autoptr (GBytes) payload = live_qubesd_payload_new ("False");
  g_auto (Outcome) list = { 0 };
  g_auto (Outcome) set = { 0 };
  static const char list_request[] = "admin.vm.List+ dom0 name dom0\0";
  static const char set_request[] = "admin.vm.volume.Set.rw+root dom0 name app1\0False";

  call (client, "admin.vm.List", NULL, "dom0", &list);
  assert_data (&list, list_request, sizeof (list_request) - 1);
  live_qubesd_client_call_async (client, "admin.vm.volume.Set.rw", "root", "app1", payload, 0, NULL, on_done, &set);
  assert_data (&set, set_request, sizeof (set_request) - 1);
  g_assert_cmpuint (live_qubesd_client_get_requests_sent (client), ==, 2);
  g_assert_cmpuint (server->n_accepted, ==, 2);
  fake_settle ();
  assert_no_timers ();
}

static void
test_not_inside_the_call (void)
{
  Answer answer = { "0\0x", 3 };
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_fixed, &answer);
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (server->path);
  g_autoptr (LiveQubesdClient) nobody = live_qubesd_client_new ("/nonexistent/qubesd.sock");
  g_auto (Outcome) good = { 0 };
  g_auto (Outcome) bad_name = { 0 };
  g_auto (Outcome) bad_socket = { 0 };

  call (client, "admin.vm.List", NULL, "dom0", &good);
  call (client, "admin vm List", NULL, "dom0", &bad_name);
  call (nobody, "admin.vm.List", NULL, "dom0", &bad_socket);
  g_assert_false (good.is_done || bad_name.is_done || bad_socket.is_done);
  assert_data (&good, "x", 1);
  assert_fails (&bad_name, LIVE_ERROR_INVALID_ARGUMENT);
  assert_fails (&bad_socket, LIVE_ERROR_QUBESD_UNREACHABLE);
}

static void
test_split (void)
{
  static const char reply[] = "0\0app1 class=AppVM state=Halted\n";
  static const char error[] = "2\0QubesVMNotHaltedError\0\0Domain is not powered off: 'app1'";
  Answer answer = { 0 };
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_fixed, &answer);
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (server->path);

  for (server->chunk = 1; server->chunk <= sizeof (error); server->chunk++)
    {
      g_auto (Outcome) outcome = { 0 };

      answer = (Answer){ reply, sizeof (reply) - 1 };
      call (client, "admin.vm.List", NULL, "dom0", &outcome);
      assert_data (&outcome, reply + 2, sizeof (reply) - 3);
      outcome_clear (&outcome);

      answer = (Answer){ error, sizeof (error) };
      call (client, "admin.vm.volume.Set.rw", "root", "app1", &outcome);
      assert_fails (&outcome, LIVE_ERROR_NOT_HALTED);
      g_assert_cmpstr (outcome.error->message, ==, "QubesVMNotHaltedError: Domain is not powered off: 'app1'");
    }
}

static void
test_cut (void)
{
  static const char error[] = "2\0QubesVMNotHaltedError\0\0Domain is not powered off: 'app1'";
  Answer answer = { error, 0 };
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_fixed, &answer);
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (server->path);

  for (answer.length = 0; answer.length < sizeof (error); answer.length++)
    {
      g_auto (Outcome) outcome = { 0 };

      call (client, "admin.vm.volume.Set.rw", "root", "app1", &outcome);
      assert_fails (&outcome, LIVE_ERROR_PROTOCOL);
      if (answer.length == 0)
        {
          g_assert_nonnull (strstr (outcome.error->message, "admin.vm.volume.Set.rw"));
          g_assert_nonnull (strstr (outcome.error->message, "app1"));
          g_assert_nonnull (strstr (outcome.error->message, "refused the request without a reason"));
        }
    }
}

static void
test_garbage (void)
{
  static const Answer answers[] = {
    { "0", 1 },
    { "\0", 1 },
    { "00", 2 },
    { "3\0x", 3 },
    { "1\0\0connection-established\0\0", 25 },
    { "hello", 5 },
    { "2\0\0\0\0", 5 },
    { "2\0Type\0\0", 8 },
    { "2\0bad type!\0\0message\0", 21 },
    { "\xff\xff\xff\xff", 4 },
  };
  Answer answer = { 0 };
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_fixed, &answer);
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (server->path);
  g_auto (Outcome) empty = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_auto (Outcome) outcome = { 0 };

      answer = answers[i];
      call (client, "admin.vm.List", NULL, "dom0", &outcome);
      assert_fails (&outcome, LIVE_ERROR_PROTOCOL);
    }
  answer = (Answer){ "0", 2 };
  call (client, "admin.vm.List", NULL, "dom0", &empty);
  assert_data (&empty, "", 0);
}

static void
test_errors (void)
{
  static const struct
  {
    const char *frame; /* ‘|’ stands for NUL */
    LiveError code;
    const char *message;
  } cases[] = {
    { "QubesVMNotHaltedError||Domain is not powered off: 'a'|", LIVE_ERROR_NOT_HALTED,
      "QubesVMNotHaltedError: Domain is not powered off: 'a'" },
    { "QubesVMNotFoundError||No such domain: 'a'|", LIVE_ERROR_NOT_FOUND, "QubesVMNotFoundError: No such domain: 'a'" },
    { "QubesLabelNotFoundError||x|", LIVE_ERROR_NOT_FOUND, "QubesLabelNotFoundError: x" },
    { "QubesFeatureNotFoundError||x|", LIVE_ERROR_NOT_FOUND, "QubesFeatureNotFoundError: x" },
    { "QubesTagNotFoundError||x|", LIVE_ERROR_NOT_FOUND, "QubesTagNotFoundError: x" },
    { "QubesNoSuchPropertyError||x|", LIVE_ERROR_NOT_FOUND, "QubesNoSuchPropertyError: x" },
    { "QubesPoolInUseError||x|", LIVE_ERROR_IN_USE, "QubesPoolInUseError: x" },
    { "QubesVMInUseError||x|", LIVE_ERROR_IN_USE, "QubesVMInUseError: x" },
    { "QubesNotImplementedError||x|", LIVE_ERROR_NOT_SUPPORTED, "QubesNotImplementedError: x" },
    { "QubesMemoryError||x|", LIVE_ERROR_NO_MEMORY, "QubesMemoryError: x" },
    { "PermissionDenied||x|", LIVE_ERROR_PROTOCOL, "PermissionDenied: x" },
    { "ProtocolError||x|", LIVE_ERROR_PROTOCOL, "ProtocolError: x" },
    { "QubesVMNotStartedError||x|", LIVE_ERROR_QUBESD_ERROR, "QubesVMNotStartedError: x" },
    { "QubesVMNotRunningError||x|", LIVE_ERROR_QUBESD_ERROR, "QubesVMNotRunningError: x" },
    { "QubesValueError|Traceback:\n  File …\n|x|", LIVE_ERROR_QUBESD_ERROR, "QubesValueError: x" },
    { "QubesValueError|||", LIVE_ERROR_QUBESD_ERROR, "QubesValueError: " },
    { "QubesValueError||100 % of %s %n|", LIVE_ERROR_QUBESD_ERROR, "QubesValueError: 100 % of %s %n" },
    { "QubesValueError||%s and %r, %d%%|a|b%s|7|", LIVE_ERROR_QUBESD_ERROR, "QubesValueError: a and b%s, 7%" },
    { "QubesValueError||%s and %s|a|", LIVE_ERROR_QUBESD_ERROR, "QubesValueError: a and %s" },
    { "QubesValueError||nothing|a|", LIVE_ERROR_QUBESD_ERROR, "QubesValueError: nothing; a" },
    { "QubesValueError||ends with %|a|", LIVE_ERROR_QUBESD_ERROR, "QubesValueError: ends with %; a" },
    { "QubesValueError||two\nlines\x1b[31m|", LIVE_ERROR_QUBESD_ERROR, "QubesValueError: two lines [31m" },
    { "QubesValueError||\xff|", LIVE_ERROR_QUBESD_ERROR, "QubesValueError: \xef\xbf\xbd" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *frame = g_strdelimit (g_strdup (cases[i].frame), "|", '\x01');
      g_autoptr (GError) error = NULL;
      g_autofree char *type = g_strndup (cases[i].frame, strcspn (cases[i].frame, "|"));
      gsize length = strlen (frame);

      for (gsize at = 0; at < length; at++)
        {
          if (frame[at] == '\x01')
            frame[at] = '\0';
        }
      error = live_qubesd_error_new ((const guint8 *)frame, length);
      g_assert_error (error, LIVE_ERROR, (gint)cases[i].code);
      g_assert_cmpstr (error->message, ==, cases[i].message);
      g_assert_true (live_qubesd_error_is (error, type));
      g_assert_false (live_qubesd_error_is (error, "Qubes"));
    }
  g_assert_false (live_qubesd_error_is (NULL, "QubesValueError"));
}

static void
test_long_error (void)
{
  g_autoptr (GString) frame = g_string_new ("QubesValueError");
  g_autoptr (GError) error = NULL;
  g_autoptr (GError) of_nuls = NULL;
  guint8 nuls[100000] = { 'T', 0 };

  g_string_append_len (frame, "\0\0", 2);
  for (guint i = 0; i < 10000; i++)
    g_string_append (frame, "ä");
  error = live_qubesd_error_new ((const guint8 *)frame->str, frame->len + 1);
  g_assert_error (error, LIVE_ERROR, LIVE_ERROR_QUBESD_ERROR);
  g_assert_cmpuint (strlen (error->message), <=, 1024);
  g_assert_cmpuint (strlen (error->message), >, 1000);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  of_nuls = live_qubesd_error_new (nuls, sizeof (nuls));
  g_assert_cmpuint (strlen (of_nuls->message), <, 200);
}

static void
test_hostile_names (void)
{
  static const struct
  {
    const char *method, *argument, *destination;
    gboolean is_good;
  } cases[] = {
    { "admin.vm.List", NULL, "dom0", TRUE },
    { "admin.vm.List", "", "dom0", TRUE },
    { "admin.vm.CreateInPool.AppVM", "debian-12", "dom0", TRUE },
    { "admin.vm.feature.Get", "live.policy", "my-qube_1.2", TRUE },
    { "admin.vm.feature.Get", "bad/name", "a", TRUE },
    { "admin.vm.feature.Get", "a+b", "a", TRUE },
    { "", NULL, "dom0", FALSE },
    { "admin.vm.Remove+x", NULL, "dom0", FALSE },
    { "admin.vm.List dom0 name dom0", NULL, "dom0", FALSE },
    { "admin.vm.List\n", NULL, "dom0", FALSE },
    { "admin.vm.L\xc3\xafst", NULL, "dom0", FALSE },
    { "admin.vm.feature.Get", "a b", "a", FALSE },
    { "admin.vm.feature.Get", "a\n", "a", FALSE },
    { "admin.vm.feature.Get", "\t", "a", FALSE },
    { "admin.vm.feature.Get", "a\x7f", "a", FALSE },
    { "admin.vm.feature.Get", "\xc3\xa4", "a", FALSE },
    { "admin.vm.List", NULL, "", FALSE },
    { "admin.vm.List", NULL, "a b", FALSE },
    { "admin.vm.List", NULL, "a\n", FALSE },
    { "admin.vm.List", NULL, "a+b", FALSE },
    { "admin.vm.List", NULL, "../a", FALSE },
    { "admin.vm.List", NULL, "@adminvm", FALSE },
    { "admin.vm.List", NULL, "\xc3\xa4", FALSE },
    { "admin.vm.List", NULL, "a123456789012345678901234567890123456789012345678901234567890123456789", FALSE },
  };
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_echo, NULL);
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (server->path);
  guint n_good = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Outcome) outcome = { 0 };

      call (client, cases[i].method, cases[i].argument, cases[i].destination, &outcome);
      g_assert_true (fake_wait (outcome_is_done, &outcome));
      if (cases[i].is_good)
        {
          g_assert_no_error (outcome.error);
          n_good++;
        }
      else
        {
          g_assert_error (outcome.error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT);
          g_assert_true (g_utf8_validate (outcome.error->message, -1, NULL));
        }
    }
  g_assert_cmpuint (n_good, >, 0);
  g_assert_cmpuint (live_qubesd_client_get_requests_sent (client), ==, n_good);
  g_assert_cmpuint (server->n_accepted, ==, n_good);
}

static void
test_request_size (void)
{
  static const char header[] = "admin.vm.feature.Set+big dom0 name app1";
  gsize room = LIVE_QUBESD_REQUEST_MAX - sizeof (header);
  g_autofree char *text = g_strnfill (room + 1, 'a');
  g_autoptr (GBytes) fitting = g_bytes_new (text, room);
  g_autoptr (GBytes) too_long = g_bytes_new (text, room + 1);
  g_autofree char *long_argument = g_strnfill (LIVE_QUBESD_REQUEST_MAX, 'a');
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_echo, NULL);
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (server->path);
  g_auto (Outcome) good = { 0 };
  g_auto (Outcome) bad = { 0 };
  g_auto (Outcome) bad_argument = { 0 };

  live_qubesd_client_call_async (client, "admin.vm.feature.Set", "big", "app1", too_long, 0, NULL, on_done, &bad);
  assert_fails (&bad, LIVE_ERROR_INVALID_ARGUMENT);
  call (client, "admin.vm.feature.Get", long_argument, "app1", &bad_argument);
  assert_fails (&bad_argument, LIVE_ERROR_INVALID_ARGUMENT);
  g_assert_cmpuint (live_qubesd_client_get_requests_sent (client), ==, 0);
  live_qubesd_client_call_async (client, "admin.vm.feature.Set", "big", "app1", fitting, 0, NULL, on_done, &good);
  g_assert_true (fake_wait (outcome_is_done, &good));
  g_assert_no_error (good.error);
  g_assert_cmpuint (g_bytes_get_size (good.data), ==, LIVE_QUBESD_REQUEST_MAX);
}

static void
test_answer_size (void)
{
  gsize length = 16 * 1024 * 1024;
  g_autofree char *text = g_malloc0 (length + 1);
  Answer answer = { text, length };
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_fixed, &answer);
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (server->path);
  g_auto (Outcome) good = { 0 };
  g_auto (Outcome) bad = { 0 };

  text[0] = '0';
  call (client, "admin.vm.List", NULL, "dom0", &good);
  g_assert_true (fake_wait (outcome_is_done, &good));
  g_assert_no_error (good.error);
  g_assert_cmpuint (g_bytes_get_size (good.data), ==, length - 2);
  answer.length = length + 1;
  call (client, "admin.vm.List", NULL, "dom0", &bad);
  assert_fails (&bad, LIVE_ERROR_PROTOCOL);
}

static void
test_unreachable (void)
{
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_nothing, NULL);
  g_autofree char *stale = g_build_filename (server->directory, "stale.sock", NULL);
  g_autofree char *endless = g_strnfill (200, 'x');
  const char *const paths[] = { "/nonexistent/qubesd.sock", stale, endless, server->directory };
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  /* A socket file that nobody listens at any more. */
  g_strlcpy (address.sun_path, stale, sizeof (address.sun_path));
  g_assert_cmpint (bind (listener, (struct sockaddr *)&address, sizeof (address)), ==, 0);
  close (listener);
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (paths[i]);
      g_auto (Outcome) outcome = { 0 };

      call (client, "admin.vm.List", NULL, "dom0", &outcome);
      assert_fails (&outcome, LIVE_ERROR_QUBESD_UNREACHABLE);
      g_assert_nonnull (strstr (outcome.error->message, paths[i]));
      g_assert_nonnull (strstr (outcome.error->message, "systemctl status qubesd"));
      g_assert_cmpuint (live_qubesd_client_get_requests_sent (client), ==, 0);
    }
  g_unlink (stale);
}

static void
test_timeout (void)
{
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_nothing, NULL);
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (server->path);
  Outcome outcomes[LIVE_QUBESD_CALLS_AT_ONCE] = { 0 };
  g_auto (Outcome) last = { 0 };
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < LIVE_QUBESD_CALLS_AT_ONCE; i++)
    live_qubesd_client_call_async (client, "admin.vm.List", NULL, "dom0", NULL, 1, NULL, on_done, &outcomes[i]);
  /* It has its own second, from when its turn comes. */
  live_qubesd_client_call_async (client, "admin.vm.List", NULL, "dom0", NULL, 1, NULL, on_done, &last);
  for (guint i = 0; i < LIVE_QUBESD_CALLS_AT_ONCE; i++)
    {
      assert_fails (&outcomes[i], LIVE_ERROR_QUBESD_UNREACHABLE);
      g_assert_nonnull (strstr (outcomes[i].error->message, server->path));
      outcome_clear (&outcomes[i]);
    }
  g_assert_false (last.is_done);
  assert_fails (&last, LIVE_ERROR_QUBESD_UNREACHABLE);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 2 * G_USEC_PER_SEC);
  g_assert_cmpuint (live_qubesd_client_get_requests_sent (client), ==, LIVE_QUBESD_CALLS_AT_ONCE + 1);
  fake_settle ();
  g_assert_cmpuint (server->open->len, ==, 0);
}

static gboolean
half_an_answer_is_out (gpointer data)
{
  return ((FakeQubesd *)data)->requests->len > 0;
}

static void
test_timeout_in_answer (void)
{
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_nothing, NULL);
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (server->path);
  g_auto (Outcome) outcome = { 0 };

  live_qubesd_client_call_async (client, "admin.vm.List", NULL, "dom0", NULL, 1, NULL, on_done, &outcome);
  g_assert_true (fake_wait (half_an_answer_is_out, server));
  fake_connection_send (server->open->pdata[0], "0\0app1 class=", 13, FALSE);
  assert_fails (&outcome, LIVE_ERROR_QUBESD_UNREACHABLE);
}

static gboolean
has_16_requests (gpointer data)
{
  return ((FakeQubesd *)data)->requests->len >= 16;
}

static gboolean
has_17_requests (gpointer data)
{
  return ((FakeQubesd *)data)->requests->len >= 17;
}

static void
test_limit (void)
{
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_nothing, NULL);
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (server->path);
  Outcome outcomes[100] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    call (client, "admin.vm.List", NULL, "dom0", &outcomes[i]);
  g_assert_true (fake_wait (has_16_requests, server));
  fake_settle ();
  g_assert_cmpuint (server->n_accepted, ==, 16);
  g_assert_cmpuint (live_qubesd_client_get_requests_sent (client), ==, 16);
  fake_connection_send (server->open->pdata[0], "0\0first", 7, TRUE);
  g_assert_true (fake_wait (has_17_requests, server));
  fake_settle ();
  g_assert_cmpuint (server->n_accepted, ==, 17);
  assert_data (&outcomes[0], "first", 5);
  for (guint i = 1; i < G_N_ELEMENTS (outcomes); i++)
    {
      while (server->open->len == 0)
        g_main_context_iteration (NULL, TRUE);
      while (!outcomes[i].is_done)
        {
          if (server->requests->len > i)
            fake_connection_send (server->open->pdata[0], "0", 2, TRUE);
          fake_settle ();
        }
      assert_data (&outcomes[i], "", 0);
      outcome_clear (&outcomes[i]);
    }
  outcome_clear (&outcomes[0]);
  g_assert_cmpuint (server->max_open, ==, 16);
  g_assert_cmpuint (live_qubesd_client_get_requests_sent (client), ==, G_N_ELEMENTS (outcomes));
}

/* The header of the @nth request, up to its first space. */
static char *
get_called (FakeQubesd *server, guint nth)
{
  const char *header = server->requests->pdata[nth];

  return g_strndup (header, strcspn (header, " "));
}

static gboolean
has_all_requests (gpointer data)
{
  return ((FakeQubesd *)data)->requests->len == 16 + 9;
}

static void
test_priority (void)
{
  static const char *const queued[] = { "admin.vm.volume.Info",    "admin.vm.property.GetAll", "admin.vm.volume.Set.rw",
                                        "admin.vm.feature.List",   "admin.vm.Start",           "admin.vm.feature.Get",
                                        "admin.vm.feature.Remove", "admin.pool.List",          "admin.pool.Info" };
  static const char *const expected[]
      = { "admin.vm.volume.Set.rw+", "admin.vm.Start+",           "admin.vm.feature.Remove+",
          "admin.vm.volume.Info+",   "admin.vm.property.GetAll+", "admin.vm.feature.List+",
          "admin.vm.feature.Get+",   "admin.pool.List+",          "admin.pool.Info+" };
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_nothing, NULL);
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (server->path);
  Outcome first[16] = { 0 };
  Outcome outcomes[G_N_ELEMENTS (queued)] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (first); i++)
    call (client, "admin.vm.List", NULL, "dom0", &first[i]);
  for (guint i = 0; i < G_N_ELEMENTS (queued); i++)
    call (client, queued[i], NULL, "dom0", &outcomes[i]);
  g_assert_true (fake_wait (has_16_requests, server));
  /* One place at a time, so that the order of arrival is the order of sending. */
  while (!has_all_requests (server))
    {
      guint before = server->requests->len;

      fake_connection_send (server->open->pdata[0], "0", 2, TRUE);
      while (server->requests->len == before)
        g_main_context_iteration (NULL, TRUE);
    }
  for (guint i = 0; i < G_N_ELEMENTS (expected); i++)
    {
      g_autofree char *called = get_called (server, 16 + i);

      g_assert_cmpstr (called, ==, expected[i]);
    }
  while (server->open->len > 0)
    {
      fake_connection_send (server->open->pdata[0], "0", 2, TRUE);
      fake_settle ();
    }
  for (guint i = 0; i < G_N_ELEMENTS (first); i++)
    {
      assert_data (&first[i], "", 0);
      outcome_clear (&first[i]);
    }
  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    {
      assert_data (&outcomes[i], "", 0);
      outcome_clear (&outcomes[i]);
    }
}

static void
test_cancel (void)
{
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_nothing, NULL);
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (server->path);
  g_autoptr (GCancellable) of_running = g_cancellable_new ();
  g_autoptr (GCancellable) of_queued = g_cancellable_new ();
  g_autoptr (GCancellable) before = g_cancellable_new ();
  Outcome others[15] = { 0 };
  g_auto (Outcome) running = { 0 };
  g_auto (Outcome) queued = { 0 };
  g_auto (Outcome) behind = { 0 };
  g_auto (Outcome) never = { 0 };

  live_qubesd_client_call_async (client, "admin.vm.List", NULL, "running", NULL, 0, of_running, on_done, &running);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    call (client, "admin.vm.List", NULL, "dom0", &others[i]);
  live_qubesd_client_call_async (client, "admin.vm.List", NULL, "queued", NULL, 0, of_queued, on_done, &queued);
  call (client, "admin.vm.List", NULL, "behind", &behind);
  g_cancellable_cancel (before);
  live_qubesd_client_call_async (client, "admin.vm.List", NULL, "never", NULL, 0, before, on_done, &never);
  g_assert_true (fake_wait (has_16_requests, server));

  g_cancellable_cancel (of_queued);
  g_assert_false (queued.is_done);
  assert_fails (&queued, LIVE_ERROR_CANCELLED);
  assert_fails (&never, LIVE_ERROR_CANCELLED);
  g_assert_cmpuint (live_qubesd_client_get_requests_sent (client), ==, 16);

  /* Its connection is closed, and the next call takes its place. */
  g_cancellable_cancel (of_running);
  assert_fails (&running, LIVE_ERROR_CANCELLED);
  g_assert_true (fake_wait (has_17_requests, server));
  fake_settle ();
  g_assert_cmpuint (server->open->len, ==, 16);
  g_assert_cmpuint (server->max_open, <=, 17);
  g_assert_cmpstr (server->requests->pdata[16], ==, "admin.vm.List+ dom0 name behind");
  while (server->open->len > 0)
    {
      fake_connection_send (server->open->pdata[0], "0", 2, TRUE);
      fake_settle ();
    }
  assert_data (&behind, "", 0);
  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      assert_data (&others[i], "", 0);
      outcome_clear (&others[i]);
    }
}

static void
test_cancel_many (void)
{
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_nothing, NULL);
  LiveQubesdClient *client = live_qubesd_client_new (server->path);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  Outcome outcomes[200] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    live_qubesd_client_call_async (client, i % 2 == 0 ? "admin.vm.List" : "admin.vm.Start", NULL, "a", NULL, 0,
                                   cancellable, on_done, &outcomes[i]);
  g_assert_true (fake_wait (has_16_requests, server));
  g_cancellable_cancel (cancellable);
  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    {
      assert_fails (&outcomes[i], LIVE_ERROR_CANCELLED);
      outcome_clear (&outcomes[i]);
    }
  g_assert_cmpuint (live_qubesd_client_get_requests_sent (client), ==, 16);
  g_object_add_weak_pointer (G_OBJECT (client), (gpointer *)&client);
  g_object_unref (client);
  g_assert_null (client);
}

static void
cancel_and_finish (GObject *source, GAsyncResult *result, gpointer data)
{
  Outcome *outcome = data;

  /* The answer is there; whoever cancels now hears of the cancellation all the same. */
  g_cancellable_cancel (g_task_get_cancellable (G_TASK (result)));
  on_done (source, result, outcome);
}

static void
test_cancel_answered (void)
{
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_echo, NULL);
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (server->path);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_auto (Outcome) outcome = { 0 };

  live_qubesd_client_call_async (client, "admin.vm.List", NULL, "a", NULL, 0, cancellable, cancel_and_finish, &outcome);
  assert_fails (&outcome, LIVE_ERROR_CANCELLED);
  g_assert_cmpuint (server->requests->len, ==, 1);
}

/* Two answers in one turn of the loop: the callback of the first cancels the second call. */
typedef struct
{
  Outcome outcomes[2];
  GCancellable *cancellables[2];
} Pair;

static void
cancel_other (GObject *source, GAsyncResult *result, gpointer data)
{
  Pair *pair = data;
  gboolean is_first = g_task_get_cancellable (G_TASK (result)) == pair->cancellables[0];
  gboolean other_is_done = pair->outcomes[is_first ? 1 : 0].is_done;

  on_done (source, result, &pair->outcomes[is_first ? 0 : 1]);
  if (!other_is_done)
    g_cancellable_cancel (pair->cancellables[is_first ? 1 : 0]);
}

static void
test_cancel_other (void)
{
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_nothing, NULL);
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (server->path);
  g_autoptr (GCancellable) first = g_cancellable_new ();
  g_autoptr (GCancellable) second = g_cancellable_new ();
  Pair pair = { { { 0 } }, { first, second } };
  const Outcome *ended = NULL;

  for (guint i = 0; i < 2; i++)
    live_qubesd_client_call_async (client, "admin.vm.List", NULL, "a", NULL, 0, pair.cancellables[i], cancel_other,
                                   &pair);
  while (server->requests->len < 2)
    g_main_context_iteration (NULL, TRUE);
  fake_connection_send (server->open->pdata[1], "0", 2, TRUE);
  fake_connection_send (server->open->pdata[0], "0", 2, TRUE);
  g_assert_true (fake_wait (outcome_is_done, &pair.outcomes[0]));
  g_assert_true (fake_wait (outcome_is_done, &pair.outcomes[1]));
  /* One of them was answered, and ended the other. */
  g_assert_true ((pair.outcomes[0].error == NULL) != (pair.outcomes[1].error == NULL));
  ended = &pair.outcomes[pair.outcomes[0].error != NULL ? 0 : 1];
  g_assert_error (ended->error, LIVE_ERROR, LIVE_ERROR_CANCELLED);
  outcome_clear (&pair.outcomes[0]);
  outcome_clear (&pair.outcomes[1]);
}

static void
call_again (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (source), result, NULL);

  g_assert_null (answer);
  /* The last reference but those of the calls. */
  g_object_unref (source);
  call (LIVE_QUBESD_CLIENT (source), "admin.vm.List", NULL, "dom0", data);
}

static void
test_call_from_callback (void)
{
  LiveQubesdClient *client = live_qubesd_client_new ("/nonexistent/qubesd.sock");
  g_auto (Outcome) outcome = { 0 };

  live_qubesd_client_call_async (client, "admin.vm.List", NULL, "dom0", NULL, 0, NULL, call_again, &outcome);
  g_object_add_weak_pointer (G_OBJECT (client), (gpointer *)&client);
  assert_fails (&outcome, LIVE_ERROR_QUBESD_UNREACHABLE);
  fake_settle ();
  g_assert_null (client);
}

static gboolean
is_unanswered (gpointer data)
{
  return live_qubesd_client_get_requests_sent (data) > 0;
}

static void
test_busy (void)
{
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_echo, NULL);
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (server->path);
  g_auto (Outcome) late = { 0 };
  Outcome outcomes[10] = { 0 };

  /* A listener's queue of one, and nobody takes from it. */
  fake_qubesd_stop (server);
  fake_qubesd_start (server, 0);
  fake_qubesd_set_accepting (server, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    call (client, "admin.vm.List", NULL, "dom0", &outcomes[i]);
  live_qubesd_client_call_async (client, "admin.vm.List", NULL, "dom0", NULL, 1, NULL, on_done, &late);
  g_assert_true (fake_wait (is_unanswered, client));
  assert_fails (&late, LIVE_ERROR_QUBESD_UNREACHABLE);
  g_assert_cmpuint (live_qubesd_client_get_requests_sent (client), ==, 1);
  fake_qubesd_set_accepting (server, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    {
      g_assert_true (fake_wait (outcome_is_done, &outcomes[i]));
      g_assert_no_error (outcomes[i].error);
      outcome_clear (&outcomes[i]);
    }
}

static void
test_restart (void)
{
  g_autoptr (FakeQubesd) server = fake_qubesd_new (answer_nothing, NULL);
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (server->path);
  Outcome outcomes[40] = { 0 };
  g_auto (Outcome) after = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    call (client, "admin.vm.List", NULL, "dom0", &outcomes[i]);
  g_assert_true (fake_wait (has_16_requests, server));
  fake_qubesd_stop (server);
  for (guint i = 0; i < G_N_ELEMENTS (outcomes); i++)
    {
      /* Those that were sent end without an answer, the others find nobody. */
      assert_fails (&outcomes[i], i < 16 ? LIVE_ERROR_PROTOCOL : LIVE_ERROR_QUBESD_UNREACHABLE);
      outcome_clear (&outcomes[i]);
    }
  server->handler = answer_echo;
  fake_qubesd_start (server, 100);
  call (client, "admin.vm.List", NULL, "dom0", &after);
  g_assert_true (fake_wait (outcome_is_done, &after));
  g_assert_no_error (after.error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/qubesd-call/request", test_request);
  g_test_add_func ("/qubesd-call/not-inside-the-call", test_not_inside_the_call);
  g_test_add_func ("/qubesd-call/split", test_split);
  g_test_add_func ("/qubesd-call/cut", test_cut);
  g_test_add_func ("/qubesd-call/garbage", test_garbage);
  g_test_add_func ("/qubesd-call/errors", test_errors);
  g_test_add_func ("/qubesd-call/errors/long", test_long_error);
  g_test_add_func ("/qubesd-call/hostile-names", test_hostile_names);
  g_test_add_func ("/qubesd-call/request-size", test_request_size);
  g_test_add_func ("/qubesd-call/answer-size", test_answer_size);
  g_test_add_func ("/qubesd-call/unreachable", test_unreachable);
  g_test_add_func ("/qubesd-call/timeout", test_timeout);
  g_test_add_func ("/qubesd-call/timeout/in-answer", test_timeout_in_answer);
  g_test_add_func ("/qubesd-call/limit", test_limit);
  g_test_add_func ("/qubesd-call/priority", test_priority);
  g_test_add_func ("/qubesd-call/cancel", test_cancel);
  g_test_add_func ("/qubesd-call/cancel/many", test_cancel_many);
  g_test_add_func ("/qubesd-call/cancel/answered", test_cancel_answered);
  g_test_add_func ("/qubesd-call/cancel/other", test_cancel_other);
  g_test_add_func ("/qubesd-call/call-from-callback", test_call_from_callback);
  g_test_add_func ("/qubesd-call/loop-in-callback", test_loop_in_callback);
  g_test_add_func ("/qubesd-call/busy", test_busy);
  g_test_add_func ("/qubesd-call/restart", test_restart);
  return g_test_run ();
}
