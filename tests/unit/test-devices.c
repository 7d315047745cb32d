/* SPDX-FileCopyrightText: 2026 The Qubes Live authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include "model/persistence.h"
#include "model/qube.h"
#include "model/reason.h"
#include "model/reconcile.h"

/* The codes in a(sa{sv}), each with the values of its parameters in brackets. */
static char *
describe_reasons (GVariant *reasons)
{
  GString *text = g_string_new (NULL);
  GVariantIter iter;
  const char *code = NULL;
  GVariant *parameters = NULL;

  g_variant_iter_init (&iter, reasons);
  while (g_variant_iter_loop (&iter, "(&s@a{sv})", &code, &parameters))
    {
      const char *separator = "(";
      GVariantIter pairs;
      GVariant *value = NULL;

      g_string_append_printf (text, "%s%s", text->len > 0 ? " " : "", code);
      g_variant_iter_init (&pairs, parameters);
      while (g_variant_iter_next (&pairs, "{&sv}", NULL, &value))
        {
          g_string_append_printf (text, "%s%s", separator, g_variant_get_string (value, NULL));
          separator = " ";
          g_variant_unref (value);
        }
      if (*separator == ' ')
        g_string_append_c (text, ')');
    }
  return g_string_free (text, FALSE);
}

/* A device: `-` not attached, `r` read-only, and writable: `d` on a disk, `t` under a throw-away key, `m` in memory,
 * `u` unknown. What a read-only one is made of plays no part, so it is the worst. */
static LiveDevice
device_from (char letter)
{
  switch (letter)
    {
    case '-':
      return (LiveDevice){ .rest = LIVE_REST_RAM };
    case 'r':
      return (LiveDevice){ .attached = TRUE, .read_only = TRUE, .rest = LIVE_REST_DISK };
    case 'd':
      return (LiveDevice){ .attached = TRUE, .rest = LIVE_REST_DISK };
    case 't':
      return (LiveDevice){ .attached = TRUE, .rest = LIVE_REST_THROW_AWAY };
    case 'm':
      return (LiveDevice){ .attached = TRUE, .rest = LIVE_REST_RAM };
    case 'u':
      return (LiveDevice){ .attached = TRUE, .rest = LIVE_REST_UNKNOWN };
    default:
      g_assert_not_reached ();
    }
}

/* @volumes: root, private, volatile as w writable, r read-only, e writable under a throw-away key, ? unknown.
 * @devices: root, private, volatile, others; NULL for not seen. */
static LiveQubeFacts
facts_from (const char *volumes, const char *devices)
{
  LiveQubeFacts facts = { .klass = LIVE_QUBE_KLASS_APP, .state = LIVE_QUBE_STATE_RUNNING };

  g_assert_cmpuint (strlen (volumes), ==, LIVE_N_VOLUMES);
  for (guint i = 0; i < LIVE_N_VOLUMES; i++)
    facts.volumes[i] = (LiveVolume){
      .known = volumes[i] != '?', .rw = volumes[i] != 'r', .ephemeral = volumes[i] == 'e', .pool = "p"
    };
  if (devices == NULL)
    return facts;
  g_assert_cmpuint (strlen (devices), ==, LIVE_N_VOLUMES + 1);
  facts.devices_known = TRUE;
  for (guint i = 0; i < LIVE_N_VOLUMES; i++)
    facts.devices[i] = device_from (devices[i]);
  facts.others = device_from (devices[LIVE_N_VOLUMES]);
  return facts;
}

static void
test_table (void)
{
  static const struct
  {
    const char *volumes;
    const char *devices;
    const char *policy;
    const char *saved;
    const char *verdict;
    const char *reasons;
  } table[] = {
    /* As configured. */
    { "rre", "rrt-", NULL, NULL, "ephemeral verified", "" },
    { "rre", "rrtr", NULL, NULL, "ephemeral verified", "" },
    { "rre", "r-t-", NULL, NULL, "ephemeral verified", "" },
    { "rre", "rr--", NULL, NULL, "ephemeral verified", "" },
    { "rre", "rrr-", NULL, NULL, "ephemeral verified", "" },
    { "rwe", "rdt-", NULL, NULL, "root-ephemeral verified", "private-writable(p) device-on-disk(private)" },
    { "www", "ddd-", NULL, NULL, "persistent verified",
      "root-writable(p) private-writable(p) volatile-not-ephemeral(p) device-on-disk(root) device-on-disk(private) "
      "device-on-disk(volatile)" },
    /* Where writes go is in memory, or is lost with the power. */
    { "www", "mmm-", NULL, NULL, "ram verified", "root-writable(p) private-writable(p) volatile-not-ephemeral(p)" },
    { "rww", "rmm-", NULL, NULL, "ram verified", "private-writable(p) volatile-not-ephemeral(p)" },
    { "rre", "rrmm", NULL, NULL, "ram verified", "" },
    { "rre", "rrm-", NULL, NULL, "ram verified", "" },
    { "rww", "rtt-", NULL, NULL, "ephemeral verified", "private-writable(p) volatile-not-ephemeral(p)" },
    { "rww", "rmt-", NULL, NULL, "ephemeral verified", "private-writable(p) volatile-not-ephemeral(p)" },
    { "www", "tmm-", NULL, NULL, "ephemeral verified",
      "root-writable(p) private-writable(p) volatile-not-ephemeral(p)" },
    { "rre", "rrmt", NULL, NULL, "ephemeral verified", "" },
    { "rww", "rdm-", NULL, NULL, "root-ephemeral verified",
      "private-writable(p) volatile-not-ephemeral(p) device-on-disk(private)" },
    /* One lie each. */
    { "rre", "drt-", NULL, NULL, "persistent contradicted", "device-on-disk(root) contradicted(ephemeral persistent)" },
    { "rre", "rdt-", NULL, NULL, "root-ephemeral contradicted",
      "device-on-disk(private) contradicted(ephemeral root-ephemeral)" },
    { "rre", "rrd-", NULL, NULL, "persistent contradicted",
      "device-on-disk(volatile) contradicted(ephemeral persistent)" },
    { "rre", "rrtd", NULL, NULL, "persistent contradicted",
      "device-on-disk(other) contradicted(ephemeral persistent)" },
    { "rwe", "rdtd", NULL, NULL, "persistent contradicted",
      "private-writable(p) device-on-disk(private) device-on-disk(other) "
      "contradicted(root-ephemeral persistent)" },
    { "rwe", "rdd-", NULL, NULL, "persistent contradicted",
      "private-writable(p) device-on-disk(private) device-on-disk(volatile) "
      "contradicted(root-ephemeral persistent)" },
    /* What is unknown proves nothing, but does not hide what is seen. */
    { "rre", "urt-", NULL, NULL, "ephemeral unknown", "device-unknown(root)" },
    { "rre", "rut-", NULL, NULL, "ephemeral unknown", "device-unknown(private)" },
    { "rre", "rru-", NULL, NULL, "ephemeral unknown", "device-unknown(volatile)" },
    { "rre", "rrtu", NULL, NULL, "ephemeral unknown", "device-unknown(other)" },
    { "rre", "-rt-", NULL, NULL, "ephemeral unknown", "device-unknown(root)" },
    { "rre", "----", NULL, NULL, "ephemeral unknown", "device-unknown(root)" },
    { "rre", "duu-", NULL, NULL, "persistent contradicted",
      "device-on-disk(root) device-unknown(private) device-unknown(volatile) contradicted(ephemeral persistent)" },
    { "rre", "urtd", NULL, NULL, "persistent contradicted",
      "device-unknown(root) device-on-disk(other) contradicted(ephemeral persistent)" },
    { "rre", "-rtd", NULL, NULL, "persistent contradicted",
      "device-on-disk(other) device-unknown(root) contradicted(ephemeral persistent)" },
    { "rre", "rdu-", NULL, NULL, "persistent contradicted",
      "device-on-disk(private) device-unknown(volatile) contradicted(ephemeral persistent)" },
    { "rwe", "rdu-", NULL, NULL, "root-ephemeral unknown",
      "private-writable(p) device-on-disk(private) device-unknown(volatile)" },
    { "wwe", "rdu-", NULL, NULL, "persistent unknown",
      "root-writable(p) private-writable(p) device-on-disk(private) device-unknown(volatile)" },
    { "rre", NULL, NULL, NULL, "ephemeral unknown", "not-verified" },
    /* A policy that was applied is a claim, also when the configuration was changed behind its back. */
    { "wwe", "ddt-", "root", "root=rw volatile=plain", "persistent contradicted",
      "root-writable(p) private-writable(p) device-on-disk(root) device-on-disk(private) "
      "contradicted(root-ephemeral persistent)" },
    { "rww", "rdd-", "root", "root=rw volatile=plain", "persistent contradicted",
      "private-writable(p) volatile-not-ephemeral(p) device-on-disk(private) device-on-disk(volatile) "
      "contradicted(root-ephemeral persistent)" },
    { "wwe", "rdt-", "root", "root=rw volatile=plain", "root-ephemeral verified",
      "root-writable(p) private-writable(p) device-on-disk(private)" },
    { "rre", "rdt-", "root", "root=rw volatile=plain", "root-ephemeral contradicted",
      "device-on-disk(private) contradicted(ephemeral root-ephemeral)" },
    { "???", "ddd-", "root", "root=rw volatile=plain", "persistent contradicted",
      "device-on-disk(root) device-on-disk(private) device-on-disk(volatile) "
      "contradicted(root-ephemeral persistent)" },
    { "wwe", "udt-", "root", "root=rw volatile=plain", "persistent unknown",
      "root-writable(p) private-writable(p) device-unknown(root) device-on-disk(private)" },
    /* One that waits for the qube to halt is none yet, and one that was taken back is none any more. */
    { "www", "ddd-", "root", NULL, "persistent verified",
      "root-writable(p) private-writable(p) volatile-not-ephemeral(p) device-on-disk(root) device-on-disk(private) "
      "device-on-disk(volatile)" },
    { "www", "ddd-", "persistent", "root=rw volatile=plain", "persistent verified",
      "root-writable(p) private-writable(p) volatile-not-ephemeral(p) device-on-disk(root) device-on-disk(private) "
      "device-on-disk(volatile)" },
    { "www", "ddd-", NULL, "root=rw volatile=plain", "persistent verified",
      "root-writable(p) private-writable(p) volatile-not-ephemeral(p) device-on-disk(root) device-on-disk(private) "
      "device-on-disk(volatile)" },
    /* Nobody claimed anything: what is seen is the verdict. */
    { "???", "ddd-", NULL, NULL, "persistent verified",
      "device-on-disk(root) device-on-disk(private) device-on-disk(volatile)" },
    { "???", "rrt-", NULL, NULL, "ephemeral verified", "" },
    { "???", "urt-", NULL, NULL, "unknown unknown", "device-unknown(root)" },
    { "???", NULL, NULL, NULL, "unknown unknown", "not-verified" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      LiveQubeFacts facts = facts_from (table[i].volumes, table[i].devices);
      GVariantBuilder builder;
      LiveEvidence evidence = LIVE_EVIDENCE_CONFIGURED;
      LivePersistence persistence;
      g_autoptr (GVariant) list = NULL;
      g_autofree char *reasons = NULL, *verdict = NULL;

      facts.features[LIVE_FEATURE_POLICY] = table[i].policy;
      facts.features[LIVE_FEATURE_SAVED] = table[i].saved;
      g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sa{sv})"));
      persistence = live_persistence_judge (&facts, &evidence, &builder);
      list = g_variant_ref_sink (g_variant_builder_end (&builder));
      reasons = describe_reasons (list);
      verdict = g_strdup_printf ("%s %s", live_persistence_to_string (persistence), live_evidence_to_string (evidence));
      g_test_message ("row %u: %s %s", i, table[i].volumes, table[i].devices);
      g_assert_cmpstr (verdict, ==, table[i].verdict);
      g_assert_cmpstr (reasons, ==, table[i].reasons);
    }
}

/* The policy full claims the private volume too, unless a customization window says otherwise. */
static void
test_full (void)
{
  static const char saved[] = "root=rw volatile=plain private=rw guest=unset";
  static const struct
  {
    const char *volumes;
    const char *devices;
    const char *saved;
    const char *window;
    gboolean disposable;
    const char *verdict;
  } table[] = {
    { "rre", "rrt-", saved, NULL, FALSE, "ephemeral verified" },
    { "rre", "rdt-", saved, NULL, FALSE, "root-ephemeral contradicted" },
    { "rre", "drt-", saved, NULL, FALSE, "persistent contradicted" },
    { "rre", "rut-", saved, NULL, FALSE, "ephemeral unknown" },
    { "rre", NULL, saved, NULL, FALSE, "ephemeral unknown" },
    /* Made writable behind the policy's back: configured so, and still not what is claimed. */
    { "rwe", "rdt-", saved, NULL, FALSE, "root-ephemeral contradicted" },
    { "wwe", "ddt-", saved, NULL, FALSE, "persistent contradicted" },
    { "???", "rdt-", saved, NULL, FALSE, "root-ephemeral contradicted" },
    { "rwe", "rdu-", saved, NULL, FALSE, "persistent contradicted" },
    { "rwe", "rrt-", saved, NULL, FALSE, "ephemeral verified" },
    /* In a window it is writable on purpose; the rest is not. */
    { "rwe", "rdt-", saved, "1700000000", FALSE, "root-ephemeral verified" },
    { "rwe", "rdt-", saved, "until-closed", FALSE, "root-ephemeral verified" },
    { "rwe", "ddt-", saved, "1700000000", FALSE, "persistent contradicted" },
    { "rwe", "rdd-", saved, "1700000000", FALSE, "persistent contradicted" },
    /* Configured read-only again while it runs, and still written to. */
    { "rre", "rdt-", saved, "1700000000", FALSE, "root-ephemeral contradicted" },
    /* Not applied yet, or only as far as root. */
    { "www", "ddd-", NULL, NULL, FALSE, "persistent verified" },
    { "rwe", "rdt-", "root=rw volatile=plain", NULL, FALSE, "root-ephemeral verified" },
    { "wwe", "ddt-", "root=rw volatile=plain", NULL, FALSE, "persistent contradicted" },
    /* A disposable has no window of its own: that of its template excuses nothing. */
    { "rwe", "rdt-", "of=work root=rw volatile=plain private=rw guest=unset", "1700000000", TRUE,
      "root-ephemeral contradicted" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    {
      LiveQubeFacts facts = facts_from (table[i].volumes, table[i].devices);
      LiveEvidence evidence = LIVE_EVIDENCE_CONFIGURED;
      LivePersistence persistence;
      g_autofree char *verdict = NULL;

      facts.name = "work";
      facts.klass = table[i].disposable ? LIVE_QUBE_KLASS_DISPOSABLE : LIVE_QUBE_KLASS_APP;
      facts.features[LIVE_FEATURE_POLICY] = "full";
      facts.features[LIVE_FEATURE_SAVED] = table[i].saved;
      facts.features[LIVE_FEATURE_WINDOW] = table[i].window;
      persistence = live_persistence_judge (&facts, &evidence, NULL);
      verdict = g_strdup_printf ("%s %s", live_persistence_to_string (persistence), live_evidence_to_string (evidence));
      g_test_message ("row %u: %s %s %s", i, table[i].volumes, table[i].devices, table[i].window);
      g_assert_cmpstr (verdict, ==, table[i].verdict);
    }
}

/* Devices of a qube that does not run any more are no evidence. */
static void
test_halted (void)
{
  LiveQubeFacts facts = facts_from ("rre", "ddd-");
  LiveEvidence evidence = LIVE_EVIDENCE_VERIFIED;

  facts.state = LIVE_QUBE_STATE_HALTED;
  g_assert_cmpint (live_persistence_judge (&facts, &evidence, NULL), ==, LIVE_PERSISTENCE_EPHEMERAL);
  g_assert_cmpint (evidence, ==, LIVE_EVIDENCE_CONFIGURED);
}

/* Whether a verdict may be drawn from these devices: none is better than the worst of them allows, verified is nothing
 * that was not seen, and no contradiction passes. */
static gboolean
is_sound (const LiveQubeFacts *facts, const char *devices, LivePersistence is, LiveEvidence evidence)
{
  /* Root and volatile stand together: what is written to root reaches one of them. */
  const gboolean root_kept = devices[0] == 'd' || devices[2] == 'd' || devices[3] == 'd';
  const gboolean kept = root_kept || devices[1] == 'd';
  const gboolean unknown = strchr (devices, 'u') != NULL || devices[0] == '-';
  const gboolean claims_root = facts->features[LIVE_FEATURE_POLICY] != NULL || !facts->volumes[LIVE_VOLUME_ROOT].rw;
  const gboolean claims_all = !facts->volumes[LIVE_VOLUME_ROOT].rw && !facts->volumes[LIVE_VOLUME_PRIVATE].rw;

  if (evidence == LIVE_EVIDENCE_CONFIGURED || (is == LIVE_PERSISTENCE_RAM && strpbrk (devices, "dtu") != NULL))
    return FALSE;
  if (root_kept && is != LIVE_PERSISTENCE_PERSISTENT)
    return FALSE;
  if (kept && evidence == LIVE_EVIDENCE_VERIFIED && is != LIVE_PERSISTENCE_PERSISTENT
      && is != LIVE_PERSISTENCE_ROOT_EPHEMERAL)
    return FALSE;
  if (((kept && claims_all) || (root_kept && claims_root)) && evidence != LIVE_EVIDENCE_CONTRADICTED)
    return FALSE;
  return kept || evidence == (unknown ? LIVE_EVIDENCE_UNKNOWN : LIVE_EVIDENCE_VERIFIED);
}

/* Over everything that can be. */
static void
check_all (const char *volumes, const char *policy)
{
  static const char letters[] = "-rdtmu";
  const guint n = (guint) strlen (letters);

  for (guint i = 0; i < n * n * n * n; i++)
    {
      const char devices[] = { letters[i % n], letters[i / n % n], letters[i / n / n % n], letters[i / n / n / n], 0 };
      LiveQubeFacts facts = facts_from (volumes, devices);
      LiveEvidence evidence = LIVE_EVIDENCE_CONFIGURED;
      LivePersistence is;

      facts.features[LIVE_FEATURE_POLICY] = policy;
      facts.features[LIVE_FEATURE_SAVED] = policy != NULL ? "root=rw volatile=plain" : NULL;
      is = live_persistence_judge (&facts, &evidence, NULL);
      if (!is_sound (&facts, devices, is, evidence))
        g_test_fail_printf ("%s with %s is %s %s", volumes, devices, live_persistence_to_string (is),
                            live_evidence_to_string (evidence));
    }
}

static void
test_never_better (void)
{
  check_all ("rre", NULL);
  check_all ("rre", "root");
  check_all ("rwe", NULL);
  check_all ("www", NULL);
  check_all ("www", "root");
}

static void
on_notify (GObject *object, GParamSpec *pspec, gpointer counter)
{
  (*(guint *) counter)++;
}

static void
test_set_devices (void)
{
  g_autoptr (LiveQube) qube = live_qube_new ("a", "AppVM");
  LiveQubeFacts from = facts_from ("rre", "rrt-");
  const LiveQubeFacts *facts = live_qube_get_facts (qube);
  guint n_notified = 0;

  for (guint i = 0; i < LIVE_N_VOLUMES; i++)
    live_qube_set_volume (qube, (LiveVolumeName) i, &from.volumes[i]);
  live_qube_set_state (qube, LIVE_QUBE_STATE_RUNNING);
  live_qube_judge (qube);
  g_assert_cmpint (live_qube_get_evidence (qube), ==, LIVE_EVIDENCE_UNKNOWN);
  g_signal_connect (qube, "notify", G_CALLBACK (on_notify), &n_notified);

  /* Nothing known is what it begins with. */
  g_assert_false (live_qube_set_devices (qube, NULL, NULL));
  g_assert_true (live_qube_set_devices (qube, from.devices, &from.others));
  g_assert_false (live_qube_set_devices (qube, from.devices, &from.others));
  g_assert_true (facts->devices_known);
  /* No face sees a verdict before it is drawn. */
  g_assert_cmpuint (n_notified, ==, 0);
  g_assert_cmpint (live_qube_get_evidence (qube), ==, LIVE_EVIDENCE_UNKNOWN);
  live_qube_judge (qube);
  g_assert_cmpuint (n_notified, >, 0);
  g_assert_cmpint (live_qube_get_evidence (qube), ==, LIVE_EVIDENCE_VERIFIED);
  g_assert_cmpint (live_qube_get_persistence (qube), ==, LIVE_PERSISTENCE_EPHEMERAL);

  /* Each field of each device is news. */
  for (guint i = 0; i <= LIVE_N_VOLUMES; i++)
    for (guint field = 0; field < 3; field++)
      {
        LiveQubeFacts other = from;
        LiveDevice *device = i < LIVE_N_VOLUMES ? &other.devices[i] : &other.others;

        device->attached ^= field == 0;
        device->read_only ^= field == 1;
        device->rest = field == 2 ? LIVE_REST_UNKNOWN : device->rest;
        g_assert_true (live_qube_set_devices (qube, other.devices, &other.others));
        g_assert_cmpmem (facts->devices, sizeof facts->devices, other.devices, sizeof other.devices);
        g_assert_cmpmem (&facts->others, sizeof facts->others, &other.others, sizeof other.others);
        g_assert_true (live_qube_set_devices (qube, from.devices, &from.others));
      }

  /* Forgotten: nothing of them is left for a later judgement. */
  g_assert_true (live_qube_set_devices (qube, NULL, NULL));
  g_assert_false (facts->devices_known);
  g_assert_false (facts->devices[LIVE_VOLUME_ROOT].attached);
  g_assert_cmpint (facts->devices[LIVE_VOLUME_VOLATILE].rest, ==, LIVE_REST_UNKNOWN);
  live_qube_judge (qube);
  g_assert_cmpint (live_qube_get_evidence (qube), ==, LIVE_EVIDENCE_UNKNOWN);
  g_assert_false (live_qube_set_devices (qube, NULL, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/devices/table", test_table);
  g_test_add_func ("/devices/full", test_full);
  g_test_add_func ("/devices/halted", test_halted);
  g_test_add_func ("/devices/never-better", test_never_better);
  g_test_add_func ("/devices/set-devices", test_set_devices);
  return g_test_run ();
}
