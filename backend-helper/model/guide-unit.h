/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A longer file is not looked at, and a unit that sets more than so many volumes is not taken over whole. */
#define LIVE_GUIDE_UNIT_MAX_BYTES 65536
#define LIVE_GUIDE_UNIT_MAX_SETTINGS 1024

/**
 * LIVE_GUIDE_UNIT_TYPE:
 *
 * Type of the property GuideUnit: path, whether it is enabled, what it sets (qube, volume, writable), and how many of
 * its commands are something else.
 */
#define LIVE_GUIDE_UNIT_TYPE "(sba(ssb)u)"

/**
 * LiveGuideSetting:
 * @qube: a name that Qubes would accept
 * @volume: `root` or `private`
 * @writable: what it is set to
 *
 * One `qvm-volume config QUBE:VOLUME rw VALUE`.
 */
typedef struct
{
  char *qube;
  char *volume;
  gboolean writable;
} LiveGuideSetting;

/**
 * LiveGuideUnit:
 *
 * What a unit of systemd does to volumes when it is started: the forum's guide has people write one that makes volumes
 * read-only at every boot.
 *
 * Only what certainly does what it seems to do is a setting: `qvm-volume config` with literal arguments, alone or in a
 * shell's plain list (`;`, `&&`, newlines). All else that the unit would run is counted, so that nobody disables a unit
 * that is still needed for something; so is what would be disabled along with it (`Also=`).
 */
typedef struct _LiveGuideUnit LiveGuideUnit;

LiveGuideUnit *live_guide_unit_new (void);
void live_guide_unit_free (LiveGuideUnit *unit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveGuideUnit, live_guide_unit_free)

/**
 * live_guide_unit_add:
 * @text: content of the unit's file, or of a drop-in, in the order in which systemd reads them; need not end in a NUL
 * @length: bytes
 *
 * Reads as systemd.syntax(7) and systemd.service(5) describe it.
 *
 * Returns: %FALSE, with nothing changed, when @text is too long, holds a NUL or is not UTF-8
 */
gboolean live_guide_unit_add (LiveGuideUnit *unit, const char *text, gsize length);

/* Something belongs to the unit that cannot be read: it counts as one other command. */
void live_guide_unit_add_unreadable (LiveGuideUnit *unit);

/**
 * live_guide_unit_finish:
 * @n_others: (out): commands that are none of these settings
 *
 * Returns: (transfer full) (element-type LiveGuideSetting): in the order in which they would be done
 */
GPtrArray *live_guide_unit_finish (LiveGuideUnit *unit, guint *n_others);

/* @unit: of type %LIVE_GUIDE_UNIT_TYPE, as live_guide_unit_to_variant() made it. */
GVariant *live_guide_unit_to_variant (const char *path, gboolean enabled, GPtrArray *settings, guint n_others);

/* A floating variant that says that there is none. */
GVariant *live_guide_unit_make_none (void);

/**
 * LiveGuideWish:
 * @qube: a name
 * @policy: (nullable): the policy that does what the unit does to the qube: `root` or `full`; %NULL when none does
 */
typedef struct
{
  char *qube;
  const char *policy;
} LiveGuideWish;

/**
 * live_guide_unit_decide:
 * @unit: of type %LIVE_GUIDE_UNIT_TYPE
 *
 * What holds for a qube is what its last lines say: root read-only makes the policy `root`, root and private read-only
 * make `full`. A qube whose private volume alone is read-only, or whose root is made writable in the end, has no policy
 * that would do that: its lines stay the unit's.
 *
 * Returns: (transfer full) (element-type LiveGuideWish): one for each qube, in the order in which the unit names them
 */
GPtrArray *live_guide_unit_decide (GVariant *unit);

G_END_DECLS
