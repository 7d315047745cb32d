/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* What the mirror holds, for the faces. */

#include "client/client-private.h"
#include "client/client.h"

const char *
live_client_get_helper_version (LiveClient *self)
{
  g_return_val_if_fail (LIVE_IS_CLIENT (self), "");
  return live_client_get_facts (self)->version;
}

const char *
live_client_get_indicator (LiveClient *self)
{
  g_return_val_if_fail (LIVE_IS_CLIENT (self), "unknown");
  return live_client_get_state (self) == LIVE_CLIENT_READY ? live_client_get_facts (self)->indicator : "unknown";
}

GVariant *
live_client_get_indicator_reasons (LiveClient *self)
{
  g_return_val_if_fail (LIVE_IS_CLIENT (self), NULL);
  return live_client_get_facts (self)->indicator_reasons;
}

gboolean
live_client_get_qubesd_connected (LiveClient *self)
{
  g_return_val_if_fail (LIVE_IS_CLIENT (self), FALSE);
  return live_client_get_facts (self)->qubesd_connected;
}

gboolean
live_client_get_synchronized (LiveClient *self)
{
  g_return_val_if_fail (LIVE_IS_CLIENT (self), FALSE);
  return live_client_get_facts (self)->synchronized;
}

const char *
live_client_get_boot_mode (LiveClient *self)
{
  g_return_val_if_fail (LIVE_IS_CLIENT (self), "unknown");
  return live_client_get_facts (self)->boot_mode;
}

GVariant *
live_client_get_leaks (LiveClient *self)
{
  g_return_val_if_fail (LIVE_IS_CLIENT (self), NULL);
  return live_client_get_facts (self)->leaks;
}

GVariant *
live_client_get_guide_unit (LiveClient *self)
{
  g_return_val_if_fail (LIVE_IS_CLIENT (self), NULL);
  return live_client_get_facts (self)->guide_unit;
}

GVariant *
live_client_get_posture (LiveClient *self)
{
  g_return_val_if_fail (LIVE_IS_CLIENT (self), NULL);
  return live_client_get_facts (self)->posture;
}

guint64
live_client_get_memory_total (LiveClient *self)
{
  g_return_val_if_fail (LIVE_IS_CLIENT (self), 0);
  return live_client_get_facts (self)->memory_total;
}

guint64
live_client_get_memory_free (LiveClient *self)
{
  g_return_val_if_fail (LIVE_IS_CLIENT (self), 0);
  return live_client_get_facts (self)->memory_free;
}

GPtrArray *
live_client_get_qubes (LiveClient *self)
{
  g_return_val_if_fail (LIVE_IS_CLIENT (self), NULL);
  return live_client_objects_list (live_client_get_objects (self), LIVE_CLIENT_OBJECT_QUBE);
}

GPtrArray *
live_client_get_pools (LiveClient *self)
{
  g_return_val_if_fail (LIVE_IS_CLIENT (self), NULL);
  return live_client_objects_list (live_client_get_objects (self), LIVE_CLIENT_OBJECT_POOL);
}

GPtrArray *
live_client_get_jobs (LiveClient *self)
{
  g_return_val_if_fail (LIVE_IS_CLIENT (self), NULL);
  return live_client_objects_list (live_client_get_objects (self), LIVE_CLIENT_OBJECT_JOB);
}

LiveClientQube *
live_client_find_qube (LiveClient *self, const char *name)
{
  g_return_val_if_fail (LIVE_IS_CLIENT (self), NULL);
  return live_client_objects_find_named (live_client_get_objects (self), LIVE_CLIENT_OBJECT_QUBE, name);
}

LiveClientPool *
live_client_find_pool (LiveClient *self, const char *name)
{
  g_return_val_if_fail (LIVE_IS_CLIENT (self), NULL);
  return live_client_objects_find_named (live_client_get_objects (self), LIVE_CLIENT_OBJECT_POOL, name);
}

LiveClientJob *
live_client_find_job (LiveClient *self, const char *object_path)
{
  g_return_val_if_fail (LIVE_IS_CLIENT (self) && object_path != NULL, NULL);
  return live_client_objects_find (live_client_get_objects (self), LIVE_CLIENT_OBJECT_JOB, object_path);
}
