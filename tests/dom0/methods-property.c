/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "request.h"

#include <string.h>

#include "property.h"

/* The same calls exist for a qube and, as `admin.property.…`, for the system; the latter have no holder. */
static LiveDom0Qube *
get_holder (LiveDom0Request *request)
{
  return g_str_has_prefix (request->method, "admin.vm.") ? request->dest : NULL;
}

static const LiveDom0Property *
get_property (LiveDom0Request *request, GError **error)
{
  LiveDom0Qube *holder = get_holder (request);
  const LiveDom0Property *property = live_dom0_property_find (request->dom0, holder, request->argument);

  if (!property)
    {
      g_autofree char *quoted = live_dom0_repr (request->argument);
      live_dom0_fail (error, LIVE_DOM0_ERROR_NO_SUCH_PROPERTY, "Invalid property %s of %s", quoted,
                      holder ? holder->name : "Qubes");
    }
  return property;
}

static LiveDom0Outcome
property_list (LiveDom0Request *request, GString *reply, GError **error)
{
  const LiveDom0Property *property = NULL;

  while ((property = live_dom0_property_next (request->dom0, get_holder (request), property)))
    g_string_append_printf (reply, "%s\n", live_dom0_property_name (property));
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
property_get (LiveDom0Request *request, GString *reply, GError **error)
{
  const LiveDom0Property *property = get_property (request, error);
  g_autofree char *text = NULL;

  if (!property)
    return LIVE_DOM0_FAILED;
  text = live_dom0_property_describe (request->dom0, get_holder (request), property);
  g_string_append (reply, text);
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
property_get_default (LiveDom0Request *request, GString *reply, GError **error)
{
  const LiveDom0Property *property = get_property (request, error);
  g_autofree char *text = NULL;

  if (!property)
    return LIVE_DOM0_FAILED;
  text = live_dom0_property_describe_default (request->dom0, get_holder (request), property);
  g_string_append (reply, text);
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
property_get_all (LiveDom0Request *request, GString *reply, GError **error)
{
  const LiveDom0Property *property = NULL;

  while ((property = live_dom0_property_next (request->dom0, get_holder (request), property)))
    {
      g_autofree char *text = live_dom0_property_describe (request->dom0, get_holder (request), property);

      g_string_append_printf (reply, "%s ", live_dom0_property_name (property));
      for (const char *c = text; *c; c++)
        {
          if (*c == '\\')
            g_string_append (reply, "\\\\");
          else if (*c == '\n')
            g_string_append (reply, "\\n");
          else
            g_string_append_c (reply, *c);
        }
      g_string_append_c (reply, '\n');
    }
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
property_set (LiveDom0Request *request, GString *reply, GError **error)
{
  const LiveDom0Property *property = get_property (request, error);

  if (!property)
    return LIVE_DOM0_FAILED;
  for (gsize i = 0; i < request->length; i++)
    if ((guchar) request->payload[i] >= 0x80)
      return live_dom0_fail (error, LIVE_DOM0_ERROR_VALUE, "Non-ASCII bytes in property value");
  if (strlen (request->payload) != request->length)
    return live_dom0_fail (error, LIVE_DOM0_ERROR_VALUE, "Invalid characters in property value");
  if (!live_dom0_property_set (request->dom0, get_holder (request), property, request->payload, error))
    return LIVE_DOM0_FAILED;
  return LIVE_DOM0_DONE;
}

static LiveDom0Outcome
property_reset (LiveDom0Request *request, GString *reply, GError **error)
{
  const LiveDom0Property *property = get_property (request, error);

  if (!property || !live_dom0_property_reset (request->dom0, get_holder (request), property, error))
    return LIVE_DOM0_FAILED;
  return LIVE_DOM0_DONE;
}

#define NO LIVE_DOM0_NO
#define YES LIVE_DOM0_YES
#define ANY LIVE_DOM0_ANY
#define READ LIVE_DOM0_COST_READ
#define WRITE LIVE_DOM0_COST_WRITE

const LiveDom0Method live_dom0_property_methods[] = {
  { "admin.vm.property.List", property_list, NO, NO, ANY, READ },
  { "admin.vm.property.Get", property_get, YES, NO, ANY, READ },
  { "admin.vm.property.GetAll", property_get_all, NO, NO, ANY, 1000 },
  { "admin.vm.property.GetDefault", property_get_default, YES, NO, ANY, READ },
  { "admin.vm.property.Set", property_set, YES, ANY, ANY, WRITE },
  { "admin.vm.property.Reset", property_reset, YES, NO, ANY, WRITE },
  { "admin.property.List", property_list, NO, NO, YES, READ },
  { "admin.property.Get", property_get, YES, NO, YES, READ },
  { "admin.property.GetAll", property_get_all, NO, NO, YES, 500 },
  { "admin.property.GetDefault", property_get_default, YES, NO, YES, READ },
  { "admin.property.Set", property_set, YES, ANY, YES, WRITE },
  { "admin.property.Reset", property_reset, YES, NO, YES, WRITE },
  { NULL, NULL, ANY, ANY, ANY, 0 },
};
