/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Kind. */
#define LIVE_JOB_CREATE_RAM_POOL "create-ram-pool"
#define LIVE_JOB_CREATE_ENCRYPTED_POOL "create-encrypted-pool"
#define LIVE_JOB_RESIZE_POOL "resize-pool"
#define LIVE_JOB_DESTROY_POOL "destroy-pool"
#define LIVE_JOB_RUN_RAM_QUBE "run-ram-qube"

/* Step, of a pool. */
#define LIVE_JOB_STEP_CHECK "check"       /* names, sizes, memory */
#define LIVE_JOB_STEP_DEVICE "device"     /* the zram device, or the mapping over the backing file */
#define LIVE_JOB_STEP_ALLOCATE "allocate" /* space of the backing file */
#define LIVE_JOB_STEP_FORMAT "format"
#define LIVE_JOB_STEP_MOUNT "mount"
#define LIVE_JOB_STEP_ADD_POOL "add-pool" /* qubesd */
#define LIVE_JOB_STEP_SET_DEFAULT "set-default"
#define LIVE_JOB_STEP_SHUT_DOWN_QUBES "shut-down-qubes"
#define LIVE_JOB_STEP_REMOVE_QUBES "remove-qubes"
#define LIVE_JOB_STEP_RESTORE_DEFAULT "restore-default"
#define LIVE_JOB_STEP_REMOVE_POOL "remove-pool" /* qubesd */
#define LIVE_JOB_STEP_UNMOUNT "unmount"
#define LIVE_JOB_STEP_CLOSE "close" /* the key is forgotten */
#define LIVE_JOB_STEP_RESET "reset" /* the RAM of the zram device is given back */
#define LIVE_JOB_STEP_RESIZE "resize"
/* Step, of a RAM qube. */
#define LIVE_JOB_STEP_CREATE_QUBE "create-qube"
#define LIVE_JOB_STEP_COPY_SETTINGS "copy-settings"
#define LIVE_JOB_STEP_COPY_FILES "copy-files"
#define LIVE_JOB_STEP_START_QUBE "start-qube"
/* Step, of any job that is being taken back. */
#define LIVE_JOB_STEP_UNDO "undo"

/**
 * LiveJob:
 *
 * Something that takes time, with what it does at the moment and how far it is. The properties have the names and types
 * of the bus interface org.qubes.Live1.Job.
 *
 * Signal: `completed`: it has ended; the properties say how.
 */
#define LIVE_TYPE_JOB (live_job_get_type ())
G_DECLARE_FINAL_TYPE (LiveJob, live_job, LIVE, JOB, GObject)

/* @kind: one of the kinds above. */
LiveJob *live_job_new (const char *kind, const char *subject);

/* Unique within this helper, at least 1; part of its object path. 0 before live_system_add_job(), which sets it. */
guint live_job_get_id (LiveJob *self);
void live_job_set_id (LiveJob *self, guint id);
const char *live_job_get_kind (LiveJob *self);
const char *live_job_get_subject (LiveJob *self);
gboolean live_job_get_finished (LiveJob *self);

/**
 * live_job_set_action:
 * @action: the polkit action that the job was begun under, without its prefix
 * @detail: what its subject is to that action: `pool` or `qube`
 *
 * Whoever may begin it may cancel it. Without a call, jobs that run a qube have manage-qube and `qube`, all others
 * manage-pool and `pool`.
 */
void live_job_set_action (LiveJob *self, const char *action, const char *detail);
const char *live_job_get_action (LiveJob *self);
const char *live_job_get_action_detail (LiveJob *self);

/* (transfer none): is cancelled when somebody cancels the job while that is possible. */
GCancellable *live_job_get_cancel (LiveJob *self);

/* @step: one of the steps above. */
void live_job_set_step (LiveJob *self, const char *step);
/* 0 to 1, or -1: not known; kept in hundredths, so that it may be set as often as is convenient. */
void live_job_set_progress (LiveJob *self, double progress);
/* Whether it can be cancelled from now on; at the point of no return it cannot, and once it was cancelled it cannot be
 * again. */
void live_job_set_cancellable (LiveJob *self, gboolean cancellable);

/**
 * live_job_cancel:
 *
 * Does nothing to a job that was cancelled before and still undoes what it did. Errors: %LIVE_ERROR_NOT_SUPPORTED when
 * it cannot be cancelled any more, or not yet.
 */
gboolean live_job_cancel (LiveJob *self, GError **error);

/**
 * live_job_finish:
 * @error: (nullable): why it failed
 *
 * Ends the job; only once. An error of another domain than %LIVE_ERROR becomes %LIVE_ERROR_CANCELLED if it is
 * %G_IO_ERROR_CANCELLED, else %LIVE_ERROR_FAILED. Nothing can be set afterwards.
 */
void live_job_finish (LiveJob *self, const GError *error);

G_END_DECLS
