/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * LiveTask:
 *
 * The one request that a run of the program serves: where its answers go, and whether somebody still wants it done.
 */
typedef struct _LiveTask LiveTask;

/**
 * live_task_new:
 * @answers: file descriptor that answers are written to; when its other end is closed, the task is cancelled
 *
 * Blocks SIGTERM, SIGINT and SIGHUP from now on: they cancel the task, as described at live_task_point().
 */
LiveTask *live_task_new (int answers);
void live_task_free (LiveTask *task);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveTask, live_task_free)

/**
 * live_task_set_faults:
 * @kill_at: the point at which the process is to be ended by SIGKILL, from 1; 0: never
 * @cancel_at: the point at which the task is to be taken for cancelled
 *
 * For tests: every place where a crash would leave something behind is a point.
 */
void live_task_set_faults (LiveTask *task, guint kill_at, guint cancel_at);

/**
 * live_task_point:
 *
 * To be called between any two changes of the world.
 *
 * Returns: %FALSE with %LIVE_ERROR_CANCELLED when the caller has gone, or the program is asked to end
 */
gboolean live_task_point (LiveTask *task, GError **error);

/* From now on the task cannot be cancelled: what it does ends with less than there was, or is the undoing. */
void live_task_protect (LiveTask *task);

/**
 * live_task_wait:
 * @fd: file descriptor
 * @events: as of poll(2)
 *
 * Waits until the file descriptor is ready. Errors: %LIVE_ERROR_CANCELLED
 */
gboolean live_task_wait (LiveTask *task, int fd, short events, GError **error);

/**
 * live_task_step:
 * @step: one of the steps in model/job.h
 * @progress: 0 to 1, or -1: not known
 *
 * Tells the caller. One who does not read misses some.
 */
void live_task_step (LiveTask *task, const char *step, double progress);

/* The last line: what came of it. @object: (transfer none) */
void live_task_succeed (LiveTask *task, JsonObject *object);
/**
 * live_task_fail:
 * @error: of #LIVE_ERROR; any other counts as %LIVE_ERROR_FAILED
 *
 * The last line: why nothing came of it, with the holders that live_task_add_holder() named.
 */
void live_task_fail (LiveTask *task, const GError *error);

/**
 * live_task_add_holder:
 * @pid: process id, or 0 when it is no process
 * @name: the program, or what else it is (`/dev/loop3`, `swap /path`, `mount /path`)
 *
 * Something that keeps the storage from being taken away.
 */
void live_task_add_holder (LiveTask *task, guint pid, const char *name);
/* (transfer full): for a message: “12 (vim), swap /x”; empty when there are none. */
char *live_task_describe_holders (LiveTask *task);

G_END_DECLS
