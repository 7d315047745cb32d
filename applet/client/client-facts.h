/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * LiveClientFacts:
 *
 * What the helper says of itself and of dom0, in its objects Manager and Dom0: each of them exists once.
 */
typedef struct
{
  GRefString *version;
  GRefString *indicator;
  GVariant *indicator_reasons;
  gboolean qubesd_connected;
  gboolean synchronized;

  GRefString *boot_mode;
  GVariant *leaks;
  GVariant *posture;
  GVariant *guide_unit;
  guint64 memory_total;
  guint64 memory_free;
} LiveClientFacts;

/* Sets everything to "not known"; @facts must be zeroed or have been initialised before. */
void live_client_facts_reset (LiveClientFacts *facts);

/**
 * live_client_facts_update:
 * @interface: of any object
 * @values: a{sv}
 *
 * Takes what the helper said about one interface, if it is one of these and where it belongs.
 *
 * Returns: %TRUE when anything changed
 */
gboolean
live_client_facts_update (LiveClientFacts *facts, const char *object_path, const char *interface, GVariant *values);

/* Frees what it holds. */
void live_client_facts_clear (LiveClientFacts *facts);

G_END_DECLS
