/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* What the recordings do not show: what the simulated dom0's calls do to each other. */

#include <string.h>
#include <unistd.h>

#include "simulator.h"

/* Whether a volume's Info has a line KEY=VALUE. */
static gboolean
info_has (LiveSimulator *simulator, const char *volume, const char *qube, const char *line)
{
  g_autofree char *method = g_strconcat ("admin.vm.volume.Info+", volume, NULL);
  g_autofree char *reply = live_simulator_call (simulator, method, qube, "");
  g_auto (GStrv) lines = g_strsplit (reply, "\n", -1);

  return g_strv_contains ((const char *const *)lines, line);
}

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
    g_autofree char *got = live_simulator_take_event_names (simulator, events, "app1");
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
    got = live_simulator_take_event_names (simulator, events, "app1");
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

/* A disposable that cannot start does not stay; only 4.2 spares a named one. */
static void
test_disposable_start_fails (gconstpointer version)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version, NULL);
  gboolean old = g_str_equal (version, "4.2");
  g_autofree char *reply = live_simulator_call (simulator, "admin.vm.CreateDisposable", "debian-12-dvm", "");
  const char *const names[] = { "disp-named", reply + 2 };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *state = NULL;

      live_simulator_command (simulator, "set-ephemeral %s True", names[i]);
      live_simulator_command (simulator, "set-rw %s volatile False", names[i]);
      assert_call (simulator, "admin.vm.Start", names[i], "", "");
      state = live_simulator_control (simulator, "state %s", names[i]);
      if (old && i == 0)
        g_assert_cmpstr (state, ==, "ok Halted");
      else
        g_assert_true (g_str_has_prefix (state, "error no such qube"));
    }
}

static void
test_network (gconstpointer version)
{
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version, NULL);

  assert_call (simulator, "admin.vm.property.Set+netvm", "sys-net", "sys-firewall",
               "2|QubesValueError||Loops in network are unsupported|");
  assert_call (simulator, "admin.vm.property.Set+netvm", "sys-net", "sys-net",
               "2|QubesValueError||Loops in network are unsupported|");
  assert_call (simulator, "admin.vm.property.Reset+netvm", "sys-firewall", "",
               "2|QubesValueError||Loops in network are unsupported|");
  assert_call (simulator, "admin.vm.property.Set+netvm", "app1", "app2",
               "2|QubesValueError||The app2 qube does not provide network|");
  assert_call (simulator, "admin.vm.property.Set+provides_network", "sys-net", "False",
               "2|QubesValueError||The qube is still used by other qubes, change theirs 'netvm' first|");
  /* What has no network starts alone. */
  assert_call (simulator, "admin.vm.property.Set+netvm", "app1", "", "0|");
  assert_call (simulator, "admin.vm.Start", "app1", "", "0|");
  assert_control (simulator, "state sys-net", "ok Halted");
}

/* Whatever comes in, the simulator answers or hangs up, and goes on. */
static void
test_garbage (gconstpointer version)
{
  static const char *const pieces[] = { "admin.vm.List",
                                        "admin.vm.volume.Set.rw",
                                        "admin.vm.feature.Set",
                                        "admin.vm.Create.AppVM",
                                        "admin.pool.Add",
                                        "admin.vm.property.Set",
                                        "admin.vm.Shutdown",
                                        "+",
                                        "+root",
                                        "+name",
                                        "+file",
                                        " dom0",
                                        " name",
                                        " keyword",
                                        " app1",
                                        " adminvm",
                                        " uuid:",
                                        "=",
                                        ":",
                                        "name=x",
                                        " label=red",
                                        "pool:",
                                        "\xff\xfe",
                                        "\n",
                                        "%s%n",
                                        "'",
                                        "\\",
                                        "preload-dispvm-max" };
  g_autoptr (LiveSimulator) simulator = live_simulator_start (version, NULL);
  g_autoptr (GRand) random = g_rand_new_with_seed (7);

  for (guint i = 0; i < 2000; i++)
    {
      g_autoptr (GByteArray) request = g_byte_array_new ();
      g_autoptr (GByteArray) reply = NULL;
      gint32 length = g_rand_int_range (random, 0, 12);

      for (gint32 k = 0; k < length; k++)
        {
          const char *piece = pieces[g_rand_int_range (random, 0, (gint32)G_N_ELEMENTS (pieces))];

          g_byte_array_append (request, (const guint8 *)piece, (guint)strlen (piece));
          if (g_rand_int_range (random, 0, 4) == 0)
            g_byte_array_append (request, (const guint8 *)"", 1);
        }
      reply = live_simulator_call_bytes (simulator, request->data, request->len);
      if (reply->len > 0)
        g_assert_nonnull (strchr ("02", reply->data[0]));
    }
  assert_control (simulator, "state app1", "ok Halted");
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
        { "disposable-start-fails", test_disposable_start_fails },
        { "network", test_network },
        { "garbage", test_garbage },
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
  return g_test_run ();
}
