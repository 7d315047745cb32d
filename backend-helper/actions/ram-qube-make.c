/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/ram-qube-private.h"

#include "actions/pools-private.h"
#include "actions/power.h"
#include "model/error.h"
#include "sources/qubesd-reply.h"

#define MIB (G_GUINT64_CONSTANT (1024) * 1024)
/* What a private volume may need at most in a pool that is made for it, unless its files are copied; and besides, for
 * the volatile volume. The RAM is not taken before something is written. */
#define MOST_FOR_PRIVATE (2048 * MIB)
#define FOR_VOLATILE (1024 * MIB)
/* The copy is counted in what is used of the source, where a pool on LVM counts in blocks of its own. */
#define COPY_MARGIN (64 * MIB)

/* A copy can be of many gigabytes. */
#define CLONE_TIMEOUT_SECONDS 3600

static gboolean
check_cancelled (LiveRamQube *self, GError **error)
{
  if (*error == NULL && g_cancellable_is_cancelled (live_job_get_cancel (self->job)))
    g_set_error (error, LIVE_ERROR, LIVE_ERROR_CANCELLED, "to run %s in RAM was taken back", self->source);
  return *error == NULL;
}

/* Finishes the call; FALSE when it failed, or all was taken back, and is being undone. @answer: (optional) */
static gboolean
take_answer (LiveRamQube *self, GObject *client, GAsyncResult *result, GBytes **answer)
{
  GError *error = NULL;
  g_autoptr (GBytes) bytes = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  live_pools_point (self->owner->pools);
  if (!check_cancelled (self, &error))
    {
      live_ram_qube_remove (self, TRUE, error);
      return FALSE;
    }
  if (answer != NULL)
    *answer = g_steal_pointer (&bytes);
  return TRUE;
}

/* ---- It runs. ---- */

static void
on_started (GObject *client, GAsyncResult *result, gpointer data)
{
  LiveRamQube *self = data;
  GError *error = NULL;

  live_pools_point (self->owner->pools);
  if (!live_power_finish (LIVE_QUBESD_CLIENT (client), result, &error) || !live_ram_qube_note (self, "running", &error))
    {
      live_ram_qube_remove (self, TRUE, error);
      return;
    }
  live_ram_qube_watch (self);
}

static void
start (LiveRamQube *self)
{
  GError *error = NULL;

  live_job_set_cancellable (self->job, FALSE);
  if (!live_ram_qube_note (self, LIVE_JOB_STEP_START_QUBE, &error))
    {
      live_ram_qube_remove (self, TRUE, error);
      return;
    }
  live_job_set_step (self->job, LIVE_JOB_STEP_START_QUBE);
  live_power_start_async (self->owner->client, self->name, on_started, self);
}

/* ---- Its files. ---- */

static void
on_cloned (GObject *client, GAsyncResult *result, gpointer data)
{
  LiveRamQube *self = data;

  if (take_answer (self, client, result, NULL))
    start (self);
}

static void
on_token (GObject *client, GAsyncResult *result, gpointer data)
{
  LiveRamQube *self = data;
  g_autoptr (GBytes) answer = NULL;

  if (take_answer (self, client, result, &answer))
    live_qubesd_client_call_async (self->owner->client, "admin.vm.volume.CloneTo", "private", self->name, answer,
                                   CLONE_TIMEOUT_SECONDS, NULL, on_cloned, self);
}

static void
copy_files (LiveRamQube *self)
{
  if (!self->with_files)
    {
      start (self);
      return;
    }
  live_job_set_step (self->job, LIVE_JOB_STEP_COPY_FILES);
  live_ram_qube_call (self, "admin.vm.volume.CloneFrom", "private", self->source, NULL, on_token);
}

/* ---- Its settings. ---- */

/* What is written to root then goes to the volatile volume, and so to the pool. */
static void
on_root_set (GObject *client, GAsyncResult *result, gpointer data)
{
  if (take_answer (data, client, result, NULL))
    copy_files (data);
}

static void
on_backup_set (GObject *client, GAsyncResult *result, gpointer data)
{
  if (take_answer (data, client, result, NULL))
    live_ram_qube_call (data, "admin.vm.volume.Set.rw", "root", ((LiveRamQube *) data)->name, "False", on_root_set);
}

static void
on_copied (GObject *client, GAsyncResult *result, gpointer data)
{
  LiveRamQube *self = data;
  GError *error = NULL;

  live_qube_copy_write_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  /* A backup would put it on a disk. */
  if (check_cancelled (self, &error))
    live_ram_qube_call (self, "admin.vm.property.Set", "include_in_backups", self->name, "False", on_backup_set);
  else
    live_ram_qube_remove (self, TRUE, error);
}

static void
on_marked (GObject *client, GAsyncResult *result, gpointer data)
{
  LiveRamQube *self = data;

  if (!take_answer (self, client, result, NULL))
    return;
  live_job_set_step (self->job, LIVE_JOB_STEP_COPY_SETTINGS);
  live_qube_copy_write_async (self->owner->client, self->copy, self->name, NULL, on_copied, self);
}

/* ---- The qube. ---- */

static void
on_created (GObject *client, GAsyncResult *result, gpointer data)
{
  LiveRamQube *self = data;
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  live_pools_point (self->owner->pools);
  /* A clear no: one of that name may be somebody else's. */
  if (answer == NULL && !g_error_matches (error, LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE)
      && !g_error_matches (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL))
    json_object_set_string_member (self->entry, "step", LIVE_JOB_STEP_CHECK);
  if (!check_cancelled (self, &error))
    live_ram_qube_remove (self, FALSE, error);
  else
    live_ram_qube_call (self, "admin.vm.feature.Set", LIVE_RAM_QUBE_FEATURE, self->name,
                        self->own_pool ? LIVE_RAM_QUBE_OWN_POOL : LIVE_RAM_QUBE_OTHER_POOL, on_marked);
}

static void
create_qube (LiveRamQube *self, GError *error)
{
  LivePool *pool = live_system_find_pool (self->owner->system, self->pool);
  g_autofree char *payload = NULL;

  if (error == NULL && pool != NULL && self->with_files
      && live_pool_get_size (pool) < self->copy->private_used + COPY_MARGIN)
    error = g_error_new (LIVE_ERROR, LIVE_ERROR_NO_SPACE,
                         "pool %s has %" G_GUINT64_FORMAT " bytes, and the files of %s are %" G_GUINT64_FORMAT,
                         self->pool, live_pool_get_size (pool), self->source, self->copy->private_used);
  if (!check_cancelled (self, &error) || !live_ram_qube_note (self, LIVE_JOB_STEP_CREATE_QUBE, &error))
    {
      live_ram_qube_remove (self, FALSE, error);
      return;
    }
  live_job_set_step (self->job, LIVE_JOB_STEP_CREATE_QUBE);
  live_job_set_progress (self->job, -1);
  payload = g_strdup_printf ("name=%s label=%s pool:private=%s pool:volatile=%s", self->name, self->copy->label,
                             self->pool, self->pool);
  live_ram_qube_call (self, "admin.vm.CreateInPool.AppVM", self->copy->template, "dom0", payload, on_created);
}

/* ---- The pool. ---- */

static guint64
choose_size (LiveRamQube *self)
{
  guint64 private = MIN (self->copy->private_size, MOST_FOR_PRIVATE);

  if (self->with_files)
  private = MAX (private, self->copy->private_used + self->copy->private_used / 4 + COPY_MARGIN);
  return (private + FOR_VOLATILE) / MIB * MIB;
}

static void
make_pool (LiveRamQube *self)
{
  LivePoolWish wish = { .name = self->pool, .storage = LIVE_POOL_STORAGE_ZRAM, .size = choose_size (self) };
  GError *error = NULL;
  LiveJob *job = live_pools_create (self->owner->pools, &wish, &error);

  if (job != NULL)
    live_ram_qube_follow (self, job, create_qube);
  else
    {
      /* Somebody else's, of that name. */
      self->own_pool = FALSE;
      live_ram_qube_remove (self, FALSE, error);
    }
}

static void
on_read (GObject *client, GAsyncResult *result, gpointer data)
{
  LiveRamQube *self = data;
  GError *error = NULL;

  self->copy = live_qube_copy_read_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  if (!check_cancelled (self, &error) || !live_ram_qube_note (self, LIVE_JOB_STEP_CHECK, &error))
    {
      self->own_pool = FALSE;
      live_ram_qube_remove (self, FALSE, error);
    }
  else if (self->own_pool)
    make_pool (self);
  else
    create_qube (self, NULL);
}

void
live_ram_qube_make (LiveRamQube *self)
{
  live_job_set_cancellable (self->job, TRUE);
  live_job_set_step (self->job, LIVE_JOB_STEP_CHECK);
  live_qube_copy_read_async (self->owner->client, self->source, NULL, on_read, self);
}
