/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "xenstored.h"

#include "process.h"
#include "test-bed.h"
#include "xenstore-client.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <xen/io/xs_wire.h>

#define START_SECONDS 20
#define STOP_SECONDS 10
#define PAGE_SIZE 4096
#define BACKENDS "/local/domain/0/backend/vbd"

struct _LiveTestXenstored
{
  char *directory;
  char *socket;
  GSubprocess *process;
  LiveTestXenstoreClient *client;
  GHashTable *guests; /* domid to its client */
};

/* Debian keeps each version of Xen in its own directory, and has a script in the usual place that needs Xen to run. */
static char *
find_program (void)
{
  static const char library[] = "/usr/lib";
  g_autoptr (GDir) directory = g_dir_open (library, 0, NULL);
  const char *name = NULL;

  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = NULL;

      if (!g_str_has_prefix (name, "xen-"))
        continue;
      path = g_build_filename (library, name, "bin", "oxenstored", NULL);
      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&path);
    }
  if (!g_file_test ("/etc/debian_version", G_FILE_TEST_EXISTS)
      && g_file_test ("/usr/sbin/oxenstored", G_FILE_TEST_IS_EXECUTABLE))
    return g_strdup ("/usr/sbin/oxenstored");
  return NULL;
}

gboolean
live_test_xenstored_is_installed (void)
{
  g_autofree char *program = find_program ();

  return program != NULL;
}

static gboolean
can_connect (gpointer data)
{
  LiveTestXenstored *self = data;

  if (live_test_process_has_ended (self->process))
    g_error ("oxenstored ended; see %s", self->directory);
  self->client = live_test_xenstore_client_connect (self->socket);
  return self->client != NULL;
}

/* It listens before it has its event channels, which a guest needs. */
static gboolean
is_ready (gpointer data)
{
  LiveTestXenstored *self = data;
  g_autofree char *events = g_build_filename (self->directory, "events", NULL);

  return g_file_test (events, G_FILE_TEST_EXISTS) && can_connect (self);
}

void
live_test_xenstored_start (LiveTestXenstored *self)
{
  g_autofree char *program = find_program ();
  g_autofree char *configuration = g_build_filename (self->directory, "oxenstored.conf", NULL);
  g_autofree char *page_path = g_build_filename (self->directory, "ring-0", NULL);
  g_autofree char *port_path = g_build_filename (self->directory, "port-0", NULL);
  g_autofree char *page = g_malloc0 (PAGE_SIZE);
  /* A page for dom0, which nobody uses: without one no guest is let in. */
  g_autofree char *text = g_strdup_printf ("pid-file = %s/pid\nxenstored-log-file = %s/log\n"
                                           "xenstored-kva = %s\nxenstored-port = %s\n"
                                           "test-eagain = false\npersistent = false\nquota-maxsize = 4096\n",
                                           self->directory, self->directory, page_path, port_path);
  const char *const argv[] = { program, "--no-fork", "--no-access-log", "--config-file", configuration, NULL };
  g_auto (GStrv) environment = g_environ_setenv (NULL, "LD_PRELOAD", QUBES_LIVE_TEST_XENSTORED_SHIM, TRUE);
  g_autoptr (GError) error = NULL;

  g_return_if_fail (self->process == NULL);
  environment = g_environ_setenv (environment, "LIVE_TEST_XENSTORED", self->directory, TRUE);
  if (!g_file_set_contents (configuration, text, -1, &error)
      || !g_file_set_contents (page_path, page, PAGE_SIZE, &error) || !g_file_set_contents (port_path, "1", -1, &error))
    g_error ("%s", error->message);
  g_unlink (self->socket);
  self->process
      = live_test_process_spawn (argv, (const char *const *)environment, G_SUBPROCESS_FLAGS_STDOUT_SILENCE, 0, FALSE);
  if (!live_test_wait (is_ready, self, START_SECONDS))
    g_error ("oxenstored does not listen");
}

void
live_test_xenstored_stop (LiveTestXenstored *self)
{
  g_clear_pointer (&self->client, live_test_xenstore_client_free);
  g_hash_table_remove_all (self->guests);
  /* It has nothing to tidy up that matters here. */
  if (self->process != NULL && !live_test_process_end (self->process, SIGKILL, STOP_SECONDS))
    g_test_fail_printf ("oxenstored did not end");
  g_clear_object (&self->process);
}

LiveTestXenstored *
live_test_xenstored_new (void)
{
  g_autoptr (GError) error = NULL;
  LiveTestXenstored *self = g_new0 (LiveTestXenstored, 1);

  self->directory = g_dir_make_tmp ("qubes-live-xenstored-XXXXXX", &error);
  if (self->directory == NULL)
    g_error ("%s", error->message);
  self->socket = g_build_filename (self->directory, "socket", NULL);
  self->guests = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify)live_test_xenstore_client_free);
  live_test_xenstored_start (self);
  return self;
}

void
live_test_xenstored_free (LiveTestXenstored *self)
{
  g_autoptr (GDir) directory = g_dir_open (self->directory, 0, NULL);
  const char *name = NULL;

  live_test_xenstored_thaw (self);
  live_test_xenstored_stop (self);
  while (directory != NULL && (name = g_dir_read_name (directory)) != NULL)
    {
      g_autofree char *path = g_build_filename (self->directory, name, NULL);

      g_unlink (path);
    }
  g_rmdir (self->directory);
  g_hash_table_unref (self->guests);
  g_free (self->socket);
  g_free (self->directory);
  g_free (self);
}

const char *
live_test_xenstored_get_socket (LiveTestXenstored *self)
{
  return self->socket;
}

static gboolean
is_stopped (gpointer data)
{
  LiveTestXenstored *self = data;
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", (int)live_test_process_get_pid (self->process));
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && strstr (text, ") T ") != NULL;
}

void
live_test_xenstored_freeze (LiveTestXenstored *self)
{
  g_subprocess_send_signal (self->process, SIGSTOP);
  /* A signal takes its time. */
  if (!live_test_wait (is_stopped, self, STOP_SECONDS))
    g_error ("oxenstored does not stop");
}

void
live_test_xenstored_thaw (LiveTestXenstored *self)
{
  if (self->process != NULL)
    g_subprocess_send_signal (self->process, SIGCONT);
}

/* Path, NUL, value. */
static int
ask_to_write (LiveTestXenstoreClient *client, guint32 transaction, const char *path, const char *value, gssize length)
{
  g_autoptr (GString) body = g_string_new (path);

  g_string_append_c (body, '\0');
  g_string_append_len (body, value, length);
  return live_test_xenstore_client_ask (client, XS_WRITE, transaction, body, NULL);
}

static int
ask_to_remove (LiveTestXenstoreClient *client, const char *path)
{
  g_autoptr (GString) body = g_string_new (path);

  g_string_append_c (body, '\0');
  return live_test_xenstore_client_ask (client, XS_RM, 0, body, NULL);
}

static void
write_in (LiveTestXenstored *self, guint32 transaction, const char *path, const char *value, gssize length)
{
  int code = ask_to_write (self->client, transaction, path, value, length);

  if (code != 0)
    g_error ("xenstored does not let dom0 write %s: %s", path, g_strerror (code));
}

void
live_test_xenstored_write (LiveTestXenstored *self, const char *path, const char *value, gssize length)
{
  write_in (self, 0, path, value, length);
}

void
live_test_xenstored_remove (LiveTestXenstored *self, const char *path)
{
  int code = ask_to_remove (self->client, path);

  if (code != 0 && code != ENOENT)
    g_error ("xenstored does not let dom0 remove %s: %s", path, g_strerror (code));
}

/* xvda to xvdp, as Xen numbers them. */
static guint
get_devid (const char *dev)
{
  g_assert_true (g_str_has_prefix (dev, "xvd") && dev[3] >= 'a' && dev[3] <= 'p' && dev[4] == '\0');
  return 51712 + 16 * (guint)(dev[3] - 'a');
}

char *
live_test_xenstored_path (guint domid, const char *dev, const char *key)
{
  return g_strdup_printf (BACKENDS "/%u/%u/%s", domid, get_devid (dev), key);
}

static void
write_key (
    LiveTestXenstored *self, guint32 transaction, guint domid, const char *dev, const char *key, const char *value)
{
  g_autofree char *path = live_test_xenstored_path (domid, dev, key);

  write_in (self, transaction, path, value, -1);
}

void
live_test_xenstored_plug (LiveTestXenstored *self, guint domid, const char *dev, const char *device)
{
  write_key (self, 0, domid, dev, "state", "2");
  write_key (self, 0, domid, dev, "physical-device", device);
  write_key (self, 0, domid, dev, "physical-device-path", "/dev/some-device");
  write_key (self, 0, domid, dev, "hotplug-status", "connected");
  write_key (self, 0, domid, dev, "sectors", "131072");
  write_key (self, 0, domid, dev, "state", "4");
}

static guint32
start_transaction (LiveTestXenstored *self)
{
  g_autoptr (GString) body = g_string_new (NULL);
  g_autoptr (GString) reply = NULL;

  g_string_append_c (body, '\0');
  if (live_test_xenstore_client_ask (self->client, XS_TRANSACTION_START, 0, body, &reply) != 0)
    g_error ("xenstored does not start a transaction");
  return (guint32)g_ascii_strtoull (reply->str, NULL, 10);
}

static void
end_transaction (LiveTestXenstored *self, guint32 transaction)
{
  g_autoptr (GString) body = g_string_new ("T");

  g_string_append_c (body, '\0');
  if (live_test_xenstore_client_ask (self->client, XS_TRANSACTION_END, transaction, body, NULL) != 0)
    g_error ("xenstored does not end a transaction");
}

void
live_test_xenstored_attach (LiveTestXenstored *self, guint domid, const char *dev, const char *mode, const char *device)
{
  g_autofree char *frontend = g_strdup_printf ("/local/domain/%u/device/vbd/%u", domid, get_devid (dev));
  g_autofree char *frontend_id = g_strdup_printf ("%u", domid);
  guint32 transaction = start_transaction (self);

  write_key (self, transaction, domid, dev, "frontend", frontend);
  write_key (self, transaction, domid, dev, "frontend-id", frontend_id);
  write_key (self, transaction, domid, dev, "online", "1");
  write_key (self, transaction, domid, dev, "removable", "0");
  write_key (self, transaction, domid, dev, "bootable", "1");
  write_key (self, transaction, domid, dev, "dev", dev);
  write_key (self, transaction, domid, dev, "type", "phy");
  write_key (self, transaction, domid, dev, "mode", mode);
  write_key (self, transaction, domid, dev, "device-type", "disk");
  write_key (self, transaction, domid, dev, "params", "/dev/some-device");
  write_key (self, transaction, domid, dev, "state", "1");
  end_transaction (self, transaction);
  if (device != NULL)
    live_test_xenstored_plug (self, domid, dev, device);
}

void
live_test_xenstored_exchange (
    LiveTestXenstored *self, guint domid, const char *dev, const char *mode, const char *device)
{
  guint32 transaction = start_transaction (self);

  write_key (self, transaction, domid, dev, "mode", mode);
  write_key (self, transaction, domid, dev, "physical-device", device);
  end_transaction (self, transaction);
}

void
live_test_xenstored_detach (LiveTestXenstored *self, guint domid, const char *dev)
{
  g_autofree char *path = g_strdup_printf (BACKENDS "/%u/%u", domid, get_devid (dev));

  write_key (self, 0, domid, dev, "online", "0");
  write_key (self, 0, domid, dev, "state", "5");
  write_key (self, 0, domid, dev, "state", "6");
  live_test_xenstored_remove (self, path);
}

void
live_test_xenstored_forget_domain (LiveTestXenstored *self, guint domid)
{
  g_autofree char *path = g_strdup_printf (BACKENDS "/%u", domid);

  live_test_xenstored_remove (self, path);
}

void
live_test_xenstored_introduce (LiveTestXenstored *self, guint domid)
{
  g_autofree char *ring = g_strdup_printf ("%s/ring-%u", self->directory, domid);
  g_autofree char *events = g_build_filename (self->directory, "events", NULL);
  g_autofree char *home = g_strdup_printf ("/local/domain/%u", domid);
  g_autofree char *request = g_strdup_printf ("%u*1*1*", domid);
  g_autofree char *owner = g_strdup_printf ("n%u", domid);
  g_autoptr (GString) body = g_string_new (NULL);
  g_autoptr (GString) introduction = g_string_new (request);
  LiveTestXenstoreClient *guest = live_test_xenstore_client_new_guest (ring, events, domid + 1000);

  g_hash_table_insert (self->guests, GUINT_TO_POINTER (domid), guest);
  for (gsize i = 0; i < introduction->len; i++)
    if (introduction->str[i] == '*')
      introduction->str[i] = '\0';
  if (live_test_xenstore_client_ask (self->client, XS_INTRODUCE, 0, introduction, NULL) != 0)
    g_error ("xenstored does not take the domain %u", domid);
  live_test_xenstored_write (self, home, "", 0);
  g_string_append (body, home);
  g_string_append_c (body, '\0');
  g_string_append (body, owner);
  g_string_append_c (body, '\0');
  if (live_test_xenstore_client_ask (self->client, XS_SET_PERMS, 0, body, NULL) != 0)
    g_error ("xenstored does not give %s away", home);
}

int
live_test_xenstored_guest_write (LiveTestXenstored *self, guint domid, const char *path, const char *value)
{
  return ask_to_write (g_hash_table_lookup (self->guests, GUINT_TO_POINTER (domid)), 0, path, value, -1);
}

int
live_test_xenstored_guest_remove (LiveTestXenstored *self, guint domid, const char *path)
{
  return ask_to_remove (g_hash_table_lookup (self->guests, GUINT_TO_POINTER (domid)), path);
}
