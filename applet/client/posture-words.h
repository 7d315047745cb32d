/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/*
 * The sentences of the posture: what was found, why it matters and what to do, in the person's language. The codes are
 * those of backend-helper/model/posture.h; one that is not known here is shown as it is. Plain text as in words.h.
 */

/**
 * LivePostureGroup:
 *
 * The verdicts, what needs attention first. A verdict that is not known here is in the group UNKNOWN.
 */
typedef enum
{
  LIVE_POSTURE_GROUP_BAD,
  LIVE_POSTURE_GROUP_WEAK,
  LIVE_POSTURE_GROUP_UNKNOWN,
  LIVE_POSTURE_GROUP_GOOD,
  LIVE_POSTURE_GROUP_NOT_APPLICABLE,
  LIVE_POSTURE_N_GROUPS
} LivePostureGroup;

LivePostureGroup live_posture_group_from_verdict (const char *verdict);
/* As on the bus. (transfer none) */
const char *live_posture_group_to_verdict (LivePostureGroup group);
/* Heading of the group, with how many there are in it: "Bad (2)". (transfer full) */
char *live_words_posture_group (LivePostureGroup group, guint count);

/* What was found; @parameters is a{sv}. (transfer full) */
char *live_words_posture_text (const char *code, const char *verdict, const char *remedy, GVariant *parameters);
/* Why it matters, empty for a code that is not known here. (transfer none) */
const char *live_words_posture_why (const char *code);
/* What to do, empty when there is nothing to do. (transfer full) */
char *live_words_posture_remedy (const char *remedy, GVariant *parameters);

G_END_DECLS
