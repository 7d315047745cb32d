/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/pools-private.h"

#include "model/error.h"
#include "sources/qubesd-reply.h"

/* qubesd refuses to start a qube that has this feature, and says what stands in it (qubes/vm/qubesvm.py, start(); not
 * in 4.2, which takes it and starts all the same). */
#define PROHIBIT_START "prohibit-start"

/* ---- Storage without a pool. ---- */

static void
on_taken_down (GObject *pools, GAsyncResult *result, gpointer data)
{
  LivePoolWork *work = data;
  GError *error = NULL;

  if (!live_pools_take_down_finish (LIVE_POOLS (pools), result, &error))
    live_pool_work_take_error (work, error);
  /* Without another look: what cannot be taken away now would be tried for ever. */
  live_pool_work_end (work);
}

static void
on_names (GObject *client, GAsyncResult *result, gpointer data)
{
  LivePoolWork *work = data;
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  g_auto (GStrv) names = answer != NULL ? live_qubesd_reply_parse_pool_list (answer, NULL, &error) : NULL;

  if (names == NULL || g_strv_contains ((const char *const *) names, work->name))
    {
      if (error != NULL)
        live_pool_work_take_error (work, error);
      live_pool_work_end (work);
      return;
    }
  g_message ("pool %s is not qubesd's any more: its storage is taken away", work->name);
  live_pools_take_down_async (work, on_taken_down);
}

void
live_pools_clear (LivePools *self, const char *name)
{
  LivePoolWork *work = live_pool_work_new (self, name, NULL);

  live_pools_call (self, "admin.pool.List", NULL, NULL, on_names, work);
}

/* ---- Qubes without storage. ---- */

typedef struct
{
  LivePools *pools;
  char *qube;
  char *text;
  gboolean gone;
} LiveGuard;

static void
guard_free (LiveGuard *guard)
{
  g_object_unref (guard->pools);
  g_free (guard->qube);
  g_free (guard->text);
  g_free (guard);
}

static void
on_changed (GObject *client, GAsyncResult *result, gpointer data)
{
  LiveGuard *guard = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  if (answer == NULL)
    g_warning ("%s: %s cannot be changed: %s", guard->qube, PROHIBIT_START, error->message);
  guard_free (guard);
}

static void
on_feature (GObject *client, GAsyncResult *result, gpointer data)
{
  LiveGuard *guard = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  g_autofree char *text = answer != NULL ? live_qubesd_reply_parse_text (answer, &error) : NULL;
  g_autoptr (GBytes) payload = NULL;

  /* What somebody else wrote there stays. */
  if (guard->gone && g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_FOUND))
    {
      payload = live_qubesd_payload_new (guard->text);
      g_message ("%s cannot be started: its pool is gone", guard->qube);
      live_qubesd_client_call_async (guard->pools->client, "admin.vm.feature.Set", PROHIBIT_START, guard->qube, payload,
                                     0, NULL, on_changed, guard);
    }
  else if (!guard->gone && g_strcmp0 (text, guard->text) == 0)
    live_qubesd_client_call_async (guard->pools->client, "admin.vm.feature.Remove", PROHIBIT_START, guard->qube, NULL,
                                   0, NULL, on_changed, guard);
  else
    guard_free (guard);
}

void
live_pool_guard (LivePools *self, LivePool *pool)
{
  const char *const *qubes = live_pool_get_qubes (pool);
  const char *name = live_pool_get_name (pool);
  gboolean gone = g_str_equal (live_pool_get_state (pool), LIVE_POOL_STATE_GONE);

  if (!live_pool_is_ours (pool) || (!gone && !g_hash_table_contains (self->guarded, name)))
    return;
  if (gone)
    g_hash_table_add (self->guarded, g_strdup (name));
  else
    g_hash_table_remove (self->guarded, name);
  for (guint i = 0; qubes[i] != NULL; i++)
    {
      LiveGuard *guard = g_new0 (LiveGuard, 1);

      guard->pools = g_object_ref (self);
      guard->qube = g_strdup (qubes[i]);
      guard->text = g_strdup_printf ("The storage of pool %s is gone", name);
      guard->gone = gone;
      live_qubesd_client_call_async (self->client, "admin.vm.feature.Get", PROHIBIT_START, qubes[i], NULL, 0, NULL,
                                     on_feature, guard);
    }
}
