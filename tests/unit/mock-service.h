/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

#include "live-bus.h"

G_BEGIN_DECLS

/**
 * LiveMockBus:
 *
 * A dbus-daemon of its own on a socket in a temporary directory. It can be stopped and started again at the same
 * address, and ends with the test program in any case.
 */
typedef struct _LiveMockBus LiveMockBus;

LiveMockBus *live_mock_bus_new (void);
void live_mock_bus_free (LiveMockBus *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveMockBus, live_mock_bus_free)
const char *live_mock_bus_get_address (LiveMockBus *self);
void live_mock_bus_stop (LiveMockBus *self);
void live_mock_bus_start (LiveMockBus *self);
/* (transfer full): a new connection to it. */
GDBusConnection *live_mock_bus_connect (LiveMockBus *self);

/**
 * LiveMockService:
 *
 * The helper as seen from the bus, without anything behind it: objects whose properties the test sets, methods that
 * succeed and change the properties as the real ones would, or fail or wait as the test says.
 */
typedef struct _LiveMockService LiveMockService;

/* Exports the manager and dom0 and owns the name before it returns. */
LiveMockService *live_mock_service_new (LiveMockBus *bus);
/* On another bus. @connection: (transfer full): is closed in the end */
LiveMockService *live_mock_service_new_for_connection (GDBusConnection *connection);
void live_mock_service_free (LiveMockService *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveMockService, live_mock_service_free)

GDBusConnection *live_mock_service_get_connection (LiveMockService *self);
LiveBusManager *live_mock_service_get_manager (LiveMockService *self);
LiveBusDom0 *live_mock_service_get_dom0 (LiveMockService *self);

/* A halted AppVM, label red, persistent, configured, that accepts every policy; (transfer none). */
LiveBusQube *live_mock_service_add_qube (LiveMockService *self, const char *name);
/* The same at a path that does not belong to the name. */
LiveBusQube *live_mock_service_add_qube_at (LiveMockService *self, const char *object_path, const char *name);
void live_mock_service_remove_qube (LiveMockService *self, const char *name);
/* A pool of 100 GiB on the disk, 40 GiB of it used; (transfer none). */
LiveBusPool *live_mock_service_add_pool (LiveMockService *self, const char *name);
void live_mock_service_remove_pool (LiveMockService *self, const char *name);

/* A job that can be cancelled and does nothing by itself: the test drives it by its properties. The methods that begin
 * one make it so, too. (transfer none) */
LiveBusJob *live_mock_service_add_job (LiveMockService *self, const char *kind, const char *subject);
/* The job that began last. (transfer none) (nullable) */
LiveBusJob *live_mock_service_get_job (LiveMockService *self);
/* @error_name: as on the bus, empty when it succeeds. */
void
live_mock_service_finish_job (LiveMockService *self, LiveBusJob *job, const char *error_name, const char *message);
/* Takes that job off the bus. */
void live_mock_service_remove_job (LiveMockService *self);

/* Every method fails so until @domain is 0. */
void live_mock_service_fail (LiveMockService *self, GQuark domain, int code, const char *message);
/* Whether methods wait for live_mock_service_release(). */
void live_mock_service_hold (LiveMockService *self);
/* Answers what waits; later methods answer at once. */
void live_mock_service_release (LiveMockService *self);
guint live_mock_service_get_n_held (LiveMockService *self);
/* Whether GetManagedObjects answers NotAuthorized. */
void live_mock_service_refuse_view (LiveMockService *self, gboolean refuse);

/* The methods called since the last call of this function, each as `NAME METHOD ARGUMENTS…` (NAME is
 * `manager`, `dom0` or `job` where there is none), joined by "; ", with
 * ` (not interactive)` behind each that did not allow a password prompt. (transfer full) */
char *live_mock_service_take_calls (LiveMockService *self);

/* Runs the default main context until @condition holds; fails the test after 20 seconds. */
#define live_mock_wait(condition)                                                                                      \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    gint64 wait_end_ = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;                                                  \
    guint wait_tick_ = g_timeout_add (20, live_mock_tick, NULL);                                                       \
    while (!(condition) && g_get_monotonic_time () < wait_end_)                                                        \
      g_main_context_iteration (NULL, TRUE);                                                                           \
    g_source_remove (wait_tick_);                                                                                      \
    g_assert_true (condition);                                                                                         \
  }                                                                                                                    \
  G_STMT_END
gboolean live_mock_tick (gpointer unused);

G_END_DECLS
