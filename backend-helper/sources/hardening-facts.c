/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/hardening-facts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LONGEST_TEXT (64 * 1024)
#define LONGEST_GRUB (1024 * 1024)
/* Of a log only so much of its end. */
#define LONGEST_LOG_END (1024 * 1024)
#define MOST_DROP_INS 64
#define MOST_ENTRIES 256

static char *
make_path (const char *root, const char *path)
{
  return g_strconcat (root, path, NULL);
}

static LivePostureAnswer
exists (const char *root, const char *path)
{
  g_autofree char *full = make_path (root, path);
  struct stat status;

  if (stat (full, &status) == 0)
    return LIVE_POSTURE_YES;
  return errno == ENOENT || errno == ENOTDIR ? LIVE_POSTURE_NO : LIVE_POSTURE_UNKNOWN;
}

/* Regular files only: nobody's FIFO shall stop us. @status may be NULL. */
static int
open_file (const char *path, struct stat *status)
{
  struct stat own;
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

  if (fd < 0)
    return -1;
  if (status == NULL)
    status = &own;
  if (fstat (fd, status) == 0 && S_ISREG (status->st_mode))
    return fd;
  close (fd);
  errno = EINVAL;
  return -1;
}

/* (nullable): what can be read from here on, if it is no more than @longest and text. Closes @fd. */
static char *
read_rest (int fd, gsize longest)
{
  g_autoptr (GString) text = g_string_sized_new (4096);
  char block[4096];
  gssize count = 0;

  do
    {
      count = read (fd, block, sizeof block);
      if (count > 0)
        g_string_append_len (text, block, count);
    }
  while ((count > 0 && text->len <= longest) || (count < 0 && errno == EINTR));
  close (fd);
  if (count != 0 || memchr (text->str, '\0', text->len) != NULL)
    return NULL;
  return g_string_free (g_steal_pointer (&text), FALSE);
}

/*
 * The text of a file; empty when it is certainly not there: then its file system is, as the directory @mark shows.
 */
static char *
read_text (const char *root, const char *path, const char *mark)
{
  g_autofree char *full = make_path (root, path);
  int fd = open_file (full, NULL);

  if (fd >= 0)
    return read_rest (fd, LONGEST_TEXT);
  if ((errno == ENOENT || errno == ENOTDIR) && exists (root, mark) == LIVE_POSTURE_YES)
    return g_strdup ("");
  return NULL;
}

static void
read_kernel (const char *root, LivePostureFacts *facts)
{
  static const struct
  {
    LivePostureText text;
    const char *path;
    const char *mark;
  } files[] = {
    { LIVE_POSTURE_LINUX_LINE, "/proc/cmdline", NULL },
    { LIVE_POSTURE_KERNEL_RELEASE, "/proc/sys/kernel/osrelease", NULL },
    { LIVE_POSTURE_HYPERVISOR, "/sys/hypervisor/type", "/sys/kernel" },
    { LIVE_POSTURE_SWAPS, "/proc/swaps", "/proc/sys/kernel" },
    { LIVE_POSTURE_HIBERNATION, "/sys/power/disk", "/sys/power" },
    { LIVE_POSTURE_PAGE_ALLOC_SHUFFLE, "/sys/module/page_alloc/parameters/shuffle", NULL },
    { LIVE_POSTURE_MODULE_SIG_ENFORCE, "/sys/module/module/parameters/sig_enforce", NULL },
    { LIVE_POSTURE_PSTORE_DISABLE, "/sys/module/efi_pstore/parameters/pstore_disable", NULL },
    { LIVE_POSTURE_SYSRQ, "/proc/sys/kernel/sysrq", "/proc/sys/kernel" },
    { LIVE_POSTURE_KPTR_RESTRICT, "/proc/sys/kernel/kptr_restrict", NULL },
    { LIVE_POSTURE_DMESG_RESTRICT, "/proc/sys/kernel/dmesg_restrict", NULL },
    { LIVE_POSTURE_KEXEC_LOAD_DISABLED, "/proc/sys/kernel/kexec_load_disabled", "/proc/sys/kernel" },
    { LIVE_POSTURE_PTRACE_SCOPE, "/proc/sys/kernel/yama/ptrace_scope", "/proc/sys/kernel" },
    { LIVE_POSTURE_UNPRIVILEGED_BPF_DISABLED, "/proc/sys/kernel/unprivileged_bpf_disabled", "/proc/sys/kernel" },
    { LIVE_POSTURE_CORE_PATTERN, "/proc/sys/kernel/core_pattern", "/proc/sys/kernel" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    facts->texts[files[i].text]
        = read_text (root, files[i].path, files[i].mark != NULL ? files[i].mark : "/does/not/exist");
}

/* The seconds since 1970 at which the kernel was started, 0 when not known. */
static gint64
read_boot_time (const char *root)
{
  g_autofree char *full = make_path (root, "/proc/stat");
  int fd = open_file (full, NULL);
  g_autofree char *text = fd >= 0 ? read_rest (fd, LONGEST_GRUB) : NULL;
  const char *line = text != NULL ? strstr (text, "\nbtime ") : NULL;

  return line != NULL ? g_ascii_strtoll (line + strlen ("\nbtime "), NULL, 10) : 0;
}

static char *
read_xen_line_from_log (const char *root, gint64 boot_time)
{
  g_autofree char *full = make_path (root, "/var/log/xen/console/hypervisor.log");
  struct stat status;
  int fd = open_file (full, &status);
  g_autofree char *text = NULL;

  if (fd < 0)
    return NULL;
  if (status.st_size > LONGEST_LOG_END && lseek (fd, -LONGEST_LOG_END, SEEK_END) < 0)
    {
      close (fd);
      return NULL;
    }
  /* It may grow while it is read. */
  text = read_rest (fd, LONGEST_LOG_END + LONGEST_TEXT);
  return text != NULL ? live_xen_line_from_log (text, boot_time) : NULL;
}

static char *
read_xen_line_from_grub (const char *root, gint64 boot_time, const char *linux_line)
{
  g_autofree char *full = make_path (root, "/boot/grub2/grub.cfg");
  struct stat status;
  int fd = open_file (full, &status);
  g_autofree char *text = NULL;

  if (fd < 0)
    return NULL;
  /* One that was changed since is not the one that GRUB read. */
  if (status.st_mtime >= boot_time)
    {
      close (fd);
      return NULL;
    }
  text = read_rest (fd, LONGEST_GRUB);
  return text != NULL ? live_xen_line_from_grub (text, linux_line) : NULL;
}

static void
read_xen_line (const char *root, LivePostureFacts *facts)
{
  const char *linux_line = facts->texts[LIVE_POSTURE_LINUX_LINE];
  gint64 boot_time = read_boot_time (root);
  char *line = NULL;

  if (boot_time <= 0)
    return;
  line = read_xen_line_from_log (root, boot_time);
  if (line != NULL)
    facts->xen_source = LIVE_POSTURE_XEN_LOG;
  else if (linux_line != NULL)
    {
      line = read_xen_line_from_grub (root, boot_time, linux_line);
      if (line != NULL)
        facts->xen_source = LIVE_POSTURE_XEN_GRUB;
    }
  facts->texts[LIVE_POSTURE_XEN_LINE] = line;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Sorted; NULL when it cannot be listed, or holds more than @most. A directory that is not there is empty. */
static GPtrArray *
list_directory (const char *root, const char *path, guint most)
{
  g_autofree char *full = make_path (root, path);
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) directory = g_dir_open (full, 0, &error);
  const char *name = NULL;

  if (directory == NULL)
    return g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT) ? g_steal_pointer (&names) : NULL;
  while ((name = g_dir_read_name (directory)) != NULL)
    {
      if (names->len == most)
        return NULL;
      g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_sort (names, compare_names);
  return g_steal_pointer (&names);
}

static LivePostureAnswer
holds_something (const char *root, const char *path)
{
  g_autofree char *full = make_path (root, path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDir) directory = NULL;

  /* Without the directory above, this is no file system of a dom0. */
  if (exists (root, "/var/log") != LIVE_POSTURE_YES)
    return LIVE_POSTURE_UNKNOWN;
  directory = g_dir_open (full, 0, &error);
  if (directory != NULL)
    return g_dir_read_name (directory) != NULL ? LIVE_POSTURE_YES : LIVE_POSTURE_NO;
  return g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT) ? LIVE_POSTURE_NO : LIVE_POSTURE_UNKNOWN;
}

char *
live_systemd_setting (GPtrArray *texts, const char *section, const char *key)
{
  g_autofree char *header = g_strdup_printf ("[%s]", section);
  g_autofree char *value = g_strdup ("");

  for (guint i = 0; i < texts->len; i++)
    {
      g_auto (GStrv) lines = g_strsplit (g_ptr_array_index (texts, i), "\n", -1);
      gboolean inside = FALSE;

      for (guint j = 0; lines[j] != NULL; j++)
        {
          char *line = g_strstrip (lines[j]);
          char *equals = strchr (line, '=');

          if (line[0] == '[')
            inside = g_str_equal (line, header);
          if (!inside || equals == NULL || line[0] == '#' || line[0] == ';')
            continue;
          *equals = '\0';
          if (g_str_equal (g_strchomp (line), key))
            {
              g_free (value);
              value = g_ascii_strdown (g_strstrip (equals + 1), -1);
            }
        }
    }
  return g_steal_pointer (&value);
}

/*
 * The value of Storage= that counts (systemd's configuration files: one main file, then drop-ins in the order of their
 * names, of which one in /etc hides those of that name in /run and /usr/lib).
 */
static char *
read_storage (const char *root, const char *name, const char *section)
{
  static const char *const places[] = { "/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd" };
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GTree) drop_ins = g_tree_new_full ((GCompareDataFunc) (void (*) (void)) strcmp, NULL, g_free, g_free);

  if (exists (root, "/etc/systemd") != LIVE_POSTURE_YES)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%s", places[i], name);

      if (exists (root, path) == LIVE_POSTURE_NO)
        continue;
      g_ptr_array_add (texts, read_text (root, path, "/does/not/exist"));
      break;
    }
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%s.d", places[i], name);
      g_autoptr (GPtrArray) names = list_directory (root, path, MOST_DROP_INS);

      if (names == NULL)
        return NULL;
      for (guint j = 0; j < names->len; j++)
        {
          const char *file = g_ptr_array_index (names, j);

          if (g_str_has_suffix (file, ".conf") && g_tree_lookup (drop_ins, file) == NULL)
            g_tree_insert (drop_ins, g_strdup (file), g_strdup_printf ("%s/%s", path, file));
        }
    }
  for (GTreeNode *node = g_tree_node_first (drop_ins); node != NULL; node = g_tree_node_next (node))
    {
      g_autofree char *full = make_path (root, g_tree_node_value (node));
      struct stat status;

      /* A link to /dev/null hides the others of its name and says nothing. */
      if (stat (full, &status) == 0 && S_ISCHR (status.st_mode))
        continue;
      g_ptr_array_add (texts, read_text (root, g_tree_node_value (node), "/does/not/exist"));
    }
  for (guint i = 0; i < texts->len; i++)
    if (g_ptr_array_index (texts, i) == NULL)
      return NULL;
  return live_systemd_setting (texts, section, "Storage");
}

static char *
read_vulnerable (const char *root)
{
  static const char path[] = "/sys/devices/system/cpu/vulnerabilities";
  g_autoptr (GPtrArray) names = list_directory (root, path, MOST_ENTRIES);
  GString *vulnerable = NULL;

  if (names == NULL || names->len == 0)
    return NULL;
  vulnerable = g_string_new (NULL);
  for (guint i = 0; i < names->len; i++)
    {
      const char *name = g_ptr_array_index (names, i);
      g_autofree char *file = g_strdup_printf ("%s/%s", path, name);
      g_autofree char *text = read_text (root, file, "/does/not/exist");

      if (text != NULL && g_str_has_prefix (text, "Vulnerable"))
        g_string_append_printf (vulnerable, "%s%s", vulnerable->len > 0 ? ", " : "", name);
    }
  return g_string_free (vulnerable, FALSE);
}

/* Of the swaps, those whose mapping calls itself plain dm-crypt. */
static char **
read_plain_swaps (const char *root, const char *swaps)
{
  g_auto (GStrv) lines = g_strsplit (swaps != NULL ? swaps : "", "\n", MOST_ENTRIES);
  g_autoptr (GPtrArray) plain = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *device = g_strndup (lines[i], strcspn (lines[i], " \t"));
      const char *name = g_str_has_prefix (device, "/dev/dm-") ? device + strlen ("/dev/") : NULL;
      g_autofree char *path = g_strdup_printf ("/sys/block/%s/dm/uuid", name != NULL ? name : "");
      g_autofree char *uuid = NULL;

      if (name == NULL || strchr (name, '/') != NULL)
        continue;
      uuid = read_text (root, path, "/does/not/exist");
      if (uuid != NULL && g_str_has_prefix (uuid, "CRYPT-PLAIN-"))
        g_ptr_array_add (plain, g_steal_pointer (&device));
    }
  g_ptr_array_add (plain, NULL);
  return (char **) g_ptr_array_free (g_steal_pointer (&plain), FALSE);
}

LivePostureFacts *
live_hardening_facts_read (const char *root)
{
  LivePostureFacts *facts = live_posture_facts_new ();
  gboolean sysfs = exists (root, "/sys/firmware") == LIVE_POSTURE_YES;

  read_kernel (root, facts);
  read_xen_line (root, facts);
  facts->efi = sysfs ? exists (root, "/sys/firmware/efi") : LIVE_POSTURE_UNKNOWN;
  facts->erst = exists (root, "/sys/firmware/acpi/tables") == LIVE_POSTURE_YES
                    ? exists (root, "/sys/firmware/acpi/tables/ERST")
                    : LIVE_POSTURE_UNKNOWN;
  facts->texts[LIVE_POSTURE_JOURNALD_STORAGE] = read_storage (root, "journald.conf", "Journal");
  facts->texts[LIVE_POSTURE_COREDUMP_STORAGE] = read_storage (root, "coredump.conf", "Coredump");
  facts->texts[LIVE_POSTURE_VULNERABLE] = read_vulnerable (root);
  facts->journal_directory
      = exists (root, "/var/log") == LIVE_POSTURE_YES ? exists (root, "/var/log/journal") : LIVE_POSTURE_UNKNOWN;
  facts->xen_logs = holds_something (root, "/var/log/xen/console");
  facts->libvirt_logs = holds_something (root, "/var/log/libvirt/libxl");
  facts->qubes_logs = holds_something (root, "/var/log/qubes");
  facts->plain_swaps = read_plain_swaps (root, facts->texts[LIVE_POSTURE_SWAPS]);
  return facts;
}
