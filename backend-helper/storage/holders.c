/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "storage/holders.h"

#include "storage/attribute.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/* What is looked for: files of the filesystem on @device, and, if @node, the device itself. */
typedef struct
{
  LiveTask *task;
  dev_t device;
  gboolean node;
  guint64 own_namespace;
} Search;

/* No file system is asked for anything that the kernel does not have at hand: a server that is gone must not hang us.
 */
static gboolean
is_sought (const Search *search, int directory, const char *name)
{
  struct statx status;

  if (statx (directory, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE, &status) < 0)
    return FALSE;
  if (search->node)
    return S_ISBLK (status.stx_mode) && makedev (status.stx_rdev_major, status.stx_rdev_minor) == search->device;
  return makedev (status.stx_dev_major, status.stx_dev_minor) == search->device;
}

static gboolean
has_open (const Search *search, int process)
{
  int fd = openat (process, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  g_autofree char *path = NULL;
  g_autoptr (GDir) directory = NULL;
  const char *name = NULL;
  gboolean found = FALSE;

  if (fd < 0)
    return FALSE;
  path = g_strdup_printf ("/proc/self/fd/%d", fd);
  directory = g_dir_open (path, 0, NULL);
  while (!found && directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    found = is_sought (search, fd, name);
  close (fd);
  return found;
}

static gboolean
has_line (int process,
          const char *file,
          gboolean (*matches) (const char *line, const Search *search),
          const Search *search)
{
  int fd = openat (process, file, O_RDONLY | O_CLOEXEC);
  FILE *stream = fd >= 0 ? fdopen (fd, "re") : NULL;
  char *line = NULL;
  gsize size = 0;
  gboolean found = FALSE;

  if (stream == NULL)
    {
      if (fd >= 0)
        close (fd);
      return FALSE;
    }
  while (!found && getline (&line, &size, stream) > 0)
    found = matches (line, search);
  free (line);
  fclose (stream);
  return found;
}

static gboolean
is_mapping_of (const char *line, const Search *search)
{
  guint major = 0;
  guint minor = 0;

  /* address perms offset dev inode path */
  return sscanf (line, "%*s %*s %*s %x:%x", &major, &minor) == 2 && makedev (major, minor) == search->device;
}

static gboolean
is_mount_of (const char *line, const Search *search)
{
  guint major = 0;
  guint minor = 0;

  /* id parent major:minor … */
  return sscanf (line, "%*s %*s %u:%u", &major, &minor) == 2 && makedev (major, minor) == search->device;
}

static guint64
get_namespace (int process)
{
  struct stat status;

  return fstatat (process, "ns/mnt", &status, 0) == 0 ? status.st_ino : 0;
}

static gboolean
holds (const Search *search, int process)
{
  if (has_open (search, process))
    return TRUE;
  if (search->node)
    {
      guint64 namespace = get_namespace (process);

      return namespace != 0 && namespace != search->own_namespace
             && has_line (process, "mountinfo", is_mount_of, search);
    }
  return is_sought (search, process, "cwd") || is_sought (search, process, "root") || is_sought (search, process, "exe")
         || has_line (process, "maps", is_mapping_of, search);
}

static void
look_at_processes (const Search *search)
{
  g_autoptr (GDir) directory = g_dir_open ("/proc", 0, NULL);
  const char *name = NULL;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_strconcat ("/proc/", name, NULL);
      g_autofree char *comm_path = g_strconcat (path, "/comm", NULL);
      guint64 pid = 0;
      int process = -1;

      if (!g_ascii_string_to_unsigned (name, 10, 1, G_MAXUINT, &pid, NULL) || (pid_t) pid == getpid ())
        continue;
      process = open (path, O_PATH | O_DIRECTORY | O_CLOEXEC);
      if (process < 0)
        continue;
      if (holds (search, process))
        {
          g_autofree char *program = live_attribute_read (comm_path);

          live_task_add_holder (search->task, (guint) pid,
                                program != NULL ? program : "a process that has ended since");
        }
      close (process);
    }
}

static gboolean
is_below (const char *path, const char *directory)
{
  gsize length = strlen (directory);

  return strncmp (path, directory, length) == 0 && path[length] == '/';
}

/* The kernel writes blanks and the like in these files as \040. */
static char *
get_field (const char *line, guint index)
{
  g_auto (GStrv) fields = g_strsplit_set (line, " \t", -1);
  guint seen = 0;

  for (guint i = 0; fields[i] != NULL; i++)
    if (*fields[i] != '\0' && seen++ == index)
      return g_strcompress (fields[i]);
  return NULL;
}

static void
look_at_lines (LiveTask *task,
               const char *file,
               guint field,
               const char *word,
               gboolean (*matches) (const char *path, const char *wanted),
               const char *wanted)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (file, &text, NULL, NULL))
    return;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *path = get_field (lines[i], field);
      g_autofree char *name = NULL;

      if (path == NULL || !matches (path, wanted))
        continue;
      name = g_strconcat (word, " ", path, NULL);
      live_task_add_holder (task, 0, name);
    }
}

static gboolean
is_same (const char *path, const char *wanted)
{
  return g_str_equal (path, wanted);
}

static void
look_at_loops (LiveTask *task, const char *path)
{
  g_autoptr (GDir) directory = g_dir_open ("/sys/block", 0, NULL);
  const char *name = NULL;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *file = g_strconcat ("/sys/block/", name, "/loop/backing_file", NULL);
      g_autofree char *backing = g_str_has_prefix (name, "loop") ? live_attribute_read (file) : NULL;
      g_autofree char *device = g_strconcat ("/dev/", name, NULL);

      if (backing != NULL && is_below (backing, path))
        live_task_add_holder (task, 0, device);
    }
}

static void
look_at_devices_above (LiveTask *task, dev_t device)
{
  g_autofree char *path = g_strdup_printf ("/sys/dev/block/%u:%u/holders", major (device), minor (device));
  g_autoptr (GDir) directory = g_dir_open (path, 0, NULL);
  const char *name = NULL;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *node = g_strconcat ("/dev/", name, NULL);

      live_task_add_holder (task, 0, node);
    }
}

static guint64
get_own_namespace (void)
{
  struct stat status;

  return stat ("/proc/self/ns/mnt", &status) == 0 ? status.st_ino : 0;
}

void
live_holders_find_mount (LiveTask *task, const char *path)
{
  Search search = { .task = task, .own_namespace = get_own_namespace () };
  struct statx status;

  if (statx (AT_FDCWD, path, AT_NO_AUTOMOUNT, STATX_TYPE, &status) == 0)
    {
      search.device = makedev (status.stx_dev_major, status.stx_dev_minor);
      look_at_processes (&search);
    }
  look_at_loops (task, path);
  look_at_lines (task, "/proc/swaps", 0, "swap", is_below, path);
  look_at_lines (task, "/proc/self/mountinfo", 4, "mount", is_below, path);
}

void
live_holders_find_device (LiveTask *task, const char *path)
{
  Search search = { .task = task, .node = TRUE, .own_namespace = get_own_namespace () };
  struct stat status;

  if (stat (path, &status) < 0 || !S_ISBLK (status.st_mode))
    return;
  search.device = status.st_rdev;
  look_at_processes (&search);
  look_at_lines (task, "/proc/swaps", 0, "swap", is_same, path);
  look_at_devices_above (task, status.st_rdev);
}
