/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "actions/upper-layer.h"

#include "model/error.h"
#include "model/upper-layer.h"

typedef struct
{
  char *layer;
  char *size;
} LiveWish;

static void
wish_free (gpointer data)
{
  LiveWish *wish = data;

  g_free (wish->layer);
  g_free (wish->size);
  g_free (wish);
}

/* NULL: the feature is not set. */
static const char *
get_feature (const LiveWish *wish, LiveFeature feature)
{
  if (!g_str_equal (wish->layer, LIVE_UPPER_LAYER_RAM))
    return NULL;
  if (feature == LIVE_FEATURE_UPPER)
    return LIVE_UPPER_LAYER_TMPFS;
  return *wish->size != '\0' ? wish->size : NULL;
}

static gboolean
plan (LiveQube *qube, LiveEdit *edit, gpointer data, GError **error)
{
  /* The size first: the layer is never in RAM with another size than was asked for. */
  static const LiveFeature features[] = { LIVE_FEATURE_UPPER_SIZE, LIVE_FEATURE_UPPER };
  const LiveWish *wish = data;
  const LiveQubeFacts *facts = live_qube_get_facts (qube);
  gboolean in_ram = g_str_equal (wish->layer, LIVE_UPPER_LAYER_RAM);

  if (!in_ram && !g_str_equal (wish->layer, LIVE_UPPER_LAYER_VOLATILE))
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                   "there is no upper layer \"%s\": say \"volatile\" or \"ram\"", wish->layer);
      return FALSE;
    }
  if (in_ram && *wish->size != '\0' && !live_upper_layer_is_size (wish->size))
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                   "\"%s\" is no size for an upper layer: say %dM or more, in K, M or G, or 1%% to %d%%", wish->size,
                   LIVE_UPPER_LAYER_MEGABYTES_MIN, LIVE_UPPER_LAYER_PERCENT_MAX);
      return FALSE;
    }
  if (facts->klass == LIVE_QUBE_KLASS_OTHER || facts->klass == LIVE_QUBE_KLASS_TEMPLATE)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED, "%s cannot have a read-only private volume",
                   facts->name);
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (features); i++)
    live_edit_add_feature (edit, features[i], get_feature (wish, features[i]), facts->features[features[i]]);
  return TRUE;
}

static gboolean
check (LiveQube *qube, gpointer data, GError **error)
{
  const LiveWish *wish = data;
  const LiveQubeFacts *facts = live_qube_get_facts (qube);

  if (g_strcmp0 (facts->features[LIVE_FEATURE_UPPER], get_feature (wish, LIVE_FEATURE_UPPER)) == 0
      && g_strcmp0 (facts->features[LIVE_FEATURE_UPPER_SIZE], get_feature (wish, LIVE_FEATURE_UPPER_SIZE)) == 0)
    return TRUE;
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_QUBESD_ERROR,
               "%s: qubesd accepted the change of its upper layer and did not keep it", facts->name);
  return FALSE;
}

void
live_upper_layer_set_async (LiveQubeSetting *setting,
                            const char *name,
                            const char *layer,
                            const char *size,
                            GAsyncReadyCallback callback,
                            gpointer data)
{
  LiveWish *wish = g_new (LiveWish, 1);

  wish->layer = g_strdup (layer);
  wish->size = g_strdup (size);
  live_qube_setting_change_async (setting, name, LIVE_READ_FEATURES, plan, check, wish, wish_free, callback, data);
}
