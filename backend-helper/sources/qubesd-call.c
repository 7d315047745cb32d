/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/qubesd-call.h"

#include "model/error.h"
#include "sources/qubesd-wire.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* The largest honest answer is a property.GetAll or a List of thousands of qubes: well below one megabyte. */
#define ANSWER_MAX (16 * 1024 * 1024)
/* What one call may read before the main loop gets its turn again. */
#define READ_AT_ONCE (256 * 1024)
#define BUSY_PAUSE_MICROSECONDS (10 * 1000)

typedef struct
{
  GTask *task; /* owns everything else by keeping the client alive */
  GList link;  /* in one of the client's queues */
  char *method;
  char *destination;
  GBytes *request;
  guint timeout_seconds;
  gulong cancelled_handler;
  gboolean is_read;

  /* From the moment it is under way. */
  gboolean is_under_way;
  gboolean is_ready;
  int descriptor;
  gint64 deadline;
  gint64 wake_at; /* the deadline, or the next attempt to connect */
  gsize written;
  GByteArray *answer;

  GError *error; /* of a call in the queue `failed` */
} Call;

struct _LiveQubesdClient
{
  GObject parent_instance;

  char *socket_path;
  GMainContext *context;
  guint requests_sent;

  GQueue changes;   /* waiting, first class */
  GQueue reads;     /* waiting, second class */
  GQueue under_way; /* at most LIVE_QUBESD_CALLS_AT_ONCE */
  GQueue failed;    /* waiting for the main context to tell their callers */
  GSource *failed_source;

  /* One source watches all connections through an epoll descriptor. A source per call would cost two writes to the
   * main context's eventfd, and a turn of the loop for nothing, for every descriptor that comes and goes: half as
   * much again as the system calls of the request itself. */
  GSource *source;
  int epoll;
  gint64 wake_at; /* earliest of the calls under way, or earlier; -1 when there is none */
};

G_DEFINE_TYPE (LiveQubesdClient, live_qubesd_client, G_TYPE_OBJECT)

typedef struct
{
  GSource source;
  LiveQubesdClient *client;
} ClientSource;

static void start_waiting_calls (LiveQubesdClient *self);

static LiveQubesdClient *
call_get_client (Call *call)
{
  return g_task_get_source_object (call->task);
}

static void
call_disconnect (Call *call)
{
  if (call->descriptor >= 0)
    {
      /* Not left to close(): a child that is being spawned may hold the connection open for a moment longer. */
      epoll_ctl (call_get_client (call)->epoll, EPOLL_CTL_DEL, call->descriptor, NULL);
      close (call->descriptor);
      call->descriptor = -1;
    }
  if (call->cancelled_handler != 0)
    {
      g_signal_handler_disconnect (g_task_get_cancellable (call->task), call->cancelled_handler);
      call->cancelled_handler = 0;
    }
}

static void
call_free (Call *call)
{
  call_disconnect (call);
  g_clear_object (&call->task);
  g_free (call->method);
  g_free (call->destination);
  g_clear_pointer (&call->request, g_bytes_unref);
  g_clear_pointer (&call->answer, g_byte_array_unref);
  g_clear_error (&call->error);
  g_free (call);
}

static GQueue *
call_get_queue (Call *call)
{
  LiveQubesdClient *self = call_get_client (call);

  if (call->is_under_way)
    return &self->under_way;
  return call->is_read ? &self->reads : &self->changes;
}

static gboolean
tell_failed (gpointer data)
{
  LiveQubesdClient *self = data;
  GQueue failed = G_QUEUE_INIT;
  GList *link = NULL;

  g_clear_pointer (&self->failed_source, g_source_unref);
  /* Callers may add to the queue, and may drop the client: keep it until the last one was told. */
  g_object_ref (self);
  failed = self->failed;
  g_queue_init (&self->failed);
  start_waiting_calls (self);
  while ((link = g_queue_pop_head_link (&failed)) != NULL)
    {
      Call *call = link->data;

      g_task_return_error (call->task, g_steal_pointer (&call->error));
      call_free (call);
    }
  g_object_unref (self);
  return G_SOURCE_REMOVE;
}

/* Ends a call that is in no queue, from a place where its caller must not be called: its own call_async(), a signal
 * of its cancellable, the start of another call. */
static void
call_fail_later (Call *call, GError *error)
{
  LiveQubesdClient *self = call_get_client (call);

  call_disconnect (call);
  call->error = error;
  g_queue_push_tail_link (&self->failed, &call->link);
  if (self->failed_source == NULL)
    {
      self->failed_source = g_idle_source_new ();
      g_source_set_priority (self->failed_source, G_PRIORITY_DEFAULT);
      g_source_set_callback (self->failed_source, tell_failed, self, NULL);
      g_source_attach (self->failed_source, self->context);
    }
}

static GError *
call_new_cancelled_error (const char *method, const char *destination)
{
  return g_error_new (LIVE_ERROR, LIVE_ERROR_CANCELLED, "%s to %s was taken back", method, destination);
}

static void
on_cancelled (GCancellable *cancellable, Call *call)
{
  /* A call under way frees its place, but nobody takes it before tell_failed(): one cancellable often ends many
   * calls, and the next in the queue would only be sent to be cancelled as well. */
  g_queue_unlink (call_get_queue (call), &call->link);
  call_fail_later (call, call_new_cancelled_error (call->method, call->destination));
}

/* Sends what is left. FALSE: not everything is gone yet. */
static gboolean
call_write (Call *call)
{
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (call->request, &length);

  while (call->written < length)
    {
      gssize n = send (call->descriptor, data + call->written, length - call->written, MSG_NOSIGNAL);

      if (n >= 0)
        call->written += (gsize)n;
      else if (errno == EAGAIN)
        return FALSE;
      else if (errno != EINTR)
        /* qubesd closed its end before it had everything: it may have said why. */
        break;
    }
  call->written = length;
  g_clear_pointer (&call->request, g_bytes_unref);
  /* qubesd answers nothing before the half-close. */
  shutdown (call->descriptor, SHUT_WR);
  return TRUE;
}

/* Wakes up at @wake_at or before. */
static void
wake_at (LiveQubesdClient *self, gint64 time)
{
  if (time == self->wake_at || (self->wake_at >= 0 && time > self->wake_at))
    return;
  self->wake_at = time;
  g_source_set_ready_time (self->source, time);
}

static gboolean
call_watch (Call *call, int operation, guint32 events, GError **error)
{
  struct epoll_event event = { .events = events, .data.ptr = call };

  if (epoll_ctl (call_get_client (call)->epoll, operation, call->descriptor, &event) == 0)
    return TRUE;
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_FAILED, "Cannot watch the connection to qubesd: %s", g_strerror (errno));
  return FALSE;
}

/* TRUE: the call is at its end, with *error set. */
static gboolean
call_connect (Call *call, GError **error)
{
  LiveQubesdClient *self = call_get_client (call);
  gboolean busy = FALSE;

  call->descriptor = live_qubesd_socket_open (self->socket_path, &busy, error);
  if (call->descriptor < 0)
    {
      call->wake_at = MIN (g_get_monotonic_time () + BUSY_PAUSE_MICROSECONDS, call->deadline);
      wake_at (self, call->wake_at);
      return !busy;
    }
  self->requests_sent++;
  call->wake_at = call->deadline;
  wake_at (self, call->wake_at);
  return !call_watch (call, EPOLL_CTL_ADD, call_write (call) ? EPOLLIN : EPOLLOUT, error);
}

/* Goes on with a call whose connection is ready. TRUE: it is at its end, with the answer complete or *error set. */
static gboolean
call_advance (Call *call, GError **error)
{
  gsize read_now = 0;

  if (call->request != NULL)
    return call_write (call) && !call_watch (call, EPOLL_CTL_MOD, EPOLLIN, error);

  while (read_now < READ_AT_ONCE)
    {
      guint8 chunk[16 * 1024];
      gssize n = recv (call->descriptor, chunk, sizeof (chunk), 0);

      if (n == 0)
        return TRUE;
      if (n > 0)
        {
          if (call->answer->len + (gsize)n > ANSWER_MAX)
            {
              g_set_error (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL, "The answer to %s to %s is longer than %d bytes",
                           call->method, call->destination, ANSWER_MAX);
              return TRUE;
            }
          g_byte_array_append (call->answer, chunk, (guint)n);
          read_now += (gsize)n;
        }
      else if (errno == EAGAIN)
        return FALSE;
      else if (errno != EINTR)
        {
          /* qubesd aborts the connection, with what we sent unread, when it dislikes the frame. */
          if (call->answer->len > 0)
            g_set_error (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL, "The answer to %s to %s was cut off: %s", call->method,
                         call->destination, g_strerror (errno));
          return TRUE;
        }
    }
  return FALSE;
}

static void
call_finish (Call *call, GError *error)
{
  g_autoptr (LiveQubesdClient) self = g_object_ref (call_get_client (call));
  g_autoptr (GBytes) answer = NULL;
  GBytes *data = NULL;

  call_disconnect (call);
  g_queue_unlink (&self->under_way, &call->link);
  /* qubesd shall not idle while the caller thinks about the answer. */
  start_waiting_calls (self);

  if (error == NULL)
    {
      answer = g_byte_array_free_to_bytes (g_steal_pointer (&call->answer));
      data = live_qubesd_answer_open (answer, call->method, call->destination, &error);
    }
  if (error != NULL)
    g_task_return_error (call->task, error);
  else
    g_task_return_pointer (call->task, data, (GDestroyNotify)g_bytes_unref);
  call_free (call);
}

/* The callers of finished calls do what they like with the others, so each search begins anew. */
static Call *
find_ready (LiveQubesdClient *self)
{
  for (GList *link = self->under_way.head; link != NULL; link = link->next)
    {
      if (((Call *)link->data)->is_ready)
        return link->data;
    }
  return NULL;
}

static Call *
find_due (LiveQubesdClient *self, gint64 now)
{
  for (GList *link = self->under_way.head; link != NULL; link = link->next)
    {
      if (((Call *)link->data)->wake_at <= now)
        return link->data;
    }
  return NULL;
}

static void
dispatch_ready (LiveQubesdClient *self)
{
  struct epoll_event events[LIVE_QUBESD_CALLS_AT_ONCE];
  int n_events = epoll_wait (self->epoll, events, G_N_ELEMENTS (events), 0);
  Call *call = NULL;

  for (int i = 0; i < n_events; i++)
    ((Call *)events[i].data.ptr)->is_ready = TRUE;
  while ((call = find_ready (self)) != NULL)
    {
      GError *error = NULL;

      call->is_ready = FALSE;
      if (call_advance (call, &error))
        call_finish (call, error);
    }
}

static void
dispatch_due (LiveQubesdClient *self, gint64 now)
{
  Call *call = NULL;

  while ((call = find_due (self, now)) != NULL)
    {
      GError *error = NULL;

      if (call->deadline > now)
        {
          if (call_connect (call, &error))
            call_finish (call, error);
          continue;
        }
      error = g_error_new (LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE,
                           "qubesd at %s did not answer %s to %s within %u seconds; see “systemctl status qubesd”",
                           self->socket_path, call->method, call->destination, call->timeout_seconds);
      call_finish (call, error);
    }
  self->wake_at = -1;
  g_source_set_ready_time (self->source, -1);
  for (GList *link = self->under_way.head; link != NULL; link = link->next)
    wake_at (self, ((Call *)link->data)->wake_at);
}

static gboolean
dispatch_client (GSource *source, GSourceFunc callback, gpointer data)
{
  g_autoptr (LiveQubesdClient) self = g_object_ref (((ClientSource *)source)->client);
  gint64 now = 0;

  /* First what is there: a main loop that was busy for long must not count as a silent qubesd. */
  dispatch_ready (self);
  now = g_get_monotonic_time ();
  if (self->wake_at >= 0 && self->wake_at <= now)
    dispatch_due (self, now);
  return G_SOURCE_CONTINUE;
}

static GSourceFuncs client_source_funcs = { .dispatch = dispatch_client };

static gboolean
ensure_source (LiveQubesdClient *self, GError **error)
{
  if (self->source != NULL)
    return TRUE;
  self->epoll = epoll_create1 (EPOLL_CLOEXEC);
  if (self->epoll < 0)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_FAILED, "Cannot watch connections to qubesd: %s", g_strerror (errno));
      return FALSE;
    }
  self->source = g_source_new (&client_source_funcs, sizeof (ClientSource));
  ((ClientSource *)self->source)->client = self;
  g_source_set_static_name (self->source, "qubesd calls");
  /* A caller may run the main loop until another call is done; and GLib removes and adds the descriptor of a source
   * that may not recurse around each dispatch. */
  g_source_set_can_recurse (self->source, TRUE);
  g_source_add_unix_fd (self->source, self->epoll, G_IO_IN);
  g_source_attach (self->source, self->context);
  return TRUE;
}

static void
call_start (Call *call)
{
  LiveQubesdClient *self = call_get_client (call);
  GError *error = NULL;

  call->is_under_way = TRUE;
  call->deadline = g_get_monotonic_time () + (gint64)call->timeout_seconds * G_USEC_PER_SEC;
  call->answer = g_byte_array_new ();
  if (!ensure_source (self, &error) || call_connect (call, &error))
    call_fail_later (call, error);
  else
    g_queue_push_tail_link (&self->under_way, &call->link);
}

static void
start_waiting_calls (LiveQubesdClient *self)
{
  while (self->under_way.length < LIVE_QUBESD_CALLS_AT_ONCE)
    {
      GList *link = g_queue_pop_head_link (&self->changes);

      if (link == NULL)
        link = g_queue_pop_head_link (&self->reads);
      if (link == NULL)
        break;
      call_start (link->data);
    }
  /* Nothing to wake up for. */
  if (self->under_way.length == 0 && self->wake_at >= 0)
    {
      self->wake_at = -1;
      g_source_set_ready_time (self->source, -1);
    }
}

/* What the last part of a method's name says. Unknown ones count as changes: better too early than too late. */
static gboolean
method_is_read (const char *method)
{
  static const char *const reads[]
      = { "List",         "Info",         "Get",   "GetAll",        "GetDefault", "ListDrivers",
          "UsageDetails", "CurrentState", "Stats", "ListSnapshots", NULL };
  const char *dot = strrchr (method, '.');
  const char *last = dot != NULL ? dot + 1 : method;

  return g_strv_contains (reads, last) || g_str_has_prefix (last, "CheckWith");
}

LiveQubesdClient *
live_qubesd_client_new (const char *socket_path)
{
  LiveQubesdClient *self = NULL;

  g_return_val_if_fail (socket_path != NULL, NULL);

  self = g_object_new (LIVE_TYPE_QUBESD_CLIENT, NULL);
  self->socket_path = g_strdup (socket_path);
  return self;
}

void
live_qubesd_client_call_async (LiveQubesdClient *self,
                               const char *method,
                               const char *argument,
                               const char *destination,
                               GBytes *payload,
                               guint timeout_seconds,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer data)
{
  Call *call = NULL;
  GError *error = NULL;

  g_return_if_fail (LIVE_IS_QUBESD_CLIENT (self));
  g_return_if_fail (method != NULL && destination != NULL);

  call = g_new0 (Call, 1);
  call->link.data = call;
  call->descriptor = -1;
  call->task = g_task_new (self, cancellable, callback, data);
  /* The error of a cancellation is one of ours: call_finish() gives it. */
  g_task_set_check_cancellable (call->task, FALSE);
  call->method = g_strdup (method);
  call->destination = g_strdup (destination);
  call->timeout_seconds = timeout_seconds > 0 ? timeout_seconds : LIVE_QUBESD_DEFAULT_TIMEOUT_SECONDS;
  call->is_read = method_is_read (method);
  call->request = live_qubesd_request_new (method, argument, destination, payload, &error);

  if (call->request == NULL)
    {
      call_fail_later (call, error);
      return;
    }
  if (g_cancellable_is_cancelled (cancellable))
    {
      call_fail_later (call, call_new_cancelled_error (method, destination));
      return;
    }
  /* Not g_cancellable_connect(): its lock forbids to disconnect inside the handler. One thread needs no lock. */
  if (cancellable != NULL)
    call->cancelled_handler = g_signal_connect (cancellable, "cancelled", G_CALLBACK (on_cancelled), call);
  g_queue_push_tail_link (call_get_queue (call), &call->link);
  start_waiting_calls (self);
}

GBytes *
live_qubesd_client_call_finish (LiveQubesdClient *self, GAsyncResult *result, GError **error)
{
  g_autoptr (GBytes) data = NULL;
  g_autoptr (GError) local_error = NULL;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  data = g_task_propagate_pointer (G_TASK (result), &local_error);
  if (data != NULL && g_cancellable_is_cancelled (g_task_get_cancellable (G_TASK (result))))
    {
      /* Between the answer and its callback: a caller that cancelled relies on hearing nothing else. */
      g_set_error_literal (error, LIVE_ERROR, LIVE_ERROR_CANCELLED, "The call of qubesd was taken back");
      return NULL;
    }
  if (local_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  return g_steal_pointer (&data);
}

guint
live_qubesd_client_get_requests_sent (LiveQubesdClient *self)
{
  g_return_val_if_fail (LIVE_IS_QUBESD_CLIENT (self), 0);

  return self->requests_sent;
}

GBytes *
live_qubesd_payload_new (const char *text)
{
  return text != NULL ? g_bytes_new (text, strlen (text)) : NULL;
}

static void
live_qubesd_client_finalize (GObject *object)
{
  LiveQubesdClient *self = LIVE_QUBESD_CLIENT (object);

  /* Every call holds a reference, so there is none. */
  if (self->failed_source != NULL)
    {
      g_source_destroy (self->failed_source);
      g_source_unref (self->failed_source);
    }
  if (self->source != NULL)
    {
      g_source_destroy (self->source);
      g_source_unref (self->source);
      close (self->epoll);
    }
  g_main_context_unref (self->context);
  g_free (self->socket_path);
  G_OBJECT_CLASS (live_qubesd_client_parent_class)->finalize (object);
}

static void
live_qubesd_client_class_init (LiveQubesdClientClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = live_qubesd_client_finalize;
}

static void
live_qubesd_client_init (LiveQubesdClient *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->epoll = -1;
  self->wake_at = -1;
}
