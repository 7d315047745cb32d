/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/volume-toggle.h"

#include "model/error.h"
#include "model/reconcile.h"
#include "sources/qubesd-reply.h"
#include "sources/qubesd-wire.h"

struct _LiveVolumeToggle
{
  GObject parent;

  LiveSystem *system;
  LiveQubesdClient *client;
  LiveQubesdSync *sync;
  LiveTurns *turns;
};

G_DEFINE_FINAL_TYPE (LiveVolumeToggle, live_volume_toggle, G_TYPE_OBJECT)

typedef struct
{
  char *name;
  LiveVolumeName volume;
  gboolean writable;
  gboolean turn;
  int revisions_before;   /* to go back to when the change fails */
  gboolean revisions_set; /* by us, to -1 */
  GError *error;
} LiveToggle;

static void
toggle_free (LiveToggle *toggle)
{
  g_free (toggle->name);
  g_clear_error (&toggle->error);
  g_free (toggle);
}

static void
finish (GTask *task)
{
  LiveVolumeToggle *self = g_task_get_source_object (task);
  LiveToggle *toggle = g_task_get_task_data (task);

  if (toggle->error != NULL)
    g_task_return_error (task, g_steal_pointer (&toggle->error));
  else
    g_task_return_boolean (task, TRUE);
  if (toggle->turn)
    live_turns_give_back (self->turns, toggle->name);
  g_object_unref (task);
}

static void
fail (GTask *task, GError *error)
{
  LiveToggle *toggle = g_task_get_task_data (task);

  g_clear_error (&toggle->error);
  toggle->error = error;
  finish (task);
}

static void
call (GTask *task, const char *method, const char *argument, const char *text, GAsyncReadyCallback callback)
{
  LiveVolumeToggle *self = g_task_get_source_object (task);
  LiveToggle *toggle = g_task_get_task_data (task);
  g_autoptr (GBytes) payload = live_qubesd_payload_new (text);

  live_qubesd_client_call_async (self->client, method, argument, toggle->name, payload, 0, NULL, callback, task);
}

static void
call_revisions (GTask *task, int revisions, GAsyncReadyCallback callback)
{
  g_autofree char *text = g_strdup_printf ("%d", revisions);

  call (task, "admin.vm.volume.Set.revisions_to_keep", "private", text, callback);
}

static void
on_read_back (GObject *sync, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveVolumeToggle *self = g_task_get_source_object (task);
  LiveToggle *toggle = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  LiveQube *qube = live_system_find_qube (self->system, toggle->name);

  if (!live_qubesd_sync_refresh_qube_finish (LIVE_QUBESD_SYNC (sync), result, &error))
    {
      if (toggle->error == NULL)
        toggle->error = g_steal_pointer (&error);
    }
  else if (toggle->error == NULL && qube != NULL)
    {
      const LiveVolume *volume = &live_qube_get_facts (qube)->volumes[toggle->volume];

      if (!volume->known || volume->rw != toggle->writable)
        toggle->error = g_error_new (LIVE_ERROR, LIVE_ERROR_QUBESD_ERROR,
                                     "%s: qubesd accepted the change of the %s volume and did not keep it",
                                     toggle->name, live_volume_name_to_string (toggle->volume));
    }
  finish (task);
}

static void
read_back (GTask *task)
{
  LiveVolumeToggle *self = g_task_get_source_object (task);
  LiveToggle *toggle = g_task_get_task_data (task);

  live_qubesd_sync_refresh_qube_async (self->sync, toggle->name, 1u << toggle->volume, NULL, on_read_back, task);
}

/* What follows a change that is done, or one that failed and is being undone: no answer changes the outcome, but a
 * bad one is said. */
static void
on_tidied (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveToggle *toggle = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  if (answer == NULL)
    g_message ("%s: revisions_to_keep of the private volume could not be put back: %s", toggle->name, error->message);
  read_back (task);
}

static void
on_revisions_restored (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  if (answer == NULL)
    {
      LiveToggle *toggle = g_task_get_task_data (task);

      /* The feature stays, so that the number is not lost. */
      g_message ("%s: revisions_to_keep of the private volume could not be put back: %s", toggle->name,
                 error->message);
      read_back (task);
      return;
    }
  call (task, "admin.vm.feature.Remove", LIVE_FEATURE_PRIVATE_REVISIONS, NULL, on_tidied);
}

static void
on_revisions_remembered (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, NULL);
  g_autofree char *text = answer != NULL ? live_qubesd_reply_parse_text (answer, NULL) : NULL;
  gint64 revisions = 0;

  /* Not ours, or not a number: leave the setting alone. */
  if (text != NULL && g_ascii_string_to_signed (text, 10, 0, G_MAXINT, &revisions, NULL))
    call_revisions (task, (int) revisions, on_revisions_restored);
  else
    read_back (task);
}

static void
on_set (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveToggle *toggle = g_task_get_task_data (task);
  g_autoptr (GBytes) answer = NULL;

  answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &toggle->error);
  if (answer == NULL)
    {
      g_prefix_error (&toggle->error, "%s: the %s volume: ", toggle->name,
                      live_volume_name_to_string (toggle->volume));
      if (toggle->revisions_set)
        call_revisions (task, toggle->revisions_before, on_revisions_restored);
      else
        read_back (task);
    }
  else if (toggle->writable && toggle->volume == LIVE_VOLUME_PRIVATE && toggle->revisions_before < 0)
    call (task, "admin.vm.feature.Get", LIVE_FEATURE_PRIVATE_REVISIONS, NULL, on_revisions_remembered);
  else
    read_back (task);
}

static void
set_writable (GTask *task)
{
  LiveToggle *toggle = g_task_get_task_data (task);

  call (task, "admin.vm.volume.Set.rw", live_volume_name_to_string (toggle->volume),
        toggle->writable ? "True" : "False", on_set);
}

static void
on_revisions_off (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveToggle *toggle = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  if (answer != NULL)
    {
      toggle->revisions_set = TRUE;
      set_writable (task);
      return;
    }
  if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL))
    {
      g_clear_error (&error);
      error = g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED,
                           "this version of Qubes cannot keep the private volume of %s read-only, because it is in an "
                           "LVM thin pool: move the qube to another pool, or upgrade to Qubes 4.3",
                           toggle->name);
    }
  toggle->error = error;
  call (task, "admin.vm.feature.Remove", LIVE_FEATURE_PRIVATE_REVISIONS, NULL, on_tidied);
}

static void
on_revisions_saved (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  if (answer != NULL)
    call_revisions (task, -1, on_revisions_off);
  else
    fail (task, error);
}

/* NULL when the change may be made, else why not. */
static GError *
check (LiveVolumeToggle *self, const LiveToggle *toggle, LiveQube *qube)
{
  const LiveQubeFacts *facts = live_qube_get_facts (qube);
  const char *volume = live_volume_name_to_string (toggle->volume);
  const char *policy = facts->features[LIVE_FEATURE_POLICY];

  if (facts->klass == LIVE_QUBE_KLASS_OTHER)
    return g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED, "%s has no volumes of its own", toggle->name);
  if (!facts->volumes[toggle->volume].known)
    return g_error_new (LIVE_ERROR, LIVE_ERROR_QUBESD_ERROR, "qubesd does not tell about the %s volume of %s", volume,
                        toggle->name);
  if (facts->state != LIVE_QUBE_STATE_HALTED)
    return g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_HALTED, "%s is not halted: shut it down first", toggle->name);
  if (toggle->volume == LIVE_VOLUME_PRIVATE && toggle->writable && g_strcmp0 (policy, LIVE_POLICY_FULL) == 0)
    return g_error_new (LIVE_ERROR, LIVE_ERROR_CONFLICT,
                        "the policy of %s keeps its private volume read-only: open a customization window, or set "
                        "another policy first",
                        toggle->name);
  if (toggle->volume == LIVE_VOLUME_ROOT && toggle->writable
      && (g_strcmp0 (policy, LIVE_POLICY_ROOT) == 0 || g_strcmp0 (policy, LIVE_POLICY_FULL) == 0))
    return g_error_new (LIVE_ERROR, LIVE_ERROR_CONFLICT,
                        "the policy of %s keeps its root volume read-only: set the policy \"persistent\" first",
                        toggle->name);
  return NULL;
}

static void
on_read_before (GObject *sync, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveVolumeToggle *self = g_task_get_source_object (task);
  LiveToggle *toggle = g_task_get_task_data (task);
  GError *error = NULL;
  LiveQube *qube = NULL;
  const LiveVolume *volume = NULL;
  LivePool *pool = NULL;

  if (!live_qubesd_sync_refresh_qube_finish (LIVE_QUBESD_SYNC (sync), result, &error))
    {
      fail (task, error);
      return;
    }
  qube = live_system_find_qube (self->system, toggle->name);
  error = qube != NULL ? check (self, toggle, qube)
                       : g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "there is no qube %s", toggle->name);
  if (error != NULL)
    {
      fail (task, error);
      return;
    }

  volume = &live_qube_get_facts (qube)->volumes[toggle->volume];
  toggle->revisions_before = volume->revisions_to_keep;
  if (volume->rw == toggle->writable)
    {
      finish (task);
      return;
    }
  pool = live_system_find_pool (self->system, volume->pool);
  if (!toggle->writable && toggle->volume == LIVE_VOLUME_PRIVATE && volume->save_on_stop
      && volume->revisions_to_keep >= 0 && (pool == NULL || g_str_equal (live_pool_get_driver (pool), "lvm_thin")))
    {
      g_autofree char *text = g_strdup_printf ("%d", volume->revisions_to_keep);

      call (task, "admin.vm.feature.Set", LIVE_FEATURE_PRIVATE_REVISIONS, text, on_revisions_saved);
    }
  else
    set_writable (task);
}

static void
on_turn (GObject *turns, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveVolumeToggle *self = g_task_get_source_object (task);
  LiveToggle *toggle = g_task_get_task_data (task);

  live_turns_take_finish (LIVE_TURNS (turns), result, NULL); /* without a cancellable it cannot fail */
  toggle->turn = TRUE;
  /* Between the question and now anything may have changed. */
  live_qubesd_sync_refresh_qube_async (self->sync, toggle->name, LIVE_READ_STATE | 1u << toggle->volume, NULL,
                                       on_read_before, task);
}

void
live_volume_toggle_set_async (LiveVolumeToggle *self, const char *name, const char *volume, gboolean writable,
                              GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (self, NULL, callback, data);
  LiveToggle *toggle = g_new0 (LiveToggle, 1);

  toggle->name = g_strdup (name);
  toggle->writable = writable;
  g_task_set_task_data (task, toggle, (GDestroyNotify) toggle_free);
  if (!live_volume_name_from_string (volume, &toggle->volume) || toggle->volume == LIVE_VOLUME_VOLATILE)
    fail (task, g_error_new (LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                             "there is no volume \"%s\" to set: say \"root\" or \"private\"", volume));
  else
    live_turns_take_async (self->turns, name, NULL, on_turn, task);
}

gboolean
live_volume_toggle_set_finish (LiveVolumeToggle *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
live_volume_toggle_dispose (GObject *object)
{
  LiveVolumeToggle *self = LIVE_VOLUME_TOGGLE (object);

  g_clear_object (&self->system);
  g_clear_object (&self->client);
  g_clear_object (&self->sync);
  g_clear_object (&self->turns);
  G_OBJECT_CLASS (live_volume_toggle_parent_class)->dispose (object);
}

static void
live_volume_toggle_class_init (LiveVolumeToggleClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = live_volume_toggle_dispose;
}

static void
live_volume_toggle_init (LiveVolumeToggle *self)
{
}

LiveVolumeToggle *
live_volume_toggle_new (LiveSystem *system, LiveQubesdClient *client, LiveQubesdSync *sync, LiveTurns *turns)
{
  LiveVolumeToggle *self = g_object_new (LIVE_TYPE_VOLUME_TOGGLE, NULL);

  self->system = g_object_ref (system);
  self->client = g_object_ref (client);
  self->sync = g_object_ref (sync);
  self->turns = g_object_ref (turns);
  return self;
}
