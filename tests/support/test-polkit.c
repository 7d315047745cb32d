/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "test-polkit.h"

#include "namespace.h"
#include "process.h"
#include "test-bed.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

#define POLKIT_NAME "org.freedesktop.PolicyKit1"
#define START_SECONDS 20

/* Debian and Fedora agree. */
static const char polkitd_program[] = "/usr/lib/polkit-1/polkitd";

/* What polkitd reads, and the directory in the bed that takes its place. */
static const struct
{
  const char *target;
  const char *name;
} places[] = {
  { "/usr/share/polkit-1/actions", "polkit-actions" },
  { "/etc/polkit-1/rules.d", "polkit-rules" },
  { "/usr/share/polkit-1/rules.d", "polkit-no-rules" },
  /* logind's state. Tests are often started from a session that is on the screen; polkitd would find that session by
   * the test's control group, and give its rights to every program of the test. */
  { "/run/systemd", "no-sessions" },
};

struct _LiveTestPolkit
{
  char *rules_file;
  GSubprocess *process;
};

/* What the daemons need to find under /run/systemd, empty. */
static const char *const logind_directories[] = { "sessions", "users", "seats", "machines" };

static void
make_directory (const char *directory)
{
  /* polkitd reads as a user of its own, whatever the umask of whoever runs the tests. */
  if (g_mkdir_with_parents (directory, 0755) < 0 || chmod (directory, 0755) < 0)
    g_error ("cannot make %s: %s", directory, g_strerror (errno));
}

static void
write_file (const char *file, const char *text)
{
  g_autoptr (GError) error = NULL;

  if (!g_file_set_contents_full (file, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0644, &error))
    g_error ("%s", error->message);
}

/* The policy file that is going to be installed, as the build made it. */
static void
copy_actions (const char *directory)
{
  g_autofree char *copy = g_build_filename (directory, "org.qubes.Live1.policy", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  if (!g_file_get_contents (QUBES_LIVE_TEST_POLICY, &text, NULL, &error))
    g_error ("%s", error->message);
  write_file (copy, text);
}

LiveTestPolkit *
live_test_polkit_new (const char *directory, const char *rules)
{
  LiveTestPolkit *polkit = g_new0 (LiveTestPolkit, 1);

  if (!g_file_test (polkitd_program, G_FILE_TEST_IS_EXECUTABLE))
    g_error ("%s is missing: install polkitd (Debian) or polkit (Fedora)", polkitd_program);

  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *source = g_build_filename (directory, places[i].name, NULL);

      make_directory (source);
      if (g_str_equal (places[i].name, "polkit-actions"))
        copy_actions (source);
      if (g_str_equal (places[i].name, "polkit-rules"))
        polkit->rules_file = g_build_filename (source, "00-test.rules", NULL);
      if (g_str_equal (places[i].name, "no-sessions"))
        for (guint j = 0; j < G_N_ELEMENTS (logind_directories); j++)
          {
            g_autofree char *empty = g_build_filename (source, logind_directories[j], NULL);

            make_directory (empty);
          }
      /* In a container they may not exist: an empty directory there changes nothing. */
      if (!g_file_test (places[i].target, G_FILE_TEST_IS_DIR))
        make_directory (places[i].target);
      live_test_namespace_bind (source, places[i].target);
    }
  if (rules != NULL)
    write_file (polkit->rules_file, rules);
  return polkit;
}

void
live_test_polkit_free (LiveTestPolkit *polkit)
{
  if (polkit->process != NULL)
    {
      live_test_process_end (polkit->process, SIGTERM, 5);
      g_clear_object (&polkit->process);
    }
  for (guint i = G_N_ELEMENTS (places); i > 0; i--)
    live_test_namespace_unbind (places[i - 1].target);
  g_free (polkit->rules_file);
  g_free (polkit);
}

static void
on_changed (GDBusConnection *bus,
            const char *sender,
            const char *path,
            const char *interface,
            const char *name,
            GVariant *parameters,
            gpointer data)
{
  *(gboolean *)data = TRUE;
}

static gboolean
has_changed (gpointer data)
{
  return *(gboolean *)data;
}

void
live_test_polkit_set_rules (LiveTestPolkit *polkit, GDBusConnection *bus, const char *rules)
{
  gboolean changed = FALSE;
  guint subscription = 0;

  if (polkit->process != NULL)
    subscription = g_dbus_connection_signal_subscribe (bus, POLKIT_NAME, POLKIT_NAME ".Authority", "Changed", NULL,
                                                       NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_changed, &changed, NULL);
  /* The bus has to know that the signal is wanted before polkitd can send it. */
  if (subscription != 0)
    g_variant_unref (g_dbus_connection_call_sync (bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                                  "org.freedesktop.DBus", "GetId", NULL, NULL,
                                                  G_DBUS_CALL_FLAGS_NONE, -1, NULL, NULL));
  write_file (polkit->rules_file, rules);
  if (subscription == 0)
    return;
  live_test_wait (has_changed, &changed, START_SECONDS);
  g_dbus_connection_signal_unsubscribe (bus, subscription);
}

void
live_test_polkit_start (LiveTestPolkit *polkit, GDBusConnection *bus, const char *const *environment)
{
  const char *const argv[] = { polkitd_program, "--no-debug", NULL };

  g_return_if_fail (polkit->process == NULL);

  /* polkitd changes its user and so loses its tie to this process; it ends by itself when its bus does, which is tied.
   */
  polkit->process = live_test_process_spawn (argv, environment, G_SUBPROCESS_FLAGS_STDOUT_SILENCE, 0, FALSE);
  live_test_wait_for_name (bus, POLKIT_NAME, polkit->process, START_SECONDS);
}

void
live_test_polkit_stop (LiveTestPolkit *polkit, GDBusConnection *bus, int signal_number)
{
  g_return_if_fail (polkit->process != NULL);

  /* How it ends is its own business, and the machine's, not the project's. */
  live_test_process_end (polkit->process, signal_number, 5);
  g_clear_object (&polkit->process);
  live_test_wait_for_no_name (bus, POLKIT_NAME);
}

GPid
live_test_polkit_get_pid (LiveTestPolkit *polkit)
{
  return polkit->process != NULL ? live_test_process_get_pid (polkit->process) : 0;
}
