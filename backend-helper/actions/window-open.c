/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/window-private.h"

#include "actions/power.h"
#include "actions/steps.h"
#include "model/error.h"

/* All that opening one is decided by. */
#define READ_FOR_WINDOW (LIVE_READ_STATE | LIVE_READ_VOLUMES | LIVE_READ_FEATURES)

typedef struct
{
  char *name;
  gint64 seconds;
  LiveQube *qube; /* from when its window is being opened */
  gboolean turn;
  GError *error; /* why it failed, while what was done is being undone */
} LiveWindowChange;

static void
change_free (LiveWindowChange *change)
{
  g_free (change->name);
  g_clear_object (&change->qube);
  g_clear_error (&change->error);
  g_free (change);
}

static GTask *
change_new (LiveWindows *self, const char *name, gint64 seconds, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (self, NULL, callback, data);
  LiveWindowChange *change = g_new0 (LiveWindowChange, 1);

  change->name = g_strdup (name);
  change->seconds = seconds;
  g_task_set_task_data (task, change, (GDestroyNotify) change_free);
  return task;
}

static gboolean
is_length (gint64 seconds)
{
  return seconds >= LIVE_WINDOW_SECONDS_MIN && seconds <= LIVE_WINDOW_SECONDS_MAX;
}

static GError *
no_qube (const char *name)
{
  return g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "there is no qube %s", name);
}

/* The reconciliation left the qube alone while we had its turn: it looks now. */
static void
give_back (LiveWindows *self, LiveWindowChange *change)
{
  LiveQube *qube = live_system_find_qube (self->system, change->name);

  if (!change->turn)
    return;
  change->turn = FALSE;
  live_turns_give_back (self->turns, change->name);
  if (qube != NULL)
    live_system_settle_qube (self->system, qube);
}

/* Ends a change: with @error (transfer full), or with success when it is NULL. */
static void
finish (GTask *task, GError *error)
{
  LiveWindows *self = g_task_get_source_object (task);

  give_back (self, g_task_get_task_data (task));
  if (error != NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
  g_object_unref (task);
}

/* The window of a change under way; NULL when its qube is gone. */
static LiveWindow *
find_window (GTask *task)
{
  LiveWindowChange *change = g_task_get_task_data (task);

  return live_windows_find (g_task_get_source_object (task), change->qube);
}

/* ---- Opening. ---- */

/* Nobody is opening it any more: from here on the reconciliation may have it. */
static void
end_opening (LiveWindow *window)
{
  window->now.opening = FALSE;
  window->undoing = FALSE;
  window->step = "";
  live_qube_set_window_opening (window->qube, FALSE);
  live_system_judge_qube (window->owner->system, window->qube);
}

static gboolean
is_up (LiveQube *qube)
{
  LiveQubeState state = live_qube_get_facts (qube)->state;

  return state == LIVE_QUBE_STATE_RUNNING || state == LIVE_QUBE_STATE_PAUSED;
}

static void
on_read_after (GObject *sync, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveWindows *self = g_task_get_source_object (task);
  LiveWindowChange *change = g_task_get_task_data (task);
  LiveWindow *window = find_window (task);
  const LiveQubeFacts *facts = NULL;
  gboolean is_read = FALSE, is_halted = FALSE;
  g_autoptr (GError) error = NULL;

  is_read = live_qubesd_sync_refresh_qube_finish (LIVE_QUBESD_SYNC (sync), result, &error);
  if (change->error == NULL)
    change->error = g_steal_pointer (&error);
  if (window == NULL)
    {
      finish (task, change->error != NULL ? g_steal_pointer (&change->error) : no_qube (change->name));
      return;
    }
  end_opening (window);
  facts = live_qube_get_facts (change->qube);
  is_halted = facts->state == LIVE_QUBE_STATE_HALTED;
  if (change->error == NULL && is_halted)
    change->error = g_error_new (LIVE_ERROR, LIVE_ERROR_QUBESD_ERROR,
                                 "%s was started for its customization window and halted at once", change->name);
  window->failed = change->error != NULL && !is_up (change->qube);
  if (window->failed && is_read && is_halted && facts->features[LIVE_FEATURE_WINDOW] != NULL)
    {
      /* What is left of it is undone by the reconciliation; the answer waits for that. */
      live_window_wait (window, g_object_ref (task), g_steal_pointer (&change->error));
      give_back (self, change);
      g_object_unref (task);
      return;
    }
  /* Whoever runs for all that is in its window; and nobody waits for a qubesd that is gone. */
  live_window_update (window);
  finish (task, g_steal_pointer (&change->error));
}

static void
read_after (GTask *task)
{
  LiveWindows *self = g_task_get_source_object (task);
  LiveWindowChange *change = g_task_get_task_data (task);

  live_qubesd_sync_refresh_qube_async (self->sync, change->name, READ_FOR_WINDOW, NULL, on_read_after, task);
}

static void
on_end_written (GObject *qube, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveWindow *window = find_window (task);
  g_autoptr (GError) error = NULL;

  live_window_write_finish (LIVE_QUBE (qube), result, &error);
  if (error != NULL)
    g_message ("%s: the end of its customization window cannot be written down anew: %s",
               live_qube_get_name (LIVE_QUBE (qube)), error->message);
  if (window != NULL)
    window->writing = FALSE;
  /* The end that was written first stands, which is a little earlier. */
  if (window != NULL && error != NULL)
    live_window_forget_text (window);
  read_after (task);
}

static void
on_started (GObject *client, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveWindowChange *change = g_task_get_task_data (task);
  LiveWindow *window = find_window (task);

  live_power_finish (LIVE_QUBESD_CLIENT (client), result, &change->error);
  if (change->error != NULL || window == NULL || change->seconds == LIVE_WINDOW_UNTIL_CLOSED)
    {
      read_after (task);
      return;
    }
  /* It lasts from now, however long the start took. */
  live_window_set_left (window, change->seconds);
  live_window_write_async (window, on_end_written, task);
}

static void
on_steps_run (GObject *qube, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveWindows *self = g_task_get_source_object (task);
  LiveWindowChange *change = g_task_get_task_data (task);
  LiveWindow *window = find_window (task);
  const char *failed = NULL;

  if (!live_steps_run_finish (LIVE_QUBE (qube), result, &failed, &change->error))
    {
      g_prefix_error (&change->error, "%s: %s: ", change->name, failed);
      read_after (task);
      return;
    }
  if (window == NULL)
    {
      /* By now its name may be another qube's. */
      read_after (task);
      return;
    }
  window->step = LIVE_WINDOW_STEP_START;
  live_window_update (window);
  live_power_start_async (self->client, change->name, on_started, task);
}

static const char *
get_window_step (LiveStep step)
{
  if (step == LIVE_STEP_RECORD_WINDOW)
    return LIVE_WINDOW_STEP_RECORD;
  if (step == LIVE_STEP_RECORD_PRELOAD || step == LIVE_STEP_PRELOAD_OFF)
    return LIVE_WINDOW_STEP_HOLD_PRELOADED;
  return LIVE_WINDOW_STEP_PRIVATE_WRITABLE;
}

static void
on_step (LiveQube *qube, LiveStep step, gboolean undo, gpointer data)
{
  LiveWindow *window = find_window (data);

  if (window == NULL)
    return;
  window->step = get_window_step (step);
  window->undoing = undo;
  live_window_update (window);
}

static GError *
refuse (LiveQube *qube, const char *why)
{
  static const struct
  {
    const char *why;
    LiveError code;
    const char *message;
  } table[] = {
    { LIVE_WINDOW_REFUSAL_POLICY, LIVE_ERROR_CONFLICT,
      "%s has no customization window, because its policy is not \"full\": what it writes is kept anyway, or set that "
      "policy first" },
    { LIVE_WINDOW_REFUSAL_PENDING, LIVE_ERROR_CONFLICT,
      "the policy of %s is not applied yet: wait until it is, or see why it cannot be" },
    { LIVE_WINDOW_REFUSAL_RUNNING, LIVE_ERROR_NOT_HALTED, "%s is running: shut it down first" },
    { LIVE_WINDOW_REFUSAL_DISPOSABLE, LIVE_ERROR_NOT_SUPPORTED,
      "%s is a disposable and keeps nothing: open a customization window of its disposable template" },
    { LIVE_WINDOW_REFUSAL_NO_PRIVATE, LIVE_ERROR_NOT_SUPPORTED, "%s has no private volume that keeps anything" },
    { LIVE_WINDOW_REFUSAL_OPEN, LIVE_ERROR_BUSY, "there is a customization window of %s already" },
    { LIVE_WINDOW_REFUSAL_DISPOSABLES_RUNNING, LIVE_ERROR_IN_USE,
      "disposables of %s are running, and its private volume cannot be changed in an LVM thin pool meanwhile: shut them "
      "down first" },
    { LIVE_WINDOW_REFUSAL_UNKNOWN, LIVE_ERROR_QUBESD_ERROR, "qubesd does not tell enough about the volumes of %s" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_str_equal (table[i].why, why))
      {
        g_autoptr (GString) message = g_string_new (table[i].message);

        g_string_replace (message, "%s", live_qube_get_name (qube), 1);
        return g_error_new_literal (LIVE_ERROR, (int) table[i].code, message->str);
      }
  g_return_val_if_reached (g_error_new_literal (LIVE_ERROR, LIVE_ERROR_FAILED, why));
}

static void
on_read_before (GObject *sync, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveWindows *self = g_task_get_source_object (task);
  LiveWindowChange *change = g_task_get_task_data (task);
  LiveQube *qube = live_system_find_qube (self->system, change->name);
  LiveWindow *window = NULL;
  const char *refusal = NULL;
  LivePlan plan;
  GError *error = NULL;

  if (!live_qubesd_sync_refresh_qube_finish (LIVE_QUBESD_SYNC (sync), result, &error))
    {
      finish (task, error);
      return;
    }
  if (qube == NULL)
    {
      finish (task, no_qube (change->name));
      return;
    }
  refusal = live_window_refusal (live_qube_get_facts (qube), live_qube_get_plan (qube));
  if (*refusal != '\0')
    {
      finish (task, refuse (qube, refusal));
      return;
    }
  change->qube = g_object_ref (qube);
  plan = live_plan_window (live_qube_get_facts (qube));
  window = live_windows_take (self, qube);
  window->now.opening = TRUE;
  live_window_set_left (window, change->seconds);
  live_qube_set_window_opening (qube, TRUE);
  live_qube_set_window_outcome (qube, "");
  live_system_judge_qube (self->system, qube);
  live_steps_run_async (self->client, qube, &plan, window->text, on_step, on_steps_run, task);
}

static void
on_turn_to_open (GObject *turns, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveWindows *self = g_task_get_source_object (task);
  LiveWindowChange *change = g_task_get_task_data (task);

  live_turns_take_finish (LIVE_TURNS (turns), result, NULL); /* without a cancellable it cannot fail */
  change->turn = TRUE;
  /* Between the question and now anything may have changed. */
  live_qubesd_sync_refresh_qube_async (self->sync, change->name, READ_FOR_WINDOW, NULL, on_read_before, task);
}

void
live_windows_open_async (LiveWindows *self, const char *name, gint64 seconds, GAsyncReadyCallback callback,
                         gpointer data)
{
  GTask *task = change_new (self, name, seconds, callback, data);
  LiveQube *qube = live_system_find_qube (self->system, name);

  if (seconds != LIVE_WINDOW_UNTIL_CLOSED && !is_length (seconds))
    finish (task, g_error_new (LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                               "a customization window lasts %d to %d seconds, or until it is closed (%d), not "
                               "%" G_GINT64_FORMAT,
                               LIVE_WINDOW_SECONDS_MIN, LIVE_WINDOW_SECONDS_MAX, LIVE_WINDOW_UNTIL_CLOSED, seconds));
  /* Whoever opens one has the turn until the qube runs: nobody has to wait for that to hear that there is one. */
  else if (qube != NULL && live_window_is_in_use (live_qube_get_facts (qube)))
    finish (task, refuse (qube, LIVE_WINDOW_REFUSAL_OPEN));
  else
    live_turns_take_async (self->turns, name, NULL, on_turn_to_open, task);
}

gboolean
live_windows_open_finish (LiveWindows *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

/* ---- Extending. ---- */

static void
on_extended (GObject *qube, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveWindow *window = find_window (task);
  GError *error = NULL;

  live_window_write_finish (LIVE_QUBE (qube), result, &error);
  if (window != NULL)
    {
      window->writing = FALSE;
      /* What stands at the qube is the truth: a longer window that is not written down would end in a crash. */
      if (error != NULL)
        live_window_forget_text (window);
      live_window_update (window);
    }
  finish (task, error);
}

static GError *
check_extension (LiveWindows *self, LiveWindowChange *change)
{
  LiveQube *qube = live_system_find_qube (self->system, change->name);
  LiveWindow *window = qube != NULL ? live_windows_find (self, qube) : NULL;

  if (window == NULL)
    return g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "there is no customization window of %s", change->name);
  if (!g_str_equal (live_qube_get_window_state (window->qube), LIVE_WINDOW_OPEN))
    return g_error_new (LIVE_ERROR, LIVE_ERROR_BUSY, "the customization window of %s is not open: it is %s",
                        change->name, live_qube_get_window_state (window->qube));
  if (window->now.end != LIVE_WINDOW_END_AT)
    return g_error_new (LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                        "the customization window of %s has no end that could be moved: it lasts until it is closed",
                        change->name);
  /* After a sleep somebody may be quicker than the alarm. */
  if (live_clock_get_boot (self->clock) >= window->now.deadline)
    return g_error_new (LIVE_ERROR, LIVE_ERROR_BUSY, "the customization window of %s has just ended", change->name);
  return NULL;
}

static void
on_turn_to_extend (GObject *turns, GAsyncResult *result, gpointer data)
{
  GTask *task = data;
  LiveWindows *self = g_task_get_source_object (task);
  LiveWindowChange *change = g_task_get_task_data (task);
  LiveWindow *window = NULL;
  GError *error = NULL;

  live_turns_take_finish (LIVE_TURNS (turns), result, NULL); /* without a cancellable it cannot fail */
  change->turn = TRUE;
  /* Between the question and now anything may have changed. */
  error = check_extension (self, change);
  if (error != NULL)
    {
      finish (task, error);
      return;
    }
  change->qube = g_object_ref (live_system_find_qube (self->system, change->name));
  window = find_window (task);
  live_window_set_left (window, MIN (window->now.deadline - live_clock_get_boot (self->clock) + change->seconds,
                                     LIVE_WINDOW_SECONDS_MAX));
  live_window_write_async (window, on_extended, task);
}

void
live_windows_extend_async (LiveWindows *self, const char *name, gint64 seconds, GAsyncReadyCallback callback,
                           gpointer data)
{
  GTask *task = change_new (self, name, seconds, callback, data);
  GError *error = NULL;

  if (!is_length (seconds))
    error = g_error_new (LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                         "a customization window is extended by %d to %d seconds, not %" G_GINT64_FORMAT,
                         LIVE_WINDOW_SECONDS_MIN, LIVE_WINDOW_SECONDS_MAX, seconds);
  else
    /* Who has the turn while it is being opened has it for long: that is no reason to wait. */
    error = check_extension (self, g_task_get_task_data (task));
  if (error != NULL)
    finish (task, error);
  else
    live_turns_take_async (self->turns, name, NULL, on_turn_to_extend, task);
}

gboolean
live_windows_extend_finish (LiveWindows *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}
