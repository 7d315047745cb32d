/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What there are several of. */
typedef enum
{
  LIVE_CLIENT_OBJECT_QUBE,
  LIVE_CLIENT_OBJECT_POOL,
  LIVE_CLIENT_OBJECT_JOB,
  LIVE_CLIENT_N_OBJECT_KINDS
} LiveClientObjectKind;

typedef enum
{
  LIVE_CLIENT_OBJECT_ADDED,
  LIVE_CLIENT_OBJECT_REMOVED,
  LIVE_CLIENT_OBJECT_CHANGED,
  LIVE_CLIENT_N_OBJECT_CHANGES
} LiveClientObjectChange;

/* @object: (transfer none): a LiveClientQube, LiveClientPool or LiveClientJob, after the change */
typedef void (*LiveClientObjectsNotify) (gpointer owner,
                                         LiveClientObjectKind kind,
                                         LiveClientObjectChange change,
                                         gpointer object);

/**
 * LiveClientObjects:
 *
 * The qubes, pools and jobs of which the helper speaks, by their paths. It knows nothing of a bus: it is told what
 * arrived.
 */
typedef struct _LiveClientObjects LiveClientObjects;

/* @notify: is told of every change, with @owner. */
LiveClientObjects *live_client_objects_new (LiveClientObjectsNotify notify, gpointer owner);
void live_client_objects_free (LiveClientObjects *self);

/* Which kind has this interface; %FALSE when none has. */
gboolean live_client_objects_find_kind (const char *interface, LiveClientObjectKind *kind);

/**
 * live_client_objects_update:
 * @values: a{sv}
 * @may_add: whether an object that is not known yet is a new one, or a stray signal
 *
 * Takes what the helper said about one object. One whose name does not belong to its path is not believed, and removed.
 */
void live_client_objects_update (
    LiveClientObjects *self, LiveClientObjectKind kind, const char *object_path, GVariant *values, gboolean may_add);
void live_client_objects_remove (LiveClientObjects *self, LiveClientObjectKind kind, const char *object_path);

/* Removes what @keep (a{oa{sa{sv}}}, or %NULL for nothing) does not hold, and tells of it. */
void live_client_objects_remove_missing (LiveClientObjects *self, GVariant *keep);
/* Removes everything without a word. */
void live_client_objects_clear (LiveClientObjects *self);

/* (transfer none) (nullable) */
gpointer live_client_objects_find (LiveClientObjects *self, LiveClientObjectKind kind, const char *object_path);
/* (transfer none) (nullable): of a qube or pool, by its name. */
gpointer live_client_objects_find_named (LiveClientObjects *self, LiveClientObjectKind kind, const char *name);
/* (transfer container): sorted by name, jobs by id. */
GPtrArray *live_client_objects_list (LiveClientObjects *self, LiveClientObjectKind kind);

/* Whether something is held at @object_path; of paths that are of no kind always %TRUE. */
gboolean live_client_objects_may_exist (LiveClientObjects *self, const char *object_path);

G_END_DECLS
