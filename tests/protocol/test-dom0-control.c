/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* The simulated dom0's control channel, and how it writes streams of events. */

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "simulator.h"

static void
test_filter (void)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start ("4.3", NULL);
  int one = live_simulator_subscribe (simulator, "app2");
  int all = live_simulator_subscribe (simulator, "dom0");
  g_autofree char *of_one = NULL;

  live_simulator_command (simulator, "feature app1 a 1");
  live_simulator_command (simulator, "feature app2 a 1");
  live_simulator_command (simulator, "property app2 debug True");
  live_simulator_command (simulator, "create brandnew red");
  of_one = live_simulator_take_event_names (simulator, one, "app2");
  g_assert_cmpstr (of_one, ==,
                   " connection-established\n"
                   "app2 domain-feature-pre-set:a\n"
                   "app2 domain-feature-set:a\n"
                   "app2 property-pre-set:debug\n"
                   "app2 property-set:debug\n");
  {
    /* The other stream's mark went to this one as well. */
    g_autofree char *of_all = live_simulator_take_event_names (simulator, all, NULL);
    g_assert_true (g_str_has_prefix (of_all, " connection-established\n"
                                             "app1 domain-feature-pre-set:a\n"
                                             "app1 domain-feature-set:a\n"
                                             "app2 domain-feature-pre-set:a\n"
                                             "app2 domain-feature-set:a\n"
                                             "app2 property-pre-set:debug\n"
                                             "app2 property-set:debug\n"
                                             " domain-add\n"
                                             "brandnew domain-tag-add:created-by-dom0\n"
                                             "brandnew domain-create-on-disk\n"
                                             "app2 mark-"));
  }
  close (one);
  close (all);
}

static void
test_event_pieces (void)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start ("4.3", NULL);
  static const char greeting[] = "1\0\0connection-established\0";
  int events;
  guint8 buffer[64];

  live_simulator_command (simulator, "events-chunk 3");
  events = live_simulator_subscribe (simulator, "dom0");
  for (gsize at = 0; at < sizeof greeting;)
    {
      gssize length = recv (events, buffer, sizeof buffer, 0);

      /* Three at a time, or more if this test was slow; but never all at once when it waits. */
      g_assert_cmpint (length, >, 0);
      g_assert_cmpint (length, <, (gssize) sizeof greeting);
      g_assert_cmpmem (greeting + at, (gsize) length, buffer, (gsize) length);
      at += (gsize) length;
    }
  live_simulator_command (simulator, "feature app1 a 1");
  assert_events (simulator, events, "app1 domain-feature-pre-set:a\napp1 domain-feature-set:a\n");
  close (events);

  /* Cut in the middle of a frame. */
  live_simulator_command (simulator, "events-chunk 0");
  live_simulator_command (simulator, "fault admin.Events cut %u", (guint) sizeof greeting + 5);
  events = live_simulator_subscribe (simulator, "dom0");
  {
    g_autoptr (GByteArray) bytes = NULL;

    /* That the stream is open is known when its greeting is there. */
    g_assert_cmpint (recv (events, buffer, sizeof greeting, MSG_WAITALL), ==, sizeof greeting);
    live_simulator_command (simulator, "feature app1 a 2");
    bytes = live_socket_read_all (events);
    g_assert_cmpmem (bytes->data, bytes->len, "1\0app", 5);
  }
  close (events);
}

static void
test_faults (void)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start ("4.3", NULL);
  g_autofree char *whole = live_simulator_call (simulator, "admin.pool.Info+bench", "dom0", "");
  g_autofree char *cut = NULL;

  live_simulator_command (simulator, "fault admin.pool.List empty x2");
  assert_call (simulator, "admin.pool.List", "dom0", "", "");
  assert_call (simulator, "admin.pool.List", "dom0", "", "");
  assert_call (simulator, "admin.pool.List", "dom0", "", "0|varlibqubes\nlinux-kernel\nbench\n");

  live_simulator_command (simulator, "fault admin.vm.volume.Set.rw+root@app1 error QubesException the disk is full");
  assert_call (simulator, "admin.vm.volume.Set.rw+private", "app1", "False", "0|");
  assert_call (simulator, "admin.vm.volume.Set.rw+root", "app2", "False", "0|");
  assert_call (simulator, "admin.vm.volume.Set.rw+root", "app1", "False", "2|QubesException||the disk is full|");
  assert_control (simulator, "rw app1 root", "ok True");
  assert_call (simulator, "admin.vm.volume.Set.rw+root", "app1", "False", "0|");

  live_simulator_command (simulator, "fault * cut 10");
  cut = live_simulator_call (simulator, "admin.pool.Info+bench", "dom0", "");
  g_assert_cmpuint (strlen (cut), ==, 10);
  g_assert_true (g_str_has_prefix (whole, cut));

  assert_control (simulator, "fault admin.vm.List", "error fault takes 2 arguments");
  assert_control (simulator, "fault admin.vm.List maim",
                  "error fault METHOD empty|unsaved|cut N|hang|mute|error TYPE MESSAGE [afterCOUNT] [xCOUNT]");
  assert_control (simulator, "nonsense", "error unknown command: nonsense");
  live_simulator_command (simulator, "fault * empty");
  live_simulator_command (simulator, "clear-faults");
  assert_call (simulator, "admin.vm.feature.List", "app1", "", "0|");
}

static void
test_hang_and_delay (void)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start ("4.3", NULL);
  static const char request[] = "admin.pool.List dom0 name dom0";
  g_autoptr (GByteArray) late = NULL;
  g_autoptr (GByteArray) never = NULL;
  int fd = live_simulator_connect (simulator);
  struct pollfd waiting = { .fd = fd, .events = POLLIN };
  gint64 start;

  live_simulator_command (simulator, "fault admin.pool.List hang");
  live_socket_request (fd, request, sizeof request);
  assert_call (simulator, "admin.vm.feature.List", "app1", "", "0|");
  assert_call (simulator, "admin.pool.List", "dom0", "", "0|varlibqubes\nlinux-kernel\nbench\n");
  g_assert_cmpint (poll (&waiting, 1, 0), ==, 0);
  /* Only a restart ends it. */
  live_simulator_command (simulator, "restart");
  never = live_socket_read_all (fd);
  g_assert_cmpuint (never->len, ==, 0);
  close (fd);

  live_simulator_command (simulator, "delay admin.pool.List 100");
  start = g_get_monotonic_time ();
  fd = live_simulator_connect (simulator);
  live_socket_request (fd, request, sizeof request);
  /* Others are served meanwhile. */
  assert_call (simulator, "admin.vm.feature.List", "app1", "", "0|");
  late = live_socket_read_all (fd);
  close (fd);
  g_assert_cmpuint (late->len, >, 2);
  g_assert_cmpint (g_get_monotonic_time () - start, >=, 100 * 1000 - 1000);
  live_simulator_command (simulator, "delay admin.pool.List 0");
  assert_call (simulator, "admin.pool.List", "dom0", "", "0|varlibqubes\nlinux-kernel\nbench\n");
}

/* What is done and never answered; and not the first of its kind. */
static void
test_mute (void)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start ("4.3", NULL);
  static const char request[] = "admin.vm.feature.Set+a dom0 name app1\0one";
  g_autoptr (GByteArray) never = NULL;
  int fd = live_simulator_connect (simulator);
  struct pollfd waiting = { .fd = fd, .events = POLLIN };

  live_simulator_command (simulator, "fault admin.vm.feature.Set@app1 mute after1");
  live_simulator_command (simulator, "fault admin.vm.Start empty after1 x2");
  assert_call (simulator, "admin.vm.feature.Set+a", "app1", "zero", "0|");
  assert_control (simulator, "met", "ok 0");
  live_socket_request (fd, request, sizeof request - 1);
  for (gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC; g_get_monotonic_time () < end;)
    {
      g_autofree char *met = live_simulator_control (simulator, "met");

      if (g_str_equal (met, "ok 1"))
        break;
    }
  assert_control (simulator, "met", "ok 1");
  assert_call (simulator, "admin.vm.feature.Get+a", "app1", "", "0|one");
  assert_control (simulator, "changes", "ok admin.vm.feature.Set+a@app1=zero admin.vm.feature.Set+a@app1=one");
  g_assert_cmpint (poll (&waiting, 1, 0), ==, 0);
  assert_call (simulator, "admin.vm.feature.Set+a", "app1", "two", "0|");

  assert_call (simulator, "admin.vm.Start", "app1", "", "0|");
  assert_call (simulator, "admin.vm.Start", "app1", "", "");
  assert_call (simulator, "admin.vm.Start", "app1", "", "");
  assert_call (simulator, "admin.vm.Start", "app1", "", "0|");
  assert_control (simulator, "met", "ok 3");
  live_simulator_command (simulator, "clear-faults");
  assert_control (simulator, "met", "ok 0");
  assert_control (simulator, "fault admin.vm.Start empty x0", "error x0 is no fault");
  live_simulator_command (simulator, "restart");
  never = live_socket_read_all (fd);
  g_assert_cmpuint (never->len, ==, 0);
  close (fd);
}

static void
test_stop_and_listen (void)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start ("4.3", NULL);

  live_simulator_command (simulator, "stop");
  g_assert_false (g_file_test (live_simulator_get_socket (simulator), G_FILE_TEST_EXISTS));
  live_simulator_command (simulator, "start");
  assert_call (simulator, "admin.vm.feature.List", "app1", "", "0|");
  live_simulator_command (simulator, "reset-counts");
  assert_call (simulator, "admin.vm.feature.List", "app1", "", "0|");
  assert_call (simulator, "admin.vm.tag.Get+x", "app1", "", "0|0");
  assert_control (simulator, "log", "ok 2 admin.vm.feature.List=1 admin.vm.tag.Get=1");
  assert_control (simulator, "count admin.vm.tag.Get", "ok 1");
  assert_control (simulator, "count admin.vm.List", "ok 0");

  live_simulator_command (simulator, "restart 50");
  g_assert_false (g_file_test (live_simulator_get_socket (simulator), G_FILE_TEST_EXISTS));
  for (gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;
       !g_file_test (live_simulator_get_socket (simulator), G_FILE_TEST_EXISTS);)
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      g_usleep (1000);
    }
  assert_call (simulator, "admin.vm.feature.List", "app1", "", "0|");
}

static void
test_slow_lifecycle (void)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start ("4.3", NULL);
  int events = live_simulator_subscribe (simulator, "app1");
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  static const char start[] = "admin.vm.Start dom0 name app1";
  g_autoptr (GByteArray) reply = NULL;
  int fd = live_simulator_connect (simulator);

  live_simulator_command (simulator, "mode start-delay 100");
  live_socket_request (fd, start, sizeof start);
  for (gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;;)
    {
      g_autofree char *state = live_simulator_control (simulator, "state app1");

      if (g_str_equal (state, "ok Transient"))
        break;
      g_assert_cmpstr (state, ==, "ok Halted");
      g_assert_cmpint (g_get_monotonic_time (), <, end);
    }
  reply = live_socket_read_all (fd);
  close (fd);
  g_assert_cmpmem (reply->data, reply->len, "0\0", 2);
  assert_control (simulator, "state app1", "ok Running");
  assert_control (simulator, "state sys-net", "ok Running");

  live_simulator_command (simulator, "mode shutdown-delay 100");
  assert_call (simulator, "admin.vm.Shutdown", "app1", "", "0|");
  assert_control (simulator, "state app1", "ok Running");
  first = live_simulator_take_event_names (simulator, events, "app1");
  g_assert_true (g_str_has_suffix (first, "app1 domain-start\napp1 domain-pre-shutdown\n"));
  for (gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;;)
    {
      g_autofree char *state = live_simulator_control (simulator, "state app1");

      if (g_str_equal (state, "ok Halted"))
        break;
      g_assert_cmpint (g_get_monotonic_time (), <, end);
    }
  second = live_simulator_take_event_names (simulator, events, "app1");
  g_assert_true (g_str_has_prefix (second, "app1 domain-stopped\n"));
  g_assert_true (g_str_has_suffix (second, "app1 domain-shutdown\n"));
  close (events);

  /* Who waits is answered when it is done, also when it is done by force. */
  live_simulator_command (simulator, "mode start-delay 0");
  live_simulator_command (simulator, "mode shutdown-delay 60000");
  live_simulator_command (simulator, "start app1");
  {
    static const char wait[] = "admin.vm.Shutdown+wait dom0 name app1";
    g_autoptr (GByteArray) waited = NULL;

    fd = live_simulator_connect (simulator);
    live_socket_request (fd, wait, sizeof wait);
    for (guint i = 0; i < 3; i++)
      assert_call (simulator, "admin.vm.feature.List", "app2", "", "0|");
    assert_call (simulator, "admin.vm.Kill", "app1", "", "0|");
    waited = live_socket_read_all (fd);
    g_assert_cmpmem (waited->data, waited->len, "0\0", 2);
    close (fd);
  }
}

static void
test_outside_changes (void)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start ("4.4", NULL);
  g_autofree char *name = NULL;

  live_simulator_command (simulator, "create visitor purple");
  assert_call (simulator, "admin.vm.property.Get+label", "visitor", "", "0|default=False type=label purple");
  live_simulator_command (simulator, "feature visitor live.policy a value with  two spaces");
  assert_call (simulator, "admin.vm.feature.Get+live.policy", "visitor", "", "0|a value with  two spaces");
  assert_control (simulator, "get-feature visitor live.policy", "ok a value with  two spaces");
  live_simulator_command (simulator, "unset-feature visitor live.policy");
  assert_control (simulator, "get-feature visitor live.policy", "error not set: live.policy");
  live_simulator_command (simulator, "start visitor");
  assert_control (simulator, "remove visitor", "error Domain is not powered off: 'visitor'");
  live_simulator_command (simulator, "kill visitor");
  live_simulator_command (simulator, "remove visitor");
  assert_control (simulator, "start visitor", "error no such qube: visitor");
  name = live_simulator_control (simulator, "create-disposable debian-12-dvm");
  g_assert_true (g_str_has_prefix (name, "ok disp"));
  live_simulator_command (simulator, "start %s", name + 3);
  live_simulator_command (simulator, "shutdown %s", name + 3);
  assert_control (simulator, "names",
                  "ok dom0 app1 app2 app3 app4 app5 debian-12 debian-12-dvm disp-named standalone1 sys-firewall "
                  "sys-net");
}

static void
test_xid (void)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start ("4.3", NULL);
  g_autofree char *own = NULL;
  int events;

  /* For the next run … */
  live_simulator_command (simulator, "xid app1 7");
  assert_call (simulator, "admin.vm.property.Get+xid", "app1", "", "0|default=True type=int -1");
  live_simulator_command (simulator, "start app1");
  assert_call (simulator, "admin.vm.property.Get+xid", "app1", "", "0|default=True type=int 7");
  /* … for the one that is under way … */
  events = live_simulator_subscribe (simulator, "dom0");
  live_simulator_command (simulator, "xid app1 32751");
  assert_events (simulator, events, " connection-established\napp1 property-reset:xid\n");
  close (events);
  assert_call (simulator, "admin.vm.property.Get+xid", "app1", "", "0|default=True type=int 32751");
  /* … and no longer. */
  live_simulator_command (simulator, "kill app1");
  assert_call (simulator, "admin.vm.property.Get+xid", "app1", "", "0|default=True type=int -1");
  live_simulator_command (simulator, "start app1");
  own = live_simulator_call (simulator, "admin.vm.property.Get+xid", "app1", "");
  g_assert_cmpstr (own, !=, "0|default=True type=int 32751");
  g_assert_cmpstr (own, !=, "0|default=True type=int -1");

  for (guint i = 0; i < 4; i++)
    {
      static const char *const wrong[] = { "0", "-1", "32752", "x" };
      g_autofree char *command = g_strdup_printf ("xid app1 %s", wrong[i]);
      g_autofree char *answer = live_simulator_control (simulator, "%s", command);

      g_assert_true (g_str_has_prefix (answer, "error "));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dom0/events/filter", test_filter);
  g_test_add_func ("/dom0/events/pieces", test_event_pieces);
  g_test_add_func ("/dom0/control/faults", test_faults);
  g_test_add_func ("/dom0/control/hang-and-delay", test_hang_and_delay);
  g_test_add_func ("/dom0/control/mute", test_mute);
  g_test_add_func ("/dom0/control/stop-and-listen", test_stop_and_listen);
  g_test_add_func ("/dom0/control/slow-lifecycle", test_slow_lifecycle);
  g_test_add_func ("/dom0/control/outside-changes", test_outside_changes);
  g_test_add_func ("/dom0/control/xid", test_xid);
  return g_test_run ();
}
