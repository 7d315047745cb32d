/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE /* unshare() */

#include "dom0-world.h"
#include "model/boot-mode.h"
#include "model/reason.h"
#include "sources/mounts.h"

#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <time.h>

#define C LIVE_TEST_COMMON
#define BOOT "60 22 8:1 / /boot rw,relatime shared:60 - ext4 /dev/sda1 rw\n"
#define COW_TMPFS "70 22 0:60 / /cow rw,relatime shared:70 - tmpfs cowfs rw,size=4g,mode=755\n"
#define IMAGE "71 22 253:1 / /live/image ro,relatime shared:71 - ext4 /dev/mapper/qubes_dom0-root ro,norecovery\n"
#define OVERLAY(upper)                                                                                                 \
  "22 1 0:40 / / rw,relatime shared:1 - overlay overlay rw,lowerdir=/live/image,upperdir=" upper ",workdir=/cow/"      \
  "work\n"

typedef struct
{
  const char *name;
  const char *table;
  const char *command_line;
  LiveBootMode mode;
  const char *contradicted;
} Row;

static const Row rows[] = {
  /* On a disk. */
  { "ext4 on a partition", "22 1 8:3 / / rw,relatime shared:1 - ext4 /dev/sda3 rw\n" C BOOT, "quiet",
    LIVE_BOOT_MODE_PERSISTENT, NULL },
  { "ext4 on LUKS and LVM", "22 1 253:1 / / rw,relatime shared:1 - ext4 /dev/mapper/qubes_dom0-root rw\n" C BOOT,
    "rd.luks.uuid=luks-1 rd.lvm.lv=qubes_dom0/root quiet", LIVE_BOOT_MODE_PERSISTENT, NULL },
  { "xfs with many optional fields",
    "22 1 253:1 / / rw,noatime shared:1 master:2 propagate_from:3 - xfs /dev/mapper/qubes_dom0-root "
    "rw,attr2,inode64,logbufs=8\n" C,
    "", LIVE_BOOT_MODE_PERSISTENT, NULL },
  { "xfs without optional fields", "22 1 259:3 / / rw - xfs /dev/nvme0n1p3 rw\n" C, "", LIVE_BOOT_MODE_PERSISTENT,
    NULL },
  { "btrfs subvolume, with a device of no disk",
    "22 1 0:28 /root / rw,relatime shared:1 - btrfs /dev/mapper/luks-root rw,ssd,space_cache=v2,subvolid=257,"
    "subvol=/root\n" C "61 22 0:28 /home /home rw,relatime shared:2 - btrfs /dev/mapper/luks-root rw,subvol=/home\n",
    "rootflags=subvol=root", LIVE_BOOT_MODE_PERSISTENT, NULL },
  { "btrfs on a device that is not known", "22 1 0:28 /@ / rw - btrfs /dev/sdz1 rw,subvol=/@\n" C, "",
    LIVE_BOOT_MODE_PERSISTENT, NULL },
  { "f2fs, read-only", "22 1 8:3 / / ro,relatime - f2fs /dev/sda3 ro\n" C, "", LIVE_BOOT_MODE_PERSISTENT, NULL },
  { "ZFS", "22 1 0:29 / / rw,relatime shared:1 - zfs rpool/ROOT/dom0 rw,xattr,posixacl\n" C, "root=zfs:AUTO",
    LIVE_BOOT_MODE_PERSISTENT, NULL },
  { "/dev/root is some device", "22 1 99:9 / / rw - ext4 /dev/mapper/other rw\n" C, "", LIVE_BOOT_MODE_PERSISTENT,
    NULL },
  { "a file on a disk as a device",
    "22 1 7:1 / / rw - ext4 /dev/loop1 rw\n" C "62 22 8:2 / /images rw - ext4 /dev/sda2 rw\n", "",
    LIVE_BOOT_MODE_PERSISTENT, NULL },

  /* An overlay. */
  { "overlay, upper on tmpfs", OVERLAY ("/cow/rw") C COW_TMPFS IMAGE, "qubes.live=overlay", LIVE_BOOT_MODE_OVERLAY,
    NULL },
  { "the same without any argument", OVERLAY ("/cow/rw") C COW_TMPFS IMAGE, "quiet", LIVE_BOOT_MODE_OVERLAY, NULL },
  { "the same, the command line cannot be read", OVERLAY ("/cow/rw") C COW_TMPFS IMAGE, NULL, LIVE_BOOT_MODE_OVERLAY,
    NULL },
  { "overlay, upper on ramfs", OVERLAY ("/cow/rw") C "70 22 0:60 / /cow rw - ramfs ramfs rw\n" IMAGE, "rootovl",
    LIVE_BOOT_MODE_OVERLAY, NULL },
  { "overlay, upper on zram",
    OVERLAY ("/cow/rw") C "70 22 252:0 / /cow rw,noatime - ext4 /dev/zram0 rw,discard\n" IMAGE, "qubes.live=overlay",
    LIVE_BOOT_MODE_OVERLAY, NULL },
  { "overlay, upper on a zram that is not set up",
    OVERLAY ("/cow/rw") C "70 22 252:1 / /cow rw - ext4 /dev/zram1 rw\n" IMAGE, "qubes.live=overlay",
    LIVE_BOOT_MODE_UNKNOWN, NULL },
  { "overlay, upper on a zram that writes to a disk",
    OVERLAY ("/cow/rw") C "70 22 252:2 / /cow rw - ext4 /dev/zram2 rw\n" IMAGE, "", LIVE_BOOT_MODE_PERSISTENT, NULL },
  { "overlay, upper on a disk", OVERLAY ("/cow/rw") C "70 22 8:2 / /cow rw,relatime - ext4 /dev/sda2 rw\n" IMAGE,
    "quiet", LIVE_BOOT_MODE_PERSISTENT, NULL },
  { "overlay, upper on a disk, claimed to be live",
    OVERLAY ("/cow/rw") C "70 22 8:2 / /cow rw,relatime - ext4 /dev/sda2 rw\n" IMAGE, "quiet qubes.live=overlay",
    LIVE_BOOT_MODE_PERSISTENT, "qubes.live=overlay" },
  { "overlay, upper under a throw-away key",
    OVERLAY ("/cow/rw") C "70 22 253:3 / /cow rw - ext4 /dev/mapper/throwaway rw\n" IMAGE, "qubes.live=overlay",
    LIVE_BOOT_MODE_UNKNOWN, NULL },
  { "overlay, upper on btrfs on a disk", OVERLAY ("/cow/rw") C "70 22 0:61 / /cow rw - btrfs /dev/sda2 rw\n" IMAGE, "",
    LIVE_BOOT_MODE_PERSISTENT, NULL },
  { "overlay, its upper is nowhere to be seen", OVERLAY ("/cow/rw") C IMAGE, "qubes.live=overlay",
    LIVE_BOOT_MODE_UNKNOWN, NULL },
  { "overlay, upper on a network file system",
    OVERLAY ("/cow/rw") C "70 22 0:61 / /cow rw - nfs4 server:/cow rw\n" IMAGE, "", LIVE_BOOT_MODE_UNKNOWN, NULL },
  { "overlay without an upper", "22 1 0:40 / / ro - overlay overlay ro,lowerdir=/a:/b\n" C, "rootovl",
    LIVE_BOOT_MODE_UNKNOWN, NULL },
  { "overlay, upper of a longer name than the mount point", OVERLAY ("/cowboy/rw") C COW_TMPFS IMAGE, "rootovl",
    LIVE_BOOT_MODE_UNKNOWN, NULL },
  { "overlay, the tmpfs is covered by a disk",
    OVERLAY ("/cow/rw") C COW_TMPFS "72 70 8:2 / /cow rw - ext4 /dev/sda2 rw\n", "", LIVE_BOOT_MODE_PERSISTENT, NULL },
  { "overlay, a disk stands within the tmpfs",
    OVERLAY ("/cow/rw") C COW_TMPFS "72 70 8:2 / /cow/rw rw - ext4 /dev/sda2 rw\n", "", LIVE_BOOT_MODE_PERSISTENT,
    NULL },
  { "overlay, spaces and backslashes in the upper's name",
    OVERLAY ("/my\\040cow\\134x/rw") C "70 22 0:60 / /my\\040cow\\134x rw - tmpfs cow\\040fs rw\n" IMAGE, "",
    LIVE_BOOT_MODE_OVERLAY, NULL },

  /* A RAM disk. */
  { "zram", "22 1 252:0 / / rw,noatime shared:1 - ext4 /dev/zram0 rw,discard\n" C, "qubes.live=zram",
    LIVE_BOOT_MODE_ZRAM, NULL },
  { "zram, the guide's argument", "22 1 252:0 / / rw - ext2 /dev/zram0 rw\n" C, "rootzram", LIVE_BOOT_MODE_ZRAM, NULL },
  { "zram with btrfs", "22 1 0:44 / / rw - btrfs /dev/zram0 rw\n" C, "", LIVE_BOOT_MODE_ZRAM, NULL },
  { "a zram that is not set up", "22 1 252:1 / / rw - ext4 /dev/zram1 rw\n" C, "rootzram", LIVE_BOOT_MODE_UNKNOWN,
    NULL },
  { "a zram that writes to a disk", "22 1 252:2 / / rw - ext4 /dev/zram2 rw\n" C, "rootzram", LIVE_BOOT_MODE_UNKNOWN,
    NULL },
  { "the name of a zram, the numbers of a disk", "22 1 8:3 / / rw - ext4 /dev/zram0 rw\n" C, "rootzram",
    LIVE_BOOT_MODE_PERSISTENT, "rootzram" },
  { "the name of a zram, numbers of nothing", "22 1 98:0 / / rw - ext4 /dev/zram0 rw\n" C, "rootzram",
    LIVE_BOOT_MODE_UNKNOWN, NULL },
  { "brd", "22 1 1:0 / / rw - ext4 /dev/ram0 rw\n" C, "", LIVE_BOOT_MODE_UNKNOWN, NULL },
  { "a mapping over zram", "22 1 253:5 / / rw - ext4 /dev/mapper/zram-mapped rw\n" C, "", LIVE_BOOT_MODE_UNKNOWN,
    NULL },
  { "a deleted file as a device", "22 1 7:2 / / rw - ext4 /dev/loop2 rw\n" C, "", LIVE_BOOT_MODE_UNKNOWN, NULL },

  /* As systemd and dracut do it. */
  { "systemd.volatile=overlay", OVERLAY ("/run/systemd/overlay-sysroot/upper") C, "systemd.volatile=overlay",
    LIVE_BOOT_MODE_VOLATILE, NULL },
  { "systemd.volatile=yes",
    "22 1 0:50 / / rw,relatime - tmpfs tmpfs rw,mode=755\n" C "63 22 253:1 /usr /usr ro - ext4 /dev/dm-1 rw\n",
    "systemd.volatile=yes", LIVE_BOOT_MODE_VOLATILE, NULL },
  { "systemd.volatile=state leaves the root on the disk", "22 1 253:1 / / ro - ext4 /dev/dm-1 ro\n" C,
    "systemd.volatile=state", LIVE_BOOT_MODE_PERSISTENT, NULL },
  { "dracut's live image", OVERLAY ("/run/overlayfs") C,
    "root=live:CDLABEL=x rd.live.image rd.live.overlay.overlayfs=1", LIVE_BOOT_MODE_DRACUT_LIVE, NULL },
  { "the same with its upper maybe on a disk", OVERLAY ("/run/overlayfs") C,
    "rd.live.image rd.live.overlay=/dev/sdb1:/upper rd.live.overlay.overlayfs=1", LIVE_BOOT_MODE_UNKNOWN, NULL },
  { "the same, told not to use a disk", OVERLAY ("/run/overlayfs") C, "rd.live.overlay=none",
    LIVE_BOOT_MODE_DRACUT_LIVE, NULL },
  { "the same, the command line cannot be read", OVERLAY ("/run/overlayfs") C, NULL, LIVE_BOOT_MODE_UNKNOWN, NULL },

  /* Claims, and what is true. */
  { "claimed: overlay", "22 1 253:1 / / rw - ext4 /dev/dm-1 rw\n" C, "quiet qubes.live=overlay rhgb\n",
    LIVE_BOOT_MODE_PERSISTENT, "qubes.live=overlay" },
  { "claimed: ramovl", "22 1 253:1 / / rw - ext4 /dev/dm-1 rw\n" C, "ramovl", LIVE_BOOT_MODE_PERSISTENT, "ramovl" },
  { "claimed: systemd.volatile, in quotes", "22 1 253:1 / / rw - ext4 /dev/dm-1 rw\n" C, "\"systemd.volatile=yes\"",
    LIVE_BOOT_MODE_PERSISTENT, "systemd.volatile=yes" },
  { "claimed: dracut", "22 1 253:1 / / rw - ext4 /dev/dm-1 rw\n" C, "rd.live.overlay.overlayfs",
    LIVE_BOOT_MODE_PERSISTENT, "rd.live.overlay.overlayfs" },
  { "switched off again in so many words", "22 1 253:1 / / rw - ext4 /dev/dm-1 rw\n" C,
    "qubes.live=no rootovl=0 systemd.volatile=no rd.live.overlay.overlayfs=0", LIVE_BOOT_MODE_PERSISTENT, NULL },
  { "words that only look alike", "22 1 253:1 / / rw - ext4 /dev/dm-1 rw\n" C,
    "xqubes.live=overlay qubes.livery=1 rootovlx norootovl root=rootovl", LIVE_BOOT_MODE_PERSISTENT, NULL },
  { "an argument proves nothing when the root is not known", "22 1 0:70 / / rw - nfs4 server:/root rw\n" C,
    "qubes.live=overlay", LIVE_BOOT_MODE_UNKNOWN, NULL },

  /* Stacked. */
  { "an overlay over a disk",
    "21 1 8:3 / / rw - ext4 /dev/sda3 rw\n"
    "22 21 0:40 / / rw - overlay overlay rw,lowerdir=/l,upperdir=/cow/rw,workdir=/cow/w\n" C COW_TMPFS,
    "", LIVE_BOOT_MODE_OVERLAY, NULL },
  { "a disk over an overlay",
    "21 1 0:40 / / rw - overlay overlay rw,lowerdir=/l,upperdir=/cow/rw,workdir=/cow/w\n"
    "22 21 8:3 / / rw - ext4 /dev/sda3 rw\n" C COW_TMPFS,
    "rootovl", LIVE_BOOT_MODE_PERSISTENT, "rootovl" },
  { "a disk over the initramfs", "21 1 0:2 / / rw - rootfs rootfs rw\n22 21 8:3 / / rw - ext4 /dev/sda3 rw\n" C, "",
    LIVE_BOOT_MODE_PERSISTENT, NULL },
  { "still the initramfs", "22 1 0:2 / / rw - rootfs rootfs rw\n" C, "", LIVE_BOOT_MODE_UNKNOWN, NULL },
  { "bind mounts of the root",
    "22 1 253:1 / / rw - ext4 /dev/dm-1 rw\n" C "64 22 253:1 /srv /var/srv rw - ext4 /dev/dm-1 rw\n"
    "65 22 0:32 /x /var/tmp rw - tmpfs tmpfs rw\n",
    "", LIVE_BOOT_MODE_PERSISTENT, NULL },
  { "a tmpfs bound over the root at the end",
    "22 1 8:3 / / rw - ext4 /dev/sda3 rw\n" C "66 22 0:32 / / rw - tmpfs t rw\n", "", LIVE_BOOT_MODE_VOLATILE, NULL },
  { "no root at all", "23 22 0:21 / /proc rw - proc proc rw\n", "", LIVE_BOOT_MODE_UNKNOWN, NULL },
  { "a source without a name", "22 1 0:50 / / rw - tmpfs  rw\n" C, "", LIVE_BOOT_MODE_VOLATILE, NULL },
};

static void
test_tables (void)
{
  g_autoptr (GPtrArray) blocks = live_test_blocks_new (TRUE);

  g_assert_cmpuint (G_N_ELEMENTS (rows), >=, 30);
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GPtrArray) mounts = live_test_mounts_new (rows[i].table);
      g_autofree char *contradicted = NULL;
      LiveBootMode mode;

      g_test_message ("row %u: %s", i, rows[i].name);
      g_assert_nonnull (mounts);
      mode = live_boot_mode_judge (mounts, blocks, rows[i].command_line, &contradicted, NULL);
      g_assert_cmpstr (live_boot_mode_to_string (mode), ==, live_boot_mode_to_string (rows[i].mode));
      g_assert_cmpstr (contradicted, ==, rows[i].contradicted);
    }
}

/* Whatever is not known of the devices, nothing may become live by it. */
static void
test_without_blocks (void)
{
  g_autoptr (GPtrArray) blocks = g_ptr_array_new ();

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GPtrArray) mounts = live_test_mounts_new (rows[i].table);
      LiveBootMode mode = live_boot_mode_judge (mounts, blocks, rows[i].command_line, NULL, NULL);

      g_test_message ("row %u: %s", i, rows[i].name);
      if (live_boot_mode_is_live (mode))
        g_assert_cmpint (mode, ==, rows[i].mode);
      g_assert_cmpint (mode, !=, LIVE_BOOT_MODE_ZRAM);
    }
}

static void
test_reasons (void)
{
  static const struct
  {
    const char *table;
    const char *reasons;
  } table[] = {
    { NULL, "boot-mode-unknown(why=mounts-unreadable)" },
    { "23 22 0:21 / /proc rw - proc proc rw\n", "boot-mode-unknown(why=no-root)" },
    { OVERLAY ("/cow/rw") C, "boot-mode-unknown(why=upper-unknown)" },
    { "22 1 252:1 / / rw - ext4 /dev/zram1 rw\n" C, "boot-mode-unknown(why=device-unknown)" },
    { "22 1 8:3 / / rw - ext4 /dev/sda3 rw\n" C, "" },
  };
  g_autoptr (GPtrArray) blocks = live_test_blocks_new (FALSE);

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (GPtrArray) mounts = table[i].table != NULL ? live_test_mounts_new (table[i].table) : NULL;
      g_autofree char *reasons = NULL;
      GVariantBuilder builder;

      g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sa{sv})"));
      live_boot_mode_judge (mounts, blocks, "", NULL, &builder);
      reasons = live_test_describe_reasons (&builder);
      g_assert_cmpstr (reasons, ==, table[i].reasons);
    }
}

/* Tables that are none, or only a part of one. */
static void
test_refused (void)
{
  static const char *const texts[] = {
    "",
    "\n",
    "\n\n \n",
    "hello\n",
    "22 1 8:3 / / rw,relatime shared:1 - ext4 /dev/sda3 rw",
    "22 1 8:3 / / rw,relatime shared:1 - ext4\n",
    "22 1 8:3 / / rw,relatime shared:1 -\n",
    "22 1 8:3 / / rw,relatime shared:1\n",
    "22 1 8:3 /\n",
    "22 1 8:3 / / rw ext4 /dev/sda3 rw\n",
    "22 x 8:3 / / rw - ext4 /dev/sda3 rw\n",
    "22 1 83 / / rw - ext4 /dev/sda3 rw\n",
    "22 1 8:3 / / rw - ext4 /dev/sda3 rw\n23 22 0:21 / /proc rw - pr",
    "22 1 8:3 / / rw - ext4 /dev/sda3 rw\n23 22 0:21\n24 22 0:22 / /sys rw - sysfs sysfs rw\n",
  };
  static const char with_nul[] = "22 1 8:3 / / rw - ext4 /dev/sda3 rw\n\0 22 1 0:1 / / rw - tmpfs t rw\n";

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GPtrArray) mounts = live_mounts_parse (texts[i], strlen (texts[i]), &error);

      g_test_message ("text %u: %s", i, texts[i]);
      g_assert_null (mounts);
      g_assert_nonnull (error);
    }
  g_assert_null (live_mounts_parse (with_nul, sizeof with_nul - 1, NULL));
}

/* Every cut through a table is refused, or it is a table of whole lines: never half a line. */
static void
test_every_cut (void)
{
  static const char text[] = OVERLAY ("/cow/rw") C COW_TMPFS IMAGE;

  for (gsize length = 0; length < sizeof text - 1; length++)
    {
      g_autoptr (GPtrArray) mounts = live_mounts_parse (text, length, NULL);

      g_assert_cmpint (mounts != NULL, ==, length > 0 && text[length - 1] == '\n');
    }
}

static void
test_fields (void)
{
  static const char text[]
      = "22 1 253:1 / / rw,relatime shared:1 - ext4 /dev/mapper/qubes_dom0-root rw,errors=remount-ro\n"
        "40 22 8:1 /a\\040b /mnt/tab\\011new\\012line\\134 ro,nosuid - ext4 /dev/disk\\040one rw\n"
        "41 22 0:50 / /x rw - tmpfs none rw,size=1\n"
        "42 22 8:2 / /y rw - ext4 /dev/sda2 ro\n";
  g_autoptr (GPtrArray) mounts = live_test_mounts_new (text);
  const LiveMount *mount = NULL;

  g_assert_nonnull (mounts);
  g_assert_cmpuint (mounts->len, ==, 4);
  mount = mounts->pdata[0];
  g_assert_cmpint (mount->id, ==, 22);
  g_assert_cmpint (mount->parent_id, ==, 1);
  g_assert_cmpuint (mount->major, ==, 253);
  g_assert_cmpuint (mount->minor, ==, 1);
  g_assert_cmpstr (mount->options, ==, "rw,errors=remount-ro");
  g_assert_false (mount->read_only);
  mount = mounts->pdata[1];
  g_assert_cmpstr (mount->root, ==, "/a b");
  g_assert_cmpstr (mount->target, ==, "/mnt/tab\tnew\nline\\");
  g_assert_cmpstr (mount->source, ==, "/dev/disk one");
  g_assert_true (mount->read_only);
  mount = mounts->pdata[2];
  g_assert_cmpstr (mount->type, ==, "tmpfs");
  g_assert_false (mount->read_only);
  mount = mounts->pdata[3];
  g_assert_true (mount->read_only);
}

/* (transfer full): 5,000 mounts, the root among the first or the last of them. */
static char *
make_large_table (gboolean root_last)
{
  static const char root[] = "22 1 8:3 / / rw,relatime shared:1 - ext4 /dev/sda3 rw\n";
  GString *text = g_string_new (root_last ? "21 1 0:50 / / rw - tmpfs t rw\n" : root);

  for (guint i = 0; i < 5000; i++)
    g_string_append_printf (text,
                            "%u %u 0:%u / /run/mnt/%u rw,nosuid,nodev,relatime shared:%u - tmpfs tmpfs rw,mode=755\n",
                            i + 100, root_last ? 21U : 22U, i + 100, i, i + 100);
  if (root_last)
    g_string_append (text, "22 21 8:3 / / rw,relatime shared:1 - ext4 /dev/sda3 rw\n");
  return g_string_free (text, FALSE);
}

static void
test_large (void)
{
  g_autoptr (GPtrArray) blocks = live_test_blocks_new (FALSE);

  for (gboolean root_last = FALSE; root_last <= TRUE; root_last++)
    {
      g_autofree char *text = make_large_table (root_last);
      g_autoptr (GPtrArray) mounts = live_test_mounts_new (text);
      gint64 start = g_get_monotonic_time ();

      g_assert_cmpuint (mounts->len, >, 5000);
      g_assert_cmpint (live_boot_mode_judge (mounts, blocks, "", NULL, NULL), ==, LIVE_BOOT_MODE_PERSISTENT);
      g_test_message ("judged in %" G_GINT64_FORMAT " us", g_get_monotonic_time () - start);
    }
}

static gboolean
is_unchanged (gpointer changed)
{
  return *(gboolean *)changed == FALSE;
}

static void
on_changed (LiveMounts *mounts, gboolean *changed)
{
  *changed = TRUE;
}

static gboolean
on_tick (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

/* What the main loop itself may take: the processor's time of this thread, so that a busy machine does not count. */
#ifdef __SANITIZE_ADDRESS__
#define MAIN_LOOP_MICROSECONDS 100000
#else
#define MAIN_LOOP_MICROSECONDS 5000
#endif

static gint64
get_own_time (void)
{
  struct timespec now;

  g_assert_cmpint (clock_gettime (CLOCK_THREAD_CPUTIME_ID, &now), ==, 0);
  return (gint64)now.tv_sec * G_USEC_PER_SEC + now.tv_nsec / 1000;
}

/* A large table is not read in the main loop's time. */
static void
test_refresh (void)
{
  g_autofree char *directory = g_dir_make_tmp ("qubes-live-test-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "mountinfo", NULL);
  g_autofree char *large = make_large_table (TRUE);
  g_autoptr (LiveMounts) mounts = NULL;
  gint64 end = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;
  gboolean changed = FALSE;
  guint tick = g_timeout_add (10, on_tick, NULL);
  gint64 own = 0;

  g_assert_true (g_file_set_contents (path, "22 1 8:3 / / rw - ext4 /dev/sda3 rw\n", -1, NULL));
  mounts = live_mounts_new (path, FALSE);
  g_signal_connect (mounts, "changed", G_CALLBACK (on_changed), &changed);
  g_assert_cmpuint (live_mounts_get_table (mounts)->len, ==, 1);

  g_assert_true (g_file_set_contents (path, large, -1, NULL));
  own = get_own_time ();
  live_mounts_refresh (mounts);
  g_assert_cmpuint (live_mounts_get_table (mounts)->len, ==, 1);
  while (is_unchanged (&changed) && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  own = get_own_time () - own;
  g_test_message ("the main loop took %" G_GINT64_FORMAT " us", own);
  g_assert_cmpint (own, <, MAIN_LOOP_MICROSECONDS);
  g_assert_cmpuint (live_mounts_get_table (mounts)->len, >, 5000);

  /* The same once more, compared in full, is no change. */
  own = get_own_time ();
  live_mounts_refresh (mounts);
  for (guint ticks = 0; ticks < 20; ticks++)
    g_main_context_iteration (NULL, TRUE);
  own = get_own_time () - own;
  g_test_message ("to find no change the main loop took %" G_GINT64_FORMAT " us", own);
  g_assert_cmpint (own, <, MAIN_LOOP_MICROSECONDS);

  /* A table that cannot be read any more is none: not the one there was. */
  changed = FALSE;
  g_assert_true (g_file_set_contents (path, "22 1 8:3 / / rw - ext4", -1, NULL));
  g_test_expect_message (NULL, G_LOG_LEVEL_WARNING, "the mounts are not known*");
  live_mounts_refresh (mounts);
  while (is_unchanged (&changed) && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_test_assert_expected_messages ();
  g_assert_null (live_mounts_get_table (mounts));

  g_source_remove (tick);
  g_assert_cmpint (g_unlink (path), ==, 0);
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

static void
wait_for_change (gboolean *changed)
{
  gint64 end = g_get_monotonic_time () + 20 * G_TIME_SPAN_SECOND;
  guint tick = g_timeout_add (10, on_tick, NULL);

  while (is_unchanged (changed) && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (tick);
  g_assert_true (*changed);
  *changed = FALSE;
}

/* What the kernel tells of: a mount, the same mount with other options, its end. */
static void
test_watch (gconstpointer data)
{
  g_autofree char *directory = NULL;
  g_autoptr (LiveMounts) mounts = NULL;
  gboolean changed = FALSE;

  if (!GPOINTER_TO_INT (data))
    {
      g_test_skip ("only root may mount");
      return;
    }
  directory = g_dir_make_tmp ("qubes-live-test-XXXXXX", NULL);
  mounts = live_mounts_new ("/proc/self/mountinfo", TRUE);
  g_signal_connect (mounts, "changed", G_CALLBACK (on_changed), &changed);
  g_assert_null (live_mounts_find_target (live_mounts_get_table (mounts), directory));

  g_assert_cmpint (mount ("test", directory, "tmpfs", 0, NULL), ==, 0);
  wait_for_change (&changed);
  g_assert_false (live_mounts_find_target (live_mounts_get_table (mounts), directory)->read_only);
  g_assert_cmpint (mount (NULL, directory, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL), ==, 0);
  wait_for_change (&changed);
  g_assert_true (live_mounts_find_target (live_mounts_get_table (mounts), directory)->read_only);
  g_assert_cmpint (umount (directory), ==, 0);
  wait_for_change (&changed);
  g_assert_null (live_mounts_find_target (live_mounts_get_table (mounts), directory));
  g_assert_cmpint (g_rmdir (directory), ==, 0);
}

/* A watched file that cannot be polled, or is not there, is said; nothing crashes. */
static void
test_not_watchable (void)
{
  g_autoptr (LiveMounts) mounts = NULL;

  g_test_expect_message (NULL, G_LOG_LEVEL_WARNING, "changes of the mounts will not be seen*");
  g_test_expect_message (NULL, G_LOG_LEVEL_WARNING, "the mounts are not known*");
  mounts = live_mounts_new ("/nonexistent/mountinfo", TRUE);
  g_test_assert_expected_messages ();
  g_assert_null (live_mounts_get_table (mounts));
}

int
main (int argc, char **argv)
{
  /* Before there is any thread. */
  gboolean may_mount = unshare (CLONE_NEWNS) == 0 && mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;

  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/boot-mode/tables", test_tables);
  g_test_add_func ("/boot-mode/without-blocks", test_without_blocks);
  g_test_add_func ("/boot-mode/reasons", test_reasons);
  g_test_add_func ("/boot-mode/large", test_large);
  g_test_add_func ("/mounts/refused", test_refused);
  g_test_add_func ("/mounts/every-cut", test_every_cut);
  g_test_add_func ("/mounts/fields", test_fields);
  g_test_add_func ("/mounts/refresh", test_refresh);
  g_test_add_data_func ("/mounts/watch", GINT_TO_POINTER (may_mount), test_watch);
  g_test_add_func ("/mounts/not-watchable", test_not_watchable);
  return g_test_run ();
}
