/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "simulator.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

struct _LiveSimulator
{
  char *directory;
  char *socket_path;
  char *control_path;
  GPid pid;
  int control;
};

static int
connect_to (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  /* Long enough for a machine under load, short enough to find out what hangs. */
  struct timeval timeout = { .tv_sec = 10 };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpuint (strlen (path), <, sizeof address.sun_path);
  strcpy (address.sun_path, path);
  g_assert_cmpint (setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout), ==, 0);
  if (connect (fd, (struct sockaddr *)&address, sizeof address) != 0)
    g_error ("cannot connect to %s: %s", path, g_strerror (errno));
  return fd;
}

/* A test that aborts must not leave its simulator behind. */
static void
die_with_parent (gpointer data)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

LiveSimulator *
live_simulator_start (const char *version, ...)
{
  LiveSimulator *simulator = g_new0 (LiveSimulator, 1);
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  const char *program = g_getenv ("LIVE_DOM0");
  char ready[7] = "";
  va_list options;
  char *option;
  int out;

  g_assert_nonnull (program);
  simulator->directory = g_dir_make_tmp ("live-dom0-XXXXXX", &error);
  g_assert_no_error (error);
  simulator->socket_path = g_build_filename (simulator->directory, "qubesd.sock", NULL);
  simulator->control_path = g_build_filename (simulator->directory, "control.sock", NULL);

  g_ptr_array_add (arguments, (char *)program);
  g_ptr_array_add (arguments, (char *)"--socket");
  g_ptr_array_add (arguments, simulator->socket_path);
  g_ptr_array_add (arguments, (char *)"--control");
  g_ptr_array_add (arguments, simulator->control_path);
  g_ptr_array_add (arguments, (char *)"--version");
  g_ptr_array_add (arguments, (char *)version);
  va_start (options, version);
  while ((option = va_arg (options, char *)))
    g_ptr_array_add (arguments, option);
  va_end (options);
  g_ptr_array_add (arguments, NULL);

  g_spawn_async_with_pipes (NULL, (char **)arguments->pdata, NULL, G_SPAWN_DO_NOT_REAP_CHILD, die_with_parent, NULL,
                            &simulator->pid, NULL, &out, NULL, &error);
  g_assert_no_error (error);
  for (gsize got = 0; got < 6;)
    {
      gssize length = read (out, ready + got, 6 - got);
      g_assert_cmpint (length, >, 0);
      got += (gsize)length;
    }
  close (out);
  g_assert_cmpstr (ready, ==, "ready\n");
  simulator->control = connect_to (simulator->control_path);
  return simulator;
}

void
live_simulator_stop (LiveSimulator *simulator)
{
  int status;

  close (simulator->control);
  g_assert_cmpint (kill (simulator->pid, SIGTERM), ==, 0);
  g_assert_cmpint (waitpid (simulator->pid, &status, 0), ==, simulator->pid);
  g_assert_true (WIFEXITED (status));
  g_assert_cmpint (WEXITSTATUS (status), ==, 0);
  g_spawn_close_pid (simulator->pid);
  /* Fails if a socket was left. */
  g_assert_cmpint (g_rmdir (simulator->directory), ==, 0);
  g_free (simulator->directory);
  g_free (simulator->socket_path);
  g_free (simulator->control_path);
  g_free (simulator);
}

const char *
live_simulator_get_socket (LiveSimulator *simulator)
{
  return simulator->socket_path;
}

int
live_simulator_connect (LiveSimulator *simulator)
{
  return connect_to (simulator->socket_path);
}

void
live_socket_send (int fd, const void *bytes, gsize length)
{
  for (gsize sent = 0; sent < length;)
    {
      gssize step = send (fd, (const char *)bytes + sent, length - sent, MSG_NOSIGNAL);

      if (step < 0 && (errno == EPIPE || errno == ECONNRESET))
        return;
      g_assert_cmpint (step, >, 0);
      sent += (gsize)step;
    }
}

void
live_socket_request (int fd, const void *bytes, gsize length)
{
  live_socket_send (fd, bytes, length);
  if (shutdown (fd, SHUT_WR) != 0)
    g_assert_cmpint (errno, ==, ENOTCONN);
}

GByteArray *
live_socket_read_all (int fd)
{
  GByteArray *bytes = g_byte_array_new ();
  guint8 buffer[65536];

  for (;;)
    {
      gssize length = recv (fd, buffer, sizeof buffer, 0);

      /* A peer that hangs up on unread data resets the connection. */
      if (length == 0 || (length < 0 && errno == ECONNRESET))
        return bytes;
      if (length < 0)
        g_error ("no answer: %s", g_strerror (errno));
      g_byte_array_append (bytes, buffer, (guint)length);
    }
}

GByteArray *
live_simulator_call_bytes (LiveSimulator *simulator, const void *bytes, gsize length)
{
  int fd = live_simulator_connect (simulator);
  GByteArray *reply;

  live_socket_request (fd, bytes, length);
  reply = live_socket_read_all (fd);
  close (fd);
  return reply;
}

char *
live_simulator_call (LiveSimulator *simulator, const char *method, const char *dest, const char *payload)
{
  g_autoptr (GByteArray) request = g_byte_array_new ();
  g_autoptr (GByteArray) reply = NULL;
  g_autofree char *header = g_strdup_printf ("%s dom0 name %s", method, dest);

  g_byte_array_append (request, (const guint8 *)header, (guint)strlen (header) + 1);
  g_byte_array_append (request, (const guint8 *)payload, (guint)strlen (payload));
  reply = live_simulator_call_bytes (simulator, request->data, request->len);
  for (guint i = 0; i < reply->len; i++)
    if (reply->data[i] == '\0')
      reply->data[i] = '|';
  /* No reply at all has no data either. */
  return reply->len > 0 ? g_strndup ((const char *)reply->data, reply->len) : g_strdup ("");
}

static char *
control_line (LiveSimulator *simulator, const char *command)
{
  g_autofree char *line = g_strconcat (command, "\n", NULL);
  g_autoptr (GString) answer = g_string_new (NULL);
  char c;

  live_socket_send (simulator->control, line, strlen (line));
  for (;;)
    {
      g_assert_cmpint (recv (simulator->control, &c, 1, 0), ==, 1);
      if (c == '\n')
        return g_string_free (g_steal_pointer (&answer), FALSE);
      g_string_append_c (answer, c);
    }
}

char *
live_simulator_control (LiveSimulator *simulator, const char *format, ...)
{
  g_autofree char *command = NULL;
  va_list arguments;

  va_start (arguments, format);
  command = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return control_line (simulator, command);
}

void
live_simulator_command (LiveSimulator *simulator, const char *format, ...)
{
  g_autofree char *command = NULL;
  g_autofree char *answer = NULL;
  va_list arguments;

  va_start (arguments, format);
  command = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  answer = control_line (simulator, command);
  if (!g_str_has_prefix (answer, "ok"))
    g_error ("%s: %s", command, answer);
}

int
live_simulator_subscribe (LiveSimulator *simulator, const char *dest)
{
  g_autofree char *header = g_strdup_printf ("admin.Events dom0 name %s", dest);
  int fd = live_simulator_connect (simulator);
  char first;

  live_socket_request (fd, header, strlen (header) + 1);
  /* Only a stream that has been greeted gets what happens next. */
  g_assert_cmpint (recv (fd, &first, 1, MSG_PEEK), ==, 1);
  return fd;
}

GByteArray *
live_simulator_take_events (LiveSimulator *simulator, int fd, const char *subject)
{
  static guint number;
  GByteArray *bytes = g_byte_array_new ();
  g_autoptr (GByteArray) mark = g_byte_array_new ();
  g_autofree char *event = g_strdup_printf ("mark-%u", ++number);
  guint8 buffer[65536];

  /* An event of our own shows where the others end: they come in order. */
  live_simulator_command (simulator, "raw-event %s %s", subject ? subject : "-", event);
  g_byte_array_append (mark, (const guint8 *)"1", 2);
  g_byte_array_append (mark, (const guint8 *)(subject ? subject : ""), (guint)(subject ? strlen (subject) : 0) + 1);
  g_byte_array_append (mark, (const guint8 *)event, (guint)strlen (event) + 1);
  g_byte_array_append (mark, (const guint8 *)"", 1);
  while (bytes->len < mark->len || memcmp (bytes->data + bytes->len - mark->len, mark->data, mark->len) != 0)
    {
      gssize length = recv (fd, buffer, sizeof buffer, 0);

      g_assert_cmpint (length, >, 0);
      g_byte_array_append (bytes, buffer, (guint)length);
    }
  g_byte_array_set_size (bytes, bytes->len - mark->len);
  return bytes;
}

char *
live_simulator_take_event_names (LiveSimulator *simulator, int fd, const char *subject)
{
  g_autoptr (GByteArray) bytes = live_simulator_take_events (simulator, fd, subject);
  GString *text = g_string_new (NULL);
  const char *c = (const char *)bytes->data;
  const char *end = c + bytes->len;

  while (c < end)
    {
      const char *name;

      g_assert_cmpstr (c, ==, "1");
      c += 2;
      name = c + strlen (c) + 1;
      g_string_append_printf (text, "%s %s\n", c, name);
      /* Parameters, until the empty key that ends them. */
      for (c = name + strlen (name) + 1; *c;)
        {
          c += strlen (c) + 1;
          c += strlen (c) + 1;
        }
      c++;
    }
  g_assert_true (c == end);
  return g_string_free (text, FALSE);
}
