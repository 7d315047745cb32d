/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bench/policy-bench.h"

#include <gio/gio.h>

#include "bench/bare-loop.h"
#include "bench/world.h"
#include "model/object-path.h"

#define SAVED "root=rw volatile=plain private=rw guest=unset"
#define UNDER_WAY 16

/* The qubes that are changed. */
typedef struct
{
  GPtrArray *names;
  GPtrArray *paths;
} LiveChosen;

static gboolean
choose_qubes (LiveWorld *world, LiveChosen *chosen, guint count)
{
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      live_test_bed_get_bus (world->bed), LIVE_BUS_NAME, LIVE_OBJECT_ROOT, "org.freedesktop.DBus.ObjectManager",
      "GetManagedObjects", NULL, G_VARIANT_TYPE ("(a{oa{sa{sv}}})"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL);
  g_autoptr (GVariant) objects = reply != NULL ? g_variant_get_child_value (reply, 0) : NULL;
  GVariantIter iter;
  const char *path = NULL;
  GVariant *interfaces = NULL;

  if (objects == NULL)
    return FALSE;
  g_variant_iter_init (&iter, objects);
  while (g_variant_iter_next (&iter, "{&o@a{sa{sv}}}", &path, &interfaces))
    {
      g_autoptr (GVariant) owned = interfaces;
      g_autoptr (GVariant) qube = g_variant_lookup_value (owned, LIVE_BUS_NAME ".Qube", G_VARIANT_TYPE_VARDICT);
      const char *class = NULL, *state = NULL, *name = NULL;

      if (qube == NULL || chosen->names->len == count || !g_variant_lookup (qube, "Class", "&s", &class)
          || !g_variant_lookup (qube, "State", "&s", &state) || !g_variant_lookup (qube, "Name", "&s", &name)
          || !g_str_equal (class, "AppVM") || !g_str_equal (state, "halted"))
        continue;
      g_ptr_array_add (chosen->names, g_strdup (name));
      g_ptr_array_add (chosen->paths, g_strdup (path));
    }
  return chosen->names->len == count;
}

typedef struct
{
  guint n_waiting;
  guint n_applied;
  GError *error;
} LiveAnswers;

static void
on_set (GObject *bus, GAsyncResult *result, gpointer data)
{
  LiveAnswers *answers = data;
  g_autoptr (GVariant) reply = g_dbus_connection_call_finish (G_DBUS_CONNECTION (bus), result,
                                                              answers->error == NULL ? &answers->error : NULL);
  gboolean applied = FALSE;

  if (reply != NULL)
    g_variant_get (reply, "(b)", &applied);
  answers->n_applied += applied;
  answers->n_waiting--;
}

/* @at_once: how many calls are under way. */
static gboolean
set_all (
    LiveWorld *world, const LiveChosen *chosen, const char *policy, guint at_once, double *milliseconds, GError **error)
{
  LiveAnswers answers = { 0 };
  gint64 begin = g_get_monotonic_time ();

  for (guint i = 0; i < chosen->paths->len && answers.error == NULL; i++)
    {
      answers.n_waiting++;
      g_dbus_connection_call (live_test_bed_get_bus (world->bed), LIVE_BUS_NAME, g_ptr_array_index (chosen->paths, i),
                              LIVE_BUS_NAME ".Qube", "SetPolicy", g_variant_new ("(s)", policy), G_VARIANT_TYPE ("(b)"),
                              G_DBUS_CALL_FLAGS_NO_AUTO_START, 600000, NULL, on_set, &answers);
      while (answers.n_waiting >= at_once)
        g_main_context_iteration (NULL, TRUE);
    }
  while (answers.n_waiting > 0)
    g_main_context_iteration (NULL, TRUE);
  *milliseconds = (double) (g_get_monotonic_time () - begin) / 1000;
  if (answers.error == NULL && answers.n_applied != chosen->paths->len)
    answers.error = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "the policy was applied to %u of %u qubes",
                                 answers.n_applied, chosen->paths->len);
  if (answers.error == NULL)
    return TRUE;
  g_propagate_error (error, answers.error);
  return FALSE;
}

/* All that changes something, in the order that each qube needs it; nothing is read. */
static GPtrArray *
list_changes (const LiveChosen *chosen, gboolean interleaved)
{
  static const char *const changes[][3] = {
    { "admin.vm.feature.Set", "live.policy", "full" },       { "admin.vm.feature.Set", "live.saved", SAVED },
    { "admin.vm.volume.Set.ephemeral", "volatile", "True" }, { "admin.vm.volume.Set.rw", "root", "False" },
    { "admin.vm.volume.Set.rw", "private", "False" },        { "admin.vm.feature.Set", "service.ephemeral-rw", "1" },
  };
  const guint n_changes = G_N_ELEMENTS (changes);
  const guint n_qubes = chosen->names->len;
  GPtrArray *requests = g_ptr_array_new_with_free_func ((GDestroyNotify) live_bare_request_free);

  for (guint i = 0; i < n_changes * n_qubes; i++)
    {
      const char *const *change = changes[interleaved ? i / n_qubes : i % n_changes];
      const char *name = g_ptr_array_index (chosen->names, interleaved ? i % n_qubes : i / n_changes);

      g_ptr_array_add (requests, live_bare_request_new (change[0], change[1], name, change[2]));
    }
  return requests;
}

static void
measure (LiveFigures *figures, LiveWorld *world, const LiveChosen *chosen, guint rounds, gboolean at_once)
{
  const char *how = at_once ? "all at once" : "one after the other";
  const guint n_qubes = chosen->names->len;
  const guint under_way = at_once ? n_qubes : 1;
  g_autofree char *call_name = g_strdup_printf ("policy full on %u halted qubes, %s", n_qubes, how);
  g_autofree char *bare_name = g_strdup_printf ("%s, the changing calls bare", call_name);
  g_autofree char *ratio_name = g_strdup_printf ("%s / bare", call_name);
  LiveFigure call = { .group = "helper",
                      .name = call_name,
                      .qubes = n_qubes,
                      .unit = "ms",
                      .statistic = LIVE_STATISTIC_MEDIAN,
                      .note = "over the bus; polkit is asked for each qube, and each is read before and after" };
  LiveFigure bare = { .group = "helper",
                      .name = bare_name,
                      .qubes = n_qubes,
                      .unit = "ms",
                      .statistic = LIVE_STATISTIC_MEDIAN,
                      .note = "six calls for each qube" };
  LiveFigure ratio = { .group = "helper",
                       .name = ratio_name,
                       .qubes = n_qubes,
                       .unit = "x",
                       .has_goal = TRUE,
                       .goal = 1.3,
                       .statistic = LIVE_STATISTIC_MEDIAN };
  g_autoptr (GPtrArray) requests = list_changes (chosen, at_once);
  g_autoptr (GArray) calls = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) bares = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GError) error = NULL;

  for (guint round = 0; round < rounds; round++)
    {
      double milliseconds = 0;

      live_world_start_helper (world, NULL);
      live_world_wait_property (world, "Synchronized", "true");
      if (!set_all (world, chosen, "full", under_way, &milliseconds, &error))
        break;
      g_array_append_val (calls, milliseconds);
      live_world_stop_helper (world);
      /* While nobody listens, and to what is set already: qubesd writes all the same. */
      if (!live_bare_loop_run (live_test_bed_get_qubesd_socket (world->bed), requests, at_once ? UNDER_WAY : 1,
                               &milliseconds, &error))
        break;
      g_array_append_val (bares, milliseconds);
      live_world_start_helper (world, NULL);
      live_world_wait_property (world, "Synchronized", "true");
      if (!set_all (world, chosen, "persistent", n_qubes, &milliseconds, &error))
        break;
      live_world_stop_helper (world);
    }
  if (error != NULL)
    {
      live_figures_skip (figures, &call, "%s", error->message);
      if (world->helper != NULL)
        live_world_stop_helper (world);
      return;
    }
  live_figures_add (figures, &call, calls);
  live_figures_add (figures, &bare, bares);
  live_figures_add_value (figures, &ratio,
                          live_statistic_of (LIVE_STATISTIC_MEDIAN, calls)
                              / live_statistic_of (LIVE_STATISTIC_MEDIAN, bares));
}

void
live_policy_bench_run (LiveFigures *figures, gboolean quick)
{
  const guint count = quick ? 20 : 100;
  g_autoptr (LiveWorld) world = live_world_new (count * 3 / 2, 0);
  LiveChosen chosen = { g_ptr_array_new_with_free_func (g_free), g_ptr_array_new_with_free_func (g_free) };
  LiveFigure figure = { .group = "helper", .name = "policy full", .qubes = count, .unit = "ms" };
  gboolean success = FALSE;

  live_world_start_helper (world, NULL);
  success = live_world_wait_property (world, "Synchronized", "true") != 0 && choose_qubes (world, &chosen, count);
  live_world_stop_helper (world);
  if (success)
    {
      measure (figures, world, &chosen, quick ? 1 : 3, FALSE);
      measure (figures, world, &chosen, quick ? 1 : 3, TRUE);
    }
  else
    live_figures_skip (figures, &figure, "there are not enough halted app qubes");
  g_ptr_array_unref (chosen.names);
  g_ptr_array_unref (chosen.paths);
}
