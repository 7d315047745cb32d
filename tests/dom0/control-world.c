/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "control.h"

#include "creation.h"
#include "events.h"
#include "feature.h"
#include "lifecycle.h"
#include "preload.h"
#include "property.h"
#include "volume.h"

/* The last domid that is a domain's: those from 0x7ff0 on have meanings of their own. */
#define LIVE_DOM0_MAXIMUM_XID 0x7fef

LiveDom0Qube *
live_dom0_control_qube (LiveDom0 *dom0, const char *name, GError **error)
{
  LiveDom0Qube *qube = live_dom0_qube_find (dom0, name);

  if (!qube)
    g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_NOT_FOUND, "no such qube: %s", name);
  return qube;
}

static LiveDom0Volume *
get_volume (LiveDom0 *dom0, const char *qube_name, const char *name, GError **error)
{
  LiveDom0Qube *qube = live_dom0_control_qube (dom0, qube_name, error);
  LiveDom0Volume *volume = qube ? live_dom0_volume_find (qube, name) : NULL;

  if (qube && !volume)
    g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_GENERAL, "no such volume: %s", name);
  return volume;
}

static gboolean
get_boolean (const char *text, gboolean *value, GError **error)
{
  if (live_dom0_boolean_parse (text, value))
    return TRUE;
  g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_VALUE, "not a boolean: %s", text);
  return FALSE;
}

/* The outcome of a step that is not waited for. */
static void
keep_error (gpointer data, const GError *error)
{
  GError **result = data;

  if (result && error)
    *result = g_error_copy (error);
}

static gboolean
start (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Qube *qube = live_dom0_control_qube (dom0, words[1], error);
  g_autoptr (GError) failure = NULL;

  if (!qube)
    return FALSE;
  /* With a delay set, it ends after this function has returned. */
  live_dom0_qube_start (dom0, qube, keep_error, dom0->start_delay == 0 ? &failure : NULL);
  if (failure)
    g_propagate_error (error, g_steal_pointer (&failure));
  return !(error && *error);
}

static gboolean
shut_down (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Qube *qube = live_dom0_control_qube (dom0, words[1], error);
  g_autoptr (GError) failure = NULL;

  if (!qube)
    return FALSE;
  live_dom0_qube_shutdown (dom0, qube, FALSE, FALSE, keep_error, &failure);
  if (failure)
    g_propagate_error (error, g_steal_pointer (&failure));
  return !(error && *error);
}

static gboolean
kill_qube (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Qube *qube = live_dom0_control_qube (dom0, words[1], error);
  return qube && live_dom0_qube_kill (dom0, qube, error);
}

static gboolean
create (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  if (!live_dom0_name_check (words[1], error))
    return FALSE;
  if (live_dom0_qube_find (dom0, words[1]) || !live_dom0_label_color (words[2]))
    {
      g_set_error_literal (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_VALUE, "the name is taken or the label unknown");
      return FALSE;
    }
  return live_dom0_qube_create (dom0, words[1], LIVE_DOM0_CLASS_APP, words[2], NULL, NULL, "dom0", error) != NULL;
}

static gboolean
create_disposable (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Qube *template = live_dom0_control_qube (dom0, words[1], error);
  LiveDom0Qube *qube = template ? live_dom0_disposable_create (dom0, template, NULL, error) : NULL;

  if (qube)
    g_string_append (reply, qube->name);
  return qube != NULL;
}

static gboolean
remove_qube (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Qube *qube = live_dom0_control_qube (dom0, words[1], error);
  return qube && live_dom0_qube_remove (dom0, qube, error);
}

static gboolean
feature (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Qube *qube = live_dom0_control_qube (dom0, words[1], error);

  if (!qube)
    return FALSE;
  live_dom0_feature_set (dom0, qube, words[2], rest);
  if (g_str_equal (words[2], "preload-dispvm-max"))
    live_dom0_preload_fill (dom0, qube);
  return TRUE;
}

static gboolean
unset_feature (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Qube *qube = live_dom0_control_qube (dom0, words[1], error);
  return qube && live_dom0_feature_remove (dom0, qube, words[2], error);
}

static gboolean
get_feature (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Qube *qube = live_dom0_control_qube (dom0, words[1], error);
  const char *value = qube ? live_dom0_qube_feature (qube, words[2]) : NULL;

  if (qube && !value)
    g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_FEATURE_NOT_FOUND, "not set: %s", words[2]);
  if (value)
    g_string_append (reply, value);
  return value != NULL;
}

static gboolean
set_property (LiveDom0 *dom0, const char *name, const char *property_name, const char *value, GError **error)
{
  LiveDom0Qube *qube = live_dom0_control_qube (dom0, name, error);
  const LiveDom0Property *property = qube ? live_dom0_property_find (dom0, qube, property_name) : NULL;

  if (qube && !property)
    g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_NO_SUCH_PROPERTY, "no such property: %s", property_name);
  return property && live_dom0_property_set (dom0, qube, property, value, error);
}

static gboolean
get_property (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Qube *qube = live_dom0_control_qube (dom0, words[1], error);
  g_autofree char *value = NULL;

  if (!qube)
    return FALSE;
  if (!live_dom0_property_find (dom0, qube, words[2]))
    {
      g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_NO_SUCH_PROPERTY, "no such property: %s", words[2]);
      return FALSE;
    }
  value = live_dom0_property_get (dom0, qube, words[2]);
  g_string_append (reply, value);
  return TRUE;
}

static gboolean
set_template (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  return set_property (dom0, words[1], "template", words[2], error);
}

static gboolean
label (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  return set_property (dom0, words[1], "label", words[2], error);
}

static gboolean
property (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  return set_property (dom0, words[1], words[2], rest, error);
}

static gboolean
set_rw (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Volume *volume = get_volume (dom0, words[1], words[2], error);
  gboolean value;

  return volume && get_boolean (words[3], &value, error) && live_dom0_volume_set_rw (volume, value, error);
}

static gboolean
set_ephemeral (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Volume *volume = get_volume (dom0, words[1], "volatile", error);
  gboolean value;

  return volume && get_boolean (words[2], &value, error) && live_dom0_volume_set_ephemeral (dom0, volume, value, error);
}

static gboolean
set_pool_ephemeral (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Pool *pool = live_dom0_pool_find (dom0, words[1]);
  gboolean value;

  if (!pool)
    g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_GENERAL, "no such pool: %s", words[1]);
  if (!pool || !get_boolean (words[2], &value, error))
    return FALSE;
  pool->ephemeral_volatile = value;
  return TRUE;
}

/* For a simulated qube whose domain is a real one. */
static gboolean
set_xid (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Qube *qube = live_dom0_control_qube (dom0, words[1], error);
  guint64 value;

  if (!qube || !g_ascii_string_to_unsigned (words[2], 10, 1, LIVE_DOM0_MAXIMUM_XID, &value, error))
    return FALSE;
  qube->xid = (guint) value;
  if (qube->state != LIVE_DOM0_STATE_HALTED)
    live_dom0_event (dom0, qube->name, "property-reset:xid", "name", "xid", NULL);
  return TRUE;
}

static gboolean
rw (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Volume *volume = get_volume (dom0, words[1], words[2], error);

  if (volume)
    g_string_append (reply, live_dom0_boolean_text (volume->rw));
  return volume != NULL;
}

static gboolean
ephemeral (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Volume *volume = get_volume (dom0, words[1], "volatile", error);

  if (volume)
    g_string_append (reply, live_dom0_boolean_text (live_dom0_volume_ephemeral (volume)));
  return volume != NULL;
}

static gboolean
state (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Qube *qube = live_dom0_control_qube (dom0, words[1], error);

  if (qube)
    g_string_append (reply, live_dom0_state_name (qube->state));
  return qube != NULL;
}

static gboolean
revisions (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Volume *volume = get_volume (dom0, words[1], words[2], error);

  if (volume)
    g_string_append_printf (reply, "%" G_GINT64_FORMAT, volume->revisions_to_keep);
  return volume != NULL;
}

static gboolean
has_feature (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Qube *qube = live_dom0_control_qube (dom0, words[1], error);

  if (qube)
    g_string_append (reply, live_dom0_boolean_text (live_dom0_qube_feature (qube, words[2]) != NULL));
  return qube != NULL;
}

static gboolean
names (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  for (guint i = 0; i < dom0->qubes->len; i++)
    {
      LiveDom0Qube *qube = g_ptr_array_index (dom0->qubes, i);
      g_string_append_printf (reply, "%s%s", i > 0 ? " " : "", qube->name);
    }
  return TRUE;
}

static gboolean
pools (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  for (guint i = 0; i < dom0->pools->len; i++)
    {
      LiveDom0Pool *pool = g_ptr_array_index (dom0->pools, i);
      g_string_append_printf (reply, "%s%s", i > 0 ? " " : "", pool->name);
    }
  return TRUE;
}

/* One rule. */
static gboolean
firewall (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Qube *qube = live_dom0_qube_find (dom0, words[1]);

  g_autofree char *rule = NULL;

  if (!qube)
    {
      g_set_error_literal (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_GENERAL, "no such qube");
      return FALSE;
    }
  rule = g_strchomp (g_strdup (qube->firewall ? qube->firewall : "action=accept"));
  g_string_append (reply, rule);
  return TRUE;
}

static gboolean
set_firewall (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Qube *qube = live_dom0_qube_find (dom0, words[1]);

  if (!qube)
    {
      g_set_error_literal (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_GENERAL, "no such qube");
      return FALSE;
    }
  g_free (qube->firewall);
  qube->firewall = g_strdup_printf ("%s\n", words[2]);
  return TRUE;
}

static gboolean
remove_pool (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Pool *pool = live_dom0_pool_find (dom0, words[1]);

  if (!pool || pool->volumes->len > 0)
    {
      g_set_error_literal (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_GENERAL, "no such pool, or it has volumes");
      return FALSE;
    }
  live_dom0_event (dom0, NULL, "pool-pre-delete", "pool", words[1], NULL);
  live_dom0_pool_remove (dom0, pool);
  live_dom0_event (dom0, NULL, "pool-delete", "pool", words[1], NULL);
  return TRUE;
}

static gboolean
system_property (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  g_autofree char *value = live_dom0_property_get (dom0, NULL, words[1]);

  g_string_append (reply, value);
  return TRUE;
}

static gboolean
create_in (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  LiveDom0Pool *pool = live_dom0_pool_find (dom0, words[2]);
  LiveDom0Pool *wanted[LIVE_DOM0_N_VOLUMES] = { NULL, pool, pool, NULL };

  if (!pool)
    {
      g_set_error_literal (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_GENERAL, "no such pool");
      return FALSE;
    }
  return live_dom0_qube_create (dom0, words[1], LIVE_DOM0_CLASS_APP, "red", NULL, wanted, NULL, error) != NULL;
}

static gboolean
raw_event (LiveDom0 *dom0, char **words, const char *rest, GString *reply, GError **error)
{
  /* "-" stands for the system, whose name is empty. */
  live_dom0_event (dom0, g_str_equal (words[1], "-") ? NULL : words[1], words[2], NULL);
  return TRUE;
}

const LiveDom0CommandEntry live_dom0_world_commands[] = {
  { "start", 1, start },
  { "shutdown", 1, shut_down },
  { "kill", 1, kill_qube },
  { "create", 2, create },
  { "create-disposable", 1, create_disposable },
  { "remove", 1, remove_qube },
  { "feature", 2, feature },
  { "unset-feature", 2, unset_feature },
  { "get-feature", 2, get_feature },
  { "set-template", 2, set_template },
  { "label", 2, label },
  { "property", 2, property },
  { "get-property", 2, get_property },
  { "set-rw", 3, set_rw },
  { "set-ephemeral", 2, set_ephemeral },
  { "set-pool-ephemeral", 2, set_pool_ephemeral },
  { "xid", 2, set_xid },
  { "rw", 2, rw },
  { "ephemeral", 1, ephemeral },
  { "revisions", 2, revisions },
  { "has-feature", 2, has_feature },
  { "state", 1, state },
  { "names", 0, names },
  { "pools", 0, pools },
  { "firewall", 1, firewall },
  { "set-firewall", 2, set_firewall },
  { "remove-pool", 1, remove_pool },
  { "system-property", 1, system_property },
  { "create-in", 2, create_in },
  { "raw-event", 2, raw_event },
  { NULL, 0, NULL },
};
