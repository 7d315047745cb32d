/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include <gio/gio.h>
#include <glib-unix.h>
#include <locale.h>
#include <stdlib.h>

#include "actions/qube-setting.h"
#include "actions/ram-qube.h"
#include "actions/renewal.h"
#include "actions/volume-policy.h"
#include "actions/guest-window.h"
#include "actions/volume-toggle.h"
#include "actions/window.h"
#include "bus/service.h"
#include "model/error.h"
#include "model/object-path.h"
#include "model/system.h"
#include "sources/clock.h"
#include "sources/dom0-sync.h"
#include "sources/guide-units.h"
#include "sources/hardening.h"
#include "sources/qubesd-sync.h"
#include "sources/verification.h"
#include "sources/vm-kernel.h"
#include "sources/xenstore.h"

typedef struct
{
  char *qubesd_socket;
  char *root;
  char *xenstore_socket;
  char *storage_socket;
  char *clock;
  int kill_at;
  gboolean verbose;
  gboolean version;
} LiveOptions;

/* A qubesd that answers nothing shall not keep the helper from saying so. */
#define READY_AFTER_SECONDS 20

typedef struct
{
  GMainLoop *loop;
  LiveServiceParts parts;
  LiveService *service;
  GDBusConnection *connection;
  guint name_id;
  guint ready_timeout;
  gboolean is_ready; /* policies are applied, or cannot be now */
  int exit_code;
} LiveHelper;

/* Nothing that a caller put into the environment may reach the libraries; the bus address can only be root's own. */
static void
clear_environment (void)
{
  g_autofree char *address = g_strdup (g_getenv ("DBUS_SYSTEM_BUS_ADDRESS"));

  clearenv ();
  g_setenv ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", TRUE);
  /* No module of anybody's file systems: they would cost memory and bring nothing. */
  g_setenv ("GIO_USE_VFS", "local", TRUE);
  /* Messages are UTF-8, whatever the language of whoever started us. */
  g_setenv ("LC_CTYPE", "C.UTF-8", TRUE);
  setlocale (LC_CTYPE, "");
  if (address != NULL)
    g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", address, TRUE);
}

static void
stop (LiveHelper *helper, int exit_code)
{
  helper->exit_code = exit_code;
  g_main_loop_quit (helper->loop);
}

static gboolean
on_terminate (gpointer data)
{
  stop (data, EXIT_SUCCESS);
  return G_SOURCE_CONTINUE;
}

static void
on_name_lost (GDBusConnection *connection, const char *name, gpointer data)
{
  g_warning ("%s cannot be owned on the system bus: another helper runs, or the bus does not allow it", name);
  stop (data, EXIT_FAILURE);
}

static void
on_bus_closed (GDBusConnection *connection, gboolean remote, GError *error, LiveHelper *helper)
{
  g_warning ("the system bus is gone%s%s", error != NULL ? ": " : "", error != NULL ? error->message : "");
  stop (helper, EXIT_FAILURE);
}

/* For systemd the name means that the helper is ready: units that start qubes wait for it, so that no qube starts with
 * volumes that a qubesd before 4.3.47 forgot to keep read-only. */
static void
own_name (LiveHelper *helper)
{
  if (helper->service != NULL && helper->is_ready && helper->name_id == 0)
    helper->name_id = g_bus_own_name_on_connection (helper->connection, LIVE_BUS_NAME, G_BUS_NAME_OWNER_FLAGS_NONE,
                                                    NULL, on_name_lost, helper, NULL);
}

static void
become_ready (LiveHelper *helper)
{
  helper->is_ready = TRUE;
  g_clear_handle_id (&helper->ready_timeout, g_source_remove);
  own_name (helper);
}

static void
check_ready (LiveHelper *helper)
{
  if (!helper->is_ready && live_system_is_settled (helper->parts.system))
    become_ready (helper);
}

static gboolean
on_ready_timeout (gpointer data)
{
  LiveHelper *helper = data;

  helper->ready_timeout = 0;
  become_ready (helper);
  return G_SOURCE_REMOVE;
}

static void
on_bus (GObject *object, GAsyncResult *result, gpointer data)
{
  LiveHelper *helper = data;
  g_autoptr (GError) error = NULL;

  helper->connection = g_bus_get_finish (result, &error);
  if (helper->connection == NULL)
    {
      g_warning ("the system bus cannot be reached: %s", error->message);
      stop (helper, EXIT_FAILURE);
      return;
    }
  /* systemd starts the helper again; exiting by GDBus itself would say nothing. */
  g_dbus_connection_set_exit_on_close (helper->connection, FALSE);
  g_signal_connect (helper->connection, "closed", G_CALLBACK (on_bus_closed), helper);
  helper->service = live_service_new (helper->connection, &helper->parts);
  own_name (helper);
}

/* What is mounted, and on which devices, says where files behind loop devices are. */
static void
on_dom0_looked (LiveDom0Sync *dom0, LiveVerification *verification)
{
  live_verification_set_dom0 (verification, live_dom0_sync_get_mounts (dom0), live_dom0_sync_get_blocks (dom0));
}

static int
run (const LiveOptions *options)
{
  const char *root = options->root != NULL ? options->root : "";
  const char *socket = options->qubesd_socket != NULL ? options->qubesd_socket : LIVE_QUBESD_SOCKET;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (LiveClock) clock = live_clock_new (options->clock);
  g_autoptr (LiveSystem) system = live_system_new ();
  g_autoptr (LiveCrypt) crypt = live_crypt_new (root);
  g_autoptr (LiveDom0Sync) dom0 = live_dom0_sync_new (system, crypt);
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (socket);
  g_autoptr (LiveQubesdSync) sync = live_qubesd_sync_new (system, client, socket);
  g_autoptr (LiveTurns) turns = live_turns_new ();
  g_autoptr (LiveVolumePolicy) policy = live_volume_policy_new (system, client, sync, turns);
  g_autoptr (LiveVolumeToggle) toggle = live_volume_toggle_new (system, client, sync, turns);
  g_autoptr (LiveQubeSetting) setting = live_qube_setting_new (system, client, sync, turns);
  g_autoptr (LiveRenewal) renewal = live_renewal_new (system, client, sync, turns, policy);
  g_autoptr (LiveWindows) windows = live_windows_new (system, client, sync, turns, policy, clock);
  g_autoptr (LiveGuestWindows) guest_windows = live_guest_windows_new (system, client, clock);
  g_autoptr (LiveVmKernels) kernels = live_vm_kernels_new (system, root);
  g_autoptr (LiveHardening) hardening = live_hardening_new (system, root);
  g_autoptr (LiveGuideUnits) guide_units = live_guide_units_new (system, root);
  g_autoptr (LiveXenstore) xenstore = live_xenstore_new (options->xenstore_socket, NULL);
  g_autoptr (LiveVerification) verification = live_verification_new (system, client, xenstore, crypt);
  g_autoptr (LiveStorageClient) storage
      = live_storage_client_new (options->storage_socket != NULL ? options->storage_socket : LIVE_STORAGE_SOCKET);
  g_autoptr (LiveJournal) journal = live_journal_new (root);
  g_autoptr (LivePools) pools = live_pools_new (system, client, sync, storage, journal);
  g_autoptr (LiveRamQubes) ram_qubes = live_ram_qubes_new (system, client, sync, pools, journal);
  LiveHelper helper = {
    .loop = loop,
    .parts = { .system = system,
               .client = client,
               .sync = sync,
               .dom0 = dom0,
               .policy = policy,
               .toggle = toggle,
               .hardening = hardening,
               .setting = setting,
               .renewal = renewal,
               .windows = windows,
               .guide_units = guide_units,
               .pools = pools,
               .ram_qubes = ram_qubes },
  };
  guint terminate = g_unix_signal_add (SIGTERM, on_terminate, &helper);
  guint interrupt = g_unix_signal_add (SIGINT, on_terminate, &helper);

  g_signal_connect_swapped (system, "notify::synchronized", G_CALLBACK (check_ready), &helper);
  g_signal_connect_swapped (system, "qube-settled", G_CALLBACK (check_ready), &helper);
  g_signal_connect_swapped (sync, "unreachable", G_CALLBACK (become_ready), &helper);
  helper.ready_timeout = g_timeout_add_seconds (READY_AFTER_SECONDS, on_ready_timeout, &helper);
  live_hardening_refresh_async (hardening, NULL, NULL);
  live_guide_units_refresh_async (guide_units, NULL, NULL);
  on_dom0_looked (dom0, verification);
  g_signal_connect (dom0, "looked", G_CALLBACK (on_dom0_looked), verification);
  /* Another root is another machine's: the store of this one would say nothing about it. */
  if (*root == '\0' || options->xenstore_socket != NULL)
    live_xenstore_start (xenstore);
  live_pools_set_kill_at (pools, (guint) MAX (options->kill_at, 0));
  live_pools_start (pools);
  live_ram_qubes_start (ram_qubes);
  live_qubesd_sync_start (sync);
  g_bus_get (G_BUS_TYPE_SYSTEM, NULL, on_bus, &helper);
  g_main_loop_run (loop);

  g_source_remove (terminate);
  g_source_remove (interrupt);
  g_clear_handle_id (&helper.ready_timeout, g_source_remove);
  g_signal_handlers_disconnect_by_data (system, &helper);
  g_signal_handlers_disconnect_by_data (sync, &helper);
  if (helper.name_id != 0)
    g_bus_unown_name (helper.name_id);
  if (helper.connection != NULL)
    g_signal_handlers_disconnect_by_data (helper.connection, &helper);
  g_clear_object (&helper.service);
  g_clear_object (&helper.connection);
  g_signal_handlers_disconnect_by_data (dom0, verification);
  live_xenstore_stop (xenstore);
  g_object_run_dispose (G_OBJECT (verification));
  g_object_run_dispose (G_OBJECT (dom0));
  g_object_run_dispose (G_OBJECT (guide_units));
  g_object_run_dispose (G_OBJECT (sync));
  g_object_run_dispose (G_OBJECT (guest_windows));
  g_object_run_dispose (G_OBJECT (windows));
  g_object_run_dispose (G_OBJECT (policy));
  return helper.exit_code;
}

int
main (int argc, char **argv)
{
  LiveOptions options = { 0 };
  const GOptionEntry entries[] = {
    { "qubesd-socket", 0, 0, G_OPTION_ARG_FILENAME, &options.qubesd_socket,
      "Socket of qubesd instead of " LIVE_QUBESD_SOCKET, "PATH" },
    { "root", 0, 0, G_OPTION_ARG_FILENAME, &options.root, "Prefix of /proc, /sys, /etc, /run and /var/log", "DIR" },
    { "xenstore-socket", 0, 0, G_OPTION_ARG_FILENAME, &options.xenstore_socket,
      "Socket of xenstored instead of the library's own", "PATH" },
    { "storage-socket", 0, 0, G_OPTION_ARG_FILENAME, &options.storage_socket,
      "Socket of the storage program instead of " LIVE_STORAGE_SOCKET, "PATH" },
    { "clock", 0, 0, G_OPTION_ARG_FILENAME, &options.clock,
      "For tests: a file that says by how much the clock differs from the machine's", "FILE" },
    { "kill-at", 0, 0, G_OPTION_ARG_INT, &options.kill_at,
      "For tests: be ended by SIGKILL at the Nth place between two steps of what is done with pools", "N" },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &options.verbose, "Say more on standard error", NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options.version, "Print the version", NULL },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context = NULL;
  g_autoptr (GError) error = NULL;
  int exit_code = EXIT_FAILURE;

  clear_environment ();
  context = g_option_context_new ("– the root helper of Qubes Live");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1)
    {
      g_printerr ("%s\n", error != NULL ? error->message : "This program takes options only; see --help.");
      exit_code = 2;
    }
  else if (options.version)
    {
      g_print ("qubes-live-helper %s\n", PACKAGE_VERSION);
      exit_code = EXIT_SUCCESS;
    }
  else
    {
      if (options.verbose)
        g_log_set_debug_enabled (TRUE);
      live_xenstore_prepare_process (options.xenstore_socket);
      exit_code = run (&options);
    }
  g_free (options.qubesd_socket);
  g_free (options.root);
  g_free (options.xenstore_socket);
  g_free (options.storage_socket);
  g_free (options.clock);
  return exit_code;
}
