/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include "cli/guest.h"

#include "cli/command.h"
#include "cli/program.h"

G_DEFINE_QUARK (live - guest - error - quark, live_guest_error)

static void
payload_free (gpointer data)
{
  LiveGuestPayload *payload = data;

  g_clear_pointer (&payload->bytes, g_bytes_unref);
  g_free (payload->sum);
  g_free (payload);
}

/* @command is one of guest-part.c's, never anything else. */
static gboolean
ask (LiveGuest *guest, const char *command, GBytes *input, LiveProgramReply *reply, GError **error)
{
  g_autofree char *as_root = g_strconcat ("root:", command, NULL);
  const char *const argv[] = { guest->qrexec_client, "-d", guest->qube, as_root, NULL };
  g_autoptr (GAsyncResult) result = NULL;

  live_program_run_async (argv, input, guest->timeout_seconds, guest->cancellable, live_command_on_called, &result);
  live_command_wait_for_call (&result);
  return live_program_run_finish (result, reply, error);
}

static gboolean
order (LiveGuest *guest, const char *command, GBytes *input, GError **error)
{
  g_auto (LiveProgramReply) reply = { 0 };

  if (!ask (guest, command, input, &reply, error))
    return FALSE;
  if (reply.status == 0)
    return TRUE;
  g_set_error (error, LIVE_GUEST_ERROR, LIVE_GUEST_ERROR_COMMAND, "%d: %s", reply.status, reply.says);
  return FALSE;
}

static gboolean
look_at_sum (
    LiveGuest *guest, const char *command, const char *path, const char *sum, LiveGuestSum *there, GError **error)
{
  g_auto (LiveProgramReply) reply = { 0 };

  if (!ask (guest, command, NULL, &reply, error))
    return FALSE;
  *there = reply.status == 0 ? live_guest_sum_parse (reply.out, path, sum) : LIVE_GUEST_SUM_INVALID;
  if (*there != LIVE_GUEST_SUM_INVALID)
    return TRUE;
  if (reply.status != 0)
    g_set_error (error, LIVE_GUEST_ERROR, LIVE_GUEST_ERROR_COMMAND, "%d: %s", reply.status, reply.says);
  else
    g_set_error (error, LIVE_GUEST_ERROR, LIVE_GUEST_ERROR_ANSWER, "no sum of %s", path);
  return FALSE;
}

/* Like look_at_sum(), for what was just put there. */
static gboolean
check_sum (LiveGuest *guest, const char *command, const char *path, const char *sum, GError **error)
{
  LiveGuestSum there = LIVE_GUEST_SUM_INVALID;

  if (!look_at_sum (guest, command, path, sum, &there, error))
    return FALSE;
  if (there == LIVE_GUEST_SUM_SAME)
    return TRUE;
  g_set_error (error, LIVE_GUEST_ERROR, LIVE_GUEST_ERROR_ARRIVED, "%s", path);
  return FALSE;
}

/* Whatever is-enabled says beside "enabled" means that it is not: which words there are depends on systemd's version.
 */
static gboolean
look_at_unit (LiveGuest *guest, const LiveGuestPart *part, gboolean *enabled, GError **error)
{
  g_auto (LiveProgramReply) reply = { 0 };

  *enabled = TRUE;
  if (part->is_enabled == NULL)
    return TRUE;
  if (!ask (guest, part->is_enabled, NULL, &reply, error))
    return FALSE;
  *enabled = reply.status == 0 && g_str_equal (reply.out, "enabled\n");
  return TRUE;
}

gboolean
live_guest_probe (LiveGuest *guest, gboolean *whonix, GError **error)
{
  g_auto (LiveProgramReply) reply = { 0 };

  if (!ask (guest, live_guest_part_probe, NULL, &reply, error))
    return FALSE;
  *whonix = g_str_equal (reply.out, "whonix\n");
  if (reply.status == 0 && (*whonix || g_str_equal (reply.out, "plain\n")))
    return TRUE;
  if (reply.status != 0)
    g_set_error (error, LIVE_GUEST_ERROR, LIVE_GUEST_ERROR_COMMAND, "%d: %s", reply.status, reply.says);
  else
    g_set_error_literal (error, LIVE_GUEST_ERROR, LIVE_GUEST_ERROR_ANSWER, "neither whonix nor plain");
  return FALSE;
}

GPtrArray *
live_guest_load (LiveGuest *guest, const char *directory, const LiveGuestPart *part, GError **error)
{
  g_autoptr (GPtrArray) payloads = g_ptr_array_new_with_free_func (payload_free);

  for (guint i = 0; i < part->n_files; i++)
    {
      g_autoptr (GFile) file = g_file_new_build_filename (directory, part->files[i].source, NULL);
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (GError) why = NULL;
      LiveGuestPayload *payload = g_new0 (LiveGuestPayload, 1);

      g_ptr_array_add (payloads, payload);
      g_file_load_bytes_async (file, guest->cancellable, live_command_on_called, &result);
      live_command_wait_for_call (&result);
      payload->bytes = g_file_load_bytes_finish (file, result, NULL, &why);
      if (payload->bytes == NULL)
        {
          g_set_error_literal (error, LIVE_GUEST_ERROR, LIVE_GUEST_ERROR_FILES, why->message);
          return NULL;
        }
      if (g_bytes_get_size (payload->bytes) == 0 || g_bytes_get_size (payload->bytes) > LIVE_GUEST_LARGEST_FILE)
        {
          g_set_error (error, LIVE_GUEST_ERROR, LIVE_GUEST_ERROR_FILES, "%s/%s is empty or too large", directory,
                       part->files[i].source);
          return NULL;
        }
      payload->sum = g_compute_checksum_for_bytes (G_CHECKSUM_SHA256, payload->bytes);
    }
  return g_steal_pointer (&payloads);
}

gboolean
live_guest_look (LiveGuest *guest, const LiveGuestPart *part, GPtrArray *payloads, gboolean *enabled, GError **error)
{
  for (guint i = 0; i < part->n_files; i++)
    {
      LiveGuestPayload *payload = g_ptr_array_index (payloads, i);

      if (!look_at_sum (guest, part->files[i].sum, part->files[i].path, payload->sum, &payload->there, error))
        return FALSE;
    }
  return look_at_unit (guest, part, enabled, error);
}

/* Sends each file and sees that it arrived; nothing is in place yet. */
static gboolean
send_all (LiveGuest *guest, const LiveGuestPart *part, GPtrArray *payloads, GError **error)
{
  for (guint i = 0; i < part->n_files; i++)
    {
      const LiveGuestFile *file = &part->files[i];
      LiveGuestPayload *payload = g_ptr_array_index (payloads, i);

      if (payload->there == LIVE_GUEST_SUM_SAME)
        continue;
      if (!order (guest, file->receive, payload->bytes, error)
          || !check_sum (guest, file->sum_received, file->received_path, payload->sum, error))
        return FALSE;
    }
  return TRUE;
}

static void
drop_all (LiveGuest *guest, const LiveGuestPart *part, GPtrArray *payloads)
{
  for (guint i = 0; i < part->n_files; i++)
    {
      LiveGuestPayload *payload = g_ptr_array_index (payloads, i);

      /* Of what is left behind somebody else tells already, and it is run by nothing. */
      if (payload->there != LIVE_GUEST_SUM_SAME && !order (guest, part->files[i].drop, NULL, NULL))
        return;
    }
}

gboolean
live_guest_install (LiveGuest *guest, const LiveGuestPart *part, GPtrArray *payloads, GError **error)
{
  gboolean enabled = FALSE;

  if (!send_all (guest, part, payloads, error))
    {
      drop_all (guest, part, payloads);
      return FALSE;
    }
  for (guint i = 0; i < part->n_files; i++)
    {
      LiveGuestPayload *payload = g_ptr_array_index (payloads, i);

      if (payload->there != LIVE_GUEST_SUM_SAME && !order (guest, part->files[i].take, NULL, error))
        return FALSE;
    }
  for (guint i = 0; i < part->n_files; i++)
    {
      LiveGuestPayload *payload = g_ptr_array_index (payloads, i);

      if (!check_sum (guest, part->files[i].sum, part->files[i].path, payload->sum, error))
        return FALSE;
    }
  if (part->enable != NULL && !order (guest, part->enable, NULL, error))
    return FALSE;
  if (!look_at_unit (guest, part, &enabled, error))
    return FALSE;
  if (!enabled)
    g_set_error_literal (error, LIVE_GUEST_ERROR, LIVE_GUEST_ERROR_ARRIVED, "the unit is not enabled");
  return enabled;
}

gboolean
live_guest_remove (LiveGuest *guest, const LiveGuestPart *part, GPtrArray *payloads, gboolean enabled, GError **error)
{
  if (part->disable != NULL && enabled && !order (guest, part->disable, NULL, error))
    return FALSE;
  /* What starts it is last in the part, and first to go. */
  for (guint i = part->n_files; i > 0; i--)
    {
      const LiveGuestFile *file = &part->files[i - 1];
      LiveGuestPayload *payload = g_ptr_array_index (payloads, i - 1);

      if (!order (guest, file->remove, NULL, error)
          || !look_at_sum (guest, file->sum, file->path, payload->sum, &payload->there, error))
        return FALSE;
      if (payload->there != LIVE_GUEST_SUM_ABSENT)
        {
          g_set_error (error, LIVE_GUEST_ERROR, LIVE_GUEST_ERROR_ARRIVED, "%s", file->path);
          return FALSE;
        }
    }
  return TRUE;
}
