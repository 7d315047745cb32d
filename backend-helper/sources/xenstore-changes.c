/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/xenstore-changes.h"

struct _LiveXenstoreChanges
{
  GHashTable *tickets; /* domid to guint64 * */
  GQueue domids;
};

LiveXenstoreChanges *
live_xenstore_changes_new (void)
{
  LiveXenstoreChanges *changes = g_new0 (LiveXenstoreChanges, 1);

  changes->tickets = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_queue_init (&changes->domids);
  return changes;
}

void
live_xenstore_changes_free (LiveXenstoreChanges *changes)
{
  g_queue_clear (&changes->domids);
  g_hash_table_unref (changes->tickets);
  g_free (changes);
}

void
live_xenstore_changes_add (LiveXenstoreChanges *changes, guint domid, guint64 ticket)
{
  guint64 *queued = g_hash_table_lookup (changes->tickets, GUINT_TO_POINTER (domid));

  if (queued != NULL)
    {
      *queued = MAX (*queued, ticket);
      return;
    }
  g_hash_table_insert (changes->tickets, GUINT_TO_POINTER (domid), g_memdup2 (&ticket, sizeof (ticket)));
  g_queue_push_tail (&changes->domids, GUINT_TO_POINTER (domid));
}

gboolean
live_xenstore_changes_take (LiveXenstoreChanges *changes, guint *domid, guint64 *ticket)
{
  gpointer key = NULL;

  if (g_queue_is_empty (&changes->domids))
    return FALSE;
  key = g_queue_pop_head (&changes->domids);
  *domid = GPOINTER_TO_UINT (key);
  *ticket = *(guint64 *)g_hash_table_lookup (changes->tickets, key);
  g_hash_table_remove (changes->tickets, key);
  return TRUE;
}

void
live_xenstore_changes_clear (LiveXenstoreChanges *changes)
{
  g_queue_clear (&changes->domids);
  g_hash_table_remove_all (changes->tickets);
}
