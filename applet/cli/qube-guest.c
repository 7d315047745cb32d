/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "cli/qube.h"

#include <signal.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "cli/guest.h"
#include "cli/program.h"
#include "client/words.h"
#include "model/object-path.h"
#include "model/window.h"

#define QREXEC_CLIENT "/usr/bin/qrexec-client"
#define QVM_PREFS "/usr/bin/qvm-prefs"

/* A qube that has just started, or that swaps, answers no faster. */
#define ANSWER_SECONDS 60.0

/* A disposable, its disposable template, the template. */
#define MOST_TEMPLATES 3

/* What is to be changed: a qube, and the form of the part that fits it. */
typedef struct
{
  LiveCommand *command;
  LiveClientQube *qube;
  gboolean unit; /* the root volume takes it; otherwise the private volume */
  LiveGuest guest;
} LiveTarget;

static void
clear_target (LiveTarget *target)
{
  g_clear_object (&target->qube);
  g_clear_object (&target->guest.cancellable);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (LiveTarget, clear_target)

static gboolean
on_signal (gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
  return G_SOURCE_CONTINUE;
}

static double
get_timeout (LiveCommand *command)
{
  return (command->options.given & LIVE_OPTION_WAIT) != 0 ? command->options.wait_seconds : ANSWER_SECONDS;
}

/* Says why, cleaned: the qube's own words are shown as such. */
static LiveExitCode
finish_error (LiveTarget *target, const GError *error)
{
  LivePrint *err = target->command->err;
  const char *name = target->guest.qube;
  g_autofree char *message = live_words_clean (error->message);

  /* What is typed on a terminal reaches qrexec-client too, which may have ended before we knew. */
  if (g_cancellable_is_cancelled (target->guest.cancellable))
    live_print_line (err, LIVE_PRINT_PLAIN,
                     _ ("Interrupted. %s may have a part of it: the same command again completes it, “remove-guest” "
                        "removes it."),
                     name);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    live_print_line (err, LIVE_PRINT_PLAIN,
                     _ ("%s did not answer in time. Is it still starting? Try again, or give it longer with “--wait”."),
                     name);
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA)
           || g_error_matches (error, LIVE_GUEST_ERROR, LIVE_GUEST_ERROR_ANSWER))
    live_print_line (err, LIVE_PRINT_ALARM,
                     _ ("%s gave an answer that no program asked for gives. What it has now is not known."), name);
  else if (g_error_matches (error, LIVE_GUEST_ERROR, LIVE_GUEST_ERROR_COMMAND))
    live_print_line (err, LIVE_PRINT_PLAIN, _ ("A command failed in %s. It says (and may say anything): %s"), name,
                     message);
  else if (g_error_matches (error, LIVE_GUEST_ERROR, LIVE_GUEST_ERROR_ARRIVED))
    live_print_line (err, LIVE_PRINT_ALARM, _ ("%s has something else than it was given: %s."), name, message);
  else if (g_error_matches (error, LIVE_GUEST_ERROR, LIVE_GUEST_ERROR_FILES))
    live_print_line (err, LIVE_PRINT_PLAIN,
                     _ ("The files that go into a qube cannot be read: %s. Is qubes-live "
                        "installed completely?"),
                     message);
  else
    live_print_line (err, LIVE_PRINT_PLAIN, _ ("No command can be run in %s: %s."), name, message);
  return LIVE_EXIT_FAILED;
}

/* (transfer full) (nullable): what @qube is made from, which the helper does not tell. After a complaint %NULL. */
static LiveClientQube *
ask_for_template (LiveTarget *target, LiveClientQube *qube)
{
  LiveCommand *command = target->command;
  const char *name = live_client_qube_get_name (qube);
  const char *program = command->options.qvm_prefs != NULL ? command->options.qvm_prefs : QVM_PREFS;
  const char *const argv[] = { program, "--", name, "template", NULL };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GError) error = NULL;
  g_auto (LiveProgramReply) reply = { 0 };
  LiveClientQube *template = NULL;

  live_program_run_async (argv, NULL, get_timeout (command), target->guest.cancellable, live_command_on_called,
                          &result);
  live_command_wait_for_call (&result);
  if (live_program_run_finish (result, &reply, &error) && reply.status == 0)
    {
      g_strchomp (reply.out);
      template = live_client_find_qube (command->client, reply.out);
    }
  if (template != NULL)
    return g_object_ref (template);
  live_print_line (command->err, LIVE_PRINT_PLAIN,
                   _ ("What %s is made from could not be told by qvm-prefs. Give the name of the template instead."),
                   name);
  return NULL;
}

/* Replaces the qube by its template. */
static gboolean
go_to_template (LiveTarget *target)
{
  for (guint i = 0; i < MOST_TEMPLATES; i++)
    {
      const char *class = live_client_qube_get_class (target->qube);
      LiveClientQube *template = NULL;

      if (g_str_equal (class, "TemplateVM"))
        return TRUE;
      if (!g_str_equal (class, "AppVM") && !g_str_equal (class, "DispVM"))
        break;
      template = ask_for_template (target, target->qube);
      if (template == NULL)
        return FALSE;
      g_object_unref (target->qube);
      target->qube = template;
    }
  live_print_line (target->command->err, LIVE_PRINT_PLAIN, _ ("%s is made from no template."),
                   live_client_qube_get_name (target->qube));
  return FALSE;
}

/* Whether what is written there now would stay; otherwise says what to do about it. */
static gboolean
is_kept (LiveTarget *target)
{
  LivePrint *err = target->command->err;
  const char *name = live_client_qube_get_name (target->qube);
  const char *window = live_client_qube_get_window_state (target->qube);

  if (g_str_equal (live_client_qube_get_class (target->qube), "DispVM"))
    live_print_line (
        err, LIVE_PRINT_PLAIN,
        _ ("%s is a disposable and keeps nothing. Name its disposable template, or add “--into-template”."), name);
  else if (!g_str_equal (live_client_qube_get_state (target->qube), "running"))
    live_print_line (err, LIVE_PRINT_PLAIN, _ ("%s is not running. Start it and try again."), name);
  else if (target->unit && !live_client_qube_get_root_writable (target->qube))
    live_print_line (err, LIVE_PRINT_PLAIN,
                     _ ("The root volume of %s is read-only: what is installed there would be gone at its next start."),
                     name);
  else if (target->unit)
    return TRUE;
  else if (!live_client_qube_get_private_writable (target->qube))
    live_print_line (
        err, LIVE_PRINT_PLAIN,
        _ ("The private volume of %s is read-only: what is installed there would be gone at its next start. "
           "Shut it down, open a customization window (“qubes-live qube %s window open”) and try again."),
        name, name);
  else if (g_str_equal (live_client_qube_get_policy (target->qube), "full") && !g_str_equal (window, LIVE_WINDOW_OPEN))
    /* It was started before the policy, or is on its way into or out of a window. */
    live_print_line (
        err, LIVE_PRINT_PLAIN,
        _ ("%s is to leave nothing, and has no open customization window: open one first (“qubes-live qube "
           "%s window open”)."),
        name, name);
  else
    return TRUE;
  return FALSE;
}

/* Finds the qube that is meant and sees that it can be changed. */
static gboolean
find_target (LiveTarget *target, LiveCommand *command, const char *name, LiveExitCode *code)
{
  const char *class = NULL;

  target->command = command;
  target->guest.cancellable = g_cancellable_new ();
  target->guest.timeout_seconds = get_timeout (command);
  target->guest.qrexec_client = command->options.qrexec_client != NULL ? command->options.qrexec_client : QREXEC_CLIENT;
  target->qube = live_qube_find (command, name, code);
  if (target->qube == NULL)
    return FALSE;
  *code = LIVE_EXIT_FAILED;
  if ((command->options.given & LIVE_OPTION_INTO_TEMPLATE) != 0 && !go_to_template (target))
    return FALSE;

  target->guest.qube = live_client_qube_get_name (target->qube);
  class = live_client_qube_get_class (target->qube);
  target->unit = g_str_equal (class, "TemplateVM")
                 || (g_str_equal (class, "StandaloneVM") && live_client_qube_get_root_writable (target->qube));
  if (!live_name_is_valid (target->guest.qube)
      || (!target->unit && !g_str_equal (class, "AppVM") && !g_str_equal (class, "DispVM")
          && !g_str_equal (class, "StandaloneVM")))
    {
      g_autofree char *clean = live_words_clean (target->guest.qube);

      live_print_line (command->err, LIVE_PRINT_PLAIN, _ ("No command can be run in %s."), clean);
      return FALSE;
    }
  return is_kept (target);
}

/* Which form fits, and what of it is there. */
static GPtrArray *
look (LiveTarget *target, const LiveGuestPart **part, gboolean *enabled, GError **error)
{
  const char *directory
      = target->command->options.guest_files != NULL ? target->command->options.guest_files : GUEST_FILES_DIRECTORY;
  g_autoptr (GPtrArray) payloads = NULL;
  gboolean whonix = FALSE;

  if (!live_guest_probe (&target->guest, &whonix, error))
    return NULL;
  *part = target->unit ? &live_guest_part_unit : whonix ? &live_guest_part_rc_local_whonix : &live_guest_part_rc_local;
  payloads = live_guest_load (&target->guest, directory, *part, error);
  if (payloads == NULL || !live_guest_look (&target->guest, *part, payloads, enabled, error))
    return NULL;
  return g_steal_pointer (&payloads);
}

static guint
count_there (GPtrArray *payloads, gboolean same)
{
  guint count = 0;

  for (guint i = 0; i < payloads->len; i++)
    {
      LiveGuestPayload *payload = g_ptr_array_index (payloads, i);

      count += same ? payload->there == LIVE_GUEST_SUM_SAME : payload->there != LIVE_GUEST_SUM_ABSENT;
    }
  return count;
}

static LiveExitCode
install (LiveTarget *target)
{
  LivePrint *out = target->command->out;
  const char *name = target->guest.qube;
  const LiveGuestPart *part = NULL;
  gboolean enabled = FALSE;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) payloads = look (target, &part, &enabled, &error);

  if (payloads == NULL)
    return finish_error (target, error);
  if (count_there (payloads, TRUE) == payloads->len && enabled)
    {
      live_print_line (out, LIVE_PRINT_PLAIN, _ ("%s has it already, as it should be. Nothing was changed."), name);
      return LIVE_EXIT_DONE;
    }
  if (!live_guest_install (&target->guest, part, payloads, &error))
    return finish_error (target, error);

  for (guint i = 0; i < part->n_files; i++)
    live_print_line (out, LIVE_PRINT_FAINT, "%s:%s", name, part->files[i].path);
  /* A qube's word for it is all there is. */
  live_print_line (out, LIVE_PRINT_PLAIN, _ ("%s has it now, as far as it says itself."), name);
  if (target->unit)
    live_print_line (
        out, LIVE_PRINT_PLAIN, "%s",
        _ ("It acts in a qube that has the service “ephemeral-rw”, as the policy full sets it, and a private "
           "volume that is read-only. "
           "Shut this qube down; those made from it have it from their next start on."));
  else
    live_print_line (out, LIVE_PRINT_PLAIN, "%s",
                     _ ("It acts from the next start with a private volume that is read-only, but late in it: in the "
                        "template it acts before anything is read from the private volume."));
  return LIVE_EXIT_DONE;
}

static LiveExitCode
remove_part (LiveTarget *target)
{
  LivePrint *out = target->command->out;
  const char *name = target->guest.qube;
  const LiveGuestPart *part = NULL;
  gboolean enabled = FALSE;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) payloads = look (target, &part, &enabled, &error);

  if (payloads == NULL)
    return finish_error (target, error);
  enabled = enabled && part->disable != NULL;
  if (count_there (payloads, FALSE) == 0 && !enabled)
    {
      live_print_line (out, LIVE_PRINT_PLAIN, _ ("%s does not have it. Nothing was changed."), name);
      return LIVE_EXIT_DONE;
    }
  if (!live_guest_remove (&target->guest, part, payloads, enabled, &error))
    return finish_error (target, error);
  live_print_line (out, LIVE_PRINT_PLAIN, _ ("%s does not have it any more, as far as it says itself."), name);
  return LIVE_EXIT_DONE;
}

static LiveExitCode
run (LiveCommand *command, const char *name, LiveExitCode (*change) (LiveTarget *target))
{
  g_auto (LiveTarget) target = { 0 };
  LiveExitCode code = LIVE_EXIT_FAILED;
  guint sources[2] = { 0 };

  if (!find_target (&target, command, name, &code))
    return code;
  sources[0] = g_unix_signal_add (SIGINT, on_signal, target.guest.cancellable);
  sources[1] = g_unix_signal_add (SIGTERM, on_signal, target.guest.cancellable);
  code = change (&target);
  for (gsize i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
  return code;
}

LiveExitCode
live_qube_install_guest (LiveCommand *command, const char *name, char **words)
{
  return run (command, name, install);
}

LiveExitCode
live_qube_remove_guest (LiveCommand *command, const char *name, char **words)
{
  return run (command, name, remove_part);
}
