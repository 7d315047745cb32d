/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "model/indicator.h"
#include "model/object-path.h"
#include "model/persistence.h"
#include "model/reason.h"
#include "model/reconcile.h"

/* The codes in a(sa{sv}), each followed by "(key=value …)" when it has parameters, joined by spaces. */
static char *
describe_reasons (GVariantBuilder *builder)
{
  g_autoptr (GVariant) reasons = g_variant_ref_sink (g_variant_builder_end (builder));
  GString *text = g_string_new (NULL);
  GVariantIter iter;
  const char *code = NULL;
  GVariant *parameters = NULL;

  g_variant_iter_init (&iter, reasons);
  while (g_variant_iter_loop (&iter, "(&s@a{sv})", &code, &parameters))
    {
      const char *separator = "(";
      GVariantIter pairs;
      const char *key = NULL;
      GVariant *value = NULL;

      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", code);
      g_variant_iter_init (&pairs, parameters);
      while (g_variant_iter_loop (&pairs, "{&sv}", &key, &value))
        {
          g_string_append_printf (text, "%s%s=%s", separator, key, g_variant_get_string (value, NULL));
          separator = " ";
        }
      if (g_str_equal (separator, " "))
        g_string_append_c (text, ')');
    }
  return g_string_free (text, FALSE);
}

/* "root private volatile" as: w writable, r read-only, e writable under a throw-away key, ? unknown. */
static LiveQubeFacts
facts_from (const char *volumes, LiveQubeState state)
{
  LiveQubeFacts facts = { .klass = LIVE_QUBE_KLASS_APP, .state = state };

  g_assert_cmpuint (strlen (volumes), ==, LIVE_N_VOLUMES);
  for (guint i = 0; i < LIVE_N_VOLUMES; i++)
    facts.volumes[i] = (LiveVolume){
      .known = volumes[i] != '?',
      .rw = volumes[i] != 'r',
      .ephemeral = volumes[i] == 'e',
      .pool = "vm-pool",
    };
  return facts;
}

static void
test_persistence (void)
{
  static const struct
  {
    const char *volumes;
    LiveQubeState state;
    LivePersistence persistence;
    LiveEvidence evidence;
    const char *reasons;
  } table[] = {
    { "www", LIVE_QUBE_STATE_HALTED, LIVE_PERSISTENCE_PERSISTENT, LIVE_EVIDENCE_CONFIGURED,
      "root-writable(pool=vm-pool) private-writable(pool=vm-pool) volatile-not-ephemeral(pool=vm-pool)" },
    { "wwe", LIVE_QUBE_STATE_HALTED, LIVE_PERSISTENCE_PERSISTENT, LIVE_EVIDENCE_CONFIGURED,
      "root-writable(pool=vm-pool) private-writable(pool=vm-pool)" },
    /* What the qube writes to its root goes to a volatile volume in the clear. */
    { "rww", LIVE_QUBE_STATE_HALTED, LIVE_PERSISTENCE_PERSISTENT, LIVE_EVIDENCE_CONFIGURED,
      "private-writable(pool=vm-pool) volatile-not-ephemeral(pool=vm-pool)" },
    { "rrw", LIVE_QUBE_STATE_HALTED, LIVE_PERSISTENCE_PERSISTENT, LIVE_EVIDENCE_CONFIGURED,
      "volatile-not-ephemeral(pool=vm-pool)" },
    { "rwe", LIVE_QUBE_STATE_HALTED, LIVE_PERSISTENCE_ROOT_EPHEMERAL, LIVE_EVIDENCE_CONFIGURED,
      "private-writable(pool=vm-pool)" },
    { "rwr", LIVE_QUBE_STATE_HALTED, LIVE_PERSISTENCE_ROOT_EPHEMERAL, LIVE_EVIDENCE_CONFIGURED,
      "private-writable(pool=vm-pool)" },
    { "rre", LIVE_QUBE_STATE_HALTED, LIVE_PERSISTENCE_EPHEMERAL, LIVE_EVIDENCE_CONFIGURED, "" },
    { "wre", LIVE_QUBE_STATE_HALTED, LIVE_PERSISTENCE_PERSISTENT, LIVE_EVIDENCE_CONFIGURED,
      "root-writable(pool=vm-pool)" },
    { "rre", LIVE_QUBE_STATE_RUNNING, LIVE_PERSISTENCE_EPHEMERAL, LIVE_EVIDENCE_UNKNOWN, "not-verified" },
    { "rre", LIVE_QUBE_STATE_PAUSED, LIVE_PERSISTENCE_EPHEMERAL, LIVE_EVIDENCE_UNKNOWN, "not-verified" },
    { "rre", LIVE_QUBE_STATE_DYING, LIVE_PERSISTENCE_EPHEMERAL, LIVE_EVIDENCE_UNKNOWN, "not-verified" },
    { "rre", LIVE_QUBE_STATE_UNKNOWN, LIVE_PERSISTENCE_EPHEMERAL, LIVE_EVIDENCE_UNKNOWN, "not-verified" },
    { "?re", LIVE_QUBE_STATE_HALTED, LIVE_PERSISTENCE_UNKNOWN, LIVE_EVIDENCE_UNKNOWN, "" },
    { "r?e", LIVE_QUBE_STATE_HALTED, LIVE_PERSISTENCE_UNKNOWN, LIVE_EVIDENCE_UNKNOWN, "" },
    { "rr?", LIVE_QUBE_STATE_RUNNING, LIVE_PERSISTENCE_UNKNOWN, LIVE_EVIDENCE_UNKNOWN, "not-verified" },
    { "???", LIVE_QUBE_STATE_RUNNING, LIVE_PERSISTENCE_UNKNOWN, LIVE_EVIDENCE_UNKNOWN, "not-verified" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      LiveQubeFacts facts = facts_from (table[i].volumes, table[i].state);
      LiveEvidence evidence = LIVE_EVIDENCE_VERIFIED;
      LivePersistence persistence;
      GVariantBuilder builder;
      g_autofree char *reasons = NULL;

      g_test_message ("%s in state %s", table[i].volumes, live_qube_state_to_string (table[i].state));
      g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sa{sv})"));
      persistence = live_persistence_judge (&facts, &evidence, &builder);
      reasons = describe_reasons (&builder);
      g_assert_cmpint (persistence, ==, table[i].persistence);
      g_assert_cmpint (evidence, ==, table[i].evidence);
      g_assert_cmpstr (reasons, ==, table[i].reasons);
      /* The same without anybody who wants the reasons. */
      g_assert_cmpint (live_persistence_judge (&facts, &evidence, NULL), ==, persistence);
    }
}

static char *
describe_plan (const LivePlan *plan)
{
  static const char *const kinds[] = { "nothing", "steps", "pending", "unknown", "invalid", "unsupported" };
  GString *text = g_string_new (kinds[plan->kind]);

  for (guint i = 0; i < plan->n_steps; i++)
    {
      const char *step = live_step_to_string (plan->steps[i]);

      if (step == NULL)
        step = plan->steps[i] == LIVE_STEP_SAVE            ? "save"
               : plan->steps[i] == LIVE_STEP_FORGET_SAVED  ? "forget"
               : plan->steps[i] == LIVE_STEP_GUEST_FLAG_ON ? "flag"
                                                           : "other";
      g_string_append_printf (text, " %s", step);
    }
  if (plan->repair)
    g_string_append (text, " (repair)");
  if (plan->why != NULL)
    g_string_append_printf (text, " because %s", plan->why);
  return g_string_free (text, FALSE);
}

static void
test_reconcile (void)
{
  static const struct
  {
    LiveQubeKlass klass;
    const char *volumes;
    gboolean halted;
    const char *policy;
    const char *saved;
    const char *plan;
  } table[] = {
    /* No wish: nothing is touched, whatever it is. */
    { LIVE_QUBE_KLASS_APP, "www", TRUE, NULL, NULL, "nothing" },
    { LIVE_QUBE_KLASS_APP, "rre", TRUE, NULL, NULL, "nothing" },
    { LIVE_QUBE_KLASS_APP, "???", TRUE, NULL, NULL, "nothing" },
    { LIVE_QUBE_KLASS_APP, "rww", TRUE, "persistent", NULL, "nothing" },
    { LIVE_QUBE_KLASS_TEMPLATE, "www", TRUE, "persistent", NULL, "nothing" },
    { LIVE_QUBE_KLASS_OTHER, "???", FALSE, NULL, NULL, "nothing" },
    /* root, for the first time. */
    { LIVE_QUBE_KLASS_APP, "www", TRUE, "root", NULL, "steps save volatile-ephemeral root-read-only" },
    { LIVE_QUBE_KLASS_APP, "wwe", TRUE, "root", NULL, "steps save root-read-only" },
    { LIVE_QUBE_KLASS_APP, "rww", TRUE, "root", NULL, "steps save volatile-ephemeral" },
    { LIVE_QUBE_KLASS_APP, "rwe", TRUE, "root", NULL, "steps save" },
    { LIVE_QUBE_KLASS_STANDALONE, "www", TRUE, "root", NULL, "steps save volatile-ephemeral root-read-only" },
    { LIVE_QUBE_KLASS_DISPOSABLE, "www", TRUE, "root", NULL, "steps save volatile-ephemeral root-read-only" },
    { LIVE_QUBE_KLASS_APP, "www", FALSE, "root", NULL, "pending save volatile-ephemeral root-read-only" },
    /* root, as it should be, and undone by somebody. */
    { LIVE_QUBE_KLASS_APP, "rwe", TRUE, "root", "root=rw volatile=plain", "nothing" },
    { LIVE_QUBE_KLASS_APP, "rre", TRUE, "root", "root=rw volatile=plain", "nothing" },
    { LIVE_QUBE_KLASS_APP, "wwe", TRUE, "root", "root=rw volatile=plain", "steps root-read-only (repair)" },
    { LIVE_QUBE_KLASS_APP, "rww", TRUE, "root", "root=rw volatile=plain", "steps volatile-ephemeral (repair)" },
    { LIVE_QUBE_KLASS_APP, "wwe", FALSE, "root", "root=rw volatile=plain", "pending root-read-only (repair)" },
    /* What was saved by somebody else does not matter as long as the policy stands. */
    { LIVE_QUBE_KLASS_APP, "rwe", TRUE, "root", "rubbish", "nothing" },
    /* Back again. */
    { LIVE_QUBE_KLASS_APP, "rwe", TRUE, "persistent", "root=rw volatile=plain",
      "steps root-writable volatile-not-ephemeral forget" },
    { LIVE_QUBE_KLASS_APP, "rwe", TRUE, NULL, "root=rw volatile=plain",
      "steps root-writable volatile-not-ephemeral forget" },
    { LIVE_QUBE_KLASS_APP, "rwe", TRUE, "persistent", "root=rw volatile=ephemeral", "steps root-writable forget" },
    { LIVE_QUBE_KLASS_APP, "rwe", TRUE, "persistent", "root=ro volatile=ephemeral", "steps forget" },
    { LIVE_QUBE_KLASS_APP, "wwe", TRUE, "persistent", "volatile=ephemeral root=ro", "steps root-read-only forget" },
    { LIVE_QUBE_KLASS_APP, "www", TRUE, "persistent", "root=rw volatile=ephemeral",
      "steps volatile-ephemeral forget" },
    { LIVE_QUBE_KLASS_APP, "rwe", FALSE, "persistent", "root=rw volatile=plain",
      "pending root-writable volatile-not-ephemeral forget" },
    /* What is not known is not guessed. */
    { LIVE_QUBE_KLASS_APP, "?we", TRUE, "root", NULL, "unknown" },
    { LIVE_QUBE_KLASS_APP, "rw?", TRUE, "root", "root=rw volatile=plain", "unknown" },
    { LIVE_QUBE_KLASS_APP, "?we", TRUE, "persistent", "root=rw volatile=plain", "unknown" },
    { LIVE_QUBE_KLASS_APP, "w?w", TRUE, "root", NULL, "steps save volatile-ephemeral root-read-only" },
    /* What means nothing. */
    { LIVE_QUBE_KLASS_APP, "www", TRUE, "", NULL, "invalid" },
    { LIVE_QUBE_KLASS_APP, "www", TRUE, "Root", NULL, "invalid" },
    { LIVE_QUBE_KLASS_APP, "www", TRUE, "root ", NULL, "invalid" },
    { LIVE_QUBE_KLASS_APP, "www", TRUE, "1", NULL, "invalid" },
    { LIVE_QUBE_KLASS_TEMPLATE, "www", TRUE, "nonsense", NULL, "invalid" },
    { LIVE_QUBE_KLASS_APP, "www", TRUE, "persistent", "", "invalid" },
    { LIVE_QUBE_KLASS_APP, "www", TRUE, "persistent", "root=rw", "invalid" },
    { LIVE_QUBE_KLASS_APP, "www", TRUE, "persistent", "volatile=plain", "invalid" },
    { LIVE_QUBE_KLASS_APP, "www", TRUE, "persistent", "root=rw root=ro volatile=plain", "invalid" },
    { LIVE_QUBE_KLASS_APP, "www", TRUE, "persistent", "root=rw volatile=plain extra", "invalid" },
    { LIVE_QUBE_KLASS_APP, "www", TRUE, "persistent", "root=RW volatile=plain", "invalid" },
    { LIVE_QUBE_KLASS_APP, "www", TRUE, "persistent", "root=rw  volatile=plain", "invalid" },
    /* What this qube, or this version, cannot have. */
    { LIVE_QUBE_KLASS_TEMPLATE, "www", TRUE, "root", NULL, "unsupported because template" },
    { LIVE_QUBE_KLASS_OTHER, "???", TRUE, "root", NULL, "unsupported because no-volumes" },
    { LIVE_QUBE_KLASS_APP, "wwr", TRUE, "root", NULL, "unsupported because volatile-read-only" },
    { LIVE_QUBE_KLASS_TEMPLATE, "www", TRUE, "full", NULL, "unsupported because template" },
    /* full, for the first time. */
    { LIVE_QUBE_KLASS_APP, "www", TRUE, "full", NULL,
      "steps save volatile-ephemeral root-read-only private-read-only flag" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      LiveQubeFacts facts
          = facts_from (table[i].volumes, table[i].halted ? LIVE_QUBE_STATE_HALTED : LIVE_QUBE_STATE_RUNNING);
      LivePlan plan;
      g_autofree char *text = NULL;

      facts.klass = table[i].klass;
      facts.features[LIVE_FEATURE_POLICY] = table[i].policy;
      facts.features[LIVE_FEATURE_SAVED] = table[i].saved;
      plan = live_reconcile (&facts);
      text = describe_plan (&plan);
      g_test_message ("row %u: %s %s %s", i, table[i].volumes, table[i].policy, table[i].saved);
      g_assert_cmpstr (text, ==, table[i].plan);
    }
}

/* Every state but halted waits: rw of a volume must never be changed under a qube that may be writing or stopping. */
static void
test_reconcile_states (void)
{
  for (int state = LIVE_QUBE_STATE_UNKNOWN; state <= LIVE_QUBE_STATE_CRASHED; state++)
    {
      LiveQubeFacts facts = facts_from ("www", (LiveQubeState) state);

      facts.features[LIVE_FEATURE_POLICY] = "root";
      g_assert_cmpint (live_reconcile (&facts).kind, ==,
                       state == LIVE_QUBE_STATE_HALTED ? LIVE_PLAN_STEPS : LIVE_PLAN_PENDING);
    }
}

/* What is saved is what restores it. */
static void
test_saved_round_trip (void)
{
  static const char *const all[] = { "www", "wwe", "rww", "rwe" };

  for (guint before = 0; before < G_N_ELEMENTS (all); before++)
    for (guint now = 0; now < G_N_ELEMENTS (all); now++)
      {
        LiveQubeFacts first = facts_from (all[before], LIVE_QUBE_STATE_HALTED);
        LiveQubeFacts facts = facts_from (all[now], LIVE_QUBE_STATE_HALTED);
        LiveSaved before_policy = { 0 };
        g_autofree char *saved = NULL;
        LivePlan plan;

        live_saved_take (&first, FALSE, &before_policy, TRUE);
        saved = live_saved_format (&first, &before_policy);
        facts.features[LIVE_FEATURE_SAVED] = saved;
        plan = live_reconcile (&facts);
        g_assert_cmpint (plan.kind, ==, LIVE_PLAN_STEPS);
        for (guint i = 0; i < plan.n_steps; i++)
          switch (plan.steps[i])
            {
            case LIVE_STEP_ROOT_WRITABLE:
            case LIVE_STEP_ROOT_READ_ONLY:
              facts.volumes[LIVE_VOLUME_ROOT].rw = plan.steps[i] == LIVE_STEP_ROOT_WRITABLE;
              break;
            case LIVE_STEP_VOLATILE_EPHEMERAL:
            case LIVE_STEP_VOLATILE_NOT_EPHEMERAL:
              facts.volumes[LIVE_VOLUME_VOLATILE].ephemeral = plan.steps[i] == LIVE_STEP_VOLATILE_EPHEMERAL;
              break;
            case LIVE_STEP_FORGET_SAVED:
              facts.features[LIVE_FEATURE_SAVED] = NULL;
              break;
            default:
              g_assert_not_reached ();
            }
        g_assert_null (facts.features[LIVE_FEATURE_SAVED]);
        g_assert_cmpint (facts.volumes[LIVE_VOLUME_ROOT].rw, ==, first.volumes[LIVE_VOLUME_ROOT].rw);
        g_assert_cmpint (facts.volumes[LIVE_VOLUME_VOLATILE].ephemeral, ==,
                         first.volumes[LIVE_VOLUME_VOLATILE].ephemeral);
      }
}

/* A dom0 in RAM: live only without leak, with every running qube verified, and when all of that is known. */
static void
test_indicator_live (void)
{
  static const LiveRunningQube kept = { "a", "DispVM", LIVE_PERSISTENCE_PERSISTENT, LIVE_EVIDENCE_VERIFIED };
  static const LiveRunningQube verified = { "a", "AppVM", LIVE_PERSISTENCE_RAM, LIVE_EVIDENCE_VERIFIED };
  static const LiveRunningQube unverified = { "a", "AppVM", LIVE_PERSISTENCE_EPHEMERAL, LIVE_EVIDENCE_UNKNOWN };
  static const LiveRunningQube contradicted = { "a", "AppVM", LIVE_PERSISTENCE_EPHEMERAL, LIVE_EVIDENCE_CONTRADICTED };
  static const struct
  {
    gboolean connected;
    gboolean leaks_known;
    guint n_leaks;
    const LiveRunningQube *running;
    const char *claim;
    LiveIndicator indicator;
    const char *reasons;
  } table[] = {
    { TRUE, TRUE, 0, NULL, NULL, LIVE_INDICATOR_LIVE, "no-qube-running dom0-in-ram(mode=overlay)" },
    { TRUE, TRUE, 0, &verified, NULL, LIVE_INDICATOR_LIVE, "dom0-in-ram(mode=overlay)" },
    { TRUE, TRUE, 2, &verified, NULL, LIVE_INDICATOR_LIVE_LEAKY, "leaks(count=2) dom0-in-ram(mode=overlay)" },
    { TRUE, TRUE, 0, &kept, NULL, LIVE_INDICATOR_LIVE_LEAKY,
      "qube-keeps(qube=a persistence=persistent class=DispVM) dom0-in-ram(mode=overlay)" },
    { TRUE, TRUE, 1, &kept, NULL, LIVE_INDICATOR_LIVE_LEAKY,
      "leaks(count=1) qube-keeps(qube=a persistence=persistent class=DispVM) dom0-in-ram(mode=overlay)" },
    { TRUE, TRUE, 0, &unverified, NULL, LIVE_INDICATOR_LIVE_LEAKY,
      "qube-not-verified(qube=a) dom0-in-ram(mode=overlay)" },
    { TRUE, TRUE, 0, &contradicted, NULL, LIVE_INDICATOR_ALARM,
      "qube-contradicted(qube=a) dom0-in-ram(mode=overlay)" },
    { TRUE, FALSE, 0, &verified, NULL, LIVE_INDICATOR_UNKNOWN, "starting dom0-in-ram(mode=overlay)" },
    { FALSE, TRUE, 0, NULL, NULL, LIVE_INDICATOR_UNKNOWN, "qubesd-unreachable dom0-in-ram(mode=overlay)" },
    { FALSE, TRUE, 3, NULL, NULL, LIVE_INDICATOR_UNKNOWN,
      "qubesd-unreachable leaks(count=3) dom0-in-ram(mode=overlay)" },
    /* The claim on the command line is about a dom0 on a disk. */
    { TRUE, TRUE, 0, &verified, "qubes.live=zram", LIVE_INDICATOR_ALARM,
      "boot-contradicted(argument=qubes.live=zram) dom0-on-disk" },
    { FALSE, TRUE, 0, NULL, "qubes.live=zram", LIVE_INDICATOR_ALARM,
      "boot-contradicted(argument=qubes.live=zram) qubesd-unreachable dom0-on-disk" },
    { TRUE, TRUE, 7, NULL, "rootovl", LIVE_INDICATOR_ALARM,
      "boot-contradicted(argument=rootovl) no-qube-running dom0-on-disk" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      LiveIndicatorFacts facts = {
        .connected = table[i].connected,
        .running_known = TRUE,
        .boot_mode = table[i].claim != NULL ? LIVE_BOOT_MODE_PERSISTENT : LIVE_BOOT_MODE_OVERLAY,
        .boot_contradicted = table[i].claim,
        .leaks_known = table[i].leaks_known,
        .n_leaks = table[i].n_leaks,
        .running = table[i].running,
        .n_running = table[i].running != NULL ? 1 : 0,
      };
      GVariantBuilder builder;
      g_autofree char *reasons = NULL;

      g_test_message ("row %u", i);
      g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sa{sv})"));
      g_assert_cmpint (live_indicator_judge (&facts, &builder), ==, table[i].indicator);
      reasons = describe_reasons (&builder);
      g_assert_cmpstr (reasons, ==, table[i].reasons);
    }
}

/* Every way to run from RAM is one, and nothing else is. */
static void
test_indicator_modes (void)
{
  for (LiveBootMode mode = LIVE_BOOT_MODE_UNKNOWN; mode <= LIVE_BOOT_MODE_DRACUT_LIVE; mode++)
    {
      LiveIndicatorFacts facts = { .connected = TRUE, .running_known = TRUE, .boot_mode = mode, .leaks_known = TRUE };

      g_test_message ("%s", live_boot_mode_to_string (mode));
      g_assert_cmpint (live_indicator_judge (&facts, NULL), ==,
                       mode == LIVE_BOOT_MODE_UNKNOWN      ? LIVE_INDICATOR_UNKNOWN
                       : mode == LIVE_BOOT_MODE_PERSISTENT ? LIVE_INDICATOR_EPHEMERAL
                                                           : LIVE_INDICATOR_LIVE);
    }
}

/* Running qubes as: P persistent, R root-ephemeral, E ephemeral, M in RAM, U unknown; verified v, contradicted c,
 * unknown -. Named a, b, c … */
static void
test_indicator (void)
{
  static const struct
  {
    gboolean connected;
    gboolean running_known;
    LiveBootMode boot_mode;
    const char *running;
    LiveIndicator indicator;
    const char *reasons;
  } table[] = {
    { FALSE, FALSE, LIVE_BOOT_MODE_PERSISTENT, "", LIVE_INDICATOR_UNKNOWN, "qubesd-unreachable dom0-on-disk" },
    { FALSE, TRUE, LIVE_BOOT_MODE_PERSISTENT, "P- ", LIVE_INDICATOR_UNKNOWN, "qubesd-unreachable dom0-on-disk" },
    { FALSE, TRUE, LIVE_BOOT_MODE_UNKNOWN, "", LIVE_INDICATOR_UNKNOWN, "qubesd-unreachable boot-mode-unknown" },
    { TRUE, FALSE, LIVE_BOOT_MODE_PERSISTENT, "Ev ", LIVE_INDICATOR_UNKNOWN, "starting dom0-on-disk" },
    { TRUE, TRUE, LIVE_BOOT_MODE_UNKNOWN, "Ev ", LIVE_INDICATOR_UNKNOWN, "boot-mode-unknown" },
    { TRUE, TRUE, LIVE_BOOT_MODE_UNKNOWN, "P- ", LIVE_INDICATOR_UNKNOWN,
      "boot-mode-unknown qube-keeps(qube=a persistence=persistent class=AppVM)" },
    { TRUE, TRUE, LIVE_BOOT_MODE_PERSISTENT, "", LIVE_INDICATOR_EPHEMERAL, "no-qube-running dom0-on-disk" },
    { TRUE, TRUE, LIVE_BOOT_MODE_PERSISTENT, "P- ", LIVE_INDICATOR_PERSISTENT,
      "qube-keeps(qube=a persistence=persistent class=AppVM) dom0-on-disk" },
    { TRUE, TRUE, LIVE_BOOT_MODE_PERSISTENT, "Rv ", LIVE_INDICATOR_PERSISTENT,
      "qube-keeps(qube=a persistence=root-ephemeral class=AppVM) dom0-on-disk" },
    { TRUE, TRUE, LIVE_BOOT_MODE_PERSISTENT, "Ev Mv ", LIVE_INDICATOR_EPHEMERAL, "dom0-on-disk" },
    /* Ephemeral is a promise: not without having looked. */
    { TRUE, TRUE, LIVE_BOOT_MODE_PERSISTENT, "E- ", LIVE_INDICATOR_UNKNOWN,
      "qube-not-verified(qube=a) dom0-on-disk" },
    { TRUE, TRUE, LIVE_BOOT_MODE_PERSISTENT, "Ev M- ", LIVE_INDICATOR_UNKNOWN,
      "qube-not-verified(qube=b) dom0-on-disk" },
    { TRUE, TRUE, LIVE_BOOT_MODE_PERSISTENT, "Uv ", LIVE_INDICATOR_UNKNOWN,
      "qube-not-verified(qube=a) dom0-on-disk" },
    { TRUE, TRUE, LIVE_BOOT_MODE_PERSISTENT, "E- P- Ev ", LIVE_INDICATOR_PERSISTENT,
      "qube-not-verified(qube=a) qube-keeps(qube=b persistence=persistent class=AppVM) dom0-on-disk" },
    { TRUE, TRUE, LIVE_BOOT_MODE_PERSISTENT, "P- Ec ", LIVE_INDICATOR_ALARM,
      "qube-keeps(qube=a persistence=persistent class=AppVM) qube-contradicted(qube=b) dom0-on-disk" },
    { TRUE, TRUE, LIVE_BOOT_MODE_UNKNOWN, "Ec ", LIVE_INDICATOR_ALARM,
      "boot-mode-unknown qube-contradicted(qube=a)" },
  };
  static const char *const names[] = { "a", "b", "c" };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      LiveRunningQube running[G_N_ELEMENTS (names)];
      LiveIndicatorFacts facts = {
        .connected = table[i].connected,
        .running_known = table[i].running_known,
        .boot_mode = table[i].boot_mode,
        .running = running,
        .n_running = strlen (table[i].running) / 3,
      };
      GVariantBuilder builder;
      g_autofree char *reasons = NULL;
      LiveIndicator indicator;

      for (gsize q = 0; q < facts.n_running; q++)
        {
          char persistence = table[i].running[3 * q], evidence = table[i].running[3 * q + 1];

          running[q] = (LiveRunningQube){
            .name = names[q],
            .klass = "AppVM",
            .persistence = persistence == 'P'   ? LIVE_PERSISTENCE_PERSISTENT
                           : persistence == 'R' ? LIVE_PERSISTENCE_ROOT_EPHEMERAL
                           : persistence == 'E' ? LIVE_PERSISTENCE_EPHEMERAL
                           : persistence == 'M' ? LIVE_PERSISTENCE_RAM
                                                : LIVE_PERSISTENCE_UNKNOWN,
            .evidence = evidence == 'v'   ? LIVE_EVIDENCE_VERIFIED
                        : evidence == 'c' ? LIVE_EVIDENCE_CONTRADICTED
                                          : LIVE_EVIDENCE_UNKNOWN,
          };
        }
      g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sa{sv})"));
      indicator = live_indicator_judge (&facts, &builder);
      reasons = describe_reasons (&builder);
      g_test_message ("row %u: %s", i, table[i].running);
      g_assert_cmpint (indicator, ==, table[i].indicator);
      g_assert_cmpstr (reasons, ==, table[i].reasons);
    }
}

static void
test_object_path (void)
{
  static const struct
  {
    const char *name;
    const char *path;
  } table[] = {
    { "work", "/org/qubes/Live1/qube/work" },
    { "sys-net", "/org/qubes/Live1/qube/sys_2dnet" },
    { "a_b", "/org/qubes/Live1/qube/a_5fb" },
    { "a.b-c_d", "/org/qubes/Live1/qube/a_2eb_2dc_5fd" },
    { "a_2db", "/org/qubes/Live1/qube/a_5f2db" },
    { "D9", "/org/qubes/Live1/qube/D9" },
    { "\xff/", "/org/qubes/Live1/qube/_ff_2f" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autofree char *path = live_object_path ("qube", table[i].name);

      g_assert_cmpstr (path, ==, table[i].path);
      g_assert_true (g_variant_is_object_path (path));
    }
}

static void
test_names (void)
{
  static const char *const good[] = { "a", "work", "sys-net", "A.b_c-9", "0day", "vm-pool" };
  static const char *const bad[] = { "",    "-a",   ".a",  "_a",   "a b",      "a/b", "a\n", "caf\xc3\xa9",
                                     "a\\", "a\"b", "a;b", "../a", "a\x7f", "a%s" };
  g_autofree char *longest = g_strnfill (63, 'a'), *too_long = g_strnfill (64, 'a');

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (live_name_is_valid (good[i]));
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_false (live_name_is_valid (bad[i]));
  g_assert_false (live_name_is_valid (NULL));
  g_assert_true (live_name_is_valid (longest));
  g_assert_false (live_name_is_valid (too_long));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/decisions/persistence", test_persistence);
  g_test_add_func ("/decisions/reconcile", test_reconcile);
  g_test_add_func ("/decisions/reconcile/states", test_reconcile_states);
  g_test_add_func ("/decisions/reconcile/saved-round-trip", test_saved_round_trip);
  g_test_add_func ("/decisions/indicator", test_indicator);
  g_test_add_func ("/decisions/indicator/live", test_indicator_live);
  g_test_add_func ("/decisions/indicator/modes", test_indicator_modes);
  g_test_add_func ("/decisions/object-path", test_object_path);
  g_test_add_func ("/decisions/names", test_names);
  return g_test_run ();
}
