/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "model/facts.h"

G_BEGIN_DECLS

/* In place of a number of revisions: the policy did not change it. */
#define LIVE_SAVED_NO_REVISIONS G_MININT

/**
 * LiveSavedFlag:
 *
 * What the feature `service.ephemeral-rw` was.
 */
typedef enum
{
  LIVE_SAVED_FLAG_UNSET,
  LIVE_SAVED_FLAG_OFF,
  LIVE_SAVED_FLAG_ON
} LiveSavedFlag;

/**
 * LiveSaved:
 * @root_rw: whether the root volume was writable
 * @root_revisions: its `revisions_to_keep`, or %LIVE_SAVED_NO_REVISIONS
 * @volatile_ephemeral: whether the volatile volume was ephemeral
 * @has_private: whether the policy reaches the private volume, so that the rest is there
 * @private_rw: whether the private volume was writable
 * @private_revisions: its `revisions_to_keep`, or %LIVE_SAVED_NO_REVISIONS
 * @guest_flag: what the flag for the part inside the qube was
 *
 * What a qube was before its policy was applied, as the feature `live.saved` keeps it, such as
 * `root=rw volatile=plain private=rw private-revisions=1 guest=unset`. At a disposable it also says of which one it is,
 * because disposables are made with the features of their template.
 */
typedef struct
{
  gboolean root_rw;
  int root_revisions;
  gboolean volatile_ephemeral;
  gboolean has_private;
  gboolean private_rw;
  int private_revisions;
  LiveSavedFlag guest_flag;
} LiveSaved;

/**
 * live_saved_parse:
 * @facts: the qube that the feature is of
 * @saved: (out): what it says
 *
 * The text is in qubes.xml, where anybody may have put anything: what is not exactly ours is refused whole.
 *
 * Returns: whether there is such a feature and it is well-formed
 */
gboolean live_saved_parse (const LiveQubeFacts *facts, LiveSaved *saved);

/**
 * live_saved_is_inherited:
 *
 * Returns: whether the feature is there and came to this disposable from its template
 */
gboolean live_saved_is_inherited (const LiveQubeFacts *facts);

/**
 * live_saved_take:
 * @facts: the qube as it is before its policy is applied
 * @with_private: whether the policy reaches its private volume
 * @saved: (inout): what is known of it already, completed; or what is not, taken new
 * @is_new: whether nothing is known yet
 */
void live_saved_take (const LiveQubeFacts *facts, gboolean with_private, LiveSaved *saved, gboolean is_new);

/* Returns: (transfer full): the text for the feature */
char *live_saved_format (const LiveQubeFacts *facts, const LiveSaved *saved);

G_END_DECLS
