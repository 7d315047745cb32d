/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/qubesd-sync.h"

#include <string.h>

#include "model/error.h"
#include "sources/default-pools.h"
#include "sources/pool-reader.h"
#include "sources/qube-mirror.h"
#include "sources/qubesd-events.h"
#include "sources/stop-watch.h"

/* After a list of qubes that could not be read; an answer of qubesd that makes no sense does not get better sooner. */
#define LIST_RETRY_SECONDS 2

/* A commit of volumes is a matter of seconds. */
#define STOP_SECONDS 60
/* After the last event of a qube that was added; whoever made it has gone on to something else by then. */
#define MADE_SECONDS 60

struct _LiveQubesdSync
{
  GObject parent;

  LiveSystem *system;
  LiveQubesdClient *client;
  LiveQubesdEvents *events;
  LiveQubeMirror *mirror;
  LiveStopWatch *stop_watch; /* of those that stop */
  LiveStopWatch *made_watch; /* of those that were added */

  GCancellable *connection; /* NULL while there is none */
  gboolean listing;         /* a list of all qubes is under way */
  gboolean list_again;      /* what happened since it was asked for may be missing in it */
  gboolean listed;          /* the mirror has the qubes of a list of this connection */
  guint list_retry;         /* a source, while a list that failed is to be asked for again */
  GHashTable *adopting;     /* names of qubes that were added and are being looked up */
  guint n_pools_reading;    /* pools, and the list of them */
  GPtrArray *waiters;       /* GTask that wait for everything to be read */
};

static guint unreachable_signal;

G_DEFINE_FINAL_TYPE (LiveQubesdSync, live_qubesd_sync, G_TYPE_OBJECT)

static void list_all (LiveQubesdSync *self);

static void
check_complete (LiveQubesdSync *self)
{
  live_system_set_running_known (self->system, self->listed && live_qube_mirror_is_running_known (self->mirror));
  if (!self->listed || self->listing || self->n_pools_reading > 0 || !live_qube_mirror_is_idle (self->mirror))
    return;
  live_system_set_synchronized (self->system, TRUE);
  live_tasks_answer (&self->waiters, NULL);
}

static void
on_progress (LiveQubeMirror *mirror, LiveQubesdSync *self)
{
  if (self->connection != NULL)
    check_complete (self);
}

static gboolean
on_list_retry (gpointer data)
{
  LiveQubesdSync *self = data;

  self->list_retry = 0;
  list_all (self);
  return G_SOURCE_REMOVE;
}

static void
on_list (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (LiveQubesdSync) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  g_autoptr (GPtrArray) listings = NULL;
  guint n_skipped = 0;

  if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_CANCELLED))
    return; /* of a connection that is gone; a new one may be listing already */
  self->listing = FALSE;
  if (answer != NULL)
    listings = live_qubesd_reply_parse_vm_list (answer, &n_skipped, &error);
  if (n_skipped > 0)
    g_warning ("%u qubes have names that Qubes does not allow, and are left out", n_skipped);
  if (listings == NULL)
    {
      g_warning ("the list of qubes cannot be read: %s", error->message);
      live_tasks_answer (&self->waiters, error);
      if (self->list_retry == 0)
        self->list_retry = g_timeout_add_seconds (LIST_RETRY_SECONDS, on_list_retry, self);
      return;
    }
  if (self->list_again)
    {
      list_all (self);
      return;
    }
  self->listed = TRUE;
  live_qube_mirror_take_list (self->mirror, listings);
  check_complete (self);
}

static void
pools_done (LiveQubesdSync *self)
{
  self->n_pools_reading--;
  check_complete (self);
}

/* Whether a qube can have its policy may depend on the driver of a pool: what waited for that can be decided now. */
static void
settle_waiting (LiveQubesdSync *self)
{
  g_autoptr (GPtrArray) qubes = live_system_list_qubes (self->system);

  for (guint i = 0; i < qubes->len; i++)
    {
      LiveQube *qube = g_ptr_array_index (qubes, i);

      if (live_qube_get_plan (qube)->kind == LIVE_PLAN_UNKNOWN)
        live_qube_mirror_mark (self->mirror, live_qube_get_name (qube), LIVE_READ_STATE);
    }
}

static void
on_pool_read (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (LiveQubesdSync) self = data;
  g_autoptr (GError) error = NULL;

  if (!live_pool_read_finish (LIVE_SYSTEM (object), result, &error)
      && !g_error_matches (error, LIVE_ERROR, LIVE_ERROR_CANCELLED))
    g_warning ("a pool cannot be read: %s", error->message);
  if (error == NULL && self->connection != NULL)
    settle_waiting (self);
  pools_done (self);
}

static void
read_pool (LiveQubesdSync *self, const char *name)
{
  self->n_pools_reading++;
  live_pool_read_async (self->client, self->system, name, self->connection, on_pool_read, g_object_ref (self));
}

static void
on_default_pools (GObject *system, GAsyncResult *result, gpointer data)
{
  g_autoptr (LiveQubesdSync) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (LiveDefaultPools) pools = live_default_pools_read_finish (LIVE_SYSTEM (system), result, &error);

  if (pools == NULL && !g_error_matches (error, LIVE_ERROR, LIVE_ERROR_CANCELLED))
    g_warning ("where new qubes go is not known: %s", error->message);
  pools_done (self);
}

static void
read_default_pools (LiveQubesdSync *self)
{
  self->n_pools_reading++;
  live_default_pools_read_async (self->client, self->system, self->connection, on_default_pools, g_object_ref (self));
}

static void
on_pool_list (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (LiveQubesdSync) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  g_auto (GStrv) names = answer != NULL ? live_qubesd_reply_parse_pool_list (answer, NULL, &error) : NULL;

  if (names != NULL && self->connection != NULL)
    {
      g_autoptr (GPtrArray) pools = live_system_list_pools (self->system);

      for (guint i = 0; i < pools->len; i++)
        {
          g_autofree char *name = g_strdup (live_pool_get_name (g_ptr_array_index (pools, i)));

          if (!g_strv_contains ((const char *const *) names, name))
            live_system_remove_pool (self->system, name);
        }
      for (guint i = 0; names[i] != NULL; i++)
        read_pool (self, names[i]);
    }
  else if (names == NULL && !g_error_matches (error, LIVE_ERROR, LIVE_ERROR_CANCELLED))
    g_warning ("the list of pools cannot be read: %s", error->message);
  pools_done (self);
}

static void
list_all (LiveQubesdSync *self)
{
  g_clear_handle_id (&self->list_retry, g_source_remove);
  if (self->listing)
    {
      self->list_again = TRUE;
      return;
    }
  self->listing = TRUE;
  self->list_again = FALSE;
  live_qubesd_client_call_async (self->client, "admin.vm.List", NULL, "dom0", NULL, 0, self->connection, on_list,
                                 g_object_ref (self));
  read_default_pools (self);
  self->n_pools_reading++;
  live_qubesd_client_call_async (self->client, "admin.pool.List", NULL, "dom0", NULL, 0, self->connection, on_pool_list,
                                 g_object_ref (self));
}

/* A disposable is made in one piece. */
static void
begin_made (LiveQubesdSync *self, const char *name)
{
  LiveQube *qube = live_qube_mirror_find (self->mirror, name);

  if (qube == NULL || live_qube_get_facts (qube)->klass == LIVE_QUBE_KLASS_DISPOSABLE)
    return;
  live_qube_set_being_made (qube, TRUE);
  live_stop_watch_begin (self->made_watch, name);
}

static void
on_made (const char *name, gpointer data)
{
  LiveQubesdSync *self = data;
  LiveQube *qube = live_qube_mirror_find (self->mirror, name);

  if (qube == NULL)
    return;
  live_qube_set_being_made (qube, FALSE);
  live_qube_mirror_mark (self->mirror, name, LIVE_READ_STATE | LIVE_READ_VOLUMES);
}

/* Any event of a qube that is being made shows that somebody is still at it; while data comes in there are none. */
static void
follow_making (LiveQubesdSync *self, LiveQube *qube, const char *event)
{
  const char *name = live_qube_get_name (qube);

  if (!live_qube_get_facts (qube)->being_made)
    return;
  if (g_str_equal (event, "domain-volume-import-begin"))
    live_stop_watch_end (self->made_watch, name);
  else if (g_str_equal (event, "domain-shutdown"))
    {
      live_stop_watch_end (self->made_watch, name);
      live_qube_set_being_made (qube, FALSE);
    }
  else
    live_stop_watch_begin (self->made_watch, name);
}

static void
on_adopted (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (LiveQubesdSync) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  g_autoptr (GPtrArray) listings = NULL;

  if (answer == NULL || self->connection == NULL)
    return; /* deleted again, or the connection is lost: the next list says what there is */
  listings = live_qubesd_reply_parse_vm_list (answer, NULL, &error);
  for (guint i = 0; listings != NULL && i < listings->len; i++)
    {
      const LiveQubeListing *listing = g_ptr_array_index (listings, i);

      /* Not there any more: deleted since it was asked for. */
      if (g_hash_table_remove (self->adopting, listing->name))
        {
          live_qube_mirror_adopt (self->mirror, listing);
          begin_made (self, listing->name);
        }
    }
}

static void
look_up (LiveQubesdSync *self, const char *name)
{
  if (self->listing)
    {
      self->list_again = TRUE;
      return;
    }
  g_hash_table_add (self->adopting, g_strdup (name));
  live_qubesd_client_call_async (self->client, "admin.vm.List", NULL, name, NULL, 0, self->connection, on_adopted,
                                 g_object_ref (self));
}

static void
on_system_event (LiveQubesdSync *self, const char *event, const char *const *values)
{
  const char *qube = live_qubesd_event_get_value (values, "vm");
  const char *pool = live_qubesd_event_get_value (values, "pool");

  if (g_str_equal (event, "domain-add") && qube != NULL)
    look_up (self, qube);
  else if (g_str_equal (event, "domain-delete") && qube != NULL)
    {
      g_hash_table_remove (self->adopting, qube);
      live_stop_watch_end (self->stop_watch, qube);
      live_stop_watch_end (self->made_watch, qube);
      if (self->listing)
        self->list_again = TRUE;
      live_qube_mirror_forget (self->mirror, qube);
    }
  else if (g_str_equal (event, "pool-add") && pool != NULL)
    read_pool (self, pool);
  else if (g_str_equal (event, "pool-delete") && pool != NULL)
    live_system_remove_pool (self->system, pool);
  /* All of them follow default_pool unless they are set. */
  else if (g_str_has_prefix (event, "property-") && strstr (event, ":default_pool") != NULL)
    read_default_pools (self);
}

static LiveRead
affected_by (const char *event)
{
  static const struct
  {
    const char *event;
    LiveRead what;
  } table[] = {
    { "domain-create-on-disk", LIVE_READ_ALL },
    { "domain-clone-files", LIVE_READ_ALL },
    { "domain-pre-start", LIVE_READ_STATE },
    { "domain-start-failed", LIVE_READ_STATE | LIVE_READ_VOLUMES },
    { "domain-spawn", LIVE_READ_STATE },
    { "domain-unpaused", LIVE_READ_STATE },
    { "domain-paused", LIVE_READ_STATE },
    { "domain-start", LIVE_READ_STATE | LIVE_READ_VOLUMES },
    { "domain-pre-shutdown", LIVE_READ_STATE },
    { "domain-shutdown-failed", LIVE_READ_STATE },
    { "domain-stopped", LIVE_READ_STATE },
    { "domain-shutdown", LIVE_READ_STATE | LIVE_READ_VOLUMES },
    { "property-set:label", LIVE_READ_LABEL },
    { "property-reset:label", LIVE_READ_LABEL },
    { "property-del:label", LIVE_READ_LABEL },
    { "property-set:template_for_dispvms", LIVE_READ_LABEL },
    { "property-reset:template_for_dispvms", LIVE_READ_LABEL },
    { "property-del:template_for_dispvms", LIVE_READ_LABEL },
    { "property-reset:icon", LIVE_READ_LABEL },
    { "property-set:template", LIVE_READ_VOLUMES | LIVE_READ_TEMPLATE },
    { "property-reset:template", LIVE_READ_VOLUMES | LIVE_READ_TEMPLATE },
    { "property-del:template", LIVE_READ_VOLUMES | LIVE_READ_TEMPLATE },
    { "property-set:kernelopts", LIVE_READ_KERNEL },
    { "property-reset:kernelopts", LIVE_READ_KERNEL },
    { "property-del:kernelopts", LIVE_READ_KERNEL },
    { "property-set:kernel", LIVE_READ_KERNEL },
    { "property-reset:kernel", LIVE_READ_KERNEL },
    { "property-del:kernel", LIVE_READ_KERNEL },
  };

  const char *feature_name = NULL;
  LiveFeature feature;

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_str_equal (table[i].event, event))
      return table[i].what;
  if (g_str_has_prefix (event, "domain-feature-set:") || g_str_has_prefix (event, "domain-feature-delete:"))
    feature_name = strchr (event, ':') + 1;
  if (feature_name == NULL || !live_feature_from_string (feature_name, &feature))
    return LIVE_READ_NOTHING;
  return live_read_feature (feature) | (feature == LIVE_FEATURE_POLICY ? LIVE_READ_VOLUMES | LIVE_READ_KERNEL : 0);
}

static void
on_stop_overdue (const char *name, gpointer data)
{
  LiveQubesdSync *self = data;
  LiveQube *qube = live_qube_mirror_find (self->mirror, name);

  if (qube == NULL)
    return;
  g_message ("qubesd stopped %s and did not finish: it is taken for halted if qubesd says so", name);
  live_qube_set_stopping (qube, FALSE);
  live_qube_note_event (qube);
  live_qube_mirror_mark (self->mirror, name, LIVE_READ_STATE | LIVE_READ_VOLUMES);
}

static void
on_event (LiveQubesdEvents *events, const char *subject, const char *event, char **values, LiveQubesdSync *self)
{
  LiveQube *qube = NULL;
  LiveRead what, features;

  if (self->connection == NULL)
    return;
  if (*subject == '\0')
    {
      on_system_event (self, event, (const char *const *) values);
      return;
    }
  qube = live_qube_mirror_find (self->mirror, subject);
  if (qube != NULL)
    follow_making (self, qube, event);
  what = affected_by (event);
  if (qube == NULL || what == LIVE_READ_NOTHING)
    return;

  if (g_str_equal (event, "domain-stopped"))
    {
      live_qube_set_stopping (qube, TRUE);
      live_stop_watch_begin (self->stop_watch, subject);
    }
  else if (g_str_equal (event, "domain-shutdown") || g_str_equal (event, "domain-shutdown-failed")
           || g_str_equal (event, "domain-start"))
    {
      live_qube_set_stopping (qube, FALSE);
      live_stop_watch_end (self->stop_watch, subject);
    }
  features = what & ~(LiveRead) (LIVE_READ_ONE_FEATURE - 1);
  /* Of the features only the policy, which comes with the volumes: the others are set by ourselves, in the middle of
   * what may fail, and that would be tried again for ever. */
  if (what & (LIVE_READ_STATE | LIVE_READ_VOLUMES))
    live_qube_note_event (qube);
  /* A wish is shown as soon as it is read; what it means for the volumes follows with them. */
  if (features != LIVE_READ_NOTHING)
    live_qube_mirror_mark (self->mirror, subject, features);
  live_qube_mirror_mark (self->mirror, subject, what & ~features);
  /* A new template makes qubesd forget rw of root, on the qube and on every disposable made from it
   * (qubes/vm/mix/dvmtemplate.py); which those are is not known here, and they are few. */
  if (g_str_has_prefix (event, "property-") && g_str_has_suffix (event, ":template"))
    live_qube_mirror_mark_class (self->mirror, LIVE_QUBE_KLASS_DISPOSABLE, LIVE_READ_VOLUMES);
}

static void
on_connected (LiveQubesdEvents *events, LiveQubesdSync *self)
{
  self->connection = g_cancellable_new ();
  live_qube_mirror_connect (self->mirror, self->connection);
  live_system_set_running_known (self->system, FALSE);
  live_system_set_connected (self->system, TRUE);
  list_all (self);
}

static void
on_disconnected (LiveQubesdEvents *events, const GError *reason, LiveQubesdSync *self)
{
  g_autoptr (GCancellable) connection = g_steal_pointer (&self->connection);
  g_autoptr (GError) error = NULL;

  error = g_error_new (LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE, "qubesd is not reachable: %s", reason->message);
  g_message ("%s", error->message);
  g_clear_handle_id (&self->list_retry, g_source_remove);
  self->listed = FALSE;
  self->listing = FALSE;
  self->list_again = FALSE;
  live_system_set_synchronized (self->system, FALSE);
  live_system_set_running_known (self->system, FALSE);
  live_system_set_connected (self->system, FALSE);
  g_hash_table_remove_all (self->adopting);
  live_stop_watch_clear (self->stop_watch);
  live_stop_watch_clear (self->made_watch);
  live_qube_mirror_disconnect (self->mirror, error);
  live_tasks_answer (&self->waiters, error);
  g_cancellable_cancel (connection);
  g_signal_emit (self, unreachable_signal, 0);
}

/* (transfer full): a task that is already answered with an error when qubesd is not reachable */
static GTask *
task_new (LiveQubesdSync *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, data);

  if (self->connection != NULL)
    return g_steal_pointer (&task);
  live_qubesd_events_retry_now (self->events);
  g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE,
                           "qubesd is not reachable: start it with \"systemctl start qubesd\"");
  return NULL;
}

void
live_qubesd_sync_refresh_async (LiveQubesdSync *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer data)
{
  GTask *task = task_new (self, cancellable, callback, data);

  if (task == NULL)
    return;
  g_ptr_array_add (self->waiters, task);
  list_all (self);
}

gboolean
live_qubesd_sync_refresh_finish (LiveQubesdSync *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
live_qubesd_sync_hold_qube (LiveQubesdSync *self, const char *name)
{
  live_qube_mirror_hold (self->mirror, name);
}

void
live_qubesd_sync_refresh_qube_async (LiveQubesdSync *self,
                                     const char *name,
                                     LiveRead what,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer data)
{
  GTask *task = task_new (self, cancellable, callback, data);

  if (task != NULL)
    live_qube_mirror_wait (self->mirror, name, what, task);
}

gboolean
live_qubesd_sync_refresh_qube_finish (LiveQubesdSync *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_pool_refreshed (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;

  if (live_pool_read_finish (LIVE_SYSTEM (object), result, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

void
live_qubesd_sync_refresh_pool_async (
    LiveQubesdSync *self, const char *name, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = task_new (self, cancellable, callback, data);

  if (task != NULL)
    live_pool_read_async (self->client, self->system, name, self->connection, on_pool_refreshed, task);
}

gboolean
live_qubesd_sync_refresh_pool_finish (LiveQubesdSync *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
live_qubesd_sync_mark_pool (LiveQubesdSync *self, const char *name)
{
  g_autoptr (GPtrArray) qubes = live_system_list_qubes (self->system);

  for (guint i = 0; i < qubes->len; i++)
    {
      LiveQube *qube = g_ptr_array_index (qubes, i);

      for (guint volume = 0; volume < LIVE_N_VOLUMES; volume++)
        if (g_strcmp0 (live_qube_get_facts (qube)->volumes[volume].pool, name) == 0)
          {
            live_qube_mirror_mark (self->mirror, live_qube_get_name (qube), LIVE_READ_VOLUMES);
            break;
          }
    }
}

static void
live_qubesd_sync_dispose (GObject *object)
{
  LiveQubesdSync *self = LIVE_QUBESD_SYNC (object);

  g_clear_handle_id (&self->list_retry, g_source_remove);
  if (self->events != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->events, self);
      live_qubesd_events_stop (self->events);
    }
  if (self->mirror != NULL)
    g_signal_handlers_disconnect_by_data (self->mirror, self);
  g_cancellable_cancel (self->connection);
  live_stop_watch_clear (self->stop_watch);
  live_stop_watch_clear (self->made_watch);
  G_OBJECT_CLASS (live_qubesd_sync_parent_class)->dispose (object);
}

static void
live_qubesd_sync_finalize (GObject *object)
{
  LiveQubesdSync *self = LIVE_QUBESD_SYNC (object);

  g_clear_object (&self->connection);
  g_hash_table_unref (self->adopting);
  live_stop_watch_free (self->stop_watch);
  live_stop_watch_free (self->made_watch);
  g_ptr_array_unref (self->waiters);
  g_clear_object (&self->mirror);
  g_clear_object (&self->events);
  g_clear_object (&self->client);
  g_clear_object (&self->system);
  G_OBJECT_CLASS (live_qubesd_sync_parent_class)->finalize (object);
}

static void
live_qubesd_sync_class_init (LiveQubesdSyncClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = live_qubesd_sync_dispose;
  object_class->finalize = live_qubesd_sync_finalize;
  unreachable_signal
      = g_signal_new ("unreachable", LIVE_TYPE_QUBESD_SYNC, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
live_qubesd_sync_init (LiveQubesdSync *self)
{
  self->adopting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->stop_watch = live_stop_watch_new (STOP_SECONDS, on_stop_overdue, self);
  self->made_watch = live_stop_watch_new (MADE_SECONDS, on_made, self);
  self->waiters = g_ptr_array_new_with_free_func (g_object_unref);
}

LiveQubesdSync *
live_qubesd_sync_new (LiveSystem *system, LiveQubesdClient *client, const char *socket_path)
{
  LiveQubesdSync *self = g_object_new (LIVE_TYPE_QUBESD_SYNC, NULL);

  self->system = g_object_ref (system);
  self->client = g_object_ref (client);
  self->mirror = live_qube_mirror_new (system, client);
  self->events = live_qubesd_events_new (socket_path);
  g_signal_connect (self->mirror, "progress", G_CALLBACK (on_progress), self);
  g_signal_connect (self->events, "connected", G_CALLBACK (on_connected), self);
  g_signal_connect (self->events, "disconnected", G_CALLBACK (on_disconnected), self);
  g_signal_connect (self->events, "event", G_CALLBACK (on_event), self);
  return self;
}

void
live_qubesd_sync_start (LiveQubesdSync *self)
{
  live_qubesd_events_start (self->events);
}
