/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/pools-private.h"

#include <string.h>

#include "model/error.h"
#include "model/object-path.h"
#include "sources/qubesd-wire.h"

typedef struct
{
  LivePoolWork *work; /* not owned: it owns this */
  GStrv qubes;        /* sorted */
  gboolean kill;
  GPtrArray *order; /* names of qubes, those first that need others */
  guint next;
  guint timeout;
  gulong settled;
  GCancellable *cancel; /* (nullable) */
  gulong cancelled;
} LiveDestruction;

static void
stop_waiting (LiveDestruction *destruction)
{
  g_clear_handle_id (&destruction->timeout, g_source_remove);
  g_clear_signal_handler (&destruction->settled, destruction->work->owner->system);
  if (destruction->cancelled != 0)
    g_cancellable_disconnect (destruction->cancel, destruction->cancelled);
  destruction->cancelled = 0;
}

static void
destruction_free (gpointer data)
{
  LiveDestruction *destruction = data;

  stop_waiting (destruction);
  g_strfreev (destruction->qubes);
  g_clear_pointer (&destruction->order, g_ptr_array_unref);
  g_clear_object (&destruction->cancel);
  g_free (destruction);
}

/* Nothing of the pool was touched. @error: (transfer full) */
static void
refuse (LivePoolWork *work, GError *error)
{
  live_pool_work_take_error (work, error);
  live_pool_work_forget (work);
  live_pool_work_finish (work);
}

/* ---- No way back. ---- */

static void
on_taken_down (GObject *pools, GAsyncResult *result, gpointer data)
{
  LivePoolWork *work = data;
  GError *error = NULL;

  if (!live_pools_take_down_finish (LIVE_POOLS (pools), result, &error))
    live_pool_work_take_error (work, error);
  /* What is in use is still there to be destroyed another time. Anything else is tried again later. */
  if (work->error == NULL || g_error_matches (work->error, LIVE_ERROR, LIVE_ERROR_IN_USE))
    live_pool_work_forget (work);
  else
    live_pool_work_postpone (work);
  live_pool_work_finish (work);
}

static void remove_next (LivePoolWork *work);

static void
on_qube_removed (GObject *client, GAsyncResult *result, gpointer data)
{
  LivePoolWork *work = data;
  LiveDestruction *destruction = work->data;
  const char *name = destruction->order->pdata[destruction->next];
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  live_pools_point (work->owner);
  /* A disposable goes by itself; of one that is not there a qubesd before 4.4 may answer nothing. */
  if (answer == NULL && !live_qubesd_error_is (error, "QubesVMNotFoundError")
      && live_system_find_qube (work->owner->system, name) != NULL)
    {
      gboolean later = g_error_matches (error, LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE);

      g_prefix_error (&error, "%s cannot be removed: ", name);
      if (!later)
        {
          refuse (work, g_steal_pointer (&error));
          return;
        }
      live_pool_work_take_error (work, g_steal_pointer (&error));
      live_pool_work_postpone (work);
      live_pool_work_finish (work);
      return;
    }
  destruction->next++;
  remove_next (work);
}

static void
remove_next (LivePoolWork *work)
{
  LiveDestruction *destruction = work->data;

  if (destruction->next < destruction->order->len)
    {
      if (work->job != NULL)
        live_job_set_progress (work->job, (double) destruction->next / destruction->order->len);
      live_qubesd_client_call_async (work->owner->client, "admin.vm.Remove", NULL,
                                     destruction->order->pdata[destruction->next], NULL, 0, NULL, on_qube_removed,
                                     work);
      return;
    }
  live_pools_take_down_async (work, on_taken_down);
}

static int
get_rank (LiveSystem *system, const char *name)
{
  LiveQube *qube = live_system_find_qube (system, name);

  if (qube == NULL)
    return 0;
  switch (live_qube_get_facts (qube)->klass)
    {
    case LIVE_QUBE_KLASS_DISPOSABLE:
      return 0;
    case LIVE_QUBE_KLASS_TEMPLATE:
      return 2;
    case LIVE_QUBE_KLASS_OTHER:
    case LIVE_QUBE_KLASS_APP:
    case LIVE_QUBE_KLASS_STANDALONE:
    default:
      return 1;
    }
}

static int
compare_rank (gconstpointer a, gconstpointer b, gpointer system)
{
  const char *first = *(const char *const *) a;
  const char *second = *(const char *const *) b;
  int difference = get_rank (system, first) - get_rank (system, second);

  return difference != 0 ? difference : strcmp (first, second);
}

static void
put_in_order (LivePoolWork *work)
{
  LiveDestruction *destruction = work->data;

  destruction->order = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; destruction->qubes[i] != NULL; i++)
    g_ptr_array_add (destruction->order, g_strdup (destruction->qubes[i]));
  g_ptr_array_sort_with_data (destruction->order, compare_rank, work->owner->system);
  destruction->next = 0;
}

static void
remove_qubes (LivePoolWork *work)
{
  GError *error = NULL;

  live_job_set_cancellable (work->job, FALSE);
  json_object_set_boolean_member (work->entry, "removing", TRUE);
  if (!live_pool_work_note (work, LIVE_JOB_STEP_REMOVE_QUBES, &error))
    {
      refuse (work, error);
      return;
    }
  put_in_order (work);
  live_pool_work_set_step (work, LIVE_JOB_STEP_REMOVE_QUBES);
  remove_next (work);
}

/* ---- Until then: the qubes end. ---- */

static gboolean
is_running (LiveSystem *system, const char *name)
{
  LiveQube *qube = live_system_find_qube (system, name);

  return qube != NULL && live_qube_state_is_running (live_qube_get_facts (qube)->state);
}

/* (transfer full): the names of those that run, as a person reads them. */
static char *
list_running (LivePoolWork *work)
{
  LiveDestruction *destruction = work->data;
  g_autoptr (GPtrArray) running = g_ptr_array_new ();

  for (guint i = 0; destruction->qubes[i] != NULL; i++)
    if (is_running (work->owner->system, destruction->qubes[i]))
      g_ptr_array_add (running, destruction->qubes[i]);
  g_ptr_array_add (running, NULL);
  return g_strjoinv (", ", (char **) running->pdata);
}

/* Whether those that were named are those that are there; one that went by itself is no matter. */
static gboolean
check_qubes (LivePoolWork *work, gboolean strict, GError **error)
{
  LiveDestruction *destruction = work->data;
  LivePool *pool = live_system_find_pool (work->owner->system, work->name);
  const char *const *there = pool != NULL ? live_pool_get_qubes (pool) : NULL;
  g_autoptr (GString) others = g_string_new (NULL);

  for (guint i = 0; there != NULL && there[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *) destruction->qubes, there[i]))
      g_string_append_printf (others, "%s%s", others->len > 0 ? ", " : "", there[i]);
  if (others->len > 0)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_CONFLICT, "pool %s also holds volumes of %s, which were not named",
                   work->name, others->str);
      return FALSE;
    }
  for (guint i = 0; strict && destruction->qubes[i] != NULL; i++)
    if (there == NULL || !g_strv_contains (there, destruction->qubes[i]))
      g_string_append_printf (others, "%s%s", others->len > 0 ? ", " : "", destruction->qubes[i]);
  if (others->len > 0)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_CONFLICT, "pool %s holds no volume of %s", work->name, others->str);
      return FALSE;
    }
  return TRUE;
}

static void
on_looked_again (GObject *sync, GAsyncResult *result, gpointer data)
{
  LivePoolWork *work = data;
  g_autofree char *running = NULL;
  GError *error = NULL;

  if (!live_qubesd_sync_refresh_finish (LIVE_QUBESD_SYNC (sync), result, &error) || !check_qubes (work, FALSE, &error))
    {
      refuse (work, error);
      return;
    }
  running = list_running (work);
  if (g_cancellable_is_cancelled (live_job_get_cancel (work->job)))
    refuse (work,
            g_error_new (LIVE_ERROR, LIVE_ERROR_CANCELLED, "the destruction of pool %s was taken back", work->name));
  else if (*running != '\0')
    refuse (work,
            g_error_new (LIVE_ERROR, LIVE_ERROR_IN_USE, "pool %s is in use: %s was started", work->name, running));
  else
    remove_qubes (work);
}

/* What is about to be removed is looked at once more, and all of it. */
static void
look_again (LivePoolWork *work)
{
  live_qubesd_sync_refresh_async (work->owner->sync, NULL, on_looked_again, work);
}

static void
on_settled (LiveSystem *system, gpointer qube, LivePoolWork *work)
{
  LiveDestruction *destruction = work->data;
  g_autofree char *running = list_running (work);

  if (*running != '\0')
    return;
  stop_waiting (destruction);
  look_again (work);
}

static gboolean
on_timeout (gpointer data)
{
  LivePoolWork *work = data;
  LiveDestruction *destruction = work->data;
  g_autofree char *running = list_running (work);

  destruction->timeout = 0;
  stop_waiting (destruction);
  refuse (work, g_error_new (LIVE_ERROR, LIVE_ERROR_IN_USE, "pool %s is in use: %s did not shut down in %d seconds",
                             work->name, running, LIVE_POOLS_SHUTDOWN_SECONDS));
  return G_SOURCE_REMOVE;
}

static gboolean
on_cancelled_idle (gpointer data)
{
  LivePoolWork *work = data;
  LiveDestruction *destruction = work->data;

  destruction->timeout = 0;
  stop_waiting (destruction);
  refuse (work,
          g_error_new (LIVE_ERROR, LIVE_ERROR_CANCELLED, "the destruction of pool %s was taken back", work->name));
  return G_SOURCE_REMOVE;
}

/* Not from inside the signal of the cancellable, which cannot be disconnected from there. */
static void
on_cancelled (GCancellable *cancel, LivePoolWork *work)
{
  LiveDestruction *destruction = work->data;

  g_clear_handle_id (&destruction->timeout, g_source_remove);
  destruction->timeout = g_idle_add (on_cancelled_idle, work);
}

static void end_next (LivePoolWork *work);

static void
wait_for_qubes (LivePoolWork *work)
{
  LiveDestruction *destruction = work->data;

  destruction->timeout = g_timeout_add_seconds (LIVE_POOLS_SHUTDOWN_SECONDS, on_timeout, work);
  destruction->settled = g_signal_connect (work->owner->system, "qube-settled", G_CALLBACK (on_settled), work);
  destruction->cancel = g_object_ref (live_job_get_cancel (work->job));
  destruction->cancelled = g_cancellable_connect (destruction->cancel, G_CALLBACK (on_cancelled), work, NULL);
  on_settled (work->owner->system, NULL, work);
}

static void
on_ended (GObject *client, GAsyncResult *result, gpointer data)
{
  LivePoolWork *work = data;
  LiveDestruction *destruction = work->data;
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  if (answer == NULL && !live_qubesd_error_is (error, "QubesVMNotStartedError")
      && !live_qubesd_error_is (error, "QubesVMNotFoundError"))
    {
      g_prefix_error (&error, "%s does not end: ", destruction->qubes[destruction->next]);
      refuse (work, error);
      return;
    }
  g_clear_error (&error);
  destruction->next++;
  end_next (work);
}

static void
end_next (LivePoolWork *work)
{
  LiveDestruction *destruction = work->data;
  const char *name = NULL;

  if (g_cancellable_is_cancelled (live_job_get_cancel (work->job)))
    {
      refuse (work,
              g_error_new (LIVE_ERROR, LIVE_ERROR_CANCELLED, "the destruction of pool %s was taken back", work->name));
      return;
    }
  while ((name = destruction->qubes[destruction->next]) != NULL && !is_running (work->owner->system, name))
    destruction->next++;
  if (name != NULL)
    live_qubesd_client_call_async (work->owner->client, destruction->kill ? "admin.vm.Kill" : "admin.vm.Shutdown", NULL,
                                   name, NULL, 0, NULL, on_ended, work);
  else
    wait_for_qubes (work);
}

static void
on_looked (GObject *sync, GAsyncResult *result, gpointer data)
{
  LivePoolWork *work = data;
  GError *error = NULL;

  if (!live_qubesd_sync_refresh_finish (LIVE_QUBESD_SYNC (sync), result, &error) || !check_qubes (work, TRUE, &error))
    {
      refuse (work, error);
      return;
    }
  live_pools_point (work->owner);
  live_pool_work_set_step (work, LIVE_JOB_STEP_SHUT_DOWN_QUBES);
  end_next (work);
}

static LivePoolWork *
work_new (LivePools *self, const char *name, const char *kind, const char *const *qubes)
{
  LivePoolWork *work = live_pool_work_new (self, name, kind);
  LiveDestruction *destruction = g_new0 (LiveDestruction, 1);

  destruction->work = work;
  destruction->qubes = g_strdupv ((char **) qubes);
  work->data = destruction;
  work->free_data = destruction_free;
  return work;
}

LiveJob *
live_pools_destroy (LivePools *self, const char *name, const char *const *qubes, gboolean kill, GError **error)
{
  JsonArray *names = NULL;
  LivePoolWork *work = NULL;

  for (guint i = 0; qubes[i] != NULL; i++)
    if (!live_name_is_valid (qubes[i]))
      {
        g_set_error_literal (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT, "A name is none that Qubes allows");
        return NULL;
      }
  if (live_pools_find (self, name, error) == NULL)
    return NULL;
  work = work_new (self, name, LIVE_JOB_DESTROY_POOL, qubes);
  ((LiveDestruction *) work->data)->kill = kill;
  work->entry = json_object_new ();
  json_object_set_string_member (work->entry, "action", LIVE_POOLS_ACTION_DESTROY);
  names = json_array_new ();
  for (guint i = 0; qubes[i] != NULL; i++)
    json_array_add_string_element (names, qubes[i]);
  json_object_set_array_member (work->entry, "qubes", names);
  live_job_set_cancellable (work->job, TRUE);
  live_pool_work_set_step (work, LIVE_JOB_STEP_CHECK);
  live_qubesd_sync_refresh_async (self->sync, NULL, on_looked, work);
  return work->job;
}

/* ---- After a crash. ---- */

static GStrv
read_qubes (LivePools *self, const LiveJournalEntry *entry, const char *name)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  LivePool *pool = live_system_find_pool (self->system, name);
  JsonNode *node = json_object_get_member (entry->content, "qubes");
  JsonArray *names = node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  for (guint i = 0; names != NULL && pool != NULL && i < json_array_get_length (names); i++)
    {
      JsonNode *element = json_array_get_element (names, i);
      const char *qube = json_node_get_value_type (element) == G_TYPE_STRING ? json_node_get_string (element) : NULL;

      /* Of the others nothing is in the pool: they were removed, and one of that name may have been made anew. */
      if (qube != NULL && g_strv_contains (live_pool_get_qubes (pool), qube))
        g_strv_builder_add (builder, qube);
    }
  return g_strv_builder_end (builder);
}

void
live_pool_destroy_resume (LivePools *self, const LiveJournalEntry *entry, const char *name)
{
  g_auto (GStrv) qubes = read_qubes (self, entry, name);
  LivePoolWork *work = work_new (self, name, NULL, (const char *const *) qubes);

  work->entry = json_object_ref (entry->content);
  if (!json_object_get_boolean_member_with_default (entry->content, "removing", FALSE))
    {
      g_message ("pool %s was to be destroyed when the helper ended: it is left as it is", name);
      live_pool_work_forget (work);
      live_pool_work_end (work);
      return;
    }
  g_message ("pool %s was being destroyed when the helper ended: that is finished", name);
  put_in_order (work);
  remove_next (work);
}
