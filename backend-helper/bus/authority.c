/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bus/authority.h"

#include "model/error.h"

#define POLKIT_NAME "org.freedesktop.PolicyKit1"
#define POLKIT_PATH "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"
#define ACTION_PREFIX "org.qubes.Live1."

/* CheckAuthorizationFlags of polkit's bus interface. */
#define ALLOW_USER_INTERACTION 1u

/* polkitd answers within milliseconds; it may have to be started first. */
#define ANSWER_MILLISECONDS 10000

struct _LiveAuthority
{
  GObject parent_instance;

  GDBusConnection *connection;
  guint changed_subscription;
  guint owner_subscription;
  guint64 n_checks;
};

G_DEFINE_FINAL_TYPE (LiveAuthority, live_authority, G_TYPE_OBJECT)

/* One question. */
typedef struct
{
  char *action;
  char *sender;
  char *cancellation_id; /* empty when no person is asked */
  GCancellable *call;    /* ends the call to polkitd: the caller left, or the question was taken back */
  gulong cancelled_handler;
  guint sender_watch;
  gboolean sender_gone;
} Check;

static void
check_free (gpointer data)
{
  Check *check = data;

  g_free (check->action);
  g_free (check->sender);
  g_free (check->cancellation_id);
  g_clear_object (&check->call);
  g_free (check);
}

/* The subscriptions are there to have the signals sent to us at all. Who remembers an answer sees them in GDBus' own
 * thread, before any call that came after them; here, in the main thread, it would be too late. */
static void
on_change (GDBusConnection *connection,
           const char *sender,
           const char *path,
           const char *interface,
           const char *signal,
           GVariant *parameters,
           gpointer data)
{
  g_debug ("%s: earlier answers of polkit are void", signal);
}

gboolean
live_authority_is_change (GDBusMessage *message)
{
  const char *interface = g_dbus_message_get_interface (message);
  const char *member = g_dbus_message_get_member (message);

  if (g_dbus_message_get_message_type (message) != G_DBUS_MESSAGE_TYPE_SIGNAL)
    return FALSE;
  if (g_strcmp0 (interface, POLKIT_INTERFACE) == 0)
    return g_strcmp0 (member, "Changed") == 0;
  return g_strcmp0 (interface, "org.freedesktop.DBus") == 0 && g_strcmp0 (member, "NameOwnerChanged") == 0
         && g_strcmp0 (g_dbus_message_get_arg0 (message), POLKIT_NAME) == 0;
}

LiveAuthority *
live_authority_new (GDBusConnection *connection)
{
  LiveAuthority *self = NULL;

  g_return_val_if_fail (G_IS_DBUS_CONNECTION (connection), NULL);

  self = g_object_new (LIVE_TYPE_AUTHORITY, NULL);
  self->connection = g_object_ref (connection);
  self->changed_subscription
      = g_dbus_connection_signal_subscribe (connection, POLKIT_NAME, POLKIT_INTERFACE, "Changed", POLKIT_PATH, NULL,
                                            G_DBUS_SIGNAL_FLAGS_NONE, on_change, NULL, NULL);
  self->owner_subscription = g_dbus_connection_signal_subscribe (
      connection, "org.freedesktop.DBus", "org.freedesktop.DBus", "NameOwnerChanged", "/org/freedesktop/DBus",
      POLKIT_NAME, G_DBUS_SIGNAL_FLAGS_NONE, on_change, NULL, NULL);
  return self;
}

static void
live_authority_dispose (GObject *object)
{
  LiveAuthority *self = LIVE_AUTHORITY (object);

  if (self->connection != NULL)
    {
      g_dbus_connection_signal_unsubscribe (self->connection, self->changed_subscription);
      g_dbus_connection_signal_unsubscribe (self->connection, self->owner_subscription);
    }
  g_clear_object (&self->connection);
  G_OBJECT_CLASS (live_authority_parent_class)->dispose (object);
}

static void
live_authority_class_init (LiveAuthorityClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = live_authority_dispose;
}

static void
live_authority_init (LiveAuthority *self)
{
}

/* Closes the password dialog that polkit shows for this question. Whether that works changes nothing for us. */
static void
cancel_at_polkit (LiveAuthority *self, Check *check)
{
  if (*check->cancellation_id == '\0')
    return;
  g_dbus_connection_call (self->connection, POLKIT_NAME, POLKIT_PATH, POLKIT_INTERFACE, "CancelCheckAuthorization",
                          g_variant_new ("(s)", check->cancellation_id), NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          ANSWER_MILLISECONDS, NULL, NULL, NULL);
}

static void
on_sender_vanished (GDBusConnection *connection, const char *name, gpointer data)
{
  Check *check = g_task_get_task_data (data);

  check->sender_gone = TRUE;
  g_cancellable_cancel (check->call);
}

static void
on_cancelled (GCancellable *cancellable, gpointer data)
{
  g_cancellable_cancel (data);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  LiveAuthority *self = g_task_get_source_object (task);
  Check *check = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  gboolean authorized = FALSE;
  gboolean challenge = FALSE;

  if (check->sender_watch != 0)
    g_bus_unwatch_name (check->sender_watch);
  g_cancellable_disconnect (g_task_get_cancellable (task), check->cancelled_handler);

  if (answer == NULL && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    cancel_at_polkit (self, check);

  /* A yes that comes at the moment when the question is taken back is not acted upon. */
  if (g_cancellable_is_cancelled (g_task_get_cancellable (task)))
    {
      g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_CANCELLED, "The question about %s was taken back",
                               check->action);
      return;
    }
  if (check->sender_gone)
    {
      g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED, "%s left the bus while polkit was asked",
                               check->sender);
      return;
    }
  if (answer == NULL)
    {
      g_dbus_error_strip_remote_error (error);
      g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED,
                               "polkit did not answer about %s: %s. See that polkitd runs", check->action,
                               error->message);
      return;
    }
  g_variant_get (answer, "((bba{ss}))", &authorized, &challenge, NULL);
  if (authorized)
    g_task_return_boolean (task, TRUE);
  else if (challenge)
    g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED,
                             "%s needs authentication, and no polkit agent could be used for it", check->action);
  else
    g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED, "polkit does not allow %s", check->action);
}

static GVariant *
new_question (Check *check, GVariant *details)
{
  GVariantBuilder subject;

  g_variant_builder_init (&subject, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&subject, "{sv}", "name", g_variant_new_string (check->sender));
  return g_variant_new ("((sa{sv})s@a{ss}us)", "system-bus-name", &subject, check->action,
                        details != NULL ? details : g_variant_new_array (G_VARIANT_TYPE ("{ss}"), NULL, 0),
                        *check->cancellation_id != '\0' ? ALLOW_USER_INTERACTION : 0u, check->cancellation_id);
}

void
live_authority_check_async (LiveAuthority *self,
                            const char *sender,
                            const char *action,
                            GVariant *details,
                            gboolean interactive,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  g_autoptr (GVariant) own_details = details != NULL ? g_variant_ref_sink (details) : NULL;
  g_autoptr (GTask) task = NULL;
  Check *check = NULL;

  g_return_if_fail (LIVE_IS_AUTHORITY (self));
  g_return_if_fail (action != NULL && *action != '\0');
  g_return_if_fail (own_details == NULL || g_variant_is_of_type (own_details, G_VARIANT_TYPE ("a{ss}")));

  task = g_task_new (self, cancellable, callback, user_data);
  /* What it returns is decided in on_answer(), in this project's error domain. */
  g_task_set_check_cancellable (task, FALSE);

  /* A connection that is not to a bus has callers without names: nobody can say who they are. */
  if (sender == NULL || !g_dbus_is_unique_name (sender))
    {
      g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED, "The caller has no unique bus name");
      return;
    }

  check = g_new0 (Check, 1);
  check->action = g_strconcat (ACTION_PREFIX, action, NULL);
  check->sender = g_strdup (sender);
  check->cancellation_id
      = interactive ? g_strdup_printf ("qubes-live-%" G_GUINT64_FORMAT, ++self->n_checks) : g_strdup ("");
  check->call = g_cancellable_new ();
  g_task_set_task_data (task, check, check_free);

  if (cancellable != NULL)
    check->cancelled_handler
        = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), g_object_ref (check->call), g_object_unref);
  /* Without a person in it the answer comes too soon for this to matter: polkitd refuses a caller that is gone. */
  if (interactive)
    check->sender_watch = g_bus_watch_name_on_connection (self->connection, sender, G_BUS_NAME_WATCHER_FLAGS_NONE, NULL,
                                                          on_sender_vanished, g_object_ref (task), g_object_unref);

  g_dbus_connection_call (self->connection, POLKIT_NAME, POLKIT_PATH, POLKIT_INTERFACE, "CheckAuthorization",
                          new_question (check, own_details), G_VARIANT_TYPE ("((bba{ss}))"), G_DBUS_CALL_FLAGS_NONE,
                          interactive ? G_MAXINT : ANSWER_MILLISECONDS, check->call, on_answer, g_object_ref (task));
}

gboolean
live_authority_check_finish (LiveAuthority *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
