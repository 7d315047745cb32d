/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/systemd-setting.h"

#include "sources/proc-file.h"

#include <string.h>

#define LARGEST_FILE (256 * 1024)
#define MOST_FILES 512

/* Those that come first hide those that come later. */
static const char *const directories[]
    = { "/etc/systemd", "/run/systemd", "/usr/local/lib/systemd", "/usr/lib/systemd" };

typedef struct
{
  const char *section;
  const char *key;
  char *value;
} Search;

static void
take_line (Search *search, const char *line, gboolean *in_section)
{
  const char *equals = strchr (line, '=');
  g_autofree char *key = NULL;

  if (*line == '[')
    {
      gsize length = strlen (search->section);

      *in_section = strncmp (line + 1, search->section, length) == 0 && line[1 + length] == ']';
      return;
    }
  if (!*in_section || *line == '#' || *line == ';' || equals == NULL)
    return;
  key = g_strchomp (g_strndup (line, (gsize)(equals - line)));
  if (!g_str_equal (key, search->key))
    return;
  g_free (search->value);
  search->value = g_strstrip (g_strdup (equals + 1));
  if (*search->value == '\0')
    g_clear_pointer (&search->value, g_free);
}

static gboolean
take_file (Search *search, const char *path)
{
  g_autofree char *text = live_proc_file_read (path, LARGEST_FILE, NULL, NULL);
  g_auto (GStrv) lines = NULL;
  gboolean in_section = FALSE;

  if (text == NULL)
    return FALSE;
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    take_line (search, g_strstrip (lines[i]), &in_section);
  return TRUE;
}

static void
list_drop_ins (GHashTable *paths, const char *directory)
{
  g_autoptr (GDir) entries = g_dir_open (directory, 0, NULL);
  const char *name = NULL;

  while (entries != NULL && g_hash_table_size (paths) < MOST_FILES && (name = g_dir_read_name (entries)) != NULL)
    if (g_str_has_suffix (name, ".conf") && !g_hash_table_contains (paths, name))
      g_hash_table_insert (paths, g_strdup (name), g_build_filename (directory, name, NULL));
}

static int
compare_names (gconstpointer one, gconstpointer other)
{
  return strcmp (one, other);
}

char *
live_systemd_setting_read (const char *root, const char *file, const char *section, const char *key)
{
  Search search = { .section = section, .key = key };
  g_autoptr (GHashTable) paths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GList) names = NULL;
  gboolean found = FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (directories); i++)
    {
      g_autofree char *path = g_strconcat (root, directories[i], "/", file, NULL);
      g_autofree char *drop_ins = g_strconcat (path, ".d", NULL);

      found = found || take_file (&search, path);
      list_drop_ins (paths, drop_ins);
    }
  names = g_list_sort (g_hash_table_get_keys (paths), compare_names);
  for (GList *each = names; each != NULL; each = each->next)
    take_file (&search, g_hash_table_lookup (paths, each->data));
  return search.value;
}
