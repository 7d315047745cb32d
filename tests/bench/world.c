/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bench/world.h"

#include <signal.h>

#include "model/object-path.h"
#include "process.h"

#define LONGEST_SECONDS 60.0

LiveWorld *
live_world_new (guint qubes, guint running)
{
  LiveWorld *world = g_new0 (LiveWorld, 1);
  LiveTestBedOptions options = { .dom0_arguments = world->dom0_arguments, .without_helper = TRUE };

  world->qubes_text = g_strdup_printf ("%u", qubes);
  world->running_text = g_strdup_printf ("%u", running);
  world->dom0_arguments[0] = "--qubes";
  world->dom0_arguments[1] = world->qubes_text;
  world->dom0_arguments[2] = "--running";
  world->dom0_arguments[3] = world->running_text;
  world->dom0_arguments[4] = "--realistic";
  world->bed = live_test_bed_new (&options);
  world->watcher = live_watcher_new (live_test_bed_get_bus_address (world->bed));
  return world;
}

void
live_world_free (LiveWorld *world)
{
  if (world == NULL)
    return;
  if (world->helper != NULL)
    live_world_stop_helper (world);
  live_watcher_free (world->watcher);
  live_test_bed_free (world->bed);
  g_free (world->qubes_text);
  g_free (world->running_text);
  g_free (world);
}

gint64
live_world_start_helper (LiveWorld *world, const char *qubesd_socket)
{
  const char *argv[] = { LIVE_BENCH_HELPER,
                         "--qubesd-socket",
                         qubesd_socket != NULL ? qubesd_socket : live_test_bed_get_qubesd_socket (world->bed),
                         "--root",
                         live_test_bed_get_root (world->bed),
                         world->xenstore_socket != NULL ? "--xenstore-socket" : NULL,
                         world->xenstore_socket,
                         NULL };
  g_auto (GStrv) environment = live_test_bed_get_environment (world->bed);
  gint64 start = 0;

  g_return_val_if_fail (world->helper == NULL, 0);

  live_watcher_forget (world->watcher);
  start = g_get_monotonic_time ();
  world->helper
      = live_test_process_spawn (argv, (const char *const *)environment, G_SUBPROCESS_FLAGS_STDERR_SILENCE, 0, TRUE);
  return start;
}

void
live_world_stop_helper (LiveWorld *world)
{
  g_subprocess_send_signal (world->helper, SIGTERM);
  g_subprocess_wait (world->helper, NULL, NULL);
  g_clear_object (&world->helper);
  live_test_wait_for_no_name (live_test_bed_get_bus (world->bed), LIVE_BUS_NAME);
}

static gboolean
has_value (LiveWorld *world, const char *property, const char *value)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      live_test_bed_get_bus (world->bed), LIVE_BUS_NAME, LIVE_OBJECT_ROOT, "org.freedesktop.DBus.Properties", "Get",
      g_variant_new ("(ss)", LIVE_BUS_NAME ".Manager", property), G_VARIANT_TYPE ("(v)"),
      G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL);
  g_autoptr (GVariant) current = NULL;
  g_autofree char *text = NULL;

  if (reply == NULL)
    return FALSE;
  g_variant_get (reply, "(v)", &current);
  text = g_variant_print (current, FALSE);
  return g_str_equal (text, value);
}

gint64
live_world_wait_property (LiveWorld *world, const char *property, const char *value)
{
  LiveWatcherMatch appeared
      = { .interface = "org.freedesktop.DBus", .member = "NameOwnerChanged", .name = LIVE_BUS_NAME };
  LiveWatcherMatch changed = LIVE_WATCHER_PROPERTY (LIVE_OBJECT_ROOT, property, value);
  gint64 when = 0;

  if (!live_watcher_wait (world->watcher, &appeared, LONGEST_SECONDS, NULL))
    return 0;
  if (live_watcher_wait (world->watcher, &changed, 0, &when))
    return when;
  if (has_value (world, property, value))
    /* The signal may have come while it was read. */
    return live_watcher_wait (world->watcher, &changed, 0, &when) ? when : g_get_monotonic_time ();
  return live_watcher_wait (world->watcher, &changed, LONGEST_SECONDS, &when) ? when : 0;
}

static gboolean
fits (GVariant *properties, const char *state)
{
  const char *class = NULL, *current = NULL;
  gboolean manageable = FALSE;

  return g_variant_lookup (properties, "Class", "&s", &class) && g_str_equal (class, "AppVM")
         && g_variant_lookup (properties, "State", "&s", &current) && g_str_equal (current, state)
         && g_variant_lookup (properties, "Manageable", "b", &manageable) && manageable;
}

gboolean
live_world_find_qube (LiveWorld *world, const char *state, char **name, char **path)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      live_test_bed_get_bus (world->bed), LIVE_BUS_NAME, LIVE_OBJECT_ROOT, "org.freedesktop.DBus.ObjectManager",
      "GetManagedObjects", NULL, G_VARIANT_TYPE ("(a{oa{sa{sv}}})"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL);
  g_autoptr (GVariant) objects = NULL;
  GVariantIter iter;
  const char *object = NULL;
  GVariant *interfaces = NULL;

  if (reply == NULL)
    return FALSE;
  objects = g_variant_get_child_value (reply, 0);
  g_variant_iter_init (&iter, objects);
  while (g_variant_iter_next (&iter, "{&o@a{sa{sv}}}", &object, &interfaces))
    {
      g_autoptr (GVariant) owned = interfaces;
      g_autoptr (GVariant) properties = g_variant_lookup_value (owned, LIVE_BUS_NAME ".Qube", G_VARIANT_TYPE_VARDICT);

      if (properties == NULL || !fits (properties, state))
        continue;
      *path = g_strdup (object);
      return g_variant_lookup (properties, "Name", "s", name);
    }
  return FALSE;
}
