/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bus/view-filter.h"

#include "bus/view-answer.h"
#include "model/error.h"

/*
 * What GDBus' thread and the main thread share. It outlives the filter by what is under way; everything in it is
 * constant, or guarded by the lock, or a weak reference.
 */
typedef struct
{
  char *root;
  GMainContext *context;
  GWeakRef filter; /* LiveViewFilter */
  GMutex lock;
  GHashTable *viewers; /* unique names of those who may read; owned */
  guint64 generation;  /* grows whenever polkit's earlier answers become void */
} Shared;

struct _LiveViewFilter
{
  GObject parent_instance;

  GDBusConnection *connection;
  GDBusObjectManagerServer *manager;
  GPtrArray *root_interfaces;
  LiveAuthority *authority;
  Shared *shared;
  guint filter_id;
  GHashTable *watches; /* unique name → id of a name watch, for every viewer */
  GHashTable *waiting; /* key of a question → Question */
};

G_DEFINE_FINAL_TYPE (LiveViewFilter, live_view_filter, G_TYPE_OBJECT)

/* A call on its way from GDBus' thread to the main thread. */
typedef struct
{
  Shared *shared;
  GDBusConnection *connection;
  GDBusMessage *call;
} HeldCall;

/* What polkit is being asked, and the calls that wait for the answer. */
typedef struct
{
  LiveViewFilter *filter;
  char *key;
  char *sender;
  guint64 generation;
  GPtrArray *calls;
} Question;

static void
shared_clear (gpointer data)
{
  Shared *shared = data;

  g_free (shared->root);
  g_main_context_unref (shared->context);
  g_weak_ref_clear (&shared->filter);
  g_mutex_clear (&shared->lock);
  g_hash_table_unref (shared->viewers);
}

static void
shared_unref (gpointer data)
{
  g_atomic_rc_box_release_full (data, shared_clear);
}

static void
held_call_free (gpointer data)
{
  HeldCall *held = data;

  shared_unref (held->shared);
  g_object_unref (held->connection);
  g_object_unref (held->call);
  g_free (held);
}

static void
question_free (Question *question)
{
  g_object_unref (question->filter);
  g_free (question->key);
  g_free (question->sender);
  g_ptr_array_unref (question->calls);
  g_free (question);
}

static void
send_reply (GDBusConnection *connection, GDBusMessage *call, GDBusMessage *reply)
{
  if (g_dbus_message_get_flags (call) & G_DBUS_MESSAGE_FLAGS_NO_REPLY_EXPECTED)
    return;
  /* It fails when the connection is closed: then nobody waits for it either. */
  g_dbus_connection_send_message (connection, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
}

static void
refuse (GDBusConnection *connection, GDBusMessage *call, const GError *reason)
{
  g_autofree char *name = g_dbus_error_encode_gerror (reason);
  g_autoptr (GDBusMessage) reply = g_dbus_message_new_method_error_literal (call, name, reason->message);

  send_reply (connection, call, reply);
}

static void
forget_viewer (LiveViewFilter *self, const char *sender)
{
  g_mutex_lock (&self->shared->lock);
  g_hash_table_remove (self->shared->viewers, sender);
  g_mutex_unlock (&self->shared->lock);
}

static void
on_viewer_vanished (GDBusConnection *connection, const char *name, gpointer data)
{
  g_autoptr (LiveViewFilter) self = g_weak_ref_get (data);
  guint watch = 0;

  if (self == NULL)
    return;
  forget_viewer (self, name);
  watch = GPOINTER_TO_UINT (g_hash_table_lookup (self->watches, name));
  g_hash_table_remove (self->watches, name);
  if (watch != 0)
    g_bus_unwatch_name (watch);
}

static void
free_weak_reference (gpointer data)
{
  g_weak_ref_clear (data);
  g_free (data);
}

/* Unless polkit's answers have become void since @generation: then they have to be asked for again. */
static void
remember_viewer (LiveViewFilter *self, const char *sender, guint64 generation)
{
  gboolean valid = FALSE;

  g_mutex_lock (&self->shared->lock);
  valid = generation == self->shared->generation;
  if (valid)
    g_hash_table_add (self->shared->viewers, g_strdup (sender));
  g_mutex_unlock (&self->shared->lock);
  if (!valid)
    return;

  if (!g_hash_table_contains (self->watches, sender))
    {
      GWeakRef *reference = g_new (GWeakRef, 1);
      guint watch = 0;

      g_weak_ref_init (reference, self);
      /* A caller that is gone already is reported as vanished, too. */
      watch = g_bus_watch_name_on_connection (self->connection, sender, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL,
                                              on_viewer_vanished, reference, free_weak_reference);
      g_hash_table_insert (self->watches, g_strdup (sender), GUINT_TO_POINTER (watch));
    }
}

static guint64
get_generation (LiveViewFilter *self)
{
  guint64 generation = 0;

  g_mutex_lock (&self->shared->lock);
  generation = self->shared->generation;
  g_mutex_unlock (&self->shared->lock);
  return generation;
}

static void
on_checked (GObject *source, GAsyncResult *result, gpointer data)
{
  Question *question = data;
  LiveViewFilter *self = question->filter;
  g_autoptr (GError) error = NULL;
  gboolean authorized = live_authority_check_finish (LIVE_AUTHORITY (source), result, &error);

  g_hash_table_remove (self->waiting, question->key);
  /* An answer from before a change counts for the calls that waited for it, and for no later one. */
  if (authorized)
    remember_viewer (self, question->sender, question->generation);
  for (guint i = 0; i < question->calls->len; i++)
    {
      GDBusMessage *call = g_ptr_array_index (question->calls, i);

      if (authorized)
        {
          g_autoptr (GDBusMessage) reply = live_view_answer (call, self->manager, self->root_interfaces);

          send_reply (self->connection, call, reply);
        }
      else
        refuse (self->connection, call, error);
    }
  question_free (question);
}

/* Calls of one caller that come while polkit is asked about it wait for the same answer: a flood is one question. */
static void
ask (LiveViewFilter *self, GDBusMessage *call)
{
  const char *sender = g_dbus_message_get_sender (call);
  gboolean interactive = (g_dbus_message_get_flags (call) & G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0;
  guint64 generation = get_generation (self);
  g_autofree char *key
      = g_strdup_printf ("%" G_GUINT64_FORMAT " %d %s", generation, interactive, sender != NULL ? sender : "");
  Question *question = g_hash_table_lookup (self->waiting, key);

  if (question != NULL)
    {
      g_ptr_array_add (question->calls, g_object_ref (call));
      return;
    }
  question = g_new0 (Question, 1);
  question->filter = g_object_ref (self);
  question->key = g_steal_pointer (&key);
  question->sender = g_strdup (sender);
  question->generation = generation;
  question->calls = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (question->calls, g_object_ref (call));
  g_hash_table_insert (self->waiting, question->key, question);
  live_authority_check_async (self->authority, sender, LIVE_ACTION_VIEW, NULL, interactive, NULL, on_checked, question);
}

static gboolean
on_held_call (gpointer data)
{
  HeldCall *held = data;
  g_autoptr (LiveViewFilter) self = g_weak_ref_get (&held->shared->filter);

  if (self == NULL)
    {
      g_autoptr (GError) error
          = g_error_new_literal (LIVE_ERROR, LIVE_ERROR_CANCELLED, "The helper is ending; ask again later");

      refuse (held->connection, held->call, error);
    }
  else
    ask (self, held->call);
  return G_SOURCE_REMOVE;
}

static void
forget_all_viewers (Shared *shared)
{
  /* Their watches stay: these only tell of a caller's end, and most callers ask again. */
  g_mutex_lock (&shared->lock);
  shared->generation++;
  g_hash_table_remove_all (shared->viewers);
  g_mutex_unlock (&shared->lock);
}

/* Runs in GDBus' thread, in the order in which messages come in: a read that comes after a change of polkit's answers
 * does not profit from one that came before. */
static GDBusMessage *
filter_message (GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer data)
{
  Shared *shared = data;
  const char *sender = NULL;
  gboolean known = FALSE;
  HeldCall *held = NULL;
  g_autoptr (GSource) source = NULL;

  if (!incoming)
    return message;
  if (live_authority_is_change (message))
    {
      forget_all_viewers (shared);
      return message;
    }
  if (!live_view_is_read (message, shared->root))
    return message;

  sender = g_dbus_message_get_sender (message);
  if (sender != NULL)
    {
      g_mutex_lock (&shared->lock);
      known = g_hash_table_contains (shared->viewers, sender);
      g_mutex_unlock (&shared->lock);
    }
  if (known)
    return message;

  held = g_new0 (HeldCall, 1);
  held->shared = g_atomic_rc_box_acquire (shared);
  held->connection = g_object_ref (connection);
  held->call = message;
  /* Not g_main_context_invoke(): it would run the function here while nobody iterates the context. */
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_held_call, held, held_call_free);
  g_source_attach (source, shared->context);
  return NULL;
}

LiveViewFilter *
live_view_filter_new (GDBusConnection *connection, GDBusObjectManagerServer *manager, LiveAuthority *authority)
{
  LiveViewFilter *self = NULL;

  g_return_val_if_fail (G_IS_DBUS_CONNECTION (connection), NULL);
  g_return_val_if_fail (G_IS_DBUS_OBJECT_MANAGER_SERVER (manager), NULL);
  g_return_val_if_fail (LIVE_IS_AUTHORITY (authority), NULL);

  self = g_object_new (LIVE_TYPE_VIEW_FILTER, NULL);
  self->connection = g_object_ref (connection);
  self->manager = g_object_ref (manager);
  self->authority = g_object_ref (authority);
  self->shared->root = g_strdup (g_dbus_object_manager_get_object_path (G_DBUS_OBJECT_MANAGER (manager)));
  self->filter_id
      = g_dbus_connection_add_filter (connection, filter_message, g_atomic_rc_box_acquire (self->shared), shared_unref);
  return self;
}

void
live_view_filter_add_root_interface (LiveViewFilter *self, GDBusInterfaceSkeleton *skeleton)
{
  g_return_if_fail (LIVE_IS_VIEW_FILTER (self));
  g_return_if_fail (G_IS_DBUS_INTERFACE_SKELETON (skeleton));

  g_ptr_array_add (self->root_interfaces, g_object_ref (skeleton));
}

guint
live_view_filter_get_n_viewers (LiveViewFilter *self)
{
  g_return_val_if_fail (LIVE_IS_VIEW_FILTER (self), 0);

  return g_hash_table_size (self->watches);
}

static void
live_view_filter_dispose (GObject *object)
{
  LiveViewFilter *self = LIVE_VIEW_FILTER (object);

  if (self->filter_id != 0)
    g_dbus_connection_remove_filter (self->connection, self->filter_id);
  self->filter_id = 0;
  if (self->watches != NULL)
    {
      GHashTableIter iter;
      gpointer watch = NULL;

      g_hash_table_iter_init (&iter, self->watches);
      while (g_hash_table_iter_next (&iter, NULL, &watch))
        g_bus_unwatch_name (GPOINTER_TO_UINT (watch));
    }
  g_clear_pointer (&self->watches, g_hash_table_unref);
  /* Empty: a question under way holds a reference on the filter. */
  g_clear_pointer (&self->waiting, g_hash_table_unref);
  g_clear_pointer (&self->root_interfaces, g_ptr_array_unref);
  g_clear_object (&self->authority);
  g_clear_object (&self->manager);
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (live_view_filter_parent_class)->dispose (object);
}

static void
live_view_filter_finalize (GObject *object)
{
  LiveViewFilter *self = LIVE_VIEW_FILTER (object);

  shared_unref (self->shared);
  G_OBJECT_CLASS (live_view_filter_parent_class)->finalize (object);
}

static void
live_view_filter_class_init (LiveViewFilterClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = live_view_filter_dispose;
  G_OBJECT_CLASS (klass)->finalize = live_view_filter_finalize;
}

static void
live_view_filter_init (LiveViewFilter *self)
{
  self->shared = g_atomic_rc_box_new0 (Shared);
  self->shared->context = g_main_context_ref_thread_default ();
  g_weak_ref_init (&self->shared->filter, self);
  g_mutex_init (&self->shared->lock);
  self->shared->viewers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->root_interfaces = g_ptr_array_new_with_free_func (g_object_unref);
  self->watches = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->waiting = g_hash_table_new (g_str_hash, g_str_equal);
}
