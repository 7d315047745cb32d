/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/window-private.h"

#include "actions/power.h"
#include "model/error.h"

/* How long to wait before a closing that failed, for a full disk perhaps, is tried again. */
#define RETRY_SECONDS 30

/* Both clocks are read in whole seconds, so two sums of them can differ by one. */
#define SAME_SECONDS 1

G_DEFINE_FINAL_TYPE (LiveWindows, live_windows, G_TYPE_OBJECT)

typedef struct
{
  GTask *task;
  GError *error; /* what to answer when it is closed; NULL: success */
} LiveWindowWaiter;

static void
waiter_free (LiveWindowWaiter *waiter)
{
  g_clear_error (&waiter->error);
  g_clear_object (&waiter->task);
  g_free (waiter);
}

/* Answers everybody who waits, with @error instead of what they wait for if there is one. */
static void
answer_waiters (LiveWindow *window, const GError *error)
{
  g_autoptr (GPtrArray) waiters = g_steal_pointer (&window->waiters);

  window->waiters = g_ptr_array_new_with_free_func ((GDestroyNotify) waiter_free);
  for (guint i = 0; i < waiters->len; i++)
    {
      LiveWindowWaiter *waiter = g_ptr_array_index (waiters, i);

      if (waiter->error != NULL)
        g_task_return_error (waiter->task, g_steal_pointer (&waiter->error));
      else if (error != NULL)
        g_task_return_error (waiter->task, g_error_copy (error));
      else
        g_task_return_boolean (waiter->task, TRUE);
    }
}

static void
window_free (LiveWindow *window)
{
  g_autoptr (GError) error = g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "the qube %s does not exist any more",
                                          live_qube_get_name (window->qube));

  if (window->alarm != 0)
    live_clock_remove_alarm (window->owner->clock, window->alarm);
  answer_waiters (window, error);
  g_ptr_array_unref (window->waiters);
  g_object_unref (window->qube);
  g_free (window->text);
  g_free (window->replaced);
  g_free (window);
}

LiveWindow *
live_windows_find (LiveWindows *self, LiveQube *qube)
{
  return g_hash_table_lookup (self->windows, qube);
}

LiveWindow *
live_windows_take (LiveWindows *self, LiveQube *qube)
{
  LiveWindow *window = live_windows_find (self, qube);

  if (window != NULL)
    return window;
  window = g_new0 (LiveWindow, 1);
  window->owner = self;
  window->qube = g_object_ref (qube);
  window->step = "";
  window->waiters = g_ptr_array_new_with_free_func ((GDestroyNotify) waiter_free);
  g_hash_table_insert (self->windows, qube, window);
  return window;
}

/* ---- When it ends. ---- */

static void
set_text (LiveWindow *window, char *text)
{
  g_free (window->replaced);
  window->replaced = window->text;
  window->text = text;
}

void
live_window_set_left (LiveWindow *window, gint64 seconds)
{
  LiveClock *clock = window->owner->clock;
  gboolean endless = seconds == LIVE_WINDOW_UNTIL_CLOSED;

  window->now.end = endless ? LIVE_WINDOW_END_WHEN_CLOSED : LIVE_WINDOW_END_AT;
  window->now.deadline = endless ? 0 : live_clock_get_boot (clock) + seconds;
  window->wall_end = endless ? LIVE_WINDOW_UNTIL_CLOSED : live_clock_get_wall (clock) + seconds;
  set_text (window, live_window_format (window->wall_end));
}

void
live_window_forget_text (LiveWindow *window)
{
  g_clear_pointer (&window->text, g_free);
  g_clear_pointer (&window->replaced, g_free);
}

/* Somebody else wrote it, or we did in an earlier life. */
static void
take_text (LiveWindow *window, const char *text)
{
  LiveClock *clock = window->owner->clock;
  gint64 wall = live_clock_get_wall (clock);
  gint64 left = 0;

  window->now.end = live_window_parse (text, wall, &left);
  window->now.deadline = live_clock_get_boot (clock) + left;
  window->wall_end = wall + left;
  set_text (window, g_strdup (text));
}

static void
on_written (GObject *client, GAsyncResult *result, gpointer data)
{
  g_autoptr (GTask) task = data;
  GError *error = NULL;
  g_autoptr (GBytes) answer = live_qubesd_client_call_finish (LIVE_QUBESD_CLIENT (client), result, &error);

  if (answer == NULL)
    g_task_return_error (task, error);
  else
    g_task_return_boolean (task, TRUE);
}

void
live_window_write_async (LiveWindow *window, GAsyncReadyCallback callback, gpointer data)
{
  GTask *task = g_task_new (window->qube, NULL, callback, data);
  g_autoptr (GBytes) payload = live_qubesd_payload_new (window->text);

  window->writing = TRUE;
  live_qubesd_client_call_async (window->owner->client, "admin.vm.feature.Set",
                                 live_feature_to_string (LIVE_FEATURE_WINDOW), live_qube_get_name (window->qube),
                                 payload, 0, NULL, on_written, task);
}

gboolean
live_window_write_finish (LiveQube *qube, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, qube), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
on_rewritten (GObject *object, GAsyncResult *result, gpointer data)
{
  g_autoptr (LiveWindows) self = data;
  LiveQube *qube = LIVE_QUBE (object);
  LiveWindow *window = live_windows_find (self, qube);
  g_autoptr (GError) error = NULL;

  live_window_write_finish (qube, result, &error);
  if (window == NULL)
    return;
  window->writing = FALSE;
  if (error == NULL)
    live_window_update (window);
  else
    {
      g_message ("%s: the end of its customization window cannot be written down anew: %s", live_qube_get_name (qube),
                 error->message);
      /* What stands there is what stood there; it is written when the window is looked at the next time. */
      set_text (window, g_strdup (window->replaced));
      window->wall_end = 0;
    }
}

/* The wall clock was set: the window lasts as long as before, and what says when it ends has to follow. */
static void
follow_wall_clock (LiveWindow *window)
{
  gint64 wall_end = window->now.wall + (window->now.deadline - window->now.boot);

  if (window->text == NULL || window->writing || window->now.opening || window->now.end != LIVE_WINDOW_END_AT
      || window->now.boot >= window->now.deadline || ABS (wall_end - window->wall_end) <= SAME_SECONDS
      || !live_system_get_connected (window->owner->system))
    return;
  window->wall_end = wall_end;
  set_text (window, live_window_format (wall_end));
  live_window_write_async (window, on_rewritten, g_object_ref (window->owner));
}

/* ---- What has to be done for it. ---- */

static void
deed_done (LiveWindows *self, LiveQube *qube, gboolean kill, GError *error)
{
  LiveWindow *window = live_windows_find (self, qube);

  if (error != NULL)
    g_message ("%s cannot be %s to end its customization window: %s", live_qube_get_name (qube),
               kill ? "ended" : "asked to shut down", error->message);
  if (window == NULL)
    return;
  window->acting = FALSE;
  if (kill && error != NULL)
    window->killed = FALSE;
  if (error != NULL && (kill || g_error_matches (error, LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE)))
    answer_waiters (window, error);
  /* Nobody has heard the request: it is made again when qubesd is back. */
  if (g_error_matches (error, LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE))
    window->now.shutdown_asked = FALSE;
  else
    live_window_update (window);
}

typedef struct
{
  LiveWindows *windows;
  LiveQube *qube;
  gboolean kill;
} LiveDeed;

static void
on_deed (GObject *client, GAsyncResult *result, gpointer data)
{
  LiveDeed *deed = data;
  g_autoptr (GError) error = NULL;

  live_power_finish (LIVE_QUBESD_CLIENT (client), result, &error);
  deed_done (deed->windows, deed->qube, deed->kill, error);
  g_object_unref (deed->windows);
  g_object_unref (deed->qube);
  g_free (deed);
}

static void
act (LiveWindow *window, gboolean kill)
{
  LiveWindows *self = window->owner;
  const char *name = live_qube_get_name (window->qube);
  LiveDeed *deed = NULL;

  if (window->acting || !live_system_get_connected (self->system))
    return;
  deed = g_new (LiveDeed, 1);
  deed->windows = g_object_ref (self);
  deed->qube = g_object_ref (window->qube);
  deed->kill = kill;
  window->acting = TRUE;
  window->now.kill_asked = FALSE;
  window->now.shutdown_asked = TRUE;
  window->now.shutdown_at = window->now.boot;
  if (kill)
    {
      window->killed = TRUE;
      live_power_kill_async (self->client, name, on_deed, deed);
    }
  else
    {
      g_message ("%s is asked to shut down: its customization window ends", name);
      live_power_shutdown_async (self->client, name, on_deed, deed);
    }
}

static GError *
cannot_close (LiveWindow *window)
{
  return g_error_new (LIVE_ERROR, LIVE_ERROR_QUBESD_ERROR,
                      "%s has halted, but its customization window cannot be closed: %s; this is tried again every %d "
                      "seconds",
                      live_qube_get_name (window->qube), live_qube_get_apply_error (window->qube), RETRY_SECONDS);
}

static void
on_retried (GObject *policy, GAsyncResult *result, gpointer data)
{
  g_autoptr (LiveWindows) self = data;
  LiveQube *qube = live_volume_policy_retry_finish (LIVE_VOLUME_POLICY (policy), result);
  LiveWindow *window = live_windows_find (self, qube);

  if (window == NULL)
    return;
  window->retrying = FALSE;
  if (live_qube_has_apply_error (qube))
    {
      g_autoptr (GError) error = cannot_close (window);

      answer_waiters (window, error);
    }
  live_window_update (window);
}

/* Its qube is halted, and the reconciliation could not close it: whatever was in the way may be gone by now. */
static void
retry_closing (LiveWindow *window)
{
  LiveWindows *self = window->owner;

  if (window->retrying || (window->retry_at != 0 && window->now.boot < window->retry_at))
    return;
  if (window->retry_at == 0)
    {
      g_autoptr (GError) error = cannot_close (window);

      g_message ("%s", error->message);
      window->retry_at = window->now.boot + RETRY_SECONDS;
      answer_waiters (window, error);
    }
  else
    {
      window->retrying = TRUE;
      live_volume_policy_retry_async (self->policy, window->qube, on_retried, g_object_ref (self));
    }
  window->retry_at = window->now.boot + RETRY_SECONDS;
}

/* Why the reconciliation does not even try to close it; %NULL: it does. */
static GError *
why_not_closing (LiveWindow *window)
{
  const LivePlan *plan = live_qube_get_plan (window->qube);
  const char *name = live_qube_get_name (window->qube);

  if (plan->kind == LIVE_PLAN_INVALID || plan->kind == LIVE_PLAN_UNSUPPORTED || plan->kind == LIVE_PLAN_UNKNOWN)
    return g_error_new (LIVE_ERROR, LIVE_ERROR_CONFLICT,
                        "%s has halted, but its customization window cannot be closed, because its policy cannot be "
                        "applied: its state says why",
                        name);
  if (plan->kind == LIVE_PLAN_PENDING && plan->waits_for_disposables)
    return g_error_new (LIVE_ERROR, LIVE_ERROR_IN_USE,
                        "%s has halted, but its customization window closes only when no disposable of it runs any "
                        "more",
                        name);
  return NULL;
}

/* ---- What it is. ---- */

static const char *
get_outcome (LiveWindow *window)
{
  if (window->failed)
    return LIVE_WINDOW_OUTCOME_FAILED;
  if (!window->was_halted)
    return ""; /* somebody removed what was written down; nothing ended */
  if (window->killed)
    return LIVE_WINDOW_OUTCOME_KILLED;
  return window->was_used ? LIVE_WINDOW_OUTCOME_KEPT : LIVE_WINDOW_OUTCOME_RECOVERED;
}

static void
note_state (LiveWindow *window, gboolean recorded)
{
  LiveQubeState state = live_qube_get_facts (window->qube)->state;
  gboolean is_held = state == LIVE_QUBE_STATE_PAUSED || state == LIVE_QUBE_STATE_SUSPENDED;

  if (state == LIVE_QUBE_STATE_HALTED && !window->now.opening)
    {
      window->was_halted = window->was_halted || recorded;
      window->now.shutdown_asked = FALSE;
      window->now.kill_asked = FALSE;
    }
  else if (state != LIVE_QUBE_STATE_HALTED && !window->now.opening && recorded)
    {
      window->was_used = TRUE;
      /* It is open, whatever the answer to the start was. */
      if (state == LIVE_QUBE_STATE_RUNNING)
        window->failed = FALSE;
      if (window->was_halted)
        window->was_halted = window->killed = FALSE; /* started again before it could be closed */
    }
  /* A paused qube has not heard that it should shut down. */
  if (window->was_held && !is_held)
    window->now.shutdown_asked = FALSE;
  window->was_held = is_held;
}

static void
on_alarm (gpointer data)
{
  LiveWindow *window = data;

  window->alarm = 0;
  live_window_update (window);
}

static void
set_alarm (LiveWindow *window, gint64 boot)
{
  LiveClock *clock = window->owner->clock;

  if (window->alarm != 0)
    live_clock_remove_alarm (clock, window->alarm);
  window->alarm = 0;
  if (boot != 0)
    window->alarm = live_clock_add_alarm (clock, window->now.wall + (boot - window->now.boot), on_alarm, window);
}

static void
finish_window (LiveWindow *window)
{
  LiveQube *qube = window->qube;

  live_qube_set_window_outcome (qube, get_outcome (window));
  live_qube_set_window (qube, LIVE_WINDOW_CLOSED, 0, "");
  if (window->was_halted)
    g_message ("the customization window of %s is closed", live_qube_get_name (qube));
  answer_waiters (window, NULL);
  g_hash_table_remove (window->owner->windows, qube);
}

/* What is written at the qube, as long as it is right: the two clocks do not change their seconds at the same time, and
 * an end that moves to and fro by one would be news each time. */
static gint64
get_shown_end (LiveWindow *window, gint64 end)
{
  return window->now.end == LIVE_WINDOW_END_AT && ABS (end - window->wall_end) <= SAME_SECONDS ? window->wall_end : end;
}

void
live_window_update (LiveWindow *window)
{
  LiveWindows *self = window->owner;
  const LiveQubeFacts *facts = live_qube_get_facts (window->qube);
  const char *text = facts->klass != LIVE_QUBE_KLASS_DISPOSABLE ? facts->features[LIVE_FEATURE_WINDOW] : NULL;
  LiveWindowVerdict verdict;

  if (text != NULL && g_strcmp0 (text, window->text) != 0 && g_strcmp0 (text, window->replaced) != 0)
    take_text (window, text);
  note_state (window, text != NULL);
  window->now.boot = live_clock_get_boot (self->clock);
  window->now.wall = live_clock_get_wall (self->clock);
  verdict = live_window_judge (facts, &window->now);
  if (g_str_equal (verdict.state, LIVE_WINDOW_CLOSED))
    {
      finish_window (window);
      return;
    }

  if (facts->state == LIVE_QUBE_STATE_HALTED && !window->now.opening && live_qube_has_apply_error (window->qube))
    {
      retry_closing (window);
      verdict.again_at = window->retry_at;
    }
  else
    window->retry_at = 0;
  if (facts->state == LIVE_QUBE_STATE_HALTED && !window->now.opening && window->waiters->len > 0)
    {
      g_autoptr (GError) error = why_not_closing (window);

      if (error != NULL)
        answer_waiters (window, error);
    }
  follow_wall_clock (window);
  if (verdict.deed != LIVE_WINDOW_DEED_NONE)
    {
      act (window, verdict.deed == LIVE_WINDOW_DEED_KILL);
      verdict = live_window_judge (facts, &window->now);
    }
  set_alarm (window, verdict.again_at);
  verdict.deadline = get_shown_end (window, verdict.deadline);
  if (window->now.opening)
    live_qube_set_window (window->qube, window->undoing ? LIVE_WINDOW_CLOSING : LIVE_WINDOW_OPENING, verdict.deadline,
                          window->step);
  else
    live_qube_set_window (window->qube, verdict.state, verdict.deadline, verdict.step);
  if (verdict.step != NULL && g_str_equal (verdict.step, LIVE_WINDOW_STEP_NOT_SHUTTING_DOWN) && !window->acting)
    {
      g_autoptr (GError) error
          = g_error_new (LIVE_ERROR, LIVE_ERROR_BUSY,
                         "%s does not shut down: close what is open in it, then its customization window closes by "
                         "itself; or close the window with \"kill\", which loses what the qube has not written yet",
                         live_qube_get_name (window->qube));

      answer_waiters (window, error);
    }
}

void
live_window_wait (LiveWindow *window, GTask *task, GError *error)
{
  LiveWindowWaiter *waiter = g_new (LiveWindowWaiter, 1);

  waiter->task = task;
  waiter->error = error;
  g_ptr_array_add (window->waiters, waiter);
}

static void
look_at (LiveWindows *self, LiveQube *qube)
{
  const LiveQubeFacts *facts = live_qube_get_facts (qube);
  LiveWindow *window = live_windows_find (self, qube);

  if (window == NULL && facts->features[LIVE_FEATURE_WINDOW] != NULL && facts->klass != LIVE_QUBE_KLASS_DISPOSABLE)
    window = live_windows_take (self, qube);
  if (window != NULL)
    live_window_update (window);
}

static void
on_state (LiveQube *qube, GParamSpec *property, LiveWindows *self)
{
  look_at (self, qube);
}

static void
on_qube_added (LiveSystem *system, LiveQube *qube, LiveWindows *self)
{
  g_signal_connect_object (qube, "notify::state", G_CALLBACK (on_state), self, 0);
}

static void
on_qube_settled (LiveSystem *system, LiveQube *qube, LiveWindows *self)
{
  look_at (self, qube);
}

static void
on_qube_removed (LiveSystem *system, LiveQube *qube, LiveWindows *self)
{
  g_hash_table_remove (self->windows, qube);
}

/* A qubesd that is started anew may not have heard what it was asked, however it answered: it is asked again when it is
 * back. Whoever waits is told meanwhile: what they wait for goes on by itself. */
static void
on_connected (LiveSystem *system, GParamSpec *property, LiveWindows *self)
{
  GHashTableIter iter;
  gpointer value = NULL;

  if (live_system_get_connected (system))
    return;
  g_hash_table_iter_init (&iter, self->windows);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      LiveWindow *window = value;
      g_autoptr (GError) error = NULL;

      window->now.shutdown_asked = FALSE;
      if (window->now.opening)
        continue;
      error = g_error_new (LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE,
                           "qubesd does not answer: the customization window of %s is closed when it does again",
                           live_qube_get_name (window->qube));
      answer_waiters (window, error);
    }
}

static void
on_clock_changed (LiveClock *clock, LiveWindows *self)
{
  g_autofree gpointer *qubes = g_hash_table_get_keys_as_array (self->windows, NULL);

  /* To look at one may remove it, or another. */
  for (guint i = 0; qubes[i] != NULL; i++)
    {
      LiveWindow *window = g_hash_table_lookup (self->windows, qubes[i]);

      if (window != NULL)
        live_window_update (window);
    }
}

/* ---- Closing it. ---- */

static GError *
no_window (const char *name)
{
  return g_error_new (LIVE_ERROR, LIVE_ERROR_NOT_FOUND, "there is no customization window of %s", name);
}

static GError *
is_opening (const char *name)
{
  return g_error_new (LIVE_ERROR, LIVE_ERROR_BUSY,
                      "the customization window of %s is being opened: wait until the qube runs", name);
}

void
live_windows_close_async (
    LiveWindows *self, const char *name, gboolean kill, GAsyncReadyCallback callback, gpointer data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, data);
  LiveQube *qube = live_system_find_qube (self->system, name);
  LiveWindow *window = qube != NULL ? live_windows_find (self, qube) : NULL;

  if (!live_system_get_connected (self->system))
    g_task_return_new_error (task, LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE,
                             "qubesd is not reachable: start it with \"systemctl start qubesd\"");
  else if (window == NULL)
    g_task_return_error (task, no_window (name));
  else if (window->now.opening)
    g_task_return_error (task, is_opening (name));
  else
    {
      window->now.close_asked = TRUE;
      window->now.kill_asked = window->now.kill_asked || kill;
      /* Who asks again means it: the qube is asked again, too. */
      if (window->now.shutdown_asked
          && live_clock_get_boot (self->clock) >= window->now.shutdown_at + LIVE_WINDOW_GRACE_SECONDS)
        window->now.shutdown_asked = FALSE;
      /* A closing that has failed is tried again at once. */
      if (window->retry_at != 0)
        window->retry_at = live_clock_get_boot (self->clock);
      live_window_wait (window, g_steal_pointer (&task), NULL);
      live_window_update (window);
    }
}

gboolean
live_windows_close_finish (LiveWindows *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

static void
live_windows_dispose (GObject *object)
{
  LiveWindows *self = LIVE_WINDOWS (object);

  if (self->system != NULL)
    g_signal_handlers_disconnect_by_data (self->system, self);
  if (self->clock != NULL)
    g_signal_handlers_disconnect_by_data (self->clock, self);
  g_hash_table_remove_all (self->windows);
  g_clear_object (&self->system);
  g_clear_object (&self->client);
  g_clear_object (&self->sync);
  g_clear_object (&self->turns);
  g_clear_object (&self->policy);
  g_clear_object (&self->clock);
  G_OBJECT_CLASS (live_windows_parent_class)->dispose (object);
}

static void
live_windows_finalize (GObject *object)
{
  g_hash_table_unref (LIVE_WINDOWS (object)->windows);
  G_OBJECT_CLASS (live_windows_parent_class)->finalize (object);
}

static void
live_windows_class_init (LiveWindowsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = live_windows_dispose;
  G_OBJECT_CLASS (klass)->finalize = live_windows_finalize;
}

static void
live_windows_init (LiveWindows *self)
{
  self->windows = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) window_free);
}

LiveWindows *
live_windows_new (LiveSystem *system,
                  LiveQubesdClient *client,
                  LiveQubesdSync *sync,
                  LiveTurns *turns,
                  LiveVolumePolicy *policy,
                  LiveClock *clock)
{
  LiveWindows *self = g_object_new (LIVE_TYPE_WINDOWS, NULL);

  self->system = g_object_ref (system);
  self->client = g_object_ref (client);
  self->sync = g_object_ref (sync);
  self->turns = g_object_ref (turns);
  self->policy = g_object_ref (policy);
  self->clock = g_object_ref (clock);
  g_signal_connect (system, "qube-added", G_CALLBACK (on_qube_added), self);
  g_signal_connect (system, "qube-settled", G_CALLBACK (on_qube_settled), self);
  g_signal_connect (system, "qube-removed", G_CALLBACK (on_qube_removed), self);
  g_signal_connect (system, "notify::qubesd-connected", G_CALLBACK (on_connected), self);
  g_signal_connect (clock, "changed", G_CALLBACK (on_clock_changed), self);
  return self;
}
