/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bus/request.h"

#include "model/error.h"

static void
request_free (LiveRequest *request)
{
  g_object_unref (request->owner);
  g_free (request->name);
  g_free (request->text);
  g_free (request->size);
  g_clear_pointer (&request->values, g_variant_unref);
  g_free (request);
}

static void
on_checked (GObject *authority, GAsyncResult *result, gpointer data)
{
  LiveRequest *request = data;
  GError *error = NULL;

  if (live_authority_check_finish (LIVE_AUTHORITY (authority), result, &error))
    request->perform (request);
  else
    live_request_fail (request, error);
}

LiveRequest *
live_request_begin (LiveAuthority *authority, GDBusMethodInvocation *invocation, const char *action,
                    const char *detail, const char *name, GObject *owner, LivePerform perform)
{
  LiveRequest *request = g_new0 (LiveRequest, 1);
  GDBusMessageFlags flags = g_dbus_message_get_flags (g_dbus_method_invocation_get_message (invocation));
  GVariantBuilder details;

  request->invocation = invocation;
  request->owner = g_object_ref (owner);
  request->perform = perform;
  request->name = g_strdup (name);

  g_variant_builder_init (&details, G_VARIANT_TYPE ("a{ss}"));
  if (detail != NULL)
    g_variant_builder_add (&details, "{ss}", detail, name);
  live_authority_check_async (authority, g_dbus_method_invocation_get_sender (invocation), action,
                              g_variant_builder_end (&details),
                              (flags & G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0, NULL, on_checked,
                              request);
  return request;
}

void
live_request_succeed (LiveRequest *request, GVariant *values)
{
  g_dbus_method_invocation_return_value (request->invocation, values);
  request_free (request);
}

void
live_request_fail (LiveRequest *request, GError *error)
{
  g_message ("%s of %s for %s failed: %s", g_dbus_method_invocation_get_method_name (request->invocation),
             request->name != NULL ? request->name : "everything",
             g_dbus_method_invocation_get_sender (request->invocation), error->message);
  /* One error domain on the bus, whatever happened inside. */
  if (error->domain != LIVE_ERROR)
    {
      error->domain = LIVE_ERROR;
      error->code = LIVE_ERROR_FAILED;
    }
  g_dbus_method_invocation_take_error (request->invocation, error);
  request_free (request);
}
