/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * LiveFigures:
 *
 * What was measured, beside what was wanted: a table for people and JSON for comparisons.
 */
typedef struct _LiveFigures LiveFigures;

/**
 * LiveStatistic:
 * @LIVE_STATISTIC_MIN: the smallest sample
 * @LIVE_STATISTIC_MEDIAN: the middle one
 * @LIVE_STATISTIC_P99: the one that 99 of 100 are not above
 * @LIVE_STATISTIC_MAX: the largest
 *
 * Which figure of a set of samples a goal is about.
 */
typedef enum
{
  LIVE_STATISTIC_MIN,
  LIVE_STATISTIC_MEDIAN,
  LIVE_STATISTIC_P99,
  LIVE_STATISTIC_MAX,
} LiveStatistic;

/**
 * LiveFigure:
 * @group: `helper` or `applet`
 * @name: what was measured
 * @qubes: with how many qubes; 0 when that does not matter
 * @unit: `ms`, `MB`, …
 * @statistic: which of the samples is held against the goal
 * @has_goal: whether there is a goal
 * @goal: the most that is allowed, in @unit
 * @note: (nullable): how it was measured, or what it stands beside
 */
typedef struct
{
  const char *group;
  const char *name;
  guint qubes;
  const char *unit;
  LiveStatistic statistic;
  gboolean has_goal;
  double goal;
  const char *note;
} LiveFigure;

LiveFigures *live_figures_new (void);
void live_figures_free (LiveFigures *figures);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (LiveFigures, live_figures_free)

/**
 * live_figures_add:
 * @figures: the collection
 * @figure: what it is about; the strings are copied
 * @samples: (element-type double): at least one sample; sorted by the call
 *
 * Adds one row.
 */
void live_figures_add (LiveFigures *figures, const LiveFigure *figure, GArray *samples);

/* As live_figures_add(), for a single value. */
void live_figures_add_value (LiveFigures *figures, const LiveFigure *figure, double value);

/**
 * live_figures_skip:
 * @figures: the collection
 * @figure: what was to be measured
 * @format: why it was not, as printf()
 *
 * Adds a row that says that something was not measured: a hole is never shown as a goal that was met.
 */
void live_figures_skip (LiveFigures *figures, const LiveFigure *figure, const char *format, ...) G_GNUC_PRINTF (3, 4);

/**
 * live_figures_print:
 * @figures: the collection
 *
 * Prints the table on standard output.
 */
void live_figures_print (LiveFigures *figures);

/**
 * live_figures_write:
 * @figures: the collection
 * @path: file to (over)write
 * @error: return location for an error
 *
 * Writes the rows as JSON: an object with `rows`, each with `group`, `name`, `qubes`, `unit`, `samples` (their number),
 * `min`, `median`, `p99`, `max`, `goal`, `goal_statistic`, `met` (null when there is no goal or it was not measured),
 * `note` and `skipped` (why).
 *
 * Returns: %FALSE with @error set when the file could not be written
 */
gboolean live_figures_write (LiveFigures *figures, const char *path, GError **error);

/* How many goals were missed; rows that were skipped do not count. */
guint live_figures_count_missed (LiveFigures *figures);
guint live_figures_count_skipped (LiveFigures *figures);

/**
 * live_statistic_of:
 * @statistic: which one
 * @sorted: (element-type double): samples in ascending order, at least one
 *
 * Returns: the figure; the percentile is the nearest rank, never an interpolation
 */
double live_statistic_of (LiveStatistic statistic, GArray *sorted);

/* Sorts samples of type double in ascending order. */
void live_samples_sort (GArray *samples);

G_END_DECLS
