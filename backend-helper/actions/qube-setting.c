/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/qube-setting.h"

#include "model/error.h"

struct _LiveQubeSetting
{
  GObject parent;

  LiveSystem *system;
  LiveQubesdClient *client;
  LiveQubesdSync *sync;
  LiveTurns *turns;
};

G_DEFINE_FINAL_TYPE (LiveQubeSetting, live_qube_setting, G_TYPE_OBJECT)

typedef struct
{
  char *name;
  LiveRead what;
  LiveQubeSettingPlan plan;
  LiveQubeSettingCheck check;
  gpointer wish;
  GDestroyNotify wish_free;
  GError *error;
} LiveSettingChange;

static void
change_free (LiveSettingChange *change)
{
  g_free (change->name);
  if (change->wish_free != NULL)
    change->wish_free (change->wish);
  g_clear_error (&change->error);
  g_free (change);
}

static void
finish (GTask *task)
{
  LiveQubeSetting *self = g_task_get_source_object (task);
  LiveSettingChange *change = g_task_get_task_data (task);
  LiveQube *qube = live_system_find_qube (self->system, change->name);

  if (change->error != NULL)
    g_task_return_error (task, g_steal_pointer (&change->error));
  else
    g_task_return_boolean (task, TRUE);
  live_turns_give_back (self->turns, change->name);
  /* Whoever came meanwhile and found the turn taken looks again. */
  if (qube != NULL)
    live_system_settle_qube (self->system, qube);
  g_object_unref (task);
}

static LiveQube *
find_qube (GTask *task)
{
  LiveQubeSetting *self = g_task_get_source_object (task);
  LiveSettingChange *change = g_task_get_task_data (task);
  LiveQube *qube = live_system_find_qube (self->system, change->name);

  if (qube == NULL && change->error == NULL)
    change->error = g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "there is no qube %s", change->name);
  return qube;
}

static void
on_read_back (GObject *sync, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveSettingChange *change = g_task_get_task_data (task);
  LiveQube *qube = NULL;

  if (live_qubesd_sync_refresh_qube_finish (LIVE_QUBESD_SYNC (sync), result,
                                            change->error == NULL ? &change->error : NULL))
    qube = find_qube (task);
  if (qube != NULL && change->error == NULL)
    change->check (qube, change->wish, &change->error);
  finish (task);
}

static void
on_edited (GObject *object, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveQubeSetting *self = LIVE_QUBE_SETTING (object);
  LiveSettingChange *change = g_task_get_task_data (task);

  live_edit_run_finish (object, result, &change->error);
  live_qubesd_sync_refresh_qube_async (self->sync, change->name, change->what, NULL, on_read_back, task);
}

static void
on_read_before (GObject *sync, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveQubeSetting *self = g_task_get_source_object (task);
  LiveSettingChange *change = g_task_get_task_data (task);
  g_autoptr (LiveEdit) edit = live_edit_new (self->client, change->name);
  LiveQube *qube = NULL;

  if (live_qubesd_sync_refresh_qube_finish (LIVE_QUBESD_SYNC (sync), result, &change->error))
    qube = find_qube (task);
  if (qube == NULL || !change->plan (qube, edit, change->wish, &change->error))
    finish (task);
  else
    live_edit_run_async (g_steal_pointer (&edit), G_OBJECT (self), on_edited, task);
}

static void
on_turn (GObject *turns, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveQubeSetting *self = g_task_get_source_object (task);
  LiveSettingChange *change = g_task_get_task_data (task);

  live_turns_take_finish (LIVE_TURNS (turns), result, NULL); /* without a cancellable it cannot fail */
  live_qubesd_sync_refresh_qube_async (self->sync, change->name, change->what, NULL, on_read_before, task);
}

void
live_qube_setting_change_async (LiveQubeSetting *self,
                                const char *name,
                                LiveRead what,
                                LiveQubeSettingPlan plan,
                                LiveQubeSettingCheck check,
                                gpointer wish,
                                GDestroyNotify wish_free,
                                GAsyncReadyCallback callback,
                                gpointer data)
{
  GTask *task = g_task_new (self, NULL, callback, data);
  LiveSettingChange *change = g_new0 (LiveSettingChange, 1);

  change->name = g_strdup (name);
  change->what = what;
  change->plan = plan;
  change->check = check;
  change->wish = wish;
  change->wish_free = wish_free;
  g_task_set_task_data (task, change, (GDestroyNotify) change_free);
  live_turns_take_async (self->turns, name, NULL, on_turn, task);
}

gboolean
live_qube_setting_change_finish (LiveQubeSetting *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
live_qube_setting_finalize (GObject *object)
{
  LiveQubeSetting *self = LIVE_QUBE_SETTING (object);

  g_object_unref (self->system);
  g_object_unref (self->client);
  g_object_unref (self->sync);
  g_object_unref (self->turns);
  G_OBJECT_CLASS (live_qube_setting_parent_class)->finalize (object);
}

static void
live_qube_setting_class_init (LiveQubeSettingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = live_qube_setting_finalize;
}

static void
live_qube_setting_init (LiveQubeSetting *self)
{
}

LiveQubeSetting *
live_qube_setting_new (LiveSystem *system, LiveQubesdClient *client, LiveQubesdSync *sync, LiveTurns *turns)
{
  LiveQubeSetting *self = g_object_new (LIVE_TYPE_QUBE_SETTING, NULL);

  self->system = g_object_ref (system);
  self->client = g_object_ref (client);
  self->sync = g_object_ref (sync);
  self->turns = g_object_ref (turns);
  return self;
}
