/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sources/vm-kernel.h"

#define BOTH "CONFIG_INIT_ON_ALLOC_DEFAULT_ON=y\nCONFIG_INIT_ON_FREE_DEFAULT_ON=y\n"

static char *
root_new (void)
{
  g_autoptr (GError) error = NULL;
  char *root = g_dir_make_tmp ("live-vm-kernel-XXXXXX", &error);

  g_assert_no_error (error);
  return root;
}

static void
write_file (const char *root, const char *path, const char *text)
{
  g_autofree char *full = g_strconcat (root, path, NULL);
  g_autofree char *directory = g_path_get_dirname (full);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (directory, 0700), ==, 0);
  g_file_set_contents (full, text, -1, &error);
  g_assert_no_error (error);
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) directory = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_all (child);
    }
  g_assert_cmpint (g_remove (path), ==, 0);
}

static void
test_read (void)
{
  static const struct
  {
    const char *name;
    const char *files[2][2]; /* path, text */
    const char *expected;    /* a, f, then the options */
  } table[] = {
    { "6.12.11-1.fc41", { { NULL } }, "-- (none)" },
    { "6.12.11-1.fc41", { { "/boot/config-6.12.11-1.qubes.fc41.x86_64", BOTH } }, "af (none)" },
    { "6.12.11-1.fc41",
      { { "/boot/config-6.12.11-1.qubes.fc41.x86_64", "CONFIG_INIT_ON_ALLOC_DEFAULT_ON=y" } },
      "a- (none)" },
    { "6.12.11-1.fc41",
      { { "/boot/config-6.12.11-1.qubes.fc41.x86_64", "# CONFIG_INIT_ON_ALLOC_DEFAULT_ON=y\n" } },
      "-- (none)" },
    { "6.12.11-1.fc41",
      { { "/boot/config-6.12.11-1.qubes.fc41.x86_64", "CONFIG_INIT_ON_FREE_DEFAULT_ON=yes\n" } },
      "-- (none)" },
    /* Another version, another release. */
    { "6.12.11-1.fc41", { { "/boot/config-6.12.11-10.qubes.fc41.x86_64", BOTH } }, "-- (none)" },
    { "6.12.11-1.fc41", { { "/boot/config-6.12.1-1.qubes.fc41.x86_64", BOTH } }, "-- (none)" },
    { "6.12.11", { { "/boot/config-6.12.11", BOTH } }, "-- (none)" },
    { "pvgrub2-pvh", { { "/boot/config-pvgrub2-pvh", BOTH } }, "-- (none)" },
    /* Two that fit: what only one has does not count. */
    { "6.12.11-1.fc41",
      { { "/boot/config-6.12.11-1.qubes.fc41.x86_64", BOTH },
        { "/boot/config-6.12.11-1.other", "CONFIG_INIT_ON_FREE_DEFAULT_ON=y\n" } },
      "-f (none)" },
    { "6.12.11-1.fc41",
      { { "/var/lib/qubes/vm-kernels/6.12.11-1.fc41/default-kernelopts-common.txt", " init_on_free=1 quiet\n" } },
      "-- init_on_free=1 quiet" },
    { "6.12.11-1.fc41",
      { { "/var/lib/qubes/vm-kernels/6.12.11-2.fc41/default-kernelopts-common.txt", "init_on_free=1" } },
      "-- (none)" },
    /* Hostile names. */
    { "../vm-kernels/a", { { "/var/lib/qubes/vm-kernels/a/default-kernelopts-common.txt", "x" } }, "-- (none)" },
    { "a/b", { { "/var/lib/qubes/vm-kernels/a/b/default-kernelopts-common.txt", "x" } }, "-- (none)" },
    { "..", { { "/var/lib/qubes/default-kernelopts-common.txt", "x" } }, "-- (none)" },
    { ".", { { "/var/lib/qubes/vm-kernels/default-kernelopts-common.txt", "x" } }, "-- (none)" },
    { "", { { "/var/lib/qubes/vm-kernels/default-kernelopts-common.txt", "x" } }, "-- (none)" },
    { "6.12.11-1/../../../boot", { { "/boot/config-6.12.11-1", BOTH } }, "-- (none)" },
    { "a\nb", { { NULL } }, "-- (none)" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *root = root_new ();
      g_autofree char *text = NULL, *is = NULL;
      LiveKernelFacts facts;

      for (guint k = 0; k < 2 && table[i].files[k][0] != NULL; k++)
        write_file (root, table[i].files[k][0], table[i].files[k][1]);
      text = live_vm_kernel_read (root, table[i].name, &facts);
      g_assert_true (facts.common_options == text);
      is = g_strdup_printf ("%s%s %s", facts.init_on_alloc ? "a" : "-", facts.init_on_free ? "f" : "-",
                            text != NULL ? text : "(none)");
      g_test_message ("row %u: %s", i, table[i].name);
      g_assert_cmpstr (is, ==, table[i].expected);
      remove_all (root);
    }
}

/* What is no plain file, not text, or too long counts for nothing, and nothing hangs. */
static void
test_bad_files (void)
{
  const char *name = "6.12.11-1.fc41";
  g_autofree char *root = root_new ();
  g_autofree char *options
      = g_strconcat (root, "/var/lib/qubes/vm-kernels/6.12.11-1.fc41/default-kernelopts-common.txt", NULL);
  g_autofree char *config = g_strconcat (root, "/boot/config-6.12.11-1.x", NULL);
  g_autofree char *long_text = g_strnfill (2 * 1024 * 1024, 'x');
  LiveKernelFacts facts;

  write_file (root, "/boot/config-6.12.11-1.x", "CONFIG_INIT_ON_FREE_DEFAULT_ON=y\n");
  write_file (root, "/var/lib/qubes/vm-kernels/6.12.11-1.fc41/default-kernelopts-common.txt", long_text);
  g_assert_null (live_vm_kernel_read (root, name, &facts));
  g_assert_true (facts.init_on_free);
  write_file (root, "/var/lib/qubes/vm-kernels/6.12.11-1.fc41/default-kernelopts-common.txt", "caf\xe9");
  g_assert_null (live_vm_kernel_read (root, name, &facts));
  g_assert_cmpint (g_remove (options), ==, 0);
  g_assert_cmpint (mkfifo (options, 0600), ==, 0);
  g_assert_null (live_vm_kernel_read (root, name, &facts));
  write_file (root, "/boot/config-6.12.11-1.x", long_text);
  g_assert_null (live_vm_kernel_read (root, name, &facts));
  g_assert_false (facts.init_on_free);
  g_assert_cmpint (g_remove (config), ==, 0);
  g_assert_cmpint (symlink ("/proc/self/mem", config), ==, 0);
  g_assert_null (live_vm_kernel_read (root, name, &facts));
  remove_all (root);
}

static gboolean
on_time (gpointer data)
{
  *(gboolean *) data = TRUE;
  return G_SOURCE_CONTINUE;
}

static void
wait_for_hygiene (LiveQube *qube, const char *expected)
{
  gboolean is_over = FALSE;
  guint timer = g_timeout_add_seconds (10, on_time, &is_over);
  g_autofree char *is = NULL;

  do
    {
      g_free (is);
      g_object_get (qube, "memory-hygiene", &is, NULL);
    }
  while (!g_str_equal (is, expected) && !is_over && g_main_context_iteration (NULL, TRUE));
  g_source_remove (timer);
  g_assert_cmpstr (is, ==, expected);
}

/* Each qube is told about its kernel, and about no other. */
static void
test_follow (void)
{
  g_autofree char *root = root_new ();
  g_autoptr (LiveSystem) system = live_system_new ();
  g_autoptr (LiveQube) first = live_qube_new ("first", "AppVM"), second = live_qube_new ("second", "AppVM");
  g_autoptr (LiveVmKernels) kernels = NULL;

  write_file (root, "/boot/config-6.12.11-1.x", BOTH);
  kernels = live_vm_kernels_new (system, root);
  live_system_add_qube (system, first);
  live_system_settle_qube (system, first);
  wait_for_hygiene (first, "unknown");
  live_qube_set_kernel (first, "6.12.11-1.fc41", "", TRUE);
  live_system_settle_qube (system, first);
  wait_for_hygiene (first, "built-in");
  /* Known by now. */
  live_system_add_qube (system, second);
  live_qube_set_kernel (second, "6.12.11-1.fc41", "init_on_free=0", FALSE);
  live_system_settle_qube (system, second);
  wait_for_hygiene (second, "off");
  live_qube_set_kernel (second, "6.12.11-1.fc41", "", TRUE);
  live_system_settle_qube (system, second);
  wait_for_hygiene (second, "built-in");
  live_qube_set_kernel (second, "6.11.1-1.fc41", "", TRUE);
  live_system_settle_qube (system, second);
  wait_for_hygiene (second, "off");
  live_qube_set_kernel (second, "", "", TRUE);
  live_system_settle_qube (system, second);
  wait_for_hygiene (second, "not-applicable");
  while (g_main_context_iteration (NULL, FALSE))
    ;
  remove_all (root);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vm-kernel/read", test_read);
  g_test_add_func ("/vm-kernel/bad-files", test_bad_files);
  g_test_add_func ("/vm-kernel/follow", test_follow);
  return g_test_run ();
}
