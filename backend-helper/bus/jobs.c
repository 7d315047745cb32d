/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bus/jobs.h"

#include "bus/mirror.h"
#include "bus/request.h"
#include "live-bus.h"
#include "model/object-path.h"

struct _LiveJobs
{
  GObject parent_instance;

  LiveSystem *system;
  LiveAuthority *authority;
  GDBusObjectManagerServer *objects;
  guint keep_seconds;
  GHashTable *shown; /* LiveJob → Shown; the key belongs to the value */
};

G_DEFINE_FINAL_TYPE (LiveJobs, live_jobs, G_TYPE_OBJECT)

/* One job on the bus. */
typedef struct
{
  LiveJobs *jobs; /* not owned: it owns this */
  LiveJob *job;
  LiveBusJob *interface;
  guint removal; /* the timer, once it has ended */
} Shown;

char *
live_jobs_dup_path (LiveJob *job)
{
  return g_strdup_printf (LIVE_OBJECT_ROOT "/job/%u", live_job_get_id (job));
}

static void
shown_free (gpointer data)
{
  Shown *shown = data;

  g_signal_handlers_disconnect_by_data (shown->job, shown);
  g_clear_handle_id (&shown->removal, g_source_remove);
  g_object_unref (shown->interface);
  g_object_unref (shown->job);
  g_free (shown);
}

static void
perform_cancel (LiveRequest *request)
{
  LiveBusJob *interface = LIVE_BUS_JOB (request->owner);
  GError *error = NULL;

  if (!live_job_cancel (g_object_get_data (request->owner, "live-job"), &error))
    {
      live_request_fail (request, error);
      return;
    }
  /* The answer must not overtake the news. */
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (interface));
  live_request_succeed (request, NULL);
}

static gboolean
handle_cancel (LiveBusJob *interface, GDBusMethodInvocation *invocation, LiveJobs *self)
{
  LiveJob *job = g_object_get_data (G_OBJECT (interface), "live-job");

  live_request_begin (self->authority, invocation, live_job_get_action (job), live_job_get_action_detail (job),
                      live_job_get_subject (job), G_OBJECT (interface), perform_cancel);
  return TRUE;
}

static gboolean
on_removal (gpointer data)
{
  Shown *shown = data;

  shown->removal = 0;
  live_system_remove_job (shown->jobs->system, shown->job);
  return G_SOURCE_REMOVE;
}

static void
start_removal (Shown *shown)
{
  shown->removal = g_timeout_add_seconds (shown->jobs->keep_seconds, on_removal, shown);
}

static void
on_completed (LiveJob *job, Shown *shown)
{
  const char *error_name = live_bus_job_get_error_name (shown->interface);

  /* Whoever hears the signal finds the properties as they are at the end. */
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (shown->interface));
  live_bus_job_emit_completed (shown->interface, *error_name == '\0', error_name,
                               live_bus_job_get_error_message (shown->interface));
  start_removal (shown);
}

static void
on_job_added (LiveSystem *system, LiveJob *job, LiveJobs *self)
{
  g_autofree char *path = live_jobs_dup_path (job);
  g_autoptr (LiveBusObjectSkeleton) object = live_bus_object_skeleton_new (path);
  Shown *shown = g_new0 (Shown, 1);

  shown->jobs = self;
  shown->job = g_object_ref (job);
  shown->interface = live_bus_job_skeleton_new ();
  g_hash_table_insert (self->shown, job, shown);
  /* A question to polkit outlives what is shown here. */
  g_object_set_data_full (G_OBJECT (shown->interface), "live-job", g_object_ref (job), g_object_unref);
  live_mirror (job, shown->interface);
  g_signal_connect_object (shown->interface, "handle-cancel", G_CALLBACK (handle_cancel), self, 0);
  g_dbus_object_skeleton_add_interface (G_DBUS_OBJECT_SKELETON (object), G_DBUS_INTERFACE_SKELETON (shown->interface));
  g_dbus_object_manager_server_export (self->objects, G_DBUS_OBJECT_SKELETON (object));
  if (live_job_get_finished (job))
    start_removal (shown);
  else
    g_signal_connect (job, "completed", G_CALLBACK (on_completed), shown);
}

static void
on_job_removed (LiveSystem *system, LiveJob *job, LiveJobs *self)
{
  g_autofree char *path = live_jobs_dup_path (job);

  g_dbus_object_manager_server_unexport (self->objects, path);
  g_hash_table_remove (self->shown, job);
}

LiveJobs *
live_jobs_new (LiveSystem *system, LiveAuthority *authority, GDBusObjectManagerServer *objects, guint keep_seconds)
{
  LiveJobs *self = g_object_new (LIVE_TYPE_JOBS, NULL);
  g_autoptr (GPtrArray) jobs = live_system_list_jobs (system);

  self->system = g_object_ref (system);
  self->authority = g_object_ref (authority);
  self->objects = g_object_ref (objects);
  self->keep_seconds = keep_seconds;
  for (guint i = 0; i < jobs->len; i++)
    on_job_added (system, jobs->pdata[i], self);
  g_signal_connect_object (system, "job-added", G_CALLBACK (on_job_added), self, 0);
  g_signal_connect_object (system, "job-removed", G_CALLBACK (on_job_removed), self, 0);
  return self;
}

static void
live_jobs_finalize (GObject *object)
{
  LiveJobs *self = LIVE_JOBS (object);

  g_hash_table_unref (self->shown);
  g_object_unref (self->objects);
  g_object_unref (self->authority);
  g_object_unref (self->system);
  G_OBJECT_CLASS (live_jobs_parent_class)->finalize (object);
}

static void
live_jobs_class_init (LiveJobsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = live_jobs_finalize;
}

static void
live_jobs_init (LiveJobs *self)
{
  self->shown = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, shown_free);
}
