/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "fault.h"

#include <string.h>

#include "changes.h"

typedef struct
{
  char *pattern;
  LiveDom0Fault *fault;
  guint skip;
  guint count;
} Entry;

typedef struct
{
  char *pattern;
  guint milliseconds;
} Delay;

struct _LiveDom0Faults
{
  GPtrArray *entries;
  GPtrArray *delays;
  guint met;
  GTree *counts;
  guint total;
};

void
live_dom0_fault_free (LiveDom0Fault *fault)
{
  g_free (fault->type);
  g_free (fault->message);
  g_free (fault);
}

static void
entry_free (Entry *entry)
{
  g_free (entry->pattern);
  live_dom0_fault_free (entry->fault);
  g_free (entry);
}

static void
delay_free (Delay *delay)
{
  g_free (delay->pattern);
  g_free (delay);
}

static int
compare_text (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

LiveDom0Faults *
live_dom0_faults_new (void)
{
  LiveDom0Faults *faults = g_new0 (LiveDom0Faults, 1);

  faults->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  faults->delays = g_ptr_array_new_with_free_func ((GDestroyNotify) delay_free);
  faults->counts = g_tree_new_full (compare_text, NULL, g_free, NULL);
  return faults;
}

void
live_dom0_faults_free (LiveDom0Faults *faults)
{
  g_ptr_array_unref (faults->entries);
  g_ptr_array_unref (faults->delays);
  g_tree_unref (faults->counts);
  g_free (faults);
}

static gboolean
matches (const char *pattern, const char *method, const char *argument, const char *dest)
{
  g_auto (GStrv) parts = g_strsplit (pattern, "@", 2);
  g_autofree char *full = NULL;

  if (parts[1] && g_strcmp0 (parts[1], dest) != 0)
    return FALSE;
  if (g_str_equal (parts[0], "*") || g_str_equal (parts[0], method))
    return TRUE;
  full = g_strconcat (method, "+", argument, NULL);
  return g_str_equal (parts[0], full);
}

void
live_dom0_fault_add (LiveDom0 *dom0, const char *pattern, LiveDom0Fault *fault, guint skip, guint count)
{
  Entry *entry = g_new0 (Entry, 1);

  entry->pattern = g_strdup (pattern);
  entry->fault = fault;
  entry->skip = skip;
  entry->count = count;
  g_ptr_array_add (dom0->faults->entries, entry);
}

void
live_dom0_faults_clear (LiveDom0 *dom0)
{
  g_ptr_array_set_size (dom0->faults->entries, 0);
  g_ptr_array_set_size (dom0->faults->delays, 0);
  dom0->faults->met = 0;
}

guint
live_dom0_faults_get_met (LiveDom0 *dom0)
{
  return dom0->faults->met;
}

LiveDom0Fault *
live_dom0_fault_take (LiveDom0 *dom0, const char *method, const char *argument, const char *dest)
{
  GPtrArray *entries = dom0->faults->entries;

  for (guint i = 0; i < entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (entries, i);
      LiveDom0Fault *copy;

      if (!matches (entry->pattern, method, argument, dest))
        continue;
      if (entry->fault->kind == LIVE_DOM0_FAULT_UNSAVED && !live_dom0_changes_is_change (method))
        continue;
      if (entry->skip > 0)
        {
          entry->skip--;
          continue;
        }
      dom0->faults->met++;
      copy = g_new0 (LiveDom0Fault, 1);
      copy->kind = entry->fault->kind;
      copy->bytes = entry->fault->bytes;
      copy->type = g_strdup (entry->fault->type);
      copy->message = g_strdup (entry->fault->message);
      if (--entry->count == 0)
        g_ptr_array_remove_index (entries, i);
      return copy;
    }
  return NULL;
}

void
live_dom0_delay_set (LiveDom0 *dom0, const char *pattern, guint milliseconds)
{
  GPtrArray *delays = dom0->faults->delays;
  Delay *delay;

  for (guint i = delays->len; i > 0; i--)
    {
      delay = g_ptr_array_index (delays, i - 1);
      if (g_str_equal (delay->pattern, pattern))
        g_ptr_array_remove_index (delays, i - 1);
    }
  if (milliseconds == 0)
    return;
  delay = g_new0 (Delay, 1);
  delay->pattern = g_strdup (pattern);
  delay->milliseconds = milliseconds;
  g_ptr_array_add (delays, delay);
}

guint
live_dom0_delay_get (LiveDom0 *dom0, const char *method, const char *argument, const char *dest)
{
  GPtrArray *delays = dom0->faults->delays;

  for (guint i = 0; i < delays->len; i++)
    {
      Delay *delay = g_ptr_array_index (delays, i);
      if (matches (delay->pattern, method, argument, dest))
        return delay->milliseconds;
    }
  return 0;
}

void
live_dom0_count_request (LiveDom0 *dom0, const char *method)
{
  dom0->faults->total++;
  g_tree_insert (dom0->faults->counts, g_strdup (method), GUINT_TO_POINTER (live_dom0_count_get (dom0, method) + 1));
}

guint
live_dom0_count_get (LiveDom0 *dom0, const char *method)
{
  if (!method)
    return dom0->faults->total;
  return GPOINTER_TO_UINT (g_tree_lookup (dom0->faults->counts, method));
}

void
live_dom0_counts_reset (LiveDom0 *dom0)
{
  g_tree_unref (dom0->faults->counts);
  dom0->faults->counts = g_tree_new_full (compare_text, NULL, g_free, NULL);
  dom0->faults->total = 0;
}

char *
live_dom0_counts_describe (LiveDom0 *dom0)
{
  GString *text = g_string_new (NULL);

  for (GTreeNode *node = g_tree_node_first (dom0->faults->counts); node; node = g_tree_node_next (node))
    g_string_append_printf (text, "%s%s=%u", text->len > 0 ? " " : "", (const char *) g_tree_node_key (node),
                            GPOINTER_TO_UINT (g_tree_node_value (node)));
  return g_string_free (text, FALSE);
}
