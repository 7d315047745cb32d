/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/notifier.h"

#include "client/words.h"
#include "model/error.h"
#include "model/reason.h"
#include "model/window.h"

#include <glib/gi18n.h>
#include <string.h>

#define SERVICE "org.freedesktop.Notifications"
#define SERVICE_PATH "/org/freedesktop/Notifications"
/* Names of the actions: this and the number of the button. */
#define BUTTON "button"

/* What is shown, or about to be, for one subject. */
typedef struct
{
  guint32 id;         /* the service's number; 0: not shown */
  gboolean sending;   /* its number is awaited */
  gboolean withdrawn; /* and it shall go as soon as that is known */
  GVariant *waiting; /* the next one, for when the number is known: a tuple (title, body, urgency, labels of buttons) */
  LiveNotifierButton buttons[LIVE_NOTIFIER_BUTTONS_MAX]; /* of the newest; their labels are in the tuple */
} Shown;

struct _LiveNotifier
{
  GObject parent_instance;

  GDBusConnection *session;
  LiveClient *client;
  GCancellable *cancellable;
  char *icon_directory;
  guint closed_subscription;
  guint pressed_subscription;
  gboolean capabilities_known;
  gboolean body_markup;
  gboolean buttons;
  GHashTable *shown;   /* subject → Shown */
  GHashTable *pending; /* names of qubes with a change that waits */
  GHashTable *failed;  /* names of qubes whose change is known to have failed */
};

G_DEFINE_FINAL_TYPE (LiveNotifier, live_notifier, G_TYPE_OBJECT)

/* A reply on its way. */
typedef struct
{
  LiveNotifier *notifier; /* not owned */
  char *subject;
} Sending;

static void
sending_free (Sending *sending)
{
  g_free (sending->subject);
  g_free (sending);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Sending, sending_free)

static void
shown_free (gpointer data)
{
  Shown *shown = data;

  g_clear_pointer (&shown->waiting, g_variant_unref);
  g_free (shown);
}

static void send_now (LiveNotifier *self, const char *subject, Shown *shown);

static void
close_now (LiveNotifier *self, const char *subject, Shown *shown)
{
  if (shown->id != 0)
    g_dbus_connection_call (self->session, SERVICE, SERVICE_PATH, SERVICE, "CloseNotification",
                            g_variant_new ("(u)", shown->id), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL, NULL);
  g_hash_table_remove (self->shown, subject);
}

static void
sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Sending) sending = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  Shown *shown = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  shown = g_hash_table_lookup (sending->notifier->shown, sending->subject);
  g_return_if_fail (shown != NULL);
  shown->sending = FALSE;
  shown->id = 0;
  if (reply != NULL)
    g_variant_get (reply, "(u)", &shown->id);
  else
    g_debug ("The notification about %s could not be shown: %s", sending->subject, error->message);
  if (shown->waiting != NULL)
    send_now (sending->notifier, sending->subject, shown);
  else if (shown->id == 0 || shown->withdrawn)
    close_now (sending->notifier, sending->subject, shown);
}

/* The subject that is shown under this number; %NULL for a notification of another program. */
static Shown *
find_shown (LiveNotifier *self, guint32 id, const char **subject)
{
  GHashTableIter iter;
  gpointer key = NULL;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, self->shown);
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      Shown *shown = value;

      *subject = key;
      if (shown->id == id && id != 0)
        return shown;
    }
  return NULL;
}

static void
closed (GDBusConnection *session,
        const char *sender,
        const char *object_path,
        const char *interface,
        const char *signal,
        GVariant *parameters,
        gpointer user_data)
{
  LiveNotifier *self = user_data;
  const char *subject = NULL;
  Shown *shown = NULL;
  guint32 id = 0;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(uu)")))
    return;
  g_variant_get (parameters, "(uu)", &id, NULL);
  shown = find_shown (self, id, &subject);
  if (shown != NULL && !shown->sending)
    g_hash_table_remove (self->shown, subject);
}

static void
pressed (GDBusConnection *session,
         const char *sender,
         const char *object_path,
         const char *interface,
         const char *signal,
         GVariant *parameters,
         gpointer user_data)
{
  LiveNotifier *self = user_data;
  const char *action = NULL;
  const char *subject = NULL;
  Shown *shown = NULL;
  guint32 id = 0;
  guint64 button = 0;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(us)")))
    return;
  g_variant_get (parameters, "(u&s)", &id, &action);
  shown = find_shown (self, id, &subject);
  if (shown == NULL || !g_str_has_prefix (action, BUTTON)
      || !g_ascii_string_to_unsigned (action + strlen (BUTTON), 10, 0, LIVE_NOTIFIER_BUTTONS_MAX - 1, &button, NULL))
    return;
  if (shown->buttons[button].pressed != NULL)
    {
      g_autofree char *copy = g_strdup (subject); /* what is pressed may take the notification away */

      shown->buttons[button].pressed (copy, shown->buttons[button].data);
    }
}

/* (transfer full): what a service finds this icon by: its name, or where it is when it is not installed. */
static char *
find_icon (LiveNotifier *self, LiveNotifierUrgency urgency)
{
  static const char *const icons[][2] = { { "qubes-live", "apps" }, { "qubes-live-alarm", "status" } };
  const char *const *icon = icons[urgency == LIVE_NOTIFIER_CRITICAL ? 1 : 0];
  g_autofree char *file = g_strconcat (icon[0], ".svg", NULL);
  g_autofree char *path = NULL;

  if (self->icon_directory == NULL)
    return g_strdup (icon[0]);
  path = g_build_filename (self->icon_directory, "hicolor", "scalable", icon[1], file, NULL);
  return g_file_test (path, G_FILE_TEST_EXISTS) ? g_steal_pointer (&path) : g_strdup (icon[0]);
}

static void
send_now (LiveNotifier *self, const char *subject, Shown *shown)
{
  g_autoptr (GVariant) waiting = g_steal_pointer (&shown->waiting);
  const char *title = NULL;
  const char *body = NULL;
  g_autofree const char **labels = NULL;
  guchar urgency = 0;
  g_autofree char *escaped = NULL;
  g_autofree char *icon = NULL;
  Sending *sending = g_new0 (Sending, 1);
  GVariantBuilder hints;
  GVariantBuilder actions;

  g_variant_get (waiting, "(&s&sy^a&s)", &title, &body, &urgency, &labels);
  icon = find_icon (self, urgency);
  escaped = self->body_markup ? g_markup_escape_text (body, -1) : g_strdup (body);
  g_variant_builder_init (&hints, G_VARIANT_TYPE_VARDICT);
  g_variant_builder_add (&hints, "{sv}", "urgency", g_variant_new_byte (urgency));
  g_variant_builder_add (&hints, "{sv}", "desktop-entry", g_variant_new_string ("org.qubes.Live1.Applet"));
  if (g_path_is_absolute (icon))
    g_variant_builder_add (&hints, "{sv}", "image-path", g_variant_new_string (icon));
  g_variant_builder_init (&actions, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; labels[i] != NULL && self->buttons; i++)
    {
      g_autofree char *action = g_strdup_printf (BUTTON "%u", i);

      g_variant_builder_add (&actions, "s", action);
      g_variant_builder_add (&actions, "s", labels[i]);
    }
  sending->notifier = self;
  sending->subject = g_strdup (subject);
  shown->sending = TRUE;
  g_dbus_connection_call (
      self->session, SERVICE, SERVICE_PATH, SERVICE, "Notify",
      g_variant_new ("(susssasa{sv}i)", _ ("Qubes Live"), shown->id, icon, title, escaped, &actions, &hints, -1),
      G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, -1, self->cancellable, sent, sending);
}

static void
send_all_waiting (LiveNotifier *self)
{
  GHashTableIter iter;
  gpointer subject = NULL;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, self->shown);
  while (g_hash_table_iter_next (&iter, &subject, &value))
    {
      Shown *shown = value;

      if (shown->waiting != NULL && !shown->sending)
        send_now (self, subject, shown);
    }
}

static void
capabilities_known (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  LiveNotifier *self = user_data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  self->capabilities_known = TRUE;
  /* When in doubt: a visible "&amp;" is better than markup that is obeyed. */
  self->body_markup = TRUE;
  if (reply != NULL)
    {
      g_autofree const char **capabilities = NULL;

      g_variant_get (reply, "(^a&s)", &capabilities);
      self->body_markup = g_strv_contains (capabilities, "body-markup");
      self->buttons = g_strv_contains (capabilities, "actions");
    }
  send_all_waiting (self);
}

/* The first notification makes the service start, and is when to ask it what it can. */
static void
get_acquainted (LiveNotifier *self)
{
  if (self->closed_subscription != 0)
    return;
  self->closed_subscription
      = g_dbus_connection_signal_subscribe (self->session, SERVICE, SERVICE, "NotificationClosed", SERVICE_PATH, NULL,
                                            G_DBUS_SIGNAL_FLAGS_NONE, closed, self, NULL);
  self->pressed_subscription
      = g_dbus_connection_signal_subscribe (self->session, SERVICE, SERVICE, "ActionInvoked", SERVICE_PATH, NULL,
                                            G_DBUS_SIGNAL_FLAGS_NONE, pressed, self, NULL);
  g_dbus_connection_call (self->session, SERVICE, SERVICE_PATH, SERVICE, "GetCapabilities", NULL,
                          G_VARIANT_TYPE ("(as)"), G_DBUS_CALL_FLAGS_NONE, -1, self->cancellable, capabilities_known,
                          self);
}

void
live_notifier_send (
    LiveNotifier *self, const char *subject, const char *title, const char *body, LiveNotifierUrgency urgency)
{
  live_notifier_send_with_buttons (self, subject, title, body, urgency, NULL, 0);
}

void
live_notifier_send_with_buttons (LiveNotifier *self,
                                 const char *subject,
                                 const char *title,
                                 const char *body,
                                 LiveNotifierUrgency urgency,
                                 const LiveNotifierButton *buttons,
                                 gsize n_buttons)
{
  Shown *shown = NULL;
  GVariantBuilder labels;

  g_return_if_fail (LIVE_IS_NOTIFIER (self) && subject != NULL && title != NULL && body != NULL);
  g_return_if_fail (n_buttons <= LIVE_NOTIFIER_BUTTONS_MAX);

  if (self->session == NULL)
    return;
  shown = g_hash_table_lookup (self->shown, subject);
  if (shown == NULL)
    {
      shown = g_new0 (Shown, 1);
      g_hash_table_insert (self->shown, g_strdup (subject), shown);
    }
  g_clear_pointer (&shown->waiting, g_variant_unref);
  g_variant_builder_init (&labels, G_VARIANT_TYPE_STRING_ARRAY);
  for (gsize i = 0; i < LIVE_NOTIFIER_BUTTONS_MAX; i++)
    {
      shown->buttons[i] = i < n_buttons ? buttons[i] : (LiveNotifierButton){ NULL, NULL, NULL };
      if (i < n_buttons)
        g_variant_builder_add (&labels, "s", buttons[i].label);
      shown->buttons[i].label = NULL; /* not ours */
    }
  shown->waiting = g_variant_ref_sink (g_variant_new ("(ssyas)", title, body, (guchar) urgency, &labels));
  shown->withdrawn = FALSE;
  get_acquainted (self);
  if (self->capabilities_known && !shown->sending)
    send_now (self, subject, shown);
}

void
live_notifier_withdraw (LiveNotifier *self, const char *subject)
{
  Shown *shown = NULL;

  g_return_if_fail (LIVE_IS_NOTIFIER (self) && subject != NULL);

  shown = g_hash_table_lookup (self->shown, subject);
  if (shown == NULL)
    return;
  g_clear_pointer (&shown->waiting, g_variant_unref);
  shown->withdrawn = TRUE;
  if (!shown->sending)
    close_now (self, subject, shown);
}

void
live_notifier_send_error (LiveNotifier *self, const char *subject, const GError *error)
{
  g_autofree char *title = NULL;
  g_autofree char *body = NULL;

  g_return_if_fail (LIVE_IS_NOTIFIER (self) && error != NULL);

  if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_CANCELLED))
    return;
  live_words_error (error, subject, &title, &body);
  live_notifier_send (self, subject != NULL ? subject : "", title, body, LIVE_NOTIFIER_NORMAL);
}

/* What waited. */

/* (transfer full) (nullable): the sentence of the failure among the reasons of the qube. */
static char *
find_failure (LiveClientQube *qube)
{
  GVariantIter iter;
  const char *code = NULL;
  GVariant *parameters = NULL;

  g_variant_iter_init (&iter, live_client_qube_get_reasons (qube));
  while (g_variant_iter_loop (&iter, "(&s@a{sv})", &code, &parameters))
    {
      if (g_str_equal (code, LIVE_REASON_APPLY_FAILED))
        {
          char *words = live_words_reason (code, parameters);

          g_variant_unref (parameters);
          return words;
        }
    }
  return NULL;
}

static void
tell_applied (LiveNotifier *self, LiveClientQube *qube)
{
  const char *name = live_client_qube_get_name (qube);
  g_autofree char *title = g_strdup_printf (_ ("%s: the change is applied"), name);
  g_autofree char *leaves = live_words_leaves (live_client_qube_get_persistence (qube),
                                               live_client_qube_get_evidence (qube), live_client_qube_get_class (qube));
  /* Translators: name of a qube, then what it leaves behind: "work now: keeps files" */
  g_autofree char *body = g_strdup_printf (_ ("%s now: %s"), name, leaves);

  live_notifier_send (self, name, title, body, LIVE_NOTIFIER_LOW);
}

static void
tell_failed (LiveNotifier *self, LiveClientQube *qube, const char *failure)
{
  const char *name = live_client_qube_get_name (qube);
  g_autofree char *title = g_strdup_printf (_ ("%s: the change could not be applied"), name);

  live_notifier_send (self, name, title, failure, LIVE_NOTIFIER_NORMAL);
}

static void
qube_changed (LiveClient *client, LiveClientQube *qube, LiveNotifier *self)
{
  const char *name = live_client_qube_get_name (qube);
  g_autofree char *failure = find_failure (qube);

  if (failure == NULL)
    g_hash_table_remove (self->failed, name);
  else if (g_hash_table_add (self->failed, g_strdup (name)) && live_client_get_state (client) == LIVE_CLIENT_READY)
    tell_failed (self, qube, failure);
  /* What a customization window changes for its time, and what it takes back, is not what anybody waits for. */
  if (!g_str_equal (live_client_qube_get_window_state (qube), LIVE_WINDOW_CLOSED))
    {
      g_hash_table_remove (self->pending, name);
      return;
    }
  if (live_client_qube_get_pending (qube)[0] != NULL)
    {
      /* On a halted qube it does not wait, it is being done. */
      if (!live_client_qube_is_halted (qube))
        g_hash_table_add (self->pending, g_strdup (name));
      return;
    }
  /* Nothing waits any more: because it was done when the qube halted, or because the wish was taken back. */
  if (g_hash_table_remove (self->pending, name) && live_client_qube_is_halted (qube) && failure == NULL)
    tell_applied (self, qube);
}

static void
qube_removed (LiveClient *client, LiveClientQube *qube, LiveNotifier *self)
{
  g_hash_table_remove (self->pending, live_client_qube_get_name (qube));
  g_hash_table_remove (self->failed, live_client_qube_get_name (qube));
}

static void
live_notifier_dispose (GObject *object)
{
  LiveNotifier *self = LIVE_NOTIFIER (object);

  g_cancellable_cancel (self->cancellable);
  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  if (self->closed_subscription != 0)
    g_dbus_connection_signal_unsubscribe (self->session, self->closed_subscription);
  if (self->pressed_subscription != 0)
    g_dbus_connection_signal_unsubscribe (self->session, self->pressed_subscription);
  self->closed_subscription = self->pressed_subscription = 0;
  g_clear_object (&self->client);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (live_notifier_parent_class)->dispose (object);
}

static void
live_notifier_finalize (GObject *object)
{
  LiveNotifier *self = LIVE_NOTIFIER (object);

  g_object_unref (self->cancellable);
  g_free (self->icon_directory);
  g_hash_table_unref (self->shown);
  g_hash_table_unref (self->pending);
  g_hash_table_unref (self->failed);
  G_OBJECT_CLASS (live_notifier_parent_class)->finalize (object);
}

static void
live_notifier_class_init (LiveNotifierClass *class)
{
  G_OBJECT_CLASS (class)->dispose = live_notifier_dispose;
  G_OBJECT_CLASS (class)->finalize = live_notifier_finalize;
}

static void
live_notifier_init (LiveNotifier *self)
{
  self->cancellable = g_cancellable_new ();
  self->shown = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, shown_free);
  self->pending = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->failed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

LiveNotifier *
live_notifier_new (GDBusConnection *session, LiveClient *client, const char *icon_directory)
{
  LiveNotifier *self = g_object_new (LIVE_TYPE_NOTIFIER, NULL);

  g_set_object (&self->session, session);
  g_set_object (&self->client, client);
  if (icon_directory != NULL)
    self->icon_directory = g_canonicalize_filename (icon_directory, NULL);
  g_signal_connect (client, "qube-added", G_CALLBACK (qube_changed), self);
  g_signal_connect (client, "qube-changed", G_CALLBACK (qube_changed), self);
  g_signal_connect (client, "qube-removed", G_CALLBACK (qube_removed), self);
  return self;
}
