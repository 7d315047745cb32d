/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "desktop-stage.h"

#include "support/desktop-config.h"
#include "support/namespace.h"
#include "support/process.h"

#include <signal.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define STOP_SECONDS 10.0

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
  stage->desktop = live_test_desktop_new (live_test_bed_get_directory (stage->bed), (const char *const *)environment,
                                          theme, &error);
  g_assert_no_error (error);
}

/* The desktop belongs to root, as everything of the tests does; its user gets a home of their own, and a key. */
static char **
make_user_environment (LiveTestStage *stage)
{
  static const char *const directories[] = { "", "config", "cache", "data", "state", "run" };
  char **environment = g_strdupv ((char **)live_test_desktop_get_environment (stage->desktop));
  g_autofree char *home = g_build_filename (live_test_bed_get_directory (stage->bed), "user", NULL);
  g_autofree char *authority = NULL;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (directories); i++)
    {
      g_autofree char *path = g_build_filename (home, directories[i], NULL);

      g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
      g_assert_cmpint (chown (path, LIVE_TEST_USER_UID, (gid_t)-1), ==, 0);
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
  const char *const argv[] = { QUBES_LIVE_TEST_APPLET, "--icon-directory", QUBES_LIVE_TEST_ICONS, NULL };
  g_auto (GStrv) environment = make_user_environment (stage);

  g_assert_null (stage->applet);
  stage->applet = live_test_process_spawn (argv, (const char *const *)environment, G_SUBPROCESS_FLAGS_STDOUT_SILENCE,
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
