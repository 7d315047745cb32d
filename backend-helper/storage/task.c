/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "storage/task.h"

#include "model/error.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUS_PREFIX "org.qubes.Live1.Error."
/* A caller who does not take the last line in this time will not. */
#define LAST_LINE_MILLISECONDS 10000
#define MAX_HOLDERS 32

struct _LiveTask
{
  int answers;
  int signals;
  gboolean cancelled;
  gboolean is_protected;
  guint points;
  guint kill_at;
  guint cancel_at;
  JsonArray *holders;
  gboolean holders_left_out;
};

LiveTask *
live_task_new (int answers)
{
  LiveTask *task = g_new0 (LiveTask, 1);
  sigset_t ending;

  sigemptyset (&ending);
  sigaddset (&ending, SIGTERM);
  sigaddset (&ending, SIGINT);
  sigaddset (&ending, SIGHUP);
  sigprocmask (SIG_BLOCK, &ending, NULL);
  signal (SIGPIPE, SIG_IGN);
  task->answers = answers;
  task->signals = signalfd (-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
  if (task->signals < 0)
    g_error ("signalfd: %s", g_strerror (errno));
  task->holders = json_array_new ();
  return task;
}

void
live_task_free (LiveTask *task)
{
  close (task->signals);
  json_array_unref (task->holders);
  g_free (task);
}

void
live_task_set_faults (LiveTask *task, guint kill_at, guint cancel_at)
{
  task->kill_at = kill_at;
  task->cancel_at = cancel_at;
}

/* @fd and what happened to it may be left out: -1 and %NULL. Waits for @timeout milliseconds at most. */
static void
look (LiveTask *task, int fd, short events, short *happened, int timeout)
{
  struct pollfd fds[] = {
    { .fd = task->answers, .events = 0 },
    { .fd = task->signals, .events = POLLIN },
    { .fd = fd, .events = events },
  };

  /* Once it was cancelled there is nothing to learn from the first two, and they would be ready for ever. */
  if (task->cancelled || task->is_protected)
    fds[0].fd = fds[1].fd = -1;
  if (poll (fds, G_N_ELEMENTS (fds), timeout) < 0)
    {
      if (errno != EINTR)
        g_error ("poll: %s", g_strerror (errno));
      return;
    }
  /* A caller who only closed the sending half still waits for the answer: that is no POLLHUP. */
  if ((fds[0].revents & (POLLHUP | POLLERR)) != 0 || fds[1].revents != 0)
    task->cancelled = TRUE;
  if (happened != NULL)
    *happened = fds[2].revents;
}

static gboolean
check_cancelled (LiveTask *task, GError **error)
{
  if (task->is_protected || !task->cancelled)
    return TRUE;
  g_set_error_literal (error, LIVE_ERROR, LIVE_ERROR_CANCELLED,
                       "the caller went away or the program was asked to end; what was begun is undone");
  return FALSE;
}

gboolean
live_task_point (LiveTask *task, GError **error)
{
  task->points++;
  if (task->points == task->kill_at)
    raise (SIGKILL);
  if (task->points == task->cancel_at && !task->is_protected)
    task->cancelled = TRUE;
  look (task, -1, 0, NULL, 0);
  return check_cancelled (task, error);
}

void
live_task_protect (LiveTask *task)
{
  task->is_protected = TRUE;
}

gboolean
live_task_wait (LiveTask *task, int fd, short events, GError **error)
{
  short happened = 0;

  while (happened == 0)
    {
      look (task, fd, events, &happened, -1);
      if (!check_cancelled (task, error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_socket (int fd)
{
  int type = 0;
  socklen_t length = sizeof type;

  return getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &length) == 0;
}

static void
write_line (LiveTask *task, JsonObject *object, gboolean last)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) node = json_node_alloc ();
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;
  gsize length = 0;
  gsize written = 0;

  json_node_init_object (node, object);
  json_generator_set_root (generator, node);
  text = json_generator_to_data (generator, NULL);
  line = g_strconcat (text, "\n", NULL);
  length = strlen (line);
  while (written < length)
    {
      ssize_t count = is_socket (task->answers)
                          ? send (task->answers, line + written, length - written, MSG_DONTWAIT | MSG_NOSIGNAL)
                          : write (task->answers, line + written, length - written);

      if (count >= 0)
        written += (gsize) count;
      else if (errno == EAGAIN)
        {
          struct pollfd fd = { .fd = task->answers, .events = POLLOUT };

          /* Progress that nobody reads can be left out, but only as whole lines. */
          if ((!last && written == 0) || poll (&fd, 1, LAST_LINE_MILLISECONDS) <= 0)
            return;
        }
      else if (errno != EINTR)
        return;
    }
}

void
live_task_step (LiveTask *task, const char *step, double progress)
{
  g_autoptr (JsonObject) object = json_object_new ();

  json_object_set_string_member (object, "step", step);
  json_object_set_double_member (object, "progress", progress);
  write_line (task, object, FALSE);
}

void
live_task_succeed (LiveTask *task, JsonObject *object)
{
  g_autoptr (JsonObject) answer = json_object_new ();

  json_object_set_object_member (answer, "ok", json_object_ref (object));
  write_line (task, answer, TRUE);
}

void
live_task_fail (LiveTask *task, const GError *error)
{
  g_autoptr (JsonObject) answer = json_object_new ();
  g_autoptr (GError) coded
      = g_error_new_literal (LIVE_ERROR, error->domain == LIVE_ERROR ? error->code : LIVE_ERROR_FAILED, error->message);
  g_autofree char *name = g_dbus_error_encode_gerror (coded);

  g_assert (g_str_has_prefix (name, BUS_PREFIX));
  json_object_set_string_member (answer, "error", name + strlen (BUS_PREFIX));
  json_object_set_string_member (answer, "message", error->message);
  if (json_array_get_length (task->holders) > 0)
    json_object_set_array_member (answer, "holders", json_array_ref (task->holders));
  write_line (task, answer, TRUE);
}

void
live_task_add_holder (LiveTask *task, guint pid, const char *name)
{
  g_autoptr (JsonObject) holder = NULL;
  g_autofree char *valid = g_utf8_make_valid (name, -1);

  for (guint i = 0; i < json_array_get_length (task->holders); i++)
    {
      JsonObject *other = json_array_get_object_element (task->holders, i);

      if (json_object_get_int_member (other, "pid") == (gint64) pid
          && g_str_equal (json_object_get_string_member (other, "name"), valid))
        return;
    }
  if (json_array_get_length (task->holders) >= MAX_HOLDERS)
    {
      task->holders_left_out = TRUE;
      return;
    }
  holder = json_object_new ();
  json_object_set_int_member (holder, "pid", pid);
  json_object_set_string_member (holder, "name", valid);
  json_array_add_object_element (task->holders, g_steal_pointer (&holder));
}

char *
live_task_describe_holders (LiveTask *task)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (task->holders); i++)
    {
      JsonObject *holder = json_array_get_object_element (task->holders, i);
      guint pid = (guint) json_object_get_int_member (holder, "pid");
      const char *name = json_object_get_string_member (holder, "name");

      g_string_append (text, i > 0 ? ", " : "");
      if (pid > 0)
        g_string_append_printf (text, "%u (%s)", pid, name);
      else
        g_string_append (text, name);
    }
  if (task->holders_left_out)
    g_string_append (text, " and more");
  return g_string_free (text, FALSE);
}
