/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include <glib/gstdio.h>
#include <string.h>

#include "helper-fixture.h"
#include "model/error.h"
#include "model/object-path.h"
#include "xenstored.h"

#define WAIT_SECONDS 30
#define DOMID 7
#define OTHER_DOMID 8
#define MANY 300

#define COMMON                                                                                                         \
  "23 22 0:21 / /proc rw - proc proc rw\n24 22 0:22 / /sys rw - sysfs sysfs rw\n"                                      \
  "25 22 0:24 / /run rw - tmpfs tmpfs rw\n"
#define ON_DISK "22 1 253:0 / / rw - ext4 /dev/mapper/qubes_dom0-root rw\n" COMMON
#define IN_RAM                                                                                                         \
  "22 1 0:40 / / rw - overlay overlay rw,lowerdir=/live/image,upperdir=/cow/rw,workdir=/cow/work\n" COMMON             \
  "70 22 0:60 / /cow rw - tmpfs cowfs rw\n"

/* The devices of dom0, by the numbers that its backends use (hexadecimal). */
#define ROOT_IMAGE "7:0" /* files on dom0's disk */
#define PRIVATE_IMAGE "7:1"
#define VOLATILE_IMAGE "7:2"
#define FILE_IN_RAM "7:4"  /* on a tmpfs */
#define DELETED_FILE "7:5" /* once on a tmpfs */
#define ABSENT "7:3f"      /* not there */
#define THROW_AWAY "fd:5"  /* plain dm-crypt over VOLATILE_IMAGE, as qubesd makes it */
#define LUKS "fd:6"
#define NULL_CIPHER "fd:7"
#define KEY_FILE "fd:8" /* plain, and crypttab names a key file for it */
#define NO_TABLE "fd:9" /* its table cannot be read */
#define ZRAM "fc:0"

typedef struct
{
  LiveHelperFixture helper;
  LiveTestXenstored *store;
  const char *arguments[3];
} World;

static void G_GNUC_PRINTF (3, 4) put (World *world, const char *name, const char *format, ...)
{
  g_autofree char *path = g_build_filename (live_test_bed_get_root (world->helper.bed), name, NULL);
  g_autofree char *directory = g_path_get_dirname (path);
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  g_assert_cmpint (g_chmod (path, 0644), ==, 0);
}

static void
put_attribute (World *world, const char *numbers, const char *attribute, const char *value)
{
  g_autofree char *path = g_strdup_printf ("sys/dev/block/%s/%s", numbers, attribute);

  put (world, path, "%s\n", value);
}

static void
put_device (World *world, const char *numbers, const char *name)
{
  g_autofree char *uevent = g_strdup_printf ("DEVNAME=%s\nDEVTYPE=disk", name);

  put_attribute (world, numbers, "dev", numbers);
  put_attribute (world, numbers, "uevent", uevent);
}

static void
put_loop (World *world, guint minor, const char *file)
{
  g_autofree char *numbers = g_strdup_printf ("7:%u", minor);
  g_autofree char *name = g_strdup_printf ("loop%u", minor);

  put_device (world, numbers, name);
  put_attribute (world, numbers, "loop/backing_file", file);
}

/* @type is the one in the mapping's table, %NULL when that is not to be read; @part such as "7:2". */
static void
put_mapping (World *world,
             guint minor,
             const char *name,
             const char *uuid,
             const char *part,
             const char *type,
             const char *cipher)
{
  g_autofree char *numbers = g_strdup_printf ("253:%u", minor);
  g_autofree char *device = g_strdup_printf ("dm-%u", minor);
  g_autofree char *facts = g_strconcat ("run/qubes-live-test/dm/", name, NULL);

  put_device (world, numbers, device);
  put_attribute (world, numbers, "dm/name", name);
  put_attribute (world, numbers, "dm/uuid", uuid);
  put_attribute (world, numbers, "slaves/part/dev", part);
  if (type != NULL)
    put (world, facts, "type=%s\ncipher=%s\nkey_size=512\noffset=0\n", type, cipher);
}

static void
put_dom0 (World *world)
{
  put (world, "proc/self/mountinfo", ON_DISK);
  put (world, "proc/cmdline", "quiet\n");
  put (world, "proc/swaps", "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n");
  put (world, "proc/sys/kernel/core_pattern", "|/bin/false\n");
  put (world, "etc/crypttab", "listed /dev/loop2 /etc/key plain\n");
  put_device (world, "8:0", "sda");
  put_mapping (world, 0, "qubes_dom0-root", "LVM-abcdef", "8:0", NULL, NULL);
  put_loop (world, 0, "/var/lib/qubes/vm-templates/debian-12/root.img");
  put_loop (world, 1, "/var/lib/qubes/appvms/app1/private.img");
  put_loop (world, 2, "/var/lib/qubes/appvms/app1/volatile.img");
  put_loop (world, 4, "/run/app1.img");
  put_loop (world, 5, "/run/app1.img (deleted)");
  put_mapping (world, 5, "vm-app1-volatile-crypt@volatile", "CRYPT-PLAIN-vm-app1", "7:2", "PLAIN", "aes-xts-plain64");
  put_mapping (world, 6, "luks", "CRYPT-LUKS2-0123-luks", "7:2", "LUKS2", "aes-xts-plain64");
  put_mapping (world, 7, "null", "CRYPT-PLAIN-null", "7:2", "PLAIN", "cipher_null-ecb");
  put_mapping (world, 8, "listed", "CRYPT-PLAIN-listed", "7:2", "PLAIN", "aes-xts-plain64");
  put_mapping (world, 9, "silent", "CRYPT-PLAIN-silent", "7:2", NULL, NULL);
  put_device (world, "252:0", "zram0");
  put_attribute (world, "252:0", "disksize", "1048576");
  put_attribute (world, "252:0", "backing_dev", "none");
}

static void
world_open (World *world, const char *const *dom0)
{
  LiveTestBedOptions options = { .dom0_arguments = dom0, .without_helper = TRUE };

  *world = (World){ .store = live_test_xenstored_new () };
  world->arguments[0] = "--xenstore-socket";
  world->arguments[1] = live_test_xenstored_get_socket (world->store);
  options.helper_arguments = world->arguments;
  g_assert_cmpuint (LIVE_ERROR, !=, 0); /* errors of the bus become ours */
  world->helper.bed = live_test_bed_new (&options);
  world->helper.bus = live_test_bed_get_bus (world->helper.bed);
  put_dom0 (world);
}

static void
world_start_helper (World *world)
{
  live_test_bed_start_helper (world->helper.bed);
  live_helper_fixture_wait_synchronized (&world->helper);
}

static void
world_close (World *world)
{
  live_helper_fixture_close (&world->helper);
  live_test_xenstored_free (world->store);
}

static void G_GNUC_PRINTF (2, 3) control (World *world, const char *format, ...)
{
  g_autofree char *command = NULL;
  va_list arguments;

  va_start (arguments, format);
  command = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_free (live_test_bed_control (world->helper.bed, "%s", command));
}

/* By the policy, and private read-only besides. Without a netvm, so that no other qube starts with it. */
static void
make_ephemeral (World *world, const char *qube)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;

  control (world, "property %s netvm", qube);
  g_assert_true (live_helper_fixture_set_policy (&world->helper, qube, "root"));
  reply = live_helper_fixture_call (&world->helper, qube, "SetVolumeWritable", g_variant_new ("(sb)", "private", FALSE),
                                    &error);
  g_assert_no_error (error);
  live_helper_fixture_wait (&world->helper, qube, "Persistence", "ephemeral");
  live_assert_qube (&world->helper, qube, "Evidence", "configured");
}

static void
attach_all (World *world, guint domid)
{
  live_test_xenstored_attach (world->store, domid, "xvda", "r", ROOT_IMAGE);
  live_test_xenstored_attach (world->store, domid, "xvdb", "r", PRIVATE_IMAGE);
  live_test_xenstored_attach (world->store, domid, "xvdc", "w", THROW_AWAY);
  live_test_xenstored_attach (world->store, domid, "xvdd", "r", ROOT_IMAGE);
}

static void
run_qube (World *world, const char *qube, guint domid)
{
  control (world, "xid %s %u", qube, domid);
  control (world, "start %s", qube);
}

static void
wait_for (World *world, const char *qube, const char *persistence, const char *evidence, const char *indicator)
{
  live_helper_fixture_wait (&world->helper, qube, "Evidence", evidence);
  live_helper_fixture_wait (&world->helper, qube, "Persistence", persistence);
  live_helper_fixture_wait_manager (&world->helper, "Indicator", indicator);
}

/* app1, alone, runs as it is configured. */
static void
open_verified (World *world)
{
  static const char *const nothing_runs[] = { "--running", "0", NULL };

  world_open (world, nothing_runs);
  world_start_helper (world);
  make_ephemeral (world, "app1");
  run_qube (world, "app1", DOMID);
  attach_all (world, DOMID);
  wait_for (world, "app1", "ephemeral", "verified", "ephemeral");
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
refresh (World *world)
{
  gboolean done = FALSE;

  g_dbus_connection_call (world->helper.bus, LIVE_BUS_NAME, LIVE_OBJECT_ROOT, LIVE_BUS_NAME ".Manager", "Refresh", NULL,
                          NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_refreshed, &done);
  g_assert_true (live_test_wait (is_true, &done, WAIT_SECONDS));
}

static void
write_key (World *world, const char *dev, const char *key, const char *value)
{
  g_autofree char *path = live_test_xenstored_path (DOMID, dev, key);

  live_test_xenstored_write (world->store, path, value, -1);
}

/* The mode and the device with which attach_all() attaches. */
static const char *
get_truth (const char *dev, const char *key)
{
  const gboolean is_volatile = g_str_equal (dev, "xvdc");

  if (g_str_equal (key, "dev"))
    return dev;
  if (g_str_equal (key, "mode"))
    return is_volatile ? "w" : "r";
  if (g_str_equal (key, "physical-device"))
    return is_volatile ? THROW_AWAY : g_str_equal (dev, "xvdb") ? PRIVATE_IMAGE : ROOT_IMAGE;
  return g_str_equal (key, "state") ? "4" : "connected";
}

/* ATTACH a device more, EXCHANGE one for another, SET a node or REMOVE it. */
typedef enum
{
  LIE_ATTACH,
  LIE_EXCHANGE,
  LIE_SET,
  LIE_REMOVE
} LieKind;

typedef struct
{
  LieKind kind;
  const char *dev;
  const char *key;   /* or mode */
  const char *value; /* or device; "garbage": a full node of it */
  const char *persistence;
  const char *evidence;
  const char *indicator;
  const char *reason; /* in the property Reasons */
} Lie;

static void
tell (World *world, const Lie *lie)
{
  g_autofree char *garbage = g_strnfill (3900, '\xff');
  const char *value = g_strcmp0 (lie->value, "garbage") == 0 ? garbage : lie->value;
  g_autofree char *path = live_test_xenstored_path (DOMID, lie->dev, lie->key);

  if (lie->kind == LIE_ATTACH)
    live_test_xenstored_attach (world->store, DOMID, lie->dev, lie->key, value);
  else if (lie->kind == LIE_EXCHANGE)
    live_test_xenstored_exchange (world->store, DOMID, lie->dev, lie->key, value);
  else if (lie->kind == LIE_SET)
    write_key (world, lie->dev, lie->key, value);
  else
    live_test_xenstored_remove (world->store, path);
}

static void
take_back (World *world, const Lie *lie)
{
  if (lie->kind == LIE_ATTACH)
    live_test_xenstored_detach (world->store, DOMID, lie->dev);
  else if (lie->kind == LIE_EXCHANGE)
    live_test_xenstored_exchange (world->store, DOMID, lie->dev, get_truth (lie->dev, "mode"),
                                  get_truth (lie->dev, "physical-device"));
  else
    write_key (world, lie->dev, lie->key, get_truth (lie->dev, lie->key));
}

/* A device that comes in steps is not verified before it is what it will be. */
static void
wait_for_reason (World *world, const char *qube, const char *reason)
{
  const gint64 end = g_get_monotonic_time () + WAIT_SECONDS * G_USEC_PER_SEC;
  g_autofree char *reasons = live_helper_fixture_text (&world->helper, qube, "Reasons");

  while (strstr (reasons, reason) == NULL)
    {
      if (g_get_monotonic_time () > end)
        g_error ("“%s” is not in %s", reason, reasons);
      g_usleep (2000);
      g_free (reasons);
      reasons = live_helper_fixture_text (&world->helper, qube, "Reasons");
    }
}

#define CONTRADICTED "persistent", "contradicted", "alarm"
#define UNKNOWN "ephemeral", "unknown", "unknown"
#define ON_DISK_REASON(volume) "('device-on-disk', {'volume': <'" volume "'>})"
#define UNKNOWN_REASON(volume) "('device-unknown', {'volume': <'" volume "'>})"

static void
test_lies (void)
{
  static const Lie lies[] = {
    /* Writable where it should not be. */
    { LIE_EXCHANGE, "xvda", "w", ROOT_IMAGE, CONTRADICTED, ON_DISK_REASON ("root") },
    { LIE_EXCHANGE, "xvda", "w", LUKS, CONTRADICTED, ON_DISK_REASON ("root") },
    { LIE_EXCHANGE, "xvdb", "w", PRIVATE_IMAGE, "root-ephemeral", "contradicted", "alarm", ON_DISK_REASON ("private") },
    { LIE_ATTACH, "xvdi", "w", PRIVATE_IMAGE, CONTRADICTED, ON_DISK_REASON ("other") },
    /* The volatile volume on something that lasts. */
    { LIE_EXCHANGE, "xvdc", "w", VOLATILE_IMAGE, CONTRADICTED, ON_DISK_REASON ("volatile") },
    { LIE_EXCHANGE, "xvdc", "w", LUKS, CONTRADICTED, ON_DISK_REASON ("volatile") },
    { LIE_EXCHANGE, "xvdc", "w", NULL_CIPHER, CONTRADICTED, ON_DISK_REASON ("volatile") },
    { LIE_EXCHANGE, "xvdc", "w", KEY_FILE, CONTRADICTED, ON_DISK_REASON ("volatile") },
    { LIE_EXCHANGE, "xvdc", "w", "8:0", CONTRADICTED, ON_DISK_REASON ("volatile") },
    /* Everything but a plain r takes writes. */
    { LIE_SET, "xvda", "mode", "", CONTRADICTED, ON_DISK_REASON ("root") },
    { LIE_SET, "xvda", "mode", "R", CONTRADICTED, ON_DISK_REASON ("root") },
    { LIE_SET, "xvda", "mode", "r\n", CONTRADICTED, ON_DISK_REASON ("root") },
    { LIE_SET, "xvda", "mode", "garbage", CONTRADICTED, ON_DISK_REASON ("root") },
    { LIE_REMOVE, "xvda", "mode", NULL, CONTRADICTED, ON_DISK_REASON ("root") },
    /* What cannot be told. */
    { LIE_EXCHANGE, "xvdc", "w", NO_TABLE, UNKNOWN, UNKNOWN_REASON ("volatile") },
    { LIE_EXCHANGE, "xvdc", "w", ABSENT, UNKNOWN, UNKNOWN_REASON ("volatile") },
    { LIE_EXCHANGE, "xvdc", "w", DELETED_FILE, UNKNOWN, UNKNOWN_REASON ("volatile") },
    { LIE_ATTACH, "xvdi", "w", ABSENT, UNKNOWN, UNKNOWN_REASON ("other") },
    { LIE_SET, "xvda", "dev", "xvdb", UNKNOWN, UNKNOWN_REASON ("root") },
    { LIE_SET, "xvda", "dev", "garbage", UNKNOWN, UNKNOWN_REASON ("root") },
    /* What is not set up, or not any more. */
    { LIE_SET, "xvdc", "physical-device", "", UNKNOWN, "not-verified" },
    { LIE_SET, "xvdc", "physical-device", "7", UNKNOWN, "not-verified" },
    { LIE_SET, "xvdc", "physical-device", "fd:5 ", UNKNOWN, "not-verified" },
    { LIE_SET, "xvdc", "physical-device", "fd:zz", UNKNOWN, "not-verified" },
    { LIE_SET, "xvdc", "physical-device", "garbage", UNKNOWN, "not-verified" },
    { LIE_REMOVE, "xvdc", "physical-device", NULL, UNKNOWN, "not-verified" },
    { LIE_REMOVE, "xvdc", "hotplug-status", NULL, UNKNOWN, "not-verified" },
    { LIE_SET, "xvdc", "hotplug-status", "error", UNKNOWN, "not-verified" },
    { LIE_SET, "xvdc", "hotplug-status", "garbage", UNKNOWN, "not-verified" },
    { LIE_SET, "xvda", "state", "5", UNKNOWN, "not-verified" },
    { LIE_SET, "xvda", "state", "garbage", UNKNOWN, "not-verified" },
    { LIE_ATTACH, "xvdi", "w", NULL, UNKNOWN, "not-verified" },
  };
  World world;

  open_verified (&world);
  for (guint i = 0; i < G_N_ELEMENTS (lies); i++)
    {
      g_test_message ("row %u: %s %s", i, lies[i].dev, lies[i].key);
      tell (&world, &lies[i]);
      wait_for (&world, "app1", lies[i].persistence, lies[i].evidence, lies[i].indicator);
      wait_for_reason (&world, "app1", lies[i].reason);
      take_back (&world, &lies[i]);
      wait_for (&world, "app1", "ephemeral", "verified", "ephemeral");
      live_assert_qube (&world.helper, "app1", "Reasons", "[]");
    }
  world_close (&world);
}

static void
on_signal (GDBusConnection *bus,
           const char *sender,
           const char *path,
           const char *interface,
           const char *name,
           GVariant *parameters,
           gpointer data)
{
  GString *log = data;
  g_autoptr (GVariant) changed = g_variant_get_child_value (parameters, 1);
  const char *evidence = "other";

  g_variant_lookup (changed, "Evidence", "&s", &evidence);
  g_string_append_printf (log, " %s", evidence);
}

/* Logs each signal of changes of a qube: the evidence, when it is among them. What the test has seen by reading may
 * come as a signal a moment later. */
static guint
log_signals (World *world, const char *qube, GString *log)
{
  g_autofree char *path = live_object_path ("qube", qube);

  return g_dbus_connection_signal_subscribe (world->helper.bus, LIVE_BUS_NAME, "org.freedesktop.DBus.Properties",
                                             "PropertiesChanged", path, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_signal, log,
                                             NULL);
}

typedef struct
{
  GString *log;
  const char *evidence;
} Ending;

static gboolean
ends_with (gpointer data)
{
  const Ending *ending = data;

  return g_str_has_suffix (ending->log->str, ending->evidence);
}

/* Waits for a signal with @evidence, and takes it off the log's end. */
static void
take_signal (GString *log, const char *evidence)
{
  g_assert_true (live_test_wait (ends_with, &(Ending){ log, evidence }, WAIT_SECONDS));
  g_string_truncate (log, log->len - strlen (evidence) - 1);
}

/* The devices come one by one, and each of them in several steps: no moment is one of promises. */
static void
test_start (void)
{
  static const char *const nothing_runs[] = { "--running", "0", NULL };
  static const char *const devs[] = { "xvda", "xvdb", "xvdc" };
  World world;
  g_autoptr (GString) log = g_string_new (NULL);
  guint subscription = 0;

  world_open (&world, nothing_runs);
  world_start_helper (&world);
  make_ephemeral (&world, "app1");
  run_qube (&world, "app1", DOMID);
  wait_for (&world, "app1", "ephemeral", "unknown", "unknown");
  subscription = log_signals (&world, "app1", log);
  for (guint i = 0; i < G_N_ELEMENTS (devs); i++)
    live_test_xenstored_attach (world.store, DOMID, devs[i], get_truth (devs[i], "mode"), NULL);
  live_test_xenstored_plug (world.store, DOMID, "xvda", ROOT_IMAGE);
  live_test_xenstored_plug (world.store, DOMID, "xvdb", PRIVATE_IMAGE);
  live_test_xenstored_plug (world.store, DOMID, "xvdc", THROW_AWAY);
  wait_for (&world, "app1", "ephemeral", "verified", "ephemeral");
  take_signal (log, "verified");
  g_assert_null (strstr (log->str, "verified"));
  g_assert_null (strstr (log->str, "contradicted"));
  g_dbus_connection_signal_unsubscribe (world.helper.bus, subscription);

  /* A helper that comes later sees the same. */
  live_test_bed_stop_helper (world.helper.bed);
  world_start_helper (&world);
  wait_for (&world, "app1", "ephemeral", "verified", "ephemeral");

  control (&world, "shutdown app1");
  live_test_xenstored_forget_domain (world.store, DOMID);
  wait_for (&world, "app1", "ephemeral", "configured", "ephemeral");
  world_close (&world);
}

/* A device that needs no look takes nothing away, and memory is more than was promised. */
static void
test_better (void)
{
  World world;

  open_verified (&world);
  live_test_xenstored_exchange (world.store, DOMID, "xvdb", "w", ZRAM);
  live_test_xenstored_exchange (world.store, DOMID, "xvdc", "w", FILE_IN_RAM);
  wait_for (&world, "app1", "ram", "verified", "ephemeral");
  live_test_xenstored_exchange (world.store, DOMID, "xvdc", "w", THROW_AWAY);
  wait_for (&world, "app1", "ephemeral", "verified", "ephemeral");

  /* A writable file on dom0's own root: on its disk a contradiction, in an overlay in RAM none. */
  live_test_xenstored_exchange (world.store, DOMID, "xvdb", "w", PRIVATE_IMAGE);
  live_test_xenstored_exchange (world.store, DOMID, "xvdc", "w", VOLATILE_IMAGE);
  wait_for (&world, "app1", "persistent", "contradicted", "alarm");
  put (&world, "proc/self/mountinfo", IN_RAM);
  refresh (&world);
  wait_for (&world, "app1", "ram", "verified", "live");
  /* What is in a pool on a disk stays there, although dom0 is in RAM. */
  live_test_xenstored_attach (world.store, DOMID, "xvdi", "w", "8:0");
  wait_for (&world, "app1", "persistent", "contradicted", "alarm");
  live_test_xenstored_detach (world.store, DOMID, "xvdi");
  wait_for (&world, "app1", "ram", "verified", "live");
  put (&world, "proc/self/mountinfo", ON_DISK);
  refresh (&world);
  wait_for (&world, "app1", "persistent", "contradicted", "alarm");
  world_close (&world);
}

/* The policy was applied, and something made root writable again before the qube started. */
static void
test_undone_policy (void)
{
  World world;
  g_autofree char *reasons = NULL;

  open_verified (&world);
  live_assert_control (&world.helper, "False", "rw app1 root");
  control (&world, "set-rw app1 root True");
  live_test_xenstored_exchange (world.store, DOMID, "xvda", "w", ROOT_IMAGE);
  live_test_bed_stop_helper (world.helper.bed);
  world_start_helper (&world);
  wait_for (&world, "app1", "persistent", "contradicted", "alarm");
  live_assert_qube (&world.helper, "app1", "RootWritable", "true");
  live_assert_qube (&world.helper, "app1", "Policy", "root");
  wait_for_reason (&world, "app1", "root-writable");
  wait_for_reason (&world, "app1", ON_DISK_REASON ("root"));
  wait_for_reason (&world, "app1", "'contradicted', {'claimed': <'root-ephemeral'>, 'seen': <'persistent'>}");
  reasons = live_helper_fixture_manager (&world.helper, "IndicatorReasons");
  g_assert_nonnull (strstr (reasons, "('qube-contradicted', {'qube': <'app1'>})"));
  world_close (&world);
}

/* A policy that waits for the qube to halt has promised nothing yet. */
static void
test_pending_policy (void)
{
  static const char *const nothing_runs[] = { "--running", "0", NULL };
  World world;

  world_open (&world, nothing_runs);
  world_start_helper (&world);
  control (&world, "property app1 netvm");
  run_qube (&world, "app1", DOMID);
  live_test_xenstored_attach (world.store, DOMID, "xvda", "w", ROOT_IMAGE);
  live_test_xenstored_attach (world.store, DOMID, "xvdb", "w", PRIVATE_IMAGE);
  live_test_xenstored_attach (world.store, DOMID, "xvdc", "w", VOLATILE_IMAGE);
  wait_for (&world, "app1", "persistent", "verified", "persistent");
  g_assert_false (live_helper_fixture_set_policy (&world.helper, "app1", "root"));
  live_helper_fixture_wait (&world.helper, "app1", "Policy", "root");
  wait_for (&world, "app1", "persistent", "verified", "persistent");
  world_close (&world);
}

/* The policy full claims the private volume: seen writable it is a lie, but not in a customization window, and whatever
 * the configuration says by now. */
static void
test_full_policy (void)
{
  static const char *const nothing_runs[] = { "--running", "0", NULL };
  World world;

  world_open (&world, nothing_runs);
  world_start_helper (&world);
  control (&world, "property app1 netvm");
  g_assert_true (live_helper_fixture_set_policy (&world.helper, "app1", "full"));
  live_helper_fixture_wait (&world.helper, "app1", "Persistence", "ephemeral");
  run_qube (&world, "app1", DOMID);
  live_test_xenstored_attach (world.store, DOMID, "xvda", "r", ROOT_IMAGE);
  live_test_xenstored_attach (world.store, DOMID, "xvdb", "r", PRIVATE_IMAGE);
  live_test_xenstored_attach (world.store, DOMID, "xvdc", "w", THROW_AWAY);
  wait_for (&world, "app1", "ephemeral", "verified", "ephemeral");
  live_test_xenstored_exchange (world.store, DOMID, "xvdb", "w", PRIVATE_IMAGE);
  wait_for (&world, "app1", "root-ephemeral", "contradicted", "alarm");
  wait_for_reason (&world, "app1", "'contradicted', {'claimed': <'ephemeral'>, 'seen': <'root-ephemeral'>}");
  control (&world, "set-rw app1 private True");
  g_variant_unref (live_helper_fixture_call (&world.helper, "app1", "Refresh", NULL, NULL));
  live_helper_fixture_wait (&world.helper, "app1", "PrivateWritable", "true");
  wait_for (&world, "app1", "root-ephemeral", "contradicted", "alarm");
  control (&world, "feature app1 live.window until-closed");
  wait_for (&world, "app1", "root-ephemeral", "verified", "persistent");
  control (&world, "unset-feature app1 live.window");
  wait_for (&world, "app1", "root-ephemeral", "contradicted", "alarm");
  live_test_xenstored_exchange (world.store, DOMID, "xvdb", "r", PRIVATE_IMAGE);
  wait_for (&world, "app1", "ephemeral", "verified", "ephemeral");
  world_close (&world);
}

/* A guest may write what it likes in its own directory, and nothing in dom0's. */
static void
test_guest (void)
{
  static const char *const keys[] = { "mode", "physical-device", "hotplug-status", "state", "online", "dev" };
  World world;
  g_autoptr (GString) log = g_string_new (NULL);
  guint subscription = 0;

  open_verified (&world);
  live_test_xenstored_introduce (world.store, DOMID);
  subscription = log_signals (&world, "app1", log);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *own = g_strdup_printf ("/local/domain/%u/device/vbd/51712/%s", DOMID, keys[i]);
      g_autofree char *backend = g_strdup_printf ("/local/domain/%u/backend/vbd/%u/51712/%s", DOMID, DOMID, keys[i]);
      g_autofree char *theirs = live_test_xenstored_path (DOMID, "xvda", keys[i]);

      g_assert_cmpint (live_test_xenstored_guest_write (world.store, DOMID, own, "w"), ==, 0);
      g_assert_cmpint (live_test_xenstored_guest_write (world.store, DOMID, backend, "w"), ==, 0);
      g_assert_cmpint (live_test_xenstored_guest_write (world.store, DOMID, theirs, "w"), !=, 0);
      g_assert_cmpint (live_test_xenstored_guest_remove (world.store, DOMID, theirs), !=, 0);
    }
  /* The store's events come in order: what dom0 does afterwards is the first to be seen. */
  live_test_xenstored_exchange (world.store, DOMID, "xvda", "w", ROOT_IMAGE);
  wait_for (&world, "app1", "persistent", "contradicted", "alarm");
  take_signal (log, "contradicted");
  g_assert_true (g_str_equal (log->str, "") || g_str_equal (log->str, " verified"));
  /* And a guest that says that all is well does not help. */
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autofree char *own = g_strdup_printf ("/local/domain/%u/device/vbd/51712/%s", DOMID, keys[i]);

      g_assert_cmpint (live_test_xenstored_guest_write (world.store, DOMID, own, "r"), ==, 0);
    }
  live_test_xenstored_attach (world.store, DOMID, "xvdi", "r", ROOT_IMAGE);
  live_test_xenstored_exchange (world.store, DOMID, "xvdi", "w", PRIVATE_IMAGE);
  live_helper_fixture_wait (&world.helper, "app1", "Evidence", "contradicted");
  g_dbus_connection_signal_unsubscribe (world.helper.bus, subscription);
  world_close (&world);
}

/* Devices and domains that are gone before they can be read. */
static void
test_vanishing (void)
{
  World world;

  open_verified (&world);
  for (guint i = 0; i < 30; i++)
    {
      live_test_xenstored_attach (world.store, DOMID, "xvdi", "w", PRIVATE_IMAGE);
      live_test_xenstored_detach (world.store, DOMID, "xvdi");
      live_test_xenstored_attach (world.store, OTHER_DOMID, "xvda", "w", ABSENT);
      live_test_xenstored_forget_domain (world.store, OTHER_DOMID);
      if (i % 3 == 0)
        {
          live_test_xenstored_forget_domain (world.store, DOMID);
          attach_all (&world, DOMID);
        }
    }
  wait_for (&world, "app1", "ephemeral", "verified", "ephemeral");
  live_test_xenstored_forget_domain (world.store, DOMID);
  wait_for (&world, "app1", "ephemeral", "unknown", "unknown");
  world_close (&world);
}

static void
test_restarted_store (void)
{
  World world;

  open_verified (&world);
  live_test_xenstored_stop (world.store);
  wait_for (&world, "app1", "ephemeral", "unknown", "unknown");
  live_test_xenstored_start (world.store);
  attach_all (&world, DOMID);
  wait_for (&world, "app1", "ephemeral", "verified", "ephemeral");
  live_test_xenstored_exchange (world.store, DOMID, "xvda", "w", ROOT_IMAGE);
  wait_for (&world, "app1", "persistent", "contradicted", "alarm");
  /* What was seen of a store that is gone is no evidence, neither good nor bad. */
  live_test_xenstored_stop (world.store);
  wait_for (&world, "app1", "ephemeral", "unknown", "unknown");
  world_close (&world);
}

/* The same id, another qube. */
static void
test_reused_domain (void)
{
  World world;

  open_verified (&world);
  make_ephemeral (&world, "app2");
  control (&world, "shutdown app1");
  live_test_xenstored_forget_domain (world.store, DOMID);
  run_qube (&world, "app2", DOMID);
  attach_all (&world, DOMID);
  wait_for (&world, "app2", "ephemeral", "verified", "ephemeral");
  live_assert_qube (&world.helper, "app1", "Evidence", "configured");
  live_test_xenstored_exchange (world.store, DOMID, "xvda", "w", ROOT_IMAGE);
  wait_for (&world, "app2", "persistent", "contradicted", "alarm");
  live_assert_qube (&world.helper, "app1", "Evidence", "configured");
  live_test_xenstored_exchange (world.store, DOMID, "xvda", "r", ROOT_IMAGE);
  wait_for (&world, "app2", "ephemeral", "verified", "ephemeral");

  /* Two that claim it: neither is believed. */
  run_qube (&world, "app1", DOMID);
  wait_for (&world, "app1", "ephemeral", "unknown", "unknown");
  wait_for (&world, "app2", "ephemeral", "unknown", "unknown");
  control (&world, "kill app1");
  wait_for (&world, "app2", "ephemeral", "verified", "ephemeral");

  /* A restart: the nodes of the domain before are still there, and say nothing about the new one. */
  control (&world, "kill app2");
  run_qube (&world, "app2", OTHER_DOMID);
  wait_for (&world, "app2", "ephemeral", "unknown", "unknown");
  live_test_xenstored_attach (world.store, OTHER_DOMID, "xvda", "w", ROOT_IMAGE);
  wait_for (&world, "app2", "persistent", "contradicted", "alarm");
  control (&world, "kill app2");
  wait_for (&world, "app2", "ephemeral", "configured", "ephemeral");
  world_close (&world);
}

/* All devices are looked at again while the question for the domain is open: its answer counts all the same. */
static void
test_late_answer (void)
{
  World world;

  open_verified (&world);
  control (&world, "shutdown app1");
  wait_for (&world, "app1", "ephemeral", "configured", "ephemeral");
  control (&world, "delay admin.vm.property.Get+xid 1500");
  run_qube (&world, "app1", DOMID);
  live_helper_fixture_wait (&world.helper, "app1", "State", "running");
  live_test_xenstored_stop (world.store);
  live_test_xenstored_start (world.store);
  attach_all (&world, DOMID);
  wait_for (&world, "app1", "ephemeral", "verified", "ephemeral");
  world_close (&world);
}

static void
on_objects (GObject *bus, GAsyncResult *result, gpointer objects)
{
  g_autoptr (GError) error = NULL;

  *(GVariant **)objects = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);
  g_assert_no_error (error);
}

static gboolean
is_set (gpointer pointer)
{
  return *(gpointer *)pointer != NULL;
}

static guint
count_verified (World *world)
{
  GVariant *reply = NULL;
  g_autoptr (GVariant) objects = NULL;
  GVariantIter iter;
  GVariant *interfaces = NULL;
  guint count = 0;

  g_dbus_connection_call (world->helper.bus, LIVE_BUS_NAME, LIVE_OBJECT_ROOT, "org.freedesktop.DBus.ObjectManager",
                          "GetManagedObjects", NULL, NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, on_objects, &reply);
  g_assert_true (live_test_wait (is_set, &reply, WAIT_SECONDS));
  objects = g_variant_get_child_value (reply, 0);
  g_variant_unref (reply);
  g_variant_iter_init (&iter, objects);
  while (g_variant_iter_next (&iter, "{o@a{sa{sv}}}", NULL, &interfaces))
    {
      g_autoptr (GVariant) owned = interfaces;
      g_autoptr (GVariant) qube = g_variant_lookup_value (owned, LIVE_BUS_NAME ".Qube", G_VARIANT_TYPE_VARDICT);
      const char *evidence = NULL;

      if (qube != NULL && g_variant_lookup (qube, "Evidence", "&s", &evidence) && g_str_equal (evidence, "verified"))
        count++;
    }
  return count;
}

/* A machine that wakes up with all its qubes. */
static void
test_many (void)
{
  static const char *const arguments[] = { "--qubes", "360", "--running", "300", NULL };
  World world;
  g_autofree char *names = NULL;
  g_auto (GStrv) list = NULL;
  guint domid = 0;
  gint64 begin = 0, written = 0;

  world_open (&world, arguments);
  names = live_test_bed_control (world.helper.bed, "names");
  list = g_strsplit (names, " ", -1);
  for (guint i = 0; list[i] != NULL; i++)
    {
      g_autofree char *state = live_test_bed_control (world.helper.bed, "state %s", list[i]);

      if (!g_str_equal (list[i], "dom0") && g_str_equal (state, "Running"))
        control (&world, "xid %s %u", list[i], ++domid);
    }
  g_assert_cmpuint (domid, ==, MANY);
  world_start_helper (&world);
  g_assert_cmpuint (count_verified (&world), ==, 0);
  begin = g_get_monotonic_time ();
  for (domid = 1; domid <= MANY; domid++)
    {
      live_test_xenstored_attach (world.store, domid, "xvda", "r", ROOT_IMAGE);
      live_test_xenstored_attach (world.store, domid, "xvdb", "w", PRIVATE_IMAGE);
      live_test_xenstored_attach (world.store, domid, "xvdc", "w", THROW_AWAY);
    }
  written = g_get_monotonic_time ();
  while (count_verified (&world) < MANY)
    {
      g_assert_cmpint (g_get_monotonic_time () - written, <, WAIT_SECONDS * G_USEC_PER_SEC);
      g_usleep (20000);
    }
  g_test_message ("%u domains: attached in %.0f ms, all verified %.0f ms later", (guint)MANY,
                  (double)(written - begin) / 1000, (double)(g_get_monotonic_time () - written) / 1000);
  live_test_xenstored_stop (world.store);
  while (count_verified (&world) > 0)
    {
      g_assert_cmpint (g_get_monotonic_time () - written, <, 2 * WAIT_SECONDS * G_USEC_PER_SEC);
      g_usleep (20000);
    }
  world_close (&world);
}

/* No store at all: nothing is verified, and everything else works. */
static void
test_no_store (void)
{
  static const char *const nothing_runs[] = { "--running", "0", NULL };
  World world;

  world_open (&world, nothing_runs);
  live_test_xenstored_stop (world.store);
  world_start_helper (&world);
  make_ephemeral (&world, "app1");
  run_qube (&world, "app1", DOMID);
  live_helper_fixture_wait (&world.helper, "app1", "State", "running");
  wait_for (&world, "app1", "ephemeral", "unknown", "unknown");
  world_close (&world);
}

int
main (int argc, char **argv)
{
  gboolean may_run = live_test_bed_init ();

  g_test_init (&argc, &argv, NULL);
  if (!may_run || !live_test_xenstored_is_installed ())
    {
      g_print ("1..0 # SKIP %s\n",
               may_run ? "oxenstored is not installed" : "only root may make the private world of these tests");
      return EXIT_SUCCESS;
    }
  g_test_add_func ("/verification/lies", test_lies);
  g_test_add_func ("/verification/start", test_start);
  g_test_add_func ("/verification/better", test_better);
  g_test_add_func ("/verification/undone-policy", test_undone_policy);
  g_test_add_func ("/verification/pending-policy", test_pending_policy);
  g_test_add_func ("/verification/full-policy", test_full_policy);
  g_test_add_func ("/verification/guest", test_guest);
  g_test_add_func ("/verification/vanishing", test_vanishing);
  g_test_add_func ("/verification/restarted-store", test_restarted_store);
  g_test_add_func ("/verification/reused-domain", test_reused_domain);
  g_test_add_func ("/verification/late-answer", test_late_answer);
  g_test_add_func ("/verification/many", test_many);
  g_test_add_func ("/verification/no-store", test_no_store);
  return g_test_run ();
}
