/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/qube-copy.h"

#include <string.h>

#include "model/error.h"
#include "model/feature.h"
#include "sources/qubesd-reply.h"

/* What a firewall allows that nobody changed. */
#define FIREWALL_DEFAULT "action=accept\n"

/* What says how a qube works, and not which one it is or when it is started. */
static const char *const copied_properties[]
    = { "audiovm",     "bootmode", "debug",      "default_dispvm",  "default_user",
        "guivm",       "kernel",   "kernelopts", "keyboard_layout", "management_dispvm",
        "maxmem",      "memory",   "netvm",      "qrexec_timeout",  "shutdown_timeout",
        "stubdom_mem", "vcpus",    "virt_mode",  "devices_denied",  NULL };

/* One call that writes. */
typedef struct
{
  const char *method;
  char *argument;
  char *payload;
} LiveCopyCall;

static void
call_free (gpointer data)
{
  LiveCopyCall *call = data;

  g_free (call->argument);
  g_free (call->payload);
  g_free (call);
}

void
live_qube_copy_free (LiveQubeCopy *copy)
{
  g_free (copy->template);
  g_free (copy->label);
  g_ptr_array_unref (copy->calls);
  g_free (copy);
}

static void
add_call (LiveQubeCopy *copy, const char *method, const char *argument, const char *payload)
{
  LiveCopyCall *call = g_new0 (LiveCopyCall, 1);

  call->method = method;
  call->argument = g_strdup (argument);
  call->payload = g_strdup (payload);
  g_ptr_array_add (copy->calls, call);
}

/* ---- Reading. ---- */

typedef struct
{
  char *source;
  LiveQubeCopy *copy;
  GStrv features;
  guint next;
} LiveCopyReading;

static void
reading_free (gpointer data)
{
  LiveCopyReading *reading = data;

  g_free (reading->source);
  g_clear_pointer (&reading->copy, live_qube_copy_free);
  g_strfreev (reading->features);
  g_free (reading);
}

/* @error: (transfer full) */
static void
fail (GTask *task, GError *error)
{
  LiveCopyReading *reading = g_task_get_task_data (task);

  g_prefix_error (&error, "%s: ", reading->source);
  g_task_return_error (task, error);
  g_object_unref (task);
}

static void
ask (GTask *task, const char *method, const char *argument, GAsyncReadyCallback callback)
{
  LiveCopyReading *reading = g_task_get_task_data (task);

  live_qubesd_client_call_async (g_task_get_source_object (task), method, argument, reading->source, NULL, 0,
                                 g_task_get_cancellable (task), callback, task);
}

static void
on_volume (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveCopyReading *reading = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  g_autoptr (LiveVolumeInfo) info = answer != NULL ? live_qubesd_reply_parse_volume_info (answer, &error) : NULL;

  if (info == NULL)
    {
      fail (task, error);
      return;
    }
  reading->copy->private_size = info->size;
  reading->copy->private_used = info->usage;
  g_task_return_pointer (task, g_steal_pointer (&reading->copy), (GDestroyNotify) live_qube_copy_free);
  g_object_unref (task);
}

static void
on_firewall (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveCopyReading *reading = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  g_autofree char *rules = answer != NULL ? live_qubesd_reply_parse_text (answer, &error) : NULL;

  /* Never left out: the new qube would be allowed more than its source. */
  if (rules == NULL)
    {
      fail (task, error);
      return;
    }
  if (!g_str_equal (rules, FIREWALL_DEFAULT))
    add_call (reading->copy, "admin.vm.firewall.Set", NULL, rules);
  ask (task, "admin.vm.volume.Info", "private", on_volume);
}

static void
on_tags (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveCopyReading *reading = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  g_auto (GStrv) tags = answer != NULL ? live_qubesd_reply_parse_feature_list (answer, NULL, &error) : NULL;

  if (tags == NULL)
    {
      fail (task, error);
      return;
    }
  for (guint i = 0; tags[i] != NULL; i++)
    if (!g_str_has_prefix (tags[i], "created-by-") && !g_str_has_prefix (tags[i], "disp-created-by-"))
      add_call (reading->copy, "admin.vm.tag.Set", tags[i], NULL);
  ask (task, "admin.vm.firewall.Get", NULL, on_firewall);
}

static gboolean
is_copied_feature (const char *name)
{
  LiveFeature feature;

  return !live_feature_from_string (name, &feature) && !g_str_has_prefix (name, "live.")
         && !g_str_has_prefix (name, "preload-dispvm") && !g_str_equal (name, "prohibit-start");
}

static void read_feature (GTask *task);

static void
on_feature (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveCopyReading *reading = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  g_autofree char *value = answer != NULL ? live_qubesd_reply_parse_text (answer, &error) : NULL;

  /* Removed since it was listed. */
  if (value == NULL && !g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_FOUND))
    {
      fail (task, error);
      return;
    }
  g_clear_error (&error);
  if (value != NULL)
    add_call (reading->copy, "admin.vm.feature.Set", reading->features[reading->next], value);
  reading->next++;
  read_feature (task);
}

static void
read_feature (GTask *task)
{
  LiveCopyReading *reading = g_task_get_task_data (task);

  while (reading->features[reading->next] != NULL && !is_copied_feature (reading->features[reading->next]))
    reading->next++;
  if (reading->features[reading->next] != NULL)
    ask (task, "admin.vm.feature.Get", reading->features[reading->next], on_feature);
  else
    ask (task, "admin.vm.tag.List", NULL, on_tags);
}

static void
on_features (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveCopyReading *reading = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  if (answer != NULL)
    reading->features = live_qubesd_reply_parse_feature_list (answer, NULL, &error);
  if (reading->features == NULL)
    fail (task, error);
  else
    read_feature (task);
}

static void
on_properties (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveCopyReading *reading = g_task_get_task_data (task);
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  g_autoptr (GHashTable) all = answer != NULL ? live_qubesd_reply_parse_property_all (answer, &error) : NULL;
  const LivePropertyValue *template = all != NULL ? g_hash_table_lookup (all, "template") : NULL;
  const LivePropertyValue *label = all != NULL ? g_hash_table_lookup (all, "label") : NULL;

  if (all != NULL && (template == NULL || label == NULL))
    error = g_error_new (LIVE_ERROR, LIVE_ERROR_PROTOCOL, "it has no template, or no label");
  if (error != NULL)
    {
      fail (task, error);
      return;
    }
  reading->copy->template = g_strdup (template->value);
  reading->copy->label = g_strdup (label->value);
  for (guint i = 0; copied_properties[i] != NULL; i++)
    {
      const LivePropertyValue *value = g_hash_table_lookup (all, copied_properties[i]);

      if (value != NULL && !value->is_default)
        add_call (reading->copy, "admin.vm.property.Set", copied_properties[i], value->value);
    }
  ask (task, "admin.vm.feature.List", NULL, on_features);
}

void
live_qube_copy_read_async (LiveQubesdClient *client,
                           const char *source,
                           GCancellable *cancellable,
                           GAsyncReadyCallback callback,
                           gpointer data)
{
  GTask *task = g_task_new (client, cancellable, callback, data);
  LiveCopyReading *reading = g_new0 (LiveCopyReading, 1);

  g_task_set_check_cancellable (task, FALSE); /* the client says it, in our own error domain */
  reading->source = g_strdup (source);
  reading->copy = g_new0 (LiveQubeCopy, 1);
  reading->copy->calls = g_ptr_array_new_with_free_func (call_free);
  g_task_set_task_data (task, reading, reading_free);
  ask (task, "admin.vm.property.GetAll", NULL, on_properties);
}

LiveQubeCopy *
live_qube_copy_read_finish (LiveQubesdClient *client, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, client), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}

/* ---- Writing. ---- */

typedef struct
{
  const LiveQubeCopy *copy;
  char *target;
  guint next;
} LiveCopyWriting;

static void
writing_free (gpointer data)
{
  LiveCopyWriting *writing = data;

  g_free (writing->target);
  g_free (writing);
}

static void write_next (GTask *task);

static void
on_written (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveCopyWriting *writing = g_task_get_task_data (task);
  const LiveCopyCall *call = writing->copy->calls->pdata[writing->next];
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  if (answer == NULL
      && !(g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_FOUND)
           && g_str_equal (call->method, "admin.vm.property.Set")))
    {
      g_prefix_error (&error, "%s: %s: ", writing->target, call->argument != NULL ? call->argument : call->method);
      g_task_return_error (task, error);
      g_object_unref (task);
      return;
    }
  g_clear_error (&error);
  writing->next++;
  write_next (task);
}

static void
write_next (GTask *task)
{
  LiveCopyWriting *writing = g_task_get_task_data (task);
  const LiveCopyCall *call = NULL;
  g_autoptr (GBytes) payload = NULL;

  if (writing->next == writing->copy->calls->len)
    {
      g_task_return_boolean (task, TRUE);
      g_object_unref (task);
      return;
    }
  call = writing->copy->calls->pdata[writing->next];
  payload = live_qubesd_payload_new (call->payload);
  live_qubesd_client_call_async (g_task_get_source_object (task), call->method, call->argument, writing->target,
                                 payload, 0, g_task_get_cancellable (task), on_written, task);
}

void
live_qube_copy_write_async (LiveQubesdClient *client,
                            const LiveQubeCopy *copy,
                            const char *target,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer data)
{
  GTask *task = g_task_new (client, cancellable, callback, data);
  LiveCopyWriting *writing = g_new0 (LiveCopyWriting, 1);

  g_task_set_check_cancellable (task, FALSE);
  writing->copy = copy;
  writing->target = g_strdup (target);
  g_task_set_task_data (task, writing, writing_free);
  write_next (task);
}

gboolean
live_qube_copy_write_finish (LiveQubesdClient *client, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, client), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
