/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bus/service.h"

#include "config.h"

#include "actions/pool-setting.h"
#include "actions/power.h"
#include "actions/take-over.h"
#include "bus/jobs.h"
#include "bus/mirror.h"
#include "bus/pool-methods.h"
#include "bus/qube-settings.h"
#include "bus/qube-windows.h"
#include "bus/request.h"
#include "bus/view-filter.h"
#include "live-bus.h"
#include "model/error.h"
#include "model/object-path.h"

struct _LiveService
{
  GObject parent;

  LiveServiceParts parts;
  LiveAuthority *authority;
  LiveQubeSettings *settings;
  LiveQubeWindows *windows;
  LivePoolMethods *pool_methods;
  GDBusObjectManagerServer *objects;
  LiveViewFilter *view_filter;
  LiveBusManager *manager;
  LiveBusDom0 *dom0;
  LiveJobs *jobs;
};

G_DEFINE_FINAL_TYPE (LiveService, live_service, G_TYPE_OBJECT)

/* ---- Methods: the gate first, then the action. ---- */

static void
on_policy_set (GObject *policy, GAsyncResult *result, gpointer data)
{
  LiveRequest *request = data;
  gboolean applied = FALSE;
  GError *error = NULL;

  if (live_volume_policy_set_finish (LIVE_VOLUME_POLICY (policy), result, &applied, &error))
    live_request_succeed (request, g_variant_new ("(b)", applied));
  else
    live_request_fail (request, error);
}

static void
perform_set_policy (LiveRequest *request)
{
  LiveService *self = LIVE_SERVICE (request->owner);

  live_volume_policy_set_async (self->parts.policy, request->name, request->text, on_policy_set, request);
}

static gboolean
handle_set_policy (LiveBusQube *qube, GDBusMethodInvocation *invocation, const char *policy, LiveService *self)
{
  LiveRequest *request = live_request_begin (self->authority, invocation, "set-policy", "qube",
                                             live_bus_qube_get_name (qube), G_OBJECT (self), perform_set_policy);

  request->text = g_strdup (policy);
  return TRUE;
}

static void
on_volume_set (GObject *toggle, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  if (live_volume_toggle_set_finish (LIVE_VOLUME_TOGGLE (toggle), result, &error))
    live_request_succeed (data, NULL);
  else
    live_request_fail (data, error);
}

static void
perform_set_volume_writable (LiveRequest *request)
{
  LiveService *self = LIVE_SERVICE (request->owner);

  live_volume_toggle_set_async (self->parts.toggle, request->name, request->text, request->flag, on_volume_set,
                                request);
}

static gboolean
handle_set_volume_writable (LiveBusQube *qube, GDBusMethodInvocation *invocation, const char *volume,
                            gboolean writable, LiveService *self)
{
  LiveRequest *request
      = live_request_begin (self->authority, invocation, "set-policy", "qube", live_bus_qube_get_name (qube),
                            G_OBJECT (self), perform_set_volume_writable);

  request->text = g_strdup (volume);
  request->flag = writable;
  return TRUE;
}

static void
on_qube_refreshed (GObject *sync, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  if (live_qubesd_sync_refresh_qube_finish (LIVE_QUBESD_SYNC (sync), result, &error))
    live_request_succeed (data, NULL);
  else
    live_request_fail (data, error);
}

static void
perform_refresh_qube (LiveRequest *request)
{
  LiveService *self = LIVE_SERVICE (request->owner);

  live_qubesd_sync_refresh_qube_async (self->parts.sync, request->name, LIVE_READ_ALL, NULL, on_qube_refreshed,
                                       request);
}

static gboolean
handle_refresh_qube (LiveBusQube *qube, GDBusMethodInvocation *invocation, LiveService *self)
{
  live_request_begin (self->authority, invocation, "view", "qube", live_bus_qube_get_name (qube), G_OBJECT (self),
                      perform_refresh_qube);
  return TRUE;
}

static void
on_power (GObject *client, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  if (live_power_finish (LIVE_QUBESD_CLIENT (client), result, &error))
    live_request_succeed (data, NULL);
  else
    live_request_fail (data, error);
}

static void
perform_start (LiveRequest *request)
{
  live_power_start_async (LIVE_SERVICE (request->owner)->parts.client, request->name, on_power, request);
}

static void
perform_shutdown (LiveRequest *request)
{
  live_power_shutdown_async (LIVE_SERVICE (request->owner)->parts.client, request->name, on_power, request);
}

static gboolean
handle_start (LiveBusQube *qube, GDBusMethodInvocation *invocation, LiveService *self)
{
  live_request_begin (self->authority, invocation, "manage-qube", "qube", live_bus_qube_get_name (qube),
                      G_OBJECT (self), perform_start);
  return TRUE;
}

static gboolean
handle_shutdown (LiveBusQube *qube, GDBusMethodInvocation *invocation, LiveService *self)
{
  live_request_begin (self->authority, invocation, "manage-qube", "qube", live_bus_qube_get_name (qube),
                      G_OBJECT (self), perform_shutdown);
  return TRUE;
}

static void
on_pool_set (GObject *system, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  if (live_pool_setting_set_finish (LIVE_SYSTEM (system), result, &error))
    live_request_succeed (data, NULL);
  else
    live_request_fail (data, error);
}

static void
perform_set_pool (LiveRequest *request)
{
  LiveService *self = LIVE_SERVICE (request->owner);

  live_pool_setting_set_async (self->parts.system, self->parts.client, self->parts.sync, request->name, request->flag,
                               on_pool_set, request);
}

static gboolean
handle_set_ephemeral_volatile (LiveBusPool *pool, GDBusMethodInvocation *invocation, gboolean ephemeral,
                               LiveService *self)
{
  LiveRequest *request = live_request_begin (self->authority, invocation, "manage-pool", "pool",
                                             live_bus_pool_get_name (pool), G_OBJECT (self), perform_set_pool);

  request->flag = ephemeral;
  return TRUE;
}

static void
on_pools_refreshed (GObject *pools, GAsyncResult *result, gpointer data)
{
  live_pools_refresh_finish (LIVE_POOLS (pools), result);
  live_request_succeed (data, NULL);
}

static void
on_refreshed (GObject *sync, GAsyncResult *result, gpointer data)
{
  LiveRequest *request = data;
  GError *error = NULL;

  if (live_qubesd_sync_refresh_finish (LIVE_QUBESD_SYNC (sync), result, &error))
    live_pools_refresh_async (LIVE_SERVICE (request->owner)->parts.pools, on_pools_refreshed, request);
  else
    live_request_fail (request, error);
}

static void
on_dom0_refreshed (GObject *dom0, GAsyncResult *result, gpointer data)
{
  LiveRequest *request = data;
  GError *error = NULL;

  if (live_dom0_sync_refresh_finish (LIVE_DOM0_SYNC (dom0), result, &error))
    live_qubesd_sync_refresh_async (LIVE_SERVICE (request->owner)->parts.sync, NULL, on_refreshed, request);
  else
    live_request_fail (request, error);
}

static void
perform_refresh (LiveRequest *request)
{
  live_dom0_sync_refresh_async (LIVE_SERVICE (request->owner)->parts.dom0, NULL, on_dom0_refreshed, request);
}

static gboolean
handle_refresh (LiveBusManager *manager, GDBusMethodInvocation *invocation, LiveService *self)
{
  live_request_begin (self->authority, invocation, "view", NULL, NULL, G_OBJECT (self), perform_refresh);
  return TRUE;
}

static void
on_posture_refreshed (GObject *hardening, GAsyncResult *result, gpointer data)
{
  LiveRequest *request = data;

  live_hardening_refresh_finish (LIVE_HARDENING (hardening), result);
  /* The answer must not overtake the news. */
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (LIVE_SERVICE (request->owner)->dom0));
  live_request_succeed (request, NULL);
}

static void
perform_refresh_posture (LiveRequest *request)
{
  live_hardening_refresh_async (LIVE_SERVICE (request->owner)->parts.hardening, on_posture_refreshed, request);
}

static gboolean
handle_refresh_posture (LiveBusDom0 *dom0, GDBusMethodInvocation *invocation, LiveService *self)
{
  live_request_begin (self->authority, invocation, "view", NULL, NULL, G_OBJECT (self), perform_refresh_posture);
  return TRUE;
}

static void
on_taken_over (GObject *guide_units, GAsyncResult *result, gpointer data)
{
  LiveRequest *request = data;
  GError *error = NULL;
  GVariant *answer = live_take_over_finish (LIVE_GUIDE_UNITS (guide_units), result, &error);

  if (answer == NULL)
    {
      live_request_fail (request, error);
      return;
    }
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (LIVE_SERVICE (request->owner)->dom0));
  live_request_succeed (request, answer);
  g_variant_unref (answer);
}

static void
perform_take_over (LiveRequest *request)
{
  const LiveServiceParts *parts = &LIVE_SERVICE (request->owner)->parts;

  live_take_over_async (parts->guide_units, parts->system, parts->policy,
                        g_dbus_method_invocation_get_connection (request->invocation), on_taken_over, request);
}

/* Not set-policy alone: it changes what dom0 does when it starts. */
static gboolean
handle_take_over (LiveBusManager *manager, GDBusMethodInvocation *invocation, LiveService *self)
{
  live_request_begin (self->authority, invocation, "manage-boot", NULL, NULL, G_OBJECT (self), perform_take_over);
  return TRUE;
}

/* ---- Objects come and go with the model. ---- */

static void
export (LiveService *self, const char *path, gpointer interface)
{
  g_autoptr (LiveBusObjectSkeleton) object = live_bus_object_skeleton_new (path);

  g_dbus_object_skeleton_add_interface (G_DBUS_OBJECT_SKELETON (object), interface);
  g_dbus_object_manager_server_export (self->objects, G_DBUS_OBJECT_SKELETON (object));
}

static void
on_qube_added (LiveSystem *system, LiveQube *qube, LiveService *self)
{
  g_autofree char *path = live_object_path ("qube", live_qube_get_name (qube));
  g_autoptr (LiveBusQube) interface = live_bus_qube_skeleton_new ();

  live_mirror (qube, interface);
  g_signal_connect_object (interface, "handle-set-policy", G_CALLBACK (handle_set_policy), self, 0);
  g_signal_connect_object (interface, "handle-set-volume-writable", G_CALLBACK (handle_set_volume_writable), self, 0);
  g_signal_connect_object (interface, "handle-refresh", G_CALLBACK (handle_refresh_qube), self, 0);
  g_signal_connect_object (interface, "handle-start", G_CALLBACK (handle_start), self, 0);
  g_signal_connect_object (interface, "handle-shutdown", G_CALLBACK (handle_shutdown), self, 0);
  live_qube_settings_serve (self->settings, interface);
  live_qube_windows_serve (self->windows, interface);
  export (self, path, interface);
}

static void
on_qube_removed (LiveSystem *system, LiveQube *qube, LiveService *self)
{
  g_autofree char *path = live_object_path ("qube", live_qube_get_name (qube));

  g_dbus_object_manager_server_unexport (self->objects, path);
}

static void
on_pool_added (LiveSystem *system, LivePool *pool, LiveService *self)
{
  g_autofree char *path = live_object_path ("pool", live_pool_get_name (pool));
  g_autoptr (LiveBusPool) interface = live_bus_pool_skeleton_new ();

  live_mirror (pool, interface);
  g_signal_connect_object (interface, "handle-set-ephemeral-volatile", G_CALLBACK (handle_set_ephemeral_volatile),
                           self, 0);
  live_pool_methods_serve_pool (self->pool_methods, interface);
  export (self, path, interface);
}

static void
on_pool_removed (LiveSystem *system, LivePool *pool, LiveService *self)
{
  g_autofree char *path = live_object_path ("pool", live_pool_get_name (pool));

  g_dbus_object_manager_server_unexport (self->objects, path);
}

static void
export_system (LiveService *self)
{
  LiveSystem *system = self->parts.system;
  g_autoptr (GPtrArray) qubes = live_system_list_qubes (system);
  g_autoptr (GPtrArray) pools = live_system_list_pools (system);

  self->manager = live_bus_manager_skeleton_new ();
  live_bus_manager_set_version (self->manager, PACKAGE_VERSION);
  live_mirror (system, self->manager);
  g_signal_connect_object (self->manager, "handle-refresh", G_CALLBACK (handle_refresh), self, 0);
  g_signal_connect_object (self->manager, "handle-take-over", G_CALLBACK (handle_take_over), self, 0);
  live_pool_methods_serve_manager (self->pool_methods, self->manager);

  self->dom0 = live_bus_dom0_skeleton_new ();
  live_mirror (system, self->dom0);
  g_signal_connect_object (self->dom0, "handle-refresh-posture", G_CALLBACK (handle_refresh_posture), self, 0);
  export (self, LIVE_OBJECT_ROOT "/dom0", self->dom0);

  for (guint i = 0; i < qubes->len; i++)
    on_qube_added (system, g_ptr_array_index (qubes, i), self);
  for (guint i = 0; i < pools->len; i++)
    on_pool_added (system, g_ptr_array_index (pools, i), self);
  g_signal_connect_object (system, "qube-added", G_CALLBACK (on_qube_added), self, 0);
  g_signal_connect_object (system, "qube-removed", G_CALLBACK (on_qube_removed), self, 0);
  g_signal_connect_object (system, "pool-added", G_CALLBACK (on_pool_added), self, 0);
  g_signal_connect_object (system, "pool-removed", G_CALLBACK (on_pool_removed), self, 0);
}

static void
live_service_finalize (GObject *object)
{
  LiveService *self = LIVE_SERVICE (object);

  g_dbus_object_manager_server_set_connection (self->objects, NULL);
  g_clear_object (&self->jobs);
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->manager));
  g_clear_object (&self->manager);
  g_clear_object (&self->dom0);
  g_clear_object (&self->view_filter);
  g_clear_object (&self->objects);
  g_clear_object (&self->settings);
  g_clear_object (&self->windows);
  g_clear_object (&self->pool_methods);
  g_clear_object (&self->authority);
  g_clear_object (&self->parts.system);
  g_clear_object (&self->parts.client);
  g_clear_object (&self->parts.sync);
  g_clear_object (&self->parts.dom0);
  g_clear_object (&self->parts.policy);
  g_clear_object (&self->parts.toggle);
  g_clear_object (&self->parts.hardening);
  g_clear_object (&self->parts.guide_units);
  g_clear_object (&self->parts.pools);
  G_OBJECT_CLASS (live_service_parent_class)->finalize (object);
}

static void
live_service_class_init (LiveServiceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = live_service_finalize;
}

static void
live_service_init (LiveService *self)
{
}

LiveService *
live_service_new (GDBusConnection *connection, const LiveServiceParts *parts)
{
  LiveService *self = g_object_new (LIVE_TYPE_SERVICE, NULL);
  g_autoptr (GError) error = NULL;

  self->parts.system = g_object_ref (parts->system);
  self->parts.client = g_object_ref (parts->client);
  self->parts.sync = g_object_ref (parts->sync);
  self->parts.dom0 = g_object_ref (parts->dom0);
  self->parts.policy = g_object_ref (parts->policy);
  self->parts.toggle = g_object_ref (parts->toggle);
  self->parts.hardening = g_object_ref (parts->hardening);
  self->parts.guide_units = g_object_ref (parts->guide_units);
  self->parts.pools = g_object_ref (parts->pools);
  self->authority = live_authority_new (connection);
  self->settings = live_qube_settings_new (self->authority, parts->setting, parts->renewal);
  self->windows = live_qube_windows_new (self->authority, parts->windows);
  self->pool_methods = live_pool_methods_new (self->authority, parts->pools, parts->ram_qubes);
  self->objects = g_dbus_object_manager_server_new (LIVE_OBJECT_ROOT);
  export_system (self);
  self->jobs = live_jobs_new (parts->system, self->authority, self->objects, LIVE_JOBS_KEEP_SECONDS);
  self->view_filter = live_view_filter_new (connection, self->objects, self->authority);
  live_view_filter_add_root_interface (self->view_filter, G_DBUS_INTERFACE_SKELETON (self->manager));
  g_dbus_object_manager_server_set_connection (self->objects, connection);
  /* Beside the object manager, which has the same path and cannot manage itself. */
  if (!g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->manager), connection, LIVE_OBJECT_ROOT,
                                         &error))
    g_warning ("the manager cannot be exported: %s", error->message);
  return self;
}
