/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "stage.h"

#include "polkit-stand-in.h"
#include "support/child.h"
#include "support/test-bed.h"

#include "model/object-path.h"

#include <glib/gstdio.h>

#define START_SECONDS 20.0
#define POLL_MICROSECONDS 20000

/* Everybody who can enter the directory may use it: that is the person who runs the demo. */
static const char bus_text[] = "<busconfig>\n"
                               "  <type>custom</type>\n"
                               "  <listen>unix:path=%s/system-bus</listen>\n"
                               "  <auth>EXTERNAL</auth>\n"
                               "  <policy context=\"default\">\n"
                               "    <allow send_destination=\"*\" eavesdrop=\"true\"/>\n"
                               "    <allow eavesdrop=\"true\"/>\n"
                               "    <allow own=\"*\"/>\n"
                               "  </policy>\n"
                               "</busconfig>\n";

/* What the helper finds under its --root: a dom0 that runs from its disk. */
static const char kernel_text[] = "placeholder root=/dev/mapper/qubes_dom0-root ro rhgb quiet\n";
static const char mounts_text[] = "22 1 253:0 / / rw,relatime shared:1 - ext4 /dev/mapper/qubes_dom0-root rw\n"
                                  "23 22 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:5 - proc proc rw\n"
                                  "25 22 0:24 / /run rw,nosuid,nodev shared:12 - tmpfs tmpfs rw,mode=755\n";

/* As many qubes as people have, half a dozen of them running. */
static const char *const dom0_arguments[] = { "--qubes", "24", "--running", "6", NULL };

struct _LiveDemoStage
{
  /* With the real polkitd all the rest is in here. */
  LiveTestBed *bed;

  char *directory;
  char **environment;
  char *bus_address;
  GSubprocess *bus_daemon;
  GSubprocess *dom0;
  GSubprocess *helper;
  LiveDemoPolkit *polkit;
};

gboolean
live_demo_stage_init (void)
{
  return live_test_bed_init ();
}

static GSubprocess *
spawn (LiveDemoStage *stage, const char *name, const char *const *argv, GSubprocessFlags flags, GError **error)
{
  g_autofree char *file = g_strconcat (name, ".log", NULL);
  g_autofree char *log_file = g_build_filename (stage->directory, file, NULL);

  return live_test_child_spawn (argv, (const char *const *)stage->environment, flags, log_file, error);
}

/* The first line that a program writes when it is ready. (transfer full) */
static char *
read_first_line (GSubprocess *program, const char *name, GError **error)
{
  g_autoptr (GDataInputStream) output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (program));
  g_autoptr (GError) local_error = NULL;
  char *line = g_data_input_stream_read_line_utf8 (output, NULL, NULL, &local_error);

  if (line == NULL)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s did not start%s%s", name, local_error != NULL ? ": " : "",
                 local_error != NULL ? local_error->message : "");
  return line;
}

static gboolean
write_file (LiveDemoStage *stage, const char *name, const char *text, GError **error)
{
  g_autofree char *path = g_build_filename (stage->directory, name, NULL);
  g_autofree char *parent = g_path_get_dirname (path);

  if (g_mkdir_with_parents (parent, 0700) != 0)
    {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "Cannot make %s: %s", parent, g_strerror (errno));
      return FALSE;
    }
  return g_file_set_contents (path, text, -1, error);
}

static gboolean
start_bus (LiveDemoStage *stage, GError **error)
{
  g_autofree char *text = g_markup_printf_escaped (bus_text, stage->directory);
  g_autofree char *option = g_strdup_printf ("--config-file=%s/system-bus.conf", stage->directory);
  const char *const argv[] = { "/usr/bin/dbus-daemon", option, "--nofork", "--nopidfile", "--print-address=1", NULL };

  if (!write_file (stage, "system-bus.conf", text, error))
    return FALSE;
  stage->bus_daemon = spawn (stage, "bus", argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE, error);
  if (stage->bus_daemon == NULL)
    return FALSE;
  stage->bus_address = read_first_line (stage->bus_daemon, "The private system bus", error);
  if (stage->bus_address == NULL)
    return FALSE;
  stage->environment = g_environ_setenv (stage->environment, "DBUS_SYSTEM_BUS_ADDRESS", stage->bus_address, TRUE);
  return TRUE;
}

static gboolean
start_dom0 (LiveDemoStage *stage, const char *socket, GError **error)
{
  g_autofree char *control = g_build_filename (stage->directory, "control.sock", NULL);
  const char *const argv[]
      = { QUBES_LIVE_DEMO_DOM0, "--socket",        socket, "--control", control, dom0_arguments[0], dom0_arguments[1],
          dom0_arguments[2],    dom0_arguments[3], NULL };
  g_autofree char *line = NULL;

  stage->dom0 = spawn (stage, "dom0", argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE, error);
  if (stage->dom0 == NULL)
    return FALSE;
  line = read_first_line (stage->dom0, "The simulated dom0", error);
  return line != NULL;
}

static void
on_name_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer data)
{
  *(gboolean *)data = TRUE;
}

static gboolean
on_look_again (gpointer data)
{
  return G_SOURCE_CONTINUE;
}

static gboolean
wait_for_helper (LiveDemoStage *stage, GError **error)
{
  const gint64 deadline = g_get_monotonic_time () + (gint64)(START_SECONDS * G_USEC_PER_SEC);
  g_autoptr (GDBusConnection) bus = g_dbus_connection_new_for_address_sync (
      stage->bus_address,
      G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION, NULL, NULL,
      error);
  gboolean appeared = FALSE;
  guint watch, timer;

  if (bus == NULL)
    return FALSE;
  timer = g_timeout_add (POLL_MICROSECONDS / 1000, on_look_again, NULL);
  watch = g_bus_watch_name_on_connection (bus, LIVE_BUS_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, on_name_appeared, NULL,
                                          &appeared, NULL);
  while (!appeared && g_get_monotonic_time () < deadline)
    g_main_context_iteration (NULL, TRUE);
  g_bus_unwatch_name (watch);
  g_source_remove (timer);
  if (!appeared)
    {
      g_autofree char *log_file = g_build_filename (stage->directory, "helper.log", NULL);
      g_autofree char *log = NULL;

      g_file_get_contents (log_file, &log, NULL, NULL);
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "The helper did not come to the bus within %g s:\n%s",
                   START_SECONDS, log != NULL ? log : "");
    }
  return appeared;
}

static gboolean
start_helper (LiveDemoStage *stage, const char *socket, GError **error)
{
  g_autofree char *root = g_build_filename (stage->directory, "root", NULL);
  const char *const argv[] = { QUBES_LIVE_DEMO_HELPER, "--qubesd-socket", socket, "--root", root, NULL };

  if (!write_file (stage, "root/proc/cmdline", kernel_text, error)
      || !write_file (stage, "root/proc/self/mountinfo", mounts_text, error))
    return FALSE;
  stage->helper = spawn (stage, "helper", argv, G_SUBPROCESS_FLAGS_NONE, error);
  return stage->helper != NULL && wait_for_helper (stage, error);
}

static gboolean
set_up_without_root (LiveDemoStage *stage, GError **error)
{
  g_autofree char *socket = NULL;

  stage->directory = g_dir_make_tmp ("qubes-live-demo-XXXXXX", error);
  if (stage->directory == NULL)
    return FALSE;
  stage->environment = g_environ_setenv (NULL, "PATH", "/usr/bin:/bin", TRUE);
  stage->environment = g_environ_setenv (stage->environment, "LC_ALL", "C.UTF-8", TRUE);
  if (!start_bus (stage, error))
    return FALSE;
  stage->polkit = live_demo_polkit_new (stage->bus_address, error);
  socket = g_build_filename (stage->directory, "qubesd.sock", NULL);
  return stage->polkit != NULL && start_dom0 (stage, socket, error) && start_helper (stage, socket, error);
}

static void
set_up_with_root (LiveDemoStage *stage)
{
  const LiveTestBedOptions options = { .dom0_arguments = dom0_arguments };

  stage->bed = live_test_bed_new (&options);
  stage->environment = live_test_bed_get_environment (stage->bed);
  stage->bus_address = g_strdup (live_test_bed_get_bus_address (stage->bed));
  stage->directory = g_strdup (live_test_bed_get_directory (stage->bed));
}

LiveDemoStage *
live_demo_stage_new (gboolean real_polkit, GError **error)
{
  g_autoptr (LiveDemoStage) stage = g_new0 (LiveDemoStage, 1);

  if (real_polkit)
    set_up_with_root (stage);
  else if (!set_up_without_root (stage, error))
    return NULL;
  return g_steal_pointer (&stage);
}

static void
remove_directory (const char *directory)
{
  const char *const argv[] = { "/bin/rm", "-rf", "--", directory, NULL };
  const char *const no_environment[] = { NULL };

  live_test_child_run (argv, no_environment, NULL, NULL);
}

void
live_demo_stage_free (LiveDemoStage *stage)
{
  live_test_child_end (stage->helper);
  g_clear_pointer (&stage->polkit, live_demo_polkit_free);
  live_test_child_end (stage->dom0);
  live_test_child_end (stage->bus_daemon);
  if (stage->bed != NULL)
    live_test_bed_free (stage->bed);
  else if (stage->directory != NULL)
    remove_directory (stage->directory);
  g_strfreev (stage->environment);
  g_free (stage->bus_address);
  g_free (stage->directory);
  g_free (stage);
}

const char *
live_demo_stage_get_bus_address (LiveDemoStage *stage)
{
  return stage->bus_address;
}

const char *
live_demo_stage_get_directory (LiveDemoStage *stage)
{
  return stage->directory;
}

const char *const *
live_demo_stage_get_environment (LiveDemoStage *stage)
{
  return (const char *const *)stage->environment;
}
