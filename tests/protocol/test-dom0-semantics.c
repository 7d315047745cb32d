/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* What the recordings do not show: what the simulated dom0's calls do to each other, and its control channel. */

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "simulator.h"

#define assert_call(simulator, method, dest, payload, expected)                                                        \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autofree char *reply_ = live_simulator_call (simulator, method, dest, payload);                                  \
    g_assert_cmpstr (reply_, ==, expected);                                                                            \
  }                                                                                                                    \
  G_STMT_END

#define assert_control(simulator, command, expected)                                                                   \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autofree char *answer_ = live_simulator_control (simulator, "%s", command);                                      \
    g_assert_cmpstr (answer_, ==, expected);                                                                           \
  }                                                                                                                    \
  G_STMT_END

/* Whether a volume's Info has a line KEY=VALUE. */
static gboolean
info_has (LiveSimulator *simulator, const char *volume, const char *qube, const char *line)
{
  g_autofree char *method = g_strconcat ("admin.vm.volume.Info+", volume, NULL);
  g_autofree char *reply = live_simulator_call (simulator, method, qube, "");
  g_auto (GStrv) lines = g_strsplit (reply, "\n", -1);

  return g_strv_contains ((const char *const *)lines, line);
}

/* What an event stream got, one event per line: `SUBJECT EVENT`. */
static char *
take_events (LiveSimulator *simulator, int fd, const char *subject)
{
  g_autoptr (GByteArray) bytes = live_simulator_take_events (simulator, fd, subject);
  GString *text = g_string_new (NULL);
  const char *c = (const char *)bytes->data;
  const char *end = c + bytes->len;

  while (c < end)
    {
      const char *name;

      g_assert_cmpstr (c, ==, "1");
      c += 2;
      name = c + strlen (c) + 1;
      g_string_append_printf (text, "%s %s\n", c, name);
      /* Parameters, until the empty key that ends them. */
      for (c = name + strlen (name) + 1; *c;)
        {
          c += strlen (c) + 1;
          c += strlen (c) + 1;
        }
      c++;
    }
  g_assert_true (c == end);
  return g_string_free (text, FALSE);
}

#define assert_events(simulator, fd, expected)                                                                         \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autofree char *events_ = take_events (simulator, fd, NULL);                                                      \
    g_assert_cmpstr (events_, ==, expected);                                                                           \
  }                                                                                                                    \
  G_STMT_END

static void
test_template_resets_root (gconstpointer version)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version, NULL);

  live_simulator_command (simulator, "set-rw app1 root False");
  live_simulator_command (simulator, "set-rw app1 private False");
  live_simulator_command (simulator, "set-rw disp-named root False");
  live_simulator_command (simulator, "set-rw disp-named private False");
  assert_call (simulator, "admin.vm.property.Set+template", "app1", "debian-12", "0|");
  g_assert_true (info_has (simulator, "root", "app1", "rw=True"));
  g_assert_true (info_has (simulator, "private", "app1", "rw=False"));
  g_assert_true (info_has (simulator, "root", "disp-named", "rw=False"));

  assert_call (simulator, "admin.vm.property.Set+template", "debian-12-dvm", "debian-12", "0|");
  /* Both volumes of a disposable are snapshots. */
  g_assert_true (info_has (simulator, "root", "disp-named", "rw=True"));
  g_assert_true (info_has (simulator, "private", "disp-named", "rw=True"));
}

static void
test_disposable_copies (gconstpointer version)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version, NULL);
  g_autofree char *reply = NULL;
  g_autofree char *features = NULL;
  const char *name;

  live_simulator_command (simulator, "set-rw debian-12-dvm root False");
  live_simulator_command (simulator, "set-ephemeral debian-12-dvm True");
  live_simulator_command (simulator, "feature debian-12-dvm live.policy root");
  live_simulator_command (simulator, "feature debian-12-dvm live.window 17");
  reply = live_simulator_call (simulator, "admin.vm.CreateDisposable", "debian-12-dvm", "");
  g_assert_true (g_str_has_prefix (reply, "0|disp"));
  name = reply + 2;
  g_assert_true (info_has (simulator, "root", name, "rw=False"));
  g_assert_true (info_has (simulator, "private", name, "rw=True"));
  g_assert_true (info_has (simulator, "volatile", name, "ephemeral=True"));
  features = live_simulator_call (simulator, "admin.vm.feature.List", name, "");
  g_assert_cmpstr (features, ==, "0|live.policy\nlive.window\n");
  assert_call (simulator, "admin.vm.property.Get+label", name, "", "0|default=False type=label red");
  assert_call (simulator, "admin.vm.property.Get+auto_cleanup", name, "", "0|default=False type=bool True");

  /* What is there already does not follow. */
  live_simulator_command (simulator, "set-rw debian-12-dvm root True");
  g_assert_true (info_has (simulator, "root", name, "rw=False"));
  g_assert_true (info_has (simulator, "root", "disp-named", "rw=True"));
  g_assert_true (info_has (simulator, "volatile", "disp-named", "ephemeral=False"));

  /* A named one is based on it in the same way, but is not cleaned up. */
  assert_call (simulator, "admin.vm.Create.DispVM+debian-12-dvm", "dom0", "name=named2 label=green", "0|");
  assert_call (simulator, "admin.vm.property.Get+auto_cleanup", "named2", "", "0|default=True type=bool False");
  g_assert_true (info_has (simulator, "volatile", "named2", "ephemeral=True"));
}

static void
test_restart (void)
{
  static const struct
  {
    const char *version;
    const char *option;
    const char *expected;
  } cases[] = {
    { "4.2", NULL, "ok True" },
    { "4.3", NULL, "ok False" },
    { "4.3", "--forget-rw", "ok True" },
    { "4.4", NULL, "ok False" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (LiveSimulator) simulator = live_simulator_start (cases[i].version, cases[i].option, NULL);
      g_autoptr (GByteArray) rest = NULL;
      int events = live_simulator_subscribe (simulator, "dom0");
      g_autoptr (GByteArray) before = NULL;

      assert_call (simulator, "admin.vm.volume.Set.rw+root", "app1", "False", "0|");
      assert_call (simulator, "admin.vm.volume.Set.ephemeral+volatile", "app1", "True", "0|");
      assert_call (simulator, "admin.vm.feature.Set+live.policy", "app1", "root", "0|");
      before = live_simulator_take_events (simulator, events, NULL);
      g_assert_cmpuint (before->len, >, 0);
      live_simulator_command (simulator, "restart");
      /* The stream is over; a new connection is accepted. */
      rest = live_socket_read_all (events);
      g_assert_cmpuint (rest->len, ==, 0);
      close (events);
      assert_control (simulator, "rw app1 root", cases[i].expected);
      assert_control (simulator, "rw app1 kernel", "ok False");
      assert_control (simulator, "ephemeral app1", "ok True");
      assert_call (simulator, "admin.vm.feature.Get+live.policy", "app1", "", "0|root");
    }
}

static void
test_ephemeral (gconstpointer version)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version, NULL);
  int events = live_simulator_subscribe (simulator, "app1");

  assert_call (simulator, "admin.pool.Set.ephemeral_volatile+bench", "dom0", "True", "0|");
  g_assert_true (info_has (simulator, "volatile", "app1", "ephemeral=True"));
  g_assert_true (info_has (simulator, "root", "app1", "ephemeral=False"));
  /* An explicit value beats the pool's, for good. */
  assert_call (simulator, "admin.vm.volume.Set.ephemeral+volatile", "app1", "False", "0|");
  g_assert_true (info_has (simulator, "volatile", "app1", "ephemeral=False"));
  /* What follows the pool is not encrypted when it cannot be written. */
  live_simulator_command (simulator, "set-rw app2 volatile False");
  g_assert_true (info_has (simulator, "volatile", "app2", "ephemeral=False"));
  assert_call (simulator, "admin.vm.Start", "app2", "", "0|");

  /* What is explicit is, and fails. */
  assert_call (simulator, "admin.vm.volume.Set.ephemeral+volatile", "app1", "True", "0|");
  assert_call (simulator, "admin.vm.volume.Set.rw+volatile", "app1", "False", "0|");
  assert_call (simulator, "admin.vm.Start", "app1", "", "");
  assert_control (simulator, "state app1", "ok Halted");
  {
    g_autofree char *got = take_events (simulator, events, "app1");
    g_assert_cmpstr (got, ==,
                     " connection-established\n"
                     "app1 domain-pre-start\n"
                     "app1 domain-verify-files\n"
                     "app1 domain-pre-spawn\n"
                     "app1 domain-start-failed\n");
  }
  close (events);
}

static void
test_lvm_thin (gconstpointer version)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version, "--lvm-thin", NULL);
  gboolean old = g_str_equal (version, "4.2");

  assert_call (simulator, "admin.pool.List", "dom0", "", "0|varlibqubes\nlinux-kernel\nvm-pool\n");
  assert_call (simulator, "admin.property.Get+default_pool_volatile", "dom0", "", "0|default=True type=str vm-pool");
  g_assert_true (info_has (simulator, "root", "app1", "vid=qubes_dom0/vm-app1-root"));
  g_assert_true (info_has (simulator, "root", "app1", "source=qubes_dom0/vm-debian-12-root"));

  live_simulator_command (simulator, "set-rw app1 private False");
  live_simulator_command (simulator, "start app1");
  {
    int events = live_simulator_subscribe (simulator, "app1");
    g_autofree char *got = NULL;

    assert_call (simulator, "admin.vm.Shutdown", "app1", "", "0|");
    got = take_events (simulator, events, "app1");
    /* No domain-shutdown: qubesd failed before it came to that. */
    g_assert_cmpstr (got, ==, " connection-established\napp1 domain-pre-shutdown\napp1 domain-stopped\n");
    close (events);
  }
  assert_control (simulator, "state app1", "ok Halted");
  {
    g_autofree char *notes = live_simulator_control (simulator, "notes");
    g_assert_nonnull (strstr (notes, "app1: the stop failed an assertion"));
  }
  assert_control (simulator, "notes", "ok");

  /* Without snapshots nothing is committed, so nothing fails; 4.2 cannot be told so. */
  assert_call (simulator, "admin.vm.volume.Set.revisions_to_keep+private", "app1", "-1", old ? "" : "0|");
  live_simulator_command (simulator, "start app1");
  assert_call (simulator, "admin.vm.Shutdown+wait", "app1", "", old ? "" : "0|");
  {
    g_autofree char *notes = live_simulator_control (simulator, "notes");
    g_assert_true (old == (strstr (notes, "assertion") != NULL));
  }
  /* A disposable's private volume is a snapshot and is thrown away. */
  live_simulator_command (simulator, "set-rw disp-named private False");
  live_simulator_command (simulator, "start disp-named");
  assert_call (simulator, "admin.vm.Shutdown+wait", "disp-named", "", "0|");
}

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
  of_one = take_events (simulator, one, "app2");
  g_assert_cmpstr (of_one, ==,
                   " connection-established\n"
                   "app2 domain-feature-pre-set:a\n"
                   "app2 domain-feature-set:a\n"
                   "app2 property-pre-set:debug\n"
                   "app2 property-set:debug\n");
  {
    /* The other stream's mark went to this one as well. */
    g_autofree char *of_all = take_events (simulator, all, NULL);
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
test_silent_changes (void)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start ("4.3", NULL);
  int events = live_simulator_subscribe (simulator, "dom0");

  assert_call (simulator, "admin.vm.volume.Set.rw+root", "app1", "False", "0|");
  assert_call (simulator, "admin.vm.volume.Set.ephemeral+volatile", "app1", "True", "0|");
  assert_call (simulator, "admin.vm.volume.Set.revisions_to_keep+private", "app1", "-1", "0|");
  assert_call (simulator, "admin.pool.Set.ephemeral_volatile+bench", "dom0", "True", "0|");
  assert_call (simulator, "admin.pool.Set.revisions_to_keep+bench", "dom0", "2", "0|");
  live_simulator_command (simulator, "set-rw app1 root True");
  assert_events (simulator, events, " connection-established\n");
  close (events);
}

static void
test_icons (void)
{
  static const struct
  {
    const char *qube;
    const char *icon;
  } cases[] = {
    { "app1", "appvm-blue" },
    { "debian-12", "templatevm-black" },
    { "debian-12-dvm", "templatevm-red" },
    { "disp-named", "dispvm-red" },
    { "standalone1", "standalonevm-black" },
    { "sys-net", "servicevm-red" },
    { "sys-firewall", "servicevm-green" },
  };
  g_autoptr (LiveSimulator) simulator = live_simulator_start ("4.3", NULL);
  int events = live_simulator_subscribe (simulator, "dom0");

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *reply = live_simulator_call (simulator, "admin.vm.property.Get+icon", cases[i].qube, "");
      g_autofree char *expected = g_strconcat ("0|default=True type=str ", cases[i].icon, NULL);
      g_assert_cmpstr (reply, ==, expected);
    }
  live_simulator_command (simulator, "label app1 green");
  live_simulator_command (simulator, "property app1 template_for_dispvms True");
  live_simulator_command (simulator, "property app2 provides_network True");
  assert_call (simulator, "admin.vm.property.Get+icon", "app1", "", "0|default=True type=str templatevm-green");
  assert_call (simulator, "admin.vm.property.Get+icon", "app2", "", "0|default=True type=str servicevm-blue");
  assert_events (simulator, events,
                 " connection-established\n"
                 "app1 property-pre-set:label\n"
                 "app1 property-reset:icon\n"
                 "app1 property-set:label\n"
                 "app1 property-pre-set:template_for_dispvms\n"
                 "app1 property-reset:icon\n"
                 "app1 property-set:template_for_dispvms\n"
                 "app2 property-pre-set:provides_network\n"
                 "app2 domain-feature-pre-set:servicevm\n"
                 "app2 domain-feature-set:servicevm\n"
                 "app2 property-reset:icon\n"
                 "app2 property-set:provides_network\n");
  close (events);
}

static void
test_preload (void)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start ("4.3", NULL);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *taken = NULL;
  g_autofree char *state = NULL;
  g_autofree char *method = NULL;
  g_auto (GStrv) names = NULL;

  assert_call (simulator, "admin.vm.feature.Set+preload-dispvm-max", "debian-12-dvm", "2", "0|");
  before = live_simulator_call (simulator, "admin.vm.feature.Get+preload-dispvm", "debian-12-dvm", "");
  names = g_strsplit (before + 2, " ", -1);
  g_assert_cmpuint (g_strv_length (names), ==, 2);
  assert_call (simulator, "admin.vm.property.Get+is_preload", names[0], "", "0|default=True type=bool True");
  state = live_simulator_control (simulator, "state %s", names[0]);
  g_assert_cmpstr (state, ==, "ok Paused");

  /* They keep what they were made with, until they are replaced. */
  live_simulator_command (simulator, "set-rw debian-12-dvm root False");
  g_assert_true (info_has (simulator, "root", names[1], "rw=True"));
  assert_call (simulator, "admin.vm.feature.Set+preload-dispvm-max", "debian-12-dvm", "0", "0|");
  assert_call (simulator, "admin.vm.feature.Get+preload-dispvm", "debian-12-dvm", "", "0|");
  assert_call (simulator, "admin.vm.feature.Set+preload-dispvm-max", "debian-12-dvm", "1", "0|");
  after = live_simulator_call (simulator, "admin.vm.feature.Get+preload-dispvm", "debian-12-dvm", "");
  g_assert_true (info_has (simulator, "root", after + 2, "rw=False"));

  taken = live_simulator_call (simulator, "admin.vm.CreateDisposable", "debian-12-dvm", "");
  g_assert_cmpstr (taken, ==, after);
  assert_call (simulator, "admin.vm.property.Get+is_preload", taken + 2, "", "0|default=True type=bool False");
  assert_call (simulator, "admin.vm.Kill", taken + 2, "", "0|");
  method = g_strdup_printf ("error no such qube: %s", taken + 2);
  g_free (state);
  state = live_simulator_control (simulator, "state %s", taken + 2);
  g_assert_cmpstr (state, ==, method);
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
                  "error fault METHOD empty|cut N|hang|error TYPE MESSAGE [xCOUNT]");
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
      g_assert_cmpint (length, <, (gssize)sizeof greeting);
      g_assert_cmpmem (greeting + at, (gsize)length, buffer, (gsize)length);
      at += (gsize)length;
    }
  live_simulator_command (simulator, "feature app1 a 1");
  assert_events (simulator, events, "app1 domain-feature-pre-set:a\napp1 domain-feature-set:a\n");
  close (events);

  /* Cut in the middle of a frame. */
  live_simulator_command (simulator, "events-chunk 0");
  live_simulator_command (simulator, "fault admin.Events cut %u", (guint)sizeof greeting + 5);
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
  first = take_events (simulator, events, "app1");
  g_assert_true (g_str_has_suffix (first, "app1 domain-start\napp1 domain-pre-shutdown\n"));
  for (gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;;)
    {
      g_autofree char *state = live_simulator_control (simulator, "state app1");

      if (g_str_equal (state, "ok Halted"))
        break;
      g_assert_cmpint (g_get_monotonic_time (), <, end);
    }
  second = take_events (simulator, events, "app1");
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
test_many_qubes (void)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start ("4.3", "--qubes", "1000", "--running", "8", NULL);
  g_autofree char *list = live_simulator_call (simulator, "admin.vm.List", "dom0", "");
  g_auto (GStrv) lines = g_strsplit (list, "\n", -1);
  guint apps = 0, running = 0;

  /* dom0, and nothing after the last newline. */
  g_assert_cmpuint (g_strv_length (lines), ==, 1000 + 2);
  for (guint i = 0; lines[i]; i++)
    {
      apps += strstr (lines[i], "class=AppVM") != NULL;
      running += strstr (lines[i], "state=Running") != NULL;
    }
  g_assert_cmpuint (running, ==, 8 + 1);
  g_assert_cmpuint (apps, >, 700);
  g_assert_cmpuint (apps, <, 900);
  assert_control (simulator, "state work", "ok Running");
  assert_control (simulator, "state sys-firewall", "ok Running");
  assert_call (simulator, "admin.vm.property.Get+netvm", "vault", "", "0|default=False type=vm ");
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

int
main (int argc, char **argv)
{
  static const char *const versions[] = { "4.2", "4.3", "4.4" };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    {
      static const struct
      {
        const char *name;
        GTestDataFunc run;
      } tests[] = {
        { "template-resets-root", test_template_resets_root },
        { "disposable-copies", test_disposable_copies },
        { "ephemeral", test_ephemeral },
        { "lvm-thin", test_lvm_thin },
      };

      for (guint k = 0; k < G_N_ELEMENTS (tests); k++)
        {
          g_autofree char *path = g_strdup_printf ("/dom0/semantics/%s/%s", tests[k].name, versions[i]);
          g_test_add_data_func (path, versions[i], tests[k].run);
        }
    }
  g_test_add_func ("/dom0/semantics/restart", test_restart);
  g_test_add_func ("/dom0/semantics/silent-changes", test_silent_changes);
  g_test_add_func ("/dom0/semantics/icons", test_icons);
  g_test_add_func ("/dom0/semantics/preload", test_preload);
  g_test_add_func ("/dom0/semantics/many-qubes", test_many_qubes);
  g_test_add_func ("/dom0/events/filter", test_filter);
  g_test_add_func ("/dom0/events/pieces", test_event_pieces);
  g_test_add_func ("/dom0/control/faults", test_faults);
  g_test_add_func ("/dom0/control/hang-and-delay", test_hang_and_delay);
  g_test_add_func ("/dom0/control/stop-and-listen", test_stop_and_listen);
  g_test_add_func ("/dom0/control/slow-lifecycle", test_slow_lifecycle);
  g_test_add_func ("/dom0/control/outside-changes", test_outside_changes);
  return g_test_run ();
}
