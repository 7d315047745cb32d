/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/ram-qube-private.h"

#include "actions/pools-private.h"
#include "model/error.h"
#include "sources/qubesd-reply.h"
#include "sources/qubesd-wire.h"

/* While something else is being done with its pool. */
#define BUSY_TRIES 240
#define BUSY_MILLISECONDS 250

static void destroy_pool (LiveRamQube *self);

static gboolean
on_try_again (gpointer data)
{
  LiveRamQube *self = data;

  self->timer = 0;
  destroy_pool (self);
  return G_SOURCE_REMOVE;
}

/* @error: (transfer full) (nullable) */
static void
on_pool_destroyed (LiveRamQube *self, GError *error)
{
  g_autofree char *id = g_strconcat (LIVE_RAM_QUBE_ENTRY, self->name, NULL);
  g_autoptr (GError) owned = error;
  g_autoptr (GError) failure = NULL;

  if (g_error_matches (owned, LIVE_ERROR, LIVE_ERROR_BUSY) && ++self->retries < BUSY_TRIES)
    {
      self->timer = g_timeout_add (BUSY_MILLISECONDS, on_try_again, self);
      return;
    }
  /* What somebody else has put into it meanwhile stays; it is a pool like others then. */
  if (owned != NULL && !g_error_matches (owned, LIVE_ERROR, LIVE_ERROR_NOT_FOUND))
    g_message ("pool %s, which was made for %s, stays: %s", self->pool, self->name, owned->message);
  live_pools_point (self->owner->pools);
  if (!live_journal_remove (self->owner->journal, id, &failure))
    g_warning ("%s", failure->message);
  live_ram_qube_end (self);
}

static void
destroy_pool (LiveRamQube *self)
{
  static const char *const none[] = { NULL };
  GError *error = NULL;
  LiveJob *job = NULL;

  if (!self->own_pool || self->pool == NULL)
    {
      on_pool_destroyed (self, NULL);
      return;
    }
  job = live_pools_destroy (self->owner->pools, self->pool, none, FALSE, &error);
  if (job != NULL)
    live_ram_qube_follow (self, job, on_pool_destroyed);
  else
    on_pool_destroyed (self, error);
}

/* When it is read again, and by the next helper. */
static void
try_later (LiveRamQube *self, const GError *error)
{
  g_warning ("%s cannot be removed now: %s", self->name, error->message);
  self->removing = FALSE;
  self->watched = TRUE;
  if (self->job == NULL)
    return;
  live_job_finish (self->job, self->error != NULL ? self->error : error);
  g_signal_handler_disconnect (live_job_get_cancel (self->job), self->cancelled);
  self->cancelled = 0;
  g_clear_object (&self->job);
}

static void
on_removed (GObject *client, GAsyncResult *result, gpointer data)
{
  LiveRamQube *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  live_pools_point (self->owner->pools);
  if (answer != NULL || live_qubesd_error_is (error, "QubesVMNotFoundError")
      || (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL)
          && live_system_find_qube (self->owner->system, self->name) == NULL))
    {
      destroy_pool (self);
      return;
    }
  try_later (self, error);
}

static void
on_killed (GObject *client, GAsyncResult *result, gpointer data)
{
  LiveRamQube *self = data;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, NULL);

  live_ram_qube_call (self, "admin.vm.Remove", NULL, self->name, NULL, on_removed);
}

/* Whether one of that name is the one that was made: it has to be in the pool. */
static void
on_looked (GObject *client, GAsyncResult *result, gpointer data)
{
  LiveRamQube *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  g_autoptr (LiveVolumeInfo) info = answer != NULL ? live_qubesd_reply_parse_volume_info (answer, &error) : NULL;

  if (info != NULL && g_strcmp0 (info->pool, self->pool) == 0)
    live_ram_qube_call (self, self->kill ? "admin.vm.Kill" : "admin.vm.Remove", NULL, self->name, NULL,
                        self->kill ? on_killed : on_removed);
  else if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE))
    try_later (self, error);
  else
    destroy_pool (self);
}

void
live_ram_qube_remove (LiveRamQube *self, gboolean kill, GError *error)
{
  self->removing = TRUE;
  self->kill = kill;
  self->watched = FALSE;
  g_clear_error (&self->error);
  self->error = error;
  if (self->job != NULL)
    {
      live_job_set_cancellable (self->job, FALSE);
      live_job_set_step (self->job, LIVE_JOB_STEP_UNDO);
    }
  /* Nothing was created yet if nothing was noted. */
  if (self->entry == NULL || !json_object_has_member (self->entry, "step")
      || g_str_equal (json_object_get_string_member (self->entry, "step"), LIVE_JOB_STEP_CHECK))
    destroy_pool (self);
  else
    live_ram_qube_call (self, "admin.vm.volume.Info", "private", self->name, NULL, on_looked);
}
