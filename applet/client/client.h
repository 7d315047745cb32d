/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

#include "client/client-job.h"
#include "client/client-pool.h"
#include "client/client-qube.h"

G_BEGIN_DECLS

/*
 * The applet's mirror of the helper's objects on the system bus: the only thing that the faces (tray, dashboard,
 * command line) use to see or change anything.
 *
 * It is no set of GDBusProxy objects: a proxy per qube keeps every property as a boxed GVariant in a hash table of its
 * own, several kilobytes each, which hundreds of qubes turn into megabytes in a program that sits in the tray all day.
 * Here one GetManagedObjects call and one signal subscription feed objects with plain C fields (#LiveClientQube,
 * #LiveClientPool, #LiveClientJob). An object stays the same one for as long as its qube or pool exists and the helper runs.
 *
 * Whatever the helper did not say (another version of it, a wrong type) reads as the value that promises least:
 * unknown, writable, not ephemeral, not manageable.
 */

/**
 * LiveClientState:
 * @LIVE_CLIENT_CONNECTING: nothing is known yet
 * @LIVE_CLIENT_READY: the mirror is filled and kept up to date
 * @LIVE_CLIENT_HELPER_GONE: no bus, or no helper on it; the client goes on watching, the mirror is empty
 * @LIVE_CLIENT_NOT_AUTHORIZED: the helper does not let this user look; the mirror is empty
 */
typedef enum
{
  LIVE_CLIENT_CONNECTING,
  LIVE_CLIENT_READY,
  LIVE_CLIENT_HELPER_GONE,
  LIVE_CLIENT_NOT_AUTHORIZED
} LiveClientState;

/**
 * LiveClientError:
 * @LIVE_CLIENT_ERROR_HELPER_GONE: the bus or the helper could not be reached, or it ended before it answered
 *
 * What can go wrong on the way to the helper, beside what it answers itself (#LiveError).
 */
typedef enum
{
  LIVE_CLIENT_ERROR_HELPER_GONE
} LiveClientError;

#define LIVE_CLIENT_ERROR (live_client_error_quark ())
GQuark live_client_error_quark (void);

#define LIVE_TYPE_CLIENT (live_client_get_type ())
G_DECLARE_FINAL_TYPE (LiveClient, live_client, LIVE, CLIENT, GObject)

/**
 * LiveClient:
 *
 * Property: `state` (read-only, an int of #LiveClientState), with notification.
 *
 * Signals, all in the main context that was the thread's default when the client was made:
 * - `manager-changed` (): the indicator, its reasons, the link to qubesd, dom0's boot mode, its leaks or its memory
 *   changed
 * - `qube-added`, `qube-removed`, `qube-changed` (#LiveClientQube *)
 * - `pool-added`, `pool-removed`, `pool-changed` (#LiveClientPool *)
 * - `job-added`, `job-removed`, `job-changed` (#LiveClientJob *)
 *
 * While the first state is read, `qube-added` and `pool-added` are emitted for every object, before `state` becomes
 * #LIVE_CLIENT_READY; when the helper goes, the removals come after `state` changed.
 */

/**
 * live_client_new:
 *
 * Starts at once to connect to the system bus (the one in `DBUS_SYSTEM_BUS_ADDRESS` if that is set), asks the bus to
 * start the helper, and keeps trying when there is no bus. Never blocks.
 *
 * Returns: (transfer full): the client
 */
LiveClient *live_client_new (void);

/**
 * live_client_wait_ready_async:
 *
 * Waits until the state is no longer #LIVE_CLIENT_CONNECTING. There is no time-out but @cancellable.
 */
void live_client_wait_ready_async (LiveClient *self,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/**
 * live_client_wait_ready_finish:
 *
 * Returns: %TRUE when the mirror is filled; otherwise @error is #LIVE_CLIENT_ERROR_HELPER_GONE,
 *   #LIVE_ERROR_NOT_AUTHORIZED or #LIVE_ERROR_CANCELLED
 */
gboolean live_client_wait_ready_finish (LiveClient *self, GAsyncResult *result, GError **error);

LiveClientState live_client_get_state (LiveClient *self);

/* Of the Manager object. Strings: (transfer none), never %NULL. */
const char *live_client_get_helper_version (LiveClient *self); /* "" when not known */
const char *live_client_get_indicator (LiveClient *self);      /* "unknown" unless the state is READY */
/* (transfer none): always of type a(sa{sv}), maybe empty. */
GVariant *live_client_get_indicator_reasons (LiveClient *self);
gboolean live_client_get_qubesd_connected (LiveClient *self);
/* Whether every qube and pool that qubesd listed has been read since the helper's last connection to it. */
gboolean live_client_get_synchronized (LiveClient *self);
/* Of the Dom0 object: "unknown" when not known. */
const char *live_client_get_boot_mode (LiveClient *self);
/* (transfer none): always of type a(sssa{sv}), maybe empty: client/leak-words.h makes sentences from them. */
GVariant *live_client_get_leaks (LiveClient *self);
/* How dom0 is hardened (client/posture-words.h). (transfer none): always of type a(sssa{sv}), maybe empty. */
GVariant *live_client_get_posture (LiveClient *self);

/* The guide's unit that makes volumes read-only at every boot. (transfer none): of type (sba(ssb)u): path (empty: there
 * is none), whether it is enabled, what it sets (qube, volume, writable), how many of its commands are none of these. */
GVariant *live_client_get_guide_unit (LiveClient *self);

/* Bytes: of dom0's RAM, and how many of them a new process could have; 0 when not known. */
guint64 live_client_get_memory_total (LiveClient *self);
guint64 live_client_get_memory_free (LiveClient *self);

/* (transfer container) (element-type LiveClientQube): sorted by name. */
GPtrArray *live_client_get_qubes (LiveClient *self);
/* (transfer container) (element-type LiveClientPool): sorted by name. */
GPtrArray *live_client_get_pools (LiveClient *self);
/* (transfer container) (element-type LiveClientJob): those that run and those that ended a short while ago, oldest
 * first. */
GPtrArray *live_client_get_jobs (LiveClient *self);
/* (transfer none) (nullable) */
LiveClientQube *live_client_find_qube (LiveClient *self, const char *name);
LiveClientPool *live_client_find_pool (LiveClient *self, const char *name);
LiveClientJob *live_client_find_job (LiveClient *self, const char *object_path);

/*
 * Actions. polkit may ask the person for a password (interactive authorisation is allowed), so that there is no
 * time-out; cancelling gives the waiting up, the helper may still do what was asked. The errors are of the domains
 * LIVE_ERROR (model/error.h) or LIVE_CLIENT_ERROR, without D-Bus prefixes in the message:
 * LIVE_ERROR_NOT_AUTHORIZED also when the bus itself refused, LIVE_ERROR_NOT_FOUND when the qube or pool is gone,
 * LIVE_ERROR_CANCELLED when @cancellable was used. A helper that is not running is started by the bus if it can be.
 */

/* @policy: `persistent`, `root` or `full`. */
void live_client_set_policy_async (LiveClient *self,
                                   LiveClientQube *qube,
                                   const char *policy,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
/* @applied: (out) (optional): %FALSE when the change waits until the qube is halted. */
gboolean live_client_set_policy_finish (LiveClient *self, GAsyncResult *result, gboolean *applied, GError **error);

/* @volume: `root` or `private`. */
void live_client_set_volume_writable_async (LiveClient *self,
                                            LiveClientQube *qube,
                                            const char *volume,
                                            gboolean writable,
                                            GCancellable *cancellable,
                                            GAsyncReadyCallback callback,
                                            gpointer user_data);
gboolean live_client_set_volume_writable_finish (LiveClient *self, GAsyncResult *result, GError **error);

void live_client_refresh_qube_async (LiveClient *self,
                                     LiveClientQube *qube,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean live_client_refresh_qube_finish (LiveClient *self, GAsyncResult *result, GError **error);

void live_client_start_qube_async (LiveClient *self,
                                   LiveClientQube *qube,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean live_client_start_qube_finish (LiveClient *self, GAsyncResult *result, GError **error);

void live_client_shutdown_qube_async (LiveClient *self,
                                      LiveClientQube *qube,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean live_client_shutdown_qube_finish (LiveClient *self, GAsyncResult *result, GError **error);

/*
 * Customization windows. @seconds: 60 to 86400; for a new one also -1: until it is closed. Opening finishes when the
 * qube runs, closing when its private volume is read-only again, or with LIVE_ERROR_BUSY when the qube does not shut
 * down in its time. @kill: end it instead of asking it to shut down.
 */
void live_client_open_window_async (LiveClient *self,
                                    LiveClientQube *qube,
                                    gint64 seconds,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean live_client_open_window_finish (LiveClient *self, GAsyncResult *result, GError **error);
void live_client_extend_window_async (LiveClient *self,
                                      LiveClientQube *qube,
                                      gint64 seconds,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
gboolean live_client_extend_window_finish (LiveClient *self, GAsyncResult *result, GError **error);
void live_client_close_window_async (LiveClient *self,
                                     LiveClientQube *qube,
                                     gboolean kill,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
gboolean live_client_close_window_finish (LiveClient *self, GAsyncResult *result, GError **error);

/* Gives the disposables of a disposable template its policy. */
void live_client_renew_disposables_async (LiveClient *self,
                                          LiveClientQube *qube,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
/* @waiting: (out) (optional) (transfer full): those that run, and change when they halt, or end. */
gboolean
live_client_renew_disposables_finish (LiveClient *self, GAsyncResult *result, char ***waiting, GError **error);

void live_client_set_memory_hygiene_async (LiveClient *self,
                                           LiveClientQube *qube,
                                           gboolean on,
                                           GCancellable *cancellable,
                                           GAsyncReadyCallback callback,
                                           gpointer user_data);
gboolean live_client_set_memory_hygiene_finish (LiveClient *self, GAsyncResult *result, GError **error);

/* @layer: `volatile` or `ram`; @size: such as `1G` or `50%`, or empty. */
void live_client_set_upper_layer_async (LiveClient *self,
                                        LiveClientQube *qube,
                                        const char *layer,
                                        const char *size,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean live_client_set_upper_layer_finish (LiveClient *self, GAsyncResult *result, GError **error);

/* Turns what the guide's unit (live_client_get_guide_unit()) does at every boot into policies, and disables it. */
void live_client_take_over_async (LiveClient *self,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
/**
 * live_client_take_over_finish:
 * @policies: (out) (transfer full): a(sss): qube, its policy, and `applied`, `waiting` or the name of an error
 * @disabled: (out): whether the unit is disabled now
 */
gboolean live_client_take_over_finish (
    LiveClient *self, GAsyncResult *result, GVariant **policies, gboolean *disabled, GError **error);

/* Everything is read again by the helper. Also the way back from HELPER_GONE and NOT_AUTHORIZED: tries at once. */
void live_client_refresh_async (LiveClient *self,
                                GCancellable *cancellable,
                                GAsyncReadyCallback callback,
                                gpointer user_data);
gboolean live_client_refresh_finish (LiveClient *self, GAsyncResult *result, GError **error);

/* What the posture is judged by is read again by the helper; it is up to date when this is finished. */
void live_client_refresh_posture_async (LiveClient *self,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
gboolean live_client_refresh_posture_finish (LiveClient *self, GAsyncResult *result, GError **error);

void live_client_set_pool_ephemeral_volatile_async (LiveClient *self,
                                                    LiveClientPool *pool,
                                                    gboolean ephemeral,
                                                    GCancellable *cancellable,
                                                    GAsyncReadyCallback callback,
                                                    gpointer user_data);
gboolean live_client_set_pool_ephemeral_volatile_finish (LiveClient *self, GAsyncResult *result, GError **error);

/*
 * What takes time. Each of these finishes when the helper has begun, with the object path of the job (transfer full),
 * or %NULL and the reason why it did not begin; live_client_wait_job_async() tells how it ended.
 */

/* @size: bytes. @options: a{sv}, as of CreateRamPool in data/dbus/org.qubes.Live1.xml; a floating reference is
 * consumed. */
void live_client_create_ram_pool_async (LiveClient *self,
                                        const char *name,
                                        guint64 size,
                                        GVariant *options,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
char *live_client_create_ram_pool_finish (LiveClient *self, GAsyncResult *result, GError **error);

/* @size: bytes; 0: all of a block device. @backing: an absolute path. @options: as above. */
void live_client_create_encrypted_pool_async (LiveClient *self,
                                              const char *name,
                                              guint64 size,
                                              const char *backing,
                                              GVariant *options,
                                              GCancellable *cancellable,
                                              GAsyncReadyCallback callback,
                                              gpointer user_data);
char *live_client_create_encrypted_pool_finish (LiveClient *self, GAsyncResult *result, GError **error);

/* @options: as above, of RunRamQube. */
void live_client_run_ram_qube_async (LiveClient *self,
                                     LiveClientQube *qube,
                                     GVariant *options,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
char *live_client_run_ram_qube_finish (LiveClient *self, GAsyncResult *result, GError **error);

/* @size: bytes. */
void live_client_resize_pool_async (LiveClient *self,
                                    LiveClientPool *pool,
                                    guint64 size,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
char *live_client_resize_pool_finish (LiveClient *self, GAsyncResult *result, GError **error);

/* @qubes: those that the person was told about and that go with it. @kill: end them instead of shutting them down. */
void live_client_destroy_pool_async (LiveClient *self,
                                     LiveClientPool *pool,
                                     const char *const *qubes,
                                     gboolean kill,
                                     GCancellable *cancellable,
                                     GAsyncReadyCallback callback,
                                     gpointer user_data);
char *live_client_destroy_pool_finish (LiveClient *self, GAsyncResult *result, GError **error);

/* No job: finishes when it is done. @on: new qubes' private and volatile volumes go to @pool. */
void live_client_set_pool_default_async (LiveClient *self,
                                         LiveClientPool *pool,
                                         gboolean on,
                                         GCancellable *cancellable,
                                         GAsyncReadyCallback callback,
                                         gpointer user_data);
gboolean live_client_set_pool_default_finish (LiveClient *self, GAsyncResult *result, GError **error);

/* Finishes when the helper has taken note; the job then ends with LIVE_ERROR_CANCELLED. LIVE_ERROR_NOT_SUPPORTED: it
 * cannot be cancelled any more. */
void live_client_cancel_job_async (LiveClient *self,
                                   LiveClientJob *job,
                                   GCancellable *cancellable,
                                   GAsyncReadyCallback callback,
                                   gpointer user_data);
gboolean live_client_cancel_job_finish (LiveClient *self, GAsyncResult *result, GError **error);

/**
 * live_client_wait_job_async:
 * @object_path: what one of the methods above finished with
 *
 * Waits until the job has ended; it may have ended already, and need not be in the mirror yet. Cancelling gives the
 * waiting up, not the job.
 */
void live_client_wait_job_async (LiveClient *self,
                                 const char *object_path,
                                 GCancellable *cancellable,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data);
/**
 * live_client_wait_job_finish:
 *
 * Returns: %TRUE when the job succeeded; otherwise @error is the job's own, of the domain LIVE_ERROR, or
 *   #LIVE_CLIENT_ERROR_HELPER_GONE when the helper ended, or took the job away, before its end was seen, or
 *   #LIVE_ERROR_NOT_AUTHORIZED when this user may not look any more, or #LIVE_ERROR_CANCELLED when @cancellable was used
 */
gboolean live_client_wait_job_finish (LiveClient *self, GAsyncResult *result, GError **error);

G_END_DECLS
