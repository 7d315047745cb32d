/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "dom0-world.h"
#include "model/leaks.h"
#include "sources/kernel.h"
#include "sources/systemd-setting.h"

#include <glib/gstdio.h>
#include <string.h>

#define SWAPS "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
#define LIVE_ROOT                                                                                                      \
  "22 1 0:40 / / rw - overlay overlay rw,lowerdir=/live/image,upperdir=/cow/rw,workdir=/cow/work\n" LIVE_TEST_COMMON   \
  "70 22 0:60 / /cow rw - tmpfs cowfs rw\n"                                                                            \
  "71 22 253:1 / /live/image ro - ext4 /dev/mapper/qubes_dom0-root ro\n"
#define DISK_ROOT "22 1 253:1 / / rw - ext4 /dev/mapper/qubes_dom0-root rw\n" LIVE_TEST_COMMON
#define SYSTEMD_CORE "|/usr/lib/systemd/systemd-coredump %P %u %g %s %t %c %h\n"

/* What differs from a dom0 in RAM that leaks nothing; %NULL: nothing does. */
typedef struct
{
  const char *name;
  const char *root;   /* LIVE_ROOT */
  const char *mounts; /* further mounts */
  const char *swaps;
  const char *journal_storage;
  gboolean journal_directory;
  const char *core_pattern;
  const char *core_storage;
  const char *core_external_size;
  const char *power_disk;
  const char *command_line;
  gboolean with_backing;
  guint count;
  const char *findings;
} Row;

static const Row rows[] = {
  { .name = "nothing", .findings = "" },

  /* Mounts. */
  { .name = "/boot on a disk",
    .mounts = "60 22 8:1 / /boot rw - ext4 /dev/sda1 rw\n",
    .count = 1,
    .findings = "mount-writable(bad mount-read-only target=/boot source=/dev/sda1 type=ext4 place=disk)" },
  { .name = "/boot read-only, by the mount or by its file system",
    .mounts = "60 22 8:1 / /boot ro - ext4 /dev/sda1 rw\n61 22 8:2 / /efi rw - vfat /dev/sda2 ro\n",
    .findings = "" },
  { .name = "the lower layer writable",
    .mounts = "72 71 253:1 / /live/image rw - ext4 /dev/mapper/qubes_dom0-root rw\n",
    .count = 1,
    .findings = "mount-writable(bad mount-read-only target=/live/image source=/dev/mapper/qubes_dom0-root type=ext4 "
                "place=disk)" },
  { .name = "bind mounts of one file system, the first of them read-only",
    .mounts = "60 22 8:1 / /boot ro - ext4 /dev/sda1 rw\n61 22 8:1 /a /a rw - ext4 /dev/sda1 rw\n"
              "62 22 8:1 /b /b rw - ext4 /dev/sda1 rw\n",
    .count = 1,
    .findings = "mount-writable(bad mount-read-only target=/a source=/dev/sda1 type=ext4 place=disk)" },
  { .name = "btrfs subvolumes of one file system",
    .mounts = "60 22 0:90 /a /a rw - btrfs /dev/sda1 rw\n61 22 0:90 /b /b rw - btrfs /dev/sda1 rw\n",
    .count = 1,
    .findings = "mount-writable(bad mount-read-only target=/a source=/dev/sda1 type=btrfs place=disk)" },
  { .name = "a throw-away key, zram, ramfs",
    .mounts = "60 22 253:3 / /a rw - ext4 /dev/mapper/throwaway rw\n61 22 252:0 / /b rw - xfs /dev/zram0 rw\n"
              "62 22 0:91 / /c rw - ramfs ramfs rw\n63 22 7:0 / /d rw - ext4 /dev/loop0 rw\n",
    .findings = "" },
  { .name = "a key that nobody knows of, a network, a device that is gone",
    .mounts = "60 22 253:4 / /a rw - ext4 /dev/mapper/nobody-knows rw\n61 22 0:92 / /b rw - nfs4 server:/b rw\n"
              "62 22 99:1 / /c rw - ext4 /dev/sdz1 rw\n",
    .count = 3,
    .findings = "mount-writable(unknown mount-read-only target=/a source=/dev/mapper/nobody-knows type=ext4 "
                "place=unknown) mount-writable(unknown mount-read-only target=/b source=server:/b type=nfs4 "
                "place=unknown) mount-writable(unknown mount-read-only target=/c source=/dev/sdz1 type=ext4 "
                "place=unknown)" },
  { .name = "firmware is no disk, but stays",
    .mounts = "60 24 0:93 / /sys/firmware/efi/efivars rw - efivarfs efivarfs rw\n",
    .findings = "firmware-writable(weak mount-read-only target=/sys/firmware/efi/efivars)" },
  { .name = "names of odd bytes",
    .mounts = "60 22 8:1 / /a\\040\xff"
              "b rw - ext4 /dev/sda1 rw\n",
    .count = 1,
    .findings = "mount-writable(bad mount-read-only target=/a \xef\xbf\xbd"
                "b source=/dev/sda1 type=ext4 place=disk)" },
  { .name = "covered is not gone",
    .mounts = "60 22 8:1 / /a rw - ext4 /dev/sda1 rw\n61 60 0:94 / /a rw - tmpfs t rw\n",
    .count = 1,
    .findings = "mount-writable(bad mount-read-only target=/a source=/dev/sda1 type=ext4 place=disk)" },
  { .name = "on a disk that is what is to be expected",
    .root = DISK_ROOT,
    .mounts = "60 22 253:1 /srv /srv rw - ext4 /dev/mapper/qubes_dom0-root rw\n",
    .core_pattern = "|/bin/false\n",
    .findings = "" },
  { .name = "on a disk, and another",
    .root = DISK_ROOT,
    .core_pattern = "|/bin/false",
    .mounts = "60 22 8:1 / /boot rw - ext4 /dev/sda1 rw\n",
    .count = 1,
    .findings = "mount-writable(bad mount-read-only target=/boot source=/dev/sda1 type=ext4 place=disk)" },

  /* Swap and hibernation. */
  { .name = "swap on a disk",
    .swaps = SWAPS "/dev/dm-2                               partition\t8388604\t\t0\t\t-2\n",
    .power_disk = "[disabled]\n",
    .count = 1,
    .findings = "swap-on-disk(bad swap-off device=/dev/dm-2 place=disk)" },
  { .name = "the same by the name of the mapping",
    .swaps = SWAPS "/dev/mapper/qubes_dom0-swap partition\t8388604\t\t0\t\t-2\n",
    .power_disk = "[disabled]\n",
    .count = 1,
    .findings = "swap-on-disk(bad swap-off device=/dev/mapper/qubes_dom0-swap place=disk)" },
  { .name = "swap on zram, and under a throw-away key",
    .swaps = SWAPS "/dev/zram0 partition 1 0 100\n/dev/dm-3 partition 1 0 -2\n",
    .findings = "" },
  { .name = "swap that nobody knows of",
    .swaps = SWAPS "/dev/dm-4 partition 1 0 -2\n/dev/dm-77 partition 1 0 -3\n",
    .command_line = "quiet nohibernate",
    .count = 2,
    .findings = "swap-on-disk(unknown swap-off device=/dev/dm-4 place=unknown) "
                "swap-on-disk(unknown swap-off device=/dev/dm-77 place=unknown)" },
  { .name = "swap in a file in RAM, and in one on a disk",
    .mounts = "60 22 8:1 / /a\\040b ro - ext4 /dev/sda1 rw\n61 22 8:2 / /c\\040d rw - ext4 /dev/sda2 rw\n",
    .swaps = SWAPS "/tmp/swap file 1 0 -2\n/c\\040d/swap file 1 0 -3\n",
    .power_disk = "",
    .count = 2,
    .findings = "mount-writable(bad mount-read-only target=/c d source=/dev/sda2 type=ext4 place=disk) "
                "swap-on-disk(bad swap-off device=/c d/swap place=disk)" },
  { .name = "hibernation",
    .swaps = SWAPS "/dev/sda2 partition 1 0 -2\n",
    .count = 2,
    .findings = "swap-on-disk(bad swap-off device=/dev/sda2 place=disk) "
                "hibernation-possible(bad no-hibernate device=/dev/sda2 place=disk)" },
  { .name = "a table of swaps that is none",
    .swaps = "what",
    .count = 1,
    .findings = "not-read(unknown check-helper what=swaps)" },
  { .name = "zram that writes to a disk",
    .with_backing = TRUE,
    .count = 1,
    .findings = "zram-backing-device(bad zram-without-backing device=zram2 place=disk)" },

  /* The journal. */
  { .name = "a journal in RAM", .journal_storage = "persistent", .journal_directory = TRUE, .findings = "" },
  { .name = "a journal on a disk, by default",
    .mounts = "60 22 8:1 / /var/log rw - ext4 /dev/sda1 rw\n",
    .journal_directory = TRUE,
    .count = 2,
    .findings = "mount-writable(bad mount-read-only target=/var/log source=/dev/sda1 type=ext4 place=disk) "
                "journal-persistent(bad journal-volatile target=/var/log place=disk)" },
  { .name = "a journal on a disk that was covered by a mount above it",
    .mounts = "60 22 8:1 / /var/log rw - ext4 /dev/sda1 rw\n61 22 0:94 / /var rw - tmpfs t rw\n",
    .journal_directory = TRUE,
    .count = 1,
    .findings = "mount-writable(bad mount-read-only target=/var/log source=/dev/sda1 type=ext4 place=disk)" },
  { .name = "a journal in RAM that a disk was put over",
    .mounts = "60 22 0:94 / /var rw - tmpfs t rw\n61 60 8:1 / /var rw - ext4 /dev/sda1 rw\n",
    .journal_directory = TRUE,
    .core_pattern = "|/bin/false",
    .count = 2,
    .findings = "mount-writable(bad mount-read-only target=/var source=/dev/sda1 type=ext4 place=disk) "
                "journal-persistent(bad journal-volatile target=/var place=disk)" },
  { .name = "without its directory nothing is kept by default, and by order it is",
    .root = DISK_ROOT,
    .core_pattern = "|/bin/false",
    .journal_storage = "auto",
    .findings = "" },
  { .name = "by order",
    .root = DISK_ROOT,
    .core_pattern = "|/bin/false",
    .journal_storage = "persistent",
    .count = 1,
    .findings = "journal-persistent(bad journal-volatile target=/ place=disk)" },
  { .name = "a word that journald does not know is the default",
    .root = DISK_ROOT,
    .core_pattern = "|/bin/false",
    .journal_storage = "volatil",
    .journal_directory = TRUE,
    .count = 1,
    .findings = "journal-persistent(bad journal-volatile target=/ place=disk)" },
  { .name = "volatile",
    .root = DISK_ROOT,
    .core_pattern = "|/bin/false",
    .journal_storage = "volatile",
    .journal_directory = TRUE,
    .findings = "" },
  { .name = "none",
    .root = DISK_ROOT,
    .core_pattern = "|/bin/false",
    .journal_storage = "none",
    .journal_directory = TRUE,
    .findings = "" },

  /* Core dumps. */
  { .name = "systemd's, on a disk",
    .root = DISK_ROOT,
    .count = 1,
    .findings = "core-dumps-to-disk(bad core-dumps-off pattern=|/usr/lib/systemd/systemd-coredump %P %u %g %s %t %c %h "
                "place=disk)" },
  { .name = "systemd's, switched off", .root = DISK_ROOT, .core_storage = "none", .findings = "" },
  { .name = "systemd's, of no size", .root = DISK_ROOT, .core_external_size = "0", .findings = "" },
  { .name = "systemd's, into a journal that is volatile",
    .root = DISK_ROOT,
    .core_storage = "journal",
    .journal_storage = "volatile",
    .findings = "" },
  { .name = "systemd's, into a journal that is kept",
    .root = DISK_ROOT,
    .core_storage = "journal",
    .journal_storage = "persistent",
    .count = 2,
    .findings = "journal-persistent(bad journal-volatile target=/ place=disk) "
                "core-dumps-to-disk(bad core-dumps-off pattern=|/usr/lib/systemd/systemd-coredump %P %u %g %s %t %c %h "
                "place=disk)" },
  { .name = "systemd's, its directory on a disk though the root is in RAM",
    .mounts = "60 22 8:1 / /var/lib rw - ext4 /dev/sda1 rw\n",
    .count = 2,
    .findings = "mount-writable(bad mount-read-only target=/var/lib source=/dev/sda1 type=ext4 place=disk) "
                "core-dumps-to-disk(bad core-dumps-off pattern=|/usr/lib/systemd/systemd-coredump %P %u %g %s %t %c %h "
                "place=disk)" },
  { .name = "a file beside the program",
    .root = DISK_ROOT,
    .core_pattern = "core\n",
    .count = 1,
    .findings = "core-dumps-to-disk(bad core-dumps-off pattern=core place=disk)" },
  { .name = "a file beside the program, in RAM", .core_pattern = "core\n", .findings = "" },
  { .name = "a file in RAM", .root = DISK_ROOT, .core_pattern = "/tmp/core.%p\n", .findings = "" },
  { .name = "a file on a disk",
    .root = DISK_ROOT,
    .core_pattern = "/var/core.%p\n",
    .count = 1,
    .findings = "core-dumps-to-disk(bad core-dumps-off pattern=/var/core.%p place=disk)" },
  { .name = "nowhere", .root = DISK_ROOT, .core_pattern = "\n", .findings = "" },
  { .name = "another program",
    .root = DISK_ROOT,
    .core_pattern = "|/usr/bin/collect %p",
    .count = 1,
    .findings = "core-dumps-to-disk(bad core-dumps-off pattern=|/usr/bin/collect %p place=disk)" },
};

static LiveLeakFacts *
make_facts (const Row *row)
{
  LiveLeakFacts *facts = live_leak_facts_new ();
  g_autofree char *table
      = g_strconcat (row->root != NULL ? row->root : LIVE_ROOT, row->mounts != NULL ? row->mounts : "", NULL);

  facts->mounts = live_test_mounts_new (table);
  g_assert_nonnull (facts->mounts);
  g_ptr_array_unref (facts->blocks);
  facts->blocks = live_test_blocks_new (row->with_backing);
  facts->swaps = live_swaps_parse (row->swaps != NULL ? row->swaps : SWAPS);
  facts->journal_storage = g_strdup (row->journal_storage);
  facts->journal_directory = row->journal_directory;
  facts->core_pattern = g_strdup (row->core_pattern != NULL ? row->core_pattern : SYSTEMD_CORE);
  facts->core_storage = g_strdup (row->core_storage);
  facts->core_external_size = g_strdup (row->core_external_size);
  facts->power_states = g_strdup ("freeze mem disk\n");
  facts->power_disk = g_strdup (row->power_disk != NULL ? row->power_disk : "[platform] shutdown reboot\n");
  facts->kernel_command_line = g_strdup (row->command_line != NULL ? row->command_line : "quiet\n");
  return facts;
}

static void
test_leaks (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (LiveLeakFacts) facts = make_facts (&rows[i]);
      LiveBootMode mode = live_boot_mode_judge (facts->mounts, facts->blocks, facts->kernel_command_line, NULL, NULL);
      g_autofree char *findings = NULL;
      GVariantBuilder builder;
      guint count;

      g_test_message ("row %u: %s", i, rows[i].name);
      g_assert_cmpint (mode, ==, rows[i].root != NULL ? LIVE_BOOT_MODE_PERSISTENT : LIVE_BOOT_MODE_OVERLAY);
      g_variant_builder_init (&builder, G_VARIANT_TYPE (LIVE_FINDINGS_TYPE));
      count = live_leaks_judge (facts, mode, &builder);
      findings = live_test_describe_findings (&builder);
      g_assert_cmpstr (findings, ==, rows[i].findings);
      g_assert_cmpuint (count, ==, rows[i].count);
      g_assert_cmpuint (live_leaks_judge (facts, mode, NULL), ==, count);
    }
}

/* What could not be read is never taken for good. */
static void
test_nothing_read (void)
{
  g_autoptr (LiveLeakFacts) facts = live_leak_facts_new ();
  g_autofree char *findings = NULL;
  GVariantBuilder builder;

  facts->journal_directory = TRUE;
  g_variant_builder_init (&builder, G_VARIANT_TYPE (LIVE_FINDINGS_TYPE));
  g_assert_cmpuint (live_leaks_judge (facts, LIVE_BOOT_MODE_OVERLAY, &builder), ==, 4);
  findings = live_test_describe_findings (&builder);
  g_assert_cmpstr (findings, ==,
                   "not-read(unknown check-helper what=mounts) not-read(unknown check-helper what=swaps) "
                   "journal-persistent(unknown journal-volatile target= place=unknown) "
                   "not-read(unknown check-helper what=core-pattern)");
}

static void
test_swaps (void)
{
  static const char *const bad[] = { "",
                                     "\n",
                                     "what",
                                     SWAPS "dev/sda1 partition 1 0 1\n",
                                     SWAPS "/dev/sda1\n",
                                     SWAPS "/dev/sda1 cloud 1 0 1\n",
                                     SWAPS "\n/dev/sda1 partition 1 0 1\n" };
  g_autoptr (GPtrArray) none = live_swaps_parse (SWAPS);

  g_assert_nonnull (none);
  g_assert_cmpuint (none->len, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("text %u", i);
      g_assert_null (live_swaps_parse (bad[i]));
    }
}

static void
write_file (const char *root, const char *name, const char *text)
{
  g_autofree char *path = g_strconcat (root, name, NULL);
  g_autofree char *directory = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) entries = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_tree (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
assert_storage (const char *root, const char *expected)
{
  g_autofree char *storage = live_systemd_setting_read (root, "journald.conf", "Journal", "Storage");

  g_assert_cmpstr (storage, ==, expected);
}

/* In the order in which systemd looks, each step over the one before. */
static void
test_settings (void)
{
  g_autofree char *root = g_dir_make_tmp ("qubes-live-test-XXXXXX", NULL);

  assert_storage (root, NULL);
  write_file (root, "/usr/lib/systemd/journald.conf", "[Journal]\nStorage=none\n");
  assert_storage (root, "none");
  write_file (root, "/etc/systemd/journald.conf", "[Journal]\n#Storage=auto\n");
  assert_storage (root, NULL);
  write_file (root, "/etc/systemd/journald.conf", "Storage=none\n[Other]\nStorage=none\n[Journal]\n Storage = auto \n");
  assert_storage (root, "auto");
  write_file (root, "/usr/lib/systemd/journald.conf.d/50-a.conf", "[Journal]\nStorage=volatile\n");
  assert_storage (root, "volatile");
  write_file (root, "/run/systemd/journald.conf.d/50-a.conf", "[Journal]\n");
  assert_storage (root, "auto");
  write_file (root, "/etc/systemd/journald.conf.d/10-b.conf", "[Journal]\nStorage=persistent\nStorage=none\n");
  assert_storage (root, "none");
  write_file (root, "/usr/lib/systemd/journald.conf.d/90-c.conf", "[Journal]\nStorage=persistent\n");
  assert_storage (root, "persistent");
  write_file (root, "/usr/lib/systemd/journald.conf.d/95-d.txt", "[Journal]\nStorage=none\n");
  assert_storage (root, "persistent");
  write_file (root, "/etc/systemd/journald.conf.d/99-e.conf", "[Journal]\nStorage=\n");
  assert_storage (root, NULL);
  remove_tree (root);
}

static void
test_kernel (void)
{
  g_autofree char *root = g_dir_make_tmp ("qubes-live-test-XXXXXX", NULL);
  g_autofree char *large = g_strnfill (1024 * 1024, 'x');
  g_autoptr (LiveLeakFacts) nothing = live_kernel_read_leak_facts (root);
  g_autoptr (LiveLeakFacts) facts = NULL;

  g_assert_null (nothing->swaps);
  g_assert_null (nothing->core_pattern);
  g_assert_cmpstr (nothing->power_disk, ==, "");
  g_assert_false (nothing->journal_directory);

  write_file (root, "/proc/swaps", SWAPS "/dev/sda1 partition 1 0 1\n");
  write_file (root, "/proc/sys/kernel/core_pattern", "core\n");
  write_file (root, "/proc/sys/kernel/core_uses_pid", "0\n");
  write_file (root, "/sys/power/state", "mem disk\n");
  write_file (root, "/sys/power/disk", large);
  write_file (root, "/etc/systemd/coredump.conf.d/x.conf", "[Coredump]\nStorage=journal\nExternalSizeMax=0\n");
  write_file (root, "/var/log/journal/x", "");
  facts = live_kernel_read_leak_facts (root);
  g_assert_cmpuint (facts->swaps->len, ==, 1);
  g_assert_cmpstr (facts->core_pattern, ==, "core\n");
  g_assert_false (facts->core_uses_pid);
  g_assert_cmpstr (facts->power_states, ==, "mem disk\n");
  g_assert_null (facts->power_disk);
  g_assert_cmpstr (facts->core_storage, ==, "journal");
  g_assert_cmpstr (facts->core_external_size, ==, "0");
  g_assert_true (facts->journal_directory);
  remove_tree (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/leaks/table", test_leaks);
  g_test_add_func ("/leaks/nothing-read", test_nothing_read);
  g_test_add_func ("/leaks/swaps", test_swaps);
  g_test_add_func ("/leaks/settings", test_settings);
  g_test_add_func ("/leaks/kernel", test_kernel);
  return g_test_run ();
}
