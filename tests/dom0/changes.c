/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "changes.h"

#include <string.h>

struct _LiveDom0Change
{
  char *text;
  gboolean failed;
};

struct _LiveDom0Changes
{
  GPtrArray *entries;
};

static void
change_clear (gpointer data)
{
  LiveDom0Change *change = data;
  g_free (change->text);
}

LiveDom0Change *
live_dom0_change_ref (LiveDom0Change *change)
{
  return g_rc_box_acquire (change);
}

void
live_dom0_change_unref (LiveDom0Change *change)
{
  g_rc_box_release_full (change, change_clear);
}

void
live_dom0_change_fail (LiveDom0Change *change)
{
  change->failed = TRUE;
}

LiveDom0Changes *
live_dom0_changes_new (void)
{
  LiveDom0Changes *changes = g_new0 (LiveDom0Changes, 1);

  changes->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) live_dom0_change_unref);
  return changes;
}

void
live_dom0_changes_free (LiveDom0Changes *changes)
{
  g_ptr_array_unref (changes->entries);
  g_free (changes);
}

gboolean
live_dom0_changes_is_change (const char *method)
{
  static const char *const verbs[]
      = { "Set",   "Reset",    "Remove", "Add",   "Create",  "CreateInPool", "CreateDisposable",
          "Start", "Shutdown", "Kill",   "Pause", "Unpause", "Resize",       "CloneFrom" };
  g_auto (GStrv) words = g_strsplit (method, ".", -1);

  for (guint i = 0; words[i]; i++)
    for (guint k = 0; k < G_N_ELEMENTS (verbs); k++)
      if (g_str_equal (words[i], verbs[k]))
        return TRUE;
  return FALSE;
}

LiveDom0Change *
live_dom0_changes_add (
    LiveDom0 *dom0, const char *method, const char *argument, const char *dest, const char *payload, gsize length)
{
  g_autofree char *escaped = NULL;
  LiveDom0Change *change;

  if (!live_dom0_changes_is_change (method))
    return NULL;
  escaped = g_uri_escape_bytes ((const guint8 *) payload, length, "=:/+,");
  change = g_rc_box_new0 (LiveDom0Change);
  change->text = g_strconcat (method, *argument ? "+" : "", argument, "@", dest, length > 0 ? "=" : "", escaped, NULL);
  /* The argument was not checked yet; a word of the answer must not come apart. */
  g_strdelimit (change->text, " \t\r\n", '_');
  g_ptr_array_add (dom0->changes->entries, live_dom0_change_ref (change));
  return change;
}

void
live_dom0_changes_reset (LiveDom0 *dom0)
{
  g_ptr_array_set_size (dom0->changes->entries, 0);
}

char *
live_dom0_changes_describe (LiveDom0 *dom0)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < dom0->changes->entries->len; i++)
    {
      const LiveDom0Change *change = g_ptr_array_index (dom0->changes->entries, i);
      g_string_append_printf (text, "%s%s%s", i > 0 ? " " : "", change->text, change->failed ? "!" : "");
    }
  return g_string_free (text, FALSE);
}
