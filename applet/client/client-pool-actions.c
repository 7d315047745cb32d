/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* The methods by which pools and qubes in RAM come and go: those that begin a job, and what goes with them. */

#include "client/client-private.h"
#include "client/client.h"
#include "model/object-path.h"

#define MANAGER LIVE_BUS_NAME ".Manager"
#define POOL LIVE_BUS_NAME ".Pool"
#define JOB LIVE_BUS_NAME ".Job"

/* What every method returns that begins a job. */
static char *
finish_job (LiveClient *self, const char *method, GAsyncResult *result, GError **error)
{
  g_autoptr (GVariant) reply = live_client_call_finish (self, method, result, error);
  char *object_path = NULL;

  if (reply != NULL)
    g_variant_get (reply, "(o)", &object_path);
  return object_path;
}

static gboolean
finish_nothing (LiveClient *self, const char *method, GAsyncResult *result, GError **error)
{
  g_autoptr (GVariant) reply = live_client_call_finish (self, method, result, error);

  return reply != NULL;
}

static gboolean
are_options (GVariant *options)
{
  return options != NULL && g_variant_is_of_type (options, G_VARIANT_TYPE_VARDICT);
}

void
live_client_create_ram_pool_async (LiveClient *self,
                                   const char *name,
                                   guint64 size,
                                   GVariant *options,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self) && name != NULL && are_options (options));

  live_client_call (self, LIVE_OBJECT_ROOT, MANAGER, "CreateRamPool", g_variant_new ("(st@a{sv})", name, size, options),
                    G_VARIANT_TYPE ("(o)"), cancellable, callback, user_data);
}

char *
live_client_create_ram_pool_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  return finish_job (self, "CreateRamPool", result, error);
}

void
live_client_create_encrypted_pool_async (LiveClient *self,
                                         const char *name,
                                         guint64 size,
                                         const char *backing,
                                         GVariant *options,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self) && name != NULL && backing != NULL && are_options (options));

  live_client_call (self, LIVE_OBJECT_ROOT, MANAGER, "CreateEncryptedPool",
                    g_variant_new ("(sts@a{sv})", name, size, backing, options), G_VARIANT_TYPE ("(o)"), cancellable,
                    callback, user_data);
}

char *
live_client_create_encrypted_pool_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  return finish_job (self, "CreateEncryptedPool", result, error);
}

void
live_client_run_ram_qube_async (LiveClient *self,
                                LiveClientQube *qube,
                                GVariant *options,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self) && LIVE_IS_CLIENT_QUBE (qube) && are_options (options));

  live_client_call (self, LIVE_OBJECT_ROOT, MANAGER, "RunRamQube",
                    g_variant_new ("(s@a{sv})", live_client_qube_get_name (qube), options), G_VARIANT_TYPE ("(o)"),
                    cancellable, callback, user_data);
}

char *
live_client_run_ram_qube_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  return finish_job (self, "RunRamQube", result, error);
}

void
live_client_resize_pool_async (LiveClient *self,
                               LiveClientPool *pool,
                               guint64 size,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self) && LIVE_IS_CLIENT_POOL (pool));

  live_client_call (self, live_client_pool_get_object_path (pool), POOL, "Resize", g_variant_new ("(t)", size),
                    G_VARIANT_TYPE ("(o)"), cancellable, callback, user_data);
}

char *
live_client_resize_pool_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  return finish_job (self, "Resize", result, error);
}

void
live_client_destroy_pool_async (LiveClient *self,
                                LiveClientPool *pool,
                                const char *const *qubes,
                                gboolean kill,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self) && LIVE_IS_CLIENT_POOL (pool) && qubes != NULL);

  live_client_call (self, live_client_pool_get_object_path (pool), POOL, "Destroy",
                    g_variant_new ("(^asb)", qubes, kill), G_VARIANT_TYPE ("(o)"), cancellable, callback, user_data);
}

char *
live_client_destroy_pool_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  return finish_job (self, "Destroy", result, error);
}

void
live_client_set_pool_default_async (LiveClient *self,
                                    LiveClientPool *pool,
                                    gboolean on,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self) && LIVE_IS_CLIENT_POOL (pool));

  live_client_call (self, live_client_pool_get_object_path (pool), POOL, "SetDefault", g_variant_new ("(b)", on),
                    G_VARIANT_TYPE_UNIT, cancellable, callback, user_data);
}

gboolean
live_client_set_pool_default_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  return finish_nothing (self, "SetDefault", result, error);
}

void
live_client_cancel_job_async (
    LiveClient *self, LiveClientJob *job, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  g_return_if_fail (LIVE_IS_CLIENT (self) && LIVE_IS_CLIENT_JOB (job));

  live_client_call (self, live_client_job_get_object_path (job), JOB, "Cancel", NULL, G_VARIANT_TYPE_UNIT, cancellable,
                    callback, user_data);
}

gboolean
live_client_cancel_job_finish (LiveClient *self, GAsyncResult *result, GError **error)
{
  return finish_nothing (self, "Cancel", result, error);
}
