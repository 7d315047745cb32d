/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "cli/close-names.h"

#include <string.h>

/* Longer names than Qubes allows are no one's typing error. */
#define LONGEST_NAME 64

typedef struct
{
  guint distance;
  const char *name;
} LiveCandidate;

/* Insertions, deletions and replacements that make one text the other. */
static guint
count_edits (const char *from, const char *to)
{
  guint row[LONGEST_NAME + 1];
  gsize to_length = strlen (to);

  for (gsize column = 0; column <= to_length; column++)
    row[column] = (guint)column;
  for (gsize line = 1; from[line - 1] != '\0'; line++)
    {
      guint diagonal = row[0];

      row[0] = (guint)line;
      for (gsize column = 1; column <= to_length; column++)
        {
          guint replaced = diagonal + (from[line - 1] == to[column - 1] ? 0 : 1);

          diagonal = row[column];
          row[column] = MIN (replaced, MIN (row[column], row[column - 1]) + 1);
        }
    }
  return row[to_length];
}

/* G_MAXUINT when the two have nothing to do with each other. */
static guint
get_distance (const char *typed, const char *name)
{
  gsize length = strlen (typed);
  guint edits = 0;

  if (length == 0 || length > LONGEST_NAME || strlen (name) > LONGEST_NAME)
    return G_MAXUINT;
  edits = count_edits (typed, name);
  if (edits == 0 || (edits == 1 && length >= 3))
    return edits;
  if (length >= 2 && g_str_has_prefix (name, typed))
    return 2;
  if (edits == 2 && length >= 4)
    return 3;
  if (length >= 3 && strstr (name, typed) != NULL)
    return 4;
  return G_MAXUINT;
}

static int
compare_candidates (gconstpointer a, gconstpointer b)
{
  const LiveCandidate *left = a, *right = b;

  if (left->distance != right->distance)
    return left->distance < right->distance ? -1 : 1;
  return strcmp (left->name, right->name);
}

char **
live_close_names_find (const char *name, GPtrArray *names, guint n_most)
{
  g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (LiveCandidate));
  g_autoptr (GStrvBuilder) found = g_strv_builder_new ();
  g_autofree char *typed = g_ascii_strdown (name, -1);

  for (guint i = 0; i < names->len; i++)
    {
      LiveCandidate candidate = { .name = g_ptr_array_index (names, i) };
      g_autofree char *lower = g_ascii_strdown (candidate.name, -1);

      candidate.distance = get_distance (typed, lower);
      if (candidate.distance != G_MAXUINT)
        g_array_append_val (candidates, candidate);
    }
  g_array_sort (candidates, compare_candidates);
  for (guint i = 0; i < candidates->len && i < n_most; i++)
    g_strv_builder_add (found, g_array_index (candidates, LiveCandidate, i).name);
  return g_strv_builder_end (found);
}
