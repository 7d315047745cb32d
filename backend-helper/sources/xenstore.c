/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/xenstore.h"

#include "model/error.h"
#include "sources/xenstore-reader.h"

#include <signal.h>

#define PAUSE_FIRST_MILLISECONDS 100
#define PAUSE_MAX_MILLISECONDS (300 * 1000)

enum
{
  SIGNAL_CONNECTED,
  SIGNAL_DISCONNECTED,
  SIGNAL_DOMAIN_CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

struct _LiveXenstore
{
  GObject parent_instance;

  char *socket_path;
  char *root;
  GMainContext *context;
  LiveXenstoreReader *reader;
  gboolean is_started;
  gboolean is_connected;
  GHashTable *vbds;     /* domid to its list, which is never changed */
  GPtrArray *refreshes; /* of GTask, in the order they came */

  /* Between two connections. */
  GSource *retry;
  guint pause; /* milliseconds until the attempt after the next one fails */
  gboolean is_loss_told;
};

G_DEFINE_TYPE (LiveXenstore, live_xenstore, G_TYPE_OBJECT)

/* What a refresh waits for. */
typedef struct
{
  guint domid;
  guint64 ticket;
} Refresh;

void
live_xenstore_prepare_process (const char *socket_path)
{
  g_unsetenv ("XENSTORED_RUNDIR");
  if (socket_path != NULL)
    g_setenv ("XENSTORED_PATH", socket_path, TRUE);
  else
    g_unsetenv ("XENSTORED_PATH");
  /* Two threads that each save the handling, change it and restore it can end with any of them. */
  signal (SIGPIPE, SIG_IGN);
}

static void
clear_retry (LiveXenstore *self)
{
  if (self->retry != NULL)
    {
      g_source_destroy (self->retry);
      g_clear_pointer (&self->retry, g_source_unref);
    }
}

static gboolean
try_to_connect (gpointer data)
{
  LiveXenstore *self = data;

  clear_retry (self);
  live_xenstore_reader_open (self->reader);
  return G_SOURCE_REMOVE;
}

static void
retry_after (LiveXenstore *self, guint milliseconds)
{
  clear_retry (self);
  self->retry = g_timeout_source_new (milliseconds);
  g_source_set_callback (self->retry, try_to_connect, self, NULL);
  g_source_set_static_name (self->retry, "xenstore: next attempt");
  g_source_attach (self->retry, self->context);
}

/* All refreshes fail with a copy of @error. */
static void
fail_refreshes (LiveXenstore *self, const GError *error)
{
  g_autoptr (GPtrArray) refreshes = g_steal_pointer (&self->refreshes);

  /* Their callbacks may come with new ones. */
  self->refreshes = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < refreshes->len; i++)
    g_task_return_error (g_ptr_array_index (refreshes, i), g_error_copy (error));
}

/* No reading can be waited for any more: arrange the next attempt, then tell. */
static void
lose_store (LiveXenstore *self, const GError *reason)
{
  guint pause = self->pause;

  live_xenstore_reader_close (self->reader);
  self->is_connected = FALSE;
  g_hash_table_remove_all (self->vbds);
  self->pause = MIN (self->pause * 2, PAUSE_MAX_MILLISECONDS);
  retry_after (self, pause + (guint)g_random_int_range (0, (gint32)(pause / 10 + 1)));
  if (!self->is_loss_told)
    {
      self->is_loss_told = TRUE;
      g_signal_emit (self, signals[SIGNAL_DISCONNECTED], 0, reason);
    }
  else
    g_debug ("Still no xenstore: %s", reason->message);
  fail_refreshes (self, reason);
}

static void
finish_refreshes (LiveXenstore *self, const LiveXenstoreNews *news)
{
  g_autoptr (GPtrArray) finished = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->refreshes->len;)
    {
      GTask *task = g_ptr_array_index (self->refreshes, i);
      const Refresh *refresh = g_task_get_task_data (task);

      if (refresh->domid == news->domid && refresh->ticket <= news->ticket)
        g_ptr_array_add (finished, g_ptr_array_steal_index (self->refreshes, i));
      else
        i++;
    }
  for (guint i = 0; i < finished->len; i++)
    {
      if (news->error != NULL)
        g_task_return_error (g_ptr_array_index (finished, i), g_error_copy (news->error));
      else
        g_task_return_boolean (g_ptr_array_index (finished, i), TRUE);
    }
}

static void
take_domain (LiveXenstore *self, const LiveXenstoreNews *news)
{
  gpointer key = GUINT_TO_POINTER (news->domid);

  if (news->error != NULL)
    g_debug ("Domain %u: %s", news->domid, news->error->message);
  if (!live_vbds_equal (g_hash_table_lookup (self->vbds, key), news->vbds))
    {
      if (news->vbds != NULL)
        g_hash_table_insert (self->vbds, key, g_ptr_array_ref (news->vbds));
      else
        g_hash_table_remove (self->vbds, key);
      g_signal_emit (self, signals[SIGNAL_DOMAIN_CHANGED], 0, news->domid);
    }
  finish_refreshes (self, news);
}

static void
on_news (const LiveXenstoreNews *news, gpointer data)
{
  g_autoptr (LiveXenstore) self = g_object_ref (data);

  switch (news->kind)
    {
    case LIVE_XENSTORE_NEWS_CONNECTED:
      self->is_connected = TRUE;
      self->is_loss_told = FALSE;
      self->pause = PAUSE_FIRST_MILLISECONDS;
      g_signal_emit (self, signals[SIGNAL_CONNECTED], 0);
      break;
    case LIVE_XENSTORE_NEWS_LOST:
    case LIVE_XENSTORE_NEWS_SILENT:
      lose_store (self, news->error);
      break;
    case LIVE_XENSTORE_NEWS_DOMAIN:
      take_domain (self, news);
      break;
    default:
      g_assert_not_reached ();
    }
}

LiveXenstore *
live_xenstore_new (const char *socket_path, const char *root)
{
  LiveXenstore *self = g_object_new (LIVE_TYPE_XENSTORE, NULL);

  self->socket_path = g_strdup (socket_path);
  self->root = g_strdup (root != NULL ? root : LIVE_XENSTORE_ROOT);
  return self;
}

void
live_xenstore_start (LiveXenstore *self)
{
  g_return_if_fail (LIVE_IS_XENSTORE (self));

  if (self->is_started)
    return;
  self->is_started = TRUE;
  self->is_loss_told = FALSE;
  self->pause = PAUSE_FIRST_MILLISECONDS;
  if (self->reader == NULL)
    self->reader = live_xenstore_reader_new (self->socket_path, self->root, on_news, self);
  live_xenstore_reader_open (self->reader);
}

void
live_xenstore_stop (LiveXenstore *self)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (LIVE_IS_XENSTORE (self));

  self->is_started = FALSE;
  self->is_connected = FALSE;
  clear_retry (self);
  if (self->reader != NULL)
    live_xenstore_reader_close (self->reader);
  g_hash_table_remove_all (self->vbds);
  error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "Nobody follows xenstore any more.");
  fail_refreshes (self, error);
}

/* Keeps the length of the pauses. */
static void
try_now (LiveXenstore *self)
{
  if (self->retry != NULL)
    retry_after (self, 0);
}

void
live_xenstore_retry_now (LiveXenstore *self)
{
  g_return_if_fail (LIVE_IS_XENSTORE (self));

  if (self->retry != NULL)
    self->pause = PAUSE_FIRST_MILLISECONDS;
  try_now (self);
}

gboolean
live_xenstore_get_connected (LiveXenstore *self)
{
  g_return_val_if_fail (LIVE_IS_XENSTORE (self), FALSE);

  return self->is_connected;
}

GPtrArray *
live_xenstore_get_vbds (LiveXenstore *self, guint domid)
{
  GPtrArray *vbds = NULL;

  g_return_val_if_fail (LIVE_IS_XENSTORE (self), NULL);

  vbds = g_hash_table_lookup (self->vbds, GUINT_TO_POINTER (domid));
  return vbds != NULL ? g_ptr_array_ref (vbds) : NULL;
}

void
live_xenstore_refresh_async (
    LiveXenstore *self, guint domid, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = NULL;
  Refresh *refresh = NULL;

  g_return_if_fail (LIVE_IS_XENSTORE (self));

  task = g_task_new (self, cancellable, callback, data);
  g_task_set_name (task, "xenstore: refresh");
  if (domid >= LIVE_DOMID_FIRST_RESERVED)
    {
      g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "There is no domain %u.", domid);
      return;
    }
  if (!self->is_connected)
    {
      try_now (self);
      g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "There is no connection to xenstored.");
      return;
    }
  refresh = g_new0 (Refresh, 1);
  refresh->domid = domid;
  refresh->ticket = live_xenstore_reader_request (self->reader, domid);
  g_task_set_task_data (task, refresh, g_free);
  g_ptr_array_add (self->refreshes, g_steal_pointer (&task));
}

gboolean
live_xenstore_refresh_finish (LiveXenstore *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
live_xenstore_dispose (GObject *object)
{
  LiveXenstore *self = LIVE_XENSTORE (object);

  live_xenstore_stop (self);
  g_clear_pointer (&self->reader, live_xenstore_reader_free);
  G_OBJECT_CLASS (live_xenstore_parent_class)->dispose (object);
}

static void
live_xenstore_finalize (GObject *object)
{
  LiveXenstore *self = LIVE_XENSTORE (object);

  g_ptr_array_unref (self->refreshes);
  g_hash_table_unref (self->vbds);
  g_main_context_unref (self->context);
  g_free (self->root);
  g_free (self->socket_path);
  G_OBJECT_CLASS (live_xenstore_parent_class)->finalize (object);
}

static void
live_xenstore_class_init (LiveXenstoreClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = live_xenstore_dispose;
  G_OBJECT_CLASS (klass)->finalize = live_xenstore_finalize;

  signals[SIGNAL_CONNECTED]
      = g_signal_new ("connected", LIVE_TYPE_XENSTORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_DISCONNECTED] = g_signal_new ("disconnected", LIVE_TYPE_XENSTORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                               NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
  signals[SIGNAL_DOMAIN_CHANGED] = g_signal_new ("domain-changed", LIVE_TYPE_XENSTORE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                                 NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
live_xenstore_init (LiveXenstore *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->vbds = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)g_ptr_array_unref);
  self->refreshes = g_ptr_array_new_with_free_func (g_object_unref);
}
