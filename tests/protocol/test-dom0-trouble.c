/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* What goes wrong with qubes, and what the changes were: as seen with the real qubesd 4.2.39, 4.3.50 and 4.4.0-dev. */

#include <string.h>
#include <unistd.h>

#include "simulator.h"

static gboolean
is_old (gconstpointer version)
{
  return g_str_equal (version, "4.2");
}

static void
assert_note (LiveSimulator *simulator, const char *part)
{
  g_autofree char *notes = live_simulator_control (simulator, "notes");

  if (!part)
    g_assert_cmpstr (notes, ==, "ok");
  else
    g_assert_nonnull (strstr (notes, part));
}

/* What could not be committed stays, and comes back in place of what was written since. */
static void
test_left_over (gconstpointer version)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version, "--lvm-thin", NULL);
  static const char *const places[][2] = { { "app1", "private" }, { "standalone1", "root" } };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      const char *qube = places[i][0], *volume = places[i][1];
      g_autofree char *set_rw = g_strconcat ("admin.vm.volume.Set.rw+", volume, NULL);
      g_autofree char *set_revisions = g_strconcat ("admin.vm.volume.Set.revisions_to_keep+", volume, NULL);
      g_autofree char *left_over = g_strdup_printf ("left-over %s %s", qube, volume);

      assert_call (simulator, set_rw, qube, "False", "0|");
      assert_call (simulator, "admin.vm.Start", qube, "", "0|");
      {
        int events = live_simulator_subscribe (simulator, qube);
        g_autofree char *got = NULL;

        assert_call (simulator, "admin.vm.Shutdown+wait", qube, "", "");
        got = live_simulator_take_event_names (simulator, events, qube);
        g_assert_nonnull (strstr (got, "domain-stopped\n"));
        g_assert_nonnull (strstr (got, "domain-shutdown-failed\n"));
        g_assert_null (strstr (got, "domain-shutdown\n"));
        close (events);
      }
      assert_control (simulator, left_over, "ok True");
      assert_note (simulator, "assertion");

      assert_call (simulator, set_revisions, qube, "-1", is_old (version) ? "" : "0|");
      assert_call (simulator, set_rw, qube, "True", "0|");
      assert_call (simulator, "admin.vm.Start", qube, "", "0|");
      /* Only a halted qube can change between the two ways. */
      if (!is_old (version))
        {
          g_autofree char *refused = live_simulator_call (simulator, set_revisions, qube, "1");
          g_assert_true (g_str_has_prefix (refused, "2|QubesVMNotHaltedError|"));
        }
      assert_call (simulator, "admin.vm.Shutdown+wait", qube, "", "0|");
      assert_control (simulator, left_over, is_old (version) ? "ok False" : "ok True");
      assert_note (simulator, NULL);

      assert_call (simulator, set_revisions, qube, "1", "0|");
      assert_call (simulator, "admin.vm.Start", qube, "", "0|");
      assert_note (simulator, is_old (version) ? NULL : "hides what was written since");
      assert_call (simulator, "admin.vm.Kill", qube, "", "0|");
      assert_control (simulator, left_over, "ok False");
    }
}

static void
test_revisions (gconstpointer version)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version, NULL);
  static const char kernel[] = "2|QubesValueError||LinuxModules supports only revisions_to_keep=0|";
  static const char *const volumes[][2]
      = { { "app1", "private" }, { "app1", "root" }, { "app1", "volatile" }, { "disp-named", "private" } };

  for (guint i = 0; i < G_N_ELEMENTS (volumes); i++)
    {
      g_autofree char *method = g_strconcat ("admin.vm.volume.Set.revisions_to_keep+", volumes[i][1], NULL);

      assert_call (simulator, method, volumes[i][0], "-1", is_old (version) ? "" : "0|");
      assert_call (simulator, method, volumes[i][0], "-2",
                   is_old (version) ? "" : "2|QubesValueError||Invalid value for revisions_to_keep|");
      assert_call (simulator, method, volumes[i][0], "3", "0|");
    }
  assert_call (simulator, "admin.vm.volume.Set.revisions_to_keep+kernel", "app1", "3", kernel);
  assert_call (simulator, "admin.vm.volume.Set.revisions_to_keep+kernel", "app1", "-1", is_old (version) ? "" : kernel);
  assert_call (simulator, "admin.vm.volume.Set.revisions_to_keep+kernel", "app1", "0", "0|");
}

/* Without snapshots a disposable template and its disposables exclude each other. */
static void
test_plain_template (gconstpointer version)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version, "--lvm-thin", NULL);

  assert_call (simulator, "admin.vm.volume.Set.revisions_to_keep+private", "debian-12-dvm", "-1", "0|");
  assert_call (simulator, "admin.vm.Start", "disp-named", "", "0|");
  assert_call (simulator, "admin.vm.Start", "debian-12-dvm", "",
               "2|QubesVMNotHaltedError||Domain is not powered off: 'disp-named'|");
  assert_call (simulator, "admin.vm.Pause", "disp-named", "", "0|");
  assert_call (simulator, "admin.vm.Start", "debian-12-dvm", "",
               "2|QubesVMNotHaltedError||Domain is not powered off: 'disp-named'|");
  assert_call (simulator, "admin.vm.volume.Set.revisions_to_keep+private", "debian-12-dvm", "1",
               "2|QubesVMNotHaltedError||Domain is not powered off: 'disp-named'|");
  assert_call (simulator, "admin.vm.Kill", "disp-named", "", "0|");
  assert_call (simulator, "admin.vm.Start", "debian-12-dvm", "", "0|");
  assert_call (simulator, "admin.vm.Start", "disp-named", "",
               "2|QubesVMError||Volume qubes_dom0/vm-debian-12-dvm-private is running|");
}

static void
test_failing_start (gconstpointer version)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version, NULL);
  g_autofree char *reply = NULL;
  g_autofree char *got = NULL;
  int events;

  live_simulator_command (simulator, "fail-start app1");
  reply = live_simulator_call (simulator, "admin.vm.Start", "app1", "");
  g_assert_true (g_str_has_prefix (reply, "2|QubesException||Start failed: "));
  assert_control (simulator, "state app1", "ok Halted");
  assert_call (simulator, "admin.vm.Start", "app1", "", "0|");
  assert_call (simulator, "admin.vm.Kill", "app1", "", "0|");

  live_simulator_command (simulator, "missing-volume app1 private True");
  events = live_simulator_subscribe (simulator, "app1");
  assert_call (simulator, "admin.vm.Start", "app1", "",
               "2|StoragePoolException||Missing image file '/srv/pool-bench/appvms/app1/private.img' for volume "
               "appvms/app1/private|");
  got = live_simulator_take_event_names (simulator, events, "app1");
  g_assert_cmpstr (got, ==, " connection-established\napp1 domain-pre-start\napp1 domain-start-failed\n");
  close (events);
  /* Nothing else notices. */
  assert_call (simulator, "admin.vm.volume.Set.rw+private", "app1", "False", "0|");
  live_simulator_command (simulator, "missing-volume app1 private False");
  assert_call (simulator, "admin.vm.Start", "app1", "", "0|");
}

static void
test_hanging_shutdown (gconstpointer version)
{
  static const char wait[] = "admin.vm.Shutdown+wait dom0 name app1";
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version, NULL);
  g_autoptr (GByteArray) waited = NULL;
  g_autofree char *got = NULL;
  int events, fd;

  assert_call (simulator, "admin.vm.Start", "app1", "", "0|");
  live_simulator_command (simulator, "hang-shutdown app1");
  assert_call (simulator, "admin.vm.Shutdown", "app1", "", "0|");
  assert_control (simulator, "state app1", "ok Running");
  /* Who waits is told in the end. */
  assert_call (simulator, "admin.vm.property.Set+shutdown_timeout", "app1", "1", "0|");
  assert_call (simulator, "admin.vm.Shutdown+wait", "app1", "",
               "2|QubesVMShutdownTimeoutError||Domain shutdown timed out: 'app1'|");
  assert_control (simulator, "state app1", "ok Running");
  /* A kill ends it, and the waiting. */
  assert_call (simulator, "admin.vm.property.Set+shutdown_timeout", "app1", "600", "0|");
  fd = live_simulator_connect (simulator);
  live_socket_request (fd, wait, sizeof wait);
  assert_call (simulator, "admin.vm.feature.List", "app2", "", "0|");
  events = live_simulator_subscribe (simulator, "app1");
  live_simulator_command (simulator, "kill app1");
  waited = live_socket_read_all (fd);
  g_assert_cmpmem (waited->data, waited->len, "0\0", 2);
  close (fd);
  got = live_simulator_take_event_names (simulator, events, "app1");
  g_assert_null (strstr (got, "domain-pre-shutdown"));
  g_assert_true (g_str_has_suffix (got, "app1 domain-shutdown\n"));
  close (events);
  /* It goes on hanging in its next run, until that is taken back. */
  assert_call (simulator, "admin.vm.Start", "app1", "", "0|");
  assert_call (simulator, "admin.vm.Shutdown+force", "app1", "", "0|");
  assert_control (simulator, "state app1", "ok Running");
  live_simulator_command (simulator, "hang-shutdown app1 False");
  assert_call (simulator, "admin.vm.Shutdown+wait", "app1", "", "0|");
  assert_control (simulator, "state app1", "ok Halted");
}

/* The disk is full: what is not saved holds nevertheless. */
static void
test_unsaved (gconstpointer version)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version, NULL);
  int events = live_simulator_subscribe (simulator, "dom0");

  live_simulator_command (simulator, "fault * unsaved x3");
  assert_control (simulator, "rw app1 root", "ok True");
  assert_call (simulator, "admin.vm.feature.List", "app1", "", "0|");
  assert_call (simulator, "admin.vm.volume.Set.rw+root", "app1", "False", "");
  assert_control (simulator, "rw app1 root", "ok False");
  assert_call (simulator, "admin.vm.feature.Set+live.window", "app1", "9", "");
  assert_call (simulator, "admin.vm.feature.Get+live.window", "app1", "", "0|9");
  assert_call (simulator, "admin.vm.feature.Remove+live.window", "app1", "", "");
  assert_control (simulator, "has-feature app1 live.window", "ok False");
  assert_call (simulator, "admin.vm.volume.Set.rw+root", "app1", "True", "0|");
  assert_events (simulator, events,
                 " connection-established\n"
                 "app1 domain-feature-pre-set:live.window\n"
                 "app1 domain-feature-set:live.window\n"
                 "app1 domain-feature-pre-delete:live.window\n"
                 "app1 domain-feature-delete:live.window\n");
  close (events);
  /* What is refused is told so, as ever. */
  live_simulator_command (simulator, "fault admin.vm.volume.Set.rw unsaved");
  live_simulator_command (simulator, "start app1");
  assert_call (simulator, "admin.vm.volume.Set.rw+root", "app1", "False",
               "2|QubesVMNotHaltedError||Domain is not powered off: 'app1'|");
}

static void
test_changes (gconstpointer version)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version, NULL);

  assert_control (simulator, "changes", "ok");
  assert_call (simulator, "admin.vm.feature.Set+live.saved", "app1", "root=rw 50%", "0|");
  assert_call (simulator, "admin.vm.feature.Get+live.saved", "app1", "", "0|root=rw 50%");
  assert_call (simulator, "admin.vm.Start", "app1", "", "0|");
  assert_call (simulator, "admin.vm.volume.Set.rw+private", "app1", "False",
               "2|QubesVMNotHaltedError||Domain is not powered off: 'app1'|");
  live_simulator_command (simulator, "fault admin.vm.Shutdown empty");
  assert_call (simulator, "admin.vm.Shutdown", "app1", "", "");
  live_simulator_command (simulator, "shutdown app1");
  assert_call (simulator, "admin.vm.Shutdown+force", "app1", "",
               "2|QubesVMNotStartedError||Domain is powered off: 'app1'|");
  live_simulator_command (simulator, "fault admin.vm.volume.Set.rw unsaved");
  assert_call (simulator, "admin.vm.volume.Set.rw+private", "app1", "False", "");
  assert_control (simulator, "changes",
                  "ok admin.vm.feature.Set+live.saved@app1=root=rw%2050%25 admin.vm.Start@app1 "
                  "admin.vm.volume.Set.rw+private@app1=False! admin.vm.Shutdown+force@app1! "
                  "admin.vm.volume.Set.rw+private@app1=False");
  live_simulator_command (simulator, "reset-changes");
  assert_control (simulator, "changes", "ok");
}

static void
test_kernelopts (gconstpointer version)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version, NULL);
  g_autofree char *longest = g_strnfill (512, 'a');
  g_autofree char *too_long = g_strnfill (513, 'a');
  int events = live_simulator_subscribe (simulator, "dom0");

  assert_call (simulator, "admin.vm.property.Get+kernelopts", "disp-named", "", "0|default=True type=str swiotlb=2048");
  assert_call (simulator, "admin.vm.property.Set+kernelopts", "debian-12", "init_on_free=1", "0|");
  assert_call (simulator, "admin.vm.property.Get+kernelopts", "disp-named", "",
               "0|default=True type=str init_on_free=1");
  assert_control (simulator, "get-property app1 kernelopts", "ok init_on_free=1");
  assert_control (simulator, "get-property standalone1 kernelopts", "ok swiotlb=2048");
  assert_call (simulator, "admin.vm.property.Set+kernelopts", "debian-12", "init_on_free=1", "0|");
  assert_call (simulator, "admin.vm.property.Reset+kernelopts", "debian-12", "", "0|");
  assert_events (simulator, events,
                 " connection-established\n"
                 "debian-12 property-pre-set:kernelopts\n"
                 "app1 property-reset:kernelopts\n"
                 "app2 property-reset:kernelopts\n"
                 "app3 property-reset:kernelopts\n"
                 "app4 property-reset:kernelopts\n"
                 "app5 property-reset:kernelopts\n"
                 "debian-12-dvm property-reset:kernelopts\n"
                 "sys-firewall property-reset:kernelopts\n"
                 "sys-net property-reset:kernelopts\n"
                 "debian-12 property-set:kernelopts\n"
                 "debian-12 property-pre-set:kernelopts\n"
                 "debian-12 property-set:kernelopts\n"
                 "debian-12 property-pre-reset:kernelopts\n"
                 "debian-12 property-pre-del:kernelopts\n"
                 "debian-12 property-reset:kernelopts\n"
                 "debian-12 property-del:kernelopts\n");
  close (events);
  live_simulator_command (simulator, "start app1");
  assert_call (simulator, "admin.vm.property.Set+kernelopts", "app1", longest, "0|");
  assert_call (simulator, "admin.vm.property.Set+kernelopts", "app1", too_long,
               "2|QubesPropertyValueError||Kernelopts value too long (512 chars max)|");
  assert_call (simulator, "admin.vm.property.Set+kernelopts", "app1", "caf\xc3\xa9",
               "2|QubesValueError||Non-ASCII bytes in property value|");
  assert_call (simulator, "admin.vm.property.Set+kernelopts", "app1", "", "0|");
  assert_call (simulator, "admin.vm.property.Get+kernelopts", "app1", "", "0|default=False type=str ");
}

static void
test_passed_on (gconstpointer version)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version, NULL);
  g_autofree char *service
      = g_strconcat ("admin.vm.feature.Set+service.", "1234567890123456789012345678901234567890", "123456789", NULL);
  g_autofree char *config
      = g_strconcat ("admin.vm.feature.Set+vm-config.", "1234567890123456789012345678901234567890", "1234567", NULL);

  assert_call (simulator, service, "app1", "1", "2|QubesValueError||Service name must not exceed 48 bytes|");
  assert_call (simulator, "admin.vm.feature.Set+service.", "app1", "1",
               "2|QubesValueError||Service name cannot be empty|");
  assert_call (simulator, "admin.vm.feature.List", "app1", "", "0|");
  assert_call (simulator, config, "app1", "1", "2|QubesValueError||VM config name must not exceed 46 bytes|");
  /* It was refused too late. */
  assert_call (simulator, "admin.vm.feature.Set+vm-config.", "app1", "1",
               "2|QubesValueError||Empty config name not allowed|");
  assert_call (simulator, "admin.vm.feature.Get+vm-config.", "app1", "", "0|1");
  assert_call (simulator, "admin.vm.feature.Set+vm-config.live-upper-size", "app2", "50% =/", "0|");
  assert_call (simulator, "admin.vm.feature.Get+vm-config.live-upper-size", "app2", "", "0|50% =/");
}

static void
test_start_time (gconstpointer version)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version, NULL);
  g_autofree char *own = NULL;
  g_auto (GStrv) words = NULL;
  gint64 now;

  assert_call (simulator, "admin.vm.property.Get+start_time", "app1", "", "0|default=True type=str ");
  assert_call (simulator, "admin.vm.Start", "app1", "", "0|");
  own = live_simulator_call (simulator, "admin.vm.property.Get+start_time", "app1", "");
  words = g_strsplit (own, " ", -1);
  g_assert_cmpuint (g_strv_length (words), ==, 3);
  g_assert_nonnull (strchr (words[2], '.'));
  now = g_get_real_time () / G_USEC_PER_SEC;
  g_assert_cmpint (g_ascii_strtoll (words[2], NULL, 10), <=, now);
  g_assert_cmpint (g_ascii_strtoll (words[2], NULL, 10), >, now - 60);
  live_simulator_command (simulator, "start-time app1 1700000000");
  assert_call (simulator, "admin.vm.property.Get+start_time", "app1", "", "0|default=True type=str 1700000000.0");
  assert_call (simulator, "admin.vm.Kill", "app1", "", "0|");
  assert_call (simulator, "admin.vm.property.Get+start_time", "app1", "", "0|default=True type=str ");
}

static void
test_preload_order (gconstpointer version)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version, NULL);
  g_autofree char *list = NULL;
  g_autofree char *got = NULL;
  g_autofree char *gone = NULL;
  g_autofree char *state = NULL;
  g_autoptr (GString) expected = g_string_new (NULL);
  g_auto (GStrv) steps = NULL;
  const char *name;
  int events;

  assert_call (simulator, "admin.vm.property.Set+netvm", "debian-12-dvm", "", "0|");
  live_simulator_command (simulator, "feature debian-12-dvm live.window 5");
  events = live_simulator_subscribe (simulator, "dom0");
  assert_call (simulator, "admin.vm.feature.Set+preload-dispvm-max", "debian-12-dvm", "1", "0|");
  list = live_simulator_call (simulator, "admin.vm.feature.Get+preload-dispvm", "debian-12-dvm", "");
  g_assert_true (g_str_has_prefix (list, "0|disp"));
  name = list + 2;
  got = live_simulator_take_event_names (simulator, events, NULL);
  close (events);
  /* @ is the disposable, T its template. */
  steps = g_strsplit (" connection-established|T domain-feature-pre-set:preload-dispvm-max|"
                      "T domain-feature-set:preload-dispvm-max| domain-add|"
                      "@ domain-feature-pre-set:preload-dispvm-in-progress|"
                      "@ domain-feature-set:preload-dispvm-in-progress|T domain-feature-pre-set:preload-dispvm|"
                      "@ property-reset:is_preload|T domain-feature-set:preload-dispvm|"
                      "@ domain-feature-pre-set:internal|@ domain-feature-set:internal|@ domain-create-on-disk|"
                      "@ domain-pre-start|@ domain-verify-files|@ domain-pre-spawn|@ property-reset:xid|"
                      "@ property-reset:stubdom_xid|@ property-reset:start_time|@ domain-spawn|@ domain-qdb-create|"
                      "@ domain-pre-unpaused|@ domain-unpaused|@ domain-start|@ domain-pre-paused|"
                      "@ domain-feature-pre-set:preload-dispvm-completed|"
                      "@ domain-feature-set:preload-dispvm-completed|"
                      "@ domain-feature-pre-set:preload-dispvm-in-progress|"
                      "@ domain-feature-set:preload-dispvm-in-progress|@ domain-paused|",
                      "|", -1);
  for (guint i = 0; steps[i] && *steps[i]; i++)
    {
      const char *who = steps[i][0] == '@' ? name : steps[i][0] == 'T' ? "debian-12-dvm" : "";
      g_string_append_printf (expected, "%s%s\n", who, steps[i] + (*who ? 1 : 0));
    }
  g_assert_cmpstr (got, ==, expected->str);

  /* All leave the queue, then they are killed; those who replace them are like their template now. */
  assert_call (simulator, "admin.vm.volume.Set.rw+private", "debian-12-dvm", "False", "0|");
  assert_call (simulator, "admin.vm.feature.Set+preload-dispvm-max", "debian-12-dvm", "0", "0|");
  assert_call (simulator, "admin.vm.feature.Get+preload-dispvm", "debian-12-dvm", "", "0|");
  gone = g_strdup_printf ("error no such qube: %s", name);
  state = live_simulator_control (simulator, "state %s", name);
  g_assert_cmpstr (state, ==, gone);

  /* A start that takes its time leaves the disposable in the queue, neither running nor paused. */
  live_simulator_command (simulator, "mode start-delay 60000");
  assert_call (simulator, "admin.vm.feature.Set+preload-dispvm-max", "debian-12-dvm", "1", "0|");
  g_free (list);
  list = live_simulator_call (simulator, "admin.vm.feature.Get+preload-dispvm", "debian-12-dvm", "");
  g_free (state);
  state = live_simulator_control (simulator, "state %s", list + 2);
  g_assert_cmpstr (state, ==, "ok Transient");
  assert_call (simulator, "admin.vm.feature.Remove+preload-dispvm-max", "debian-12-dvm", "", "0|");
  assert_call (simulator, "admin.vm.feature.Get+preload-dispvm", "debian-12-dvm", "", "0|");
}

int
main (int argc, char **argv)
{
  static const char *const versions[] = { "4.2", "4.3", "4.4" };
  static const struct
  {
    const char *name;
    GTestDataFunc run;
    gboolean new_only;
  } tests[] = {
    { "left-over", test_left_over, FALSE },
    { "revisions", test_revisions, FALSE },
    { "plain-template", test_plain_template, TRUE },
    { "failing-start", test_failing_start, FALSE },
    { "hanging-shutdown", test_hanging_shutdown, FALSE },
    { "unsaved", test_unsaved, FALSE },
    { "changes", test_changes, FALSE },
    { "kernelopts", test_kernelopts, FALSE },
    { "passed-on", test_passed_on, FALSE },
    { "start-time", test_start_time, FALSE },
    { "preload-order", test_preload_order, TRUE },
  };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (versions); i++)
    for (guint k = 0; k < G_N_ELEMENTS (tests); k++)
      if (!(tests[k].new_only && is_old (versions[i])))
        {
          g_autofree char *path = g_strdup_printf ("/dom0/trouble/%s/%s", tests[k].name, versions[i]);
          g_test_add_data_func (path, versions[i], tests[k].run);
        }
  return g_test_run ();
}
