/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

/* Steps and edits against a qubesd that fails at each of them in turn: all of it is done, or nothing of it. */

#include <string.h>

#include "actions/edit.h"
#include "actions/steps.h"
#include "fake-qubesd.h"
#include "model/error.h"

#define QUBE "work"

typedef enum
{
  FAIL_WITH_ERROR,   /* an exception, not done */
  FAIL_WITH_NOTHING, /* 0 bytes, not done */
  FAIL_UNSAVED,      /* 0 bytes, done */
  FAIL_AND_VANISH,   /* 0 bytes, and nobody listens any more */
  N_FAILURES
} Failure;

/* What qubesd holds of the one qube, and where it fails. */
typedef struct
{
  FakeQubesd *server;
  GTree *state; /* feature:NAME, rw:VOLUME, revisions:VOLUME, ephemeral:VOLUME or property:NAME → text */
  guint n_changes;
  guint fail_at; /* a number of a change, from 0; G_MAXUINT: never */
  guint n_fails; /* how many in a row */
  Failure failure;
} World;

static void
answer (FakeConnection *connection, const char *text)
{
  fake_connection_send (connection, "0\0", 2, FALSE);
  fake_connection_send (connection, text, strlen (text), TRUE);
}

static void
refuse (FakeConnection *connection, const char *type)
{
  g_autofree char *frame = g_strdup_printf ("2#%s##something went wrong#", type);
  gsize length = strlen (frame);

  g_strdelimit (frame, "#", '\0');
  fake_connection_send (connection, frame, length, TRUE);
}

/* The key and the new text of a change; NULL when it is none. */
static char *
read_change (const char *header, const char *payload, const char **text)
{
  static const struct
  {
    const char *method;
    const char *kind;
    gboolean removes;
  } table[] = {
    { "admin.vm.feature.Set+", "feature:", FALSE },
    { "admin.vm.feature.Remove+", "feature:", TRUE },
    { "admin.vm.volume.Set.rw+", "rw:", FALSE },
    { "admin.vm.volume.Set.ephemeral+", "ephemeral:", FALSE },
    { "admin.vm.volume.Set.revisions_to_keep+", "revisions:", FALSE },
    { "admin.vm.property.Set+", "property:", FALSE },
    { "admin.vm.property.Reset+", "property:", TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    if (g_str_has_prefix (header, table[i].method))
      {
        const char *argument = header + strlen (table[i].method);

        *text = table[i].removes ? NULL : payload;
        return g_strdup_printf ("%s%.*s", table[i].kind, (int) strcspn (argument, " "), argument);
      }
  return NULL;
}

static void
do_change (World *world, const char *key, const char *text)
{
  if (text != NULL)
    g_tree_insert (world->state, g_strdup (key), g_strdup (text));
  else
    g_tree_remove (world->state, key);
}

static void
on_request (FakeQubesd *server, FakeConnection *connection, GBytes *request, gpointer data)
{
  World *world = data;
  gsize size = 0;
  const char *header = g_bytes_get_data (request, &size);
  gsize header_length = strnlen (header, size);
  g_autofree char *payload = g_strndup (header + header_length + 1, size - header_length - 1);
  const char *text = NULL;
  g_autofree char *key = read_change (header, payload, &text);
  guint number = world->n_changes;

  if (key == NULL)
    {
      const char *volume = header + strlen ("admin.vm.volume.Info+");
      g_autofree char *revisions = g_strdup_printf ("revisions:%.*s", (int) strcspn (volume, " "), volume);
      g_autofree char *reply = NULL;

      g_assert_true (g_str_has_prefix (header, "admin.vm.volume.Info+"));
      reply = g_strdup_printf ("pool=p\nvid=v\nsize=1\nusage=1\nrw=True\nsource=\npath=\nsave_on_stop=True\n"
                               "snap_on_start=False\nrevisions_to_keep=%s\nephemeral=False\n",
                               (const char *) g_tree_lookup (world->state, revisions));
      answer (connection, reply);
      return;
    }
  world->n_changes++;
  if (number < world->fail_at || number - world->fail_at >= world->n_fails)
    {
      if (g_str_has_prefix (header, "admin.vm.feature.Remove") && g_tree_lookup (world->state, key) == NULL)
        {
          refuse (connection, "QubesFeatureNotFoundError");
          return;
        }
      do_change (world, key, text);
      answer (connection, "");
      return;
    }
  switch (world->failure)
    {
    case FAIL_WITH_ERROR:
      refuse (connection, "QubesException");
      break;
    case FAIL_UNSAVED:
      do_change (world, key, text);
      fake_connection_send (connection, NULL, 0, TRUE);
      break;
    case FAIL_AND_VANISH:
      fake_qubesd_stop (server);
      break;
    case FAIL_WITH_NOTHING:
    case N_FAILURES:
    default:
      fake_connection_send (connection, NULL, 0, TRUE);
      break;
    }
}

static int
compare (gconstpointer a, gconstpointer b, gpointer data)
{
  return strcmp (a, b);
}

static gboolean
append (gpointer key, gpointer value, gpointer text)
{
  g_string_append_printf (text, "%s=%s\n", (const char *) key, (const char *) value);
  return FALSE;
}

static char *
describe (World *world)
{
  GString *text = g_string_new (NULL);

  g_tree_foreach (world->state, append, text);
  return g_string_free (text, FALSE);
}

static World *
world_new (void)
{
  World *world = g_new0 (World, 1);

  world->state = g_tree_new_full (compare, NULL, g_free, g_free);
  world->fail_at = G_MAXUINT;
  world->n_fails = 1;
  world->server = fake_qubesd_new (on_request, world);
  return world;
}

static void
world_free (World *world)
{
  fake_qubesd_free (world->server);
  g_tree_unref (world->state);
  g_free (world);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

/* ---- Steps. ---- */

/* A qube of an LVM thin pool, and the same in the world. */
typedef struct
{
  const char *what;
  const char *policy;
  const char *features; /* NAME=VALUE, with | between */
  gboolean ro;          /* it has the policy full */
  gboolean window;      /* open one, rather than what its policy wants */
  const char *done;     /* afterwards, a part of the state */
} Scenario;

static const Scenario scenarios[] = {
  { "full", "full", "preload-dispvm-max=2", FALSE, FALSE, "rw:private=False\n" },
  { "full over root", "full", "live.saved=root=rw volatile=plain", FALSE, FALSE, "revisions:private=-1\n" },
  { "back", "persistent",
    "live.saved=root=rw volatile=plain private=rw private-revisions=1 guest=off|service.ephemeral-rw=1|"
    "preload-dispvm-max=1|live.kernel-options==quiet",
    TRUE, FALSE, "property:kernelopts=quiet\n" },
  { "back to the default", "persistent",
    "live.saved=root=rw volatile=plain private=rw private-revisions=1 guest=unset|live.kernel-options=default", TRUE,
    FALSE, "revisions:private=1\n" },
  { "less", "root",
    "live.saved=root=rw volatile=plain private=rw private-revisions=1 guest=unset|service.ephemeral-rw=1", TRUE, FALSE,
    "rw:private=True\n" },
  { "window", "full",
    "live.saved=root=rw volatile=plain private=rw private-revisions=1 guest=unset|service.ephemeral-rw=1|"
    "preload-dispvm-max=3",
    TRUE, TRUE, "service.live-window=1\n" },
};

static LiveQube *
make_qube (World *world, const Scenario *scenario)
{
  LiveQube *qube = live_qube_new (QUBE, "AppVM");
  g_auto (GStrv) features = g_strsplit (scenario->features, "|", -1);

  for (guint i = 0; i < LIVE_N_VOLUMES; i++)
    {
      const char *name = live_volume_name_to_string ((LiveVolumeName) i);
      LiveVolume volume = { .known = TRUE,
                            .rw = i == LIVE_VOLUME_VOLATILE || !scenario->ro,
                            .ephemeral = i == LIVE_VOLUME_VOLATILE && scenario->ro,
                            .save_on_stop = i == LIVE_VOLUME_PRIVATE,
                            .revisions_to_keep = i == LIVE_VOLUME_PRIVATE && scenario->ro ? -1 : 1,
                            .pool = "p",
                            .driver = "lvm_thin" };
      g_autofree char *rw = g_strconcat ("rw:", name, NULL);
      g_autofree char *ephemeral = g_strconcat ("ephemeral:", name, NULL);
      g_autofree char *revisions = g_strconcat ("revisions:", name, NULL);

      live_qube_set_volume (qube, (LiveVolumeName) i, &volume);
      do_change (world, rw, volume.rw ? "True" : "False");
      do_change (world, ephemeral, volume.ephemeral ? "True" : "False");
      do_change (world, revisions, volume.revisions_to_keep < 0 ? "-1" : "1");
    }
  for (guint i = 0; features[i] != NULL; i++)
    {
      char *value = strchr (features[i], '=');
      g_autofree char *key = NULL;
      LiveFeature feature;

      *value++ = '\0';
      g_assert_true (live_feature_from_string (features[i], &feature));
      live_qube_set_feature (qube, feature, value);
      key = g_strconcat ("feature:", features[i], NULL);
      do_change (world, key, value);
    }
  if (live_qube_get_facts (qube)->features[LIVE_FEATURE_KERNEL_OPTIONS] != NULL)
    {
      live_qube_set_kernel (qube, "6.6", "quiet init_on_alloc=1 init_on_free=1", FALSE);
      do_change (world, "property:kernelopts", "quiet init_on_alloc=1 init_on_free=1");
    }
  live_qube_set_feature (qube, LIVE_FEATURE_POLICY, scenario->policy);
  live_qube_set_revisions_off_known (qube, TRUE);
  live_qube_set_state (qube, LIVE_QUBE_STATE_HALTED);
  live_qube_judge (qube);
  return qube;
}

typedef struct
{
  gboolean is_done;
  gboolean success;
  char *failed;
  GError *error;
} Outcome;

static void
outcome_clear (Outcome *outcome)
{
  g_free (outcome->failed);
  g_clear_error (&outcome->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Outcome, outcome_clear)

static gboolean
is_done (gpointer data)
{
  return ((Outcome *) data)->is_done;
}

static void
on_run (GObject *qube, GAsyncResult *result, gpointer data)
{
  Outcome *outcome = data;
  const char *failed = NULL;

  outcome->success = live_steps_run_finish (LIVE_QUBE (qube), result, &failed, &outcome->error);
  outcome->failed = g_strdup (failed);
  outcome->is_done = TRUE;
}

static void
run (World *world, LiveQube *qube, const LivePlan *plan, Outcome *outcome)
{
  g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (world->server->path);

  live_steps_run_async (client, qube, plan, "1700000000", NULL, on_run, outcome);
  g_assert_true (fake_wait (is_done, outcome));
}

static LivePlan
get_plan (const Scenario *scenario, LiveQube *qube)
{
  LivePlan plan
      = scenario->window ? live_plan_window (live_qube_get_facts (qube)) : live_reconcile (live_qube_get_facts (qube));

  g_assert_cmpint (plan.kind, ==, LIVE_PLAN_STEPS);
  g_assert_cmpuint (plan.n_steps, >, 2);
  return plan;
}

static void
test_done (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (scenarios); i++)
    {
      g_autoptr (World) world = world_new ();
      g_autoptr (LiveQube) qube = make_qube (world, &scenarios[i]);
      LivePlan plan = get_plan (&scenarios[i], qube);
      g_auto (Outcome) outcome = { 0 };
      g_autofree char *after = NULL;

      run (world, qube, &plan, &outcome);
      g_assert_no_error (outcome.error);
      g_assert_true (outcome.success);
      g_assert_cmpuint (world->n_changes, ==, plan.n_steps);
      after = describe (world);
      g_assert_nonnull (strstr (after, scenarios[i].done));
    }
}

/* Each step fails, in each way: what was there before is there again. */
static void
test_undone (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (scenarios); i++)
    for (guint failure = 0; failure < FAIL_AND_VANISH; failure++)
      for (guint at = 0;; at++)
        {
          g_autoptr (World) world = world_new ();
          g_autoptr (LiveQube) qube = make_qube (world, &scenarios[i]);
          LivePlan plan = get_plan (&scenarios[i], qube);
          g_autofree char *before = describe (world);
          g_autofree char *after = NULL;
          g_auto (Outcome) outcome = { 0 };
          gboolean is_off = FALSE;
          int code = 0;

          if (at == plan.n_steps)
            break;
          world->fail_at = at;
          world->failure = (Failure) failure;
          is_off = plan.steps[at] == LIVE_STEP_PRIVATE_REVISIONS_OFF;
          g_test_message ("%s, way %u, step %u", scenarios[i].what, failure, at);
          run (world, qube, &plan, &outcome);
          code = failure == FAIL_WITH_ERROR               ? LIVE_ERROR_QUBESD_ERROR
                 : is_off && failure == FAIL_WITH_NOTHING ? LIVE_ERROR_NOT_SUPPORTED
                                                          : LIVE_ERROR_PROTOCOL;
          g_assert_error (outcome.error, LIVE_ERROR, code);
          g_assert_nonnull (outcome.failed);
          g_assert_null (strstr (outcome.error->message, "undone"));
          after = describe (world);
          g_assert_cmpstr (after, ==, before);
        }
}

/* One that is right by itself is left as it is. */
static void
test_forward_only (void)
{
  for (guint failure = 0; failure < FAIL_AND_VANISH; failure++)
    {
      g_autoptr (World) world = world_new ();
      g_autoptr (LiveQube) qube = make_qube (world, &scenarios[0]);
      LivePlan plan = get_plan (&scenarios[0], qube);
      g_auto (Outcome) outcome = { 0 };

      plan.forward_only = TRUE;
      world->fail_at = plan.n_steps - 1;
      world->failure = (Failure) failure;
      run (world, qube, &plan, &outcome);
      g_assert_false (outcome.success);
      g_assert_cmpuint (world->n_changes, ==, plan.n_steps);
      g_assert_cmpstr (g_tree_lookup (world->state, "rw:private"), ==, "False");
    }
}

/* Undoing fails too: it is said which, and the others are undone all the same. */
static void
test_undo_fails (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (LiveQube) qube = make_qube (world, &scenarios[1]);
  LivePlan plan = get_plan (&scenarios[1], qube);
  g_auto (Outcome) outcome = { 0 };
  g_autofree char *before = describe (world);

  world->fail_at = plan.n_steps - 1;
  world->n_fails = 2;
  run (world, qube, &plan, &outcome);
  g_assert_error (outcome.error, LIVE_ERROR, LIVE_ERROR_QUBESD_ERROR);
  g_assert_nonnull (strstr (outcome.error->message, "private-read-only could not be undone"));
  g_assert_cmpstr (g_tree_lookup (world->state, "rw:private"), ==, "False");
  g_assert_cmpstr (g_tree_lookup (world->state, "rw:root"), ==, "True");
  g_assert_cmpstr (g_tree_lookup (world->state, "revisions:private"), ==, "1");
  g_assert_cmpstr (g_tree_lookup (world->state, "feature:live.saved"), ==, "root=rw volatile=plain");
  do_change (world, "rw:private", "True");
  {
    g_autofree char *after = describe (world);

    g_assert_cmpstr (after, ==, before);
  }
}

static void
test_vanished (void)
{
  for (guint at = 0; at < 3; at++)
    {
      g_autoptr (World) world = world_new ();
      g_autoptr (LiveQube) qube = make_qube (world, &scenarios[1]);
      LivePlan plan = get_plan (&scenarios[1], qube);
      g_auto (Outcome) outcome = { 0 };

      world->fail_at = at;
      world->failure = FAIL_AND_VANISH;
      run (world, qube, &plan, &outcome);
      g_assert_error (outcome.error, LIVE_ERROR, LIVE_ERROR_PROTOCOL);
      g_assert_nonnull (strstr (outcome.error->message, "could not be undone"));
    }
}

/* ---- Edits. ---- */

static void
on_edited (GObject *owner, GAsyncResult *result, gpointer data)
{
  Outcome *outcome = data;

  outcome->success = live_edit_run_finish (owner, result, &outcome->error);
  outcome->is_done = TRUE;
}

static void
test_edit (void)
{
  /* The last round fails nowhere. */
  for (guint failure = 0; failure < FAIL_AND_VANISH; failure++)
    for (guint at = 0; at <= 4; at++)
      {
        g_autoptr (World) world = world_new ();
        g_autoptr (LiveQubesdClient) client = live_qubesd_client_new (world->server->path);
        g_autoptr (GObject) owner = g_object_new (G_TYPE_OBJECT, NULL);
        g_autofree char *before = NULL;
        g_autofree char *after = NULL;
        g_auto (Outcome) outcome = { 0 };
        LiveEdit *edit = live_edit_new (client, QUBE);

        do_change (world, "feature:vm-config.live-upper", "cow");
        do_change (world, "property:kernelopts", "quiet");
        before = describe (world);
        world->fail_at = at;
        world->failure = (Failure) failure;
        live_edit_add_feature (edit, LIVE_FEATURE_UPPER, "tmpfs", "cow");
        live_edit_add_feature (edit, LIVE_FEATURE_UPPER_SIZE, "1G", NULL);
        live_edit_add_feature (edit, LIVE_FEATURE_GUEST_FLAG, "1", "1");
        live_edit_add_property (edit, "kernelopts", NULL, "quiet");
        live_edit_add_property (edit, "memory", "400", NULL);
        live_edit_run_async (edit, owner, on_edited, &outcome);
        g_assert_true (fake_wait (is_done, &outcome));
        after = describe (world);
        g_assert_cmpint (outcome.success, ==, at == 4);
        if (at < 4)
          g_assert_cmpstr (after, ==, before);
        else
          g_assert_cmpstr (after, ==,
                           "feature:vm-config.live-upper=tmpfs\nfeature:vm-config.live-upper-size=1G\n"
                           "property:memory=400\n");
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/steps/done", test_done);
  g_test_add_func ("/steps/undone", test_undone);
  g_test_add_func ("/steps/forward-only", test_forward_only);
  g_test_add_func ("/steps/undo-fails", test_undo_fails);
  g_test_add_func ("/steps/vanished", test_vanished);
  g_test_add_func ("/edit", test_edit);
  return g_test_run ();
}
