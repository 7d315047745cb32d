/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>
#include <unistd.h>

#include "helper-fixture.h"
#include "model/object-path.h"
#include "test-bed.h"

#define WAIT_SECONDS 20

#define COMMON                                                                                                         \
  "23 22 0:21 / /proc rw - proc proc rw\n24 22 0:22 / /sys rw - sysfs sysfs rw\n"                                      \
  "25 22 0:24 / /run rw - tmpfs tmpfs rw\n"
#define OVERLAY                                                                                                        \
  "22 1 0:40 / / rw - overlay overlay rw,lowerdir=/live/image,upperdir=/cow/rw,workdir=/cow/work\n" COMMON             \
  "71 22 253:1 / /live/image ro - ext4 /dev/mapper/qubes_dom0-root ro\n"
#define COW_RAM "70 22 0:60 / /cow rw - tmpfs cowfs rw\n"
#define COW_DISK "70 22 8:0 / /cow rw - ext4 /dev/sda rw\n"
#define BOOT "60 22 8:16 / /boot rw - ext4 /dev/sdb rw\n"
#define SWAPS "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"

static void
put (LiveHelperFixture *fixture, const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (live_test_bed_get_root (fixture->bed), name, NULL);
  g_autofree char *directory = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
}

static void
put_device (LiveHelperFixture *fixture, const char *numbers, const char *name)
{
  g_autofree char *uevent_path = g_strdup_printf ("sys/dev/block/%s/uevent", numbers);
  g_autofree char *dev_path = g_strdup_printf ("sys/dev/block/%s/dev", numbers);
  g_autofree char *uevent = g_strdup_printf ("DEVNAME=%s\nDEVTYPE=disk\n", name);
  g_autofree char *dev = g_strdup_printf ("%s\n", numbers);

  put (fixture, uevent_path, uevent);
  put (fixture, dev_path, dev);
}

/* A dom0 in RAM without a leak. */
static void
put_live (LiveHelperFixture *fixture)
{
  put (fixture, "proc/self/mountinfo", OVERLAY COW_RAM);
  put (fixture, "proc/cmdline", "quiet qubes.live=overlay\n");
  put (fixture, "proc/swaps", SWAPS);
  put (fixture, "proc/sys/kernel/core_pattern", "|/bin/false\n");
  put_device (fixture, "8:0", "sda");
  put_device (fixture, "8:16", "sdb");
  put_device (fixture, "252:0", "zram0");
  put (fixture, "sys/dev/block/252:0/disksize", "1048576\n");
  put (fixture, "sys/dev/block/252:0/backing_dev", "none\n");
}

static void
open_bed (LiveHelperFixture *fixture, const char *const *dom0, const char *const *helper)
{
  LiveTestBedOptions options = { .dom0_arguments = dom0, .helper_arguments = helper, .without_helper = TRUE };

  fixture->bed = live_test_bed_new (&options);
  fixture->bus = live_test_bed_get_bus (fixture->bed);
}

static void
start_helper (LiveHelperFixture *fixture)
{
  live_test_bed_start_helper (fixture->bed);
  live_helper_fixture_wait_synchronized (fixture);
}

static void
on_refreshed (GObject *bus, GAsyncResult *result, gpointer done)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) values = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);

  g_assert_no_error (error);
  *(gboolean *)done = TRUE;
}

static gboolean
is_true (gpointer flag)
{
  return *(gboolean *)flag;
}

static void
refresh (LiveHelperFixture *fixture)
{
  gboolean done = FALSE;

  g_dbus_connection_call (fixture->bus, LIVE_BUS_NAME, LIVE_OBJECT_ROOT, LIVE_BUS_NAME ".Manager", "Refresh", NULL,
                          NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_refreshed, &done);
  g_assert_true (live_test_wait (is_true, &done, WAIT_SECONDS));
}

static char *
get_dom0 (LiveHelperFixture *fixture, const char *property)
{
  g_autoptr (GVariant) value
      = live_helper_fixture_get (fixture, LIVE_OBJECT_ROOT "/dom0", LIVE_BUS_NAME ".Dom0", property);

  g_assert_nonnull (value);
  return g_variant_is_of_type (value, G_VARIANT_TYPE_STRING) ? g_variant_dup_string (value, NULL)
                                                             : g_variant_print (value, FALSE);
}

static void
assert_state (LiveHelperFixture *fixture, const char *boot_mode, const char *indicator, const char *leak)
{
  g_autofree char *mode = get_dom0 (fixture, "BootMode");
  g_autofree char *leaks = get_dom0 (fixture, "Leaks");
  g_autofree char *is = live_helper_fixture_manager (fixture, "Indicator");

  g_assert_cmpstr (mode, ==, boot_mode);
  g_assert_cmpstr (is, ==, indicator);
  if (leak == NULL)
    g_assert_cmpstr (leaks, ==, "[]");
  else
    g_assert_nonnull (strstr (leaks, leak));
}

/* Each lie on its own, over a dom0 that is live without it; told after a refresh, and taken back by another. */
static void
test_lies (void)
{
  static const char *const nothing_runs[] = { "--running", "0", NULL };
  static const struct
  {
    const char *file;
    const char *lie;
    const char *truth;
    const char *boot_mode;
    const char *indicator;
    const char *leak;
  } lies[] = {
    { "proc/self/mountinfo", OVERLAY COW_RAM BOOT, OVERLAY COW_RAM, "overlay", "live-leaky", "mount-writable" },
    { "proc/self/mountinfo", OVERLAY COW_DISK, OVERLAY COW_RAM, "persistent", "alarm", "mount-writable" },
    { "proc/self/mountinfo", OVERLAY, OVERLAY COW_RAM, "unknown", "unknown", NULL },
    { "proc/self/mountinfo", "22 1 8:0 / / rw - ext4 /dev/sda rw\n" COMMON, OVERLAY COW_RAM, "persistent", "alarm",
      NULL },
    { "proc/self/mountinfo", "22 1 252:0 / / rw - ext4 /dev/zram0 rw\n" COMMON, OVERLAY COW_RAM, "zram", "live", NULL },
    { "proc/self/mountinfo", "22 1 252:0 / / rw", OVERLAY COW_RAM, "unknown", "unknown", "not-read" },
    { "proc/swaps", SWAPS "/dev/sda partition 1 0 -2\n", SWAPS, "overlay", "live-leaky", "swap-on-disk" },
    { "proc/swaps", SWAPS "/dev/zram0 partition 1 0 -2\n", SWAPS, "overlay", "live", NULL },
    { "proc/swaps", "", SWAPS, "overlay", "live-leaky", "not-read" },
    { "sys/dev/block/252:0/backing_dev", "/dev/sda\n", "none\n", "overlay", "live-leaky", "zram-backing-device" },
  };
  LiveHelperFixture fixture = { 0 };

  open_bed (&fixture, nothing_runs, NULL);
  put_live (&fixture);
  start_helper (&fixture);
  live_helper_fixture_wait_manager (&fixture, "Indicator", "live");
  assert_state (&fixture, "overlay", "live", NULL);
  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_test_message ("row %u: %s", i, lies[i].lie);
      put (&fixture, lies[i].file, lies[i].lie);
      refresh (&fixture);
      assert_state (&fixture, lies[i].boot_mode, lies[i].indicator, lies[i].leak);
      put (&fixture, lies[i].file, lies[i].truth);
      refresh (&fixture);
      assert_state (&fixture, "overlay", "live", NULL);
    }
  live_helper_fixture_close (&fixture);
}

/* A link in the name of the upper directory leads who knows where. */
static void
test_linked_upper (void)
{
  static const char *const nothing_runs[] = { "--running", "0", NULL };
  LiveHelperFixture fixture = { 0 };
  g_autofree char *link = NULL;

  open_bed (&fixture, nothing_runs, NULL);
  put_live (&fixture);
  put (&fixture, "run/initramfs/overlayfs/rw/x", "");
  link = g_build_filename (live_test_bed_get_root (fixture.bed), "cow", NULL);
  g_assert_cmpint (symlink ("run/initramfs/overlayfs", link), ==, 0);
  start_helper (&fixture);
  assert_state (&fixture, "unknown", "unknown", NULL);
  g_assert_cmpint (g_unlink (link), ==, 0);
  refresh (&fixture);
  assert_state (&fixture, "overlay", "live", NULL);
  live_helper_fixture_close (&fixture);
}

/* dom0 in RAM does not make what a qube writes to a disk pool go away. */
static void
test_running_qubes (void)
{
  static const char *const one_runs[] = { "--running", "1", NULL };
  LiveHelperFixture fixture = { 0 };
  g_autofree char *reasons = NULL;

  open_bed (&fixture, one_runs, NULL);
  put_live (&fixture);
  start_helper (&fixture);
  live_helper_fixture_wait_manager (&fixture, "Indicator", "live-leaky");
  reasons = live_helper_fixture_manager (&fixture, "IndicatorReasons");
  g_assert_nonnull (strstr (reasons, "qube-keeps"));
  g_assert_nonnull (strstr (reasons, "dom0-in-ram"));
  live_test_bed_stop_dom0 (fixture.bed);
  live_helper_fixture_wait_manager (&fixture, "Indicator", "unknown");
  live_helper_fixture_close (&fixture);
}

static JsonNode *
get_status (LiveHelperFixture *fixture)
{
  const char *const argv[] = { g_getenv ("LIVE_CLI"), "status", "--json", NULL };
  g_autofree char *output = NULL, *errors = NULL;
  g_autoptr (GError) error = NULL;
  JsonNode *node = NULL;

  g_assert_cmpint (live_test_bed_run (fixture->bed, 0, argv, &output, &errors), ==, 0);
  node = json_from_string (output, &error);
  g_assert_no_error (error);
  return node;
}

static void
test_status (void)
{
  static const char *const nothing_runs[] = { "--running", "0", NULL };
  LiveHelperFixture fixture = { 0 };
  const char *const argv[] = { g_getenv ("LIVE_CLI"), "status", NULL };
  g_autofree char *output = NULL, *errors = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *dom0 = NULL, *leak = NULL;

  open_bed (&fixture, nothing_runs, NULL);
  put_live (&fixture);
  put (&fixture, "proc/self/mountinfo", OVERLAY COW_RAM BOOT);
  start_helper (&fixture);
  node = get_status (&fixture);
  dom0 = json_object_get_object_member (json_node_get_object (node), "dom0");
  g_assert_cmpstr (json_object_get_string_member (dom0, "boot_mode"), ==, "overlay");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (dom0, "leaks")), ==, 1);
  leak = json_array_get_object_element (json_object_get_array_member (dom0, "leaks"), 0);
  g_assert_cmpstr (json_object_get_string_member (leak, "code"), ==, "mount-writable");
  g_assert_cmpstr (json_object_get_string_member (leak, "verdict"), ==, "bad");
  g_assert_cmpstr (json_object_get_string_member (leak, "remedy"), ==, "mount-read-only");
  g_assert_cmpstr (json_object_get_string_member (leak, "text"), ==, "/boot is on a disk and can be written to");
  g_assert_cmpint (live_test_bed_run (fixture.bed, 0, argv, &output, &errors), ==, 0);
  g_assert_true (g_str_has_prefix (output, "Live, but 1 thing still reaches the disk\n"));
  g_assert_nonnull (strstr (output, "/boot is on a disk and can be written to"));
  live_helper_fixture_close (&fixture);
}

/* The type of the root of process 1, from the last line for `/` of its own table. */
static char *
get_root_type (void)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  char *type = NULL;

  g_assert_true (g_file_get_contents ("/proc/1/mountinfo", &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[i], " ", -1);
      const char *tail = strstr (lines[i], " - ");

      if (tail == NULL || g_strv_length (fields) < 6 || !g_str_equal (fields[4], "/"))
        continue;
      g_free (type);
      type = g_strndup (tail + 3, strcspn (tail + 3, " "));
    }
  return type;
}

/* This machine, whatever it is: what is said must agree with its root file system. */
static void
test_this_machine (void)
{
  static const char *const real[] = { "--root", "", NULL };
  static const char *const on_disk[] = { "ext4", "xfs", "btrfs", "zfs", NULL };
  LiveHelperFixture fixture = { 0 };
  g_autofree char *type = get_root_type (), *mode = NULL, *indicator = NULL;
  g_autoptr (JsonNode) node = NULL;
  JsonObject *dom0 = NULL;

  open_bed (&fixture, NULL, real);
  start_helper (&fixture);
  mode = get_dom0 (&fixture, "BootMode");
  indicator = live_helper_fixture_manager (&fixture, "Indicator");
  g_test_message ("the root is %s, the mode %s", type, mode);
  if (g_str_equal (type, "overlay"))
    g_assert_false (g_str_equal (mode, "zram"));
  else if (g_str_equal (type, "tmpfs"))
    g_assert_cmpstr (mode, ==, "volatile");
  else if (g_strv_contains (on_disk, type))
    g_assert_true (g_str_equal (mode, "persistent") || g_str_equal (mode, "zram") || g_str_equal (mode, "unknown"));
  else
    g_assert_cmpstr (mode, ==, "unknown");
  if (g_str_equal (mode, "persistent") || g_str_equal (mode, "unknown"))
    g_assert_false (g_str_has_prefix (indicator, "live"));

  node = get_status (&fixture);
  dom0 = json_object_get_object_member (json_node_get_object (node), "dom0");
  g_assert_cmpstr (json_object_get_string_member (dom0, "boot_mode"), ==, mode);
  g_assert_true (json_object_has_member (dom0, "leaks"));
  live_helper_fixture_close (&fixture);
}

int
main (int argc, char **argv)
{
  gboolean may_run = live_test_bed_init ();

  g_test_init (&argc, &argv, NULL);
  if (!may_run)
    {
      g_print ("1..0 # SKIP only root may make the private world of these tests\n");
      return EXIT_SUCCESS;
    }
  g_test_add_func ("/dom0/lies", test_lies);
  g_test_add_func ("/dom0/linked-upper", test_linked_upper);
  g_test_add_func ("/dom0/running-qubes", test_running_qubes);
  g_test_add_func ("/dom0/status", test_status);
  g_test_add_func ("/dom0/this-machine", test_this_machine);
  return g_test_run ();
}
