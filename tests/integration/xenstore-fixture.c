/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "xenstore-fixture.h"

#include "test-bed.h"

#define WAIT_SECONDS 30

static void
on_connected (LiveXenstore *store, LiveXenstoreWorld *world)
{
  g_assert_true (live_xenstore_get_connected (store));
  world->n_connected++;
}

static void
on_disconnected (LiveXenstore *store, const GError *reason, LiveXenstoreWorld *world)
{
  g_assert_false (live_xenstore_get_connected (store));
  world->n_disconnected++;
  g_clear_error (&world->reason);
  world->reason = g_error_copy (reason);
}

static void
on_changed (LiveXenstore *store, guint domid, LiveXenstoreWorld *world)
{
  g_assert_true (live_xenstore_get_connected (store));
  world->n_changed++;
  world->last_changed = domid;
}

void
live_xenstore_world_open (LiveXenstoreWorld *world, const char *socket_path)
{
  *world = (LiveXenstoreWorld){ 0 };
  live_xenstore_prepare_process (socket_path);
  world->store = live_xenstore_new (socket_path, NULL);
  g_signal_connect (world->store, "connected", G_CALLBACK (on_connected), world);
  g_signal_connect (world->store, "disconnected", G_CALLBACK (on_disconnected), world);
  g_signal_connect (world->store, "domain-changed", G_CALLBACK (on_changed), world);
  live_xenstore_start (world->store);
  /* Nothing comes before the main loop runs. */
  g_assert_cmpuint (world->n_connected + world->n_disconnected, ==, 0);
}

void
live_xenstore_world_close (LiveXenstoreWorld *world)
{
  if (world->store != NULL)
    g_assert_finalize_object (world->store);
  g_clear_error (&world->reason);
  g_clear_error (&world->error);
}

/* libxenstore's threads have the name of who made them. */
static gboolean
has_no_threads (gpointer data)
{
  g_autoptr (GDir) tasks = g_dir_open ("/proc/self/task", 0, NULL);
  const char *name = NULL;

  while ((name = g_dir_read_name (tasks)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc/self/task", name, "comm", NULL);
      g_autofree char *text = NULL;

      if (g_file_get_contents (path, &text, NULL, NULL) && g_str_has_prefix (text, "xenstore"))
        return FALSE;
    }
  return TRUE;
}

void
live_xenstore_world_check_threads (void)
{
  g_assert_true (live_test_wait (has_no_threads, NULL, WAIT_SECONDS));
}

typedef struct
{
  LiveXenstoreWorld *world;
  guint number;
  guint domid;
  const char *dev;
  gboolean read_only;
  guint major;
  guint minor;
} Wanted;

static gboolean
is_connected (gpointer data)
{
  const Wanted *wanted = data;

  return wanted->world->n_connected >= wanted->number;
}

static gboolean
is_disconnected (gpointer data)
{
  const Wanted *wanted = data;

  return wanted->world->n_disconnected >= wanted->number;
}

static gboolean
has_device (gpointer data)
{
  const Wanted *wanted = data;
  g_autoptr (GPtrArray) vbds = live_xenstore_get_vbds (wanted->world->store, wanted->domid);
  const LiveVbd *vbd = live_vbd_find (vbds, wanted->dev);

  return vbd != NULL && vbd->connected && vbd->domid == wanted->domid && vbd->read_only == wanted->read_only
         && vbd->major == wanted->major && vbd->minor == wanted->minor;
}

static gboolean
has_count (gpointer data)
{
  const Wanted *wanted = data;
  g_autoptr (GPtrArray) vbds = live_xenstore_get_vbds (wanted->world->store, wanted->domid);

  g_assert_true (vbds == NULL || vbds->len > 0);
  return (vbds != NULL ? vbds->len : 0) == wanted->number;
}

static gboolean
is_refreshed (gpointer data)
{
  return ((LiveXenstoreWorld *)data)->is_refreshed;
}

void
live_xenstore_world_wait_connected (LiveXenstoreWorld *world, guint n_times)
{
  Wanted wanted = { .world = world, .number = n_times };

  g_assert_true (live_test_wait (is_connected, &wanted, WAIT_SECONDS));
  g_assert_cmpuint (world->n_connected, ==, n_times);
}

void
live_xenstore_world_wait_disconnected (LiveXenstoreWorld *world, guint n_times)
{
  Wanted wanted = { .world = world, .number = n_times };

  g_assert_true (live_test_wait (is_disconnected, &wanted, WAIT_SECONDS));
  g_assert_cmpuint (world->n_disconnected, ==, n_times);
}

void
live_xenstore_world_wait_device (
    LiveXenstoreWorld *world, guint domid, const char *dev, gboolean read_only, guint major, guint minor)
{
  Wanted wanted
      = { .world = world, .domid = domid, .dev = dev, .read_only = read_only, .major = major, .minor = minor };

  g_assert_true (live_test_wait (has_device, &wanted, WAIT_SECONDS));
}

void
live_xenstore_world_wait_count (LiveXenstoreWorld *world, guint domid, guint n_vbds)
{
  Wanted wanted = { .world = world, .domid = domid, .number = n_vbds };

  g_assert_true (live_test_wait (has_count, &wanted, WAIT_SECONDS));
}

static void
on_refreshed (GObject *object, GAsyncResult *result, gpointer data)
{
  LiveXenstoreWorld *world = data;

  world->result = live_xenstore_refresh_finish (LIVE_XENSTORE (object), result, &world->error);
  world->is_refreshed = TRUE;
}

gboolean
live_xenstore_world_refresh (LiveXenstoreWorld *world, guint domid)
{
  world->is_refreshed = FALSE;
  g_clear_error (&world->error);
  live_xenstore_refresh_async (world->store, domid, NULL, on_refreshed, world);
  g_assert_true (live_test_wait (is_refreshed, world, WAIT_SECONDS));
  g_assert_cmpint (world->result, ==, world->error == NULL);
  return world->result;
}

void
live_xenstore_world_assert_device (
    LiveXenstoreWorld *world, guint domid, const char *dev, gboolean read_only, guint major, guint minor)
{
  g_autoptr (GPtrArray) vbds = live_xenstore_get_vbds (world->store, domid);
  const LiveVbd *vbd = live_vbd_find (vbds, dev);

  g_assert_nonnull (vbd);
  g_assert_true (vbd->connected);
  g_assert_cmpuint (vbd->domid, ==, domid);
  g_assert_cmpint (vbd->read_only, ==, read_only);
  g_assert_cmpuint (vbd->major, ==, major);
  g_assert_cmpuint (vbd->minor, ==, minor);
}

void
live_xenstore_world_assert_unknown (LiveXenstoreWorld *world, guint domid)
{
  g_autoptr (GPtrArray) vbds = live_xenstore_get_vbds (world->store, domid);

  g_assert_null (vbds);
}
