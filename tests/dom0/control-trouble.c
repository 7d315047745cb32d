/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "control.h"

#include "events.h"
#include "volume.h"

static gboolean
get_boolean (const char *text, gboolean *value, GError **error)
{
  if (live_dom0_boolean_parse (text, value))
    return TRUE;
  g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_VALUE, "not a boolean: %s", text);
  return FALSE;
}

/* fail-start QUBE [xCOUNT] */
static gboolean
fail_start (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Qube *qube = live_dom0_control_qube (dom0, words[1], error);
  guint64 count = 1;

  if (!qube)
    return FALSE;
  if (words[2] && (words[2][0] != 'x' || !g_ascii_string_to_unsigned (words[2] + 1, 10, 0, G_MAXUINT, &count, NULL)))
    {
      g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_VALUE, "not a count: %s", words[2]);
      return FALSE;
    }
  qube->failing_starts = (guint) count;
  return TRUE;
}

static gboolean
hang_shutdown (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Qube *qube = live_dom0_control_qube (dom0, words[1], error);
  gboolean value = TRUE;

  if (!qube || (words[2] && !get_boolean (words[2], &value, error)))
    return FALSE;
  qube->hangs = value;
  return TRUE;
}

static gboolean
missing_volume (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Qube *qube = live_dom0_control_qube (dom0, words[1], error);
  LiveDom0Volume *volume = qube ? live_dom0_volume_find (qube, words[2]) : NULL;
  gboolean value;

  if (qube && !volume)
    g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_GENERAL, "no such volume: %s", words[2]);
  if (!volume || !get_boolean (words[3], &value, error))
    return FALSE;
  volume->missing = value;
  return TRUE;
}

static gboolean
start_time (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Qube *qube = live_dom0_control_qube (dom0, words[1], error);
  gint64 seconds;

  if (!qube || !g_ascii_string_to_signed (words[2], 10, 0, G_MAXINT64 / 100, &seconds, error))
    return FALSE;
  qube->start_time = seconds * 100;
  if (qube->state != LIVE_DOM0_STATE_HALTED)
    live_dom0_event (dom0, qube->name, "property-reset:start_time", "name", "start_time", NULL);
  return TRUE;
}

static gboolean
left_over (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Qube *qube = live_dom0_control_qube (dom0, words[1], error);
  LiveDom0Volume *volume = qube ? live_dom0_volume_find (qube, words[2]) : NULL;

  if (qube && !volume)
    g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_GENERAL, "no such volume: %s", words[2]);
  if (volume)
    g_string_append (reply, live_dom0_boolean_text (volume->left_over));
  return volume != NULL;
}

const LiveDom0CommandEntry live_dom0_trouble_commands[] = {
  { "fail-start", 1, fail_start }, { "hang-shutdown", 1, hang_shutdown }, { "missing-volume", 3, missing_volume },
  { "start-time", 2, start_time }, { "left-over", 2, left_over },         { NULL, 0, NULL },
};
