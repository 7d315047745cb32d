/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* What is read under a root directory, and what is not believed. */

#include <string.h>
#include <sys/stat.h>
#include <utime.h>

#include <glib/gstdio.h>

#include "sources/hardening-facts.h"
#include "sources/hardening.h"

#define BOOT_TIME 1000000000 /* 9 September 2001, 01:46:40 UTC */

typedef struct
{
  char *root;
} Fixture;

static void
write_bytes (Fixture *fixture, const char *name, const char *bytes, gssize length)
{
  g_autofree char *path = g_strconcat (fixture->root, name, NULL);
  g_autofree char *directory = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (directory, 0755), ==, 0);
  g_file_set_contents (path, bytes, length, &error);
  g_assert_no_error (error);
}

static void
write_text (Fixture *fixture, const char *name, const char *text)
{
  write_bytes (fixture, name, text, -1);
}

static void
make_directory (Fixture *fixture, const char *name)
{
  g_autofree char *path = g_strconcat (fixture->root, name, NULL);

  g_assert_cmpint (g_mkdir_with_parents (path, 0755), ==, 0);
}

static void
set_time (Fixture *fixture, const char *name, time_t seconds)
{
  g_autofree char *path = g_strconcat (fixture->root, name, NULL);
  struct utimbuf times = { .actime = seconds, .modtime = seconds };

  g_assert_cmpint (utime (path, &times), ==, 0);
}

static void
remove_tree (const char *path)
{
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      if (g_file_test (child, G_FILE_TEST_IS_DIR) && !g_file_test (child, G_FILE_TEST_IS_SYMLINK))
        remove_tree (child);
      else
        g_assert_cmpint (g_unlink (child), ==, 0);
    }
  g_assert_cmpint (g_rmdir (path), ==, 0);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  fixture->root = g_dir_make_tmp ("qubes-live-hardening-XXXXXX", &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  remove_tree (fixture->root);
  g_free (fixture->root);
}

/* ---- Files. ---- */

static void
test_empty (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LivePostureFacts) facts = live_hardening_facts_read (fixture->root);

  for (guint i = 0; i < LIVE_POSTURE_N_TEXTS; i++)
    g_assert_null (facts->texts[i]);
  g_assert_cmpint (facts->xen_source, ==, LIVE_POSTURE_XEN_NOWHERE);
  g_assert_cmpint (facts->efi, ==, LIVE_POSTURE_UNKNOWN);
  g_assert_cmpint (facts->erst, ==, LIVE_POSTURE_UNKNOWN);
  g_assert_cmpint (facts->journal_directory, ==, LIVE_POSTURE_UNKNOWN);
  g_assert_cmpint (facts->xen_logs, ==, LIVE_POSTURE_UNKNOWN);
}

static void
test_kernel (Fixture *fixture, gconstpointer data)
{
  static const struct
  {
    LivePostureText text;
    const char *path;
  } rows[] = {
    { LIVE_POSTURE_LINUX_LINE, "/proc/cmdline" },
    { LIVE_POSTURE_KERNEL_RELEASE, "/proc/sys/kernel/osrelease" },
    { LIVE_POSTURE_HYPERVISOR, "/sys/hypervisor/type" },
    { LIVE_POSTURE_SWAPS, "/proc/swaps" },
    { LIVE_POSTURE_HIBERNATION, "/sys/power/disk" },
    { LIVE_POSTURE_PAGE_ALLOC_SHUFFLE, "/sys/module/page_alloc/parameters/shuffle" },
    { LIVE_POSTURE_MODULE_SIG_ENFORCE, "/sys/module/module/parameters/sig_enforce" },
    { LIVE_POSTURE_PSTORE_DISABLE, "/sys/module/efi_pstore/parameters/pstore_disable" },
    { LIVE_POSTURE_SYSRQ, "/proc/sys/kernel/sysrq" },
    { LIVE_POSTURE_KPTR_RESTRICT, "/proc/sys/kernel/kptr_restrict" },
    { LIVE_POSTURE_DMESG_RESTRICT, "/proc/sys/kernel/dmesg_restrict" },
    { LIVE_POSTURE_KEXEC_LOAD_DISABLED, "/proc/sys/kernel/kexec_load_disabled" },
    { LIVE_POSTURE_PTRACE_SCOPE, "/proc/sys/kernel/yama/ptrace_scope" },
    { LIVE_POSTURE_UNPRIVILEGED_BPF_DISABLED, "/proc/sys/kernel/unprivileged_bpf_disabled" },
    { LIVE_POSTURE_CORE_PATTERN, "/proc/sys/kernel/core_pattern" },
  };
  g_autofree char *long_text = g_strnfill (65 * 1024, 'x');

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *text = g_strdup_printf ("text %u\n", i);
      g_autoptr (LivePostureFacts) facts = NULL;
      g_autoptr (LivePostureFacts) with_nul = NULL;
      g_autoptr (LivePostureFacts) too_long = NULL;

      write_text (fixture, rows[i].path, text);
      facts = live_hardening_facts_read (fixture->root);
      g_assert_cmpstr (facts->texts[rows[i].text], ==, text);
      write_bytes (fixture, rows[i].path, "a\0b", 3);
      with_nul = live_hardening_facts_read (fixture->root);
      g_assert_null (with_nul->texts[rows[i].text]);
      write_text (fixture, rows[i].path, long_text);
      too_long = live_hardening_facts_read (fixture->root);
      g_assert_null (too_long->texts[rows[i].text]);
    }
}

/* Not there, where its neighbours are: certainly none. */
static void
test_absent (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LivePostureFacts) facts = NULL;

  make_directory (fixture, "/proc/sys/kernel");
  make_directory (fixture, "/sys/kernel");
  make_directory (fixture, "/sys/power");
  make_directory (fixture, "/sys/firmware/acpi/tables");
  make_directory (fixture, "/var/log/qubes");
  facts = live_hardening_facts_read (fixture->root);
  g_assert_cmpstr (facts->texts[LIVE_POSTURE_HYPERVISOR], ==, "");
  g_assert_cmpstr (facts->texts[LIVE_POSTURE_SWAPS], ==, "");
  g_assert_cmpstr (facts->texts[LIVE_POSTURE_HIBERNATION], ==, "");
  g_assert_cmpstr (facts->texts[LIVE_POSTURE_KEXEC_LOAD_DISABLED], ==, "");
  g_assert_null (facts->texts[LIVE_POSTURE_LINUX_LINE]);
  g_assert_cmpint (facts->efi, ==, LIVE_POSTURE_NO);
  g_assert_cmpint (facts->erst, ==, LIVE_POSTURE_NO);
  g_assert_cmpint (facts->journal_directory, ==, LIVE_POSTURE_NO);
  g_assert_cmpint (facts->xen_logs, ==, LIVE_POSTURE_NO);
  g_assert_cmpint (facts->qubes_logs, ==, LIVE_POSTURE_NO);

  live_posture_facts_free (g_steal_pointer (&facts));
  make_directory (fixture, "/sys/firmware/efi");
  write_text (fixture, "/sys/firmware/acpi/tables/ERST", "");
  make_directory (fixture, "/var/log/journal");
  write_text (fixture, "/var/log/xen/console/guest-work.log", "");
  write_text (fixture, "/var/log/libvirt/libxl/work.log", "");
  write_text (fixture, "/var/log/qubes/qubesd.log", "");
  facts = live_hardening_facts_read (fixture->root);
  g_assert_cmpint (facts->efi, ==, LIVE_POSTURE_YES);
  g_assert_cmpint (facts->erst, ==, LIVE_POSTURE_YES);
  g_assert_cmpint (facts->journal_directory, ==, LIVE_POSTURE_YES);
  g_assert_cmpint (facts->xen_logs, ==, LIVE_POSTURE_YES);
  g_assert_cmpint (facts->libvirt_logs, ==, LIVE_POSTURE_YES);
  g_assert_cmpint (facts->qubes_logs, ==, LIVE_POSTURE_YES);
}

/* A FIFO would never answer, a directory is no text. */
static void
test_odd_files (Fixture *fixture, gconstpointer data)
{
  g_autofree char *fifo = g_strconcat (fixture->root, "/proc/cmdline", NULL);
  g_autoptr (LivePostureFacts) facts = NULL;

  make_directory (fixture, "/proc/swaps");
  make_directory (fixture, "/proc/sys/kernel");
  make_directory (fixture, "/etc/systemd/journald.conf");
  g_assert_cmpint (mkfifo (fifo, 0644), ==, 0);
  facts = live_hardening_facts_read (fixture->root);
  g_assert_null (facts->texts[LIVE_POSTURE_LINUX_LINE]);
  g_assert_null (facts->texts[LIVE_POSTURE_SWAPS]);
  g_assert_null (facts->texts[LIVE_POSTURE_JOURNALD_STORAGE]);
  g_assert_cmpstr (facts->texts[LIVE_POSTURE_COREDUMP_STORAGE], ==, "");
}

static void
test_plain_swaps (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LivePostureFacts) facts = NULL;
  g_autofree char *joined = NULL;

  write_text (fixture, "/proc/swaps",
              "Filename Type\n/dev/dm-1 partition\n/dev/dm-2 partition\n/dev/dm-../x partition\n/dev/sda2 partition\n");
  write_text (fixture, "/sys/block/dm-1/dm/uuid", "CRYPT-PLAIN-swap\n");
  write_text (fixture, "/sys/block/dm-2/dm/uuid", "LVM-CRYPT-PLAIN-\n");
  facts = live_hardening_facts_read (fixture->root);
  joined = g_strjoinv (" ", facts->plain_swaps);
  g_assert_cmpstr (joined, ==, "/dev/dm-1");
}

static void
test_vulnerable (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LivePostureFacts) facts = NULL;

  write_text (fixture, "/sys/devices/system/cpu/vulnerabilities/mds", "Vulnerable: no microcode\n");
  write_text (fixture, "/sys/devices/system/cpu/vulnerabilities/l1tf", "Not affected\n");
  write_text (fixture, "/sys/devices/system/cpu/vulnerabilities/bhi", "Vulnerable\n");
  facts = live_hardening_facts_read (fixture->root);
  g_assert_cmpstr (facts->texts[LIVE_POSTURE_VULNERABLE], ==, "bhi, mds");
}

/* ---- systemd's configuration. ---- */

static void
assert_journal (Fixture *fixture, const char *expected)
{
  g_autoptr (LivePostureFacts) facts = live_hardening_facts_read (fixture->root);

  g_assert_cmpstr (facts->texts[LIVE_POSTURE_JOURNALD_STORAGE], ==, expected);
}

static void
test_storage (Fixture *fixture, gconstpointer data)
{
  g_autofree char *mask = g_strconcat (fixture->root, "/etc/systemd/journald.conf.d/70-b.conf", NULL);

  assert_journal (fixture, NULL);
  make_directory (fixture, "/etc/systemd");
  assert_journal (fixture, "");
  write_text (fixture, "/usr/lib/systemd/journald.conf", "[Journal]\nStorage=none\n");
  assert_journal (fixture, "none");
  write_text (fixture, "/etc/systemd/journald.conf", "[Journal]\n#Storage=none\n");
  assert_journal (fixture, "");
  write_text (fixture, "/etc/systemd/journald.conf", "[Other]\nStorage=none\n[Journal]\n Storage = Volatile \n");
  assert_journal (fixture, "volatile");
  write_text (fixture, "/usr/lib/systemd/journald.conf.d/70-b.conf", "[Journal]\nStorage=persistent\n");
  assert_journal (fixture, "persistent");
  write_text (fixture, "/run/systemd/journald.conf.d/60-a.conf", "[Journal]\nStorage=none\n");
  assert_journal (fixture, "persistent");
  write_text (fixture, "/etc/systemd/journald.conf.d/70-b.conf", "[Journal]\nStorage=auto\n");
  assert_journal (fixture, "auto");
  write_text (fixture, "/etc/systemd/journald.conf.d/80-c.txt", "[Journal]\nStorage=volatile\n");
  assert_journal (fixture, "auto");
  g_assert_cmpint (g_unlink (mask), ==, 0);
  g_assert_cmpint (symlink ("/dev/null", mask), ==, 0);
  assert_journal (fixture, "none");
  /* What cannot be read may say anything. */
  g_assert_cmpint (g_unlink (mask), ==, 0);
  g_assert_cmpint (symlink ("/nowhere/at/all", mask), ==, 0);
  assert_journal (fixture, NULL);
}

static void
test_coredump (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LivePostureFacts) facts = NULL;

  write_text (fixture, "/etc/systemd/coredump.conf", "[Coredump]\nStorage=none\n");
  facts = live_hardening_facts_read (fixture->root);
  g_assert_cmpstr (facts->texts[LIVE_POSTURE_COREDUMP_STORAGE], ==, "none");
  g_assert_cmpstr (facts->texts[LIVE_POSTURE_JOURNALD_STORAGE], ==, "");
}

/* ---- Xen's line. ---- */

static void
test_xen_log (void)
{
  static const struct
  {
    const char *text;
    const char *expected;
  } rows[] = {
    { "", NULL },
    { "(XEN) Command line: smt=off\n", NULL },
    { "[2001-09-09 01:46:40] (XEN) Command line: smt=off\n", "smt=off" },
    { "[2001-09-09 01:46:39] (XEN) Command line: smt=off\n", NULL },
    { "[2001-09-09 01:46:41] (XEN) Command line: smt=off", NULL },
    { "[2001-09-09 01:46:41] (XEN) Command line: \n", "" },
    { "[2001-09-09 01:46:41] (XEN) Command line: a b\r\n[2001-09-09 01:46:41] (XEN) c\n", "a b" },
    { "x\n[2001-09-09 01:46:41] (XEN) Command line: a\n[2001-09-09 02:00:00] (XEN) Command line: b\n", "b" },
    { "[2002-01-01 00:00:00] (XEN) Command line: a\n[2001-01-01 00:00:00] (XEN) Command line: b\n", "a" },
    { "[2002-01-01 00:00:00] (d12) (XEN) Command line: a\n", NULL },
    { "x [2002-01-01 00:00:00] (XEN) Command line: a\n", NULL },
    { "[2002-13-01 00:00:00] (XEN) Command line: a\n", NULL },
    { "[2002-01-01T00:00:00] (XEN) Command line: a\n", NULL },
    { "[0000-00-00 00:00:00] (XEN) Command line: a\n", NULL },
  };
  g_autofree char *filler = g_strnfill (1000, 'x');
  g_autofree char *cut = g_strdup_printf ("[2002-01-01 00:00:00] (XEN) Command line: %s\n", filler);

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *is = live_xen_line_from_log (rows[i].text, BOOT_TIME);

      g_assert_cmpstr (is, ==, rows[i].expected);
    }
  g_assert_null (live_xen_line_from_log (cut, BOOT_TIME));
}

#define ENTRY(xen, linux_line)                                                                                         \
  "menuentry 'Qubes' {\n\techo 'Loading Xen'\n\tmultiboot2 /xen-4.19.gz " xen " ${xen_rm_opts}\n"                      \
  "\tmodule2 --nounzip /vmlinuz-6.12 " linux_line "\n\tmodule2 --nounzip /initramfs.img\n}\n"

static void
test_xen_grub (void)
{
  static const struct
  {
    const char *text;
    const char *expected;
  } rows[] = {
    { "", NULL },
    { ENTRY ("placeholder smt=off", "placeholder root=a ro"), "placeholder smt=off" },
    { ENTRY ("placeholder smt=off", "placeholder  root=a\tro"), "placeholder smt=off" },
    { ENTRY ("smt=off", "placeholder root=b ro"), NULL },
    { ENTRY ("smt=off", "placeholder root=a ro quiet"), NULL },
    { ENTRY ("smt=off", "placeholder root=a ro") ENTRY ("smt=off", "placeholder root=a ro"), "smt=off" },
    { ENTRY ("smt=off", "placeholder root=a ro") ENTRY ("smt=on", "placeholder root=a ro"), NULL },
    { ENTRY ("smt=off", "placeholder root=a ro") ENTRY ("smt=on", "placeholder root=a ro single"), "smt=off" },
    { ENTRY ("", "placeholder root=a ro"), "" },
    /* An entry without Xen, and a kernel without the entry's hypervisor. */
    { "menuentry 'x' {\nlinux /vmlinuz placeholder root=a ro\n}\n", NULL },
    { "menuentry 'x' {\nmultiboot2 /xen.gz smt=off\n}\nmenuentry 'y' {\nmodule2 /v placeholder root=a ro\n}\n", NULL },
    { "multiboot2\nmodule2\nmodule2 /v placeholder root=a ro\n", NULL },
    { "multiboot2 /xen.gz smt=off\nmodule2 /v other\nmodule2 /v placeholder root=a ro\n", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *is = live_xen_line_from_grub (rows[i].text, "placeholder root=a ro\n");

      g_assert_cmpstr (is, ==, rows[i].expected);
    }
  g_assert_null (live_xen_line_from_grub (ENTRY ("smt=off", ""), "\n"));
}

static void
assert_xen_line (Fixture *fixture, const char *expected, LivePostureXenSource source)
{
  g_autoptr (LivePostureFacts) facts = live_hardening_facts_read (fixture->root);

  g_assert_cmpstr (facts->texts[LIVE_POSTURE_XEN_LINE], ==, expected);
  g_assert_cmpint (facts->xen_source, ==, source);
}

static void
test_xen_files (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) log = g_string_new ("[2001-09-09 01:47:00] (XEN) Command line: from-log\n");

  write_text (fixture, "/proc/cmdline", "placeholder root=a ro\n");
  write_text (fixture, "/boot/grub2/grub.cfg", ENTRY ("from-grub", "placeholder root=a ro"));
  set_time (fixture, "/boot/grub2/grub.cfg", BOOT_TIME - 1);
  assert_xen_line (fixture, NULL, LIVE_POSTURE_XEN_NOWHERE);
  write_text (fixture, "/proc/stat", "cpu 1\nbtime 1000000000\n");
  assert_xen_line (fixture, "from-grub", LIVE_POSTURE_XEN_GRUB);
  set_time (fixture, "/boot/grub2/grub.cfg", BOOT_TIME);
  assert_xen_line (fixture, NULL, LIVE_POSTURE_XEN_NOWHERE);
  set_time (fixture, "/boot/grub2/grub.cfg", BOOT_TIME - 1);
  write_text (fixture, "/var/log/xen/console/hypervisor.log", log->str);
  assert_xen_line (fixture, "from-log", LIVE_POSTURE_XEN_LOG);
  /* Too far from the end of a log that grew. */
  for (guint i = 0; i < 40000; i++)
    g_string_append (log, "[2001-09-09 01:48:00] (XEN) a line\n");
  write_text (fixture, "/var/log/xen/console/hypervisor.log", log->str);
  assert_xen_line (fixture, "from-grub", LIVE_POSTURE_XEN_GRUB);
  g_string_append (log, "[2001-09-09 01:49:00] (XEN) Command line: late\n");
  write_text (fixture, "/var/log/xen/console/hypervisor.log", log->str);
  assert_xen_line (fixture, "late", LIVE_POSTURE_XEN_LOG);
  write_bytes (fixture, "/var/log/xen/console/hypervisor.log", "a\0", 2);
  assert_xen_line (fixture, "from-grub", LIVE_POSTURE_XEN_GRUB);
  write_text (fixture, "/proc/stat", "cpu 1\nbtime soon\n");
  assert_xen_line (fixture, NULL, LIVE_POSTURE_XEN_NOWHERE);
}

/* ---- Into the model. ---- */

static void
on_refreshed (GObject *source, GAsyncResult *result, gpointer data)
{
  guint *count = data;

  live_hardening_refresh_finish (LIVE_HARDENING (source), result);
  (*count)++;
}

static char *
get_verdict (LiveSystem *system, const char *wanted)
{
  g_autoptr (GVariant) posture = NULL;
  GVariantIter iter;
  const char *code = NULL, *verdict = NULL;

  g_object_get (system, "posture", &posture, NULL);
  g_variant_iter_init (&iter, posture);
  while (g_variant_iter_next (&iter, "(&s&s&s@a{sv})", &code, &verdict, NULL, NULL))
    if (g_str_equal (code, wanted))
      return g_strdup (verdict);
  return g_strdup ("");
}

static void
assert_verdict (LiveSystem *system, const char *code, const char *expected)
{
  g_autofree char *is = get_verdict (system, code);

  g_assert_cmpstr (is, ==, expected);
}

static void
wait_for (guint *count, guint wanted)
{
  while (*count < wanted)
    g_main_context_iteration (NULL, TRUE);
}

static void
count_change (LiveSystem *system, GParamSpec *property, guint *count)
{
  (*count)++;
}

static void
test_refresh (Fixture *fixture, gconstpointer data)
{
  g_autoptr (LiveSystem) system = live_system_new ();
  g_autoptr (LiveHardening) hardening = live_hardening_new (system, fixture->root);
  guint count = 0, changes = 0;

  g_signal_connect (system, "notify::posture", G_CALLBACK (count_change), &changes);
  write_text (fixture, "/proc/cmdline", "debugfs=off\n");
  assert_verdict (system, "debugfs", "");
  live_hardening_refresh_async (hardening, on_refreshed, &count);
  wait_for (&count, 1);
  assert_verdict (system, "debugfs", "good");
  g_assert_cmpuint (changes, ==, 1);

  /* The same again is no news. */
  live_hardening_refresh_async (hardening, on_refreshed, &count);
  wait_for (&count, 2);
  g_assert_cmpuint (changes, ==, 1);

  /* Whoever asks after a change sees it, also while a reading is under way. */
  live_hardening_refresh_async (hardening, on_refreshed, &count);
  write_text (fixture, "/proc/cmdline", "debugfs=on\n");
  for (guint i = 0; i < 100; i++)
    live_hardening_refresh_async (hardening, on_refreshed, &count);
  wait_for (&count, 103);
  assert_verdict (system, "debugfs", "weak");

  /* The boot mode counts at once. */
  assert_verdict (system, "swap-units", "unknown");
  live_system_set_boot_mode (system, LIVE_BOOT_MODE_PERSISTENT);
  assert_verdict (system, "swap-units", "not-applicable");
}

/* Nobody waits for the end of a reading, and the model goes first. */
static void
test_leave (Fixture *fixture, gconstpointer data)
{
  LiveSystem *system = live_system_new ();
  LiveHardening *hardening = live_hardening_new (system, fixture->root);
  gpointer watched = hardening;

  g_object_add_weak_pointer (G_OBJECT (hardening), &watched);
  live_hardening_refresh_async (hardening, NULL, NULL);
  g_object_unref (system);
  g_object_unref (hardening);
  while (watched != NULL)
    g_main_context_iteration (NULL, TRUE);
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  /* xenconsoled writes local time. */
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);
  ADD ("/hardening/empty", test_empty);
  ADD ("/hardening/kernel", test_kernel);
  ADD ("/hardening/absent", test_absent);
  ADD ("/hardening/odd-files", test_odd_files);
  ADD ("/hardening/plain-swaps", test_plain_swaps);
  ADD ("/hardening/vulnerable", test_vulnerable);
  ADD ("/hardening/storage", test_storage);
  ADD ("/hardening/coredump", test_coredump);
  g_test_add_func ("/hardening/xen-line/log", test_xen_log);
  g_test_add_func ("/hardening/xen-line/grub", test_xen_grub);
  ADD ("/hardening/xen-line/files", test_xen_files);
  ADD ("/hardening/refresh", test_refresh);
  ADD ("/hardening/leave", test_leave);
  return g_test_run ();
}
