/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/renewal.h"

#include "actions/steps.h"
#include "model/error.h"
#include "sources/qubesd-reply.h"
#include "sources/qubesd-wire.h"

struct _LiveRenewal
{
  GObject parent;

  LiveSystem *system;
  LiveQubesdClient *client;
  LiveQubesdSync *sync;
  LiveTurns *turns;
  LiveVolumePolicy *policy;
};

G_DEFINE_FINAL_TYPE (LiveRenewal, live_renewal, G_TYPE_OBJECT)

typedef struct
{
  char *name;
  char *policy;       /* what they are to have */
  GPtrArray *old;     /* names of disposables that are not kept ready */
  guint next;         /* the one that is at work on */
  GPtrArray *waiting; /* names */
  gboolean turn;      /* of the template */
  GError *error;      /* the first */
} LiveRun;

static void
run_free (LiveRun *run)
{
  g_free (run->name);
  g_free (run->policy);
  g_ptr_array_unref (run->old);
  g_ptr_array_unref (run->waiting);
  g_clear_error (&run->error);
  g_free (run);
}

static void
take_error (LiveRun *run, GError *error)
{
  if (run->error == NULL)
    run->error = error;
  else
    g_error_free (error);
}

static void
finish (GTask *task)
{
  LiveRenewal *self = g_task_get_source_object (task);
  LiveRun *run = g_task_get_task_data (task);
  LiveQube *qube = live_system_find_qube (self->system, run->name);

  if (run->turn)
    {
      live_turns_give_back (self->turns, run->name);
      /* Whoever came meanwhile and found the turn taken looks again. */
      if (qube != NULL)
        live_system_settle_qube (self->system, qube);
    }
  if (run->error != NULL)
    g_task_return_error (task, g_steal_pointer (&run->error));
  else
    {
      g_ptr_array_add (run->waiting, NULL);
      g_task_return_pointer (task, g_ptr_array_steal (run->waiting, NULL), (GDestroyNotify) g_strfreev);
    }
  g_object_unref (task);
}

static LiveQube *
find_template (GTask *task)
{
  LiveRenewal *self = g_task_get_source_object (task);
  LiveRun *run = g_task_get_task_data (task);
  LiveQube *qube = live_system_find_qube (self->system, run->name);

  if (qube == NULL)
    take_error (run, g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "there is no qube %s", run->name));
  return qube;
}

static char **
list_preloaded (const LiveQubeFacts *template)
{
  const char *text = template->features[LIVE_FEATURE_PRELOADED];

  return g_strsplit (text != NULL && template->features[LIVE_FEATURE_PRELOAD_MAX] != NULL ? text : "", " ", -1);
}

/* ---- Those that are kept ready. ---- */

static void
on_read_back (GObject *sync, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  GError *error = NULL;

  if (!live_qubesd_sync_refresh_qube_finish (LIVE_QUBESD_SYNC (sync), result, &error))
    take_error (g_task_get_task_data (task), error);
  finish (task);
}

static void
on_renewed (GObject *object, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveRenewal *self = g_task_get_source_object (task);
  LiveRun *run = g_task_get_task_data (task);
  const char *failed = NULL;
  GError *error = NULL;

  if (!live_steps_run_finish (LIVE_QUBE (object), result, &failed, &error))
    {
      g_prefix_error (&error, "%s: %s: ", run->name, failed);
      take_error (run, error);
    }
  live_qubesd_sync_refresh_qube_async (self->sync, run->name, LIVE_READ_FEATURES, NULL, on_read_back, task);
}

static void
renew_preloaded (GTask *task)
{
  LiveRenewal *self = g_task_get_source_object (task);
  LiveRun *run = g_task_get_task_data (task);
  LiveQube *qube = find_template (task);
  LivePlan plan = { .kind = LIVE_PLAN_NOTHING };

  if (qube != NULL)
    plan = live_plan_renewal (live_qube_get_facts (qube));
  if (plan.kind == LIVE_PLAN_STEPS)
    live_steps_run_async (self->client, qube, &plan, NULL, NULL, on_renewed, task);
  else
    {
      if (qube != NULL)
        {
          g_auto (GStrv) names = list_preloaded (live_qube_get_facts (qube));

          for (guint i = 0; names[i] != NULL; i++)
            if (*names[i] != '\0')
              g_ptr_array_add (run->waiting, g_strdup (names[i]));
        }
      finish (task);
    }
}

static void
on_dom0_maximum (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveRun *run = g_task_get_task_data (task);
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, NULL);
  g_autofree char *text = answer != NULL ? live_qubesd_reply_parse_text (answer, NULL) : NULL;

  /* Not set, or off, as an empty feature is: the template's own number counts. */
  if (text == NULL || *text == '\0')
    {
      renew_preloaded (task);
      return;
    }
  take_error (run,
              g_error_new (LIVE_ERROR, LIVE_ERROR_CONFLICT,
                           "%s is the default disposable template, and how many of its disposables are kept ready is "
                           "set for dom0: to have them made anew, say \"qvm-features dom0 preload-dispvm-max 0\", "
                           "then the same with %s",
                           run->name, text));
  finish (task);
}

static void
on_default_template (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveRenewal *self = g_task_get_source_object (task);
  LiveRun *run = g_task_get_task_data (task);
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, NULL);
  g_autoptr (LivePropertyValue) value = answer != NULL ? live_qubesd_reply_parse_property (answer, NULL) : NULL;

  if (value == NULL || !g_str_equal (value->value, run->name))
    renew_preloaded (task);
  else
    live_qubesd_client_call_async (self->client, "admin.vm.feature.Get",
                                   live_feature_to_string (LIVE_FEATURE_PRELOAD_MAX), "dom0", NULL, 0, NULL,
                                   on_dom0_maximum, task);
}

static void
on_turn (GObject *turns, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveRenewal *self = g_task_get_source_object (task);
  LiveRun *run = g_task_get_task_data (task);

  live_turns_take_finish (LIVE_TURNS (turns), result, NULL); /* without a cancellable it cannot fail */
  run->turn = TRUE;
  live_qubesd_client_call_async (self->client, "admin.property.Get", "default_dispvm", "dom0", NULL, 0, NULL,
                                 on_default_template, task);
}

/* They are paused and cannot be changed, only made anew; and what they would be made from has to be as it shall be. */
static void
begin_preloaded (GTask *task)
{
  LiveRenewal *self = g_task_get_source_object (task);
  LiveRun *run = g_task_get_task_data (task);
  LiveQube *qube = find_template (task);
  g_auto (GStrv) names = qube != NULL ? list_preloaded (live_qube_get_facts (qube)) : NULL;

  if (names == NULL || names[0] == NULL || *names[0] == '\0')
    finish (task);
  else if (live_qube_get_plan (qube)->kind != LIVE_PLAN_NOTHING)
    {
      for (guint i = 0; names[i] != NULL; i++)
        g_ptr_array_add (run->waiting, g_strdup (names[i]));
      finish (task);
    }
  else
    live_turns_take_async (self->turns, run->name, NULL, on_turn, task);
}

/* ---- The others, one after the other. ---- */

static void next_old (GTask *task);

static void
on_policy_set (GObject *policy, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveRun *run = g_task_get_task_data (task);
  const char *name = g_ptr_array_index (run->old, run->next);
  gboolean applied = FALSE;
  GError *error = NULL;

  if (live_volume_policy_set_finish (LIVE_VOLUME_POLICY (policy), result, &applied, &error))
    {
      if (!applied)
        g_ptr_array_add (run->waiting, g_strdup (name));
    }
  /* One that is gone is not old any more. */
  else if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_FOUND))
    g_clear_error (&error);
  else
    take_error (run, error);
  run->next++;
  next_old (task);
}

/* An unnamed one ends by itself, and then is no more; a named one comes back. */
static void
on_cleanup_known (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveRenewal *self = g_task_get_source_object (task);
  LiveRun *run = g_task_get_task_data (task);
  const char *name = g_ptr_array_index (run->old, run->next);
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  g_autoptr (LivePropertyValue) value = answer != NULL ? live_qubesd_reply_parse_property (answer, &error) : NULL;

  if (value != NULL && !g_str_equal (value->value, "True"))
    {
      live_volume_policy_set_async (self->policy, name, run->policy, on_policy_set, task);
      return;
    }
  if (value != NULL)
    g_ptr_array_add (run->waiting, g_strdup (name));
  else if (live_system_find_qube (self->system, name) != NULL && !live_qubesd_error_is (error, "QubesVMNotFoundError"))
    take_error (run, g_steal_pointer (&error));
  g_clear_error (&error);
  run->next++;
  next_old (task);
}

static void
next_old (GTask *task)
{
  LiveRenewal *self = g_task_get_source_object (task);
  LiveRun *run = g_task_get_task_data (task);

  if (run->next < run->old->len)
    live_qubesd_client_call_async (self->client, "admin.vm.property.Get", "auto_cleanup",
                                   g_ptr_array_index (run->old, run->next), NULL, 0, NULL, on_cleanup_known, task);
  else
    begin_preloaded (task);
}

static void
on_read_before (GObject *sync, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveRun *run = g_task_get_task_data (task);
  g_auto (GStrv) old = NULL;
  g_auto (GStrv) preloaded = NULL;
  LiveQube *qube = NULL;
  GError *error = NULL;

  if (!live_qubesd_sync_refresh_qube_finish (LIVE_QUBESD_SYNC (sync), result, &error))
    take_error (run, error);
  else
    qube = find_template (task);
  if (qube != NULL && !live_qube_get_template_for_dispvms (qube))
    take_error (run, g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED, "%s is no disposable template", run->name));
  else if (qube != NULL && live_window_is_in_use (live_qube_get_facts (qube)))
    take_error (run, g_error_new (LIVE_ERROR, LIVE_ERROR_CONFLICT,
                                  "a customization window of %s is open: close it first", run->name));
  if (run->error != NULL)
    {
      finish (task);
      return;
    }
  g_object_get (qube, "old-disposables", &old, "policy", &run->policy, NULL);
  preloaded = list_preloaded (live_qube_get_facts (qube));
  for (guint i = 0; old[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *) preloaded, old[i]))
      g_ptr_array_add (run->old, g_strdup (old[i]));
  next_old (task);
}

void
live_renewal_run_async (LiveRenewal *self, const char *name, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (self, NULL, callback, data);
  LiveRun *run = g_new0 (LiveRun, 1);

  run->name = g_strdup (name);
  run->old = g_ptr_array_new_with_free_func (g_free);
  run->waiting = g_ptr_array_new_with_free_func (g_free);
  g_task_set_task_data (task, run, (GDestroyNotify) run_free);
  live_qubesd_sync_refresh_qube_async (self->sync, name, LIVE_READ_STATE | LIVE_READ_LABEL | LIVE_READ_FEATURES, NULL,
                                       on_read_before, task);
}

char **
live_renewal_run_finish (LiveRenewal *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
live_renewal_finalize (GObject *object)
{
  LiveRenewal *self = LIVE_RENEWAL (object);

  g_object_unref (self->system);
  g_object_unref (self->client);
  g_object_unref (self->sync);
  g_object_unref (self->turns);
  g_object_unref (self->policy);
  G_OBJECT_CLASS (live_renewal_parent_class)->finalize (object);
}

static void
live_renewal_class_init (LiveRenewalClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = live_renewal_finalize;
}

static void
live_renewal_init (LiveRenewal *self)
{
}

LiveRenewal *
live_renewal_new (
    LiveSystem *system, LiveQubesdClient *client, LiveQubesdSync *sync, LiveTurns *turns, LiveVolumePolicy *policy)
{
  LiveRenewal *self = g_object_new (LIVE_TYPE_RENEWAL, NULL);

  self->system = g_object_ref (system);
  self->client = g_object_ref (client);
  self->sync = g_object_ref (sync);
  self->turns = g_object_ref (turns);
  self->policy = g_object_ref (policy);
  return self;
}
