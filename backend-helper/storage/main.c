/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#define _GNU_SOURCE

#include "config.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/error.h"
#include "storage/create.h"
#include "storage/record.h"
#include "storage/request.h"
#include "storage/resize.h"
#include "storage/survey.h"
#include "storage/take-apart.h"
#include "storage/task.h"

#define MAX_REQUEST 16384
/* The caller has what it wants to say before it connects. */
#define REQUEST_SECONDS 10

/* A key must not be on a disk because the program that made it crashed, nor be read by a debugger. */
static void
forbid_dumps (void)
{
  const struct rlimit none = { 0, 0 };

  if (setrlimit (RLIMIT_CORE, &none) < 0 || prctl (PR_SET_DUMPABLE, 0) < 0)
    g_error ("core dumps cannot be forbidden: %s", g_strerror (errno));
}

/* Nothing that a caller put into the environment may reach the libraries. */
static void
clear_environment (void)
{
  clearenv ();
  g_setenv ("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", TRUE);
  g_setenv ("LC_CTYPE", "C.UTF-8", TRUE);
  setlocale (LC_CTYPE, "");
  umask (0077);
}

/* What stands before the first end of line; %NULL when none comes. */
static char *
read_request (LiveTask *task, gsize *length, GError **error)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  const guint8 *end = NULL;

  /* Ends the program where it waits, with nothing begun. */
  alarm (REQUEST_SECONDS);
  while (end == NULL && bytes->len <= MAX_REQUEST)
    {
      guint8 buffer[4096];
      ssize_t count = 0;

      if (!live_task_wait (task, STDIN_FILENO, POLLIN, error))
        return NULL;
      count = read (STDIN_FILENO, buffer, sizeof buffer);
      if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN))
        break;
      if (count > 0)
        g_byte_array_append (bytes, buffer, (guint) count);
      end = memchr (bytes->data, '\n', bytes->len);
    }
  alarm (0);
  if (end == NULL || end + 1 != bytes->data + bytes->len)
    {
      g_set_error_literal (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL, "a request is one line, and there is one only");
      return NULL;
    }
  *length = (gsize) (end - bytes->data);
  return (char *) g_byte_array_free (g_steal_pointer (&bytes), FALSE);
}

static JsonObject *
serve (LiveTask *task, const LiveRequest *request, GError **error)
{
  if (!live_record_prepare (error))
    return NULL;
  switch (request->kind)
    {
    case LIVE_REQUEST_CREATE_ZRAM:
    case LIVE_REQUEST_CREATE_TMPFS:
    case LIVE_REQUEST_CREATE_ENCRYPTED:
      return live_create_pool (task, request, error);
    case LIVE_REQUEST_DESTROY:
    case LIVE_REQUEST_DISCARD:
      return live_destroy_pool (task, request->name, request->kind == LIVE_REQUEST_DISCARD, error);
    case LIVE_REQUEST_RESIZE:
      return live_resize_pool (task, request, error);
    case LIVE_REQUEST_LIST:
      return live_survey_list (error);
    case LIVE_REQUEST_BUDGET:
      return live_survey_budget (error);
    default:
      g_assert_not_reached ();
    }
}

static int
run (LiveTask *task)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  gsize length = 0;
  g_autoptr (LiveRequest) request = NULL;
  g_autoptr (JsonObject) answer = NULL;

  text = read_request (task, &length, &error);
  if (text != NULL)
    request = live_request_parse (text, length, &error);
  if (request != NULL)
    answer = serve (task, request, &error);
  if (answer == NULL)
    {
      g_message ("%s", error->message);
      live_task_fail (task, error);
      return EXIT_FAILURE;
    }
  live_task_succeed (task, answer);
  return EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
  int kill_at = 0;
  int cancel_at = 0;
  gboolean version = FALSE;
  const GOptionEntry entries[] = {
    { "kill-at", 0, 0, G_OPTION_ARG_INT, &kill_at, "For tests: be ended by SIGKILL at the Nth point", "N" },
    { "cancel-at", 0, 0, G_OPTION_ARG_INT, &cancel_at, "For tests: be cancelled at the Nth point", "N" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL },
    { NULL, 0, 0, G_OPTION_ARG_NONE, NULL, NULL, NULL },
  };
  g_autoptr (GOptionContext) context = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (LiveTask) task = NULL;

  forbid_dumps ();
  clear_environment ();
  context = g_option_context_new ("– makes the storage of pools, one request at a time");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc > 1 || kill_at < 0 || cancel_at < 0)
    {
      g_printerr ("%s\n", error != NULL ? error->message : "This program takes options only; see --help.");
      return 2;
    }
  if (version)
    {
      g_print ("qubes-live-storage %s\n", PACKAGE_VERSION);
      return EXIT_SUCCESS;
    }
  task = live_task_new (STDOUT_FILENO);
  live_task_set_faults (task, (guint) kill_at, (guint) cancel_at);
  return run (task);
}
