/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/qube-reader.h"

#include <string.h>

#include "model/error.h"
#include "sources/qubesd-reply.h"
#include "sources/qubesd-wire.h"

/* One reading under way: what has been answered so far. */
typedef struct
{
  LiveQubesdClient *client;
  LiveRead what;
  guint n_waiting;
  GError *error;          /* the first that ends the reading */
  GError *volume_error;   /* the first that a volume was answered with */
  LiveQubeState state;
  LiveVolume volumes[LIVE_N_VOLUMES];
  char *icon;
  char *features[LIVE_N_FEATURES];
  char *template_name;
  char *kernel_name;
  char *kernel_options;
  gboolean kernel_options_default;
} LiveReading;

/* One call of a reading. */
typedef struct
{
  GTask *task;
  guint index;
} LiveReadingCall;

typedef void (*LiveAnswerHandler) (LiveReading *reading, guint index, GTask *task, GBytes *answer);

static void
reading_free (LiveReading *reading)
{
  g_object_unref (reading->client);
  g_clear_error (&reading->error);
  g_clear_error (&reading->volume_error);
  g_free (reading->icon);
  for (guint i = 0; i < LIVE_N_FEATURES; i++)
    g_free (reading->features[i]);
  g_free (reading->template_name);
  g_free (reading->kernel_name);
  g_free (reading->kernel_options);
  g_free (reading);
}

static void
reading_take_error (LiveReading *reading, GError *error)
{
  if (reading->error == NULL)
    reading->error = error;
  else
    g_error_free (error);
}

static void
apply_icon (LiveQube *qube, const char *icon)
{
  const char *dash = strchr (icon, '-');

  if (dash == NULL)
    return;
  live_qube_set_label (qube, dash + 1);
  live_qube_set_template_for_dispvms (qube, live_qube_get_facts (qube)->klass == LIVE_QUBE_KLASS_APP
                                                && g_str_has_prefix (icon, "templatevm-"));
}

static void
apply (LiveReading *reading, LiveQube *qube)
{
  g_object_freeze_notify (G_OBJECT (qube));
  if (reading->what & LIVE_READ_STATE)
    live_qube_set_state (qube, reading->state);
  if (reading->icon != NULL)
    apply_icon (qube, reading->icon);
  for (guint i = 0; i < LIVE_N_FEATURES; i++)
    if (reading->what & (LIVE_READ_FEATURES | live_read_feature ((LiveFeature) i)))
      live_qube_set_feature (qube, (LiveFeature) i, reading->features[i]);
  if (reading->template_name != NULL)
    live_qube_set_template_name (qube, reading->template_name);
  if (reading->kernel_name != NULL && reading->kernel_options != NULL)
    live_qube_set_kernel (qube, reading->kernel_name, reading->kernel_options, reading->kernel_options_default);
  if (reading->volume_error != NULL)
    live_qube_set_unreadable (qube, reading->volume_error->message);
  else if ((reading->what & LIVE_READ_VOLUMES) == LIVE_READ_VOLUMES)
    live_qube_set_unreadable (qube, NULL);
  for (guint i = 0; reading->volume_error == NULL && i < LIVE_N_VOLUMES; i++)
    if (reading->what & (1u << i))
      live_qube_set_volume (qube, (LiveVolumeName) i, &reading->volumes[i]);
  g_object_thaw_notify (G_OBJECT (qube));
}

static void
call_done (GTask *task)
{
  LiveReading *reading = g_task_get_task_data (task);

  if (--reading->n_waiting > 0)
    return;
  if (reading->error != NULL)
    {
      g_task_return_error (task, g_steal_pointer (&reading->error));
      return;
    }
  apply (reading, g_task_get_source_object (task));
  g_task_return_boolean (task, TRUE);
}

static void
send_call (GTask *task, const char *method, const char *argument, guint index, GAsyncReadyCallback callback)
{
  LiveReading *reading = g_task_get_task_data (task);
  LiveReadingCall *call = g_new (LiveReadingCall, 1);

  call->task = g_object_ref (task);
  call->index = index;
  reading->n_waiting++;
  live_qubesd_client_call_async (reading->client, method, argument,
                                 live_qube_get_name (g_task_get_source_object (task)), NULL, 0,
                                 g_task_get_cancellable (task), callback, call);
}

/* Ends one call: hands a good answer to @handler, keeps a bad one. */
static void
finish_call (GObject *client, GAsyncResult *result, LiveReadingCall *call, LiveAnswerHandler handler)
{
  g_autoptr (GTask) task = call->task;
  LiveReading *reading = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  if (answer != NULL)
    handler (reading, call->index, task, answer);
  else
    reading_take_error (reading, error);
  g_free (call);
  call_done (task);
}

static void
handle_state (LiveReading *reading, guint index, GTask *task, GBytes *answer)
{
  GError *error = NULL;
  g_autoptr (GPtrArray) listings = live_qubesd_reply_parse_vm_list (answer, NULL, &error);
  const char *name = live_qube_get_name (g_task_get_source_object (task));

  if (listings == NULL)
    {
      reading_take_error (reading, error);
      return;
    }
  for (guint i = 0; i < listings->len; i++)
    {
      LiveQubeListing *listing = g_ptr_array_index (listings, i);

      if (g_str_equal (listing->name, name))
        {
          reading->state = live_qube_state_from_qubesd (listing->state);
          return;
        }
    }
  reading_take_error (reading, g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "qubesd does not list %s", name));
}

static void
on_state (GObject *client, GAsyncResult *result, gpointer data)
{
  finish_call (client, result, data, handle_state);
}

static void
on_volume (GObject *client, GAsyncResult *result, gpointer data)
{
  LiveReadingCall *call = data;
  g_autoptr (GTask) task = call->task;
  LiveReading *reading = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  g_autoptr (LiveVolumeInfo) info = answer != NULL ? live_qubesd_reply_parse_volume_info (answer, &error) : NULL;

  if (info != NULL)
    reading->volumes[call->index] = (LiveVolume){
      .known = TRUE,
      .rw = info->rw,
      .ephemeral = info->ephemeral,
      .snap_on_start = info->snap_on_start,
      .save_on_stop = info->save_on_stop,
      .revisions_to_keep = info->revisions_to_keep,
      .pool = g_intern_string (info->pool),
    };
  else if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE)
           || g_error_matches (error, LIVE_ERROR, LIVE_ERROR_CANCELLED)
           || live_qubesd_error_is (error, "QubesVMNotFoundError"))
    reading_take_error (reading, g_steal_pointer (&error));
  else if (reading->volume_error == NULL)
    reading->volume_error = g_steal_pointer (&error);
  g_free (call);
  call_done (task);
}

static void
handle_icon (LiveReading *reading, guint index, GTask *task, GBytes *answer)
{
  GError *error = NULL;
  g_autoptr (LivePropertyValue) value = live_qubesd_reply_parse_property (answer, &error);

  if (value == NULL)
    reading_take_error (reading, error);
  else
    reading->icon = g_strdup (value->value);
}

static void
on_icon (GObject *client, GAsyncResult *result, gpointer data)
{
  finish_call (client, result, data, handle_icon);
}

static void
on_feature (GObject *client, GAsyncResult *result, gpointer data)
{
  LiveReadingCall *call = data;
  g_autoptr (GTask) task = call->task;
  LiveReading *reading = g_task_get_task_data (task);
  char **field = &reading->features[call->index];
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  if (answer != NULL)
    *field = live_qubesd_reply_parse_text (answer, &error);
  /* Removed between the listing and now: not set. */
  if (live_qubesd_error_is (error, "QubesFeatureNotFoundError"))
    g_clear_error (&error);
  if (error != NULL)
    reading_take_error (reading, error);
  g_free (call);
  call_done (task);
}

/* For both kinds of properties: what the call is about is its index. */
static void
handle_kernel (LiveReading *reading, guint index, GTask *task, GBytes *answer)
{
  GError *error = NULL;
  g_autoptr (LivePropertyValue) value = live_qubesd_reply_parse_property (answer, &error);

  if (value == NULL)
    reading_take_error (reading, error);
  else if (index == 0)
    reading->kernel_name = g_strdup (value->value);
  else
    {
      reading->kernel_options = g_strdup (value->value);
      reading->kernel_options_default = value->is_default;
    }
}

static void
on_kernel (GObject *client, GAsyncResult *result, gpointer data)
{
  finish_call (client, result, data, handle_kernel);
}

static void
read_kernel (GTask *task)
{
  send_call (task, "admin.vm.property.Get", "kernel", 0, on_kernel);
  send_call (task, "admin.vm.property.Get", "kernelopts", 1, on_kernel);
}

static void
handle_template (LiveReading *reading, guint index, GTask *task, GBytes *answer)
{
  GError *error = NULL;
  g_autoptr (LivePropertyValue) value = live_qubesd_reply_parse_property (answer, &error);

  if (value == NULL)
    reading_take_error (reading, error);
  else
    reading->template_name = g_strdup (value->value);
}

static void
on_template (GObject *client, GAsyncResult *result, gpointer data)
{
  finish_call (client, result, data, handle_template);
}

static void
handle_features (LiveReading *reading, guint index, GTask *task, GBytes *answer)
{
  GError *error = NULL;
  g_auto (GStrv) names = live_qubesd_reply_parse_feature_list (answer, NULL, &error);

  if (names == NULL)
    {
      reading_take_error (reading, error);
      return;
    }
  for (guint i = 0; names[i] != NULL; i++)
    {
      LiveFeature feature;

      if (!live_feature_from_string (names[i], &feature))
        continue;
      send_call (task, "admin.vm.feature.Get", names[i], feature, on_feature);
      if ((feature == LIVE_FEATURE_POLICY || feature == LIVE_FEATURE_KERNEL_OPTIONS)
          && !(reading->what & LIVE_READ_KERNEL))
        {
          reading->what |= LIVE_READ_KERNEL;
          read_kernel (task);
        }
    }
}

static void
on_features (GObject *client, GAsyncResult *result, gpointer data)
{
  finish_call (client, result, data, handle_features);
}

void
live_qube_read_async (LiveQubesdClient *client, LiveQube *qube, LiveRead what, GCancellable *cancellable,
                      GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (qube, cancellable, callback, data);
  LiveReading *reading = g_new0 (LiveReading, 1);

  g_task_set_check_cancellable (task, FALSE); /* the client says it, in our own error domain */
  g_task_set_task_data (task, reading, (GDestroyNotify) reading_free);
  reading->client = g_object_ref (client);
  if (live_qube_get_facts (qube)->klass == LIVE_QUBE_KLASS_OTHER)
    what &= ~(LIVE_READ_VOLUMES | LIVE_READ_KERNEL); /* it has none of its own */
  if (live_qube_get_facts (qube)->klass != LIVE_QUBE_KLASS_DISPOSABLE)
    what &= ~LIVE_READ_TEMPLATE;
  reading->what = what;

  reading->n_waiting = 1; /* this function */
  if (what & LIVE_READ_STATE)
    send_call (task, "admin.vm.List", NULL, 0, on_state);
  for (guint i = 0; i < LIVE_N_VOLUMES; i++)
    if (what & (1u << i))
      send_call (task, "admin.vm.volume.Info", live_volume_name_to_string ((LiveVolumeName) i), i, on_volume);
  if (what & LIVE_READ_LABEL)
    send_call (task, "admin.vm.property.Get", "icon", 0, on_icon);
  if (what & LIVE_READ_FEATURES)
    send_call (task, "admin.vm.feature.List", NULL, 0, on_features);
  else
    for (guint i = 0; i < LIVE_N_FEATURES; i++)
      if (what & live_read_feature ((LiveFeature) i))
        send_call (task, "admin.vm.feature.Get", live_feature_to_string ((LiveFeature) i), i, on_feature);
  if (what & LIVE_READ_TEMPLATE)
    send_call (task, "admin.vm.property.Get", "template", 0, on_template);
  if (what & LIVE_READ_KERNEL)
    read_kernel (task);
  call_done (task);
}

gboolean
live_qube_read_finish (LiveQube *qube, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, qube), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
