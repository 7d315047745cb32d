/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/qube.h"

#include "model/memory-hygiene.h"
#include "model/reason.h"
#include "model/upper-layer.h"
#include "model/window.h"

/* How often an attempt that failed because something was not halted is made again by itself. */
#define MAX_WAITS 3

struct _LiveQube
{
  GObject parent;

  char *name;
  char *klass;
  char *label;
  gboolean template_for_dispvms;

  LiveQubeState reported_state;
  gboolean stopping;
  LiveQubeFacts facts; /* its text points to what follows */
  char *features[LIVE_N_FEATURES];
  char *template_name;
  char *kernel_options;
  char *kernel_name;
  char *kernel_common_options;
  char *unreadable;
  char *error_step;
  char *error_message;
  gboolean error_waits;
  guint n_waits;
  char *repaired;
  guint n_events;
  const char *window_state;
  const char *window_step;
  const char *window_outcome;
  const char *window_refusal;
  gint64 window_deadline;
  gint64 guest_window_deadline;
  char **old_disposables;
  const char *memory_hygiene;
  const char *upper_layer;
  char *upper_layer_size;

  LivePersistence persistence;
  LiveEvidence evidence;
  LivePlan plan;
  GVariant *reasons;
  char **pools;
  char **pending;
  char **policies;
};

typedef enum
{
  PROP_NAME = 1,
  PROP_CLASS,
  PROP_LABEL,
  PROP_STATE,
  PROP_TEMPLATE_FOR_DISPVMS,
  PROP_POLICY,
  PROP_PERSISTENCE,
  PROP_EVIDENCE,
  PROP_REASONS,
  PROP_ROOT_WRITABLE,
  PROP_PRIVATE_WRITABLE,
  PROP_VOLATILE_EPHEMERAL,
  PROP_POOLS,
  PROP_PENDING,
  PROP_POLICIES,
  PROP_MANAGEABLE,
  PROP_WINDOW_STATE,
  PROP_WINDOW_DEADLINE,
  PROP_WINDOW_STEP,
  PROP_WINDOW_OUTCOME,
  PROP_WINDOW_REFUSAL,
  PROP_GUEST_WINDOW_DEADLINE,
  PROP_OLD_DISPOSABLES,
  PROP_MEMORY_HYGIENE,
  PROP_UPPER_LAYER,
  PROP_UPPER_LAYER_SIZE,
  N_PROPERTIES
} LiveQubeProperty;

static GParamSpec *properties[N_PROPERTIES];

G_DEFINE_FINAL_TYPE (LiveQube, live_qube, G_TYPE_OBJECT)

static const char *
policy_to_show (LiveQube *self)
{
  const char *policy = self->features[LIVE_FEATURE_POLICY];

  return policy != NULL ? policy : LIVE_POLICY_PERSISTENT;
}

/* The policies that this qube can have, for faces that offer a choice. */
static char **
list_policies (LiveQube *self)
{
  static const char *const all[] = { LIVE_POLICY_PERSISTENT, LIVE_POLICY_ROOT, LIVE_POLICY_FULL };
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    if (live_policy_check (&self->facts, all[i], NULL) == LIVE_PLAN_NOTHING)
      g_strv_builder_add (builder, all[i]);
  return g_strv_builder_end (builder);
}

static gboolean
is_writable (LiveQube *self, LiveVolumeName name)
{
  return !self->facts.volumes[name].known || self->facts.volumes[name].rw;
}

static void
live_qube_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  LiveQube *self = LIVE_QUBE (object);

  switch ((LiveQubeProperty) id)
    {
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_CLASS:
      g_value_set_string (value, self->klass);
      break;
    case PROP_LABEL:
      g_value_set_string (value, self->label);
      break;
    case PROP_STATE:
      g_value_set_string (value, live_qube_state_to_string (self->facts.state));
      break;
    case PROP_TEMPLATE_FOR_DISPVMS:
      g_value_set_boolean (value, self->template_for_dispvms);
      break;
    case PROP_POLICY:
      g_value_set_string (value, policy_to_show (self));
      break;
    case PROP_PERSISTENCE:
      g_value_set_string (value, live_persistence_to_string (self->persistence));
      break;
    case PROP_EVIDENCE:
      g_value_set_string (value, live_evidence_to_string (self->evidence));
      break;
    case PROP_REASONS:
      g_value_set_variant (value, self->reasons);
      break;
    /* What is not known is shown as the answer that promises nothing. */
    case PROP_ROOT_WRITABLE:
      g_value_set_boolean (value, is_writable (self, LIVE_VOLUME_ROOT));
      break;
    case PROP_PRIVATE_WRITABLE:
      g_value_set_boolean (value, is_writable (self, LIVE_VOLUME_PRIVATE));
      break;
    case PROP_VOLATILE_EPHEMERAL:
      g_value_set_boolean (value, self->facts.volumes[LIVE_VOLUME_VOLATILE].known
                                      && self->facts.volumes[LIVE_VOLUME_VOLATILE].ephemeral);
      break;
    case PROP_POOLS:
      g_value_set_boxed (value, self->pools);
      break;
    case PROP_PENDING:
      g_value_set_boxed (value, self->pending);
      break;
    case PROP_POLICIES:
      g_value_set_boxed (value, self->policies);
      break;
    case PROP_MANAGEABLE:
      g_value_set_boolean (value, self->facts.klass != LIVE_QUBE_KLASS_OTHER);
      break;
    case PROP_WINDOW_STATE:
      g_value_set_string (value, self->window_state);
      break;
    case PROP_WINDOW_DEADLINE:
      g_value_set_int64 (value, self->window_deadline);
      break;
    case PROP_WINDOW_STEP:
      g_value_set_string (value, self->window_step);
      break;
    case PROP_WINDOW_OUTCOME:
      g_value_set_string (value, self->window_outcome);
      break;
    case PROP_WINDOW_REFUSAL:
      g_value_set_string (value, self->window_refusal);
      break;
    case PROP_GUEST_WINDOW_DEADLINE:
      g_value_set_int64 (value, self->guest_window_deadline);
      break;
    case PROP_OLD_DISPOSABLES:
      g_value_set_boxed (value, self->old_disposables);
      break;
    case PROP_MEMORY_HYGIENE:
      g_value_set_string (value, self->memory_hygiene);
      break;
    case PROP_UPPER_LAYER:
      g_value_set_string (value, self->upper_layer);
      break;
    case PROP_UPPER_LAYER_SIZE:
      g_value_set_string (value, self->upper_layer_size);
      break;
    case N_PROPERTIES:
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
live_qube_finalize (GObject *object)
{
  LiveQube *self = LIVE_QUBE (object);

  g_free (self->name);
  g_free (self->klass);
  g_free (self->label);
  for (guint i = 0; i < LIVE_N_FEATURES; i++)
    g_free (self->features[i]);
  g_free (self->template_name);
  g_free (self->kernel_options);
  g_free (self->kernel_name);
  g_free (self->kernel_common_options);
  g_free (self->upper_layer_size);
  g_free (self->unreadable);
  g_free (self->error_step);
  g_free (self->error_message);
  g_free (self->repaired);
  g_strfreev (self->old_disposables);
  g_strfreev (self->pools);
  g_strfreev (self->pending);
  g_strfreev (self->policies);
  g_clear_pointer (&self->reasons, g_variant_unref);
  G_OBJECT_CLASS (live_qube_parent_class)->finalize (object);
}

static void
live_qube_class_init (LiveQubeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GVariantType *reasons_type = (GVariantType *) "a(sa{sv})";

  object_class->finalize = live_qube_finalize;
  object_class->get_property = live_qube_get_property;

  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_CLASS] = g_param_spec_string ("class", NULL, NULL, NULL, flags);
  properties[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, NULL, flags);
  properties[PROP_STATE] = g_param_spec_string ("state", NULL, NULL, NULL, flags);
  properties[PROP_TEMPLATE_FOR_DISPVMS] = g_param_spec_boolean ("template-for-dispvms", NULL, NULL, FALSE, flags);
  properties[PROP_POLICY] = g_param_spec_string ("policy", NULL, NULL, NULL, flags);
  properties[PROP_PERSISTENCE] = g_param_spec_string ("persistence", NULL, NULL, NULL, flags);
  properties[PROP_EVIDENCE] = g_param_spec_string ("evidence", NULL, NULL, NULL, flags);
  properties[PROP_REASONS] = g_param_spec_variant ("reasons", NULL, NULL, reasons_type, NULL, flags);
  properties[PROP_ROOT_WRITABLE] = g_param_spec_boolean ("root-writable", NULL, NULL, FALSE, flags);
  properties[PROP_PRIVATE_WRITABLE] = g_param_spec_boolean ("private-writable", NULL, NULL, FALSE, flags);
  properties[PROP_VOLATILE_EPHEMERAL] = g_param_spec_boolean ("volatile-ephemeral", NULL, NULL, FALSE, flags);
  properties[PROP_POOLS] = g_param_spec_boxed ("pools", NULL, NULL, G_TYPE_STRV, flags);
  properties[PROP_PENDING] = g_param_spec_boxed ("pending", NULL, NULL, G_TYPE_STRV, flags);
  properties[PROP_POLICIES] = g_param_spec_boxed ("policies", NULL, NULL, G_TYPE_STRV, flags);
  properties[PROP_MANAGEABLE] = g_param_spec_boolean ("manageable", NULL, NULL, FALSE, flags);
  properties[PROP_WINDOW_STATE] = g_param_spec_string ("window-state", NULL, NULL, NULL, flags);
  properties[PROP_WINDOW_DEADLINE]
      = g_param_spec_int64 ("window-deadline", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  properties[PROP_WINDOW_STEP] = g_param_spec_string ("window-step", NULL, NULL, NULL, flags);
  properties[PROP_WINDOW_OUTCOME] = g_param_spec_string ("window-outcome", NULL, NULL, NULL, flags);
  properties[PROP_WINDOW_REFUSAL] = g_param_spec_string ("window-refusal", NULL, NULL, NULL, flags);
  properties[PROP_GUEST_WINDOW_DEADLINE]
      = g_param_spec_int64 ("guest-window-deadline", NULL, NULL, G_MININT64, G_MAXINT64, 0, flags);
  properties[PROP_OLD_DISPOSABLES] = g_param_spec_boxed ("old-disposables", NULL, NULL, G_TYPE_STRV, flags);
  properties[PROP_MEMORY_HYGIENE] = g_param_spec_string ("memory-hygiene", NULL, NULL, NULL, flags);
  properties[PROP_UPPER_LAYER] = g_param_spec_string ("upper-layer", NULL, NULL, NULL, flags);
  properties[PROP_UPPER_LAYER_SIZE] = g_param_spec_string ("upper-layer-size", NULL, NULL, NULL, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static GVariant *
no_reasons (void)
{
  return g_variant_ref_sink (g_variant_new_array (G_VARIANT_TYPE ("(sa{sv})"), NULL, 0));
}

static void
live_qube_init (LiveQube *self)
{
  self->label = g_strdup ("");
  self->reasons = no_reasons ();
  self->old_disposables = g_new0 (char *, 1);
  self->pools = g_new0 (char *, 1);
  self->pending = g_new0 (char *, 1);
  self->policies = g_new0 (char *, 1);
  self->window_state = LIVE_WINDOW_CLOSED;
  self->window_step = self->window_outcome = "";
  self->window_refusal = LIVE_WINDOW_REFUSAL_UNKNOWN;
  self->memory_hygiene = live_memory_hygiene_to_string (LIVE_MEMORY_HYGIENE_UNKNOWN);
  self->upper_layer = LIVE_UPPER_LAYER_VOLATILE;
  self->upper_layer_size = g_strdup ("");
}

LiveQube *
live_qube_new (const char *name, const char *klass)
{
  LiveQube *self = g_object_new (LIVE_TYPE_QUBE, NULL);

  self->name = g_strdup (name);
  self->klass = g_strdup (klass);
  self->facts.name = self->name;
  self->facts.klass = live_qube_klass_from_qubesd (klass);
  return self;
}

const char *
live_qube_get_name (LiveQube *self)
{
  return self->name;
}

const char *
live_qube_get_class_name (LiveQube *self)
{
  return self->klass;
}

gboolean
live_qube_get_template_for_dispvms (LiveQube *self)
{
  return self->template_for_dispvms;
}

const LiveQubeFacts *
live_qube_get_facts (LiveQube *self)
{
  return &self->facts;
}

const LivePlan *
live_qube_get_plan (LiveQube *self)
{
  return &self->plan;
}

LivePersistence
live_qube_get_persistence (LiveQube *self)
{
  return self->persistence;
}

LiveEvidence
live_qube_get_evidence (LiveQube *self)
{
  return self->evidence;
}

static void
notify (LiveQube *self, LiveQubeProperty property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/* Whether @field changed. */
static gboolean
replace_string (char **field, const char *value)
{
  if (g_strcmp0 (*field, value) == 0)
    return FALSE;
  g_free (*field);
  *field = g_strdup (value);
  return TRUE;
}

static gboolean
replace_strv (char ***field, char **value)
{
  if (g_strv_equal ((const char *const *) *field, (const char *const *) value))
    {
      g_strfreev (value);
      return FALSE;
    }
  g_strfreev (*field);
  *field = value;
  return TRUE;
}

static void
update_state (LiveQube *self)
{
  LiveQubeState state = self->reported_state;

  if (self->stopping && state == LIVE_QUBE_STATE_HALTED)
    state = LIVE_QUBE_STATE_DYING;
  if (self->facts.state == state)
    return;
  self->facts.state = state;
  notify (self, PROP_STATE);
}

void
live_qube_set_state (LiveQube *self, LiveQubeState state)
{
  self->reported_state = state;
  update_state (self);
}

void
live_qube_set_stopping (LiveQube *self, gboolean stopping)
{
  self->stopping = stopping;
  update_state (self);
}

void
live_qube_set_label (LiveQube *self, const char *label)
{
  if (replace_string (&self->label, label))
    notify (self, PROP_LABEL);
}

void
live_qube_set_template_for_dispvms (LiveQube *self, gboolean template_for_dispvms)
{
  if (self->template_for_dispvms == template_for_dispvms)
    return;
  self->template_for_dispvms = template_for_dispvms;
  notify (self, PROP_TEMPLATE_FOR_DISPVMS);
}

void
live_qube_set_volume (LiveQube *self, LiveVolumeName name, const LiveVolume *volume)
{
  static const LiveQubeProperty writable[] = { PROP_ROOT_WRITABLE, PROP_PRIVATE_WRITABLE };
  const LiveVolume before = self->facts.volumes[name];
  gboolean was_writable = is_writable (self, name);

  self->facts.volumes[name] = *volume;
  if (name == LIVE_VOLUME_VOLATILE)
    {
      if ((before.known && before.ephemeral) != (volume->known && volume->ephemeral))
        notify (self, PROP_VOLATILE_EPHEMERAL);
    }
  else if (was_writable != is_writable (self, name))
    notify (self, writable[name]);
}

void
live_qube_set_volume_driver (LiveQube *self, LiveVolumeName name, const char *driver)
{
  self->facts.volumes[name].driver = driver;
}

void
live_qube_set_feature (LiveQube *self, LiveFeature feature, const char *value)
{
  /* An empty feature is one that is off, everywhere in Qubes. */
  if (feature == LIVE_FEATURE_POLICY && value != NULL && *value == '\0')
    value = NULL;
  if (!replace_string (&self->features[feature], value))
    return;
  self->facts.features[feature] = self->features[feature];
  if (feature != LIVE_FEATURE_POLICY)
    return;
  self->n_waits = 0;
  live_qube_set_apply_error (self, NULL, NULL);
  live_qube_set_repaired (self, NULL);
  notify (self, PROP_POLICY);
}

void
live_qube_set_template_name (LiveQube *self, const char *name)
{
  replace_string (&self->template_name, name);
  self->facts.template_name = self->template_name;
}

void
live_qube_set_kernel (LiveQube *self, const char *name, const char *options, gboolean options_default)
{
  if (replace_string (&self->kernel_name, name))
    live_qube_set_kernel_facts (self, &(const LiveKernelFacts){ 0 });
  replace_string (&self->kernel_options, options);
  self->facts.kernel_name = self->kernel_name;
  self->facts.kernel_options = self->kernel_options;
  self->facts.kernel_options_default = options_default;
}

void
live_qube_set_kernel_facts (LiveQube *self, const LiveKernelFacts *kernel)
{
  replace_string (&self->kernel_common_options, kernel->common_options);
  self->facts.kernel = *kernel;
  self->facts.kernel.common_options = self->kernel_common_options;
}

gboolean
live_qube_set_disposables (LiveQube *self, gboolean running, const char *const *old)
{
  gboolean is_news = self->facts.disposables_running != running;

  self->facts.disposables_running = running;
  if (replace_strv (&self->old_disposables, g_strdupv ((char **) old)))
    notify (self, PROP_OLD_DISPOSABLES);
  return is_news;
}

void
live_qube_set_being_made (LiveQube *self, gboolean being_made)
{
  self->facts.being_made = being_made;
}

void
live_qube_set_revisions_off_known (LiveQube *self, gboolean known)
{
  self->facts.revisions_off_known = known;
}

void
live_qube_set_window_opening (LiveQube *self, gboolean opening)
{
  self->facts.window_opening = opening;
}

/* @text: one of the codes in model/window.h, which are static */
static void
show_text (LiveQube *self, const char **field, const char *text, LiveQubeProperty property)
{
  if (g_str_equal (*field, text))
    return;
  *field = text;
  notify (self, property);
}

static void
show_time (LiveQube *self, gint64 *field, gint64 time, LiveQubeProperty property)
{
  if (*field == time)
    return;
  *field = time;
  notify (self, property);
}

void
live_qube_set_window (LiveQube *self, const char *state, gint64 deadline, const char *step)
{
  g_object_freeze_notify (G_OBJECT (self));
  show_time (self, &self->window_deadline, deadline, PROP_WINDOW_DEADLINE);
  show_text (self, &self->window_step, step, PROP_WINDOW_STEP);
  show_text (self, &self->window_state, state, PROP_WINDOW_STATE);
  g_object_thaw_notify (G_OBJECT (self));
}

void
live_qube_set_window_outcome (LiveQube *self, const char *outcome)
{
  show_text (self, &self->window_outcome, outcome, PROP_WINDOW_OUTCOME);
}

void
live_qube_set_guest_window_deadline (LiveQube *self, gint64 deadline)
{
  show_time (self, &self->guest_window_deadline, deadline, PROP_GUEST_WINDOW_DEADLINE);
}

const char *
live_qube_get_window_state (LiveQube *self)
{
  return self->window_state;
}

static gboolean
is_same_device (const LiveDevice *a, const LiveDevice *b)
{
  return a->attached == b->attached && a->read_only == b->read_only && a->rest == b->rest;
}

gboolean
live_qube_set_devices (LiveQube *self, const LiveDevice *devices, const LiveDevice *others)
{
  static const LiveDevice nothing[LIVE_N_VOLUMES];
  gboolean known = devices != NULL;
  gboolean changed = self->facts.devices_known != known;

  if (!known)
    devices = others = nothing;
  for (guint i = 0; i < LIVE_N_VOLUMES; i++)
    {
      changed = changed || !is_same_device (&self->facts.devices[i], &devices[i]);
      self->facts.devices[i] = devices[i];
    }
  changed = changed || !is_same_device (&self->facts.others, others);
  self->facts.others = *others;
  self->facts.devices_known = known;
  return changed;
}

void
live_qube_set_unreadable (LiveQube *self, const char *message)
{
  static const LiveVolume nothing = { 0 };

  replace_string (&self->unreadable, message);
  for (guint i = 0; message != NULL && i < LIVE_N_VOLUMES; i++)
    live_qube_set_volume (self, (LiveVolumeName) i, &nothing);
}

void
live_qube_set_apply_error (LiveQube *self, const char *step, const char *message)
{
  replace_string (&self->error_step, step);
  replace_string (&self->error_message, message);
  self->error_waits = FALSE;
}

void
live_qube_set_apply_waits (LiveQube *self, const char *step, const char *message)
{
  live_qube_set_apply_error (self, step, message);
  self->error_waits = ++self->n_waits < MAX_WAITS;
}

void
live_qube_note_disposables_ended (LiveQube *self)
{
  self->n_events++;
  if (self->error_waits)
    live_qube_set_apply_error (self, NULL, NULL);
}

const char *
live_qube_get_apply_error (LiveQube *self)
{
  return self->error_message;
}

gboolean
live_qube_has_apply_error (LiveQube *self)
{
  return self->error_message != NULL;
}

void
live_qube_note_event (LiveQube *self)
{
  self->n_events++;
  self->n_waits = 0;
  live_qube_set_apply_error (self, NULL, NULL);
}

guint
live_qube_get_n_events (LiveQube *self)
{
  return self->n_events;
}

void
live_qube_set_repaired (LiveQube *self, const char *step)
{
  replace_string (&self->repaired, step);
}

static void
add_policy_reasons (LiveQube *self, GVariantBuilder *reasons)
{
  if (self->plan.kind == LIVE_PLAN_UNSUPPORTED)
    live_reason_add (reasons, LIVE_REASON_POLICY_UNSUPPORTED, "policy", policy_to_show (self), "why", self->plan.why,
                     NULL);
  else if (self->plan.kind == LIVE_PLAN_INVALID
           && live_policy_check (&self->facts, policy_to_show (self), NULL) == LIVE_PLAN_INVALID)
    live_reason_add (reasons, LIVE_REASON_POLICY_INVALID, "value", policy_to_show (self), NULL);
  else if (self->plan.kind == LIVE_PLAN_INVALID)
    live_reason_add (reasons, LIVE_REASON_SAVED_INVALID, "value", self->features[LIVE_FEATURE_SAVED], NULL);
  if (self->plan.waits_for_disposables)
    live_reason_add (reasons, LIVE_REASON_WAITS_FOR_DISPOSABLES, NULL);
  if (self->error_message != NULL)
    live_reason_add (reasons, LIVE_REASON_APPLY_FAILED, "step", self->error_step, "error", self->error_message, NULL);
  if (self->repaired != NULL)
    live_reason_add (reasons, LIVE_REASON_REPAIRED, "step", self->repaired, NULL);
}

static char **
list_pending (const LivePlan *plan)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < plan->n_steps; i++)
    {
      const char *step = live_step_to_string (plan->steps[i]);

      if (step != NULL)
        g_strv_builder_add (builder, step);
    }
  return g_strv_builder_end (builder);
}

static char **
list_pools (const LiveQubeFacts *facts)
{
  g_autoptr (GPtrArray) pools = g_ptr_array_new ();

  for (guint i = 0; i < LIVE_N_VOLUMES; i++)
    {
      const char *pool = facts->volumes[i].known ? facts->volumes[i].pool : NULL;

      if (pool != NULL && !g_ptr_array_find_with_equal_func (pools, pool, g_str_equal, NULL))
        g_ptr_array_add (pools, g_strdup (pool));
    }
  g_ptr_array_add (pools, NULL);
  return (char **) g_ptr_array_steal (pools, NULL);
}

void
live_qube_judge (LiveQube *self)
{
  g_autoptr (GVariant) reasons = NULL;
  GVariantBuilder builder;
  LivePersistence persistence;
  LiveEvidence evidence;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sa{sv})"));
  persistence = live_persistence_judge (&self->facts, &evidence, &builder);
  self->plan = live_reconcile (&self->facts);
  if (self->unreadable != NULL)
    live_reason_add (&builder, LIVE_REASON_UNREADABLE, "error", self->unreadable, NULL);
  add_policy_reasons (self, &builder);
  reasons = g_variant_ref_sink (g_variant_builder_end (&builder));

  g_object_freeze_notify (G_OBJECT (self));
  if (self->persistence != persistence)
    {
      self->persistence = persistence;
      notify (self, PROP_PERSISTENCE);
    }
  if (self->evidence != evidence)
    {
      self->evidence = evidence;
      notify (self, PROP_EVIDENCE);
    }
  if (!g_variant_equal (self->reasons, reasons))
    {
      g_variant_unref (self->reasons);
      self->reasons = g_steal_pointer (&reasons);
      notify (self, PROP_REASONS);
    }
  if (replace_strv (&self->pools, list_pools (&self->facts)))
    notify (self, PROP_POOLS);
  if (replace_strv (&self->pending, list_pending (&self->plan)))
    notify (self, PROP_PENDING);
  if (replace_strv (&self->policies, list_policies (self)))
    notify (self, PROP_POLICIES);
  show_text (self, &self->memory_hygiene, live_memory_hygiene_to_string (live_memory_hygiene_judge (&self->facts)),
             PROP_MEMORY_HYGIENE);
  show_text (self, &self->upper_layer, live_upper_layer_get (&self->facts), PROP_UPPER_LAYER);
  if (replace_string (&self->upper_layer_size, live_upper_layer_get_size (&self->facts)))
    notify (self, PROP_UPPER_LAYER_SIZE);
  show_text (self, &self->window_refusal, live_window_refusal (&self->facts, &self->plan), PROP_WINDOW_REFUSAL);
  g_object_thaw_notify (G_OBJECT (self));
}
