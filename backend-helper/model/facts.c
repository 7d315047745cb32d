/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/facts.h"

static const char *const volume_names[LIVE_N_VOLUMES] = { "root", "private", "volatile" };

static const struct
{
  LiveQubeState state;
  const char *name;
  const char *qubesd;
} states[] = {
  { LIVE_QUBE_STATE_UNKNOWN, "unknown", "NA" },
  { LIVE_QUBE_STATE_HALTED, "halted", "Halted" },
  { LIVE_QUBE_STATE_TRANSIENT, "transient", "Transient" },
  { LIVE_QUBE_STATE_RUNNING, "running", "Running" },
  { LIVE_QUBE_STATE_PAUSED, "paused", "Paused" },
  { LIVE_QUBE_STATE_SUSPENDED, "suspended", "Suspended" },
  { LIVE_QUBE_STATE_HALTING, "halting", "Halting" },
  { LIVE_QUBE_STATE_DYING, "dying", "Dying" },
  { LIVE_QUBE_STATE_CRASHED, "crashed", "Crashed" },
};

static const struct
{
  LiveQubeKlass klass;
  const char *qubesd;
} classes[] = {
  { LIVE_QUBE_KLASS_APP, "AppVM" },
  { LIVE_QUBE_KLASS_TEMPLATE, "TemplateVM" },
  { LIVE_QUBE_KLASS_STANDALONE, "StandaloneVM" },
  { LIVE_QUBE_KLASS_DISPOSABLE, "DispVM" },
};

const char *
live_volume_name_to_string (LiveVolumeName name)
{
  g_return_val_if_fail ((int) name >= 0 && name < LIVE_N_VOLUMES, NULL);

  return volume_names[name];
}

gboolean
live_volume_name_from_string (const char *text, LiveVolumeName *name)
{
  for (guint i = 0; i < LIVE_N_VOLUMES; i++)
    if (g_strcmp0 (text, volume_names[i]) == 0)
      {
        *name = (LiveVolumeName) i;
        return TRUE;
      }
  return FALSE;
}

const char *
live_qube_state_to_string (LiveQubeState state)
{
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (states[i].state == state)
      return states[i].name;
  return states[0].name;
}

LiveQubeState
live_qube_state_from_qubesd (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (g_strcmp0 (text, states[i].qubesd) == 0)
      return states[i].state;
  return LIVE_QUBE_STATE_UNKNOWN;
}

LiveQubeKlass
live_qube_klass_from_qubesd (const char *text)
{
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++)
    if (g_strcmp0 (text, classes[i].qubesd) == 0)
      return classes[i].klass;
  return LIVE_QUBE_KLASS_OTHER;
}

gboolean
live_qube_state_is_running (LiveQubeState state)
{
  return state != LIVE_QUBE_STATE_HALTED;
}

LiveAnswer
live_volume_commits (const LiveQubeFacts *facts, LiveVolumeName name)
{
  const LiveVolume *volume = &facts->volumes[name];

  if (!volume->save_on_stop)
    return LIVE_ANSWER_NO;
  if (volume->driver == NULL)
    return LIVE_ANSWER_UNKNOWN;
  return g_str_equal (volume->driver, "lvm_thin") ? LIVE_ANSWER_YES : LIVE_ANSWER_NO;
}

gboolean
live_window_is_in_use (const LiveQubeFacts *facts)
{
  if (facts->klass == LIVE_QUBE_KLASS_DISPOSABLE)
    return FALSE;
  return facts->window_opening
         || (facts->features[LIVE_FEATURE_WINDOW] != NULL && live_qube_state_is_running (facts->state));
}
