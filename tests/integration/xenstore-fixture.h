/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include "sources/xenstore.h"

G_BEGIN_DECLS

/* A LiveXenstore, and what it said. */
typedef struct
{
  LiveXenstore *store;
  guint n_connected;
  guint n_disconnected;
  guint n_changed;
  guint last_changed;
  GError *reason; /* of the last disconnected */

  /* Of the refresh. */
  gboolean is_refreshed;
  gboolean result;
  GError *error;
} LiveXenstoreWorld;

/* Opened, and started, on a socket. */
void live_xenstore_world_open (LiveXenstoreWorld *world, const char *socket_path);

/* Also checks that nobody else has a reference. */
void live_xenstore_world_close (LiveXenstoreWorld *world);

/* Waits for the threads of those that are closed; the stores they talk to have to answer, or to be gone. */
void live_xenstore_world_check_threads (void);

/* All wait, and fail the test when it does not come about. */
void live_xenstore_world_wait_connected (LiveXenstoreWorld *world, guint n_times);
void live_xenstore_world_wait_disconnected (LiveXenstoreWorld *world, guint n_times);
/* Until that device is connected, and backed by that one. */
void live_xenstore_world_wait_device (
    LiveXenstoreWorld *world, guint domid, const char *dev, gboolean read_only, guint major, guint minor);
void live_xenstore_world_wait_count (LiveXenstoreWorld *world, guint domid, guint n_vbds);

/* Whether it went well; @error is in the world. */
gboolean live_xenstore_world_refresh (LiveXenstoreWorld *world, guint domid);

/* That there is one such device, connected. */
void live_xenstore_world_assert_device (
    LiveXenstoreWorld *world, guint domid, const char *dev, gboolean read_only, guint major, guint minor);
void live_xenstore_world_assert_unknown (LiveXenstoreWorld *world, guint domid);

G_END_DECLS
