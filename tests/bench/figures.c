/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bench/figures.h"

#include <json-glib/json-glib.h>

typedef struct
{
  char *group;
  char *name;
  guint qubes;
  char *unit;
  LiveStatistic statistic;
  gboolean has_goal;
  double goal;
  char *note;
  char *skipped;
  GArray *samples; /* of double, sorted; NULL when skipped */
} LiveRow;

struct _LiveFigures
{
  GPtrArray *rows; /* of LiveRow */
};

static const char *const statistic_names[] = {
  [LIVE_STATISTIC_MIN] = "min",
  [LIVE_STATISTIC_MEDIAN] = "median",
  [LIVE_STATISTIC_P99] = "p99",
  [LIVE_STATISTIC_MAX] = "max",
};

static void
free_row (gpointer data)
{
  LiveRow *row = data;

  g_free (row->group);
  g_free (row->name);
  g_free (row->unit);
  g_free (row->note);
  g_free (row->skipped);
  g_clear_pointer (&row->samples, g_array_unref);
  g_free (row);
}

LiveFigures *
live_figures_new (void)
{
  LiveFigures *figures = g_new0 (LiveFigures, 1);

  figures->rows = g_ptr_array_new_with_free_func (free_row);
  return figures;
}

void
live_figures_free (LiveFigures *figures)
{
  if (figures == NULL)
    return;
  g_ptr_array_unref (figures->rows);
  g_free (figures);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  const double *left = a, *right = b;

  return (*left > *right) - (*left < *right);
}

void
live_samples_sort (GArray *samples)
{
  g_array_sort (samples, compare_doubles);
}

double
live_statistic_of (LiveStatistic statistic, GArray *sorted)
{
  guint n = sorted->len;
  guint at = 0;

  g_return_val_if_fail (n > 0, 0);

  switch (statistic)
    {
    case LIVE_STATISTIC_MIN:
      at = 0;
      break;
    case LIVE_STATISTIC_MEDIAN:
      at = (n - 1) / 2;
      break;
    case LIVE_STATISTIC_P99:
      at = (n * 99 + 99) / 100 - 1;
      break;
    case LIVE_STATISTIC_MAX:
    default:
      at = n - 1;
      break;
    }
  return g_array_index (sorted, double, at);
}

static LiveRow *
add_row (LiveFigures *figures, const LiveFigure *figure)
{
  LiveRow *row = g_new0 (LiveRow, 1);

  row->group = g_strdup (figure->group);
  row->name = g_strdup (figure->name);
  row->qubes = figure->qubes;
  row->unit = g_strdup (figure->unit);
  row->statistic = figure->statistic;
  row->has_goal = figure->has_goal;
  row->goal = figure->goal;
  row->note = g_strdup (figure->note);
  g_ptr_array_add (figures->rows, row);
  return row;
}

void
live_figures_add (LiveFigures *figures, const LiveFigure *figure, GArray *samples)
{
  if (samples->len == 0)
    {
      live_figures_skip (figures, figure, "no sample was taken");
      return;
    }
  live_samples_sort (samples);
  add_row (figures, figure)->samples = g_array_ref (samples);
}

void
live_figures_add_value (LiveFigures *figures, const LiveFigure *figure, double value)
{
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (double));

  g_array_append_val (samples, value);
  live_figures_add (figures, figure, samples);
}

void
live_figures_skip (LiveFigures *figures, const LiveFigure *figure, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  add_row (figures, figure)->skipped = g_strdup_vprintf (format, arguments);
  va_end (arguments);
}

static gboolean
row_is_met (const LiveRow *row)
{
  return live_statistic_of (row->statistic, row->samples) <= row->goal;
}

static void
print_row (const LiveRow *row)
{
  g_autofree char *name = NULL;
  g_autofree char *goal = NULL;

  name = row->qubes > 0 ? g_strdup_printf ("%s, %u qubes", row->name, row->qubes) : g_strdup (row->name);
  if (row->has_goal)
    goal = g_strdup_printf ("%s <= %g", statistic_names[row->statistic], row->goal);

  if (row->skipped != NULL)
    {
      g_print ("  %-58s %-9s not measured: %s\n", name, row->unit, row->skipped);
      return;
    }
  g_print ("  %-58s %-9s %9.2f %9.2f %9.2f %6u  %-15s %s\n", name, row->unit,
           live_statistic_of (LIVE_STATISTIC_MIN, row->samples),
           live_statistic_of (LIVE_STATISTIC_MEDIAN, row->samples),
           live_statistic_of (LIVE_STATISTIC_P99, row->samples), row->samples->len, row->has_goal ? goal : "-",
           !row->has_goal     ? ""
           : row_is_met (row) ? "met"
                              : "MISSED");
  if (row->note != NULL)
    g_print ("      %s\n", row->note);
}

void
live_figures_print (LiveFigures *figures)
{
  const char *group = NULL;

  for (guint i = 0; i < figures->rows->len; i++)
    {
      const LiveRow *row = g_ptr_array_index (figures->rows, i);

      if (g_strcmp0 (group, row->group) != 0)
        {
          group = row->group;
          g_print ("%s%s\n  %-58s %-9s %9s %9s %9s %6s  %-15s\n", i > 0 ? "\n" : "", group, "", "unit", "min", "median",
                   "p99", "n", "goal");
        }
      print_row (row);
    }
}

static void
add_number (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, value);
}

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
build_row (JsonBuilder *builder, const LiveRow *row)
{
  json_builder_begin_object (builder);
  add_string (builder, "group", row->group);
  add_string (builder, "name", row->name);
  json_builder_set_member_name (builder, "qubes");
  json_builder_add_int_value (builder, row->qubes);
  add_string (builder, "unit", row->unit);
  json_builder_set_member_name (builder, "samples");
  json_builder_add_int_value (builder, row->samples != NULL ? row->samples->len : 0);
  if (row->samples != NULL)
    for (LiveStatistic statistic = LIVE_STATISTIC_MIN; statistic <= LIVE_STATISTIC_MAX; statistic++)
      add_number (builder, statistic_names[statistic], live_statistic_of (statistic, row->samples));
  if (row->has_goal)
    {
      add_number (builder, "goal", row->goal);
      add_string (builder, "goal_statistic", statistic_names[row->statistic]);
    }
  json_builder_set_member_name (builder, "met");
  if (row->has_goal && row->samples != NULL)
    json_builder_add_boolean_value (builder, row_is_met (row));
  else
    json_builder_add_null_value (builder);
  add_string (builder, "note", row->note);
  add_string (builder, "skipped", row->skipped);
  json_builder_end_object (builder);
}

gboolean
live_figures_write (LiveFigures *figures, const char *path, GError **error)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "rows");
  json_builder_begin_array (builder);
  for (guint i = 0; i < figures->rows->len; i++)
    build_row (builder, g_ptr_array_index (figures->rows, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);

  root = json_builder_get_root (builder);
  json_generator_set_root (generator, root);
  json_generator_set_pretty (generator, TRUE);
  return json_generator_to_file (generator, path, error);
}

guint
live_figures_count_missed (LiveFigures *figures)
{
  guint missed = 0;

  for (guint i = 0; i < figures->rows->len; i++)
    {
      const LiveRow *row = g_ptr_array_index (figures->rows, i);

      if (row->has_goal && row->samples != NULL && !row_is_met (row))
        missed++;
    }
  return missed;
}

guint
live_figures_count_skipped (LiveFigures *figures)
{
  guint skipped = 0;

  for (guint i = 0; i < figures->rows->len; i++)
    {
      const LiveRow *row = g_ptr_array_index (figures->rows, i);

      if (row->skipped != NULL)
        skipped++;
    }
  return skipped;
}
