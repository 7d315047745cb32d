/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "storage-socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct _LiveStorageSocket
{
  char *path;
  char *program;
  GMutex lock;
  char *option; /* with the lock */
  int listener;
  GThread *thread;
};

static void
serve (LiveStorageSocket *self, int connection)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *option = NULL;
  const char *argv[3] = { self->program };

  g_mutex_lock (&self->lock);
  option = g_strdup (self->option);
  g_mutex_unlock (&self->lock);
  argv[1] = option;
  /* It is reaped by GLib, and ended by its caller who hangs up. */
  if (!g_spawn_async_with_pipes_and_fds (NULL, argv, NULL, G_SPAWN_DEFAULT, NULL, NULL, connection, connection, -1,
                                         NULL, NULL, 0, NULL, NULL, NULL, NULL, &error))
    g_error ("%s", error->message);
}

static gpointer
listen_in_thread (gpointer data)
{
  LiveStorageSocket *self = data;

  for (;;)
    {
      int connection = accept4 (self->listener, NULL, NULL, SOCK_CLOEXEC);

      if (connection < 0 && errno == EINTR)
        continue;
      if (connection < 0)
        return NULL;
      serve (self, connection);
      close (connection);
    }
}

LiveStorageSocket *
live_storage_socket_new (const char *path, const char *program)
{
  LiveStorageSocket *self = g_new0 (LiveStorageSocket, 1);
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  g_assert_cmpuint (strlen (path), <, sizeof address.sun_path);
  memcpy (address.sun_path, path, strlen (path));
  self->path = g_strdup (path);
  self->program = g_strdup (program);
  g_mutex_init (&self->lock);
  self->listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (self->listener < 0 || bind (self->listener, (struct sockaddr *) &address, sizeof address) < 0
      || listen (self->listener, 16) < 0)
    g_error ("%s: %s", path, g_strerror (errno));
  self->thread = g_thread_new ("storage socket", listen_in_thread, self);
  return self;
}

void
live_storage_socket_set_option (LiveStorageSocket *self, const char *option)
{
  g_mutex_lock (&self->lock);
  g_free (self->option);
  self->option = g_strdup (option);
  g_mutex_unlock (&self->lock);
}

void
live_storage_socket_free (LiveStorageSocket *self)
{
  shutdown (self->listener, SHUT_RDWR);
  g_thread_join (self->thread);
  close (self->listener);
  unlink (self->path);
  g_mutex_clear (&self->lock);
  g_free (self->option);
  g_free (self->program);
  g_free (self->path);
  g_free (self);
}
