/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE
#include "xenstore-client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <xen/io/xs_wire.h>

#define PAGE_SIZE 4096
#define ANSWER_SECONDS 20

struct _LiveTestXenstoreClient
{
  int fd; /* socket, or the FIFO of a guest */
  struct xenstore_domain_interface *ring;
  guint32 port;
};

LiveTestXenstoreClient *
live_test_xenstore_client_connect (const char *socket_path)
{
  LiveTestXenstoreClient *client = NULL;
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  struct timeval timeout = { .tv_sec = ANSWER_SECONDS };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpuint (strlen (socket_path), <, sizeof (address.sun_path));
  strcpy (address.sun_path, socket_path);
  if (connect (fd, (struct sockaddr *)&address, sizeof (address)) != 0)
    {
      close (fd);
      return NULL;
    }
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof (timeout));
  client = g_new0 (LiveTestXenstoreClient, 1);
  client->fd = fd;
  return client;
}

LiveTestXenstoreClient *
live_test_xenstore_client_new_guest (const char *ring_path, const char *events_path, guint32 port)
{
  LiveTestXenstoreClient *client = g_new0 (LiveTestXenstoreClient, 1);
  int ring = open (ring_path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

  if (ring < 0 || ftruncate (ring, PAGE_SIZE) != 0)
    g_error ("cannot make %s: %s", ring_path, g_strerror (errno));
  client->ring = mmap (NULL, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, ring, 0);
  close (ring);
  client->fd = open (events_path, O_WRONLY | O_CLOEXEC);
  if (client->ring == MAP_FAILED || client->fd < 0)
    g_error ("cannot open %s: %s", events_path, g_strerror (errno));
  client->port = port;
  return client;
}

void
live_test_xenstore_client_free (LiveTestXenstoreClient *client)
{
  close (client->fd);
  if (client->ring != NULL)
    munmap (client->ring, PAGE_SIZE);
  g_free (client);
}

static void
kick (LiveTestXenstoreClient *client)
{
  if (write (client->fd, &client->port, sizeof (client->port)) != sizeof (client->port))
    g_error ("the event channel is gone");
}

static void
send_bytes (LiveTestXenstoreClient *client, const char *data, gsize length)
{
  if (client->ring == NULL)
    {
      while (length > 0)
        {
          gssize n = send (client->fd, data, length, MSG_NOSIGNAL);

          if (n <= 0)
            g_error ("cannot write to xenstored: %s", g_strerror (errno));
          data += n;
          length -= (gsize)n;
        }
      return;
    }
  for (gsize i = 0; i < length; i++)
    {
      guint32 produced = client->ring->req_prod;

      while (produced - __atomic_load_n (&client->ring->req_cons, __ATOMIC_ACQUIRE) >= XENSTORE_RING_SIZE)
        {
          kick (client);
          g_usleep (1000);
        }
      client->ring->req[MASK_XENSTORE_IDX (produced)] = data[i];
      __atomic_store_n (&client->ring->req_prod, produced + 1, __ATOMIC_RELEASE);
    }
  kick (client);
}

static void
receive_bytes (LiveTestXenstoreClient *client, char *data, gsize length)
{
  gint64 deadline = g_get_monotonic_time () + ANSWER_SECONDS * G_USEC_PER_SEC;

  if (client->ring == NULL)
    {
      /* With a time limit on the socket a signal, such as that of a child's end, ends the wait early (signal(7)). */
      for (gsize received = 0; received < length;)
        {
          gssize part = recv (client->fd, data + received, length - received, 0);

          if (part > 0)
            received += (gsize) part;
          else if (part == 0 || errno != EINTR || g_get_monotonic_time () > deadline)
            g_error ("xenstored does not answer");
        }
      return;
    }
  for (gsize i = 0; i < length; i++)
    {
      guint32 consumed = client->ring->rsp_cons;

      while (__atomic_load_n (&client->ring->rsp_prod, __ATOMIC_ACQUIRE) == consumed)
        {
          if (g_get_monotonic_time () > deadline)
            g_error ("xenstored does not answer a guest");
          g_usleep (200);
        }
      data[i] = client->ring->rsp[MASK_XENSTORE_IDX (consumed)];
      __atomic_store_n (&client->ring->rsp_cons, consumed + 1, __ATOMIC_RELEASE);
    }
}

static int
get_error (const char *name)
{
  static const struct
  {
    const char *name;
    int number;
  } errors[] = { { "ENOENT", ENOENT }, { "EACCES", EACCES }, { "EEXIST", EEXIST }, { "EINVAL", EINVAL },
                 { "EAGAIN", EAGAIN }, { "EPERM", EPERM },   { "ENOSPC", ENOSPC }, { "E2BIG", E2BIG } };

  for (gsize i = 0; i < G_N_ELEMENTS (errors); i++)
    if (g_str_equal (errors[i].name, name))
      return errors[i].number;
  g_error ("xenstored answers %s", name);
}

int
live_test_xenstore_client_ask (
    LiveTestXenstoreClient *client, guint32 type, guint32 transaction, GString *body, GString **reply)
{
  struct xsd_sockmsg header = { .type = type, .tx_id = transaction, .len = (guint32)body->len };
  g_autoptr (GString) answer = g_string_new (NULL);

  send_bytes (client, (const char *)&header, sizeof (header));
  send_bytes (client, body->str, body->len);
  receive_bytes (client, (char *)&header, sizeof (header));
  g_assert_cmpuint (header.len, <=, XENSTORE_PAYLOAD_MAX);
  g_string_set_size (answer, header.len);
  receive_bytes (client, answer->str, header.len);
  if (header.type == XS_ERROR)
    return get_error (answer->str);
  g_assert_cmpuint (header.type, ==, type);
  if (reply != NULL)
    *reply = g_steal_pointer (&answer);
  return 0;
}
