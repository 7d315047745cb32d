/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "model/reason.h"
#include "model/system.h"

static const LiveVolume writable = { .known = TRUE, .rw = TRUE, .pool = "vm-pool" };
static const LiveVolume read_only = { .known = TRUE, .rw = FALSE, .pool = "vm-pool" };
static const LiveVolume throw_away = { .known = TRUE, .rw = TRUE, .ephemeral = TRUE, .pool = "ram" };

static LiveQube *
make_qube (const char *name, LiveQubeState state)
{
  LiveQube *qube = live_qube_new (name, "AppVM");

  live_qube_set_state (qube, state);
  live_qube_set_volume (qube, LIVE_VOLUME_ROOT, &writable);
  live_qube_set_volume (qube, LIVE_VOLUME_PRIVATE, &writable);
  live_qube_set_volume (qube, LIVE_VOLUME_VOLATILE, &writable);
  return qube;
}

static void
count (GObject *object, GParamSpec *property, gpointer data)
{
  GHashTable *seen = data;
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (seen, property->name));

  g_hash_table_insert (seen, (gpointer) property->name, GUINT_TO_POINTER (n + 1));
}

static guint
seen_times (GHashTable *seen, const char *property)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (seen, property));
}

static char *
text_of (gpointer object, const char *property)
{
  char *text = NULL;

  g_object_get (object, property, &text, NULL);
  return text;
}

#define assert_text(object, property, expected)                                                                        \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    g_autofree char *assert_text_is = text_of (object, property);                                                      \
    g_assert_cmpstr (assert_text_is, ==, expected);                                                                    \
  }                                                                                                                    \
  G_STMT_END

#define assert_list(object, property, ...)                                                                             \
  G_STMT_START                                                                                                         \
  {                                                                                                                    \
    static const char *const assert_list_expected[] = { __VA_ARGS__, NULL };                                           \
    g_auto (GStrv) assert_list_is = NULL;                                                                              \
    g_object_get (object, property, &assert_list_is, NULL);                                                            \
    g_assert_cmpstrv ((char **) assert_list_is, (char **) assert_list_expected);                                       \
  }                                                                                                                    \
  G_STMT_END

static gboolean
has_reason (gpointer object, const char *property, const char *code)
{
  g_autoptr (GVariant) reasons = NULL;
  GVariantIter iter;
  const char *found = NULL;

  g_object_get (object, property, &reasons, NULL);
  g_variant_iter_init (&iter, reasons);
  while (g_variant_iter_next (&iter, "(&s@a{sv})", &found, NULL))
    if (g_str_equal (found, code))
      return TRUE;
  return FALSE;
}

/* What is not known looks like what promises nothing. */
static void
test_unknown (void)
{
  g_autoptr (LiveQube) qube = live_qube_new ("work", "AppVM");
  gboolean root = FALSE, private = FALSE, ephemeral = TRUE;

  live_qube_judge (qube);
  g_object_get (qube, "root-writable", &root, "private-writable", &private, "volatile-ephemeral", &ephemeral, NULL);
  g_assert_true (root);
  g_assert_true (private);
  g_assert_false (ephemeral);
  assert_text (qube, "persistence", "unknown");
  assert_text (qube, "evidence", "unknown");
  assert_text (qube, "state", "unknown");
  assert_text (qube, "policy", "persistent");
}

/* Only what changes is told, once, and the verdict only when the facts at hand belong together. */
static void
test_notify (void)
{
  g_autoptr (LiveQube) qube = make_qube ("work", LIVE_QUBE_STATE_HALTED);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);

  live_qube_judge (qube);
  assert_text (qube, "persistence", "persistent");
  g_signal_connect (qube, "notify", G_CALLBACK (count), seen);

  live_qube_judge (qube);
  live_qube_set_label (qube, "");
  live_qube_set_state (qube, LIVE_QUBE_STATE_HALTED);
  live_qube_set_volume (qube, LIVE_VOLUME_ROOT, &writable);
  g_assert_cmpuint (g_hash_table_size (seen), ==, 0);

  live_qube_set_volume (qube, LIVE_VOLUME_ROOT, &read_only);
  live_qube_set_volume (qube, LIVE_VOLUME_VOLATILE, &throw_away);
  assert_text (qube, "persistence", "persistent");
  live_qube_judge (qube);
  assert_text (qube, "persistence", "root-ephemeral");
  assert_list (qube, "pools", "vm-pool", "ram");
  g_assert_cmpuint (seen_times (seen, "root-writable"), ==, 1);
  g_assert_cmpuint (seen_times (seen, "volatile-ephemeral"), ==, 1);
  g_assert_cmpuint (seen_times (seen, "persistence"), ==, 1);
  g_assert_cmpuint (seen_times (seen, "private-writable"), ==, 0);
  g_assert_cmpuint (seen_times (seen, "evidence"), ==, 0);
}

/* Between domain-stopped and domain-shutdown qubesd says Halted and still commits the volumes. */
static void
test_stopping (void)
{
  g_autoptr (LiveQube) qube = make_qube ("work", LIVE_QUBE_STATE_RUNNING);

  live_qube_set_feature (qube, LIVE_FEATURE_POLICY, "root");
  live_qube_judge (qube);
  g_assert_cmpint (live_qube_get_plan (qube)->kind, ==, LIVE_PLAN_PENDING);
  assert_list (qube, "pending", "volatile-ephemeral", "root-read-only");

  live_qube_set_stopping (qube, TRUE);
  live_qube_set_state (qube, LIVE_QUBE_STATE_HALTED);
  live_qube_judge (qube);
  assert_text (qube, "state", "dying");
  g_assert_cmpint (live_qube_get_plan (qube)->kind, ==, LIVE_PLAN_PENDING);

  live_qube_set_stopping (qube, FALSE);
  live_qube_judge (qube);
  assert_text (qube, "state", "halted");
  g_assert_cmpint (live_qube_get_plan (qube)->kind, ==, LIVE_PLAN_STEPS);
}

static void
test_unreadable (void)
{
  g_autoptr (LiveQube) qube = make_qube ("work", LIVE_QUBE_STATE_HALTED);
  gboolean root = FALSE;

  live_qube_set_volume (qube, LIVE_VOLUME_ROOT, &read_only);
  live_qube_judge (qube);
  live_qube_set_unreadable (qube, "no answer");
  live_qube_judge (qube);
  assert_text (qube, "persistence", "unknown");
  g_object_get (qube, "root-writable", &root, NULL);
  g_assert_true (root);
  g_assert_true (has_reason (qube, "reasons", LIVE_REASON_UNREADABLE));

  live_qube_set_unreadable (qube, NULL);
  live_qube_judge (qube);
  g_assert_false (has_reason (qube, "reasons", LIVE_REASON_UNREADABLE));
}

/* A failed step is said, and forgotten when somebody sets another policy. */
static void
test_apply_error (void)
{
  g_autoptr (LiveQube) qube = make_qube ("work", LIVE_QUBE_STATE_HALTED);

  live_qube_set_feature (qube, LIVE_FEATURE_POLICY, "root");
  live_qube_set_apply_error (qube, "root-read-only", "no room");
  live_qube_set_repaired (qube, "volatile-ephemeral");
  live_qube_judge (qube);
  g_assert_true (live_qube_has_apply_error (qube));
  g_assert_true (has_reason (qube, "reasons", LIVE_REASON_APPLY_FAILED));
  g_assert_true (has_reason (qube, "reasons", LIVE_REASON_REPAIRED));

  live_qube_set_feature (qube, LIVE_FEATURE_POLICY, "persistent");
  live_qube_judge (qube);
  g_assert_false (live_qube_has_apply_error (qube));
  g_assert_false (has_reason (qube, "reasons", LIVE_REASON_APPLY_FAILED));
  g_assert_false (has_reason (qube, "reasons", LIVE_REASON_REPAIRED));

  live_qube_set_feature (qube, LIVE_FEATURE_POLICY, "nonsense");
  live_qube_judge (qube);
  assert_text (qube, "policy", "nonsense");
  g_assert_true (has_reason (qube, "reasons", LIVE_REASON_POLICY_INVALID));
  live_qube_set_feature (qube, LIVE_FEATURE_POLICY, NULL);
  live_qube_set_feature (qube, LIVE_FEATURE_SAVED, "nonsense");
  live_qube_judge (qube);
  g_assert_true (has_reason (qube, "reasons", LIVE_REASON_SAVED_INVALID));
  g_assert_false (has_reason (qube, "reasons", LIVE_REASON_POLICY_INVALID));
}

static void
test_policies (void)
{
  g_autoptr (LiveQube) app = make_qube ("work", LIVE_QUBE_STATE_HALTED);
  g_autoptr (LiveQube) template = live_qube_new ("debian-12", "TemplateVM");
  g_autoptr (LiveQube) remote = live_qube_new ("far", "RemoteVM");
  gboolean manageable = FALSE;

  live_qube_judge (app);
  live_qube_judge (template);
  live_qube_judge (remote);
  assert_list (app, "policies", "persistent", "root", "full");
  assert_list (template, "policies", "persistent");
  assert_list (remote, "policies", "persistent");
  g_object_get (template, "manageable", &manageable, NULL);
  g_assert_true (manageable);
  g_object_get (remote, "manageable", &manageable, NULL);
  g_assert_false (manageable);
}

static void
test_system (void)
{
  g_autoptr (LiveSystem) system = live_system_new ();
  g_autoptr (LiveQube) qube = make_qube ("work", LIVE_QUBE_STATE_RUNNING);
  g_autoptr (LiveQube) remote = live_qube_new ("far", "RemoteVM");

  assert_text (system, "indicator", "unknown");
  g_assert_true (has_reason (system, "indicator-reasons", LIVE_REASON_QUBESD_UNREACHABLE));
  live_system_set_boot_mode (system, LIVE_BOOT_MODE_PERSISTENT);
  live_system_set_connected (system, TRUE);
  assert_text (system, "indicator", "unknown");
  g_assert_true (has_reason (system, "indicator-reasons", LIVE_REASON_STARTING));

  live_system_add_qube (system, qube);
  live_system_judge_qube (system, qube);
  /* What it keeps is known; that there is no other is not. */
  assert_text (system, "indicator", "unknown");
  live_system_set_running_known (system, TRUE);
  assert_text (system, "indicator", "persistent");

  /* Its state runs ahead of the next judgement. */
  live_qube_set_state (qube, LIVE_QUBE_STATE_HALTED);
  live_system_judge_qube (system, qube);
  assert_text (system, "indicator", "ephemeral");
  g_assert_true (has_reason (system, "indicator-reasons", LIVE_REASON_NO_QUBE_RUNNING));

  /* A qube on another machine keeps nothing here. */
  live_qube_set_state (remote, LIVE_QUBE_STATE_RUNNING);
  live_system_add_qube (system, remote);
  live_system_judge_qube (system, remote);
  assert_text (system, "indicator", "ephemeral");

  live_qube_set_state (qube, LIVE_QUBE_STATE_CRASHED);
  live_system_judge_qube (system, qube);
  assert_text (system, "indicator", "persistent");
  live_system_remove_qube (system, "work");
  assert_text (system, "indicator", "ephemeral");
  g_assert_null (live_system_find_qube (system, "work"));
  live_system_set_connected (system, FALSE);
  assert_text (system, "indicator", "unknown");
}

static LiveQube *
add_disposable (LiveSystem *system, const char *name, const char *template, const char *policy, LiveQubeState state)
{
  g_autoptr (LiveQube) qube = live_qube_new (name, "DispVM");

  live_qube_set_template_name (qube, template);
  live_qube_set_state (qube, state);
  live_qube_set_feature (qube, LIVE_FEATURE_POLICY, policy);
  live_system_add_qube (system, qube);
  live_system_settle_qube (system, qube);
  return qube;
}

static void
count_settled (LiveSystem *system, LiveQube *qube, gpointer data)
{
  if (g_str_equal (live_qube_get_name (qube), "dvm"))
    (*(guint *) data)++;
}

/* Which disposables are older than the policy of their template, and whether it has to wait for one. */
static void
test_disposables (void)
{
  g_autoptr (LiveSystem) system = live_system_new ();
  g_autoptr (LiveQube) dvm = make_qube ("dvm", LIVE_QUBE_STATE_HALTED);
  const LiveQubeFacts *facts = live_qube_get_facts (dvm);
  LiveQube *named = NULL;
  guint n_settled = 0;

  live_qube_set_template_for_dispvms (dvm, TRUE);
  live_system_add_qube (system, dvm);
  live_system_settle_qube (system, dvm);
  named = add_disposable (system, "named", "dvm", NULL, LIVE_QUBE_STATE_HALTED);
  add_disposable (system, "another", "dvm", "full", LIVE_QUBE_STATE_HALTED);
  add_disposable (system, "other", "other-dvm", "root", LIVE_QUBE_STATE_RUNNING);
  /* Without a policy of the template they can only have their own. */
  assert_list (dvm, "old-disposables", NULL);
  live_qube_set_feature (dvm, LIVE_FEATURE_POLICY, "root");
  live_system_settle_qube (system, dvm);
  assert_list (dvm, "old-disposables", "another", "named");
  live_qube_set_feature (named, LIVE_FEATURE_POLICY, "root");
  live_system_settle_qube (system, named);
  assert_list (dvm, "old-disposables", "another");
  /* None and persistent are the same. */
  live_qube_set_feature (dvm, LIVE_FEATURE_POLICY, "persistent");
  live_qube_set_feature (named, LIVE_FEATURE_POLICY, NULL);
  live_system_settle_qube (system, named);
  live_system_settle_qube (system, dvm);
  assert_list (dvm, "old-disposables", "another");
  live_system_remove_qube (system, "another");
  assert_list (dvm, "old-disposables", NULL);

  /* One that starts and ends, told each time; another that is kept ready does not matter. */
  g_signal_connect (system, "qube-settled", G_CALLBACK (count_settled), &n_settled);
  live_qube_set_feature (dvm, LIVE_FEATURE_PRELOADED, "disp1 disp2");
  add_disposable (system, "disp2", "dvm", NULL, LIVE_QUBE_STATE_PAUSED);
  g_assert_false (facts->disposables_running);
  g_assert_cmpuint (n_settled, ==, 0);
  live_qube_set_state (named, LIVE_QUBE_STATE_RUNNING);
  live_system_settle_qube (system, named);
  g_assert_true (facts->disposables_running);
  g_assert_cmpuint (n_settled, ==, 1);
  /* What failed because of it is tried again when it ends, but not for ever. */
  for (guint round = 0; round < 5; round++)
    {
      live_qube_set_state (named, LIVE_QUBE_STATE_RUNNING);
      live_system_settle_qube (system, named);
      live_qube_set_apply_waits (dvm, "revisions_to_keep", "not halted");
      live_qube_set_state (named, LIVE_QUBE_STATE_HALTED);
      live_system_settle_qube (system, named);
      g_assert_false (facts->disposables_running);
      g_assert_cmpint (live_qube_has_apply_error (dvm), ==, round >= 2);
    }
  live_qube_note_event (dvm);
  g_assert_false (live_qube_has_apply_error (dvm));
  live_qube_set_apply_error (dvm, "root-read-only", "no room");
  live_qube_set_state (named, LIVE_QUBE_STATE_RUNNING);
  live_system_settle_qube (system, named);
  live_system_remove_qube (system, "named");
  g_assert_true (live_qube_has_apply_error (dvm));
}

/* qubesd was met that does not know -1, whatever its version. */
static void
test_refused_revisions (void)
{
  g_autoptr (LiveSystem) system = live_system_new ();
  g_autoptr (LiveQube) qube = make_qube ("work", LIVE_QUBE_STATE_HALTED);
  g_autoptr (LivePool) pool = live_pool_new ("vm-pool");
  LivePoolFacts pool_facts = { .driver = "lvm_thin" };
  LiveVolume kept = writable;

  kept.save_on_stop = TRUE;
  live_pool_set_facts (pool, &pool_facts);
  live_system_add_pool (system, pool);
  live_system_set_connected (system, TRUE);
  live_qube_set_volume (qube, LIVE_VOLUME_PRIVATE, &kept);
  live_qube_set_revisions_off_known (qube, TRUE);
  live_system_add_qube (system, qube);
  live_system_settle_qube (system, qube);
  assert_list (qube, "policies", "persistent", "root", "full");
  live_system_refuse_revisions_off (system);
  assert_list (qube, "policies", "persistent", "root");
  /* Its version says what it says. */
  live_qube_set_revisions_off_known (qube, TRUE);
  live_system_settle_qube (system, qube);
  assert_list (qube, "policies", "persistent", "root");
  live_system_set_connected (system, FALSE);
  live_system_set_connected (system, TRUE);
  live_qube_set_revisions_off_known (qube, TRUE);
  live_system_settle_qube (system, qube);
  assert_list (qube, "policies", "persistent", "root", "full");
}

static void
test_pool (void)
{
  static const struct
  {
    const char *driver;
    const char *dir_path;
    const char *kind;
  } table[] = {
    { "lvm_thin", NULL, "disk" },
    { "zfs", NULL, "disk" },
    { "file", "/var/lib/qubes", "disk" },
    { "file-reflink", "/var/lib/qubes-pool", "disk" },
    { "file-reflink", "/srv/pool", "unknown" },
    { "file", "/run/qubes-live/pools/ram", "unknown" },
    { "file", NULL, "unknown" },
    { "", "", "unknown" },
  };
  g_autoptr (LivePool) pool = live_pool_new ("vm-pool");
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  LivePoolFacts facts = { .driver = "lvm_thin", .size = 100, .used = 7, .ephemeral_volatile_supported = TRUE };
  guint64 used = 0;

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    g_assert_cmpstr (live_pool_kind (table[i].driver, table[i].dir_path), ==, table[i].kind);

  live_pool_set_facts (pool, &facts);
  g_signal_connect (pool, "notify", G_CALLBACK (count), seen);
  live_pool_set_facts (pool, &facts);
  g_assert_cmpuint (g_hash_table_size (seen), ==, 0);
  facts.used = 8;
  facts.ephemeral_volatile = TRUE;
  live_pool_set_facts (pool, &facts);
  g_assert_cmpuint (g_hash_table_size (seen), ==, 2);
  g_object_get (pool, "used", &used, NULL);
  g_assert_cmpuint (used, ==, 8);
  assert_text (pool, "kind", "disk");
  assert_text (pool, "driver", "lvm_thin");
  assert_text (pool, "name", "vm-pool");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/qube/unknown", test_unknown);
  g_test_add_func ("/model/qube/notify", test_notify);
  g_test_add_func ("/model/qube/stopping", test_stopping);
  g_test_add_func ("/model/qube/unreadable", test_unreadable);
  g_test_add_func ("/model/qube/apply-error", test_apply_error);
  g_test_add_func ("/model/qube/policies", test_policies);
  g_test_add_func ("/model/system", test_system);
  g_test_add_func ("/model/system/disposables", test_disposables);
  g_test_add_func ("/model/system/refused-revisions", test_refused_revisions);
  g_test_add_func ("/model/pool", test_pool);
  return g_test_run ();
}
