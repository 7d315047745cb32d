/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "request.h"

#include <string.h>

#include "changes.h"
#include "creation.h"
#include "fault.h"

/* What was received, cut into its parts. */
typedef struct
{
  char *method;
  char *argument;
  char *source;
  char *dest;
  char *payload;
  gsize length;
} Header;

static void
header_clear (Header *header)
{
  g_free (header->method);
  g_free (header->argument);
  g_free (header->source);
  g_free (header->dest);
  g_free (header->payload);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Header, header_clear)

static const LiveDom0Method *const tables[] = {
  live_dom0_vm_methods,       live_dom0_volume_methods,  live_dom0_pool_methods,
  live_dom0_property_methods, live_dom0_feature_methods, live_dom0_tag_methods,
};

LiveDom0Outcome
live_dom0_fail (GError **error, LiveDom0Error code, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  if (error)
    *error = g_error_new_valist (LIVE_DOM0_ERROR, (int) code, format, arguments);
  va_end (arguments);
  return LIVE_DOM0_FAILED;
}

static gboolean
parse_header (const guint8 *bytes, gsize length, Header *header)
{
  const guint8 *end = length > 0 ? memchr (bytes, 0, length) : NULL;
  g_autofree char *text = NULL;
  g_auto (GStrv) words = NULL;
  char *plus;

  if (!end)
    return FALSE;
  text = g_strndup ((const char *) bytes, (gsize) (end - bytes));
  words = g_strsplit (text, " ", 4);
  if (g_strv_length (words) != 4)
    return FALSE;
  if (g_str_equal (words[2], "keyword") && g_str_equal (words[3], "adminvm"))
    header->dest = g_strdup ("dom0");
  else if (g_str_equal (words[2], "name"))
    header->dest = g_strdup (words[3]);
  else
    return FALSE;
  plus = strchr (words[0], '+');
  if (plus)
    *plus = '\0';
  header->method = g_strdup (words[0]);
  header->argument = g_strdup (plus ? plus + 1 : "");
  header->source = g_strdup (words[1]);
  header->length = length - (gsize) (end - bytes) - 1;
  header->payload = g_malloc (header->length + 1);
  if (header->length > 0)
    memcpy (header->payload, end + 1, header->length);
  header->payload[header->length] = '\0';
  return TRUE;
}

static const LiveDom0Method *
find_method (LiveDom0 *dom0, const char *name, LiveDom0Class *class)
{
  static const LiveDom0Class classes[]
      = { LIVE_DOM0_CLASS_APP, LIVE_DOM0_CLASS_DISPOSABLE, LIVE_DOM0_CLASS_STANDALONE, LIVE_DOM0_CLASS_TEMPLATE };

  for (guint t = 0; t < G_N_ELEMENTS (tables); t++)
    for (const LiveDom0Method *method = tables[t]; method->name; method++)
      {
        if (g_str_equal (method->name, name))
          return method;
        /* A name that ends with a dot goes on with a class. */
        for (guint i = 0; g_str_has_suffix (method->name, ".") && i < G_N_ELEMENTS (classes); i++)
          if (g_str_has_prefix (name, method->name)
              && g_str_equal (name + strlen (method->name), live_dom0_class_name (classes[i])))
            {
              *class = classes[i];
              return method;
            }
      }
  return NULL;
}

static gboolean
is_uuid (const char *text)
{
  if (strlen (text) != 36)
    return FALSE;
  for (guint i = 0; i < 36; i++)
    {
      gboolean dash = i == 8 || i == 13 || i == 18 || i == 23;
      if (dash ? text[i] != '-' : !(g_ascii_isdigit (text[i]) || (text[i] >= 'a' && text[i] <= 'f')))
        return FALSE;
    }
  return TRUE;
}

static LiveDom0Qube *
find_qube (LiveDom0 *dom0, const char *name, GError **error)
{
  LiveDom0Qube *qube;
  g_autofree char *quoted = live_dom0_repr (name);

  if (!g_str_is_ascii (name))
    {
      live_dom0_fail (error, LIVE_DOM0_ERROR_INTERNAL, "not ASCII");
      return NULL;
    }
  if (dom0->version >= LIVE_DOM0_VERSION_4_3 && g_str_has_prefix (name, "uuid:"))
    {
      const char *uuid = name + strlen ("uuid:");

      if (!is_uuid (uuid))
        {
          g_autofree char *quoted_uuid = live_dom0_repr (uuid);
          live_dom0_fail (error, LIVE_DOM0_ERROR_INVALID_UUID, "VM UUID is not valid: %s", quoted_uuid);
          return NULL;
        }
      for (guint i = 0; i < dom0->qubes->len; i++)
        {
          qube = g_ptr_array_index (dom0->qubes, i);
          if (g_str_equal (qube->uuid, uuid))
            return qube;
        }
    }
  else if (dom0->version >= LIVE_DOM0_VERSION_4_3 && !live_dom0_name_check (name, error))
    return NULL;
  qube = live_dom0_qube_find (dom0, name);
  if (!qube)
    live_dom0_fail (error, LIVE_DOM0_ERROR_NOT_FOUND, "No such domain: %s", quoted);
  return qube;
}

/* What qubesd checks for every method before the method itself runs. */
static gboolean
check_shape (const LiveDom0Method *method, LiveDom0Request *request, GError **error)
{
  const char *problem = NULL;
  gboolean strict = request->dom0->version >= LIVE_DOM0_VERSION_4_4;
  gboolean admin = request->dest->class == LIVE_DOM0_CLASS_ADMIN;

  if (method->payload == LIVE_DOM0_YES && request->length == 0 && strict)
    problem = "expected payload";
  else if (method->payload == LIVE_DOM0_NO && request->length > 0)
    problem = "unexpected payload";
  else if (method->argument == LIVE_DOM0_YES && !*request->argument && strict)
    problem = "expected an argument";
  else if (method->argument == LIVE_DOM0_NO && *request->argument)
    problem = "unexpected argument";
  else if (method->admin == LIVE_DOM0_YES && !admin)
    problem = "expected destination to be AdminVM";
  if (problem)
    live_dom0_fail (error, LIVE_DOM0_ERROR_PROTOCOL, "%s", problem);
  return problem == NULL;
}

gboolean
live_dom0_request_number (
    LiveDom0Request *request, const char *what, gboolean allow_negative, gint64 *number, GError **error)
{
  const char *digits = request->payload;
  const char *problem = NULL;
  gboolean negative = FALSE;

  if (allow_negative && request->dom0->version >= LIVE_DOM0_VERSION_4_3 && *digits == '-')
    {
      negative = TRUE;
      digits++;
    }
  if (!*digits || strlen (request->payload) != request->length || digits[strspn (digits, G_CSET_DIGITS)] != '\0')
    problem = "contains non ASCII digits";
  else if (strlen (digits) >= 20)
    problem = "is bigger than 19 decimal digits";
  else if (*digits == '0' && digits[1] != '\0')
    problem = "contains spurious leading zeros";
  if (problem)
    {
      live_dom0_fail (error, LIVE_DOM0_ERROR_PROTOCOL, "%s %s", what, problem);
      return FALSE;
    }
  *number = (gint64) g_ascii_strtoull (digits, NULL, 10) * (negative ? -1 : 1);
  return TRUE;
}

gboolean
live_dom0_request_boolean (LiveDom0Request *request, gboolean *value, GError **error)
{
  if (strlen (request->payload) == request->length && live_dom0_boolean_parse (request->payload, value))
    return TRUE;
  live_dom0_fail (error, LIVE_DOM0_ERROR_PROTOCOL, "Payload is not boolean ASCII");
  return FALSE;
}

static void
write_error (LiveDom0Connection *connection, const char *type, const char *message)
{
  g_autoptr (GByteArray) frame = g_byte_array_new ();

  g_byte_array_append (frame, (const guint8 *) "2", 2);
  g_byte_array_append (frame, (const guint8 *) type, strlen (type) + 1);
  /* No traceback: only a debugging qubesd sends one. */
  g_byte_array_append (frame, (const guint8 *) "", 1);
  g_byte_array_append (frame, (const guint8 *) message, strlen (message) + 1);
  live_dom0_connection_write (connection, frame->data, frame->len);
}

static void
write_failure (LiveDom0 *dom0, LiveDom0Connection *connection, const GError *error)
{
  gboolean told = error->code != LIVE_DOM0_ERROR_INTERNAL;

  if (error->code == LIVE_DOM0_ERROR_PROTOCOL || error->code == LIVE_DOM0_ERROR_PERMISSION)
    told = dom0->version >= LIVE_DOM0_VERSION_4_4;
  if (told)
    write_error (connection, live_dom0_error_name (error->code), error->message);
}

static void
write_reply (LiveDom0Connection *connection, const GString *reply)
{
  g_autoptr (GByteArray) frame = g_byte_array_sized_new ((guint) reply->len + 2);

  g_byte_array_append (frame, (const guint8 *) "0", 2);
  g_byte_array_append (frame, (const guint8 *) reply->str, (guint) reply->len);
  live_dom0_connection_write (connection, frame->data, frame->len);
}

/* In place of a delay: there is no answer. */
#define NEVER G_MAXUINT

/* What LIVE_DOM0_LATER and a delay keep until the answer is due. */
typedef struct
{
  LiveDom0 *dom0;
  LiveDom0Connection *connection;
  GString *reply;
  GError *error;
} Answer;

static void
answer_free (gpointer data)
{
  Answer *answer = data;

  live_dom0_connection_unref (answer->connection);
  if (answer->reply)
    g_string_free (answer->reply, TRUE);
  g_clear_error (&answer->error);
  g_free (answer);
}

static gboolean
answer_send (gpointer data)
{
  Answer *answer = data;

  if (answer->error)
    write_failure (answer->dom0, answer->connection, answer->error);
  else
    write_reply (answer->connection, answer->reply);
  live_dom0_connection_finish (answer->connection);
  return G_SOURCE_REMOVE;
}

/* Takes @reply and @error. */
static void
answer (LiveDom0 *dom0, LiveDom0Connection *connection, GString *reply, GError *error, guint delay)
{
  Answer *result = g_new0 (Answer, 1);

  result->dom0 = dom0;
  result->connection = live_dom0_connection_ref (connection);
  result->reply = reply;
  result->error = error;
  if (delay == NEVER)
    {
      answer_free (result);
      return;
    }
  if (delay > 0)
    {
      g_timeout_add_full (G_PRIORITY_DEFAULT, delay, answer_send, result, answer_free);
      return;
    }
  answer_send (result);
  answer_free (result);
}

/* A handler's promise of a later answer. */
struct _LiveDom0Promise
{
  LiveDom0 *dom0;
  LiveDom0Connection *connection;
  LiveDom0Change *change;
  guint delay;
};

LiveDom0Promise *
live_dom0_request_promise (LiveDom0Request *request)
{
  LiveDom0Promise *promise = g_new0 (LiveDom0Promise, 1);

  promise->dom0 = request->dom0;
  promise->connection = live_dom0_connection_ref (request->connection);
  promise->delay = request->delay;
  promise->change = request->change ? live_dom0_change_ref (request->change) : NULL;
  return promise;
}

void
live_dom0_request_complete (gpointer data, const GError *error)
{
  LiveDom0Promise *promise = data;

  if (promise->change && error)
    live_dom0_change_fail (promise->change);
  g_clear_pointer (&promise->change, live_dom0_change_unref);
  answer (promise->dom0, promise->connection, g_string_new (NULL), error ? g_error_copy (error) : NULL, promise->delay);
  live_dom0_connection_unref (promise->connection);
  g_free (promise);
}

/* qubesd is one thread: while it works on a call it does nothing else. */
static void
be_busy (LiveDom0 *dom0, const LiveDom0Method *method, const LiveDom0Qube *dest)
{
  gint64 cost = method->cost;
  gint64 end;

  if (!dom0->realistic)
    return;
  /* What costs is the state of each qube in the answer: of all of them, or of the one that was asked about. */
  if (g_str_equal (method->name, "admin.vm.List"))
    cost = 200 * (g_str_equal (dest->name, "dom0") ? (gint64) dom0->qubes->len : 1);
  end = g_get_monotonic_time () + cost;
  while (g_get_monotonic_time () < end)
    ;
}

static void
dispatch (LiveDom0 *dom0, LiveDom0Connection *connection, const Header *header, guint delay, gboolean unsaved)
{
  LiveDom0Request request = {
    dom0,          connection, header->method, header->argument, .payload = header->payload, .length = header->length,
    .delay = delay
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) reply = g_string_new (NULL);
  LiveDom0Outcome outcome = LIVE_DOM0_FAILED;
  const LiveDom0Method *method = NULL;

  request.source = find_qube (dom0, header->source, &error);
  if (request.source)
    request.dest = find_qube (dom0, header->dest, &error);
  if (request.dest && !g_str_is_ascii (header->argument))
    live_dom0_fail (&error, LIVE_DOM0_ERROR_INTERNAL, "not ASCII");
  else if (request.dest)
    {
      method = find_method (dom0, header->method, &request.class);
      if (!method)
        {
          g_autofree char *quoted = live_dom0_repr (header->method);
          live_dom0_fail (&error, LIVE_DOM0_ERROR_PROTOCOL, "no such method: %s", quoted);
        }
    }
  if (method)
    be_busy (dom0, method, request.dest);
  request.change
      = live_dom0_changes_add (dom0, header->method, header->argument, header->dest, header->payload, header->length);
  if (method && check_shape (method, &request, &error))
    outcome = method->handler (&request, reply, &error);
  if (request.change && outcome == LIVE_DOM0_FAILED)
    live_dom0_change_fail (request.change);
  g_clear_pointer (&request.change, live_dom0_change_unref);
  /* What is done in memory stays done, though qubesd could not write it down and tells its client nothing. */
  if (unsaved && outcome == LIVE_DOM0_DONE)
    {
      g_set_error_literal (&error, LIVE_DOM0_ERROR, LIVE_DOM0_ERROR_INTERNAL, "No space left on device");
      outcome = LIVE_DOM0_FAILED;
    }

  if (outcome == LIVE_DOM0_FAILED)
    answer (dom0, connection, NULL, g_steal_pointer (&error), delay);
  else if (outcome == LIVE_DOM0_DONE)
    answer (dom0, connection, g_steal_pointer (&reply), NULL, delay);
}

/* A request for events that is held back before anything happens. */
typedef struct
{
  LiveDom0 *dom0;
  LiveDom0Connection *connection;
  Header header;
} Held;

static void
held_free (gpointer data)
{
  Held *held = data;

  live_dom0_connection_unref (held->connection);
  header_clear (&held->header);
  g_free (held);
}

static gboolean
on_held (gpointer data)
{
  Held *held = data;

  if (live_dom0_connection_is_open (held->connection))
    dispatch (held->dom0, held->connection, &held->header, 0, FALSE);
  return G_SOURCE_REMOVE;
}

void
live_dom0_request_handle (LiveDom0 *dom0, LiveDom0Connection *connection, const guint8 *bytes, gsize length)
{
  g_auto (Header) header = { 0 };
  g_autoptr (LiveDom0Fault) fault = NULL;
  gboolean unsaved = FALSE;
  guint delay;

  if (!parse_header (bytes, length, &header))
    {
      live_dom0_connection_finish (connection);
      return;
    }
  live_dom0_count_request (dom0, header.method);
  delay = live_dom0_delay_get (dom0, header.method, header.argument, header.dest);
  fault = live_dom0_fault_take (dom0, header.method, header.argument, header.dest);
  switch (fault ? fault->kind : LIVE_DOM0_FAULT_NONE)
    {
    case LIVE_DOM0_FAULT_EMPTY:
      live_dom0_connection_finish (connection);
      return;
    case LIVE_DOM0_FAULT_HANG:
      return;
    case LIVE_DOM0_FAULT_MUTE:
      delay = NEVER;
      break;
    case LIVE_DOM0_FAULT_ERROR:
      write_error (connection, fault->type, fault->message);
      live_dom0_connection_finish (connection);
      return;
    case LIVE_DOM0_FAULT_CUT:
      live_dom0_connection_set_limit (connection, fault->bytes);
      break;
    case LIVE_DOM0_FAULT_UNSAVED:
      unsaved = TRUE;
      break;
    case LIVE_DOM0_FAULT_NONE:
      break;
    }
  if (delay > 0 && delay != NEVER && g_str_equal (header.method, "admin.Events"))
    {
      Held *held = g_new0 (Held, 1);

      held->dom0 = dom0;
      held->connection = live_dom0_connection_ref (connection);
      held->header = header;
      header = (Header){ 0 };
      g_timeout_add_full (G_PRIORITY_DEFAULT, delay, on_held, held, held_free);
      return;
    }
  dispatch (dom0, connection, &header, delay, unsaved);
}
