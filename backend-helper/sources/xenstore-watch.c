/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/xenstore-watch.h"

#include "sources/xenstore-vbds.h"

#include <errno.h>
#include <stdlib.h>

#define TOKEN "vbd"
#define END_TOKEN "end"

struct _LiveXenstoreWatch
{
  gatomicrefcount references;
  char *root;
  guint64 generation;
  LiveXenstoreWatchFunc callback;
  gpointer data;
  GDestroyNotify destroy;

  /* The thread closes the handle, because nobody else knows when it is out of it; the lock is for the one who wants to
   * wake it. */
  GMutex lock;
  struct xs_handle *handle;
};

static void
unref_watch (LiveXenstoreWatch *watch)
{
  if (!g_atomic_ref_count_dec (&watch->references))
    return;
  g_mutex_clear (&watch->lock);
  watch->destroy (watch->data);
  g_free (watch->root);
  g_free (watch);
}

static gpointer
run_watch (gpointer data)
{
  LiveXenstoreWatch *watch = data;
  struct xs_handle *handle = watch->handle;
  gboolean is_ending = FALSE;

  while (!is_ending)
    {
      unsigned int n_texts = 0;
      char **texts = xs_read_watch (handle, &n_texts);

      if (texts == NULL)
        break;
      /* What is no event of a path and a token is none. */
      if (n_texts >= 2)
        {
          is_ending = g_str_equal (texts[XS_WATCH_TOKEN], END_TOKEN);
          if (!is_ending)
            watch->callback (watch->generation, texts[XS_WATCH_PATH], watch->data);
        }
      free (texts);
    }
  watch->callback (watch->generation, NULL, watch->data);

  g_mutex_lock (&watch->lock);
  watch->handle = NULL;
  g_mutex_unlock (&watch->lock);
  xs_close (handle);
  unref_watch (watch);
  return NULL;
}

LiveXenstoreWatch *
live_xenstore_watch_new (struct xs_handle *handle,
                         const char *root,
                         guint64 generation,
                         LiveXenstoreWatchFunc callback,
                         gpointer data,
                         GDestroyNotify destroy)
{
  LiveXenstoreWatch *watch = NULL;

  if (!xs_watch (handle, root, TOKEN))
    {
      int code = live_xenstore_get_failure ();

      xs_close (handle);
      destroy (data);
      errno = code;
      return NULL;
    }
  watch = g_new0 (LiveXenstoreWatch, 1);
  g_atomic_ref_count_init (&watch->references);
  g_atomic_ref_count_inc (&watch->references);
  watch->root = g_strdup (root);
  watch->generation = generation;
  watch->callback = callback;
  watch->data = data;
  watch->destroy = destroy;
  watch->handle = handle;
  g_mutex_init (&watch->lock);
  g_thread_unref (g_thread_new ("xenstore-watch", run_watch, watch));
  return watch;
}

void
live_xenstore_watch_end (LiveXenstoreWatch *watch)
{
  g_mutex_lock (&watch->lock);
  /* The only thing that wakes the thread on a connection in good order is an event, and a new watch brings one at once.
   * On a broken connection it is awake already. */
  if (watch->handle != NULL)
    xs_watch (watch->handle, watch->root, END_TOKEN);
  g_mutex_unlock (&watch->lock);
  unref_watch (watch);
}
