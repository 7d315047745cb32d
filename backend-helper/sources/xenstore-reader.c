/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/xenstore-reader.h"

#include "model/error.h"
#include "model/vbd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xenstore.h>

#define SILENCE_SECONDS 10
#define WATCH_TOKEN "vbd"
#define END_TOKEN "end"
/* A domain has a handful of devices; Xen's names end at 702. */
#define MAX_VBDS 1024
/* What the main loop takes at once before others get their turn. */
#define MAX_NEWS_AT_ONCE 64

/*
 * The handle with the watch. It is closed by the thread that sleeps in it, because nobody else knows when it is out of
 * it; @lock is for the one who wants to wake that thread.
 */
typedef struct
{
  gatomicrefcount references;
  LiveXenstoreReader *reader;
  guint64 generation;
  GMutex lock;
  struct xs_handle *handle;
} Watch;

struct _LiveXenstoreReader
{
  gatomicrefcount references;
  char *socket_path;
  char *root;

  /* The main context's side. */
  GMainContext *context;
  GSource *source;
  LiveXenstoreNewsFunc callback;
  gpointer data;

  GMutex lock;
  GCond wake;
  /* Below @lock. */
  gboolean is_quitting;
  guint64 wanted;    /* generation of the connection that should be there, 0 for none */
  guint64 last;      /* generation that was given out last */
  guint64 lost;      /* generation whose watch has ended on its own */
  gint64 busy_since; /* monotonic time, 0 while nothing is asked of the store */
  gboolean is_silence_told;
  gboolean list_wanted;
  GHashTable *dirty; /* domid to what it is queued with: its ticket (guint64 *) */
  GQueue queue;      /* the keys of @dirty in the order they came */
  guint64 last_ticket;
  GQueue news;
};

typedef struct
{
  GSource source;
  LiveXenstoreReader *reader;
} NewsSource;

/* What only the reading thread has. */
typedef struct
{
  struct xs_handle *handle;
  Watch *watch;
  guint64 generation; /* of what is open, or was tried last */
  GHashTable *known;  /* domids that were last read with devices */
} Connection;

static void
free_news (LiveXenstoreNews *news)
{
  g_clear_error (&news->error);
  g_clear_pointer (&news->vbds, g_ptr_array_unref);
  g_free (news);
}

static LiveXenstoreReader *
ref_reader (LiveXenstoreReader *reader)
{
  g_atomic_ref_count_inc (&reader->references);
  return reader;
}

static void
unref_reader (LiveXenstoreReader *reader)
{
  if (!g_atomic_ref_count_dec (&reader->references))
    return;
  g_queue_clear (&reader->queue);
  g_hash_table_unref (reader->dirty);
  g_queue_clear_full (&reader->news, (GDestroyNotify)free_news);
  g_source_unref (reader->source);
  g_main_context_unref (reader->context);
  g_cond_clear (&reader->wake);
  g_mutex_clear (&reader->lock);
  g_free (reader->root);
  g_free (reader->socket_path);
  g_free (reader);
}

/* Call with the lock held. */
static void
forget_changes (LiveXenstoreReader *reader)
{
  g_queue_clear (&reader->queue);
  g_hash_table_remove_all (reader->dirty);
  reader->list_wanted = FALSE;
}

/* Call with the lock held. */
static void
mark_dirty (LiveXenstoreReader *reader, guint domid, guint64 ticket)
{
  guint64 *queued = g_hash_table_lookup (reader->dirty, GUINT_TO_POINTER (domid));

  if (queued != NULL)
    {
      *queued = MAX (*queued, ticket);
      return;
    }
  g_hash_table_insert (reader->dirty, GUINT_TO_POINTER (domid), g_memdup2 (&ticket, sizeof (ticket)));
  g_queue_push_tail (&reader->queue, GUINT_TO_POINTER (domid));
  g_cond_signal (&reader->wake);
}

/* Takes @error and @vbds. What is not of the wanted connection any more is nobody's business. */
static void
post (LiveXenstoreReader *reader,
      guint64 generation,
      LiveXenstoreNewsKind kind,
      guint domid,
      GPtrArray *vbds,
      guint64 ticket,
      GError *error)
{
  LiveXenstoreNews *news = g_new0 (LiveXenstoreNews, 1);

  news->kind = kind;
  news->domid = domid;
  news->vbds = vbds;
  news->ticket = ticket;
  news->error = error;
  g_mutex_lock (&reader->lock);
  reader->busy_since = 0;
  if (!reader->is_quitting && reader->wanted == generation)
    {
      g_queue_push_tail (&reader->news, g_steal_pointer (&news));
      g_source_set_ready_time (reader->source, 0);
    }
  g_mutex_unlock (&reader->lock);
  if (news != NULL)
    free_news (news);
}

/* Around everything that waits for the store, so that the main loop notices when it waits for too long. */
static void
set_busy (LiveXenstoreReader *reader, gboolean is_busy)
{
  g_mutex_lock (&reader->lock);
  reader->busy_since = is_busy ? g_get_monotonic_time () : 0;
  reader->is_silence_told = FALSE;
  if (!reader->is_quitting)
    {
      gint64 alarm = g_source_get_ready_time (reader->source);

      /* One that is set is not moved: when it comes too early, it looks at the clock and sets itself again. */
      if (is_busy && alarm < 0)
        g_source_set_ready_time (reader->source, reader->busy_since + SILENCE_SECONDS * G_USEC_PER_SEC);
      else if (!is_busy && alarm > 0)
        g_source_set_ready_time (reader->source, -1);
    }
  g_mutex_unlock (&reader->lock);
}

/* The watch */

static void
unref_watch (Watch *watch)
{
  if (!g_atomic_ref_count_dec (&watch->references))
    return;
  g_mutex_clear (&watch->lock);
  unref_reader (watch->reader);
  g_free (watch);
}

static void
take_event (Watch *watch, const char *path)
{
  LiveXenstoreReader *reader = watch->reader;
  gsize length = strlen (reader->root);
  guint domid = 0;
  gboolean is_domain = FALSE;

  if (strncmp (path, reader->root, length) == 0 && path[length] == '/')
    {
      const char *start = path + length + 1;
      g_autofree char *name = g_strndup (start, strcspn (start, "/"));

      /* No domain has such a name. */
      if (!live_vbd_parse_number (name, LIVE_DOMID_FIRST_RESERVED - 1, &domid))
        return;
      is_domain = TRUE;
    }
  g_mutex_lock (&reader->lock);
  if (reader->wanted == watch->generation)
    {
      if (is_domain)
        mark_dirty (reader, domid, 0);
      else
        {
          /* The directory itself, or one above it, came or went. */
          reader->list_wanted = TRUE;
          g_cond_signal (&reader->wake);
        }
    }
  g_mutex_unlock (&reader->lock);
}

static gpointer
run_watch (gpointer data)
{
  Watch *watch = data;
  struct xs_handle *handle = watch->handle;

  while (TRUE)
    {
      unsigned int n_texts = 0;
      char **texts = xs_read_watch (handle, &n_texts);
      gboolean is_ending = FALSE;

      if (texts == NULL)
        break;
      if (n_texts >= 2)
        {
          is_ending = g_str_equal (texts[XS_WATCH_TOKEN], END_TOKEN);
          if (!is_ending)
            take_event (watch, texts[XS_WATCH_PATH]);
        }
      free (texts);
      if (is_ending)
        break;
    }

  g_mutex_lock (&watch->reader->lock);
  watch->reader->lost = MAX (watch->reader->lost, watch->generation);
  g_cond_signal (&watch->reader->wake);
  g_mutex_unlock (&watch->reader->lock);

  g_mutex_lock (&watch->lock);
  watch->handle = NULL;
  g_mutex_unlock (&watch->lock);
  xs_close (handle);
  unref_watch (watch);
  return NULL;
}

/* Takes @handle, whose watch is set. */
static Watch *
start_watch (LiveXenstoreReader *reader, guint64 generation, struct xs_handle *handle)
{
  Watch *watch = g_new0 (Watch, 1);

  g_atomic_ref_count_init (&watch->references);
  g_atomic_ref_count_inc (&watch->references);
  watch->reader = ref_reader (reader);
  watch->generation = generation;
  watch->handle = handle;
  g_mutex_init (&watch->lock);
  g_thread_unref (g_thread_new ("xenstore-watch", run_watch, watch));
  return watch;
}

/* The only thing that wakes the thread on a connection in good order is an event: a new watch brings one at once. On a
 * broken connection it is awake already. */
static void
end_watch (Watch *watch, const char *root)
{
  g_mutex_lock (&watch->lock);
  if (watch->handle != NULL)
    xs_watch (watch->handle, root, END_TOKEN);
  g_mutex_unlock (&watch->lock);
  unref_watch (watch);
}

/* The reading */

/* Whether @code is what the store says about a node, not about the state of the connection. In doubt it is the
 * connection: a new one is no harm. */
static gboolean
is_answer (int code)
{
  return code == ENOENT || code == EACCES || code == EINVAL || code == EAGAIN || code == ENOSPC;
}

/* The errno of what just failed; the library does not always set one. */
static int
get_failure (void)
{
  return errno != 0 ? errno : EBADF;
}

static int
compare_vbds (gconstpointer one, gconstpointer other)
{
  guint a = (*(const LiveVbd *const *)one)->devid;
  guint b = (*(const LiveVbd *const *)other)->devid;

  return a < b ? -1 : a > b;
}

/* 0 or an errno. */
static int
read_vbd (struct xs_handle *handle,
          xs_transaction_t transaction,
          const char *directory,
          guint domid,
          guint devid,
          LiveVbd **vbd)
{
  const char *const *keys = live_vbd_get_keys ();
  g_autofree LiveVbdNode *nodes = g_new0 (LiveVbdNode, g_strv_length ((char **)keys));
  gsize n_nodes = 0;
  int code = 0;

  for (gsize i = 0; keys[i] != NULL && code == 0; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%u/%s", directory, devid, keys[i]);
      unsigned int length = 0;
      char *value = xs_read (handle, transaction, path, &length);

      if (value != NULL)
        nodes[n_nodes++] = (LiveVbdNode){ keys[i], value, length };
      else if (errno != ENOENT)
        code = get_failure ();
    }
  if (code == 0)
    *vbd = live_vbd_parse (domid, devid, nodes, n_nodes);
  for (gsize i = 0; i < n_nodes; i++)
    free ((char *)nodes[i].value);
  return code;
}

static int
read_vbds (struct xs_handle *handle, xs_transaction_t transaction, const char *directory, guint domid, GPtrArray *vbds)
{
  unsigned int n_names = 0;
  char **names = xs_directory (handle, transaction, directory, &n_names);
  int code = 0;

  if (names == NULL)
    return errno == ENOENT ? 0 : get_failure ();
  if (n_names > MAX_VBDS)
    code = EINVAL;
  for (unsigned int i = 0; i < n_names && code == 0; i++)
    {
      guint devid = 0;
      LiveVbd *vbd = NULL;

      /* What has no number is no device that can be understood, and not to be passed over either. */
      if (!live_vbd_parse_number (names[i], G_MAXINT, &devid) || devid == 0)
        vbd = live_vbd_parse (domid, 0, NULL, 0);
      else
        code = read_vbd (handle, transaction, directory, domid, devid, &vbd);
      if (vbd != NULL)
        g_ptr_array_add (vbds, vbd);
    }
  free (names);
  return code;
}

/* All of a domain at one moment: mode and device of one disk never come together with those of the next. */
static int
read_domain (struct xs_handle *handle, const char *root, guint domid, GPtrArray *vbds)
{
  g_autofree char *directory = g_strdup_printf ("%s/%u", root, domid);
  xs_transaction_t transaction = XBT_NULL;
  int code = 0;

  errno = 0;
  transaction = xs_transaction_start (handle);
  if (transaction == XBT_NULL)
    return get_failure ();
  code = read_vbds (handle, transaction, directory, domid, vbds);
  /* Nothing was written. */
  if (!xs_transaction_end (handle, transaction, true) && code == 0)
    code = get_failure ();
  return code;
}

static GError *
make_error (LiveXenstoreReader *reader, LiveError code, const char *what, int number)
{
  return g_error_new (LIVE_ERROR, code, "xenstored%s%s %s%s%s", reader->socket_path != NULL ? " at " : "",
                      reader->socket_path != NULL ? reader->socket_path : "", what, number != 0 ? ": " : "",
                      number != 0 ? g_strerror (number) : "");
}

static void
close_connection (LiveXenstoreReader *reader, Connection *connection)
{
  g_hash_table_remove_all (connection->known);
  if (connection->watch != NULL)
    end_watch (g_steal_pointer (&connection->watch), reader->root);
  if (connection->handle != NULL)
    xs_close (g_steal_pointer (&connection->handle));
}

static void
lose_connection (LiveXenstoreReader *reader, Connection *connection, GError *error)
{
  close_connection (reader, connection);
  post (reader, connection->generation, LIVE_XENSTORE_NEWS_LOST, 0, NULL, 0, error);
}

static struct xs_handle *
open_handle (LiveXenstoreReader *reader)
{
  struct stat status;

  /* libxenstore would open anything that is no socket as a device, and write to it. */
  if (reader->socket_path != NULL && (stat (reader->socket_path, &status) != 0 || !S_ISSOCK (status.st_mode)))
    {
      errno = ENOENT;
      return NULL;
    }
  return xs_open (0);
}

static void
open_connection (LiveXenstoreReader *reader, Connection *connection)
{
  struct xs_handle *watching = open_handle (reader);
  int code = errno;

  if (watching != NULL)
    {
      connection->handle = open_handle (reader);
      code = errno;
    }
  if (connection->handle == NULL)
    {
      xs_close (watching);
      lose_connection (reader, connection, make_error (reader, LIVE_ERROR_NOT_FOUND, "cannot be reached", code));
      return;
    }
  if (!xs_watch (watching, reader->root, WATCH_TOKEN))
    {
      code = errno;
      xs_close (watching);
      lose_connection (reader, connection, make_error (reader, LIVE_ERROR_FAILED, "does not set a watch", code));
      return;
    }
  connection->watch = start_watch (reader, connection->generation, watching);
  post (reader, connection->generation, LIVE_XENSTORE_NEWS_CONNECTED, 0, NULL, 0, NULL);
}

/* Every domain that there is or was. */
static void
list_domains (LiveXenstoreReader *reader, Connection *connection)
{
  unsigned int n_names = 0;
  char **names = xs_directory (connection->handle, XBT_NULL, reader->root, &n_names);
  int code = get_failure ();
  GHashTableIter iter;
  gpointer domid = NULL;

  if (names == NULL && !is_answer (code))
    {
      lose_connection (reader, connection, make_error (reader, LIVE_ERROR_FAILED, "broke the connection", code));
      return;
    }
  g_mutex_lock (&reader->lock);
  if (reader->wanted == connection->generation)
    {
      g_hash_table_iter_init (&iter, connection->known);
      while (g_hash_table_iter_next (&iter, &domid, NULL))
        mark_dirty (reader, GPOINTER_TO_UINT (domid), 0);
      for (unsigned int i = 0; names != NULL && i < n_names; i++)
        {
          guint number = 0;

          if (live_vbd_parse_number (names[i], LIVE_DOMID_FIRST_RESERVED - 1, &number))
            mark_dirty (reader, number, 0);
        }
    }
  g_mutex_unlock (&reader->lock);
  free (names);
}

static void
handle_domain (LiveXenstoreReader *reader, Connection *connection, guint domid, guint64 ticket)
{
  g_autoptr (GPtrArray) vbds = g_ptr_array_new_with_free_func ((GDestroyNotify)live_vbd_free);
  int code = read_domain (connection->handle, reader->root, domid, vbds);
  GError *error = NULL;

  if (code != 0 && !is_answer (code))
    {
      lose_connection (reader, connection, make_error (reader, LIVE_ERROR_FAILED, "broke the connection", code));
      return;
    }
  if (code != 0)
    error = make_error (reader, LIVE_ERROR_FAILED, "does not tell about a domain", code);
  if (code != 0 || vbds->len == 0)
    {
      g_hash_table_remove (connection->known, GUINT_TO_POINTER (domid));
      post (reader, connection->generation, LIVE_XENSTORE_NEWS_DOMAIN, domid, NULL, ticket, error);
      return;
    }
  g_hash_table_add (connection->known, GUINT_TO_POINTER (domid));
  g_ptr_array_sort (vbds, compare_vbds);
  post (reader, connection->generation, LIVE_XENSTORE_NEWS_DOMAIN, domid, g_steal_pointer (&vbds), ticket, NULL);
}

typedef enum
{
  WORK_QUIT,
  WORK_CLOSE,
  WORK_OPEN,
  WORK_LOSE,
  WORK_LIST,
  WORK_READ
} Work;

/* What to do next; sleeps while there is nothing. */
static Work
wait_for_work (LiveXenstoreReader *reader, Connection *connection, guint *domid, guint64 *ticket)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&reader->lock);

  while (TRUE)
    {
      gboolean is_open = connection->handle != NULL;

      if (reader->is_quitting)
        return WORK_QUIT;
      if (is_open && reader->wanted != connection->generation)
        return WORK_CLOSE;
      if (!is_open && reader->wanted != 0 && reader->wanted != connection->generation)
        {
          connection->generation = reader->wanted;
          return WORK_OPEN;
        }
      if (is_open && reader->lost == connection->generation)
        return WORK_LOSE;
      if (is_open && reader->list_wanted)
        {
          reader->list_wanted = FALSE;
          return WORK_LIST;
        }
      if (is_open && !g_queue_is_empty (&reader->queue))
        {
          gpointer key = g_queue_pop_head (&reader->queue);

          *domid = GPOINTER_TO_UINT (key);
          *ticket = *(guint64 *)g_hash_table_lookup (reader->dirty, key);
          g_hash_table_remove (reader->dirty, key);
          return WORK_READ;
        }
      g_cond_wait (&reader->wake, &reader->lock);
    }
}

static gpointer
run_reader (gpointer data)
{
  LiveXenstoreReader *reader = data;
  Connection connection = { .known = g_hash_table_new (NULL, NULL) };
  gboolean is_running = TRUE;

  while (is_running)
    {
      guint domid = 0;
      guint64 ticket = 0;
      Work work = wait_for_work (reader, &connection, &domid, &ticket);

      set_busy (reader, work == WORK_OPEN || work == WORK_LIST || work == WORK_READ);
      switch (work)
        {
        case WORK_QUIT:
          is_running = FALSE;
          break;
        case WORK_CLOSE:
          close_connection (reader, &connection);
          break;
        case WORK_OPEN:
          open_connection (reader, &connection);
          break;
        case WORK_LOSE:
          lose_connection (reader, &connection, make_error (reader, LIVE_ERROR_FAILED, "closed the connection", 0));
          break;
        case WORK_LIST:
          list_domains (reader, &connection);
          break;
        case WORK_READ:
          handle_domain (reader, &connection, domid, ticket);
          break;
        default:
          g_assert_not_reached ();
        }
      set_busy (reader, FALSE);
    }
  close_connection (reader, &connection);
  g_hash_table_unref (connection.known);
  unref_reader (reader);
  return NULL;
}

/* The main context's side */

/* Sets the alarm anew, or tells of a silence. */
static gboolean
check_silence (LiveXenstoreReader *reader)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&reader->lock);
  gint64 deadline = reader->busy_since + SILENCE_SECONDS * G_USEC_PER_SEC;

  if (reader->is_quitting)
    return FALSE;
  if (!g_queue_is_empty (&reader->news))
    g_source_set_ready_time (reader->source, 0);
  else if (reader->busy_since == 0 || reader->is_silence_told)
    g_source_set_ready_time (reader->source, -1);
  else if (g_get_monotonic_time () < deadline)
    g_source_set_ready_time (reader->source, deadline);
  else
    {
      g_source_set_ready_time (reader->source, -1);
      reader->is_silence_told = TRUE;
      return reader->wanted != 0;
    }
  return FALSE;
}

static gboolean
dispatch_news (GSource *source, GSourceFunc callback, gpointer data)
{
  LiveXenstoreReader *reader = ref_reader (((NewsSource *)source)->reader);

  for (guint i = 0; i < MAX_NEWS_AT_ONCE; i++)
    {
      LiveXenstoreNews *news = NULL;

      g_mutex_lock (&reader->lock);
      if (!reader->is_quitting)
        news = g_queue_pop_head (&reader->news);
      g_mutex_unlock (&reader->lock);
      if (news == NULL)
        break;
      reader->callback (news, reader->data);
      free_news (news);
    }
  if (check_silence (reader))
    {
      LiveXenstoreNews news = { .kind = LIVE_XENSTORE_NEWS_SILENT };

      news.error = make_error (reader, LIVE_ERROR_FAILED, "does not answer", 0);
      reader->callback (&news, reader->data);
      g_error_free (news.error);
    }
  unref_reader (reader);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs news_source_funcs = { .dispatch = dispatch_news };

LiveXenstoreReader *
live_xenstore_reader_new (const char *socket_path, const char *root, LiveXenstoreNewsFunc callback, gpointer data)
{
  LiveXenstoreReader *reader = g_new0 (LiveXenstoreReader, 1);

  g_atomic_ref_count_init (&reader->references);
  reader->socket_path = g_strdup (socket_path);
  reader->root = g_strdup (root);
  reader->callback = callback;
  reader->data = data;
  reader->dirty = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  g_queue_init (&reader->queue);
  g_queue_init (&reader->news);
  g_mutex_init (&reader->lock);
  g_cond_init (&reader->wake);

  reader->context = g_main_context_ref_thread_default ();
  reader->source = g_source_new (&news_source_funcs, sizeof (NewsSource));
  ((NewsSource *)reader->source)->reader = reader;
  g_source_set_static_name (reader->source, "xenstore");
  g_source_attach (reader->source, reader->context);

  g_thread_unref (g_thread_new ("xenstore", run_reader, ref_reader (reader)));
  return reader;
}

void
live_xenstore_reader_free (LiveXenstoreReader *reader)
{
  g_mutex_lock (&reader->lock);
  reader->is_quitting = TRUE;
  reader->wanted = 0;
  g_source_destroy (reader->source);
  g_cond_signal (&reader->wake);
  g_mutex_unlock (&reader->lock);
  unref_reader (reader);
}

static void
want (LiveXenstoreReader *reader, guint64 generation)
{
  reader->wanted = generation;
  forget_changes (reader);
  g_queue_clear_full (&reader->news, (GDestroyNotify)free_news);
  g_cond_signal (&reader->wake);
}

void
live_xenstore_reader_open (LiveXenstoreReader *reader)
{
  g_mutex_lock (&reader->lock);
  want (reader, ++reader->last);
  g_mutex_unlock (&reader->lock);
}

void
live_xenstore_reader_close (LiveXenstoreReader *reader)
{
  g_mutex_lock (&reader->lock);
  want (reader, 0);
  g_mutex_unlock (&reader->lock);
}

guint64
live_xenstore_reader_request (LiveXenstoreReader *reader, guint domid)
{
  guint64 ticket = 0;

  g_mutex_lock (&reader->lock);
  ticket = ++reader->last_ticket;
  mark_dirty (reader, domid, ticket);
  g_mutex_unlock (&reader->lock);
  return ticket;
}
