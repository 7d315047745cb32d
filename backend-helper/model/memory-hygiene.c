/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/memory-hygiene.h"

#include "model/arguments.h"

#define ON_ALLOC "init_on_alloc"
#define ON_FREE "init_on_free"

typedef struct
{
  gboolean alloc;
  gboolean free;
} LiveInit;

static void
take_options (LiveInit *init, const char *options)
{
  g_autoptr (GPtrArray) arguments = live_arguments_parse_linux (options);

  for (guint i = 0; i < arguments->len; i++)
    {
      const LiveArgument *argument = g_ptr_array_index (arguments, i);
      LiveSwitch value = live_switch_from_linux (argument->value);

      if (value == LIVE_SWITCH_INVALID)
        continue;
      if (g_str_equal (argument->name, ON_ALLOC))
        init->alloc = value == LIVE_SWITCH_ON;
      else if (g_str_equal (argument->name, ON_FREE))
        init->free = value == LIVE_SWITCH_ON;
    }
}

gboolean
live_memory_hygiene_is_in (const char *options)
{
  LiveInit init = { FALSE, FALSE };

  take_options (&init, options);
  return init.alloc && init.free;
}

LiveMemoryHygiene
live_memory_hygiene_judge (const LiveQubeFacts *facts)
{
  LiveInit init = { facts->kernel.init_on_alloc, facts->kernel.init_on_free };
  gboolean built_in = FALSE;

  if (facts->klass == LIVE_QUBE_KLASS_OTHER)
    return LIVE_MEMORY_HYGIENE_NOT_APPLICABLE;
  if (facts->kernel_name == NULL || facts->kernel_options == NULL)
    return LIVE_MEMORY_HYGIENE_UNKNOWN;
  if (*facts->kernel_name == '\0')
    return LIVE_MEMORY_HYGIENE_NOT_APPLICABLE;
  take_options (&init, facts->kernel.common_options);
  built_in = init.alloc && init.free;
  take_options (&init, facts->kernel_options);
  if (!init.alloc || !init.free)
    return LIVE_MEMORY_HYGIENE_OFF;
  return built_in && !live_memory_hygiene_is_in (facts->kernel_options) ? LIVE_MEMORY_HYGIENE_BUILT_IN
                                                                        : LIVE_MEMORY_HYGIENE_ON;
}

char *
live_memory_hygiene_add (const char *options)
{
  LiveInit init = { FALSE, FALSE };
  g_autoptr (GString) text = g_string_new (options);

  take_options (&init, options);
  if (!init.alloc)
    g_string_append_printf (text, "%s" ON_ALLOC "=1", text->len > 0 ? " " : "");
  if (!init.free)
    g_string_append_printf (text, "%s" ON_FREE "=1", text->len > 0 ? " " : "");
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
live_kernel_options_before (const LiveQubeFacts *facts, const char **value)
{
  const char *text = facts->features[LIVE_FEATURE_KERNEL_OPTIONS];

  *value = NULL;
  if (text == NULL)
    return FALSE;
  if (*text != '=')
    return g_str_equal (text, LIVE_KERNEL_OPTIONS_WERE_DEFAULT);
  *value = text + 1;
  return TRUE;
}

const char *
live_memory_hygiene_to_string (LiveMemoryHygiene hygiene)
{
  switch (hygiene)
    {
    case LIVE_MEMORY_HYGIENE_OFF:
      return "off";
    case LIVE_MEMORY_HYGIENE_ON:
      return "on";
    case LIVE_MEMORY_HYGIENE_BUILT_IN:
      return "built-in";
    case LIVE_MEMORY_HYGIENE_NOT_APPLICABLE:
      return "not-applicable";
    case LIVE_MEMORY_HYGIENE_UNKNOWN:
    default:
      return "unknown";
    }
}
