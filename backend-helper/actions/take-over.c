/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/take-over.h"

#include "model/error.h"

#define SYSTEMD_NAME "org.freedesktop.systemd1"
#define SYSTEMD_PATH "/org/freedesktop/systemd1"
#define SYSTEMD_MANAGER "org.freedesktop.systemd1.Manager"

typedef struct
{
  LiveSystem *system;
  LiveVolumePolicy *policy;
  GDBusConnection *bus;
  GVariant *unit;    /* as it was read */
  GPtrArray *wishes; /* (element-type LiveGuideWish) */
  guint next;        /* which of them is next */
  gboolean covered;  /* every one so far is fulfilled, or waits only for its qube to halt */
  GVariantBuilder policies;
  gboolean disabled;
} TakeOver;

static void
take_over_free (gpointer data)
{
  TakeOver *take_over = data;

  g_object_unref (take_over->system);
  g_object_unref (take_over->policy);
  g_object_unref (take_over->bus);
  g_clear_pointer (&take_over->unit, g_variant_unref);
  g_clear_pointer (&take_over->wishes, g_ptr_array_unref);
  g_variant_builder_clear (&take_over->policies);
  g_free (take_over);
}

static void set_next (GTask *task);

/* ---- The unit is disabled last. ---- */

static void
succeed (GTask *task)
{
  TakeOver *take_over = g_task_get_task_data (task);
  GVariant *answer = g_variant_new ("(@a(sss)b)", g_variant_builder_end (&take_over->policies), take_over->disabled);

  g_task_return_pointer (task, g_variant_ref_sink (answer), (GDestroyNotify) g_variant_unref);
  g_object_unref (task);
}

static void
on_read_after (GObject *guide_units, GAsyncResult *result, gpointer data)
{
  live_guide_units_refresh_finish (LIVE_GUIDE_UNITS (guide_units), result);
  succeed (data);
}

static void
call_systemd (GTask *task, const char *method, GVariant *arguments, GAsyncReadyCallback callback)
{
  TakeOver *take_over = g_task_get_task_data (task);

  g_dbus_connection_call (take_over->bus, SYSTEMD_NAME, SYSTEMD_PATH, SYSTEMD_MANAGER, method, arguments, NULL,
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, callback, task);
}

static void
on_reloaded (GObject *bus, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) nothing = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);

  /* The next boot reads the files anyway. */
  if (nothing == NULL)
    g_message ("systemd did not load its units again: %s", error->message);
  /* The property must say so before the answer does. */
  live_guide_units_refresh_async (g_task_get_source_object (task), on_read_after, task);
}

static void
on_disabled (GObject *bus, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  TakeOver *take_over = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) changes = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result, &error);

  if (changes == NULL)
    {
      g_message ("systemd did not disable the unit: %s", error->message);
      succeed (task);
      return;
    }
  take_over->disabled = TRUE;
  call_systemd (task, "Reload", NULL, on_reloaded);
}

static void
on_read_between (GObject *guide_units, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  TakeOver *take_over = g_task_get_task_data (task);
  g_autofree char *path = NULL;
  g_autofree char *name = NULL;
  GVariantBuilder files;

  live_guide_units_refresh_finish (LIVE_GUIDE_UNITS (guide_units), result);
  if (!g_variant_equal (take_over->unit, live_system_get_guide_unit (take_over->system)))
    {
      g_message ("the unit was changed meanwhile and stays enabled");
      succeed (task);
      return;
    }
  g_variant_get_child (take_over->unit, 0, "s", &path);
  name = g_path_get_basename (path);
  g_variant_builder_init (&files, G_VARIANT_TYPE ("as"));
  g_variant_builder_add (&files, "s", name);
  call_systemd (task, "DisableUnitFiles", g_variant_new ("(asb)", &files, FALSE), on_disabled);
}

static void
finish_policies (GTask *task)
{
  TakeOver *take_over = g_task_get_task_data (task);
  guint n_others = 0;

  g_variant_get_child (take_over->unit, 3, "u", &n_others);
  if (take_over->covered && n_others == 0)
    /* Setting policies takes its time, and what was added to the unit meanwhile has nobody's policy. */
    live_guide_units_refresh_async (g_task_get_source_object (task), on_read_between, task);
  else
    succeed (task);
}

/* ---- The policies, one after the other. ---- */

/* Says what became of the wish, and goes on. @error is consumed. */
static void
note (GTask *task, gboolean applied, GError *error)
{
  TakeOver *take_over = g_task_get_task_data (task);
  const LiveGuideWish *wish = g_ptr_array_index (take_over->wishes, take_over->next);
  LiveQube *qube = live_system_find_qube (take_over->system, wish->qube);
  g_autofree char *policy = NULL;
  g_autofree char *how = NULL;

  if (qube != NULL)
    g_object_get (qube, "policy", &policy, NULL);
  if (error != NULL)
    {
      g_message ("%s is left to the unit: %s", wish->qube, error->message);
      how = g_dbus_error_encode_gerror (error);
      take_over->covered = FALSE;
    }
  g_variant_builder_add (&take_over->policies, "(sss)", wish->qube, policy != NULL ? policy : "",
                         how != NULL ? how : (applied ? "applied" : "waiting"));
  g_clear_error (&error);
  take_over->next++;
  set_next (task);
}

static void
on_set (GObject *policy, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;
  gboolean applied = FALSE;

  live_volume_policy_set_finish (LIVE_VOLUME_POLICY (policy), result, &applied, &error);
  if (error != NULL && error->domain != LIVE_ERROR)
    {
      error->domain = LIVE_ERROR;
      error->code = LIVE_ERROR_FAILED;
    }
  note (data, applied, error);
}

static void
set_next (GTask *task)
{
  TakeOver *take_over = g_task_get_task_data (task);
  const LiveGuideWish *wish = NULL;

  if (take_over->next == take_over->wishes->len)
    {
      finish_policies (task);
      return;
    }
  wish = g_ptr_array_index (take_over->wishes, take_over->next);
  if (wish->policy != NULL)
    live_volume_policy_set_async (take_over->policy, wish->qube, wish->policy, on_set, task);
  else
    note (task, FALSE,
          g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED, "no policy does to %s what the unit does", wish->qube));
}

static void
on_read_before (GObject *guide_units, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  TakeOver *take_over = g_task_get_task_data (task);
  const char *path = NULL;

  live_guide_units_refresh_finish (LIVE_GUIDE_UNITS (guide_units), result);
  take_over->unit = g_variant_ref (live_system_get_guide_unit (take_over->system));
  g_variant_get_child (take_over->unit, 0, "&s", &path);
  if (*path == '\0')
    {
      g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_NOT_FOUND,
                               "there is no unit that makes volumes read-only at every boot");
      g_object_unref (task);
      return;
    }
  take_over->wishes = live_guide_unit_decide (take_over->unit);
  set_next (task);
}

void
live_take_over_async (LiveGuideUnits *guide_units,
                      LiveSystem *system,
                      LiveVolumePolicy *policy,
                      GDBusConnection *bus,
                      GAsyncReadyCallback callback,
                      gpointer user_data)
{
  GTask *task = g_task_new (guide_units, NULL, callback, user_data);
  TakeOver *take_over = g_new0 (TakeOver, 1);

  take_over->system = g_object_ref (system);
  take_over->policy = g_object_ref (policy);
  take_over->bus = g_object_ref (bus);
  take_over->covered = TRUE;
  g_variant_builder_init (&take_over->policies, G_VARIANT_TYPE ("a(sss)"));
  g_task_set_task_data (task, take_over, take_over_free);
  /* Between the question and now it may have changed. */
  live_guide_units_refresh_async (guide_units, on_read_before, task);
}

GVariant *
live_take_over_finish (LiveGuideUnits *guide_units, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, guide_units), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
