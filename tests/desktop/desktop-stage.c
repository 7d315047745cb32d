/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "desktop-stage.h"

#include "support/desktop-config.h"
#include "support/namespace.h"
#include "support/pointer.h"
#include "support/process.h"

#include <signal.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define STOP_SECONDS 10.0
#define WAIT_SECONDS 20.0

/* A window of a program is inside the frame that the window manager gives it. */
#define FRAMED 2

/* Of the middle of a notification's last button, in XFCE. */
#define BUTTON_FROM_RIGHT 57
#define BUTTON_FROM_BOTTOM 31

const char live_test_stage_permissive_rules[]
    = "polkit.addRule (function (action, subject) {\n"
      "  if (action.id.indexOf ('org.qubes.Live1.') == 0 && subject.user == 'live-test-user')\n"
      "    return polkit.Result.YES;\n"
      "});\n";

void
live_test_stage_set_up (LiveTestStage *stage, const LiveTestBedOptions *options, LiveTestTheme theme)
{
  g_auto (GStrv) environment = NULL;
  g_autoptr (GError) error = NULL;

  stage->bed = live_test_bed_new (options);
  environment = live_test_bed_get_environment (stage->bed);
  stage->desktop = live_test_desktop_new (live_test_bed_get_directory (stage->bed), (const char *const *) environment,
                                          theme, &error);
  g_assert_no_error (error);
}

/* The desktop belongs to root, as everything of the tests does; its user gets a home of their own, and a key. */
static char **
make_user_environment (LiveTestStage *stage)
{
  static const char *const directories[] = { "", "config", "cache", "data", "state", "run" };
  char **environment = g_strdupv ((char **) live_test_desktop_get_environment (stage->desktop));
  g_autofree char *home = g_build_filename (live_test_bed_get_directory (stage->bed), "user", NULL);
  g_autofree char *authority = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (directories); i++)
    {
      g_autofree char *path = g_build_filename (home, directories[i], NULL);

      g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
      g_assert_cmpint (chown (path, LIVE_TEST_USER_UID, (gid_t) -1), ==, 0);
    }
  authority
      = live_test_display_copy_authority (live_test_desktop_get_display (stage->desktop), LIVE_TEST_USER_UID, &error);
  g_assert_no_error (error);
  environment = live_test_desktop_config_set_environment (home, environment);
  return g_environ_setenv (environment, "XAUTHORITY", authority, TRUE);
}

void
live_test_stage_start_applet (LiveTestStage *stage)
{
  const char *const argv[] = { QUBES_LIVE_TEST_APPLET,
                               "--icon-directory",
                               QUBES_LIVE_TEST_ICONS,
                               "--clock",
                               live_test_bed_get_clock_file (stage->bed),
                               NULL };
  g_auto (GStrv) environment = make_user_environment (stage);

  g_assert_null (stage->applet);
  stage->applet = live_test_process_spawn (argv, (const char *const *) environment, G_SUBPROCESS_FLAGS_STDOUT_SILENCE,
                                           LIVE_TEST_USER_UID, FALSE);
}

void
live_test_stage_stop_applet (LiveTestStage *stage)
{
  if (stage->applet != NULL && !live_test_process_end (stage->applet, SIGTERM, STOP_SECONDS))
    g_test_fail_printf ("the applet did not end in good order");
  g_clear_object (&stage->applet);
}

void
live_test_stage_tear_down (LiveTestStage *stage)
{
  live_test_stage_stop_applet (stage);
  g_clear_pointer (&stage->desktop, live_test_desktop_free);
  g_clear_pointer (&stage->bed, live_test_bed_free);
}

/* For live_test_wait(): a qube's row, which is its name and what is said about it, in whichever group it is. */
typedef struct
{
  LiveTestStage *stage;
  const char *prefix;
  gboolean there;
  char **path;
} RowWait;

static gboolean
row_is_as_wanted (gpointer data)
{
  RowWait *wait = data;
  g_autoptr (GPtrArray) rows = live_test_desktop_menu_rows (wait->stage->desktop, LIVE_TEST_APPLET_ID, NULL);
  const LiveTestMenuRow *row = rows != NULL ? live_test_menu_rows_find_prefix (rows, wait->prefix) : NULL;

  if (row != NULL)
    {
      g_clear_pointer (&wait->path, g_strfreev);
      wait->path = live_test_menu_rows_get_path (rows, row);
    }
  return rows != NULL && (row != NULL) == wait->there;
}

/* The labels down to that row; %NULL when none has to be there. (transfer full) (nullable) */
static char **
wait_for_row (LiveTestStage *stage, const char *prefix, gboolean there)
{
  RowWait wait = { .stage = stage, .prefix = prefix, .there = there };

  if (!live_test_wait (row_is_as_wanted, &wait, WAIT_SECONDS))
    {
      g_autoptr (GPtrArray) rows = live_test_desktop_menu_rows (stage->desktop, LIVE_TEST_APPLET_ID, NULL);
      g_autofree char *menu = rows != NULL ? live_test_menu_rows_print (rows) : NULL;

      live_test_save_screenshot (stage->desktop, "failure");
      g_error ("The row “%s” is not as it should be in the menu:\n%s", prefix, menu != NULL ? menu : "no menu at all");
    }
  if (!there)
    g_clear_pointer (&wait.path, g_strfreev);
  return wait.path;
}

char **
live_test_stage_get_path (LiveTestStage *stage, const char *qube, const char *row)
{
  g_autofree char *prefix = g_strconcat (qube, ": ", NULL);
  g_auto (GStrv) path = wait_for_row (stage, prefix, TRUE);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  g_strv_builder_addv (builder, (const char **) path);
  if (row != NULL)
    g_strv_builder_add (builder, row);
  return g_strv_builder_end (builder);
}

void
live_test_stage_assert_qube (LiveTestStage *stage, const char *name, gboolean there)
{
  g_autofree char *prefix = g_strconcat (name, ": ", NULL);
  g_auto (GStrv) path = wait_for_row (stage, prefix, there);
}

void
live_test_stage_assert_row (LiveTestStage *stage, const char *prefix)
{
  g_auto (GStrv) path = wait_for_row (stage, prefix, TRUE);
}

/* For live_test_wait(): how many windows of a program there are, and where the last one is. */
typedef struct
{
  LiveTestDesktop *desktop;
  const char *class_pattern;
  guint count;
  LiveTestArea area;
} WindowWait;

static gboolean
has_windows (gpointer data)
{
  WindowWait *wait = data;
  g_autoptr (GArray) windows
      = live_test_windows_find (live_test_desktop_get_display (wait->desktop), wait->class_pattern, FRAMED, NULL);

  if (windows != NULL && windows->len > 0)
    wait->area = g_array_index (windows, LiveTestArea, windows->len - 1);
  return windows != NULL && windows->len == wait->count;
}

void
live_test_stage_assert_windows (LiveTestStage *stage, const char *class_pattern, guint count, LiveTestArea *area)
{
  WindowWait wait = { .desktop = stage->desktop, .class_pattern = class_pattern, .count = count };

  if (!live_test_wait (has_windows, &wait, WAIT_SECONDS))
    {
      live_test_save_screenshot (stage->desktop, "failure");
      g_error ("There are not %u windows of %s", count, class_pattern);
    }
  if (area != NULL)
    *area = wait.area;
}

void
live_test_stage_press_last_button (LiveTestStage *stage)
{
  g_autoptr (GError) error = NULL;
  LiveTestArea popup = { 0 };

  live_test_stage_assert_windows (stage, LIVE_TEST_NOTIFICATION_CLASS, 1, &popup);
  /* In the lower right corner. */
  live_test_desktop_click (stage->desktop, popup.x + popup.width - BUTTON_FROM_RIGHT,
                           popup.y + popup.height - BUTTON_FROM_BOTTOM, 1, &error);
  live_test_assert_no_error (stage->desktop, error);
}
