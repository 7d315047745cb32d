/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Preloaded into the real oxenstored, so that it runs without Xen and without root: event channels are a FIFO, the
 * memory of a guest is a file, both in the directory LIVE_TEST_XENSTORED, and so is its socket, whose place it has
 * compiled in. All else is its own.
 */

/* With it setrlimit() is another symbol than the one that oxenstored calls. */
#undef _FILE_OFFSET_BITS
#define XC_WANT_COMPAT_MAP_FOREIGN_API
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>
#include <xenctrl.h>
#include <xenevtchn.h>

#define OWN_DIRECTORY "/var/run/xenstored"
#define PORT_OF_NOTHING 1

static const char *
get_directory (void)
{
  const char *directory = getenv ("LIVE_TEST_XENSTORED");

  if (directory == NULL)
    abort ();
  return directory;
}

/* The path to use for one below the directory that is compiled in. */
static const char *
redirect (const char *path, char *buffer, size_t size)
{
  size_t length = strlen (OWN_DIRECTORY);

  if (strncmp (path, OWN_DIRECTORY, length) != 0)
    return path;
  if ((size_t)snprintf (buffer, size, "%s%s", get_directory (), path + length) >= size)
    abort ();
  return buffer;
}

int
bind (int fd, const struct sockaddr *address, socklen_t length)
{
  struct sockaddr_un own = { .sun_family = AF_UNIX };
  const struct sockaddr_un *wanted = (const void *)address;
  char buffer[sizeof (own.sun_path)];

  if (address->sa_family != AF_UNIX)
    return (int)syscall (SYS_bind, fd, address, length);
  strcpy (own.sun_path, redirect (wanted->sun_path, buffer, sizeof (buffer)));
  return (int)syscall (SYS_bind, fd, &own, sizeof (own));
}

int
unlink (const char *path)
{
  char buffer[4096];

  return (int)syscall (SYS_unlinkat, AT_FDCWD, redirect (path, buffer, sizeof (buffer)), 0);
}

int
mkdir (const char *path, mode_t mode)
{
  char buffer[4096];

  return (int)syscall (SYS_mkdirat, AT_FDCWD, redirect (path, buffer, sizeof (buffer)), mode);
}

/* It wants more open files than a container may have. */
int
setrlimit (__rlimit_resource_t resource, const struct rlimit *limit)
{
  return 0;
}

/* Ports are numbered like the domains they belong to, and come as four bytes. */

xenevtchn_handle *
xenevtchn_open (struct xentoollog_logger *logger, unsigned int flags)
{
  char path[4096];
  int *handle = malloc (sizeof (*handle));

  snprintf (path, sizeof (path), "%s/events", get_directory ());
  if (handle == NULL || (mkfifo (path, 0600) != 0 && access (path, F_OK) != 0))
    abort ();
  *handle = open (path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (*handle < 0)
    abort ();
  return (xenevtchn_handle *)handle;
}

xenevtchn_handle *
xenevtchn_fdopen (struct xentoollog_logger *logger, int fd, unsigned int flags)
{
  return xenevtchn_open (logger, flags);
}

int
xenevtchn_close (xenevtchn_handle *handle)
{
  close (*(int *)handle);
  free (handle);
  return 0;
}

int
xenevtchn_fd (xenevtchn_handle *handle)
{
  return *(int *)handle;
}

int
xenevtchn_notify (xenevtchn_handle *handle, evtchn_port_t port)
{
  return 0;
}

xenevtchn_port_or_error_t
xenevtchn_bind_interdomain (xenevtchn_handle *handle, uint32_t domid, evtchn_port_t port)
{
  return (xenevtchn_port_or_error_t)domid + 1000;
}

xenevtchn_port_or_error_t
xenevtchn_bind_virq (xenevtchn_handle *handle, unsigned int virq)
{
  return PORT_OF_NOTHING;
}

int
xenevtchn_unbind (xenevtchn_handle *handle, evtchn_port_t port)
{
  return 0;
}

xenevtchn_port_or_error_t
xenevtchn_pending (xenevtchn_handle *handle)
{
  uint32_t port = 0;

  if (read (*(int *)handle, &port, sizeof (port)) != sizeof (port))
    return -1;
  return (xenevtchn_port_or_error_t)port;
}

int
xenevtchn_unmask (xenevtchn_handle *handle, evtchn_port_t port)
{
  return 0;
}

xc_interface *
xc_interface_open (xentoollog_logger *logger, xentoollog_logger *dombuild_logger, unsigned int flags)
{
  return malloc (1);
}

int
xc_interface_close (xc_interface *handle)
{
  free (handle);
  return 0;
}

/* The page over which a guest talks to the store. */
void *
xc_map_foreign_range (xc_interface *handle, uint32_t domid, int size, int protection, unsigned long frame)
{
  char path[4096];
  int fd = -1;
  void *memory = NULL;

  snprintf (path, sizeof (path), "%s/ring-%u", get_directory (), domid);
  fd = open (path, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    return NULL;
  memory = mmap (NULL, (size_t)size, protection, MAP_SHARED, fd, 0);
  close (fd);
  return memory == MAP_FAILED ? NULL : memory;
}
