/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "sources/qubesd-wire.h"

#include "model/error.h"
#include "model/object-path.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MESSAGE_MAX 1024

static const struct
{
  const char *type;
  LiveError code;
} error_types[] = {
  { "QubesVMNotHaltedError", LIVE_ERROR_NOT_HALTED }, { "QubesNoSuchPropertyError", LIVE_ERROR_NOT_FOUND },
  { "DeviceNotFound", LIVE_ERROR_NOT_FOUND },         { "QubesNotImplementedError", LIVE_ERROR_NOT_SUPPORTED },
  { "QubesMemoryError", LIVE_ERROR_NO_MEMORY },       { "PermissionDenied", LIVE_ERROR_PROTOCOL },
  { "ProtocolError", LIVE_ERROR_PROTOCOL },
};

static gboolean
method_is_valid (const char *method)
{
  if (*method == '\0')
    return FALSE;
  for (const char *byte = method; *byte != '\0'; byte++)
    {
      if (!g_ascii_isalnum (*byte) && strchr ("._-", *byte) == NULL)
        return FALSE;
    }
  return TRUE;
}

static gboolean
argument_is_valid (const char *argument)
{
  for (const char *byte = argument; *byte != '\0'; byte++)
    {
      if (!g_ascii_isgraph (*byte))
        return FALSE;
    }
  return TRUE;
}

GBytes *
live_qubesd_request_new (
    const char *method, const char *argument, const char *destination, GBytes *payload, GError **error)
{
  g_autofree char *header = NULL;
  gsize header_length = 0;
  gsize payload_length = 0;
  const void *payload_data = NULL;
  guint8 *request = NULL;

  g_return_val_if_fail (method != NULL, NULL);
  g_return_val_if_fail (destination != NULL, NULL);

  if (argument == NULL)
    argument = "";
  if (!method_is_valid (method) || !argument_is_valid (argument) || !live_name_is_valid (destination))
    {
      g_autofree char *shown_argument = g_strescape (argument, NULL);
      g_autofree char *shown_destination = g_strescape (destination, NULL);
      g_autofree char *shown_method = g_strescape (method, NULL);

      g_set_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                   "Not sent to qubesd: “%.64s+%.64s” to “%.64s” holds a name that Qubes does not allow", shown_method,
                   shown_argument, shown_destination);
      return NULL;
    }

  header = g_strconcat (method, "+", argument, " dom0 name ", destination, NULL);
  header_length = strlen (header) + 1;
  if (payload != NULL)
    payload_data = g_bytes_get_data (payload, &payload_length);
  if (header_length > LIVE_QUBESD_REQUEST_MAX || payload_length > LIVE_QUBESD_REQUEST_MAX - header_length)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                   "Not sent to qubesd: %s to %s would be %" G_GSIZE_FORMAT " bytes long, and %d are allowed", method,
                   destination, header_length + payload_length, LIVE_QUBESD_REQUEST_MAX);
      return NULL;
    }

  request = g_malloc (header_length + payload_length);
  memcpy (request, header, header_length);
  if (payload_length > 0)
    memcpy (request + header_length, payload_data, payload_length);
  return g_bytes_new_take (request, header_length + payload_length);
}

static void
set_unreachable (GError **error, const char *socket_path, int error_number)
{
  const char *remedy = NULL;

  switch (error_number)
    {
    case ENOENT:
    case ECONNREFUSED:
      remedy = "is qubesd running? See “systemctl status qubesd”";
      break;
    case EACCES:
    case EPERM:
      remedy = "only root and the group qubes may use it";
      break;
    default:
      remedy = "see “systemctl status qubesd”";
      break;
    }
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_QUBESD_UNREACHABLE, "Cannot connect to %s: %s; %s", socket_path,
               g_strerror (error_number), remedy);
}

int
live_qubesd_socket_open (const char *socket_path, gboolean *busy, GError **error)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int descriptor = -1;

  *busy = FALSE;
  if (strlen (socket_path) >= sizeof (address.sun_path))
    {
      set_unreachable (error, socket_path, ENAMETOOLONG);
      return -1;
    }
  strcpy (address.sun_path, socket_path);

  descriptor = socket (AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0)
    {
      set_unreachable (error, socket_path, errno);
      return -1;
    }
  if (connect (descriptor, (struct sockaddr *)&address, sizeof (address)) != 0)
    {
      int error_number = errno;

      close (descriptor);
      /* unix(7): a non-blocking connect to a listener whose queue is full gives EAGAIN and is not under way. */
      if (error_number == EAGAIN || error_number == EINTR)
        *busy = TRUE;
      else
        set_unreachable (error, socket_path, error_number);
      return -1;
    }
  return descriptor;
}

GBytes *
live_qubesd_answer_open (GBytes *answer, const char *method, const char *destination, GError **error)
{
  gsize length = 0;
  const guint8 *data = g_bytes_get_data (answer, &length);

  if (length == 0)
    {
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL,
                   "qubesd refused the request without a reason: %s to %s; see “journalctl -u qubesd” in dom0", method,
                   destination);
      return NULL;
    }
  if (length >= 2 && data[0] == '0' && data[1] == '\0')
    return g_bytes_new_from_bytes (answer, 2, length - 2);
  if (length >= 2 && data[0] == '2' && data[1] == '\0')
    {
      g_propagate_error (error, live_qubesd_error_new (data + 2, length - 2));
      return NULL;
    }
  g_set_error (error, LIVE_ERROR, LIVE_ERROR_PROTOCOL,
               "The answer to %s to %s is not of qubesd's protocol (%" G_GSIZE_FORMAT " bytes)", method, destination,
               length);
  return NULL;
}

static LiveError
error_code_from_type (const char *type)
{
  for (gsize i = 0; i < G_N_ELEMENTS (error_types); i++)
    {
      if (g_str_equal (error_types[i].type, type))
        return error_types[i].code;
    }
  if (g_str_has_suffix (type, "NotFoundError"))
    return LIVE_ERROR_NOT_FOUND;
  if (g_str_has_suffix (type, "InUseError"))
    return LIVE_ERROR_IN_USE;
  return LIVE_ERROR_QUBESD_ERROR;
}

/* Puts the arguments where the format wants them; those that are left over are appended. */
static void
append_message (GString *message, const char *format, const char *const *arguments, guint n_arguments)
{
  guint used = 0;

  if (n_arguments == 0)
    {
      g_string_append (message, format);
      return;
    }
  for (const char *byte = format; *byte != '\0'; byte++)
    {
      if (byte[0] == '%' && byte[1] == '%')
        g_string_append_c (message, *byte++);
      else if (byte[0] == '%' && byte[1] != '\0' && strchr ("srd", byte[1]) != NULL && used < n_arguments)
        {
          g_string_append (message, arguments[used++]);
          byte++;
        }
      else
        g_string_append_c (message, *byte);
    }
  for (; used < n_arguments; used++)
    g_string_append_printf (message, "; %s", arguments[used]);
}

/* One line of text that can stand in a log: no control characters, valid UTF-8, not endless. */
static char *
make_harmless (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  gsize length = strlen (valid);

  if (length > MESSAGE_MAX)
    {
      const char *end = g_utf8_find_prev_char (valid, valid + MESSAGE_MAX - 3);
      g_autofree char *start = g_strndup (valid, end != NULL ? (gsize)(end - valid) : 0);

      g_free (valid);
      valid = g_strconcat (start, "…", NULL);
    }
  for (char *byte = valid; *byte != '\0'; byte++)
    {
      if (g_ascii_iscntrl (*byte))
        *byte = ' ';
    }
  return g_steal_pointer (&valid);
}

GError *
live_qubesd_error_new (const guint8 *frame, gsize length)
{
  g_autoptr (GPtrArray) fields = NULL;
  g_autoptr (GString) message = NULL;
  g_autofree char *harmless = NULL;
  const char *type = NULL;
  gsize start = 0;

  /* Cut in mid-frame: the last field is not ended. */
  if (length == 0 || frame[length - 1] != '\0')
    return g_error_new_literal (LIVE_ERROR, LIVE_ERROR_PROTOCOL, "qubesd's error message was cut off");

  fields = g_ptr_array_new ();
  /* A bound on the arguments keeps a hostile frame of NULs cheap. */
  while (start < length && fields->len < 16)
    {
      g_ptr_array_add (fields, (gpointer)(frame + start));
      start += strlen ((const char *)frame + start) + 1;
    }
  if (fields->len < 3)
    return g_error_new_literal (LIVE_ERROR, LIVE_ERROR_PROTOCOL, "qubesd's error message was cut off");

  type = fields->pdata[0];
  if (*type == '\0' || strlen (type) > 100 || !method_is_valid (type))
    return g_error_new_literal (LIVE_ERROR, LIVE_ERROR_PROTOCOL, "qubesd sent an error that has no type");

  message = g_string_new (type);
  g_string_append (message, ": ");
  append_message (message, fields->pdata[2], (const char *const *)fields->pdata + 3, fields->len - 3);
  harmless = make_harmless (message->str);
  return g_error_new_literal (LIVE_ERROR, error_code_from_type (type), harmless);
}

gboolean
live_qubesd_error_is (const GError *error, const char *type)
{
  gsize length = strlen (type);

  return error != NULL && error->domain == LIVE_ERROR && strncmp (error->message, type, length) == 0
         && strncmp (error->message + length, ": ", 2) == 0;
}
