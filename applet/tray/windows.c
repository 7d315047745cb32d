/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "tray/windows.h"

#include "client/window-words.h"
#include "model/error.h"
#include "model/window.h"
#include "tray/preview-dialog.h"

#include <glib/gi18n.h>

/* What is remembered of a qube by its name: the window outlives the helper's object. */
typedef struct
{
  gint64 seconds; /* of the last window that was asked for here; 0: none */
  gboolean busy;
  gboolean opening;      /* and that is what it is busy with */
  gboolean failure_told; /* its error was told, the outcome was not seen yet */
  gboolean failure_seen; /* the other way round */
} Own;

struct _LiveWindows
{
  GObject parent_instance;

  LiveClient *client;
  LiveNotifier *notifier;
  LiveClock *clock;
  GHashTable *own; /* name → Own */
  LivePreviewDialog *dialog;
  LiveClientQube *dialog_qube;
};

G_DEFINE_FINAL_TYPE (LiveWindows, live_windows, G_TYPE_OBJECT)

static guint changed_signal;

/* A call on its way. */
typedef struct
{
  LiveWindows *windows;
  LiveClientQube *qube;
} Call;

static Own *
get_own (LiveWindows *self, LiveClientQube *qube)
{
  const char *name = live_client_qube_get_name (qube);
  Own *own = g_hash_table_lookup (self->own, name);

  if (own == NULL)
    {
      own = g_new0 (Own, 1);
      g_hash_table_insert (self->own, g_strdup (name), own);
    }
  return own;
}

static Call *
begin (LiveWindows *self, LiveClientQube *qube)
{
  Call *call = g_new0 (Call, 1);

  call->windows = g_object_ref (self);
  call->qube = g_object_ref (qube);
  get_own (self, qube)->busy = TRUE;
  g_signal_emit (self, changed_signal, 0, qube);
  return call;
}

/* @error: (nullable) (transfer full) */
static void
end (Call *call, GError *error)
{
  LiveWindows *self = call->windows;
  Own *own = get_own (self, call->qube);

  own->busy = FALSE;
  own->opening = FALSE;
  if (error != NULL)
    live_notifier_send_error (self->notifier, live_client_qube_get_name (call->qube), error);
  g_clear_error (&error);
  g_signal_emit (self, changed_signal, 0, call->qube);
  g_object_unref (call->qube);
  g_object_unref (self);
  g_free (call);
}

static gboolean
state_is (LiveClientQube *qube, const char *state)
{
  return g_str_equal (live_client_qube_get_window_state (qube), state);
}

/* What may be done. */

gint64
live_windows_get_now (LiveWindows *self)
{
  return live_clock_get_wall (self->clock);
}

gboolean
live_windows_is_busy (LiveWindows *self, LiveClientQube *qube)
{
  Own *own = g_hash_table_lookup (self->own, live_client_qube_get_name (qube));

  return own != NULL && own->busy;
}

gboolean
live_windows_may_open (LiveWindows *self, LiveClientQube *qube)
{
  return !live_windows_is_busy (self, qube) && state_is (qube, LIVE_WINDOW_CLOSED)
         && *live_client_qube_get_window_refusal (qube) == '\0';
}

gboolean
live_windows_may_extend (LiveWindows *self, LiveClientQube *qube)
{
  return !live_windows_is_busy (self, qube) && state_is (qube, LIVE_WINDOW_OPEN)
         && live_client_qube_get_window_deadline (qube) > 0;
}

gboolean
live_windows_may_close (LiveWindows *self, LiveClientQube *qube)
{
  return !live_windows_is_busy (self, qube) && state_is (qube, LIVE_WINDOW_OPEN);
}

gboolean
live_windows_may_end (LiveWindows *self, LiveClientQube *qube)
{
  return !live_windows_is_busy (self, qube)
         && g_str_equal (live_client_qube_get_window_step (qube), LIVE_WINDOW_STEP_NOT_SHUTTING_DOWN);
}

char *
live_windows_get_subject (const char *name)
{
  /* No name of a qube has a space in it. */
  return g_strconcat ("window ", name, NULL);
}

gboolean
live_windows_tells_failure (LiveWindows *self, const char *name)
{
  Own *own = g_hash_table_lookup (self->own, name);
  gboolean tells = own != NULL && (own->opening || own->failure_told);

  if (own == NULL)
    return FALSE;
  own->failure_seen = own->opening;
  own->failure_told = FALSE;
  return tells;
}

/* What is done. */

static void
opened (GObject *client, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  Own *own = get_own (call->windows, call->qube);
  GError *error = NULL;

  if (!live_client_open_window_finish (LIVE_CLIENT (client), result, &error))
    own->failure_told = !own->failure_seen;
  own->failure_seen = FALSE;
  end (call, error);
}

void
live_windows_open (LiveWindows *self, LiveClientQube *qube, gint64 seconds)
{
  Own *own = NULL;

  if (!live_windows_may_open (self, qube))
    return;
  own = get_own (self, qube);
  own->seconds = seconds;
  own->opening = TRUE;
  own->failure_told = own->failure_seen = FALSE;
  live_client_open_window_async (self->client, qube, seconds, NULL, opened, begin (self, qube));
}

void
live_windows_open_again (LiveWindows *self, LiveClientQube *qube)
{
  gint64 seconds = get_own (self, qube)->seconds;

  live_windows_open (self, qube, seconds != 0 ? seconds : LIVE_WINDOWS_EXTENSION);
}

static void
extended (GObject *client, GAsyncResult *result, gpointer user_data)
{
  GError *error = NULL;

  live_client_extend_window_finish (LIVE_CLIENT (client), result, &error);
  end (user_data, error);
}

void
live_windows_extend (LiveWindows *self, LiveClientQube *qube)
{
  if (live_windows_may_extend (self, qube))
    live_client_extend_window_async (self->client, qube, LIVE_WINDOWS_EXTENSION, NULL, extended, begin (self, qube));
}

static void
closed (GObject *client, GAsyncResult *result, gpointer user_data)
{
  Call *call = user_data;
  GError *error = NULL;

  live_client_close_window_finish (LIVE_CLIENT (client), result, &error);
  /* It has not shut down in its time: that is asked about as soon as WindowStep says so. */
  if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_BUSY) && state_is (call->qube, LIVE_WINDOW_CLOSING))
    g_clear_error (&error);
  end (call, error);
}

void
live_windows_close (LiveWindows *self, LiveClientQube *qube)
{
  if (live_windows_may_close (self, qube))
    live_client_close_window_async (self->client, qube, FALSE, NULL, closed, begin (self, qube));
}

void
live_windows_keep_waiting (LiveWindows *self, LiveClientQube *qube)
{
  g_autofree char *subject = live_windows_get_subject (live_client_qube_get_name (qube));

  live_notifier_withdraw (self->notifier, subject);
}

static void
end_accepted (LivePreviewDialog *dialog, LiveWindows *self)
{
  LiveClientQube *qube = self->dialog_qube;

  if (live_windows_may_end (self, qube))
    live_client_close_window_async (self->client, qube, TRUE, NULL, closed, begin (self, qube));
}

static void
dialog_destroyed (GtkWidget *dialog, LiveWindows *self)
{
  self->dialog = NULL;
  g_clear_object (&self->dialog_qube);
}

void
live_windows_ask_to_end (LiveWindows *self, LiveClientQube *qube)
{
  g_autofree char *title = NULL;
  g_autofree char *body = NULL;

  if (!live_windows_may_end (self, qube))
    return;
  if (self->dialog != NULL && self->dialog_qube != qube)
    gtk_widget_destroy (GTK_WIDGET (self->dialog));
  if (self->dialog == NULL)
    {
      live_words_window_not_shutting_down (live_client_qube_get_name (qube), &title, &body);
      self->dialog = live_preview_dialog_new (title, body, _ ("_End it"), _ ("_Keep waiting"), TRUE);
      self->dialog_qube = g_object_ref (qube);
      g_signal_connect (self->dialog, "accepted", G_CALLBACK (end_accepted), self);
      g_signal_connect (self->dialog, "destroy", G_CALLBACK (dialog_destroyed), self);
    }
  gtk_window_present (GTK_WINDOW (self->dialog));
}

/* The question is over when the qube has shut down, or is gone. */
static void
qube_changed (LiveClient *client, LiveClientQube *qube, LiveWindows *self)
{
  if (self->dialog != NULL && self->dialog_qube == qube
      && !g_str_equal (live_client_qube_get_window_step (qube), LIVE_WINDOW_STEP_NOT_SHUTTING_DOWN))
    gtk_widget_destroy (GTK_WIDGET (self->dialog));
}

static void
qube_removed (LiveClient *client, LiveClientQube *qube, LiveWindows *self)
{
  if (self->dialog != NULL && self->dialog_qube == qube)
    gtk_widget_destroy (GTK_WIDGET (self->dialog));
  /* Otherwise it is the helper that went. */
  if (live_client_get_state (client) == LIVE_CLIENT_READY && !live_windows_is_busy (self, qube))
    g_hash_table_remove (self->own, live_client_qube_get_name (qube));
}

static void
live_windows_dispose (GObject *object)
{
  LiveWindows *self = LIVE_WINDOWS (object);

  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  if (self->dialog != NULL)
    gtk_widget_destroy (GTK_WIDGET (self->dialog));
  g_clear_object (&self->client);
  g_clear_object (&self->notifier);
  g_clear_object (&self->clock);
  G_OBJECT_CLASS (live_windows_parent_class)->dispose (object);
}

static void
live_windows_finalize (GObject *object)
{
  g_hash_table_unref (LIVE_WINDOWS (object)->own);
  G_OBJECT_CLASS (live_windows_parent_class)->finalize (object);
}

static void
live_windows_class_init (LiveWindowsClass *class)
{
  G_OBJECT_CLASS (class)->dispose = live_windows_dispose;
  G_OBJECT_CLASS (class)->finalize = live_windows_finalize;
  changed_signal = g_signal_new ("changed", LIVE_TYPE_WINDOWS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                 LIVE_TYPE_CLIENT_QUBE);
}

static void
live_windows_init (LiveWindows *self)
{
  self->own = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

LiveWindows *
live_windows_new (LiveClient *client, LiveNotifier *notifier, LiveClock *clock)
{
  LiveWindows *self = g_object_new (LIVE_TYPE_WINDOWS, NULL);

  self->client = g_object_ref (client);
  self->notifier = g_object_ref (notifier);
  self->clock = g_object_ref (clock);
  g_signal_connect (client, "qube-changed", G_CALLBACK (qube_changed), self);
  g_signal_connect (client, "qube-removed", G_CALLBACK (qube_removed), self);
  return self;
}
