/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "bus/pool-methods.h"

#include "bus/jobs.h"
#include "bus/request.h"
#include "model/error.h"
#include "model/object-path.h"

struct _LivePoolMethods
{
  GObject parent;

  LiveAuthority *authority;
  LivePools *pools;
  LiveRamQubes *ram_qubes;
};

G_DEFINE_FINAL_TYPE (LivePoolMethods, live_pool_methods, G_TYPE_OBJECT)

static LiveRequest *
begin (LivePoolMethods *self, const char *pool, GDBusMethodInvocation *invocation, LivePerform perform)
{
  return live_request_begin (self->authority, invocation, "manage-pool", "pool", pool, G_OBJECT (self), perform);
}

static LivePools *
get_pools (LiveRequest *request)
{
  return LIVE_POOL_METHODS (request->owner)->pools;
}

/* @job: (nullable): with @error, which is (transfer full) */
static void
answer_job (LiveRequest *request, LiveJob *job, GError *error)
{
  g_autofree char *path = job != NULL ? live_jobs_dup_path (job) : NULL;

  if (job != NULL)
    live_request_succeed (request, g_variant_new ("(o)", path));
  else
    live_request_fail (request, error);
}

/* Before anybody is asked about it: what a person reads in a question shall be a name. */
static gboolean
refuse_name (GDBusMethodInvocation *invocation, const char *name)
{
  if (live_name_is_valid (name))
    return FALSE;
  g_dbus_method_invocation_return_error_literal (
      invocation, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
      "A name is 1 to 63 letters, digits, - _ or ., the first a letter or digit");
  return TRUE;
}

/* ---- Options. ---- */

typedef struct
{
  const char *name;
  const char *type;
} LiveOption;

/* An option that is not known would be a wish that is not fulfilled. */
static gboolean
check_options (GVariant *options, const LiveOption *known, gsize n_known, GError **error)
{
  GVariantIter iter;
  const char *name = NULL;
  GVariant *value = NULL;

  g_variant_iter_init (&iter, options);
  while (g_variant_iter_next (&iter, "{&sv}", &name, &value))
    {
      g_autoptr (GVariant) owned = value;
      gboolean good = FALSE;

      for (gsize i = 0; i < n_known && !good; i++)
        good = g_str_equal (known[i].name, name) && g_variant_is_of_type (owned, G_VARIANT_TYPE (known[i].type));
      if (good)
        continue;
      g_set_error (error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT, "there is no option “%s” of type %s", name,
                   g_variant_get_type_string (owned));
      return FALSE;
    }
  return TRUE;
}

/* ---- Methods of the manager. ---- */

static void
perform_create_ram (LiveRequest *request)
{
  static const LiveOption known[] = { { "kind", "s" }, { "limit", "t" }, { "algorithm", "s" }, { "default", "b" } };
  LivePoolWish wish = { .name = request->name, .storage = LIVE_POOL_STORAGE_ZRAM, .size = request->bytes };
  LiveJob *job = NULL;
  GError *error = NULL;

  if (check_options (request->values, known, G_N_ELEMENTS (known), &error))
    {
      g_variant_lookup (request->values, "kind", "&s", &wish.storage);
      g_variant_lookup (request->values, "limit", "t", &wish.limit);
      g_variant_lookup (request->values, "algorithm", "&s", &wish.algorithm);
      g_variant_lookup (request->values, "default", "b", &wish.make_default);
      /* Of the kinds that are in RAM. */
      if (!g_str_equal (wish.storage, LIVE_POOL_STORAGE_ZRAM) && !g_str_equal (wish.storage, LIVE_POOL_STORAGE_TMPFS))
        g_set_error (&error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT, "there is no kind of RAM pool called “%s”",
                     wish.storage);
      else if (g_str_equal (wish.storage, LIVE_POOL_STORAGE_TMPFS) && (wish.limit != 0 || wish.algorithm != NULL))
        g_set_error_literal (&error, LIVE_ERROR, LIVE_ERROR_INVALID_ARGUMENT,
                             "limit and algorithm are options of zram, not of tmpfs");
      else
        job = live_pools_create (get_pools (request), &wish, &error);
    }
  answer_job (request, job, error);
}

static gboolean
handle_create_ram (LiveBusManager *manager,
                   GDBusMethodInvocation *invocation,
                   const char *name,
                   guint64 size,
                   GVariant *options,
                   LivePoolMethods *self)
{
  LiveRequest *request = NULL;

  if (refuse_name (invocation, name))
    return TRUE;
  request = begin (self, name, invocation, perform_create_ram);
  request->bytes = size;
  request->values = g_variant_ref (options);
  return TRUE;
}

static void
perform_create_encrypted (LiveRequest *request)
{
  static const LiveOption known[] = { { "default", "b" } };
  LivePoolWish wish = {
    .name = request->name, .storage = LIVE_POOL_STORAGE_ENCRYPTED, .size = request->bytes, .backing = request->text
  };
  LiveJob *job = NULL;
  GError *error = NULL;

  if (check_options (request->values, known, G_N_ELEMENTS (known), &error))
    {
      g_variant_lookup (request->values, "default", "b", &wish.make_default);
      job = live_pools_create (get_pools (request), &wish, &error);
    }
  answer_job (request, job, error);
}

static gboolean
handle_create_encrypted (LiveBusManager *manager,
                         GDBusMethodInvocation *invocation,
                         const char *name,
                         guint64 size,
                         const char *backing,
                         GVariant *options,
                         LivePoolMethods *self)
{
  LiveRequest *request = NULL;

  if (refuse_name (invocation, name))
    return TRUE;
  request = begin (self, name, invocation, perform_create_encrypted);
  request->bytes = size;
  request->text = g_strdup (backing);
  request->values = g_variant_ref (options);
  return TRUE;
}

static void
perform_run_ram (LiveRequest *request)
{
  static const LiveOption known[] = { { "name", "s" }, { "pool", "s" }, { "with-files", "b" } };
  LiveRamQubeWish wish = { .source = request->name };
  LiveJob *job = NULL;
  GError *error = NULL;

  if (check_options (request->values, known, G_N_ELEMENTS (known), &error))
    {
      g_variant_lookup (request->values, "name", "&s", &wish.name);
      g_variant_lookup (request->values, "pool", "&s", &wish.pool);
      g_variant_lookup (request->values, "with-files", "b", &wish.with_files);
      job = live_ram_qubes_run (LIVE_POOL_METHODS (request->owner)->ram_qubes, &wish, &error);
    }
  answer_job (request, job, error);
}

static gboolean
handle_run_ram (LiveBusManager *manager,
                GDBusMethodInvocation *invocation,
                const char *qube,
                GVariant *options,
                LivePoolMethods *self)
{
  LiveRequest *request = NULL;

  if (refuse_name (invocation, qube))
    return TRUE;
  request
      = live_request_begin (self->authority, invocation, "manage-qube", "qube", qube, G_OBJECT (self), perform_run_ram);
  request->values = g_variant_ref (options);
  return TRUE;
}

/* ---- Methods of a pool. ---- */

static void
on_default_set (GObject *pools, GAsyncResult *result, gpointer data)
{
  GError *error = NULL;

  if (live_pools_set_default_finish (LIVE_POOLS (pools), result, &error))
    live_request_succeed (data, NULL);
  else
    live_request_fail (data, error);
}

static void
perform_set_default (LiveRequest *request)
{
  live_pools_set_default_async (get_pools (request), request->name, request->flag, on_default_set, request);
}

static gboolean
handle_set_default (LiveBusPool *pool, GDBusMethodInvocation *invocation, gboolean on, LivePoolMethods *self)
{
  begin (self, live_bus_pool_get_name (pool), invocation, perform_set_default)->flag = on;
  return TRUE;
}

static void
perform_resize (LiveRequest *request)
{
  GError *error = NULL;
  LiveJob *job = live_pools_resize (get_pools (request), request->name, request->bytes, &error);

  answer_job (request, job, error);
}

static gboolean
handle_resize (LiveBusPool *pool, GDBusMethodInvocation *invocation, guint64 size, LivePoolMethods *self)
{
  begin (self, live_bus_pool_get_name (pool), invocation, perform_resize)->bytes = size;
  return TRUE;
}

static void
perform_destroy (LiveRequest *request)
{
  g_autofree const char **qubes = g_variant_get_strv (request->values, NULL);
  GError *error = NULL;
  LiveJob *job = live_pools_destroy (get_pools (request), request->name, qubes, request->flag, &error);

  answer_job (request, job, error);
}

static gboolean
handle_destroy (LiveBusPool *pool,
                GDBusMethodInvocation *invocation,
                const char *const *qubes,
                gboolean kill,
                LivePoolMethods *self)
{
  LiveRequest *request = begin (self, live_bus_pool_get_name (pool), invocation, perform_destroy);

  request->values = g_variant_ref_sink (g_variant_new_strv (qubes, -1));
  request->flag = kill;
  return TRUE;
}

void
live_pool_methods_serve_manager (LivePoolMethods *self, LiveBusManager *manager)
{
  g_signal_connect_object (manager, "handle-create-ram-pool", G_CALLBACK (handle_create_ram), self, 0);
  g_signal_connect_object (manager, "handle-run-ram-qube", G_CALLBACK (handle_run_ram), self, 0);
  g_signal_connect_object (manager, "handle-create-encrypted-pool", G_CALLBACK (handle_create_encrypted), self, 0);
}

void
live_pool_methods_serve_pool (LivePoolMethods *self, LiveBusPool *pool)
{
  g_signal_connect_object (pool, "handle-set-default", G_CALLBACK (handle_set_default), self, 0);
  g_signal_connect_object (pool, "handle-resize", G_CALLBACK (handle_resize), self, 0);
  g_signal_connect_object (pool, "handle-destroy", G_CALLBACK (handle_destroy), self, 0);
}

static void
live_pool_methods_finalize (GObject *object)
{
  LivePoolMethods *self = LIVE_POOL_METHODS (object);

  g_object_unref (self->authority);
  g_object_unref (self->pools);
  g_object_unref (self->ram_qubes);
  G_OBJECT_CLASS (live_pool_methods_parent_class)->finalize (object);
}

static void
live_pool_methods_class_init (LivePoolMethodsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = live_pool_methods_finalize;
}

static void
live_pool_methods_init (LivePoolMethods *self)
{
}

LivePoolMethods *
live_pool_methods_new (LiveAuthority *authority, LivePools *pools, LiveRamQubes *ram_qubes)
{
  LivePoolMethods *self = g_object_new (LIVE_TYPE_POOL_METHODS, NULL);

  self->authority = g_object_ref (authority);
  self->pools = g_object_ref (pools);
  self->ram_qubes = g_object_ref (ram_qubes);
  return self;
}
