/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "client/client.h"

#include "client/client-facts.h"
#include "client/client-objects.h"
#include "client/client-private.h"
#include "model/error.h"
#include "model/object-path.h"

#define OBJECT_MANAGER "org.freedesktop.DBus.ObjectManager"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define MANAGER_INTERFACE LIVE_BUS_NAME ".Manager"

/* Seconds between two attempts, doubled from the first to the last. */
#define RETRY_FIRST 1
#define RETRY_LAST 60

struct _LiveClient
{
  GObject parent_instance;

  LiveClientState state;
  GCancellable *cancellable;
  GDBusConnection *bus;
  gulong closed_handler;
  guint watch;
  char *owner;
  guint subscription;
  GCancellable *load; /* of the reading that is under way */
  guint load_replies; /* how many it still waits for */
  guint retry_timeout;
  guint retry_seconds;
  GList *waiters; /* of Waiter */

  LiveClientFacts facts;
  LiveClientObjects *objects;
};

G_DEFINE_FINAL_TYPE (LiveClient, live_client, G_TYPE_OBJECT)
G_DEFINE_QUARK (live - client - error - quark, live_client_error)

enum
{
  PROP_STATE = 1,
  N_PROPERTIES
};
static GParamSpec *properties[N_PROPERTIES];

enum
{
  MANAGER_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];
static guint object_signals[LIVE_CLIENT_N_OBJECT_KINDS][LIVE_CLIENT_N_OBJECT_CHANGES];

static void connect_bus (LiveClient *self);
static void load_objects (LiveClient *self);

/* Those who wait for the first state. */

typedef struct
{
  LiveClient *client; /* not owned: the task owns it */
  GTask *task;
  GSource *cancelled;
} Waiter;

static void
waiter_free (Waiter *waiter)
{
  if (waiter->cancelled != NULL)
    {
      g_source_destroy (waiter->cancelled);
      g_source_unref (waiter->cancelled);
    }
  g_object_unref (waiter->task);
  g_free (waiter);
}

static void
return_state (GTask *task, LiveClientState state)
{
  if (state == LIVE_CLIENT_READY)
    g_task_return_boolean (task, TRUE);
  else if (state == LIVE_CLIENT_NOT_AUTHORIZED)
    g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED,
                             "This user may not see the state of the system: polkit refused");
  else
    g_task_return_new_error (task, LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE,
                             "The helper of Qubes Live does not run: start qubes-live-helper.service");
}

static gboolean
waiter_cancelled (GCancellable *cancellable, gpointer user_data)
{
  Waiter *waiter = user_data;

  waiter->client->waiters = g_list_remove (waiter->client->waiters, waiter);
  g_task_return_new_error (waiter->task, LIVE_ERROR, LIVE_ERROR_CANCELLED, "Nobody waits for the helper any more");
  waiter_free (waiter);
  return G_SOURCE_REMOVE;
}

void
live_client_wait_ready_async (LiveClient *self,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_autoptr (GTask) task = NULL;
  Waiter *waiter = NULL;

  g_return_if_fail (LIVE_IS_CLIENT (self));

  task = g_task_new (self, NULL, callback, user_data);
  if (self->state != LIVE_CLIENT_CONNECTING)
    {
      return_state (task, self->state);
      return;
    }
  waiter = g_new0 (Waiter, 1);
  waiter->client = self;
  waiter->task = g_steal_pointer (&task);
  if (cancellable != NULL)
    {
      waiter->cancelled = g_cancellable_source_new (cancellable);
      g_source_set_callback (waiter->cancelled, G_SOURCE_FUNC (waiter_cancelled), waiter, NULL);
      g_source_attach (waiter->cancelled, g_main_context_get_thread_default ());
    }
  self->waiters = g_list_append (self->waiters, waiter);
}

gboolean
live_client_wait_ready_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);
  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
set_state (LiveClient *self, LiveClientState state)
{
  if (self->state == state)
    return;
  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  while (self->state != LIVE_CLIENT_CONNECTING && self->waiters != NULL)
    {
      Waiter *waiter = self->waiters->data;

      self->waiters = g_list_delete_link (self->waiters, self->waiters);
      return_state (waiter->task, self->state);
      waiter_free (waiter);
    }
}

/* The mirror. */

static void
object_changed (gpointer owner, LiveClientObjectKind kind, LiveClientObjectChange change, gpointer object)
{
  g_signal_emit (owner, object_signals[kind][change], 0, object);
}

/* @may_add: whether an object that is not known yet is a new one, or a stray signal. */
static void
update_interface (LiveClient *self, const char *object_path, const char *interface, GVariant *values, gboolean may_add)
{
  LiveClientObjectKind kind = LIVE_CLIENT_OBJECT_QUBE;
  gboolean changed = FALSE;

  if (live_client_objects_find_kind (interface, &kind))
    live_client_objects_update (self->objects, kind, object_path, values, may_add);
  else
    changed = live_client_facts_update (&self->facts, object_path, interface, values);
  if (changed)
    g_signal_emit (self, signals[MANAGER_CHANGED], 0);
}

/* @interfaces: a{sa{sv}} */
static void
update_object (LiveClient *self, const char *object_path, GVariant *interfaces)
{
  GVariantIter iter;
  const char *interface = NULL;
  GVariant *values = NULL;

  g_variant_iter_init (&iter, interfaces);
  while (g_variant_iter_loop (&iter, "{&s@a{sv}}", &interface, &values))
    update_interface (self, object_path, interface, values, TRUE);
}

static void
become_empty (LiveClient *self, LiveClientState state)
{
  live_client_facts_reset (&self->facts);
  set_state (self, state);
  live_client_objects_remove_missing (self->objects, NULL);
  g_signal_emit (self, signals[MANAGER_CHANGED], 0);
}

static void
take_objects (LiveClient *self, GVariant *objects)
{
  GVariantIter iter;
  const char *object_path = NULL;
  GVariant *interfaces = NULL;

  live_client_objects_remove_missing (self->objects, objects);
  g_variant_iter_init (&iter, objects);
  while (g_variant_iter_loop (&iter, "{&o@a{sa{sv}}}", &object_path, &interfaces))
    update_object (self, object_path, interfaces);
}

/* The way to the helper. */

static gboolean
retry (gpointer user_data)
{
  LiveClient *self = user_data;

  self->retry_timeout = 0;
  if (self->bus == NULL)
    connect_bus (self);
  else if (self->owner != NULL)
    load_objects (self);
  return G_SOURCE_REMOVE;
}

static void
retry_later (LiveClient *self)
{
  if (self->retry_timeout != 0)
    return;
  self->retry_seconds = self->retry_seconds == 0 ? RETRY_FIRST : MIN (self->retry_seconds * 2, RETRY_LAST);
  self->retry_timeout = g_timeout_add_seconds (self->retry_seconds, retry, self);
}

void
live_client_retry_now (LiveClient *self)
{
  if (self->retry_timeout == 0)
    return;
  g_clear_handle_id (&self->retry_timeout, g_source_remove);
  retry (self);
}

static void
stop_loading (LiveClient *self)
{
  if (self->load != NULL)
    g_cancellable_cancel (self->load);
  g_clear_object (&self->load);
  self->load_replies = 0;
}

static void
load_failed (LiveClient *self, GError *error)
{
  gboolean refused = g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED)
                     || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED);

  g_debug ("Cannot read the objects of the helper: %s", error->message);
  stop_loading (self);
  become_empty (self, refused ? LIVE_CLIENT_NOT_AUTHORIZED : LIVE_CLIENT_HELPER_GONE);
  retry_later (self);
}

static void
load_replied (LiveClient *self)
{
  if (--self->load_replies > 0)
    return;
  g_clear_object (&self->load);
  self->retry_seconds = 0;
  set_state (self, LIVE_CLIENT_READY);
  g_signal_emit (self, signals[MANAGER_CHANGED], 0);
}

static void
manager_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) values = NULL;
  LiveClient *self = user_data;

  /* Cancelled: a newer reading is under way, or the client does not exist any more. */
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    {
      load_failed (self, error);
      return;
    }
  values = g_variant_get_child_value (reply, 0);
  update_interface (self, LIVE_OBJECT_ROOT, MANAGER_INTERFACE, values, TRUE);
  load_replied (self);
}

static void
objects_loaded (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) objects = NULL;
  LiveClient *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (reply == NULL)
    {
      load_failed (self, error);
      return;
    }
  objects = g_variant_get_child_value (reply, 0);
  take_objects (self, objects);
  load_replied (self);
}

static void
load_objects (LiveClient *self)
{
  stop_loading (self);
  self->load = g_cancellable_new ();
  self->load_replies = 2;
  /* GLib's object manager does not list an object at its own path, and the Manager is there. */
  g_dbus_connection_call (self->bus, self->owner, LIVE_OBJECT_ROOT, PROPERTIES, "GetAll",
                          g_variant_new ("(s)", MANAGER_INTERFACE), G_VARIANT_TYPE ("(a{sv})"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->load, manager_loaded, self);
  g_dbus_connection_call (self->bus, self->owner, LIVE_OBJECT_ROOT, OBJECT_MANAGER, "GetManagedObjects", NULL,
                          G_VARIANT_TYPE ("(a{oa{sa{sv}}})"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, self->load,
                          objects_loaded, self);
}

static void
take_removed (LiveClient *self, GVariant *parameters)
{
  const char *object_path = NULL;
  g_autofree const char **interfaces = NULL;

  g_variant_get (parameters, "(&o^a&s)", &object_path, &interfaces);
  for (gsize i = 0; interfaces[i] != NULL; i++)
    {
      LiveClientObjectKind kind = LIVE_CLIENT_OBJECT_QUBE;

      if (live_client_objects_find_kind (interfaces[i], &kind))
        live_client_objects_remove (self->objects, kind, object_path);
    }
}

static void
take_properties (LiveClient *self, const char *object_path, GVariant *parameters)
{
  const char *interface = NULL;
  g_autoptr (GVariant) values = NULL;
  g_autofree const char **invalidated = NULL;

  g_variant_get (parameters, "(&s@a{sv}^a&s)", &interface, &values, &invalidated);
  update_interface (self, object_path, interface, values, FALSE);
  /* A value that changed but was not sent: what is held of it is wrong, so everything is read again. */
  if (invalidated[0] != NULL)
    load_objects (self);
}

static void
signal_received (GDBusConnection *bus,
                 const char *sender,
                 const char *object_path,
                 const char *interface,
                 const char *signal,
                 GVariant *parameters,
                 gpointer user_data)
{
  LiveClient *self = user_data;

  /* While the objects are read, a signal is older than the reply, which then says the same: it does no harm. */
  if (self->state != LIVE_CLIENT_READY && self->load == NULL)
    return;
  if (g_str_equal (interface, PROPERTIES) && g_str_equal (signal, "PropertiesChanged")
      && g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    take_properties (self, object_path, parameters);
  else if (!g_str_equal (interface, OBJECT_MANAGER) || !g_str_equal (object_path, LIVE_OBJECT_ROOT))
    return;
  else if (g_str_equal (signal, "InterfacesAdded")
           && g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(oa{sa{sv}})")))
    {
      const char *added = NULL;
      g_autoptr (GVariant) interfaces = NULL;

      g_variant_get (parameters, "(&o@a{sa{sv}})", &added, &interfaces);
      update_object (self, added, interfaces);
    }
  else if (g_str_equal (signal, "InterfacesRemoved") && g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(oas)")))
    take_removed (self, parameters);
}

static void
leave_owner (LiveClient *self)
{
  stop_loading (self);
  if (self->subscription != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->subscription);
  self->subscription = 0;
  g_clear_pointer (&self->owner, g_free);
  g_clear_handle_id (&self->retry_timeout, g_source_remove);
}

static void
name_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  LiveClient *self = user_data;

  leave_owner (self);
  self->owner = g_strdup (owner);
  self->retry_seconds = 0;
  /* By unique name: a signal from anyone else is nothing to us, whatever it says. */
  self->subscription = g_dbus_connection_signal_subscribe (bus, owner, NULL, NULL, NULL, NULL, G_DBUS_SIGNAL_FLAGS_NONE,
                                                           signal_received, self, NULL);
  set_state (self, LIVE_CLIENT_CONNECTING);
  load_objects (self);
}

static void
name_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  LiveClient *self = user_data;

  leave_owner (self);
  become_empty (self, LIVE_CLIENT_HELPER_GONE);
}

static void
drop_bus (LiveClient *self)
{
  g_clear_handle_id (&self->watch, g_bus_unwatch_name);
  leave_owner (self);
  g_clear_signal_handler (&self->closed_handler, self->bus);
  g_clear_object (&self->bus);
}

static void
bus_closed (GDBusConnection *bus, gboolean by_peer, GError *error, gpointer user_data)
{
  LiveClient *self = user_data;

  drop_bus (self);
  become_empty (self, LIVE_CLIENT_HELPER_GONE);
  retry_later (self);
}

static void
bus_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_dbus_connection_new_for_address_finish (result, &error);
  LiveClient *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (bus == NULL)
    {
      g_debug ("Cannot connect to the system bus: %s", error->message);
      become_empty (self, LIVE_CLIENT_HELPER_GONE);
      retry_later (self);
      return;
    }
  self->bus = g_steal_pointer (&bus);
  self->closed_handler = g_signal_connect (self->bus, "closed", G_CALLBACK (bus_closed), self);
  self->watch = g_bus_watch_name_on_connection (self->bus, LIVE_BUS_NAME, G_BUS_NAME_WATCHER_FLAGS_AUTO_START,
                                                name_appeared, name_vanished, self, NULL);
}

/* Not g_bus_get(): the connection that everyone in the process shares ends the process when the bus goes away. */
static void
connect_bus (LiveClient *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *address = g_dbus_address_get_for_bus_sync (G_BUS_TYPE_SYSTEM, NULL, &error);

  if (address == NULL)
    {
      g_debug ("No address of a system bus: %s", error->message);
      become_empty (self, LIVE_CLIENT_HELPER_GONE);
      retry_later (self);
      return;
    }
  g_dbus_connection_new_for_address (
      address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL,
      self->cancellable, bus_connected, self);
}

/* The object. */

static void
live_client_constructed (GObject *object)
{
  G_OBJECT_CLASS (live_client_parent_class)->constructed (object);
  connect_bus (LIVE_CLIENT (object));
}

static void
live_client_dispose (GObject *object)
{
  LiveClient *self = LIVE_CLIENT (object);

  g_cancellable_cancel (self->cancellable);
  if (self->bus != NULL)
    drop_bus (self);
  g_clear_handle_id (&self->retry_timeout, g_source_remove);
  live_client_objects_clear (self->objects);
  G_OBJECT_CLASS (live_client_parent_class)->dispose (object);
}

static void
live_client_finalize (GObject *object)
{
  LiveClient *self = LIVE_CLIENT (object);

  g_assert (self->waiters == NULL);
  live_client_facts_clear (&self->facts);
  live_client_objects_free (self->objects);
  g_object_unref (self->cancellable);
  G_OBJECT_CLASS (live_client_parent_class)->finalize (object);
}

static void
live_client_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  if (id == PROP_STATE)
    g_value_set_int (value, (int)LIVE_CLIENT (object)->state);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static guint
new_signal (const char *name, GType argument)
{
  if (argument == G_TYPE_NONE)
    return g_signal_new (name, LIVE_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  return g_signal_new (name, LIVE_TYPE_CLIENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, argument);
}

static const char *const object_signal_names[LIVE_CLIENT_N_OBJECT_KINDS][LIVE_CLIENT_N_OBJECT_CHANGES] = {
  { "qube-added", "qube-removed", "qube-changed" },
  { "pool-added", "pool-removed", "pool-changed" },
  { "job-added", "job-removed", "job-changed" },
};

static void
live_client_class_init (LiveClientClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->constructed = live_client_constructed;
  object_class->dispose = live_client_dispose;
  object_class->finalize = live_client_finalize;
  object_class->get_property = live_client_get_property;
  properties[PROP_STATE] = g_param_spec_int ("state", NULL, NULL, LIVE_CLIENT_CONNECTING, LIVE_CLIENT_NOT_AUTHORIZED,
                                             LIVE_CLIENT_CONNECTING, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  signals[MANAGER_CHANGED] = new_signal ("manager-changed", G_TYPE_NONE);
  for (guint kind = 0; kind < LIVE_CLIENT_N_OBJECT_KINDS; kind++)
    {
      const GType types[] = { LIVE_TYPE_CLIENT_QUBE, LIVE_TYPE_CLIENT_POOL, LIVE_TYPE_CLIENT_JOB };

      for (guint change = 0; change < LIVE_CLIENT_N_OBJECT_CHANGES; change++)
        object_signals[kind][change] = new_signal (object_signal_names[kind][change], types[kind]);
    }
  /* So that errors from the bus arrive as what they are. */
  (void)LIVE_ERROR;
}

static void
live_client_init (LiveClient *self)
{
  self->cancellable = g_cancellable_new ();
  self->objects = live_client_objects_new (object_changed, self);
  live_client_facts_reset (&self->facts);
}

LiveClient *
live_client_new (void)
{
  return g_object_new (LIVE_TYPE_CLIENT, NULL);
}

LiveClientState
live_client_get_state (LiveClient *self)
{
  g_return_val_if_fail (LIVE_IS_CLIENT (self), LIVE_CLIENT_HELPER_GONE);
  return self->state;
}

const LiveClientFacts *
live_client_get_facts (LiveClient *self)
{
  return &self->facts;
}

LiveClientObjects *
live_client_get_objects (LiveClient *self)
{
  return self->objects;
}

GDBusConnection *
live_client_get_bus (LiveClient *self)
{
  return self->bus;
}

const char *
live_client_get_owner (LiveClient *self)
{
  return self->owner;
}

gboolean
live_client_has_object (LiveClient *self, const char *object_path)
{
  return live_client_objects_may_exist (self->objects, object_path);
}
