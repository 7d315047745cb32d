/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/mounts.h"

#include "model/error.h"
#include "sources/proc-file.h"

#include <libmount.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

/* Some 100,000 mounts, where the kernel's own limit (fs.mount-max) is. */
#define LARGEST_TABLE (32 * 1024 * 1024)

struct _LiveMounts
{
  GObject parent;

  char *path;
  GPtrArray *table;
  guint watch;
  GCancellable *cancellable;
  gboolean reading;
  gboolean again; /* something changed while it was being read */
};

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LiveMounts, live_mounts, G_TYPE_OBJECT)

/* ---- libmount ---- */

static int
refuse_line (struct libmnt_table *table, const char *filename, int line)
{
  /* Not zero and not positive: the parser gives up instead of leaving the line out. */
  return -1;
}

static gboolean
has_option (const char *options, const char *name)
{
  return options != NULL && mnt_optstr_get_option (options, name, NULL, NULL) == 0;
}

static LiveMount *
make_mount (struct libmnt_fs *fs)
{
  LiveMount *mount = g_new0 (LiveMount, 1);
  dev_t device = mnt_fs_get_devno (fs);

  mount->id = mnt_fs_get_id (fs);
  mount->parent_id = mnt_fs_get_parent_id (fs);
  mount->major = major (device);
  mount->minor = minor (device);
  mount->root = g_strdup (mnt_fs_get_root (fs));
  mount->target = g_strdup (mnt_fs_get_target (fs));
  mount->type = g_strdup (mnt_fs_get_fstype (fs));
  mount->source = g_strdup (mnt_fs_get_source (fs) != NULL ? mnt_fs_get_source (fs) : "");
  mount->read_only = has_option (mnt_fs_get_vfs_options (fs), "ro") || has_option (mnt_fs_get_fs_options (fs), "ro");
  mount->options = g_strdup (mnt_fs_get_fs_options (fs) != NULL ? mnt_fs_get_fs_options (fs) : "");
  return mount;
}

static GPtrArray *
copy_table (struct libmnt_table *table)
{
  g_autoptr (GPtrArray) mounts = g_ptr_array_new_with_free_func ((GDestroyNotify)live_mount_free);
  struct libmnt_iter *iter = mnt_new_iter (MNT_ITER_FORWARD);
  struct libmnt_fs *fs = NULL;
  gboolean complete = TRUE;

  while (complete && mnt_table_next_fs (table, iter, &fs) == 0)
    {
      LiveMount *mount = make_mount (fs);

      g_ptr_array_add (mounts, mount);
      complete = mount->root != NULL && mount->target != NULL && mount->type != NULL && mount->target[0] == '/';
    }
  mnt_free_iter (iter);
  return complete ? g_steal_pointer (&mounts) : NULL;
}

GPtrArray *
live_mounts_parse (const char *text, gsize length, GError **error)
{
  g_autoptr (GPtrArray) mounts = NULL;
  struct libmnt_table *table = NULL;
  FILE *stream = NULL;

  if (length == 0 || text[length - 1] != '\n' || memchr (text, '\0', length) != NULL)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_FAILED, "The mount table is empty, cut off or no text");
      return NULL;
    }
  stream = fmemopen ((gpointer)text, length, "r");
  table = mnt_new_table ();
  if (stream != NULL && table != NULL)
    {
      mnt_table_set_parser_errcb (table, refuse_line);
      if (mnt_table_parse_stream (table, stream, "mountinfo") == 0)
        mounts = copy_table (table);
    }
  mnt_unref_table (table);
  if (stream != NULL)
    fclose (stream);
  if (mounts == NULL || mounts->len == 0)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_FAILED, "The mount table has a line that cannot be read");
      return NULL;
    }
  return g_steal_pointer (&mounts);
}

GPtrArray *
live_mounts_read (const char *path, GError **error)
{
  gsize length = 0;
  g_autofree char *text = live_proc_file_read (path, LARGEST_TABLE, &length, error);

  return text != NULL ? live_mounts_parse (text, length, error) : NULL;
}

char *
live_mounts_get_path (const char *root)
{
  return *root == '\0' ? g_strdup ("/proc/1/mountinfo") : g_strconcat (root, "/proc/self/mountinfo", NULL);
}

/* ---- The table that is kept up to date ---- */

static gboolean
is_same_mount (const LiveMount *one, const LiveMount *other)
{
  return one->id == other->id && one->parent_id == other->parent_id && one->major == other->major
         && one->minor == other->minor && one->read_only == other->read_only && g_str_equal (one->root, other->root)
         && g_str_equal (one->target, other->target) && g_str_equal (one->type, other->type)
         && g_str_equal (one->source, other->source) && g_str_equal (one->options, other->options);
}

static gboolean
is_same_table (GPtrArray *one, GPtrArray *other)
{
  if (one == NULL || other == NULL || one->len != other->len)
    return one == other;
  for (guint i = 0; i < one->len; i++)
    if (!is_same_mount (g_ptr_array_index (one, i), g_ptr_array_index (other, i)))
      return FALSE;
  return TRUE;
}

static void
read_in_thread (GTask *task, gpointer source, gpointer path, GCancellable *cancellable)
{
  GError *error = NULL;
  GPtrArray *table = live_mounts_read (path, &error);

  if (table != NULL)
    g_task_return_pointer (task, table, (GDestroyNotify)g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) table = g_task_propagate_pointer (G_TASK (result), &error);
  LiveMounts *self = LIVE_MOUNTS (source);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  self->reading = FALSE;
  if (error != NULL)
    g_warning ("the mounts are not known: %s", error->message);
  if (!is_same_table (self->table, table))
    {
      g_clear_pointer (&self->table, g_ptr_array_unref);
      self->table = g_steal_pointer (&table);
      g_signal_emit (self, signals[SIGNAL_CHANGED], 0);
    }
  if (self->again)
    live_mounts_refresh (self);
}

void
live_mounts_refresh (LiveMounts *self)
{
  g_autoptr (GTask) task = NULL;

  if (self->reading)
    {
      self->again = TRUE;
      return;
    }
  self->reading = TRUE;
  self->again = FALSE;
  task = g_task_new (self, self->cancellable, on_read, NULL);
  g_task_set_task_data (task, g_strdup (self->path), g_free);
  g_task_run_in_thread (task, read_in_thread);
}

static void
on_table_changed (gpointer data)
{
  live_mounts_refresh (data);
}

GPtrArray *
live_mounts_get_table (LiveMounts *self)
{
  return self->table;
}

static void
live_mounts_dispose (GObject *object)
{
  LiveMounts *self = LIVE_MOUNTS (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->watch, g_source_remove);
  G_OBJECT_CLASS (live_mounts_parent_class)->dispose (object);
}

static void
live_mounts_finalize (GObject *object)
{
  LiveMounts *self = LIVE_MOUNTS (object);

  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->table, g_ptr_array_unref);
  g_free (self->path);
  G_OBJECT_CLASS (live_mounts_parent_class)->finalize (object);
}

static void
live_mounts_class_init (LiveMountsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = live_mounts_dispose;
  G_OBJECT_CLASS (klass)->finalize = live_mounts_finalize;
  signals[SIGNAL_CHANGED]
      = g_signal_new ("changed", LIVE_TYPE_MOUNTS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
live_mounts_init (LiveMounts *self)
{
  self->cancellable = g_cancellable_new ();
}

LiveMounts *
live_mounts_new (const char *path, gboolean watch)
{
  LiveMounts *self = g_object_new (LIVE_TYPE_MOUNTS, NULL);
  g_autoptr (GError) error = NULL;

  self->path = g_strdup (path);
  /* Watched before it is read: what changes in between is read again. libmount's own monitor can only watch the table
   * of the process it runs in, which does not hear of what is mounted anew with other options outside of it. */
  if (watch)
    self->watch = live_proc_file_watch (path, on_table_changed, self, &error);
  if (error != NULL)
    g_warning ("changes of the mounts will not be seen: %s", error->message);
  g_clear_error (&error);
  self->table = live_mounts_read (path, &error);
  if (error != NULL)
    g_warning ("the mounts are not known: %s", error->message);
  return self;
}
