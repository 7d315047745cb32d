/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "test-bed.h"

#include "namespace.h"
#include "process.h"
#include "test-bus.h"
#include "test-polkit.h"

#include "model/object-path.h"

#include <errno.h>
#include <gio/gunixsocketaddress.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#define START_SECONDS 20
#define STOP_SECONDS 10
#define CONTROL_SECONDS 10

/* What the helper finds under its --root: a dom0 that runs from its disk. */
static const char kernel_arguments[] = "placeholder root=/dev/mapper/qubes_dom0-root ro rhgb quiet\n";
static const char mounts[] = "22 1 253:0 / / rw,relatime shared:1 - ext4 /dev/mapper/qubes_dom0-root rw\n"
                             "23 22 0:21 / /proc rw,nosuid,nodev,noexec,relatime shared:5 - proc proc rw\n"
                             "24 22 0:22 / /sys rw,nosuid,nodev,noexec,relatime shared:6 - sysfs sysfs rw\n"
                             "25 22 0:24 / /run rw,nosuid,nodev shared:12 - tmpfs tmpfs rw,mode=755\n"
                             "26 22 259:1 / /boot rw,relatime shared:30 - ext4 /dev/nvme0n1p2 rw\n";

struct _LiveTestBed
{
  char *directory;
  char *root;
  char *qubesd_socket;
  char *control_socket;
  char *clock_file;
  gint64 elapsed; /* what stands in it */
  gint64 set;
  char *bus_address;
  const char *const *dom0_arguments;
  const char *const *helper_arguments;

  GDBusConnection *bus;
  GSubprocess *bus_daemon;
  GSubprocess *dom0;
  GSubprocess *helper;
  LiveTestPolkit *polkit;
  GPtrArray *programs;
};

/* Where a program of the build is: the environment first, so that a test can be pointed at an installed one. */
static const char *
find_program (const char *variable, const char *built)
{
  const char *program = g_getenv (variable);

  return program != NULL && *program != '\0' ? program : built;
}

gboolean
live_test_bed_init (void)
{
  return live_test_namespace_enter ();
}

static char *
make_directory (LiveTestBed *bed, const char *name, int mode)
{
  g_autofree char *directory = g_build_filename (bed->directory, name, NULL);

  if (g_mkdir_with_parents (directory, 0755) < 0 || chmod (directory, mode) < 0)
    g_error ("cannot make %s: %s", directory, g_strerror (errno));
  return g_steal_pointer (&directory);
}

static void
write_file (LiveTestBed *bed, const char *name, const char *text)
{
  g_autofree char *file = g_build_filename (bed->directory, name, NULL);
  g_autofree char *directory = g_path_get_dirname (name);
  g_autoptr (GError) error = NULL;

  g_free (make_directory (bed, directory, 0755));
  if (!g_file_set_contents_full (file, text, -1, G_FILE_SET_CONTENTS_NONE, 0644, &error))
    g_error ("%s", error->message);
}

static void
make_directories (LiveTestBed *bed)
{
  g_autoptr (GError) error = NULL;

  bed->directory = g_dir_make_tmp ("qubes-live-test-XXXXXX", &error);
  if (bed->directory == NULL)
    g_error ("%s", error->message);
  /* The bus socket is in it, and callers are not always root. */
  if (chmod (bed->directory, 0755) < 0)
    g_error ("cannot open up %s: %s", bed->directory, g_strerror (errno));
  g_free (make_directory (bed, "home", 0755));
  g_free (make_directory (bed, "runtime", 0700));
  bed->root = make_directory (bed, "root", 0755);
  write_file (bed, "root/proc/cmdline", kernel_arguments);
  write_file (bed, "root/proc/self/mountinfo", mounts);
  bed->qubesd_socket = g_build_filename (bed->directory, "qubesd.sock", NULL);
  bed->control_socket = g_build_filename (bed->directory, "control.sock", NULL);
  /* In a directory of its own: nothing else that happens in the bed shall wake the helper that watches it. */
  g_free (make_directory (bed, "clock", 0755));
  bed->clock_file = g_build_filename (bed->directory, "clock", "offset", NULL);
}

static void
remove_tree (GFile *file)
{
  g_autoptr (GFileEnumerator) children = NULL;
  g_autoptr (GError) error = NULL;
  GFile *child = NULL;

  children = g_file_enumerate_children (file, G_FILE_ATTRIBUTE_STANDARD_NAME, G_FILE_QUERY_INFO_NOFOLLOW_SYMLINKS, NULL,
                                        NULL);
  /* Not a directory: nothing to enumerate. */
  while (children != NULL && g_file_enumerator_iterate (children, NULL, &child, NULL, NULL) && child != NULL)
    remove_tree (child);
  if (!g_file_delete (file, NULL, &error))
    g_test_fail_printf ("%s", error->message);
}

static void
start_bus (LiveTestBed *bed)
{
  g_auto (GStrv) environment = live_test_bed_get_environment (bed);

  bed->bus_daemon = live_test_bus_start (bed->directory, (const char *const *)environment, &bed->bus_address);
  bed->bus = live_test_bed_connect (bed, 0);
}

LiveTestBed *
live_test_bed_new (const LiveTestBedOptions *options)
{
  static const LiveTestBedOptions defaults = { 0 };
  LiveTestBed *bed = g_new0 (LiveTestBed, 1);

  if (options == NULL)
    options = &defaults;
  bed->dom0_arguments = options->dom0_arguments;
  bed->helper_arguments = options->helper_arguments;
  bed->programs = g_ptr_array_new_with_free_func (g_object_unref);
  make_directories (bed);
  live_test_namespace_add_users (bed->directory);
  bed->polkit = live_test_polkit_new (bed->directory, options->polkit_rules);
  start_bus (bed);
  if (!options->without_dom0)
    live_test_bed_start_dom0 (bed);
  if (!options->without_polkitd)
    live_test_bed_start_polkitd (bed);
  if (!options->without_helper)
    live_test_bed_start_helper (bed);
  return bed;
}

static void
stop_program (GSubprocess **process, const char *what, int signal_number)
{
  if (*process == NULL)
    return;
  /* Sanitizers report leaks through the exit status. */
  if (!live_test_process_end (*process, signal_number, STOP_SECONDS))
    g_test_fail_printf ("%s did not end in good order", what);
  g_clear_object (process);
}

void
live_test_bed_free (LiveTestBed *bed)
{
  g_autoptr (GFile) directory = g_file_new_for_path (bed->directory);

  for (guint i = bed->programs->len; i > 0; i--)
    live_test_process_end (g_ptr_array_index (bed->programs, i - 1), SIGTERM, STOP_SECONDS);
  g_ptr_array_unref (bed->programs);
  stop_program (&bed->helper, "the helper", SIGTERM);
  stop_program (&bed->dom0, "the simulated dom0", SIGTERM);
  live_test_polkit_free (bed->polkit);
  g_dbus_connection_close_sync (bed->bus, NULL, NULL);
  g_clear_object (&bed->bus);
  stop_program (&bed->bus_daemon, "the system bus", SIGTERM);
  live_test_namespace_remove_users ();
  remove_tree (directory);

  g_free (bed->bus_address);
  g_free (bed->control_socket);
  g_free (bed->clock_file);
  g_free (bed->qubesd_socket);
  g_free (bed->root);
  g_free (bed->directory);
  g_free (bed);
}

const char *
live_test_bed_get_bus_address (LiveTestBed *bed)
{
  return bed->bus_address;
}

GDBusConnection *
live_test_bed_get_bus (LiveTestBed *bed)
{
  return bed->bus;
}

GDBusConnection *
live_test_bed_connect (LiveTestBed *bed, guint uid)
{
  return live_test_bus_connect (bed->bus_address, uid);
}

const char *
live_test_bed_get_directory (LiveTestBed *bed)
{
  return bed->directory;
}

const char *
live_test_bed_get_root (LiveTestBed *bed)
{
  return bed->root;
}

const char *
live_test_bed_get_qubesd_socket (LiveTestBed *bed)
{
  return bed->qubesd_socket;
}

char **
live_test_bed_get_environment (LiveTestBed *bed)
{
  static const char *const directories[][2] = { { "HOME", "home" },
                                                { "XDG_CONFIG_HOME", "home/.config" },
                                                { "XDG_CACHE_HOME", "home/.cache" },
                                                { "XDG_DATA_HOME", "home/.local/share" },
                                                { "XDG_STATE_HOME", "home/.local/state" },
                                                { "XDG_RUNTIME_DIR", "runtime" },
                                                { "TMPDIR", "" } };
  /* How sanitizers and GLib are set up is the business of whoever runs the tests. */
  static const char *const inherited[]
      = { "ASAN_OPTIONS", "LSAN_OPTIONS", "UBSAN_OPTIONS", "G_DEBUG", "G_SLICE", "G_MESSAGES_DEBUG" };
  char **environment = g_environ_setenv (NULL, "PATH", "/usr/bin:/bin:/usr/sbin:/sbin", TRUE);

  environment = g_environ_setenv (environment, "LC_ALL", "C.UTF-8", TRUE);
  if (bed->bus_address != NULL)
    environment = g_environ_setenv (environment, "DBUS_SYSTEM_BUS_ADDRESS", bed->bus_address, TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (directories); i++)
    {
      g_autofree char *directory = g_build_filename (bed->directory, directories[i][1], NULL);

      environment = g_environ_setenv (environment, directories[i][0], directory, TRUE);
    }
  for (guint i = 0; i < G_N_ELEMENTS (inherited); i++)
    if (g_getenv (inherited[i]) != NULL)
      environment = g_environ_setenv (environment, inherited[i], g_getenv (inherited[i]), TRUE);
  return environment;
}

static gboolean
ask_control (LiveTestBed *bed, const char *command, char **reply, GError **error)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (bed->control_socket);
  g_autoptr (GSocketConnection) connection = NULL;
  g_autoptr (GDataInputStream) input = NULL;
  g_autofree char *line = g_strconcat (command, "\n", NULL);

  g_socket_client_set_timeout (client, CONTROL_SECONDS);
  connection = g_socket_client_connect (client, G_SOCKET_CONNECTABLE (address), NULL, error);
  if (connection == NULL)
    return FALSE;
  if (!g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), line, strlen (line), NULL,
                                  NULL, error))
    return FALSE;
  input = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));
  *reply = g_data_input_stream_read_line (input, NULL, NULL, error);
  return *reply != NULL;
}

char *
live_test_bed_control (LiveTestBed *bed, const char *format, ...)
{
  g_autofree char *command = NULL;
  g_autofree char *reply = NULL;
  g_autoptr (GError) error = NULL;
  va_list arguments;

  va_start (arguments, format);
  command = g_strdup_vprintf (format, arguments);
  va_end (arguments);

  if (ask_control (bed, command, &reply, &error) && g_str_has_prefix (reply, "ok"))
    return g_strdup (g_str_has_prefix (reply, "ok ") ? reply + strlen ("ok ") : "");
  g_test_fail_printf ("control command “%s”: %s", command,
                      reply != NULL ? reply : (error != NULL ? error->message : "no reply"));
  return g_strdup ("");
}

/* @program, its own arguments, and those the test wants besides. */
static GPtrArray *
join_arguments (const char *const *own, const char *const *further)
{
  GPtrArray *argv = g_ptr_array_new ();

  for (guint i = 0; own[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer)own[i]);
  for (guint i = 0; further != NULL && further[i] != NULL; i++)
    g_ptr_array_add (argv, (gpointer)further[i]);
  g_ptr_array_add (argv, NULL);
  return argv;
}

void
live_test_bed_start_dom0 (LiveTestBed *bed)
{
  const char *const own[] = { find_program ("QUBES_LIVE_TEST_DOM0", QUBES_LIVE_TEST_BUILT_DOM0),
                              "--socket",
                              bed->qubesd_socket,
                              "--control",
                              bed->control_socket,
                              NULL };
  g_autoptr (GPtrArray) argv = join_arguments (own, bed->dom0_arguments);
  g_auto (GStrv) environment = live_test_bed_get_environment (bed);
  g_autofree char *line = NULL;

  g_return_if_fail (bed->dom0 == NULL);
  bed->dom0 = live_test_process_spawn ((const char *const *)argv->pdata, (const char *const *)environment,
                                       G_SUBPROCESS_FLAGS_STDOUT_PIPE, 0, FALSE);
  line = live_test_process_read_line (bed->dom0, START_SECONDS);
  if (!g_str_equal (line, "ready"))
    g_error ("the simulated dom0 says “%s”", line);
}

void
live_test_bed_stop_dom0 (LiveTestBed *bed)
{
  stop_program (&bed->dom0, "the simulated dom0", SIGTERM);
}

void
live_test_bed_start_helper (LiveTestBed *bed)
{
  const char *const own[] = { find_program ("QUBES_LIVE_TEST_HELPER", QUBES_LIVE_TEST_BUILT_HELPER),
                              "--qubesd-socket",
                              bed->qubesd_socket,
                              "--root",
                              bed->root,
                              "--clock",
                              bed->clock_file,
                              "--verbose",
                              NULL };
  g_autoptr (GPtrArray) argv = join_arguments (own, bed->helper_arguments);
  g_auto (GStrv) environment = live_test_bed_get_environment (bed);

  g_return_if_fail (bed->helper == NULL);
  /* Its standard output goes where its messages go: that of a test is for the test's own results. */
  bed->helper = live_test_process_spawn ((const char *const *)argv->pdata, (const char *const *)environment,
                                         G_SUBPROCESS_FLAGS_STDOUT_SILENCE, 0, TRUE);
  live_test_wait_for_name (bed->bus, LIVE_BUS_NAME, bed->helper, START_SECONDS);
}

void
live_test_bed_stop_helper (LiveTestBed *bed)
{
  stop_program (&bed->helper, "the helper", SIGTERM);
  live_test_wait_for_no_name (bed->bus, LIVE_BUS_NAME);
}

void
live_test_bed_kill_helper (LiveTestBed *bed)
{
  stop_program (&bed->helper, "the helper", SIGKILL);
  live_test_wait_for_no_name (bed->bus, LIVE_BUS_NAME);
}

GPid
live_test_bed_get_helper_pid (LiveTestBed *bed)
{
  return bed->helper != NULL ? live_test_process_get_pid (bed->helper) : 0;
}

const char *
live_test_bed_get_clock_file (LiveTestBed *bed)
{
  return bed->clock_file;
}

void
live_test_bed_advance (LiveTestBed *bed, gint64 elapsed, gint64 set)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  bed->elapsed += elapsed;
  bed->set += set;
  text = g_strdup_printf ("%" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n", bed->elapsed, bed->set);
  if (!g_file_set_contents_full (bed->clock_file, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, &error))
    g_error ("%s", error->message);
}

gint64
live_test_bed_get_wall (LiveTestBed *bed)
{
  return g_get_real_time () / G_USEC_PER_SEC + bed->elapsed + bed->set;
}

void
live_test_bed_start_polkitd (LiveTestBed *bed)
{
  g_auto (GStrv) environment = live_test_bed_get_environment (bed);

  live_test_polkit_start (bed->polkit, bed->bus, (const char *const *)environment);
}

void
live_test_bed_stop_polkitd (LiveTestBed *bed)
{
  live_test_polkit_stop (bed->polkit, bed->bus, SIGTERM);
}

void
live_test_bed_kill_polkitd (LiveTestBed *bed)
{
  live_test_polkit_stop (bed->polkit, bed->bus, SIGKILL);
}

GPid
live_test_bed_get_polkitd_pid (LiveTestBed *bed)
{
  return live_test_polkit_get_pid (bed->polkit);
}

void
live_test_bed_set_polkit_rules (LiveTestBed *bed, const char *rules)
{
  live_test_polkit_set_rules (bed->polkit, bed->bus, rules);
}

GSubprocess *
live_test_bed_spawn (LiveTestBed *bed, const char *const *argv, const char *const *environment)
{
  g_auto (GStrv) own = live_test_bed_get_environment (bed);
  GSubprocess *process = live_test_process_spawn (argv, environment != NULL ? environment : (const char *const *)own,
                                                  G_SUBPROCESS_FLAGS_STDOUT_SILENCE, 0, FALSE);

  g_ptr_array_add (bed->programs, process);
  return process;
}

int
live_test_bed_run (LiveTestBed *bed, guint uid, const char *const *argv, char **standard_output, char **standard_error)
{
  g_auto (GStrv) environment = live_test_bed_get_environment (bed);

  return live_test_process_run (argv, (const char *const *)environment, uid, standard_output, standard_error);
}
