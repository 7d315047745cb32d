/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "pointer.h"

#include "child.h"

#include <string.h>

#define XDOTOOL "/usr/bin/xdotool"

gboolean
live_test_pointer_move (LiveTestDisplay *display, int x, int y, GError **error)
{
  g_autofree char *column = g_strdup_printf ("%d", x);
  g_autofree char *row = g_strdup_printf ("%d", y);
  const char *argv[] = { XDOTOOL, "mousemove", column, row, NULL };

  return live_test_child_run (argv, live_test_display_get_environment (display), NULL, error);
}

gboolean
live_test_pointer_click (LiveTestDisplay *display, int x, int y, int button, GError **error)
{
  g_autofree char *column = g_strdup_printf ("%d", x);
  g_autofree char *row = g_strdup_printf ("%d", y);
  g_autofree char *number = g_strdup_printf ("%d", button);
  const char *argv[] = { XDOTOOL, "mousemove", column, row, "click", number, NULL };

  return live_test_child_run (argv, live_test_display_get_environment (display), NULL, error);
}

gboolean
live_test_keyboard_press (LiveTestDisplay *display, const char *key, GError **error)
{
  const char *argv[] = { XDOTOOL, "key", key, NULL };

  return live_test_child_run (argv, live_test_display_get_environment (display), NULL, error);
}

static gboolean
take_number (const char *line, const char *name, int *value)
{
  gint64 number;

  if (!g_str_has_prefix (line, name)
      || !g_ascii_string_to_signed (line + strlen (name), 10, G_MININT, G_MAXINT, &number, NULL))
    return FALSE;
  *value = (int)number;
  return TRUE;
}

GArray *
live_test_windows_find (LiveTestDisplay *display, const char *class_pattern, int maximum_depth, GError **error)
{
  g_autofree char *depth = g_strdup_printf ("%d", maximum_depth);
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GArray) windows = g_array_new (FALSE, FALSE, sizeof (LiveTestArea));
  g_autoptr (GBytes) output = NULL;
  g_autoptr (GError) local_error = NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  LiveTestArea area = { 0 };

  g_ptr_array_add (argv, (gpointer)XDOTOOL);
  g_ptr_array_add (argv, (gpointer) "search");
  g_ptr_array_add (argv, (gpointer) "--onlyvisible");
  if (maximum_depth > 0)
    {
      g_ptr_array_add (argv, (gpointer) "--maxdepth");
      g_ptr_array_add (argv, depth);
    }
  g_ptr_array_add (argv, (gpointer) "--class");
  g_ptr_array_add (argv, (gpointer)class_pattern);
  g_ptr_array_add (argv, (gpointer) "getwindowgeometry");
  g_ptr_array_add (argv, (gpointer) "--shell");
  g_ptr_array_add (argv, (gpointer) "%@");
  g_ptr_array_add (argv, NULL);
  if (!live_test_child_run ((const char *const *)argv->pdata, live_test_display_get_environment (display), &output,
                            &local_error))
    {
      /* Found nothing: it exits with 1 and is silent. A window went away between its two commands: BadWindow. */
      if (g_error_matches (local_error, G_SPAWN_EXIT_ERROR, 1)
          && (g_str_has_suffix (local_error->message, "exited with 1")
              || strstr (local_error->message, "BadWindow") != NULL))
        return g_steal_pointer (&windows);
      g_propagate_error (error, g_steal_pointer (&local_error));
      return NULL;
    }
  text = g_strndup (g_bytes_get_data (output, NULL), g_bytes_get_size (output));
  lines = g_strsplit (text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      take_number (lines[i], "X=", &area.x);
      take_number (lines[i], "Y=", &area.y);
      take_number (lines[i], "WIDTH=", &area.width);
      if (take_number (lines[i], "HEIGHT=", &area.height))
        g_array_append_val (windows, area);
    }
  return g_steal_pointer (&windows);
}
