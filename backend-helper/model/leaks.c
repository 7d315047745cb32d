/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/leaks.h"

#include <string.h>

#define JOURNAL_DIRECTORY "/var/log/journal"
#define CORE_DIRECTORY "/var/lib/systemd/coredump"

typedef struct
{
  const LiveLeakFacts *facts;
  GVariantBuilder *findings;
  guint count;
} Judge;

/* ---- Facts ---- */

void
live_swap_free (LiveSwap *swap)
{
  g_free (swap->path);
  g_free (swap);
}

LiveLeakFacts *
live_leak_facts_new (void)
{
  LiveLeakFacts *facts = g_new0 (LiveLeakFacts, 1);

  facts->blocks = g_ptr_array_new_with_free_func ((GDestroyNotify)live_block_free);
  return facts;
}

void
live_leak_facts_free (LiveLeakFacts *facts)
{
  g_clear_pointer (&facts->mounts, g_ptr_array_unref);
  g_clear_pointer (&facts->blocks, g_ptr_array_unref);
  g_clear_pointer (&facts->swaps, g_ptr_array_unref);
  g_free (facts->journal_storage);
  g_free (facts->core_pattern);
  g_free (facts->core_storage);
  g_free (facts->core_external_size);
  g_free (facts->power_states);
  g_free (facts->power_disk);
  g_free (facts->kernel_command_line);
  g_free (facts);
}

static LiveSwap *
parse_swap (const char *line)
{
  g_auto (GStrv) fields = g_strsplit_set (line, " \t", 2);
  const char *type = g_strv_length (fields) == 2 ? fields[1] + strspn (fields[1], " \t") : "";
  gboolean is_file = g_str_has_prefix (type, "file");
  LiveSwap *swap = NULL;

  if (fields[0] == NULL || fields[0][0] != '/' || (!is_file && !g_str_has_prefix (type, "partition")))
    return NULL;
  swap = g_new0 (LiveSwap, 1);
  swap->path = g_strcompress (fields[0]);
  swap->is_file = is_file;
  return swap;
}

GPtrArray *
live_swaps_parse (const char *text)
{
  g_autoptr (GPtrArray) swaps = g_ptr_array_new_with_free_func ((GDestroyNotify)live_swap_free);
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  if (lines[0] == NULL || !g_str_has_prefix (lines[0], "Filename"))
    return NULL;
  for (guint i = 1; lines[i] != NULL; i++)
    {
      LiveSwap *swap = NULL;

      if (*lines[i] == '\0' && lines[i + 1] == NULL)
        break;
      swap = parse_swap (lines[i]);
      if (swap == NULL)
        return NULL;
      g_ptr_array_add (swaps, swap);
    }
  return g_steal_pointer (&swaps);
}

/* ---- What is said ---- */

/* Names of files are any bytes; what goes on the bus is text. */
static char *
to_text (const char *bytes)
{
  return g_utf8_make_valid (bytes != NULL ? bytes : "", -1);
}

static gboolean
reaches_disk (LiveRest rest)
{
  return rest != LIVE_REST_RAM && rest != LIVE_REST_THROW_AWAY;
}

static void
add (Judge *judge, LiveRest rest, const char *code, const char *remedy, const char *key, const char *value)
{
  g_autofree char *text = to_text (value);

  judge->count++;
  live_finding_add (judge->findings, code, rest == LIVE_REST_DISK ? LIVE_VERDICT_BAD : LIVE_VERDICT_UNKNOWN, remedy,
                    key, text, "place", rest == LIVE_REST_DISK ? "disk" : "unknown", NULL);
}

static void
add_not_read (Judge *judge, const char *what)
{
  judge->count++;
  live_finding_add (judge->findings, LIVE_LEAK_NOT_READ, LIVE_VERDICT_UNKNOWN, LIVE_REMEDY_CHECK_HELPER, "what", what,
                    NULL);
}

/* ---- Mounts ---- */

/* File systems that show the kernel or other programs, and keep nothing. pstore keeps something only when the kernel
 * dies; that is a matter of how it is started. */
static gboolean
is_pseudo (const char *type)
{
  static const char *const types[]
      = { "autofs",      "binfmt_misc", "bpf",       "cgroup",  "cgroup2", "configfs", "debugfs", "devpts",
          "fusectl",     "hugetlbfs",   "mqueue",    "nfsd",    "nsfs",    "proc",     "pstore",  "resctrl",
          "rpc_pipefs",  "securityfs",  "selinuxfs", "smackfs", "sysfs",   "tracefs",  "xenfs",   "fuse.gvfsd-fuse",
          "fuse.portal", NULL };

  return g_strv_contains (types, type);
}

/* (transfer full): a key for the file system of a mount. */
static gpointer
get_device (const LiveMount *mount)
{
  gint64 *device = g_new (gint64, 1);

  *device = (gint64)(((guint64)mount->major << 32) | mount->minor);
  return device;
}

static void
judge_mount (Judge *judge, const LiveMount *mount)
{
  g_autofree char *target = NULL, *source = NULL, *type = NULL;
  LiveRest rest = LIVE_REST_UNKNOWN;

  target = to_text (mount->target);
  if (g_str_equal (mount->type, "efivarfs"))
    {
      live_finding_add (judge->findings, LIVE_LEAK_FIRMWARE_WRITABLE, LIVE_VERDICT_WEAK, LIVE_REMEDY_MOUNT_READ_ONLY,
                        "target", target, NULL);
      return;
    }
  rest = live_mount_judge (judge->facts->blocks, judge->facts->mounts, mount);
  if (!reaches_disk (rest))
    return;
  judge->count++;
  source = to_text (mount->source);
  type = to_text (mount->type);
  live_finding_add (judge->findings, LIVE_LEAK_MOUNT_WRITABLE,
                    rest == LIVE_REST_DISK ? LIVE_VERDICT_BAD : LIVE_VERDICT_UNKNOWN, LIVE_REMEDY_MOUNT_READ_ONLY,
                    "target", target, "source", source, "type", type, "place",
                    rest == LIVE_REST_DISK ? "disk" : "unknown", NULL);
}

static void
judge_mounts (Judge *judge, LiveBootMode mode)
{
  const LiveMount *root = live_mounts_find_target (judge->facts->mounts, "/");
  /* Of several writable mounts of one file system, the first is told of. */
  g_autoptr (GHashTable) told = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);

  /* That the root of a persistent dom0 is on a disk is what persistent means. */
  if (root != NULL && !live_boot_mode_is_live (mode))
    g_hash_table_add (told, get_device (root));
  for (guint i = 0; i < judge->facts->mounts->len; i++)
    {
      const LiveMount *mount = g_ptr_array_index (judge->facts->mounts, i);

      if (!mount->read_only && !is_pseudo (mount->type) && !g_str_equal (mount->type, "tmpfs")
          && g_hash_table_add (told, get_device (mount)))
        judge_mount (judge, mount);
    }
}

/* Where what is written below @path comes to rest; RAM when nothing can be written there. */
static LiveRest
judge_path (Judge *judge, const char *path, const LiveMount **mount)
{
  *mount = judge->facts->mounts != NULL ? live_mounts_find_path (judge->facts->mounts, path) : NULL;
  if (*mount == NULL)
    return LIVE_REST_UNKNOWN;
  if ((*mount)->read_only)
    return LIVE_REST_RAM;
  return live_mount_judge (judge->facts->blocks, judge->facts->mounts, *mount);
}

/* ---- Swap and hibernation ---- */

static const LiveBlock *
find_swap_device (const LiveLeakFacts *facts, const char *path)
{
  const char *name = g_str_has_prefix (path, "/dev/") ? path + strlen ("/dev/") : "";
  gboolean is_mapping = g_str_has_prefix (name, "mapper/");

  for (guint i = 0; i < facts->blocks->len; i++)
    {
      const LiveBlock *block = g_ptr_array_index (facts->blocks, i);

      if (is_mapping ? g_strcmp0 (block->mapping_name, name + strlen ("mapper/")) == 0
                     : g_strcmp0 (block->name, name) == 0)
        return block;
    }
  return NULL;
}

static LiveRest
judge_swap (Judge *judge, const LiveSwap *swap)
{
  const LiveMount *mount = NULL;
  const LiveBlock *block = NULL;

  if (swap->is_file)
    return judge_path (judge, swap->path, &mount);
  block = find_swap_device (judge->facts, swap->path);
  if (block == NULL)
    return LIVE_REST_UNKNOWN;
  return live_block_judge (judge->facts->blocks, judge->facts->mounts, block->major, block->minor);
}

/* Returns the path of a swap that a memory image could be written to. */
static const char *
judge_swaps (Judge *judge)
{
  const char *found = NULL;

  for (guint i = 0; i < judge->facts->swaps->len; i++)
    {
      const LiveSwap *swap = g_ptr_array_index (judge->facts->swaps, i);
      LiveRest rest = judge_swap (judge, swap);

      if (!reaches_disk (rest))
        continue;
      add (judge, rest, LIVE_LEAK_SWAP_ON_DISK, LIVE_REMEDY_SWAP_OFF, "device", swap->path);
      found = found != NULL ? found : swap->path;
    }
  return found;
}

static gboolean
has_word (const char *text, const char *word)
{
  g_auto (GStrv) words = g_strsplit_set (text, " \t\n", -1);

  return g_strv_contains ((const char *const *)words, word);
}

static void
judge_hibernation (Judge *judge, const char *swap)
{
  const LiveLeakFacts *facts = judge->facts;

  if (swap == NULL)
    return;
  if (facts->kernel_command_line != NULL
      && (has_word (facts->kernel_command_line, "nohibernate")
          || has_word (facts->kernel_command_line, "hibernate=no")))
    return;
  if (facts->power_states == NULL || facts->power_disk == NULL)
    {
      add_not_read (judge, "power");
      return;
    }
  if (has_word (facts->power_states, "disk") && *facts->power_disk != '\0'
      && !has_word (facts->power_disk, "[disabled]"))
    add (judge, LIVE_REST_DISK, LIVE_LEAK_HIBERNATION_POSSIBLE, LIVE_REMEDY_NO_HIBERNATE, "device", swap);
}

static void
judge_zram (Judge *judge)
{
  for (guint i = 0; i < judge->facts->blocks->len; i++)
    {
      const LiveBlock *block = g_ptr_array_index (judge->facts->blocks, i);

      if (block->kind == LIVE_BLOCK_ZRAM && block->has_backing_device)
        add (judge, LIVE_REST_DISK, LIVE_LEAK_ZRAM_BACKING_DEVICE, LIVE_REMEDY_ZRAM_WITHOUT_BACKING, "device",
             block->name);
    }
}

/* ---- Logs and core dumps ---- */

static LiveRest
judge_journal_place (Judge *judge, const LiveMount **mount)
{
  const char *storage = judge->facts->journal_storage != NULL ? judge->facts->journal_storage : "auto";

  *mount = NULL;
  if (g_str_equal (storage, "volatile") || g_str_equal (storage, "none"))
    return LIVE_REST_RAM;
  /* journald takes a word it does not know as the default. */
  if (!g_str_equal (storage, "persistent") && !judge->facts->journal_directory)
    return LIVE_REST_RAM;
  return judge_path (judge, JOURNAL_DIRECTORY, mount);
}

static void
judge_journal (Judge *judge)
{
  const LiveMount *mount = NULL;
  LiveRest rest = judge_journal_place (judge, &mount);

  if (reaches_disk (rest))
    add (judge, rest, LIVE_LEAK_JOURNAL_PERSISTENT, LIVE_REMEDY_JOURNAL_VOLATILE, "target",
         mount != NULL ? mount->target : "");
}

/* Whether the text is a size of nothing: "0", "0K". */
static gboolean
is_nothing (const char *size)
{
  return size != NULL && size[0] == '0' && strspn (size, "0KMGTPEB ") == strlen (size);
}

static LiveRest
judge_systemd_core (Judge *judge)
{
  const char *storage = judge->facts->core_storage != NULL ? judge->facts->core_storage : "external";
  const LiveMount *mount = NULL;

  if (g_str_equal (storage, "none"))
    return LIVE_REST_RAM;
  if (g_str_equal (storage, "journal"))
    return judge_journal_place (judge, &mount);
  if (is_nothing (judge->facts->core_external_size))
    return LIVE_REST_RAM;
  return judge_path (judge, CORE_DIRECTORY, &mount);
}

static LiveRest
judge_core_place (Judge *judge, const char *pattern)
{
  g_autofree char *directory = NULL, *base = NULL;
  g_auto (GStrv) words = NULL;
  const LiveMount *mount = NULL;

  if (*pattern == '\0')
    return judge->facts->core_uses_pid ? judge_path (judge, "/", &mount) : LIVE_REST_RAM;
  if (*pattern == '/')
    {
      directory = g_path_get_dirname (pattern);
      return judge_path (judge, directory, &mount);
    }
  /* A file in whatever directory the program is in; the root's place stands for all of them, because any other
   * writable one that is on a disk is a leak of its own. */
  if (*pattern != '|' && *pattern != '@')
    return judge_path (judge, "/", &mount);
  words = g_strsplit (pattern + 1, " ", 2);
  base = g_path_get_basename (words[0] != NULL ? words[0] : "");
  if (g_str_equal (base, "false") || g_str_equal (base, "true"))
    return LIVE_REST_RAM;
  if (g_str_has_prefix (base, "systemd-coredump") || strstr (pattern, "systemd/coredump") != NULL)
    return judge_systemd_core (judge);
  /* Another handler puts it where it likes: the same as above. */
  return judge_path (judge, "/", &mount);
}

static void
judge_core (Judge *judge)
{
  g_autofree char *pattern = NULL;
  LiveRest rest = LIVE_REST_UNKNOWN;

  if (judge->facts->core_pattern == NULL)
    {
      add_not_read (judge, "core-pattern");
      return;
    }
  pattern = g_strchomp (g_strdup (judge->facts->core_pattern));
  rest = judge_core_place (judge, pattern);
  if (reaches_disk (rest))
    add (judge, rest, LIVE_LEAK_CORE_DUMPS_TO_DISK, LIVE_REMEDY_CORE_DUMPS_OFF, "pattern", pattern);
}

guint
live_leaks_judge (const LiveLeakFacts *facts, LiveBootMode mode, GVariantBuilder *findings)
{
  Judge judge = { .facts = facts, .findings = findings };

  if (facts->mounts != NULL)
    judge_mounts (&judge, mode);
  else
    add_not_read (&judge, "mounts");
  if (facts->swaps != NULL)
    judge_hibernation (&judge, judge_swaps (&judge));
  else
    add_not_read (&judge, "swaps");
  judge_zram (&judge);
  judge_journal (&judge);
  judge_core (&judge);
  return judge.count;
}
