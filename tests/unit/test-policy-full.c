/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* The policy full as a decision: every way there and back, and every crash on the way. */

#include <string.h>

#include "model/memory-hygiene.h"
#include "model/reconcile.h"
#include "model/window.h"

#define REVISIONS 2
#define DEFAULT_OPTIONS "swiotlb=2048"

/* ---- A qube that steps can be done to, as qubesd would do them. ---- */

typedef struct
{
  LiveQubeFacts facts;
  char *features[LIVE_N_FEATURES];
  char *kernel_options;
} World;

static void
set_feature (World *world, LiveFeature feature, const char *value)
{
  char *copy = g_strdup (value);

  g_free (world->features[feature]);
  world->features[feature] = copy;
  world->facts.features[feature] = copy;
}

/* NULL: the default */
static void
set_kernel_options (World *world, const char *options)
{
  char *copy = g_strdup (options != NULL ? options : DEFAULT_OPTIONS);

  g_free (world->kernel_options);
  world->kernel_options = copy;
  world->facts.kernel_options = copy;
  world->facts.kernel_options_default = options == NULL;
}

/* @volumes: root, private, volatile: w writable, r read-only, e writable under a throw-away key. */
static World *
world_new (LiveQubeKlass klass, const char *volumes, const char *driver)
{
  World *world = g_new0 (World, 1);

  world->facts = (LiveQubeFacts){
    .name = "work", .klass = klass, .state = LIVE_QUBE_STATE_HALTED, .revisions_off_known = TRUE, .kernel_name = "6.6"
  };
  for (guint i = 0; i < LIVE_N_VOLUMES; i++)
    {
      gboolean is_own = i == LIVE_VOLUME_PRIVATE ? klass != LIVE_QUBE_KLASS_DISPOSABLE
                        : i == LIVE_VOLUME_ROOT  ? klass == LIVE_QUBE_KLASS_STANDALONE
                                                 : FALSE;

      world->facts.volumes[i] = (LiveVolume){ .known = TRUE,
                                              .rw = volumes[i] != 'r',
                                              .ephemeral = volumes[i] == 'e',
                                              .save_on_stop = is_own,
                                              .snap_on_start = !is_own && i != LIVE_VOLUME_VOLATILE,
                                              .revisions_to_keep = REVISIONS,
                                              .pool = "pool",
                                              .driver = driver };
    }
  set_kernel_options (world, NULL);
  return world;
}

static void
world_free (World *world)
{
  for (guint i = 0; i < LIVE_N_FEATURES; i++)
    g_free (world->features[i]);
  g_free (world->kernel_options);
  g_free (world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

static World *
world_copy (const World *world)
{
  World *copy = g_new0 (World, 1);

  copy->facts = world->facts;
  for (guint i = 0; i < LIVE_N_FEATURES; i++)
    set_feature (copy, (LiveFeature) i, world->features[i]);
  set_kernel_options (copy, world->facts.kernel_options_default ? NULL : world->kernel_options);
  return copy;
}

static void
do_step (World *world, const LivePlan *plan, LiveStep step)
{
  static const char *const flags[] = { NULL, "", "1" };
  LiveVolume *volumes = world->facts.volumes;
  g_autofree char *text = NULL;
  const char *before = NULL;

  switch (step)
    {
    case LIVE_STEP_RECORD_WINDOW:
      set_feature (world, LIVE_FEATURE_WINDOW, "1700000000");
      break;
    case LIVE_STEP_FORGET_WINDOW:
      set_feature (world, LIVE_FEATURE_WINDOW, NULL);
      break;
    case LIVE_STEP_RECORD_PRELOAD:
      set_feature (world, LIVE_FEATURE_PRELOAD_HELD, world->features[LIVE_FEATURE_PRELOAD_MAX]);
      break;
    case LIVE_STEP_FORGET_PRELOAD:
      set_feature (world, LIVE_FEATURE_PRELOAD_HELD, NULL);
      break;
    case LIVE_STEP_PRELOAD_OFF:
      set_feature (world, LIVE_FEATURE_PRELOAD_MAX, "0");
      set_feature (world, LIVE_FEATURE_PRELOADED, NULL);
      break;
    case LIVE_STEP_PRELOAD_ON:
      set_feature (world, LIVE_FEATURE_PRELOAD_MAX, world->features[LIVE_FEATURE_PRELOAD_HELD]);
      break;
    case LIVE_STEP_SAVE:
      text = live_saved_format (&world->facts, &plan->saved);
      set_feature (world, LIVE_FEATURE_SAVED, text);
      break;
    case LIVE_STEP_FORGET_SAVED:
      set_feature (world, LIVE_FEATURE_SAVED, NULL);
      break;
    case LIVE_STEP_VOLATILE_EPHEMERAL:
    case LIVE_STEP_VOLATILE_NOT_EPHEMERAL:
      volumes[LIVE_VOLUME_VOLATILE].ephemeral = step == LIVE_STEP_VOLATILE_EPHEMERAL;
      break;
    case LIVE_STEP_ROOT_READ_ONLY:
    case LIVE_STEP_ROOT_WRITABLE:
      volumes[LIVE_VOLUME_ROOT].rw = step == LIVE_STEP_ROOT_WRITABLE;
      break;
    case LIVE_STEP_PRIVATE_READ_ONLY:
    case LIVE_STEP_PRIVATE_WRITABLE:
      volumes[LIVE_VOLUME_PRIVATE].rw = step == LIVE_STEP_PRIVATE_WRITABLE;
      break;
    case LIVE_STEP_ROOT_REVISIONS_OFF:
      volumes[LIVE_VOLUME_ROOT].revisions_to_keep = -1;
      break;
    case LIVE_STEP_ROOT_REVISIONS_RESTORE:
      volumes[LIVE_VOLUME_ROOT].revisions_to_keep = plan->saved.root_revisions;
      break;
    case LIVE_STEP_PRIVATE_REVISIONS_OFF:
      volumes[LIVE_VOLUME_PRIVATE].revisions_to_keep = -1;
      break;
    case LIVE_STEP_PRIVATE_REVISIONS_RESTORE:
      volumes[LIVE_VOLUME_PRIVATE].revisions_to_keep = plan->saved.private_revisions;
      break;
    case LIVE_STEP_GUEST_FLAG_ON:
      set_feature (world, LIVE_FEATURE_GUEST_FLAG, "1");
      break;
    case LIVE_STEP_GUEST_FLAG_RESTORE:
      set_feature (world, LIVE_FEATURE_GUEST_FLAG, flags[plan->saved.guest_flag]);
      break;
    case LIVE_STEP_WINDOW_FLAG_ON:
      set_feature (world, LIVE_FEATURE_WINDOW_FLAG, "1");
      break;
    case LIVE_STEP_WINDOW_FLAG_OFF:
      set_feature (world, LIVE_FEATURE_WINDOW_FLAG, NULL);
      break;
    case LIVE_STEP_KERNEL_OPTIONS_RESTORE:
      g_assert_true (live_kernel_options_before (&world->facts, &before));
      set_kernel_options (world, before);
      break;
    case LIVE_STEP_FORGET_KERNEL_OPTIONS:
      set_feature (world, LIVE_FEATURE_KERNEL_OPTIONS, NULL);
      break;
    case LIVE_N_STEPS:
    default:
      g_assert_not_reached ();
    }
}

/* All but the policy. */
static char *
describe (const World *world)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < LIVE_N_VOLUMES; i++)
    {
      const LiveVolume *volume = &world->facts.volumes[i];

      g_string_append_printf (text, "%s%s%s%d ", live_volume_name_to_string ((LiveVolumeName) i),
                              volume->rw ? "+" : "-", volume->ephemeral ? "e" : "", volume->revisions_to_keep);
    }
  for (guint i = 0; i < LIVE_N_FEATURES; i++)
    if (i != LIVE_FEATURE_POLICY && i != LIVE_FEATURE_PRELOADED && world->features[i] != NULL)
      g_string_append_printf (text, "%s=\"%s\" ", live_feature_to_string ((LiveFeature) i), world->features[i]);
  g_string_append_printf (text, "%s%s", world->kernel_options, world->facts.kernel_options_default ? " (default)" : "");
  return g_string_free (text, FALSE);
}

static const char *const kind_names[] = { "nothing", "steps", "pending", "unknown", "invalid", "unsupported" };

static char *
describe_plan (const LivePlan *plan)
{
  static const char *const names[LIVE_N_STEPS] = {
    [LIVE_STEP_RECORD_WINDOW] = "record-window",
    [LIVE_STEP_RECORD_PRELOAD] = "record-preload",
    [LIVE_STEP_PRELOAD_OFF] = "preload-off",
    [LIVE_STEP_PRELOAD_ON] = "preload-on",
    [LIVE_STEP_FORGET_PRELOAD] = "forget-preload",
    [LIVE_STEP_SAVE] = "save",
    [LIVE_STEP_ROOT_REVISIONS_OFF] = "root-1",
    [LIVE_STEP_ROOT_REVISIONS_RESTORE] = "root-n",
    [LIVE_STEP_PRIVATE_REVISIONS_OFF] = "private-1",
    [LIVE_STEP_PRIVATE_REVISIONS_RESTORE] = "private-n",
    [LIVE_STEP_GUEST_FLAG_ON] = "flag",
    [LIVE_STEP_GUEST_FLAG_RESTORE] = "flag-back",
    [LIVE_STEP_WINDOW_FLAG_ON] = "window-flag",
    [LIVE_STEP_WINDOW_FLAG_OFF] = "no-window-flag",
    [LIVE_STEP_FORGET_KERNEL_OPTIONS] = "forget-kernel-options",
    [LIVE_STEP_FORGET_SAVED] = "forget",
    [LIVE_STEP_FORGET_WINDOW] = "forget-window",
  };
  GString *text = g_string_new (kind_names[plan->kind]);

  for (guint i = 0; i < plan->n_steps; i++)
    {
      const char *name = live_step_to_string (plan->steps[i]);

      g_string_append_printf (text, " %s", name != NULL ? name : names[plan->steps[i]]);
    }
  if (plan->repair)
    g_string_append (text, " (repair)");
  if (plan->waits_for_disposables)
    g_string_append (text, " (waits)");
  if (plan->why != NULL)
    g_string_append_printf (text, " because %s", plan->why);
  return g_string_free (text, FALSE);
}

/* What must hold whatever has been done and whatever has not. */
static void
check_invariants (const World *world)
{
  const LiveVolume *private = &world->facts.volumes[LIVE_VOLUME_PRIVATE];
  LiveSaved saved;

  /* Nothing is lost: what differs from what was there is written down. (Every world here begins with revisions.) */
  if (private->revisions_to_keep < 0)
    {
      g_assert_true (live_saved_parse (&world->facts, &saved));
      g_assert_cmpint (saved.private_revisions, ==, REVISIONS);
    }
}

/* Until there is nothing left to do. */
static LivePlanKind
settle (World *world)
{
  for (guint round = 0; round < 4; round++)
    {
      LivePlan plan = live_reconcile (&world->facts);

      if (plan.kind != LIVE_PLAN_STEPS)
        return plan.kind;
      for (guint i = 0; i < plan.n_steps; i++)
        do_step (world, &plan, plan.steps[i]);
    }
  g_error ("no end of it: %s", describe (world));
}

/* A policy is set, and every crash on the way is followed by the same end: the world with it. */
static void
set_policy (World *world, const char *policy)
{
  g_autofree char *expected = NULL;
  g_autoptr (World) before = NULL;
  LivePlan plan;

  set_feature (world, LIVE_FEATURE_POLICY, policy);
  before = world_copy (world);
  plan = live_reconcile (&before->facts);
  g_assert_cmpint (settle (world), ==, LIVE_PLAN_NOTHING);
  expected = describe (world);
  for (guint n_done = 1; n_done <= plan.n_steps; n_done++)
    {
      g_autoptr (World) crashed = world_copy (before);
      g_autofree char *is = NULL;

      for (guint i = 0; i < n_done; i++)
        {
          do_step (crashed, &plan, plan.steps[i]);
          check_invariants (crashed);
        }
      g_assert_cmpint (settle (crashed), ==, LIVE_PLAN_NOTHING);
      is = describe (crashed);
      g_assert_cmpstr (is, ==, expected);
    }
}

static void
check_policy (const World *world, const char *policy)
{
  const LiveVolume *volumes = world->facts.volumes;

  if (g_str_equal (policy, "persistent"))
    return;
  g_assert_false (volumes[LIVE_VOLUME_ROOT].rw);
  g_assert_true (volumes[LIVE_VOLUME_VOLATILE].ephemeral);
  if (!g_str_equal (policy, "full"))
    return;
  g_assert_false (volumes[LIVE_VOLUME_PRIVATE].rw);
  g_assert_cmpstr (world->features[LIVE_FEATURE_GUEST_FLAG], ==, "1");
  for (guint i = 0; i < LIVE_N_VOLUMES; i++)
    if (live_volume_commits (&world->facts, (LiveVolumeName) i) == LIVE_ANSWER_YES)
      g_assert_cmpint (volumes[i].revisions_to_keep, ==, -1);
}

/* ---- Tests. ---- */

typedef void (*Visit) (World *world);

/* Every state that a qube can begin in. */
static void
visit_all (Visit visit)
{
  static const LiveQubeKlass klasses[]
      = { LIVE_QUBE_KLASS_APP, LIVE_QUBE_KLASS_STANDALONE, LIVE_QUBE_KLASS_DISPOSABLE };
  static const char *const drivers[] = { "file-reflink", "lvm_thin" };
  static const char *const flags[] = { NULL, "", "1" };
  static const char *const preloads[] = { NULL, "0", "2", "rubbish" };
  static const char *const states[] = { "www", "wwe", "wrw", "wre", "rww", "rwe", "rrw", "rre" };

  for (guint klass = 0; klass < G_N_ELEMENTS (klasses); klass++)
    for (guint driver = 0; driver < G_N_ELEMENTS (drivers); driver++)
      for (guint flag = 0; flag < G_N_ELEMENTS (flags); flag++)
        for (guint preload = 0; preload < G_N_ELEMENTS (preloads); preload++)
          for (guint state = 0; state < G_N_ELEMENTS (states); state++)
            {
              g_autoptr (World) world = world_new (klasses[klass], states[state], drivers[driver]);

              set_feature (world, LIVE_FEATURE_GUEST_FLAG, flags[flag]);
              set_feature (world, LIVE_FEATURE_PRELOAD_MAX, preloads[preload]);
              visit (world);
            }
}

/* Through three policies in every order and back: as if nothing had been. */
static void
go_round (World *start)
{
  static const char *const policies[] = { "root", "full", "persistent" };
  g_autofree char *before = describe (start);

  for (guint order = 0; order < 27; order++)
    {
      const char *const path[] = { policies[order % 3], policies[order / 3 % 3], policies[order / 9], "persistent" };
      g_autoptr (World) world = world_copy (start);
      g_autofree char *after = NULL;

      for (guint i = 0; i < G_N_ELEMENTS (path); i++)
        {
          set_policy (world, path[i]);
          check_policy (world, path[i]);
        }
      after = describe (world);
      g_assert_cmpstr (after, ==, before);
    }
}

static void
test_round_trips (void)
{
  visit_all (go_round);
}

/* Somebody changes his mind in the middle: nothing of it stays. */
static void
change_mind (World *start)
{
  static const char *const policies[] = { "root", "full" };
  g_autofree char *before = describe (start);

  for (guint i = 0; i < G_N_ELEMENTS (policies) * 2; i++)
    {
      g_autoptr (World) first = world_copy (start);
      LivePlan plan;

      if (i >= G_N_ELEMENTS (policies))
        set_policy (first, policies[1 - i % 2]);
      set_feature (first, LIVE_FEATURE_POLICY, policies[i % 2]);
      plan = live_reconcile (&first->facts);
      for (guint n_done = 0; n_done <= plan.n_steps; n_done++)
        {
          g_autoptr (World) world = world_copy (first);
          g_autofree char *after = NULL;

          for (guint step = 0; step < n_done; step++)
            do_step (world, &plan, plan.steps[step]);
          set_policy (world, "persistent");
          after = describe (world);
          g_assert_cmpstr (after, ==, before);
        }
    }
}

static void
test_change_of_mind (void)
{
  visit_all (change_mind);
}

/* A window that was being opened, or was open, when everything stopped. */
static void
crash_window (World *start)
{
  g_autofree char *closed = NULL;
  LivePlan plan;

  if (start->facts.klass == LIVE_QUBE_KLASS_DISPOSABLE)
    return;
  set_policy (start, "full");
  closed = describe (start);
  plan = live_plan_window (&start->facts);
  for (guint n_done = 1; n_done <= plan.n_steps; n_done++)
    for (guint by_copy = 0; by_copy < 2; by_copy++)
      {
        g_autoptr (World) world = world_copy (start);
        g_autofree char *is = NULL;
        LivePlan end;

        for (guint i = 0; i < n_done; i++)
          {
            do_step (world, &plan, plan.steps[i]);
            /* The private volume is writable only with a window that says so. */
            g_assert_true (!world->facts.volumes[LIVE_VOLUME_PRIVATE].rw
                           || world->features[LIVE_FEATURE_WINDOW] != NULL);
          }
        /* While the qube runs, or we are at it, nothing of it is undone. */
        world->facts.state = LIVE_QUBE_STATE_RUNNING;
        end = live_reconcile (&world->facts);
        for (guint i = 0; i < end.n_steps; i++)
          g_assert_cmpint (end.steps[i], !=, LIVE_STEP_PRIVATE_READ_ONLY);
        g_assert_cmpint (end.kind, !=, LIVE_PLAN_STEPS);
        world->facts.state = LIVE_QUBE_STATE_HALTED;
        world->facts.window_opening = TRUE;
        end = live_reconcile (&world->facts);
        for (guint i = 0; i < end.n_steps; i++)
          g_assert_cmpint (end.steps[i], !=, LIVE_STEP_PRIVATE_READ_ONLY);
        world->facts.window_opening = FALSE;
        /* A clone has the features and none of the volumes' settings. */
        if (by_copy == 1)
          {
            world->facts.volumes[LIVE_VOLUME_ROOT].rw = world->facts.volumes[LIVE_VOLUME_PRIVATE].rw = TRUE;
            world->facts.volumes[LIVE_VOLUME_VOLATILE].ephemeral = FALSE;
          }
        g_assert_cmpint (settle (world), ==, LIVE_PLAN_NOTHING);
        is = describe (world);
        g_assert_cmpstr (is, ==, closed);
      }
}

static void
test_window_crashes (void)
{
  visit_all (crash_window);
}

/* The steps themselves, and what waits or cannot be. */
static void
test_table (void)
{
  static const struct
  {
    LiveQubeKlass klass;
    const char *volumes;
    const char *driver;
    const char *features; /* NAME=VALUE, with | between */
    const char *trouble;  /* l: lvm_thin without -1, r: runs, d: a disposable runs, p: private unknown, o: opening,
                            k: memory hygiene is on, m: being made */
    const char *plan;
  } table[] = {
    { LIVE_QUBE_KLASS_APP, "www", "file-reflink", "live.policy=full", "",
      "steps save volatile-ephemeral root-read-only private-read-only flag" },
    { LIVE_QUBE_KLASS_APP, "www", "lvm_thin", "live.policy=full", "",
      "steps save volatile-ephemeral root-read-only private-1 private-read-only flag" },
    { LIVE_QUBE_KLASS_STANDALONE, "www", "lvm_thin", "live.policy=full", "",
      "steps save volatile-ephemeral root-1 root-read-only private-1 private-read-only flag" },
    { LIVE_QUBE_KLASS_STANDALONE, "www", "lvm_thin", "live.policy=root", "",
      "steps save volatile-ephemeral root-1 root-read-only" },
    { LIVE_QUBE_KLASS_DISPOSABLE, "www", "lvm_thin", "live.policy=full", "l",
      "steps save volatile-ephemeral root-read-only private-read-only flag" },
    /* Made from a template that has the policy: as it should be, and nothing to go back to. */
    { LIVE_QUBE_KLASS_DISPOSABLE, "rre", "lvm_thin", "live.policy=full|service.ephemeral-rw=1", "", "nothing" },
    { LIVE_QUBE_KLASS_DISPOSABLE, "rre", "lvm_thin", "live.policy=full", "", "steps save flag" },
    /* Not without -1. */
    { LIVE_QUBE_KLASS_APP, "www", "lvm_thin", "live.policy=full", "l", "unsupported because thin-pool" },
    { LIVE_QUBE_KLASS_APP, "www", "lvm_thin", "live.policy=root", "l", "steps save volatile-ephemeral root-read-only" },
    { LIVE_QUBE_KLASS_STANDALONE, "www", "lvm_thin", "live.policy=root", "l", "unsupported because thin-pool" },
    { LIVE_QUBE_KLASS_APP, "www", "file-reflink", "live.policy=full", "l",
      "steps save volatile-ephemeral root-read-only private-read-only flag" },
    { LIVE_QUBE_KLASS_TEMPLATE, "www", "lvm_thin", "live.policy=full", "", "unsupported because template" },
    { LIVE_QUBE_KLASS_OTHER, "www", "lvm_thin", "live.policy=full", "", "unsupported because no-volumes" },
    { LIVE_QUBE_KLASS_APP, "wwr", "lvm_thin", "live.policy=full", "", "unsupported because volatile-read-only" },
    /* What is not known is not guessed. */
    { LIVE_QUBE_KLASS_APP, "www", NULL, "live.policy=full", "", "unknown" },
    { LIVE_QUBE_KLASS_APP, "www", NULL, "live.policy=root", "", "steps save volatile-ephemeral root-read-only" },
    { LIVE_QUBE_KLASS_STANDALONE, "www", NULL, "live.policy=root", "", "unknown" },
    { LIVE_QUBE_KLASS_APP, "www", "lvm_thin", "live.policy=full", "p", "unknown" },
    { LIVE_QUBE_KLASS_APP, "rre", "lvm_thin",
      "live.policy=root|live.saved=root=rw volatile=plain private=rw private-revisions=1 guest=unset", "p", "unknown" },
    { LIVE_QUBE_KLASS_APP, "rre", "lvm_thin",
      "live.saved=root=rw volatile=plain private=rw private-revisions=1 guest=unset", "p", "unknown" },
    { LIVE_QUBE_KLASS_APP, "rwe", "lvm_thin", "live.saved=root=rw volatile=plain", "p",
      "steps root-writable volatile-not-ephemeral forget" },
    /* It has to halt, and so have disposables of it, but only where that matters. */
    { LIVE_QUBE_KLASS_APP, "www", "lvm_thin", "live.policy=full", "r",
      "pending save volatile-ephemeral root-read-only private-1 private-read-only flag" },
    { LIVE_QUBE_KLASS_APP, "www", "lvm_thin", "live.policy=full", "d",
      "pending save volatile-ephemeral root-read-only private-1 private-read-only flag (waits)" },
    { LIVE_QUBE_KLASS_APP, "www", "file-reflink", "live.policy=full", "d",
      "steps save volatile-ephemeral root-read-only private-read-only flag" },
    { LIVE_QUBE_KLASS_APP, "www", "lvm_thin", "live.policy=root", "d", "steps save volatile-ephemeral root-read-only" },
    /* Its data may still come in, which its pool does not allow once it is read-only. */
    { LIVE_QUBE_KLASS_APP, "www", "lvm_thin", "live.policy=full", "m",
      "pending save volatile-ephemeral root-read-only private-1 private-read-only flag" },
    { LIVE_QUBE_KLASS_APP, "www", "lvm_thin", "live.policy=root", "m", "steps save volatile-ephemeral root-read-only" },
    { LIVE_QUBE_KLASS_STANDALONE, "www", "lvm_thin", "live.policy=root", "m",
      "pending save volatile-ephemeral root-1 root-read-only" },
    { LIVE_QUBE_KLASS_APP, "www", "file-reflink", "live.policy=full", "m",
      "steps save volatile-ephemeral root-read-only private-read-only flag" },
    /* More, and less. */
    { LIVE_QUBE_KLASS_APP, "rwe", "lvm_thin", "live.policy=full|live.saved=root=rw volatile=plain", "",
      "steps save private-1 private-read-only flag" },
    { LIVE_QUBE_KLASS_APP, "rre", "file-reflink",
      "live.policy=root|live.saved=root=rw volatile=plain private=rw guest=unset|service.ephemeral-rw=1", "",
      "steps private-writable flag-back save" },
    /* Undone by somebody. */
    { LIVE_QUBE_KLASS_APP, "rwe", "file-reflink",
      "live.policy=full|live.saved=root=rw volatile=plain private=rw guest=unset|service.ephemeral-rw=1", "",
      "steps private-read-only (repair)" },
    { LIVE_QUBE_KLASS_APP, "rre", "file-reflink",
      "live.policy=full|live.saved=root=rw volatile=plain private=rw guest=unset|service.ephemeral-rw=", "",
      "steps flag (repair)" },
    { LIVE_QUBE_KLASS_APP, "rre", "lvm_thin",
      "live.policy=full|live.saved=root=rw volatile=plain private=rw guest=unset|service.ephemeral-rw=1", "",
      "steps private-1 (repair)" },
    /* Preloaded disposables are made anew, also by whoever comes after a crash. */
    { LIVE_QUBE_KLASS_APP, "www", "lvm_thin", "live.policy=root|preload-dispvm-max=2", "",
      "steps record-preload preload-off save volatile-ephemeral root-read-only preload-on forget-preload" },
    { LIVE_QUBE_KLASS_APP, "www", "lvm_thin", "live.policy=root|preload-dispvm-max=2|live.preload-held=2", "",
      "steps preload-off save volatile-ephemeral root-read-only preload-on forget-preload" },
    { LIVE_QUBE_KLASS_APP, "www", "lvm_thin", "live.policy=root|preload-dispvm-max=0|live.preload-held=2", "",
      "steps save volatile-ephemeral root-read-only preload-on forget-preload" },
    { LIVE_QUBE_KLASS_APP, "www", "lvm_thin", "preload-dispvm-max=0|live.preload-held=2", "",
      "steps preload-on forget-preload" },
    { LIVE_QUBE_KLASS_DISPOSABLE, "www", "lvm_thin", "live.policy=root|preload-dispvm-max=2", "",
      "steps save volatile-ephemeral root-read-only" },
    /* A window that nobody has open, on a qube of whatever policy. */
    { LIVE_QUBE_KLASS_APP, "www", "lvm_thin", "live.window=1|service.live-window=1", "",
      "steps no-window-flag forget-window" },
    { LIVE_QUBE_KLASS_APP, "www", "lvm_thin", "live.window=1", "r", "nothing" },
    { LIVE_QUBE_KLASS_APP, "www", "lvm_thin", "live.policy=full|live.window=1|service.live-window=1", "o",
      "steps save volatile-ephemeral root-read-only flag" },
    /* What a disposable has of its template, whatever it does. */
    { LIVE_QUBE_KLASS_DISPOSABLE, "rre", "lvm_thin",
      "live.policy=full|live.window=1|service.live-window=1|live.saved=root=rw volatile=plain private=rw guest=unset"
      "|live.preload-held=2|live.kernel-options=default|service.ephemeral-rw=1",
      "r", "steps no-window-flag forget-preload forget-kernel-options forget forget-window" },
    { LIVE_QUBE_KLASS_DISPOSABLE, "rre", NULL, "live.window=1", "p", "steps forget-window" },
    { LIVE_QUBE_KLASS_DISPOSABLE, "rre", "lvm_thin",
      "live.policy=full|live.saved=of=other root=rw volatile=plain private=rw guest=unset", "r", "steps forget" },
    /* Its own. */
    { LIVE_QUBE_KLASS_DISPOSABLE, "rre", "lvm_thin",
      "live.policy=full|live.saved=of=work root=rw volatile=plain private=rw guest=unset|service.ephemeral-rw=1", "",
      "nothing" },
    { LIVE_QUBE_KLASS_DISPOSABLE, "rre", "lvm_thin",
      "live.saved=of=work root=rw volatile=plain private=rw guest=unset|service.ephemeral-rw=1", "",
      "steps root-writable private-writable flag-back volatile-not-ephemeral forget" },
    { LIVE_QUBE_KLASS_APP, "rre", "file-reflink", "live.policy=full|live.saved=rubbish", "", "invalid" },
    /* Memory hygiene goes with the policy, but not over what somebody else has set since. */
    { LIVE_QUBE_KLASS_APP, "rwe", "file-reflink", "live.saved=root=ro volatile=ephemeral|live.kernel-options=default",
      "", "steps forget-kernel-options forget" },
    { LIVE_QUBE_KLASS_APP, "rwe", "file-reflink", "live.saved=root=ro volatile=ephemeral|live.kernel-options==a", "k",
      "steps kernel-options forget-kernel-options forget" },
    { LIVE_QUBE_KLASS_APP, "rwe", "file-reflink", "live.saved=root=ro volatile=ephemeral|live.kernel-options=rubbish",
      "k", "steps forget-kernel-options forget" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      g_autoptr (World) world = world_new (table[i].klass, table[i].volumes, table[i].driver);
      g_auto (GStrv) features = g_strsplit (table[i].features, "|", -1);
      g_autofree char *text = NULL;
      LivePlan plan;

      for (guint k = 0; features[k] != NULL; k++)
        {
          char *value = strchr (features[k], '=');
          LiveFeature feature;

          *value = '\0';
          g_assert_true (live_feature_from_string (features[k], &feature));
          set_feature (world, feature, value + 1);
        }
      for (const char *trouble = table[i].trouble; *trouble != '\0'; trouble++)
        {
          world->facts.revisions_off_known = world->facts.revisions_off_known && *trouble != 'l';
          world->facts.state = *trouble == 'r' ? LIVE_QUBE_STATE_RUNNING : world->facts.state;
          world->facts.disposables_running = world->facts.disposables_running || *trouble == 'd';
          world->facts.volumes[LIVE_VOLUME_PRIVATE].known
              = world->facts.volumes[LIVE_VOLUME_PRIVATE].known && *trouble != 'p';
          world->facts.window_opening = world->facts.window_opening || *trouble == 'o';
          world->facts.being_made = world->facts.being_made || *trouble == 'm';
          if (*trouble == 'k')
            set_kernel_options (world, "a init_on_alloc=1 init_on_free=1");
        }
      g_test_message ("row %u: %s %s", i, table[i].volumes, table[i].features);
      plan = live_reconcile (&world->facts);
      text = describe_plan (&plan);
      g_assert_cmpstr (text, ==, table[i].plan);
    }
}

/* In every state but halted, whatever its features say, steps are only those about features that a disposable has
 * inherited; and no plan ever holds a step twice. */
static void
test_any_features (void)
{
  static const char *const values[LIVE_N_FEATURES][3] = {
    [LIVE_FEATURE_POLICY] = { "root", "full", "rubbish" },
    [LIVE_FEATURE_SAVED]
    = { "root=rw volatile=plain", "root=rw volatile=plain private=rw private-revisions=2 guest=off", "rubbish" },
    [LIVE_FEATURE_WINDOW] = { "1700000000", "until-closed", "" },
    [LIVE_FEATURE_PRELOAD_HELD] = { "2", "0", "" },
    [LIVE_FEATURE_KERNEL_OPTIONS] = { "default", "=a", "" },
    [LIVE_FEATURE_WINDOW_FLAG] = { "1", "", "" },
    [LIVE_FEATURE_GUEST_FLAG] = { "1", "", "0" },
    [LIVE_FEATURE_PRELOAD_MAX] = { "2", "0", "-1" },
  };
  g_autoptr (GRand) random = g_rand_new_with_seed (4711);

  for (guint round = 0; round < 20000; round++)
    {
      char volumes[] = { "wr"[g_rand_int_range (random, 0, 2)], "wr"[g_rand_int_range (random, 0, 2)],
                         "wre"[g_rand_int_range (random, 0, 3)], 0 };
      g_autoptr (World) world = world_new ((LiveQubeKlass) g_rand_int_range (random, 0, LIVE_QUBE_KLASS_DISPOSABLE + 1),
                                           volumes, g_rand_boolean (random) ? "lvm_thin" : NULL);
      guint seen = 0;
      LivePlan plan;

      world->facts.state = (LiveQubeState) g_rand_int_range (random, 0, LIVE_QUBE_STATE_CRASHED + 1);
      world->facts.disposables_running = g_rand_boolean (random);
      world->facts.revisions_off_known = g_rand_boolean (random);
      for (guint i = 0; i < LIVE_N_FEATURES; i++)
        if (g_rand_boolean (random))
          set_feature (world, (LiveFeature) i, values[i][g_rand_int_range (random, 0, 3)]);
      plan = live_reconcile (&world->facts);
      for (guint i = 0; i < plan.n_steps; i++)
        {
          g_assert_false (seen & (1u << plan.steps[i]));
          seen |= 1u << plan.steps[i];
          if (plan.kind == LIVE_PLAN_STEPS && world->facts.state != LIVE_QUBE_STATE_HALTED)
            {
              g_assert_cmpint (world->facts.klass, ==, LIVE_QUBE_KLASS_DISPOSABLE);
              g_assert_cmpint (plan.steps[i], !=, LIVE_STEP_PRIVATE_READ_ONLY);
              g_assert_cmpint (plan.steps[i], !=, LIVE_STEP_ROOT_READ_ONLY);
              g_assert_cmpint (plan.steps[i], !=, LIVE_STEP_PRIVATE_WRITABLE);
            }
        }
      g_assert_true (plan.kind != LIVE_PLAN_STEPS || plan.n_steps > 0);
      if (plan.kind == LIVE_PLAN_STEPS)
        settle (world);
    }
}

/* What is in qubes.xml may be anything. */
static void
test_saved_garbage (void)
{
  static const char *const good[] = {
    "root=rw volatile=plain",
    "root=ro root-revisions=3 volatile=ephemeral private=ro private-revisions=-1 guest=on",
    "private=rw guest=off volatile=plain root=rw",
  };
  static const char *const bad[] = {
    "",
    " ",
    "=",
    "root=rw",
    "volatile=plain",
    "root=rw volatile=plain ",
    " root=rw volatile=plain",
    "root=rw  volatile=plain",
    "root=rw\tvolatile=plain",
    "root=rw volatile=plain\n",
    "ROOT=rw volatile=plain",
    "root=rw volatile=plain root=rw",
    "root=rwx volatile=plain",
    "root= volatile=plain",
    "root volatile=plain",
    "root=rw volatile=plain guest=on",
    "root=rw volatile=plain private-revisions=1",
    "root=rw volatile=plain private=rw private-revisions=",
    "root=rw volatile=plain private=rw private-revisions=-2",
    "root=rw volatile=plain private=rw private-revisions=1001",
    "root=rw volatile=plain private=rw private-revisions=99999999999999999999",
    "root=rw volatile=plain private=rw private-revisions=0x1",
    "root=rw volatile=plain private=rw guest=yes",
    "root=rw volatile=plain of=other",
    "root=rw volatile=plain more=1",
    "root=rw volatile=plain private=rw guest=on a=1 b=2 c=3 d=4 e=5 f=6",
  };
  g_autoptr (GRand) random = g_rand_new_with_seed (42);
  LiveQubeFacts facts = { .name = "work", .klass = LIVE_QUBE_KLASS_APP };
  LiveSaved saved;

  g_assert_false (live_saved_parse (&facts, &saved));
  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      facts.features[LIVE_FEATURE_SAVED] = good[i];
      g_assert_true (live_saved_parse (&facts, &saved));
      /* Its own text and back. */
      {
        g_autofree char *text = live_saved_format (&facts, &saved);
        LiveSaved again;

        facts.features[LIVE_FEATURE_SAVED] = text;
        g_assert_true (live_saved_parse (&facts, &again));
        g_assert_cmpint (again.root_rw, ==, saved.root_rw);
        g_assert_cmpint (again.root_revisions, ==, saved.root_revisions);
        g_assert_cmpint (again.volatile_ephemeral, ==, saved.volatile_ephemeral);
        g_assert_cmpint (again.has_private, ==, saved.has_private);
        g_assert_cmpint (again.private_rw, ==, saved.private_rw);
        g_assert_cmpint (again.private_revisions, ==, saved.private_revisions);
        g_assert_cmpint (again.guest_flag, ==, saved.guest_flag);
      }
      /* Cut anywhere it is refused, or says less of what it said. */
      for (gsize length = 0; length < strlen (good[i]); length++)
        {
          g_autofree char *text = g_strndup (good[i], length);
          LiveSaved less;

          facts.features[LIVE_FEATURE_SAVED] = text;
          if (live_saved_parse (&facts, &less))
            g_assert_true (good[i][length] == ' ' || g_ascii_isdigit (good[i][length]));
        }
      for (guint round = 0; round < 20000; round++)
        {
          g_autofree char *text = g_strdup (good[i]);

          for (int k = g_rand_int_range (random, 1, 4); k > 0; k--)
            text[g_rand_int_range (random, 0, (gint32) strlen (good[i]))] = (char) g_rand_int_range (random, 1, 256);
          facts.features[LIVE_FEATURE_SAVED] = text;
          if (live_saved_parse (&facts, &saved))
            g_assert_true (saved.private_revisions == LIVE_SAVED_NO_REVISIONS
                           || (saved.private_revisions >= -1 && saved.private_revisions <= 1000));
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_test_message ("\"%s\"", bad[i]);
      facts.features[LIVE_FEATURE_SAVED] = bad[i];
      g_assert_false (live_saved_parse (&facts, &saved));
    }
  /* A disposable's has to be its own. */
  facts.klass = LIVE_QUBE_KLASS_DISPOSABLE;
  facts.features[LIVE_FEATURE_SAVED] = good[0];
  g_assert_false (live_saved_parse (&facts, &saved));
  g_assert_true (live_saved_is_inherited (&facts));
  facts.features[LIVE_FEATURE_SAVED] = "of=work root=rw volatile=plain";
  g_assert_true (live_saved_parse (&facts, &saved));
  g_assert_false (live_saved_is_inherited (&facts));
  facts.features[LIVE_FEATURE_SAVED] = "of=works root=rw volatile=plain";
  g_assert_false (live_saved_parse (&facts, &saved));
  g_assert_true (live_saved_is_inherited (&facts));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/policy-full/table", test_table);
  g_test_add_func ("/policy-full/round-trips", test_round_trips);
  g_test_add_func ("/policy-full/change-of-mind", test_change_of_mind);
  g_test_add_func ("/policy-full/window-crashes", test_window_crashes);
  g_test_add_func ("/policy-full/any-features", test_any_features);
  g_test_add_func ("/policy-full/saved-garbage", test_saved_garbage);
  return g_test_run ();
}
