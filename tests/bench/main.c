/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <stdlib.h>

#include <gio/gio.h>
#include <glib/gstdio.h>

#include "bench/applet-bench.h"
#include "bench/figures.h"
#include "bench/helper-bench.h"
#include "bench/policy-bench.h"
#include "bench/verification-bench.h"
#include "test-bed.h"

int
main (int argc, char **argv)
{
  g_autofree char *output = NULL;
  g_autofree char *only = NULL;
  gboolean quick = FALSE;
  const GOptionEntry entries[] = {
    { "output", 0, 0, G_OPTION_ARG_FILENAME, &output, "Where to put results.json (" LIVE_BENCH_OUTPUT ")", "DIR" },
    { "only", 0, 0, G_OPTION_ARG_STRING, &only, "Measure only a part; policy is part of the helper",
      "helper|policy|applet" },
    { "quick", 0, 0, G_OPTION_ARG_NONE, &quick, "Few samples, to see that it works", NULL },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context = NULL;
  g_autoptr (LiveFigures) figures = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *path = NULL;

  /* Before there is any thread. */
  if (!live_test_bed_init ())
    {
      g_printerr ("The benchmark needs root: it runs the real polkitd in a mount namespace of its own.\n");
      return EXIT_FAILURE;
    }
  context = g_option_context_new (NULL);
  g_option_context_set_summary (context, "Measures Qubes Live against the simulated dom0.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("%s\n", error->message);
      return 2;
    }
  if (only != NULL && !g_str_equal (only, "helper") && !g_str_equal (only, "policy") && !g_str_equal (only, "applet"))
    {
      g_printerr ("--only is “helper”, “policy” or “applet”, not “%s”\n", only);
      return 2;
    }

  figures = live_figures_new ();
  if (only == NULL || g_str_equal (only, "helper"))
    {
      live_helper_bench_run (figures, quick);
      live_verification_bench_run (figures, quick);
    }
  if (only == NULL || !g_str_equal (only, "applet"))
    live_policy_bench_run (figures, quick);
  if (only == NULL || g_str_equal (only, "applet"))
    live_applet_bench_run (figures, quick);

  live_figures_print (figures);
  path = g_build_filename (output != NULL ? output : LIVE_BENCH_OUTPUT, "results.json", NULL);
  if (g_mkdir_with_parents (output != NULL ? output : LIVE_BENCH_OUTPUT, 0777) != 0
      || !live_figures_write (figures, path, &error))
    {
      g_printerr ("%s cannot be written: %s\n", path, error != NULL ? error->message : g_strerror (errno));
      return EXIT_FAILURE;
    }
  g_print ("\n%u goals missed, %u figures not measured. Written to %s\n", live_figures_count_missed (figures),
           live_figures_count_skipped (figures), path);
  /* A goal that is missed is a result, not a failure of the benchmark. */
  return EXIT_SUCCESS;
}
