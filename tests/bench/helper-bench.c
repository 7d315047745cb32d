/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bench/helper-bench.h"

#include <stdlib.h>

#include <gio/gio.h>

#include "bench/bare-loop.h"
#include "bench/event-log.h"
#include "bench/process-cost.h"
#include "bench/recorder.h"
#include "bench/world.h"
#include "model/object-path.h"

#define UNDER_WAY 16
#define IDLE_SECONDS 5

/* What a call costs inside qubesd: medians in milliseconds, measured with qubesd 4.4 and 56 qubes. */
static const struct
{
  const char *method;
  double milliseconds;
  double milliseconds_per_qube;
} costs[] = {
  { "admin.vm.List", 0, 0.2 },         { "admin.vm.property.GetAll", 1.0, 0 }, { "admin.vm.property.Get", 0.27, 0 },
  { "admin.vm.volume.Info", 0.29, 0 }, { "admin.vm.feature.List", 0.27, 0 },   { "admin.vm.feature.Get", 0.27, 0 },
  { "admin.pool.Info", 0.33, 0 },
};

/* For what was not measured (admin.pool.List, …): like the other small calls. */
#define OTHER_COST 0.3

static double
get_qubesd_time (GPtrArray *requests, guint qubes)
{
  double sum = 0;

  for (guint i = 0; i < requests->len; i++)
    {
      const LiveBareRequest *request = g_ptr_array_index (requests, i);
      double cost = OTHER_COST;

      for (gsize row = 0; row < G_N_ELEMENTS (costs); row++)
        if (g_str_equal (costs[row].method, request->method))
          /* Only dom0 is asked about all of them. */
          cost = costs[row].milliseconds
                 + costs[row].milliseconds_per_qube * (g_str_equal (request->destination, "dom0") ? qubes : 1);
      sum += cost;
    }
  return sum;
}

static GArray *
new_samples (void)
{
  return g_array_new (FALSE, FALSE, sizeof (double));
}

static void
add_sample (GArray *samples, gint64 from, gint64 to)
{
  double milliseconds = (double)(to - from) / 1000;

  g_array_append_val (samples, milliseconds);
}

/* What the helper asks from its start until it has read everything; NULL when it never does. */
static GPtrArray *
record_start (LiveWorld *world)
{
  g_autofree char *path = g_build_filename (live_test_bed_get_directory (world->bed), "recorder.sock", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (LiveRecorder) recorder = live_recorder_new (path, live_test_bed_get_qubesd_socket (world->bed), &error);
  gint64 when = 0;

  if (recorder == NULL)
    g_error ("The recorder cannot listen: %s", error->message);
  live_world_start_helper (world, path);
  when = live_world_wait_property (world, "Synchronized", "true");
  live_world_stop_helper (world);
  return when != 0 ? live_recorder_take (recorder) : NULL;
}

static void
measure_memory (LiveFigures *figures, LiveWorld *world, guint qubes)
{
  LiveFigure memory = { .group = "helper",
                        .name = "PSS",
                        .qubes = qubes,
                        .unit = "MB",
                        .has_goal = qubes == 100,
                        .goal = 8,
                        .statistic = LIVE_STATISTIC_MEDIAN };
  LiveFigure wakeups = { .group = "helper",
                         .name = "wake-ups in 5 idle seconds",
                         .qubes = qubes,
                         .unit = "",
                         .has_goal = TRUE,
                         .goal = 0,
                         .statistic = LIVE_STATISTIC_MEDIAN,
                         .note = "context switches; by hand, for longer: timeout 60 strace -f -p $(pgrep -o qubes-live-help)" };
  pid_t pid = atoi (g_subprocess_get_identifier (world->helper));
  g_autoptr (GError) error = NULL;
  LiveMemory cost = { 0 };
  guint64 before = 0, after = 0;

  /* What follows the first reading has to be over: this is about rest. */
  g_usleep (G_USEC_PER_SEC);
  if (live_process_get_memory (pid, &cost, &error))
    live_figures_add_value (figures, &memory, cost.pss);
  else
    live_figures_skip (figures, &memory, "%s", error->message);
  if (qubes != 100)
    return;
  g_clear_error (&error);
  if (live_process_get_wakeups (pid, &before, &error) && (g_usleep (IDLE_SECONDS * G_USEC_PER_SEC), TRUE)
      && live_process_get_wakeups (pid, &after, &error))
    live_figures_add_value (figures, &wakeups, (double)(after - before));
  else
    live_figures_skip (figures, &wakeups, "%s", error->message);
}

/* `METHOD N, …` */
static char *
describe_methods (GPtrArray *requests)
{
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GList) methods = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < requests->len; i++)
    {
      char *method = ((LiveBareRequest *)g_ptr_array_index (requests, i))->method;
      guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, method));

      g_hash_table_insert (counts, method, GUINT_TO_POINTER (count + 1));
    }
  methods = g_list_sort (g_hash_table_get_keys (counts), (GCompareFunc)g_strcmp0);
  for (GList *at = methods; at != NULL; at = at->next)
    g_string_append_printf (text, "%s%s %u", at == methods ? "" : ", ", (const char *)at->data,
                            GPOINTER_TO_UINT (g_hash_table_lookup (counts, at->data)));
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static void
add_requests (LiveFigures *figures, GPtrArray *requests, guint qubes)
{
  g_autofree char *methods = describe_methods (requests);
  g_autoptr (GPtrArray) own = g_ptr_array_new ();
  LiveFigure count = { .group = "helper",
                       .name = "requests for each qube at the start",
                       .qubes = qubes,
                       .unit = "",
                       .has_goal = TRUE,
                       .goal = 5,
                       .statistic = LIVE_STATISTIC_MEDIAN,
                       .note = methods };
  LiveFigure time = { .group = "helper",
                      .name = "qubesd's own time for each qube at the start",
                      .qubes = qubes,
                      .unit = "ms",
                      .has_goal = TRUE,
                      .goal = 1.5,
                      .statistic = LIVE_STATISTIC_MEDIAN,
                      .note = "calculated from the methods and the costs measured in qubesd" };
  LiveFigure all = { .group = "helper",
                     .name = "all requests, divided by the qubes",
                     .qubes = qubes,
                     .unit = "",
                     .statistic = LIVE_STATISTIC_MEDIAN,
                     .note = "with the one list of all qubes, the events and the pools" };
  LiveFigure all_time = { .group = "helper",
                          .name = "qubesd's own time for all, divided by the qubes",
                          .qubes = qubes,
                          .unit = "ms",
                          .statistic = LIVE_STATISTIC_MEDIAN,
                          .note = "the one list costs 0.2 ms for each qube in it, whoever asks" };

  for (guint i = 0; i < requests->len; i++)
    {
      LiveBareRequest *request = g_ptr_array_index (requests, i);

      /* What is asked of one qube; the rest is asked of dom0, once. */
      if (!g_str_equal (request->destination, "dom0"))
        g_ptr_array_add (own, request);
    }
  live_figures_add_value (figures, &count, (double)own->len / qubes);
  live_figures_add_value (figures, &time, get_qubesd_time (own, qubes) / qubes);
  live_figures_add_value (figures, &all, (double)requests->len / qubes);
  live_figures_add_value (figures, &all_time, get_qubesd_time (requests, qubes) / qubes);
}

static void
measure_start (LiveFigures *figures, guint qubes, guint rounds)
{
  LiveFigure start = { .group = "helper",
                       .name = "exec to all objects exported",
                       .qubes = qubes,
                       .unit = "ms",
                       .statistic = LIVE_STATISTIC_MEDIAN };
  LiveFigure floor = { .group = "helper",
                       .name = "floor: the same requests, bare loop",
                       .qubes = qubes,
                       .unit = "ms",
                       .statistic = LIVE_STATISTIC_MEDIAN };
  LiveFigure ratio = { .group = "helper",
                       .name = "exported / floor",
                       .qubes = qubes,
                       .unit = "x",
                       .has_goal = TRUE,
                       .goal = 1.3,
                       .statistic = LIVE_STATISTIC_MEDIAN,
                       .note = "the start of the process, some 10 ms, is in the one and not in the other" };
  g_autoptr (LiveWorld) world = live_world_new (qubes, MIN (qubes / 3, 8));
  g_autoptr (GPtrArray) requests = record_start (world);
  g_autoptr (GArray) starts = new_samples ();
  g_autoptr (GArray) floors = new_samples ();

  if (requests == NULL)
    {
      live_figures_skip (figures, &start, "the helper did not become synchronized within a minute");
      return;
    }
  /* In turns: whatever else the machine does meets both. */
  for (guint round = 0; round < rounds; round++)
    {
      g_autoptr (GError) error = NULL;
      double milliseconds = 0;
      gint64 begin = 0, end = 0;

      if (!live_bare_loop_run (live_test_bed_get_qubesd_socket (world->bed), requests, UNDER_WAY, &milliseconds,
                               &error))
        {
          live_figures_skip (figures, &floor, "%s", error->message);
          return;
        }
      g_array_append_val (floors, milliseconds);

      begin = live_world_start_helper (world, NULL);
      end = live_world_wait_property (world, "Synchronized", "true");
      if (end != 0)
        add_sample (starts, begin, end);
      live_world_stop_helper (world);
    }
  live_figures_add (figures, &start, starts);
  live_figures_add (figures, &floor, floors);
  if (starts->len > 0)
    live_figures_add_value (figures, &ratio,
                            live_statistic_of (LIVE_STATISTIC_MEDIAN, starts)
                                / live_statistic_of (LIVE_STATISTIC_MEDIAN, floors));
  add_requests (figures, requests, qubes);

  live_world_start_helper (world, NULL);
  if (live_world_wait_property (world, "Synchronized", "true") != 0)
    measure_memory (figures, world, qubes);
  live_world_stop_helper (world);
}

static void
measure_indicator (LiveFigures *figures, guint qubes, guint rounds)
{
  LiveFigure figure
      = { .group = "helper",
          .name = "exec to indicator right, 8 running",
          .qubes = qubes,
          .unit = "ms",
          .has_goal = TRUE,
          .goal = 150,
          .statistic = LIVE_STATISTIC_MEDIAN,
          .note = "the goal is from the connection to qubesd on; this is from exec on, so more than that" };
  g_autoptr (LiveWorld) world = live_world_new (qubes, 8);
  g_autoptr (GArray) samples = new_samples ();

  for (guint round = 0; round < rounds; round++)
    {
      gint64 begin = live_world_start_helper (world, NULL);
      gint64 end = live_world_wait_property (world, "Indicator", "'persistent'");

      if (end != 0)
        add_sample (samples, begin, end);
      live_world_stop_helper (world);
    }
  live_figures_add (figures, &figure, samples);
}

/* A change from outside and back: what is told to the simulated dom0, which event that makes, and what the property
 * becomes. The qube's name stands for NAME. */
typedef struct
{
  const char *what;
  const char *state; /* of the qube that it is done to */
  const char *property;
  const char *commands[2];
  const char *events[2];
  const char *values[2];
} LiveOutsideChange;

static const LiveOutsideChange outside_changes[] = {
  { "label",
    "halted",
    "Label",
    { "label NAME blue", "label NAME green" },
    { "property-set:label", "property-set:label" },
    { "'blue'", "'green'" } },
  { "state",
    "halted",
    "State",
    { "start NAME", "shutdown NAME" },
    { "domain-start", "domain-shutdown" },
    { "'running'", "'halted'" } },
  /* On a running qube, where it waits: on a halted one qubesd would be busy with carrying out the last change. */
  { "policy feature",
    "running",
    "Policy",
    { "feature NAME live.policy root", "feature NAME live.policy persistent" },
    { "domain-feature-set:live.policy", "domain-feature-set:live.policy" },
    { "'root'", "'persistent'" } },
};

static void
send_command (LiveWorld *world, const char *command, const char *name)
{
  g_autoptr (GString) text = g_string_new (command);

  g_string_replace (text, "NAME", name, 0);
  g_free (live_test_bed_control (world->bed, "%s", text->str));
}

static void
measure_event (LiveFigures *figures, LiveWorld *world, guint qubes, guint rounds, const LiveOutsideChange *change)
{
  g_autofree char *event_name = g_strdup_printf ("%s: event to PropertiesChanged", change->what);
  g_autofree char *command_name = g_strdup_printf ("%s: command to PropertiesChanged", change->what);
  LiveFigure from_event = { .group = "helper",
                            .name = event_name,
                            .qubes = qubes,
                            .unit = "ms",
                            .has_goal = TRUE,
                            .goal = 5,
                            .statistic = LIVE_STATISTIC_P99 };
  LiveFigure from_command = { .group = "helper",
                              .name = command_name,
                              .qubes = qubes,
                              .unit = "ms",
                              .statistic = LIVE_STATISTIC_P99,
                              .note = "from the command to the simulated dom0, with what that takes to obey it" };
  g_autoptr (LiveEventLog) log = live_event_log_new (live_test_bed_get_qubesd_socket (world->bed));
  g_autoptr (GArray) event_samples = new_samples ();
  g_autoptr (GArray) command_samples = new_samples ();
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;

  if (!live_world_find_qube (world, change->state, &name, &path))
    {
      live_figures_skip (figures, &from_event, "there is no %s app qube", change->state);
      return;
    }
  /* To the second side first, which it may be on already: then there is no signal, and that is not measured. */
  for (guint round = 0; round <= rounds; round++)
    {
      guint side = (round + 1) % 2;
      LiveWatcherMatch match = LIVE_WATCHER_PROPERTY (path, change->property, change->values[side]);
      gint64 begin = 0, event = 0, end = 0;

      live_watcher_forget (world->watcher);
      live_event_log_forget (log);
      begin = g_get_monotonic_time ();
      send_command (world, change->commands[side], name);
      if (!live_watcher_wait (world->watcher, &match, round == 0 ? 1 : 5, &end) && round > 0)
        {
          live_figures_skip (figures, &from_event, "no signal within 5 seconds after “%s”", change->commands[side]);
          return;
        }
      if (round == 0 || !live_event_log_wait (log, change->events[side], 5, &event))
        continue;
      add_sample (event_samples, event, end);
      add_sample (command_samples, begin, end);
      /* The helper may still be at work on it: the next change is one of its own. */
      g_usleep (5000);
    }
  live_figures_add (figures, &from_event, event_samples);
  live_figures_add (figures, &from_command, command_samples);
}

static gboolean
toggle (LiveWorld *world, const char *path, gboolean writable, double *milliseconds, GError **error)
{
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      live_test_bed_get_bus (world->bed), LIVE_BUS_NAME, path, LIVE_BUS_NAME ".Qube", "SetVolumeWritable",
      g_variant_new ("(sb)", "root", writable), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, error);

  *milliseconds = (double)(g_get_monotonic_time () - begin) / 1000;
  return reply != NULL;
}

static gboolean
set_policy (LiveWorld *world, const char *path, gboolean persistent, double *milliseconds, GError **error)
{
  gint64 begin = g_get_monotonic_time ();
  g_autoptr (GVariant) reply = g_dbus_connection_call_sync (
      live_test_bed_get_bus (world->bed), LIVE_BUS_NAME, path, LIVE_BUS_NAME ".Qube", "SetPolicy",
      g_variant_new ("(s)", persistent ? "persistent" : "root"), NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, error);

  *milliseconds = (double)(g_get_monotonic_time () - begin) / 1000;
  return reply != NULL;
}

typedef gboolean (*LiveChange) (LiveWorld *world, const char *path, gboolean on, double *milliseconds, GError **error);

/* The requests that the helper makes for @change, to either side, for the bare loop. */
static gboolean
record_change (LiveWorld *world, const char *path, LiveChange change, GPtrArray *requests[2], GError **error)
{
  g_autofree char *socket = g_build_filename (live_test_bed_get_directory (world->bed), "recorder.sock", NULL);
  g_autoptr (LiveRecorder) recorder = live_recorder_new (socket, live_test_bed_get_qubesd_socket (world->bed), error);
  gboolean success = recorder != NULL;
  double milliseconds = 0;

  if (!success)
    return FALSE;
  live_world_start_helper (world, socket);
  live_world_wait_property (world, "Synchronized", "true");
  for (guint side = 0; side < 2 && success; side++)
    {
      /* What the start and the other side asked is not part of it. */
      g_ptr_array_unref (live_recorder_take (recorder));
      success = change (world, path, side == 1, &milliseconds, error);
      requests[side] = live_recorder_take (recorder);
    }
  live_world_stop_helper (world);
  return success;
}

static void
measure_change (LiveFigures *figures, LiveWorld *world, guint qubes, guint rounds, const char *what, LiveChange change)
{
  g_autofree char *call_name = g_strdup_printf ("%s over the bus", what);
  g_autofree char *bare_name = g_strdup_printf ("%s, the same calls bare", what);
  g_autofree char *beyond_name = g_strdup_printf ("%s, beyond the bare calls", what);
  LiveFigure call
      = { .group = "helper", .name = call_name, .qubes = qubes, .unit = "ms", .statistic = LIVE_STATISTIC_MEDIAN };
  LiveFigure bare
      = { .group = "helper", .name = bare_name, .qubes = qubes, .unit = "ms", .statistic = LIVE_STATISTIC_MEDIAN };
  LiveFigure beyond = { .group = "helper",
                        .name = beyond_name,
                        .qubes = qubes,
                        .unit = "ms",
                        .has_goal = TRUE,
                        .goal = 2,
                        .statistic = LIVE_STATISTIC_MEDIAN,
                        .note = "difference of the medians; polkit is asked each time" };
  g_autoptr (GArray) calls = new_samples ();
  g_autoptr (GArray) bares = new_samples ();
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  g_autofree char *path = NULL;
  GPtrArray *requests[2] = { NULL, NULL };
  double milliseconds = 0;
  gboolean success = FALSE;

  live_world_start_helper (world, NULL);
  success = live_world_wait_property (world, "Synchronized", "true") != 0
            && live_world_find_qube (world, "halted", &name, &path);
  live_world_stop_helper (world);
  if (!success || !record_change (world, path, change, requests, &error))
    {
      live_figures_skip (figures, &call, "%s", error != NULL ? error->message : "there is no halted app qube");
      g_clear_pointer (&requests[0], g_ptr_array_unref);
      g_clear_pointer (&requests[1], g_ptr_array_unref);
      return;
    }

  live_world_start_helper (world, NULL);
  live_world_wait_property (world, "Synchronized", "true");
  for (guint round = 0; round < rounds && success; round++)
    {
      /* The bare calls come second, to the side that is set already: qubesd writes all the same. */
      success = change (world, path, round % 2 == 1, &milliseconds, &error);
      if (success)
        g_array_append_val (calls, milliseconds);
      success = success
                && live_bare_loop_run (live_test_bed_get_qubesd_socket (world->bed), requests[round % 2], 1,
                                       &milliseconds, &error);
      if (success)
        g_array_append_val (bares, milliseconds);
    }
  live_world_stop_helper (world);
  g_ptr_array_unref (requests[0]);
  g_ptr_array_unref (requests[1]);
  if (!success)
    {
      live_figures_skip (figures, &call, "%s", error->message);
      return;
    }
  live_figures_add (figures, &call, calls);
  live_figures_add (figures, &bare, bares);
  live_figures_add_value (figures, &beyond,
                          live_statistic_of (LIVE_STATISTIC_MEDIAN, calls)
                              - live_statistic_of (LIVE_STATISTIC_MEDIAN, bares));
}

/* What asking polkit takes by itself, to tell it from what the helper does. */
static void
measure_polkit (LiveFigures *figures, LiveWorld *world, guint rounds)
{
  LiveFigure figure = { .group = "helper",
                        .name = "polkit's own answer",
                        .unit = "ms",
                        .statistic = LIVE_STATISTIC_MEDIAN,
                        .note = "part of each change over the bus: one CheckAuthorization" };
  GDBusConnection *bus = live_test_bed_get_bus (world->bed);
  g_autoptr (GArray) samples = new_samples ();

  for (guint round = 0; round < rounds; round++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (GVariant) reply = NULL;
      GVariantBuilder subject;
      gint64 begin = g_get_monotonic_time ();

      g_variant_builder_init (&subject, G_VARIANT_TYPE_VARDICT);
      g_variant_builder_add (&subject, "{sv}", "name", g_variant_new_string (g_dbus_connection_get_unique_name (bus)));
      reply = g_dbus_connection_call_sync (
          bus, "org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
          "org.freedesktop.PolicyKit1.Authority", "CheckAuthorization",
          g_variant_new ("((sa{sv})sa{ss}us)", "system-bus-name", &subject, "org.qubes.Live1.set-policy", NULL, 0, ""),
          G_VARIANT_TYPE ("((bba{ss}))"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
      if (reply == NULL)
        {
          live_figures_skip (figures, &figure, "%s", error->message);
          return;
        }
      add_sample (samples, begin, g_get_monotonic_time ());
    }
  live_figures_add (figures, &figure, samples);
}

static void
measure_changes (LiveFigures *figures, guint qubes, guint rounds)
{
  g_autoptr (LiveWorld) world = live_world_new (qubes, 8);

  live_world_start_helper (world, NULL);
  if (live_world_wait_property (world, "Synchronized", "true") != 0)
    for (gsize i = 0; i < G_N_ELEMENTS (outside_changes); i++)
      measure_event (figures, world, qubes, rounds, &outside_changes[i]);
  live_world_stop_helper (world);
  measure_change (figures, world, qubes, rounds, "SetVolumeWritable", toggle);
  measure_change (figures, world, qubes, rounds, "SetPolicy", set_policy);
  measure_polkit (figures, world, rounds);
}

void
live_helper_bench_run (LiveFigures *figures, gboolean quick)
{
  static const guint sizes[] = { 12, 100, 300, 1000 };

  for (gsize i = 0; i < (quick ? 2 : G_N_ELEMENTS (sizes)); i++)
    measure_start (figures, sizes[i], quick ? 3 : 11);
  measure_indicator (figures, quick ? 100 : 300, quick ? 3 : 11);
  measure_changes (figures, quick ? 100 : 300, quick ? 20 : 300);
}
