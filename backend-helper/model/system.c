/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/system.h"

#include <string.h>

#include "model/finding.h"

struct _LiveSystem
{
  GObject parent;

  GHashTable *qubes; /* name → LiveQube */
  GHashTable *pools; /* name → LivePool */
  GPtrArray *jobs;   /* of LiveJob, in the order in which they began */
  guint n_jobs;      /* that ever began */
  LiveBootMode boot_mode;
  char *boot_contradicted;
  GVariant *leaks;
  gboolean leaks_known;
  guint n_leaks;
  gboolean connected;
  gboolean synchronized;
  gboolean running_known;
  gboolean revisions_off_refused;
  LiveIndicator indicator;
  GVariant *indicator_reasons;
  GVariant *posture;
  GVariant *guide_unit;
  guint64 memory_total;
  guint64 memory_free;
  char *default_private_pool;
  char *default_volatile_pool;
};

typedef enum
{
  PROP_QUBESD_CONNECTED = 1,
  PROP_SYNCHRONIZED,
  PROP_INDICATOR,
  PROP_INDICATOR_REASONS,
  PROP_BOOT_MODE,
  PROP_LEAKS,
  PROP_POSTURE,
  PROP_GUIDE_UNIT,
  PROP_MEMORY_TOTAL,
  PROP_MEMORY_FREE,
  N_PROPERTIES
} LiveSystemProperty;

enum
{
  SIGNAL_QUBE_ADDED,
  SIGNAL_QUBE_REMOVED,
  SIGNAL_QUBE_SETTLED,
  SIGNAL_POOL_ADDED,
  SIGNAL_POOL_REMOVED,
  SIGNAL_JOB_ADDED,
  SIGNAL_JOB_REMOVED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPERTIES];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (LiveSystem, live_system, G_TYPE_OBJECT)

static void
live_system_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LiveSystem *self = LIVE_SYSTEM (object);

  switch ((LiveSystemProperty)id)
    {
    case PROP_QUBESD_CONNECTED:
      g_value_set_boolean (value, self->connected);
      break;
    case PROP_SYNCHRONIZED:
      g_value_set_boolean (value, self->synchronized);
      break;
    case PROP_INDICATOR:
      g_value_set_string (value, live_indicator_to_string (self->indicator));
      break;
    case PROP_INDICATOR_REASONS:
      g_value_set_variant (value, self->indicator_reasons);
      break;
    case PROP_BOOT_MODE:
      g_value_set_string (value, live_boot_mode_to_string (self->boot_mode));
      break;
    case PROP_LEAKS:
      g_value_set_variant (value, self->leaks);
      break;
    case PROP_POSTURE:
      g_value_set_variant (value, self->posture);
      break;
    case PROP_GUIDE_UNIT:
      g_value_set_variant (value, self->guide_unit);
      break;
    case PROP_MEMORY_TOTAL:
      g_value_set_uint64 (value, self->memory_total);
      break;
    case PROP_MEMORY_FREE:
      g_value_set_uint64 (value, self->memory_free);
      break;
    case N_PROPERTIES:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
live_system_finalize (GObject *object)
{
  LiveSystem *self = LIVE_SYSTEM (object);

  g_hash_table_unref (self->qubes);
  g_hash_table_unref (self->pools);
  g_ptr_array_unref (self->jobs);
  g_variant_unref (self->indicator_reasons);
  g_variant_unref (self->leaks);
  g_free (self->boot_contradicted);
  g_variant_unref (self->posture);
  g_variant_unref (self->guide_unit);
  g_free (self->default_private_pool);
  g_free (self->default_volatile_pool);
  G_OBJECT_CLASS (live_system_parent_class)->finalize (object);
}

static guint
add_signal (const char *name, GType argument)
{
  return g_signal_new (name, LIVE_TYPE_SYSTEM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, argument);
}

static void
live_system_class_init (LiveSystemClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  const GVariantType *reasons_type = G_VARIANT_TYPE ("a(sa{sv})");

  object_class->finalize = live_system_finalize;
  object_class->get_property = live_system_get_property;

  properties[PROP_QUBESD_CONNECTED] = g_param_spec_boolean ("qubesd-connected", NULL, NULL, FALSE, flags);
  properties[PROP_SYNCHRONIZED] = g_param_spec_boolean ("synchronized", NULL, NULL, FALSE, flags);
  properties[PROP_INDICATOR] = g_param_spec_string ("indicator", NULL, NULL, NULL, flags);
  properties[PROP_INDICATOR_REASONS]
      = g_param_spec_variant ("indicator-reasons", NULL, NULL, reasons_type, NULL, flags);
  properties[PROP_BOOT_MODE] = g_param_spec_string ("boot-mode", NULL, NULL, NULL, flags);
  properties[PROP_LEAKS] = g_param_spec_variant ("leaks", NULL, NULL, G_VARIANT_TYPE (LIVE_FINDINGS_TYPE), NULL, flags);
  properties[PROP_POSTURE]
      = g_param_spec_variant ("posture", NULL, NULL, G_VARIANT_TYPE (LIVE_FINDINGS_TYPE), NULL, flags);
  properties[PROP_GUIDE_UNIT]
      = g_param_spec_variant ("guide-unit", NULL, NULL, G_VARIANT_TYPE (LIVE_GUIDE_UNIT_TYPE), NULL, flags);
  properties[PROP_MEMORY_TOTAL] = g_param_spec_uint64 ("memory-total", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  properties[PROP_MEMORY_FREE] = g_param_spec_uint64 ("memory-free", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);

  signals[SIGNAL_QUBE_ADDED] = add_signal ("qube-added", LIVE_TYPE_QUBE);
  signals[SIGNAL_QUBE_REMOVED] = add_signal ("qube-removed", LIVE_TYPE_QUBE);
  signals[SIGNAL_QUBE_SETTLED] = add_signal ("qube-settled", LIVE_TYPE_QUBE);
  signals[SIGNAL_POOL_ADDED] = add_signal ("pool-added", LIVE_TYPE_POOL);
  signals[SIGNAL_POOL_REMOVED] = add_signal ("pool-removed", LIVE_TYPE_POOL);
  signals[SIGNAL_JOB_ADDED] = add_signal ("job-added", LIVE_TYPE_JOB);
  signals[SIGNAL_JOB_REMOVED] = add_signal ("job-removed", LIVE_TYPE_JOB);
}

static int
compare_running (gconstpointer a, gconstpointer b)
{
  return strcmp (((const LiveRunningQube *) a)->name, ((const LiveRunningQube *) b)->name);
}

/* Draws the indicator from the facts at hand. */
static void
judge_indicator (LiveSystem *self)
{
  g_autoptr (GArray) running = g_array_new (FALSE, FALSE, sizeof (LiveRunningQube));
  g_autoptr (GVariant) reasons = NULL;
  LiveIndicatorFacts facts = { 0 };
  GVariantBuilder builder;
  LiveIndicator indicator;
  GHashTableIter iter;
  gpointer qube = NULL;

  g_hash_table_iter_init (&iter, self->qubes);
  while (g_hash_table_iter_next (&iter, NULL, &qube))
    /* A qube without volumes here (RemoteVM) writes to no disk of this machine. */
    if (live_qube_get_facts (qube)->klass != LIVE_QUBE_KLASS_OTHER
        && live_qube_state_is_running (live_qube_get_facts (qube)->state))
      {
        LiveRunningQube entry = {
          .name = live_qube_get_name (qube),
          .klass = live_qube_get_class_name (qube),
          .persistence = live_qube_get_persistence (qube),
          .evidence = live_qube_get_evidence (qube),
        };

        g_array_append_val (running, entry);
      }
  /* In order of name, so that the reasons do not change their order by themselves. Only these few: this is done for
   * each qube that was read. */
  g_array_sort (running, compare_running);
  facts.connected = self->connected;
  facts.running_known = self->running_known;
  facts.boot_mode = self->boot_mode;
  facts.boot_contradicted = self->boot_contradicted;
  facts.leaks_known = self->leaks_known;
  facts.n_leaks = self->n_leaks;
  facts.running = (const LiveRunningQube *)(void *)running->data;
  facts.n_running = running->len;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sa{sv})"));
  indicator = live_indicator_judge (&facts, &builder);
  reasons = g_variant_ref_sink (g_variant_builder_end (&builder));

  g_object_freeze_notify (G_OBJECT (self));
  if (self->indicator != indicator)
    {
      self->indicator = indicator;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_INDICATOR]);
    }
  if (!g_variant_equal (self->indicator_reasons, reasons))
    {
      g_variant_unref (self->indicator_reasons);
      self->indicator_reasons = g_steal_pointer (&reasons);
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_INDICATOR_REASONS]);
    }
  g_object_thaw_notify (G_OBJECT (self));
}

static GVariant *
make_no_leaks (void)
{
  return g_variant_ref_sink (g_variant_new (LIVE_FINDINGS_TYPE, NULL));
}

static void
live_system_init (LiveSystem *self)
{
  self->qubes = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);
  self->pools = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_object_unref);
  self->jobs = g_ptr_array_new_with_free_func (g_object_unref);
  self->indicator_reasons = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("(sa{sv})"), NULL, 0));
  self->leaks = make_no_leaks ();
  self->posture = g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("(sssa{sv})"), NULL, 0));
  self->guide_unit = g_variant_ref_sink (live_guide_unit_make_none ());
  judge_indicator (self);
}

LiveSystem *
live_system_new (void)
{
  return g_object_new (LIVE_TYPE_SYSTEM, NULL);
}

LiveQube *
live_system_find_qube (LiveSystem *self, const char *name)
{
  return g_hash_table_lookup (self->qubes, name);
}

LivePool *
live_system_find_pool (LiveSystem *self, const char *name)
{
  return g_hash_table_lookup (self->pools, name);
}

static int
compare_qubes (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (live_qube_get_name (*(LiveQube *const *)a), live_qube_get_name (*(LiveQube *const *)b));
}

static GPtrArray *
list_values (GHashTable *table)
{
  GPtrArray *values = g_ptr_array_sized_new (g_hash_table_size (table));
  GHashTableIter iter;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    g_ptr_array_add (values, value);
  return values;
}

GPtrArray *
live_system_list_qubes (LiveSystem *self)
{
  GPtrArray *qubes = list_values (self->qubes);

  /* In order of name, so that reasons and logs do not change their order by themselves. */
  g_ptr_array_sort (qubes, compare_qubes);
  return qubes;
}

GPtrArray *
live_system_list_pools (LiveSystem *self)
{
  return list_values (self->pools);
}

GPtrArray *
live_system_list_jobs (LiveSystem *self)
{
  GPtrArray *jobs = g_ptr_array_sized_new (self->jobs->len);

  g_ptr_array_extend (jobs, self->jobs, NULL, NULL);
  return jobs;
}

gboolean
live_system_get_connected (LiveSystem *self)
{
  return self->connected;
}

gboolean
live_system_get_synchronized (LiveSystem *self)
{
  return self->synchronized;
}

gboolean
live_system_is_settled (LiveSystem *self)
{
  GHashTableIter iter;
  gpointer qube = NULL;

  if (!self->synchronized)
    return FALSE;
  g_hash_table_iter_init (&iter, self->qubes);
  while (g_hash_table_iter_next (&iter, NULL, &qube))
    if (live_qube_get_plan (qube)->kind == LIVE_PLAN_STEPS && !live_qube_has_apply_error (qube))
      return FALSE;
  return TRUE;
}

/* ---- What one qube is told about others. ---- */

void
live_system_inform_qube (LiveSystem *self, LiveQube *qube)
{
  for (guint i = 0; i < LIVE_N_VOLUMES; i++)
    {
      const LiveVolume *volume = &live_qube_get_facts (qube)->volumes[i];
      LivePool *pool = volume->pool != NULL ? live_system_find_pool (self, volume->pool) : NULL;

      live_qube_set_volume_driver (qube, (LiveVolumeName) i,
                                   pool != NULL ? g_intern_string (live_pool_get_driver (pool)) : NULL);
    }
  if (self->revisions_off_refused)
    live_qube_set_revisions_off_known (qube, FALSE);
}

static gboolean
is_kept_ready (const LiveQubeFacts *template, const char *name)
{
  const char *list = template->features[LIVE_FEATURE_PRELOADED];
  g_auto (GStrv) names = g_strsplit (list != NULL ? list : "", " ", -1);

  return g_strv_contains ((const char *const *) names, name);
}

static const char *
get_policy (const LiveQubeFacts *facts)
{
  const char *policy = facts->features[LIVE_FEATURE_POLICY];

  return policy != NULL ? policy : LIVE_POLICY_PERSISTENT;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* Tells a disposable template about its disposables. Returns: whether what its plan may wait for has changed */
static gboolean
inform_template (LiveSystem *self, LiveQube *template)
{
  const LiveQubeFacts *facts = live_qube_get_facts (template);
  g_autoptr (GPtrArray) old = g_ptr_array_new ();
  gboolean running = FALSE;
  GHashTableIter iter;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, self->qubes);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const LiveQubeFacts *disposable = live_qube_get_facts (value);

      if (disposable->klass != LIVE_QUBE_KLASS_DISPOSABLE || g_strcmp0 (disposable->template_name, facts->name) != 0)
        continue;
      if (!running && live_qube_state_is_running (disposable->state))
        running = !is_kept_ready (facts, disposable->name);
      /* One whose template never had a policy can only have its own. */
      if (facts->features[LIVE_FEATURE_POLICY] != NULL && !g_str_equal (get_policy (disposable), get_policy (facts)))
        g_ptr_array_add (old, (gpointer) disposable->name);
    }
  g_ptr_array_sort (old, compare_names);
  g_ptr_array_add (old, NULL);
  if (!live_qube_set_disposables (template, running, (const char *const *) old->pdata))
    return FALSE;
  if (!running)
    live_qube_note_disposables_ended (template);
  return TRUE;
}

/* What a disposable is and does may be what its template waits for. */
static void
inform_template_of (LiveSystem *self, LiveQube *qube)
{
  const char *name = live_qube_get_facts (qube)->template_name;
  LiveQube *template = name != NULL ? live_system_find_qube (self, name) : NULL;

  if (template == NULL || !inform_template (self, template))
    return;
  live_qube_judge (template);
  g_signal_emit (self, signals[SIGNAL_QUBE_SETTLED], 0, template);
}

/* ---- What one pool is told about others. ---- */

static gboolean
has_volume_in (LiveQube *qube, const char *pool)
{
  const LiveQubeFacts *facts = live_qube_get_facts (qube);

  for (guint i = 0; i < LIVE_N_VOLUMES; i++)
    if (facts->volumes[i].known && g_strcmp0 (facts->volumes[i].pool, pool) == 0)
      return TRUE;
  return FALSE;
}

static void
inform_pools_of (LiveSystem *self, LiveQube *qube, gboolean exists)
{
  GHashTableIter iter;
  gpointer pool = NULL;

  g_hash_table_iter_init (&iter, self->pools);
  while (g_hash_table_iter_next (&iter, NULL, &pool))
    live_pool_set_holds (pool, live_qube_get_name (qube), exists && has_volume_in (qube, live_pool_get_name (pool)));
}

static void
inform_pool (LiveSystem *self, LivePool *pool)
{
  const char *name = live_pool_get_name (pool);
  GHashTableIter iter;
  gpointer qube = NULL;

  live_pool_set_default (pool, g_strcmp0 (self->default_private_pool, name) == 0
                                   && g_strcmp0 (self->default_volatile_pool, name) == 0);
  g_hash_table_iter_init (&iter, self->qubes);
  while (g_hash_table_iter_next (&iter, NULL, &qube))
    live_pool_set_holds (pool, live_qube_get_name (qube), has_volume_in (qube, name));
}

void
live_system_set_default_pools (LiveSystem *self, const char *private_pool, const char *volatile_pool)
{
  GHashTableIter iter;
  gpointer pool = NULL;

  g_free (self->default_private_pool);
  g_free (self->default_volatile_pool);
  self->default_private_pool = g_strdup (private_pool);
  self->default_volatile_pool = g_strdup (volatile_pool);
  g_hash_table_iter_init (&iter, self->pools);
  while (g_hash_table_iter_next (&iter, NULL, &pool))
    inform_pool (self, pool);
}

void
live_system_set_memory (LiveSystem *self, guint64 total, guint64 free)
{
  gboolean total_changed = self->memory_total != total;
  gboolean free_changed = self->memory_free != free;

  self->memory_total = total;
  self->memory_free = free;
  if (total_changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MEMORY_TOTAL]);
  if (free_changed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MEMORY_FREE]);
}

/* ---- What there is. ---- */

void
live_system_add_qube (LiveSystem *self, LiveQube *qube)
{
  g_return_if_fail (live_system_find_qube (self, live_qube_get_name (qube)) == NULL);

  g_hash_table_insert (self->qubes, (gpointer)live_qube_get_name (qube), g_object_ref (qube));
  g_signal_emit (self, signals[SIGNAL_QUBE_ADDED], 0, qube);
}

void
live_system_remove_qube (LiveSystem *self, const char *name)
{
  g_autoptr (LiveQube) qube = live_system_find_qube (self, name);

  if (qube == NULL)
    return;
  g_object_ref (qube);
  g_hash_table_remove (self->qubes, name);
  inform_pools_of (self, qube, FALSE);
  g_signal_emit (self, signals[SIGNAL_QUBE_REMOVED], 0, qube);
  inform_template_of (self, qube);
  judge_indicator (self);
}

void
live_system_add_pool (LiveSystem *self, LivePool *pool)
{
  g_return_if_fail (live_system_find_pool (self, live_pool_get_name (pool)) == NULL);

  g_hash_table_insert (self->pools, (gpointer)live_pool_get_name (pool), g_object_ref (pool));
  inform_pool (self, pool);
  g_signal_emit (self, signals[SIGNAL_POOL_ADDED], 0, pool);
}

void
live_system_remove_pool (LiveSystem *self, const char *name)
{
  g_autoptr (LivePool) pool = live_system_find_pool (self, name);

  if (pool == NULL)
    return;
  g_object_ref (pool);
  g_hash_table_remove (self->pools, name);
  g_signal_emit (self, signals[SIGNAL_POOL_REMOVED], 0, pool);
}

void
live_system_add_job (LiveSystem *self, LiveJob *job)
{
  g_return_if_fail (live_job_get_id (job) == 0);

  live_job_set_id (job, ++self->n_jobs);
  g_ptr_array_add (self->jobs, g_object_ref (job));
  g_signal_emit (self, signals[SIGNAL_JOB_ADDED], 0, job);
}

void
live_system_remove_job (LiveSystem *self, LiveJob *job)
{
  g_autoptr (LiveJob) kept = g_object_ref (job);

  if (g_ptr_array_remove (self->jobs, job))
    g_signal_emit (self, signals[SIGNAL_JOB_REMOVED], 0, job);
}

static void
set_boot (LiveSystem *self, LiveBootMode mode, const char *contradicted)
{
  g_free (self->boot_contradicted);
  self->boot_contradicted = g_strdup (contradicted);
  if (self->boot_mode == mode)
    return;
  self->boot_mode = mode;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BOOT_MODE]);
}

static void
set_leaks (LiveSystem *self, GVariant *leaks, gboolean known, guint n_leaks)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (leaks);

  self->leaks_known = known;
  self->n_leaks = n_leaks;
  if (g_variant_equal (self->leaks, owned))
    return;
  g_variant_unref (self->leaks);
  self->leaks = g_steal_pointer (&owned);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LEAKS]);
}

void
live_system_set_dom0 (LiveSystem *self, LiveBootMode mode, const char *contradicted, GVariant *leaks, guint n_leaks)
{
  g_return_if_fail (g_variant_is_of_type (leaks, G_VARIANT_TYPE (LIVE_FINDINGS_TYPE)));

  g_object_freeze_notify (G_OBJECT (self));
  set_boot (self, mode, contradicted);
  set_leaks (self, leaks, TRUE, n_leaks);
  judge_indicator (self);
  g_object_thaw_notify (G_OBJECT (self));
}

void
live_system_set_boot_mode (LiveSystem *self, LiveBootMode mode)
{
  g_object_freeze_notify (G_OBJECT (self));
  set_boot (self, mode, NULL);
  set_leaks (self, g_variant_new (LIVE_FINDINGS_TYPE, NULL), FALSE, 0);
  judge_indicator (self);
  g_object_thaw_notify (G_OBJECT (self));
}

void
live_system_set_posture (LiveSystem *self, GVariant *posture)
{
  g_return_if_fail (g_variant_is_of_type (posture, G_VARIANT_TYPE (LIVE_FINDINGS_TYPE)));

  if (g_variant_equal (self->posture, posture))
    return;
  g_variant_unref (self->posture);
  self->posture = g_variant_ref (posture);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_POSTURE]);
}

void
live_system_set_guide_unit (LiveSystem *self, GVariant *unit)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (unit);

  g_return_if_fail (g_variant_is_of_type (owned, G_VARIANT_TYPE (LIVE_GUIDE_UNIT_TYPE)));

  if (g_variant_equal (self->guide_unit, owned))
    return;
  g_variant_unref (self->guide_unit);
  self->guide_unit = g_steal_pointer (&owned);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_GUIDE_UNIT]);
}

GVariant *
live_system_get_guide_unit (LiveSystem *self)
{
  return self->guide_unit;
}

void
live_system_set_connected (LiveSystem *self, gboolean connected)
{
  if (self->connected == connected)
    return;
  self->connected = connected;
  self->revisions_off_refused = FALSE;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_QUBESD_CONNECTED]);
  judge_indicator (self);
}

void
live_system_set_synchronized (LiveSystem *self, gboolean synchronized)
{
  if (self->synchronized == synchronized)
    return;
  self->synchronized = synchronized;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SYNCHRONIZED]);
}

void
live_system_set_running_known (LiveSystem *self, gboolean known)
{
  if (self->running_known == known)
    return;
  self->running_known = known;
  judge_indicator (self);
}

void
live_system_judge_qube (LiveSystem *self, LiveQube *qube)
{
  live_system_inform_qube (self, qube);
  if (live_qube_get_template_for_dispvms (qube))
    inform_template (self, qube);
  live_qube_judge (qube);
  inform_pools_of (self, qube, TRUE);
  inform_template_of (self, qube);
  judge_indicator (self);
}

void
live_system_refuse_revisions_off (LiveSystem *self)
{
  g_autoptr (GPtrArray) qubes = live_system_list_qubes (self);

  self->revisions_off_refused = TRUE;
  for (guint i = 0; i < qubes->len; i++)
    {
      live_system_inform_qube (self, g_ptr_array_index (qubes, i));
      live_qube_judge (g_ptr_array_index (qubes, i));
    }
}

void
live_system_settle_qube (LiveSystem *self, LiveQube *qube)
{
  live_system_judge_qube (self, qube);
  g_signal_emit (self, signals[SIGNAL_QUBE_SETTLED], 0, qube);
}
