/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/dom0-sync.h"

#include "model/error.h"
#include "model/leaks.h"
#include "sources/blocks.h"
#include "sources/kernel.h"
#include "sources/mounts.h"
#include "sources/proc-file.h"

/* What one reading starts from. */
typedef struct
{
  LiveCrypt *crypt;
  GPtrArray *mounts; /* NULL: read the table, too */
} Question;

/* What it found. */
typedef struct
{
  LiveBootMode boot_mode;
  char *contradicted;
  guint n_leaks;
  GVariant *leaks;
  GPtrArray *blocks; /* not changed any more */
} Verdict;

struct _LiveDom0Sync
{
  GObject parent;

  LiveSystem *system;
  LiveCrypt *crypt;
  LiveMounts *mounts;
  GPtrArray *blocks; /* as of the last look */
  guint swaps_watch;
  GCancellable *cancellable;
  gboolean reading;
  gboolean again;       /* something changed while it was being read */
  GPtrArray *waiting;   /* of GTask: refreshes for which the next reading counts */
  GPtrArray *attending; /* of GTask: those for which the present one does */
};

static guint looked_signal;

G_DEFINE_FINAL_TYPE (LiveDom0Sync, live_dom0_sync, G_TYPE_OBJECT)

static void
question_free (gpointer data)
{
  Question *question = data;

  live_crypt_unref (question->crypt);
  g_clear_pointer (&question->mounts, g_ptr_array_unref);
  g_free (question);
}

static void
verdict_free (gpointer data)
{
  Verdict *verdict = data;

  g_free (verdict->contradicted);
  g_variant_unref (verdict->leaks);
  g_ptr_array_unref (verdict->blocks);
  g_free (verdict);
}

/* ---- In a thread ---- */

static GPtrArray *
read_mounts (const Question *question)
{
  g_autofree char *path = live_mounts_get_path (live_crypt_get_root (question->crypt));
  g_autoptr (GError) error = NULL;
  GPtrArray *mounts = question->mounts != NULL ? g_ptr_array_ref (question->mounts) : live_mounts_read (path, &error);

  if (error != NULL)
    g_warning ("how dom0 was booted is not known: %s", error->message);
  return mounts;
}

/* Devices that cannot be read are just not there: what is on them is then not known. */
static GPtrArray *
read_blocks (LiveCrypt *crypt)
{
  g_autoptr (GError) error = NULL;
  GPtrArray *blocks = live_blocks_read_all (live_crypt_get_root (crypt), &error);

  if (blocks == NULL)
    {
      g_warning ("the block devices are not known: %s", error->message);
      return g_ptr_array_new_with_free_func ((GDestroyNotify)live_block_free);
    }
  for (guint i = 0; i < blocks->len; i++)
    if (((LiveBlock *)g_ptr_array_index (blocks, i))->kind == LIVE_BLOCK_CRYPT)
      live_crypt_examine (crypt, g_ptr_array_index (blocks, i));
  return blocks;
}

/*
 * Whether the name of the overlay's upper directory leads through a link, and so to another mount than it seems. What
 * is not there leads nowhere: systemd takes its own away.
 */
static gboolean
has_linked_upper (const char *root, GPtrArray *mounts)
{
  g_autofree char *upper = live_boot_mode_find_upper (mounts);
  g_auto (GStrv) parts = g_strsplit (upper != NULL ? upper : "", "/", -1);
  g_autoptr (GString) path = g_string_new (root);

  for (guint i = 0; parts[i] != NULL; i++)
    {
      if (*parts[i] == '\0')
        continue;
      g_string_append_printf (path, "/%s", parts[i]);
      if (g_file_test (path->str, G_FILE_TEST_IS_SYMLINK))
        return TRUE;
    }
  return FALSE;
}

static Verdict *
look (const Question *question)
{
  const char *root = live_crypt_get_root (question->crypt);
  g_autoptr (LiveLeakFacts) facts = live_kernel_read_leak_facts (root);
  Verdict *verdict = g_new0 (Verdict, 1);
  GVariantBuilder findings;

  facts->mounts = read_mounts (question);
  g_ptr_array_unref (facts->blocks);
  facts->blocks = read_blocks (question->crypt);
  verdict->blocks = g_ptr_array_ref (facts->blocks);
  verdict->boot_mode
      = live_boot_mode_judge (facts->mounts, facts->blocks, facts->kernel_command_line, &verdict->contradicted, NULL);
  if (live_boot_mode_is_live (verdict->boot_mode) && has_linked_upper (root, facts->mounts))
    {
      g_warning ("how dom0 was booted is not known: the name of its upper directory leads through a link");
      verdict->boot_mode = LIVE_BOOT_MODE_UNKNOWN;
    }
  g_variant_builder_init (&findings, G_VARIANT_TYPE (LIVE_FINDINGS_TYPE));
  verdict->n_leaks = live_leaks_judge (facts, verdict->boot_mode, &findings);
  verdict->leaks = g_variant_ref_sink (g_variant_builder_end (&findings));
  return verdict;
}

static void
look_in_thread (GTask *task, gpointer source, gpointer question, GCancellable *cancellable)
{
  g_task_return_pointer (task, look (question), verdict_free);
}

/* ---- In the main loop ---- */

static void start (LiveDom0Sync *self, GPtrArray *mounts);

static Question *
ask (LiveDom0Sync *self, GPtrArray *mounts)
{
  Question *question = g_new0 (Question, 1);

  question->crypt = live_crypt_ref (self->crypt);
  question->mounts = mounts != NULL ? g_ptr_array_ref (mounts) : NULL;
  return question;
}

static void
apply (LiveDom0Sync *self, const Verdict *verdict)
{
  g_clear_pointer (&self->blocks, g_ptr_array_unref);
  self->blocks = g_ptr_array_ref (verdict->blocks);
  live_system_set_dom0 (self->system, verdict->boot_mode, verdict->contradicted, verdict->leaks, verdict->n_leaks);
}

static void
on_looked (GObject *source, GAsyncResult *result, gpointer data)
{
  LiveDom0Sync *self = LIVE_DOM0_SYNC (source);
  Verdict *verdict = g_task_propagate_pointer (G_TASK (result), NULL);
  g_autoptr (GPtrArray) attending = g_steal_pointer (&self->attending);

  self->reading = FALSE;
  /* It is none when the reading was cancelled: the system is going away. */
  if (verdict != NULL)
    {
      apply (self, verdict);
      verdict_free (verdict);
      g_signal_emit (self, looked_signal, 0);
    }
  for (guint i = 0; i < attending->len; i++)
    {
      if (verdict != NULL)
        g_task_return_boolean (attending->pdata[i], TRUE);
      else
        g_task_return_new_error (attending->pdata[i], LIVE_ERROR, LIVE_ERROR_CANCELLED, "The helper is ending");
    }
  if (self->again || self->waiting->len > 0)
    start (self, NULL);
}

static void
start (LiveDom0Sync *self, GPtrArray *mounts)
{
  g_autoptr (GTask) task = NULL;

  if (self->reading)
    {
      self->again = TRUE;
      return;
    }
  self->reading = TRUE;
  self->again = FALSE;
  self->attending = g_steal_pointer (&self->waiting);
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  task = g_task_new (self, self->cancellable, on_looked, NULL);
  g_task_set_task_data (task, ask (self, mounts), question_free);
  g_task_run_in_thread (task, look_in_thread);
}

static void
on_mounts_changed (LiveMounts *mounts, LiveDom0Sync *self)
{
  start (self, live_mounts_get_table (mounts));
}

static void
on_swaps_changed (gpointer data)
{
  LiveDom0Sync *self = data;

  start (self, live_mounts_get_table (self->mounts));
}

void
live_dom0_sync_refresh_async (LiveDom0Sync *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_ptr_array_add (self->waiting, g_task_new (self, cancellable, callback, user_data));
  live_crypt_forget (self->crypt);
  live_mounts_refresh (self->mounts);
  start (self, NULL);
}

gboolean
live_dom0_sync_refresh_finish (LiveDom0Sync *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

GPtrArray *
live_dom0_sync_get_mounts (LiveDom0Sync *self)
{
  return live_mounts_get_table (self->mounts);
}

GPtrArray *
live_dom0_sync_get_blocks (LiveDom0Sync *self)
{
  return self->blocks;
}

static void
live_dom0_sync_dispose (GObject *object)
{
  LiveDom0Sync *self = LIVE_DOM0_SYNC (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->swaps_watch, g_source_remove);
  if (self->mounts != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->mounts, self);
      g_object_run_dispose (G_OBJECT (self->mounts));
      g_clear_object (&self->mounts);
    }
  G_OBJECT_CLASS (live_dom0_sync_parent_class)->dispose (object);
}

static void
live_dom0_sync_finalize (GObject *object)
{
  LiveDom0Sync *self = LIVE_DOM0_SYNC (object);

  g_clear_object (&self->cancellable);
  g_clear_object (&self->system);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  g_clear_pointer (&self->blocks, g_ptr_array_unref);
  g_clear_pointer (&self->crypt, live_crypt_unref);
  G_OBJECT_CLASS (live_dom0_sync_parent_class)->finalize (object);
}

static void
live_dom0_sync_class_init (LiveDom0SyncClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = live_dom0_sync_dispose;
  G_OBJECT_CLASS (klass)->finalize = live_dom0_sync_finalize;
  looked_signal
      = g_signal_new ("looked", LIVE_TYPE_DOM0_SYNC, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
live_dom0_sync_init (LiveDom0Sync *self)
{
  self->cancellable = g_cancellable_new ();
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
}

LiveDom0Sync *
live_dom0_sync_new (LiveSystem *system, LiveCrypt *crypt)
{
  LiveDom0Sync *self = g_object_new (LIVE_TYPE_DOM0_SYNC, NULL);
  g_autofree char *path = live_mounts_get_path (live_crypt_get_root (crypt));
  const gboolean is_real = *live_crypt_get_root (crypt) == '\0';
  g_autoptr (GError) error = NULL;
  Question *question = NULL;
  Verdict *verdict = NULL;

  self->system = g_object_ref (system);
  self->crypt = live_crypt_ref (crypt);
  /* Both are watched before they are read, so that no change falls in between. */
  if (is_real)
    self->swaps_watch = live_proc_file_watch ("/proc/swaps", on_swaps_changed, self, &error);
  if (error != NULL)
    g_warning ("changes of the swaps will not be seen: %s", error->message);
  self->mounts = live_mounts_new (path, is_real);
  g_signal_connect (self->mounts, "changed", G_CALLBACK (on_mounts_changed), self);
  question = ask (self, live_mounts_get_table (self->mounts));
  verdict = look (question);
  apply (self, verdict);
  verdict_free (verdict);
  question_free (question);
  return self;
}
