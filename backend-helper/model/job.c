/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/job.h"

#include "model/error.h"

struct _LiveJob
{
  GObject parent;

  guint id;
  char *kind;
  char *subject;
  char *action;
  char *action_detail;
  char *step;
  double progress;
  gboolean cancellable;
  gboolean finished;
  char *error_name;
  char *error_message;
  GCancellable *cancel;
};

typedef enum
{
  PROP_KIND = 1,
  PROP_SUBJECT,
  PROP_STEP,
  PROP_PROGRESS,
  PROP_CANCELLABLE,
  PROP_FINISHED,
  PROP_ERROR_NAME,
  PROP_ERROR_MESSAGE,
  N_PROPERTIES
} LiveJobProperty;

static GParamSpec *properties[N_PROPERTIES];
static guint completed_signal;

G_DEFINE_FINAL_TYPE (LiveJob, live_job, G_TYPE_OBJECT)

static void
live_job_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LiveJob *self = LIVE_JOB (object);

  switch ((LiveJobProperty) id)
    {
    case PROP_KIND:
      g_value_set_string (value, self->kind);
      break;
    case PROP_SUBJECT:
      g_value_set_string (value, self->subject);
      break;
    case PROP_STEP:
      g_value_set_string (value, self->step);
      break;
    case PROP_PROGRESS:
      g_value_set_double (value, self->progress);
      break;
    case PROP_CANCELLABLE:
      g_value_set_boolean (value, self->cancellable);
      break;
    case PROP_FINISHED:
      g_value_set_boolean (value, self->finished);
      break;
    case PROP_ERROR_NAME:
      g_value_set_string (value, self->error_name);
      break;
    case PROP_ERROR_MESSAGE:
      g_value_set_string (value, self->error_message);
      break;
    case N_PROPERTIES:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
live_job_finalize (GObject *object)
{
  LiveJob *self = LIVE_JOB (object);

  g_free (self->kind);
  g_free (self->subject);
  g_free (self->action);
  g_free (self->action_detail);
  g_free (self->step);
  g_free (self->error_name);
  g_free (self->error_message);
  g_object_unref (self->cancel);
  G_OBJECT_CLASS (live_job_parent_class)->finalize (object);
}

static void
live_job_class_init (LiveJobClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = live_job_finalize;
  object_class->get_property = live_job_get_property;

  properties[PROP_KIND] = g_param_spec_string ("kind", NULL, NULL, NULL, flags);
  properties[PROP_SUBJECT] = g_param_spec_string ("subject", NULL, NULL, NULL, flags);
  properties[PROP_STEP] = g_param_spec_string ("step", NULL, NULL, NULL, flags);
  properties[PROP_PROGRESS] = g_param_spec_double ("progress", NULL, NULL, -1, 1, -1, flags);
  properties[PROP_CANCELLABLE] = g_param_spec_boolean ("cancellable", NULL, NULL, FALSE, flags);
  properties[PROP_FINISHED] = g_param_spec_boolean ("finished", NULL, NULL, FALSE, flags);
  properties[PROP_ERROR_NAME] = g_param_spec_string ("error-name", NULL, NULL, NULL, flags);
  properties[PROP_ERROR_MESSAGE] = g_param_spec_string ("error-message", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
  completed_signal = g_signal_new ("completed", LIVE_TYPE_JOB, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
live_job_init (LiveJob *self)
{
  self->step = g_strdup ("");
  self->progress = -1;
  self->error_name = g_strdup ("");
  self->error_message = g_strdup ("");
  self->cancel = g_cancellable_new ();
}

LiveJob *
live_job_new (const char *kind, const char *subject)
{
  LiveJob *self = g_object_new (LIVE_TYPE_JOB, NULL);
  gboolean runs_qube = g_str_equal (kind, LIVE_JOB_RUN_RAM_QUBE);

  self->kind = g_strdup (kind);
  self->subject = g_strdup (subject);
  live_job_set_action (self, runs_qube ? "manage-qube" : "manage-pool", runs_qube ? "qube" : "pool");
  return self;
}

guint
live_job_get_id (LiveJob *self)
{
  return self->id;
}

void
live_job_set_id (LiveJob *self, guint id)
{
  self->id = id;
}

const char *
live_job_get_kind (LiveJob *self)
{
  return self->kind;
}

const char *
live_job_get_subject (LiveJob *self)
{
  return self->subject;
}

gboolean
live_job_get_finished (LiveJob *self)
{
  return self->finished;
}

void
live_job_set_action (LiveJob *self, const char *action, const char *detail)
{
  g_free (self->action);
  self->action = g_strdup (action);
  g_free (self->action_detail);
  self->action_detail = g_strdup (detail);
}

const char *
live_job_get_action (LiveJob *self)
{
  return self->action;
}

const char *
live_job_get_action_detail (LiveJob *self)
{
  return self->action_detail;
}

GCancellable *
live_job_get_cancel (LiveJob *self)
{
  return self->cancel;
}

static void
set_text (LiveJob *self, char **field, const char *value, LiveJobProperty property)
{
  if (g_str_equal (*field, value))
    return;
  g_free (*field);
  *field = g_strdup (value);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
set_flag (LiveJob *self, gboolean *field, gboolean value, LiveJobProperty property)
{
  if (*field == value)
    return;
  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
live_job_set_step (LiveJob *self, const char *step)
{
  g_return_if_fail (!self->finished);

  set_text (self, &self->step, step, PROP_STEP);
}

static void
set_progress (LiveJob *self, double progress)
{
  /* Cut rather than rounded, so that 1 is said of what is complete. Also of no number at all it makes "not known". */
  double kept = progress >= 0 && progress <= 1 ? (int) (progress * 100) / 100.0 : -1;

  if (!(self->progress < kept) && !(self->progress > kept))
    return;
  self->progress = kept;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROGRESS]);
}

void
live_job_set_progress (LiveJob *self, double progress)
{
  g_return_if_fail (!self->finished);

  set_progress (self, progress);
}

void
live_job_set_cancellable (LiveJob *self, gboolean cancellable)
{
  g_return_if_fail (!self->finished);

  set_flag (self, &self->cancellable, cancellable && !g_cancellable_is_cancelled (self->cancel), PROP_CANCELLABLE);
}

gboolean
live_job_cancel (LiveJob *self, GError **error)
{
  if (!self->finished && g_cancellable_is_cancelled (self->cancel))
    return TRUE;
  if (self->finished || !self->cancellable)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED, "The job %s of %s %s", self->kind, self->subject,
                   self->finished ? "has ended already" : "cannot be cancelled at this step: wait for its end");
      return FALSE;
    }
  set_flag (self, &self->cancellable, FALSE, PROP_CANCELLABLE);
  g_cancellable_cancel (self->cancel);
  return TRUE;
}

/* (transfer full): the name of @error on the bus, always one of ours. */
static char *
make_error_name (const GError *error)
{
  g_autoptr (GError) ours = NULL;
  int code = LIVE_ERROR_FAILED;

  if (error->domain == LIVE_ERROR && error->code >= 0 && error->code < LIVE_ERROR_N_CODES)
    code = error->code;
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    code = LIVE_ERROR_CANCELLED;
  ours = g_error_new_literal (LIVE_ERROR, code, "");
  return g_dbus_error_encode_gerror (ours);
}

void
live_job_finish (LiveJob *self, const GError *error)
{
  g_autoptr (LiveJob) kept = g_object_ref (self);

  g_return_if_fail (!self->finished);

  g_object_freeze_notify (G_OBJECT (self));
  set_flag (self, &self->cancellable, FALSE, PROP_CANCELLABLE);
  if (error != NULL)
    {
      g_autofree char *name = make_error_name (error);
      g_autofree char *message = g_utf8_make_valid (error->message != NULL ? error->message : "", -1);

      set_text (self, &self->error_name, name, PROP_ERROR_NAME);
      set_text (self, &self->error_message, message, PROP_ERROR_MESSAGE);
    }
  else
    set_progress (self, 1);
  set_flag (self, &self->finished, TRUE, PROP_FINISHED);
  g_object_thaw_notify (G_OBJECT (self));
  g_signal_emit (self, completed_signal, 0);
}
