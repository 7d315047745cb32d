/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "config.h"

#include <signal.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gi18n.h>

#include "cli/command.h"
#include "cli/document.h"
#include "model/error.h"

/*
 * The mirror says that an object changed, not what: the monitor keeps what it last saw of each and prints the
 * difference. A helper that comes back after a restart is no storm of lines then: about qubes and pools nothing is
 * printed until the helper has read everything again, and then only what is different.
 */
typedef struct
{
  LiveCommand *command;
  GMainLoop *loop;
  GHashTable *seen; /* "KIND NAME" to JsonNode (an object), as last printed */
  gboolean settled; /* everything has been read once: from now on a new object is news */
} LiveMonitor;

static char *
describe_value (JsonNode *value)
{
  g_autoptr (GString) text = g_string_new (NULL);
  JsonArray *array = NULL;

  if (value == NULL)
    return g_strdup ("");
  if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (value));
  if (!JSON_NODE_HOLDS_ARRAY (value))
    return json_to_string (value, FALSE);

  array = json_node_get_array (value);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);

      if (i > 0)
        g_string_append (text, "; ");
      if (JSON_NODE_HOLDS_OBJECT (element)) /* a reason */
        g_string_append (text, json_object_get_string_member (json_node_get_object (element), "text"));
      else
        g_string_append (text, json_node_get_string (element));
    }
  return g_strdup (text->len > 0 ? text->str : "-");
}

static void
print_for_people (
    LiveMonitor *self, const char *kind, const char *name, const char *change, JsonNode *from, JsonNode *to)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%H:%M:%S");
  g_autofree char *object = *name != '\0' ? g_strdup_printf ("%s %s", kind, name) : g_strdup (kind);
  g_autofree char *before = describe_value (from);
  g_autofree char *after = describe_value (to);
  LivePrint *out = self->command->out;

  if (g_str_equal (change, "added"))
    live_print_line (out, LIVE_PRINT_PLAIN, _ ("%s  %s: added"), time, object);
  else if (g_str_equal (change, "removed"))
    live_print_line (out, LIVE_PRINT_PLAIN, _ ("%s  %s: removed"), time, object);
  else if (g_str_equal (change, "reachable") && json_node_get_boolean (to))
    live_print_line (out, LIVE_PRINT_PLAIN, _ ("%s  %s: reached"), time, object);
  else if (g_str_equal (change, "reachable"))
    live_print_line (out, LIVE_PRINT_ALARM, _ ("%s  %s: gone, waiting for it to come back"), time, object);
  else if (from == NULL)
    live_print_line (out, LIVE_PRINT_PLAIN, _ ("%s  %s: %s: %s"), time, object, change, after);
  else
    live_print_line (out, LIVE_PRINT_PLAIN, _ ("%s  %s: %s: %s → %s"), time, object, change, before, after);
}

static void
print_in_json (LiveMonitor *self, const char *kind, const char *name, const char *change, JsonNode *from, JsonNode *to)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format_iso8601 (now);
  g_autoptr (JsonNode) line = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "time", time);
  json_object_set_string_member (object, "object", kind);
  json_object_set_string_member (object, "name", name);
  json_object_set_string_member (object, "change", change);
  json_object_set_member (object, "from", from != NULL ? json_node_copy (from) : json_node_new (JSON_NODE_NULL));
  json_object_set_member (object, "to", to != NULL ? json_node_copy (to) : json_node_new (JSON_NODE_NULL));
  json_node_take_object (line, object);
  live_document_print (line, FALSE, self->command->out);
}

static void
print_change (LiveMonitor *self, const char *kind, const char *name, const char *change, JsonNode *from, JsonNode *to)
{
  if (self->command->json)
    print_in_json (self, kind, name, change, from, to);
  else
    print_for_people (self, kind, name, change, from, to);
  if (live_print_flush (self->command->out) != 0)
    g_main_loop_quit (self->loop);
}

/* Prints how @now differs from what was seen before, and remembers it. */
static void
look (LiveMonitor *self, const char *kind, const char *name, gboolean quiet, JsonNode *now)
{
  g_autofree char *key = g_strdup_printf ("%s %s", kind, name);
  g_autoptr (JsonNode) node = now;
  JsonNode *before = g_hash_table_lookup (self->seen, key);
  JsonObjectIter iter;
  const char *member = NULL;
  JsonNode *value = NULL;

  if (before == NULL && *name != '\0')
    {
      if (!quiet)
        print_change (self, kind, name, "added", NULL, node);
    }
  else
    {
      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &member, &value))
        {
          JsonNode *old = before != NULL ? json_object_get_member (json_node_get_object (before), member) : NULL;

          if (!quiet && (old == NULL || !json_node_equal (old, value)))
            print_change (self, kind, name, member, old, value);
        }
    }
  g_hash_table_replace (self->seen, g_steal_pointer (&key), g_steal_pointer (&node));
}

static JsonNode *make_object (const char *first, ...) G_GNUC_NULL_TERMINATED;

/* Pairs of a name and a JsonNode (transfer full). */
static JsonNode *
make_object (const char *first, ...)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  va_list arguments;

  va_start (arguments, first);
  for (const char *name = first; name != NULL; name = va_arg (arguments, const char *))
    json_object_set_member (object, name, va_arg (arguments, JsonNode *));
  va_end (arguments);
  json_node_take_object (node, object);
  return node;
}

static JsonNode *
make_boolean (gboolean value)
{
  return json_node_init_boolean (json_node_alloc (), value);
}

static JsonNode *
make_string (const char *value)
{
  return json_node_init_string (json_node_alloc (), value);
}

static void
look_at_system (LiveMonitor *self)
{
  LiveClient *client = self->command->client;

  look (self, "helper", "", FALSE,
        make_object ("reachable", make_boolean (live_client_get_state (client) == LIVE_CLIENT_READY),
                     "qubesd_connected", make_boolean (live_client_get_qubesd_connected (client)), "synchronized",
                     make_boolean (live_client_get_synchronized (client)), NULL));
  look (self, "dom0", "", FALSE, make_object ("boot_mode", make_string (live_client_get_boot_mode (client)), NULL));
  look (self, "indicator", "", FALSE,
        make_object ("state", make_string (live_client_get_indicator (client)), "reasons",
                     live_document_from_reasons (live_client_get_indicator_reasons (client)), NULL));
}

static gboolean
is_complete (LiveMonitor *self)
{
  LiveClient *client = self->command->client;

  return live_client_get_state (client) == LIVE_CLIENT_READY && live_client_get_qubesd_connected (client)
         && live_client_get_synchronized (client);
}

/* Whether the object "KIND NAME" is still in the mirror. */
static gboolean
exists (LiveMonitor *self, const char *key)
{
  if (g_str_has_prefix (key, "qube "))
    return live_client_find_qube (self->command->client, key + strlen ("qube ")) != NULL;
  if (g_str_has_prefix (key, "pool "))
    return live_client_find_pool (self->command->client, key + strlen ("pool ")) != NULL;
  return TRUE;
}

static void
look_for_removed (LiveMonitor *self)
{
  g_autofree gpointer *keys = g_hash_table_get_keys_as_array (self->seen, NULL);

  for (gsize i = 0; keys[i] != NULL; i++)
    {
      const char *key = keys[i];
      g_autoptr (JsonNode) last = NULL;
      g_autofree char *kind = NULL;

      if (exists (self, key))
        continue;
      last = json_node_copy (g_hash_table_lookup (self->seen, key));
      kind = g_strndup (key, strlen ("qube"));
      print_change (self, kind, key + strlen ("qube "), "removed", last, NULL);
      g_hash_table_remove (self->seen, key);
    }
}

/* Everything: after the first reading, and after each time the helper was gone or had to read again. */
static void
look_at_all (LiveMonitor *self)
{
  g_autoptr (GPtrArray) qubes = live_client_get_qubes (self->command->client);
  g_autoptr (GPtrArray) pools = live_client_get_pools (self->command->client);

  for (guint i = 0; i < qubes->len; i++)
    {
      LiveClientQube *qube = g_ptr_array_index (qubes, i);

      look (self, "qube", live_client_qube_get_name (qube), !self->settled, live_document_from_qube (qube));
    }
  for (guint i = 0; i < pools->len; i++)
    {
      LiveClientPool *pool = g_ptr_array_index (pools, i);

      look (self, "pool", live_client_pool_get_name (pool), !self->settled, live_document_from_pool (pool));
    }
  look_for_removed (self);
  self->settled = TRUE;
}

static void
on_system_changed (LiveMonitor *self)
{
  gboolean was_complete = FALSE;
  JsonNode *helper = g_hash_table_lookup (self->seen, "helper ");

  if (helper != NULL)
    was_complete = json_object_get_boolean_member (json_node_get_object (helper), "synchronized")
                   && json_object_get_boolean_member (json_node_get_object (helper), "reachable")
                   && json_object_get_boolean_member (json_node_get_object (helper), "qubesd_connected");
  /* Half of what a helper that came back says is no news: wait for the rest. */
  if (live_client_get_state (self->command->client) == LIVE_CLIENT_CONNECTING && helper != NULL)
    return;
  look_at_system (self);
  if (is_complete (self) && !was_complete)
    look_at_all (self);
}

static void
on_qube_changed (LiveMonitor *self, LiveClientQube *qube)
{
  if (is_complete (self))
    look (self, "qube", live_client_qube_get_name (qube), FALSE, live_document_from_qube (qube));
}

static void
on_pool_changed (LiveMonitor *self, LiveClientPool *pool)
{
  if (is_complete (self))
    look (self, "pool", live_client_pool_get_name (pool), FALSE, live_document_from_pool (pool));
}

static void
on_removed (LiveMonitor *self)
{
  if (is_complete (self))
    look_for_removed (self);
}

static gboolean
on_signal (gpointer user_data)
{
  LiveMonitor *self = user_data;

  g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE;
}

/* The reader of a pipe left: without this the next change would be the first to notice. */
static gboolean
on_output_gone (gint fd, GIOCondition condition, gpointer user_data)
{
  LiveMonitor *self = user_data;

  g_main_loop_quit (self->loop);
  return G_SOURCE_CONTINUE;
}

static void
run (LiveMonitor *self)
{
  LiveClient *client = self->command->client;
  guint sources[] = {
    g_unix_signal_add (SIGINT, on_signal, self),
    g_unix_signal_add (SIGTERM, on_signal, self),
    g_unix_fd_add (STDOUT_FILENO, G_IO_ERR, on_output_gone, self),
  };

  g_signal_connect_swapped (client, "notify::state", G_CALLBACK (on_system_changed), self);
  g_signal_connect_swapped (client, "manager-changed", G_CALLBACK (on_system_changed), self);
  g_signal_connect_swapped (client, "qube-added", G_CALLBACK (on_qube_changed), self);
  g_signal_connect_swapped (client, "qube-changed", G_CALLBACK (on_qube_changed), self);
  g_signal_connect_swapped (client, "qube-removed", G_CALLBACK (on_removed), self);
  g_signal_connect_swapped (client, "pool-added", G_CALLBACK (on_pool_changed), self);
  g_signal_connect_swapped (client, "pool-changed", G_CALLBACK (on_pool_changed), self);
  g_signal_connect_swapped (client, "pool-removed", G_CALLBACK (on_removed), self);

  on_system_changed (self);
  if (live_print_flush (self->command->out) == 0)
    g_main_loop_run (self->loop);

  g_signal_handlers_disconnect_by_data (client, self);
  for (gsize i = 0; i < G_N_ELEMENTS (sources); i++)
    g_source_remove (sources[i]);
}

LiveExitCode
live_command_monitor (LiveCommand *command)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GHashTable) seen
      = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)json_node_unref);
  LiveMonitor self = { .command = command, .loop = loop, .seen = seen };

  if (command->n_words > 0)
    return live_command_finish_usage (command, "%s", _ ("“monitor” takes no words."));

  /* A helper that is not there now may come: only a refusal is the end. */
  if (!live_command_connect (command, &error) && g_error_matches (error, LIVE_ERROR, LIVE_ERROR_NOT_AUTHORIZED))
    return live_command_finish_error (command, error, NULL);
  run (&self);
  return LIVE_EXIT_DONE;
}
