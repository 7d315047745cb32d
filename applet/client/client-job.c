/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "client/client-job.h"

#include <string.h>

#include "client/fields.h"
#include "model/error.h"
#include "model/object-path.h"

#define PATH_PREFIX LIVE_OBJECT_ROOT "/job/"

struct _LiveClientJob
{
  GObject parent_instance;

  char *object_path;
  guint id;
  GRefString *kind;
  GRefString *subject;
  GRefString *step;
  double progress;
  gboolean cancellable;
  gboolean finished;
  GRefString *error_name;
  GRefString *error_message;
};

G_DEFINE_FINAL_TYPE (LiveClientJob, live_client_job, G_TYPE_OBJECT)

#define FIELD(member) G_STRUCT_OFFSET (LiveClientJob, member)
static const LiveField fields[] = {
  { "Kind", LIVE_FIELD_STRING, FIELD (kind), "", FALSE },
  { "Subject", LIVE_FIELD_STRING, FIELD (subject), "", FALSE },
  { "Step", LIVE_FIELD_STRING, FIELD (step), "", FALSE },
  { "Progress", LIVE_FIELD_DOUBLE, FIELD (progress), NULL, FALSE },
  { "Cancellable", LIVE_FIELD_BOOLEAN, FIELD (cancellable), NULL, FALSE },
  { "Finished", LIVE_FIELD_BOOLEAN, FIELD (finished), NULL, FALSE },
  { "ErrorName", LIVE_FIELD_STRING, FIELD (error_name), "", FALSE },
  { "ErrorMessage", LIVE_FIELD_STRING, FIELD (error_message), "", FALSE },
};

static void
live_client_job_finalize (GObject *object)
{
  LiveClientJob *self = LIVE_CLIENT_JOB (object);

  live_fields_clear (self, fields, G_N_ELEMENTS (fields));
  g_free (self->object_path);
  G_OBJECT_CLASS (live_client_job_parent_class)->finalize (object);
}

static void
live_client_job_class_init (LiveClientJobClass *class)
{
  G_OBJECT_CLASS (class)->finalize = live_client_job_finalize;
}

static void
live_client_job_init (LiveClientJob *self)
{
  live_fields_reset (self, fields, G_N_ELEMENTS (fields));
}

guint
live_client_job_parse_path (const char *object_path)
{
  guint64 id = 0;

  if (!g_str_has_prefix (object_path, PATH_PREFIX))
    return 0;
  object_path += strlen (PATH_PREFIX);
  /* One path for one number: no sign, no zero in front. */
  if (*object_path == '0' || !g_ascii_string_to_unsigned (object_path, 10, 1, G_MAXUINT, &id, NULL))
    return 0;
  return (guint) id;
}

LiveClientJob *
live_client_job_new (const char *object_path)
{
  LiveClientJob *self = g_object_new (LIVE_TYPE_CLIENT_JOB, NULL);

  self->object_path = g_strdup (object_path);
  self->id = live_client_job_parse_path (object_path);
  return self;
}

gboolean
live_client_job_update (LiveClientJob *self, GVariant *properties)
{
  return live_fields_update (self, fields, G_N_ELEMENTS (fields), properties);
}

GError *
live_client_job_make_error (const char *error_name, const char *message)
{
  GError *error = NULL;

  if (*error_name == '\0')
    return NULL;
  /* The domain is registered by its first use. */
  (void) LIVE_ERROR;
  error = g_dbus_error_new_for_dbus_error (error_name, message);
  g_dbus_error_strip_remote_error (error);
  if (error->domain != LIVE_ERROR)
    {
      error->domain = LIVE_ERROR;
      error->code = LIVE_ERROR_FAILED;
    }
  return error;
}

GError *
live_client_job_dup_error (LiveClientJob *self)
{
  g_return_val_if_fail (LIVE_IS_CLIENT_JOB (self), NULL);
  return self->finished ? live_client_job_make_error (self->error_name, self->error_message) : NULL;
}

double
live_client_job_get_progress (LiveClientJob *self)
{
  g_return_val_if_fail (LIVE_IS_CLIENT_JOB (self), -1);
  return self->progress >= 0 && self->progress <= 1 ? self->progress : -1;
}

#define GETTER(type, member)                                                                                           \
  type live_client_job_get_##member (LiveClientJob *self)                                                              \
  {                                                                                                                    \
    g_return_val_if_fail (LIVE_IS_CLIENT_JOB (self), (type) 0);                                                        \
    return (type) self->member;                                                                                        \
  }
typedef const char *String;
GETTER (guint, id)
GETTER (String, object_path)
GETTER (String, kind)
GETTER (String, subject)
GETTER (String, step)
GETTER (gboolean, cancellable)
GETTER (gboolean, finished)
