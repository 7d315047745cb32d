/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "lifecycle.h"

#include "creation.h"
#include "events.h"
#include "preload.h"
#include "property.h"
#include "volume.h"

/* A start or a shutdown that goes on after the call that began it. */
typedef struct
{
  LiveDom0 *dom0;
  LiveDom0Qube *qube;
  LiveDom0Done done;
  gpointer data;
} Pending;

static void
send (LiveDom0 *dom0, LiveDom0Qube *qube, const char *event)
{
  live_dom0_event (dom0, qube->name, event, NULL);
}

static void
send_reset (LiveDom0 *dom0, LiveDom0Qube *qube, const char *property)
{
  g_autofree char *event = g_strconcat ("property-reset:", property, NULL);
  live_dom0_event (dom0, qube->name, event, "name", property, NULL);
}

static void
send_identity_reset (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  send_reset (dom0, qube, "xid");
  send_reset (dom0, qube, "stubdom_xid");
  send_reset (dom0, qube, "start_time");
}

static void
send_failed (LiveDom0 *dom0, LiveDom0Qube *qube, const char *event, const GError *error)
{
  live_dom0_event (dom0, qube->name, event, "reason", error->message, NULL);
}

static GError *fail (LiveDom0Error code, const char *format, ...) G_GNUC_PRINTF (2, 3);

static GError *
fail (LiveDom0Error code, const char *format, ...)
{
  va_list arguments;
  GError *error;

  va_start (arguments, format);
  error = g_error_new_valist (LIVE_DOM0_ERROR, code, format, arguments);
  va_end (arguments);
  return error;
}

/* Takes what is needed to end a pending step; afterwards the timer is no more. */
static void
finish (Pending *pending, const GError *error)
{
  LiveDom0Done done = pending->done;
  gpointer data = pending->data;

  pending->done = NULL;
  if (done)
    done (data, error);
}

static void
pending_free (gpointer data)
{
  Pending *pending = data;

  /* Still unanswered: the qube was killed or removed in between, which is an end as well. */
  finish (pending, NULL);
  g_free (pending);
}

static LiveDom0Qube *
get_netvm (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  g_autofree char *name = live_dom0_property_get (dom0, qube, "netvm");
  LiveDom0Qube *netvm = live_dom0_qube_find (dom0, name);

  return netvm && netvm->class != LIVE_DOM0_CLASS_ADMIN ? netvm : NULL;
}

static void
complete_start (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  if (dom0->version >= LIVE_DOM0_VERSION_4_3)
    {
      send (dom0, qube, "domain-pre-unpaused");
      qube->state = LIVE_DOM0_STATE_RUNNING;
      send (dom0, qube, "domain-unpaused");
      live_dom0_event (dom0, qube->name, "domain-start", "start_guid", "True", NULL);
    }
  else
    {
      qube->state = LIVE_DOM0_STATE_RUNNING;
      live_dom0_event (dom0, qube->name, "domain-start", "start_guid", "True", NULL);
      send (dom0, qube, "domain-unpaused");
    }
}

static gboolean
on_start_delay (gpointer data)
{
  Pending *pending = data;

  pending->qube->timer = 0;
  complete_start (pending->dom0, pending->qube);
  finish (pending, NULL);
  return G_SOURCE_REMOVE;
}

/* A template cannot start while a disposable uses its volume as the volume itself, which is so without snapshots. */
static LiveDom0Qube *
find_running_disposable (LiveDom0 *dom0, LiveDom0Qube *template)
{
  gboolean plain = FALSE;

  for (guint i = 0; i < LIVE_DOM0_VOLUME_VOLATILE; i++)
    plain = plain || live_dom0_volume_is_plain (template->volumes[i]);
  for (guint i = 0; plain && i < dom0->qubes->len; i++)
    {
      LiveDom0Qube *qube = g_ptr_array_index (dom0->qubes, i);
      if (qube->class == LIVE_DOM0_CLASS_DISPOSABLE && qube->state != LIVE_DOM0_STATE_HALTED
          && live_dom0_qube_template (dom0, qube) == template)
        return qube;
    }
  return NULL;
}

/* Attaches the volumes; what that does to those of lvm_thin shows only later. */
static void
start_volumes (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  for (guint i = 0; i < LIVE_DOM0_VOLUME_VOLATILE; i++)
    {
      LiveDom0Volume *volume = qube->volumes[i];

      if (live_dom0_volume_is_plain (volume))
        volume->written_since = volume->written_since || (volume->left_over && volume->rw);
      else if (volume->left_over && volume->written_since)
        live_dom0_note (dom0, "%s: the old snapshot of %s hides what was written since", qube->name, volume->name);
    }
}

/* The part of a start that takes no time; on success the qube is up but not yet running. */
static gboolean
begin_start (LiveDom0 *dom0, LiveDom0Qube *qube, GError **error)
{
  const char *prohibited = live_dom0_qube_feature (qube, "prohibit-start");
  LiveDom0Volume *volatile_volume = qube->volumes[LIVE_DOM0_VOLUME_VOLATILE];
  g_autofree char *maximum = NULL;
  LiveDom0Qube *netvm, *disposable;

  if (dom0->version >= LIVE_DOM0_VERSION_4_3 && prohibited && *prohibited)
    {
      g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_GENERAL, "Qube start is prohibited. Rationale: %s",
                   prohibited);
      return FALSE;
    }
  live_dom0_event (dom0, qube->name, "domain-pre-start", "start_guid", "True", "mem_required", "None", NULL);
  disposable = qube->class == LIVE_DOM0_CLASS_APP ? find_running_disposable (dom0, qube) : NULL;
  if (disposable)
    {
      g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_NOT_HALTED, "Domain is not powered off: '%s'",
                   disposable->name);
      return FALSE;
    }
  if (!live_dom0_volumes_verify (dom0, qube, error))
    return FALSE;
  send (dom0, qube, "domain-verify-files");

  netvm = get_netvm (dom0, qube);
  if (netvm && netvm->state == LIVE_DOM0_STATE_HALTED)
    {
      if (!begin_start (dom0, netvm, error))
        {
          if (error && *error)
            send_failed (dom0, netvm, "domain-start-failed", *error);
          return FALSE;
        }
      complete_start (dom0, netvm);
    }

  /* A disposable's private volume needs its template's, which without snapshots is a plain disk in use. */
  for (guint i = 0; i < LIVE_DOM0_VOLUME_VOLATILE; i++)
    {
      LiveDom0Volume *source = live_dom0_volume_source (dom0, qube->volumes[i]);
      if (source && source->revisions_to_keep == -1 && source->qube->state != LIVE_DOM0_STATE_HALTED)
        {
          g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_VM, "Volume %s is running", source->vid);
          return FALSE;
        }
    }

  live_dom0_event (dom0, qube->name, "domain-pre-spawn", "start_guid", "True", NULL);
  if (live_dom0_volume_ephemeral (volatile_volume) && !volatile_volume->rw)
    {
      g_set_error_literal (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_INTERNAL,
                           "Encrypting read-only volumes makes no sense");
      return FALSE;
    }
  if (qube->failing_starts > 0)
    {
      qube->failing_starts--;
      g_set_error_literal (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_GENERAL,
                           "Start failed: internal error: libxenlight failed to create new domain, see "
                           "/var/log/libvirt/libxl/libxl-driver.log for details");
      return FALSE;
    }
  start_volumes (dom0, qube);
  qube->start_time = g_get_real_time () / (G_USEC_PER_SEC / 100);
  maximum = live_dom0_property_get (dom0, qube, "maxmem");
  qube->static_max = g_ascii_strtoull (maximum, NULL, 10) * 1024;
  qube->state = LIVE_DOM0_STATE_TRANSIENT;
  send_identity_reset (dom0, qube);
  live_dom0_event (dom0, qube->name, "domain-spawn", "start_guid", "True", NULL);
  send (dom0, qube, "domain-qdb-create");
  return TRUE;
}

void
live_dom0_qube_start (LiveDom0 *dom0, LiveDom0Qube *qube, LiveDom0Done done, gpointer data)
{
  g_autoptr (GError) error = NULL;
  Pending *pending;

  if (qube->class == LIVE_DOM0_CLASS_ADMIN)
    {
      error = fail (LIVE_DOM0_ERROR_NOT_HALTED, "Cannot start Dom0 fake domain!");
      done (data, error);
      return;
    }
  if (qube->state != LIVE_DOM0_STATE_HALTED)
    {
      done (data, NULL);
      return;
    }
  if (!begin_start (dom0, qube, &error))
    {
      send_failed (dom0, qube, "domain-start-failed", error);
      /* 4.2 spares named disposables then; what was recorded as 4.3 does not. */
      if (qube->class == LIVE_DOM0_CLASS_DISPOSABLE
          && (dom0->version >= LIVE_DOM0_VERSION_4_3 || live_dom0_property_is_true (dom0, qube, "auto_cleanup")))
        {
          live_dom0_preload_forget (dom0, qube);
          live_dom0_qube_delete (dom0, qube);
        }
      done (data, error);
      return;
    }
  if (dom0->start_delay == 0)
    {
      complete_start (dom0, qube);
      done (data, NULL);
      return;
    }
  pending = g_new0 (Pending, 1);
  *pending = (Pending){ dom0, qube, done, data };
  qube->timer = g_timeout_add_full (G_PRIORITY_DEFAULT, dom0->start_delay, on_start_delay, pending, pending_free);
}

/* In an lvm_thin pool, qubesd asserts that what it is about to commit is writable, and leaves its snapshot there.
   Without snapshots there is no commit. */
static gboolean
commit_volumes (LiveDom0Qube *qube)
{
  gboolean success = TRUE;

  for (guint i = 0; i < LIVE_DOM0_N_VOLUMES; i++)
    {
      LiveDom0Volume *volume = qube->volumes[i];

      if (!volume->save_on_stop || live_dom0_volume_is_plain (volume)
          || !g_str_equal (volume->pool->driver, "lvm_thin"))
        continue;
      volume->left_over = !volume->rw;
      volume->written_since = volume->left_over && volume->written_since;
      success = success && volume->rw;
    }
  return success;
}

/* The qube has stopped. It may be gone afterwards. Whoever waits is told when qubesd's cleanup failed. */
static gboolean
stop (LiveDom0 *dom0, LiveDom0Qube *qube, GError **error)
{
  g_clear_handle_id (&qube->timer, g_source_remove);
  qube->state = LIVE_DOM0_STATE_HALTED;
  qube->xid = 0;
  send (dom0, qube, "domain-stopped");
  if (!commit_volumes (qube))
    {
      live_dom0_note (dom0, "%s: the stop failed an assertion: read-only volume to commit in lvm_thin", qube->name);
      g_set_error_literal (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_INTERNAL, "Trying to commit a read-only volume");
      return FALSE;
    }
  send_identity_reset (dom0, qube);
  send (dom0, qube, "domain-shutdown");
  if (live_dom0_property_is_true (dom0, qube, "auto_cleanup"))
    {
      live_dom0_preload_forget (dom0, qube);
      live_dom0_qube_delete (dom0, qube);
    }
  return TRUE;
}

static gboolean
on_shutdown_delay (gpointer data)
{
  g_autoptr (GError) error = NULL;
  Pending *pending = data;

  pending->qube->timer = 0;
  if (!stop (pending->dom0, pending->qube, &error) && pending->done)
    send_failed (pending->dom0, pending->qube, "domain-shutdown-failed", error);
  finish (pending, error);
  return G_SOURCE_REMOVE;
}

/* It was waited for long enough; the qube runs on. */
static gboolean
on_shutdown_timeout (gpointer data)
{
  Pending *pending = data;
  LiveDom0Qube *qube = pending->qube;
  g_autoptr (GError) error = fail (LIVE_DOM0_ERROR_SHUTDOWN_TIMEOUT, "Domain shutdown timed out: '%s'", qube->name);

  qube->timer = 0;
  send_failed (pending->dom0, qube, "domain-shutdown-failed", error);
  finish (pending, error);
  return G_SOURCE_REMOVE;
}

static guint
get_shutdown_timeout (LiveDom0 *dom0, LiveDom0Qube *qube)
{
  g_autofree char *text = live_dom0_property_get (dom0, qube, "shutdown_timeout");
  return (guint) g_ascii_strtoull (text, NULL, 10);
}

static GError *
check_shutdown (LiveDom0 *dom0, LiveDom0Qube *qube, gboolean force)
{
  g_autoptr (GString) users = g_string_new (NULL);

  for (guint i = 0; i < dom0->qubes->len && live_dom0_property_is_true (dom0, qube, "provides_network"); i++)
    {
      LiveDom0Qube *other = g_ptr_array_index (dom0->qubes, i);
      if (other->class != LIVE_DOM0_CLASS_ADMIN && other->state == LIVE_DOM0_STATE_RUNNING
          && get_netvm (dom0, other) == qube && !live_dom0_property_is_true (dom0, other, "is_preload"))
        g_string_append_printf (users, "%s%s", users->len > 0 ? ", " : "", other->name);
    }
  if (users->len > 0 && !force)
    return fail (dom0->version >= LIVE_DOM0_VERSION_4_3 ? LIVE_DOM0_ERROR_IN_USE : LIVE_DOM0_ERROR_VM,
                 "There are other VMs connected to this VM: %s", users->str);
  if (qube->state == LIVE_DOM0_STATE_PAUSED && !force && dom0->version >= LIVE_DOM0_VERSION_4_3)
    return fail (LIVE_DOM0_ERROR_NOT_RUNNING, "Domain not running (either powered off or paused): '%s'", qube->name);
  return NULL;
}

void
live_dom0_qube_shutdown (
    LiveDom0 *dom0, LiveDom0Qube *qube, gboolean force, gboolean wait, LiveDom0Done done, gpointer data)
{
  g_autoptr (GError) error = NULL;
  Pending *pending;

  if (qube->class == LIVE_DOM0_CLASS_ADMIN)
    error = fail (LIVE_DOM0_ERROR_INTERNAL, "dom0 has no shutdown");
  else if (qube->state == LIVE_DOM0_STATE_HALTED)
    error = fail (LIVE_DOM0_ERROR_NOT_STARTED, "Domain is powered off: '%s'", qube->name);
  if (error)
    {
      done (data, error);
      return;
    }
  live_dom0_event (dom0, qube->name, "domain-pre-shutdown", "force", live_dom0_boolean_text (force), NULL);
  error = check_shutdown (dom0, qube, force);
  if (error)
    {
      send_failed (dom0, qube, "domain-shutdown-failed", error);
      done (data, error);
      return;
    }
  if (qube->hangs)
    {
      if (!wait || qube->timer != 0)
        {
          done (data, NULL);
          return;
        }
      pending = g_new0 (Pending, 1);
      *pending = (Pending){ dom0, qube, done, data };
      qube->timer = g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, get_shutdown_timeout (dom0, qube),
                                                on_shutdown_timeout, pending, pending_free);
      return;
    }
  if (dom0->shutdown_delay == 0)
    {
      if (!stop (dom0, qube, &error) && wait)
        send_failed (dom0, qube, "domain-shutdown-failed", error);
      done (data, wait ? error : NULL);
      return;
    }
  /* Asked twice, it still shuts down only once. */
  if (qube->timer == 0)
    {
      pending = g_new0 (Pending, 1);
      *pending = (Pending){ dom0, qube, wait ? done : NULL, data };
      qube->timer
          = g_timeout_add_full (G_PRIORITY_DEFAULT, dom0->shutdown_delay, on_shutdown_delay, pending, pending_free);
      if (wait)
        return;
    }
  done (data, NULL);
}

gboolean
live_dom0_qube_kill (LiveDom0 *dom0, LiveDom0Qube *qube, GError **error)
{
  if (qube->class == LIVE_DOM0_CLASS_ADMIN)
    {
      g_set_error_literal (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_VM, "Cannot kill Dom0 fake domain!");
      return FALSE;
    }
  if (qube->state == LIVE_DOM0_STATE_HALTED)
    {
      g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_NOT_STARTED, "Domain is powered off: '%s'", qube->name);
      return FALSE;
    }
  return stop (dom0, qube, error);
}

gboolean
live_dom0_qube_pause (LiveDom0 *dom0, LiveDom0Qube *qube, GError **error)
{
  if (qube->class == LIVE_DOM0_CLASS_ADMIN || qube->state != LIVE_DOM0_STATE_RUNNING)
    {
      g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_NOT_RUNNING,
                   "Domain not running (either powered off or paused): '%s'", qube->name);
      return FALSE;
    }
  if (dom0->version >= LIVE_DOM0_VERSION_4_3)
    send (dom0, qube, "domain-pre-paused");
  qube->state = LIVE_DOM0_STATE_PAUSED;
  send (dom0, qube, "domain-paused");
  return TRUE;
}

gboolean
live_dom0_qube_unpause (LiveDom0 *dom0, LiveDom0Qube *qube, GError **error)
{
  if (qube->state != LIVE_DOM0_STATE_PAUSED)
    {
      g_set_error (error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_NOT_PAUSED, "Domain is not paused: '%s'", qube->name);
      return FALSE;
    }
  if (dom0->version >= LIVE_DOM0_VERSION_4_3)
    send (dom0, qube, "domain-pre-unpaused");
  qube->state = LIVE_DOM0_STATE_RUNNING;
  send (dom0, qube, "domain-unpaused");
  return TRUE;
}
