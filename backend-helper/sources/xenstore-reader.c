/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/xenstore-reader.h"

#include "model/error.h"
#include "model/vbd.h"
#include "sources/xenstore-changes.h"
#include "sources/xenstore-vbds.h"
#include "sources/xenstore-watch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <xenstore.h>

#define SILENCE_SECONDS 10
/* What the main loop takes at once before others get their turn. */
#define MAX_NEWS_AT_ONCE 64

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
  LiveXenstoreChanges *changes;
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
  LiveXenstoreWatch *watch;
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
  live_xenstore_changes_free (reader->changes);
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
mark_dirty (LiveXenstoreReader *reader, guint domid, guint64 ticket)
{
  live_xenstore_changes_add (reader->changes, domid, ticket);
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

/* FALSE for a path below @root that is of no domain. */
static gboolean
parse_path (const char *root, const char *path, gboolean *is_domain, guint *domid)
{
  gsize length = strlen (root);
  g_autofree char *name = NULL;

  *is_domain = strncmp (path, root, length) == 0 && path[length] == '/';
  if (!*is_domain)
    return TRUE;
  name = g_strndup (path + length + 1, strcspn (path + length + 1, "/"));
  return live_vbd_parse_number (name, LIVE_DOMID_FIRST_RESERVED - 1, domid);
}

/* In the thread of the watch. */
static void
on_event (guint64 generation, const char *path, gpointer data)
{
  LiveXenstoreReader *reader = data;
  guint domid = 0;
  gboolean is_domain = FALSE;

  /* No domain has a name that is no number. */
  if (path != NULL && !parse_path (reader->root, path, &is_domain, &domid))
    return;
  g_mutex_lock (&reader->lock);
  if (path == NULL)
    {
      reader->lost = MAX (reader->lost, generation);
      g_cond_signal (&reader->wake);
    }
  else if (reader->wanted == generation && is_domain)
    mark_dirty (reader, domid, 0);
  else if (reader->wanted == generation)
    {
      /* The directory itself, or one above it, came or went. */
      reader->list_wanted = TRUE;
      g_cond_signal (&reader->wake);
    }
  g_mutex_unlock (&reader->lock);
}

/* The reading */

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
    live_xenstore_watch_end (g_steal_pointer (&connection->watch));
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
  connection->watch = live_xenstore_watch_new (watching, reader->root, connection->generation, on_event,
                                               ref_reader (reader), (GDestroyNotify)unref_reader);
  if (connection->watch == NULL)
    {
      code = errno;
      lose_connection (reader, connection, make_error (reader, LIVE_ERROR_FAILED, "does not set a watch", code));
      return;
    }
  post (reader, connection->generation, LIVE_XENSTORE_NEWS_CONNECTED, 0, NULL, 0, NULL);
}

/* Every domain that there is or was. */
static void
list_domains (LiveXenstoreReader *reader, Connection *connection)
{
  unsigned int n_names = 0;
  char **names = xs_directory (connection->handle, XBT_NULL, reader->root, &n_names);
  int code = live_xenstore_get_failure ();
  GHashTableIter iter;
  gpointer domid = NULL;

  if (names == NULL && !live_xenstore_is_answer (code))
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
  int code = live_xenstore_read_domain (connection->handle, reader->root, domid, vbds);
  GError *error = NULL;

  if (code != 0 && !live_xenstore_is_answer (code))
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
      if (is_open && live_xenstore_changes_take (reader->changes, domid, ticket))
        return WORK_READ;
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
  reader->changes = live_xenstore_changes_new ();
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
  live_xenstore_changes_clear (reader->changes);
  reader->list_wanted = FALSE;
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
