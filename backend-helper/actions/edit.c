/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/edit.h"

#include "model/error.h"
#include "sources/qubesd-wire.h"

typedef struct
{
  gboolean is_feature;
  char *name;
  char *value;  /* NULL: none */
  char *before; /* NULL: none */
} LiveEditChange;

struct _LiveEdit
{
  LiveQubesdClient *client;
  char *qube;
  GPtrArray *changes; /* LiveEditChange */
  guint next;         /* the change to make, or while undoing one more than the change to undo */
  GError *error;      /* why they are being undone */
};

static void
change_free (gpointer data)
{
  LiveEditChange *change = data;

  g_free (change->name);
  g_free (change->value);
  g_free (change->before);
  g_free (change);
}

LiveEdit *
live_edit_new (LiveQubesdClient *client, const char *qube)
{
  LiveEdit *edit = g_new0 (LiveEdit, 1);

  edit->client = g_object_ref (client);
  edit->qube = g_strdup (qube);
  edit->changes = g_ptr_array_new_with_free_func (change_free);
  return edit;
}

void
live_edit_free (LiveEdit *edit)
{
  g_object_unref (edit->client);
  g_free (edit->qube);
  g_ptr_array_unref (edit->changes);
  g_clear_error (&edit->error);
  g_free (edit);
}

static void
add (LiveEdit *edit, gboolean is_feature, const char *name, const char *value, const char *before)
{
  LiveEditChange *change = NULL;

  if (g_strcmp0 (value, before) == 0)
    return;
  change = g_new (LiveEditChange, 1);
  change->is_feature = is_feature;
  change->name = g_strdup (name);
  change->value = g_strdup (value);
  change->before = g_strdup (before);
  g_ptr_array_add (edit->changes, change);
}

void
live_edit_add_feature (LiveEdit *edit, LiveFeature feature, const char *value, const char *before)
{
  add (edit, TRUE, live_feature_to_string (feature), value, before);
}

void
live_edit_add_property (LiveEdit *edit, const char *property, const char *value, const char *before)
{
  add (edit, FALSE, property, value, before);
}

static void
send_change (GTask *task, const LiveEditChange *change, const char *value, GAsyncReadyCallback callback)
{
  static const char *const methods[2][2] = { { "admin.vm.property.Reset", "admin.vm.property.Set" },
                                             { "admin.vm.feature.Remove", "admin.vm.feature.Set" } };
  LiveEdit *edit = g_task_get_task_data (task);
  g_autoptr (GBytes) payload = live_qubesd_payload_new (value);

  live_qubesd_client_call_async (edit->client, methods[change->is_feature ? 1 : 0][value != NULL ? 1 : 0], change->name,
                                 edit->qube, payload, 0, NULL, callback, task);
}

/* What is not there need not be removed. */
static gboolean
is_done (GObject *client, GAsyncResult *result, GError **error)
{
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, error);

  if (answer == NULL && !live_qubesd_error_is (*error, "QubesFeatureNotFoundError"))
    return FALSE;
  g_clear_error (error);
  return TRUE;
}

static void undo_next (GTask *task);

static void
on_undone (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveEdit *edit = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;

  edit->next--;
  if (!is_done (client, result, &error))
    {
      const LiveEditChange *change = g_ptr_array_index (edit->changes, edit->next);
      g_autofree char *first = g_steal_pointer (&edit->error->message);

      edit->error->message
          = g_strdup_printf ("%s; and %s could not be undone: %s", first, change->name, error->message);
    }
  undo_next (task);
}

static void
undo_next (GTask *task)
{
  LiveEdit *edit = g_task_get_task_data (task);

  if (edit->next > 0)
    {
      const LiveEditChange *change = g_ptr_array_index (edit->changes, edit->next - 1);

      send_change (task, change, change->before, on_undone);
      return;
    }
  g_task_return_error (task, g_steal_pointer (&edit->error));
  g_object_unref (task);
}

static void do_next (GTask *task);

static void
on_done (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveEdit *edit = g_task_get_task_data (task);
  const LiveEditChange *change = g_ptr_array_index (edit->changes, edit->next);

  if (is_done (client, result, &edit->error))
    {
      edit->next++;
      do_next (task);
      return;
    }
  /* What qubesd cannot save on the disk has happened in its memory all the same. */
  if (g_error_matches (edit->error, LIVE_ERROR, LIVE_ERROR_PROTOCOL)
      || g_error_matches (edit->error, LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE))
    edit->next++;
  g_prefix_error (&edit->error, "%s: %s: ", edit->qube, change->name);
  undo_next (task);
}

static void
do_next (GTask *task)
{
  LiveEdit *edit = g_task_get_task_data (task);

  if (edit->next < edit->changes->len)
    {
      const LiveEditChange *change = g_ptr_array_index (edit->changes, edit->next);

      send_change (task, change, change->value, on_done);
      return;
    }
  g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

void
live_edit_run_async (LiveEdit *edit, GObject *owner, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (owner, NULL, callback, data);

  g_task_set_task_data (task, edit, (GDestroyNotify) live_edit_free);
  do_next (task);
}

gboolean
live_edit_run_finish (GObject *owner, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, owner), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
