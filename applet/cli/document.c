/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "cli/document.h"

#include "client/leak-words.h"
#include "client/posture-words.h"
#include "client/words.h"

static void
add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value);
}

static void
add_boolean (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

static void
add_integer (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_strings (JsonBuilder *builder, const char *name, const char *const *values)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (gsize i = 0; values[i] != NULL; i++)
    json_builder_add_string_value (builder, values[i]);
  json_builder_end_array (builder);
}

static void
add_node (JsonBuilder *builder, const char *name, JsonNode *node)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_value (builder, node);
}

JsonNode *
live_document_from_reasons (GVariant *reasons)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  GVariantIter iter;
  const char *code = NULL;
  GVariant *parameters = NULL;

  json_builder_begin_array (builder);
  g_variant_iter_init (&iter, reasons);
  while (g_variant_iter_loop (&iter, "(&s@a{sv})", &code, &parameters))
    {
      g_autofree char *text = live_words_reason (code, parameters);

      json_builder_begin_object (builder);
      add_string (builder, "code", code);
      add_string (builder, "text", text);
      add_node (builder, "parameters", json_gvariant_serialize (parameters));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  return json_builder_get_root (builder);
}

static JsonNode *
make_leaks (GVariant *leaks)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  GVariantIter iter;
  const char *code = NULL, *verdict = NULL, *remedy = NULL;
  GVariant *parameters = NULL;

  json_builder_begin_array (builder);
  g_variant_iter_init (&iter, leaks);
  while (g_variant_iter_loop (&iter, "(&s&s&s@a{sv})", &code, &verdict, &remedy, &parameters))
    {
      g_autofree char *text = live_leak_words (code, parameters);

      json_builder_begin_object (builder);
      add_string (builder, "code", code);
      add_string (builder, "verdict", verdict);
      add_string (builder, "remedy", remedy);
      add_string (builder, "text", text);
      add_node (builder, "parameters", json_gvariant_serialize (parameters));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  return json_builder_get_root (builder);
}

static void
add_indicator (JsonBuilder *builder, LiveClient *client)
{
  g_autofree char *title = live_words_status (client);

  json_builder_set_member_name (builder, "indicator");
  json_builder_begin_object (builder);
  add_string (builder, "state", live_client_get_indicator (client));
  add_string (builder, "title", title);
  json_builder_end_object (builder);

  add_node (builder, "reasons", live_document_from_reasons (live_client_get_indicator_reasons (client)));
}

JsonNode *
live_document_from_qube (LiveClientQube *qube)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_string (builder, "name", live_client_qube_get_name (qube));
  add_string (builder, "class", live_client_qube_get_class (qube));
  add_string (builder, "state", live_client_qube_get_state (qube));
  add_string (builder, "label", live_client_qube_get_label (qube));
  add_string (builder, "policy", live_client_qube_get_policy (qube));
  add_string (builder, "persistence", live_client_qube_get_persistence (qube));
  add_string (builder, "evidence", live_client_qube_get_evidence (qube));
  add_boolean (builder, "root_writable", live_client_qube_get_root_writable (qube));
  add_boolean (builder, "private_writable", live_client_qube_get_private_writable (qube));
  add_boolean (builder, "volatile_ephemeral", live_client_qube_get_volatile_ephemeral (qube));
  add_strings (builder, "pending", live_client_qube_get_pending (qube));
  json_builder_set_member_name (builder, "window");
  json_builder_begin_object (builder);
  add_string (builder, "state", live_client_qube_get_window_state (qube));
  add_integer (builder, "deadline", live_client_qube_get_window_deadline (qube));
  add_string (builder, "step", live_client_qube_get_window_step (qube));
  add_string (builder, "outcome", live_client_qube_get_window_outcome (qube));
  add_string (builder, "refusal", live_client_qube_get_window_refusal (qube));
  add_integer (builder, "guest_deadline", live_client_qube_get_guest_window_deadline (qube));
  json_builder_end_object (builder);
  add_strings (builder, "old_disposables", live_client_qube_get_old_disposables (qube));
  add_string (builder, "memory_hygiene", live_client_qube_get_memory_hygiene (qube));
  add_string (builder, "upper_layer", live_client_qube_get_upper_layer (qube));
  add_string (builder, "upper_layer_size", live_client_qube_get_upper_layer_size (qube));
  add_node (builder, "reasons", live_document_from_reasons (live_client_qube_get_reasons (qube)));
  add_strings (builder, "pools", live_client_qube_get_pools (qube));
  add_boolean (builder, "template_for_dispvms", live_client_qube_get_template_for_dispvms (qube));
  add_boolean (builder, "manageable", live_client_qube_get_manageable (qube));
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

JsonNode *
live_document_from_pool (LiveClientPool *pool)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_string (builder, "name", live_client_pool_get_name (pool));
  add_string (builder, "driver", live_client_pool_get_driver (pool));
  add_string (builder, "kind", live_client_pool_get_kind (pool));
  /* JSON's integers end at G_MAXINT64 here; no disk gets there. */
  add_integer (builder, "size", (gint64) MIN (live_client_pool_get_size (pool), G_MAXINT64));
  add_integer (builder, "used", (gint64) MIN (live_client_pool_get_used (pool), G_MAXINT64));
  add_boolean (builder, "ephemeral_volatile", live_client_pool_get_ephemeral_volatile (pool));
  add_boolean (builder, "ephemeral_volatile_supported", live_client_pool_get_ephemeral_volatile_supported (pool));
  add_integer (builder, "memory_used", (gint64)MIN (live_client_pool_get_memory_used (pool), G_MAXINT64));
  add_string (builder, "state", live_client_pool_get_state (pool));
  add_boolean (builder, "managed", live_client_pool_get_managed (pool));
  add_boolean (builder, "default", live_client_pool_get_is_default (pool));
  add_strings (builder, "qubes", live_client_pool_get_qubes (pool));
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

JsonNode *
live_document_from_pools (LiveClient *client)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GPtrArray) pools = live_client_get_pools (client);

  json_builder_begin_array (builder);
  for (guint i = 0; i < pools->len; i++)
    json_builder_add_value (builder, live_document_from_pool (g_ptr_array_index (pools, i)));
  json_builder_end_array (builder);
  return json_builder_get_root (builder);
}

JsonNode *
live_document_from_client (LiveClient *client, gboolean synchronized)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (GPtrArray) qubes = live_client_get_qubes (client);

  json_builder_begin_object (builder);
  add_indicator (builder, client);

  json_builder_set_member_name (builder, "dom0");
  json_builder_begin_object (builder);
  add_string (builder, "boot_mode", live_client_get_boot_mode (client));
  add_node (builder, "leaks", make_leaks (live_client_get_leaks (client)));
  json_builder_end_object (builder);

  json_builder_set_member_name (builder, "qubes");
  json_builder_begin_array (builder);
  for (guint i = 0; i < qubes->len; i++)
    json_builder_add_value (builder, live_document_from_qube (g_ptr_array_index (qubes, i)));
  json_builder_end_array (builder);

  add_node (builder, "pools", live_document_from_pools (client));

  json_builder_set_member_name (builder, "helper");
  json_builder_begin_object (builder);
  add_boolean (builder, "reachable", live_client_get_state (client) == LIVE_CLIENT_READY);
  add_string (builder, "version", live_client_get_helper_version (client));
  add_boolean (builder, "qubesd_connected", live_client_get_qubesd_connected (client));
  add_boolean (builder, "synchronized", synchronized);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

JsonNode *
live_document_from_posture (GVariant *posture)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  guint counts[LIVE_POSTURE_N_GROUPS] = { 0 };
  GVariantIter iter;
  const char *code = NULL, *verdict = NULL, *remedy = NULL;
  GVariant *parameters = NULL;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "items");
  json_builder_begin_array (builder);
  g_variant_iter_init (&iter, posture);
  while (g_variant_iter_loop (&iter, "(&s&s&s@a{sv})", &code, &verdict, &remedy, &parameters))
    {
      g_autofree char *text = live_words_posture_text (code, verdict, remedy, parameters);
      g_autofree char *what_to_do = live_words_posture_remedy (remedy, parameters);

      counts[live_posture_group_from_verdict (verdict)]++;
      json_builder_begin_object (builder);
      add_string (builder, "code", code);
      add_string (builder, "verdict", verdict);
      add_string (builder, "text", text);
      add_string (builder, "why", live_words_posture_why (code));
      add_string (builder, "remedy", what_to_do);
      add_string (builder, "remedy_code", remedy);
      add_node (builder, "parameters", json_gvariant_serialize (parameters));
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "counts");
  json_builder_begin_object (builder);
  for (guint i = 0; i < LIVE_POSTURE_N_GROUPS; i++)
    add_integer (builder, live_posture_group_to_verdict ((LivePostureGroup) i), counts[i]);
  json_builder_end_object (builder);
  json_builder_end_object (builder);
  return json_builder_get_root (builder);
}

void
live_document_print (JsonNode *document, gboolean pretty, LivePrint *out)
{
  g_autofree char *text = json_to_string (document, pretty);

  live_print_raw (out, text);
}
