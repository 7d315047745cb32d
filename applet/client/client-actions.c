/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "client/client.h"

#include "client/client-private.h"
#include "model/error.h"
#include "model/object-path.h"

/* What the error of a call means to a face. @error is taken. */
static GError *
translate_error (LiveClient *self, const char *object_path, GError *error)
{
  g_autoptr (GError) original = error;
  GQuark domain = LIVE_ERROR;
  int code = LIVE_ERROR_FAILED;

  g_dbus_error_strip_remote_error (original);
  if (original->domain == LIVE_ERROR)
    code = original->code;
  else if (g_error_matches (original, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    code = LIVE_ERROR_CANCELLED;
  else if (g_error_matches (original, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED))
    code = LIVE_ERROR_NOT_AUTHORIZED;
  else if (g_error_matches (original, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD)
           || g_error_matches (original, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE)
           || g_error_matches (original, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT))
    /* GLib says "unknown method" for an object that is gone as well as for a helper that is older than we are. */
    code = live_client_has_object (self, object_path) ? LIVE_ERROR_NOT_SUPPORTED : LIVE_ERROR_NOT_FOUND;
  else if (original->domain == G_DBUS_ERROR || original->domain == G_IO_ERROR)
    {
      g_autofree char *name = g_dbus_error_get_remote_error (original);

      /* An error of the helper's that is newer than we are is an answer; anything else is the way to it failing. */
      if (name == NULL || !g_str_has_prefix (name, LIVE_BUS_NAME ".Error."))
        {
          domain = LIVE_CLIENT_ERROR;
          code = LIVE_CLIENT_ERROR_HELPER_GONE;
        }
    }
  return g_error_new_literal (domain, code, original->message);
}

static void
call_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (reply != NULL)
    g_task_return_pointer (task, g_steal_pointer (&reply), (GDestroyNotify)g_variant_unref);
  else
    g_task_return_error (
        task, translate_error (g_task_get_source_object (task), g_task_get_task_data (task), g_steal_pointer (&error)));
}

void
live_client_call (LiveClient *self,
                  const char *object_path,
                  const char *interface,
                  const char *method,
                  GVariant *parameters,
                  const GVariantType *reply_type,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
  /* The task does not watch @cancellable itself: the error of a cancelled call is translated like any other. */
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  g_autoptr (GVariant) arguments = parameters != NULL ? g_variant_ref_sink (parameters) : NULL;
  GDBusConnection *bus = live_client_get_bus (self);

  g_task_set_name (task, method);
  g_task_set_task_data (task, g_strdup (object_path), g_free);
  if (bus == NULL)
    {
      g_task_return_new_error (task, LIVE_CLIENT_ERROR, LIVE_CLIENT_ERROR_HELPER_GONE,
                               "There is no system bus to ask the helper on");
      return;
    }
  /* G_MAXINT is GDBus' word for "no time-out": a person may be typing a password. */
  g_dbus_connection_call (bus, LIVE_BUS_NAME, object_path, interface, method, arguments, reply_type,
                          G_DBUS_CALL_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION, G_MAXINT, cancellable, call_done,
                          g_steal_pointer (&task));
}

GVariant *
live_client_call_finish (LiveClient *self, const char *method, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_str_equal (g_task_get_name (G_TASK (result)), method), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

static gboolean
finish_void (LiveClient *self, const char *method, GAsyncResult *result, GError **error)
{
  g_autoptr (GVariant) reply = live_client_call_finish (self, method, result, error);

  return reply != NULL;
}

static void
call_qube (LiveClient *self,
           LiveClientQube *qube,
           const char *method,
           GVariant *parameters,
           const GVariantType *reply_type,
           GCancellable *cancellable,
           GAsyncReadyCallback callback,
           gpointer user_data)
{
  live_client_call (self, live_client_qube_get_object_path (qube), LIVE_BUS_NAME ".Qube", method, parameters, reply_type,
        cancellable, callback, user_data);
}

void
live_client_set_policy_async (LiveClient *self,
                              LiveClientQube *qube,
                              const char *policy,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self) && LIVE_IS_CLIENT_QUBE (qube) && policy != NULL);

  call_qube (self, qube, "SetPolicy", g_variant_new ("(s)", policy), G_VARIANT_TYPE ("(b)"), cancellable, callback,
             user_data);
}

gboolean
live_client_set_policy_finish (LiveClient *self, GAsyncResult *result, gboolean *applied, GError **error)
{
  g_autoptr (GVariant) reply = live_client_call_finish (self, "SetPolicy", result, error);

  if (reply == NULL)
    return FALSE;
  if (applied != NULL)
    g_variant_get (reply, "(b)", applied);
  return TRUE;
}

void
live_client_set_volume_writable_async (LiveClient *self,
                                       LiveClientQube *qube,
                                       const char *volume,
                                       gboolean writable,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self) && LIVE_IS_CLIENT_QUBE (qube) && volume != NULL);

  call_qube (self, qube, "SetVolumeWritable", g_variant_new ("(sb)", volume, writable), G_VARIANT_TYPE_UNIT,
             cancellable, callback, user_data);
}

gboolean
live_client_set_volume_writable_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  return finish_void (self, "SetVolumeWritable", result, error);
}

void
live_client_refresh_qube_async (
    LiveClient *self, LiveClientQube *qube, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self) && LIVE_IS_CLIENT_QUBE (qube));

  call_qube (self, qube, "Refresh", NULL, G_VARIANT_TYPE_UNIT, cancellable, callback, user_data);
}

gboolean
live_client_refresh_qube_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  return finish_void (self, "Refresh", result, error);
}

void
live_client_start_qube_async (
    LiveClient *self, LiveClientQube *qube, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self) && LIVE_IS_CLIENT_QUBE (qube));

  call_qube (self, qube, "Start", NULL, G_VARIANT_TYPE_UNIT, cancellable, callback, user_data);
}

gboolean
live_client_start_qube_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  return finish_void (self, "Start", result, error);
}

void
live_client_shutdown_qube_async (
    LiveClient *self, LiveClientQube *qube, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self) && LIVE_IS_CLIENT_QUBE (qube));

  call_qube (self, qube, "Shutdown", NULL, G_VARIANT_TYPE_UNIT, cancellable, callback, user_data);
}

gboolean
live_client_shutdown_qube_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  return finish_void (self, "Shutdown", result, error);
}

void
live_client_open_window_async (LiveClient *self,
                        LiveClientQube *qube,
                        gint64 seconds,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self) && LIVE_IS_CLIENT_QUBE (qube));

  call_qube (self, qube, "OpenWindow", g_variant_new ("(x)", seconds), G_VARIANT_TYPE_UNIT, cancellable, callback, user_data);
}

gboolean
live_client_open_window_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  return finish_void (self, "OpenWindow", result, error);
}

void
live_client_extend_window_async (LiveClient *self,
                        LiveClientQube *qube,
                        gint64 seconds,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self) && LIVE_IS_CLIENT_QUBE (qube));

  call_qube (self, qube, "ExtendWindow", g_variant_new ("(x)", seconds), G_VARIANT_TYPE_UNIT, cancellable, callback, user_data);
}

gboolean
live_client_extend_window_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  return finish_void (self, "ExtendWindow", result, error);
}

void
live_client_close_window_async (LiveClient *self,
                        LiveClientQube *qube,
                        gboolean kill,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self) && LIVE_IS_CLIENT_QUBE (qube));

  call_qube (self, qube, "CloseWindow", g_variant_new ("(b)", kill), G_VARIANT_TYPE_UNIT, cancellable, callback, user_data);
}

gboolean
live_client_close_window_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  return finish_void (self, "CloseWindow", result, error);
}

void
live_client_set_memory_hygiene_async (LiveClient *self,
                        LiveClientQube *qube,
                        gboolean on,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self) && LIVE_IS_CLIENT_QUBE (qube));

  call_qube (self, qube, "SetMemoryHygiene", g_variant_new ("(b)", on), G_VARIANT_TYPE_UNIT, cancellable, callback, user_data);
}

gboolean
live_client_set_memory_hygiene_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  return finish_void (self, "SetMemoryHygiene", result, error);
}

void
live_client_set_upper_layer_async (LiveClient *self,
                        LiveClientQube *qube,
                        const char *layer,
                        const char *size,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self) && LIVE_IS_CLIENT_QUBE (qube) && layer != NULL && size != NULL);

  call_qube (self, qube, "SetUpperLayer", g_variant_new ("(ss)", layer, size), G_VARIANT_TYPE_UNIT, cancellable, callback, user_data);
}

gboolean
live_client_set_upper_layer_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  return finish_void (self, "SetUpperLayer", result, error);
}

void
live_client_renew_disposables_async (LiveClient *self,
                        LiveClientQube *qube,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self) && LIVE_IS_CLIENT_QUBE (qube));

  call_qube (self, qube, "RenewDisposables", NULL, G_VARIANT_TYPE ("(as)"), cancellable, callback, user_data);
}

gboolean
live_client_renew_disposables_finish (LiveClient *self, GAsyncResult *result, char ***waiting, GError **error)
{
  g_autoptr (GVariant) reply = live_client_call_finish (self, "RenewDisposables", result, error);

  if (reply == NULL)
    return FALSE;
  if (waiting != NULL)
    g_variant_get (reply, "(^as)", waiting);
  return TRUE;
}

void
live_client_take_over_async (LiveClient *self,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self));

  live_client_call (self, LIVE_OBJECT_ROOT, LIVE_BUS_NAME ".Manager", "TakeOver", NULL, G_VARIANT_TYPE ("(a(sss)b)"), cancellable,
        callback, user_data);
}

gboolean
live_client_take_over_finish (
    LiveClient *self, GAsyncResult *result, GVariant **policies, gboolean *disabled, GError **error)
{
  g_autoptr (GVariant) reply = live_client_call_finish (self, "TakeOver", result, error);

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(@a(sss)b)", policies, disabled);
  return TRUE;
}

void
live_client_refresh_async (LiveClient *self,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self));

  live_client_retry_now (self);
  live_client_call (self, LIVE_OBJECT_ROOT, LIVE_BUS_NAME ".Manager", "Refresh", NULL, G_VARIANT_TYPE_UNIT, cancellable, callback,
        user_data);
}

gboolean
live_client_refresh_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  return finish_void (self, "Refresh", result, error);
}

void
live_client_refresh_posture_async (LiveClient *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self));

  live_client_call (self, LIVE_OBJECT_ROOT "/dom0", LIVE_BUS_NAME ".Dom0", "RefreshPosture", NULL, G_VARIANT_TYPE_UNIT, cancellable,
        callback, user_data);
}

gboolean
live_client_refresh_posture_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  return finish_void (self, "RefreshPosture", result, error);
}

void
live_client_set_pool_ephemeral_volatile_async (LiveClient *self,
                                               LiveClientPool *pool,
                                               gboolean ephemeral,
                                               GCancellable *cancellable,
                                               GAsyncReadyCallback callback,
                                               gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self) && LIVE_IS_CLIENT_POOL (pool));

  live_client_call (self, live_client_pool_get_object_path (pool), LIVE_BUS_NAME ".Pool", "SetEphemeralVolatile",
        g_variant_new ("(b)", ephemeral), G_VARIANT_TYPE_UNIT, cancellable, callback, user_data);
}

gboolean
live_client_set_pool_ephemeral_volatile_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  return finish_void (self, "SetEphemeralVolatile", result, error);
}
