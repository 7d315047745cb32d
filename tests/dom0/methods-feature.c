/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "request.h"

#include <string.h>

#include "feature.h"
#include "preload.h"
#include "property.h"

static LiveDom0Outcome
feature_list (LiveDom0Request *request, GString *reply, GError **error)
{
  GPtrArray *names = request->dest->feature_names;

  for (guint i = 0; i < names->len; i++)
    g_string_append_printf (reply, "%s\n", (const char *) g_ptr_array_index (names, i));
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
answer_value (LiveDom0Request *request, const char *value, GString *reply, GError **error)
{
  if (!value)
    return live_dom0_fail (error, LIVE_DOM0_ERROR_FEATURE_NOT_FOUND, "Feature not set for domain %s: %s",
                           request->dest->name, request->argument);
  g_string_append (reply, value);
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
feature_get (LiveDom0Request *request, GString *reply, GError **error)
{
  return answer_value (request, live_dom0_qube_feature (request->dest, request->argument), reply, error);
}

static LiveDom0Outcome
feature_check_with_template (LiveDom0Request *request, GString *reply, GError **error)
{
  const char *value = NULL;

  for (LiveDom0Qube *qube = request->dest; qube && !value; qube = live_dom0_qube_template (request->dom0, qube))
    value = live_dom0_qube_feature (qube, request->argument);
  return answer_value (request, value, reply, error);
}

static LiveDom0Outcome
feature_check_with_adminvm (LiveDom0Request *request, GString *reply, GError **error)
{
  const char *value = live_dom0_qube_feature (request->dest, request->argument);

  if (!value)
    value = live_dom0_qube_feature (live_dom0_qube_find (request->dom0, "dom0"), request->argument);
  return answer_value (request, value, reply, error);
}

/* What 4.3 and later refuse; 4.2 takes any name and value. */
static gboolean
check_feature (LiveDom0Request *request, GError **error)
{
  static const char *const prohibited[]
      = { "deferred-netvm-original", "preload-dispvm", "preload-dispvm-completed", "preload-dispvm-in-progress", NULL };
  gboolean late = request->dom0->version >= LIVE_DOM0_VERSION_4_4;
  LiveDom0Error code = late ? LIVE_DOM0_ERROR_PROTOCOL : LIVE_DOM0_ERROR_VALUE;
  const char *name = request->argument;

  if (!*name || name[strspn (name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS "_.-")] != '\0')
    {
      live_dom0_fail (error, code, "feature name contains illegal characters");
      return FALSE;
    }
  for (const char *c = request->payload; c < request->payload + request->length; c++)
    if (*c < 0x20 || *c > 0x7e)
      {
        live_dom0_fail (error, code, "%s value contains illegal characters", name);
        return FALSE;
      }
  if (g_strv_contains (prohibited, name))
    {
      live_dom0_fail (error, LIVE_DOM0_ERROR_PERMISSION,
                      "changing this feature is prohibited by qubes.ext.admin.AdminExtension");
      return FALSE;
    }
  if (g_str_equal (name, "preload-dispvm-max") && request->payload[strspn (request->payload, G_CSET_DIGITS)] != '\0')
    {
      live_dom0_fail (error, LIVE_DOM0_ERROR_VALUE, "Invalid preload-dispvm-max value: not a digit");
      return FALSE;
    }
  return TRUE;
}

/* The names of services and of what is passed on to the qube are checked once the change is announced, by those who
   pass them on: of the latter when it is done already, so that it stays although the caller is told that it failed. */
static gboolean
check_passed_on (LiveDom0Request *request, GError **error)
{
  const char *name = request->argument;
  const char *service = g_str_has_prefix (name, "service.") ? name + strlen ("service.") : NULL;
  const char *config = g_str_has_prefix (name, "vm-config.") ? name + strlen ("vm-config.") : NULL;
  gboolean good = FALSE;

  if (service && !*service)
    live_dom0_fail (error, LIVE_DOM0_ERROR_VALUE, "Service name cannot be empty");
  else if (service && strlen (service) > 48 && !g_str_has_prefix (service, "app-dispvm."))
    live_dom0_fail (error, LIVE_DOM0_ERROR_VALUE, "Service name must not exceed 48 bytes");
  else if (config && !*config)
    live_dom0_fail (error, LIVE_DOM0_ERROR_VALUE, "Empty config name not allowed");
  else if (config && strlen (config) > 46)
    live_dom0_fail (error, LIVE_DOM0_ERROR_VALUE, "VM config name must not exceed 46 bytes");
  else
    good = TRUE;
  if (!good)
    live_dom0_feature_announce (request->dom0, request->dest, name, request->payload);
  if (!good && config)
    live_dom0_qube_store_feature (request->dest, name, request->payload);
  return good;
}

static LiveDom0Outcome
feature_set (LiveDom0Request *request, GString *reply, GError **error)
{
  if (strlen (request->payload) != request->length || !g_str_is_ascii (request->payload))
    return live_dom0_fail (
        error, request->dom0->version >= LIVE_DOM0_VERSION_4_4 ? LIVE_DOM0_ERROR_PROTOCOL : LIVE_DOM0_ERROR_INTERNAL,
        "Feature value contains non-ASCII characters");
  if (request->dom0->version >= LIVE_DOM0_VERSION_4_3 && !check_feature (request, error))
    return LIVE_DOM0_FAILED;
  if (!check_passed_on (request, error))
    return LIVE_DOM0_FAILED;
  live_dom0_feature_set (request->dom0, request->dest, request->argument, request->payload);
  if (g_str_equal (request->argument, "preload-dispvm-max"))
    live_dom0_preload_fill (request->dom0, request->dest);
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
feature_remove (LiveDom0Request *request, GString *reply, GError **error)
{
  if (!live_dom0_feature_remove (request->dom0, request->dest, request->argument, error))
    return LIVE_DOM0_FAILED;
  if (g_str_equal (request->argument, "preload-dispvm-max"))
    live_dom0_preload_fill (request->dom0, request->dest);
  return LIVE_DOM0_DONE;
}

#define NO LIVE_DOM0_NO
#define YES LIVE_DOM0_YES
#define ANY LIVE_DOM0_ANY
#define READ LIVE_DOM0_COST_READ
#define WRITE LIVE_DOM0_COST_WRITE

const LiveDom0Method live_dom0_feature_methods[] = {
  { "admin.vm.feature.List", feature_list, NO, NO, ANY, READ },
  { "admin.vm.feature.Get", feature_get, YES, NO, ANY, READ },
  { "admin.vm.feature.CheckWithTemplate", feature_check_with_template, YES, NO, ANY, READ },
  { "admin.vm.feature.CheckWithAdminVM", feature_check_with_adminvm, YES, NO, ANY, READ },
  { "admin.vm.feature.Set", feature_set, YES, ANY, ANY, WRITE },
  { "admin.vm.feature.Remove", feature_remove, YES, NO, ANY, WRITE },
  { NULL, NULL, ANY, ANY, ANY, 0 },
};
