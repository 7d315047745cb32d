/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * LiveJournal:
 *
 * What is half done, so that a helper that was started anew finishes or undoes it: one file in JSON for each action of
 * several steps, /run/qubes-live/jobs/ID.json. An action writes its entry before each step that has to be undone, and
 * removes it when nothing has to be.
 *
 * /run is a tmpfs: what is written outlives the helper, not dom0, and neither does what it is about. All functions work
 * at once and are meant for the main loop: a write there is a few system calls on memory, well below a millisecond for
 * the few hundred bytes of an entry, which may not be longer than %LIVE_JOURNAL_LONGEST_ENTRY.
 */
typedef struct _LiveJournal LiveJournal;

/* Bytes of an entry. */
#define LIVE_JOURNAL_LONGEST_ENTRY 65536

/**
 * LiveJournalEntry:
 * @id: as it was given to live_journal_write()
 * @content: what was written
 */
typedef struct
{
  char *id;
  JsonObject *content;
} LiveJournalEntry;

/* @root: what stands before /run; empty for none. Does not touch anything yet. */
LiveJournal *live_journal_new (const char *root);
void live_journal_free (LiveJournal *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveJournal, live_journal_free)

/**
 * live_journal_write:
 * @id: names the action over helpers, such as `pool-ram1`: at most 128 ASCII letters, digits, `-`, `_` and `.`, the
 *   first of them a letter or digit
 * @content: what there is to know; replaces what was written before under @id
 *
 * Writes a new file and gives it the name of the old: a reader, and a helper after a crash, sees the one or the other
 * and no half of either. The directory is made when it is missing. No symbolic link is followed below @root.
 *
 * Errors: %LIVE_ERROR_FAILED, %LIVE_ERROR_NO_SPACE, %LIVE_ERROR_INVALID_ARGUMENT for a bad @id or too much content. The
 * old entry is then still there: do not begin the step.
 */
gboolean live_journal_write (LiveJournal *self, const char *id, JsonObject *content, GError **error);

/**
 * live_journal_remove:
 *
 * No entry is no error. Errors: %LIVE_ERROR_FAILED.
 */
gboolean live_journal_remove (LiveJournal *self, const char *id, GError **error);

/**
 * live_journal_list:
 *
 * What an earlier helper left; for the start of the helper. A file that is no entry (broken JSON, not root's, a link)
 * is warned about and kept aside as NAME.broken, where a person may look at it; what a write left half done is removed.
 *
 * Returns: (transfer full) (element-type LiveJournalEntry): sorted by id, maybe empty
 */
GPtrArray *live_journal_list (LiveJournal *self);

G_END_DECLS
