/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

/**
 * LiveDom0Version:
 *
 * Which qubesd is imitated. The numbers sort like the versions, so that "since 4.3" can be written as a comparison.
 */
typedef enum
{
  LIVE_DOM0_VERSION_4_2 = 42,
  LIVE_DOM0_VERSION_4_3 = 43,
  LIVE_DOM0_VERSION_4_4 = 44,
} LiveDom0Version;

typedef enum
{
  LIVE_DOM0_CLASS_ADMIN,
  LIVE_DOM0_CLASS_APP,
  LIVE_DOM0_CLASS_DISPOSABLE,
  LIVE_DOM0_CLASS_STANDALONE,
  LIVE_DOM0_CLASS_TEMPLATE,
} LiveDom0Class;

typedef enum
{
  LIVE_DOM0_STATE_HALTED,
  LIVE_DOM0_STATE_TRANSIENT,
  LIVE_DOM0_STATE_RUNNING,
  LIVE_DOM0_STATE_PAUSED,
} LiveDom0State;

/**
 * LIVE_DOM0_ERROR:
 *
 * Errors a call can end with; the code is a #LiveDom0Error and the message is what the client is told.
 */
#define LIVE_DOM0_ERROR (live_dom0_error_quark ())

/**
 * LiveDom0Error:
 * @LIVE_DOM0_ERROR_INTERNAL: a bug inside qubesd: no version sends anything
 * @LIVE_DOM0_ERROR_PROTOCOL: sent since 4.4; before, nothing is sent
 * @LIVE_DOM0_ERROR_PERMISSION: sent since 4.4; before, nothing is sent
 *
 * The others are exceptions that every version names to its client; see live_dom0_error_name().
 */
typedef enum
{
  LIVE_DOM0_ERROR_INTERNAL,
  LIVE_DOM0_ERROR_PROTOCOL,
  LIVE_DOM0_ERROR_PERMISSION,
  LIVE_DOM0_ERROR_GENERAL,
  LIVE_DOM0_ERROR_VALUE,
  LIVE_DOM0_ERROR_PROPERTY_VALUE,
  LIVE_DOM0_ERROR_NO_SUCH_PROPERTY,
  LIVE_DOM0_ERROR_NOT_FOUND,
  LIVE_DOM0_ERROR_INVALID_UUID,
  LIVE_DOM0_ERROR_VM,
  LIVE_DOM0_ERROR_IN_USE,
  LIVE_DOM0_ERROR_ALREADY_EXISTS,
  LIVE_DOM0_ERROR_NOT_STARTED,
  LIVE_DOM0_ERROR_NOT_RUNNING,
  LIVE_DOM0_ERROR_NOT_PAUSED,
  LIVE_DOM0_ERROR_NOT_HALTED,
  LIVE_DOM0_ERROR_SHUTDOWN_TIMEOUT,
  LIVE_DOM0_ERROR_POOL_IN_USE,
  LIVE_DOM0_ERROR_STORAGE_POOL,
  LIVE_DOM0_ERROR_FEATURE_NOT_FOUND,
  LIVE_DOM0_ERROR_TAG_NOT_FOUND,
  LIVE_DOM0_ERROR_INVALID_TAG,
  LIVE_DOM0_ERROR_LABEL_NOT_FOUND,
} LiveDom0Error;

GQuark live_dom0_error_quark (void);

/**
 * live_dom0_error_name:
 * @code: a #LiveDom0Error
 *
 * Returns: the exception's name as qubesd sends it
 */
const char *live_dom0_error_name (int code);

typedef struct
{
  char *name;
  char *driver;
  /* What the driver was configured with (dir_path, volume_group, …), by name. */
  GTree *options;
  gboolean ephemeral_volatile;
  gint64 revisions_to_keep;
  /* LiveDom0Volume, borrowed, in the order in which they came. */
  GPtrArray *volumes;
} LiveDom0Pool;

typedef struct _LiveDom0Qube LiveDom0Qube;

/* What a volume's explicit `ephemeral` can be; unset follows the pool. */
typedef enum
{
  LIVE_DOM0_EPHEMERAL_UNSET = -1,
  LIVE_DOM0_EPHEMERAL_FALSE = 0,
  LIVE_DOM0_EPHEMERAL_TRUE = 1,
} LiveDom0Ephemeral;

typedef struct
{
  LiveDom0Qube *qube;
  const char *name;
  LiveDom0Pool *pool;
  char *vid;
  guint64 size;
  gboolean rw;
  gboolean snap_on_start;
  gboolean save_on_stop;
  gint64 revisions_to_keep;
  LiveDom0Ephemeral ephemeral;
  /* Of lvm_thin: a snapshot of an earlier run is left over, because it could not be committed. */
  gboolean left_over;
  /* The volume itself was written since its left-over snapshot was made. */
  gboolean written_since;
  /* Its image is gone from the disk. */
  gboolean missing;
} LiveDom0Volume;

enum
{
  LIVE_DOM0_VOLUME_ROOT,
  LIVE_DOM0_VOLUME_PRIVATE,
  LIVE_DOM0_VOLUME_VOLATILE,
  LIVE_DOM0_VOLUME_KERNEL,
  LIVE_DOM0_N_VOLUMES,
};

struct _LiveDom0Qube
{
  char *name;
  char *uuid;
  LiveDom0Class class;
  LiveDom0State state;
  guint qid;
  guint dispid;
  /* Explicitly set properties, name to text; "" is None. */
  GHashTable *properties;
  /* Features in the order they were first set, as qubesd lists them. */
  GPtrArray *feature_names;
  GHashTable *features;
  GTree *tags;
  /* The rules, one a line; NULL for what a new qube has. */
  char *firewall;
  LiveDom0Volume *volumes[LIVE_DOM0_N_VOLUMES];
  /* The domain's number, as the control channel gave it, or 0 for one of its own; forgotten when the qube halts. */
  guint xid;
  /* Maximum memory in KiB; libvirt knows it only after the first start. */
  guint64 static_max;
  /* When the run began, Unix time in hundredths of a second. */
  gint64 start_time;
  /* How many of the next starts fail, and whether a shutdown is asked for in vain. */
  guint failing_starts;
  gboolean hangs;
  /* A shutdown or a start that is still under way, or 0. */
  guint timer;
};

typedef struct _LiveDom0Events LiveDom0Events;
typedef struct _LiveDom0Faults LiveDom0Faults;
typedef struct _LiveDom0Listener LiveDom0Listener;
typedef struct _LiveDom0Changes LiveDom0Changes;

/**
 * LiveDom0:
 *
 * The whole simulated dom0. Owned by main().
 */
typedef struct
{
  LiveDom0Version version;
  /* qubesd before 4.3.47 does not keep rw=False across a restart. */
  gboolean forget_rw;
  gboolean realistic;
  gboolean lvm_thin;
  guint shutdown_delay;
  guint start_delay;

  /* LiveDom0Qube, owned, dom0 first, then by name. */
  GPtrArray *qubes;
  GHashTable *by_name;
  /* LiveDom0Pool, owned, in the order they were added. */
  GPtrArray *pools;
  /* Explicitly set global properties. */
  GHashTable *properties;
  guint last_qid;
  GRand *random;
  /* Token → QUBE/VOLUME, of admin.vm.volume.CloneFrom. */
  GHashTable *pending_clones;
  /* What the control channel's `notes` tells: failures that qubesd would only have logged. */
  GString *notes;

  LiveDom0Events *events;
  LiveDom0Faults *faults;
  LiveDom0Changes *changes;
  LiveDom0Listener *listener;
} LiveDom0;

LiveDom0 *live_dom0_new (LiveDom0Version version, gboolean lvm_thin);
void live_dom0_free (LiveDom0 *dom0);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveDom0, live_dom0_free)

/**
 * live_dom0_note:
 *
 * Remembers something that qubesd would have logged and not told its client.
 */
void live_dom0_note (LiveDom0 *dom0, const char *format, ...) G_GNUC_PRINTF (2, 3);

LiveDom0Pool *live_dom0_pool_find (LiveDom0 *dom0, const char *name);
LiveDom0Pool *live_dom0_pool_add (LiveDom0 *dom0, const char *name, const char *driver);
void live_dom0_pool_remove (LiveDom0 *dom0, LiveDom0Pool *pool);

/**
 * live_dom0_default_pool:
 * @volume: root, private, volatile or kernel
 *
 * Returns: (transfer none): the pool in which a new volume of that name is made
 */
LiveDom0Pool *live_dom0_default_pool (LiveDom0 *dom0, const char *volume);

LiveDom0Qube *live_dom0_qube_find (LiveDom0 *dom0, const char *name);

/**
 * live_dom0_qube_add:
 * @template: (nullable): name of the template
 *
 * Adds a qube without volumes to the store. No event is sent.
 *
 * Returns: (transfer none): the qube
 */
LiveDom0Qube *
live_dom0_qube_add (LiveDom0 *dom0, const char *name, LiveDom0Class class, const char *label, const char *template);

/**
 * live_dom0_qube_drop:
 *
 * Takes a qube and its volumes out of the store and frees it. No event is sent.
 */
void live_dom0_qube_drop (LiveDom0 *dom0, LiveDom0Qube *qube);

/**
 * live_dom0_qube_template:
 *
 * Returns: (transfer none) (nullable): the qube's template
 */
LiveDom0Qube *live_dom0_qube_template (LiveDom0 *dom0, LiveDom0Qube *qube);

const char *live_dom0_class_name (LiveDom0Class class);
const char *live_dom0_state_name (LiveDom0State state);

const char *live_dom0_qube_feature (LiveDom0Qube *qube, const char *name);
/* No event is sent by these two. */
void live_dom0_qube_store_feature (LiveDom0Qube *qube, const char *name, const char *value);
gboolean live_dom0_qube_drop_feature (LiveDom0Qube *qube, const char *name);

/**
 * live_dom0_repr:
 *
 * Quotes text as Python's repr() does, because qubesd's messages do.
 */
char *live_dom0_repr (const char *text);

/**
 * live_dom0_boolean_parse:
 *
 * The spellings of a boolean that qubesd accepts, in any case; nothing around them.
 */
gboolean live_dom0_boolean_parse (const char *text, gboolean *value);

const char *live_dom0_boolean_text (gboolean value);
