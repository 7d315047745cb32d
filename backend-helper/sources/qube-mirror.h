/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/system.h"
#include "sources/qube-reader.h"
#include "sources/qubesd-reply.h"

G_BEGIN_DECLS

/**
 * LiveQubeMirror:
 *
 * The qubes that qubesd has, and what is still to be read of each. Whoever hears that something may have changed marks
 * it; the mirror reads a few qubes at a time, never one qube twice at once, puts the facts into the model, and reads
 * again what was marked meanwhile.
 *
 * Signal: `progress (void)`: a reading ended, or a qube went away.
 */
#define LIVE_TYPE_QUBE_MIRROR (live_qube_mirror_get_type ())
G_DECLARE_FINAL_TYPE (LiveQubeMirror, live_qube_mirror, LIVE, QUBE_MIRROR, GObject)

LiveQubeMirror *live_qube_mirror_new (LiveSystem *system, LiveQubesdClient *client);

/**
 * live_qube_mirror_connect:
 * @connection: (transfer none): cancelled by live_qube_mirror_disconnect(); every reading runs under it
 *
 * From now on it may read; nothing counts as read yet.
 */
void live_qube_mirror_connect (LiveQubeMirror *self, GCancellable *connection);

/**
 * live_qube_mirror_disconnect:
 * @reason: what those who wait get
 *
 * Stops every reading and forgets what was marked. The qubes stay as they are: the last that was known.
 */
void live_qube_mirror_disconnect (LiveQubeMirror *self, const GError *reason);

/* Makes it hold exactly the qubes of @listings (of #LiveQubeListing), running ones first, all to be read anew. */
void live_qube_mirror_take_list (LiveQubeMirror *self, GPtrArray *listings);

/* One qube was added, or may have changed altogether. */
void live_qube_mirror_adopt (LiveQubeMirror *self, const LiveQubeListing *listing);
void live_qube_mirror_forget (LiveQubeMirror *self, const char *name);

/* Marks @what of a qube as to be read, before what waits already; does nothing when there is no such qube. */
void live_qube_mirror_mark (LiveQubeMirror *self, const char *name, LiveRead what);
void live_qube_mirror_mark_class (LiveQubeMirror *self, LiveQubeKlass klass, LiveRead what);

/* Also of a qube that is not in the model yet, because it is still being read. (transfer none) (nullable) */
LiveQube *live_qube_mirror_find (LiveQubeMirror *self, const char *name);

/**
 * live_qube_mirror_hold:
 *
 * Whoever is about to change a qube and to read it afterwards says so: what is marked meanwhile, as the events of the
 * change do, is read together with that. It ends with live_qube_mirror_wait().
 */
void live_qube_mirror_hold (LiveQubeMirror *self, const char *name);

/**
 * live_qube_mirror_wait:
 * @what: what is to be read
 * @task: (transfer full): answered with a boolean when a reading of @what that began after this call is in
 *   the model, or with an error. %LIVE_READ_KERNEL, which nothing is decided by, is read after it unless asked for
 */
void live_qube_mirror_wait (LiveQubeMirror *self, const char *name, LiveRead what, GTask *task);

/* Whether every running qube was read since the connection. */
gboolean live_qube_mirror_is_running_known (LiveQubeMirror *self);
/* Whether nothing is marked and nothing under way. */
gboolean live_qube_mirror_is_idle (LiveQubeMirror *self);

/* Answers every task in @tasks with @error, or with success when there is none; @tasks is empty afterwards. */
void live_tasks_answer (GPtrArray **tasks, const GError *error);

G_END_DECLS
