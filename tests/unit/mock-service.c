/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "mock-service.h"

#include "model/error.h"
#include "model/job.h"
#include "model/object-path.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <sys/prctl.h>

#define GIB ((guint64)1 << 30)

gboolean
live_mock_tick (gpointer unused)
{
  return G_SOURCE_CONTINUE;
}

/* The bus. */

struct _LiveMockBus
{
  char *directory;
  char *socket;
  char *config;
  char *address;
  GSubprocess *daemon;
};

static void
die_with_parent (gpointer unused)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

void
live_mock_bus_start (LiveMockBus *self)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE);
  g_autoptr (GError) error = NULL;
  g_autoptr (GDataInputStream) output = NULL;
  g_autofree char *address = NULL;
  g_autofree char *config_option = g_strconcat ("--config-file=", self->config, NULL);

  g_assert_null (self->daemon);
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  self->daemon = g_subprocess_launcher_spawn (launcher, &error, "/usr/bin/dbus-daemon", config_option, "--nofork",
                                              "--print-address=1", NULL);
  g_assert_no_error (error);
  /* It prints the address once it listens. */
  output = g_data_input_stream_new (g_subprocess_get_stdout_pipe (self->daemon));
  address = g_data_input_stream_read_line (output, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (address);
}

void
live_mock_bus_stop (LiveMockBus *self)
{
  g_assert_nonnull (self->daemon);
  g_subprocess_force_exit (self->daemon);
  g_subprocess_wait (self->daemon, NULL, NULL);
  g_clear_object (&self->daemon);
  g_unlink (self->socket);
}

LiveMockBus *
live_mock_bus_new (void)
{
  LiveMockBus *self = g_new0 (LiveMockBus, 1);
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  self->directory = g_dir_make_tmp ("qubes-live-bus-XXXXXX", &error);
  g_assert_no_error (error);
  self->socket = g_build_filename (self->directory, "bus", NULL);
  self->config = g_build_filename (self->directory, "bus.conf", NULL);
  self->address = g_strconcat ("unix:path=", self->socket, NULL);
  text = g_strdup_printf ("<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n"
                          " \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n"
                          "<busconfig><type>session</type><listen>%s</listen><auth>EXTERNAL</auth>\n"
                          "<policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>"
                          "<allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>\n",
                          self->address);
  g_file_set_contents (self->config, text, -1, &error);
  g_assert_no_error (error);
  live_mock_bus_start (self);
  return self;
}

void
live_mock_bus_free (LiveMockBus *self)
{
  if (self->daemon != NULL)
    live_mock_bus_stop (self);
  g_unlink (self->config);
  g_rmdir (self->directory);
  g_free (self->directory);
  g_free (self->socket);
  g_free (self->config);
  g_free (self->address);
  g_free (self);
}

const char *
live_mock_bus_get_address (LiveMockBus *self)
{
  return self->address;
}

GDBusConnection *
live_mock_bus_connect (LiveMockBus *self)
{
  g_autoptr (GError) error = NULL;
  GDBusConnection *connection = g_dbus_connection_new_for_address_sync (
      self->address, G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT | G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
      NULL, NULL, &error);

  g_assert_no_error (error);
  return connection;
}

/* The service. */

/* A method call that waits for its answer. */
typedef struct
{
  GDBusMethodInvocation *invocation;
  GObject *object; /* the skeleton */
} Held;

struct _LiveMockService
{
  GDBusConnection *connection;
  GDBusObjectManagerServer *objects;
  LiveBusManager *manager;
  LiveBusDom0 *dom0; /* the object manager keeps it */
  guint filter;
  gint refuse_view; /* atomic: the filter runs in GDBus' own thread */
  GQuark fail_domain;
  int fail_code;
  char *fail_message;
  gboolean holding;
  GPtrArray *held;
  GPtrArray *calls;
  guint n_jobs;       /* that began so far */
  LiveBusJob *job;    /* the last of them; the object manager keeps it */
};

static void
held_free (gpointer data)
{
  Held *held = data;

  g_clear_object (&held->invocation);
  g_object_unref (held->object);
  g_free (held);
}

static void
set_policy (LiveBusQube *qube, const char *policy, GDBusMethodInvocation *invocation)
{
  gboolean halted = g_str_equal (live_bus_qube_get_state (qube), "halted");
  gboolean full = g_str_equal (policy, "full");
  gboolean root = full || g_str_equal (policy, "root");
  const char *const wait[] = { root ? "root-read-only" : "root-writable", NULL };
  const char *const nothing[] = { NULL };

  live_bus_qube_set_policy (qube, policy);
  live_bus_qube_set_pending (qube, halted ? nothing : wait);
  live_bus_qube_set_window_refusal (qube, !full ? "policy" : halted ? "" : "running");
  if (halted)
    {
      live_bus_qube_set_root_writable (qube, !root);
      live_bus_qube_set_private_writable (qube, !full);
      live_bus_qube_set_persistence (qube, full ? "ephemeral" : root ? "root-ephemeral" : "persistent");
    }
  live_bus_qube_complete_set_policy (qube, invocation, halted);
}

static void
set_volume_writable (LiveBusQube *qube, GVariant *parameters, GDBusMethodInvocation *invocation)
{
  const char *volume = NULL;
  gboolean writable = FALSE;

  g_variant_get (parameters, "(&sb)", &volume, &writable);
  if (g_str_equal (volume, "root"))
    live_bus_qube_set_root_writable (qube, writable);
  else
    live_bus_qube_set_private_writable (qube, writable);
  live_bus_qube_complete_set_volume_writable (qube, invocation);
}

/* The windows of the helper, as far as a face can tell: open at once, closed at once. */
static void
open_window (LiveBusQube *qube, gint64 seconds)
{
  live_bus_qube_set_window_deadline (qube, seconds < 0 ? -1 : g_get_real_time () / G_USEC_PER_SEC + seconds);
  live_bus_qube_set_private_writable (qube, TRUE);
  live_bus_qube_set_state (qube, "running");
  live_bus_qube_set_window_refusal (qube, "open");
  live_bus_qube_set_window_state (qube, "open");
}

static void
close_window (LiveBusQube *qube, gboolean kill)
{
  live_bus_qube_set_state (qube, "halted");
  live_bus_qube_set_private_writable (qube, FALSE);
  live_bus_qube_set_window_deadline (qube, 0);
  live_bus_qube_set_window_refusal (qube, "");
  live_bus_qube_set_window_outcome (qube, kill ? "killed" : "kept");
  live_bus_qube_set_window_state (qube, "closed");
}

/* Whether @method was one of those, and is answered. */
static gboolean
answer_window (LiveBusQube *qube, const char *method, GVariant *parameters)
{
  gint64 seconds = 0;
  gboolean flag = FALSE;

  if (g_str_equal (method, "OpenWindow"))
    {
      g_variant_get (parameters, "(x)", &seconds);
      open_window (qube, seconds);
    }
  else if (g_str_equal (method, "ExtendWindow"))
    {
      g_variant_get (parameters, "(x)", &seconds);
      live_bus_qube_set_window_deadline (qube, live_bus_qube_get_window_deadline (qube) + seconds);
    }
  else if (g_str_equal (method, "CloseWindow"))
    {
      g_variant_get (parameters, "(b)", &flag);
      close_window (qube, flag);
    }
  else if (g_str_equal (method, "SetMemoryHygiene"))
    {
      g_variant_get (parameters, "(b)", &flag);
      live_bus_qube_set_memory_hygiene (qube, flag ? "on" : "off");
    }
  else if (g_str_equal (method, "SetUpperLayer"))
    {
      const char *layer = NULL, *size = NULL;

      g_variant_get (parameters, "(&s&s)", &layer, &size);
      live_bus_qube_set_upper_layer (qube, layer);
      live_bus_qube_set_upper_layer_size (qube, size);
    }
  else
    return FALSE;
  return TRUE;
}

static char *
get_job_path (guint id)
{
  return g_strdup_printf (LIVE_OBJECT_ROOT "/job/%u", id);
}

/* Whether @method was one that begins a job, and is answered with its path. */
static gboolean
answer_job (LiveMockService *self, GObject *object, const char *method, GDBusMethodInvocation *invocation)
{
  GVariant *parameters = g_dbus_method_invocation_get_parameters (invocation);
  g_autofree char *object_path = NULL;
  const char *kind = NULL, *subject = NULL;

  if (g_str_equal (method, "Resize"))
    kind = LIVE_JOB_RESIZE_POOL;
  else if (g_str_equal (method, "Destroy"))
    kind = LIVE_JOB_DESTROY_POOL;
  else if (g_str_equal (method, "CreateRamPool"))
    kind = LIVE_JOB_CREATE_RAM_POOL;
  else if (g_str_equal (method, "CreateEncryptedPool"))
    kind = LIVE_JOB_CREATE_ENCRYPTED_POOL;
  else if (g_str_equal (method, "RunRamQube"))
    kind = LIVE_JOB_RUN_RAM_QUBE;
  else
    return FALSE;
  if (LIVE_BUS_IS_POOL (object))
    subject = live_bus_pool_get_name (LIVE_BUS_POOL (object));
  else
    g_variant_get_child (parameters, 0, "&s", &subject);
  live_mock_service_add_job (self, kind, subject);
  object_path = get_job_path (self->n_jobs);
  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(o)", object_path));
  return TRUE;
}

static void
answer_cancel (LiveMockService *self, LiveBusJob *job, GDBusMethodInvocation *invocation)
{
  if (live_bus_job_get_finished (job) || !live_bus_job_get_cancellable (job))
    {
      g_dbus_method_invocation_return_error_literal (invocation, LIVE_ERROR, LIVE_ERROR_NOT_SUPPORTED, "Too late");
      return;
    }
  live_bus_job_set_cancellable (job, FALSE);
  live_bus_job_set_step (job, LIVE_JOB_STEP_UNDO);
  live_bus_job_complete_cancel (job, invocation);
}

static void
answer (LiveMockService *self, GObject *object, GDBusMethodInvocation *invocation)
{
  const char *method = g_dbus_method_invocation_get_method_name (invocation);
  GVariant *parameters = g_dbus_method_invocation_get_parameters (invocation);

  if (self->fail_domain != 0)
    {
      g_dbus_method_invocation_return_error_literal (invocation, self->fail_domain, self->fail_code,
                                                     self->fail_message);
      return;
    }
  if (g_str_equal (method, "SetPolicy"))
    {
      const char *policy = NULL;

      g_variant_get (parameters, "(&s)", &policy);
      set_policy (LIVE_BUS_QUBE (object), policy, invocation);
      return;
    }
  if (g_str_equal (method, "SetVolumeWritable"))
    {
      set_volume_writable (LIVE_BUS_QUBE (object), parameters, invocation);
      return;
    }
  if (g_str_equal (method, "RenewDisposables"))
    {
      const char *const nothing[] = { NULL };

      g_dbus_method_invocation_return_value (
          invocation, g_variant_new ("(^as)", live_bus_qube_get_old_disposables (LIVE_BUS_QUBE (object))));
      live_bus_qube_set_old_disposables (LIVE_BUS_QUBE (object), nothing);
      return;
    }
  if (g_str_equal (method, "TakeOver"))
    {
      g_dbus_method_invocation_return_value (invocation, g_variant_new_parsed ("([('work', 'root', 'applied')], true)"));
      live_bus_dom0_set_guide_unit (self->dom0, g_variant_new ("(sba(ssb)u)", "", FALSE, NULL, 0));
      return;
    }
  if (answer_job (self, object, method, invocation))
    return;
  if (g_str_equal (method, "Cancel"))
    {
      answer_cancel (self, LIVE_BUS_JOB (object), invocation);
      return;
    }
  if (g_str_equal (method, "SetDefault"))
    {
      gboolean on = FALSE;

      g_variant_get (parameters, "(b)", &on);
      live_bus_pool_set_default (LIVE_BUS_POOL (object), on);
    }
  else if (g_str_equal (method, "SetEphemeralVolatile"))
    {
      gboolean ephemeral = FALSE;

      g_variant_get (parameters, "(b)", &ephemeral);
      live_bus_pool_set_ephemeral_volatile (LIVE_BUS_POOL (object), ephemeral);
    }
  else if (g_str_equal (method, "Start"))
    live_bus_qube_set_state (LIVE_BUS_QUBE (object), "running");
  else if (g_str_equal (method, "Shutdown"))
    live_bus_qube_set_state (LIVE_BUS_QUBE (object), "halted");
  else if (LIVE_BUS_IS_QUBE (object) && answer_window (LIVE_BUS_QUBE (object), method, parameters))
    ;
  else
    g_assert_true (g_str_equal (method, "Refresh") || g_str_equal (method, "RefreshPosture"));
  g_dbus_method_invocation_return_value (invocation, NULL);
}

static void
note_call (LiveMockService *self, GObject *object, GDBusMethodInvocation *invocation)
{
  GDBusMessage *message = g_dbus_method_invocation_get_message (invocation);
  gboolean interactive
      = (g_dbus_message_get_flags (message) & G_DBUS_MESSAGE_FLAGS_ALLOW_INTERACTIVE_AUTHORIZATION) != 0;
  GVariant *parameters = g_dbus_method_invocation_get_parameters (invocation);
  g_autoptr (GString) line = g_string_new (NULL);
  g_autofree char *name = NULL;

  if (LIVE_BUS_IS_MANAGER (object))
    name = g_strdup ("manager");
  else if (LIVE_BUS_IS_DOM0 (object))
    name = g_strdup ("dom0");
  else if (LIVE_BUS_IS_JOB (object))
    name = g_strdup ("job");
  else
    g_object_get (object, "name", &name, NULL);
  g_string_printf (line, "%s %s", name, g_dbus_method_invocation_get_method_name (invocation));
  for (gsize i = 0; i < g_variant_n_children (parameters); i++)
    {
      g_autoptr (GVariant) argument = g_variant_get_child_value (parameters, i);
      g_autofree char *text = g_variant_print (argument, FALSE);

      g_string_append_printf (line, " %s", text);
    }
  if (!interactive)
    g_string_append (line, " (not interactive)");
  g_ptr_array_add (self->calls, g_string_free (g_steal_pointer (&line), FALSE));
}

static gboolean
handle (LiveMockService *self, GObject *object, GDBusMethodInvocation *invocation)
{
  note_call (self, object, invocation);
  if (self->holding)
    {
      Held *held = g_new0 (Held, 1);

      held->invocation = invocation;
      held->object = g_object_ref (object);
      g_ptr_array_add (self->held, held);
    }
  else
    answer (self, object, invocation);
  return TRUE;
}

/* The handlers differ only in the arguments, which are in the invocation too. */

static gboolean
handle_nothing (GObject *object, GDBusMethodInvocation *invocation, gpointer self)
{
  return handle (self, object, invocation);
}

static gboolean
handle_string (GObject *object, GDBusMethodInvocation *invocation, const char *argument, gpointer self)
{
  return handle (self, object, invocation);
}

static gboolean
handle_boolean (GObject *object, GDBusMethodInvocation *invocation, gboolean argument, gpointer self)
{
  return handle (self, object, invocation);
}

static gboolean
handle_volume (GObject *object, GDBusMethodInvocation *invocation, const char *volume, gboolean writable, gpointer self)
{
  return handle (self, object, invocation);
}

static gboolean
handle_seconds (GObject *object, GDBusMethodInvocation *invocation, gint64 seconds, gpointer self)
{
  return handle (self, object, invocation);
}

static gboolean
handle_two_strings (
    GObject *object, GDBusMethodInvocation *invocation, const char *first, const char *second, gpointer self)
{
  return handle (self, object, invocation);
}

static gboolean
handle_size (GObject *object, GDBusMethodInvocation *invocation, guint64 size, gpointer self)
{
  return handle (self, object, invocation);
}

static gboolean
handle_destroy (
    GObject *object, GDBusMethodInvocation *invocation, const char *const *qubes, gboolean kill, gpointer self)
{
  return handle (self, object, invocation);
}

static gboolean
handle_create_ram_pool (GObject *object, GDBusMethodInvocation *invocation, const char *name, guint64 size,
                        GVariant *options, gpointer self)
{
  return handle (self, object, invocation);
}

static gboolean
handle_create_encrypted_pool (GObject *object, GDBusMethodInvocation *invocation, const char *name, guint64 size,
                              const char *backing, GVariant *options, gpointer self)
{
  return handle (self, object, invocation);
}

static gboolean
handle_run_ram_qube (GObject *object, GDBusMethodInvocation *invocation, const char *qube, GVariant *options,
                     gpointer self)
{
  return handle (self, object, invocation);
}

static GDBusMessage *
filter_message (GDBusConnection *connection, GDBusMessage *message, gboolean incoming, gpointer user_data)
{
  LiveMockService *self = user_data;
  g_autoptr (GDBusMessage) reply = NULL;

  if (!incoming || g_atomic_int_get (&self->refuse_view) == 0
      || g_strcmp0 (g_dbus_message_get_member (message), "GetManagedObjects") != 0)
    return message;
  reply = g_dbus_message_new_method_error_literal (message, "org.qubes.Live1.Error.NotAuthorized", "No");
  g_dbus_connection_send_message (connection, reply, G_DBUS_SEND_MESSAGE_FLAGS_NONE, NULL, NULL);
  g_object_unref (message);
  return NULL;
}

static void
export_object (LiveMockService *self, const char *object_path, GDBusInterfaceSkeleton *interface)
{
  g_autoptr (GDBusObjectSkeleton) object = g_dbus_object_skeleton_new (object_path);

  g_dbus_object_skeleton_add_interface (object, interface);
  g_dbus_object_manager_server_export (self->objects, object);
}

LiveMockService *
live_mock_service_new (LiveMockBus *bus)
{
  return live_mock_service_new_for_connection (live_mock_bus_connect (bus));
}

LiveMockService *
live_mock_service_new_for_connection (GDBusConnection *connection)
{
  LiveMockService *self = g_new0 (LiveMockService, 1);
  g_autoptr (LiveBusDom0) dom0 = live_bus_dom0_skeleton_new ();
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;

  self->held = g_ptr_array_new_with_free_func (held_free);
  self->calls = g_ptr_array_new_with_free_func (g_free);
  self->connection = connection;
  self->filter = g_dbus_connection_add_filter (self->connection, filter_message, self, NULL);
  self->objects = g_dbus_object_manager_server_new (LIVE_OBJECT_ROOT);
  self->manager = live_bus_manager_skeleton_new ();
  live_bus_manager_set_version (self->manager, "0.1.0");
  live_bus_manager_set_indicator (self->manager, "unknown");
  live_bus_manager_set_indicator_reasons (self->manager, g_variant_new_array (G_VARIANT_TYPE ("(sa{sv})"), NULL, 0));
  live_bus_manager_set_qubesd_connected (self->manager, TRUE);
  live_bus_manager_set_synchronized (self->manager, TRUE);
  live_bus_dom0_set_boot_mode (dom0, "persistent");
  live_bus_dom0_set_leaks (dom0, g_variant_new ("a(sssa{sv})", NULL));
  live_bus_dom0_set_posture (dom0, g_variant_new_array (G_VARIANT_TYPE ("(sssa{sv})"), NULL, 0));
  live_bus_dom0_set_guide_unit (dom0, g_variant_new ("(sba(ssb)u)", "", FALSE, NULL, 0));
  live_bus_dom0_set_memory_total (dom0, 4 * GIB);
  live_bus_dom0_set_memory_free (dom0, 3 * GIB);
  g_signal_connect (dom0, "handle-refresh-posture", G_CALLBACK (handle_nothing), self);
  self->dom0 = dom0;
  export_object (self, LIVE_OBJECT_ROOT "/dom0", G_DBUS_INTERFACE_SKELETON (dom0));
  g_signal_connect (self->manager, "handle-refresh", G_CALLBACK (handle_nothing), self);
  g_signal_connect (self->manager, "handle-take-over", G_CALLBACK (handle_nothing), self);
  g_signal_connect (self->manager, "handle-create-ram-pool", G_CALLBACK (handle_create_ram_pool), self);
  g_signal_connect (self->manager, "handle-create-encrypted-pool", G_CALLBACK (handle_create_encrypted_pool), self);
  g_signal_connect (self->manager, "handle-run-ram-qube", G_CALLBACK (handle_run_ram_qube), self);
  /* The manager is at the root itself, where the object manager's own export does not reach. */
  g_dbus_interface_skeleton_export (G_DBUS_INTERFACE_SKELETON (self->manager), self->connection, LIVE_OBJECT_ROOT,
                                    &error);
  g_assert_no_error (error);
  g_dbus_object_manager_server_set_connection (self->objects, self->connection);
  reply = g_dbus_connection_call_sync (self->connection, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "RequestName", g_variant_new ("(su)", LIVE_BUS_NAME, 4),
                                       G_VARIANT_TYPE ("(u)"), G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  return self;
}

void
live_mock_service_free (LiveMockService *self)
{
  g_dbus_connection_remove_filter (self->connection, self->filter);
  /* Held calls are dropped without an answer, as by a helper that crashed. */
  g_ptr_array_unref (self->held);
  g_dbus_connection_close_sync (self->connection, NULL, NULL);
  g_dbus_interface_skeleton_unexport (G_DBUS_INTERFACE_SKELETON (self->manager));
  g_object_unref (self->manager);
  g_object_unref (self->objects);
  g_object_unref (self->connection);
  g_ptr_array_unref (self->calls);
  g_free (self->fail_message);
  g_free (self);
}

GDBusConnection *
live_mock_service_get_connection (LiveMockService *self)
{
  return self->connection;
}

LiveBusManager *
live_mock_service_get_manager (LiveMockService *self)
{
  return self->manager;
}

LiveBusDom0 *
live_mock_service_get_dom0 (LiveMockService *self)
{
  return self->dom0;
}

LiveBusQube *
live_mock_service_add_qube_at (LiveMockService *self, const char *object_path, const char *name)
{
  g_autoptr (LiveBusQube) qube = live_bus_qube_skeleton_new ();
  const char *const policies[] = { "persistent", "root", "full", NULL };
  const char *const pools[] = { "varlibqubes", NULL };
  const char *const nothing[] = { NULL };

  live_bus_qube_set_name (qube, name);
  live_bus_qube_set_class (qube, "AppVM");
  live_bus_qube_set_label (qube, "red");
  live_bus_qube_set_state (qube, "halted");
  live_bus_qube_set_policy (qube, "persistent");
  live_bus_qube_set_persistence (qube, "persistent");
  live_bus_qube_set_evidence (qube, "configured");
  live_bus_qube_set_reasons (qube, g_variant_new_array (G_VARIANT_TYPE ("(sa{sv})"), NULL, 0));
  live_bus_qube_set_root_writable (qube, TRUE);
  live_bus_qube_set_private_writable (qube, TRUE);
  live_bus_qube_set_pools (qube, pools);
  live_bus_qube_set_pending (qube, nothing);
  live_bus_qube_set_policies (qube, policies);
  live_bus_qube_set_manageable (qube, TRUE);
  live_bus_qube_set_window_state (qube, "closed");
  live_bus_qube_set_window_refusal (qube, "policy");
  live_bus_qube_set_old_disposables (qube, nothing);
  live_bus_qube_set_memory_hygiene (qube, "off");
  live_bus_qube_set_upper_layer (qube, "volatile");
  g_signal_connect (qube, "handle-open-window", G_CALLBACK (handle_seconds), self);
  g_signal_connect (qube, "handle-extend-window", G_CALLBACK (handle_seconds), self);
  g_signal_connect (qube, "handle-close-window", G_CALLBACK (handle_boolean), self);
  g_signal_connect (qube, "handle-renew-disposables", G_CALLBACK (handle_nothing), self);
  g_signal_connect (qube, "handle-set-memory-hygiene", G_CALLBACK (handle_boolean), self);
  g_signal_connect (qube, "handle-set-upper-layer", G_CALLBACK (handle_two_strings), self);
  g_signal_connect (qube, "handle-set-policy", G_CALLBACK (handle_string), self);
  g_signal_connect (qube, "handle-set-volume-writable", G_CALLBACK (handle_volume), self);
  g_signal_connect (qube, "handle-refresh", G_CALLBACK (handle_nothing), self);
  g_signal_connect (qube, "handle-start", G_CALLBACK (handle_nothing), self);
  g_signal_connect (qube, "handle-shutdown", G_CALLBACK (handle_nothing), self);
  export_object (self, object_path, G_DBUS_INTERFACE_SKELETON (qube));
  /* The object manager keeps it. */
  return qube;
}

LiveBusQube *
live_mock_service_add_qube (LiveMockService *self, const char *name)
{
  g_autofree char *object_path = live_object_path ("qube", name);

  return live_mock_service_add_qube_at (self, object_path, name);
}

void
live_mock_service_remove_qube (LiveMockService *self, const char *name)
{
  g_autofree char *object_path = live_object_path ("qube", name);

  g_assert_true (g_dbus_object_manager_server_unexport (self->objects, object_path));
}

LiveBusPool *
live_mock_service_add_pool (LiveMockService *self, const char *name)
{
  g_autoptr (LiveBusPool) pool = live_bus_pool_skeleton_new ();
  g_autofree char *object_path = live_object_path ("pool", name);
  const char *const nothing[] = { NULL };

  live_bus_pool_set_name (pool, name);
  live_bus_pool_set_driver (pool, "file-reflink");
  live_bus_pool_set_kind (pool, "disk");
  live_bus_pool_set_size (pool, 100 * GIB);
  live_bus_pool_set_used (pool, 40 * GIB);
  live_bus_pool_set_ephemeral_volatile_supported (pool, TRUE);
  live_bus_pool_set_state (pool, "ready");
  live_bus_pool_set_qubes (pool, nothing);
  g_signal_connect (pool, "handle-set-default", G_CALLBACK (handle_boolean), self);
  g_signal_connect (pool, "handle-resize", G_CALLBACK (handle_size), self);
  g_signal_connect (pool, "handle-destroy", G_CALLBACK (handle_destroy), self);
  g_signal_connect (pool, "handle-set-ephemeral-volatile", G_CALLBACK (handle_boolean), self);
  export_object (self, object_path, G_DBUS_INTERFACE_SKELETON (pool));
  return pool;
}

void
live_mock_service_remove_pool (LiveMockService *self, const char *name)
{
  g_autofree char *object_path = live_object_path ("pool", name);

  g_assert_true (g_dbus_object_manager_server_unexport (self->objects, object_path));
}

LiveBusJob *
live_mock_service_add_job (LiveMockService *self, const char *kind, const char *subject)
{
  g_autoptr (LiveBusJob) job = live_bus_job_skeleton_new ();
  g_autofree char *object_path = get_job_path (++self->n_jobs);

  live_bus_job_set_kind (job, kind);
  live_bus_job_set_subject (job, subject);
  live_bus_job_set_step (job, LIVE_JOB_STEP_CHECK);
  live_bus_job_set_progress (job, -1);
  live_bus_job_set_cancellable (job, TRUE);
  live_bus_job_set_error_name (job, "");
  live_bus_job_set_error_message (job, "");
  g_signal_connect (job, "handle-cancel", G_CALLBACK (handle_nothing), self);
  export_object (self, object_path, G_DBUS_INTERFACE_SKELETON (job));
  self->job = job;
  return job;
}

LiveBusJob *
live_mock_service_get_job (LiveMockService *self)
{
  return self->job;
}

void
live_mock_service_finish_job (LiveMockService *self, LiveBusJob *job, const char *error_name, const char *message)
{
  live_bus_job_set_cancellable (job, FALSE);
  live_bus_job_set_error_name (job, error_name);
  live_bus_job_set_error_message (job, message);
  live_bus_job_set_finished (job, TRUE);
  g_dbus_interface_skeleton_flush (G_DBUS_INTERFACE_SKELETON (job));
  live_bus_job_emit_completed (job, *error_name == '\0', error_name, message);
}

void
live_mock_service_remove_job (LiveMockService *self)
{
  g_autofree char *object_path = get_job_path (self->n_jobs);

  g_assert_true (g_dbus_object_manager_server_unexport (self->objects, object_path));
  self->job = NULL;
}

void
live_mock_service_fail (LiveMockService *self, GQuark domain, int code, const char *message)
{
  self->fail_domain = domain;
  self->fail_code = code;
  g_free (self->fail_message);
  self->fail_message = g_strdup (message);
}

void
live_mock_service_hold (LiveMockService *self)
{
  self->holding = TRUE;
}

guint
live_mock_service_get_n_held (LiveMockService *self)
{
  return self->held->len;
}

void
live_mock_service_release (LiveMockService *self)
{
  self->holding = FALSE;
  for (guint i = 0; i < self->held->len; i++)
    {
      Held *held = self->held->pdata[i];

      answer (self, held->object, g_steal_pointer (&held->invocation));
    }
  g_ptr_array_set_size (self->held, 0);
}

void
live_mock_service_refuse_view (LiveMockService *self, gboolean refuse)
{
  g_atomic_int_set (&self->refuse_view, refuse);
}

char *
live_mock_service_take_calls (LiveMockService *self)
{
  char *joined = NULL;

  g_ptr_array_add (self->calls, NULL);
  joined = g_strjoinv ("; ", (char **)self->calls->pdata);
  g_ptr_array_set_size (self->calls, 0);
  return joined;
}
