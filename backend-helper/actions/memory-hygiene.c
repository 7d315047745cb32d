/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/memory-hygiene.h"

#include <string.h>

#include "model/error.h"
#include "model/memory-hygiene.h"

#define KERNEL_OPTIONS "kernelopts"

static gboolean
plan_on (LiveQube *qube, LiveEdit *edit, GError **error)
{
  const LiveQubeFacts *facts = live_qube_get_facts (qube);
  const char *own = facts->kernel_options_default ? NULL : facts->kernel_options;
  g_autofree char *before = NULL;
  g_autofree char *options = live_memory_hygiene_add (facts->kernel_options);
  const char *remembered = NULL;

  if (strlen (options) > LIVE_KERNEL_OPTIONS_MAX)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_CONFLICT,
                   "%s: its kernel options would be longer than the %d characters that Qubes takes: shorten them with "
                   "\"qvm-prefs %s kernelopts\"",
                   facts->name, LIVE_KERNEL_OPTIONS_MAX, facts->name);
      return FALSE;
    }
  if (!live_memory_hygiene_is_in (options))
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_CONFLICT,
                   "%s: its kernel options end in \"--\", and what follows is not for the kernel: change them with "
                   "\"qvm-prefs %s kernelopts\"",
                   facts->name, facts->name);
      return FALSE;
    }
  before = own != NULL ? g_strconcat ("=", own, NULL) : g_strdup (LIVE_KERNEL_OPTIONS_WERE_DEFAULT);
  /* What an attempt that was interrupted has written down is what was there before. */
  if (!live_kernel_options_before (facts, &remembered))
    live_edit_add_feature (edit, LIVE_FEATURE_KERNEL_OPTIONS, before, facts->features[LIVE_FEATURE_KERNEL_OPTIONS]);
  live_edit_add_property (edit, KERNEL_OPTIONS, options, own);
  return TRUE;
}

static gboolean
plan_off (LiveQube *qube, LiveEdit *edit, GError **error)
{
  const LiveQubeFacts *facts = live_qube_get_facts (qube);
  const char *own = facts->kernel_options_default ? NULL : facts->kernel_options;
  gboolean is_on = live_memory_hygiene_is_in (facts->kernel_options);
  const char *before = NULL;

  if (!live_kernel_options_before (facts, &before))
    {
      if (!is_on)
        return TRUE;
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_CONFLICT,
                   "%s: its kernel options come from its template, or somebody set them by hand: change them with "
                   "\"qvm-prefs\"",
                   facts->name);
      return FALSE;
    }
  /* Options that somebody has set by hand since are left alone. */
  if (own != NULL && is_on)
    live_edit_add_property (edit, KERNEL_OPTIONS, before, own);
  live_edit_add_feature (edit, LIVE_FEATURE_KERNEL_OPTIONS, NULL, facts->features[LIVE_FEATURE_KERNEL_OPTIONS]);
  return TRUE;
}

static gboolean
plan (LiveQube *qube, LiveEdit *edit, gpointer wish, GError **error)
{
  gboolean on = GPOINTER_TO_INT (wish);
  const char *name = live_qube_get_name (qube);

  switch (live_memory_hygiene_judge (live_qube_get_facts (qube)))
    {
    case LIVE_MEMORY_HYGIENE_NOT_APPLICABLE:
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED,
                   "%s brings its own kernel, which dom0 tells nothing: add init_on_alloc=1 init_on_free=1 to the "
                   "kernel's command line inside the qube",
                   name);
      return FALSE;
    case LIVE_MEMORY_HYGIENE_UNKNOWN:
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_QUBESD_ERROR, "qubesd does not tell about the kernel of %s", name);
      return FALSE;
    case LIVE_MEMORY_HYGIENE_BUILT_IN:
      if (on)
        return TRUE;
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED,
                   "%s: the kernel erases memory without being told, and is the same for other qubes", name);
      return FALSE;
    case LIVE_MEMORY_HYGIENE_ON:
      return on ? TRUE : plan_off (qube, edit, error);
    case LIVE_MEMORY_HYGIENE_OFF:
    default:
      return on ? plan_on (qube, edit, error) : plan_off (qube, edit, error);
    }
}

static gboolean
check (LiveQube *qube, gpointer wish, GError **error)
{
  const LiveQubeFacts *facts = live_qube_get_facts (qube);
  LiveMemoryHygiene hygiene = live_memory_hygiene_judge (facts);
  gboolean on = hygiene == LIVE_MEMORY_HYGIENE_ON || hygiene == LIVE_MEMORY_HYGIENE_BUILT_IN;

  if (GPOINTER_TO_INT (wish) ? on : facts->features[LIVE_FEATURE_KERNEL_OPTIONS] == NULL)
    return TRUE;
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_QUBESD_ERROR,
               "%s: qubesd accepted the change of its kernel options and did not keep it", facts->name);
  return FALSE;
}

void
live_memory_hygiene_set_async (
    LiveQubeSetting *setting, const char *name, gboolean on, GAsyncReadyCallback callback, gpointer data)
{
  live_qube_setting_change_async (setting, name, LIVE_READ_FEATURES | LIVE_READ_KERNEL, plan, check,
                                  GINT_TO_POINTER (on), NULL, callback, data);
}
