/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* The posture as `qubes-live posture` shows it, of a dom0 whose files the test writes. */

#include <json-glib/json-glib.h>
#include <string.h>
#include <utime.h>

#include "helper-fixture.h"

#define LINUX_LINE "placeholder root=/dev/mapper/qubes_dom0-root ro debugfs=off bootscrub=1"

static void
open_fixture (LiveHelperFixture *fixture, gconstpointer data)
{
  static const char *const version[] = { "--version", "4.3", NULL };

  live_helper_fixture_open (fixture, version);
}

static void
close_fixture (LiveHelperFixture *fixture, gconstpointer data)
{
  live_helper_fixture_close (fixture);
}

static void
write_text (LiveHelperFixture *fixture, const char *name, const char *text)
{
  g_autofree char *path = g_strconcat (live_test_bed_get_root (fixture->bed), name, NULL);
  g_autofree char *directory = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

/* Runs `qubes-live posture --json` as @uid; NULL when it exits with anything but 0 and 1. */
static JsonNode *
run (LiveHelperFixture *fixture, guint uid, int expected)
{
  const char *const argv[] = { g_getenv ("LIVE_CLI"), "posture", "--json", NULL };
  g_autofree char *output = NULL, *errors = NULL;
  g_autoptr (GError) error = NULL;
  JsonNode *node = NULL;

  g_assert_cmpint (live_test_bed_run (fixture->bed, uid, argv, &output, &errors), ==, expected);
  node = json_from_string (output, &error);
  g_assert_no_error (error);
  g_assert_nonnull (node);
  return node;
}

static const char *
get_verdict (JsonNode *node, const char *code)
{
  JsonArray *items = json_object_get_array_member (json_node_get_object (node), "items");

  for (guint i = 0; i < json_array_get_length (items); i++)
    {
      JsonObject *item = json_array_get_object_element (items, i);

      if (g_str_equal (json_object_get_string_member (item, "code"), code))
        return json_object_get_string_member (item, "verdict");
    }
  return "none";
}

static void
write_dom0 (LiveHelperFixture *fixture)
{
  g_autofree char *grub = g_strconcat (live_test_bed_get_root (fixture->bed), "/boot/grub2/grub.cfg", NULL);
  struct utimbuf times = { .actime = 999999000, .modtime = 999999000 };

  write_text (fixture, "/proc/cmdline", LINUX_LINE "\n");
  write_text (fixture, "/proc/stat", "cpu 0\nbtime 1000000000\n");
  write_text (fixture, "/proc/swaps", "Filename Type Size Used Priority\n/dev/dm-1 partition 1 0 -2\n");
  write_text (fixture, "/proc/sys/kernel/osrelease", "6.12.25-1.qubes.fc41.x86_64\n");
  write_text (fixture, "/proc/sys/kernel/sysrq", "1\n");
  write_text (fixture, "/sys/hypervisor/type", "xen\n");
  write_text (fixture, "/boot/grub2/grub.cfg",
              "menuentry 'Qubes' {\n multiboot2 /xen.gz placeholder smt=on\n module2 /vmlinuz " LINUX_LINE "\n}\n");
  g_assert_cmpint (utime (grub, &times), ==, 0);
}

static void
test_posture (LiveHelperFixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) before = NULL, after = NULL, repaired = NULL;

  /* Little is known of the bed's own dom0, and what is not known is not bad. */
  before = run (fixture, 0, 0);
  g_assert_cmpstr (get_verdict (before, "debugfs"), ==, "weak");
  g_assert_cmpstr (get_verdict (before, "sysrq"), ==, "unknown");
  g_assert_cmpstr (get_verdict (before, "smt"), ==, "unknown");

  write_dom0 (fixture);
  after = run (fixture, 0, 1);
  g_assert_cmpstr (get_verdict (after, "debugfs"), ==, "good");
  g_assert_cmpstr (get_verdict (after, "init-on-free"), ==, "not-applicable");
  g_assert_cmpstr (get_verdict (after, "misplaced-argument"), ==, "weak");
  g_assert_cmpstr (get_verdict (after, "sysrq"), ==, "bad");
  g_assert_cmpstr (get_verdict (after, "smt"), ==, "bad");
  g_assert_cmpstr (get_verdict (after, "bootscrub"), ==, "unknown");
  /* It runs from its disk: swap is bad style, no lie. */
  g_assert_cmpstr (get_verdict (after, "swap"), ==, "weak");

  write_text (fixture, "/proc/sys/kernel/sysrq", "16\n");
  write_text (fixture, "/var/log/xen/console/hypervisor.log",
              "[2026-01-01 00:00:00] (XEN) Command line: placeholder smt=off\n");
  repaired = run (fixture, 0, 0);
  g_assert_cmpstr (get_verdict (repaired, "sysrq"), ==, "good");
  g_assert_cmpstr (get_verdict (repaired, "smt"), ==, "good");
  g_assert_cmpstr (get_verdict (repaired, "bootscrub"), ==, "good");
  g_assert_cmpstr (get_verdict (repaired, "scrub-domheap"), ==, "weak");
}

/* The helper reads it by itself when it starts, before anybody asks. */
static void
test_at_start (LiveHelperFixture *fixture, gconstpointer data)
{
  gint64 end = 0;

  live_test_bed_stop_helper (fixture->bed);
  write_dom0 (fixture);
  live_test_bed_start_helper (fixture->bed);
  end = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;
  for (;;)
    {
      g_autoptr (GVariant) posture
          = live_helper_fixture_get (fixture, "/org/qubes/Live1/dom0", "org.qubes.Live1.Dom0", "Posture");
      g_autofree char *text = posture != NULL ? g_variant_print (posture, FALSE) : g_strdup ("(no answer)");

      if (strstr (text, "('sysrq', 'bad', 'set-sysctl'") != NULL)
        return;
      if (g_get_monotonic_time () >= end)
        g_error ("the posture is still %s", text);
      g_main_context_iteration (NULL, FALSE);
      g_usleep (2000);
    }
}

/* Who may not view does not make the helper read files either. */
static void
test_not_authorized (LiveHelperFixture *fixture, gconstpointer data)
{
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (JsonNode) without = NULL;

  node = run (fixture, LIVE_TEST_STRANGER_UID, 3);
  g_assert_cmpstr (get_verdict (node, "debugfs"), ==, "none");
  live_test_bed_stop_polkitd (fixture->bed);
  without = run (fixture, 0, 3);
  g_assert_cmpstr (get_verdict (without, "debugfs"), ==, "none");
}

#define ADD(path, function) g_test_add (path, LiveHelperFixture, NULL, open_fixture, function, close_fixture)

int
main (int argc, char **argv)
{
  gboolean root = live_test_bed_init ();

  g_test_init (&argc, &argv, NULL);
  if (!root)
    {
      g_print ("1..0 # SKIP the test bed needs root\n");
      return 0;
    }
  ADD ("/posture/read", test_posture);
  ADD ("/posture/at-start", test_at_start);
  ADD ("/posture/not-authorized", test_not_authorized);
  return g_test_run ();
}
